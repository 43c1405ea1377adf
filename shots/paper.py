"""Pictures of the customer's page: A4 and Letter, English and German, usual and large print."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from techkit.records.signing import Signature, Stroke
from techkit.summary import document, pdf
from tests.summary import visits

#: A signature as a pad gives it: thousandths of its width, inside its height (176 of them).
WAVE = Stroke(
    points=tuple(int(v) for i in range(70) for v in (90 + i * 8, 95 + 62 * math.sin(i / 5) * (1 - i / 140)))
)

PAGES = {
    "paper-en-a4": (visits.slow_computer, {}),
    "paper-de-a4": (visits.slow_computer, {"language": "de"}),
    "paper-en-a4-large": (visits.slow_computer, {"is_large": True}),
    "paper-en-letter-training": (visits.group_training, {"paper": "Letter"}),
    "paper-de-a4-long": (visits.long_visit, {"language": "de"}),
}


def take(out: Path) -> Iterator[Path]:
    """Write one picture a sheet and one PDF a page; yield the files."""
    for name, (visit, options) in PAGES.items():
        doc = document.build(visit(), **options)  # type: ignore[arg-type]  # options by name
        signature = Signature(id="s", visit_id="v", signer="Odalys Brandt", strokes=(WAVE,), place="Berlin")
        seal = pdf.seal_of(doc, signature, signed_at_text="23 November 2026, 11:25")
        made = out / f"{name}.pdf"
        made.write_bytes(pdf.render(doc, seal))
        yield made
        for number, picture in enumerate(pdf.pictures(doc, seal, dpi=110), start=1):
            path = out / f"{name}-{number}.png"
            path.write_bytes(picture)
            yield path
