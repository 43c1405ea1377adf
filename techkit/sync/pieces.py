"""How large a piece of the outbox or of a file is: by what travels, which is known once it was packed.

A cut costs the piece under way. Text shrinks to a third or a fifth, what is packed already (keys, pictures in a text)
not at all: each piece is asked for by how the one before it shrank, and one that comes out too large is made shorter.
"""

from __future__ import annotations

import msgspec

from techkit.store.attachments import PIECE_BYTES as FILE_PIECE_BYTES
from techkit.store.outbox import PIECE_BYTES, Waiting
from techkit.sync import protocol, wire
from techkit.sync.protocol import SyncRequest

#: Aimed at, so that the next piece, which shrinks nearly as well, need not be packed twice.
_AIM = 0.97

#: On the worst line a piece is made no smaller than this: headers and receipts weigh as much by then.
_LEAST_SENT_BYTES = 16_000


class Pieces:
    """Sizes the pieces of a device; what a line took that is cut again and again is kept from one sync to the next."""

    def __init__(self) -> None:
        self._sent_bytes = protocol.TRAVELLING_BYTES
        self.begin()

    def begin(self) -> None:
        """Begin another sync: how well its text shrinks, and what the service takes, is not known."""
        self._byte_count = PIECE_BYTES
        self._most = protocol.PIECE_BYTES

    def was_cut(self) -> None:
        """Send half as much at once from here on: the line ended before a piece was through."""
        self._sent_bytes = max(_LEAST_SENT_BYTES, self._sent_bytes // 2)

    def went(self) -> None:
        """Send a little more at once, up to the usual: a piece is through."""
        self._sent_bytes = min(protocol.TRAVELLING_BYTES, self._sent_bytes + _LEAST_SENT_BYTES)

    @property
    def file_byte_count(self) -> int:
        """Return how many bytes of a file to send at once: whole pieces, on a line that was cut what gets through it."""
        return FILE_PIECE_BYTES if self._sent_bytes == protocol.TRAVELLING_BYTES else self._sent_bytes

    @property
    def byte_count(self) -> int:
        """Return how many bytes of the outbox to ask for next, before compression."""
        return min(self._byte_count, self._most)

    def halve(self, piece: list[Waiting]) -> None:
        """Ask for half of a piece from here on: the service finds it too large."""
        self._most = max(1, _size(piece) // 2)

    def packed(self, request: SyncRequest, piece: list[Waiting]) -> tuple[bytes, list[Waiting]]:
        """Return the body of a request and what it carries of a piece: what fits, and at least one operation."""
        # What a restored service is told of what is held here goes beside the piece.
        most = self._sent_bytes + len(request.held)
        while True:
            body = wire.compress(wire.encode(request))
            size = _size(piece)
            if len(piece) > 1:
                self._byte_count = min(
                    protocol.PIECE_BYTES, int(size * self._sent_bytes * _AIM / len(body)) + 1
                )
            if len(body) <= most or len(piece) <= 1:
                return body, piece
            left = piece[: _fitting(piece, self._byte_count)]
            waiting_count = request.waiting_count + len(piece) - len(left)
            request = msgspec.structs.replace(
                request, ops=request.ops[: len(left)], waiting_count=waiting_count
            )
            piece = left


def _fitting(piece: list[Waiting], byte_count: int) -> int:
    """Return how many operations of a piece are that long together: at least one, and not all."""
    count, total = 0, 0
    for waiting in piece[:-1]:
        total += len(waiting.body)
        if count and total > byte_count:
            break
        count += 1
    return count


def _size(piece: list[Waiting]) -> int:
    return sum(len(waiting.body) for waiting in piece)
