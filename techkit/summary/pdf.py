"""The customer's page as PDF and as pictures, made by Typst.

User text reaches the engine only as data; the engine sees the folder resources/ and nothing else,
no packages and no network. The file is PDF/A-2a and PDF/UA-1 at once. The same document, seal and
program give the same bytes: the page printed again equals the page signed.

Typst works outside Python's global lock, so a page being made in a background lane does not hold
up the window.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import io
import json
import struct
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from techkit import i18n, resources
from techkit.errors import SummaryError
from techkit.i18n import _
from techkit.records.pictures import photo_size
from techkit.records.signing import WAIVER_REASONS, Signature, SignOffWaiver, Stroke
from techkit.summary.blocks import Document, as_data
from techkit.summary.glyphs import printable, printable_data
from techkit.summary.handout import Handout

if TYPE_CHECKING:
    import typst

#: Both standards together: archivable for ever and readable by screen readers.
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]

#: Dots per inch of the pictures handed to a printer. Source: what laser printers resolve.
PRINT_DPI = 300

#: The first characters of the content hash that stand on paper; 48 bits tell pages of one visit
#: apart, the full hash is in the record.
SHORT_HASH = 12


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What stands at the signature's place: strokes, a typed name, or why nobody signed.

    caption: who signed, where and when, in the document's language.
    """

    strokes: tuple[Stroke, ...] = ()
    typed: str = ""
    caption: str = ""


def seal_of(
    document: Document,
    signature: Signature | None,
    waiver: SignOffWaiver | None = None,
    *,
    signed_at_text: str = "",
) -> Seal:
    """Return the seal of a signed, waived or still unsigned document, in its language.

    signed_at_text: day and time of signing on the customer's clock.
    """
    with i18n.language(document.language):
        if signature is not None:
            place = f"{signature.place}, " if signature.place else ""
            caption = _(
                "Signed by {name}, {place}{when}",
                name=signature.signer,
                place=place,
                when=signed_at_text,
            )
            typed = signature.signer if signature.method == "typed" else ""
            return Seal(strokes=signature.strokes, typed=typed, caption=caption)
        if waiver is not None:
            reason = _(WAIVER_REASONS[waiver.reason])
            return Seal(caption=_("Without signature: {reason}", reason=reason))
        return Seal()


def render(
    document: Document, seal: Seal | None = None, *, photos: Mapping[str, bytes] | None = None
) -> bytes:
    """Return the document as a tagged, archivable PDF; the same input gives the same bytes.

    photos: the document's photos (JPEG) by their SHA-256; one that is missing is said to be.
    Raises: SummaryError when the page could not be made.
    """
    return _compile(document, seal, photos, format="pdf")[0]


def pictures(
    document: Document,
    seal: Seal | None = None,
    *,
    dpi: int = 110,
    photos: Mapping[str, bytes] | None = None,
) -> list[bytes]:
    """Return the pages as PNG pictures, for the preview and for printing (PRINT_DPI); photos as in render.

    Raises: SummaryError when the page could not be made.
    """
    return _compile(document, seal, photos, format="png", ppi=float(dpi))


def unpacked(picture: bytes) -> bytes:
    """Return a PNG picture with the same points, kept without compression: larger, but drawn at once.

    Drawing a page's picture takes 13 to 30 ms, most of it for unpacking, and the toolkit lets nothing else run
    meanwhile; zlib does (measured: 6 ms are left). Only for pictures of `pictures`: they hold no further chunks
    between their data.
    Source: PNG specification, third edition, 5.3 (chunk layout) and 10 (compression).
    """
    parts, packed, at = [picture[:8]], [], 8
    while at < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        whole = picture[at : at + 12 + length]
        at += len(whole)
        if kind == b"IDAT":
            packed.append(whole[8:-4])
            continue
        if kind == b"IEND":
            data = zlib.compress(zlib.decompress(b"".join(packed)), 0)
            parts += [struct.pack(">I", len(data)), b"IDAT", data]
            parts.append(struct.pack(">I", zlib.crc32(data, zlib.crc32(b"IDAT"))))
        parts.append(whole)
    return b"".join(parts)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the signature goes: page counted from 0, the rest as shares of the page, 0 to 1."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """A page as it is shown: a PNG picture a sheet, and where the signature stands."""

    pictures: tuple[bytes, ...]
    place: Place


def sheets(
    document: Document,
    seal: Seal | None = None,
    *,
    dpi: int = 110,
    photos: Mapping[str, bytes] | None = None,
) -> Sheets:
    """Return the pages' pictures and the place of the signature, so that a pad can lie over the page on screen.

    The place is asked of the layout the pictures were drawn from: 0.2 ms, where laying the page out again takes
    10 to 40. Raises: SummaryError when the page could not be made.
    """
    inputs = _inputs(document, seal or Seal(), photos or {})
    with _at_the_engine():
        drawn = _drawn_by("summary.typ", inputs, document.dated_on, format="png", ppi=float(dpi))
        # The kept compiler still holds what it was given with the pictures.
        asked = _compiler("summary.typ").query("<signature-place>", field="value", one=True)
    told = json.loads(asked)
    width, height = told["sheet"]
    return Sheets(
        pictures=tuple(drawn),
        place=Place(
            page=told["page"],
            x=told["x"] / width,
            y=told["y"] / height,
            width=told["width"] / width,
            height=told["height"] / height,
        ),
    )


def short_hash(document: Document) -> str:
    """Return the part of the content hash that stands on paper, in groups of four."""
    text = document.content_hash[:SHORT_HASH]
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


#: The compiler is kept and takes one page at a time: a second thread is told "Already borrowed" (typst 0.15).
_one_at_a_time = threading.Lock()


def handout(sheet: Handout) -> bytes:
    """Return a how-to card's sheet as a tagged, archivable PDF; the same input gives the same bytes.

    Raises: SummaryError when the sheet could not be made.
    """
    return _compile_handout(sheet, format="pdf")[0]


def handout_pictures(sheet: Handout, *, dpi: int = 110) -> list[bytes]:
    """Return the sheet's pages as PNG pictures. Raises: SummaryError when it could not be made."""
    return _compile_handout(sheet, format="png", ppi=float(dpi))


