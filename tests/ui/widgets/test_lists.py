"""Lists in the real window: ten thousand rows, the keyboard, the one customer of a customer's computer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from shots import lists
from shots.desk import LIMITS, PASSPHRASE, Morning, desk
from techkit.credentials import keys
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.ui.app import Program
from techkit.ui.controls import Select
from techkit.ui.presenters.list_kinds import VISITS
from techkit.ui.presenters.lists import RecordList
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.tasks import QtLanes
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.lists import ListPage
from tests.stores import empty_store
from tests.ui.hand import Hand


def words(window: QWidget) -> str:
    return " | ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of a practice and forty other customers, for all tests to copy."""
    made = tmp_path_factory.mktemp("filled") / "data"
    lists.fill(made)
    return made


@pytest.fixture
def folder(tmp_path: Path, filled: Path) -> Path:
    """A year of a practice and forty other customers, in a folder of the test's own."""
    return shutil.copytree(filled, tmp_path / "data")


@pytest.fixture
def start(qtbot: QtBot, folder: Path, begin: Callable[..., Program]) -> Callable[..., Program]:
    """Start the program over the folder and unlock it; unknown: at a computer that tells no number."""

    def started(*, is_portable: bool = False, is_unknown: bool = False) -> Program:
        readings = desk().recordings["before"]
        if is_unknown:
            readings = [r for r in readings if r.id not in ("system.serial", "system.uuid")]
        machine = RecordedMachine(readings)
        program = begin(folder, lambda: machine, Morning(), is_portable=is_portable)
        qtbot.waitUntil(lambda: program.unlock is not None)
        assert program.unlock is not None
        program.unlock.open(PASSPHRASE)
        qtbot.waitUntil(
            lambda: program.session is not None and bool(program.session.today.state.computer.facts)
        )
        return program

    return started


def show(program: Program, qtbot: QtBot, key: str) -> None:
    """Press a place of the sidebar and wait for its rows."""
    names = {
        "visits": "Visits",
        "customers": "Customers",
        "computers": "Computers",
        "follow_ups": "Follow-ups",
    }
    Hand(qtbot, program.shell).press_name(names[key])
    page = program.session.home.page(key)
    qtbot.waitUntil(lambda: not page.rows.state.is_loading)


def test_the_first_step_of_an_empty_list_has_the_keyboard(qtbot, tmp_path, look):
    """Return begins the visit that makes the first row; while words fit nothing, the keyboard stays with them."""
    begun: list[str] = []
    faults: list[Exception] = []
    lanes = QtLanes(faults.append)
    store = empty_store(tmp_path, prefix="TK07", technician="Ines Okafor")
    around = Surroundings(store=store, lanes=lanes, machine=lambda: None, is_own_computer=True)
    rows = RecordList(
        around, Sight(sees_all=True), VISITS, lambda _id: None, lambda: begun.append("new visit")
    )
    page = ListPage(rows, None, lambda _key: None)
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.focus_first()
    qtbot.waitUntil(lambda: isinstance(page.focusWidget(), Button))
    button = page.focusWidget()
    assert button.words == "New visit"
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert begun == ["new visit"]
    rows.type("zebra")
    qtbot.waitUntil(lambda: rows.state.is_filtered and not rows.state.is_loading)
    page.focus_first()
    assert isinstance(page.focusWidget(), QLineEdit)
    page.release()
    rows.close()
    lanes.close()
    store.close()
    assert faults == []


def test_every_list_is_a_press_away_and_shows_its_rows(start, qtbot):
    """Four places in the sidebar, each with its count in words."""
    program = start()
    for key, count in (("visits", 100), ("customers", 40), ("computers", 40), ("follow_ups", 2)):
        show(program, qtbot, key)
        page = program.session.home.page(key)
        assert page.table.isVisible()
        assert page.model.rowCount() >= count
        assert page.rows.state.line in words(page)


def test_a_visit_is_found_and_opened_by_keyboard_alone(start, qtbot):
    """Ctrl+K, the place, a word, Down, J, K, Return: the visit is open."""
    program = start()
    shell, session = program.shell, program.session
    QTest.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(shell.focusWidget(), ">visits")
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Return)
    page = session.home.page("visits")
    qtbot.waitUntil(lambda: not page.rows.state.is_loading)
    assert isinstance(shell.focusWidget(), QLineEdit)
    QTest.keyClicks(shell.focusWidget(), "larkspur")
    qtbot.waitUntil(lambda: page.rows.state.total == 5)
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Down)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_J)
    QTest.keyClick(page.table, Qt.Key.Key_J)
    QTest.keyClick(page.table, Qt.Key.Key_K)
    assert page.table.currentIndex().row() == 1
    wanted = page.rows.row(1).id
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
    assert session.visit.state.visit_id == wanted


