"""Giving a check away, on screen: form, reader, what is left out, the very text, and where it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPlainTextEdit, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.exporting import ExportState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, Choice, actions
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.rows import Slot
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.exporting import Exporting


class ExportCard(Card):
    """The way to giving the result away, among the results."""

    def __init__(self, exporting: Exporting) -> None:
        super().__init__(
            row(
                At(IconTile("export", "accent", 40, 22), TOP),
                Grow(
                    column(
                        Label(_("Give the result away"), "row"),
                        Label(
                            _("As text for an e-mail, whole, or for a GLPI server; shown before it leaves."),
                            "small",
                            wraps=True,
                        ),
                        gap=4,
                    )
                ),
                At(Button(_("Export"), "outline", icon="export", press=exporting.open), TOP),
                gap=13,
            ),
            margins=(16, 13, 14, 13),
        )


class ExportPanel(QWidget):
    """Form, reader, what is left out and the text itself, in the place of the results."""

    def __init__(self, exporting: Exporting, folder: Path | None) -> None:
        super().__init__()
        self._exporting, self._folder = exporting, folder
        self._shown: ExportState | None = None
        back = Button(_("Back to the results"), "ghost", icon="caret-left", press=exporting.close)
        self._notice = Slot(_banner)
        self._forms = Choice(_("Form"), (), fills=False)
        self._forms.chosen.connect(exporting.choose_form)
        self._audiences = Choice(_("Who will read it?"), (), fills=False)
        self._audiences.chosen.connect(exporting.choose_audience)
        self._line = Label("", "small_strong", wraps=True)
        self._left_out = Label("", "small", wraps=True)
        self._preview = QPlainTextEdit()
        self._preview.setReadOnly(True)
        self._preview.setTabChangesFocus(True)
        self._preview.setProperty("role", "mono")
        self._preview.setAccessibleName(_("What will be written"))
        self._preview.setFixedHeight(theme.look().px(260))
        self._more = Label("", "tiny")
        self._path = LineEdit(name=_("File"))
        choose = Button(_("Choose …"), icon="folder-open", press=self._choose_path)
        self._keep = Button(_("Keep as a file"), "soft", icon="floppy-disk", press=self._write)
        self._copy = Button(_("Copy"), "outline", icon="copy", press=self._copied)
        card = Card(
            Label(_("Give the result away"), "title", wraps=True),
            FieldBox(_("Form"), self._forms),
            FieldBox(_("Who will read it?"), self._audiences),
            self._line,
            self._left_out,
            Label(_("What will be written"), "small_strong"),
            self._preview,
            self._more,
            row(Grow(FieldBox(_("File"), self._path)), At(choose, Qt.AlignmentFlag.AlignBottom), gap=8),
            self._notice,
            holder(actions(self._keep, self._copy)),
            gap=10,
            margins=18,
        )
        self.setLayout(column(row(back, Grow(), gap=10), card, Grow(), gap=10))
        self._leave = exporting.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def focus_first(self) -> None:
        """Move the focus to the form."""
        first = self._forms.findChild(Button)
        if first is not None:
            first.setFocus()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._exporting.state
        before, self._shown = self._shown, state
        if state == before:
            return
        theme.show_or_hide(self, state.is_open)
        if not state.is_open:
            return
        for choice, offered in ((self._forms, state.forms), (self._audiences, state.audiences)):
            choice.set_options((c.value, c.label) for c in offered)
            choice.set_value(next((c.value for c in offered if c.is_chosen), ""))
        self._line.setText(state.left_out_line)
        self._left_out.setText("\n".join(state.left_out))
        theme.show_or_hide(self._left_out, bool(state.left_out))
        if self._preview.toPlainText() != state.preview:
            self._preview.setPlainText(state.preview)
        self._more.setText(state.more_line)
        theme.show_or_hide(self._more, bool(state.more_line))
        if before is None or before.file_name != state.file_name:
            self._path.setText(str(self._place() / state.file_name))
        self._notice.show_item(state.notice)
        for button in (self._keep, self._copy):
            button.setEnabled(not state.is_busy and bool(state.preview))
        if state.notice is not None and (before is None or before.notice != state.notice):
            announce(self, f"{state.notice.title} {state.notice.text}".strip())
        if before is None or not before.is_open:
            later(self, self.focus_first)  # what was just built takes the focus only once it is shown

    def _place(self) -> Path:
        if self._folder is not None:
            return self._folder
        return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))

    def _choose_path(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(self, _("Keep as a file"), self._path.text())
        if path:
            self._path.setText(path)

    def _write(self) -> None:
        self._exporting.keep(self._path.text())

    def _copied(self) -> None:
        QApplication.clipboard().setText(self._exporting.text)
        announce(self, _("Copied"))


def _banner(notice: Notice) -> QWidget:
    return Banner(notice.kind, notice.title, notice.text)
