"""Further stories about budgets that move while a visit is open: stop turned into room, and room taken away unseen."""

from __future__ import annotations

import dataclasses

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import posting, review
from techkit.errors import InputError
from techkit.records.activities import PurchaseAssistance, QuotedItem
from techkit.records.budget import Control, CostCentre, newest_revisions, variance
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.ui.presenters import office_view
from tests.scenarios.conftest import SIGNATURE, Office, text_of
from tests.scenarios.plain import Plain, plain


@pytest.fixture
def story(device, office) -> Plain:
    """A customer the office knows, two cost centres: FRONT with 100.00 that says stop, SURG with 200.00 that warns.

    Labour costs 60.00 an hour, in quarters.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    told = Plain(ines).known()
    told.rates(hourly=6000)
    told.front, told.surg = new_id(), new_id()
    ines.store.save(
        CostCentre(id=told.front, customer_id=told.customer, code="LDG-FRONT"),
        CostCentre(id=told.surg, customer_id=told.customer, code="LDG-SURG"),
    )
    ines.sync.enrol(office.invitation())
    approve = office_budgets.approve
    told.front_2026 = approve(office.staff, told.front, "2026", 10_000, control=Control.STOP)
    told.surg_2026 = approve(office.staff, told.surg, "2026", 20_000)
    ines.sync.now()
    return told


def budget_flags(story: Plain) -> list[tuple[str, str]]:
    return [
        (f.rule, plain(f.sentence))
        for f in office_view.flags_of(story.visit.held)
        if f.rule.startswith("budget_")
    ]


def arrived(story: Plain) -> None:
    """Bring what the office wrote to the open visit, as the window does after a sync."""
    story.device.sync.now()
    story.visit.reload()


def test_a_transfer_in_while_the_visit_is_open_lifts_the_stop(office: Office, story: Plain) -> None:
    """Used up before the signature, the office moves money, the warning goes before anybody signs, and it is booked.

    1 h at 60.00 and a switch at 70.00 are 130.00: 100.00 − 130.00 = 30.00 too much, stop. 60.00 come over from SURG:
    160.00 − 130.00 = 30.00 left, 130/160 = 81.25 → 81.3 % used, under the 90 % warned of. SURG keeps 140.00.
    """
    story.plan().arrive().use("Switch", "70.00")
    story.visit.need.set_share(story.front, "100")
    story.device.clock.go_to("2026-11-24 10:00")
    story.visit.go("sign_off")
    story.visit.pause("figures")
    (row,) = story.visit.sign_off.state.money.budgets
    said = "After today overdrawn by €30.00: this budget says stop."
    assert (row.standing, plain(row.sentence)) == ("stop", said)
    over = "The budget of LDG-FRONT does not allow this: it would be overdrawn by €30.00."
    assert budget_flags(story) == [("budget_stop", over)]
    office_budgets.transfer(
        office.staff, story.surg_2026, story.front_2026, 6000, "The switch is for everybody"
    )
    arrived(story)
    (row,) = story.visit.sign_off.state.money.budgets
    assert (row.standing, plain(row.sentence)) == ("within", "After today €30.00 left, 81.3 % used.")
    assert budget_flags(story) == []
    visit_id = story.sign().submit()
    assert "€130.00" in text_of(story.pdf)
    story.device.sync.now()
    assert not {f.rule for f in flags(office.bundle(visit_id))} & {"budget_stop", "budget_warn"}
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    now = {b.approved_minor: b.actual_minor for b in office.bundle(visit_id).budgets}
    assert now[16_000] == 13_000
    assert now[14_000] == 0


def test_a_transfer_away_unheard_of_is_a_flag_and_no_other_page(office: Office, story: Plain) -> None:
    """Signed without a network on figures that held no more: the page stays word for word, the office sees the stop.

    1 h at 60.00 of 100.00: 40.00 left when the customer signs. Meanwhile 70.00 went to SURG: 30.00 − 60.00 = 30.00 too
    much. SURG has 270.00.
    """
    story.plan().arrive()
    story.visit.need.set_share(story.front, "100")
    story.device.clock.go_to("2026-11-24 10:00")
    office_budgets.transfer(office.staff, story.front_2026, story.surg_2026, 7000, "Needed in the surgery")
    story.sign()
    (row,) = story.visit.sign_off.state.money.budgets
    assert (row.standing, plain(row.sentence)) == ("within", "After today €40.00 left, 60.0 % used.")
    pdf, signed = story.pdf, story.bundle.valid_signature()
    arrived(story)
    assert (story.pdf, story.bundle.valid_signature()) == (pdf, signed)
    assert story.visit.state.notice is None
    assert [rule for rule, _said in budget_flags(story)] == ["budget_stop"]
    visit_id = story.submit()
    story.device.sync.now()
    held = office.bundle(visit_id)
    assert held.valid_signature() == signed
    (flag,) = [f for f in flags(held) if f.rule == "budget_stop"]
    assert "LDG-FRONT" in flag.sentence
    with pytest.raises(InputError, match=r"overdrawn by €30\.00"):
        review.approve(office.staff, visit_id, None)


def test_a_sync_while_the_customer_reads_changes_nothing_under_their_hand(
    office: Office, story: Plain
) -> None:
    """The page is fixed when it is handed over: another name or rate that arrives then waits until the screen is back.

    1 h at 60.00 was handed over; a rate of 90.00 and another name arrive while the customer draws. Signed is 60.00.
    """
    story.plan().arrive()
    story.device.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    shown = story.visit.sign_off.page.made
    assert shown is not None
    story.visit.sign_off.draw(SIGNATURE)
    store = story.device.store
    card = story.bundle.rate_card
    rate = dataclasses.replace(card.rates[0], hourly_minor=9000)
    store.save(
        replace(card, rates=(rate,)), replace(story.bundle.customer, display_name="Larkspur Dental plc")
    )
    story.visit.reload()
    assert story.visit.sign_off.page.made is shown
    assert story.visit.sign_off.state.is_with_customer
    story.visit.sign_off.agree()
    signature = story.bundle.valid_signature()
    assert signature.content_hash == shown.document.content_hash
    text = text_of(story.pdf)
    assert "€60.00" in text
    assert "Larkspur Dental Group" in text
    story.visit.tick()
    # The screen is back: what arrived is shown now, the page stays the one that was signed.
    assert story.visit.held.bundle.customer.display_name == "Larkspur Dental plc"
    assert charges(story.visit.held.bundle).total_minor == 9000
    assert story.bundle.valid_signature() == signature
    assert "€60.00" in text_of(story.pdf)


def test_an_order_over_two_cost_centres_is_made_possible_promised_and_billed(
    office: Office, story: Plain
) -> None:
    """A printer at 150.01 and an hour at 60.00, 60 % FRONT and 40 % SURG, from the stop to the bill.

    The hour: 36.00 and 24.00. The printer: 90.006 and 60.004, so 90.01 and 60.00. FRONT: 100.00 − 36.00 − 90.01 is 26.01
    too much, a stop; SURG: 200.00 − 24.00 − 60.00 = 116.00. 30.00 come over from SURG: FRONT 3.99 left, 96.9 % of 130.00,
    a warning only. Approved, the office notes both promises: 3.99 and 170.00 − 84.00 = 86.00 are available. When FRONT's
    part is billed elsewhere and released, its 90.01 are free again: 94.00.
    """
    story.plan().arrive()
    story.visit.need.set_share(story.front, "60")
    story.visit.need.set_share(story.surg, "40")
    story.device.clock.go_to("2026-11-24 10:00")
    story.visit.pause("figures")
    items = (QuotedItem(product="Printer", price_minor=15_001),)
    visit_id = story.visit.held.visit_id
    story.visit.held.save(
        PurchaseAssistance(
            id=new_id(), visit_id=visit_id, title="A printer", items=items, decision="accepted"
        )
    )

    def bought() -> list[tuple[str, str, str]]:
        rows = story.visit.sign_off.state.money.budgets
        return [(r.label, plain(r.amount), r.standing) for r in rows if "to be bought" in r.label]

    def over(bundle) -> list[str]:
        return [plain(f.sentence) for f in flags(bundle) if f.rule == "purchase_over_budget"]

    story.visit.go("sign_off")
    surg = ("LDG-SURG, to be bought", "€60.00", "within")
    assert bought() == [("LDG-FRONT, to be bought", "€90.01", "stop"), surg]
    assert "overdrawn by €26.01" in over(story.bundle)[0]
    office_budgets.transfer(office.staff, story.surg_2026, story.front_2026, 3000, "The printer is for both")
    arrived(story)
    assert bought() == [("LDG-FRONT, to be bought", "€90.01", "warn"), surg]
    assert "nearly used up: €3.99 left" in over(story.bundle)[0]
    story.sign().submit()
    story.device.sync.now()
    assert len(over(office.bundle(visit_id))) == 1
    review.approve(office.staff, visit_id, None)
    assert over(office.bundle(visit_id)) == [], "the office notes what it promised in the budgets themselves"
    posting.post(office.staff, visit_id)

    def available() -> dict[str, int]:
        held = newest_revisions(office.bundle(visit_id).budgets)
        return {b.cost_centre_id: variance(b).available_minor for b in held}

    newest = {b.cost_centre_id: b.id for b in newest_revisions(office.bundle(visit_id).budgets)}
    promised = office_budgets.commit(office.staff, newest[story.front], "Printer, 60 %", 9001)
    office_budgets.commit(office.staff, newest[story.surg], "Printer, 40 %", 6000)
    assert available() == {story.front: 399, story.surg: 8600}
    office_budgets.release(office.staff, promised)
    assert available() == {story.front: 9400, story.surg: 8600}
