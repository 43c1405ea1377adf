"""Notes on findings: written beside the evidence, kept with the visit, on the customer's page only when chosen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import _
from techkit.records.assets import MOST_NOTE, FindingNote
from techkit.records.entering import clean_text
from techkit.records.identity import new_id
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart


@dataclass(frozen=True, kw_only=True)
class NoteRow:
    """One note: its words, who wrote it and when, and whether the customer's page has it."""

    id: str
    text: str
    line: str
    is_on_paper: bool


@dataclass(frozen=True, kw_only=True)
class FindingNotesState:
    """notes: by the key of their finding, oldest first."""

    notes: dict[str, tuple[NoteRow, ...]] = dataclasses.field(default_factory=dict)


class FindingNotes(VisitPart[FindingNotesState]):
    """The notes of one visit. A finding is known by its key (records.proofs.check_key)."""

    is_quiet = True

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, FindingNotesState())

    def of(self, key: str) -> tuple[NoteRow, ...]:
        """Return the notes on one finding."""
        return self.state.notes.get(key, ())

    def typed(self, key: str) -> str:
        """Return what was typed about a finding and not added yet, also before a crash."""
        return self.held.typing.typed_in(_place(key)).get(_place(key), {}).get("text", "")

    def type_ahead(self, key: str, text: str) -> None:
        """Keep a note as it is being typed."""
        self.held.typing.keep(_place(key), "text", text)

    def add(self, key: str, title: str, text: str) -> None:
        """Keep a note on a finding; an empty one is none. title: the finding's, as the record names it."""
        words = clean_text(text, multiline=True)[:MOST_NOTE]
        self.held.typing.forget(_place(key))
        if not words:
            return
        note = FindingNote(
            id=new_id(),
            visit_id=self.held.visit_id,
            asset_id=self.held.asset_in_hand,
            finding=key,
            title=title,
            text=words,
            author=self.held.around.technician,
            at=self.held.labour.now(),
        )
        self.held.save(note, word=_("the note on “{title}”", title=title))

    def show_on_paper(self, note_id: str, is_on: bool) -> None:
        """Put a note on the customer's page, or take it off again."""
        found = self.held.record(FindingNote, note_id)
        if found is not None:
            self.held.save(dataclasses.replace(found, is_on_paper=is_on), word=_("what stands on the page"))

    def remove(self, note_id: str) -> None:
        """Take a note out; undo brings it back."""
        found = self.held.record(FindingNote, note_id)
        if found is not None:
            self.held.remove(found, word=_("Note on “{title}” taken out", title=found.title))

    def _state(self) -> FindingNotesState:
        notes: dict[str, tuple[NoteRow, ...]] = {}
        for held in self.held.bundle.notes:
            row = NoteRow(id=held.id, text=held.text, line=self._line(held), is_on_paper=held.is_on_paper)
            notes[held.finding] = (*notes.get(held.finding, ()), row)
        return FindingNotesState(notes=notes)

    def _line(self, held: FindingNote) -> str:
        if held.at is None:
            return held.author
        return _("{name}, {time}", name=held.author, time=i18n.clock(held.at, self.held.zone))


def _place(key: str) -> str:
    return f"note:{key}"
