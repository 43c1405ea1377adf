"""Drafts of work from what the computer shows: inventory and readings before and after. Pure.

A draft becomes an entry only when a person adds it. Its key stays the same when the computer is read
again, so a draft is offered once; a draft that matches an entry written by hand becomes its proof.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.activities import (
    Activity,
    DataCare,
    Install,
    Maintenance,
    MaintenanceAction,
    Origin,
    Proof,
    Upgrade,
    UpgradeKind,
)
from techkit.records.assets import Asset, DiagnosticRun, InventorySnapshot, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Reading
from techkit.records.inventory_changes import ChangeKind, Confidence, InventoryChange, Place
from techkit.records.inventory_difference import inventory_difference
from techkit.records.products import family, is_same_version, plain_name
from techkit.records.protection_differences import ProtectionChange, protection_changes

#: Less space freed than this is what a system cleans by itself within an hour. Source: the size of
#: browser caches and temporary folders techkit's own check leaves and finds, below 1 GB.
FREED_BYTES = 10**9

#: So many packages are one draft, not a list of drafts: an update of the system, not single deeds.
GROUP_FROM = 3


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One proposed entry.

    key: stable across reruns. record: the entry, without an id of its own ("") and unsaved. title:
    what it says. is_ticked: proposed for adding. reason: why it is proposed, and why not ticked.
    """

    key: str
    record: Activity
    title: str
    is_ticked: bool
    confidence: Confidence
    reason: str
    proof: Proof
    asset_id: str


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """What the differences of a visit's computers make.

    drafts: to be offered. proofs: activity id → proof, for entries that a difference proves and that
    do not name it yet. by_itself: changes nobody claims and that look automatic.
    """

    drafts: tuple[Draft, ...] = ()
    proofs: tuple[tuple[str, Proof], ...] = ()
    by_itself: tuple[Draft, ...] = ()


def drafted(
    bundle: VisitBundle, *, not_ours: Collection[str] = (), set_aside: Collection[str] = ()
) -> Drafted:
    """Return drafts for all computers of a visit, those nobody has claimed yet.

    not_ours: topics (see `topic_of`) somebody once called not our work: shown, not ticked.
    set_aside: keys of drafts put away during this visit: not shown again.
    """
    offered: list[Draft] = []
    proofs: list[tuple[str, Proof]] = []
    claimed = {p.draft_key: a for a in bundle.activities for p in a.evidence if p.draft_key}
    for draft in all_drafts(bundle):
        if draft.key in claimed:
            continue
        entry = next((a for a in bundle.activities if matches(draft, a)), None)
        if entry is not None:
            proofs.append((entry.id, draft.proof))
        elif draft.key not in set_aside:
            offered.append(_unticked(draft) if topic_of(draft.key) in not_ours else draft)
    by_itself = tuple(d for d in offered if d.confidence is Confidence.SELF_UPDATE)
    return Drafted(drafts=tuple(offered), proofs=tuple(proofs), by_itself=by_itself)


def _unticked(draft: Draft) -> Draft:
    reason = _("You said earlier that this is not our work.")
    return dataclasses.replace(draft, is_ticked=False, reason=reason)


def topic_of(key: str) -> str:
    """Return what a draft's key is about without the computer and the kind: its remembered topic."""
    return key.split("|", 2)[-1]


def all_drafts(bundle: VisitBundle) -> tuple[Draft, ...]:
    """Return every draft of every computer of a visit, claimed or not."""
    found: list[Draft] = []
    for asset in bundle.assets:
        before = bundle.snapshot(asset.id, Phase.BEFORE)
        after = latest_snapshot(bundle, asset.id)
        if before is not None and after is not None:
            found += snapshot_drafts(before, after, asset)
        run_before = bundle.run(asset.id, Phase.BEFORE)
        run_after = latest_run(bundle, asset.id)
        if run_before is not None and run_after is not None:
            found += _unsaid(reading_drafts(run_before, run_after, asset), found)
    return tuple(found)


#: Parts whose counters tell that they are other ones: charges of a battery, hours of a disk.
_COUNTING_PARTS = ("hardware:batteries", "hardware:disk")


def _unsaid(drafts: Sequence[Draft], found: Sequence[Draft]) -> list[Draft]:
    """Return drafts of readings without a new battery or disk that the inventory names already."""
    told = {(d.asset_id, part) for d in found for part in _COUNTING_PARTS if topic_of(d.key).startswith(part)}
    return [
        d
        for d in drafts
        if not any(
            topic_of(d.key).startswith(part) and (d.asset_id, part) in told for part in _COUNTING_PARTS
        )
    ]


