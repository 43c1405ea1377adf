"""Characters nobody sees, made visible where a text is shown. The text itself is kept as it is. Pure.

A name with a direction override reads as another one (an ending that seems to be another), an escape sequence talks
to a terminal, a non-character is an empty gap: each is shown by its code. Source: BAD-INPUTS A5, A15, A16.
"""

from __future__ import annotations

import json
import re

#: Direction overrides and isolates, control codes but tab and line ends, line and paragraph separators,
#: private use, non-characters. Joiners stay: emoji and several scripts are written with them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef"
    "\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]"
)

#: More marks than this on one letter are a joke on the reader; no language writes more than four.
_PILED = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_PILED}{{8}}){_PILED}+")


def visible(text: str) -> str:
    """Return a text as it is shown: hidden characters by their code, piled marks cut to eight a letter."""
    if text.isascii() and text.isprintable():
        return text
    return few_marks(_HIDDEN.sub(_code, text))


def in_json(text: str) -> str:
    """Return a JSON text with its hidden characters as escapes: read back it is the same, and no terminal obeys it."""
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def few_marks(text: str) -> str:
    """Return a text with at most eight marks piled on one letter."""
    return _MARKS.sub(r"\1", text)


def _code(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
