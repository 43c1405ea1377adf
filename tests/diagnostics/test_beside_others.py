"""Beside other tools on the same computer in the same run: no fact contradicts theirs, and there are enough of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import pytest

from techkit.diagnostics import runner
from techkit.diagnostics.check import Readings
from techkit.diagnostics.plan import QUICK
from techkit.records.findings import CheckResult, Verdict

#: As the issue asks: machine facts of the quick plan, programs not counted.
FACTS = 300
MB = 1024 * 1024


@pytest.fixture(scope="module")
def result() -> CheckResult:
    with runner.MachineProbes() as machine:
        return runner.run(QUICK, machine)


@pytest.fixture(scope="module")
def readings(result: CheckResult) -> Readings:
    return Readings(result.readings, result.started_at)


def told(*command: str) -> bytes:
    """Return what another tool prints; skip where it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, check=False, timeout=120).stdout


def inventory() -> ElementTree.Element:
    """Return the inventory of the GLPI or FusionInventory agent, whichever is installed."""
    name = next(
        (n for n in ("glpi-inventory", "fusioninventory-inventory") if shutil.which(n)), "glpi-inventory"
    )
    return ElementTree.fromstring(told(name))


def texts(root: ElementTree.Element, section: str, *names: str) -> Iterable[list[str]]:
    for part in root.iter(section):
        found = [part.findtext(name) or "" for name in names]
        if all(found):
            yield found


def test_the_quick_plan_gives_enough_facts(result: CheckResult):
    """At least 300 facts about the machine itself, and at least 25 verdicts with value and source."""
    facts = [
        r
        for r in result.readings
        if not r.id.startswith("software.") and runner.Readings([r], result.started_at).all(r.id)
    ]
    judged = [
        f
        for f in result.findings
        if f.verdict in (Verdict.OK, Verdict.WATCH, Verdict.ACT) and f.value is not None and f.source
    ]
    assert len(facts) >= FACTS
    assert len(judged) >= 25


def test_nothing_of_a_bare_computer_is_called_needs_action(result: CheckResult):
    """A machine that builds and tests all day works: nothing on it needs action but what any technician would say."""
    sensible = {
        "disk_space",
        "inodes",
        "updates_missing",
        "update_service",
        "os_end_of_life",
        "browser_end_of_life",
        "last_backup",
        "memory_use",
    }
    act = {f.check for f in result.findings if f.verdict is Verdict.ACT}
    assert act <= sensible


def test_memory_processor_and_system_agree_with_the_inventory(readings: Readings):
    """Name, kernel, processor and memory are what the inventory agent says; memory within a hundredth."""
    root = inventory()
    hardware = next(root.iter("HARDWARE"))
    assert readings.text("os.computer_name") == hardware.findtext("NAME")
    assert readings.text("os.kernel") == hardware.findtext("OSVERSION")
    memory = readings.number("memory.total_bytes")
    assert memory is not None
    assert memory / MB == pytest.approx(float(hardware.findtext("MEMORY") or 0), rel=0.01)
    names = {readings.text("processor.name", s) for s in readings.subjects("processor.name")}
    assert names == {name for (name,) in texts(root, "CPUS", "NAME")}


def test_volumes_disks_and_addresses_agree_with_the_inventory(readings: Readings):
    """Each volume, disk and network address both know is the same in both."""
    root = inventory()
    compared = 0
    for place, total, kind in texts(root, "DRIVES", "TYPE", "TOTAL", "FILESYSTEM"):
        ours = readings.number("storage.volume.total_bytes", place)
        if ours is not None:
            assert ours / MB == pytest.approx(float(total), rel=0.01, abs=2)
            assert readings.text("storage.volume.file_system", place) == kind
            compared += 1
    for name, size in texts(root, "STORAGES", "NAME", "DISKSIZE"):
        ours = readings.number("storage.disk.size_bytes", name)
        if ours is not None:
            assert ours / 1e6 == pytest.approx(float(size), rel=0.05)
            compared += 1
    for name, mac in texts(root, "NETWORKS", "DESCRIPTION", "MACADDR"):
        ours_mac = readings.text("network.interface.mac", name)
        if ours_mac is not None:
            assert ours_mac.casefold() == mac.casefold()
            compared += 1
    assert compared


def test_disks_and_processor_agree_with_lshw(readings: Readings):
    """What lshw names, we name alike."""
    tree = json.loads(told("lshw", "-json") or b"[]")
    found: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        found.append(node)
        for child in node.get("children", []):
            walk(child)

    for root in tree if isinstance(tree, list) else [tree]:
        walk(root)
    processors = {n["product"] for n in found if n.get("class") == "processor" and n.get("product")}
    ours = {readings.text("processor.name", s) for s in readings.subjects("processor.name")}
    assert not processors or ours <= processors
    for node in found:
        name = str(node.get("logicalname", "")).removeprefix("/dev/")
        size = readings.number("storage.disk.size_bytes", name)
        if node.get("class") == "disk" and node.get("size") and size is not None:
            assert size == pytest.approx(float(node["size"]), rel=0.01)
