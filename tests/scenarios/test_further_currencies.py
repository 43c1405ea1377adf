"""Further stories about coins: dinars in thousandths, yen without any, and a payer elsewhere; on site, on paper and at the office."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal

import pytest

from techkit import i18n
from techkit.central import posting, review
from techkit.records.assets import Asset, Rate, RateCard
from techkit.records.budget import Budget, CostCentre, newest_revisions
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Payer
from techkit.records.purchases import approval_sentence
from techkit.records.schema import replace
from techkit.records.templates import VisitTemplate, planned
from techkit.records.visit import PlannedSupply
from techkit.ui.presenters.computer import Computer
from techkit.ui.presenters.sight import Sight
from tests.scenarios.conftest import Device, Office, text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_bad_references import signed_in
from tests.scenarios.test_further_merges import nothing


def page_of(device: Device, computer: str) -> Computer:
    return Computer(
        device.around, Sight(sees_all=True), computer,
        on_visit=nothing, on_customer=nothing, on_computer=nothing,
    )  # fmt: skip


def words_of(page: str) -> str:
    return plain(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


@dataclass(frozen=True, kw_only=True)
class Coins:
    """A story in one currency, all in its smallest coin but what is typed."""

    currency: str
    hourly: int
    per_km: int
    part: str
    approved: str
    lines: list[int]
    total: int
    parts: list[int]
    left: int


@pytest.mark.parametrize(
    "coins",
    [
        # 25 min at 12.345 with a minimum of an hour: 12.345. Travel 1.500, 17.5 km at 0.125 = 2.1875 → 2.188.
        # 3 at 0.255 = 0.765. Together 16.798; thirds: 5.5993… each, the one fil left over goes to the first.
        Coins(
            currency="BHD", hourly=12_345, per_km=125, part="0.255", approved="20.000",
            lines=[12_345, 1500, 2188, 765], total=16_798, parts=[5600, 5599, 5599], left=14_400,
        ),
        # 25 min at 9,001 yen with the minimum: 9,001. Travel 1,500; 17.5 km at 33 = 577.5 → 578. 3 at 255 = 765.
        # Together 11,844: thirds are 3,948 each, nothing is left over.
        Coins(
            currency="JPY", hourly=9001, per_km=33, part="255", approved="20000",
            lines=[9001, 1500, 578, 765], total=11_844, parts=[3948, 3948, 3948], left=16_052,
        ),
        # 25 min at 97.33 with the minimum: 97.33. Travel 15.00; 17.5 km at 0.71 = 12.425 → 12.43. 3 at 0.05 = 0.15.
        # Together 124.91: thirds 41.6366…, two cents are left over, to the first two. 200.00 − 41.64 = 158.36.
        Coins(
            currency="CHF", hourly=9733, per_km=71, part="0.05", approved="200",
            lines=[9733, 1500, 1243, 15], total=12_491, parts=[4164, 4164, 4163], left=15_836,
        ),
    ],
    ids=lambda coins: coins.currency,
)  # fmt: skip
def test_from_the_rate_to_the_offices_export(device, office: Office, coins: Coins) -> None:
    """Rate, minimum, travel by distance, a part, thirds, budgets typed at the office, booking and the file: one sum in one coin."""
    currency = coins.currency
    left = plain(i18n.money(coins.left, currency))
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    rate = Rate(labour="work", hourly_minor=coins.hourly, minimum_minutes=60, increment_minutes=15)
    ines.store.save(
        RateCard(
            id=new_id(), name="All", currency=currency, is_default=True, rates=(rate,),
            travel_flat_minor=1500, travel_per_km_minor=coins.per_km,
        )
    )  # fmt: skip
    centres = [new_id() for _n in range(3)]
    ines.store.save(
        *(CostCentre(id=c, customer_id=story.customer, code=f"C-{n}") for n, c in enumerate(centres))
    )
    ines.sync.enrol(office.invitation())
    # The office approves what is typed in its page, in the currency chosen there.
    browser = signed_in(office)
    for centre in centres:
        answer = browser.post(
            "/budgets/approve",
            {
                "centre": centre,
                "period": "2026",
                "amount": coins.approved,
                "currency": currency,
                "control": "stop",
            },
            secure=True,
        )
        assert answer.status_code in (302, 303), words_of(answer.content.decode())
    ines.sync.now()
    story.plan(travel_km=Decimal("17.5")).arrive().use("Wire", coins.part, quantity="3")
    for centre in centres:
        story.visit.need.set_share(centre, "33.33")
    ines.clock.go_to("2026-11-24 09:25")
    story.sign()
    reckoned = charges(story.bundle)
    assert [line.amount_minor for line in reckoned.lines] == coins.lines
    assert (reckoned.currency, reckoned.total_minor, sum(coins.parts)) == (
        coins.currency,
        coins.total,
        coins.total,
    )
    assert [s.amount_minor for s in shares(story.bundle)] == coins.parts
    (first, *_others) = story.visit.sign_off.state.money.budgets
    assert plain(first.sentence).startswith(f"After today {left} left")
    shown = plain(i18n.money(coins.total, coins.currency))
    assert shown in plain(text_of(story.pdf))
    visit_id = story.submit()
    ines.sync.now()
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert sum(e.amount_minor for e in held.cost_entries) == coins.total
    actual = {b.cost_centre_id: b.actual_minor for b in newest_revisions(held.budgets)}
    assert [actual[c] for c in centres] == coins.parts
    office.row(visit_id)
    overview = words_of(browser.get("/budgets", secure=True).content.decode())
    assert left in overview
    assert f"{left} left (favourable)" in overview
    assert shown in words_of(browser.get(f"/visits/{visit_id}", secure=True).content.decode())
    file = browser.get("/visits/export?view=all&format=csv", secure=True)
    body = b"".join(file.streaming_content) if file.streaming else file.content
    (row,) = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    assert (row["currency"], Decimal(row["net"])) == (
        currency,
        Decimal(coins.total).scaleb(-i18n.places(currency)),
    )


def test_the_office_rounds_no_amount_unseen(office: Office, device) -> None:
    """Half a yen, a tenth of a fil and an eighth of a cent are refused where they are typed, with what to do."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    centre = new_id()
    ines.store.save(CostCentre(id=centre, customer_id=story.customer, code="A"))
    ines.sync.enrol(office.invitation())
    browser = signed_in(office)
    for currency, typed in (("JPY", "1000.5"), ("BHD", "1.0005"), ("EUR", "0.125")):
        asked = {"centre": centre, "period": "2026", "amount": typed, "currency": currency, "control": "warn"}
        answer = browser.post("/budgets/approve", asked, secure=True)
        assert answer.status_code == 422
        told = words_of(answer.content.decode())
        assert f"“{typed}” is finer than {currency} has coins" in told
        assert "price a larger unit: 100 sheets instead of one" in told
    asked = {"centre": centre, "period": "2026", "amount": "5", "currency": "XXX", "control": "warn"}
    assert browser.post("/budgets/approve", asked, secure=True).status_code == 422
    ines.sync.now()
    assert ines.store.find(Budget) == []


