"""How much of a visit the service has confirmed: its changes and its files, by receipts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from techkit.i18n import _, ngettext
from techkit.records.bundle import VisitBundle
from techkit.records.visit import Attachment
from techkit.store.database import Store


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What of one visit arrived. at: when the last receipt came, None before any.

    changes and files are counted as confirmed only after the service named them in a receipt: sent is
    not arrived.
    """

    changes_confirmed: int
    changes_waiting: int
    files_confirmed: int
    files_count: int
    at: datetime | None

    @property
    def is_whole(self) -> bool:
        """Return whether nothing of the visit is only here."""
        return self.changes_waiting == 0 and self.files_confirmed == self.files_count and self.at is not None

    @property
    def sentence(self) -> str:
        """Return it as one sentence, e.g. "Sent, 6 of 6 photos and files confirmed."."""
        if self.changes_waiting:
            return ngettext(
                "Waiting: {n} change is only here.",
                "Waiting: {n} changes are only here.",
                self.changes_waiting,
            )
        if not self.files_count:
            return _("Sent and confirmed.") if self.at is not None else _("Nothing to send yet.")
        count = self.files_count
        words = dict(done=self.files_confirmed, count=count)
        if self.files_confirmed < self.files_count:
            return ngettext(
                "Waiting: {done} of {count} photo or file confirmed.",
                "Waiting: {done} of {count} photos and files confirmed.",
                count,
                **words,
            )
        return ngettext(
            "Sent, {done} of {count} photo or file confirmed.",
            "Sent, {done} of {count} photos and files confirmed.",
            count,
            **words,
        )


def delivery(store: Store, visit_id: str) -> Delivery:
    """Return how much of a visit arrived. Raises: StoreError when the visit is not on this device."""
    return delivery_of(store, store.bundle(visit_id))


def delivery_of(store: Store, bundle: VisitBundle) -> Delivery:
    """Return how much of a visit arrived, for a bundle that is at hand."""
    visit_id = bundle.visit.id
    ids = {visit_id}
    for kind in store.tables.values():
        if any(field.name == "visit_id" for field in kind.spec.fields):
            ids.update(record.id for record in store.find(kind.spec.cls, visit_id=visit_id))
    confirmed, waiting, at = store.outbox.receipts_of(sorted(ids))
    files = {held.sha256 for held in store.find(Attachment, visit_id=visit_id) if held.sha256}
    stored = [store.attachments.find(sha256) for sha256 in sorted(files)]
    return Delivery(
        changes_confirmed=confirmed,
        changes_waiting=waiting,
        files_confirmed=sum(one is None or one.present_at is not None for one in stored),
        files_count=len(files),
        at=at,
    )
