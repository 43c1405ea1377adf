"""Records are declared once; table, message, form, rows, search and documentation follow."""

from __future__ import annotations

from techkit.i18n import N_
from techkit.records import catalogue, encoding, schema, wording
from techkit.records.parties import Contact
from techkit.records.schema import Audience, Editor, Record, SyncClass, field


def test_forms_offer_only_what_the_editor_may_change() -> None:
    """The technician's form of a person leaves out what the office decides."""
    names = {f.name for f in schema.form_fields(schema.spec_of(Contact), Editor.TECHNICIAN)}
    assert "skill" in names
    assert "may_approve_minor" not in names


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
