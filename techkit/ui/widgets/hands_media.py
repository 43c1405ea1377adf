"""Trying loudspeakers, microphone and camera."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel

from techkit.i18n import _, number
from techkit.ui import theme
from techkit.ui.presenters.hands import Picture
from techkit.ui.widgets.boxes import column, holder
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.hands_area import Area
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.meters import Meter

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands, HandsState


class SpeakerArea(Area):
    """Tones to play, on either side or both."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self._buttons = [
            Button(words, "soft", icon=icon, press=functools.partial(hands.play, side))
            for side, words, icon in (
                ("left", _("Left side"), "caret-left"),
                ("right", _("Right side"), "caret-right"),
                ("both", _("Both sides"), "speaker-high"),
            )
        ]
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(column(holder(actions(*self._buttons, self._stop)), gap=10))

    def render_state(self, state: HandsState) -> None:
        """Offer Stop while a tone sounds."""
        theme.show_or_hide(self._stop, state.busy == "tone")


class MicrophoneArea(Area):
    """The level of the microphone, and a recording to hear again."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self._meter = Meter(_("Level of the microphone"), 0.0, height=16)
        self._words = Label("", "small")
        self._record = Button(_("Record 4 seconds"), "soft", icon="microphone", press=hands.record)
        self._listen = Button(_("Play it back"), "soft", icon="play", press=hands.play_back)
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(
            column(self._meter, self._words, holder(actions(self._record, self._listen, self._stop)), gap=10)
        )

    def render_state(self, state: HandsState) -> None:
        """Offer what can be done now."""
        self._listen.setEnabled(state.has_recording and not state.busy)
        self._record.setEnabled(not state.busy)
        theme.show_or_hide(self._stop, bool(state.busy))

    def render_live(self) -> None:
        """Show level and the loudest moment."""
        level, peak = self.hands.level, self.hands.peak
        self._meter.set_share(level, "bad" if level > 0.97 else "focus")
        text = _("Loudest moment: {share} %", share=number(100 * peak)) if peak else _("Nothing heard yet")
        self._words.setText(text)


class CameraArea(Area):
    """The camera’s picture, and what starts and ends it."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.view = PictureView()
        self._look = Button(_("Show the picture"), "soft", icon="webcam", press=hands.look)
        self._stop = Button(_("Stop"), "outline", icon="stop", press=hands.stop)
        self.setLayout(column(self.view, holder(actions(self._look, self._stop)), gap=10))

    def render_state(self, state: HandsState) -> None:
        """Offer what can be done now."""
        theme.show_or_hide(self._look, state.busy != "camera")
        theme.show_or_hide(self._stop, state.busy == "camera")

    def render_live(self) -> None:
        """Show the newest picture."""
        self.view.show_picture(self.hands.picture)


class PictureView(QLabel):
    """The camera's picture as large as there is room, or what stands there without one."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._image = QImage()
        self.setFixedHeight(theme.look().px(240))
        self.setAccessibleName(_("Picture of the camera"))

    def show_picture(self, picture: Picture | None) -> None:
        """Show a picture; None shows none."""
        if picture is self._picture:
            return
        self._picture = picture
        self._image = QImage() if picture is None else image_of(picture)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the room of a small picture."""
        return QSize(theme.look().px(320), theme.look().px(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and picture."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        if self._image.isNull():
            edge = look.px(40)
            picture = theme.pixmap("video-camera", "text3", 40, "regular", self.devicePixelRatioF())
            painter.drawPixmap((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge, picture)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)


def image_of(picture: Picture) -> QImage:
    """Return a picture of the camera as Qt shows it; a broken one is empty."""
    data = base64.b64decode(picture.data)
    if picture.kind == "jpeg":
        return QImage.fromData(data)
    if len(data) < picture.width * picture.height:
        return QImage()
    made = QImage(data, picture.width, picture.height, picture.width, QImage.Format.Format_Grayscale8)
    return made.copy()  # the bytes go, the picture stays
