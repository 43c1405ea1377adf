"""The summary's content: what the customer reads, and what never gets onto the page."""

from __future__ import annotations

import dataclasses
import json

import pytest

from techkit.records import schema
from techkit.records.activities import NeedsAnalysis, Option, PurchaseAssistance, QuotedItem
from techkit.records.budget import Allocation, CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Area, Finding, Verdict
from techkit.records.parties import Contact, Engagement
from techkit.records.proofs import check_key
from techkit.records.visit import Outcome
from techkit.summary import blocks, document
from tests.summary import visits


def text_of(doc: blocks.Document) -> str:
    """Return everything the document says, as one text."""
    return json.dumps(blocks.as_data(doc), ensure_ascii=False)


@pytest.mark.parametrize(
    ("outcome", "below", "bare"),
    [
        (Outcome.PARTLY, "the rest is planned below.", "the rest is still open."),
        (Outcome.NOT_RESOLVED, "the next steps are below.", "What you asked for is not solved yet."),
        (Outcome.ADVICE_ONLY, "it is written down below.", "You asked for advice."),
    ],
)
def test_what_came_of_it_points_only_to_what_stands_below(outcome: Outcome, below: str, bare: str) -> None:
    """The customer is not sent to steps or advice that are not on the page."""
    bundle = visits.slow_computer()
    bundle = dataclasses.replace(
        bundle,
        visit=schema.replace(bundle.visit, outcome=outcome, outcome_reason="", summary_for_customer=""),
    )
    assert document.build(bundle, language="en").short[0].endswith(below)
    empty = dataclasses.replace(bundle, follow_ups=(), recommendations=(), activities=())
    assert document.build(empty, language="en").short[0].endswith(bare)


def test_the_result_word_comes_first_and_fits_the_outcome() -> None:
    """Solved, Partly solved, Not solved yet and Advice given are the four words."""
    bundle = visits.slow_computer()
    told = {
        outcome: document.build(
            dataclasses.replace(bundle, visit=schema.replace(bundle.visit, outcome=outcome))
        ).result
        for outcome in (
            Outcome.RESOLVED, Outcome.PARTLY, Outcome.NOT_RESOLVED, Outcome.ADVICE_ONLY,
        )
    }  # fmt: skip
    assert list(told.values()) == ["Solved", "Partly solved", "Not solved yet", "Advice given"]


def test_what_is_for_colleagues_stays_with_colleagues() -> None:
    """Internal notes, the payer's address and whole serial numbers are nowhere in the document."""
    said = text_of(document.build(visits.slow_computer()))
    for hidden in ("BIOS", "NVMe", "upset", "Lindengasse", "FX99817364"):
        assert hidden not in said
    assert "serial ends in 7364" in said


def test_the_payers_address_is_printed_only_when_asked_for() -> None:
    """The payer is named apart from the customer; the address needs a wish."""
    doc = document.build(visits.slow_computer(), shows_payer_address=True)
    assert [f.lines for f in doc.facts if f.label == "Paid by"] == [("Teodor Brandt", "Lindengasse 8")]


def test_before_and_after_tells_all_that_changed_or_is_open_in_words() -> None:
    """Five compared checks give five rows; an open one says so and carries our advice."""
    [block] = document.build(visits.slow_computer()).computers
    rows = {row.check: row for row in block.comparisons}
    assert len(rows) == 5
    assert (rows["Free disk space"].before, rows["Free disk space"].after) == (
        "2.1 GB (0.9 %)", "61.4 GB (25.8 %)",
    )  # fmt: skip
    backup = rows["Last backup"]
    assert (backup.before, backup.after, backup.tone) == ("never", "never", "open")
    assert "Needs action" in backup.meaning
    assert "A weekly backup to your external disk." in backup.meaning
    assert block.measured == "Measured at 10:15 before the work and again at 11:20 after it."


def test_costs_add_up_in_front_of_the_customer() -> None:
    """1 h 15 min at 68.00, travel 18.00 and a kit for 6.90 make 109.90."""
    doc = document.build(visits.slow_computer())
    assert [(c.label, c.amount) for c in doc.costs] == [
        ("Working time 1\u00a0h 15\u00a0min", "€85.00"),
        ("Travel", "€18.00"),
        ("Microfibre cleaning kit", "€6.90"),
    ]
    assert doc.total == "€109.90"
    assert doc.cost_notes == ("The bill goes to Teodor Brandt.", "This is not an invoice.")


