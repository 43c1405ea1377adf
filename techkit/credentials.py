"""Keys of the store: the vault's keyslots, and the one door to the operating system's key store.

`vault.json` beside the store holds the database key, sealed once per slot: by the passphrase (through
argon2id), by the recovery code (160 random bits), and on an installed device by a key in the system's
key store. Each slot authenticates its own parameters, and the whole file carries a code made with the
database key. `vault.json.bak` repeats it. Nothing here is ever kept in clear, and no slot is removed
because it did not open.

The system's key store is asked in a child process that is ended after 10 s: a locked Secret Service
was seen to block for ever. The backend is named, never discovered: a planted configuration file was
seen to run foreign code and get the secret (docs/decisions/0011-vault.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import queue
import secrets
import sys
import threading
import time
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from techkit.children.child import Child, own_program
from techkit.children.frames import read_frame, write_frame
from techkit.errors import CredentialError, InputError, WrongPassphraseError
from techkit.i18n import _

FILE_NAME = "vault.json"
_FORMAT = 1

KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12

#: A recovery code has 160 bits: 32 letters of base32, shown as 8 groups of 4.
_RECOVERY_BYTES = 20

#: Shortest passphrase: at 64 MiB of argon2id a guess costs about half a second and the memory.
MIN_PASSPHRASE = 8

#: Longest text that is tried as a passphrase; more is answered like a wrong one.
MAX_PASSPHRASE = 4096

#: Wrong tries without a pause; then the pause doubles from 5 s up to 5 min.
FREE_TRIES = 5
_FIRST_PAUSE_S = 5
_LONGEST_PAUSE_S = 300

#: A vault file larger than this is not ours: a slot takes about 400 bytes.
_MAX_FILE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Cost:
    """What one guess at the passphrase costs: memory in KiB, passes, lanes (RFC 9106)."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


@dataclass(frozen=True)
class Limits:
    """Costs that are accepted from a file. Below: a downgrade; above: denial by memory.

    Source: 64 MiB and t = 3 took 0.66 s on two loaded cores, 256 MiB 2.8 s (docs/decisions/0011-vault.md).
    Tests name their own, lower floor; a vault made with it is refused everywhere else.
    """

    floor_kib: int = 64 * 1024
    ceiling_kib: int = 256 * 1024
    most_passes: int = 10
    most_lanes: int = 4


LIMITS = Limits()

#: A first unlock faster than this gets a dearer cost: the aim is 0.5 to 1 s.
_AIM_S = 0.5


@dataclass(frozen=True)
class Slot:
    """One way into a vault, for showing. kind: "passphrase", "recovery" or "system"."""

    id: str
    kind: str
    created_at: str
    backend: str = ""


# --- the ways in ------------------------------------------------------------------------------------


def has_vault(folder: Path) -> bool:
    """Return whether the folder holds a vault, be it only its second copy."""
    return any(path.exists() for path in _paths(folder))


def create_vault(
    folder: Path,
    passphrase: str,
    *,
    portable: bool = False,
    cost: Cost | None = None,
    limits: Limits = LIMITS,
) -> tuple[bytes, str]:
    """Make a vault with a passphrase and a recovery slot; return (database key, recovery code).

    cost: measured on this computer when not given. The code is shown once and kept nowhere.
    Raises: InputError for a passphrase that is too short, CredentialError when there is a vault already
    or the disk refuses.
    """
    check_passphrase(passphrase)
    if has_vault(folder):
        raise CredentialError(
            _("This folder has a key file already."),
            safe=_("Nothing was changed."),
            advice=_("Unlock it with its passphrase, or choose another folder."),
        )
    key = secrets.token_bytes(KEY_BYTES)
    code = _new_code()
    vault: dict[str, Any] = {
        "techkit_vault": _FORMAT,
        "vault_id": str(uuid.uuid4()),
        "mode": "portable" if portable else "installed",
        "created_at": _now(),
        "slots": [],
    }
    vault["slots"] = [
        _passphrase_slot(vault["vault_id"], key, passphrase, cost or _calibrated(limits), limits),
        _recovery_slot(vault["vault_id"], key, code),
    ]
    _write(folder, vault, key)
    return key, code


