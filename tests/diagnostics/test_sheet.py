"""The sheet on a terminal and the object for scripts."""

from __future__ import annotations

import dataclasses
import json

import pytest

from techkit.diagnostics import sheet
from techkit.diagnostics.runner import Progress
from techkit.diagnostics.sheet import Sheet
from techkit.probes.probe import missing
from techkit.records.findings import (
    Area,
    CheckResult,
    Explains,
    Finding,
    Reason,
    Verdict,
)


def finding(verdict: Verdict, **more) -> Finding:
    values = {"check": "tank_fill", "title": "Tank", "area": Area.DEVICES, "sentence": "Five percent left."}
    return Finding(verdict=verdict, **(values | more))


@pytest.fixture
def result(tank) -> CheckResult:
    return CheckResult(
        plan="quick",
        started_at=tank.AT,
        ended_at=tank.AT,
        computer={"name": "Brandt-Laptop", "system": "Windows 11"},
        readings=(tank.fill(5.0), missing("tank.lid", reason=Reason.NOT_PERMITTED, text="Locked.")),
        findings=(
            finding(
                Verdict.ACT,
                explains=Explains.LIKELY,
                explains_why="It is empty.",
                advice="Fill it.",
                limit_text="10 %",
            ),
            finding(
                Verdict.UNKNOWN,
                title="Lid",
                reason=Reason.NOT_PERMITTED,
                reason_text="Locked.",
                sentence="Could not check: Locked.",
            ),
            finding(Verdict.OK, title="Pump"),
        ),
    )


def test_the_object_has_the_keys_scripts_rely_on(result):
    """The object holds the promised keys and is JSON."""
    made = json.loads(json.dumps(sheet.as_object(result, version="1.2")))
    assert made["techkit"] == "1.2"
    assert {"computer", "plan", "started_at", "ended_at", "readings", "findings"} <= made.keys()
    assert made["started_at"] == "2026-11-23T10:10:00+00:00"
    assert made["readings"][0] == {
        "id": "tank.fill_percent", "value": 5.0, "unit": "percent", "subject": "", "source": "gauge",
    }  # fmt: skip
    first, unknown, _good = made["findings"]
    promised = {
        "check",
        "subject",
        "verdict",
        "value",
        "unit",
        "reason",
        "sentence",
        "customer_sentence",
        "source",
    }
    assert promised <= first.keys()
    assert (first["verdict"], first["reason"]) == ("act", None)
    assert (unknown["verdict"], unknown["reason"], unknown["reason_text"]) == (
        "unknown",
        "not_permitted",
        "Locked.",
    )


def test_a_missing_value_is_null_with_its_reason(result):
    """A value that could not be had is null, never an object or zero."""
    assert sheet.as_object(result, version="")["readings"][1] | {"source": ""} == {
        "id": "tank.lid", "value": None, "unit": "", "subject": "", "source": "",
        "reason": "not_permitted", "reason_text": "Locked.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.OK, 0),
        (Verdict.NOT_APPLICABLE, 0),
        (Verdict.WATCH, 1),
        (Verdict.UNKNOWN, 1),
        (Verdict.ACT, 1),
    ],
)
def test_the_exit_code_tells_good_from_the_rest(result, verdict, code):
    """0 for all good, 1 for anything to watch, act on or unknown."""
    assert sheet.exit_code(dataclasses.replace(result, findings=(finding(verdict),))) == code


def test_each_verdict_has_shape_and_word_without_colour(result):
    """Without colour, shape and word still tell every verdict; the complaint's answer comes first."""
    text = Sheet(has_colour=False).text(result)
    assert "\x1b" not in text
    for words in (
        "⬣ Needs action",
        "? Could not check",
        "✓ Good",
        "Likely: It is empty.",
        "Fill it.",
        "Brandt-Laptop",
    ):
        assert words in text
    assert text.index("What explains the complaint") < text.index("Lid") < text.index("Pump")


def test_colour_comes_beside_shape_and_word(result):
    """With colour the same words stand there."""
    text = Sheet(has_colour=True).text(result)
    assert "\x1b[1;31m⬣\x1b[0m \x1b[1;31mNeeds action\x1b[0m" in text


def test_an_ascii_terminal_gets_stand_ins(result):
    """Where the terminal has no Unicode, the shapes are ASCII."""
    text = Sheet(is_unicode=False).text(result)
    assert "X Needs action" in text
    assert not set("⬣▲✓–") & set(text)


def test_hostile_names_cannot_steer_the_terminal(result):
    """Escape sequences and direction signs in names and sentences are made harmless."""
    evil = finding(Verdict.ACT, subject="\x1b]0;x\x07\u202egpj", sentence="a\x1b[2J" + "b" * 4000)
    text = Sheet().text(dataclasses.replace(result, findings=(evil,)))
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert max(len(line) for line in text.splitlines()) <= sheet.WIDTH


def test_progress_is_one_line_that_fits():
    """The progress line holds bar, count, what runs and the time left, and fits the width."""
    line = Sheet(width=60).progress_line(Progress(3, 12, "Storage, " * 30, 4.2))
    assert len(line) <= 60
    assert "3 of 12" in line
    assert "4 s" in line


def test_the_printed_object_is_the_object_one_thing_a_line(result):
    """What is printed reads back as the very object; each reading and finding stands on a line of its own."""
    made = sheet.as_object(result, version="1.2")
    printed = sheet.as_json(made)
    assert json.loads(printed) == json.loads(json.dumps(made))
    assert sum(line.startswith('  {"id"') for line in printed.splitlines()) == len(result.readings)
    assert json.loads(sheet.as_json({"empty": [], "none": None})) == {"empty": [], "none": None}
