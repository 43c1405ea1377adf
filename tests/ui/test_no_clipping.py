"""Nothing is cut off, covered or out of reach: every screen, in small windows, with large text and long words.

The plays of shots/ lead through every screen of the real window; on each one all pieces in sight are measured, at
1280×720 and 1024×600, and every control is asked for the name a screen reader says.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from shots import camera as shutter
from shots import desk, doors, how_to, lists, trials, window, workspace
from shots.camera import Camera
from techkit import i18n
from techkit.ui.controls import Select
from techkit.ui.widgets.boxes import Scroll, column
from techkit.ui.widgets.labels import ElidedLabel
from tests.ui.sight import nameless, ringless, troubles

SIZES = ((1280, 720), (1024, 600))

#: What was out of place may still come to rest; longer than any screen takes.
REST_S = 3.0


class Longer(gettext.NullTranslations):
    """English with every word four tenths longer: what a translation may come to. Placeholders stay."""

    def gettext(self, message: str) -> str:
        return re.sub(
            r"(?<![{\w])([^\W\d_]{2,})(?![\w}])",
            lambda word: word[1] + word[1][-1] * max(1, round(len(word[1]) * 0.4)),
            message,
        )

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


@dataclass(frozen=True)
class Play:
    """A way through many screens of a store that `fill` makes."""

    play: Callable[..., None]
    fill: Callable[[Path], Any]


PLAYS = {
    "visit": Play(window.play, desk.fill),
    "places": Play(lists.play, lists.fill),
    "trials": Play(trials.play, desk.fill),
    "cards": Play(how_to.play, how_to.fill),
    "workspace": Play(workspace.play, desk.fill),
    "doors": Play(doors.play, doors.fill),
}

#: Language and text size in percent: what is hardest for each play. Longer words than any language has, half as large
#: again, are tried on every screen, and a real language on the two plays with most of them. The whole square of both
#: comes with --long.
LONGER, FRENCH, GERMAN = ("longer", 150), ("fr", 125), ("de", 100)
HARDEST = dict.fromkeys(PLAYS, (LONGER,)) | {"visit": (LONGER, GERMAN), "places": (LONGER, FRENCH)}
WALKS = [
    pytest.param(
        name, language, percent, marks=() if (language, percent) in HARDEST[name] else pytest.mark.long
    )
    for name in PLAYS
    for language in ("longer", "fr", "de", "en")
    for percent in (150, 125, 100)
]


def _walk(play: Play, language: str, percent: int, folder: Path, office: Path) -> dict[str, list[str]]:
    """Go through a play and return what is wrong: screen and size -> a line each."""
    found: dict[str, list[str]] = {}
    known: set[object] = set()

    def look_at(camera: Camera, name: str, only: str | None = None) -> None:
        shell = camera.program.shell
        for width, height in SIZES:
            shell.resize(width, height)
            camera.settle(0.03)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(shutter, "PATIENCE_S", REST_S)
                try:
                    camera.wait(lambda: not troubles(shell))
                except TimeoutError:
                    found[f"{name} {width}x{height}"] = troubles(shell)
        assert (shell.width(), shell.height()) == SIZES[-1], f"{name} asks for a larger window"
        if without := nameless(shell):
            found[f"{name} names"] = without
        if without := ringless(shell, known):
            found[f"{name} rings"] = without

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Camera, "take", look_at)
        if language == "longer":
            longer = Longer()
            patch.setattr(i18n, "_catalogue", lambda _tag: longer)
            # Not through what is kept of texts once translated: the tests after this one read them.
            patch.setattr(i18n, "_translated", lambda tag, text: i18n.tied(longer.gettext(text), tag))
        camera = Camera(
            folder,
            "en" if language == "longer" else language,
            fill=play.fill,
            scale_percent=percent,
            office=office,
        )
        try:
            play.play(camera)
        finally:
            camera.close()
    return found


@pytest.mark.parametrize(("name", "language", "percent"), WALKS)
def test_every_screen_is_whole(
    name: str, language: str, percent: int, tmp_path: Path, empty_service: Path, look: Callable[..., None]
) -> None:
    """Every screen comes to rest with all its words and controls whole and in reach, and every control has a name."""
    assert _walk(PLAYS[name], language, percent, tmp_path, empty_service) == {}


# --- the measuring itself: each kind of trouble is found where it is made on purpose ---


@pytest.fixture
def ground(qtbot: QtBot, look: Callable[..., None]) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(300, 200)
    return made


def _kinds(root: QWidget) -> set[str]:
    return {line.partition(":")[0] for line in troubles(root)}


def test_words_that_do_not_fit_are_found(ground: QWidget) -> None:
    """A wrapped label too low, a word wider than its label and a button narrower than its text are told."""
    low, narrow = (
        QLabel("a sentence that needs several lines here"),
        QLabel("Donaudampfschifffahrtsgesellschaft"),
    )
    button = QPushButton("Hand over to the customer")
    for piece, box in (
        (low, QRect(0, 0, 90, 18)),
        (narrow, QRect(0, 40, 60, 40)),
        (button, QRect(0, 90, 60, 40)),
    ):
        piece.setParent(ground)
        piece.setGeometry(box)
    for label in (low, narrow):
        label.setWordWrap(True)
    ground.show()
    assert {"too low", "a word cut", "button too small"} <= _kinds(ground)


def test_what_is_cut_on_purpose_carries_its_whole_text(ground: QWidget) -> None:
    """A line or a choice that ends with an ellipsis is in order, as its tooltip says the whole."""
    text = "Zahntechnisches Labor Müller-Lindenau & Töchter in Sankt Georgen im Schwarzwald"
    one, other = ElidedLabel(text), Select([("a", text)], name="Customer")
    other.set_value("a")
    ground.setLayout(column(one, other))
    ground.show()
    assert troubles(ground) == []
    assert text.replace("&", "&amp;") in one.toolTip()
    assert text.replace("&", "&amp;") in other.toolTip()


def test_a_piece_below_the_edge_is_in_reach_only_where_the_window_scrolls(ground: QWidget) -> None:
    """What scrolling brings into sight is in order; what stands outside for good is told."""
    inside = QPushButton("Below", ground)
    inside.setGeometry(0, 260, 120, 40)
    ground.show()
    assert _kinds(ground) == {"out of reach"}
    inside.hide()
    tall = QPushButton("Far below")
    scroll = Scroll(column(900, tall))
    scroll.setParent(ground)
    scroll.setGeometry(0, 0, 300, 200)
    scroll.show()
    assert _kinds(ground) == set()
    scroll.body.setMinimumWidth(500)
    tall.setMinimumWidth(480)
    scroll.body.adjustSize()
    assert _kinds(ground) == {"out of reach"}


def test_neighbours_over_each_other_are_found(ground: QWidget) -> None:
    """Two pieces of one layout that lie over each other are told."""
    layout = QVBoxLayout(ground)
    pieces = [QPushButton("One"), QPushButton("Other")]
    for piece in pieces:
        layout.addWidget(piece)
    ground.show()
    pieces[1].setGeometry(pieces[0].geometry().translated(0, 8))
    assert "over each other" in _kinds(ground)
