"""One way into a vault: the database key sealed by a passphrase (through argon2id), a recovery code or another secret.

Each slot authenticates its own parameters.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from techkit.credentials.vault_file import b64, unb64
from techkit.errors import CredentialError
from techkit.i18n import _

KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12

#: A recovery code has 160 bits: 32 letters of base32, shown as 8 groups of 4.
_RECOVERY_BYTES = 20

#: Longest text that is tried as a passphrase; more is answered like a wrong one.
MAX_PASSPHRASE = 4096


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


def passphrase_slot(vault_id: str, key: bytes, passphrase: str, cost: Cost, limits: Limits) -> dict[str, Any]:
    """Return a slot that a passphrase opens. Raises: CredentialError for a cost outside the limits."""
    salt = secrets.token_bytes(_SALT_BYTES)
    kdf = {"name": "argon2id", "m": cost.memory_kib, "t": cost.passes, "p": cost.lanes}
    check_cost(kdf, limits)
    return seal(vault_id, "passphrase", key, stretch(normal(passphrase), salt, kdf), kdf, salt)


def recovery_slot(vault_id: str, key: bytes, code: str) -> dict[str, Any]:
    """Return a slot that a recovery code opens."""
    salt = secrets.token_bytes(_SALT_BYTES)
    kdf = {"name": "hkdf-sha256"}
    return seal(vault_id, "recovery", key, _spread(plain_code(code), salt), kdf, salt)


def seal(
    vault_id: str,
    kind: str,
    key: bytes,
    wrapping: bytes,
    kdf: Mapping[str, Any],
    salt: bytes,
    **more: str,
) -> dict[str, Any]:
    """Return a slot with the database key sealed by another key; `more` is authenticated with it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded late

    nonce = secrets.token_bytes(_NONCE_BYTES)
    slot: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "kdf": dict(kdf),
        "salt": b64(salt),
        "created_at": now(),
        **more,
    }
    sealed = AESGCM(wrapping).encrypt(nonce, key, _slot_mark(vault_id, slot))
    return {**slot, "nonce": b64(nonce), "sealed": b64(sealed)}


def _slot_mark(vault_id: str, slot: Mapping[str, Any]) -> bytes:
    """Return what a slot authenticates: everything it says but what is sealed."""
    said = {name: held for name, held in slot.items() if name not in ("nonce", "sealed")}
    return json.dumps([vault_id, said], sort_keys=True).encode()


def open_slot(vault_id: str, slot: Mapping[str, Any], secret: bytes, limits: Limits) -> bytes | None:
    """Return the database key, None when the secret does not open the slot. Raises: CredentialError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = unb64(slot["salt"])
    if slot["kind"] == "passphrase":
        check_cost(slot["kdf"], limits)
        secret = stretch(secret, salt, slot["kdf"])
    elif slot["kind"] == "recovery":
        secret = _spread(secret, salt)
    try:
        return AESGCM(secret).decrypt(unb64(slot["nonce"]), unb64(slot["sealed"]), _slot_mark(vault_id, slot))
    except (InvalidTag, ValueError):
        return None


def with_slot(vault: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Return the vault with this slot in the place of the one of its kind."""
    kept = [s for s in vault["slots"] if s["kind"] != fresh["kind"]]
    return {**vault, "slots": [*kept, fresh]}


def normal(passphrase: str) -> bytes:
    """Return the passphrase's bytes: NFKC, without the line end that pasting brings along."""
    text = unicodedata.normalize("NFKC", passphrase.strip("\r\n"))
    return text.encode("utf-8", "surrogatepass")


def stretch(secret: bytes, salt: bytes, kdf: Mapping[str, Any]) -> bytes:
    """Return the key argon2id makes of a secret at this cost."""
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


def cost_of(slot: Mapping[str, Any]) -> Cost:
    """Return what a guess at this slot costs."""
    kdf = slot["kdf"]
    return Cost(int(kdf["m"]), int(kdf["t"]), int(kdf["p"]))


def check_cost(kdf: Mapping[str, Any], limits: Limits) -> None:
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


def calibrated(limits: Limits) -> Cost:
    """Return the cost that takes this computer half a second to a second, within the limits."""
    plain = Cost(memory_kib=limits.floor_kib)
    began = time.perf_counter()
    stretch(b"how long does it take", b"0" * _SALT_BYTES, {"m": plain.memory_kib, "t": 3, "p": 1})
    taken = max(time.perf_counter() - began, 0.001)
    times = max(
        1, min(limits.ceiling_kib // limits.floor_kib, int(_AIM_S / taken) + 1 if taken < _AIM_S else 1)
    )
    return Cost(memory_kib=limits.floor_kib * times)


def new_code() -> str:
    """Return a fresh recovery code as it is shown, in groups of four letters."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def plain_code(code: str) -> bytes:
    """Return the code's letters as they were made: no case, no dashes, look-alikes put right."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
    return letters.translate(str.maketrans("0189", "OIBG"))[:64].encode("ascii", "replace")


def now() -> str:
    """Return the moment as vaults keep it, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
