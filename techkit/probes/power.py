"""Batteries, the adapter and the power plan."""

from __future__ import annotations

from collections.abc import Iterable

from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line, number
from techkit.probes.formats.battery import capacities
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading


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

PROBES = (BATTERIES,)
