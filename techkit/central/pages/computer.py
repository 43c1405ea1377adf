"""A computer's page: what it is, how it stands, how its readings move, what was done on it and what is still open."""

from __future__ import annotations

from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import computers, master_data, reports, twins
from techkit.central.accounts import Right
from techkit.central.computers import ComputerFile, ComputerVisit
from techkit.central.doors import person
from techkit.central.pages.frame import needs, show
from techkit.central.pages.marks import VERDICT_LOOK, Mark, outcome_words
from techkit.central.pages.moments import moment, zone_of
from techkit.central.pages.visit_checks import verdict_counts
from techkit.central.pages.visit_entries import proof_line, proof_mark
from techkit.central.pages.visit_promises import promise
from techkit.i18n import _
from techkit.records import wording
from techkit.records.asset_history import VerdictChange
from techkit.records.assets import ASSET_KINDS, LIFECYCLES, AssetKind, Lifecycle
from techkit.records.findings import Verdict
from techkit.records.schema import Audience, spec_of
from techkit.records.success import FollowUp
from techkit.records.trends import Trend

#: Lines of one kind on the page: promises, advice, findings, and those of one visit.
MOST_SHOWN, MOST_OF_VISIT = 40, 12

#: A reading's drawing: its width, height and the room its dots need, in px.
_WIDTH_PX, _HEIGHT_PX, _EDGE_PX = 320, 72, 8


