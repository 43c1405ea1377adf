"""A store, a clock that stands still, and a recorded computer, for presenters without a window."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

import pytest

from techkit.central import server
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.findings import Reading
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.surroundings import Surroundings
from tests.scenarios.conftest import Office


class StillClock:
    """A clock that stands at 23 November 2026, 10:10 in a zone one hour east; `pass_s` moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.seconds

    def zone(self) -> tzinfo:
        return timezone(timedelta(hours=1))

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path, b"k" * 32, prefix="TK07", technician="Ines Okafor")
    yield made
    made.close()


@pytest.fixture
def lanes() -> InlineLanes:
    return InlineLanes()


#: What a notebook tells about itself.
NOTEBOOK = (
    Reading(id="os.computer_name", value="Brandt-Laptop"),
    Reading(id="os.name", value="Windows 11 Home"),
    Reading(id="os.version", value="25H2"),
    Reading(id="system.maker", value="Northwind"),
    Reading(id="system.model", value="Swift 14"),
    Reading(id="system.serial", value="7KX93M3QQ"),
    Reading(id="system.uuid", value="4c4c4544-0042-3010-8051-b7c04f4d3431"),
)


@pytest.fixture
def world(store: Store, lanes: InlineLanes, clock: StillClock) -> Callable[..., Surroundings]:
    """Return a maker of surroundings: world(is_own=False)."""

    def make(*, is_own: bool = True, readings: tuple[Reading, ...] = NOTEBOOK) -> Surroundings:
        def machine() -> Any:
            return RecordedMachine(readings)

        return Surroundings(
            store=store,
            lanes=lanes,
            machine=machine,
            clock=clock,
            technician="Ines Okafor",
            is_own_computer=is_own,
        )

    return make


@pytest.fixture
def office(empty_service: Path, tmp_path: Path) -> Iterator[Office]:
    """The central service, answering in this process."""
    folder = tmp_path / "office"
    shutil.copytree(empty_service, folder)
    with server.running(folder) as held:
        yield Office(held)
