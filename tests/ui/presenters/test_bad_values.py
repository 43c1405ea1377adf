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
from techkit.records.assets import Asset
from techkit.records.budget import MAX_AMOUNT_MINOR, Budget, allocate, times, variance
from techkit.records.charges import charges
from techkit.records.findings import Reading
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import spec_for
from techkit.records.success import FollowUp
from techkit.records.typed import parse
from techkit.records.visit import Expense, LabourSegment, SupplyUse
from techkit.ui.presenters import office_view, this_computer, twins
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.new_visit import NewVisit
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.sign_off import MOST_POINTS
from techkit.ui.presenters.today import Today
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device
from tests.ui.conftest import sign

PRICE = spec_for("supply_use").field("unit_price_minor")
QUANTITY = spec_for("supply_use").field("quantity")
DUE = spec_for("follow_up").field("due_on")


def pass_time(device: Device, seconds: float) -> None:
    device.clock._now += timedelta(seconds=seconds)
    device.clock._steady += seconds


# --- B: identities ---------------------------------------------------------------------------------


def test_bad_input_b27_same_name_twice(device: Device):
    """Two customers of one name are both kept, the first is hinted at, and a merge of the two is undone whole."""
    offered = []
    for number in ("8", "8a"):
        new = NewVisit(device.around, device.opened.append, may_see_all=True)
        for name, text in (
            ("purpose", "Slow"), ("street", f"Lindengasse {number}"), ("town", "37073 G"), ("customer", "Odalys Brandt"),
        ):  # fmt: skip
            new.fill(name, text)
        offered.append([choice.label for choice in new.state.matches])
        new.start()
    assert offered == [[], ["Odalys Brandt"]]
    first, second = before = device.store.find(Customer, display_name="Odalys Brandt")
    place = CustomerPlace(
        device.around, Sight(sees_all=True), first.id,
        on_visit=_nothing, on_computer=_nothing, on_customer=_nothing, on_list=_nothing, on_new=_nothing,
    )  # fmt: skip
    assert [twin.title for twin in place.state.twins] == ["Odalys Brandt"]
    place.merge(second.id)
    assert twins.kept(device.store, Customer, second.id) == device.store.get(Customer, first.id)
    place.undo()
    place.close()
    assert device.store.find(Customer, display_name="Odalys Brandt") == before
    assert [device.store.bundle(v).visit.customer_id for v in device.opened] == [first.id, second.id]


def _nothing(*_told: object) -> None:
    """Stand in for opening other pages."""


@pytest.mark.parametrize(
    "serial",
    [
        "To be filled by O.E.M.", "Default string", "0", "None", "123456789", "1111111", "System Serial Number",
        "Not Specified", "x", " \u00a0", "N/A",
    ],
)  # fmt: skip
def test_bad_input_b28_a_serial_nobody_filled_in(checked: Visit, device: Device, serial: str):
    """What a maker left in is no serial: the computer has an id of its own, and no other is taken for it."""
    readings = [
        Reading(id="system.serial", value=serial),
        Reading(id="board.serial", value=serial),
        Reading(id="system.uuid", value="03000200-0400-0500-0006-000700080009"),
    ]
    here = this_computer.of_readings(readings)
    assert here.serial == ""
    assert here.identifiers == ()
    checked.held.computers.confirm("new")
    (fresh,) = [a for a in device.store.find(Asset) if a.name != "BAUM-01"]
    device.store.save(this_computer.fill(fresh, here))
    kept = device.store.get(Asset, fresh.id)
    assert kept is not None
    assert (len(kept.id), kept.serial, kept.identifiers) == (36, "", ())
    assert this_computer.matches(this_computer.of_readings(readings), [kept]) == ()


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("00:00:00:00:00:00", False), ("ff:ff:ff:ff:ff:ff", False), ("3a:1f:22:9c:01:77", False),
        ("01:00:5e:00:00:16", False), ("00-00-00-00-00-00", False), ("", False), ("d4:5d:64:9c:01:77", True),
    ],
)  # fmt: skip
def test_bad_input_b30_an_address_that_names_nobody(address: str, is_one: bool):
    """An empty, broadcast or random address of a network card brings no two computers together; a true one may."""
    other = "3d1219c7c4c5404aaa1f6d2a48adfda4"
    seen = [
        this_computer.of_readings(
            [
                Reading(id="network.interface.mac", value=address, subject="eth0"),
                Reading(id="system.machine_id", value=machine),
            ]
        )
        for machine in (other, other[::-1])
    ]
    assert any(i.startswith("hardware_address:") for i in seen[0].identifiers) is is_one
    known = Asset(id=new_id(), name="PC", identifiers=seen[0].identifiers)
    assert bool(this_computer.matches(seen[1], [known])) is is_one


