"""The bytes of a message: the same after a round trip, strict when read, limited while they stream in."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from techkit.records.identity import new_id
from techkit.records.operations import Action, Change, Operation, pack, unpack
from techkit.sync import problems, wire
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import (
    Ack,
    Conflict,
    ConflictSide,
    EnrolRequest,
    Placed,
    Refused,
    SyncReply,
    SyncRequest,
)
from techkit.sync.wire import MalformedError, TooLargeError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

ids = st.uuids().map(str)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

operations = st.builds(
    Operation,
    op_id=ids,
    device=ids | st.just("office"),
    hlc=st.integers(0, 2**63 - 1),
    scope=st.just("tenant") | ids.map(lambda one: f"customer:{one}"),
    entity=texts,
    record_id=ids,
    action=st.sampled_from(Action),
    fields=st.dictionaries(
        texts,
        st.builds(
            Change, value=values, base=st.just("") | ids | st.lists(ids, min_size=2, max_size=4).map(" ".join)
        ),
        max_size=4,
    ),
    actor=texts,
    reason=texts,
)


def request(*ops: Operation, **more: Any) -> SyncRequest:
    raw = [msgspec.Raw(pack(op)) for op in ops]
    return SyncRequest(protocol=1, device=new_id(), token="token", ops=raw, **more)


@given(operations)
def test_operations_survive_every_form(op: Operation) -> None:
    """Packed, as a JSON object and inside a message, an operation says the same."""
    assert unpack(pack(op)) == op
    assert wire.operation_of(msgspec.json.decode(msgspec.json.encode(wire.operation_document(op)))) == op
    asked = request(op)
    for content_type in (wire.MESSAGEPACK, wire.JSON):
        back = wire.decode(wire.encode(asked, content_type), SyncRequest, content_type=content_type)
        assert [unpack(bytes(raw)) for raw in back.ops] == [op]


@given(operations)
def test_what_is_allowed_inside_an_operation_has_no_problem(op: Operation) -> None:
    """Ordinary values pass; only NUL, at any depth, which PostgreSQL cannot hold, is told."""
    told = (msgspec.json.encode(change.value).decode() for change in op.fields.values())
    has_nul = any(r"\u0000" in text.replace(r"\\", "") for text in told)
    assert (wire.check_fields(len(pack(op)), op.fields) is not None) == has_nul


def test_replies_survive_compressed_and_as_messagepack() -> None:
    """All parts of a reply arrive as they were sent."""
    op = Operation(op_id=new_id(), device="office", hlc=1, scope="tenant", entity="x", record_id=new_id())
    side = ConflictSide(op_id=new_id(), value={"a": [1]}, actor="M", device="office", order=5)
    reply = SyncReply(
        epoch="e",
        token="t",
        now_ms=5,
        acks=[Ack(new_id(), 1, 2)],
        refused=[Refused(new_id(), problems.problem(ProblemCode.FACT_CHANGED, field="x"))],
        changes=[Placed("tenant", 1, 2, msgspec.Raw(pack(op)))],
        cursors={"tenant": (1, "00" * 8)},
        conflicts=[
            Conflict(
                id="c", scope="s", entity="e", record_id="r", field="f", kept=side, others=[side], base=side
            )
        ],
        more=True,
    )
    body = wire.compress(wire.encode(reply))
    back = wire.decode(body, SyncReply, content_encoding="zstd")
    assert unpack(bytes(back.changes[0].op)) == op
    assert msgspec.structs.replace(back, changes=[]) == msgspec.structs.replace(reply, changes=[])
    assert b'"op_id":"' + op.op_id.encode() in wire.encode(reply, wire.JSON)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_message_or_malformed(body: bytes) -> None:
    """Whatever arrives, reading it gives a message or the one expected error."""
    for content_type in (wire.MESSAGEPACK, wire.JSON):
        for encoding in ("", "zstd"):
            with contextlib.suppress(MalformedError, TooLargeError):
                wire.decode(body, SyncRequest, content_type=content_type, content_encoding=encoding)


def test_a_body_cut_anywhere_is_refused() -> None:
    """A compressed message that ends early, at any byte, is no message."""
    op = Operation(op_id=new_id(), device="office", hlc=1, scope="tenant", entity="x", record_id=new_id())
    body = wire.compress(wire.encode(request(op)))
    for end in range(len(body)):
        with pytest.raises(MalformedError):
            wire.decode(body[:end], SyncRequest, content_encoding="zstd")
    with pytest.raises(MalformedError):
        wire.decode(body + b"\x00", SyncRequest, content_encoding="zstd")


def test_limits_hold_while_streaming() -> None:
    """A bomb is cut where the limit is reached, and no more than that is ever unpacked or read."""
    bomb = zstandard.ZstdCompressor(level=19).compress(b"\x00" * (2 * wire.MAX_EXPANDED_BYTES))
    with pytest.raises(TooLargeError):
        wire.expand(bomb, "zstd")
    honest = b"".join(new_id().encode() for _n in range(1000))
    assert wire.expand(wire.compress(honest), "zstd") == honest

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLargeError):
        wire.read_limited(endless)
    assert endless.given <= wire.MAX_COMPRESSED_BYTES + 65536


def test_a_frame_that_holds_more_than_it_says_is_refused() -> None:
    """Room is made for what a frame promises; whatever goes beyond it is no message."""
    honest = b"".join(new_id().encode() for _n in range(100))
    body = bytearray(wire.compress(honest))
    size = zstandard.get_frame_parameters(bytes(body)).content_size
    at = bytes(body).index((size - 256).to_bytes(2, "little"))
    for claimed in (256, size - 1, size + 1):
        body[at : at + 2] = (claimed - 256).to_bytes(2, "little")
        with pytest.raises(MalformedError):
            wire.expand(bytes(body), "zstd")


def test_a_frame_that_asks_for_a_huge_window_is_refused() -> None:
    """The memory for unpacking is ours to decide, not the sender's."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    wide = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = wide.compress(b"x" * 20_000_000) + wide.flush()
    with pytest.raises((MalformedError, TooLargeError)):
        wire.expand(body, "zstd")


def test_long_fields_and_deep_values_are_told_by_name() -> None:
    """One field of more than 1 MiB, or nested more than 32 deep, is that field's problem."""
    deep: Any = 1
    for _level in range(40):
        deep = [deep]
    for held, code in ((deep, ProblemCode.BAD_OPERATION), ("x" * (2**20 + 1), ProblemCode.FIELD_TOO_LARGE)):
        op = Operation(
            op_id=new_id(), device="office", hlc=1, scope="tenant", entity="x", record_id=new_id(),
            fields={"note": Change(held), "name": Change("x")},
        )  # fmt: skip
        found = wire.check_fields(len(pack(op)), op.fields)
        assert found is not None
        assert (found.code, found.field) == (code, "note")


def test_enrolment_survives_json() -> None:
    """A public key is carried by JSON too."""
    made = EnrolRequest(
        protocol=1, code="A", device=new_id(), name="x", prefix="TK07", public_key=b"\x01" * 32
    )
    body = wire.encode(made, wire.JSON)
    assert wire.decode(body, EnrolRequest, content_type="application/json; charset=utf-8") == made
