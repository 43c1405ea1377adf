"""A story that dies at each of its steps: `python -m tests.dying STORY TEMPLATE PLACE [STRIDE]`.

The story runs in a fork of this process, over a copy of the template folder, and is killed (-9) at its n-th step, for
every n until it lives to its end; after each death the story's own check opens what is left. A step is a statement
sent to a database, a file opened for writing, flushed, renamed or removed, and a folder made. What SQLite writes
inside one statement is cut elsewhere (tests/sync/test_kill.py). Prints the number of deaths.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What the interpreter reports before it touches a disk; opening counts where it is for writing.
_TOUCHES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "shutil.copyfile"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts what touches the disk, and ends this process without a word when the count is reached."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def step(self, *_told: Any) -> None:
        """Count one; die when it was the last."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Begin to count in this process, for good."""
        import sqlcipher3.dbapi2 as driver

        real_fsync, real_connect = os.fsync, driver.connect

        def fsync(handle: int) -> None:
            self.step()
            real_fsync(handle)
            self.step()

        def connect(*args: Any, **more: Any) -> Any:
            made = real_connect(*args, **more)
            made.set_trace_callback(self.step)
            return made

        os.fsync = fsync  # of this process only: it ends with the story
        driver.connect = connect
        sys.addaudithook(self._heard)

    def _heard(self, event: str, told: tuple[Any, ...]) -> None:
        if event in _TOUCHES or (event == "open" and isinstance(told[2], int) and told[2] & _WRITING):
            self.step()


def main(name: str, template: Path, place: Path, stride: int = 1) -> int:
    """Let a story die at every so many steps and check what is left; return how often it died."""
    story = importlib.import_module("tests.stories").STORIES[name]
    deaths = 0
    while True:
        folder = place / str(deaths)
        shutil.copytree(template, folder)
        if not _dies(story.play, folder, 1 + deaths * stride):
            break
        deaths += 1
        story.check(folder, is_done=False)
        shutil.rmtree(folder)
    story.check(folder, is_done=True)
    return deaths


def _dies(play: Callable[[Path], None], folder: Path, last: int) -> bool:
    """Play a story in a fork of this process; return whether it died at its step. Raises: AssertionError when it failed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Steps(last).watch()
            play(folder)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code) if code == 0 else None
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "the story itself failed"
    return os.WIFSIGNALED(status)


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))}\n")
