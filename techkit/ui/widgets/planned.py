"""What was planned for the visit, each row with the one press that records it."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.planned import PlannedRow, PlanState
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows


class PlanCard(Card):
    """The plan; hidden where nothing was planned. do: is told the id of the row that was pressed."""

    def __init__(self, do: Callable[[str], object]) -> None:
        self._do = do
        self._title = Label("", "caption", wraps=True)
        self._time = Label("", "small", wraps=True)
        self._rows: Rows[PlannedRow] = Rows(self._make_row, key=lambda item: item.id, has_lines=True)
        super().__init__(self._title, self._time, self._rows, gap=6)
        self.hide()

    def show_plan(self, plan: PlanState | None) -> None:
        """Show the plan and how far it is."""
        theme.show_or_hide(self, plan is not None)
        if plan is None:
            return
        self._title.setText(plan.title)
        self._time.setText(plan.time_line)
        theme.show_or_hide(self._time, bool(plan.time_line))
        self._rows.show_items(plan.rows)

    def _make_row(self, planned: PlannedRow) -> QWidget:
        act = None
        if planned.act:
            act = Button(
                planned.act,
                "link",
                press=functools.partial(self._do, planned.id),
                name=_("{act}: {label}", act=planned.act, label=planned.label),
            )
        mark = Icon("check-circle", "ok", 18, "fill") if planned.is_done else Icon(planned.icon, "text2", 18)
        said = _("Done") if planned.is_done else planned.line
        return holder(
            row(
                At(mark, TOP),
                Grow(
                    column(
                        Label(planned.label, "small_strong", wraps=True),
                        Label(said, "small", wraps=True) if said else None,
                        holder(Flow(act)) if act is not None else None,
                        gap=1,
                    )
                ),
                gap=8,
                margins=(0, 5, 0, 5),
            )
        )
