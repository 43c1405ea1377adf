"""Growth since an earlier run."""

from __future__ import annotations

import dataclasses

import pytest

from techkit.diagnostics import baseline
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
