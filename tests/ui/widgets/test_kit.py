"""The window's pieces: keyboard, names, wrapping, what is kept when a list changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from techkit import i18n
from techkit.records.findings import Verdict
from techkit.ui import controls, theme
from techkit.ui.models import ListItem, ListModel
from techkit.ui.widgets import (
    banner,
    boxes,
    buttons,
    cards,
    charts,
    flowing,
    labels,
    meters,
    rail,
    verdicts,
)
from techkit.ui.widgets.drawer import Drawer
from techkit.ui.widgets.pages import Footer, Page
from techkit.ui.widgets.rows import Rows
from techkit.ui.widgets.signature import SignaturePad

pytestmark = pytest.mark.usefixtures("look")


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    if widget.minimumSize() != widget.maximumSize():
        widget.resize(400, 300)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def role(widget: QWidget) -> QAccessible.Role:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.role()


# --- buttons


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_button_is_pressed_by_keyboard(qtbot: QtBot, key: Qt.Key) -> None:
    """Space, Return and Enter press a button once."""
    pressed: list[int] = []
    button = buttons.Button("Go", press=lambda: pressed.append(1))
    shown(qtbot, button)
    QTest.keyClick(button, key)
    assert pressed == [1]


def test_ctrl_return_is_left_to_the_page(qtbot: QtBot) -> None:
    """Ctrl+Return is the page's next step, also while a button has the focus."""
    pressed: list[int] = []
    button = buttons.Button("Go", press=lambda: pressed.append(1))
    shown(qtbot, button)
    QTest.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == []


def test_the_ring_shows_after_keyboard_use_only(qtbot: QtBot) -> None:
    """A click shows no ring, Tab does."""
    button = buttons.Button("Go")
    shown(qtbot, button)
    button.clearFocus()  # the window gave it the focus as it opened
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    assert button.property("ring") == "false"
    button.clearFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.property("ring") == "true"


def test_an_icon_button_has_name_and_shortcut(qtbot: QtBot) -> None:
    """What is only drawn is said, and its tooltip names the keys."""
    button = buttons.IconButton("lock-simple", "Lock now", shortcut="Ctrl+L")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Lock now"
    assert "Ctrl+L" in button.toolTip()


def test_an_ampersand_in_words_is_shown(qtbot: QtBot) -> None:
    """A name such as Baumann & Söhne on a button keeps its ampersand and gains no mnemonic."""
    button = buttons.Button("Baumann & Söhne")
    qtbot.addWidget(button)
    assert button.text() == "Baumann && Söhne"
    assert button.accessibleName() == "Baumann & Söhne"


def test_one_of_several_is_chosen_and_told(qtbot: QtBot) -> None:
    """A press tells the value; choosing from outside tells nothing."""
    choice = buttons.Choice("Skill", [("1", "New"), ("2", "Beginner")])
    shown(qtbot, choice)
    told: list[str] = []
    choice.chosen.connect(told.append)
    choice.set_value("1")
    choice.button("2").click()
    assert told == ["2"]
    assert choice.values == ("2",)


def test_several_may_be_chosen_where_said(qtbot: QtBot) -> None:
    """Chips of a multiple choice stay chosen beside each other."""
    choice = buttons.Choice("Programs", [("a", "A"), ("b", "B")], kind="chip", is_multiple=True)
    shown(qtbot, choice)
    choice.button("a").click()
    choice.button("b").click()
    assert choice.values == ("a", "b")


def test_new_options_keep_what_was_chosen(qtbot: QtBot) -> None:
    """A choice that is still offered stays chosen."""
    choice = buttons.Choice("Time", [("5", "5"), ("10", "10")])
    shown(qtbot, choice)
    choice.set_value("10")
    choice.set_options([("10", "10"), ("20", "20")])
    assert choice.value == "10"


def test_a_tick_takes_a_press_on_its_text_and_wraps(qtbot: QtBot) -> None:
    """The whole line is the target; a long text goes on in the next line."""
    tick = controls.Tick("Keep the readings of this computer for later comparison, twelve months at most")
    shown(qtbot, tick)
    tick.resize(220, tick.heightForWidth(220))
    QTest.mouseClick(tick, Qt.MouseButton.LeftButton, pos=QPoint(180, 10))
    assert tick.isChecked()
    assert tick.heightForWidth(220) > tick.heightForWidth(900)


