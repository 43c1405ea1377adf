"""Folding operations: the same in every order, and nothing overwritten that nobody saw."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.records import parties, review, visit  # noqa: F401 - the kinds the rules below name
from techkit.records.operations import REMOVAL, Action, Change, Operation, RecordState, technician_scope
from techkit.records.schema import spec_for
from techkit.sync import merge
from techkit.sync.merge import Author
from techkit.sync.problems import ProblemCode

RECORD = "01900000-0000-7000-8000-00000000000f"


def op_id(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


def op(
    number: int,
    fields: dict[str, tuple[Any, str]] | None = None,
    *,
    hlc: int = 0,
    device: str = "a",
    action: Action = Action.PUT,
    reason: str = "",
    entity: str = "contact",
    scope: str = "customer:x",
) -> Operation:
    return Operation(
        op_id=op_id(number),
        device=device,
        hlc=hlc or number,
        scope=scope,
        entity=entity,
        record_id=RECORD,
        action=action,
        fields={name: Change(*given) for name, given in (fields or {}).items()},
        actor=f"person on {device}",
        reason=reason,
    )


def all_folded(operations: Iterable[Operation]) -> RecordState | None:
    """Return the state after all operations of one record; None for none."""
    state: RecordState | None = None
    for one in operations:
        state = merge.fold(state, one, one.hlc)
    return state


def folded(*operations: Operation) -> RecordState:
    state = all_folded(operations)
    assert state is not None
    return state


# --- histories nobody would write by hand ---------------------------------------------------------


class Writer:
    """A device that writes what it likes on what it has seen so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[Operation] = []

    def state(self) -> RecordState | None:
        return all_folded(self.seen)


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """Draw what up to three devices write, each knowing only what it was told; clocks are arbitrary."""
    devices = [Writer(name) for name in "abc"[: draw(st.integers(1, 3))]]
    everything: list[Operation] = []
    for number in range(1, draw(st.integers(1, 10)) + 1):
        writer = draw(st.sampled_from(devices))
        state = writer.state()
        kinds = ["edit", "edit", "edit"]
        if state is not None:
            kinds += ["decide", "remove", "restore"]
        kind = draw(st.sampled_from(kinds))
        hlc = draw(st.integers(1, 50))
        name = draw(st.sampled_from(["skill", "phone"]))
        held = draw(st.integers(0, 3))
        if kind == "remove" and state is not None:
            made = op(number, hlc=hlc, device=writer.name, action=Action.REMOVE, reason="twice")
            made = _with(made, REMOVAL, merge.removal(state))
        elif kind == "restore" and state is not None:
            made = op(number, hlc=hlc, device=writer.name, action=Action.RESTORE)
            made = _with(made, REMOVAL, merge.restoration(state))
        elif kind == "decide" and state is not None and name in state.clocks:
            made = _with(op(number, hlc=hlc, device=writer.name), name, merge.decision(state, name, held))
        else:
            made = _with(op(number, hlc=hlc, device=writer.name), name, merge.change(state, name, held))
        everything.append(made)
        for device in devices:
            if device is writer or draw(st.booleans()):
                device.seen.append(made)
    return everything


def _with(made: Operation, name: str, change: Change) -> Operation:
    import dataclasses

    return dataclasses.replace(made, fields={name: change})


@given(histories(), st.randoms(use_true_random=False))
def test_every_order_of_arrival_gives_the_same_state(history: list[Operation], chance: random.Random) -> None:
    """The fold of a set of operations does not depend on the order in which they arrive."""
    expected = merge.canonical(folded(*history))
    for _try in range(6):
        shuffled = list(history)
        chance.shuffle(shuffled)
        assert merge.canonical(folded(*shuffled)) == expected


@given(histories(), st.randoms(use_true_random=False))
def test_a_repeated_operation_changes_nothing(history: list[Operation], chance: random.Random) -> None:
    """Operations that arrive again, at any time, leave the state as it is."""
    expected = merge.canonical(folded(*history))
    repeated = history + [chance.choice(history) for _n in range(5)]
    chance.shuffle(repeated)
    assert merge.canonical(folded(*repeated)) == expected


@given(histories())
def test_no_value_is_replaced_unseen_without_a_conflict(history: list[Operation]) -> None:
    """A field's last values are either named as seen by a later one, equal to what holds, or to be decided."""
    state = folded(*history)
    for name in ("skill", "phone"):
        written = {one.op_id: one.fields[name] for one in history if name in one.fields}
        named = {base for change in written.values() for base in change.base.split()}
        unseen = {identity for identity in written if identity not in named}
        told = {conflict.field: conflict for conflict in merge.conflicts(state)}.get(name)
        shown = {told.kept.op_id, *(side.op_id for side in told.others)} if told else set()
        for identity in unseen - shown:
            assert written[identity].value == state.values[name]
        assert (told is not None) is (len({written[identity].value for identity in unseen}) > 1)


