"""What every page behind the sign-in shows around its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from techkit.central import accounts, proposals, reports, visit_list
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.models import User
from techkit.central.rendering import page
from techkit.errors import CentralError, InputError
from techkit.i18n import N_, _, ngettext

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the main navigation; `count` 0 shows none."""

    name: str
    label: str
    address: str
    icon: str
    here: bool = False
    count: int = 0
    count_words: str = ""


_PLACES = (
    ("overview", N_("Overview"), "/overview", "chart-bar", Right.READ),
    ("visits", N_("Visits"), "/visits", "clipboard-text", Right.READ),
    ("customers", N_("Customers"), "/customers", "user-circle", Right.READ),
    ("figures", N_("Figures"), "/figures", "chart-line-up", Right.READ),
    ("budgets", N_("Budgets"), "/budgets", "wallet", Right.READ),
    ("products", N_("Products"), "/products", "package", Right.BOOK),
    ("devices", N_("Devices"), "/devices", "usb", Right.ENROL),
    ("people", N_("People"), "/people", "users", Right.MANAGE_STAFF),
)


def places(user: User, here: str) -> list[Place]:
    """Return the navigation this person may use."""
    counts = {}
    if accounts.may(user, Right.READ):
        waiting = visit_list.waiting_count(user)
        counts["visits"] = (waiting, ngettext("waits for review", "wait for review", waiting))
    if accounts.may(user, Right.BOOK):
        proposed = proposals.waiting_count(user)
        counts["budgets"] = (proposed, ngettext("proposal waits", "proposals wait", proposed))
    shown = []
    for name, label, address, icon, right in _PLACES:
        if not accounts.may(user, right):
            continue
        count, words = counts.get(name, (0, ""))
        shown.append(
            Place(
                name=name,
                label=_(label),
                address=address,
                icon=icon,
                here=name == here,
                count=count,
                count_words=words,
            )
        )
    return shown


def show(
    template: str, request: HttpRequest, here: str, values: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return a page inside the frame."""
    user = person(request)
    around = {
        "navigation": places(user, here),
        "me": user,
        "searched": request.GET.get("q", ""),
        "zone": reports.office_zone(user),
        "may_review": accounts.may(user, Right.REVIEW),
        "may_edit": accounts.may(user, Right.EDIT),
    }
    return page(template, request, {**around, **values}, status)


def needs(right: Right) -> Callable[[View], View]:
    """Refuse a view to people without a right, and answer refusals with a page that explains them."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            try:
                accounts.require(person(request), right)
                reports.be_current(person(request))
                return view(request, *args, **{name: str(word) for name, word in named.items()})
            except CentralError as refused:
                return problem(request, refused, refused.status)
            except InputError as refused:
                return problem(request, refused, 422)

        return guarded

    return guard


def problem(request: HttpRequest, trouble: CentralError | InputError, status: int) -> HttpResponse:
    """Return a page that says what happened, what is safe and what to do."""
    values = {"title": trouble.title, "safe": trouble.safe, "advice": trouble.advice}
    return page("problem.html", request, values, status)


def revision_of(text: str) -> int:
    """Return the revision a form names; -1, which no visit has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 20 else -1
