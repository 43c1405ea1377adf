"""USB ports and devices the system gave up on."""

from __future__ import annotations

import pytest

from techkit.errors import ProbeError
from techkit.probes import usb_faults
from techkit.probes.formats import windows_classes
from techkit.probes.probe import RecordedAccess
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
    )
    assert [(row["id"], row["problem"]) for row in usb_faults.parse_kernel_log(log)] == [
        ("2-port4", "does not answer"),
        ("1-1-port2", "too much current"),
        ("3-0", "too much current"),
        ("4-port1", "cable or plug is bad"),
    ]


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


def test_a_log_nobody_may_read_is_no_sound_computer(tmp_path):
    """Without rights nothing is said of the ports."""
    with pytest.raises(ProbeError) as error:
        usb_faults.read_faults(RecordedAccess(tmp_path))
    assert error.value.reason is Reason.NOT_PERMITTED
