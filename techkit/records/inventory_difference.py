"""What changed inside a computer between two inventories: programs, hardware, system, settings. Pure.

An inventory's content is the plain shape of `InventorySnapshot.content` (diagnostics/inventory.py).
A place that could not be read on either side is skipped: an unread place is never an absence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from techkit import i18n
from techkit.i18n import _
from techkit.records.inventory_changes import ChangeKind, Confidence, InventoryChange, Place, as_dict, texts
from techkit.records.part_differences import hardware_changes, setting_changes
from techkit.records.products import is_newer, is_same_version, plain_name
from techkit.records.program_differences import program_changes

#: Up to here a Mac's system was counted in its second number: 10.14, 10.15. Source: Apple's list of versions.
_LAST_MAC_OS_X = 10

#: Systems that also bring their next release or snapshot by themselves under the same name: Windows from 22H2 to 23H2 when
#: the first one's support ends, point releases of systems for servers, snapshots of rolling ones. Sources: Microsoft's page on
#: automatic feature updates, the distributions' release notes.
_IN_PLACE = re.compile(
    r"windows 1[01]\b|red hat|rhel|\b(alma|rocky|oracle|cent)|tumbleweed|\barch|manjaro|elementary|zorin|debian|\blmde\b"
)

#: The last differences, newest last. A screen asks for the same one at each change of a visit, and the
#: inventory of an office computer has some thousands of programs. Contents are never changed in place.
_reckoned: list[tuple[Any, Any, str, tuple[InventoryChange, ...]]] = []
_KEPT = 8


def inventory_difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[InventoryChange, ...]:
    """Return what changed, programs first, then system, firmware, hardware and settings.

    Empty when one side is missing. Two computers, not two moments of one, give hardware changes.
    """
    if not before or not after:
        return ()
    for old, new, language, found in tuple(_reckoned):
        if old is before and new is after and language == i18n.current():
            return found
    made = _difference(before, after)
    _reckoned.append((before, after, i18n.current(), made))
    del _reckoned[:-_KEPT]
    return made


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[InventoryChange, ...]:
    unread = {*texts(before.get("unread")), *texts(after.get("unread"))}
    system = _system(as_dict(before.get("os")), as_dict(after.get("os")))
    found: list[InventoryChange] = []
    if "software" not in unread:
        found += program_changes(before, after, is_new_system=bool(system))
    if "os" not in unread:
        found += system
    found += hardware_changes(as_dict(before.get("hardware")), as_dict(after.get("hardware")), unread)
    found += setting_changes(as_dict(before.get("settings")), as_dict(after.get("settings")))
    return tuple(found)


def _system(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    names = [str(side.get("name") or "") for side in (old, new)]
    versions = [_system_version(side) for side in (old, new)]
    if not all(names):
        return []
    editions = [" ".join(str(side.get("edition") or "").split()) for side in (old, new)]
    if is_same_version(versions[0], versions[1]) and names[0] == names[1]:
        return _edition(names[1], *editions)
    is_small = _is_small_step(old, new)
    return [
        InventoryChange(
            kind=ChangeKind.SET_BACK if _is_older(new, old) and names[0] == names[1] else ChangeKind.UPGRADED,
            place=Place.SYSTEM,
            product=names[1],
            topic="system",
            before=versions[0] if names[0] == names[1] else _named(old),
            after=versions[1] if names[0] == names[1] else _named(new),
            old_name=names[0] if names[0] != names[1] else "",
            confidence=Confidence.ASKED if is_small else Confidence.CERTAIN,
            reason=_("Such updates also come by themselves.") if is_small else "",
        )
    ]


def _is_older(side: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether one side's system is older than the other's: by its version, by its build where that is the same."""
    versions = [_counted(str(held.get("version") or "")) for held in (other, side)]
    if is_same_version(*versions):
        versions = [str(held.get("build") or "") for held in (other, side)]
    return is_newer(*versions)


def _counted(version: str) -> str:
    """Return a system's version with a Mac's quick fixes as its last number: "13.4.1 (a)" follows 13.4.1."""
    return re.sub(r"\s*\(([a-z])\)", lambda fix: f".{ord(fix.group(1)) - 96}", version, count=1)


def _is_small_step(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether only a later part of the version moved, which a system's updates bring at night.

    "12.6" to "12.7" of one called "12", 24.04.1 to 24.04.2, any step within a Mac's year; a new build of the same version.
    """
    names = [plain_name(str(side.get("name") or "")) for side in (old, new)]
    told = [str(side.get("version") or "") for side in (old, new)]
    majors = [re.match(r"\d+", version) for version in told]
    if told[0] == told[1]:
        return names[0] == names[1] or re.sub(r"[\d.]+", "", names[0]) == re.sub(r"[\d.]+", "", names[1])
    if names[0] == names[1] and all(re.match(r"(19|20)\d\d|2\dH", version) for version in told):
        return bool(_IN_PLACE.search(names[0]))
    if majors[0] is None or majors[1] is None or majors[0].group() != majors[1].group():
        return False
    if all(re.match(r"mac ?os\b", name) for name in names):
        return int(majors[0].group()) > _LAST_MAC_OS_X
    if names[0] == names[1] and _IN_PLACE.search(names[0]):
        return True
    return names[0] == names[1] and majors[0].group() in re.findall(r"[\d.]+", names[0])


def _named(side: Mapping[str, Any]) -> str:
    """Return a system's name with its version, told once: "macOS 14.7 (23H124)"."""
    name, version, build = (str(side.get(key) or "") for key in ("name", "version", "build"))
    if version and version in name.split():
        return f"{name} ({build})" if build and build != version else name
    return f"{name} {_system_version(side)}".strip()


def _edition(name: str, before: str, after: str) -> list[InventoryChange]:
    """Return the change of a system's edition, which is bought and entered: "Home" to "Pro"."""
    if not before or not after or plain_name(before) == plain_name(after):
        return []
    return [
        InventoryChange(
            kind=ChangeKind.UPGRADED, place=Place.SYSTEM, product=name, topic="system", before=before, after=after
        )
    ]  # fmt: skip


def _system_version(side: Mapping[str, Any]) -> str:
    version, build = str(side.get("version") or ""), str(side.get("build") or "")
    return f"{version} ({build})" if version and build and build != version else version or build
