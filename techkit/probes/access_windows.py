"""What Windows says of itself, by topic: readings of its one request, of the registry, and of Win32 calls."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.formats import powershell_json, registry
from techkit.probes.formats.windows.values import moment, text
from techkit.probes.formats.windows.values import number as whole
from techkit.probes.probe import Access, missing
from techkit.probes.sheet import Sheet
from techkit.probes.windows_registry import read_key, registry_readings, registry_tree, values_of
from techkit.probes.windows_request import PENDING, counted, facts, readings_of
from techkit.records.findings import Reading, Reason


def machine(access: Access) -> Iterable[Reading]:
    """Return maker, model, serial numbers and kind of the computer."""
    sheet = readings_of(
        access,
        "Win32_ComputerSystem",
        "Win32_ComputerSystemProduct",
        "Win32_BIOS",
        "Win32_BaseBoard",
        "Win32_SystemEnclosure",
    )
    state = values_of(registry_tree(access), r"\Control\SecureBoot\State")
    sheet.add("firmware.mode", "uefi" if state else None, source="registry: SecureBoot")
    return [r for r in sheet if r.id.startswith(("system.", "board.", "chassis.", "firmware."))]


def processors(access: Access) -> Iterable[Reading]:
    """Return the processors."""
    return [r for r in readings_of(access, "Win32_Processor") if r.id != "processor.use_percent"]


def load(access: Access) -> Iterable[Reading]:
    """Return how busy the processors are."""
    sheet = readings_of(access, "Win32_Processor", "Win32_OperatingSystem")
    return [r for r in sheet if r.id in ("processor.use_percent", "processor.process_count")]


def memory_use(access: Access) -> Iterable[Reading]:
    """Return memory and paging files."""
    sheet = readings_of(access, "Win32_OperatingSystem", "Win32_PageFileUsage")
    return [r for r in sheet if r.id.startswith("memory.") and not r.id.startswith("memory.module")]


def memory_modules(access: Access) -> Iterable[Reading]:
    """Return the memory modules and slots."""
    return readings_of(access, "Win32_PhysicalMemory", "Win32_PhysicalMemoryArray")


def disks(access: Access) -> Iterable[Reading]:
    """Return the disks; their health is another probe's."""
    sheet = readings_of(access, "MSFT_PhysicalDisk")
    return [r for r in sheet if r.id != "storage.disk.status"]


def volumes(access: Access) -> Iterable[Reading]:
    """Return the volumes with a letter."""
    return readings_of(access, "Win32_LogicalDisk", "Win32_Volume")


def disk_health(access: Access) -> Iterable[Reading]:
    """Return Windows' own judgement of each disk, and its counters where they may be read."""
    sheet = readings_of(access, "MSFT_PhysicalDisk", "MSFT_StorageReliabilityCounter")
    kept = [r for r in sheet if r.id == "storage.disk.status" or r.id.startswith("storage.smart.")]
    for name in (r.subject for r in sheet if r.id == "storage.disk.kind" and r.value == "virtual"):
        why = _("The disk {name} is virtual and knows nothing of its health.", name=name)
        kept.append(missing("storage.smart.passed", subject=name, reason=Reason.NOT_PRESENT, text=why))
    return kept


def smart_devices(access: Access) -> dict[str, str]:
    """Return disk → device name for smartctl (its own names on Windows: /dev/sda is disk 0)."""
    if not access.is_admin:
        return {}
    rows = facts(access).get("MSFT_PhysicalDisk", [])
    return {
        name: f"/dev/sd{chr(ord('a') + int(name))}"
        for row in rows
        if (name := text(row, "DeviceId")).isdecimal() and int(name[:9]) < 26
    }


def batteries(access: Access) -> Iterable[Reading]:
    """Return batteries, adapter and power plan."""
    sheet = readings_of(access, "Win32_Battery", "BatteryStaticData", needed=False)
    if sheet.value("power.battery_count") is None:
        sheet.add("power.battery_count", 0, source="CIM Win32_Battery")
    schemes = values_of(registry_tree(access), r"\Power\User\PowerSchemes")
    sheet.add(
        "power.plan",
        POWER_PLANS.get(str(schemes.get("ActivePowerScheme", "")).casefold()),
        source="registry: PowerSchemes",
    )
    sheet.add("power.adapter_online", _adapter_online(), source="GetSystemPowerStatus")
    return sheet


