"""One part of the computer alone: what runs, how closely, and words that name nothing."""

from __future__ import annotations

import pytest

from techkit.diagnostics import catalogue, only, runner
from techkit.diagnostics.plan import DEEP, QUICK, STANDARD
from techkit.errors import InputError
from techkit.probes.probe import Depth
from techkit.records.findings import Area, Reading


@pytest.mark.parametrize("area", list(Area))
def test_an_area_asks_its_own_probes_and_no_others(area: Area) -> None:
    """Every check of the area that the plan looks at has all it needs, and nothing beside it is asked."""
    part = only.part((str(area),), STANDARD)
    wanted = [c for c in catalogue.checks() if c.area is area and STANDARD.depth.includes(c.depth)]
    assert [check.id for check in part.checks] == [check.id for check in wanted]
    needed = {probe.id for check in wanted for probe in check.probes}
    beside = {probe.id for check in wanted for probe in check.also}
    asked = {probe.id for probe in catalogue.probes() if part.plan.runs(probe)}
    assert needed <= asked <= needed | beside


def test_a_single_check_is_always_made() -> None:
    """One that only the standard plan makes is made though the quick one was meant, with that plan's limit."""
    deeper = next(c for c in catalogue.checks() if c.depth is Depth.STANDARD)
    part = only.part((deeper.id,), QUICK)
    assert part.checks == (deeper,)
    assert (part.plan.depth, part.plan.limit_s) == (Depth.STANDARD, STANDARD.limit_s)
    assert only.part(("disk_space", deeper.id), QUICK).checks == (catalogue.by_id("disk_space"), deeper)
    assert only.part(("disk_space",), DEEP).plan.limit_s == DEEP.limit_s


def test_what_a_person_tries_is_refused_and_typing_errors_are_named() -> None:
    """Both in a sentence that says what to do."""
    with pytest.raises(InputError, match="by hand"):
        only.part(("screen_test",), QUICK)
    with pytest.raises(InputError) as refused:
        only.part(("disk_spcae",), QUICK)
    assert "disk_space" in refused.value.advice
    assert not only.is_offered("screen_test")
    assert only.is_offered("disk_space")


def test_a_recorded_computer_is_looked_at_in_part() -> None:
    """Readings of other parts stay unread, and no check of another area says anything."""
    recorded = runner.RecordedMachine(
        [
            Reading(id="memory.total_bytes", value=2**33, unit="bytes"),
            Reading(id="memory.available_bytes", value=2**30, unit="bytes"),
            Reading(id="os.family", value="linux"),
        ]
    )
    part = only.part(("memory",), STANDARD)
    result = runner.run(part.plan, recorded, checks=part.checks)
    assert result.plan == "only"
    assert {finding.area for finding in result.findings} == {Area.MEMORY}
    assert not [reading for reading in result.readings if reading.id == "os.family"]
