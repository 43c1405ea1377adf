"""One visit: claim, evidence and money side by side, questions beneath the entries, the decision.

Everything here is made from the visit's bundle by plain functions; what a page may show is decided by
the records' own declarations (audience, labels).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import projection, reports, review
from techkit.central.accounts import Right
from techkit.central.bundles import Loaded
from techkit.central.doors import client_address, person
from techkit.central.models import VisitRow
from techkit.central.pages.frame import needs, show
from techkit.central.pages.visits import VERDICT_LOOK, Mark, ago, outcome_words, state_mark
from techkit.central.reports import Filter, OpenConflict
from techkit.errors import CentralError, InputError
from techkit.i18n import _, ngettext
from techkit.records.activities import Activity, Proof
from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.budget import CostKind, Standing, times
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, Charges, Share, charges, shares
from techkit.records.difference import Change, Comparison, compare_runs
from techkit.records.findings import Finding, Verdict
from techkit.records.flags import PROVEN_LABELS, Proven, proof_of
from techkit.records.identity import hlc_time
from techkit.records.review import Decision, Flag, Query, Severity
from techkit.records.schema import Audience, FieldSpec, Record, decode, format_value, spec_of, summary_line
from techkit.records.success import DEPARTMENTS, FOLLOW_UP_REASONS, FollowUp
from techkit.records.visit import (
    LABOUR_KINDS,
    WAIVER_REASONS,
    LabourSegment,
    Outcome,
    ReviewState,
    Signature,
    SupplyUse,
)

#: Fields an entry shows elsewhere on the page, or that only the program reads.
_NOT_LISTED = frozenset(
    {"visit_id", "asset_id", "contact_id", "title", "note_customer", "minutes", "recorded_at", "origin"}
    | {"evidence", "currency"}
)


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One question with its answer, in words."""

    query: Query
    asked: str
    answered: str
    waits: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the work: what is claimed, what shows it, what it costs.

    mark: how the claim stands against the evidence, None where there is nothing to prove.
    proof_lines: what was read before and after. askable: (field, label) a question may point to.
    """

    kind: str
    record_id: str
    icon: str
    kind_label: str
    title: str
    note: str
    facts: tuple[tuple[str, str], ...]
    internal: str
    mark: Mark | None
    proof_lines: tuple[str, ...]
    amount: str
    amount_note: str
    talks: tuple[Talk, ...] = ()
    askable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One finding of the last check, with what stands behind it."""

    mark: Mark
    finding: Finding
    evidence: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class CompareRow:
    """One row of the before/after table; scale: positions of before and after, 0–180, or None."""

    title: str
    before: str
    after: str
    mark: Mark
    words: str
    scale: tuple[int, int, str] | None


@dataclass(frozen=True, kw_only=True)
class ComputerCheck:
    """The checks of one computer."""

    name: str
    caption: str
    counts: tuple[Mark, ...]
    findings: tuple[FindingLine, ...]
    good: tuple[FindingLine, ...]
    changed: tuple[CompareRow, ...]
    same: tuple[CompareRow, ...]


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """What one cost centre bears and how its budget stands afterwards; width of the bar 0–300."""

    name: str
    amount: str
    share: str
    words: str
    used_width: int
    look: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One follow-up in words."""

    text: str
    who: str
    due: str
    mark: Mark | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the visit's history."""

    at: datetime
    when: str
    words: str


# --- answering requests --------------------------------------------------------------------------------------


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
    following = reports.neighbours(user, asked, visit_id)[1]
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
    return _back(request, visit_id, request.POST.get("about_id", "")[:40])


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
    act = {"void": review.void, "reopen": review.reopen}.get(request.POST.get("decision", ""))
    try:
        if act is None:
            raise InputError(_("That is no decision techkit knows."), safe=_("Nothing was decided."))
        act(
            person(request),
            visit_id,
            _rev(request),
            request.POST.get("reason", ""),
            client_address(request),
        )
    except (InputError, CentralError) as refused:
        return _shown(request, visit_id, refused)
    return _back(request, visit_id)


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
                review.decide_conflict(user, visit_id, held.id, side.value, note, client_address(request))
                return _back(request, visit_id)
    raise CentralError(
        _("Somebody has decided this already."),
        status=409,
        safe=_("Nothing was changed."),
        advice=_("Load the page again to see what holds now."),
    )


