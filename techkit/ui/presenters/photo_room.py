"""The room where photos are drawn: a process of its own, so that no file can take the window along.

Used in the free lane only; it waits. Without a picture as the answer the file is kept as it is.
"""

from __future__ import annotations

import base64
import queue
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from techkit.children.child import Child, own_program

#: The longer side of a kept photo, px: type plates stay readable, ten photos stay below 10 MB.
LONG_SIDE = 2048

#: The longer side of the small picture in a list, px.
SMALL_SIDE = 240

#: The longest one photo may take; ours: a photo of 100 million pixels took 3 s on the slowest machine.
LIMIT_S = 30.0

#: Address space of the room: the toolkit maps 300 MiB, a photo drawn whole may need 512 MiB.
_MEMORY_BYTES = 1536 * 2**20

#: Bytes of a photo in one message; encoded they stay below FRAME_LIMIT_BYTES.
_PART_BYTES = 8 * 2**20


#: A box of a photo that is blacked out: left, top, right, bottom in thousandths of its width and height.
Box = tuple[int, int, int, int]


class PhotoRoom:
    """Draws one photo after the other; started with the first, ended by `close` or the end of `with`."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def drawn(self, data: bytes, media_type: str, long_side: int, black: Sequence[Box] = ()) -> bytes | None:
        """Return the photo as JPEG with nothing beside the picture, its longer side at most so many px.

        black: boxes of which nothing is left but black. None when it could not be drawn: no picture, not whole, too large, or it took the room along.
        """
        child = self._child = self._child or self._start()
        if child is None:
            return None
        parts = [data[at : at + _PART_BYTES] for at in range(0, len(data), _PART_BYTES)]
        for number, part in enumerate(parts, start=1):
            child.send(
                {
                    "data": base64.b64encode(part).decode(),
                    "is_last": number == len(parts),
                    "media_type": media_type,
                    "long_side": long_side,
                    "black": [list(box) for box in black],
                }
            )
        try:
            answer = self._answers.get(timeout=LIMIT_S)
        except queue.Empty:
            answer = None
        if not isinstance(answer, dict):
            self.close()  # crashed or stuck: the next photo gets a fresh room
            return None
        return base64.b64decode(answer["data"]) or None

    def _start(self) -> Child | None:
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers = answers
        try:
            return Child(
                own_program("techkit.ui.photos", "--photos"),
                lambda _child, message: answers.put(message),
                memory_limit=_MEMORY_BYTES,
            )
        except OSError:
            return None

    def close(self) -> None:
        """End the process; harmless when there is none."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def __enter__(self) -> PhotoRoom:
        """Return the room; its process starts with the first photo."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()
