"""A contract that ends between two visits: what pays, what is said before signing, on paper, at the office, and afterwards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.records.schema import replace
from techkit.records.success import FollowUpReason
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain

ENDED = "Contract CTR-1 ended on 24 November 2026."


def again(story: Plain, **more) -> Plain:
    return Plain(story.device, customer=story.customer, site=story.site, contact=story.contact).plan(**more)


@pytest.fixture
def agreed(device) -> tuple[Plain, Contract, str]:
    """A pool of 10 h with 8 h used, to 24 November 2026, at 60.00 an hour; everybody else pays 72.00; the way is 18.00."""
    ines = device("TK07", "Ines Okafor", "2026-11-20 09:00")
    story = Plain(ines).known(engagement="contract")
    story.rates(hourly=7200, travel=1800)
    care = RateCard(
        id=new_id(), name="Care", travel_flat_minor=1800,
        rates=(Rate(labour="work", hourly_minor=6000, increment_minutes=15),),
    )  # fmt: skip
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-1", name="Care", starts_on=date(2025, 11, 25),
        ends_on=date(2026, 11, 24), hours_included=Decimal(10), hours_used=Decimal(8), rate_card_id=care.id,
    )  # fmt: skip
    centre = new_id()
    ines.store.save(
        care, contract, CostCentre(id=centre, customer_id=story.customer, code="LDG"),
        Budget(id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026", approved_minor=20_000),
    )  # fmt: skip
    return story, contract, centre


def worked(story: Plain, day: str, centre: str, **more) -> Plain:
    """Work from 9:00 to 10:15 of a day, all of it borne by one cost centre, up to handing over."""
    story.device.clock.go_to(f"{day} 09:00")
    held = again(story, **more).arrive()
    held.visit.need.set_share(centre, "100")
    story.device.clock.go_to(f"{day} 10:15")
    return held


def test_the_renewal_is_seen_before_the_end_and_after_it(agreed):
    """Four days before the end it is due on the last day; eight days after it in two days: each once, for success staff, not on paper."""
    story, _contract, centre = agreed
    first = worked(story, "2026-11-20", centre)
    offered = [s for s in first.visit.follow_ups.state.suggestions if s.key.startswith("renewal:")]
    assert [s.reason for s in offered] == ["Because: It ends on 24 November 2026."]
    first.sign().submit()
    second = worked(story, "2026-12-02", centre)
    offered = [s for s in second.visit.follow_ups.state.suggestions if s.key.startswith("renewal:")]
    assert [s.reason for s in offered] == ["Because: It ended on 24 November 2026."]
    second.visit.follow_ups.add(offered[0].key)
    second.sign()
    (promise,) = second.bundle.follow_ups
    assert (promise.reason, promise.department.value) == (FollowUpReason.CONTRACT_RENEWAL, "success")
    assert promise.due_on == date(2026, 12, 4)
    assert "renewing" not in text_of(second.pdf)
    second.submit()
    third = worked(story, "2027-02-10", centre)
    assert not [s for s in third.visit.follow_ups.state.suggestions if s.key.startswith("renewal:")]
    assert third.visit.need.state.customer_line == "Contract"


def test_the_first_visit_is_covered(agreed):
    """1 h 15 min of 2 h left: 45 min stay; 18.00 for the way, so 182.00 of the budget's 200.00 are left."""
    story, _contract, centre = agreed
    first = worked(story, "2026-11-20", centre)
    assert first.visit.need.state.customer_line == "Contract CTR-1 until 24 Nov 2026"
    first.hand_over()
    money = first.visit.sign_off.state.money
    assert plain(money.contract_line) == "45 min left in contract CTR-1"
    assert charges(first.bundle).total_minor == 1800
    assert "€182.00 left" in plain(money.budgets[0].sentence)