def test_a_switch_says_whether_it_is_on(qtbot: QtBot) -> None:
    """To a screen reader a switch is checkable and has a name."""
    told: list[bool] = []
    switch = buttons.Switch("Lock when idle", told.append)
    shown(qtbot, switch)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert told == [True]
    state = QAccessible.queryAccessibleInterface(switch).state()
    assert state.checkable
    assert state.checked


# --- labels


def test_one_line_is_cut_and_told_whole(qtbot: QtBot) -> None:
    """A long name ends with an ellipsis on screen and stays whole as text and tooltip."""
    name = "Baumann & Söhne Steuerberatungsgesellschaft mbB <Freiburg>"
    label = labels.ElidedLabel(name)
    shown(qtbot, label)
    label.resize(80, 20)
    assert label.text() == name
    assert "&lt;Freiburg&gt;" in label.toolTip()
    label.resize(900, 20)
    assert label.toolTip() == ""


def test_a_fact_that_may_wrap_is_shown_whole(qtbot: QtBot) -> None:
    """The reason of a promise stands on as many lines as it needs; a word alone is cut and told whole."""
    reason = "The disk has used 61 % of its life; a second one is ordered before the first gives up."
    made = cards.facts((("Reason", reason), ("Serial", "NWT5-88213" * 9)), width=120, wraps=True)
    shown(qtbot, made)
    made.resize(300, 400)
    [whole] = [piece for piece in made.findChildren(labels.Label) if piece.text() == reason]
    assert whole.height() >= whole.heightForWidth(whole.width()) > 2 * whole.fontMetrics().height()
    [cut] = made.findChildren(labels.ElidedLabel)
    assert cut.text() in cut.toolTip()


def test_keys_are_named_one_by_one(qtbot: QtBot) -> None:
    """Ctrl+Return is two keys."""
    assert labels.key_names("Ctrl+Return")[-1] == "↵"
    assert len(labels.key_names("Ctrl+Shift+S")) == 3
    assert labels.key_names("Ctrl+,")[-1] == ","
    assert labels.key_names("Ctrl++")[1:] == labels.key_names("+") == ["+"]


# --- lists


def test_a_list_keeps_the_widgets_of_rows_that_stay(qtbot: QtBot) -> None:
    """When one of three rows changes, the other two keep their widget and the focus."""
    rows: Rows[tuple[int, str]] = Rows(
        lambda item: QLineEdit(item[1]), key=lambda item: item[0], has_lines=True
    )
    shown(qtbot, rows)
    rows.show_items([(1, "a"), (2, "b"), (3, "c")])
    first, second, third = rows.widgets()
    third.setFocus()
    qtbot.waitUntil(third.hasFocus)
    rows.show_items([(3, "c"), (2, "B"), (1, "a")])
    assert rows.widgets()[0] is third
    assert rows.widgets()[2] is first
    assert rows.widgets()[1] is not second
    assert third.hasFocus()


def test_a_row_that_changes_while_in_focus_gives_it_to_its_successor(qtbot: QtBot) -> None:
    """A technician who works by keyboard does not lose the place."""
    rows: Rows[tuple[int, str]] = Rows(lambda item: QLineEdit(item[1]), key=lambda item: item[0])
    shown(qtbot, rows)
    rows.show_items([(1, "a"), (2, "b")])
    rows.widgets()[1].setFocus()
    qtbot.waitUntil(rows.widgets()[1].hasFocus)
    rows.show_items([(1, "a"), (2, "changed")])
    assert rows.widgets()[1].hasFocus()


def test_chips_go_on_in_the_next_line(qtbot: QtBot) -> None:
    """A flow is as wide as its place and becomes higher."""
    flow = flowing.Flow(*(buttons.Button(f"Program {n}", "chip") for n in range(8)))
    host = boxes.holder(flow)
    shown(qtbot, host)
    assert flow.heightForWidth(300) > 2 * flow.heightForWidth(3000)


