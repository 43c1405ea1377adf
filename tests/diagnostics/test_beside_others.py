"""Beside other tools on the same computer in the same run: no fact contradicts theirs, and there are enough of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from techkit.diagnostics import runner
from techkit.diagnostics.check import Readings
from techkit.diagnostics.plan import QUICK, STANDARD
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
    """At least 300 facts about the machine itself."""
    facts = [
        r
        for r in result.readings
        if not r.id.startswith("software.") and runner.Readings([r], result.started_at).all(r.id)
    ]
    assert len(facts) >= FACTS


def test_a_bare_computer_gets_enough_verdicts() -> None:
    """At least 25 checks of the standard plan say good, watch or act, with value and source."""
    with runner.MachineProbes() as machine:
        result = runner.run(STANDARD, machine)
    judged = [
        f
        for f in result.findings
        if f.verdict in (Verdict.OK, Verdict.WATCH, Verdict.ACT) and f.value is not None and f.source
    ]
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
    system = next(root.iter("OPERATINGSYSTEM"))
    # FusionInventory writes the kernel beside the memory too, GLPI's agent beside the system's name only.
    kernel = hardware.findtext("OSVERSION") or system.findtext("KERNEL_VERSION")
    assert readings.text("os.kernel") == kernel
    assert readings.text("os.architecture") == system.findtext("ARCH")
    assert readings.text("os.name") == system.findtext("FULL_NAME")
    swap = readings.number("memory.swap_total_bytes")
    assert swap is None or swap / MB == pytest.approx(float(hardware.findtext("SWAP") or 0), abs=2)
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


def test_connections_devices_programs_and_start_agree_with_the_inventory(readings: Readings):
    """Each connection's addresses, state and driver, each device by its place, the packages and the start are alike."""
    root = inventory()
    compared = 0
    for name, state in texts(root, "NETWORKS", "DESCRIPTION", "STATUS"):
        is_up = readings.flag("network.interface.is_up", name)
        if is_up is not None:
            assert is_up == (state == "Up")
            compared += 1
    for tag, id in (("IPADDRESS", "ipv4"), ("IPADDRESS6", "ipv6")):
        for name, address in texts(root, "NETWORKS", "DESCRIPTION", tag):
            ours = readings.text(f"network.interface.{id}", name)
            assert ours is None or address in ours.split(", ")
    for name, driver in texts(root, "NETWORKS", "DESCRIPTION", "DRIVER"):
        assert readings.text("network.interface.driver", name) in (driver, None)
    for place, vendor, product in texts(root, "CONTROLLERS", "PCISLOT", "VENDORID", "PRODUCTID"):
        assert readings.text("devices.pci.id", f"0000:{place}") == f"{vendor}:{product}"
        compared += 1
    packages = len(list(root.iter("SOFTWARES")))
    assert readings.number("software.count") == pytest.approx(packages, abs=2)
    for version, booted in texts(root, "OPERATINGSYSTEM", "VERSION", "BOOT_TIME"):
        assert readings.text("os.version") == version
        began = datetime.fromisoformat(readings.text("os.booted_at") or "").astimezone()
        # Both reckon it from the uptime, which is told in whole seconds.
        assert abs((began.replace(tzinfo=None) - datetime.fromisoformat(booted)).total_seconds()) <= 5
    for family, model, stepping in texts(root, "CPUS", "FAMILYNUMBER", "MODEL", "STEPPING"):
        ours_cpu = [readings.number(f"processor.{name}", "0") for name in ("family", "model", "stepping")]
        assert ours_cpu == [float(family), float(model), float(stepping)]
    for serial, name in texts(root, "STORAGES", "SERIALNUMBER", "NAME"):
        assert readings.text("storage.disk.serial", name) in (serial, None)
    assert compared


#: What inxi writes where it does not know.
_NOT_TOLD = {"", "N/A", "-1", "unknown", "<filter>"}