@require_GET
@needs(Right.READ)
def computer(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Show one computer; the address names the visit its page of visits begins with."""
    user = person(request)
    zone = reports.office_zone(user)
    today = reports.now().astimezone(zone).date()
    held = computers.computer_file(user, asset_id, request.GET.get("from", ""))
    asset = held.asset
    names = {one.id: wording.summary_line(one) for one in (held.customer, held.site, held.user) if one}
    is_first = not held.visits or not request.GET.get("from")
    values = {
        "id": asset.id,
        "may_edit": master_data.may_edit(user, "asset") and not asset.merged_into,
        "name": " · ".join(part for part in (asset.tag, asset.name) if part) or _("Computer without a name"),
        "line": " · ".join(
            part
            for part in (
                _(ASSET_KINDS[AssetKind(asset.kind)]),
                " ".join(p for p in (asset.maker, asset.model) if p),
                " ".join(p for p in (asset.os_name, asset.os_version) if p),
            )
            if part
        ),
        "customer": (held.customer.display_name or _("Customer without a name")) if held.customer else "",
        "customer_id": asset.customer_id,
        "life": "" if asset.lifecycle is Lifecycle.IN_USE else _(LIFECYCLES[Lifecycle(asset.lifecycle)]),
        "merged_into": asset.merged_into or "",
        "moved_to": asset.moved_to or "",
        "twins": twins.shown(user, asset),
        "came_from": asset.came_from or "",
        "facts": _facts(held, names),
        "counts": verdict_counts(held.last_run.findings) if held.last_run else (),
        "checked": _checked(held, zone),
        "findings": _findings(held),
        "trends": [_trend(one) for one in held.trends],
        "is_all": held.is_all,
        "most_read": computers.MOST_READ,
        "visits": [_visit(one, held, zone, today) for one in held.visits],
        "visit_count": held.visit_count,
        "all_visits": f"/visits?view=all&asset={asset.id}",
        "is_first": is_first,
        "next_address": f"/computers/{asset.id}?from={held.next_visit}" if held.next_visit else "",
        "promises": [(promise(f, today), _address(f.visit_id)) for f in _still_open(held)],
        "advice": [
            (r.text, r.why, _address(r.visit_id))
            for r in sorted(held.advice, key=lambda r: r.id, reverse=True)
            if r.state == "open"
        ][:MOST_SHOWN],
    }
    return show("computer.html", request, "visits", values)


def _address(visit_id: str | None) -> str:
    return f"/visits/{visit_id}?view=all" if visit_id else ""


def _facts(held: ComputerFile, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return what the computer is, without what stands in its heading."""
    left_out = {"name", "tag", "kind", "lifecycle", "customer_id", "moved_to", "came_from", "merged_into"}
    if held.asset.price_minor is None:
        left_out.add("currency")
    labels = {_(f.label) for f in spec_of(held.asset).fields if f.name in left_out}
    rows = wording.rows(held.asset, Audience.INTERNAL, names)
    return [(label, text) for label, text in rows if label not in labels]


def _checked(held: ComputerFile, zone: ZoneInfo) -> str:
    run = held.last_run
    if run is None or run.started_at is None:
        return _("Never checked so far.")
    return _("Last checked on {day}", day=i18n.day(run.started_at.astimezone(zone).date(), style="medium"))


def _verdict(verdict: Verdict) -> Mark:
    look, icon = VERDICT_LOOK[verdict]
    return Mark(look=look, icon=icon, words=_(verdict.label))


def _findings(held: ComputerFile) -> list[dict[str, object]]:
    """Return what the last check left to do, the worst first."""
    if held.last_run is None:
        return []
    bad = [f for f in held.last_run.findings if f.verdict in (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN)]
    order = (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN)
    bad.sort(key=lambda f: order.index(f.verdict))
    return [
        {
            "mark": _verdict(f.verdict),
            "title": f"{f.title} ({f.subject})" if f.subject else f.title,
            "sentence": f.sentence or f.reason_text or f.customer_sentence,
        }
        for f in bad[:MOST_SHOWN]
    ]


def _still_open(held: ComputerFile) -> list[FollowUp]:
    return sorted(
        (f for f in held.follow_ups if f.state == "open"), key=lambda f: (f.due_on or date.max, f.id)
    )[:MOST_SHOWN]


def _trend(held: Trend) -> dict[str, object]:
    """Return a reading over the visits: its sentence, its drawing, its points as a table."""
    values = [value for _day, value in held.points]
    bounds = [*values, held.limit] if held.limit is not None else values
    low, high = min(bounds), max(bounds)
    first, last = held.points[0][0], held.points[-1][0]
    days = max(1, (last - first).days)

    def x(day: date) -> int:
        return _EDGE_PX + round((_WIDTH_PX - 2 * _EDGE_PX) * (day - first).days / days)

    def y(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return _HEIGHT_PX - _EDGE_PX - round((_HEIGHT_PX - 2 * _EDGE_PX) * share)

    dots = [(x(day), y(value)) for day, value in held.points]
    return {
        "label": held.label,
        "sentence": held.sentence,
        "is_worse": held.is_worse,
        "line": " ".join(f"{left},{top}" for left, top in dots),
        "dots": dots,
        "limit": y(held.limit) if held.limit is not None else None,
        "first": i18n.day(first, style="medium"),
        "last": i18n.day(last, style="medium"),
        "points": [(i18n.day(day, style="medium"), held.said(value)) for day, value in reversed(held.points)],
    }


def _visit(one: ComputerVisit, held: ComputerFile, office: ZoneInfo, today: date) -> dict[str, object]:
    """Return one visit in the computer's life: work with its proof, what was judged otherwise, what changed, what is promised."""
    bundle = one.bundle
    visit = bundle.visit
    zone: tzinfo = zone_of(bundle, office)
    begun = visit.arrived_at or visit.planned_start_at
    is_alone = len(visit.asset_ids) == 1
    work = [a for a in bundle.activities if a.asset_id in held.ids or (a.asset_id is None and is_alone)]
    parts = [s for s in bundle.supplies if s.asset_id in held.ids or (s.asset_id is None and is_alone)]
    return {
        "number": visit.number or _("Visit"),
        "address": _address(visit.id),
        "line": " · ".join(
            part
            for part in (
                moment(begun, zone) if begun else "",
                visit.technician,
                outcome_words(visit.outcome),
            )
            if part
        ),
        "purpose": visit.purpose,
        "work": [
            {
                "icon": spec_of(a).icon,
                "title": a.title or _(spec_of(a).title),
                "mark": proof_mark(a, bundle),
                "lines": [proof_line(p) for p in a.evidence][:MOST_OF_VISIT],
            }
            for a in work[:MOST_OF_VISIT]
        ],
        "parts": [s.name for s in parts if s.is_part and not s.is_returned][:MOST_OF_VISIT],
        "verdicts": [_verdict_change(v) for v in one.verdicts[:MOST_OF_VISIT]],
        "changes": [e.title for e in one.changes[:MOST_OF_VISIT]],
        "left_out": sum(max(0, len(lines) - MOST_OF_VISIT) for lines in (work, one.verdicts, one.changes)),
        "promises": [
            promise(f, today)
            for f in bundle.follow_ups
            if f.asset_id in held.ids or (f.asset_id is None and is_alone)
        ][:MOST_OF_VISIT],
        "no_check": _("No check was made.") if not bundle.whole_runs else "",
    }


def _verdict_change(held: VerdictChange) -> dict[str, object]:
    return {
        "title": f"{held.title} ({held.subject})" if held.subject else held.title,
        "before": _verdict(held.before),
        "after": _verdict(held.after),
        "words": _("better") if held.is_better else _("worse"),
    }
