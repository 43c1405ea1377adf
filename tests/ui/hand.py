"""The technician's hand: presses what is on screen, counts each press, and types only what is asked for.

An interaction is one click, tap, shortcut or signature (the design, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.shell import Shell
from techkit.ui.widgets.signature import SignaturePad


class Hand:
    """Presses things in one window."""

    def __init__(self, qtbot: QtBot, shell: Shell) -> None:
        self._qtbot = qtbot
        self._shell = shell
        self.count = 0
        self.done: list[str] = []

    def press(self, words: str) -> None:
        """Click the visible, enabled button with these words; it is waited for."""
        button = self._wait_for(lambda: self._button(words), words)
        self._click(button, button.rect().center(), words)

    def press_name(self, name: str) -> None:
        """Click the visible piece a screen reader calls by this name (its beginning)."""
        piece = self._wait_for(lambda: self._named(name), name)
        self._click(piece, piece.rect().center(), name)

    def keys(self, words: str, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        """Press a shortcut in the window."""
        target = self._shell.focusWidget() or self._shell
        QTest.keyClick(target, key, modifiers)
        self._count(words)

    def confirm(self, words: str) -> None:
        """Press Ctrl+Enter, the footer's filled button."""
        self.keys(words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def sign(self) -> None:
        """Draw a signature on the pad, where it lies on the screen now."""
        pad = self._wait_for(
            lambda: next((p for p in self._shell.findChildren(SignaturePad) if p.isVisible()), None), "pad"
        )
        assert not pad.visibleRegion().isEmpty(), "the place to sign is not on screen"
        width, height = pad.width(), pad.height()
        points = [
            QPoint(int(width * x), int(height * y))
            for x, y in ((0.2, 0.6), (0.3, 0.2), (0.4, 0.7), (0.5, 0.3), (0.6, 0.6))
        ]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            QTest.mouseMove(pad, point)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
        self._count("signature")

    def sign_off(self, visit: Visit) -> None:
        """Hand the page that is shown over, say yes to the question, sign it, and wait for its file."""
        page = visit.sign_off
        self.press("Hand over to the customer")
        self.wait(lambda: page.state.phase == "customer" and not page.state.is_rendering)
        self.press("Yes")
        self.wait(lambda: page.state.signature_place is not None)
        self.sign()
        self.wait(lambda: page.state.may_agree)
        self.press(page.state.agree_label)
        self.wait(lambda: page.state.phase == "signed" and page.state.pdf is not None)

    def type_in_turn(self, *texts: str) -> None:
        """Type each text where the keyboard is and go on with Tab; not counted as presses."""
        for text in texts:
            field = QApplication.focusWidget()
            assert field is not None
            QTest.keyClicks(field, text)
            QTest.keyClick(field, Qt.Key.Key_Tab)

    def wait(self, until: Callable[[], object]) -> None:
        """Wait; waiting is no interaction."""
        self._qtbot.waitUntil(lambda: bool(until()))

    def _click(self, piece: QWidget, at: QPoint, words: str) -> None:
        _bring_into_view(piece)
        QTest.mouseClick(piece, Qt.MouseButton.LeftButton, pos=at)
        self._count(words)

    def _count(self, words: str) -> None:
        self.count += 1
        self.done.append(words)

    def _button(self, words: str) -> Button | None:
        return next(
            (
                button
                for button in self._shell.findChildren(Button)
                if button.words == words and button.isVisible() and button.isEnabled()
            ),
            None,
        )

    def _named(self, name: str) -> QWidget | None:
        return next(
            (
                piece
                for piece in self._shell.findChildren(QWidget)
                if piece.accessibleName().startswith(name) and piece.isVisible() and piece.isEnabled()
            ),
            None,
        )

    def _wait_for(self, find: Callable[[], QWidget | None], words: str) -> QWidget:
        found: list[QWidget] = []

        def look() -> bool:
            piece = find()
            if piece is not None:
                found.append(piece)
            return piece is not None

        try:
            self._qtbot.waitUntil(look)
        except Exception as error:
            shown = sorted({b.words for b in self._shell.findChildren(Button) if b.isVisible() and b.words})
            raise AssertionError(f"“{words}” never came on screen; there are: {shown}") from error
        return found[-1]


def _bring_into_view(piece: QWidget) -> None:
    parent = piece.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(piece)
        parent = parent.parentWidget()
