"""What the steps of an open visit and the boxes in them share: a state worked out anew whenever the visit changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit

StateT = TypeVar("StateT")


class VisitPart(ABC, Generic[StateT]):
    """One step of a visit, or one box of a step. A part says what it shows in `_state`.

    is_quiet: tells only when its state is another one than before.
    """

    is_quiet: ClassVar[bool] = False

    def __init__(self, held: OpenVisit, state: StateT) -> None:
        self.held = held
        self.changed = Observable()
        self.state = state
        held.changed.subscribe(self.refresh)

    def refresh(self) -> None:
        """Work the state out again and tell."""
        if self.held.is_loaded:
            before, self.state = self.state, self._state()
            if not self.is_quiet or before != self.state:
                self.changed()

    @abstractmethod
    def _state(self) -> StateT:
        """Return what is shown now."""
