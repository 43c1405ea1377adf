"""The ways into a vault: a passphrase, a recovery code and, on an installed device, the system's key store.

`vault.json` beside the store holds the database key, sealed once per slot: by the passphrase (through
argon2id), by the recovery code (160 random bits), and on an installed device by a key in the system's
key store. Nothing here is ever kept in clear, and no slot is removed because it did not open.
"""

from __future__ import annotations

import base64
import hmac
import logging
import secrets
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techkit.credentials import key_store
from techkit.credentials.slots import (
    KEY_BYTES,
    LIMITS,
    Cost,
    Limits,
    calibrated,
    cost_of,
    new_code,
    normal,
    now,
    open_slot,
    passphrase_slot,
    plain_code,
    recovery_slot,
    seal,
    with_slot,
)
from techkit.credentials.vault_file import (
    FORMAT,
    authentic,
    code_of,
    first_readable,
    paths,
    read,
    read_checked,
    unb64,
    write,
)
from techkit.errors import CredentialError, InputError, VaultNewerError, WrongPassphraseError
from techkit.i18n import _

_log = logging.getLogger(__name__)

#: Shortest passphrase: at 64 MiB of argon2id a guess costs about half a second and the memory.
MIN_PASSPHRASE = 8

#: Wrong tries without a pause; then the pause doubles from 5 s up to 5 min.
FREE_TRIES = 5
_FIRST_PAUSE_S = 5
_LONGEST_PAUSE_S = 300


@dataclass(frozen=True)
class Slot:
    """One way into a vault, for showing. kind: "passphrase", "recovery" or "system"."""

    id: str
    kind: str
    created_at: str
    backend: str = ""


def has_vault(folder: Path) -> bool:
    """Return whether the folder holds a vault, be it only its second copy."""
    return any(path.exists() for path in paths(folder))


def create_vault(
    folder: Path,
    passphrase: str,
    *,
    portable: bool = False,
    cost: Cost | None = None,
    limits: Limits = LIMITS,
    asks_for_code: bool = False,
    begins_again: bool = False,
) -> tuple[bytes, str]:
    """Make a vault with a passphrase and a recovery slot; return (database key, recovery code).

    cost: measured on this computer when not given. The code is shown once and kept nowhere. asks_for_code: the vault
    counts as begun until somebody said that the code was written down (`note_code_kept`). begins_again: a vault that
    was only begun gives way; the caller knows that no store was made under it. Raises: InputError for a passphrase that is too short, CredentialError when there is a vault already
    or the disk refuses.
    """
    check_passphrase(passphrase)
    if has_vault(folder) and not (begins_again and is_only_begun(folder)):
        raise CredentialError(
            _("This folder has a key file already."),
            safe=_("Nothing was changed."),
            advice=_("Unlock it with its passphrase, or choose another folder."),
        )
    key = secrets.token_bytes(KEY_BYTES)
    code = new_code()
    vault: dict[str, Any] = {
        "techkit_vault": FORMAT,
        "vault_id": str(uuid.uuid4()),
        "mode": "portable" if portable else "installed",
        "created_at": now(),
        "slots": [],
        **({"code_kept": False} if asks_for_code else {}),
    }
    vault["slots"] = [
        passphrase_slot(vault["vault_id"], key, passphrase, cost or calibrated(limits), limits),
        recovery_slot(vault["vault_id"], key, code),
    ]
    write(folder, vault, key)
    return key, code


def is_only_begun(folder: Path) -> bool:
    """Return whether the first start ended before its code was written down; False where the key file does not read."""
    return _says(folder, "code_kept") is False


def is_code_kept(folder: Path) -> bool:
    """Return whether the recovery code was shown and written down; also True where the key file does not read."""
    return not is_only_begun(folder) and not _says(folder, "code_renewed")


def _says(folder: Path, name: str) -> Any:
    """Return what a key file says of itself by a name; None where it says nothing, or does not read."""
    try:
        return first_readable(folder).get(name)
    except CredentialError:
        return None


def note_code_kept(folder: Path, key: bytes) -> None:
    """Keep that the recovery code was written down. Raises: CredentialError."""
    vault = read_checked(folder, key)
    kept = {name: held for name, held in vault.items() if name not in ("code_kept", "code_renewed")}
    if kept != vault:
        write(folder, kept, key)


