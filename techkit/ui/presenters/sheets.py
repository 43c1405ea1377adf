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
    safe = _("What is on it is kept here.")

    def work() -> None:
        from techkit.summary import pdf  # loaded late: the engine takes 94 ms

        if print_pages is None:
            write_page(Path(path), pdf.handout(sheet), safe)
        elif not print_pages(pdf.handout_pictures(sheet, dpi=pdf.PRINT_DPI), sheet.paper, sheet.title):
            raise not_printed(safe)

    def refused(error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        failed(error.sentences())

    def ended(_none: None) -> None:
        done()

    lanes.free(lambda _ticket: work(), ended, refused)


def write_page(path: Path, data: bytes, safe: str) -> None:
    """Write a page to a file. safe: what is not lost where that cannot be done.

    Raises: SummaryError.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise SummaryError(
            _("The file could not be written."),
            safe=safe,
            advice=_("Look whether there is room and whether the place is write-protected."),
        ) from error


def not_printed(safe: str) -> SummaryError:
    """Return the error that says that the printer did not take a page, and what is not lost."""
    return SummaryError(
        _("The printer did not take the page."),
        safe=safe,
        advice=_("Look at the printer, choose another one, or keep the page as a file."),
    )
