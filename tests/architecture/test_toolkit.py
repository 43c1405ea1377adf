"""The pinned toolkit keeps its references: PySide6 6.12.0 on Python 3.11 does not, and aborts after some thousand calls."""

from __future__ import annotations

import sys

import pytest

CALLS = 100_000


@pytest.mark.parametrize("constant", [None, True, False])
def test_calls_keep_the_constants_alive(qapp, constant: object) -> None:
    """After 100,000 calls into Qt there are as many references to None, True and False as before."""
    from PySide6.QtCore import QObject, QPoint

    thing, point = QObject(), QPoint(1, 2)
    before = sys.getrefcount(constant)
    for _ in range(CALLS):
        thing.setObjectName("x")  # gives back None
        thing.blockSignals(False)  # gives back False
        point.isNull()
        thing.isWidgetType()
    after = sys.getrefcount(constant)
    # Other code moves a few; the fault moved one at almost every call.
    assert abs(after - before) < CALLS // 100
