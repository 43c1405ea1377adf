"""Upkeep of the store while nobody needs the window: search kept up to date, backups made when due.

And once, after a start, files go that were taken out of a visit before a crash, and pieces of files a crash left: nobody
can bring them back any more.
The window calls `tend` in quiet moments; each call begins at most one piece of work, away from the UI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from techkit.errors import StoreError, TechkitError
from techkit.i18n import _
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.surroundings import Surroundings

#: Entries put into the search index at once: about 15 ms of the store lane (500 take 30 ms), so that a save that comes
#: just then waits no longer than that. Ours.
AT_ONCE = 250

#: How often it is looked whether a backup is due, and how soon it is tried again after it failed; ours: far below the
#: least interval of five minutes, and not so often that a full disk is told about all day.
LOOK_EVERY_S = 60.0
AGAIN_AFTER_S = 600.0


class Upkeep:
    """Tends one open store.

    on_trouble: called with the error when a backup failed; once, until one has worked again.
    """

    def __init__(self, surroundings: Surroundings, on_trouble: Callable[[TechkitError], object]) -> None:
        self._world = surroundings
        self._on_trouble = on_trouble
        self._is_busy = False
        self._is_closed = False
        self._is_in_trouble = False
        self._is_index_behind = True
        self._is_swept = False
        self._looks_again_at = 0.0
        self._ticket: Ticket | None = None
        self._at_work = threading.Lock()
        self._leave = surroundings.store.subscribe(self._store_changed)

    def tend(self) -> bool:
        """Begin one piece of work if there is any; return whether one was begun."""
        if self._is_busy or self._is_closed:
            return False
        if not self._is_swept:
            self._discard_removed()
            return True
        if self._is_index_behind:
            self._index()
            return True
        if self._world.clock.steady() >= self._looks_again_at:
            self._back_up()
            return True
        return False

    def close(self) -> None:
        """Begin nothing any more."""
        self._is_closed = True
        self._leave()
        if self._ticket is not None:
            self._ticket.cancel()

    def close_store(self) -> None:
        """Close the store, after a backup that is being made; blocks, so in the store lane."""
        with self._at_work:
            self._world.store.close()

    def _store_changed(self, *_kinds: object) -> None:
        self._is_index_behind = True  # from any thread: read by the next `tend`

    # --- files

    def _discard_removed(self) -> None:
        store = self._world.store
        self._is_busy = self._is_swept = True

        def work() -> int:
            return store.attachments.discard_removed() + store.attachments.clear_leftovers()

        self._world.lanes.store(work, self._discarded, self._discard_failed)

    def _discarded(self, _count: int) -> None:
        self._is_busy = False

    def _discard_failed(self, error: Exception) -> None:
        # The next sync does it.
        self._is_busy = False
        if not isinstance(error, TechkitError):
            raise error

    # --- search

    def _index(self) -> None:
        store = self._world.store
        self._is_busy, self._is_index_behind = True, False
        self._world.lanes.store(lambda: store.refresh_search(AT_ONCE), self._indexed, self._index_failed)

    def _indexed(self, is_more_left: bool) -> None:
        self._is_busy = False
        self._is_index_behind = self._is_index_behind or is_more_left

    def _index_failed(self, error: Exception) -> None:
        # A search does itself what is left, and says what stands in its way.
        self._is_busy = False
        if not isinstance(error, TechkitError):
            raise error

    # --- backup

    def _back_up(self) -> None:
        store = self._world.store
        self._is_busy = True
        self._looks_again_at = self._world.clock.steady() + LOOK_EVERY_S

        def work(ticket: Ticket) -> Path | None:
            with self._at_work:
                return None if ticket.is_cancelled else store.back_up_if_due()

        self._ticket = self._world.lanes.free(work, self._backed_up, self._backup_failed)

    def _backed_up(self, made: Path | None) -> None:
        self._is_busy, self._ticket = False, None
        if made is not None:
            self._is_in_trouble = False

    def _backup_failed(self, error: Exception) -> None:
        self._is_busy, self._ticket = False, None
        if not isinstance(error, TechkitError):
            raise error
        self._looks_again_at = self._world.clock.steady() + AGAIN_AFTER_S
        if not self._is_in_trouble:
            self._is_in_trouble = True
            self._on_trouble(
                StoreError(
                    _("The backup of your visits could not be made: {why}", why=error.title),
                    safe=_("The visits themselves are saved, and so are earlier backups."),
                    advice=error.advice or _("Look whether there is room where techkit keeps its data."),
                )
            )
