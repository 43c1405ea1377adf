"""Read a captured output with the parser the probe uses."""

from __future__ import annotations

import argparse
import sys

from techkit.commands import terminal
from techkit.commands.exit_codes import DONE
from techkit.diagnostics import reading_files, sheet


def run(asked: argparse.Namespace) -> int:
    """Print the readings and findings of a captured output as JSON; what it holds and nobody asks about on the other stream."""
    told = reading_files.read(asked.format, asked.file)
    shown = {
        "format": told.format,
        "readings": [sheet.reading_object(reading) for reading in told.readings],
        "findings": [sheet.finding_object(finding) for finding in told.findings],
    }
    terminal.say_json(shown)
    if told.remark:
        print(told.remark, file=sys.stderr)
    return DONE
