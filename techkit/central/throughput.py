"""How much the line between a device and the service carries, measured on request; limited, so that it is no door.

A device asks for a ticket, moves pieces of noise both ways with it, and gives it back. A ticket holds for one device,
for so many seconds and bytes; there is one at a time, so that two do not measure each other, and so many an hour for
each device. Nothing is kept of what is moved. What was granted is known to this process only: a service that starts
again forgets it, which lets a device measure once more and nothing else.
"""

from __future__ import annotations

import functools
import os
import secrets
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from techkit.central import enrol
from techkit.sync import signatures, wire
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import ThroughputGrant

#: What one measurement may move in each direction: four seconds of a line with 100 Mbit/s. Ours.
BYTES_EACH_WAY = 48 * 1024 * 1024

#: The most bytes of one piece.
PIECE_BYTES = 4 * 1024 * 1024

#: How long a ticket holds, in seconds; the device measures for eight each way.
LASTS_S = 40.0

#: How often a device may measure: six an hour are 576 MiB at most. Ours.
TIMES, WITHIN_S = 6, 3600.0


@dataclass
class Grant:
    """A ticket given to one device. left: bytes it may still move, by direction."""

    ticket: str
    device: uuid.UUID
    ends_at_s: float
    left: dict[str, int] = field(default_factory=lambda: {"up": BYTES_EACH_WAY, "down": BYTES_EACH_WAY})


class Desk:
    """Gives out tickets and counts what is moved with them; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._given: dict[uuid.UUID, deque[float]] = {}

    def give(self, device: uuid.UUID, now_s: float) -> Grant:
        """Return a ticket for a device; one it holds already ends. Raises: DeviceRefusedError."""
        with self._lock:
            self._forget(now_s)
            held = self._grant
            if held is not None and held.device != device:
                raise enrol.refuse(ProblemCode.LINE_BUSY, retry_after_s=max(1, round(held.ends_at_s - now_s)))
            times = self._given.setdefault(device, deque())
            if len(times) >= TIMES:
                raise enrol.refuse(
                    ProblemCode.MEASURED_TOO_OFTEN, retry_after_s=max(1, round(times[0] + WITHIN_S - now_s))
                )
            times.append(now_s)
            self._grant = Grant(secrets.token_urlsafe(16), device, now_s + LASTS_S)
            return self._grant

    def spend(self, ticket: str, device: uuid.UUID | None, way: str, count: int, now_s: float) -> None:
        """Count bytes about to be moved. Raises: DeviceRefusedError where the ticket does not cover them."""
        with self._lock:
            grant = self._grant
            is_held = (
                grant is not None
                and grant.device == device
                and grant.ends_at_s > now_s
                and secrets.compare_digest(grant.ticket.encode(), ticket.encode())
            )
            if grant is None or not is_held or not 0 < count <= min(PIECE_BYTES, grant.left[way]):
                raise enrol.refuse(ProblemCode.MEASURING_OVER)
            grant.left[way] -= count

    def take_back(self, ticket: str, device: uuid.UUID) -> None:
        """End a measurement before its time, so that the next device need not wait."""
        with self._lock:
            grant = self._grant
            if grant is not None and (grant.device, grant.ticket) == (device, ticket):
                self._grant = None

    def _forget(self, now_s: float) -> None:
        if self._grant is not None and self._grant.ends_at_s <= now_s:
            self._grant = None
        for device, times in list(self._given.items()):
            while times and times[0] <= now_s - WITHIN_S:
                times.popleft()
            if not times:
                del self._given[device]


@functools.lru_cache(maxsize=4)
def _desk_of(folder: str) -> Desk:  # noqa: ARG001 - each service has its own, known by its folder
    return Desk()


def desk() -> Desk:
    """Return the desk of this service."""
    return _desk_of(str(settings.TECHKIT_FOLDER))


@functools.lru_cache(maxsize=1)
def _noise(size: int) -> bytes:
    """Return bytes nobody on the way can make smaller."""
    return os.urandom(size)


@enrol.for_devices
def begin(request: HttpRequest) -> HttpResponseBase:
    """Give a ticket: POST /api/v1/throughput."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    body = wire.read_limited(request, 1024)
    device, signed = enrol.authenticate(request, body)
    with transaction.atomic():
        enrol.use_nonce(device, signed)
    grant = desk().give(device.pk, time.monotonic())
    return enrol.answer(
        request,
        ThroughputGrant(
            ticket=grant.ticket, lasts_s=LASTS_S, bytes_each_way=BYTES_EACH_WAY, piece_bytes=PIECE_BYTES
        ),
    )


@enrol.for_devices
def piece(request: HttpRequest, ticket: str, way: str, count: int) -> HttpResponseBase:
    """Take a piece of noise, or give one: POST /api/v1/throughput/<ticket>/<up or down>/<bytes>.

    The ticket is looked at before a byte of the body is read; the signature covers the body and comes after it.
    """
    if request.method != "POST" or way not in ("up", "down"):
        return HttpResponse(status=405, headers={"Allow": "POST"})
    named = _named_device(request)
    desk().spend(ticket, named, way, count, time.monotonic())
    body = wire.read_limited(request, count if way == "up" else 1024)
    enrol.authenticate(request, body)
    if way == "up":
        if len(body) != count:
            raise enrol.refuse(ProblemCode.MALFORMED, field="body")
        return HttpResponse(status=204)
    return HttpResponse(_noise(PIECE_BYTES)[:count], content_type="application/octet-stream")


@enrol.for_devices
def end(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Take a ticket back: DELETE /api/v1/throughput/<ticket>."""
    if request.method != "DELETE":
        return HttpResponse(status=405, headers={"Allow": "DELETE"})
    device, _signed = enrol.authenticate(request, b"")
    desk().take_back(ticket, device.pk)
    return HttpResponse(status=204)


def _named_device(request: HttpRequest) -> uuid.UUID | None:
    """Return the device a request says it is from; its signature is checked once the body is here."""
    try:
        return uuid.UUID(request.headers.get(signatures.DEVICE_HEADER, ""))
    except ValueError:
        return None
