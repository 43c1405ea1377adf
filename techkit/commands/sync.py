"""Exchange with the office: over the network, by a file, or only told what waits."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from techkit import handed_in, handed_out, i18n
from techkit.commands import own_store, terminal
from techkit.commands.exit_codes import DONE, TO_LOOK_AT
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.schema import is_known, spec_for
from techkit.store.database import Store
from techkit.sync import carrier, queue
from techkit.sync.client import Client
from techkit.sync.progress import Progress, SyncResult
from techkit.sync.skew import skew


def run(asked: argparse.Namespace) -> int:
    """Do what was asked for before an exchange, exchange, and tell what was moved."""
    with own_store.opened(asked) as store, contextlib.closing(Client(store)) as client:
        if asked.enrol:
            client.enrol(asked.enrol)
        if asked.write:
            return _write_package(client, asked.write)
        if asked.list:
            return list_queue(store, is_json=asked.json)
        if asked.fetch:
            _ask_back(store, client, asked.fetch)
        if asked.new_key:
            client.rotate_key()
        if asked.take:
            return _tell(client.take_file(_office_file(asked.take)), store, is_json=asked.json)
        return _tell(_exchange(client, is_json=asked.json), store, is_json=asked.json)


def _exchange(client: Client, *, is_json: bool) -> SyncResult:
    """Sync, with a line of JSON for each step, or one line on a terminal that changes."""
    is_terminal = sys.stderr.isatty() and not is_json

    def told(progress: Progress) -> None:
        if is_json:
            print(json.dumps({"progress": _progress(progress)}), flush=True)
        elif is_terminal:
            print(f"\r\x1b[2K{progress.sentence}", end="", file=sys.stderr, flush=True)

    result = client.sync(told)
    if is_terminal:
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return result


def _tell(result: SyncResult, store: Store, *, is_json: bool) -> int:
    """Print what was moved, what waits and what is to be known about it; return the exit code."""
    shown = {
        "sent": result.sent_count,
        "received": result.received_count,
        "refused": result.refused_count,
        "conflicts": result.conflict_count,
        "waiting": result.waiting_count,
        "left": result.left_count,
    }
    files_waiting = len(store.attachments.unsent())
    if is_json:
        more = {
            "files_sent": result.files_sent,
            "files_waiting": files_waiting,
            "clock_offset_s": round(result.clock_offset_ms / 1000),
            "notices": result.notices,
            "requests": result.requests,
            "bytes": result.sent_bytes + result.received_bytes,
        }
        print(json.dumps({"result": {**shown, **more}}))
    else:
        print(
            _(
                "{sent} changes sent, {received} received, {waiting} waiting, "
                "{refused} refused, {conflicts} to decide.",
                **shown,
            )
        )
        if result.files_sent or files_waiting:
            print(_("Files sent: {sent}, waiting: {waiting}.", sent=result.files_sent, waiting=files_waiting))
        for line in result.notices:
            terminal.say(line)
        if off := skew(result.clock_offset_ms):
            print(_("The clock of this computer is wrong: {amount}.", amount=off))
    return TO_LOOK_AT if result.refused_count or result.conflict_count else DONE


def list_queue(store: Store, *, is_json: bool) -> int:
    """Print the queue by visit, entry and file, and the visits that leave this stick or left it."""
    found = queue.look_up(store)
    if is_json:
        _print_queue_as_json(found, store)
    else:
        _print_queue(found, store)
    return DONE


def _print_queue_as_json(found: queue.Queue, store: Store) -> None:
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
    leave = [{"number": one.number, "at": one.at.isoformat()} for one in store.away.leaving()]
    left = [one.number for one in store.away.gone()]
    print(json.dumps({"queue": rows, "more": found.more, "leaving": leave, "left": left}))


def _print_queue(found: queue.Queue, store: Store) -> None:
    words = {
        queue.State.WAITING: _("waits"),
        queue.State.SENDING: _("being sent"),
        queue.State.CONFIRMED: _("confirmed"),
        queue.State.REFUSED: _("refused"),
    }
    for item in found.items:
        kind = _(spec_for(item.kind).title) if is_known(item.kind) else item.kind
        reason = " ".join(part for part in (item.title, item.advice, item.confirmed) if part)
        terminal.say("\t".join(part for part in (words[item.state], kind, item.record_words, reason) if part))
    if found.more:
        print(_("… and {n} more", n=found.more))
    for one in store.away.leaving():
        day = i18n.day(one.at.date(), style="medium")
        terminal.say(
            _("{number} leaves this stick on {day}; the office keeps it.", number=one.number, day=day)
        )
    for held in store.away.gone():
        terminal.say(_("{number} is at the office only.", number=held.number))


def _ask_back(store: Store, client: Client, number: str) -> None:
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


def _progress(progress: Progress) -> dict[str, int | float | None]:
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


def _write_package(client: Client, path: Path) -> int:
    """Write what waits into a file for the office."""
    handed_out.write(path, client.make_package(), safe=_("Everything is kept on this device."))
    terminal.say(_("{path} is written; take it to the office.", path=path))
    return DONE


def _office_file(path: Path) -> bytes:
    """Return the bytes of a file the office gave."""
    try:
        return handed_in.read(path, carrier.MAX_FILE_BYTES)
    except OSError as error:
        raise _file_trouble() from error


def _file_trouble() -> InputError:
    return InputError(
        _("The package file could not be read or written."),
        safe=_("Everything is kept on this device."),
        advice=_("Choose another place, or look whether there is room."),
    )