def test_an_internal_customer_reads_cost_centres_and_no_call_to_pay() -> None:
    """Internal pages show who bears what, not who is billed."""
    bundle = visits.slow_computer()
    assert bundle.customer is not None
    inside = dataclasses.replace(
        bundle,
        customer=schema.replace(bundle.customer, engagement=Engagement.INTERNAL),
        cost_centres=(CostCentre(id="k1", customer_id="c1", code="HLC-LS-TRN"),),
        allocations=(Allocation(id="al1", visit_id="v1", cost_centre_id="k1", share_percent=100),),  # type: ignore[arg-type]  # a whole number is a quantity too
    )
    notes = document.build(inside).cost_notes
    assert notes == ("€109.90 to cost centre HLC-LS-TRN.", "This is not an invoice.")


def test_a_groups_page_tells_the_gain_and_nobodys_own_level() -> None:
    """Names and levels of single people are not on the group's page; one's own page has one's own."""
    bundle = visits.group_training()
    group = text_of(document.build(bundle))
    assert "5 of 6 took part." in group
    assert "2.4 to 3.2" in group
    assert "Deniz" not in group
    assert "Your level" not in group
    own = document.build(bundle, for_contact="p1").details[0].pairs
    assert ("Your level before and after", "New → Comfortable") in own


def test_skill_decides_whether_the_readings_page_prints() -> None:
    """A beginner gets no technical page, somebody comfortable does."""
    bundle = visits.slow_computer()
    assert bundle.contact is not None
    assert document.build(bundle).readings == ()
    able = dataclasses.replace(bundle, contact=schema.replace(bundle.contact, skill=3))
    assert [row.title for group in document.build(able).readings for row in group.rows] == [
        "Free disk space", "Programs started at sign-in", "Disk health", "Battery health",
        "Last backup",
    ]  # fmt: skip


def test_next_steps_keep_ours_and_yours_apart() -> None:
    """Each step has its date and who does it; the customer's own stands apart."""
    doc = document.build(visits.slow_computer())
    assert [(s.by, s.who) for s in doc.ours] == [("7 December 2026", "Ines Okafor")]
    assert [s.text for s in doc.yours] == ["Plug in the external disk once a week"]


def test_a_paid_step_waits_for_its_approver() -> None:
    """What costs money is planned only, until the one who may approve it agreed."""
    bundle = visits.slow_computer()
    paid = schema.replace(bundle.follow_ups[0], cost_minor=41200, approver="Dr Baumann")
    [step] = document.build(dataclasses.replace(bundle, follow_ups=(paid,))).ours
    assert step.text.endswith("(about €412.00; planned, if Dr Baumann agrees)")


def test_the_document_speaks_the_customers_language() -> None:
    """Language follows the visit's choice, then the person's, then the customer's."""
    bundle = visits.slow_computer()
    assert document.build(bundle).language == "en"
    german = dataclasses.replace(bundle, visit=schema.replace(bundle.visit, paper_language="de"))
    doc = document.build(german)
    assert doc.language == "de"
    assert doc.total == "109,90\u00a0€"


def test_a_visit_without_anything_still_makes_a_page() -> None:
    """An empty visit has no empty sections and no invented facts."""
    bundle = visits.slow_computer()
    bare = type(bundle)(visit=bundle.visit)
    doc = document.build(bare)
    assert (doc.done, doc.computers, doc.ours) == ((), (), ())
    assert doc.total == "€0.00"


def test_a_finding_stands_once_on_page_one() -> None:
    """What is in the before/after table is not repeated among the verdicts."""
    [block] = document.build(visits.slow_computer()).computers
    assert block.states == ()


def test_the_findings_of_a_single_run_are_told_by_severity() -> None:
    """Without a second run the verdicts stand alone, worst first, good ones in one line."""
    bundle = visits.slow_computer()
    single = dataclasses.replace(bundle, runs=bundle.runs[:1])
    [block] = document.build(single).computers
    assert [s.verdict for s in block.states] == ["act", "act", "watch", "watch", "ok"]
    assert isinstance(bundle.runs[0].findings[0], Finding)


