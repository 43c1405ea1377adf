"""What can be taken back in an open visit and done again, and what undo says it did.

Only the fields a change touched go back: a visit that began meanwhile does not end with it. Times are facts; they
are taken back by a correction beside them. Other facts stay, and undo says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from techkit.i18n import _
from techkit.records.identity import new_id
from techkit.records.schema import Record, SyncClass, spec_of
from techkit.records.visit import LabourSegment

#: A record before and after, None: not there.
Change = tuple[Record | None, Record | None]

_FACTS = (SyncClass.FACT, SyncClass.ADDITION)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing somebody did: its word, and what it changed; without changes it stays."""

    word: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """What undo or redo did, in one sentence. number: grows each time. act: what may follow, "undo", "redo" or ""."""

    number: int = 0
    line: str = ""
    act: str = ""


NOTHING_TOLD = Told()


class TakingBack:
    """The deeds of a visit in their order."""

    def __init__(self) -> None:
        self._done: list[Deed] = []
        self._taken: list[Deed] = []
        self.told = NOTHING_TOLD

    @property
    def word(self) -> str:
        """Return what undo would take back, "" for nothing."""
        return self._done[-1].word if self._done else ""

    @property
    def removed_word(self) -> str:
        """Return what undo would bring back, "" when the last deed took nothing away."""
        last = self._done[-1] if self._done else None
        if last is None or not last.changes or any(after is not None for _before, after in last.changes):
            return ""
        return last.word

    def note(self, word: str, changes: Iterable[Change] = ()) -> None:
        """Note a deed; of its changes those that are facts stay as they are."""
        kept = tuple(
            (before, after)
            for before, after in changes
            if isinstance(after, LabourSegment) or spec_of(_one_of(before, after)).sync not in _FACTS
        )
        self._done.append(Deed(word=word, changes=kept))
        self._taken.clear()

    def drop(self, record: Record) -> None:
        """Forget the deed that made a record what the store refused."""
        self._done = [d for d in self._done if all(after != record for _before, after in d.changes)]

    def forget_record(self, record_id: str) -> None:
        """Forget every deed on a record that went for good."""
        for deeds in (self._done, self._taken):
            deeds[:] = [
                d
                for d in deeds
                if all(one is None or one.id != record_id for pair in d.changes for one in pair)
            ]

    def forget(self) -> None:
        """Forget all: what was signed is not taken back deed by deed."""
        self._done.clear()
        self._taken.clear()

    def undo(self) -> tuple[Change, ...]:
        """Return the last deed's changes the other way round, as (what is there, what shall be); say what comes of it."""
        if not self._done:
            self.say(_("There is nothing to take back."))
            return ()
        last = self._done.pop()
        if not last.changes:
            word = last.word[:1].upper() + last.word[1:]
            self.say(_("“{word}” stays: what was measured or signed is not taken back.", word=word))
            return ()
        self._taken.append(last)
        self.say(_("Taken back: {word}", word=last.word), "redo")
        return tuple((after, before) for before, after in reversed(last.changes))

    def redo(self) -> tuple[Change, ...]:
        """Return the changes of the deed that was taken back last; say what comes of it."""
        if not self._taken:
            self.say(_("There is nothing to do again."))
            return ()
        last = self._taken.pop()
        self._done.append(last)
        self.say(_("Done again: {word}", word=last.word), "undo")
        return last.changes

    def say(self, line: str, act: str = "") -> None:
        """Say what was done."""
        self.told = Told(number=self.told.number + 1, line=line, act=act)


def rebased(now: Record | None, before: Record | None, after: Record) -> Record:
    """Return what is held now with the fields changed from before to after."""
    if before is None or now is None:
        return after
    names = [f.name for f in dataclasses.fields(after) if getattr(before, f.name) != getattr(after, f.name)]
    return dataclasses.replace(now, **{name: getattr(after, name) for name in names})


def corrected(labour: Iterable[LabourSegment], old: LabourSegment, *, is_again: bool) -> LabourSegment:
    """Return the correction that makes a stretch of time count as it did before it was written, or as it said then."""
    by_id = {s.id: s for s in labour}
    later = {s.supersedes: s for s in by_id.values() if s.supersedes}
    last = old
    while last.id in later:
        last = later[last.id]
    wanted = old if is_again else by_id.get(old.supersedes or "")
    if wanted is None:
        wanted = dataclasses.replace(old, ended_at=old.started_at, elapsed_s=0)
    return dataclasses.replace(wanted, id=new_id(), supersedes=last.id)


def _one_of(before: Record | None, after: Record | None) -> Record:
    found = after if after is not None else before
    assert found is not None  # noqa: S101 - a change has a side that is there
    return found
