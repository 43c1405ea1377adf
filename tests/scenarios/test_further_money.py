"""Further stories about money: other currencies, pools that run out, credits, shares to the last coin."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from techkit import i18n
from techkit.errors import InputError
from techkit.records.assets import Contract, ContractKind, Product, ProductKind
from techkit.records.budget import Budget, Control, CostCentre
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Engagement, Payer
from techkit.records.posting import booking
from techkit.records.typed import shown
from techkit.ui.presenters import office_view
from techkit.ui.presenters.money import money_state
from techkit.ui.presenters.twins import merge
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain


@pytest.fixture
def ines(device):
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


def centres(story: Plain, count: int, **budget: object) -> list[str]:
    """Write cost centres A, B, C …, each with a budget for the year when one is described."""
    ids = [new_id() for _n in range(count)]
    for place, centre in enumerate(ids):
        code = f"LDG-{chr(ord('A') + place)}"
        story.device.store.save(CostCentre(id=centre, customer_id=story.customer, code=code))
        if budget:
            story.device.store.save(
                Budget(
                    id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026", **budget
                )
            )
    return ids


# --- currencies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "language", "hourly", "typed", "labour", "total", "words"),
    [
        ("JPY", "en", 9000, "1,250", 6750, 9250, "¥9,250"),
        ("KWD", "en", 12_345, "0.125", 9259, 9509, "KWD 9.509"),
        ("TND", "fr", 68_505, "7,250", 51_379, 65_879, "65,879 TND"),
        ("CHF", "de", 9733, "9.90", 7300, 9280, "92,80 CHF"),
        ("GBP", "en", 6000, "4.50", 4500, 5400, "£54.00"),
    ],
)
def test_a_visit_in_the_customers_currency(ines, currency, language, hourly, typed, labour, total, words):
    """Forty minutes at the rate and two parts: each amount in the currency's own places, halves up, on the page too."""
    story = Plain(ines).known(preferred_language=language)
    story.rates(currency, hourly)
    story.plan(paper_language=language).arrive()
    with i18n.language(language):
        story.use("Module", typed.replace(".", ",") if language == "de" else typed, quantity="2")
    ines.clock.go_to("2026-11-24 09:40")
    story.sign()
    reckoned = charges(story.bundle)
    assert (reckoned.currency, reckoned.lines[0].amount_minor, reckoned.total_minor) == (
        currency,
        labour,
        total,
    )
    assert words in plain(text_of(story.pdf))
    assert {s.currency for s in story.bundle.supplies} == {currency}


def test_francs_are_exact_before_tax(ines):
    """Cash is rounded to five centimes at the till, after tax; the page before tax says what was reckoned, to the cent."""
    story = Plain(ines).known()
    story.rates("CHF", 9733)
    story.plan().arrive().use("Screw", "0.03", quantity="3")
    ines.clock.go_to("2026-11-24 09:15")
    story.sign()
    reckoned = charges(story.bundle)
    assert [line.amount_minor for line in reckoned.lines] == [2433, 9]
    assert reckoned.total_minor == 2442
    assert sum(e.amount_minor for e in booking(story.bundle, new_id).entries) == 2442
    assert "24.42" in text_of(story.pdf)


def test_a_catalogue_price_in_another_currency_is_not_taken_over(ines):
    """A part that costs euros is no part for as many francs: the price is asked for, and nothing is added meanwhile."""
    story = Plain(ines).known()
    story.rates("CHF", 9000)
    part = Product(id=new_id(), name="Wipes", kind=ProductKind.SUPPLY, price_minor=420, currency="EUR")
    ines.store.save(part)
    story.plan().arrive()
    work = story.visit.work
    work.choose_kind("supply_use")
    work.choose_product(part.id)
    fields = {f.name: f for f in (*work.state.form.fields, *work.state.form.more)}
    assert fields["name"].text == "Wipes"
    assert fields["unit_price_minor"].text == ""
    assert "€4.20" in fields["unit_price_minor"].error
    assert "CHF" in fields["unit_price_minor"].error
    work.fill("unit_price_minor", "4.60")
    work.add_entry()
    (used,) = story.bundle.supplies
    assert (used.unit_price_minor, used.currency) == (460, "CHF")


