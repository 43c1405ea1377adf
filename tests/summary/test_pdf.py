"""The customer's page as a file: what it says, how it is tagged, that it never changes."""

from __future__ import annotations

import dataclasses
import io
import math
import re
from concurrent.futures import ThreadPoolExecutor

import page
import pytest
from PIL import Image
from pypdf import PdfReader

from techkit.records import schema
from techkit.records.parties import Contact
from techkit.records.signing import Signature, SignOffWaiver, Stroke, WaiverReason
from techkit.summary import blocks, document, pdf
from tests.summary import visits

#: Points per millimetre.
MM = 72 / 25.4

WAVE = Stroke(points=tuple(int(v) for i in range(60) for v in (100 + i * 10, 150 + 80 * math.sin(i / 4))))


def words(made: bytes) -> str:
    """Return the text of a PDF in reading order, blanks folded."""
    text = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(made)).pages)
    return " ".join(text.replace("\u00a0", " ").split())


def signed(doc: blocks.Document) -> pdf.Seal:
    """Return a seal with a drawn signature."""
    signature = Signature(id="s1", visit_id="v1", signer="Odalys Brandt", strokes=(WAVE,), place="Berlin")
    return pdf.seal_of(doc, signature, signed_at_text="23 November 2026, 11:25")


def _is_false_alarm(rule: str, made: bytes) -> bool:
    """Return whether the validator took a stream's own last byte, a carriage return, for the end of its line.

    One compressed stream in 256 ends so; then its length is right and the validator's is one too short.
    """
    if rule != "PDFA2A-STREAM-LENGTH-001":
        return False
    starts = re.finditer(rb"/Length (\d+)(?:(?!endobj).)*?\bstream\r?\n", made, re.DOTALL)
    ends = [made[m.end() + int(m[1]) - 1 : m.end() + int(m[1]) + 10] for m in starts]
    return all(end[1:] == b"\nendstream" for end in ends) and any(end[:1] == b"\r" for end in ends)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("is_large", [False, True])
def test_the_page_is_archivable_and_readable_by_screen_readers(
    paper: str, language: str, is_large: bool
) -> None:
    """Every combination passes a validator of PDF/UA-1 and of PDF/A-2a."""
    doc = document.build(visits.slow_computer(), paper=paper, language=language, is_large=is_large)
    made = pdf.render(doc, signed(doc))
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A):
        report = page.validate_pdf_bytes(made, profile=profile)
        failures = [f for f in report.failures if not _is_false_alarm(f.rule_id, made)]
        assert not failures, [(f.rule_id, f.message) for f in failures]


def test_the_same_page_printed_again_has_the_same_bytes() -> None:
    """A reprint equals what was signed, byte for byte, also from a fresh document."""
    first, second = (document.build(visits.slow_computer()) for _time in range(2))
    assert first.content_hash == second.content_hash
    assert pdf.render(first, signed(first)) == pdf.render(second, signed(second))


def test_a_changed_word_changes_the_hash() -> None:
    """What the customer signed cannot be altered without the hash telling."""
    bundle = visits.slow_computer()
    entry = schema.replace(bundle.activities[0], note_customer="Something else")
    changed = dataclasses.replace(bundle, activities=(entry, *bundle.activities[1:]))
    assert document.build(changed).content_hash != document.build(bundle).content_hash


