"""Devices: who carries which, when it last spoke, let one in, refuse one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import accounts, reports
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.invitations import invitation
from techkit.central.models import Device
from techkit.central.pages.frame import needs, show
from techkit.central.pages.visits import Mark, ago
from techkit.errors import CentralError
from techkit.i18n import _

#: After so long without a word a device is marked (DESIGN 1: changes that wait longer than 3 days).
QUIET_AFTER = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """One device in words."""

    device: Device
    state: Mark
    enrolled: str
    waiting: str


def device_line(device: Device, now: datetime, zone: ZoneInfo) -> DeviceLine:
    """Return a device's row."""
    if device.revoked_at:
        who = device.revoked_by.shown_name if device.revoked_by else ""
        words = _("Refused since {when}", when=ago(device.revoked_at, now, zone))
        state = Mark(look="none", icon="prohibit", words=words, explained=who)
    elif device.last_seen_at is None:
        state = Mark(look="none", icon="question", words=_("has not synced yet"))
    else:
        is_quiet = now - device.last_seen_at > QUIET_AFTER
        state = Mark(
            look="watch" if is_quiet else "ok",
            icon="warning" if is_quiet else "check-circle",
            words=ago(device.last_seen_at, now, zone),
        )
    return DeviceLine(
        device=device,
        state=state,
        enrolled=i18n.day(device.enrolled_at.astimezone(zone).date(), style="medium"),
        waiting="–" if device.waiting_count is None else i18n.number(device.waiting_count),
    )


@require_GET
@needs(Right.ENROL)
def devices(request: HttpRequest) -> HttpResponse:
    """Show the devices and the codes that wait."""
    return _shown(request)


@require_POST
@needs(Right.ENROL)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an enrolment code for a technician and show it, this once."""
    user = person(request)
    chosen = next(
        (held for held in reports.staff(user) if str(held.staff_id) == request.POST.get("technician")), None
    )
    if chosen is None:
        raise CentralError(_("Please choose whose device it is."), status=422, safe=_("No code was made."))
    text, row = accounts.new_enrol_code(user, chosen)
    address = f"https://{request.get_host()}"
    made = {
        "code": text,
        "line": invitation(address, text),
        "name": chosen.shown_name,
        "until": ago(row.expires_at, row.expires_at, reports.office_zone(user)),
        "expires": i18n.day(row.expires_at.astimezone(reports.office_zone(user)).date(), style="full"),
    }
    return _shown(request, made)


@require_POST
@needs(Right.ENROL)
def refuse(request: HttpRequest, device_id: str) -> HttpResponse:
    """Stop a device from syncing."""
    user = person(request)
    device = reports.device(user, device_id)
    if device is None:
        raise CentralError(_("There is no such device."), status=404)
    accounts.refuse_device(user, device)
    return HttpResponseRedirect("/devices")


def _shown(request: HttpRequest, made: dict[str, str] | None = None) -> HttpResponse:
    user = person(request)
    zone, now = reports.office_zone(user), datetime.now(UTC)
    values = {
        "lines": [device_line(held, now, zone) for held in reports.devices(user)],
        "codes": [
            (held.technician.shown_name, i18n.day(held.expires_at.astimezone(zone).date(), style="medium"))
            for held in reports.open_codes(user)
        ],
        "staff": reports.staff(user),
        "made": made,
    }
    return show("devices.html", request, "devices", values)