def latest_snapshot(bundle: VisitBundle, asset_id: str) -> InventorySnapshot | None:
    """Return the last inventory after the first one, None when there is only the first."""
    later = [s for s in bundle.snapshots if s.asset_id == asset_id and s.phase is not Phase.BEFORE]
    return later[-1] if later else None


def latest_run(bundle: VisitBundle, asset_id: str) -> DiagnosticRun | None:
    """Return the last run after the first one, None when there is only the first."""
    later = [r for r in bundle.whole_runs if r.asset_id == asset_id and r.phase is not Phase.BEFORE]
    return later[-1] if later else None


# --- from the inventory -----------------------------------------------------------------------------


def snapshot_drafts(before: InventorySnapshot, after: InventorySnapshot, asset: Asset) -> list[Draft]:
    """Return the drafts the difference of two inventories of one computer makes."""
    changes = inventory_difference(before.content, after.content)
    packages = [c for c in changes if c.place is Place.PACKAGES]
    single = [c for c in changes if c.place is not Place.PACKAGES or len(packages) < GROUP_FROM]
    found = [_draft(change, before, after, asset) for change in single]
    if len(packages) >= GROUP_FROM:
        found.append(_packages(packages, before, after, asset))
    return found


def change_key(asset_id: str, change: InventoryChange) -> str:
    """Return the stable key of a change: computer, kind of deed, what it is about."""
    deed = "moved" if change.kind in (ChangeKind.UPGRADED, ChangeKind.SET_BACK) else change.kind.value
    return f"{asset_id}|{deed}|{change.place.value}:{change.topic}"


def change_proof(
    change: InventoryChange, before: InventorySnapshot, after: InventorySnapshot, key: str
) -> Proof:
    """Return the evidence a change is."""
    old = change.before
    if change.old_name and change.old_name not in old:
        old = f"{change.old_name} {change.before}".strip()
    return Proof(
        source="inventory",
        subject=change.product,
        before=old,
        after=", ".join(change.items) if change.items and not change.after else change.after,
        snapshot_before=before.id,
        snapshot_after=after.id,
        draft_key=key,
    )


def _draft(
    change: InventoryChange, before: InventorySnapshot, after: InventorySnapshot, asset: Asset
) -> Draft:
    key = change_key(asset.id, change)
    proof = change_proof(change, before, after, key)
    title = change_title(change)
    return Draft(
        key=key,
        record=dataclasses.replace(
            _record(change), asset_id=asset.id, title=title[:200], origin=Origin.DRAFTED, evidence=(proof,)
        ),
        title=title,
        is_ticked=change.confidence is Confidence.CERTAIN,
        confidence=change.confidence,
        reason=change.reason or _("The inventory before and after differs."),
        proof=proof,
        asset_id=asset.id,
    )


_UPGRADES = {
    Place.SYSTEM: UpgradeKind.OPERATING_SYSTEM,
    Place.FIRMWARE: UpgradeKind.FIRMWARE,
    Place.HARDWARE: UpgradeKind.HARDWARE,
}


def _record(change: InventoryChange) -> Activity:
    match change.kind:
        case ChangeKind.UPGRADED | ChangeKind.SET_BACK:
            return Upgrade(
                id="",
                product=change.product,
                from_version=change.before,
                to_version=change.after,
                what=_UPGRADES.get(change.place, UpgradeKind.SOFTWARE),
            )
        case ChangeKind.INSTALLED:
            return Install(id="", product=change.product, version=change.after)
        case ChangeKind.REMOVED:
            return Maintenance(
                id="", action=MaintenanceAction.REMOVED, product=change.product, version=change.before
            )
    return Maintenance(id="", action=MaintenanceAction.CONFIGURED, product=change.product)


