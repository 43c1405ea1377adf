"""Garbage is looked for on the window's own thread, never in the middle of background work.

Python looks for it in whichever thread makes the next object. What it then lets go may be a piece of the toolkit,
or the last holder of a slot, and the toolkit is at home on one thread only (docs/decisions/0121).
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

#: How often young objects are looked through.
LOOK_MS: Final = 1000
#: Fewer new objects than this are not worth a look: Python's own figure.
FEWEST: Final = 700
#: More are left to a quiet moment: a hundredth of a second is not to be spent while somebody types.
MOST: Final = 20_000
#: More than this are looked through at once all the same, so that a long check does not fill the memory.
TOO_MANY: Final = 400_000
#: Looks at the youngest before those that outlived them are looked through too: Python's own figure.
ROUNDS: Final = 10


class Sweeping(QObject):
    """Looks for garbage once a second while the window is open."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_enabled = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Look for garbage here only, from now on."""
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer.start()

    def leave_out_what_is_there(self) -> None:
        """Look through nothing that is there now: a full round walks all that is loaded, 60 to 90 ms without a picture."""
        gc.freeze()

    def end(self) -> None:
        """Leave it to Python again."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def look(self) -> None:
        """Look through the young objects, unless they are too few or too many."""
        young, rounds, _full = gc.get_count()
        if FEWEST <= young <= MOST or young > TOO_MANY:
            gc.collect(1 if rounds >= ROUNDS else 0)


def is_due() -> bool:
    """Return whether a quiet moment is worth a full round."""
    young, _rounds, full = gc.get_count()
    return young > MOST or full >= ROUNDS