@require_GET
@needs(Right.READ)
def paper(request: HttpRequest, visit_id: str) -> HttpResponse:
    """Give the customer's summary as PDF: the signed file where it arrived, else made from the record."""
    user = person(request)
    loaded = reports.visit(user, visit_id)
    if loaded is None:
        raise _no_such_visit()
    document = reports.signed_paper(user, loaded.bundle) or _made_anew(loaded.bundle)
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{loaded.bundle.visit.number or "visit"}.pdf"'
    return response


def _made_anew(bundle: VisitBundle) -> bytes:
    from techkit.summary import pdf
    from techkit.summary.document import build

    document = build(bundle)
    signature = bundle.valid_signature()
    waiver = bundle.waivers[-1] if bundle.waivers else None
    signed_at = signature.signed_at if signature else None
    with i18n.language(document.language):
        when = _moment(signed_at, _zone_of(bundle, ZoneInfo("UTC"))) if signed_at else ""
    return pdf.render(document, pdf.seal_of(document, signature, waiver, signed_at_text=when))


def _no_such_visit() -> CentralError:
    return CentralError(_("There is no such visit."), status=404, advice=_("Go back to the list."))


def _rev(request: HttpRequest) -> int:
    text = request.POST.get("rev", "")
    return int(text) if text.isdecimal() else -1


def _back(request: HttpRequest, visit_id: str, anchor: str = "") -> HttpResponse:
    query = Filter.from_query(request.POST).to_query()
    return HttpResponseRedirect(f"/visits/{visit_id}?{query}" + (f"#e-{anchor}" if anchor else ""))


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
    before, after, place, number = reports.neighbours(user, asked, visit_id)
    query = asked.to_query()
    values = {
        **describe(loaded, row, zone, datetime.now(UTC)),
        "conflicts": [_conflict(held, zone) for held in reports.conflicts(user, loaded.bundle)],
        "asked": asked,
        "query": query,
        "place": place,
        "place_of": number,
        "view_label": _(asked.chosen_view.label),
        "before_address": f"/visits/{before}?{query}" if before else "",
        "after_address": f"/visits/{after}?{query}" if after else "",
        "refused": refused,
        "typed": {name: request.POST.get(name, "") for name in ("question", "about_id", "note", "reason")},
        "ask_open": request.GET.get("ask") == "1",
    }
    return show("visit.html", request, "visits", values, status)


def _conflict(held: OpenConflict, zone: ZoneInfo) -> dict[str, object]:
    """Return a conflict in words: the field, the record, each version with who and when."""
    spec = spec_of(held.record)
    names = [field for field in spec.fields if field.name == held.found.field]
    sides = (held.found.kept, *held.found.others)
    return {
        "id": held.id,
        "field": _(names[0].label) if names else _("Removed or kept"),
        "record": f"{_(spec.title)}: {summary_line(held.record)}",
        "sides": [
            {
                "op_id": side.op_id,
                "who": side.actor or _("somebody"),
                "when": _moment(hlc_time(side.order), zone),
                "holds": side is held.found.kept,
                "text": _version(names[0] if names else None, side.value),
            }
            for side in sides
        ],
    }


def _version(spec: FieldSpec | None, raw: object) -> str:
    """Return one version of a field as a person reads it; what this techkit cannot read as it came."""
    if spec is None:
        return _("removed") if raw is not None else _("kept")
    try:
        return format_value(spec, decode(spec, raw))
    except ValueError:
        return str(raw)


# --- describing a visit ----------------------------------------------------------------------------------------


