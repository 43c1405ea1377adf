"""Pictures of what a person tries by hand, of administrator rights and of a disk's self-test.

The program itself; sound and camera are a recording, as the pictures are taken where there are none.
"""

from __future__ import annotations

import base64
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shots.camera import Camera, series, unlock
from techkit.diagnostics import elevated
from techkit.probes.probe import missing
from techkit.records.findings import Reason
from techkit.sync.throughput import Measured, Rate, Told

# The pictures are those of an ordinary user, whoever takes them.
elevated.has_admin_rights = lambda: False  # type: ignore[attr-defined]  # for the whole series


class RecordedDevices:
    """A microphone that hears a voice, a camera that sees a face of circles, and no speaker."""

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard

    def ask(self, do: str, **_about: Any) -> None:
        """Answer as recorded."""
        if do == "record":
            for level in (0.1, 0.62, 0.38):
                self._heard({"what": "level", "value": level})
        elif do == "camera":
            self._heard(
                {"what": "picture", "kind": "grey", "width": 320, "height": 240, "data": _face(320, 240)}
            )
        elif do == "tone":
            text = "No speaker could be opened (No such file or directory)."
            self._heard({"what": "failed", "of": do, "reason": "not_present", "text": text})

    def close(self) -> None:
        """Nothing to end."""


def _face(width: int, height: int) -> str:
    def shade(x: int, y: int) -> int:
        far = math.hypot(x - width / 2, y - height / 2)
        eye = min(math.hypot(x - width / 2 - side, y - height / 2 + 25) for side in (-30, 30))
        return 40 if eye < 9 else 205 if far < 80 else 90 + (x + y) // 8

    data = bytes(min(255, shade(x, y)) for y in range(height) for x in range(width))
    return base64.b64encode(data).decode()


def take(out: Path) -> Iterator[Path]:
    """Try each device in each language and yield the pictures."""
    yield from series(out, play)


def _rights(camera: Camera, rights: Any) -> None:
    """Ask for the rights, which a recorded system gives; then let the disk test itself."""
    values = {"passed": True, "self_test_short_minutes": 2, "self_test_long_minutes": 213}
    read = [
        [f"storage.smart.{name}", value, "", "disk0", "smartctl", "none"] for name, value in values.items()
    ]
    model = ["storage.disk.firmware", "EXK7", "", "disk0", "smartctl", "none"]
    rights._ask = lambda _ids, _test: [{"probe": "storage.health", "state": "ok", "readings": [*read, model]}]
    camera.reveal("RightsCard")
    camera.take("14-rights")
    rights.read_more()
    camera.wait(lambda: not rights.state.is_busy)
    rights.ask_test("disk0", "long")
    camera.settle()
    camera.reveal("RightsCard")
    camera.take("14-rights-self-test")
    rights.refuse_test()


class RecordedOffice:
    """An office's service with a line of 43 Mbit/s; it waits until the camera has seen it measure."""

    is_enrolled = True

    def __init__(self) -> None:
        self.seen = threading.Event()

    def measure_line(self, told: Told, _stop: threading.Event) -> Measured:
        """Measure down, and up once the camera has seen it."""
        told(0.36, "down", 5_375_000.0)
        self.seen.wait(20)
        return Measured(
            down=Rate(bytes_per_s=5_375_000.0, byte_count=43_000_000, seconds=8.0),
            up=Rate(bytes_per_s=512_000.0, byte_count=4_100_000, seconds=8.0),
            delay_ms=23.4,
            against="office.example",
        )


def _line(camera: Camera, line_test: Any) -> None:
    """Measure the line: asked for, under way, measured."""
    office = RecordedOffice()
    around = vars(line_test.held.around)
    around["client"] = office
    camera.reveal("LineTestCard")
    camera.take("16-line")
    line_test.ask()
    camera.wait(lambda: line_test.state.phase == "asked")
    camera.reveal("LineTestCard")
    camera.take("16-line-asked")
    line_test.start()
    camera.wait(lambda: line_test.state.share > 0)
    camera.reveal("LineTestCard")
    camera.take("16-line-measuring")
    office.seen.set()
    camera.wait(lambda: line_test.state.phase == "offered")
    camera.reveal("LineTestCard")
    camera.take("16-line-measured")
    del around["client"]


def _part(camera: Camera, part_look: Any) -> None:
    """Look at one part alone, before the check."""
    camera.take("15-check-only")
    part_look.start("storage")
    camera.wait(lambda: part_look.state.findings)
    camera.take("15-check-only-found")


def _export(camera: Camera, exporting: Any) -> None:
    """Look at what would be given away."""
    exporting.open()
    camera.wait(lambda: exporting.state.preview and not exporting.state.is_busy)
    camera.take("15-export")
    exporting.choose_form("json")
    camera.wait(lambda: exporting.state.more_line and not exporting.state.is_busy)
    camera.take("15-export-whole")
    exporting.close()


def play(camera: Camera) -> None:
    """Open a visit, check, and try each device; the camera takes each."""
    session = unlock(camera)
    camera.wait(lambda: session.today.state.next_visits)
    session.open_visit(session.today.state.next_visits[0].visit_id)
    visit = session.visit
    camera.wait(lambda: visit is not None and visit.state.next_label)
    visit.next()
    camera.wait(lambda: visit.state.current == "check")
    before = camera.desk.recordings["before"]
    before[:] = [reading for reading in before if not reading.id.startswith("storage.smart.")]
    before.append(
        missing(
            "storage.smart.passed", subject="disk0", reason=Reason.NOT_PERMITTED, text="It needs the rights."
        )
    )
    _part(camera, visit.check.part_look)
    visit.check.start()
    camera.wait(lambda: visit.check.state.phase == "results")
    _rights(camera, visit.check.rights)
    _line(camera, visit.check.line_test)
    _export(camera, visit.check.exporting)
    _trials(camera, visit)


def _trials(camera: Camera, visit: Any) -> None:
    """Try each device."""
    hands = visit.check.hands
    hands._make_process = RecordedDevices
    hands.open("screen")
    camera.take("13-hands-screen")
    hands.fill_screen(4)
    hands.leave_screen()
    hands.judge("works")
    for place in (1, 2, 3, 4, 16, 17, 18, 19, 20, 21, 30, 31, 32, 42, 57, 28, 105):
        hands.press_key("linux", place + 8, 0)
    camera.take("13-hands-keyboard")
    hands.write_note("E and Enter only answer when pressed hard")
    hands.judge("faulty")
    for word in ("move", "corner_1", "corner_2", "left_button", "wheel_down"):
        hands.point(word)
    camera.take("13-hands-pointer")
    hands.judge("not_tried")
    hands.play("left")
    camera.take("13-hands-speaker-missing")
    hands.judge("no_device")
    hands.record()
    camera.take("13-hands-microphone")
    hands.judge("works")
    hands.look()
    camera.take("13-hands-camera")
    hands.judge("works")
    hands.close()
    camera.settle()
    camera.take("13-hands-results")
    visit.check.open_evidence(next(c.key for c in visit.check.state.cards if "keyboard" in c.key))
    camera.take("13-hands-evidence")