def unlock(folder: Path, passphrase: str, *, limits: Limits = LIMITS) -> bytes:
    """Return the database key. The same message and delay whatever is wrong with the passphrase.

    Raises: WrongPassphraseError with `tries_left` and `pause_s` in its context, CredentialError when
    the key file is missing, damaged or asks for a cost outside the limits.
    """
    _wait_over(folder)
    key = _open(folder, "passphrase", _normal(passphrase), limits)
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
    key = _open(folder, "recovery", _plain_code(code), limits)
    if key is None:
        raise _wrong(folder, _("The recovery code does not fit."))
    _tries.pop(_name(folder), None)
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
    vault = _read_checked(folder, key)
    if cost is None:
        cost = next((_cost(s) for s in vault["slots"] if s["kind"] == "passphrase"), _calibrated(limits))
    fresh = _passphrase_slot(vault["vault_id"], key, new_passphrase, cost, limits)
    _write(folder, _with_slot(vault, fresh), key)


def new_recovery_code(folder: Path, key: bytes) -> str:
    """Return a fresh recovery code; the one before opens nothing any more. Raises: CredentialError."""
    vault = _read_checked(folder, key)
    code = _new_code()
    _write(folder, _with_slot(vault, _recovery_slot(vault["vault_id"], key, code)), key)
    return code


def slots(folder: Path) -> tuple[Slot, ...]:
    """Return the ways into a vault, in the order they were made. Raises: CredentialError."""
    vault = _first_readable(folder)
    return tuple(
        Slot(id=s["id"], kind=s["kind"], created_at=s["created_at"], backend=s.get("backend", ""))
        for s in vault["slots"]
    )


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short. Raises: InputError."""
    if len(_normal(passphrase)) < MIN_PASSPHRASE:
        raise InputError(
            _("The passphrase is too short: at least {count} characters.", count=MIN_PASSPHRASE),
            field="passphrase",
            advice=_("Three or four words that belong together only for you are good."),
        )


# --- the system's key store -------------------------------------------------------------------------


def add_system_slot(folder: Path, key: bytes, *, backend: str = "") -> str:
    """Let the operating system's key store unlock an installed device; return the backend's name.

    Raises: CredentialError on a stick, and when the key store does not answer; then nothing changed.
    """
    vault = _read_checked(folder, key)
    if has_system_slot(folder):
        return next(str(s.get("backend", "")) for s in vault["slots"] if s["kind"] == "system")
    if vault["mode"] == "portable":
        raise CredentialError(
            _("A stick is never unlocked by the computer it is plugged into."),
            safe=_("The passphrase and the recovery code work as before."),
        )
    secret = secrets.token_bytes(KEY_BYTES)
    chosen = _keep_in_system(vault["vault_id"], secret, [backend] if backend else system_backends())
    fresh = _seal(vault["vault_id"], "system", key, secret, {"name": "none"}, b"", backend=chosen)
    _write(folder, _with_slot(vault, fresh), key)
    return chosen


def _keep_in_system(vault_id: str, secret: bytes, backends: list[str]) -> str:
    """Give a secret to the first of these key stores that hands it back; return its name."""
    text = base64.b64encode(secret).decode()
    for place, backend in enumerate(backends, 1):
        try:
            _ask_system(backend, "set", vault_id, text)
            if _ask_system(backend, "get", vault_id) == text:
                return backend
            raise _system_trouble(backend)
        except CredentialError:
            if place == len(backends):
                raise
    raise _system_trouble("")


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
    vault = _first_readable(folder)
    slot = next((s for s in vault["slots"] if s["kind"] == "system"), None)
    if slot is None:
        raise CredentialError(
            _("This computer's key store does not know this device."), advice=_("Use the passphrase.")
        )
    secret = _ask_system(str(slot.get("backend", "")), "get", vault["vault_id"])
    key = _open(folder, "system", base64.b64decode(secret), limits) if secret else None
    if key is None:
        raise _system_trouble(str(slot.get("backend", "")))
    return key


def remove_system_slot(folder: Path, key: bytes) -> None:
    """Take the system's key store out of the vault; what it held is deleted there if it answers."""
    vault = _read_checked(folder, key)
    gone = [s for s in vault["slots"] if s["kind"] == "system"]
    _write(folder, {**vault, "slots": [s for s in vault["slots"] if s["kind"] != "system"]}, key)
    for slot in gone:
        try:
            _ask_system(str(slot.get("backend", "")), "delete", vault["vault_id"])
        except CredentialError:
            continue  # without the slot the secret opens nothing


