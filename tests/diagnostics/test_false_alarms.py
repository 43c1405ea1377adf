"""Healthy, ordinary computers: what a technician would call nonsense is never said of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from techkit.diagnostics.reading_files import judge
from techkit.probes.sheet import Sheet
from techkit.records.findings import Verdict

GB, GIB = 10**9, 2**30
AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)

#: id, or "id@subject" → value. Every computer is invented; each is as it stands in a home and works.
COMPUTERS: dict[str, dict[str, Any]] = {
    "a desktop at home": {
        "system.kind": "desktop", "os.family": "linux", "os.product": "ubuntu", "os.cycle": "24.04", "os.name": "Ubuntu 24.04.3 LTS", "os.uptime_s": 86400,
        "processor.load_5": 1.9, "processor.thread_count": 12, "processor.online_count": 12,
        "memory.total_bytes": 31.2 * GIB, "memory.available_bytes": 22 * GIB, "memory.installed_bytes": 32 * GIB,
        "memory.module.size_bytes@DIMM A": 16 * GIB, "memory.module.size_bytes@DIMM B": 16 * GIB,
        "memory.swap_total_bytes": 2 * GIB, "memory.swap_free_bytes": 1.9 * GIB, "memory.killed_for_memory": 0,
        # A board's chip with an input connected to nothing, and modules that are warm all day.
        "temperature.celsius@nct6798 AUXTIN3": 127.0, "temperature.high_celsius@nct6798 AUXTIN3": 80.0,
        "temperature.celsius@spd5118 temp1": 47.5, "temperature.high_celsius@spd5118 temp1": 55.0, "temperature.critical_celsius@spd5118 temp1": 85.0,
        "temperature.celsius@k10temp Tctl": 52.0,
        "storage.volume.free_bytes@/": 300 * GB, "storage.volume.total_bytes@/": 980 * GB, "storage.volume.is_read_only@/": False,
        "storage.volume.free_bytes@/boot/efi": 20_000_000, "storage.volume.total_bytes@/boot/efi": 100_000_000,
        "storage.disk.kind@nvme0n1": "nvme", "storage.disk.trims@nvme0n1": True, "storage.trim_timer": "enabled",
        "storage.smart.passed@nvme0n1": True, "storage.smart.critical_warning@nvme0n1": 0, "storage.smart.used_percent@nvme0n1": 4,
        "storage.smart.spare_percent@nvme0n1": 100, "storage.smart.spare_threshold_percent@nvme0n1": 10, "storage.smart.media_errors@nvme0n1": 0,
        "os.hardware_error_count": 0, "os.crash_count": 0, "os.services.failed": [], "devices.missing_drivers": [], "devices.sound_count": 2,
        "security.administrators": ["root", "ina"], "security.empty_passwords": [], "security.antivirus": [], "security.firewall.active": True,
        "security.disk_encrypted@/": False, "os.clock_synchronised": True, "os.restart_pending": False, "software.updates.pending": 12,
        "software.updates.security": 3, "software.updates.installed_age_days": 2.0, "software.updates.list_age_days": 0.3,
        "power.plan": "balanced", "power.battery_count": 0,
    },
    "a virtual machine": {
        "system.kind": "virtual", "os.family": "linux", "os.product": "debian", "os.cycle": "13", "os.name": "Debian GNU/Linux 13 (trixie)", "os.uptime_s": 20 * 86400,
        "processor.load_5": 0.4, "processor.thread_count": 2, "memory.total_bytes": 1.9 * GIB, "memory.available_bytes": 1.2 * GIB,
        # The host has lent half of it to somebody else.
        "memory.installed_bytes": 4 * GIB, "memory.module.size_bytes@DIMM 0": 4 * GIB, "memory.swap_total_bytes": 0,
        "storage.volume.free_bytes@/": 22 * GB, "storage.volume.total_bytes@/": 40 * GB, "storage.disk.kind@vda": "virtual", "storage.disk.trims@vda": True,
        "storage.trim_timer": "disabled", "devices.sound_count": 0, "devices.missing_drivers": [], "security.secure_boot": False,
        "display.graphics.name@0": "Parallels Display Adapter", "display.graphics.driver@0": "simpledrm", "security.firewall.active": True,
        "os.clock_synchronised": True, "os.hardware_error_count": 0, "os.services.failed": [], "security.antivirus": [],
        "software.updates.pending": 0, "software.updates.list_age_days": 0.5,
    },
    "a fresh Windows 11": {
        "system.kind": "notebook", "os.family": "windows", "os.product": "windows", "os.cycle": "11-25h2-w", "os.name": "Microsoft Windows 11 Home", "os.uptime_s": 3600,
        "memory.total_bytes": 15.7 * GIB, "memory.available_bytes": 9 * GIB, "memory.installed_bytes": 16 * GIB,
        "storage.volume.free_bytes@C:": 400 * GB, "storage.volume.total_bytes@C:": 475 * GB,
        "storage.volume.label@D:": "HP_RECOVERY", "storage.volume.free_bytes@D:": 1.4 * GB, "storage.volume.total_bytes@D:": 16 * GB,
        "storage.volume.label@E:": "System-reserviert", "storage.volume.free_bytes@E:": 60_000_000, "storage.volume.total_bytes@E:": 500_000_000,
        "security.antivirus": [{"name": "Windows Defender", "is_active": True, "is_current": True}], "security.antivirus.age_days": 0,
        "security.firewall.active": True, "security.account_control": True, "security.secure_boot": True, "security.disk_encrypted@C:": True,
        "security.ports": [{"protocol": "tcp", "port": 445, "address": "0.0.0.0", "program": "System"}], "security.administrators": ["Administrator", "Ina"],
        "devices.missing_drivers": [], "devices.sound_count": 2, "os.services.failed": [], "os.crash_count": 0, "os.hardware_error_count": 0,
        "power.battery.health_percent@0": 102.1, "power.plan": "Balanced", "os.startup.count": 4, "os.clock_synchronised": True,
        "software.updates.pending": 3, "software.updates.installed_age_days": 1.0, "os.stability_index": 9.4, "display.graphics.name@0": "Sample Iris Xe",
        "display.graphics.driver_date@0": "2025-03-04", "display.graphics.driver@0": "sample",
    },
    "a Windows Server without a Security Center": {
        "system.kind": "server", "os.family": "windows", "os.name": "Microsoft Windows Server 2022 Standard", "security.antivirus": [],
        "security.antivirus.active": True, "security.antivirus.age_days": 1, "security.firewall.active": True, "devices.sound_count": 0,
    },
    "a Mac mini": {
        "system.kind": "desktop", "os.family": "macos", "os.product": "macos", "os.cycle": "26", "os.name": "macOS 26.1", "os.uptime_s": 12 * 86400,
        "processor.load_5": 3.1, "processor.thread_count": 10, "memory.total_bytes": 16 * GIB, "memory.available_bytes": 4.1 * GIB,
        # The system makes its paging space as it needs it.
        "memory.swap_total_bytes": 2 * GIB, "memory.swap_free_bytes": 0.2 * GIB,
        "storage.volume.free_bytes@/System/Volumes/Data": 120 * GB, "storage.volume.total_bytes@/System/Volumes/Data": 245 * GB,
        "storage.disk.kind@disk0": "ssd", "storage.disk.status@disk0": "Verified", "devices.sound_count": 1, "security.firewall.active": True,
        "security.disk_encrypted@/": True, "security.antivirus": [], "os.crash_count": 0, "backup.age_days@Time Machine": 0.2, "devices.bluetooth.state@0": "on",
        "power.battery_count": 0, "os.clock_synchronised": True,
    },
    "a Raspberry Pi": {
        "os.family": "linux", "os.product": "debian", "os.cycle": "13", "os.name": "Debian GNU/Linux 13 (trixie)", "os.uptime_s": 9 * 86400,
        "processor.load_5": 0.8, "processor.thread_count": 4, "memory.total_bytes": 3.8 * GIB, "memory.available_bytes": 2.9 * GIB,
        "memory.swap_total_bytes": 200 * 2**20, "memory.swap_free_bytes": 20 * 2**20,
        "temperature.celsius@cpu_thermal temp1": 58.4, "temperature.critical_celsius@cpu_thermal temp1": 110.0,
        "storage.volume.free_bytes@/": 19 * GB, "storage.volume.total_bytes@/": 31 * GB, "storage.volume.free_bytes@/boot/firmware": 30_000_000,
        "storage.volume.total_bytes@/boot/firmware": 510_000_000, "storage.disk.kind@mmcblk0": "ssd", "storage.disk.trims@mmcblk0": True, "storage.trim_timer": "enabled",
        "devices.sound_count": 0, "security.antivirus": [], "security.firewall.active": True, "os.clock_synchronised": True, "os.services.failed": [],
        "power.plan": "ondemand", "software.updates.pending": 0, "software.updates.list_age_days": 1.0,
    },
}  # fmt: skip


def sheet_of(facts: dict[str, Any]) -> Sheet:
    sheet = Sheet("invented")
    for key, value in facts.items():
        reading_id, _at, subject = key.partition("@")
        assert sheet.add(reading_id, value, subject=subject), key
    return sheet


@pytest.mark.parametrize("computer", COMPUTERS)
def test_a_healthy_computer_is_called_healthy(computer):
    """No check wants anything watched or done, and enough of them say that all is well."""
    findings = judge("", sheet_of(COMPUTERS[computer]), now=AT).findings
    alarms = [(f.check, f.subject, f.sentence) for f in findings if f.verdict in (Verdict.WATCH, Verdict.ACT)]
    assert alarms == []
    assert len([f for f in findings if f.verdict is Verdict.OK]) >= min(10, len(COMPUTERS[computer]) // 3)