def test_a_promise_and_a_computer_in_yen(device) -> None:
    """A disk for 12,500 yen is promised, and the computer cost 180,000: no hundredths are made of either, form, row and page agree."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00", zone="Asia/Tokyo")
    ines.store.set_setting("currency", "JPY")
    story = Plain(ines).known()
    story.rates("JPY", 6001)
    computer = new_id()
    ines.store.save(Asset(id=computer, customer_id=story.customer, name="TILL-1"))
    story.plan(asset_ids=(computer,)).arrive()
    follow_ups = story.visit.follow_ups
    follow_ups.fill("text", "Order a larger disk")
    follow_ups.fill("cost_minor", "12500")
    form = follow_ups.state.form
    (cost,) = [f for f in (*form.fields, *form.more) if f.name == "cost_minor"]
    assert (cost.unit, cost.error) == ("JPY", "")
    follow_ups.fill("cost_minor", "12500.5")
    follow_ups.add_own()
    assert "“12500.5” is finer than JPY has coins" in plain(follow_ups.state.form.error)
    follow_ups.fill("cost_minor", "12500")
    follow_ups.add_own()
    (promise,) = story.bundle.follow_ups
    assert (promise.cost_minor, promise.currency) == (12_500, "JPY")
    (row,) = [r for r in follow_ups.state.planned if r.id == promise.id]
    assert "¥12,500" in row.cost_line
    place = page_of(ines, computer)
    place.edit()
    place.fill("price_minor", "180000")
    place.save()
    held = ines.store.get(Asset, computer)
    assert (held.price_minor, held.currency) == (180_000, "JPY")
    place.close()
    ines.clock.go_to("2026-11-24 10:00")
    story.visit.after.skip("Nothing was changed on the computer")
    story.sign()
    text = plain(text_of(story.pdf))
    assert "¥12,500" in text
    assert "¥6,001" in text


def test_money_laid_out_in_another_currency(device, office: Office) -> None:
    """Parking in Konstanz, 12.50 euros, on a visit in francs: chosen in the form, named on the page, in no total, booked and taken back.

    1 h at 90.00 francs: 90.00 is the total and what the budget of 500.00 loses. Yen have no hundredths: 12.50 is refused
    as long as yen are chosen.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00", zone="Europe/Zurich")
    story = Plain(ines).known()
    story.rates("CHF", 9000)
    centre = new_id()
    ines.store.save(
        CostCentre(id=centre, customer_id=story.customer, code="A"),
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026",
            approved_minor=50_000, currency="CHF",
        ),
    )  # fmt: skip
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    work = story.visit.work
    work.choose_kind("expense")

    def shown() -> dict[str, tuple[str, str, str]]:
        fields = (*work.state.form.fields, *work.state.form.more)
        return {f.name: (f.text, f.unit, f.error) for f in fields}

    assert (shown()["currency"][0], shown()["amount_minor"][1]) == ("CHF", "CHF")
    (coins,) = [f.choices for f in work.state.form.fields if f.name == "currency"]
    assert [c.value for c in coins[:3]] == ["CHF", "EUR", "GBP"]
    work.fill("amount_minor", "12.50")
    work.fill("currency", "JPY")
    assert "finer than JPY has coins" in plain(shown()["amount_minor"][2])
    work.fill("currency", "EUR")
    assert shown()["amount_minor"] == ("12.50", "EUR", "")
    work.fill("note", "Parking in Konstanz")
    work.add_entry()
    (expense,) = story.bundle.expenses
    assert (expense.amount_minor, expense.currency) == (1250, "EUR")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    (row,) = story.visit.sign_off.state.money.budgets
    assert plain(row.sentence).startswith("After today CHF 410.00 left")
    text = plain(text_of(story.pdf))
    assert "Parking in Konstanz €12.50 Total before tax CHF 90.00" in text
    assert "Amounts in another currency are not part of the total." in text
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None, note="Seen.")
    done = posting.post(office.staff, visit_id)
    assert [(e.amount_minor, e.currency, e.cost_centre_id) for e in done.entries] == [
        (9000, "CHF", centre),
        (1250, "EUR", None),
    ]
    back = posting.take_back(office.staff, visit_id, None, "The wrong month.")
    assert [(e.amount_minor, e.currency) for e in back.entries] == [(-9000, "CHF"), (-1250, "EUR")]