def unlock(folder: Path, passphrase: str, *, limits: Limits = LIMITS) -> bytes:
    """Return the database key. The same message and delay whatever is wrong with the passphrase.

    Raises: WrongPassphraseError with `tries_left` and `pause_s` in its context, CredentialError when
    the key file is missing, damaged or asks for a cost outside the limits.
    """
    _wait_over(folder)
    key = _open(folder, "passphrase", normal(passphrase), limits)
    if key is None:
        raise _wrong(folder, _("The passphrase does not fit."))
    _tries.pop(_name(folder), None)
    return key


def recover(folder: Path, code: str, new_passphrase: str = "", *, limits: Limits = LIMITS) -> bytes:
    """Return the database key by the recovery code; with a new passphrase, replace the old one.

    Raises: WrongPassphraseError, InputError for a passphrase that is too short, CredentialError.
    """
    if new_passphrase:
        check_passphrase(new_passphrase)
    _wait_over(folder)
    key = _open(folder, "recovery", plain_code(code), limits)
    if key is None:
        raise _wrong(folder, _("The recovery code does not fit."))
    _tries.pop(_name(folder), None)
    if not is_code_kept(folder):
        note_code_kept(folder, key)  # whoever types it has it
    if new_passphrase:
        change_passphrase(folder, key, new_passphrase, limits=limits)
    return key


def change_passphrase(
    folder: Path, key: bytes, new_passphrase: str, *, cost: Cost | None = None, limits: Limits = LIMITS
) -> None:
    """Give the vault another passphrase; the database itself stays as it is.

    Raises: InputError, CredentialError.
    """
    check_passphrase(new_passphrase)
    vault = read_checked(folder, key)
    if cost is None:
        cost = next((cost_of(s) for s in vault["slots"] if s["kind"] == "passphrase"), calibrated(limits))
    fresh = passphrase_slot(vault["vault_id"], key, new_passphrase, cost, limits)
    write(folder, with_slot(vault, fresh), key)


def new_recovery_code(folder: Path, key: bytes) -> str:
    """Return a fresh recovery code; the one before opens nothing any more.

    Until somebody said that it was written down (`note_code_kept`), each start shows another one: whatever ends the
    program meanwhile, nobody is left with a sheet that opens nothing. Raises: CredentialError.
    """
    vault = read_checked(folder, key)
    code = new_code()
    fresh = with_slot(vault, recovery_slot(vault["vault_id"], key, code))
    write(folder, fresh if "code_kept" in fresh else {**fresh, "code_renewed": True}, key)
    return code


def slots(folder: Path) -> tuple[Slot, ...]:
    """Return the ways into a vault, in the order they were made. Raises: CredentialError."""
    vault = first_readable(folder)
    return tuple(
        Slot(id=s["id"], kind=s["kind"], created_at=s["created_at"], backend=s.get("backend", ""))
        for s in vault["slots"]
    )


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short. Raises: InputError."""
    if len(normal(passphrase)) < MIN_PASSPHRASE:
        raise InputError(
            _("The passphrase is too short: at least {count} characters.", count=MIN_PASSPHRASE),
            field="passphrase",
            advice=_("Three or four words that belong together only for you are good."),
        )


def add_system_slot(folder: Path, key: bytes, *, backend: str = "") -> str:
    """Let the operating system's key store unlock an installed device; return the backend's name.

    Raises: CredentialError on a stick, and when the key store does not answer; then nothing changed.
    """
    vault = read_checked(folder, key)
    if has_system_slot(folder):
        return next(str(s.get("backend", "")) for s in vault["slots"] if s["kind"] == "system")
    if vault["mode"] == "portable":
        raise CredentialError(
            _("A stick is never unlocked by the computer it is plugged into."),
            safe=_("The passphrase and the recovery code work as before."),
        )
    secret = secrets.token_bytes(KEY_BYTES)
    chosen = key_store.keep(vault["vault_id"], secret, [backend] if backend else key_store.backends())
    fresh = seal(vault["vault_id"], "system", key, secret, {"name": "none"}, b"", backend=chosen)
    write(folder, with_slot(vault, fresh), key)
    return chosen


def has_system_slot(folder: Path) -> bool:
    """Return whether the computer's key store may open this vault; False where the key file does not read."""
    try:
        return any(slot.kind == "system" for slot in slots(folder))
    except CredentialError:
        return False


