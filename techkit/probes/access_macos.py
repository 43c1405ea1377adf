"""Raw access to a Mac: system_profiler as JSON, pmset, ioreg, and the system's own state tools.

Everything is asked for in the C locale and read by keys, never by words in the user's language.
None of this has been run on a Mac by us; it is tested on recorded output.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from techkit.children import external
from techkit.children.external import Command, Output
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.formats import system_profiler
from techkit.probes.formats.macos_text import (
    parse_firewall,
    parse_hid_idle,
    parse_launchd,
    parse_load,
    parse_smart_battery,
    parse_start_up_time,
    parse_swap,
    parse_time_machine,
    parse_update_service,
    parse_usb_ports,
    parse_vm_stat,
    plist_of,
    sysctl_values,
)
from techkit.probes.probe import Access, missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

#: Everything about the machine in one answer; about 2 s on a recent Mac, and started only once.
HARDWARE: Final = Command(
    (
        "/usr/sbin/system_profiler",
        "-json",
        "-detailLevel",
        "full",
        "SPHardwareDataType",
        "SPSoftwareDataType",
        "SPMemoryDataType",
        "SPSerialATADataType",
        "SPNVMeDataType",
        "SPStorageDataType",
        "SPPowerDataType",
        "SPDisplaysDataType",
        "SPUSBDataType",
        "SPUSBHostDataType",
        "SPPrintersDataType",
        "SPAudioDataType",
        "SPCameraDataType",
        "SPBluetoothDataType",
    ),
    limit_s=8.0,
)
APPLICATIONS: Final = Command(("/usr/sbin/system_profiler", "-json", "SPApplicationsDataType"), limit_s=20.0)
MEMORY: Final = Command(("/usr/bin/vm_stat",), limit_s=3.0)
SYSCTL: Final = Command(
    (
        "/usr/sbin/sysctl",
        "hw.memsize",
        "hw.ncpu",
        "hw.physicalcpu",
        "hw.logicalcpu",
        "hw.packages",
        "machdep.cpu.brand_string",
        "kern.boottime",
        "vm.loadavg",
        "vm.swapusage",
        "kern.hv_vmm_present",
    ),
    limit_s=3.0,
)
BATTERY: Final = Command(("/usr/sbin/ioreg", "-r", "-c", "AppleSmartBattery", "-a"), limit_s=3.0)
USB_PORTS: Final = Command(("/usr/sbin/ioreg", "-r", "-d", "1", "-k", "Overcurrent Count", "-a"), limit_s=3.0)
PMSET: Final = Command(("/usr/bin/pmset", "-g"), limit_s=3.0)
THERMAL: Final = Command(("/usr/bin/pmset", "-g", "therm"), limit_s=3.0)
FIREWALL: Final = Command(
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate"), limit_s=3.0
)
FILEVAULT: Final = Command(("/usr/bin/fdesetup", "isactive"), limit_s=3.0)
ADMINISTRATORS: Final = Command(
    ("/usr/bin/dscl", ".", "-read", "/Groups/admin", "GroupMembership"), limit_s=3.0
)
AUTO_SIGN_IN: Final = Command(
    ("/usr/bin/defaults", "read", "/Library/Preferences/com.apple.loginwindow", "autoLoginUser"), limit_s=3.0
)
BACKUP: Final = Command(
    ("/usr/bin/defaults", "export", "/Library/Preferences/com.apple.TimeMachine", "-"), limit_s=3.0
)
UPDATE: Final = Command(
    ("/usr/bin/defaults", "export", "/Library/Preferences/com.apple.SoftwareUpdate", "-"), limit_s=3.0
)
#: When each program began, in the C locale: "Thu Nov 13 02:13:52 2025 /System/…/loginwindow".
BEGAN: Final = Command(("/bin/ps", "-axo", "lstart=,comm="), limit_s=3.0)
LAUNCHD: Final = Command(("/bin/launchctl", "list"), limit_s=3.0)
NTP: Final = Command(("/usr/sbin/systemsetup", "-getusingnetworktime"), limit_s=3.0)
INTEGRITY: Final = Command(("/usr/bin/csrutil", "status"), limit_s=3.0)

#: Started before any probe runs, on a Mac only.
COMMANDS: Final[tuple[Command, ...]] = (HARDWARE, SYSCTL) if sys.platform == "darwin" else ()


def _hardware(access: Access, *prefixes: str) -> Sheet:
    """Return the readings of the one answer whose ids begin so. Raises: ProbeError without one."""
    output = access.run(HARDWARE)
    sheet = Sheet("system_profiler")
    found = system_profiler.parse(output.stdout)
    if len(found) == 0:
        raise ProbeError(_("The Mac did not describe itself."), reason=Reason.FAILED)
    for reading in found:
        if reading.id.startswith(prefixes):
            sheet.add(reading.id, reading.value, subject=reading.subject, source=reading.source)
    return sheet


def _sysctl(access: Access) -> dict[str, str]:
    return sysctl_values(access.run(SYSCTL).text)


def _try(access: Access, command: Command) -> Output | None:
    """Return a tool's output, None when it is missing or stuck."""
    found = access.try_all([command])[0]
    return None if isinstance(found, ProbeError) else found