def test_a_budget_in_another_currency_is_never_reckoned_with(ines):
    """Dinars are not taken off a budget in euros: no figure is made up on site, and booking is refused."""
    story = Plain(ines).known()
    story.rates("TND", 60_000)
    (centre,) = centres(story, 1, approved_minor=100_000, control=Control.STOP)
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 11:00")
    story.hand_over()
    (row,) = story.visit.sign_off.state.money.budgets
    assert (row.standing, row.used_share) == ("", None) or row.standing == "within"
    assert row.used_share is None
    assert "EUR" in row.sentence
    assert "TND" in row.sentence
    assert not [f for f in flags(story.bundle) if f.rule.startswith("budget_")]
    with pytest.raises(InputError, match="reckoned in TND"):
        booking(story.bundle, new_id)


# --- contracts ----------------------------------------------------------------------------------------------


def pool(story: Plain, **more: object) -> Contract:
    """Write a contract with an hour and a quarter left."""
    held = dict(
        id=new_id(), customer_id=story.customer, number="CTR-2026-014", name="Care",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), hours_included=Decimal(60),
        hours_used=Decimal("58.75"),
    )  # fmt: skip
    contract = Contract(**(held | more))
    story.device.store.save(contract)
    return contract


def test_hours_that_run_out_during_the_visit(ines, office):
    """Two hours with 1 h 15 min left: that much in the contract, 45 min charged; the same after booking at the office."""
    from techkit.central import posting, review

    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=8000, travel=1800)
    pool(story)
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 11:00")
    story.sign()
    reckoned = charges(story.bundle)
    assert [(line.minutes, line.amount_minor) for line in reckoned.lines] == [(75, 0), (45, 6000), (0, 1800)]
    assert reckoned.contract_minutes_left == 0
    text = plain(text_of(story.pdf))
    assert "Working time 1 h 15 min in your contract" in text
    assert "Working time 45 min €60.00" in text
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None, note="Seen.")
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert held.contract.hours_used == Decimal(60)
    assert charges(held) == dataclasses.replace(reckoned)
    posting.take_back(office.staff, visit_id, None, "The rate was wrong.")
    assert office.bundle(visit_id).contract.hours_used == Decimal("58.75")
    assert charges(office.bundle(visit_id)).total_minor == reckoned.total_minor


def test_two_visits_draw_on_one_pool_before_either_is_booked(ines, office):
    """The second visit finds what the first left, though nothing is booked yet; booked in either order it holds."""
    from techkit.central import posting, review

    first = Plain(ines).known()
    card = first.rates()
    ines.store.save(
        Contract(
            id=new_id(), customer_id=first.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal("2.5"), rate_card_id=card,
        )
    )  # fmt: skip
    second = Plain(ines, customer=first.customer, site=first.site, contact=first.contact)
    ids = []
    for visit, end in ((first, "2026-11-24 11:00"), (second, "2026-11-24 12:00")):
        visit.plan().arrive()
        ines.clock.go_to(end)
        ids.append(visit.sign().submit())
    assert charges(first.bundle).contract_minutes_left == 30
    reckoned = charges(second.bundle)
    assert (reckoned.total_minor, reckoned.contract_minutes_left) == (3000, 0)
    assert "€30.00" in text_of(second.pdf)
    ines.sync.enrol(office.invitation())
    for visit_id in reversed(ids):
        review.approve(office.staff, visit_id, None, note="Seen.")
        posting.post(office.staff, visit_id)
    assert [charges(office.bundle(visit_id)).total_minor for visit_id in ids] == [0, 3000]
    assert office.bundle(ids[0]).contract.hours_used == Decimal("2.5")


