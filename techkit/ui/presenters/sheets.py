"""Sheets for the customer beside the signed page: made in the background, printed or kept as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from techkit import handed_out
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
            handed_out.write(Path(path), pdf.handout(sheet), safe=safe)
        elif not print_pages(pdf.handout_pictures(sheet, dpi=pdf.PRINT_DPI), sheet.paper, sheet.title):
            raise not_printed(safe)

    def refused(error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        failed(error.sentences())

    def ended(_none: None) -> None:
        done()

    lanes.free(lambda _ticket: work(), ended, refused)


def not_printed(safe: str) -> SummaryError:
    """Return the error that says that the printer did not take a page, and what is not lost."""
    return SummaryError(
        _("The printer did not take the page."),
        safe=safe,
        advice=_("Look at the printer, choose another one, or keep the page as a file."),
    )
