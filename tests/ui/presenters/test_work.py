"""The work step: drafts, entries and supplies, added, refused, changed and taken back."""

from __future__ import annotations

from datetime import datetime

import pytest

from techkit.records.activities import Activity
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_drafts_stand_ready_and_need_one_gesture(device: Device, checked: Visit):
    """What the computer shows is drafted when Work opens; nothing is kept before it is added."""
    assert checked.work.state.drafts[0].title.startswith("14 programs")
    assert device.store.bundle(checked.held.visit_id).activities == ()
    checked.work.drafting.add()
    kept = device.store.bundle(checked.held.visit_id)
    assert {a.origin for a in kept.activities} == {"drafted"}
    shown = {p.snapshot_after for a in kept.activities for p in a.evidence}
    assert shown <= {r.id for r in (*kept.runs, *kept.snapshots)}


def test_looks_again_by_itself_now_and_then(device: Device, visit: Visit):
    """While Work is open the computer is looked at again, not at every tick, and not after the work."""
    looks: list[str] = []
    real = device.desk.machine
    visit.next()
    visit.check.start()
    visit.next()
    object.__setattr__(device.around, "machine", lambda: looks.append("look") or real())
    for second in ("10:00:01", "10:00:02", "10:01:59"):
        device.clock.go_to(f"2026-11-23 {second}")
        visit.tick()
    assert looks == []
    device.clock.go_to("2026-11-23 10:02:01")
    visit.tick()
    visit.tick()
    assert looks == ["look"]
    visit.go("after")
    visit.go("work")
    device.clock.go_to("2026-11-23 10:30")
    visit.tick()
    assert looks == ["look", "look"]


def test_entry_needs_a_title_and_keeps_what_was_typed(checked: Visit):
    """An entry without a title is refused at its field; the rest of the form stays."""
    work = checked.work
    work.choose_kind("troubleshooting")
    work.fill("cause", "dust")
    work.add_entry()
    assert work.state.form.error_field == "title"
    assert next(f.text for f in work.state.form.fields if f.name == "cause") == "dust"
    work.fill("title", "Fan blocked")
    work.choose_minutes("20")
    work.add_entry()
    assert work.state.form is None
    assert (work.state.entries[0].title, work.state.entries[0].time_text) == (
        "Fan blocked",
        "20\u00a0min",
    )


@pytest.mark.parametrize("text", ["12abc", "1_0", "½", "NaN", "1e999", "٣"])
def test_price_that_is_no_number(checked: Visit, text: str):
    """What is no number here is refused with an example; the text stays as typed."""
    work = checked.work
    work.choose_kind("supply_use")
    work.fill("name", "Cable")
    work.fill("unit_price_minor", text)
    work.add_entry()
    assert work.state.form.error_field == "unit_price_minor"
    field = next(f for f in work.state.form.fields if f.name == "unit_price_minor")
    assert field.text == text
    assert "1,234.5" in field.error
    assert checked.held.bundle.supplies == ()


@pytest.mark.parametrize("text", ["0", "-1", "-0.00"])
def test_quantity_must_be_above_nothing(checked: Visit, text: str):
    """Nothing or less than nothing is no quantity."""
    checked.work.choose_kind("supply_use")
    checked.work.fill("name", "Cable")
    checked.work.fill("quantity", text)
    checked.work.add_entry()
    assert checked.work.state.form.error_field == "quantity"


def test_price_beyond_all_money(checked: Visit):
    """An amount above the largest is refused plainly."""
    checked.work.choose_kind("supply_use")
    checked.work.fill("name", "Cable")
    checked.work.fill("unit_price_minor", "999999999999999.99")
    checked.work.add_entry()
    assert checked.held.bundle.supplies == ()
    assert checked.work.state.form.error


