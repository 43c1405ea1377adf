"""One change between two inventories, and reading what an inventory's plain content holds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangeKind(StrEnum):
    """What happened to a thing."""

    INSTALLED = "installed"
    UPGRADED = "upgraded"
    SET_BACK = "set_back"  # an older version than before
    REMOVED = "removed"
    SETTING = "setting"
    STARTUP_REMOVED = "startup_removed"
    STARTUP_ADDED = "startup_added"


class Confidence(StrEnum):
    """How sure it is that somebody did this on purpose, and that it is what it seems."""

    CERTAIN = "certain"
    ASKED = "asked"
    SELF_UPDATE = "self_update"


class Place(StrEnum):
    """Where something changed."""

    SOFTWARE = "software"
    PACKAGES = "packages"  # parts of the system that come along with others
    SYSTEM = "system"
    FIRMWARE = "firmware"
    HARDWARE = "hardware"
    SETTINGS = "settings"


@dataclass(frozen=True, kw_only=True)
class InventoryChange:
    """One thing that changed. product: its name as read after the change (before it, when removed).

    topic: what it is about, the same in every language and for every later version of it. before, after: version, size or value in words, "" where there was none. old_name: the name before
    a renaming. items: the names behind a change of several. reason: why it is only asked.
    """

    kind: ChangeKind
    place: Place
    product: str
    topic: str
    before: str = ""
    after: str = ""
    old_name: str = ""
    items: tuple[str, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    reason: str = ""


def as_dict(held: Any) -> dict[str, Any]:
    """Return a held table, an empty one for anything else."""
    return held if isinstance(held, dict) else {}


def dicts(held: Any) -> list[dict[str, Any]]:
    """Return the tables of a held list; nothing else counts."""
    return [item for item in held if isinstance(item, dict)] if isinstance(held, list) else []


def texts(held: Any) -> list[str]:
    """Return a held list as texts."""
    return [str(item) for item in held] if isinstance(held, list) else []


def whole(held: Any) -> int:
    """Return a held number as a whole one, 0 for anything else."""
    return int(held) if isinstance(held, (int, float)) and not isinstance(held, bool) else 0
