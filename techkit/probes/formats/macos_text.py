"""What macOS' own state tools print: sysctl, vm_stat, ioreg, launchctl, Time Machine, the update service, the firewall."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reason


def sysctl_values(text: str) -> dict[str, str]:
    """Return name → value of sysctl's lines; macOS writes a colon, older ones an equals sign."""
    found = {}
    for row in text.splitlines():
        match = re.match(r"([\w.]{1,80})\s*[:=]\s*(.*)$", row)
        if match:
            found[match[1]] = match[2].strip()
    return found


def plist_of(printed: bytes) -> Any:
    """Return the property list a tool printed, None for anything else."""
    try:
        import plistlib  # loaded late: only a Mac has such lists

        return plistlib.loads(printed)
    except Exception:  # plistlib raises what its parsers raise: expat's, struct's, its own
        return None


def parse_load(text: str) -> Sheet:
    """Return the readings of "{ 1.62 1.80 1.93 }"; the decimals may have a comma."""
    sheet = Sheet("sysctl vm.loadavg")
    numbers = re.findall(r"\d{1,6}[.,]\d{1,4}", text)
    for name, value in zip(("load_1", "load_5", "load_15"), numbers, strict=False):
        sheet.add(f"processor.{name}", float(value.replace(",", ".")))
    return sheet


def parse_vm_stat(text: str) -> Sheet:
    """Return the readings of vm_stat. Available: free, speculative, inactive and purgeable pages.

    Source: vm_stat(1); what macOS' own Activity Monitor counts as not in use.
    """
    sheet = Sheet("vm_stat")
    size = re.search(r"page size of (\d{3,6}) bytes", text)
    if not size:
        return sheet
    page = int(size[1])
    pages: dict[str, int] = {}
    for row in text.splitlines():
        match = re.match(r'"?([A-Za-z -]+?)"?:\s+(\d{1,15})\.$', row)
        if match:
            pages[match[1].strip().casefold()] = int(match[2])
    parts = ("pages free", "pages speculative", "pages inactive", "pages purgeable")
    if all(part in pages for part in parts[:1]):
        sheet.add("memory.free_bytes", pages["pages free"] * page)
        sheet.add("memory.available_bytes", sum(pages.get(part, 0) for part in parts) * page)
    for name, key in (
        ("active", "pages active"),
        ("inactive", "pages inactive"),
        ("anonymous", "anonymous pages"),
        ("cached", "file-backed pages"),
    ):
        if key in pages:
            sheet.add(f"memory.{name}_bytes", pages[key] * page)
    sheet.add("memory.swapped_in_pages", pages.get("swapins"))
    sheet.add("memory.swapped_out_pages", pages.get("swapouts"))
    return sheet


def parse_swap(text: str) -> Sheet:
    """Return the readings of "total = 2048.00M  used = 1012,50M  free = 1035.50M  (encrypted)"."""
    sheet = Sheet("sysctl vm.swapusage")
    values = {
        name: float(value.replace(",", "."))
        for name, value in re.findall(r"(total|used|free) = (\d{1,9}[.,]\d{1,3})M", text)
    }
    if "total" in values:
        sheet.add("memory.swap_total_bytes", round(values["total"] * 2**20))
        sheet.add("memory.swap_free_bytes", round(values.get("free", 0.0) * 2**20))
    return sheet