def test_the_heading_orders_the_list(start, qtbot):
    """A press on “Technician” orders by it; again turns it round."""
    program = start()
    show(program, qtbot, "visits")
    page = program.session.home.page("visits")
    page.table.horizontalHeader().sectionClicked.emit(4)
    qtbot.waitUntil(lambda: page.rows.row(0).cells[4].text == "Ines Okafor")
    page.table.horizontalHeader().sectionClicked.emit(4)
    qtbot.waitUntil(lambda: page.rows.row(0).cells[4].text == "Pavel Novotny")


def test_in_a_low_window_the_filters_fold_behind_a_button(start, qtbot):
    """Three rows stay in sight; one press opens the filters, Esc closes them, a chip takes its filter back."""
    program = start()
    shell, rows = program.shell, program.session.places.visits
    show(program, qtbot, "visits")
    page = program.session.home.page("visits")
    button, panel = page._bar.button, page._bar.panel
    state = next(s for s in page.findChildren(Select) if s.accessibleName() == "State")
    assert (button.isVisible(), state.isVisible()) == (False, True)
    shell.resize(1024, 600)
    qtbot.waitUntil(button.isVisible)
    assert not state.isVisible()
    everything = rows.state.total
    rows.choose("work_state", "submitted")
    qtbot.waitUntil(lambda: button.accessibleName() == "Filters, 1 in force")
    page.table.grab()
    assert page.table.viewport().height() >= 3 * page.table.rowHeight(0)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert (panel.isVisible(), state.hasFocus()) == (True, True)
    QTest.keyClick(state, Qt.Key.Key_Escape)
    assert (panel.isVisible(), button.hasFocus()) == (False, True)
    Hand(qtbot, shell).press_name("Take back State: Submitted")
    qtbot.waitUntil(lambda: button.words == "Filters")
    qtbot.waitUntil(lambda: rows.state.total == everything)


def test_views_by_keyboard(start, qtbot):
    """V, a name, Return keeps the list as it stands; Esc goes back to it; 0 is everything, 1 the view again."""
    program = start()
    show(program, qtbot, "visits")
    page = program.session.home.page("visits")
    rows = page.rows
    everything = rows.state.total
    rows.choose("work_state", "submitted")
    qtbot.waitUntil(lambda: rows.state.total < everything)
    submitted = rows.state.total
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_V)
    field = program.shell.focusWidget()
    assert field.accessibleName() == "Name of the view"
    QTest.keyClicks(field, "Submitted")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert program.shell.focusWidget() is page.table
    assert "“Submitted” is kept." not in words(page)
    for key, total in ((Qt.Key.Key_0, everything), (Qt.Key.Key_1, submitted)):
        QTest.keyClick(page.table, key)
        qtbot.waitUntil(lambda held=total: rows.state.total == held)
    assert page.views.chips.isVisible()
    page.rows.show_column("technician", is_shown=False)
    assert page.table.isColumnHidden(4)
    assert not page.table.isColumnHidden(0)


def test_on_a_customers_computer_the_lists_show_its_customer_only(start, qtbot):
    """The reception's notebook is recognised: rows, filters and counts are those of its practice alone."""
    program = start(is_portable=True)
    qtbot.waitUntil(lambda: bool(program.session.places.sight.customer_id))
    for key, count in (("visits", 5), ("customers", 1), ("computers", 4), ("follow_ups", 2)):
        show(program, qtbot, key)
        page = program.session.home.page(key)
        qtbot.waitUntil(lambda page=page, count=count: page.model.rowCount() == count)
        assert "only its own customer" in words(page)
        filters = [c.label for f in page.rows.state.filters for c in f.choices]
        assert not {"Pavel Novotny", "Mara Lindqvist", "Nowak & Nowak GmbH", "Debian 13"} & set(filters)


def test_on_an_unknown_computer_nobody_is_shown(start, qtbot):
    """Not a row and not a name; the sentence says why and where all are shown."""
    program = start(is_portable=True, is_unknown=True)
    for key in ("visits", "customers", "computers", "follow_ups"):
        show(program, qtbot, key)
        page = program.session.home.page(key)
        assert page.model.rowCount() == 0
        assert "no customer is shown" in words(page)
        assert "Larkspur" not in words(program.shell)
    Hand(qtbot, program.shell).press("Go to Today")
    assert program.session.home.here == "today"


