"""USB ports and devices the system gave up on."""

from __future__ import annotations

import json
import plistlib

import pytest

from techkit.errors import ProbeError
from techkit.probes import access_macos, usb_faults
from techkit.probes.formats import system_profiler, windows_classes
from techkit.probes.probe import Platform, RecordedAccess
from techkit.records.findings import Reason


def test_a_log_tells_what_the_kernel_gave_up_on():
    """Each port once per kind; what was tried once more and then worked is no fault, nor is a change of the current."""
    log = (
        "3,1,1,-;usb 1-3: device descriptor read/64, error -71\n"
        "6,2,2,-;usb 1-3: new full-speed USB device number 7 using xhci_hcd\n"
        "3,3,3,-;usb usb2-port4: unable to enumerate USB device\n"
        "3,4,4,-;usb usb2-port4: unable to enumerate USB device\n"
        "3,5,5,-;usb 1-1-port2: over-current condition\n"
        "3,6,6,-;hub 3-0:1.0: over-current condition on port 1\n"
        "6,7,7,-;usb usb1-port1: over-current change #3\n"
        "3,8,8,-;usb usb4-port1: Cannot enable. Maybe the USB cable is bad?\n"
        "6,8,9,-;usb 1-7: Product: usb 1-6: over-current condition\n"
        "4,9,9,-;usb 1-4.2: rejected 1 configuration due to insufficient available bus power\n"
        "6,10,10,-;usb 1-5: not running at top speed; connect to a high speed hub\n"
    )
    assert [(row["id"], row["problem"]) for row in usb_faults.parse_kernel_log(log)] == [
        ("2-port4", "does not answer"),
        ("1-1-port2", "too much current"),
        ("3-0", "too much current"),
        ("4-port1", "cable or plug is bad"),
        ("1-4.2", "not enough current"),
        ("1-5", "too slow"),
    ]