def describe(loaded: Loaded, row: VisitRow, zone: ZoneInfo, now: datetime) -> dict[str, object]:
    """Return all that the page says about a visit, in words."""
    bundle = loaded.bundle
    raised = projection.flags_of(loaded)
    reckoned = charges(bundle)
    names = {asset.id: asset.name for asset in bundle.assets} | {p.id: p.name for p in bundle.people}
    against = review.reasons_against(bundle)
    state = projection.review_state(bundle)
    here = _zone_of(bundle, zone)
    return {
        "bundle": bundle,
        "row": row,
        "rev": loaded.rev,
        "customer": bundle.customer.display_name if bundle.customer else _("Customer not known here"),
        "subtitle": _subtitle(bundle, here, zone),
        "matters": what_matters(bundle, raised, now.astimezone(zone).date()),
        "flags": [_flag_mark(flag) for flag in raised],
        "checks": _checks(bundle, here),
        "entries": _entries(bundle, raised, names, here, zone),
        "charge_entries": _charge_entries(bundle, reckoned, here),
        "total": i18n.money(reckoned.total_minor, reckoned.currency),
        "work_caption": _work_caption(bundle, reckoned),
        "whole_talks": _talks(bundle.queries, "", bundle.visit.id, zone),
        "promises": _promises(bundle, now.astimezone(zone).date()),
        "advice": bundle.recommendations,
        "outcome": outcome_words(bundle.visit.outcome),
        "review_mark": state_mark(state),
        "may_approve": not against,
        "against": against,
        "blocked": review.blocking_flags(loaded),
        "may_ask": state not in (ReviewState.APPROVED, ReviewState.POSTED, ReviewState.VOID),
        "may_reopen": state in (ReviewState.APPROVED, ReviewState.VOID),
        "may_void": state not in (ReviewState.POSTED, ReviewState.VOID),
        "budgets": _budgets(bundle, reckoned),
        "contract_words": _contract_words(bundle, reckoned),
        "signature": _signature(bundle, here),
        "history": _history(bundle, row, zone, now),
        "no_after": _no_after(bundle),
    }


def _zone_of(bundle: VisitBundle, office: ZoneInfo) -> tzinfo:
    """Return the zone the visit was recorded in, by name or by its offset; the office's without either."""
    visit = bundle.visit
    try:
        if visit.time_zone:
            return ZoneInfo(visit.time_zone)
    except (KeyError, ValueError):
        pass
    if visit.utc_offset_minutes:
        return timezone(timedelta(minutes=visit.utc_offset_minutes))
    return office


def _moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{i18n.day(local.date(), style='medium')}, {i18n.clock(local)}"


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
    if rated and 0 < rated.rating <= projection.LOW_RATING:
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
    last = {run.asset_id: run for run in bundle.runs}
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


def _flag_mark(flag: Flag) -> Mark:
    look, icon = {
        Severity.BLOCKING: ("bad", "warning-octagon"),
        Severity.WARNING: ("watch", "warning"),
        Severity.NOTICE: ("info", "info"),
    }[flag.severity]
    return Mark(look=look, icon=icon, words=reports.rule_label(flag.rule), explained=flag.sentence)


# --- diagnostics ------------------------------------------------------------------------------------------------


def _checks(bundle: VisitBundle, zone: tzinfo) -> tuple[ComputerCheck, ...]:
    return tuple(
        _check(bundle, asset, zone)
        for asset in bundle.assets
        if any(run.asset_id == asset.id for run in bundle.runs)
    )


def _check(bundle: VisitBundle, asset: Asset, zone: tzinfo) -> ComputerCheck:
    before, after = bundle.run(asset.id, Phase.BEFORE), bundle.run(asset.id, Phase.AFTER)
    last = after or before or next(run for run in bundle.runs if run.asset_id == asset.id)
    lines = tuple(_finding_line(f) for f in last.findings if f.verdict is not Verdict.NOT_APPLICABLE)
    compared = [_compare_row(c) for c in compare_runs(before, after)] if before and after else []
    counts = []
    for verdict in (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN, Verdict.OK):
        n = sum(held.finding.verdict is verdict for held in lines)
        if n:
            look, icon = VERDICT_LOOK[verdict]
            counts.append(Mark(look=look, icon=icon, words=str(n), explained=_(verdict.label)))
    return ComputerCheck(
        name=asset.name,
        caption=_check_caption(last, before, after, zone, len(lines)),
        counts=tuple(counts),
        findings=tuple(held for held in lines if held.finding.verdict is not Verdict.OK),
        good=tuple(held for held in lines if held.finding.verdict is Verdict.OK),
        changed=tuple(row for row, is_same in compared if not is_same),
        same=tuple(row for row, is_same in compared if is_same),
    )


