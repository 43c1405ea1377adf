"""A photo by camera: the real process's code over a recorded kernel, taken, taken again, kept, drawn anew."""

from __future__ import annotations

import errno
import os
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from techkit.probes.by_hand import camera as kernel_camera
from techkit.probes.hands import Hands
from techkit.records.visit import Attachment
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.photo_camera import PhotoCamera
from techkit.ui.presenters.visit import Visit
from tests.photos import photo
from tests.probes.test_camera import Kernel, plugged  # noqa: F401 - the fixture of a recorded camera
from tests.scenarios.conftest import Device

pytestmark = pytest.mark.skipif(not hasattr(os, "O_NONBLOCK"), reason="Video4Linux is Linux only")


class InThread:
    """The process's own code in a thread: one request at a time, its answers passed on by `pump`."""

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._hands = Hands(self._told.put)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, do: str, **about: Any) -> None:
        self.close()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._hands.do, args=({"do": do, **about}, self._stop))
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def pump(self, until: Callable[[], object]) -> None:
        while not until():
            self._heard(self._told.get(timeout=20))


@pytest.fixture
def processes() -> Iterator[list[InThread]]:
    made: list[InThread] = []
    yield made
    for process in made:
        process.close()


@pytest.fixture
def opened(visit: Visit, processes: list[InThread]) -> PhotoCamera:
    def make(heard: Callable[[dict[str, Any]], None]) -> InThread:
        processes.append(InThread(heard))
        return processes[-1]

    camera = PhotoCamera(InlineLanes(), visit.files.add_bytes, make)
    camera.open()
    return camera


@pytest.fixture
def jpeg(plugged: Callable[[bytes, bytes], Kernel]) -> Kernel:  # noqa: F811 - the fixture
    return plugged(b"MJPG", photo(160, 120, has_place=True))


def test_a_photo_is_taken_taken_again_and_kept(
    jpeg: Kernel, device: Device, visit: Visit, opened: PhotoCamera, processes: list[InThread]
) -> None:
    """Live, photo, live again, photo, kept: one file of the visit, drawn anew and without a place."""
    (process,) = processes
    for _turn in range(2):
        process.pump(lambda: opened.state.is_live)
        opened.take()
        process.pump(lambda: opened.state.is_taken)
        assert not opened.state.is_live
        if not _turn:
            opened.again()
            assert not opened.state.is_taken
    opened.keep()
    assert not opened.state.is_open
    (kept,) = device.store.find(Attachment)
    data = device.store.attachment(kept.sha256)
    assert (kept.media_type, kept.purpose, kept.has_preview, kept.tells_place) == (
        "image/jpeg",
        "photo",
        True,
        False,
    )
    assert b"Odalys" not in data
    assert [row.title for row in visit.files.state.rows] == ["Photo"]


def test_closing_ends_the_camera_and_keeps_nothing(
    jpeg: Kernel, device: Device, opened: PhotoCamera, processes: list[InThread]
) -> None:
    """A photo nobody kept is gone; the camera is told to stop."""
    (process,) = processes
    process.pump(lambda: opened.state.is_live)
    opened.take()
    process.pump(lambda: opened.state.is_taken)
    opened.close()
    assert jpeg.asked[-1] == kernel_camera.STREAMOFF
    assert (opened.picture, opened.state.is_open) == (None, False)
    assert device.store.find(Attachment) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EBUSY, "Another program is using the camera."),
        (errno.ENODEV, "The camera was unplugged."),
        (errno.EACCES, "The camera may not be used by this user."),
    ],
)
def test_trouble_is_one_sentence_and_trying_again_looks_anew(
    jpeg: Kernel, opened: PhotoCamera, processes: list[InThread], number: int, words: str
) -> None:
    """In use, unplugged while open, refused: said, and live again once it is put right."""
    (process,) = processes
    process.pump(lambda: opened.state.is_live)
    jpeg.refuses[kernel_camera.DQBUF] = number
    process.pump(lambda: opened.state.trouble)
    assert opened.state.trouble.startswith(words)
    assert not opened.state.is_live
    jpeg.refuses.clear()
    opened.again()
    process.pump(lambda: opened.state.is_live)
    assert opened.state.trouble == ""


def test_no_camera_says_so(
    monkeypatch: pytest.MonkeyPatch, jpeg: Kernel, visit: Visit, processes: list[InThread]
) -> None:
    """One sentence, and the way by file stays."""
    monkeypatch.setattr(kernel_camera, "names", list)
    camera = PhotoCamera(
        InlineLanes(), visit.files.add_bytes, lambda heard: processes.append(InThread(heard)) or processes[-1]
    )
    camera.open()
    processes[-1].pump(lambda: camera.state.trouble)
    assert camera.state.trouble == "No camera was found."
    assert visit.files.state.may_add


def test_the_systems_own_program_stands_in_where_techkit_shows_no_picture(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    """Windows and macOS: what to do next is said, nothing waits for a picture."""
    asked: list[str] = []

    class Elsewhere:
        def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
            self.heard = heard

        def ask(self, do: str, **_about: Any) -> None:
            asked.append(do)
            found: dict[str, Any] = {"cameras": []} if do == "cameras" else {"is_elsewhere": True}
            self.heard({"what": "done", "of": do, **found})

        def close(self) -> None:
            pass

    camera = PhotoCamera(InlineLanes(), visit.files.add_bytes, Elsewhere)
    camera.open()
    assert asked == ["cameras", "camera"]
    assert camera.state.is_elsewhere
    assert "paste it here or choose its file" in camera.state.trouble
