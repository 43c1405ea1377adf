"""The commands: the same presenters, store, diagnostics, paper and sync as the window.

Exit codes, for scripts: 0 done (for `check`: all good), 1 something to look at (`check`: anything to
watch, act on or unknown; `sync`: something was refused or conflicts wait; `selftest`: a part is
missing), 2 it could not run (wrong arguments, wrong passphrase, no service), 3 a fault of techkit.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import getpass
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from techkit import i18n, settings
from techkit.errors import CredentialError, InputError, TechkitError
from techkit.i18n import _
from techkit.version import VERSION

if TYPE_CHECKING:
    from techkit.records.findings import CheckResult
    from techkit.records.visit import Visit
    from techkit.store.database import Store

DONE, TO_LOOK_AT, COULD_NOT_RUN, FAULT = 0, 1, 2, 3

#: Where a passphrase may stand for scripts; a person types it.
PASSPHRASE_VARIABLE = "TECHKIT_PASSPHRASE"  # noqa: S105 - the variable's name, not a passphrase

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
    from techkit import credentials  # asks the system's key store, in a process that can be ended

    return credentials.main()


def _photos(_given: list[str]) -> int:
    from techkit.ui import photos  # draws pictures from elsewhere, in a process that may crash

    return photos.main()


#: Hidden words by which the program starts itself as one of its own rooms (children.own_program).
_ROOMS = {
    "--worker": _worker,
    "--hands": _hands,
    "--elevated": _elevated,
    "--key-store": _key_store,
    "--photos": _photos,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or open the window without one; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in _ROOMS:
        return _ROOMS[given[0]](given[1:])
    parser = _parser()
    asked = parser.parse_args(given)
    i18n.set_language(asked.language or _system_language())
    try:
        return int(asked.run(asked))
    except TechkitError as error:
        print(error.sentences(), file=sys.stderr)
        log.debug("could not run", exc_info=True)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print(_("Stopped. What was saved is kept."), file=sys.stderr)
        return COULD_NOT_RUN
    except BrokenPipeError:
        # Whoever read our output went away, e.g. `techkit check | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except Exception as error:  # the edge: a fault of ours is told as one, with what helps to mend it
        log.debug("a fault of techkit", exc_info=True)
        import traceback

        traceback.print_exc()
        print(
            _(
                "That is a fault of techkit ({kind}). What was saved is safe. Please report the lines above.",
                kind=type(error).__name__,
            ),
            file=sys.stderr,
        )
        return FAULT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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


def _window(asked: argparse.Namespace) -> int:
    # The toolkit puts a reader of every module's source in the place of Python's import; it runs in whatever thread
    # imports, and serves only `from __feature__`, which techkit does not use (decision 0043).
    own_import = builtins.__import__
    from techkit.ui import app  # Qt is loaded only when the window opens

    builtins.__import__ = own_import
    return app.main(folder=asked.folder)


# --- check ------------------------------------------------------------------------------------------


def _add_check(commands: Any) -> None:
    parser = _command(
        commands,
        "check",
        _check,
        _("Check this computer and print a sheet: good, keep an eye on it, needs action, could not check."),
        "  techkit check --plan standard --complaint no_internet\n  techkit check --json\n  techkit check --self-test sda",
    )
    parser.add_argument("--plan", choices=("quick", "standard", "deep"), default="quick")
    parser.add_argument(
        "--complaint",
        choices=("slow", "no_internet", "no_printing", "no_sound", "pop_ups", "strange_mail", "crashes"),
        help=_("what the customer suffers from; what explains it stands first"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
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
        "--yes", action="store_true", help=_("the customer agreed to the self-test; do not ask")
    )


def _check(asked: argparse.Namespace) -> int:
    if asked.self_test:
        return _start_self_test(asked)
    import gc

    # What this short command loads and reads is never garbage; looking through it again and again costs a tenth.
    gc.disable()
    from techkit.diagnostics import sheet

    result = _run_check(asked.plan, asked.complaint)
    if asked.as_administrator:
        result = _as_administrator(result, asked.complaint)
    if asked.json:
        print(sheet.as_json(sheet.as_object(result, version=VERSION)))
    else:
        print(_sheet(sys.stdout).text(result), end="")
    return sheet.exit_code(result)


def _run_check(plan_id: str, complaint: str | None) -> CheckResult:
    """Run a plan on this computer, with a progress line on a terminal; Ctrl+C keeps what is there."""
    from techkit.diagnostics import plan, runner
    from techkit.records.findings import Complaint

    stop = threading.Event()
    hosts = settings.default("network.reference_hosts")
    with _stopping(stop), runner.MachineProbes({"network.reference_hosts": hosts}) as machine:
        machine.warm_up()  # the workers load while this process does
        shown = _sheet(sys.stderr)
        is_terminal = sys.stderr.isatty()

        def told(progress: runner.Progress) -> None:
            if is_terminal:
                print(f"\r\x1b[2K{shown.progress_line(progress)}", end="", file=sys.stderr, flush=True)

        result = runner.run(
            plan.PLANS[plan_id],
            machine,
            complaint=Complaint(complaint) if complaint else None,
            progress=told,
            stop=stop,
        )
        if is_terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return result


def _as_administrator(result: CheckResult, complaint: str | None) -> CheckResult:
    """Ask once for the rights and judge again; a no leaves the result as it is and says so."""
    from techkit.diagnostics import elevated
    from techkit.errors import ProbeError
    from techkit.records.findings import Complaint

    wanted = elevated.would_help(result)
    if not wanted:
        return result
    try:
        answers = elevated.ask(wanted)
    except ProbeError as error:
        print(error.sentences(), file=sys.stderr)
        return result
    return elevated.merged(result, answers, complaint=Complaint(complaint) if complaint else None)


def _start_self_test(asked: argparse.Namespace) -> int:
    """Ask whether the disk may be kept busy, then for the rights, and start its self-test; return the exit code.

    Raises: InputError where nobody can be asked, ProbeError where the rights were not given.
    """
    from techkit.diagnostics import elevated

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
        json.dump({"self_test": told}, sys.stdout, ensure_ascii=False)
        print()
    elif is_begun:
        print(
            _(
                "The self-test of {disk} has begun. The disk does it by itself; a later check reads its result.",
                disk=disk,
            )
        )
    else:
        print(_("The self-test was not started."), answer.get("reason_text", ""), file=sys.stderr)
    return 0 if is_begun else COULD_NOT_RUN


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
    print(question, _("The computer can be used meanwhile."), file=sys.stderr)
    print(_("Type “{yes}” to start it:", yes=yes), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() == yes.casefold()


@contextlib.contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl+C end the run early instead of the program, once; again it ends the program."""

    def first(_number: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _sheet(stream: TextIO) -> Any:
    from techkit.diagnostics import sheet

    has_colour = stream.isatty() and not os.environ.get("NO_COLOR")
    is_unicode = "utf" in (stream.encoding or "").lower()
    return sheet.Sheet(has_colour=has_colour, is_unicode=is_unicode)


# --- read -------------------------------------------------------------------------------------------


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


def _read(asked: argparse.Namespace) -> int:
    from techkit.diagnostics import reading_files, sheet

    told = reading_files.read(asked.format, asked.file)
    shown = {
        "format": told.format,
        "readings": [sheet.reading_object(reading) for reading in told.readings],
        "findings": [sheet.finding_object(finding) for finding in told.findings],
    }
    json.dump(shown, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return DONE


# --- what is kept here ------------------------------------------------------------------------------


@contextlib.contextmanager
def _store(asked: argparse.Namespace) -> Iterator[Store]:
    """Open this device's store. The passphrase is typed, or stands in the environment for scripts.

    The computer's own key store is asked first where it was let in. Raises: TechkitError when there is none, it is open elsewhere, or the passphrase is wrong.
    """
    from techkit import credentials
    from techkit.store.database import Store

    folder = asked.folder or settings.folder()
    if not credentials.has_vault(folder):
        raise InputError(
            _("Nothing is kept in {folder} yet.", folder=folder),
            advice=_("Start the window once, or name another place with --folder."),
        )
    store = Store.open(folder, _key(folder))
    try:
        yield store
    finally:
        store.close()


def _key(folder: Path) -> bytes:
    """Return the store's key: by the passphrase of the environment, the computer's key store, or typed."""
    from techkit import credentials

    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    if not passphrase and not settings.is_portable() and credentials.has_system_slot(folder):
        try:
            return credentials.unlock_with_system(folder)
        except CredentialError as error:
            print(error.sentences(), file=sys.stderr)
    return credentials.unlock(folder, passphrase or getpass.getpass(_("Passphrase: ")))


def _add_visit(commands: Any) -> None:
    parser = _command(
        commands,
        "visit",
        _visit,
        _("List the visits kept here, or show one: what was done, what is proven, what it costs."),
        "  techkit visit\n  techkit visit TK07-2026-0001\n  techkit visit TK07-2026-0001 --pdf page.pdf",
    )
    parser.add_argument("number", nargs="?", help=_("the visit's number"))
    parser.add_argument("--pdf", type=Path, help=_("write the customer's page to this file"))
    parser.add_argument("--json", action="store_true", help=_("print JSON"))


def _visit(asked: argparse.Namespace) -> int:
    from techkit.records.visit import WORK_STATES, Visit

    with _store(asked) as store:
        if not asked.number:
            visits = store.find(Visit, order_by="arrived_at", descending=True)
            if asked.json:
                print(
                    json.dumps([_visit_row(store, visit) for visit in visits], ensure_ascii=False, indent=1)
                )
            for visit in [] if asked.json else visits:
                row = _visit_row(store, visit)
                state = _(WORK_STATES[visit.work_state])
                print(
                    f"{row['number']:<18} {row['date']:<11} {state:<18} {row['customer']}: {row['purpose']}"
                )
            if not visits and not asked.json:
                print(_("No visits are kept here yet."))
            return DONE
        return _one_visit(store, _find_visit(store, asked.number), asked)


def _find_visit(store: Store, number: str) -> Visit:
    from techkit.records.visit import Visit

    found = store.find(Visit, number=number)
    if not found:
        raise InputError(
            _("No visit {number} is kept here.", number=number),
            advice=_("`techkit visit` lists the ones that are."),
        )
    return found[0]


def _visit_row(store: Store, visit: Visit) -> dict[str, str]:
    from techkit.records.parties import Customer

    customer = store.get(Customer, visit.customer_id)
    return {
        "id": visit.id,
        "number": visit.number,
        "date": visit.arrived_at.date().isoformat() if visit.arrived_at else "",
        "work_state": str(visit.work_state),
        "review_state": str(visit.review_state),
        "customer": customer.display_name if customer else "",
        "purpose": visit.purpose,
    }


def _one_visit(store: Store, visit: Visit, asked: argparse.Namespace) -> int:
    from techkit.records import flags
    from techkit.records.review import Severity
    from techkit.summary import blocks, pdf
    from techkit.ui.presenters import sign_off

    bundle = store.bundle(visit.id)
    doc, seal = sign_off.page(bundle)
    found = flags.flags(bundle)
    if asked.pdf:
        asked.pdf.write_bytes(pdf.render(doc, seal, photos=sign_off.photos_of(store, bundle)))
        print(_("The page is in {file}.", file=asked.pdf), file=sys.stderr)
    if asked.json:
        shown = {
            **_visit_row(store, visit),
            "page": blocks.as_data(doc),
            "content_hash": doc.content_hash,
            "flags": [{"rule": f.rule, "severity": str(f.severity), "sentence": f.sentence} for f in found],
        }
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    elif not asked.pdf:
        print("\n".join(_page_lines(doc)))
        for flag in found:
            print(f"! {flag.sentence}")
    return TO_LOOK_AT if any(f.severity is Severity.BLOCKING for f in found) else DONE


def _page_lines(doc: Any) -> list[str]:
    """Return the page as lines for a terminal."""
    lines = [f"{doc.number}  {doc.result}".rstrip(), *doc.short, ""]
    lines += [f"{fact.label}: {', '.join(fact.lines)}" for fact in doc.facts]
    lines += ["", doc.words["done"]]
    lines += [f"  · {d.title}{'  ' + d.right if d.right else ''}" for d in doc.done]
    for computer in doc.computers:
        lines += ["", f"{doc.words['compared']}: {computer.name}"]
        lines += [f"  {r.check}: {r.before} → {r.after}  {r.meaning}" for r in computer.comparisons]
        lines += [f"  {s.title}: {s.word}" for s in computer.states]
    lines += ["", doc.words["next"]]
    lines += [f"  {s.by}: {s.text}" for s in (*doc.ours, *doc.yours, *doc.advice)]
    lines += ["", doc.words["costs"]]
    lines += [f"  {c.label}: {c.amount}" for c in doc.costs]
    return [*lines, f"  {doc.total_label}: {doc.total}"]


# --- sync and service -----------------------------------------------------------------------------------


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


def _sync(asked: argparse.Namespace) -> int:
    from techkit.sync.client import Client

    is_terminal = sys.stderr.isatty() and not asked.json

    def told(progress: Any) -> None:
        if asked.json:
            print(json.dumps({"progress": _progress(progress)}), flush=True)
        elif is_terminal:
            print(f"\r\x1b[2K{progress.sentence}", end="", file=sys.stderr, flush=True)

    with _store(asked) as store, contextlib.closing(Client(store)) as client:
        if asked.enrol:
            client.enrol(asked.enrol)
        if asked.write:
            return _write_package(client, asked.write)
        if asked.list:
            return _list_queue(store, is_json=asked.json)
        if asked.fetch:
            _ask_back(store, client, asked.fetch)
        if asked.new_key:
            client.rotate_key()
        result = client.take_file(_office_file(asked.take)) if asked.take else client.sync(told)
        if is_terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    shown = {
        "sent": result.sent_count,
        "received": result.received_count,
        "refused": result.refused_count,
        "conflicts": result.conflict_count,
        "waiting": result.waiting_count,
        "left": result.left_count,
    }
    if asked.json:
        print(json.dumps({"result": {**shown, "bytes": result.sent_bytes + result.received_bytes}}))
    else:
        print(
            _(
                "{sent} changes sent, {received} received, {waiting} waiting, "
                "{refused} refused, {conflicts} to decide.",
                **shown,
            )
        )
    return TO_LOOK_AT if result.refused_count or result.conflict_count else DONE


def _list_queue(store: Any, *, is_json: bool) -> int:
    """Print the queue by visit, entry and file, and the visits that leave this stick or left it."""
    from techkit.records.schema import is_known, spec_for
    from techkit.sync import queue

    found = queue.look_up(store)
    leaving, gone = store.away.leaving(), store.away.gone()
    if is_json:
        rows = [
            {
                "id": item.id,
                "kind": item.kind,
                "name": item.record_words,
                "state": str(item.state),
                "changes": item.changes,
                "bytes": item.byte_count,
                "share": round(item.share, 3),
                "reason": item.title,
                "advice": item.advice,
            }
            for item in found.items
        ]
        leave = [{"number": one.number, "at": one.at.isoformat()} for one in leaving]
        left = [one.number for one in gone]
        print(json.dumps({"queue": rows, "more": found.more, "leaving": leave, "left": left}))
        return DONE
    words = {
        queue.State.WAITING: _("waits"),
        queue.State.SENDING: _("being sent"),
        queue.State.CONFIRMED: _("confirmed"),
        queue.State.REFUSED: _("refused"),
    }
    for item in found.items:
        kind = _(spec_for(item.kind).title) if is_known(item.kind) else item.kind
        reason = " ".join(part for part in (item.title, item.advice, item.confirmed) if part)
        print("\t".join(part for part in (words[item.state], kind, item.record_words, reason) if part))
    if found.more:
        print(_("… and {n} more", n=found.more))
    for one in leaving:
        day = i18n.day(one.at.date(), style="medium")
        print(_("{number} leaves this stick on {day}; the office keeps it.", number=one.number, day=day))
    for held in gone:
        print(_("{number} is at the office only.", number=held.number))
    return DONE


def _ask_back(store: Any, client: Any, number: str) -> None:
    """Have a visit come back with the sync that follows. Raises: InputError when none of this number left."""
    found = store.away.find(number)
    if found is None:
        raise InputError(
            _("No visit with the number {number} left this device.", number=number),
            field="fetch",
            safe=_("Nothing was changed."),
            advice=_("“techkit sync --list” names those that left."),
        )
    client.fetch_visit(found.visit_id)


def _progress(progress: Any) -> dict[str, int | float | None]:
    """Return how far a sync is, in changes, files and bytes, and how long it still takes."""
    return {
        "share": round(progress.share, 3),
        "done_bytes": progress.done_bytes,
        "total_bytes": progress.total_bytes,
        "left_s": None if progress.left_s is None else round(progress.left_s, 1),
        "sent": progress.sent_count,
        "waiting": progress.waiting_count,
        "received": progress.received_count,
        "files_done": progress.files_done,
        "files": progress.files_count,
        "sent_bytes": progress.sent_bytes,
        "received_bytes": progress.received_bytes,
    }


def _write_package(client: Any, path: Path) -> int:
    """Write what waits into a file for the office."""
    data = client.make_package()
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        raise _file_trouble() from error
    print(_("{path} is written; take it to the office.", path=path))
    return DONE


def _office_file(path: Path) -> bytes:
    """Return the bytes of a file the office gave."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _file_trouble() from error


def _file_trouble() -> InputError:
    return InputError(
        _("The package file could not be read or written."),
        safe=_("Everything is kept on this device."),
        advice=_("Choose another place, or look whether there is room."),
    )


def _add_serve(commands: Any) -> None:
    parser = _command(
        commands,
        "serve",
        _serve,
        _("Run the central service: it makes its folder, keys, certificate, tables and first account."),
        "  techkit serve --data office\n  techkit serve --data office --host 0.0.0.0 --port 8443 --enrol-code",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=_("the service's folder"))
    parser.add_argument("--host", default="127.0.0.1", help=_("address to answer on"))
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--database", default="", metavar="DSN", help=_("postgresql://… instead of SQLite"))
    parser.add_argument("--enrol-code", action="store_true", help=_("print a code that enrols one device"))
    parser.add_argument(
        "--restored",
        action="store_true",
        help=_("the folder was restored from a backup: ask the devices for what it lacks"),
    )


def _serve(asked: argparse.Namespace) -> int:
    from techkit.central import server

    return server.serve(
        asked.data,
        asked.host,
        asked.port,
        asked.database,
        with_enrol_code=asked.enrol_code,
        is_restored=asked.restored,
    )


# --- export, demo, selftest --------------------------------------------------------------------------------


def _add_export(commands: Any) -> None:
    parser = _command(
        commands,
        "export",
        _export,
        _(
            "Check this computer and write the result: own JSON, the GLPI inventory format, or plain text."
            " What is shortened or left out for the reader is told first."
        ),
        "  techkit export --format glpi --out computer.json\n  techkit export --format text --audience customer",
    )
    parser.add_argument("--format", choices=("json", "glpi", "text"), default="json")
    parser.add_argument("--audience", choices=("customer", "staff", "internal"), default="staff")
    parser.add_argument("--plan", choices=("quick", "standard", "deep"), default="standard")
    parser.add_argument("--out", type=Path, help=_("file to write; without it, print"))
    parser.add_argument(
        "--as-administrator",
        action="store_true",
        help=_("ask once for administrator rights, for what an ordinary user may not read"),
    )


def _export(asked: argparse.Namespace) -> int:
    from techkit.diagnostics import export
    from techkit.records.schema import Audience

    result = _run_check(asked.plan, None)
    if asked.as_administrator:
        result = _as_administrator(result, None)
    for line in export.left_out(result, Audience(asked.audience)):
        print(line.sentence(), file=sys.stderr)
    text = export.text_of(result, asked.format, Audience(asked.audience), version=VERSION)
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
        print(_("Written to {file}.", file=asked.out), file=sys.stderr)
    else:
        print(text)
    return DONE


def _add_demo(commands: Any) -> None:
    parser = _command(
        commands,
        "demo",
        _demo,
        _("Play the whole job without a window: check, drafts, work, signature, page, sync, review."),
        "  techkit demo --out demo",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("where everything goes"))


def _demo(asked: argparse.Namespace) -> int:
    from techkit import demo

    return demo.play(asked.out, tell=lambda line: print(line, flush=True))


def _add_selftest(commands: Any) -> None:
    parser = _command(
        commands,
        "selftest",
        _selftest,
        _("Try every part of this copy of techkit; nothing of yours is read or written."),
        "  techkit selftest\n  techkit selftest --json",
    )
    parser.add_argument("--json", action="store_true", help=_("print JSON"))


def _selftest(asked: argparse.Namespace) -> int:
    from techkit import selftest

    steps = selftest.run()
    if asked.json:
        shown = [
            {"title": s.title, "holds": s.holds, "detail": s.detail, "duration_s": round(s.duration_s, 3)}
            for s in steps
        ]
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for step in steps:
            word = _("holds") if step.holds else _("does not hold")
            print(f"{step.title}: {word} ({step.duration_s:.1f} s). {step.detail}")
    return DONE if all(step.holds for step in steps) else TO_LOOK_AT