@pytest.mark.parametrize("quantity", ["4006381333931", "99999999999999999999", "0." + "1" * 50])
def test_a_barcode_read_into_the_quantity_is_refused(checked: Visit, quantity: str):
    """What was typed is kept, nothing is entered, and the visit's costs stay what they are."""
    checked.work.choose_kind("supply_use")
    for name, text in (("name", "Toner"), ("quantity", quantity), ("unit_price_minor", "25.00")):
        checked.work.fill(name, text)
    checked.work.add_entry()
    form = checked.work.state.form
    assert form is not None
    assert "than techkit can keep" in form.error
    assert checked.held.bundle.supplies == ()


def test_undo_through_the_whole_visit(device: Device, checked: Visit):
    """Adding, changing and removing can each be taken back and done again, on disk too."""
    store, visit_id = device.store, checked.held.visit_id
    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan cleaned")
    checked.work.add_entry()
    entry = store.bundle(visit_id).activities[0]
    checked.work.edit(entry.id)
    checked.work.fill("title", "Fan and filter cleaned")
    checked.work.add_entry()
    checked.work.remove(entry.id)
    assert store.bundle(visit_id).activities == ()
    checked.undo()
    assert store.bundle(visit_id).activities[0].title == "Fan and filter cleaned"
    checked.undo()
    assert store.bundle(visit_id).activities[0].title == "Fan cleaned"
    checked.undo()
    assert store.bundle(visit_id).activities == ()
    checked.redo()
    checked.redo()
    assert store.bundle(visit_id).activities[0].title == "Fan and filter cleaned"
    checked.redo()
    assert store.bundle(visit_id).activities == ()


def test_entry_by_hand_takes_the_drafts_proof(device: Device, checked: Visit):
    """An entry that says what a draft says gets its proof, and the draft goes."""
    before = checked.work.state.drafts
    draft = next(r for r in before if r.kind == "maintenance" and "space" in r.title)
    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Moved her videos")
    checked.work.fill("action", "cleaned")
    checked.work.fill("product", "Disk space")
    checked.work.add_entry()
    assert draft.key not in {r.key for r in checked.work.state.drafts}
    kept = device.store.bundle(checked.held.visit_id).activities[0]
    assert kept.evidence[0].draft_key == draft.key


def test_an_entry_knows_when_it_was_begun_and_ended(device: Device, checked: Visit):
    """Opened at 10:05 and added at 10:40; told to have taken 20 min it began at 10:20, an hour more than the visit at its arrival.

    Corrected afterwards its end stays and its beginning goes along with the minutes.
    """
    work = checked.work

    def add(minutes: str = "") -> Activity:
        work.choose_kind("information_lookup")
        device.clock.go_to("2026-11-23 10:40")
        work.fill("title", f"Asked {minutes}")
        if minutes:
            work.choose_minutes(minutes)
        work.add_entry()
        return device.store.bundle(checked.held.visit_id).activities[-1]

    def at(text: str) -> datetime:
        device.clock.go_to(f"2026-11-23 {text}")
        return device.clock.now()

    opened = at("10:05")
    plain = add()
    assert (plain.started_at, plain.ended_at, plain.minutes) == (opened, at("10:40"), 0)
    timed = add("20")
    assert (timed.started_at, timed.ended_at) == (at("10:20"), at("10:40"))
    assert add("300").started_at == checked.held.visit.arrived_at
    at("11:30")
    work.edit(timed.id)
    work.choose_minutes("30")
    work.add_entry()
    changed = next(a for a in device.store.bundle(checked.held.visit_id).activities if a.id == timed.id)
    assert (changed.started_at, changed.ended_at) == (at("10:10"), at("10:40"))


def test_a_draft_lies_between_the_looks_that_show_it(device: Device, checked: Visit):
    """What was seen on the computer was done after the first look and before the one that showed it."""
    checked.work.drafting.add()
    kept = device.store.bundle(checked.held.visit_id)
    looks = {s.id: s.taken_at for s in kept.snapshots} | {r.id: r.started_at for r in kept.runs}
    for entry in kept.activities:
        (proof,) = entry.evidence
        assert (entry.started_at, entry.ended_at) == (
            looks[proof.snapshot_before], looks[proof.snapshot_after],
        )  # fmt: skip
        assert entry.started_at is not None
