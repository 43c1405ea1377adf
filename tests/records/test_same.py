"""Records entered twice: who may be the same and why, what a merge writes, what a new owner gets."""

from __future__ import annotations

from datetime import date

from techkit.records.assets import Asset, Lifecycle
from techkit.records.parties import Contact, Customer, Site
from techkit.records.same import filled, merged, repointed, same_contacts, same_customers, transferred
from techkit.records.success import FollowUp
from techkit.records.visit import Visit


def test_the_same_name_in_another_dress_is_proposed_with_its_reason():
    """Case, accents, order of words and legal form make no other customer."""
    one = Customer(id="1", display_name="Bäckerei Krümel GmbH")
    others = [
        Customer(id="2", display_name="BACKEREI KRUMEL"),
        Customer(id="3", display_name="Bäckerei Brösel GmbH"),
        Customer(id="4", display_name="Krümel, Bäckerei", merged_into="9"),
    ]
    (found,) = same_customers(one, others)
    assert (found.id, found.reasons) == ("2", ("The name is the same: BACKEREI KRUMEL.",))


def test_telephone_and_mail_speak_for_the_same_customer():
    """However a number is written; the number itself is not shown whole."""
    people = [
        Contact(id="a", customer_id="1", phones=("0551 / 70 00 12",), email="Post@krumel.example"),
        Contact(id="b", customer_id="2", phones=("+49 551 700012",), email="post@krumel.example"),
        Contact(id="c", customer_id="3", phones=("0551 700099",)),
    ]
    one = Customer(id="1", display_name="Krümel")
    others = [Customer(id="2", display_name="Backstube am Markt"), Customer(id="3", display_name="Brot & Co")]
    (found,) = same_customers(one, others, people)
    assert found.id == "2"
    assert found.reasons == (
        "The telephone number is the same: …0012.",
        "The e-mail address is the same: post@krumel.example.",
    )


def test_neighbours_at_one_address_are_not_the_same():
    """An address alone is a house, not a customer."""
    sites = [Site(id=i, customer_id=i, street="Mill Lane 3", town="Göttingen") for i in "12"]
    one, other = Customer(id="1", display_name="Ricci"), Customer(id="2", display_name="Weir")
    assert same_customers(one, [other], (), sites) == ()


def test_people_are_the_same_by_name_or_mail():
    """Given and family name in any order."""
    one = Contact(id="1", given_name="Selin", family_name="Arslan", email="s@x.example")
    others = [
        Contact(id="2", given_name="ARSLAN", family_name="Selin"),
        Contact(id="3", family_name="Office", email="S@x.example"),
        Contact(id="4", family_name="Arslan"),
    ]
    assert [twin.id for twin in same_contacts(one, others)] == ["2", "3"]


def test_a_merge_fills_gaps_and_never_overwrites():
    """What the one that stays says holds; what it lacks comes from the other; lists are joined."""
    keep = Asset(id="1", customer_id="c", name="RC-01", identifiers=("system_serial:a",))
    gone = Asset(
        id="2", customer_id="c", name="Notebook", model="Swift 14", identifiers=("system_serial:a", "machine_id:b"),
        lifecycle=Lifecycle.RETIRED,
    )  # fmt: skip
    stays, goes = merged(keep, gone)
    assert (stays.name, stays.model, stays.lifecycle) == ("RC-01", "Swift 14", Lifecycle.IN_USE)
    assert stays.identifiers == ("system_serial:a", "machine_id:b")
    assert (goes.merged_into, goes.name) == ("1", "Notebook")


def test_a_merge_does_not_take_over_who_the_customer_is():
    """Number, status and consent of the other one stay with it."""
    keep = Customer(id="1", display_name="Krümel")
    gone = Customer(
        id="2", number="77", display_name="Krumel", has_photo_consent=True, notes_for_visit="Ring twice"
    )
    stays = filled(keep, gone)
    assert (stays.number, stays.has_photo_consent, stays.notes_for_visit) == ("", False, "Ring twice")


def test_who_names_the_one_that_goes_names_the_one_that_stays():
    """References and the computers of a visit; what names somebody else is untouched."""
    promise = FollowUp(id="f", customer_id="c", asset_id="2", text="Call")
    visit = Visit(id="v", asset_ids=("2", "1", "3"))
    other = FollowUp(id="g", customer_id="c", asset_id="3", text="Other")
    changed = {r.id: r for r in repointed([promise, visit, other], "asset", "2", "1")}
    assert set(changed) == {"f", "v"}
    assert changed["f"].asset_id == "1"
    assert changed["v"].asset_ids == ("1", "3")


def test_a_new_owner_gets_the_thing_and_not_its_past():
    """Model, numbers and guarantee go along; person, place and tag do not; each record names the other."""
    asset = Asset(
        id="1", customer_id="c", name="PC", tag="LDG-1", model="Swift", identifiers=("system_serial:a",),
        owner_contact="p", location_in_site="Surgery", warranty_ends_on=date(2027, 1, 1),
    )  # fmt: skip
    here, there = transferred(asset, "d", "2", date(2026, 11, 24))
    assert (here.lifecycle, here.moved_to, here.moved_on) == (Lifecycle.RETIRED, "2", date(2026, 11, 24))
    assert (there.customer_id, there.came_from, there.model) == ("d", "1", "Swift")
    assert (there.tag, there.owner_contact, there.location_in_site) == ("", None, "")
    assert there.identifiers == asset.identifiers