#: Power schemes every Windows has. Source: Microsoft Learn, power policy settings.
POWER_PLANS: Final = {
    "a1841308-3541-4fab-bc81-f71556f20b4a": "power saver",
    "381b4222-f694-41f0-9685-ff5bb260df2e": "balanced",
    "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c": "high performance",
    "e9a42b02-d5df-448d-aa00-03f14749eb61": "ultimate performance",
}


class _PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS. Source: Microsoft Learn, winbase.h."""

    _fields_ = [
        ("line", ctypes.c_ubyte),
        ("battery", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("life_s", ctypes.c_uint32),
        ("full_life_s", ctypes.c_uint32),
    ]


def _adapter_online() -> bool | None:
    if sys.platform != "win32":
        return None
    status = _PowerStatus()
    if not ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return {0: False, 1: True}.get(status.line)


def system(access: Access) -> Iterable[Reading]:
    """Return which Windows this is; the registry's words go before CIM's."""
    sheet = readings_of(access, "Win32_OperatingSystem", "Win32_ComputerSystem")
    sheet.extend(
        registry_readings(
            access,
            ("os.name", "os.version", "os.build", "os.edition", "os.product", "os.cycle", "os.time_zone"),
        )
    )
    wanted = ("os.uptime_s", "os.booted_at")
    return [r for r in sheet if r.id.startswith("os.") and r.id not in wanted]


def clock(access: Access) -> Iterable[Reading]:
    """Return date, time since the start, and whether a time service keeps the clock."""
    sheet = Sheet("CIM Win32_OperatingSystem")
    for reading in readings_of(access, "Win32_OperatingSystem"):
        if reading.id in ("os.uptime_s", "os.booted_at"):
            sheet.add(reading.id, reading.value)
    sheet.add("os.today", datetime.now(UTC).date().isoformat(), source="the computer's clock")
    tree = registry_tree(access)
    kind = values_of(tree, r"\W32Time\Parameters").get("Type")
    start = values_of(tree, r"\Services\W32Time").get("Start")
    if isinstance(kind, str):
        # Start 4 is switched off; NoSync is a service that never looks. Source: Microsoft Learn, W32Time.
        sheet.add(
            "os.clock_synchronised", kind.casefold() != "nosync" and start != 4, source="registry: W32Time"
        )
        sheet.add("os.clock_service", "W32Time", source="registry: W32Time")
    return sheet


def restart(access: Access) -> Iterable[Reading]:
    """Return whether something waits for a restart."""
    sheet = registry_readings(access, ("os.restart",))
    if len(sheet) == 0:
        raise ProbeError(_("The registry could not be read."), reason=Reason.FAILED)
    return sheet


def start_up_time(access: Access) -> Iterable[Reading]:
    """Return how long the last start took that Windows measured."""
    sheet = counted(access, "os.start_up_s")
    if len(sheet) == 0:
        reason = Reason.NOT_PRESENT if access.is_admin else Reason.NOT_PERMITTED
        raise ProbeError(_("Windows tells how long a start took only to administrators."), reason=reason)
    return sheet


def memory_errors(access: Access) -> Iterable[Reading]:
    """Return the memory errors of the event log, where the memory can correct any (5, 6: SMBIOS, 7.17.3)."""
    sheet = Sheet("Windows event log, WHEA-Logger 46 and 47, 30 days")
    arrays = facts(access).get("Win32_PhysicalMemoryArray", [])
    corrects = any(row.get("MemoryErrorCorrection") in (5, 6) for row in arrays)
    if corrects:
        for reading in counted(access, "memory.ecc.corrected", "memory.ecc.uncorrected"):
            sheet.add(reading.id, reading.value, subject="WHEA")
    sheet.add("memory.ecc.controller_count", int(corrects))
    return sheet


def heat(access: Access) -> Iterable[Reading]:
    """Return the firmware's thermal zones and how far they hold the processor back.

    A zone without a reason does not hold it back, whatever its limit says. Source: Microsoft Learn, Thermal Zone
    Information: Temperature in kelvin, % Passive Limit, Throttle Reasons.
    """
    sheet = Sheet("CIM Win32_PerfFormattedData_Counters_ThermalZoneInformation")
    for row in facts(access).get("Win32_PerfFormattedData_Counters_ThermalZoneInformation", []):
        zone = text(row, "Name").rpartition("\\")[2].lstrip("_.") or "?"
        kelvin, limit, why = (
            whole(row, key) for key in ("Temperature", "PercentPassiveLimit", "ThrottleReasons")
        )
        warm = kelvin is not None and 250 < kelvin < 420
        sheet.add("devices.thermal_zone_celsius", kelvin - 273 if warm and kelvin else None, subject=zone)
        if limit is not None and 0 <= limit <= 100:
            sheet.add("processor.speed_limit_percent", limit if why else 100, subject=zone)
    return sheet


def services(access: Access) -> Iterable[Reading]:
    """Return the services that failed and those started with Windows."""
    return [r for r in readings_of(access, "Win32_Service") if r.id.startswith("os.")]


def startup(access: Access) -> Iterable[Reading]:
    """Return the programs started at sign-in, without those a person switched off."""
    tree = registry_tree(access)
    sheet = readings_of(access, "Win32_StartupCommand", needed=not tree)
    off = registry.switched_off(tree)
    rows = sheet.value("os.startup.programs")
    listed = (
        {str(row["name"]): row for row in rows if isinstance(row, dict)} if isinstance(rows, list) else {}
    )
    for reading in registry.readings(tree):
        if reading.id == "os.startup.programs" and isinstance(reading.value, list):
            listed.update({str(row["name"]): row for row in reading.value if isinstance(row, dict)})
    kept = [listed[name] for name in sorted(listed, key=str.casefold) if name.casefold() not in off]
    sheet.add("os.startup.programs", kept)
    sheet.add("os.startup.count", len(kept))
    return sheet


def crashes(access: Access) -> Iterable[Reading]:
    """Return crashes and hardware errors of the event log.

    Raises: ProbeError when the log may not be read.
    """
    sheet = counted(
        access,
        "os.crash_count",
        "os.crashed_programs",
        "os.system_crash_count",
        "os.hardware_error_count",
        "os.hardware_error_fatal_count",
        "os.stability_index",
    )
    if len(sheet) == 0:
        raise ProbeError(_("The event log could not be read."), reason=Reason.FAILED)
    return sheet


def programs(access: Access) -> list[dict[str, str]]:
    """Return the installed programs of the Uninstall keys."""
    tree = registry_tree(access)
    if not tree:
        raise ProbeError(_("The registry could not be read."), reason=Reason.FAILED)
    return registry.uninstall_entries({path.casefold(): (path, values) for path, values in tree.items()})


def update_service(access: Access) -> Iterable[Reading]:
    """Return when updates were last looked for and installed."""
    sheet = readings_of(access, "Win32_QuickFixEngineering", needed=False)
    results = values_of(registry_tree(access), r"\Auto Update\Results\Detect")
    stamp = results.get("LastSuccessTime")
    if isinstance(stamp, str):
        with contextlib.suppress(ValueError):
            looked = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            sheet.add(
                "software.updates.list_age_days", _age_days(looked), source="registry: Auto Update, Detect"
            )
    if len(sheet) == 0:
        raise ProbeError(
            _("Windows does not say when it last looked for updates."), reason=Reason.NOT_PRESENT
        )
    return sheet


def _age_days(at: datetime) -> float:
    return round(max(0.0, (datetime.now(UTC) - at).total_seconds()) / 86400, 2)


def updates(access: Access) -> Iterable[Reading]:
    """Return how many updates the update agent knows to be missing, without asking the network."""
    output = access.run(PENDING)
    sheet = powershell_json.parse(output.stdout)
    if len(sheet) == 0:
        raise ProbeError(_("The update service did not answer."), reason=Reason.FAILED)
    return sheet


#: Backup programs by the beginning of their name in the list of programs.
BACKUP_PROGRAMS: Final = (
    "Acronis", "AOMEI Backupper", "Backblaze", "Carbonite", "Cobian", "Duplicati", "EaseUS Todo Backup", "IDrive",
    "Iperius", "Macrium Reflect", "MSP360", "NovaBACKUP", "Paragon Backup", "SyncBack", "UrBackup", "Veeam Agent",
)  # fmt: skip


def backup(access: Access) -> Iterable[Reading]:
    """Return when File History or Windows Backup last ran, and other backup programs."""
    sheet = Sheet("registry: FileHistory")
    tools = []
    ended = values_of(registry_tree(access), r"\FileHistory").get("ProtectedUpToTime")
    now = datetime.now(UTC)
    if isinstance(ended, int) and ended > 0:
        # FILETIME: 100 ns since 1601. Source: Microsoft Learn, minwinbase.h.
        with contextlib.suppress(OverflowError):
            at = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ended // 10)
            tools.append("File History")
            sheet.add("backup.last_at", at.isoformat(timespec="seconds"), subject="File History")
            sheet.add("backup.age_days", max(0.0, (now - at).total_seconds() / 86400), subject="File History")
    stamp = counted(access, "backup.last_at").value("backup.last_at")
    completed = moment(stamp)
    if completed:
        tools.append("Windows Backup")
        source = "Windows event log, Microsoft-Windows-Backup 4"
        sheet.add(
            "backup.last_at", completed.isoformat(timespec="seconds"), subject="Windows Backup", source=source
        )
        sheet.add(
            "backup.age_days",
            max(0.0, (now - completed).total_seconds() / 86400),
            subject="Windows Backup",
            source=source,
        )
    others = sorted({row["name"] for row in programs(access) if row["name"].startswith(BACKUP_PROGRAMS)})
    sheet.add("backup.tools", tools + others)
    if not tools and not others:
        sheet.add("backup.never", True, source="registry: FileHistory, Uninstall; event log")
    return sheet


def firewall(access: Access) -> Iterable[Reading]:
    """Return the firewall's profiles and whether a public network is in use."""
    sheet = readings_of(access, "MSFT_NetFirewallProfile", "MSFT_NetConnectionProfile", needed=False)
    if sheet.value("security.firewall.active") is None:
        sheet.extend(registry_readings(access, ("security.firewall",)))
    if sheet.value("security.firewall.active") is None:
        raise ProbeError(_("Windows did not tell the state of its firewall."), reason=Reason.FAILED)
    return sheet


