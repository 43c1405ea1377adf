"""The visit list: views, filters in the address, keyboard triage, bulk approval with undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import bundles, frequent, posting, reports, review, saved_views, visit_list
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.models import VisitRow
from techkit.central.pages.frame import needs, revision_of, show
from techkit.central.pages.marks import SEVERITY_LOOK, VERDICT_LOOK, Mark, state_mark
from techkit.central.pages.moments import ago
from techkit.central.pages.visit_money import month_words
from techkit.central.visit_list import Filter
from techkit.errors import CentralError, InputError
from techkit.i18n import N_, _, ngettext
from techkit.records.findings import Verdict
from techkit.records.schema import spec_for
from techkit.records.visit import ReviewState

#: Visits booked by one press; each is a transaction of its own.
BOOKED_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """One visit of the list, in words."""

    row: VisitRow
    customer: str
    who: str
    day: str
    length: str
    kinds: tuple[tuple[str, str], ...]
    findings: tuple[Mark, ...]
    flags: tuple[Mark, ...]
    state: Mark
    state_note: str
    charge: str
    address: str


def line(row: VisitRow, query: str, zone: ZoneInfo, now: datetime) -> Line:
    """Return a visit's row in the words of the list."""
    begun = row.started_at.astimezone(zone)
    return Line(
        row=row,
        customer=row.customer_name or _("Customer not known here"),
        who=" · ".join(
            part for part in (row.person_name, row.asset_name or _("no computer checked")) if part
        ),
        day=f"{i18n.day(begun.date(), style='medium')}, {i18n.clock(begun)}",
        length=i18n.minutes(row.minutes),
        kinds=tuple((spec_for(kind).icon, _(spec_for(kind).title)) for kind in row.kinds.split()),
        findings=_findings(row),
        flags=_flags(row),
        state=state_mark(ReviewState(row.review_state)),
        state_note=_state_note(row, zone, now),
        charge=i18n.money(row.net_minor, row.currency) if row.net_minor is not None and row.currency else "–",
        address=f"/visits/{row.id}?{query}",
    )


def lines(rows: Iterable[VisitRow], query: str, zone: ZoneInfo, now: datetime) -> list[Line]:
    """Return visits' rows in the words of the list; a customer that was removed is called that."""
    found = [line(row, query, zone, now) for row in rows]
    nameless = {one.row.customer_id for one in found if one.row.customer_id and not one.row.customer_name}
    removed = bundles.removed_customers(found[0].row.org_id, nameless) if nameless else frozenset()
    return [
        replace(one, customer=_("Customer removed")) if one.row.customer_id in removed else one
        for one in found
    ]


def _findings(row: VisitRow) -> tuple[Mark, ...]:
    counts = {Verdict(word): n for word, n in row.findings.items()}
    if not counts:
        return (Mark(look="none", icon="question", words=_("none run")),)
    marks = []
    for verdict in (Verdict.ACT, Verdict.WATCH):
        if counts.get(verdict):
            look, icon = VERDICT_LOOK[verdict]
            marks.append(Mark(look=look, icon=icon, words=str(counts[verdict]), explained=_(verdict.label)))
    return tuple(marks) or (Mark(look="ok", icon="check-circle", words=_("all good")),)


def _flags(row: VisitRow) -> tuple[Mark, ...]:
    marks = []
    for flag in row.flags:
        look, icon = SEVERITY_LOOK.get(flag["severity"], ("info", "info"))
        words = visit_list.rule_label(flag["rule"])
        marks.append(Mark(look=look, icon=icon, words=words, explained=_sentence(flag)))
    return tuple({mark.words: mark for mark in marks}.values())


def _sentence(flag: Mapping[str, Any]) -> str:
    """Return a flag's sentence in the reader's language."""
    spoken = flag.get("in") or {}
    return str(spoken.get(i18n.current().partition("-")[0]) or flag["sentence"])


def _state_note(row: VisitRow, zone: ZoneInfo, now: datetime) -> str:
    if row.review_state in (ReviewState.APPROVED, ReviewState.VOID) and row.reviewed_by_name:
        return _("by {name}", name=row.reviewed_by_name)
    if row.open_query_count:
        return ngettext("1 question open", "{n} questions open", row.open_query_count)
    if not row.needs_review and row.review_state == ReviewState.RECEIVED:
        return _("not submitted yet")
    return _("received {when}", when=ago(row.received_at, now, zone))


