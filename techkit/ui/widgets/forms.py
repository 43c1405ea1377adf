"""Forms as presenters state them.

A presenter derives a form from a record's declaration, so a field added there appears here by
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, PlainLabel, Select, TextEdit, Tick
from techkit.ui.dates import DateField
from techkit.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from techkit.ui.presenters.choices import FormField, FormList, FormRow, FormState


class FormView(QWidget):
    """A form as a presenter states it: its fields, what stands in them, what must be put right.

    `left` tells (name, text) when a field is left and its text has changed: "yes" or "" for a tick,
    the stored value for a choice, an ISO date for a date, one entry a line for a list. `typing` tells
    the same of a text that is still being typed, now and then. A field of a row is named
    "<list>.<place>.<field>". `row_added` asks for another row of a list, `row_removed` takes one out.
    """

    left = Signal(str, str)
    typing = Signal(str, str)
    row_added = Signal(str)
    row_removed = Signal(str, int)

    def __init__(self, *, columns: int = 2) -> None:
        super().__init__()
        self.boxes: dict[str, FieldBox] = {}
        self._columns = columns
        self._controls: dict[str, _Control] = {}
        self._shape: object = None
        self._rows: tuple[tuple[str, int], ...] | None = None
        self._kind: tuple[str, str] = ("", "")
        self._lists: list[QWidget] = []
        self._adders: dict[str, Button] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.look().px(16))
        self._grid.setVerticalSpacing(theme.look().px(12))
        self._more = Button(_("More"), "link", name=_("More fields"))
        self._more.setParent(self)
        self._more.setCheckable(True)
        self._more.toggled.connect(self._show_more)
        self._more_names: tuple[str, ...] = ()
        self._today = date.min

    def show_form(self, state: FormState) -> None:
        """Show a form; a field being typed into keeps its text."""
        self._today = state.today
        rows = tuple((held.name, row.place) for held in state.lists for row in held.rows)
        shape = (state.kind, state.record_id, tuple(map(_shape, (*state.fields, *state.more))), rows)
        if shape != self._shape:
            is_same_form = self._rows is not None and self._kind == (state.kind, state.record_id)
            new = [row for row in rows if row not in (self._rows or ())]
            lost = [row for row in self._rows or () if row not in rows]
            focus = QApplication.focusWidget()
            is_in_rows = focus is not None and any(block.isAncestorOf(focus) for block in self._lists)
            self._shape, self._rows, self._kind = shape, rows, (state.kind, state.record_id)
            held = next((name for name, box in self.boxes.items() if box.control.hasFocus()), "")
            self._build(state)
            if is_same_form and new:
                self._focus_row(*new[-1])
            elif is_same_form and held in self.boxes:
                self.focus_field(held)
            elif is_same_form and lost and is_in_rows:
                self._adders[lost[0][0]].setFocus(Qt.FocusReason.OtherFocusReason)  # what was pressed is gone
        listed = [f for held in state.lists for row in held.rows for f in row.fields]
        for declared in (*state.fields, *listed, *state.more):
            self._controls[declared.name].show(declared.text)
            self.boxes[declared.name].show_error(
                declared.error or (state.error if state.error_field == declared.name else "")
            )

    def focus_field(self, name: str) -> None:
        """Move the focus to a field; one behind "More" is brought out."""
        if name in self._more_names:
            self._more.setChecked(True)
        self.boxes[name].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_first(self) -> None:
        """Move the focus to the first field."""
        for box in self.boxes.values():
            box.control.setFocus(Qt.FocusReason.OtherFocusReason)
            return

    def _build(self, state: FormState) -> None:
        for box in self.boxes.values():
            self._grid.removeWidget(box)
            box.hide()
            box.deleteLater()
        for block in self._lists:
            self._grid.removeWidget(block)
            block.hide()
            block.deleteLater()
        self._grid.removeWidget(self._more)
        self.boxes, self._controls, self._lists = {}, {}, []
        place = self._place(state.fields, 0)
        for held in state.lists:
            place += -place % self._columns
            block = self._make_list(held)
            self._lists.append(block)
            self._grid.addWidget(block, place // self._columns, 0, 1, self._columns)
            place += self._columns
        self._more_names = tuple(declared.name for declared in state.more)
        theme.show_or_hide(self._more, bool(state.more))
        if state.more:
            place += -place % self._columns
            row = place // self._columns
            self._grid.addWidget(self._more, row, 0, Qt.AlignmentFlag.AlignLeft)
            self._place(state.more, place + self._columns)
        for number in range(self._columns):
            self._grid.setColumnStretch(number, 1)
        if state.is_more_open:
            self._more.setChecked(True)
        self._show_more(self._more.isChecked())

    def _place(self, fields: Iterable[FormField], place: int) -> int:
        for declared in fields:
            box = self._make_box(declared)
            width = self._columns if declared.control in ("text", "texts") else 1
            if place % self._columns + width > self._columns:
                place += -place % self._columns
            self._grid.addWidget(box, place // self._columns, place % self._columns, 1, width)
            place += width
        return place

    def _make_box(self, declared: FormField) -> FieldBox:
        control = _control(declared, lambda: self._today)
        label = declared.label
        if declared.unit:
            label = _("{label} ({unit})", label=declared.label, unit=declared.unit)
        box = FieldBox(label, control.widget, hint=declared.help, is_required=declared.is_required)
        control.on_left(lambda: self.left.emit(declared.name, control.text()))
        if isinstance(control.widget, (LineEdit, TextEdit)):
            control.widget.typing.connect(lambda _text: self.typing.emit(declared.name, control.text()))
        self.boxes[declared.name] = box
        self._controls[declared.name] = control
        return box

    def _focus_row(self, name: str, place: int) -> None:
        """Move the focus to the first field of a row."""
        prefix = f"{name}.{place}."
        first = next((key for key in self.boxes if key.startswith(prefix)), None)
        if first is not None:
            self.focus_field(first)

    def _make_list(self, held: FormList) -> QWidget:
        """Return a list inside the entry: its rows, each with its fields, and the way to another one."""
        block = QWidget()
        layout = QVBoxLayout(block)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.look().px(8))
        layout.addWidget(PlainLabel(held.label, "section"))
        for number, row in enumerate(held.rows, 1):
            layout.addWidget(self._make_list_row(held, row, number))
        more = Button(held.add_label, "link", press=lambda: self.row_added.emit(held.name))
        self._adders[held.name] = more
        layout.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        return block

    def _make_list_row(self, held: FormList, row: FormRow, number: int) -> QWidget:
        card = QFrame()
        card.setProperty("card", "soft")
        grid = QGridLayout(card)
        edge = theme.look().px(12)
        grid.setContentsMargins(edge, edge, edge, edge)
        grid.setHorizontalSpacing(theme.look().px(14))
        grid.setVerticalSpacing(theme.look().px(8))
        for place, declared in enumerate(row.fields):
            grid.addWidget(self._make_box(declared), place // self._columns, place % self._columns)
        gone = Button(
            _("Take out"),
            "link",
            press=lambda: self.row_removed.emit(held.name, row.place),
            name=_("Take out: {label} {n}", label=held.label, n=number),
        )
        place = len(row.fields)
        bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        grid.addWidget(gone, place // self._columns, self._columns - 1, bottom)
        for column in range(self._columns):
            grid.setColumnStretch(column, 1)
        return card

    def _show_more(self, is_open: bool) -> None:
        self._more.set_words(_("Less") if is_open else _("More"), name=_("More fields"))
        for name in self._more_names:
            theme.show_or_hide(self.boxes[name], is_open)


def _shape(declared: FormField) -> object:
    choices = tuple((choice.value, choice.label) for choice in declared.choices)
    return (declared.name, declared.label, declared.control, declared.help, declared.unit, choices)


class _Control:
    """A widget with the way from and to the field's text."""

    def __init__(
        self,
        widget: QWidget,
        text: Callable[[], str],
        show: Callable[[str], None],
        on_left: Callable[[Callable[[], None]], object],
    ) -> None:
        self.widget = widget
        self.text = text
        self.show = show
        self.on_left = on_left


def _control(declared: FormField, today: Callable[[], date]) -> _Control:
    match declared.control:
        case "choice":
            select = Select([(choice.value, choice.label) for choice in declared.choices])
            return _Control(select, select.value, select.set_value, select.picked.connect)
        case "truth":
            tick = Tick(_("Yes"), name=declared.label)
            return _Control(
                tick,
                lambda: "yes" if tick.isChecked() else "",
                lambda text: tick.setChecked(bool(text)),
                tick.clicked.connect,
            )
        case "date":
            day = DateField(today=today)
            return _Control(day, day.stored, day.set_stored, day.left.connect)
        case "text" | "texts":
            area = TextEdit()
            return _Control(area, area.text, area.set_text, area.left.connect)
    line = LineEdit()
    return _Control(line, line.text, line.set_text, line.left.connect)
