"""Which computers a visit is about: what is proposed while none is in hand, and what the technician confirms."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from techkit.i18n import _
from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.schema import Record
from techkit.ui.presenters.choices import Proposal

if TYPE_CHECKING:
    from techkit.ui.presenters.open_visit import OpenVisit

#: The proposal to take in a computer nothing is known of.
NEW = "new"

#: So many computers of the customer are proposed.
_MOST = 3


class VisitComputers:
    """The computers of one open visit."""

    def __init__(self, held: OpenVisit) -> None:
        self._held = held
        self._recognised: tuple[Proposal, ...] = ()

    def propose(self, proposals: tuple[Proposal, ...]) -> None:
        """Show which known computers this one may be; the program calls it when it has looked."""
        self._recognised = proposals
        self._held.changed()

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Return which computers the visit may be about; none once it is about one that was recognised.

        On a technician's own computer no customer's is proposed: techkit reads the computer it runs on.
        """
        if self._recognised or self._held.visit.asset_ids:
            return self._recognised
        if self._held.around.is_own_computer:
            return (
                Proposal(
                    id=NEW,
                    title=_("This computer, though it is your own"),
                    reason=_(
                        "techkit reads the computer it runs on; a customer’s own is read from your stick."
                    ),
                ),
            )
        known = [
            Proposal(
                id=a.id,
                title=a.name,
                reason=" ".join(p for p in (a.maker, a.model) if p) or _("Known at this customer"),
            )
            for a in self._held.known.assets[:_MOST]
        ]
        new = Proposal(
            id=NEW, title=_("A computer not seen before"), reason=_("Nothing here is known of it yet.")
        )
        return (*known, new)

    def confirm(self, proposal_id: str) -> None:
        """Take a computer into the visit: a known one by its id, or NEW for one not seen before."""
        held, visit = self._held, self._held.visit
        changed: list[Record] = []
        asset_id = proposal_id
        if proposal_id == NEW:
            asset = Asset(
                id=new_id(),
                customer_id=visit.customer_id,
                site_id=visit.site_id,
                name=numbered_name(len(visit.asset_ids) + 1),
                owner_contact=visit.contact_id,
            )
            asset_id = asset.id
            changed.append(asset)
        else:
            changed += [a for a in held.known.assets if a.id == proposal_id]
        if asset_id not in visit.asset_ids:
            changed.append(dataclasses.replace(visit, asset_ids=(*visit.asset_ids, asset_id)))
        held.asset_in_hand = asset_id
        self._recognised = ()
        held.save(*changed, word=_("the computer"))


def numbered_name(n: int) -> str:
    """Return what a computer is called before anything is known of it."""
    return _("Computer {n}", n=n)


def is_numbered(name: str) -> bool:
    """Return whether a name is only a number given on taking a computer in."""
    return any(name == numbered_name(n) for n in range(1, 100))
