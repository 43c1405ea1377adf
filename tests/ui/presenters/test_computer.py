"""A computer's page: history, merge, transfer, retiring, the one customer of a customer's computer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from techkit.records.assets import Asset, DiagnosticRun, InventorySnapshot, Lifecycle, Phase
from techkit.records.findings import Area, Finding, Reading, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store.listing import Wanted
from techkit.ui.presenters.computer import Computer
from techkit.ui.presenters.sight import Sight

SERIAL = "system_serial:nw7kx93m3q"
DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


def content(memory: int) -> dict:
    return {
        "hardware": {"memory": {"total_bytes": memory * 2**30, "modules": []}, "disks": []},
        "software": [
            {"name": "DentaBook", "version": "9.10", "publisher": "Molar Works", "source": "registry"},
            {"name": "libc6", "version": "2.36", "publisher": "", "source": "dpkg_system"},
        ],
        "settings": {},
    }


@pytest.fixture
def page(world, store):
    """The surgery's computer, seen at one visit with 8 GB before and 16 GB after; entered twice."""
    ids = {name: new_id() for name in ("customer", "other", "asset", "twin", "visit", "person")}
    store.save(
        Customer(id=ids["customer"], display_name="Larkspur Dental Group"),
        Customer(id=ids["other"], display_name="Odalys Brandt"),
        Contact(id=ids["person"], customer_id=ids["customer"], given_name="Selin", family_name="Arslan"),
        Asset(id=ids["asset"], customer_id=ids["customer"], name="LDG-SU-01", serial="NW7KX93M3Q", identifiers=(SERIAL,)),
        Asset(id=ids["twin"], customer_id=ids["customer"], name="Old notebook", model="Swift 14", identifiers=(SERIAL,)),
        Visit(
            id=ids["visit"], number="TK07-2026-0007", customer_id=ids["customer"], asset_ids=(ids["asset"],),
            purpose="More memory", arrived_at=DAY, work_state=WorkState.SUBMITTED,
        ),
        *(
            InventorySnapshot(
                id=new_id(), visit_id=ids["visit"], asset_id=ids["asset"], phase=phase, content=content(memory),
                taken_at=DAY + timedelta(hours=hours),
            )
            for phase, memory, hours in ((Phase.BEFORE, 8, 0), (Phase.AFTER, 16, 2))
        ),
        DiagnosticRun(
            id=new_id(), visit_id=ids["visit"], asset_id=ids["asset"], started_at=DAY,
            readings=(Reading(id="os.start_up_s", value=41.0),),
            findings=(
                Finding(check="antivirus", title="Virus protection", area=Area.SECURITY, verdict=Verdict.OK),
                Finding(check="disk_space", title="Free space", area=Area.STORAGE, verdict=Verdict.ACT, sentence="2 GB."),
            ),
        ),
        FollowUp(id=new_id(), customer_id=ids["customer"], asset_id=ids["twin"], text="Order a dock"),
    )  # fmt: skip
    opened: list[tuple[str, str]] = []
    made: list[Computer] = []

    def show(name: str = "asset", sight: Sight | None = None) -> Computer:
        seen = sight or Sight(sees_all=True)
        computer = Computer(
            world(is_own=seen.sees_all),
            seen,
            ids[name],
            on_visit=lambda key: opened.append(("visit", key)),
            on_customer=lambda key: opened.append(("customer", key)),
            on_computer=lambda key: opened.append(("computer", key)),
        )
        made.append(computer)
        return computer

    show.ids, show.opened, show.store = ids, opened, store
    yield show
    for computer in made:
        computer.close()


def test_what_is_so_since_when_with_its_visit(page):
    """“16 GB since …, visit …”; the row opens the visit."""
    computer = page()
    (change,) = computer.state.changes
    assert change.title.replace("\u00a0", " ") == "Memory: 16 GB since 20 Nov 2026, visit TK07-2026-0007"
    computer.open_visit(change.visit_id)
    assert page.opened == [("visit", page.ids["visit"])]


def test_programs_are_those_somebody_chose(page):
    """Parts of the system stay in the record and out of the list."""
    assert [p.name for p in page().state.programs] == ["DentaBook"]


def test_the_last_check_counts_its_verdicts_and_names_what_is_not_good(page):
    """Worst first, good ones only counted."""
    state = page().state
    assert state.verdict_counts == ((Verdict.ACT, 1), (Verdict.OK, 1))
    assert [f.title for f in state.findings] == ["Free space"]
    assert state.checked_line == "Last checked on 20 Nov 2026"


def test_the_same_computer_is_proposed_with_its_reason_and_merged_on_a_word(page):
    """Nothing is merged by itself; afterwards both are one, and undo brings the second record back."""
    computer = page()
    (twin,) = computer.state.twins
    assert twin.title == "Old notebook"
    assert "serial number of the computer is the same" in twin.reason
    computer.merge(twin.id)
    store, ids = page.store, page.ids
    assert computer.state.twins == ()
    assert store.get(Asset, ids["twin"]).merged_into == ids["asset"]
    assert store.get(Asset, ids["asset"]).model == "Swift 14"
    assert store.find(FollowUp)[0].asset_id == ids["asset"]
    assert computer.state.undo_line == "Both records of “LDG-SU-01” are one now."
    computer.undo()
    assert store.get(Asset, ids["twin"]).merged_into is None
    assert store.get(Asset, ids["asset"]).model == ""
    assert store.find(FollowUp)[0].asset_id == ids["twin"]


