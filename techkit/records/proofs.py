"""Whether what an entry claims is shown by the computer before and after the work. Pure."""

from __future__ import annotations

from enum import StrEnum

from techkit.i18n import N_
from techkit.records.activities import (
    Activity,
    Install,
    Maintenance,
    MaintenanceAction,
    Troubleshooting,
    Upgrade,
    UpgradeKind,
)
from techkit.records.assets import InventorySnapshot, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.difference import Change, compare_runs
from techkit.records.drafts import Draft, agree, matches, reading_drafts, same_product, snapshot_drafts


class Proven(StrEnum):
    """How a claim stands against the evidence."""

    INVENTORY = "inventory"
    READING = "reading"
    NOT_PROVEN = "not_proven"
    NOT_PROVABLE = "not_provable"  # training, advice: nothing a computer could show
    OPEN = "open"  # the computer was not looked at after the work (yet)


PROVEN_LABELS = {
    Proven.INVENTORY: N_("Proven by inventory"),
    Proven.READING: N_("Proven by reading"),
    Proven.NOT_PROVEN: N_("Not proven"),
    Proven.NOT_PROVABLE: N_("Nothing to prove"),
    Proven.OPEN: N_("Not checked after the work"),
}


def proof_of(activity: Activity, bundle: VisitBundle) -> Proven:
    """Return how an entry's claim stands against the computer before and after the work."""
    if not isinstance(activity, (Install, Upgrade, Maintenance, Troubleshooting)):
        return Proven.NOT_PROVABLE
    if any(p.source == "reading" for p in activity.evidence):
        return _by_reading(activity, bundle)
    if not claims_inventory(activity):
        return Proven.NOT_PROVABLE
    return _by_inventory(activity, bundle)


def claims_inventory(activity: Activity) -> bool:
    """Return whether an entry claims something the inventory of a computer would show."""
    if any(p.source == "inventory" for p in activity.evidence):
        return True
    if isinstance(activity, Upgrade):
        return bool(activity.asset_id and activity.product) and activity.what is not UpgradeKind.HARDWARE
    if isinstance(activity, Install):
        return bool(activity.asset_id and activity.product)
    if isinstance(activity, Maintenance):
        return bool(activity.asset_id and activity.product) and activity.action is MaintenanceAction.REMOVED
    return False


def _by_inventory(activity: Activity, bundle: VisitBundle) -> Proven:
    asset = bundle.asset(activity.asset_id)
    before = bundle.snapshot(activity.asset_id or "", Phase.BEFORE)
    after = bundle.snapshot(activity.asset_id or "", Phase.AFTER)
    if asset is None or after is None or after.content is None:
        return Proven.OPEN
    if before is not None:
        keys = {p.draft_key for p in activity.evidence}
        for draft in snapshot_drafts(before, after, asset):
            if matches(draft, activity) or (draft.key in keys and _claims_agree(draft, activity)):
                return Proven.INVENTORY
        if before.content is None or "software" in before.content.get("unread", ()):
            before = None
    if "software" in after.content.get("unread", ()):
        return Proven.OPEN
    if before is None and _is_there(activity, after):
        return Proven.INVENTORY
    if _is_put_back(activity, bundle, after):
        return Proven.NOT_PROVABLE
    return Proven.NOT_PROVEN


def _is_put_back(activity: Activity, bundle: VisitBundle, after: InventorySnapshot) -> bool:
    """Return whether a program was taken off and put on again: it is there as before, which shows neither.

    Only with both entries: who claims to have installed what was there all along has nothing to show for it.
    """
    wanted = Install if isinstance(activity, Maintenance) else Maintenance
    product = str(getattr(activity, "product", "") or activity.title)
    for other in bundle.activities:
        if not isinstance(other, wanted) or other.asset_id != activity.asset_id:
            continue
        if not same_product(str(other.product or other.title), product):
            continue
        removal, install = (activity, other) if wanted is Install else (other, activity)
        if isinstance(removal, Maintenance) and isinstance(install, Install):
            return removal.action is MaintenanceAction.REMOVED and _is_there(install, after)
    return False


def _claims_agree(draft: Draft, activity: Activity) -> bool:
    """Return whether an entry made from this draft still claims what the draft now says."""
    made = draft.record
    if isinstance(made, Upgrade) and isinstance(activity, Upgrade):
        if made.what is not UpgradeKind.SOFTWARE:
            return made.what is activity.what  # sizes are written in the language of their time
        return agree(made.to_version, activity.to_version)
    if isinstance(made, Install) and isinstance(activity, Install):
        return agree(made.version, activity.version)
    return type(made) is type(activity)


def _is_there(activity: Activity, after: InventorySnapshot) -> bool:
    """Return whether the product is there as claimed, where nobody looked before the work."""
    named = shown(activity, after)
    if isinstance(activity, Maintenance):
        return not named
    version = activity.to_version if isinstance(activity, Upgrade) else getattr(activity, "version", "")
    return any(agree(found, version) for _name, found in named)


def shown(activity: Activity, after: InventorySnapshot) -> list[tuple[str, str]]:
    """Return name and version of what the inventory after the work has of the claimed product."""
    product = str(getattr(activity, "product", "") or activity.title)
    listed = (after.content or {}).get("software")
    return [
        (str(item.get("name")), str(item.get("version") or ""))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and item.get("name") and same_product(str(item["name"]), product)
    ]


def _by_reading(activity: Activity, bundle: VisitBundle) -> Proven:
    asset = bundle.asset(activity.asset_id)
    before = bundle.run(activity.asset_id or "", Phase.BEFORE)
    after = bundle.run(activity.asset_id or "", Phase.AFTER)
    if asset is None or before is None or after is None:
        return Proven.OPEN
    keys = {p.draft_key for p in activity.evidence if p.source == "reading"}
    if any(draft.key in keys for draft in reading_drafts(before, after, asset)):
        return Proven.READING
    rows = {f"{asset.id}|check|{row.check}:{row.subject}": row for row in compare_runs(before, after)}
    named = [rows[key] for key in keys if key in rows]
    if any(row.change is Change.BETTER for row in named):
        return Proven.READING
    if isinstance(activity, Troubleshooting) and not activity.is_fixed:
        return Proven.OPEN
    return Proven.NOT_PROVEN


def check_key(asset_id: str, check: str, subject: str) -> str:
    """Return the key under which an entry names a finding as its evidence."""
    return f"{asset_id}|check|{check}:{subject}"
