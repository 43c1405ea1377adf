"""A customer's page: forms, health, plans, decisions, merges, closing, and what a customer's computer hides."""

from __future__ import annotations

from datetime import UTC, date, datetime

from techkit.records.assets import Asset, Contract
from techkit.records.budget import Budget, CostCentre
from techkit.records.identity import new_id
from techkit.records.parties import (
    Contact,
    Customer,
    CustomerStatus,
    Payer,
    Site,
    SkillAssessment,
    UserSoftware,
)
from techkit.records.schema import replace
from techkit.records.success import Recommendation
from techkit.records.visit import Attachment, Case, Visit, WorkState
from techkit.store.listing import Wanted
from techkit.ui.presenters.budgets import Budgets
from techkit.ui.presenters.sight import Sight


def test_every_part_of_the_health_view_opens_its_rows(page):
    """The renewal part names its contract; a low answer leads to its visit."""
    place = page("twin")
    rating = next(p for p in place.state.health.parts if p.key == "rating")
    place.toggle_part("rating")
    assert place.state.open_part == "rating"
    place.open_row(rating.rows[0].kind, rating.rows[0].id)
    assert page.opened == [("visit", page.ids["visit"])]
    place.toggle_part("rating")
    assert place.state.open_part == ""


def test_a_text_too_long_for_a_customers_field_becomes_a_file_of_the_open_visit(page):
    """The signed visit takes none; the field says in which file the whole stands."""
    place, store = page("twin"), page.store
    long = "word " * 30_000
    place.edit()
    place.fill("notes_for_visit", long)
    assert place.state.form.may_keep_whole
    place.keep_whole_text()
    assert (place.state.form.error, place.state.form.may_keep_whole) == ("", False)
    place.save()
    (kept,) = store.find(Attachment)
    assert (kept.visit_id, store.attachment(kept.sha256).decode()) == (page.ids["open"], long)
    assert store.get(Customer, page.ids["twin"]).notes_for_visit.endswith(f"(whole text: {kept.name})")


def test_without_an_open_visit_a_text_too_long_stays_where_it_is(page):
    """A file belongs to a visit: what can be done is said, and nothing of the text is lost."""
    place, store = page(), page.store
    store.save(replace(store.get(Visit, page.ids["open"]), work_state=WorkState.CANCELLED))
    place.edit()
    place.fill("notes_for_visit", "word " * 30_000)
    place.keep_whole_text()
    form = place.state.form
    assert "No visit is open" in form.error
    assert (
        next(f.text for f in (*form.fields, *form.more) if f.name == "notes_for_visit").count("word")
        == 30_000
    )
    assert store.find(Attachment) == []


def test_an_open_case_is_changed_on_its_customers_page(page):
    """What the technician may say of it: the computer too; its kind, priority and state are the office's."""
    store, case, asset = page.store, new_id(), new_id()
    store.save(
        Asset(id=asset, customer_id=page.ids["customer"], name="TILL-1"),
        Case(id=case, customer_id=page.ids["customer"], title="The till stops", priority=2),
    )
    place = page()
    (line,) = place.state.cases
    place.edit_case(line.record_id)
    form = place.state.form
    offered = {f.name for f in (*form.fields, *form.more)}
    assert offered == {
        "title", "symptom_code", "site_id", "asset_id", "reported_at", "reported_by", "channel", "category",
    }  # fmt: skip
    place.fill("title", "The till stops at noon")
    place.fill("asset_id", asset)
    place.save()
    held = store.get(Case, case)
    assert (held.title, held.asset_id, held.priority) == ("The till stops at noon", asset, 2)
    assert "The till stops at noon" in place.state.undo_line
    place.undo()
    assert store.get(Case, case).title == "The till stops"


def test_the_customers_decision_about_advice(page):
    """Later is kept with a day to come back; the same word again opens it."""
    place, store = page(), page.store
    place.decide(page.ids["advice"], "deferred")
    held = store.get(Recommendation, page.ids["advice"])
    assert (held.state, held.deferred_until) == ("deferred", date(2027, 2, 21))
    place.decide(page.ids["advice"], "deferred")
    held = store.get(Recommendation, page.ids["advice"])
    assert (held.state, held.deferred_until) == ("open", None)


