"""Nothing is cut off: every visible text and control fits, in every step, in the smallest windows.

English and German, which is up to a third longer; light and dark; 1280×720 and 1024×600.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from shots import trials, window
from techkit.ui.forms import PlainLabel
from techkit.ui.widgets.labels import ElidedLabel

SIZES = ((1280, 720), (1024, 600))


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


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("play", [window.play, trials.play], ids=["visit", "trials"])
def test_nothing_is_cut_off_in_any_step(
    play: Callable[[window.Camera], None],
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    look: Callable[..., None],
) -> None:
    """Every screen of a visit comes to rest with all its words and controls whole."""
    found: dict[str, list[str]] = {}

    def look_at(camera: window.Camera, name: str, only: str | None = None) -> None:
        shell = camera.program.shell
        for width, height in SIZES:
            shell.resize(width, height)
            camera.settle(0.05)
            try:
                camera.wait(lambda: not cut_off(shell))
            except TimeoutError:
                found[f"{name} {width}x{height}"] = cut_off(shell)

    monkeypatch.setattr(window, "PATIENCE_S", 20)
    monkeypatch.setattr(window.Camera, "take", look_at)
    camera = window.Camera(tmp_path, language)
    try:
        play(camera)
    finally:
        camera.close()
    assert found == {}
