"""Forms with rows: options with cost and fit, quoted items, dated sources; who may decide; typing kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from techkit.errors import InputError
from techkit.records.activities import (
    InformationLookup,
    NeedsAnalysis,
    Option,
    PurchaseAssistance,
    QuotedItem,
    Source,
)
from techkit.records.assets import CentreShare, Contract, RateCard
from techkit.records.budget import CostCentre
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def entry(visit: Visit) -> object:
    (held,) = visit.held.bundle.activities
    return held


def test_options_are_rows_with_cost_and_fit(visit: Visit) -> None:
    """A new form has one empty row; empty rows are dropped; the amounts are in the visit's currency."""
    work = visit.work
    work.choose_kind("needs_analysis")
    assert work.state.form is not None
    (options,) = work.state.form.lists
    assert [row.place for row in options.rows] == [0]
    work.fill("title", "Scanning")
    work.fill("options.0.title", "One scanner")
    work.fill("options.0.cost_minor", "340.50")
    work.fill("options.0.fit", "4")
    work.add_row("options")
    work.add_row("options")
    work.fill("options.2.title", "Two scanners")
    work.add_entry()
    held = entry(visit)
    assert isinstance(held, NeedsAnalysis)
    assert held.options == (
        Option(title="One scanner", cost_minor=34050, fit=4),
        Option(title="Two scanners"),
    )


def test_a_row_is_changed_and_taken_out_of_a_saved_entry(visit: Visit) -> None:
    """What is not touched stays; a row taken out goes; undo brings the entry back as it was."""
    work = visit.work
    work.choose_kind("purchase_assistance")
    work.fill("title", "Notebooks")
    for place, product in enumerate(("A", "B", "C")):
        if place:
            work.add_row("items")
        work.fill(f"items.{place}.product", product)
        work.fill(f"items.{place}.valid_until", "2026-12-01")
    work.add_entry()
    first = entry(visit)
    assert isinstance(first, PurchaseAssistance)
    work.edit(first.id)
    work.fill("items.0.quantity", "2")
    work.remove_row("items", 1)
    work.add_entry()
    held = entry(visit)
    assert isinstance(held, PurchaseAssistance)
    day = date(2026, 12, 1)
    assert held.items == (
        QuotedItem(product="A", quantity=Decimal(2), valid_until=day),
        QuotedItem(product="C", valid_until=day),
    )
    visit.undo()
    assert entry(visit) == first


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("items.0.price_minor", "cheap", "not a number"),
        ("items.0.valid_until", "2026-13-40", "not a day"),
        ("items.0.quantity", "-1", "more than 0"),
        ("items.0.vendor", "x" * 501, "too long"),
    ],
)
def test_a_wrong_field_of_a_row_is_said_at_that_field(
    visit: Visit, name: str, typed: str, words: str
) -> None:
    """The sentence stands at the row's field, the typing stays, nothing is saved."""
    work = visit.work
    work.choose_kind("purchase_assistance")
    work.fill("title", "Notebooks")
    work.fill("items.0.product", "A")
    work.fill(name, typed)
    work.add_entry()
    assert work.state.form is not None
    field = next(f for row in work.state.form.lists[0].rows for f in row.fields if f.name == name)
    assert words in field.error
    assert field.text == typed
    assert visit.held.bundle.activities == ()


def test_a_row_without_its_name_is_not_dropped_silently(visit: Visit) -> None:
    """A price without a product is a slip: it is asked for, not thrown away."""
    form = EntryForm("purchase_assistance")
    form.fill("items.0.price_minor", "12")
    with pytest.raises(InputError) as refused:
        form.values()
    assert refused.value.field == "items.0.product"


def test_rows_being_typed_survive_the_end_of_the_program(device: Device, planned: str, visit: Visit) -> None:
    """Rows added, typed into and taken out come back with the form."""
    work = visit.work
    work.choose_kind("needs_analysis")
    work.fill("options.0.title", "One scanner")
    work.add_row("options")
    work.fill("options.1.title", "Two")
    work.remove_row("options", 0)
    again = device.open(planned)
    again.work.restore_typing()
    assert again.work.state.form is not None
    texts = [next(f.text for f in row.fields) for row in again.work.state.form.lists[0].rows]
    assert texts == ["Two"]


