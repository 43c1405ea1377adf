"""The card that changes the passphrase: the one in use, and the new one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox
from techkit.ui.widgets.boxes import Grow, Scroll, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.overlay import EDGE, Overlay
from techkit.ui.widgets.unlock import GOOD_LENGTH, Secret

if TYPE_CHECKING:
    from techkit.ui.presenters.passphrase_change import PassphraseChange

_WIDTH = 480

#: Around everything, and around what scrolls: room for the ring of the focus.
_PADDING, _MARGINS = 18, (2, 2, 2, 2)


class PassphraseCard(Overlay):
    """Over the settings; Esc leaves, and no field keeps what was typed."""

    def __init__(self, change: PassphraseChange) -> None:
        super().__init__(width=_WIDTH)
        self._change = change
        self._line = Label("", "small", wraps=True)
        self._fields = {
            name: (field := Secret(label), FieldBox(label, field, hint=hint))
            for name, label, hint in (
                ("old", _("Passphrase so far"), ""),
                ("new", _("New passphrase"), _("Four words that do not belong together are good")),
                ("again", _("The same passphrase again"), ""),
            )
        }
        self._length = Meter(_("Length of the passphrase"), height=6)
        self._error = Label("", "small_strong", wraps=True, tone="bad")
        self._go = Button(_("Change the passphrase"), "primary", press=self._go_on)
        self._cancel = Button(_("Cancel"), "ghost", press=self.leave)
        self._fields["new"][0].textChanged.connect(self._measure)
        for field, _box in self._fields.values():
            field.returnPressed.connect(self._go_on)
        fields = (self._fields["old"][1], self._fields["new"][1], self._length, self._fields["again"][1])
        self._scroll = Scroll(column(self._line, *fields, self._error, Grow(), gap=10), _MARGINS)
        self.take_card(
            Card(
                Label(_("Change the passphrase"), "section", wraps=True),
                Grow(self._scroll),
                row(Grow(), self._cancel, self._go, gap=8),
                margins=_PADDING,
                gap=10,
            )
        )
        self._end = change.changed.subscribe(self.render_state)

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def leave(self) -> None:
        """Close the card without a change."""
        if self._change.state.is_busy:
            return
        self._forget()
        super().leave()
        self._change.cancel()

    def card_height(self, width: int) -> int:
        """Return the height of everything, or what the window has: the fields scroll then, the buttons stay."""
        left, _top, right, _bottom = _MARGINS
        inner = width - 2 * theme.look().px(_PADDING) - theme.look().px(left + right)
        body = self._scroll.body
        fields = max(body.heightForWidth(inner), body.sizeHint().height())
        rest = super().card_height(width) - self._scroll.sizeHint().height()
        return min(rest + fields, self.height() - EDGE)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._change.state
        if not state.is_asking:
            if self.isVisible():
                self._forget()
                super().leave()
            return
        self._line.setText(state.line)
        for name, (_field, box) in self._fields.items():
            box.show_error(state.error if state.error_field == name else "")
        self._error.setText("" if state.error_field else state.error)
        theme.show_or_hide(self._error, bool(state.error) and not state.error_field)
        self._go.setEnabled(not state.is_busy)
        self._cancel.setEnabled(not state.is_busy)
        if not self.isVisible():
            self.appear(self._fields["old"][0])
        elif state.error_field:
            field = self._fields[state.error_field][0]
            if state.error_field == "old":
                field.clear()
            field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.place()
        if state.error_field:
            self._scroll.ensureWidgetVisible(self._fields[state.error_field][1])

    def _measure(self, text: str) -> None:
        is_good = len(text) >= GOOD_LENGTH
        self._length.set_share(len(text) / GOOD_LENGTH, "ok" if is_good else "focus")

    def _go_on(self) -> None:
        self._change.change(*(field.text() for field, _box in self._fields.values()))

    def _forget(self) -> None:
        for field, _box in self._fields.values():
            field.clear()