def parse_smart_battery(document: object) -> Sheet:
    """Return the readings of AppleSmartBattery. Source: IOKit, AppleSmartBattery keys.

    On Apple silicon MaxCapacity is a percentage; AppleRawMaxCapacity holds milliampere hours.
    """
    sheet = Sheet("ioreg AppleSmartBattery")
    rows = [row for row in document if isinstance(row, dict)] if isinstance(document, list) else []
    for place, row in enumerate(rows):
        name = str(place)
        design, raw = row.get("DesignCapacity"), row.get("AppleRawMaxCapacity")
        full = raw if isinstance(raw, int) else row.get("MaxCapacity")
        if (
            isinstance(design, int)
            and isinstance(full, int)
            and 500 < design < 30_000
            and 100 < full <= 1.5 * design
        ):
            sheet.add("power.battery.health_percent", round(min(100.0, 100 * full / design), 1), subject=name)
            volts = row.get("Voltage")
            if isinstance(volts, int) and 2_000 < volts < 30_000:
                sheet.add("power.battery.design_mwh", design * volts // 1000, subject=name)
                sheet.add("power.battery.full_mwh", full * volts // 1000, subject=name)
        sheet.add("power.battery.cycles", row.get("CycleCount"), subject=name)
        sheet.add("power.adapter_online", row.get("ExternalConnected"))
    return sheet


def parse_launchd(text: str) -> Sheet:
    """Return the readings of `launchctl list`: process, last exit status, label.

    Negative statuses are signals the system itself sends on purpose; 78 is a wrong configuration.
    """
    sheet = Sheet("launchctl list")
    failed, count = [], 0
    for row in text.splitlines():
        match = re.match(r"(-|\d{1,7})\s+(-?\d{1,5})\s+(\S{1,200})$", row)
        if not match:
            continue
        count += 1
        if match[1] == "-" and int(match[2]) > 0 and not match[3].startswith("com.apple."):
            failed.append(match[3])
    if count:
        sheet.add("os.service_manager", "launchd")
        sheet.add("os.service_count", count)
        sheet.add("os.services.failed", sorted(failed))
    return sheet


def parse_update_service(document: object, now: datetime) -> Sheet:
    """Return the readings of com.apple.SoftwareUpdate. Raises: ProbeError without a date."""
    sheet = Sheet("com.apple.SoftwareUpdate")
    if isinstance(document, dict):
        looked = document.get("LastFullSuccessfulDate") or document.get("LastSuccessfulDate")
        if isinstance(looked, datetime):
            at = looked if looked.tzinfo else looked.replace(tzinfo=UTC)
            sheet.add(
                "software.updates.list_age_days", round(max(0.0, (now - at).total_seconds()) / 86400, 2)
            )
        automatic = document.get("AutomaticallyInstallMacOSUpdates")
        sheet.add(
            "software.updates.automatic", bool(automatic) if isinstance(automatic, bool | int) else None
        )
        waiting = document.get("LastRecommendedUpdatesAvailable")
        sheet.add("software.updates.pending", waiting if isinstance(waiting, int) else None)
    if sheet.value("software.updates.list_age_days") is None:
        raise ProbeError(
            _("The Mac does not say when it last looked for updates."), reason=Reason.NOT_PRESENT
        )
    return sheet


def parse_time_machine(document: object, now: datetime) -> Sheet:
    """Return the readings of com.apple.TimeMachine: each destination keeps its snapshot dates."""
    sheet = Sheet("com.apple.TimeMachine")
    rows = document.get("Destinations") if isinstance(document, dict) else None
    dates: list[datetime] = []
    for row in rows if isinstance(rows, list) else []:
        listed = row.get("SnapshotDates") if isinstance(row, dict) else None
        moments = [at for at in listed if isinstance(at, datetime)] if isinstance(listed, list) else []
        dates += [at if at.tzinfo else at.replace(tzinfo=UTC) for at in moments]
    if dates:
        newest = max(dates)
        sheet.add("backup.tools", ["Time Machine"])
        sheet.add("backup.last_at", newest.isoformat(timespec="seconds"), subject="Time Machine")
        sheet.add(
            "backup.age_days",
            round(max(0.0, (now - newest).total_seconds()) / 86400, 2),
            subject="Time Machine",
        )
    else:
        sheet.add("backup.never", True)
    return sheet


def parse_firewall(text: str) -> Sheet:
    """Return the readings of socketfilterfw's "(State = 1)"; 2 blocks everything. Raises: ProbeError."""
    sheet = Sheet("socketfilterfw --getglobalstate")
    match = re.search(r"\(State = (\d)\)", text)
    if not match:
        raise ProbeError(_("The firewall did not tell its state."), reason=Reason.FAILED)
    sheet.add("security.firewall.active", match[1] != "0")
    sheet.add("security.firewall.kind", "macOS application firewall")
    return sheet


def parse_hid_idle(text: str) -> float | None:
    """Return the seconds of `"HIDIdleTime" = 5312000000` in ioreg's output, kept in nanoseconds."""
    found = re.search(r'"HIDIdleTime"\s*=\s*(\d{1,20})', text)
    return int(found[1]) / 1e9 if found else None


#: A window for signing in that came later than this after the start came up anew; ours.
LONGEST_START_S = 600.0


def parse_start_up_time(booted: str, programs: str) -> float | None:
    """Return the seconds between the kernel's start and that of the window for signing in, None if it came up anew.

    booted: the local time in kern.boottime. programs: `ps -axo lstart=,comm=`; both as ctime(3) writes them.
    """
    began = [row[:24] for row in programs.splitlines() if row.rstrip().endswith("/loginwindow")]
    times = [_moment(text) for text in (booted, *began)]
    if len(times) < 2 or any(moment is None for moment in times):
        return None
    first, *windows = (moment for moment in times if moment is not None)
    seconds = (min(windows) - first).total_seconds()
    return seconds if 0 < seconds <= LONGEST_START_S else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(" ".join(text.split()), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 - both of one local clock
    except ValueError:
        return None


def parse_usb_ports(document: object) -> list[dict[str, str]] | None:
    """Return the USB-C ports in trouble (name, id, problem) of `ioreg -r -d 1 -k "Overcurrent Count" -a`; None without one.

    Source: IORegistry of Apple silicon, AppleHPMInterface: the count since the start, and what the port measures of liquid.
    """
    ports = [row for row in document if isinstance(row, dict)] if isinstance(document, list) else []
    counted = [row for row in ports if isinstance(row.get("Overcurrent Count"), int)]
    if not counted:
        return None
    found = []
    for row in counted:
        name = str(row.get("PortDescription") or row.get("Description") or "USB-C")
        if row["Overcurrent Count"] > 0:
            found.append({"name": name, "id": name, "problem": "too much current"})
        if row.get("LDCM_LiquidDetected") in (True, 1):
            found.append({"name": name, "id": name, "problem": "liquid"})
    return found
