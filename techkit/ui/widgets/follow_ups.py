"""Step Follow-ups: overdue promises first, what is planned, suggestions with reasons, advice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import Tick
from techkit.ui.presenters.follow_ups import AdviceRow, FollowUpRow, FollowUpsState, Suggestion
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, Choice, IconButton
from techkit.ui.widgets.cards import Card, IconTile, Tag, empty_state
from techkit.ui.widgets.flowing import beside
from techkit.ui.widgets.focus import first_control, has_focus_inside
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from techkit.ui.presenters.follow_ups import FollowUps

#: How a due day looks: tag tone and icon. The word stands beside both.
_DUE = {"late": ("bad", "warning"), "soon": ("watch", "clock-countdown"), "": ("none", "calendar-blank")}


class FollowUpsPage(Page):
    """Step 4 of a visit: what we promise, who does it, by when, and why."""

    def __init__(self, follow_ups: FollowUps, search: Callable[[], object] | None) -> None:
        super().__init__(
            _("What happens next"),
            _("What we promise, who does it and by when. It stands on the customer’s page."),
            search=search,
        )
        self._follow_ups = follow_ups
        self._shown: FollowUpsState | None = None
        self._suggestions = Rows(self._make_suggestion, key=lambda item: item.key, has_lines=True)
        self._suggested = Card(
            row(
                Icon("sparkle", "accentText", 20, "fill"),
                Grow(Label(_("Suggested, each with its reason"), "section")),
                At(
                    Button(_("Add all"), "soft", icon="plus", press=follow_ups.add_all, shortcut="Alt+D"),
                    MIDDLE,
                ),
                gap=10,
            ),
            self._suggestions,
        )
        self._overdue = Rows(self._make_promise, key=lambda item: item.id, has_lines=True)
        self._overdue_part = holder(
            column(
                Label(_("Promised earlier and still open"), "section"), Card(self._overdue, margins=6), gap=8
            )
        )
        self._planned = Rows(self._make_promise, key=lambda item: item.id, has_lines=True)
        self._planned_card = Card(self._planned, margins=6)
        self._none_yet = Card(
            empty_state(
                "flag",
                _("Nothing is promised yet"),
                _("Add a suggestion, or write down what you promised."),
            )
        )
        self._advice = Rows(self._make_advice, key=lambda item: item.id, has_lines=True)
        self._advice_part = holder(
            column(
                Label(_("Our advice, the customer’s decision"), "section"),
                Card(self._advice, margins=6),
                gap=8,
            )
        )
        self._form = FormView()
        self._form.left.connect(follow_ups.fill)
        self._form.typing.connect(follow_ups.type_ahead)
        self._due = Choice(_("By when"), (), kind="chip")
        self._due.chosen.connect(lambda value: follow_ups.fill("due_on", value))
        self._add = Button(_("Add follow-up"), "soft", icon="plus", press=self._add_own, shortcut="Alt+A")
        self._whole = Button(
            _("Keep the whole text as a file"), "outline", icon="file-text", press=self._keep_whole
        )
        self._form_card = Card(
            Label(_("Promise something else"), "row"),
            self._form,
            self._due,
            row(self._whole, Grow(), self._add, gap=8),
        )
        for part in (
            self._overdue_part,
            self._suggested,
            column(Label(_("Planned"), "section"), self._planned_card, self._none_yet, gap=8),
            self._advice_part,
            self._form_card,
        ):
            if isinstance(part, QWidget):
                self.body.addWidget(part)
            else:
                self.body.addLayout(part)
        self.follow(follow_ups.changed)

    def focus_first(self) -> None:
        """Move the focus to the first suggestion, else to the form."""
        for shown in self._suggestions.widgets():
            button = shown.findChild(Button)
            if button is not None:
                button.setFocus()
                return
        self._form.focus_first()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._follow_ups.state
        if state == self._shown:
            return
        self._shown = state
        was_adding = has_focus_inside(self._suggested)
        self._suggestions.show_items(state.suggestions)
        theme.show_or_hide(self._suggested, bool(state.suggestions))
        self._overdue.show_items(state.overdue)
        theme.show_or_hide(self._overdue_part, bool(state.overdue))
        self._planned.show_items(state.planned)
        theme.show_or_hide(self._planned_card, bool(state.planned))
        theme.show_or_hide(self._none_yet, not state.planned)
        self._advice.show_items(state.advice)
        theme.show_or_hide(self._advice_part, bool(state.advice))
        theme.show_or_hide(self._form_card, state.form is not None)
        if state.form is not None:
            self._form.show_form(state.form)
            theme.show_or_hide(self._whole, state.form.may_keep_whole)
        self._due.set_options((choice.value, choice.label) for choice in state.due_choices)
        self._due.set_value(next((c.value for c in state.due_choices if c.is_chosen), ""))
        if was_adding and not state.suggestions:
            # All is added: on with what stands there now, not with whatever the window finds.
            following = first_control(self._planned)
            if following is not None:
                following.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep_whole(self) -> None:
        # The button goes with what it is for; the keyboard stays at the form.
        self._add.setFocus(Qt.FocusReason.OtherFocusReason)
        self._follow_ups.keep_whole_text()

    def _add_own(self) -> None:
        self._add.setFocus()
        self._follow_ups.add_own()

    def _make_suggestion(self, suggestion: Suggestion) -> QWidget:
        add = Button(_("Add"), "outline", icon="plus", press=lambda: self._follow_ups.add(suggestion.key))
        add.setAccessibleName(_("Add: {title}", title=suggestion.title))
        due = Tag(suggestion.due_text, "none", "calendar-blank") if suggestion.due_text else None
        words = column(
            Label(suggestion.title, "strong", wraps=True),
            Label(suggestion.reason, "small", wraps=True),
            gap=2,
        )
        tile = At(IconTile(suggestion.icon, "accent", 36, 20), TOP)
        return holder(
            row(
                tile,
                Grow(beside(words, due, add)),
                gap=12,
                margins=(0, 8, 0, 8),
            )
        )

    def _make_promise(self, promise: FollowUpRow) -> QWidget:
        tone, icon = _DUE.get(promise.tone, _DUE[""])
        on_paper = Tick(_("On the customer’s page"))
        on_paper.setChecked(promise.is_on_paper)
        on_paper.clicked.connect(lambda is_on: self._follow_ups.set_on_paper(promise.id, is_on))
        words = column(
            Label(promise.title, "strong", wraps=True),
            Label(promise.line, "small", wraps=True) if promise.line else None,
            Label(promise.cost_line, "small", wraps=True, tone="watch") if promise.cost_line else None,
            gap=2,
        )
        remove = IconButton(
            "x", _("Remove: {title}", title=promise.title), lambda: self._follow_ups.remove(promise.id)
        )
        return holder(
            row(
                At(Icon(promise.icon, "text2", 20), TOP),
                Grow(
                    beside(
                        words,
                        Tag(promise.due_text, tone, icon) if promise.due_text else None,
                        ElidedLabel(promise.owner, "small") if promise.owner else None,
                        on_paper,
                    )
                ),
                At(remove, MIDDLE),
                gap=12,
                margins=(10, 8, 6, 8),
            )
        )

    def _make_advice(self, advice: AdviceRow) -> QWidget:
        answer = Choice(
            _("What the customer says to: {title}", title=advice.title),
            (("accepted", _("Yes")), ("declined", _("No")), ("deferred", _("Later"))),
        )
        answer.set_value(advice.decision)
        answer.chosen.connect(lambda value: self._follow_ups.decide(advice.id, value))
        words = column(
            Label(advice.title, "strong", wraps=True),
            Label(advice.why, "small", wraps=True),
            Label(advice.urgency, "tiny"),
            gap=2,
        )
        return holder(
            row(
                At(Icon("lightbulb", "watch", 20, "fill"), TOP),
                Grow(beside(words, answer)),
                gap=12,
                margins=(10, 8, 10, 8),
            )
        )
