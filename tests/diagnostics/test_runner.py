"""Runs of a plan on real workers and on recordings."""

from __future__ import annotations

import threading
import time

import pytest

from techkit import i18n
from techkit.diagnostics import catalogue, runner
from techkit.diagnostics.plan import PLANS, QUICK, STANDARD
from techkit.diagnostics.runner import MachineProbes, RecordedMachine
from techkit.probes import network
from techkit.records.findings import Complaint, Explains, ProbeReport, Reading, Reason, Verdict


def recorded(tank, *readings: Reading, **more) -> RecordedMachine:
    return RecordedMachine(readings, probes=[tank.TANK, tank.DEEP_TANK], **more)


def run(tank, machine, **more):
    return runner.run(QUICK, machine, checks=[tank.TANK_FILL], now=lambda: tank.AT, **more)


def test_injected_readings_are_judged_by_the_same_checks(tank):
    """Readings go in, verdicts come out; nothing else can be injected."""
    result = run(tank, recorded(tank, tank.fill(5.0)))
    assert [(f.check, f.verdict, f.value) for f in result.findings] == [("tank_fill", Verdict.ACT, 5.0)]
    assert (result.plan, result.started_at, result.readings) == ("quick", tank.AT, (tank.fill(5.0),))


def test_what_a_recording_does_not_hold_is_left_out(tank):
    """A check none of whose probes were recorded is not part of the run: nobody looked."""
    result = run(tank, recorded(tank, Reading(id="tank_depth.metres", value=3)))
    assert result.findings == ()
    assert [p.probe for p in result.probes] == ["tank.divers"]


def test_a_recorded_trouble_is_unknown(tank):
    """A recorded probe that timed out makes its check unknown with that reason."""
    report = ProbeReport(probe="tank.gauge", state="timed_out", duration_s=5.0)
    [finding] = run(tank, recorded(tank, reports=[report])).findings
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, Reason.TIMED_OUT)


def test_the_complaint_is_answered(tank):
    """With a complaint each finding that has to do with it says so."""
    [finding] = run(tank, recorded(tank, tank.fill(5.0)), complaint=Complaint.SLOW).findings
    assert (finding.explains, finding.explains_why) == (Explains.LIKELY, "It is empty.")


def test_growth_since_the_last_visit_raises_the_verdict(tank):
    """A declared counter that grew turns watch into act."""
    now, before = (Reading(id="tank.leaks", value=n) for n in (12, 9))
    machine = recorded(tank, tank.fill(15.0), now)
    assert run(tank, machine).findings[0].verdict is Verdict.WATCH
    assert run(tank, machine, earlier=[before]).findings[0].verdict is Verdict.ACT


def test_real_workers_read_this_computer():
    """The real machine answers through workers, with progress, and leaves nothing running."""
    told = []
    with MachineProbes(probes=[network.INTERFACES]) as machine:
        result = runner.run(QUICK, machine, progress=told.append)
    assert [p.state for p in result.probes] == ["ok"]
    judged = {check.id for check in catalogue.checks() if network.INTERFACES in check.probes}
    assert {f.check for f in result.findings} <= judged
    assert (told[-1].done, told[-1].all, told[-1].left_s) == (1, 1, 0.0)
    assert any(r.id == "techkit.run.processor_seconds" for r in result.readings)


def test_settings_reach_the_probes_in_the_workers():
    """The hosts of the setting are the ones a worker asks."""
    settings = {"network.reference_hosts": ["http://127.0.0.1:1/"]}
    with MachineProbes(settings, probes=[network.LADDER]) as machine:
        result = runner.run(QUICK, machine, complaint=Complaint.NO_INTERNET)
    assert [p.probe for p in result.probes] == ["network.ladder"]
    asked = {
        r.source for r in result.readings if r.id == "network.internet.is_reachable" and r.value is False
    }
    # Where this computer has no network at all, the rung was not asked, and says so.
    assert asked in ({"TCP 127.0.0.1:1"}, set())


def test_the_quick_plan_waits_only_for_what_the_complaint_asks():
    """Watching programs and asking the network is left to deeper plans, unless it would explain the complaint."""
    machine = MachineProbes()

    def waiting(complaint: Complaint | None) -> set[str]:
        probes = machine.probes(runner.for_complaint(QUICK, complaint))
        return {probe.id for probe in probes if probe.samples or probe.needs_network}

    assert waiting(None) == set()
    assert waiting(Complaint.SLOW) >= {"usage.programs"}
    assert waiting(Complaint.NO_INTERNET) == {"network.ladder", "proxy.answers"}
    assert {probe.id for probe in machine.probes(STANDARD)} >= {"usage.programs", "network.ladder"}


def test_a_stop_is_told(tank):
    """A stopped run says that it was stopped; what it did not look at is "skipped"."""
    stop = threading.Event()
    stop.set()
    with MachineProbes(probes=[network.INTERFACES]) as machine:
        result = runner.run(QUICK, machine, stop=stop)
    assert result.was_stopped
    assert [p.state for p in result.probes] == ["skipped"]
    assert {f.verdict for f in result.findings} == {Verdict.UNKNOWN}


def test_several_threads_may_ask_one_machine():
    """Two runs on one machine at the same time wait for each other; both are whole."""
    results = []
    with MachineProbes(probes=[network.INTERFACES]) as machine:
        threads = [
            threading.Thread(target=lambda: results.append(runner.run(QUICK, machine))) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [[p.state for p in r.probes] for r in results] == [["ok"], ["ok"]]


def test_old_readings_are_judged_again_in_another_language(tank):
    """The customer's language is used while judging inside its with block."""
    report = ProbeReport(probe="tank.gauge", state="ok", duration_s=0)
    with i18n.language("de"):
        [finding] = runner.judge([tank.fill(5.0)], [report], at=tank.AT, checks=[tank.TANK_FILL])
    assert finding.verdict is Verdict.ACT


def test_the_time_left_never_passes_the_limit():
    """The guess shrinks to nothing at the end and stays within the plan's limit."""
    for plan in PLANS.values():
        assert runner._left(plan, plan.limit_s, 1, 10) == 0
        assert runner._left(plan, 0.1, 10, 10) == 0
        assert 0 < runner._left(plan, 0.1, 1, 10) <= plan.limit_s


def test_the_time_left_passes_while_nothing_else_happens(tank):
    """One that watches for a while is told of once a second, with less time left each time; a hung one by what it may take."""
    told: list[runner.Progress] = []
    teller = runner._teller(STANDARD, 2, told.append)
    for _turn in range(30):
        teller(1, [tank.TANK])
        time.sleep(0.05)
    assert len(told) == 2
    assert told[0].left_s > told[1].left_s
    assert runner._left(QUICK, 4.0, 9, 10, [tank.TANK]) == pytest.approx(max(0.0, tank.TANK.limit_s - 4.0))


def test_plans_are_ordered_by_depth():
    """Each deeper plan may take longer and watches longer."""
    limits = [(p.limit_s, p.sample_s) for p in PLANS.values()]
    assert limits == sorted(limits)
    assert (QUICK.limit_s, STANDARD.limit_s, STANDARD.sample_s) == (10.0, 90.0, 10.0)
