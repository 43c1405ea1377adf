"""A short PIN as a setting keeps it: derived, so that it can be tried and not read."""

from __future__ import annotations

import hmac
import secrets

from techkit.credentials.slots import Cost, Limits, check_cost, normal, stretch
from techkit.credentials.vault_file import b64, unb64
from techkit.errors import CredentialError, InputError
from techkit.i18n import _

#: What one guess at a kept PIN costs. A PIN has few digits, so that no cost keeps it from somebody who reads the open
#: store; this one keeps it out of sight, out of copies, and apart from other things the same digits open.
COST = Cost(memory_kib=16 * 1024, passes=2, lanes=1)

#: Costs accepted of a kept PIN; the floor is what tests use.
_LIMITS = Limits(floor_kib=8)

_SALT_BYTES = 16

_MARK = "pin-argon2id"

#: A shorter PIN is none.
FEWEST_SIGNS = 4


def derived(pin: str, *, cost: Cost = COST) -> str:
    """Return a PIN as it is kept: what it was cannot be read from it. Raises: InputError when it is too short."""
    secret = normal(pin.strip())
    if len(secret) < FEWEST_SIGNS:
        raise InputError(
            _("The PIN is too short: at least {count} signs.", count=FEWEST_SIGNS),
            safe=_("The setting stays as it was."),
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    kdf = {"name": "argon2id", "m": cost.memory_kib, "t": cost.passes, "p": cost.lanes}
    key = stretch(secret, salt, kdf)
    return "$".join((_MARK, str(cost.memory_kib), str(cost.passes), str(cost.lanes), b64(salt), b64(key)))


def is_derived(kept: str) -> bool:
    """Return whether this is a PIN as `derived` keeps it."""
    return kept.startswith(f"{_MARK}$") and kept.count("$") == 5


def fits(kept: str, pin: str) -> bool:
    """Return whether this is the PIN that was kept; takes some 50 ms, not on the UI thread."""
    if not is_derived(kept):
        return False
    _mark, m, t, p, salt, key = kept.split("$")
    try:
        kdf = {"name": "argon2id", "m": int(m), "t": int(t), "p": int(p)}
        check_cost(kdf, _LIMITS)
        return hmac.compare_digest(stretch(normal(pin.strip()), unb64(salt), kdf), unb64(key))
    except (ValueError, CredentialError):
        return False