def _compile_handout(sheet: Handout, *, format: Literal["pdf", "png"], ppi: float = 0) -> list[bytes]:
    data = json.dumps(printable_data(dataclasses.asdict(sheet)), ensure_ascii=False)
    return _run("handout.typ", {"handout": data}, sheet.dated_on, format=format, ppi=ppi)


@functools.lru_cache(maxsize=2)
def _compiler(template: str) -> typst.Compiler:
    import typst  # loaded late: 94 ms at first use, not before the first paint

    return typst.Compiler(
        resources.path("summary", template),
        root=resources.root(),
        font_paths=[resources.path("fonts")],
        ignore_system_fonts=True,
    )


def _compile(
    document: Document,
    seal: Seal | None,
    photos: Mapping[str, bytes] | None,
    *,
    format: Literal["pdf", "png"],
    ppi: float = 0,
) -> list[bytes]:
    inputs = _inputs(document, seal or Seal(), photos or {})
    return _run("summary.typ", inputs, document.dated_on, format=format, ppi=ppi)


@contextlib.contextmanager
def _at_the_engine() -> Iterator[None]:
    """Have the engine to oneself. Raises: SummaryError for what it cannot make."""
    try:
        with _one_at_a_time:
            yield
    except RuntimeError as error:
        raise _not_made(error) from error


def _run(
    template: str, inputs: dict[str, str], dated_on: str, *, format: Literal["pdf", "png"], ppi: float = 0
) -> list[bytes]:
    with _at_the_engine():
        return _drawn_by(template, inputs, dated_on, format=format, ppi=ppi)


def _drawn_by(
    template: str, inputs: dict[str, str], dated_on: str, *, format: Literal["pdf", "png"], ppi: float
) -> list[bytes]:
    made = _compiler(template).compile(
        format=format,
        ppi=ppi or None,
        sys_inputs=inputs,
        pdf_standards=[*STANDARDS] if format == "pdf" else [],
        timestamp=_timestamp(dated_on),
    )
    if isinstance(made, bytes):
        return [made]
    return [bytes(page) for page in made or []]


def _inputs(document: Document, seal: Seal, photos: Mapping[str, bytes]) -> dict[str, str]:
    return {
        "photos": json.dumps(
            {one.sha256: _photo(photos[one.sha256]) for one in document.photos if one.sha256 in photos}
        ),
        "document": json.dumps(printable_data(as_data(document)), ensure_ascii=False),
        "seal": json.dumps(
            {
                "strokes": [{"points": list(s.points)} for s in seal.strokes],
                "typed": printable(seal.typed),
                "caption": printable(seal.caption),
                "hash": short_hash(document),
                "code": _code(document),
            },
            ensure_ascii=False,
        ),
    }


def _photo(data: bytes) -> str:
    """Return a photo as a drawing that holds it: the engine takes text, and a picture's bytes are none.

    Measured: 47 ms for 1.2 MB this way, 247 ms as a list of numbers.
    """
    width, height = photo_size(data) or (4, 3)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{base64.b64encode(data).decode()}"/>'
        "</svg>"
    )


def _not_made(error: RuntimeError) -> SummaryError:
    return SummaryError(
        _("The page could not be made."),
        safe=_("The visit and all its entries are kept."),
        advice=_("Try again; if it stays so, save the visit and print it later."),
        engine=str(error)[:500],
    )


def _timestamp(dated_on: str) -> int:
    day = datetime.fromisoformat(dated_on) if dated_on else datetime(2026, 1, 1)  # noqa: DTZ001 - made aware below; an undated draft has any fixed day
    return int(day.replace(tzinfo=UTC).timestamp())


def _code(document: Document) -> str:
    return _drawn(f"techkit:{document.number}:{document.revision}:{document.content_hash}")


# A page's pictures, its file and the place of its signature ask for the same code.
@functools.lru_cache(maxsize=8)
def _drawn(text: str) -> str:
    import segno  # loaded late: only the paper needs it

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode("utf-8")
