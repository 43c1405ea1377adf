"""After a restore: the service may have lost history, and every device is asked for what it holds.

Told by whoever restores it, or found out by the stamp a device shows (stamps.py). What a device merely claims begins nothing
(docs/decisions/0106-a-service-that-went-back-is-proven.md).
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

from django.db import transaction

from techkit.central import audit, stamps
from techkit.central.models import Device, Org

#: The organisation's setting that says since when operations are handed back.
_RECOVERING = "recovering_since"
#: As long as devices keep their journals (SYNC.md: 90 days).
_RECOVERY = timedelta(days=90)
#: Stands for a token where none can be expected to fit, because the service went back in time.
_FORGOTTEN = "forgotten"


def new_epoch(org_id: int, reason: str, proven_ms: int = 0) -> None:
    """Begin a new epoch: the history may have lost operations, and every device is asked for its own.

    For `techkit serve --restored`, and by itself when a device proves that something is missing.
    proven_ms: the moment of the stamp that proves it. Stamps from before now prove nothing any more.
    """
    with transaction.atomic():
        org = Org.objects.select_for_update().get(pk=org_id)
        org.sync_epoch = uuid.uuid4()
        org.settings = {**org.settings, _RECOVERING: datetime.now(UTC).isoformat()}
        org.save(update_fields=["sync_epoch", "settings"])
        devices = Device.objects.filter(org_id=org_id)
        devices.update(token_hash=_FORGOTTEN, previous_token_hash="")
        now_ms = max(proven_ms, time.time_ns() // 1_000_000)
        devices.filter(stamped_ms__lt=now_ms).update(stamped_ms=now_ms)
        audit.append(org_id, action="sync.new_epoch", actor_kind="program", detail={"reason": reason})


def is_recovering(org: Org) -> bool:
    """Return whether devices may hand back what others wrote: for some months after a new epoch."""
    since = org.settings.get(_RECOVERING)
    return since is not None and datetime.now(UTC) - datetime.fromisoformat(since) < _RECOVERY


def recover(device: Device, shown: str) -> bool:
    """Begin a new epoch when a device proves that the service went back in time.

    shown: the stamp of the last answer it took. Return whether the device's token cannot be expected to fit.
    """
    moment = stamps.shown(device.pk, shown)
    if moment > device.stamped_ms:
        new_epoch(device.org_id, f"device {device.pk} was answered later than is known here", moment)
        device.org.refresh_from_db()
        device.refresh_from_db(fields=["token_hash", "previous_token_hash", "stamped_ms"])
    return device.token_hash == _FORGOTTEN


def recover_former(org: Org, former: uuid.UUID, shown: str) -> None:
    """Begin a new epoch when a device that is let in anew proves the same of what it was before.

    The service may not know that device at all: it was let in after the backup.
    """
    moment = stamps.shown(former, shown)
    held = Device.objects.filter(pk=former).values_list("stamped_ms", flat=True).first()
    if held is None:
        since = org.settings.get(_RECOVERING)
        held = int(datetime.fromisoformat(since).timestamp() * 1000) + 1 if since else 0
    if moment > held:
        new_epoch(org.pk, f"device {former} was answered later than is known here", moment)
        org.refresh_from_db()