def test_two_visits_on_one_budget_before_either_is_booked(ines, office):
    """The second visit warns and stops with the first counted in, says which part waits, and is right once it is booked."""
    from techkit.central import posting, review

    first = Plain(ines).known()
    first.rates(hourly=6000)
    (centre,) = centres(first, 1, approved_minor=20_000, control=Control.STOP, warn_percent=75)
    second = Plain(ines, customer=first.customer, site=first.site, contact=first.contact)

    def money(story: Plain) -> tuple[str, str]:
        (row,) = story.visit.sign_off.state.money.budgets
        return row.standing, plain(row.sentence)

    first.plan().arrive()
    first.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 11:00")
    first.sign()
    assert money(first) == ("within", "After today €80.00 left, 60.0 % used.")
    visit_id = first.submit()

    second.plan().arrive()
    second.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 12:00")
    counted = "Counted with it: €120.00 of other visits that the office has not booked yet."
    second.use("Switch", "30.00")
    (row,) = second.visit.work.state.money.budgets
    # 120.00 of the first, 30.00, and the hour that is still running: 210.00 of 200.00, before anybody hands over.
    assert (row.standing, row.used_share) == ("stop", 1.05)
    said = f"After today overdrawn by €10.00: this budget says stop. {counted}"
    assert plain(row.sentence) == said
    second.hand_over()
    assert money(second) == ("stop", said)
    (flag,) = [f for f in office_view.flags_of(second.visit.held) if f.rule.startswith("budget_")]
    assert flag.rule == "budget_stop"
    assert plain(flag.sentence).endswith(counted)

    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None, note="Seen.")
    posting.post(office.staff, visit_id)
    ines.sync.now()
    second.visit.sign_off.take_back()
    second.visit.reload()
    assert money(second) == ("stop", said.removesuffix(f" {counted}"))


def test_a_credit_that_is_not_booked_yet_helps_the_visit_of_a_customer_entered_twice(ines):
    """What was taken back on the first visit is counted before booking, also for the visit merged over to the customer."""
    kept, twin = Plain(ines).known(), Plain(ines).known(display_name="Larkspur Dental Grp")
    kept.rates()
    (centre,) = centres(kept, 1, approved_minor=10_000, actual_minor=9_900, control=Control.STOP)
    kept.plan().arrive().use("Old switch", "40.00", is_returned="yes")
    kept.visit.need.set_share(centre, "100")
    kept.sign().submit()
    twin.plan()
    merge(ines.store, ines.store.get(Customer, kept.customer), twin.customer, "Ines Okafor")
    twin.visit.reload()
    twin.arrive().use("Switch", "30.00")
    twin.visit.need.set_share(centre, "100")
    (row,) = twin.visit.work.state.money.budgets
    assert row.standing == "within"
    assert plain(row.sentence).startswith("After today €11.00 left, 89.0 % used. Counted with it: -€40.00 ")


def test_an_empty_pool_covers_nothing_more(ines):
    """With no hours left the work is charged, and the screen says so before anybody signs."""
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=8000)
    pool(story, hours_used=Decimal(60))
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over()
    assert charges(story.bundle).total_minor == 4000
    assert story.visit.sign_off.state.money.total == "€40.00"
    assert "0 min left in contract" in plain(story.visit.sign_off.state.money.contract_line)


def test_everything_is_in_the_contract(ines):
    """A flat contract with travel: the page says 0.00 and why, shares are 0, and it can be signed and booked."""
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=8000, travel=1800)
    pool(story, kind=ContractKind.FLAT, is_travel_included=True)
    one, two = centres(story, 2, approved_minor=100_000)
    story.plan().arrive().use("Battery", "49.00", is_warranty="yes")
    story.visit.need.set_share(one, "50")
    story.visit.need.set_share(two, "50")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert charges(story.bundle).total_minor == 0
    assert [s.amount_minor for s in shares(story.bundle)] == [0, 0]
    text = plain(text_of(story.pdf))
    assert "€0.00" in text
    assert "under guarantee" in text
    done = booking(story.bundle, new_id)
    assert done.budgets == ()
    assert sum(e.amount_minor for e in done.entries) == 0


