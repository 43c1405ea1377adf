"""Ask once with administrator rights for what an ordinary user may not read, and judge again.

Only on an explicit click or word. The rights are asked for by the system's own prompt; techkit never
sees a password. A fixed list of probes is read (probes.elevated.FIXED), then the process ends.
Linux has been run; the Windows and macOS ways are written from their documentation and unrun.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from techkit import i18n
from techkit.children import external
from techkit.children.child import own_program
from techkit.children.external import Command, Ended, Output
from techkit.diagnostics import catalogue, runner
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes import elevated as room
from techkit.probes import worker
from techkit.probes.probe import has_admin_rights, why_missing
from techkit.records.findings import CheckResult, Complaint, ProbeReport, Reading, Reason

#: Time for a person to read the prompt and type, and for the probes after it.
PROMPT_S: Final = 120.0


def would_help(result: CheckResult) -> tuple[str, ...]:
    """Return the probes of the fixed list that said "not permitted", or one of whose values did."""
    if has_admin_rights():
        return ()
    refused = {report.probe for report in result.probes if report.state == Reason.NOT_PERMITTED}
    ids = {r.id for r in result.readings if (why := why_missing(r)) and why[0] is Reason.NOT_PERMITTED}
    for probe in catalogue.probes():
        if any(probe.covers(id) for id in ids):
            refused.add(probe.id)
    return tuple(id for id in room.FIXED if id in refused)


def names(ids: Sequence[str]) -> tuple[str, ...]:
    """Return what the probes read, in words, for the person who is asked."""
    titles = {probe.id: probe.title for probe in catalogue.probes()}
    return tuple(_(titles[id]) for id in ids if id in titles)


def command(
    ids: Sequence[str], language: str, self_test: tuple[str, str] | None = None
) -> tuple[Command, Path | None]:
    """Return the command that asks for the rights, and the folder the answer comes in (None: its output).

    self_test: kind and disk of a self-test to start. Who has the rights already is not asked.

    Raises: ProbeError tool_missing where the system has no way to ask.
    """
    own = own_program("techkit.probes.elevated", "--elevated")
    if own[1:2] == ["-m"]:
        own.insert(1, "-I")  # nothing of the user's Python settings may run with these rights
    own = [*own, language, *(id for id in ids if id in room.FIXED)]
    if self_test is not None:
        own.append(f"{room.SELF_TEST}{self_test[0]}:{self_test[1]}")
    if has_admin_rights():
        return Command(tuple(own), limit_s=room.LIMIT_S), None
    if sys.platform == "win32":
        return _windows(own)
    if sys.platform == "darwin":
        line = f"do shell script {_applescript(shlex.join(own))} with administrator privileges"
        return Command(("/usr/bin/osascript", "-e", line), limit_s=PROMPT_S), None
    if external.find_tool("pkexec"):
        return Command(("pkexec", "--disable-internal-agent", *own), limit_s=PROMPT_S), None
    if external.find_tool("sudo"):
        # Without a terminal sudo cannot ask; it works where the technician needs no password.
        return Command(("sudo", "-n", "--", *own), limit_s=PROMPT_S), None
    raise ProbeError(_("This system has no way to ask for administrator rights."), reason=Reason.TOOL_MISSING)


def _applescript(text: str) -> str:
    """Return a text as an AppleScript literal. Source: AppleScript Language Guide, text literals."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _windows(own: Sequence[str]) -> tuple[Command, Path | None]:
    """Return the consent prompt's command; the elevated process answers in a new folder of its own."""
    folder = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / f"techkit-{secrets.token_hex(16)}"
    quoted = ", ".join("'" + part.replace("'", "''") + "'" for part in [*own[1:], f"--into={folder}"])
    program = own[0].replace("'", "''")
    script = (
        f"Start-Process -FilePath '{program}' -ArgumentList {quoted} -Verb RunAs -WindowStyle Hidden -Wait"
    )
    argv = ("powershell", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script)
    return Command(argv, limit_s=PROMPT_S), folder


