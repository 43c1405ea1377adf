"""A sentence across the page: whole where there is room, one line in a low window, never over itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.visit import VisitView

TITLE = "No clock runs for this visit on this device."
TEXT = "It was begun on another device. Since 12:43 nothing is counted here."
WHOLE = {TITLE, TEXT, "Add 35 min and go on", "Go on with the clock"}


@pytest.fixture
def banner(qtbot: QtBot, look: object) -> Iterator[Banner]:
    made = Banner("watch", TITLE, TEXT, Button("Add 35 min and go on"), Button("Go on with the clock"))
    qtbot.addWidget(made)
    made.resize(600, 60)
    made.show()
    yield made
    made.hide()


def words(banner: Banner) -> set[str]:
    pieces = [*banner.findChildren(Label), *banner.findChildren(Button)]
    return {p.words if isinstance(p, Button) else p.text() for p in pieces if p.isVisible()}


def test_what_can_be_done_does_not_squeeze_the_words(banner: Banner) -> None:
    """Where both have no room beside each other, the buttons stand below; no sentence lies over another."""
    banner.resize(600, banner.heightForWidth(600))
    title, text = (label for label in banner.findChildren(Label) if label.text() in (TITLE, TEXT))
    assert title.width() > 320
    assert title.geometry().bottom() < text.geometry().top()
    assert banner.heightForWidth(600) < 140


def test_in_a_low_window_one_line_is_left(banner: Banner) -> None:
    """The rest stands behind a button the keyboard reaches, and goes there again."""
    assert words(banner) == WHOLE
    whole = banner.heightForWidth(600)
    banner.set_small(True)
    assert words(banner) == {TITLE, "More"}
    assert banner.heightForWidth(600) <= whole - 30
    more = next(b for b in banner.findChildren(Button) if b.isVisible())
    assert more.accessibleName() == f"More: {TITLE}"
    more.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert words(banner) == WHOLE | {"Less"}
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert words(banner) == {TITLE, "More"}
    banner.set_small(False)
    assert words(banner) == WHOLE


def test_a_low_visit_leaves_its_room_to_the_page(
    qtbot: QtBot, look: Callable[..., None], visit: Visit
) -> None:
    """The notice that no clock runs here takes one line of a low window, and is whole again in a higher one."""
    look("light", 1.5)
    view = VisitView(visit, {}, open_sync=lambda: None, leave=lambda: None, about=lambda: None)
    qtbot.addWidget(view)
    view.set_width(1024 * 2 // 3)
    view.resize(1024, 600)
    view.show()
    visit.need.choose_complaint("slow")
    visit.next()
    visit.held.labour.running = None
    visit.held.changed()
    (banner,) = (b for b in view.findChildren(Banner) if b.isVisible())
    assert words(banner) == {TITLE, "More"}
    view.resize(1024, 900)
    assert "Go on with the clock" in words(banner)
    view.close_pages()