#: The built-in group of administrators, the same in every language (S-1-5-32-544).
ADMINISTRATORS_SID: Final = "S-1-5-32-544"


def accounts(access: Access) -> Iterable[Reading]:
    """Return how many accounts may do everything, and whether Windows signs in by itself."""
    sheet = registry_readings(access, ("security.automatic_sign_in", "security.account_control"))
    if sheet.value("security.automatic_sign_in") is None:
        sheet.add("security.automatic_sign_in", False, source="registry: Winlogon")
    sheet.add("security.current_user_is_administrator", access.is_admin, source="IsUserAnAdmin")
    members = _administrators()
    sheet.add("security.administrators", members, source="NetLocalGroupGetMembers")
    sheet.add(
        "security.administrator_count",
        None if members is None else len(members),
        source="NetLocalGroupGetMembers",
    )
    sheet.add("security.password_not_required", _need_no_password(), source="NetUserEnum")
    why = _("Windows keeps it secret whether a password is empty; it tells only who need not have one.")
    return [*sheet, missing("security.empty_passwords", reason=Reason.NOT_PRESENT, text=why)]


class _User(ctypes.Structure):
    """USER_INFO_1. Source: Microsoft Learn, lmaccess.h."""

    _fields_ = [
        ("name", ctypes.c_wchar_p),
        ("password", ctypes.c_wchar_p),
        ("password_age_s", ctypes.c_uint32),
        ("rights", ctypes.c_uint32),
        ("home", ctypes.c_wchar_p),
        ("comment", ctypes.c_wchar_p),
        ("flags", ctypes.c_uint32),
        ("script", ctypes.c_wchar_p),
    ]


