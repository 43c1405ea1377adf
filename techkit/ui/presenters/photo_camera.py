"""A camera for photos of the visit: which one, what it sees, take, take again, keep.

The camera is asked in a process of its own (techkit.probes.hands), as when it is tried by hand; a photo that is kept
goes the same way as one of a file. Nothing is kept without a press, and the camera ends with the card.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from techkit.diagnostics.hands import HandsProcess
from techkit.i18n import _
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.hands import Picture, Process
from techkit.ui.presenters.lanes import Lanes, Observable


@dataclass(frozen=True, kw_only=True)
class CameraState:
    """What the camera's card shows.

    cameras: to choose from, where there are several. is_live: pictures come. is_taken: one of them is a photo and
    waits to be kept. trouble: why there is no picture, in a sentence; is_elsewhere: the system's own program shows it.
    """

    is_open: bool = False
    cameras: tuple[Choice, ...] = ()
    is_live: bool = False
    is_taken: bool = False
    trouble: str = ""
    is_elsewhere: bool = False


class PhotoCamera:
    """One camera at a time; `picture` is the newest one, told by `lively`. keep: takes name and bytes of a photo."""

    def __init__(
        self,
        lanes: Lanes,
        keep: Callable[[str, bytes], object],
        make_process: Callable[[Callable[[dict[str, Any]], None]], Process] = HandsProcess,
    ) -> None:
        self._lanes = lanes
        self._keep = keep
        self._make_process = make_process
        self._process: Process | None = None
        self._sessions = 0
        self._found: tuple[tuple[str, str], ...] = ()
        self._path, self._trouble = "", ""
        self._is_open = self._is_elsewhere = False
        self._photo: bytes | None = None
        self._asked = ""
        self.picture: Picture | None = None
        self.changed, self.lively = Observable(), Observable()
        self.state = CameraState()

    def open(self) -> None:
        """Look which cameras there are, and show what the first one sees."""
        if not self._is_open:
            self._is_open, self._path = True, ""
            self._ask("cameras")

    def choose(self, path: str) -> None:
        """Look through another camera."""
        if path != self._path:
            self._path = path
            self._look()

    def take(self) -> None:
        """Make a photo of what is seen now."""
        if self.state.is_live:
            self._ask("take")

    def again(self) -> None:
        """Let the photo go, or the trouble, and look again."""
        if not self._found:
            self._ask("cameras")
        else:
            self._look()

    def keep(self) -> None:
        """Keep the photo with the visit, and end the camera."""
        photo = self._photo
        self.close()
        if photo is not None:
            self._keep("", photo)

    def close(self) -> None:
        """End the camera; a photo that was not kept is gone."""
        process, self._process = self._process, None
        self._sessions += 1
        self._is_open = False
        self._clear()
        if process is not None:
            process.close()
        self._show()

    def _clear(self) -> None:
        self.picture, self._photo, self._trouble, self._is_elsewhere = None, None, "", False

    def _look(self) -> None:
        self._ask("camera", path=self._path, is_for_photo=True)

    def _ask(self, do: str, **about: Any) -> None:
        if self._process is None:
            self._sessions += 1
            session, soon = self._sessions, self._lanes.soon

            def heard(message: dict[str, Any]) -> None:
                soon(lambda: self._heard(session, message))

            self._process = self._make_process(heard)
        self._asked = do
        if do != "take":
            self._clear()
        self._process.ask(do, **about)
        self._show()

    def _heard(self, session: int, message: dict[str, Any]) -> None:
        if session != self._sessions or self._process is None:
            return
        what, of = message.get("what"), str(message.get("of") or self._asked)
        if what == "picture" and self._asked == "camera":
            was_live = self.picture is not None
            self.picture = Picture(
                kind=message["kind"], width=message["width"], height=message["height"], data=message["data"]
            )
            self.lively()
            if not was_live:
                self._show()
        elif what == "photo":
            self._photo = base64.b64decode(message["data"])
            # A photo is a whole file, shown as one.
            self.picture = Picture(kind="jpeg", width=0, height=0, data=message["data"])
            self.lively()
            self._show()
        elif of != self._asked:
            return  # of something that was ended before
        elif what == "failed":
            self._clear()
            self._trouble = str(message.get("text", ""))
            self._found = ()
            self.lively()
            self._show()
        elif what == "done":
            self._done(of, message)

    def _done(self, of: str, message: dict[str, Any]) -> None:
        if of == "cameras":
            self._found = tuple((str(path), str(label)) for path, label in message.get("cameras", ()))
            paths = [path for path, _label in self._found]
            self._path = self._path if self._path in paths else next(iter(paths), "")
            self._look()
        elif of == "camera" and message.get("is_elsewhere"):
            self._is_elsewhere = True
            self._trouble = _(
                "The system’s own camera program was opened. Take the photo there, then paste it here or choose its file."
            )
            self._show()

    def _show(self) -> None:
        several = self._found if len(self._found) > 1 else ()
        state = CameraState(
            is_open=self._is_open,
            cameras=tuple(
                Choice(value=path, label=label, is_chosen=path == self._path) for path, label in several
            ),
            is_live=self.picture is not None and self._photo is None,
            is_taken=self._photo is not None,
            trouble=self._trouble,
            is_elsewhere=self._is_elsewhere,
        )
        if state != self.state:
            self.state = state
            self.changed()