def test_headers_of_a_list_cannot_be_chosen() -> None:
    """Moving through results skips the headings and goes round."""
    model = ListModel()
    model.set_items(
        [
            ListItem(id="", title="Actions", is_header=True),
            ListItem(id="a", title="Print"),
            ListItem(id="", title="Records", is_header=True),
            ListItem(id="b", title="Printer"),
        ]
    )
    assert model.next_row(-1, 1) == 1
    assert model.next_row(1, 1) == 3
    assert model.next_row(3, 1) == 1
    assert model.next_row(1, -1) == 3
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable


# --- painted pieces


def test_painted_measures_have_role_name_and_value(qtbot: QtBot) -> None:
    """Ring and bar are progress bars with a value to a screen reader."""
    ring = meters.Ring("Progress of the visit", 0.5, "3/6")
    bar = meters.Meter("Budget", 0.72, mark=0.9)
    for widget, name in ((ring, "Progress of the visit"), (bar, "Budget")):
        shown(qtbot, widget)
        assert role(widget) is QAccessible.Role.ProgressBar
        assert widget.accessibleName() == name
    assert ring.value() == 500
    assert ring.accessibleDescription() == "3/6"


def test_a_measure_is_painted_in_the_windows_own_time(qtbot: QtBot) -> None:
    """Ten new shares in one turn are painted once, after it: the toolkit's own bar would paint ten times, all around it."""
    painted: list[float] = []

    class Watched(meters.Meter):
        def paintEvent(self, event: QPaintEvent) -> None:
            painted.append(self.value())
            super().paintEvent(event)

    bar = Watched("Budget")
    shown(qtbot, bar)
    painted.clear()
    for tenth in range(1, 11):
        bar.set_share(tenth / 10)
    assert painted == []
    qtbot.waitUntil(lambda: painted == [1000])


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.5, 1.0, 7.0])
def test_a_share_outside_its_scale_is_drawn_at_its_end(qtbot: QtBot, value: float) -> None:
    """More than all of a budget shows as a full bar, nothing is drawn outside."""
    bar = meters.Meter("Budget")
    shown(qtbot, bar)
    bar.set_share(value)
    bar.grab()
    assert 0 <= bar.value() <= bar.maximum()


def test_a_dumbbell_without_a_reading_is_drawn(qtbot: QtBot) -> None:
    """A reading that is missing before or after leaves its point out."""
    for before, after in ((None, 5.0), (5.0, None), (None, None), (300.0, -4.0)):
        dumbbell = meters.Dumbbell("Free space: new", before, after, limit=10, limit_is_low=True)
        shown(qtbot, dumbbell)
        dumbbell.resize(200, 26)
        assert not dumbbell.grab().isNull()
        assert dumbbell.accessibleName() == "Free space: new"


def test_a_live_chart_draws_on_the_scale_it_is_given_and_says_its_value(qtbot: QtBot) -> None:
    """The same points stand lower on a larger scale, and the newest value is told in words."""
    chart = charts.LiveChart("Disk", "MB/s", colours=("c3", "c4"), high=3.0)
    shown(qtbot, chart)
    points = [[float(number) for number in range(30)], [1.0] * 30]
    chart.show_series(points, span=30, high=30)
    chart.describe("29 MB/s")
    steep = chart.grab().toImage()
    chart.show_series(points, span=30, high=300)
    assert chart.grab().toImage() != steep
    assert chart.accessibleDescription() == "29 MB/s"


@pytest.mark.parametrize("points", [(), (5.0,), (5.0, 5.0), (1.0, 9.0, 4.0)])
def test_a_line_over_visits_is_drawn_from_one_point_on(qtbot: QtBot, points: tuple[float, ...]) -> None:
    """One point and equal points are as ordinary as a course; only no point leaves the place empty."""
    line, empty = charts.Sparkline("Wear", points, limit=8), charts.Sparkline("Wear", (), limit=8)
    for one in (line, empty):
        shown(qtbot, one)
        one.resize(120, 32)
    assert (line.grab().toImage() == empty.grab().toImage()) == (not points)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_is_shape_and_word(qtbot: QtBot, verdict: Verdict) -> None:
    """Colour never stands alone: the pill carries DESIGN's word."""
    pill = verdicts.verdict_pill(verdict)
    qtbot.addWidget(pill)
    assert pill.accessibleName() == verdict.label
    assert pill.text() == verdict.label
    pill.resize(pill.sizeHint())
    picture, icon = pill.grab().toImage(), theme.look().px(16)
    top, ground = (picture.height() - icon) // 2, picture.pixel(picture.width() // 2, 3)
    inked = [
        (x, y) for x in range(7, 7 + icon) for y in range(top, top + icon) if picture.pixel(x, y) != ground
    ]
    assert len(inked) > 60, "the shape before the word is missing"


