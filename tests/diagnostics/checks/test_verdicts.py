"""Each check fires on bad readings and stays quiet on good ones, on both sides of every level."""

from __future__ import annotations

import re
from typing import Any

import pytest

from techkit.diagnostics import catalogue
from techkit.records.findings import Reading, Verdict

OK, WATCH, ACT, NA, UNKNOWN = (
    Verdict.OK,
    Verdict.WATCH,
    Verdict.ACT,
    Verdict.NOT_APPLICABLE,
    Verdict.UNKNOWN,
)
GB = 10**9

#: check → [(verdict expected, {reading id or "id@subject": value})]. Readings are invented.
CASES: dict[str, list[tuple[Verdict, dict[str, Any]]]] = {
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
    "adapter": [
        (
            OK,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "charging",
                "power.battery.charge_percent@0": 12.0,
            },
        ),
        (
            OK,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 90.0,
            },
        ),
        (
            WATCH,
            {
                "power.adapter_online": True,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 89.0,
            },
        ),
        (
            NA,
            {
                "power.adapter_online": False,
                "power.battery.state@0": "discharging",
                "power.battery.charge_percent@0": 12.0,
            },
        ),
    ],
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
    "screen_test": [
        (OK, {"hands.screen.judgement": "works", "hands.screen.colour_count": 6}),
        (ACT, {"hands.screen.judgement": "faulty", "hands.screen.note": "a dead dot at the top left"}),
    ],
    "keyboard_test": [
        (
            OK,
            {
                "hands.keyboard.judgement": "works",
                "hands.keyboard.seen_count": 78,
                "hands.keyboard.key_count": 80,
            },
        ),
        (ACT, {"hands.keyboard.judgement": "faulty", "hands.keyboard.silent": ["E", "Enter"]}),
    ],
    "pointer_test": [
        (OK, {"hands.pointer.judgement": "works", "hands.pointer.seen": ["move", "left_button"]}),
        (ACT, {"hands.pointer.judgement": "faulty", "hands.pointer.note": "the left button sticks"}),
    ],
    "speaker_test": [
        (OK, {"hands.speaker.judgement": "works", "hands.speaker.sides": ["left", "right"]}),
        (ACT, {"hands.speaker.judgement": "faulty", "hands.speaker.note": "only the left one"}),
    ],
    "microphone_test": [
        (OK, {"hands.microphone.judgement": "works", "hands.microphone.peak_percent": 41.5}),
        (ACT, {"hands.microphone.judgement": "faulty"}),
    ],
    "camera_test": [
        (
            OK,
            {
                "hands.camera.judgement": "works",
                "hands.camera.picture_count": 30,
                "hands.camera.size": "640 × 480",
            },
        ),
        (ACT, {"hands.camera.judgement": "faulty", "hands.camera.note": "upside down"}),
    ],
    "disk_space": [
        (ACT, {"storage.volume.free_bytes@C:": 2.1 * GB, "storage.volume.total_bytes@C:": 237.9 * GB}),
        (OK, {"storage.volume.free_bytes@C:": 61.4 * GB, "storage.volume.total_bytes@C:": 237.9 * GB}),
        (WATCH, {"storage.volume.free_bytes@/": 24 * GB, "storage.volume.total_bytes@/": 200 * GB}),
        (OK, {"storage.volume.free_bytes@/": 26 * GB, "storage.volume.total_bytes@/": 200 * GB}),
        (OK, {"storage.volume.free_bytes@/data": 300 * GB, "storage.volume.total_bytes@/data": 4000 * GB}),
        (ACT, {"storage.volume.free_bytes@/": 4.9 * GB, "storage.volume.total_bytes@/": 40 * GB}),
        (WATCH, {"storage.volume.free_bytes@/data": 4.9 * GB, "storage.volume.total_bytes@/data": 40 * GB}),
        (
            NA,
            {
                "storage.volume.free_bytes@/media/stick": 0,
                "storage.volume.total_bytes@/media/stick": 4 * GB,
                "storage.volume.is_removable@/media/stick": True,
            },
        ),
        (
            NA,
            {
                "storage.volume.free_bytes@/mnt/disc": 0,
                "storage.volume.total_bytes@/mnt/disc": 4 * GB,
                "storage.volume.is_read_only@/mnt/disc": True,
            },
        ),
        (NA, {"storage.volume.free_bytes@/": 50 * GB, "storage.volume.total_bytes@/": 40 * GB}),
    ],
    "inodes": [
        (OK, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 100}),
        (WATCH, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 99}),
        (ACT, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 49}),
    ],
    "read_only_mounts": [
        (OK, {"storage.volume.is_read_only@/": False}),
        (ACT, {"storage.volume.is_read_only@/": True, "storage.volume.read_only_by@/": "errors"}),
        (NA, {"storage.volume.is_read_only@/": True, "storage.volume.read_only_by@/": "order"}),
    ],
    "file_system_errors": [
        (OK, {"storage.volume.error_count@/": 0}),
        (WATCH, {"storage.volume.error_count@/": 1}),
    ],
    "disk_health": [
        (OK, {"storage.smart.passed@sda": True, "storage.smart.reallocated@sda": 0}),
        (ACT, {"storage.smart.passed@sda": False}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.reallocated@sda": 1}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.pending@sda": 8}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.reported_uncorrectable@sda": 1}),
        (
            ACT,
            {
                "storage.smart.passed@sda": True,
                "storage.smart.failing_now@sda": ["5 Reallocated_Sector_Ct (prefailure)"],
            },
        ),
        (
            WATCH,
            {
                "storage.smart.passed@sda": True,
                "storage.smart.failing_now@sda": ["190 Airflow_Temperature_Cel (old age)"],
            },
        ),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.failed_before@sda": ["190 Airflow"]}),
        (ACT, {"storage.smart.passed@sda": True, "storage.smart.self_test@sda": "Completed: read failure"}),
        (OK, {"storage.smart.passed@sda": True, "storage.smart.self_test@sda": "Aborted by host"}),
        # Attribute 188 never makes a drive bad by itself.
        (OK, {"storage.smart.passed@sda": True, "storage.smart.command_timeouts@sda": 4000}),
        (ACT, {"storage.smart.critical_warning@nvme0n1": 4}),
        (OK, {"storage.smart.critical_warning@nvme0n1": 0, "storage.smart.used_percent@nvme0n1": 89}),
        (WATCH, {"storage.smart.critical_warning@nvme0n1": 0, "storage.smart.used_percent@nvme0n1": 90}),
        (
            WATCH,
            {
                "storage.smart.critical_warning@n": 0,
                "storage.smart.used_percent@n": 130,
                "storage.smart.spare_percent@n": 100,
                "storage.smart.spare_threshold_percent@n": 10,
            },
        ),
        (
            ACT,
            {
                "storage.smart.critical_warning@n": 0,
                "storage.smart.spare_percent@n": 9,
                "storage.smart.spare_threshold_percent@n": 10,
            },
        ),
        (
            WATCH,
            {
                "storage.smart.critical_warning@n": 0,
                "storage.smart.spare_percent@n": 10,
                "storage.smart.spare_threshold_percent@n": 10,
            },
        ),
        (
            OK,
            {
                "storage.smart.critical_warning@n": 0,
                "storage.smart.spare_percent@n": 0,
                "storage.smart.spare_threshold_percent@n": 0,
            },
        ),
        (WATCH, {"storage.smart.critical_warning@n": 0, "storage.smart.media_errors@n": 1}),
        (WATCH, {"storage.smart.passed@sdc": True, "storage.smart.grown_defects@sdc": 56}),
        (OK, {"storage.disk.status@0": "Healthy"}),
        (ACT, {"storage.disk.status@0": "Pred Fail"}),
    ],
    "disk_temperature": [
        (OK, {"storage.smart.temperature_celsius@sda": 49, "storage.disk.kind@sda": "hdd"}),
        (WATCH, {"storage.smart.temperature_celsius@sda": 50, "storage.disk.kind@sda": "hdd"}),
        (OK, {"storage.smart.temperature_celsius@sda": 59, "storage.disk.kind@sda": "ssd"}),
        (WATCH, {"storage.smart.temperature_celsius@sda": 60, "storage.disk.kind@sda": "ssd"}),
        (
            ACT,
            {
                "storage.smart.temperature_celsius@n": 85,
                "storage.disk.kind@n": "nvme",
                "storage.smart.temperature_warning_celsius@n": 80,
                "storage.smart.temperature_critical_celsius@n": 85,
            },
        ),
    ],
    "raid": [
        (ACT, {"storage.raid.state@Archive": "degraded"}),
        (ACT, {"storage.raid.state@tank": "failed", "storage.raid.level@tank": "ZFS"}),
        (OK, {"storage.raid.state@md0": "clean", "storage.raid.missing@md0": 0}),
        (ACT, {"storage.raid.state@md0": "degraded", "storage.raid.missing@md0": 1}),
        (WATCH, {"storage.raid.state@md0": "recovering", "storage.raid.missing@md0": 1}),
    ],
    "trim": [
        (OK, {"storage.trim_on": True, "storage.disk.kind@0": "nvme"}),
        (WATCH, {"storage.trim_on": False, "storage.disk.kind@0": "ssd"}),
        (NA, {"storage.trim_on": False, "storage.disk.kind@0": "hdd"}),
        (WATCH, {"storage.trim_on@disk0": False, "storage.disk.kind@disk0": "ssd"}),
        (
            OK,
            {"storage.disk.trims@sda": True, "storage.disk.kind@sda": "ssd", "storage.trim_timer": "enabled"},
        ),
        (
            WATCH,
            {
                "storage.disk.trims@sda": True,
                "storage.disk.kind@sda": "ssd",
                "storage.trim_timer": "disabled",
            },
        ),
        (
            NA,
            {
                "storage.disk.trims@sda": False,
                "storage.disk.kind@sda": "hdd",
                "storage.trim_timer": "disabled",
            },
        ),
    ],
    "memory_use": [
        (OK, {"memory.total_bytes": 8 * 2**30, "memory.available_bytes": 2**30}),
        (WATCH, {"memory.total_bytes": 8 * 2**30, "memory.available_bytes": 2**29}),
        (
            ACT,
            {
                "memory.total_bytes": 8 * 2**30,
                "memory.available_bytes": 2**29,
                "memory.pressure_percent": 10.0,
            },
        ),
        (NA, {"memory.total_bytes": 0, "memory.available_bytes": 0}),
    ],
    "swap_use": [
        (OK, {"memory.swap_total_bytes": 0}),
        (OK, {"memory.swap_total_bytes": 4 * 2**30, "memory.swap_free_bytes": 2**30}),
        (WATCH, {"memory.swap_total_bytes": 4 * 2**30, "memory.swap_free_bytes": 2**29}),
        (OK, {"memory.swap_total_bytes": 2**27, "memory.swap_free_bytes": 0}),
    ],
    "memory_errors": [
        (OK, {"memory.ecc.corrected@mc0": 0, "memory.ecc.uncorrected@mc0": 0}),
        (WATCH, {"memory.ecc.corrected@mc0": 1, "memory.ecc.uncorrected@mc0": 0}),
        (ACT, {"memory.ecc.corrected@mc0": 1, "memory.ecc.uncorrected@mc0": 1}),
    ],
    "ended_for_memory": [
        (OK, {"memory.killed_for_memory": 0}),
        (WATCH, {"memory.killed_for_memory": 1, "os.uptime_s": 9000}),
    ],
    "load": [
        (OK, {"processor.load_5": 4.0, "processor.online_count": 2}),
        (WATCH, {"processor.load_5": 4.1, "processor.online_count": 2}),
    ],
    "temperature": [
        (OK, {"temperature.celsius@coretemp Core 0": 69, "temperature.high_celsius@coretemp Core 0": 80}),
        (WATCH, {"temperature.celsius@coretemp Core 0": 70, "temperature.high_celsius@coretemp Core 0": 80}),
        (
            ACT,
            {
                "temperature.celsius@coretemp Core 0": 100,
                "temperature.high_celsius@coretemp Core 0": 80,
                "temperature.critical_celsius@coretemp Core 0": 100,
            },
        ),
        (NA, {"temperature.celsius@acpitz temp1": 110}),
    ],
    "cpu_throttling": [
        (OK, {"processor.speed_limit_percent@A": 100}),
        (WATCH, {"processor.speed_limit_percent@A": 100, "processor.speed_limit_percent@B": 99}),
        (OK, {"processor.throttle_count@0": 10, "os.uptime_s": 3600}),
        (WATCH, {"processor.throttle_count@0": 11, "os.uptime_s": 3600}),
    ],
    "processor_wait": [
        (OK, {"processor.wait_percent": 19.0, "processor.steal_percent": 9.0}),
        (WATCH, {"processor.wait_percent": 21.0}),
        (WATCH, {"processor.wait_percent": 1.0, "processor.steal_percent": 11.0}),
    ],
    "battery_wear": [
        (OK, {"power.battery.health_percent@BAT0": 80.0}),
        (WATCH, {"power.battery.health_percent@BAT0": 71.0}),
        (ACT, {"power.battery.health_percent@BAT0": 59.9}),
        (NA, {"power.battery.health_percent@BAT0": 0.0}),
        (OK, {"power.battery.health_percent@0": 91.0, "power.battery.condition@0": "Normal"}),
        (WATCH, {"power.battery.health_percent@0": 91.0, "power.battery.condition@0": "Service Recommended"}),
        (ACT, {"power.battery.health_percent@0": 55.0, "power.battery.condition@0": "Service Recommended"}),
        (ACT, {"power.battery.condition@0": "Replace Now"}),
        (NA, {"power.battery.condition@0": "Normal"}),
    ],
    "power_plan": [
        (OK, {"power.plan": "balanced"}),
        (WATCH, {"power.plan": "low-power", "power.adapter_online": True}),
        (OK, {"power.plan": "low-power", "power.adapter_online": False}),
    ],
    "os_end_of_life": [
        (OK, {"os.name": "Debian 13", "os.product": "debian", "os.cycle": "13"}),
        (WATCH, {"os.name": "Debian 12", "os.product": "debian", "os.cycle": "12"}),
        (ACT, {"os.name": "Debian 11", "os.product": "debian", "os.cycle": "11"}),
        (ACT, {"os.name": "Windows 10 22H2", "os.product": "windows", "os.cycle": "10-22h2"}),
        (
            WATCH,
            {
                "os.name": "Windows 10 22H2",
                "os.product": "windows",
                "os.cycle": "10-22h2",
                "os.extended_support": True,
            },
        ),
        (OK, {"os.name": "Windows 11 25H2", "os.product": "windows", "os.cycle": "11-25h2-w"}),
        (WATCH, {"os.name": "Fedora 43", "os.product": "fedora", "os.cycle": "43"}),
        (ACT, {"os.name": "macOS 12", "os.product": "macos", "os.cycle": "12"}),
        (WATCH, {"os.name": "macOS 14", "os.product": "macos", "os.cycle": "14"}),
        (OK, {"os.name": "macOS 15", "os.product": "macos", "os.cycle": "15"}),
        (UNKNOWN, {"os.name": "Home-made Linux"}),
        (OK, {"os.name": "Arch Linux", "os.product": "rolling", "os.cycle": "rolling"}),
        (ACT, {"os.name": "CentOS Linux 7", "os.product": "centos", "os.cycle": "7"}),
    ],
    "clock": [
        (OK, {"os.clock_synchronised": True, "os.clock_offset_s": 0.9}),
        (WATCH, {"os.clock_synchronised": True, "os.clock_offset_s": -1.1}),
        (ACT, {"os.clock_synchronised": False, "os.clock_offset_s": 301.0}),
        (WATCH, {"os.clock_synchronised": False}),
    ],
    "uptime": [
        (OK, {"os.uptime_s": 30 * 86400}),
        (WATCH, {"os.uptime_s": 31 * 86400}),
        (NA, {"os.uptime_s": -5}),
    ],
    "restart_pending": [
        (OK, {"os.restart_pending": False}),
        (WATCH, {"os.restart_pending": True, "os.restart_reasons": ["linux-image-6.1.0-40-amd64"]}),
    ],
    "failed_services": [
        (OK, {"os.services.failed": []}),
        (WATCH, {"os.services.failed": ["cups"]}),
    ],
    "startup_programs": [
        (OK, {"os.startup.count": 9}),
        (OK, {"os.startup.count": 15}),
        (WATCH, {"os.startup.count": 16}),
        (WATCH, {"os.startup.programs": [{"name": f"Program {n}"} for n in range(23)]}),
    ],
    "start_up_time": [(OK, {"os.start_up_s": 60.0}), (WATCH, {"os.start_up_s": 60.1})],
    "crashes": [
        (OK, {"os.crash_count": 0, "os.system_crash_count": 0}),
        (WATCH, {"os.crash_count": 9, "os.crashed_programs": ["soffice.bin"]}),
        (ACT, {"os.crash_count": 0, "os.system_crash_count": 5}),
    ],
    "hardware_errors": [
        (OK, {"os.hardware_error_count": 0}),
        (WATCH, {"os.hardware_error_count": 4}),
        (ACT, {"os.hardware_error_count": 5}),
        (ACT, {"os.hardware_error_count": 1, "os.hardware_error_fatal_count": 1}),
    ],
    "update_service": [
        (OK, {"software.updates.list_age_days": 14.0}),
        (WATCH, {"software.updates.list_age_days": 15.0}),
        (ACT, {"software.updates.list_age_days": 46.0}),
    ],
    "updates_missing": [
        (ACT, {"software.updates.pending": 3, "software.updates.installed_age_days": 46.0}),
        (OK, {"software.updates.pending": 3, "software.updates.installed_age_days": 3.0}),
        (OK, {"software.updates.pending": 0}),
        (
            OK,
            {
                "software.updates.pending": 30,
                "software.updates.security": 0,
                "software.updates.installed_age_days": 90.0,
            },
        ),
        (
            OK,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 14.0,
            },
        ),
        (
            WATCH,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 15.0,
            },
        ),
        (
            ACT,
            {
                "software.updates.pending": 3,
                "software.updates.security": 2,
                "software.updates.installed_age_days": 46.0,
            },
        ),
    ],
    "broken_installs": [(OK, {"software.broken": []}), (WATCH, {"software.broken": ["libreoffice-core"]})],
    "duplicate_programs": [(OK, {"software.duplicates": []}), (WATCH, {"software.duplicates": ["Firefox"]})],
    "office_end_of_life": [
        (
            ACT,
            {
                "software.office": [
                    {"name": "Microsoft Office 2016", "version": "16.0", "product": "office", "cycle": "2016"}
                ]
            },
        ),
        (
            OK,
            {
                "software.office": [
                    {"name": "Microsoft Office 2024", "version": "16.0", "product": "office", "cycle": "2024"}
                ]
            },
        ),
        (
            OK,
            {
                "software.office": [
                    {"name": "Microsoft 365", "version": "16.0", "product": "office", "cycle": "365"}
                ]
            },
        ),
        (
            WATCH,
            {
                "software.office": [
                    {
                        "name": "LibreOffice 26.2",
                        "version": "26.2.5",
                        "product": "libreoffice",
                        "cycle": "26.2",
                    }
                ]
            },
        ),
        (NA, {"software.office": []}),
    ],
    "browser_end_of_life": [
        (
            OK,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "155.0", "product": "firefox", "cycle": "155"}
                ]
            },
        ),
        (
            OK,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "153.1", "product": "firefox", "cycle": "153"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {"name": "Firefox", "version": "120.0", "product": "firefox", "cycle": "120"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {"name": "Chrome", "version": "90.0", "product": "chrome", "cycle": "90"}
                ]
            },
        ),
        (
            WATCH,
            {
                "software.browsers": [
                    {"name": "Chrome", "version": "151.0", "product": "chrome", "cycle": "151"}
                ]
            },
        ),
        (
            ACT,
            {
                "software.browsers": [
                    {
                        "name": "Internet Explorer",
                        "version": "11",
                        "product": "internet-explorer",
                        "cycle": "11",
                    }
                ]
            },
        ),
    ],
    "firewall": [
        (OK, {"security.firewall.active": True, "security.firewall.kind": "ufw"}),
        (WATCH, {"security.firewall.active": False}),
        (ACT, {"security.firewall.active": False, "security.firewall.public_network": True}),
    ],
    "administrators": [
        (OK, {"security.administrators": ["root", "anna", "ben"]}),
        (WATCH, {"security.administrators": ["root", "anna", "ben", "chris"]}),
    ],
    "empty_passwords": [
        (OK, {"security.empty_passwords": []}),
        (ACT, {"security.empty_passwords": ["guest"]}),
    ],
    "automatic_sign_in": [
        (OK, {"security.automatic_sign_in": False}),
        (OK, {"security.automatic_sign_in": True, "system.kind": "desktop"}),
        (WATCH, {"security.automatic_sign_in": True, "system.kind": "notebook"}),
    ],
    "open_ports": [
        (OK, {"security.ports": [{"protocol": "tcp", "port": 22, "address": "0.0.0.0", "program": "sshd"}]}),
        (
            WATCH,
            {"security.ports": [{"protocol": "tcp", "port": 6379, "address": "0.0.0.0", "program": "redis"}]},
        ),
        (
            OK,
            {
                "security.ports": [
                    {"protocol": "tcp", "port": 445, "address": "0.0.0.0", "program": "System"}
                ],
                "os.family": "windows",
            },
        ),
    ],
    "remote_access_tools": [
        (OK, {"security.remote_tools": []}),
        (WATCH, {"security.remote_tools": [{"name": "AnyDesk", "is_running": True}]}),
    ],
    "antivirus": [
        (NA, {"security.antivirus": [], "os.family": "linux"}),
        (ACT, {"security.antivirus": [], "os.family": "windows"}),
        (ACT, {"security.antivirus": [{"name": "Guard", "is_active": False}], "os.family": "windows"}),
        (OK, {"security.antivirus": [{"name": "Guard", "is_active": True, "is_current": True}]}),
        (WATCH, {"security.antivirus": [{"name": "Guard", "is_active": True, "is_current": False}]}),
        (
            WATCH,
            {
                "security.antivirus": [{"name": "Guard", "is_active": True}],
                "security.antivirus.age_days": 8.0,
            },
        ),
    ],
    "disk_encryption": [
        (OK, {"security.disk_encrypted@/": True, "system.kind": "notebook"}),
        (WATCH, {"security.disk_encrypted@/": False, "system.kind": "notebook"}),
        (OK, {"security.disk_encrypted@/": False, "system.kind": "desktop"}),
    ],
    "secure_boot": [
        (OK, {"security.secure_boot": True}),
        (WATCH, {"security.secure_boot": False, "system.kind": "notebook"}),
        (OK, {"security.secure_boot": False, "system.kind": "virtual"}),
    ],
    "security_chip": [
        (OK, {"security.tpm": "2.0, 0, 1.38", "os.family": "windows"}),
        (WATCH, {"security.tpm": "1.2, 2, 3", "os.family": "windows", "system.kind": "notebook"}),
        (OK, {"security.tpm": "1.2", "os.family": "windows", "system.kind": "virtual"}),
        (OK, {"security.tpm": "1.0", "os.family": "linux"}),
    ],
    "packet_size": [
        (OK, {"network.interface.mtu@eth0": 1500, "network.interface.is_up@eth0": True}),
        (OK, {"network.interface.mtu@eth0": 1280, "network.interface.is_up@eth0": True}),
        (WATCH, {"network.interface.mtu@eth0": 1279, "network.interface.is_up@eth0": True}),
    ],
    "kernel_guards": [
        (OK, {"security.address_randomisation": 2}),
        (WATCH, {"security.address_randomisation": 1}),
    ],
    "last_backup": [
        (OK, {"backup.age_days@Timeshift": 7.0}),
        (WATCH, {"backup.age_days@Timeshift": 8.0}),
        (ACT, {"backup.age_days@Timeshift": 31.0}),
        (OK, {"backup.age_days@Timeshift": 31.0, "backup.age_days@Déjà Dup": 1.0}),
        (ACT, {"backup.never": True}),
        (UNKNOWN, {"backup.tools": ["restic"]}),
    ],
    "printers": [
        (WATCH, {"devices.print_service": "stopped"}),
        (OK, {"devices.printer.state@Office": "idle", "devices.printer.jobs@Office": 4}),
        (WATCH, {"devices.printer.state@Office": "idle", "devices.printer.jobs@Office": 5}),
        (ACT, {"devices.printer.state@Office": "stopped", "devices.printer.jobs@Office": 1}),
        (WATCH, {"devices.printer.state@Office": "stopped", "devices.printer.jobs@Office": 0}),
    ],
    "missing_drivers": [
        (OK, {"devices.missing_drivers": []}),
        (
            WATCH,
            {
                "devices.missing_drivers": [
                    {"name": "Network card", "id": "10ec:8168", "problem": "no driver"}
                ]
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
    "memory_recognised": [
        (OK, {"memory.total_bytes": 8.3e9, "memory.module.size_bytes@A": 8 * 2**30}),
        (
            WATCH,
            {
                "memory.total_bytes": 8.3e9,
                "memory.module.size_bytes@A": 8 * 2**30,
                "memory.module.size_bytes@B": 8 * 2**30,
            },
        ),
        (OK, {"memory.total_bytes": 3.3e9, "memory.installed_bytes": 4 * 2**30}),
    ],
    "stability_index": [
        (OK, {"os.stability_index": 7.0}),
        (WATCH, {"os.stability_index": 6.9}),
        (ACT, {"os.stability_index": 3.9}),
        (NA, {"os.stability_index": 0.0}),
    ],
    "graphics_driver": [
        (OK, {"display.graphics.name@1": "Sample Iris", "display.graphics.driver_date@1": "2024-12-01"}),
        (WATCH, {"display.graphics.name@1": "Sample Iris", "display.graphics.driver_date@1": "2021-12-01"}),
        (
            WATCH,
            {
                "display.graphics.name@1": "Microsoft Basic Display Adapter",
                "display.graphics.driver_date@1": "2026-01-01",
            },
        ),
        (OK, {"display.graphics.name@00:02.0": "Sample Iris", "display.graphics.driver@00:02.0": "i915"}),
        (
            NA,
            {
                "display.graphics.name@1": "Microsoft Remote Display Adapter",
                "display.graphics.driver_date@1": "2006-06-21",
            },
        ),
    ],
    "held_programs": [(OK, {"software.held": []}), (WATCH, {"software.held": ["linux-image-amd64"]})],
    "account_control": [
        (OK, {"security.account_control": True}),
        (WATCH, {"security.account_control": False}),
    ],
    "bluetooth": [
        (OK, {"devices.bluetooth.state@hci0": "on"}),
        (WATCH, {"devices.bluetooth.state@hci0": "blocked"}),
    ],
    "processor_under_load": [
        (OK, {"active.processor.drop_percent": 25.0, "active.processor.peak_celsius": 94.0}),
        (WATCH, {"active.processor.drop_percent": 26.0}),
        (WATCH, {"active.processor.drop_percent": 3.0, "active.processor.peak_celsius": 95.0}),
    ],
    "memory_test": [
        (OK, {"active.memory.error_count": 0, "active.memory.tested_bytes": 8 * 2**30}),
        (ACT, {"active.memory.error_count": 1, "active.memory.tested_bytes": 8 * 2**30}),
    ],
    "disk_read_test": [
        (
            OK,
            {
                "active.disk.read_errors@sda": 0,
                "active.disk.sequential_bytes_per_s@sda": 120e6,
                "active.disk.random_ms@sda": 18.0,
                "active.disk.kind@sda": "hdd",
            },
        ),
        (
            WATCH,
            {
                "active.disk.read_errors@sda": 0,
                "active.disk.sequential_bytes_per_s@sda": 120e6,
                "active.disk.random_ms@sda": 18.0,
                "active.disk.kind@sda": "ssd",
            },
        ),
        (WATCH, {"active.disk.read_errors@sda": 0, "active.disk.sequential_bytes_per_s@sda": 19e6}),
        (ACT, {"active.disk.read_errors@sda": 1, "active.disk.sequential_bytes_per_s@sda": 120e6}),
    ],
    "sound": [
        (OK, {"devices.sound_count": 1, "system.kind": "notebook"}),
        (WATCH, {"devices.sound_count": 0, "system.kind": "notebook"}),
        (NA, {"devices.sound_count": 0, "system.kind": "virtual"}),
    ],
}

#: Checks whose tests stand in files of their own (the network ladder, the busiest programs).
ELSEWHERE = frozenset(
    check.id
    for check in catalogue.checks()
    if all(probe.id.startswith(("network.", "usage.")) for probe in check.probes)
)


def readings(values: dict[str, Any]) -> list[Reading]:
    """Return readings of a case, each with a source of its own."""
    made = []
    for key, value in values.items():
        id, _mark, subject = key.partition("@")
        made.append(Reading(id=id, value=value, subject=subject, source=f"test of {id}"))
    return made


@pytest.mark.parametrize(
    ("check_id", "expected", "values"),
    [(check_id, expected, values) for check_id, cases in CASES.items() for expected, values in cases],
    ids=[f"{check_id}-{n}" for check_id, cases in CASES.items() for n, _case in enumerate(cases)],
)
def test_a_check_judges_its_readings(judge, check_id, expected, values):
    """The verdict follows from the readings, with sentences, a value and a source."""
    check = catalogue.by_id(check_id)
    [finding] = judge(check, readings(values))

    assert finding.verdict is expected, finding.sentence
    assert finding.sentence
    assert finding.customer_sentence
    if expected in (WATCH, ACT):
        assert finding.advice
    else:
        assert not finding.advice
    if expected in (OK, WATCH, ACT):
        assert finding.value is not None
        assert finding.value_text
        assert finding.source


def test_every_check_has_a_case_that_fires_and_one_that_stays_quiet():
    """No check counts without both."""
    for check in catalogue.checks():
        if check.id in ELSEWHERE:
            continue
        verdicts = {verdict for verdict, _values in CASES.get(check.id, [])}
        assert OK in verdicts, check.id
        assert verdicts & {WATCH, ACT}, check.id


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_no_readings_are_never_a_verdict(judge, check_id):
    """Without readings no check says good or bad."""
    [finding] = judge(catalogue.by_id(check_id), [])
    assert finding.verdict in (NA, UNKNOWN)


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_sentences_speak_plainly(judge, check_id):
    """Nothing is left unfilled, sentences end, and the customer's has no jargon and no blame."""
    check = catalogue.by_id(check_id)
    for _verdict, values in CASES[check_id]:
        for finding in judge(check, readings(values)):
            for text in (finding.sentence, finding.customer_sentence, finding.advice):
                assert "{" not in text
                assert "None" not in text
                assert not text or text.endswith(".")
            assert not re.search(
                r"SMART|NVMe|inode|RAID|TRIM|kernel|daemon|you forgot|your fault|danger",
                finding.customer_sentence,
                re.IGNORECASE,
            )


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_rubbish_in_a_reading_is_no_exception(judge, check_id):
    """A value of another kind than declared leads to no good or bad verdict by accident, and to no fault."""
    check = catalogue.by_id(check_id)
    for _verdict, values in CASES[check_id]:
        for rubbish in ("", "rubbish", -1, [], [1, "x"], {}, {"a": None}, None, float("inf")):
            judge(check, readings(dict.fromkeys(values, rubbish)))
