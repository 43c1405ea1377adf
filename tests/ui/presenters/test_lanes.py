"""The lanes presenters work on, in the form the demo and the tests use."""

from __future__ import annotations

from functools import partial

import pytest

from techkit.ui.presenters.lanes import REPORT_INTERVAL_S, InlineLanes, Observable, Thinned, Ticket


def test_store_work_hands_its_result_to_done() -> None:
    """What the work gives back arrives at done."""
    got: list[int] = []
    InlineLanes().store(lambda: 41 + 1, got.append)
    assert got == [42]


def test_an_error_reaches_failed_and_not_done() -> None:
    """Work that raises is answered by failed alone."""
    got: list[object] = []
    InlineLanes().store(lambda: int("x"), got.append, lambda error: got.append(type(error)))
    assert got == [ValueError]


def test_an_error_nobody_handles_is_not_swallowed() -> None:
    """Without failed the error comes out."""
    with pytest.raises(ValueError, match="invalid literal"):
        InlineLanes().store(lambda: int("x"))


def test_free_work_reports_progress_until_it_is_cancelled() -> None:
    """Progress arrives while the work runs; after a cancel neither progress nor done does."""
    seen: list[object] = []

    def work(ticket: Ticket) -> str:
        ticket.report(0.5, "half")
        ticket.cancel()
        ticket.report(1.0, "whole")
        return "result"

    InlineLanes().free(work, seen.append, progress=lambda share, text: seen.append((share, text)))
    assert seen == [(0.5, "half")]


def test_delayed_calls_wait_for_time_to_pass() -> None:
    """A delayed call is made by pass_time, a cancelled one never."""
    lanes, seen = InlineLanes(), []
    lanes.soon(lambda: seen.append("now"))
    lanes.soon(lambda: seen.append("later"), 1.0)
    lanes.soon(lambda: seen.append("never"), 1.0).cancel()
    assert seen == ["now"]
    lanes.pass_time()
    assert seen == ["now", "later"]


def test_a_subscriber_hears_of_changes_until_it_leaves() -> None:
    """Leaving twice is harmless, and leaving during a notice takes effect at once."""
    changed, seen = Observable(), []
    leave = changed.subscribe(lambda: seen.append("a"))
    changed.subscribe(leave)
    leave_last = changed.subscribe(lambda: (seen.append("c"), leave_last())[0])
    changed()
    changed()
    leave()
    assert seen == ["a", "c"]


def test_a_heap_of_news_is_told_once() -> None:
    """The first is told at once, what follows within a tenth of a second together, at its end; later ones at once again."""
    lanes, at, told = InlineLanes(), [50.0], []
    news = Thinned(lanes, lambda: at[0], lambda: told.append(at[0]))
    for _news in range(3):
        news.come()
    assert told == [50.0]
    at[0] += REPORT_INTERVAL_S
    lanes.pass_time()
    assert told == [50.0, 50.0 + REPORT_INTERVAL_S]
    at[0] += 1.0
    news.come()
    assert told[2:] == [at[0]]


def test_what_follows_from_several_is_done_once_after_all() -> None:
    """Two who are told ask for the same thing; it is done when the third was told, too, and after the last of several."""
    changed = Observable()
    done: list[str] = []

    def show() -> None:
        done.append("shown")

    for name in ("one", "two", "three"):
        changed.subscribe(partial(done.append, name))
        changed.subscribe(partial(changed.once_told, show))
    changed()
    assert done == ["one", "two", "three", "shown"]
    done.clear()
    with changed.together():
        changed()
        changed()
    assert done == ["one", "two", "three"] * 2 + ["shown"]
    done.clear()
    changed.once_told(show)
    assert done == ["shown"]


def test_what_follows_is_done_although_one_failed() -> None:
    """An error of one who is told goes on; what others asked for is done."""
    changed = Observable()
    done: list[str] = []

    def show() -> None:
        done.append("shown")

    def fail() -> None:
        raise ValueError("not this one")

    changed.subscribe(lambda: changed.once_told(show))
    changed.subscribe(fail)
    with pytest.raises(ValueError, match="not this one"):
        changed()
    assert done == ["shown"]
