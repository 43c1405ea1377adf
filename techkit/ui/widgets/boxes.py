"""How pieces stand beside and below each other: rows, columns, bodies that scroll.

Lengths are logical px at 100 % text size; they grow with the text.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from techkit.ui import theme

TOP = Qt.AlignmentFlag.AlignTop
MIDDLE = Qt.AlignmentFlag.AlignVCenter
HCENTRE = Qt.AlignmentFlag.AlignHCenter

#: left, top, right, bottom.
Margins = tuple[int, int, int, int]


class Grow:
    """A stretch between pieces, or one piece that takes the room left over."""

    def __init__(self, piece: QWidget | QLayout | None = None, share: int = 1) -> None:
        self.piece = piece
        self.share = share


class At:
    """A piece that keeps its own size at one side of its cell."""

    def __init__(self, piece: QWidget, alignment: Qt.AlignmentFlag) -> None:
        self.piece = piece
        self.alignment = alignment


#: What stands in a row or column; a number is extra space.
Item = QWidget | QLayout | Grow | At | int | None


def row(*items: Item, gap: int = 8, margins: int | Margins = 0) -> QHBoxLayout:
    """Return a layout with the items from left to right; None is left out."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def column(*items: Item, gap: int = 8, margins: int | Margins = 0) -> QVBoxLayout:
    """Return a layout with the items from top to bottom; None is left out."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def _fill(layout: QBoxLayout, items: Iterable[Item], gap: int, margins: int | Margins) -> None:
    layout.setSpacing(theme.look().px(gap))
    layout.setContentsMargins(margins_of(margins))
    for item in items:
        add(layout, item)


def add(layout: QBoxLayout, item: Item) -> None:
    """Add one item at the end of a row or column."""
    match item:
        case None:
            return
        case int():
            layout.addSpacing(theme.look().px(item))
        case Grow(piece=None):
            layout.addStretch(item.share)
        case Grow():
            _add_piece(layout, item.piece, item.share)
        case At():
            layout.addWidget(item.piece, 0, item.alignment)
        case _:
            _add_piece(layout, item, 0)


def _add_piece(layout: QBoxLayout, piece: QWidget | QLayout | None, share: int) -> None:
    if isinstance(piece, QLayout):
        layout.addLayout(piece, share)
    elif piece is not None:
        layout.addWidget(piece, share)


def margins_of(margins: int | Margins) -> QMargins:
    """Return margins that grow with the text; one number is for all four sides."""
    px = theme.look().px
    left, top, right, bottom = (margins,) * 4 if isinstance(margins, int) else margins
    return QMargins(px(left), px(top), px(right), px(bottom))


def holder(layout: QLayout, ground: str = "", name: str = "") -> QWidget:
    """Return a widget that holds a layout; ground: the property the style sheet selects by."""
    widget = QWidget()
    widget.setLayout(layout)
    if ground:
        widget.setProperty("ground", ground)
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if name:
        widget.setObjectName(name)
    return widget


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; its widgets go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def line(*, upright: bool = False) -> QFrame:
    """Return a hairline."""
    frame = QFrame()
    frame.setProperty("rule", "v" if upright else "h")
    return frame


class Scroll(QScrollArea):
    """A body that scrolls up and down and never sideways."""

    def __init__(self, layout: QLayout, margins: Margins = (28, 8, 28, 24)) -> None:
        super().__init__()
        layout.setContentsMargins(margins_of(margins))
        self.body = holder(layout, "clear")
        self.setWidget(self.body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)

    def minimumSizeHint(self) -> QSize:
        """Ask for little height; the body scrolls."""
        return QSize(self.body.minimumSizeHint().width(), 80)
