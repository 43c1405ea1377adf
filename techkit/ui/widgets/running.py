"""A check that runs: how far it is, what uses the computer meanwhile, and the ways out.

The pieces are made once; news, at most ten times a second, change texts, bars and lines only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from techkit.i18n import _
from techkit.records.findings import Verdict
from techkit.ui import theme
from techkit.ui.presenters.check import MOST_BUSY
from techkit.ui.presenters.check_rows import CheckState, PartRow
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.live import LiveChart as ChartState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.charts import LiveChart
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter, Ring
from techkit.ui.widgets.pages import NARROW
from techkit.ui.widgets.rows import Slot
from techkit.ui.widgets.turns import later, paint_later
from techkit.ui.widgets.verdicts import SHAPES

#: Colours of the charts' series; the second is dashed.
_COLOURS = {
    "processor": ("c1",),
    "memory": ("c2",),
    "disk": ("c3", "c4"),
    "network": ("c4", "c1"),
}


class RunningView(QWidget):
    """The run: ring, what is looked at now, time left, Stop; what is serious already; each part; use and charts."""

    def __init__(self, stop: Callable[[], object], go_on: Callable[[], object]) -> None:
        super().__init__()
        self._pieces: tuple[object, ...] = ()
        self._told: Notice | None = None
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
        self._found = Slot(_found)
        self._parts = PartsCard()
        side = holder(column(self._parts, Grow(), gap=0))
        main = holder(column(self._usage, self._charts_place, Grow(), gap=14))
        self._both = row(Grow(side, 2), Grow(main, 3), gap=14)
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
                self._found,
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
        """Put the parts below what uses the computer where room is scarce."""
        direction = QBoxLayout.Direction
        self._both.setDirection(direction.LeftToRight if width >= NARROW else direction.BottomToTop)

    def show_state(self, state: CheckState) -> None:
        """Show how far the run is; what comes in new is painted in a turn of its own."""
        pieces = (len(state.busy), len(state.charts), len(state.parts), state.found is None)
        if pieces != self._pieces:
            self._pieces = pieces
            paint_later(self)
        self._ring.set_share(state.share, f"{round(state.share * 100)}\u00a0%")
        self._meter.set_share(state.share)
        self._sentence.setText(state.sentence)
        self._line.setText(state.progress_line)
        theme.show_or_hide(self._stop, state.may_stop)
        self._usage.show_programs(state.busy)
        theme.show_or_hide(self._waiting, not state.busy)
        self._show_charts(state.charts)
        self._parts.show_parts(state.parts)
        if state.found is not None and state.found != self._told:
            announce(self, state.found.title)
        self._told = state.found
        self._found.show_item(state.found)

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


def _found(notice: Notice) -> Banner:
    return Banner(notice.kind, notice.title, notice.text)


#: How a part is drawn before it is done: icon, tone.
_SHAPES = {"waiting": ("circle-dashed", "text3"), "running": ("circle-notch", "accentText")}


class PartsCard(Card):
    """How far each part of the computer is; a row is made once, when its part is first told of."""

    def __init__(self) -> None:
        super().__init__(Label(_("Parts of this computer"), "section"), gap=4)
        self._rows: dict[str, _Part] = {}
        self._parts: tuple[PartRow, ...] = ()
        self._is_adding = False
        self.hide()

    def show_parts(self, parts: tuple[PartRow, ...]) -> None:
        """Show the state of each part; rows that are not there yet are made one a turn."""
        self._parts = parts
        for part in parts:
            if part.area in self._rows:
                self._rows[part.area].show_part(part)
        if not self._is_adding and any(part.area not in self._rows for part in parts):
            self._is_adding = True
            later(self, self._add_next)
        shown = {part.area for part in parts}
        for area, line in self._rows.items():
            theme.show_or_hide(line, area in shown)
        theme.show_or_hide(self, bool(parts))

    def _add_next(self) -> None:
        missing = [part for part in self._parts if part.area not in self._rows]
        self._is_adding = len(missing) > 1
        if not missing:
            return
        made = self._rows[missing[0].area] = _Part()
        made.show_part(missing[0])
        self.box.addWidget(made)
        if self._is_adding:
            later(self, self._add_next)


class _Part(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._icon = Icon("circle-dashed", "text3", 20)
        self._label = Label("", "body")
        self._line = ElidedLabel("", "small")
        self._count = Label("", "small")
        words = column(row(Grow(self._label), self._count, gap=8), self._line, gap=0)
        self.setLayout(row(At(self._icon, MIDDLE), Grow(words), gap=10, margins=(0, 4, 0, 4)))

    def show_part(self, part: PartRow) -> None:
        """Show one part's state: shape, word and, where it is bad already, what it is."""
        is_bad = part.verdict in (Verdict.ACT, Verdict.WATCH)
        if part.state in _SHAPES and not is_bad:
            self._icon.set_icon(*_SHAPES[part.state])
        else:
            name, weight, tone = SHAPES[part.verdict]
            self._icon.set_icon(name, tone, weight)
        self._label.setText(part.label)
        self._count.setText(part.count)
        if part.line != self._line.text():
            self._line.setText(part.line)
        self.setAccessibleName(f"{part.label}: {part.line}, {part.count}")


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
