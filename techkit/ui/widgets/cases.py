"""The cards about a visit's case: which open one it goes on from, and what its end makes of what is left unsolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.cases import CaseEnd, CaseRow
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card, PressRow, Tag
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from techkit.ui.presenters.cases import Cases


class OpenCasesCard(Card):
    """The customer's open cases; pressed, the visit goes on from one. Hidden where there is none."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._rows = Rows(self._make_row, key=lambda item: item.id, gap=2)
        super().__init__(Label(_("Goes on from an earlier visit?"), "caption"), self._rows, gap=6)
        self.release = cases.changed.subscribe(self.render_state)
        self.render_state()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._cases.state
        self._rows.show_items(state.rows)
        self._rows.setEnabled(not state.is_locked)
        theme.show_or_hide(self, bool(state.rows))

    def _make_row(self, case: CaseRow) -> QWidget:
        words = column(
            Label(case.title, "small_strong", wraps=True), Label(case.line, "tiny", wraps=True), gap=1
        )
        chosen = _("The visit goes on from it") if case.is_chosen else ""
        made = PressRow(
            Icon("folder-open", "accentText" if case.is_chosen else "info", 20),
            Grow(words),
            At(Tag(chosen, "accent", "check"), MIDDLE) if chosen else None,
            name=". ".join(p for p in (case.title, case.line, chosen) if p),
            press=lambda: self._cases.choose(case.id),
            margins=(8, 6, 8, 6),
        )
        made.set_selected(case.is_chosen)
        return made


class CaseEndCard(Card):
    """One plain line about the case, and the way out of it. Hidden where there is nothing to say."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._shown: CaseEnd | None = None
        self._title = Label("", "small_strong", wraps=True)
        self._sentence = Label("", "small", wraps=True)
        self._button = Button(
            "", "outline", press=lambda: cases.do(self._shown.action if self._shown else "")
        )
        self._actions = holder(actions(self._button))
        super().__init__(Label(_("Case"), "section"), self._sentence, self._title, self._actions, gap=8)
        self.release = cases.changed.subscribe(self.render_state)
        self.render_state()

    def render_state(self) -> None:
        """Show the presenter's state."""
        end = self._shown = self._cases.state.end
        theme.show_or_hide(self, end is not None)
        if end is None:
            return
        self._sentence.setText(end.sentence)
        self._title.setText(end.title)
        theme.show_or_hide(self._title, bool(end.title))
        theme.show_or_hide(self._actions, bool(end.action))
        if end.action:
            self._button.set_words(end.action_label)
