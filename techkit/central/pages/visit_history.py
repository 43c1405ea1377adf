"""Who signed what, and what happened to a visit since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from techkit.central.models import VisitRow
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import ago, moment
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.review import Decision
from techkit.records.schema import spec_of
from techkit.records.signing import WAIVER_REASONS, Signature
from techkit.records.wording import format_value


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the visit's history."""

    at: datetime
    when: str
    words: str


def signature_words(bundle: VisitBundle, zone: tzinfo) -> dict[str, object]:
    """Return who signed what and when, and the answer to "did we solve it", in words."""
    signature = bundle.valid_signature()
    waiver = bundle.waivers[-1] if bundle.waivers else None
    rated = bundle.satisfaction[-1] if bundle.satisfaction else None
    facts: list[tuple[str, str]] = []
    if signature:
        when = moment(signature.signed_at, zone) if signature.signed_at else ""
        facts.append((_("Signature"), ", ".join(part for part in (_signer(bundle, signature), when) if part)))
        facts.append((_("Revision"), str(signature.visit_revision)))
    elif waiver:
        reason = _(WAIVER_REASONS[waiver.reason])
        facts.append((_("No signature"), f"{reason}. {waiver.note}".strip()))
        photo = next((a for a in bundle.attachments if a.id == waiver.photo_id), None)
        if photo is not None:
            taken = moment(photo.taken_at, zone) if photo.taken_at else ""
            facts.append((_("Photo of it"), ", ".join(p for p in (photo.caption or photo.name, taken) if p)))
    else:
        facts.append((_("Signature"), _("none")))
    if rated and rated.rating:
        facts.append((_("Did we solve it?"), _("{n} of 5", n=rated.rating)))
    if rated and rated.would_call_again is not None:
        facts.append((_("Would call again"), _("Yes") if rated.would_call_again else _("No")))
    if bundle.visit.arrived_at:
        facts.append((_("Recorded"), moment(bundle.visit.arrived_at, zone)))
    voided = {v.signature_id: v for v in bundle.voided}
    for old in bundle.signatures:
        if old.id in voided:
            reason = voided[old.id].reason or _("changed after signing")
            revision = _("revision {n}", n=old.visit_revision)
            facts.append((_("Voided"), f"{_signer(bundle, old)}, {revision}: {reason}"))
    return {
        "title": _("Signed") if signature else _("Sign-off"),
        "facts": facts,
        "hash": signature.content_hash if signature else "",
        "seal": _seal_mark(bundle, signature) if signature else None,
    }


def _seal_mark(bundle: VisitBundle, signature: Signature) -> Mark:
    """Return whether the page made from the record today is the page that was signed."""
    from techkit.summary import sealed
    from techkit.summary.document import build

    if build(bundle, language=signature.language).content_hash == signature.content_hash:
        return Mark(look="ok", icon="seal-check", words=_("The record is what was signed"))
    if sealed.of(bundle) is not None:
        return Mark(
            look="none", icon="seal-check", words=_("Something changed since; the page is as it was signed")
        )
    if any(run.language and run.language != signature.language for run in bundle.whole_runs):
        # The device words findings again in the page's language; the service has no checks to do so.
        return Mark(look="none", icon="info", words=_("Signed in another language; compare the signed page"))
    return Mark(look="none", icon="info", words=_("The record was changed after signing"))


def _signer(bundle: VisitBundle, signature: Signature) -> str:
    """Return who signed; not who it was once the customer was removed."""
    return bundle.customer_name if bundle.is_customer_removed else signature.signer


def history(bundle: VisitBundle, row: VisitRow, zone: ZoneInfo, now: datetime) -> tuple[Event, ...]:
    """Return what happened to the visit, newest first."""
    visit = bundle.visit
    found: list[tuple[datetime | None, str]] = [
        (row.received_at, _("Received from the technician’s device")),
        (visit.arrived_at, _("{name} arrived", name=visit.technician or _("Technician"))),
    ]
    for signature in bundle.signatures:
        words = _(
            "Signed by {name}, revision {n}", name=_signer(bundle, signature), n=signature.visit_revision
        )
        found.append((signature.signed_at, words))
    found += [
        (held.voided_at, _("Signature voided: {reason}", reason=held.reason or "–")) for held in bundle.voided
    ]
    for query in bundle.queries:
        found.append((query.asked_at, _("{name} asked: {text}", name=query.asked_by, text=query.question)))
        found.append((query.answered_at, _("{name} answered", name=query.answered_by or visit.technician)))
    found += [
        (held.at, _("{name} noted: {text}", name=held.author, text=held.body)) for held in bundle.comments
    ]
    for decision in bundle.decisions:
        words = _("{name}: {decision}", name=decision.by, decision=_decision_words(decision))
        found.append((decision.at, f"{words} – {decision.note}" if decision.note else words))
    known = [(at, words) for at, words in found if at is not None]
    known.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(Event(at=at, when=ago(at, now, zone), words=words) for at, words in known)


def _decision_words(decision: Decision) -> str:
    return format_value(spec_of(decision).field("decision"), decision.decision)
