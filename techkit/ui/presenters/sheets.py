"""Sheets for the customer beside the signed page: made in the background, printed or kept as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from techkit.errors import SummaryError, TechkitError
from techkit.i18n import _
from techkit.summary.handout import Handout
from techkit.ui.presenters.lanes import Lanes

#: Takes the pages' pictures, the paper and a title; returns whether the printer took them.
PrintPages = Callable[[list[bytes], str, str], bool]


def send(
    lanes: Lanes,
    sheet: Handout,
    path: str,
    print_pages: PrintPages | None,
    done: Callable[[], object],
    failed: Callable[[str], object],
) -> None:
    """Print a sheet, or keep it as a file where print_pages is None; done or failed (with a sentence) follows."""

    def work() -> None:
        from techkit.summary import pdf  # loaded late: the engine takes 94 ms

        if print_pages is None:
            _write(Path(path), pdf.handout(sheet))
        elif not print_pages(pdf.handout_pictures(sheet, dpi=pdf.PRINT_DPI), sheet.paper, sheet.title):
            raise SummaryError(
                _("The printer did not take the page."),
                safe=_("What is on it is kept here."),
                advice=_("Look at the printer, choose another one, or keep the page as a file."),
            )

    def refused(error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        failed(error.sentences())

    def ended(_none: None) -> None:
        done()

    lanes.free(lambda _ticket: work(), ended, refused)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise SummaryError(
            _("The file could not be written."),
            safe=_("What is on it is kept here."),
            advice=_("Look whether there is room and whether the place is write-protected."),
        ) from error
