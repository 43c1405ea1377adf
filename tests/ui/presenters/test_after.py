"""After the work: measured again, compared, and the result proposed."""

from __future__ import annotations

import pytest

from techkit.records.assets import Phase
from techkit.records.findings import Reading
from techkit.records.visit import Outcome
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_run_starts_when_work_is_left(checked: Visit):
    """Leaving Work starts the check; the complaint is measured again and the result proposed."""
    checked.work.drafting.add()
    checked.next()
    state = checked.after.state
    assert state.phase == "results"
    assert "2 things are better" in state.headline
    assert "Slow" in state.complaint_line
    assert "gone" in state.complaint_line
    assert checked.held.visit.outcome is Outcome.RESOLVED


def test_a_tick_taken_away_stays_away(checked: Visit):
    """A draft unticked in Work is not ticked again in After, and holds nobody up."""
    for row in checked.work.state.drafts:
        if row.is_ticked:
            checked.work.drafting.toggle(row.key)
    checked.next()
    assert not any(r.is_ticked for r in checked.after.state.drafts)
    checked.next()
    assert checked.current == "sign_off"


def test_drafts_seen_only_after_the_work_are_pointed_at(device: Device, checked: Visit):
    """What only the check after the work shows leads to After before anybody signs."""
    checked.work.drafting.add()
    names = [{"name": "Late Tool", "version": "1.0", "publisher": "", "source": "registry"}]
    for moment, programs in (("before", []), ("after", names)):
        rows = [r for r in device.desk.recordings[moment] if r.id != "software.programs"]
        device.desk.recordings[moment] = [*rows, Reading(id="software.programs", value=programs)]
    first = checked.held.bundle.snapshot(checked.held.asset_in_hand, Phase.BEFORE)
    first.content["software"], first.content["unread"] = [], []
    checked.next()
    checked.next()
    assert checked.current == "after"
    assert [r.title for r in checked.after.state.drafts] == ["Late Tool 1.0 installed"]
    checked.after.drafting.add()
    checked.next()
    assert checked.current == "sign_off"


def test_chosen_result_is_not_overruled(checked: Visit):
    """A result chosen by hand stays, whatever is measured later."""
    checked.after.choose_outcome("partly")
    checked.next()
    assert checked.held.visit.outcome is Outcome.PARTLY


def test_unmeasured_value_is_named(device: Device, checked: Visit):
    """What could not be read again is said so, never counted as better."""
    kept = [r for r in device.desk.recordings["after"] if not r.id.startswith("storage.volume")]
    device.desk.recordings["after"] = [*kept, Reading(id="power.plan", value="balanced")]
    checked.next()
    row = next(r for r in checked.after.state.rows if r.title == "Free disk space")
    assert row.change == "gone"


def test_before_and_after_stand_on_one_scale_with_the_limit(checked: Visit):
    """All three have the same top; a disk is watched below a fifth of itself, or below the gigabytes that are enough."""
    checked.next()
    row = next(r for r in checked.after.state.rows if r.title == "Free disk space")
    before, after, limit = row.before_at, row.after_at, row.limit_at
    assert before is not None
    assert after is not None
    assert limit == pytest.approx(25 / 237.9, abs=0.005)
    assert before < limit < after
    starts = next(r for r in checked.after.state.rows if r.title == "Programs started at sign-in")
    assert (starts.before_at, starts.after_at, starts.limit_at) == (23 / 30, 9 / 30, 15 / 30)
