"""What smartctl says about a drive: as JSON (7.0 and later) and as text (any version).

Source: smartctl(8) of smartmontools 7.4, chapter "EXIT STATUS"; its json schema as printed;
NVM Express Base Specification 2.0, SMART / Health Information; ATA attribute meanings as named by
smartmontools' drivedb.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from techkit.probes.formats.drive_life import (
    ENDURANCE_USED,
    SECTORS_READ,
    SECTORS_WRITTEN,
    Attribute,
    Statistics,
    counted,
    open_failure,
    statistics_in,
    statistics_of,
    used_percent,
)
from techkit.probes.formats.json_text import dig, items, parse, text, whole
from techkit.probes.sheet import Sheet

#: Attribute number → reading. The numbers are the makers' own, the same in smartmontools' drivedb.
ATTRIBUTES: Final[Mapping[int, str]] = {
    5: "storage.smart.reallocated",
    187: "storage.smart.reported_uncorrectable",
    188: "storage.smart.command_timeouts",
    197: "storage.smart.pending",
    198: "storage.smart.uncorrectable",
    199: "storage.smart.crc_errors",
}

#: More power-on hours than a drive can have (34 years, drives count since 1995) is a counter in another unit, or one
#: that began high: an Intel 520 of 2012 says 935,549.
HOURS_LIMIT: Final = 300_000

#: No drive that still answers is colder or hotter (celsius); 255 and -128 mean "no sensor".
TEMPERATURES: Final = range(-40, 130)

#: Makers recommend 25 or 40 celsius for a long life; others 127, for none.
ADVISED: Final = range(50, 100)

#: A unit of NVMe's "data units": 1000 blocks of 512 bytes (NVMe Base 2.0, Data Units Read).
DATA_UNIT_BYTES: Final = 512_000


@dataclass
class _Drive:
    """Readings of one drive under one name."""

    sheet: Sheet
    name: str
    failing: list[str] = field(default_factory=list)
    failed_before: list[str] = field(default_factory=list)

    def add(self, reading_id: str, value: object) -> bool:
        return self.sheet.add(reading_id, value, subject=self.name)


def parse_json(content: str, name: str = "") -> Sheet:
    """Return the readings of one `smartctl --json --all` output.

    name: the drive's name where the caller knows it; else what the output itself says. Fields that
    do not fit are left out; an output that is no JSON gives an empty sheet.
    """
    document = parse(content)
    sheet = Sheet("smartctl --json --all")
    device = name or text(dig(document, "device", "name")).removeprefix("/dev/")
    drive = _Drive(sheet, device)
    if not isinstance(document, dict):
        return sheet
    _identity(drive, document)
    drive.add("storage.smart.exit_status", whole(dig(document, "smartctl", "exit_status")))
    drive.add("storage.smart.passed", dig(document, "smart_status", "passed"))
    support = document.get("smart_support")  # in some versions a truth alone
    supports = dig(support, "available") if isinstance(support, dict) else support
    drive.add("storage.smart.available", supports if isinstance(supports, bool) else None)
    hours = whole(dig(document, "power_on_time", "hours"))
    drive.add("storage.smart.power_on_hours", hours if hours is not None and hours < HOURS_LIMIT else None)
    drive.add("storage.smart.power_cycles", whole(dig(document, "power_cycle_count")))
    drive.add("storage.smart.spare_percent", whole(dig(document, "spare_available", "current_percent")))
    for mark in ("warning", "critical"):
        _limits(drive, mark, whole(dig(document, "nvme_composite_temperature_threshold", mark)))
    _limits(drive, "warning", whole(dig(document, "temperature", "op_limit_max")), within=ADVISED)
    _limits(drive, "critical", whole(dig(document, "temperature", "drive_trip")))
    _temperature(drive, dig(document, "temperature", "current"))
    rows = [a for row in items(document, "ata_smart_attributes", "table") if (a := _json_attribute(row))]
    model = text(document.get("model_name"))
    _attributes(drive, rows, model)
    used = whole(dig(document, "endurance_used", "current_percent"))
    if used is None:
        used = whole(document.get("scsi_percentage_used_endurance_indicator"))
    told = statistics_of(items(document, "ata_device_statistics", "pages"))
    if rows or told:
        used = told.get(ENDURANCE_USED) if used is None else used
        firmware = text(document.get("firmware_version"))
        used = used_percent(rows, model, firmware, used, document.get("rotation_rate"))
    drive.add("storage.smart.used_percent", used)
    _moved(drive, told, whole(document.get("logical_block_size")))
    if sheet.value("storage.smart.power_on_hours", device) is None:
        drive.add("storage.smart.power_on_hours", _hours_of_attribute(document))
    _nvme(drive, dig(document, "nvme_smart_health_information_log"))
    _scsi(drive, document)
    errors = whole(dig(document, "ata_smart_error_log", "summary", "count"))
    if errors is None:
        errors = whole(dig(document, "ata_smart_error_log", "extended", "count"))
    drive.add("storage.smart.error_log_count", errors)
    drive.add("storage.smart.self_test", _self_test(document))
    drive.add("storage.smart.self_test_failed_hours", open_failure(_json_tests(document)))
    _self_test_state(drive, document)
    return sheet


def _moved(drive: _Drive, told: Statistics, block_bytes: int | None) -> None:
    """Add what an ATA drive read and wrote over its life, as its device statistics count it."""
    for name, place in (("written", SECTORS_WRITTEN), ("read", SECTORS_READ)):
        sectors = told.get(place)
        if sectors is not None and block_bytes:
            drive.add(f"storage.smart.{name}_bytes", sectors * block_bytes)


def _identity(drive: _Drive, document: Mapping[str, Any]) -> None:
    scsi = " ".join(filter(None, (text(document.get("vendor")), text(document.get("product")))))
    drive.add(
        "storage.disk.model",
        text(document.get("model_name")) or text(document.get("scsi_model_name")) or scsi,
    )
    drive.add("storage.disk.serial", text(document.get("serial_number")))
    drive.add(
        "storage.disk.firmware",
        text(document.get("firmware_version"))
        or text(document.get("scsi_revision"))
        or text(document.get("revision")),
    )
    size = whole(dig(document, "user_capacity", "bytes")) or whole(document.get("nvme_total_capacity"))
    drive.add("storage.disk.size_bytes", size or None)
    drive.add("storage.disk.logical_block_bytes", whole(document.get("logical_block_size")))
    drive.add("storage.disk.physical_block_bytes", whole(document.get("physical_block_size")))
    protocol = text(dig(document, "device", "protocol")).casefold()
    rate = whole(document.get("rotation_rate"))
    drive.add("storage.disk.rotation_rpm", rate)
    bus = text(dig(document, "scsi_transport_protocol", "name")).casefold()
    scsi_bus = "sas" if bus.startswith("sas") else "fibre channel" if bus.startswith("fibre") else "scsi"
    drive.add("storage.disk.interface", {"ata": "sata", "nvme": "nvme", "scsi": scsi_bus}.get(protocol, ""))
    if protocol == "nvme" or isinstance(document.get("nvme_smart_health_information_log"), dict):
        drive.add("storage.disk.kind", "nvme")
    elif rate is not None:
        drive.add("storage.disk.kind", "hdd" if rate else "ssd")


def _limits(drive: _Drive, mark: str, limit: int | None, within: range = range(21, 130)) -> None:
    """Add a temperature a drive names as its own limit, where it can be one."""
    drive.add(
        f"storage.smart.temperature_{mark}_celsius",
        limit if limit in within else None,
    )


def _temperature(drive: _Drive, value: object) -> None:
    # 0 is what a drive behind a controller says that has no sensor.
    if isinstance(value, int) and not isinstance(value, bool) and value and value in TEMPERATURES:
        drive.add("storage.smart.temperature_celsius", value)


def _json_attribute(row: Mapping[str, Any]) -> Attribute | None:
    number = whole(row.get("id"))
    if number is None or not 0 < number < 256:
        return None
    raw, shown = whole(dig(row, "raw", "value")), text(dig(row, "raw", "string"))
    first = re.match(r"\d{1,19}(?=h\+|[^0-9a-zA-Z:]|$)", shown)
    return Attribute(
        id=number,
        name=text(row.get("name")),
        value=whole(row.get("value")),
        threshold=whole(row.get("thresh")),
        raw=int(first[0]) if first else raw,
        count=_main_count(number, raw, shown),
        when_failed={"now": "now", "past": "past"}.get(text(row.get("when_failed")).casefold(), ""),
        is_prefailure=dig(row, "flags", "prefailure") is True,
    )


def _hours_of_attribute(document: Mapping[str, Any]) -> int | None:
    """Return the hours of attribute 9, whose text is "26505" or "26505h+04m+20.910s"."""
    for row in items(document, "ata_smart_attributes", "table"):
        if whole(row.get("id")) == 9:
            shown = re.match(r"(\d{1,7})(?:h\b|h\+| \(|$)", text(dig(row, "raw", "string")))
            return int(shown[1]) if shown and int(shown[1]) < HOURS_LIMIT else None
    return None


def _main_count(number: int, raw: int | None, shown: str) -> int | None:
    """Return the count inside a 48-bit raw value.

    Makers pack up to three numbers into one raw value. smartctl knows which and prints the main one
    first; attribute 188 holds three 16-bit words, of which the lowest counts all time-outs.
    Source: scrutiny #255, #336 (Seagate raw values), smartmontools drivedb "raw16", "raw24/raw32".
    """
    first = re.match(r"([0-9]{1,19})(?![0-9a-zA-Z:])", shown)
    if raw is None:
        return int(first[1]) if first else None
    if number == 188:
        return raw & 0xFFFF
    if number in ATTRIBUTES and raw >= 2**16:
        return int(first[1]) if first and int(first[1]) < 2**32 else raw & 0xFFFF
    return raw


def _attributes(drive: _Drive, rows: Sequence[Attribute], model: str) -> None:
    is_ssd = drive.sheet.value("storage.disk.kind", drive.name) == "ssd"
    failing: list[tuple[bool, str]] = []
    for row in rows:
        if row.id in ATTRIBUTES:
            drive.add(ATTRIBUTES[row.id], counted(row, model, rows, is_ssd=is_ssd))
        # HGST's and WD's level of helium, which smartctl does not know by name on each of them, fails at 25.
        if row.id == 22 and row.threshold == 25 and row.value is not None and row.value <= 100:
            drive.add("storage.smart.helium_percent", row.value)
        label = f"{row.id} {row.name}".strip()
        subject = f"{drive.name} {row.id}".strip()
        for kind, value in (("raw", row.raw), ("value", row.value), ("threshold", row.threshold)):
            drive.sheet.add(f"storage.smart.attribute_{kind}", value, subject=subject)
        if row.when_failed == "now":
            failing.append(
                (not row.is_prefailure, f"{label} ({'prefailure' if row.is_prefailure else 'old age'})")
            )
        elif row.when_failed == "past":
            drive.failed_before.append(label)
    if (
        failing
        or drive.failed_before
        or drive.sheet.value("storage.smart.reallocated", drive.name) is not None
    ):
        drive.add("storage.smart.failing_now", [label for _order, label in sorted(failing)])
        drive.add("storage.smart.failed_before", drive.failed_before)


def _nvme(drive: _Drive, log: object) -> None:
    if not isinstance(log, dict):
        return
    drive.add("storage.smart.critical_warning", whole(log.get("critical_warning")))
    drive.add("storage.smart.spare_percent", whole(log.get("available_spare")))
    drive.add("storage.smart.spare_threshold_percent", whole(log.get("available_spare_threshold")))
    drive.add("storage.smart.used_percent", whole(log.get("percentage_used")))
    drive.add("storage.smart.media_errors", whole(log.get("media_errors")))
    drive.add("storage.smart.unsafe_shutdowns", whole(log.get("unsafe_shutdowns")))
    drive.add("storage.smart.error_log_count", whole(log.get("num_err_log_entries")))
    for name, key in (("read_bytes", "data_units_read"), ("written_bytes", "data_units_written")):
        units = whole(log.get(key))
        drive.add(f"storage.smart.{name}", None if units is None else units * DATA_UNIT_BYTES)
    _temperature(drive, log.get("temperature"))
    hours = whole(log.get("power_on_hours"))
    drive.add("storage.smart.power_on_hours", hours if hours is not None and hours < HOURS_LIMIT else None)
    drive.add("storage.smart.power_cycles", whole(log.get("power_cycles")))


def _scsi(drive: _Drive, document: Mapping[str, Any]) -> None:
    drive.add("storage.smart.grown_defects", whole(document.get("scsi_grown_defect_list")))
    log = document.get("scsi_error_counter_log")
    counts = [whole(dig(log, kind, "total_uncorrected_errors")) for kind in ("read", "write", "verify")]
    known = [count for count in counts if count is not None]
    drive.add("storage.smart.uncorrected_errors", sum(known) if known else None)


def _is_test(kind: str, hours: int | None) -> bool:
    """Return whether a line of a drive's log tells of a test.

    ATA reserves some codes and leaves others to the maker; an Intel 320 fills its log with both, "failed" at hour 65280.
    """
    return not kind.startswith("Reserved") and not (kind.startswith("Vendor (") and hours == 0xFF00)


def _ata_tests(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    log = document.get("ata_smart_self_test_log")
    rows = items(log, "standard", "table") or items(log, "extended", "table")
    return [
        row for row in rows if _is_test(text(dig(row, "type", "string")), whole(row.get("lifetime_hours")))
    ]


def _json_tests(document: Mapping[str, Any]) -> list[tuple[str, str, int | None]]:
    """Return kind, result and hours of the self-tests the drive remembers, newest first."""
    ata = _ata_tests(document)
    found = [(row, "type", "status", whole(row.get("lifetime_hours"))) for row in ata]
    nvme = items(document, "nvme_self_test_log", "table")
    found += [(row, "self_test_code", "self_test_result", whole(row.get("power_on_hours"))) for row in nvme]
    # SCSI drives remember 20. Source: SPC-4, Self-Test Results log page.
    scsi = [row for place in range(20) if isinstance(row := document.get(f"scsi_self_test_{place}"), dict)]
    found += [(row, "code", "result", whole(dig(row, "power_on_time", "hours"))) for row in scsi]
    return [
        (text(dig(r, kind, "string")), text(dig(r, end, "string")), hours) for r, kind, end, hours in found
    ]


def _self_test(document: Mapping[str, Any]) -> str:
    for row in _ata_tests(document):
        return text(dig(row, "status", "string"))
    nvme = dig(document, "nvme_self_test_log", "table", 0, "self_test_result", "string")
    return text(nvme) or text(dig(document, "scsi_self_test_0", "result", "string"))


def _self_test_state(drive: _Drive, document: Mapping[str, Any]) -> None:
    """Add what is left of a self-test under way, when and of what kind the last one was, and how long they take."""
    log = document.get("nvme_self_test_log")
    last = next(iter(_ata_tests(document)), None)
    nvme, scsi = dig(log, "table", 0), document.get("scsi_self_test_0")
    drive.add(
        "storage.smart.self_test_kind",
        text(dig(last, "type", "string"))
        or text(dig(nvme, "self_test_code", "string"))
        or text(dig(scsi, "code", "string")),
    )
    ended = (dig(last, "lifetime_hours"), dig(nvme, "power_on_hours"), dig(scsi, "power_on_time", "hours"))
    hours = next((count for value in ended if (count := whole(value)) is not None), None)
    drive.add("storage.smart.self_test_hours", hours if hours is not None and hours < HOURS_LIMIT else None)
    left = whole(dig(document, "ata_smart_data", "self_test", "status", "remaining_percent"))
    if whole(dig(log, "current_self_test_operation", "value")):
        done = whole(dig(log, "current_self_test_completion_percent"))
        left = None if done is None else 100 - done
    drive.add("storage.smart.self_test_left_percent", left if left is not None and 0 <= left <= 100 else None)
    for name, key in (("short", "short"), ("long", "extended")):
        took = whole(dig(document, "ata_smart_data", "self_test", "polling_minutes", key))
        drive.add(f"storage.smart.self_test_{name}_minutes", took or None)


# --- text ------------------------------------------------------------------------------------------

#: A row of the ATA table: with type and time of update (the old form), or without them (`-f brief`, `-x`).
_ROW: Final = re.compile(
    r"^\s*(\d{1,3})\s+(\S+)\s+(0x[0-9a-fA-F]{4}|[A-Z+-]{6,8})\s+(\d{1,3}|-+)\s+(\d{1,3}|-+)\s+(\d{1,3}|-+)"
    r"\s+(?:(Pre-fail|Old_age)\s+(?:Always|Offline)\s+)?(\S+)\s+(-?\d.*)$"
)


#: A whole number as smartctl groups it in the language of the machine: 3,457, 3.457, 3’457, 3 457.
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{2,3}){1,6}|\d{1,20}")


def _count(shown: str) -> int | None:
    """Return a count smartctl wrote for people, None for anything else."""
    bare = shown.strip()
    return whole(re.sub(r"\D", "", bare)) if _GROUPED.fullmatch(bare) else whole(bare)


def parse_text(content: str, name: str = "") -> Sheet:
    """Return the readings of one `smartctl -a`, `-i`, `-A` or `-H` output in English.

    name: the drive's name where the caller knows it. smartctl is not translated; lines that do not
    fit are left out.
    """
    sheet = Sheet("smartctl --all")
    drive = _Drive(sheet, name)
    facts: dict[str, str] = {}
    for row in content.splitlines():
        key, mark, value = row.partition(":")
        if mark and not row.startswith((" ", "\t")):
            facts.setdefault(" ".join(key.split()).casefold(), value.strip())
    _text_identity(drive, facts)
    health = facts.get("smart overall-health self-assessment test result") or facts.get(
        "smart health status", ""
    )
    drive.add("storage.smart.passed", _passed(health))
    support = facts.get("smart support is", "")
    if support:
        drive.add("storage.smart.available", support.casefold().startswith(("available", "enabled")))
    elif "Device supports SMART" in content:  # SCSI drives before version 6
        drive.add("storage.smart.available", True)
    rows = [a for row in content.splitlines() if (a := _text_attribute(row))]
    _attributes(drive, rows, facts.get("device model", ""))
    for attribute in rows:
        if attribute.id == 9 and attribute.raw is not None and attribute.raw < HOURS_LIMIT:
            drive.add("storage.smart.power_on_hours", attribute.raw)
        elif attribute.id == 12:
            drive.add("storage.smart.power_cycles", attribute.raw)
        elif attribute.id == 194 or (attribute.id == 190 and not any(row.id == 194 for row in rows)):
            _temperature(drive, attribute.raw)
    _text_nvme(drive, facts)
    _text_scsi(drive, facts, content)
    _text_logs(drive, facts, content)
    told = statistics_in(content)
    used = used_percent(
        rows,
        facts.get("device model", ""),
        facts.get("firmware version", ""),
        told.get(ENDURANCE_USED),
        sheet.value("storage.disk.rotation_rpm", name),
    )
    drive.add("storage.smart.used_percent", used)
    block = sheet.value("storage.disk.logical_block_bytes", name)
    _moved(drive, told, block if isinstance(block, int) else None)
    return sheet


def _passed(health: str) -> bool | None:
    """Return what a drive judges of itself; None where it would not say ("UNKNOWN!")."""
    word = health.casefold().rstrip("!")
    if not word or word.startswith(("unknown", "not ", "n/a")):
        return None
    return word in ("passed", "ok")


#: A line of the self-test log: "# 1  Short offline  Completed without error  00%  120  -" (ATA),
#: "# 1  Background short  Completed  -  3  - [-  -  -]" (SCSI).
_SELF_TEST: Final = re.compile(r"^# ?\d{1,2} {1,4}(\S[^\n]{0,200})$", re.MULTILINE)

#: The self-test log of an NVMe drive, whose lines are " 0  Short  Completed without error  6  -  …".
_NVME_TESTS: Final = re.compile(
    r"^Num  Test_Description[^\n]{0,99}\n((?: [ \d]\d? [^\n]{1,200}(?:\n|$)){1,20})", re.MULTILINE
)


def _text_tests(content: str) -> list[tuple[str, str, int | None]]:
    """Return kind, result and age in hours of the self-tests the drive remembers, newest first."""
    numbered = [(line, "%" not in line) for line in _SELF_TEST.findall(content)]
    if not numbered and (log := _NVME_TESTS.search(content)):
        numbered = [(line[4:].strip(), False) for line in log[1].splitlines()]
    found: list[tuple[str, str, int | None]] = []
    for line, is_scsi in numbered:
        columns = re.split(r" {2,}", line)
        if len(columns) < 4:
            continue
        kind, result, *rest = columns
        told = re.match(r"([^%]{1,100}?)(?: \d{1,3}%)?$", result)
        # ATA says how much is left, SCSI which segment; NVMe neither.
        if rest[0].endswith("%") or is_scsi:
            rest = rest[1:]
        hours = whole(rest[0]) if rest else None
        if told and hours is not None and _is_test(kind, hours):
            found.append((kind, told[1], hours))
    return found


def _text_logs(drive: _Drive, facts: Mapping[str, str], content: str) -> None:
    """Add the errors the drive remembers, its last self-test and the one under way, its wear and its limits."""
    errors = re.match(r"\d{1,9}", facts.get("ata error count") or facts.get("device error count") or "")
    if errors:
        drive.add("storage.smart.error_log_count", int(errors[0]))
    elif re.search(
        r"^SMART (?:Extended Comprehensive )?Error Log Version[^\n]{0,80}\nNo Errors Logged",
        content,
        re.MULTILINE,
    ):
        drive.add("storage.smart.error_log_count", 0)
    if tests := _text_tests(content):
        kind, result, hours = tests[0]
        drive.add("storage.smart.self_test_kind", kind)
        drive.add("storage.smart.self_test", result)
        drive.add(
            "storage.smart.self_test_hours", hours if hours is not None and hours < HOURS_LIMIT else None
        )
        drive.add("storage.smart.self_test_failed_hours", open_failure(tests))
    left = re.search(r"^\s{1,20}(\d{1,2})% of test remaining", content, re.MULTILINE)
    done = re.search(r"^Self-test status: [^\n]{1,60}\((\d{1,2})% completed\)", content, re.MULTILINE)
    if left or done:
        share = int(left[1]) if left else 100 - int(done[1]) if done else 0
        drive.add("storage.smart.self_test_left_percent", share)
    for name, word in (("short", "Short"), ("long", "Extended")):
        took = re.search(
            rf"^{word} self-test routine\s+recommended polling time:\s+\(\s{{0,9}}(\d{{1,5}})\) min",
            content,
            re.MULTILINE,
        )
        drive.add(f"storage.smart.self_test_{name}_minutes", int(took[1]) or None if took else None)
    advised = re.match(r"\S{1,4}/ {0,2}(\d{1,3}) Celsius", facts.get("min/max recommended temperature", ""))
    _limits(drive, "warning", int(advised[1]) if advised else None, within=ADVISED)
    for key, mark in (("warning", "warning"), ("critical", "critical")):
        limit = re.match(r"(\d{1,3}) Celsius", facts.get(f"{key} comp. temp. threshold", ""))
        _limits(drive, mark, int(limit[1]) if limit else None)


def _text_scsi(drive: _Drive, facts: Mapping[str, str], content: str) -> None:
    drive.add("storage.smart.grown_defects", _count(facts.get("elements in grown defect list", "")))
    used = re.match(r"(\d{1,3})%", facts.get("percentage used endurance indicator", ""))
    drive.add("storage.smart.used_percent", int(used[1]) if used else None)
    degrees, trip = (
        re.match(r"(\d{1,3}) ?C", facts.get(f"{key} temperature", ""))
        for key in ("current drive", "drive trip")
    )
    _temperature(drive, int(degrees[1]) if degrees else None)
    _limits(drive, "critical", int(trip[1]) if trip else None)
    # "Accumulated power on time, hours:minutes 41236:32" and, before version 6.6, "number of hours powered up = 41236.53".
    hours = re.search(
        r"^\s{0,9}(?:Accumulated power on time, hours:minutes|number of hours powered up =) ?(\d{1,9})",
        content,
        re.MULTILINE,
    )
    if hours and int(hours[1]) < HOURS_LIMIT:
        drive.add("storage.smart.power_on_hours", int(hours[1]))
    # The error counter log ends each line with what could not be corrected.
    rows = re.findall(r"^(?:read|write|verify):((?: {1,20}[\d.,]{1,20}){7})\s{0,9}$", content, re.MULTILINE)
    counts = [whole(row.split()[6]) for row in rows]
    known = [count for count in counts if count is not None]
    drive.add("storage.smart.uncorrected_errors", sum(known) if known else None)


def _text_identity(drive: _Drive, facts: Mapping[str, str]) -> None:
    def first(*keys: str) -> str:
        return next((facts[key] for key in keys if facts.get(key)), "")

    scsi = " ".join(filter(None, (facts.get("vendor", ""), facts.get("product", ""))))
    # "Device: IBM-ESXS ST3300655SS      Version: BA23", SCSI drives before version 6.
    old, _version, revision = facts.get("device", "").partition("Version:")
    drive.add("storage.disk.model", first("device model", "model number") or scsi or old)
    drive.add("storage.disk.maker", first("vendor"))
    drive.add("storage.disk.serial", first("serial number"))
    drive.add("storage.disk.firmware", first("firmware version", "revision") or revision.strip())
    wide = re.sub(r"[^0-9a-fA-F]", "", first("lu wwn device id", "logical unit id").removeprefix("0x"))
    drive.add("storage.disk.wwn", f"0x{wide.casefold()}" if 16 <= len(wide) <= 32 else "")
    # "512,110,190,592 bytes [512 GB]", "512’110’190’592 [512 GB]": any one sign or two between the thousands.
    keys = ("user capacity", "total nvm capacity", "namespace 1 size/capacity")
    sizes = (
        re.match(r"(\d{1,3}(?:[^\d\[\]]{1,2}\d{2,3}){1,8}|\d{7,20}) (?:bytes|\[)", facts.get(k, ""))
        for k in keys
    )
    size = next(filter(None, sizes), None)
    # An empty optical drive makes up its size.
    is_medium = "cd" not in first("device type").casefold()
    drive.add("storage.disk.size_bytes", whole(re.sub(r"\D", "", size[1])) if size and is_medium else None)
    blocks = re.findall(r"(\d{3,5}) bytes (logical|physical)", first("sector sizes", "sector size"))
    for bytes_, side in blocks:
        drive.add(f"storage.disk.{side}_block_bytes", int(bytes_))
    if both := re.match(r"(\d{3,5}) bytes logical/physical", first("sector size", "sector sizes")):
        drive.add("storage.disk.logical_block_bytes", int(both[1]))
        drive.add("storage.disk.physical_block_bytes", int(both[1]))
    for key, side in (("logical block size", "logical"), ("physical block size", "physical")):
        if is_medium and (block := re.match(r"(\d{3,5}) bytes", first(key))):
            drive.add(f"storage.disk.{side}_block_bytes", int(block[1]))
    rate = first("rotation rate")
    rpm = re.match(r"(\d{1,6}) rpm", rate)
    if rpm:
        drive.add("storage.disk.rotation_rpm", int(rpm[1]))
        drive.add("storage.disk.kind", "hdd")
    elif rate.casefold().startswith("solid state"):
        drive.add("storage.disk.kind", "ssd")
    if "nvme version" in facts or "namespace 1 size/capacity" in facts:
        drive.add("storage.disk.kind", "nvme")
        drive.add("storage.disk.interface", "nvme")
    transport = first("transport protocol", "sata version is", "ata version is").casefold()
    for mark in ("sas", "fibre", "sata", "ata"):
        if transport.startswith(mark):
            drive.add("storage.disk.interface", {"fibre": "fibre channel"}.get(mark, mark))
            break


def _shown_raw(number: int, shown: str) -> int | None:
    """Return the raw value smartctl wrote for people: 25770196998, "0x0000000000ab", "0 0 1", "27 (Min/Max 14/42)"."""
    if re.match(r"0x[0-9a-fA-F]{1,16}\b", shown):
        return whole(shown.split(maxsplit=1)[0])
    # Attribute 188 as three words, the highest first. Source: smartmontools, atacmds.cpp, RAWFMT_RAW16.
    if number == 188 and (words := re.fullmatch(r"(\d{1,5}) (\d{1,5}) (\d{1,5})", shown)):
        high, middle, low = (int(word) & 0xFFFF for word in words.groups())
        return high << 32 | middle << 16 | low
    first = re.match(r"-?\d{1,19}" if number in (190, 194) else r"\d{1,19}", shown)
    return int(first[0]) if first else None


def _text_attribute(row: str) -> Attribute | None:
    match = _ROW.match(row)
    if not match or not 0 < int(match[1]) < 256:
        return None
    number, failed = int(match[1]), match[8].casefold()
    shown = match[9].strip()
    raw = _shown_raw(number, shown)
    kind = (match[7] or "").casefold()
    flags = match[3]
    return Attribute(
        id=number,
        name=match[2],
        value=whole(match[4]),
        threshold=whole(match[6]),
        raw=raw,
        count=_main_count(number, raw, shown),
        when_failed="now"
        if "failing_now" in failed or failed == "now"
        else "past"
        if "past" in failed
        else "",
        is_prefailure=kind.startswith("pre")
        or (flags[:1] == "P" if not flags.startswith("0x") else bool(int(flags, 16) & 1)),
    )


def _text_nvme(drive: _Drive, facts: Mapping[str, str]) -> None:
    if "available spare" not in facts:
        return
    drive.add("storage.disk.kind", "nvme")
    drive.add("storage.disk.interface", "nvme")
    drive.add("storage.smart.critical_warning", whole(facts.get("critical warning", "")))
    for name, key in (
        ("spare_percent", "available spare"),
        ("spare_threshold_percent", "available spare threshold"),
        ("used_percent", "percentage used"),
        ("media_errors", "media and data integrity errors"),
        ("unsafe_shutdowns", "unsafe shutdowns"),
        ("power_on_hours", "power on hours"),
        ("power_cycles", "power cycles"),
        ("error_log_count", "error information log entries"),
    ):
        drive.add(f"storage.smart.{name}", _count(facts.get(key, "").rstrip("%")))
    degrees = re.match(r"(\d{1,3}) Celsius", facts.get("temperature", ""))
    if degrees:
        _temperature(drive, int(degrees[1]))
    for name, key in (("read_bytes", "data units read"), ("written_bytes", "data units written")):
        units = _count(facts.get(key, "").partition("[")[0])
        drive.add(f"storage.smart.{name}", None if units is None else units * DATA_UNIT_BYTES)
