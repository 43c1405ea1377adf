"""Step Follow-ups: what is promised, by whom and when; suggestions with their reasons; advice."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import N_, _
from techkit.records.entering import check
from techkit.records.identity import new_id
from techkit.records.schema import Record, spec_of
from techkit.records.success import Department, FollowUp, Recommendation, decided, is_asked_again
from techkit.records.wording import format_value
from techkit.ui.presenters.choices import Choice, FormState
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.long_texts import keep_whole
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.promises import CALL_DAYS, SOON_DAYS, suggestions
from techkit.ui.presenters.visit_part import VisitPart

#: Due days offered, as days from today. Source: DESIGN chapter 4.5 (in 1 week) and the stories (14 days).
DUE_DAYS = (
    (0, N_("Today")),
    (1, N_("Tomorrow")),
    (SOON_DAYS, N_("In 1 week")),
    (CALL_DAYS, N_("In 2 weeks")),
    (30, N_("In a month")),
)

#: A promise due within so many days is soon.
SOON = 3

_ICONS = {Department.SUCCESS: "phone", Department.SALES: "shopping-cart", Department.FINANCE: "receipt"}


@dataclass(frozen=True, kw_only=True)
class FollowUpRow:
    """One promise. tone: "late", "soon" or "" by its due day; cost_line "" without a cost."""

    id: str
    icon: str
    title: str
    line: str
    due_text: str
    tone: str
    owner: str
    is_on_paper: bool
    cost_line: str = ""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One thing to promise or to advise, with its reason. kind: "follow_up" or "recommendation"."""

    key: str
    kind: str
    icon: str
    title: str
    reason: str
    due_text: str = ""


@dataclass(frozen=True, kw_only=True)
class AdviceRow:
    """One piece of advice with its evidence and the customer's decision ("open", "yes", …)."""

    id: str
    title: str
    why: str
    urgency: str
    decision: str
    decision_label: str


