"""A drive's self-test: started by a fixed command on a disk of this computer, told apart while it runs and after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit.children.external import Output
from techkit.errors import ProbeError
from techkit.probes import elevated, self_test
from techkit.probes.formats import smartctl
from techkit.probes.probe import RecordedAccess


@pytest.fixture
def computer(tmp_path: Path) -> Path:
    for name in ("sda", "nvme0n1", "loop0"):
        (tmp_path / "sys/block" / name).mkdir(parents=True)
    return tmp_path


def answered(root: Path, disk: str, kind: str, code: int) -> RecordedAccess:
    line = f"smartctl --json -t {kind} -- /dev/{disk}"
    return RecordedAccess(root, outputs={line: Output(argv=(), code=code, stdout=b"{}")})


@pytest.mark.parametrize(("disk", "kind"), [("sda", "short"), ("nvme0n1", "long")])
def test_a_test_is_started_by_one_fixed_command(computer: Path, disk: str, kind: str):
    """Kind and disk are the only things that change; smartctl's bits above the third are about the drive's health."""
    self_test.start(answered(computer, disk, kind, 0b1000), kind, disk)


@pytest.mark.parametrize(
    ("disk", "kind"),
    [
        ("sdb", "short"),
        ("loop0", "short"),
        ("sda", "force"),
        ("--help", "short"),
        ("; rm -rf /", "long"),
        ("../sda", "long"),
    ],
)
def test_only_a_disk_of_this_computer_and_a_known_kind_reach_the_tool(computer: Path, disk: str, kind: str):
    """Anything else is refused before any program is started."""
    with pytest.raises(ProbeError) as error:
        self_test.start(RecordedAccess(computer), kind, disk)
    assert error.value.reason == "not_present"


def test_a_drive_that_does_not_take_it_and_a_missing_tool_are_reasons(computer: Path):
    """A test under way, a drive without tests, no smartctl: each is a sentence."""
    with pytest.raises(ProbeError) as refused:
        self_test.start(answered(computer, "sda", "short", 4), "short", "sda")
    assert refused.value.reason == "failed"
    with pytest.raises(ProbeError) as absent:
        self_test.start(RecordedAccess(computer), "short", "sda")
    assert absent.value.reason == "tool_missing"


def test_the_elevated_helper_starts_one_test_and_nothing_else():
    """A disk that is not there is answered with its reason, beside what was asked to be read."""
    [test, read] = elevated.answers(["en", "storage.health", "self-test=short:nosuchdisk"])
    assert test == {
        "self_test": "nosuchdisk",
        "state": "not_present",
        "reason_text": "There is no such disk in this computer.",
    }
    assert read["probe"] == "storage.health"


ATA = {
    "device": {"protocol": "ATA"},
    "ata_smart_data": {
        "self_test": {
            "status": {"value": 249, "string": "in progress, 90% remaining", "remaining_percent": 90},
            "polling_minutes": {"short": 2, "extended": 213},
        }
    },
    "ata_smart_self_test_log": {
        "standard": {
            "table": [
                {
                    "type": {"value": 1, "string": "Short offline"},
                    "status": {"value": 0, "string": "Completed without error", "passed": True},
                    "lifetime_hours": 1234,
                }
            ]
        }
    },
}
NVME = {
    "device": {"protocol": "NVMe"},
    "nvme_self_test_log": {
        "current_self_test_operation": {"value": 2, "string": "Extended self-test in progress"},
        "current_self_test_completion_percent": 23,
        "table": [
            {
                "self_test_code": {"value": 1, "string": "Short"},
                "self_test_result": {"value": 0, "string": "Completed without error"},
                "power_on_hours": 99,
            }
        ],
    },
}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            ATA,
            {
                "left_percent": 90,
                "hours": 1234,
                "kind": "Short offline",
                "short_minutes": 2,
                "long_minutes": 213,
            },
        ),
        (NVME, {"left_percent": 77, "hours": 99, "kind": "Short"}),
        (
            {"scsi_self_test_0": {"code": {"string": "Background long"}, "power_on_time": {"hours": 7}}},
            {"hours": 7},
        ),
        ({"ata_smart_data": {"self_test": {"status": {"remaining_percent": 900}}}}, {}),
    ],
)
def test_what_is_left_and_what_was_found_are_read(document: dict, expected: dict):
    """ATA, NVMe and SCSI say it in their own ways; what cannot be true is left out."""
    sheet = smartctl.parse_json(json.dumps(document), "d")
    found = {
        r.id.removeprefix("storage.smart.self_test_"): r.value
        for r in sheet
        if r.id.startswith("storage.smart.self_test_")
    }
    assert expected.items() <= found.items()
    assert "left_percent" in found if "left_percent" in expected else "left_percent" not in found