#: Backends by platform: name -> (module, class). Named, never discovered.
_BACKENDS: dict[str, dict[str, tuple[str, str]]] = {
    "win32": {"windows": ("keyring.backends.Windows", "WinVaultKeyring")},
    "darwin": {"macos": ("keyring.backends.macOS", "Keyring")},
    "linux": {
        "secret-service": ("keyring.backends.SecretService", "Keyring"),
        "kwallet": ("keyring.backends.kwallet", "DBusKeyring"),
    },
}

_SERVICE = "techkit"

#: How long the system's key store may take, with a person answering its prompt.
SYSTEM_LIMIT_S = 10.0


def system_backends() -> list[str]:
    """Return the names of the key stores this platform may have, the usual one first."""
    return list(_BACKENDS.get(sys.platform, _BACKENDS["linux"]))


def _ask_system(backend: str, action: str, user: str, secret: str = "") -> str:
    """Return the key store's answer, asked in a child process. Raises: CredentialError."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    try:
        child = Child(
            own_program("techkit.credentials", "--key-store"),
            lambda _child, message: answers.put(message),
            extra_environment=_session(),
        )
    except OSError as error:
        raise _system_trouble(backend) from error
    try:
        child.send({"backend": backend, "action": action, "user": user, "secret": secret})
        answer = answers.get(timeout=SYSTEM_LIMIT_S)
    except queue.Empty:
        raise _system_trouble(backend) from None
    finally:
        child.kill()
    if not isinstance(answer, dict) or answer.get("state") != "ok":
        raise _system_trouble(backend, str(answer.get("state")) if isinstance(answer, dict) else "")
    return str(answer.get("secret") or "")


def _session() -> list[tuple[str, str]]:
    """Return what the key store's own prompt needs of the user's session."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY") if sys.platform == "linux" else ()
    return [(name, os.environ[name]) for name in names if name in os.environ]


def main() -> int:
    """Answer one question to the key store, as the child process `--key-store`."""
    request = read_frame(sys.stdin.buffer)
    answer: dict[str, str] = {"state": "malformed"}
    if isinstance(request, dict):
        try:
            answer = _answer(request)
        except Exception as error:
            answer = {"state": type(error).__name__}
    write_frame(sys.stdout.buffer, answer)
    return 0


def _answer(request: Mapping[str, Any]) -> dict[str, str]:
    import importlib

    module, name = _BACKENDS.get(sys.platform, _BACKENDS["linux"])[str(request["backend"])]
    store = getattr(importlib.import_module(module), name)()
    if sys.platform == "win32":
        store.persist = "local machine"  # or the secret roams with the domain profile
    user = str(request["user"])
    held = None
    if request["action"] == "set":
        store.set_password(_SERVICE, user, str(request["secret"]))
    elif request["action"] == "delete":
        store.delete_password(_SERVICE, user)
    else:
        held = store.get_password(_SERVICE, user)
    return {"state": "ok", "secret": held or ""}


def _system_trouble(backend: str, state: str = "") -> CredentialError:
    return CredentialError(
        _("The computer's own key store did not answer."),
        safe=_("Nothing is lost; the key is not kept anywhere in clear."),
        advice=_("Use the passphrase."),
        backend=backend,
        state=state,
    )


# --- slots ------------------------------------------------------------------------------------------


def _passphrase_slot(
    vault_id: str, key: bytes, passphrase: str, cost: Cost, limits: Limits
) -> dict[str, Any]:
    salt = secrets.token_bytes(_SALT_BYTES)
    kdf = {"name": "argon2id", "m": cost.memory_kib, "t": cost.passes, "p": cost.lanes}
    _check_cost(kdf, limits)
    return _seal(vault_id, "passphrase", key, _stretch(_normal(passphrase), salt, kdf), kdf, salt)


def _recovery_slot(vault_id: str, key: bytes, code: str) -> dict[str, Any]:
    salt = secrets.token_bytes(_SALT_BYTES)
    kdf = {"name": "hkdf-sha256"}
    return _seal(vault_id, "recovery", key, _spread(_plain_code(code), salt), kdf, salt)