def test_the_page_of_a_merged_record_is_the_one_that_stayed(page):
    """An old link leads to the computer as it is kept now, with the history of both."""
    page().merge(page.ids["twin"])
    assert page("twin").state.title == "LDG-SU-01"


def test_merging_again_is_refused_in_words(page):
    """Two people merging the same pair: the second is told, nothing changes."""
    one, other = page(), page()
    one.merge(page.ids["twin"])
    other.merge(page.ids["twin"])
    assert "merged already" in other.state.error


def test_the_new_owner_sees_the_thing_and_nothing_of_its_past(page):
    """Given to another customer it has a fresh page there; the old one says so and keeps everything."""
    computer = page()
    computer.choose_customer()
    assert [c.label for c in computer.state.customers] == ["Odalys Brandt"]
    computer.give_to(page.ids["other"])
    assert not computer.state.may_change
    assert computer.state.tags[0][0] == "Given to another customer on 23 Nov 2026"
    assert computer.state.changes
    store, ids = page.store, page.ids
    there = next(a for a in store.find(Asset) if a.customer_id == ids["other"])
    page.ids["there"] = there.id
    sight = Sight(sees_all=False)
    sight.allow(sees_all=False, customer_id=ids["other"])
    fresh = page("there", sight)
    assert fresh.state.title == "LDG-SU-01"
    assert (fresh.state.changes, fresh.state.visits, fresh.state.programs) == ((), (), ())
    assert "Larkspur" not in str(fresh.state)
    computer.undo()
    assert store.get(Asset, there.id) is None
    assert computer.state.may_change


def test_a_gone_choice_gives_nothing_away(page):
    """No customer chosen, or its own one: nothing changes."""
    computer = page()
    computer.give_to("")
    computer.give_to(page.ids["customer"])
    assert "belongs to that customer already" in computer.state.error
    assert page.store.get(Asset, page.ids["asset"]).lifecycle is Lifecycle.IN_USE


def test_retired_and_back(page):
    """Retiring is a state, not a removal."""
    computer = page()
    computer.retire()
    assert computer.state.is_retired
    assert computer.state.undo_line == "“LDG-SU-01” is retired."
    computer.undo()
    assert not computer.state.is_retired


def test_on_a_customers_computer_another_ones_page_is_not_shown(page):
    """Neither its name nor that it exists; a serial of its own customer only by the last four."""
    sight = Sight(sees_all=False)
    sight.allow(sees_all=False, customer_id=page.ids["other"])
    state = page(sight=sight).state
    assert state.is_gone
    assert state.title == ""
    sight.allow(sees_all=False, customer_id=page.ids["customer"])
    computer = page(sight=sight)
    assert ("Serial number", "…3M3Q") in computer.state.facts
    computer.choose_customer()
    assert computer.state.customers == ()


def test_the_form_keeps_what_is_typed_and_says_what_is_wrong(page):
    """An empty name is refused at its field, the rest stays; saved it stands on the page, and can be undone."""
    computer = page()
    computer.edit()
    computer.fill("location_in_site", "Surgery 1")
    computer.fill("owner_contact", page.ids["person"])
    computer.fill("name", "")
    computer.save()
    form = computer.state.form
    assert form.error_field == "name"
    assert next(f.text for f in form.fields if f.name == "location_in_site") == "Surgery 1"
    computer.fill("name", "<b>LDG</b> \u202egnp.exe")
    computer.save()
    assert computer.state.form is None
    assert ("Used by", "Selin Arslan") in computer.state.facts
    assert page.store.get(Asset, page.ids["asset"]).name == "<b>LDG</b> \u202egnp.exe"
    computer.undo()
    assert page.store.get(Asset, page.ids["asset"]).location_in_site == ""


def test_a_name_of_two_megabytes_is_refused_in_words(page):
    """The limit and the way out are named; the page goes on."""
    computer = page()
    computer.edit()
    computer.fill("name", "x" * 2_000_000)
    computer.save()
    assert "too long" in computer.state.form.error
    assert page.store.get(Asset, page.ids["asset"]).name == "LDG-SU-01"


def test_merged_by_two_devices_in_opposite_directions(page):
    """Both point at the other after a sync: one of them still stands, in the list and as a page."""
    store, ids = page.store, page.ids
    for one, other in (("asset", "twin"), ("twin", "asset")):
        held = store.get(Asset, ids[one])
        store.save(type(held)(**{**vars(held), "merged_into": ids[other]}))
    names = [row["name"] for row in store.listed(Wanted(name="computers"))]
    assert names == ["LDG-SU-01"]
    assert page().state.title == page("twin").state.title == "LDG-SU-01"


def test_what_it_cost_and_which_build_it_runs(page, store):
    """The price is written in the form and shown at home; the build comes from a look, never from a form."""
    place = page()
    store.save(
        replace(
            store.get(Asset, page.ids["asset"]),
            os_name="Windows 11 Pro",
            os_version="25H2",
            os_build="26200.7171",
        )
    )
    place = page()
    place.edit()
    names = [field.name for field in (*place.state.form.fields, *place.state.form.more)]
    assert "os_build" not in names
    place.fill("price_minor", "1249.50")
    place.save()
    facts = dict(place.state.facts)
    assert (facts["Price paid"], facts["System build"]) == ("€1,249.50", "26200.7171")
    assert store.get(Asset, page.ids["asset"]).price_minor == 124950
