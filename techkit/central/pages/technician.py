"""A technician's page: their visits, what waits for them, how their devices sync. No rating, no ranking."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit.central import accounts, reports, technicians, visit_list
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.pages.devices import device_line
from techkit.central.pages.frame import needs, show
from techkit.central.pages.visit_promises import promise
from techkit.central.pages.visits import lines
from techkit.central.visit_list import Filter

#: Visits on one page of a technician's.
VISITS_SHOWN = 15


@require_GET
@needs(Right.READ)
def technician(request: HttpRequest, staff_id: str) -> HttpResponse:
    """Show one technician; the address names the page of visits."""
    user = person(request)
    zone, now = reports.office_zone(user), reports.now()
    today = now.astimezone(zone).date()
    held = technicians.technician_file(user, staff_id)
    asked = Filter(view="all", words={"technician": held.member.shown_name})
    found = visit_list.visits(user, asked, request.GET.get("after", ""), zone, size=VISITS_SHOWN)
    query = asked.to_query()
    values = {
        "member": held.member,
        "visits": lines(found.rows, query, zone, now),
        "all_visits": f"/visits?{query}",
        "is_first": not request.GET.get("after"),
        "next_address": f"/technicians/{held.member.staff_id}?after={found.next_cursor}"
        if found.next_cursor
        else "",
        "asked": lines(held.asked, query, zone, now),
        "unsent": lines(held.unsent, query, zone, now),
        "promises": [
            (promise(f, today), f"/visits/{f.visit_id}?view=all" if f.visit_id else "") for f in held.promises
        ],
        "devices": [device_line(one, now, zone) for one in held.devices],
        "may_enrol": accounts.may(user, Right.ENROL),
    }
    return show("technician.html", request, "visits", values)
