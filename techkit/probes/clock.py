"""The clock: today, whether it is kept right, and since when the computer runs."""

from __future__ import annotations

import ctypes
import re
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    decimal,
    line,
    number,
)
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading

LINUX: Final = frozenset({Platform.LINUX})


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2)."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("rest", ctypes.c_char * 256),
    ]


#: Bits of timex.status. Source: adjtimex(2).
STA_UNSYNC: Final = 0x0040
STA_NANO: Final = 0x2000

#: Services that keep the clock, by the name of their process.
CLOCK_SERVICES: Final = ("chronyd", "systemd-timesyn", "ntpd", "ntpsec", "openntpd", "ptp4l", "phc2sys")


def read_clock(access: Access) -> Iterable[Reading]:
    """Yield today's date, whether the clock is kept right, and the time since the start."""
    if access.platform is Platform.WINDOWS:
        return access_windows.clock(access)
    if access.platform is Platform.MACOS:
        return access_macos.clock(access)
    sheet = Sheet("/proc/uptime")
    now = time.time()
    sheet.add("os.today", datetime.fromtimestamp(now, UTC).date().isoformat(), source="the computer's clock")
    uptime = decimal((access.text_or("/proc/uptime").split() or [""])[0])
    sheet.add("os.uptime_s", uptime)
    started = re.search(r"^btime (\d{1,12})$", access.text_or("/proc/stat"), re.MULTILINE)
    if started:
        at = datetime.fromtimestamp(int(started[1]), UTC)
        sheet.add("os.booted_at", at.isoformat(timespec="seconds"), source="/proc/stat btime")
    sheet.add(
        "os.clock_source",
        line(access, "/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        source="/sys/devices/system/clocksource",
    )
    rtc = number(access, "/sys/class/rtc/rtc0/since_epoch")
    sheet.add(
        "os.hardware_clock_offset_s",
        None if rtc is None else rtc - now,
        source="/sys/class/rtc/rtc0/since_epoch",
    )
    sheet.add(
        "devices.clock.name",
        line(access, "/sys/class/rtc/rtc0/name"),
        subject="rtc0",
        source="/sys/class/rtc/rtc0/name",
    )
    sheet.add("os.clock_service", _clock_service(access), source="/proc")
    sheet.extend(kernel_clock())
    return sheet


def _clock_service(access: Access) -> str:
    for pid in access.names("/proc"):
        if pid.isdecimal():
            name = line(access, f"/proc/{pid}/comm")
            if name in CLOCK_SERVICES:
                return name
    return ""


def kernel_clock() -> Sheet:
    """Return what the kernel knows of its clock; reading only (modes 0). Source: adjtimex(2)."""
    sheet = Sheet("adjtimex")
    if not sys.platform.startswith("linux"):
        return sheet
    try:
        call = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return sheet
    state = _Timex()
    if call(ctypes.byref(state)) < 0:
        return sheet
    synchronised = not state.status & STA_UNSYNC
    sheet.add("os.clock_synchronised", synchronised, source="adjtimex STA_UNSYNC")
    if synchronised:
        unit = 1e9 if state.status & STA_NANO else 1e6
        sheet.add("os.clock_offset_s", state.offset / unit, source="adjtimex offset")
        sheet.add("os.clock_error_s", state.maxerror / 1e6, source="adjtimex maxerror")
    return sheet


CLOCK: Final = Probe(
    id="operating_system.clock",
    room=__name__,
    title=N_("Looking at the clock"),
    read=read_clock,
    gives=(
        "os.today",
        "os.uptime_s",
        "os.booted_at",
        "os.clock_source",
        "os.clock_synchronised",
        "os.clock_offset_s",
        "os.clock_error_s",
        "os.clock_service",
        "os.hardware_clock_offset_s",
        "devices.clock.name",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (CLOCK,)
