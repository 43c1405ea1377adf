"""Trying by hand, on screen: the list of tests, the test that is open, and the technician's judgement."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit
from techkit.ui.presenters.hands import HandsState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag
from techkit.ui.widgets.flowing import Flow, Fold, beside
from techkit.ui.widgets.hands_area import Area
from techkit.ui.widgets.hands_keyboard import KeyboardArea
from techkit.ui.widgets.hands_media import CameraArea, MicrophoneArea, SpeakerArea
from techkit.ui.widgets.hands_pointer import PointerArea
from techkit.ui.widgets.hands_screen import ScreenArea, ScreenFill
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Slot
from techkit.ui.widgets.turns import later
from techkit.ui.widgets.verdicts import verdict_icon

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands
    from techkit.ui.presenters.hands import TestRow as Row

#: Width of the list of tests, and the least of a test beside it, in px at 100 % text size.
_LIST, _TEST = 236, 420


class HandsCard(Card):
    """The tests as a row of names in the results: what was said of each, and the way in."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._tags = Slot(self._make_tags)
        self._open = Button(_("Try by hand"), "outline", icon="hand", press=hands.open)
        super().__init__(
            row(
                At(IconTile("hand", "accent", 40, 22), TOP),
                Grow(
                    beside(
                        column(
                            Label(_("Try by hand"), "row"),
                            Label(
                                _("What only a person can judge: colours, keys, sound, picture."),
                                "small",
                                wraps=True,
                            ),
                            self._tags,
                            gap=4,
                        ),
                        self._open,
                    )
                ),
                gap=13,
            ),
            margins=(16, 13, 14, 13),
        )

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show what was said of each device so far."""
        self._tags.show_item(tuple(r for r in rows if r.judgement_label) or None)

    def _make_tags(self, rows: tuple[Row, ...]) -> QWidget:
        tones = {"ok": "ok", "act": "bad"}
        icons = {"ok": "check-circle", "act": "warning-octagon"}
        made = [
            Tag(
                f"{r.title}: {r.judgement_label}",
                tones.get(str(r.verdict), "none"),
                icons.get(str(r.verdict), "question"),
                "fill",
            )
            for r in rows
        ]
        return holder(Flow(*made, gap=6))


class HandsPanel(QWidget):
    """The tests, one of them open, in the place of the results."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._shown: HandsState | None = None
        self._back = Button(_("Back to the results"), "ghost", icon="caret-left", press=hands.close)
        self._phase = Label("", "small", wraps=True)
        self._list = Slot(self._make_list)
        self._title = Label("", "title", wraps=True)
        self._instruction = Label("", "body2", wraps=True)
        self._trouble = Slot(lambda text: Banner("watch", _("Could not check"), text))
        self._area = Slot(self._make_area)
        self._note = LineEdit(name=_("What is wrong? (may stay empty)"))
        self._note.textEdited.connect(hands.write_note)
        for told in (self._note.typing, self._note.left):
            told.connect(hands.type_note)
        self._judgements = Slot(self._make_judgements)
        self._live: Area | None = None
        self._fill: ScreenFill | None = None
        side = holder(column(self._list, Grow(), gap=4))
        test = Card(
            self._title,
            self._instruction,
            self._area,
            self._trouble,
            FieldBox(_("What is wrong? (may stay empty)"), self._note),
            self._judgements,
            gap=12,
            margins=18,
        )
        self.setLayout(
            column(
                row(self._back, Grow(self._phase), gap=10),
                Fold((side, 0, _LIST), (test, 1, _TEST), gap=16),
                Grow(),
                gap=10,
            )
        )
        self._releases = (
            hands.changed.subscribe(self.render_state),
            hands.lively.subscribe(self._render_live),
        )
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        for release in self._releases:
            release()
        self._leave_fill()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._hands.state
        before, self._shown = self._shown, state
        if state == before:
            return
        theme.show_or_hide(self, state.is_open)
        if not state.is_open:
            self._leave_fill()
            return
        self._phase.setText(state.phase_line)
        self._list.show_item(state.rows)
        self._title.setText(state.title)
        self._instruction.setText(state.instruction)
        self._area.show_item(state.test)
        self._note.set_text(state.note)
        if before is None or before.test != state.test:
            self._note.setText(state.note)
        self._trouble.show_item(state.trouble or None)
        self._judgements.show_item(tuple((c.value, c.label) for c in state.judgements))
        if self._live is not None:
            self._live.render_state(state)
        self._render_live()
        self._show_fill(state.colour)
        if before is None or not before.is_open or before.test != state.test:
            announce(self, f"{state.title}. {state.instruction}")
            later(self, self.focus_first)  # what was just built takes the focus only once it is shown

    def focus_first(self) -> None:
        """Move the focus to what is to be tried."""
        if self._live is not None and self.isVisible():
            self._live.focus_first()

    def _render_live(self) -> None:
        if self._live is not None and self._hands.state.is_open:
            self._live.render_live()

    def _make_list(self, rows: tuple[Row, ...]) -> QWidget:
        made = []
        for item in rows:
            mark = verdict_icon(item.verdict, 18) if item.verdict else Icon("circle-dashed", "text3", 18)
            said = item.judgement_label
            entry = PressRow(
                Icon(item.icon, "accentText" if item.is_open else "text2", 20),
                Grow(
                    column(
                        Label(item.title, "strong", wraps=True), Label(said, "tiny") if said else None, gap=0
                    )
                ),
                mark,
                name=f"{item.title}. {said}".strip(),
                press=functools.partial(self._hands.choose, item.test),
                margins=(10, 7, 10, 7),
            )
            entry.set_selected(item.is_open)
            made.append(entry)
        return Card(*made, margins=6, gap=2)

    def _make_area(self, test: str) -> QWidget:
        areas: dict[str, Callable[[Hands, Callable[[], object]], Area]] = {
            "screen": ScreenArea,
            "keyboard": KeyboardArea,
            "pointer": PointerArea,
            "speaker": SpeakerArea,
            "microphone": MicrophoneArea,
            "camera": CameraArea,
        }
        self._live = areas[test](self._hands, self._focus_judgement)
        return self._live

    def _make_judgements(self, offered: tuple[tuple[str, str], ...]) -> QWidget:
        icons = {
            "works": ("check-circle", "soft"),
            "faulty": ("warning-octagon", "danger"),
            "not_tried": ("minus-circle", "outline"),
            "no_device": ("prohibit", "outline"),
        }
        buttons = [
            Button(label, icons[value][1], icon=icons[value][0], press=functools.partial(self._judge, value))
            for value, label in offered
        ]
        return holder(actions(*buttons))

    def _judge(self, value: str) -> None:
        self._hands.write_note(self._note.text())
        self._hands.judge(value)

    def _focus_judgement(self) -> None:
        first = self._judgements.findChild(Button)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # --- the whole screen in one colour

    def _show_fill(self, colour: int | None) -> None:
        if colour is None:
            self._leave_fill()
            return
        if self._fill is None:
            self._fill = ScreenFill(self._hands.fill_screen, self._hands.leave_screen)
            self._fill.setScreen(self.screen())
            self._fill.showFullScreen()
            self._fill.activateWindow()
            self._fill.setFocus()  # a window without pieces has no focus of its own: nothing would be read out
        self._fill.show_colour(colour)

    def _leave_fill(self) -> None:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.hide()
            fill.deleteLater()
            self.window().activateWindow()  # not every system gives the keyboard back to the window behind
            self._focus_judgement()
