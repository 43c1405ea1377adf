"""Today: what is under way, next and promised, which computer this is, and who may be seen on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime

from techkit.errors import WrongPassphraseError
from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.today import Today

World = Callable[..., Surroundings]
IDENTIFIERS = (
    "computer_name:brandt-laptop",
    "system_serial:7kx93m3qq",
    "system_uuid:4c4c4544-0042-3010-8051-b7c04f4d3431",
)


def customer(store: Store, name: str) -> Customer:
    made = Customer(id=new_id(), display_name=name)
    store.save(made)
    return made


def planned(store: Store, who: Customer, hour: int, purpose: str = "slow", **more: object) -> Visit:
    site = Site(id=new_id(), customer_id=who.id, name="Home", street="Lindengasse 8", town="Freiburg")
    contact = Contact(id=new_id(), customer_id=who.id, given_name="Odalys", family_name="Brandt")
    visit = Visit(
        id=new_id(),
        number=store.next_number(2026),
        customer_id=who.id,
        site_id=site.id,
        contact_id=contact.id,
        purpose=purpose,
        planned_start_at=datetime(2026, 11, 23, hour, 30, tzinfo=UTC),
        planned_end_at=datetime(2026, 11, 23, hour + 1, 30, tzinfo=UTC),
        work_state=WorkState.SCHEDULED,
        **more,  # type: ignore[arg-type]  # loose keywords in a test
    )
    store.save(site, contact, visit)
    return visit


def today(world: Surroundings, opened: list[str] | None = None, check: object = None) -> Today:
    made = Today(
        world,
        on_open=([] if opened is None else opened).append,
        on_new=lambda: (opened if opened is not None else []).append("new"),
        check_passphrase=check,  # type: ignore[arg-type]  # loose keywords in a test
    )
    made.refresh()
    return made


def test_an_empty_store_says_what_will_appear(world: World) -> None:
    """Nothing is planned; the first step is a new visit."""
    opened: list[str] = []
    made = today(world(), opened)
    assert made.state.is_empty
    assert made.state.next_visits == ()
    assert made.state.waiting.count == 0
    made.start_visit()
    assert opened == ["new"]


def test_planned_visits_stand_in_the_order_of_their_times(store: Store, world: World) -> None:
    """Each row has time and length in the place's own zone, customer, person and place."""
    who = customer(store, "Odalys Brandt")
    late, early = planned(store, who, 15), planned(store, who, 9, "no sound", planned_kinds=("install",))
    made = today(world())
    rows = made.state.next_visits
    assert [row.visit_id for row in rows] == [early.id, late.id]
    assert (rows[0].time, rows[0].customer) == ("10:30", "Odalys Brandt")
    assert rows[0].duration.replace("\u00a0", " ") == "1 h"
    assert rows[0].line == "Odalys Brandt · Lindengasse 8, Freiburg · no sound"
    assert rows[0].kinds == (("download-simple", "Installation"),)
    assert made.state.day_sentence.startswith("2 visits today")
    assert made.state.is_next_up


def test_the_visit_under_way_stands_first(store: Store, world: World) -> None:
    """It has its share of steps and is not listed under Next."""
    who = customer(store, "Odalys Brandt")
    visit = planned(store, who, 9)
    store.save(
        dataclasses.replace(
            visit, work_state=WorkState.ON_SITE, arrived_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        )
    )
    opened: list[str] = []
    made = today(world(), opened)
    running = made.state.running
    assert running is not None
    assert (running.visit_id, running.ring_text, running.tag) == (visit.id, "1/6", "Under way since 10:00")
    assert not made.state.is_next_up
    assert made.state.next_visits == ()
    made.open_visit(running.visit_id)
    assert opened == [visit.id]


def test_promises_are_oldest_first_and_say_when_they_are_due(store: Store, world: World) -> None:
    """Overdue and due today are marked; what is due in a month is not shown yet."""
    who = customer(store, "Odalys Brandt")
    for text, on in (
        ("Send quotation", date(2026, 11, 27)),
        ("Call back", date(2026, 11, 20)),
        ("Order memory", date(2026, 11, 23)),
        ("Renew contract", date(2026, 12, 31)),
    ):
        store.save(FollowUp(id=new_id(), customer_id=who.id, text=text, due_on=on))
    rows = today(world()).state.promised
    assert [(row.title, row.is_due) for row in rows] == [
        ("Call back", True),
        ("Order memory", True),
        ("Send quotation", False),
    ]
    assert rows[0].line == "Odalys Brandt · overdue since 20 Nov 2026"
    assert rows[1].line == "Odalys Brandt · due today"


