"""The check as a command: JSON for scripts, the sheet on a terminal."""

from __future__ import annotations

import json
import subprocess

import pytest

from techkit.records.findings import Reason, Verdict
from techkit.version import VERSION
from tests.script import run


@pytest.fixture(scope="module")
def done() -> subprocess.CompletedProcess[str]:
    """Check this machine once, as JSON."""
    return run("check", "--json")


def test_check_gives_scripts_one_json_object(done: subprocess.CompletedProcess[str]) -> None:
    """Every key of the stable interface is there, with values of its vocabulary."""
    told = json.loads(done.stdout)
    assert set(told) >= {
        "techkit", "computer", "plan", "started_at", "ended_at", "readings", "findings",
    }  # fmt: skip
    assert (told["techkit"], told["plan"]) == (VERSION, "quick")
    for reading in told["readings"]:
        assert {"id", "value", "unit", "subject", "source"} <= reading.keys()
    for finding in told["findings"]:
        assert {
            "check", "subject", "verdict", "value", "unit", "reason", "sentence",
            "customer_sentence", "source",
        } <= finding.keys()  # fmt: skip
        assert finding["verdict"] in set(Verdict)
        if finding["verdict"] == Verdict.UNKNOWN:
            assert finding["reason"] in set(Reason)
            assert finding["reason_text"]
    is_all_good = all(f["verdict"] in ("ok", "not_applicable") for f in told["findings"])
    assert done.returncode == (0 if is_all_good else 1)


def test_at_least_25_true_verdicts_on_a_bare_machine(done: subprocess.CompletedProcess[str]) -> None:
    """Good, watch and act come from this very machine; each names value and source."""
    told = json.loads(done.stdout)
    judged = [f for f in told["findings"] if f["verdict"] in ("ok", "watch", "act")]
    assert len({f["check"] for f in judged if f["value"] is not None}) >= 25
    assert all(f["source"] for f in judged)


def test_the_sheet_tells_each_verdict_by_shape_and_word() -> None:
    """Without colour nothing is lost: no escape codes in a pipe, words and shapes instead."""
    done = run("check", "--complaint", "slow")
    assert "\x1b[" not in done.stdout
    assert "What explains the complaint" in done.stdout
    assert "✓ Good" in done.stdout
