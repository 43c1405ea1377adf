"""Where the focus goes when what had it is gone: on to the next thing to do, never out of the step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from techkit.ui.controls import TextEdit
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.check import CheckPage
from techkit.ui.widgets.follow_ups import FollowUpsPage
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.times import TimesCard
from techkit.ui.widgets.work import WorkPage
from tests.scenarios.conftest import Device


@pytest.fixture
def show(qtbot: QtBot, look: Callable[..., None]) -> Callable[[Page], None]:
    def shown(page: Page) -> None:
        qtbot.addWidget(page, before_close_func=lambda page: page.release())
        page.resize(1024, 600)
        page.show()
        qtbot.waitExposed(page)
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)

    return shown


def focused() -> str:
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget is not None else ""


def press(page: Page, words: str) -> None:
    button = next(b for b in page.findChildren(Button) if b.words == words and b.isVisible())
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def test_after_adding_all_follow_ups_the_first_planned_one_has_the_focus(
    checked: Visit, show: Callable[[Page], None]
) -> None:
    """What was just promised can be looked at and kept off the paper; the way back out is not pressed by mistake."""
    checked.work.drafting.add()
    checked.next()
    checked.next()
    page = FollowUpsPage(checked.follow_ups, None)
    show(page)
    assert checked.follow_ups.state.suggestions
    press(page, "Add all")
    assert not checked.follow_ups.state.suggestions
    assert focused() == "On the customer’s page"


def test_after_adding_all_drafts_the_kinds_of_work_have_the_focus(
    checked: Visit, show: Callable[[Page], None]
) -> None:
    """The next entry is one key away."""
    page = WorkPage(checked.work, checked.files, None, times=checked.times)
    show(page)
    for row in checked.work.state.drafts:
        if not row.is_ticked:
            checked.work.drafting.not_ours(row.key)
    press(page, checked.work.state.add_label)
    assert not checked.work.state.drafts
    assert focused() == "Installation"


def test_the_times_are_one_key_away_at_any_width(checked: Visit, show: Callable[[Page], None]) -> None:
    """Alt+T leads to the times and brings them into sight, also where they stand below everything."""
    page = WorkPage(checked.work, checked.files, None, times=checked.times)
    show(page)
    QTest.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    target = QApplication.focusWidget()
    assert target is not None
    assert focused() == "Add a time"
    assert not target.visibleRegion().isEmpty()


def test_kinds_of_work_drafts_and_entries_by_the_keys_they_name(
    checked: Visit, show: Callable[[Page], None]
) -> None:
    """Alt+4 opens troubleshooting, Alt+A adds what was typed, Alt+D adds the drafts, from wherever the focus is."""
    page = WorkPage(checked.work, checked.files, None, times=checked.times)
    show(page)
    alt = Qt.KeyboardModifier.AltModifier
    QTest.keyClick(page, Qt.Key.Key_4, alt)
    assert checked.work.state.form is not None
    assert checked.work.state.form.kind == "troubleshooting"
    QTest.keyClicks(QApplication.focusWidget(), "Slow start")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_A, alt)
    assert [e.title for e in checked.work.state.entries] == ["Slow start"]
    assert focused() == "Installation"
    ticked = sum(row.is_ticked for row in checked.work.state.drafts)
    assert ticked
    QTest.keyClick(page, Qt.Key.Key_D, alt)
    assert len(checked.work.state.entries) == 1 + ticked


def test_many_times_are_folded(checked: Visit, show: Callable[[Page], None]) -> None:
    """Of five stretches the last two are told; the others are one press away, and the way back is where it was."""
    for minutes in ("10", "20", "30", "40"):
        checked.times.add("work")
        checked.times.fill("minutes", minutes)
        checked.times.save()
    page = WorkPage(checked.work, checked.files, None, times=checked.times)
    show(page)
    card = next(iter(page.findChildren(TimesCard)))
    count = len(checked.times.state.rows)
    assert count > 4
    assert len(card._rows.widgets()) == 2
    press(page, f"Show {count - 2} earlier times")
    assert len(card._rows.widgets()) == count
    press(page, "Show the last times only")
    assert (len(card._rows.widgets()), focused()) == (2, f"Show {count - 2} earlier times")


def test_a_note_on_a_finding_is_written_by_keyboard(
    checked: Visit, show: Callable[[Page], None], qtbot: QtBot
) -> None:
    """In the evidence drawer: typed, added, the field ready for another one; it stands on the finding's card."""
    checked.go("check")
    page = CheckPage(checked.check, None)
    page.drawer.setParent(page)  # beside the page in the visit's window
    show(page)
    checked.check.open_evidence(checked.check.state.cards[0].key)
    field = next(f for f in page.findChildren(TextEdit) if f.accessibleName() == "Add a note")
    qtbot.waitUntil(field.isVisible)
    field.setFocus()
    QTest.keyClicks(field, "Ask before moving any.")
    press(page, "Add the note")
    assert (focused(), field.text()) == ("Add a note", "")
    labels = [label.text() for label in page.drawer.findChildren(QLabel) if not label.isHidden()]
    assert "Ask before moving any." in labels
    checked.check.close_evidence()
    assert [note.text for note in checked.check.state.cards[0].notes] == ["Ask before moving any."]


def test_a_look_at_one_part_keeps_the_focus_on_the_page(
    device: Device, visit: Visit, show: Callable[[Page], None], qtbot: QtBot
) -> None:
    """While it runs the focus is at Stop, also when news come; in the end it is at the check that is still to be made."""
    visit.next()
    page = CheckPage(visit.check, None)
    page.drawer.setParent(page)  # the shell's place for it is not there
    show(page)
    held: list[tuple[Any, ...]] = []
    device.lanes.free, lanes_free = (lambda *given: held.append(given)), device.lanes.free
    press(page, "Storage")
    qtbot.waitUntil(lambda: focused() == "Stop")
    held[0][3](0.5, "1 of 2|Looking at the disks")
    assert visit.check.part_look.state.progress == "1 of 2 · Looking at the disks"
    assert focused() == "Stop"
    device.lanes.free = lanes_free
    device.lanes.free(*held[0])
    qtbot.waitUntil(lambda: focused().startswith("Start the check"))
    assert any("Free disk space" in label.text() for label in page.findChildren(Label) if label.isVisible())


def test_the_question_for_consent_has_the_focus(
    visit: Visit, show: Callable[[Page], None], qtbot: QtBot
) -> None:
    """Pressed by Return, the check asks first: the answer is one key away."""
    customer = visit.held.bundle.customer
    assert customer is not None
    visit.held.save(dataclasses.replace(customer, has_diagnostics_consent=False))
    visit.go("check")
    page = CheckPage(visit.check, None)
    page.drawer.setParent(page)  # the shell's place for it is not there
    show(page)
    start = next(b for b in page.findChildren(Button) if b.words == "Start the check" and b.isVisible())
    start.setFocus()
    QTest.keyClick(start, Qt.Key.Key_Return)
    assert focused() == "Customer agrees"
    QTest.qWait(50)
    assert focused() == "Customer agrees"
