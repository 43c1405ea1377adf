"""Building what is not looked at first in turns of its own, so that the window answers in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

#: What is built piece by piece, one piece of all of them a turn: two lists that fill side by side would hold up the
#: window for as long as both take.
_turns: deque[tuple[QWidget, Callable[[], object]]] = deque()


class _Turn:
    """Whether the first of them is being built; it leaves the row when it is."""

    is_under_way = False


def later(owner: QWidget, build: Callable[[], object]) -> None:
    """Build something in a turn of its own, after all that was asked for before; not if its owner is gone by then."""
    _turns.append((owner, build))
    if len(_turns) == 1:
        QTimer.singleShot(1, _take_a_turn)


def first(owner: QWidget, build: Callable[[], object]) -> None:
    """Build something in a turn of its own, before all that waits: what is looked at."""
    _turns.insert(1 if _Turn.is_under_way else 0, (owner, build))
    if len(_turns) == 1:
        QTimer.singleShot(1, _take_a_turn)


def paint_later(piece: QWidget) -> None:
    """Paint a piece that is being changed in the turn after this one: the window answers between laying out and painting."""
    if piece.isVisible() and piece.updatesEnabled():
        piece.setUpdatesEnabled(False)
        first(piece, lambda: piece.setUpdatesEnabled(True))


def is_built() -> bool:
    """Return whether nothing waits for its turn: what is on screen is whole."""
    return not _turns


def _take_a_turn() -> None:
    owner, build = _turns[0]
    _Turn.is_under_way = True
    try:
        if isValid(owner):
            build()
    finally:
        _Turn.is_under_way = False
        _turns.popleft()
        if _turns:
            QTimer.singleShot(1, _take_a_turn)


def polished(widget: QWidget) -> Callable[[], None]:
    """Return what gives a piece and all in it their look ahead of being shown."""

    def polish() -> None:
        if isValid(widget):
            for piece in (widget, *widget.findChildren(QWidget)):
                piece.ensurePolished()

    return polish


def lay_out_ahead(page: QWidget) -> None:
    """Lay a page of a stack out in the room it will have, so that showing it does not wait for that."""
    stack = page.parentWidget()
    if stack is not None and not page.isVisible():
        page.resize(stack.size())
        # Painting a point of a hidden piece lays out all of it (Qt 6.11); no other call of Qt does.
        page.grab(QRect(0, 0, 1, 1))
