"""The journal of what others wrote: replies as they came, so that a restored service can get them back.

Kept as long as the journal of our own operations (`Outbox.forget_before`), each reply in one piece.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from techkit.records.operations import glance, unpack_id
from techkit.store.answer import Answer, Confirmed
from techkit.store.connection import Connection
from techkit.store.tables import _codec


class Received:
    """What came from others; written inside the store's transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, answer: Answer, held: set[str]) -> None:
        """Keep what came: the reply as it came where all of it is taken, else what is. held: our scopes."""
        scopes = {change.scope for change in answer.changes}
        if scopes.isdisjoint(held):
            return
        body = answer.raw
        if not body or not scopes <= held:
            body = _packed([change[:4] for change in answer.changes if change.scope in held])
        self._connection.execute(
            "INSERT INTO _received (received_at, body) VALUES (?, ?)",
            (answer.now_s or int(time.time()), body),
        )

    def each(self) -> Iterable[Confirmed]:
        """Yield what is still kept, in the order of arrival."""
        for _place, held in self._pieces():
            yield from held

    def drop_records(self, record_ids: set[str]) -> None:
        """Forget what others said of these records."""
        self._drop(lambda one: unpack_id(glance(one.body).record_id) in record_ids)

    def drop_scope(self, scope: str) -> None:
        """Forget what others said in a scope."""
        self._drop(lambda one: one.scope == scope)

    def change(self, changed: Callable[[Confirmed], Confirmed]) -> None:
        """Keep what others said in another form; `changed` gives back what stays as it is."""
        for place, held in self._pieces():
            fresh = [changed(one) for one in held]
            if any(one is not other for one, other in zip(fresh, held, strict=True)):
                self._connection.execute(
                    "UPDATE _received SET body = ? WHERE place = ?",
                    (_packed([one[:4] for one in fresh]), place),
                )

    def _drop(self, is_dropped: Callable[[Confirmed], bool]) -> None:
        for place, held in self._pieces():
            kept = [one[:4] for one in held if not is_dropped(one)]
            if not kept:
                self._connection.execute("DELETE FROM _received WHERE place = ?", (place,))
            elif len(kept) < len(held):
                self._connection.execute(
                    "UPDATE _received SET body = ? WHERE place = ?", (_packed(kept), place)
                )

    def _pieces(self) -> Iterable[tuple[int, list[Confirmed]]]:
        """Yield what is kept, one piece in memory at a time."""
        for (place,) in self._connection.all("SELECT place FROM _received ORDER BY place"):
            row = self._connection.one("SELECT body FROM _received WHERE place = ?", (place,))
            if row is not None:
                yield place, list(_unpacked(row[0]))


def _packed(kept: Sequence[tuple[Any, ...]]) -> bytes:
    """Return operations of others as `_received` keeps them."""
    import zstandard  # loaded late: only sync needs it

    return zstandard.ZstdCompressor(level=1).compress(_codec()[0](kept))


def _unpacked(kept: bytes) -> Iterable[Confirmed]:
    """Yield the operations of what `keep` kept: a reply's map, or a list of our own."""
    import msgspec
    import zstandard

    plain = zstandard.ZstdDecompressor().decompressobj().decompress(kept)
    form = list[tuple[str, int, int, msgspec.Raw]]
    if 0x80 <= plain[0] <= 0x8F or plain[0] in (0xDE, 0xDF):
        reply = msgspec.defstruct("KeptReply", [("changes", form, msgspec.field(default_factory=list))])
        for scope, seq, order, body in msgspec.msgpack.decode(plain, type=reply).changes:  # type: ignore[attr-defined] # made above
            yield Confirmed(scope, seq, order, bytes(body))
        return
    for scope, seq, order, body in _codec()[1](plain):
        yield Confirmed(scope, seq, order, body)
