"""Seeded differences on inventories of three systems: what is drafted, and what is ticked by mistake.

The inventories are invented in the style of each system: how names carry versions, years and
architectures, what comes along with what, what updates itself. Issue: at least 95 % of the real changes
drafted, at most 1 % of the ticked drafts wrong.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from techkit.records.assets import Asset, InventorySnapshot, Phase
from techkit.records.drafts import snapshot_drafts
from techkit.records.inventory_changes import Confidence, Place
from techkit.records.inventory_difference import inventory_difference

#: name with {v} for the version and {y} for the year where the name carries it, version, publisher.
WINDOWS = (
    ("DentaBook", "9.9", "Molar Works"),
    ("PlainOffice {y} (64-bit)", "25.4", "Plain Software"),
    ("Packer {v} (x64)", "23.01", "Igor Example"),
    ("Scribe Reader {v}", "12.3.1", "Scribe Ltd"),
    ("Ledgerline Pro {y}", "25.1.0.12", "Ledgerline GmbH"),
    ("Photo Frame", "4.2.0", "Frame & Co"),
    ("Snake {v} (64-bit)", "3.11.4", "Snake Foundation"),
    ("Snake {v} Documentation (64-bit)", "3.11.4", "Snake Foundation"),
    ("Remote Desk", "8.1", "Desk AG"),
    ("Drawing Board x64 de-DE", "7.0.3", "Board"),
    ("Tax Helper {y}", "31.02", "Steuerwerk"),
    ("Music Box", "1.18.0", "Boxes"),
    ("Backup Friend", "6.4.2011", "Friend Software"),
    ("Mail Notes", "128.0.1", "Notes"),
    ("Label Printer Driver", "5.2.0", "Brother Example"),
    ("Game of Stones", "1.0.0.7", "Stones"),
)
WINDOWS_SELF = (
    ("Mozilla Firefox (x64 de)", "143.0", "Mozilla"),
    ("Google Chrome", "141.0.7390.55", "Google LLC"),
    ("Microsoft Edge", "141.0.3537.71", "Microsoft Corporation"),
    ("Zoom Workplace (64-bit)", "6.5.3", "Zoom"),
    ("Microsoft OneDrive", "25.149.0803", "Microsoft Corporation"),
    ("Browsewell", "143.0", "Wellweb"),
)
WINDOWS_ALONG = (
    ("Microsoft Visual C++ 2015-2022 Redistributable (x64) - {v}", "14.38.33130", "Microsoft Corporation"),
    ("Microsoft .NET Runtime - {v} (x64)", "8.0.4", "Microsoft Corporation"),
    ("Microsoft Update Health Tools", "5.72.0.0", "Microsoft Corporation"),
)
LINUX = tuple(
    (name, version, "")
    for name, version in (
        ("gimp", "2.10.34-1+deb12u2"), ("inkscape", "1.2.2-2+b1"), ("vlc", "3.0.20-0+deb12u1"),
        ("thunderbox", "1:115.9.0-1"), ("keepsafe", "2.7.4+dfsg.1-2"), ("audacity", "3.2.4+dfsg-1"),
        ("gnucash", "1:4.13-1"), ("calibre", "6.13.0+repack-2"), ("filezilla", "3.63.0-1"),
        ("openssh-server", "1:9.2p1-2+deb12u2"), ("postgresql-15", "15.6-0+deb12u1"), ("nano", "7.2-1"),
    )
)  # fmt: skip
LINUX_SELF = (("firefox-esr", "115.9.1esr-1~deb12u1", ""), ("chromium", "123.0.6312.86-1~deb12u1", ""))
LINUX_ALONG = tuple(
    (name, version, "")
    for name, version in (
        ("libc6", "2.36-9+deb12u4"), ("libssl3", "3.0.11-1~deb12u2"), ("python3-pip", "23.0.1+dfsg-1"),
        ("linux-image-6.1.0-18-amd64", "6.1.76-1"), ("fonts-noto-core", "20201225-1"), ("gir1.2-gtk-3.0", "3.24.38-2"),
    )
)  # fmt: skip
MAC = tuple(
    (name, version, publisher)
    for name, version, publisher in (
        ("DentaBook", "9.9", "Molar Works"), ("Plain Writer", "16.66.1", "Plain Software"),
        ("Plain Tables", "16.66.1", "Plain Software"), ("Duckling", "8.6.0", "Duck"), ("Graphs 5", "5.1.2", "Graph"),
        ("Récents", "2,0", ""), ("1Secret", "8.10.30", "Agile Example"), ("Cuisine & Co", "3.4", "Cuisine"),
        ("Sound Studio", "4.9.8", "Felt"), ("Scan Manager", "2.22.0", "Epson Example"), ("日記", "2.1", ""),
    )
)  # fmt: skip
MAC_SELF = (("Google Chrome", "141.0.7390.55", "Google"), ("Dropbox", "208.4.5824", "Dropbox"))
MAC_ALONG = (
    ("Safari", "17.4", "Apple"), ("Photos", "9.0", "Apple"), ("Mail", "16.0", "Apple"), ("Calculator", "11.0", "Apple"),
)  # fmt: skip
SYSTEMS = {
    "windows": (WINDOWS, WINDOWS_SELF, WINDOWS_ALONG, "registry"),
    "linux": (LINUX, LINUX_SELF, LINUX_ALONG, "dpkg"),
    "mac": (MAC, MAC_SELF, MAC_ALONG, "applications"),
}


@dataclass
class Tally:
    changes: int = 0
    drafted: int = 0
    ticked: int = 0
    wrong: list[str] = field(default_factory=list)


def shown(name: str, version: str, year: int = 2025) -> str:
    return name.format(v=version, y=year)


def raised(version: str, rng: random.Random) -> str:
    """Return a newer version: one of its numbers one higher, what follows kept."""
    numbers = list(re.finditer(r"\d+", version))
    at = numbers[min(len(numbers) - 1, rng.choice((1, 1, 2)))]
    return version[: at.start()] + str(int(at.group()) + 1) + version[at.end() :]


def listed(rows: list[tuple[str, str, str]], source: str, system: str = "14.4") -> dict[str, Any]:
    programs = [dict(name=n, version=v, publisher=p, source=source) for n, v, p in rows]
    hardware = {"memory": {"total_bytes": 2**33, "modules": []}, "disks": []}
    os = {"name": "System", "version": system, "build": ""}
    return {"software": programs, "hardware": hardware, "os": os, "settings": {}, "unread": []}


def play(system: str, seed: int, tally: Tally) -> None:
    """Change an inventory as a visit does, and count what the drafts make of it."""
    rng = random.Random(seed)
    own, by_itself, along, source = SYSTEMS[system]
    before = [(shown(n, v), v, p) for n, v, p in (*own, *by_itself, *along)]
    expected: set[str] = set()
    chosen = rng.sample(range(len(own)), 6)
    upgraded, removed, installed = chosen[:3], chosen[3:4], chosen[4:]
    after = []
    for index, (name, version, publisher) in enumerate(own):
        is_year = "{y}" in name
        if index in upgraded:
            newer = raised(version, rng)
            made = shown(name, newer, 2026 if is_year else 2025)
            after.append((made, newer, publisher))
            expected.add(made)
        elif index in removed:
            expected.add(shown(name, version))
        else:
            after.append((shown(name, version), version, publisher))
            if index in installed:
                expected.add(shown(name, version))
    before = [row for row in before if row[0] not in {shown(own[i][0], own[i][1]) for i in installed}]
    for name, version, publisher in by_itself:
        after.append((name, raised(version, rng) if rng.random() < 0.5 else version, publisher))
    is_new_system = rng.random() < 0.3
    for name, version, publisher in along:
        newer = raised(version, rng) if is_new_system or rng.random() < 0.3 else version
        after.append((shown(name, newer), newer, publisher))
    rng.shuffle(after)
    old = listed(before, source)
    new = listed(after, source, "14.5" if is_new_system else "14.4")
    found = [c for c in inventory_difference(old, new) if c.place is not Place.SYSTEM]
    told = {c.product for c in found}
    tally.changes += len(expected)
    tally.drafted += len(expected & told)
    ticked = [c.product for c in found if c.confidence is Confidence.CERTAIN]
    tally.ticked += len(ticked)
    tally.wrong += [f"{system} {seed}: {name}" for name in ticked if name not in expected]
    snapshots = [
        InventorySnapshot(id=str(phase), asset_id="a", phase=phase, content=held)
        for phase, held in ((Phase.BEFORE, old), (Phase.AFTER, new))
    ]
    drafts = snapshot_drafts(*snapshots, Asset(id="a", name="A"))
    assert len({d.key for d in drafts}) == len(drafts)


@pytest.mark.parametrize("system", SYSTEMS)
def test_real_changes_are_drafted_and_few_ticks_are_wrong(system: str):
    """Of the changes a visit made at least 95 % are drafted; at most 1 % of the ticked ones were not made."""
    tally = Tally()
    for seed in range(120):
        play(system, seed, tally)
    assert tally.changes >= 600
    assert tally.ticked >= 60
    assert tally.drafted >= 0.95 * tally.changes
    assert len(tally.wrong) <= 0.01 * tally.ticked, tally.wrong[:5]
