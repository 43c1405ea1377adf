"""What uses the computer while a check goes on, and how far the check is."""

from __future__ import annotations

import pytest

from techkit import i18n
from techkit.records.assets import Phase
from techkit.records.findings import Reading
from techkit.ui.presenters.live import MOST_POINTS, LiveUse, nice
from techkit.ui.presenters.looking import LookUnderWay


def now(name: str, value: float) -> Reading:
    return Reading(id=f"usage.now.{name}", value=value)


def test_before_the_first_news_there_is_no_chart() -> None:
    """Nothing is drawn and nothing is claimed until the computer was looked at twice."""
    use = LiveUse(10)
    assert use.charts == ()
    assert use.programs == ()


def test_four_charts_with_their_newest_value_in_words() -> None:
    """Percent as they are, bytes as people say them: megabytes and megabits a second."""
    use = LiveUse(10)
    for share in (20.0, 38.4):
        use.hear(
            [
                now("processor_percent", share),
                now("memory_percent", 61.0),
                now("disk_read_bytes_per_s", 1_920_000),
                now("disk_written_bytes_per_s", 400_000),
                now("network_received_bytes_per_s", 10_500_000),
                now("network_sent_bytes_per_s", 125_000),
            ]
        )
    assert [(chart.title, chart.value, chart.unit) for chart in use.charts] == [
        ("Processor", "38", "%"),
        ("Memory", "61", "%"),
        ("Disk", "1.9", "MB/s"),
        ("Network", "84.0", "Mbit/s"),
    ]
    disk = use.charts[2]
    assert disk.series == ((1.92, 1.92), (0.4, 0.4))
    assert disk.high == 2.0
    assert disk.span == 21
    assert disk.line == "Solid: read · dashed: written"
    with i18n.language("de"):
        assert use.charts[2].value == "1,9"


def test_what_the_system_does_not_tell_has_no_chart() -> None:
    """A computer that keeps no count of its disk shows the other three."""
    use = LiveUse(10)
    use.hear([now("processor_percent", 5.0), now("memory_percent", 40.0)])
    assert [chart.key for chart in use.charts] == ["processor", "memory"]


def test_the_checks_own_load_is_said() -> None:
    """So that nobody takes the check for the customer's problem."""
    use = LiveUse(10)
    use.hear([now("processor_percent", 50.0)])
    use.hear([now("own_processor_percent", 6.0)])
    assert use.charts[0].line == "All cores together; 6\u00a0% by this check"


def test_programs_stay_until_there_are_newer_ones() -> None:
    """Programs are told every two seconds, the computer as a whole twice a second."""
    use = LiveUse(10)
    busy = Reading(id="usage.processor.percent_of_core", value=80.0, subject="browser")
    use.hear([busy])
    use.hear([now("processor_percent", 50.0)])
    assert use.programs == (busy,)


def test_a_chart_holds_a_minute() -> None:
    """However long a deep check watches, the last sixty seconds are shown."""
    use = LiveUse(600)
    for value in range(300):
        use.hear([now("processor_percent", value % 100)])
    assert len(use.charts[0].series[0]) == MOST_POINTS
    assert use.charts[0].span == MOST_POINTS


@pytest.mark.parametrize(
    ("value", "scale"),
    [(1.0, 1.0), (1.2, 2.0), (2.0, 2.0), (2.1, 5.0), (129.1, 200.0), (0.03, 0.05), (0.0, 1.0)],
)
def test_scales_end_at_numbers_that_are_easy_to_read(value: float, scale: float) -> None:
    """1, 2 or 5 and noughts, never below the highest point."""
    assert nice(value) == pytest.approx(scale)


def test_the_share_follows_the_time_while_a_few_probes_watch() -> None:
    """35 of 37 probes done after two of thirteen seconds is not 95 %; the share never falls."""
    look = LookUnderWay(asset_id="a", phase=Phase.BEFORE, began_at=100.0)
    look.tell(35, 37, 11.0, "Busiest programs", 102.0)
    assert look.share == pytest.approx(2 / 13)
    assert look.progress_line == "35 of 37 · about 15 seconds left"
    look.pass_time(108.0)
    assert look.share == pytest.approx(8 / 13)
    assert look.progress_line == "35 of 37 · about 5 seconds left"
    look.tell(36, 37, 20.0, "Busiest programs", 109.0)
    assert look.share == pytest.approx(8 / 13)
    look.tell(37, 37, 0.0, "", 112.0)
    assert look.share == 1.0
