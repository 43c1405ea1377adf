"""Follow-ups: everything promised to customers, and the one chosen: done, moved, answered, dropped, taken back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _
from techkit.records.entering import check, clean_text
from techkit.records.parties import Customer
from techkit.records.success import DEPARTMENTS, FOLLOW_UP_REASONS, FollowUp
from techkit.records.visit import Visit
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.kept_typing import Draft
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.list_kinds import FOLLOW_UPS, due_text
from techkit.ui.presenters.lists import RecordList, When
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Ways to move a promise: days from today.
MOVES = ((1, N_("Tomorrow")), (7, N_("In 1 week")), (14, N_("In 2 weeks")), (30, N_("In a month")))

_ANSWERS = (("yes", N_("Yes")), ("no", N_("No")), ("later", N_("Later")))


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The promise chosen in the list, in words. tone: "bad" once overdue, "watch" when due today."""

    id: str
    text: str
    customer: str
    customer_id: str
    due_on: date | None
    due_line: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    answers: tuple[Choice, ...]
    note: str = dataclasses.field(compare=False)  # what is typed makes no other promise of it
    is_open: bool
    visit_id: str
    visit_line: str


@dataclass(frozen=True, kw_only=True)
class DueState:
    """What stands beside the list: the promise chosen, the day it is, what was wrong with the last change, what can be undone."""

    promise: Promise | None = None
    today: date
    error: str = ""
    undo_line: str = ""


#: How the typing beside a promise is called where it is kept.
_PAGE = "follow_ups"


