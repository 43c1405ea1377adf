"""The commands: the same presenters, store, diagnostics, paper and sync as the window.

Exit codes, for scripts: 0 done (for `check`: all good), 1 something to look at (`check`: anything to
watch, act on or unknown; `sync`: something was refused or conflicts wait; `serve --verify` and `export --verify`: something does not fit; `selftest`: a part is
missing), 2 it could not run (wrong arguments, wrong passphrase, no service), 3 a fault of techkit.
"""

from __future__ import annotations

import argparse
import builtins
import errno
import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from techkit import i18n
from techkit.commands import terminal
from techkit.commands.exit_codes import COULD_NOT_RUN, DONE, FAULT, TO_LOOK_AT
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.version import VERSION

EXAMPLES = """\
examples:
  techkit                                   open the window
  techkit check                             check this computer, about 2 s
  techkit check --plan standard --complaint slow
  techkit check --json > check.json         for scripts; see the exit codes below
  techkit visit                             list the visits kept here
  techkit visit TK07-2026-0001 --pdf page.pdf
  techkit sync --enrol "https://…"          enrol this device, then exchange with the office
  techkit serve --data office --port 8443   run the central service
  techkit demo --out demo                   play the whole job without a window

exit codes: 0 done, all good · 1 something to look at · 2 could not run · 3 a fault of techkit
"""

log = logging.getLogger(__name__)


def _worker(given: list[str]) -> int:
    from techkit.probes import worker  # the lean process that runs probes; nothing else is loaded

    return worker.main(given)


def _hands(_given: list[str]) -> int:
    from techkit.probes import hands  # sounds, records and looks while a person tries a device

    return hands.main()


def _elevated(given: list[str]) -> int:
    from techkit.probes import elevated  # reads a fixed list once with administrator rights

    return elevated.main(given)


def _key_store(_given: list[str]) -> int:
    from techkit.credentials import key_store  # asks the system's key store, in a process that can be ended

    return key_store.main()


def _photos(_given: list[str]) -> int:
    from techkit.ui import photos  # draws pictures from elsewhere, in a process that may crash

    return photos.main()


#: Hidden words by which the program starts itself as one of its own rooms (children.child.own_program).
_ROOMS = {
    "--worker": _worker,
    "--hands": _hands,
    "--elevated": _elevated,
    "--key-store": _key_store,
    "--photos": _photos,
}


#: What a full disk or quota says, or a medium that takes nothing more.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or open the window without one; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in _ROOMS:
        return _ROOMS[given[0]](given[1:])
    terminal.settle()
    parser = _parser()
    asked = parser.parse_args(given)
    i18n.set_language(asked.language or _system_language())
    try:
        code = int(asked.run(asked))
        print(end="", flush=True)  # what is still held back, so that a full disk is told of here
        return code
    except TechkitError as error:
        terminal.say(error.sentences(), out=sys.stderr)
        log.debug("could not run", exc_info=True)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print(_("Stopped. What was saved is kept."), file=sys.stderr)
        return COULD_NOT_RUN
    except BrokenPipeError:
        # Whoever read our output went away, e.g. `techkit check | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _fault(error)
        # What is left to write would fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        why = os.strerror(error.errno)
        terminal.say(
            _("Nothing more could be written: {why}. What was saved is kept.", why=why), out=sys.stderr
        )
        print(_("Make room, or let it be written elsewhere, then try again."), file=sys.stderr)
        return COULD_NOT_RUN
    except Exception as error:  # the edge: a fault of ours is told as one, with what helps to mend it
        return _fault(error)


def _fault(error: Exception) -> int:
    """Tell of a fault of ours, with what helps to mend it."""
    log.debug("a fault of techkit", exc_info=True)
    import traceback

    traceback.print_exception(error)
    print(
        _(
            "That is a fault of techkit ({kind}). What was saved is safe. Please report the lines above.",
            kind=type(error).__name__,
        ),
        file=sys.stderr,
    )
    return FAULT


