"""Slow bodies of strangers: a few places to read them in, so that nobody who is known is kept waiting.

A worker that reads a body waits as long as the sender likes. So whoever is neither an enrolled device nor signed in
gets one of three places, and no more than such a request ever needs; the other workers stay free. What is read is
handed on as it came. Signatures and sessions are checked later, by those whose work it is: here it only counts that
a stranger cannot know a device's id or a session's key.
"""

from __future__ import annotations

import importlib
import io
import threading
import uuid
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from techkit.central.by_key import ByKey
from techkit.central.models import Device
from techkit.sync import problems, signatures, wire
from techkit.sync.problems import ProblemCode

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: So many bodies of strangers are read at once; the server has eight workers.
PLACES = 3

#: Enrolling and signing in take a few hundred bytes.
MAX_STRANGERS_BYTES = 64 * 1024

_DEVICES = ByKey(Device)


class Patience:
    """Stands before the application of the central service."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._places = threading.BoundedSemaphore(PLACES)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if not _has_body(environ):
            return self._app(environ, start_response)
        device = _device(environ)
        if device is not None:
            return self._for_device(device, environ, start_response)
        if _has_session(environ):
            return self._app(environ, start_response)
        return self._for_stranger(environ, start_response, MAX_STRANGERS_BYTES)

    def _for_device(
        self, device: uuid.UUID, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer somebody who names a device; one that was withdrawn is told so, in its turn."""
        found = _DEVICES.get(device)
        if found is None:
            return _unknown(start_response)
        if found.revoked_at is None:
            return self._app(environ, start_response)
        return self._for_stranger(environ, start_response, wire.MAX_COMPRESSED_BYTES)

    def _for_stranger(
        self, environ: dict[str, Any], start_response: Callable[..., Any], limit: int
    ) -> Iterable[bytes]:
        if _length(environ) > limit:
            return _refuse(start_response, "413 Content Too Large")
        if not self._places.acquire(blocking=False):
            return _refuse(start_response, "503 Service Unavailable")
        try:
            body = wire.read_limited(environ["wsgi.input"], limit)
        except wire.TooLargeError:
            return _refuse(start_response, "413 Content Too Large")
        finally:
            self._places.release()
        environ["wsgi.input"] = io.BytesIO(body)
        return self._app(environ, start_response)


def _has_body(environ: dict[str, Any]) -> bool:
    return _length(environ) > 0 or "HTTP_TRANSFER_ENCODING" in environ


def _length(environ: dict[str, Any]) -> int:
    text = str(environ.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _device(environ: dict[str, Any]) -> uuid.UUID | None:
    """Return the device a request names, None for none."""
    try:
        return uuid.UUID(environ.get(_header(signatures.DEVICE_HEADER), ""))
    except ValueError:
        return None


def _has_session(environ: dict[str, Any]) -> bool:
    """Return whether a request names a session that is there."""
    try:
        held = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    if held is None:
        return False
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore
    return bool(store().exists(held.value))


def _header(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def _refuse(start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Retry-After", "30"), ("Content-Length", "0")])
    return [b""]


def _unknown(start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say that the service does not know this device, as the application would after reading all of it."""
    told = problems.problem(ProblemCode.UNKNOWN_DEVICE)
    body = wire.encode(told, wire.JSON)
    headers = [("Content-Type", wire.PROBLEM_JSON), ("Content-Length", str(len(body)))]
    start_response(f"{told.status} Unauthorized", headers)
    return [body]