def test_a_computer_met_before_is_recognised_by_its_numbers(store: Store, world: World) -> None:
    """Its name, its history and by what it was recognised are shown."""
    who = customer(store, "Odalys Brandt")
    asset = Asset(id=new_id(), customer_id=who.id, name="Brandt-Laptop", identifiers=IDENTIFIERS)
    store.save(asset)
    planned(store, who, 9, asset_ids=(asset.id,))
    computer = today(world(is_own=False)).state.computer
    assert computer.name == "Brandt-Laptop"
    assert ("Known as", "Brandt-Laptop") in computer.facts
    assert ("Serial", "…M3QQ") in computer.facts
    assert computer.recognised == "Recognised by the serial number of the computer"
    assert computer.history_label == "Its history: 1 visit"


def test_on_a_customers_computer_no_other_customer_is_shown(store: Store, world: World) -> None:
    """Neither a row nor a promise nor a count tells of anybody else."""
    brandt, other = customer(store, "Odalys Brandt"), customer(store, "Larkspur Dental Group")
    store.save(Asset(id=new_id(), customer_id=brandt.id, name="Brandt-Laptop", identifiers=IDENTIFIERS))
    planned(store, brandt, 9)
    planned(store, other, 11)
    store.save(FollowUp(id=new_id(), customer_id=other.id, text="Secret", due_on=date(2026, 11, 23)))
    state = today(world(is_own=False)).state
    assert [row.customer for row in state.next_visits] == ["Odalys Brandt"]
    assert state.promised == ()
    assert "1 visit" in state.day_sentence
    assert "Larkspur" not in repr(state)


def test_all_customers_are_shown_after_the_passphrase(store: Store, world: World) -> None:
    """A wrong passphrase shows a sentence and nobody; the right one shows all."""
    other = customer(store, "Larkspur Dental Group")
    planned(store, other, 11)

    def check(passphrase: str) -> None:
        if passphrase != "correct horse":
            raise WrongPassphraseError("The passphrase does not fit.")

    made = today(world(is_own=False), check=check)
    made.show_all("wrong")
    assert made.state.next_visits == ()
    assert made.state.all_customers_error == "The passphrase does not fit."
    made.show_all("correct horse")
    assert [row.customer for row in made.state.next_visits] == ["Larkspur Dental Group"]
    assert made.state.all_customers_error == ""


def test_a_proposed_computer_is_known_from_then_on(store: Store, world: World) -> None:
    """Confirming keeps the numbers, so that the next visit recognises it."""
    who = customer(store, "Odalys Brandt")
    asset = Asset(id=new_id(), customer_id=who.id, name="Old name", identifiers=IDENTIFIERS[:1])
    store.save(asset)
    made = today(world())
    assert not made.state.computer.recognised
    made.confirm_computer(asset.id)
    held = store.get(Asset, asset.id)
    assert held is not None
    assert set(IDENTIFIERS) < set(held.identifiers)
    assert made.state.computer.recognised


def test_what_waits_is_counted_by_kind(store: Store, world: World) -> None:
    """Two customers wait to be sent."""
    customer(store, "Odalys Brandt")
    customer(store, "Larkspur Dental Group")
    waiting = today(world()).state.waiting
    assert waiting.count == 2
    assert waiting.kinds_line == "2 Customers"


def test_today_follows_what_is_saved(store: Store, world: World, lanes: InlineLanes) -> None:
    """A visit that arrives by sync is shown without asking; one refresh for many changes."""
    made = today(world())
    told: list[int] = []
    made.changed.subscribe(lambda: told.append(1))
    planned(store, customer(store, "Odalys Brandt"), 9)
    assert told == []
    lanes.pass_time()
    assert len(made.state.next_visits) == 1
    assert len(told) == 1


def test_changes_that_wait_for_days_ask_to_be_sent(store: Store, world: World, clock: object) -> None:
    """After three days a banner says that they are safe and offers sync."""
    customer(store, "Odalys Brandt")
    made = today(world())
    assert made.state.banner is None
    waits = store.outbox.waits()
    assert waits.oldest_at is not None
    clock.at = waits.oldest_at.replace(year=waits.oldest_at.year + 1)  # type: ignore[attr-defined]  # the test clock can be set
    made.refresh()
    assert made.state.banner is not None
    assert made.state.banner.action == "sync"


def test_a_quick_check_needs_no_visit(world: World) -> None:
    """It ends with one sentence and names the computer."""
    made = today(world())
    made.start_check()
    assert made.state.computer.check_line
    assert made.state.computer.check_label == "Quick check"


def test_a_closed_page_follows_the_store_no_more(store: Store, world: World, lanes: InlineLanes) -> None:
    """After locking nothing is read any more."""
    made = today(world())
    made.close()
    customer(store, "Odalys Brandt")
    lanes.pass_time()
    assert made.state.waiting.count == 0