def inxi() -> dict[str, list[dict[str, str]]]:
    """Return inxi's report: section -> its devices (a key with a number begins one), each {key: value}."""
    found: dict[str, list[dict[str, str]]] = {}
    section: list[dict[str, str]] = []
    for line in told("inxi", "-FrxxxpZ", "-c0", "-y1").decode("utf-8", "replace").splitlines():
        key, _colon, value = (part.strip() for part in line.partition(":"))
        if line and not line[0].isspace():
            section = found.setdefault(key, [])
        elif key.startswith(("ID-", "IF-ID-", "Device-", "System RAM")) or not section:
            section.append({key.rstrip("-0123456789"): value})
        elif value not in _NOT_TOLD:
            section[-1].setdefault(key, value)
    return found


def amount(text: str) -> float | None:
    """Return the bytes of inxi's "251.97 GiB", None where it tells none."""
    number, _blank, unit = text.partition(" ")
    power = {"B": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4}.get(unit.split(" ")[0])
    return float(number) * 1024**power if power is not None else None


def test_everything_inxi_tells_is_what_we_tell(readings: Readings):
    """System, processor, memory, connections, disks, volumes and packages are those of inxi, where both know them."""
    report = inxi()
    system, cpu, info = report["System"][0], report["CPU"][0], report["Info"][0]
    assert readings.text("os.kernel") in {*system.values()}
    assert readings.text("os.architecture") == system["arch"]
    assert readings.text("os.name") == system["Distro"]
    assert readings.text("processor.name", "0") == cpu["model"]
    cores = {"single": 1, "dual": 2, "triple": 3, "quad": 4}.get(cpu.get("Info", "").split(" ")[0])
    sockets = readings.number("processor.socket_count")
    assert cores is None or sockets != 1 or readings.number("processor.cores", "0") == cores
    total = amount(info.get("Memory", report.get("Memory", [{}])[0].get("total", "")))
    assert total is None or readings.number("memory.total_bytes") == pytest.approx(total, rel=0.01)
    assert info.get("pkgs") is None or readings.number("software.count") == pytest.approx(
        float(info["pkgs"]), abs=2
    )
    compared = 0
    for device in report["Network"]:
        name = device.get("IF-ID", "")
        if (state := device.get("state")) and readings.text("network.interface.operational_state", name):
            assert readings.text("network.interface.operational_state", name) == state
            compared += 1
        if (mac := device.get("mac")) and (ours := readings.text("network.interface.mac", name)):
            assert ours.casefold() == mac.casefold()
    for device in report["Drives"]:
        name = device.get("ID", "").removeprefix("/dev/")
        size, ours_size = amount(device.get("size", "")), readings.number("storage.disk.size_bytes", name)
        if size is not None and ours_size is not None:
            assert ours_size == pytest.approx(size, rel=0.01)
            compared += 1
        model = readings.text("storage.disk.model", name)
        assert model is None or "model" not in device or model in device["model"] or device["model"] in model
        serial = readings.text("storage.disk.serial", name)
        assert serial is None or device.get("serial", serial) == serial
    for volume in report["Partition"]:
        place = volume.get("ID", "")
        size, ours_size = amount(volume.get("size", "")), readings.number("storage.volume.total_bytes", place)
        if size is not None and ours_size is not None:
            assert ours_size == pytest.approx(size, rel=0.01)
            assert readings.text("storage.volume.file_system", place) == volume.get("fs")
            assert readings.text("storage.volume.device", place) == volume.get("dev")
            compared += 1
    assert compared


def hwinfo() -> list[dict[str, str]]:
    """Return what hwinfo found: a {key: value} for each thing."""
    found = []
    for block in (
        told("hwinfo", "--cpu", "--disk", "--network", "--netcard").decode("utf-8", "replace").split("\n\n")
    ):
        pairs = (line.strip().partition(": ") for line in block.splitlines() if line.startswith("  "))
        found.append({key: value.strip() for key, _colon, value in reversed(list(pairs))})
    return found