def test_the_minimum_counts_once_for_all_that_was_done(ines):
    """Three things done in twenty minutes are one minimum of an hour, not three."""
    story = Plain(ines).known()
    story.rates(hourly=6800, minimum=60)
    story.plan().arrive()
    for title in ("Printer paper", "A forgotten password", "Sound"):
        story.visit.work.choose_kind("troubleshooting")
        story.visit.work.fill("title", title)
        story.visit.work.choose_minutes("15")
        story.visit.work.add_entry()
    ines.clock.go_to("2026-11-24 09:07")
    story.visit.pause("Called away")
    ines.clock.go_to("2026-11-24 09:30")
    story.visit.resume()
    ines.clock.go_to("2026-11-24 09:43")
    story.sign()
    assert len(story.bundle.activities) == 3
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [(60, 6800)]


# --- prices -------------------------------------------------------------------------------------------------


def test_a_part_that_is_taken_back(ines):
    """What the customer gives back comes off the total, is called that on the page, and books as a credit."""
    story = Plain(ines).known()
    story.rates(hourly=6000)
    one, two = centres(story, 2, approved_minor=100_000, actual_minor=50_000)
    story.plan().arrive().use("Docking station", "149.95", quantity="2", is_returned="yes").use(
        "Cable", "7.20"
    )
    story.visit.need.set_share(one, "66.67")
    story.visit.need.set_share(two, "33.33")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    reckoned = charges(story.bundle)
    assert reckoned.total_minor == 6000 - 29_990 + 720 == -23_270
    parts = shares(story.bundle)
    assert sum(s.amount_minor for s in parts) == -23_270
    assert [s.after.variance_minor for s in parts] == [50_000 + 15_514, 50_000 + 7756]
    text = plain(text_of(story.pdf))
    assert "Taken back: 2 × Docking station" in text
    assert "-€299.90" in text
    done = booking(story.bundle, new_id)
    by_centre = {s.centre.id: s.amount_minor for s in parts}
    for centre, amount in by_centre.items():
        assert sum(e.amount_minor for e in done.entries if e.cost_centre_id == centre) == amount
    assert sorted(b.actual_minor for b in done.budgets) == [50_000 - 15_514, 50_000 - 7756]


def test_a_price_of_nothing_is_a_price(ines):
    """A cable given for nothing is on the page with 0.00, has a price in its form, and nobody asks for one."""
    story = Plain(ines).known()
    story.rates()
    story.plan().arrive().use("Old cable", "0")
    (used,) = story.bundle.supplies
    assert used.unit_price_minor == 0
    assert "part_without_price" not in {f.rule for f in flags(story.bundle)}
    story.visit.work.edit(used.id)
    price = next(f for f in story.visit.work.state.form.fields if f.name == "unit_price_minor")
    assert price.text == "0.00"
    assert shown(price_spec(), None, "EUR") == ""
    story.visit.work.close_form()
    story.sign()
    assert "Old cable €0.00" in plain(text_of(story.pdf))


def price_spec():
    from techkit.records.schema import spec_for

    return spec_for("supply_use").field("unit_price_minor")


# --- shares -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "percents"),
    [
        ("EUR", ["33.33", "33.33", "33.34"]),
        ("EUR", ["14.29", "14.29", "14.29", "14.29", "14.28", "14.28", "14.28"]),
        ("JPY", ["33.4", "33.3", "33.3"]),
        ("TND", ["14.3", "14.3", "14.3", "14.3", "14.3", "14.3", "14.2"]),
    ],
)
def test_shares_of_three_and_seven(ines, currency, percents):
    """Whatever comes out uneven, the shares add up to the last coin, none is off by more than one, and so are they booked."""
    story = Plain(ines).known()
    story.rates(currency, 10_001)
    ids = centres(story, len(percents))
    story.plan().arrive().use("Part", "1")
    for centre, percent in zip(ids, percents, strict=True):
        story.visit.need.set_share(centre, percent)
    assert story.visit.need.state.shares_line == ""
    ines.clock.go_to("2026-11-24 10:15")
    story.sign()
    total = charges(story.bundle).total_minor
    parts = {s.centre.id: s.amount_minor for s in shares(story.bundle)}
    assert sum(parts.values()) == total
    for centre, percent in zip(ids, percents, strict=True):
        assert abs(parts[centre] - total * Decimal(percent) / 100) < 1
    booked: dict[str, int] = {}
    for entry in booking(story.bundle, new_id).entries:
        booked[entry.cost_centre_id] = booked.get(entry.cost_centre_id, 0) + entry.amount_minor
    assert booked == parts
    seen = story.visit.sign_off.state.money.budgets
    assert len(seen) == len(percents)


