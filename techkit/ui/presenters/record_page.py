"""What the pages of one record share: read, changed through a form or a button, taken back, following the store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from techkit import i18n
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.charges import visit_day
from techkit.records.schema import Record, spec_of
from techkit.records.visit import OUTCOMES, Visit, WorkState
from techkit.ui.presenters import twins
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.kept_typing import Draft, go_way
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.record_editor import RecordEditor
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: What was read for a page, and what the page shows of it.
FoundT = TypeVar("FoundT")
StateT = TypeVar("StateT")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a list on a page: two texts, a word at the right, an icon and tone.

    visit_id: opens it. record_id: of what the line is about, where it can be changed.
    """

    title: str
    line: str = ""
    word: str = ""
    icon: str = ""
    tone: str = ""
    visit_id: str = ""
    record_id: str = ""


def visit_line(visit: Visit) -> Line:
    """Return a visit in one line: the need, the day, what came of it."""
    day = visit_day(visit)
    outcome = _(OUTCOMES[visit.outcome]) if visit.outcome in OUTCOMES else ""
    is_open = visit.work_state not in (WorkState.SUBMITTED, WorkState.CANCELLED, WorkState.NO_ACCESS)
    return Line(
        title=" ".join(visit.purpose.split())[:160] or visit.number,
        line=" · ".join(
            p for p in (i18n.day(day, style="medium") if day else "", visit.number, visit.technician) if p
        ),
        word=outcome or (_("open") if is_open else ""),
        icon="clipboard-text",
        visit_id=visit.id,
    )


def when_key(visit: Visit) -> tuple[str, str]:
    """Return what orders visits by their day."""
    at = visit.arrived_at or visit.planned_start_at
    return (at.isoformat() if at else "", visit.id)


@dataclass
class Undo:
    """How the last change of a page is taken back.

    before: records as they were; made: what goes again. after: what the change made of them, by id, so that what
    was changed since stays.
    """

    line: str
    before: list[Record] = field(default_factory=list)
    made: Record | None = None
    after: dict[str, Record] = field(default_factory=dict)


class RecordPage(ABC, Generic[FoundT, StateT]):
    """The page of one record. watched: the kinds of record it is made of.

    A page says how it is read (`_read`), which record it turned out to be about (`_settle`), what is shown of it
    (`_state`) and what a kept form means (`_saved`). A method that opens a form is marked with `opens_form`: what is
    typed there survives a crash. page: how techkit calls the page; page_id: the record it is about.
    """

    page: ClassVar[str]
    state: StateT

    def __init__(self, surroundings: Surroundings, sight: Sight, watched: frozenset[str]) -> None:
        self._world = surroundings
        self._sight = sight
        self._found: FoundT | None = None
        self._is_read = False
        self._undo: Undo | None = None
        self._error = ""
        self.changed = Observable()
        #: The method that opened the form, and its texts; see `opens_form`.
        self.way: tuple[str, ...] = ()
        self._next_way: tuple[str, ...] = ()
        self._editor = RecordEditor(surroundings, self._show, self._saved, self._about)
        self._following = Following(surroundings, watched.intersection, self.refresh)
        self._end = sight.changed.subscribe(self.refresh)

    @property
    def page_id(self) -> str:
        """The record the page is about, "" where it is about many."""
        return ""

    def close(self) -> None:
        """Follow the store no more; what stands in an open form is offered again."""
        self._editor.close()
        self._following.close()
        self._end()

    # --- what the technician does

    def refresh(self) -> None:
        """Read the page anew."""
        self._world.lanes.store(self._read, self._take, self._failed)

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        self._editor.fill(name, text)

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet; called every second or so."""
        self._editor.type_ahead(name, text)

    def keep_whole_text(self) -> None:
        """Keep a text that is too long for its field as a file."""
        self._editor.keep_whole_text()

    def go_on(self, way: tuple[str, ...]) -> None:
        """Open a form again that somebody typed in, as soon as the page is read."""
        self._next_way = way
        if self._is_read:
            self._go_on()

    def _go_on(self) -> None:
        way, self._next_way = self._next_way, ()
        if way and self._found is not None:
            go_way(self, way)

    def save(self) -> None:
        """Keep the form."""
        self._editor.save()

    def cancel(self) -> None:
        """Close the form without a change."""
        self._editor.cancel()

    def undo(self) -> None:
        """Take the last change of this page back."""
        held, self._undo = self._undo, None
        if held is not None:
            store, actor = self._world.store, self._world.technician
            self._do(lambda: twins.undo(store, held.before, held.made, actor, held.after), None)

    # --- what a page says of itself

    @abstractmethod
    def _read(self) -> FoundT | None:
        """Return all the page shows, in the store lane; None where it is not here or not to be shown."""

    @abstractmethod
    def _settle(self, found: FoundT) -> None:
        """Remember which record it is: one that was merged is shown as the one that stays."""

    @abstractmethod
    def _state(self, found: FoundT | None) -> StateT:
        """Return what is shown."""

    @abstractmethod
    def _saved(self, record: Record, before: Record | None) -> None:
        """Go on after a form was kept."""

    def _whose(self, record: Record) -> tuple[str, str]:
        """Return the id of the customer a form's record belongs to, and what the page is called."""
        raise NotImplementedError

    # --- writing and showing

    def _about(self, base: Record) -> Draft:
        if not self.way:
            raise RuntimeError("what opens a form is marked with opens_form")
        customer_id, whose = self._whose(base)
        return Draft(
            page=self.page,
            page_id=self.page_id,
            way=self.way,
            kind=spec_of(base).kind,
            whose=whose,
            customer_id=customer_id,
        )

    def _do(self, work: Callable[[], object], undo: Undo | None) -> None:
        store = self._world.store

        def write() -> None:
            work()
            if undo is not None:
                after = (store.get(type(held), held.id) for held in undo.before)
                undo.after = {held.id: held for held in after if held is not None}

        self._world.lanes.store(write, lambda _result: self._done(undo), self._failed)

    def _done(self, undo: Undo | None) -> None:
        self._undo, self._error = undo, ""
        self.refresh()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._error = error.sentences()
        self._show()

    def _take(self, found: FoundT | None) -> None:
        self._found, self._is_read = found, True
        if found is not None:
            self._settle(found)
        self._show()
        self._go_on()

    def _show(self) -> None:
        self.state = self._state(self._found)
        self.changed()