def test_skill_sets_the_wording() -> None:
    """Plain sentences for beginners; who is confident reads the value and its limit beside them."""
    held = visits.slow_computer()
    bundle = dataclasses.replace(held, runs=held.runs[:1])  # before the work only: nothing to compare with
    contact = held.contact
    assert contact is not None

    def states(skill: int) -> list[str]:
        able = dataclasses.replace(bundle, contact=schema.replace(contact, skill=skill))
        return [s.text for c in document.build(able, language="en").computers for s in c.states]

    bad = [f for f in held.runs[0].findings if f.value_text and f.verdict.value in ("act", "watch")]
    assert bad
    for finding in bad:
        plain = finding.customer_sentence or finding.sentence
        assert plain in states(1)
        assert plain in states(3)
        assert plain not in states(4)
        assert any(t.startswith(plain) and f"Reading: {finding.value_text}" in t for t in states(4))


def test_what_could_not_be_checked_is_told_without_jargon() -> None:
    """All of it is counted, and a beginner is told what it means; who is confident reads why."""
    held = visits.slow_computer()
    why = "This computer was not started with systemd."
    unseen = [
        Finding(
            check=f"unseen_{n}",
            title=f"Part {n}",
            area=Area.STORAGE,
            verdict=Verdict.UNKNOWN,
            reason_text=why,
        )
        for n in range(1, 7)
    ]
    runs = (dataclasses.replace(held.runs[0], findings=tuple(unseen)),)
    contact = held.contact
    assert contact is not None

    def told(skill: int) -> tuple[str, str]:
        able = dataclasses.replace(held, runs=runs, contact=schema.replace(contact, skill=skill))
        [state] = document.build(able, language="en").computers[0].states
        return state.title, state.text

    title = "Part 1, Part 2, Part 3, Part 4 and 2 more"
    assert told(2) == (title, "We could not look at 6 parts. That says nothing bad about them.")
    assert told(5) == (title, why)


def test_needs_and_purchases_are_told_plainly() -> None:
    """Goals, what was compared and recommended; the sum, the decision and the order's number; details behind."""
    bundle = dataclasses.replace(
        visits.slow_computer(),
        people=(Contact(id="p9", customer_id="c1", given_name="Ida", family_name="Lund"),),
        activities=(
            NeedsAnalysis(
                id="n",
                visit_id="v1",
                title="Scanning",
                goals=("Both scan",),
                options=(Option(title="One scanner", cost_minor=34000, fit=4), Option(title="Two scanners")),
                recommended="One scanner",
            ),
            PurchaseAssistance(
                id="p",
                visit_id="v1",
                title="Notebooks",
                items=(QuotedItem(product="Swift 14", price_minor=89900),),
                decision="accepted",
                approver_id="p9",
                po_reference="B-17",
            ),
        ),
    )
    told = document.build(bundle, language="en")
    assert [line.text for line in told.done] == [
        "Your goals: Both scan. We compared 2 ways. We recommend: One scanner.",
        "Quoted together: €899.00. You decided yes; ordered as B-17.",
    ]
    pairs = dict(pair for detail in told.details for pair in detail.pairs)
    assert pairs["Options"] == "One scanner, about €340.00, fits 4 of 5; Two scanners"
    assert pairs["Decided by"] == "Ida Lund"
    assert pairs["Items"] == "Swift 14, €899.00"


def test_a_good_finding_that_was_chosen_stands_on_the_page_by_itself():
    """“Show on the customer’s summary” takes it out of the line of good ones and tells it in its own words."""
    bundle = visits.slow_computer()
    key = check_key("a1", "disk_health", "")
    chosen = dataclasses.replace(bundle, visit=dataclasses.replace(bundle.visit, shown_findings=(key,)))
    bundle = dataclasses.replace(bundle, runs=bundle.runs[:1])
    chosen = dataclasses.replace(chosen, runs=bundle.runs)

    def told(shown: VisitBundle) -> list[tuple[str, str]]:
        return [(s.verdict, s.title) for s in document.build(shown).computers[0].states]

    assert ("ok", "Disk health") not in told(bundle)
    assert ("ok", "Disk health") in told(chosen)
    assert len(told(chosen)) == len(told(bundle)), "it was the only good one"
