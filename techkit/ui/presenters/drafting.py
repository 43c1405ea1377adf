"""Drafts on a screen: their ticks, adding the ticked ones, putting others away. Work and After use it.

An entry that came of a draft and is not so any more, because it was undone before the check after the work, is
offered to be taken out in the same list.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from techkit.i18n import _, ngettext
from techkit.records.activities import Activity, Origin
from techkit.records.assets import DiagnosticRun, InventorySnapshot
from techkit.records.drafts import Draft
from techkit.records.identity import new_id
from techkit.records.inventory_changes import Confidence
from techkit.records.proofs import Proven, proof_of
from techkit.records.schema import Record, spec_of
from techkit.ui.presenters.entries import change_line, entry_title
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit


def _looked_at(look: Record | None) -> datetime | None:
    """Return when a computer was looked at for a draft: the change lies between two such moments."""
    if isinstance(look, InventorySnapshot):
        return look.taken_at
    return look.started_at if isinstance(look, DiagnosticRun) else None


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """One proposed entry. confidence: "certain", "asked" or "self_update"; only certain ones are ticked.

    reason: why it is proposed, and why not ticked. proof_line: before → after as read. takes_out: title of the entry
    that is taken out where that is what the row proposes.
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
    takes_out: str = ""


#: How the key of a row begins that takes an entry out again; the entry's id follows.
_UNDONE = "undone|"


class Drafting:
    """The drafts of one visit as a list with ticks."""

    def __init__(self, held: OpenVisit) -> None:
        self.held = held
        self.changed = Observable()
        self._ticks: dict[str, bool] = {}
        self._kept: set[str] = set()

    def rows(self) -> tuple[DraftRow, ...]:
        """Return the drafts, ticked ones first only by their own order: certain before asked."""
        order = {Confidence.CERTAIN: 0, Confidence.ASKED: 1, Confidence.SELF_UPDATE: 2}
        drafts = sorted(self.held.drafted.drafts, key=lambda d: order[d.confidence])
        return (*(self._row(d) for d in drafts), *(self._undone_row(a) for a in self._undone()))

    def _undone(self) -> list[Activity]:
        """Return entries of drafts that the check after the work contradicts, without those somebody keeps."""
        bundle = self.held.bundle
        return [
            a
            for a in bundle.activities
            if a.origin is Origin.DRAFTED
            and a.id not in self._kept
            and proof_of(a, bundle) is Proven.NOT_PROVEN
        ]

    def _undone_row(self, entry: Activity) -> DraftRow:
        asset = self.held.bundle.asset(entry.asset_id)
        key = f"{_UNDONE}{entry.id}"
        return DraftRow(
            key=key,
            kind=spec_of(entry).kind,
            icon="arrow-counter-clockwise",
            title=_("Take out: {title}", title=entry_title(entry)),
            line=_("Recorded in this visit"),
            is_ticked=self._ticks.get(key, False),
            confidence=Confidence.ASKED.value,
            reason=_("The check after the work does not show it any more."),
            computer=(asset.tag or asset.name) if asset else "",
            takes_out=entry_title(entry),
        )

    def _taken_out(self) -> list[Activity]:
        return [a for a in self._undone() if self._ticks.get(f"{_UNDONE}{a.id}")]

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
        row = next((r for r in self.rows() if r.key == key), None)
        if row is not None:
            self._ticks[key] = not row.is_ticked
            self.changed()

    def add_label(self) -> str:
        """Return the button's words, naming how many."""
        n, out = len(self.ticked()), len(self._taken_out())
        taking = ngettext("Take {n} entry out", "Take {n} entries out", out) if out else ""
        if out and n:
            adding = ngettext("Add {n} draft", "Add {n} drafts", n)
            return " · ".join((adding, taking))
        if out:
            return taking
        return ngettext("Add {n} draft", "Add {n} drafts", n) if n else _("Add drafts")

    def add(self) -> int:
        """Make entries of the ticked drafts, each with its proof, and take out what is not so any more.

        Return how many entries were made.
        """
        # What becomes a draft because an entry went is shown first, not added with it.
        drafts = self.ticked()
        for entry in self._taken_out():
            self._ticks.pop(f"{_UNDONE}{entry.id}", None)
            self.held.remove(entry, word=_("“{title}” taken out", title=entry_title(entry)))
        if not drafts:
            return 0
        held, now = self.held, self.held.around.clock.now()
        proofs = [d.proof for d in drafts]
        looks = held.held({p.snapshot_before for p in proofs} | {p.snapshot_after for p in proofs})
        looked = {look.id: look for look in (*held.bundle.snapshots, *held.bundle.runs, *looks)}
        entries = [
            dataclasses.replace(
                d.record,
                id=new_id(),
                visit_id=held.visit_id,
                contact_id=held.visit.contact_id,
                started_at=_looked_at(looked.get(d.proof.snapshot_before)),
                ended_at=_looked_at(looked.get(d.proof.snapshot_after)),
                recorded_at=now,
            )
            for d in drafts
        ]
        held.save(*looks, *entries, word=ngettext("{n} draft added", "{n} drafts added", len(entries)))
        for draft in drafts:
            self._ticks.pop(draft.key, None)
        self.changed()
        return len(entries)

    def not_ours(self, key: str = "") -> None:
        """Put one draft away as not our work, or all that are not ticked, and remember it for their programs.

        An entry that is offered to be taken out stays.
        """
        if key.startswith(_UNDONE):
            self._kept.add(key.removeprefix(_UNDONE))
            self.changed()
            return
        drafts = self.held.drafted.drafts
        put = [d for d in drafts if (d.key == key if key else not self._is_ticked(d))]
        self.held.not_our_work(put)
        self.changed()
