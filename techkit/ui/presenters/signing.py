"""What is written down when the customer signs: the signature itself and their answer."""

from __future__ import annotations

from datetime import timedelta

from techkit.i18n import _
from techkit.records.charges import charges
from techkit.records.entering import clean_text
from techkit.records.health import LOW_RATING, rating_key
from techkit.records.identity import new_id
from techkit.records.schema import Record
from techkit.records.signing import (
    Satisfaction,
    Signature,
    SignerRole,
    SignOffWaiver,
    Stroke,
    WaiverReason,
)
from techkit.records.success import FollowUp, FollowUpReason
from techkit.summary import sealed
from techkit.summary.blocks import Document
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.promises import SOON_DAYS


def signature(
    held: OpenVisit, document: Document, signer: str, method: str, strokes: tuple[tuple[int, ...], ...]
) -> Signature:
    """Return the signature on a page, bound to its hash; who is not the visit's contact signs for them.

    strokes: each x0, y0, x1, y1 … in thousandths of the pad's width; kept for the method "drawn" only.
    """
    visit, bundle = held.visit, held.bundle
    contact = bundle.contact
    known = next((p for p in bundle.people if p.is_there and p.name == signer), None)
    who = contact if contact is not None and contact.name == signer else known
    reckoned = charges(bundle)
    return Signature(
        id=new_id(),
        visit_id=visit.id,
        visit_revision=visit.revision,
        role=SignerRole.CUSTOMER if contact is None or who is contact else SignerRole.DELEGATE,
        signer=signer,
        contact_id=who.id if who is not None else None,
        method=method,
        strokes=tuple(Stroke(points=p) for p in strokes) if method == "drawn" else (),
        place=bundle.site.town if bundle.site else "",
        signed_at=held.labour.now(),
        content_hash=document.content_hash,
        page=sealed.packed(document),
        total_minor=reckoned.total_minor,
        currency=reckoned.currency,
        statement=document.statement,
        language=document.language,
        device=held.known.device_id,
    )


def waiver(
    held: OpenVisit, document: Document, reason: WaiverReason, note: str, photo_id: str = ""
) -> SignOffWaiver:
    """Return why nobody signs, with the page the visit ends on. photo_id: of the visit's photo that shows why."""
    return SignOffWaiver(
        id=new_id(),
        visit_id=held.visit_id,
        visit_revision=held.visit.revision,
        reason=reason,
        note=clean_text(note, multiline=True),
        photo_id=photo_id or None,
        content_hash=document.content_hash,
        page=sealed.packed(document),
    )


def satisfaction(
    held: OpenVisit, answer: str, given_by: str, *, was_given_alone: bool, again: str = ""
) -> list[Record]:
    """Return the customer's answers, and a call soon after a low one; nothing without one or when one is there.

    answer: "1" to "5", or "" for none. again: whether they would call again, "yes", "no" or "" for no answer.
    """
    if not (answer or again) or held.bundle.satisfaction:
        return []
    given = Satisfaction(
        id=new_id(),
        visit_id=held.visit_id,
        rating=int(answer or 0),
        would_call_again=again == "yes" if again else None,
        given_by=given_by,
        was_given_alone=was_given_alone,
        asked_at=held.labour.now(),
    )
    found: list[Record] = [given]
    is_low = 0 < given.rating <= LOW_RATING
    if is_low or given.would_call_again is False:
        found.append(
            FollowUp(
                id=new_id(),
                customer_id=held.visit.customer_id,
                visit_id=held.visit_id,
                text=_("Call: what did we not solve?"),
                reason=FollowUpReason.LOW_RATING,
                reason_text=_("The answer to “Did we solve what you needed?” was “Not really”.")
                if is_low
                else _("The answer to “Would you call us again?” was “No”."),
                due_on=held.today + timedelta(days=SOON_DAYS),
                owner=held.around.technician,
                is_on_paper=False,
                created_from=rating_key(given),
            )
        )
    return found
