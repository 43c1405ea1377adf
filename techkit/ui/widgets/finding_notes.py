"""Notes on a finding in the evidence drawer: what was noted, and a field for one more."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui.controls import FieldBox, TextEdit, Tick
from techkit.ui.presenters.finding_notes import NoteRow
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from techkit.ui.presenters.finding_notes import FindingNotes


def note_line(note: NoteRow) -> QWidget:
    """Return a note as it stands beside its finding."""
    return holder(row(At(Icon("note", "text2", 18), TOP), Grow(Label(note.text, "small", wraps=True)), gap=8))


class NotesBox(QWidget):
    """The notes on one finding, for as long as its evidence is looked at."""

    def __init__(self, notes: FindingNotes, key: str, title: str) -> None:
        super().__init__()
        self._notes, self._key, self._title = notes, key, title
        self._rows: Rows[NoteRow] = Rows(self._make_row, gap=8)
        self._text = TextEdit(notes.typed(key))
        self._text.typing.connect(functools.partial(notes.type_ahead, key))
        self._add = Button(_("Add the note"), "soft", icon="note", press=self._keep)
        self.setLayout(
            column(
                self._rows,
                FieldBox(_("Add a note"), self._text, hint=_("For colleagues, unless you choose the page.")),
                row(self._add, Grow()),
                gap=8,
            )
        )
        self._end = notes.changed.subscribe(self._show)
        # The drawer drops its pieces when another finding is opened.
        self.destroyed.connect(functools.partial(_leave, self._end))
        self._show()

    def _show(self) -> None:
        self._rows.show_items(self._notes.of(self._key))

    def _keep(self) -> None:
        text = self._text.toPlainText()
        self._text.set_text("")
        self._notes.add(self._key, self._title, text)
        self._text.setFocus()

    def _make_row(self, note: NoteRow) -> QWidget:
        on_paper = Tick(
            _("On the customer’s page"), press=functools.partial(self._notes.show_on_paper, note.id)
        )
        on_paper.setChecked(note.is_on_paper)
        gone = IconButton(
            "trash",
            _("Take the note out: {text}", text=note.text[:60]),
            functools.partial(self._notes.remove, note.id),
        )
        return Card(
            row(Grow(Label(note.text, "small", wraps=True)), At(gone, TOP), gap=6),
            Label(note.line, "tiny", wraps=True),
            on_paper,
            kind="soft",
            margins=12,
            gap=6,
        )


def _leave(end: Callable[[], object], *_destroyed: object) -> None:
    end()
