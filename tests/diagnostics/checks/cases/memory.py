"""Readings of the memory checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, NA, OK, UNKNOWN, WATCH, Cases

CASES: Cases = {
    "ended_for_memory": [
        (OK, {"memory.killed_for_memory": 0}),
        (WATCH, {"memory.killed_for_memory": 1, "os.uptime_s": 9000}),
    ],
    "memory_errors": [
        (UNKNOWN, {"memory.ecc.corrected": {"reason": "not_present", "reason_text": "Nobody is told."}}),
        (OK, {"memory.ecc.corrected@mc0": 0, "memory.ecc.uncorrected@mc0": 0}),
        (WATCH, {"memory.ecc.corrected@mc0": 1, "memory.ecc.uncorrected@mc0": 0}),
        (ACT, {"memory.ecc.corrected@mc0": 1, "memory.ecc.uncorrected@mc0": 1}),
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
    "memory_test": [
        (OK, {"active.memory.error_count": 0, "active.memory.tested_bytes": 8 * 2**30}),
        (ACT, {"active.memory.error_count": 1, "active.memory.tested_bytes": 8 * 2**30}),
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
}
