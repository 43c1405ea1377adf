"""Looking at one part alone: its result is shown and kept, and is never the check before or after the work."""

from __future__ import annotations

import dataclasses

from techkit.records.assets import DiagnosticRun, Phase
from techkit.records.bundle import whole
from techkit.records.drafts import latest_run
from techkit.records.parties import Customer
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_a_part_before_the_check_is_no_check_before_the_work(device: Device, visit: Visit) -> None:
    """It is kept as a run of its own; the check before the work is still to be made, and then it is the before."""
    visit.next()
    visit.check.part_look.start("storage")
    told = visit.check.part_look.state
    assert told.title == "Looked at alone: Storage"
    assert told.when
    assert "Free disk space · C:" in [item.title for item in told.findings]
    assert visit.check.state.phase == "choose"
    bundle = visit.held.bundle
    assert (bundle.whole_runs, bundle.snapshots) == ((), ())
    assert [run.is_part for run in device.store.find(DiagnosticRun)] == [True]
    visit.check.start()
    before = visit.held.bundle.run(visit.held.asset_in_hand, Phase.BEFORE)
    assert before is not None
    assert not before.is_part


def test_a_part_after_the_check_leaves_before_and_after_alone(checked: Visit) -> None:
    """What it found stands beside the value before; the run before the work says what it said."""
    asset = checked.held.asset_in_hand
    before = checked.held.bundle.run(asset, Phase.BEFORE)
    last = latest_run(checked.held.bundle, asset)
    checked.check.part_look.start("disk_space")
    found = checked.check.part_look.state.findings
    assert {item.title for item in found} == {"Free disk space · C:"}
    assert found[0].before.startswith("Before: ")
    assert found[0].sentence
    assert checked.held.bundle.run(asset, Phase.BEFORE) == before
    assert checked.held.bundle.run(asset, Phase.AFTER) is None
    assert latest_run(checked.held.bundle, asset) == last
    assert whole(checked.held.bundle.part_runs(asset)) == ()
    assert checked.check.state.heading == "2 things need action, 2 to watch"


def test_consent_is_asked_before_a_part_too_and_then_the_part_is_looked_at(
    device: Device, planned: str
) -> None:
    """Nothing is read without it; giving it begins what was asked for, not the whole check."""
    customer = device.store.find(Customer)[0]
    device.store.save(dataclasses.replace(customer, has_diagnostics_consent=False))
    visit = device.open(planned)
    visit.next()
    visit.check.part_look.start("storage")
    assert visit.check.state.needs_consent
    assert visit.held.bundle.runs == ()
    visit.check.give_consent()
    assert [run.is_part for run in visit.held.bundle.runs] == [True]


def test_one_look_at_a_time(device: Device, visit: Visit) -> None:
    """While a part is looked at, neither another part nor the check begins; stopping is offered once."""
    visit.next()
    held: list[tuple[object, ...]] = []
    device.lanes.free, lanes_free = (lambda *given: held.append(given)), device.lanes.free
    visit.check.part_look.start("storage")
    visit.check.part_look.start("network")
    visit.check.start()
    assert len(held) == 1
    assert visit.check.part_look.state.title == "Looking at: Storage"
    visit.check.part_look.stop()
    assert not visit.check.part_look.state.may_stop
    device.lanes.free = lanes_free
    device.lanes.free(*held[0])
    assert not visit.check.part_look.is_busy


def test_the_drawer_names_what_can_be_looked_at_alone(checked: Visit) -> None:
    """A finding of a check says which check; readings tried by hand cannot be read anew."""
    checked.check.open_evidence(checked.check.state.cards[0].key)
    assert checked.check.state.drawer.alone == "disk_space"


def test_a_word_that_names_nothing_is_said(checked: Visit) -> None:
    """And nothing that was read is lost."""
    checked.check.part_look.start("nothing_of_this_name")
    notice = checked.check.part_look.state.notice
    assert notice is not None
    assert "nothing_of_this_name" in notice.title
    assert checked.check.state.phase == "results"
