"""The checks there are: each file in techkit/diagnostics/checks/ that holds a CHECK."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import sys
from typing import Any

from techkit.diagnostics import checks as folder
from techkit.diagnostics.check import Check
from techkit.probes import probe as probe_room
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import EVERYWHERE, Depth, Probe
from techkit.records.findings import AREA_LABELS, COMPLAINT_LABELS, Area, Privacy


@functools.lru_cache(maxsize=1)
def checks() -> tuple[Check[Any], ...]:
    """Return all checks, ordered by area and id.

    Raises: ImportError, AttributeError or ValueError when a file holds no CHECK or an id stands twice
    (faults of techkit).
    """
    areas = list(Area)
    found: dict[str, Check[Any]] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        check = importlib.import_module(f"{folder.__name__}.{module.name}").CHECK
        if not isinstance(check, Check) or check.id != module.name or check.id in found:
            raise ValueError(f"checks/{module.name}.py must hold one CHECK of the same id")
        found[check.id] = check
    return tuple(sorted(found.values(), key=lambda check: (areas.index(check.area), check.id)))


@functools.lru_cache(maxsize=1)
def probes() -> tuple[Probe, ...]:
    """Return all declared probes of techkit.probes, ordered by id; also those no check asks yet."""
    package = importlib.import_module(probe_room.__name__.rpartition(".")[0])
    found: dict[str, Probe] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            room = importlib.import_module(f"{package.__name__}.{module.name}")
            # Only what the module itself declares; rooms of raw access have none.
            found |= {probe.id: probe for probe in vars(room).get("PROBES", ())}
    return tuple(found[id] for id in sorted(found))


def by_id(id: str) -> Check[Any] | None:
    """Return one check, None for an id that is not (or no longer) there."""
    return next((check for check in checks() if check.id == id), None)


# --- docs/checks.md ------------------------------------------------------------------------------------------


def describe() -> str:
    """Return docs/checks.md, derived from the declarations."""
    found = checks()
    lines = [
        "# Checks",
        "",
        "Derived from the catalogue; refresh it with `.venv/bin/python -m techkit.diagnostics.catalogue > docs/checks.md`.",
        "",
        f"{len(found)} checks over {len(probes())} probes. *Act* stands only on a device's own failure flag, an exhausted",
        "reserve or a limit that stops work today; statistical risk is *watch*; growth since the last visit raises the",
        "verdict by one where it is declared.",
    ]
    for area in Area:
        here = [check for check in found if check.area is area]
        if here:
            lines += ["", f"## {AREA_LABELS[area]}"]
            for check in here:
                lines += _described(check)
    return "\n".join(lines) + "\n"


def _described(check: Check[Any]) -> list[str]:
    summary = (sys.modules[check.evaluate.__module__].__doc__ or "").strip().splitlines()[0]
    lines = [
        "",
        f"### {check.title} (`{check.id}`, version {check.version})",
        "",
        summary,
        "",
        f"Why: {check.why}",
        "",
    ]
    levels = [field for field in dataclasses.fields(check.levels) if field.metadata.get("source")]
    if levels:
        lines += ["| level | value | unit | meaning | source |", "|---|---|---|---|---|"]
        lines += [
            f"| {field.name} | {getattr(check.levels, field.name)} | {field.metadata['unit']} "
            f"| {field.metadata['help']} | {field.metadata['source']} |"
            for field in levels
        ]
        lines.append("")
    facts = {
        "Plan": "none: when a person tries it or asks for it"
        if check.depth is Depth.ON_REQUEST
        else f"from {check.depth} on",
        "Probes": ", ".join(f"`{probe.id}`" for probe in (*check.probes, *check.also)),
        "Systems": _systems(check.probes),
        "Rights": "administrator" if any(probe.needs_admin for probe in check.probes) else "any person",
        "Sends": next((f"to {p.sends_to}" for p in check.probes if p.needs_network), "nothing"),
        "Most private reading": str(_privacy(check)),
        "Explains": ", ".join(COMPLAINT_LABELS[complaint].lower() for complaint in check.explains),
        "Grows with": ", ".join(f"`{growth.reading}`" for growth in check.growth),
    }
    return lines + [f"- {name}: {value}" for name, value in facts.items() if value]


def _systems(asked: tuple[Probe, ...]) -> str:
    systems = frozenset.intersection(*(probe.platforms for probe in asked))
    return "all" if systems == EVERYWHERE else ", ".join(sorted(systems))


def _privacy(check: Check[Any]) -> Privacy:
    """Return the most private class among the readings the check's probes may give."""
    order = list(Privacy)
    asked = (*check.probes, *check.also)
    classes = (d.privacy for id, d in DECLARED.items() if any(probe.covers(id) for probe in asked))
    return max(classes, key=order.index, default=Privacy.NONE)


if __name__ == "__main__":
    sys.stdout.write(describe())
