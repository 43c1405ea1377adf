"""Growth since an earlier run."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from techkit.diagnostics import baseline, catalogue
from techkit.diagnostics.check import Growth, Readings
from techkit.records.findings import Area, Finding, Reading, Verdict


def leaks(value: object, subject: str = "") -> Reading:
    return Reading(id="tank.leaks", value=value, subject=subject)


def finding(verdict: Verdict, subject: str = "") -> Finding:
    return Finding(
        check="tank_fill",
        title="Tank",
        area=Area.DEVICES,
        verdict=verdict,
        subject=subject,
        customer_sentence="Filled.",
    )


def raised(tank, verdict, now, before, *growth: Growth, subject=""):
    check = dataclasses.replace(tank.TANK_FILL, growth=growth) if growth else tank.TANK_FILL
    [found] = baseline.raise_for_growth(
        check, [finding(verdict, subject)], Readings([now], tank.AT), Readings([before], tank.AT)
    )
    return found


def test_growth_raises_watch_to_act_and_says_so(tank):
    """The verdict is raised by one, and the growth stands in sentence and evidence."""
    found = raised(tank, Verdict.WATCH, leaks(12), leaks(9))
    assert found.verdict is Verdict.ACT
    assert "9" in found.sentence
    assert found.evidence[-1].value == "from 9 to 12"
    assert found.customer_sentence.startswith("Filled.")


@pytest.mark.parametrize(
    ("verdict", "now", "before"),
    [
        (Verdict.WATCH, 9, 3),  # below at_least
        (Verdict.WATCH, 12, 12),  # no growth
        (Verdict.WATCH, 12, 40),  # a replaced part
        (Verdict.OK, 12, 9),  # growth alone does not count here
        (Verdict.UNKNOWN, 12, 9),
        (Verdict.ACT, 12, 9),
        (Verdict.NOT_APPLICABLE, 12, 9),
    ],
)
def test_what_does_not_count_as_growth_changes_nothing(tank, verdict, now, before):
    """Small, absent or falling counters, and verdicts that cannot be raised, stay as they are."""
    assert raised(tank, verdict, leaks(now), leaks(before)) == finding(verdict)


def test_growth_alone_may_be_watch_and_never_more(tank):
    """Where declared, growth turns ok into watch, but not watch into act."""
    only_watch = Growth(reading="tank.leaks", ok_too=True, highest=Verdict.WATCH)
    assert raised(tank, Verdict.OK, leaks(12), leaks(9), only_watch).verdict is Verdict.WATCH
    assert raised(tank, Verdict.WATCH, leaks(12), leaks(9), only_watch).verdict is Verdict.WATCH


def test_growth_is_of_the_same_subject(tank):
    """Another drive's growth is not this one's."""
    assert (
        raised(tank, Verdict.WATCH, leaks(12, "sda"), leaks(9, "sdb"), subject="sda").verdict is Verdict.WATCH
    )
    assert (
        raised(tank, Verdict.WATCH, leaks(12, "sda"), leaks(9, "sda"), subject="sda").verdict is Verdict.ACT
    )


def worn(tank, now, before, days, verdict=Verdict.OK, **growth):
    """Return the finding of something whose value goes to an end, after so many days."""
    declared = Growth(
        **(
            {"reading": "tank.leaks", "label": "Wear", "end": 100.0, "ok_too": True, "highest": Verdict.WATCH}
            | growth
        )
    )
    check = dataclasses.replace(tank.TANK_FILL, growth=(declared,))
    then = tank.AT - timedelta(days=days)
    [found] = baseline.raise_for_growth(
        check, [finding(verdict)], Readings([leaks(now)], tank.AT), Readings([leaks(before)], then)
    )
    return found


def test_a_pace_that_reaches_the_end_within_a_year_is_worth_watching(tank):
    """70 to 80 % in ten weeks leaves about five months; sentence, customer's words and evidence say so."""
    found = worn(tank, 80, 70, 70)
    assert found.verdict is Verdict.WATCH
    assert "about 5 months" in found.sentence
    assert "5 months more" in found.customer_sentence
    assert found.advice
    assert found.evidence[-1].value == "+4.3"


@pytest.mark.parametrize(
    ("now", "before", "days", "verdict"),
    [
        (12, 10, 300, Verdict.OK),  # slow: many years
        (80, 70, 5, Verdict.OK),  # five days say nothing
        (70, 80, 70, Verdict.OK),  # moves away from the end: a new disk
        (80, 80, 70, Verdict.OK),
        (80, 70, 70, Verdict.WATCH),  # watch already; wear alone is never needs action
    ],
)
def test_a_slow_a_short_and_a_falling_pace_raise_nothing(tank, now, before, days, verdict):
    """Only wear whose end is near raises a verdict, and never beyond what is declared."""
    assert worn(tank, now, before, days, verdict=verdict).verdict is verdict


def test_wear_may_fall_toward_its_end(tank):
    """A battery goes down: from 75 to 66 % in 100 days it is at 60 % in about two months."""
    found = worn(tank, 66, 75, 100, end=60.0)
    assert found.verdict is Verdict.WATCH
    assert "about 2 months" in found.sentence
    assert found.evidence[-1].value == "−2.7"


def test_without_a_time_there_is_no_pace(tank):
    """Readings whose time nobody knows are not taken for old ones."""
    assert worn(tank, 99, 1, 0) == finding(Verdict.OK)


@pytest.mark.parametrize(("before", "verdict"), [(40, Verdict.WATCH), (45, Verdict.OK)])
def test_transfer_errors_that_grow_are_worth_a_look_at_the_cable(tank, before, verdict):
    """Ten more since the last visit are; a few more, or many that stay, are not."""
    check = catalogue.by_id("disk_health")
    counts = [
        Reading(id="storage.smart.crc_errors", value=value, subject="sda", unit="count")
        for value in (50, before)
    ]
    now, then = (Readings([count], tank.AT) for count in counts)
    [found] = baseline.raise_for_growth(check, [finding(Verdict.OK, "sda")], now, then)
    assert found.verdict is verdict
