"""The controls that forms are made of: text, choice, date and tick, each with its label, hint and error.

A control reports its text when it is left, never while typing; what cannot be kept is said between label and
control, and the text stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from techkit.i18n import _
from techkit.records.visible import visible
from techkit.ui import theme

#: More characters than this are cut in a label: nobody reads them there, and laying out megabytes
#: of text would stop the window. The whole text stays in its record.
MOST_CHARACTERS = 4000


class PlainLabel(QLabel):
    """A line or a paragraph of plain text.

    role: a key of theme.ROLES, "mono", "key" or "badge". tone: a colour instead of the role's
    ("ok", "watch", "bad", "accent", "text2" …). A wrapping label keeps the height its width needs.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        *,
        wraps: bool = False,
        tone: str = "",
        alignment: Qt.AlignmentFlag | None = None,
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        if tone:
            self.setProperty("tone", tone)
        self.setWordWrap(wraps)
        if alignment is not None:
            self.setAlignment(alignment)
        if wraps:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHorizontalStretch(1)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text; beyond MOST_CHARACTERS it ends with an ellipsis."""
        shown = visible(text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…")
        if shown != self.text():
            super().setText(shown)
            self._keep_height()

    def set_tone(self, tone: str) -> None:
        """Change the colour by tone; "" is the role's own."""
        theme.set_property(self, "tone", tone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the height the new width needs."""
        super().resizeEvent(event)
        self._keep_height()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the height the new size of the text needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_height()

    def _keep_height(self) -> None:
        # Qt forgets the height of wrapped text inside nested layouts and clips it (6.11).
        if not self.wordWrap() or self.width() <= 0:
            return
        # heightForWidth would answer with the minimum height set here before.
        area = QRect(0, 0, self.contentsRect().width(), 1_000_000)
        wrapped = self.fontMetrics().boundingRect(area, int(Qt.TextFlag.TextWordWrap), self.text())
        height = wrapped.height() + self.height() - self.contentsRect().height()
        if height != self.minimumHeight():
            self.setMinimumHeight(height)


#: So long after a key press what stands in a field is told, so that a crash loses no more. Two seconds are
#: allowed (DESIGN 4.9, "returns to the same field"); the writing takes some of them.
TYPING_MS = 900


class _Typing(QTimer):
    """Tells what stands in a field at most once in TYPING_MS while somebody types in it."""

    def __init__(self, field: QWidget, tell: Callable[[], None]) -> None:
        super().__init__(field)
        self.setSingleShot(True)
        self.setInterval(TYPING_MS)
        self.timeout.connect(tell)

    def note(self) -> None:
        """Begin to count at the first key; later ones do not put it off."""
        if not self.isActive():
            self.start()


def offer_to_empty(field: QLineEdit) -> None:
    """Give a field the button that empties it, with a name for a screen reader; Qt's own has none."""
    field.setClearButtonEnabled(True)
    for button in field.findChildren(QToolButton):
        button.setAccessibleName(_("Empty the field"))


def _is_for_the_page(event: QEvent, may_undo: bool, may_redo: bool) -> bool:
    """Return whether a key that asks a field to undo or redo finds nothing to do there."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.matches(QKeySequence.StandardKey.Undo):
        return not may_undo
    return event.matches(QKeySequence.StandardKey.Redo) and not may_redo


class LineEdit(QLineEdit):
    """One line of text; `left` tells it once it is left and has changed, `typing` now and then before."""

    left = Signal(str)
    typing = Signal(str)

    def __init__(self, text: str = "", placeholder: str = "", *, name: str = "") -> None:
        super().__init__()
        self._told = text
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.set_text(text)
        self.editingFinished.connect(self._tell)
        self._typing = _Typing(self, self._tell_typing)
        self.textEdited.connect(self._typing.note)

    def set_text(self, text: str) -> None:
        """Show a text unless the person is typing just now."""
        self._told = text
        if not (self.hasFocus() and self.isModified()) and self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)

    def event(self, event: QEvent) -> bool:
        """Leave undo to the page where nothing was typed here."""
        if _is_for_the_page(event, self.isUndoAvailable(), self.isRedoAvailable()):
            return False
        return super().event(event)

    def _tell(self) -> None:
        self._typing.stop()
        if self.text() != self._told:
            self._told = self.text()
            self.setModified(False)
            self.left.emit(self.text())

    def _tell_typing(self) -> None:
        if self.text() != self._told:
            self.typing.emit(self.text())


class TextEdit(QPlainTextEdit):
    """Some lines of plain text; Tab moves on. `left` and `typing` as a line's."""

    left = Signal(str)
    typing = Signal(str)

    def __init__(self, text: str = "", placeholder: str = "", *, name: str = "", lines: int = 3) -> None:
        super().__init__()
        self._told = text
        self._lines = lines
        self.setTabChangesFocus(True)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)
        self.textChanged.connect(self._fit)
        self._typing = _Typing(self, self._tell_typing)
        self.textChanged.connect(self._note_typing)
        self._fit()

    def set_text(self, text: str) -> None:
        """Show a text unless the person is typing just now."""
        self._told = text
        if not (self.hasFocus() and self.document().isModified()) and self.toPlainText() != text:
            self.setPlainText(text)
            self.document().setModified(False)

    def event(self, event: QEvent) -> bool:
        """Leave undo to the page where nothing was typed here."""
        written = self.document()
        if _is_for_the_page(event, written.isUndoAvailable(), written.isRedoAvailable()):
            return False
        return super().event(event)

    def text(self) -> str:
        """Return what stands there."""
        return self.toPlainText()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the text when the field is left."""
        super().focusOutEvent(event)
        self._typing.stop()
        if self.toPlainText() != self._told:
            self._told = self.toPlainText()
            self.document().setModified(False)
            self.left.emit(self._told)

    def _note_typing(self) -> None:
        if self.hasFocus():
            self._typing.note()

    def _tell_typing(self) -> None:
        if self.toPlainText() != self._told:
            self.typing.emit(self.toPlainText())

    def _fit(self) -> None:
        """Grow with the text, up to twice the lines asked for."""
        lines = max(self._lines, min(self._lines * 2, self.blockCount()))
        look = theme.look()
        height = lines * self.fontMetrics().lineSpacing() + look.px(24) + 2 * look.border
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()


class Select(QComboBox):
    """One of several values from a list; `picked` tells the value a person chose.

    placeholder: what stands there while none is chosen.
    """

    picked = Signal(str)

    def __init__(
        self, options: Iterable[tuple[str, str]] = (), *, name: str = "", placeholder: str = ""
    ) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)
        self.activated.connect(lambda place: self.picked.emit(self.itemData(place)))
        self.currentTextChanged.connect(lambda _text: self._explain())

    def set_options(self, options: Iterable[tuple[str, str]]) -> None:
        """Offer these (value, words); the chosen one stays where still offered."""
        wanted = [(value, visible(words)) for value, words in options]
        if [(self.itemData(i), self.itemText(i)) for i in range(self.count())] == wanted:
            return
        held = self.value()
        self.clear()
        for value, words in wanted:
            self.addItem(words, value)
        self.set_value(held)

    def value(self) -> str:
        """Return the chosen value, "" when none is."""
        return str(self.currentData() or "")

    def set_value(self, value: str) -> None:
        """Choose a value without telling."""
        self.setCurrentIndex(self.findData(value))

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:  # noqa: N802 - Qt's name
        """Have what does not fit end with an ellipsis; the whole is the tooltip."""
        super().initStyleOption(option)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, self._room(option)
        )

    def _room(self, option: QStyleOptionComboBox) -> int:
        part = QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole value as tooltip while it is cut."""
        super().resizeEvent(event)
        self._explain()

    def _explain(self) -> None:
        option = QStyleOptionComboBox()
        super().initStyleOption(option)
        is_cut = self.fontMetrics().horizontalAdvance(self.currentText()) > self._room(option)
        self.setToolTip(theme.escaped(self.currentText()) if is_cut else "")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page, so that scrolling changes no value."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field and its caret."""
        super().paintEvent(event)
        edge = theme.look().px(16)
        painter = QPainter(self)
        mark = theme.pixmap("caret-down", "text2", 16, ratio=self.devicePixelRatioF())
        x = theme.look().px(8) if self.layoutDirection() is Qt.LayoutDirection.RightToLeft else 0
        x = x or self.width() - edge - theme.look().px(10)
        painter.drawPixmap(QRect(x, (self.height() - edge) // 2, edge, edge), mark)


class Tick(theme.RingByKeyboard, QCheckBox):
    """A tick box whose text wraps."""

    def __init__(
        self, text: str = "", *, name: str = "", press: Callable[[bool], object] | None = None
    ) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(name or text)
        self.setProperty("ring", "false")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if press is not None:
            self.clicked.connect(lambda is_on: press(is_on))  # noqa: PLW0108 - a builtin would get no value

    def setText(self, text: str) -> None:
        """Show a text letter by letter: no "&" in a customer's name makes a key of the sign behind it."""
        self._words = visible(text)
        super().setText(self._words.replace("&", "&&"))

    def text(self) -> str:
        """Return the text as it is read."""
        return self._words

    @property
    def _edge(self) -> int:
        return theme.look().px(20)

    def _text_rect(self, width: int) -> QRect:
        left = self._edge + theme.look().px(10)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self.fontMetrics().boundingRect(
            QRect(left, 0, max(1, width - left), 10_000), flags, self.text()
        )

    def hasHeightForWidth(self) -> bool:
        """Tell that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height the wrapped text needs, at least a finger-wide row."""
        return max(theme.look().px(28), self._text_rect(width).height() + theme.look().px(8))

    def sizeHint(self) -> QSize:
        """Ask for one line up to about 60 letters, then for more."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        gap = theme.look().px(12) if self.text() else 0
        width = min(self._edge + gap + words, theme.look().px(460)) + 2
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Ask for the box and a few words."""
        longest = max((self.fontMetrics().horizontalAdvance(w) for w in self.text().split()), default=0)
        width = self._edge + (theme.look().px(12) + longest if self.text() else 0)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def hitButton(self, pos: object) -> bool:
        """Take a press anywhere on box and text."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick and text."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self._edge
        box = whole = QRectF(1, (self.height() - edge) / 2 + 1, edge - 2, edge - 2)
        is_on = self.isChecked()
        has_ring = self.property("ring") == "true"
        if has_ring and is_on:
            # The ring has the colour of a ticked box: a gap tells them apart.
            box = whole.adjusted(3, 3, -3, -3)
        painter.setPen(QPen(look.colour("accent" if is_on else "strong"), 2))
        painter.setBrush(look.colour("accent" if is_on else "surface"))
        painter.drawRoundedRect(box, look.px(5), look.px(5))
        if is_on:
            mark = theme.pixmap("check", "onAccent", 16, "bold", self.devicePixelRatioF())
            side = look.px(16)
            painter.drawPixmap(
                QRect(round(box.center().x() - side / 2), round(box.center().y() - side / 2), side, side),
                mark,
            )
        if has_ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(whole.adjusted(-1, -1, 1, 1).intersected(QRectF(self.rect())), 6, 6)
        if self.text():
            painter.setPen(look.colour("text" if self.isEnabled() else "text3"))
            left = edge + look.px(10)
            area = QRect(left, 0, self.width() - left, self.height())
            painter.drawText(
                area, int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap), self.text()
            )


class FieldBox(QWidget):
    """A label, perhaps a hint, the control, and between them what must be put right."""

    def __init__(self, label: str, control: QWidget, *, hint: str = "", is_required: bool = False) -> None:
        super().__init__()
        self.control = control
        self.label = label
        heading = self._heading = PlainLabel(label, "small_strong")
        heading.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(label)
        self._hint = PlainLabel(hint, "tiny", wraps=True)
        theme.show_or_hide(self._hint, bool(hint))
        control.setAccessibleDescription(hint or (_("Must be filled in") if is_required else ""))
        self._error = _ErrorLine()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.look().px(4))
        box.addStretch(1)
        for piece in (heading, self._hint, self._error, control):
            box.addWidget(piece)

    def set_label(self, label: str) -> None:
        """Change the label, e.g. into the customer's language."""
        self.label = label
        self._heading.setText(label)
        self.control.setAccessibleName(label)

    @property
    def error(self) -> str:
        """The sentence shown, "" when all is well."""
        return self._error.text()

    def show_error(self, sentence: str) -> None:
        """Say what must be put right, with an example where it helps; "" takes it away."""
        self._error.show_sentence(sentence)
        theme.set_property(self.control, "wrong", "true" if sentence else "false")
        self.control.setAccessibleDescription(sentence or self._hint.text())


class _ErrorLine(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._mark = QLabel()
        self._words = PlainLabel("", "small_strong", wraps=True, tone="bad")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.look().px(5))
        box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._words, 1)
        self.hide()

    def text(self) -> str:
        return self._words.text()

    def changeEvent(self, event: QEvent) -> None:
        """Paint the mark in the look that came while the sentence stands there."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._words.text():
            self._draw_mark()

    def _draw_mark(self) -> None:
        self._mark.setPixmap(theme.pixmap("warning-circle", "bad", 16, "fill"))

    def show_sentence(self, sentence: str) -> None:
        if sentence:
            self._draw_mark()
        self._words.setText(sentence)
        theme.show_or_hide(self, bool(sentence))
