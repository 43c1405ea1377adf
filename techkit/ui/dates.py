"""A field for a day: written as people write it, by the keyboard alone; empty where there is none."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from techkit import i18n
from techkit.i18n import _
from techkit.ui.controls import LineEdit

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PARTS = re.compile(r"(\d{1,2})[ ./-]+(\d{1,2})(?:[ ./-]+(\d{4}|\d{2}))?[ .]*")
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})")


def read_day(text: str, today: date) -> date | None:
    """Return the day somebody wrote, day first; None for nothing. Without a year it is the nearest one to today.

    Raises: ValueError: it is no day of the calendar.
    """
    words = text.strip()
    if not words:
        return None
    if found := _ISO.fullmatch(words):
        return _calendar_day(words, int(found[1]), int(found[2]), int(found[3]))
    found = _PARTS.fullmatch(words) or _DIGITS.fullmatch(words)
    if found is None:
        raise ValueError(f"no day: {words[:40]!r}")
    day, month = int(found[1]), int(found[2])
    if found[3]:
        return _calendar_day(words, int(found[3]) + (2000 if len(found[3]) == 2 else 0), month, day)
    years = []
    for year in (today.year - 1, today.year, today.year + 1):
        with contextlib.suppress(ValueError):  # the 29th of February
            years.append(date(year, month, day))
    if not years:
        raise ValueError(f"no day: {words[:40]!r}")
    return min(years, key=lambda held: abs(held - today))


def _calendar_day(words: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"no day: {words[:40]!r}") from error


def written(day: date | None) -> str:
    """Return a day as the field shows it, "" for none."""
    if day is None:
        return ""
    mark = "." if i18n.current().startswith("de") else "/"
    return f"{day.day:02}{mark}{day.month:02}{mark}{day.year:04}"


class DateField(LineEdit):
    """A day, or none. `dated` tells it once the field is left with another one; Up and Down go by days.

    today: the day it is for who asks, which the computer's clock may not know.
    """

    dated = Signal(object)

    def __init__(self, value: date | None = None, *, today: Callable[[], date], name: str = "") -> None:
        super().__init__(written(value), _("no date"), name=name)
        self._today = today

    def value(self) -> date | None:
        """Return the day; None when there is none, or none that can be read."""
        try:
            return read_day(self.text(), self._today())
        except ValueError:
            return None

    def set_value(self, value: date | None) -> None:
        """Show a day without telling."""
        self.set_text(written(value))

    @property
    def is_readable(self) -> bool:
        """True for a day, and for nothing at all."""
        return not self.text().strip() or self.value() is not None

    def stored(self) -> str:
        """Return the day as a record keeps it, or what cannot be read as one just as it was typed."""
        day = self.value()
        return day.isoformat() if day is not None else self.text()

    def set_stored(self, text: str) -> None:
        """Show what `stored` returned."""
        try:
            self.set_value(date.fromisoformat(text))
        except ValueError:
            self.set_text(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the day before or after; from none to today."""
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        day = self.value()
        step = timedelta(days=1 if event.key() == Qt.Key.Key_Up else -1)
        with contextlib.suppress(OverflowError):  # the calendar's first and last day
            self.setText(written(self._today() if day is None else day + step))
            self.setModified(True)

    def _tell(self) -> None:
        if self.is_readable:
            self.setText(written(self.value()))
        has_changed = self.text() != self._told
        super()._tell()
        if has_changed and self.is_readable:
            self.dated.emit(self.value())
