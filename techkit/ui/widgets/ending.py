"""The card behind "Nobody there?": ends a visit that never began, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.boxes import Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.visit import leave_field

if TYPE_CHECKING:
    from techkit.ui.presenters.ending import Ending


class EndingCard(Card):
    """Hidden once the visit began."""

    def __init__(self, ending: Ending) -> None:
        self._ending = ending
        self._had_form = False
        self._nobody = Button(
            _("Nobody there"), "outline", icon="door-open", press=lambda: ending.open("nobody")
        )
        self._off = Button(_("Call it off"), "outline", icon="x-circle", press=lambda: ending.open("off"))
        self._choices = holder(Flow(self._nobody, self._off, gap=8))
        self._title = Label("", "strong", wraps=True)
        self._form = FormView(columns=1)
        self._form.left.connect(ending.fill)
        self._form.typing.connect(ending.type_ahead)
        self._confirm = Button(_("End the visit like this"), "soft", icon="check", press=self._end)
        self._part = holder(
            column(
                self._title,
                self._form,
                holder(Flow(self._confirm, Button(_("Go on with the visit"), "ghost", press=ending.cancel))),
                gap=10,
            )
        )
        super().__init__(row(Grow(Label(_("Not today?"), "caption"))), self._choices, self._part, gap=8)
        self._leave = ending.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._ending.state
        theme.show_or_hide(self, state.may_say_nobody or state.may_call_off)
        theme.show_or_hide(self._nobody, state.may_say_nobody)
        theme.show_or_hide(self._off, state.may_call_off)
        theme.show_or_hide(self._choices, state.form is None)
        theme.show_or_hide(self._part, state.form is not None)
        if state.form is not None:
            self._title.setText(state.form.title)
            self._form.show_form(state.form)
            if not self._had_form:
                self._form.focus_first()
        elif self._had_form:
            self._nobody.setFocus()
        self._had_form = state.form is not None

    def _end(self) -> None:
        leave_field()
        self._ending.confirm()
