"""A how-to card as a sheet for the customer: its plain words, room for notes, and whom to call.

Only what the card says to customers is printed; the technician's steps stay with the technician.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.i18n import _
from techkit.records.activities import ASSESSED_HOW, Attendance, Training
from techkit.records.cards import HowTo
from techkit.records.parties import SKILLS


@dataclass(frozen=True, kw_only=True)
class Handout:
    """One sheet: plain values in reading order. words: the fixed words of its language."""

    language: str
    paper: str
    is_large: bool
    title: str
    text: tuple[str, ...]
    dated_on: str
    dated: str
    provider: str
    provider_reach: str
    sources: tuple[str, ...]
    words: dict[str, str]


def build(
    card: HowTo, *, provider: str, reach: str, day: date, paper: str = "A4", is_large: bool = False
) -> Handout:
    """Return the sheet of a card in the card's own language."""
    with i18n.language(card.language or "en"):
        return Handout(
            language=card.language or "en",
            paper=paper,
            is_large=is_large,
            title=card.title,
            text=tuple(line for line in card.customer.splitlines() if line.strip()),
            dated_on=day.isoformat(),
            dated=i18n.day(day, style="long"),
            provider=provider or _("Your technician"),
            provider_reach=reach,
            sources=tuple(source.words() for source in card.sources),
            words=_words(day),
        )


def own_page(
    training: Training,
    row: Attendance,
    *,
    language: str,
    next_steps: tuple[str, ...],
    provider: str,
    reach: str,
    day: date,
    paper: str = "A4",
    is_large: bool = False,
) -> Handout:
    """Return one person's page of a training: topics, materials, their own level, what comes next.

    Nobody else of the group is named.
    """
    with i18n.language(language):
        topics = ", ".join(training.topics) or training.title
        text = [_("You took part in the training: {topics}.", topics=topics)]
        if training.product:
            text.append(_("Program: {product}.", product=training.product))
        if row.skill_before and row.skill_after:
            text.append(
                _(
                    "Your level before: {before}. Your level now: {after}. Judged by: {how}.",
                    before=_(SKILLS[row.skill_before]).lower(),
                    after=_(SKILLS[row.skill_after]).lower(),
                    how=_(ASSESSED_HOW.get(row.assessed_how, row.assessed_how)).lower(),
                )
            )
        if training.materials:
            text.append(_("To read again: {materials}.", materials=", ".join(training.materials)))
        if training.note_customer:
            text.append(training.note_customer)
        text += [_("Next: {step}", step=step) for step in next_steps]
        return Handout(
            language=language,
            paper=paper,
            is_large=is_large,
            title=_("Your training, {name}", name=row.name),
            text=tuple(text),
            dated_on=day.isoformat(),
            dated=i18n.day(day, style="long"),
            provider=provider or _("Your technician"),
            provider_reach=reach,
            sources=(),
            words=_words(day),
        )


def _words(day: date) -> dict[str, str]:
    return {
        "notes": _("For your notes"),
        "sources": _("Where to read more"),
        "questions": _("Questions?"),
        "given": _("Given to you on {day}", day=i18n.day(day, style="long")),
    }
