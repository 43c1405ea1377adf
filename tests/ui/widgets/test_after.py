"""Step After: its rows, each a reading before and after, stand as columns."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from techkit.records.findings import Verdict
from techkit.ui.presenters.after import ComparisonRow
from techkit.ui.widgets import boxes, turns
from techkit.ui.widgets.after import comparison_row
from techkit.ui.widgets.labels import Icon

pytestmark = pytest.mark.usefixtures("look")

SPACE = ComparisonRow(
    key="space",
    title="Free disk space",
    subject="C:",
    before="2.1 GB free",
    after="61.4 GB free",
    change="better",
    words="Better",
    difference="+59.3 GB",
    before_verdict=Verdict.ACT,
    after_verdict=Verdict.OK,
    before_at=0.01,
    after_at=0.26,
    limit_at=0.1,
)
BACKUP = dataclasses.replace(
    SPACE, key="backup", before="never", after="never", before_at=None, after_at=None, limit_at=None
)


@pytest.mark.parametrize("width", [1100, 560])
def test_the_arrows_of_all_rows_stand_below_each_other(qtbot: QtBot, width: int) -> None:
    """A reading without a scale leaves its picture's column free, beside each other and below each other."""
    rows = [comparison_row(SPACE), comparison_row(BACKUP)]
    page = boxes.holder(boxes.column(*rows, boxes.Grow()))
    qtbot.addWidget(page)
    page.resize(width, 400)
    page.show()
    qtbot.waitUntil(turns.is_built)
    first, second = (_arrow(row, page) for row in rows)
    assert first == second
    assert rows[1].height() <= rows[0].height()


def _arrow(row: QWidget, page: QWidget) -> int:
    """Return where the arrow of a row stands, in px from the left of the page."""
    icon = next(i for i in row.findChildren(Icon) if i.accessibleName() == "" and i.width() == 16)
    return icon.mapTo(page, QPoint()).x()
