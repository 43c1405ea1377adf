"""What is changed or being typed on a visit is kept at once, refused kindly and never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from techkit.errors import StoreFullError
from techkit.records.erasure import Erasure
from techkit.records.identity import new_id
from techkit.records.schema import Record, replace
from techkit.records.visit import Visit as VisitRecord
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineTicket
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_what_was_written_is_told_and_nothing_else_is_worked_out_again(checked: Visit):
    """A change is shown when it is made; that it is on the disk now changes the footer's line only."""
    told: list[str] = []
    checked.held.changed.subscribe(lambda: told.append("changed"))
    checked.held.written.subscribe(lambda: told.append(checked.state.save_state))
    checked.after.write_reason("The disk was full.")
    assert told == ["changed", "saved"]


def test_changed_and_changed_back_before_the_first_was_told(
    device: Device, checked: Visit, monkeypatch: pytest.MonkeyPatch
):
    """A slow stick tells late that something is written: the second change, back to what was, holds all the same."""
    news: list[Callable[[], None]] = []

    def told_late(work: Callable[[], object], done: Any = None, failed: Any = None) -> InlineTicket:
        found = work()
        news.append(lambda: done(found) if done is not None else None)
        return InlineTicket()

    with monkeypatch.context() as slow:
        slow.setattr(device.lanes, "store", told_late)
        checked.need.choose_complaint("crashes")
        checked.need.choose_complaint("slow")
        while news:
            news.pop(0)()
    assert checked.held.visit.complaint == "slow"
    assert device.store.get(VisitRecord, checked.held.visit_id).complaint == "slow"


def test_full_disk_keeps_the_typing_and_tries_again(
    device: Device, checked: Visit, monkeypatch: pytest.MonkeyPatch
):
    """When writing fails the entry stays on screen, is said to be unsaved, and is written later."""
    real = Store.save

    def full(self: Store, *records: object, actor: str = "") -> None:
        raise StoreFullError("The disk is full.", safe="Your typing is kept here.", advice="Make room.")

    monkeypatch.setattr(Store, "save", full)
    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan cleaned")
    checked.work.add_entry()
    assert checked.state.save_state == "not_saved"
    assert checked.state.notice.title == "The disk is full."
    assert checked.work.state.entries[0].title == "Fan cleaned"
    monkeypatch.setattr(Store, "save", real)
    checked.act_on_notice()
    assert checked.state.save_state == "saved"
    assert device.store.bundle(checked.held.visit_id).activities[0].title == "Fan cleaned"


def test_a_fault_of_ours_loses_no_entry_and_holds_up_no_other(
    device: Device, checked: Visit, monkeypatch: pytest.MonkeyPatch
):
    """An entry the program fails over stays on screen as not saved, and what comes after it is written."""
    real = Store.save

    def faulty(self: Store, *records: Record, actor: str = "") -> None:
        if any(getattr(held, "title", "") == "Fan cleaned" for held in records):
            raise RuntimeError("a fault of ours")
        real(self, *records, actor=actor)

    monkeypatch.setattr(Store, "save", faulty)
    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan cleaned")
    with pytest.raises(RuntimeError):
        checked.work.add_entry()
    assert checked.state.save_state == "not_saved"
    with pytest.raises(RuntimeError):
        checked.after.write_reason("The disk was full.")
    stored = device.store.get(VisitRecord, checked.held.visit_id)
    assert stored.outcome_reason == "The disk was full."
    assert checked.work.state.entries[0].title == "Fan cleaned"
    assert checked.state.save_state == "not_saved"
    monkeypatch.setattr(Store, "save", real)
    checked.held.try_again()
    assert checked.state.save_state == "saved"
    assert device.store.bundle(checked.held.visit_id).activities[0].title == "Fan cleaned"