def _check_caption(
    last: DiagnosticRun,
    before: DiagnosticRun | None,
    after: DiagnosticRun | None,
    zone: tzinfo,
    number: int,
) -> str:
    parts = [ngettext("1 check", "{n} checks", number)]
    if before and before.started_at:
        parts.append(_("before {time}", time=i18n.clock(before.started_at.astimezone(zone))))
    if after and after.started_at:
        parts.append(_("after {time}", time=i18n.clock(after.started_at.astimezone(zone))))
    if last.was_stopped:
        parts.append(_("stopped early"))
    return " · ".join(parts)


def _finding_line(finding: Finding) -> FindingLine:
    look, icon = VERDICT_LOOK[finding.verdict]
    return FindingLine(
        mark=Mark(look=look, icon=icon, words=_(finding.verdict.label)),
        finding=finding,
        evidence=tuple(
            (row.label, row.value, row.limit or "–", _(row.verdict.label)) for row in finding.evidence
        ),
    )


#: Width of the dumbbell's scale and the room its dots need at either end, in px.
_SCALE_PX, _SCALE_EDGE_PX = 180, 6


def _compare_row(held: Comparison) -> tuple[CompareRow, bool]:
    looks = {
        Change.BETTER: ("ok", "check-circle"),
        Change.WORSE: ("bad", "warning-octagon"),
        Change.SAME: ("none", "equals"),
        Change.OPEN: ("watch", "warning"),
        Change.NEW: ("info", "info"),
        Change.GONE: ("none", "question"),
    }
    look, icon = looks[held.change]
    if held.change is Change.OPEN and held.after and held.after.verdict is Verdict.ACT:
        look, icon = "bad", "warning-octagon"
    words = f"{held.words}: {held.difference}" if held.difference else held.words
    title = f"{_(held.title)} ({held.subject})" if held.subject else _(held.title)
    row = CompareRow(
        title=title,
        before=held.before_text,
        after=held.after_text,
        mark=Mark(look=look, icon=icon, words=words),
        words=words,
        scale=_scale(held),
    )
    return row, held.change is Change.SAME


def _scale(held: Comparison) -> tuple[int, int, str] | None:
    """Return where before and after stand on the reading's own scale."""
    if held.before is None or held.after is None:
        return None
    old, new = held.before.value, held.after.value
    top = held.after.scale_max or held.before.scale_max
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)) or not top:
        return None
    if isinstance(old, bool) or isinstance(new, bool):
        return None
    room = _SCALE_PX - 2 * _SCALE_EDGE_PX
    old_px, new_px = (
        _SCALE_EDGE_PX + round(room * min(max(v / top, 0.0), 1.0)) for v in (float(old), float(new))
    )
    look = {Change.WORSE: "worse", Change.SAME: "same", Change.OPEN: "same"}.get(held.change, "")
    return old_px, new_px, look


def _no_after(bundle: VisitBundle) -> str:
    """Return why there is no check after the work, in words; "" when there is one or none is due."""
    if not bundle.runs or any(run.phase is Phase.AFTER for run in bundle.runs):
        return ""
    return bundle.visit.no_after_run_reason or _("No reason was given.")


# --- claim, evidence, money ----------------------------------------------------------------------------------------


