"""Batteries.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.battery import capacities
from techkit.probes.formats.memory_makers import part_of
from techkit.probes.formats.windows.values import Read, Row, number, text
from techkit.probes.sheet import Sheet


def _batteries(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_Battery; its capacities are often missing, BatteryStaticData has them."""
    states = {
        1: "discharging",
        2: "not charging",
        3: "full",
        6: "charging",
        7: "charging",
        8: "charging",
        9: "charging",
    }
    for place, row in enumerate(rows):
        name = str(place)
        sheet.add("power.battery.model", part_of(text(row, "Name")), subject=name)
        charge = number(row, "EstimatedChargeRemaining")
        sheet.add(
            "power.battery.charge_percent",
            min(charge, 100) if charge is not None and charge >= 0 else None,
            subject=name,
        )
        sheet.add("power.battery.state", states.get(number(row, "BatteryStatus") or 0, ""), subject=name)
        volts = number(row, "DesignVoltage")
        sheet.add("power.battery.voltage_mv", volts or None, subject=name)
    sheet.add("power.battery_count", len(rows))


def _portable_batteries(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_PortableBattery: what the firmware's tables say, in mWh."""
    for place, row in enumerate(rows):
        name = str(place)
        sheet.add("power.battery.model", part_of(text(row, "Name")), subject=name)
        sheet.add("power.battery.maker", text(row, "Manufacturer"), subject=name)
        volts = number(row, "DesignVoltage")
        sheet.add("power.battery.voltage_mv", volts or None, subject=name)
        capacities(sheet, name, number(row, "DesignCapacity"), number(row, "FullChargeCapacity") or None)


def _static_batteries(sheet: Sheet, rows: Sequence[Row]) -> None:
    """BatteryStaticData joined with full capacity, cycles and status by the script."""
    for place, row in enumerate(rows):
        name = str(place)
        sheet.add("power.battery.model", part_of(text(row, "DeviceName")), subject=name)
        sheet.add("power.battery.maker", text(row, "ManufactureName"), subject=name)
        sheet.add("power.battery.serial", text(row, "SerialNumber"), subject=name)
        sheet.add("power.battery.cycles", number(row, "CycleCount") or None, subject=name)
        capacities(
            sheet,
            name,
            number(row, "DesignedCapacity"),
            number(row, "FullChargedCapacity"),
            number(row, "RemainingCapacity"),
        )


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "Win32_Battery": _batteries,
    "BatteryStaticData": _static_batteries,
    "Win32_PortableBattery": _portable_batteries,
}
