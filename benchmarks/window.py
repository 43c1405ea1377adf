"""How soon the window is painted after the program starts, beside an empty window of the toolkit.

Each start is a process of its own, the two in turn. The time runs from starting the process to the
end of the first paint, so it holds the interpreter, the imports and the toolkit's own start.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from benchmarks.figures import Figure

#: The issue's bar: at most 2.5 times an empty QMainWindow.
BAR = 2.5

ROUNDS = 9

_WATCH = """
from PySide6.QtCore import QEvent, QObject, QTimer

class FirstPaint(QObject):
    def __init__(self, window):
        super().__init__()
        self.window = window
        window.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.window.removeEventFilter(self)
            QTimer.singleShot(0, painted)
        return False
"""

_EMPTY = (
    "import sys, os\n"
    "from PySide6.QtWidgets import QApplication, QMainWindow\n"
    + _WATCH
    + """
def painted():
    print("painted", flush=True)
    os._exit(0)

app = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1280, 800)
watch = FirstPaint(window)
window.show()
app.exec()
"""
)

_TECHKIT = (
    "import sys, os, pathlib\n"
    "from PySide6.QtWidgets import QApplication\n"
    "from techkit.ui.app import Program\n"
    + _WATCH
    + """
def painted():
    print("painted", flush=True)
    os._exit(0)

app = QApplication(sys.argv[:1])
program = Program(app, pathlib.Path(sys.argv[1]))
watch = FirstPaint(program.shell)
program.start()
app.exec()
"""
)


def _start(code: str, folder: str) -> float:
    """Return the ms from starting a process to its first paint."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        took = (time.perf_counter() - began) * 1000
    if line.strip() != b"painted":
        raise RuntimeError("the window was never painted")
    return took


def measure() -> Iterator[Figure]:
    """Start both windows in turn and compare the medians, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        for code in (_EMPTY, _TECHKIT):
            _start(code, folder)  # fills the disk cache and the byte code, for both alike
        pairs = [(_start(_TECHKIT, folder), _start(_EMPTY, folder)) for _round in range(ROUNDS)]
    yield Figure(
        name="window_first_paint",
        value=statistics.median(value for value, _floor in pairs),
        unit="ms",
        bar=BAR,
        floor=statistics.median(floor for _value, floor in pairs),
    )
