"""Photos and files of a visit: choose, drop or paste them, word them, show them to the customer or not."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit, Select, Tick
from techkit.ui.presenters.files import FileRow, FilesState
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.focus import has_focus_inside
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.photo_camera import CameraPart
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.files import Files
    from techkit.ui.widgets.blacking import BlackingSheet

#: Width of a small picture, px at 100 %.
_SMALL = 64


class FilesCard(Card):
    """Photos and files of the visit in hand; files may be dropped on it, a picture pasted anywhere in Work."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.sheet: BlackingSheet | None = None
        self._line = Label("", "small", wraps=True)
        self._add = Button(
            _("Add photos or files"), "outline", icon="image", press=self.choose, shortcut="Alt+P"
        )
        self._photograph = Button(_("Use the camera"), "outline", icon="webcam", press=files.camera.open)
        # Heard before the camera's part hears it: then the focus is still where it was.
        self._ends = [files.camera.changed.subscribe(self._render_camera)]
        self.camera = CameraPart(files.camera)
        self._rows: Rows[FileRow] = Rows(self._make_row, key=lambda item: item.id, has_lines=True)
        self._progress = Slot(self._make_progress)
        self._troubles = Slot(self._make_troubles)
        self._consent = Tick("", press=files.agree_to_photos)
        super().__init__(
            Label(_("Photos and files"), "section"),
            self._line,
            self._progress,
            self._troubles,
            self._rows,
            self._consent,
            self.camera,
            holder(Flow(self._photograph, self._add, gap=8)),
            gap=10,
            margins=18,
        )
        self.setAccessibleName(_("Photos and files"))
        self.setAcceptDrops(True)
        self._shown: FilesState | None = None
        self._ends.append(files.changed.subscribe(self.render_state))
        self.render_state()

    def release(self) -> None:
        """Let go of the presenters."""
        for end in self._ends:
            end()
        self.camera.release()
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            sheet.release()
            sheet.hide()
            sheet.setParent(None)
            sheet.deleteLater()

    def _render_camera(self) -> None:
        is_open = self._files.camera.state.is_open
        had_focus = has_focus_inside(self.camera)
        theme.show_or_hide(self._photograph, not is_open)
        if not is_open and had_focus and self.isVisible():
            self._photograph.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._files.state
        before, self._shown = self._shown, state
        if state == before:
            return
        self._line.setText(state.line)
        self._rows.show_items(state.rows)
        self._progress.show_item((state.progress, state.share) if state.progress else None)
        self._troubles.show_item(state.troubles or None)
        self._consent.setText(state.consent_line)
        self._consent.setAccessibleName(state.consent_line)
        self._consent.setChecked(state.has_consent)
        theme.show_or_hide(self._consent, bool(state.consent_line))
        self._add.setEnabled(state.may_add)
        self._photograph.setEnabled(state.may_add)

    # --- taking

    def choose(self, expense_id: str = "") -> None:
        """Choose files of this computer, for the visit or as an expense's receipt."""
        title = _("Choose the receipt") if expense_id else _("Choose photos or files")
        paths, _kind = QFileDialog.getOpenFileNames(self, title)
        self._files.add([Path(path) for path in paths], expense_id)

    def paste(self) -> bool:
        """Take the picture or the files of the clipboard; return whether there were any."""
        return self._take(QGuiApplication.clipboard().mimeData())

    def paste_by(self, page: QWidget) -> None:
        """Take what is pasted anywhere on a page while no field has the keyboard."""
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.paste)

    def _take(self, held: QMimeData | None) -> bool:
        if held is None or not self._files.state.may_add:
            return False
        paths = [Path(url.toLocalFile()) for url in held.urls() if url.isLocalFile()]
        if paths:
            self._files.add(paths)
            return True
        image = held.imageData() if held.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            made = QBuffer()
            made.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(made, QByteArray(b"png")).write(image)
            self._files.add_bytes("", bytes(made.data().data()))
            return True
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files of this computer and pictures."""
        held = event.mimeData()
        if held.hasImage() or any(url.isLocalFile() for url in held.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        if self._take(event.mimeData()):
            event.acceptProposedAction()

    # --- parts

    def _make_progress(self, shown: tuple[str, float]) -> QWidget:
        sentence, share = shown
        return holder(
            column(
                row(
                    Grow(Label(sentence, "small")),
                    Button(_("Stop"), "ghost", press=self._files.stop, name=_("Stop taking files")),
                    gap=6,
                ),
                Meter(sentence, share),
                gap=4,
            )
        )

    def _make_troubles(self, troubles: tuple[str, ...]) -> QWidget:
        lines = [
            holder(row(At(Icon("warning", "watch", 18), TOP), Grow(Label(text, "small", wraps=True)), gap=8))
            for text in troubles
        ]
        away = Button(_("Put away"), "ghost", press=self._files.dismiss, name=_("Put the messages away"))
        return holder(row(Grow(column(Grow(), *lines, Grow(), gap=4)), At(away, TOP), gap=8))

    def _make_note(self, item: FileRow) -> QWidget:
        note = Label(item.note, "tiny", wraps=True, tone="none" if item.is_fetching else "watch")
        if not item.is_away or item.is_fetching:
            return note
        fetch = Button(
            _("Fetch"),
            icon="cloud-arrow-down",
            press=functools.partial(self._files.fetch, item.id),
            name=_("Fetch from the office: {title}", title=item.title),
        )
        return holder(row(Grow(note), At(fetch, TOP), gap=8))

    def _make_row(self, item: FileRow) -> QWidget:
        caption = LineEdit(item.caption, _("Caption"), name=_("Caption: {title}", title=item.title))
        caption.left.connect(functools.partial(self._files.set_caption, item.id))
        caption.typing.connect(functools.partial(self._files.type_ahead, item.id))
        shown: Tick | None = None
        if item.may_show:
            shown = Tick(
                _("On the customer’s page"),
                press=functools.partial(self._files.show, item.id),
                name=_("On the customer’s page: {title}", title=item.title),
            )
            shown.setChecked(item.is_shown)
        phase: Select | None = None
        if item.phases:
            phase = Select(
                ((c.value, c.label) for c in item.phases),
                name=_("When in the visit: {title}", title=item.title),
            )
            phase.setMinimumContentsLength(18)
            phase.set_value(next((c.value for c in item.phases if c.is_chosen), ""))
            phase.picked.connect(functools.partial(self._files.say_phase, item.id))
        said = (
            holder(Flow(*(part for part in (phase, shown) if part is not None), gap=10))
            if phase or shown
            else None
        )
        picture = SmallPicture(item.small, item.title) if item.small else IconTile(item.icon, "none", 38, 21)
        # A picture or its sign: what is said beside it begins in one line for all rows.
        place = holder(row(picture, Grow()))
        place.setFixedWidth(theme.look().px(_SMALL))
        note = self._make_note(item) if item.note else None
        return holder(
            row(
                At(place, TOP),
                Grow(column(caption, ElidedLabel(item.line, "tiny"), said, note, gap=3)),
                At(self._make_eraser(item), TOP) if item.may_black else None,
                At(
                    IconButton(
                        "trash",
                        _("Remove: {title}", title=item.title),
                        functools.partial(self._files.remove, item.id),
                    ),
                    TOP,
                ),
                gap=8,
                margins=(0, 6, 0, 6),
            )
        )

    def _make_eraser(self, item: FileRow) -> QWidget:
        return IconButton(
            "eraser",
            _("Black out parts of: {title}", title=item.title),
            functools.partial(self.black_out, item.id),
        )

    def black_out(self, file_id: str) -> None:
        """Open the sheet on which parts of a photo are blacked out."""
        if self.sheet is None:
            from techkit.ui.widgets.blacking import BlackingSheet

            self.sheet = BlackingSheet(self._files.blacking)
        self._files.black_out(file_id)
        self.sheet.open_over(self.window())


class SmallPicture(QWidget):
    """A small photo with round corners; a screen reader hears its title."""

    def __init__(self, data: bytes, title: str) -> None:
        super().__init__()
        self._image = QImage.fromData(data)
        self.setAccessibleName(title)
        self.setToolTip(theme.escaped(title))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Return the size of the place for it."""
        side = theme.look().px(_SMALL)
        return QSize(side, round(side * 0.75))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photo so that it fills its place."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(self.rect(), theme.look().px(6), theme.look().px(6))
        painter.setClipPath(path)
        if self._image.isNull():
            return
        filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        size = self._image.size().scaled(self.size(), filling)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(self.rect().adjusted(left, top, -left, -top), self._image)
