"""The pages shown when there is no such page, or when the service itself is at fault."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from techkit.central.rendering import page
from techkit.i18n import _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    values = {
        "title": _("There is no such page."),
        "safe": "",
        "advice": _("Check the address, or begin at the start page."),
    }
    return page("problem.html", request, values, status=404)


def at_fault(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of the service; the traceback is in its log."""
    values = {
        "title": _("The service made a mistake."),
        "safe": _("Nothing was changed by this step, and nothing is lost."),
        "advice": _("Try again. If it happens once more, tell whoever runs the service."),
    }
    return page("problem.html", request, values, status=500)