# --- readings, by topic ----------------------------------------------------------------------------


def machine(access: Access) -> Iterable[Reading]:
    """Return maker, model and serial numbers."""
    sheet = _hardware(access, "system.", "firmware.")
    if _sysctl(access).get("kern.hv_vmm_present") == "1":
        sheet.add("system.kind", "virtual", source="sysctl kern.hv_vmm_present")
        sheet.add("system.hypervisor", "Apple Virtualization", source="sysctl kern.hv_vmm_present")
    return sheet


def processors(access: Access) -> Iterable[Reading]:
    """Return the processor."""
    sheet = _hardware(access, "processor.")
    values = _sysctl(access)
    for id, key in (
        ("thread_count", "hw.logicalcpu"),
        ("socket_count", "hw.packages"),
        ("online_count", "hw.ncpu"),
    ):
        sheet.add(f"processor.{id}", _whole(values.get(key)), source=f"sysctl {key}")
    sheet.add("processor.name", values.get("machdep.cpu.brand_string"), subject="0", source="sysctl")
    sheet.add(
        "processor.threads", _whole(values.get("hw.logicalcpu")), subject="0", source="sysctl hw.logicalcpu"
    )
    return sheet


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,18}", text) else None


def load(access: Access) -> Iterable[Reading]:
    """Return the load of 1, 5 and 15 minutes."""
    return parse_load(_sysctl(access).get("vm.loadavg", ""))


def memory_use(access: Access) -> Iterable[Reading]:
    """Return memory and paging."""
    values = _sysctl(access)
    sheet = parse_vm_stat(access.run(MEMORY).text)
    sheet.add("memory.total_bytes", _whole(values.get("hw.memsize")), source="sysctl hw.memsize")
    sheet.extend(parse_swap(values.get("vm.swapusage", "")))
    return sheet


def memory_errors(access: Access) -> Iterable[Reading]:
    """Return that nobody counts errors, or that macOS tells no program of its count (memory with correction)."""
    corrects = any(r.id == "memory.ecc.kind" and r.value == "ECC" for r in _hardware(access, "memory.ecc"))
    if corrects:
        text = _("macOS counts the errors of this memory, and tells no program of them.")
        return [missing("memory.ecc.corrected", reason=Reason.NOT_PRESENT, text=text)]
    sheet = Sheet("system_profiler")
    sheet.add("memory.ecc.controller_count", 0)
    return sheet


def memory_modules(access: Access) -> Iterable[Reading]:
    """Return the memory modules; Macs with soldered memory have none to name."""
    return _hardware(access, "memory.module", "memory.slot", "memory.ecc")


def disks(access: Access) -> Iterable[Reading]:
    """Return the disks."""
    return [r for r in _hardware(access, "storage.disk") if r.id != "storage.disk.status"]


