"""Protection before and after a visit: switched, cleared, backed up; what is sure and what is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from techkit import i18n
from techkit.records.activities import DataCare, Maintenance, MaintenanceAction
from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.drafts import Draft, reading_drafts
from techkit.records.findings import Reading

ASSET = Asset(id="a", name="RC-01")


def run(phase: Phase, *held: tuple[str, Any] | tuple[str, Any, str]) -> DiagnosticRun:
    hour = 9 if phase is Phase.BEFORE else 12
    return DiagnosticRun(
        id=str(phase),
        asset_id="a",
        phase=phase,
        started_at=datetime(2026, 11, 24, hour, tzinfo=UTC),
        readings=tuple(
            Reading(id=one[0], value=one[1], subject=one[2] if len(one) == 3 else "") for one in held
        ),
    )


def drafts(before: list[Any], after: list[Any]) -> list[Draft]:
    return reading_drafts(run(Phase.BEFORE, *before), run(Phase.AFTER, *after), ASSET)


TICKED, ASKED = True, False

CASES: dict[str, tuple[list[Any], list[Any], list[tuple[str, bool]]]] = {
    "BitLocker switched on": (
        [("security.disk_encrypted", False, "C:")], [("security.disk_encrypted", True, "C:")],
        [("Disk encryption (C:) switched on", TICKED)],
    ),
    "FileVault switched off": (
        [("security.disk_encrypted", True, "/")], [("security.disk_encrypted", False, "/")],
        [("Disk encryption (/) switched off", ASKED)],
    ),
    "a stick that is encrypted and went": ([("security.disk_encrypted", True, "E:")], [], []),
    "could not be read before": (
        [("security.disk_encrypted", None, "C:")], [("security.disk_encrypted", True, "C:")], [],
    ),
    "secure start switched on in the firmware": (
        [("security.secure_boot", False)], [("security.secure_boot", True)], [("Secure start switched on", TICKED)],
    ),
    "the scanner woke up": (
        [("security.antivirus.active", False)], [("security.antivirus.active", True)],
        [("Virus protection switched on", ASKED)],
    ),
    "nothing changed": ([("security.core_isolation", True)], [("security.core_isolation", True)], []),
    "a password set": (
        [("security.empty_passwords", ["odalys", "guest"])], [("security.empty_passwords", ["guest"])],
        [("A password set for 1 account", TICKED)],
    ),
    "two everyday accounts": (
        [("security.administrators", ["admin", "selin", "front"])], [("security.administrators", ["admin"])],
        [("2 accounts may no longer do everything", TICKED)],
    ),
    "another administrator in the place of one": (
        [("security.administrators", ["admin"])], [("security.administrators", ["root2"])], [],
    ),
    "the first backup": (
        [("backup.never", True)], [("backup.age_days", 0.02, "File History")],
        [("The first backup was made", TICKED)],
    ),
    "a backup in between": (
        [("backup.age_days", 40.0, "Time Machine")], [("backup.age_days", 0.05, "Time Machine")],
        [("A backup was made", ASKED)],
    ),
    "an old backup on a disk plugged in": (
        [("backup.never", True)], [("backup.age_days", 400.0, "Time Machine")], [],
    ),
    "the backup only grew older": (
        [("backup.age_days", 1.0, "rsnapshot")], [("backup.age_days", 1.13, "rsnapshot")], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_protection_makes_drafts(name: str):
    """What a hand did is ticked, what a system also does is asked, what was not read both times is left out."""
    before, after, expected = CASES[name]
    assert [(d.title, d.is_ticked) for d in drafts(before, after)] == expected
    assert drafts(after, after) == []


def test_the_entry_says_what_was_done_and_names_nobody():
    """A switch is maintenance, a backup is data care; the proof counts accounts and keeps their names out."""
    (made,) = drafts(*CASES["a password set"][:2])
    assert isinstance(made.record, Maintenance)
    assert made.record.action is MaintenanceAction.CONFIGURED
    assert (made.proof.before, made.proof.after) == ("2", "1")
    assert "odalys" not in repr(made)
    (made,) = drafts(*CASES["a backup in between"][:2])
    assert isinstance(made.record, DataCare)
    assert (made.record.action, made.record.target, made.proof.before) == (
        "backup",
        "Time Machine",
        "40\u00a0days",
    )
    assert made.reason == "Backups also run by themselves."


def test_the_words_follow_the_language():
    """In German and French nothing of the draft stays English."""
    for tag, title in (
        ("de", "Verschlüsselung der Festplatte (C:) eingeschaltet"),
        ("fr", "Chiffrement du disque (C:) : activation"),
    ):
        with i18n.language(tag):
            (made,) = drafts(*CASES["BitLocker switched on"][:2])
        assert made.title.replace("\u00a0", " ") == title
