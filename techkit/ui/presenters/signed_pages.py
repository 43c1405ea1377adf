"""Every page of a visit that was signed, to look at, print and keep: the one that holds and those it replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.summary import pdf as paper
from techkit.summary.blocks import Document
from techkit.summary.versions import (
    Version,
    change_of,
    compared,
    heading,
    standing,
    version,
    versions,
)
from techkit.ui.presenters import visit_page
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.sign_off import SignOff
from techkit.ui.presenters.visit_page import MadePage, PagePaper
from techkit.ui.presenters.visit_part import VisitPart

#: So many rows stand in the list at first, and are added at a time.
LISTED = 20


@dataclass(frozen=True, kw_only=True)
class SignedRow:
    """One signed page. id: of its seal, "" for the page in hand, which nobody signed yet.

    line: who signed, and whether it holds. changes: what it says otherwise than the one before, in sentences;
    is_compared: they were looked for, else they are once the page is opened. may_open: its page was kept.
    """

    id: str
    title: str
    line: str
    changes: tuple[str, ...] = ()
    is_compared: bool = True
    may_open: bool = False
    holds: bool = False


@dataclass(frozen=True, kw_only=True)
class SignedPagesState:
    """rows: newest first, () while there is only the page in hand; older_count: further ones not listed yet.

    shown: the row whose page is looked at, None for none. pages: its pictures (PNG), page_lines: the same as text; () while they are made.
    """

    rows: tuple[SignedRow, ...] = ()
    older_count: int = 0
    shown: SignedRow | None = None
    pages: tuple[bytes, ...] = ()
    page_lines: tuple[str, ...] = ()
    wants_printing: bool = False
    error: str = ""


class SignedPages(VisitPart[SignedPagesState]):
    """The versions of a visit's page, each kept as it was; none of them while the customer has the screen."""

    is_quiet = True

    def __init__(self, held: OpenVisit, sign_off: SignOff) -> None:
        super().__init__(held, SignedPagesState())
        self._sign_off = sign_off
        self._rows: tuple[SignedRow, ...] = ()
        self._told_of: object = None
        self._shown = ""
        self._listed = LISTED
        self._made: MadePage | None = None
        self._changes: tuple[str, ...] = ()
        self._photos: Mapping[str, bytes] = {}
        self._making: Ticket | None = None
        self._wants_printing = False
        self._error = ""
        sign_off.changed.subscribe(self.refresh)

    def show_older(self) -> None:
        """List some more of the older ones."""
        self._listed += LISTED
        self.refresh()

    def show(self, seal_id: str) -> None:
        """Look at one of them; it is unpacked, its pictures and its file are made in the background."""
        held, bundle = self.held, self.held.bundle
        found = version(bundle, seal_id)
        if found is None or not found.is_kept or self._shown == seal_id or self._sign_off.is_customer_view:
            return
        self._leave()
        self._shown = seal_id
        store, lanes = held.around.store, held.around.lanes

        def open_it(_ticket: Ticket) -> tuple[Document, tuple[str, ...]]:
            page = visit_page.opened(found)
            return page, change_of(bundle, found, page)

        def opened(told: tuple[Document, tuple[str, ...]]) -> None:
            page, self._changes = told
            hashes = [photo.sha256 for photo in page.photos]
            if not hashes:
                make(page, {})
                return
            self._making = lanes.store(
                lambda: visit_page.photos_of(store, hashes), lambda photos: make(page, photos), self._cannot
            )

        def make(page: Document, photos: dict[str, bytes]) -> None:
            self._photos = photos
            self._making = lanes.free(
                lambda _ticket: visit_page.make_signed(bundle, found, page, photos), made, self._cannot
            )

        def made(page: MadePage) -> None:
            if self._shown == seal_id:
                self._made = page
                self.refresh()

        self.refresh()
        self._making = lanes.free(open_it, opened, self._cannot)

    def leave(self) -> None:
        """Go back to the page in hand."""
        if self._shown:
            self._leave()
            self.refresh()

    def print_(self) -> None:
        """Ask for the page that is looked at on paper or as a file."""
        self._wants_printing = bool(self._shown)
        self.refresh()

    def end_printing(self) -> None:
        """Give up printing for now."""
        self._wants_printing = False
        self.refresh()

    #: A copy of an earlier page settles nothing; the question just goes.
    confirm_print = end_printing

    def wanted_paper(self) -> PagePaper | None:
        """Return what is to be printed or kept as a file, None while nothing is asked for or it is still being made."""
        made, found = self._made, version(self.held.bundle, self._shown) if self._shown else None
        if not self._wants_printing or made is None or made.pdf is None or found is None:
            return None
        bundle, photos = self.held.bundle, self._photos

        def pictures() -> list[bytes]:
            page = visit_page.signed_page(bundle, found, made.document)
            return paper.pictures(*page, dpi=paper.PRINT_DPI, photos=photos)

        return PagePaper(
            name=_("{number} revision {n}", number=bundle.visit.number or "techkit", n=found.revision),
            title=bundle.visit.number,
            sheet=made.document.paper,
            pdf=made.pdf,
            pictures=pictures,
            note=_("A copy of an earlier page, as it was signed. It is not the one that holds.")
            if not found.holds
            else "",
        )

    def refresh(self) -> None:
        """Work the rows out again where a seal or the page in hand is another one, and tell."""
        if self._sign_off.is_customer_view and self._shown:
            self._leave()
        if self.held.is_loaded:
            self._tell_apart()
        super().refresh()

    def _tell_apart(self) -> None:
        bundle = self.held.bundle
        now = None if bundle.valid_signature() or bundle.valid_waiver() else self._sign_off.page.made
        seals = (*bundle.signatures, *bundle.waivers)
        wanted = (
            tuple(held.id for held in seals),
            bundle.voided,
            bundle.visit.revision,
            bundle.is_customer_removed,
            now.document.content_hash if now is not None and seals else "",
        )
        if wanted == self._told_of:
            return
        self._told_of = wanted
        if not seals:
            self._rows = ()
            return

        def told(rows: tuple[SignedRow, ...]) -> None:
            if self._told_of == wanted:
                self._rows = rows
                super(SignedPages, self).refresh()

        document = now.document if now is not None else None
        self.held.around.lanes.free(lambda _ticket: _rows(bundle, document), told, self._cannot)

    def _leave(self) -> None:
        if self._making is not None:
            self._making.cancel()
        self._making, self._made, self._shown, self._changes = None, None, "", ()
        self._wants_printing, self._error = False, ""

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._leave()
        self._error = error.sentences()
        super().refresh()

    def _state(self) -> SignedPagesState:
        if self._sign_off.is_customer_view:
            return SignedPagesState()
        shown = next((row for row in self._rows if self._shown and row.id == self._shown), None)
        made = self._made if shown is not None else None
        if shown is not None and made is not None:
            shown = replace(shown, changes=self._changes, is_compared=True)
        rows = self._rows if any(not row.holds for row in self._rows) else ()
        return SignedPagesState(
            rows=rows[: self._listed],
            older_count=max(0, len(rows) - self._listed),
            shown=shown,
            pages=made.pictures if made is not None else (),
            page_lines=visit_page.lines(made.document) if made is not None else (),
            wants_printing=self._wants_printing and made is not None,
            error=self._error,
        )


def _rows(bundle: VisitBundle, now: Document | None) -> tuple[SignedRow, ...]:
    """Return the rows, newest first; the newest pages are compared, which takes some milliseconds each."""
    found = versions(bundle)
    told = compared(found, now)
    rows = [
        SignedRow(
            id=held.id,
            title=heading(held, _when(bundle, held)),
            line=standing(held, held.signature.signer if held.signature else ""),
            changes=changes or (),
            is_compared=changes is not None,
            may_open=held.is_kept,
            holds=held.holds,
        )
        for held, changes in zip(found, told, strict=False)
    ]
    if now is not None and found:
        title = _("Now, not signed yet")
        line = _("Revision {n}", n=bundle.visit.revision)
        changed = told[-1]
        rows.append(
            SignedRow(id="", title=title, line=line, changes=changed or (), is_compared=changed is not None)
        )
    return tuple(reversed(rows))


def _when(bundle: VisitBundle, held: Version) -> str:
    at = held.signature.signed_at if held.signature else None
    return visit_page.moment(bundle, at) if at is not None else ""
