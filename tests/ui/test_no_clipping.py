"""Nothing is cut off: every visible text and control fits, in every step, in the smallest windows.

English, German, French and a language of longer words; 1280×720 and 1024×600. On the way every
control is asked for the name a screen reader says.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QWidget,
)

from shots import trials, window
from techkit import i18n
from techkit.ui.forms import PlainLabel
from techkit.ui.widgets.labels import ElidedLabel

SIZES = ((1280, 720), (1024, 600))

#: What needs a name, whether it takes the focus or not.
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)


def cut_off(root: QWidget) -> list[str]:
    """Return what does not fit: outside its parent, too low for its wrapped text, narrower than its words."""
    found = []
    for piece in root.findChildren(QWidget):
        if not piece.isVisible() or not isinstance(piece, (QLabel, QAbstractButton, QLineEdit, QComboBox)):
            continue
        parent = piece.parentWidget()
        words = piece.text()[:40] if isinstance(piece, (QLabel, QAbstractButton)) else piece.accessibleName()
        if parent is not None and not parent.rect().contains(piece.geometry()):
            found.append(f"outside: {words}")
        if isinstance(piece, PlainLabel) and piece.wordWrap() and _wrapped_height(piece) > piece.height() + 1:
            found.append(f"too low: {words}")
        is_text = (
            isinstance(piece, QLabel)
            and bool(piece.text())
            and not isinstance(piece, ElidedLabel)
            and not piece.wordWrap()
        )
        is_button = isinstance(piece, QAbstractButton) and bool(piece.text())
        if (is_text or is_button) and piece.width() < piece.minimumSizeHint().width():
            found.append(f"too narrow: {words}")
    return found


def _wrapped_height(label: PlainLabel) -> int:
    area = QRect(0, 0, label.contentsRect().width(), 1_000_000)
    return label.fontMetrics().boundingRect(area, int(Qt.TextFlag.TextWordWrap), label.text()).height()


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

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


def nameless(root: QWidget) -> list[str]:
    """Return the controls a screen reader would have no name for: all that is pressed, typed into or focused."""
    found = []
    for piece in root.findChildren(QWidget):
        parent = piece.parentWidget()
        is_part = isinstance(parent, (QAbstractSpinBox, QComboBox))  # named by what it is part of
        takes_focus = bool(piece.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not piece.isVisible() or is_part or not (takes_focus or isinstance(piece, CONTROLS)):
            continue
        words = piece.text() if isinstance(piece, QAbstractButton) else ""
        if not piece.accessibleName().strip() and not words.strip():
            found.append(f"{type(piece).__name__} in {type(parent).__name__}")
    return found


class Found:
    """What was wrong on the screens of a play."""

    def __init__(self) -> None:
        self.cut_off: dict[str, list[str]] = {}
        self.nameless: dict[str, list[str]] = {}

    def look_at(self, camera: window.Camera, name: str) -> None:
        shell = camera.program.shell
        for width, height in SIZES:
            shell.resize(width, height)
            camera.settle(0.05)
            try:
                camera.wait(lambda: not cut_off(shell))
            except TimeoutError:
                self.cut_off[f"{name} {width}x{height}"] = cut_off(shell)
        if without := nameless(shell):
            self.nameless[name] = without

    def play(self, play: Callable[[window.Camera], None], folder: Path, language: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(window, "PATIENCE_S", 20)
            patch.setattr(window.Camera, "take", lambda camera, name, only=None: self.look_at(camera, name))
            camera = window.Camera(folder, language)
            try:
                play(camera)
            finally:
                camera.close()


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("play", [window.play, trials.play], ids=["visit", "trials"])
def test_nothing_is_cut_off_in_any_step(
    play: Callable[[window.Camera], None], language: str, tmp_path: Path, look: Callable[..., None]
) -> None:
    """Every screen of a visit comes to rest with all its words and controls whole, and every control has a name."""
    found = Found()
    found.play(play, tmp_path, language)
    assert found.cut_off == {}
    assert found.nameless == {}


def test_nothing_is_cut_off_when_every_word_is_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[..., None]
) -> None:
    """A language whose words are four tenths longer than English finds its room on every screen of a visit."""
    longer = Longer()
    monkeypatch.setattr(i18n, "_catalogue", lambda _tag: longer)
    found = Found()
    found.play(window.play, tmp_path, "en")
    assert found.cut_off == {}