def volumes(access: Access) -> Iterable[Reading]:
    """Return the mounted volumes a person would know."""
    sheet = _hardware(access, "storage.volume.")
    sheet.add("storage.volume_count", len({r.subject for r in sheet if r.id == "storage.volume.total_bytes"}))
    return sheet


def disk_health(access: Access) -> Iterable[Reading]:
    """Return the system's judgement of each disk (S.M.A.R.T. status)."""
    sheet = _hardware(access, "storage.disk.")
    kept = [
        r
        for r in sheet
        if r.id == "storage.disk.status"
        and str(r.value).casefold() not in ("not supported", "not supported by device")
    ]
    for name in (r.subject for r in sheet if r.id == "storage.disk.kind" and r.value == "virtual"):
        text = _("The disk {name} is virtual and knows nothing of its health.", name=name)
        kept.append(missing("storage.smart.passed", subject=name, reason=Reason.NOT_PRESENT, text=text))
    return kept


def smart_devices(access: Access) -> dict[str, str]:
    """Return disk → device for smartctl, which needs an administrator."""
    if not access.is_admin:
        return {}
    names = {r.subject for r in _hardware(access, "storage.disk.size")}
    return {name: f"/dev/{name}" for name in sorted(names) if re.fullmatch(r"disk\d{1,3}", name)}


def batteries(access: Access) -> Iterable[Reading]:
    """Return the battery: ioreg knows the design capacity, system_profiler the condition."""
    sheet = _hardware(access, "power.")
    output = _try(access, BATTERY)
    if output:
        sheet.extend(parse_smart_battery(plist_of(output.stdout)))
    saver = _try(access, PMSET)
    if saver and re.search(r"^\s*lowpowermode\s+1\b", saver.text, re.MULTILINE):
        sheet.add("power.plan", "low power mode", source="pmset -g")
    elif saver:
        sheet.add("power.plan", "automatic", source="pmset -g")
    return sheet


def heat(access: Access) -> Iterable[Reading]:
    """Return how far heat holds the processor back; Apple tells no temperatures without a driver of its own."""
    sheet = Sheet("pmset -g therm")
    limit = re.search(r"CPU_Speed_Limit\s*=\s*(\d{1,3})\b", access.run(THERMAL).text)
    sheet.add("processor.speed_limit_percent", int(limit[1]) if limit else None, subject="processor")
    text = _("macOS tells no program how warm the processor is.")
    return [*sheet, missing("temperature.celsius", reason=Reason.NOT_PRESENT, text=text)]


def start_up_time(access: Access) -> Iterable[Reading]:
    """Return how long the start took: from the kernel's beginning to the window for signing in.

    Raises: ProbeError where that window came up later, because somebody signed out since.
    """
    sheet = Sheet("sysctl kern.boottime, start of loginwindow")
    booted = re.search(r"\}\s*(.+)$", _sysctl(access).get("kern.boottime", ""))
    sheet.add("os.start_up_s", parse_start_up_time(booted[1] if booted else "", access.run(BEGAN).text))
    if len(sheet) == 0:
        raise ProbeError(
            _("Since the start somebody signed out; how long it took is no longer told."),
            reason=Reason.NOT_PRESENT,
        )
    return sheet


def system(access: Access) -> Iterable[Reading]:
    """Return which macOS this is."""
    sheet = _hardware(access, "os.")
    sheet.add("os.package_system", "applications", source="system_profiler")
    return [r for r in sheet if r.id != "os.uptime_s"]


def clock(access: Access) -> Iterable[Reading]:
    """Return date, time since the start, and whether the clock is kept by the network."""
    sheet = Sheet("sysctl kern.boottime")
    sheet.add("os.today", datetime.now(UTC).date().isoformat(), source="the computer's clock")
    match = re.search(r"sec = (\d{1,12})", _sysctl(access).get("kern.boottime", ""))
    if match:
        sheet.add("os.uptime_s", max(0.0, time.time() - int(match[1])))
        sheet.add("os.booted_at", datetime.fromtimestamp(int(match[1]), UTC).isoformat(timespec="seconds"))
    ntp = _try(access, NTP)
    state = re.search(r"Network Time: (On|Off)", ntp.text) if ntp else None
    if state:
        sheet.add("os.clock_synchronised", state[1] == "On", source="systemsetup -getusingnetworktime")
        return sheet
    reason = Reason.FAILED if access.is_admin else Reason.NOT_PERMITTED
    why = _("macOS tells only administrators whether the network keeps the clock.")
    return [*sheet, missing("os.clock_synchronised", reason=reason, text="" if access.is_admin else why)]


