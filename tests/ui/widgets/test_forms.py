"""Forms as presenters state them: what is told, when, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.controls import LineEdit, Select, Tick
from techkit.ui.dates import DateField
from techkit.ui.presenters.choices import Choice, FormField, FormList, FormRow, FormState
from techkit.ui.widgets.forms import FormView

TODAY = date(2005, 1, 31)

FORM = FormState(
    kind="supply",
    title="Supplies",
    today=TODAY,
    fields=(
        FormField(name="title", label="What", is_required=True),
        FormField(name="quantity", label="How many", control="number", unit="pieces", text="1"),
        FormField(
            name="charge",
            label="Who pays",
            control="choice",
            text="customer",
            choices=(Choice(value="customer", label="Customer"), Choice(value="us", label="We do")),
        ),
        FormField(name="note", label="Note", control="text"),
        FormField(name="fitted", label="Fitted", control="truth"),
        FormField(name="due", label="By when", control="date", text="2026-12-07"),
    ),
    more=(FormField(name="serial", label="Serial number"),),
)


@pytest.fixture
def form(qtbot: QtBot, look: Callable[..., None]) -> FormView:
    made = FormView()
    qtbot.addWidget(made)
    made.show_form(FORM)
    made.show()
    return made


def told(form: FormView) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    form.left.connect(lambda name, text: seen.append((name, text)))
    return seen


def control(form: FormView, name: str) -> QWidget:
    return form.boxes[name].control


def test_a_field_tells_its_text_when_it_is_left_and_not_before(form: FormView, qtbot: QtBot) -> None:
    """Typing says nothing; leaving says it once; leaving again unchanged says nothing."""
    seen = told(form)
    line = control(form, "title")
    line.setFocus()
    QTest.keyClicks(line, "Cleaning kit")
    assert seen == []
    control(form, "quantity").setFocus()
    line.setFocus()
    control(form, "quantity").setFocus()
    assert seen == [("title", "Cleaning kit")]


def test_a_new_state_does_not_disturb_a_field_being_typed_into(form: FormView) -> None:
    """What a person types just now wins over what the presenter knew."""
    line = control(form, "title")
    assert isinstance(line, LineEdit)
    line.setFocus()
    QTest.keyClicks(line, "half a wo")
    form.show_form(FORM)
    assert line.text() == "half a wo"


def test_choice_tick_and_date_tell_what_is_stored(form: FormView) -> None:
    """A choice tells its value, a tick "yes", a date ISO text."""
    seen = told(form)
    select = control(form, "charge")
    assert isinstance(select, Select)
    select.setCurrentIndex(1)
    select.activated.emit(1)
    tick = control(form, "fitted")
    assert isinstance(tick, Tick)
    tick.click()
    day = control(form, "due")
    assert isinstance(day, DateField)
    assert day.value() == date(2026, 12, 7)
    day.setFocus()
    day.selectAll()
    QTest.keyClicks(day, "2.1.27")
    QTest.keyClick(day, Qt.Key.Key_Tab)
    assert seen[:3] == [("charge", "us"), ("fitted", "yes"), ("due", "2027-01-02")]
    assert not day.hasFocus()
    assert day.text() == "02/01/2027"


def test_a_day_is_reckoned_from_the_day_of_the_form(form: FormView) -> None:
    """Up from none gives the form's day, and a day without a year is the nearest one to it, whatever the computer's clock says."""
    day = control(form, "due")
    assert isinstance(day, DateField)
    day.setFocus()
    day.selectAll()
    QTest.keyClick(day, Qt.Key.Key_Delete)
    QTest.keyClick(day, Qt.Key.Key_Up)
    assert day.value() == TODAY
    day.selectAll()
    QTest.keyClicks(day, "24.12.")
    assert day.value() == date(2004, 12, 24)


def test_what_must_be_put_right_stands_at_its_field(form: FormView) -> None:
    """The sentence stands between label and field, and goes when the state has none any more."""
    wrong = FormState(
        kind="supply",
        title="",
        today=TODAY,
        fields=FORM.fields,
        more=FORM.more,
        error="Still empty.",
        error_field="title",
    )
    form.show_form(wrong)
    assert form.boxes["title"].error == "Still empty."
    assert control(form, "title").property("wrong") == "true"
    assert control(form, "title").accessibleDescription() == "Still empty."
    form.show_form(FORM)
    assert form.boxes["title"].error == ""
    assert control(form, "title").property("wrong") == "false"


def test_fields_behind_more_come_out_when_asked_for(form: FormView) -> None:
    """A field behind "More" is hidden, and shown when the focus is sent there."""
    assert not form.boxes["serial"].isVisible()
    form.focus_field("serial")
    assert form.boxes["serial"].isVisible()


def test_every_control_has_the_name_of_its_label(form: FormView) -> None:
    """A screen reader reads the label at each control."""
    names = {name: control(form, name).accessibleName() for name in form.boxes}
    assert names["quantity"] == "How many (pieces)"
    assert all(names.values())


def test_another_form_takes_the_place_of_the_first(form: FormView) -> None:
    """Fields of the kind shown before are gone."""
    form.show_form(FormState(kind="other", title="", today=TODAY, fields=(FormField(name="a", label="A"),)))
    assert list(form.boxes) == ["a"]


def with_options(*places: int) -> FormState:
    rows = tuple(
        FormRow(place=n, fields=(FormField(name=f"options.{n}.title", label="Option"),)) for n in places
    )
    listed = FormList(name="options", label="Options", add_label="Another option", rows=rows)
    return FormState(
        kind="needs", title="", today=TODAY, fields=(FormField(name="goals", label="Goals"),), lists=(listed,)
    )


def test_the_keyboard_stays_at_the_list_a_row_was_taken_out_of(form: FormView) -> None:
    """A new row has the focus in its first field; where one went, the way to another one has it."""
    form.show_form(with_options(0))
    form.show_form(with_options(0, 1))
    assert form.boxes["options.1.title"].control.hasFocus()
    gone = next(b for b in form.findChildren(QPushButton) if b.accessibleName() == "Take out: Options 2")
    gone.setFocus()
    form.show_form(with_options(0))
    focus = form.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "Another option"
