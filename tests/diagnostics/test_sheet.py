"""The sheet on a terminal and the object for scripts."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from techkit import i18n
from techkit.diagnostics import runner, sheet
from techkit.diagnostics.runner import Progress
from techkit.diagnostics.sheet import Sheet
from techkit.i18n import _
from techkit.probes.probe import missing
from techkit.records.findings import (
    Area,
    CheckResult,
    Explains,
    Finding,
    Reading,
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


@pytest.mark.parametrize("width", [30, 40, 79])
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_narrow_terminal_gets_whole_lines(result, width, language):
    """No line is longer than the terminal, not the head either, and no word of a verdict is lost."""
    long = finding(Verdict.WATCH, title="The name of a check that is long", subject="a disk with a name")
    with i18n.language(language):
        shown = dataclasses.replace(result, findings=(*result.findings, long), was_stopped=True)
        text = Sheet(width=width, has_colour=True).text(shown)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert max(len(line) for line in plain.splitlines()) <= width
        words = " ".join(plain.split())
        assert all(" ".join(_(f.verdict.label).split()) in words for f in shown.findings)
        assert "The name of a check that is long (a disk with a name)" in words


def test_what_is_said_of_several_things_is_said_once(result):
    """Things of which the very same is said stand together with their names; another verdict stands apart."""
    said = {"sentence": "There is none.", "area": Area.POWER}
    same = [finding(Verdict.NOT_APPLICABLE, title=title, **said) for title in ("Adapter", "Battery")]
    apart = finding(Verdict.OK, title="Plan", **said)
    text = Sheet().text(dataclasses.replace(result, findings=(same[0], apart, same[1])))
    assert "Does not apply · Adapter, Battery\n      There is none.\n" in text
    assert text.count("There is none.") == 2


def test_a_reason_that_is_the_sentence_is_said_once(result):
    """What is found and why it explains the complaint may be the same words."""
    one = finding(Verdict.OK, explains=Explains.RULED_OUT, explains_why="Five percent left.")
    assert Sheet().text(dataclasses.replace(result, findings=(one,))).count("Five percent left.") == 1


def test_the_sheet_tells_what_the_check_itself_cost(result):
    """The processor time of the run stands in its head."""
    own = Reading(id=runner.OWN_LOAD, value=0.84, unit="seconds", source="s")
    text = Sheet().text(dataclasses.replace(result, readings=(own,)))
    assert "the check itself took 0.8\u00a0s of processor time" in text.splitlines()[1]


def test_progress_is_one_line_that_fits():
    """The progress line holds bar, count, what runs and the time left, and fits the width; a cut is marked."""
    line = Sheet(width=60).progress_line(Progress(3, 12, "Storage, " * 30, 4.2))
    assert len(line) <= 60
    assert "3 of 12" in line
    assert "4\u00a0s" in line
    assert line.endswith("…")
    ended = Sheet(width=60, is_unicode=False).progress_line(Progress(12, 12, "", 0.0, 2.0))
    assert ended == "#" * 15 + " 12 of 12"


def test_the_bar_knows_what_watches_until_the_end():
    """38 of 40 after one of thirteen seconds is no full bar."""
    assert Progress(38, 40, "", 12.0, 1.0).share == pytest.approx(1 / 13)
    assert Progress(10, 40, "", 1.0, 9.0).share == 0.25
    assert Progress(40, 40, "", 0.0, 9.0).share == 1.0


def test_the_printed_object_is_the_object_one_thing_a_line(result):
    """What is printed reads back as the very object; each reading and finding stands on a line of its own."""
    made = sheet.as_object(result, version="1.2")
    printed = sheet.as_json(made)
    assert json.loads(printed) == json.loads(json.dumps(made))
    assert sum(line.startswith('  {"id"') for line in printed.splitlines()) == len(result.readings)
    assert json.loads(sheet.as_json({"empty": [], "none": None})) == {"empty": [], "none": None}
