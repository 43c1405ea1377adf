"""Photos and other files as customers and cameras make them, for tests: made here, none is a real one."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw


def photo(
    width: int = 640,
    height: int = 480,
    *,
    form: str = "JPEG",
    has_place: bool = False,
    turned: int = 1,
    colour: str = "teal",
) -> bytes:
    """A photo with a red mark in its upper left corner; turned: EXIF's orientation, 1 upright."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill="red")
    told = Image.Exif()
    told[0x0112] = turned
    if has_place:
        told[0x013B] = "Odalys Brandt"
        place = told.get_ifd(0x8825)
        place[1], place[2] = "N", (51.0, 32.0, 4.5)
        place[3], place[4] = "E", (9.0, 56.0, 1.2)
    out = io.BytesIO()
    image.save(out, form, **({"exif": told} if form in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF") else {}))
    return out.getvalue()


def phone_photo(form: str) -> bytes:
    """A photo of 640 × 480 lying on its side, with its place and owner, as phones and scanners keep them."""
    if form == "HEIC":  # nothing here writes this kind: made once by the same `photo` and another library
        return (Path(__file__).parent / "captures" / "phone_photo.heic").read_bytes()
    return photo(form=form, has_place=True, turned=6)


def moving(form: str) -> bytes:
    """A picture that shows three colours one after the other."""
    first, *others = (Image.new("RGB", (80, 40), colour) for colour in ("red", "green", "blue"))
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others)
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A whole PNG of some hundred kilobytes that claims and holds 900 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    line = bytes(1 + width // 8)
    rows = b"".join(packer.compress(line * 100) for _hundred in range(height // 100)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


#: Files that are not what they are called: name → bytes.
LIARS = {
    "invoice.jpg": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200),
    "page.png": b"<html><script>alert(1)</script></html>",
    "drawing.jpg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><image href='file:///etc/passwd'/></svg>",
    "both.pdf": b"%PDF-1.7\n" + b"PK\x03\x04" + bytes(100),
    "photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(64) + b"Exif\x00\x00" + bytes(40),
}
