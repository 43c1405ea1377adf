"""The list of customers, by name; searched by name or number."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import customer_list, reports
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.pages.frame import needs, show
from techkit.central.pages.moments import ago
from techkit.i18n import _, ngettext


@require_GET
@needs(Right.READ)
def customers(request: HttpRequest) -> HttpResponse:
    """Show a page of the customers; the address holds what is looked for."""
    user = person(request)
    zone, now = reports.office_zone(user), reports.now()
    text = request.GET.get("name", "").strip()[:200]
    asked = request.GET.get("page", "")[:6]
    number = int(asked) if asked.isascii() and asked.isdecimal() else 1
    found = customer_list.customers(user, text, number)
    more = urlencode({k: v for k, v in {"name": text, "page": found.next_number}.items() if v})
    values = {
        "text": text,
        "is_first": number <= 1,
        "next_address": f"/customers?{more}" if found.next_number else "",
        "first_address": "/customers" + (f"?{urlencode({'name': text})}" if text else ""),
        "summary": ngettext("1 customer", "{n} customers", found.count),
        "customers": [
            {
                "address": f"/customers/{one.id}",
                "name": one.name or _("Customer without a name"),
                "number": one.number,
                "is_merged": one.is_merged,
                "visits": i18n.number(one.visit_count) if one.visit_count else "–",
                "all_visits": f"/visits?view=all&customer={one.id}" if one.visit_count else "",
                "last": ago(one.last_at, now, zone) if one.last_at else "",
            }
            for one in found.lines
        ],
    }
    return show("customers.html", request, "customers", {**values, "is_list": True})
