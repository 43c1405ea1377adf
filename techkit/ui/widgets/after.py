"""Step After: the check after the work beside the one before, drafts it makes, what came of the visit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, TextEdit
from techkit.ui.presenters.after import AfterState, ComparisonRow
from techkit.ui.presenters.choices import Choice as Offered
from techkit.ui.presenters.choices import Notice
from techkit.ui.widgets.banner import announce, look_banner
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Choice, actions
from techkit.ui.widgets.cards import Card, Tag
from techkit.ui.widgets.drafts import DraftsCard
from techkit.ui.widgets.flowing import Fold
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.meters import Dumbbell, Ring
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.verdicts import verdict_icon

if TYPE_CHECKING:
    from techkit.ui.presenters.after import After

#: change -> tag tone, icon, direction of the dumbbell.
_CHANGES = {
    "better": ("ok", "check-circle", 1),
    "worse": ("bad", "warning-octagon", -1),
    "same": ("none", "minus-circle", 0),
    "open": ("watch", "warning", 0),
    "new": ("info", "info", 0),
    "gone": ("none", "minus-circle", 0),
}


#: Room for the words of a change and for its picture, so that the columns of all rows stand below each other.
_RESULT_WIDTH, _PICTURE_WIDTH = 250, 150


class AfterPage(Page):
    """Step 5 of a visit: measured again by itself; what is better, what is still open."""

    def __init__(
        self,
        after: After,
        search: Callable[[], object] | None,
        try_by_hand: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(_("Before and after"), search=search)
        self._after = after
        self._shown: AfterState | None = None
        self._again = self.add_action(
            Button(_("Check again"), "outline", icon="arrows-clockwise", press=after.start, shortcut="Ctrl+D")
        )
        self._try = self.add_action(Button(_("Try by hand"), "outline", icon="hand", press=try_by_hand))
        self._notice = Slot(self._make_notice)
        self._progress = Slot(self._make_progress)
        self._drafts = DraftsCard(after.drafting)
        self._headline = Label("", "section", wraps=True)
        self._complaint = Label("", "body2", wraps=True)
        self._rows: Rows[ComparisonRow] = Rows(
            comparison_row, key=lambda item: item.key, has_lines=True, at_once=2
        )
        self._rows_card = Card(self._headline, self._complaint, line(), self._rows, margins=18)
        self._skip = Slot(self._make_skip)
        self._outcome = Choice(_("Result of the visit"), (), kind="tile")
        self._outcome.chosen.connect(after.choose_outcome)
        self._reason = TextEdit(name=_("Why, in one sentence"), lines=2)
        self._reason.left.connect(lambda _text: after.write_reason(self._reason.text()))
        self._reason.typing.connect(functools.partial(after.type_ahead, "reason"))
        self._in_short = TextEdit(name=_("In short, for the customer"), lines=3)
        self._in_short.left.connect(lambda _text: after.write_in_short(self._in_short.text()))
        self._in_short.typing.connect(functools.partial(after.type_ahead, "in_short"))
        self._note = TextEdit(name=_("Notes for colleagues"), lines=2)
        self._note.left.connect(lambda _text: after.write_note(self._note.text()))
        self._note.typing.connect(functools.partial(after.type_ahead, "note"))
        outcome = Card(
            Label(_("What came of it?"), "section"),
            self._outcome,
            FieldBox(_("Why, in one sentence"), self._reason),
            FieldBox(
                _("In short, for the customer"),
                self._in_short,
                hint=_("Left empty, the page says it from the readings."),
            ),
            FieldBox(
                _("Notes for colleagues"),
                self._note,
                hint=_("Not on the page: the office and who comes next read it."),
            ),
            gap=12,
            margins=18,
        )
        for part in (self._notice, self._progress, self._drafts, self._rows_card, self._skip, outcome):
            self.body.addWidget(part)
        self.follow(after.changed)

    def focus_first(self) -> None:
        """Move the focus to the result of the visit."""
        first = self._outcome.findChild(Button)
        if first is not None:
            first.setFocus()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._after.state
        before, self._shown = self._shown, state
        if state == before:
            return
        self.set_heading(_("Before and after"), state.sentence)
        self._notice.show_item(state.notice)
        self._progress.show_item((state.share, state.sentence) if state.phase == "running" else None)
        theme.show_or_hide(self._again, state.phase in ("waiting", "results", "failed", "skipped"))
        theme.show_or_hide(self._try, state.phase == "results")
        self._drafts.show_drafts("", state.drafts, state.add_label, may_add=state.may_add)
        theme.show_or_hide(self._drafts, bool(state.drafts))
        self._headline.setText(state.headline)
        self._complaint.setText(state.complaint_line)
        theme.show_or_hide(self._complaint, bool(state.complaint_line))
        self._rows.show_items(state.rows)
        theme.show_or_hide(self._rows_card, bool(state.rows or state.headline) and state.phase != "running")
        self._skip.show_item(
            state.skip_reasons if state.phase in ("waiting", "failed") and state.skip_reasons else None
        )
        self._outcome.set_options((choice.value, choice.label) for choice in state.outcomes)
        self._outcome.set_value(next((c.value for c in state.outcomes if c.is_chosen), ""))
        self._reason.set_text(state.outcome_reason)
        self._in_short.set_text(state.in_short)
        self._note.set_text(state.note)
        if before is not None and before.phase == "running" and state.phase == "results" and self.isVisible():
            announce(self, state.headline)

    def _make_notice(self, notice: Notice) -> QWidget:
        return look_banner(notice, self._after.looking.act)

    def _make_progress(self, shown: tuple[float, str]) -> QWidget:
        share, sentence = shown
        ring = Ring(_("Progress of the check"), share, f"{round(share * 100)}\u00a0%")
        stop = Button(_("Stop"), "outline", icon="stop", press=self._after.stop)
        words = column(
            Grow(),
            Label(_("The computer is checked again"), "section"),
            Label(sentence, "small", wraps=True),
            Grow(),
            gap=3,
        )
        return Card(row(ring, Grow(words), At(stop, MIDDLE), gap=18), margins=18)

    def _make_skip(self, reasons: tuple[Offered, ...]) -> QWidget:
        buttons = [
            Button(reason.label, "outline", press=functools.partial(self._after.skip, reason.label))
            for reason in reasons
        ]
        return Card(
            Label(_("Not possible to check again? Say why; the office sees it."), "body2", wraps=True),
            holder(actions(*buttons)),
        )


def comparison_row(item: ComparisonRow) -> QWidget:
    """Return a reading before and after; its arrow stands below that of every other row, picture or not."""
    tone, icon, direction = _CHANGES.get(item.change, _CHANGES["same"])
    title = f"{item.title} · {item.subject}" if item.subject else item.title
    words = item.words if not item.difference else f"{item.words} ({item.difference})"
    last = item.after_verdict or item.before_verdict
    values = _("{before} before, {after} after", before=item.before or "–", after=item.after or "–")
    picture: QWidget = holder(row())
    if item.before_at is not None and item.after_at is not None:
        picture = Dumbbell(
            f"{title}: {values}. {words}",
            item.before_at,
            item.after_at,
            low=0.0,
            high=1.0,
            limit=item.limit_at,
            limit_is_low=bool(item.higher_is_better),
            change=direction,
        )
    name = holder(
        column(
            Label(title, "strong", wraps=True),
            Label(item.computer, "tiny", wraps=True) if item.computer else None,
            Grow(),
            gap=1,
        )
    )
    change = holder(
        row(
            Grow(Label(item.before or "–", "body2", wraps=True)),
            At(Icon("arrow-right", "text3", 16), MIDDLE),
            Grow(Label(item.after or "–", "strong", wraps=True)),
            gap=10,
        )
    )
    result = holder(column(Tag(words, tone, icon, "fill"), gap=0))
    pieces = [(name, 3, 150), (change, 4, 210), (picture, 3, _PICTURE_WIDTH), (result, 0, _RESULT_WIDTH)]
    return holder(
        row(
            At(verdict_icon(last, 20), TOP) if last is not None else None,
            Grow(Fold(*pieces)),
            gap=10,
            margins=(2, 7, 2, 7),
        )
    )
