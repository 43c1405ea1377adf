"""Records are declared once; table, message, form, rows, search and documentation follow."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import N_
from techkit.records import catalogue, encoding, entering, schema, wording
from techkit.records.activities import Attendance, Proof, Training, Upgrade
from techkit.records.parties import Contact, Customer
from techkit.records.schema import Audience, Editor, Record, SyncClass, field
from techkit.records.visit import SupplyUse, Visit, WorkState


def _training() -> Training:
    return Training(
        id="t1",
        visit_id="v1",
        title="Styles",
        topics=("styles", "mail merge"),
        attendance=(Attendance(contact_id="c1", skill_before=1, skill_after=3),),
        evidence=(Proof(source="reading", subject="x"),),
    )


@pytest.mark.parametrize("spec", catalogue.every(), ids=lambda s: s.kind)
def test_every_kind_can_be_made_empty_and_survives_message_and_row(spec: schema.RecordSpec) -> None:
    """An empty record of each kind equals itself after message and table row."""
    held = spec.cls(id="r1")
    assert encoding.from_document(spec.kind, "r1", encoding.to_document(held)) == held
    assert encoding.from_row(spec, encoding.to_row(held), {}) == held


@pytest.mark.parametrize("spec", catalogue.every(), ids=lambda s: s.kind)
def test_every_kind_makes_a_strict_table(spec: schema.RecordSpec) -> None:
    """SQLite takes the derived columns as a STRICT table, and takes the record's row."""
    connection = sqlite3.connect(":memory:")
    columns = ", ".join(f'"{name}" {kind}' for name, kind in encoding.columns(spec))
    connection.execute(f'create table "{spec.kind}" ({columns}) strict')
    row = encoding.to_row(spec.cls(id="r1"))
    marks = ", ".join("?" for _name in row)
    connection.execute(f'insert into "{spec.kind}" values ({marks})', list(row.values()))
    connection.close()


def test_structures_instants_and_quantities_survive_message_and_row() -> None:
    """Nothing is lost or rounded between record, message and row."""
    visit = Visit(
        id="v1",
        customer_id="c1",
        work_state=WorkState.ON_SITE,
        arrived_at=datetime(2026, 11, 23, 9, 10, tzinfo=UTC),
    )
    supply = SupplyUse(id="s1", visit_id="v1", name="kit", quantity=Decimal("1.50"))
    for held in (visit, supply, _training()):
        spec = schema.spec_of(held)
        assert encoding.from_document(spec.kind, held.id, encoding.to_document(held)) == held
        assert encoding.from_row(spec, encoding.to_row(held), held.extra) == held


def test_what_a_newer_techkit_wrote_is_kept_and_passed_on() -> None:
    """Unknown fields and unknown choices come back out as they came in."""
    document = {**encoding.to_document(_training()), "mood": "sunny", "origin": "robot"}
    held = encoding.from_document("training", "t1", document)
    assert encoding.to_document(held) == document


def test_a_changed_field_replaces_the_kept_newer_value() -> None:
    """A person's own choice wins over a kept value techkit could not read."""
    held = encoding.from_document("training", "t1", {"visit_id": "v", "title": "x", "method": 7})
    assert isinstance(held, Training)
    changed = schema.replace(held, method="group")
    assert encoding.to_document(changed)["method"] == "group"


def test_changed_fields_names_exactly_what_differs() -> None:
    """Only changed fields travel; emptying a field travels as its empty value."""
    before = Visit(id="v1", customer_id="c1", purpose="slow")
    after = schema.replace(before, purpose="", is_large_print=True)
    assert encoding.changed_fields(before, after) == {"is_large_print": True, "purpose": ""}
    assert encoding.changed_fields(None, before) == {"customer_id": "c1", "purpose": "slow"}


