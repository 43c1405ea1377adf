"""Batteries, the adapter, the power plan and the power supply units of servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line, number
from techkit.probes.formats import dmidecode, smbios
from techkit.probes.formats.battery import capacities
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason


def read_batteries(access: Access) -> Iterable[Reading]:
    """Yield capacity, charge and wear of each battery, and whether the adapter is on."""
    if access.platform is Platform.WINDOWS:
        return access_windows.batteries(access)
    if access.platform is Platform.MACOS:
        return access_macos.batteries(access)
    sheet = Sheet("/sys/class/power_supply")
    base = "/sys/class/power_supply"
    supplies = access.names(base)
    batteries = [name for name in supplies if _is_system_battery(access, f"{base}/{name}")]
    sheet.add("power.battery_count", len(batteries))
    for name in batteries:
        _battery(access, sheet, name)
    online = [
        number(access, f"{base}/{name}/online")
        for name in supplies
        if line(access, f"{base}/{name}/type") in ("Mains", "USB")
    ]
    known = [value for value in online if value is not None]
    sheet.add("power.adapter_online", any(known) if known else None)
    sheet.add("power.sleep_states", line(access, "/sys/power/state"), source="/sys/power/state")
    profile = line(access, "/sys/firmware/acpi/platform_profile")
    sheet.add(
        "power.plan", profile or _governor(access), source="/sys/firmware/acpi/platform_profile, cpufreq"
    )
    return sheet


def _governor(access: Access) -> str:
    return line(access, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def _is_system_battery(access: Access, base: str) -> bool:
    """Return whether a supply is the computer's own battery, not a mouse's."""
    if line(access, f"{base}/type") != "Battery" or line(access, f"{base}/scope") == "Device":
        return False
    return line(access, f"{base}/present") != "0"


def _battery(access: Access, sheet: Sheet, name: str) -> None:
    base = f"/sys/class/power_supply/{name}"

    def add(field: str, value: object) -> None:
        sheet.add(f"power.battery.{field}", value, subject=name, source=base)

    add("model", line(access, f"{base}/model_name"))
    add("maker", line(access, f"{base}/manufacturer"))
    add("serial", line(access, f"{base}/serial_number"))
    add("chemistry", line(access, f"{base}/technology"))
    add("state", line(access, f"{base}/status").casefold())
    cycles = number(access, f"{base}/cycle_count")
    add("cycles", cycles or None)  # 0 is what batteries say that do not count
    volts = number(access, f"{base}/voltage_now")
    add("voltage_mv", volts // 1000 if volts else None)
    degrees = number(access, f"{base}/temp")
    add("temperature_celsius", degrees / 10 if degrees is not None and -400 < degrees < 1500 else None)
    design, full, now = (_energy(access, base, field) for field in ("full_design", "full", "now"))
    capacities(sheet, name, design, full, now, source=base)
    if sheet.value("power.battery.charge_percent", name) is None:
        charge = number(access, f"{base}/capacity")
        add("charge_percent", charge if charge is not None and 0 <= charge <= 100 else None)


def _energy(access: Access, base: str, field: str) -> int | None:
    """Return a capacity in mWh: energy_* in µWh, or charge_* in µAh at the design voltage.

    Source: Linux kernel, Documentation/ABI/testing/sysfs-class-power.
    """
    energy = number(access, f"{base}/energy_{field}")
    if energy:
        return energy // 1000
    charge = number(access, f"{base}/charge_{field}")
    volts = number(access, f"{base}/voltage_min_design") or number(access, f"{base}/voltage_now")
    return charge * volts // 10**9 if charge and volts else None


BATTERIES = Probe(
    id="power.batteries",
    title=N_("Looking at battery and power"),
    read=read_batteries,
    gives=(
        "power.battery_count",
        "power.battery.",
        "power.adapter_online",
        "power.adapter_watts",
        "power.plan",
        "power.sleep_states",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

#: Cases with more than one power supply unit: towers and servers. Source: SMBIOS 7.4.1.
_SERVER_CASES: Final = frozenset({7, 17, 23, 28, 29})


def read_supplies(access: Access) -> Iterable[Reading]:
    """Yield the power supply units as the firmware saw them when the computer started.

    Raises: ProbeError not_present for a computer of another kind, not_permitted without rights.
    """
    if number(access, "/sys/class/dmi/id/chassis_type") not in _SERVER_CASES:
        raise ProbeError(
            _("The firmware of this computer lists no power supplies."), reason=Reason.NOT_PRESENT
        )
    if not access.is_admin:
        raise ProbeError(
            _("Reading the firmware’s tables needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    structures = smbios.structures(access.data("/sys/firmware/dmi/tables/DMI"))
    sheet = dmidecode.readings(structures, source="/sys/firmware/dmi/tables/DMI")
    found = [reading for reading in sheet if reading.id.startswith("power.supply")]
    if not found:
        raise ProbeError(
            _("The firmware of this computer lists no power supplies."), reason=Reason.NOT_PRESENT
        )
    return found


SUPPLIES = Probe(
    id="power.supplies",
    title=N_("Looking at the power supplies"),
    read=read_supplies,
    gives=("power.supply_count", "power.supply."),
    platforms=frozenset({Platform.LINUX}),
)

PROBES = (BATTERIES, SUPPLIES)
