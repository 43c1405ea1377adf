"""What a reply brings, as the view shows it: many new records written at once, beside those that are folded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.merging import fold
from techkit.records.operations import Change, Operation, pack, pack_id, unpack_id, unpack_ids
from techkit.records.parties import Contact
from techkit.records.visit import SupplyUse
from techkit.store.answer import Answer, Confirmed
from techkit.store.database import Store

SCOPE = f"customer:{new_id()}"
DEVICE = new_id()
MANY = 130


def _operation(entity: str, hlc: int, *, base: str = "", **values: object) -> Operation:
    return Operation(
        op_id=new_id(), device=DEVICE, hlc=hlc, scope=SCOPE, entity=entity, record_id=new_id(), actor="Jonas Muster",
        fields={name: Change(value=held, base=base) for name, held in values.items()},
    )  # fmt: skip


def _many(hlc: int) -> list[Operation]:
    """Return first words about many records: nearly all alike, some of them odd in the middle."""
    visit_id = new_id()
    plain = [
        _operation("troubleshooting", hlc + n, visit_id=visit_id, title=f"Größe {n}", note_internal="Δ" * n)
        for n in range(MANY)
    ]
    # Two wrote them, one after the other and in turn.
    plain = [replace(op, actor="Mara Beispiel") if n % 3 == 0 else op for n, op in enumerate(plain)]
    used = [_operation("supply_use", hlc + n, visit_id=visit_id, name=f"Kabel {n}") for n in range(MANY)]
    people = [_operation("contact", hlc + n, family_name="Muster", is_away=bool(n % 2)) for n in range(MANY)]
    odd = [
        _operation("supply_use", hlc, visit_id=visit_id, name=None),
        _operation("supply_use", hlc, visit_id=visit_id, name=7),
        _operation("supply_use", hlc, visit_id=visit_id, name="a\x00b"),
        _operation("supply_use", hlc, base=new_id(), visit_id=visit_id, name="after another"),
        _operation("supply_use", hlc, visit_id=visit_id, name="newer", of_a_newer_techkit={"a": [1]}),
        _operation("supply_use", hlc),
        replace(_operation("supply_use", hlc, visit_id=visit_id, name="by staff"), device="office"),
        _operation("from_a_newer_techkit", hlc, name="unknown"),
    ]
    return [*plain[:60], *odd, *used, *plain[60:], *people]


def _answer(ops: list[Operation], first: int = 1) -> Answer:
    changes = [Confirmed(SCOPE, seq, op.hlc, pack(op)) for seq, op in enumerate(ops, first)]
    return Answer(granted=[SCOPE], changes=changes)


@pytest.mark.parametrize("hlc", [1 << 57, 5])
def test_many_new_records_are_what_folding_each_gives(store: Store, hlc: int) -> None:
    """Rows written many at once say what the fold of their operation says, whoever wrote it, early or late."""
    ops = _many(hlc)
    store.take(_answer(ops))
    for op in ops:
        assert store.replica.base(op.entity, op.record_id) == fold(None, op, op.hlc), op
    assert len(store.find(Troubleshooting, limit=1000)) == MANY
    assert len(store.find(SupplyUse, limit=1000)) == MANY + 7
    assert len(store.find(Contact, limit=1000)) == MANY


def test_a_record_that_is_here_is_folded_and_not_written_anew(store: Store) -> None:
    """Among many new records one that was here keeps what it says, with the new word on top."""
    held, *rest = [op for op in _many(1 << 57) if op.entity == "supply_use"]
    known = rest[70]
    store.take(_answer([replace(known, op_id=new_id(), fields={"serial_in": Change(value="SN-1")})]))
    store.take(_answer([held, *rest], first=2))
    state = store.replica.base("supply_use", known.record_id)
    assert state is not None
    assert state.values == {
        "serial_in": "SN-1",
        "visit_id": known.fields["visit_id"].value,
        "name": known.fields["name"].value,
    }
    assert len(store.find(SupplyUse, limit=1000)) == len(rest) + 1


def test_ids_are_read_many_at_a_time_as_one_by_one() -> None:
    """The texts of packed ids are the same; what is none is refused."""
    packed = [held for _n in range(9) if isinstance(held := pack_id(new_id()), bytes)]
    assert unpack_ids(packed) == [unpack_id(held) for held in packed]
    assert unpack_ids([]) == []
    for odd in (b"short", "office", 7):
        with pytest.raises(ValueError, match="16 bytes"):
            unpack_ids([*packed, odd])  # type: ignore[list-item] # what a hostile service may send
