"""A check that runs: how far it is, what uses the computer meanwhile, and the ways out.

The pieces are made once; news, at most ten times a second, change texts, bars and lines only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.check import MOST_BUSY, CheckState
from techkit.ui.presenters.live import LiveChart as ChartState
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.charts import LiveChart
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter, Ring
from techkit.ui.widgets.pages import NARROW

#: Colours of the charts' series; the second is dashed.
_COLOURS = {
    "processor": ("c1",),
    "memory": ("c2",),
    "disk": ("c3", "c4"),
    "network": ("c4", "c1"),
}


class RunningView(QWidget):
    """The run: ring, what is looked at now, time left, what uses the computer, charts, Stop."""

    def __init__(self, stop: Callable[[], object], go_on: Callable[[], object]) -> None:
        super().__init__()
        self._ring = Ring(_("Progress of the check"), 0.0, "0 %", size=96, width=9)
        self._sentence = Label("", "section", wraps=True)
        self._line = Label("", "small", wraps=True)
        self._meter = Meter(_("Progress of the check"), 0.0)
        self._on = Button(_("Go on meanwhile"), "outline", icon="arrow-right", press=go_on)
        self._on.setToolTip(theme.escaped(_("The check keeps running; the step shows how far it is.")))
        self._stop = Button(_("Stop, keep what is there"), "outline", icon="stop", press=stop)
        self._usage = UsageCard()
        self._waiting = Label(_("In a few seconds it is seen which programs use it."), "small", wraps=True)
        self._usage.box.addWidget(self._waiting)
        self._charts: dict[str, _ChartCard] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.look().px(12))
        self._charts_place = holder(self._grid)
        self._charts_place.hide()
        side = holder(column(self._usage, Grow(), gap=0))
        self._both = row(Grow(side, 2), Grow(self._charts_place, 3), gap=14)
        self.setLayout(
            column(
                Card(
                    row(
                        At(self._ring, MIDDLE),
                        Grow(
                            column(
                                self._sentence,
                                self._line,
                                self._meter,
                                2,
                                holder(actions(self._on, self._stop)),
                                gap=8,
                            )
                        ),
                        gap=22,
                    ),
                    margins=18,
                ),
                self._both,
                row(
                    At(Icon("shield-check", "ok", 18, "fill"), TOP),
                    Grow(
                        Label(
                            _("It only reads. File names, documents and what was browsed are never read."),
                            "small",
                            wraps=True,
                        )
                    ),
                    gap=8,
                ),
                gap=14,
            )
        )

    def focus_stop(self) -> None:
        """Move the focus to the one thing to press while it runs."""
        self._stop.setFocus()

    def set_width(self, width: int) -> None:
        """Put the charts below the programs where room is scarce."""
        direction = QBoxLayout.Direction
        self._both.setDirection(direction.LeftToRight if width >= NARROW else direction.TopToBottom)

    def show_state(self, state: CheckState) -> None:
        """Show how far the run is."""
        self._ring.set_share(state.share, f"{round(state.share * 100)}\u00a0%")
        self._meter.set_share(state.share)
        self._sentence.setText(state.sentence)
        self._line.setText(state.progress_line)
        theme.show_or_hide(self._stop, state.may_stop)
        self._usage.show_programs(state.busy)
        theme.show_or_hide(self._waiting, not state.busy)
        self._show_charts(state.charts)

    def _show_charts(self, charts: tuple[ChartState, ...]) -> None:
        for chart in charts:
            if chart.key not in self._charts:
                made = _ChartCard(chart)
                place = len(self._charts)
                self._charts[chart.key] = made
                self._grid.addWidget(made, place // 2, place % 2)
            self._charts[chart.key].show_chart(chart)
        for key, card in self._charts.items():
            theme.show_or_hide(card, any(chart.key == key for chart in charts))
        theme.show_or_hide(self._charts_place, bool(charts))


class UsageCard(Card):
    """The programs that use most of the computer, each with its share; its rows are made once."""

    def __init__(self) -> None:
        self._rows = [_Program() for _number in range(MOST_BUSY)]
        super().__init__(Label(_("Using this computer now"), "section"), *self._rows)

    def show_programs(self, busy: tuple[tuple[str, str, float], ...]) -> None:
        """Show (name, what it uses in words, share of the busiest one) of each program."""
        for number, line in enumerate(self._rows):
            theme.show_or_hide(line, number < len(busy))
            if number < len(busy):
                line.show_program(*busy[number])


class _Program(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel("", "strong")
        self._words = Label("", "small")
        self._meter = Meter("", 0.0)
        self.setLayout(column(row(Grow(self._name), self._words, gap=8), self._meter, gap=4))

    def show_program(self, name: str, words: str, share: float) -> None:
        if name != self._name.text():
            self._name.setText(name)
        self._words.setText(words)
        self._meter.setAccessibleName(_("{name} uses", name=name))
        self._meter.set_share(share)


class _ChartCard(Card):
    def __init__(self, chart: ChartState) -> None:
        self._value = Label("", "row")
        self._line = Label("", "tiny", wraps=True)
        self._chart = LiveChart(chart.title, chart.unit, colours=_COLOURS[chart.key], height=86)
        super().__init__(
            row(Grow(Label(chart.title, "small_strong")), self._value, gap=8),
            self._chart,
            self._line,
            margins=(14, 10, 14, 10),
            gap=4,
        )
        self.box.addStretch()

    def show_chart(self, chart: ChartState) -> None:
        words = f"{chart.value}\u00a0{chart.unit}"
        self._value.setText(words)
        self._line.setText(chart.line)
        theme.show_or_hide(self._line, bool(chart.line))
        self._chart.describe(words)
        self._chart.show_series(chart.series, span=chart.span, high=chart.high)
