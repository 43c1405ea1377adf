"""Photos and files on a visit's page: shown when plain, otherwise only to be kept; never another office's."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from techkit.central import attachments
from techkit.central.models import Attachment as Stored
from techkit.records.identity import new_id
from techkit.records.visit import Attachment
from tests import photos
from tests.central import samples
from tests.central.pages.test_visit import text_of
from tests.central.test_review import visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser."""
    return browser_of(maren)


def plain_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG", exif=b"")
    return out.getvalue()


def sent(van: Any, org: Any, data: bytes, **more: Any) -> tuple[str, Attachment]:
    """Send a visit with one file, its bytes too; return the visit's id and the file's record."""
    records = samples.slow_computer()
    visit_id = visit_of(records).id
    sha256 = hashlib.sha256(data).hexdigest()
    held = Attachment(
        id=new_id(), visit_id=visit_id, sha256=sha256, byte_count=len(data), purpose="photo", **more
    )
    van.send(*records, held)
    now = datetime.now(UTC)
    row = Stored.objects.create(org=org, sha256=sha256, size_bytes=len(data), announced_at=now)
    attachments.take_piece(row.pk, 0, data)
    return visit_id, held


def test_a_plain_photo_is_shown(van: Any, org: Any, client: Client) -> None:
    """A photo as techkit draws it stands on the page with its caption and is given as a picture."""
    visit_id, held = sent(
        van, org, plain_photo(), caption="The new switch", has_preview=True, is_shown_to_customer=True
    )
    page = client.get(f"/visits/{visit_id}", secure=True).content.decode()
    address = f"/visits/{visit_id}/files/{held.id}"
    assert f'<img src="{address}" alt="The new switch"' in page
    assert "On the customer’s page" in page
    given = client.get(address, secure=True)
    assert given.content == plain_photo()
    assert given["Content-Type"] == "image/jpeg"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("name", list(photos.LIARS))
def test_bad_input_e57_a_liar_is_only_kept(van: Any, org: Any, client: Client, name: str) -> None:
    """A page or program that claims to be a drawn photo is never given as one, only as a download."""
    visit_id, held = sent(van, org, photos.LIARS[name], name=name, has_preview=True, media_type="image/jpeg")
    given = client.get(f"/visits/{visit_id}/files/{held.id}", secure=True)
    assert given["Content-Type"] == "application/octet-stream"
    assert given["Content-Disposition"] == f'attachment; filename="{held.id}"'
    assert b"".join(given.streaming_content) == photos.LIARS[name]


def test_bad_input_e58_a_photo_with_its_place(van: Any, org: Any, client: Client) -> None:
    """A photo that still says where it was taken is marked, and never shown as a picture."""
    visit_id, held = sent(van, org, photos.photo(has_place=True), name="half.jpg", tells_place=True)
    assert "Says where it was taken" in text_of(client, visit_id)
    given = client.get(f"/visits/{visit_id}/files/{held.id}", secure=True)
    assert given["Content-Type"] == "application/octet-stream"


def test_a_file_that_has_not_arrived_says_so(van: Any, client: Client) -> None:
    """A photo whose bytes are still on the device is listed, and waits."""
    records = samples.slow_computer()
    visit_id = visit_of(records).id
    held = Attachment(id=new_id(), visit_id=visit_id, sha256="0" * 64, byte_count=9, has_preview=True)
    van.send(*records, held)
    assert "Not arrived yet" in text_of(client, visit_id)
    assert client.get(f"/visits/{visit_id}/files/{held.id}", secure=True).status_code == 404


def test_a_file_of_another_visit_is_not_given(van: Any, org: Any, client: Client) -> None:
    """A file is given with its own visit only."""
    _visit_id, held = sent(van, org, plain_photo(), has_preview=True)
    other = samples.slow_computer()
    van.send(*other)
    assert client.get(f"/visits/{visit_of(other).id}/files/{held.id}", secure=True).status_code == 404


def test_the_photo_stands_on_a_page_made_anew(van: Any, org: Any, client: Client) -> None:
    """The summary made from the record holds the photos the customer is shown."""
    from pypdf import PdfReader

    visit_id, _held = sent(
        van, org, plain_photo(), caption="The new switch", has_preview=True, is_shown_to_customer=True
    )
    given = client.get(f"/visits/{visit_id}/summary.pdf", secure=True)
    reader = PdfReader(io.BytesIO(given.content))
    assert "The new switch" in "".join(page.extract_text() for page in reader.pages)
    sizes = [image.image.size for page in reader.pages for image in page.images if image.image]
    assert (320, 240) in sizes
