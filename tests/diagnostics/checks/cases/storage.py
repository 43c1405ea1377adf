"""Readings of the storage checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, GB, NA, OK, UNKNOWN, WATCH, Cases


def _tested(hours: int, *, failed_at: int) -> dict[str, object]:
    """Return readings of a drive that is well but for its last self-test."""
    return {
        "storage.smart.passed@sda": True,
        "storage.smart.power_on_hours@sda": hours,
        "storage.smart.self_test@sda": "Completed: read failure",
        "storage.smart.self_test_hours@sda": failed_at,
    }


CASES: Cases = {
    "failed_mounts": [
        (OK, {"os.services.failed_mounts": []}),
        (WATCH, {"os.services.failed_mounts": ["/mnt/backup"]}),
    ],
    "disk_health": [
        (OK, {"storage.smart.passed@sda": True, "storage.smart.reallocated@sda": 0}),
        (ACT, {"storage.smart.passed@sda": False}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.reallocated@sda": 1}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.pending@sda": 8}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.reported_uncorrectable@sda": 1}),
        # Hundreds of blocks nobody can read, and a second count that says so: data is lost, whatever the drive thinks of itself.
        (
            ACT,
            {
                "storage.smart.passed@sda": True,
                "storage.smart.reallocated@sda": 1040,
                "storage.smart.pending@sda": 878,
                "storage.smart.uncorrectable@sda": 1272,
            },
        ),
        # One large count alone may be a maker's own way of counting.
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.pending@sda": 65535}),
        (
            WATCH,
            {
                "storage.smart.passed@sda": True,
                "storage.smart.reallocated@sda": 1040,
                "storage.smart.pending@sda": 12,
            },
        ),
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
        # A warm day long ago is no wear; any other attribute at its threshold once is.
        (OK, {"storage.smart.passed@sda": True, "storage.smart.failed_before@sda": ["190 Airflow"]}),
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.failed_before@sda": ["3 Spin_Up_Time"]}),
        (ACT, {"storage.smart.passed@sda": True, "storage.smart.self_test@sda": "Completed: read failure"}),
        (OK, {"storage.smart.passed@sda": True, "storage.smart.self_test@sda": "Aborted by host"}),
        (ACT, {"storage.smart.passed@sda": True, "storage.smart.self_test@sda": "Fatal or unknown error"}),
        (
            ACT,
            {
                "storage.smart.passed@sda": True,
                "storage.smart.self_test@sda": "Aborted by host",
                "storage.smart.self_test_failed_hours@sda": 6560,
            },
        ),
        # A test that failed long ago, with no other sign since, wants another test and not another drive.
        (WATCH, _tested(58902, failed_at=46081)),
        (ACT, _tested(46100, failed_at=46081)),
        (ACT, _tested(58902, failed_at=46081) | {"storage.smart.pending@sda": 1}),
        (ACT, _tested(58902, failed_at=46081) | {"storage.smart.reported_uncorrectable@sda": 46798}),
        # The log counts to 65,535 and begins anew.
        (ACT, _tested(70100, failed_at=4500)),
        (ACT, _tested(16188, failed_at=34069)),
        # Helium that leaked never comes back.
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.helium_percent@sda": 88}),
        (OK, {"storage.smart.passed@sda": True, "storage.smart.helium_percent@sda": 100}),
        # SCSI counts what was lost alike on every drive.
        (WATCH, {"storage.smart.passed@sda": True, "storage.smart.uncorrected_errors@sda": 99}),
        (ACT, {"storage.smart.passed@sda": True, "storage.smart.uncorrected_errors@sda": 8149}),
        # Attribute 188 never makes a drive bad by itself.
        (OK, {"storage.smart.passed@sda": True, "storage.smart.command_timeouts@sda": 4000}),
        (ACT, {"storage.smart.critical_warning@nvme0n1": 4}),
        (
            WATCH,
            {
                "storage.smart.critical_warning@n": 0,
                "storage.smart.spare_percent@n": 27,
                "storage.smart.spare_threshold_percent@n": 10,
            },
        ),
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
    "disk_temperature": [
        (UNKNOWN, {"storage.smart.temperature_celsius@n": 255, "storage.disk.kind@n": "nvme"}),
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
    "file_system_errors": [
        (OK, {"storage.volume.error_count@/": 0}),
        (WATCH, {"storage.volume.error_count@/": 1}),
    ],
    "inodes": [
        (OK, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 100}),
        (WATCH, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 99}),
        (ACT, {"storage.volume.inodes_total@/": 1000, "storage.volume.inodes_free@/": 49}),
    ],
    "raid": [
        (ACT, {"storage.raid.state@Archive": "degraded"}),
        (ACT, {"storage.raid.state@tank": "failed", "storage.raid.level@tank": "ZFS"}),
        (OK, {"storage.raid.state@md0": "clean", "storage.raid.missing@md0": 0}),
        (ACT, {"storage.raid.state@md0": "degraded", "storage.raid.missing@md0": 1}),
        (WATCH, {"storage.raid.state@md0": "recovering", "storage.raid.missing@md0": 1}),
    ],
    "read_only_mounts": [
        (OK, {"storage.volume.is_read_only@/": False}),
        (ACT, {"storage.volume.is_read_only@/": True, "storage.volume.read_only_by@/": "errors"}),
        (NA, {"storage.volume.is_read_only@/": True, "storage.volume.read_only_by@/": "order"}),
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
}
