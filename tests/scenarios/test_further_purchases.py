"""Further stories about buying and looking ahead: quotes that run out, orders, deliveries, budgets, contracts that end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from techkit.records.activities import NeedsAnalysis, Option, PurchaseAssistance, QuotedItem
from techkit.records.assets import Asset, Contract, DiagnosticRun, Phase
from techkit.records.budget import Budget, Control, CostCentre
from techkit.records.findings import Area, Finding, Verdict
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.records.purchases import decision_lines
from techkit.records.schema import replace
from techkit.records.success import Department, FollowUp, FollowUpReason
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_further_merges import place_of


@pytest.fixture
def ines(device):
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


@pytest.fixture
def story(ines) -> Plain:
    told = Plain(ines).known()
    told.rates(hourly=6000)
    return told


def helped(story: Plain, **more: object) -> PurchaseAssistance:
    """Write purchase help down: a printer at 189.00 by 30 November and a switch at 49.00 by 15 December."""
    held = dict(
        id=new_id(), visit_id=story.visit.held.visit_id, title="A printer for the desk",
        items=(
            QuotedItem(product="Laser printer", price_minor=18_900, vendor="Papierhaus", valid_until=date(2026, 11, 30)),
            QuotedItem(product="Switch", price_minor=4900, valid_until=date(2026, 12, 15)),
        ),
    )  # fmt: skip
    made = PurchaseAssistance(**(held | more))
    story.visit.held.save(made)
    return made


def offered(story: Plain) -> dict[str, object]:
    story.visit.follow_ups.refresh()
    return {s.key.partition(":")[0]: s for s in story.visit.follow_ups.state.suggestions}


def test_an_open_decision_is_asked_for_before_its_quote_runs_out(story, ines):
    """Undecided, quotes until 30 November and 15 December: one call is offered for the 29th, promised, and named once.

    The earlier quote counts, a day before it ends: 29 November is 5 days away, sooner than the usual week.
    """
    story.plan().arrive()
    helped(story)
    suggestion = offered(story)["decide"]
    assert suggestion.title == "Ask for the decision: Laser printer, Switch"
    assert (
        plain(suggestion.reason) == "Because: The quote for “Laser printer” is valid until 30 November 2026."
    )
    story.visit.follow_ups.add(suggestion.key)
    (promise,) = ines.store.find(FollowUp)
    assert (promise.due_on, promise.department) == (date(2026, 11, 29), Department.SALES)
    assert "decide" not in offered(story)
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert plain(text_of(story.pdf)).count("Ask for the decision: Laser printer, Switch") == 1


def test_a_quote_of_today_and_one_that_ran_out(story):
    """Valid until today only: asked for today. One that ran out is told to be so, and the decision still asked for in a week."""
    story.plan().arrive()
    held = helped(
        story, items=(QuotedItem(product="Scanner", price_minor=9900, valid_until=date(2026, 11, 24)),)
    )
    assert "by 24 Nov 2026" in plain(offered(story)["decide"].due_text)
    late = replace(
        held, items=(QuotedItem(product="Scanner", price_minor=9900, valid_until=date(2026, 11, 23)),)
    )
    story.visit.held.save(late)
    assert "by 1 Dec 2026" in plain(offered(story)["decide"].due_text)
    assert "quote_expired" in {f.rule for f in flags(story.bundle)}


def test_ordered_and_delivered(story, ines):
    """Accepted without a number: order it. With a day: ask on that day whether it came. Declined: nothing is pressed."""
    story.plan().arrive()
    held = helped(story, decision="accepted")
    assert plain(offered(story)["order"].reason) == "Because: It was decided and has no order number yet."
    ordered = replace(held, po_reference="PO-77", expected_on=date(2026, 12, 3))
    story.visit.held.save(ordered)
    now = offered(story)
    assert "order" not in now
    story.visit.follow_ups.add(now["delivery"].key)
    (promise,) = ines.store.find(FollowUp)
    assert (promise.due_on, promise.text) == (date(2026, 12, 3), "Has it come? Laser printer, Switch")
    assert not promise.is_on_paper
    story.visit.held.save(replace(ordered, decision="declined"))
    ines.store.save(replace(promise, state="dropped"))
    assert not {"order", "delivery", "decide"} & set(offered(story))


def test_an_analysis_without_a_decision_is_come_back_to(story):
    """Options laid out and nobody decided: a call in a week, by the name of what was recommended."""
    story.plan().arrive()
    analysis = NeedsAnalysis(
        id=new_id(), visit_id=story.visit.held.visit_id, title="A place to work at home", goals=("Work from home",),
        options=(Option(title="A notebook", cost_minor=89_900, fit=5), Option(title="A second screen", fit=2)),
        recommended="A notebook",
    )  # fmt: skip
    story.visit.held.save(analysis)
    suggestion = offered(story)["decide"]
    assert suggestion.title == "Ask for the decision: A notebook"
    assert suggestion.reason == "Because: Nobody has decided yet."
    assert "by 1 Dec 2026" in plain(suggestion.due_text)


def test_what_today_costs_is_counted_before_a_purchase(story, ines):
    """A budget with 500.00: an hour at 60.00 and a printer at 450.00 are 10.00 too much, though each alone is allowed.

    500.00 − 60.00 − 450.00 = −10.00. Selin may approve up to 400.00 and Bo up to 1,000.00: Bo is named.
    """
    centre = new_id()
    ines.store.save(
        CostCentre(id=centre, customer_id=story.customer, code="LDG-FRONT"),
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026",
            approved_minor=50_000, control=Control.STOP,
        ),
        replace(ines.store.get(Contact, story.contact), may_approve_minor=40_000),
        Contact(
            id=new_id(), customer_id=story.customer, given_name="Bo", family_name="Lindqvist",
            may_approve_minor=100_000,
        ),
    )  # fmt: skip
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 10:00")
    story.visit.pause("figures")
    held = helped(
        story, items=(QuotedItem(product="Printer", price_minor=45_000),), approver_id=story.contact
    )
    over = "The budget of LDG-FRONT does not allow it: it would be overdrawn by €10.00."
    said = f"{over} Counted with it: €60.00 of this visit."
    lines = [plain(line) for line in decision_lines(held, story.bundle)]
    assert lines == [
        "Together €450.00.",
        "€450.00 is above what Selin Arslan may approve (€400.00). Bo Lindqvist may.",
        said,
    ]


def test_what_is_promised_warns_too(story, ines):
    """500.00 approved, 400.00 promised: an hour at 60.00 leaves 40.00, which is 92 % spoken for, and is warned of at 90 %."""
    centre = new_id()
    ines.store.save(
        CostCentre(id=centre, customer_id=story.customer, code="LDG-FRONT"),
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026",
            approved_minor=50_000, committed_minor=40_000,
        ),
    )  # fmt: skip
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    (row,) = story.visit.sign_off.state.money.budgets
    assert row.standing == "warn"
    assert plain(row.sentence) == (
        "After today €40.00 left, 12.0 % used: nearly used up. "
        "Counted with it: €400.00 promised and not billed yet."
    )


def test_a_purchase_is_borne_by_every_cost_centre_of_the_visit(story, ines):
    """A printer at 450.01 over 60 % FRONT and 40 % LAB: each bears its part to the cent, each budget says its own word.

    450.01 x 60 % = 270.006 and 180.004: 270.01 and 180.00 by the largest remainder. An hour at 60.00: 36.00 and 24.00.
    FRONT, warned at 90 %: 340.00 − 36.00 − 270.01 = 33.99 left, 90.0 % used. LAB, a stop: 200.00 − 24.00 − 180.00 is
    4.00 too much. 50.00 moved from elsewhere to LAB (a new revision): 46.00 left, and 81.6 % of 250.00 used is no warning.
    """
    front, lab, held_budget = new_id(), new_id(), new_id()
    ines.store.save(
        CostCentre(id=front, customer_id=story.customer, code="FRONT"),
        CostCentre(id=lab, customer_id=story.customer, code="LAB"),
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=front, period="2026", approved_minor=34_000
        ),
        Budget(
            id=held_budget, customer_id=story.customer, cost_centre_id=lab, period="2026",
            approved_minor=20_000, control=Control.STOP,
        ),
    )  # fmt: skip
    story.plan().arrive()
    story.visit.need.set_share(front, "60")
    story.visit.need.set_share(lab, "40")
    ines.clock.go_to("2026-11-24 10:00")
    story.visit.pause("figures")
    held = helped(story, items=(QuotedItem(product="Printer", price_minor=45_001),))
    lines, with_it = [plain(line) for line in decision_lines(held, story.bundle)], "Counted with it:"
    assert lines[-2:] == [
        f"The budget of FRONT would be nearly used up: €33.99 left. It bears €270.01 of it. {with_it} €36.00 of this visit.",
        f"The budget of LAB does not allow it: it would be overdrawn by €4.00. It bears €180.00 of it. {with_it} €24.00 of this visit.",
    ]
    assert "purchase_over_budget" not in {f.rule for f in flags(story.bundle)}, "nobody decided yet"
    story.visit.held.save(replace(held, decision="accepted"))
    story.hand_over()
    rows = {row.label: row for row in story.visit.sign_off.state.money.budgets}
    said = {plain(label): (plain(row.amount), row.standing) for label, row in rows.items()}
    assert said == {
        "FRONT, 60 %": ("€36.00", "within"),
        "LAB, 40 %": ("€24.00", "within"),
        "FRONT, to be bought": ("€270.01", "warn"),
        "LAB, to be bought": ("€180.00", "stop"),
    }
    found = {f.rule: f for f in flags(story.bundle)}
    assert found["purchase_over_budget"].record_id == held_budget
    assert "overdrawn by €4.00" in plain(found["purchase_over_budget"].sentence)
    ines.store.save(
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=lab, period="2026", approved_minor=25_000,
            control=Control.STOP, revision_of=held_budget,
        )
    )  # fmt: skip
    (warned,) = [f for f in flags(story.bundle) if f.rule == "purchase_over_budget"]
    assert "FRONT" in warned.sentence, "the transfer made room at LAB"


# --- what ends ------------------------------------------------------------------------------------


def contract(story: Plain, **more: object) -> Contract:
    held = dict(
        id=new_id(), customer_id=story.customer, number="CTR-7", starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
    )  # fmt: skip
    made = Contract(**(held | more))
    story.device.store.save(made)
    return made


def seen(story: Plain) -> dict[str, str]:
    page = place_of(story.device, story.customer)
    found = {t.key.partition(":")[0]: plain(t.line) for t in page.state.ahead}
    page.close()
    return found


def test_notice_is_due_before_the_end(story):
    """A contract to 31 March with notice until 15 December is spoken of now, in the visit and on the customer's page."""
    held = contract(story, ends_on=date(2027, 3, 31), notice_on=date(2026, 12, 15))
    assert seen(story) == {"renewal": "Notice is due in 21 days."}
    story.plan(contract_id=held.id).arrive()
    suggestion = offered(story)["renewal"]
    assert plain(suggestion.reason) == "Because: Notice is due by 15 December 2026."