def change_title(change: InventoryChange) -> str:  # noqa: PLR0911 - one sentence a kind
    """Return a change as one sentence for an entry's title."""
    name, old, new = change.product, change.before, change.after
    match change.kind:
        case ChangeKind.INSTALLED if change.place is Place.HARDWARE:
            return _("{part} fitted: {name}", part=name, name=new)
        case ChangeKind.INSTALLED:
            return _("{product} {version} installed", product=name, version=new).replace("  ", " ")
        case ChangeKind.REMOVED if change.place is Place.HARDWARE:
            return _("{part} taken out: {name}", part=name, name=old)
        case ChangeKind.REMOVED:
            return _("{product} {version} removed", product=name, version=old).replace("  ", " ")
        case ChangeKind.SET_BACK:
            return _("{product} set back from {old} to {new}", product=name, old=old, new=new)
        case ChangeKind.UPGRADED if change.old_name:
            return _("{former} upgraded to {product}", former=change.old_name, product=name)
        case ChangeKind.UPGRADED:
            return _("{product} upgraded from {old} to {new}", product=name, old=old, new=new)
        case ChangeKind.STARTUP_REMOVED:
            n = len(change.items)
            return ngettext(
                "{n} program no longer starts at sign-in: {names}",
                "{n} programs no longer start at sign-in: {names}",
                n,
                names=_some(change.items),
            )
        case ChangeKind.STARTUP_ADDED:
            n = len(change.items)
            return ngettext(
                "{n} program now starts at sign-in: {names}",
                "{n} programs now start at sign-in: {names}",
                n,
                names=_some(change.items),
            )
    return _("{setting} changed from {old} to {new}", setting=name, old=old or "–", new=new or "–")


#: So many names are told in a title; the rest is in the evidence.
_NAMES_TOLD = 3


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_TOLD])
    return shown if len(names) <= _NAMES_TOLD else f"{shown}\u00a0…"


def _packages(
    changes: Sequence[InventoryChange], before: InventorySnapshot, after: InventorySnapshot, asset: Asset
) -> Draft:
    key = f"{asset.id}|packages|packages:all"
    moved = sum(1 for c in changes if c.kind in (ChangeKind.UPGRADED, ChangeKind.SET_BACK))
    title = ngettext(
        "{n} part of the system updated", "{n} parts of the system updated or added", len(changes)
    )
    proof = Proof(
        source="inventory",
        subject=_("Parts of the system"),
        before=ngettext("{n} older version", "{n} older versions", moved),
        after=_some([f"{c.product} {c.after or '–'}" for c in changes]),
        snapshot_before=before.id,
        snapshot_after=after.id,
        draft_key=key,
    )
    return Draft(
        key=key,
        record=Maintenance(
            id="", action=MaintenanceAction.OTHER, product=_("Parts of the system"), title=title,
            asset_id=asset.id, origin=Origin.DRAFTED, evidence=(proof,),
        ),
        title=title,
        is_ticked=False,
        confidence=Confidence.ASKED,
        reason=_("They come along with programs and updates; add them if you installed updates."),
        proof=proof,
        asset_id=asset.id,
    )  # fmt: skip


# --- from readings ----------------------------------------------------------------------------------


def reading_drafts(before: DiagnosticRun, after: DiagnosticRun, asset: Asset) -> list[Draft]:
    """Return the drafts differences of readings make: space freed, updates, start-ups, protection, backups."""
    old, new = _values(before.readings), _values(after.readings)
    found = []
    unowned = _removable_volumes(before) | _removable_volumes(after)
    told: list[tuple[float, float, float]] = []
    for subject, free in old.get("storage.volume.free_bytes", {}).items():
        then = new.get("storage.volume.free_bytes", {}).get(subject)
        sizes = [v.get("storage.volume.total_bytes", {}).get(subject) for v in (old, new)]
        if then is None or sizes[0] != sizes[1] or then - free < FREED_BYTES or subject in unowned:
            continue
        # Volumes that share one pool (APFS, btrfs) show the same space.
        shown = (sizes[0] or 0, free, then)
        if any(
            all(abs(a - b) <= _SAME_SPACE * max(a, b) for a, b in zip(shown, t, strict=True)) for t in told
        ):
            continue
        told.append(shown)
        amount = i18n.byte_text(then - free)
        where = subject if len(old["storage.volume.free_bytes"]) > 1 else ""
        title = (
            _("{amount} of space freed on {volume}", amount=amount, volume=where)
            if where
            else _("{amount} of space freed", amount=amount)
        )
        found.append(
            _reading_draft(
                f"storage.volume.free_bytes:{subject}", MaintenanceAction.CLEANED, title, _("Disk space"),
                i18n.byte_text(free), i18n.byte_text(then), before, after, asset,
            )
        )  # fmt: skip
    found += [_protection(change, before, after, asset) for change in protection_changes(before, after)]
    found += _new_batteries(old, new, before, after, asset)
    found += _younger_disks(old, new, before, after, asset)
    found += _fewer(
        old, new, "software.updates.pending", before, after, asset,
    )  # fmt: skip
    if not _knows_startup(before) or not _knows_startup(after):
        found += _fewer_startups(old, new, before, after, asset)
    return found


