"""The window's background lanes: order, delivery on the UI thread, cancelling, a clean end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from techkit.errors import StoreError
from techkit.ui import tasks
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.tasks import QtLanes


@pytest.fixture
def faults() -> list[Exception]:
    return []


@pytest.fixture
def lanes(qapp: object, faults: list[Exception]) -> Iterator[QtLanes]:
    made = QtLanes(faults.append)
    yield made
    made.close()


def test_store_work_runs_in_order_and_reports_on_the_ui_thread(qtbot: QtBot, lanes: QtLanes) -> None:
    """Forty pieces of store work end in the order they were handed in, each told on this thread."""
    seen: list[tuple[int, int]] = []
    for number in range(40):
        lanes.store(lambda n=number: n, lambda n: seen.append((n, threading.get_ident())))
    qtbot.waitUntil(lambda: len(seen) == 40)
    here = threading.get_ident()
    assert seen == [(number, here) for number in range(40)]


def test_store_work_leaves_the_ui_thread(qtbot: QtBot, lanes: QtLanes) -> None:
    """Work does not run on the thread that asked for it."""
    seen: list[int] = []
    lanes.store(threading.get_ident, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0] != threading.get_ident()


def test_free_work_runs_side_by_side(qtbot: QtBot, lanes: QtLanes) -> None:
    """Two pieces of free work can wait for each other."""
    meeting, ended = threading.Barrier(2, timeout=10), []
    for _number in range(2):
        lanes.free(lambda ticket: meeting.wait(), ended.append)
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert sorted(ended) == [0, 1]


def test_an_error_reaches_failed(qtbot: QtBot, lanes: QtLanes, faults: list[Exception]) -> None:
    """Expected trouble goes to who asked, and nowhere else."""
    seen: list[Exception] = []

    def work() -> None:
        raise StoreError("The stick is full.")

    lanes.store(work, lambda _: None, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert [str(error) for error in seen] == ["The stick is full."]
    assert faults == []


def test_an_error_nobody_handles_reaches_the_crash_page(
    qtbot: QtBot, lanes: QtLanes, faults: list[Exception]
) -> None:
    """Without failed the program is told."""

    def work() -> None:
        raise StoreError("Nobody asked.")

    lanes.store(work)
    qtbot.waitUntil(lambda: bool(faults))
    assert str(faults[0]) == "Nobody asked."


def test_cancelled_work_reports_nothing(qtbot: QtBot, lanes: QtLanes) -> None:
    """After a cancel neither result nor progress arrives, and the work can see it."""
    seen: list[object] = []
    started, stopped = threading.Event(), threading.Event()

    def work(ticket: Ticket) -> str:
        started.set()
        while not ticket.is_cancelled:
            time.sleep(0.001)
        ticket.report(1.0, "late")
        stopped.set()
        return "result"

    ticket = lanes.free(work, seen.append, progress=lambda share, text: seen.append(text))
    assert started.wait(10)
    ticket.cancel()
    assert stopped.wait(10)
    qtbot.waitUntil(lambda: lanes.is_idle)
    after: list[str] = []
    lanes.soon(lambda: after.append("turn"))
    qtbot.waitUntil(lambda: bool(after))
    assert seen == []


def test_progress_is_thinned_out_and_the_latest_report_arrives(qtbot: QtBot, lanes: QtLanes) -> None:
    """A thousand reports become a few, the last one among them, before the work goes on."""
    shares: list[float] = []
    go_on = threading.Event()

    def work(ticket: Ticket) -> None:
        for number in range(1001):
            ticket.report(number / 1000)
        go_on.wait(10)

    lanes.free(work, progress=lambda share, text: shares.append(share))
    qtbot.waitUntil(lambda: bool(shares) and shares[-1] == 1.0)
    go_on.set()
    assert len(shares) <= 5


def test_delayed_calls_come_later_and_from_any_thread(qtbot: QtBot, lanes: QtLanes) -> None:
    """A call asked for in a lane is made on the UI thread, after one without delay."""
    seen: list[tuple[str, int]] = []

    def work() -> None:
        lanes.soon(lambda: seen.append(("later", threading.get_ident())), 0.05)
        lanes.soon(lambda: seen.append(("now", threading.get_ident())))

    lanes.store(work)
    qtbot.waitUntil(lambda: len(seen) == 2)
    here = threading.get_ident()
    assert seen == [("now", here), ("later", here)]


@pytest.mark.skipif(sys.platform != "linux", reason="only there the niceness belongs to a thread")
def test_background_work_stands_back_behind_the_windows_own_thread(qtbot: QtBot, lanes: QtLanes) -> None:
    """The system gives the core to the window first; every thread is there before work arrives."""

    def niceness(_ticket: Ticket | None = None) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    lanes.man()
    told: list[int] = []
    lanes.store(niceness, told.append)
    lanes.free(niceness, told.append)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [min(19, niceness() + tasks.NICENESS)] * 2


def test_closing_finishes_store_work_and_leaves_no_thread(qapp: object) -> None:
    """A change typed last is still written; afterwards no lane thread is left."""
    before = set(threading.enumerate())
    lanes, written = QtLanes(lambda error: None), []
    for number in range(5):
        lanes.store(lambda n=number: (time.sleep(0.002), written.append(n)))
    lanes.free(lambda ticket: time.sleep(0.001))
    lanes.close()
    assert written == [0, 1, 2, 3, 4]
    assert set(threading.enumerate()) == before


def test_work_handed_in_after_closing_is_refused(qapp: object) -> None:
    """A closed lane starts no thread and cancels the ticket."""
    lanes, seen = QtLanes(lambda error: None), []
    lanes.close()
    ticket = lanes.store(lambda: seen.append("ran"))
    assert ticket.is_cancelled
    assert seen == []


class _Waiting:
    """Somebody who waits for work, as a piece of the window does; says on which thread it was let go."""

    def __init__(self, let_go: list[int]) -> None:
        self._let_go = let_go

    def __call__(self, _result: object) -> None:
        """Take the result."""

    def __del__(self) -> None:
        self._let_go.append(threading.get_ident())


@pytest.mark.parametrize("lane", ["store", "free"])
def test_who_waited_is_let_go_on_the_ui_thread(
    qtbot: QtBot, lanes: QtLanes, faults: list[Exception], lane: str
) -> None:
    """Who waited for work is let go on the window's own thread, whether it ended well, badly or not at all."""
    let_go: list[int] = []

    def fail(*_ticket: object) -> None:
        raise StoreError(
            "The store is locked.", safe="Nothing was changed.", action="Close the other window."
        )

    for _round in range(50):
        getattr(lanes, lane)(lambda *_ticket: None, _Waiting(let_go))
        getattr(lanes, lane)(fail, None, _Waiting(let_go))
        getattr(lanes, lane)(lambda *_ticket: None, _Waiting(let_go)).cancel()
    qtbot.waitUntil(lambda: len(let_go) == 150)
    assert set(let_go) == {threading.get_ident()}
    assert faults == []


def test_what_an_ended_session_asked_for_is_done_and_told_to_nobody(
    qtbot: QtBot, lanes: QtLanes, faults: list[Exception]
) -> None:
    """As the window locks, work handed in is still done, its faults still told; who asked hears nothing more."""
    done, told = [], []
    halt = threading.Event()

    def fail() -> None:
        raise StoreError("no room left")

    lanes.store(lambda: halt.wait(10))
    lanes.store(lambda: done.append("written"), lambda _nothing: told.append("written"))
    lanes.store(fail)
    lanes.free(lambda ticket: halt.wait(10), lambda _nothing: told.append("checked"))
    lanes.soon(lambda: told.append("soon"), 0.01)
    lanes.end_session()
    lanes.store(lambda: done.append("closed"), lambda _nothing: told.append("closed"))
    halt.set()
    qtbot.waitUntil(lambda: lanes.is_idle and told == ["closed"] and len(faults) == 1)
    lanes.soon(lambda: told.append("end"), 0.02)
    qtbot.waitUntil(lambda: "end" in told)
    assert (done, told) == (["written", "closed"], ["closed", "end"])
    assert str(faults[0]) == "no room left"
