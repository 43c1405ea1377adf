"""The times of a visit beside the work: stretches, helpers, and the form that adds or corrects one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _, ngettext
from techkit.ui import theme
from techkit.ui.controls import LineEdit
from techkit.ui.presenters.times import HelperRow, TimeRow, TimesState
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card, Tag
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.focus import first_control
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows
from techkit.ui.widgets.visit import leave_field

if TYPE_CHECKING:
    from techkit.ui.presenters.times import Times


#: So many stretches are told one by one; of more, the earlier ones are folded away, so that the column ends with the page.
_TOLD = 3


class TimesCard(Card):
    """Who worked how long; every stretch can be corrected, marked and taken out."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._shown: TimesState | None = None
        self._rows: Rows[TimeRow] = Rows(self._make_row, key=lambda item: item.id, has_lines=True)
        self._helpers: Rows[HelperRow] = Rows(self._make_helper, key=lambda item: item.name, has_lines=True)
        self._is_whole = False
        self._earlier = Button("", "link", icon="caret-down", press=self._fold)
        self._earlier_line = holder(Flow(self._earlier))
        self._back = Button("", "link", icon="arrow-u-up-left", press=times.bring_back)
        self._back_line = holder(Flow(self._back))
        self._error = Label("", "small", wraps=True, tone="bad")
        self._helper = LineEdit("", _("Name of a helper"), name=_("Name of a helper"))
        self._helper.setMaxLength(200)
        self._helper.returnPressed.connect(self._add_helper)
        for told in (self._helper.typing, self._helper.left):
            told.connect(times.type_helper)
        self._add_name = IconButton("user-plus", _("Works along from now on"), self._add_helper)
        self._helper_line = holder(row(Grow(self._helper), self._add_name, gap=6))
        self._add = Button(_("Add a time"), "link", icon="plus", press=times.add)
        self._title = Label("", "strong")
        self._form = FormView(columns=1)
        self._form.left.connect(times.fill)
        self._form.typing.connect(times.type_ahead)
        self._save = Button(_("Save time"), "soft", icon="check", press=self._keep)
        self._form_part = holder(
            column(
                self._title,
                self._form,
                holder(Flow(self._save, Button(_("Leave as it was"), "ghost", press=times.cancel))),
                gap=8,
            )
        )
        super().__init__(
            Label(_("Times"), "caption"),
            self._earlier_line,
            self._rows,
            self._back_line,
            self._form_part,
            holder(Flow(self._add)),
            self._helpers,
            self._helper_line,
            self._error,
            gap=6,
        )
        self._leave = times.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def focus_first(self) -> None:
        """Move the focus to the way to add a time, else to the first thing that can be done here."""
        target = self._add if self._add.isVisibleTo(self) else first_control(self)
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._times.state
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        self._show_rows(state)
        self._helpers.show_items(state.helpers)
        theme.show_or_hide(self._helpers, bool(state.helpers))
        self._back.set_words(state.back_label)
        theme.show_or_hide(self._back_line, bool(state.back_label))
        self._helper.set_text(state.helper_typed)
        self._error.setText(state.error)
        theme.show_or_hide(self._error, bool(state.error))
        for part in (self._add, self._helper_line):
            theme.show_or_hide(part, state.may_change and state.form is None)
        theme.show_or_hide(self._form_part, state.form is not None)
        if state.form is not None:
            self._title.setText(state.form.title)
            self._form.show_form(state.form)
            if before is None or before.form is None:
                self._form.focus_first()
        elif before is not None and before.form is not None:
            self._add.setFocus()

    def _show_rows(self, state: TimesState) -> None:
        """Show the last stretches, and how many came before them; all of them once somebody asked."""
        left_out = len(state.rows) - (_TOLD - 1) if len(state.rows) > _TOLD else 0
        theme.show_or_hide(self._earlier_line, left_out > 0)
        if left_out:
            words = ngettext("Show 1 earlier time", "Show {n} earlier times", left_out)
            self._earlier.set_words(_("Show the last times only") if self._is_whole else words)
            self._earlier.set_icon("caret-up" if self._is_whole else "caret-down")
        self._rows.show_items(state.rows if self._is_whole else state.rows[left_out:])
        theme.show_or_hide(self._rows, bool(state.rows))

    def _fold(self) -> None:
        self._is_whole = not self._is_whole
        self._show_rows(self._times.state)

    def _add_helper(self) -> None:
        self._times.add_helper(self._helper.text())
        if not self._times.state.error:
            self._helper.set_text("")

    def _keep(self) -> None:
        leave_field()
        self._times.save()

    # --- parts

    def _make_row(self, held: TimeRow) -> QWidget:
        may_change = self._times.state.may_change
        acts: list[QWidget] = []
        if may_change and held.outside_label:
            acts.append(
                Button(
                    held.outside_label,
                    "link",
                    press=functools.partial(self._times.toggle_outside, held.id),
                    name=_("{act}: {label}", act=held.outside_label, label=f"{held.label} {held.line}"),
                )
            )
        buttons: list[QWidget] = []
        if may_change and not held.is_running:
            named = f"{held.label} {held.line}"
            buttons = [
                IconButton(
                    "pencil-simple",
                    _("Change: {title}", title=named),
                    functools.partial(self._times.edit, held.id),
                    size=16,
                ),
                IconButton(
                    "trash",
                    _("Take out: {title}", title=named),
                    functools.partial(self._times.take_out, held.id),
                    size=16,
                ),
            ]
        words = column(
            row(
                Grow(Label(held.label, "small_strong", wraps=True)),
                Label(held.length, "small_strong"),
                gap=8,
            ),
            Label(held.line, "small", wraps=True) if held.line else None,
            holder(Flow(Tag(held.tag, "watch", "moon"))) if held.tag else None,
            # Change and take out stay side by side where the line breaks.
            holder(Flow(*acts, *([holder(row(*buttons, gap=4))] if buttons else []), gap=4))
            if acts or buttons
            else None,
            gap=1,
        )
        return holder(row(At(Icon(held.icon, "text2", 18), TOP), Grow(words), gap=8, margins=(0, 4, 0, 4)))

    def _make_helper(self, held: HelperRow) -> QWidget:
        act = None
        if held.act and self._times.state.may_change:
            do = {
                "leave": self._times.leave_helper,
                "come": self._times.come_helper,
                "remove": self._times.remove_helper,
            }[held.act]
            act = Button(
                held.act_label,
                "link",
                press=functools.partial(do, held.name),
                name=_("{act}: {label}", act=held.act_label, label=held.name),
            )
        return holder(
            row(
                At(Icon("user", "text2", 18), TOP),
                Grow(
                    column(
                        Label(held.name, "small_strong", wraps=True),
                        Label(held.line, "small", wraps=True),
                        holder(Flow(act)) if act is not None else None,
                        gap=1,
                    )
                ),
                gap=8,
                margins=(0, 4, 0, 4),
            )
        )
