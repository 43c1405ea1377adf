"""A field for a day: what people write is read, and the keyboard goes in, on and out again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from techkit import i18n
from techkit.ui.dates import DateField, read_day
from techkit.ui.widgets.boxes import column, holder

TODAY = date(2026, 11, 23)
#: The day of who asks, far from that of the computer the tests run on.
LONG_AGO = date(2005, 2, 28)

pytestmark = pytest.mark.usefixtures("look")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None),
        ("   ", None),
        ("30.11.2026", date(2026, 11, 30)),
        ("30/11/2026", date(2026, 11, 30)),
        ("3-1-27", date(2027, 1, 3)),
        ("3. 1. 27", date(2027, 1, 3)),
        ("30112026", date(2026, 11, 30)),
        ("301126", date(2026, 11, 30)),
        ("2026-11-30", date(2026, 11, 30)),
        ("30.11.", date(2026, 11, 30)),
        ("2.1.", date(2027, 1, 2)),
        ("29.2.2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    """Day first, with any mark or none; without a year the nearest one is meant."""
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["tomorrow", "31.11.2026", "30.13.2026", "29.2.", "1", "30.11.202", "0.0.2026"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """A day the calendar does not have, and words, are not guessed at."""
    with pytest.raises(ValueError, match="no day"):
        read_day(text, TODAY)


@pytest.fixture
def day(qtbot: QtBot) -> Iterator[DateField]:
    """An empty field between two others, with the focus in it."""
    field = DateField(today=lambda: LONG_AGO, name="Expected on")
    page = holder(column(QLineEdit(), field, QLineEdit()))
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.findChildren(QLineEdit)[0].setFocus()
    QTest.keyClick(page.findChildren(QLineEdit)[0], Qt.Key.Key_Tab)
    assert field.hasFocus()
    yield field
    page.hide()


def test_tab_leads_out_of_a_field_without_a_day(day: DateField) -> None:
    """Nobody is caught in it, and nothing is told."""
    told: list[object] = []
    day.dated.connect(told.append)
    QTest.keyClick(day, Qt.Key.Key_Tab)
    assert not day.hasFocus()
    assert told == []


def test_a_day_is_typed_into_an_empty_field_and_taken_out_again(day: DateField) -> None:
    """It is told once the field is left, shown in the order of the language, and emptied as any text."""
    told: list[object] = []
    day.dated.connect(told.append)
    with i18n.language("de"):
        QTest.keyClicks(day, "30.11.26")
        QTest.keyClick(day, Qt.Key.Key_Tab)
        assert (day.text(), day.stored(), told) == ("30.11.2026", "2026-11-30", [date(2026, 11, 30)])
    day.setFocus()
    day.selectAll()
    QTest.keyClick(day, Qt.Key.Key_Delete)
    QTest.keyClick(day, Qt.Key.Key_Tab)
    assert (day.stored(), told[1:]) == ("", [None])


def test_what_cannot_be_read_stays_as_it_was_typed(day: DateField) -> None:
    """It is told as a text, for a sentence beside the field, and never as a day."""
    days: list[object] = []
    texts: list[str] = []
    day.dated.connect(days.append)
    day.left.connect(texts.append)
    QTest.keyClicks(day, "next week")
    QTest.keyClick(day, Qt.Key.Key_Tab)
    assert (day.stored(), day.is_readable, days, texts) == ("next week", False, [], ["next week"])


def test_up_and_down_go_by_days(day: DateField) -> None:
    """From none to today, as who asks counts it, and from there to the day after and before."""
    QTest.keyClick(day, Qt.Key.Key_Up)
    assert day.value() == LONG_AGO
    QTest.keyClick(day, Qt.Key.Key_Up)
    assert day.value() == LONG_AGO + timedelta(days=1)
    QTest.keyClick(day, Qt.Key.Key_Down)
    QTest.keyClick(day, Qt.Key.Key_Down)
    assert day.value() == LONG_AGO - timedelta(days=1)


def test_the_calendar_ends_without_a_fault(day: DateField) -> None:
    """Past its last and before its first day the field keeps what it shows."""
    for last, key in (("31/12/9999", Qt.Key.Key_Up), ("01/01/0001", Qt.Key.Key_Down)):
        day.setText(last)
        QTest.keyClick(day, key)
        assert day.text() == last
