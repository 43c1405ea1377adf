"""A code after the password: one from a phone's authenticator app (TOTP), or a recovery code once.

The key is sealed with a key drawn from the service's secret, so that a copy of the database alone lets nobody
in. A code is good once, and for half a minute before and after its own.
Source: RFC 6238 (SHA-1, 30 seconds, 6 digits: what every authenticator app takes), drift of one step as
its section 5.2 advises; the arithmetic is cryptography's.
"""

from __future__ import annotations

import base64
import hmac
import os
import time
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction

from techkit.central import accounts, audit
from techkit.central.accounts import Right, code_hash, one_time_secret
from techkit.central.models import RecoveryCode, User
from techkit.errors import InputError
from techkit.i18n import _

#: Seconds of one code, its digits, and how many steps beside the present one are taken.
_STEP_S, _DIGITS, _DRIFT = 30, 6, 1

#: Bytes of a key. Source: RFC 4226, section 4: 160 bits.
_KEY_BYTES = 20

#: Recovery codes given out together; 60 random bits each.
_RECOVERY_CODES = 10


def new_key() -> str:
    """Return a key that no account has yet, in the letters an app takes by hand (base32)."""
    return base64.b32encode(os.urandom(_KEY_BYTES)).decode("ascii")


def address(user: User, key: str) -> str:
    """Return what the QR code says to an authenticator app."""
    totp = TOTP(_bytes(key), _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - HMAC-SHA-1, as RFC 6238 and the apps have it
    return totp.get_provisioning_uri(user.get_username(), "techkit")


def switch_on(user: User, key: str, code: str) -> list[str]:
    """Ask for a code at each sign-in from now on; return the recovery codes, which stand nowhere else.

    Raises: InputError when the code does not fit the key, so that nobody locks oneself out.
    """
    step = _fitting_step(key, code, 0)
    if step is None:
        raise InputError(
            _("This code does not fit."),
            field="code",
            safe=_("Nothing was changed."),
            advice=_("Scan the picture again and type the six digits the app shows now."),
        )
    with transaction.atomic():
        user.totp_sealed, user.totp_step = _sealed(user, key), step
        user.save(update_fields=["totp_sealed", "totp_step"])
        codes = _new_recovery_codes(user)
        audit.append_for(user, "account.second_factor", "staff", str(user.staff_id), {"to": "on"})
    return codes


def switch_off(user: User, code: str) -> None:
    """Ask for the password alone again. Raises: InputError when the code does not fit."""
    if not is_right(user, code):
        raise InputError(
            _("This code does not fit."),
            field="code",
            safe=_("The second factor stays on."),
            advice=_("Type the six digits the app shows now, or a recovery code."),
        )
    _forget(user, user)


def take_away(by: User, user: User) -> None:
    """Take a colleague's second factor away, whose phone and recovery codes are lost.

    Raises: CentralError with status 403 without the right.
    """
    accounts.require(by, Right.MANAGE_STAFF)
    _forget(by, user)


def is_right(user: User, code: str) -> bool:
    """Return whether a code lets the person in, and use it up."""
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        if held.totp_sealed is None:
            return False
        key = _opened(held)
        step = _fitting_step(key, code, held.totp_step) if key else None
        if step is not None:
            held.totp_step = step
            held.save(update_fields=["totp_step"])
            return True
        row = RecoveryCode.objects.filter(user=held, code_hash=code_hash(code), used_at=None).first()
        if row is None:
            return False
        row.used_at = datetime.now(UTC)
        row.save(update_fields=["used_at"])
        audit.append_for(held, "account.recovery_code", "staff", str(held.staff_id), {"left": left(held)})
    return True


def left(user: User) -> int:
    """Return how many recovery codes are still good."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _forget(by: User, user: User) -> None:
    with transaction.atomic():
        user.totp_sealed, user.totp_step = None, 0
        user.save(update_fields=["totp_sealed", "totp_step"])
        RecoveryCode.objects.filter(user=user).delete()
        audit.append_for(by, "account.second_factor", "staff", str(user.staff_id), {"to": "off"})


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [one_time_secret(3) for _n in range(_RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=code_hash(code)) for code in codes)
    return codes


def _fitting_step(key: str, code: str, after: int) -> int | None:
    """Return the time step a code belongs to, later than one that was used; None when it does not fit."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not digits.isascii() or not digits.isdecimal():
        return None
    totp = TOTP(_bytes(key), _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - see address()
    now = int(time.time()) // _STEP_S
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        # Each is looked at in the same time, so that the answer's delay tells nothing.
        is_it = hmac.compare_digest(totp.generate(step * _STEP_S), digits.encode("ascii"))
        if is_it and step > after:
            found = step
    return found


def _bytes(key: str) -> bytes:
    return base64.b32decode(key)


def _sealing_key() -> AESGCM:
    drawn = HKDF(SHA256(), 32, salt=None, info=b"techkit second factor")
    return AESGCM(drawn.derive(settings.SECRET_KEY.encode("utf-8")))


def _sealed(user: User, key: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + _sealing_key().encrypt(nonce, key.encode("ascii"), user.staff_id.bytes)


def _opened(user: User) -> str:
    """Return an account's key; "" where the service's secret is another one than when it was sealed."""
    held = bytes(user.totp_sealed or b"")
    try:
        return _sealing_key().decrypt(held[:12], held[12:], user.staff_id.bytes).decode("ascii")
    except InvalidTag:
        return ""