def restart(access: Access) -> Iterable[Reading]:
    """Return whether an update waits for a restart."""
    output = access.run(UPDATE)
    document = plist_of(output.stdout)
    if not isinstance(document, dict):
        raise ProbeError(_("The update service keeps no record that can be read."), reason=Reason.FAILED)
    waiting = document.get("RecommendedUpdates")
    names = (
        [
            str(row.get("Display Name", ""))
            for row in waiting
            if isinstance(row, dict) and row.get("RestartRequired")
        ]
        if isinstance(waiting, list)
        else []
    )
    sheet = Sheet("com.apple.SoftwareUpdate")
    sheet.add("os.restart_pending", bool(names))
    sheet.add("os.restart_reasons", names)
    return sheet


def services(access: Access) -> Iterable[Reading]:
    """Return launchd's services that failed."""
    return parse_launchd(access.run(LAUNCHD).text)


#: Folders whose entries start programs for everybody, and for the person.
STARTUP_FOLDERS: Final = ("/Library/LaunchAgents", "/Library/LaunchDaemons", "/Library/StartupItems")


def startup(access: Access) -> Iterable[Reading]:
    """Return the programs that start by themselves, without Apple's own."""
    found: dict[str, dict[str, str]] = {}
    folders = list(STARTUP_FOLDERS)
    folders += [
        f"/Users/{name}/Library/LaunchAgents"
        for name in access.names("/Users")
        if name not in ("Shared", "Guest")
    ]
    for folder in folders:
        for name in access.names(folder):
            label = name.removesuffix(".plist")
            if name.endswith(".plist") and not label.startswith("com.apple."):
                found.setdefault(label, {"name": label, "where": folder})
    sheet = Sheet(", ".join(STARTUP_FOLDERS))
    sheet.add("os.startup.programs", [found[label] for label in sorted(found, key=str.casefold)])
    sheet.add("os.startup.count", len(found))
    return sheet


#: How old a crash report may be. Source: level of the check "crashes".
CRASH_DAYS: Final = 30


def crashes(access: Access) -> Iterable[Reading]:
    """Return crash reports of the last 30 days, by their file names."""
    oldest = time.time() - CRASH_DAYS * 86400
    folders = ["/Library/Logs/DiagnosticReports"]
    folders += [f"/Users/{name}/Library/Logs/DiagnosticReports" for name in access.names("/Users")]
    names: list[str] = []
    panics = 0
    seen = False
    for folder in folders:
        seen = seen or access.exists(folder)
        for name in access.names(folder):
            try:
                if access.path(f"{folder}/{name}").stat().st_mtime < oldest:
                    continue
            except OSError:
                continue
            crash = re.match(r"(.+?)[-_]\d{4}-\d\d-\d\d.*\.(?:ips|crash)$", name)
            if name.endswith(".panic") or name.startswith("panic-full"):
                panics += 1
            elif crash and not name.startswith(("JetsamEvent", "ExcUserFault", "forceReset", "stacks")):
                names.append(crash[1])
    if not seen:
        raise ProbeError(_("The crash reports may not be read."), reason=Reason.NOT_PERMITTED)
    sheet = Sheet("/Library/Logs/DiagnosticReports")
    sheet.add("os.crash_count", len(names))
    sheet.add("os.crashed_programs", sorted(set(names)))
    sheet.add("os.system_crash_count", panics)
    return sheet


