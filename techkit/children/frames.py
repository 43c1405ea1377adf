"""Messages between us and a child of ours: JSON with its length in front."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

#: Longest message between us and a worker; 16 MiB holds four tools' outputs at their cap.
FRAME_LIMIT_BYTES = 16 * 1024 * 1024

_HEADER = struct.Struct(">I")


def write_frame(file: IO[bytes], message: object) -> None:
    """Write one JSON message with its length in front. Raises: OSError, ValueError when too long."""
    data = json.dumps(message, separators=(",", ":")).encode()
    if len(data) > FRAME_LIMIT_BYTES:
        raise ValueError("message too long")
    file.write(_HEADER.pack(len(data)) + data)
    file.flush()


def read_frame(file: IO[bytes]) -> Any | None:
    """Return the next message, None at the end of the stream or after rubbish."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    if length > FRAME_LIMIT_BYTES:
        return None
    data = file.read(length)
    if len(data) < length:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None
