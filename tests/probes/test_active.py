"""The tests that load the computer, run for a moment on the computer that runs the tests."""

from __future__ import annotations

import os
import re
import threading
import time

import pytest

from techkit.errors import ProbeError
from techkit.probes import active
from techkit.probes.probe import Access, Depth, RecordedAccess, why_missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason


def found(readings):
    return {(r.id, r.subject): r.value for r in readings}


def test_they_run_in_the_deep_plan_only():
    """Nothing that loads the computer happens unasked."""
    assert all(probe.depth is Depth.DEEP and probe.samples for probe in active.PROBES)


def test_the_processor_is_loaded_for_as_long_as_allowed(monkeypatch):
    """Rates of the same work at first and in the end; afterwards no thread is left."""
    monkeypatch.setattr(active, "SLICE_S", 0.05)
    readings = found(active.PROCESSOR.read(Access(sample_s=0.2)))
    assert readings["active.processor.first_bytes_per_s", ""] > 0
    assert 0 <= readings["active.processor.drop_percent", ""] <= 100
    assert not [t for t in threading.enumerate() if isinstance(t, active._Worker)]


def test_a_processor_that_slows_down_shows_it(tmp_path):
    """The best of the first seconds against the mean of the last two."""
    sheet = active._processor_readings(
        RecordedAccess(tmp_path), [50.0, 100.0, 98.0, 60.0, 60.0], 40.0, 97.0, None
    )
    assert sheet.value("active.processor.drop_percent") == 40.0
    assert sheet.value("active.processor.peak_celsius") == 97.0


def test_memory_is_written_and_read_back(monkeypatch):
    """Sound memory gives no error."""
    monkeypatch.setattr(active, "HELD_BYTES", 8 * 2**20)
    monkeypatch.setattr(active, "LEAST_BYTES", 8 * 2**20)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    readings = found(active.MEMORY.read(Access(sample_s=0.1, stop=stop)))
    assert readings["active.memory.error_count", ""] == 0
    assert readings["active.memory.tested_bytes", ""] >= 8 * 2**20


def test_memory_that_programs_need_is_not_taken_for_a_test(tmp_path):
    """At most half of what is free is held; with next to nothing free there is no test, and it says why."""
    (tmp_path / "proc").mkdir()
    stop = threading.Event()
    stop.set()
    for free_mib, held_mib in ((4096, 160), (200, 100)):
        (tmp_path / "proc/meminfo").write_text(f"MemTotal: 8000000 kB\nMemAvailable: {free_mib * 1024} kB\n")
        readings = found(active.MEMORY.read(Access(root=tmp_path, stop=stop)))
        assert readings["active.memory.held_bytes", ""] == held_mib * 2**20
    (tmp_path / "proc/meminfo").write_text("MemTotal: 8000000 kB\nMemAvailable: 90000 kB\n")
    with pytest.raises(ProbeError) as error:
        active.MEMORY.read(Access(root=tmp_path, stop=stop))
    assert error.value.reason is Reason.FAILED


def test_a_disk_is_read_and_never_written(tmp_path):
    """A file stands for the disk: rate, waits, a sample of the surface, no error; its content is untouched."""
    (tmp_path / "sys/block/sda/queue").mkdir(parents=True)
    (tmp_path / "sys/block/sda/size").write_text(str(96 * 2**20 // 512))
    (tmp_path / "sys/block/sda/removable").write_text("0")
    (tmp_path / "sys/block/sda/queue/rotational").write_text("1")
    (tmp_path / "dev").mkdir()
    disk = tmp_path / "dev" / "sda"
    with disk.open("wb") as file:
        file.truncate(96 * 2**20)
    disk.chmod(0o400)
    readings = found(active.DISKS.read(RecordedAccess(tmp_path, is_admin=True)))
    assert readings["active.disk.read_errors", "sda"] == 0
    assert readings["active.disk.sequential_bytes_per_s", "sda"] > 0
    assert readings["active.disk.sampled_bytes", "sda"] == active.SAMPLES * active.PIECE
    assert readings["active.disk.kind", "sda"] == "hdd"


def test_without_rights_no_disk_is_read(tmp_path):
    """An ordinary user is told why."""
    with pytest.raises(ProbeError) as error:
        list(active.DISKS.read(RecordedAccess(tmp_path, is_admin=False)))
    assert error.value.reason == Reason.NOT_PERMITTED


def test_a_disk_that_cannot_be_opened_says_why(tmp_path):
    """The kernel lists it, its device is not there: missing with its reason, never silently nothing."""
    (tmp_path / "sys/block/sda").mkdir(parents=True)
    (tmp_path / "sys/block/sda/size").write_text(str(96 * 2**20 // 512))
    [reading] = active.DISKS.read(RecordedAccess(tmp_path, is_admin=True))
    assert why_missing(reading)[0] is Reason.NOT_PRESENT


def test_a_disk_is_read_where_the_system_seeks_first(tmp_path, monkeypatch):
    """As on Windows, which reads at no place of its own choosing: the same readings, and an end that cannot be read counts."""
    monkeypatch.delattr(os, "preadv")
    device = tmp_path / "PhysicalDrive0"
    with device.open("wb") as file:
        file.truncate(96 * 2**20)
    sheet = Sheet("reads of the disk itself")
    disk = active.Disk(name="0", device=str(device), size_bytes=96 * 2**20, kind="nvme", is_removable=False)
    assert active._one_disk(Access(), sheet, disk, time.monotonic() + 20) == []
    readings = found(sheet)
    assert readings["active.disk.read_errors", "0"] == 0
    assert readings["active.disk.sampled_bytes", "0"] == active.SAMPLES * active.PIECE
    assert readings["active.disk.kind", "0"] == "nvme"


def test_only_names_of_devices_become_devices():
    """What a system calls a disk is put into a path; another name is none."""
    readings = [
        Reading(id="storage.disk.size_bytes", value=10**12, subject=name)
        for name in ("0", "1", "../c", "0\\..\\x", "1234", "")
    ]
    readings.append(Reading(id="storage.disk.interface", value="usb", subject="1"))
    drives = active._disks_of(readings, r"\\.\PhysicalDrive{}", re.compile(r"\d{1,3}"))
    assert [(d.device, d.is_removable) for d in drives] == [
        (r"\\.\PhysicalDrive0", False),
        (r"\\.\PhysicalDrive1", True),
    ]
