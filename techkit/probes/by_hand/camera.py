"""Look through the camera, picture by picture; nothing is kept.

Linux asks the camera itself (Video4Linux, streaming into shared memory). Windows and macOS have no way without a
framework of their own: there the system's camera program is opened, and the person judges what it shows.
Only the process of techkit.probes.hands comes here. Written from the kernel's documentation; run against a recorded
camera only.
"""

from __future__ import annotations

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
_WIDTH, _HEIGHT, _BUFFERS = 640, 480, 3

#: How long a camera may take for a picture; cheap ones need two seconds to wake. Ours.
PATIENCE_S: Final = 5.0

_FORMAT = struct.Struct("<I4xII4sIII")  # type, then width, height, pixel format, field, line, size
_REQUEST = struct.Struct("<IIII4x")
_BUFFER = struct.Struct("<IIIII4x16s16sIIQI12x")


@dataclass(frozen=True)
class Picture:
    """One picture. kind: "jpeg" (a whole JPEG) or "grey" (a byte per pixel, no gap between lines)."""

    kind: str
    width: int
    height: int
    data: bytes


def names(root: Path = Path("/dev")) -> list[str]:
    """Return the paths of what may be a camera, in the kernel's order."""
    found = [p for p in root.glob("video*") if p.name.removeprefix("video").isdigit()]
    return [str(p) for p in sorted(found, key=lambda p: int(p.name.removeprefix("video")))]


def pictures(stop: threading.Event) -> Iterator[Picture]:
    """Yield what the first camera sees until told to stop. Raises: ProbeError."""
    if this_platform() is not Platform.LINUX:
        raise ProbeError(_("techkit shows no camera on this system."), reason=Reason.TOOL_MISSING)
    trouble: OSError | None = None
    for name in names():
        try:
            handle = os.open(name, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            trouble = error
            continue
        try:
            if _captures(handle):
                yield from _stream(handle, stop)
                return
        except OSError as error:
            raise ProbeError(
                _("The camera stopped ({why}).", why=error.strerror or str(error)), reason=Reason.FAILED
            ) from error
        finally:
            os.close(handle)
    if isinstance(trouble, PermissionError):
        raise ProbeError(_("The camera may not be used by this user."), reason=Reason.NOT_PERMITTED)
    raise ProbeError(_("No camera was found."), reason=Reason.NOT_PRESENT)


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


def _stream(handle: int, stop: threading.Event) -> Iterator[Picture]:
    kind, width, height, stride = _agree(handle)
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
            yield Picture(kind, width, height, data if kind == "jpeg" else grey(data, width, height, stride))
    finally:
        with suppress(OSError):
            _ask(handle, STREAMOFF, bytearray(struct.pack("<I", _CAPTURE)))
        for mapped in maps:
            mapped.close()


def _agree(handle: int) -> tuple[str, int, int, int]:
    """Return kind, width, height and bytes a line, as camera and we agreed."""
    for wanted in (_MJPEG, _YUYV):
        packet = bytearray(208)
        _FORMAT.pack_into(packet, 0, _CAPTURE, _WIDTH, _HEIGHT, wanted, 0, 0, 0)
        try:
            _ask(handle, S_FMT, packet)
        except OSError:
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