#: USER_INFO_1.flags: the account is switched off; it may be without a password. Source: lmaccess.h, UF_*.
SWITCHED_OFF: Final = 0x0002
NEEDS_NO_PASSWORD: Final = 0x0020


def _need_no_password() -> list[str] | None:
    """Return the accounts in use of this computer that may be without a password; no domain controller is asked."""
    if sys.platform != "win32":
        return None
    buffer = ctypes.c_void_p()
    count, total = ctypes.c_uint32(), ctypes.c_uint32()
    status = ctypes.windll.netapi32.NetUserEnum(
        None,
        ctypes.c_uint32(1),
        ctypes.c_uint32(2),  # FILTER_NORMAL_ACCOUNT
        ctypes.byref(buffer),
        ctypes.c_uint32(0xFFFFFFFF),
        ctypes.byref(count),
        ctypes.byref(total),
        None,
    )
    if status != 0:
        return None
    try:
        rows = ctypes.cast(buffer, ctypes.POINTER(_User * count.value)).contents
        return needing_no_password((str(row.name), int(row.flags)) for row in rows)
    finally:
        ctypes.windll.netapi32.NetApiBufferFree(buffer)


def needing_no_password(accounts: Iterable[tuple[str, int]]) -> list[str]:
    """Return the names, sorted, of accounts (name, USER_INFO_1.flags) that are in use and may be without a password."""
    return sorted(name for name, flags in accounts if flags & NEEDS_NO_PASSWORD and not flags & SWITCHED_OFF)


