"""The lock card: open the vault, make one, keep the recovery code, or come in with it.

It is the first thing painted, before anything but Qt is loaded; what is pressed before the
presenter is there is handed over when it arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, Tick
from techkit.ui.presenters.unlock import UnlockState, code_lines
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import HCENTRE, MIDDLE, At, Grow, Item, Scroll, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card, Logo
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.unlock import Unlock

#: Characters at which the length meter is full: four random words have about 24. There is no rule
#: about what they are. Source: NIST SP 800-63B-4, 3.1.1 (length counts, composition does not).
GOOD_LENGTH = 24

_CARD_WIDTH = 410
#: Below this height (px at 100 % text) the fields need the room of the program's own tile.
_LOW = 620


def code_label() -> Label:
    """Return the place a recovery code is shown at, large and to be selected."""
    code = Label("", "code", wraps=True, alignment=HCENTRE)
    code.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    code.setAccessibleName(_("Recovery code"))
    return code


class UnlockPage(QWidget):
    """The screen before all others. `attach` gives it its presenter once that is loaded."""

    def __init__(self, state: UnlockState) -> None:
        super().__init__()
        self.setProperty("ground", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._presenter: Unlock | None = None
        self._pressed: Callable[[Unlock], object] | None = None
        self._state = state
        self._title = Label("", "title", wraps=True, alignment=HCENTRE)
        self._line = Label("", "small", wraps=True, alignment=HCENTRE)
        self._cards: dict[str, _Step] = {}
        self._logo = Logo(60)
        self._card = Card(At(self._logo, HCENTRE), 4, self._title, self._line, 8, margins=28, gap=8)
        self._card.setFixedWidth(theme.look().px(_CARD_WIDTH))
        self._note = Label("", "small", wraps=True, alignment=HCENTRE)
        self._note_row = holder(
            row(Grow(), At(Icon("monitor", "text3", 18), MIDDLE), self._note, Grow(), gap=8)
        )
        self._corner = row(Grow(), gap=2, margins=(16, 12, 16, 0))
        # Large text in a small window: what is below the edge is scrolled to, and follows the focus. The card
        # stands in a row, as Qt asks an aligned piece for its height at the width of the whole window (6.11).
        self._scroll = Scroll(
            column(Grow(), row(Grow(), self._card, Grow(), gap=0), 8, self._note_row, Grow(), gap=6),
            (16, 6, 16, 24),
        )
        self.setLayout(column(self._corner, Grow(self._scroll), gap=0))
        self.show_state(state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the tile's room to the fields in a low window."""
        super().resizeEvent(event)
        theme.show_or_hide(self._logo, self.height() >= theme.look().px(_LOW))

    def add_corner(self, widget: QWidget) -> None:
        """Put something into the upper right corner: language, look, text size."""
        self._corner.addWidget(widget)

    def attach(self, presenter: Unlock) -> None:
        """Follow a presenter from now on; a button pressed meanwhile is answered."""
        self._presenter = presenter
        presenter.changed.subscribe(lambda: self.show_state(presenter.state))
        self.show_state(presenter.state)
        pressed, self._pressed = self._pressed, None
        if pressed is not None:
            pressed(presenter)

    def press(self, call: Callable[[Unlock], object]) -> None:
        """Hand a gesture to the presenter, now or as soon as there is one."""
        if self._presenter is None:
            self._pressed = call
        else:
            call(self._presenter)

    def focus_first(self) -> None:
        """Move the focus to the field to fill in."""
        self._current().focus_first()

    def show_state(self, state: UnlockState) -> None:
        """Show a state."""
        if state.mode == "opened":
            for card in self._cards.values():
                card.forget()
            return
        has_moved = state.mode != self._state.mode
        self._state = state
        self._title.setText(state.greeting or _title(state.mode))
        self._line.setText(state.line)
        theme.show_or_hide(self._line, bool(state.line))
        self._note.setText(state.note)
        theme.show_or_hide(self._note_row, bool(state.note))
        card = self._current()
        card.show_state(state)
        for other in self._cards.values():
            theme.show_or_hide(other, other is card)
        if state.error:
            announce(self, state.error)
        if has_moved or state.error:
            card.focus_error(state)
            later(self, self._bring_into_sight)  # once the sentence has its lines

    def _bring_into_sight(self) -> None:
        """Scroll a low window to the field in hand with its sentence, and to the button if both have room."""
        card = self._current()
        for piece in (card.button, card.box_in_hand()):
            if piece is not None:
                self._scroll.ensureWidgetVisible(piece, 0, theme.look().px(16))

    def _current(self) -> _Step:
        """Return the card of the mode, made when first needed: only one is painted at the start."""
        mode = self._state.mode
        if mode not in self._cards:
            self._cards[mode] = _CARDS[mode](self)
            self._card.box.addWidget(self._cards[mode])
        return self._cards[mode]