def test_what_a_customer_agrees_to_is_dated(page, clock):
    """Agreeing in the form, half past midnight here, is dated; another change leaves the day; taking it back is dated anew."""
    place, store = page(), page.store
    clock.at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    def kept(name: str, text: str) -> Customer:
        place.edit()
        place.fill(name, text)
        place.save()
        return store.get(Customer, page.ids["customer"])

    assert store.get(Customer, page.ids["customer"]).consent_at is None
    agreed = kept("has_photo_consent", "yes")
    assert agreed.consent_at == clock.at
    assert dict(place.state.facts)["Agreed to"].replace("\u00a0", " ") == "photos (said on 24 Nov 2026)"
    clock.pass_s(3600)
    assert kept("notes_for_visit", "Ring twice").consent_at == agreed.consent_at
    assert kept("has_photo_consent", "").consent_at == clock.at


def test_entered_twice_merged_and_undone(page):
    """People, places and open visits follow; a submitted visit stays as signed and is shown all the same."""
    place, store, ids = page(), page.store, page.ids
    (twin,) = place.state.twins
    assert twin.reason == "The name is the same: Backerei Krumel."
    place.merge(twin.id)
    assert place.state.twins == ()
    assert place.state.note == "Ring twice"
    assert {v.visit_id for v in place.state.visits} == {ids["visit"], ids["open"]}
    assert store.get(Visit, ids["open"]).customer_id == ids["customer"]
    assert store.get(Visit, ids["visit"]).customer_id == ids["twin"]
    assert [s.title for s in place.state.sites] == ["Shop"]
    assert [r["name"] for r in store.listed(Wanted(name="customers"))] == ["Bäckerei Krümel GmbH"]
    assert page("twin").state.title == "Bäckerei Krümel GmbH"
    place.undo()
    assert store.get(Visit, ids["open"]).customer_id == ids["twin"]
    assert store.get(Customer, ids["customer"]).notes_for_visit == ""
    assert len(place.state.twins) == 1


def test_a_person_entered_twice_is_merged_into_the_first(page):
    """The role of the second is taken over; visits still open follow."""
    place, store, ids = page(), page.store, page.ids
    person = next(p for p in place.state.people if p.twins)
    place.merge_person(person.id, person.twins[0].id)
    assert [p.name.casefold() for p in place.state.people] == ["selin arslan"]
    assert place.state.people[0].line == "Baker"
    assert store.get(Contact, ids["selin2"]).merged_into == ids["selin"]


def test_a_place_entered_twice_is_merged_and_undone(page):
    """Its computers follow; of a pair the place a contract names stays; undo brings both back."""
    store, customer = page.store, page.ids["customer"]
    old, new, computer = (new_id() for _number in range(3))
    store.save(
        Site(id=old, customer_id=customer, name="Bakery", street="Mühlgasse 4", town="Kassel"),
        Site(id=new, customer_id=customer, name="Shop in the lane", street="mühlgasse 4", town="KASSEL"),
        Site(id=new_id(), customer_id=customer, name="Mill", street="Mühlgasse 5", town="Kassel"),
        Asset(id=computer, customer_id=customer, site_id=new, name="TILL-1"),
        Contract(id=new_id(), customer_id=customer, number="C-1", covered_sites=(new,)),
    )
    place = page()
    (twin,) = place.state.site_twins
    assert twin.title == "Shop in the lane and Bakery"
    assert "The address is the same" in twin.reason
    place.merge_site(twin.id)
    assert place.state.site_twins == ()
    assert store.get(Site, old).merged_into == new
    assert "Bakery" not in [s.title for s in place.state.sites]
    assert store.get(Asset, computer).site_id == new
    place.undo()
    assert store.get(Site, old).merged_into is None
    assert len(place.state.site_twins) == 1