def test_everything_hwinfo_tells_is_what_we_tell(readings: Readings):
    """Processors, disks and network cards have the model, address, driver and size hwinfo gives them."""
    compared = 0
    for thing in hwinfo():
        name = thing.get("Device File", "").split(" ")[0].removeprefix("/dev/")
        kind = thing.get("Hardware Class", "")
        if kind == "cpu":
            numbers, _quote, model = thing["Model"].partition(' "')
            assert readings.text("processor.name", "0") == model.strip('"')
            assert readings.text("processor.vendor", "0") == thing["Vendor"].strip('"')
            family = [readings.number(f"processor.{part}", "0") for part in ("family", "model", "stepping")]
            assert family == [float(part) for part in numbers.split(".")]
            compared += 1
        elif kind in ("network", "network interface"):
            mac, driver = (
                readings.text("network.interface.mac", name),
                readings.text("network.interface.driver", name),
            )
            assert mac is None or thing.get("HW Address", mac).casefold() == mac.casefold()
            assert driver is None or f'"{driver}"' in thing.get("Driver", f'"{driver}"')
            compared += mac is not None
        elif kind == "disk":
            size = readings.number("storage.disk.size_bytes", name)
            match = re.search(r"\((\d+) bytes\)", thing.get("Capacity", ""))
            assert size is None or match is None or size == float(match[1])
            compared += size is not None
    assert compared


def test_every_disk_says_what_smartctl_says(result: CheckResult, readings: Readings):
    """Where smartctl reads a disk, its size, model, serial and verdict are ours; where it cannot, we claim nothing."""
    compared = 0
    for name in readings.subjects("storage.disk.size_bytes"):
        answer = json.loads(told("smartctl", "--json", "--all", "-n", "standby", f"/dev/{name}") or b"{}")
        size = answer.get("user_capacity", {}).get("bytes")
        assert size is None or readings.number("storage.disk.size_bytes", name) == size
        for key, id in (("model_name", "model"), ("serial_number", "serial")):
            ours = readings.text(f"storage.disk.{id}", name)
            assert ours is None or answer.get(key, ours).split() == ours.split()
        passed = answer.get("smart_status", {}).get("passed")
        assert readings.flag("storage.smart.passed", name) == passed
        health = {f.verdict for f in result.findings if f.check == "disk_health" and f.subject == name}
        # A failing disk needs action; one that cannot be asked is never called good.
        assert (Verdict.ACT in health) == (passed is False)
        assert passed is not None or Verdict.OK not in health
        compared += 1
    assert compared


def test_devices_connections_and_memory_agree_with_lshw(readings: Readings):
    """Each device lshw finds on the bus has our name and driver; addresses and memory are alike."""
    compared = 0
    for node in nodes():
        place, driver = str(node.get("businfo", "")), node.get("configuration", {}).get("driver")
        if place.startswith("pci@") and driver:
            assert readings.text("devices.pci.driver", place.removeprefix("pci@")) == driver
            compared += 1
        names = node.get("logicalname", "")
        for name in [names] if isinstance(names, str) else names:
            mac = readings.text("network.interface.mac", name)
            if node.get("class") == "network" and mac is not None:
                assert mac.casefold() == str(node.get("serial", mac)).casefold()
                address = node.get("configuration", {}).get("ip")
                assert address is None or address in (readings.text("network.interface.ipv4", name) or "")
                compared += 1
        if node.get("id") == "memory" and node.get("size"):
            # lshw counts whole modules; the kernel keeps some of it for itself.
            total = readings.number("memory.total_bytes")
            assert total is not None
            assert 0.85 * node["size"] <= total <= node["size"]
            compared += 1
    assert compared


def nodes() -> list[dict[str, Any]]:
    """Return everything lshw found, as a list."""
    tree = json.loads(told("lshw", "-json") or b"[]")
    found: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        found.append(node)
        for child in node.get("children", []):
            walk(child)

    for root in tree if isinstance(tree, list) else [tree]:
        walk(root)
    return found


def test_disks_and_processor_agree_with_lshw(readings: Readings):
    """What lshw names, we name alike."""
    found = nodes()
    processors = {n["product"] for n in found if n.get("class") == "processor" and n.get("product")}
    ours = {readings.text("processor.name", s) for s in readings.subjects("processor.name")}
    assert not processors or ours <= processors
    for node in found:
        name = str(node.get("logicalname", "")).removeprefix("/dev/")
        size = readings.number("storage.disk.size_bytes", name)
        if node.get("class") == "disk" and node.get("size") and size is not None:
            assert size == pytest.approx(float(node["size"]), rel=0.01)
