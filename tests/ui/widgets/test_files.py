"""The card of photos and files: dropped, pasted and chosen files reach the presenter; every control has a name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.controls import Select
from techkit.ui.presenters.blacking import BlackingState
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.blacking import PhotoCanvas
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.files import FilesCard
from techkit.ui.widgets.labels import Label
from tests import photos


@pytest.fixture
def card(qtbot: QtBot, checked: Visit, look: Callable[..., None]) -> Iterator[FilesCard]:
    made = FilesCard(checked.files)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    yield made
    made.release()


def dropped(card: FilesCard, held: QMimeData) -> None:
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(card.rect().center(), Qt.DropAction.CopyAction, held, buttons, keys)
    QApplication.sendEvent(card, entering)
    if entering.isAccepted():
        drop = QDropEvent(QPointF(card.rect().center()), Qt.DropAction.CopyAction, held, buttons, keys)
        QApplication.sendEvent(card, drop)


def test_dropped_files_are_taken(card: FilesCard, checked: Visit, tmp_path: Path) -> None:
    """Files dropped on the card become photos of the visit; an address of the web is not taken."""
    path = tmp_path / "plate.jpg"
    path.write_bytes(photos.photo())
    held = QMimeData()
    held.setUrls([QUrl("https://example.invalid/x.jpg")])
    dropped(card, held)
    assert checked.files.state.rows == ()
    held.setUrls([QUrl.fromLocalFile(str(path))])
    dropped(card, held)
    assert [row.title for row in checked.files.state.rows] == ["plate.jpg"]
    assert any(label.text().startswith("1 file") for label in card.findChildren(Label))


def test_a_pasted_picture_is_taken(card: FilesCard, checked: Visit) -> None:
    """A picture of the clipboard, a screenshot say, becomes a photo; without one nothing happens."""
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    assert not card.paste()
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    clipboard.setImage(image)
    assert card.paste()
    (row,) = checked.files.state.rows
    assert row.may_show
    clipboard.clear()


def test_chosen_files_are_taken(
    card: FilesCard,
    checked: Visit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Files chosen in the system's dialog are taken; closing it takes none."""
    path = tmp_path / "plate.jpg"
    path.write_bytes(photos.photo())
    answers = [[], [str(path)]]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: (answers.pop(0), ""))
    card.choose()
    assert checked.files.state.rows == ()
    card.choose()
    assert len(checked.files.state.rows) == 1


def test_every_control_of_a_photo_has_a_name(card: FilesCard, checked: Visit) -> None:
    """Caption, tick, remove and the small picture say which photo they belong to."""
    checked.files.add_bytes("plate.jpg", photos.photo())
    names = {w.accessibleName() for w in card.findChildren(QWidget) if w.accessibleName()}
    assert {
        "Caption: plate.jpg",
        "On the customer’s page: plate.jpg",
        "Remove: plate.jpg",
        "plate.jpg",
        "Baumann & Söhne agrees to photos",
    } <= names


def test_parts_of_a_photo_are_blacked_out_by_mouse_and_by_keys(
    card: FilesCard, checked: Visit, qtbot: QtBot
) -> None:
    """A box drawn with the mouse and one by the frame of the keyboard; the sheet goes when the photo was kept."""
    checked.files.add_bytes("plate.jpg", photos.photo())
    eraser = next(b for b in card.findChildren(IconButton) if b.accessibleName().startswith("Black out"))
    eraser.click()
    sheet = card.sheet
    assert sheet is not None
    canvas, state = sheet.canvas, checked.files.blacking.state
    assert state.picture
    place = canvas.place_of_photo()
    start, end = place.topLeft().toPoint(), place.center().toPoint()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    ((left, top, right, bottom),) = checked.files.blacking.state.boxes
    assert (left, top) == pytest.approx(
        (0, 0), abs=5
    )  # a point of the screen is a few thousandths of the photo
    assert right == pytest.approx(500, abs=15)
    assert bottom == pytest.approx(500, abs=15)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert checked.files.blacking.state.boxes[1] == (420, 400, 620, 520)
    next(b for b in sheet.findChildren(Button) if b.text() == "Black out for good").click()
    assert not sheet.isVisible()
    assert checked.files.state.rows[0].line.endswith("2 places blacked out")


def test_the_buttons_below_the_photo_stay_in_a_low_window(
    card: FilesCard, checked: Visit, look: Callable[..., None]
) -> None:
    """A larger text, chosen while the sheet is open, too, leaves all buttons in the window; a larger one shows more photo."""
    checked.files.add_bytes("plate.jpg", photos.photo())
    card.resize(1024, 600)
    next(b for b in card.findChildren(IconButton) if b.accessibleName().startswith("Black out")).click()
    sheet = card.sheet
    assert sheet is not None
    QApplication.processEvents()
    look(name="high_contrast", scale=1.5)
    checked.files.blacking.mark(0, 0, 500, 500)  # which a line under the photo tells
    QApplication.processEvents()
    low = sheet.canvas.height()
    keep = next(b for b in sheet.findChildren(Button) if b.text() == "Black out for good")
    assert keep.mapTo(sheet, keep.rect().bottomRight()).y() < 600
    card.resize(1024, 900)
    QApplication.processEvents()
    assert sheet.canvas.height() > low + 200


def test_a_photo_too_narrow_to_be_painted_takes_no_box(qtbot: QtBot) -> None:
    """One point wide and thousands high, it has no place on the sheet: a press there is nothing."""
    canvas = PhotoCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 100)
    out = io.BytesIO()
    Image.new("L", (1, 3000)).save(out, "PNG")
    canvas.show_state(BlackingState(file_id="a", picture=out.getvalue()))
    told: list[tuple[int, ...]] = []
    canvas.marked.connect(lambda *box: told.append(box))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    assert told == []


def test_leaving_the_sheet_leaves_the_photo(card: FilesCard, checked: Visit, qtbot: QtBot) -> None:
    """Esc closes the sheet; what was drawn is forgotten."""
    checked.files.add_bytes("plate.jpg", photos.photo())
    next(b for b in card.findChildren(IconButton) if b.accessibleName().startswith("Black out")).click()
    assert card.sheet is not None
    checked.files.blacking.mark(0, 0, 500, 500)
    card.resize(900, 500)
    assert card.sheet.size() == card.size(), "it goes along with the window"
    assert card.sheet.card.height() <= 500
    qtbot.keyClick(card.sheet.canvas, Qt.Key.Key_Escape)
    assert not card.sheet.isVisible()
    assert checked.files.blacking.state.boxes == ()
    assert "blacked out" not in checked.files.state.rows[0].line


def test_when_in_the_visit_is_chosen_from_a_list(card: FilesCard, checked: Visit) -> None:
    """The list beside a photo says when it was taken, and takes another moment."""
    checked.files.add_bytes("plate.jpg", photos.photo())
    chosen = next(c for c in card.findChildren(Select) if c.accessibleName().startswith("When in the visit"))
    assert chosen.value() == "before"
    chosen.picked.emit("after")
    assert checked.held.bundle.attachments[0].phase == "after"
