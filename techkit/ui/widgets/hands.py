"""Trying by hand, on screen: the list of tests, the test that is open, and the technician's judgement."""

from __future__ import annotations

import base64
import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from techkit.i18n import _, number
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit
from techkit.ui.presenters.hands import COLOUR_NAMES, COLOURS, POINTED, HandsState, Picture
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Flow, Fold, Grow, Slot, column, holder, later, row
from techkit.ui.widgets.buttons import Button, Choice, Switch, actions
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.verdicts import verdict_icon

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands
    from techkit.ui.presenters.hands import TestRow as Row

#: Width of the list of tests, and the least of a test beside it, in px at 100 % text size.
_LIST, _TEST = 236, 420

#: So often Esc leaves the keyboard's picture: once and twice it is a key like any other.
_LEAVE_AFTER = 3

_SYSTEM = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


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
                    column(
                        Label(_("Try by hand"), "row"),
                        Label(
                            _("What only a person can judge: colours, keys, sound, picture."),
                            "small",
                            wraps=True,
                        ),
                        self._tags,
                        gap=4,
                    )
                ),
                At(self._open, TOP),
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
        self._judgements = Slot(self._make_judgements)
        self._live: _Area | None = None
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
            self._note.setText("")
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
        areas: dict[str, Callable[[Hands, Callable[[], object]], _Area]] = {
            "screen": _ScreenArea,
            "keyboard": _KeyboardArea,
            "pointer": _PointerArea,
            "speaker": _SpeakerArea,
            "microphone": _MicrophoneArea,
            "camera": _CameraArea,
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
        self._fill.show_colour(colour)

    def _leave_fill(self) -> None:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill.hide()
            fill.deleteLater()
            self._focus_judgement()


class _Area(QWidget):
    """What is tried, inside the card. leave: moves the focus on to the judgement."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__()
        self.hands, self.leave = hands, leave

    def render_state(self, state: HandsState) -> None:
        """Follow the state."""

    def render_live(self) -> None:
        """Follow what changes many times a second."""

    def focus_first(self) -> None:
        """Move the focus to the first thing to press."""
        first = self.findChild(Button)
        if first is not None:
            first.setFocus()


# --- screen ---------------------------------------------------------------------------------------------------


class _ScreenArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        start = Button(_("Fill the screen"), "soft", icon="monitor", press=lambda: hands.fill_screen(0))
        hint = _("Space or a click shows the next colour, Backspace the one before, Esc ends it.")
        self.setLayout(column(_Swatches(), holder(actions(start)), Label(hint, "small", wraps=True), gap=10))


class _Swatches(QLabel):
    """The colours that will fill the screen, beside each other."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.look().px(54))
        self.setAccessibleName(", ".join(_(name) for name in COLOUR_NAMES))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint one square a colour."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self.height() - 2
        for place, colour in enumerate(COLOURS):
            painter.setPen(QPen(look.colour("strong"), 1))
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(1 + place * (edge + look.px(8)), 1, edge, edge), 8, 8)


