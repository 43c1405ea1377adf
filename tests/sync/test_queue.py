"""The queue by visit, entry and file: what waits, what is confirmed, what was refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.store.database import Store
from techkit.sync import queue
from techkit.sync.client import Client
from techkit.sync.progress import Progress
from techkit.sync.queue import State

Devices = Callable[[str], tuple[Store, Client]]

PHOTO = bytes(range(256)) * 12_000


def a_day(store: Store) -> tuple[Customer, Visit]:
    """Keep a customer and a visit with two entries and a photo."""
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    visit = Visit(
        id=new_id(),
        customer_id=customer.id,
        number=store.next_number(2026),
        purpose="Printer jams\nand squeaks",
    )
    store.save(customer)
    store.save(visit)
    store.save(
        Troubleshooting(id=new_id(), visit_id=visit.id, title="Roller cleaned"),
        Troubleshooting(id=new_id(), visit_id=visit.id, title="Tray replaced"),
        Attachment(
            id=new_id(),
            visit_id=visit.id,
            caption="The label",
            sha256=store.attach(PHOTO, "image/jpeg"),
            byte_count=len(PHOTO),
            media_type="image/jpeg",
        ),
    )
    return customer, visit


def told(found: queue.Queue) -> list[tuple[str, State, int]]:
    """Return kind, state and count of each item."""
    return [(item.kind, item.state, item.changes) for item in found.items]


def test_changes_below_a_visit_are_the_visits(enrolled: Devices) -> None:
    """One row for the visit with all of its changes, one for each other record, one for each file."""
    store, _client = enrolled("TK01")
    _customer, visit = a_day(store)
    found = queue.look_up(store)
    assert told(found) == [
        ("customer", State.WAITING, 1),
        ("visit", State.WAITING, 4),
        ("attachment", State.WAITING, 0),
    ]
    assert found.items[1].record_words == f"{visit.number} Printer jams"
    assert (found.items[2].byte_count, found.items[2].visit) == (len(PHOTO), visit)
    assert [item.state for item in queue.look_up(store, is_sending=True).items] == [
        State.SENDING,
        State.SENDING,
        State.WAITING,
    ]


def test_what_the_office_confirmed_says_so_with_its_files(enrolled: Devices) -> None:
    """After a sync each visit says how much of it arrived; the newest first."""
    store, client = enrolled("TK01")
    a_day(store)
    seen: list[list[tuple[State, float]]] = []

    def look(progress: Progress) -> None:
        if progress.files_count:
            seen.append(
                [
                    (item.state, item.share)
                    for item in queue.look_up(store, is_sending=True).items
                    if item.kind == "attachment"
                ]
            )

    client.sync(look)
    assert seen[0][0][0] is State.SENDING
    assert 0 < seen[0][0][1] < 1
    found = queue.look_up(store)
    assert sorted(told(found)) == [("customer", State.CONFIRMED, 1), ("visit", State.CONFIRMED, 4)]
    (visit,) = (item for item in found.items if item.kind == "visit")
    assert visit.confirmed == "Sent, 1 of 1 photo or file confirmed."


def test_a_refused_change_says_why_and_what_to_do(enrolled: Devices) -> None:
    """It stands first, with the office's reason and advice, and what it was."""
    store, client = enrolled("TK01")
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    visit = Visit(
        id=new_id(), customer_id=customer.id, number="TK01-2026-0001", work_state=WorkState.SUBMITTED
    )
    store.save(customer, visit)
    client.sync()
    store.save(Troubleshooting(id=new_id(), visit_id=visit.id, title="Added too late"))
    client.sync()
    first = queue.look_up(store).items[0]
    assert (first.state, first.record_words, first.visit) == (State.REFUSED, "Added too late", visit)
    assert first.title == "The visit was submitted and is closed for changes."
    assert first.advice == "The office can open it again with a question."


def test_a_long_queue_names_the_first_and_counts_the_rest(enrolled: Devices) -> None:
    """Five hundred entries: a hundred by name, the others as a number."""
    store, _client = enrolled("TK01")
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    store.save(customer, *(Site(id=new_id(), customer_id=customer.id, name=str(n)) for n in range(500)))
    found = queue.look_up(store)
    assert (len(found.items), found.more) == (queue.NAMED, 501 - queue.NAMED)


def test_a_file_nobody_named_says_what_it_is_and_of_which_visit(enrolled: Devices) -> None:
    """The caption, else the file's own name, else what it is for: no row of the list is left without words."""
    store, _client = enrolled("TK01")
    _customer, visit = a_day(store)
    held = queue.look_up(store).items[2]
    assert isinstance(held.record, Attachment)
    assert held.record_words == "The label"
    for record, words in (
        (replace(held.record, caption="", name="IMG_0031.jpg"), "IMG_0031.jpg"),
        (replace(held.record, caption=""), f"Photo {visit.number}"),
    ):
        store.save(record)
        assert queue.look_up(store).items[2].record_words == words


def test_the_command_lists_it(enrolled: Devices, capsys: pytest.CaptureFixture[str]) -> None:
    """The same list in words and as JSON, with what leaves the stick."""
    from techkit.commands import sync

    store, client = enrolled("TK01")
    _customer, visit = a_day(store)
    sync.list_queue(store, is_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"waits\tVisit\t{visit.number} Printer jams"
    store.set_setting("sync.visits_leave", True)
    store.save(_submitted(visit))
    client.sync()
    sync.list_queue(store, is_json=True)
    held: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert {row["state"] for row in held["queue"]} == {"confirmed"}
    assert [row["number"] for row in held["leaving"]] == [visit.number]
    assert (held["left"], held["more"]) == ([], 0)


def _submitted(visit: Visit) -> Visit:
    return replace(visit, work_state=WorkState.SUBMITTED)
