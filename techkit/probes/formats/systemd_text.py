"""timedatectl and systemctl, which systemd prints in English in the C locale and in any other."""

from __future__ import annotations

import re
from collections import Counter

from techkit.probes.sheet import Sheet

#: Spans of time in timesync-status. Source: systemd.time(7).
_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}


def parse_timedatectl(content: str) -> Sheet:
    """Return the readings of `timedatectl`, `timedatectl timesync-status` and `timedatectl show`."""
    sheet = Sheet("timedatectl")
    for row in content.splitlines():
        key, mark, value = row.strip().partition(":") if ": " in row else row.strip().partition("=")
        if not mark:
            continue
        key, value = key.strip().casefold(), value.strip()
        if key in ("system clock synchronized", "ntp synchronized", "ntpsynchronized"):
            sheet.add("os.clock_synchronised", {"yes": True, "no": False}.get(value))
        elif key in ("time zone", "timezone"):
            sheet.add("os.time_zone", value.partition(" ")[0])
        elif key == "systemd-timesyncd.service active" and value == "yes":
            sheet.add("os.clock_service", "systemd-timesyncd")
        elif key in ("ntp service", "network time on", "ntp enabled") and value in ("active", "yes"):
            sheet.add("os.clock_service", "NTP")
        elif key == "offset":
            sheet.add("os.clock_offset_s", span_s(value))
        elif key == "universal time":
            date = re.search(r"\d{4}-\d\d-\d\d", value)
            sheet.add("os.today", date[0] if date else None)
    return sheet


def span_s(text: str) -> float | None:
    """Return the seconds of a span such as "-5.224ms" or "1min 2.5s", None for anything else."""
    sign = -1.0 if text.startswith("-") else 1.0
    parts = re.findall(r"(\d{1,9}(?:\.\d{1,9})?)(us|µs|ms|min|s|h)", text)
    if not parts:
        return None
    return sign * sum(float(number) * _UNITS[unit] for number, unit in parts)


def path_of(unit: str) -> str:
    r"""Return the path of a mount's or swap's unit: "mnt-my\x20disk" is "/mnt/my disk". Source: systemd.unit(5)."""
    if unit == "-":
        return "/"
    raw = "/" + unit.replace("-", "/")
    escaped = re.sub(r"\\x([0-9a-fA-F]{2})", lambda sign: chr(int(sign[1], 16)), raw)
    # Escaped are bytes of UTF-8; what is none stays as it stands there.
    try:
        return escaped.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def parse_systemctl(content: str) -> Sheet:
    """Return the readings of `systemctl`, `list-units` and `list-unit-files`. Source: systemctl(1)."""
    sheet = Sheet("systemctl")
    failed: list[str] = []
    mounts: list[str] = []
    enabled: list[str] = []
    count: Counter[str] = Counter()
    for row in content.splitlines():
        fields = row.replace("●", " ").replace("×", " ").replace("*", " ").split()
        if not fields or not re.search(
            r"\.(?:service|mount|socket|timer|target|automount|path|scope|slice|swap|device)$", fields[0]
        ):
            continue
        name, _dot, kind = fields[0].rpartition(".")
        if len(fields) >= 4 and fields[1] in ("loaded", "not-found", "masked", "error", "bad-setting"):
            count[kind] += 1
            if kind == "service" and fields[2] == "failed":
                failed.append(name)
            elif kind in ("mount", "swap") and fields[2] == "failed":
                mounts.append(path_of(name))
        elif kind == "service" and len(fields) >= 2 and fields[1] in ("enabled", "enabled-runtime"):
            enabled.append(name)
    # The answer of a healthy system to `systemctl --failed`.
    if count or re.search(r"^0 loaded units listed\b", content, re.MULTILINE):
        sheet.add("os.service_manager", "systemd")
    if count:
        sheet.add("os.service_count", count["service"])
    if count or sheet.value("os.service_manager"):
        sheet.add("os.services.failed", sorted(set(failed)))
        sheet.add("os.services.failed_mounts", sorted(set(mounts)))
    if enabled:
        sheet.add("os.service_manager", "systemd")
        sheet.add("os.services.enabled", sorted(set(enabled)))
    return sheet
