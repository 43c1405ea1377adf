"""The same reading has the same name, type and unit on every system."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from techkit.diagnostics import catalogue
from techkit.errors import ProbeError
from techkit.probes import access_macos, arrays, proxy, vpn, wifi, windows_request
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import Access, Platform, RecordedAccess, why_missing

CAPTURES = Path(__file__).parents[1] / "captures"
KINDS = {"int": int, "float": float, "text": str, "truth": bool, "list": list, "table": list, "map": dict}


def line(command) -> str:
    return " ".join(command.argv)


def machines() -> dict[str, Access]:
    """Return the recorded machines by system."""
    windows = {
        line(windows_request.FACTS): (CAPTURES / "windows-notebook/facts.json").read_bytes(),
        line(
            windows_request.PENDING
        ): b'{"techkit_counts":[{"software.updates.pending":4,"software.updates.security":1}]}',
        line(wifi.NETSH): (CAPTURES / "tools/netsh-es.txt").read_bytes(),
    }
    mac = {
        line(access_macos.HARDWARE): (CAPTURES / "macbook/system_profiler.json").read_bytes(),
        line(access_macos.SYSCTL): (CAPTURES / "macbook/sysctl.txt").read_bytes(),
        line(access_macos.MEMORY): (CAPTURES / "macbook/vm_stat.txt").read_bytes(),
        line(access_macos.BACKUP): (CAPTURES / "macbook/timemachine.plist").read_bytes(),
        line(access_macos.FIREWALL): b"(State = 1)",
        line(access_macos.FILEVAULT): b"true\n",
        line(access_macos.PMSET): b" lowpowermode         1\n",
        line(access_macos.LAUNCHD): b"-\t78\torg.sample.sync\n",
        line(access_macos.THERMAL): b"CPU_Speed_Limit = 100\n",
        line(arrays.APPLE): plistlib.dumps({"AppleRAIDSets": []}),
        line(proxy.SCUTIL): (CAPTURES / "tools/scutil-proxy.txt").read_bytes(),
        line(vpn.SERVICES): (CAPTURES / "tools/scutil-nc.txt").read_bytes(),
        line(vpn.INTERFACES): (CAPTURES / "macbook/ifconfig-vpn.txt").read_bytes(),
        line(vpn.MAC_ROUTE): (CAPTURES / "macbook/route-vpn.txt").read_bytes(),
    }
    desktop = {line(proxy.GSETTINGS): (CAPTURES / "tools/gsettings-proxy.txt").read_bytes()}
    return {
        "linux": RecordedAccess(
            CAPTURES / "linux-desktop", platform=Platform.LINUX, outputs=desktop, is_admin=True
        ),
        "windows": RecordedAccess(CAPTURES / "windows-notebook", platform=Platform.WINDOWS, outputs=windows),
        "macos": RecordedAccess(CAPTURES / "macbook", platform=Platform.MACOS, outputs=mac),
    }


PROBES = [
    probe
    for probe in catalogue.probes()
    if not probe.samples and not probe.needs_network and not probe.id.startswith("network.")
]


@pytest.mark.parametrize("system", ["linux", "windows", "macos"])
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_recorded_machine_keeps_the_contract(probe, system):
    """Each reading is one its probe says it gives, of the declared type and unit, with its source."""
    if Platform(system) not in probe.platforms:
        pytest.skip("not on this system")
    readings, refusal = [], None
    try:
        readings = list(probe.read(machines()[system]))
    except ProbeError as error:
        refusal = error
    assert refusal is None or (refusal.reason and refusal.title.endswith("."))
    for reading in readings:
        assert probe.covers(reading.id), reading.id
        if why_missing(reading):
            continue
        declared = DECLARED[reading.id]
        assert isinstance(reading.value, KINDS[declared.kind]), reading
        assert reading.unit == declared.unit, reading
        assert reading.privacy == declared.privacy, reading
        assert reading.source, reading


def test_the_systems_share_what_people_ask_for():
    """What the customer's page is made of is read on each of the three systems."""
    wanted = {
        "storage.volume.free_bytes",
        "power.battery.health_percent",
        "memory.total_bytes",
        "processor.name",
        "os.name",
        "os.cycle",
        "system.kind",
        "security.firewall.active",
        "os.startup.count",
        "storage.raid_count",
        "network.proxy.is_set",
        "network.proxy.addresses",
        "network.vpn.is_connected",
        "network.vpn.takes_all",
    }
    for system, machine in machines().items():
        found = set()
        for probe in PROBES:
            if Platform(system) not in probe.platforms:
                continue
            try:
                found |= {reading.id for reading in probe.read(machine) if not why_missing(reading)}
            except ProbeError as error:
                machine.keep(error.title)
        lacking = wanted - found
        if system == "linux":
            # The recorded desktop has no /proc/cpuinfo, and no tool to ask for the way out.
            lacking -= {"processor.name", "network.vpn.takes_all"}
        assert not lacking, system
