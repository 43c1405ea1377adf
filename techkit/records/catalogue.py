"""Every kind of record, and the page about them; importing this module declares them all."""

from __future__ import annotations

from collections.abc import Iterable

from techkit.i18n import N_
from techkit.records import (
    activities,
    assets,
    budget,
    cards,
    erasure,
    parties,
    proposals,
    review,
    signing,
    success,
    templates,
    visit,
)
from techkit.records.schema import RecordSpec, SyncClass, all_specs

#: The modules whose import declares the records.
MODULES = (
    activities,
    assets,
    budget,
    cards,
    erasure,
    parties,
    proposals,
    review,
    signing,
    success,
    templates,
    visit,
)


def every() -> tuple[RecordSpec, ...]:
    """Return the declaration of every kind, ordered by kind."""
    return all_specs()


_SYNC_WORDS = {
    SyncClass.REFERENCE: N_("reference: the office writes, the device reads"),
    SyncClass.FACT: N_("fact: written once, never changed"),
    SyncClass.ADDITION: N_("additions: both add, nobody changes"),
    SyncClass.TECHNICIAN: N_("technician-owned until submitted"),
    SyncClass.STAFF: N_("staff-owned"),
    SyncClass.MERGED: N_("merged field by field"),
    SyncClass.DERIVED: N_("derived, never sent"),
}


def describe(specs: Iterable[RecordSpec]) -> str:
    """Return docs/records.md: every kind with its fields, derived from the declarations."""
    lines = [
        "# Records",
        "",
        "Derived from the declarations in techkit/records/ by `./dev docs`; do not edit by hand.",
        "Editors: T technician, S remote staff, F finance, C customer, X program.",
    ]
    for spec in specs:
        lines += [
            "",
            f"## {spec.title} (`{spec.kind}`)",
            "",
            f"{_SYNC_WORDS[spec.sync].capitalize()}. Declared in `{spec.module}`.",
            "",
            "| field | label | type | editors | read by | since | what it is |",
            "|---|---|---|---|---|---|---|",
        ]
        for f in spec.fields:
            kind = f.value_type.value + (f" → {f.refers}" if f.refers else "")
            editors = "".join(sorted(f.editors))
            what = f.help or ", ".join(f.choices)
            unit = f" ({f.unit})" if f.unit else ""
            lines.append(
                f"| `{f.name}` | {f.label} | {kind}{unit} | {editors} | {f.audience.value} "
                f"| {f.since} | {what} |"
            )
    return "\n".join(lines) + "\n"
