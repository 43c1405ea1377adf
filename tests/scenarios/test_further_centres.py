"""Further stories about cost centres: thirds, a supply with a centre of its own, and what other visits left of a budget."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit import i18n
from techkit.records.budget import Budget, Control, CostCentre, is_whole
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.posting import booking
from techkit.records.visit import LabourSegment, ReviewState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.unbooked import unbooked
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain


@pytest.fixture
def ines(device):
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


def centres(story: Plain, *codes: str, approved: int = 0) -> list[str]:
    """Write cost centres, each with a budget of 2026 where something is approved."""
    ids = [new_id() for _code in codes]
    for centre, code in zip(ids, codes, strict=True):
        story.device.store.save(CostCentre(id=centre, customer_id=story.customer, code=code))
        if approved:
            story.device.store.save(
                Budget(
                    id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026",
                    approved_minor=approved, control=Control.STOP,
                )
            )  # fmt: skip
    return ids


def test_thirds_are_typed_as_people_type_them(ines, office):
    """100.00 on three centres of 33.33 % each: 33.34, 33.33, 33.33, nothing is said to be missing, and so it is booked."""
    from techkit.central import posting, review

    story = Plain(ines).known()
    story.rates(hourly=10_000)
    ids = centres(story, "A", "B", "C", approved=100_000)
    story.plan().arrive()
    for centre in ids:
        story.visit.need.set_share(centre, "33.33")
    assert story.visit.need.state.shares_line == ""
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert [s.amount_minor for s in shares(story.bundle)] == [3334, 3333, 3333]
    assert "allocation_not_whole" not in {f.rule for f in flags(story.bundle)}
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert {b.cost_centre_id: b.actual_minor for b in held.budgets} == dict(
        zip(ids, (3334, 3333, 3333), strict=True)
    )


def test_many_small_parts_in_yen_over_thirds(ines):
    """An hour at 6,001 yen and ten screws at 5: 2,017 for each third, and each bears one or two yen of each screw, never less than none."""
    story = Plain(ines).known()
    story.rates("JPY", hourly=6001)
    ids = centres(story, "A", "B", "C")
    story.plan().arrive()
    for centre in ids:
        story.visit.need.set_share(centre, "33.33")
    for number in range(10):
        story.use(f"Screw {number}", "5")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    # 6,051 in all; of every screw a third is 1.67, of all ten 16.67, and of the hour 2,000.33.
    assert [s.amount_minor for s in shares(story.bundle)] == [2017, 2017, 2017]
    entries = booking(story.bundle, new_id).entries
    by_line: dict[str, list[int]] = {}
    for entry in entries:
        by_line.setdefault(entry.label, []).append(entry.amount_minor)
    assert sorted(by_line.pop("")) == [2000, 2000, 2001]
    assert len(by_line) == 10
    assert all(sorted(parts) == [1, 2, 2] for parts in by_line.values()), by_line
    assert [sum(e.amount_minor for e in entries if e.cost_centre_id == c) for c in ids] == [2017] * 3


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        (("33.33", "33.33", "33.33"), True),
        (("66.67", "33.33"), True),
        (("66.66", "33.33"), True),
        (("14.29",) * 7, True),
        (("33.3", "33.3", "33.3"), False),
        (("99.99",), False),
        (("50", "49.9"), False),
        (("33.34", "33.34", "33.34"), False),
        (("110", "-10"), False),
    ],
)
def test_what_counts_as_all_of_it(typed, whole):
    """Shares rounded to the second place may miss by what rounding took away, and by no more."""
    assert is_whole([Decimal(t) for t in typed]) is whole


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "forty", "33.3"),
        ("de", "vierzig", "33,3"),
        ("fr", "quarante", "33,3"),
        ("en", "150", "more than all of it"),
        ("en", "-5", "more than 0"),
        ("de", "33.5.1", "33,3"),
    ],
)
def test_a_share_that_is_none(ines, language, text, words):
    """What is no share is refused with one that fits, in the language of the window; what was kept before stays."""
    story = Plain(ines).known()
    (centre,) = centres(story, "A")
    story.plan().arrive()
    story.visit.need.set_share(centre, "25 %")
    with i18n.language(language):
        story.visit.need.set_share(centre, text)
        (row,) = story.visit.need.state.shares
    assert words in row.error
    assert "1,234" not in row.error
    assert [a.share_percent for a in story.bundle.allocations] == [25]


def test_a_supply_with_a_cost_centre_of_its_own(ines, office):
    """An hour at 60.00 shared 70/30 and a screen of 249.90 for the surgery alone: each bears its part, on site and booked."""
    from techkit.central import posting, review

    story = Plain(ines).known()
    story.rates(hourly=6000, travel=1800)
    front, surgery, store = centres(story, "FRONT", "SURG", "STORE", approved=30_000)
    story.plan().arrive()
    story.visit.need.set_share(front, "70")
    story.visit.need.set_share(surgery, "30")
    story.use("Screen", "249.90", cost_centre_id=surgery).use("Shelf labels", "8.35", cost_centre_id=store)
    story.use("Cable", "7.21")
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    # 60.00 + 18.00 + 7.21 = 85.21 are shared: 59.647 and 25.563; the odd cent goes to the larger remainder.
    parts = {s.centre.code: s.amount_minor for s in shares(story.bundle)}
    assert parts == {"FRONT": 5965, "SURG": 2556 + 24_990, "STORE": 835}
    assert sum(parts.values()) == charges(story.bundle).total_minor == 34_346
    rows = {row.label.split(",")[0]: row for row in story.visit.sign_off.state.money.budgets}
    assert rows["SURG"].label.replace("\u00a0", " ") == "SURG, 30 % and €249.90 of its own"
    assert rows["STORE"].label == "STORE, its own lines"
    assert [rows[code].standing for code in ("FRONT", "SURG", "STORE")] == ["within", "warn", "within"]
    assert "€24.54 left" in rows["SURG"].sentence
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None, note="Seen.")
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    codes = {c.id: c.code for c in held.cost_centres}
    spent = {codes[b.cost_centre_id]: b.actual_minor for b in held.budgets}
    assert spent == parts
    booked = {codes[e.cost_centre_id] for e in held.cost_entries if e.label == "Screen"}
    assert booked == {"SURG"}


def test_only_the_supplies_have_a_cost_centre(ines):
    """No shares at all: the work is the customer's, the toner one centre's; nothing is said of 100 %, totals agree."""
    story = Plain(ines).known()
    story.rates(hourly=6000)
    (centre,) = centres(story, "PRINT", approved=5000)
    story.plan().arrive().use("Toner", "61.00", cost_centre_id=centre)
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    (share,) = shares(story.bundle)
    assert (share.share_percent, share.amount_minor) == (0, 6100)
    raised = {f.rule: f for f in flags(story.bundle)}
    assert "allocation_not_whole" not in raised
    assert "PRINT" in raised["budget_stop"].sentence
    by_centre = {e.cost_centre_id: e.amount_minor for e in booking(story.bundle, new_id).entries}
    assert by_centre == {None: 6000, centre: 6100}


def test_an_internal_page_names_the_centre_of_each_part(ines):
    """An internal customer's page says which centre bears how much, also where a supply has its own."""
    story = Plain(ines).known(engagement="internal")
    story.rates(hourly=4400)
    one, two = centres(story, "LS-TRN", "LS-IT")
    story.plan().arrive()
    story.visit.need.set_share(one, "100")
    story.use("Adapter", "12.00", cost_centre_id=two)
    ines.clock.go_to("2026-11-24 10:00")
    story.sign()
    text = text_of(story.pdf)
    assert "€44.00 to cost centre LS-TRN." in text
    assert "€12.00 to cost centre LS-IT." in text


