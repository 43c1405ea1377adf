"""What every presenter is given: store, lanes, clock, the machine to read, and who is working."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.ui.presenters.card_shelf import CardShelf
from techkit.ui.presenters.clock import Clock, SystemClock
from techkit.ui.presenters.kept_typing import KeptTyping
from techkit.ui.presenters.lanes import Lanes


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The world around the presenters; the window, the demo and the tests make one each.

    machine: gives the machine to read now, as diagnostics.runner takes it. technician, reach and
    provider go on paper. is_own_computer: this is the technician's own, not a customer's. process: names this run of the program.
    """

    store: Store
    lanes: Lanes
    machine: Callable[[], Any]
    clock: Clock = field(default_factory=SystemClock)
    technician: str = ""
    reach: str = ""
    provider: str = ""
    is_own_computer: bool = False
    process: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def today(self) -> date:
        """The day it is at the place."""
        return self.clock.now().astimezone(self.clock.zone()).date()

    @functools.cached_property
    def client(self) -> Client:
        """Who speaks to the office for this store: one, so that nothing speaks at once."""
        return Client(self.store)

    @functools.cached_property
    def cards(self) -> CardShelf:
        """The how-to cards, read when first asked for."""
        return CardShelf(self.store, self.lanes)

    @functools.cached_property
    def typing(self) -> KeptTyping:
        """What is typed into the forms of the record pages and not saved yet."""
        return KeptTyping(self.store, self.lanes)
