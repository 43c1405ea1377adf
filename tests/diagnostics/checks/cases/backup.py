"""Readings of the backup checks, and the verdict each leads to."""

from __future__ import annotations

from tests.diagnostics.checks.case import ACT, OK, UNKNOWN, WATCH, Cases

CASES: Cases = {
    "last_backup": [
        (OK, {"backup.age_days@Timeshift": 7.0}),
        (WATCH, {"backup.age_days@Timeshift": 8.0}),
        (ACT, {"backup.age_days@Timeshift": 31.0}),
        (OK, {"backup.age_days@Timeshift": 31.0, "backup.age_days@Déjà Dup": 1.0}),
        (ACT, {"backup.never": True}),
        (UNKNOWN, {"backup.tools": ["restic"]}),
    ],
}
