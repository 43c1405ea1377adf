"""Which computer it is: maker, model, board, firmware, and whether it is a virtual machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    line,
    number,
)
from techkit.probes.formats.hypervisors import hypervisor_of
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading

LINUX: Final = frozenset({Platform.LINUX})


#: Files of /sys/class/dmi/id → reading. Source: Linux kernel, drivers/firmware/dmi-id.c.
DMI: Final = {
    "sys_vendor": "system.maker",
    "product_name": "system.model",
    "product_version": "system.version",
    "product_family": "system.family",
    "product_sku": "system.sku",
    "product_serial": "system.serial",
    "product_uuid": "system.uuid",
    "board_vendor": "board.maker",
    "board_name": "board.model",
    "board_version": "board.version",
    "board_serial": "board.serial",
    "chassis_vendor": "chassis.maker",
    "chassis_serial": "chassis.serial",
    "chassis_asset_tag": "chassis.asset_tag",
    "bios_vendor": "firmware.maker",
    "bios_version": "firmware.version",
    "bios_date": "firmware.date",
}

#: SMBIOS chassis type → kind of computer. Source: SMBIOS Reference Specification 3.7, 7.4.1.
CHASSIS_KINDS: Final[Mapping[int, str]] = {
    **dict.fromkeys((3, 4, 5, 6, 7, 13, 15, 16, 24, 34, 35, 36), "desktop"),
    **dict.fromkeys((8, 9, 10, 14, 31, 32), "notebook"),
    **dict.fromkeys((11, 30), "tablet"),
    **dict.fromkeys((17, 22, 23, 25, 27, 28, 29), "server"),
}


def read_machine(access: Access) -> Iterable[Reading]:
    """Yield maker, model, serial numbers and kind of the computer."""
    if access.platform is Platform.WINDOWS:
        return access_windows.machine(access)
    if access.platform is Platform.MACOS:
        return access_macos.machine(access)
    base = "/sys/class/dmi/id"
    sheet = Sheet(base)
    for file, reading_id in DMI.items():
        sheet.add(reading_id, line(access, f"{base}/{file}"), source=f"{base}/{file}")
    chassis = number(access, f"{base}/chassis_type")
    sheet.add(
        "system.model", line(access, "/proc/device-tree/model") or None, source="/proc/device-tree/model"
    )
    sheet.add(
        "system.serial",
        line(access, "/proc/device-tree/serial-number") or None,
        source="/proc/device-tree/serial-number",
    )
    hypervisor = _hypervisor(access)
    sheet.add("system.hypervisor", hypervisor, source=f"{base}, /proc/cpuinfo")
    kind = "virtual" if hypervisor else CHASSIS_KINDS.get(chassis or 0, "")
    sheet.add("system.kind", kind, source=f"{base}/chassis_type")
    sheet.add(
        "firmware.mode", "uefi" if access.exists("/sys/firmware/efi") else "bios", source="/sys/firmware/efi"
    )
    sheet.add("system.machine_id", line(access, "/etc/machine-id"), source="/etc/machine-id")
    return sheet


def _hypervisor(access: Access) -> str:
    """Return what a virtual computer runs on, "" for a real one."""
    base = "/sys/class/dmi/id"
    names = ("sys_vendor", "product_name", "board_vendor", "bios_vendor")
    found = hypervisor_of(*(line(access, f"{base}/{file}") for file in names))
    if found:
        return found
    kind = line(access, "/sys/hypervisor/type")
    if kind:
        return kind.capitalize()
    flags = re.search(r"^flags\s*:(.*)$", access.text_or("/proc/cpuinfo"), re.MULTILINE)
    return "unnamed hypervisor" if flags and " hypervisor" in flags[1] else ""


MACHINE: Final = Probe(
    id="operating_system.machine",
    room=__name__,
    title=N_("Looking at which computer this is"),
    read=read_machine,
    gives=("system.", "board.", "chassis.", "firmware."),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (MACHINE,)