def test_what_other_visits_left_reads_only_what_counts(ines, monkeypatch):
    """Years of visits nobody booked: only those of the budget's own year are read, and never their checks or photos."""
    story = Plain(ines).known()
    card = story.rates(hourly=6000)
    (centre,) = centres(story, "A", approved=100_000)
    from datetime import UTC, datetime, timedelta

    from techkit.records.budget import Allocation

    begun = datetime(2026, 1, 7, 9, tzinfo=UTC)
    for number in range(60):
        at, visit_id = begun - timedelta(days=20 * number - 200), new_id()
        state = ReviewState.POSTED if number == 3 else ReviewState.RECEIVED
        ines.store.save(
            VisitRecord(
                id=visit_id, customer_id=story.customer, arrived_at=at, rate_card_id=card, review_state=state
            ),
            Allocation(
                id=new_id(), visit_id=visit_id, cost_centre_id=centre, share_percent=Decimal(100)
            ),
            LabourSegment(id=new_id(), visit_id=visit_id, started_at=at, elapsed_s=3600),
        )  # fmt: skip
    story.plan()
    asked: list[str] = []
    find = type(ines.store).find

    def counting(store, cls, **equals):
        found = find(store, cls, **equals)
        asked.extend([cls.__name__] * len(found))
        return found

    monkeypatch.setattr(type(ines.store), "find", counting)
    found = unbooked(ines.store, story.visit.held.visit, date(2026, 11, 24))
    # 26 July, 6 July, 16 June (booked already), … back to 7 January: ten of this year that are not booked.
    assert list(found.amounts.values()) == [10 * 6000]
    assert asked.count("Visit") == asked.count("LabourSegment") == 10
    assert not set(asked) & {"DiagnosticRun", "InventorySnapshot", "Attachment", "Signature"}


def test_a_cost_centre_bears_costs_only_while_it_is_in_use(ines) -> None:
    """On 24 November: one that ended on the 23rd and one from December are not offered; named all the same, the reviewer is told."""
    told = Plain(ines).known()
    told.rates(hourly=6000)
    old, now, coming = (new_id() for _n in range(3))
    ines.store.save(
        CostCentre(id=old, customer_id=told.customer, code="OLD", valid_until=date(2026, 11, 23)),
        CostCentre(id=now, customer_id=told.customer, code="NOW", valid_from=date(2026, 11, 24), valid_until=date(2026, 11, 24)),
        CostCentre(id=coming, customer_id=told.customer, code="COMING", valid_from=date(2026, 12, 1)),
    )  # fmt: skip
    told.plan().arrive()
    assert [row.label for row in told.visit.need.cost_shares.rows()] == ["NOW"]
    told.visit.need.set_share(now, "50")
    told.visit.need.set_share(old, "30")
    told.visit.need.set_share(coming, "20")
    assert [row.label for row in told.visit.need.cost_shares.rows()] == ["OLD", "NOW", "COMING"]
    ines.clock.go_to("2026-11-24 10:00")
    told.sign()
    said = [f.sentence.replace("\u00a0", " ") for f in flags(told.bundle) if f.rule == "centre_not_valid"]
    assert said == [
        "Cost centre OLD bears costs until 23 November 2026 only.",
        "Cost centre COMING bears costs from 1 December 2026 on.",
    ]
