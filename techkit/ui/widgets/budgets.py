"""Budgets: one card each, those in trouble first; a bar with the part of the period that is over as its mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.budget_proposals import ProposedLine
from techkit.ui.presenters.budgets import BudgetLine, BudgetsState
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, empty_state, loading_rows
from techkit.ui.widgets.details import DetailPage
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.budgets import Budgets

_COLOURS = {"ok": "focus", "watch": "watch", "bad": "bad"}


def budget_card(
    held: BudgetLine,
    propose: Callable[[str], object],
    take_back: Callable[[str], object],
    open_customer: Callable[[str], object] | None = None,
) -> QWidget:
    """Return one budget: what is left, the bar, how it goes along, variance in words, what was proposed."""
    share = held.share or 0.0
    meter = Meter(
        f"{held.title}. {held.left_line}. {held.pace_line}",
        share,
        colour=_COLOURS[held.tone],
        height=10,
        mark=held.gone,
    )
    mark = {"watch": ("warning", "watch"), "bad": ("warning-octagon", "bad")}.get(
        held.tone, ("check-circle", "ok")
    )
    links = []
    if open_customer is not None and held.customer:
        links.append(
            Button(
                held.customer[:40], "link", icon="buildings", press=lambda: open_customer(held.customer_id)
            )
        )
    return Card(
        row(Icon(mark[0], mark[1], 20, "fill"), Grow(ElidedLabel(held.title, "row")), gap=8),
        holder(Flow(*links)) if links else None,
        Label(held.left_line, "strong", wraps=True),
        meter,
        Label(held.pace_line, "small", wraps=True),
        Label(held.variance_line, "small", wraps=True),
        Label(held.original_line, "tiny", wraps=True) if held.original_line else None,
        *(Label(words, "tiny", wraps=True) for words in held.history),
        Label(held.limit_line, "small_strong", wraps=True, tone=mark[1]) if held.limit_line else None,
        *(_proposed(one, take_back) for one in held.proposed),
        Label(held.closed_line, "small", wraps=True) if held.closed_line else _propose(held, propose),
        gap=6,
        margins=(16, 12, 16, 12),
    )


def _propose(held: BudgetLine, propose: Callable[[str], object]) -> QWidget:
    return holder(
        Flow(
            Button(
                _("Propose a change"),
                "link",
                icon="hand-coins",
                press=lambda: propose(held.id),
                name=_("Propose a change of {budget}", budget=held.title),
            )
        )
    )


def _proposed(one: ProposedLine, take_back: Callable[[str], object]) -> QWidget:
    """Return a proposal: what, why, and what the office said; one's own that waits can be taken back."""
    icon, tone = {"ok": ("check-circle", "ok"), "none": ("minus-circle", "none")}.get(
        one.tone, ("clock", "info")
    )
    words = column(
        Label(one.title, "small_strong", wraps=True),
        Label(f"{one.word} · {one.line}" if one.line else one.word, "tiny", wraps=True),
        gap=1,
    )
    back = Button(
        _("Take back"),
        "link",
        press=lambda: take_back(one.id),
        name=_("Take back: {proposal}", proposal=one.title),
    )
    return Card(
        row(
            At(Icon(icon, tone, 18, "fill"), Qt.AlignmentFlag.AlignTop),
            Grow(words),
            At(back, MIDDLE) if one.may_take_back else None,
            gap=8,
        ),
        kind="soft",
        margins=8,
    )


class BudgetsPage(DetailPage):
    """All budgets. back: shows what was shown before."""

    def __init__(
        self, budgets: Budgets, search: Callable[[], object] | None, back: Callable[[], object]
    ) -> None:
        super().__init__(search, budgets, back)
        self._budgets = budgets
        self._shown: BudgetsState | None = None
        self._loading = Card(loading_rows(3))
        self._notice = Slot(lambda sentence: Banner("info", sentence))
        self._empty = Card(
            empty_state(
                "wallet",
                _("No budgets on this device"),
                _("Budgets are made at the office and arrive with the next sync."),
                size=72,
            )
        )
        self._cards: Rows[BudgetLine] = Rows(
            lambda held: budget_card(held, budgets.propose, budgets.take_back, budgets.open_customer),
            key=lambda held: held.id,
            gap=12,
            at_once=0,
        )
        for piece in (self._notice, self._loading, self._empty, self._cards):
            self.body.addWidget(piece)
        self.release_budgets = budgets.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self.release_budgets()
        self._budgets.close()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._budgets.state
        if state == self._shown:
            return
        self._shown = state
        self.set_heading(_("Budgets"), state.line)
        self.show_common(state.form, state.error, state.undo_line)
        self._notice.show_item(state.locked or None)
        theme.show_or_hide(self._loading, state.is_loading)
        is_empty = not state.budgets and not state.locked and not state.error and not state.is_loading
        theme.show_or_hide(self._empty, is_empty)
        self._cards.show_items(state.budgets)
