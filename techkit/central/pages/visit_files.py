"""Photos and files of a visit: listed with what they are, photos shown, everything else only to be kept.

A file from a device is data of somebody else's computer. Only a JPEG with nothing but the picture in it
is ever shown inside a page; what a file is called or claims to be decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from techkit.central import attachments, reports
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.models import Attachment as Stored
from techkit.central.pages.frame import needs
from techkit.errors import CentralError
from techkit.i18n import N_, _, ngettext
from techkit.records.bundle import VisitBundle
from techkit.records.pictures import MOST_INLINE_BYTES, is_plain_photo, size_text
from techkit.records.visit import PHOTO_PHASES, Attachment

_WORDS = {
    "photo": N_("Photo"),
    "receipt": N_("Receipt"),
    "material": N_("Material"),
    "bundle": N_("Diagnostics"),
    "other": N_("File"),
}


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One photo or file in words. is_here: its bytes arrived. is_picture: it is shown on the page."""

    id: str
    title: str
    line: str
    icon: str
    is_here: bool
    is_picture: bool
    is_on_page: bool
    tells_place: bool


def files(bundle: VisitBundle, stored: Mapping[str, Stored]) -> tuple[FileLine, ...]:
    """Return the visit's photos and files; the signed page has its own place."""
    return tuple(
        _line(held, stored.get(held.sha256)) for held in bundle.attachments if held.purpose != "summary"
    )


def _line(held: Attachment, row: Stored | None) -> FileLine:
    word = _(_WORDS.get(held.purpose, N_("File")))
    phase = _(PHOTO_PHASES.get(held.phase, "")) if held.phase else ""
    count = held.redaction_count
    black = ngettext("{n} place blacked out", "{n} places blacked out", count) if count else ""
    is_here = row is not None and row.is_complete
    return FileLine(
        id=held.id,
        title=held.caption or held.name or word,
        line=" · ".join(part for part in (word, phase, size_text(held.byte_count), held.name, black) if part),
        icon={"photo": "image", "receipt": "receipt"}.get(held.purpose, "file-text"),
        is_here=is_here,
        is_picture=is_here and held.has_preview and held.byte_count <= MOST_INLINE_BYTES,
        is_on_page=held.is_shown_to_customer,
        tells_place=held.tells_place,
    )


@require_GET
@needs(Right.READ)
def file(request: HttpRequest, visit_id: str, file_id: str) -> HttpResponseBase:
    """Give one file of a visit: a plain photo to look at, anything else only as a download."""
    user = person(request)
    loaded = reports.visit(user, visit_id)
    held = next((a for a in loaded.bundle.attachments if a.id == str(file_id)), None) if loaded else None
    row = reports.stored_files(user, [held.sha256]).get(held.sha256) if held else None
    if held is None or row is None or not row.is_complete:
        raise CentralError(_("There is no such file."), status=404, advice=_("Go back to the visit."))
    response: HttpResponseBase
    data = b"".join(attachments.read(row)) if row.size_bytes <= MOST_INLINE_BYTES else b""
    if data and is_plain_photo(data):
        response = HttpResponse(data, content_type="image/jpeg")
        response["Content-Disposition"] = f'inline; filename="{held.id}.jpg"'
    else:
        response = StreamingHttpResponse(attachments.read(row), content_type="application/octet-stream")
        # The name a device gave is a label; a browser gets a name made of the id.
        response["Content-Disposition"] = f'attachment; filename="{held.id}"'
        response["Content-Length"] = str(row.size_bytes)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=600"
    return response
