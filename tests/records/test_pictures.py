"""What a file is by its bytes, whether a photo tells its place, and which may be shown inside a page."""

from __future__ import annotations

import io
import time

import pytest

from techkit.records.pictures import is_plain_photo, is_whole, media_type_of, photo_size, tells_place
from tests import photos


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"),
        ("BMP", "image/bmp"), ("TIFF", "image/tiff"), ("PDF", "application/pdf"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(form: str, kind: str):
    """The first bytes decide, whatever a file is called."""
    assert media_type_of(photos.photo(form=form)) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("invoice.jpg", "application/vnd.microsoft.portable-executable"),
        ("page.png", "text/plain"),
        ("drawing.jpg", "text/plain"),
        ("both.pdf", "application/pdf"),
        ("photo.heic", "image/heic"),
    ],
)
def test_a_wrong_ending_deceives_nobody(name: str, kind: str):
    """A program, a page or a drawing called a photo is none."""
    assert media_type_of(photos.LIARS[name]) == kind


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_with_its_place_is_told(form: str):
    """EXIF's place is found in each kind of photo that has it; a photo without one is not accused."""
    assert tells_place(photos.photo(form=form, has_place=True))
    assert not tells_place(photos.photo(form=form))


@pytest.mark.parametrize("begin", [b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x18ftypisom"])
def test_a_place_told_behind_the_picture(begin: bytes) -> None:
    """Some cameras write their notes at the end, behind megabytes of picture or film."""
    told = photos.photo(has_place=True)
    assert tells_place(begin + bytes(5 * 2**20 - 7) + told[told.index(b"Exif") :])
    assert not tells_place(begin + bytes(5 * 2**20))


def test_notes_without_end_are_not_all_read() -> None:
    """A crafted file of nothing but beginnings of notes is through in an instant."""
    note = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"
    began = time.process_time()
    assert not tells_place(b"\xff\xd8\xff" + note * 200_000)
    assert time.process_time() - began < 2


def test_filling_bytes_without_end_are_passed_over_at_once() -> None:
    """Markers may stand behind filling bytes; a crafted file of nothing else is no riddle, one with some is whole."""
    whole = photos.photo()
    assert is_whole(whole[:2] + b"\xff" * 3 + whole[2:], "image/jpeg")
    began = time.process_time()
    assert not is_whole(b"\xff\xd8" + b"\xff" * 2**24, "image/jpeg")
    assert time.process_time() - began < 2


def test_only_the_picture_and_nothing_else_is_plain():
    """A photo with notes beside the picture, with something behind its end, or broken is not plain."""
    from PIL import Image

    image = Image.open(io.BytesIO(photos.photo()))
    out = io.BytesIO()
    image.save(out, "JPEG", exif=b"")
    bare = out.getvalue()
    assert is_plain_photo(bare)
    assert not is_plain_photo(photos.photo(has_place=True))
    assert not is_plain_photo(bare + b"<script>")
    assert not is_plain_photo(bare[:-200] + b"\xff\xd9") or is_whole(bare[:-200] + b"\xff\xd9", "image/jpeg")
    assert not is_plain_photo(photos.photo(form="PNG"))
    assert not is_plain_photo(b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_a_copy_that_broke_off_is_not_whole(form: str):
    """Half a file is told from a whole one without drawing it."""
    data = photos.photo(form=form)
    kind = media_type_of(data)
    assert is_whole(data, kind)
    assert not is_whole(data[: len(data) // 2], kind)


def test_the_size_is_read_from_the_frame():
    """Width and height come from the frame; rubbish has none."""
    assert photo_size(photos.photo(320, 200)) == (320, 200)
    assert photo_size(b"\xff\xd8\xff\xe0\x00") is None
    assert photo_size(b"") is None
