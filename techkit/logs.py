"""What techkit writes down about its own running: rotated, small, and nothing personal.

One file beside the store, at most three of 1 MiB. Every line passes a filter that takes out what could
name a person or a place: e-mail addresses, telephone numbers, network addresses, home folders, keys
and codes. Records are never logged by content; messages name kinds and ids only. The filter is the
second wall, for the text of foreign errors.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from pathlib import Path

FILE_NAME = "techkit.log"

#: Size of one file and how many older ones are kept: some weeks of ordinary use.
FILE_BYTES = 1024 * 1024
OLDER_FILES = 2

#: Longest message kept; a hostile device name or a flood of text is cut.
MAX_MESSAGE = 4000

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

#: What is taken out, in this order, and what stands there instead.
_REDACTED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(?:https?|ssh|ftp)://[^\s/@]+:[^\s/@]+@"), "<address with password>"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?i)(?:/home/|/Users/|\b[A-Z]:\\Users\\)[^/\\\s:\"']+"), "<home>"),
    # A recovery code: eight groups of four letters of base32; an invitation's one-time code alike.
    (re.compile(r"\b(?:[A-Z2-7]{4}-){3,7}[A-Z2-7]{4}\b"), "<code>"),
    (re.compile(r"\b[0-9a-fA-F]{32,}\b"), "<key or hash>"),
    (re.compile(r"\b[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/])"), "<key or token>"),
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"), "<hardware address>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "<network address>"),
    (re.compile(r"(?i)\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b"), "<network address>"),
    (re.compile(r"(?<![\w.-])(?:\+|00)\d[\d /()-]{6,}\d"), "<telephone>"),
    (re.compile(r"(?i)\b(passw(?:or)?d|passphrase|token|secret|key)(\s*[=:]\s*)\S+"), r"\1\2<secret>"),
)


def redact(text: str) -> str:
    """Return text without what could name a person, a place or a secret; line ends become spaces.

    A hostile text cannot write a log line of its own or send codes to a terminal.
    """
    held = "".join(letter if letter.isprintable() else " " for letter in text[: MAX_MESSAGE * 2])
    for pattern, instead in _REDACTED:
        held = pattern.sub(instead, held)
    return held[:MAX_MESSAGE]


class Redacting(logging.Formatter):
    """Writes one line for each message, redacted; a traceback follows as lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        trace = ""
        if record.exc_info:
            lines = self.formatException(record.exc_info).splitlines()
            trace = "".join(f"\n    {redact(line)}" for line in lines)
        plain = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None})
        plain.msg, plain.args = redact(record.getMessage()), ()
        return super().format(plain) + trace


def start(folder: Path, level: int = logging.INFO) -> logging.Handler | None:
    """Write techkit's messages into the store's folder from now on; return the handler, to `stop`.

    A folder that cannot be written gives None: techkit runs without a log on a write-protected stick.
    """
    try:
        handler = logging.handlers.RotatingFileHandler(
            folder / FILE_NAME, maxBytes=FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8", delay=False
        )
    except OSError:
        return None
    handler.setFormatter(Redacting(_FORMAT))
    handler.setLevel(level)
    handler.handleError = lambda _record: None  # type: ignore[method-assign,assignment] # a full disk stops the log, not the work
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(level, root.level or level))
    return handler


def stop(handler: logging.Handler | None) -> None:
    """Close the log."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()
