"""Further stories about prices: French figures, one minimum for two kinds of labour, only credits, no rates at all."""

from __future__ import annotations

import pytest

from techkit import i18n
from techkit.central import posting, review
from techkit.records.assets import Rate, RateCard
from techkit.records.budget import Budget, CostCentre, newest_revisions
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Payer
from techkit.records.posting import booking
from techkit.summary import document
from tests.scenarios.conftest import SIGNATURE, text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_bad_references import signed_in
from tests.scenarios.test_further_currencies import words_of


def centres(story: Plain, count: int, *, approved: int, actual: int) -> list[str]:
    """Write cost centres with a budget of 2026 each."""
    made = [new_id() for _n in range(count)]
    story.device.store.save(
        *(CostCentre(id=c, customer_id=story.customer, code=f"C-{n}") for n, c in enumerate(made)),
        *(
            Budget(
                id=new_id(),
                customer_id=story.customer,
                cost_centre_id=c,
                period="2026",
                approved_minor=approved,
                actual_minor=actual,
            )
            for c in made
        ),
    )
    return made


def test_a_visit_all_in_french(device, office):
    """Typed, shown, printed and read at the office as a French house writes it: 1 261,70 €.

    2 h 20 min are 2 h 30 min at 68,00: 170,00; the way 18,00; 2 × 12,35 = 24,70; 1 049,00. Of 5 000,00 with 3 333,33
    spent 404,97 are left: 4 595,03 of 5 000,00 is 91,9 %.
    """
    with i18n.language("fr"):
        ines = device("TK07", "Inès Okafor", "2026-11-24 09:00", zone="Europe/Paris")
        story = Plain(ines).known(display_name="Boulangerie Duval", preferred_language="fr")
        story.rates(hourly=6800, travel=1800)
        (centre,) = centres(story, 1, approved=500_000, actual=333_333)
        story.plan().arrive().use("Câble", "12,35", quantity="2").use("Disque", "1 049,00")
        story.visit.need.set_share(centre, "100")
        ines.clock.go_to("2026-11-24 11:20")
        story.sign()
        assert charges(story.bundle).total_minor == 126_170
        (budget,) = story.visit.sign_off.state.money.budgets
        assert "reste 404,97 €, 91,9 % utilisés" in plain(budget.sentence)
        text = plain(text_of(story.pdf))
        for words in ("mardi 24 novembre 2026", "2 h 30 min 170,00 €", "2 × Câble à 12,35 €", "1 049,00 €"):
            assert words in text
        assert "Total hors taxes 1 261,70 €" in text
        visit_id = story.submit()
        ines.sync.enrol(office.invitation())
        office.row(visit_id)
        page = signed_in(office).get(f"/visits/{visit_id}", secure=True, headers={"accept-language": "fr"})
        shown = words_of(page.content.decode())
    assert "Total hors taxes 1 261,70 €" in shown
    assert "reste 404,97 €" in shown


@pytest.mark.parametrize(
    ("rates", "lines"),
    [
        # One rate with a minimum of an hour: 25 min of work and 20 of preparation are 30 and 30, together the hour.
        ({}, [("work", 30, 3000), ("preparation", 30, 3000)]),
        # Preparation has its own rate, 40.00 without a minimum: the hour of work stands for itself.
        ({"preparation": 4000}, [("work", 60, 6000), ("preparation", 30, 2000)]),
    ],
    ids=["one rate", "a rate of its own"],
)
def test_one_minimum_for_work_and_preparation(device, rates, lines):
    """Two kinds of labour at one rate share its minimum: 60.00, never 120.00."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    work = Rate(labour="work", hourly_minor=6000, minimum_minutes=60, increment_minutes=15)
    more = [Rate(labour=kind, hourly_minor=price, increment_minutes=15) for kind, price in rates.items()]
    ines.store.save(RateCard(id=new_id(), name="All", is_default=True, rates=(work, *more)))
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 09:25")
    times = story.visit.times
    times.add("preparation")
    times.fill("minutes", "20")
    times.fill("until", "08:50")
    times.save()
    story.sign()
    reckoned = charges(story.bundle)
    assert [(line.labour, line.minutes, line.amount_minor) for line in reckoned.lines] == lines
    assert f"€{sum(line[2] for line in lines) / 100:.2f}" in plain(text_of(story.pdf))


def test_two_people_are_rounded_together(device):
    """Ines and Pavel 50 min each: 100 min are 1 h 45 min, 105.00, and not twice an hour; both stand on the page."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    story.rates()
    story.plan().arrive()
    story.visit.times.add_helper("Pavel Novotny")
    ines.clock.go_to("2026-11-24 09:50")
    story.sign()
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [(105, 10_500)]
    text = plain(text_of(story.pdf))
    assert "Working time 1 h 45 min €105.00" in text
    assert "Ines Okafor with Pavel Novotny" in text


