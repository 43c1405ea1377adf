"""What the pages of one record share: read, changed through a form or a button, taken back, following the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from techkit import i18n
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.charges import visit_day
from techkit.records.schema import Record
from techkit.records.visit import OUTCOMES, Visit, WorkState
from techkit.ui.presenters import twins
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.record_editor import RecordEditor
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: What was read for a page, and what the page shows of it.
FoundT = TypeVar("FoundT")
StateT = TypeVar("StateT")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a list on a page: two texts, a word at the right, an icon and tone; visit_id: opens it."""

    title: str
    line: str = ""
    word: str = ""
    icon: str = ""
    tone: str = ""
    visit_id: str = ""


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


class RecordPage(Generic[FoundT, StateT]):
    """The page of one record. watched: the kinds of record it is made of.

    A page says how it is read (`_read`), which record it turned out to be about (`_settle`), what is shown of it
    (`_state`) and what a kept form means (`_saved`).
    """

    state: StateT

    def __init__(self, surroundings: Surroundings, sight: Sight, watched: frozenset[str]) -> None:
        self._world = surroundings
        self._sight = sight
        self._found: FoundT | None = None
        self._is_read = False
        self._undo: Undo | None = None
        self._error = ""
        self.changed = Observable()
        self._editor = RecordEditor(surroundings, self._show, self._saved)
        self._following = Following(surroundings, watched.intersection, self.refresh)
        self._end = sight.changed.subscribe(self.refresh)

    def close(self) -> None:
        """Follow the store no more."""
        self._following.close()
        self._end()

    # --- what the technician does

    def refresh(self) -> None:
        """Read the page anew."""
        self._world.lanes.store(self._read, self._take, self._failed)

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        self._editor.fill(name, text)

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

    def _read(self) -> FoundT | None:
        """Return all the page shows, in the store lane; None where it is not here or not to be shown."""
        raise NotImplementedError

    def _settle(self, found: FoundT) -> None:
        """Remember which record it is: one that was merged is shown as the one that stays."""
        raise NotImplementedError

    def _state(self, found: FoundT | None) -> StateT:
        """Return what is shown."""
        raise NotImplementedError

    def _saved(self, record: Record, before: Record | None) -> None:
        """Go on after a form was kept."""
        raise NotImplementedError

    # --- writing and showing

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

    def _show(self) -> None:
        self.state = self._state(self._found)
        self.changed()
