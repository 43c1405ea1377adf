"""A field to type in with what was found below it: arrows go through both, Return in the field takes the first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, offer_to_empty
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import column
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.rows import Rows

T = TypeVar("T", bound=Hashable)

_LONGEST = 200


class Finder(QWidget, Generic[T]):
    """Tells what is typed (`typed`) and that the first found shall be taken (`first_taken`).

    build makes the row of what was found; a row takes itself when it is pressed. between: a line under the field.
    """

    typed = Signal(str)
    first_taken = Signal()

    def __init__(
        self, label: str, placeholder: str, build: Callable[[T], QWidget], between: QWidget | None = None
    ) -> None:
        super().__init__()
        self._build = build
        self._said: str | None = None
        self._field = LineEdit("", placeholder)
        self._field.setMaxLength(_LONGEST)
        offer_to_empty(self._field)
        self._field.textEdited.connect(self.typed)
        self._field.installEventFilter(self)
        self._rows: Rows[T] = Rows(self._make_row)
        self._line = Label("", "tiny")
        self.setLayout(column(FieldBox(label, self._field), between, self._rows, self._line, gap=6))

    def show_found(self, text: str, found: Iterable[T], line: str) -> None:
        """Show what was typed, what was found, and the line that says how much there is."""
        if self._field.text() != text:
            self._field.setText(text)
        self._rows.show_items(found)
        self._line.setText(line)
        theme.show_or_hide(self._line, bool(line))
        if self._said is not None and line != self._said and text:
            announce(self, line)
        self._said = line

    def focus_first(self) -> None:
        """Move the focus into the field."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_row(self, item: T) -> QWidget:
        made = self._build(item)
        made.installEventFilter(self)
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go through field and rows with the arrows; Return in the field takes the first row."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not _is_held(event):
            stops: list[QWidget] = [self._field, *self._rows.widgets()]
            here = next((n for n, stop in enumerate(stops) if stop is watched), 0)
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Up:
                    to = here + (1 if event.key() == Qt.Key.Key_Down else -1)
                    if 0 <= to < len(stops):
                        stops[to].setFocus(Qt.FocusReason.TabFocusReason)
                    return True
                case Qt.Key.Key_Return | Qt.Key.Key_Enter if watched is self._field:
                    if self._rows.widgets() and self._field.text().strip():
                        self.first_taken.emit()
                    return True
        return super().eventFilter(watched, event)


def _is_held(event: QKeyEvent) -> bool:
    """Return whether a key is part of a shortcut, such as Ctrl+Return for the next step."""
    return bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
