"""Capacities of a battery as readings, as far as they can be true."""

from __future__ import annotations

from typing import Final

from techkit.probes.sheet import Sheet

#: A battery of a portable computer holds 10 to 200 Wh; beyond 1 kWh the unit was another one.
CAPACITY_LIMIT_MWH: Final = 1_000_000


def capacities(
    sheet: Sheet,
    name: str,
    design: int | None,
    full: int | None,
    now: int | None = None,
    *,
    source: str = "",
) -> None:
    """Add capacities in mWh, health and charge in percent, as far as they can be true.

    A full capacity of more than 1.5 times the design one is a unit mixed up, not a miracle (ours).
    """

    def add(field: str, value: object) -> None:
        sheet.add(f"power.battery.{field}", value, subject=name, source=source)

    def plausible(value: int | None) -> int | None:
        return value if value is not None and 0 < value < CAPACITY_LIMIT_MWH else None

    design, full = plausible(design), plausible(full)
    add("design_mwh", design)
    add("full_mwh", full)
    if design and full and full <= 1.5 * design:
        add("health_percent", round(min(100.0, 100 * full / design), 1))
    if now is not None and full and 0 <= now <= 1.5 * full:
        add("now_mwh", now)
        add("charge_percent", round(min(100.0, 100 * now / full), 1))
