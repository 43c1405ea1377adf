"""The journal of a device: what a restored service is given back from, and for how long it is kept.

Over a network and by package files the same holds (docs/decisions/0098-what-is-kept-and-for-how-long.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from techkit.records.operations import packed_id
from techkit.store.database import Store
from techkit.sync.protocol import SyncReply


def held(store: Store) -> bytes:
    """Return the ids of all operations this device still holds, its own and others', 16 bytes each."""
    others = (packed_id(one.body) for one in store.replica.received())
    return b"".join(dict.fromkeys([*store.outbox.ids(), *others]))


def give_back(store: Store, reply: SyncReply) -> bool:
    """Put what a restored service misses among the waiting; return whether it misses nothing more.

    reply: to a request that named all that is held.
    """
    if reply.want_ops:
        store.replica.offer_again(reply.want_ops)
        return False
    store.replica.set_meta({"must_offer": ""})
    return True


def forget_old(store: Store, now: datetime) -> bool:
    """Drop what is older than the settings say; return whether that is allowed now. now: by the service's clock.

    Nothing goes while a restored service may still ask for it; what others said in withdrawn scopes goes at once.
    """
    if store.replica.meta("must_offer"):
        return False
    store.outbox.forget_before(now - timedelta(days=store.setting("sync.journal_days")))
    store.replica.forget_dropped()
    return True
