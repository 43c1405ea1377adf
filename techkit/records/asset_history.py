"""What happened to a computer over its visits: each change and each new verdict with its visit, newest first. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.i18n import _
from techkit.records.assets import DiagnosticRun, InventorySnapshot
from techkit.records.bundle import whole
from techkit.records.charges import visit_day
from techkit.records.drafts import change_title
from techkit.records.findings import Verdict
from techkit.records.inventory_changes import ChangeKind, InventoryChange, Place
from techkit.records.inventory_difference import inventory_difference
from techkit.records.visit import Visit

#: Changes a history tells; settings and what comes along with others would bury them.
_TOLD = (Place.HARDWARE, Place.SYSTEM, Place.FIRMWARE, Place.SOFTWARE)


@dataclass(frozen=True, kw_only=True)
class AssetEvent:
    """One change of a computer. since: what is so from then on, in words, "" for what is gone."""

    on: date | None
    visit_id: str
    visit_number: str
    title: str
    since: str
    change: InventoryChange


@dataclass(frozen=True, kw_only=True)
class VerdictChange:
    """One check of one thing that was judged otherwise than before. sentence: what the later run said."""

    visit_id: str
    title: str
    subject: str
    before: Verdict
    after: Verdict
    sentence: str

    @property
    def is_better(self) -> bool:
        """Return whether it was judged better than before."""
        return self.after.rank < self.before.rank


#: Verdicts that say something about the thing itself: what could not be looked at is as it was last seen.
_JUDGED = (Verdict.OK, Verdict.WATCH, Verdict.ACT)


def verdict_changes(runs: Iterable[DiagnosticRun]) -> tuple[VerdictChange, ...]:
    """Return each verdict of one computer's runs that differs from the one before it, newest first.

    A check that was not made, or could not be, changes nothing: the next verdict is held against the last one given.
    """
    last: dict[tuple[str, str], Verdict] = {}
    found: list[VerdictChange] = []
    for run in whole(sorted((r for r in runs if r.started_at), key=lambda r: (r.started_at, r.id))):
        for held in run.findings:
            if held.verdict not in _JUDGED:
                continue
            key = (held.check, held.subject)
            before = last.get(key, held.verdict)
            last[key] = held.verdict
            if before is not held.verdict:
                found.append(
                    VerdictChange(
                        visit_id=run.visit_id,
                        title=held.title,
                        subject=held.subject,
                        before=before,
                        after=held.verdict,
                        sentence=held.sentence or held.customer_sentence,
                    )
                )
    return tuple(reversed(found))


def history(snapshots: Iterable[InventorySnapshot], visits: Mapping[str, Visit]) -> tuple[AssetEvent, ...]:
    """Return the changes between one computer's inventories, newest first.

    A change between two visits is told with the visit that first saw it. Inventories without content
    are passed over.
    """
    ordered = sorted((s for s in snapshots if s.content), key=_moment)
    found: list[AssetEvent] = []
    for before, after in itertools.pairwise(ordered):
        visit = visits.get(after.visit_id)
        day = visit_day(visit) if visit is not None else (after.taken_at.date() if after.taken_at else None)
        found += [
            AssetEvent(
                on=day,
                visit_id=after.visit_id,
                visit_number=visit.number if visit is not None else "",
                title=change_title(change),
                since=_since(change, day, visit),
                change=change,
            )
            for change in inventory_difference(before.content, after.content)
            if change.place in _TOLD
        ]
    return tuple(reversed(found))


def _moment(snapshot: InventorySnapshot) -> tuple[float, str]:
    return (snapshot.taken_at.timestamp() if snapshot.taken_at else 0.0, snapshot.id)


def _since(change: InventoryChange, day: date | None, visit: Visit | None) -> str:
    """Return what is so since when, "" for what is gone."""
    if change.kind is ChangeKind.REMOVED or day is None:
        return ""
    value = change.after or change.product
    if visit is not None and visit.number:
        return _(
            "{thing}: {value} since {day}, visit {number}",
            thing=change.product,
            value=value,
            day=i18n.day(day, style="medium"),
            number=visit.number,
        )
    return _(
        "{thing}: {value} since {day}", thing=change.product, value=value, day=i18n.day(day, style="medium")
    )
