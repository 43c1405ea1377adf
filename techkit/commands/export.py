"""Check this computer and write the result in a format others read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from techkit import handed_in, handed_out
from techkit.commands import check, terminal
from techkit.commands.exit_codes import DONE, TO_LOOK_AT
from techkit.diagnostics import export
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.schema import Audience
from techkit.version import VERSION

#: An export of the most crowded computer has some hundred kB.
MOST_BYTES = 64 * 2**20


def run(asked: argparse.Namespace) -> int:
    """Run a plan, tell what its reader will not get, and write or print the rest; or look at a file written before."""
    if asked.verify:
        return _verify(asked.verify)
    result = check.result_of(asked.plan, None, as_administrator=asked.as_administrator)
    private = export.left_out(result, Audience(asked.audience))
    print(
        _("What its reader does not get:") if private else _("Nothing private is left out or shortened."),
        file=sys.stderr,
    )
    for line in private:
        terminal.say(f"  {line.sentence()}", out=sys.stderr)
    text = export.text_of(result, asked.format, Audience(asked.audience), version=VERSION)
    if asked.out:
        handed_out.write(asked.out, text.encode(errors="replace"), safe=_("The check can be run again."))
        terminal.say(_("Written to {file}.", file=asked.out), out=sys.stderr)
    else:
        is_shown = asked.format == "text" and sys.stdout.isatty()
        print(text, file=sys.stdout if is_shown else terminal.as_utf8(sys.stdout))
    return DONE


def _verify(path: Path) -> int:
    """Tell whether a JSON export still is what techkit wrote. Its digest shows a change, not who made it."""
    try:
        text = handed_in.read(path, MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(
            _("The file {file} cannot be read.", file=path),
            safe=_("Nothing was changed."),
            advice=_("Please name a JSON file that techkit export wrote."),
        ) from error
    if export.is_unchanged(text):
        terminal.say(_("{file} is as techkit wrote it.", file=path))
        return DONE
    terminal.say(_("{file} is not as techkit wrote it: it was changed, or it is no JSON export.", file=path))
    return TO_LOOK_AT
