"""Where each reading comes from on each system is declared, and holds on the recorded machines."""

from __future__ import annotations

import pytest

from techkit.diagnostics import catalogue
from techkit.errors import ProbeError
from techkit.probes.declarations import DECLARED
from techkit.probes.origins import ORIGINS, REASONS
from techkit.probes.probe import Platform, why_missing
from tests.probes.test_contract import PROBES, machines


def test_every_reading_has_one_origin():
    """Each system either gives it or has a reason; nobody's reading has an origin."""
    assert set(ORIGINS) == set(DECLARED)
    for id, origin in ORIGINS.items():
        assert {*origin.sources, *origin.reasons} == set(Platform), id
        assert not {*origin.sources} & {*origin.reasons}, id
        assert all(origin.sources.values()), id
        assert set(origin.reasons.values()) <= set(REASONS.values()), id


def test_a_reading_is_given_only_where_its_probe_exists():
    """A source on a system means a probe that runs there and may give it; the run itself is measured without one."""
    for id, origin in ORIGINS.items():
        owners = [probe for probe in catalogue.probes() if probe.covers(id)]
        for system in origin.sources:
            assert id.startswith("techkit.run.") or any(system in p.platforms for p in owners), (id, system)


def stands_in(source: str, cell: str) -> bool:
    """Return whether a file, class or tool of a reading's source is named in its declaration, folders standing for files."""
    for word in source.replace(",", " ").split():
        parts = word.rstrip("/*").split("/")
        shorter = (
            ["/".join(parts[:count]) for count in range(len(parts), 2, -1)] if len(parts) > 2 else [word]
        )
        if any(part in cell for part in shorter if part not in ("CIM", "registry:", "Windows")):
            return True
    return source in cell


@pytest.mark.parametrize("system", Platform)
def test_a_recorded_machine_gives_what_is_declared_and_from_there(system):
    """What a probe reads on a recorded machine stands in the table, with its source; nothing else is read there."""
    machine = machines()[system]
    seen = 0
    for probe in PROBES:
        if system not in probe.platforms:
            continue
        try:
            readings = [r for r in probe.read(machine) if not why_missing(r)]
        except ProbeError:
            continue
        for reading in readings:
            seen += 1
            cell = ORIGINS[reading.id].sources.get(system)
            assert cell, f"{reading.id} comes from {reading.source}"
            assert stands_in(reading.source, cell), (reading.id, reading.source, cell)
    assert seen > 50
