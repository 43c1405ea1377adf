"""The process that sounds, records and looks while a person tries a device; and what such trials give.

Started as `python -m techkit.probes.hands`, in the frozen program as `techkit --hands`. A recording lives in this
process only and is gone with it. Requests are {"do": "tone", "side": …}, {"do": "record", "seconds": …},
{"do": "play_back"}, {"do": "cameras"}, {"do": "camera", "path": …, "is_for_photo": …}, {"do": "take"} (a photo of the
last picture) and {"do": "stop"}; answers {"what": "level" | "picture" | "photo" | "done" | "failed", …}.
One thing at a time: a new request ends the one before.
"""

from __future__ import annotations

import base64
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from techkit import i18n
from techkit.children.frames import read_frame, write_frame
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.probe import Access, Depth, Probe
from techkit.records.findings import Reading, Reason

if TYPE_CHECKING:
    from techkit.probes.by_hand import camera

#: Longest recording; ours: a sentence and its echo.
LONGEST_S: Final = 10.0

#: Pictures a second at most; the drawing of more is not seen.
PICTURES_PER_S: Final = 12.0

Tell = Callable[[dict[str, Any]], None]


def _not_tried(access: Access) -> Iterable[Reading]:  # noqa: ARG001 - as every probe reads
    """Say that only a person can: no plan runs this."""
    raise ProbeError(_("A person has to try it."), reason=Reason.SKIPPED)


def _probe(id: str, title: str) -> Probe:
    return Probe(
        id=f"hands.{id}",
        title=title,
        read=_not_tried,
        gives=(f"hands.{id}.",),
        depth=Depth.ON_REQUEST,
    )


SCREEN = _probe("screen", N_("Trying the screen"))
KEYBOARD = _probe("keyboard", N_("Trying the keyboard"))
POINTER = _probe("pointer", N_("Trying pointer and touch"))
SPEAKER = _probe("speaker", N_("Trying the speakers"))
MICROPHONE = _probe("microphone", N_("Trying the microphone"))
CAMERA = _probe("camera", N_("Trying the camera"))

PROBES = (SCREEN, KEYBOARD, POINTER, SPEAKER, MICROPHONE, CAMERA)


class Hands:
    """Does one request after the other; the stop of a request ends it early."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._recording = b""
        self._last: camera.Picture | None = None
        self.stop = threading.Event()

    def do(self, request: dict[str, Any], stop: threading.Event) -> None:
        """Do a request and tell how it went. Never raises."""
        self.stop = stop
        i18n.set_language(str(request.get("language", "en")))
        wanted = str(request.get("do", ""))
        try:
            told = self._done(wanted, request)
        except ProbeError as error:
            self._tell({"what": "failed", "of": wanted, "reason": str(error.reason), "text": error.title})
        except Exception as error:
            self._tell(
                {
                    "what": "failed",
                    "of": wanted,
                    "reason": str(Reason.FAILED),
                    "text": _("Trying it failed ({error}).", error=type(error).__name__),
                }
            )
        else:
            self._tell({"what": "done", "of": wanted, **told})

    def _done(self, wanted: str, request: dict[str, Any]) -> dict[str, Any]:
        from techkit.probes.by_hand import sound  # late: every check loads this module, none needs it

        if wanted == "tone":
            side = str(request.get("side", "both"))
            sound.of_this_system().play(sound.tone(side if side in sound.TONES else "both"), self.stop)
            return {"side": side}
        if wanted == "record":
            seconds = min(LONGEST_S, float(request.get("seconds", 4.0)))
            self._recording = sound.of_this_system().record(seconds, self._level, self.stop)
            return {"peak": sound.level(self._recording), "bytes": len(self._recording)}
        if wanted == "play_back":
            sound.of_this_system().play(sound.on_both_sides(self._recording), self.stop)
        if wanted == "camera":
            return self._camera(str(request.get("path", "")), is_for_photo=bool(request.get("is_for_photo")))
        if wanted == "cameras":
            return self._cameras()
        if wanted == "take":
            self._take()
        return {}

    def _level(self, level: float) -> None:
        self._tell({"what": "level", "value": round(level, 3)})

    def _cameras(self) -> dict[str, Any]:
        from techkit.probes.by_hand import camera  # late, as sound

        return {"cameras": [list(found) for found in camera.cameras()]}

    def _take(self) -> None:
        """Tell the last picture as a photo."""
        from techkit.probes.by_hand import camera  # late, as sound

        if self._last is None:
            raise ProbeError(_("The camera gave no picture."), reason=Reason.TIMED_OUT)
        media_type, data = camera.photo(self._last)
        self._tell({"what": "photo", "media_type": media_type, "data": base64.b64encode(data).decode()})

    def _camera(self, path: str, *, is_for_photo: bool) -> dict[str, Any]:
        from techkit.probes.by_hand import camera  # late, as sound

        self._last = None
        if sys.platform in ("win32", "darwin") and camera.open_system_program():
            return {"is_elsewhere": True}
        count = 0
        size = camera.FOR_PHOTO if is_for_photo else camera.TO_LOOK
        for picture in camera.pictures(self.stop, path, size):
            count += 1
            self._last = picture
            self._tell(
                {
                    "what": "picture",
                    "kind": picture.kind,
                    "width": picture.width,
                    "height": picture.height,
                    "data": base64.b64encode(picture.data).decode(),
                }
            )
            self.stop.wait(1 / PICTURES_PER_S)
        return {"count": count}


def main() -> int:
    """Do what is asked until the input ends."""
    requests_fd, answers_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    waiting: queue.SimpleQueue[tuple[dict[str, Any], threading.Event]] = queue.SimpleQueue()
    lock = threading.Lock()
    with os.fdopen(answers_fd, "wb") as answers:

        def tell(message: dict[str, Any]) -> None:
            with lock:
                write_frame(answers, message)

        hands = Hands(tell)
        threading.Thread(target=_listen, args=(requests_fd, waiting), daemon=True).start()
        while True:
            hands.do(*waiting.get())


def _listen(fd: int, waiting: queue.SimpleQueue[tuple[dict[str, Any], threading.Event]]) -> None:
    """Pass requests on, each ending the one before; at the end of the input end the process."""
    stop = threading.Event()
    with os.fdopen(fd, "rb") as file:
        while (request := read_frame(file)) is not None:
            stop.set()
            if request.get("do") != "stop":
                stop = threading.Event()
                waiting.put((request, stop))
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
