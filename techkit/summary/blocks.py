"""The blocks of a visit's summary: plain values in reading order, no layout.

What the customer signs is the document's `content_hash`; pdf.py only lays it out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A label with one or more lines, e.g. whom the page is for."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was done: icon, title, text, and the time it took."""

    icon: str
    title: str
    text: str = ""
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class State:
    """How one part of a computer is: a verdict's id and word, and a plain sentence."""

    verdict: str
    word: str
    title: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """One row of the before/after table; tone: "better", "worse", "same" or "open"."""

    check: str
    before: str
    after: str
    meaning: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class ComputerBlock:
    """One computer of the visit: how it is, and before and after."""

    name: str
    states: tuple[State, ...] = ()
    comparisons: tuple[BeforeAfter, ...] = ()
    measured: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happens next: by when, what, who."""

    by: str
    text: str
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One line of the costs."""

    label: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class Detail:
    """Details of one entry: title and (label, text) pairs."""

    title: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """One row of the technical page."""

    title: str
    value: str
    limit: str
    verdict: str
    word: str


@dataclass(frozen=True, kw_only=True)
class ReadingGroup:
    """The readings of one area of one computer."""

    title: str
    rows: tuple[ReadingRow, ...]


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One photo shown to the customer, named by its SHA-256, with its caption."""

    sha256: str
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """The customer's summary, in reading order; what is signed is its content_hash.

    paper: "A4" or "Letter". words: headings and fixed words in the document's language.
    """

    language: str
    paper: str
    is_large: bool
    title: str
    number: str
    revision: int
    replaces: str
    provider: str
    provider_reach: str
    facts: tuple[Fact, ...]
    result: str
    result_tone: str
    short: tuple[str, ...]
    done: tuple[Line, ...]
    computers: tuple[ComputerBlock, ...]
    ours: tuple[Step, ...]
    yours: tuple[Step, ...]
    advice: tuple[Step, ...]
    costs: tuple[Cost, ...]
    total_label: str
    total: str
    cost_notes: tuple[str, ...]
    bought: tuple[str, ...]
    if_wrong: str
    statement: str
    details: tuple[Detail, ...]
    readings: tuple[ReadingGroup, ...]
    data_note: str
    words: Mapping[str, str]
    dated_on: str
    photos: tuple[Photo, ...] = ()

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of the content as canonical JSON: what a signature is bound to."""
        return hash_of(as_data(self))


def hash_of(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a page's plain data as canonical JSON."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def as_data(document: Document) -> dict[str, Any]:
    """Return the document as plain lists and dicts, as Typst and HTML take it."""
    import msgspec  # loaded late: not needed before the first paint

    data: dict[str, Any] = json.loads(msgspec.json.encode(document))
    if not document.photos:
        data.pop("photos", None)  # a page without photos has the hash it had before there were any
    return data
