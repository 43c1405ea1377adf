"""What people do in the small world of histories.py: technicians on their devices, staff at the office."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import db

from techkit.central import erasures, ingest, office, posting, review
from techkit.central.batch import Batch
from techkit.central.models import Conflict, ErasedCustomer, User
from techkit.central.models import Record as Row
from techkit.errors import CentralError, InputError, StoreError, SyncError
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.operations import REMOVAL, Change, Operation, pack
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.sync.merge import Author

if TYPE_CHECKING:
    from tests.sync.histories import Holder


class Deeds(ABC):
    """What people do; the rest of the world is histories.py's."""

    customer: str
    contact: str
    maren: Any
    count: int

    @abstractmethod
    def pick(self, index: int) -> Holder:
        """Return one of the devices."""

    def edit(self, index: int, name: str, value: int) -> None:
        """Somebody changes a field of the contact everybody shares."""
        store = self.pick(index).store
        held = store.get(Contact, self.contact)
        if held is not None:
            store.save(replace(held, **{name: value if name == "skill" else f"{name} {value}"}))

    def add_site(self, index: int) -> None:
        """Somebody adds a site to the shared customer."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is not None:
            store.save(Site(id=new_id(), customer_id=self.customer, name=f"site {self.count}"))

    def add_customer(self, index: int) -> None:
        """Somebody makes a customer of his own."""
        customer = Customer(id=new_id(), display_name="Own")
        self.pick(index).store.save(customer, Site(id=new_id(), customer_id=customer.id, name="own"))

    def edit_site(self, index: int, which: int, value: int) -> None:
        """Somebody renames a site."""
        store = self.pick(index).store
        sites = store.find(Site, customer_id=self.customer, order_by="id")
        if sites:
            store.save(replace(sites[which % len(sites)], name=f"renamed {value}"))

    def remove_site(self, index: int, which: int) -> None:
        """Somebody removes a site."""
        store = self.pick(index).store
        sites = store.find(Site, customer_id=self.customer, order_by="id")
        if sites:
            store.remove(sites[which % len(sites)], "twice")

    def bring_back_site(self, index: int, which: int) -> None:
        """Somebody takes the removal of a site back."""
        store = self.pick(index).store
        shown = {site.id for site in store.find(Site, customer_id=self.customer)}
        every = store.find(Site, customer_id=self.customer, order_by="id", with_removed=True)
        gone = [site for site in every if site.id not in shown]
        if gone:
            store.restore(gone[which % len(gone)])

    def merge_customers(self, index: int) -> None:
        """Somebody finds that a customer of his own is the shared one, entered twice."""
        store = self.pick(index).store
        twins = [one for one in store.find(Customer, order_by="id") if one.id != self.customer]
        if twins and store.get(Customer, self.customer) is not None:
            store.save(replace(twins[0], merged_into=self.customer))

    def add_photo(self, index: int, which: int) -> None:
        """Somebody takes a photo during a visit; the same one may be taken on several devices."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is None:
            return
        data = bytes([which]) * (40 + which)
        visit = Visit(id=new_id(), number=store.next_number(2026), customer_id=self.customer, purpose="Photo")
        photo = Attachment(
            id=new_id(), visit_id=visit.id, sha256=hashlib.sha256(data).hexdigest(), byte_count=len(data),
            media_type="image/jpeg",
        )  # fmt: skip
        assert store.attach(data, "image/jpeg") == photo.sha256
        store.save(visit, photo)

    def drop_photo(self, index: int, which: int) -> None:
        """Somebody takes a photo out of its visit."""
        store = self.pick(index).store
        photos = store.find(Attachment, order_by="id")
        if photos:
            store.remove(photos[which % len(photos)], "blurred")

    def fetch_photo(self, index: int, which: int) -> None:
        """Somebody opens a photo that is not on his device."""
        holder = self.pick(index)
        photos = [
            one
            for one in holder.store.find(Attachment, order_by="id")
            if holder.store.attachments.away([one.sha256])
        ]
        if photos:
            photo = photos[which % len(photos)]
            with contextlib.suppress(SyncError):
                holder.client.fetch_file(photo.sha256, photo.media_type)

    def decide(self, index: int, which: int) -> None:
        """Somebody settles a conflict on his device with one of its values."""
        store = self.pick(index).store
        for conflict in store.conflicts():
            if conflict.field != REMOVAL and not conflict.decided_by:
                sides = [conflict.kept, *conflict.others]
                with contextlib.suppress(InputError):
                    store.decide(
                        conflict.entity, conflict.record_id, conflict.field, sides[which % len(sides)].value
                    )
                return

    def add_visit(self, index: int) -> None:
        """Somebody works at the shared customer's and submits the visit."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is None:
            return
        visit = Visit(
            id=new_id(), number=store.next_number(2026), customer_id=self.customer, purpose="Printer jams"
        )
        # Below a visit that was submitted nothing more is taken: it comes last.
        store.save(visit, Troubleshooting(id=new_id(), visit_id=visit.id, title="Roller cleaned"))
        store.save(replace(visit, work_state=WorkState.SUBMITTED))

    def let_leave(self, index: int, *, is_on: bool) -> None:
        """Somebody works from a stick, which visits leave as soon as the office has them, or from a laptop again."""
        store = self.pick(index).store
        store.set_setting("sync.visits_leave", is_on)
        store.set_setting("sync.visit_days", 0)

    def fetch_back(self, index: int, which: int) -> None:
        """Somebody asks for a visit that left."""
        holder = self.pick(index)
        gone = holder.store.away.gone()
        if gone:
            with contextlib.suppress(StoreError):
                holder.client.fetch_visit(gone[which % len(gone)].visit_id)

    def staff_remark(self, which: int) -> None:
        """Staff write something about a visit, which may have left its device."""
        visits = list(Row.objects.filter(entity="visit").order_by("entity_id").values_list("pk", flat=True))
        if visits:
            with self._without_words():
                review.comment(self.maren, str(visits[which % len(visits)]), "Well done.")

    def staff_edit(self, value: int) -> None:
        """Staff change the shared contact."""
        if Row.objects.filter(entity_id=self.contact).exists():
            with self._without_words():
                office.change_as_staff(self.maren, "contact", self.contact, {"role": f"staff {value}"})

    def staff_book(self, which: int) -> None:
        """Staff approve a visit and book its costs, or take the booking back."""
        chief = User.objects.get(username="admin")
        visits = list(Row.objects.filter(entity="visit").order_by("entity_id").values_list("pk", flat=True))
        if not visits:
            return
        chosen = str(visits[which % len(visits)])
        for work in (
            lambda: review.approve(chief, chosen, None, "Fine."),
            lambda: posting.post(chief, chosen),
            lambda: posting.take_back(chief, chosen, None, "Another payer.") if which % 2 else None,
        ):
            with contextlib.suppress(CentralError, InputError):
                work()

    def staff_close_month(self) -> None:
        """Staff close a month, or open it again."""
        chief = User.objects.get(username="admin")
        with contextlib.suppress(CentralError, InputError):
            if "2026-01" in posting.closed_months(1):
                posting.reopen_month(chief, "2026-01", "One was missing.")
            else:
                posting.close_month(chief, "2026-01")

    def erase(self) -> None:
        """An administrator removes the shared customer for good."""
        if Row.objects.filter(entity_id=self.customer).exists() and not ErasedCustomer.objects.exists():
            chief = User.objects.get(username="admin")
            erasures.erase(chief, self.customer, erasures.expected(erasures.foreseen(chief, self.customer)))

    @contextlib.contextmanager
    def _without_words(self) -> Iterator[None]:
        """Let staff be told that no words are kept about a removed customer."""
        try:
            yield
        except CentralError:
            assert ErasedCustomer.objects.exists()

    def staff_decide(self) -> None:
        """Staff settle a conflict."""
        row = Conflict.objects.filter(decided_by_op=None).order_by("id").first()
        if row is not None:
            value: Any = True if row.field == REMOVAL else f"decided {row.field}"
            office.decide_conflict(self.maren, row.pk, 3 if row.field == "skill" else value)

    def strange(self, index: int) -> None:
        """A newer techkit writes a kind nobody here knows, and a field nobody here knows."""
        scope = f"customer:{self.customer}"
        op = Operation(
            op_id=new_id(), device="office", hlc=time.time_ns() // 1_000_000 << 16, scope=scope,
            entity="hologram", record_id=new_id(), fields={"depth": Change(3)}, actor="newer",
        )  # fmt: skip
        batch = Batch(org_id=1, author=Author.OFFICE, device="office", now_ms=time.time_ns() // 1_000_000)
        with db.transaction.atomic():
            ingest.receive(batch, [pack(op)])
        store = self.pick(index).store
        held = store.get(Contact, self.contact)
        if held is not None:
            store.save(dataclasses.replace(held, extra={**held.extra, "mood": f"mood {self.count}"}))

    def poison(self, index: int) -> None:
        """A faulty program writes an operation the service cannot take."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is None:
            return
        deep: Any = 1
        for _level in range(40):
            deep = [deep]
        op = Operation(
            op_id=new_id(), device=store.device.id, hlc=store.clock.tick(), scope=f"customer:{self.customer}",
            entity="hologram", record_id=new_id(), fields={"depth": Change(deep)}, actor="faulty",
        )  # fmt: skip
        with store.connection.transaction():
            store.outbox.add(op)
