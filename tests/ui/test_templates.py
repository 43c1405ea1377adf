"""Templates of visits in the real window: begun by a press, the plan beside the work, all by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.records.templates import VisitTemplate
from techkit.records.visit import Visit
from techkit.ui.app import Program
from techkit.ui.widgets.buttons import Button
from tests.ui.hand import Hand
from tests.ui.test_routine_visit import desk, folder, program, unlock  # noqa: F401 - fixtures of the same window


def test_a_visit_begins_with_a_template_and_its_plan_is_worked_off(program: Program, qtbot: QtBot) -> None:  # noqa: F811 - the fixture
    """Ctrl+N, one press on the template, three fields; a planned supply is recorded by one press."""
    unlock(program, qtbot)
    session, hand = program.session, Hand(qtbot, program.shell)
    assert session is not None
    hand.keys("new visit", Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    hand.press("Backup")
    hand.wait(lambda: session.home.passing.new_visit.state.template == "shipped:backup")
    session.home.passing.focus_first()
    hand.type_in_turn("Odalys Brandt", "", "Lindengasse 8", "37073 Rosdorf")
    hand.confirm("start the visit")
    hand.wait(lambda: session.visit is not None and session.visit.state.next_label)
    visit = session.visit
    assert visit.held.visit.purpose == "Please see to it that nothing gets lost."
    hand.confirm("the need is right")
    hand.wait(lambda: visit.state.current == "check")
    hand.keys("to the work", Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    hand.wait(lambda: visit.state.current == "work")
    hand.press("Was used")
    hand.wait(lambda: len(visit.work.state.entries) == 1)
    assert visit.work.state.entries[0].title == "1 × External disk"
    hand.press("Go through them")
    hand.wait(lambda: visit.work.state.form is not None and visit.work.state.form.kind == "maintenance")
    assert len(visit.work.state.form.lists[0].rows) == 5


def test_templates_are_made_changed_and_taken_back_by_keyboard(program: Program, qtbot: QtBot) -> None:  # noqa: F811 - the fixture
    """From the palette to a template of one's own and back without it, no mouse."""
    unlock(program, qtbot)
    session, hand = program.session, Hand(qtbot, program.shell)
    assert session is not None
    hand.keys("palette", Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "templates")
    hand.wait(lambda: session.search.state.groups[0][1][0].title == "Go to the templates of visits")
    QTest.keyClick(field, Qt.Key.Key_Return)
    hand.wait(lambda: session.places.templates is not None and session.places.templates.state.rows)
    templates = session.places.templates
    assert templates is not None
    focus = QApplication.focusWidget()
    assert isinstance(focus, Button)
    assert focus.words == "New template"
    QTest.keyClick(focus, Qt.Key.Key_Return)
    hand.wait(lambda: templates.state.form is not None)
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "Till check")
    hand.confirm("save")
    hand.wait(lambda: any(row.title == "Till check" for row in templates.state.rows))
    store = session.surroundings.store
    assert [held.title for held in store.find(VisitTemplate)] == ["Till check"]
    hand.keys("undo", Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hand.wait(lambda: all(row.title != "Till check" for row in templates.state.rows))
    assert store.find(VisitTemplate) == []
    hand.keys("back", Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    hand.wait(session.today_page.isVisible)
    assert store.find(Visit)
