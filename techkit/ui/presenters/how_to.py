"""The place of the how-to cards: find one, read it, put its words on the customer's page, print it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _, ngettext
from techkit.records.cards import SYSTEMS, Card, HowTo
from techkit.records.entering import check
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.identity import new_id
from techkit.records.success import Recommendation, RecommendationKind
from techkit.records.work_states import SEALED
from techkit.summary import handout
from techkit.ui.presenters import sheets
from techkit.ui.presenters.choices import Choice, FormState
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.kept_typing import Draft, OpenForm, go_way, opens_form
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.record_editor import with_typing
from techkit.ui.presenters.surroundings import Surroundings

#: Cards shown for a query.
MOST = 60

_SYSTEM_ICONS = {"windows": "windows-logo", "macos": "apple-logo", "linux": "linux-logo"}

#: What advice made of a card is about, by the card's first check or its id.
_ADVICE = {
    "last_backup": RecommendationKind.BACKUP,
    "disk_health": RecommendationKind.REPLACE,
    "os_end_of_life": RecommendationKind.UPGRADE,
    "antivirus": RecommendationKind.SECURITY,
    "administrators": RecommendationKind.SECURITY,
    "empty_passwords": RecommendationKind.SECURITY,
}


@dataclass(frozen=True, kw_only=True)
class CardRow:
    """One card in the list."""

    id: str
    title: str
    line: str
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class CardPart:
    """One part of an open card: heading, paragraphs or numbered steps, an icon, whether it warns."""

    title: str
    lines: tuple[str, ...]
    icon: str = ""
    is_numbered: bool = False
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class CardView:
    """An open card. put_label: what puts it on the customer's page, "" without an open visit."""

    id: str
    title: str
    fits: str
    parts: tuple[CardPart, ...]
    about: tuple[str, ...]
    is_own: bool
    put_label: str = ""
    is_on_page: bool = False


@dataclass(frozen=True, kw_only=True)
class HowToState:
    """The list, or the open card; form: the own card being changed."""

    query: str = ""
    complaints: tuple[Choice, ...] = ()
    rows: tuple[CardRow, ...] = ()
    count_line: str = ""
    nothing_line: str = ""
    is_loading: bool = True
    card: CardView | None = None
    form: FormState | None = None
    notice: str = ""


