"""Where the page goes: a printer of this computer, or a file; in the window, never a system dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog

from techkit.i18n import _
from techkit.records.entering import file_name
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, Select
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import Overlay

_WIDTH = 520

#: Stands for "no printer, a file".
TO_FILE = ""


class PrintSheet(Overlay):
    """A card over the window. `chosen` tells (printer or TO_FILE, path); `closed` that it went."""

    chosen = Signal(str, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(width=_WIDTH)
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
        cancel = Button(_("Not now"), press=self.leave)
        self.take_card(
            Card(
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
        )

    def open_sheet(self, name: str, folder: Path | None, *, note: str = "") -> None:
        """Offer the printers of this computer and a file; name: what the file is called by, folder: where to.

        note: what is printed, for a page that is not the signed one.
        """
        printers = QPrinterInfo.availablePrinterNames()
        self._printer.set_options([*((p, p) for p in printers), (TO_FILE, _("A PDF file"))])
        default = QPrinterInfo.defaultPrinterName()
        self._printer.setCurrentIndex(printers.index(default) if default in printers else 0)
        self._note.setText(
            (note or _("The customer keeps the paper; the signed page stays here as it is."))
            if printers
            else _(
                "No printer is set up here. The page can be kept as a file, for the customer’s stick or by mail."
            )
        )
        place = folder
        if place is None:
            place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._path.set_text(str(place / f"{file_name(name)}.pdf"))
        self._error.hide()
        self._show_target()
        self.appear(self._go)

    def show_error(self, sentence: str) -> None:
        """Say why it did not work; everything stays as chosen."""
        self._error.setText(sentence)
        self._error.show()
        self._go.setEnabled(True)
        self.place()

    def leave(self) -> None:
        """Go without printing."""
        super().leave()
        self._go.setEnabled(True)
        self.closed.emit()

    def _show_target(self) -> None:
        is_file = self._printer.value() == TO_FILE
        theme.show_or_hide(self._file, is_file)
        self._go.set_words(_("Keep as a file") if is_file else _("Print"))
        self.place()

    def _choose_path(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(self, _("Keep as a file"), self._path.text(), "PDF (*.pdf)")
        if path:
            self._path.set_text(path)

    def _press(self) -> None:
        self._error.hide()
        self._go.setEnabled(False)
        self.chosen.emit(self._printer.value(), self._path.text())


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
