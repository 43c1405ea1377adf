"""Each reading serves something, and each check can say something where docs/checks.md says so."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from techkit.diagnostics import catalogue, coverage
from techkit.probes.declarations import DECLARED
from techkit.probes.origins import ORIGINS
from techkit.probes.probe import Platform
from techkit.records.findings import Verdict
from tests.diagnostics.checks.test_verdicts import CASES

SPOKEN = (Verdict.OK, Verdict.WATCH, Verdict.ACT)


def test_every_reading_a_check_uses_is_given_somewhere():
    """No check waits for a reading that no system gives, and each uses some."""
    for check, readings in coverage.by_check().items():
        assert readings, check
        for id in readings:
            assert ORIGINS[id].sources, (check, id)


def test_every_reading_serves_something():
    """A check, the inventory, or a reason to keep it; what is taken for a reason is no check's."""
    for id in DECLARED:
        assert coverage.kept_for(id), id
    assert "disk_health" in coverage.kept_for("storage.smart.passed")
    assert coverage.kept_for("chassis.serial") == "inventory"
    assert coverage.kept_for("storage.smart.attribute_raw") == coverage.KEPT["storage.smart."]


def given(readings: Iterable[str], system: Platform) -> bool:
    """Return whether a system gives all of these readings ("id" or "id@subject")."""
    ids = {name.partition("@")[0] for name in readings}
    return all(system in ORIGINS[id].sources for id in ids if id in ORIGINS)


@pytest.mark.parametrize("check", catalogue.checks(), ids=lambda check: check.id)
def test_a_check_has_what_it_needs_where_it_says_something(check):
    """On each of its systems it came to a verdict with nothing but readings of that system; elsewhere there is a reason."""
    there = coverage.systems(check.id)
    assert there
    for system in there:
        cases = [readings for verdict, readings in CASES.get(check.id, ()) if verdict in SPOKEN]
        assert not cases or any(given(readings, system) for readings in cases), system
    for system in set(Platform) - set(there):
        assert coverage.elsewhere(check.id)[system], system


@pytest.mark.parametrize("system", Platform)
def test_no_case_of_a_check_speaks_where_the_table_says_it_cannot(system):
    """The readings a verdict was shown with are not all given on a system the check is said to be silent on."""
    for id, cases in CASES.items():
        if system in coverage.systems(id):
            continue
        for verdict, readings in cases:
            assert not (verdict in SPOKEN and readings and given(readings, system)), (id, readings)
