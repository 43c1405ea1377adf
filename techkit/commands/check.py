"""Check this computer: on a terminal with a line that grows, for scripts as one object."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from techkit import settings
from techkit.commands import terminal
from techkit.diagnostics import plan, runner, sheet
from techkit.diagnostics.check import Check
from techkit.errors import ProbeError
from techkit.records.findings import CheckResult, Complaint
from techkit.version import VERSION


def run(asked: argparse.Namespace) -> int:
    """Run a plan, print its sheet or one JSON object and return the exit code of its verdicts."""
    result = result_of(
        asked.plan, asked.complaint, as_administrator=asked.as_administrator, only=asked.only or ()
    )
    if asked.json:
        print(sheet.as_json(sheet.as_object(result, version=VERSION)), file=terminal.as_utf8(sys.stdout))
    else:
        print(_sheet(sys.stdout).text(result), end="")
    return sheet.exit_code(result)


def result_of(
    plan_id: str, complaint: str | None, *, as_administrator: bool, only: Sequence[str] = ()
) -> CheckResult:
    """Run a plan on this computer and return what it found.

    as_administrator: ask once for the rights afterwards, where they would help. only: areas and checks; none for the whole computer.
    Raises: InputError for an area or a check there is not.
    """
    asked: plan.Plan = plan.PLANS[plan_id]
    checks: Sequence[Check[Any]] | None = None
    if only:
        from techkit.diagnostics.only import part  # only few ask for a part

        looked_at = part(only, asked)
        asked, checks = looked_at.plan, looked_at.checks
    result = _run_plan(asked, checks, complaint)
    return _as_administrator(result, complaint) if as_administrator else result


def _run_plan(asked: plan.Plan, checks: Sequence[Check[Any]] | None, complaint: str | None) -> CheckResult:
    """Run a plan with a progress line on a terminal; Ctrl+C keeps what is there. checks: None for the whole catalogue."""
    stop = threading.Event()
    hosts = settings.default("network.reference_hosts")
    with stopping(stop), runner.MachineProbes({"network.reference_hosts": hosts}) as machine:
        machine.warm_up()  # the workers load while this process does
        shown = _sheet(sys.stderr)
        is_terminal = terminal.moves(sys.stderr)

        def told(progress: runner.Progress) -> None:
            if is_terminal:
                print(f"\r\x1b[2K{shown.progress_line(progress)}", end="", file=sys.stderr, flush=True)

        result = runner.run(
            asked,
            machine,
            complaint=Complaint(complaint) if complaint else None,
            progress=told,
            stop=stop,
            checks=checks,
        )
        if is_terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return result


def _as_administrator(result: CheckResult, complaint: str | None) -> CheckResult:
    """Ask once for the rights and judge again; a no leaves the result as it is and says so."""
    from techkit.diagnostics import elevated  # only few ask for the rights

    wanted = elevated.would_help(result)
    if not wanted:
        return result
    try:
        answers = elevated.ask(wanted)
    except ProbeError as error:
        terminal.say(error.sentences(), out=sys.stderr)
        return result
    return elevated.merged(result, answers, complaint=Complaint(complaint) if complaint else None)


@contextlib.contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl+C end what is under way early instead of the program, once; again it ends the program."""

    def first(_number: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _sheet(stream: TextIO) -> sheet.Sheet:
    is_unicode = "utf" in (stream.encoding or "").lower()
    return sheet.Sheet(
        has_colour=terminal.has_colour(stream), is_unicode=is_unicode, width=terminal.width(stream)
    )
