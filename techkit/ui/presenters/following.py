"""Following the store: what changes many times in a row is read anew once, shortly after."""

from __future__ import annotations

from collections.abc import Callable

from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.surroundings import Surroundings

#: A change of the store is followed after so long, so that many changes make one reading, seconds.
REST_S = 0.2


class Following:
    """Call `refresh` on the UI thread, once for all changes of the store that come close together.

    concerns: told the kinds that changed, from any thread; what it gives back says whether they matter here.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        concerns: Callable[[frozenset[str]], object],
        refresh: Callable[[], object],
    ) -> None:
        self._lanes = surroundings.lanes
        self._concerns = concerns
        self._refresh = refresh
        self._due: Ticket | None = None
        self._is_closed = False
        self._end = surroundings.store.subscribe(self._store_changed)

    def close(self) -> None:
        """Follow no more; a change already told is not followed either."""
        self._is_closed = True
        self._end()
        if self._due is not None:
            self._due.cancel()

    def _store_changed(self, kinds: frozenset[str]) -> None:
        if self._concerns(kinds):
            self._lanes.soon(self._rest)

    def _rest(self) -> None:
        if self._due is None and not self._is_closed:
            self._due = self._lanes.soon(self._follow, REST_S)

    def _follow(self) -> None:
        self._due = None
        self._refresh()