class _Member(ctypes.Structure):
    """LOCALGROUP_MEMBERS_INFO_3. Source: Microsoft Learn, lmaccess.h."""

    _fields_ = [("name", ctypes.c_wchar_p)]


def _administrators() -> list[str] | None:
    """Return the members of the local administrators' group; no domain controller is asked."""
    if sys.platform != "win32":
        return None
    group = _group_name()
    if group is None:
        return None
    buffer = ctypes.c_void_p()
    count, total = ctypes.c_uint32(), ctypes.c_uint32()
    status = ctypes.windll.netapi32.NetLocalGroupGetMembers(
        None,
        ctypes.c_wchar_p(group),
        3,
        ctypes.byref(buffer),
        ctypes.c_uint32(0xFFFFFFFF),
        ctypes.byref(count),
        ctypes.byref(total),
        None,
    )
    if status != 0:
        return None
    try:
        rows = ctypes.cast(buffer, ctypes.POINTER(_Member * count.value)).contents
        return sorted(str(row.name).rpartition("\\")[2] for row in rows)
    finally:
        ctypes.windll.netapi32.NetApiBufferFree(buffer)


def _group_name() -> str | None:
    """Return the administrators' group in this Windows' language."""
    if sys.platform != "win32":
        return None
    sid = ctypes.c_void_p()
    if not ctypes.windll.advapi32.ConvertStringSidToSidW(ADMINISTRATORS_SID, ctypes.byref(sid)):
        return None
    name, domain = ctypes.create_unicode_buffer(256), ctypes.create_unicode_buffer(256)
    name_size, domain_size, kind = ctypes.c_uint32(256), ctypes.c_uint32(256), ctypes.c_uint32()
    found = ctypes.windll.advapi32.LookupAccountSidW(
        None, sid, name, ctypes.byref(name_size), domain, ctypes.byref(domain_size), ctypes.byref(kind)
    )
    ctypes.windll.kernel32.LocalFree(sid)
    return name.value if found else None


def ports(access: Access) -> Iterable[Reading]:  # noqa: ARG001 - the same shape as its neighbours
    """Return the ports open to others."""
    import psutil

    rows: dict[tuple[str, int], dict[str, str | int]] = {}
    for entry in psutil.net_connections(kind="inet"):
        protocol = "tcp" if entry.type == 1 else "udp"
        address = entry.laddr
        if (
            not address
            or address.ip.startswith(("127.", "::1"))
            or (protocol == "tcp" and entry.status != "LISTEN")
            or entry.raddr
        ):
            continue
        program = ""
        with contextlib.suppress(psutil.Error):
            program = psutil.Process(entry.pid).name() if entry.pid else ""
        rows.setdefault(
            (protocol, address.port),
            {"protocol": protocol, "port": address.port, "address": address.ip, "program": program},
        )
    sheet = Sheet("GetExtendedTcpTable")
    sheet.add("security.ports", [rows[key] for key in sorted(rows)])
    sheet.add("security.port_count", len(rows))
    return sheet


def process_names(access: Access) -> list[str]:  # noqa: ARG001 - the same shape as its neighbours
    """Return the names of running programs."""
    import psutil

    return sorted({str(process.info["name"] or "") for process in psutil.process_iter(["name"])})


def antivirus(access: Access) -> Iterable[Reading]:
    """Return the virus scanners Windows knows; servers have no such list, only Defender."""
    sheet = readings_of(access, "AntiVirusProduct", "MSFT_MpComputerStatus")
    if sheet.value("security.antivirus") is None:
        active = sheet.value("security.antivirus.active")
        sheet.add("security.antivirus", [{"name": "Microsoft Defender", "is_active": active is True}])
    return sheet


