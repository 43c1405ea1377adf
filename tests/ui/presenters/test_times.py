"""The times of a visit: helpers, waiting, breaks, time outside the agreed hours, corrections; and what they cost."""

from __future__ import annotations

import dataclasses

import pytest

from techkit.records.assets import Contract, LabourKind, Rate, RateCard
from techkit.records.budget import CostKind
from techkit.records.charges import charges
from techkit.records.identity import new_id
from techkit.records.visit import LabourSegment, Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.summary import document
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign

OUTSIDE = Rate(labour="work", hourly_minor=6000, increment_minutes=15, out_of_hours_percent=150)
WAITING = Rate(labour="wait", hourly_minor=3000, increment_minutes=5)


@pytest.fixture
def priced(device: Device, visit: Visit) -> Visit:
    """A visit on site since 10:00 at 60.00 an hour, half as much again outside the agreed hours."""
    device.store.save(RateCard(id=new_id(), name="Usual", is_default=True, rates=(OUTSIDE,)))
    visit.reload()
    visit.next()
    return visit


def lengths(device: Device, visit: Visit) -> list[tuple[str, str, int, bool]]:
    """Return (who, kind, minutes, outside) of every stretch that counts, in their order."""
    found = device.store.bundle(visit.held.visit_id).current_labour()
    ordered = sorted(found, key=lambda s: (s.started_at, s.technician))
    return [
        (s.technician, s.kind.value, round(s.elapsed_s / 60), s.is_out_of_hours)
        for s in ordered
        if s.elapsed_s
    ]


class TestHelpers:
    def test_a_helper_is_counted_along_from_when_they_come_until_they_leave(
        self, device: Device, priced: Visit
    ) -> None:
        """Each has a stretch of their own; both are paid for, and the page says who was there."""
        device.clock.go_to("2026-11-23 10:30")
        priced.times.add_helper("Pavel Novotny")
        device.clock.go_to("2026-11-23 11:15")
        priced.times.leave_helper("Pavel Novotny")
        device.clock.go_to("2026-11-23 11:30")
        priced.pause()
        assert lengths(device, priced) == [
            ("Ines Okafor", "work", 30, False),
            ("Ines Okafor", "work", 45, False),
            ("Pavel Novotny", "work", 45, False),
            ("Ines Okafor", "work", 15, False),
        ]
        bundle = device.store.bundle(priced.held.visit_id)
        (line,) = charges(bundle).lines
        assert (line.minutes, line.amount_minor) == (135, 13500)
        facts = document.build(bundle).facts
        assert next(f.lines for f in facts if f.label == "Technician")[1:] == ("with Pavel Novotny",)

    def test_the_clock_in_the_rail_shows_the_technicians_own_time(
        self, device: Device, priced: Visit
    ) -> None:
        """A helper's hour does not make the visit two hours long."""
        priced.times.add_helper("Pavel Novotny")
        device.clock.go_to("2026-11-23 11:00")
        priced.pause()
        assert priced.state.clock == "01:00"

    def test_a_helper_goes_on_after_a_break_and_a_restart(self, device: Device, priced: Visit) -> None:
        """Who was along before the break is along after it, also when the program ended meanwhile."""
        priced.times.add_helper("Pavel Novotny")
        device.clock.go_to("2026-11-23 10:30")
        priced.pause()
        device.clock.go_to("2026-11-23 10:45")
        again = device.open(priced.held.visit_id)
        again.resume()
        device.clock.go_to("2026-11-23 11:00")
        third = device.open(priced.held.visit_id)
        third.pause()
        assert [row for row in lengths(device, third) if row[1] == "work"] == [
            ("Ines Okafor", "work", 30, False),
            ("Pavel Novotny", "work", 30, False),
            ("Ines Okafor", "work", 15, False),
            ("Pavel Novotny", "work", 15, False),
        ]

    def test_a_name_twice_is_refused_and_one_without_time_is_taken_off(
        self, device: Device, priced: Visit
    ) -> None:
        """Nobody stands on a visit twice; a helper entered by mistake leaves nothing behind."""
        priced.pause()
        priced.times.add_helper("ines okafor")
        assert "on this visit already" in priced.times.state.error
        priced.times.add_helper("Pavel Novotny")
        (row,) = priced.times.state.helpers
        assert row.act == "remove"
        priced.times.remove_helper("Pavel Novotny")
        assert device.store.get(VisitRecord, priced.held.visit_id).helpers == ()


