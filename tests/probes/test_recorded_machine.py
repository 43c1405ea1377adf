"""One recorded machine's /proc and /sys, kept outside the repository, read by the probes as they are.

Set TECHKIT_CAPTURES to its folder; without it these tests are skipped, saying so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from techkit.diagnostics import catalogue
from techkit.errors import ProbeError
from techkit.probes import arrays, memory, power, processor
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import Platform, RecordedAccess, why_missing

FOLDER = os.environ.get("TECHKIT_CAPTURES", "")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="TECHKIT_CAPTURES is not set: no output of real machines to read"
)


def unpack(archive: Path, target: Path) -> None:
    """Unpack a ttar archive: Path, Lines, Mode, Directory and SymlinkTo headers in plain text."""
    rows = archive.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    at, path = 0, target
    while at < len(rows):
        key, _mark, value = rows[at].partition(": ")
        at += 1
        if key == "Directory":
            (target / value).mkdir(parents=True, exist_ok=True)
        elif key == "Path":
            path = target / value
            path.parent.mkdir(parents=True, exist_ok=True)
        elif key == "SymlinkTo" and not path.is_symlink():
            path.symlink_to(value)
        elif key == "Lines":
            count = int(value)
            body = "\n".join(rows[at : at + count]).replace("NULLBYTE", "\0").replace("EOF", "")
            path.write_text(body + "\n", encoding="utf-8", errors="surrogateescape")
            at += count


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> RecordedAccess:
    root = tmp_path_factory.mktemp("machine")
    source = Path(FOLDER) / "sysfs"
    unpack(source / "sys.ttar", root)
    shutil.copytree(source / "proc", root / "proc", symlinks=True)
    (root / "proc" / "self").unlink(missing_ok=True)
    (root / "proc" / "self").symlink_to("10")
    return RecordedAccess(root, platform=Platform.LINUX)


def found(readings):
    return {(r.id, r.subject): r.value for r in readings}


@pytest.mark.parametrize("probe", catalogue.probes(), ids=lambda probe: probe.id)
def test_every_probe_reads_the_recorded_machine(machine, probe):
    """No exception but a reason, and every reading is declared."""
    if probe.samples or probe.needs_network or probe.id.startswith("network."):
        pytest.skip("asks the machine the test runs on")
    try:
        readings = list(probe.read(machine))
    except ProbeError as error:
        readings = []
        machine.keep(error.title)
    assert all(r.id in DECLARED and probe.covers(r.id) for r in readings if not why_missing(r))


def test_values_agree_with_a_monitoring_agent(machine):
    """Values a well-known agent read from the same files (e2e-output.txt beside them)."""
    use = found(memory.USE.read(machine))
    assert use["memory.total_bytes", ""] == 3831959552
    assert use["memory.free_bytes", ""] == 230883328
    load = found(processor.LOAD.read(machine))
    assert load["processor.load_1", ""] == 0.21
    raids = found(arrays.RAID.read(machine))
    assert raids["storage.raid.level", "md0"] == "raid0"
    heat = found(processor.HEAT.read(machine))
    packages = [
        value
        for (id, subject), value in heat.items()
        if "Physical id 0" in subject and id == "temperature.celsius"
    ]
    assert packages == [55.0, 55.0]  # two processors, two chips of the same name
    batteries = found(power.BATTERIES.read(machine))
    assert batteries["power.battery_count", ""] >= 1
