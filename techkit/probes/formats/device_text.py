"""lspci and lsusb. Source: lspci(8) of pciutils, lsusb(8) of usbutils."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from techkit.probes.sheet import Sheet

#: First byte of a PCI class → kind. Source: PCI Code and ID Assignment Specification 1.15.
CLASSES: Final = {
    "00": "other", "01": "storage", "02": "network", "03": "display", "04": "multimedia", "05": "memory",
    "06": "bridge", "07": "communication", "08": "system", "09": "input", "0c": "serial bus", "0d": "wireless",
    "10": "encryption", "12": "accelerator",
}  # fmt: skip
#: Kinds that do nothing for anybody without a driver.
NEED_A_DRIVER: Final = frozenset({"storage", "network", "display", "multimedia", "wireless"})
#: Words of the class where the numbers are not printed.
_WORDS: Final = (
    ("VGA", "display"),
    ("3D", "display"),
    ("Display", "display"),
    ("Ethernet", "network"),
    ("Network", "network"),
    ("Audio", "multimedia"),
    ("Multimedia", "multimedia"),
    ("SATA", "storage"),
    ("IDE", "storage"),
    ("Non-Volatile", "storage"),
    ("RAID", "storage"),
    ("SCSI", "storage"),
    ("bridge", "bridge"),
    ("USB", "serial bus"),
    ("Communication", "communication"),
)

#: Longest row of lsusb that is read; names of makers and devices take at most 126 signs each (USB 2.0, 9.6.7).
ROW_LIMIT: Final = 600

_SLOT: Final = re.compile(
    r"^((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (.+?)(?: \[([0-9a-f]{4})\])?: (.*)$"
)


def is_second_head(slot: str, kinds: Mapping[str, str]) -> bool:
    """Return whether a PCI function is the second head of the graphics adapter in function 0: that one drives both."""
    first = f"{slot[:-1]}0"
    return slot != first and kinds.get(slot) == kinds.get(first) == "display"


def parse_lspci(content: str) -> Sheet:
    """Return the readings of lspci with -v, -k, -nn, -vmm or without."""
    sheet = Sheet("lspci")
    if re.search(r"^(?:Slot|Device):\s{1,16}[0-9a-f]", content, re.MULTILINE):
        content = _from_records(content)
    slot = kind = name = identity = ""
    count = graphics = 0
    drivers: dict[str, str] = {}
    kinds: dict[str, str] = {}
    needing: dict[str, tuple[str, str]] = {}
    for row in content.splitlines():
        head = _SLOT.match(row)
        if head:
            slot, words, code, rest = head.groups()
            # Without names (`lspci -n`) both are numbers only: "0300: 8086:3e92 (rev 02)".
            bare = re.fullmatch(r"(?:Class )?([0-9a-f]{4})", words)
            code = code or (bare[1] if bare else None)
            ids = re.search(
                r"\[([0-9a-f]{4}:[0-9a-f]{4})\]" if not bare else r"^([0-9a-f]{4}:[0-9a-f]{4})\b", rest
            )
            identity = ids[1] if ids else ""
            name = re.sub(r" \[[0-9a-f]{4}:[0-9a-f]{4}\].*$", "", rest)
            name = "" if bare and ids else re.sub(r" \((?:rev|prog-if) .*$", "", name)
            kind = (
                CLASSES.get(code[:2], "other")
                if code
                else next((k for w, k in _WORDS if w in words), "other")
            )
            count += 1
            kinds[slot] = kind
            sheet.add("devices.pci.name", name, subject=slot)
            sheet.add("devices.pci.id", identity, subject=slot)
            sheet.add("devices.pci.class", kind, subject=slot)
            if is_second_head(slot, kinds):
                continue
            if kind == "display":
                graphics += 1
                sheet.add("display.graphics.name", name, subject=slot)
            if kind in NEED_A_DRIVER:
                needing[slot] = (name, identity)
            continue
        driver = re.match(r"\s+Kernel driver in use: (\S{1,60})", row)
        if driver and slot:
            drivers[slot] = driver[1]
            sheet.add("devices.pci.driver", driver[1], subject=slot)
            if kind == "display" and not is_second_head(slot, kinds):
                sheet.add("display.graphics.driver", driver[1], subject=slot)
    if count:
        sheet.add("devices.pci_count", count)
        sheet.add("display.graphics_count", graphics)
    if drivers:  # without -k nothing is known of drivers
        missing = [
            {"name": n, "id": i, "problem": "no driver"} for s, (n, i) in needing.items() if s not in drivers
        ]
        sheet.add("devices.missing_drivers", missing)
        sheet.add("devices.problem_count", len(missing))
    return sheet


def _from_records(content: str) -> str:
    """Return the rows `lspci -nnk` would print, of the records of `lspci -vmmnnk`."""
    rows: list[str] = []
    for block in re.split(r"\n\s*\n", content):
        fields: dict[str, str] = {}
        for key, value in re.findall(r"^(\w+):[\t ]{1,16}(.*)$", block, re.MULTILINE):
            # Without the second m the place is called a device, too.
            fields.setdefault("Slot" if key == "Device" and "Slot" not in fields else key, value.strip())
        texts, numbers = {}, {}
        for key in ("Class", "Vendor", "Device"):
            found = re.fullmatch(r"(?:(.*) \[(?=.{5}$)|(?=.{4}$))([0-9a-f]{4})\]?", fields.get(key, ""))
            texts[key] = (found[1] or "") if found else fields.get(key, "")
            numbers[key] = found[2] if found else ""
        if not re.match(r"(?:[0-9a-f]{4}:)?[0-9a-f]{2}:", fields.get("Slot", "")):
            continue
        code = f" [{numbers['Class']}]" if numbers["Class"] else ""
        ids = f" [{numbers['Vendor']}:{numbers['Device']}]" if numbers["Vendor"] and numbers["Device"] else ""
        rows.append(
            f"{fields['Slot']} {texts['Class'] or 'Device'}{code}: {texts['Vendor']} {texts['Device']}{ids}"
        )
        if "Driver" in fields:
            rows.append(f"\tKernel driver in use: {fields['Driver']}")
    return "\n".join(rows)


def _negotiated(row: str) -> float | None:
    """Return the Mbit/s of a row such as "Negotiated speed: High Speed (480Mbps)", None for any other. Source: lsusb 014."""
    speed = re.match(r"Negotiated speed: .{1,40} \((\d{1,5}(?:\.\d)?)([MG])bps\)", row)
    return float(speed[1]) * (1000 if speed[2] == "G" else 1) if speed else None


def parse_lsusb(content: str) -> Sheet:
    """Return the readings of lsusb, `lsusb -v`, `lsusb -t` and `lsusb -tv`; a device is named by its bus and its number there."""
    sheet = Sheet("lsusb")
    port = bus = ""
    seen: set[str] = set()
    names: dict[str, dict[str, str]] = {}
    for whole_row in content.splitlines():
        row = whole_row[:ROW_LIMIT]
        head = re.match(r"Bus (\d{3}) Device (\d{3}): ID ([0-9a-fA-F]{4}:[0-9a-fA-F]{4}) ?(.*)$", row)
        branch = re.match(
            r"[\s|/]+(?:\|__|:) +(?:Bus (\d{2,3})\.)?Port \d{1,3}: Dev (\d{1,3}),.*Class=([^,]+), Driver=([^,]*), (\d{1,6}(?:\.\d)?)M",
            row,
        )
        if head:
            port = f"{int(head[1])}-{int(head[2])}"
            # 1d6b is the Linux kernel itself: the root of each bus.
            if not head[3].casefold().startswith("1d6b:"):
                seen.add(port)
                sheet.add("devices.usb.id", head[3].casefold(), subject=port)
                sheet.add("devices.usb.name", head[4], subject=port)
        elif branch:
            bus = str(int(branch[1])) if branch[1] else bus
            port = f"{bus}-{int(branch[2])}" if branch[3] != "root_hub" else ""
            if port:
                seen.add(port)
                sheet.add("devices.usb.speed_mbits", float(branch[5]), subject=port)
        elif port in seen:
            known = re.match(r"[\s|]+ID ([0-9a-fA-F]{4}:[0-9a-fA-F]{4}) ?(.*)$", row)
            if known:
                sheet.add("devices.usb.id", known[1].casefold(), subject=port)
                sheet.add("devices.usb.name", known[2], subject=port)
            sheet.add("devices.usb.speed_mbits", _negotiated(row), subject=port)
            text = re.match(r"\s+(iManufacturer|iProduct|iSerial)\s+\d{1,3} (\S.*)$", row)
            if text:
                names.setdefault(port, {}).setdefault(text[1], text[2].strip())
    for place, fields in names.items():
        shown = " ".join(filter(None, (fields.get("iManufacturer"), fields.get("iProduct"))))
        if sheet.value("devices.usb.name", place) is None:
            sheet.add("devices.usb.name", shown, subject=place)
        sheet.add("devices.usb.serial", fields.get("iSerial"), subject=place)
    if seen or content.startswith("Bus "):
        sheet.add("devices.usb_count", len(seen))
    return sheet
