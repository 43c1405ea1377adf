"""USB ports and devices in trouble: ports that were shut off for drawing too much, devices that do not answer.

Linux says so in the kernel's log since the start, Windows in the problem code of the device, a Mac in what each device
needs and its port gives, and in what the USB-C ports of Apple silicon count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.crashes import kernel_log
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

#: What the kernel gives up on, never what it tries once more: most devices that answer late are there a second later.
#: Source: Linux, drivers/usb/core: hub.c, messages of hub_port_connect, port_event, hub_port_init and check_highspeed;
#: generic.c, usb_choose_configuration.
_LOG: Final = (
    (re.compile(r"usb (?:usb)?(\d[\w.-]{0,20}): over-current condition"), "too much current"),
    (re.compile(r"hub (\d[\w.-]{0,20}):[\d.]+: over-current condition"), "too much current"),
    (re.compile(r"usb (?:usb)?(\d[\w.-]{0,20}): unable to enumerate USB device"), "does not answer"),
    (
        re.compile(r"usb (?:usb)?(\d[\w.-]{0,20}): Cannot enable\. Maybe the USB cable is bad"),
        "cable or plug is bad",
    ),
    (
        re.compile(
            r"usb (\d[\w.-]{0,20}): rejected \d{1,3} configurations? due to insufficient available bus power"
        ),
        "not enough current",
    ),
    (re.compile(r"usb (\d[\w.-]{0,20}): not running at top speed"), "too slow"),
)


#: What stands before a message in /dev/kmsg ("6,1,2,-;") and in `dmesg` ("[    1.234567] ").
_BEFORE: Final = re.compile(r"\d{1,4},\d{1,20},\d{1,20},[^;]{1,60};|\[ {0,8}\d{1,9}\.\d{1,9}\] ")


def parse_kernel_log(content: str) -> list[dict[str, str]]:
    """Return each port in trouble once per kind: name (the kernel's place of the port), id, problem.

    Only what the kernel itself says: it also repeats the name a device gives itself, whatever that says.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in content.splitlines():
        before = _BEFORE.match(row)
        for pattern, problem in _LOG:
            if told := pattern.match(row, before.end() if before else 0):
                found.setdefault(
                    (told[1], problem), {"name": f"USB {told[1]}", "id": told[1], "problem": problem}
                )
    return list(found.values())


#: What is wrong with a device, not with a port.
_OF_DEVICES: Final = ("too slow", "not enough current")


def _is_there(access: Access, row: dict[str, str]) -> bool:
    return access.exists(f"/sys/bus/usb/devices/{row['id']}")


def read_faults(access: Access) -> Iterable[Reading]:
    """Yield the ports and devices in trouble.

    Raises: ProbeError not_permitted when the log may not be read.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.usb_faults(access)
    if access.platform is Platform.MACOS:
        return access_macos.usb_faults(access)
    log = kernel_log(access)
    if log is None:
        raise ProbeError(
            _("Reading the system’s log needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    sheet = Sheet("/dev/kmsg")
    rows = parse_kernel_log(log)
    # Such a device works; once it is unplugged, nothing is wrong any more.
    sheet.add(
        "devices.usb_faults", [r for r in rows if r["problem"] not in _OF_DEVICES or _is_there(access, r)]
    )
    return sheet


FAULTS: Final = Probe(
    id="usb_faults.since_start",
    title=N_("Looking for USB devices in trouble"),
    read=read_faults,
    gives=("devices.usb_faults",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (FAULTS,)
