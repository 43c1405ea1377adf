"""Whether the service is alive, for whoever watches over it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from techkit.central import reports


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers too, else 503."""
    if reports.is_database_answering():
        return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")
    return HttpResponse("not ready\n", status=503, content_type="text/plain; charset=utf-8")
