"""A computer, place or person entered twice and merged: what was kept under the entry that went is read as the other's. Pure.

Facts are never changed, so runs and inventories keep the id they were taken under; entries and the keys of their proof
follow here too, so that before and after are still compared. What a contract covers is the office's: it names the entry
the office knew, whichever of the two stands by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from techkit.records.activities import Activity, Attendance, Training
from techkit.records.assets import Asset, FindingNote
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import Record
from techkit.records.visit import Visit

R = TypeVar("R", bound=Record)


def standing(records: Iterable[Record]) -> dict[str, str]:
    """Return for each customer, person, computer and place that went, by its id, the one it was merged into, however far."""
    into = {
        a.id: a.merged_into
        for a in records
        if isinstance(a, (Customer, Contact, Asset, Site)) and a.merged_into
    }
    found: dict[str, str] = {}
    for gone in into:
        kept, seen = gone, {gone}
        while (beyond := into.get(kept)) and beyond not in seen:
            kept = beyond
            seen.add(kept)
        found[gone] = kept
    return found


def stand_ins(visit: Visit, records: Iterable[Record]) -> dict[str, str]:
    """Return for each customer, computer and place that went, by its id, the visit's that it was merged into; all people."""
    held = list(records)
    own = {*visit.asset_ids, visit.site_id, visit.customer_id}
    people = {one.id for one in held if isinstance(one, Contact)}
    return {gone: kept for gone, kept in standing(held).items() if gone not in own and kept in own | people}


def as_kept(held: R, kept: Mapping[str, str]) -> R:
    """Return a record with the computers it names as they stand by now; itself where it names none that went."""
    changed: dict[str, Any] = {}
    if (asset_id := getattr(held, "asset_id", None)) in kept:
        changed["asset_id"] = kept[asset_id or ""]
    if isinstance(held, Activity):
        evidence = tuple(replace(p, draft_key=_key(p.draft_key, kept)) for p in held.evidence)
        if evidence != held.evidence:
            changed["evidence"] = evidence
    if isinstance(held, Training) and any(row.contact_id in kept for row in held.attendance):
        changed["attendance"] = _each_once(held.attendance, kept)
    if isinstance(held, FindingNote) and _key(held.finding, kept) != held.finding:
        changed["finding"] = _key(held.finding, kept)
    if isinstance(held, Visit):
        shown = tuple(_key(key, kept) for key in held.shown_findings)
        if shown != held.shown_findings:
            changed["shown_findings"] = shown
    return replace(held, **changed) if changed else held


def _each_once(attendance: Iterable[Attendance], kept: Mapping[str, str]) -> tuple[Attendance, ...]:
    """Return who was at a session, somebody who was entered twice once: as they were judged, where one entry was."""
    found: dict[str, Attendance] = {}
    for row in attendance:
        now = replace(row, contact_id=kept.get(row.contact_id, row.contact_id))
        held = found.get(now.contact_id)
        if held is None or (now.is_present, now.skill_after) > (held.is_present, held.skill_after):
            found[now.contact_id] = now
    return tuple(found.values())


def _key(key: str, kept: Mapping[str, str]) -> str:
    """Return the key of a draft or a finding, which begins with the computer's id."""
    head, bar, rest = key.partition("|")
    return f"{kept[head]}{bar}{rest}" if head in kept else key
