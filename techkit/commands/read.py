"""Read a captured output with the parser the probe uses."""

from __future__ import annotations

import argparse
import json
import sys

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
    json.dump(shown, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return DONE
