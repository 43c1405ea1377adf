"""Sign in, sign out, choose an own password."""

from __future__ import annotations

import time

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from techkit.central import accounts, reports, second_factor
from techkit.central.doors import client_address, person
from techkit.central.models import User
from techkit.central.rendering import page
from techkit.errors import InputError
from techkit.i18n import _

#: Where it stands in the session that the password was right and the code is still to come.
_PASSED = "password_passed"

#: Seconds between password and code.
CODE_WITHIN_S = 300


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in, or check it; the answer never tells which of name and password was wrong."""
    wanted = _wanted(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(wanted)
        values = {"wanted": wanted, "problem": "", "username": "", "is_unsent": "unsent" in request.GET}
        return page("sign_in.html", request, values)
    username = request.POST.get("username", "")[:150].strip()
    user = authenticate(request, username=username, password=request.POST.get("password", "")[:4096])
    if user is None:
        reports.note_refused_sign_in(username, client_address(request))
        problem = _("Name and password do not fit together.")
        return page(
            "sign_in.html", request, {"wanted": wanted, "problem": problem, "username": username}, status=403
        )
    if user.has_second_factor:
        request.session[_PASSED] = {"user": user.pk, "at": time.time(), "next": wanted}
        return HttpResponseRedirect("/sign-in/code")
    return _come_in(request, user, wanted)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor after the password; wrong codes wait like wrong passwords."""
    passed = request.session.get(_PASSED) or {}
    user = accounts.active(passed.get("user") or 0)
    if user is None or time.time() - float(passed.get("at", 0)) > CODE_WITHIN_S:
        request.session.pop(_PASSED, None)
        return HttpResponseRedirect("/sign-in")
    if request.method != "POST":
        return page("code.html", request, {"problem": ""})
    name = {"username": user.get_username()}
    if not AxesProxyHandler.is_allowed(request, name):
        return locked_out(request)
    if not second_factor.is_right(user, request.POST.get("code", "")[:40]):
        note_failure(request, user)
        return page("code.html", request, {"problem": _("This code does not fit.")}, status=403)
    del request.session[_PASSED]
    return _come_in(request, user, str(passed.get("next", "/")))


def _come_in(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["since"] = time.time()
    reports.note_sign_in(user, client_address(request))
    return HttpResponseRedirect(wanted)


def locked_out(request: HttpRequest, *_args: object, **_more: object) -> HttpResponse:
    """Answer after too many wrong passwords: when to try again, in the same form."""
    values = {
        "wanted": _wanted(request),
        "problem": _("Too many tries. Please wait 15 minutes, then try again."),
        "username": "",
    }
    return page("sign_in.html", request, values, status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return HttpResponseRedirect("/sign-in")


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Let the person choose a password of their own."""
    user = person(request)
    problem: InputError | None = None
    if request.method == "POST":
        chosen = request.POST.get("password", "")[:4096]
        try:
            if not user.must_change_password:
                _prove(request, user)
            if chosen != request.POST.get("again", ""):
                raise InputError(
                    _("The two passwords differ."), field="again", advice=_("Please type both again.")
                )
            accounts.change_password(user, chosen)
        except InputError as error:
            problem = error
        else:
            update_session_auth_hash(request, user)
            return HttpResponseRedirect("/")
    values = {
        "problem": problem.sentences() if problem else "",
        "is_first": user.must_change_password,
    }
    return page("password.html", request, values, status=422 if problem else 200)


def _prove(request: HttpRequest, user: User) -> None:
    """Let only who knows the password change it: an open page may be anybody's. Raises: InputError."""
    may_try_again(request, user)
    if not user.check_password(request.POST.get("current", "")[:4096]):
        note_failure(request, user)
        raise InputError(
            _("This is not your current password."), field="current", advice=_("Please type it again.")
        )


def may_try_again(request: HttpRequest, user: User) -> None:
    """Refuse to look at one more secret after too many wrong ones. Raises: InputError."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.get_username()}):
        raise InputError(_("Too many tries. Please wait 15 minutes, then try again."))


def note_failure(request: HttpRequest, user: User) -> None:
    """Count a wrong password or code of somebody who is known, as at the sign-in."""
    credentials = {"username": user.get_username()}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    reports.note_refused_sign_in(user.get_username(), client_address(request))


def _wanted(request: HttpRequest) -> str:
    """Return where to go after the sign-in: an address of this service, never of another."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=True
    )
    return wanted if is_ours else "/"
