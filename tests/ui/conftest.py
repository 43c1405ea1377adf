"""The window's look in tests, light at 100 % unless a test asks for another one, and a planned visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.credentials.slots import Limits
from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui import theme
from techkit.ui.app import Program
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device, HandClock, recordings


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Callable[..., None]]:
    """Put a look in force: look(name="dark", scale=1.5); light at 100 % afterwards."""

    def put(name: str = "light", scale: float = 1.0) -> None:
        theme.apply(qapp, theme.Look(name=name, scale=scale))

    put()
    yield put
    put()


@pytest.fixture
def begin(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, look: Callable[..., None]
) -> Iterator[Callable[..., Program]]:
    """Start the program over a folder, locked: begin(folder, machine, clock); each is closed at the end.

    Named last among a fixture's arguments, it is the first to go: before the machine its programs read.
    """
    made: list[Program] = []

    def started(
        folder: Path, machine: Callable[[], Any], clock: Any, *, is_portable: bool = False
    ) -> Program:
        program = Program(
            qapp,
            folder,
            machine=machine,
            clock=clock,
            is_portable=is_portable,
            papers=tmp_path,
            vault_limits=Limits(floor_kib=64),
        )
        made.append(program)
        program.start()
        program.shell.resize(1280, 720)
        return program

    yield started
    for program in made:
        program.close()
    qapp.processEvents()


# --- a visit the office planned ---


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(
        tmp_path / "d", prefix="TK07", technician="Ines Okafor", clock=HandClock("2026-11-23 10:00")
    )
    made.desk.recordings = recordings("o1_notebook")[""]
    yield made
    made.sync.close()
    made.store.close()


@pytest.fixture
def planned(device: Device) -> str:
    """A visit the office planned: known customer, person and computer, consent on file."""
    customer, site, contact, asset, visit = (new_id() for _n in range(5))
    device.store.save(
        Customer(
            id=customer,
            display_name="Baumann & Söhne",
            has_diagnostics_consent=True,
            consent_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
        ),
        Site(id=site, customer_id=customer, name="Office", street="Ahornweg 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Ilse", family_name="Baumann", skill=3),
        Payer(id=new_id(), customer_id=customer, name="Baumann Holding"),
        Asset(id=asset, customer_id=customer, site_id=site, name="BAUM-01"),
        VisitRecord(
            id=visit,
            number=device.store.next_number(2026),
            customer_id=customer,
            site_id=site,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="The computer is slow",
            work_state=WorkState.SCHEDULED,
        ),
    )
    return visit


@pytest.fixture
def visit(device: Device, planned: str) -> Visit:
    return device.open(planned)


@pytest.fixture
def checked(device: Device, visit: Visit) -> Visit:
    """A visit on site, checked before, the work on the computer done, nothing recorded yet."""
    visit.need.choose_complaint("slow")
    visit.next()
    visit.check.start()
    device.desk.moment = "after"
    visit.next()
    return visit


def sign(visit: Visit, answer: str = "5") -> None:
    visit.go("sign_off")
    visit.next()
    visit.sign_off.answer(answer)
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
