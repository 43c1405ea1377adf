"""Where the page goes: a printer of this computer, or a file; in the window, never a system dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.forms import FieldBox, LineEdit, Select
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label

_WIDTH = 520

#: Stands for "no printer, a file".
TO_FILE = ""


class PrintSheet(QWidget):
    """A card over the window. `chosen` tells (printer or TO_FILE, path); `closed` that it went."""

    chosen = Signal(str, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._came_from: QWidget | None = None
        self._note = Label("", "small", wraps=True)
        self._printer = Select(name=_("Printer"))
        self._printer.picked.connect(lambda _value: self._show_target())
        self._path = LineEdit(name=_("File"))
        self._browse = Button(_("Choose …"), icon="folder-open", press=self._choose_path)
        self._file = holder(
            row(Grow(FieldBox(_("File"), self._path)), At(self._browse, Qt.AlignmentFlag.AlignBottom), gap=8)
        )
        self._error = Label("", "small_strong", wraps=True, tone="bad")
        self._error.hide()
        self._go = Button("", "primary", icon="printer", press=self._press)
        cancel = Button(_("Not now"), press=self.close_sheet)
        self._card = Card(
            row(
                At(IconTile("printer", "accent", 48, 26), TOP),
                Grow(column(Label(_("Print the page"), "section"), self._note, gap=3)),
                gap=14,
            ),
            FieldBox(_("Printer"), self._printer),
            self._file,
            self._error,
            row(Grow(), cancel, self._go),
            margins=20,
            gap=14,
        )
        self._card.setParent(self)
        self.hide()

    def open_sheet(self, name: str, folder: Path | None) -> None:
        """Offer the printers of this computer and a file; name: the file's name, folder: where to."""
        printers = QPrinterInfo.availablePrinterNames()
        self._printer.set_options([*((p, p) for p in printers), (TO_FILE, _("A PDF file"))])
        default = QPrinterInfo.defaultPrinterName()
        self._printer.setCurrentIndex(printers.index(default) if default in printers else 0)
        self._note.setText(
            _("The customer keeps the paper; the signed page stays here as it is.")
            if printers
            else _(
                "No printer is set up here. The page can be kept as a file, for the customer’s stick or by mail."
            )
        )
        place = folder
        if place is None:
            place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._path.set_text(str(place / name))
        self._error.hide()
        self._show_target()
        self.show()
        self.raise_()
        self._place()
        self._go.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_error(self, sentence: str) -> None:
        """Say why it did not work; everything stays as chosen."""
        self._error.setText(sentence)
        self._error.show()
        self._go.setEnabled(True)
        self._place()

    def close_sheet(self) -> None:
        """Go without printing."""
        self.hide()
        self._go.setEnabled(True)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what lies beneath."""
        QPainter(self).fillRect(self.rect(), theme.look().colour("scrim"))

    def resizeEvent(self, event: object) -> None:
        """Keep the card in the middle."""
        self._place()

    def _show_target(self) -> None:
        is_file = self._printer.value() == TO_FILE
        theme.show_or_hide(self._file, is_file)
        self._go.set_words(_("Keep as a file") if is_file else _("Print"))
        self._place()

    def _choose_path(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(self, _("Keep as a file"), self._path.text(), "PDF (*.pdf)")
        if path:
            self._path.set_text(path)

    def _press(self) -> None:
        self._error.hide()
        self._go.setEnabled(False)
        self.chosen.emit(self._printer.value(), self._path.text())

    def _place(self) -> None:
        width = min(theme.look().px(_WIDTH), self.width() - 32)
        self._card.setFixedWidth(width)
        height = max(self._card.box.heightForWidth(width), self._card.sizeHint().height())
        self._card.setGeometry(
            QRect((self.width() - width) // 2, max(16, (self.height() - height) // 2), width, height)
        )


def print_pages(pages: list[bytes], printer_name: str, paper: str, title: str) -> bool:
    """Print pictures of pages, each filling a sheet; in any thread. Return whether it was taken.

    paper: "A4" or "Letter".
    """
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPageSize

    printer = QPrinter(QPrinterInfo.printerInfo(printer_name), QPrinter.PrinterMode.HighResolution)
    size = QPageSize.PageSizeId.Letter if paper == "Letter" else QPageSize.PageSizeId.A4
    printer.setPageSize(QPageSize(size))
    printer.setFullPage(True)
    printer.setDocName(title)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    for number, page in enumerate(pages):
        if number and not printer.newPage():
            painter.end()
            return False
        area = printer.paperRect(QPrinter.Unit.DevicePixel)
        painter.drawImage(QRectF(0, 0, area.width(), area.height()), QImage.fromData(page))
    return painter.end()
