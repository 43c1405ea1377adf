"""Further stories worked out by hand: nights, leap days, corrections after signing, advice answered later, catch-ups, coins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from techkit.records.activities import Training
from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges, visit_day
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Engagement, Site, UserSoftware
from techkit.records.posting import booking
from techkit.records.schema import replace
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import LabourSegment, Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from tests.scenarios.college import college
from tests.scenarios.conftest import SIGNATURE, recordings, text_of
from tests.scenarios.plain import Plain, plain


@pytest.fixture
def ines(device):
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


def again(story: Plain, **more) -> Plain:
    """Plan another visit of the same customer."""
    return Plain(story.device, customer=story.customer, site=story.site, contact=story.contact).plan(**more)


# --- time -----------------------------------------------------------------------------------------


def test_a_night_in_which_the_clocks_go_back(device):
    """New York, 22:40 to 02:10 with an hour twice: 4 h 30 min; out of hours, in half hours, at 150 % of 84.50: 570.38."""
    ines = device("TK07", "Ines Okafor", "2026-10-31 22:40", zone="America/New_York")
    story = Plain(ines).known(paper="Letter")
    ines.store.save(
        RateCard(
            id=new_id(), name="Night", currency="USD", travel_flat_minor=3500, is_default=True,
            rates=(
                Rate(
                    labour="work", hourly_minor=8450, minimum_minutes=120, increment_minutes=30,
                    out_of_hours_percent=150,
                ),
            ),
        )
    )  # fmt: skip
    story.plan().arrive()
    story.visit.times.toggle_outside("running")
    ines.clock.go_to("2026-11-01 02:10")
    story.sign()
    reckoned = charges(story.bundle)
    # 84.50 × 1.5 = 126.75 an hour, 4.5 hours = 570.375, halves up; and the way, 35.00.
    assert (reckoned.labour_minutes, reckoned.charged_minutes) == (270, 270)
    assert [line.amount_minor for line in reckoned.lines] == [57_038, 3500]
    text = plain(text_of(story.pdf))
    assert "$605.38" in text
    assert "22:40 to 02:10" in text
    assert visit_day(story.bundle.visit) == date(2026, 10, 31)
    assert "long_labour" not in {f.rule for f in flags(story.bundle)}


def test_a_night_in_which_the_clocks_go_forward(device):
    """Berlin, 23:50 to 03:20 with an hour missing: 2 h 30 min, though the wall clock says three and a half."""
    ines = device("TK07", "Ines Okafor", "2027-03-27 23:50")
    story = Plain(ines).known()
    story.rates(hourly=6000)
    story.plan().arrive()
    ines.clock.go_to("2027-03-28 03:20")
    story.sign()
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [(150, 15_000)]
    assert "23:50 to 03:20 on 28 March 2027" in plain(text_of(story.pdf))


def test_the_leap_day(device):
    """29 February 2028: contract and month end on it, a call in 14 days is due on 14 March, the number says 2028."""
    ines = device("TK07", "Ines Okafor", "2028-02-29 09:00")
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=6000)
    centre = new_id()
    ines.store.save(
        Contract(
            id=new_id(), customer_id=story.customer, number="CTR-28", starts_on=date(2027, 3, 1),
            ends_on=date(2028, 2, 29), hours_included=1,
        ),
        CostCentre(id=centre, customer_id=story.customer, code="A"),
        Budget(id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2028-02", approved_minor=9000),
        Budget(id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2028-03", approved_minor=1),
    )  # fmt: skip
    story.plan(complaint="slow").arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2028-02-29 10:30")
    call = next(s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("call:"))
    story.visit.follow_ups.add(call.key)
    story.sign()
    (promise,) = story.bundle.follow_ups
    assert promise.due_on == date(2028, 3, 14)
    # An hour was left in the contract, half an hour is charged; 60.00 of February's 90.00 are left.
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [
        (60, 0),
        (30, 3000),
    ]
    (row,) = story.visit.sign_off.state.money.budgets
    assert "€60.00 left, 33.3 % used" in plain(row.sentence)
    assert {e.period for e in booking(story.bundle, new_id).entries} == {"2028-02"}


def test_the_end_of_a_year_far_east(device):
    """A notebook on Berlin time in Auckland, begun at noon of New Year's Eve in Berlin: there it is 2027, budget and page say so."""
    ines = device("TK07", "Ines Okafor", "2026-12-31 12:00", zone="Europe/Berlin")
    story = Plain(ines).known()
    story.rates(hourly=6000)
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Pacific/Auckland"))
    centre = new_id()
    ines.store.save(
        CostCentre(id=centre, customer_id=story.customer, code="A"),
        *(
            Budget(id=new_id(), customer_id=story.customer, cost_centre_id=centre, period=y, approved_minor=a)
            for y, a in (("2026", 10_000), ("2027", 80_000))
        ),
    )
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-12-31 13:00")
    story.sign()
    assert visit_day(story.bundle.visit) == date(2027, 1, 1)
    (row,) = story.visit.sign_off.state.money.budgets
    assert "€740.00 left" in plain(row.sentence)
    text = plain(text_of(story.pdf))
    assert "1 January 2027" in text
    assert "00:00 to 01:00" in text
    (time,) = story.visit.times.state.rows
    assert "00:00 to 01:00" in plain(time.line)
    assert "01:00" in plain(story.visit.sign_off.state.signed_line)


