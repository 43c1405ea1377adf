"""The Mac itself: model, processor, memory, batteries."""

from __future__ import annotations

import re
from typing import Any

from techkit.probes.formats.battery import capacities
from techkit.probes.formats.macos.values import Item, nested, number, size_of, text, truth, walk
from techkit.probes.formats.memory_makers import maker_of, part_of
from techkit.probes.sheet import Sheet


def hardware(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add maker, model, serial, firmware and processor."""
    for item in walk(items):
        model = text(item, "machine_model", "Model Identifier", "Machine Model")
        if not model:
            continue
        name = text(item, "machine_name", "Model Name", "Machine Name")
        sheet.add("system.maker", "Apple")
        sheet.add("system.model", model)
        sheet.add("system.family", name)
        sheet.add("system.kind", kind_of(model, name))
        sheet.add("system.serial", text(item, "serial_number", "Serial Number (system)", "Serial Number"))
        sheet.add("system.uuid", text(item, "platform_UUID", "Hardware UUID"))
        sheet.add(
            "firmware.version", text(item, "boot_rom_version", "Boot ROM Version", "System Firmware Version")
        )
        sheet.add("memory.total_bytes", size_of(text(item, "physical_memory", "Memory"), binary=True))
        _processor(sheet, item)


def kind_of(model: str, name: str = "") -> str:
    """Return "notebook", "desktop", "server" or "virtual" for an Apple model, "" where unclear."""
    words = f"{model} {name}".casefold()
    for word, kind in (
        ("virtual", "virtual"),
        ("vmware", "virtual"),
        ("parallels", "virtual"),
        ("book", "notebook"),
        ("xserve", "server"),
    ):
        if word in words:
            return kind
    return "desktop" if re.search(r"imac|mac ?mini|mac ?pro|mac ?studio|power ?mac", words) else ""


def _processor(sheet: Sheet, item: Item) -> None:
    name = text(item, "chip_type", "Chip", "cpu_type", "Processor Name", "CPU Type")
    if not name:
        return
    sheet.add("processor.name", name, subject="0")
    sheet.add(
        "processor.vendor",
        "Apple" if name.startswith("Apple") else "Intel" if "Intel" in name else "",
        subject="0",
    )
    speed = re.match(
        r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(GHz|MHz)",
        text(item, "current_processor_speed", "Processor Speed", "CPU Speed"),
    )
    if speed:
        mhz = float(speed[1].replace(",", ".")) * (1000 if speed[2] == "GHz" else 1)
        sheet.add("processor.frequency_max_mhz", mhz, subject="0")
    # Apple silicon: "proc 8:4:4" in number_processors, all: performance: efficiency.
    cores = re.match(
        r"(?:proc )?(\d{1,4})",
        text(item, "number_processors", "Total Number of Cores", "Total Number Of Cores", "Number Of CPUs"),
    )
    intel = number(item, "Total Number Of Cores", "Total Number of Cores", "number_cores")
    count = intel or (int(cores[1]) if cores else None)
    sheet.add("processor.cores", count or None, subject="0")
    sockets = number(item, "packages", "Number Of Processors", "Number of Processors")
    sheet.add("processor.socket_count", sockets or None)


def memory(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the slots, what is in each, and error correction."""
    filled = slots = 0
    for item in walk(items):
        shown = text(item, "dimm_size", "Size", "SPMemoryDataType", "Memory")
        slot = text(item, "_name")
        if not shown or (not item.get("dimm_size") and "Type" not in item and not item.get("dimm_type")):
            ecc = truth(text(item, "global_ecc_state", "ECC"))
            if ecc is not None:
                sheet.add("memory.ecc.kind", "ECC" if ecc else "no correction")
            continue
        slots += 1
        size = size_of(shown, binary=True) or 0
        filled += size > 0

        def add(field: str, value: object, slot: str = slot) -> None:
            sheet.add(f"memory.module.{field}", value, subject=slot)

        add("size_bytes", size)
        if not size:
            continue
        add("type", text(item, "dimm_type", "Type"))
        add("speed_mts", number(item, "dimm_speed", "Speed"))
        add("maker", maker_of(text(item, "dimm_manufacturer", "Manufacturer")))
        add("part", part_of(text(item, "dimm_part_number", "Part Number")))
        add("serial", text(item, "dimm_serial_number", "Serial Number"))
    if slots:
        sheet.add("memory.module_count", filled)
        sheet.add("memory.slot_count", slots)


def power(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the batteries, the charger and the low power mode."""
    count = 0
    found: dict[str, str] = {}
    for item in walk(items):
        charge = nested(item, "sppower_battery_charge_info", "Charge Information")
        health = nested(item, "sppower_battery_health_info", "Health Information")
        model = nested(item, "sppower_battery_model_info", "Model Information")
        if not (charge or health):
            charger = text(item, "sppower_battery_charger_connected", "Connected")
            if charger and (
                "charger" in text(item, "_name").casefold() or "AC Charger" in text(item, "_name")
            ):
                sheet.add("power.adapter_online", truth(charger))
                sheet.add("power.adapter_watts", number(item, "sppower_ac_charger_watts", "Wattage (W)"))
            found.update({key: str(value) for key, value in item.items() if isinstance(value, str)})
            continue
        name = str(count)
        count += 1
        _mac_battery(sheet, name, item, charge, health, model)
    sheet.add("power.battery_count", count)
    low = truth(found.get("LowPowerMode", "") or found.get("Low Power Mode", ""))
    if low:
        sheet.add("power.plan", "low power mode")


def _mac_battery(sheet: Sheet, name: str, item: Item, charge: Item, health: Item, model: Item) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"power.battery.{field}", value, subject=name)

    add("model", text(model, "sppower_battery_device_name", "Device Name"))
    add("maker", text(model, "sppower_battery_manufacturer", "Manufacturer"))
    add("serial", text(model, "sppower_battery_serial_number", "Serial Number"))
    add("cycles", number(health, "sppower_battery_cycle_count", "Cycle Count"))
    add("condition", text(health, "sppower_battery_health", "Condition"))
    volts = number(item, "sppower_current_voltage", "Voltage (mV)") or number(
        charge, "sppower_current_voltage", "Voltage (mV)"
    )
    add("voltage_mv", volts or None)
    full = number(charge, "sppower_battery_max_capacity", "Full Charge Capacity (mAh)")
    now = number(charge, "sppower_battery_current_capacity", "Charge Remaining (mAh)")
    if full and volts:
        # Milliampere hours at today's voltage; good for one decimal of a share, not for a bill.
        capacities(sheet, name, None, full * volts // 1000, now * volts // 1000 if now is not None else None)
    share = re.match(
        r"(\d{1,3}) ?%", text(health, "sppower_battery_health_maximum_capacity", "Maximum Capacity")
    )
    if share and 0 < int(share[1]) <= 100:
        add("health_percent", float(share[1]))
    percent = number(charge, "sppower_battery_state_of_charge", "State of Charge (%)")
    add("charge_percent", percent if percent is not None and percent <= 100 else None)
    charging = truth(text(charge, "sppower_battery_is_charging", "Charging"))
    charged = truth(text(charge, "sppower_battery_fully_charged", "Fully Charged"))
    add(
        "state", "full" if charged else "charging" if charging else "discharging" if charging is False else ""
    )
