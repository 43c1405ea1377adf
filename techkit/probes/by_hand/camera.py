"""Look through a camera, picture by picture, and make a photo of one; nothing is kept here.

Linux asks the camera itself (Video4Linux, streaming into shared memory). Windows and macOS have no way without a
framework of their own: there the system's camera program is opened, and the person judges what it shows.
Only the process of techkit.probes.hands comes here. Written from the kernel's documentation; run against a recorded
camera only.
"""

from __future__ import annotations

import errno
import mmap
import os
import select
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from techkit.children import external
from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.probe import Platform, this_platform
from techkit.records.findings import Reason

#: Requests of linux/videodev2.h on a 64-bit system: direction, size of the structure, "V", number.
QUERYCAP: Final = 0x80685600
S_FMT: Final = 0xC0D05605
REQBUFS: Final = 0xC0145608
QUERYBUF: Final = 0xC0585609
QBUF: Final = 0xC058560F
DQBUF: Final = 0xC0585611
STREAMON: Final = 0x40045612
STREAMOFF: Final = 0x40045613

_CAPTURE, _MMAP = 1, 1
#: V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_STREAMING.
_CAN_CAPTURE, _CAN_STREAM = 0x1, 0x0400_0000
_MJPEG, _YUYV = b"MJPG", b"YUYV"
_BUFFERS = 3

#: What is asked of a camera, px: to be looked at, and for a photo that keeps a type plate readable. A camera answers
#: with the nearest it has; colours that are not JPEG are put together here and stay at the smaller of the two.
TO_LOOK: Final = (640, 480)
FOR_PHOTO: Final = (1920, 1080)
_FOR_PHOTO_RAW: Final = (1280, 720)

#: How long a camera may take for a picture; cheap ones need two seconds to wake. Ours.
PATIENCE_S: Final = 5.0

_FORMAT = struct.Struct("<I4xII4sIII")  # type, then width, height, pixel format, field, line, size
_REQUEST = struct.Struct("<IIII4x")
_BUFFER = struct.Struct("<IIIII4x16s16sIIQI12x")


@dataclass(frozen=True)
class Picture:
    """One picture. kind: "jpeg" (a whole JPEG) or "grey" (a byte per pixel, no gap between lines).

    raw, stride: of a grey one, its pairs of brightness and colour as they came, and the bytes of a line.
    """

    kind: str
    width: int
    height: int
    data: bytes
    raw: bytes = b""
    stride: int = 0


def names(root: Path = Path("/dev")) -> list[str]:
    """Return the paths of what may be a camera, in the kernel's order."""
    found = [p for p in root.glob("video*") if p.name.removeprefix("video").isdecimal()]
    return [str(p) for p in sorted(found, key=lambda p: int(p.name.removeprefix("video")))]


def cameras(labels: Path = Path("/sys/class/video4linux")) -> list[tuple[str, str]]:
    """Return path and name of each camera that gives pictures, in the kernel's order; empty off Linux."""
    if this_platform() is not Platform.LINUX:
        return []
    found = []
    for path in names():
        try:
            handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            if _captures(handle):
                found.append((path, _label(labels / Path(path).name / "name") or Path(path).name))
        finally:
            os.close(handle)
    return found


