"""The computer itself: maker, model, firmware, board, chassis, processors, memory, virtual machines.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.hypervisors import hypervisor_of
from techkit.probes.formats.memory_makers import maker_of, part_of
from techkit.probes.formats.windows.values import Read, Row, day, listed, number, text, truth
from techkit.probes.sheet import Sheet

#: Win32_ComputerSystem.PCSystemType. Source: Microsoft Learn.
SYSTEM_TYPES: Final = {
    1: "desktop",
    2: "notebook",
    3: "desktop",
    4: "server",
    5: "server",
    7: "server",
    8: "tablet",
}


def _computer_system(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    maker, model = text(row, "Manufacturer"), text(row, "Model")
    sheet.add("system.maker", maker)
    sheet.add("system.model", model)
    sheet.add("system.family", text(row, "SystemFamily"))
    sheet.add("system.sku", text(row, "SystemSKUNumber"))
    virtual = hypervisor_of(maker, model)
    sheet.add("system.hypervisor", virtual)
    sheet.add("system.kind", "virtual" if virtual else SYSTEM_TYPES.get(number(row, "PCSystemType") or 0, ""))
    sheet.add("os.computer_name", text(row, "Name") or text(row, "DNSHostName"))
    sheet.add("os.domain", text(row, "Domain") if truth(row, "PartOfDomain") else text(row, "Workgroup"))
    total = number(row, "TotalPhysicalMemory")
    sheet.add("memory.total_bytes", total or None)
    sheet.add("processor.socket_count", number(row, "NumberOfProcessors"))
    sheet.add("processor.thread_count", number(row, "NumberOfLogicalProcessors"))


def _product(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    sheet.add("system.uuid", text(row, "UUID"))
    sheet.add("system.serial", text(row, "IdentifyingNumber"))
    sheet.add("system.version", text(row, "Version"))


def _bios(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    versions = listed(row, "BIOSVersion")
    sheet.add("firmware.maker", text(row, "Manufacturer"))
    sheet.add(
        "firmware.version",
        text(row, "SMBIOSBIOSVersion") or text(row, "Version") or (versions[0] if versions else ""),
    )
    sheet.add("firmware.date", day(row.get("ReleaseDate")))
    sheet.add("system.serial", text(row, "SerialNumber"))
    # Virtual machines without SMBIOS still name themselves in the version.
    virtual = hypervisor_of(text(row, "Version"), *versions)
    if virtual:
        sheet.add("system.hypervisor", virtual)
        sheet.add("system.kind", "virtual")


def _board(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    for field, key in (
        ("maker", "Manufacturer"),
        ("model", "Product"),
        ("version", "Version"),
        ("serial", "SerialNumber"),
    ):
        sheet.add(f"board.{field}", text(row, key))


def _enclosure(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    sheet.add("chassis.maker", text(row, "Manufacturer"))
    sheet.add("chassis.serial", text(row, "SerialNumber"))
    sheet.add("chassis.asset_tag", text(row, "SMBIOSAssetTag"))
    kinds = listed(row, "ChassisTypes")
    sheet.add("chassis.kind", kinds[0] if kinds else "")


#: Win32_Processor.Architecture. Source: Microsoft Learn.
ARCHITECTURES: Final = {0: "x86", 5: "arm", 6: "ia64", 9: "x86_64", 12: "arm64"}


def _processors(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        subject = text(row, "DeviceID").removeprefix("CPU") or str(place)
        family = re.search(
            r"Family (\d{1,5}) Model (\d{1,5}) Stepping (\d{1,5})",
            text(row, "Caption") or text(row, "Description"),
        )

        def add(field: str, value: object, subject: str = subject) -> None:
            sheet.add(f"processor.{field}", value, subject=subject)

        add("name", text(row, "Name"))
        add("vendor", text(row, "Manufacturer"))
        add("cores", number(row, "NumberOfCores") or None)
        add("threads", number(row, "NumberOfLogicalProcessors") or None)
        add("frequency_max_mhz", number(row, "MaxClockSpeed") or None)
        add("frequency_mhz", number(row, "CurrentClockSpeed") or None)
        if family:
            for field, value in zip(("family", "model", "stepping"), family.groups(), strict=True):
                add(field, int(value))
        for level in ("L2", "L3"):
            size = number(row, f"{level}CacheSize")
            if size:
                sheet.add("processor.cache_bytes", size * 1024, subject=f"{level} {subject}")
    architecture = number(rows[0], "Architecture")
    sheet.add("processor.architecture", ARCHITECTURES.get(-1 if architecture is None else architecture, ""))
    sheet.add("processor.is_64_bit", {64: True, 32: False}.get(number(rows[0], "DataWidth") or 0))
    sheet.add("processor.has_virtualization", truth(rows[0], "VirtualizationFirmwareEnabled"))
    sheet.add("processor.socket_count", len(rows))
    busy = [load for row in rows if (load := number(row, "LoadPercentage")) is not None and 0 <= load <= 100]
    if busy:
        sheet.add("processor.use_percent", sum(busy) / len(busy))


#: SMBIOS memory device types. Source: SMBIOS Reference Specification 3.7, 7.18.2.
MEMORY_TYPES: Final = {
    15: "SDRAM", 18: "DDR", 19: "DDR2", 20: "DDR2 FB-DIMM", 24: "DDR3", 26: "DDR4", 27: "LPDDR",
    28: "LPDDR2", 29: "LPDDR3", 30: "LPDDR4", 32: "HBM", 33: "HBM2", 34: "DDR5", 35: "LPDDR5",
}  # fmt: skip


#: Win32_PhysicalMemory.MemoryType, where SMBIOSMemoryType is not there (before Windows 10).
OLD_MEMORY_TYPES: Final = {17: "SDRAM", 20: "DDR", 21: "DDR2", 22: "DDR2 FB-DIMM", 24: "DDR3", 26: "DDR4"}


FORMS: Final = {8: "DIMM", 12: "SODIMM", 13: "SRIMM"}


def _memory_modules(sheet: Sheet, rows: Sequence[Row]) -> None:
    filled = 0
    for place, row in enumerate(rows):
        slot = text(row, "DeviceLocator") or text(row, "BankLabel") or str(place)
        bank = text(row, "BankLabel")
        if sheet.value("memory.module.size_bytes", slot) is not None:
            slot = f"{slot} {bank or place}".strip()
        size = number(row, "Capacity") or 0
        filled += size > 0

        def add(field: str, value: object, slot: str = slot) -> None:
            sheet.add(f"memory.module.{field}", value, subject=slot)

        add("size_bytes", size)
        add(
            "type",
            MEMORY_TYPES.get(number(row, "SMBIOSMemoryType") or 0)
            or OLD_MEMORY_TYPES.get(number(row, "MemoryType") or 0, ""),
        )
        add("form", FORMS.get(number(row, "FormFactor") or 0, ""))
        add("speed_mts", number(row, "Speed") or None)
        add("configured_mts", number(row, "ConfiguredClockSpeed") or None)
        add("maker", maker_of(text(row, "Manufacturer")))
        add("part", part_of(text(row, "PartNumber")))
        add("serial", text(row, "SerialNumber"))
        add("bank", bank)
    sheet.add("memory.module_count", filled)


#: Win32_PhysicalMemoryArray.MemoryErrorCorrection, in the words of the firmware's tables (SMBIOS 7.17.3).
CORRECTIONS: Final = {3: "none", 4: "Parity", 5: "Single-bit ECC", 6: "Multi-bit ECC", 7: "CRC"}


def _memory_arrays(sheet: Sheet, rows: Sequence[Row]) -> None:
    system = [row for row in rows if number(row, "Use") in (3, None)]
    slots = sum(number(row, "MemoryDevices") or 0 for row in system)
    sheet.add("memory.slot_count", slots or None)
    extended = sum(number(row, "MaxCapacityEx") or 0 for row in system)
    largest = extended or sum(number(row, "MaxCapacity") or 0 for row in system)
    sheet.add("memory.max_bytes", largest * 1024 or None)
    kinds = {CORRECTIONS.get(number(row, "MemoryErrorCorrection") or 0, "") for row in system} - {""}
    sheet.add(
        "memory.ecc.kind", "no correction" if kinds == {"none"} else ", ".join(sorted(kinds - {"none"}))
    )


def _page_files(sheet: Sheet, rows: Sequence[Row]) -> None:
    total = used = 0
    for row in rows:
        size, now = number(row, "AllocatedBaseSize"), number(row, "CurrentUsage")
        if size is None:
            continue
        total += size * 2**20
        used += (now or 0) * 2**20
        name = text(row, "Name")
        sheet.add("memory.swap_device_bytes", size * 2**20, subject=name)
        sheet.add("memory.swap_used_bytes", (now or 0) * 2**20, subject=name)
    sheet.add("memory.swap_total_bytes", total)
    sheet.add("memory.swap_free_bytes", max(0, total - used))


def _virtual_machines(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Msvm_ComputerSystem: the host is the one whose id is its name."""
    guests = [row for row in rows if text(row, "Name") != text(row, "ElementName")]
    states = {2: "running", 3: "off", 32768: "paused", 32769: "saved"}
    sheet.add(
        "system.virtual_machines",
        [
            {"name": text(row, "ElementName"), "state": states.get(number(row, "EnabledState") or 0, "")}
            for row in guests
        ],
    )


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "Win32_ComputerSystem": _computer_system,
    "Win32_ComputerSystemProduct": _product,
    "Win32_BIOS": _bios,
    "Win32_BaseBoard": _board,
    "Win32_SystemEnclosure": _enclosure,
    "Win32_Processor": _processors,
    "Win32_PhysicalMemory": _memory_modules,
    "Win32_PhysicalMemoryArray": _memory_arrays,
    "Win32_PageFileUsage": _page_files,
    "Msvm_ComputerSystem": _virtual_machines,
}
