"""Exports as files to download: exactly the rows of a list, and no more than it shows."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit.central import exports, ledger, reports
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.exports import Table
from techkit.central.pages.frame import needs
from techkit.central.visit_list import Filter
from techkit.errors import CentralError
from techkit.i18n import _


@require_GET
@needs(Right.READ)
def visits(request: HttpRequest) -> HttpResponse:
    """Give the visits of a filter, their activities or their charges as a file."""
    user = person(request)
    asked = Filter.from_query(request.GET)
    zone = reports.office_zone(user)
    table = exports.of_visits(user, asked, request.GET.get("what", "visits"), zone, client_address(request))
    return _file(request, table, named=datetime.now(zone).date().isoformat())


@require_GET
@needs(Right.READ)
def budget(request: HttpRequest, budget_id: str) -> HttpResponse:
    """Give the costs booked on a budget as a file."""
    user = person(request)
    held = ledger.ledger(user, budget_id)
    if held is None:
        raise CentralError(_("There is no such budget."), status=404, advice=_("Go back to the list."))
    table = exports.of_budget(user, budget_id, held.rows, client_address(request))
    return _file(request, table, named=held.account.centre.code)


@require_GET
@needs(Right.HAND_OUT)
def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Give all that is kept of a customer as a file."""
    lines = exports.of_customer(person(request), customer_id, client_address(request))
    response = HttpResponse(b"".join(lines), content_type=exports.FORMATS["jsonl"])
    response["Content-Disposition"] = 'attachment; filename="techkit-customer.jsonl"'
    return response


def _file(request: HttpRequest, table: Table, *, named: str) -> HttpResponse:
    form = request.GET.get("format", "csv")
    form = form if form in exports.FORMATS else "csv"
    content = exports.csv_bytes(table) if form == "csv" else exports.jsonl_bytes(table)
    response = HttpResponse(content, content_type=exports.FORMATS[form])
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in named)
    response["Content-Disposition"] = f'attachment; filename="techkit-{table.name}-{name}.{form}"'
    return response
