"""A customer's page: who they are, how they do, what was done, promised, advised and agreed."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import accounts, customers, master_data, reports, twins, visit_list
from techkit.central.accounts import Right
from techkit.central.customers import CustomerFile
from techkit.central.doors import person
from techkit.central.pages.budgets import account_lines
from techkit.central.pages.frame import needs, show
from techkit.central.pages.marks import Mark
from techkit.central.pages.visit_promises import promise
from techkit.central.pages.visits import lines
from techkit.central.visit_list import Filter
from techkit.i18n import _
from techkit.records import wording
from techkit.records.assets import Asset, Contract, ContractKind
from techkit.records.health import Health, HealthRow, answer_words
from techkit.records.parties import Contact, Payer, Site
from techkit.records.schema import Audience, Record, spec_of
from techkit.records.success import FollowUp, Recommendation

#: Visits on one page of a customer's visits; of all else so many are shown at most, open and newest ones first.
VISITS_SHOWN, MOST_SHOWN = 10, 60

_TONES = {"ok": "check-circle", "watch": "warning", "bad": "warning-octagon", "none": "question"}


@require_GET
@needs(Right.READ)
def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Show one customer; the address names the page of visits."""
    user = person(request)
    zone, now = reports.office_zone(user), reports.now()
    today = now.astimezone(zone).date()
    held = customers.customer_file(user, customer_id, today)
    asked = Filter(view="all", words={"customer": held.customer.id})
    found = visit_list.visits(user, asked, request.GET.get("after", ""), zone, size=VISITS_SHOWN)
    names = _names(held)
    values: dict[str, Any] = {
        "held": held.customer,
        "name": held.customer.display_name or _("Customer without a name"),
        "facts_of_customer": wording.rows(held.customer, Audience.INTERNAL, names),
        "others": [(f"/customers/{c.id}", c.display_name or c.number or "–") for c in held.others],
        "merged_into": held.customer.merged_into or "",
        "twins": twins.shown(user, held.customer),
        "visits": lines(found.rows, asked.to_query(), zone, now),
        "all_visits": f"/visits?{asked.to_query()}",
        "is_first": not request.GET.get("after"),
        "next_address": f"/customers/{held.customer.id}?after={found.next_cursor}"
        if found.next_cursor
        else "",
        "health": _health(held.health),
        "health_mark": Mark(look=held.health.tone, icon=_TONES[held.health.tone], words=held.health.word),
        "promises": [(f.id, promise(f, today), _visit(f.visit_id)) for f in _in_order(held.of(FollowUp))],
        "advice": [_advice(r) for r in sorted(held.of(Recommendation), key=_advice_order)[:MOST_SHOWN]],
        "ratings": _ratings(held, zone),
        "is_all": held.is_all,
        "people": [
            (_profile(c, held, names)) for c in sorted(held.of(Contact), key=_there_first)[:MOST_SHOWN]
        ],
        "sites": [
            (s.id, s.name or _("Place without a name"), _without(s, names, "name"))
            for s in held.of(Site)[:MOST_SHOWN]
        ],
        "payers": [(p.id, p.name or _("Payer without a name")) for p in held.of(Payer)],
        "contracts": [
            _contract(c, today, names) for c in sorted(held.of(Contract), key=_latest, reverse=True)
        ],
        "computers": [_computer(a, held) for a in sorted(held.of(Asset), key=_by_name)[:MOST_SHOWN]],
        "left_out": max(0, len(held.of(Asset)) - MOST_SHOWN),
        "budgets": account_lines(user, held.customer.id),
        "editable": [kind for kind in master_data.KINDS if master_data.may_edit(user, kind)],
        "kept": {**names, held.customer.id: held.customer.display_name}.get(request.GET.get("kept", ""), ""),
        "may_hand_out": accounts.may(user, Right.HAND_OUT),
        "may_erase": accounts.may(user, Right.ERASE),
    }
    return show("customer.html", request, "customers", values)


def _names(held: CustomerFile) -> dict[str, str]:
    """Return what references of the file's records are called."""
    return {one.id: wording.summary_line(one) for one in (*held.records, *held.others)}


def _visit(visit_id: str | None) -> str:
    return f"/visits/{visit_id}" if visit_id else ""


def _without(one: Record, names: dict[str, str], *left_out: str) -> list[tuple[str, str]]:
    """Return a record's rows for the office without those that stand in its heading."""
    labels = {_(f.label) for f in spec_of(one).fields if f.name in left_out}
    return [
        (label, text) for label, text in wording.rows(one, Audience.INTERNAL, names) if label not in labels
    ]


