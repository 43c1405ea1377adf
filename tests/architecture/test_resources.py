"""Every file of resources/ is present, listed with its licence, and of use."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest

from techkit import resources

ROOT = resources.root()
SOURCE = ROOT.parent / "techkit"


def listed() -> dict[str, str]:
    """Return the patterns of LICENSES.md and the row each stands in."""
    found = {}
    for line in (ROOT / "LICENSES.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            for pattern in re.findall(r"`([^`]+)`", line.split("|")[1]):
                found[pattern] = line
    return found


def files() -> list[str]:
    """Return every file of resources/ that belongs to the tree; compiled translations are made."""
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.is_file() and path.suffix != ".mo" and "__pycache__" not in path.parts
    )


def test_every_file_stands_in_exactly_one_row() -> None:
    """LICENSES.md says of each file where it is from and under which licence."""
    patterns = listed()
    rows = {name: {patterns[p] for p in patterns if fnmatch.fnmatch(name, p)} for name in files()}
    assert {name: len(found) for name, found in rows.items() if len(found) != 1} == {}


def test_no_row_is_idle() -> None:
    """LICENSES.md lists nothing that is not there."""
    names = files()
    assert [pattern for pattern in listed() if not fnmatch.filter(names, pattern)] == []


def test_licence_texts_are_kept() -> None:
    """Every licence text that a row names lies beside it."""
    named = set(re.findall(r"`(licenses/[^`*]+)`", (ROOT / "LICENSES.md").read_text(encoding="utf-8")))
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    "family",
    [
        "Inter",
        "Noto Sans Arabic",
        "Noto Sans Hebrew",
        "Noto Sans Thai",
        "Noto Sans Devanagari",
        "Noto Sans Mono",
        "Noto Sans CJK SC",
    ],
)
def test_fonts_load(qapp, family: str) -> None:
    """Qt finds each bundled family in the files we ship."""
    from PySide6.QtGui import QFontDatabase

    found = set()
    for path in sorted((ROOT / "fonts").iterdir()):
        handle = QFontDatabase.addApplicationFont(str(path))
        found.update(QFontDatabase.applicationFontFamilies(handle))
        QFontDatabase.removeApplicationFont(handle)
    assert family in found


def test_icons_come_in_both_styles() -> None:
    """Each icon is there for actions (regular) and for states (fill)."""
    styles = [{path.name for path in (ROOT / "icons" / style).iterdir()} for style in ("regular", "fill")]
    assert styles[0] == styles[1]
    assert styles[0]


def test_icons_take_the_colour_they_are_given() -> None:
    """An icon has no colour of its own, and nothing in it runs or loads."""
    for path in (ROOT / "icons").rglob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert 'fill="currentColor"' in text, path.name
        assert not re.search(r"<script|<image|<style|href|#[0-9a-fA-F]{3}", text), path.name


def test_every_icon_is_named() -> None:
    """No icon lies there that neither the window nor a page nor the paper names."""
    drawn = [
        path for kind in ("*.py", "*.html", "*.typ") for top in (SOURCE, ROOT) for path in top.rglob(kind)
    ]
    named = {name for path in drawn for name in re.findall(r"[\"']([a-z-]+)[\"']", path.read_text("utf-8"))}
    assert "toolbox" in named
    assert sorted({path.stem for path in (ROOT / "icons").rglob("*.svg")} - named) == []


# --- the pages' look and templates ---

PAGES = ROOT / "pages"
VIEWS = SOURCE / "central"


def told(pattern: str, *tops: Path) -> str:
    """Return the text of all files of a kind below some folders."""
    return "\n".join(path.read_text("utf-8") for top in tops for path in sorted(top.rglob(pattern)))


def style_rules() -> tuple[str, str]:
    """Return the style sheet's selectors, and all of it, without comments."""
    sheet = re.sub(r"/\*.*?\*/", "", (PAGES / "static" / "pages.css").read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\{[^{}]*\}", "{}", sheet), sheet


def test_every_rule_of_the_pages_is_worn() -> None:
    """No class, id or colour stands in the style sheet that no page, view or script names."""
    selectors, sheet = style_rules()
    named = set(re.findall(r"[\w-]+", told("*.html", PAGES) + told("*.js", PAGES) + told("*.py", VIEWS)))
    worn = set(re.findall(r"[.#]([a-zA-Z_][\w-]*)", selectors))
    assert "flag" in worn
    assert sorted(worn - named) == []
    declared, used = (set(re.findall(found, sheet)) for found in (r"(--[\w-]+)\s*:", r"var\((--[\w-]+)"))
    assert declared
    assert declared ^ used == set()


def test_every_class_a_page_gives_has_its_rule() -> None:
    """A class in a template means something: the style sheet or the script knows it."""
    selectors, _sheet = style_rules()
    plain = re.sub(r"\{[{%].*?[%}]\}", " ", told("*.html", PAGES), flags=re.DOTALL)
    given = {name for worn in re.findall(r'class="([^"]*)"', plain) for name in worn.split()}
    known = set(re.findall(r"\.([a-zA-Z_][\w-]*)", selectors + told("*.js", PAGES)))
    assert given
    assert sorted(given - known) == []


def test_every_template_and_part_is_shown() -> None:
    """No template that no view gives out, and no part that no template calls."""
    pages = told("*.html", PAGES)
    named = pages + told("*.py", VIEWS)
    templates = [path.name for path in (PAGES / "templates").iterdir()]
    assert "visit.html" in templates
    assert [name for name in templates if f'"{name}"' not in named] == []
    parts = re.findall(r"\bmacro (\w+)", pages)
    assert parts
    assert [name for name in parts if len(re.findall(rf"\b{name}\b", pages)) < 2] == []
