"""Drafts on a screen: their ticks, adding the ticked ones, putting others away. Work and After use it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from techkit.i18n import _, ngettext
from techkit.records.drafts import Draft
from techkit.records.identity import new_id
from techkit.records.inventory_changes import Confidence
from techkit.records.schema import spec_of
from techkit.ui.presenters.entries import change_line
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """One proposed entry. confidence: "certain", "asked" or "self_update"; only certain ones are ticked.

    reason: why it is proposed, and why not ticked. proof_line: before → after as read.
    """

    key: str
    kind: str
    icon: str
    title: str
    line: str
    is_ticked: bool
    confidence: str
    reason: str
    proof_line: str = ""
    computer: str = ""


class Drafting:
    """The drafts of one visit as a list with ticks."""

    def __init__(self, held: OpenVisit) -> None:
        self.held = held
        self.changed = Observable()
        self._ticks: dict[str, bool] = {}

    def rows(self) -> tuple[DraftRow, ...]:
        """Return the drafts, ticked ones first only by their own order: certain before asked."""
        order = {Confidence.CERTAIN: 0, Confidence.ASKED: 1, Confidence.SELF_UPDATE: 2}
        drafts = sorted(self.held.drafted.drafts, key=lambda d: order[d.confidence])
        return tuple(self._row(d) for d in drafts)

    def _row(self, draft: Draft) -> DraftRow:
        spec, asset = spec_of(draft.record), self.held.bundle.asset(draft.asset_id)
        computer = (asset.tag or asset.name) if asset else ""
        several = len(self.held.visit.asset_ids) > 1
        return DraftRow(
            key=draft.key,
            kind=spec.kind,
            icon=spec.icon,
            title=draft.title,
            line=" · ".join(part for part in (_(spec.title), computer if several else "") if part),
            is_ticked=self._is_ticked(draft),
            confidence=draft.confidence.value,
            reason=draft.reason,
            proof_line=change_line(draft.proof.before, draft.proof.after),
            computer=computer,
        )

    def _is_ticked(self, draft: Draft) -> bool:
        return self._ticks.get(draft.key, draft.is_ticked)

    def ticked(self) -> list[Draft]:
        """Return the drafts that would be added."""
        return [d for d in self.held.drafted.drafts if self._is_ticked(d)]

    def toggle(self, key: str) -> None:
        """Tick a draft, or take its tick away."""
        draft = next((d for d in self.held.drafted.drafts if d.key == key), None)
        if draft is not None:
            self._ticks[key] = not self._is_ticked(draft)
            self.changed()

    def add_label(self) -> str:
        """Return the button's words, naming how many."""
        n = len(self.ticked())
        return ngettext("Add {n} draft", "Add {n} drafts", n) if n else _("Add drafts")

    def add(self) -> int:
        """Make entries of the ticked drafts, each with its proof; return how many."""
        drafts = self.ticked()
        if not drafts:
            return 0
        held, now = self.held, self.held.around.clock.now()
        entries = [
            dataclasses.replace(
                d.record,
                id=new_id(),
                visit_id=held.visit_id,
                contact_id=held.visit.contact_id,
                recorded_at=now,
            )
            for d in drafts
        ]
        proofs = [d.proof for d in drafts]
        looks = held.held({p.snapshot_before for p in proofs} | {p.snapshot_after for p in proofs})
        held.save(*looks, *entries, word=ngettext("{n} draft added", "{n} drafts added", len(entries)))
        for draft in drafts:
            self._ticks.pop(draft.key, None)
        self.changed()
        return len(entries)

    def not_ours(self, key: str = "") -> None:
        """Put one draft away as not our work, or all that are not ticked, and remember it for their programs."""
        drafts = self.held.drafted.drafts
        put = [d for d in drafts if (d.key == key if key else not self._is_ticked(d))]
        self.held.not_our_work(put)
        self.changed()
