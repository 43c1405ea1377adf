"""Settings: every declared setting in its group; a change applies at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit, Select
from techkit.ui.presenters.settings import SettingRow, Settings, SettingsState
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Switch
from techkit.ui.widgets.cards import Card, facts
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.passphrase_change import PassphraseChange
    from techkit.ui.presenters.recovery_sheet import RecoverySheet


class SettingsPage(Page):
    """The page of the place "Settings"."""

    def __init__(
        self,
        settings: Settings,
        search: Callable[[], object] | None,
        recovery: RecoverySheet | None = None,
        passphrase: PassphraseChange | None = None,
    ) -> None:
        super().__init__(_("Settings"), _("Changes apply at once."), search=search)
        self._settings = settings
        self._recovery = recovery
        self._passphrase = passphrase
        self._shown: SettingsState | None = None
        self._groups: Rows[tuple[str, tuple[str, ...]]] = Rows(self._make_group, gap=14, at_once=1)
        self._rows: dict[str, SettingRow] = {}
        self._about = Slot(self._make_about)
        self._places: dict[str, Slot] = {}
        self.body.addWidget(self._groups)
        if recovery is not None and passphrase is not None:
            self.body.addWidget(self._make_keys(recovery, passphrase))
        self.body.addWidget(self._about)
        self._ends = [
            held.changed.subscribe(self._changed) for held in (recovery, passphrase) if held is not None
        ]
        self.follow(settings.changed)

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        for end in self._ends:
            end()

    def render_state(self) -> None:
        """Show the presenter's state."""
        if self._recovery is not None and self._passphrase is not None:
            held = self._recovery.state
            self._recovery_line.setText(held.line)
            self._recovery_notice.setText(held.notice)
            theme.show_or_hide(self._recovery_notice, bool(held.notice))
            self._passphrase_notice.setText(self._passphrase.state.notice)
            theme.show_or_hide(self._passphrase_notice, bool(self._passphrase.state.notice))
        state = self._settings.state
        if state == self._shown:
            return
        self._shown = state
        self._rows = {item.key: item for _heading, rows in state.groups for item in rows}
        self._groups.show_items((heading, tuple(r.key for r in rows)) for heading, rows in state.groups)
        for key, place in self._places.items():
            place.show_item(self._rows[key])
        self._about.show_item(state.about or None)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed meanwhile, and read how it stands with the recovery sheet."""
        super().showEvent(event)
        if self._recovery is not None:
            self._recovery.refresh()

    def _make_group(self, group: tuple[str, tuple[str, ...]]) -> QWidget:
        heading, keys = group
        rows: Rows[str] = Rows(self._make_place, has_lines=True, at_once=2)
        rows.show_items(keys)
        return holder(column(Label(heading, "section"), Card(rows, margins=(14, 6, 14, 6)), gap=8))

    def _make_place(self, key: str) -> QWidget:
        place = Slot(self._make_row)
        self._places[key] = place
        place.show_item(self._rows[key])
        return place

    def _make_row(self, item: SettingRow) -> QWidget:
        words = column(
            Grow(),
            Label(item.label, "strong", wraps=True),
            Label(item.help, "small", wraps=True) if item.help else None,
            Label(item.error, "small_strong", wraps=True, tone="bad") if item.error else None,
            Grow(),
            gap=1,
        )
        return holder(
            row(
                At(Icon(item.icon, "text2", 22), MIDDLE),
                Grow(words),
                At(self._make_control(item), MIDDLE),
                Label(item.unit, "small") if item.unit else None,
                gap=14,
                margins=(4, 8, 4, 8),
            )
        )

    def _make_control(self, item: SettingRow) -> QWidget:
        def change(text: str) -> None:
            self._settings.change(item.key, text)

        if item.control == "choice":
            select = Select(name=item.label)
            select.set_options((choice.value, choice.label) for choice in item.choices)
            select.set_value(item.text)
            select.setSizeAdjustPolicy(Select.SizeAdjustPolicy.AdjustToContents)
            select.picked.connect(change)
            return select
        if item.control == "truth":
            switch = Switch(item.label, lambda is_on: change("yes" if is_on else ""))
            switch.setChecked(bool(item.text))
            return switch
        if item.control == "secret":
            return self._make_secret(item, change)
        field = LineEdit(item.text, name=item.label)
        theme.set_property(field, "wrong", "true" if item.error else "false")
        field.setFixedWidth(theme.look().px({"number": 90, "money": 120}.get(item.control, 240)))
        field.left.connect(change)
        return field

    def _make_secret(self, item: SettingRow, change: Callable[[str], None]) -> QWidget:
        """Return a field for another secret: what is kept is never shown, an empty field leaves it as it is."""
        placeholder = _("Is set; type another one") if item.is_set else _("Not set")
        field = LineEdit("", placeholder, name=item.label)
        field.setEchoMode(LineEdit.EchoMode.Password)
        field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        field.setMaxLength(100)
        theme.set_property(field, "wrong", "true" if item.error else "false")
        field.setFixedWidth(theme.look().px(240))

        def keep(text: str) -> None:
            field.clear()
            if text.strip():
                change(text)

        field.left.connect(keep)
        return field

    def _make_keys(self, recovery: RecoverySheet, passphrase: PassphraseChange) -> QWidget:
        """Return what opens the data: the passphrase and the recovery sheet, each to be changed."""
        self._recovery_line = Label("", "small", wraps=True)
        self._recovery_notice = Label("", "small_strong", wraps=True)
        self._passphrase_notice = Label("", "small_strong", wraps=True)
        change = Button(_("Change the passphrase"), icon="lock-key", press=passphrase.ask)
        make = Button(_("Make a new sheet"), icon="key", press=recovery.ask)
        return holder(
            column(
                Label(_("Passphrase and recovery sheet"), "section"),
                Card(
                    _key_row(
                        "lock-key",
                        Label(_("Passphrase"), "strong", wraps=True),
                        Label(_("It opens your data on this device."), "small", wraps=True),
                        self._passphrase_notice,
                        button=change,
                    ),
                    line(),
                    _key_row(
                        "key",
                        Label(_("Recovery code"), "strong", wraps=True),
                        Label(_("It opens your data if you forget the passphrase."), "small", wraps=True),
                        self._recovery_line,
                        self._recovery_notice,
                        button=make,
                    ),
                    margins=(14, 6, 14, 6),
                    gap=0,
                ),
                gap=8,
            )
        )

    def _make_about(self, pairs: tuple[tuple[str, str], ...]) -> QWidget:
        return holder(column(Label(_("About this device"), "section"), Card(facts(pairs, 150)), gap=8))


def _key_row(icon: str, *words: Label, button: Button) -> QWidget:
    return holder(
        row(
            At(Icon(icon, "text2", 22), MIDDLE),
            Grow(column(Grow(), *words, Grow(), gap=1)),
            At(button, MIDDLE),
            gap=14,
            margins=(4, 8, 4, 8),
        )
    )
