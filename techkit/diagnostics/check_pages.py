"""docs/checks.md: each check with its levels, where it can say something and what it uses."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from techkit.diagnostics import catalogue, coverage
from techkit.diagnostics.check import Check
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import EVERYWHERE, Depth
from techkit.records.findings import AREA_LABELS, COMPLAINT_LABELS, Area, Privacy


def describe() -> str:
    """Return docs/checks.md, derived from the declarations."""
    found = catalogue.checks()
    lines = [
        "# Checks",
        "",
        "Derived from the catalogue; refresh it with `./dev docs`.",
        "",
        f"{len(found)} checks over {len(catalogue.probes())} probes. *Act* stands only on a device's own failure flag, an exhausted",
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
        "Systems": _systems(check),
        "Uses": ", ".join(f"`{id}`" for id in sorted(coverage.by_check()[check.id])),
        "Rights": "administrator" if any(probe.needs_admin for probe in check.probes) else "any person",
        "Sends": next((f"to {p.sends_to}" for p in check.probes if p.needs_network), "nothing"),
        "Most private reading": str(_privacy(check)),
        "Explains": ", ".join(COMPLAINT_LABELS[complaint].lower() for complaint in check.explains),
        "Grows with": ", ".join(f"`{growth.reading}`" for growth in check.growth),
    }
    return lines + [f"- {name}: {value}" for name, value in facts.items() if value]


def _systems(check: Check[Any]) -> str:
    """Return where a check can say something, and why not elsewhere."""
    there = coverage.systems(check.id)
    if frozenset(there) == EVERYWHERE:
        return "all"
    reasons = (f"not {system} ({why})" for system, why in coverage.elsewhere(check.id).items())
    return "; ".join((", ".join(there), *reasons))


def _privacy(check: Check[Any]) -> Privacy:
    """Return the most private class among the readings the check's probes may give."""
    order = list(Privacy)
    asked = (*check.probes, *check.also)
    classes = (d.privacy for id, d in DECLARED.items() if any(probe.covers(id) for probe in asked))
    return max(classes, key=order.index, default=Privacy.NONE)