def programs(access: Access) -> list[dict[str, str]]:
    """Return the installed applications."""
    sheet = system_profiler.parse(access.run(APPLICATIONS).stdout)
    rows = sheet.value("software.programs")
    if not isinstance(rows, list):
        raise ProbeError(_("The Mac did not list its programs."), reason=Reason.FAILED)
    return [{key: str(value) for key, value in row.items()} for row in rows if isinstance(row, dict)]


def update_service(access: Access) -> Iterable[Reading]:
    """Return when updates were last looked for, and whether they install themselves."""
    document = plist_of(access.run(UPDATE).stdout)
    return parse_update_service(document, datetime.now(UTC))


def updates(access: Access) -> Iterable[Reading]:
    """Return how many updates the last look found."""
    document = plist_of(access.run(UPDATE).stdout)
    sheet = Sheet("com.apple.SoftwareUpdate")
    waiting = document.get("RecommendedUpdates") if isinstance(document, dict) else None
    rows: Sequence[object] = waiting if isinstance(waiting, list) else []
    sheet.add("software.updates.pending", len(rows))
    security = [
        row
        for row in rows
        if isinstance(row, dict) and re.search(r"macOS|Security|Safari", str(row.get("Display Name", "")))
    ]
    sheet.add("software.updates.security", len(security))
    return sheet


def backup(access: Access) -> Iterable[Reading]:
    """Return when Time Machine last made a backup."""
    return parse_time_machine(plist_of(access.run(BACKUP).stdout), datetime.now(UTC))


def firewall(access: Access) -> Iterable[Reading]:
    """Return the state of the application firewall."""
    return parse_firewall(access.run(FIREWALL).text)


def accounts(access: Access) -> Iterable[Reading]:
    """Return who may do everything, and whether the Mac signs somebody in by itself."""
    sheet = Sheet("dscl . -read /Groups/admin")
    names = access.run(ADMINISTRATORS).text.partition(":")[2].split()
    sheet.add("security.administrators", sorted(set(names)) or None)
    sheet.add("security.administrator_count", len(set(names)) or None)
    sheet.add("security.current_user_is_administrator", access.is_admin, source="geteuid")
    signs_in = _try(access, AUTO_SIGN_IN)
    if signs_in is not None:
        sheet.add(
            "security.automatic_sign_in",
            signs_in.code == 0 and bool(signs_in.text.strip()),
            source="com.apple.loginwindow",
        )
    why = _("macOS keeps it secret whether a password is empty.")
    return [*sheet, missing("security.empty_passwords", reason=Reason.NOT_PRESENT, text=why)]


def ports(access: Access) -> Iterable[Reading]:  # noqa: ARG001 - the same shape as its neighbours
    """Return the ports open to others, as far as this person may see them."""
    import psutil

    try:
        entries = psutil.net_connections(kind="inet")
    except psutil.AccessDenied as error:
        raise ProbeError(
            _("Looking at open ports needs administrator rights."), reason=Reason.NOT_PERMITTED
        ) from error
    rows: dict[tuple[str, int], dict[str, str | int]] = {}
    for entry in entries:
        protocol = "tcp" if entry.type == 1 else "udp"
        if (
            not entry.laddr
            or entry.raddr
            or entry.laddr.ip.startswith(("127.", "::1"))
            or (protocol == "tcp" and entry.status != "LISTEN")
        ):
            continue
        rows.setdefault(
            (protocol, entry.laddr.port),
            {"protocol": protocol, "port": entry.laddr.port, "address": entry.laddr.ip, "program": ""},
        )
    sheet = Sheet("psutil.net_connections")
    sheet.add("security.ports", [rows[key] for key in sorted(rows)])
    sheet.add("security.port_count", len(rows))
    return sheet


def process_names(access: Access) -> list[str]:  # noqa: ARG001 - the same shape as its neighbours
    """Return the names of running programs."""
    import psutil

    return sorted({str(process.info["name"] or "") for process in psutil.process_iter(["name"])})


