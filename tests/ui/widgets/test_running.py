"""The running view: news change texts, bars and lines, never the pieces themselves."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit.records.findings import Verdict
from techkit.ui.presenters.check_rows import CheckState, PartRow
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.live import LiveChart as ChartState
from techkit.ui.widgets import turns
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.charts import LiveChart
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.running import RunningView


def chart(key: str, *points: float) -> ChartState:
    return ChartState(
        key=key, title=key, value=str(points[-1]), unit="%", line="", series=(points,), span=21, high=100.0
    )


RUNNING = CheckState(
    phase="running",
    share=0.4,
    sentence="Busiest programs",
    progress_line="35 of 37 · about 10 seconds left",
    may_stop=True,
    busy=(("browser", "80 % of a core", 1.0), ("backup", "40 MB/s", 0.5)),
    charts=(chart("processor", 10.0, 20.0), chart("memory", 60.0, 61.0)),
)


def part(area: str, state: str, line: str, verdict: Verdict = Verdict.NOT_APPLICABLE) -> PartRow:
    return PartRow(area=area, label=area.title(), state=state, verdict=verdict, count="1 of 2", line=line)


class Asked:
    def __init__(self) -> None:
        self.words: list[str] = []

    def stop(self) -> None:
        self.words.append("stop")

    def go_on(self) -> None:
        self.words.append("go on")


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def view(qtbot: QtBot, look: object, asked: Asked) -> RunningView:
    made = RunningView(asked.stop, asked.go_on)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    return made


def words(view: QWidget) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible() and label.text()]


def test_before_the_first_look_it_says_so(view: RunningView) -> None:
    """Nothing is drawn as if it were a reading; a sentence tells what comes."""
    view.show_state(dataclasses.replace(RUNNING, busy=(), charts=()))
    assert "In a few seconds it is seen which programs use it." in words(view)
    assert not [piece for piece in view.findChildren(LiveChart) if piece.isVisible()]


def test_programs_and_charts_are_shown_while_it_runs(view: RunningView) -> None:
    """The busiest programs with their shares, and a chart of each thing with its value in words."""
    view.show_state(RUNNING)
    shown = words(view)
    assert {"browser", "80 % of a core", "backup", "40 MB/s", "35 of 37 · about 10 seconds left"} <= set(
        shown
    )
    assert "In a few seconds it is seen which programs use it." not in shown
    meters = {m.accessibleName(): m.value() for m in view.findChildren(Meter) if m.isVisible()}
    assert meters["browser uses"] == 1000
    assert meters["backup uses"] == 500
    charts = {c.accessibleName(): c.accessibleDescription() for c in view.findChildren(LiveChart)}
    assert charts == {"processor": "20.0\u00a0%", "memory": "61.0\u00a0%"}


def test_news_make_no_new_pieces(view: RunningView) -> None:
    """A hundred news later the very same widgets stand there, so that a run never holds the window up."""
    view.show_state(RUNNING)
    before = set(view.findChildren(QWidget))
    for number in range(100):
        view.show_state(
            dataclasses.replace(
                RUNNING,
                share=number / 100,
                busy=((f"program {number}", "1 % of a core", 1.0),),
                charts=(chart("processor", *range(number + 1)),),
            )
        )
    assert set(view.findChildren(QWidget)) == before


def test_what_comes_in_new_is_painted_in_a_turn_of_its_own(view: RunningView, qtbot: QtBot) -> None:
    """The first programs and charts are laid out in one turn and painted in the next; news after that at once."""
    view.show_state(dataclasses.replace(RUNNING, busy=(), charts=()))
    qtbot.waitUntil(turns.is_built)
    view.show_state(RUNNING)
    assert not view.updatesEnabled()
    qtbot.waitUntil(turns.is_built)
    assert view.updatesEnabled()
    view.show_state(dataclasses.replace(RUNNING, share=0.5))
    assert view.updatesEnabled()


def test_both_ways_out_can_be_pressed(view: RunningView, asked: Asked) -> None:
    """Going on leaves it running; stopping keeps what is there, and cannot be asked for twice."""
    view.show_state(RUNNING)
    by_words = {button.words: button for button in view.findChildren(Button)}
    by_words["Go on meanwhile"].click()
    by_words["Stop, keep what is there"].click()
    assert asked.words == ["go on", "stop"]
    view.show_state(dataclasses.replace(RUNNING, may_stop=False))
    assert not by_words["Stop, keep what is there"].isVisible()


def test_each_part_tells_its_state_by_word(view: RunningView, qtbot: QtBot) -> None:
    """A part still to come, one that runs, one that is done and one that could not be checked; rows stay the same."""
    parts = (
        part("storage", "running", "Disk space", Verdict.ACT),
        part("memory", "waiting", "Still to come"),
        part("power", "done", "Done", Verdict.OK),
        part("security", "unknown", "Could not check", Verdict.UNKNOWN),
    )
    view.show_state(dataclasses.replace(RUNNING, parts=parts))
    qtbot.waitUntil(turns.is_built)
    names = [
        piece.accessibleName() for piece in view.findChildren(QWidget) if "1 of 2" in piece.accessibleName()
    ]
    assert names == [
        "Storage: Disk space, 1 of 2",
        "Memory: Still to come, 1 of 2",
        "Power: Done, 1 of 2",
        "Security: Could not check, 1 of 2",
    ]
    before = set(view.findChildren(QWidget))
    view.show_state(
        dataclasses.replace(
            RUNNING, parts=(*parts[:1], part("memory", "done", "Done", Verdict.OK), *parts[2:])
        )
    )
    assert set(view.findChildren(QWidget)) == before
    assert "Memory: Done, 1 of 2" in {piece.accessibleName() for piece in before}


def test_what_is_serious_stands_there_before_the_end(view: RunningView) -> None:
    """A banner names it while the check goes on, and is not there where nothing was found."""
    view.show_state(RUNNING)
    assert "Found already: Disk health" not in words(view)
    found = Notice(kind="bad", title="Found already: Disk health", text="It fails. The check goes on.")
    view.show_state(dataclasses.replace(RUNNING, found=found))
    assert {"Found already: Disk health", "It fails. The check goes on."} <= set(words(view))
