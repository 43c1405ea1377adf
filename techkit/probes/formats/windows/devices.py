"""Graphics, sound, printers and their queues, monitors, keyboards, devices without a driver.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.windows.values import Read, Row, day, number, text, truth
from techkit.probes.sheet import Sheet


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


#: Switched off by hand, in the list of devices.
_SWITCHED_OFF: Final = 22

#: Codes of a USB device that was given up on; one without a driver is only a missing driver.
_GIVEN_UP: Final = (DRIVER_PROBLEMS[10], DRIVER_PROBLEMS[43])


def _entities(sheet: Sheet, rows: Sequence[Row]) -> None:
    problems = []
    for row in rows:
        code = number(row, "ConfigManagerErrorCode")
        device = text(row, "PNPDeviceID") or text(row, "DeviceID")
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
    given_up = [row for row in problems if row["problem"] in _GIVEN_UP]
    sheet.add("devices.usb_faults", [row for row in given_up if row["id"].upper().startswith("USB\\")])
    _cameras(sheet, rows)
    plugged = set()
    for row in rows:
        device = text(row, "PNPDeviceID") or text(row, "DeviceID")
        match = re.match(
            r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(?!&MI_)[^\\]*\\(.+)$", device, re.IGNORECASE
        )
        if match:
            subject = f"{match[1]}:{match[2]} {match[3]}".casefold()
            sheet.add("devices.usb.name", text(row, "Name") or text(row, "Caption"), subject=subject)
            sheet.add("devices.usb.id", f"{match[1]}:{match[2]}".casefold(), subject=subject)
            sheet.add("devices.usb.serial", usb_serial(match[3]), subject=subject)
            plugged.add(subject)
    # A device of several functions has an entity for each (&MI_00, …).
    sheet.add("devices.usb_count", len(plugged))


def _cameras(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Give the cameras. Before Windows 10 1809 they stand among the scanners (class Image), told apart by their driver."""
    if not any(text(row, "PNPClass") for row in rows):
        return  # a list without the class says nothing of cameras
    count = 0
    for row in rows:
        kind, device = text(row, "PNPClass").casefold(), text(row, "PNPDeviceID") or text(row, "DeviceID")
        is_webcam = kind == "image" and text(row, "Service").casefold() == "usbvideo"
        # SWC: a program that calls itself a part of a camera.
        if not (kind == "camera" or is_webcam) or device.upper().startswith("SWC\\"):
            continue
        count += 1
        code = number(row, "ConfigManagerErrorCode") or 0
        sheet.add("devices.camera.name", text(row, "Name") or text(row, "Caption"), subject=device)
        problem = "switched off" if code == _SWITCHED_OFF else DRIVER_PROBLEMS.get(code)
        sheet.add("devices.camera.problem", problem, subject=device)
    sheet.add("devices.camera_count", count)


def usb_serial(instance: str) -> str:
    """Return the serial number of a USB device; Windows makes up an instance with & for one that has none."""
    return "" if "&" in instance else instance


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


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "Win32_VideoController": _graphics,
    "Win32_PnPEntity": _entities,
    "Win32_SoundDevice": _sounds,
    "Win32_Printer": _printers,
    "Win32_PrintJob": _print_jobs,
    "Win32_DesktopMonitor": _monitors,
    "Win32_Keyboard": _inputs,
    "Win32_PointingDevice": _inputs,
    "Win32_SerialPort": _serial_ports,
}
