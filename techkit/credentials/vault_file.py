"""The key file in two copies, each whole or not at all; a code made with the database key tells what somebody changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from techkit.errors import CredentialError, VaultNewerError
from techkit.i18n import _

_log = logging.getLogger(__name__)

FILE_NAME = "vault.json"
FORMAT = 1

#: A vault file larger than this is not ours: a slot takes about 400 bytes.
_MAX_FILE_BYTES = 64 * 1024


def paths(folder: Path) -> tuple[Path, Path]:
    """Return where the key file and its second copy stand."""
    return folder / FILE_NAME, folder / f"{FILE_NAME}.bak"


def read(path: Path) -> dict[str, Any]:
    """Return a vault as it stands in a file. Raises: CredentialError."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError("too large")
        vault = json.loads(path.read_text(encoding="utf-8"))
        if _is_newer(vault):
            raise VaultNewerError(
                _("These visits were written by a newer techkit."),
                safe=_("Nothing was changed."),
                advice=_("Update techkit on this device, then open them again."),
            )
        _check_shape(vault)
    except FileNotFoundError as error:
        raise CredentialError(
            _("The key file is missing."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Restore {name} from a backup; without it they cannot be opened.", name=FILE_NAME),
        ) from error
    except PermissionError as error:
        raise CredentialError(
            _("The key file may not be read."),
            safe=_("The visits are still there and encrypted."),
            advice=_(
                "Open techkit as the person whose folder this is, or let them give you the right to read it."
            ),
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CredentialError(
            _("The key file is damaged."),
            safe=_("The visits are still there and encrypted."),
            advice=_("Restore {name} from a backup; without it they cannot be opened.", name=FILE_NAME),
        ) from error
    return dict(vault)


def _is_newer(vault: Any) -> bool:
    """Return whether a later techkit wrote this; its file is neither damaged nor to be healed from an older copy."""
    found = vault.get("techkit_vault") if isinstance(vault, dict) else None
    return isinstance(found, int) and found > FORMAT


def _check_shape(vault: Any) -> None:
    """Refuse what no techkit wrote. Raises: ValueError, KeyError, TypeError, AttributeError."""
    if vault["techkit_vault"] != FORMAT or vault["mode"] not in ("installed", "portable"):
        raise ValueError("another format")
    if not 1 <= len(vault["slots"]) <= 10:
        raise ValueError("slots")
    unb64(vault["code"])
    for slot in vault["slots"]:
        for name in ("id", "kind", "created_at"):
            if not isinstance(slot[name], str):
                raise TypeError(name)
        slot["kdf"].get("name")
        for name in ("salt", "nonce", "sealed"):
            unb64(slot[name])


def first_readable(folder: Path) -> dict[str, Any]:
    """Return the first copy that reads. Raises: CredentialError when neither does, or the first is a newer one's."""
    trouble: CredentialError | None = None
    for path in paths(folder):
        try:
            return read(path)
        except VaultNewerError:
            raise
        except CredentialError as error:
            trouble = trouble or error
    assert trouble is not None  # noqa: S101 - there are two paths
    raise trouble


def read_checked(folder: Path, key: bytes) -> dict[str, Any]:
    """Return the vault that this key belongs to. Raises: CredentialError."""
    for path in paths(folder):
        vault = authentic(path, key)
        if vault is not None:
            return vault
    raise CredentialError(
        _("The key file does not belong to these visits."),
        safe=_("Nothing was changed."),
        advice=_("Restore the key file from a backup."),
    )


def authentic(path: Path, key: bytes) -> dict[str, Any] | None:
    """Return the vault of a file if it was written with this key, None otherwise."""
    try:
        vault = read(path)
    except CredentialError:
        return None
    return vault if hmac.compare_digest(unb64(vault["code"]), code_of(vault, key)) else None


def code_of(vault: Mapping[str, Any], key: bytes) -> bytes:
    """Return the code over the whole file, made with the database key."""
    said = {name: held for name, held in vault.items() if name != "code"}
    mac_key = hashlib.sha256(b"techkit vault header" + key).digest()
    return hmac.new(mac_key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).digest()


def write(folder: Path, vault: dict[str, Any], key: bytes) -> None:
    """Write both copies, each whole or not at all; the first one counts. Raises: CredentialError; then nothing changed.

    Both are on the disk under other names before either takes its place, so that a disk that is full or fails says so
    while the keys still are what they were. Once the first has its place the new keys hold, whatever becomes of the
    second: it is renewed when the vault is opened.
    """
    text = json.dumps({**vault, "code": b64(code_of(vault, key))}, indent=1)
    first, second = paths(folder)
    try:
        fresh = [_beside(path, text) for path in (first, second)]
        fresh[0].replace(first)
    except OSError as error:
        raise CredentialError(
            _("The key file could not be written."),
            safe=_("The keys are as they were before."),
            advice=_("Free some space or remove the write protection, then try again."),
        ) from error
    try:
        fresh[1].replace(second)
        _flush_folder(folder)
    except OSError as error:
        _log.info("the second copy of the key file stays behind: %s", error)


def _beside(path: Path, text: str) -> Path:
    """Write a text to a file beside another one, down to the disk; return it."""
    fresh = path.with_name(f"{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def b64(data: bytes) -> str:
    """Return bytes as the file carries them."""
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Return the bytes of a text in the file. Raises: ValueError."""
    return base64.b64decode(text, validate=True)
