"""Visits that leave a stick: only what the office has and nothing is left to do about, and whole again when asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from techkit.central import accounts, epochs, feed, office, review
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Op, User
from techkit.errors import StoreError
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.review import Comment, Query
from techkit.records.schema import replace
from techkit.records.success import FollowUp
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.store.database import Store
from techkit.sync.client import Client

Devices = Callable[[str], tuple[Store, Client]]

PHOTO = b"a photo of the label" * 5000


@pytest.fixture
def stick(enrolled: Devices) -> tuple[Store, Client]:
    """Give an enrolled device from which visits leave, at once."""
    store, client = enrolled("TK01")
    store.set_setting("sync.visits_leave", True)
    store.set_setting("sync.visit_days", 0)
    return store, client


def a_visit(store: Store, **fields: Any) -> Visit:
    """Keep a visit with an activity, a photo and a promise, submitted."""
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    made = {
        "number": store.next_number(2026),
        "purpose": "Printer jams",
        "arrived_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "work_state": WorkState.SUBMITTED,
    }
    visit = Visit(id=new_id(), customer_id=customer.id, **{**made, **fields})
    store.save(customer)
    # Below a visit that was submitted nothing more is taken: it comes last.
    store.save(replace(visit, work_state=WorkState.ON_SITE))
    store.save(
        Troubleshooting(id=new_id(), visit_id=visit.id, title="Roller cleaned"),
        Attachment(
            id=new_id(),
            visit_id=visit.id,
            sha256=store.attach(PHOTO, "image/jpeg"),
            byte_count=len(PHOTO),
            media_type="image/jpeg",
        ),
        FollowUp(id=new_id(), customer_id=customer.id, visit_id=visit.id, text="Order a new roller"),
    )
    store.save(visit)
    return visit


def all_of(store: Store, visit: Visit) -> list[Any]:
    """Return what is on the device of a visit itself."""
    return [
        *store.find(Visit, id=visit.id),
        *store.find(Troubleshooting, visit_id=visit.id),
        *store.find(Attachment, visit_id=visit.id),
    ]


def staff() -> User:
    """Return somebody at the office."""
    return User.objects.get(username="admin")


def test_a_confirmed_visit_leaves_and_comes_back_whole(stick: tuple[Store, Client]) -> None:
    """Rows, journal and photo go once the office has all of it; fetched again, it is the same as before."""
    store, client = stick
    visit = a_visit(store)
    before = all_of(store, visit)
    assert [one.number for one in store.away.leaving()] == []
    result = client.sync()
    assert result.left_count == 1
    assert all_of(store, visit) == []
    assert (len(store.find(Customer)), len(store.find(FollowUp))) == (1, 1)
    assert store.search("jams") == []
    sha256 = before[2].sha256
    found = store.attachments.find(sha256)
    assert found is not None
    assert not found.is_here
    assert not any(op.record_id == visit.id for op in store.outbox.history(visit.id))
    (gone,) = store.away.gone()
    assert (gone.number, gone.day) == (visit.number, visit.arrived_at.date() if visit.arrived_at else None)
    store.set_setting("sync.visit_days", 7)
    client.fetch_visit(gone.visit_id)
    client.sync()
    assert all_of(store, visit) == before
    assert store.away.gone() == []
    client.fetch_file(sha256, "image/jpeg")
    assert store.attachment(sha256) == PHOTO
    assert Op.objects.filter(entity_id=visit.id).count() == 2


def test_it_stays_as_long_as_the_settings_say(stick: tuple[Store, Client]) -> None:
    """Seven days after the office's receipt, and the day is told beforehand; on a laptop it stays."""
    store, client = stick
    store.set_setting("sync.visit_days", 7)
    real = store.clock._now_ms
    store.clock._now_ms = lambda: real() - 20 * 86_400_000
    visit = a_visit(store)
    store.clock._now_ms = real
    client.sync()
    for age_days, is_kept in ((6, True), (8, False)):
        acked_at = int(time.time()) - age_days * 86_400
        with store.connection.transaction():
            store.connection.execute("UPDATE _receipt SET acked_at = ?", (acked_at,))
        (told,) = store.away.leaving()
        assert (told.number, told.at.timestamp()) == (visit.number, acked_at + 7 * 86_400)
        store.set_setting("sync.visits_leave", False)
        assert client.sync().left_count == 0
        assert store.away.leaving() == []
        store.set_setting("sync.visits_leave", True)
        assert client.sync().left_count == (0 if is_kept else 1)
        assert bool(all_of(store, visit)) is is_kept


def _not_submitted(store: Store, _client: Client) -> Visit:
    return a_visit(store, work_state=WorkState.SIGNED)


def _changed_after_it_was_sent(store: Store, client: Client) -> Visit:
    """The reply to the last change is lost on the way: the change counts as unsent."""
    store.set_setting("sync.visits_leave", False)
    visit = a_visit(store, work_state=WorkState.SIGNED)
    client.sync()
    store.set_setting("sync.visits_leave", True)
    store.save(replace(visit, work_state=WorkState.SUBMITTED))
    store.away.put_away(datetime(2030, 1, 1, tzinfo=UTC))
    return visit


