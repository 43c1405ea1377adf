"""Job packs: the customers a device is sent to, in a file on a stick, for one that has no network."""

from __future__ import annotations

from collections.abc import Iterable

from techkit.central import assignments, audit, enrol, feed, snapshots
from techkit.central.models import Device, User
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.operations import TENANT_SCOPE, customer_scope
from techkit.sync import carrier, wire
from techkit.sync.protocol import SyncReply


def pack(user: User, device: Device, customer_ids: Iterable[str]) -> bytes:
    """Return a job pack with these customers as they are now; rates and catalogue come with them.

    Customers the device does not hold yet are assigned to it. It can be opened on that device only.
    Raises: CentralError without the right, for a refused or an old device, for an unknown customer.
    """
    wanted = sorted(set(customer_ids))
    assignments.assign(user, device, wanted)
    if not device.sealing_key:
        raise CentralError(
            _("This device’s techkit is too old for job packs."),
            status=409,
            safe=_("Nothing was written."),
            advice=_("Update it and let it in anew, or let it sync over a network."),
        )
    scopes = [TENANT_SCOPE, *(customer_scope(one) for one in wanted)]
    reply = SyncReply(epoch=str(device.org.sync_epoch), token="", now_ms=enrol.now_ms(), granted=scopes)
    for scope in scopes:
        place = 0
        while True:
            records, walk = snapshots.piece(device.org_id, scope, place)
            reply.records += records
            place = walk[0]
            if walk[2]:
                reply.snapshots[scope] = walk
                break
    reply.conflicts = feed.conflicts_of(device.org_id, scopes, {one.record_id for one in reply.records})
    audit.append_for(user, "device.job_pack", "device", str(device.pk), {"customers": len(wanted)})
    body = wire.compress(wire.encode(reply))
    if len(body) > wire.MAX_COMPRESSED_BYTES:
        raise CentralError(
            _("This is too much for one job pack."),
            status=413,
            safe=_("Nothing was written."),
            advice=_("Choose fewer customers and make several."),
        )
    content = carrier.JobsContent(device=str(device.pk), body=body)
    return carrier.pack_jobs(content, sealing_key=bytes(device.sealing_key), key=enrol.server_key())