def test_what_the_store_never_takes_stops_nothing_else(device: Device, checked: Visit):
    """2 MB in one field are refused with the limit; the text is kept aside and the next change is saved."""
    checked.after.write_reason("x" * 2_000_000)
    assert "100,000" in checked.state.notice.title
    assert checked.state.save_state == "saved"
    kept = checked.held.typing.typed_in("refused:visit")
    assert len(next(iter(kept.values()))["outcome_reason"]) == 2_000_000
    checked.act_on_notice()
    assert checked.state.notice is None
    checked.after.write_reason("The disk was full.")
    checked.next()
    stored = device.store.get(VisitRecord, checked.held.visit_id)
    assert stored.outcome_reason == "The disk was full."


def test_half_an_entry_survives_a_crash(device: Device, checked: Visit):
    """What was being typed, left or not, stands in the same form when the visit opens again."""
    checked.work.choose_kind("troubleshooting")
    checked.work.fill("title", "Fan blocked")
    checked.work.type_ahead("cause", "du")
    device.start_again()
    again = device.open(checked.held.visit_id)
    assert again.current == "work"
    form = again.work.state.form
    typed = {f.name: f.text for f in (*form.fields, *form.more)}
    assert (form.kind, typed["title"], typed["cause"]) == ("troubleshooting", "Fan blocked", "du")


def test_each_visit_keeps_its_own_typing(device: Device, checked: Visit):
    """Half an entry here, half a need there: both stand there again, and what one visit forgets the other keeps."""
    checked.work.choose_kind("troubleshooting")
    checked.work.type_ahead("title", "Fan blo")
    other = replace(checked.held.visit, id=new_id(), work_state="scheduled", arrived_at=None)
    device.store.save(other)
    device.open(other.id).need.type_ahead("It is slow and the fan is lo")
    device.start_again()
    assert device.open(checked.held.visit_id).work.state.form.fields[0].text == "Fan blo"
    assert device.open(other.id).need.state.purpose == "It is slow and the fan is lo"
    device.open(checked.held.visit_id).work.close_form()
    assert device.store.setting("visit.typed") == ()


def test_the_typing_an_earlier_techkit_kept(device: Device, checked: Visit):
    """It kept one visit's: the visit's id, then place, field and text in turn."""
    typed = (checked.held.visit_id, "work:maintenance:", "title", "Fan cle")
    device.store.set_setting("visit.typed", typed)
    assert device.open(checked.held.visit_id).work.state.form.fields[0].text == "Fan cle"


def test_typing_on_a_visit_of_a_removed_customer_goes(device: Device, checked: Visit):
    """Who is removed for good is not kept in a half-written entry."""
    checked.work.choose_kind("maintenance")
    checked.work.type_ahead("title", "Cleaned for Ms Bau")
    device.store.save(Erasure(id=new_id(), customer_id=checked.held.visit.customer_id))
    device.start_again()
    assert device.around.typing.waiting == ()
    assert device.store.setting("visit.typed") == ()


def test_the_need_survives_a_crash(device: Device, planned: str):
    """The need that was being typed is kept in the visit when it opens again."""
    device.open(planned).need.type_ahead("It is slow and the fan is lo")
    device.start_again()
    assert device.open(planned).need.state.purpose == "It is slow and the fan is lo"


def test_entered_or_closed_is_forgotten(device: Device, checked: Visit):
    """A form that was added or closed does not come back."""
    for end in (checked.work.add_entry, checked.work.close_form):
        checked.work.choose_kind("maintenance")
        checked.work.fill("title", "Fan cleaned")
        end()
    assert device.store.setting("visit.typed") == ()
    assert device.open(checked.held.visit_id).work.state.form is None


def test_another_kind_and_back(checked: Visit):
    """Looking at another kind's form loses nothing that was typed into the first."""
    checked.work.choose_kind("training")
    checked.work.fill("title", "Mail merge")
    checked.work.choose_kind("install")
    checked.work.choose_kind("training")
    assert checked.work.state.form.fields[0].text == "Mail merge"
