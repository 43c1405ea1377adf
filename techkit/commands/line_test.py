"""Measure how much the line to the office carries, once somebody agreed to it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from datetime import UTC, datetime

from techkit.commands import own_store, terminal
from techkit.commands.check import stopping
from techkit.commands.exit_codes import COULD_NOT_RUN, DONE, TO_LOOK_AT
from techkit.diagnostics import line_test
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.findings import CheckResult, Verdict
from techkit.sync.client import Client
from techkit.sync.throughput import MOST_BYTES_EACH_WAY, SECONDS_EACH_WAY, Measured


def run(asked: argparse.Namespace) -> int:
    """Ask whether the line may be loaded, measure it, and print what it carries; return the exit code.

    Raises: InputError where nobody can be asked, SyncError and its family where it cannot be measured.
    """
    with own_store.opened(asked) as store, contextlib.closing(Client(store)) as client:
        if client.is_enrolled and not asked.yes and not _agrees():
            print(_("Nothing was measured."), file=sys.stderr)
            return COULD_NOT_RUN
        found = _measured(client, is_json=asked.json)
    now = datetime.now(UTC)
    nothing_yet = CheckResult(plan="", started_at=now, ended_at=now)
    _result, finding = line_test.judged(nothing_yet, found.facts())
    sentence = finding.sentence if finding else _("Stopped before anything was learnt of the line.")
    if asked.json:
        verdict = str(finding.verdict) if finding else None
        told = {**found.facts(), "was_stopped": found.was_stopped, "verdict": verdict, "sentence": sentence}
        terminal.say_json({"throughput": told}, indent=None)
    else:
        print(sentence, finding.advice if finding else "")
    if finding is None:
        return COULD_NOT_RUN
    return TO_LOOK_AT if finding.verdict is Verdict.WATCH else DONE


def _measured(client: Client, *, is_json: bool) -> Measured:
    """Measure with one line on a terminal that changes; Ctrl+C keeps what was learnt."""
    stop = threading.Event()
    is_terminal = sys.stderr.isatty() and not is_json

    def told(_share: float, way: str, pace: float) -> None:
        if is_terminal:
            print(f"\r\x1b[2K{line_test.told_pace(way, pace)}", end="", file=sys.stderr, flush=True)

    with stopping(stop):
        found = client.measure_line(told, stop)
    if is_terminal:
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return found


def _agrees() -> bool:
    """Ask on the terminal whether the line may be loaded. Raises: InputError without one."""
    if not sys.stdin.isatty():
        raise InputError(
            _("Measuring loads the line, and nobody could be asked."),
            advice=_("Ask the customer, then add --yes."),
        )
    yes = _("yes")
    print(line_test.asked_sentence(2 * SECONDS_EACH_WAY, 2 * MOST_BYTES_EACH_WAY), file=sys.stderr)
    print(_("Type “{yes}” to start it:", yes=yes), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() == yes.casefold()
