"""BAD-INPUTS groups B to D at the forms: identities, dates, clocks, numbers and money."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from techkit import i18n
from techkit.errors import InputError
from techkit.records.activities import Maintenance
from techkit.records.budget import MAX_AMOUNT_MINOR, Budget, allocate, times, variance
from techkit.records.charges import charges
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import spec_for
from techkit.records.success import FollowUp
from techkit.records.visit import Expense, LabourSegment, SupplyUse
from techkit.ui.presenters.entry_form import parse
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign

PRICE = spec_for("supply_use").field("unit_price_minor")
QUANTITY = spec_for("supply_use").field("quantity")
DUE = spec_for("follow_up").field("due_on")
PHONES = spec_for("contact").field("phones")


def pass_time(device: Device, seconds: float) -> None:
    device.clock._now += timedelta(seconds=seconds)
    device.clock._steady += seconds


# --- B: identities ---------------------------------------------------------------------------------


def test_bad_input_b27_same_name_twice(device: Device):
    """Two customers of one name are both kept; the first is offered when the second is written down."""
    for _number in range(2):
        new = device.new_visit()
        for name, text in (
            ("customer", "Odalys Brandt"), ("purpose", "Slow"), ("street", "Lindengasse 8"), ("town", "37073 G"),
        ):  # fmt: skip
            new.fill(name, text)
        offered = new.state.matches
        new.start()
    assert len(device.store.find(Customer, display_name="Odalys Brandt")) == 2
    assert len(device.opened) == 2
    assert isinstance(offered, tuple)


@pytest.mark.parametrize(
    "typed", ["ask for Selin", "+49 (0) 551 / 70 00-12", "x" * 60, "0551 7000 ext. 4", "٠٥٥١"]
)
def test_bad_input_b35_telephone_as_typed(checked: Visit, device: Device, typed: str):
    """A telephone number is kept as it is typed, whatever it looks like."""
    checked.need.edit("contact", "phones", typed)
    contact = device.store.bundle(checked.held.visit_id).contact
    assert isinstance(contact, Contact)
    assert contact.phones == (typed,)


@pytest.mark.parametrize("serial", ["0007", "1E10", "A/B-7", "x", "9" * 512])
def test_bad_input_b29_serials_are_text(checked: Visit, device: Device, serial: str):
    """A serial number is text: leading zeros, slashes and what looks like a number stay."""
    work = checked.work
    work.choose_kind("supply_use")
    work.fill("name", "Module")
    work.fill("serial_in", serial)
    work.add_entry()
    (used,) = device.store.bundle(checked.held.visit_id).supplies
    assert used.serial_in == serial


# --- C: dates and clocks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["2026-02-29", "2026-04-31", "0000-00-00", "10000-01-01", "0001-01-01", "01/02/26", "soon"]
)
def test_bad_input_c40_c41_days_that_are_none(typed: str):
    """A day the calendar has not, or that could be two, is refused with how to write it."""
    with pytest.raises(InputError) as refused:
        parse(DUE, typed, "EUR")
    assert refused.value.field == "due_on"


def test_bad_input_c42_promise_in_the_past(checked: Visit, device: Device):
    """A promise for a day that is over is kept with that day, and stands as overdue, not refused."""
    follow_ups = checked.follow_ups
    follow_ups.fill("text", "Call back")
    follow_ups.fill("due_on", "2026-11-20")
    follow_ups.add_own()
    (promise,) = device.store.bundle(checked.held.visit_id).follow_ups
    assert isinstance(promise, FollowUp)
    assert promise.due_on == date(2026, 11, 20)


@pytest.mark.parametrize("moment", ["1970-01-01 00:00", "2099-06-01 00:00"])
def test_bad_input_c36_c37_a_clock_that_is_wrong(device: Device, planned: str, moment: str):
    """With a clock of 1970 or 2099 a visit is worked and its minutes are still those that passed."""
    device.clock.go_to("2026-11-23 10:00")
    visit = device.open(planned)
    visit.next()
    wrong = datetime.fromisoformat(moment).replace(tzinfo=UTC) - device.clock.now()
    device.clock.set_wrong(wrong.total_seconds() / 3600)
    pass_time(device, 60)
    visit.tick()
    visit.pause()
    (segment,) = device.store.bundle(planned).labour
    assert segment.elapsed_s == 60
    assert segment.ended_at is not None
    assert segment.started_at is not None
    assert segment.ended_at >= segment.started_at


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", "2026-10-25 02:30"),  # the hour that comes twice
        ("Europe/Berlin", "2026-03-29 01:50"),  # the hour that is left out follows
        ("Asia/Kathmandu", "2026-11-23 10:00"),
        ("Pacific/Kiritimati", "2026-11-23 10:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45"),
    ],
)
def test_bad_input_c39_summer_time_and_odd_zones(
    tmp_path, zone: str, moment: str, request: pytest.FixtureRequest
):
    """Across a change of the clocks two hours of work are two hours; zone and offset are kept with them."""
    from tests.scenarios.conftest import HandClock

    device: Device = request.getfixturevalue("device")
    planned: str = request.getfixturevalue("planned")
    device.clock.__dict__.update(HandClock(moment, zone).__dict__)
    visit = device.open(planned)
    visit.next()
    started = device.clock.now()
    for _minute in range(12):
        pass_time(device, 600)
        visit.tick()
    visit.pause()
    held = device.store.bundle(planned)
    (segment,) = held.labour
    assert segment.elapsed_s == 7200
    assert segment.started_at == started
    assert held.visit.time_zone == zone
    offset = started.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    assert held.visit.utc_offset_minutes == offset.total_seconds() / 60


# --- D: numbers and money ----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0", "-1", "-0.5"])
def test_bad_input_d44_quantities(typed: str):
    """Nothing and less than nothing are no quantity."""
    with pytest.raises(InputError):
        parse(QUANTITY, typed, "EUR")


def test_bad_input_d45_the_largest_amount():
    """An amount beyond 10^13 minor units is refused with a sentence, here and as a product."""
    with pytest.raises(InputError, match="larger than techkit can keep"):
        parse(PRICE, "9,999,999,999,999.99", "EUR")
    with pytest.raises(InputError, match="larger than techkit can keep"):
        times(Decimal(10), MAX_AMOUNT_MINOR)
    assert parse(PRICE, "-0.00", "EUR") == 0


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1,250", "JPY", 1250), ("12.345", "TND", 12345), ("12.345", "KWD", 12345), ("12.50", "CHF", 1250),
        ("12.5", "EUR", 1250), ("0.05", "CHF", 5),
    ],
)  # fmt: skip
def test_bad_input_d46_currencies(typed: str, currency: str, minor: int):
    """Each currency has its own places: none in yen, three in dinars."""
    assert parse(PRICE, typed, currency) == minor


@pytest.mark.parametrize(("typed", "currency"), [("12.5", "JPY"), ("0.001", "EUR"), ("1.2345", "TND")])
def test_bad_input_d46_finer_than_coins(typed: str, currency: str):
    """An amount no coin makes up is refused, never rounded unseen."""
    with pytest.raises(InputError, match="finer than"):
        parse(PRICE, typed, currency)


@pytest.mark.parametrize(
    ("language", "typed", "minor"),
    [
        ("de", "1.234,56", 123456),
        ("en", "1,234.56", 123456),
        ("fr", "1 234,56", 123456),
        ("fr", "1\u202f234,56", 123456),
    ],
)
def test_bad_input_d47_as_the_language_writes(language: str, typed: str, minor: int):
    """Thousands and decimals are read as the window's language writes them."""
    with i18n.language(language):
        assert parse(PRICE, typed, "EUR") == minor


