"""The camera: its pictures as they come, and a reason where there is none. The kernel's side is recorded."""

from __future__ import annotations

import errno
import io
import os
import struct
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from techkit.errors import ProbeError
from techkit.probes.by_hand import camera
from techkit.probes.probe import Platform

pytestmark = pytest.mark.skipif(not hasattr(os, "O_NONBLOCK"), reason="Video4Linux is Linux only")


class Kernel:
    """Answers a camera's requests as the kernel does, over a file that stands for its memory."""

    def __init__(self, memory: Path, pixel_format: bytes, size: int) -> None:
        self.memory, self.pixel_format, self.size = memory, pixel_format, size
        self.asked: list[int] = []
        self.turn = 0
        #: request -> number of the error it is answered with.
        self.refuses: dict[int, int] = {}

    def __call__(self, _handle: int, request: int, packet: bytearray, _mutate: bool = True) -> int:
        self.asked.append(request)
        if request in self.refuses:
            raise OSError(self.refuses[request], os.strerror(self.refuses[request]))
        if request == camera.QUERYCAP:
            struct.pack_into("<II", packet, 84, 0x0400_0001, 0x0400_0001)
        elif request == camera.S_FMT:
            (wanted,) = struct.unpack_from("<4s", packet, 16)
            if wanted != self.pixel_format:
                raise OSError(22, "Invalid argument")
            struct.pack_into("<II4sIII", packet, 8, 4, 2, wanted, 1, 10, self.size)
        elif request == camera.REQBUFS:
            struct.pack_into("<I", packet, 0, 2)
        elif request == camera.QUERYBUF:
            index = struct.unpack_from("<I", packet)[0]
            struct.pack_into("<Q", packet, 64, index * 4096)
            struct.pack_into("<I", packet, 72, 4096)
        elif request == camera.DQBUF:
            struct.pack_into("<III", packet, 0, self.turn % 2, 1, self.size)
            self.turn += 1
        return 0


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a maker of a camera: plugged(pixel_format, picture)."""
    import fcntl

    def make(pixel_format: bytes, picture: bytes) -> Kernel:
        node = tmp_path / "video0"
        node.write_bytes((picture + bytes(4096 - len(picture))) * 2)
        kernel = Kernel(node, pixel_format, len(picture))
        monkeypatch.setattr(camera, "this_platform", lambda: Platform.LINUX)
        monkeypatch.setattr(camera, "names", lambda: [str(node)])
        monkeypatch.setattr(fcntl, "ioctl", kernel)
        monkeypatch.setattr(camera.select, "select", lambda *_given: ([1], [], []))
        return kernel

    return make


def test_pictures_come_until_stopped(plugged):
    """A camera that gives JPEG gives them whole; stopping ends the stream at the camera, too."""
    kernel = plugged(b"MJPG", b"\xff\xd8 a picture \xff\xd9")
    stop = threading.Event()
    found = []
    for picture in camera.pictures(stop):
        found.append(picture)
        if len(found) == 3:
            stop.set()
    assert [p.kind for p in found] == ["jpeg"] * 3
    assert found[0].data == b"\xff\xd8 a picture \xff\xd9"
    assert (found[0].width, found[0].height) == (4, 2)
    assert kernel.asked[-1] == camera.STREAMOFF


def test_a_camera_without_jpeg_is_shown_in_grey(plugged):
    """Of pairs of brightness and colour the brightness is shown; the gap at the end of a line is not."""
    plugged(b"YUYV", bytes([10, 0, 20, 0, 30, 0, 40, 0, 99, 99, 50, 0, 60, 0, 70, 0, 80, 0, 99, 99]))
    stop = threading.Event()
    picture = next(camera.pictures(stop))
    assert picture.kind == "grey"
    assert list(picture.data) == [10, 20, 30, 40, 50, 60, 70, 80]


@pytest.mark.parametrize(
    ("request_", "number", "words", "reason"),
    [
        (camera.S_FMT, errno.EBUSY, "Another program is using the camera.", "failed"),
        (camera.STREAMON, errno.EBUSY, "Another program is using the camera.", "failed"),
        (camera.DQBUF, errno.ENODEV, "The camera was unplugged.", "not_present"),
        (camera.DQBUF, errno.EIO, "The camera stopped (Input/output error).", "failed"),
    ],
)
def test_a_camera_in_use_or_unplugged_says_so(plugged, request_: int, number: int, words: str, reason: str):
    """Each trouble has its own sentence, and the stream is ended where there was one."""
    plugged(b"MJPG", b"\xff\xd8 a picture \xff\xd9").refuses[request_] = number
    with pytest.raises(ProbeError) as refused:
        next(camera.pictures(threading.Event()))
    assert refused.value.title.startswith(words)
    assert refused.value.reason == reason


def test_a_photo_of_a_camera_without_jpeg_has_its_colours(plugged):
    """Red, green, blue and white come out of brightness and colour as they are, upright, as a bitmap."""
    red, green, blue, white = ((82, 90, 240), (144, 54, 34), (41, 240, 110), (235, 128, 128))

    def pair(colour: tuple[int, int, int]) -> bytes:
        y, u, v = colour
        return bytes([y, u, y, v])

    plugged(b"YUYV", pair(red) + pair(green) + bytes(2) + pair(blue) + pair(white) + bytes(2))
    kind, data = camera.photo(next(camera.pictures(threading.Event())))
    shown = Image.open(io.BytesIO(data))
    assert (kind, shown.size) == ("image/bmp", (4, 2))
    wanted = {(0, 0): (255, 0, 0), (3, 0): (0, 255, 0), (1, 1): (0, 0, 255), (2, 1): (255, 255, 255)}
    for place, colour in wanted.items():
        assert all(abs(a - b) < 6 for a, b in zip(shown.getpixel(place), colour, strict=True)), place


def test_cameras_are_listed_by_their_names(plugged, tmp_path: Path):
    """The kernel's name of a camera, else its node; what gives no pictures is no camera."""
    plugged(b"MJPG", b"\xff\xd8\xff\xd9")
    assert camera.cameras(tmp_path / "none") == [(str(tmp_path / "video0"), "video0")]
    (tmp_path / "labels" / "video0").mkdir(parents=True)
    (tmp_path / "labels" / "video0" / "name").write_text("Northwind Webcam\n")
    assert camera.cameras(tmp_path / "labels") == [(str(tmp_path / "video0"), "Northwind Webcam")]


def test_no_camera_and_no_right_are_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing there, or not allowed: each has its own words."""
    monkeypatch.setattr(camera, "this_platform", lambda: Platform.LINUX)
    monkeypatch.setattr(camera, "names", list)
    with pytest.raises(ProbeError) as none:
        next(camera.pictures(threading.Event()))
    assert none.value.reason == "not_present"

    def refused(*_given: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(camera, "names", lambda: [str(tmp_path / "video0")])
    monkeypatch.setattr(camera.os, "open", refused)
    with pytest.raises(ProbeError) as forbidden:
        next(camera.pictures(threading.Event()))
    assert forbidden.value.reason == "not_permitted"


def test_cameras_are_found_in_the_kernels_order(tmp_path: Path):
    """video10 comes after video2, and what only sounds like a camera is none."""
    for name in ("video10", "video2", "video-helper", "v4l"):
        (tmp_path / name).touch()
    assert [Path(p).name for p in camera.names(tmp_path)] == ["video2", "video10"]