def protection(access: Access) -> Iterable[Reading]:
    """Return disk encryption (administrators only), secure boot, security chip, core isolation."""
    sheet = readings_of(access, "Win32_EncryptableVolume", needed=False)
    sheet.extend(registry_readings(access, ("security.secure_boot",)))
    chip = facts(access).get("Win32_Tpm", [])
    if chip:
        sheet.add(
            "security.tpm",
            text(chip[0], "SpecVersion").partition(",")[0],
            source="CIM Win32_Tpm",
        )
    guard = values_of(registry_tree(access), r"\HypervisorEnforcedCodeIntegrity").get("Enabled")
    sheet.add(
        "security.core_isolation",
        guard == 1 if isinstance(guard, int) else None,
        source="registry: DeviceGuard",
    )
    kept = list(sheet)
    if not any(r.id == "security.disk_encrypted" for r in kept):
        reason = Reason.NOT_PRESENT if access.is_admin else Reason.NOT_PERMITTED
        why = (
            _("Windows tells the state of disk encryption only to administrators.")
            if not access.is_admin
            else _("This Windows has no disk encryption.")
        )
        kept.append(missing("security.disk_encrypted", subject="C:", reason=reason, text=why))
    return kept


def attached(access: Access) -> Iterable[Reading]:
    """Return devices, those without a working driver, sound and graphics."""
    sheet = readings_of(
        access, "Win32_PnPEntity", "Win32_VideoController", "Win32_SoundDevice", "Win32_CDROMDrive"
    )
    if sheet.value("devices.sound_count") is None:
        sheet.add("devices.sound_count", 0, source="CIM Win32_SoundDevice")
    others = ("devices.usb_faults", "devices.camera")
    return [r for r in sheet if not r.id.startswith(others)]


def cameras(access: Access) -> Iterable[Reading]:
    """Return the cameras, and what keeps programs from them."""
    found = [r for r in readings_of(access, "Win32_PnPEntity") if r.id.startswith("devices.camera")]
    return [*found, *registry_readings(access, ("devices.camera",))]


def usb_faults(access: Access) -> Iterable[Reading]:
    """Return the USB devices Windows gave up on."""
    return [r for r in readings_of(access, "Win32_PnPEntity") if r.id == "devices.usb_faults"]


def printers(access: Access) -> Iterable[Reading]:
    """Return printers, their queues and whether the print service runs: without it Windows lists no printer at all."""
    services = readings_of(access, "Win32_Service", needed=False)
    told = [r for r in services if r.id == "devices.print_service"]
    if any(r.value == "stopped" for r in told):
        return told
    return [*told, *readings_of(access, "Win32_Printer", "Win32_PrintJob")]


def monitors(access: Access) -> Iterable[Reading]:
    """Return the monitors, from the EDID each leaves in the registry."""
    from techkit.probes.formats import edid

    sheet = Sheet("registry: Enum\\DISPLAY")
    count = 0
    for path, values in _display_keys(access).items():
        data = values.get("EDID")
        if isinstance(data, bytes):
            count += 1
            sheet.extend(edid.parse(data, path.split("\\")[-3], source=path))
    sheet.add("display.monitor_count", count or None)
    return sheet


def _display_keys(access: Access) -> registry.Tree:
    if sys.platform == "win32":
        found: registry.Tree = {}
        read_key(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Enum\DISPLAY", 3, found)
        # Only a monitor that is there now has a "Control" key below its device.
        there = {path.rpartition("\\")[0] for path in found if path.endswith("\\Control")}
        return {
            p: v
            for p, v in found.items()
            if p.endswith("\\Device Parameters") and p.rpartition("\\")[0] in there
        }
    return {p: v for p, v in registry_tree(access).items() if p.endswith("\\Device Parameters")}


# --- the last touch --------------------------------------------------------------------------------


class _LastInput(ctypes.Structure):
    """LASTINPUTINFO. Source: Microsoft Learn, winuser.h."""

    _fields_ = [("size", ctypes.c_uint32), ("tick_ms", ctypes.c_uint32)]


def seconds_since_touch() -> float | None:
    """Return for how long no key, pointer or finger moved in this session; None where it is not told."""
    if sys.platform != "win32":
        return None
    last = _LastInput(ctypes.sizeof(_LastInput), 0)
    if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(last)):
        return None
    return since_tick(last.tick_ms, ctypes.windll.kernel32.GetTickCount())


def since_tick(then_ms: int, now_ms: int) -> float:
    """Return the seconds between two readings of the 32-bit tick counter, which starts anew every 49.7 days."""
    return ((now_ms - then_ms) & 0xFFFF_FFFF) / 1000
