"""Where the keyboard is, and whether what it stands on is in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid

from techkit.ui import theme


def has_focus_inside(part: QWidget) -> bool:
    """Return whether the window's focus is somewhere in this part, so that hiding the part would lose it."""
    focused: QWidget | None = part.window().focusWidget()
    return focused is not None and part.isAncestorOf(focused)


def first_control(part: QWidget) -> QWidget | None:
    """Return the first piece of a part the keyboard can reach, None where there is none."""
    found = (p for p in part.findChildren(QWidget) if p.isVisibleTo(part) and p.isEnabled())
    return next((p for p in found if p.focusPolicy() & Qt.FocusPolicy.TabFocus), None)


def bring_into_sight(piece: QWidget) -> None:
    """Scroll so that a piece is seen; Qt does so for Tab only, not where a key or the program moved the focus."""
    if not isValid(piece) or not piece.isVisible():
        return
    parent = piece.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(piece, 8, theme.look().px(48))  # with the label above a field
        parent = parent.parentWidget()


def is_put_away(widget: QWidget) -> bool:
    """Return whether a piece, or what it stands in, is hidden on purpose: a page that is not the one in sight."""
    shows = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
    piece: QWidget | None = widget
    while piece is not None:
        if piece.isHidden() and piece.testAttribute(shows):
            return True
        piece = piece.parentWidget()
    return False
