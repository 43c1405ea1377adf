"""Follow-ups: the list of promises, and beside it the one chosen with all that can be done with it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, TextEdit
from techkit.ui.dates import DateField
from techkit.ui.presenters.due import MOVES, DueState, Promise
from techkit.ui.widgets.boxes import Grow, Scroll, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Choice
from techkit.ui.widgets.cards import Card, empty_state, facts
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.lists import ListPage
from techkit.ui.widgets.pages import NARROW, SLIM
from techkit.ui.widgets.rows import Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.due import Due

#: Width of the panel beside the list, in px at 100 %; the smaller one in a narrow window.
_PANEL, _SMALL_PANEL = 340, 288


class DuePage(ListPage):
    """The list of promises with its panel. go: shows a place by its key."""

    def __init__(self, due: Due, search: Callable[[], object] | None, go: Callable[[str], object]) -> None:
        self._due_shown: DueState | None = None
        super().__init__(due.rows, search, go, opens=False)
        self._due = due
        self._note_box: FieldBox | None = None
        self._promise = Slot(self._make_promise)
        self._undo = Slot(self._make_undo)
        self._hint = Card(
            empty_state(
                "flag",
                _("Choose a promise"),
                _("Its reason, its day and what can be done stand here."),
                size=56,
            )
        )
        self._panel = Scroll(column(self._undo, self._hint, self._promise, Grow(), gap=10), (0, 0, 0, 0))
        self._panel.setFixedWidth(theme.look().px(_PANEL))
        self.side.addWidget(self._panel)
        self.table.picked.connect(self._pick)
        self.table.opened.connect(lambda _number: self._enter_panel())
        self._release_due = due.changed.subscribe(self._render_due)
        self._render_due()

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        self._release_due()

    def zones(self) -> list[QWidget]:
        """Return the list's zones and the panel."""
        return [*super().zones(), self._panel]

    def set_width(self, width: int) -> None:
        """Leave the panel its room."""
        super().set_width(width)
        if width < SLIM:
            self._beside.setDirection(QBoxLayout.Direction.TopToBottom)
            self._panel.setMinimumSize(0, theme.look().px(_PANEL))
            self._panel.setMaximumWidth(16_777_215)
            self.table.set_window_width(width)
            return
        panel = _PANEL if width >= NARROW else _SMALL_PANEL
        self._beside.setDirection(QBoxLayout.Direction.LeftToRight)
        self._panel.setMinimumHeight(0)
        self._panel.setFixedWidth(theme.look().px(panel))
        self.table.set_window_width(width - panel)

    def _pick(self, number: int) -> None:
        held = self.rows.row(number)
        if held is not None:
            self._due.choose(held.id)

    def _enter_panel(self) -> None:
        for button in self._panel.findChildren(Button):
            if button.isVisible() and button.property("kind") == "primary":
                button.setFocus()
                return

    def _render_due(self) -> None:
        state = self._due.state
        if state == self._due_shown:
            return
        self._due_shown = state
        self._promise.show_item(state.promise)
        self._undo.show_item(state.undo_line or None)
        theme.show_or_hide(self._hint, state.promise is None)
        if self._note_box is not None and state.promise is not None and state.promise.is_open:
            self._note_box.show_error(state.error)

    def _make_undo(self, sentence: str) -> QWidget:
        return Card(
            row(
                Icon("check-circle", "ok", 20, "fill"),
                Grow(Label(sentence, "small", wraps=True)),
                Button(_("Undo"), "link", press=self._due.undo),
                gap=8,
            ),
            kind="soft",
            margins=10,
        )

    def _make_promise(self, promise: Promise) -> QWidget:
        due = self._due
        pieces: list[QWidget | None] = [
            Label(promise.text, "section", wraps=True),
            Label(promise.due_line, "small_strong", wraps=True, tone=promise.tone),
            holder(Flow(*self._make_links(promise), gap=6)),
            line(),
            facts(promise.facts, width=120, wraps=True),
        ]
        if promise.is_open:
            note = TextEdit(promise.note, name=_("What came of it"), lines=3)
            for told in (note.typing, note.left):
                told.connect(due.type_note)
            self._note_box = FieldBox(_("What came of it"), note)
            pieces += [line(), self._make_answers(promise), self._make_moves(promise), self._note_box]
            pieces.append(
                holder(
                    Flow(
                        Button(_("Done"), "primary", icon="check", press=lambda: due.finish(note.text())),
                        Button(_("Drop it"), "ghost", press=lambda: due.drop(note.text())),
                        gap=8,
                    )
                )
            )
        else:
            if promise.note:
                pieces.append(Label(promise.note, "small", wraps=True))
            pieces.append(Button(_("Open it again"), "outline", press=due.take_up))
        return Card(*pieces, gap=9)

    def _make_links(self, promise: Promise) -> list[Button]:
        links = [Button(promise.customer[:40], "link", icon="buildings", press=self._due.open_customer)]
        if promise.visit_line:
            links.append(
                Button(promise.visit_line, "link", icon="clipboard-text", press=self._due.open_visit)
            )
        return links

    def _make_answers(self, promise: Promise) -> QWidget:
        answers = Choice(_("What the customer says"), [(c.value, c.label) for c in promise.answers])
        answers.set_value(next((c.value for c in promise.answers if c.is_chosen), ""))
        answers.chosen.connect(self._due.answer)
        return holder(column(Label(_("What the customer says"), "small_strong"), answers, gap=4))

    def _make_moves(self, promise: Promise) -> QWidget:
        day = DateField(promise.due_on, today=lambda: self._due.state.today, name=_("Move to"))
        day.dated.connect(self._due.move_to)
        box = FieldBox(_("Move to"), day)
        day.left.connect(lambda text: box.show_error("" if day.is_readable else _unread(text)))
        moves = [
            Button(_(label), "chip", press=functools.partial(self._due.move, days)) for days, label in MOVES
        ]
        return holder(column(box, Flow(*moves, gap=6), gap=6))


def _unread(text: str) -> str:
    return _("“{typed}” is not a day of the calendar.", typed=text[:40])
