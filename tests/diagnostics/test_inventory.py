"""A snapshot's content is made from readings alone."""

from __future__ import annotations

from typing import Any

from techkit.diagnostics import inventory
from techkit.records.findings import Reading


def read(reading_id: str, value: Any, subject: str = "") -> Reading:
    return Reading(id=reading_id, value=value, subject=subject)


SURGERY = [
    read("system.maker", "Larkspur Works"),
    read("system.kind", "desktop"),
    read("memory.total_bytes", 8 * 2**30),
    read("memory.module_count", 1),
    read("memory.module.size_bytes", 8 * 2**30, "DIMM A1"),
    read("memory.module.size_bytes", 0, "DIMM A2"),
    read("storage.disk_count", 2),
    read("storage.disk.size_bytes", 240 * 10**9, "sda"),
    read("storage.disk.model", "Sample 240", "sda"),
    read("storage.disk.size_bytes", 16 * 10**9, "sdb"),
    read("storage.disk.is_removable", True, "sdb"),
    read("os.name", "Windows 11"),
    read(
        "software.programs",
        [
            {"name": "Toolbar Helper", "version": "1.2", "publisher": None, "source": "registry"},
            {"name": "dentabook", "version": "9.9", "source": "registry"},
        ],
    ),
    read("os.startup.programs", [{"name": "Toolbar"}, {"name": "Chat"}]),
    read("power.plan", "balanced"),
]


def test_a_snapshot_names_the_parts_that_were_read() -> None:
    """Filled memory slots, fixed disks, programs by name and settings reach the content."""
    content = inventory.compose(SURGERY)

    assert content["hardware"]["memory"] == {
        "total_bytes": 8 * 2**30,
        "modules": [
            {
                "slot": "DIMM A1",
                "size_bytes": 8 * 2**30,
                "type": "",
                "speed_mts": 0,
                "maker": "",
                "part": "",
                "marks": [],
            }
        ],
    }
    assert [disk["name"] for disk in content["hardware"]["disks"]] == ["sda"]
    assert [p["name"] for p in content["software"]] == ["dentabook", "Toolbar Helper"]
    assert content["settings"] == {
        "startup_programs": ["Chat", "Toolbar"],
        "power_plan": "balanced",
    }


def test_numbers_of_parts_become_marks() -> None:
    """A serial number does not reach the snapshot, what tells it from another does."""
    numbered = [*SURGERY, read("storage.disk.serial", "WD-WX91A1234567", "sda")]
    content = inventory.compose(numbered)

    [marked] = content["hardware"]["disks"][0]["marks"]
    assert marked.endswith(":4567")
    assert "WX91A" not in str(content).upper()


def test_a_place_without_an_answer_is_unread_and_not_empty() -> None:
    """A probe that did not answer is named, so that no difference takes it for a removal."""
    content = inventory.compose([r for r in SURGERY if r.id != "software.programs"])

    assert content["software"] == []
    assert "software" in content["unread"]
    assert "hardware.disks" not in content["unread"]


def test_equal_content_has_an_equal_hash() -> None:
    """The order of the readings does not matter; one changed version does."""
    first = inventory.compose(SURGERY)
    again = inventory.compose(list(reversed(SURGERY)))
    changed = inventory.compose([*SURGERY, read("os.version", "25H2")])

    assert inventory.content_hash(first) == inventory.content_hash(again)
    assert inventory.content_hash(first) != inventory.content_hash(changed)
