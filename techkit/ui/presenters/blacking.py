"""Blacking out parts of a photo: what lies under the drawn boxes is gone for good, from the photo that is kept and sent.

The photo is drawn anew without it and takes the place of the one before, whose record is taken out of the visit first, so
that it is not sent any more, and whose bytes are then removed from this device. No undo brings it back. One that was sent
already is said to be so.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass

from techkit.errors import InputError, TechkitError
from techkit.i18n import _, ngettext
from techkit.records.identity import new_id
from techkit.records.schema import Record
from techkit.records.visit import Attachment
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.photo_room import LONG_SIDE, SMALL_SIDE, Box, PhotoRoom

#: The longer side of the photo that is drawn on, px: more than a window shows.
_SHOWN_SIDE = 1400

#: The smallest side of a box in thousandths of the photo's: less is a slip.
LEAST = 8


@dataclass(frozen=True, kw_only=True)
class BlackingState:
    """What the sheet shows: nothing while file_id is "".

    picture: JPEG, b"" until it was read. boxes: left, top, right, bottom in thousandths of the photo. line: how many, and
    what becomes of the photo as it was. trouble: why it could not be done, in sentences.
    """

    file_id: str = ""
    title: str = ""
    picture: bytes = b""
    boxes: tuple[Box, ...] = ()
    line: str = ""
    trouble: str = ""
    is_busy: bool = False


class Blacking:
    """One photo at a time. replaced: takes hash and small picture of the photo that took its place."""

    def __init__(self, held: OpenVisit, replaced: Callable[[str, bytes], None]) -> None:
        self._held = held
        self._replaced = replaced
        self._data = b""
        self._was_sent = False
        #: Grows with each photo that is opened or left: what was begun before it comes to nothing.
        self._turn = 0
        self.changed = Observable()
        self.state = BlackingState()

    def open(self, file_id: str, title: str) -> None:
        """Show a photo to draw on."""
        found, store, lanes = (
            self._held.record(Attachment, file_id),
            self._held.around.store,
            self._held.around.lanes,
        )
        if found is None or not found.has_preview:
            return
        self._data = b""
        turn = self._next_turn()
        self._show(BlackingState(file_id=file_id, title=title, is_busy=True))

        def read() -> tuple[bytes, bool]:
            stored = store.attachments.find(found.sha256)
            return store.attachment(found.sha256), stored is not None and stored.sent_bytes > 0

        def draw(told: tuple[bytes, bool]) -> None:
            if turn != self._turn:
                return
            self._data, self._was_sent = told

            def drawn(_ticket: Ticket) -> bytes:
                with PhotoRoom() as room:
                    return room.drawn(told[0], found.media_type, _SHOWN_SIDE) or b""

            lanes.free(drawn, lambda picture: self._opened(turn, picture), failed)

        failed = functools.partial(self._failed, turn)
        lanes.store(read, draw, failed)

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _opened(self, turn: int, picture: bytes) -> None:
        if turn == self._turn:
            trouble = "" if picture else _not_drawn().sentences()
            self._show(dataclasses.replace(self.state, picture=picture, trouble=trouble, is_busy=False))

    def mark(self, left: int, top: int, right: int, bottom: int) -> None:
        """Draw a box from one corner to the other; a slip draws none."""
        xs, ys = (sorted(min(1000, max(0, at)) for at in pair) for pair in ((left, right), (top, bottom)))
        if self.state.picture and not self.state.is_busy and min(xs[1] - xs[0], ys[1] - ys[0]) >= LEAST:
            self._mark((*self.state.boxes, (xs[0], ys[0], xs[1], ys[1])))

    def take_back(self) -> None:
        """Take the last box away."""
        if not self.state.is_busy:
            self._mark(self.state.boxes[:-1])

    def _mark(self, boxes: tuple[Box, ...]) -> None:
        self._show(dataclasses.replace(self.state, boxes=boxes, trouble=""))

    def close(self) -> None:
        """Leave the photo as it is, also when it is being drawn anew."""
        self._data = b""
        self._next_turn()
        self._show(BlackingState())

    def keep(self) -> None:
        """Draw the photo anew without what lies under the boxes, and keep it in the place of the one before."""
        state, data, lanes = self.state, self._data, self._held.around.lanes
        found = self._held.record(Attachment, state.file_id)
        if found is None or not state.boxes or not data or state.is_busy:
            return
        store, turn = self._held.around.store, self._turn
        failed = functools.partial(self._failed, turn)
        self._show(dataclasses.replace(state, is_busy=True, trouble=""))

        def draw(_ticket: Ticket) -> tuple[bytes, bytes]:
            with PhotoRoom() as room:
                whole = room.drawn(data, found.media_type, LONG_SIDE, state.boxes)
                if not whole:
                    raise _not_drawn()
                return whole, room.drawn(whole, "image/jpeg", SMALL_SIDE) or b""

        def drawn(made: tuple[bytes, bytes]) -> None:
            whole, small = made
            if turn == self._turn:
                lanes.store(
                    lambda: store.attach(whole, "image/jpeg"),
                    lambda sha256: self._exchange(turn, sha256, len(whole), small, len(state.boxes)),
                    failed,
                )

        lanes.free(draw, drawn, failed)

    def _exchange(self, turn: int, sha256: str, size: int, small: bytes, count: int) -> None:
        held = self._held
        is_left = turn != self._turn
        found = None if is_left else held.record(Attachment, self.state.file_id)
        if not is_left:
            self.close()
        if found is None or held.is_sealed:
            self._discard(sha256)
            return
        fresh = dataclasses.replace(
            found,
            id=new_id(),
            sha256=sha256,
            byte_count=size,
            media_type="image/jpeg",
            redaction_count=found.redaction_count + count,
        )
        receipts: list[Record] = [
            dataclasses.replace(e, receipt_id=fresh.id)
            for e in held.bundle.expenses
            if e.receipt_id == found.id
        ]
        self._replaced(sha256, small)
        held.exchange(found, fresh, *receipts)
        self._discard(found.sha256)

    def _discard(self, sha256: str) -> None:
        store = self._held.around.store

        def discard() -> None:
            # The same bytes may be another photo of this device.
            if not store.find(Attachment, sha256=sha256):
                store.attachments.discard(sha256)

        self._held.around.lanes.store(discard, None, functools.partial(self._failed, self._turn))

    def _failed(self, turn: int, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        if turn != self._turn:
            return
        self._show(dataclasses.replace(self.state, trouble=error.sentences(), is_busy=False))

    def _show(self, state: BlackingState) -> None:
        self.state = dataclasses.replace(state, line=self._line(len(state.boxes)))
        self.changed()

    def _line(self, count: int) -> str:
        said = [ngettext("{n} place is blacked out.", "{n} places are blacked out.", count)] if count else []
        if self._was_sent:
            said.append(
                _(
                    "The office was sent this photo already as it is now: there it goes from the visit, but is kept."
                )
            )
        return " ".join(said)


def _not_drawn() -> InputError:
    return InputError(
        _("This photo could not be drawn anew."),
        safe=_("It is kept as it was."),
        advice=_("Take it out if it must not be seen."),
    )
