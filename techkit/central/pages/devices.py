"""Devices: who carries which, when it last spoke, which customers it holds; let one in, refuse one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import accounts, assignments, audit, feed, packages, reports
from techkit.central import jobs as job_packs
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.invitations import invitation
from techkit.central.models import Device, RefusedOp, User
from techkit.central.pages.frame import needs, show
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import ago
from techkit.errors import CentralError, SyncError
from techkit.i18n import _, ngettext
from techkit.records.schema import is_known, spec_for
from techkit.sync import carrier, problems
from techkit.sync.problems import ProblemCode
from techkit.sync.skew import skew

#: After so long without a word a device is marked (DESIGN 1: changes that wait longer than 3 days).
QUIET_AFTER = timedelta(days=3)

#: Devices on one page of the list, and the last page an address may name.
SHOWN = 50
_MOST_PAGES = 10_000


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """One device in words. clock: None before it ever told its time.

    came_back_as: what it was let in as after it was refused; copies: what was let in of it before that.
    """

    device: Device
    state: Mark
    enrolled: str
    waiting: str
    clock: Mark | None
    customers: str
    came_back_as: tuple[Device, ...] = ()
    copies: tuple[Device, ...] = ()


def device_line(
    device: Device, now: datetime, zone: ZoneInfo, customer_count: int = 0, became: Sequence[Device] = ()
) -> DeviceLine:
    """Return a device's row. became: what it was let in as later."""
    if device.revoked_at:
        who = device.revoked_by.shown_name if device.revoked_by else ""
        words = _("Refused since {when}", when=ago(device.revoked_at, now, zone))
        state = Mark(look="none", icon="prohibit", words=words, explained=who)
    elif device.last_seen_at is None:
        state = Mark(look="none", icon="question", words=_("has not synced yet"))
    else:
        is_quiet = now - device.last_seen_at > QUIET_AFTER
        is_silent = now - device.last_seen_at > feed.SILENT_AFTER
        state = Mark(
            look="watch" if is_quiet else "ok",
            icon="warning" if is_quiet else "check-circle",
            words=ago(device.last_seen_at, now, zone),
            explained=_(
                "Silent for more than 180 days: it begins anew with its next sync. What it has not sent is taken first."
            )
            if is_silent
            else "",
        )
    return DeviceLine(
        device=device,
        state=state,
        enrolled=i18n.day(device.enrolled_at.astimezone(zone).date(), style="medium"),
        waiting="–" if device.waiting_count is None else i18n.number(device.waiting_count),
        clock=None if device.last_seen_at is None else _clock(device.clock_offset_ms),
        customers=i18n.number(customer_count),
        came_back_as=tuple(one for one in became if _is_back(device, one)),
        copies=tuple(one for one in became if not _is_back(device, one)),
    )


def _is_back(device: Device, later: Device) -> bool:
    """Return whether a device is what a refused one was let in as, and no copy from before."""
    return device.revoked_at is not None and later.enrolled_at >= device.revoked_at


def _clock(offset_ms: int) -> Mark:
    """Return how right a device's clock is; a wrong one does no harm but is worth setting."""
    words = skew(offset_ms)
    if not words:
        return Mark(look="ok", icon="check-circle", words=_("right"))
    told = _("Nothing is lost by it: the service allows for the difference. Please have the clock set.")
    return Mark(look="watch", icon="warning", words=words, explained=told)


@require_GET
@needs(Right.ENROL)
def devices(request: HttpRequest) -> HttpResponse:
    """Show the devices and the codes that wait; the address names the page of devices."""
    return _shown(request, page=_page(request))


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
    return _shown(request, _made_code(request, user, chosen))


@require_POST
@needs(Right.ENROL)
def invite_anew(request: HttpRequest, device_id: str) -> HttpResponse:
    """Make a code with which a refused device comes back, for whoever had it, and show it, this once."""
    user = person(request)
    found = _found(user, device_id)
    if found.revoked_at is None:
        raise CentralError(
            _("This device was not refused; it needs no code."), status=409, safe=_("No code was made.")
        )
    if not found.technician.is_active:
        raise CentralError(
            _("{name} has no account here any more.", name=found.technician.shown_name),
            status=409,
            safe=_("No code was made."),
            advice=_("Make a code for whoever uses the device now, on the page of all devices."),
        )
    return _shown_device(request, device_id, made=_made_code(request, user, found.technician))


def _made_code(request: HttpRequest, user: User, technician: User) -> dict[str, str]:
    """Make a code for a device of this technician; return it in words for the page."""
    text, row = accounts.new_enrol_code(user, technician)
    line = invitation(f"https://{request.get_host()}", text)
    return {
        "code": text,
        "line": line,
        "fingerprint": _in_fours(line.rpartition("#")[2]),
        "name": technician.shown_name,
        "expires": i18n.day(row.expires_at.astimezone(reports.office_zone(user)).date(), style="full"),
    }


@require_GET
@needs(Right.ENROL)
def device(request: HttpRequest, device_id: str) -> HttpResponse:
    """Show one device: its state, the customers it holds, and those it could be given."""
    return _shown_device(request, device_id)


@require_POST
@needs(Right.ENROL)
def assign(request: HttpRequest, device_id: str) -> HttpResponse:
    """Let a device hold the chosen customers."""
    user = person(request)
    found = _found(user, device_id)
    chosen = request.POST.getlist("customer")
    if not chosen:
        raise CentralError(_("Please choose a customer."), status=422, safe=_("Nothing was changed."))
    count = assignments.assign(user, found, chosen)
    told = ngettext(
        "{n} customer assigned. The device has it after its next sync.",
        "{n} customers assigned. The device has them after its next sync.",
        count,
    )
    return _shown_device(request, device_id, told)


