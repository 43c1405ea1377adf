"""The line to the office on screen: offered, agreed to, measured with its pace, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.line_test import LineTestState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.rows import Slot
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.line_test import LineTest


class LineTestCard(QWidget):
    """Measuring the line; nothing where there is no check it could be added to."""

    def __init__(self, line_test: LineTest) -> None:
        super().__init__()
        self._test = line_test
        self._shown: LineTestState | None = None
        self._notice = Slot(_banner)
        self._line = Label("", "small", wraps=True)
        self._meter = Meter(_("Progress of the measurement"))
        self._below = Slot(self._make_below)
        self._card = Card(
            row(
                At(IconTile("gauge", "info", 40, 22), TOP),
                Grow(
                    column(
                        Label(_("Measure the line"), "row"),
                        Label(
                            _("How much it carries down and up, measured against your office’s service."),
                            "small",
                            wraps=True,
                        ),
                        self._line,
                        self._meter,
                        2,
                        self._below,
                        gap=4,
                    )
                ),
                gap=13,
            ),
            margins=(16, 13, 14, 13),
        )
        self.setLayout(column(self._notice, self._card, gap=14))
        self._leave = line_test.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._test.state
        before, self._shown = self._shown, state
        if state == before:
            return
        is_busy = state.phase in ("measuring", "ending")
        self._notice.show_item(state.notice)
        self._line.setText(state.line)
        theme.show_or_hide(self._line, bool(state.line))
        self._meter.set_share(state.share)
        theme.show_or_hide(self._meter, is_busy)
        self._below.show_item((state.phase, state.asked_sentence))
        theme.show_or_hide(self, bool(state.phase))
        if state.notice is not None and (before is None or before.notice != state.notice):
            announce(self, f"{state.notice.title} {state.notice.text}".strip())
        if before is not None and before.phase and before.phase != state.phase:
            later(self, self._focus_next)

    def _focus_next(self) -> None:
        """Keep the focus in the box where what had it is gone."""
        button = self._below.findChild(Button)
        if button is not None and self.isVisible() and button.isEnabled():
            button.setFocus()

    def _make_below(self, shown: tuple[str, str]) -> QWidget:
        phase, sentence = shown
        if phase == "asked":
            agrees = Button(_("Customer agrees"), "soft", icon="check", press=self._test.start)
            refuses = Button(_("Customer refuses"), "outline", press=self._test.refuse)
            return Card(
                Label(sentence, "body2", wraps=True),
                holder(actions(agrees, refuses)),
                kind="soft",
                margins=12,
            )
        if phase in ("measuring", "ending"):
            stop = Button(
                _("Ending …") if phase == "ending" else _("Stop, keep what is there"),
                "outline",
                icon="stop",
                press=self._test.stop,
            )
            stop.setEnabled(phase == "measuring")
            return holder(actions(stop))
        return holder(actions(Button(_("Measure"), "outline", icon="gauge", press=self._test.ask)))


def _banner(notice: Notice) -> QWidget:
    return Banner(notice.kind, notice.title, notice.text)
