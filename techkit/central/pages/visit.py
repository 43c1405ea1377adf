"""One visit: claim, evidence and money side by side, questions beneath the entries, the decision.

Everything here is made from the visit's bundle by plain functions; what a page may show is decided by
the records' own declarations (audience, labels).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import accounts, cases, posting, projection, reports, review, technicians, visit_list
from techkit.central.accounts import Right
from techkit.central.bundles import Loaded
from techkit.central.doors import client_address, person
from techkit.central.models import User, VisitRow
from techkit.central.pages.frame import needs, revision_of, show
from techkit.central.pages.marks import flag_mark, outcome_words, state_mark
from techkit.central.pages.moments import moment, zone_of
from techkit.central.pages.visit_case import case_words
from techkit.central.pages.visit_checks import checks, no_after
from techkit.central.pages.visit_entries import entries, talks, work_caption
from techkit.central.pages.visit_files import files
from techkit.central.pages.visit_history import history, signature_words
from techkit.central.pages.visit_money import (
    booked,
    budgets,
    charge_entries,
    contract_words,
    month_words,
)
from techkit.central.pages.visit_promises import promises
from techkit.central.pages.visit_signed import signed_pages
from techkit.central.reports import OpenConflict
from techkit.central.visit_list import Filter
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges, visit_day
from techkit.records.encoding import decode
from techkit.records.entering import file_name
from techkit.records.findings import Verdict
from techkit.records.health import LOW_RATING
from techkit.records.identity import hlc_time
from techkit.records.merging import is_removal
from techkit.records.operations import REMOVAL
from techkit.records.posting import month_of
from techkit.records.review import Flag, LeftChoice, Severity
from techkit.records.schema import FieldSpec, spec_of
from techkit.records.visit import Outcome, ReviewState
from techkit.records.wording import format_value, summary_line


@require_GET
@needs(Right.READ)
def visit(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Show one visit."""
    return _shown(request, visit_id)