# --- rail


def test_steps_say_their_state_and_tell_which_was_pressed(qtbot: QtBot) -> None:
    """A step's name and state are words, and a press tells its place without moving by itself."""
    steps = rail.StepRail()
    shown(qtbot, steps)
    steps.show_steps((("Need", "Confirmed", "done"), ("Check", "2 need action", "attention")), 0)
    pressed: list[int] = []
    steps.chosen.connect(pressed.append)
    second = steps.findChildren(rail.Step)[1]
    second.click()
    assert pressed == [1]
    assert second.accessibleName() == "2 Check"
    assert second.accessibleDescription() == "Needs attention. 2 need action"
    assert not second.isChecked()


def test_a_collapsed_rail_keeps_its_names(qtbot: QtBot) -> None:
    """On a narrow window the marks stay, the names become tooltips."""
    steps = rail.StepRail()
    shown(qtbot, steps)
    steps.show_steps((("Need", "", "todo"),), 0)
    qtbot.waitUntil(lambda: steps.sizeHint().width() > 0)
    wide = steps.sizeHint().width()
    steps.set_compact(True)
    assert steps.sizeHint().width() < wide
    assert "Need" in steps.findChildren(rail.Step)[0].toolTip()


# --- signature


def draw(pad: SignaturePad, *points: tuple[int, int]) -> None:
    first, *rest = (QPoint(*point) for point in points)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=first)
    for point in rest:
        QTest.mouseMove(pad, point)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=rest[-1] if rest else first)


def test_a_signature_is_kept_as_strokes_scaled_to_its_width(qtbot: QtBot) -> None:
    """A line across half the pad is a line from 100 to 600 of 1000, at any width."""
    pad = SignaturePad()
    shown(qtbot, pad)
    pad.resize(500, 160)
    told: list[int] = []
    pad.changed.connect(lambda: told.append(1))
    draw(pad, (50, 80), (150, 60), (300, 80))
    assert told == [1]
    assert pad.strokes() == (((100.0, 160.0), (300.0, 120.0), (600.0, 160.0)),)
    assert not pad.is_empty


def test_a_slip_is_no_signature(qtbot: QtBot) -> None:
    """A touch without a movement leaves the field empty."""
    pad = SignaturePad()
    shown(qtbot, pad)
    draw(pad, (50, 80))
    assert pad.is_empty
    assert pad.accessibleDescription() == "Empty"


def test_a_signature_can_be_taken_away(qtbot: QtBot) -> None:
    """Clearing empties the field."""
    pad = SignaturePad()
    shown(qtbot, pad)
    pad.resize(500, 160)
    draw(pad, (50, 80), (300, 80))
    assert pad.strokes()
    pad.clear()
    assert pad.is_empty


def test_the_place_to_sign_speaks_the_language_of_its_page(qtbot: QtBot) -> None:
    """What stands in it and what a screen reader says are the customer's language, whole in a small place."""
    pad = SignaturePad(is_on_page=True)
    shown(qtbot, pad)
    pad.resize(190, 44)
    before = pad.grab().toImage()
    wide = pad.hint_font().pixelSize()
    with i18n.language("fr"):
        pad.retranslate()
    assert pad.accessibleName().startswith("Champ de signature")
    assert pad.accessibleDescription() == "Vide"
    assert pad.grab().toImage() != before
    pad.resize(130, 30)
    assert pad.hint_font().pixelSize() < wide


# --- pages


