"""Further stories about what a contract covers: computers and places entered twice, one that is replaced, a pool shared by two visits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.records.assets import Asset, Contract, ContractKind
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Site
from techkit.ui.presenters import twins
from techkit.ui.presenters.unbooked import unbooked
from tests.scenarios.conftest import Device
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_further_merges import place_of


@pytest.fixture
def ines(device) -> Device:
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


@pytest.fixture
def story(ines) -> Plain:
    """A pool of 2 h for the till of one practice, at 60.00 beyond it; the till and the practice were entered twice on site."""
    told = Plain(ines).known(engagement="contract")
    told.rates(hourly=6000)
    told.till, told.again, told.annex, told.contract, told.centre = (new_id() for _n in range(5))
    ines.store.save(
        Asset(id=told.till, customer_id=told.customer, site_id=told.site, name="TILL-1"),
        Asset(id=told.again, customer_id=told.customer, site_id=told.site, name="Till"),
        Site(id=told.annex, customer_id=told.customer, name="Practice, ground floor"),
        Contract(
            id=told.contract, customer_id=told.customer, number="CTR-1", kind=ContractKind.HOURS_POOL,
            starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), hours_included=Decimal(2),
            covers_all_assets=False, covered_assets=(told.till,), covered_sites=(told.site,),
        ),
        CostCentre(id=told.centre, customer_id=told.customer, code="TILLS"),
        Budget(
            id=new_id(), customer_id=told.customer, cost_centre_id=told.centre, period="2026", approved_minor=50_000,
        ),
    )  # fmt: skip
    return told


def merge_both(story: Plain) -> None:
    """Merge so that neither the till nor the practice the contract names is the one that stands."""
    store = story.device.store
    twins.merge(store, store.get(Asset, story.again), story.till, "")
    twins.merge(store, store.get(Site, story.annex), story.site, "")


def worked(story: Plain, day: str, **more) -> Plain:
    """Work at the till from 9:00 to 10:30, borne by one cost centre, up to handing over."""
    story.device.clock.go_to(f"{day} 09:00")
    site = story.device.store.get(Site, story.site).merged_into or story.site
    held = Plain(story.device, customer=story.customer, site=site, contact=story.contact)
    held.plan(**more).arrive()
    held.visit.need.set_share(story.centre, "100")
    story.device.clock.go_to(f"{day} 10:30")
    return held


def test_what_was_merged_in_mid_visit_is_still_covered(story, office):
    """1 h 30 min of the 2 h: nothing is charged, before, after the merge, at the next visit (60 min at 60.00) and at the office."""
    first = worked(story, "2026-11-24", asset_ids=(story.till,))
    assert first.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    merge_both(story)
    first.visit.reload()
    assert (first.bundle.visit.asset_ids, first.bundle.visit.site_id) == ((story.again,), story.annex)
    assert first.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    first.sign()
    assert [(ln.minutes, ln.amount_minor) for ln in charges(first.bundle).lines] == [(90, 0)]
    assert "contract_not_in_force" not in {f.rule for f in flags(first.bundle)}
    visit_id = first.submit()
    # The second visit is planned at what stands by now; 30 min are left of the pool, an hour is charged.
    store = story.device.store
    second = worked(story, "2026-11-25", asset_ids=(story.again,), contract_id=story.contract)
    left = unbooked(store, second.bundle.visit, date(2026, 11, 25))
    assert (left.minutes, left.amounts.get(story.centre, 0)) == ({story.contract: 90}, 0)
    second.hand_over()
    money = second.visit.sign_off.state.money
    assert [(ln.minutes, ln.amount_minor) for ln in charges(second.bundle).lines] == [(30, 0), (60, 6000)]
    assert "\u20ac440.00 left" in plain(money.budgets[0].sentence)
    story.device.sync.enrol(office.invitation())
    held = office.bundle(visit_id)
    assert charges(held).total_minor == 0
    assert "contract_not_in_force" not in {f.rule for f in flags(held)}


def test_the_customers_page_names_the_computer_that_stands(story):
    """Covered is the till, by the name it has now, once; never “No computer here”."""
    merge_both(story)
    (agreement,) = place_of(story.device, story.customer).state.agreements
    assert dict(agreement.facts)["Covers"] == "Till"
