"""The window in a process of its own: unlocks, opens the visit and types until it is killed.

Run with folder and what to type into. Says each letter on standard output after its key was pressed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from techkit.records.parties import Customer
from techkit.ui.app import Program
from techkit.ui.controls import LineEdit, TextEdit
from tests.ui.test_routine_visit import LIMITS, PASSPHRASE, Morning, recorded_desk

#: Between two keys; a quick typist makes ten a second.
KEY_MS = 60

#: Typing there goes into the form of a customer's page.
CUSTOMER = "customer"

#: Where to type: the step of the visit, what opens the field, and its accessible name.
FIELDS = {
    "need": ("need", "The need in the customer’s words"),
    "work": ("work", "What was it about?"),
    "follow_up": ("follow_ups", "What"),
    "reason": ("after", "Why, in one sentence"),
    CUSTOMER: (CUSTOMER, "Good to know"),
    "new_visit": ("", "The need, in the customer’s own words"),
}


class Typist:
    """Does what a technician does, step by step, each on a turn of its own."""

    def __init__(self, app: QApplication, folder: Path, where: str) -> None:
        self.step, self.name = FIELDS[where]
        self.program = Program(
            app,
            folder,
            machine=recorded_desk().machine,
            clock=Morning(),
            is_portable=False,
            papers=folder,
            vault_limits=LIMITS,
        )
        self.field: QWidget | None = None
        self.typed = 0
        self.is_opening = False
        self.program.start()
        self.timer = QTimer()
        self.timer.timeout.connect(self.go_on)
        self.timer.start(KEY_MS)

    def go_on(self) -> None:
        program = self.program
        if program.session is None:
            unlock = program.unlock
            if unlock is not None and not unlock.state.is_busy:
                unlock.open(PASSPHRASE)
        elif self.field is not None:
            self.type_on()
        elif not self.step:
            self.find(program.session.new_visit)
        elif self.step == CUSTOMER:
            self.find(self.show_customer)
        elif program.session.visit is None:
            state = program.session.today.state
            if state.next_visits:
                program.session.open_visit(state.next_visits[0].visit_id)
        elif program.session.visit.state.steps:
            visit = program.session.visit
            if visit.held.visit.arrived_at is None and self.step != "need":
                visit.next()
            elif visit.state.current != self.step:
                visit.go(self.step)
                if self.step == "work":
                    visit.work.choose_kind("maintenance")
            else:
                self.find(lambda: None)

    def show_customer(self) -> None:
        """Open the form of a customer's page."""
        session = self.program.session
        assert session is not None
        place = session.places.customer
        if place is not None and place.state.title:
            place.edit()
        elif place is None and not self.is_opening:
            self.is_opening = True
            around = session.surroundings
            around.lanes.store(lambda: around.store.find(Customer)[0].id, session.places.open_customer)

    def find(self, otherwise: Callable[[], object]) -> None:
        shell = self.program.shell
        for kind in (LineEdit, TextEdit):
            for field in shell.findChildren(kind):
                if field.accessibleName() == self.name and field.isVisible():
                    shell.activateWindow()
                    field.setFocus(Qt.FocusReason.MouseFocusReason)
                    self.field = field
                    return
        otherwise()

    def type_on(self) -> None:
        assert self.field is not None
        if not self.field.hasFocus():
            return
        QTest.keyClick(self.field, "abcdefghij"[self.typed % 10])
        self.typed += 1
        sys.stdout.write(f"{self.typed}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    typist = Typist(application, Path(sys.argv[1]), sys.argv[2])
    sys.exit(application.exec())
