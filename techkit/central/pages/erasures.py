"""Customers removed for good: what it takes, the typed confirmation, and the list of those who are gone."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods

from techkit import i18n
from techkit.central import erasures, reports
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.erasures import Foreseen
from techkit.central.pages.frame import needs, show
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.bundle import ACTIVITY_CLASSES
from techkit.records.schema import spec_of

#: Kinds of a customer that are counted on the page.
_WORK = frozenset(spec_of(cls).kind for cls in ACTIVITY_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A removed customer as the list shows them."""

    number: str
    day: str
    waiting: str


@require_http_methods(["GET", "POST"])
@needs(Right.ERASE)
def erase(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Show what removing a customer takes; remove them once their name was typed."""
    user = person(request)
    if request.method == "GET":
        return _shown(request, erasures.foreseen(user, customer_id))
    try:
        erasures.erase(user, customer_id, request.POST.get("name", ""), client_address(request))
    except InputError as refused:
        return _shown(request, erasures.foreseen(user, customer_id), refused)
    return HttpResponseRedirect("/customers/removed?done=1")


def _shown(request: HttpRequest, about: Foreseen, problem: InputError | None = None) -> HttpResponse:
    values = {
        "about": about,
        "expected": erasures.expected(about),
        "takes": _takes(about),
        "problem": problem.sentences() if problem else "",
    }
    return show("erase.html", request, "visits", values, status=422 if problem else 200)


def _takes(about: Foreseen) -> list[str]:
    """Return in words how much goes; kinds there is nothing of are left out."""
    count = about.counts.get
    visits, people = count("visit", 0), count("contact", 0)
    computers, files = count("asset", 0), count("attachment", 0)
    entries = sum(number for kind, number in about.counts.items() if kind in _WORK)
    words = [
        (visits, ngettext("{n} visit: what was asked, found, done and said", "{n} visits: what was asked, found, done and said", visits)),
        (entries, ngettext("{n} entry of work", "{n} entries of work", entries)),
        (people, ngettext("{n} person", "{n} people", people)),
        (computers, ngettext("{n} computer with its serial numbers", "{n} computers with their serial numbers", computers)),
        (files, ngettext("{n} photo or file", "{n} photos and files", files)),
    ]  # fmt: skip
    return [text for number, text in words if number]


@require_GET
@needs(Right.ERASE)
def removed(request: HttpRequest) -> HttpResponse:
    """Show who was removed, and which devices have yet to hear of it."""
    user = person(request)
    zone = reports.office_zone(user)
    lines = [
        Line(
            number=one.number or one.customer_id[:8],
            day=i18n.day(one.at.astimezone(zone).date(), style="medium"),
            waiting=", ".join(one.waiting),
        )
        for one in erasures.removed(user)
    ]
    told = (
        _("The customer was removed. Devices follow with their next sync.") if "done" in request.GET else ""
    )
    return show("removed.html", request, "visits", {"lines": lines, "told": told})


@require_GET
@needs(Right.ERASE)
def listed(request: HttpRequest) -> HttpResponse:
    """Give the list of removed customers as a file, to be kept with the backups."""
    response = HttpResponse(erasures.listed(person(request)), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="{erasures.FILE_NAME}"'
    return response
