"""How long the window stands still at most while it checks, makes the page, syncs, is typed into and gone about in.

The real window on a visit of an invented customer: a watch in the window's own thread ticks every millisecond, and the
longest time between two ticks is the stall. Checking reads this computer; the page is made and drawn; sync sends two
thousand operations to a service in a process of its own. A visit has been open for a moment before it is gone about in,
so that its pages were made ahead, as they are when a person reads the first one.

Each stall stands beside what the window's own thread computed in the longest turn ("…_computing"): on a machine that
others use too, the difference is theirs. Typing and switching are short, so they are done three times and the best
round counts: a stall of the window's own is in all of them. What is made for the first switches only is in no later
round, so the first round stands beside them ("…_first"), on a machine shared with others the worst of what was met.
"""

from __future__ import annotations

import functools
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import sync
from benchmarks.figures import Figure
from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits

if TYPE_CHECKING:
    from techkit.ui.app import Program

#: The issues' bars: 50 ms while checking, syncing, printing; 16 ms while typing, 33 ms while switching steps and pages.
BAR_MS, TYPING_BAR_MS, SWITCHING_BAR_MS = 50.0, 16.0, 33.0
ROUNDS = 3
TYPED = "It takes minutes until I can work, since the update of last week"
PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of an invented device in a folder that is thrown away
#: Cheap on purpose: deriving the key is no part of these figures.
COST, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)
#: Operations that wait when sync starts: a device that was away for weeks.
OPERATIONS = 2_000
#: Longer than anything here takes; a hang is no figure.
PATIENCE_S = 120


@dataclass(frozen=True)
class Stall:
    """The longest pause between two ticks, and the most the window's thread computed between two, in ms."""

    pause_ms: float
    computing_ms: float

    def figures(self, name: str, bar: float) -> Iterator[Figure]:
        """Yield both."""
        yield Figure(f"stall_while_{name}", self.pause_ms, "ms", bar)
        yield Figure(f"stall_while_{name}_computing", self.computing_ms, "ms", bar)


class Watch:
    """Ticks in the window's thread and keeps the longest pause between two ticks."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._tick)
        self._last = self._computed = 0.0
        self._pause_ms = self._computing_ms = 0.0

    def _tick(self) -> None:
        now, computed = time.perf_counter(), time.thread_time()
        self._pause_ms = max(self._pause_ms, (now - self._last) * 1000)
        self._computing_ms = max(self._computing_ms, (computed - self._computed) * 1000)
        self._last, self._computed = now, computed

    def during(self, begin: Callable[[], object], until: Callable[[], bool]) -> Stall:
        """Return the longest pause from beginning something to its end."""
        self._pause_ms = self._computing_ms = 0.0
        self._last, self._computed = time.perf_counter(), time.thread_time()
        self._timer.start()
        begin()
        wait(until)
        self._tick()
        self._timer.stop()
        return Stall(self._pause_ms, self._computing_ms)


def least(stalls: Iterable[Stall]) -> Stall:
    """Return the least of several rounds, pause and computing each for itself."""
    held = list(stalls)
    return Stall(min(stall.pause_ms for stall in held), min(stall.computing_ms for stall in held))


def most(stalls: Iterable[Stall]) -> Stall:
    """Return the longest of several, pause and computing each for itself."""
    held = list(stalls)
    return Stall(max(stall.pause_ms for stall in held), max(stall.computing_ms for stall in held))


def wait(until: Callable[[], bool]) -> None:
    """Run the window until something holds, looked at every 20 ms.

    Raises: TimeoutError after PATIENCE_S.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    loop, look = QEventLoop(), QTimer()
    ends = time.monotonic() + PATIENCE_S

    def end() -> None:
        if until():
            loop.exit(0)
        elif time.monotonic() > ends:
            loop.exit(1)

    look.timeout.connect(end)
    look.start(20)
    late = loop.exec()
    look.stop()
    if late:
        raise TimeoutError("it never came to its end")


def rest(duration_ms: int = 400) -> None:
    """Let what was begun on the screen come to its end."""
    ends = time.monotonic() + duration_ms / 1000
    wait(lambda: time.monotonic() > ends)