@pytest.mark.parametrize(
    "typed", ["1_0", "½", "12abc", "١٢", "1e5", "NaN", "Infinity", "1e999", "0x10", "--1"]
)
def test_bad_input_d47_d48_no_numbers(typed: str):
    """What is no number as a whole is refused; nothing is guessed out of it."""
    with pytest.raises(InputError):
        parse(PRICE, typed, "EUR")


def test_bad_input_d49_a_budget_of_nothing():
    """A budget of nothing that was spent on is over by money; no percentage is made up."""
    found = variance(Budget(id=new_id(), approved_minor=0, actual_minor=500))
    assert found.variance_minor == -500
    assert found.used_percent is None


def test_bad_input_d50_a_hundred_thousand_lines(checked: Visit):
    """A hundred thousand lines are added up exactly."""
    used = [
        SupplyUse(
            id=str(n), visit_id=checked.held.visit_id, name="Screw", unit_price_minor=7, quantity=Decimal(3)
        )
        for n in range(100_000)
    ]
    bundle = dataclasses.replace(checked.held.bundle, supplies=tuple(used))
    assert charges(bundle).total_minor - charges(checked.held.bundle).total_minor == 2_100_000


def test_bad_input_d51_halves_and_shares():
    """Halves are rounded up, and shares add up to the cent."""
    assert times(Decimal("0.5"), 67) == 34
    assert sum(allocate(10_001, [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")])) == 10_001


def test_bad_input_d52_lengths_of_time(checked: Visit, device: Device):
    """Time that ends before it began is refused and nothing changes."""
    pass_time(device, 60)
    checked.tick()
    checked.pause()
    (segment,) = device.store.find(LabourSegment)
    assert segment.started_at is not None
    checked.correct_time(segment.id, segment.started_at, segment.started_at - timedelta(hours=1))
    assert device.store.find(LabourSegment) == [segment]
    assert checked.state.notice is not None


@pytest.mark.parametrize(
    ("currency", "language", "hourly", "words"),
    [
        ("JPY", "en", 9000, "¥"), ("TND", "fr", 68_500, "TND"), ("CHF", "de", 12_000, "CHF"), ("GBP", "en", 6000, "£"),
    ],
)  # fmt: skip
def test_a_visit_in_another_currency(
    device: Device,
    planned: str,
    currency: str,
    language: str,
    hourly: int,
    words: str,
    text_of: Callable[[bytes], str],
):
    """A whole visit in yen, dinars, francs or pounds: prices typed, total and paper in its own places."""
    device.store.set_setting("currency", currency)
    device.store.set_setting("rates.hourly_minor", hourly)
    visit = device.open(planned)
    visit.next()
    visit.need.refuse_consent()
    pass_time(device, 3600)
    visit.tick()
    work = visit.work
    work.choose_kind("supply_use")
    work.fill("name", "Cable")
    typed = {"JPY": "1200", "TND": "7.250", "CHF": "9.90", "GBP": "4.50"}[currency]
    work.fill("unit_price_minor", typed)
    work.add_entry()
    work.choose_kind("expense")
    work.fill("amount_minor", typed)
    work.add_entry()
    held = device.store.bundle(planned)
    price = {"JPY": 1200, "TND": 7250, "CHF": 990, "GBP": 450}[currency]
    assert held.visit.currency == currency
    assert held.supplies[0].unit_price_minor == price
    assert [e.amount_minor for e in held.expenses if isinstance(e, Expense)] == [price]
    visit.held.save(
        dataclasses.replace(visit.held.visit, no_after_run_reason="Refused.", paper_language=language)
    )
    sign(visit)
    found = charges(visit.held.bundle)
    assert (found.currency, found.total_minor) == (currency, hourly + 2 * price)
    assert visit.sign_off.state.pdf is not None
    paper = text_of(visit.sign_off.state.pdf)
    with i18n.language(language):
        total = i18n.money(hourly + 2 * price, currency).replace("\u00a0", " ").replace("\u202f", " ")
    assert total in paper
    assert words in paper


@pytest.fixture
def text_of() -> Callable[[bytes], str]:
    from tests.scenarios.conftest import text_of as read

    return read


def test_an_entry_survives_every_refusal(checked: Visit, device: Device):
    """U1 and U2: after any number of refused fields the rest of the form is there, and one sentence names each."""
    work = checked.work
    work.choose_kind("maintenance")
    work.fill("title", "Fan")
    work.fill("version", "x" * 200_000)
    work.add_entry()
    form = work.state.form
    assert form is not None
    assert form.error
    work.fill("version", "2")
    work.add_entry()
    (made,) = device.store.bundle(checked.held.visit_id).activities
    assert isinstance(made, Maintenance)
    assert (made.title, made.version) == ("Fan", "2")
