"""Who took part in a training: people are named where they sit, and an organisation's own name is nobody."""

from __future__ import annotations

import pytest

from techkit.records.activities import Training
from techkit.records.parties import Contact
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


@pytest.fixture
def course(device: Device) -> Visit:
    """A first visit at a company nobody was named at, the training's form open."""
    form = device.new_visit()
    for name, text in (
        ("customer", "Musterhof GmbH"), ("purpose", "Learn the till"), ("street", "Feldweg 3"), ("town", "79104 Freiburg"),
    ):  # fmt: skip
        form.fill(name, text)
    form.start()
    visit = device.open(device.opened[-1])
    visit.work.choose_kind("training")
    visit.work.fill("title", "The till")
    return visit


def names(visit: Visit) -> list[tuple[str, str]]:
    return [(person.name, person.came) for person in visit.work.state.people]


def test_a_companys_name_took_no_part(course: Visit) -> None:
    """Nobody was named when the customer was entered: the list is empty until somebody is."""
    assert names(course) == []
    course.work.all_present()
    assert names(course) == []


def test_people_are_added_by_name_and_stay_with_the_customer(device: Device, course: Visit) -> None:
    """Three names make three people of the customer who were there, and a session of a group."""
    for name in ("Ada Sample", "  Ben  Sample ", "Cleo"):
        course.work.add_attendee(name)
    assert names(course) == [("Ada Sample", "present"), ("Ben Sample", "present"), ("Cleo", "present")]
    course.work.add_entry()
    (training,) = device.store.find(Training)
    assert [row.name for row in training.attendance] == ["Ada Sample", "Ben Sample", "Cleo"]
    assert training.method == "group"
    kept = {held.id: held.name for held in device.store.find(Contact)}
    assert [kept[row.contact_id] for row in training.attendance] == ["Ada Sample", "Ben Sample", "Cleo"]


def test_a_known_name_is_that_person(device: Device, course: Visit) -> None:
    """Typed once more, in other letters, it is nobody new; nothing typed adds nobody."""
    course.work.add_attendee("Ada Sample")
    course.work.say_attended(course.work.state.people[0].contact_id, "")
    before = device.store.count(Contact)
    course.work.add_attendee("ada sample")
    course.work.add_attendee("   ")
    assert names(course) == [("Ada Sample", "present")]
    assert device.store.count(Contact) == before


def test_a_name_nobody_can_have_is_refused_beside_its_field(device: Device, course: Visit) -> None:
    """The sentence stands there until a name is good; nothing was kept."""
    before = device.store.count(Contact)
    course.work.add_attendee("Sample " * 2000)
    assert course.work.state.attendee_error
    assert (names(course), device.store.count(Contact)) == ([], before)
    course.work.add_attendee("Ada Sample")
    assert (course.work.state.attendee_error, names(course)) == ("", [("Ada Sample", "present")])


def test_half_a_name_survives_a_crash(device: Device, course: Visit) -> None:
    """What was typed and not added stands in the field again."""
    course.work.attendance.type_ahead("Ada Sam")
    again = device.open(course.held.visit_id)
    assert again.work.state.attendee_typed == "Ada Sam"
    course.work.add_attendee("Ada Sample")
    assert device.open(course.held.visit_id).work.state.attendee_typed == ""


def test_adding_somebody_is_taken_back_whole(device: Device, course: Visit) -> None:
    """The person who was added by mistake goes from the list and from the customer."""
    course.work.add_attendee("Ada Sample")
    course.held.undo()
    assert names(course) == []
    assert "Ada Sample" not in {held.name for held in device.store.find(Contact)}


def test_a_companys_name_signs_nothing(course: Visit) -> None:
    """The name of whoever signs is asked for; until it is there nobody can sign."""
    course.work.add_entry()
    course.go("sign_off")
    assert course.sign_off.state.signer == ""
    course.sign_off.set_signer("Ada Sample")
    assert course.sign_off.state.signer == "Ada Sample"