def _protection(change: ProtectionChange, before: DiagnosticRun, after: DiagnosticRun, asset: Asset) -> Draft:
    """Return the draft of a protection that was switched, cleared or made."""
    proof = _reading_proof(
        f"{asset.id}|reading|{change.key}", change.product, change.before, change.after, before, after
    )
    shared: dict[str, Any] = {
        "id": "", "title": change.title, "asset_id": asset.id, "origin": Origin.DRAFTED, "evidence": (proof,),
    }  # fmt: skip
    record: Activity = (
        DataCare(action="backup", target=change.product, **shared)
        if change.kind == "backup"
        else Maintenance(action=MaintenanceAction.CONFIGURED, product=change.product, **shared)
    )
    made = _certain_draft(record, proof, asset)
    if not change.reason:
        return made
    return dataclasses.replace(made, is_ticked=False, confidence=Confidence.ASKED, reason=change.reason)


#: Volumes of one pool differ by what was written between two looks.
_SAME_SPACE = 0.005

#: A counter of charges that stands so much lower belongs to another battery. Ours: learning cycles move it by a few.
_FEWER_CHARGES = 10


def _removable_volumes(run: DiagnosticRun) -> set[str]:
    return {r.subject for r in run.readings if r.id == "storage.volume.is_removable" and r.value is True}


