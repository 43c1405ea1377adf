"""Who may come in: every request passes here, and nothing is open unless this page says so.

Default deny: an address that is not in PUBLIC answers without a session with the sign-in (a page)
or with problem 401 (anything under /api/), whether or not there is such an address. The device's
side is in SIGNED: those views check the device's signature themselves and never look at a session.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from techkit import i18n
from techkit.central.models import User
from techkit.central.rendering import page
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.sync import carrier

#: Answered without a session: nothing in them depends on any record.
PUBLIC = ("/healthz", "/readyz", "/sign-in", "/static/", "/favicon.ico")

#: Answered to a device's signature (or, for enrol, to a one-time code); see enrol.py, rounds.py and throughput.py.
SIGNED = (
    "/api/v1/enrol",
    "/api/v1/sync",
    "/api/v1/attachments",
    "/api/v1/device/",
    "/api/v1/throughput",
)

#: Open to a person whose one-time password still has to be replaced.
BEFORE_OWN_PASSWORD = ("/password", "/sign-out")

#: What may be larger than a form (settings.DATA_UPLOAD_MAX_MEMORY_SIZE), in bytes: a package that was carried here.
_MOST_BYTES = {"/devices/package": carrier.MAX_FILE_BYTES + 64 * 1024}

#: Seconds between two renewals of a session's idle time; saves a write on most requests.
RENEW_AFTER_S = 60

Answer = Callable[[HttpRequest], HttpResponse]


def _is_below(path: str, doors: tuple[str, ...]) -> bool:
    """Return whether the path is one of the doors, or lies below one that ends in a slash."""
    return any(
        path == door or (path.startswith(door) if door.endswith("/") else path.startswith(door + "/"))
        for door in doors
    )


def client_address(request: HttpRequest) -> str:
    """Return the network address the request came from; "" when unknown.

    No forwarding header is believed: the service speaks TLS itself.
    """
    return str(request.META.get("REMOTE_ADDR", ""))


def person(request: HttpRequest) -> User:
    """Return who asks; only behind the doors, where there always is somebody."""
    if not isinstance(request.user, User):
        raise CentralError(_("This needs a session."), status=401)
    return request.user


class AddressMiddleware:
    """Strips the port that the HTTP server leaves on the caller's address."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with a bare address."""
        address = str(request.META.get("REMOTE_ADDR", ""))
        if address.startswith("["):
            address = address[1:].partition("]")[0]
        elif address.count(":") == 1:
            address = address.partition(":")[0]
        request.META["REMOTE_ADDR"] = address
        return self.answer(request)


class LanguageMiddleware:
    """Speaks the reader's language: the account's own, else the browser's, else the service's.

    Only what people read: a device words things itself.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        if request.path.startswith(("/api/", "/static/")):
            return self.answer(request)
        own = request.user.language if isinstance(request.user, User) else ""
        asked = i18n.negotiated(request.headers.get("Accept-Language", ""))
        with i18n.language(own or asked or i18n.default()):
            return self.answer(request)


class DoorMiddleware:
    """Sends everybody without a session to the sign-in and ends sessions that lasted too long."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or refuse it."""
        response = self._refusal(request) or self.answer(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        path = request.path
        if _is_below(path, SIGNED):
            return None
        if _is_below(path, PUBLIC):
            return _refuse_unread(request)
        if request.user.is_authenticated and self._is_over(request):
            logout(request)
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        self._renew(request)
        if request.user.must_change_password and not _is_below(path, BEFORE_OWN_PASSWORD):
            return HttpResponseRedirect("/password")
        return _refuse_unread(request)

    @staticmethod
    def _is_over(request: HttpRequest) -> bool:
        limit = float(settings.TECHKIT_SESSION_HOURS) * 3600
        return time.time() - float(request.session.get("since", 0)) > limit

    @staticmethod
    def _renew(request: HttpRequest) -> None:
        now = time.time()
        if now - float(request.session.get("seen", 0)) > RENEW_AFTER_S:
            request.session["seen"] = now


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(
            {
                "code": "not_signed_in",
                "title": _("This needs a session or an access token."),
                "advice": _("Sign in first."),
            },
            status=401,
            content_type="application/problem+json",
        )
    # A step that was not taken is told, and the page it was to be taken on opens again.
    is_step = request.method not in ("GET", "HEAD")
    page_of_step = urlsplit(request.headers.get("Referer", ""))._replace(scheme="", netloc="").geturl()
    wanted = page_of_step if is_step else request.get_full_path()
    asked = {"next": wanted} if wanted not in ("", "/") else {}
    query = urlencode({**asked, **({"unsent": "1"} if is_step else {})})
    return HttpResponseRedirect("/sign-in" + (f"?{query}" if query else ""))


def _refuse_unread(request: HttpRequest) -> HttpResponse | None:
    """Refuse a body that is larger than any form, before a byte of it is read, and one with NUL in it; else None.

    Read after the session only, so that nobody's body is read who has none. Files in it go to the service's disk.
    """
    text = str(request.META.get("CONTENT_LENGTH") or "")
    most = _MOST_BYTES.get(request.path, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if not text.isascii() or not text.isdecimal() or int(text[:20]) <= most:
        return _refuse_nul(request)
    values = {
        "title": _("That is more than the service takes at once."),
        "safe": _("Nothing was changed."),
        "advice": _("Give it in parts."),
    }
    return page("problem.html", request, values, status=413)


def _refuse_nul(request: HttpRequest) -> HttpResponse | None:
    """Refuse what no keyboard types and PostgreSQL cannot hold; None where there is nothing of it."""
    sent = [*request.GET.lists(), *request.POST.lists()]
    if not any("\x00" in text for name, texts in sent for text in (name, *texts)):
        return None
    values = {
        "title": _("This address or form holds a character that is no text."),
        "safe": _("Nothing was changed."),
        "advice": _("Go back, load the page again and repeat the step."),
    }
    return page("problem.html", request, values, status=400)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's form
    """Answer a form whose token is missing or old: say so and what to do; nothing was changed."""
    values = {
        "title": _("This form was opened too long ago, or elsewhere."),
        "safe": _("Nothing was changed."),
        "advice": _("Go back, load the page again and repeat the step."),
    }
    return page("problem.html", request, values, status=403)
