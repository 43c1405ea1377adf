"""What a person tries by hand, and the line measured on request: in the real window, by keyboard alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from techkit.records.findings import Verdict
from techkit.sync.throughput import Measured, Rate, Told
from techkit.ui.app import Session
from techkit.ui.presenters.hands import COLOURS
from techkit.ui.widgets.hands_screen import ScreenFill
from tests.ui.keyboard import Keyboard
from tests.ui.test_flows import (  # noqa: F401 - fixtures of the same window
    begun,
    desk,
    folder,
    hand,
    office,
    program,
    session,
)

NONE = Qt.KeyboardModifier.NoModifier


class Devices:
    """A sound card and a camera that answer at once; no machine has them while it is tested."""

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard

    def ask(self, do: str, **_about: Any) -> None:
        grey = base64.b64encode(bytes([128]) * 16).decode()
        answers = {
            "record": [{"what": "level", "value": 0.6}, {"what": "done", "of": "record"}],
            "camera": [{"what": "picture", "kind": "grey", "width": 4, "height": 4, "data": grey}],
        }
        for answer in answers.get(do, []):
            self._heard(answer)

    def close(self) -> None:
        """Nothing to end."""


class Office:
    """An office's service on a line of 43 Mbit/s."""

    is_enrolled = True

    def measure_line(self, told: Told, _stop: Any) -> Measured:
        told(0.5, "down", 5_375_000.0)
        rates = [
            Rate(bytes_per_s=pace, byte_count=int(8 * pace), seconds=8.0) for pace in (5_375_000.0, 512_000.0)
        ]
        return Measured(down=rates[0], up=rates[1], delay_ms=23.4, against="office.example")


@pytest.fixture
def checked(session: Session, hand: Keyboard) -> Any:  # noqa: F811 - the fixtures
    """The visit with its check done, and devices that answer."""
    visit = begun(session, hand)
    visit.go("check")
    visit.check.start()
    hand.wait(lambda: visit.check.state.phase == "results")
    visit.check.hands._make_process = Devices
    return visit


def press_here(*keys: Qt.Key) -> None:
    """Press keys where the focus is."""
    for key in keys:
        held = QApplication.focusWidget()
        assert held is not None
        QTest.keyClick(held, key)


def test_each_device_is_tried_and_judged_without_a_pointer(checked: Any, hand: Keyboard) -> None:  # noqa: F811 - the fixture
    """Screen, keyboard, pointer, sound and camera in turn, then the line once the customer agreed; each verdict is there."""
    hands = checked.check.hands
    hand.press("Try by hand")
    hand.wait(lambda: hands.state.test == "screen")
    hand.press("Fill the screen")
    hand.wait(lambda: isinstance(QApplication.focusWidget(), ScreenFill))
    for place in range(1, len(COLOURS)):
        press_here(Qt.Key.Key_Space)
        assert hands.state.colour == place
    press_here(Qt.Key.Key_Escape)
    hand.wait(lambda: hands.state.colour is None)
    hand.press("Works")
    hand.wait(lambda: hands.state.test == "keyboard")
    hand.press_name("Keyboard: press each key")
    press_here(Qt.Key.Key_A, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    hand.press("Does not work")
    hand.wait(lambda: hands.state.test == "pointer")
    hand.press("Not tried")
    hand.wait(lambda: hands.state.test == "speaker")
    hand.press("No device")
    hand.wait(lambda: hands.state.test == "microphone")
    hand.press("Record 4 seconds")
    hand.wait(lambda: hands.peak > 0)
    hand.press("Works")
    hand.wait(lambda: hands.state.test == "camera")
    hand.press("Show the picture")
    hand.wait(lambda: hands.picture is not None)
    hand.press("Works")
    hand.press("Back to the results")
    vars(checked.held.around)["client"] = Office()
    hand.press("Measure")
    hand.press("Customer agrees")
    hand.wait(lambda: any(f.check == "network_throughput" for f in checked.held.last_run.findings))
    run = checked.held.last_run
    verdicts = {f.check: f.verdict for f in run.findings if f.check.endswith("_test")}
    assert verdicts == {
        "screen_test": Verdict.OK,
        "keyboard_test": Verdict.ACT,
        "pointer_test": Verdict.UNKNOWN,
        "speaker_test": Verdict.UNKNOWN,
        "microphone_test": Verdict.OK,
        "camera_test": Verdict.OK,
    }
