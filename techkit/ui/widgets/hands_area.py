"""What a device is tried with, inside the card of trying by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands, HandsState


class Area(QWidget):
    """What is tried, inside the card. leave: moves the focus on to the judgement."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__()
        self.hands, self.leave = hands, leave

    def render_state(self, state: HandsState) -> None:
        """Follow the state."""

    def render_live(self) -> None:
        """Follow what changes many times a second."""

    def focus_first(self) -> None:
        """Move the focus to the first thing to press."""
        first = self.findChild(Button)
        if first is not None:
            first.setFocus()
