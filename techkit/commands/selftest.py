"""Try every part of this copy and say which hold."""

from __future__ import annotations

import argparse

from techkit import selftest
from techkit.commands import terminal
from techkit.commands.exit_codes import DONE, TO_LOOK_AT
from techkit.i18n import _


def run(asked: argparse.Namespace) -> int:
    """Print each step with its word; return the exit code."""
    steps = selftest.run()
    if asked.json:
        shown = [
            {"title": s.title, "holds": s.holds, "detail": s.detail, "duration_s": round(s.duration_s, 3)}
            for s in steps
        ]
        terminal.say_json(shown)
    else:
        for step in steps:
            word = _("holds") if step.holds else _("does not hold")
            print(f"{step.title}: {word} ({step.duration_s:.1f} s). {step.detail}")
    return DONE if all(step.holds for step in steps) else TO_LOOK_AT
