"""The engine's shared code around every check."""

from __future__ import annotations

import pytest

from techkit.diagnostics import check as engine
from techkit.diagnostics.check import Readings
from techkit.probes.probe import Depth, missing
from techkit.records.findings import ProbeReport, Reading, Reason, Verdict


def test_one_finding_per_subject_with_the_checks_own_words(judge, tank):
    """Each thing looked at has its finding; title, area, version and source are filled in."""
    findings = judge(
        tank.TANK_FILL, [tank.fill(5.0, "left"), tank.fill(15.0, "right"), tank.fill(50.0, "top")]
    )
    assert [(f.subject, f.verdict) for f in findings] == [
        ("left", Verdict.ACT),
        ("right", Verdict.WATCH),
        ("top", Verdict.OK),
    ]
    assert {(f.check, f.title, f.source, f.rule_version) for f in findings} == {
        ("tank_fill", "Tank", "gauge", 1)
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_told_and_never_good(judge, tank, reason):
    """Whatever the reason a probe did not end well, the finding is unknown, with reason and text."""
    [finding] = judge(tank.TANK_FILL, [tank.fill(50.0)], state=str(reason))
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, reason)
    assert finding.reason_text
    assert finding.reason_text in finding.sentence


def test_a_probe_without_a_report_counts_as_left_out(tank):
    """A probe nobody reported about makes its check unknown, not good."""
    [finding] = engine.findings(tank.TANK_FILL, Readings([tank.fill(50.0)], tank.AT), {})
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, Reason.SKIPPED)


def test_the_probes_own_words_are_kept(tank):
    """The reason's text comes from the probe where it gave one."""
    report = ProbeReport(probe=tank.TANK.id, state="tool_missing", duration_s=0, reason_text="No gauge.")
    [finding] = engine.findings(tank.TANK_FILL, Readings([], tank.AT), {tank.TANK.id: report})
    assert finding.reason_text == "No gauge."


def test_another_system_does_not_apply(judge, tank):
    """A probe that does not exist on this system makes its check not applicable."""
    [finding] = judge(tank.TANK_FILL, [], state="not_applicable")
    assert finding.verdict is Verdict.NOT_APPLICABLE


def test_nothing_of_the_kind_does_not_apply(judge, tank):
    """A probe that ended well and found nothing makes its check not applicable."""
    [finding] = judge(tank.TANK_FILL, [])
    assert finding.verdict is Verdict.NOT_APPLICABLE


def test_one_unreadable_subject_is_unknown_beside_the_others(judge, tank):
    """One value that could not be had is unknown for its subject; the others keep their verdicts."""
    gone = missing("tank.fill_percent", subject="left", reason=Reason.NOT_PERMITTED, text="Locked.")
    findings = judge(tank.TANK_FILL, [gone, tank.fill(50.0, "right")])
    assert {(f.subject, f.verdict, f.reason_text) for f in findings} == {
        ("right", Verdict.OK, ""),
        ("left", Verdict.UNKNOWN, "Locked."),
    }


@pytest.mark.expects_log("tank_fill could not judge")
def test_a_fault_in_a_check_is_its_own_unknown(judge, tank):
    """A check that fails says so; it neither takes others along nor shows as good."""
    [finding] = judge(tank.TANK_FILL, [tank.fill("half")])
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, Reason.FAILED)


def test_readings_are_typed():
    """Each getter gives its own type or nothing."""
    readings = Readings(
        [
            Reading(id="a", value=True),
            Reading(id="b", value=2),
            Reading(id="c", value="x"),
            missing("d", reason=Reason.TIMED_OUT, text="Late."),
        ],
        None,  # type: ignore[arg-type]  # what the test is about
    )
    assert (readings.flag("a"), readings.number("a"), readings.text("a")) == (True, None, None)
    assert (readings.flag("b"), readings.number("b"), readings.text("b")) == (None, 2, None)
    assert readings.text("c") == "x"
    assert readings.get("d") is None
    assert readings.missing("d") == {"": (Reason.TIMED_OUT, "Late.")}
    assert [r.id for r in readings] == ["a", "b", "c"]


def test_a_check_belongs_to_the_plan_of_its_deepest_probe(tank):
    """A check is as deep as the deepest probe it needs."""
    assert tank.TANK_FILL.depth is Depth.QUICK
    assert Depth.DEEP.includes(Depth.QUICK)
    assert not Depth.QUICK.includes(Depth.STANDARD)