class HowToCards:
    """The cards, one open at a time. visit: gives the visit in hand, None when there is none."""

    def __init__(self, around: Surroundings, visit: Callable[[], OpenVisit | None] = lambda: None) -> None:
        self._around = around
        self._visit = visit
        self._query = ""
        self._complaint = ""
        self._open = ""
        self._notice = ""
        self._form: EntryForm | None = None
        self._kept: OpenForm | None = None
        #: The method that opened the form, and its texts; see `opens_form`.
        self.way: tuple[str, ...] = ()
        self.changed = Observable()
        self.state = HowToState()
        self._leave = around.cards.changed.subscribe(self.refresh)

    def close(self) -> None:
        """Follow the cards no more; what stands in an open form is offered again."""
        self._let_go()
        self._leave()

    def go_on(self, way: tuple[str, ...]) -> None:
        """Open a form again that somebody typed in."""
        self._around.cards.want()
        go_way(self, way)

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.leave()
        self._form, self._kept = None, None

    def enter(self) -> None:
        """Read the cards when the place is shown."""
        self._around.cards.want()
        self.refresh()

    @property
    def has_visit(self) -> bool:
        """Whether a visit is open, to go back to."""
        return self._visit() is not None

    # --- the list -------------------------------------------------------------------------------

    def type(self, text: str) -> None:
        """Look for cards by what is typed."""
        self._query = text
        self.refresh()

    def choose_complaint(self, value: str) -> None:
        """Show only the cards of a complaint; the same again shows all."""
        self._complaint = "" if value == self._complaint else value
        self.refresh()

    def open(self, id: str) -> None:
        """Open a card."""
        self._let_go()
        self._open, self._notice = id, ""
        self.refresh()

    def close_card(self) -> None:
        """Go back to the list."""
        self._let_go()
        self._open, self._notice = "", ""
        self.refresh()

    # --- for the customer -----------------------------------------------------------------------

    def put_on_page(self) -> None:
        """Put the open card's words on the customer's page as advice, or take them off again."""
        held = self._visit()
        if held is None or not self._open:
            return
        there = self._advice(held)
        if there is not None:
            held.remove(there, word=_("“{title}” taken out", title=there.why))
        else:
            card = self._around.cards.for_customer(self._open, _language_of(held))
            if card is None or not card.customer:
                return
            held.save(self._advice_of(card, held), word=_("the advice “{title}”", title=card.title))
        self.refresh()

    def _advice_of(self, card: HowTo, held: OpenVisit) -> Recommendation:
        first = next((check for check in card.checks if check in _ADVICE), "")
        return Recommendation(
            id=new_id(),
            customer_id=held.visit.customer_id,
            visit_id=held.visit_id,
            asset_id=held.asset_in_hand or None,
            contact_id=held.visit.contact_id,
            kind=_ADVICE.get(first, RecommendationKind.OTHER),
            text=card.customer,
            why=card.title,
            card=card.id,
            check=next(iter(card.checks), ""),
            urgency="later",
            currency=held.visit.currency,
        )

    def _advice(self, held: OpenVisit) -> Recommendation | None:
        return next((r for r in held.bundle.recommendations if r.card == self._open), None)

    def sheet(self) -> handout.Handout | None:
        """Return the open card as a sheet for the customer, in their language and print size."""
        held = self._visit()
        around = self._around
        language = _language_of(held) if held is not None else i18n.current()
        card = around.cards.for_customer(self._open, language)
        if card is None:
            return None
        customer = held.bundle.customer if held is not None else None
        day = around.today
        return handout.build(
            card,
            provider=around.provider,
            reach=around.reach,
            day=day,
            paper=customer.paper.value if customer else "A4",
            is_large=bool(held and (held.visit.is_large_print or (customer and customer.has_large_print))),
        )

    def print_to(
        self,
        path: str,
        print_pages: sheets.PrintPages | None,
        done: Callable[[], object],
        failed: Callable[[str], object],
    ) -> None:
        """Print the open card's sheet, or keep it as a file; done or failed (with a sentence) follows.

        path: of the file. print_pages: takes pictures, paper and title; None for a file.
        """
        sheet = self.sheet()
        if sheet is None:
            return

        def ended() -> None:
            self._notice = _("The handout is made.")
            self.refresh()
            done()

        sheets.send(self._around.lanes, sheet, path, print_pages, ended, failed)

    # --- own cards ------------------------------------------------------------------------------

    @opens_form
    def edit(self, id: str = "") -> None:
        """Open the form of an own card: of the one that is open, or of another by its id."""
        if id and id != self._open:
            self.open(id)
        store, id = self._around.store, id or self._open

        def show(record: Card | None) -> None:
            if record is None:
                return
            about = Draft(page="how_to", way=("edit", id), kind="card", whose=record.title)
            self._form = EntryForm("card", record=record)
            self._kept = self._around.typing.open(about, self._cannot)
            self._form.restore(self._kept.typed)
            self.refresh()

        self._around.lanes.store(lambda: store.get(Card, id), show)

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet."""
        if self._form is not None and self._kept is not None:
            self._form.typed[name] = text
            self._kept.keep(self._form.typed)

    def leave_form(self) -> None:
        """Close the form and forget what was typed; the card stays as it was."""
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.forget()
        self._form, self._kept = None, None

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        if self._form is not None:
            self._form.fill(name, text)
            self.type_ahead(name, text)
            self.refresh()

    def save(self) -> None:
        """Keep the own card as it was typed."""
        form = self._form
        if form is None or not isinstance(form.record, Card):
            return
        try:
            made = dataclasses.replace(form.record, **form.values())
            check(made)
        except InputError as error:
            form.refuse(error)
            self.refresh()
            return
        self._forget()
        self._write(lambda: self._around.store.save(made, actor=self._around.technician))

    def remove(self) -> None:
        """Take an own card away."""
        store, id, actor = self._around.store, self._open, self._around.technician

        def work() -> None:
            record = store.get(Card, id)
            if record is not None:
                store.remove(record, _("Taken away by its author."), actor=actor)

        self._open = ""
        self._write(work)

    def _write(self, work: Callable[[], object]) -> None:
        self._around.lanes.store(work, lambda _none: self._around.cards.read(), self._cannot)

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._notice = error.sentences()
        self.refresh()

    # --- what is shown --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Work the state out again and tell."""
        shelf = self._around.cards
        words = self._query.strip()
        found = shelf.search(words, MOST) if words else shelf.cards
        if self._complaint:
            found = tuple(card for card in found if self._complaint in card.complaints)
        card = shelf.get(self._open) if self._open else None
        self.state = HowToState(
            query=self._query,
            complaints=tuple(
                Choice(value=c.value, label=_(COMPLAINT_LABELS[c]), is_chosen=c.value == self._complaint)
                for c in Complaint
                if c is not Complaint.OTHER
            ),
            rows=tuple(CardRow(id=c.id, title=c.title, line=c.fits, is_own=c.is_own) for c in found),
            count_line=ngettext("{n} card", "{n} cards", len(found)),
            nothing_line=self._nothing(words, bool(found)),
            is_loading=not shelf.is_read,
            card=self._view(card) if card else None,
            form=self._form_state(self._form) if self._form and card else None,
            notice=self._notice,
        )
        self.changed()

    def _form_state(self, form: EntryForm) -> FormState:
        return with_typing(
            form.state(add_label=_("Save card"), today=self._around.today),
            self._kept.typed if self._kept is not None else (),
        )

    def _nothing(self, words: str, has_found: bool) -> str:
        if has_found or not self._around.cards.is_read:
            return ""
        if words:
            return _("No card matches “{words}”. Try fewer or other words.", words=words[:60])
        return _("No card for this yet.")

    def _view(self, card: HowTo) -> CardView:
        held = self._visit()
        parts = []
        if card.steps:
            parts.append(
                CardPart(title=_("What to do"), lines=card.steps, icon="list-checks", is_numbered=True)
            )
        parts += [
            CardPart(title=SYSTEMS[system], lines=steps, icon=_SYSTEM_ICONS[system])
            for system, steps in card.by_system
        ]
        if card.careful:
            parts.append(CardPart(title=_("Be careful"), lines=card.careful, icon="warning", kind="careful"))
        if card.worked:
            parts.append(
                CardPart(title=_("How to know that it worked"), lines=(card.worked,), icon="seal-check")
            )
        if card.customer:
            parts.append(
                CardPart(
                    title=_("In words for the customer"), lines=(card.customer,), icon="user", kind="customer"
                )
            )
        may_put = held is not None and held.visit.work_state not in SEALED and bool(card.customer)
        is_there = held is not None and self._advice(held) is not None
        put = N_("Take off the customer’s page") if is_there else N_("Put on the customer’s page")
        return CardView(
            id=card.id,
            title=card.title,
            fits=card.fits,
            parts=tuple(parts),
            about=_about(card),
            is_own=card.is_own,
            put_label=_(put) if may_put else "",
            is_on_page=is_there,
        )


def _language_of(held: OpenVisit) -> str:
    """Return the language of the visit's page, as summary/document.py chooses it."""
    bundle = held.bundle
    person = bundle.contact.preferred_language if bundle.contact else ""
    customer = bundle.customer.preferred_language if bundle.customer else ""
    return held.visit.paper_language or person or customer or "en"


def _about(card: HowTo) -> tuple[str, ...]:
    """Return when its facts were looked through, and where they can be looked up."""
    lines = []
    if card.written_on:
        lines.append(_("As of {day}. Look up what may have changed since.", day=i18n.day(card.written_on)))
    lines += [source.words() for source in card.sources]
    return tuple(lines)