def _title(mode: str) -> str:
    return {
        "first_start": _("Welcome to techkit"),
        "recovery_code": _("Keep this recovery code"),
        "recover": _("Use the recovery code"),
        "damaged": _("Your data cannot be read"),
    }.get(mode, _("Welcome back"))


class _Step(QWidget):
    """One state of the lock card; each shows the state and has a first field in its own way.

    The two methods that say so raise NotImplementedError here and are not abstract: the metaclass of Qt's
    widgets and that of abc are unrelated, and no class can have both.
    """

    def __init__(self, page: UnlockPage) -> None:
        super().__init__()
        self._page = page
        self._boxes: dict[str, FieldBox] = {}
        self.button: Button

    def box_in_hand(self) -> FieldBox | None:
        """Return the field that has the focus, with its label and sentence."""
        return next((box for box in self._boxes.values() if box.control.hasFocus()), None)

    def _fill(self, *items: Item) -> None:
        self.setLayout(column(*items, gap=10))

    def _field(self, name: str, label: str, control: QWidget, *, hint: str = "") -> FieldBox:
        """Return a field under which an error of this name is shown."""
        self._boxes[name] = FieldBox(label, control, hint=hint)
        return self._boxes[name]

    def _show_error(self, state: UnlockState) -> None:
        for name, box in self._boxes.items():
            box.show_error(state.error if name == state.error_field else "")

    def focus_error(self, state: UnlockState) -> None:
        """Move the focus to the field that is wrong, else to the first one."""
        box = self._boxes.get(state.error_field) if state.error else None
        if box is not None:
            box.control.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.focus_first()

    def show_state(self, state: UnlockState) -> None:
        """Show what the presenter says; each card its own."""
        raise NotImplementedError

    def focus_first(self) -> None:
        """Move the focus to where typing begins; each card its own."""
        raise NotImplementedError

    def forget(self) -> None:
        """Leave no passphrase in a field."""
        for field in self.findChildren(QLineEdit):
            field.clear()


class Secret(LineEdit):
    """A passphrase field; pasting is welcome, the eye shows what was typed."""

    def __init__(self, name: str) -> None:
        super().__init__("", "", name=name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self._eye = IconButton("eye", _("Show the passphrase"), self._toggle, size=18)
        self._eye.setParent(self)
        self._eye.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(row(Grow(), self._eye, margins=(0, 0, 2, 0)))
        self.setTextMargins(0, 0, theme.look().px(40), 0)

    def _toggle(self) -> None:
        is_hidden = self.echoMode() is QLineEdit.EchoMode.Password
        mode = QLineEdit.EchoMode.Normal if is_hidden else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        self._eye.set_icon("eye-slash" if is_hidden else "eye")

    def clear(self) -> None:
        """Empty the field and hide it again."""
        super().clear()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye.set_icon("eye")


class _UnlockCard(_Step):
    def __init__(self, page: UnlockPage) -> None:
        super().__init__(page)
        self.passphrase = Secret(_("Passphrase"))
        self.passphrase.returnPressed.connect(self._open)
        box = self._field("passphrase", _("Passphrase"), self.passphrase)
        self.button = Button(_("Unlock"), "big", icon="lock-key-open", press=self._open, size=20)
        self.system = Tick(
            _("From the next start on, open with this computer’s own key store"), press=self._use_system
        )
        recover = Button(_("Use the recovery code"), "link", press=self._recover)
        self._fill(box, self.system, self.button, row(recover, Grow()))

    def _open(self) -> None:
        text = self.passphrase.text()
        self._page.press(lambda presenter: presenter.open(text))

    def _use_system(self, is_used: bool) -> None:
        self._page.press(lambda presenter: presenter.use_system(is_used))

    def _recover(self) -> None:
        self._page.press(lambda presenter: presenter.show_recover())

    def show_state(self, state: UnlockState) -> None:
        self._show_error(state)
        theme.show_or_hide(self.system, state.system is not None)
        self.system.setChecked(bool(state.system))
        _show_busy(self.button, state, _("Unlock"))
        if state.error:
            self.passphrase.clear()

    def focus_first(self) -> None:
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)


class _FirstStartCard(_Step):
    def __init__(self, page: UnlockPage) -> None:
        super().__init__(page)
        self.technician = LineEdit(name=_("Your name"))
        self.passphrase = Secret(_("Passphrase"))
        self.repeated = Secret(_("The same passphrase again"))
        self._length = Meter(_("Length of the passphrase"), height=6)
        passphrase = self._field(
            "passphrase",
            _("Passphrase"),
            self.passphrase,
            hint=_("Four words that do not belong together are good"),
        )
        self.passphrase.textChanged.connect(self._measure)
        self.repeated.returnPressed.connect(self._create)
        self.button = Button(_("Create my store"), "big", icon="lock-key", press=self._create, size=20)
        self._fill(
            self._field(
                "technician", _("Your name"), self.technician, hint=_("It stands on the customer’s paper")
            ),
            passphrase,
            self._length,
            self._field("repeated", _("The same passphrase again"), self.repeated),
            2,
            self.button,
        )

    def _measure(self, text: str) -> None:
        is_good = len(text) >= GOOD_LENGTH
        self._length.set_share(len(text) / GOOD_LENGTH, "ok" if is_good else "focus")

    def _create(self) -> None:
        name, passphrase, repeated = self.technician.text(), self.passphrase.text(), self.repeated.text()
        self._page.press(lambda presenter: presenter.create(name, passphrase, repeated))

    def show_state(self, state: UnlockState) -> None:
        self._show_error(state)
        _show_busy(self.button, state, _("Create my store"))

    def focus_first(self) -> None:
        first = self.passphrase if self.technician.text() else self.technician
        first.setFocus(Qt.FocusReason.OtherFocusReason)