def _health(found: Health) -> list[dict[str, object]]:
    """Return the parts with their weight and the rows behind each."""
    return [
        {
            "label": part.label,
            "mark": Mark(
                look=part.tone,
                icon=_TONES[part.tone],
                words=i18n.number(part.points) if part.points is not None else _("not known"),
            ),
            "sentence": part.sentence,
            "weight": _("counts {n} %", n=part.weight),
            "rows": [(_row_address(row, part.key), row.text, row.line) for row in part.rows[:MOST_SHOWN]],
        }
        for part in found.parts
    ]


def _row_address(row: HealthRow, part: str) -> str:
    """Return where a row of a part is opened; "" where it has no page. A case is opened with its newest visit."""
    if row.kind == "visit":
        return f"/visits/{row.id}?view=all#case" if part == "cases" else f"/visits/{row.id}"
    if row.kind in ("follow_up", "contract", "asset"):
        return f"#r-{row.id}"
    return ""


def _in_order(held: tuple[FollowUp, ...]) -> list[FollowUp]:
    """Return promises: open ones by their day, then what is settled, newest first."""
    is_open = sorted((f for f in held if f.state == "open"), key=lambda f: (f.due_on or date.max, f.id))
    settled = sorted((f for f in held if f.state != "open"), key=lambda f: f.id, reverse=True)
    return [*is_open, *settled][:MOST_SHOWN]


def _advice_order(held: Recommendation) -> tuple[bool, str]:
    return held.state != "open", held.id


def _advice(held: Recommendation) -> dict[str, str]:
    later = _("until {day}", day=i18n.day(held.deferred_until, style="medium")) if held.deferred_until else ""
    words = {f.name: wording.format_value(f, getattr(held, f.name)) for f in spec_of(held).fields}
    return {
        "text": held.text,
        "why": held.why,
        "state": " ".join(part for part in (words["state"], later) if part),
        "urgency": words["urgency"],
        "address": _visit(held.visit_id),
    }


def _ratings(held: CustomerFile, zone: tzinfo) -> list[dict[str, str]]:
    newest = sorted(
        (r for r in held.ratings if r.rating),
        key=lambda r: (r.asked_at is not None, r.asked_at, r.id),
        reverse=True,
    )
    return [
        {
            "text": _("{rating} of 5 by {name}", rating=r.rating, name=r.given_by or _("the customer")),
            "when": i18n.day(r.asked_at.astimezone(zone).date(), style="medium") if r.asked_at else "",
            "comment": " ".join(
                p for p in (r.comment, _("Would not call again.") if r.would_call_again is False else "") if p
            ),
            "answered": answer_words(r, held.of(FollowUp)),
            "address": _visit(r.visit_id),
        }
        for r in newest[:MOST_SHOWN]
    ]


def _there_first(held: Contact) -> tuple[bool, str, str]:
    return not held.is_there, held.name.casefold(), held.id


def _profile(one: Contact, held: CustomerFile, names: dict[str, str]) -> dict[str, object]:
    programs = [
        " · ".join(
            part
            for part in (s.product, wording.format_value(_field(s, "skill"), s.skill) if s.skill else "")
            if part
        )
        for s in held.software
        if s.contact_id == one.id
    ]
    return {
        "id": one.id,
        "name": one.name or _("Person without a name"),
        "role": one.role,
        "is_former": one.is_former,
        "facts": _without(one, names, "given_name", "family_name", "role"),
        "programs": programs,
    }


def _field(one: Record, name: str) -> Any:
    return next(f for f in spec_of(one).fields if f.name == name)


def _latest(held: Contract) -> tuple[date, str]:
    return held.ends_on or date.max, held.id


def _contract(held: Contract, today: date, names: dict[str, str]) -> dict[str, object]:
    mark = None
    if held.ends_on is not None and held.ends_on < today:
        mark = Mark(look="none", icon="minus-circle", words=_("Has ended"))
    elif held.starts_on is not None and held.starts_on > today:
        mark = Mark(look="info", icon="clock", words=_("Not begun yet"))
    left = ""
    if held.kind is ContractKind.HOURS_POOL:
        over = held.hours_used - held.hours_included
        hours = i18n.quantity(abs(over), "h", 2 if over % 1 else 0)
        left = _("{hours} more than agreed", hours=hours) if over > 0 else _("{hours} left", hours=hours)
    return {
        "id": held.id,
        "name": wording.summary_line(held),
        "mark": mark,
        "left": left,
        "facts": _without(held, names, "number", "name"),
    }


def _by_name(held: Asset) -> tuple[str, str]:
    return (held.tag or held.name).casefold(), held.id


def _computer(one: Asset, held: CustomerFile) -> dict[str, object]:
    end = held.ends.get(one.id)
    return {
        "id": one.id,
        "name": " · ".join(part for part in (one.tag, one.name) if part) or _("Computer without a name"),
        "what": " ".join(part for part in (one.maker, one.model) if part),
        "system": " ".join(part for part in (one.os_name, one.os_version) if part) or _("System not known"),
        "end": end.sentence if end else "",
        "address": f"/computers/{one.id}",
    }
