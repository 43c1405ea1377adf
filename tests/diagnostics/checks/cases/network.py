"""Readings of the network checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, WATCH, Cases

CASES: Cases = {
    "network_throughput": [
        (
            OK,
            {
                "active.throughput.down_bytes_per_s": 1_875_000,
                "active.throughput.up_bytes_per_s": 625_000,
                "active.throughput.against": "office.example",
                "active.throughput.delay_ms": 12.0,
            },
        ),
        (WATCH, {"active.throughput.down_bytes_per_s": 1_800_000}),
        (
            WATCH,
            {"active.throughput.down_bytes_per_s": 9_000_000, "active.throughput.up_bytes_per_s": 600_000},
        ),
    ],
    "packet_size": [
        (OK, {"network.interface.mtu@eth0": 1500, "network.interface.is_up@eth0": True}),
        (OK, {"network.interface.mtu@eth0": 1280, "network.interface.is_up@eth0": True}),
        (WATCH, {"network.interface.mtu@eth0": 1279, "network.interface.is_up@eth0": True}),
        (WATCH, {"network.interface.mtu@eth0": 73, "network.interface.is_up@eth0": True}),
        (NA, {"network.interface.mtu@can0": 72, "network.interface.is_up@can0": True}),
    ],
    "proxy_answers": [
        (OK, {"network.proxy.is_set": False}),
        (
            ACT,
            {
                "network.proxy.is_set": True,
                "network.proxy.answers@KDE": False,
                "network.proxy.addresses@KDE": ["gate.example:3128"],
            },
        ),
    ],
    "proxy_left_behind": [
        (OK, {"network.proxy.is_set": False}),
        (
            ACT,
            {
                "network.proxy.is_set": True,
                "network.proxy.listens@GNOME": False,
                "network.proxy.addresses@GNOME": ["127.0.0.1:8118"],
            },
        ),
    ],
    "proxy_script": [
        (OK, {"network.proxy.script_works@KDE": True, "network.proxy.script@KDE": "http://gate.example/p"}),
        (
            WATCH,
            {"network.proxy.script_works@KDE": False, "network.proxy.script@KDE": "http://gate.example/p"},
        ),
    ],
    "vpn": [
        (OK, {"network.vpn.count": 1, "network.vpn.is_connected@Office": False}),
        (
            WATCH,
            {
                "network.vpn.count": 1,
                "network.vpn.is_connected@Office": True,
                "network.vpn.takes_all@Office": True,
            },
        ),
    ],
    "wifi_channel": [
        (OK, {"network.wifi.channel@wlan0": 6, "network.wifi.band_ghz@wlan0": 2.4}),
        (
            OK,
            {
                "network.wifi.channel@wlan0": 44,
                "network.wifi.band_ghz@wlan0": 5.0,
                "network.wifi.width_mhz@wlan0": 80,
            },
        ),
        (WATCH, {"network.wifi.channel@wlan0": 3, "network.wifi.band_ghz@wlan0": 2.4}),
        (
            WATCH,
            {
                "network.wifi.channel@wlan0": 1,
                "network.wifi.band_ghz@wlan0": 2.4,
                "network.wifi.width_mhz@wlan0": 40,
            },
        ),
        (
            NA,
            {
                "network.wifi.channel@wlan0": 3,
                "network.wifi.band_ghz@wlan0": 2.4,
                "network.wifi.is_connected@wlan0": False,
            },
        ),
    ],
    "wifi_signal": [
        (OK, {"network.wifi.signal_dbm@wlan0": -70, "network.wifi.is_connected@wlan0": True}),
        (WATCH, {"network.wifi.signal_dbm@wlan0": -71, "network.wifi.channel@wlan0": 6}),
        (OK, {"network.wifi.signal_percent@Wi-Fi": 40}),
        (WATCH, {"network.wifi.signal_percent@Wi-Fi": 39, "network.wifi.rate_mbit@Wi-Fi": 26.0}),
        (NA, {"network.wifi.signal_dbm@wlan0": -90, "network.wifi.is_connected@wlan0": False}),
    ],
}
