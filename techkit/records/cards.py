"""How-to cards: what a technician does about a complaint or finding, and the words for the customer. Pure.

Cards that ship are data files (resources/cards/, read by store/cards.py); a card of one's own is a record
made of a finished lookup. Both are shown, searched and printed as a `HowTo`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from techkit.i18n import N_
from techkit.records.activities import InformationLookup, Source
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.schema import Audience, Record, SyncClass, field, record

#: The systems whose steps may differ: key -> name.
SYSTEMS = {"windows": "Windows", "macos": "macOS", "linux": "Linux"}

#: How long the parts of a card may be, in characters. Source: a card is read standing at a desk, one
#: screen of 1280×800 and one printed page for the customer; a step of over 260 characters is two steps.
LIMITS = {
    "title": 60, "words": 300, "fits": 260, "step": 260, "customer": 800, "careful": 260, "worked": 260,
}  # fmt: skip


@record(
    kind="card",
    title=N_("How-to card"),
    plural=N_("How-to cards"),
    sync=SyncClass.MERGED,
    owner="technician",
    icon="cards",
    summary="{title}",
)
class Card(Record):
    """A card of one's own, e.g. made of a finished lookup. It names no customer: it outlives them."""

    title: str = field(label=N_("Title"), default="", by="TS", required=True, searched=True, max_length=120)
    fits: str = field(label=N_("When it fits"), default="", by="TS", searched=True, multiline=True)
    steps: tuple[str, ...] = field(label=N_("What to do"), default=(), by="TS", searched=True)
    customer_words: str = field(
        label=N_("For the customer"), default="", by="TS", searched=True, multiline=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    careful: tuple[str, ...] = field(label=N_("Be careful"), default=(), by="TS", searched=True)
    worked: str = field(label=N_("How to know that it worked"), default="", by="TS", multiline=True)
    complaint: Complaint = field(
        label=N_("Complaint"), default=Complaint.OTHER, choices=COMPLAINT_LABELS, by="TS"
    )
    checks: tuple[str, ...] = field(
        label=N_("Checks it explains"), default=(), by="X", help="Ids of checks, e.g. last_backup."
    )
    sources: tuple[Source, ...] = field(label=N_("Sources"), default=(), by="TS")
    written_on: date | None = field(label=N_("Written on"), default=None, by="X")
    language: str = field(label=N_("Language"), default="", by="X")


@dataclass(frozen=True, kw_only=True)
class HowTo:
    """One card in one language, as it is shown, searched and printed.

    words: other words under which people look for it. steps: for every system; by_system: (system, steps)
    where they differ, each a key of SYSTEMS. customer: what to tell and to print. careful: what can go
    wrong. checks: ids of checks. written_on: the day its facts were looked through.
    """

    id: str
    language: str
    title: str
    fits: str
    customer: str
    worked: str
    words: str = ""
    steps: tuple[str, ...] = ()
    by_system: tuple[tuple[str, tuple[str, ...]], ...] = ()
    careful: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    checks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    written_on: date | None = None
    is_own: bool = False

    @property
    def search_text(self) -> str:
        """Return everything under which the card is found, the title first."""
        systems = [step for _system, steps in self.by_system for step in steps]
        return "\n".join(
            (
                self.title,
                self.words,
                self.fits,
                *self.steps,
                *systems,
                self.customer,
                *self.careful,
                self.worked,
            )
        )


def how_to_of(card: Card) -> HowTo:
    """Return a card of one's own as it is shown."""
    return HowTo(
        id=card.id,
        language=card.language,
        title=card.title,
        fits=card.fits,
        customer=card.customer_words,
        worked=card.worked,
        steps=card.steps,
        careful=card.careful,
        complaints=(card.complaint,) if card.complaint is not Complaint.OTHER else (),
        checks=card.checks,
        sources=card.sources,
        written_on=card.written_on,
        is_own=True,
    )


def card_from(lookup: InformationLookup, *, id: str, day: date, language: str) -> Card:
    """Return a card made of a finished lookup: its question is the title, its answer the steps."""
    lines = tuple(line.strip() for line in lookup.answer.splitlines() if line.strip())
    title = (lookup.question.splitlines() or [lookup.title])[0].strip()
    return Card(
        id=id,
        title=title[:120],
        fits=lookup.question if lookup.question.strip() != title else "",
        steps=lines,
        customer_words=lookup.note_customer or lookup.answer,
        sources=lookup.sources,
        written_on=day,
        language=language,
    )


def is_finished(lookup: InformationLookup) -> bool:
    """Return whether a lookup has its question, its answer and a dated source."""
    return bool(lookup.question and lookup.answer and any(s.checked_on for s in lookup.sources))


def names_in(card: Card, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of these names (of customers, people, places) the card's words mention."""
    words = (card.title, card.fits, *card.steps, card.customer_words, *card.careful, card.worked)
    return names_among("\n".join(words), names)


def names_among(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of these names stand in the words; names of one or two letters are not looked for."""
    text = words.casefold()
    return tuple(name for name in dict.fromkeys(names) if len(name) > 2 and name.casefold() in text)


def fitting(
    cards: Iterable[HowTo], *, check: str = "", complaint: Complaint | None = None
) -> tuple[HowTo, ...]:
    """Return the cards that explain a check or a complaint, those of the check first, else in order."""
    held = list(cards)
    by_check = [c for c in held if check and check in c.checks]
    wanted = complaint if complaint is not Complaint.OTHER else None
    by_complaint = [c for c in held if wanted and wanted in c.complaints and c not in by_check]
    return (*by_check, *by_complaint)
