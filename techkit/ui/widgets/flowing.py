"""Layouts that flow: chips that go on in the next line, columns that fold below each other where they would be squeezed.

Lengths are logical px at 100 % text size; they grow with the text.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from techkit.ui import theme
from techkit.ui.widgets.boxes import HCENTRE, MIDDLE, At, Grow, holder, margins_of, row


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
        self.setContentsMargins(margins_of(margin))
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
