"""Which reading serves what: the checks that use it, by name, and why it is read at all where none does.

Read from the source of the checks, so that nobody has to keep it; for docs/readings.md, docs/checks.md and their tests only.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Final

from techkit.diagnostics import catalogue
from techkit.diagnostics.check import Check, Readings
from techkit.probes.declarations import DECLARED
from techkit.probes.origins import ORIGINS
from techkit.probes.probe import Platform, Probe
from techkit.records.findings import Reading


def _names(module: ModuleType) -> frozenset[str]:
    """Return the declared ids a module names: whole, or as the fixed beginning of a text and one of its other words."""
    words: set[str] = set()
    begins: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            begins.add(str(node.values[0].value))
    begins |= {word for word in words if word.endswith(".")}
    found = {id for id in DECLARED if id in words}
    for begin in begins:
        found |= {
            id for id in DECLARED if "." in begin and id.startswith(begin) and id[len(begin) :] in words
        }
    return frozenset(found)


@functools.lru_cache(maxsize=1)
def by_check() -> Mapping[str, frozenset[str]]:
    """Return check id → the readings it uses, its growth and what it needs included."""
    return {
        check.id: _names(importlib.import_module(f"techkit.diagnostics.checks.{check.id}"))
        | frozenset(check.needs)
        | {growth.reading for growth in check.growth}
        for check in catalogue.checks()
    }


def used_by(reading_id: str) -> tuple[str, ...]:
    """Return the checks that use a reading, sorted."""
    return tuple(sorted(id for id, readings in by_check().items() if reading_id in readings))


@functools.lru_cache(maxsize=1)
def _exported() -> frozenset[str]:
    rooms = ("glpi", "identity", "inventory")
    return frozenset().union(
        *(_names(importlib.import_module(f"techkit.diagnostics.{room}")) for room in rooms)
    )


#: Why a reading is taken that neither a check nor the inventory uses: ids or beginnings of ids → reason; the longest fits.
KEPT: Final[Mapping[str, str]] = {
    "": "a fact of the machine: kept with the run, for the technician, a later check and the comparison of two visits",
    "active.": "how the test went, beside its verdict",
    "hands.": "what the technician saw, beside the judgement",
    "storage.smart.": "what the drive says, as evidence beside the verdict",
    "storage.smart.self_test_": "shown where a person asks a drive to test itself",
    "storage.self_test.": "shown where a person asks a drive to test itself",
    "usage.": "how the programs were watched, beside their shares",
    "network.wifi.": "shown with the Wi-Fi, as evidence beside its verdicts",
    "techkit.run.": "the load the run itself caused, shown with it",
}


def kept_for(reading_id: str) -> str:
    """Return what a reading serves: its checks, the inventory, or why it is taken all the same."""
    checks = used_by(reading_id)
    if checks:
        return ", ".join(f"`{id}`" for id in checks)
    if reading_id in _exported():
        return "inventory"
    fitting = max((begin for begin in KEPT if reading_id.startswith(begin)), key=len)
    return KEPT[fitting]


def probe_of(reading_id: str) -> Probe | None:
    """Return the probe that gives a reading, None for one that only captured files and the runner give."""
    closest = max(catalogue.probes(), key=lambda probe: probe.claim(reading_id))
    return closest if closest.covers(reading_id) else None


#: A value of each kind that a reading can have; a check is asked with them whether it would say anything at all.
_SAMPLES: Final[Mapping[str, tuple[Any, ...]]] = {
    "int": (1, 1, 100_000, 100_000),
    "float": (1.0, 1.0, 100_000.0, 100_000.0),
    "text": ("on", "2000-01-01", "works", "2.0", "ssd", "1280 × 720, 60 Hz"),
    "list": (["x"], []),
    "table": ([{"name": "x", "is_active": True, "is_running": True}], []),
    "map": ({},),
}


@functools.lru_cache(maxsize=256)
def systems(check_id: str) -> tuple[Platform, ...]:
    """Return the systems on which a check can say something.

    Its probes exist there, and it speaks when it is given a value of each reading it uses that the system gives.
    """
    check = catalogue.by_id(check_id)
    if check is None:
        return ()
    there = [s for s in Platform if all(s in probe.platforms for probe in check.probes)]
    return tuple(system for system in there if _speaks(check, system))


def _speaks(check: Check[Any], system: Platform) -> bool:
    asked = (*check.probes, *check.also)
    given = [
        DECLARED[id]
        for id in sorted(by_check()[check.id])
        if system in ORIGINS[id].sources and any(probe.covers(id) for probe in asked)
    ]
    for flag, turn in itertools.product((True, False), range(max(map(len, _SAMPLES.values())))):
        readings = []
        for declared in given:
            samples = (flag,) if declared.kind == "truth" else _SAMPLES[declared.kind]
            value, subject = samples[turn % len(samples)], "x" if declared.subject else ""
            readings.append(Reading(id=declared.id, value=value, subject=subject, unit=declared.unit))
        if list(check.evaluate(Readings(readings, datetime(2026, 1, 1, tzinfo=UTC)), check.levels)):
            return True
    return False


def elsewhere(check_id: str) -> dict[Platform, str]:
    """Return why a check says nothing on the other systems: the reason of the readings it is about."""
    check = catalogue.by_id(check_id)
    found: dict[Platform, str] = {}
    for system in Platform:
        if check is None or system in systems(check_id):
            continue
        ids = [id for id in by_check()[check_id] if any(probe.covers(id) for probe in check.probes)]
        reasons = sorted({ORIGINS[id].reasons[system] for id in ids if system in ORIGINS[id].reasons})
        found[system] = "; ".join(reasons)
    return found


def table(ids: Iterable[str]) -> list[str]:
    """Return the rows of docs/readings.md: which probe gives a reading on which system, of what, and what it serves."""
    rows = ["| id | probe | Linux | Windows | macOS | serves |", "|---|---|---|---|---|---|"]
    for id in ids:
        origin, probe = ORIGINS[id], probe_of(id)
        cells = [
            origin.sources[system] if system in origin.sources else f"– {origin.reasons[system]}"
            for system in (Platform.LINUX, Platform.WINDOWS, Platform.MACOS)
        ]
        if len(set(cells)) == 1:
            cells[1:] = ["the same", "the same"]
        rows.append(
            f"| `{id}` | {f'`{probe.id}`' if probe else '–'} | {' | '.join(cells)} | {kept_for(id)} |"
        )
    return rows
