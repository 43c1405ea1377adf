"""Read a captured output with the parser the probe uses."""

from __future__ import annotations

import argparse

from techkit.commands import terminal
from techkit.commands.exit_codes import DONE
from techkit.diagnostics import reading_files, sheet


def run(asked: argparse.Namespace) -> int:
    """Print the readings and findings of a captured output as JSON."""
    told = reading_files.read(asked.format, asked.file)
    shown = {
        "format": told.format,
        "readings": [sheet.reading_object(reading) for reading in told.readings],
        "findings": [sheet.finding_object(finding) for finding in told.findings],
    }
    terminal.say_json(shown)
    return DONE
