"""The first screen: make a vault, open it, or open it with the recovery code.

The window imports this module before its first paint: vault and store are loaded where they are used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.errors import CredentialError, InputError, StoreError, TechkitError
from techkit.i18n import _, clock, day
from techkit.ui.presenters.lanes import Lanes, Observable

if TYPE_CHECKING:
    from techkit.credentials.slots import Cost, Limits
    from techkit.store.database import Store
    from techkit.store.lock import FolderLock


@dataclass(frozen=True, kw_only=True)
class UnlockState:
    """What the lock card shows.

    mode: "first_start", "unlock", "recovery_code" (shown once), "recover", "damaged" (a backup may take the place of
    what does not read) or "opened". backup: of when the newest good backup is, as a sentence, "" where there is none. pause_s:
    seconds until the next try is taken. system: whether the computer's own key store opens this device at the
    next start, None where that is not offered (a stick, the first start). error_field: at which field the error
    stands: "technician", "passphrase", "repeated" or "code".
    """

    mode: str = "unlock"
    greeting: str = ""
    line: str = ""
    note: str = ""
    error: str = ""
    error_field: str = ""
    is_busy: bool = False
    recovery_code: str = ""
    backup: str = ""
    pause_s: int = 0
    system: bool | None = None


def code_lines(code: str) -> tuple[str, ...]:
    """Return a recovery code in two lines of as many groups: easier to copy by hand than one that breaks anywhere."""
    groups = code.split("-")
    half = (len(groups) + 1) // 2
    return tuple("-".join(part) for part in (groups[:half], groups[half:]) if part)


class Unlock:
    """The lock card. Every way in ends in `on_opened(store)`, once.

    asks_system: whether the computer's own key store is asked first; not after a lock, which would lock nothing.
    on_trouble: told when that key store did not take or give back its key. cost and limits: of the vault's key
    derivation; measured on this computer and credentials' own unless a test says otherwise.
    """

    def __init__(
        self,
        lanes: Lanes,
        folder: Path,
        on_opened: Callable[[Store], object],
        *,
        is_portable: bool = False,
        asks_system: bool = False,
        on_trouble: Callable[[Exception], object] | None = None,
        cost: Cost | None = None,
        limits: Limits | None = None,
    ) -> None:
        from techkit.credentials import keys
        from techkit.credentials.slots import LIMITS

        self._lanes = lanes
        self._folder = folder
        self._on_opened = on_opened
        self._is_portable = is_portable
        self._cost = cost
        self._limits = limits or LIMITS
        self._vault = keys
        self._on_trouble = on_trouble
        self._wants_system = False
        self._store: Store | None = None
        #: Of a store that does not read, or whose recovery code was not confirmed yet.
        self._key = b""
        self.changed = Observable()
        self.state = UnlockState()
        if keys.has_vault(folder) and not self._was_interrupted():
            self._wants_system = not is_portable and keys.has_system_slot(folder)
            self.show_unlock()
            if asks_system and self._wants_system:
                self._ask_system()
        else:
            self._show_first_start()
        self._count_down(keys.pause_s(folder))

    # --- what the technician does

    def open(self, passphrase: str) -> None:
        """Open the store with the passphrase."""
        if self._is_waiting():
            return
        if not passphrase:
            self._show(error=_("Please type your passphrase."), error_field="passphrase")
            return
        self._show(is_busy=True, error="")
        self._lanes.free(lambda _ticket: self._unlock(passphrase), self._open_with, self._failed)

    def use_system(self, is_used: bool) -> None:
        """Have this computer's key store open the device at its next starts, or no longer, once it is open."""
        self._wants_system = is_used
        self._show(system=is_used)

    def create(self, technician: str, passphrase: str, repeated: str) -> None:
        """Make a vault and an empty store; the recovery code is shown next."""
        if self._is_waiting():
            return
        from techkit.records.entering import clean_text

        try:
            technician = clean_text(technician)
            if not technician:
                raise InputError(_("Your name is still empty."), field="technician")
            self._vault.check_passphrase(passphrase)
            if passphrase != repeated:
                raise InputError(
                    _("The two passphrases differ."),
                    field="repeated",
                    advice=_("Type the same one twice; the eye shows what stands there."),
                )
        except InputError as error:
            self._show(error=error.sentences(), error_field=error.field)
            return
        self._show(is_busy=True, error="")
        self._lanes.free(
            lambda _ticket: self._make_vault(passphrase),
            lambda made: self._make_store(technician, *made),
            self._failed,
        )

    def _was_interrupted(self) -> bool:
        """Return whether a first start ended before there was a store: nothing was entered, and it begins again."""
        if not self._vault.is_only_begun(self._folder):
            return False
        from techkit.store.database import is_there

        return not is_there(self._folder)

    def confirm_recovery_code(self) -> None:
        """Go on; the code is shown once and forgotten here."""
        store, key, self._store, self._key = self._store, self._key, None, b""
        if store is None:
            return

        def not_noted(error: Exception) -> None:
            self._opened(store)  # the next start shows a fresh code
            if self._on_trouble is not None:
                self._on_trouble(error)

        self._show(is_busy=True)
        self._lanes.free(
            lambda _ticket: self._vault.note_code_kept(self._folder, key),
            lambda _nothing: self._opened(store),
            not_noted,
        )

    def open_backup(self) -> None:
        """Open the newest good backup in place of what does not read, which is set aside."""
        if self.state.is_busy or not self._key:
            return
        from techkit.store.database import Store

        key = self._key
        self._show(is_busy=True, error="")
        self._lanes.store(
            lambda: Store.recover(self._folder, key, portable=self._is_portable), self._opened, self._failed
        )

    def show_recover(self) -> None:
        """Ask for the recovery code."""
        self._show(
            mode="recover",
            greeting=_("Use the recovery code"),
            line=_("It opens your data and gives it a new passphrase."),
            error="",
        )

    def show_unlock(self) -> None:
        """Ask for the passphrase."""
        self._key = b""
        line = _("Everything here is encrypted with your passphrase.")
        system = None if self._is_portable else self._wants_system
        self._show(
            mode="unlock", greeting=_("Welcome back"), line=line, note=self._note(), error="", system=system
        )

    def recover(self, code: str, new_passphrase: str) -> None:
        """Open the store with the recovery code and give it a new passphrase."""
        if self._is_waiting():
            return
        try:
            self._vault.check_passphrase(new_passphrase)
        except InputError as error:
            self._show(error=error.sentences(), error_field=error.field)
            return
        self._show(is_busy=True, error="")
        self._lanes.free(
            lambda _ticket: self._vault.recover(self._folder, code, new_passphrase, limits=self._limits),
            self._open_store,
            self._failed,
        )

    def close(self) -> None:
        """Close a store whose recovery code was not confirmed; the end of the program."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    # --- what follows

    def _ask_system(self) -> None:
        self._show(is_busy=True, line=_("Asking this computer’s own key store…"))

        def failed(error: Exception) -> None:
            self.show_unlock()
            self._failed(error)

        self._lanes.free(
            lambda _ticket: self._vault.unlock_with_system(self._folder, limits=self._limits),
            self._open_store,
            failed,
        )

    def _unlock(self, passphrase: str) -> tuple[bytes, CredentialError | None]:
        """Return the key, and what was wrong with the computer's key store: that never keeps anybody out."""
        key = self._vault.unlock(self._folder, passphrase, limits=self._limits)
        if self._is_portable or self._wants_system == self._vault.has_system_slot(self._folder):
            return key, None
        try:
            if self._wants_system:
                self._vault.add_system_slot(self._folder, key)
            else:
                self._vault.remove_system_slot(self._folder, key)
        except CredentialError as error:
            return key, error
        return key, None

    def _open_with(self, found: tuple[bytes, CredentialError | None]) -> None:
        key, trouble = found
        self._open_store(key)
        if trouble is not None and self._on_trouble is not None:
            self._on_trouble(trouble)

    def _make_vault(self, passphrase: str) -> tuple[bytes, str, FolderLock]:
        """Return key, recovery code and the folder's lock: two that start at once never make each other's vault."""
        from techkit.store.lock import FolderLock

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                _("The folder for your data could not be made."),
                safe=_("Nothing was changed."),
                advice=_("Look whether the disk is full or write-protected: {folder}", folder=self._folder),
            ) from error
        lock = FolderLock(self._folder)
        try:
            key, code = self._vault.create_vault(
                self._folder,
                passphrase,
                portable=self._is_portable,
                cost=self._cost,
                limits=self._limits,
                asks_for_code=True,
                begins_again=self._was_interrupted(),
            )
        except BaseException:
            lock.release()
            raise
        return key, code, lock

    def _make_store(self, technician: str, key: bytes, code: str, lock: FolderLock) -> None:
        from techkit.store.database import Store

        self._lanes.store(
            lambda: Store.create(
                self._folder, key, portable=self._is_portable, technician=technician, lock=lock
            ),
            lambda store: self._show_code(store, key, code),
            self._failed,
        )

    def _show_code(self, store: Store, key: bytes, code: str) -> None:
        self._store, self._key = store, key
        self._show(
            mode="recovery_code",
            greeting=_("Keep this recovery code"),
            line="",
            recovery_code=code,
            is_busy=False,
        )

    def _open_store(self, key: bytes) -> None:
        from techkit.errors import StoreDamagedError
        from techkit.store.database import Store

        def opened(found: tuple[Store, bool]) -> None:
            store, is_code_kept = found
            if is_code_kept:
                self._opened(store)
                return
            # The program ended while a code was shown: nobody may have it.
            self._store = store
            self._lanes.free(
                lambda _ticket: self._vault.new_recovery_code(self._folder, key),
                lambda code: self._show_code(store, key, code),
                lambda _error: self._opened(store),
            )

        def failed(error: Exception) -> None:
            if isinstance(error, StoreDamagedError):
                self._look_for_backup(key, error)
            else:
                self._failed(error)

        self._lanes.store(
            lambda: (
                Store.open(self._folder, key, portable=self._is_portable),
                self._vault.is_code_kept(self._folder),
            ),
            opened,
            failed,
        )

    def _look_for_backup(self, key: bytes, error: TechkitError) -> None:
        """Say that the store does not read, and from when its newest good backup is."""
        from techkit.store import backup, salvage
        from techkit.store.connection import FILE_NAME

        def look() -> tuple[Path | None, int]:
            path = backup.newest_good(self._folder, key)
            return path, len(salvage.read(self._folder / FILE_NAME, key, path).operations) if path else 0

        def found(seen: tuple[Path | None, int]) -> None:
            path, count = seen
            made_at = backup.made_at(path) if path is not None else None
            self._key = key if made_at is not None else b""
            line = f"{error.title} {error.safe}" if made_at else backup.missing().sentences()
            self._show(
                mode="damaged",
                greeting=_("Your data cannot be read"),
                line=line,
                note="",
                error="",
                is_busy=False,
                backup=_of_backup(made_at.astimezone(), count) if made_at else "",
            )

        self._lanes.free(lambda _ticket: look(), found, self._failed)

    def _opened(self, store: Store) -> None:
        self._store, self._key = None, b""
        self.state = UnlockState(mode="opened")
        self.changed()
        self._on_opened(store)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            self._show(is_busy=False)
            raise error
        pause = error.context.get("pause_s", 0)
        wrong = "code" if self.state.mode == "recover" else "passphrase"
        self._show(is_busy=False, error=error.sentences(), error_field=wrong)
        self._count_down(pause if isinstance(pause, int) else 0)

    def _count_down(self, seconds: int) -> None:
        self._show(pause_s=seconds)
        if seconds > 0:
            self._lanes.soon(lambda: self._count_down(self._vault.pause_s(self._folder)), 1.0)

    def _is_waiting(self) -> bool:
        return self.state.is_busy or self._vault.pause_s(self._folder) > 0

    def _show_first_start(self) -> None:
        self._show(
            mode="first_start",
            greeting=_("Welcome to techkit"),
            line=_("Everything you enter is encrypted with a passphrase of your own."),
            note=self._note(),
        )

    def _note(self) -> str:
        if self._is_portable:
            return _("techkit leaves no files here. The system itself notes that a stick was used.")
        return ""

    def _show(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
        self.changed()


def _of_backup(made_at: datetime, count: int) -> str:
    line = _("The newest good backup is of {day}, {time}.", day=day(made_at.date()), time=clock(made_at))
    if not count:
        return line
    more = _(
        "Changes made after it that can still be read in the damaged file: {count}. They are put in.",
        count=count,
    )
    return f"{line} {more}"