@require_POST
@needs(Right.REVIEW)
def approve(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Approve the visit and go on to the next one of the list."""
    user, asked = person(request), Filter.from_query(request.POST)
    following = visit_list.neighbours(user, asked, visit_id)[1]
    try:
        review.approve(user, visit_id, _rev(request), request.POST.get("note", ""), client_address(request))
    except (InputError, CentralError) as refused:
        return _shown(request, visit_id, refused)
    target = f"/visits/{following}" if following and following != visit_id else "/visits"
    return HttpResponseRedirect(f"{target}?{asked.to_query()}")


@require_POST
@needs(Right.REVIEW)
def ask(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Ask the technician about the visit, an entry or a field."""
    try:
        review.ask(
            person(request),
            visit_id,
            request.POST.get("question", ""),
            about_kind=request.POST.get("about_kind", "")[:40],
            about_id=request.POST.get("about_id", "")[:40],
            about_field=request.POST.get("about_field", "")[:80],
            address=client_address(request),
        )
    except (InputError, CentralError) as refused:
        return _shown(request, visit_id, refused)
    return _back(request, visit_id, "e-" + request.POST.get("about_id", "")[:40])


@require_POST
@needs(Right.REVIEW)
def settle(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Close a question."""
    review.settle(person(request), visit_id, request.POST.get("query", ""), client_address(request))
    return _back(request, visit_id)


@require_POST
@needs(Right.REVIEW)
def comment(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Leave a remark for colleagues."""
    try:
        review.comment(person(request), visit_id, request.POST.get("body", ""), client_address(request))
    except InputError as refused:
        return _shown(request, visit_id, refused)
    return _back(request, visit_id)


@require_POST
@needs(Right.REVIEW)
def decide(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Declare the visit void, or take a decision back."""
    decisions = {"void": review.void, "reopen": review.reopen}
    return _decided(request, visit_id, decisions, "decision", _rev(request), request.POST.get("reason", ""))


@require_POST
@needs(Right.REVIEW)
def case(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Close the visit's case, or open it again, with a reason."""
    steps = {"close": cases.close, "reopen": cases.reopen}
    return _decided(request, visit_id, steps, "step", request.POST.get("case_reason", ""), anchor="case")


def _decided(
    request: HttpRequest,
    visit_id: str,
    acts: Mapping[str, Callable[..., object]],
    field: str,
    *said: object,
    anchor: str = "",
) -> HttpResponse:
    """Do what the form's `field` names with what was `said`; show the visit, or why not."""
    act = acts.get(request.POST.get(field, ""))
    try:
        if act is None:
            raise InputError(_("That is no decision techkit knows."), safe=_("Nothing was decided."))
        act(person(request), visit_id, *said, client_address(request))
    except (InputError, CentralError) as refused:
        return _shown(request, visit_id, refused)
    return _back(request, visit_id, anchor=anchor)


@require_POST
@needs(Right.REVIEW)
def conflict(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Decide which of two versions holds; both stay in the history, both writers are told."""
    user = person(request)
    loaded = reports.visit(user, visit_id)
    if loaded is None:
        raise _no_such_visit()
    for held in reports.conflicts(user, loaded.bundle):
        if str(held.id) != request.POST.get("conflict"):
            continue
        for side in (held.found.kept, *held.found.others):
            if side.op_id == request.POST.get("side"):
                note = request.POST.get("note", "")[:500]
                value = is_removal(side.value) if held.found.field == REMOVAL else side.value
                review.decide_conflict(user, visit_id, held.id, value, note, client_address(request))
                return _back(request, visit_id)
    raise CentralError(
        _("Somebody has decided this already."),
        status=409,
        safe=_("Nothing was changed."),
        advice=_("Load the page again to see what holds now."),
    )


@require_POST
@needs(Right.BOOK)
def book(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Book what the visit costs, or take that back with a reason."""
    user, address = person(request), client_address(request)
    try:
        if request.POST.get("step") == "take_back":
            posting.take_back(user, visit_id, _rev(request), request.POST.get("reason", ""), address)
        else:
            posting.post(user, visit_id, address, _rev(request))
    except (InputError, CentralError) as refused:
        return _shown(request, visit_id, refused)
    return _back(request, visit_id, anchor="money")


@require_GET
@needs(Right.READ)
def paper(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Give the customer's summary as PDF: the signed file where it arrived, else made from the record."""
    user = person(request)
    loaded = reports.visit(user, visit_id)
    if loaded is None:
        raise _no_such_visit()
    document = reports.signed_paper(user, loaded.bundle) or _made_anew(user, loaded.bundle)
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_file_name(loaded.bundle)}.pdf"'
    return response


def _file_name(bundle: VisitBundle) -> str:
    """Return what the page's file is called: the number, in letters a header takes; a device says the number."""
    return file_name(bundle.visit.number.encode("ascii", "ignore").decode(), "visit")


def _made_anew(user: User, bundle: VisitBundle) -> bytes:
    from techkit.summary import pdf, sealed
    from techkit.summary.document import build

    document = sealed.of(bundle) or build(bundle)
    signature = bundle.valid_signature()
    waiver = bundle.waivers[-1] if bundle.waivers else None
    signed_at = signature.signed_at if signature else None
    with i18n.language(document.language):
        when = moment(signed_at, zone_of(bundle, ZoneInfo("UTC"))) if signed_at else ""
    photos = reports.page_photos(user, [one.sha256 for one in document.photos])
    return pdf.render(document, pdf.seal_of(document, signature, waiver, signed_at_text=when), photos=photos)


def _no_such_visit() -> CentralError:
    return CentralError(_("There is no such visit."), status=404, advice=_("Go back to the list."))


def _rev(request: HttpRequest) -> int:
    return revision_of(request.POST.get("rev", ""))


def _back(request: HttpRequest, visit_id: str, anchor: str = "") -> HttpResponse:
    query = Filter.from_query(request.POST).to_query()
    return HttpResponseRedirect(f"/visits/{visit_id}?{query}" + (f"#{anchor}" if anchor else ""))


def _shown(
    request: HttpRequest, visit_id: str, refused: InputError | CentralError | None = None
) -> HttpResponse:
    user = person(request)
    loaded, row = reports.visit(user, visit_id), reports.visit_row(user, visit_id)
    if loaded is None or row is None:
        raise _no_such_visit()
    asked = Filter.from_query(request.GET if request.method == "GET" else request.POST)
    status = 200
    if refused is not None:
        status = refused.status if isinstance(refused, CentralError) else 422
    zone = reports.office_zone(user)
    before, after, place, number = visit_list.neighbours(user, asked, visit_id)
    query = asked.to_query()
    file = cases.case_of(user.org_id, loaded.bundle.visit)
    values = {
        **describe(loaded, row, zone, datetime.now(UTC)),
        "files": files(
            loaded.bundle, reports.stored_files(user, [a.sha256 for a in loaded.bundle.attachments])
        ),
        "conflicts": [_conflict(held, zone) for held in reports.conflicts(user, loaded.bundle)],
        "case": case_words(file, visit_id, query, zone) if file is not None else None,
        "technician_address": technicians.addresses(user.org_id, {row.technician_name}).get(
            row.technician_name, ""
        ),
        "asked": asked,
        "query": query,
        "place": place,
        "place_of": number,
        "view_label": _(asked.chosen_view.label),
        "before_address": f"/visits/{before}?{query}" if before else "",
        "after_address": f"/visits/{after}?{query}" if after else "",
        "refused": refused,
        "typed": {
            name: request.POST.get(name, "")
            for name in ("question", "about_id", "note", "reason", "case_reason")
        },
        "ask_open": request.GET.get("ask") == "1",
        "may_hand_out": accounts.may(user, Right.HAND_OUT),
        "may_erase": accounts.may(user, Right.ERASE),
        **_booking(user, loaded.bundle),
    }
    return show("visit.html", request, "visits", values, status)


def _booking(user: User, bundle: VisitBundle) -> dict[str, object]:
    """Return what the page says and offers about booking: the month, and why that may not be the visit's."""
    state = bundle.visit.review_state
    own, month = month_of(visit_day(bundle.visit)), posting.month_to_book(user.org_id, bundle)
    return {
        "may_book": posting.may_book(user) and state is ReviewState.APPROVED,
        "may_take_back": posting.may_book(user) and state is ReviewState.POSTED,
        "is_booked": state is ReviewState.POSTED,
        "month": month_words(month),
        "closed_month": month_words(own) if month != own else "",
        "booked": booked(bundle),
    }


def _conflict(held: OpenConflict, zone: ZoneInfo) -> dict[str, object]:
    """Return a conflict in words: the field, the record, each version with who and when."""
    spec = spec_of(held.record)
    names = [field for field in spec.fields if field.name == held.found.field]
    sides = (held.found.kept, *held.found.others)
    return {
        "id": held.id,
        "field": _(names[0].label) if names else _("Removed or kept"),
        "record": f"{_(spec.title)}: {summary_line(held.record)}",
        "left": _left_words(held.left, zone),
        "left_note": held.left.note if held.left else "",
        "sides": [
            {
                "op_id": side.op_id,
                "who": side.actor or _("somebody"),
                "when": moment(hlc_time(side.order), zone),
                "holds": side is held.found.kept,
                "text": _version(names[0] if names else None, side.value),
            }
            for side in sides
        ],
    }


def _left_words(left: LeftChoice | None, zone: ZoneInfo) -> str:
    """Return who left the choice to the office and when; "" when nobody did."""
    if left is None:
        return ""
    who = left.left_by or _("Technician")
    if left.left_at is None:
        return _("{who} leaves the choice to the office.", who=who)
    return _("{who} leaves the choice to the office, {when}.", who=who, when=moment(left.left_at, zone))


def _version(spec: FieldSpec | None, raw: object) -> str:
    """Return one version of a field as a person reads it; what this techkit cannot read as it came."""
    if spec is None:
        return _("removed") if is_removal(raw) else _("kept")
    try:
        return format_value(spec, decode(spec, raw))
    except ValueError:
        return str(raw)


def describe(loaded: Loaded, row: VisitRow, zone: ZoneInfo, now: datetime) -> dict[str, object]:
    """Return all that the page says about a visit, in words."""
    bundle = loaded.bundle
    raised = projection.flags_of(loaded)
    reckoned = charges(bundle)
    names = {asset.id: asset.name for asset in bundle.assets} | {p.id: p.name for p in bundle.people}
    against = review.reasons_against(bundle)
    state = projection.review_state(bundle)
    here = zone_of(bundle, zone)
    return {
        "bundle": bundle,
        "row": row,
        "rev": loaded.rev,
        "customer": bundle.customer_name or _("Customer not known here"),
        "subtitle": _subtitle(bundle, here, zone),
        "matters": what_matters(bundle, raised, now.astimezone(zone).date()),
        "flags": [flag_mark(flag) for flag in raised],
        "checks": checks(bundle, here),
        "entries": entries(bundle, raised, names, here, zone),
        "charge_entries": charge_entries(bundle, reckoned),
        "total": i18n.money(reckoned.total_minor, reckoned.currency),
        "work_caption": work_caption(bundle, reckoned),
        "whole_talks": talks(bundle.queries, "", bundle.visit.id, zone),
        "promises": promises(bundle, now.astimezone(zone).date()),
        "advice": bundle.recommendations,
        "outcome": outcome_words(bundle.visit.outcome),
        "review_mark": state_mark(state),
        "may_approve": not against,
        "against": against,
        "blocked": [flag.sentence for flag in raised if flag.severity is Severity.BLOCKING],
        "may_ask": state not in (ReviewState.APPROVED, ReviewState.POSTED, ReviewState.VOID),
        "may_reopen": state in (ReviewState.APPROVED, ReviewState.VOID),
        "may_void": state not in (ReviewState.POSTED, ReviewState.VOID),
        "budgets": budgets(row.org_id, bundle, reckoned),
        "contract_words": contract_words(bundle, reckoned),
        "signature": signature_words(bundle, here),
        "signed_pages": signed_pages(bundle, here),
        "history": history(bundle, row, zone, now),
        "no_after": no_after(bundle),
    }


def _subtitle(bundle: VisitBundle, zone: tzinfo, office: ZoneInfo) -> str:
    """Return number, day and time, technician and person in one line; the zone where it differs."""
    visit = bundle.visit
    parts = [_("Visit {number}", number=visit.number) if visit.number else ""]
    if visit.arrived_at:
        begun = visit.arrived_at.astimezone(zone)
        span = i18n.clock(begun)
        if visit.left_at:
            span += "–" + i18n.clock(visit.left_at.astimezone(zone))
        if begun.utcoffset() != begun.astimezone(office).utcoffset():
            span += f" ({begun.tzname()})"
        parts.append(f"{i18n.day(begun.date(), style='full')}, {span}")
    who = bundle.contact.name if bundle.contact else ""
    if who and visit.technician:
        parts.append(_("{technician} with {person}", technician=visit.technician, person=who))
    else:
        parts.append(visit.technician)
    return " · ".join(part for part in parts if part)


def what_matters(bundle: VisitBundle, raised: Iterable[Flag], today: date) -> tuple[str, ...]:
    """Return one or two sentences a reviewer should read first, drawn from the record."""
    found = [flag.sentence for flag in raised if flag.severity is not Severity.NOTICE]
    rated = bundle.satisfaction[-1] if bundle.satisfaction else None
    if rated and 0 < rated.rating <= LOW_RATING:
        word = rated.comment or _("no words added")
        found.append(_("The customer was not content ({n} of 5): {word}.", n=rated.rating, word=word))
    if bundle.visit.outcome in (Outcome.NOT_RESOLVED, Outcome.PARTLY):
        reason = bundle.visit.outcome_reason
        words = outcome_words(bundle.visit.outcome)
        found.append(f"{words}: {reason}" if reason else _("{result}, no reason given.", result=words))
    found += _worst_finding(bundle, today)
    if not found:
        found.append(_("Nothing unusual: no flag, nothing left open."))
    return tuple(found[:2])


def _worst_finding(bundle: VisitBundle, today: date) -> list[str]:
    """Return what the last check still found, with the promise that answers it."""
    last = {run.asset_id: run for run in bundle.whole_runs}
    open_ones = [f for run in last.values() for f in run.findings if f.verdict is Verdict.ACT]
    if not open_ones:
        return []
    sentence = open_ones[0].customer_sentence or open_ones[0].sentence or open_ones[0].title
    promised = [f for f in bundle.follow_ups if f.state == "open" and f.due_on and f.due_on >= today]
    if not promised:
        return [sentence]
    first = min(promised, key=lambda f: f.due_on or today)
    return [
        f"{sentence.rstrip('.')}. "
        + _("Promised by {day}: {text}", day=i18n.day(first.due_on or today, style="long"), text=first.text)
    ]
