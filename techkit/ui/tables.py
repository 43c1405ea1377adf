"""Long tables: one model over a presenter's list that reads rows as they are drawn, one delegate, no widget a row."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from techkit.i18n import _
from techkit.records.visible import visible
from techkit.ui import theme
from techkit.ui.presenters.lists import Cell, RecordList

#: The role under which a cell's Cell is found; None while its row is being read.
CELL = Qt.ItemDataRole.UserRole

#: Rows read beyond those drawn, so that scrolling shows no gap.
AHEAD = 60

_Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """The rows of a presenter's list; a row that is not here yet is asked for and drawn once it came."""

    def __init__(self, rows: RecordList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._total = 0
        self._changed = -1

    def follow(self) -> None:
        """Take over what the presenter has now."""
        state = self._rows.state
        if state.total != self._total:
            self.beginResetModel()
            self._total = state.total
            self.endResetModel()
        elif state.rows_changed != self._changed and self._total:
            last = self.index(self._total - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self._changed = state.rows_changed

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else self._total

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows.kind.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell, or its words for a screen reader; rows that are missing are asked for."""
        if not index.isValid() or role not in (
            CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole,
        ):  # fmt: skip
            return None
        row = self._rows.row(index.row())
        if row is None:
            self._rows.want(index.row() - AHEAD, index.row() + AHEAD)
            row = self._rows.row(index.row())
        if row is None:
            return None
        cell = row.cells[index.column()]
        if role == CELL:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return theme.escaped(cell.text + (f"\n{cell.line}" if cell.line else ""))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            label = _(self._rows.kind.columns[index.column()].label)
            return ". ".join(part for part in (f"{label}: {cell.text}", cell.line) if part)
        return cell.text

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's heading."""
        is_heading = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        columns = self._rows.kind.columns
        return _(columns[section].label) if is_heading and section < len(columns) else None


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: an icon, a text, a smaller line; the chosen row has a ground and a bar at its left."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the one height of all rows."""
        return QSize(80, theme.look().px(56))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one cell."""
        look = theme.look()
        cell: Cell | None = index.data(CELL)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_on = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_on:
            painter.fillRect(area, look.colour("accentSoft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, look.colour("sunken"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), look.border), look.colour("border"))
        if is_on and index.column() == 0:
            painter.fillRect(QRect(area.left(), area.top(), look.px(3), area.height()), look.colour("focus"))
        if cell is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("hover"))
            shape = QRectF(
                area.left() + look.px(12), area.center().y() - look.px(6), area.width() * 0.6, look.px(12)
            )
            painter.drawRoundedRect(shape, 6, 6)
        else:
            self._paint_cell(painter, area, cell, is_main=index.column() == 0)
        painter.restore()

    def _paint_cell(self, painter: QPainter, area: QRect, cell: Cell, *, is_main: bool) -> None:
        look = theme.look()
        left, right = area.left() + look.px(12), area.right() - look.px(8)
        colour = {"accent": "accentText", "": "text2"}.get(cell.tone, cell.tone)
        middle = area.center().y()
        height = look.px(20)
        top = middle - height + look.px(1) if cell.line else middle - height // 2
        if cell.icon:
            edge = look.px(22 if is_main else 18)
            weight = "regular" if is_main and not cell.tone else "fill"
            picture = theme.pixmap(cell.icon, colour, 22 if is_main else 18, weight)
            y = middle - edge // 2 if is_main else top + (height - edge) // 2
            painter.drawPixmap(QRect(left, y, edge, edge), picture)
            left += edge + look.px(10 if is_main else 6)
        width = max(0, right - left)
        painter.setFont(look.font(14, 600 if is_main else 400))
        painter.setPen(look.colour("text" if is_main or not cell.tone or cell.tone == "none" else colour))
        _draw(painter, QRect(left, top, width, height), cell.text)
        if cell.line:
            painter.setFont(look.role_font("tiny"))
            painter.setPen(look.colour("text3"))
            _draw(painter, QRect(left, middle + look.px(2), width, look.px(18)), cell.line)


def _draw(painter: QPainter, area: QRect, text: str) -> None:
    metrics: QFontMetrics = painter.fontMetrics()
    shown = metrics.elidedText(visible(" ".join(text.split())), Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
