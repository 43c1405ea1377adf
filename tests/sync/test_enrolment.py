"""Enrolment against the real service: who may come in, and what a wrong line or a foreign service is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from techkit.errors import ForeignServiceError, InputError, RefusedError, SyncError
from techkit.store.database import Store
from techkit.sync.client import Client

Devices = Callable[[str], tuple[Store, Client]]


def test_enrolment_tells_who_and_where(make_store: Callable[[str], Store], invite: Callable[[], str]) -> None:
    """After enrolment the device knows its technician and keeps its prefix."""
    store = make_store("TK01")
    client = Client(store)
    assert not client.is_enrolled
    client.enrol(invite())
    assert client.is_enrolled
    assert (store.device.prefix, bool(store.device.technician_id)) == ("TK01", True)
    assert set(store.replica.cursors()) == {"tenant", f"technician:{store.device.id}"}
    client.close()


def test_sync_before_enrolment_is_told(make_store: Callable[[str], Store]) -> None:
    """Without a service the sentence says what is safe and what to do."""
    store = make_store("TK01")
    with pytest.raises(SyncError, match="not enrolled") as caught:
        Client(store).sync()
    assert "saved on this device" in caught.value.safe


@pytest.mark.parametrize(
    "line", ["", "hello", "http://x:1 A#" + "a" * 64, "https://x:1 CODE", "https://x:1 C#12"]
)
def test_line_that_is_no_invitation(make_store: Callable[[str], Store], line: str) -> None:
    """A line without address, code or fingerprint is refused before anything is sent."""
    with pytest.raises(InputError):
        Client(make_store("TK01")).enrol(line)


def test_foreign_service_gets_nothing(make_store: Callable[[str], Store], invite: Callable[[], str]) -> None:
    """A service with another fingerprint than the invitation's is told nothing, not even the code."""
    address, _hash, _fingerprint = invite().partition("#")
    with pytest.raises(ForeignServiceError) as caught:
        Client(make_store("TK01")).enrol(f"{address}#{'0' * 64}")
    assert "Nothing was sent" in caught.value.safe


def test_used_code_is_refused(
    enrolled: Devices, make_store: Callable[[str], Store], invite: Callable[[], str]
) -> None:
    """A code lets one device in; the second one reads why not."""
    line = invite()
    Client(make_store("TK01")).enrol(line)
    with pytest.raises(RefusedError, match="code"):
        Client(make_store("TK02")).enrol(line)
