"""The digest of a scope's history: what it tells apart."""

from __future__ import annotations

from techkit.records.identity import new_id
from techkit.records.operations import pack_id
from techkit.sync import digests


def test_digests_tell_order_place_and_identity_apart() -> None:
    """Another operation, place, order or history before it gives another digest; nothing else enters it."""
    one, two = (pack_id(new_id()) for _n in range(2))
    assert isinstance(one, bytes)
    assert isinstance(two, bytes)
    first, second = digests.digests_from(b"", 1, [(one, 7), (two, 7)])
    beginnings = [(1, one, 7), (2, one, 7), (1, two, 7), (1, one, 8)]
    found = [digests.digests_from(b"", place, [(op_id, order)])[0] for place, op_id, order in beginnings]
    assert found[0] == first
    assert len(set(found)) == 4
    assert digests.digests_from(first, 2, [(two, 7)]) == [second]
    assert digests.digests_from(b"", 1, [(two, 7), (one, 7)])[1] != second
    assert len(first) == 8