@given(histories())
def test_an_operation_wins_over_the_one_it_names_whatever_the_clocks(history: list[Operation]) -> None:
    """What an author saw and replaced never holds again, also when his clock was years behind."""
    state = folded(*history)
    for name in ("skill", "phone"):
        for one in history:
            if name in one.fields and name in state.clocks:
                assert state.clocks[name][2] not in one.fields[name].base.split()


@given(histories())
def test_a_kept_state_comes_back_as_it_was(history: list[Operation]) -> None:
    """A state written as JSON and read again says the same and goes on folding the same."""
    state = folded(*history)
    document = json.loads(json.dumps(merge.clocks_document(state)))
    back = merge.load(state.entity, RECORD, state.scope, copy.deepcopy(state.values), document)
    assert merge.canonical(back) == merge.canonical(state)
    later = _with(op(99, hlc=99), "skill", merge.change(state, "skill", 7))
    assert merge.canonical(merge.fold(back, later, 99)) == merge.canonical(merge.fold(state, later, 99))


# --- the cases by name -----------------------------------------------------------------------------


def test_different_fields_join() -> None:
    """Two people who edit different fields of one contact both keep what they wrote."""
    made = op(1, {"skill": (2, ""), "phone": ("0551-100", "")})
    skill = op(2, {"skill": (3, op_id(1))}, device="a")
    phone = op(3, {"phone": ("0551-117", op_id(1))}, device="b")
    for order in itertools.permutations([made, skill, phone]):
        state = folded(*order)
        assert state.values == {"skill": 3, "phone": "0551-117"}
        assert merge.conflicts(state) == ()


def test_the_same_field_twice_is_a_conflict_and_the_latest_holds_meanwhile() -> None:
    """Two values for one field are both kept, with author and time, and the later one holds."""
    made = op(1, {"note": ("Ring twice", "")}, hlc=10)
    one = op(2, {"note": ("Code 4471", op_id(1))}, hlc=20, device="a")
    other = op(3, {"note": ("Rear door", op_id(1))}, hlc=30, device="b")
    state = folded(made, other, one)
    assert state.values == {"note": "Rear door"}
    (conflict,) = merge.conflicts(state)
    assert (conflict.field, conflict.kept.value, conflict.kept.actor) == ("note", "Rear door", "person on b")
    assert [(side.value, side.order, side.device) for side in conflict.others] == [("Code 4471", 20, "a")]


def test_the_same_value_twice_is_no_conflict() -> None:
    """Two people who write the same need not decide anything, also after the next edit."""
    made = op(1, {"skill": (2, "")})
    state = folded(made, op(2, {"skill": (3, op_id(1))}), op(3, {"skill": (3, op_id(1))}, device="b"))
    assert merge.conflicts(state) == ()
    later = _with(op(4), "skill", merge.change(state, "skill", 4))
    assert merge.conflicts(merge.fold(state, later, 4)) == ()


def test_an_edit_of_the_shown_value_leaves_the_other_to_be_decided() -> None:
    """Going on with the value that holds does not wipe out the one nobody looked at."""
    made = op(1, {"note": ("base", "")})
    state = folded(made, op(2, {"note": ("one", op_id(1))}), op(3, {"note": ("two", op_id(1))}, device="b"))
    state = merge.fold(state, _with(op(4), "note", merge.change(state, "note", "three")), 4)
    (conflict,) = merge.conflicts(state)
    assert (conflict.kept.value, [side.value for side in conflict.others]) == ("three", ["one"])


def test_a_decision_settles_the_conflict_everywhere() -> None:
    """A decision names all values it looked at; an edit it had not seen opens the conflict again."""
    made = op(1, {"note": ("base", "")})
    rivals = [op(2, {"note": ("one", op_id(1))}), op(3, {"note": ("two", op_id(1))}, device="b")]
    state = folded(made, *rivals)
    decided = _with(op(4, hlc=1, device="office"), "note", merge.decision(state, "note", "one"))
    for order in itertools.permutations([made, *rivals, decided]):
        state = folded(*order)
        assert state.values == {"note": "one"}
        assert merge.conflicts(state) == ()
    late = op(5, {"note": ("late", op_id(2))}, device="c")
    assert len(merge.conflicts(merge.fold(state, late, 5))) == 1


def test_a_removed_record_stays_removed() -> None:
    """A removal by somebody who saw everything hides the record and says why."""
    made = op(1, {"skill": (2, "")})
    gone = _with(op(2, action=Action.REMOVE, reason="twice"), REMOVAL, merge.removal(folded(made)))
    for order in itertools.permutations([made, gone]):
        state = folded(*order)
        assert (state.is_removed, state.reason) == (True, "twice")
        assert merge.conflicts(state) == ()


