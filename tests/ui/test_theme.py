"""The look: tokens hold their contrast, the style sheet knows every token, icons are tinted."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable

import pytest
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit import resources
from techkit.records import catalogue
from techkit.ui import presenters, theme
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label

#: Pairs of tokens that stand on each other, and the least contrast each must have.
#: Source: WCAG 2.2, 1.4.3 (text 4.5), 1.4.6 (main text 7), 1.4.11 (shapes 3).
PAIRS: tuple[tuple[str, str, float], ...] = (
    *(("text", ground, 7) for ground in ("surface", "canvas", "sunken", "navOn", "accentSoft")),
    *(("text", ground, 7) for ground in ("okSoft", "watchSoft", "badSoft")),
    *(("text2", ground, 7) for ground in ("surface", "canvas")),
    *(("text2", ground, 4.5) for ground in ("sunken", "sidebar", "navOn", "hover")),
    *(("text2", f"{tone}Soft", 4.5) for tone in ("info", "ok", "watch", "bad", "accent", "none")),
    *(("text3", ground, 4.5) for ground in ("surface", "canvas", "sunken", "sidebar", "hover")),
    *(("text3", ground, 4.5) for ground in ("accentSoft", "noneSoft")),
    ("onAccent", "accent", 4.5),
    ("onAccent", "accentHover", 4.5),
    *(("accentText", ground, 4.5) for ground in ("accentSoft", "surface", "canvas", "sidebar")),
    ("accentText", "navOn", 4.5),
    *(("focus", g, 3) for g in ("surface", "canvas", "sunken", "sidebar", "navOn", "accentSoft")),
    ("accent", "surface", 3),
    *(("strong", g, 3) for g in ("sidebar", "accentSoft", "surface", "canvas", "sunken")),
    *((t, f"{t}Soft", 4.5) for t in ("ok", "watch", "bad", "info", "none")),
    *((tone, "surface", 4.5) for tone in ("ok", "watch", "bad", "info", "none")),
    *((tone, "accentSoft", 4.5) for tone in ("ok", "watch", "bad", "none")),
    *((series, "surface", 3) for series in ("c1", "c2", "c3", "c4")),
)


def luminance(colour: str) -> float:
    """Return the relative luminance of "#RRGGBB", 0 to 1. Source: WCAG 2.2, relative luminance."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours "#RRGGBB", 1 to 21. Source: WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("front", "ground", "least"), PAIRS, ids=str)
def test_each_pair_of_tokens_holds_its_contrast_in_every_look(front: str, ground: str, least: float) -> None:
    """Text and shapes stand out from their ground in light, dark and high contrast."""
    too_low = {
        name: round(contrast(tokens[front], tokens[ground]), 2)
        for name, tokens in theme.THEMES.items()
        if contrast(tokens[front], tokens[ground]) < least
    }
    assert too_low == {}


def test_contrast_is_computed_as_wcag_says() -> None:
    """Black on white is 21, a colour on itself 1, the design's example 17.44."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)
    assert round(contrast(theme.LIGHT["text"], theme.LIGHT["surface"]), 2) == 17.44


def test_every_look_has_the_same_tokens() -> None:
    """A token that one look lacks would break the style sheet there."""
    names = {name: set(tokens) for name, tokens in theme.THEMES.items()}
    assert names["light"] == names["dark"] == names["high_contrast"]


@pytest.mark.parametrize("name", sorted(theme.THEMES))
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_the_style_sheet_leaves_no_token_open(name: str, scale: float) -> None:
    """Every @word of window.qss is filled in, in every look and text size."""
    text = theme.style_sheet(theme.Look(name=name, scale=scale))
    assert re.findall(r"@\w+", text) == []
    assert text.count("{") == text.count("}")


def test_lengths_grow_with_the_text_but_hairlines_do_not() -> None:
    """At 200 % a 40 px control is 80 px high; a 2 px border stays 2 px."""
    text = theme.style_sheet(theme.Look(scale=2.0))
    assert "min-height: 78px" in text
    assert "border: 2px solid" in text


def test_the_bundled_text_font_is_there(look: Callable[..., None]) -> None:
    """Inter comes with the program, so that the window looks the same everywhere."""
    assert "Inter" in QFontDatabase.families()


def test_a_role_has_its_size_and_weight(look: Callable[..., None], qapp: QApplication) -> None:
    """A title is 22 px at 100 % and 33 px at 150 %."""
    label = QLabel("title")
    label.setProperty("role", "title")
    label.ensurePolished()
    assert label.font().pixelSize() == 22
    look(scale=1.5)
    label.ensurePolished()
    assert label.font().pixelSize() == 33


def test_an_icon_takes_its_token_colour_and_is_kept(look: Callable[..., None]) -> None:
    """The middle of a filled tick has the token's colour; the same icon is drawn once."""
    picture = theme.pixmap("check-circle", "ok", 32, "fill", 1.0)
    colours = {
        picture.toImage().pixelColor(x, y).name().upper()
        for x in range(32)
        for y in range(32)
        if picture.toImage().pixelColor(x, y).alpha() == 255
    }
    assert colours == {theme.LIGHT["ok"]}
    assert theme.pixmap("check-circle", "ok", 32, "fill", 1.0).cacheKey() == picture.cacheKey()


