"""Each check fires on bad readings and stays quiet on good ones, on both sides of every level."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from techkit import i18n
from techkit.diagnostics import catalogue, quantities
from techkit.records.findings import Reading
from tests.diagnostics.checks.case import ACT, NA, OK, UNKNOWN, WATCH, Cases
from tests.diagnostics.checks.cases import (
    backup,
    devices,
    display,
    memory,
    network,
    operating_system,
    power,
    processor,
    security,
    software,
    storage,
)

#: One module an area; a check stands in the one of its area.
CASES: Cases = {
    **backup.CASES,
    **devices.CASES,
    **display.CASES,
    **memory.CASES,
    **network.CASES,
    **operating_system.CASES,
    **power.CASES,
    **processor.CASES,
    **security.CASES,
    **software.CASES,
    **storage.CASES,
}

#: Checks whose tests stand in files of their own: the network ladder and the busiest programs.
ELSEWHERE = frozenset(
    {
        *(
            "network_link",
            "network_address",
            "network_gateway",
            "network_delay",
            "network_errors",
            "network_loss",
        ),
        *("name_resolution", "internet_access", "captive_portal"),
        *("busy_programs", "memory_programs"),
    }
)


def readings(values: dict[str, Any]) -> list[Reading]:
    """Return readings of a case, each with a source of its own."""
    made = []
    for key, value in values.items():
        id, _mark, subject = key.partition("@")
        made.append(Reading(id=id, value=value, subject=subject, source=f"test of {id}"))
    return made


@pytest.mark.parametrize(
    ("check_id", "expected", "values"),
    [(check_id, expected, values) for check_id, cases in CASES.items() for expected, values in cases],
    ids=[f"{check_id}-{n}" for check_id, cases in CASES.items() for n, _case in enumerate(cases)],
)
def test_a_check_judges_its_readings(judge, check_id, expected, values):
    """The verdict follows from the readings, with sentences, a value and a source."""
    check = catalogue.by_id(check_id)
    [finding] = judge(check, readings(values))

    assert finding.verdict is expected, finding.sentence
    assert finding.sentence
    assert finding.customer_sentence
    if expected in (WATCH, ACT):
        assert finding.advice
    else:
        assert not finding.advice
    if expected in (OK, WATCH, ACT):
        assert finding.value is not None
        assert finding.value_text
        assert finding.source


def test_every_check_has_a_case_that_fires_and_one_that_stays_quiet():
    """No check counts without both, be it here or, for the few named above, in a file of their own."""
    assert ELSEWHERE.isdisjoint(CASES)
    for check in catalogue.checks():
        if check.id in ELSEWHERE:
            continue
        verdicts = {verdict for verdict, _values in CASES.get(check.id, [])}
        assert OK in verdicts, check.id
        assert verdicts & {WATCH, ACT}, check.id


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_no_readings_are_never_a_verdict(judge, check_id):
    """Without readings no check says good or bad."""
    [finding] = judge(catalogue.by_id(check_id), [])
    assert finding.verdict in (NA, UNKNOWN)


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_sentences_speak_plainly(judge, check_id):
    """Nothing is left unfilled, sentences end, and the customer's has no jargon and no blame."""
    check = catalogue.by_id(check_id)
    for _verdict, values in CASES[check_id]:
        for finding in judge(check, readings(values)):
            for text in (finding.sentence, finding.customer_sentence, finding.advice):
                assert "{" not in text
                assert "None" not in text
                assert not text or text.endswith(".")
            assert not re.search(
                r"SMART|NVMe|inode|RAID|TRIM|kernel|daemon|you forgot|your fault|danger",
                finding.customer_sentence,
                re.IGNORECASE,
            )


@pytest.mark.parametrize("check_id", sorted(CASES))
def test_rubbish_in_a_reading_is_no_exception(judge, check_id):
    """A value of another kind than declared leads to no good or bad verdict by accident, and to no fault."""
    check = catalogue.by_id(check_id)
    for _verdict, values in CASES[check_id]:
        for rubbish in (
            "",
            "rubbish",
            "nan, 0",
            "inf",
            -1,
            [],
            [1, "x"],
            {},
            {"a": None},
            None,
            float("inf"),
        ):
            for finding in judge(check, readings(dict.fromkeys(values, rubbish))):
                assert not isinstance(finding.value, float) or math.isfinite(finding.value), rubbish


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "1 day"),
        (60, "60 days"),
        (61, "2 months"),
        (729, "23 months"),
        (1460, "4 years"),
        (2557, "7 years"),
    ],
)
def test_an_age_is_told_as_people_tell_it(count, told):
    """A driver of seven years is not said to be 2,557 days old."""
    assert quantities.age(count) == told


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_state_of_bluetooth_is_said_in_the_language_of_its_sentence(judge, language):
    """And not in the reading's own word."""
    with i18n.language(language):
        (found,) = judge(catalogue.by_id("bluetooth"), readings({"devices.bluetooth.state@hci0": "off"}))
    assert not re.search(r"\boff\b", f"{found.sentence} {found.value_text}")
