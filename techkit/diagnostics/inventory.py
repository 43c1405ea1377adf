"""What a computer consists of at one moment: hardware, operating system, software, settings.

The content is plain JSON, made from readings by `compose`, a pure function, so that a snapshot
can be made again from a stored run. `content_hash` names it: equal content, equal hash.

The shape (version 1; every key is always there, lists may be empty, a text may be ""):

```
{
  "shape": 1,
  "hardware": {
    "system":    {"maker": str, "model": str, "kind": str},     kind: "notebook", "desktop",
                                                                "server", "virtual", "tablet", ""
    "board":     {"maker": str, "model": str},
    "firmware":  {"maker": str, "version": str, "date": str},   date as the firmware gives it
    "processors": [{"name": str, "cores": int, "threads": int}],
    "memory": {
      "total_bytes": int,                                       0 when unknown; binary (8 GB = 2**33)
      "modules": [{"slot": str, "size_bytes": int, "type": str, "speed_mts": int,
                   "maker": str, "part": str, "marks": [str]}]  filled slots, ordered by slot
    },
    "disks":    [{"name": str, "model": str, "size_bytes": int, "kind": str, "marks": [str]}],
                                     size decimal (240 GB = 240 * 10**9); kind "ssd", "hdd",
                                     "nvme", "virtual", ""; fixed disks only, ordered by name
    "graphics": [{"name": str}],
    "network":  [{"name": str, "model": str}],
    "monitors": [{"name": str, "marks": [str]}],
    "printers": [{"name": str}],
    "batteries": [{"name": str, "model": str, "marks": [str]}]
  },
  "os": {"name": str, "version": str, "edition": str, "build": str, "kernel": str,
         "architecture": str},
  "software": [{"name": str, "version": str, "publisher": str, "source": str}],
                                     ordered by name (case folded), source, version; source is
                                     "dpkg", "rpm", "flatpak", "snap", "registry", "registry32",
                                     "registry_user", "applications", "appstore"; "dpkg_system" and
                                     "rpm_system" are parts of the system and what only came along:
                                     they are kept for the record, but nobody chose them
  "settings": {key: str | int | bool | list[str]}
                                     keys: those below; a key that could not be read is absent
}
```

Two sections say when they could not be read: `"unread": ["software", "hardware.disks", ...]`, the
dotted places whose probe did not answer. An unread place is never an absence: a difference must
skip it. Serial numbers are not part of a snapshot (`diagnostics.identity` keeps those), only their marks
(`records.part_marks`), by which a part is known from another of its model; an empty list where none was read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from techkit.records.findings import Reading
from techkit.records.part_marks import mark

#: The version of the shape above; a reader refuses a larger one.
SHAPE: Final = 1

#: Which reading fills which setting of a snapshot. The keys are for ever.
_SETTING_READINGS: Final[Mapping[str, str]] = {
    "os.startup.programs": "startup_programs",
    "os.services.enabled": "enabled_services",
    "devices.default_printer": "default_printer",
    "network.proxy": "proxy",
    "power.plan": "power_plan",
    "os.time_zone": "time_zone",
    "os.language": "system_language",
    "os.computer_name": "computer_name",
    "network.resolution.servers": "dns_servers",
    "security.automatic_sign_in": "automatic_sign_in",
    "security.firewall.active": "firewall",
    "software.default_browser": "default_browser",
}

#: Which reading proves that a place was looked at; without it the place is unread.
_PROOFS: Final[Mapping[str, str]] = {
    "hardware.disks": "storage.disk_count",
    "hardware.memory": "memory.total_bytes",
    "hardware.memory.modules": "memory.module_count",
    "hardware.processors": "processor.name",
    "hardware.graphics": "display.graphics_count",
    "hardware.network": "network.interface.is_physical",
    "hardware.monitors": "display.monitor_count",
    "hardware.printers": "devices.printer_count",
    "hardware.batteries": "power.battery_count",
    "os": "os.name",
    "software": "software.programs",
}


def compose(readings: Iterable[Reading]) -> dict[str, Any]:
    """Return a snapshot's content (shape above) from the readings of a run, in any order."""
    found = _Readings(readings)
    return {
        "shape": SHAPE,
        "hardware": {
            "system": found.texts("system", maker="maker", model="model", kind="kind"),
            "board": found.texts("board", maker="maker", model="model"),
            "firmware": found.texts("firmware", maker="maker", version="version", date="date"),
            "processors": _processors(found),
            "memory": {
                "total_bytes": _whole(found.one("memory.total_bytes")),
                "modules": _modules(found),
            },
            "disks": _disks(found),
            "graphics": [{"name": str(v)} for v in found.by_subject("display.graphics.name").values()],
            "network": [
                {"name": name, "model": found.text("network.interface.driver", name)}
                for name in sorted(found.by_subject("network.interface.is_physical"))
                if found.one("network.interface.is_physical", name) is True
            ],
            "monitors": [
                {"name": str(v), "marks": found.marks("display.monitor", place)}
                for place, v in found.by_subject("display.monitor.name").items()
            ],
            "printers": [{"name": name} for name in sorted(found.by_subject("devices.printer.state"))],
            "batteries": [
                {
                    "name": name,
                    "model": found.text("power.battery.model", name),
                    "marks": found.marks("power.battery", name),
                }
                for name in sorted(found.by_subject("power.battery.full_mwh"))
            ],
        },
        "os": found.texts(
            "os",
            name="name",
            version="version",
            edition="edition",
            build="build",
            kernel="kernel",
            architecture="architecture",
        ),
        "software": _software(found),
        "settings": _settings(found),
        "unread": sorted(place for place, proof in _PROOFS.items() if proof not in found.ids),
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a content: the same for equal content, whatever the key order."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


class _Readings:
    """Readings by id and subject."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self.values: dict[str, dict[str, Any]] = {}
        for reading in readings:
            self.values.setdefault(reading.id, {})[reading.subject] = reading.value
        self.ids = frozenset(self.values)

    def by_subject(self, reading_id: str) -> dict[str, Any]:
        return dict(sorted(self.values.get(reading_id, {}).items()))

    def one(self, reading_id: str, subject: str = "") -> Any:
        return self.values.get(reading_id, {}).get(subject)

    def text(self, reading_id: str, subject: str = "") -> str:
        value = self.one(reading_id, subject)
        return "" if value is None else str(value)

    def marks(self, topic: str, subject: str) -> list[str]:
        """Return the marks of a part's serial number and its worldwide name, where they were read."""
        made = (mark(kind, self.text(f"{topic}.{kind}", subject)) for kind in ("serial", "wwn"))
        return [one for one in made if one]

    def texts(self, topic: str, **names: str) -> dict[str, str]:
        return {key: self.text(f"{topic}.{name}") for key, name in names.items()}


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _processors(found: _Readings) -> list[dict[str, Any]]:
    return [
        {
            "name": str(name),
            "cores": _whole(found.one("processor.cores", subject)),
            "threads": _whole(found.one("processor.threads", subject)),
        }
        for subject, name in found.by_subject("processor.name").items()
    ]


def _modules(found: _Readings) -> list[dict[str, Any]]:
    return [
        {
            "slot": slot,
            "size_bytes": _whole(size),
            "type": found.text("memory.module.type", slot),
            "speed_mts": _whole(found.one("memory.module.speed_mts", slot)),
            "maker": found.text("memory.module.maker", slot),
            "part": found.text("memory.module.part", slot),
            "marks": found.marks("memory.module", slot),
        }
        for slot, size in found.by_subject("memory.module.size_bytes").items()
        if _whole(size) > 0
    ]


def _disks(found: _Readings) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "model": found.text("storage.disk.model", name),
            "size_bytes": _whole(size),
            "kind": found.text("storage.disk.kind", name),
            "marks": found.marks("storage.disk", name),
        }
        for name, size in found.by_subject("storage.disk.size_bytes").items()
        if found.one("storage.disk.is_removable", name) is not True
        and found.text("storage.disk.interface", name).casefold() not in ("usb", "firewire", "thunderbolt")
    ]


def _software(found: _Readings) -> list[dict[str, str]]:
    listed = found.one("software.programs")
    programs = [
        {key: str(item.get(key) or "") for key in ("name", "version", "publisher", "source")}
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and item.get("name")
    ]
    return sorted(programs, key=lambda p: (p["name"].casefold(), p["source"], p["version"]))


def _settings(found: _Readings) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for reading_id, key in _SETTING_READINGS.items():
        value = found.one(reading_id)
        if isinstance(value, list):
            settings[key] = sorted(
                {str(v["name"] if isinstance(v, dict) and "name" in v else v) for v in value}
            )
        elif value is not None:
            settings[key] = value
    return settings