def _seal(
    vault_id: str,
    kind: str,
    key: bytes,
    wrapping: bytes,
    kdf: Mapping[str, Any],
    salt: bytes,
    **more: str,
) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded late

    nonce = secrets.token_bytes(_NONCE_BYTES)
    slot: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "kdf": dict(kdf),
        "salt": _b64(salt),
        "created_at": _now(),
        **more,
    }
    sealed = AESGCM(wrapping).encrypt(nonce, key, _slot_mark(vault_id, slot))
    return {**slot, "nonce": _b64(nonce), "sealed": _b64(sealed)}


def _slot_mark(vault_id: str, slot: Mapping[str, Any]) -> bytes:
    """Return what a slot authenticates: everything it says but what is sealed."""
    said = {name: held for name, held in slot.items() if name not in ("nonce", "sealed")}
    return json.dumps([vault_id, said], sort_keys=True).encode()


def _open_slot(vault_id: str, slot: Mapping[str, Any], secret: bytes, limits: Limits) -> bytes | None:
    """Return the database key, None when the secret does not open the slot. Raises: CredentialError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = _unb64(slot["salt"])
    if slot["kind"] == "passphrase":
        _check_cost(slot["kdf"], limits)
        secret = _stretch(secret, salt, slot["kdf"])
    elif slot["kind"] == "recovery":
        secret = _spread(secret, salt)
    try:
        return AESGCM(secret).decrypt(
            _unb64(slot["nonce"]), _unb64(slot["sealed"]), _slot_mark(vault_id, slot)
        )
    except (InvalidTag, ValueError):
        return None


def _open(folder: Path, kind: str, secret: bytes, limits: Limits) -> bytes | None:
    """Return the key by the first copy of the vault that opens and was not changed by somebody else."""
    trouble: CredentialError | None = None
    was_changed = False
    for path in _paths(folder):
        try:
            vault = _read(path)
            slot = next((s for s in vault["slots"] if s["kind"] == kind), None)
            key = None if slot is None else _open_slot(vault["vault_id"], slot, secret, limits)
        except CredentialError as error:
            trouble = trouble or error
            continue
        if key is None:
            continue
        if not hmac.compare_digest(_unb64(vault["code"]), _code_of(vault, key)):
            was_changed = True
            continue
        if path != _paths(folder)[0]:
            current = _authentic(_paths(folder)[0], key)
            _write(folder, current or vault, key)
            if current is not None:
                continue  # the second copy had stayed behind: what it opens with was replaced
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


def _authentic(path: Path, key: bytes) -> dict[str, Any] | None:
    """Return the vault of a file if it was written with this key, None otherwise."""
    try:
        vault = _read(path)
    except CredentialError:
        return None
    return vault if hmac.compare_digest(_unb64(vault["code"]), _code_of(vault, key)) else None


def _with_slot(vault: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    kept = [s for s in vault["slots"] if s["kind"] != fresh["kind"]]
    return {**vault, "slots": [*kept, fresh]}


# --- keys from secrets ------------------------------------------------------------------------------


def _normal(passphrase: str) -> bytes:
    """Return the passphrase's bytes: NFKC, without the line end that pasting brings along."""
    text = unicodedata.normalize("NFKC", passphrase.strip("\r\n"))
    return text.encode("utf-8", "surrogatepass")


