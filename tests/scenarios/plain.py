"""Plain visits for the further stories: a customer, a visit without a check, money and sign-off, by the presenters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from techkit.records.assets import Rate, RateCard
from techkit.records.bundle import VisitBundle
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device


def plain(text: str) -> str:
    """Return a text with plain blanks in place of those that hold its figures together."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@dataclass
class Plain:
    """A customer with a place and a person, and the visit in hand."""

    device: Device
    customer: str = field(default_factory=new_id)
    site: str = field(default_factory=new_id)
    contact: str = field(default_factory=new_id)
    visit: Visit = None  # type: ignore[assignment]  # opened by `plan`

    def known(self, **more: Any) -> Plain:
        """Write down who and where; `more`: fields of the customer."""
        name = more.pop("display_name", "Larkspur Dental Group")
        self.device.store.save(
            Customer(id=self.customer, display_name=name, **more),
            Site(
                id=self.site,
                customer_id=self.customer,
                name="Practice",
                street="Ahornweg 3",
                town="Göttingen",
            ),
            Contact(
                id=self.contact, customer_id=self.customer, given_name="Selin", family_name="Arslan", skill=3
            ),
        )
        return self

    def rates(self, currency: str = "EUR", hourly: int = 6000, *, travel: int = 0, minimum: int = 0) -> str:
        """Write the rates everybody has; return the card's id."""
        card = RateCard(
            id=new_id(), name="All", currency=currency, travel_flat_minor=travel, is_default=True,
            rates=(Rate(labour="work", hourly_minor=hourly, minimum_minutes=minimum, increment_minutes=15),),
        )  # fmt: skip
        self.device.store.save(card)
        return card.id

    def plan(self, **more: Any) -> Plain:
        """Plan a visit and open it; `more`: fields of the visit."""
        visit_id = new_id()
        self.device.store.save(
            VisitRecord(
                id=visit_id,
                number=self.device.store.next_number(2026),
                customer_id=self.customer,
                site_id=self.site,
                contact_id=self.contact,
                purpose="Look after the till",
                work_state=WorkState.SCHEDULED,
                planned_start_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
                **more,
            )
        )
        self.visit = self.device.open(visit_id)
        return self

    def arrive(self) -> Plain:
        """Confirm need and person: the clock runs; the customer does not want the computer read."""
        self.visit.next()
        self.visit.need.refuse_consent()
        self.visit.go("work")
        return self

    def use(self, name: str, price: str, **more: str) -> Plain:
        """Write down a supply as the technician types it."""
        work = self.visit.work
        work.choose_kind("supply_use")
        for key, text in {"name": name, "unit_price_minor": price, **more}.items():
            work.fill(key, text)
        work.add_entry()
        assert work.state.form is None or not work.state.form.error, work.state.form
        return self

    def hand_over(self, outcome: str = "resolved") -> Plain:
        """End the work; the customer has the screen."""
        self.visit.go("sign_off")
        self.visit.after.choose_outcome(outcome)
        self.visit.next()
        return self

    def sign(self, outcome: str = "resolved") -> Plain:
        """Hand over and let the customer sign."""
        self.hand_over(outcome)
        self.visit.sign_off.answer("5")
        self.visit.sign_off.draw(SIGNATURE)
        self.visit.sign_off.agree()
        return self

    def submit(self) -> str:
        """Finish the visit; return its id."""
        self.visit.sign_off.finish()
        assert self.bundle.visit.work_state is WorkState.SUBMITTED
        return self.visit.held.visit_id

    @property
    def bundle(self) -> VisitBundle:
        """The visit as the store has it."""
        return self.device.store.bundle(self.visit.held.visit_id)

    @property
    def pdf(self) -> bytes:
        """The page as a file."""
        assert self.visit.sign_off.state.pdf is not None
        return self.visit.sign_off.state.pdf


def priced(device: Callable[..., Device], moment: str = "2026-11-24 09:00", **more: Any) -> Plain:
    """A customer of Ines's with an hour at 60.00, nothing planned yet; `more`: fields of the customer."""
    told = Plain(device("TK07", "Ines Okafor", moment)).known(**more)
    told.rates(hourly=6000)
    return told
