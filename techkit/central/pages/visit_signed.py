"""Every page of a visit that was signed: as it was, and in words what it says otherwise than the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import reports
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.models import User
from techkit.central.pages.frame import needs
from techkit.central.pages.moments import moment, zone_of
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.entering import file_name
from techkit.summary import versions
from techkit.summary.blocks import Document
from techkit.summary.versions import Version


@dataclass(frozen=True, kw_only=True)
class SignedPage:
    """One row. address: where its page is, "" where none was kept.

    changes: against the page before it, None where the pages are too many or too large to be compared here.
    """

    title: str
    line: str
    holds: bool
    address: str
    changes: tuple[str, ...] | None


def signed_pages(bundle: VisitBundle, zone: tzinfo) -> tuple[SignedPage, ...]:
    """Return every signed page, newest first; () while there is only the one that holds."""
    found = versions.versions(bundle)
    if all(held.holds for held in found):
        return ()
    rows: list[SignedPage] = []
    for held, changes in zip(found, versions.compared(found), strict=True):
        at = held.signature.signed_at if held.signature else None
        signer = held.signature.signer if held.signature else ""
        rows.append(
            SignedPage(
                title=versions.heading(held, moment(at, zone) if at else ""),
                line=versions.standing(held, bundle.customer_name if bundle.is_customer_removed else signer),
                holds=held.holds,
                address=f"/visits/{bundle.visit.id}/signed/{held.id}.pdf" if held.is_kept else "",
                changes=changes,
            )
        )
    return tuple(reversed(rows))


@require_GET
@needs(Right.READ)
def paper(request: HttpRequest, visit_id: str, seal_id: str) -> HttpResponse:
    """Give one of the signed pages as PDF, whether it still holds or not."""
    user = person(request)
    loaded = reports.visit(user, visit_id)
    held = versions.version(loaded.bundle, str(seal_id)) if loaded is not None else None
    page = held.page() if held is not None else None
    if loaded is None or held is None or page is None:
        raise CentralError(
            _("There is no such page."), status=404, advice=_("Go back to the visit; it lists what was kept.")
        )
    response = HttpResponse(_made(user, loaded.bundle, held, page), content_type="application/pdf")
    number = file_name(loaded.bundle.visit.number.encode("ascii", "ignore").decode(), "visit")
    response["Content-Disposition"] = f'inline; filename="{number}-{held.revision}.pdf"'
    return response


def _made(user: User, bundle: VisitBundle, held: Version, page: Document) -> bytes:
    from techkit.summary import pdf

    at = held.signature.signed_at if held.signature else None
    with i18n.language(page.language):
        when = moment(at, zone_of(bundle, ZoneInfo("UTC"))) if at else ""
    seal = pdf.seal_of(page, held.signature, held.waiver, signed_at_text=when)
    photos = reports.page_photos(user, [one.sha256 for one in page.photos])
    return pdf.render(page, seal, photos=photos)