@pytest.mark.parametrize(
    ("field", "typed", "minutes"), [("until", "00:20", 60), ("from", "22:50", 60), ("until", "23:10", None)]
)
def test_a_time_is_corrected_over_midnight(device, field, typed, minutes):
    """From 23:20 to 23:50: a time after midnight is the next day's, one before the beginning stays a slip."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 23:20")
    story = Plain(ines).known()
    story.rates(hourly=6000)
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 23:50")
    story.visit.pause("done")
    ines.clock.go_to("2026-11-25 00:30")
    times = story.visit.times
    times.edit(times.state.rows[0].id)
    times.fill(field, typed)
    times.save()
    if minutes is None:
        assert times.state.form is not None
        assert len(story.bundle.labour) == 1
        return
    assert times.state.form is None
    (now,) = story.bundle.current_labour()
    assert now.elapsed_s == minutes * 60
    assert now.ended_at - now.started_at == timedelta(minutes=minutes)


def test_the_labour_is_corrected_after_the_signature(ines, office):
    """Signed for an hour, an hour and a half was worked: asked first, revision 2 is signed for 90.00, the office sees both."""
    story = Plain(ines).known()
    story.rates(hourly=6000)
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert "€60.00" in text_of(story.pdf)
    first = story.bundle.valid_signature()
    ines.clock.go_to("2026-11-24 10:35")
    times = story.visit.times
    times.edit(times.state.rows[0].id)
    times.fill("from", "08:30")
    times.save()
    assert charges(story.bundle).total_minor == 6000
    assert story.bundle.valid_signature() == first
    story.visit.act_on_notice()
    assert charges(story.bundle).total_minor == 9000
    assert story.bundle.valid_signature() is None
    story.visit.sign_off.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    text = plain(text_of(story.pdf))
    assert "€90.00" in text
    assert "Replaces revision 1" in text
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    held = office.bundle(visit_id)
    assert [s.supersedes is None for s in held.labour] == [True, False]
    assert charges(held).total_minor == 9000
    assert held.valid_signature().visit_revision == 2


# --- coins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "hourly", "percent", "minutes", "quantity", "price", "labour", "goods"),
    [
        # 4,999 × 1.25 = 6,248.75 → 6,249 an hour; 30 min: 3,124.5 → 3,125. 2.5 × 333 = 832.5 → 833.
        ("JPY", 4999, 125, 25, "2.5", "333", 3125, 833),
        # 7.333 × 1.25 = 9.16625 → 9.166; 30 min: 4.583. 2.5 × 0.005 = 0.0125 → 0.013.
        ("KWD", 7333, 125, 25, "2.5", "0.005", 4583, 13),
        # 97.35 × 1.1 = 107.085 → 107.09; 45 min: 80.3175 → 80.32. 3 × 0.335 is finer than coins are: 3 × 0.34 = 1.02.
        ("CHF", 9735, 110, 40, "3", "0.34", 8032, 102),
    ],
)
def test_halves_in_every_coin(ines, currency, hourly, percent, minutes, quantity, price, labour, goods):
    """Rate, time and price are each rounded once, halves up, in the coin of the currency; page and booking agree."""
    story = Plain(ines).known()
    rate = Rate(labour="work", hourly_minor=hourly, increment_minutes=15, out_of_hours_percent=percent)
    ines.store.save(RateCard(id=new_id(), name="All", currency=currency, is_default=True, rates=(rate,)))
    story.plan().arrive().use("Wire", price, quantity=quantity)
    story.visit.times.toggle_outside("running")
    ines.clock.go_to(f"2026-11-24 09:{minutes}")
    story.sign()
    reckoned = charges(story.bundle)
    assert [line.amount_minor for line in reckoned.lines] == [labour, goods]
    assert sum(e.amount_minor for e in booking(story.bundle, new_id).entries) == labour + goods
    assert reckoned.total_minor == labour + goods


def test_a_price_finer_than_the_coin_is_not_rounded_unseen(ines):
    """0.335 francs is refused with its reason, and so is half a yen; what was typed stays."""
    for currency, typed in (("CHF", "0.335"), ("JPY", "10.5"), ("KWD", "0.0005")):
        story = Plain(ines).known(display_name=currency)
        card = story.rates(currency)
        story.plan(rate_card_id=card).arrive()
        work = story.visit.work
        work.choose_kind("supply_use")
        work.fill("name", "Wire")
        work.fill("unit_price_minor", typed)
        work.add_entry()
        assert "finer than" in work.state.form.error
        assert next(f for f in work.state.form.fields if f.name == "unit_price_minor").text == typed
        assert story.bundle.supplies == ()


@pytest.mark.parametrize(
    ("currency", "amount", "asked"),
    [("EUR", 2000, False), ("EUR", 2001, True), ("KWD", 2500, False), ("KWD", 20_001, True), ("JPY", 1500, False)],
)  # fmt: skip
def test_a_receipt_is_asked_for_by_worth(ines, currency, amount, asked):
    """Parking for 2.500 dinars needs no receipt where 20.00 is the limit: coins are not compared by their number."""
    from techkit.records.visit import Expense

    story = Plain(ines).known()
    story.rates(currency)
    story.plan().arrive()
    ines.store.save(
        Expense(id=new_id(), visit_id=story.visit.held.visit_id, amount_minor=amount, currency=currency)
    )
    assert ("expense_without_receipt" in {f.rule for f in flags(story.bundle)}) is asked


# --- answers --------------------------------------------------------------------------------------


@pytest.fixture
def advised(ines) -> Plain:
    """A first visit: no backup, advised and asked about; the call about it was made."""
    ines.desk.recordings = recordings("o1_notebook")[""]
    story = Plain(ines).known(display_name="Odalys Brandt", has_diagnostics_consent=True)
    story.rates()
    story.plan()
    _check(story, "new")
    suggestion = next(s for s in story.visit.follow_ups.state.suggestions if "last_backup" in s.key)
    story.visit.follow_ups.add(suggestion.key)
    return story


def _check(story: Plain, computer: str) -> None:
    story.visit.held.computers.confirm(computer)
    story.visit.next()
    story.visit.check.start()
    story.visit.check.give_consent()
    story.visit.go("follow_ups")


def _end(story: Plain, word: str) -> str:
    (advice,) = story.bundle.recommendations
    story.visit.follow_ups.decide(advice.id, word)
    store = story.device.store
    for promise in store.find(FollowUp):
        store.save(replace(promise, state="done"))
    return advice.id


@pytest.mark.parametrize(
    ("word", "days", "is_asked"), [("no", 400, False), ("later", 14, False), ("later", 90, True), ("open", 14, True)]
)  # fmt: skip
def test_advice_is_asked_about_again_when_it_is_time(advised, word, days, is_asked):
    """A no stays a no, “later” comes back after its day, an open question at the next visit; never as a new one."""
    advice_id = _end(advised, word)
    ines = advised.device
    ines.clock.go_to(
        (datetime(2026, 11, 24, 9, tzinfo=UTC) + timedelta(days=days)).strftime("%Y-%m-%d 09:00")
    )
    ines.desk.moment = "before"
    second = again(advised)
    _check(second, advised.bundle.visit.asset_ids[0])
    state = second.visit.follow_ups.state
    assert [row.id for row in state.advice] == ([advice_id] if is_asked else [])
    assert not [s for s in state.suggestions if "last_backup" in s.key]
    assert len(ines.store.find(Recommendation)) == 1


def test_later_becomes_yes_at_the_next_visit(advised):
    """“Later”, and in spring they say yes: one press in the visit, the same advice, no page of today claims it as new."""
    advice_id = _end(advised, "later")
    ines = advised.device
    assert ines.store.get(Recommendation, advice_id).deferred_until == date(2027, 2, 22)
    ines.clock.go_to("2027-03-01 09:00")
    second = again(advised).arrive()
    (row,) = second.visit.follow_ups.state.advice
    assert row.decision == "deferred"
    second.visit.follow_ups.decide(advice_id, "yes")
    (row,) = second.visit.follow_ups.state.advice
    assert row.decision == "accepted"
    held = ines.store.get(Recommendation, advice_id)
    assert (held.state, held.deferred_until) == ("accepted", None)
    assert held.visit_id == advised.visit.held.visit_id
    ines.clock.go_to("2027-03-01 09:30")
    second.sign()
    assert second.bundle.recommendations == ()


def test_nobody_lets_the_technician_in(ines):
    """Twenty minutes before a closed door: no labour is charged, nothing is signed, and the reason goes to the office."""
    story = Plain(ines).known()
    story.rates(hourly=6000)
    story.plan()
    ines.clock.go_to("2026-11-24 09:20")
    ending = story.visit.ending
    ending.open("nobody")
    ending.fill("minutes", "20")
    ending.confirm()
    bundle = story.bundle
    assert bundle.visit.work_state is WorkState.NO_ACCESS
    assert bundle.visit.outcome is Outcome.NO_ACCESS
    assert [line for line in charges(bundle).lines if line.kind == "labour"] == []
    assert {f.rule for f in flags(bundle)} & {"signature_missing", "no_after_run"} == set()


# --- training -------------------------------------------------------------------------------------


def test_who_was_absent_catches_up(device):
    """Ewa missed the group; two weeks later she learns mail merge alone: 2 → 4, the promise is settled, her history has both."""
    pavel = device("TK11", "Pavel Novotny", "2026-11-25 13:30")
    held = college()
    visits = [new_id(), new_id()]
    pavel.store.save(
        *held.records,
        *(
            VisitRecord(
                id=v, number=pavel.store.next_number(2026), customer_id=held.customer, site_id=held.site,
                contact_id=held.people["Ewa Nowak"], purpose="Training", is_travel_charged=False,
                work_state=WorkState.SCHEDULED,
            )
            for v in visits
        ),
    )  # fmt: skip
    ewa, amara = held.people["Ewa Nowak"], held.people["Amara Dube"]
    group = pavel.open(visits[0])
    group.next()
    group.go("work")
    group.work.add_suggestion("mail merge")
    group.work.say_attended(ewa, "absent")
    group.work.judge(amara, "after", 3)
    group.work.choose_minutes("60")
    group.work.add_entry()
    key = next(s.key for s in group.follow_ups.state.suggestions if s.key.startswith("catch_up:"))
    group.follow_ups.add(key)
    (promise,) = pavel.store.find(FollowUp)
    assert promise.contact_id == ewa
    pavel.clock.go_to("2026-11-25 14:30")
    group.pause("end of the session")
    pavel.clock.go_to("2026-12-09 10:00")

    alone = pavel.open(visits[1])
    alone.next()
    alone.go("work")
    suggested = next(s for s in alone.work.state.suggestions if s.id == "mail merge")
    assert "Ewa Nowak" in suggested.title
    alone.work.add_suggestion("mail merge")
    for person in held.people.values():
        alone.work.say_attended(person, "present" if person == ewa else "")
    alone.work.judge(ewa, "after", 4)
    alone.work.choose_minutes("30")
    alone.work.add_entry()
    (done,) = [a for a in pavel.store.bundle(visits[1]).activities if isinstance(a, Training)]
    assert [(a.name, a.skill_before, a.skill_after) for a in done.attendance if a.is_present] == [
        ("Ewa Nowak", 2, 4)
    ]
    assert [row.id for row in alone.follow_ups.state.planned] == [promise.id]
    alone.follow_ups.settle(promise.id, "done", "Mail merge, done alone.")
    assert pavel.store.get(FollowUp, promise.id).state == "done"
    (profile,) = pavel.store.find(UserSoftware, contact_id=ewa)
    assert profile.skill == 4
    pavel.clock.go_to("2026-12-09 10:30")
    alone.pause("end")
    alone_minutes = sum(s.elapsed_s for s in pavel.store.find(LabourSegment, visit_id=visits[1])) // 60
    assert alone_minutes == 30


# --- who it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "engagement", "says", "never"),
    [
        ("individual", "one_time", ("€67.20", "This is not an invoice"), ("cost centre", "Contract")),
        ("organisation", "one_time", ("€67.20", "This is not an invoice"), ("cost centre",)),
        ("organisation", "internal", ("€67.20 to cost centre LS", "This is not an invoice"), ("The bill goes to",)),
    ],
)  # fmt: skip
def test_the_cost_part_fits_the_customer(ines, kind, engagement, says, never):
    """An hour at 60.00 and a cable at 7.20: a person, a firm and the house itself each read what concerns them."""
    story = Plain(ines).known(kind=kind, engagement=engagement)
    story.rates(hourly=6000)
    if engagement == "internal":
        ines.store.save(CostCentre(id=new_id(), customer_id=story.customer, code="LS"))
    story.plan().arrive().use("Cable", "7.20")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    text = plain(text_of(story.pdf))
    for words in says:
        assert words in text
    for words in never:
        assert words not in text
    assert "internal_without_centre" not in {f.rule for f in flags(story.bundle)}
