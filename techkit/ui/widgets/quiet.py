"""Chores of the window, done one at a time while nobody touches it: pages made ahead, upkeep begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from techkit.ui.widgets.turns import is_built

#: A moment is quiet when nothing was touched for so long: longer than the pauses of somebody who types. Ours.
QUIET_S = 0.7

#: Between two chores, and between two looks while there is nothing to do.
NEXT_MS, LOOK_MS = 40, 500

#: Does one chore, short enough for a turn of the window; returns whether there was one.
Chore = Callable[[], bool]


class QuietTime(QObject):
    """Does the first chore that has something to do, then waits a little; untouched_s: how long nobody touched it."""

    def __init__(self, parent: QObject, untouched_s: Callable[[], float], chores: Sequence[Chore]) -> None:
        super().__init__(parent)
        self._untouched_s = untouched_s
        self._chores = tuple(chores)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Look for chores from now on."""
        self._timer.start(NEXT_MS)

    def stop(self) -> None:
        """Do no more."""
        self._timer.stop()

    def _look(self) -> None:
        left_s = QUIET_S - self._untouched_s()
        if left_s > 0:
            self._timer.start(round(left_s * 1000) + 1)
        elif not is_built():
            self._timer.start(NEXT_MS)
        else:
            was_there = any(chore() for chore in self._chores)
            self._timer.start(NEXT_MS if was_there else LOOK_MS)
