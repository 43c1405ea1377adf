"""Pictures of the sync panel: a queue with each state, a sync under way, what leaves the stick, a withdrawn device, two versions.

The program itself with a real service in the same process; only the moment of a sync under way is held still.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shots.camera import Camera, series, unlock
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.store.database import Store
from techkit.sync.progress import Progress


def take(out: Path) -> Iterator[Path]:
    """Go through the panel's states in each language and yield the pictures."""
    yield from series(out, play)


def play(camera: Camera) -> None:
    """Send a day's work, have some of it refused, let visits leave."""
    from techkit.central import server

    session: Any = unlock(camera)
    sync, store = session.sync, session._store
    session.show_place("sync")
    visits = store.find(Visit, order_by="id")
    with tempfile.TemporaryDirectory() as place, server.running(Path(place) / "office") as service:
        from techkit.central import accounts
        from techkit.central.invitations import invitation
        from techkit.central.models import Device, User

        staff = User.objects.get(username="admin")
        sync.enrol(invitation(service.url, accounts.new_enrol_code(staff, staff)[0]))
        camera.wait(lambda: sync.state.status == "done")
        _work(store, visits[0], "Start-up programs tidied up")
        _work(store, visits[1], "Label printer set up at the reception desk, driver of the maker installed")
        sync.refresh()
        camera.wait(lambda: sync.state.count)
        _hold_still(camera, sync)
        camera.wait(lambda: _is_sent(sync))
        store.save(Troubleshooting(id=new_id(), visit_id=visits[1].id, title="Added after it was submitted"))
        store.set_setting("sync.visits_leave", True)
        sync.now()
        camera.wait(lambda: sync.state.status == "partial" and sync.state.leaving)
        store.away.put_away(max(one.at for one in store.away.leaving()))
        _work(store, visits[2], "Which notebook for the wine fairs")
        sync.now()
        camera.wait(lambda: sync.state.gone and sync.state.leaving)
        camera.take("14-sync-leaving")
        accounts.refuse_device(staff, Device.objects.get(pk=store.device.id))
        _work(store, visits[2], "Cable behind the desk replaced")
        sync.now()
        camera.wait(lambda: sync.state.status == "refused" and sync.state.code_title)
        camera.take("14-sync-withdrawn")
        sync.client.close()
    _work(store, visits[2], "Second look")
    sync.now()
    camera.wait(lambda: sync.state.status == "offline")
    camera.take("14-sync-offline")


def _work(store: Store, visit: Visit, title: str) -> None:
    """Put an entry and a photo into a visit and submit it."""
    photo = title.encode() * 40_000
    visit = store.get(Visit, visit.id) or visit
    store.save(
        Troubleshooting(id=new_id(), visit_id=visit.id, title=title),
        Attachment(
            id=new_id(),
            visit_id=visit.id,
            caption="Label on the back",
            sha256=store.attach(photo, "image/jpeg"),
            byte_count=len(photo),
            media_type="image/jpeg",
        ),
    )
    store.save(replace(visit, work_state=WorkState.SUBMITTED))


def _is_sent(sync: Any) -> bool:
    """Return whether all is sent; send when nothing is under way."""
    if sync.state.status == "waiting":
        sync.now()
    return bool(sync.state.status == "done" and not sync.state.count)


def _hold_still(camera: Camera, sync: Any) -> None:
    """Show the panel as it is in the middle of a sync."""
    progress = Progress(
        sent_count=4,
        waiting_count=6,
        received_count=2,
        done_bytes=1_800_000,
        total_bytes=3_100_000,
        left_s=21.0,
        files_count=0,
    )
    sync._course = dataclasses.replace(sync._course, progress=progress)
    sync.refresh()
    camera.wait(lambda: any(row.state == "sending" for row in sync.state.queue))
    camera.take("14-sync-sending")
    sync._course = dataclasses.replace(sync._course, progress=None)
    sync.refresh()
