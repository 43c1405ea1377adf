"""A new visit: one short form, and customers who may be meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Choice as Match
from techkit.ui.presenters.new_visit import NewVisitState
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import TOP, At, Grow, column, row
from techkit.ui.widgets.buttons import Button, Choice
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.pages import Footer, Page
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.visit import leave_field

if TYPE_CHECKING:
    from techkit.ui.presenters.new_visit import NewVisit


class NewVisitPage(Page):
    """The page behind "New visit" (Ctrl+N). leave: goes back to Today."""

    def __init__(
        self,
        new_visit: NewVisit,
        search: Callable[[], object] | None,
        leave: Callable[[], object],
        open_templates: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            _("New visit"), _("Who needs help, and with what? The rest can wait."), search=search
        )
        self.new_visit = new_visit
        self._shown: NewVisitState | None = None
        self._error = Slot(self._make_error)
        self._form = FormView()
        self._form.left.connect(new_visit.fill)
        self._form.typing.connect(new_visit.type_ahead)
        self._title = Label("", "row", wraps=True)
        self._matches = Rows(self._make_match, key=lambda item: item.value)
        self._matches_card = Card(
            Label(_("Already known?"), "row"),
            Label(_("Choose the customer instead of writing it again."), "small", wraps=True),
            self._matches,
            gap=6,
        )
        self._computer = Label("", "small", wraps=True)
        self._computer_card = Card(
            row(At(Icon("desktop", "text2", 20), TOP), Grow(self._computer), gap=10), kind="soft", margins=12
        )
        self._template_line = Label("", "small", wraps=True)
        self._templates = Choice(_("Template"), (), kind="chip")
        self._templates.chosen.connect(new_visit.choose_template)
        self._templates_card = Card(
            row(
                Grow(Label(_("Begin with a template"), "row")),
                Button(_("All templates"), "link", press=open_templates) if open_templates else None,
                gap=8,
            ),
            self._templates,
            self._template_line,
            gap=8,
        )
        self._templates_card.hide()
        self.body.addWidget(self._error)
        self.body.addWidget(self._templates_card)
        self.body.addWidget(Card(self._title, self._form, gap=14))
        self.right.addWidget(self._matches_card)
        self.right.addWidget(self._computer_card)
        self._footer = Footer(leave, self.go_on)
        self._footer.show_back(_("Today"))
        self.set_footer(self._footer)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.go_on)
        self.follow(new_visit.changed)

    def go_on(self) -> None:
        """Keep what is typed and start the visit."""
        leave_field()
        self.new_visit.start()

    def focus_first(self) -> None:
        """Move the focus to the first field."""
        self._form.focus_first()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self.new_visit.state
        if state == self._shown:
            return
        self._shown = state
        self._error.show_item(state.error or None)
        self._title.setText(state.form.title)
        theme.show_or_hide(self._title, bool(state.form.title))
        self._form.show_form(state.form)
        self._templates.set_options((held.id, held.title) for held in state.templates)
        self._templates.set_value(state.template)
        chosen = next((held for held in state.templates if held.id == state.template), None)
        self._template_line.setText(chosen.line if chosen is not None else "")
        theme.show_or_hide(self._template_line, chosen is not None and bool(chosen.line))
        theme.show_or_hide(self._templates_card, bool(state.templates))
        self._matches.show_items(state.matches)
        theme.show_or_hide(self._matches_card, bool(state.matches))
        self._computer.setText(state.computer_line)
        theme.show_or_hide(self._computer_card, bool(state.computer_line))
        self._footer.show_next(_("Start the visit"), is_enabled=state.may_start)

    def _make_error(self, sentence: str) -> QWidget:
        return Banner("bad", sentence)

    def _make_match(self, match: Match) -> QWidget:
        return PressRow(
            Icon(match.icon or "buildings", "text2", 20),
            Grow(column(Grow(), Label(match.label, "strong", wraps=True), Grow(), gap=0)),
            Icon("caret-right", "text3", 18),
            name=match.label,
            press=lambda: self.new_visit.choose_customer(match.value),
        )
