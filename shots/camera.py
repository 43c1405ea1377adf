"""The camera: drives the program and takes each screen in every look, language and size."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shots.desk import LIMITS, PASSPHRASE, Morning, desk, fill
from shots.views import Asked, View
from techkit import i18n

#: Which views are taken; the picture-maker sets what was asked for.
asked = Asked()


#: Turns of the event loop in which the deepest layout of the window has come to rest.
LAYOUT_TURNS = 25


#: A window that still moves after so many looks at it has something in it that always moves.
RESTS = 10


#: Longer than any screen takes to come, and turns of the event loop the machine must have had for it: a busy one has few.
PATIENCE_S = 60


PATIENCE_TURNS_PER_S = 50


class Camera:
    """Drives the program and takes each screen in every look and size of a language."""

    def __init__(
        self,
        out: Path,
        language: str,
        fill: Callable[[Path], object] = fill,
        scale_percent: int = 100,
        office: Path | None = None,
    ) -> None:
        from PySide6.QtWidgets import QApplication

        from techkit.ui.app import Program

        held = QApplication.instance()
        self.app = held if isinstance(held, QApplication) else QApplication([])
        self.out, self.language = out, language
        #: An empty service to copy; without it a play that needs one makes it.
        self.office = office
        self.taken: list[Path] = []
        self._revealed = ""
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name) / "data"
        #: What the filling returned, for the play.
        self.told: Any = fill(folder)
        early = {"language": language, "theme": "light", "text.scale_percent": scale_percent}
        (folder / "settings.json").write_text(json.dumps(early))
        self.desk = desk()
        self.program = Program(
            self.app,
            folder,
            machine=self.desk.machine,
            clock=Morning(),
            is_portable=False,
            papers=Path(self._folder.name),
            vault_limits=LIMITS,
        )

    def close(self) -> None:
        """End the program."""
        self.program.close()
        self.settle()
        self._folder.cleanup()
        i18n.set_language("en")

    def wait(self, until: Callable[[], object]) -> None:
        """Run the window until something holds. Raises: TimeoutError."""
        ends, turns = time.monotonic() + PATIENCE_S, 0
        while not until():
            if time.monotonic() > ends and turns > PATIENCE_S * PATIENCE_TURNS_PER_S:
                place = getattr(until, "__code__", None)
                where = f"{Path(place.co_filename).name}:{place.co_firstlineno}" if place else repr(until)
                raise TimeoutError(f"a screen never came: {where}")
            turns += 1
            self.app.processEvents()
            time.sleep(0.003)

    def settle(self, seconds: float = 0.15) -> None:
        """Let layouts and pictures come to rest."""
        from techkit.ui.widgets.turns import is_built

        # A busy machine has few turns in that time, and nested layouts need one turn a level.
        ends, turns = time.monotonic() + seconds, 0
        while (waits := time.monotonic() < ends) or turns < LAYOUT_TURNS or not is_built():
            self.app.processEvents()
            turns += 1
            if waits or not self.program.lanes.is_idle:
                time.sleep(0.003)

    def reveal(self, kind: str) -> None:
        """Scroll to the card of this class in each view of the next picture."""
        self._revealed = kind

    def _scroll(self) -> None:
        """Bring the card that is asked for to the top of its page."""
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QWidget

        from techkit.ui.widgets.boxes import Scroll

        shown = self.program.shell.findChildren(QWidget)
        card = next((w for w in shown if type(w).__name__ == self._revealed and w.isVisible()), None)
        area = next((w for w in shown if isinstance(w, Scroll) and card and w.isAncestorOf(card)), None)
        if card is not None and area is not None:
            area.verticalScrollBar().setValue(card.mapTo(area.body, QPoint()).y() - 8)
            self.settle(0.05)

    def take(self, name: str, only: str | None = None) -> None:
        """Take the window in every view; only: in that whose name ends so in English."""
        for view in asked.of(self.language, only):
            self._show(view)
            if self._revealed:
                self._scroll()
            path = self.out / f"window-{name}{view.suffix(self.language)}.png"
            self.program.shell.grab().save(str(path))
            self.taken.append(path)
        self._revealed = ""
        self._show(View())

    def _show(self, view: View) -> None:
        from techkit.ui import theme

        wanted = theme.Look(name=view.look, scale=view.percent / 100)
        if theme.look() != wanted:
            theme.apply(self.app, wanted)
        self.program.shell.resize(view.width, view.height)
        self._rest()

    def _rest(self) -> None:
        """Wait until no piece of the window moves any more; a page seen for the first time moves in steps."""
        from PySide6.QtWidgets import QWidget

        before: list[object] = []
        for _look in range(RESTS):
            self.settle(0.2)
            pieces = self.program.shell.findChildren(QWidget)
            now: list[object] = [piece.geometry() for piece in pieces if piece.isVisible()]
            if now == before:
                return
            before = now


def series(
    out: Path,
    play: Callable[[Camera], None],
    fill: Callable[[Path], object] = fill,
) -> Iterator[Path]:
    """Play in each language over a store made by `fill`, and yield the pictures."""
    for language in asked.languages:
        camera = Camera(out, language, fill=fill)
        try:
            play(camera)
        finally:
            camera.close()
        yield from camera.taken


def unlock(camera: Camera) -> Any:
    """Open the program and return its session, Today read."""
    program = camera.program
    program.start()
    camera.wait(lambda: program.unlock is not None)
    held = program.unlock
    assert held is not None
    held.open(PASSPHRASE)
    camera.wait(lambda: program.session is not None and program.session.today.state.computer.facts)
    return program.session
