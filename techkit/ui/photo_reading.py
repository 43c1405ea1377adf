"""Reads pictures of every kind a person takes for a photo, made smaller while they are read.

Qt reads what its own package reads safely; photos of phones and scans are Pillow's. In the process that draws
photos (photos.py), where a crafted file that makes a reader crash takes nothing along.
"""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader

from techkit.records.pictures import DRAWABLE, is_whole

#: Photos of more pixels than this are not read: a camera of 2026 makes 200 million, and a crafted file
#: of 109 kB may claim 900 million. Source: BAD-INPUTS E55 and the memory that is needed, 4 bytes a pixel.
MOST_PIXELS = 220_000_000

#: Photos read whole need so much memory; JPEG is made smaller while it is read and needs less.
MOST_MEMORY_MB = 512

#: Kinds read by Pillow, by its names for them.
_PILLOWS: Final = {"image/heic": "HEIF", "image/avif": "AVIF", "image/tiff": "TIFF"}

_QTS = {kind: kind.removeprefix("image/").encode() for kind in DRAWABLE if kind not in _PILLOWS}


def read(data: bytes, media_type: str, long_side: int) -> QImage | None:
    """Return a picture, upright, in sRGB, its longer side at most so many px.

    None when it is no picture, is not whole, cannot be read, has more than MOST_PIXELS, or shows more than one image.
    """
    if not is_whole(data, media_type):
        return None
    if media_type in _QTS:
        found = _by_qt(data, _QTS[media_type], long_side)
    elif media_type in _PILLOWS:
        found = _by_pillow(data, _PILLOWS[media_type], long_side)
    else:
        return None
    if found is None or found.isNull():
        return None
    # Phones keep colours of a wider range; shown as if they were sRGB they look pale.
    if found.colorSpace().isValid():
        found.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return found


def _by_qt(data: bytes, kind: bytes, long_side: int) -> QImage | None:
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
    return reader.read()


def _moves(reader: QImageReader, data: bytes) -> bool:
    """Return whether a picture has more than one image to show after another; Qt tells it of GIF and WebP only."""
    if reader.supportsAnimation():
        return reader.imageCount() > 1
    return b"acTL" in data[: max(0, data.find(b"IDAT"))]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let Pillow not warn of broken notes beside a picture: none of them is kept."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _by_pillow(data: bytes, kind: str, long_side: int) -> QImage | None:
    from PIL import Image, ImageOps  # loaded late: most photos are JPEG

    if kind == "HEIF":
        try:
            import pi_heif
        except ImportError:  # no wheel for this computer: kept as it is
            return None
        pi_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # looked at here, by the memory that is needed
    try:
        with _quiet(), Image.open(io.BytesIO(data), formats=[kind]) as opened:
            pixels = opened.width * opened.height
            if pixels > MOST_PIXELS or pixels * 4 > MOST_MEMORY_MB * 2**20:
                return None
            if getattr(opened, "n_frames", 1) > 1:
                return None  # a scan of several pages: its first alone would be another file
            # Numbers of 16 bits and more have no fixed white; what Pillow makes of them is not the picture.
            if opened.mode.startswith(("I", "F")):
                return None
            profile = opened.info.get("icc_profile")
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((long_side, long_side))
            made = upright.convert("RGBA")
    except (
        OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError, TypeError, KeyError, IndexError,
        struct.error,
    ):  # fmt: skip
        return None
    shape = QImage(made.tobytes(), made.width, made.height, made.width * 4, QImage.Format.Format_RGBA8888)
    found = shape.copy()  # the bytes are not Qt's
    if profile and opened.mode in ("RGB", "RGBA"):
        found.setColorSpace(QColorSpace.fromIccProfile(QByteArray(profile)))
    return found