def _label(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()[:100]
    except OSError:
        return ""


def pictures(stop: threading.Event, path: str = "", size: tuple[int, int] = TO_LOOK) -> Iterator[Picture]:
    """Yield what a camera sees until told to stop, the first one unless named. Raises: ProbeError."""
    if this_platform() is not Platform.LINUX:
        raise ProbeError(_("techkit shows no camera on this system."), reason=Reason.TOOL_MISSING)
    trouble: OSError | None = None
    for name in [path] if path else names():
        try:
            handle = os.open(name, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            trouble = error
            continue
        try:
            if _captures(handle):
                yield from _stream(handle, stop, size)
                return
        except OSError as error:
            raise _trouble(error) from error
        finally:
            os.close(handle)
    if trouble is not None and trouble.errno != errno.ENOENT:
        raise _trouble(trouble) from trouble
    raise ProbeError(_("No camera was found."), reason=Reason.NOT_PRESENT)


def _trouble(error: OSError) -> ProbeError:
    """Return what a camera's refusal means."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return ProbeError(_("The camera may not be used by this user."), reason=Reason.NOT_PERMITTED)
        case errno.EBUSY:
            return ProbeError(_("Another program is using the camera. Close it there."), reason=Reason.FAILED)
        case errno.ENODEV | errno.ENXIO:
            return ProbeError(_("The camera was unplugged. Plug it in again."), reason=Reason.NOT_PRESENT)
    why = error.strerror or str(error)
    return ProbeError(_("The camera stopped ({why}).", why=why), reason=Reason.FAILED)


def open_system_program() -> bool:
    """Open the system's own camera program, where techkit shows no picture; False where there is none. Unrun."""
    if sys.platform == "win32":
        # A fixed address of Windows' own camera app; Microsoft, "Launch the Windows Camera app".
        os.startfile("microsoft.windows.camera:")  # noqa: S606, S607 - a fixed address, no shell and no path
        return True
    if sys.platform == "darwin":
        asked = Command(("/usr/bin/open", "-b", "com.apple.PhotoBooth"), limit_s=5.0)
        return external.run(asked).code == 0
    return False


def _ask(handle: int, request: int, packet: bytearray) -> None:
    import fcntl  # there is none on Windows

    fcntl.ioctl(handle, request, packet, True)


def _captures(handle: int) -> bool:
    """Return whether this gives pictures: a camera has second nodes that only tell of them."""
    packet = bytearray(104)
    try:
        _ask(handle, QUERYCAP, packet)
    except OSError:
        return False
    (of_all, of_node) = struct.unpack_from("<II", packet, 84)
    can = of_node or of_all
    return bool(can & _CAN_CAPTURE and can & _CAN_STREAM)


def _stream(handle: int, stop: threading.Event, size: tuple[int, int]) -> Iterator[Picture]:
    kind, width, height, stride = _agree(handle, size)
    packet = bytearray(_REQUEST.pack(_BUFFERS, _CAPTURE, _MMAP, 0))
    _ask(handle, REQBUFS, packet)
    count = struct.unpack_from("<I", packet)[0]
    maps = [_mapped(handle, index) for index in range(count)]
    try:
        for index in range(count):
            _ask(handle, QBUF, _buffer(index))
        _ask(handle, STREAMON, bytearray(struct.pack("<I", _CAPTURE)))
        while not stop.is_set():
            ready, _none, _no = select.select([handle], [], [], PATIENCE_S)
            if not ready:
                raise ProbeError(_("The camera gave no picture."), reason=Reason.TIMED_OUT)
            packet = _buffer(0)
            _ask(handle, DQBUF, packet)
            index, _type, used = struct.unpack_from("<III", packet)
            data = bytes(maps[index][:used])
            _ask(handle, QBUF, _buffer(index))
            if kind == "jpeg":
                yield Picture(kind, width, height, data)
            else:
                yield Picture(kind, width, height, grey(data, width, height, stride), data, stride)
    finally:
        with suppress(OSError):
            _ask(handle, STREAMOFF, bytearray(struct.pack("<I", _CAPTURE)))
        for mapped in maps:
            mapped.close()


def _agree(handle: int, size: tuple[int, int]) -> tuple[str, int, int, int]:
    """Return kind, width, height and bytes a line, as camera and we agreed."""
    for wanted, (wide, high) in ((_MJPEG, size), (_YUYV, min(size, _FOR_PHOTO_RAW))):
        packet = bytearray(208)
        _FORMAT.pack_into(packet, 0, _CAPTURE, wide, high, wanted, 0, 0, 0)
        try:
            _ask(handle, S_FMT, packet)
        except OSError as error:
            if error.errno in (errno.EBUSY, errno.ENODEV):
                raise
            continue
        _type, width, height, given, _field, stride, _size = _FORMAT.unpack_from(packet)
        if given == wanted and 0 < width <= 8192 and 0 < height <= 8192:
            return ("jpeg" if given == _MJPEG else "grey"), width, height, stride or 2 * width
    raise ProbeError(_("The camera gives pictures techkit cannot show."), reason=Reason.FAILED)


def _buffer(index: int) -> bytearray:
    return bytearray(_BUFFER.pack(index, _CAPTURE, 0, 0, 0, b"", b"", 0, _MMAP, 0, 0))


def _mapped(handle: int, index: int) -> mmap.mmap:
    packet = _buffer(index)
    _ask(handle, QUERYBUF, packet)
    fields: tuple[Any, ...] = _BUFFER.unpack(packet)
    offset, length = fields[9] & 0xFFFF_FFFF, fields[10]
    return mmap.mmap(handle, length, offset=offset)


def grey(data: bytes, width: int, height: int, stride: int) -> bytes:
    """Return the brightness of a picture whose pixels are pairs of brightness and colour (YUYV)."""
    return b"".join(data[line * stride : line * stride + 2 * width : 2] for line in range(height))


def photo(picture: Picture) -> tuple[str, bytes]:
    """Return media type and bytes of a picture as a file: the camera's own JPEG, or a BMP in its colours."""
    if picture.kind == "jpeg":
        return "image/jpeg", picture.data
    return "image/bmp", _bitmap(picture)


def _bitmap(picture: Picture) -> bytes:
    """Return pairs of brightness and colour (YUYV, ITU-R BT.601, 16 to 235) as a bitmap of 24 bits a pixel."""
    width, height = picture.width - picture.width % 2, picture.height
    gap = bytes(-3 * width % 4)
    bright = [298 * max(0, y - 16) + 128 for y in range(256)]
    lines = []
    for number in range(height - 1, -1, -1):
        line = picture.raw[number * picture.stride : number * picture.stride + 2 * width]
        made = bytearray()
        for first, u, second, v in zip(line[::4], line[1::4], line[2::4], line[3::4], strict=False):
            blue, green, red = 516 * (u - 128), -100 * (u - 128) - 208 * (v - 128), 409 * (v - 128)
            for y in (bright[first], bright[second]):
                made += bytes(min(255, max(0, (y + shade) >> 8)) for shade in (blue, green, red))
        lines.append(bytes(made) + gap)
    pixels = b"".join(lines)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels
