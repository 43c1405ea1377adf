"""A visit through its presenters: the price of the routine visit, the clock, undo, resuming, refusals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from techkit import i18n
from techkit.diagnostics.runner import SLEPT
from techkit.errors import StoreFullError
from techkit.records.activities import Troubleshooting
from techkit.records.assets import Phase
from techkit.records.findings import Reading
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.signing import Satisfaction, Signature, SignOffWaiver
from techkit.records.success import FollowUp
from techkit.records.visit import Consent, LabourSegment, Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.settings import declared
from techkit.store.database import Store
from techkit.ui.presenters.check import slept_notice
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device
from tests.ui.conftest import sign


class Counted:
    """Counts gestures: every call of a presenter's method that stands for one click, tap or key."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, gesture: Callable[..., object], *given: Any) -> None:
        self.count += 1
        gesture(*given)


def test_routine_visit_takes_at_most_15_interactions_and_no_typing(device: Device, planned: str):
    """Assigned visit, known person and computer, check, drafts, one follow-up, signed, printed, finished."""
    opened: list[Visit] = []
    tap = Counted()
    tap(lambda: opened.append(device.open(planned)))
    (visit,) = opened
    tap(visit.next)  # confirm the customer
    tap(visit.check.start)
    tap(visit.next)  # go on while it runs
    device.desk.moment = "after"
    device.clock.go_to("2026-11-23 10:30")
    visit.tick()  # once a second; looks again by itself
    assert sum(r.is_ticked for r in visit.work.state.drafts) >= 2
    tap(visit.work.drafting.add)
    tap(visit.next)
    tap(visit.follow_ups.add, visit.follow_ups.state.suggestions[0].key)
    tap(visit.next)
    assert visit.current == "sign_off"
    tap(visit.next)  # hand over
    tap(visit.sign_off.answer, "5")
    tap(visit.sign_off.draw, SIGNATURE)
    tap(visit.sign_off.agree)
    tap(visit.sign_off.print_)
    tap(visit.sign_off.confirm_print)
    tap(visit.next)  # finish
    assert device.store.get(VisitRecord, planned).work_state is WorkState.SUBMITTED
    assert tap.count <= 15
    assert device.store.find(Satisfaction)[0].rating == 5
    assert device.store.find(FollowUp)


class TestNeed:
    def test_confirming_starts_visit_and_clock(self, device: Device, visit: Visit):
        """One gesture confirms: on site, arrival noted, the clock runs, the check comes next."""
        visit.next()
        kept = device.store.get(VisitRecord, visit.held.visit_id)
        assert (kept.work_state, kept.arrived_at) == (WorkState.ON_SITE, device.clock.now())
        assert kept.technician == "Ines Okafor"
        assert visit.state.is_clock_running
        assert visit.current == "check"

    def test_need_names_its_complaint(self, visit: Visit):
        """Words that name a complaint choose it; a choice by hand is not overruled."""
        visit.need.set_purpose("Der Rechner ist so langsam geworden")
        assert visit.held.visit.complaint == "slow"
        visit.need.set_purpose("No internet since Monday")
        assert visit.held.visit.complaint == "slow"

    def test_wrong_field_is_named_and_keeps_the_rest(self, device: Device, visit: Visit):
        """A required name emptied is refused with its field; another field is saved meanwhile."""
        visit.need.edit("contact", "family_name", "   ")
        visit.need.edit("contact", "phones", "0551 / 77 (evenings)")
        assert [field for field, _label, _text in visit.need.state.errors] == ["contact.family_name"]
        assert not visit.need.state.may_confirm
        contact = device.store.find(Contact)[0]
        assert (contact.family_name, contact.phones) == ("Baumann", ("0551 / 77 (evenings)",))

    @pytest.mark.parametrize(
        "text", ["<b>Eve</b>", "Robert'); DROP TABLE visit;--", "שלום עולם", "a\u202efdp.exe", "x" * 199]
    )
    def test_hostile_names_are_kept_as_text(self, device: Device, visit: Visit, text: str):
        """Markup, SQL and right-to-left names are kept as they are."""
        visit.need.edit("customer", "display_name", text)
        assert device.store.find(Customer)[0].display_name == text

    def test_too_long_and_nul(self, device: Device, visit: Visit):
        """A name of 2 MB is refused with its limit; a NUL inside is taken out."""
        visit.need.edit("customer", "display_name", "x" * 2_000_000)
        assert "200" in visit.need.state.errors[0][2]
        visit.need.edit("customer", "display_name", "Eve\x00 Braun")
        assert device.store.find(Customer)[0].display_name == "Eve Braun"

    def test_payer_is_chosen(self, visit: Visit):
        """Somebody else may pay; the customer again is one choice."""
        payer = next(c for c in visit.need.state.payers if c.value)
        visit.need.choose_payer(payer.value)
        assert visit.need.state.payer == "Baumann Holding"
        visit.need.choose_payer("")
        assert visit.need.state.payer == "Baumann & Söhne"

    def test_place_is_not_said_twice(self, visit: Visit):
        """A place named after its street is shown once."""
        visit.need.edit("site", "name", "Ahornweg 3")
        assert visit.need.state.site_line == "Ahornweg 3, Göttingen"


class TestCheck:
    def test_consent_is_asked_never_taken(self, device: Device, planned: str):
        """Without consent nothing is read; giving it starts the check that was asked for."""
        customer = device.store.find(Customer)[0]
        device.store.save(dataclasses.replace(customer, has_diagnostics_consent=False))
        visit = device.open(planned)
        visit.next()
        visit.check.start()
        assert visit.check.state.needs_consent
        assert visit.held.bundle.runs == ()
        visit.check.give_consent()
        assert len(visit.held.bundle.runs) == 1
        kept = device.store.get(VisitRecord, planned)
        assert (kept.consent, kept.consent_at) == (Consent.GIVEN, device.clock.now())

    def test_refusal_reads_nothing_and_goes_on(self, device: Device, planned: str):
        """A refusal is recorded; the visit can be signed without any reading."""
        customer = device.store.find(Customer)[0]
        device.store.save(dataclasses.replace(customer, has_diagnostics_consent=False))
        visit = device.open(planned)
        visit.next()
        visit.check.start()
        visit.check.refuse_consent()
        visit.go("work")
        visit.go("follow_ups")
        sign(visit)
        bundle = device.store.bundle(planned)
        assert (bundle.runs, bundle.snapshots) == ((), ())
        assert bundle.valid_signature() is not None

    def test_what_explains_the_complaint_stands_first(self, checked: Visit):
        """For a slow computer the full disk and the start-up list come first, with their reason."""
        cards = checked.check.state.cards
        assert [c.title for c in cards[:2]] == ["Free disk space", "Programs started at sign-in"]
        assert cards[0].explains_label == "Likely"
        assert checked.check.state.heading == "2 things need action, 2 to watch"
        assert not any(c.title == "Drive health" for c in cards)

    def test_evidence_names_value_limit_and_source(self, checked: Visit):
        """The drawer shows values beside limits, where they came from and the rule's version."""
        checked.check.open_evidence(checked.check.state.cards[0].key)
        drawer = checked.check.state.drawer
        assert drawer.evidence[0].limit
        assert "GetDiskFreeSpaceEx" in drawer.source
        assert "disk_space" in drawer.rule_line
        checked.check.close_evidence()
        assert checked.check.state.drawer is None

    def test_follow_up_and_work_from_a_finding(self, checked: Visit):
        """A finding becomes a promise or an entry with itself as evidence, and says so on its card."""
        key = checked.check.state.cards[0].key
        checked.check.plan_follow_up(key)
        checked.check.record_as_work(key)
        checked.check.show_on_summary(key, True)
        card = checked.check.state.cards[0]
        assert (card.has_follow_up, card.is_recorded, card.is_on_summary) == (True, True, True)
        entry = checked.held.bundle.activities[0]
        assert isinstance(entry, Troubleshooting)
        assert entry.evidence[0].draft_key == key

    def test_what_uses_the_computer_most(self, device: Device, visit: Visit):
        """The programs using most of processor, memory, disk or network are named, at most five."""
        used = [("Indexer", 80.0, 10**8), ("Mail", 2.0, 3 * 10**9)] + [
            (f"Small {n}", 0.1, 10**7) for n in range(9)
        ]
        for name, percent, held in used:
            device.desk.recordings["before"] += [
                Reading(id="usage.processor.percent_of_core", value=percent, subject=name),
                Reading(id="usage.memory.resident_bytes", value=held, subject=name),
            ]
        device.desk.recordings["before"].append(Reading(id="usage.watched_seconds", value=10.0))
        visit.next()
        visit.check.start()
        busy = visit.check.state.busy
        assert [name for name, _words, _share in busy[:2]] == ["Indexer", "Mail"]
        assert len(busy) == 5
        assert "80\u00a0%" in busy[0][1]
        assert "3.0\u00a0GB" in busy[1][1]
        assert busy[0][2] == 1.0

    def test_a_sleep_during_the_check_is_said(self):
        """How long, and that nothing of it is from another time; a check without sleep says nothing."""
        notice = slept_notice([Reading(id=SLEPT, value=300.0, unit="seconds")])
        assert notice is not None
        assert notice.title == "The computer slept for 5 minutes during the check."
        assert slept_notice([]) is None

    def test_the_end_of_a_check_behind_another_step_is_told(self, device: Device, visit: Visit):
        """Who went on meanwhile is told in one sentence what came of it; looking at it ends the news."""
        visit.need.choose_complaint("slow")
        visit.next()
        held: list[Any] = []
        device.lanes.free, lanes_free = (lambda *given: held.append(given)), device.lanes.free
        visit.check.start()
        visit.go("follow_ups")
        assert visit.state.news_line == ""
        device.lanes.free = lanes_free
        device.lanes.free(*held[0])
        assert visit.state.news_line.startswith("The check is done. ")
        assert "action" in visit.state.news_line
        assert visit.state.news_step == "check"
        visit.go("check")
        assert visit.state.news_line == ""

    def test_a_check_that_is_watched_to_its_end_is_no_news(self, checked: Visit):
        """Its results are on screen anyway."""
        assert checked.state.news_line == ""

    def test_second_run_does_not_replace_the_first(self, device: Device, checked: Visit):
        """Checking again is kept beside the run before the work, which stays what "before" means."""
        first = checked.held.bundle.run(checked.held.asset_in_hand, Phase.BEFORE)
        checked.check.start()
        assert checked.held.bundle.run(checked.held.asset_in_hand, Phase.BEFORE) == first
        assert len(checked.held.bundle.runs) >= 2

    def test_a_new_computer_gets_its_own_name(self, device: Device, planned: str):
        """A computer taken in as a number is called what it calls itself once it was looked at."""
        own = [
            Reading(id="os.computer_name", value="RECEPTION-7"),
            Reading(id="system.model", value="Notebook 5"),
        ]
        device.desk.recordings["before"] = [*device.desk.recordings["before"], *own]
        visit = device.open(planned)
        visit.need.confirm_computer("new")
        assert visit.held.asset.name == "Computer 2"
        visit.next()
        visit.check.start()
        assert (visit.held.asset.name, visit.held.asset.model) == ("RECEPTION-7", "Notebook 5")
        visit.choose_computer(visit.held.visit.asset_ids[0])
        visit.check.start()
        assert visit.held.asset.name == "BAUM-01"


class TestWork:
    def test_drafts_stand_ready_and_need_one_gesture(self, device: Device, checked: Visit):
        """What the computer shows is drafted when Work opens; nothing is kept before it is added."""
        assert checked.work.state.drafts[0].title.startswith("14 programs")
        assert device.store.bundle(checked.held.visit_id).activities == ()
        checked.work.drafting.add()
        kept = device.store.bundle(checked.held.visit_id)
        assert {a.origin for a in kept.activities} == {"drafted"}
        shown = {p.snapshot_after for a in kept.activities for p in a.evidence}
        assert shown <= {r.id for r in (*kept.runs, *kept.snapshots)}

    def test_looks_again_by_itself_now_and_then(self, device: Device, visit: Visit):
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

    def test_entry_needs_a_title_and_keeps_what_was_typed(self, checked: Visit):
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
    def test_price_that_is_no_number(self, checked: Visit, text: str):
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
    def test_quantity_must_be_above_nothing(self, checked: Visit, text: str):
        """Nothing or less than nothing is no quantity."""
        checked.work.choose_kind("supply_use")
        checked.work.fill("name", "Cable")
        checked.work.fill("quantity", text)
        checked.work.add_entry()
        assert checked.work.state.form.error_field == "quantity"

    def test_price_beyond_all_money(self, checked: Visit):
        """An amount above the largest is refused plainly."""
        checked.work.choose_kind("supply_use")
        checked.work.fill("name", "Cable")
        checked.work.fill("unit_price_minor", "999999999999999.99")
        checked.work.add_entry()
        assert checked.held.bundle.supplies == ()
        assert checked.work.state.form.error

    def test_undo_through_the_whole_visit(self, device: Device, checked: Visit):
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

    def test_entry_by_hand_takes_the_drafts_proof(self, device: Device, checked: Visit):
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


class TestEnds:
    def test_nobody_there(self, device: Device, visit: Visit):
        """A closed door ends the visit with the waiting time; nothing to check or to sign is flagged."""
        from techkit.records.flags import flags

        visit.nobody_there(20)
        kept = device.store.bundle(visit.held.visit_id)
        assert (kept.visit.work_state, kept.visit.outcome) == (WorkState.NO_ACCESS, Outcome.NO_ACCESS)
        assert [(s.kind, s.elapsed_s) for s in kept.labour] == [("wait", 1200)]
        assert flags(kept) == ()

    def test_cancelled_needs_a_reason(self, device: Device, visit: Visit):
        """A visit is called off with a reason only."""
        visit.cancel("  ")
        assert visit.state.notice.title == "Please choose a reason."
        assert device.store.get(VisitRecord, visit.held.visit_id).work_state is WorkState.SCHEDULED
        visit.cancel("Customer is ill")
        kept = device.store.get(VisitRecord, visit.held.visit_id)
        assert (kept.work_state, kept.state_note) == (WorkState.CANCELLED, "Customer is ill")

    def test_nobody_there_is_refused_once_somebody_was(self, device: Device, checked: Visit):
        """A visit that is under way is ended by saying what came of it."""
        checked.nobody_there(5)
        assert "already" in checked.state.notice.title
        assert device.store.get(VisitRecord, checked.held.visit_id).work_state is WorkState.ON_SITE


class TestSaving:
    def test_what_was_written_is_told_and_nothing_else_is_worked_out_again(self, checked: Visit):
        """A change is shown when it is made; that it is on the disk now changes the footer's line only."""
        told: list[str] = []
        checked.held.changed.subscribe(lambda: told.append("changed"))
        checked.held.written.subscribe(lambda: told.append(checked.state.save_state))
        checked.after.write_reason("The disk was full.")
        assert told == ["changed", "saved"]

    def test_full_disk_keeps_the_typing_and_tries_again(
        self, device: Device, checked: Visit, monkeypatch: pytest.MonkeyPatch
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

    def test_what_the_store_never_takes_stops_nothing_else(self, device: Device, checked: Visit):
        """2 MB in one field are refused with the limit; the text is kept aside and the next change is saved."""
        checked.after.write_reason("x" * 2_000_000)
        assert "100,000" in checked.state.notice.title
        assert checked.state.save_state == "saved"
        kept = checked.held.typed_in("refused:visit")
        assert len(next(iter(kept.values()))["outcome_reason"]) == 2_000_000
        checked.act_on_notice()
        assert checked.state.notice is None
        checked.after.write_reason("The disk was full.")
        checked.next()
        stored = device.store.get(VisitRecord, checked.held.visit_id)
        assert stored.outcome_reason == "The disk was full."


class TestTyping:
    def test_half_an_entry_survives_a_crash(self, device: Device, checked: Visit):
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

    def test_the_need_survives_a_crash(self, device: Device, planned: str):
        """The need that was being typed is kept in the visit when it opens again."""
        device.open(planned).need.type_ahead("It is slow and the fan is lo")
        device.start_again()
        assert device.open(planned).need.state.purpose == "It is slow and the fan is lo"

    def test_entered_or_closed_is_forgotten(self, device: Device, checked: Visit):
        """A form that was added or closed does not come back."""
        for end in (checked.work.add_entry, checked.work.close_form):
            checked.work.choose_kind("maintenance")
            checked.work.fill("title", "Fan cleaned")
            end()
        assert device.store.setting("visit.typed") == ()
        assert device.open(checked.held.visit_id).work.state.form is None

    def test_another_kind_and_back(self, checked: Visit):
        """Looking at another kind's form loses nothing that was typed into the first."""
        checked.work.choose_kind("training")
        checked.work.fill("title", "Mail merge")
        checked.work.choose_kind("install")
        checked.work.choose_kind("training")
        assert checked.work.state.form.fields[0].text == "Mail merge"


class TestClock:
    def test_pause_makes_two_stretches(self, device: Device, visit: Visit):
        """A pause ends one stretch of time and resuming begins another."""
        visit.next()
        device.clock.go_to("2026-11-23 11:00")
        visit.pause("Lunch")
        device.clock.go_to("2026-11-23 12:00")
        visit.resume()
        device.clock.go_to("2026-11-23 12:30")
        visit.tick()
        assert visit.state.clock == "01:30"
        sign_ready = [(s.kind.value, s.elapsed_s) for s in device.store.find(LabourSegment)]
        assert sorted(sign_ready) == [("break", 3600), ("work", 3600)]

    @pytest.mark.parametrize("hours", [-3, -30, 5, 24 * 365 * 70])
    def test_setting_the_clock_changes_no_minute(self, device: Device, visit: Visit, hours: float):
        """Whatever happens to the wall clock, the length of the work is what was measured."""
        visit.next()
        device.clock.go_to("2026-11-23 10:20")
        device.clock.set_wrong(hours)
        visit.tick()
        assert visit.state.clock == "00:20"

    def test_clock_goes_on_after_a_crash_and_a_restart(self, device: Device, planned: str):
        """The clock is written down as it runs; another start of the computer counts by the wall."""
        visit = device.open(planned)
        visit.next()
        device.clock.go_to("2026-11-23 10:30")
        visit.tick()
        device.start_again()
        device.clock.go_to("2026-11-23 10:40")
        again = device.open(planned)
        assert again.state.clock == "00:40"
        device.start_again()
        device.clock._steady = 5.0  # the computer itself was started again
        device.clock._now = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)
        third = device.open(planned)
        assert third.state.clock == "00:50"


class TestSignOff:
    def test_no_signature_without_strokes_name_or_page(self, checked: Visit):
        """One dot is no signature; nothing is ticked or chosen in advance."""
        checked.go("sign_off")
        checked.next()
        state = checked.sign_off.state
        assert (state.phase, state.may_agree, any(a.is_chosen for a in state.answers)) == (
            "customer",
            False,
            False,
        )
        checked.sign_off.draw(((1, 1),))
        assert not checked.sign_off.state.may_agree
        checked.sign_off.agree()
        assert checked.held.bundle.signatures == ()
        checked.sign_off.draw(SIGNATURE)
        assert checked.sign_off.state.may_agree

    def test_customer_view_keeps_the_steps_shut(self, checked: Visit):
        """While the customer has the screen no other step opens."""
        checked.go("sign_off")
        checked.next()
        checked.go("work")
        assert checked.current == "sign_off"
        assert checked.state.is_customer_view
        checked.sign_off.take_back()
        checked.go("work")
        assert checked.current == "work"

    def test_refusal_is_a_valid_end(self, device: Device, checked: Visit):
        """Without a signature the reason is kept and the visit can be submitted."""
        checked.go("follow_ups")
        checked.go("sign_off")
        checked.sign_off.waive("refused", "Wants to talk to her son first")
        assert device.store.find(SignOffWaiver)[0].note == "Wants to talk to her son first"
        checked.next()
        kept = device.store.get(VisitRecord, checked.held.visit_id)
        assert kept.work_state is WorkState.SUBMITTED

    def test_every_gesture_twice(self, device: Device, checked: Visit):
        """A double click on signing, waiving or finishing makes one signature, one file, one submission."""
        checked.go("follow_ups")
        sign(checked)
        checked.sign_off.agree()
        checked.sign_off.waive("absent")
        assert checked.sign_off._is_finishing is False
        checked.next()
        checked.next()
        checked.sign_off.finish()
        kept = device.store.bundle(checked.held.visit_id)
        assert (len(kept.signatures), len(kept.waivers), len(kept.attachments)) == (1, 0, 1)
        assert kept.visit.work_state is WorkState.SUBMITTED

    def test_low_answer_makes_somebody_call(self, device: Device, checked: Visit):
        """“Not really” makes a follow-up that is not on the paper."""
        checked.go("follow_ups")
        sign(checked, answer="1")
        (call,) = device.store.find(FollowUp, reason="low_rating")
        assert not call.is_on_paper

    def test_without_after_run_the_page_waits(self, device: Device, checked: Visit):
        """A computer checked before and not after is asked about; a reason is enough."""
        checked.current = "check"
        checked.go("sign_off")
        checked.next()
        assert checked.sign_off.state.phase == "prepare"
        assert "not checked" in checked.sign_off.state.warning.title
        checked.after.skip("The customer needed the computer at once")
        checked.next()
        assert checked.sign_off.state.phase == "customer"

    def test_page_in_another_language_than_the_window(self, device: Device, checked: Visit):
        """On a German page under an English window techkit's own words are German; a person's stay."""
        from techkit.ui.presenters.visit_page import page

        checked.work.choose_kind("maintenance")
        checked.work.fill("title", "Fan cleaned")
        checked.work.add_entry()
        checked.work.drafting.add()
        checked.go("follow_ups")
        checked.follow_ups.add_all()
        checked.go("sign_off")
        assert "59.3\u00a0GB of space freed" in {
            line.title for line in checked.sign_off.page.made.document.done
        }
        checked.sign_off.choose_language("de")
        document = checked.sign_off.page.made.document
        assert document.language == "de"
        assert next(c.value for c in checked.sign_off.state.languages if c.is_chosen) == "de"
        text = " ".join(checked.sign_off.state.page_lines)
        for english in (
            "of space freed",
            "Free disk space",
            "is all still well",
            "does the backup work",
            "There is no backup",
        ):
            assert english not in text, english
        assert "Fan cleaned" in text
        assert "59,3" in text
        with i18n.language("de"):
            again, _seal = page(device.store.bundle(checked.held.visit_id))
        assert again.content_hash == document.content_hash

    def test_changing_the_look_of_a_signed_page(self, device: Device, checked: Visit):
        """Another language for a signed page voids the signature and begins revision 2."""
        checked.go("follow_ups")
        sign(checked)
        checked.sign_off.choose_language("de")
        assert checked.held.visit.paper_language == ""
        checked.sign_off.void()
        kept = device.store.get(VisitRecord, checked.held.visit_id)
        assert (kept.paper_language, kept.work_state, kept.revision) == ("de", WorkState.WORK_DONE, 2)
        assert device.store.bundle(kept.id).valid_signature() is None

    def test_leaving_it_gives_the_typing_back_and_keeps_the_page(self, device: Device, checked: Visit):
        """A new entry over a signed page waits by its name; left, it stands in its form again, also after a crash."""
        sign(checked)
        work = checked.work
        work.choose_kind("troubleshooting")
        work.fill("title", "Noise of the fan")
        work.choose_minutes("15")
        work.add_entry()
        notice = checked.state.notice
        assert "the entry “Noise of the fan”" in notice.text
        assert (notice.action, notice.other_label, notice.other_action) == ("void", "Leave it", "keep")
        assert device.open(checked.held.visit_id).work.restore_typing()
        checked.act_on_notice("keep")
        assert checked.state.notice is None
        assert checked.held.bundle.valid_signature() is not None
        assert {f.name: f.text for f in work.state.form.fields}["title"] == "Noise of the fan"
        assert next(c.value for c in work.state.time_chips if c.is_chosen) == "15"
        work.add_entry()
        checked.act_on_notice()
        assert checked.held.bundle.valid_signature() is None
        assert [e.title for e in work.state.entries][-1] == "Noise of the fan"
        assert not device.open(checked.held.visit_id).work.restore_typing()

    def test_two_changes_wait_side_by_side_and_undo_brings_them_back(self, device: Device, checked: Visit):
        """The second does not push the first out; left out, one undo lets both wait again, and both are made."""
        checked.work.drafting.add()
        sign(checked)
        checked.work.remove(checked.work.state.entries[0].id)
        checked.need.set_purpose("Slow and loud")
        words = checked.held.waiting
        assert len(words) == 2
        checked.act_on_notice("keep")
        assert checked.held.bundle.valid_signature() is not None
        assert checked.state.removed_line.startswith("Left as signed. Not done: ")
        count = len(checked.work.state.entries)
        checked.undo()
        assert checked.held.waiting == words
        assert checked.state.removed_line == ""
        checked.act_on_notice("void")
        kept = device.store.bundle(checked.held.visit_id)
        assert kept.visit.purpose == "Slow and loud"
        assert len(checked.work.state.entries) == count - 1

    def test_submitted_is_closed_until_the_office_asks(self, device: Device, checked: Visit):
        """A submitted visit takes no change; with an open question it opens as a new revision."""
        from techkit.records.review import Query

        checked.go("follow_ups")
        sign(checked)
        checked.next()
        visit_id = checked.held.visit_id
        checked.need.set_purpose("Something else")
        assert checked.state.notice.action == "keep"
        checked.act_on_notice()
        assert device.store.get(VisitRecord, visit_id).purpose == "The computer is slow"
        device.store.save(Query(id=new_id(), visit_id=visit_id, question="Which photos?", asked_by="Maren"))
        again = device.open(visit_id)
        again.need.set_purpose("The computer is slow and loud")
        again.act_on_notice()
        kept = device.store.get(VisitRecord, visit_id)
        assert (kept.work_state, kept.revision) == (WorkState.WORK_DONE, 2)
        assert kept.purpose == "The computer is slow and loud"


class TestAfter:
    def test_run_starts_when_work_is_left(self, checked: Visit):
        """Leaving Work starts the check; the complaint is measured again and the result proposed."""
        checked.work.drafting.add()
        checked.next()
        state = checked.after.state
        assert state.phase == "results"
        assert "2 things are better" in state.headline
        assert "Slow" in state.complaint_line
        assert "gone" in state.complaint_line
        assert checked.held.visit.outcome is Outcome.RESOLVED

    def test_a_tick_taken_away_stays_away(self, checked: Visit):
        """A draft unticked in Work is not ticked again in After, and holds nobody up."""
        for row in checked.work.state.drafts:
            if row.is_ticked:
                checked.work.drafting.toggle(row.key)
        checked.next()
        assert not any(r.is_ticked for r in checked.after.state.drafts)
        checked.next()
        assert checked.current == "sign_off"

    def test_drafts_seen_only_after_the_work_are_pointed_at(self, device: Device, checked: Visit):
        """What only the check after the work shows leads to After before anybody signs."""
        checked.work.drafting.add()
        names = [{"name": "Late Tool", "version": "1.0", "publisher": "", "source": "registry"}]
        for moment, programs in (("before", []), ("after", names)):
            rows = [r for r in device.desk.recordings[moment] if r.id != "software.programs"]
            device.desk.recordings[moment] = [*rows, Reading(id="software.programs", value=programs)]
        first = checked.held.bundle.snapshot(checked.held.asset_in_hand, Phase.BEFORE)
        first.content["software"], first.content["unread"] = [], []
        checked.next()
        checked.next()
        assert checked.current == "after"
        assert [r.title for r in checked.after.state.drafts] == ["Late Tool 1.0 installed"]
        checked.after.drafting.add()
        checked.next()
        assert checked.current == "sign_off"

    def test_chosen_result_is_not_overruled(self, checked: Visit):
        """A result chosen by hand stays, whatever is measured later."""
        checked.after.choose_outcome("partly")
        checked.next()
        assert checked.held.visit.outcome is Outcome.PARTLY

    def test_unmeasured_value_is_named(self, device: Device, checked: Visit):
        """What could not be read again is said so, never counted as better."""
        kept = [r for r in device.desk.recordings["after"] if not r.id.startswith("storage.volume")]
        device.desk.recordings["after"] = [*kept, Reading(id="power.plan", value="balanced")]
        checked.next()
        row = next(r for r in checked.after.state.rows if r.title == "Free disk space")
        assert row.change == "gone"


def test_resumed_where_it_was_left(device: Device, planned: str):
    """A visit opens again at the step it had reached."""
    visit = device.open(planned)
    assert visit.current == "need"
    visit.next()
    assert device.open(planned).current == "check"
    visit.check.start()
    assert device.open(planned).current == "check"
    visit.go("work")
    assert device.open(planned).current == "work"
    visit.go("after")
    assert device.open(planned).current == "after"
    visit.go("need")
    assert device.open(planned).current == "need"


def test_what_a_sync_brought_shows(device: Device, checked: Visit):
    """Records that arrive while a visit is open show after a reload; a half-filled form stays."""
    from techkit.records.review import Query

    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan")
    device.store.save(Query(id=new_id(), visit_id=checked.held.visit_id, question="Which?", asked_by="M"))
    checked.reload()
    assert len(checked.held.bundle.queries) == 1
    assert checked.work.state.form.fields[0].text == "Fan"


def test_visit_that_is_not_here_says_so(device: Device):
    """An id of nothing shows a sentence, not a fault."""
    visit = device.open(new_id())
    assert visit.state.notice is not None
    assert not visit.state.is_loading


def test_state_kept_by_settings_is_declared():
    """What a visit keeps between starts is declared like every other setting."""
    for key in ("visit.running", "visit.clock", "visit.typed", "drafts.not_our_work", "drafts.set_aside"):
        assert declared(key).label


def test_signature_record_holds_what_was_shown(device: Device, checked: Visit):
    """The signature names statement, language, device and the hash of the page."""
    checked.go("follow_ups")
    sign(checked)
    (signature,) = device.store.find(Signature)
    assert signature.signer == "Ilse Baumann"
    assert signature.device == device.store.device.id
    assert signature.language == "en"
    assert "bill" in signature.statement
    assert len(signature.content_hash) == 64
