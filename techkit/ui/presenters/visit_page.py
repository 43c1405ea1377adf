"""A visit's page: made of its bundle in words, pictures and, where wanted, the file."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import StoreError
from techkit.records.bundle import VisitBundle
from techkit.store.database import Store
from techkit.summary import document as summary
from techkit.summary import pdf as paper
from techkit.summary.blocks import Document
from techkit.ui.presenters.page_language import in_language


@dataclass(frozen=True, kw_only=True)
class MadePage:
    """A page as it was made. pictures: PNG, one a sheet. place: where the signature goes. pdf: None where not wanted."""

    document: Document
    pictures: tuple[bytes, ...]
    place: paper.Place | None
    pdf: bytes | None


def make(bundle: VisitBundle, photos: Mapping[str, bytes], *, wants_pdf: bool) -> MadePage:
    """Make the page of a visit; takes some tenths of a second. photos: by their hash."""
    document, seal = page(bundle)
    pictures = (paper.unpacked(picture) for picture in paper.pictures(document, seal, photos=photos))
    return MadePage(
        document=document,
        pictures=tuple(pictures),
        place=paper.signature_place(document),
        pdf=paper.render(document, seal, photos=photos) if wants_pdf else None,
    )


def page(bundle: VisitBundle) -> tuple[Document, paper.Seal]:
    """Return the page of a visit and its seal; findings are worded in the page's own language."""
    tag = summary.build(bundle).language
    bundle = in_language(bundle, tag)
    document = summary.build(bundle)
    signature = bundle.valid_signature()
    waiver = next((w for w in reversed(bundle.waivers) if w.visit_revision == bundle.visit.revision), None)
    when = ""
    if signature is not None and signature.signed_at is not None:
        local = signature.signed_at.astimezone(summary.zone_of(bundle))
        with i18n.language(tag):
            when = f"{i18n.day(local.date())}, {i18n.clock(local)}"
    return document, paper.seal_of(document, signature, waiver, signed_at_text=when)


def depends_on(bundle: VisitBundle) -> object:
    """Return what the page depends on, for telling whether it must be made again."""
    photos = summary.shown_photos(bundle)
    return dataclasses.replace(
        bundle, satisfaction=(), attachments=photos, queries=(), comments=(), decisions=()
    )


def photos_of(store: Store, bundle: VisitBundle) -> dict[str, bytes]:
    """Return the photos of a visit's page by their hash; in the store lane. One that is not here is left out."""
    found = {}
    for attachment in summary.shown_photos(bundle):
        with contextlib.suppress(StoreError):
            found[attachment.sha256] = store.attachment(attachment.sha256)
    return found


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
