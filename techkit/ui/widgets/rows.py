"""Places that show items: what did not change keeps its widget, and the keyboard stays where the hand is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from techkit.ui import theme
from techkit.ui.widgets.boxes import clear, column, line
from techkit.ui.widgets.turns import later

T = TypeVar("T")


class Slot(QWidget):
    """A place for one item, or for none; an item that did not change keeps its widget.

    is_late: the widget is built in a turn of its own, for what is large and not looked at first.
    """

    def __init__(self, build: Callable[..., QWidget], *, is_late: bool = False) -> None:
        super().__init__()
        self._build = build
        self._is_late = is_late
        self._item: object = None
        self._box = column()
        self.setLayout(self._box)
        self.hide()

    def show_item(self, item: object) -> None:
        """Show this item; None shows nothing."""
        if item == self._item:
            return
        self._item = item
        clear(self._box)
        if item is not None and self._is_late:
            later(self, lambda: self._fill(item))
        else:
            self._fill(item)

    def _fill(self, item: object) -> None:
        if item is not self._item:
            return  # another one came meanwhile
        if item is not None:
            made = self._build(item)
            self._box.addWidget(made)
            made.show()  # in this turn: a piece that is not there yet takes no focus
        theme.show_or_hide(self, item is not None)


class Rows(QWidget, Generic[T]):
    """A short list, one widget an item; an item that did not change keeps its widget and focus.

    build makes the widget of an item; key tells an item apart (itself unless given). at_once: how many
    of a new list are made at once; the others follow one a turn, so that the window never stands still.
    For long lists use techkit.ui.models.
    """

    def __init__(
        self,
        build: Callable[[T], QWidget],
        *,
        key: Callable[[T], Hashable] | None = None,
        gap: int = 0,
        has_lines: bool = False,
        at_once: int | None = None,
    ) -> None:
        super().__init__()
        self._build = build
        self._key = key
        self._at_once = at_once
        self._waiting: list[T] = []
        self._has_lines = has_lines
        self._shown: list[tuple[T, QWidget]] = []
        self._layout = column(gap=gap)
        self.setLayout(self._layout)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_items(self, items: Iterable[T]) -> None:
        """Show these items in this order."""
        wanted = list(items)
        if [*(item for item, _widget in self._shown), *self._waiting] == wanted:
            return
        kept = [(item, widget) for item, widget in self._shown if item in wanted]
        focused = self._focused_key()
        for _item, widget in self._shown:
            self._layout.removeWidget(widget)
        for item, widget in self._shown:
            if (item, widget) not in kept:
                widget.hide()
                widget.deleteLater()
        self._drop_lines()
        self._waiting = []
        if self._at_once is not None and not kept and len(wanted) > self._at_once:
            wanted, self._waiting = wanted[: self._at_once], wanted[self._at_once :]
            later(self, self.show_next)
        self._shown = [(item, _take(kept, item) or self._build(item)) for item in wanted]
        for place, (_item, widget) in enumerate(self._shown):
            if self._has_lines and place:
                self._layout.addWidget(line())
            self._layout.addWidget(widget)
            widget.show()
        self._restore_focus(focused)

    def show_next(self) -> None:
        """Build the next of many rows; the window draws and listens between two."""
        if not self._waiting:
            return
        item = self._waiting.pop(0)
        widget = self._build(item)
        self._shown.append((item, widget))
        if self._has_lines:
            self._layout.addWidget(line())
        self._layout.addWidget(widget)
        widget.show()
        if self._waiting:
            later(self, self.show_next)

    def widgets(self) -> list[QWidget]:
        """Return the widgets shown, in order."""
        return [widget for _item, widget in self._shown]

    def _drop_lines(self) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            left_over = item.widget()
            if left_over is not None:
                left_over.hide()
                left_over.deleteLater()

    def _focused_key(self) -> Hashable | None:
        focus = QApplication.focusWidget()
        if focus is None or self._key is None:
            return None
        for item, widget in self._shown:
            if widget is focus or widget.isAncestorOf(focus):
                return self._key(item)
        return None

    def _restore_focus(self, key: Hashable | None) -> None:
        if key is None or self._key is None:
            return
        for item, widget in self._shown:
            if self._key(item) == key:
                for target in (widget, *widget.findChildren(QWidget)):
                    if target.focusPolicy() & Qt.FocusPolicy.TabFocus:
                        target.setFocus(Qt.FocusReason.OtherFocusReason)
                        return


def _take(kept: list[tuple[T, QWidget]], item: T) -> QWidget | None:
    for place, (held, widget) in enumerate(kept):
        if held == item:
            del kept[place]
            return widget
    return None