@pytest.mark.parametrize(
    "typed",
    [
        "a@b", "selin.arslan+it@larkspur.example", '"selin arslan"@larkspur.example', "käthe@bücher.example",
        "x" * 64 + "@" + "y" * 247 + ".example", "user@[192.0.2.7]",
    ],
)  # fmt: skip
def test_bad_input_b34_a_plausible_mail_address(checked: Visit, device: Device, typed: str):
    """What may be an e-mail address is kept as it is typed, up to 320 characters."""
    checked.need.edit("contact", "email", typed)
    contact = device.store.bundle(checked.held.visit_id).contact
    assert contact is not None
    assert contact.email == typed
    assert checked.need.state.errors == ()


@pytest.mark.parametrize(
    "typed",
    [
        "selin", "selin@", "@larkspur.example", "a@b@c", "selin arslan@larkspur.example",
        "selin@larkspur.example\r\nBcc: all@larkspur.example", "selin@larkspur.example\x1b[31m", "x" * 400 + "@y",
        "selin@lark\u202espur.example",
    ],
)  # fmt: skip
def test_bad_input_b34_no_mail_address(checked: Visit, device: Device, typed: str):
    """What cannot be one, or carries a line of a mail's head, is refused in a sentence; the one before stays."""
    checked.need.edit("contact", "email", "selin@larkspur.example")
    checked.need.edit("contact", "email", typed)
    contact = device.store.bundle(checked.held.visit_id).contact
    assert contact is not None
    assert contact.email == "selin@larkspur.example"
    ((field, _label, sentence),) = checked.need.state.errors
    assert field == "contact.email"
    assert "E-mail" in sentence


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
    """A promise for a day that is over is warned about, kept with that day, and stands as overdue, not refused."""
    follow_ups = checked.follow_ups
    follow_ups.fill("text", "Call back")
    follow_ups.fill("due_on", "2026-11-20")
    follow_ups.add_own()
    (promise,) = device.store.bundle(checked.held.visit_id).follow_ups
    assert isinstance(promise, FollowUp)
    assert promise.due_on == date(2026, 11, 20)
    (row,) = [r for r in follow_ups.state.planned if r.id == promise.id]
    assert row.tone == "late"


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


@pytest.mark.parametrize("moment", ["1970-01-01 00:00", "2099-06-01 00:00"])
def test_bad_input_c36_c37_times_under_a_wrong_clock_are_marked(device: Device, planned: str, moment: str):
    """Today says that the clock looks wrong, and the office sees that the visit's times are uncertain."""
    wrong = datetime.fromisoformat(moment).replace(tzinfo=UTC) - device.clock.now()
    device.clock.set_wrong(wrong.total_seconds() / 3600)
    today = Today(
        device.around, on_open=lambda _id: None, on_new=lambda: None, check_passphrase=lambda _text: None
    )
    today.refresh()
    assert today.state.banner is not None
    assert today.state.banner.title.startswith("This computer’s clock looks wrong")
    visit = device.open(planned)
    visit.next()
    pass_time(device, 60)
    visit.pause()
    (flag,) = [f for f in flags(device.store.bundle(planned)) if f.rule == "time_uncertain"]
    assert str(datetime.fromisoformat(moment).year) in flag.sentence


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


