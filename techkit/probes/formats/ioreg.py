"""macOS' ioreg: a tree of nodes with properties. Source: ioreg(8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from techkit.probes.formats import edid
from techkit.probes.formats.macos.computer import kind_of
from techkit.probes.sheet import Sheet


@dataclass
class Node:
    """One node: its name, class and the properties printed for it, values as text."""

    name: str
    kind: str = ""
    properties: dict[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return a property's text without its quotes and brackets, "" for none."""
        value = self.properties.get(key, "")
        match = re.fullmatch(r'<?"(.*)">?', value)
        return match[1].strip() if match else ""

    def number(self, key: str) -> int | None:
        """Return a property's number, None for none."""
        value = self.properties.get(key, "")
        return int(value) if re.fullmatch(r"\d{1,19}", value) else None

    def data(self, key: str) -> bytes:
        """Return a property's bytes (<00ff…>), b"" for none."""
        value = self.properties.get(key, "")
        match = re.fullmatch(r"<((?:[0-9a-fA-F]{2}){1,4096})>", value)
        return bytes.fromhex(match[1]) if match else b""


def nodes(content: str) -> Iterator[Node]:
    """Yield the nodes of a listing in its order; properties before the first node have one of their own."""
    current = Node("")
    for row in content.splitlines():
        head = re.match(r"[\s|]*\+-o (\S.{0,200}?) {1,8}<class ([\w:]{1,80})", row)
        if head:
            yield current
            current = Node(head[1], head[2])
            continue
        entry = re.match(r'[\s|]*"([^"]{1,120})" = (.*)$', row)
        if entry:
            current.properties.setdefault(entry[1], entry[2].strip())
    yield current


def parse(content: str) -> Sheet:
    """Return the readings of a listing: platform, battery, USB devices, monitors."""
    sheet = Sheet("ioreg")
    usb = monitors = 0
    for node in nodes(content):
        if node.kind == "IOPlatformExpertDevice" or "IOPlatformSerialNumber" in node.properties:
            _platform(sheet, node)
        elif "DesignCapacity" in node.properties:
            _battery(sheet, node)
        elif (
            node.number("idVendor") is not None
            and node.number("idProduct") is not None
            # Each bus has a root that is no device.
            and "Root Hub" not in (node.text("USB Product Name") or node.name)
        ):
            usb += _usb(sheet, node, usb)
        monitors += _monitor(sheet, node, monitors)
    if usb:
        sheet.add("devices.usb_count", usb)
    if monitors:
        sheet.add("display.monitor_count", monitors)
    return sheet


def _platform(sheet: Sheet, node: Node) -> None:
    # Without -l there are only names; the platform's is the model on an Intel Mac, a code of the board on Apple silicon.
    named = node.name if re.fullmatch(r"[A-Z][A-Za-z]{2,20}\d{1,2},\d{1,2}", node.name) else ""
    model = node.text("model") or node.text("product-name") or named
    sheet.add("system.maker", node.text("manufacturer") or ("Apple" if model else ""))
    sheet.add("system.model", model)
    sheet.add("system.kind", kind_of(model))
    sheet.add("system.serial", node.text("IOPlatformSerialNumber"))
    sheet.add("system.uuid", node.text("IOPlatformUUID"))


def _battery(sheet: Sheet, node: Node) -> None:
    design = node.number("DesignCapacity")
    full = node.number("AppleRawMaxCapacity") or node.number("MaxCapacity")
    if design and full and full > 100 and full <= 1.5 * design:
        sheet.add("power.battery.health_percent", round(min(100.0, 100 * full / design), 1), subject="0")
    sheet.add("power.battery.cycles", node.number("CycleCount"), subject="0")
    sheet.add("power.battery.serial", node.text("Serial") or node.text("BatterySerialNumber"), subject="0")
    charge, most = node.number("CurrentCapacity"), node.number("MaxCapacity")
    if charge is not None and most and charge <= most:
        sheet.add("power.battery.charge_percent", round(100 * charge / most, 1), subject="0")
    said = {key: node.properties.get(key) for key in ("FullyCharged", "IsCharging", "ExternalConnected")}
    state = (
        "full"
        if said["FullyCharged"] == "Yes"
        else "charging"
        if said["IsCharging"] == "Yes"
        else {"No": "discharging", "Yes": "not charging"}.get(said["ExternalConnected"] or "", "")
    )
    sheet.add("power.battery.state", state, subject="0")
    volts = node.number("Voltage")
    sheet.add("power.battery.voltage_mv", volts or None, subject="0")
    sheet.add(
        "power.adapter_online", {"Yes": True, "No": False}.get(node.properties.get("ExternalConnected", ""))
    )


def _usb(sheet: Sheet, node: Node, place: int) -> int:
    location = node.number("locationID")
    port = f"0x{location:08x}" if location is not None else str(place)
    if sheet.value("devices.usb.id", port) is not None:
        return 0
    name = node.text("USB Product Name") or node.text("kUSBProductString") or node.name.partition("@")[0]
    sheet.add("devices.usb.name", name, subject=port)
    sheet.add("devices.usb.id", f"{node.number('idVendor'):04x}:{node.number('idProduct'):04x}", subject=port)
    sheet.add(
        "devices.usb.serial",
        node.text("USB Serial Number") or node.text("kUSBSerialNumberString"),
        subject=port,
    )
    code = node.number("Device Speed")
    speed = None if code is None else {0: 1.5, 1: 12.0, 2: 480.0, 3: 5000.0, 4: 10000.0}.get(code)
    sheet.add("devices.usb.speed_mbits", speed, subject=port)
    return 1


def _monitor(sheet: Sheet, node: Node, place: int) -> int:
    data = node.data("IODisplayEDID") or node.data("EDID")
    if data:
        found = edid.parse(data, str(place), source="ioreg IODisplayEDID")
        if len(found):
            sheet.extend(found)
            return 1
    # Apple silicon writes the product's attributes instead of the EDID.
    attributes = node.properties.get("DisplayAttributes", "")
    name = re.search(r'"ProductName"="([^"]{1,80})"', attributes)
    if name:
        sheet.add("display.monitor.name", name[1], subject=str(place))
        serial = re.search(r'"AlphanumericSerialNumber"="([^"]{1,80})"', attributes)
        sheet.add("display.monitor.serial", serial[1] if serial else "", subject=str(place))
        year = re.search(r'"YearOfManufacture"=(\d{4})', attributes)
        sheet.add("display.monitor.year", int(year[1]) if year else None, subject=str(place))
        return 1
    return 0
