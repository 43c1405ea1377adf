"""Visits that end another way: at a closed door, called off with a reason, or with nothing left to do."""

from __future__ import annotations

from techkit.records.visit import Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_nobody_there(device: Device, visit: Visit):
    """A closed door ends the visit with the waiting time; nothing to check or to sign is flagged."""
    from techkit.records.flags import flags

    visit.nobody_there(20)
    kept = device.store.bundle(visit.held.visit_id)
    assert (kept.visit.work_state, kept.visit.outcome) == (WorkState.NO_ACCESS, Outcome.NO_ACCESS)
    assert [(s.kind, s.elapsed_s) for s in kept.labour] == [("wait", 1200)]
    assert flags(kept) == ()


def test_cancelled_needs_a_reason(device: Device, visit: Visit):
    """A visit is called off with a reason only."""
    visit.cancel("  ")
    assert visit.state.notice.title == "Please choose a reason."
    assert device.store.get(VisitRecord, visit.held.visit_id).work_state is WorkState.SCHEDULED
    visit.cancel("Customer is ill")
    kept = device.store.get(VisitRecord, visit.held.visit_id)
    assert (kept.work_state, kept.state_note) == (WorkState.CANCELLED, "Customer is ill")


def test_nobody_there_is_refused_once_somebody_was(device: Device, checked: Visit):
    """A visit that is under way is ended by saying what came of it."""
    checked.nobody_there(5)
    assert "already" in checked.state.notice.title
    assert device.store.get(VisitRecord, checked.held.visit_id).work_state is WorkState.ON_SITE
