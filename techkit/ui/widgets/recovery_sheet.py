"""The card that makes another recovery sheet: passphrase, the code once, one group of it typed back."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, Select
from techkit.ui.presenters.unlock import code_lines
from techkit.ui.widgets.boxes import Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import Overlay
from techkit.ui.widgets.print_sheet import print_pages
from techkit.ui.widgets.unlock import code_label

if TYPE_CHECKING:
    from techkit.ui.presenters.recovery_sheet import RecoverySheet

_WIDTH = 480


class RecoverySheetCard(Overlay):
    """Over the settings; Esc leaves, and what was shown is forgotten."""

    def __init__(self, sheet: RecoverySheet) -> None:
        super().__init__(width=_WIDTH)
        self._sheet = sheet
        self._line = Label("", "small", wraps=True)
        self._passphrase = LineEdit(name=_("Passphrase"))
        self._passphrase.setEchoMode(LineEdit.EchoMode.Password)
        self._passphrase.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self._passphrase.setMaxLength(1000)
        self._passphrase.returnPressed.connect(self._go_on)
        self._passphrase_box = FieldBox(_("Passphrase"), self._passphrase)
        self._code = code_label()
        self._printer = Select(name=_("Printer"))
        self._print = Button(_("Print"), "soft", icon="printer", press=self._send)
        self._printing = holder(row(Grow(self._printer), self._print, gap=8))
        self._print_line = Label("", "small", wraps=True)
        self._group = LineEdit(name=_("Group of the code"))
        self._group.setMaxLength(20)
        self._group.returnPressed.connect(self._go_on)
        self._group_box = FieldBox(_("Group of the code"), self._group)
        self._shown = holder(
            column(
                Card(self._code, kind="soft", margins=14),
                self._printing,
                self._print_line,
                self._group_box,
                gap=8,
            )
        )
        self._error = Label("", "small_strong", wraps=True, tone="bad")
        self._go = Button("", "primary", press=self._go_on)
        self._cancel = Button(_("Cancel"), "ghost", press=self.leave)
        self.take_card(
            Card(
                Label(_("New recovery sheet"), "section", wraps=True),
                self._line,
                self._passphrase_box,
                self._shown,
                self._error,
                row(Grow(), self._cancel, self._go, gap=8),
                margins=18,
                gap=10,
            )
        )
        self._end = sheet.changed.subscribe(self.render_state)

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def leave(self) -> None:
        """Close the card; a code that was not confirmed is forgotten."""
        if self._sheet.state.is_busy:
            return
        self._forget()
        super().leave()
        if self._sheet.state.step != "rest":
            self._sheet.cancel()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._sheet.state
        if state.step == "rest":
            if self.isVisible():
                self._forget()
                super().leave()
            return
        is_shown = state.step == "shown"
        was_shown = bool(self._code.text())
        self._line.setText(
            _("The code is shown only now. Write it down or print it, and keep it apart from this computer.")
            if is_shown
            else _(
                "For when the old sheet is lost or somebody saw it. The old code then opens nothing any more."
            )
        )
        theme.show_or_hide(self._passphrase_box, not is_shown)
        theme.show_or_hide(self._shown, is_shown)
        self._code.setText("\n".join(code_lines(state.code)))
        self._passphrase_box.show_error(state.error if state.error_field == "passphrase" else "")
        self._group_box.set_label(_("Type group {n} of your sheet", n=state.group) if is_shown else "")
        self._group_box.show_error(state.error if state.error_field == "group" else "")
        self._say(state.error if not state.error_field else "")
        self._go.set_words(_("The sheet is safe") if is_shown else _("Make a new code"))
        self._go.setEnabled(not state.is_busy)
        self._cancel.setEnabled(not state.is_busy)
        if not self.isVisible():
            self.appear(self._passphrase)
        elif is_shown and not was_shown:
            self._passphrase.clear()
            self._offer_printers()
            self._group.setFocus(Qt.FocusReason.OtherFocusReason)
        elif state.error_field == "passphrase":
            self._passphrase.clear()
        self.place()

    def _say(self, sentence: str) -> None:
        self._error.setText(sentence)
        theme.show_or_hide(self._error, bool(sentence))

    def _offer_printers(self) -> None:
        printers = QPrinterInfo.availablePrinterNames()
        self._printer.set_options((name, name) for name in printers)
        default = QPrinterInfo.defaultPrinterName()
        self._printer.setCurrentIndex(printers.index(default) if default in printers else 0)
        theme.show_or_hide(self._printing, bool(printers))
        self._print_line.setText(
            "" if printers else _("No printer is set up here. Write the code down by hand, letter by letter.")
        )
        theme.show_or_hide(self._print_line, not printers)

    def _go_on(self) -> None:
        if self._sheet.state.step == "shown":
            self._sheet.confirm(self._group.text())
        else:
            self._sheet.make(self._passphrase.text())

    def _send(self) -> None:
        self._print.setEnabled(False)

        def ended(sentence: str) -> None:
            self._print.setEnabled(True)
            self._print_line.setText(sentence)
            theme.show_or_hide(self._print_line, True)
            self.place()

        printer = self._printer.value()
        self._sheet.print_to(
            functools.partial(_send_to, printer), lambda: ended(_("The sheet went to the printer.")), ended
        )

    def _forget(self) -> None:
        self._passphrase.clear()
        self._group.clear()
        self._code.setText("")


def _send_to(printer: str, pages: list[bytes], paper: str, title: str) -> bool:
    return print_pages(pages, printer, paper, title)