def test_who_may_decide_is_said_while_it_is_typed(device: Device, planned: str) -> None:
    """The limit of the person chosen, who may otherwise, quotes that ran out: beside the form."""
    store = device.store
    ilse = store.find(Contact)[0]
    store.save(replace(ilse, may_approve_minor=50_000), actor="office")
    visit = device.open(planned)
    work = visit.work
    work.choose_kind("purchase_assistance")
    assert work.state.form is not None
    offered = next(f for f in work.state.form.fields if f.name == "approver_id").choices
    assert [c.label for c in offered] == ["Nobody yet", "Ilse Baumann, up to €500.00"]
    work.fill("items.0.product", "Notebook")
    work.fill("items.0.price_minor", "899")
    work.fill("items.0.valid_until", "2026-11-20")
    work.fill("approver_id", ilse.id)
    said = " ".join(work.state.decision_lines)
    assert "Together €899.00" in said
    assert "above what Ilse Baumann may approve" in said
    assert "20 November 2026 only" in said
    work.fill("title", "Notebook")
    work.fill("decision", "accepted")
    work.add_entry()
    held = entry(visit)
    assert isinstance(held, PurchaseAssistance)
    assert (held.approver_id, held.decided_on) == (ilse.id, date(2026, 11, 23))


def test_a_source_without_a_day_gets_todays(visit: Visit) -> None:
    """Sources are dated: an answer without a day is worth nothing later."""
    work = visit.work
    work.choose_kind("information_lookup")
    work.fill("question", "Is it a virus?")
    work.fill("answer", "No.")
    work.fill("sources.0.title", "Consumer advice centre")
    work.add_entry()
    held = entry(visit)
    assert isinstance(held, InformationLookup)
    assert held.sources == (Source(title="Consumer advice centre", checked_on=date(2026, 11, 23)),)


def test_undecided_has_no_day_of_decision(visit: Visit) -> None:
    """A decision taken back takes its day along."""
    work = visit.work
    work.choose_kind("needs_analysis")
    work.fill("title", "Scanning")
    work.fill("decision", "accepted")
    work.add_entry()
    held = entry(visit)
    assert isinstance(held, NeedsAnalysis)
    assert held.decided_on == date(2026, 11, 23)
    work.edit(held.id)
    work.fill("decision", "undecided")
    work.add_entry()
    changed = entry(visit)
    assert isinstance(changed, NeedsAnalysis)
    assert changed.decided_on is None


def test_the_way_is_charged_by_the_kilometre(device: Device, planned: str) -> None:
    """Kilometres are typed as the language writes them; a wrong one is said and kept; the way can be free."""
    card = RateCard(id=new_id(), name="K", is_default=True, travel_flat_minor=1000, travel_per_km_minor=42)
    device.store.save(card)
    visit = device.open(planned)
    visit.next()
    work = visit.work
    assert work.state.travel is not None
    assert work.state.travel.has_km
    work.travel.fill_km("34.5")
    assert visit.held.visit.travel_km == Decimal("34.5")
    assert [row.label for row in work.state.money.rows if "Travel" in row.label] == [
        "Travel",
        "Travel, 34.5\u00a0km",
    ]
    for typed in ("4006381333931", "9" * 30):  # a barcode
        work.travel.fill_km(typed)
        travel = work.state.travel
        assert travel is not None
        assert "than techkit can keep" in travel.error
    work.travel.fill_km("far")
    assert work.state.travel is not None
    assert "not a number" in work.state.travel.error
    assert work.state.travel.km == "far"
    assert visit.held.visit.travel_km == Decimal("34.5")
    work.travel.charge(False)
    assert not any("Travel" in row.label for row in work.state.money.rows)


def test_a_visit_begins_with_the_shares_its_contract_agreed(device: Device, planned: str) -> None:
    """Two cost centres, 60 and 40 percent, without a press."""
    store = device.store
    customer_id = store.find(Contact)[0].customer_id
    centres = [CostCentre(id=new_id(), customer_id=customer_id, code=code) for code in ("A", "B")]
    shares = tuple(
        CentreShare(cost_centre_id=c.id, share_percent=Decimal(p))
        for c, p in zip(centres, (60, 40), strict=True)
    )
    store.save(
        *centres,
        Contract(id=new_id(), customer_id=customer_id, number="C-1", default_shares=shares),
    )
    visit = device.open(planned)
    visit.next()
    assert [a.share_percent for a in visit.held.bundle.allocations] == [Decimal(60), Decimal(40)]


def test_a_text_too_long_for_its_field_becomes_a_file(device: Device, visit: Visit) -> None:
    """The whole of it is kept, its beginning stays with the file's name, and undo takes the file out again."""
    visit.need.confirm()
    work = visit.work
    work.choose_kind("maintenance")
    long = "word " * 30_000
    work.fill("note_customer", long)
    form = work.state.form
    assert form is not None
    assert form.may_keep_whole
    work.keep_whole_text()
    form = work.state.form
    assert form is not None
    assert (form.error, form.may_keep_whole) == ("", False)
    (kept,) = visit.held.bundle.attachments
    assert device.store.attachment(kept.sha256).decode() == long
    text = next(f.text for f in (*form.fields, *form.more) if f.name == "note_customer")
    assert text.startswith("word word")
    assert text.endswith(f"word … (whole text: {kept.name})")
    assert len(text) <= 100_000
    visit.undo()
    assert not visit.held.bundle.attachments
