"""Members of staff: who may come in and in which role; a one-time password, shown once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit.central import accounts, reports, second_factor, technicians
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.models import Role
from techkit.central.pages.frame import needs, show
from techkit.errors import CentralError, InputError
from techkit.i18n import _


@require_GET
@needs(Right.MANAGE_STAFF)
def people(request: HttpRequest) -> HttpResponse:
    """Show the members of staff."""
    return _shown(request)


@require_POST
@needs(Right.MANAGE_STAFF)
def add(request: HttpRequest) -> HttpResponse:
    """Make an account with a one-time password and show that, this once."""
    user = person(request)
    names = {
        name: " ".join(request.POST.get(name, "").split())[:150] for name in ("username", "first", "last")
    }
    try:
        made, password = accounts.invite_staff(
            user, names["username"], request.POST.get("role", ""), names["first"], names["last"]
        )
    except InputError as refused:
        return _shown(request, problem=refused, typed=names)
    return _shown(request, made={"name": made.shown_name, "username": made.username, "password": password})


@require_POST
@needs(Right.MANAGE_STAFF)
def reset(request: HttpRequest, staff_id: str) -> HttpResponse:
    """Give an account a new one-time password."""
    found = reports.member(person(request), staff_id)
    if found is None:
        raise CentralError(_("There is no such account."), status=404)
    password = accounts.reset_password(person(request), found)
    return _shown(request, made={"name": found.shown_name, "username": found.username, "password": password})


@require_POST
@needs(Right.MANAGE_STAFF)
def close(request: HttpRequest, staff_id: str) -> HttpResponse:
    """Close an account: its sessions end, what the person did stays."""
    found = reports.member(person(request), staff_id)
    if found is None:
        raise CentralError(_("There is no such account."), status=404)
    accounts.close_account(person(request), found)
    return _shown(request)


@require_POST
@needs(Right.MANAGE_STAFF)
def take_factor(request: HttpRequest, staff_id: str) -> HttpResponse:
    """Take a colleague's second factor away, who lost phone and recovery codes."""
    found = reports.member(person(request), staff_id)
    if found is None:
        raise CentralError(_("There is no such account."), status=404)
    second_factor.take_away(person(request), found)
    return HttpResponseRedirect("/people")


def _shown(
    request: HttpRequest,
    made: dict[str, str] | None = None,
    problem: InputError | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    members = reports.staff(person(request))
    values = {
        "people": members,
        "with_page": technicians.with_page(person(request).org_id, members),
        "roles": [(role.value, _(str(role.label))) for role in Role],
        "made": made,
        "problem": problem.sentences() if problem else "",
        "typed": typed or {"username": "", "first": "", "last": ""},
    }
    return show("people.html", request, "people", values, status=422 if problem else 200)
