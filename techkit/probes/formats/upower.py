"""What upower prints: `upower -i DEVICE` and `upower -d`. Source: upower(1), its dump format."""

from __future__ import annotations

import re
from typing import Final

from techkit.probes.formats.battery import capacities
from techkit.probes.sheet import Sheet

#: Supplies of mice, keyboards and telephones, which are not the computer's own.
_FOREIGN: Final = (
    "mouse",
    "keyboard",
    "gaming",
    "headset",
    "phone",
    "touchpad",
    "tablet",
    "pen",
    "unknown",
    "headphones",
)


def parse(content: str) -> Sheet:
    """Return the readings of all of the computer's own supplies; the lines of others are left out."""
    sheet = Sheet("upower")
    blocks = re.split(
        r"^Device: ", "\n" + content if not content.startswith("Device:") else content, flags=re.MULTILINE
    )
    count = 0
    for block in blocks:
        head = block.splitlines()[0].strip() if block.strip() else ""
        fields, kind = _fields(block)
        path = head if head.startswith("/") else ""
        name = (
            fields.get("native-path", "").rpartition("/")[2]
            or path.rpartition("/")[2].removeprefix("battery_")
            or "battery"
        )
        if path.endswith("DisplayDevice") or not fields:
            continue
        if kind == "line-power":
            sheet.add("power.adapter_online", {"yes": True, "no": False}.get(fields.get("online", "")))
        elif kind == "battery" and fields.get("power supply", "yes") == "yes":
            if fields.get("present") == "no":
                continue  # an empty bay
            count += 1
            _battery(sheet, name, fields)
    if count:
        sheet.add("power.battery_count", count)
    return sheet


def _fields(block: str) -> tuple[dict[str, str], str]:
    fields: dict[str, str] = {}
    kind = ""
    for row in block.splitlines():
        key, mark, value = row.strip().partition(":")
        if mark and value.strip():
            fields.setdefault(key.strip().casefold(), value.strip())
        elif not mark or not value.strip():
            word = row.strip()
            if word in ("battery", "line-power", "ups", *_FOREIGN) and not kind:
                kind = word
    return fields, kind


def _number(text: str, unit: str) -> float | None:
    match = re.match(rf"(\d{{1,9}}(?:[.,]\d{{1,6}})?) ?{re.escape(unit)}", text)
    return float(match[1].replace(",", ".")) if match else None


def _battery(sheet: Sheet, name: str, fields: dict[str, str]) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"power.battery.{field}", value, subject=name)

    for field, key in (("maker", "vendor"), ("model", "model"), ("serial", "serial")):
        value = fields.get(key, "")
        # Where the battery does not answer, the kernel says so: <unkn>, <BATT>.
        add(field, "" if value.startswith("<") else value)
    add("chemistry", fields.get("technology"))
    add(
        "state",
        {"fully-charged": "full", "pending-charge": "not charging"}.get(
            fields.get("state", ""), fields.get("state")
        ),
    )
    volts = _number(fields.get("voltage", ""), "V")
    add("voltage_mv", round(volts * 1000) if volts else None)
    cycles = re.match(r"\d{1,6}$", fields.get("charge-cycles", ""))
    add("cycles", int(cycles[0]) if cycles and int(cycles[0]) else None)
    design, full, now = (
        _number(fields.get(key, ""), "Wh") for key in ("energy-full-design", "energy-full", "energy")
    )
    capacities(
        sheet,
        name,
        round(design * 1000) if design else None,
        round(full * 1000) if full else None,
        round(now * 1000) if now is not None else None,
    )
    # What upower itself says goes before what follows from the energies: it knows more than they show.
    percent = _number(fields.get("percentage", ""), "%")
    add("charge_percent", percent if percent is not None and percent <= 100 else None)
    # Where the first capacity is not known (0), upower says 100 % whatever the battery still holds.
    capacity = _number(fields.get("capacity", ""), "%") if design != 0 else None
    add("health_percent", round(min(capacity, 100.0), 1) if capacity else None)
    add("temperature_celsius", _number(fields.get("temperature", ""), "degrees C"))
