"""The hours a contract agrees on: which words can be read, and where a stretch of time is cut."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from techkit.records.agreed_hours import agreed_hours

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


def cut(words: str, begin: str, end: str) -> list[tuple[str, str, bool]]:
    hours = agreed_hours(words)
    assert hours is not None
    found = hours.parts(at(begin), at(end), BERLIN)
    return [
        (a.astimezone(BERLIN).strftime("%H:%M"), b.astimezone(BERLIN).strftime("%H:%M"), out)
        for a, b, out in found
    ]


@pytest.mark.parametrize(
    ("words", "begin", "end", "parts"),
    [
        # A Tuesday: an hour within, an hour and a half after.
        ("Mo-Fr 08:00-17:00", "2026-11-24 16:00", "2026-11-24 18:30", [("16:00", "17:00", False), ("17:00", "18:30", True)]),
        # Before, within with a break at noon, after.
        (
            "Mo-Fr 08:00-12:00,13:00-17:00", "2026-11-24 07:30", "2026-11-24 13:30",
            [("07:30", "08:00", True), ("08:00", "12:00", False), ("12:00", "13:00", True), ("13:00", "13:30", False)],
        ),
        # A Saturday with its own hours, and one without.
        ("mo-fr 8:00 – 17:00; Sa 09:00-12:00; PH off", "2026-11-28 11:30", "2026-11-28 12:30", [("11:30", "12:00", False), ("12:00", "12:30", True)]),
        ("Mo-Fr 08:00-17:00", "2026-11-28 10:00", "2026-11-28 11:00", [("10:00", "11:00", True)]),
        # Over midnight: Friday's shift ends on Saturday at six.
        ("Fr 22:00-06:00", "2026-11-28 05:30", "2026-11-28 06:30", [("05:30", "06:00", False), ("06:00", "06:30", True)]),
        ("Su-Tu 08:00-10:00", "2026-11-23 09:00", "2026-11-23 09:30", [("09:00", "09:30", False)]),
        ("Mo-Su 08:00-17:00; Mo-Tu,Th,PH 08:00-12:00", "2026-11-24 11:00", "2026-11-24 13:00", [("11:00", "12:00", False), ("12:00", "13:00", True)]),
        ("24/7", "2026-11-28 23:00", "2026-11-29 01:00", [("23:00", "01:00", False)]),
        ("08:00-24:00", "2026-11-28 23:30", "2026-11-29 00:30", [("23:30", "00:00", False), ("00:00", "00:30", True)]),
        # Less than a minute beyond is no part of its own.
        ("Mo-Fr 08:00-17:00", "2026-11-24 16:00", "2026-11-24 17:00:40", [("16:00", "17:00", False)]),
        # The night the clocks go back: from two to three it is two hours, all of them outside.
        ("Sa-Su 22:00-02:00", "2026-10-25 01:30", "2026-10-25 03:30", [("01:30", "02:00", False), ("02:00", "03:30", True)]),
    ],
)  # fmt: skip
def test_a_stretch_is_cut_where_agreed_hours_begin_and_end(words, begin, end, parts) -> None:
    """Each part lies within or outside; together they are the stretch."""
    assert cut(words, begin, end) == parts


@pytest.mark.parametrize(
    "words", ["Mo-We-Fr 08:00-17:00", "Mo-PH 08:00-17:00", "Mo-Fr 08:00-12:00; Mo-Fr 13:00-17:00", "", "office hours", "Mo-Fr 8-17", "Mo-Fr 25:00-26:00", "Mo-Fr 08:70-17:00", "Mo-Fr off", "Mo-Xx 08:00-17:00", ";;", "9" * 5000]
)  # fmt: skip
def test_what_cannot_be_read_agrees_on_nothing(words) -> None:
    """Nothing is guessed: whoever works then says by hand what lies outside."""
    assert agreed_hours(words) is None