def ask(ids: Sequence[str], self_test: tuple[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the elevated answers, one per probe, and one for a self-test that was asked for.

    Raises: ProbeError not_permitted when the person said no, else tool_missing, timed_out or failed.
    """
    asked, folder = command(ids, i18n.current(), self_test)
    output = external.run_all([asked])[0]
    reasons = {Ended.NOT_FOUND: Reason.TOOL_MISSING, Ended.OVER_TIME: Reason.TIMED_OUT}
    if output.ended is not Ended.EXITED:
        reason = reasons.get(output.ended, Reason.FAILED)
        raise ProbeError(_("The administrator rights were not given in time."), reason=reason)
    if output.code != 0:
        raise _refusal(output)
    text = output.text if folder is None else _read(folder)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProbeError(_("The answer could not be read."), reason=Reason.FAILED) from error
    return [
        row
        for row in found
        if isinstance(row, dict) and (row.get("probe") in room.FIXED or "self_test" in row)
    ]


def _refusal(output: Output) -> ProbeError:
    """Return why the rights were not given. Source: pkexec(1), RETURN VALUE; sudo(8); osascript's error -128."""
    tool, told = Path(output.argv[0]).name if output.argv else "", output.error_text
    if "authentication agent" in told:
        return ProbeError(
            _("No window could ask for the administrator’s password."),
            advice=_("Sign in to a desktop, or start techkit with administrator rights."),
            reason=Reason.TOOL_MISSING,
        )
    if tool == "sudo":
        return ProbeError(
            _("Administrator rights need a password, and nothing could ask for it."),
            advice=_("Start techkit with administrator rights."),
            reason=Reason.NOT_PERMITTED,
        )
    if (tool == "pkexec" and output.code == 126) or "-128" in told or "canceled" in told.casefold():
        return ProbeError(_("The request for administrator rights was closed."), reason=Reason.NOT_PERMITTED)
    if tool == "pkexec" and output.code == 127:
        return ProbeError(
            _("The password was not right, or this user may not become administrator."),
            reason=Reason.NOT_PERMITTED,
        )
    return ProbeError(_("The administrator rights were not given."), reason=Reason.NOT_PERMITTED)


def _read(folder: Path) -> str:
    try:
        return (folder / "answer.json").read_text(encoding="utf-8")
    except OSError as error:
        raise ProbeError(_("The answer could not be read."), reason=Reason.FAILED) from error


def merged(
    result: CheckResult,
    answers: Sequence[dict[str, Any]],
    *,
    complaint: Complaint | None = None,
    earlier: Sequence[Reading] = (),
    earlier_at: datetime | None = None,
) -> CheckResult:
    """Return the result with the elevated answers in the place of what was refused, judged again."""
    readings = list(result.readings)
    reports = {report.probe: report for report in result.probes}
    probes = {probe.id: probe for probe in catalogue.probes()}
    for row in answers:
        if row.get("probe") not in probes:
            continue
        probe = probes[str(row["probe"])]
        fresh = [worker.unpack(packed) for packed in row.get("readings", [])]
        fresh = [reading for reading in fresh if probe.covers(reading.id)]
        if row.get("state") != "ok" and not fresh:
            continue  # nothing new was learnt; the old reason stands
        seen = {(reading.id, reading.subject) for reading in fresh}
        readings = [
            r
            for r in readings
            if (r.id, r.subject) not in seen and not (probe.covers(r.id) and why_missing(r))
        ]
        readings += fresh
        reports[probe.id] = ProbeReport(
            probe=probe.id,
            state=str(row.get("state", "failed")),
            duration_s=float(row.get("duration_s", 0.0)),
            reason_text=str(row.get("reason_text", "")),
            excerpt=str(row.get("excerpt", "")),
        )
    findings = runner.judge(
        readings,
        reports.values(),
        at=result.started_at,
        complaint=complaint,
        earlier=earlier,
        earlier_at=earlier_at,
    )
    there = {finding.check for finding in result.findings}
    return dataclasses.replace(
        result,
        readings=tuple(readings),
        probes=tuple(reports.values()),
        findings=tuple(finding for finding in findings if finding.check in there),
    )
