"""Readings are declared once, and probes read this machine as declared."""

from __future__ import annotations

import pytest

from techkit.diagnostics import catalogue
from techkit.errors import ProbeError
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import Access, Probe, why_missing

KINDS = {"int": int, "float": float, "text": str, "truth": bool, "list": list, "table": list, "map": dict}


def test_every_declaration_is_whole():
    """Kind, meaning and a dotted id."""
    for declared in DECLARED.values():
        assert declared.kind in KINDS, declared.id
        assert "." in declared.id
        assert declared.meaning


@pytest.mark.parametrize("probe", catalogue.probes(), ids=lambda probe: probe.id)
def test_a_probe_reads_this_machine_as_declared(probe: Probe):
    """On the computer that runs the tests every reading has its declared type and unit, and a source."""
    if probe.needs_network or probe.samples or probe.depth != "quick":
        pytest.skip("needs the network, watches for a while or takes long")
    readings, refusal = [], None
    try:
        readings = list(probe.read(Access()))
    except ProbeError as error:
        refusal = error
    assert refusal is None or (refusal.reason and refusal.title.endswith("."))
    for reading in readings:
        assert probe.covers(reading.id), reading.id
        declared = DECLARED[reading.id]
        if why_missing(reading):
            continue
        assert isinstance(reading.value, KINDS[declared.kind]), reading
        assert reading.unit == declared.unit, reading
        assert reading.privacy == declared.privacy, reading
        assert reading.source, reading