def test_bad_input_c38_a_clock_set_back_during_the_visit(device: Device, planned: str):
    """A clock set back three hours on site: minutes are those that passed, and nothing ends before it began."""
    visit = device.open(planned)
    visit.next()
    visit.need.refuse_consent()
    arrived = device.clock.now()
    pass_time(device, 1800)
    visit.tick()
    device.clock.set_wrong(-3)
    pass_time(device, 1800)
    visit.held.save(dataclasses.replace(visit.held.visit, no_after_run_reason="Refused."))
    sign(visit)
    held = device.store.bundle(planned)
    (segment,) = held.labour
    assert segment.elapsed_s == 3600
    assert held.visit.left_at is not None
    assert held.visit.left_at - arrived == timedelta(hours=1)
    signature = held.valid_signature()
    assert signature is not None
    assert signature.signed_at is not None
    assert signature.signed_at >= segment.ended_at
    assert not {f.rule for f in flags(held)} & {"labour_after_sign_off", "labour_before_arrival"}


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
    """Time that ends before it began is refused and nothing changes; 16 hours in one stretch are asked about."""
    pass_time(device, 60)
    checked.tick()
    checked.pause()
    (segment,) = device.store.find(LabourSegment)

    def correct(start: str, end: str) -> None:
        (now,) = checked.held.bundle.current_labour()
        checked.times.edit(now.id)
        checked.times.fill("from", start)
        checked.times.fill("until", end)
        checked.times.save()

    for end in ("09:00", "10:00"):
        correct("10:00", end)
        assert device.store.find(LabourSegment) == [segment]
        assert checked.times.state.form is not None
    correct("06:00", "22:00")
    assert "long_labour" not in {f.rule for f in flags(checked.held.bundle)}
    correct("06:00", "22:01")
    (flag,) = [f for f in office_view.flags_of(checked.held) if f.rule == "long_labour"]
    assert "More than 16 hours" in flag.sentence


# --- E: the pad ----------------------------------------------------------------------------------------


def _handed_over(visit: Visit) -> Visit:
    visit.go("sign_off")
    visit.next()
    visit.sign_off.answer("5")
    return visit


def test_bad_input_e62_no_signature(checked: Visit, device: Device):
    """Nothing drawn, a dot or a slip of the pen is no signature: nothing is signed, and drawing goes on."""
    visit = _handed_over(checked)
    nothing: tuple[tuple[tuple[int, ...], ...], ...] = (
        (),
        ((120, 300),),
        ((120, 300), (121, 301)),
        ((),),
        ((5,),),
    )
    for strokes in nothing:
        visit.sign_off.draw(strokes)
        assert not visit.sign_off.state.may_agree, strokes
        visit.sign_off.agree()
        assert device.store.bundle(visit.held.visit_id).signatures == (), strokes
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    assert device.store.bundle(visit.held.visit_id).valid_signature() is not None


def test_bad_input_e62_a_hundred_thousand_strokes(checked: Visit, device: Device):
    """A hundred thousand strokes are cut to what a hand can draw; the page is made and the visit ends."""
    visit = _handed_over(checked)
    visit.sign_off.draw(tuple((n % 1000, n % 330, (n + 7) % 1000, (n + 3) % 330) for n in range(100_000)))
    visit.sign_off.agree()
    signature = device.store.bundle(visit.held.visit_id).valid_signature()
    assert signature is not None
    assert sum(len(s.points) // 2 for s in signature.strokes) == MOST_POINTS
    assert visit.sign_off.state.pdf is not None
    visit.sign_off.finish()
    assert device.store.bundle(visit.held.visit_id).visit.work_state == "submitted"


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
