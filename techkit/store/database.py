"""The local encrypted store: every record of this device, and the only way in for a change.

`Store.save` validates, writes the rows and one operation per changed record in one transaction, and
returns when it is on disk. What is read is always the view: what the service confirmed, with the
waiting operations of this device on top (store/replica.py). All calls block; the window makes them in
its store lane. One process holds a store at a time (store/lock.py).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from techkit import settings
from techkit.errors import StoreDamagedError, StoreError
from techkit.garbage import no_collection
from techkit.i18n import _
from techkit.records import merging
from techkit.records.encoding import changed_fields, from_document
from techkit.records.entering import below_itself, check
from techkit.records.identity import HybridClock, human_number, new_id, new_prefix
from techkit.records.operations import (
    REMOVAL,
    Action,
    Operation,
    RecordState,
)
from techkit.records.schema import Record, RecordSpec, SyncClass, spec_of
from techkit.store import backup, erasing, salvage
from techkit.store import search as search_index
from techkit.store.answer import Answer, OpenConflict
from techkit.store.attachments import Attachments
from techkit.store.away import Away
from techkit.store.connection import FILE_NAME, Connection, border, damaged, gone, lost
from techkit.store.device import Device, read_device, write_device
from techkit.store.lock import FolderLock
from techkit.store.outbox import Outbox
from techkit.store.reading import Reading
from techkit.store.replica import Replica
from techkit.store.scopes import Scopes, refuse_theirs
from techkit.store.tables import Table, prepare, specs

R = TypeVar("R", bound=Record)

#: Tells which kinds of record changed; an empty set is never sent.
Listener = Callable[[frozenset[str]], None]


class Store(Reading):
    """One technician's records. Made by `create` or `open`, never by its constructor."""

    def __init__(
        self, connection: Connection, lock: FolderLock | None, attachments: Attachments, *, read_only: bool
    ) -> None:
        self.connection = connection
        self.folder = connection.folder
        self.is_read_only = read_only
        #: The files of this store; sync sends and fetches them here.
        self.attachments = attachments
        self._lock = lock
        self._device: Device | None = None
        self._key = b""
        self._listeners: list[Listener] = []
        self._listeners_lock = threading.Lock()
        self.tables = prepare(connection, specs())
        self.outbox = Outbox(connection)
        self.replica = Replica(connection, self.tables, self.outbox)
        self._scopes = Scopes(connection, self.outbox, self.replica)
        #: Visits that leave a stick once the office has them.
        self.away = Away(self, self._tell)
        row = connection.one("SELECT value FROM _meta WHERE key = 'hlc'")
        newest = connection.one("SELECT hlc FROM _operation ORDER BY place DESC LIMIT 1")
        self.clock = HybridClock(max(int(row[0]) if row else 0, newest[0] if newest else 0))

    # --- opening and closing ------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: Path,
        key: bytes,
        *,
        portable: bool = False,
        prefix: str = "",
        name: str = "",
        technician: str = "",
        provider: str = "",
        provider_reach: str = "",
        lock: FolderLock | None = None,
    ) -> Store:
        """Make an empty store in a folder that has none and open it.

        key: 32 raw bytes from credentials. portable: the folder is on a stick. prefix: four
        characters that begin this device's numbers; random when not given. lock: of the folder, where the caller
        holds it; the store has it from then on, and it is free after an error.
        Raises: StoreError when there is one already, StoreFullError, StoreBusyError.
        """
        lock = lock or _locked(folder)
        try:
            if is_there(folder):
                raise StoreError(
                    _("There are visits in this folder already."),
                    safe=_("Nothing was changed."),
                    advice=_("Open them, or choose another folder."),
                )
            cls._make(
                folder,
                key,
                Device(
                    id=new_id(),
                    prefix=prefix or new_prefix(),
                    name=name,
                    technician=technician,
                    provider=provider,
                    provider_reach=provider_reach,
                ),
                portable=portable,
            )
        except BaseException:
            lock.release()
            raise
        return cls._start(folder, key, portable=portable, read_only=False, lock=lock)

    @classmethod
    def _make(cls, folder: Path, key: bytes, device: Device, *, portable: bool) -> None:
        """Make the file beside its place and put it there when it is whole: an interrupted start leaves none."""
        fresh = folder / f"{FILE_NAME}.new"
        with border(folder, is_writing=True):
            for leftover in folder.glob(f"{FILE_NAME}.new*"):
                leftover.unlink()
        connection = Connection(fresh, key, portable=True)  # one file and nothing beside it
        try:
            with connection.transaction():
                prepare(connection, specs())
                write_device(connection, device)
                connection.execute(
                    "INSERT OR REPLACE INTO _meta (key, value) VALUES ('portable', ?)",
                    ("1" if portable else "",),
                )
        finally:
            connection.close()
        backup.put_in_place(fresh, folder / FILE_NAME)

    @classmethod
    def open(cls, folder: Path, key: bytes, *, portable: bool = False, read_only: bool = False) -> Store:
        """Open the store of a folder.

        read_only: for write-protected media; every change is refused with a sentence.
        Raises: StoreDamagedError (also for a wrong key), StoreNewerError, StoreBusyError, StoreError.
        """
        if not folder.is_dir():
            raise gone()
        if not (folder / FILE_NAME).exists():
            if is_there(folder):
                raise lost()
            raise StoreError(
                _("There are no visits in this folder."),
                safe=_("Nothing was changed."),
                advice=_("Choose another folder, or start a new one."),
            )
        with border(folder):
            is_empty = (folder / FILE_NAME).stat().st_size == 0
        if is_empty:
            raise damaged()  # or the database would begin anew as if nothing had been there
        return cls._start(folder, key, portable=portable, read_only=read_only)

    @classmethod
    def _start(
        cls, folder: Path, key: bytes, *, portable: bool, read_only: bool, lock: FolderLock | None = None
    ) -> Store:
        if lock is None and not read_only:
            lock = _locked(folder)
        connection = None
        try:
            if not read_only:
                backup.look_through(folder, key)
            connection = Connection(folder / FILE_NAME, key, portable=portable, read_only=read_only)
            attachments = Attachments(connection, folder / "attachments", key)
            store = cls(connection, lock, attachments, read_only=read_only)
            store._key = key
        except BaseException:
            if connection is not None:
                connection.close()
            if lock is not None:
                lock.release()
            raise
        return store

    def close(self) -> None:
        """Close the store; a second call does nothing."""
        self.connection.close()
        if self._lock is not None:
            self._lock.release()

    # --- who this device is -------------------------------------------------------------------

    @property
    def device(self) -> Device:
        """Return this device's identity."""
        if self._device is None:
            self._device = read_device(self.connection)
        return self._device

    def change_device(self, **changes: str) -> Device:
        """Change parts of this device's identity; return the whole. Raises: StoreError."""
        device = replace(self.device, **changes)
        with self.connection.transaction():
            self._write_device(device)
        self._tell({"device"})
        return device

    def _write_device(self, fresh: Device) -> None:
        self._device = None  # read again: the transaction may still fail
        write_device(self.connection, fresh)

    def next_number(self, year: int | None = None) -> str:
        """Return the next human number of this device, e.g. "TK07-2026-0118"; never given twice.

        year: four digits; this year by the device's clock when not given. Counts from 1 each year.
        """
        year = year or datetime.now(UTC).year
        with self.connection.transaction():
            prefix = self.device.prefix
            key = f"number.{prefix}.{year}"
            row = self.connection.one("SELECT value FROM _meta WHERE key = ?", (key,))
            counter = (int(row[0]) if row else 0) + 1
            self._set_meta(key, str(counter))
        return human_number(prefix, year, counter)

    # --- settings -----------------------------------------------------------------------------

    def setting(self, key: str) -> Any:
        """Return a setting's value, its default when never set. Raises: KeyError when undeclared."""
        declared = settings.declared(key)
        row = self.connection.one("SELECT value FROM _setting WHERE key = ?", (key,))
        if row is not None:
            return declared.accept(json.loads(row[0]))
        if declared.portable_default is not None and self._is_portable():
            return declared.portable_default
        return declared.default

    def _is_portable(self) -> bool:
        """Return whether this store was made for a stick."""
        row = self.connection.one("SELECT value FROM _meta WHERE key = 'portable'")
        return row is not None and row[0] == "1"

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a setting. Raises: InputError for a value it cannot take, KeyError when undeclared."""
        held = settings.declared(key).check(value)
        # As escapes: half a surrogate pair from a clipboard is typing like any other, and UTF-8 has no place for it.
        text = json.dumps(held)
        with self.connection.transaction():
            self.connection.execute("INSERT OR REPLACE INTO _setting (key, value) VALUES (?, ?)", (key, text))
        settings.remember(self.folder, key, held)
        self._tell({"setting"})

    # --- writing ------------------------------------------------------------------------------

    def save(self, *records: Record, actor: str = "") -> None:
        """Keep new and changed records: all of them, with one operation each, or none.

        actor: who did it, as a person reads it; the technician when empty. An unchanged record writes
        nothing. Returns when everything is on disk.
        Raises: InputError (a required field is empty, a text too long, a fact changed), StoreFullError,
        StoreError.
        """
        for record in records:
            if not self.replica.erasing.holds(spec_of(record).kind, record.id):
                check(record)
        changed: set[str] = set()
        with self.connection.transaction():
            who = actor or self.device.technician
            batch = {record.id: record for record in records}
            for record in records:
                if self._save_one(record, who, batch):
                    changed.add(spec_of(record).kind)
        self._tell(changed)

    def _save_one(self, record: Record, actor: str, batch: Mapping[str, Record]) -> bool:
        spec = spec_of(record)
        table = self.tables[spec.kind]
        raw = self.connection.one(f"{table.select_sql} WHERE id = ?", (record.id,))
        state = None if raw is None else table.state(raw)
        before = None if state is None else from_document(spec.kind, record.id, state.values)
        changes = changed_fields(before, record)
        if state is not None and not changes:
            return False
        self._refuse_circle(record, changes, batch)
        scope = self._scopes.of(record, self.device.id, batch)
        refuse_theirs(spec, state, scope)
        if state is not None and state.scope != scope:
            scope = self._scopes.move(state, scope)
        op = self._operation(spec.kind, record.id, scope, actor, Action.PUT)
        op = replace(op, fields={n: merging.change(state, n, held) for n, held in changes.items()})
        self._write(table, state, op)
        return True

    def _refuse_circle(self, record: Record, changes: Mapping[str, Any], batch: Mapping[str, Record]) -> None:
        """Refuse a record that would stand below itself by way of others. Raises: InputError."""
        spec = spec_of(record)
        for field in spec.fields:
            # Two devices may merge one pair in both directions: that circle has its rule (presenters/twins.py).
            if field.refers != spec.kind or field.name not in changes or field.name == "merged_into":
                continue
            seen, above = {record.id}, changes[field.name]
            while above and above not in seen:
                seen.add(above)
                held = batch.get(above) or self.get(spec.cls, above)
                above = getattr(held, field.name, None)
            if above == record.id:
                raise below_itself(record, field)

    def _operation(self, kind: str, record_id: str, scope: str, actor: str, action: Action) -> Operation:
        return Operation(
            op_id=new_id(),
            device=self.device.id,
            hlc=self.clock.tick(),
            scope=scope,
            entity=kind,
            record_id=record_id,
            action=action,
            actor=actor,
        )

    def _write(self, table: Table, state: RecordState | None, op: Operation) -> None:
        """Keep the operation and the row it leads to, and what the service confirmed beneath it."""
        op = self.replica.erasing.emptied(op)
        if state is not None:
            self.replica.keep_base(state)
        before = "" if state is None or state.is_removed else table.words(state)
        after = merging.fold(state, op, op.hlc)
        after.scope = op.scope
        if state is None:
            self.connection.execute(table.upsert_sql, table.values_of_state(after))
        else:
            self.connection.execute(*table.update_of(after, op.fields))
        if state is not None and before != ("" if after.is_removed else table.words(after)):
            search_index.mark(self.connection, table.name, [after.record_id])
        if spec_is_sent(table.spec):
            self.outbox.add(op)

    def remove(self, record: Record, reason: str, actor: str = "") -> None:
        """Mark a record as removed, with the reason; its content stays and it can be restored."""
        self._mark(record, Action.REMOVE, reason, actor)

    def restore(self, record: Record, actor: str = "") -> None:
        """Take a removal back."""
        self._mark(record, Action.RESTORE, "", actor)

    def _mark(self, record: Record, action: Action, reason: str, actor: str) -> None:
        spec = spec_of(record)
        table = self.tables[spec.kind]
        with self.connection.transaction():
            raw = self.connection.one(f"{table.select_sql} WHERE id = ?", (record.id,))
            if raw is None:
                raise StoreError(_("This entry is not on this device."), safe=_("Nothing was changed."))
            state = table.state(raw)
            if state.is_removed == (action is Action.REMOVE):
                return
            mark = merging.removal(state) if action is Action.REMOVE else merging.restoration(state)
            op = self._operation(spec.kind, record.id, state.scope, actor or self.device.technician, action)
            self._write(table, state, replace(op, fields={REMOVAL: mark}, reason=reason))
        self._tell({spec.kind})

    def decide(self, kind: str, record_id: str, field: str, value: Any, actor: str = "") -> None:
        """Settle a conflict of one field with the value somebody chose; the decision travels too.

        value: as JSON carries it; for a record removed here and edited there (field REMOVAL) whether it
        stays removed. Raises: StoreError when the record is not here.
        """
        table = self.tables[kind]
        with self.connection.transaction():
            raw = self.connection.one(f"{table.select_sql} WHERE id = ?", (record_id,))
            if raw is None:
                raise StoreError(_("This entry is not on this device."), safe=_("Nothing was changed."))
            state = table.state(raw)
            action, change = Action.PUT, merging.decision(state, field, value)
            if field == REMOVAL:
                action = Action.REMOVE if value else Action.RESTORE
                change = merging.removal(state) if value else merging.restoration(state)
            op = self._operation(kind, record_id, state.scope, actor or self.device.technician, action)
            reason = state.reason if action is Action.REMOVE else ""
            self._write(table, state, replace(op, fields={field: change}, reason=reason))
            self.replica.note_decision(record_id, field, op.op_id)
        self._tell({kind})

    def conflicts(self) -> list[OpenConflict]:
        """Return the conflicts that wait for a decision, oldest first."""
        return [held for held in self.replica.conflicts() if not held.decided_by]

    # --- files --------------------------------------------------------------------------------

    def attach(self, data: bytes, media_type: str) -> str:
        """Keep a file's bytes, encrypted; return their SHA-256 in hex. The same bytes are kept once."""
        return self.attachments.put(data, media_type)

    def attachment(self, sha256: str) -> bytes:
        """Return a file's bytes. Raises: StoreError when they are not here or not intact."""
        return self.attachments.get(sha256)

    # --- backups ------------------------------------------------------------------------------

    def back_up_if_due(self) -> Path | None:
        """Make a backup when there were changes since the last one and it is old enough; return its file.

        Call it now and then in the background: a save waits some milliseconds, at its end for the disk.
        Raises: StoreFullError, StoreError; the store itself is not touched.
        """
        newest = self.connection.one("SELECT max(place) FROM _operation")
        received = self.connection.one("SELECT max(place) FROM _received")
        state = f"{newest} {received}"
        row = self.connection.one("SELECT value FROM _meta WHERE key = 'backed_up'")
        if (row and row[0] == state) or not backup.is_due(self.folder, self.setting("backup.interval_min")):
            return None
        self._note_backup(state)  # before, so that the backup says so of itself too
        try:
            return backup.make(self.connection, self._key)
        except BaseException as error:
            if isinstance(error, StoreDamagedError):
                backup.suspect(self.folder)  # not found by opening it: it is looked through the next time
            self._note_backup(row[0] if row else "")
            raise

    def discard_erased(self) -> None:
        """Remove the files of customers the office removed for good, sent or not. Raises: StoreError."""
        erasing.discard_files(self.replica.erasing, self.attachments)

    def sweep(self) -> None:
        """Leave nothing of such customers in free pages and backups; a repeat does nothing. Raises: StoreError."""
        erasing.sweep(self.replica.erasing, self.connection, self._key)

    def _note_backup(self, state: str) -> None:
        with self.connection.transaction():
            self._set_meta("backed_up", state)

    @classmethod
    def recover(cls, folder: Path, key: bytes, *, portable: bool = False) -> Store:
        """Open the newest good backup in place of a damaged store, with what that still gives; it is set aside.

        Raises: StoreError when there is none.
        """
        lock = _locked(folder)
        try:
            found = backup.newest_good(folder, key)
            if found is None:
                raise backup.missing()
            lost = salvage.read(folder / FILE_NAME, key, found)

            def complete(fresh: Path) -> None:
                connection = Connection(fresh, key, portable=True)  # one file and nothing beside it
                files = Attachments(connection, folder / "attachments", key)
                with closing(connection), connection.transaction():
                    salvage.put_back(cls(connection, None, files, read_only=False), lost)

            backup.restore(folder, key, found, complete)
        except BaseException:
            lock.release()
            raise
        return cls._start(folder, key, portable=portable, read_only=False, lock=lock)

    def take_back(self, op: Operation) -> None:
        """Let an operation wait that this device made and its restored backup does not know (salvage.py)."""
        table = self.tables.get(op.entity)
        raw = table and self.connection.one(f"{table.select_sql} WHERE id = ?", (op.record_id,))
        if table is None or (raw is None and any(change.base for change in op.fields.values())):
            self.outbox.add(op)  # about a record that came after the backup: shown when it comes again
        else:
            self._write(table, table.state(raw) if raw else None, op)
        self.outbox.count_as_offered(op.record_id)

    # --- telling ------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the changed kinds after each change; return how to stop that.

        It is called on the thread that changed something and must not block.
        """
        with self._listeners_lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._listeners_lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def take(self, answer: Answer) -> None:
        """Take one reply of the service: all of it, or nothing. Raises: StoreFullError, StoreError."""
        with no_collection():
            changed, highest = self.replica.apply(answer)
        self.clock.observe(highest)
        self._tell(changed | {"sync"})

    def _tell(self, kinds: set[str]) -> None:
        if not kinds:
            return
        with self._listeners_lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(frozenset(kinds))

    def _set_meta(self, key: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", (key, value))


def is_there(folder: Path) -> bool:
    """Return whether a folder holds a store, be it only its backups."""
    return (folder / FILE_NAME).exists() or bool(backup.every(folder))


def _locked(folder: Path) -> FolderLock:
    """Return the lock of a folder. Raises: StoreError when it is not there, StoreBusyError."""
    if not folder.is_dir():
        raise gone()
    return FolderLock(folder)


def spec_is_sent(spec: RecordSpec) -> bool:
    """Return whether changes of this kind travel: everything but what is derived."""
    return spec.sync is not SyncClass.DERIVED
