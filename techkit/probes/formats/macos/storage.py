"""Disks, volumes and drives for discs."""

from __future__ import annotations

import re
from typing import Any

from techkit.probes.formats.macos.values import Item, dicts, number, size_of, text, truth, walk
from techkit.probes.sheet import Sheet


def disks(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add disks as their controllers tell them, and the volumes on them."""
    count = 0
    for item in walk(items):
        size = number(item, "size_in_bytes") or size_of(text(item, "size", "Capacity"))
        model = text(item, "device_model", "Model")
        if not model or not size:
            continue
        name = text(item, "bsd_name", "BSD Name") or text(item, "_name")
        count += 1

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"storage.disk.{field}", value, subject=name)

        add("model", model)
        add("size_bytes", size)
        add("serial", text(item, "device_serial", "Serial Number"))
        add("firmware", text(item, "device_revision", "Revision"))
        status = text(item, "smart_status", "S.M.A.R.T. status", "S.M.A.R.T. Status")
        medium = text(item, "spsata_medium_type", "Medium Type").casefold()
        nvme = "NVMe" in sheet.source
        virtual = re.search(r"vbox|vmware|virtual|qemu|parallels", model, re.IGNORECASE)
        kind = "ssd" if "solid" in medium else "hdd" if "rotational" in medium else ""
        add("kind", "virtual" if virtual else "nvme" if nvme else kind)
        add("status", "" if virtual else status)
        add("interface", "nvme" if nvme else "sata" if "SerialATA" in sheet.source else "ata")
        add("trims", truth(text(item, "spsata_trim_support", "spnvme_trim_support", "TRIM Support")))
        add("is_removable", truth(text(item, "removable_media", "Removable Media")))
        rpm = number(item, "spsata_rotational_rate", "Rotational Rate")
        add("rotation_rpm", rpm)
        _volumes(sheet, [*dicts(item.get("volumes")), *_text_volumes(item)])
    if count:
        sheet.add("storage.disk_count", count)


def storage(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the mounted volumes, and the drives below them that no controller told."""
    found = [item for item in walk(items) if text(_drive(item), "protocol", "Protocol") != "Disk Image"]
    _volumes(sheet, found)
    for item in found:
        drive = _drive(item)
        status = text(drive, "smart_status", "S.M.A.R.T. Status")
        if status:
            model = text(drive, "device_name", "media_name", "Device Name", "Media Name")
            if model and any(r.id == "storage.disk.model" and r.value == model for r in sheet):
                continue  # its controller or another volume told already
            name = text(item, "bsd_name", "BSD Name") or text(item, "_name")
            sheet.add("storage.disk.status", status, subject=name)
            sheet.add("storage.disk.model", model, subject=name)
            medium = text(drive, "medium_type", "Medium Type").casefold()
            protocol = text(drive, "protocol", "Protocol").casefold()
            virtual = "virtual" in model.casefold()
            sheet.add(
                "storage.disk.kind",
                "virtual"
                if virtual
                else "ssd"
                if medium == "ssd"
                else "hdd"
                if medium == "rotational"
                else "",
                subject=name,
            )
            sheet.add("storage.disk.interface", protocol, subject=name)


def _volumes(sheet: Sheet, volumes: list[dict[str, Any]]) -> None:
    for item in volumes:
        place = text(item, "mount_point", "Mount Point")
        total = number(item, "size_in_bytes") or size_of(text(item, "size", "Capacity"))
        free = number(item, "free_space_in_bytes") or size_of(text(item, "free_space", "Available", "Free"))
        # The system's own helper volumes (Preboot, VM, Update) are one pool with the one a person sees.
        if not place or (place.startswith("/System/Volumes/") and place != "/System/Volumes/Data"):
            continue
        sheet.add("storage.volume.file_system", text(item, "file_system", "File System"), subject=place)
        sheet.add("storage.volume.is_system", place in ("/", "/System/Volumes/Data"), subject=place)
        sheet.add("storage.volume.device", text(item, "bsd_name", "BSD Name"), subject=place)
        sheet.add("storage.volume.label", text(item, "_name"), subject=place)
        if total and free is not None and 0 <= free <= total:
            sheet.add("storage.volume.total_bytes", total, subject=place)
            sheet.add("storage.volume.free_bytes", free, subject=place)
            sheet.add("storage.volume.used_bytes", total - free, subject=place)


def _text_volumes(item: Item) -> list[dict[str, Any]]:
    inner = [child for child in dicts(item.get("_items")) if child.get("_name") == "Volumes"]
    return [volume for child in inner for volume in dicts(child.get("_items"))]


def _drive(item: Item) -> dict[str, Any]:
    """Return what a volume says of the drive below it, in JSON and XML or in the indented text."""
    drive = item.get("physical_drive")
    if isinstance(drive, dict):
        return drive
    return next((c for c in dicts(item.get("_items")) if c.get("_name") == "Physical Drive"), {})


def burners(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the drives for discs."""
    for place, item in enumerate(
        i for i in walk(items) if text(i, "device_interconnect", "interconnect", "Interconnect")
    ):
        sheet.add("devices.optical.name", text(item, "_name"), subject=str(place))