def test_a_missing_icon_is_a_fault_of_the_build(look: Callable[..., None]) -> None:
    """Nothing is drawn in place of an icon that is not there."""
    with pytest.raises(FileNotFoundError):
        theme.pixmap("no-such-icon", "text", 20)


def test_every_icon_the_window_names_is_there() -> None:
    """Each literal icon="…" and Icon("…") of the window's code is in resources/icons."""
    root = resources.root().parent / "techkit" / "ui"
    named: set[tuple[str, str]] = set()
    for file in root.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named |= {(name, "regular") for name in re.findall(r'icon="([a-z0-9-]+)"', text)}
        named |= {
            (found[0], found[1] or "regular")
            for found in re.findall(
                r'\bIcon\(\s*"([a-z0-9-]+)"(?:,\s*"\w+",\s*\d+,\s*"(fill|bold|regular)")?', text
            )
        }
    missing = sorted(
        f"{weight}/{name}"
        for name, weight in named
        if not (resources.root() / "icons" / weight / f"{name}.svg").exists()
    )
    assert len(named) > 20
    assert missing == []


def test_every_icon_presenters_and_records_name_is_there() -> None:
    """Icons named in tables (complaints, areas, kinds of record) are in resources/icons, both weights."""
    named = {spec.icon for spec in catalogue.every()}
    for module in pkgutil.iter_modules(presenters.__path__):
        loaded = importlib.import_module(f"{presenters.__name__}.{module.name}")
        for name, table in vars(loaded).items():
            if name.endswith("ICONS") and isinstance(table, dict):
                named |= set(table.values())
    missing = sorted(
        f"{weight}/{name}"
        for name in named
        for weight in ("regular", "fill")
        if not (resources.root() / "icons" / weight / f"{name}.svg").exists()
    )
    assert len(named) > 30
    assert missing == []


def test_what_is_open_follows_the_size_of_the_text(qtbot: QtBot, look: Callable[..., None]) -> None:
    """Margins, gaps and fixed sizes made at 100 % grow with the text, and are as before when it shrinks again."""
    side = QWidget()
    side.setFixedWidth(100)
    card = Card(side, 8, Label("Words that wrap", wraps=True), margins=16, gap=10)
    qtbot.addWidget(card)

    def lengths() -> tuple[int, int, int, int]:
        space = card.box.itemAt(1)
        assert space is not None
        return (
            card.box.contentsMargins().left(),
            card.box.spacing(),
            side.maximumWidth(),
            space.sizeHint().height(),
        )

    assert lengths() == (16, 10, 100, 8)
    look(scale=1.5)
    assert lengths() == (24, 15, 150, 12)
    look()
    assert lengths() == (16, 10, 100, 8)


def test_larger_text_does_not_push_the_window_past_a_small_screen(
    qtbot: QtBot, look: Callable[..., None]
) -> None:
    """How small the window may be is said by the screen: at 150 % it still fits 1024 x 600."""
    window = QWidget()
    window.setMinimumSize(900, 560)
    qtbot.addWidget(window)
    look(scale=1.5)
    window.resize(1024, 600)
    assert (window.width(), window.height()) == (1024, 600)