class Due:
    """The list of promises and what is done with one of them."""

    def __init__(
        self,
        surroundings: Surroundings,
        sight: Sight,
        *,
        on_visit: Callable[[str], object],
        on_customer: Callable[[str], object],
    ) -> None:
        self._world = surroundings
        self._sight = sight
        self._on_visit = on_visit
        self._on_customer = on_customer
        self._held: FollowUp | None = None
        self._customer: Customer | None = None
        self._visit: Visit | None = None
        self._undo: tuple[FollowUp, str] | None = None
        self._error = ""
        self.changed = Observable()
        self.state = DueState(today=surroundings.today)
        self.rows = RecordList(surroundings, sight, FOLLOW_UPS, self.choose)
        self._ends = [
            surroundings.store.subscribe(self._store_changed),
            sight.changed.subscribe(self._forget),
        ]

    def close(self) -> None:
        """Follow the store no more."""
        self.rows.close()
        for end in self._ends:
            end()

    # --- what the technician does

    def choose(self, promise_id: str) -> None:
        """Show a promise beside the list."""
        self._world.lanes.store(lambda: self._read(promise_id), self._take)

    def finish(self, note: str) -> None:
        """Say that the promise is kept, with what came of it."""
        self._change(
            _("“{text}” is done.", text=self._name),
            state="done",
            outcome_note=clean_text(note, multiline=True),
        )

    def type_note(self, text: str) -> None:
        """Keep what came of it as it is being typed, so that a crash loses none of it."""
        held = self._held
        if held is None:
            return
        draft = Draft(
            page=_PAGE,
            page_id=held.id,
            way=("choose",),
            kind="follow_up",
            whose=held.text[:80],
            customer_id=held.customer_id,
            typed={"outcome_note": text},
        )
        if text:
            self._world.typing.put(draft, self._not_kept)
        else:
            self._world.typing.drop(draft.key)
        self._show()

    def _not_kept(self, error: TechkitError) -> None:
        self._error = error.sentences()
        self._show()

    def drop(self, reason: str) -> None:
        """Say that the promise is not kept any more; it needs a reason."""
        said = clean_text(reason, multiline=True)
        if not said:
            self._error = _("Please write why it is dropped.")
            self._show()
            return
        self._change(_("“{text}” is dropped.", text=self._name), state="dropped", outcome_note=said)

    def take_up(self) -> None:
        """Open a promise again that was done or dropped."""
        self._change(_("“{text}” is open again.", text=self._name), state="open")

    def move(self, days: int) -> None:
        """Promise it for another day, counted from today."""
        self.move_to(self._world.today + timedelta(days=days))

    def move_to(self, day: date | None) -> None:
        """Promise it for a day of the calendar."""
        if day is not None and day != (self._held.due_on if self._held else None):
            self._change(
                _("“{text}” is due on {day} now.", text=self._name, day=i18n.day(day, style="medium")),
                due_on=day,
            )

    def answer(self, word: str) -> None:
        """Keep what the customer said to it; the same word again takes it back."""
        if self._held is not None:
            self._change(
                _("The answer to “{text}” is kept.", text=self._name),
                decision="" if self._held.decision == word else word,
            )

    def undo(self) -> None:
        """Take the last change back."""
        if self._undo is not None:
            before, _word = self._undo
            self._undo = None
            self._save(before)

    def open_visit(self) -> None:
        """Open the visit it was promised in."""
        if self._held is not None and self._held.visit_id:
            self._on_visit(self._held.visit_id)

    def open_customer(self) -> None:
        """Open the customer's page."""
        if self._held is not None:
            self._on_customer(self._held.customer_id)

    # --- reading and writing

    def _read(self, promise_id: str) -> tuple[FollowUp | None, Customer | None, Visit | None]:
        store = self._world.store
        held = store.get(FollowUp, promise_id)
        if held is None or not self._sight.may_see(held.customer_id):
            return None, None, None
        return held, store.get(Customer, held.customer_id), store.get(Visit, held.visit_id)

    def _take(self, found: tuple[FollowUp | None, Customer | None, Visit | None]) -> None:
        if found[0] is None or self._held is None or found[0].id != self._held.id:
            self._error = ""
        self._held, self._customer, self._visit = found
        self._show()

    def _change(self, word: str, **changes: object) -> None:
        before = self._held
        if before is None:
            return
        after = dataclasses.replace(before, **changes)  # type: ignore[arg-type]  # fields of the record
        try:
            check(after)
        except InputError as error:
            self._error = error.sentences()
            self._show()
            return
        self._undo = (before, word)
        self._save(after)

    @property
    def _name(self) -> str:
        return self._held.text[:60] if self._held is not None else ""

    def _save(self, record: FollowUp) -> None:
        store, actor = self._world.store, self._world.technician

        def done(_none: None) -> None:
            self._error = ""
            if record.state != "open":
                self._world.typing.drop_in(_PAGE, record.id)
            self.choose(record.id)

        def failed(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            self._undo = None
            self._error = error.sentences()
            self._show()

        self._world.lanes.store(lambda: store.save(record, actor=actor), done, failed)

    def _store_changed(self, kinds: frozenset[str]) -> None:
        if kinds & {"follow_up", "sync"}:
            self._world.lanes.soon(self._read_again)

    def _read_again(self) -> None:
        if self._held is not None:
            self.choose(self._held.id)

    def _forget(self) -> None:
        self._held, self._undo = None, None
        self._show()

    # --- showing

    def _show(self) -> None:
        undo = ""
        if self._undo is not None and self._held is not None and self._undo[0].id == self._held.id:
            undo = self._undo[1]
        state = DueState(promise=self._promise(), today=self._world.today, error=self._error, undo_line=undo)
        if state != self.state:
            self.state = state
            self.changed()

    def _promise(self) -> Promise | None:
        held = self._held
        if held is None:
            return None
        when = When(today=self._world.today, zone=self._world.clock.zone())
        due, late, tone = due_text(held.due_on.isoformat() if held.due_on else "", when)
        facts = [
            (_("Reason"), held.reason_text or _(FOLLOW_UP_REASONS.get(held.reason, ""))),
            (_("Done by"), _("the customer") if held.is_customers_own else held.owner),
            (_("Who takes it on"), _(DEPARTMENTS.get(held.department, ""))),
            (_("Cost"), i18n.money(held.cost_minor, held.currency) if held.cost_minor else ""),
            (_("Needs the word of"), held.approver),
            (_("On the customer’s page"), _("Yes") if held.is_on_paper else _("No")),
        ]
        is_open = held.state == "open"
        return Promise(
            id=held.id,
            text=held.text,
            customer=self._customer.display_name if self._customer else _("Customer not named yet"),
            customer_id=held.customer_id,
            due_on=held.due_on,
            due_line=", ".join(part for part in (_("By {day}", day=due), late) if part)
            if is_open
            else (_("Done") if held.state == "done" else _("Dropped")),
            tone=tone if is_open else "",
            facts=tuple((label, text) for label, text in facts if text),
            answers=tuple(
                Choice(value=value, label=_(label), is_chosen=held.decision == value)
                for value, label in _ANSWERS
            ),
            note=self._world.typing.typed_in(_PAGE, held.id).get("outcome_note", held.outcome_note)
            if is_open
            else held.outcome_note,
            is_open=is_open,
            visit_id=held.visit_id or "",
            visit_line=_("Visit {number}", number=self._visit.number) if self._visit else "",
        )
