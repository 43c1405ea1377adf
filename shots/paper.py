"""Pictures of the customer's page: A4 and Letter, three languages, usual and large print, long words, unsigned, grey."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from shots.desk import photo
from techkit import i18n
from techkit.records.bundle import VisitBundle
from techkit.records.signing import Signature, SignOffWaiver, Stroke, WaiverReason
from techkit.records.visit import Attachment, Outcome
from techkit.summary import document, pdf
from techkit.summary.blocks import Document
from tests.summary import visits

#: A signature as a pad gives it: thousandths of its width, inside its height (176 of them).
WAVE = Stroke(
    points=tuple(int(v) for i in range(70) for v in (90 + i * 8, 95 + 62 * math.sin(i / 5) * (1 - i / 140)))
)


def _with_long_words() -> VisitBundle:
    """Return a visit whose names and words are as long as they come."""
    bundle = visits.slow_computer()
    assert bundle.customer
    customer = dataclasses.replace(
        bundle.customer,
        display_name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk-Nachfolgegesellschaft & Söhne GmbH",
    )
    title = "Rinderkennzeichnungsfleischetikettierungsüberwachungsprogramm wieder in Gang gebracht"
    first = dataclasses.replace(bundle.activities[0], title=title)
    return dataclasses.replace(bundle, customer=customer, activities=(first, *bundle.activities[1:]))


def _with_photos() -> VisitBundle:
    """Return a visit with nine photos on its page, one of them without words."""
    bundle = visits.slow_computer()
    taken = tuple(
        Attachment(
            id=f"p{number}",
            visit_id=bundle.visit.id,
            sha256=f"{number:064x}",
            caption=("The external disk with her videos", "Where the dust was", "", "Label on the back")[
                number % 4
            ],
            media_type="image/jpeg",
            is_shown_to_customer=True,
            has_preview=True,
        )
        for number in range(1, 10)
    )
    return dataclasses.replace(bundle, attachments=taken)


def _unsigned() -> VisitBundle:
    """Return a visit that ended without anybody to sign."""
    bundle = visits.slow_computer()
    return dataclasses.replace(bundle, visit=dataclasses.replace(bundle.visit, outcome=Outcome.PARTLY))


PAGES = {
    "paper-en-a4": (visits.slow_computer, {}),
    "paper-de-a4": (visits.slow_computer, {"language": "de"}),
    "paper-en-a4-large": (visits.slow_computer, {"is_large": True}),
    "paper-en-letter-training": (visits.group_training, {"paper": "Letter"}),
    "paper-de-a4-long": (visits.long_visit, {"language": "de"}),
    "paper-fr-a4-long-words": (_with_long_words, {"language": "fr"}),
    "paper-de-a4-photos": (_with_photos, {"language": "de"}),
    "paper-fr-letter-photos-large": (_with_photos, {"language": "fr", "paper": "Letter", "is_large": True}),
    "paper-de-letter-waived": (_unsigned, {"language": "de", "paper": "Letter"}),
}
#: Seen as a printer without colours prints it, too.
GREY = "paper-de-a4"


def take(out: Path) -> Iterator[Path]:
    """Write one picture a sheet and one PDF a page; yield the files."""
    for name, (visit, options) in PAGES.items():
        doc = document.build(visit(), **options)  # type: ignore[arg-type]  # options by name
        seal = _seal(doc, is_waived=visit is _unsigned)
        made = out / f"{name}.pdf"
        photos = {held.sha256: photo() for held in doc.photos[:-1]}  # the last is not on this device
        made.write_bytes(pdf.render(doc, seal, photos=photos))
        yield made
        for number, picture in enumerate(pdf.pictures(doc, seal, dpi=110, photos=photos), start=1):
            path = out / f"{name}-{number}.png"
            path.write_bytes(picture)
            yield path
            if name == GREY:
                yield _grey(path)


def _seal(doc: Document, *, is_waived: bool) -> pdf.Seal:
    if is_waived:
        return pdf.seal_of(doc, None, SignOffWaiver(id="w", visit_id="v", reason=WaiverReason.REFUSED))
    with i18n.language(doc.language):
        when = f"{i18n.day(date(2026, 11, 23))}, 11:25"
    signature = Signature(id="s", visit_id="v", signer="Odalys Brandt", strokes=(WAVE,), place="Berlin")
    return pdf.seal_of(doc, signature, signed_at_text=when)


def _grey(path: Path) -> Path:
    """Write the picture without its colours beside it and return where."""
    from PySide6.QtGui import QImage

    target = path.with_name(f"{path.stem}-grey.png")
    QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8).save(str(target))
    return target