class _Parser(argparse.ArgumentParser):
    """Reads what was typed; what it refuses is named without its escape sequences, for it may have been pasted."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End, with the refusal on the terminal."""
        if message:
            terminal.say(message.rstrip("\n"), out=sys.stderr)
        sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="techkit",
        description=_("Diagnostics, visit records, signed summaries and sync for field technicians."),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"techkit {VERSION}")
    parser.add_argument("--language", choices=i18n.LANGUAGES, help=_("language of the output"))
    parser.add_argument("--folder", type=Path, default=None, help=_("where this device keeps its records"))
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(title=_("commands"), metavar="")
    for add in (
        _add_check,
        _add_read,
        _add_visit,
        _add_sync,
        _add_serve,
        _add_export,
        _add_demo,
        _add_selftest,
    ):
        add(commands)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help: str, example: str
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=help,
        epilog=f"examples:\n{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def _system_language() -> str:
    """Return the language of the environment, as far as techkit speaks it."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    short = told.partition(".")[0].partition("_")[0]
    return short if short in i18n.LANGUAGES else "en"


# --- what a word runs; its room is loaded only once the word was typed -----------------------------------


def _window(asked: argparse.Namespace) -> int:
    # The toolkit puts a reader of every module's source in the place of Python's import; it runs in whatever thread
    # imports, and serves only `from __feature__`, which techkit does not use (decision 0043).
    own_import = builtins.__import__
    from techkit.ui import app  # Qt is loaded only when the window opens

    builtins.__import__ = own_import
    return app.main(folder=asked.folder)


def _check(asked: argparse.Namespace) -> int:
    if asked.self_test:
        from techkit.commands import disk_self_test

        return disk_self_test.run(asked)
    if asked.throughput:
        from techkit.commands import line_test

        return line_test.run(asked)
    # What this short command loads and reads is never garbage; looking through it again and again costs a tenth.
    gc.disable()
    from techkit.commands import check

    return check.run(asked)


def _read(asked: argparse.Namespace) -> int:
    from techkit.commands import read

    return read.run(asked)


def _visit(asked: argparse.Namespace) -> int:
    from techkit.commands import visit

    return visit.run(asked)


def _sync(asked: argparse.Namespace) -> int:
    from techkit.commands import sync

    return sync.run(asked)


def _serve(asked: argparse.Namespace) -> int:
    if asked.verify:
        from techkit.central import soundness

        found = soundness.verify(asked.data, asked.database)
        print("\n".join(found.lines()))
        return DONE if found.is_sound else TO_LOOK_AT
    from techkit.central import server

    return server.serve(
        asked.data,
        asked.host,
        asked.port,
        asked.database,
        with_enrol_code=asked.enrol_code,
        is_restored=asked.restored,
    )


def _export(asked: argparse.Namespace) -> int:
    from techkit.commands import export

    return export.run(asked)


def _selftest(asked: argparse.Namespace) -> int:
    from techkit.commands import selftest

    return selftest.run(asked)


def _demo(asked: argparse.Namespace) -> int:
    from techkit import demo

    return demo.play(asked.out, tell=lambda line: print(line, flush=True))


# --- how each word is typed ------------------------------------------------------------------------------


def _add_check(commands: Any) -> None:
    parser = _command(
        commands,
        "check",
        _check,
        _("Check this computer and print a sheet: good, keep an eye on it, needs action, could not check."),
        "  techkit check --plan standard --complaint no_internet\n  techkit check --json\n  techkit check --only storage\n"
        "  techkit check --only disk_space --only printers\n  techkit check --self-test sda\n"
        "  techkit check --throughput",
    )
    parser.add_argument("--plan", choices=("quick", "standard", "deep"), default="quick")
    parser.add_argument(
        "--complaint",
        choices=("slow", "no_internet", "no_printing", "no_sound", "pop_ups", "strange_mail", "crashes"),
        help=_("what the customer suffers from; what explains it stands first"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.add_argument(
        "--only",
        action="append",
        metavar=_("AREA|CHECK"),
        help=_(
            "look at one part of the computer (storage, network, …) or one check (disk_space, …) only; may be repeated"
        ),
    )
    parser.add_argument(
        "--as-administrator",
        action="store_true",
        help=_("ask once for administrator rights, for what an ordinary user may not read"),
    )
    parser.add_argument(
        "--self-test",
        metavar="DISK",
        help=_("start the self-test of a disk, e.g. sda, instead; a later check reads its result"),
    )
    parser.add_argument(
        "--kind", choices=("short", "long"), default="short", help=_("which self-test to start")
    )
    parser.add_argument(
        "--throughput",
        action="store_true",
        help=_("measure how much the line to the office carries instead"),
    )
    parser.add_argument(
        "--yes", action="store_true", help=_("the customer agreed to what loads disk or line; do not ask")
    )


def _add_read(commands: Any) -> None:
    parser = _command(
        commands,
        "read",
        _read,
        _("Read a captured output with the parser the probe uses, and print readings and findings as JSON."),
        "  techkit read smartctl-json disk.json\n  techkit read dmidecode board.txt",
    )
    parser.add_argument("format", metavar="FORMAT")
    parser.add_argument("file", metavar="FILE", type=Path)


def _add_visit(commands: Any) -> None:
    parser = _command(
        commands,
        "visit",
        _visit,
        _("List the visits kept here, or show one: what was done, what is proven, what it costs."),
        "  techkit visit\n  techkit visit TK07-2026-0001\n  techkit visit TK07-2026-0001 --pdf page.pdf",
    )
    parser.add_argument("number", nargs="?", help=_("the visit’s number"))
    parser.add_argument("--pdf", type=Path, help=_("write the customer’s page to this file"))
    parser.add_argument("--json", action="store_true", help=_("print JSON"))


def _add_sync(commands: Any) -> None:
    parser = _command(
        commands,
        "sync",
        _sync,
        _("Exchange what waits with the central service; enrol this device first with its code."),
        '  techkit sync\n  techkit sync --enrol "CODE FROM THE OFFICE"\n  techkit sync --json\n'
        "  techkit sync --write to-the-office.techkit-package\n  techkit sync --take TK07.techkit-jobs",
    )
    parser.add_argument("--enrol", metavar="CODE", help=_("the enrolment code from the office"))
    by_file = parser.add_mutually_exclusive_group()
    by_file.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help=_("without a network: write what waits into a package file"),
    )
    by_file.add_argument(
        "--take",
        type=Path,
        metavar="FILE",
        help=_("without a network: take an answer or a job pack of the office"),
    )
    by_file.add_argument(
        "--list",
        action="store_true",
        help=_("only list what waits, was refused or confirmed, and what leaves"),
    )
    by_file.add_argument(
        "--fetch", metavar="NUMBER", help=_("fetch a visit that left this stick, by its number")
    )
    by_file.add_argument("--new-key", action="store_true", help=_("give this device a new key first"))
    parser.add_argument(
        "--json",
        action="store_true",
        help=_("print JSON: a line for each step, the last one with the result"),
    )


def _add_serve(commands: Any) -> None:
    parser = _command(
        commands,
        "serve",
        _serve,
        _("Run the central service: it makes its folder, keys, certificate, tables and first account."),
        "  techkit serve --data office\n  techkit serve --data office --host 0.0.0.0 --port 8443 --enrol-code\n"
        "  techkit serve --data office --verify",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=_("the service’s folder"))
    parser.add_argument("--host", default="127.0.0.1", help=_("address to answer on"))
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--database", default="", metavar="DSN", help=_("postgresql://… instead of SQLite"))
    parser.add_argument("--enrol-code", action="store_true", help=_("print a code that enrols one device"))
    parser.add_argument(
        "--restored",
        action="store_true",
        help=_("the folder was restored from a backup: ask the devices for what it lacks"),
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help=_(
            "only look whether the audit trail and the records fit, make the list of visits again, and end"
        ),
    )


def _add_export(commands: Any) -> None:
    parser = _command(
        commands,
        "export",
        _export,
        _(
            "Check this computer and write the result: own JSON, the GLPI inventory format, or plain text."
            " What is shortened or left out for the reader is told first."
        ),
        "  techkit export --format glpi --out computer.json\n  techkit export --format text --audience customer\n"
        "  techkit export --verify computer.json",
    )
    parser.add_argument("--format", choices=("json", "glpi", "text"), default="json")
    parser.add_argument("--audience", choices=("customer", "staff", "internal"), default="staff")
    parser.add_argument("--plan", choices=("quick", "standard", "deep"), default="standard")
    parser.add_argument("--out", type=Path, help=_("file to write; without it, print"))
    parser.add_argument(
        "--verify",
        type=Path,
        metavar="FILE",
        help=_("check nothing: look whether a JSON export still is what techkit wrote"),
    )
    parser.add_argument(
        "--as-administrator",
        action="store_true",
        help=_("ask once for administrator rights, for what an ordinary user may not read"),
    )


def _add_demo(commands: Any) -> None:
    parser = _command(
        commands,
        "demo",
        _demo,
        _("Play the whole job without a window: check, drafts, work, signature, page, sync, review."),
        "  techkit demo --out demo",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("where everything goes"))


def _add_selftest(commands: Any) -> None:
    parser = _command(
        commands,
        "selftest",
        _selftest,
        _("Try every part of this copy of techkit; nothing of yours is read or written."),
        "  techkit selftest\n  techkit selftest --json",
    )
    parser.add_argument("--json", action="store_true", help=_("print JSON"))
