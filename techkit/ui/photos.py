"""Draws photos anew: upright, not larger than needed, and telling nothing but the picture.

What stood beside the picture (place, owner, an earlier preview) is gone then. This is a process of its
own (presenters/photo_room.py starts it): a crafted file that makes a reader of pictures crash takes
nothing of the visit along.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from techkit.children.frames import read_frame, write_frame
from techkit.ui import photo_reading

#: Quality of the kept photo, 0–100: text on a type plate is still clean.
QUALITY = 82


def main() -> int:
    """Answer each question for a picture until the input is closed."""
    parts: list[bytes] = []
    while (asked := read_frame(sys.stdin.buffer)) is not None:
        parts.append(base64.b64decode(asked["data"]))
        if asked["is_last"]:
            made = drawn(
                b"".join(parts), asked["media_type"], int(asked["long_side"]), asked.get("black", ())
            )
            parts = []
            write_frame(sys.stdout.buffer, {"data": base64.b64encode(made or b"").decode()})
    return 0


def drawn(data: bytes, media_type: str, long_side: int, black: Sequence[Sequence[int]] = ()) -> bytes | None:
    """Return a photo as JPEG, upright, its longer side at most so many px, with nothing beside the picture.

    black: boxes (left, top, right, bottom in thousandths) of which nothing is left but black. None when it cannot be read (photo_reading.py).
    """
    read = photo_reading.read(data, media_type, long_side)
    if read is None:
        return None
    # Painted on a fresh ground: notes of the file travel along with an image that is only converted.
    fresh = QImage(read.size(), QImage.Format.Format_RGB32)
    fresh.fill(QColor("white"))
    painter = QPainter(fresh)
    painter.drawImage(0, 0, read)
    for left, top, right, bottom in black:
        # Whole pixels, outwards: no column of what is blacked out shines through at the edge.
        x, y = fresh.width() * left // 1000, fresh.height() * top // 1000
        across, down = -(-fresh.width() * right // 1000) - x, -(-fresh.height() * bottom // 1000) - y
        painter.fillRect(x, y, across, down, QColor("black"))
    painter.end()
    made = QBuffer()
    made.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(made, QByteArray(b"jpeg"))
    writer.setQuality(QUALITY)
    if not writer.write(fresh):
        return None
    return bytes(made.data().data())


if __name__ == "__main__":
    sys.exit(main())