def measure() -> Iterator[Figure]:
    """Unlock, open the visit, check, make the page, sync; a figure each."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from techkit.ui.app import Program

    app = QApplication([])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "device"
        prepare(folder)
        program = Program(app, folder, is_portable=False, papers=folder, vault_limits=LIMITS)
        try:
            yield from _measure(program, Path(name))
        finally:
            program.close()
            app.processEvents()


def prepare(folder: Path) -> None:
    """Make a device with a visit for today and operations that wait."""
    from techkit.records.activities import Troubleshooting
    from techkit.records.assets import Asset
    from techkit.records.findings import Complaint
    from techkit.records.identity import new_id
    from techkit.records.parties import Contact, Customer, Site
    from techkit.records.visit import Visit, WorkState
    from techkit.store.database import Store

    folder.mkdir()
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=COST, limits=LIMITS)
    store = Store.create(folder, key, prefix="TK07", technician="Ines Okafor", provider="Homefix")
    now = datetime.now(UTC)
    customer, site, contact, asset = (new_id() for _number in range(4))
    visits = [
        Visit(
            id=new_id(),
            number=store.next_number(),
            customer_id=customer,
            site_id=site,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="It takes minutes until I can work.",
            complaint=Complaint.SLOW,
            work_state=WorkState.SCHEDULED,
            planned_start_at=now + timedelta(minutes=number),
            planned_end_at=now + timedelta(minutes=number + 60),
        )
        for number in range(2)
    ]
    store.save(
        Customer(
            id=customer, display_name="Larkspur Dental Group", has_diagnostics_consent=True, consent_at=now
        ),
        Site(id=site, customer_id=customer, name="Practice", street="Mill Lane 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Selin", family_name="Arslan", skill=3),
        Asset(id=asset, customer_id=customer, site_id=site, name="LDG-RC-01"),
        *visits,
    )
    entries = [
        Troubleshooting(id=new_id(), visit_id=visits[1].id, title=f"Work {number}", note_internal="n" * 700)
        for number in range(OPERATIONS)
    ]
    for start in range(0, OPERATIONS, 500):
        store.save(*entries[start : start + 500])
    store.close()


def _measure(program: Program, folder: Path) -> Iterator[Figure]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    program.start()
    program.shell.resize(1280, 800)
    rest()
    field = program.shell.focusWidget()
    assert field is not None
    QTest.keyClicks(field, PASSPHRASE)
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait(lambda: program.session is not None and bool(program.session.today.state.next_visits))
    session: Any = program.session
    watch = Watch()

    session.open_visit(session.today.state.next_visits[0].visit_id)
    wait(lambda: session.visit is not None and bool(session.visit.state.steps))
    visit = session.visit
    visit.next()
    wait(lambda: visit.state.current == "check")
    rest()
    checking = watch.during(visit.check.start, lambda: visit.check.state.phase == "results")
    yield from checking.figures("checking", BAR_MS)
    rounds = [_switch(watch, session) for _round in range(ROUNDS)]
    yield from least(rounds).figures("switching", SWITCHING_BAR_MS)
    yield from rounds[0].figures("switching_first", SWITCHING_BAR_MS)
    yield from least(_type(watch, session) for _round in range(ROUNDS)).figures("typing", TYPING_BAR_MS)

    visit.go("sign_off")
    wait(lambda: bool(visit.sign_off.state.pages) and not visit.sign_off.state.is_rendering)
    rest()
    printing = watch.during(
        lambda: visit.sign_off.choose_language("de"),
        lambda: program.lanes.is_idle and not visit.sign_off.state.is_rendering,
    )
    yield from printing.figures("printing", BAR_MS)

    with sync.service(folder / "service") as running:
        session.show_place("sync")
        rest()
        syncing = watch.during(
            lambda: session.sync.enrol(running.invite()),
            lambda: session.sync.state.status == "done" and session.sync.state.count == 0,
        )
    yield from syncing.figures("syncing", BAR_MS)


def _switch(watch: Watch, session: Any) -> Stall:
    """Go through all steps of the visit and all places, each when the one before has come to rest."""
    visit = session.visit

    def rested() -> bool:
        return _at_rest(session)

    rest(2500)  # the pages are made ahead meanwhile
    steps = ("work", "follow_ups", "after", "sign_off", "need", "check")
    stalls = [watch.during(functools.partial(visit.go, step), rested) for step in steps]
    session.show_place("today")
    rest(2500)
    places = ("visits", "customers", "computers", "follow_ups", "sync", "settings", "today")
    stalls += [watch.during(functools.partial(session.show_place, place), rested) for place in places]
    session.open_visit(visit.state.visit_id)
    rest()
    return most(stalls)


def _at_rest(session: Any) -> bool:
    """Return whether all that follows a switch is done: nothing is looked at, made or built any more."""
    from techkit.ui.widgets.turns import is_built

    visit = session.visit
    is_looking = visit.after.looking.under_way is not None or visit.check.looking.under_way is not None
    return is_built() and not is_looking and not visit.sign_off.state.is_rendering


def _type(watch: Watch, session: Any) -> Stall:
    """Type a sentence into the visit's need, ten letters a second."""
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QPlainTextEdit

    session.visit.go("need")
    rest()
    view = session._shell.view
    change = next((b for b in view.findChildren(_button()) if b.isVisible() and b.words == "Change"), None)
    if change is not None:
        change.click()
        rest()
    field = next(piece for piece in view.findChildren(QPlainTextEdit) if piece.isVisible())
    field.setFocus()
    letters = list(TYPED)
    timer = QTimer()
    timer.setInterval(100)
    timer.timeout.connect(lambda: QTest.keyClicks(field, letters.pop(0)) if letters else timer.stop())
    stall = watch.during(timer.start, lambda: not letters)
    timer.stop()
    rest()
    return stall


def _button() -> type:
    from techkit.ui.widgets.buttons import Button

    return Button
