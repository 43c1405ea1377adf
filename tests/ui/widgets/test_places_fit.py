"""Nothing is cut off in the places beside the visit, in small windows, English and German; every control has a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTableView, QWidget

from shots import lists, window
from tests.ui.test_no_clipping import SIZES, cut_off


def unnamed(root: QWidget) -> list[str]:
    """Return the visible controls a screen reader would call by nothing."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTableView)
    return [
        f"{type(piece).__name__} in {type(piece.parentWidget()).__name__}"
        for piece in root.findChildren(QWidget)
        if isinstance(piece, kinds)
        and piece.isVisible()
        and not piece.accessibleName()
        and not (isinstance(piece, QAbstractButton) and piece.text())
        and piece.objectName() != "qt_spinbox_lineedit"
        and type(piece).__name__ != "QTableCornerButton"
    ]


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_in_any_place(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[..., None]
) -> None:
    """Lists, pages, forms and budgets come to rest with all their words whole and every control named."""
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
        if names := unnamed(shell):
            found[f"{name} names"] = names

    monkeypatch.setattr(window, "PATIENCE_S", 12)
    monkeypatch.setattr(window.Camera, "take", look_at)
    camera = window.Camera(tmp_path, language, fill=lists.fill)
    try:
        lists.play(camera)
    finally:
        camera.close()
    assert found == {}
