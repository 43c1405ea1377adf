"""Processors: what they are, how busy, how hot, how often slowed down by heat."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from typing import Final

from techkit import i18n
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import decimal, line, number, pairs, whole
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.probes.storage import parse_pressure
from techkit.records.findings import Reading, Reason

#: Instruction sets that decide whether a program runs at all; the long list helps nobody.
#: Source: x86-64 psABI, micro-architecture levels 2 to 4; Arm ACLE for the second row.
FEATURES: Final = frozenset(
    "sse2 ssse3 sse4_1 sse4_2 popcnt cx16 avx avx2 bmi1 bmi2 fma f16c avx512f aes sha_ni rdrand "
    "asimd sve sve2 aes atomics crc32 sha2".split()
)


def read_processors(access: Access) -> Iterable[Reading]:
    """Yield name, cores, caches, frequencies and known weaknesses of the processors."""
    if access.platform is Platform.WINDOWS:
        return access_windows.processors(access)
    if access.platform is Platform.MACOS:
        return access_macos.processors(access)
    content = access.text("/proc/cpuinfo")
    access.keep(content[:1500])
    sheet = parse_cpuinfo(content)
    machine = platform.machine() if str(access.root) == "/" else ""
    sheet.add("processor.architecture", machine, source="uname")
    _topology(access, sheet)
    _caches(access, sheet)
    weak = "/sys/devices/system/cpu/vulnerabilities"
    for name in access.names(weak):
        sheet.add("processor.weakness", line(access, f"{weak}/{name}"), subject=name, source=f"{weak}/{name}")
    return sheet


def parse_cpuinfo(content: str) -> Sheet:
    """Return the readings of a /proc/cpuinfo text (x86, Arm, POWER, s390 and RISC-V differ)."""
    sheet = Sheet("/proc/cpuinfo")
    # A copy may have lost the blank lines between the processors.
    parts = re.split(r"\n\s*\n|\n(?=processor\s*: \d)", content)
    blocks = [pairs(block) for block in parts if block.strip()]
    threads = [block for block in blocks if "processor" in block]
    if not threads:  # kernels of old Arm boards name their only processor so and do not number it
        threads = [
            block | {"processor": "0", "model name": block["Processor"]}
            for block in blocks
            if "Processor" in block
        ]
    sockets: dict[str, list[dict[str, str]]] = {}
    for block in threads:
        sockets.setdefault(block.get("physical id", "0"), []).append(block)
    shared = next((block for block in reversed(blocks) if "Hardware" in block or "Model" in block), {})
    for socket, members in sorted(sockets.items()):
        _socket(sheet, socket, members, shared)
    if threads:
        sheet.add("processor.socket_count", len(sockets))
        sheet.add("processor.thread_count", len(threads))
        first = threads[0]
        flags = set((first.get("flags") or first.get("Features") or "").split())
        sheet.add("processor.features", " ".join(sorted(flags & FEATURES)))
        if flags:
            sheet.add("processor.has_virtualization", bool(flags & {"vmx", "svm"}))
            sheet.add("processor.is_64_bit", bool(flags & {"lm", "asimd"}))
        bits = re.match(r"(\d{1,3}) bits physical, (\d{1,3}) bits virtual", first.get("address sizes", ""))
        if bits:
            sheet.add("processor.address_bits_physical", int(bits[1]))
            sheet.add("processor.address_bits_virtual", int(bits[2]))
        sheet.add("processor.cache_line_bytes", whole(first.get("clflush size", "")))
        for block in threads:
            mhz = decimal(block.get("cpu MHz", ""))
            sheet.add("processor.frequency_mhz", mhz or None, subject=block["processor"])
    return sheet


def _socket(sheet: Sheet, socket: str, members: list[dict[str, str]], shared: dict[str, str]) -> None:
    first = members[0]

    def add(field: str, value: object) -> None:
        sheet.add(f"processor.{field}", value, subject=socket)

    name = (
        first.get("model name")
        or first.get("cpu")
        or first.get("uarch")
        or shared.get("Model")
        or shared.get("Hardware", "")
    )
    add("name", name or ("Arm processor" if "CPU implementer" in first else ""))
    add("vendor", first.get("vendor_id", ""))
    add("family", whole(first.get("cpu family", "")))
    add("model", whole(first.get("model", "")))
    add("stepping", whole(first.get("stepping", "")))
    add("microcode", first.get("microcode", ""))
    add("threads", len(members))
    cores = {block["core id"] for block in members if "core id" in block}
    add("cores", len(cores) or whole(first.get("cpu cores", "")) or len(members))
    add("bogomips", decimal(first.get("bogomips", "") or first.get("BogoMIPS", "")))


def _topology(access: Access, sheet: Sheet) -> None:
    online = line(access, "/sys/devices/system/cpu/online")
    sheet.add("processor.online_count", count_ranges(online) or None, source="/sys/devices/system/cpu/online")
    for name in access.names("/sys/devices/system/cpu"):
        match = re.fullmatch(r"cpu(\d{1,5})", name)
        if not match:
            continue
        base = f"/sys/devices/system/cpu/{name}"
        for field, file in (
            ("frequency_max_mhz", "cpuinfo_max_freq"),
            ("frequency_min_mhz", "cpuinfo_min_freq"),
        ):
            khz = number(access, f"{base}/cpufreq/{file}")
            sheet.add(
                f"processor.{field}",
                khz / 1000 if khz else None,
                subject=match[1],
                source=f"{base}/cpufreq/{file}",
            )
        sheet.add(
            "processor.governor",
            line(access, f"{base}/cpufreq/scaling_governor"),
            subject=match[1],
            source=f"{base}/cpufreq",
        )


def count_ranges(text: str) -> int:
    """Return how many numbers a list such as "0-3,8" names; 0 when it is none."""
    total = 0
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part.strip())
        if not match:
            return 0
        total += max(0, int(match[2] or match[1]) - int(match[1]) + 1)
    return total


def _caches(access: Access, sheet: Sheet) -> None:
    base = "/sys/devices/system/cpu/cpu0/cache"
    for index in access.names(base):
        size = re.fullmatch(r"(\d{1,9})K", line(access, f"{base}/{index}/size"))
        level, kind = line(access, f"{base}/{index}/level"), line(access, f"{base}/{index}/type")
        if size and level:
            sheet.add(
                "processor.cache_bytes",
                int(size[1]) * 1024,
                subject=f"L{level} {kind}",
                source=f"{base}/{index}",
            )


PROCESSORS = Probe(
    id="processor.processors",
    title=N_("Looking at the processor"),
    read=read_processors,
    gives=tuple(
        f"processor.{name}"
        for name in """name vendor family model stepping microcode cores threads architecture
        socket_count thread_count online_count cache_bytes cache_line_bytes frequency_mhz
        frequency_max_mhz frequency_min_mhz governor address_bits_physical address_bits_virtual
        bogomips has_virtualization is_64_bit features weakness""".split()
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


# --- load ------------------------------------------------------------------------------------------


def read_load(access: Access) -> Iterable[Reading]:
    """Yield how busy the processors are and have been since the start."""
    if access.platform is Platform.WINDOWS:
        return access_windows.load(access)
    if access.platform is Platform.MACOS:
        return access_macos.load(access)
    loads = access.text("/proc/loadavg")
    access.keep(loads)
    sheet = parse_loadavg(loads)
    sheet.extend(parse_stat(access.text_or("/proc/stat")))
    for value in parse_pressure(access.text_or("/proc/pressure/cpu")):
        sheet.add("processor.pressure_percent", value, source="/proc/pressure/cpu some avg60")
    sheet.add(
        "processor.process_count", sum(n.isdecimal() for n in access.names("/proc")) or None, source="/proc"
    )
    for name in access.names("/sys/devices/system/cpu"):
        if re.fullmatch(r"cpu\d{1,5}", name):
            path = f"/sys/devices/system/cpu/{name}/thermal_throttle/core_throttle_count"
            sheet.add("processor.throttle_count", number(access, path), subject=name[3:], source=path)
    return sheet


def parse_loadavg(content: str) -> Sheet:
    """Return the readings of a /proc/loadavg text. Source: proc_loadavg(5)."""
    sheet = Sheet("/proc/loadavg")
    for name, text in zip(("load_1", "load_5", "load_15"), content.split(), strict=False):
        sheet.add(f"processor.{name}", decimal(text))
    return sheet


def parse_stat(content: str) -> Sheet:
    """Return shares of time and counters of a /proc/stat text. Source: proc_stat(5)."""
    sheet = Sheet("/proc/stat")
    for row in content.splitlines():
        fields = row.split()
        if len(fields) < 2 or not all(f.isdecimal() and len(f) < 20 for f in fields[1:9]):
            continue
        values = [int(field) for field in fields[1:9]]
        if fields[0] == "cpu" and len(values) >= 5 and any(values):
            total = sum(values)
            sheet.add("processor.wait_percent", 100 * values[4] / total)
            if len(values) >= 8:
                sheet.add("processor.steal_percent", 100 * values[7] / total)
        for key, name in (
            ("ctxt", "context_switches"),
            ("intr", "interrupts"),
            ("procs_running", "running_count"),
            ("procs_blocked", "blocked_count"),
        ):
            if fields[0] == key:
                sheet.add(f"processor.{name}", values[0])
    return sheet


LOAD = Probe(
    id="processor.load",
    title=N_("Looking at how busy the processor is"),
    read=read_load,
    gives=tuple(
        f"processor.{name}"
        for name in """load_1 load_5 load_15 wait_percent steal_percent context_switches interrupts
        running_count blocked_count process_count pressure_percent throttle_count
        use_percent""".split()
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


# --- heat ------------------------------------------------------------------------------------------

#: Sensors in sysfs give thousandths of a degree; outside this range they are not connected.
#: Source: Linux kernel, Documentation/hwmon/sysfs-interface.rst; range ours.
PLAUSIBLE: Final = (-40.0, 150.0)


def read_heat(access: Access) -> Iterable[Reading]:
    """Yield temperatures and fans from the system's own interfaces; none: nothing."""
    if access.platform is Platform.WINDOWS:
        return access_windows.heat(access)
    if access.platform is Platform.MACOS:
        return access_macos.heat(access)
    sheet, odd = Sheet("/sys/class/hwmon"), []
    seen: set[str] = set()
    for hwmon in access.names("/sys/class/hwmon"):
        base = f"/sys/class/hwmon/{hwmon}"
        chip = line(access, f"{base}/name") or hwmon
        for file in access.names(base):
            match = re.fullmatch(r"(temp|fan)(\d{1,3})_input", file)
            if not match:
                continue
            stem = f"{base}/{match[1]}{match[2]}"
            label = line(access, f"{stem}_label") or f"{match[1]}{match[2]}"
            subject = f"{chip} {label}"
            if subject in seen:
                subject = f"{chip} {label} ({hwmon})"  # the second processor has a chip of the same name
            seen.add(subject)
            if match[1] == "fan":
                sheet.add("fan.rpm", number(access, f"{stem}_input"), subject=subject, source=f"{stem}_input")
                continue
            for field, end in (("celsius", "input"), ("high_celsius", "max"), ("critical_celsius", "crit")):
                told = number(access, f"{stem}_{end}")
                degrees = _degrees(told)
                # Far below zero is an input with nothing on it; far above is a sensor that lies.
                if field == "celsius" and told is not None and told / 1000 > PLAUSIBLE[1]:
                    odd.append(_impossible(subject, told / 1000, f"{stem}_{end}"))
                # A mark of 0 or below is one nobody set.
                if degrees is not None and (field == "celsius" or degrees > 0):
                    sheet.add(f"temperature.{field}", degrees, subject=subject, source=f"{stem}_{end}")
    _zones(access, sheet)
    return [*sheet, *odd]