class _RecoveryCodeCard(_Step):
    def __init__(self, page: UnlockPage) -> None:
        super().__init__(page)
        self._code = ""
        self.code = code_label()
        copy = Button(_("Copy"), "link", icon="copy", press=self._copy)
        self.kept = Tick(_("I wrote it down and keep it apart from this computer"), press=self._show_kept)
        self.button = Button(_("Continue"), "big", press=self._continue, has_arrow=True)
        self.button.setEnabled(False)
        self._fill(
            Card(self.code, At(copy, HCENTRE), kind="soft", margins=14),
            Label(
                _("It opens your data if you forget the passphrase. It is shown only once."),
                "small",
                wraps=True,
            ),
            self.kept,
            self.button,
        )

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._code)

    def _show_kept(self, is_kept: bool) -> None:
        self.button.setEnabled(is_kept)

    def _continue(self) -> None:
        self._page.press(lambda presenter: presenter.confirm_recovery_code())

    def show_state(self, state: UnlockState) -> None:
        self._code = state.recovery_code
        self.code.setText("\n".join(code_lines(self._code)))

    def focus_first(self) -> None:
        self.kept.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        super().forget()
        self._code = ""
        self.code.setText("")


class _RecoverCard(_Step):
    def __init__(self, page: UnlockPage) -> None:
        super().__init__(page)
        self.code = LineEdit(name=_("Recovery code"))
        self.passphrase = Secret(_("New passphrase"))
        self.passphrase.returnPressed.connect(self._recover)
        self.button = Button(_("Open with the code"), "big", icon="key", press=self._recover, size=20)
        back = Button(_("Back to the passphrase"), "link", press=self._back)
        self._fill(
            self._field("code", _("Recovery code"), self.code, hint=_("Dashes and capitals do not matter")),
            self._field("passphrase", _("New passphrase"), self.passphrase),
            2,
            self.button,
            row(back, Grow()),
        )

    def _recover(self) -> None:
        code, passphrase = self.code.text(), self.passphrase.text()
        self._page.press(lambda presenter: presenter.recover(code, passphrase))

    def _back(self) -> None:
        self._page.press(lambda presenter: presenter.show_unlock())

    def show_state(self, state: UnlockState) -> None:
        self._show_error(state)
        _show_busy(self.button, state, _("Open with the code"))

    def focus_first(self) -> None:
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)


class _DamagedCard(_Step):
    """A store that does not read: its newest good backup, where there is one."""

    def __init__(self, page: UnlockPage) -> None:
        super().__init__(page)
        self.backup = Label("", wraps=True)
        self.later = Label(
            _(
                "What was sent since then comes back from the office. The damaged file is kept aside: the office"
                " may get more out of it."
            ),
            "small",
            wraps=True,
        )
        self.error = Label("", wraps=True)
        self.button = Button(_("Open this backup"), "big", icon="archive", press=self._open, size=20)
        self.back = Button(_("Back to the passphrase"), "link", press=self._back)
        self._fill(self.backup, self.later, self.error, self.button, row(self.back, Grow()))

    def _open(self) -> None:
        self._page.press(lambda presenter: presenter.open_backup())

    def _back(self) -> None:
        self._page.press(lambda presenter: presenter.show_unlock())

    def show_state(self, state: UnlockState) -> None:
        self.backup.setText(state.backup)
        self.error.setText(state.error)
        for part in (self.backup, self.later, self.button):
            theme.show_or_hide(part, bool(state.backup))
        theme.show_or_hide(self.error, bool(state.error))
        _show_busy(self.button, state, _("Open this backup"))

    def focus_first(self) -> None:
        wanted = self.button if self.button.isVisibleTo(self) else self.back
        wanted.setFocus(Qt.FocusReason.OtherFocusReason)


_CARDS: dict[str, type[_Step]] = {
    "unlock": _UnlockCard,
    "first_start": _FirstStartCard,
    "recovery_code": _RecoveryCodeCard,
    "recover": _RecoverCard,
    "damaged": _DamagedCard,
}


def _show_busy(button: Button, state: UnlockState, words: str) -> None:
    button.setEnabled(not state.is_busy and state.pause_s == 0)
    if state.pause_s:
        words = _("Try again in {n} s", n=state.pause_s)
    elif state.is_busy:
        words = _("One moment…")
    button.set_words(words)