def _entries(
    bundle: VisitBundle, raised: Iterable[Flag], names: Mapping[str, str], here: tzinfo, office: ZoneInfo
) -> tuple[Entry, ...]:
    by_record: dict[str, list[Flag]] = {}
    for flag in raised:
        by_record.setdefault(flag.record_id, []).append(flag)
    many = len(bundle.assets) > 1
    shown = [
        _activity_entry(bundle, held, by_record.get(held.id, []), names, office, many)
        for held in bundle.activities
    ]
    shown += [
        _supply_entry(bundle, held, by_record.get(held.id, []), names, office) for held in bundle.supplies
    ]
    shown += [_labour_entry(bundle, held, by_record.get(held.id, []), here, office) for held in bundle.labour]
    return tuple(shown)


def _activity_entry(
    bundle: VisitBundle,
    held: Activity,
    raised: list[Flag],
    names: Mapping[str, str],
    zone: ZoneInfo,
    shows_asset: bool,
) -> Entry:
    spec = spec_of(held)
    where = names.get(held.asset_id or "", "") if shows_asset else ""
    return Entry(
        kind=spec.kind,
        record_id=held.id,
        icon=spec.icon,
        kind_label=" · ".join(part for part in (_(spec.title), where) if part),
        title=held.title or _(spec.title),
        note=held.note_customer,
        facts=_facts(held, names),
        internal=held.note_internal,
        mark=_proof_mark(held, bundle),
        proof_lines=_proof_lines(held, bundle, raised),
        amount=i18n.minutes(held.minutes) if held.minutes else "",
        amount_note="",
        talks=_talks(bundle.queries, held.id, bundle.visit.id, zone),
        askable=_askable(held),
    )


