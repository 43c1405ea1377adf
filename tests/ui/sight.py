"""What a person would find cut off, out of reach or covered in a window, measured on its real pieces.

`troubles` walks all visible pieces: a text wider or higher than its piece, a piece beyond the window that no
scrolling reaches, and two neighbours of a layout that lie over each other.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from techkit.ui.widgets.labels import ElidedLabel
from techkit.ui.widgets.reading_order import laid_out

#: Rounding: a piece may stand out by so much without anybody seeing it (px).
SLACK = 1

#: The focus ring is drawn into the button's own height (px).
RING = 2

#: What needs a name, whether it takes the focus or not.
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)

_PIECES = (*CONTROLS, QLabel)


def troubles(root: QWidget) -> list[str]:
    """Return what is cut off, out of reach or covered, a line each; empty when all is whole."""
    found = []
    for piece in (root, *root.findChildren(QWidget)):
        if not piece.isVisible():
            continue
        if isinstance(piece, _PIECES):
            found += [f"{kind}: {_words(piece)}" for kind in _of_piece(piece, root)]
        if isinstance(piece, QHeaderView):
            found += [f"heading cut: {heading}" for heading in _cut_headings(piece)]
        layout = piece.layout()
        if layout is not None:
            found += [f"over each other: {pair}" for pair in _covered(layout)]
    return found


def nameless(root: QWidget) -> list[str]:
    """Return the controls a screen reader would have no name for: all that is pressed, typed into or focused."""
    found = []
    for piece in root.findChildren(QWidget):
        parent = piece.parentWidget()
        is_part = isinstance(parent, (QAbstractSpinBox, QComboBox))  # named by what it is part of
        takes_focus = bool(piece.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not piece.isVisible() or is_part or not (takes_focus or isinstance(piece, CONTROLS)):
            continue
        words = piece.text() if isinstance(piece, QAbstractButton) else ""
        if not piece.accessibleName().strip() and not words.strip():
            found.append(f"{type(piece).__name__} in {type(parent).__name__}")
    return found


def ringless(root: QWidget, known: set[object]) -> list[str]:
    """Return the controls that look the same whether the keyboard has come to them or not.

    known: the kinds of controls looked at already; each is looked at once. The focus is back where it was at the end.
    Whoever searches has the caret: nothing else on that card takes the keyboard.
    """
    found, held = [], root.window().focusWidget()
    for piece in root.findChildren(QWidget):
        takes_focus = bool(piece.focusPolicy() & Qt.FocusPolicy.TabFocus)
        on_top = root.childAt(piece.mapTo(root, piece.rect().center()))
        is_covered = on_top is None or not (on_top is piece or piece.isAncestorOf(on_top))
        is_whole = piece.visibleRegion().boundingRect() == piece.rect() and not is_covered
        if not takes_focus or not piece.isEnabled() or not is_whole or piece.property("kind") == "palette":
            continue
        kind = (type(piece), *(str(piece.property(name)) for name in ("kind", "card", "hover", "checked")))
        if kind in known:
            continue
        looks = []
        for has_focus in (True, False):
            if has_focus:
                piece.setFocus(Qt.FocusReason.TabFocusReason)
            else:
                piece.clearFocus()
            if piece.hasFocus() is not has_focus:
                break
            looks.append(_around(piece))
        if len(looks) == 2:
            known.add(kind)
            if looks[0] == looks[1]:
                found.append(f"no ring: {_words(piece)} in {type(piece.parentWidget()).__name__}")
    if held is not None:
        held.setFocus()
    return found


def _around(piece: QWidget) -> QImage:
    """Return the picture of a piece and of what is just around it."""
    window = piece.window()
    place = QRect(piece.mapTo(window, QPoint(0, 0)), piece.size()).adjusted(-4, -4, 4, 4)
    return window.grab(place).toImage()


def _words(piece: QWidget) -> str:
    text = piece.text() if isinstance(piece, (QLabel, QAbstractButton)) else ""
    return f"{type(piece).__name__} “{(text or piece.accessibleName())[:40]}”"


def _of_piece(piece: QWidget, root: QWidget) -> Iterator[str]:
    if not _is_in_reach(piece, root):
        yield "out of reach"
    if isinstance(piece, ElidedLabel):
        if _width(piece) > piece.contentsRect().width() + SLACK and not piece.toolTip():
            yield "cut without a tooltip"
        if piece.text() and piece.contentsRect().height() < piece.fontMetrics().height() - SLACK:
            yield "too low"
    elif isinstance(piece, QLabel):
        yield from _of_label(piece)
    elif isinstance(piece, QPushButton):
        needs = piece.minimumSizeHint()
        if piece.text() and (piece.width() < needs.width() or piece.height() < needs.height() - RING):
            yield "button too small"
    elif isinstance(piece, QComboBox):
        option = QStyleOptionComboBox()
        piece.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = piece.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, piece)
        if piece.fontMetrics().horizontalAdvance(piece.currentText()) > room.width() and not piece.toolTip():
            yield "choice cut"


def _cut_headings(header: QHeaderView) -> Iterator[str]:
    if header.orientation() is not Qt.Orientation.Horizontal:
        return
    for place in range(header.count()):
        needs = header.sectionSizeHint(place)
        if not header.isSectionHidden(place) and header.sectionSize(place) < needs - SLACK:
            words = header.model().headerData(place, header.orientation())
            yield f"“{words}”"


def _of_label(label: QLabel) -> Iterator[str]:
    if not label.text():
        return
    room = label.contentsRect().size()
    if label.wordWrap():
        needs = _wrapped(label, room.width())
        if needs.height() > room.height() + SLACK:
            yield "too low"
        if needs.width() > room.width() + SLACK:
            yield "a word cut"
    elif label.width() < label.minimumSizeHint().width() - SLACK:
        yield "too narrow"


def _width(label: QLabel) -> int:
    return label.fontMetrics().horizontalAdvance(label.text())


def _wrapped(label: QLabel, width: int) -> QSize:
    area = QRect(0, 0, width, 1_000_000)
    return label.fontMetrics().boundingRect(area, int(Qt.TextFlag.TextWordWrap), label.text()).size()


def _is_in_reach(piece: QWidget, root: QWidget) -> bool:
    """Return whether all of a piece is in sight, or comes into sight by scrolling."""
    is_upright = is_level = True  # no scrolling yet on the way up
    ancestor = piece.parentWidget()
    while ancestor is not None:
        at = QRect(piece.mapTo(ancestor, QPoint()), piece.size())
        area = ancestor.parentWidget()
        if isinstance(area, QAbstractItemView) and area.viewport() is ancestor:
            return True  # an editor or a header of a table
        if is_level and (at.left() < -SLACK or at.right() > ancestor.width() - 1 + SLACK):
            return False
        scrolls = isinstance(area, QAbstractScrollArea) and area.viewport() is ancestor
        if scrolls and isinstance(area, QScrollArea):
            off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            is_upright = is_upright and area.verticalScrollBarPolicy() == off
            is_level = is_level and area.horizontalScrollBarPolicy() == off
        if is_upright and not scrolls and (at.top() < -SLACK or at.bottom() > ancestor.height() - 1 + SLACK):
            return False
        if ancestor is root:
            return True
        ancestor = ancestor.parentWidget()
    return True


def _covered(layout: QLayout) -> Iterator[str]:
    if isinstance(layout, QStackedLayout):
        return  # only one of its pages is shown
    shown = [piece for piece in laid_out(layout) if piece.isVisible() and not piece.size().isEmpty()]
    for place, one in enumerate(shown):
        for other in shown[place + 1 :]:
            common = one.geometry() & other.geometry()
            if common.width() > SLACK and common.height() > SLACK:
                yield f"{_words(one)} and {_words(other)}"