class TestOutside:
    def test_the_running_stretch_is_split_and_costs_its_own_rate(self, device: Device, priced: Visit) -> None:
        """What was counted before stays at the usual rate; the page says what was outside the agreed hours."""
        device.clock.go_to("2026-11-23 11:00")
        priced.times.toggle_outside("running")
        device.clock.go_to("2026-11-23 11:30")
        priced.pause()
        bundle = device.store.bundle(priced.held.visit_id)
        assert [(c.minutes, c.amount_minor, c.is_out_of_hours) for c in charges(bundle).lines] == [
            (60, 6000, False),
            (30, 4500, True),
        ]
        labels = [cost.label.replace("\u00a0", " ") for cost in document.build(bundle).costs]
        assert "Work outside the agreed hours, 30 min" in labels
        assert [row.label.replace("\u00a0", " ") for row in priced.work.state.money.rows][:2] == [
            "Work, 1 h",
            "Work, 30 min, outside the agreed hours",
        ]

    def test_what_was_said_of_the_running_stretch_holds_when_a_helper_is_taken_back(
        self, device: Device, priced: Visit
    ) -> None:
        """By the contract ten o'clock on a Monday lies inside; who says it lies outside, on a holiday, is not overruled by undo."""
        customer = priced.held.visit.customer_id
        contract = Contract(id=new_id(), customer_id=customer, business_hours="Mo-Fr 08:00-17:00")
        device.store.save(contract)
        priced.held.save(dataclasses.replace(priced.held.visit, contract_id=contract.id))
        priced.reload()
        priced.times.toggle_outside("running")
        priced.times.add_helper("Pavel Novotny")
        priced.undo()
        device.clock.go_to("2026-11-23 10:30")
        priced.pause()
        assert lengths(device, priced) == [("Ines Okafor", "work", 30, True)]

    def test_a_stretch_is_marked_later_and_the_mark_taken_back(self, device: Device, priced: Visit) -> None:
        """Each mark is a correction beside what it corrects: three records, one counts."""
        device.clock.go_to("2026-11-23 11:00")
        priced.pause()
        for wanted in (True, False):
            priced.times.toggle_outside(priced.times.state.rows[0].id)
            assert [row[3] for row in lengths(device, priced)] == [wanted]
        assert len(device.store.find(LabourSegment)) == 3


class TestWaitingAndBreaks:
    def test_waiting_is_charged_only_where_the_rates_name_it(self, device: Device, priced: Visit) -> None:
        """Twenty minutes at the door: free with the usual card, 10.00 with one that prices waiting."""
        device.clock.go_to("2026-11-23 10:20")
        priced.pause()
        priced.times.add("wait")
        priced.times.fill("minutes", "20")
        priced.times.fill("until", "10:00")
        priced.times.save()
        bundle = device.store.bundle(priced.held.visit_id)
        assert [c.labour for c in charges(bundle).lines] == ["work"]
        assert priced.times.state.rows[0].line.endswith("not charged")
        card = RateCard(id="card", rates=(OUTSIDE, WAITING))
        found = charges(dataclasses.replace(bundle, rate_card=card)).lines
        assert [(c.kind, c.labour, c.minutes, c.amount_minor) for c in found] == [
            (CostKind.LABOUR, "work", 30, 3000),
            (CostKind.LABOUR, "wait", 20, 1000),
        ]

    def test_a_pause_is_written_down_as_a_break_and_never_charged(
        self, device: Device, priced: Visit
    ) -> None:
        """The office sees where the quarter of an hour went; the customer does not pay it."""
        device.clock.go_to("2026-11-23 10:30")
        priced.pause()
        device.clock.go_to("2026-11-23 10:45")
        priced.resume()
        device.clock.go_to("2026-11-23 11:00")
        priced.pause()
        assert [row[1:3] for row in lengths(device, priced)] == [("work", 30), ("break", 15), ("work", 15)]
        (line,) = charges(device.store.bundle(priced.held.visit_id)).lines
        assert (line.labour, line.minutes) == ("work", 45)


