"""What is printed in a terminal: no text of anybody talks to it, and no sign it lacks ends a command."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, TextIO

from techkit.records.visible import in_json, visible

#: What stands for signs an alphabet lacks, where taking the accents off says less or nothing. ASCII only.
_STAND_INS: Final = {
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "œ": "oe", "æ": "ae",
    "·": "-", "–": "-", "—": "-", "−": "-", "‑": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"',
    "«": '"', "»": '"', "→": "->", "×": "x", "≤": "<=", "≥": ">=", "°": "", "€": "EUR", "█": "#", "░": ".",
}  # fmt: skip

#: Python writes this into the environment by itself where the locale is C. Source: PEP 538.
_COERCED: Final = ("", "C.UTF-8", "C.utf8", "UTF-8")

_NEAREST: Final = "techkit.nearest"


def say(*lines: str, out: TextIO | None = None) -> None:
    """Print lines, each as one: what no one sees is shown by its code, and a line end inside one is a blank."""
    for line in lines:
        print(visible(" ".join(line.splitlines())), file=out or sys.stdout)


def say_json(told: Any, *, indent: int | None = 1) -> None:
    """Print an object as JSON for a script, with what would talk to a terminal as escapes."""
    print(in_json(json.dumps(told, ensure_ascii=False, indent=indent)), file=as_utf8(sys.stdout))


def settle() -> None:
    """Let both outputs print any text: in the terminal's alphabet, with the nearest signs for those it lacks."""
    codecs.register_error(_NEAREST, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = "ascii" if speaks_ascii(os.environ) else stream.encoding
            stream.reconfigure(encoding=encoding, errors=_NEAREST)


def as_utf8(stream: TextIO) -> TextIO:
    """Return the output for what other programs read: UTF-8 whatever the terminal speaks (JSON: RFC 8259, 8.1)."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace")
    return stream


def speaks_ascii(environment: Mapping[str, str]) -> bool:
    """Return whether the environment asks for the C locale, which knows ASCII only; an empty one asks for nothing."""
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8"):
        return False
    of_signs = environment.get("LC_CTYPE", "")
    told = environment.get("LC_ALL") or (environment.get("LANG", "") if of_signs in _COERCED else of_signs)
    return told in ("C", "POSIX")


def has_colour(stream: TextIO) -> bool:
    """Return whether colours reach a person: a terminal that knows them, and nobody said no (no-color.org)."""
    return moves(stream) and not os.environ.get("NO_COLOR")


def moves(stream: TextIO) -> bool:
    """Return whether a line can be written over: a terminal that is more than a printer."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Return the columns of the terminal behind an output, 0 for none; the last one is left free, or lines would wrap."""
    try:
        return max(0, os.get_terminal_size(stream.fileno()).columns - 1)
    except (OSError, ValueError):
        return 0


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_stand_in(sign) for sign in missing), error.end


def _stand_in(sign: str) -> str:
    if sign in _STAND_INS:
        return _STAND_INS[sign]
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", errors="ignore").decode()
    return plain or ("" if unicodedata.combining(sign) else "?")