def _zones(access: Access, sheet: Sheet) -> None:
    for zone in access.names("/sys/class/thermal"):
        base = f"/sys/class/thermal/{zone}"
        kind = line(access, f"{base}/type")
        if zone.startswith("thermal_zone") and kind:
            sheet.add(
                "devices.thermal_zone_celsius",
                _degrees(number(access, f"{base}/temp")),
                subject=f"{kind} {zone[12:]}",
                source=base,
            )


def _impossible(subject: str, degrees: float, source: str) -> Reading:
    """Return that a sensor tells what cannot be."""
    told = _("The sensor reports {degrees} °C, which cannot be; it is ignored.", degrees=i18n.number(degrees))
    return missing("temperature.celsius", reason=Reason.FAILED, text=told, subject=subject, source=source)


def _degrees(thousandths: int | None) -> float | None:
    if thousandths is None:
        return None
    degrees = thousandths / 1000
    return degrees if PLAUSIBLE[0] <= degrees <= PLAUSIBLE[1] else None


HEAT = Probe(
    id="processor.heat",
    title=N_("Looking at temperatures"),
    read=read_heat,
    gives=("temperature.", "fan.rpm", "devices.thermal_zone_celsius", "processor.speed_limit_percent"),
    commands=windows_request.COMMANDS,
)

PROBES = (PROCESSORS, LOAD, HEAT)
