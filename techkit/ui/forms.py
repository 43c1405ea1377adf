"""Forms from the fields records declare, and the controls they are made of.

A field that is added to a record appears in its form by itself: label, help, control, limits and
error come from the declaration (techkit.records.schema). A field reports its value when it is
left, never while typing; what cannot be kept is said between label and field, and the text stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QDate, QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.schema import Editor, FieldSpec, RecordSpec, ValueType, form_fields
from techkit.ui import theme

#: A date that stands for "none" in a date field; nobody plans a visit for it.
_NO_DATE = QDate(1900, 1, 1)


class LineEdit(QLineEdit):
    """One line of text; `left` tells it once it is left and has changed."""

    left = Signal(str)

    def __init__(self, text: str = "", placeholder: str = "", *, name: str = "") -> None:
        super().__init__()
        self._told = text
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.set_text(text)
        self.editingFinished.connect(self._tell)

    def set_text(self, text: str) -> None:
        """Show a text unless the person is typing just now."""
        self._told = text
        if not (self.hasFocus() and self.isModified()) and self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)

    def _tell(self) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.setModified(False)
            self.left.emit(self.text())


class TextEdit(QPlainTextEdit):
    """Some lines of plain text; Tab moves on, `left` tells the text once it is left and has changed."""

    left = Signal(str)

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
        self._fit()

    def set_text(self, text: str) -> None:
        """Show a text unless the person is typing just now."""
        self._told = text
        if not (self.hasFocus() and self.document().isModified()) and self.toPlainText() != text:
            self.setPlainText(text)
            self.document().setModified(False)

    def text(self) -> str:
        """Return what stands there."""
        return self.toPlainText()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the text when the field is left."""
        super().focusOutEvent(event)
        if self.toPlainText() != self._told:
            self._told = self.toPlainText()
            self.document().setModified(False)
            self.left.emit(self._told)

    def _fit(self) -> None:
        """Grow with the text, up to twice the lines asked for."""
        lines = max(self._lines, min(self._lines * 2, self.blockCount()))
        height = lines * self.fontMetrics().lineSpacing() + theme.look().px(24)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()


class Select(QComboBox):
    """One of several values from a list; `picked` tells the value a person chose."""

    picked = Signal(str)

    def __init__(self, options: Iterable[tuple[str, str]] = (), *, name: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)
        self.activated.connect(lambda place: self.picked.emit(self.itemData(place)))

    def set_options(self, options: Iterable[tuple[str, str]]) -> None:
        """Offer these (value, words); the chosen one stays where still offered."""
        wanted = list(options)
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


class DateField(QDateEdit):
    """A date, or none; `left` tells it once it is left and has changed."""

    left = Signal(object)

    def __init__(self, value: date | None = None, *, name: str = "") -> None:
        super().__init__()
        self._told = value
        self.setCalendarPopup(False)
        self.setMinimumDate(_NO_DATE)
        self.setSpecialValueText(_("no date"))
        self.setAccessibleName(name)
        self.set_value(value)
        self.editingFinished.connect(self._tell)

    def value(self) -> date | None:
        """Return the date, None when there is none."""
        held = self.date()
        return None if held == _NO_DATE else date(held.year(), held.month(), held.day())

    def set_value(self, value: date | None) -> None:
        """Show a date without telling."""
        self._told = value
        self.setDate(_NO_DATE if value is None else QDate(value.year, value.month, value.day))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def _tell(self) -> None:
        if self.value() != self._told:
            self._told = self.value()
            self.left.emit(self._told)