def test_a_log_copied_from_the_terminal_tells_the_same():
    """With the seconds since the start before each line, or without them."""
    rows = (
        "[   12.345678] usb 1-1-port2: over-current condition",
        "usb 1-3: not running at top speed; connect",
    )
    assert [row["id"] for row in usb_faults.parse_kernel_log("\n".join(rows))] == ["1-1-port2", "1-3"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_slow_device_that_was_unplugged_is_no_trouble(tmp_path, monkeypatch, is_there):
    """The log keeps it until the next start; a port that was shut off stays so."""
    log = "usb 1-5: not running at top speed\nusb 1-1-port2: over-current condition\n"
    monkeypatch.setattr(usb_faults, "kernel_log", lambda _access: log)
    if is_there:
        (tmp_path / "sys/bus/usb/devices/1-5").mkdir(parents=True)
    [reading] = usb_faults.read_faults(RecordedAccess(tmp_path))
    assert [row["id"] for row in reading.value] == (["1-5"] if is_there else []) + ["1-1-port2"]


def test_windows_tells_the_usb_devices_it_stopped():
    """By the problem code; a card inside without a driver is no USB device."""
    told = [
        {"PNPDeviceID": "USB\\VID_0000&PID_0002\\5&1&0&3", "Name": "Unknown", "ConfigManagerErrorCode": 43, "CreationClassName": "Win32_PnPEntity"},
        {"PNPDeviceID": "PCI\\VEN_8086&DEV_0001\\3&1", "Name": "Card", "ConfigManagerErrorCode": 28, "CreationClassName": "Win32_PnPEntity"},
        {"PNPDeviceID": "USB\\VID_0bda&PID_5530\\1", "Name": "Camera", "ConfigManagerErrorCode": 28, "CreationClassName": "Win32_PnPEntity"},
        {"PNPDeviceID": "USB\\VID_0951&PID_1666\\AA", "Name": "Stick", "ConfigManagerErrorCode": 0, "CreationClassName": "Win32_PnPEntity"},
    ]  # fmt: skip
    found = windows_classes.readings(told).value("devices.usb_faults")
    assert [row["name"] for row in found] == ["Unknown"]


def device(name: str, port: str, **values: object) -> dict[str, object]:
    """Return a device as SPUSBDataType lists it."""
    return {"_name": name, "product_id": "0x1666", "location_id": port, **values}


def test_a_mac_tells_what_gets_too_little_and_what_runs_too_slow():
    """Beyond the port's current a device is left alone; a stick at the speed of 1998 is in a worn socket or an old hub."""
    hub = device("Hub", "0x1", bus_power="500", bus_power_used="500", device_speed="high_speed")
    hub["_items"] = [
        device("Disk", "0x11", bus_power="100", bus_power_used="500", device_speed="high_speed"),
        device("Stick", "0x12", device_speed="full_speed", Media=[{"_name": "Stick", "bsd_name": "disk4"}]),
        device("Keyboard", "0x13", bus_power="100", bus_power_used="100", device_speed="low_speed"),
        device("Phone", "0x14", bus_power="0", bus_power_used="500"),
    ]
    answer = {"SPUSBDataType": [{"_name": "USB20Bus", "_items": [hub]}], "SPUSBHostDataType": []}
    found = system_profiler.parse(json.dumps(answer)).value("devices.usb_faults")
    assert [(row["name"], row["problem"]) for row in found] == [
        ("Disk", "not enough current"),
        ("Stick", "too slow"),
    ]


def test_the_text_of_a_mac_tells_the_same():
    """Its labels are the English ones."""
    text = (
        "USB:\n\n    USB 2.0 Bus:\n\n        Disk:\n\n          Product ID: 0x1666\n"
        "          Location ID: 0x14100000 / 3\n          Speed: Up to 480 Mb/s\n"
        "          Current Available (mA): 100\n          Current Required (mA): 500\n"
    )
    assert [row["id"] for row in system_profiler.parse(text).value("devices.usb_faults")] == ["0x14100000"]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ([{"PortDescription": "Port-USB-C@1", "Overcurrent Count": 0, "LDCM_LiquidDetected": False}], []),
        (
            [
                {"PortDescription": "Port-USB-C@1", "Overcurrent Count": 2},
                {"PortDescription": "Port-USB-C@2", "Overcurrent Count": 0, "LDCM_LiquidDetected": True},
            ],
            [("Port-USB-C@1", "too much current"), ("Port-USB-C@2", "liquid")],
        ),
    ],
)
def test_the_ports_of_a_mac_count_what_they_shut_off(tmp_path, ports, expected):
    """Apple silicon keeps the count since the start; a Mac of macOS 26 tells of its devices no current any more."""
    answer = {"SPUSBHostDataType": [{"_name": "Bus", "_items": [{"_name": "Stick", "USBDeviceKeyProductID": "0x1", "USBDeviceKeyPowerAllocation": "2.5 W (500 mA)"}]}]}  # fmt: skip
    outputs = {
        " ".join(access_macos.HARDWARE.argv): json.dumps(answer).encode(),
        " ".join(access_macos.USB_PORTS.argv): plistlib.dumps(ports),
    }
    access = RecordedAccess(tmp_path, platform=Platform.MACOS, outputs=outputs)
    [reading] = usb_faults.read_faults(access)
    assert [(row["name"], row["problem"]) for row in reading.value] == expected


def test_a_mac_that_tells_nothing_of_its_ports_is_not_called_good():
    """An Intel Mac with macOS 26: neither the current of a device nor a port that counts."""
    answer = {"SPUSBHostDataType": [{"_name": "Stick", "USBDeviceKeyProductID": "0x1"}]}
    assert system_profiler.parse(json.dumps(answer)).value("devices.usb_faults") is None


def test_a_log_nobody_may_read_is_no_sound_computer(tmp_path):
    """Without rights nothing is said of the ports."""
    with pytest.raises(ProbeError) as error:
        usb_faults.read_faults(RecordedAccess(tmp_path))
    assert error.value.reason is Reason.NOT_PERMITTED
