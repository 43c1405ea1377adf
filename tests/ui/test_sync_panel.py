"""The sync panel in the real window against the real service, by keyboard: pause, go on, receipts, and what can go wrong."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from techkit.central import accounts, models
from techkit.records.identity import new_id
from techkit.records.visit import Attachment, Visit
from techkit.sync import replies
from techkit.ui.app import Session
from techkit.ui.widgets.sync import SyncPage
from tests import photos
from tests.scenarios.conftest import Office, office  # noqa: F401 - office is a fixture
from tests.ui.keyboard import Keyboard
from tests.ui.test_flows import desk, hand, session  # noqa: F401 - fixtures of the same window
from tests.ui.test_routine_visit import folder, program  # noqa: F401 - fixtures of the same window


def shown(hand: Keyboard) -> str:  # noqa: F811 - the fixture's name
    """All the words of the panel that are on screen, blanks made plain."""
    (page,) = hand._shell.findChildren(SyncPage)
    words = " | ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    return words.replace("\u00a0", " ").replace("\u202f", " ")


def test_pause_go_on_receipts_and_what_can_go_wrong(
    session: Session,  # noqa: F811 - the fixture
    hand: Keyboard,  # noqa: F811 - the fixture
    office: Office,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six photos wait while it is paused and are confirmed one by one; then a full disk, a withdrawn device, an old code."""
    sync, store = session.sync, session.surroundings.store
    (visit,) = store.find(Visit)
    session.show_place("sync")
    hand.wait(
        lambda: (held := QApplication.focusWidget()) is not None and held.accessibleName() == "Enrolment code"
    )
    sync.enrol(office.invitation())
    hand.wait(lambda: sync.state.status == "done" and not sync.state.count)
    session.show_place("sync")
    assert "Everything is sent" in shown(hand)

    hand.press("Pause")
    hand.wait(lambda: sync.state.is_paused)
    for place in range(6):
        data = photos.photo(width=400 + place)
        store.save(
            Attachment(
                id=new_id(), visit_id=visit.id, caption=f"Label {place}", sha256=store.attach(data, "image/jpeg"),
                byte_count=len(data), media_type="image/jpeg",
            )
        )  # fmt: skip
    sync.refresh()
    hand.wait(lambda: sync.state.count == 6)
    words = shown(hand)
    assert "6 changes wait" in words
    assert "Paused: nothing is sent until you go on." in words
    assert "kB" in words
    assert not models.Attachment.objects.exists()

    told: list[tuple[float, str, str]] = []
    sync.changed.subscribe(
        lambda: (
            told.append((sync.state.share, sync.state.bytes_line, sync.state.line))
            if sync.state.status == "sending"
            else None
        )
    )
    before = QApplication.focusWidget()
    hand.press("Go on")
    hand.wait(lambda: sync.state.status == "done" and not sync.state.count)
    assert QApplication.focusWidget() is before, "a sync moves no focus"
    assert any(volume for _share, volume, _line in told), told
    shares = [share for share, _volume, _line in told]
    assert shares == sorted(shares)
    assert "Sent, 6 of 6 photos and files confirmed." in shown(hand)
    assert models.Attachment.objects.count() == 6

    usage = shutil.disk_usage(store.folder)
    full = type(usage)(usage.total, usage.used, replies.FLOOR_BYTES - 1)
    store.save(Attachment(id=new_id(), visit_id=visit.id, caption="One more"))
    with monkeypatch.context() as patched:
        patched.setattr(replies.shutil, "disk_usage", lambda _folder: full)
        hand.press("Sync now")
        hand.wait(lambda: sync.state.status == "refused")
    words = shown(hand)
    assert "The disk of this device is full: nothing more is fetched." in words
    assert "what was not sent yet still waits. Free some space, then sync again." in words
    assert "typed" not in words
    hand.press("Sync now")
    hand.wait(lambda: sync.state.status == "done" and not sync.state.count)

    accounts.refuse_device(office.staff, models.Device.objects.get(pk=store.device.id))
    hand.press("Sync now")
    hand.wait(lambda: bool(sync.state.code_title))
    words = shown(hand)
    assert "The office has withdrawn this device." in words
    assert "Everything is saved on this device and waits to be sent." in words
    QApplication.clipboard().setText(office.invitation())
    models.EnrolCode.objects.update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    hand.press_name("Enrolment code")
    hand.keys("paste", Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    hand.keys("connect", Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    hand.wait(lambda: bool(sync.state.error))
    assert "The code is wrong, was used before or has expired." in shown(hand)
    assert "Ask the office for a new code." in shown(hand)
