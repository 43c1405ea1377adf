"""The battery report of Windows: `powercfg /batteryreport /XML`. Source: schema battery/2012."""

from __future__ import annotations

import re
from typing import Final

from techkit.probes.declarations import Sheet
from techkit.probes.formats.battery import capacities
from techkit.probes.formats.decode import decode

#: A report of a year has about 2 MB.
SIZE_LIMIT: Final = 32 * 2**20


def parse(content: str | bytes) -> Sheet:
    """Return the readings of a report.

    Only a few flat elements are wanted, so they are found as text: no XML parser, no entities.
    """
    text = (decode(content[:SIZE_LIMIT]) if isinstance(content, bytes) else content)[:SIZE_LIMIT]
    sheet = Sheet("powercfg /batteryreport")
    system = _inside(text, "SystemInformation")
    sheet.add("os.computer_name", _element(system, "ComputerName"))
    sheet.add("system.maker", _element(system, "SystemManufacturer"))
    sheet.add("system.model", _element(system, "SystemProductName"))
    sheet.add("firmware.version", _element(system, "BIOSVersion"))
    sheet.add("firmware.date", _element(system, "BIOSDate"))
    sheet.add(
        "system.kind",
        {"Mobile": "notebook", "Slate": "tablet", "Desktop": "desktop"}.get(
            _element(system, "PlatformRole"), ""
        ),
    )
    batteries = re.findall(r"<Battery>(.{0,20000}?)</Battery>", _inside(text, "Batteries"), re.DOTALL)
    for place, part in enumerate(batteries[:16]):
        name = str(place)
        sheet.add("power.battery.model", _element(part, "Id"), subject=name)
        sheet.add("power.battery.maker", _element(part, "Manufacturer"), subject=name)
        sheet.add("power.battery.serial", _element(part, "SerialNumber"), subject=name)
        sheet.add("power.battery.chemistry", _element(part, "Chemistry"), subject=name)
        sheet.add("power.battery.cycles", _number(part, "CycleCount") or None, subject=name)
        # RelativeCapacity 1: the capacities are percentages, not milliwatt hours.
        if _number(part, "RelativeCapacity") != 1:
            capacities(sheet, name, _number(part, "DesignCapacity"), _number(part, "FullChargeCapacity"))
    if batteries:
        sheet.add("power.battery_count", len(batteries))
    return sheet


def _inside(text: str, name: str) -> str:
    start, end = text.find(f"<{name}>"), text.find(f"</{name}>")
    return text[start:end] if 0 <= start < end else ""


def _element(text: str, name: str) -> str:
    match = re.search(rf"<{name}>([^<]{{0,400}})</{name}>", text)
    if not match:
        return ""
    value = match[1].strip()
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        value = value.replace(entity, sign)
    return value


def _number(text: str, name: str) -> int | None:
    value = _element(text, name)
    return int(value) if re.fullmatch(r"\d{1,9}", value) else None
