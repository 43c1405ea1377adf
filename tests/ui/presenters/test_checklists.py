"""Checklists by kind of visit: offered when somebody looks through a computer, kept as far as it was done."""

from __future__ import annotations

import pytest

from techkit.records.activities import Maintenance
from techkit.records.checklists import CHECKLISTS, points
from techkit.records.findings import Complaint
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


@pytest.mark.parametrize("complaint", list(Complaint))
def test_every_kind_of_visit_has_its_points(complaint: Complaint):
    """Each kind of visit has three points or more, none twice."""
    found = points(complaint)
    assert len(found) == len(set(found)) >= 3
    assert set(CHECKLISTS) == set(Complaint)


def test_the_points_are_offered_and_only_what_was_looked_at_is_kept(device: Device, checked: Visit):
    """The choice “Looked through” brings the points of a slow computer; two are answered, two are kept with their words."""
    work = checked.work
    work.choose_kind("maintenance")
    work.fill("title", "Looked through the computer")
    work.fill("action", "checked")
    form = work.state.form
    assert form is not None
    (listed,) = form.lists
    assert [row.fields[0].text for row in listed.rows] == list(points(Complaint.SLOW))
    work.fill("checklist.0.result", "pass")
    work.fill("checklist.4.result", "flag")
    work.fill("checklist.4.note", "Dusty; cleaned next time")
    work.add_entry()
    (made,) = device.store.bundle(checked.held.visit_id).activities
    assert isinstance(made, Maintenance)
    assert [row.words() for row in made.checklist] == [
        "Free space on the disk: Good",
        "Fan and vents free of dust: Keep an eye on it (Dusty; cleaned next time)",
    ]


def test_a_list_of_ones_own_is_left_alone(checked: Visit):
    """Points somebody wrote are not overwritten; other kinds of maintenance get none."""
    work = checked.work
    work.choose_kind("maintenance")
    work.fill("checklist.0.item", "The clock")
    work.fill("action", "checked")
    form = work.state.form
    assert form is not None
    assert [row.fields[0].text for row in form.lists[0].rows] == ["The clock"]
    work.close_form()
    work.choose_kind("maintenance")
    work.fill("action", "cleaned")
    form = work.state.form
    assert form is not None
    assert [row.fields[0].text for row in form.lists[0].rows] == [""]
