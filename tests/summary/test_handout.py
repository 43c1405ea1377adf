"""A card as a sheet for the customer: its plain words only, accessible, the same bytes each time."""

from __future__ import annotations

import io
from datetime import date

import page
import pytest
from pypdf import PdfReader

from techkit.store import cards
from techkit.summary import handout, pdf

DAY = date(2026, 11, 23)


def sheet(language: str = "en", id: str = "backup_set_up", **more) -> handout.Handout:
    (card,) = (c for c in cards.shipped(language) if c.id == id)
    return handout.build(card, provider="Lumen IT", reach="0551 4420", day=DAY, **more)


def text_of(made: bytes) -> str:
    found = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(made)).pages)
    return " ".join(found.replace("\u00a0", " ").split())


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_card_fits_one_sheet_and_tells_its_customer_words(language):
    """Title, words, whom to call and the day; never the technician's steps."""
    for card in cards.shipped(language):
        made = pdf.handout(handout.build(card, provider="Lumen IT", reach="0551 4420", day=DAY))
        assert len(PdfReader(io.BytesIO(made)).pages) == 1, card.id
    text = text_of(pdf.handout(sheet(language)))
    card = next(c for c in cards.shipped(language) if c.id == "backup_set_up")
    assert " ".join(card.customer.replace("\u00a0", " ").replace("\u202f", " ").split())[:80] in text.replace(
        "\u202f", " "
    )
    assert "0551 4420" in text
    assert card.steps[2][:40] not in text


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_sheet_is_archivable_and_readable_by_screen_readers(paper, is_large):
    """It passes a validator of PDF/UA-1, names its language and title, on both papers."""
    made = pdf.handout(sheet("de", paper=paper, is_large=is_large))
    report = page.validate_pdf_bytes(made, profile=page.ValidationProfile.PDF_UA_1)
    assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]
    reader = PdfReader(io.BytesIO(made))
    assert round(reader.pages[0].mediabox.width) == (612 if paper == "Letter" else 595)
    assert reader.trailer["/Root"]["/Lang"] == "de"
    assert reader.metadata is not None
    assert reader.metadata.title == "Eine Datensicherung einrichten"


def test_the_same_card_gives_the_same_bytes():
    """Printed again it is the same file."""
    assert pdf.handout(sheet()) == pdf.handout(sheet())
