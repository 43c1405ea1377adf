"""How-to cards beside the work: those that may help are offered, and a finished lookup becomes one of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from techkit import i18n
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.activities import InformationLookup
from techkit.records.cards import HowTo, card_from, is_finished, names_in
from techkit.records.identity import new_id
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit

#: How-to cards offered at once.
MOST_HINTS = 4


@dataclass(frozen=True, kw_only=True)
class CardHint:
    """A how-to card that may help; may_answer: its words may become the answer of the open lookup."""

    id: str
    title: str
    line: str
    may_answer: bool = False


class CardHints:
    """The cards for a visit's complaint, or for the question of the open lookup. notice: what came of keeping one."""

    def __init__(self, held: OpenVisit) -> None:
        self.held = held
        self.changed = Observable()
        self.notice = ""

    def offered(self, form: EntryForm | None) -> tuple[CardHint, ...]:
        """Return the cards that fit what is open, best first; none beside a form that asks nothing."""
        cards = self.held.around.cards
        found: tuple[HowTo, ...] = ()
        may_answer = form is not None and form.kind == "information_lookup"
        if form is not None and may_answer:
            asked = form.typed.get("question", "") or form.typed.get("title", "")
            found = cards.search(asked, MOST_HINTS) if len(asked) > 2 else ()
        elif form is None:
            found = cards.fitting(complaint=self.held.visit.complaint)[:MOST_HINTS]
        return tuple(
            CardHint(id=c.id, title=c.title, line=c.fits, may_answer=may_answer and bool(c.customer))
            for c in found
        )

    def keep(self, id: str) -> None:
        """Make a card of one's own of a finished lookup; one that names the customer is not made."""
        lookup = self.held.record(InformationLookup, id)
        if lookup is None or not is_finished(lookup):
            return
        card = card_from(lookup, id=new_id(), day=self.held.today, language=i18n.current())
        bundle = self.held.bundle
        names = [p.family_name for p in bundle.people] + [a.serial for a in bundle.assets]
        names += [bundle.customer.display_name] if bundle.customer else []
        found = names_in(card, names)
        if found:
            self._say(
                _(
                    "This lookup names {names}. A card outlives the customer: take the name out first.",
                    names=", ".join(found),
                )
            )
            return
        store, actor, cards = self.held.around.store, self.held.around.technician, self.held.around.cards

        def kept(_none: object) -> None:
            cards.read()
            self._say(_("“{title}” is now one of your how-to cards.", title=card.title))

        self.held.around.lanes.store(lambda: store.save(card, actor=actor), kept, self._not_kept)

    def _not_kept(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._say(error.sentences())

    def _say(self, notice: str) -> None:
        self.notice = notice
        self.changed()
