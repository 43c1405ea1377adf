"""The signed page on its way to a printer or a file: where to is asked in the window, and what came of it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from techkit import handed_out
from techkit.errors import TechkitError
from techkit.i18n import _

if TYPE_CHECKING:
    from techkit.ui.presenters.lanes import Lanes
    from techkit.ui.presenters.visit import Visit
    from techkit.ui.widgets.print_sheet import PrintSheet
    from techkit.ui.widgets.shell import Shell


class Printing:
    """Prints the page of the open visit whenever its sign-off asks for it. papers: where files are offered."""

    def __init__(self, shell: Shell, lanes: Lanes, papers: Path | None) -> None:
        self._shell = shell
        self._lanes = lanes
        self._papers = papers
        self._visit: Visit | None = None
        self._sheet: PrintSheet | None = None
        self._is_asked = False

    def follow(self, visit: Visit) -> Callable[[], None]:
        """Print the page of this visit from now on; the function given back ends it."""
        self._visit = visit
        unsubscribe = visit.sign_off.changed.subscribe(self._ask)

        def leave() -> None:
            unsubscribe()
            self._visit = None

        return leave

    def close(self) -> None:
        """Take the question away."""
        if self._sheet is not None:
            self._sheet.hide()
            self._sheet.setParent(None)
            self._shell.remove_layer(self._sheet)
            self._sheet.deleteLater()

    def _ask(self) -> None:
        state = self._visit.sign_off.state if self._visit is not None else None
        if self._visit is None or state is None or self._is_asked:
            return
        if not state.wants_printing or state.pdf is None:
            return
        self._is_asked = True
        if self._sheet is None:
            from techkit.ui.widgets.print_sheet import PrintSheet

            self._sheet = PrintSheet()
            self._sheet.chosen.connect(self._print)
            self._sheet.closed.connect(self._ended)
            self._shell.add_layer(self._sheet)
        number = self._visit.state.number or "techkit"
        self._sheet.open_sheet(number, self._papers)

    def _print(self, printer: str, path: str) -> None:
        from techkit.ui.presenters.sheets import not_printed
        from techkit.ui.widgets import print_sheet

        if self._visit is None or (pdf := self._visit.sign_off.state.pdf) is None:
            return
        sign_off, bundle = self._visit.sign_off, self._visit.held.bundle
        photos = sign_off.page.photos

        safe = _("The signed page is kept here.")

        def to_printer() -> None:
            from techkit.summary import pdf as paper
            from techkit.ui.presenters.visit_page import page

            document, seal = page(bundle)
            pictures = paper.pictures(document, seal, dpi=paper.PRINT_DPI, photos=photos)
            sheet = str(bundle.customer.paper) if bundle.customer else "A4"
            if not print_sheet.print_pages(pictures, printer, sheet, bundle.visit.number):
                raise not_printed(safe)

        def work() -> None:
            if printer == print_sheet.TO_FILE:
                handed_out.write(Path(path), pdf, safe=safe)
            else:
                to_printer()

        def done(_none: None) -> None:
            if self._sheet is not None:
                self._sheet.hide()
                self._sheet.leave()
            sign_off.confirm_print()

        def failed(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            if self._sheet is not None:
                self._sheet.show_error(error.sentences())

        self._lanes.free(lambda _ticket: work(), done, failed)

    def _ended(self) -> None:
        self._is_asked = False
        sign_off = self._visit.sign_off if self._visit is not None else None
        if sign_off is not None and sign_off.state.wants_printing:
            sign_off.end_printing()
