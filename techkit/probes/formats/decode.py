"""Bytes of another system's tools as text: UTF-16 with or without mark, UTF-8, code pages."""

from __future__ import annotations

import re
from typing import Final

#: What Western European systems print on a console and keep in files, in the order tried.
CODE_PAGES: Final = ("cp850", "cp1252", "mac_roman")

#: Pages of Cyrillic: Windows' files and consoles.
CYRILLIC: Final = ("cp1251", "cp866")

#: Letters of the languages those pages are for; a wrong page turns them into signs and boxes.
_LETTERS: Final = frozenset("äöüÄÖÜßéèêëàâçùûôîïñáíóúÉÈÀÇÑ¡¿åÅæÆøØœŒ’°«»\u00a0")


def decode(data: bytes) -> str:
    """Return text from bytes; never raises. What cannot be told becomes U+FFFD.

    Order: byte order marks; UTF-16 without a mark (every second byte NUL); UTF-8; the code page
    that gives the most letters.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    elif data[:3] == b"\xef\xbb\xbf":
        text = data[3:].decode("utf-8", "replace")
    elif _looks_like_utf16(data):
        text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pages = CYRILLIC if _in_runs(data) else CODE_PAGES
            text = max((data.decode(page, "replace") for page in pages), key=_likeness)
    return text.lstrip("\ufeff")


def _looks_like_utf16(data: bytes) -> bool:
    sample = data[:2000]
    return len(sample) >= 4 and (
        sample[1::2].count(0) > len(sample) // 4 or sample[0::2].count(0) > len(sample) // 4
    )


def _in_runs(data: bytes) -> bool:
    """Return whether foreign letters stand in words of their own, not singly among Latin ones."""
    sample = data[:20_000]
    foreign = sum(byte > 127 for byte in sample)
    in_runs = sum(len(run) for run in re.findall(rb"[\x80-\xff]{4,}", sample))
    return foreign > 0 and in_runs > foreign * 0.6


def _likeness(text: str) -> int:
    foreign = [sign for sign in text if ord(sign) > 127]
    # Lower-case Cyrillic letters (U+0430 to U+044F) make up most of any text; a wrong page gives capitals and signs.
    return sum(1 if sign in _LETTERS or "\u0430" <= sign <= "\u044f" else -1 for sign in foreign)
