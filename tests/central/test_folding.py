"""Records follow from the history: taken without folding, folded by whoever looks first."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from techkit.central import folding, history, snapshots
from techkit.central.models import ChangedRecord, Conflict, Op, SyncScope
from techkit.central.models import Record as Row
from techkit.records.identity import new_id
from techkit.sync.problems import ProblemCode
from tests.central.devices import Kit

pytestmark = pytest.mark.usefixtures("org")


def rows() -> int:
    """Count the records that have a row, without looking at them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM record")
        return int(cursor.fetchone()[0])


def test_first_words_are_folded_when_somebody_looks(kit: Kit) -> None:
    """New records are in the history at once; their rows are there for whoever asks, and not before."""
    identity, scope, made = kit.customer()
    kit.sync(made, kit.put("site", new_id(), scope, name="Mill Lane 3", customer_id=identity))
    assert (Op.objects.count(), rows()) == (2, 0)
    assert {row.state.get("name") for row in Row.objects.all()} == {None, "Mill Lane 3"}
    head = SyncScope.objects.get(scope_id=scope)
    assert (head.folded_seq, head.next_seq) == (2, 3)
    assert ChangedRecord.objects.count() == 2


def test_looking_when_nothing_is_behind_costs_one_small_query(kit: Kit) -> None:
    """Whoever looks again pays one question more than the look itself."""
    kit.sync(kit.customer()[2])
    assert folding.catch_up() == 1
    with CaptureQueriesContext(connection) as counted:
        assert folding.catch_up() == 0
    assert len(counted) == 1


def test_a_row_says_when_its_last_operation_came_and_not_when_it_was_folded(kit: Kit) -> None:
    """A record folded late still tells the time of arrival."""
    kit.sync(kit.customer()[2])
    came = Op.objects.get().received_at
    assert Row.objects.get().updated_at == came


def test_what_is_not_folded_counts_for_what_comes_next(kit: Kit) -> None:
    """A fact, a submitted visit and a foreign scope are judged by the history, folded or not."""
    identity, scope, made = kit.customer()
    _other, other_scope, other_made = kit.customer("Other")
    visit, entry = new_id(), new_id()
    kit.sync(
        made,
        other_made,
        kit.put("visit", visit, scope, customer_id=identity, work_state="submitted"),
        kit.put("labour_segment", entry, other_scope, kind="work"),
    )
    assert rows() == 0
    reply = kit.sync(
        kit.put("supply_use", new_id(), scope, visit_id=visit, name="cable"),
        kit.put("labour_segment", entry, other_scope, kind="travel"),
        kit.put("supply_use", new_id(), other_scope, visit_id=visit, name="cable"),
    )
    assert [refused.problem.code for refused in reply.refused] == [
        ProblemCode.VISIT_SUBMITTED,
        ProblemCode.FACT_CHANGED,
        ProblemCode.OTHER_RECORD,
    ]


def test_a_conflict_with_something_unfolded_goes_back_with_the_answer(kit: Kit) -> None:
    """An edit folds its scope in the same transaction, so that both values are told at once."""
    identity, scope, made = kit.customer()
    contact = new_id()
    first = kit.put("contact", contact, scope, name="Ewa Nowak", customer_id=identity)
    kit.sync(made, first)
    assert rows() == 0
    one = kit.put("contact", contact, scope, role="front desk")
    other = kit.put("contact", contact, scope, role="manager")
    reply = kit.sync(one, other)
    assert rows() == 2
    assert [conflict.field for conflict in reply.conflicts] == ["role"]
    assert Conflict.objects.count() == 1


def test_folding_that_fails_half_way_is_done_again(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, conflicts, notes and the place reached are of one transaction."""
    identity, scope, made = kit.customer()
    kit.sync(made, kit.put("site", new_id(), scope, name="Mill Lane 3", customer_id=identity))

    def fail(*_args: Any) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(folding, "_note", fail)
        with pytest.raises(OperationalError):
            folding.catch_up()
    assert (rows(), ChangedRecord.objects.count()) == (0, 0)
    assert folding.catch_up() == 2
    assert folding.differing_records(1) == []


def test_what_comes_while_one_looks_is_no_difference(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device changes and adds records between the look at the history and the one at the records."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    real = history.whole

    def whole(org_id: int) -> Iterator[tuple[bytes, int]]:
        yield from real(org_id)
        renamed = kit.put("customer", identity, scope, display_name="Renamed")
        kit.sync(renamed, kit.put("site", new_id(), scope, name="Mill Lane 3", customer_id=identity))

    monkeypatch.setattr(history, "whole", whole)
    assert folding.differing_records(1) == []


def test_a_long_history_is_folded_in_several_transactions(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is behind, each transaction is short and the end is the same."""
    identity, scope, made = kit.customer()
    sites = [kit.put("site", new_id(), scope, name=str(n), customer_id=identity) for n in range(7)]
    kit.sync(made, *sites)
    monkeypatch.setattr(folding, "_AT_ONCE", 3)
    assert folding.catch_up() == 8
    assert folding.differing_records(1) == []


def test_a_snapshot_tells_the_place_its_records_have_reached(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes in between folding and reading is not claimed: it follows as operations."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    real = folding.fold

    def and_more(org_id: int, scopes: Any) -> int:
        done = real(org_id, scopes)
        with monkeypatch.context() as patch:
            patch.setattr(folding, "fold", real)
            kit.sync(kit.put("site", new_id(), scope, name="Mill Lane 3", customer_id=identity))
        return done

    monkeypatch.setattr(folding, "fold", and_more)
    records, (seq, digest, is_whole) = snapshots.piece(1, scope, 0)
    first = Op.objects.get(op_id=made.op_id)
    assert ([one.record_id for one in records], seq, digest, is_whole) == ([identity], 1, first.digest, True)


def test_a_snapshot_of_large_records_is_never_in_memory_whole(kit: Kit) -> None:
    """Sixty of a tenth of a megabyte: each piece is read as far as it fits, and all pieces together bring every record."""
    _identity, scope, made = kit.customer()
    kit.sync(made)
    notes = [kit.put("touch_point", new_id(), scope, note=f"{n:06d}" * 15_000) for n in range(60)]
    for start in range(0, 60, 10):
        kit.sync(*notes[start : start + 10], limit=0)
    folding.catch_up()
    seq, is_whole, found = 0, False, set()
    tracemalloc.start()
    while not is_whole:
        records, (seq, _digest, is_whole) = snapshots.piece(1, scope, seq, 300_000)
        found |= {one.record_id for one in records}
        assert len(records) <= 4
        del records
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found >= {one.record_id for one in notes}
    assert most < 3_000_000


def test_another_organisations_record_is_never_written(kit: Kit) -> None:
    """Whoever gives his record the id of somebody else's changes nothing of it."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    folding.catch_up()
    held = history.states(1, [identity])[identity]
    foreign = history.states(2, [identity])[identity]
    assert (held.is_foreign, foreign.is_foreign) == (False, True)
    foreign.changed_at = Row.objects.get().updated_at
    foreign.rev = 99
    with transaction.atomic():
        history.write_records(2, {identity: foreign})
    assert Row.objects.get(entity_id=identity).rev == 1
    assert scope == Row.objects.get().scope_id
