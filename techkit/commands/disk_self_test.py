"""Start the self-test a disk does by itself, once somebody agreed to it."""

from __future__ import annotations

import argparse
import sys

from techkit.commands import terminal
from techkit.commands.exit_codes import COULD_NOT_RUN, DONE
from techkit.diagnostics import elevated
from techkit.errors import InputError
from techkit.i18n import _


def run(asked: argparse.Namespace) -> int:
    """Ask whether the disk may be kept busy, then for the rights, and start its self-test; return the exit code.

    Raises: InputError where nobody can be asked, ProbeError where the rights were not given.
    """
    disk = asked.self_test.removeprefix("/dev/")
    if not asked.yes and not _agrees(disk, asked.kind):
        print(_("Nothing was started."), file=sys.stderr)
        return COULD_NOT_RUN
    answers = elevated.ask((), (asked.kind, disk))
    answer = next((row for row in answers if row.get("self_test") == disk), {"state": "failed"})
    is_begun = answer["state"] == "ok"
    if asked.json:
        told = {"disk": disk, "kind": asked.kind, "state": answer["state"]}
        told["reason_text"] = answer.get("reason_text", "")
        terminal.say_json({"self_test": told}, indent=None)
    elif is_begun:
        terminal.say(
            _(
                "The self-test of {disk} has begun. The disk does it by itself; a later check reads its result.",
                disk=disk,
            )
        )
    else:
        failed = _("The self-test was not started.")
        terminal.say(f"{failed} {answer.get('reason_text', '')}", out=sys.stderr)
    return DONE if is_begun else COULD_NOT_RUN


def _agrees(disk: str, kind: str) -> bool:
    """Ask on the terminal whether a disk may be kept busy. Raises: InputError without one."""
    if not sys.stdin.isatty():
        raise InputError(
            _("A self-test keeps the disk busy, and nobody could be asked."),
            advice=_("Ask the customer, then add --yes."),
        )
    # Source of the times: smartctl(8), option -t.
    question = (
        _("Start the long self-test of {disk}? It keeps the disk busy for some hours.", disk=disk)
        if kind == "long"
        else _(
            "Start the short self-test of {disk}? It keeps the disk busy for up to ten minutes.", disk=disk
        )
    )
    yes = _("yes")
    usable = _("The computer can be used meanwhile.")
    terminal.say(f"{question} {usable}", out=sys.stderr)
    print(_("Type “{yes}” to start it:", yes=yes), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() == yes.casefold()
