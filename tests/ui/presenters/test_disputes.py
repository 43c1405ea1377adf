"""What was changed in two places: both versions in full, chosen field by field, decided once, at both ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.ui.presenters import disputes, today_rows
from techkit.ui.presenters.disputes import JOINED, KEEP, REMOVE, Dispute
from techkit.ui.presenters.sync import Sync
from tests.scenarios.conftest import Device, HandClock, Office


@pytest.fixture
def pair(tmp_path: Path, office: Office) -> Iterator[tuple[Device, Device]]:
    """Give two enrolled devices that hold the same customer with a contact and a site."""
    made = [
        Device(tmp_path / p, prefix=p, technician=name, clock=HandClock("2026-11-23 10:00"))
        for p, name in (("TK07", "Ines Okafor"), ("TK11", "Pavel Novotny"))
    ]
    ines, pavel = made
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    ines.store.save(
        customer,
        Contact(id=new_id(), customer_id=customer.id, family_name="Weir", role="Draftsman", skill=2),
        Site(id=new_id(), customer_id=customer.id, name="Mill Lane 3", access_notes="Ring twice."),
    )
    for device in made:
        device.sync.enrol(office.invitation())
    office.share_customer(pavel, customer.id)
    pavel.sync.now()
    yield ines, pavel
    for each in made:
        each.sync.close()
        each.store.close()


def both_write(ines: Device, pavel: Device) -> Dispute:
    """Let both change role and access differently, and Pavel the skill too; return what Ines has to decide."""
    (contact,) = ines.store.find(Contact)
    ines.store.save(replace(contact, role="Architect"))
    pavel.store.save(replace(contact, role="Team lead", skill=3))
    pavel.sync.now()
    ines.sync.now()
    (dispute,) = ines.sync.state.disputes
    return dispute


def start_again(device: Device) -> Sync:
    """End the program without a word; return the sync of the next start."""
    device.sync.close()
    device.start_again()
    device.sync = Sync(device.around)
    device.sync.refresh()
    return device.sync


def test_both_versions_stand_there_with_who_and_when(pair: tuple[Device, Device]):
    """Ours first, each in full with its person and time; what only one side changed has joined and is listed."""
    ines, pavel = pair
    dispute = both_write(ines, pavel)
    assert dispute.title == "Person “Weir”"
    (field,) = dispute.fields
    ours, theirs = field.versions
    assert (ours.text, ours.title, theirs.text, theirs.title) == (
        "Architect", "On this device", "Team lead", "From another device",
    )  # fmt: skip
    for version in (ours, theirs):
        assert version.line.startswith("admin, ")
        assert ":" in version.line
    assert "1 further field was changed on one side only" in dispute.agreed_line
    assert ines.store.find(Contact)[0].skill == 3
    assert ines.sync.state.status == "partial"
    assert ines.sync.state.notices[0].action == "look_at"


def test_the_chosen_version_holds_everywhere(pair: tuple[Device, Device]):
    """Nothing is written while choosing; the result holds on both devices after it was used."""
    ines, pavel = pair
    (field,) = both_write(ines, pavel).fields
    ines.sync.decisions.look_at()
    assert ines.sync.state.deciding == ines.sync.state.disputes[0].id
    held = ines.store.find(Contact)[0].role
    other = next(version for version in field.versions if version.text != held)
    ines.sync.decisions.choose(field.id, other.id)
    assert ines.sync.state.disputes[0].result == other.text
    assert ines.store.find(Contact)[0].role == held
    ines.sync.decisions.settle()
    assert (ines.sync.state.disputes, ines.sync.state.deciding) == ((), "")
    ines.sync.now()
    pavel.sync.now()
    assert {d.store.find(Contact)[0].role for d in pair} == {other.text}
    assert pavel.sync.state.disputes == ()


def test_texts_are_joined_and_tidied_up(pair: tuple[Device, Device]):
    """Both sentences in one text to begin with; what is typed is what holds."""
    ines, pavel = pair
    (site,) = ines.store.find(Site)
    ines.store.save(replace(site, access_notes="Ring twice. Code 4471."))
    pavel.store.save(replace(site, access_notes="Ring twice. Rear door after 17:00."))
    pavel.sync.now()
    ines.sync.now()
    (field,) = ines.sync.state.disputes[0].fields
    assert field.joined == "Ring twice. Code 4471. Rear door after 17:00."
    ines.sync.decisions.look_at()
    ines.sync.decisions.choose(field.id, JOINED)
    assert ines.sync.state.disputes[0].fields[0].is_joined
    ines.sync.decisions.write_joined(field.id, "Ring twice, code 4471; rear door after 17:00.")
    ines.sync.decisions.settle()
    ines.sync.now()
    pavel.sync.now()
    assert {d.store.find(Site)[0].access_notes for d in pair} == {
        "Ring twice, code 4471; rear door after 17:00."
    }


def test_what_is_typed_about_a_conflict_survives_a_crash(pair: tuple[Device, Device]):
    """The joined text and the word to the office stand there again; what was decided or left keeps neither."""
    ines, pavel = pair
    (site,) = ines.store.find(Site)
    ines.store.save(replace(site, access_notes="Code 4471."))
    pavel.store.save(replace(site, access_notes="Rear door."))
    pavel.sync.now()
    ines.sync.now()
    (dispute,) = ines.sync.state.disputes
    ines.sync.decisions.look_at()
    ines.sync.decisions.write_joined(dispute.fields[0].id, "Rear door, code 44")
    ines.sync.decisions.type_word("Please ask Mr We")
    again = start_again(ines)
    words = [today_rows.typed(draft).line for draft in ines.around.typing.waiting]
    assert [word.split("”")[0] for word in words] == ["“Please ask Mr We", "“Rear door, code 44"]
    (dispute,) = again.state.disputes
    assert dispute.word == "Please ask Mr We"
    assert (dispute.fields[0].is_joined, dispute.fields[0].joined) == (True, "Rear door, code 44")
    again.decisions.look_at(dispute.id)
    again.decisions.choose(dispute.fields[0].id, dispute.fields[0].versions[0].id)
    assert len(ines.store.setting("typed.forms")) == 1, "another version is chosen, so no text of ours holds"
    again.decisions.write_joined(dispute.fields[0].id, "Rear door, code 4471.")
    again.decisions.leave_to_office(dispute.word)
    assert ines.store.setting("typed.forms") == ()
    again.decisions.look_at(dispute.id)
    again.decisions.type_word("Not yet sen")
    again.decisions.write_joined(dispute.fields[0].id, "Rear door, code 4471.")
    assert len(ines.store.setting("typed.forms")) == 2
    again.decisions.settle()
    assert ines.store.setting("typed.forms") == ()
    assert ines.store.find(Site)[0].access_notes == "Rear door, code 4471."


def test_typing_about_what_somebody_else_decided_goes(pair: tuple[Device, Device]):
    """There is nothing left to go on with, so Today offers nothing."""
    ines, pavel = pair
    dispute = both_write(ines, pavel)
    ines.sync.decisions.look_at(dispute.id)
    ines.sync.decisions.type_word("Please ask Mr We")
    ines.sync.now()
    pavel.sync.now()
    pavel.sync.decisions.look_at()
    pavel.sync.decisions.settle()
    pavel.sync.now()
    ines.sync.now()
    assert ines.sync.state.disputes == ()
    assert ines.store.setting("typed.forms") == ()


@pytest.mark.parametrize("ours", [True, False])
def test_all_at_once(pair: tuple[Device, Device], ours: bool):
    """One gesture chooses this device's version of every field, or the other one's."""
    ines, pavel = pair
    (contact,) = ines.store.find(Contact)
    ines.store.save(replace(contact, role="Architect", family_name="Weir-Holt"))
    pavel.store.save(replace(contact, role="Team lead", family_name="Weyer"))
    pavel.sync.now()
    ines.sync.now()
    assert len(ines.sync.state.disputes[0].fields) == 2
    ines.sync.decisions.look_at()
    ines.sync.decisions.choose_all(ours=ours)
    ines.sync.decisions.settle()
    shown = ines.store.find(Contact)[0]
    assert (shown.role, shown.family_name) == (("Architect", "Weir-Holt") if ours else ("Team lead", "Weyer"))


@pytest.mark.parametrize(("way", "is_left"), [(REMOVE, 0), (KEEP, 1)])
def test_removed_here_and_edited_there_is_decided_on_the_device(
    pair: tuple[Device, Device], way: str, is_left: int
):
    """The record stays in sight with the reason and the edit; removing or keeping it holds at both ends."""
    ines, pavel = pair
    (site,) = ines.store.find(Site)
    ines.store.remove(site, "sold")
    pavel.store.save(replace(site, access_notes="New lock"))
    pavel.sync.now()
    ines.sync.now()
    (dispute,) = ines.sync.state.disputes
    (field,) = dispute.fields
    removal, keeping = field.versions
    assert (removal.id, removal.text, keeping.id) == (REMOVE, "sold", KEEP)
    assert "New lock" in keeping.text
    ines.sync.decisions.look_at(dispute.id)
    ines.sync.decisions.choose(field.id, way)
    ines.sync.decisions.settle()
    for device in (ines, pavel, ines):
        device.sync.now()
    for device in pair:
        assert len(device.store.find(Site)) == is_left
        assert device.sync.state.disputes == ()


def test_left_to_the_office_it_asks_no_more(pair: tuple[Device, Device], office: Office):
    """A word with who and when goes to the office and the colleague; the office's decision takes it away."""
    from techkit.central import office as desk
    from techkit.central.models import Conflict

    ines, pavel = pair
    dispute = both_write(ines, pavel)
    ines.sync.decisions.look_at(dispute.id)
    ines.sync.decisions.leave_to_office("  She was not sure herself. ")
    state = ines.sync.state
    assert (state.deciding, state.disputes[0].is_left, state.notices) == ("", True, ())
    assert (state.status, state.count) == ("waiting", 1)
    ines.sync.now()
    pavel.sync.now()
    assert ines.sync.state.status == "done"
    for each in pair:
        (shown,) = each.sync.state.disputes
        assert shown.left_line == (
            f"Left to the office: {ines.around.technician}, 23 Nov 2026 10:00. "
            "“She was not sure herself.” You can still decide it here."
        )
    desk.decide_conflict(office.staff, Conflict.objects.get().pk, "Partner")
    ines.sync.now()
    assert ines.sync.state.disputes == ()
    assert ines.store.find(Contact)[0].role == "Partner"