@dataclass(frozen=True, kw_only=True)
class FollowUpsState:
    """All that step Follow-ups shows; overdue promises of earlier visits stand first."""

    overdue: tuple[FollowUpRow, ...] = ()
    planned: tuple[FollowUpRow, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    form: FormState | None = None
    due_choices: tuple[Choice, ...] = ()


class FollowUps(VisitPart[FollowUpsState]):
    """Suggestions are added one by one; own promises need three things: what, who, by when."""

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, FollowUpsState())
        self._form = EntryForm("follow_up")
        #: Advice of earlier visits that was answered here: it stays to be seen, and to be answered otherwise.
        self._asked_again: set[str] = set()

    def add(self, key: str) -> None:
        """Promise what is suggested; advice that goes with it is written down too."""
        found = next((s for s in suggestions(self.held) if s.key == key), None)
        if found is not None:
            extra = (found.companion,) if found.companion is not None else ()
            self.held.save(found.record, *extra, word=_("the follow-up “{text}”", text=found.record.text))

    def add_all(self) -> None:
        """Promise everything that is suggested."""
        records: list[Record] = []
        for found in suggestions(self.held):
            records += [found.record, *([found.companion] if found.companion else [])]
        if records:
            self.held.save(*records, word=_("the follow-ups"))

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the own promise."""
        self._own().fill(name, text)
        self.held.typing.keep("follow_up", name, text)
        self.refresh()

    def type_ahead(self, name: str, text: str) -> None:
        """Keep a field of the own promise as it is being typed."""
        self._form.typed[name] = text
        self.held.typing.keep("follow_up", name, text)

    def restore_typing(self) -> bool:
        """Take over the promise that was being typed when the program ended; return whether there was one."""
        typed = self.held.typing.typed_in("follow_up").get("follow_up", {})
        for name, text in typed.items():
            self._own().fill(name, text)
        self.refresh()
        return bool(typed)

    def keep_whole_text(self) -> None:
        """Keep a text that is too long for its field as a file of the visit; its beginning stays in the field."""
        keep_whole(self.held, self._form, "follow_up", self.refresh)

    def add_own(self) -> None:
        """Promise what was typed; without a day it is due in a week, without a name by the technician."""
        held = self.held
        base = FollowUp(
            id=new_id(),
            customer_id=held.visit.customer_id,
            visit_id=held.visit_id,
            contact_id=held.visit.contact_id,
            owner=held.around.technician,
            due_on=held.today + timedelta(days=SOON_DAYS),
            currency=held.visit.currency,
        )
        try:
            typed = {name: value for name, value in self._own().values().items() if value not in (None, "")}
            made = dataclasses.replace(base, **typed)
            check(made)
        except InputError as error:
            self._form.refuse(error)
            self.refresh()
            return
        form, self._form = self._form, EntryForm("follow_up")

        def entered() -> None:
            held.typing.forget("follow_up")

        def give_back() -> None:
            self._form = form
            self.refresh()

        is_waiting = held.is_sealed
        if not is_waiting:
            entered()
        held.save(
            made,
            word=_("the follow-up “{text}”", text=made.text),
            done=entered if is_waiting else None,
            give_back=give_back,
        )

    def set_on_paper(self, id: str, is_on: bool) -> None:
        """Put a promise on the customer's page, or take it off."""
        self._change(id, is_on_paper=is_on)

    def settle(self, id: str, state: str, note: str = "") -> None:
        """Say that a promise is "done" or "dropped", and what came of it."""
        record = next((p for p in self.held.known.promises if p.id == id), None)
        if record is None:
            self._change(id, state=state, outcome_note=note)
            return
        settled = dataclasses.replace(record, state=state, outcome_note=note)
        left = tuple(p for p in self.held.known.promises if p.id != id)
        self.held.known = dataclasses.replace(self.held.known, promises=left)
        self.held.save(settled, word=_("the promise “{text}”", text=record.text))

    def decide(self, id: str, word: str) -> None:
        """Write down the customer's word: yes, no or later on a promise, the record's own on advice."""
        today = self.held.today
        earlier = next((r for r in self.held.known.advice if r.id == id), None)
        advice = self.held.record(Recommendation, id) or earlier
        if advice is None:
            self._change(id, decision=word)
            return
        answered = decided(advice, word, today)
        if earlier is not None:
            kept = tuple(answered if r.id == id else r for r in self.held.known.advice)
            self.held.known = dataclasses.replace(self.held.known, advice=kept)
            self._asked_again |= {id}
        self.held.save(answered, word=_("the customer’s decision"))

    def _change(self, id: str, **changes: object) -> None:
        record = self.held.record(FollowUp, id)
        if record is not None:
            changed = dataclasses.replace(record, **changes)  # type: ignore[arg-type]  # declared fields
            self.held.save(changed, word=_("the follow-up “{text}”", text=record.text))

    def remove(self, id: str) -> None:
        """Take a promise or advice of this visit out; undo brings it back."""
        record = self.held.record(FollowUp, id) or self.held.record(Recommendation, id)
        if record is not None:
            self.held.remove(record, word=_("“{text}” taken out", text=record.text))

    def _own(self) -> EntryForm:
        """Return the form of the own promise, whose cost is typed in the visit's currency."""
        self._form.currency = self.held.visit.currency
        return self._form

    def _form_state(self, day: date) -> FormState:
        """Return the form with the day a promise gets unless another one is typed."""
        form, soon = (
            self._own().state(add_label=_("Add"), today=day),
            (day + timedelta(days=SOON_DAYS)).isoformat(),
        )
        if "due_on" in self._form.typed:
            return form
        fields = (dataclasses.replace(f, text=soon) if f.name == "due_on" else f for f in form.fields)
        return dataclasses.replace(form, fields=tuple(fields))

    def _state(self) -> FollowUpsState:
        bundle, day = self.held.bundle, self.held.today
        overdue = [p for p in self.held.known.promises if p.due_on is not None and p.due_on < day]
        others = [p for p in self.held.known.promises if p not in overdue]
        return FollowUpsState(
            overdue=tuple(self._row(p, day) for p in overdue),
            planned=tuple(self._row(f, day) for f in (*bundle.follow_ups, *others) if f.state == "open"),
            suggestions=tuple(
                Suggestion(
                    key=s.key,
                    kind=spec_of(s.record).kind,
                    icon=_icon(s.record),
                    title=s.record.text,
                    reason=s.reason,
                    due_text=_due(s.record.due_on) if isinstance(s.record, FollowUp) else "",
                )
                for s in suggestions(self.held)
            ),
            advice=(
                *(_advice_row(r) for r in bundle.recommendations),
                *(
                    _advice_row(r)
                    for r in self.held.known.advice
                    if r.id in self._asked_again or is_asked_again(r, day)
                ),
            ),
            form=self._form_state(day),
            due_choices=tuple(
                Choice(
                    value=(day + timedelta(days=n)).isoformat(),
                    label=_(
                        "{word} ({day})", word=_(word), day=i18n.day(day + timedelta(days=n), style="medium")
                    ),
                    is_chosen=self._form.typed.get("due_on", (day + timedelta(days=SOON_DAYS)).isoformat())
                    == (day + timedelta(days=n)).isoformat(),
                )
                for n, word in DUE_DAYS
            ),
        )

    def _row(self, promise: FollowUp, day: date) -> FollowUpRow:
        left = (promise.due_on - day).days if promise.due_on else None
        tone = (
            "late" if left is not None and left < 0 else "soon" if left is not None and left <= SOON else ""
        )
        cost = ""
        if promise.cost_minor:
            amount = i18n.money(promise.cost_minor, promise.currency)
            cost = (
                _("{amount}, agreed", amount=amount)
                if promise.decision == "yes"
                else _(
                    "{amount}, planned if {who} agrees",
                    amount=amount,
                    who=promise.approver or _("the customer"),
                )
            )
        return FollowUpRow(
            id=promise.id,
            icon=_icon(promise),
            title=promise.text,
            line=promise.reason_text,
            due_text=_due(promise.due_on),
            tone=tone,
            owner=promise.owner,
            is_on_paper=promise.is_on_paper,
            cost_line=cost,
        )


def _icon(record: FollowUp | Recommendation) -> str:
    if isinstance(record, Recommendation):
        return spec_of(record).icon
    return _ICONS.get(record.department, spec_of(record).icon)


def _due(day: date | None) -> str:
    return _("by {day}", day=i18n.day(day, style="medium")) if day else _("no day yet")


def _advice_row(advice: Recommendation) -> AdviceRow:
    spec = spec_of(advice)
    return AdviceRow(
        id=advice.id,
        title=advice.text,
        why=advice.why,
        urgency=format_value(spec.field("urgency"), advice.urgency),
        decision=advice.state,
        decision_label=format_value(spec.field("state"), advice.state),
    )