@require_GET
@needs(Right.READ)
def visits(request: HttpRequest) -> HttpResponse:
    """Show the list; opens on the person's first view, else on what needs me, flags first."""
    user = person(request)
    if not request.GET and (first := saved_views.first(user)) is not None:
        return HttpResponseRedirect(f"/visits?{first.query_string}")
    asked = Filter.from_query(request.GET)
    zone, now = reports.office_zone(user), reports.now()
    found = visit_list.visits(user, asked, request.GET.get("after", ""), zone)
    query = asked.to_query()
    values = {
        "asked": asked,
        "query": query,
        "lines": lines(found.rows, query, zone, now),
        "next_address": f"/visits?{query}&after={found.next_cursor}" if found.next_cursor else "",
        "views": _views(user_counts=visit_list.view_counts(user, asked), asked=asked),
        "chips": _chips(request, asked),
        "saved": (saved := saved_views.views(user)),
        "shown_view": next((v for v in saved if v.query_string == query and v.owner_id == user.pk), None),
        "summary": _summary(visit_list.waiting_count(user), visit_list.oldest_waiting(user), now, zone),
        "exports": [
            ("visits", _("These visits")),
            ("activities", _("Their entries")),
            ("charges", _("Their charges")),
        ],
        "columns": [
            (_(words), name not in asked.hidden, f"?{asked.toggled(name)}")
            for name, words in _COLUMN_LABELS.items()
        ],
        "months": _months(asked, now.astimezone(zone).date()),
        "is_clean_view": asked.view == "clean",
        "may_book_all": asked.view == "to-book" and posting.may_book(user),
        "undo": request.GET.get("undo", ""),
        "undo_s": review.UNDO_S,
        "approved": request.GET.get("done", "")[:80],
        "row": int(row) if (row := request.GET.get("row", "")[:4]).isdecimal() else None,
    }
    return show("visits.html", request, "visits", {**values, "is_list": True})


def _views(user_counts: dict[str, int], asked: Filter) -> list[dict[str, object]]:
    return [
        {
            "label": _(view.label),
            "address": f"/visits?{asked.to_query(view=view.name)}",
            "here": view.name == asked.view,
            "count": _count(user_counts[view.name]),
        }
        for view in visit_list.VIEWS
    ]


def _months(asked: Filter, today: date) -> list[tuple[str, str]]:
    """Return this month and the last one with the address that shows them."""
    found = []
    first = today.replace(day=1)
    for _n in range(2):
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        span = {"from": first.isoformat(), "to": last.isoformat()}
        found.append((month_words(first.isoformat()[:7]), f"/visits?{asked.to_query(**span)}"))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _count(n: int) -> str:
    return f"{i18n.number(visit_list.COUNT_LIMIT)}+" if n > visit_list.COUNT_LIMIT else i18n.number(n)


_CHIP_LABELS = {
    "technician": N_("Technician"),
    "customer": N_("Customer"),
    "kind": N_("Kind of work"),
    "flag": N_("Flag"),
    "finding": N_("Finding"),
    "outcome": N_("Result"),
    "state": N_("Review"),
    "centre": N_("Cost centre"),
    "payer": N_("Payer"),
}

#: Columns that can be put away, by their name in the address.
_COLUMN_LABELS = {
    "flags": N_("Flags"),
    "when": N_("Visit"),
    "technician": N_("Technician"),
    "work": N_("Work"),
    "findings": N_("Findings"),
    "charge": N_("Net charge"),
}

#: A menu with more entries is one field to choose from, so that the page stays small.
_LINKS = 12


def _chips(request: HttpRequest, asked: Filter) -> list[dict[str, object]]:
    """Return the filter chips: a chosen one says what and takes itself away, others open a menu.

    A menu's addresses are of this page: some hundred of them stand on it, and its weight is held.
    """
    choices = visit_list.filter_choices(person(request))
    # Chosen on the overview: a menu of some hundred checks would be most of the page.
    found = asked.words.get("finding", "")
    choices["finding"] = (
        [visit_list.Choice(value=found, label=frequent.title(person(request), found))] if found else []
    )
    chips: list[dict[str, object]] = []
    for name, label in _CHIP_LABELS.items():
        chosen = asked.words.get(name, "")
        words = next((choice.label for choice in choices[name] if choice.value == chosen), chosen)
        chips.append(
            {
                "label": _(label),
                "chosen": words,
                "name": name,
                "off": f"/visits?{asked.to_query(**{name: ''})}",
                "options": choices[name] if len(choices[name]) > _LINKS else (),
                "is_whole": len(choices[name]) < visit_list.MENU_SIZE,
                "menu": [
                    {"label": choice.label, "address": f"?{asked.to_query(**{name: choice.value})}"}
                    for choice in choices[name][:_LINKS]
                ],
            }
        )
    return chips


