"""What macOS' system_profiler prints: JSON, property lists (XML or binary) and text.

JSON and property lists have the system's own keys; the text has their English labels. Decimals may
have a comma, whatever the language. Property lists are read without external entities.
Source: system_profiler(8); keys as printed by Mac OS X 10.4 to macOS 15.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from techkit.probes.declarations import Sheet
from techkit.probes.formats.battery import capacities
from techkit.probes.formats.decode import decode
from techkit.probes.formats.json_text import parse as parse_json
from techkit.probes.formats.programs import program_readings

Item = Mapping[str, Any]

#: The largest answer read; all data types of a crowded Mac together have about 12 MB.
SIZE_LIMIT: Final = 64 * 2**20

#: Headings of the text → data type.
TITLES: Final = {
    "hardware": "SPHardwareDataType",
    "software": "SPSoftwareDataType",
    "system software overview": "SPSoftwareDataType",
    "memory": "SPMemoryDataType",
    "power": "SPPowerDataType",
    "serial-ata": "SPSerialATADataType",
    "sata": "SPSerialATADataType",
    "sata/sata express": "SPSerialATADataType",
    "ata": "SPParallelATADataType",
    "parallel-ata": "SPParallelATADataType",
    "nvmexpress": "SPNVMeDataType",
    "storage": "SPStorageDataType",
    "usb": "SPUSBDataType",
    "graphics/displays": "SPDisplaysDataType",
    "pci cards": "SPPCIDataType",
    "printers": "SPPrintersDataType",
    "applications": "SPApplicationsDataType",
    "bluetooth": "SPBluetoothDataType",
    "camera": "SPCameraDataType",
    "audio": "SPAudioDataType",
    "audio (built in)": "SPAudioDataType",
    "audio (intel high definition audio)": "SPAudioDataType",
    "network": "SPNetworkDataType",
    "disc burning": "SPDiscBurningDataType",
    "fibre channel": "SPFibreChannelDataType",
    "firewire": "SPFireWireDataType",
    "wi-fi": "SPAirPortDataType",
    "airport": "SPAirPortDataType",
}


def parse(content: str | bytes) -> Sheet:
    """Return the readings of an answer in any of its forms; an empty sheet for rubbish."""
    sheet = Sheet("system_profiler")
    found = sections(content)
    if re.search(
        r"\b10\.[0-5]\b",
        " ".join(
            _text(item, "os_version", "System Version") for item in _walk(found.get("SPSoftwareDataType", []))
        ),
    ):
        _tell_bytes([item for items in found.values() for item in items])
    for name, items in found.items():
        read = READERS.get(name)
        if read:
            sheet.source = f"system_profiler {name}"
            read(sheet, items)
    return sheet


def sections(content: str | bytes) -> dict[str, list[dict[str, Any]]]:
    """Return data type → items (dictionaries with _name and _items); empty for rubbish."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    data = data[:SIZE_LIMIT]
    head = data[:400].lstrip()
    if head.startswith((b"<?xml", b"<plist", b"bplist")):
        return _from_plist(data)
    text = decode(data)
    if text.lstrip()[:1] in ("{", "["):
        document = parse_json(text)
        if isinstance(document, dict):
            return {key: _dicts(value) for key, value in document.items() if isinstance(value, list)}
        return _listed(document)
    return _from_text(text)


def _from_plist(data: bytes) -> dict[str, list[dict[str, Any]]]:
    try:
        import plistlib  # loaded late: only a Mac has such lists

        document = plistlib.loads(data)
    except Exception:  # plistlib raises what its parsers raise: expat's, struct's, its own
        return {}
    return _listed(document)


def _listed(document: object) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in _dicts(document):
        name = part.get("_dataType")
        if isinstance(name, str):
            found.setdefault(name, []).extend(_dicts(part.get("_items")))
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _from_text(text: str) -> dict[str, list[dict[str, Any]]]:
    """Return the sections of the text form, nested by indentation."""
    found: dict[str, list[dict[str, Any]]] = {}
    stack: list[tuple[int, dict[str, Any]]] = []
    for row in text.splitlines():
        if not row.strip():
            continue
        depth = len(row) - len(row.lstrip(" "))
        key, mark, value = row.strip().partition(":")
        if not mark:
            continue
        value = value.strip()
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if depth == 0 and not value:
            name = TITLES.get(key.strip().casefold(), "")
            top: dict[str, Any] = {"_name": key, "_items": []}
            found.setdefault(name, []).append(top)
            stack = [(0, top)]
        elif not stack:
            continue
        elif value:
            stack[-1][1].setdefault(key.strip(), value)
        else:
            child: dict[str, Any] = {"_name": key.strip(), "_items": []}
            if len(stack) < 32:
                stack[-1][1].setdefault("_items", []).append(child)
                stack.append((depth, child))
    found.pop("", None)
    return found


