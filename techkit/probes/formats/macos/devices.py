"""What is built in or plugged in: USB, graphics and monitors, printers, sound, cameras, Bluetooth."""

from __future__ import annotations

import re
from typing import Any, Final

from techkit.probes.formats.macos.values import dicts, nested, number, size_of, text, truth, walk
from techkit.probes.sheet import Sheet

#: SPUSBDataType e_device_speed → Mbit/s. Source: USB 3.2 Specification, names of speeds.
_SPEEDS: Final = {
    "low_speed": 1.5,
    "full_speed": 12,
    "high_speed": 480,
    "super_speed": 5000,
    "super_speed_plus": 10000,
}

#: What a port gives, mA.
_GIVES: Final = ("h_bus_power", "bus_power", "Current Available (mA)")


def usb(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Give the devices; macOS 26 lists them under SPUSBHostDataType, with other keys, and may leave the old list empty."""
    known = sheet.value("devices.usb_count")
    count = known if isinstance(known, int) else 0
    told = sheet.value("devices.usb_faults")
    faults = list(told) if isinstance(told, list) else []
    is_told = False
    for item in walk(items):
        product, vendor = (
            re.match(r"0x([0-9a-fA-F]{1,4})\b", text(item, f"{letter}_{name}_id", f"{name}_id", key, title))
            for letter, name, key, title in (
                ("a", "product", "USBDeviceKeyProductID", "Product ID"),
                ("b", "vendor", "USBDeviceKeyVendorID", "Vendor ID"),
            )
        )
        if not product:
            continue
        count += 1
        port = text(item, "g_location_id", "location_id", "USBKeyLocationID", "Location ID")
        port = port.partition(" ")[0] or str(count)
        sheet.add("devices.usb.name", text(item, "_name"), subject=port)
        maker = vendor[1] if vendor else "05ac"
        sheet.add("devices.usb.id", f"{maker:0>4}:{product[1]:0>4}".casefold(), subject=port)
        serial = text(item, "d_serial_num", "serial_num", "USBDeviceKeySerialNumber", "Serial Number")
        sheet.add("devices.usb.serial", "" if serial == "Not Provided" else serial, subject=port)
        speed = text(item, "e_device_speed", "device_speed", "USBDeviceKeyLinkSpeed", "Speed", "Link Speed")
        given = re.match(r"(?:Up to )?([\d.]{1,6}) ([MG])b/s", speed)
        rate = float(given[1].rstrip(".")) * (1000 if given[2] == "G" else 1) if given else _SPEEDS.get(speed)
        sheet.add("devices.usb.speed_mbits", rate, subject=port)
        is_told = is_told or number(item, *_GIVES) is not None
        if problem := _problem(item, rate):
            faults.append({"name": text(item, "_name") or port, "id": port, "problem": problem})
    sheet.add("devices.usb_count", count)
    # Where no device tells what its port gives, nothing is known of trouble.
    if faults or is_told or (items and not count):
        sheet.add("devices.usb_faults", faults)


def _problem(item: dict[str, Any], rate: float | None) -> str:
    """Return what is wrong with a USB device, "" for nothing.

    Source: Apple, IOUSBHostFamily, kUSBHostPropertyFailedRequestedPower: a device that needs more than its port gives is
    left without a configuration and does nothing.
    """
    gives = number(item, *_GIVES)
    needs = number(item, "j_bus_power_used", "bus_power_used", "Current Required (mA)")
    if gives and needs and needs > gives:
        return "not enough current"
    # USB 2.0, 2000: a disk or stick of this century runs at 480 Mbit/s at least.
    is_disk = bool(dicts(item.get("Media")) or dicts(item.get("volumes")) or item.get("removable_media"))
    return "too slow" if is_disk and rate is not None and rate <= _SPEEDS["full_speed"] else ""


def displays(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add graphics and the monitors on them."""
    adapters = monitors = 0
    for item in items if not any("_items" in i and "sppci_model" not in i for i in items) else walk(items):
        name = text(item, "sppci_model", "Chipset Model")
        if not name:
            continue
        subject = str(adapters)
        adapters += 1
        sheet.add("display.graphics.name", name, subject=subject)
        memory = size_of(
            text(
                item,
                *("spdisplays_vram", "_spdisplays_vram", "spdisplays_vram_shared"),
                *("VRAM (Total)", "VRAM (Dynamic, Max)"),
            ),
            binary=True,
        )
        sheet.add("display.graphics.memory_bytes", memory, subject=subject)
        inner = [c for c in dicts(item.get("_items")) if c.get("_name") == "Displays"]
        for screen in [
            *dicts(item.get("spdisplays_ndrvs")),
            *(s for c in inner for s in dicts(c.get("_items"))),
        ]:
            if (
                text(screen, "_name") in ("Display Connector", "")
                or "no display connected" in str(screen.get("Status", "")).casefold()
            ):
                continue
            connector = str(monitors)
            monitors += 1
            sheet.add("display.monitor.name", text(screen, "_name"), subject=connector)
            # "3024 x 1964", "2560 x 1664 Retina", "1920 x 1200 @ 60 Hz"
            mode = re.match(
                r"(\d{3,5}) ?[x×] ?(\d{3,5})",
                text(screen, "_spdisplays_pixels", "spdisplays_resolution", "Resolution"),
            )
            sheet.add("display.monitor.mode", f"{mode[1]} × {mode[2]}" if mode else None, subject=connector)
            sheet.add(
                "display.monitor.serial",
                text(screen, "_spdisplays_display-serial-number2", "Display Serial Number"),
                subject=connector,
            )
            sheet.add("display.monitor.year", number(screen, "_spdisplays_display-year"), subject=connector)
    sheet.add("display.graphics_count", adapters)
    sheet.add("display.monitor_count", monitors)


def printers(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add printers, their state and which is the default."""
    count = 0
    for item in walk(items):
        state = text(item, "status", "Status")
        name = text(item, "_name")
        # A Mac without printers says so in a whole sentence.
        if not state or not name or (len(state.split()) > 4 and not text(item, "uri", "URI", "ppd", "PPD")):
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
        sheet.add("devices.printer.driver", text(item, "ppd", "PPD"), subject=name)
        sheet.add(
            "devices.printer.address", re.sub(r"//[^/@]*@", "//", text(item, "uri", "URI")), subject=name
        )
        is_default = truth(text(item, "default", "Default"))
        sheet.add("devices.printer.is_default", is_default, subject=name)
        if is_default:
            sheet.add("devices.default_printer", name)
    sheet.add("devices.printer_count", count)


def audio(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add sound devices."""
    # As text the devices stand below "Devices"; before Mac OS X 10.6 the chips of a card.
    lists = [item for item in walk(items) if item.get("_name") == "Devices"]
    names = [name for item in lists for chip in dicts(item.get("_items")) if (name := text(chip, "_name"))]
    names = names or [
        text(item, "_name")
        for item in walk(items)
        if any(key.startswith(("coreaudio_", "Audio ID", "Output", "Default Output")) for key in item)
    ]
    for place, name in enumerate(names):
        sheet.add("devices.sound.name", name, subject=str(place))
    sheet.add("devices.sound_count", len(names))


def cameras(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add cameras."""
    names = [text(item, "_name") for item in walk(items) if text(item, "spcamera_model-id", "Model ID")]
    for place, name in enumerate(names):
        sheet.add("devices.camera.name", name, subject=str(place))
    sheet.add("devices.camera_count", len(names))


#: Where the adapter stands: JSON of macOS 12 and before it, the text of both and of Mac OS X.
_CONTROLLERS: Final = (
    "controller_properties",
    "local_device_title",
    "Bluetooth Controller",
    "Hardware, Features, and Settings",
    "Hardware Settings",
)


def bluetooth(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add whether there is Bluetooth, and whether it is on."""
    for item in items:
        # Before macOS 12 the adapter has other keys.
        found = nested(item, *_CONTROLLERS) or item
        state = text(found, "controller_state", "general_power", "State", "Bluetooth Power")
        if state:
            sheet.add("devices.bluetooth_count", 1)
            sheet.add(
                "devices.bluetooth.state",
                "on" if truth(state.removeprefix("attrib_")) else "off",
                subject="0",
            )