def test_a_renewed_contract_is_not_asked_about(story):
    """Ended in 37 days and followed by one for 2027: nobody is called about it, in the visit or on the page."""
    held = contract(story)
    assert seen(story) == {"renewal": "It ends in 37 days."}
    contract(story, number="CTR-8", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    assert seen(story) == {}
    story.plan(contract_id=held.id).arrive()
    assert "renewal" not in offered(story)


def test_hours_that_do_not_last_are_seen_early(story):
    """56 of 60 hours used since January: 4 are left, gone on 17 December at this pace; one press promises a word.

    327 days for 56 h are 5.839 days an hour; 4 h last 23.36 days from 24 November.
    """
    held = contract(story, hours_included=Decimal(60), hours_used=Decimal(56))
    found = seen(story)
    assert found["hours"] == "4.00 h of 60 h are left; at this pace they are used up on 17 Dec 2026."
    page = place_of(story.device, story.customer)
    page.plan(f"hours:{held.id}:{held.hours_included}")
    (promise,) = story.device.store.find(FollowUp)
    assert promise.text == "Speak about more hours: Hours of contract CTR-7"
    assert promise.reason is FollowUpReason.CONTRACT_RENEWAL
    page.refresh()
    assert next(t for t in page.state.ahead if t.key.startswith("hours:")).is_planned
    page.close()


def test_a_system_that_ends_soon_is_spoken_of_once(story, ines):
    """Support that ends in spring is offered at this visit, for success; promised there, the customer's page asks for it no more."""
    asset = Asset(id=new_id(), customer_id=story.customer, site_id=story.site, name="Till")
    ines.store.save(asset)
    story.plan(asset_ids=(asset.id,)).arrive()
    ends = Finding(
        check="os_end_of_life", area=Area.OPERATING_SYSTEM, title="Support by the maker", verdict=Verdict.WATCH,
        sentence="Support ends on 2027-04-13, in 140 days.", customer_sentence="The maker supports it until spring.",
    )  # fmt: skip
    story.visit.held.save(
        DiagnosticRun(
            id=new_id(), visit_id=story.visit.held.visit_id, asset_id=asset.id, phase=Phase.BEFORE,
            started_at=ines.clock.now(), ended_at=ines.clock.now() + timedelta(seconds=9), findings=(ends,),
        )
    )  # fmt: skip
    story.visit.follow_ups.refresh()
    (suggestion,) = [s for s in story.visit.follow_ups.state.suggestions if "os_end_of_life" in s.key]
    story.visit.follow_ups.add(suggestion.key)
    (promise,) = ines.store.find(FollowUp)
    assert (promise.reason, promise.department) == (FollowUpReason.END_OF_LIFE, Department.SUCCESS)
    page = place_of(ines, story.customer)
    (task,) = [t for t in page.state.ahead if t.key.startswith("ends:")]
    assert task.is_planned
    page.close()