def _summary(waiting: int, oldest: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if not waiting or oldest is None:
        return _("Nothing waits for review.")
    first = ngettext("1 visit waits for review.", "{n} visits wait for review.", waiting)
    if now - oldest < timedelta(hours=1):
        return first
    return first + " " + _("The oldest came in {when}.", when=ago(oldest, now, zone))


@require_POST
@needs(Right.REVIEW)
def bulk(request: HttpRequest) -> HttpResponse:
    """Approve the chosen visits that have nothing against it; show what was left out and why."""
    user = person(request)
    asked = Filter.from_query(request.POST)
    zone, now = reports.office_zone(user), reports.now()
    if request.POST.get("all") == "clean":
        found = visit_list.visits(user, Filter(view="clean", text=asked.text, words=asked.words), size=500)
        chosen = [(str(row.id), row.rev) for row in found.rows]
    else:
        chosen = [_id_and_rev(text) for text in request.POST.getlist("visit")[:500]]
    result = review.approve_many(user, chosen, client_address(request))
    rows = visit_list.rows_by_id(user, [visit_id for visit_id, _rev in chosen])
    query = asked.to_query()
    row = request.POST.get("row", "")[:4]
    if row.isdecimal() and len(result.approved) == len(chosen) == 1:
        # One key, one visit: the list stays in hand, its next row is where this one was.
        done = next((held.number or held.customer_name for held in rows.values()), "")
        more = urlencode({"undo": result.undo, "done": done, "row": row})
        return HttpResponseRedirect(f"/visits?{query}&{more}")
    values = {
        "approved": [line(rows[held], query, zone, now) for held in result.approved if held in rows],
        "left_out": [
            (line(rows[held], query, zone, now), reason) for held, reason in result.left_out if held in rows
        ],
        "undo": result.undo,
        "undo_s": review.UNDO_S,
        "is_booking": False,
        "query": query,
    }
    return show("bulk.html", request, "visits", values)


@require_POST
@needs(Right.BOOK)
def book_all(request: HttpRequest) -> HttpResponse:
    """Book the approved visits of the filter; show what was left out and why."""
    user = person(request)
    asked = replace(Filter.from_query(request.POST), view="to-book")
    zone, now = reports.office_zone(user), reports.now()
    found = visit_list.visits(user, asked, size=BOOKED_AT_ONCE).rows
    left_out: dict[str, str] = {}
    for row in found:
        try:
            posting.post(user, str(row.id), client_address(request), row.rev)
        except (InputError, CentralError) as refused:
            left_out[str(row.id)] = refused.title
    query = asked.to_query()
    values = {
        "approved": [line(row, query, zone, now) for row in found if str(row.id) not in left_out],
        "left_out": [
            (line(row, query, zone, now), left_out[str(row.id)]) for row in found if str(row.id) in left_out
        ],
        "undo": "",
        "undo_s": 0,
        "is_booking": True,
        "query": query,
    }
    return show("bulk.html", request, "visits", values)


def _id_and_rev(text: str) -> tuple[str, int]:
    visit_id, _sign, rev = text.partition("@")
    return visit_id, revision_of(rev)


@require_POST
@needs(Right.REVIEW)
def undo(request: HttpRequest) -> HttpResponse:
    """Take a bulk approval back."""
    review.undo_many(person(request), request.POST.get("token", ""), client_address(request))
    return HttpResponseRedirect(f"/visits?{Filter.from_query(request.POST).to_query()}")


@require_POST
@needs(Right.READ)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    asked = Filter.from_query(request.POST)
    saved_views.keep(
        person(request), request.POST.get("name", ""), asked, is_shared=request.POST.get("shared") == "yes"
    )
    return HttpResponseRedirect(f"/visits?{asked.to_query()}")


@require_POST
@needs(Right.READ)
def change_view(request: HttpRequest, view_id: str) -> HttpResponse:
    """Rename or delete a saved view, or open the list on it."""
    user, number, step = person(request), int(view_id), request.POST.get("step", "")
    match step:
        case "rename":
            saved_views.rename(user, number, request.POST.get("name", ""))
        case "delete":
            saved_views.delete(user, number)
        case "first" | "not-first":
            saved_views.make_first(user, number, is_first=step == "first")
        case _:
            raise InputError(_("That is no step techkit knows."), safe=_("Nothing was changed."))
    return HttpResponseRedirect(f"/visits?{Filter.from_query(request.POST).to_query()}")