@pytest.mark.parametrize(("paper", "size"), [("A4", (210 * MM, 297 * MM)), ("Letter", (612.0, 792.0))])
def test_the_sheet_has_the_size_asked_for(paper: str, size: tuple[float, float]) -> None:
    """A4 is A4 and Letter is Letter, to a point."""
    made = pdf.render(document.build(visits.group_training(), paper=paper))
    box = PdfReader(io.BytesIO(made)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(size, abs=1)


def test_page_one_holds_everything_up_to_the_signature() -> None:
    """A usual visit's first page ends with the signature, in the order of the questions."""
    doc = document.build(visits.slow_computer())
    sheet = PdfReader(io.BytesIO(pdf.render(doc, signed(doc)))).pages[0]
    first = " ".join(sheet.extract_text().replace("\u00a0", " ").split())
    order = [
        "Solved",
        "What we did",
        "Before and after",
        "What happens next",
        "Cost of this visit",
        "Signed by Odalys Brandt, Berlin, 23 November 2026, 11:25",
    ]
    places = [first.index(word) for word in order]
    assert places == sorted(places)


def test_a_signature_never_stands_alone_on_a_page() -> None:
    """Where the page overflows, the costs come along with the signature."""
    doc = document.build(visits.long_visit())
    reader = PdfReader(io.BytesIO(pdf.render(doc, signed(doc))))
    [holder] = [p for p in reader.pages if "Signed by" in p.extract_text()]
    assert "Total before tax" in holder.extract_text()


def test_an_entry_does_not_go_over_the_foot_of_a_sheet() -> None:
    """Of the details, each entry's last line stands on the sheet of its heading."""
    made = pdf.render(document.build(visits.long_visit()))
    sheets = [p.extract_text().replace("\u00a0", " ") for p in PdfReader(io.BytesIO(made)).pages[2:]]
    for number in range(12):
        heading = f"Entry number {number} with a rather long title"
        sheet = next(text for text in sheets if heading in text)
        assert "Fixed" in sheet.split(heading)[1].split("Entry number")[0]


def test_large_print_is_sixteen_points_and_nothing_is_cut() -> None:
    """Large print sets the body in 16 pt and still says everything."""
    small = document.build(visits.slow_computer())
    large = document.build(visits.slow_computer(), is_large=True)
    sizes: list[float] = []

    def note(text: str, _cm: object, _tm: object, _font: object, size: float) -> None:
        if "Together we moved" in text:
            sizes.append(size)

    reader = PdfReader(io.BytesIO(pdf.render(large)))
    for sheet in reader.pages:
        sheet.extract_text(visitor_text=note)
    assert sizes == [pytest.approx(16, abs=0.1)]
    for word in ("Odalys Brandt", "€109.90", "7 December 2026", "never"):
        assert word in words(pdf.render(large))
        assert word in words(pdf.render(small))


@pytest.mark.parametrize(
    "hostile",
    [
        '#read("/icons/fill/x.svg")',
        '#panic("x")',
        "$ 1/0 $ @label `code` [[ \\input{} ]]",
        "<script>alert(1)</script>",
        "{{7*7}} %s%n ${7*7}",
    ],
)
def test_markup_in_a_name_is_printed_as_it_was_typed(hostile: str) -> None:
    """User text reaches the engine as data only."""
    bundle = visits.slow_computer()
    named = Contact(id="p1", customer_id="c1", family_name=hostile)
    made = pdf.render(document.build(dataclasses.replace(bundle, contact=named)))
    assert hostile.replace(" ", "") in words(made).replace(" ", "")


@pytest.mark.parametrize("name", ["محمد العربي", "דוד כהן", "สมชาย", "देवनागरी", "😀"])
def test_names_of_every_script_make_a_valid_page(name: str) -> None:
    """Other scripts and emoji never stop the page, and the page stays conformant."""
    bundle = visits.slow_computer()
    named = Contact(id="p1", customer_id="c1", family_name=name)
    made = pdf.render(document.build(dataclasses.replace(bundle, contact=named)))
    assert page.validate_pdf_bytes(made, profile=page.ValidationProfile.PDF_UA_1).is_compliant


def test_a_chinese_or_japanese_name_is_printed_in_its_own_characters() -> None:
    """Ideographs have glyphs; their text can be read back."""
    bundle = visits.slow_computer()
    named = Contact(id="p1", customer_id="c1", family_name="山田太郎")
    assert "山田太郎" in words(pdf.render(document.build(dataclasses.replace(bundle, contact=named))))


def test_a_word_without_a_blank_does_not_run_off_the_sheet() -> None:
    """A computer's name longer than its column is broken: the margin stays white, and the page a valid one."""
    bundle = visits.slow_computer()
    named = schema.replace(bundle.assets[0], name="Werkstatt" * 10)
    doc = document.build(dataclasses.replace(bundle, assets=(named,)))
    sheet = Image.open(io.BytesIO(pdf.pictures(doc, dpi=40)[0])).convert("L")
    margin = sheet.crop((round(sheet.width * (1 - 14 / 210)), 0, sheet.width, sheet.height))
    assert margin.getextrema() == (255, 255)
    assert not page.validate_pdf_bytes(pdf.render(doc), profile=page.ValidationProfile.PDF_UA_1).failures


def test_a_page_without_signature_says_why() -> None:
    """Not signed is a valid end, with its reason at the signature's place."""
    doc = document.build(visits.slow_computer())
    waiver = SignOffWaiver(id="w", visit_id="v1", reason=WaiverReason.ABSENT)
    made = pdf.render(doc, pdf.seal_of(doc, None, waiver))
    assert "Without signature: Nobody there" in words(made)


def test_a_visit_that_has_not_begun_can_be_printed() -> None:
    """A page without any date is made all the same, and stays archivable."""
    bundle = visits.slow_computer()
    planned = schema.replace(bundle.visit, arrived_at=None, left_at=None)
    made = pdf.render(document.build(dataclasses.replace(bundle, visit=planned)))
    assert page.validate_pdf_bytes(made, profile=page.ValidationProfile.PDF_A_2A).is_compliant


def test_the_preview_shows_every_page_as_a_picture() -> None:
    """The pictures for preview and printer are PNGs, one a page, at the resolution asked for."""
    doc = document.build(visits.slow_computer())
    count = len(PdfReader(io.BytesIO(pdf.render(doc))).pages)
    sheets = pdf.pictures(doc, dpi=50)
    assert len(sheets) == count
    for sheet in sheets:
        assert sheet.startswith(b"\x89PNG")
        assert int.from_bytes(sheet[16:20], "big") == pytest.approx(210 / 25.4 * 50, abs=1)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_place_of_the_signature_is_where_the_line_is_printed(paper: str) -> None:
    """The pad on screen lies right above the printed line, inside the page."""
    doc = document.build(visits.slow_computer(), paper=paper)
    place = pdf.sheets(doc).place
    assert place.page == 0
    assert 0 < place.x < place.x + place.width < 1
    assert 0.5 < place.y < place.y + place.height < 1
    heights: list[float] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        if "Signed by" in text:
            heights.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    sheet = PdfReader(io.BytesIO(pdf.render(doc, signed(doc)))).pages[0]
    sheet.extract_text(visitor_text=note)
    bottom = (1 - place.y - place.height) * float(sheet.mediabox.height)
    assert heights[0] < bottom
    assert bottom - heights[0] < 30


def test_the_place_is_that_of_the_page_just_drawn() -> None:
    """A longer page has its signature lower; its pictures are those of the page alone, and a seal moves nothing."""
    long, short = document.build(visits.long_visit()), document.build(visits.slow_computer())
    shown = [pdf.sheets(doc) for doc in (long, short, long)]
    assert shown[0].place == shown[2].place == pdf.sheets(long, signed(long)).place
    assert (shown[0].place.page, shown[0].place.y) != (shown[1].place.page, shown[1].place.y)
    assert list(shown[1].pictures) == pdf.pictures(short)


def test_pages_are_made_side_by_side() -> None:
    """Threads that ask at the same time all get the same page: one waits for the other."""
    made = document.build(visits.slow_computer())
    with ThreadPoolExecutor(3) as threads:
        pages = [thread.result() for thread in [threads.submit(pdf.render, made) for _ in range(3)]]
    assert pages[0] == pages[1] == pages[2]


def test_an_unpacked_picture_shows_the_same_points() -> None:
    """The preview's picture is larger and drawn faster, and is the very page that prints."""
    doc = document.build(visits.slow_computer())
    for packed in pdf.pictures(doc):
        plain = pdf.unpacked(packed)
        assert len(plain) > len(packed)
        with Image.open(io.BytesIO(packed)) as one, Image.open(io.BytesIO(plain)) as other:
            assert one.size == other.size
            assert one.convert("RGBA").tobytes() == other.convert("RGBA").tobytes()