def _stretch(secret: bytes, salt: bytes, kdf: Mapping[str, Any]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw  # loaded late

    # A text too long to be a passphrase costs the same as a wrong one.
    held = secret if len(secret) <= MAX_PASSPHRASE else hashlib.sha256(secret).digest()
    return hash_secret_raw(
        held,
        salt,
        time_cost=int(kdf["t"]),
        memory_cost=int(kdf["m"]),
        parallelism=int(kdf["p"]),
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _spread(secret: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"techkit recovery").derive(secret)


def _cost(slot: Mapping[str, Any]) -> Cost:
    kdf = slot["kdf"]
    return Cost(int(kdf["m"]), int(kdf["t"]), int(kdf["p"]))


def _check_cost(kdf: Mapping[str, Any], limits: Limits) -> None:
    """Refuse a cost that was lowered or raised in the file. Raises: CredentialError."""
    m, t, p = kdf.get("m"), kdf.get("t"), kdf.get("p")
    numbers = all(isinstance(n, int) and not isinstance(n, bool) for n in (m, t, p))
    fits = (
        kdf.get("name") == "argon2id"
        and numbers
        and limits.floor_kib <= int(str(m)) <= limits.ceiling_kib
        and 1 <= int(str(t)) <= limits.most_passes
        and 1 <= int(str(p)) <= limits.most_lanes
    )
    if not fits:
        raise CredentialError(
            _("The key file asks for something no techkit would ask for."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Use the recovery code, or restore the key file from a backup."),
        )


def _calibrated(limits: Limits) -> Cost:
    """Return the cost that takes this computer half a second to a second, within the limits."""
    plain = Cost(memory_kib=limits.floor_kib)
    began = time.perf_counter()
    _stretch(b"how long does it take", b"0" * _SALT_BYTES, {"m": plain.memory_kib, "t": 3, "p": 1})
    taken = max(time.perf_counter() - began, 0.001)
    times = max(
        1, min(limits.ceiling_kib // limits.floor_kib, int(_AIM_S / taken) + 1 if taken < _AIM_S else 1)
    )
    return Cost(memory_kib=limits.floor_kib * times)


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _plain_code(code: str) -> bytes:
    """Return the code's letters as they were made: no case, no dashes, look-alikes put right."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
    return letters.translate(str.maketrans("0189", "OIBG"))[:64].encode("ascii", "replace")


# --- wrong tries ------------------------------------------------------------------------------------

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
        else _("Look at Caps Lock and the keyboard's language, then try again; the recovery code works too.")
    )
    return WrongPassphraseError(
        title, safe=_("Nothing is deleted."), advice=advice, tries_left=left, pause_s=pause
    )


# --- the file ---------------------------------------------------------------------------------------


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / FILE_NAME, folder / f"{FILE_NAME}.bak"


def _read(path: Path) -> dict[str, Any]:
    """Return a vault as it stands in a file. Raises: CredentialError."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError("too large")
        vault = json.loads(path.read_text(encoding="utf-8"))
        _check_shape(vault)
    except FileNotFoundError as error:
        raise CredentialError(
            _("The key file is missing."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Restore {name} from a backup; without it they cannot be opened.", name=FILE_NAME),
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CredentialError(
            _("The key file is damaged."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Restore {name} from a backup; without it they cannot be opened.", name=FILE_NAME),
        ) from error
    return dict(vault)


def _check_shape(vault: Any) -> None:
    """Refuse what no techkit wrote. Raises: ValueError, KeyError, TypeError, AttributeError."""
    if vault["techkit_vault"] != _FORMAT or vault["mode"] not in ("installed", "portable"):
        raise ValueError("another format")
    if not 1 <= len(vault["slots"]) <= 10:
        raise ValueError("slots")
    _unb64(vault["code"])
    for slot in vault["slots"]:
        for name in ("id", "kind", "created_at"):
            if not isinstance(slot[name], str):
                raise TypeError(name)
        slot["kdf"].get("name")
        for name in ("salt", "nonce", "sealed"):
            _unb64(slot[name])


def _first_readable(folder: Path) -> dict[str, Any]:
    trouble: CredentialError | None = None
    for path in _paths(folder):
        try:
            return _read(path)
        except CredentialError as error:
            trouble = trouble or error
    assert trouble is not None  # noqa: S101 - there are two paths
    raise trouble


def _read_checked(folder: Path, key: bytes) -> dict[str, Any]:
    """Return the vault that this key belongs to. Raises: CredentialError."""
    for path in _paths(folder):
        vault = _authentic(path, key)
        if vault is not None:
            return vault
    raise CredentialError(
        _("The key file does not belong to these visits."),
        safe=_("Nothing was changed."),
        advice=_("Restore the key file from a backup."),
    )


def _code_of(vault: Mapping[str, Any], key: bytes) -> bytes:
    """Return the code over the whole file, made with the database key."""
    said = {name: held for name, held in vault.items() if name != "code"}
    mac_key = hashlib.sha256(b"techkit vault header" + key).digest()
    return hmac.new(mac_key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).digest()


def _write(folder: Path, vault: dict[str, Any], key: bytes) -> None:
    """Write both copies, each whole or not at all, the first one before the second."""
    sealed = {**vault, "code": _b64(_code_of(vault, key))}
    text = json.dumps(sealed, indent=1)
    try:
        for path in _paths(folder):
            fresh = path.with_name(f"{path.name}.new")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        _flush_folder(folder)
    except OSError as error:
        raise CredentialError(
            _("The key file could not be written."),
            safe=_("The keys are as they were before."),
            advice=_("Free some space or remove the write protection, then try again."),
        ) from error


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


if __name__ == "__main__":
    sys.exit(main())
