"""Disks, volumes, their health and encryption, optical drives.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.windows.values import Read, Row, number, text, truth
from techkit.probes.sheet import Sheet

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

#: The words Get-PhysicalDisk and Get-Disk print for some of the codes, the same in every language; the others are those above.
_WORDS: Final = {"fibre channel": 6, "file backed virtual": 15, "atapi": 3}


def _code(row: Row, name: str, meanings: Mapping[int, str]) -> int | None:
    """Return a code, also where PowerShell's cmdlets have put its word in its place."""
    code = number(row, name)
    if code is not None:
        return code
    word = text(row, name).casefold()
    return _WORDS.get(word) or next(
        (k for k, meaning in meanings.items() if meaning.casefold() == word), None
    )


#: Models of virtual disks as their makers name them.
_VIRTUAL_DISK: Final = re.compile(r"virtual|vbox|qemu|vmware|xen", re.IGNORECASE)


def _serial(row: Row) -> str:
    """Return a disk's serial number as it is printed on the drive.

    Windows 7 gives that of an ATA drive as hexadecimal of its words, each with its two bytes exchanged
    (ATA8-ACS, IDENTIFY DEVICE, words 10 to 19); those of NVMe drives end in a point.
    """
    shown = text(row, "SerialNumber").rstrip(".")
    if not re.fullmatch(r"[0-9a-fA-F]{40}", shown):
        return shown
    words = bytes.fromhex(shown)
    signs = bytes(words[place ^ 1] for place in range(len(words)))
    return signs.decode("ascii").strip() if all(0x20 <= sign < 0x7F for sign in signs) else shown


def _physical_disks(sheet: Sheet, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        name = text(row, "DeviceId") or text(row, "DeviceID") or str(place)
        model = text(row, "FriendlyName") or text(row, "Model")
        bus = BUSES.get(_code(row, "BusType", BUSES) or 0, "")

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"storage.disk.{field}", value, subject=name)

        add("model", model)
        add("maker", text(row, "Manufacturer"))
        add("serial", _serial(row))
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
            else MEDIA.get(_code(row, "MediaType", MEDIA) or 0, ""),
        )
        add("logical_block_bytes", number(row, "LogicalSectorSize"))
        add("physical_block_bytes", number(row, "PhysicalSectorSize"))
        turns = number(row, "SpindleSpeed")
        add("rotation_rpm", turns if turns is not None and 0 <= turns < 30_000 else None)
        add("is_removable", bus == "usb" if bus else None)
        status = _code(row, "HealthStatus", HEALTH)
        said = HEALTH.get(status, "") if status is not None else ""
        add("status", "" if virtual else "Pred Fail" if _predicts_failure(row) else said)
    sheet.add("storage.disk_count", len(rows))


def _predicts_failure(row: Row) -> bool:
    """Return whether a disk's own prediction stands among its operational states: 5, or its word where a cmdlet put it.

    Source: MSFT_PhysicalDisk, OperationalStatus; HealthStatus says no more than Warning then.
    """
    states = row.get("OperationalStatus")
    listed = states if isinstance(states, list) else re.split("[{},]", str(states))
    return any(str(state).strip().casefold() in ("5", "predictive failure") for state in listed)


def _msft_disks(sheet: Sheet, rows: Sequence[Row]) -> None:
    """MSFT_Disk: disks as the volume manager sees them."""
    for place, row in enumerate(rows):
        index = number(row, "Number")
        name = str(index if index is not None else place)
        model, bus = (
            text(row, "FriendlyName") or text(row, "Model"),
            BUSES.get(_code(row, "BusType", BUSES) or 0, ""),
        )
        virtual = bus == "virtual" or _VIRTUAL_DISK.search(model)
        sheet.add("storage.disk.model", model, subject=name)
        sheet.add("storage.disk.serial", _serial(row), subject=name)
        sheet.add("storage.disk.firmware", text(row, "FirmwareVersion"), subject=name)
        sheet.add("storage.disk.size_bytes", number(row, "Size") or None, subject=name)
        sheet.add("storage.disk.interface", bus, subject=name)
        sheet.add(
            "storage.disk.kind", "virtual" if virtual else "nvme" if bus == "nvme" else "", subject=name
        )
        status = _code(row, "HealthStatus", HEALTH)
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
        add("serial", _serial(row))
        add("firmware", text(row, "FirmwareRevision"))
        add("size_bytes", number(row, "Size") or None)
        add("interface", interface)
        add("partition_count", number(row, "Partitions"))
        add("is_removable", "Removable" in text(row, "MediaType") or interface == "usb")
        # The driver passes NVMe drives for SCSI ones; many say in their name what they are.
        if _VIRTUAL_DISK.search(model):
            add("kind", "virtual")
        elif interface == "scsi" and re.search(r"\bNVMe\b", model):
            add("kind", "nvme")
        else:
            # The only English words a driver gives: Win32_DiskDrive.Status is never translated.
            add("status", text(row, "Status"))
    sheet.add("storage.disk_count", len(rows))


def _predictions(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Add the drive's own prediction as its driver passes it on, for computers without MSFT_PhysicalDisk.

    The drive is named by its place, "SCSI Disk&Ven_X&Prod_Y" and numbers: its own number stands in no key.
    """
    for place, row in enumerate(rows):
        instance = text(row, "InstanceName")
        words = re.search(r"\\(?:Disk)?&?(?:Ven_(\w*)&)?(?:Prod_)?(\w[\w.-]{1,60})", instance)
        name = instance or str(place)
        model = (
            " ".join(part.strip("_").replace("_", " ") for part in words.groups() if part) if words else ""
        )
        predicted = truth(row, "PredictFailure")
        sheet.add("storage.disk.model", model, subject=name)
        if predicted is not None and not _VIRTUAL_DISK.search(model):
            sheet.add("storage.disk.status", "Pred Fail" if predicted else "OK", subject=name)


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


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "MSFT_PhysicalDisk": _physical_disks,
    "Win32_DiskDrive": _disk_drives,
    "MSFT_StorageReliabilityCounter": _reliability,
    "Win32_LogicalDisk": _logical_disks,
    "Win32_Volume": _volumes,
    "Win32_EncryptableVolume": _encryptable,
    "Win32_CDROMDrive": _discs,
    "MSFT_Disk": _msft_disks,
    "MSStorageDriver_FailurePredictStatus": _predictions,
}
