"""Controls: what they tell and when, and how much text they take."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.controls import (
    MOST_CHARACTERS,
    FieldBox,
    LineEdit,
    PlainLabel,
    Select,
    TextEdit,
)


def test_text_is_never_markup(qtbot: QtBot, look: Callable[..., None]) -> None:
    """A name with tags is shown as it was written."""
    label = PlainLabel("<b>Bob</b> & <img src=x>")
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<b>Bob</b> & <img src=x>"


def test_megabytes_of_text_are_cut_on_screen(qtbot: QtBot, look: Callable[..., None]) -> None:
    """Two million characters do not stop the window; the label says that there is more."""
    label = PlainLabel("x" * 2_000_000, wraps=True)
    qtbot.addWidget(label)
    assert len(label.text()) == MOST_CHARACTERS
    assert label.text().endswith("…")


def test_wrapped_text_keeps_its_height_inside_nested_layouts(qtbot: QtBot, look: Callable[..., None]) -> None:
    """A label that needs four lines in its width gets them, and gives them back when it is wide."""
    label = PlainLabel("a few words that need more than one line " * 4, wraps=True)
    host = QWidget()
    qtbot.addWidget(host)
    QVBoxLayout(host).addWidget(label)
    host.resize(200, 100)
    host.show()
    narrow = label.minimumHeight()
    host.resize(1400, 100)
    assert narrow >= 4 * label.fontMetrics().lineSpacing()
    assert label.minimumHeight() < narrow


def test_a_field_box_names_error_before_hint(qtbot: QtBot, look: Callable[..., None]) -> None:
    """The description of the control is its hint until something must be put right."""
    line = LineEdit()
    box = FieldBox("Phone", line, hint="As you dial it")
    qtbot.addWidget(box)
    assert line.accessibleDescription() == "As you dial it"
    box.show_error("Too short.")
    assert line.accessibleDescription() == "Too short."
    box.show_error("")
    assert line.accessibleDescription() == "As you dial it"


def test_the_mark_of_an_error_follows_the_look(qtbot: QtBot, look: Callable[..., None]) -> None:
    """The mark beside a sentence that stands there is painted anew when the window turns dark."""
    box = FieldBox("Phone", LineEdit())
    qtbot.addWidget(box)
    box.show_error("Too short.")
    mark = next(label for label in box.findChildren(QLabel) if not label.pixmap().isNull())
    before = mark.pixmap().toImage()
    look(name="dark")
    assert mark.pixmap().toImage() != before


def test_several_lines_are_told_when_left_and_tab_moves_on(qtbot: QtBot, look: Callable[..., None]) -> None:
    """Tab leaves the field instead of writing a tab into it."""
    text, other, seen = TextEdit(), QLabel(), []
    host = QWidget()
    qtbot.addWidget(host)
    box = QVBoxLayout(host)
    box.addWidget(text)
    box.addWidget(other)
    line = LineEdit()
    box.addWidget(line)
    text.left.connect(seen.append)
    host.show()
    host.activateWindow()
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    QTest.keyClicks(text, "two words")
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert seen == ["two words"]


def test_the_wheel_changes_no_choice(qtbot: QtBot, look: Callable[..., None]) -> None:
    """Scrolling the page over a list leaves its value alone."""
    select = Select([("a", "A"), ("b", "B")])
    qtbot.addWidget(select)
    select.set_value("a")
    select.setFocus()
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    select.wheelEvent(event)
    assert select.value() == "a"
    assert not event.isAccepted()


@pytest.mark.parametrize("name", ["light", "high_contrast"])
@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_three_lines_need_no_scroll_bar(
    qtbot: QtBot, look: Callable[..., None], name: str, scale: float
) -> None:
    """The lines asked for stand there whole, inside the thick border of high contrast too."""
    look(name=name, scale=scale)
    text = TextEdit("Disk\nScreen\nBackup")
    qtbot.addWidget(text)
    with qtbot.waitExposed(text):
        text.show()
    assert text.verticalScrollBar().maximum() == 0
