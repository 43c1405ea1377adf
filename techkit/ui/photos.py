"""Draws photos anew: upright, not larger than needed, and telling nothing but the picture.

What stood beside the picture (place, owner, an earlier preview) is gone then. This is a process of its
own (presenters/photo_room.py starts it): a crafted file that makes a reader of pictures crash takes
nothing of the visit along.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QImageWriter, QPainter

from techkit.children.frames import read_frame, write_frame
from techkit.records.pictures import DRAWABLE, is_whole

#: Photos of more pixels than this are not drawn: a camera of 2026 makes 200 million, and a crafted file
#: of 109 kB may claim 900 million. Source: BAD-INPUTS E55 and the memory that is needed, 4 bytes a pixel.
MOST_PIXELS = 220_000_000

#: Photos drawn whole need so much memory; JPEG is made smaller while it is read and needs less.
MOST_MEMORY_MB = 512

#: Quality of the kept photo, 0–100: text on a type plate is still clean.
QUALITY = 82

_FORMATS = {kind: kind.removeprefix("image/").encode() for kind in DRAWABLE}


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

    black: boxes (left, top, right, bottom in thousandths) of which nothing is left but black. None when it is no picture, is not whole, cannot be read, or has more than MOST_PIXELS.
    """
    kind = _FORMATS.get(media_type)
    if kind is None or not is_whole(data, media_type):
        return None
    source = QBuffer()
    source.setData(QByteArray(data))
    source.open(QIODevice.OpenModeFlag.ReadOnly)
    # The format is named: nothing else (a drawing with links, say) is tried on these bytes.
    reader = QImageReader(source, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    if _moves(reader, data):
        return None  # its first picture alone would be another file than the one that was given
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        return None
    wanted = size.scaled(QSize(long_side, long_side), Qt.AspectRatioMode.KeepAspectRatio)
    if wanted.width() < size.width():
        reader.setScaledSize(wanted.expandedTo(QSize(1, 1)))
    QImageReader.setAllocationLimit(MOST_MEMORY_MB)
    read = reader.read()
    if read.isNull():
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


def _moves(reader: QImageReader, data: bytes) -> bool:
    """Return whether a picture has more than one image to show after another; Qt tells it of GIF and WebP only."""
    if reader.supportsAnimation():
        return reader.imageCount() > 1
    return b"acTL" in data[: max(0, data.find(b"IDAT"))]


if __name__ == "__main__":
    sys.exit(main())