def test_a_person_and_their_programs_by_forms(page):
    """A new person with the whole profile, a program with its features; both can be taken back."""
    place, store = page(), page.store
    place.edit_person("")
    for name, text in (
        ("given_name", "Amara"), ("family_name", "Dube"), ("relationship", "internal"), ("environment", "shop_floor"),
        ("frequency", "weekly"), ("skill", "2"), ("phones", "0551 1\n0551 2"), ("features_wanted", "styles"),
    ):  # fmt: skip
        place.fill(name, text)
    place.save()
    amara = next(p for p in place.state.people if p.name == "Amara Dube")
    assert ("Experience", "Beginner") in amara.profile
    assert ("Works in", "Shop floor") in amara.profile
    assert any(n.title == "styles for Amara Dube" for n in place.state.needs)
    place.edit_program(amara.id, "")
    place.fill("product", "PlainOffice")
    place.fill("features_used", "letters\ntables")
    place.save()
    (program,) = next(p for p in place.state.people if p.name == "Amara Dube").programs
    assert program[1:] == ("PlainOffice", "Weekly · uses letters, tables")
    place.undo()
    assert store.find(UserSoftware) == []


def test_a_skill_judged_on_the_profile_stays_in_the_history(page):
    """Each judgement is kept with its day; a change of anything else is none; taking it back takes the judgement back."""
    place, store = page(), page.store
    place.edit_person("")
    place.fill("family_name", "Dube")
    place.save()
    amara = next(p for p in place.state.people if p.name == "Dube")
    for typed in ({"product": "PlainOffice", "skill": "2", "assessed_how": "self"}, {"features_used": "letters"},
                  {"skill": "4", "assessed_how": "test"}):  # fmt: skip
        programs = next(p for p in place.state.people if p.name == "Dube").programs
        place.edit_program(amara.id, programs[0][0] if programs else "")
        for name, text in typed.items():
            place.fill(name, text)
        place.save()
    judged = sorted(store.find(SkillAssessment, contact_id=amara.id), key=lambda j: j.id)
    assert [(j.skill, j.assessed_how, j.assessed_on) for j in judged] == [
        (2, "self", date(2026, 11, 23)), (4, "test", date(2026, 11, 23)),
    ]  # fmt: skip
    shown = dict(next(p for p in place.state.people if p.name == "Dube").profile)["Skills judged"]
    assert shown.count("PlainOffice") == 2
    assert "confident (a small exercise)" in shown
    place.undo()
    assert [j.skill for j in store.find(SkillAssessment, contact_id=amara.id)] == [2]
    assert store.find(UserSoftware, contact_id=amara.id)[0].skill == 2


def test_a_form_says_what_is_missing_and_keeps_what_was_typed(page):
    """A person without a family name is not kept; nothing typed is lost; cancelling changes nothing."""
    place = page()
    place.edit_person("")
    place.fill("given_name", "Amara \u202e<b>")
    place.save()
    assert place.state.form.error_field == "family_name"
    assert place.state.form.fields[0].text == "Amara \u202e<b>"
    place.cancel()
    assert place.state.form is None
    assert page.store.count(Contact) == 2


def test_who_pays_is_named_by_the_customer(page):
    """A payer typed for the first time belongs to the customer at once."""
    place, store = page(), page.store
    place.edit_payer()
    place.fill("name", "Krümel Holding")
    place.save()
    assert store.get(Customer, page.ids["customer"]).payer_id == store.find(Payer)[0].id
    assert ("Who pays", "Krümel Holding") in place.state.facts
    place.undo()
    assert ("Who pays", "The customer") in place.state.facts


def test_closing_a_customer_is_a_state_and_can_be_undone(page):
    """The list of those who are served leaves it out; the page stays."""
    place, store = page(), page.store
    place.archive()
    assert store.get(Customer, page.ids["customer"]).status is CustomerStatus.CLOSED
    assert place.state.is_closed
    assert ("Closed", "none") in place.state.tags
    place.undo()
    assert not place.state.is_closed