def _new_batteries(
    old: dict[str, dict[str, float]],
    new: dict[str, dict[str, float]],
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> list[Draft]:
    """Return drafts for batteries that were charged fewer times than before: they are other ones."""
    found = []
    for subject, charged in old.get("power.battery.cycles", {}).items():
        now = new.get("power.battery.cycles", {}).get(subject)
        health = [v.get("power.battery.health_percent", {}).get(subject) for v in (old, new)]
        is_worse = health[0] is not None and health[1] is not None and health[1] < health[0]
        if now is None or charged - now < _FEWER_CHARGES or is_worse:
            continue
        title = _(
            "Battery replaced: charged {old} times before, {new} times now", old=int(charged), new=int(now)
        )
        counted = (charged, now)
        found.append(_replaced(f"batteries:{subject}", _("Battery"), title, counted, before, after, asset))
    return found


#: A disk that was on for so many hours less is asked about; rounding and two sources differ by less. Ours.
_FEWER_HOURS = 24


def _younger_disks(
    old: dict[str, dict[str, float]],
    new: dict[str, dict[str, float]],
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> list[Draft]:
    """Return asked drafts for disks of one model whose hours went back, where no serial number tells."""
    models, serials = (
        [{r.subject: r.value for r in run.readings if r.id == id} for run in (before, after)]
        for id in ("storage.disk.model", "storage.disk.serial")
    )
    found = []
    for subject, was in old.get("storage.smart.power_on_hours", {}).items():
        now = new.get("storage.smart.power_on_hours", {}).get(subject)
        model = models[0].get(subject)
        # Two of one model may have changed names; the hours of one are then those of the other.
        is_only = [*models[0].values()].count(model) == 1
        if (
            now is None
            or was - now < _FEWER_HOURS
            or not is_only
            or model is None
            or model != models[1].get(subject)
            or all(subject in side for side in serials)
        ):
            continue
        title = _("Disk replaced? On for {old} hours before, {new} now", old=int(was), new=int(now))
        found.append(
            dataclasses.replace(
                _replaced(f"disk:{subject}", _("Disk"), title, (was, now), before, after, asset),
                is_ticked=False,
                confidence=Confidence.ASKED,
                reason=_("Its serial number could not be read both times."),
            )
        )
    return found


def _values(readings: Iterable[Reading]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for reading in readings:
        if isinstance(reading.value, (int, float)) and not isinstance(reading.value, bool):
            found.setdefault(reading.id, {})[reading.subject] = reading.value
    return found


def _fewer(
    old: dict[str, dict[str, float]],
    new: dict[str, dict[str, float]],
    reading_id: str,
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> list[Draft]:
    waiting, left = old.get(reading_id, {}).get(""), new.get(reading_id, {}).get("")
    if waiting is None or left is None or waiting <= left:
        return []
    n = int(waiting - left)
    title = ngettext("{n} update installed", "{n} updates installed", n)
    return [
        _reading_draft(
            reading_id, MaintenanceAction.OTHER, title, _("Updates"), i18n.number(waiting), i18n.number(left),
            before, after, asset,
        )
    ]  # fmt: skip


def _knows_startup(run: DiagnosticRun) -> bool:
    """Return whether the run names the programs, so that the inventory makes the better draft."""
    return any(r.id == "os.startup.programs" and isinstance(r.value, list) for r in run.readings)


def _fewer_startups(
    old: dict[str, dict[str, float]],
    new: dict[str, dict[str, float]],
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> list[Draft]:
    then, now = old.get("os.startup.count", {}).get(""), new.get("os.startup.count", {}).get("")
    if then is None or now is None or now >= then:
        return []
    n = int(then - now)
    title = ngettext("{n} program no longer starts at sign-in", "{n} programs no longer start at sign-in", n)
    return [
        _reading_draft(
            "os.startup.count", MaintenanceAction.CONFIGURED, title, _("Programs started at sign-in"),
            i18n.number(then), i18n.number(now), before, after, asset,
        )
    ]  # fmt: skip


def _replaced(
    topic: str,
    part: str,
    title: str,
    counted: tuple[float, float],
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> Draft:
    """Return the draft of a part that is another one than before, by its counter before and after."""
    was, now = (i18n.number(int(count)) for count in counted)
    proof = _reading_proof(f"{asset.id}|moved|hardware:{topic}", part, was, now, before, after)
    upgrade = Upgrade(
        id="", product=part, what=UpgradeKind.HARDWARE, title=title, asset_id=asset.id,
        origin=Origin.DRAFTED, evidence=(proof,),
    )  # fmt: skip
    return _certain_draft(upgrade, proof, asset)


def _reading_draft(  # noqa: PLR0917 - one place makes them all
    topic: str,
    action: MaintenanceAction,
    title: str,
    product: str,
    old: str,
    new: str,
    before: DiagnosticRun,
    after: DiagnosticRun,
    asset: Asset,
) -> Draft:
    proof = _reading_proof(f"{asset.id}|reading|{topic}", product, old, new, before, after)
    maintenance = Maintenance(
        id="", action=action, product=product, title=title, asset_id=asset.id,
        origin=Origin.DRAFTED, evidence=(proof,),
    )  # fmt: skip
    return _certain_draft(maintenance, proof, asset)


def _reading_proof(
    key: str, subject: str, old: str, new: str, before: DiagnosticRun, after: DiagnosticRun
) -> Proof:
    return Proof(
        source="reading", subject=subject, before=old, after=new,
        snapshot_before=before.id, snapshot_after=after.id, draft_key=key,
    )  # fmt: skip


def _certain_draft(record: Activity, proof: Proof, asset: Asset) -> Draft:
    """Return the ticked draft of what two readings show."""
    return Draft(
        key=proof.draft_key,
        record=record,
        title=record.title,
        is_ticked=True,
        confidence=Confidence.CERTAIN,
        reason=_("The readings before and after differ."),
        proof=proof,
        asset_id=asset.id,
    )


# --- drafts and entries -----------------------------------------------------------------------------


def matches(draft: Draft, entry: Activity) -> bool:
    """Return whether an entry written by hand says what a draft says.

    Same kind of work, same computer (or none named), same product, and no other version.
    """
    if entry.asset_id and entry.asset_id != draft.asset_id:
        return False
    made = draft.record
    if isinstance(made, Upgrade) and isinstance(entry, Upgrade):
        return same_product(made.product, entry.product or entry.title) and agree(
            made.to_version, entry.to_version
        )
    if isinstance(made, Install) and isinstance(entry, Install):
        return same_product(made.product, entry.product or entry.title) and agree(made.version, entry.version)
    if isinstance(made, Maintenance) and isinstance(entry, Maintenance):
        return (
            made.action is entry.action
            and bool(entry.product)
            and same_product(made.product, entry.product)
            and agree(made.version, entry.version)
        )
    return False


def agree(one: str, other: str) -> bool:
    """Return whether two versions do not contradict each other; an unnamed one agrees with any."""
    return not one or not other or is_same_version(_plain(one), _plain(other))


def _plain(version: str) -> str:
    return version.replace(i18n.NO_BREAK_SPACE, " ").strip()


def same_product(one: str, other: str) -> bool:
    """Return whether two names mean the same product: the same family, or one inside the other."""
    left, right = family(one), family(other)
    if left == right or plain_name(one) == plain_name(other):
        return True
    words = [set(left.split()), set(right.split())]
    return bool(words[0] and words[1]) and (words[0] <= words[1] or words[1] <= words[0])
