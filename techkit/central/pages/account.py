"""One's own account: the language of pages, the second factor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import accounts, second_factor
from techkit.central.doors import person
from techkit.central.pages.frame import show
from techkit.central.pages.sign_in import may_try_again, note_failure
from techkit.errors import InputError
from techkit.i18n import N_, _

#: Where the key of a second factor waits until its first code was typed.
_WAITING_KEY = "second_factor_key"

STATES = {
    True: N_("On: a code is asked for after the password."),
    False: N_("Off: the password stands alone."),
}


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account."""
    return _shown(request)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of pages; "" leaves it to the browser."""
    chosen = request.POST.get("language", "")
    accounts.choose_language(person(request), chosen if chosen in i18n.LANGUAGES else "")
    return HttpResponseRedirect("/account")


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Make a key for an authenticator app and show it; it holds once its first code was typed."""
    request.session[_WAITING_KEY] = second_factor.new_key()
    return _shown(request)


@sensitive_post_parameters("code")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Switch the second factor on with the first code; show the recovery codes, this once."""
    key = str(request.session.get(_WAITING_KEY, ""))
    if not key:
        return HttpResponseRedirect("/account")
    try:
        codes = second_factor.switch_on(person(request), key, request.POST.get("code", "")[:40])
    except InputError as refused:
        return _shown(request, refused)
    del request.session[_WAITING_KEY]
    return _shown(request, codes=codes)


@sensitive_post_parameters("code")
@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Switch the second factor off, with a code."""
    user = person(request)
    try:
        may_try_again(request, user)
        try:
            second_factor.switch_off(user, request.POST.get("code", "")[:40])
        except InputError:
            note_failure(request, user)
            raise
    except InputError as refused:
        return _shown(request, refused)
    return HttpResponseRedirect("/account")


def _shown(
    request: HttpRequest, refused: InputError | None = None, codes: list[str] | None = None
) -> HttpResponse:
    user = person(request)
    key = "" if user.has_second_factor else str(request.session.get(_WAITING_KEY, ""))
    values = {
        "refused": refused,
        "languages": i18n.OWN_NAMES,
        "state": _(STATES[user.has_second_factor]),
        "key": " ".join(key[n : n + 4] for n in range(0, len(key), 4)),
        "key_address": second_factor.address(user, key) if key else "",
        "codes": codes or [],
        "codes_left": second_factor.left(user),
    }
    return show("account.html", request, "account", values, 422 if refused else 200)
