"""Further stories about “no” after the work: one item while the page is read, no photos, and an amount disputed once it was booked."""

from __future__ import annotations

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import posting, review
from techkit.records.budget import CostCentre, newest_revisions
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.visit import WorkState
from tests.scenarios.conftest import SIGNATURE, text_of
from tests.scenarios.plain import Plain, plain


@pytest.fixture
def story(device) -> Plain:
    """An hour at 60.00 and a cable at 7.20."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    told = Plain(ines).known(display_name="Odalys Brandt")
    told.rates(hourly=6000)
    return told


def test_one_item_is_refused_with_the_page_in_hand(story: Plain) -> None:
    """Read, drawn half, and then the cable is not wanted: taken out, the old lines sign nothing, 60.00 is signed.

    67.20 on the first page, 60.00 on the one that is signed; the stroke on the first page is not taken over.
    """
    story.plan().arrive().use("Cable", "7.20")
    story.device.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    sign_off = story.visit.sign_off
    assert any("€67.20" in plain(line) for line in sign_off.state.page_lines)
    sign_off.draw(SIGNATURE)
    sign_off.take_back()
    (cable,) = story.bundle.supplies
    story.visit.work.remove(cable.id)
    story.visit.sign_off.hand_over()
    assert not sign_off.state.has_strokes
    assert not sign_off.state.may_agree
    sign_off.draw(SIGNATURE)
    sign_off.agree()
    assert story.bundle.visit.work_state is WorkState.SIGNED
    assert charges(story.bundle).total_minor == 6000
    text = plain(text_of(story.pdf))
    assert "€60.00" in text
    assert "Cable" not in text


def test_the_amount_is_disputed_after_it_was_booked(story: Plain, office) -> None:
    """Signed, booked, and then a letter: the office takes it back and asks, the cable goes, the customer agrees by telephone.

    67.20 of 100.00 booked: 32.80 left. Taken back: 100.00. Without the cable 60.00: 40.00 left. Both pages stay.
    """
    ines = story.device
    centre = new_id()
    ines.store.save(CostCentre(id=centre, customer_id=story.customer, code="B"))
    story.plan().arrive().use("Cable", "7.20")
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    first = story.bundle.valid_signature()
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    office_budgets.approve(office.staff, centre, "2026", 10_000)

    def spent() -> int:
        (budget,) = newest_revisions(office.bundle(visit_id).budgets)
        return budget.actual_minor

    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    assert spent() == 6720
    posting.take_back(office.staff, visit_id, None, "The customer says the cable was not ordered.")
    assert spent() == 0
    review.ask(office.staff, visit_id, "Was the cable ordered?")
    ines.clock.go_to("2026-12-01 09:00")
    ines.sync.now()
    again = Plain(ines, customer=story.customer, site=story.site, contact=story.contact)
    again.visit = ines.open(visit_id)
    again.visit.go("work")
    (cable,) = again.bundle.supplies
    again.visit.work.remove(cable.id)
    assert again.visit.state.notice.action == "void"
    again.visit.act_on_notice()
    assert again.bundle.supplies == ()
    assert again.bundle.visit.revision == 2
    again.visit.go("sign_off")
    again.visit.sign_off.waive("remote", "Agreed on the telephone on 1 December.")
    again.submit()
    text = plain(text_of(again.pdf))
    assert "€60.00" in text
    assert "Cable" not in text
    (query,) = again.bundle.queries
    ines.sync.answer(query.id, "No; it is taken off.")
    ines.sync.now()
    held = office.bundle(visit_id)
    assert charges(held).total_minor == 6000
    assert first in held.signatures
    assert held.valid_signature() is None
    assert "signature_missing" not in {f.rule for f in flags(held)}
    review.settle(office.staff, visit_id, query.id)
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    assert spent() == 6000
