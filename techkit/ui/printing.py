"""A signed page on its way to a printer or a file: where to is asked in the window, and what came of it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from techkit import handed_out
from techkit.errors import TechkitError
from techkit.i18n import _

if TYPE_CHECKING:
    from techkit.ui.presenters.lanes import Lanes
    from techkit.ui.presenters.sign_off import SignOff
    from techkit.ui.presenters.signed_pages import SignedPages
    from techkit.ui.presenters.visit import Visit
    from techkit.ui.widgets.print_sheet import PrintSheet
    from techkit.ui.widgets.shell import Shell


class Printing:
    """Prints a page of the open visit whenever one is asked for. papers: where files are offered."""

    def __init__(self, shell: Shell, lanes: Lanes, papers: Path | None) -> None:
        self._shell = shell
        self._lanes = lanes
        self._papers = papers
        self._sources: tuple[SignOff | SignedPages, ...] = ()
        self._asking: SignOff | SignedPages | None = None
        self._sheet: PrintSheet | None = None

    def follow(self, visit: Visit) -> Callable[[], None]:
        """Print the pages of this visit from now on; the function given back ends it."""
        self._sources = (visit.sign_off, visit.signed_pages)
        ends = [source.changed.subscribe(self._ask) for source in self._sources]

        def leave() -> None:
            for end in ends:
                end()
            self._sources, self._asking = (), None

        return leave

    def close(self) -> None:
        """Take the question away."""
        if self._sheet is not None:
            self._sheet.hide()
            self._sheet.setParent(None)
            self._shell.remove_layer(self._sheet)
            self._sheet.deleteLater()

    def _ask(self) -> None:
        if self._asking is not None:
            return
        for source in self._sources:
            wanted = source.wanted_paper()
            if wanted is not None:
                self._asking = source
                break
        else:
            return
        if self._sheet is None:
            from techkit.ui.widgets.print_sheet import PrintSheet

            self._sheet = PrintSheet()
            self._sheet.chosen.connect(self._print)
            self._sheet.closed.connect(self._ended)
            self._shell.add_layer(self._sheet)
        self._sheet.open_sheet(wanted.name, self._papers, note=wanted.note)

    def _print(self, printer: str, path: str) -> None:
        from techkit.ui.presenters.sheets import not_printed
        from techkit.ui.widgets import print_sheet

        source = self._asking
        wanted = source.wanted_paper() if source is not None else None
        if source is None or wanted is None:
            return
        safe = _("The signed page is kept here.")

        def work() -> None:
            if printer == print_sheet.TO_FILE:
                handed_out.write(Path(path), wanted.pdf, safe=safe)
            elif not print_sheet.print_pages(wanted.pictures(), printer, wanted.sheet, wanted.title):
                raise not_printed(safe)

        def done(_none: None) -> None:
            if self._sheet is not None:
                self._sheet.hide()
                self._sheet.leave()
            source.confirm_print()

        def failed(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            if self._sheet is not None:
                self._sheet.show_error(error.sentences())

        self._lanes.free(lambda _ticket: work(), done, failed)

    def _ended(self) -> None:
        source, self._asking = self._asking, None
        if source is not None and source.wanted_paper() is not None:
            source.end_printing()
