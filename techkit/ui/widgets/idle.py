"""When nobody touches the window: a warning 30 s before it locks, then the lock.

Only input to this window is seen. What is done elsewhere on the computer does not count as a touch.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from techkit.i18n import ngettext
from techkit.ui import theme
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import Grow, row
from techkit.ui.widgets.labels import Icon, Label

#: Source: the design, chapter 6 (the lock warns 30 s before).
WARNING_S = 30

_TOUCHES = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
)


class IdleWatch(QObject):
    """Watches one window and calls `lock` after `limit_s` without a touch. steady: a clock in seconds."""

    def __init__(
        self, window: QWidget, lock: Callable[[], object], steady: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(window)
        self._window = window
        self._lock = lock
        self._steady = steady
        self._last = steady()
        self.limit_s = 0.0
        self._notice = _Notice(window)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.look)

    def start(self, limit_s: float) -> None:
        """Watch from now on."""
        self.limit_s = limit_s
        self._last = self._steady()
        app = QApplication.instance()
        if app is not None and not self._timer.isActive():
            app.installEventFilter(self)
            self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        self._notice.hide()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember the last touch; the warning goes with it."""
        if event.type() in _TOUCHES:
            self._last = self._steady()
            if self._notice.isVisible():
                self._notice.hide()
        return False

    def look(self) -> None:
        """Warn or lock when it is time."""
        left = self.limit_s - (self._steady() - self._last)
        if left <= 0:
            self.stop()
            self._lock()
        elif left <= WARNING_S:
            self._notice.warn(max(1, round(left)))


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
