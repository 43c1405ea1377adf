"""Administrator rights: asked for once, for a fixed list, and what comes back is judged again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from techkit.children import external
from techkit.children.child import own_program
from techkit.children.external import Ended, Output
from techkit.diagnostics import elevated, runner
from techkit.errors import ProbeError
from techkit.probes import elevated as room
from techkit.probes.probe import missing
from techkit.records.findings import CheckResult, ProbeReport, Reading, Reason, Verdict

AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)


def refused() -> CheckResult:
    """Return a run of an ordinary user: the firewall and empty passwords were not permitted."""
    readings = (
        missing("security.empty_passwords", reason=Reason.NOT_PERMITTED, text="No rights."),
        Reading(id="security.administrators", value=["root"], source="/etc/group"),
    )
    reports = (
        ProbeReport(
            probe="security.firewall", state="not_permitted", duration_s=0.0, reason_text="No rights."
        ),
        ProbeReport(probe="security.accounts", state="ok", duration_s=0.0),
    )
    return CheckResult(
        plan="quick",
        started_at=AT,
        ended_at=AT,
        readings=readings,
        probes=reports,
        findings=runner.judge(readings, reports, at=AT),
    )


def test_only_what_rights_would_change_is_asked_for(monkeypatch):
    """The probes that were refused, and those one of whose values was; nothing for an administrator."""
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: False)
    assert elevated.would_help(refused()) == ("security.accounts", "security.firewall")
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: True)
    assert elevated.would_help(refused()) == ()


def test_the_helper_reads_its_list_and_nothing_else():
    """A process of its own answers for ids of the list; an id that is not on it is not even looked for."""
    argv = [
        *own_program("techkit.probes.elevated", "--elevated"),
        "en",
        "security.protection",
        "usage.programs",
        "../x",
    ]
    done = subprocess.run(argv, capture_output=True, timeout=60, check=True, env={**os.environ})
    [answer] = json.loads(done.stdout)
    assert answer["probe"] == "security.protection"
    assert answer["state"] == "ok"
    assert answer["readings"]


def test_what_was_refused_is_judged_again():
    """Unknown becomes a verdict; what was known stays."""
    firewall = ["security.firewall.active", True, "", "", "nftables over netlink", "none"]
    accounts = ["security.empty_passwords", ["guest"], "", "", "/etc/shadow", "personal"]
    result = elevated.merged(
        refused(),
        [
            {"probe": "security.firewall", "state": "ok", "readings": [firewall]},
            {"probe": "security.accounts", "state": "ok", "readings": [accounts]},
        ],
    )
    verdicts = {finding.check: finding.verdict for finding in result.findings}
    assert verdicts["firewall"] is Verdict.OK
    assert verdicts["empty_passwords"] is Verdict.ACT
    assert verdicts["administrators"] is Verdict.OK
    assert len([r for r in result.readings if r.id == "security.empty_passwords"]) == 1


def test_an_answer_without_news_leaves_the_old_reason():
    """A probe that fails with all rights does not turn a reason into nothing."""
    result = elevated.merged(refused(), [{"probe": "security.firewall", "state": "failed", "readings": []}])
    [finding] = [f for f in result.findings if f.check == "firewall"]
    assert finding.reason is Reason.NOT_PERMITTED


def test_readings_of_other_probes_are_not_taken():
    """An answer may only hold what its probe gives."""
    foreign = ["storage.volume.free_bytes", 1, "bytes", "/", "x", "none"]
    result = elevated.merged(
        refused(), [{"probe": "security.firewall", "state": "ok", "readings": [foreign]}]
    )
    assert not [r for r in result.readings if r.id == "storage.volume.free_bytes"]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (Output(argv=("pkexec",), code=126), Reason.NOT_PERMITTED),
        (Output(argv=("pkexec",), code=127, stderr=b"Not authorized"), Reason.NOT_PERMITTED),
        (
            Output(argv=("pkexec",), code=127, stderr=b"No authentication agent found."),
            Reason.TOOL_MISSING,
        ),
        (
            Output(argv=("sudo",), code=1, stderr=b"sudo: a password is required"),
            Reason.NOT_PERMITTED,
        ),
        (
            Output(argv=("/usr/bin/osascript",), code=1, stderr=b"execution error: User canceled. (-128)"),
            Reason.NOT_PERMITTED,
        ),
        (Output(argv=(), ended=Ended.OVER_TIME), Reason.TIMED_OUT),
        (Output(argv=(), code=0, stdout=b"rubbish"), Reason.FAILED),
    ],
)
def test_a_no_a_late_and_a_wrong_answer_are_reasons(monkeypatch, output, reason):
    """Whatever the prompt ends with becomes a sentence with its reason."""
    monkeypatch.setattr(external, "find_tool", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(external, "run_all", lambda _commands: [output])
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: False)
    with pytest.raises(ProbeError) as error:
        elevated.ask(["security.firewall"])
    assert error.value.reason == reason


def test_who_has_the_rights_is_not_asked(monkeypatch):
    """An administrator's techkit reads at once, by the same helper with the same fixed list."""
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: True)
    asked, folder = elevated.command(["storage.health"], "en", ("short", "sda"))
    assert folder is None
    assert asked.argv[0] == own_program("techkit.probes.elevated", "--elevated")[0]
    assert asked.argv[-2:] == ("storage.health", "self-test=short:sda")


def test_the_prompt_gets_a_fixed_command(monkeypatch):
    """Only ids of the list reach the command line, and Python runs without the user's settings."""
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: False)
    monkeypatch.setattr(external, "find_tool", lambda name: f"/usr/bin/{name}" if name == "pkexec" else None)
    asked, _folder = elevated.command(["security.firewall", "--help", "; rm -rf /"], "de")
    assert asked.argv[0] == "pkexec"
    assert asked.argv[-2:] == ("de", "security.firewall")
    assert "-I" in asked.argv or getattr(sys, "frozen", False)


def test_a_system_without_a_prompt_says_so(monkeypatch):
    """No pkexec, no sudo: a reason, no guess."""
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: False)
    monkeypatch.setattr(external, "find_tool", lambda _name: None)
    with pytest.raises(ProbeError) as error:
        elevated.command(["security.firewall"], "en")
    assert error.value.reason == Reason.TOOL_MISSING


def test_an_answer_is_never_written_where_somebody_waits(tmp_path):
    """The folder must be new, so that no link can be laid before it."""
    with pytest.raises(FileExistsError):
        room.main(["en", f"--into={tmp_path}"])
    room.main(["en", f"--into={tmp_path / 'new'}"])
    assert json.loads((tmp_path / "new" / "answer.json").read_text()) == []