def test_shares_that_are_not_whole_are_said_and_block(ines):
    """Shares of 99 % are spoken of on site and keep the office from approving; the money shown is still all of it."""
    story = Plain(ines).known()
    story.rates()
    one, two = centres(story, 2)
    story.plan().arrive()
    story.visit.need.set_share(one, "66")
    story.visit.need.set_share(two, "33")
    assert "99" in story.visit.need.state.shares_line
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    (flag,) = [f for f in flags(story.bundle) if f.rule == "allocation_not_whole"]
    assert flag.severity == "blocking"
    assert sum(s.amount_minor for s in shares(story.bundle)) == charges(story.bundle).total_minor


# --- who pays -----------------------------------------------------------------------------------------------


def test_another_organisation_pays_in_another_language(ines):
    """The page is in the customer's French, names the German payer apart, keeps their address off, the window in German."""
    story = Plain(ines).known(preferred_language="fr", display_name="École des Tilleuls")
    story.rates(hourly=6000)
    payer = Payer(
        id=new_id(), customer_id=story.customer, name="Stiftung Lindenhof gGmbH", po_reference="B-4711",
        billing_address="Lindenallee 1\n37073 Göttingen",
    )  # fmt: skip
    ines.store.save(payer)
    with i18n.language("de"):
        story.plan(paper_language="fr").arrive()
        story.visit.need.choose_payer(payer.id)
        ines.clock.go_to("2026-11-24 10:00")
        story.sign()
        state = story.visit.sign_off.state
        assert state.question.startswith("Avons-nous résolu ")
        assert money_state(story.bundle).total.replace("\u00a0", " ") == "60,00 €"
    text = plain(text_of(story.pdf))
    assert "Stiftung Lindenhof gGmbH" in text
    assert "École des Tilleuls" in text
    assert "Lindenallee" not in text
    assert "60,00 €" in text
    with i18n.language("fr"):
        from techkit.i18n import _

        assert plain(_("The bill goes to {payer}.", payer=payer.name)) in text


def test_who_pays_refuses(ines):
    """Where the payer declines on the telephone, the customer pays after all; the page names no other payer any more."""
    story = Plain(ines).known()
    story.rates()
    payer = Payer(id=new_id(), customer_id=story.customer, name="Larkspur Holding")
    ines.store.save(payer)
    story.plan().arrive()
    story.visit.need.choose_payer(payer.id)
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    assert any("Larkspur Holding" in line for line in story.visit.sign_off.state.page_lines)
    story.visit.sign_off.take_back()
    story.visit.need.choose_payer("")
    story.sign()
    assert story.bundle.payer is None
    assert "Holding" not in text_of(story.pdf)


def test_a_pool_that_runs_out_under_a_minimum_and_quarters(device) -> None:
    """A pool with 40 min left, at least an hour, in quarters, 60.00 an hour: 25 min of work are an hour, 40 of it in the pool.

    20 min at 60.00 are 20.00. The next visit finds nothing left: 70 min are 75, all charged: 75.00.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    card = story.rates(minimum=60)
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-7", rate_card_id=card,
        hours_included=Decimal(10), hours_used=Decimal(560) / 60,
    )  # fmt: skip
    ines.store.save(contract)
    story.plan(contract_id=contract.id).arrive()
    ines.clock.go_to("2026-11-24 09:25")
    story.sign().submit()
    first = charges(story.bundle)
    assert [(c.minutes, c.is_covered, c.amount_minor) for c in first.lines if c.labour] == [
        (40, True, 0), (20, False, 2000),
    ]  # fmt: skip
    assert (first.labour_minutes, first.charged_minutes, first.contract_minutes_left) == (25, 60, 0)
    story.plan(contract_id=contract.id).arrive()
    ines.clock.go_to("2026-11-24 10:35")
    story.sign()
    second = charges(story.bundle)
    assert [(c.minutes, c.is_covered, c.amount_minor) for c in second.lines if c.labour] == [
        (75, False, 7500)
    ]