def test_thousands_of_rows_scroll_while_only_those_drawn_are_read(
    qapp: QApplication, tmp_path: Path, start: Callable[..., Program], folder: Path, qtbot: QtBot
) -> None:
    """The key End leads to the last row, and only a few pages of rows were read on the way."""
    key = keys.unlock(folder, PASSPHRASE, limits=LIMITS)
    store = Store.open(folder, key)
    customer = Customer(id=new_id(), display_name="Ricci " + "x" * 190)
    store.save(customer)
    begun = datetime(2026, 1, 1, 9, tzinfo=UTC)
    store.save(
        *(
            Visit(
                id=new_id(),
                customer_id=customer.id,
                purpose="<b>bold</b> \u202e",
                arrived_at=begun + timedelta(hours=n),
            )
            for n in range(1_500)
        )
    )
    store.close()
    program = start()
    show(program, qtbot, "visits")
    page = program.session.home.page("visits")
    assert page.model.rowCount() > 1_500
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_End)
    last = page.model.rowCount() - 1
    qtbot.waitUntil(lambda: page.rows.row(last) is not None)
    page.table.grab()
    read = sum(page.rows.row(number) is not None for number in range(last + 1))
    assert read <= 600


def test_a_promise_is_kept_in_the_list(start, qtbot):
    """Choose it by keyboard, write what came of it, press Done, take it back."""
    program = start()
    show(program, qtbot, "follow_ups")
    page, due = program.session.home.page("follow_ups"), program.session.places.due
    total = due.rows.state.total
    page.table.setFocus()
    qtbot.waitUntil(lambda: due.state.promise is not None)
    assert "Order a second SSD" in words(page)
    hand = Hand(qtbot, program.shell)
    hand.press("Done")
    qtbot.waitUntil(lambda: due.rows.state.total == total - 1)
    hand.press("Undo")
    qtbot.waitUntil(lambda: due.rows.state.total == total)


def test_a_customers_page_goes_to_a_computer_and_back(start, qtbot):
    """By keyboard from the list: the page, its computer, back to the page, back to the list."""
    program = start()
    session, shell = program.session, program.shell
    show(program, qtbot, "customers")
    rows = session.places.customers
    rows.type("larkspur")
    qtbot.waitUntil(lambda: rows.state.total == 1)
    table = session.home.page("customers").table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.places.customer is not None and bool(session.places.customer.state.title))
    page = session.home.passing
    assert page.title == "Larkspur Dental Group"
    qtbot.waitUntil(lambda: "Favourable" in words(page))
    hand = Hand(qtbot, shell)
    hand.press("Computers")
    hand.press_name("LDG-SU-01. Northwind")
    qtbot.waitUntil(lambda: session.home.passing.title == "LDG-SU-01")
    for title in ("Larkspur Dental Group", ""):
        QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(
            lambda title=title: (session.home.passing.title if session.home.passing else "") == title
        )
    assert session.home.here == "customers"


def test_a_person_is_changed_in_the_page(start, qtbot):
    """Press Edit, type, Ctrl+Return: kept; the sentence offers to take it back."""
    program = start()
    session, shell = program.session, program.shell
    practice = next(
        c for c in session.surroundings.store.find(Customer) if c.display_name.startswith("Larkspur")
    )
    session.places.open_customer(practice.id)
    place = session.places.customer
    qtbot.waitUntil(lambda: bool(place.state.people))
    hand = Hand(qtbot, shell)
    hand.press_name("Edit Selin Arslan")
    qtbot.waitUntil(lambda: place.state.form is not None)
    field = next(w for w in shell.findChildren(QLineEdit) if w.accessibleName() == "Role" and w.isVisible())
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "Owner")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any(p.line == "Owner" for p in place.state.people))
    assert "“Selin Arslan” is changed." in words(shell)
    hand.press("Undo")
    qtbot.waitUntil(lambda: any(p.line == "Practice manager" for p in place.state.people))


def test_a_visit_is_begun_from_the_customers_page(start, qtbot):
    """One press: a new visit of this customer is open."""
    program = start()
    session = program.session
    practice = next(
        c for c in session.surroundings.store.find(Customer) if c.display_name.startswith("Larkspur")
    )
    session.places.open_customer(practice.id)
    qtbot.waitUntil(lambda: bool(session.places.customer.state.title))
    Hand(qtbot, program.shell).press("New visit")
    qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
    assert session.visit.held.visit.customer_id == practice.id
