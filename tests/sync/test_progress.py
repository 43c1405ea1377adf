"""How far a sync is and how long it still takes: told once it can be known, smooth, never a promise."""

from __future__ import annotations

import pytest

from techkit import i18n
from techkit.sync.progress import Pace, Progress, SyncResult


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_nothing_is_told_before_it_can_be_known() -> None:
    """The first second says nothing, nor does a sync that has sent nothing or has nothing left."""
    clock = Clock()
    pace = Pace(clock)
    assert pace.left_s(changes=(0, 1000), files=(0, 0)) is None
    clock.now_s += 0.5
    assert pace.left_s(changes=(100, 900), files=(0, 0)) is None
    clock.now_s += 0.6
    assert pace.left_s(changes=(200, 800), files=(0, 0)) is not None
    assert pace.left_s(changes=(1000, 0), files=(0, 0)) is None


def test_an_even_pace_is_told_as_it_is() -> None:
    """100 kB of files each second, 2 MB left: 20 seconds."""
    clock = Clock()
    pace = Pace(clock)
    left = None
    for done in range(100_000, 1_000_001, 100_000):
        clock.now_s += 1
        left = pace.left_s(changes=(0, 0), files=(done, 3_000_000 - done))
    assert left == pytest.approx(20.0)


def test_one_slow_piece_shakes_it_little_and_a_standstill_shows() -> None:
    """A single piece at a tenth of the pace changes the time by less than a third; a minute without any multiplies it."""
    clock = Clock()
    pace = Pace(clock)
    for done in range(100_000, 1_000_001, 100_000):
        clock.now_s += 1
        before = pace.left_s(changes=(0, 0), files=(done, 2_000_000))
    clock.now_s += 1
    after = pace.left_s(changes=(0, 0), files=(1_010_000, 1_990_000))
    assert before is not None
    assert after is not None
    assert before < after < before * 4 / 3
    clock.now_s += 60
    stood = pace.left_s(changes=(0, 0), files=(1_010_000, 1_990_000))
    assert stood is not None
    assert stood > 5 * after


def test_changes_go_packed_and_files_as_they_are() -> None:
    """After ten seconds of changes, a file as large as all of them takes longer than they took."""
    clock = Clock()
    pace = Pace(clock)
    left = None
    for done in range(100_000, 1_000_001, 100_000):
        clock.now_s += 1
        left = pace.left_s(changes=(done, 1_000_000 - done), files=(0, 1_000_000))
    assert left == pytest.approx(10 / 0.38)


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (3.0, "a few seconds left"),
        (21.7, "about 20 s left"),
        (54.0, "about 55 s left"),
        (58.0, "about 1 min left"),
        (160.0, "about 3 min left"),
        (3700.0, "about 1 hour left"),
        (7300.0, "about 2 hours left"),
    ],
)
def test_the_time_left_in_words(left_s: float | None, words: str) -> None:
    """Rounded to what can be known: nobody counts the seconds of an hour."""
    assert Progress(left_s=left_s).left == i18n.tied(words, "en")


def test_how_much_of_how_much() -> None:
    """Bytes of changes and files together, in the unit that fits."""
    assert Progress(done_bytes=1_800_000, total_bytes=3_100_000).volume == "1.8 of 3.1\N{NO-BREAK SPACE}MB"
    assert Progress(done_bytes=500, total_bytes=12_300).volume == "0.5 of 12.3\N{NO-BREAK SPACE}kB"
    assert Progress().volume == ""
    assert Progress().share == 0.0, "nothing is known yet: an empty bar, not a full one"
    assert Progress(done_bytes=1, total_bytes=4).share == 0.25
    sentence = Progress(sent_count=4, waiting_count=3, received_count=2, left_s=20.0).sentence
    assert sentence == "4 of 7 changes sent, 2 received · about 20\N{NO-BREAK SPACE}s left"


def test_what_a_sync_did_is_told_by_what_there_was() -> None:
    """Numbers of nothing are no news; what the office did not take is part of it."""
    assert SyncResult().sentence == "Nothing new on either side."
    assert SyncResult(sent_count=3).sentence == "3 changes sent."
    assert SyncResult(refused_count=1).sentence == "1 not taken."
    whole = SyncResult(sent_count=1, files_sent=2, received_count=4, refused_count=1)
    assert whole.sentence == "1 change sent, 2 files sent, 4 received, 1 not taken."
