"""How pieces stand beside and below each other: rows, columns, flowing chips, scrolling bodies, lists.

Lengths are logical px at 100 % text size; they grow with the text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from techkit.ui import theme

T = TypeVar("T")

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
    layout.setContentsMargins(_margins(margins))
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


def _margins(margins: int | Margins) -> QMargins:
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
        layout.setContentsMargins(_margins(margins))
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


class Flow(QLayout):
    """A row that goes on in the next line when it is full: chips, tags, actions."""

    def __init__(self, *widgets: QWidget, gap: int = 8, alignment: Qt.AlignmentFlag = MIDDLE) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._alignment = alignment
        # Asked for dozens of times while a page is laid out, each time from C++; kept until an item changes.
        self._heights: dict[int, int] = {}
        self._whole: QSize | None = None
        self._least: QSize | None = None
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def invalidate(self) -> None:
        """Forget the sizes: an item changed."""
        self._heights, self._whole, self._least = {}, None, None
        super().invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None when there is none at this place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out, None when there is none at this place."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Tell that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height the items need in a width."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), is_real=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._place(rect, is_real=True)

    def sizeHint(self) -> QSize:
        """Return the size of all items in one line."""
        if self._whole is None:
            gap = theme.look().px(self._gap)
            hints = [item.sizeHint() for item in self._shown()]
            width = sum(hint.width() for hint in hints) + gap * max(0, len(hints) - 1)
            self._whole = QSize(width, max((hint.height() for hint in hints), default=0))
        return self._whole

    def minimumSize(self) -> QSize:
        """Return the size of the widest item."""
        if self._least is None:
            sizes = [item.minimumSize() for item in self._shown()]
            self._least = QSize(
                max((size.width() for size in sizes), default=0),
                max((size.height() for size in sizes), default=0),
            )
        return self._least

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, is_real: bool) -> int:
        gap = theme.look().px(self._gap)
        y = rect.y()
        line_items: list[tuple[QLayoutItem, QSize]] = []
        used = 0
        for item in self._shown():
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if line_items and used + gap + width > rect.width():
                y += self._place_line(rect, y, line_items, is_real=is_real) + gap
                line_items, used = [], 0
            line_items.append((item, QSize(width, size.height())))
            used += width + (gap if len(line_items) > 1 else 0)
        if line_items:
            y += self._place_line(rect, y, line_items, is_real=is_real)
        return y - rect.y()

    def _place_line(
        self, rect: QRect, y: int, items: list[tuple[QLayoutItem, QSize]], *, is_real: bool
    ) -> int:
        height = max(size.height() for _item, size in items)
        if not is_real:
            return height
        gap, total = theme.look().px(self._gap), sum(size.width() for _item, size in items)
        x = rect.x()
        if self._alignment & HCENTRE:
            x += max(0, rect.width() - total - gap * (len(items) - 1)) // 2
        for item, size in items:
            item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
            x += size.width() + gap
        return height


class Fold(QLayout):
    """Pieces beside each other where there is room for all, below each other where there is not.

    Each piece comes with its share of the width left over and the least width at which it still reads well,
    in logical px at 100 %; 0 is the width it asks for.
    """

    def __init__(self, *pieces: tuple[QWidget, int, int], gap: int = 10, margin: int = 0) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._rooms = [(share, least) for _piece, share, least in pieces]
        self._gap = gap
        # Asked for dozens of times while a page is laid out, as in Flow; kept until an item changes.
        self._heights: dict[int, int] = {}
        self._held: list[tuple[QLayoutItem, int, int]] | None = None
        self.setContentsMargins(_margins(margin))
        for piece, _share, _least in pieces:
            self.addWidget(piece)

    def invalidate(self) -> None:
        """Forget the sizes: an item changed."""
        self._heights, self._held = {}, None
        super().invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end; one that came without its room takes an equal share, and its own width."""
        self._items.append(item)
        if len(self._items) > len(self._rooms):
            self._rooms.append((1, 0))

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None when there is none at this place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out, None when there is none at this place."""
        if not 0 <= index < len(self._items):
            return None
        self._rooms.pop(index)
        return self._items.pop(index)

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Tell that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height the pieces need in a width."""
        if width not in self._heights:
            inner = QRect(0, 0, width, 0).marginsRemoved(self.contentsMargins())
            self._heights[width] = self._place(inner, is_real=False) + width - inner.width()
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        """Place the pieces."""
        super().setGeometry(rect)
        self._place(self.contentsRect(), is_real=True)

    def sizeHint(self) -> QSize:
        """Return the size of all pieces in one line."""
        shown = self._shown()
        width = sum(least for _item, _share, least in shown) + self._gaps(shown)
        height = max((item.sizeHint().height() for item, _share, _least in shown), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        """Return the size of the widest piece."""
        sizes = [item.minimumSize() for item, _share, _least in self._shown()]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def _shown(self) -> list[tuple[QLayoutItem, int, int]]:
        if self._held is None:
            px = theme.look().px
            self._held = [
                (item, share, max(px(least) or item.sizeHint().width(), item.minimumSize().width()))
                for item, (share, least) in zip(self._items, self._rooms, strict=True)
                if not item.isEmpty()
            ]
        return self._held

    def _gaps(self, shown: list[tuple[QLayoutItem, int, int]]) -> int:
        return theme.look().px(self._gap) * max(0, len(shown) - 1)

    def _place(self, rect: QRect, *, is_real: bool) -> int:
        shown = self._shown()
        spare = rect.width() - sum(least for _item, _share, least in shown) - self._gaps(shown)
        if spare < 0:
            return self._place_below(rect, shown, is_real=is_real)
        whole = sum(share for _item, share, _least in shown) or 1
        places = [(item, least + spare * share // whole) for item, share, least in shown]
        height = max((_height(item, width) for item, width in places), default=0)
        x = rect.x()
        for item, width in places:
            if is_real:
                item.setGeometry(QRect(x, rect.y(), width, max(height, rect.height())))
            x += width + theme.look().px(self._gap)
        return height

    def _place_below(self, rect: QRect, shown: list[tuple[QLayoutItem, int, int]], *, is_real: bool) -> int:
        y, gap = rect.y(), theme.look().px(min(self._gap, 6))
        for item, _share, _least in shown:
            height = _height(item, rect.width())
            if is_real:
                item.setGeometry(QRect(rect.x(), y, rect.width(), height))
            y += height + gap if height else 0  # what only keeps a column free takes no line
        return y - gap - rect.y() if shown else 0


def beside(words: QLayout, *tools: QWidget | None, least: int = 230) -> Fold:
    """Return words with what can be done beside them, or below them where they would be squeezed.

    least: the width the words need, in logical px at 100 %. None is left out.
    """
    hand = holder(row(*(At(tool, MIDDLE) for tool in tools if tool is not None), Grow(), gap=12))
    return Fold((holder(words), 1, least), (hand, 0, 0), gap=12)


def _height(item: QLayoutItem, width: int) -> int:
    if item.hasHeightForWidth():
        return max(item.heightForWidth(width), item.minimumSize().height())
    return item.sizeHint().height()


def is_put_away(widget: QWidget) -> bool:
    """Return whether a piece, or what it stands in, is hidden on purpose: a page that is not the one in sight."""
    shows = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
    piece: QWidget | None = widget
    while piece is not None:
        if piece.isHidden() and piece.testAttribute(shows):
            return True
        piece = piece.parentWidget()
    return False


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
            self._box.addWidget(self._build(item))
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


#: What is built piece by piece, one piece of all of them a turn: two lists that fill side by side would hold up the
#: window for as long as both take.
_turns: deque[tuple[QWidget, Callable[[], object]]] = deque()


def later(owner: QWidget, build: Callable[[], object]) -> None:
    """Build something in a turn of its own, after all that was asked for before; not if its owner is gone by then."""
    _turns.append((owner, build))
    if len(_turns) == 1:
        QTimer.singleShot(1, _take_a_turn)


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


def polished(widget: QWidget) -> Callable[[], None]:
    """Return what gives a piece and all in it their look ahead of being shown."""

    def polish() -> None:
        if isValid(widget):
            for piece in (widget, *widget.findChildren(QWidget)):
                piece.ensurePolished()

    return polish


def is_built() -> bool:
    """Return whether nothing waits for its turn: what is on screen is whole."""
    return not _turns


def _take_a_turn() -> None:
    owner, build = _turns[0]
    try:
        if isValid(owner):
            build()
    finally:
        _turns.popleft()
        if _turns:
            QTimer.singleShot(1, _take_a_turn)


def _take(kept: list[tuple[T, QWidget]], item: T) -> QWidget | None:
    for place, (held, widget) in enumerate(kept):
        if held == item:
            del kept[place]
            return widget
    return None