# --- values ----------------------------------------------------------------------------------------


def _walk(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all items, outer before inner."""
    waiting = items[::-1]
    seen = 0
    while waiting and seen < 100_000:
        item = waiting.pop()
        seen += 1
        yield item
        waiting += _dicts(item.get("_items"))[::-1]


def _text(item: Item, *keys: str) -> str:
    for key in keys:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _number(item: Item, *keys: str) -> int | None:
    for key in keys:
        value = item.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            match = re.match(r"\d{1,18}", value.strip())
            if match:
                return int(match[0])
    return None


_UNITS: Final = {"bytes": 0, "kb": 1, "mb": 2, "gb": 3, "tb": 4, "pb": 5}


def size_of(text: str, *, binary: bool = False) -> int | None:
    """Return the bytes of "7,34 GB", "16 GB" or "250.06 GB (250,059,350,016 bytes)".

    binary: memory, where 1 GB is 2**30.
    """
    exact = re.search(r"([\d.,\u00a0\u202f' ]{4,40}) bytes", text, re.IGNORECASE)
    if exact:
        digits = re.sub(r"\D", "", exact[1])
        return int(digits) if digits and len(digits) <= 18 else None
    match = re.search(r"(\d{1,12}(?:[.,]\d{1,3})?)\s*(bytes|[KMGTP]B)", text, re.IGNORECASE)
    if not match:
        return None
    base = 1024 if binary else 1000
    return round(float(match[1].replace(",", ".")) * float(base ** _UNITS[match[2].casefold()]))


def _tell_bytes(items: list[dict[str, Any]]) -> None:
    """Write the bytes behind the sizes of a Mac OS X before 10.6, whose "GB" of a disk are 2**30 bytes."""
    for item in _walk(items):
        for key in ("Capacity", "Available"):
            size = size_of(str(item.get(key) or ""), binary=True)
            if size is not None:
                item[key] = f"{size} bytes"


def _truth(text: str) -> bool | None:
    bare = text.casefold().rpartition("_")[2]
    return {
        "yes": True,
        "no": False,
        "true": True,
        "false": False,
        "on": True,
        "off": False,
        "enabled": True,
        "disabled": False,
    }.get(bare)


# --- data types ------------------------------------------------------------------------------------


def _hardware(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for item in _walk(items):
        model = _text(item, "machine_model", "Model Identifier", "Machine Model")
        if not model:
            continue
        name = _text(item, "machine_name", "Model Name", "Machine Name")
        sheet.add("system.maker", "Apple")
        sheet.add("system.model", model)
        sheet.add("system.family", name)
        sheet.add("system.kind", kind_of(model, name))
        sheet.add("system.serial", _text(item, "serial_number", "Serial Number (system)", "Serial Number"))
        sheet.add("system.uuid", _text(item, "platform_UUID", "Hardware UUID"))
        sheet.add(
            "firmware.version", _text(item, "boot_rom_version", "Boot ROM Version", "System Firmware Version")
        )
        sheet.add("memory.total_bytes", size_of(_text(item, "physical_memory", "Memory"), binary=True))
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
    name = _text(item, "chip_type", "Chip", "cpu_type", "Processor Name", "CPU Type")
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
        _text(item, "current_processor_speed", "Processor Speed", "CPU Speed"),
    )
    if speed:
        mhz = float(speed[1].replace(",", ".")) * (1000 if speed[2] == "GHz" else 1)
        sheet.add("processor.frequency_max_mhz", mhz, subject="0")
    # Apple silicon: "proc 8:4:4" in number_processors, all: performance: efficiency.
    cores = re.match(
        r"(?:proc )?(\d{1,4})",
        _text(item, "number_processors", "Total Number of Cores", "Total Number Of Cores", "Number Of CPUs"),
    )
    intel = _number(item, "Total Number Of Cores", "Total Number of Cores", "number_cores")
    count = intel or (int(cores[1]) if cores else None)
    sheet.add("processor.cores", count or None, subject="0")
    sockets = _number(item, "packages", "Number Of Processors", "Number of Processors")
    sheet.add("processor.socket_count", sockets or None)


def _software(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for item in _walk(items):
        shown = _text(item, "os_version", "System Version")
        match = re.match(
            r"(?:macOS|OS X|Mac OS X)(?: Server)? (\d{1,3}(?:\.\d{1,3}){0,2}) ?\(([0-9A-Za-z]{2,12})\)", shown
        )
        if not match:
            continue
        sheet.add("os.family", "macos")
        sheet.add("os.name", shown.partition(" (")[0])
        sheet.add("os.version", match[1])
        sheet.add("os.build", match[2])
        sheet.add("os.product", "macos")
        sheet.add("os.cycle", macos_cycle(match[1]))
        sheet.add("os.kernel", _text(item, "kernel_version", "Kernel Version"))
        sheet.add("os.computer_name", _text(item, "local_host_name", "Computer Name"))
        sheet.add("os.uptime_s", _uptime(_text(item, "uptime", "Time since boot")))


def macos_cycle(version: str) -> str:
    """Return the release as the end of life data name it: 10.9 to 10.15, then 11, 12 and so on."""
    parts = version.split(".")
    if parts[0] == "10":
        # macOS 11 calls itself 10.16 to old programs.
        return "11" if parts[1:2] == ["16"] else ".".join(parts[:2])
    return parts[0]


def _uptime(text: str) -> int | None:
    """Return the seconds of a time such as up 3:1:12:30 (days first), 1:12 or 3 days 4:05."""
    words = re.fullmatch(r"(?:(\d{1,5}) days?,? ?)?(?:(\d{1,2}) hours?,? ?)?(?:(\d{1,2}) minutes?)?", text)
    if words and any(words.groups()):
        days, hours, minutes = (int(part or 0) for part in words.groups())
        return days * 86400 + hours * 3600 + minutes * 60
    match = re.fullmatch(r"(?:up )?(?:(\d{1,5}) days? )?(\d{1,5}(?::\d{1,2}){1,3})", text)
    if not match:
        return None
    parts = [int(part) for part in match[2].split(":")]
    days = int(match[1] or 0)
    if len(parts) == 4:
        days, parts = parts[0], parts[1:]
    hours, minutes, seconds = (*parts, 0)[:3]
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _memory(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    filled = slots = 0
    for item in _walk(items):
        shown = _text(item, "dimm_size", "Size", "SPMemoryDataType")
        slot = _text(item, "_name")
        if not shown or (not item.get("dimm_size") and "Type" not in item and not item.get("dimm_type")):
            ecc = _truth(_text(item, "global_ecc_state", "ECC"))
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
        add("type", _text(item, "dimm_type", "Type"))
        add("speed_mts", _number(item, "dimm_speed", "Speed"))
        add("maker", _text(item, "dimm_manufacturer", "Manufacturer"))
        add("part", _plain_hex(_text(item, "dimm_part_number", "Part Number")))
        add("serial", _text(item, "dimm_serial_number", "Serial Number"))
    if slots:
        sheet.add("memory.module_count", filled)
        sheet.add("memory.slot_count", slots)


def _plain_hex(text: str) -> str:
    """Return a part number written as "0x4D34…" in letters."""
    if re.fullmatch(r"0x(?:[0-9A-Fa-f]{2}){2,40}", text):
        return bytes.fromhex(text[2:]).decode("ascii", "replace").strip("\0 ")
    return text


def _power(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    count = 0
    found: dict[str, str] = {}
    for item in _walk(items):
        charge = _nested(item, "sppower_battery_charge_info", "Charge Information")
        health = _nested(item, "sppower_battery_health_info", "Health Information")
        model = _nested(item, "sppower_battery_model_info", "Model Information")
        if not (charge or health):
            charger = _text(item, "sppower_battery_charger_connected", "Connected")
            if charger and (
                "charger" in _text(item, "_name").casefold() or "AC Charger" in _text(item, "_name")
            ):
                sheet.add("power.adapter_online", _truth(charger))
                sheet.add("power.adapter_watts", _number(item, "sppower_ac_charger_watts", "Wattage (W)"))
            found.update({key: str(value) for key, value in item.items() if isinstance(value, str)})
            continue
        name = str(count)
        count += 1
        _mac_battery(sheet, name, item, charge, health, model)
    sheet.add("power.battery_count", count)
    low = _truth(found.get("LowPowerMode", "") or found.get("Low Power Mode", ""))
    if low:
        sheet.add("power.plan", "low power mode")


def _nested(item: Item, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = item.get(key)
        if isinstance(value, dict):
            return value
    return next((child for child in _dicts(item.get("_items")) if child.get("_name") in keys), {})


def _mac_battery(sheet: Sheet, name: str, item: Item, charge: Item, health: Item, model: Item) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"power.battery.{field}", value, subject=name)

    add("model", _text(model, "sppower_battery_device_name", "Device Name"))
    add("maker", _text(model, "sppower_battery_manufacturer", "Manufacturer"))
    add("serial", _text(model, "sppower_battery_serial_number", "Serial Number"))
    add("cycles", _number(health, "sppower_battery_cycle_count", "Cycle Count"))
    add("condition", _text(health, "sppower_battery_health", "Condition"))
    volts = _number(item, "sppower_current_voltage", "Voltage (mV)") or _number(
        charge, "sppower_current_voltage", "Voltage (mV)"
    )
    add("voltage_mv", volts or None)
    full = _number(charge, "sppower_battery_max_capacity", "Full Charge Capacity (mAh)")
    now = _number(charge, "sppower_battery_current_capacity", "Charge Remaining (mAh)")
    if full and volts:
        # Milliampere hours at today's voltage; good for one decimal of a share, not for a bill.
        capacities(sheet, name, None, full * volts // 1000, now * volts // 1000 if now is not None else None)
    share = re.match(
        r"(\d{1,3}) ?%", _text(health, "sppower_battery_health_maximum_capacity", "Maximum Capacity")
    )
    if share and 0 < int(share[1]) <= 100:
        add("health_percent", float(share[1]))
    percent = _number(charge, "sppower_battery_state_of_charge", "State of Charge (%)")
    add("charge_percent", percent if percent is not None and percent <= 100 else None)
    charging = _truth(_text(charge, "sppower_battery_is_charging", "Charging"))
    charged = _truth(_text(charge, "sppower_battery_fully_charged", "Fully Charged"))
    add(
        "state", "full" if charged else "charging" if charging else "discharging" if charging is False else ""
    )


def _disks(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    count = 0
    for item in _walk(items):
        size = _number(item, "size_in_bytes") or size_of(_text(item, "size", "Capacity"))
        model = _text(item, "device_model", "Model")
        if not model or not size:
            continue
        name = _text(item, "bsd_name", "BSD Name") or _text(item, "_name")
        count += 1

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"storage.disk.{field}", value, subject=name)

        add("model", model)
        add("size_bytes", size)
        add("serial", _text(item, "device_serial", "Serial Number"))
        add("firmware", _text(item, "device_revision", "Revision"))
        status = _text(item, "smart_status", "S.M.A.R.T. status", "S.M.A.R.T. Status")
        medium = _text(item, "spsata_medium_type", "Medium Type").casefold()
        nvme = "NVMe" in sheet.source
        virtual = re.search(r"vbox|vmware|virtual|qemu|parallels", model, re.IGNORECASE)
        kind = "ssd" if "solid" in medium else "hdd" if "rotational" in medium else ""
        add("kind", "virtual" if virtual else "nvme" if nvme else kind)
        add("status", "" if virtual else status)
        add("interface", "nvme" if nvme else "sata" if "SerialATA" in sheet.source else "ata")
        add("trims", _truth(_text(item, "spsata_trim_support", "spnvme_trim_support", "TRIM Support")))
        add("is_removable", _truth(_text(item, "removable_media", "Removable Media")))
        rpm = _number(item, "spsata_rotational_rate", "Rotational Rate")
        add("rotation_rpm", rpm)
        _volumes(sheet, [*_dicts(item.get("volumes")), *_text_volumes(item)])
    if count:
        sheet.add("storage.disk_count", count)


def _text_volumes(item: Item) -> list[dict[str, Any]]:
    inner = [child for child in _dicts(item.get("_items")) if child.get("_name") == "Volumes"]
    return [volume for child in inner for volume in _dicts(child.get("_items"))]


def _volumes(sheet: Sheet, volumes: list[dict[str, Any]]) -> None:
    for item in volumes:
        place = _text(item, "mount_point", "Mount Point")
        total = _number(item, "size_in_bytes") or size_of(_text(item, "size", "Capacity"))
        free = _number(item, "free_space_in_bytes") or size_of(_text(item, "free_space", "Available", "Free"))
        # The system's own helper volumes (Preboot, VM, Update) are one pool with the one a person sees.
        if not place or (place.startswith("/System/Volumes/") and place != "/System/Volumes/Data"):
            continue
        sheet.add("storage.volume.file_system", _text(item, "file_system", "File System"), subject=place)
        sheet.add("storage.volume.is_system", place in ("/", "/System/Volumes/Data"), subject=place)
        sheet.add("storage.volume.device", _text(item, "bsd_name", "BSD Name"), subject=place)
        sheet.add("storage.volume.label", _text(item, "_name"), subject=place)
        if total and free is not None and 0 <= free <= total:
            sheet.add("storage.volume.total_bytes", total, subject=place)
            sheet.add("storage.volume.free_bytes", free, subject=place)
            sheet.add("storage.volume.used_bytes", total - free, subject=place)


def _drive(item: Item) -> dict[str, Any]:
    """Return what a volume says of the drive below it, in JSON and XML or in the indented text."""
    drive = item.get("physical_drive")
    if isinstance(drive, dict):
        return drive
    return next((c for c in _dicts(item.get("_items")) if c.get("_name") == "Physical Drive"), {})


def _storage(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    found = [item for item in _walk(items) if _text(_drive(item), "protocol", "Protocol") != "Disk Image"]
    _volumes(sheet, found)
    for item in found:
        drive = _drive(item)
        status = _text(drive, "smart_status", "S.M.A.R.T. Status")
        if status:
            model = _text(drive, "device_name", "media_name", "Device Name", "Media Name")
            if model and any(r.id == "storage.disk.model" and r.value == model for r in sheet):
                continue  # its controller or another volume told already
            name = _text(item, "bsd_name", "BSD Name") or _text(item, "_name")
            sheet.add("storage.disk.status", status, subject=name)
            sheet.add("storage.disk.model", model, subject=name)
            medium = _text(drive, "medium_type", "Medium Type").casefold()
            protocol = _text(drive, "protocol", "Protocol").casefold()
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


#: SPUSBDataType e_device_speed → Mbit/s. Source: USB 3.2 Specification, names of speeds.
_SPEEDS: Final = {
    "low_speed": 1.5,
    "full_speed": 12,
    "high_speed": 480,
    "super_speed": 5000,
    "super_speed_plus": 10000,
}


def _usb(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    count = 0
    for item in _walk(items):
        product = re.match(r"0x([0-9a-fA-F]{4})", _text(item, "a_product_id", "product_id", "Product ID"))
        vendor = re.match(r"0x([0-9a-fA-F]{4})", _text(item, "b_vendor_id", "vendor_id", "Vendor ID"))
        if not product:
            continue
        count += 1
        port = _text(item, "g_location_id", "location_id", "Location ID").partition(" ")[0] or str(count)
        sheet.add("devices.usb.name", _text(item, "_name"), subject=port)
        sheet.add(
            "devices.usb.id", f"{vendor[1] if vendor else '05ac'}:{product[1]}".casefold(), subject=port
        )
        sheet.add(
            "devices.usb.serial", _text(item, "d_serial_num", "serial_num", "Serial Number"), subject=port
        )
        speed = _text(item, "e_device_speed", "device_speed", "Speed")
        given = re.match(r"Up to ([\d.]{1,6}) ([MG])b/s", speed)
        rate = float(given[1].rstrip(".")) * (1000 if given[2] == "G" else 1) if given else _SPEEDS.get(speed)
        sheet.add("devices.usb.speed_mbits", rate, subject=port)
    sheet.add("devices.usb_count", count)


def _displays(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    adapters = monitors = 0
    for item in items if not any("_items" in i and "sppci_model" not in i for i in items) else _walk(items):
        name = _text(item, "sppci_model", "Chipset Model")
        if not name:
            continue
        subject = str(adapters)
        adapters += 1
        sheet.add("display.graphics.name", name, subject=subject)
        memory = size_of(
            _text(
                item,
                *("spdisplays_vram", "_spdisplays_vram", "spdisplays_vram_shared"),
                *("VRAM (Total)", "VRAM (Dynamic, Max)"),
            ),
            binary=True,
        )
        sheet.add("display.graphics.memory_bytes", memory, subject=subject)
        inner = [c for c in _dicts(item.get("_items")) if c.get("_name") == "Displays"]
        for screen in [
            *_dicts(item.get("spdisplays_ndrvs")),
            *(s for c in inner for s in _dicts(c.get("_items"))),
        ]:
            if (
                _text(screen, "_name") in ("Display Connector", "")
                or "no display connected" in str(screen.get("Status", "")).casefold()
            ):
                continue
            connector = str(monitors)
            monitors += 1
            sheet.add("display.monitor.name", _text(screen, "_name"), subject=connector)
            sheet.add(
                "display.monitor.mode",
                _text(screen, "_spdisplays_pixels", "spdisplays_resolution", "Resolution").partition(" @")[0],
                subject=connector,
            )
            sheet.add(
                "display.monitor.serial",
                _text(screen, "_spdisplays_display-serial-number2", "Display Serial Number"),
                subject=connector,
            )
            sheet.add("display.monitor.year", _number(screen, "_spdisplays_display-year"), subject=connector)
    sheet.add("display.graphics_count", adapters)
    sheet.add("display.monitor_count", monitors)


def _printers(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    count = 0
    for item in _walk(items):
        state = _text(item, "status", "Status")
        name = _text(item, "_name")
        # A Mac without printers says so in a whole sentence.
        if not state or not name or (len(state.split()) > 4 and not _text(item, "uri", "URI", "ppd", "PPD")):
            continue
        count += 1
        known = {
            "idle": "idle",
            "processing": "printing",
            "printing": "printing",
            "stopped": "stopped",
            "paused": "paused",
            "offline": "offline",
        }
        sheet.add("devices.printer.state", known.get(state.casefold(), "idle"), subject=name)
        sheet.add("devices.printer.driver", _text(item, "ppd", "PPD"), subject=name)
        sheet.add(
            "devices.printer.address", re.sub(r"//[^/@]*@", "//", _text(item, "uri", "URI")), subject=name
        )
        is_default = _truth(_text(item, "default", "Default"))
        sheet.add("devices.printer.is_default", is_default, subject=name)
        if is_default:
            sheet.add("devices.default_printer", name)
    sheet.add("devices.printer_count", count)


def _applications(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    programs = []
    for item in _walk(items):
        path = _text(item, "path", "Location")
        name = _text(item, "_name")
        if not path or not name:
            continue
        origin = _text(item, "obtained_from", "Obtained from")
        system = path.startswith(("/System/", "/usr/", "/Library/")) or origin.casefold() == "apple"
        signers = item.get("signed_by")
        signer = (
            str(signers[0])
            if isinstance(signers, list) and signers
            else _text(item, "Signed by").partition(",")[0]
        )
        maker = re.match(r"Developer ID Application: (.+?)(?: \([A-Z0-9]{10}\))?$", signer)
        programs.append(
            {
                "name": name,
                "version": _text(item, "version", "Version"),
                "publisher": maker[1] if maker else "Apple" if system else "",
                "source": "applications_system" if system else "applications",
            }
        )
    if programs:
        sheet.extend(program_readings(programs, "system_profiler SPApplicationsDataType"))


def _audio(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    names = [
        _text(item, "_name")
        for item in _walk(items)
        if any(key.startswith(("coreaudio_", "Audio ID", "Output", "Default Output")) for key in item)
    ]
    # Before Mac OS X 10.6 a card lists its chips below "Devices".
    lists = [item for item in _walk(items) if item.get("_name") == "Devices"]
    names += [name for item in lists for chip in _dicts(item.get("_items")) if (name := _text(chip, "_name"))]
    for place, name in enumerate(names):
        sheet.add("devices.sound.name", name, subject=str(place))
    sheet.add("devices.sound_count", len(names))


def _cameras(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    names = [_text(item, "_name") for item in _walk(items) if _text(item, "spcamera_model-id", "Model ID")]
    for place, name in enumerate(names):
        sheet.add("devices.camera.name", name, subject=str(place))
    sheet.add("devices.camera_count", len(names))


def _bluetooth(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for item in items:
        # Before macOS 12 the adapter has other keys.
        inner = item.get("controller_properties") or item.get("local_device_title")
        found = inner if isinstance(inner, dict) else item
        state = _text(found, "controller_state", "general_power", "State", "Bluetooth Power")
        if state:
            sheet.add("devices.bluetooth_count", 1)
            sheet.add(
                "devices.bluetooth.state",
                "on" if _truth(state.removeprefix("attrib_")) else "off",
                subject="0",
            )


def _burners(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for place, item in enumerate(
        i for i in _walk(items) if _text(i, "device_interconnect", "interconnect", "Interconnect")
    ):
        sheet.add("devices.optical.name", _text(item, "_name"), subject=str(place))


def _network(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for item in _walk(items):
        name = _text(item, "interface", "BSD Device Name")
        if not name:
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        ethernet = _nested(item, "Ethernet")
        add("description", _text(item, "_name"))
        add("mac", _text(ethernet, "MAC Address").casefold())
        add("is_wireless", _text(item, "type", "Type", "hardware", "Hardware") in ("AirPort", "Wi-Fi"))
        v4, v6 = _nested(item, "IPv4"), _nested(item, "IPv6")
        add("ipv4", _joined(v4.get("Addresses")) or _text(item, "IPv4 Addresses"))
        add("ipv6", _joined(v6.get("Addresses")))
        add("gateway", _text(v4, "Router"))
        method = _text(v4, "ConfigMethod", "Configuration Method")
        add("dhcp", method == "DHCP" if method else None)
        add(
            "dns_servers",
            _joined(
                _nested(item, "DNS").get("ServerAddresses") or _nested(item, "DNS").get("Server Addresses")
            ),
        )


def _joined(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value[:20])
    return value.strip() if isinstance(value, str) else ""


def _airport(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    for item in items:
        for card in _dicts(item.get("spairport_airport_interfaces")):
            name = _text(card, "_name")
            if name.startswith(("awdl", "llw")):  # the wireless links of AirDrop
                continue
            network = card.get("spairport_current_network_information")
            status = _text(card, "spairport_status_information")
            sheet.add(
                "network.wifi.is_connected",
                status.endswith("connected") and "not" not in status if status else None,
                subject=name,
            )
            others = _dicts(card.get("spairport_airport_other_local_wireless_networks"))
            sheet.add("network.wifi.network_count", len(others), subject=name)
            country = _text(card, "spairport_wireless_country_code")
            sheet.add("network.wifi.country", country, subject=name)
            if isinstance(network, dict) and network:
                wifi_network(sheet, name, network)


def wifi_network(sheet: Sheet, name: str, network: Item) -> None:
    """Add the readings of the Wi-Fi network in use."""

    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    add("is_connected", True)
    add("ssid", _text(network, "_name"))
    add("bssid", _text(network, "spairport_network_bssid"))
    add("standard", _text(network, "spairport_network_phymode"))
    add("security", _text(network, "spairport_security_mode").removeprefix("spairport_security_mode_"))
    channel = re.match(
        r"(\d{1,3})(?: \(([\d.]{1,3})GHz, (\d{2,3})MHz\))?", _text(network, "spairport_network_channel")
    )
    if channel:
        add("channel", int(channel[1]))
        if channel[2]:
            add("band_ghz", float(channel[2]))
            add("width_mhz", int(channel[3]))
    rate = _number(network, "spairport_network_rate")
    add("rate_mbit", rate)
    levels = re.match(r"(-\d{1,3}) dBm / (-\d{1,3}) dBm", _text(network, "spairport_signal_noise"))
    if levels:
        add("signal_dbm", int(levels[1]))
        add("noise_dbm", int(levels[2]))


READERS: Final[Mapping[str, Callable[[Sheet, list[dict[str, Any]]], None]]] = {
    "SPHardwareDataType": _hardware,
    "SPSoftwareDataType": _software,
    "SPMemoryDataType": _memory,
    "SPPowerDataType": _power,
    "SPSerialATADataType": _disks,
    "SPParallelATADataType": _disks,
    "SPNVMeDataType": _disks,
    "SPStorageDataType": _storage,
    "SPUSBDataType": _usb,
    "SPUSBHostDataType": _usb,
    "SPDisplaysDataType": _displays,
    "SPPrintersDataType": _printers,
    "SPApplicationsDataType": _applications,
    "SPAudioDataType": _audio,
    "SPCameraDataType": _cameras,
    "SPBluetoothDataType": _bluetooth,
    "SPDiscBurningDataType": _burners,
    "SPNetworkDataType": _network,
    "SPAirPortDataType": _airport,
}