@pytest.mark.parametrize(
    ("priced_in", "price", "total"), [("EUR", None, 9733), ("CHF", 4990, 14_723), ("JPY", None, 9733)]
)
def test_a_template_priced_in_another_currency(device, priced_in: str, price: int | None, total: int) -> None:
    """A disk planned at 49.90 euros is no disk for 49.90 francs: the price is asked for; planned in francs it is taken over."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00", zone="Europe/Zurich")
    story = Plain(ines).known()
    story.rates("CHF", 9733)
    disk = PlannedSupply(name="External disk", unit_price_minor=4990)
    template = VisitTemplate(id=new_id(), title="Backup", supplies=(disk,), currency=priced_in)
    story.plan()
    ines.store.save(planned(story.bundle.visit, template))
    story.visit.reload()
    story.arrive()
    story.visit.work.do_planned("0")
    (used,) = story.bundle.supplies
    assert (used.unit_price_minor, used.currency) == (price, "CHF")
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    assert charges(story.bundle).total_minor == total
    assert ("part_without_price" in {f.rule for f in flags(story.bundle)}) is (price is None)


def test_francs_paid_for_by_somebody_in_euros(device) -> None:
    """Reckoned in francs where the work is; the payer's limit in euros is no limit in francs, and the page has one currency.

    1 h at 97.33 and a cable at 7.25: 104.58 francs, to be paid by a company in Freiburg.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00", zone="Europe/Zurich")
    payer = new_id()
    story = Plain(ines).known(preferred_language="de", payer_id=payer)
    ines.store.save(
        Payer(id=payer, customer_id=story.customer, name="Muster Holding, Freiburg", po_reference="PO-9"),
        replace(ines.store.get(Contact, story.contact), may_approve_minor=50_000, currency="EUR"),
    )
    story.rates("CHF", 9733)
    story.plan(paper_language="de", payer_id=payer).arrive()
    story.use("Kabel", "7.25")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    text = plain(text_of(story.pdf))
    assert "104,58 CHF" in text or "CHF 104.58" in text or "CHF 104,58" in text
    assert "Muster Holding, Freiburg" in text
    assert "€" not in text
    assert "EUR" not in text
    contact = ines.store.get(Contact, story.contact)
    assert plain(approval_sentence(contact, story.bundle.people, 10_458, "CHF")) == (
        "CHF 104.58: nobody here has an approval limit. Ask who may decide."
    )
