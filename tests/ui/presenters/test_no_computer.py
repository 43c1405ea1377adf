"""A visit no computer belongs to: nothing says that one is looked at, and nothing offers to."""

from __future__ import annotations

import pytest

from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


@pytest.fixture
def lesson(device: Device) -> Visit:
    form = device.new_visit()
    for name, text in (("customer", "Odalys Brandt"), ("purpose", "Learn mail merge"), ("street", "Lindengasse 8"), ("town", "79104 Freiburg")):  # fmt: skip
        form.fill(name, text)
    if form._takes_computer:
        form.choose_computer()
    form.start()
    visit = device.open(device.opened[-1])
    visit.next()
    return visit


def test_nothing_is_said_to_be_checked_again(lesson: Visit) -> None:
    """Step After says that there is nothing to compare; no check runs, and no reason is asked why there is none."""
    lesson.go("after")
    state = lesson.after.state
    assert (state.phase, state.skip_reasons) == ("nothing", ())
    assert state.sentence == "No computer belongs to this visit: there is nothing to compare."
    assert [choice.value for choice in state.outcomes], "the result can be chosen all the same"


def test_looking_again_is_not_offered_where_it_could_do_nothing(lesson: Visit, checked: Visit) -> None:
    """Without a computer, and after the customer refused, there is nothing to press; with a check before, there is."""
    lesson.go("work")
    assert not lesson.work.state.may_look
    assert lesson.work.state.no_drafts_line.startswith("No computer belongs to this visit")
    assert checked.work.state.may_look