def antivirus(access: Access) -> Iterable[Reading]:
    """Return other makers' virus scanners; macOS' own (XProtect) cannot be switched off."""
    names = {
        "wdavdaemon": "Microsoft Defender",
        "falcond": "CrowdStrike Falcon",
        "SophosScanD": "Sophos",
        "bdldaemon": "Bitdefender",
        "esets_daemon": "ESET",
        "sentineld": "SentinelOne",
        "pmd": "Cortex XDR",
    }
    running = {name.casefold() for name in process_names(access)}
    sheet = Sheet("ps")
    found = sorted({name for process, name in names.items() if process.casefold() in running})
    rows: list[dict[str, Any]] = [
        {"name": "XProtect", "is_active": True},
        *({"name": name, "is_active": True} for name in found),
    ]
    sheet.add("security.antivirus", rows)
    sheet.add("security.antivirus.active", True)
    return sheet


def protection(access: Access) -> Iterable[Reading]:
    """Return FileVault and System Integrity Protection."""
    sheet = Sheet("fdesetup isactive")
    vault = _try(access, FILEVAULT)
    if vault is not None and vault.text.strip() in ("true", "false"):
        sheet.add("security.disk_encrypted", vault.text.strip() == "true", subject="/")
    guard = _try(access, INTEGRITY)
    if guard is not None and "status:" in guard.text:
        sheet.add(
            "security.kernel_lockdown",
            "integrity" if "enabled" in guard.text else "none",
            source="csrutil status",
        )
    return [
        *sheet,
        missing(
            "security.secure_boot",
            reason=Reason.NOT_PRESENT,
            text=_("A Mac shows its start-up security only in its recovery system."),
        ),
        missing(
            "security.tpm",
            reason=Reason.NOT_PRESENT,
            text=_("A Mac has a security chip of Apple’s own, of which macOS tells programs nothing."),
        ),
    ]


def attached(access: Access) -> Iterable[Reading]:
    """Return USB devices, graphics, sound, Bluetooth."""
    found = _hardware(
        access,
        "devices.usb",
        "devices.sound",
        "devices.bluetooth",
        "devices.optical",
        "display.graphics",
    )
    return [r for r in found if r.id != "devices.usb_faults"]


def usb_faults(access: Access) -> Iterable[Reading]:
    """Return the USB devices and ports in trouble: too little or too much current, too slow, liquid in the port."""
    sheet = _hardware(access, "devices.usb_faults")
    output = _try(access, USB_PORTS)
    ports = parse_usb_ports(plist_of(output.stdout)) if output else None
    devices = sheet.value("devices.usb_faults")
    if ports is not None:
        known = devices if isinstance(devices, list) else []
        sheet.add("devices.usb_faults", [*known, *ports], source="system_profiler, ioreg")
    return sheet


#: Where a profile's rules lie, for everybody and for one person. Source: Apple, Restrictions payload, allowCamera.
_RULES: Final = "com.apple.applicationaccess.plist"


def cameras(access: Access) -> Iterable[Reading]:
    """Return the cameras, and whether a profile forbids them; what each program was allowed macOS tells nobody."""
    sheet = _hardware(access, "devices.camera")
    folder = "/Library/Managed Preferences"
    places = [f"{folder}/{_RULES}", *(f"{folder}/{name}/{_RULES}" for name in access.names(folder))]
    rules = [plist_of(access.data(place)) for place in places if access.exists(place)]
    is_forbidden = any(isinstance(rule, dict) and rule.get("allowCamera") is False for rule in rules)
    sheet.add("devices.camera.blocked_by", ["policy"] if is_forbidden else [], source=_RULES)
    return sheet


def monitors(access: Access) -> Iterable[Reading]:
    """Return the monitors."""
    return _hardware(access, "display.monitor")


# --- the last touch --------------------------------------------------------------------------------

_IDLE: Final = Command(("/usr/sbin/ioreg", "-r", "-d", "1", "-c", "IOHIDSystem"), limit_s=2.0)


def seconds_since_touch() -> float | None:
    """Return for how long no key, pointer or finger moved; None where it is not told."""
    return parse_hid_idle(external.run(_IDLE).text)
