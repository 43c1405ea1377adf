"""Characters nobody sees, made visible where a text is shown. The text itself is kept as it is. Pure.

A name with a direction override reads as another one (an ending that seems to be another), an escape sequence talks
to a terminal, a non-character is an empty gap: each is shown by its code. Source: BAD-INPUTS A5, A15, A16.
"""

from __future__ import annotations

import json
import re

#: Direction overrides and isolates, control codes but tab and line ends, line and paragraph separators, halves of a
#: character, signs without a width and fillers without ink, private use, non-characters. Joiners stay: emoji and
#: several scripts are written with them. Source: the Unicode Standard, Default_Ignorable_Code_Point.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)

#: A flag of a region: a black flag, letters without ink and their end. They are hidden signs nowhere else.
#: Source: Unicode Technical Standard 51, emoji tag sequences.
_FLAG = "\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f"
_HIDDEN_OR_FLAG = re.compile(f"{_FLAG}|{_HIDDEN.pattern}")

#: More marks than this on one letter are a joke on the reader; no language writes more than four.
_PILED = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_PILED}{{8}}){_PILED}+")


def visible(text: str) -> str:
    """Return a text as it is shown: hidden characters by their code, piled marks cut to eight a letter."""
    if text.isascii() and text.isprintable():
        return text
    return few_marks(_HIDDEN_OR_FLAG.sub(_code, text))


def in_json(text: str) -> str:
    """Return a JSON text with its hidden characters as escapes: read back it is the same, and no terminal obeys it."""
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


#: Signs without ink that are not shown by a code, for words are written with them, or are blanks.
_NO_INK = re.compile(
    f"{_HIDDEN.pattern}|[\\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\u2800\ufe00-\ufe0f]"
)


def has_ink(text: str) -> bool:
    """Return whether a person sees anything of a text: a name of joiners and fillers is none."""
    return bool(_NO_INK.sub("", text))


def few_marks(text: str) -> str:
    """Return a text with at most eight marks piled on one letter."""
    return _MARKS.sub(r"\1", text)


def _code(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]" if len(found[0]) == 1 else found[0]
