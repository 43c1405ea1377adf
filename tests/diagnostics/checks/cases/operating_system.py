"""Readings of the operating system checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, UNKNOWN, WATCH, Cases

CASES: Cases = {
    "clock": [
        (OK, {"os.clock_synchronised": True, "os.clock_offset_s": 0.9}),
        (WATCH, {"os.clock_synchronised": True, "os.clock_offset_s": -1.1}),
        (ACT, {"os.clock_synchronised": False, "os.clock_offset_s": 301.0}),
        (WATCH, {"os.clock_synchronised": False}),
    ],
    "crashes": [
        (OK, {"os.crash_count": 0, "os.system_crash_count": 0}),
        (WATCH, {"os.crash_count": 9, "os.crashed_programs": ["soffice.bin"]}),
        (ACT, {"os.crash_count": 0, "os.system_crash_count": 5}),
    ],
    "failed_services": [
        (OK, {"os.services.failed": []}),
        (WATCH, {"os.services.failed": ["cups"]}),
    ],
    "hardware_errors": [
        (OK, {"os.hardware_error_count": 0}),
        (WATCH, {"os.hardware_error_count": 4}),
        (ACT, {"os.hardware_error_count": 5}),
        (ACT, {"os.hardware_error_count": 1, "os.hardware_error_fatal_count": 1}),
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
    "restart_pending": [
        (OK, {"os.restart_pending": False}),
        (WATCH, {"os.restart_pending": True, "os.restart_reasons": ["linux-image-6.1.0-40-amd64"]}),
    ],
    "stability_index": [
        (OK, {"os.stability_index": 7.0}),
        (WATCH, {"os.stability_index": 6.9}),
        (ACT, {"os.stability_index": 3.9}),
        (NA, {"os.stability_index": 0.0}),
    ],
    "start_up_time": [(OK, {"os.start_up_s": 60.0}), (WATCH, {"os.start_up_s": 60.1})],
    "startup_programs": [
        (OK, {"os.startup.count": 9}),
        (OK, {"os.startup.count": 15}),
        (WATCH, {"os.startup.count": 16}),
        (WATCH, {"os.startup.programs": [{"name": f"Program {n}"} for n in range(23)]}),
    ],
    "uptime": [
        (OK, {"os.uptime_s": 30 * 86400}),
        (WATCH, {"os.uptime_s": 31 * 86400}),
        (NA, {"os.uptime_s": -5}),
    ],
}
