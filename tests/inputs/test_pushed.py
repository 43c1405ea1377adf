"""Values only a strange program sends: each field of each record at its ends, through service, pages, files and paper.

A device of ours refuses most of them where they are typed. Another one may be older, newer or hostile: whatever it
sends, every page of the office opens, every other device goes on, and what cannot be kept is kept aside.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from techkit.records import catalogue
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.operations import Action, Change, Operation
from techkit.records.schema import Editor, FieldSpec, SyncClass, ValueType
from techkit.store.listing import LISTS, Wanted
from techkit.summary import pdf
from techkit.ui.presenters import list_kinds, visit_page
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.lists import When
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.today import Today
from tests.scenarios.conftest import Device, HandClock, Office, recordings, text_of
from tests.scenarios.test_bad_references import signed_in

EVIL = "\u202eevil\x1b[31m\x9b<script>alert(1)</script>"

#: For each type of field the values it is sent with, one a round: the least, the most, the odd.
ENDS: Mapping[ValueType, tuple[Any, Any, Any]] = {
    ValueType.INTEGER: (-(10**15), 10**15, 0),
    ValueType.MONEY: (-(10**15), 10**15, -1),
    ValueType.QUANTITY: ("-999999999999999", "999999999999999", "0." + "0" * 39 + "1"),
    ValueType.DATE: ("0001-01-01", "9999-12-31", "2024-02-29"),
    ValueType.INSTANT: ("0002-01-01T00:00:00Z", "9998-12-31T23:59:59Z", "1970-01-01T00:00:00Z"),
    ValueType.TEXT: (EVIL, "=1+1", "../../../etc/passwd"),
    ValueType.TEXTS: ([EVIL, ""], ["x"] * 2000, []),
    ValueType.TRUTH: (True, False, True),
}

#: What no device may say, whatever the value: to whom a record belongs, and that a visit is closed before all is sent.
_LEFT = frozenset({"visit_id", "customer_id", "work_state"})
_MAY = frozenset({Editor.TECHNICIAN, Editor.CUSTOMER, Editor.PROGRAM})


def end_of(field: FieldSpec, turn: int) -> dict[str, Any]:
    """Return what a field is sent with in a round; empty where it is left as it is."""
    if field.name in _LEFT or field.refers or not field.editors & _MAY:
        return {}
    if field.value_type is ValueType.CHOICE:
        return {field.name: (*field.choices, EVIL)[-1 - turn]}
    return {field.name: ENDS[field.value_type][turn]} if field.value_type in ENDS else {}


class Stranger:
    """A program that speaks the protocol and says what it likes: its changes stand in a device's queue as they are."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.customer, self.visit = new_id(), new_id()

    def say(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        store = self.device.store
        sent = Operation(
            op_id=new_id(), device=store.device.id, hlc=store.clock.tick(), scope=f"customer:{self.customer}",
            entity=kind, record_id=record_id, action=Action.PUT, actor="Ines Okafor",
            fields={name: Change(value=value) for name, value in values.items()},
        )  # fmt: skip
        with store.connection.transaction():
            store.outbox.add(sent)

    def say_all(self, turn: int) -> None:
        """Send a customer with a visit and one record of each kind of either, each field at one of its ends."""
        self.say("customer", self.customer, {"display_name": f"Customer {turn}"})
        self.say("visit", self.visit, {"customer_id": self.customer, "purpose": "Slow", "currency": "EUR"})
        for spec in catalogue.every():
            own = {"visit_id": self.visit, "customer_id": self.customer}
            base = {f.name: own[f.name] for f in spec.fields if f.name in own}
            ids = {"customer": self.customer, "visit": self.visit}
            record_id = ids.get(spec.kind) or new_id()
            if not base and spec.kind not in ids:
                continue
            ends = [end for f in spec.fields if (end := end_of(f, turn))]
            if spec.sync in (SyncClass.FACT, SyncClass.ADDITION):  # written once, so all at once
                ends = [{name: value for end in ends for name, value in end.items()}]
            elif spec.kind not in ids:
                self.say(spec.kind, record_id, base)
                base = {}
            for end in ends:
                self.say(spec.kind, record_id, {**base, **end} if spec.kind not in ids else end)
        self.say("visit", self.visit, {"work_state": "submitted"})


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, empty_service: Path
) -> Iterator[tuple[Office, Device, Device]]:
    """An office, a device that says what it likes, and an honest one."""
    import shutil

    from techkit.central import server

    folder = tmp_path_factory.mktemp("pushed")
    shutil.copytree(empty_service, folder / "office")
    clock = HandClock("2026-11-24 09:00")
    made = [
        Device(folder / prefix, prefix=prefix, technician=name, clock=clock)
        for prefix, name in (("TK07", "Ines Okafor"), ("TK11", "Pavel Novotny"))
    ]
    made[1].desk.recordings = recordings("o1_notebook")[""]
    with server.running(folder / "office") as service:
        held = Office(service)
        for each in made:
            each.sync.enrol(held.invitation())
        yield held, made[0], made[1]
    for each in made:
        each.sync.close()
        each.store.close()


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_whatever_is_sent_pages_and_devices_open(
    stage: tuple[Office, Device, Device], turn: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Every field of every record at its ends: nobody stops, nothing is obeyed, and the rest of the office goes on."""
    office, strange, honest = stage
    caplog.set_level(logging.CRITICAL)
    stranger = Stranger(strange)
    stranger.say_all(turn)
    strange.sync.now()
    assert strange.store.outbox.waits().count == 0
    assert len(office.bundle(stranger.visit).activities) >= 5
    at_the_office(office, stranger)
    office.share_customer(honest, stranger.customer)
    honest.sync.now()
    assert honest.sync.state.error == ""
    at_another_device(honest, stranger)


def at_the_office(office: Office, stranger: Stranger) -> None:
    bundle = office.bundle(stranger.visit)
    flags(bundle)
    office.row(stranger.visit)
    browser = signed_in(office)
    for address in (
        f"/visits/{stranger.visit}", "/visits?view=all", "/overview", "/figures", "/budgets", "/products", "/devices",
        "/visits/export", "/visits/export?what=activities", "/visits/export?what=charges",
        f"/customers/{stranger.customer}/export",
    ):  # fmt: skip
        answer = browser.get(address, secure=True)
        assert answer.status_code == 200, address
        told = b"".join(answer).decode()
        if "html" in answer.headers["Content-Type"]:
            assert "<script>alert" not in told, address
            assert not {"\x1b", "\x9b", "\u202e"} & {*told}, address


def at_another_device(honest: Device, stranger: Stranger) -> None:
    visit = honest.open(stranger.visit)
    for step in ("need", "check", "work", "after", "sign_off"):
        visit.go(step)
    document, seal = visit_page.page(honest.store.bundle(stranger.visit))
    paper = text_of(pdf.render(document, seal))
    assert not {"\x1b", "\x9b", "\u202e"} & {*paper}
    assert "root:x:" not in paper
    today = Today(
        honest.around, on_open=lambda _id: None, on_new=lambda: None, check_passphrase=lambda _text: None
    )
    today.refresh()
    place = CustomerPlace(
        honest.around, Sight(sees_all=True), stranger.customer,
        on_visit=_nothing, on_computer=_nothing, on_customer=_nothing, on_list=_nothing, on_new=_nothing,
    )  # fmt: skip
    place.close()
    when = When(zone=honest.clock.zone(), today=date(2026, 11, 24))
    for name in LISTS:
        kind = getattr(list_kinds, name.upper())
        assert [kind.row(row, when) for row in honest.store.listed(Wanted(name=name))], name


def _nothing(*_told: object) -> None:
    """Stand in for opening other pages."""
