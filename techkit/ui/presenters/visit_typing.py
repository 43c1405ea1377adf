"""What is typed on a visit and not entered yet: kept for each visit by itself, there again when the visit is opened.

It lies in the store as a setting, encrypted like the records and on this device only. The typing of pages outside a
visit stands in kept_typing.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from techkit.records.visit import Visit

if TYPE_CHECKING:
    from techkit.store.database import Store
    from techkit.ui.presenters.surroundings import Surroundings

#: Of so many visits typing is kept; beyond that the one typed on longest ago goes. Ours: a week's visits left open.
MOST_VISITS = 20

_SETTING = "visit.typed"

#: What was typed, in the order it was: (place, field) → text.
Typed = dict[tuple[str, str], str]


class VisitTyping:
    """The typing of one visit. cannot: told when it could not be written."""

    def __init__(self, around: Surroundings, visit_id: str, cannot: Callable[[Exception], None]) -> None:
        self._around = around
        self._visit_id = visit_id
        self._cannot = cannot
        self._typed: Typed = {}

    def take(self, before: Iterable[tuple[str, str, str]]) -> None:
        """Take over (place, field, text) typed before the program ended; what was typed here meanwhile is newer."""
        self._typed = {(place, name): text for place, name, text in before} | self._typed

    def keep(self, place: str, name: str, text: str) -> None:
        """Keep what is typed into a field and not entered yet, so that a crash loses none of it."""
        if self._typed.get((place, name)) != text:
            self._typed[place, name] = text
            self._write()

    def typed_in(self, prefix: str) -> dict[str, dict[str, str]]:
        """Return place → field → text of what was typed in places that begin so."""
        found: dict[str, dict[str, str]] = {}
        for (place, name), text in self._typed.items():
            if place.startswith(prefix):
                found.setdefault(place, {})[name] = text
        return found

    def forget(self, place: str) -> None:
        """Forget the typing of a place: it was entered, or put away on purpose."""
        left = {key: text for key, text in self._typed.items() if key[0] != place}
        if len(left) != len(self._typed):
            self._typed = left
            self._write()

    def _write(self) -> None:
        store, visit_id, typed = self._around.store, self._visit_id, dict(self._typed)

        def write() -> None:
            others = {key: held for key, held in _all(store).items() if key != visit_id}
            _put(store, others | ({visit_id: typed} if typed else {}))

        self._around.lanes.store(write, None, self._cannot)


def kept(store: Store, visit_id: str) -> tuple[tuple[str, str, str], ...]:
    """Return (place, field, text) of what was typed on a visit and not entered; in the store lane."""
    return tuple((place, name, text) for (place, name), text in _all(store).get(visit_id, {}).items())


def forget_customers(store: Store, customer_ids: Collection[str]) -> None:
    """Forget what was typed on the visits of customers who are removed for good; in the store lane."""
    held = _all(store)
    left = {
        visit_id: typed
        for visit_id, typed in held.items()
        if (visit := store.get(Visit, visit_id)) is None or visit.customer_id not in customer_ids
    }
    if left != held:
        _put(store, left)


def _all(store: Store) -> dict[str, Typed]:
    """Return visit's id → what was typed there; the visit typed on last comes last."""
    written = store.setting(_SETTING)
    if written and not written[0].startswith(
        "{"
    ):  # as an earlier techkit wrote it: one visit, then three texts each
        visit_id, *parts = written
        texts = zip(parts[::3], parts[1::3], parts[2::3], strict=False)
        return {visit_id: {(place, name): text for place, name, text in texts}}
    visits = map(json.loads, written)
    return {one["visit"]: {(place, name): text for place, name, text in one["typed"]} for one in visits}


def _put(store: Store, visits: dict[str, Typed]) -> None:
    kept_on = list(visits.items())[-MOST_VISITS:]
    texts = (
        json.dumps({"visit": visit_id, "typed": [(*key, text) for key, text in typed.items()]})
        for visit_id, typed in kept_on
    )
    store.set_setting(_SETTING, tuple(texts))
