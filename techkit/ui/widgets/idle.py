"""When nobody touches the computer: a warning 30 s before it locks, then the lock.

Touches of this program's windows are seen at once. Before it locks, the system is asked when the computer was touched
last, in any program; where it does not tell, only this window's touches count (docs/decisions/0042-when-it-locks.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QFrame, QWidget
from shiboken6 import isValid

from techkit.i18n import ngettext
from techkit.ui import theme
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import Grow, row
from techkit.ui.widgets.labels import Icon, Label

#: Source: the design, chapter 6 (the lock warns 30 s before).
WARNING_S = 30

#: The system is asked from so long before the warning on, so that its answer is there when the warning is due; ours.
ASKED_BEFORE_S = 5

_TOUCHES = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
)

#: Asks the system for how long nobody touched the computer, and hands the seconds on, None where it does not tell.
Asking = Callable[[Callable[[float | None], None]], object]


class IdleWatch(QObject):
    """Calls `lock` after `limit_s` without a touch.

    ask: asks the system away from the UI thread. steady: a clock in seconds.
    """

    def __init__(
        self,
        window: QWidget,
        lock: Callable[[], object],
        steady: Callable[[], float] = time.monotonic,
        *,
        ask: Asking | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._lock = lock
        self._steady = steady
        self._ask = ask
        self._is_asked = False
        self._last = steady()
        self._windows: list[QWindow] = []
        self.limit_s = 0.0
        self._notice = _Notice(window)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.look)

    def start(self, limit_s: float) -> None:
        """Watch from now on."""
        self.limit_s = limit_s
        self._last = self._steady()
        if not self._timer.isActive():
            # Only windows of the system are listened to: a filter of the whole program would be called for each
            # event of each widget, which took a sixth of the time in which a page is built and painted.
            app = QGuiApplication.instance()
            if isinstance(app, QGuiApplication):
                app.focusWindowChanged.connect(self._follow)
            self._follow(self._window.windowHandle())
            self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._notice.hide()
        if not self._timer.isActive():
            return
        self._timer.stop()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.disconnect(self._follow)
        for window in self._windows:
            if isValid(window):
                window.removeEventFilter(self)
        self._windows = []

    def _follow(self, window: QWindow | None) -> None:
        """Listen to a window of the program, e.g. a dialogue that came to the front."""
        self._windows = [held for held in self._windows if isValid(held)]
        if window is not None and window not in self._windows:
            self._windows.append(window)
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember the last touch; the warning goes with it."""
        if event.type() in _TOUCHES:
            self._touched(self._steady())
        return False

    def _touched(self, at: float) -> None:
        self._last = max(self._last, at)
        if self._notice.isVisible() and self._left() > WARNING_S:
            self._notice.hide()

    @property
    def untouched_s(self) -> float:
        """For how long nobody touched the computer, as far as it is known."""
        return self._steady() - self._last

    def _left(self) -> float:
        return self.limit_s - (self._steady() - self._last)

    def look(self) -> None:
        """Ask, warn or lock when it is time."""
        left = self._left()
        if left <= WARNING_S + ASKED_BEFORE_S and self._ask is not None and not self._is_asked:
            self._is_asked = True
            self._ask(self._told)
            left = self._left()  # an answer may have come at once
        if left <= 0:
            self.stop()
            self._lock()
        elif left <= WARNING_S:
            self._notice.warn(max(1, round(left)))

    def _told(self, seconds: float | None) -> None:
        """Take in for how long nobody touched the computer; who does not know is not asked again."""
        if not isValid(self) or not self._timer.isActive():
            return
        if seconds is not None:
            self._is_asked = False
            self._touched(self._steady() - seconds)


class _Notice(QFrame):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("card", "toast")
        self._words = Label("", "strong", tone="surface")
        self.setLayout(
            row(Icon("lock-simple", "surface", 18), Grow(self._words), gap=10, margins=(14, 12, 14, 12))
        )
        self.hide()

    def warn(self, seconds: int) -> None:
        was_hidden = self.isHidden()
        self._words.setText(
            ngettext(
                "techkit locks in {n} second. Touch anything to stay.",
                "techkit locks in {n} seconds. Touch anything to stay.",
                seconds,
            )
        )
        parent = self.parentWidget()
        if parent is None:
            return
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, theme.look().px(16))
        self.show()
        self.raise_()
        if was_hidden:
            announce(self, self._words.text(), is_urgent=True)
