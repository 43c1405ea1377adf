"""Item models and their painting for lists that may be long: one model, one delegate, no widget a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from techkit.records.visible import visible
from techkit.ui import theme

#: The role under which a row's ListItem is found.
ITEM = Qt.ItemDataRole.UserRole

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, kw_only=True)
class ListItem:
    """One row: what it is, two lines, an icon, a word at the right; a header groups those below."""

    id: str
    title: str
    line: str = ""
    icon: str = ""
    word: str = ""
    kind: str = ""
    is_header: bool = False


class ListModel(QAbstractListModel):
    """The rows of a list, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[ListItem, ...] = ()

    def set_items(self, items: Sequence[ListItem]) -> None:
        """Show these rows."""
        if tuple(items) != self._items:
            self.beginResetModel()
            self._items = tuple(items)
            self.endResetModel()

    def item(self, row: int) -> ListItem:
        """Return the row's item. Raises: IndexError."""
        return self._items[row]

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row's words, also for a screen reader, or its item."""
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ". ".join(part for part in (item.title, item.line, item.word) if part)
        return item if role == ITEM else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Return whether a row may be chosen: a header may not."""
        if not index.isValid() or self._items[index.row()].is_header:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def next_row(self, row: int, step: int) -> int:
        """Return the next row that may be chosen, going round; -1 when there is none."""
        count = len(self._items)
        for offset in range(1, count + 1):
            candidate = (row + offset * step) % count
            if not self._items[candidate].is_header:
                return candidate
        return -1


class ListDelegate(QStyledItemDelegate):
    """Paints a ListItem: icon, two lines, a word; the search word stands out in the title."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.marked = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return a row's height: a header is lower."""
        item = index.data(ITEM)
        px = theme.look().px
        if item is None or item.is_header:
            return QSize(100, px(28))
        return QSize(100, px(48 if item.line else 38))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one row."""
        item = index.data(ITEM)
        if item is None:
            return
        look = theme.look()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        if item.is_header:
            painter.setFont(look.role_font("caption"))
            painter.setPen(look.colour("text3"))
            painter.drawText(
                area.adjusted(look.px(12), 0, 0, -2), int(Qt.AlignmentFlag.AlignVCenter), visible(item.title)
            )
            painter.restore()
            return
        state: QStyle.StateFlag = option.state
        is_on = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if is_on or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accentSoft" if is_on else "sunken"))
            painter.drawRoundedRect(QRectF(area), 8, 8)
        left = area.left() + look.px(12)
        if item.icon:
            edge = look.px(20)
            mark = theme.pixmap(item.icon, "accentText" if is_on else "text2", 20)
            painter.drawPixmap(QRect(left, area.center().y() - edge // 2, edge, edge), mark)
            left += edge + look.px(12)
        right = area.right() - look.px(12)
        if item.word:
            painter.setFont(look.role_font("small"))
            painter.setPen(look.colour("text2"))
            width = painter.fontMetrics().horizontalAdvance(item.word)
            words = QRect(right - width, area.top(), width + 1, area.height())
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), item.word)
            right -= width + look.px(12)
        self._paint_words(painter, QRect(left, area.top(), right - left, area.height()), item)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRect, item: ListItem) -> None:
        look = theme.look()
        top = area.adjusted(0, look.px(5), 0, -area.height() // 2 + look.px(2)) if item.line else area
        painter.setFont(look.role_font("body"))
        shown = painter.fontMetrics().elidedText(
            visible(item.title), Qt.TextElideMode.ElideRight, area.width()
        )
        self._paint_marked(painter, top, shown)
        if item.line:
            below = area.adjusted(0, area.height() // 2, 0, -look.px(5))
            painter.setFont(look.role_font("tiny"))
            painter.setPen(look.colour("text3"))
            line = painter.fontMetrics().elidedText(
                visible(item.line), Qt.TextElideMode.ElideRight, area.width()
            )
            painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter), line)

    def _paint_marked(self, painter: QPainter, area: QRect, text: str) -> None:
        look = theme.look()
        painter.setPen(look.colour("text"))
        place = text.casefold().find(self.marked.casefold()) if self.marked else -1
        if place < 0:
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)
            return
        layout = QTextLayout(text, painter.font())
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        marked = QTextLayout.FormatRange()
        marked.start, marked.length = place, len(self.marked)
        form = marked.format
        form.setFontWeight(600)
        form.setForeground(look.colour("accentText"))
        marked.format = form
        layout.setFormats([marked])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(area.width())
        layout.endLayout()
        y = area.top() + (area.height() - line.height()) / 2
        layout.draw(painter, QRectF(area.left(), y, 0, 0).topLeft())
