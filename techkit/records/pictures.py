"""What a file is by its content, and what a photo tells beside the picture. Pure; nothing is decoded here.

Names and endings of files are never believed. Used on the device when a file is taken, and at the
service before a picture is shown inside a page.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from techkit import i18n

#: First bytes of a kind of file → its media type. Source: the formats' own specifications.
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"{\\rtf", "application/rtf"),
)

#: Brands of the ISO base media format (bytes 8 to 12) that hold pictures. Source: ISO/IEC 23008-12.
_PICTURE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"}

#: Kinds techkit draws and makes smaller; every other is kept as it is.
DRAWABLE = frozenset(
    f"image/{form}" for form in ("jpeg", "png", "gif", "bmp", "webp", "heic", "avif", "tiff")
)

#: So much of a document is looked at for what it tells about a place; photos and films are looked through whole:
#: some cameras write their notes behind the picture.
_LOOKED_AT = 4 * 2**20

#: Looked through in pieces, so that other threads get their turn in between. Each reaches a little into the next.
_PIECE, _OVER = 2**20, 64

#: More beginnings of notes than this are a crafted file; a photo has one or two.
_MOST_NOTES = 200

#: A photo's first directory has some twenty entries, in the order of their tags.
_MOST_TAGS = 1000

#: A part of a JPEG: a marker, perhaps behind filling bytes, and its length.
_MARKER = re.compile(rb"\xff++([^\xff])..", re.DOTALL)

#: The tag that leads to the GPS part. Source: EXIF 2.32, 4.6.3.
_GPS_TAG = 0x8825

#: Segments of a JPEG that belong to the picture: its header, tables, frames, scans, and Adobe's colour note.
_PLAIN_SEGMENTS = {0xE0, 0xEE, 0xDB, 0xC4, 0xDD, 0xDA, *range(0xC0, 0xC4), *range(0xC5, 0xC8)}

#: The largest photo shown inside a page; techkit's own are about a tenth of it.
MOST_INLINE_BYTES = 8 * 2**20


def media_type_of(data: bytes) -> str:
    """Return what a file is by its first bytes; "application/octet-stream" when it is nothing known.

    A vector drawing or a web page is text here: neither is ever shown as a picture.
    """
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _PICTURE_BRANDS:
            return "image/avif" if brand == b"avif" else "image/heic"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    head = data[:4096]
    if b"\x00" not in head:
        try:
            head.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # a letter cut at the end of the piece is no fault
                return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"


def size_text(byte_count: int) -> str:
    """Return a file's size in words: "312 kB", "1.2 MB", "100 MB"."""
    if byte_count < 1_000_000:
        return i18n.quantity(max(1, round(byte_count / 1000)), "kB")
    if byte_count < 1_000_000_000:
        return i18n.quantity(byte_count / 1e6, "MB", 1 if byte_count < 10_000_000 else 0)
    return i18n.quantity(byte_count / 1e9, "GB", 1)


def tells_place(data: bytes) -> bool:
    """Return whether a photo or film says where it was taken: EXIF, XMP or a film's own mark."""
    is_picture = media_type_of(data).startswith(("image/", "video/"))
    end = len(data) if is_picture else min(len(data), _LOOKED_AT)
    left = _MOST_NOTES
    for at in range(0, end, _PIECE):
        piece = data[at : min(at + _PIECE + _OVER, end)]
        if re.search(rb"GPSLatitude|GPSLongitude|\xa9xyz|com\.apple\.quicktime\.location", piece):
            return True
        for found in re.finditer(rb"Exif\x00\x00|eXIf|EXIF.{4}", piece, re.DOTALL):
            left -= 1
            if left >= 0 and _has_gps(data, at + found.end()):
                return True
    return _has_gps(data, 0)


def _has_gps(data: bytes, start: int) -> bool:
    """Return whether the first directory of a TIFF structure points to a GPS part."""
    if data[start : start + 6] == b"Exif\x00\x00":
        start += 6
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[start : start + 4])
    if order is None:
        return False
    try:
        (offset,) = struct.unpack_from(f"{order}I", data, start + 4)
        (count,) = struct.unpack_from(f"{order}H", data, start + offset)
        first = start + offset + 2
        tags = (
            struct.unpack_from(f"{order}H", data, first + 12 * n)[0] for n in range(min(count, _MOST_TAGS))
        )
        return any(tag == _GPS_TAG for tag in tags)
    except struct.error:
        return False


def is_plain_photo(data: bytes) -> bool:
    """Return whether this is a JPEG with nothing but the picture in it, as techkit writes photos.

    Such a file may be shown inside a page: no notes, no place, no preview of what was cut away, and
    nothing behind its end.
    """
    if len(data) > MOST_INLINE_BYTES or not data.startswith(b"\xff\xd8") or not data.endswith(b"\xff\xd9"):
        return False
    if data[2:3] != b"\xff":
        return False
    kinds = tuple(_segments(data))
    return bool(kinds) and kinds[-1] == 0xD9 and all(kind in _PLAIN_SEGMENTS for kind in kinds[:-1])


def _segments(data: bytes) -> Iterator[int]:
    """Yield the kinds of a JPEG's segments in order, 0xD9 once its end is the file's end; 0 when broken."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            yield 0
            return
        kind = data[at + 1]
        yield kind
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == 0xDA:
            # Behind the header of a scan its data: on to the next marker that is no filling or restart.
            found = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]").search(data, at)
            if found is None:
                yield 0
                return
            at = found.start()
            if data[at + 1] == 0xD9:
                yield 0xD9 if at + 2 == len(data) else 0
                return
    yield 0


def photo_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a JPEG in px as its first frame says; None when it is none."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return (width, height) if width and height else None
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _first_scan(data: bytes) -> int:
    """Return where the first scan of a JPEG begins, 0 or less for none; a small picture inside a note is no scan."""
    at = 2
    while found := _MARKER.match(data, at):
        if found[1] == b"\xda":
            return found.start(1) - 1
        at = found.end(1) + int.from_bytes(data[found.end(1) : found.end()], "big")
    return data.find(b"\xff\xda", at)


def is_whole(data: bytes, media_type: str) -> bool:
    """Return whether a picture's file reaches its own end: a copy that broke off does not.

    Kinds without such an end count as whole; what is behind the end (a camera's film) does not matter.
    """
    match media_type:
        case "image/jpeg":
            scan = _first_scan(data)
            return scan > 0 and data.find(b"\xff\xd9", scan) > 0
        case "image/png":
            return b"IEND" in data[-(2**16) :]
        case "image/gif":
            return data.rstrip(b"\x00").endswith(b";")
        case "image/webp":
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case "image/bmp":
            return len(data) >= int.from_bytes(data[2:6], "little")
        case "image/heic" | "image/avif":
            return _is_boxed_whole(data)
    return True


def _is_boxed_whole(data: bytes) -> bool:
    """Return whether no box of a file reaches beyond its end. Source: ISO/IEC 14496-12, 4.2."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            return True  # the last one, or what a camera wrote behind it
        at += size
    return at <= len(data)
