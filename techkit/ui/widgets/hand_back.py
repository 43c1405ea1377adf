"""The card that asks for the passphrase or PIN before the technician's view comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from techkit.i18n import _
from techkit.ui.controls import FieldBox, LineEdit
from techkit.ui.widgets.boxes import Grow, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import Overlay

if TYPE_CHECKING:
    from techkit.ui.presenters.hand_back import HandBack

_WIDTH = 420


class HandBackSheet(Overlay):
    """Over the customer's view; Esc leaves the customer's page as it is."""

    def __init__(self, hand_back: HandBack) -> None:
        super().__init__(width=_WIDTH)
        self._hand_back = hand_back
        self._field = LineEdit(name=_("Passphrase"))
        self._field.setEchoMode(LineEdit.EchoMode.Password)
        self._field.setMaxLength(1000)
        self._field.returnPressed.connect(self._give)
        self._box = FieldBox(_("Passphrase"), self._field)
        self._open = Button(_("Continue"), "primary", press=self._give)
        self._stay = Button(_("Stay on this page"), "ghost", press=self.leave)
        self.take_card(
            Card(
                Label(_("Back to the technician"), "section", wraps=True),
                Label(_("Only the technician goes on from here."), "small", wraps=True),
                self._box,
                row(Grow(), self._stay, self._open, gap=8),
                margins=20,
                gap=12,
            )
        )
        self._end = hand_back.changed.subscribe(self.render_state)

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def leave(self) -> None:
        """Leave the customer's page as it is."""
        self._field.clear()
        super().leave()
        self._hand_back.cancel()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._hand_back.state
        if not state.is_asking:
            if self.isVisible():
                self._field.clear()
                super().leave()
            return
        words = _("Short PIN") if state.by == "pin" else _("Passphrase")
        self._box.set_label(words)
        self._field.setAccessibleName(words)
        self._box.show_error(state.error)
        self._open.setEnabled(not state.is_checking)
        if not self.isVisible():
            self.appear(self._field)
        elif state.error:
            self._field.clear()
        self.place()

    def _give(self) -> None:
        self._hand_back.give(self._field.text())