def unlock_with_system(folder: Path, *, limits: Limits = LIMITS) -> bytes:
    """Return the database key by the operating system's key store; takes up to 10 s.

    Never on the window's thread. Raises: CredentialError for any trouble; ask for the passphrase then.
    """
    vault = first_readable(folder)
    slot = next((s for s in vault["slots"] if s["kind"] == "system"), None)
    if slot is None:
        raise CredentialError(
            _("This computer’s key store does not know this device."), advice=_("Use the passphrase.")
        )
    secret = key_store.ask(str(slot.get("backend", "")), "get", vault["vault_id"])
    key = _open(folder, "system", base64.b64decode(secret), limits) if secret else None
    if key is None:
        raise key_store.trouble(str(slot.get("backend", "")))
    return key


def remove_system_slot(folder: Path, key: bytes) -> None:
    """Take the system's key store out of the vault; what it held is deleted there if it answers."""
    vault = read_checked(folder, key)
    gone = [s for s in vault["slots"] if s["kind"] == "system"]
    write(folder, {**vault, "slots": [s for s in vault["slots"] if s["kind"] != "system"]}, key)
    for slot in gone:
        try:
            key_store.ask(str(slot.get("backend", "")), "delete", vault["vault_id"])
        except CredentialError:
            continue  # without the slot the secret opens nothing


def _open(folder: Path, kind: str, secret: bytes, limits: Limits) -> bytes | None:
    """Return the key by the first copy of the vault that opens and was not changed by somebody else."""
    trouble: CredentialError | None = None
    was_changed = False
    for path in paths(folder):
        try:
            vault = read(path)
            slot = next((s for s in vault["slots"] if s["kind"] == kind), None)
            key = None if slot is None else open_slot(vault["vault_id"], slot, secret, limits)
        except VaultNewerError:
            raise
        except CredentialError as error:
            trouble = trouble or error
            continue
        if key is None:
            continue
        if not hmac.compare_digest(unb64(vault["code"]), code_of(vault, key)):
            was_changed = True
            continue
        if path != paths(folder)[0]:
            current = authentic(paths(folder)[0], key)
            write(folder, current or vault, key)
            if current is not None:
                continue  # the second copy had stayed behind: what it opens with was replaced
        elif authentic(paths(folder)[1], key) != vault:
            _mend_second(folder, vault, key)
        return key
    if was_changed:
        raise CredentialError(
            _("The key file was changed by something else than techkit."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Restore the key file from a backup, or ask the office."),
        )
    if trouble is not None:
        raise trouble
    return None


def _mend_second(folder: Path, vault: dict[str, Any], key: bytes) -> None:
    """Bring a second copy that stayed behind or is damaged up to the first; a disk that refuses keeps nobody out."""
    try:
        write(folder, vault, key)
    except CredentialError:
        _log.info("the second copy of the key file could not be renewed")


#: folder -> (wrong tries, when the next one is allowed on the monotonic clock)
_tries: dict[str, tuple[int, float]] = {}

_tries_lock = threading.Lock()


def _name(folder: Path) -> str:
    return str(folder.resolve())


def pause_s(folder: Path) -> int:
    """Return how many seconds remain until the next try is allowed, 0 when it is now."""
    _count, until = _tries.get(_name(folder), (0, 0.0))
    return max(0, -int(-(until - time.monotonic()) // 1))


def _wait_over(folder: Path) -> None:
    if left := pause_s(folder):
        raise WrongPassphraseError(
            _("Too many wrong tries."),
            safe=_("Nothing is deleted."),
            advice=_("Wait {count} seconds, then try again.", count=left),
            pause_s=left,
            tries_left=0,
        )


def _wrong(folder: Path, title: str) -> WrongPassphraseError:
    with _tries_lock:
        count = _tries.get(_name(folder), (0, 0.0))[0] + 1
        over = count - FREE_TRIES
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**over) if over >= 0 else 0
        _tries[_name(folder)] = (count, time.monotonic() + pause)
    left = max(0, FREE_TRIES - count)
    advice = (
        _("Wait {count} seconds, then try again.", count=pause)
        if pause
        else _("Look at Caps Lock and the keyboard’s language, then try again; the recovery code works too.")
    )
    return WrongPassphraseError(
        title, safe=_("Nothing is deleted."), advice=advice, tries_left=left, pause_s=pause
    )
