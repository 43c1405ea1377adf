"""Windows itself: release and end of life, updates, services, start-up, accounts, time zone.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from techkit.probes.formats.windows.values import Read, Row, day, listed, moment, number, text, truth
from techkit.probes.sheet import Sheet

#: Win32_OperatingSystem.OperatingSystemSKU: editions whose support is the longer one ("e").
#: Source: Microsoft Learn; 4, 27, 84, 125, 126 Enterprise, 121, 122 Education, 188, 191 IoT.
ENTERPRISE: Final = frozenset({4, 27, 72, 84, 121, 122, 125, 126, 129, 130, 188, 191})


LONG_TERM: Final = frozenset({125, 126, 129, 130, 191})


#: Build → release of Windows 10 and 11. Source: endoflife.date/windows, "latest".
BUILDS: Final = {
    10240: "10-1507", 10586: "10-1511", 14393: "10-1607", 15063: "10-1703", 16299: "10-1709",
    17134: "10-1803", 17763: "10-1809", 18362: "10-1903", 18363: "10-1909", 19041: "10-2004",
    19042: "10-20h2", 19043: "10-21h1", 19044: "10-21h2", 19045: "10-22h2", 22000: "11-21h2",
    22621: "11-22h2", 22631: "11-23h2", 26100: "11-24h2", 26200: "11-25h2", 28000: "11-26h1",
}  # fmt: skip


#: Releases with a long-term edition → how the data call it.
LONG_TERM_RELEASES: Final = {
    "11-24h2": "e-lts",
    "10-21h2": "e-lts",
    "10-1809": "e-lts",
    "10-1607": "e-lts",
    "10-1507": "e-lts",
}


#: The long-term edition for fixed devices, and the releases in which it lives longer than the other one.
#: Source: Microsoft Learn, Windows 10 IoT Enterprise LTSC 2021, Windows 11 IoT Enterprise LTSC 2024.
LONG_TERM_THINGS: Final = frozenset({191})
THINGS_RELEASES: Final = frozenset({"11-24h2", "10-21h2"})


#: Releases with one life for all editions.
ONE_LIFE: Final = frozenset({"10-1511", "10-1903", "10-2004", "10-21h1", "10-22h2"})


#: A release without its last service pack was over before it: the pack's end stands for both.
OLD_BUILDS: Final = {
    9600: "8.1", 9200: "8", 7601: "7-sp1", 7600: "7-sp1", 6003: "6-sp2", 6002: "6-sp2", 6001: "6-sp2", 6000: "6-sp2",
    2600: "5-sp3",
}  # fmt: skip


SERVERS: Final = {
    26100: "2025", 25398: "23h2-ac", 20348: "2022", 19042: "20h2-sac", 19041: "2004-sac", 18363: "1909-sac",
    18362: "1903-sac", 17763: "2019", 17134: "1803-sac", 16299: "1709-sac", 14393: "2016", 9600: "2012-r2",
    9200: "2012", 7601: "2008-r2-sp1", 7600: "2008-r2-sp1", 6003: "2008-sp2", 6002: "2008-sp2", 6001: "2008-sp2",
    3790: "2003-sp2",
}  # fmt: skip


def windows_cycle(build: int, sku: int | None, product_type: int | None) -> tuple[str, str]:
    """Return (product, cycle) of the end of life data for a build and edition, "" where unknown.

    product_type: 1 workstation, 2 and 3 server (Win32_OperatingSystem.ProductType).
    """
    if product_type in (2, 3):
        return "windows-server", SERVERS.get(build, "")
    if build in OLD_BUILDS:
        return "windows", OLD_BUILDS[build]
    release = BUILDS.get(build, "")
    if not release:
        return "windows", ""
    if sku in LONG_TERM_THINGS and release in THINGS_RELEASES:
        return "windows", f"{release}-iot-lts"
    if sku in LONG_TERM and release in LONG_TERM_RELEASES:
        return "windows", f"{release}-{LONG_TERM_RELEASES[release]}"
    if release in ONE_LIFE or release == "10-1507":
        return "windows", release
    return "windows", f"{release}-{'e' if sku in ENTERPRISE else 'w'}"


#: What Windows' own name calls the editions with the longer support, in its languages.
_ENTERPRISE_WORDS: Final = re.compile(
    r"Enterprise|Entreprise|Корпоративн|企业版|企業版|(?<!Pro )Education|Éducation|Образовательн|для образовательных|教育版"
)


def sku_of_name(name: str) -> int:
    """Return an OperatingSystemSKU that is supported as long as the edition in a name like "Windows 10 Enterprise LTSC"."""
    is_fixed = "IoT" in name
    if re.search(r"\bLTS[BC]\b", name):
        return 191 if is_fixed else 125
    # "Pro Education" is served as long as Pro. Source: Microsoft Learn, Windows 10 and 11 Home and Pro lifecycle.
    return 188 if is_fixed else 4 if _ENTERPRISE_WORDS.search(name) else 48


def sku_of_edition(edition: str) -> int:
    """Return the same for an EditionID of the registry, e.g. "EnterpriseS", "EnterpriseSN", "IoTEnterpriseS"."""
    is_fixed = edition.startswith("IoTEnterprise")
    if re.match(r"(?:IoT)?EnterpriseS(?![a-z])", edition):
        return 191 if is_fixed else 125
    return 188 if is_fixed else 4 if edition.startswith(("Enterprise", "Education", "ServerRdsh")) else 48


def _operating_system(sheet: Sheet, rows: Sequence[Row]) -> None:
    row = rows[0]
    build = number(row, "BuildNumber")
    product, cycle = windows_cycle(build or 0, number(row, "OperatingSystemSKU"), number(row, "ProductType"))
    sheet.add("os.family", "windows")
    sheet.add("os.name", text(row, "Caption"))
    sheet.add("os.version", text(row, "Version"))
    sheet.add("os.build", str(build) if build else "")
    sheet.add("os.product", product if cycle else "")
    sheet.add("os.cycle", cycle)
    sheet.add(
        "os.edition",
        {48: "Professional", 101: "Home", 4: "Enterprise", 121: "Education"}.get(
            number(row, "OperatingSystemSKU") or 0, ""
        ),
    )
    sheet.add(
        "os.architecture",
        "x86_64"
        if "64" in text(row, "OSArchitecture") and "ARM" not in text(row, "OSArchitecture").upper()
        else "arm64"
        if "ARM" in text(row, "OSArchitecture").upper()
        else "x86"
        if text(row, "OSArchitecture")
        else "",
    )
    sheet.add("os.computer_name", text(row, "CSName"))
    languages = listed(row, "MUILanguages")
    sheet.add("os.language", languages[0] if languages else "")
    sheet.add("os.installed_at", day(row.get("InstallDate")))
    started, now = moment(row.get("LastBootUpTime")), moment(row.get("LocalDateTime"))
    if started:
        sheet.add("os.booted_at", started.isoformat(timespec="seconds"))
        if now and now >= started:
            sheet.add("os.uptime_s", (now - started).total_seconds())
    for reading_id, key in (
        ("memory.total_bytes", "TotalVisibleMemorySize"),
        ("memory.available_bytes", "FreePhysicalMemory"),
        ("memory.commit_limit_bytes", "TotalVirtualMemorySize"),
    ):
        kilobytes = number(row, key)
        sheet.add(reading_id, kilobytes * 1024 if kilobytes else None)
    sheet.add("processor.process_count", number(row, "NumberOfProcesses"))


def _fixes(sheet: Sheet, rows: Sequence[Row]) -> None:
    days = [found for row in rows if (found := _fix_day(row))]
    newest = max(days, default="")
    if newest:
        age = (datetime.now(UTC).date() - date.fromisoformat(newest)).days
        sheet.add("software.updates.installed_age_days", float(max(0, age)))


def _fix_day(row: Row) -> str:
    value = row.get("InstalledOn")
    nested = value.get("value") if isinstance(value, dict) else value
    # "7/30/2026" is month first whatever the language (Win32_QuickFixEngineering).
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", str(nested or "").strip())
    if match:
        try:
            return date(int(match[3]), int(match[1]), int(match[2])).isoformat()
        except ValueError:
            return ""
    return day(nested)


def _services(sheet: Sheet, rows: Sequence[Row]) -> None:
    enabled = sorted({text(row, "Name") for row in rows if text(row, "StartMode") == "Auto"} - {""})
    # A service that ended by itself with 0 had nothing to do; 1077 was never started.
    failed = sorted(
        {
            text(row, "Name")
            for row in rows
            if text(row, "StartMode") == "Auto"
            and text(row, "State") == "Stopped"
            and number(row, "ExitCode") not in (0, 1077, None)
        }
        - {""}
    )
    spooler = next((text(row, "State") for row in rows if text(row, "Name").casefold() == "spooler"), "")
    if spooler:
        sheet.add("devices.print_service", "running" if spooler == "Running" else "stopped")
    sheet.add("os.service_count", len(rows))
    sheet.add("os.service_manager", "scm")
    sheet.add("os.services.enabled", enabled)
    sheet.add("os.services.failed", failed)


def _startup(sheet: Sheet, rows: Sequence[Row]) -> None:
    programs = {text(row, "Name") or text(row, "Caption"): text(row, "Location") for row in rows}
    programs.pop("", None)
    sheet.add(
        "os.startup.programs",
        [{"name": name, "where": programs[name]} for name in sorted(programs, key=str.casefold)],
    )
    sheet.add("os.startup.count", len(programs))


def _time_zone(sheet: Sheet, rows: Sequence[Row]) -> None:
    sheet.add("os.time_zone", text(rows[0], "StandardName") or text(rows[0], "Caption"))


def _user_accounts(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Win32_UserAccount: accounts of this computer that are not switched off."""
    people = [
        row for row in rows if truth(row, "Disabled") is not True and truth(row, "LocalAccount") is not False
    ]
    sheet.add("os.users.count", len(people))
    sheet.add(
        "security.password_not_required",
        sorted(
            name for row in people if truth(row, "PasswordRequired") is False and (name := text(row, "Name"))
        ),
    )


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "Win32_OperatingSystem": _operating_system,
    "Win32_QuickFixEngineering": _fixes,
    "Win32_Service": _services,
    "Win32_StartupCommand": _startup,
    "Win32_TimeZone": _time_zone,
    "Win32_UserAccount": _user_accounts,
}
