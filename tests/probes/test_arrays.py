"""Arrays of disks by whatever keeps them: ZFS, Btrfs, Storage Spaces, AppleRAID."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from techkit.errors import ProbeError
from techkit.probes import arrays
from techkit.probes.probe import Platform, RecordedAccess


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def found(readings):
    return {(r.id.removeprefix("storage."), r.subject): r.value for r in readings}


def test_pools_and_file_systems_over_several_disks_are_arrays(tmp_path):
    """The kernel tells of both without rights; a file system on one disk is no array."""
    write(
        tmp_path,
        {
            "proc/spl/kstat/zfs/tank/state": "DEGRADED\n",
            "proc/spl/kstat/zfs/dbgmsg": "x",
            "sys/fs/btrfs/0f1e2d3c-aaaa/label": "photos\n",
            "sys/fs/btrfs/0f1e2d3c-aaaa/devinfo/1/missing": "0\n",
            "sys/fs/btrfs/0f1e2d3c-aaaa/devinfo/2/missing": "1\n",
            "sys/fs/btrfs/11111111-bbbb/devinfo/1/missing": "0\n",
        },
    )
    told = found(arrays.RAID.read(RecordedAccess(tmp_path)))
    assert told["raid_count", ""] == 2
    assert told["raid.state", "tank"] == "degraded"
    assert (told["raid.state", "photos"], told["raid.missing", "photos"]) == ("degraded", 1)


def test_storage_spaces_say_how_they_are():
    """Codes, also written as texts; one that repairs itself is not broken."""
    rows = [
        {"FriendlyName": "A", "HealthStatus": 0, "OperationalStatus": [2], "ResiliencySettingName": "Mirror"},
        {"FriendlyName": "B", "HealthStatus": "1", "OperationalStatus": ["3"]},
        {"FriendlyName": "C", "HealthStatus": 1, "OperationalStatus": 11},
        {"FriendlyName": "D", "HealthStatus": 2, "OperationalStatus": [3, 11]},
        {"FriendlyName": "E", "HealthStatus": None},
    ]
    told = found(arrays.storage_spaces(rows))
    states = {name: told.get(("raid.state", name)) for name in "ABCDE"}
    assert states == {"A": "clean", "B": "degraded", "C": "recovering", "D": "failed", "E": None}


def test_a_broken_array_is_not_hidden_behind_a_sound_one_of_its_name(tmp_path):
    """Whatever people call them, each has its own state: Storage Spaces, AppleRAID and Btrfs alike."""
    rows = [{"FriendlyName": "Data", "HealthStatus": n, "OperationalStatus": [2]} for n in (2, 0)]
    told = found(arrays.storage_spaces(rows))
    assert (told["raid.state", "Data"], told["raid.state", "Data (2)"]) == ("failed", "clean")
    sets = [{"Name": "Data", "Status": status, "Members": []} for status in ("Offline", "Online", "Degraded")]
    told = found(arrays.apple_raid({"AppleRAIDSets": sets}))
    assert [told["raid.state", name] for name in ("Data", "Data (2)", "Data (3)")] == [
        "failed", "clean", "degraded",
    ]  # fmt: skip
    for uuid, lost in (("aaaa", "1"), ("bbbb", "0")):
        devices = {f"sys/fs/btrfs/{uuid}/devinfo/{n}/missing": lost for n in (1, 2)}
        write(tmp_path, {f"sys/fs/btrfs/{uuid}/label": "Data", **devices})
    told = found(arrays.RAID.read(RecordedAccess(tmp_path)))
    assert (told["raid.state", "Data"], told["raid.state", "Data (2)"]) == ("degraded", "clean")


def mac(content: bytes) -> RecordedAccess:
    outputs = {" ".join(arrays.APPLE.argv): content}
    return RecordedAccess(Path("/nonexistent"), platform=Platform.MACOS, outputs=outputs)


def test_a_mirror_of_a_mac_counts_its_members():
    """Failed members are missing; one with a percentage is being rebuilt."""
    document = {
        "AppleRAIDSets": [
            {
                "Name": "Media",
                "Level": "Mirror",
                "Status": "Degraded",
                "Members": [{"MemberStatus": "Online"}, {"MemberStatus": "Failed"}],
            },
            {
                "Name": "Work",
                "Level": "Mirror",
                "Status": "Degraded",
                "Members": [{"MemberStatus": "Online"}, {"MemberStatus": "12% (Rebuilding)"}],
            },
            "no set",
        ]
    }
    told = found(arrays.RAID.read(mac(plistlib.dumps(document))))
    assert (told["raid.state", "Media"], told["raid.missing", "Media"]) == ("degraded", 1)
    assert told["raid.state", "Work"] == "recovering"
    assert told["raid_count", ""] == 2


def test_a_mac_without_an_array_has_none_and_rubbish_is_no_answer():
    """An empty list is an answer; anything else is not."""
    assert found(arrays.RAID.read(mac(plistlib.dumps({"AppleRAIDSets": 5})))) == {("raid_count", ""): 0}
    with pytest.raises(ProbeError):
        arrays.RAID.read(mac(b"could not be read"))
