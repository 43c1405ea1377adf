"""The tables: one of each declared kind, whose rows say all that a record says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from techkit.records import catalogue, encoding, merging
from techkit.records.identity import new_id
from techkit.records.schema import FieldSpec, Record, RecordSpec, ValueType, bare_type
from techkit.store.database import Store
from techkit.store.tables import Table

PLAIN = {
    ValueType.TEXT: "Bäckerei 🥐 “x”",
    ValueType.REFERENCE: "0190d5a0-0000-7000-8000-000000000001",
    ValueType.INTEGER: 2**40,
    ValueType.MONEY: -109_90,
    ValueType.QUANTITY: Decimal("1.50"),
    ValueType.DATE: date(2026, 11, 23),
    ValueType.INSTANT: datetime(2026, 11, 23, 9, 10, 0, 250_000, tzinfo=UTC),
}


def filled(spec: RecordSpec) -> Record:
    """Return a record of a kind in which every plain field says something else than its default."""

    def value(field: FieldSpec) -> Any:
        if field.value_type is ValueType.TRUTH:
            return not field.default
        if field.value_type is ValueType.CHOICE:
            last = list(field.choices)[-1]
            return encoding.decode(field, int(last) if bare_type(field.annotation) is int else last)
        if field.value_type is ValueType.TEXTS:
            return ("styles", "mail merge")
        return PLAIN.get(field.value_type, field.default)

    return spec.cls(id=new_id(), **{field.name: value(field) for field in spec.fields})


def test_every_kind_has_a_strict_table_with_all_its_columns(store: Store) -> None:
    """SQLite itself refuses what a declared column does not take."""
    for spec in catalogue.every():
        row = store.connection.one("SELECT sql FROM sqlite_master WHERE name = ?", (spec.kind,))
        assert row is not None
        assert row[0].rstrip().endswith("STRICT")
        assert [name for name, _type in encoding.columns(spec) if f'"{name}"' not in row[0]] == []


def test_rows_give_back_what_they_took(store: Store) -> None:
    """An empty record and a full one of every kind come back as they were, with who wrote each field."""
    lost = {}
    for spec in catalogue.every():
        table = Table(spec)
        for held in (spec.cls(id=new_id()), filled(spec)):
            values = encoding.to_document(held)
            clocks = {"by": {new_id(): (1, new_id(), "Mara Beispiel", list(values))} if values else {}}
            state = merging.load(spec.kind, held.id, "tenant", values, clocks)
            with store.connection.transaction():
                store.connection.execute(table.upsert_sql, table.values_of_state(state))
            kept = store.connection.one(f"{table.select_sql} WHERE id = ?", (held.id,))
            assert kept is not None
            if table.record(kept) != held or merging.canonical(table.state(kept)) != merging.canonical(state):
                lost[spec.kind] = (table.record(kept), held)
    assert lost == {}
