"""Where Tab goes: in the order things are read, also to what was built later. Qt goes in the order of making."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLayout, QLineEdit, QWidget

#: Their own pieces take no focus of their own.
_WHOLE = (QLineEdit, QComboBox, QAbstractItemView)


def takes_focus(piece: QWidget) -> bool:
    """Return whether Tab stops here now."""
    return (
        bool(piece.focusPolicy() & Qt.FocusPolicy.TabFocus) and piece.isEnabled() and not piece.focusProxy()
    )


def read(root: QWidget) -> Iterator[QWidget]:
    """Yield a piece and all that is shown in it, as they are read: as laid out, what no layout holds last."""
    if not root.isVisible():
        return
    yield root
    if isinstance(root, _WHOLE):
        return
    layout = root.layout()
    laid = list(laid_out(layout)) if layout is not None else []
    held = set(laid)
    for child in (*laid, *(c for c in root.children() if isinstance(c, QWidget) and c not in held)):
        if not child.isWindow():
            yield from read(child)


def laid_out(layout: QLayout) -> Iterator[QWidget]:
    """Yield the widgets a layout places, those of layouts in it, too."""
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from laid_out(inner)


def neighbour(root: QWidget, here: QWidget | None, *, is_forward: bool) -> QWidget | None:
    """Return the stop after (before) a piece inside a root; round to the first (last) at the end. None without stops."""
    pieces = list(read(root))
    if not is_forward:
        pieces.reverse()
    place = next((n + 1 for n, piece in enumerate(pieces) if piece is here), 0)
    return next((p for p in (*pieces[place:], *pieces[:place]) if takes_focus(p) and p is not here), None)