@pytest.mark.parametrize("is_planned_under_it", [False, True])
def test_the_second_visit_is_charged_and_says_why(agreed, is_planned_under_it):
    """Eight days late: 1.25 h at 72.00 are 90.00, the way 18.00; need, money, page and flag say that the contract ended."""
    story, contract, centre = agreed
    worked(story, "2026-11-20", centre).sign().submit()
    second = worked(
        story, "2026-12-02", centre, **({"contract_id": contract.id} if is_planned_under_it else {})
    )
    assert second.visit.need.state.customer_line == ENDED
    second.hand_over()
    state = second.visit.sign_off.state
    assert state.money.contract_line == f"{ENDED} This visit is charged."
    assert charges(second.bundle).total_minor == 10_800
    # 18.00 of the first visit wait to be booked: 200.00 - 18.00 - 108.00.
    assert "€74.00 left" in plain(state.money.budgets[0].sentence)
    assert [f.sentence for f in state.flags if "CTR-1" in f.sentence] == [ENDED]
    second.sign()
    text = plain(text_of(second.pdf))
    assert "Working time 1 h 15 min €90.00" in text
    assert ENDED in text


def test_the_office_extends_it_after_the_second_visit_was_signed(agreed, office):
    """From then on the hours pay: 45 min in the contract, 30 min at 72.00 and the way are 54.00; what was signed, 108.00, stays said."""
    from techkit.central import office as desk
    from techkit.central.pages.visit_money import contract_words

    story, contract, centre = agreed
    ines = story.device
    worked(story, "2026-11-20", centre).sign().submit()
    second = worked(story, "2026-12-02", centre).sign()
    page, visit_id = second.pdf, second.submit()
    ines.sync.enrol(office.invitation())
    held = office.bundle(visit_id)
    assert charges(held).total_minor == 10_800
    assert contract_words(held, charges(held)) == ENDED
    desk.change_as_staff(office.staff, "contract", contract.id, {"ends_on": "2027-11-24"})
    ines.sync.now()
    for bundle in (ines.store.bundle(visit_id), office.bundle(visit_id)):
        reckoned = charges(bundle)
        assert [(line.minutes, line.amount_minor) for line in reckoned.lines] == [
            (45, 0),
            (30, 3600),
            (0, 1800),
        ]
        told = {f.rule: f.sentence for f in flags(bundle)}
        assert "contract_not_in_force" not in told
        assert plain(told["signed_amount_differs"]) == (
            "The customer signed €108.00; with today’s contract and rates it comes to €54.00."
        )
    opened = ines.open(visit_id)
    opened.go("sign_off")
    assert opened.sign_off.state.pdf == page
    third = worked(story, "2026-12-09", centre)
    assert third.visit.need.state.customer_line == "Contract CTR-1 until 24 Nov 2027"
    third.sign()
    # Nothing is left of the pool: 8 h, 1 h 15 min and 45 min.
    assert [(line.minutes, line.amount_minor) for line in charges(third.bundle).lines] == [
        (75, 7500),
        (0, 1800),
    ]


def test_nothing_differs_where_nothing_was_changed(agreed):
    """A signed visit whose contract and rates stay as they were is not flagged."""
    story, _contract, centre = agreed
    first = worked(story, "2026-11-20", centre).sign()
    (signature,) = first.bundle.signatures
    assert (signature.total_minor, signature.currency) == (1800, "EUR")
    assert not {f.rule for f in flags(first.bundle)} & {"signed_amount_differs", "contract_not_in_force"}


def test_somebody_signs_who_may_not(agreed):
    """A known person other than the one visited is named with the signature; who may not sign is told to the reviewer."""
    story, _contract, centre = agreed
    trainee = Contact(
        id=new_id(), customer_id=story.customer, given_name="Rowan", family_name="Pike", may_sign=False
    )
    story.device.store.save(trainee)
    first = worked(story, "2026-11-20", centre)
    first.visit.sign_off.set_signer("Rowan Pike")
    first.sign()
    (signature,) = first.bundle.signatures
    assert (signature.role.value, signature.contact_id) == ("delegate", trainee.id)
    told = {f.rule: f.sentence for f in flags(first.bundle)}
    assert told["signer_may_not_sign"] == "Rowan Pike signed and is not among those who may sign."
    story.device.store.save(replace(trainee, may_sign=True))
    assert "signer_may_not_sign" not in {f.rule for f in flags(first.bundle)}
