"""The stamp on every answer to a device: the moment it was given, sealed with a key only the service has.

No two answers to one device bear the same moment, and the device shows the last one it took. A stamp that is later than
what the service remembers of that device proves that the service went back in time, whatever else fits; and nobody but
the service can make one (docs/decisions/0106-a-service-that-went-back-is-proven.md).
"""

from __future__ import annotations

import uuid

from django.utils.crypto import constant_time_compare, salted_hmac

from techkit.central.models import Device

#: Digits of a moment, in ms since 1970, so that stamps compare as text; and hex digits of its seal.
_DIGITS, _SEAL = 15, 32


def renew(device: Device, now_ms: int) -> None:
    """Give a device's next answer its moment; its row is locked, and written by the caller."""
    device.stamped_ms = max(device.stamped_ms + 1, now_ms)


def stamp(device: Device) -> str:
    """Return the stamp of an answer to this device."""
    return f"{device.stamped_ms:0{_DIGITS}}.{_seal(device.pk, device.stamped_ms)}"


def shown(device_id: uuid.UUID, text: str) -> int:
    """Return the moment of a stamp that was given to this device; 0 for one the service never made."""
    digits, _dot, seal = text.partition(".")
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdecimal()) or not seal.isascii():
        return 0
    moment = int(digits)
    return moment if constant_time_compare(seal, _seal(device_id, moment)) else 0


def _seal(device_id: uuid.UUID, moment: int) -> str:
    return salted_hmac("techkit.central.stamps", f"{device_id} {moment}", algorithm="sha256").hexdigest()[
        :_SEAL
    ]
