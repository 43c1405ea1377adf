"""Whether the files the database says are here lie in the object store: a backup may have brought back one without the other."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from techkit.central import attachments, epochs
from techkit.central.models import Attachment

#: So many rows are changed in one statement.
_AT_ONCE = 500


def lost(org_id: int) -> list[Attachment]:
    """Return the files that are said to be here whole and are not."""
    whole = list(Attachment.objects.filter(org_id=org_id, is_complete=True).order_by("sha256"))
    if not whole:
        return []
    sizes = {str(meta["path"]): int(meta["size"]) for page in attachments.store().list() for meta in page}
    # An empty file has no piece and need not lie anywhere.
    return [row for row in whole if row.size_bytes and sizes.get(row.storage_key) != row.size_bytes]


def ask_for_lost(org_id: int) -> int:
    """Ask the devices for every file that is lost; return how many are.

    They begin a new epoch, as after any restore: each device asks of all its files again whether they are here.
    """
    found = [row.pk for row in lost(org_id)]
    if not found:
        return 0
    with transaction.atomic():
        for start in range(0, len(found), _AT_ONCE):
            Attachment.objects.filter(pk__in=found[start : start + _AT_ONCE]).update(
                is_complete=False, received_bytes=0, storage_key="", completed_at=None
            )
        epochs.new_epoch(org_id, f"{len(found)} files missing on {datetime.now(UTC):%Y-%m-%d}")
    return len(found)