def _facts(held: Record, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return label and text of an entry's own filled fields, as its declaration words them."""
    found = []
    for spec in _own_fields(held):
        current = getattr(held, spec.name)
        text = format_value(spec, current, names) if current not in (None, "", (), 0, spec.default) else ""
        if text and text not in getattr(held, "title", ""):
            found.append((_(spec.label), text))
    return tuple(found)


def _own_fields(held: Record) -> list[FieldSpec]:
    return [
        spec
        for spec in spec_of(held).fields
        if spec.name not in _NOT_LISTED
        and spec.name != "note_internal"
        and spec.readable_by(Audience.INTERNAL)
    ]


def _askable(held: Record) -> tuple[tuple[str, str], ...]:
    hidden = {"visit_id", "recorded_at", "origin", "evidence", "currency"}
    return tuple((spec.name, _(spec.label)) for spec in spec_of(held).fields if spec.name not in hidden)


_PROOF_LOOK = {
    Proven.INVENTORY: ("ok", "seal-check"),
    Proven.READING: ("ok", "seal-check"),
    Proven.NOT_PROVEN: ("bad", "seal-warning"),
    Proven.OPEN: ("watch", "seal-question"),
    Proven.NOT_PROVABLE: ("none", "pencil-simple"),
}


def _proof_mark(held: Activity, bundle: VisitBundle) -> Mark:
    """Return how the claim stands against the computer; looked at anew, not believed from the device."""
    proven = proof_of(held, bundle)
    look, icon = _PROOF_LOOK[proven]
    if proven is Proven.NOT_PROVEN:
        words = _("Claim not proven")
    elif proven is Proven.NOT_PROVABLE:
        words = _("Told by the technician")
    else:
        words = _(PROVEN_LABELS[proven])
    return Mark(look=look, icon=icon, words=words)


def _proof_lines(held: Activity, bundle: VisitBundle, raised: list[Flag]) -> tuple[str, ...]:
    """Return what was read before and after; where that contradicts the claim, what shows instead."""
    told = tuple(flag.sentence for flag in raised)
    if proof_of(held, bundle) is Proven.NOT_PROVEN and told:
        return told
    return tuple(_proof_line(proof) for proof in held.evidence) + told


def _proof_line(proof: Proof) -> str:
    if proof.before and proof.after:
        return f"{proof.subject}: {proof.before} → {proof.after}"
    if proof.after:
        return _("{thing}: {value}, new", thing=proof.subject, value=proof.after)
    if proof.before:
        return _("{thing}: {value}, gone", thing=proof.subject, value=proof.before)
    return proof.subject


def _supply_entry(
    bundle: VisitBundle, held: SupplyUse, raised: list[Flag], names: Mapping[str, str], zone: ZoneInfo
) -> Entry:
    spec = spec_of(held)
    if held.is_warranty:
        amount, note = i18n.money(0, held.currency), _("under guarantee")
    elif held.unit_price_minor is None:
        amount, note = "–", _("no price")
    else:
        amount = i18n.money(times(held.quantity, held.unit_price_minor), held.currency)
        digits = max(0, -int(held.quantity.as_tuple().exponent))
        note = f"{i18n.number(held.quantity, digits)} × {i18n.money(held.unit_price_minor, held.currency)}"
    return Entry(
        kind=spec.kind,
        record_id=held.id,
        icon=spec.icon,
        kind_label=_("Part") if held.is_part else _("Supply"),
        title=held.name,
        note="",
        facts=tuple(
            (label, text)
            for label, text in (
                (_("For computer"), names.get(held.asset_id or "", "")),
                (_("Serial number fitted"), held.serial_in),
                (_("Serial number removed"), held.serial_out),
            )
            if text
        ),
        internal="",
        mark=Mark(look="none", icon="pencil-simple", words=_("Told by the technician")),
        proof_lines=tuple(flag.sentence for flag in raised),
        amount=amount,
        amount_note=note,
        talks=_talks(bundle.queries, held.id, bundle.visit.id, zone),
        askable=_askable(held),
    )


def _labour_entry(
    bundle: VisitBundle, held: LabourSegment, raised: list[Flag], here: tzinfo, office: ZoneInfo
) -> Entry:
    superseded = held.id not in {segment.id for segment in bundle.current_labour()}
    measured = held.elapsed_s // 60 if held.elapsed_s else 0
    lines = [_("Clock that cannot be set: {time}", time=i18n.minutes(measured))] if measured else []
    if held.supersedes:
        lines.append(_("Corrects an earlier time."))
    if superseded:
        lines.append(_("Corrected later; kept to be seen."))
    span = "–".join(
        i18n.clock(moment.astimezone(here)) for moment in (held.started_at, held.ended_at) if moment
    )
    length = (
        max(0, round((held.ended_at - held.started_at).total_seconds() / 60))
        if held.started_at and held.ended_at
        else measured
    )
    return Entry(
        kind="labour_segment",
        record_id=held.id,
        icon="timer",
        kind_label=_("Time"),
        title=f"{_(LABOUR_KINDS[held.kind])} {span}".strip(),
        note="",
        facts=(),
        internal="",
        mark=None if superseded else Mark(look="none", icon="clock", words=_("By the visit's clock")),
        proof_lines=(*lines, *(flag.sentence for flag in raised)),
        amount="" if superseded else i18n.minutes(length),
        amount_note="",
        talks=_talks(bundle.queries, held.id, bundle.visit.id, office),
        askable=_askable(held),
    )


def _charge_entries(bundle: VisitBundle, reckoned: Charges, here: tzinfo) -> tuple[tuple[str, str, str], ...]:
    """Return what is charged as (what, how reckoned, amount): labour, travel, expenses."""
    found = []
    for held in reckoned.lines:
        if held.kind in (CostKind.PART, CostKind.SUPPLY):
            continue
        found.append(
            (
                _charge_label(held),
                _charge_how(held, reckoned),
                i18n.money(held.amount_minor, reckoned.currency),
            )
        )
    goods = [held for held in reckoned.lines if held.kind in (CostKind.PART, CostKind.SUPPLY)]
    if goods:
        amount = sum(held.amount_minor for held in goods)
        words = ngettext("1 line above", "{n} lines above", len(goods))
        found.append((_("Parts and supplies"), words, i18n.money(amount, reckoned.currency)))
    return tuple(found)


def _charge_label(held: ChargeLine) -> str:
    match held.kind:
        case CostKind.LABOUR:
            return next(
                (_(words) for kind, words in LABOUR_KINDS.items() if kind.value == held.labour), _("Labour")
            )
        case CostKind.TRAVEL:
            return _("Travel, flat")
        case _:
            return held.label


def _charge_how(held: ChargeLine, reckoned: Charges) -> str:
    if held.is_covered:
        return _("paid by the contract")
    if held.minutes and not held.unit_price_minor:
        return _("{time}, no rate known here", time=i18n.minutes(held.minutes))
    if held.minutes:
        rate = i18n.money(held.unit_price_minor, reckoned.currency)
        return _("{time} charged at {rate} an hour", time=i18n.minutes(held.minutes), rate=rate)
    return ""


def _work_caption(bundle: VisitBundle, reckoned: Charges) -> str:
    parts = [ngettext("1 entry", "{n} entries", len(bundle.activities))]
    if reckoned.labour_minutes:
        parts.append(i18n.minutes(reckoned.labour_minutes))
    if bundle.supplies:
        parts.append(ngettext("1 supply", "{n} supplies", len(bundle.supplies)))
    return " · ".join(parts)


def _talks(queries: Iterable[Query], record_id: str, visit_id: str, zone: ZoneInfo) -> tuple[Talk, ...]:
    """Return the questions about one record; with "" those about the visit as a whole."""
    own = (record_id,) if record_id else ("", visit_id)
    return tuple(
        Talk(
            query=held,
            asked=_moment(held.asked_at, zone) if held.asked_at else "",
            answered=_moment(held.answered_at, zone) if held.answered_at else "",
            waits=_("The technician sees this at the next sync.") if held.state == "open" else "",
        )
        for held in queries
        if held.about_id in own
    )


# --- beside it -------------------------------------------------------------------------------------------------------


def _promises(bundle: VisitBundle, today: date) -> tuple[Promise, ...]:
    return tuple(_promise(held, today) for held in bundle.follow_ups)


def _promise(held: FollowUp, today: date) -> Promise:
    who = _("the customer") if held.is_customers_own else held.owner or _(DEPARTMENTS[held.department])
    reason = held.reason_text or _(FOLLOW_UP_REASONS[held.reason])
    if held.cost_minor and held.decision != "yes":
        reason += " · " + _(
            "planned, if {who} agrees ({money})",
            who=held.approver or _("the customer"),
            money=i18n.money(held.cost_minor, held.currency),
        )
    return Promise(
        text=held.text,
        who=who,
        due=i18n.day(held.due_on, style="long") if held.due_on else _("no date"),
        mark=_due_mark(held, today),
        reason=reason,
    )


def _due_mark(held: FollowUp, today: date) -> Mark | None:
    """Return how a promise stands; due today is not overdue."""
    if held.state == "done":
        return Mark(look="ok", icon="check-circle", words=_("Done"))
    if held.state == "dropped":
        return Mark(look="none", icon="minus-circle", words=_("Dropped"))
    if held.due_on is None or held.due_on > today:
        return None
    if held.due_on == today:
        return Mark(look="info", icon="clock", words=_("Due today"))
    days = (today - held.due_on).days
    return Mark(look="bad", icon="warning-octagon", words=ngettext("1 day overdue", "{n} days overdue", days))


def _contract_words(bundle: VisitBundle, reckoned: Charges) -> str:
    if bundle.contract is None:
        return _("One-time")
    words = bundle.contract.name or bundle.contract.number
    if bundle.contract.ends_on:
        words = _(
            "{contract}, to {day}", contract=words, day=i18n.day(bundle.contract.ends_on, style="medium")
        )
    if reckoned.contract_minutes_left is not None:
        left = reckoned.contract_minutes_left
        shown = i18n.minutes(abs(left))
        words += " · " + (
            _("{time} left after this visit", time=shown) if left >= 0 else _("{time} overdrawn", time=shown)
        )
    return words


def _budgets(bundle: VisitBundle, reckoned: Charges) -> tuple[BudgetLine, ...]:
    try:
        return tuple(_budget(share, reckoned.currency) for share in shares(bundle))
    except InputError:
        return ()


def _budget(share: Share, currency: str) -> BudgetLine:
    name = f"{share.centre.code} {share.centre.name}".strip()
    amount = i18n.money(share.amount_minor, currency)
    percent = i18n.percent(share.share_percent / 100, 0)
    if share.budget is None or share.after is None:
        return BudgetLine(
            name=name, amount=amount, share=percent, words=_("no budget here"), used_width=0, look="", note=""
        )
    after = share.after
    money = share.budget.currency
    used = after.used_percent
    look = {Standing.STOP: "bad", Standing.WARN: "watch"}.get(after.standing, "")
    if after.variance_minor >= 0:
        note = _("{money} left (favourable)", money=i18n.money(after.variance_minor, money))
    else:
        note = _("{money} over (unfavourable)", money=i18n.money(-after.variance_minor, money))
    if used is not None:
        note += " · " + _("{percent} used", percent=i18n.percent(used / 100))
    return BudgetLine(
        name=name,
        amount=amount,
        share=percent,
        words=_(
            "{actual} of {approved}",
            actual=i18n.money(after.actual_minor, money),
            approved=i18n.money(after.approved_minor, money),
        ),
        used_width=round(3 * min(float(used or 0), 100.0)),
        look=look,
        note=note,
    )


def _signature(bundle: VisitBundle, zone: tzinfo) -> dict[str, object]:
    """Return who signed what and when, and the answer to "did we solve it", in words."""
    signature = bundle.valid_signature()
    waiver = bundle.waivers[-1] if bundle.waivers else None
    rated = bundle.satisfaction[-1] if bundle.satisfaction else None
    facts: list[tuple[str, str]] = []
    if signature:
        when = _moment(signature.signed_at, zone) if signature.signed_at else ""
        facts.append((_("Signature"), ", ".join(part for part in (signature.signer, when) if part)))
        facts.append((_("Revision"), str(signature.visit_revision)))
    elif waiver:
        reason = _(WAIVER_REASONS[waiver.reason])
        facts.append((_("No signature"), f"{reason}. {waiver.note}".strip()))
    else:
        facts.append((_("Signature"), _("none")))
    if rated and rated.rating:
        facts.append((_("Did we solve it?"), _("{n} of 5", n=rated.rating)))
    if bundle.visit.arrived_at:
        facts.append((_("Recorded"), _moment(bundle.visit.arrived_at, zone)))
    voided = {v.signature_id: v for v in bundle.voided}
    for old in bundle.signatures:
        if old.id in voided:
            reason = voided[old.id].reason or _("changed after signing")
            facts.append((_("Voided"), f"{old.signer}, {_('revision {n}', n=old.visit_revision)}: {reason}"))
    return {
        "title": _("Signed") if signature else _("Sign-off"),
        "facts": facts,
        "hash": signature.content_hash if signature else "",
        "seal": _seal_mark(bundle, signature) if signature else None,
    }


def _seal_mark(bundle: VisitBundle, signature: Signature) -> Mark:
    """Return whether the page made from the record today is the page that was signed."""
    from techkit.summary.document import build

    if build(bundle, language=signature.language).content_hash == signature.content_hash:
        return Mark(look="ok", icon="seal-check", words=_("The record is what was signed"))
    if any(run.language and run.language != signature.language for run in bundle.runs):
        # The device words findings again in the page's language; the service has no checks to do so.
        return Mark(look="none", icon="info", words=_("Signed in another language; compare the signed page"))
    return Mark(look="none", icon="info", words=_("The record was changed after signing"))


def _history(bundle: VisitBundle, row: VisitRow, zone: ZoneInfo, now: datetime) -> tuple[Event, ...]:
    """Return what happened to the visit, newest first."""
    visit = bundle.visit
    found: list[tuple[datetime | None, str]] = [
        (row.received_at, _("Received from the technician's device")),
        (visit.arrived_at, _("{name} arrived", name=visit.technician or _("Technician"))),
    ]
    for signature in bundle.signatures:
        words = _("Signed by {name}, revision {n}", name=signature.signer, n=signature.visit_revision)
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
