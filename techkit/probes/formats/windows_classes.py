"""WMI and CIM objects of Windows as readings, one function per class.

The same functions read techkit's own request, a recorded WMI list and PowerShell's JSON. Only
numbers, codes and names are used, never a text in the user's language.
Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from techkit.probes.declarations import Sheet
from techkit.probes.formats.battery import capacities

Row = Mapping[str, Any]
Read = Callable[[Sheet, Sequence[Row]], None]

#: Keys that tell a class whose objects do not name it.
FINGERPRINTS: Final = (
    ({"ProtectionStatus", "PersistentVolumeID"}, "Win32_EncryptableVolume"),
    ({"SMBIOSBIOSVersion", "BIOSVersion"}, "Win32_BIOS"),
    ({"MediaType", "SpindleSpeed", "BusType"}, "MSFT_PhysicalDisk"),
    ({"Capacity", "DriveLetter", "FileSystem"}, "Win32_Volume"),
    ({"EnabledState", "ElementName", "Name"}, "Msvm_ComputerSystem"),
    ({"HotFixID"}, "Win32_QuickFixEngineering"),
    ({"VirtualQuantity", "ResourceType"}, "Msvm_ProcessorSettingData"),
    ({"FreeSpace", "DriveType", "VolumeSerialNumber"}, "Win32_LogicalDisk"),
    ({"productState", "displayName"}, "AntiVirusProduct"),
    ({"onAccessScanningEnabled", "displayName"}, "AntiVirusProduct"),
    ({"StandardName", "Bias"}, "Win32_TimeZone"),
    ({"InterfaceType", "Partitions", "Model"}, "Win32_DiskDrive"),
    ({"ChassisTypes"}, "Win32_SystemEnclosure"),
    ({"IdentifyingNumber", "UUID"}, "Win32_ComputerSystemProduct"),
    ({"TotalPhysicalMemory", "Domain"}, "Win32_ComputerSystem"),
    ({"BuildNumber", "OSArchitecture"}, "Win32_OperatingSystem"),
    ({"SocketDesignation", "MaxClockSpeed"}, "Win32_Processor"),
    ({"DeviceLocator", "Capacity"}, "Win32_PhysicalMemory"),
    ({"AdapterRAM", "DriverVersion"}, "Win32_VideoController"),
    ({"PortName", "DriverName"}, "Win32_Printer"),
    ({"StartMode", "ExitCode", "State"}, "Win32_Service"),
    ({"DesignedCapacity"}, "BatteryStaticData"),
    ({"FullChargedCapacity"}, "BatteryFullChargedCapacity"),
    ({"IPEnabled", "DHCPEnabled"}, "Win32_NetworkAdapterConfiguration"),
)


def readings(rows: Sequence[Row], name: str = "", *, source: str = "WMI") -> Sheet:
    """Return the readings of objects; of classes nobody asks about: none. Objects may be mixed."""
    sheet = Sheet(source)
    by_class: dict[str, list[Row]] = {}
    for row in rows:
        by_class.setdefault(name or class_of(row), []).append(row)
    for kind, members in by_class.items():
        read = READERS.get(kind.casefold())
        if read:
            read(sheet, members)
    return sheet


def class_of(row: Row) -> str:
    """Return the class of one object by its own word or by its keys, "" when neither tells."""
    name = text(row, "CreationClassName")
    if name:
        return name
    keys = set(row)
    return next((told for marks, told in FINGERPRINTS if marks <= keys), "")


# --- values ----------------------------------------------------------------------------------------


def text(row: Row, key: str) -> str:
    """Return a text without blanks at its ends, "" when there is none."""
    value = row.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def number(row: Row, key: str) -> int | None:
    """Return a whole number, also from digits in a text, None when there is none."""
    value = row.get(key)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(row: Row, key: str) -> bool | None:
    """Return a truth, None when there is none."""
    value = row.get(key)
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.strip().casefold())
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    return None


def listed(row: Row, key: str) -> list[str]:
    """Return a list of texts; one value alone counts as a list of one."""
    value = row.get(key)
    if value is None or value == "":
        return []
    return [str(item).strip() for item in (value if isinstance(value, list) else [value]) if item is not None]


def moment(value: object) -> datetime | None:
    """Return an instant (UTC) of a CIM date, "/Date(ms)/" or ISO text, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        ticks = re.fullmatch(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/", value.strip())
        if ticks:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ticks[1]))
        cim = re.fullmatch(r"(\d{14})\.(\d{6})([+-]\d{3})", value.strip())
        if cim:
            zone = timezone(timedelta(minutes=int(cim[3])))
            return datetime.strptime(cim[1], "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
        iso = datetime.fromisoformat(value.strip())
        return (iso if iso.tzinfo else iso.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: object) -> str:
    """Return the date of an instant as YYYY-MM-DD, "" for none."""
    if isinstance(value, str) and re.match(r"\d{8}\d{6}\.\d{6}", value):
        try:
            return date(int(value[:4]), int(value[4:6]), int(value[6:8])).isoformat()
        except ValueError:
            return ""
    found = moment(value)
    return found.date().isoformat() if found else ""


# --- the computer ----------------------------------------------------------------------------------

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

#: Words in maker and model that name a virtual computer.
_VIRTUAL: Final = (
    ("vmware", "VMware"),
    ("virtualbox", "VirtualBox"),
    ("innotek", "VirtualBox"),
    ("qemu", "QEMU"),
    ("kvm", "KVM"),
    ("bochs", "QEMU"),
    ("parallels", "Parallels"),
    ("xen", "Xen"),
    ("virtual machine", "Hyper-V"),
)


def hypervisor_of(*names: str) -> str:
    """Return what a virtual computer runs on by its maker and model, "" for a real one."""
    words = " ".join(names).casefold()
    return next((name for word, name in _VIRTUAL if word in words), "")


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


# --- processor and memory --------------------------------------------------------------------------

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
        add("maker", text(row, "Manufacturer"))
        add("part", text(row, "PartNumber"))
        add("serial", text(row, "SerialNumber"))
        add("bank", bank)
    sheet.add("memory.module_count", filled)


#: Win32_PhysicalMemoryArray.MemoryErrorCorrection. Source: Microsoft Learn.
CORRECTIONS: Final = {3: "none", 4: "parity", 5: "ECC", 6: "multi-bit ECC", 7: "CRC"}


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


# --- storage ---------------------------------------------------------------------------------------

#: MSFT_PhysicalDisk codes. Source: Microsoft Learn.
MEDIA: Final = {3: "hdd", 4: "ssd", 5: "ssd"}
BUSES: Final = {
    1: "scsi",
    3: "ata",
    6: "fibre channel",
    7: "usb",
    8: "raid",
    9: "iscsi",
    10: "sas",
    11: "sata",
    12: "sd",
    13: "mmc",
    14: "virtual",
    15: "virtual",
    17: "nvme",
    19: "ufs",
}
HEALTH: Final = {0: "Healthy", 1: "Warning", 2: "Unhealthy"}

#: Models of virtual disks as their makers name them.
_VIRTUAL_DISK: Final = re.compile(r"virtual|vbox|qemu|vmware|xen", re.IGNORECASE)


def _physical_disks(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        name = text(row, "DeviceId") or text(row, "DeviceID") or str(place)
        model = text(row, "FriendlyName") or text(row, "Model")
        bus = BUSES.get(number(row, "BusType") or 0, "")

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"storage.disk.{field}", value, subject=name)

        add("model", model)
        add("maker", text(row, "Manufacturer"))
        add("serial", text(row, "SerialNumber").rstrip("."))
        add("firmware", text(row, "FirmwareVersion"))
        add("size_bytes", number(row, "Size") or None)
        add("interface", bus)
        virtual = bus == "virtual" or _VIRTUAL_DISK.search(model)
        add(
            "kind",
            "virtual"
            if virtual
            else "nvme"
            if bus == "nvme"
            else MEDIA.get(number(row, "MediaType") or 0, ""),
        )
        add("logical_block_bytes", number(row, "LogicalSectorSize"))
        add("physical_block_bytes", number(row, "PhysicalSectorSize"))
        turns = number(row, "SpindleSpeed")
        add("rotation_rpm", turns if turns is not None and 0 <= turns < 30_000 else None)
        add("is_removable", bus == "usb" if bus else None)
        status = number(row, "HealthStatus")
        add("status", HEALTH.get(status, "") if status is not None and not virtual else "")
    sheet.add("storage.disk_count", len(rows))


def _msft_disks(sheet: Sheet, rows: Sequence[Row]) -> None:
    """MSFT_Disk: disks as the volume manager sees them."""
    for place, row in enumerate(rows):
        index = number(row, "Number")
        name = str(index if index is not None else place)
        model, bus = (
            text(row, "FriendlyName") or text(row, "Model"),
            BUSES.get(number(row, "BusType") or 0, ""),
        )
        virtual = bus == "virtual" or _VIRTUAL_DISK.search(model)
        sheet.add("storage.disk.model", model, subject=name)
        sheet.add("storage.disk.serial", text(row, "SerialNumber").rstrip("."), subject=name)
        sheet.add("storage.disk.firmware", text(row, "FirmwareVersion"), subject=name)
        sheet.add("storage.disk.size_bytes", number(row, "Size") or None, subject=name)
        sheet.add("storage.disk.interface", bus, subject=name)
        sheet.add(
            "storage.disk.kind", "virtual" if virtual else "nvme" if bus == "nvme" else "", subject=name
        )
        status = number(row, "HealthStatus")
        sheet.add(
            "storage.disk.status",
            HEALTH.get(status, "") if status is not None and not virtual else "",
            subject=name,
        )
    sheet.add("storage.disk_count", len(rows))


def _disk_drives(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        index = number(row, "Index")
        name = str(index if index is not None else place)
        model = text(row, "Model") or text(row, "Caption")
        interface = {"IDE": "ata", "SCSI": "scsi", "USB": "usb", "1394": "firewire", "HDC": "ata"}.get(
            text(row, "InterfaceType"), ""
        )

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"storage.disk.{field}", value, subject=name)

        add("model", model)
        add("serial", text(row, "SerialNumber"))
        add("firmware", text(row, "FirmwareRevision"))
        add("size_bytes", number(row, "Size") or None)
        add("interface", interface)
        add("partition_count", number(row, "Partitions"))
        add("is_removable", "Removable" in text(row, "MediaType") or interface == "usb")
        if _VIRTUAL_DISK.search(model):
            add("kind", "virtual")
        else:
            # The only English words a driver gives: Win32_DiskDrive.Status is never translated.
            add("status", text(row, "Status"))
    sheet.add("storage.disk_count", len(rows))


def _reliability(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        name = text(row, "DeviceId") or str(place)
        celsius = number(row, "Temperature")
        sheet.add(
            "storage.smart.temperature_celsius",
            celsius if celsius and 0 < celsius < 130 else None,
            subject=name,
        )
        sheet.add("storage.smart.power_on_hours", number(row, "PowerOnHours"), subject=name)
        wear = number(row, "Wear")
        sheet.add(
            "storage.smart.used_percent",
            wear if wear is not None and 0 <= wear <= 255 else None,
            subject=name,
        )
        sheet.add("storage.smart.uncorrected_errors", number(row, "ReadErrorsUncorrected"), subject=name)


def _logical_disks(sheet: Sheet, rows: Sequence[Row]) -> None:
    fixed = 0
    for row in rows:
        kind = number(row, "DriveType")
        name = text(row, "DeviceID")
        # 2 removable, 3 fixed; network drives (4) and discs (5) are nobody's free space here.
        if kind not in (2, 3) or not name:
            continue
        fixed += kind == 3
        _volume(sheet, name, row, number(row, "Size"), number(row, "FreeSpace"), kind)
        sheet.add("storage.volume.label", text(row, "VolumeName"), subject=name)
        sheet.add("storage.volume.serial", text(row, "VolumeSerialNumber"), subject=name)
    sheet.add("storage.volume_count", fixed)


def _volumes(sheet: Sheet, rows: Sequence[Row]) -> None:
    fixed = 0
    for row in rows:
        kind = number(row, "DriveType")
        letter = text(row, "DriveLetter")
        # A volume without a letter is the maker's or the firmware's; it is full on purpose.
        if kind not in (2, 3) or not letter:
            continue
        fixed += kind == 3
        _volume(sheet, letter, row, number(row, "Capacity"), number(row, "FreeSpace"), kind)
        sheet.add("storage.volume.label", text(row, "Label"), subject=letter)
        serial = number(row, "SerialNumber")
        sheet.add("storage.volume.serial", f"{serial & 0xFFFFFFFF:08X}" if serial else "", subject=letter)
        dirty = truth(row, "DirtyBitSet")
        sheet.add("storage.volume.error_count", None if dirty is None else int(dirty), subject=letter)
        sheet.add("storage.volume.is_system", truth(row, "BootVolume"), subject=letter)
    sheet.add("storage.volume_count", fixed)


def _volume(sheet: Sheet, name: str, row: Row, size: int | None, free: int | None, kind: int) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"storage.volume.{field}", value, subject=name)

    add("file_system", text(row, "FileSystem"))
    add("is_removable", kind == 2)
    if size and free is not None and 0 <= free <= size:
        add("total_bytes", size)
        add("free_bytes", free)
        add("used_bytes", size - free)


def _encryptable(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        letter = text(row, "DriveLetter")
        status = number(row, "ProtectionStatus")
        if letter and status in (0, 1):  # 2: locked, nothing can be said
            sheet.add("security.disk_encrypted", status == 1, subject=letter)


def _discs(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        sheet.add(
            "devices.optical.name",
            text(row, "Name") or text(row, "Caption"),
            subject=text(row, "Drive") or str(place),
        )


# --- operating system ------------------------------------------------------------------------------

#: Win32_OperatingSystem.OperatingSystemSKU: editions whose support is the longer one ("e").
#: Source: Microsoft Learn; 4, 27, 84, 125, 126 Enterprise, 121, 122 Education, 188, 191 IoT.
ENTERPRISE: Final = frozenset({4, 27, 72, 84, 121, 122, 125, 126, 129, 130, 188, 191})
LONG_TERM: Final = frozenset({125, 126, 129, 130, 191})

#: Build → release of Windows 10 and 11. Source: endoflife.date/windows, "latest".
BUILDS: Final = {
    10240: "10-1507", 10586: "10-1511", 14393: "10-1607", 15063: "10-1703", 16299: "10-1709",
    17134: "10-1803", 17763: "10-1809", 18362: "10-1903", 18363: "10-1909", 19041: "10-2004",
    19042: "10-20h2", 19043: "10-21h1", 19044: "10-21h2", 19045: "10-22h2", 22000: "11-21h2",
    22621: "11-22h2", 22631: "11-23h2", 26100: "11-24h2", 26200: "11-25h2", 28000: "11-26h1",
}  # fmt: skip
#: Releases with a long-term edition → how the data call it.
LONG_TERM_RELEASES: Final = {
    "11-24h2": "e-lts",
    "10-21h2": "e-lts",
    "10-1809": "e-lts",
    "10-1607": "e-lts",
    "10-1507": "e-lts",
}
#: Releases with one life for all editions.
ONE_LIFE: Final = frozenset({"10-1511", "10-1903", "10-2004", "10-21h1", "10-22h2"})
OLD_BUILDS: Final = {9600: "8.1", 9200: "8", 7601: "7-sp1", 6002: "6-sp2", 6003: "6-sp2", 2600: "5-sp3"}
SERVERS: Final = {
    26100: "2025",
    25398: "23h2-ac",
    20348: "2022",
    17763: "2019",
    14393: "2016",
    9600: "2012-r2",
    9200: "2012",
    7601: "2008-r2-sp1",
    6002: "2008-sp2",
    6003: "2008-sp2",
    3790: "2003-sp2",
}


def windows_cycle(build: int, sku: int | None, product_type: int | None) -> tuple[str, str]:
    """Return (product, cycle) of the end of life data for a build and edition, "" where unknown.

    product_type: 1 workstation, 2 and 3 server (Win32_OperatingSystem.ProductType).
    """
    if product_type in (2, 3):
        return "windows-server", SERVERS.get(build, "")
    if build in OLD_BUILDS:
        return "windows", OLD_BUILDS[build]
    release = BUILDS.get(build, "")
    if not release:
        return "windows", ""
    if sku in LONG_TERM and release in LONG_TERM_RELEASES:
        return "windows", f"{release}-{LONG_TERM_RELEASES[release]}"
    if release in ONE_LIFE or release == "10-1507":
        return "windows", release
    return "windows", f"{release}-{'e' if sku in ENTERPRISE else 'w'}"


def _operating_system(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    build = number(row, "BuildNumber")
    product, cycle = windows_cycle(build or 0, number(row, "OperatingSystemSKU"), number(row, "ProductType"))
    sheet.add("os.family", "windows")
    sheet.add("os.name", text(row, "Caption"))
    sheet.add("os.version", text(row, "Version"))
    sheet.add("os.build", str(build) if build else "")
    sheet.add("os.product", product if cycle else "")
    sheet.add("os.cycle", cycle)
    sheet.add(
        "os.edition",
        {48: "Professional", 101: "Home", 4: "Enterprise", 121: "Education"}.get(
            number(row, "OperatingSystemSKU") or 0, ""
        ),
    )
    sheet.add(
        "os.architecture",
        "x86_64"
        if "64" in text(row, "OSArchitecture") and "ARM" not in text(row, "OSArchitecture").upper()
        else "arm64"
        if "ARM" in text(row, "OSArchitecture").upper()
        else "x86"
        if text(row, "OSArchitecture")
        else "",
    )
    sheet.add("os.computer_name", text(row, "CSName"))
    languages = listed(row, "MUILanguages")
    sheet.add("os.language", languages[0] if languages else "")
    sheet.add("os.installed_at", day(row.get("InstallDate")))
    started, now = moment(row.get("LastBootUpTime")), moment(row.get("LocalDateTime"))
    if started:
        sheet.add("os.booted_at", started.isoformat(timespec="seconds"))
        if now and now >= started:
            sheet.add("os.uptime_s", (now - started).total_seconds())
    for reading_id, key in (
        ("memory.total_bytes", "TotalVisibleMemorySize"),
        ("memory.available_bytes", "FreePhysicalMemory"),
        ("memory.commit_limit_bytes", "TotalVirtualMemorySize"),
    ):
        kilobytes = number(row, key)
        sheet.add(reading_id, kilobytes * 1024 if kilobytes else None)
    sheet.add("processor.process_count", number(row, "NumberOfProcesses"))


def _fixes(sheet: Sheet, rows: Sequence[Row]) -> None:
    days = [found for row in rows if (found := _fix_day(row))]
    newest = max(days, default="")
    if newest:
        age = (datetime.now(UTC).date() - date.fromisoformat(newest)).days
        sheet.add("software.updates.installed_age_days", float(max(0, age)))


def _fix_day(row: Row) -> str:
    value = row.get("InstalledOn")
    nested = value.get("value") if isinstance(value, dict) else value
    # "7/30/2026" is month first whatever the language (Win32_QuickFixEngineering).
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", str(nested or "").strip())
    if match:
        try:
            return date(int(match[3]), int(match[1]), int(match[2])).isoformat()
        except ValueError:
            return ""
    return day(nested)


def _services(sheet: Sheet, rows: Sequence[Row]) -> None:
    enabled = sorted({text(row, "Name") for row in rows if text(row, "StartMode") == "Auto"} - {""})
    # A service that ended by itself with 0 had nothing to do; 1077 was never started.
    failed = sorted(
        {
            text(row, "Name")
            for row in rows
            if text(row, "StartMode") == "Auto"
            and text(row, "State") == "Stopped"
            and number(row, "ExitCode") not in (0, 1077, None)
        }
        - {""}
    )
    sheet.add("os.service_count", len(rows))
    sheet.add("os.service_manager", "scm")
    sheet.add("os.services.enabled", enabled)
    sheet.add("os.services.failed", failed)


def _startup(sheet: Sheet, rows: Sequence[Row]) -> None:
    programs = {text(row, "Name") or text(row, "Caption"): text(row, "Location") for row in rows}
    programs.pop("", None)
    sheet.add(
        "os.startup.programs",
        [{"name": name, "where": programs[name]} for name in sorted(programs, key=str.casefold)],
    )
    sheet.add("os.startup.count", len(programs))


# --- devices ---------------------------------------------------------------------------------------


def _graphics(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        subject = text(row, "DeviceID").removeprefix("VideoController") or str(place)

        def add(field: str, value: object, subject: str = subject) -> None:
            sheet.add(f"display.graphics.{field}", value, subject=subject)

        add("name", text(row, "Name") or text(row, "Caption"))
        add("driver_version", text(row, "DriverVersion"))
        add("driver_date", day(row.get("DriverDate")))
        memory = number(row, "AdapterRAM")
        # The field has 32 bits, signed in old drivers: 4 GB and more cannot be told.
        add("memory_bytes", memory if memory and 0 < memory < 4 * 2**30 - 2**21 else None)
        width, height, rate = (
            number(row, key)
            for key in ("CurrentHorizontalResolution", "CurrentVerticalResolution", "CurrentRefreshRate")
        )
        if width and height:
            add("mode", f"{width} × {height}" + (f", {rate} Hz" if rate else ""))
    sheet.add("display.graphics_count", len(rows))


#: Win32_PnPEntity.ConfigManagerErrorCode: codes that mean "no working driver".
#: Source: Microsoft Learn, Device Manager error codes; 22 (switched off) and 45 (not there) are wishes.
DRIVER_PROBLEMS: Final = {
    1: "not configured",
    3: "driver damaged",
    10: "cannot start",
    18: "reinstall the driver",
    28: "no driver",
    31: "driver not loaded",
    32: "driver switched off",
    37: "driver failed",
    39: "driver missing or damaged",
    43: "stopped after problems",
    48: "driver blocked",
    52: "driver not signed",
}


def _entities(sheet: Sheet, rows: Sequence[Row]) -> None:
    problems = []
    usb = 0
    for row in rows:
        code = number(row, "ConfigManagerErrorCode")
        device = text(row, "PNPDeviceID") or text(row, "DeviceID")
        usb += device.upper().startswith("USB\\VID")
        if code in DRIVER_PROBLEMS:
            problems.append(
                {
                    "name": text(row, "Name") or text(row, "Caption") or device,
                    "id": device,
                    "problem": DRIVER_PROBLEMS[code],
                }
            )
    sheet.add("devices.missing_drivers", problems)
    sheet.add("devices.problem_count", len(problems))
    sheet.add("devices.usb_count", usb)
    for row in rows:
        device = text(row, "PNPDeviceID") or text(row, "DeviceID")
        match = re.match(
            r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(?!&MI_)[^\\]*\\(.+)$", device, re.IGNORECASE
        )
        if match:
            subject = f"{match[1]}:{match[2]} {match[3]}".casefold()
            sheet.add("devices.usb.name", text(row, "Name") or text(row, "Caption"), subject=subject)
            sheet.add("devices.usb.id", f"{match[1]}:{match[2]}".casefold(), subject=subject)


def _sounds(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        sheet.add("devices.sound.name", text(row, "Name") or text(row, "Caption"), subject=str(place))
    sheet.add("devices.sound_count", len(rows))


#: Win32_Printer.PrinterStatus and DetectedErrorState. Source: Microsoft Learn.
PRINTER_ERRORS: Final = {
    4: "no paper",
    6: "no toner",
    7: "door open",
    8: "jammed",
    9: "offline",
    10: "error",
    11: "error",
}


def _printers(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "Name")
        error = PRINTER_ERRORS.get(number(row, "DetectedErrorState") or 0, "")
        offline = truth(row, "WorkOffline")
        state = error or (
            "offline" if offline else {4: "printing"}.get(number(row, "PrinterStatus") or 0, "idle")
        )
        sheet.add("devices.printer.state", state, subject=name)
        sheet.add("devices.printer.driver", text(row, "DriverName"), subject=name)
        sheet.add("devices.printer.address", text(row, "PortName"), subject=name)
        sheet.add("devices.printer.is_default", truth(row, "Default"), subject=name)
        if truth(row, "Default"):
            sheet.add("devices.default_printer", name)
    sheet.add("devices.printer_count", len(rows))


def _print_jobs(sheet: Sheet, rows: Sequence[Row]) -> None:
    jobs: dict[str, int] = {}
    for row in rows:
        name = text(row, "Name").rpartition(",")[0]
        jobs[name] = jobs.get(name, 0) + 1
    for name, count in jobs.items():
        sheet.add("devices.printer.jobs", count, subject=name)


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
        sheet.add("power.battery.model", text(row, "Name"), subject=name)
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


def _antivirus(sheet: Sheet, rows: Sequence[Row]) -> None:
    """SecurityCenter2: productState is 0xPPSSDD; SS 0x10 or 0x11: on; DD 0x00: current.

    Source: observed by many, documented in Windows Security Center's IWscProduct states.
    """
    found = []
    for row in rows:
        state = number(row, "productState")
        name = text(row, "displayName")
        if not name:
            continue
        if state is not None:
            active, current = (state >> 12) & 0xF == 1, state & 0xFF == 0
        else:  # SecurityCenter of Windows XP
            active, current = (
                truth(row, "onAccessScanningEnabled") is True,
                truth(row, "productUptoDate") is True,
            )
        found.append({"name": name, "is_active": active, "is_current": current})
    sheet.add("security.antivirus", found)
    if found:
        sheet.add("security.antivirus.active", any(row["is_active"] for row in found))


def _monitors(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_DesktopMonitor; its size is often wrong, its name often "Generic"."""
    there = [row for row in rows if text(row, "PNPDeviceID") and number(row, "Availability") != 8]
    for place, row in enumerate(there):
        sheet.add("display.monitor.name", text(row, "Caption") or text(row, "Name"), subject=str(place))
        sheet.add("display.monitor.maker", text(row, "MonitorManufacturer"), subject=str(place))
    sheet.add("display.monitor_count", len(there))


def _inputs(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        subject = text(row, "PNPDeviceID") or text(row, "DeviceID") or str(place)
        sheet.add("devices.input", text(row, "Name") or text(row, "Caption"), subject=subject)


def _serial_ports(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        sheet.add(
            "devices.serial_port", text(row, "Caption") or text(row, "Name"), subject=text(row, "DeviceID")
        )


def _time_zone(sheet: Sheet, rows: Sequence[Row]) -> None:
    sheet.add("os.time_zone", text(rows[0], "StandardName") or text(rows[0], "Caption"))


def _user_accounts(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_UserAccount: accounts of this computer that are not switched off."""
    people = [
        row for row in rows if truth(row, "Disabled") is not True and truth(row, "LocalAccount") is not False
    ]
    sheet.add("os.users.count", len(people))


def _portable_batteries(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_PortableBattery: what the firmware's tables say, in mWh."""
    for place, row in enumerate(rows):
        name = str(place)
        sheet.add("power.battery.model", text(row, "Name"), subject=name)
        sheet.add("power.battery.maker", text(row, "Manufacturer"), subject=name)
        volts = number(row, "DesignVoltage")
        sheet.add("power.battery.voltage_mv", volts or None, subject=name)
        capacities(sheet, name, number(row, "DesignCapacity"), number(row, "FullChargeCapacity") or None)


def _defender(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    sheet.add("security.antivirus.active", truth(row, "RealTimeProtectionEnabled"))
    age = number(row, "AntivirusSignatureAge")
    sheet.add("security.antivirus.age_days", age if age is not None and 0 <= age < 10_000 else None)


def _firewall(sheet: Sheet, rows: Sequence[Row]) -> None:
    active = {}
    for row in rows:
        name = text(row, "Name") or text(row, "InstanceID")
        state = number(row, "Enabled")
        if state is None and truth(row, "Enabled") is not None:
            state = int(truth(row, "Enabled") or False)
        if name and state in (0, 1):
            active[name] = state == 1
            sheet.add("security.firewall.profile", "on" if state else "off", subject=name)
    if active:
        sheet.add("security.firewall.active", all(active.values()))
        sheet.add("security.firewall.kind", "Windows Firewall")


def _profiles(sheet: Sheet, rows: Sequence[Row]) -> None:
    # MSFT_NetConnectionProfile.NetworkCategory: 0 public, 1 private, 2 domain.
    categories = [number(row, "NetworkCategory") for row in rows]
    if categories:
        sheet.add("security.firewall.public_network", 0 in categories)


# --- network ---------------------------------------------------------------------------------------


def _adapters(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "NetConnectionID") or text(row, "Name")
        if not name or not text(row, "MACAddress"):
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        add("description", text(row, "Name"))
        add("mac", text(row, "MACAddress").casefold())
        status = number(row, "NetConnectionStatus")
        add("is_up", status == 2 if status is not None else None)
        add("is_physical", _is_hardware(row))
        speed = number(row, "Speed")
        add("speed_mbit", speed // 10**6 if speed and 0 < speed < 2**62 else None)
        add("driver", text(row, "ServiceName"))


def _is_hardware(row: Row) -> bool | None:
    device = text(row, "PNPDeviceID").upper()
    if not device:
        return truth(row, "PhysicalAdapter")
    return (
        device.startswith(("PCI\\", "USB\\", "SD\\", "PCMCIA\\", "VMBUS\\"))
        and truth(row, "PhysicalAdapter") is not False
    )


def _net_adapters(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "Name") or text(row, "InterfaceDescription")
        if not name or truth(row, "Hidden"):
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        add("description", text(row, "InterfaceDescription"))
        address = text(row, "PermanentAddress") or text(row, "NetworkAddresses")
        digits = re.sub(r"[^0-9A-Fa-f]", "", address)
        add(
            "mac",
            ":".join(digits[i : i + 2] for i in range(0, 12, 2)).casefold() if len(digits) == 12 else "",
        )
        state = number(row, "InterfaceOperationalStatus")
        add("is_up", state == 1 if state is not None else None)
        add("is_physical", truth(row, "HardwareInterface"))
        medium = number(row, "NdisPhysicalMedium")
        add("is_wireless", medium in (1, 9) if medium is not None else None)
        speed = number(row, "TransmitLinkSpeed") or number(row, "Speed")
        add("speed_mbit", speed // 10**6 if speed and 0 < speed < 2**62 else None)
        add("mtu", number(row, "MtuSize") or number(row, "ActiveMaximumTransmissionUnit") or None)
        duplex = truth(row, "FullDuplex")
        add("duplex", None if duplex is None or state != 1 else "full" if duplex else "half")
        add("driver", text(row, "DriverDescription"))


def _configurations(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "Description") or text(row, "Caption")
        if not name or not truth(row, "IPEnabled"):
            continue
        index = number(row, "Index")
        if sheet.value("network.interface.dhcp", name) is not None:
            name = f"{name} #{index}"

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        addresses = listed(row, "IPAddress")
        add("dhcp", truth(row, "DHCPEnabled"))
        add("mac", text(row, "MACAddress").casefold())
        add("ipv4", ", ".join(a for a in addresses if ":" not in a))
        add("ipv6", ", ".join(a for a in addresses if ":" in a))
        add("gateway", ", ".join(listed(row, "DefaultIPGateway")))
        add("dns_servers", ", ".join(listed(row, "DNSServerSearchOrder")))
        add("mtu", number(row, "MTU") or None)


# --- techkit's own rows (made by the script in access_windows) ---------------------------------------


def _static_batteries(sheet: Sheet, rows: Sequence[Row]) -> None:
    """BatteryStaticData joined with full capacity, cycles and status by the script."""
    for place, row in enumerate(rows):
        name = str(place)
        sheet.add("power.battery.model", text(row, "DeviceName"), subject=name)
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


def _counts(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Read techkit's own object of counts: its keys are reading ids."""
    for reading_id, value in rows[0].items():
        try:
            sheet.add(str(reading_id), value)
        except KeyError:
            continue


READERS: Final[Mapping[str, Read]] = {
    name.casefold(): read
    for name, read in {
        "Win32_ComputerSystem": _computer_system,
        "Win32_ComputerSystemProduct": _product,
        "Win32_BIOS": _bios,
        "Win32_BaseBoard": _board,
        "Win32_SystemEnclosure": _enclosure,
        "Win32_Processor": _processors,
        "Win32_PhysicalMemory": _memory_modules,
        "Win32_PhysicalMemoryArray": _memory_arrays,
        "Win32_PageFileUsage": _page_files,
        "MSFT_PhysicalDisk": _physical_disks,
        "Win32_DiskDrive": _disk_drives,
        "MSFT_StorageReliabilityCounter": _reliability,
        "Win32_LogicalDisk": _logical_disks,
        "Win32_Volume": _volumes,
        "Win32_EncryptableVolume": _encryptable,
        "Win32_CDROMDrive": _discs,
        "Win32_OperatingSystem": _operating_system,
        "Win32_QuickFixEngineering": _fixes,
        "Win32_Service": _services,
        "Win32_StartupCommand": _startup,
        "Win32_VideoController": _graphics,
        "Win32_PnPEntity": _entities,
        "Win32_SoundDevice": _sounds,
        "Win32_Printer": _printers,
        "Win32_PrintJob": _print_jobs,
        "Win32_Battery": _batteries,
        "BatteryStaticData": _static_batteries,
        "AntiVirusProduct": _antivirus,
        "MSFT_MpComputerStatus": _defender,
        "MSFT_NetFirewallProfile": _firewall,
        "MSFT_NetConnectionProfile": _profiles,
        "Win32_NetworkAdapter": _adapters,
        "MSFT_NetAdapter": _net_adapters,
        "Win32_NetworkAdapterConfiguration": _configurations,
        "Msvm_ComputerSystem": _virtual_machines,
        "Win32_DesktopMonitor": _monitors,
        "Win32_Keyboard": _inputs,
        "Win32_PointingDevice": _inputs,
        "Win32_SerialPort": _serial_ports,
        "Win32_TimeZone": _time_zone,
        "Win32_UserAccount": _user_accounts,
        "Win32_PortableBattery": _portable_batteries,
        "MSFT_Disk": _msft_disks,
        "techkit_counts": _counts,
    }.items()
}


def names(rows: Iterable[Row], key: str = "Name") -> list[str]:
    """Return one text of each object, without empty ones."""
    return [found for row in rows if (found := text(row, key))]