def test_text_is_cleaned_where_it_enters() -> None:
    """NUL goes, lone surrogates become U+FFFD, one-line fields stay on one line, NFC."""
    assert entering.clean_text("a\0b") == "ab"
    assert entering.clean_text("x\ud800y") == "x\ufffdy"
    assert entering.clean_text(" a\r\n b ") == "a b"
    assert entering.clean_text("a\r\nb", multiline=True) == "a\nb"
    assert entering.clean_text("e\u0301") == "é"
    assert entering.clean_text("\u00a02.1\u00a0GB\u00a0 freed") == "2.1\u00a0GB\u00a0 freed"


def test_an_empty_or_huge_name_is_refused_with_its_way_out() -> None:
    """The sentence names the field and the limit; blanks count as empty."""
    with pytest.raises(InputError) as empty:
        entering.check(Customer(id="c1", display_name=entering.clean_text("\u00a0 ")))
    assert empty.value.field == "display_name"
    with pytest.raises(InputError) as huge:
        entering.check(Customer(id="c1", display_name="x" * 2_000_000))
    assert "2,000,000" in huge.value.title


def test_the_audience_sees_only_its_fields() -> None:
    """Notes for colleagues never reach the rows of the customer."""
    held = _training()
    held = schema.replace(held, note_internal="difficult", note_customer="went well")
    customer = dict(wording.rows(held, Audience.CUSTOMER))
    assert "went well" in customer.values()
    assert "difficult" not in customer.values()
    assert "difficult" in dict(wording.rows(held, Audience.INTERNAL)).values()


def test_forms_offer_only_what_the_editor_may_change() -> None:
    """The technician's form of a person leaves out what the office decides."""
    names = {f.name for f in schema.form_fields(schema.spec_of(Contact), Editor.TECHNICIAN)}
    assert "skill" in names
    assert "may_approve_minor" not in names


def test_a_summary_line_reads_like_a_sentence() -> None:
    """An upgrade is named by product, from and to."""
    held = Upgrade(
        id="u1", visit_id="v", title="x", product="DentaBook", from_version="9.9", to_version="9.10"
    )
    assert wording.summary_line(held) == "DentaBook 9.9 → 9.10"


def test_money_and_dates_follow_the_language() -> None:
    """The same record prints amounts and dates the way each language writes them."""
    supply = SupplyUse(id="s", visit_id="v", name="kit", unit_price_minor=109_90)
    assert ("Price each", "€109.90") in wording.rows(supply, Audience.CUSTOMER)
    with i18n.language("de"):
        assert "109,90" in dict(wording.rows(supply, Audience.CUSTOMER)).popitem()[1]
        assert i18n.day(date(2026, 12, 7)) == "7. Dezember 2026"


def test_a_new_field_is_one_line() -> None:
    """One line more in a declaration reaches table, message, form, rows, search and page."""
    registry = dict(schema._registry)
    try:

        @schema.record(
            kind="sample", title="Sample", plural="Samples", sync=SyncClass.MERGED, owner="visit_id"
        )
        class Sample(Record):
            """A record with one field."""

            colour: str = field(
                label=N_("Colour"), default="", by="TS", searched=True, audience=Audience.CUSTOMER
            )

        held = Sample(id="s1", colour="teal")
        spec = schema.spec_of(held)
        assert ("colour", "TEXT") in encoding.columns(spec)
        assert encoding.to_document(held) == {"colour": "teal"}
        assert [f.name for f in schema.form_fields(spec, Editor.STAFF)] == ["colour"]
        assert wording.rows(held, Audience.CUSTOMER) == [("Colour", "teal")]
        assert wording.search_text(held) == "teal"
        assert "| `colour` | Colour | text | ST | customer |" in catalogue.describe([spec])
    finally:
        schema._registry.clear()
        schema._registry.update(registry)


def test_numbers_of_the_wrong_kind_are_not_taken() -> None:
    """Rubbish in a number field is kept aside instead of becoming a value."""
    held = encoding.from_document(
        "supply_use", "s", {"visit_id": "v", "name": "x", "unit_price_minor": 2**70, "quantity": "NaN"}
    )
    assert isinstance(held, SupplyUse)
    assert held.unit_price_minor is None
    assert held.quantity == 1
    assert held.extra == {"unit_price_minor": 2**70, "quantity": "NaN"}