def test_only_a_credit_in_thirds(device, office):
    """A disk of 64.00 comes back, 15 min at 60.00 are 15.00: -49.00 over three centres, to the cent, booked and undone.

    Thirds of -49.00 are -16.33, -16.33 and -16.34. Of 100.00 with 10.00 spent that leaves 106.33 or 106.34; once it
    is taken back 90.00 again.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    story.rates()
    ines.sync.enrol(office.invitation())
    three = centres(story, 3, approved=10_000, actual=1000)
    story.plan().arrive().use("Disk", "64.00", is_returned="yes")
    for centre in three:
        story.visit.need.set_share(centre, "33.33")
    ines.clock.go_to("2026-11-24 09:15")
    story.sign()
    parts = [s.amount_minor for s in shares(story.bundle)]
    assert sorted(parts) == [-1634, -1633, -1633]
    left = [plain(b.sentence) for b in story.visit.sign_off.state.money.budgets]
    assert sorted(words.split(" left")[0] for words in left) == [
        "After today €106.33", "After today €106.33", "After today €106.34",
    ]  # fmt: skip
    assert "Taken back: Disk -€64.00 Total before tax -€49.00" in plain(text_of(story.pdf))
    booked = booking(story.bundle, new_id)
    assert sum(e.amount_minor for e in booked.entries) == -4900
    assert [b.actual_minor - 1000 for b in booked.budgets] == parts
    assert flags(story.bundle) == ()


def test_nobody_named_a_rate_until_the_office_did(device, office):
    """1 h 10 min without any rates: no sum is made up, the office is told before it books, and the next page has 75.00."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known().plan().arrive()
    story.use("Cable", "")
    ines.clock.go_to("2026-11-24 10:10")
    story.sign()
    rows = [(row.label, row.amount) for row in story.visit.sign_off.state.money.rows]
    assert [amount for _label, amount in rows[:2]] == ["price follows", "price follows"]
    text = plain(text_of(story.pdf))
    assert "Working time 1 h 15 min price follows Cable price follows" in text
    assert "Total before tax, without what has no price yet €0.00" in text
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    told = {f.rule: plain(f.sentence) for f in flags(office.bundle(visit_id))}
    assert told["labour_without_rate"] == "No rates were known on site: 1 h 15 min of labour have no price."
    row = office.row(visit_id)
    assert review.approve_many(office.staff, [(visit_id, row.rev)]).approved == ()
    # The office asks, the rates are there by now: opened again, the page is priced.
    review.ask(office.staff, visit_id, "Please price the labour.")
    story.rates()
    ines.sync.now()
    again = Plain(ines, customer=story.customer, site=story.site, contact=story.contact)
    again.visit = ines.open(visit_id)
    again.visit.sign_off.void("Rates are known now.")
    (cable,) = again.bundle.supplies
    again.visit.work.remove(cable.id)
    again.visit.go("sign_off")
    again.visit.sign_off.hand_over()
    again.visit.sign_off.draw(SIGNATURE)
    again.visit.sign_off.agree()
    assert charges(again.bundle).total_minor == 7500
    assert "Working time 1 h 15 min €75.00 Total before tax €75.00" in plain(text_of(again.pdf))
    again.submit()
    (asked,) = again.bundle.queries
    ines.sync.answer(asked.id, "Priced, and the cable came out.")
    ines.sync.now()
    assert "labour_without_rate" not in {f.rule for f in flags(office.bundle(visit_id))}
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    assert sum(e.amount_minor for e in office.bundle(visit_id).cost_entries) == 7500
    assert newest_revisions(office.bundle(visit_id).budgets) == []


def test_rates_arrive_before_the_page_is_handed_over(device):
    """Begun without rates, which a sync brought at 9:30: the screen and the page reckon with them."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known().plan().arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.rates(hourly=6000, travel=1800)
    story.visit.reload()
    ines.clock.go_to("2026-11-24 10:00")
    story.visit.go("sign_off")
    assert story.visit.sign_off.state.money.total == "€78.00"
    story.sign()
    assert charges(story.bundle).total_minor == 7800


@pytest.mark.parametrize("is_of_another", [False, True], ids=["their own", "another customer's"])
def test_the_payer_of_the_customer_pays_unless_somebody_else_is_named(device, office, is_of_another):
    """Nobody chose a payer in the visit: the customer's own stands on the page that is signed, and its order number is asked for."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    payer = new_id()
    story = Plain(ines).known(payer_id=payer)
    ines.store.save(
        Payer(
            id=payer,
            customer_id=new_id() if is_of_another else story.customer,
            name="Brandt Heirs",
            billing_address="Lindengasse 8",
            is_reference_required=True,
        )
    )
    story.rates()
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    told = [f.sentence for f in story.visit.sign_off.state.flags]
    assert told == ["Brandt Heirs pays only with an order number; none is written down."]
    story.sign()
    text = plain(text_of(story.pdf))
    assert "The bill goes to Brandt Heirs." in text
    assert "Lindengasse" not in text
    signed = story.bundle.valid_signature().content_hash
    assert signed == document.build(story.bundle).content_hash
    visit_id = story.submit()
    if is_of_another:
        return  # whose payer it is decides who else may see it: the office shares that customer, or does not
    ines.sync.enrol(office.invitation())
    assert document.build(office.bundle(visit_id)).content_hash == signed