def test_a_choice_left_says_nothing_of_a_later_one(pair: tuple[Device, Device], office: Office):
    """When another field of the record is in two versions later, somebody is asked again."""
    ines, pavel = pair
    dispute = both_write(ines, pavel)
    ines.sync.decisions.look_at(dispute.id)
    ines.sync.decisions.leave_to_office()
    pavel.sync.now()
    (contact,) = ines.store.find(Contact)
    ines.store.save(replace(contact, family_name="Weir-Holt"))
    pavel.store.save(replace(pavel.store.find(Contact)[0], family_name="Weyer"))
    pavel.sync.now()
    ines.sync.now()
    (shown,) = ines.sync.state.disputes
    assert (len(shown.fields), shown.is_left) == (2, False)


def test_decided_elsewhere_while_it_is_looked_at(pair: tuple[Device, Device]):
    """The colleague was quicker: the view closes by itself, and settling does nothing."""
    ines, pavel = pair
    dispute = both_write(ines, pavel)
    ines.sync.decisions.look_at(dispute.id)
    pavel.sync.now()
    pavel.sync.decisions.look_at()
    pavel.sync.decisions.choose_all(ours=True)
    pavel.sync.decisions.settle()
    pavel.sync.now()
    ines.sync.now()
    assert (ines.sync.state.deciding, ines.sync.state.disputes) == ("", ())
    ines.sync.decisions.settle()
    ines.sync.decisions.choose_all(ours=True)
    assert ines.store.find(Contact)[0].role == "Team lead"


def test_sentences_join_once_each():
    """What both texts say stands there once, the first text's order first; nothing of nothing is nothing."""
    assert disputes.joined_text(["A. B!", "B!\nC?", None]) == "A. B! C?"
    assert disputes.joined_text(["", None]) == ""
