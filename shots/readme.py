"""The three pictures of the README: the window, the paper, the review page; kept in docs/pictures.

They are the same pictures the other series take, a few of them, reduced to at most 250 kB each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from shots import camera, pages, paper, window
from shots.views import Asked

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"

#: A README's picture is loaded by everybody who looks in.
MOST_BYTES = 250_000

#: Width in px; a README is shown about 900 px wide.
WIDTH = 1100


def take(out: Path) -> Iterator[Path]:
    """Take the three pictures, keep them in docs/pictures, and yield copies."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, picture in (
            ("window", _window(place)),
            ("paper", _paper(place)),
            ("review", _review(place)),
        ):
            yield _keep(picture, name, out)


def _window(place: Path) -> Path:
    camera.asked = Asked(["en"])
    for picture in window.take(place):
        if picture.name == "window-06-work-drafts.png":
            return picture
    raise SystemExit("the window's picture did not come")


def _paper(place: Path) -> Path:
    paper.PAGES = {"paper-en-a4": paper.PAGES["paper-en-a4"]}
    for picture in paper.take(place):
        if picture.name == "paper-en-a4-1.png":
            return picture
    raise SystemExit("the paper's picture did not come")


def _review(place: Path) -> Path:
    wanted = tuple(picture for picture in pages.PICTURES if picture[0] == "12-web-visit-detail")
    pages.PICTURES = wanted  # type: ignore[assignment]  # the series' table, here only one of its pictures
    for picture in pages.take(place):
        if picture.name == "12-web-visit-detail.png":
            return picture
    raise SystemExit("the review page's picture did not come")


def _keep(picture: Path, name: str, out: Path) -> Path:
    """Reduce a picture to the README's width, and to 256 colours where it is too large; keep it in docs/pictures."""
    with Image.open(picture) as held:
        size = (WIDTH, round(held.height * WIDTH / held.width)) if held.width > WIDTH else held.size
        small = held.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    kept, copy = PICTURES / f"{name}.png", out / f"readme-{name}.png"
    small.save(kept, optimize=True)
    if kept.stat().st_size > MOST_BYTES:
        small.quantize(256).save(kept, optimize=True)
    copy.write_bytes(kept.read_bytes())
    return copy