def _asked_about(store: Store, client: Client) -> Visit:
    store.set_setting("sync.visits_leave", False)
    visit = a_visit(store)
    client.sync()
    review.ask(staff(), visit.id, "Which roller?", about_kind="visit", about_id=visit.id)
    client.sync()
    store.set_setting("sync.visits_leave", True)
    return visit


def _in_two_versions(store: Store, client: Client) -> Visit:
    store.set_setting("sync.visits_leave", False)
    visit = a_visit(store, work_state=WorkState.SIGNED)
    client.sync()
    office.change_as_staff(staff(), "visit", visit.id, {"purpose": "Printer eats paper"})
    store.save(replace(visit, purpose="Printer jams often", work_state=WorkState.SUBMITTED))
    client.sync()
    assert len(store.conflicts()) == 1
    store.set_setting("sync.visits_leave", True)
    return visit


def _file_not_there(store: Store, client: Client) -> Visit:
    """The photo never arrives: its bytes are not on this device any more."""
    visit = a_visit(store)
    for path in (store.folder / "attachments").rglob("*"):
        if path.is_file():
            path.rename(path.with_suffix(".moved"))
    assert client.sync().files_sent == 0
    store.away.put_away(datetime(2030, 1, 1, tzinfo=UTC))
    return visit


def _refused(store: Store, client: Client) -> Visit:
    store.set_setting("sync.visits_leave", False)
    visit = a_visit(store)
    client.sync()
    store.save(Troubleshooting(id=new_id(), visit_id=visit.id, title="Added too late"))
    assert client.sync().refused_count == 1
    store.set_setting("sync.visits_leave", True)
    return visit


@pytest.mark.parametrize(
    "story",
    [_not_submitted, _changed_after_it_was_sent, _asked_about, _in_two_versions, _file_not_there, _refused],
    ids=lambda story: story.__name__.strip("_"),
)
def test_what_is_not_settled_stays(
    stick: tuple[Store, Client], story: Callable[[Store, Client], Visit]
) -> None:
    """Unsent, refused, asked about, in two versions, a file only here: such a visit stays, with all of it."""
    store, client = stick
    visit = story(store, client)
    assert store.away.leaving() == []
    assert store.away.put_away(datetime(2030, 1, 1, tzinfo=UTC)) == 0
    assert len(store.find(Visit, id=visit.id)) == 1
    assert len(store.find(Attachment, visit_id=visit.id)) == 1


def test_what_the_office_asks_later_brings_the_visit_back(stick: tuple[Store, Client]) -> None:
    """A question about a visit that left: visit and question are there together, and stay while it is open."""
    store, client = stick
    visit = a_visit(store)
    client.sync()
    assert all_of(store, visit) == []
    review.ask(staff(), visit.id, "Which roller?", about_kind="visit", about_id=visit.id)
    client.sync()
    assert all_of(store, visit) == []
    client.sync()
    assert len(all_of(store, visit)) == 3
    (query,) = store.find(Query)
    store.save(replace(query, answer="The left one.", state="answered"))
    client.sync()
    client.sync()
    # The office has given the visit back with its question; it decides when that is over.
    assert len(all_of(store, visit)) == 3


def test_a_remark_of_the_office_leaves_no_half_visit(stick: tuple[Store, Client]) -> None:
    """Something new below a visit that left is never shown without its visit."""
    store, client = stick
    visit = a_visit(store)
    client.sync()
    review.comment(staff(), visit.id, "Well done.")
    client.sync()
    assert store.find(Comment) == []
    store.set_setting("sync.visit_days", 7)
    client.sync()
    assert (len(all_of(store, visit)), len(store.find(Comment))) == (3, 1)


def test_a_colleague_has_all_of_it_meanwhile(stick: tuple[Store, Client], enrolled: Devices) -> None:
    """What left one stick is as it was at the office and on every other device."""
    store, client = stick
    visit = a_visit(store)
    before = all_of(store, visit)
    client.sync()
    other, colleague = enrolled("TK02")
    feed.grant(KnownDevice.objects.get(pk=other.device.id), f"customer:{visit.customer_id}")
    colleague.sync()
    assert all_of(other, visit) == before


def test_a_customer_that_was_taken_back_is_not_fetched(stick: tuple[Store, Client]) -> None:
    """The names of visits that left go with the customer; asking for one is answered with a sentence."""
    store, client = stick
    visit = a_visit(store)
    client.sync()
    feed.revoke(KnownDevice.objects.get(pk=store.device.id), f"customer:{visit.customer_id}")
    client.sync(is_removal_agreed=True)
    assert store.away.gone() == []
    with pytest.raises(StoreError, match="cannot be fetched"):
        client.fetch_visit(visit.id)


def test_a_restored_service_gets_it_back_while_it_is_here(stick: tuple[Store, Client]) -> None:
    """While the service asks what it lost, nothing leaves; what it has again leaves then."""
    store, client = stick
    store.set_setting("sync.visits_leave", False)
    visit = a_visit(store)
    client.sync()
    store.set_setting("sync.visits_leave", True)
    epochs.new_epoch(accounts.the_org().id, "a test")
    store.replica.set_meta({"must_offer": "1"})
    assert client._forget_old() == 0
    assert len(all_of(store, visit)) == 3
    client.sync()
    client.sync()
    assert all_of(store, visit) == []
    assert Op.objects.filter(entity_id=visit.id).count() == 2
