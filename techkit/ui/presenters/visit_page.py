"""A visit's page: made of its bundle in words, pictures and, where wanted, the file."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from techkit import i18n
from techkit.errors import StoreError, SummaryError
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.signing import Signature, SignOffWaiver
from techkit.records.visit import WorkState
from techkit.store.database import Store
from techkit.summary import document as summary
from techkit.summary import pdf as paper
from techkit.summary import sealed
from techkit.summary.blocks import Document
from techkit.summary.versions import Version
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.page_language import in_language

#: States in which the page is given out as a file.
_WITH_FILE = (WorkState.SIGNED, WorkState.SIGNOFF_WAIVED, WorkState.SUBMITTED)


@dataclass(frozen=True, kw_only=True)
class MadePage:
    """A page as it was made. pictures: PNG, one a sheet. place: where the signature goes. pdf: None where not wanted.

    photos: the hashes of those that were at hand.
    """

    document: Document
    seal: paper.Seal
    photos: frozenset[str]
    pictures: tuple[bytes, ...]
    place: paper.Place
    pdf: bytes | None


@dataclass(frozen=True, kw_only=True)
class PagePaper:
    """A page on its way to a printer or a file. sheet: "A4" or "Letter"; pictures: made for a printer, in any thread.

    name: what the file is called by. note: what the customer gets, where that is not the page that holds.
    """

    name: str
    title: str
    sheet: str
    pdf: bytes
    pictures: Callable[[], list[bytes]]
    note: str = ""


def make(
    bundle: VisitBundle, photos: Mapping[str, bytes], *, wants_pdf: bool, before: MadePage | None = None
) -> MadePage:
    """Make the page of a visit; takes some tenths of a second. photos: by their hash.

    before: the page made last, whose pictures stay where the same stands on it.
    """
    return _made(*page(bundle), photos, wants_pdf=wants_pdf, before=before)


def opened(held: Version) -> Document:
    """Unpack one of the pages that were signed. Raises: SummaryError where the page itself is not there."""
    found = held.page()
    if found is None:
        raise SummaryError(
            _("This page was not kept."), safe=_("What was signed is on the customer’s paper.")
        )
    return found


def make_signed(
    bundle: VisitBundle, held: Version, document: Document, photos: Mapping[str, bytes]
) -> MadePage:
    """Make one of the pages that were signed, and its file. document: it unpacked."""
    return _made(*signed_page(bundle, held, document), photos, wants_pdf=True)


def _made(
    document: Document,
    seal: paper.Seal,
    photos: Mapping[str, bytes],
    *,
    wants_pdf: bool,
    before: MadePage | None = None,
) -> MadePage:
    at_hand = frozenset(photos)
    if before is None or (before.document, before.seal, before.photos) != (document, seal, at_hand):
        shown = paper.sheets(document, seal, photos=photos)
        pictures = tuple(paper.unpacked(picture) for picture in shown.pictures)
        place, pdf = shown.place, None
    else:
        pictures, place, pdf = before.pictures, before.place, before.pdf
    if wants_pdf and pdf is None:
        pdf = paper.render(document, seal, photos=photos)
    return MadePage(
        document=document,
        seal=seal,
        photos=at_hand,
        pictures=pictures,
        place=place,
        pdf=pdf if wants_pdf else None,
    )


def page(bundle: VisitBundle) -> tuple[Document, paper.Seal]:
    """Return the page of a visit and its seal: as it was signed, else made of what the records say now.

    A page made now has its findings worded in its own language.
    """
    document = sealed.of(bundle) or _made_now(bundle)
    return document, _seal(bundle, document, bundle.valid_signature(), bundle.valid_waiver())


def signed_page(bundle: VisitBundle, held: Version, document: Document) -> tuple[Document, paper.Seal]:
    """Return one of the pages that were signed and its seal, whether it still holds or not. document: it unpacked."""
    return document, _seal(bundle, document, held.signature, held.waiver)


def _seal(
    bundle: VisitBundle, document: Document, signature: Signature | None, waiver: SignOffWaiver | None
) -> paper.Seal:
    when = ""
    if signature is not None and signature.signed_at is not None:
        with i18n.language(document.language):
            when = moment(bundle, signature.signed_at)
    return paper.seal_of(document, signature, waiver, signed_at_text=when)


def moment(bundle: VisitBundle, at: datetime) -> str:
    """Return day and clock time of an instant at the place of the visit."""
    local = at.astimezone(summary.zone_of(bundle))
    return f"{i18n.day(local.date())}, {i18n.clock(local)}"


def _made_now(bundle: VisitBundle) -> Document:
    tag = summary.build(bundle).language
    return summary.build(in_language(bundle, tag))


def depends_on(bundle: VisitBundle) -> object:
    """Return what the page depends on, for telling whether it must be made again."""
    photos = summary.shown_photos(bundle)
    return dataclasses.replace(
        bundle, satisfaction=(), attachments=photos, queries=(), comments=(), decisions=()
    )


def photos_of(store: Store, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return the photos of a page by their hash; in the store lane. One that is not here is left out."""
    found = {}
    for sha256 in hashes:
        with contextlib.suppress(StoreError):
            found[sha256] = store.attachment(sha256)
    return found