@require_POST
@needs(Right.ENROL)
def take_back(request: HttpRequest, device_id: str) -> HttpResponse:
    """Take one customer from a device."""
    user = person(request)
    assignments.take_back(user, _found(user, device_id), request.POST.get("customer", ""))
    told = _("Taken back. The device deletes it at its next sync; what it had not sent yet still arrives.")
    return _shown_device(request, device_id, told)


@require_POST
@needs(Right.ENROL)
def jobs(request: HttpRequest, device_id: str) -> HttpResponse:
    """Give a job pack with the chosen customers, for a device without a network."""
    user = person(request)
    found = _found(user, device_id)
    chosen = request.POST.getlist("customer")
    if not chosen:
        raise CentralError(_("Please choose a customer."), status=422, safe=_("Nothing was written."))
    response = HttpResponse(job_packs.pack(user, found, chosen), content_type="application/octet-stream")
    name = f"{found.prefix}{carrier.JOBS_SUFFIX}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _found(user: User, device_id: str) -> Device:
    found = reports.device(user, device_id)
    if found is None:
        raise CentralError(_("There is no such device."), status=404)
    return found


@require_POST
@needs(Right.ENROL)
def refuse(request: HttpRequest, device_id: str) -> HttpResponse:
    """Stop a device from syncing."""
    user = person(request)
    accounts.refuse_device(user, _found(user, device_id))
    return HttpResponseRedirect("/devices")


@require_POST
@needs(Right.ENROL)
def package(request: HttpRequest) -> HttpResponse:
    """Take a package file from a device without a network and give back the answer's file."""
    user = person(request)
    given = request.FILES.get("package")
    if given is None:
        raise CentralError(_("Please choose a package file."), status=422, safe=_("Nothing was changed."))
    if (given.size or 0) > carrier.MAX_FILE_BYTES:
        raise CentralError(_("This file is too large for a package."), status=413)
    try:
        answered = packages.answer(given.read())
    except SyncError as error:
        raise CentralError(error.title, status=422, safe=error.safe, advice=error.advice) from error
    audit.append_for(user, "device.package", "device", address=client_address(request))
    response = HttpResponse(answered, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="techkit{carrier.ANSWER_SUFFIX}"'
    return response


def _in_fours(fingerprint: str) -> str:
    """Return hexadecimal digits in groups of four, so that two people can compare them aloud."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _page(request: HttpRequest) -> int:
    """Return the page an address names, the first one for none that can be."""
    text = request.GET.get("page", "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 6
    return min(max(1, int(text)), _MOST_PAGES) if is_number else 1


def _shown(request: HttpRequest, made: dict[str, str] | None = None, page: int = 1) -> HttpResponse:
    user = person(request)
    zone, now = reports.office_zone(user), datetime.now(UTC)
    held_by = assignments.counts(user.org_id)
    found = reports.devices(user, SHOWN + 1, (page - 1) * SHOWN)
    if page > 1 and not found:
        return _shown(request, made)
    became = reports.became(user, found[:SHOWN])
    values = {
        "lines": [
            device_line(held, now, zone, held_by.get(held.pk, 0), became.get(held.pk, ()))
            for held in found[:SHOWN]
        ],
        "is_first": page == 1,
        "next_address": f"/devices?page={page + 1}" if len(found) > SHOWN else "",
        "codes": [
            (held.technician.shown_name, i18n.day(held.expires_at.astimezone(zone).date(), style="medium"))
            for held in reports.open_codes(user)
        ],
        "staff": reports.staff(user),
        "made": made,
        "aside": [_aside(held, now, zone) for held in reports.kept_aside(user)],
        "orphans": [
            (_(spec_for(kind).plural) if is_known(kind) else kind, i18n.number(count))
            for kind, count in reports.waiting_for_visit(user)
        ],
    }
    return show("devices.html", request, "devices", values)


def _shown_device(
    request: HttpRequest, device_id: str, told: str = "", made: dict[str, str] | None = None
) -> HttpResponse:
    user = person(request)
    found = _found(user, device_id)
    zone, now = reports.office_zone(user), datetime.now(UTC)
    held = assignments.assigned(found)
    text = " ".join(request.GET.get("customer", "").split())[:200]
    values = {
        "line": device_line(found, now, zone, len(held), reports.became(user, [found]).get(found.pk, ())),
        "told": told,
        "made": made,
        "held": [
            (
                one.customer_id,
                one.name or _("not arrived yet"),
                i18n.day(one.since.astimezone(zone).date(), style="medium"),
            )
            for one in held[: assignments.LISTED]
        ],
        "more": max(0, len(held) - assignments.LISTED),
        "text": text,
        "offered": [] if found.revoked_at else assignments.offered(found, text),
    }
    return show("device.html", request, "devices", values)


def _aside(held: RefusedOp, now: datetime, zone: ZoneInfo) -> tuple[str, str, str, str]:
    """Return when, by whom, on what and why, of a change that was kept aside."""
    title, _advice = problems.problem(ProblemCode(held.code), field=held.field).shown()
    kind = _(spec_for(held.entity).title) if is_known(held.entity) else held.entity
    return ago(held.received_at, now, zone), held.actor, kind, title
