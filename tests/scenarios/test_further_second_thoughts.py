"""Further stories about second thoughts: a no that becomes a yes, a quote that ran out, another payer, a computer that is replaced."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from techkit.records.assets import Asset, Contract, Lifecycle
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Payer
from techkit.records.proofs import Proven, proof_of
from techkit.records.schema import replace
from techkit.records.success import Recommendation, RecommendationKind
from tests.scenarios.conftest import SIGNATURE, text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_drafts import Busy
from tests.scenarios.test_further_merges import place_of


@pytest.fixture
def story(device) -> Plain:
    return priced(device)


def again(story: Plain, day: str) -> Plain:
    story.device.clock.go_to(f"{day} 09:00")
    return (
        Plain(story.device, customer=story.customer, site=story.site, contact=story.contact).plan().arrive()
    )


def test_a_no_becomes_a_yes_at_the_next_visit(story: Plain) -> None:
    """Refused in November; in December nobody is asked, the customer says yes by themselves: the first page keeps its no."""
    ines = story.device
    story.plan().arrive()
    advice = Recommendation(
        id=new_id(), customer_id=story.customer, visit_id=story.visit.held.visit_id,
        kind=RecommendationKind.BACKUP, text="Make a backup plan", why="There is no backup.",
    )  # fmt: skip
    ines.store.save(advice)
    story.visit.reload()
    story.visit.follow_ups.decide(advice.id, "no")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    first = story.submit()
    second = again(story, "2026-12-24")
    assert second.visit.follow_ups.state.advice == ()
    place = place_of(ines, story.customer)
    place.decide(advice.id, "yes")
    place.close()
    assert ines.store.get(Recommendation, advice.id).state == "accepted"
    ines.clock.go_to("2026-12-24 10:00")
    second.sign()
    assert "backup plan" not in text_of(second.pdf)
    opened = ines.open(first)
    opened.go("sign_off")
    text = plain(text_of(opened.sign_off.state.pdf))
    assert "Your decision: No" in text
    assert "Your decision: Yes" not in text


def test_a_quote_runs_out_between_need_and_order(story: Plain) -> None:
    """Valid to 30 November, promised to be asked on the 29th, ordered on 3 December: late, flagged, and the order is no cost of the visit."""
    ines = story.device

    def asked(visit: Plain, decision: str) -> None:
        work = visit.visit.work
        work.choose_kind("purchase_assistance")
        for key, text in {
            "title": "A printer",
            "items.0.product": "Printer P1",
            "items.0.price_minor": "450.00",
            "items.0.valid_until": "2026-11-30",
            "decision": decision,
        }.items():
            work.fill(key, text)
        work.add_entry()

    story.plan().arrive()
    asked(story, "undecided")
    story.visit.follow_ups.add_all()
    (promise,) = [p for p in story.bundle.follow_ups if p.created_from.startswith("decide:")]
    assert (promise.text, promise.due_on) == ("Ask for the decision: Printer P1", date(2026, 11, 29))
    assert "quote_expired" not in {f.rule for f in flags(story.bundle)}
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    story.submit()
    second = again(story, "2026-12-03")
    (late,) = second.visit.follow_ups.state.overdue
    assert (late.id, late.tone) == (promise.id, "late")
    asked(second, "accepted")
    second.visit.follow_ups.settle(promise.id, "done", "They ordered today.")
    told = {f.rule: plain(f.sentence) for f in flags(second.bundle)}
    assert told["quote_expired"] == "The quote for “Printer P1” was valid until 30 November 2026 only."
    (entry,) = second.bundle.activities
    assert entry.decided_on == date(2026, 12, 3)
    ines.clock.go_to("2026-12-03 10:00")
    second.sign()
    text = plain(text_of(second.pdf))
    assert "Quoted together: €450.00. You decided yes." in text
    assert "Total before tax €60.00" in text
    assert promise.id not in {p.id for p in second.visit.held.known.promises}


def test_another_payer_between_the_page_and_the_signature(story: Plain) -> None:
    """The page names Holding A; on the telephone Insurer B takes it on: only B is on the page that is signed, and B wants an order number."""
    ines = story.device
    holding, insurer = new_id(), new_id()
    ines.store.save(
        Payer(id=holding, customer_id=story.customer, name="Holding A", po_reference="PO-1"),
        Payer(id=insurer, customer_id=story.customer, name="Insurer B", is_reference_required=True),
    )
    story.plan(payer_id=holding).arrive()
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.take_back()
    story.visit.need.choose_payer(insurer)
    story.visit.sign_off.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    text = text_of(story.pdf)
    assert "Insurer B" in text
    assert "Holding A" not in text
    assert charges(story.bundle).total_minor == 6000
    told = [f.sentence for f in flags(story.bundle)]
    assert told == ["Insurer B pays only with an order number; none is written down."]
    signature = story.bundle.valid_signature()
    # And back again once it is signed: asked first; until somebody goes on, page and payer stay.
    story.visit.need.choose_payer(holding)
    assert [kept.word for kept in story.visit.held.waiting] == ["the payer"]
    assert (story.bundle.visit.payer_id, story.bundle.valid_signature()) == (insurer, signature)


def test_one_of_two_computers_is_replaced_in_mid_visit(device) -> None:
    """RC-01 is upgraded, RC-02 goes and RC-03 comes: proven on what is there, a reason for what is not, and the contract names two only.

    The new one is in no contract yet, so the hour is charged at 60.00, and need, page and reviewer say why.
    """
    story = Busy(device("TK07", "Ines Okafor", "2026-11-24 09:00"))
    story.known(
        has_diagnostics_consent=True, consent_at=datetime(2026, 1, 2, tzinfo=UTC), engagement="contract"
    )
    story.rates(hourly=6000)
    store = story.device.store
    story.assets = {name: new_id() for name in ("RC-01", "RC-02", "RC-03")}
    old = ("RC-01", "RC-02")
    store.save(
        *(Asset(id=story.assets[n], customer_id=story.customer, name=n, tag=n) for n in old),
        Contract(
            id=new_id(), customer_id=story.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(10), covers_all_assets=False,
            covered_assets=tuple(story.assets[n] for n in old),
        ),
    )  # fmt: skip
    story.plan(asset_ids=tuple(story.assets[n] for n in old))
    story.visit.next()
    for name in old:
        story.plug_in(name, DentaBook="9.9")
        story.visit.check.start()
    story.visit.go("work")
    assert story.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    story.plug_in("RC-01", DentaBook="9.10")
    story.visit.work.look_again()
    story.visit.work.drafting.add()
    store.save(
        Asset(
            id=story.assets["RC-03"], customer_id=story.customer, name="RC-03", tag="RC-03",
            replaces_asset=story.assets["RC-02"],
        ),
        replace(store.get(Asset, story.assets["RC-02"]), lifecycle=Lifecycle.RETIRED),
    )  # fmt: skip
    story.visit.reload()
    story.visit.held.computers.confirm(story.assets["RC-03"])
    why = "Contract CTR-1 does not cover every computer of this visit."
    assert story.visit.need.state.customer_line == why
    work = story.visit.work
    work.choose_kind("install")
    work.fill("product", "DentaBook")
    work.fill("version", "9.10")
    work.add_entry()
    for name in ("RC-01", "RC-03"):
        story.plug_in(name, DentaBook="9.10")
        story.visit.after.start()
    assert story.rows("after") == {}
    story.device.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert story.bundle.valid_signature() is None
    story.visit.after.skip("RC-02 was taken out of use.")
    story.sign()
    told = {f.rule: plain(f.sentence) for f in flags(story.bundle)}
    assert told == {
        "no_after_run": "RC-02 was not checked after the work: RC-02 was taken out of use.",
        "contract_not_in_force": why,
    }
    proofs = {a.asset_id: proof_of(a, story.bundle) for a in story.bundle.activities}
    assert proofs[story.assets["RC-01"]] is Proven.INVENTORY
    assert story.assets["RC-03"] in proofs
    assert proofs[story.assets["RC-03"]] is not Proven.NOT_PROVEN
    text = plain(text_of(story.pdf))
    assert why in text
    assert "Total before tax €60.00" in text
