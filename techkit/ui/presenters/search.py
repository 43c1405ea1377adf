"""The search palette: actions, records and how-to cards, one customer only on a foreign computer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found: kind is a record's kind or "action"."""

    kind: str
    id: str
    title: str
    line: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """What the palette shows: groups of (title, hits) in order."""

    query: str = ""
    groups: tuple[tuple[str, tuple[Hit, ...]], ...] = ()
    is_empty: bool = True
    nothing_line: str = ""