class ScreenFill(QWidget):
    """One colour over the whole screen; Space, Enter, → or a click for the next, ← or Backspace back, Esc ends."""

    def __init__(self, show: Callable[[int], object], leave: Callable[[], object]) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._show, self._leave = show, leave
        self._place = 0
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWindowTitle(_("Screen test"))

    def show_colour(self, place: int) -> None:
        """Fill with a colour of the presenter's list."""
        self._place = place
        self.setAccessibleName(_("The screen is filled with {colour}", colour=_(COLOUR_NAMES[place])))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back or out."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Backspace):
            self._show(max(0, self._place - 1))
        else:
            self._show(self._place + 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the next colour."""
        self._show(self._place + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill."""
        QPainter(self).fillRect(self.rect(), QColor(COLOURS[self._place]))


# --- keyboard -------------------------------------------------------------------------------------------------


class _KeyboardArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.picture = KeyboardPicture(hands, leave)
        self._count = Label("", "small_strong")
        self._layouts = Choice(_("Layout"), (), kind="chip")
        self._layouts.chosen.connect(hands.choose_layout)
        self._pad = Switch(_("Number pad"), hands.show_number_pad)
        pad = row(Label(_("Number pad"), "small"), self._pad, Grow(), gap=8)
        self.setLayout(column(self._layouts, pad, self.picture, self._count, gap=10))

    def render_state(self, state: HandsState) -> None:
        """Draw the layout that was chosen."""
        self._layouts.set_options((c.value, c.label) for c in state.layouts)
        self._layouts.set_value(state.layout)
        self._pad.setChecked(state.has_number_pad)
        self.picture.fit()

    def render_live(self) -> None:
        """Light up what was pressed."""
        waited = [k for k in self.hands.state.keys if not k.is_optional]
        seen = sum(k.place in self.hands.pressed for k in waited)
        text = _("{seen} of {count} keys answered", seen=number(seen), count=number(len(waited)))
        self._count.setText(text)
        self.picture.setAccessibleDescription(text)
        self.picture.update()

    def focus_first(self) -> None:
        """Let the keys be pressed at once."""
        self.picture.setFocus()


class KeyboardPicture(QLabel):
    """The keyboard; while it has the focus every key is only lit, none does anything."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__()
        self._hands, self._leave = hands, leave
        self._escapes = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Keyboard: press each key; Esc three times leaves"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(theme.look().px(320))
        self.fit()

    def fit(self) -> None:
        """Keep the height that belongs to the width."""
        self.setFixedHeight(round(6.35 * self._edge()) + 4)
        self.update()

    def _edge(self) -> float:
        keys = self._hands.state.keys
        wide = max((key.x + key.width for key in keys), default=18.25)
        return min(theme.look().px(46), max(8.0, (self.width() - 4) / wide))

    def resizeEvent(self, event: object) -> None:
        """Keep the height that belongs to the width."""
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Take every key, also those that mean something to the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._press(event)
            return True
        return super().event(event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Keep Tab as a key like any other."""
        return False

    def _press(self, event: QKeyEvent) -> None:
        event.accept()
        if not event.isAutoRepeat():
            self._hands.press_key(_SYSTEM, event.nativeScanCode(), event.nativeVirtualKey())
            self._escapes = self._escapes + 1 if event.key() == Qt.Key.Key_Escape else 0
        if self._escapes >= _LEAVE_AFTER:
            self._escapes = 0
            self._leave()

    def focusInEvent(self, event: object) -> None:
        """Show that keys are taken."""
        self._escapes = 0
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that keys are no longer taken."""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the keys."""
        self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the keys, those that answered filled and marked."""
        look, painter, edge = theme.look(), QPainter(self), self._edge()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._hands.state.keys:
            box = QRectF(2 + key.x * edge, 2 + key.y * edge, key.width * edge - 3, edge - 3)
            is_lit = key.place in self._hands.pressed
            painter.setBrush(look.colour("okSoft" if is_lit else "sunken"))
            pen = QPen(look.colour("ok" if is_lit else "border" if key.is_optional else "strong"))
            pen.setWidthF(2 if is_lit else 1)
            if key.is_optional and not is_lit:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRoundedRect(box, 4, 4)
            _label(painter, key.label, box, is_lit=is_lit)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


def _label(painter: QPainter, text: str, box: QRectF, *, is_lit: bool) -> None:
    """Write a key's label as large as it fits; what answered is bold, so that colour is not alone."""
    look = theme.look()
    font = look.font(13, 700 if is_lit else 500)
    font.setPixelSize(max(7, round(min(box.height() * 0.42, look.px(14)))))
    painter.setFont(font)
    while painter.fontMetrics().horizontalAdvance(text) > box.width() - 4 and font.pixelSize() > 7:
        font.setPixelSize(font.pixelSize() - 1)
        painter.setFont(QFont(font))
    painter.setPen(look.colour("ok" if is_lit else "text2"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


# --- pointer and touch ----------------------------------------------------------------------------------------


class _PointerArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.field = PointerField(hands)
        self._seen = Slot(self._make_seen)
        self.setLayout(column(self.field, self._seen, gap=10))

    def render_live(self) -> None:
        """Show what answered."""
        self._seen.show_item(tuple((word, word in self.hands.seen) for word in POINTED))
        self.field.update()

    def _make_seen(self, words: tuple[tuple[str, bool], ...]) -> QWidget:
        from techkit.diagnostics.trials import NAMES

        made = [
            Tag(_(NAMES[word]), "ok", "check", "bold")
            if is_seen
            else Tag(_(NAMES[word]), "none", "circle-dashed")
            for word, is_seen in words
        ]
        return holder(Flow(*made, gap=6))

    def focus_first(self) -> None:
        """Let the field be reached by Tab, too."""
        self.field.setFocus()


class PointerField(QWidget):
    """A field with four corners to reach; it notes movement, buttons, wheel, dragging and fingers."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._at: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Field for the pointer: corners, buttons, wheel, dragging, fingers"))
        self.setFixedHeight(theme.look().px(190))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def event(self, event: QEvent) -> bool:
        """Count fingers."""
        if isinstance(event, QTouchEvent):
            fingers = len(event.points())
            self._hands.point("touch", fingers)
            if fingers > 1:
                self._hands.point("two_fingers", fingers)
            self._reach(event.points()[0].position())
            event.accept()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Note movement, corners and dragging."""
        self._hands.point("move")
        self._reach(event.position())
        held = self._pressed_at
        if held is not None and (event.position() - held).manhattanLength() > theme.look().px(60):
            self._hands.point("drag")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note the button."""
        self._pressed_at = event.position()
        word = {
            Qt.MouseButton.LeftButton: "left_button",
            Qt.MouseButton.RightButton: "right_button",
            Qt.MouseButton.MiddleButton: "middle_button",
        }.get(event.button())
        if word:
            self._hands.point(word)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Note a double click."""
        self._hands.point("double_click")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Note the wheel, and keep the page where it is."""
        turned = event.angleDelta().y()
        if turned:
            self._hands.point("wheel_up" if turned > 0 else "wheel_down")
        event.accept()

    def _reach(self, place: QPointF) -> None:
        self._at = place
        for number_, corner in enumerate(self._corners(), 1):
            if corner.contains(place):
                self._hands.point(f"corner_{number_}")
        self.update()

    def _corners(self) -> tuple[QRectF, ...]:
        edge = theme.look().px(34)
        right, bottom = self.width() - edge - 6, self.height() - edge - 6
        return tuple(QRectF(x, y, edge, edge) for y in (6, bottom) for x in (6, right))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, its corners and where the pointer is."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(look.colour("focus" if self.hasFocus() else "strong"), 2 if self.hasFocus() else 1)
        )
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        for number_, corner in enumerate(self._corners(), 1):
            is_seen = f"corner_{number_}" in self._hands.seen
            painter.setPen(QPen(look.colour("ok" if is_seen else "strong"), 2))
            painter.setBrush(look.colour("okSoft" if is_seen else "surface"))
            painter.drawEllipse(corner)
            if is_seen:
                middle, reach = corner.center(), corner.width() / 5
                painter.drawLine(middle + QPointF(-reach, 0), middle + QPointF(-reach / 4, reach))
                painter.drawLine(middle + QPointF(-reach / 4, reach), middle + QPointF(reach * 1.2, -reach))
        if self._at is not None:
            painter.setPen(QPen(look.colour("accentText"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self._at, 8, 8)


# --- sound and camera -----------------------------------------------------------------------------------------


class _SpeakerArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self._buttons = [
            Button(words, "soft", icon=icon, press=functools.partial(hands.play, side))
            for side, words, icon in (
                ("left", _("Left side"), "caret-left"),
                ("right", _("Right side"), "caret-right"),
                ("both", _("Both sides"), "speaker-high"),
            )
        ]
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(column(holder(actions(*self._buttons, self._stop)), gap=10))

    def render_state(self, state: HandsState) -> None:
        """Offer Stop while a tone sounds."""
        theme.show_or_hide(self._stop, state.busy == "tone")


class _MicrophoneArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self._meter = Meter(_("Level of the microphone"), 0.0, height=16)
        self._words = Label("", "small")
        self._record = Button(_("Record 4 seconds"), "soft", icon="microphone", press=hands.record)
        self._listen = Button(_("Play it back"), "soft", icon="play", press=hands.play_back)
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(
            column(self._meter, self._words, holder(actions(self._record, self._listen, self._stop)), gap=10)
        )

    def render_state(self, state: HandsState) -> None:
        """Offer what can be done now."""
        self._listen.setEnabled(state.has_recording and not state.busy)
        self._record.setEnabled(not state.busy)
        theme.show_or_hide(self._stop, bool(state.busy))

    def render_live(self) -> None:
        """Show level and the loudest moment."""
        level, peak = self.hands.level, self.hands.peak
        self._meter.set_share(level, "bad" if level > 0.97 else "focus")
        text = _("Loudest moment: {share} %", share=number(100 * peak)) if peak else _("Nothing heard yet")
        self._words.setText(text)


class _CameraArea(_Area):
    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.view = PictureView()
        self._look = Button(_("Show the picture"), "soft", icon="webcam", press=hands.look)
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(column(self.view, holder(actions(self._look, self._stop)), gap=10))

    def render_state(self, state: HandsState) -> None:
        """Offer what can be done now."""
        theme.show_or_hide(self._look, state.busy != "camera")
        theme.show_or_hide(self._stop, state.busy == "camera")

    def render_live(self) -> None:
        """Show the newest picture."""
        self.view.show_picture(self.hands.picture)


class PictureView(QLabel):
    """The camera's picture as large as there is room, or what stands there without one."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._image = QImage()
        self.setFixedHeight(theme.look().px(240))
        self.setAccessibleName(_("Picture of the camera"))

    def show_picture(self, picture: Picture | None) -> None:
        """Show a picture; None shows none."""
        if picture is self._picture:
            return
        self._picture = picture
        self._image = QImage() if picture is None else image_of(picture)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the room of a small picture."""
        return QSize(theme.look().px(320), theme.look().px(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and picture."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        if self._image.isNull():
            edge = look.px(40)
            picture = theme.pixmap("video-camera", "text3", 40, "regular", self.devicePixelRatioF())
            painter.drawPixmap((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge, picture)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)


def image_of(picture: Picture) -> QImage:
    """Return a picture of the camera as Qt shows it; a broken one is empty."""
    data = base64.b64decode(picture.data)
    if picture.kind == "jpeg":
        return QImage.fromData(data)
    if len(data) < picture.width * picture.height:
        return QImage()
    made = QImage(data, picture.width, picture.height, picture.width, QImage.Format.Format_Grayscale8)
    return made.copy()  # the bytes go, the picture stays