def test_on_a_customers_computer_money_answers_and_health_are_hidden(page):
    """Their own page without what is not for their eyes, nothing of anybody else, and a sentence why."""
    sight = Sight(sees_all=False)
    sight.allow(sees_all=False, customer_id=page.ids["customer"])
    state = page(sight=sight).state
    assert state.health is None
    assert (state.budgets, state.agreements, state.ratings, state.ahead, state.twins) == ((), (), (), (), ())
    assert "not shown on a customer’s computer" in state.private_line
    assert state.people
    assert page("twin", sight).state.is_gone
    assert "Krumel" not in str(page("twin", sight).state)


def test_budgets_of_all_customers_worst_first_and_none_on_a_customers_computer(page, world):
    """The page counts in words; money is not shown where a customer looks on."""
    store = page.store
    store.save(
        Budget(id=new_id(), customer_id=page.ids["twin"], period="2026", approved_minor=100, actual_minor=1),
    )
    held = Budgets(world(), Sight(sees_all=True), lambda _id: None)
    assert held.state.line == "2 budgets · 1 past its warning"
    assert [line.tone for line in held.state.budgets] == ["watch", "ok"]
    held.close()
    hidden = Budgets(world(is_own=False), Sight(sees_all=False), lambda _id: None)
    assert hidden.state.budgets == ()
    assert hidden.state.locked == "Money is not shown on a customer’s computer."
    hidden.close()


def test_computers_and_lists_are_a_press_away(page):
    """A computer's row opens it; “all visits” shows the list with this customer only."""
    asset = Asset(id=new_id(), customer_id=page.ids["customer"], name="TILL-1")
    page.store.save(asset)
    place = page()
    place.open_computer(place.state.computers[0].visit_id)
    place.show_list("visits")
    assert page.opened == [("asset", asset.id), ("visits", page.ids["customer"], "Bäckerei Krümel GmbH")]


def test_the_customer_with_the_contract_stays(page):
    """Merged from the other side, the one the office knows money of is kept all the same."""
    place, store, ids = page("twin"), page.store, page.ids
    place.merge(ids["customer"])
    assert store.get(Customer, ids["twin"]).merged_into == ids["customer"]
    assert store.get(Customer, ids["customer"]).merged_into is None
    assert place.state.title == "Bäckerei Krümel GmbH"
    assert len(place.state.agreements) == 1


def test_two_customers_with_money_of_the_office_are_not_merged_here(page):
    """Both have a budget: a sentence, and nothing changes."""
    page.store.save(CostCentre(id=new_id(), customer_id=page.ids["twin"], code="KASSEL"))
    place = page()
    place.merge(page.ids["twin"])
    assert "only the office can bring together" in place.state.error
    assert page.store.get(Customer, page.ids["twin"]).merged_into is None


def test_who_is_not_there_any_more_is_not_offered_in_a_visit(page):
    """Said on the page, it holds where people are chosen; said again, they are back."""
    place, store, ids = page(), page.store, page.ids
    place.leave(ids["selin"])
    assert not store.get(Contact, ids["selin"]).is_there
    assert place.state.people[-1].is_former
    assert place.state.needs == ()
    place.leave(ids["selin"])
    assert store.get(Contact, ids["selin"]).is_there


def test_a_call_is_noted_with_its_moment(page):
    """What was said outside a visit stands on the page, newest first, and never on a customer's computer."""
    place = page()
    place.note_contact()
    place.fill("how", "mail")
    place.fill("note", "The part comes on Friday")
    place.save()
    (line,) = place.state.touches
    assert (line.title, line.line) == ("The part comes on Friday", "Mail · 23 Nov 2026")
    sight = Sight(sees_all=False)
    sight.allow(sees_all=False, customer_id=page.ids["customer"])
    assert page(sight=sight).state.touches == ()
    place.undo()
    assert place.state.touches == ()


def test_a_visit_begins_from_the_page(page):
    """The customer is handed on to who begins visits."""
    place = page()
    place.begin_visit()
    assert page.opened == [("new", page.ids["customer"])]