def test_removed_but_edited_is_a_decision() -> None:
    """An edit that the removal had not seen keeps the record visible until somebody decides."""
    made = op(1, {"skill": (2, "")})
    gone = _with(op(2, action=Action.REMOVE, reason="twice"), REMOVAL, merge.removal(folded(made)))
    edit = op(3, {"skill": (3, op_id(1))}, device="b")
    for order in itertools.permutations([made, gone, edit]):
        state = folded(*order)
        assert not state.is_removed
        (conflict,) = merge.conflicts(state)
        assert conflict.field == REMOVAL
        assert [(side.actor, side.value) for side in conflict.others] == [("person on b", {"skill": 3})]
    again = _with(op(4, action=Action.REMOVE), REMOVAL, merge.removal(state))
    assert merge.fold(copy.deepcopy(state), again, 4).is_removed
    back = _with(op(4, action=Action.RESTORE), REMOVAL, merge.restoration(state))
    restored = merge.fold(state, back, 4)
    assert (restored.is_removed, merge.conflicts(restored)) == (False, ())


def test_what_a_newer_techkit_does_is_kept_apart() -> None:
    """Unknown fields fold like known ones; an unknown action changes nothing here."""
    made = op(1, {"mood": ("sunny", "")})
    strange = op(2, {"mood": ("other", op_id(1))})
    object.__setattr__(strange, "action", "merge_into")
    assert folded(made, strange).values == {"mood": "sunny"}


def test_operations_that_name_each_other_do_no_harm() -> None:
    """A forged circle of bases leaves the field empty and goes on."""
    circle = [op(1, {"skill": (1, op_id(2))}), op(2, {"skill": (2, op_id(1))})]
    assert merge.canonical(folded(*circle)) == merge.canonical(folded(*reversed(circle)))
    assert folded(*circle).values == {}


# --- who may write what ----------------------------------------------------------------------------


def _visit(**values: Any) -> RecordState:
    return RecordState(entity="visit", record_id=RECORD, scope="customer:x", values=values)


@pytest.mark.parametrize(
    ("entity", "author", "expected"),
    [
        ("contract", Author.DEVICE, ProblemCode.OFFICE_ONLY),
        ("contract", Author.OFFICE, None),
        ("decision", Author.DEVICE, ProblemCode.OFFICE_ONLY),
        ("contact", Author.DEVICE, None),
        ("comment", Author.OFFICE, None),
        ("made_by_a_newer_one", Author.DEVICE, None),
    ],
)
def test_each_class_has_its_writers(entity: str, author: Author, expected: ProblemCode | None) -> None:
    """Reference and staff-owned records come from the office only; the others from both."""
    from techkit.records import assets  # noqa: F401 - declares the contract

    spec = None if entity == "made_by_a_newer_one" else spec_for(entity)
    found = merge.refusal(spec, None, None, op(1, {"name": ("x", "")}, entity=entity), author)
    assert (found.code if found else None) == expected


def test_a_device_keeps_reference_data_of_its_own() -> None:
    """The local rate card of a device that was never enrolled goes into the device's own scope."""
    from techkit.records import assets  # noqa: F401 - declares the rate card

    own = op(1, {"name": ("Local", "")}, entity="rate_card", device="d", scope=technician_scope("d"))
    assert merge.refusal(spec_for("rate_card"), None, None, own, Author.DEVICE) is None


def test_a_submitted_visit_is_closed_until_the_office_asks() -> None:
    """A technician's change to a submitted visit is refused; after a question it is welcome."""
    late = op(9, {"summary_for_customer": ("late", "")}, entity="visit")
    spec = spec_for("visit")
    closed = _visit(work_state="submitted")
    found = merge.refusal(spec, closed, closed, late, Author.DEVICE)
    assert found is not None
    assert found.code == ProblemCode.VISIT_SUBMITTED
    asked = _visit(work_state="submitted", review_state="queried")
    assert merge.refusal(spec, asked, asked, late, Author.DEVICE) is None
    assert merge.refusal(spec_for("query"), None, closed, op(8, entity="query"), Author.DEVICE) is None


def test_a_fact_is_written_once() -> None:
    """The same fact again is a repeat; another content under the same id is refused."""
    spec = spec_for("labour_segment")
    first = op(1, {"elapsed_s": (60, "")}, entity="labour_segment")
    state = folded(first)
    same = op(2, {"elapsed_s": (60, "")}, entity="labour_segment")
    other = op(3, {"elapsed_s": (90, "")}, entity="labour_segment")
    assert merge.refusal(spec, state, None, same, Author.DEVICE) is None
    found = merge.refusal(spec, state, None, other, Author.DEVICE)
    assert found is not None
    assert found.code == ProblemCode.FACT_CHANGED


def test_fields_of_the_other_end_are_named() -> None:
    """A device may not write the review; the office may not write what the technician found."""
    spec = spec_for("visit")
    given_fields = {"review_state": ("approved", ""), "internal_note": ("x", ""), "mood": ("new", "")}
    made = op(1, given_fields, entity="visit")
    assert merge.foreign_fields(spec, made, Author.DEVICE) == ("review_state",)
    assert merge.foreign_fields(spec, made, Author.OFFICE) == ("internal_note",)