class TestCorrecting:
    def test_a_stretch_is_corrected_taken_out_and_brought_back(self, device: Device, priced: Visit) -> None:
        """The old one stays as it was each time; only the last counts."""
        device.clock.go_to("2026-11-23 11:00")
        priced.pause()
        (row,) = priced.times.state.rows
        priced.times.edit(row.id)
        priced.times.fill("from", "10:15")
        priced.times.save()
        assert lengths(device, priced) == [("Ines Okafor", "work", 45, False)]
        priced.times.take_out(priced.times.state.rows[0].id)
        assert (lengths(device, priced), priced.times.state.rows) == ([], ())
        priced.times.bring_back()
        assert lengths(device, priced) == [("Ines Okafor", "work", 45, False)]
        assert not priced.times.state.back_label

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("from", "25:10", "no time of day"),
            ("from", "noon", "no time of day"),
            ("until", "09:00", "after the beginning"),
            ("until", "10:60", "no time of day"),
        ],
    )
    def test_what_is_no_time_is_said_at_its_field(
        self, device: Device, priced: Visit, field: str, typed: str, said: str
    ) -> None:
        """Nothing is written, and what was typed stays."""
        device.clock.go_to("2026-11-23 11:00")
        priced.pause()
        priced.times.edit(priced.times.state.rows[0].id)
        priced.times.fill(field, typed)
        priced.times.save()
        form = priced.times.state.form
        assert form is not None
        shown = next(f for f in form.fields if f.name == field)
        assert said in shown.error
        assert shown.text == typed
        assert len(device.store.find(LabourSegment)) == 1

    @pytest.mark.parametrize("typed", ["", "0", "-5", "²", "961", "half an hour"])
    def test_minutes_are_a_whole_number(self, device: Device, priced: Visit, typed: str) -> None:
        """A stretch of nothing, or of more than sixteen hours, is not written down."""
        priced.times.add("wait")
        priced.times.fill("minutes", typed)
        priced.times.save()
        form = priced.times.state.form
        assert form is not None
        assert next(f.error for f in form.fields if f.name == "minutes")
        assert not device.store.find(LabourSegment)

    def test_a_signed_page_asks_first(self, device: Device, checked: Visit) -> None:
        """A correction after the signature waits for the word that the signature becomes void."""
        device.clock.go_to("2026-11-23 11:00")
        sign(checked)
        before = lengths(device, checked)
        checked.times.toggle_outside(checked.times.state.rows[0].id)
        assert lengths(device, checked) == before
        assert checked.state.notice is not None
        assert checked.state.notice.action == "void"


class TestEnding:
    def test_nobody_there(self, device: Device, visit: Visit) -> None:
        """Minutes waited stand in the visit and in its times; it is no open visit any more."""
        assert visit.ending.state.may_say_nobody
        visit.ending.open("nobody")
        visit.ending.fill("minutes", "twenty")
        visit.ending.confirm()
        form = visit.ending.state.form
        assert form is not None
        assert form.fields[0].error
        visit.ending.fill("minutes", "20")
        visit.ending.fill("words", "Rang twice, called the number.")
        visit.ending.confirm()
        held = device.store.get(VisitRecord, visit.held.visit_id)
        assert (held.work_state, held.outcome, held.waited_minutes) == (
            WorkState.NO_ACCESS,
            Outcome.NO_ACCESS,
            20,
        )
        (waited,) = device.store.find(LabourSegment)
        assert (waited.kind, waited.elapsed_s) == (LabourKind.WAIT, 1200)

    def test_called_off_needs_its_reason(self, device: Device, visit: Visit) -> None:
        """Without words the visit stays as it is."""
        visit.ending.open("off")
        visit.ending.confirm()
        assert device.store.get(VisitRecord, visit.held.visit_id).work_state is WorkState.SCHEDULED
        visit.ending.fill("words", "Moved to December")
        visit.ending.confirm()
        held = device.store.get(VisitRecord, visit.held.visit_id)
        assert (held.work_state, held.state_note) == (WorkState.CANCELLED, "Moved to December")

    def test_a_visit_that_began_ends_otherwise(self, visit: Visit) -> None:
        """Neither is offered once somebody was there."""
        visit.next()
        assert not visit.ending.state.may_say_nobody
        assert not visit.ending.state.may_call_off
