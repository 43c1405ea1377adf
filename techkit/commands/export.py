"""Check this computer and write the result in a format others read."""

from __future__ import annotations

import argparse
import sys

from techkit import handed_out
from techkit.commands import check
from techkit.commands.exit_codes import DONE
from techkit.diagnostics import export
from techkit.i18n import _
from techkit.records.schema import Audience
from techkit.version import VERSION


def run(asked: argparse.Namespace) -> int:
    """Run a plan, tell what its reader will not get, and write or print the rest."""
    result = check.result_of(asked.plan, None, as_administrator=asked.as_administrator)
    for line in export.left_out(result, Audience(asked.audience)):
        print(line.sentence(), file=sys.stderr)
    text = export.text_of(result, asked.format, Audience(asked.audience), version=VERSION)
    if asked.out:
        handed_out.write(asked.out, text.encode(errors="replace"), safe=_("The check can be run again."))
        print(_("Written to {file}.", file=asked.out), file=sys.stderr)
    else:
        print(text)
    return DONE