def photos_on(bundle: VisitBundle) -> tuple[str, ...]:
    """Return the hashes of the photos that stand on a visit's page."""
    kept = sealed.of(bundle)
    return tuple(one.sha256 for one in (kept.photos if kept is not None else summary.shown_photos(bundle)))


def lines(document: Document) -> tuple[str, ...]:
    """Return the page as lines of text in reading order, for a screen reader."""
    found = [document.title, document.number, document.result, *document.short]
    found += [f"{d.title}. {d.text}".strip() for d in document.done]
    for computer in document.computers:
        found += [f"{r.check}: {r.before} → {r.after}. {r.meaning}" for r in computer.comparisons]
        found += [f"{s.title}: {s.word}. {s.text}".strip() for s in computer.states]
    found += [f"{s.by}: {s.text} ({s.who})" for s in (*document.ours, *document.yours, *document.advice)]
    found += [f"{c.label}: {c.amount}" for c in document.costs]
    found += [f"{document.total_label}: {document.total}", *document.cost_notes, document.statement]
    return tuple(line for line in found if line.strip())


class PageInMaking:
    """The page of an open visit: made in the free lane, made again when what it depends on has changed.

    made: as it was made last, None before. photos: those of its last making, by their hash. failed is told what
    went wrong; the page made before stays.
    """

    def __init__(self, held: OpenVisit, failed: Callable[[Exception], object]) -> None:
        self.held = held
        self.changed = Observable()
        self.made: MadePage | None = None
        self.photos: Mapping[str, bytes] = {}
        self._failed = failed
        self._making: Ticket | None = None
        self._made_for: object = None

    @property
    def is_making(self) -> bool:
        """Return whether a page is being made."""
        return self._making is not None

    def fits(self) -> bool:
        """Return whether the page, made or in the making, still is that of the visit."""
        return self._made_for == self._wanted()

    def _wanted(self) -> object:
        """Return what the page depends on: the records, and the whole minutes of the time that runs."""
        clock = self.held.labour.running
        ended = clock.look(self.held.around.clock, self.held.around.process) if clock is not None else None
        return depends_on(self.held.bundle), ended and int(ended.counted_s // 60)

    def drop_file(self) -> None:
        """Forget the file of a page that is not valid any more."""
        if self.made is not None:
            self.made = dataclasses.replace(self.made, pdf=None)

    def make(self) -> None:
        """Make the page: words, pictures and, once signed, the file; one in the making is given up.

        Until the work ends the time that runs is part of it, as it is of the money beside it.
        """
        held, bundle, before = self.held, self.held.labour.by_now, self.made
        if self._making is not None:
            self._making.cancel()
        wants_pdf = bundle.visit.work_state in _WITH_FILE
        wanted = self._made_for = self._wanted()
        ended: list[bool] = []

        def made(found: MadePage) -> None:
            ended.append(True)
            self._making, self.made = None, found
            self.changed()

        def failed(error: Exception) -> None:
            ended.append(True)
            self._making = None
            self._failed(error)

        def start(photos: Mapping[str, bytes]) -> None:
            self.photos = photos
            if self._made_for != wanted:
                return  # changed while the photos were read: made again from what is held now
            ticket = held.around.lanes.free(
                lambda _ticket: make(bundle, photos, wants_pdf=wants_pdf, before=before), made, failed
            )
            if not ended:
                self._making = ticket
                self.changed()

        hashes = photos_on(bundle)
        if not hashes:
            start({})
            return
        store = held.around.store
        reading = held.around.lanes.store(lambda: photos_of(store, hashes), start, failed)
        if not ended and self._making is None:
            self._making = reading
            self.changed()