def test_the_right_column_moves_below_on_a_narrow_window(qtbot: QtBot) -> None:
    """Under 1100 px nothing stands beside the body."""
    page = Page("Title", "One line")
    page.body.addWidget(cards.Card(labels.Label("body")))
    beside = cards.Card(labels.Label("right"))
    page.right.addWidget(beside)
    shown(qtbot, page)
    page.resize(1000, 700)
    page.set_width(1400)
    qtbot.waitUntil(lambda: beside.mapTo(page, QPoint(0, 0)).x() > 600)
    page.set_width(1024)
    qtbot.waitUntil(lambda: beside.mapTo(page, QPoint(0, 0)).x() < 100)


def test_the_footer_says_how_it_stands_with_saving(qtbot: QtBot) -> None:
    """A failed save is said in words with its own shape, and the next step can be closed."""
    pressed: list[str] = []
    footer = Footer(lambda: pressed.append("back"), lambda: pressed.append("next"))
    shown(qtbot, footer)
    footer.show_back("Check")
    footer.show_next("Continue: Follow-ups", is_enabled=False)
    footer.show_saved("not_saved", "Not saved: the stick is full.")
    footer.next_button.click()
    footer.back_button.click()
    assert pressed == ["back"]
    assert footer.next_button.words == "Continue: Follow-ups"


def test_the_drawer_takes_the_focus_and_gives_it_back(qtbot: QtBot) -> None:
    """Esc closes the drawer and the focus is where it was."""
    line = QLineEdit()
    drawer = Drawer()
    host = boxes.holder(boxes.row(line, drawer))
    shown(qtbot, host)
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    drawer.open_for("Storage", "The disk is wearing out")
    qtbot.waitUntil(lambda: not line.hasFocus())
    QTest.keyClick(drawer, Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    assert line.hasFocus()


def test_undo_is_offered_and_taken(qtbot: QtBot) -> None:
    """The toast says what was removed and takes it back once."""
    host = QWidget()
    shown(qtbot, host)
    toast, taken = banner.UndoToast(host), []
    toast.offer("Work entry removed", lambda: taken.append(1))
    assert toast.isVisible()
    toast.findChildren(buttons.Button)[0].click()
    assert taken == [1]
    assert not toast.isVisible()


def test_news_of_another_step_lead_there(qtbot: QtBot) -> None:
    """The toast says what came of it in full, is no taller than its words, and leads to where it is seen."""
    host = QWidget()
    shown(qtbot, host)
    toast, gone = banner.NewsToast(host), []
    toast.tell("The check is done. Nothing needs action", lambda: gone.append(1))
    assert toast.isVisible()
    [button] = toast.findChildren(buttons.Button)
    assert button.accessibleName() == "Show: The check is done. Nothing needs action"
    button.click()
    assert gone == [1]
    assert not toast.isVisible()


@pytest.mark.parametrize("name", sorted(theme.THEMES))
def test_every_piece_is_drawn_in_every_look(qtbot: QtBot, look: Callable[..., None], name: str) -> None:
    """No look lacks a token or an icon a piece asks for."""
    look(name=name, scale=1.5)
    pieces = boxes.holder(
        boxes.column(
            *(banner.Banner(kind, "Title", "Text") for kind in ("off", "info", "ok", "watch", "bad")),
            *(cards.Tag("word", tone, "flag") for tone in theme.TONES),
            *(
                buttons.Button("Words", kind, icon="plus")
                for kind in ("primary", "big", "soft", "ghost", "link", "danger", "chip", "tile")
            ),
            *(verdicts.VerdictCard(verdict, "Title", "Sentence") for verdict in Verdict),
            cards.empty_state("flag", "Nothing yet", "It will appear here."),
            cards.loading_rows(),
        )
    )
    shown(qtbot, pieces)
    assert not pieces.grab().isNull()


def test_a_tag_keeps_the_room_of_its_icon(qtbot: QtBot) -> None:
    """Qt's style sheets take the room away when the look changes behind a page that is put away; shown, it is back."""
    tag = cards.Tag("Likely", "accent", "magnifying-glass")
    shown(qtbot, tag)
    room, width = tag.contentsMargins().left(), tag.sizeHint().width()
    tag.hide()
    tag.setContentsMargins(0, 0, 0, 0)
    tag.show()
    assert tag.contentsMargins().left() == room
    assert tag.sizeHint().width() == width
