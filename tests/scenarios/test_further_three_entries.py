"""Further stories about a customer entered three times, one after the other, and about a promise that becomes another bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import posting, review
from techkit.records.assets import Contract
from techkit.records.budget import CostCentre, newest_revisions, variance
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.ui.presenters import twins
from techkit.ui.presenters.unbooked import unbooked
from tests.scenarios.conftest import Office, text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_agreements import again
from tests.scenarios.test_further_merges import place_of

NAMES = ("Bäckerei Krümel", "Backerei Krumel GmbH", "Krümel, Backstube")


@pytest.fixture
def three(device, office: Office) -> list[Plain]:
    """A → B → C: C has the contract (3 h at 60.00 beyond) and the budget; A and B were entered on site.

    At A 1 h 15 min and a cable (7.20) are signed, at B the visit is running.
    """
    first = priced(device, display_name=NAMES[0])
    ines = first.device
    others = [Plain(ines).known(display_name=name) for name in NAMES[1:]]
    last = others[-1]
    last.centre = new_id()
    ines.store.save(
        CostCentre(id=last.centre, customer_id=last.customer, code="BAKE"),
        Contract(
            id=new_id(), customer_id=last.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(3),
        ),
    )  # fmt: skip
    ines.sync.enrol(office.invitation())
    office_budgets.approve(office.staff, last.centre, "2026", 20_000)
    ines.sync.now()
    return [first, *others]


def merged(stories: list[Plain], keep: int, gone: int) -> None:
    store = stories[0].device.store
    twins.merge(store, store.get(Customer, stories[keep].customer), stories[gone].customer, "")


def test_three_entries_become_one_after_the_other(three, office) -> None:
    """A is signed for 82.20; B is running when A goes into B and B into C: from then on C's contract and budget hold.

    B's hour is in the contract: 3 h − 1 h = 2 h left, as A's visit stays as it was signed, without a contract. A part of
    40.00 is C's: 200.00 − 40.00 = 160.00. At the office the same, and nothing is refused.
    """
    a, b, c = three
    ines = a.device
    a.plan().arrive().use("Cable", "7.20")
    ines.clock.go_to("2026-11-24 10:15")
    first = a.sign().submit()
    assert charges(a.bundle).total_minor == 7500 + 720
    ines.sync.now()
    ines.clock.go_to("2026-11-24 11:00")
    b.plan().arrive().use("Switch", "40.00")
    ines.sync.now()
    merged(three, 1, 0)
    merged(three, 2, 1)
    b.visit.reload()
    assert b.bundle.visit.customer_id == c.customer
    b.visit.need.set_share(c.centre, "100")
    ines.clock.go_to("2026-11-24 12:00")
    b.sign()
    assert [(line.minutes, line.amount_minor) for line in charges(b.bundle).lines] == [(60, 0), (0, 4000)]
    assert charges(b.bundle).contract_minutes_left == 120
    (row,) = b.visit.sign_off.state.money.budgets
    assert plain(row.sentence) == "After today €160.00 left, 20.0 % used."
    assert NAMES[2] in plain(text_of(b.pdf))
    second = b.submit()
    left = unbooked(ines.store, a.bundle.visit, date(2026, 11, 24))
    ines.sync.now()
    assert ines.store.connection.all("SELECT * FROM _refused") == []
    assert [office.bundle(i).customer.display_name for i in (first, second)] == [NAMES[0], NAMES[2]]
    assert [charges(office.bundle(i)).total_minor for i in (first, second)] == [8220, 4000]
    assert "signed_amount_differs" not in {f.rule for i in (first, second) for f in flags(office.bundle(i))}
    third = again(c).arrive()
    ines.clock.go_to("2026-11-24 12:30")
    third.hand_over()
    assert charges(third.bundle).contract_minutes_left == 90
    assert left.minutes == {}


def test_a_promise_becomes_a_bill_of_another_amount(three, office) -> None:
    """150.00 are promised of 200.00; the bill is 163.40, paid on site: released, booked, 36.60 left, favourable.

    While both are counted it reads overdrawn by 113.40; then the budget is lowered to 150.00: 13.40 over, unfavourable.
    """
    c = three[-1]
    ines = c.device
    (budget,) = newest_revisions(c.device.store.bundle(again(c).visit.held.visit_id).budgets)
    promised = office_budgets.commit(office.staff, budget.id, "Label printer", 15_000)
    ines.sync.now()
    held = again(c).arrive()
    held.visit.need.set_share(c.centre, "100")
    held.use("Label printer", "163.40")
    held.hand_over()
    (row,) = held.visit.sign_off.state.money.budgets
    assert plain(row.sentence).startswith("After today overdrawn by €113.40, 81.7 % used.")
    assert "€150.00 promised and not billed yet" in plain(row.sentence)
    office_budgets.release(office.staff, promised)
    held.visit.sign_off.take_back()
    ines.sync.now()
    held.visit.reload()
    held.visit.go("sign_off")
    (row,) = held.visit.sign_off.state.money.budgets
    assert plain(row.sentence) == "After today €36.60 left, 81.7 % used."
    visit_id = held.sign().submit()
    ines.sync.now()
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    (now,) = newest_revisions(office.bundle(visit_id).budgets)
    found = variance(now)
    assert (found.variance_minor, found.available_minor, found.is_favourable) == (3660, 3660, True)
    office_budgets.revise(office.staff, now.id, 15_000, "Less is needed")
    (now,) = newest_revisions(office.bundle(visit_id).budgets)
    found = variance(now)
    assert (found.variance_minor, found.is_favourable, str(found.used_percent)) == (-1340, False, "108.9")
    ines.sync.now()
    (line,) = place_of(ines, c.customer).state.budgets
    told = " ".join(plain(str(one)) for one in (line.sentence if hasattr(line, "sentence") else line,))
    assert "€13.40" in told, told
