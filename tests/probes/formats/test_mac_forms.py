"""What Macs print otherwise than those before them."""

from __future__ import annotations

import json

import pytest

from techkit.diagnostics import reading_files
from techkit.probes.formats import ip_text, system_profiler
from techkit.records.findings import Verdict


def test_the_small_packets_of_apples_own_tunnels_are_no_fault():
    """Every Mac has a tunnel of 1,000 bytes; a network card with as few is another matter."""
    rows = (
        "{name}: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1000\n\tinet6 fe80::1%{name} prefixlen 64\n"
    )
    for name, said in (("utun3", []), ("en0", [Verdict.WATCH])):
        found = reading_files.judge("ifconfig", ip_text.parse_ifconfig(rows.format(name=name)))
        assert [f.verdict for f in found.findings if f.check == "packet_size"] == said


@pytest.mark.parametrize("turned", [False, True], ids=["old list first", "new list first"])
def test_the_usb_devices_of_macos_26_stand_in_a_list_of_another_name(turned):
    """The old list is there and empty; buses are no devices, and "Not Provided" is no serial number."""
    lists = {
        "SPUSBDataType": [],
        "SPUSBHostDataType": [
            {
                "_name": "USB 3.1 Bus",
                "Driver": "AppleT8112USBXHCI",
                "USBKeyLocationID": "0x02000000",
                "_items": [
                    {
                        "_name": "Sample Stick",
                        "USBDeviceKeyVendorID": "0x951",
                        "USBDeviceKeyProductID": "0x1666",
                        "USBDeviceKeySerialNumber": "Not Provided",
                        "USBDeviceKeyLinkSpeed": "5 Gb/s",
                        "USBKeyLocationID": "0x02100000",
                    }
                ],
            }
        ],
    }
    content = json.dumps(dict(sorted(lists.items(), reverse=turned)))
    found = {(r.id, r.subject): r.value for r in system_profiler.parse(content.encode())}
    assert found == {
        ("devices.usb_count", ""): 1,
        ("devices.usb.name", "0x02100000"): "Sample Stick",
        ("devices.usb.id", "0x02100000"): "0951:1666",
        ("devices.usb.speed_mbits", "0x02100000"): 5000,
    }


@pytest.mark.parametrize(
    ("channel", "mode", "expected"),
    [
        ("6 (2GHz, 20MHz)", "wpa2_personal", (2.4, "WPA2 Personal")),
        ("149 (5GHz, 80MHz)", "wpa2_enterprise", (5.0, "WPA2 Enterprise")),
        ("37 (6GHz, 160MHz)", "wpa3_transition", (6.0, "WPA3 Transition")),
        ("1 (2GHz, 20MHz)", "none", (2.4, "open")),
    ],
)
def test_a_mac_names_band_and_protection_as_the_others_do(channel, mode, expected):
    """It writes 2GHz for the band of 2.4 GHz, and small words for the protection."""
    network = {
        "_name": "Harbour Guest",
        "spairport_network_channel": channel,
        "spairport_security_mode": f"spairport_security_mode_{mode}",
    }
    card = {"_name": "en0", "spairport_current_network_information": network}
    tree = {"SPAirPortDataType": [{"spairport_airport_interfaces": [card]}]}
    sheet = system_profiler.parse(json.dumps(tree).encode())
    told = tuple(sheet.value(f"network.wifi.{name}", "en0") for name in ("band_ghz", "security"))
    assert told == expected