class Tick(QCheckBox):
    """A tick box whose text wraps."""

    def __init__(
        self, text: str = "", *, name: str = "", press: Callable[[bool], object] | None = None
    ) -> None:
        super().__init__(text)
        self.setAccessibleName(name or text)
        self.setProperty("ring", "false")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if press is not None:
            self.clicked.connect(press)

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

    def hitButton(self, pos: object) -> bool:  # noqa: N802 - Qt's name
        """Take a press anywhere on box and text."""
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring when the focus came by keyboard."""
        super().focusInEvent(event)
        theme.show_ring(self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        theme.show_ring(self, None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick and text."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self._edge
        box = QRectF(1, (self.height() - edge) / 2 + 1, edge - 2, edge - 2)
        is_on = self.isChecked()
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
        if self.property("ring") == "true":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1).intersected(QRectF(self.rect())), 6, 6)
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
        heading = _label(label, "small_strong")
        heading.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(label)
        self._hint = _label(hint, "tiny", wraps=True)
        self._hint.setVisible(bool(hint))
        control.setAccessibleDescription(hint or (_("Must be filled in") if is_required else ""))
        self._error = _ErrorLine()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.look().px(4))
        box.addStretch(1)
        for piece in (heading, self._hint, self._error, control):
            box.addWidget(piece)

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
        self._words = _label("", "small_strong", wraps=True)
        self._words.setProperty("tone", "bad")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.look().px(5))
        box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._words, 1)
        self.hide()

    def text(self) -> str:
        return self._words.text()

    def show_sentence(self, sentence: str) -> None:
        if sentence:
            self._mark.setPixmap(theme.pixmap("warning-circle", "bad", 16, "fill"))
        self._words.setText(sentence)
        self.setVisible(bool(sentence))


def _label(text: str, role: str, *, wraps: bool = False) -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    made.setText(text)
    return made


class Form(QWidget):
    """The form of a kind of record, for one editor.

    fields: names in the order wanted; without it all the editor may change, in declared order.
    options: field name -> (value, words) for references; a reference without options is left out.
    `left` tells (field name, value) when a field is left and its value has changed.
    """

    left = Signal(str, object)

    def __init__(
        self,
        spec: RecordSpec,
        editor: Editor = Editor.TECHNICIAN,
        *,
        fields: Iterable[str] = (),
        options: Mapping[str, Iterable[tuple[str, str]]] | None = None,
        columns: int = 2,
    ) -> None:
        super().__init__()
        self.boxes: dict[str, FieldBox] = {}
        self._controls: dict[str, _Control] = {}
        offered = {f.name: f for f in form_fields(spec, editor)}
        names = tuple(fields) or tuple(offered)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.look().px(16))
        grid.setVerticalSpacing(theme.look().px(12))
        place = 0
        for name in names:
            declared = offered[name]
            choices = tuple((options or {}).get(name, ()))
            if declared.value_type is ValueType.REFERENCE and not choices:
                continue
            box = self._make_box(declared, choices)
            width = columns if declared.multiline else 1
            if place % columns + width > columns:
                place += columns - place % columns
            grid.addWidget(box, place // columns, place % columns, 1, width)
            place += width
        for number in range(columns):
            grid.setColumnStretch(number, 1)

    def _make_box(self, declared: FieldSpec, choices: tuple[tuple[str, str], ...]) -> FieldBox:
        control = _control(declared, choices)
        box = FieldBox(
            _(declared.label),
            control.widget,
            hint=_(declared.help) if declared.help else "",
            is_required=declared.required,
        )
        control.on_left(lambda: self._tell(declared.name))
        self.boxes[declared.name] = box
        self._controls[declared.name] = control
        return box

    def values(self) -> dict[str, Any]:
        """Return field name -> value of every field shown.

        Raises: InputError for the first field that cannot be read; its text stays.
        """
        return {name: control.value() for name, control in self._controls.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; a field being typed into keeps its text."""
        for name, control in self._controls.items():
            if name in values:
                control.show(values[name])

    def show_error(self, error: InputError | None) -> None:
        """Show what must be put right at its field and move the focus there; None clears all."""
        for name, box in self.boxes.items():
            is_meant = error is not None and error.field == name
            box.show_error(error.sentences() if error is not None and is_meant else "")
            if is_meant:
                box.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_field(self, name: str) -> None:
        """Move the focus to a field."""
        self.boxes[name].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, name: str) -> None:
        box = self.boxes[name]
        try:
            value = self._controls[name].value()
        except InputError as error:
            box.show_error(error.sentences())
            return
        box.show_error("")
        self.left.emit(name, value)


class _Control:
    """A widget with the way from and to the field's value."""

    def __init__(
        self,
        widget: QWidget,
        value: Callable[[], Any],
        show: Callable[[Any], None],
        on_left: Callable[[Callable[[], None]], object],
    ) -> None:
        self.widget = widget
        self.value = value
        self.show = show
        self.on_left = on_left


def _control(declared: FieldSpec, choices: tuple[tuple[str, str], ...]) -> _Control:
    match declared.value_type:
        case ValueType.CHOICE | ValueType.REFERENCE:
            return _choice_control(declared, choices)
        case ValueType.TRUTH:
            tick = Tick(_("Yes"), name=_(declared.label))
            return _Control(tick, tick.isChecked, lambda v: tick.setChecked(bool(v)), tick.clicked.connect)
        case ValueType.DATE:
            day = DateField()
            return _Control(day, day.value, day.set_value, day.left.connect)
    if declared.multiline:
        text = TextEdit()
        return _Control(text, text.text, lambda v: text.set_text(v or ""), text.left.connect)
    line = LineEdit()
    return _Control(
        line,
        lambda: parse(declared, line.text()),
        lambda v: line.set_text(shown(declared, v)),
        line.left.connect,
    )


def _choice_control(declared: FieldSpec, choices: tuple[tuple[str, str], ...]) -> _Control:
    offered = choices or tuple((value, _(words)) for value, words in declared.choices.items())
    if not declared.required:
        offered = (("", _("not said")), *offered)
    select = Select(offered)

    def value() -> Any:
        held = select.value()
        return held or declared.default

    return _Control(select, value, lambda v: select.set_value(str(v or "")), select.picked.connect)


def parse(declared: FieldSpec, text: str) -> Any:
    """Return the value a text stands for: numbers with comma or point, money in minor units.

    Raises: InputError naming the field, with an example.
    """
    text = text.strip()
    kind = declared.value_type
    if kind is ValueType.TEXTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind not in (ValueType.INTEGER, ValueType.QUANTITY, ValueType.MONEY):
        return text
    if not text:
        return declared.default
    try:
        number = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        if not number.is_finite():
            raise InvalidOperation
        if kind is ValueType.QUANTITY:
            return number
        minor = number.scaleb(2) if kind is ValueType.MONEY else number
        if minor != minor.to_integral_value():
            raise InvalidOperation
        return int(minor)
    except InvalidOperation as error:
        example = "19.90" if kind is ValueType.MONEY else "15"
        raise InputError(
            _("{label} needs a number.", label=_(declared.label)),
            field=declared.name,
            safe=_("What you typed is kept."),
            advice=_("Write it like this: {example}", example=example),
        ) from error


def shown(declared: FieldSpec, value: Any) -> str:
    """Return a value as it stands in its field; the opposite of `parse`."""
    if value is None or value == "":
        return ""
    match declared.value_type:
        case ValueType.TEXTS:
            return ", ".join(value)
        case ValueType.MONEY:
            return f"{Decimal(value).scaleb(-2):.2f}"
    return str(value)
