"""The camera's part of the card of photos: what it sees, take, take again, keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import Select
from techkit.ui.presenters.photo_camera import CameraState
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.hands_media import PictureView
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.photo_camera import PhotoCamera


class CameraPart(QWidget):
    """Live picture and what can be done with it; leaving the page ends the camera. done: called when it closed."""

    def __init__(self, camera: PhotoCamera) -> None:
        super().__init__()
        self._camera = camera
        self._shown = CameraState()
        self._cameras = Select(name=_("Camera"))
        self._cameras.picked.connect(lambda: camera.choose(self._cameras.value()))
        self.view = PictureView()
        self._words = Label("", "small", wraps=True)
        self._trouble = holder(row(At(Icon("warning", "watch", 18), TOP), Grow(self._words), gap=8))
        self._wait = Label(_("Looking for the camera …"), "small")
        self._take = Button(_("Take the photo"), "soft", icon="webcam", press=camera.take)
        self._keep = Button(_("Keep the photo"), "soft", icon="check", press=camera.keep)
        self._again = Button("", "outline", icon="arrows-clockwise", press=camera.again)
        self._close = Button(_("Close the camera"), "ghost", press=camera.close)
        self.setLayout(
            column(
                self._cameras,
                self.view,
                self._wait,
                self._trouble,
                holder(actions(self._take, self._keep, self._again, self._close)),
                gap=8,
            )
        )
        self._ends = (
            camera.changed.subscribe(self.render_state),
            camera.lively.subscribe(lambda: self.view.show_picture(camera.picture)),
        )
        self.hide()

    def release(self) -> None:
        """Let go of the presenter."""
        for end in self._ends:
            end()

    def hideEvent(self, event: QHideEvent) -> None:
        """End the camera with the page it stands in."""
        super().hideEvent(event)
        if self._camera.state.is_open and not event.spontaneous():
            self._camera.close()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state, before = self._camera.state, self._shown
        self._shown = state
        if not state.is_open:
            self.view.show_picture(None)
            theme.show_or_hide(self, False)
            return
        self._cameras.set_options((c.value, c.label) for c in state.cameras)
        self._cameras.set_value(next((c.value for c in state.cameras if c.is_chosen), ""))
        theme.show_or_hide(self._cameras, bool(state.cameras))
        self.view.show_picture(self._camera.picture)
        theme.show_or_hide(self.view, not state.trouble)
        self._words.setText(state.trouble)
        theme.show_or_hide(self._trouble, bool(state.trouble))
        theme.show_or_hide(self._wait, not (state.trouble or state.is_live or state.is_taken))
        theme.show_or_hide(self._take, state.is_live)
        theme.show_or_hide(self._keep, state.is_taken)
        self._again.set_words(_("Take another one") if state.is_taken else _("Try again"))
        theme.show_or_hide(self._again, state.is_taken or bool(state.trouble))
        theme.show_or_hide(self, True)
        if state.trouble and state.trouble != before.trouble:
            announce(self, state.trouble)
        if (state.is_live, state.is_taken, bool(state.trouble)) != (
            before.is_live,
            before.is_taken,
            bool(before.trouble),
        ):
            later(self, self._focus)  # what was just brought out takes the focus only once it is shown

    def _focus(self) -> None:
        for button in (self._keep, self._take, self._again, self._close):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return
