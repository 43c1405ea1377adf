"""Raw access to a Windows machine: one PowerShell for CIM objects as JSON, the registry, Win32 calls.

One request asks for everything the quick plan needs and is shared by all probes, because a
PowerShell takes longer to start than to answer. Nothing in it is localised: numbers and codes only,
the invariant culture, no `wmic`, no domain accounts. Where a class needs an administrator, it is
simply missing from the answer.

The registry is read into the same tree that an export gives (probes.formats.registry). A recorded
machine keeps it as the file "registry.reg".
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from techkit.children import Command
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.declarations import Sheet
from techkit.probes.formats import powershell_json, registry, windows_classes
from techkit.probes.formats.decode import decode
from techkit.probes.formats.windows.values import Row, moment, text
from techkit.probes.probe import Access, missing
from techkit.records.findings import Reading, Reason

#: Class → (namespace, properties), the quick ones first: what is not reached in 5 s is told as late, so that
#: one slow provider (a printer that is gone) costs itself and nothing else. Only what is read; each property more costs time over DCOM.
CLASSES: Final[Mapping[str, tuple[str, str]]] = {
    "Win32_ComputerSystem": (
        "root/cimv2",
        (
            "Manufacturer,Model,SystemFamily,SystemSKUNumber,PCSystemType,Name,Domain,PartOfDomain,Workgroup,"
            "TotalPhysicalMemory,NumberOfProcessors,NumberOfLogicalProcessors"
        ),
    ),
    "Win32_ComputerSystemProduct": ("root/cimv2", "UUID,IdentifyingNumber,Version"),
    "Win32_BIOS": (
        "root/cimv2",
        "Manufacturer,SMBIOSBIOSVersion,Version,BIOSVersion,ReleaseDate,SerialNumber",
    ),
    "Win32_BaseBoard": ("root/cimv2", "Manufacturer,Product,Version,SerialNumber"),
    "Win32_SystemEnclosure": ("root/cimv2", "Manufacturer,SerialNumber,SMBIOSAssetTag,ChassisTypes"),
    "Win32_Processor": (
        "root/cimv2",
        (
            "DeviceID,Name,Manufacturer,Caption,Architecture,DataWidth,NumberOfCores,NumberOfLogicalProcessors,"
            "MaxClockSpeed,CurrentClockSpeed,L2CacheSize,L3CacheSize,VirtualizationFirmwareEnabled,LoadPercentage"
        ),
    ),
    "Win32_PhysicalMemory": (
        "root/cimv2",
        (
            "DeviceLocator,BankLabel,Capacity,SMBIOSMemoryType,MemoryType,FormFactor,Speed,ConfiguredClockSpeed,"
            "Manufacturer,PartNumber,SerialNumber"
        ),
    ),
    "Win32_PhysicalMemoryArray": (
        "root/cimv2",
        "Use,MemoryDevices,MaxCapacity,MaxCapacityEx,MemoryErrorCorrection",
    ),
    "Win32_PageFileUsage": ("root/cimv2", "Name,AllocatedBaseSize,CurrentUsage"),
    "Win32_LogicalDisk": (
        "root/cimv2",
        "DeviceID,DriveType,FileSystem,Size,FreeSpace,VolumeName,VolumeSerialNumber",
    ),
    "Win32_Volume": (
        "root/cimv2",
        "DriveLetter,DriveType,FileSystem,Capacity,FreeSpace,Label,SerialNumber,DirtyBitSet,BootVolume",
    ),
    "MSFT_PhysicalDisk": (
        "root/microsoft/windows/storage",
        (
            "DeviceId,FriendlyName,Manufacturer,SerialNumber,FirmwareVersion,Size,BusType,MediaType,SpindleSpeed,"
            "LogicalSectorSize,PhysicalSectorSize,HealthStatus"
        ),
    ),
    "MSFT_StorageReliabilityCounter": (
        "root/microsoft/windows/storage",
        "DeviceId,Temperature,PowerOnHours,Wear,ReadErrorsUncorrected",
    ),
    "Win32_EncryptableVolume": (
        "root/cimv2/security/microsoftvolumeencryption",
        "DriveLetter,ProtectionStatus",
    ),
    "Win32_OperatingSystem": (
        "root/cimv2",
        (
            "Caption,Version,BuildNumber,OperatingSystemSKU,ProductType,OSArchitecture,CSName,MUILanguages,InstallDate,"
            "LastBootUpTime,LocalDateTime,TotalVisibleMemorySize,FreePhysicalMemory,TotalVirtualMemorySize,NumberOfProcesses"
        ),
    ),
    "Win32_VideoController": (
        "root/cimv2",
        (
            "DeviceID,Name,DriverVersion,DriverDate,AdapterRAM,CurrentHorizontalResolution,CurrentVerticalResolution,"
            "CurrentRefreshRate"
        ),
    ),
    "Win32_SoundDevice": ("root/cimv2", "Name"),
    "Win32_CDROMDrive": ("root/cimv2", "Name,Drive"),
    "Win32_Battery": ("root/cimv2", "Name,EstimatedChargeRemaining,BatteryStatus,DesignVoltage"),
    "AntiVirusProduct": ("root/SecurityCenter2", "displayName,productState"),
    "MSFT_MpComputerStatus": (
        "root/microsoft/windows/defender",
        "RealTimeProtectionEnabled,AntivirusSignatureAge",
    ),
    "MSFT_NetFirewallProfile": ("root/StandardCimv2", "Name,Enabled"),
    "MSFT_NetConnectionProfile": ("root/StandardCimv2", "NetworkCategory"),
    "Win32_Tpm": ("root/cimv2/security/microsofttpm", "SpecVersion"),
    "Win32_PnPEntity": ("root/cimv2", "Name,Caption,PNPDeviceID,ConfigManagerErrorCode"),
    "Win32_Service": ("root/cimv2", "Name,StartMode,State,ExitCode"),
    "Win32_QuickFixEngineering": ("root/cimv2", "HotFixID,InstalledOn"),
    "Win32_StartupCommand": ("root/cimv2", "Name,Caption,Location"),
    "Win32_PrintJob": ("root/cimv2", "Name"),
    "Win32_Printer": (
        "root/cimv2",
        "Name,DriverName,PortName,Default,WorkOffline,PrinterStatus,DetectedErrorState",
    ),
}

#: Classes whose provider also knows group policy; the firewall's own state needs the active store.
_HEAD: Final = """
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::InvariantCulture
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
$clock = [Diagnostics.Stopwatch]::StartNew()
$all = [ordered]@{}
$late = @()
function Rows($name, $space, $fields) {
  try {
    return @(Get-CimInstance -Namespace $space -ClassName $name -Property $fields -OperationTimeoutSec 2)
  } catch {
    if ($_.Exception.NativeErrorCode -eq 'InvalidQuery') {
      return @(Get-CimInstance -Namespace $space -ClassName $name -OperationTimeoutSec 2)
    }
    throw
  }
}
function Ask($name, $space, $fields) {
  $began = $clock.ElapsedMilliseconds
  if ($began -gt 5000) { $script:late += $name; return }
  try {
    $all[$name] = @(Rows $name $space $fields | ForEach-Object {
      $row = [ordered]@{}
      foreach ($field in $fields) {
        $v = $_.$field
        if ($v -is [DateTime]) { $v = $v.ToUniversalTime().ToString('o') }
        $row[$field] = $v
      }
      $row
    })
  } catch {
    if ($clock.ElapsedMilliseconds - $began -gt 1900) { $script:late += $name }
  }
}
"""

#: Batteries: design and full capacity, cycles and charge stand in four classes, joined here.
_BATTERIES: Final = """
if ($clock.ElapsedMilliseconds -lt 5000) { try {
  $full = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryFullChargedCapacity -OperationTimeoutSec 1)
  $cycles = @(); try { $cycles = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryCycleCount -OperationTimeoutSec 1) } catch { }
  $now = @(); try { $now = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryStatus -OperationTimeoutSec 1) } catch { }
  $i = 0
  $all['BatteryStaticData'] = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryStaticData -OperationTimeoutSec 1 | ForEach-Object {
    $row = [ordered]@{ DeviceName = $_.DeviceName; ManufactureName = $_.ManufactureName; SerialNumber = $_.SerialNumber; DesignedCapacity = $_.DesignedCapacity }
    if ($i -lt $full.Count) { $row.FullChargedCapacity = $full[$i].FullChargedCapacity }
    if ($i -lt $cycles.Count) { $row.CycleCount = $cycles[$i].CycleCount }
    if ($i -lt $now.Count) { $row.RemainingCapacity = $now[$i].RemainingCapacity }
    $i++
    $row
  })
} catch { } }
"""

#: An empty list returned by a function is nothing at all in PowerShell, so each answer is wrapped.
#: Events of the last 30 days by provider and number, which are the same in every language.
#: Source: Microsoft Learn; 1001 BugCheck, 41 Kernel-Power, 1000 Application Error, WHEA-Logger 17 to
#: 20 and 47, disk 7, 51 and 153; Microsoft-Windows-Backup 4 "backup completed".
_EVENTS: Final = """
$since = (Get-Date).AddDays(-30)
$counts = [ordered]@{}
function Events($filter) {
  if ($clock.ElapsedMilliseconds -gt 6000) { return @{ Read = $false } }
  try { return @{ Read = $true; Rows = @(Get-WinEvent -FilterHashtable $filter -MaxEvents 200) } } catch {
    if ($_.FullyQualifiedErrorId -like 'NoMatchingEventsFound*') { return @{ Read = $true; Rows = @() } }
    return @{ Read = $false }
  }
}
$apps = Events @{ LogName = 'Application'; ProviderName = 'Application Error'; Id = 1000; StartTime = $since }
if ($apps.Read) {
  $counts['os.crash_count'] = $apps.Rows.Count
  $counts['os.crashed_programs'] = @($apps.Rows | ForEach-Object { [string]$_.Properties[0].Value } | Sort-Object -Unique)
}
$bug = Events @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WER-SystemErrorReporting'; Id = 1001; StartTime = $since }
if ($bug.Read) { $counts['os.system_crash_count'] = $bug.Rows.Count }
$whea = Events @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WHEA-Logger'; Id = 17, 18, 19, 20, 47; StartTime = $since }
$disk = Events @{ LogName = 'System'; ProviderName = 'disk'; Id = 7, 51, 153; StartTime = $since }
if ($whea.Read -and $disk.Read) {
  $counts['os.hardware_error_count'] = $whea.Rows.Count + $disk.Rows.Count
  $counts['os.hardware_error_fatal_count'] = @($whea.Rows | Where-Object { $_.Id -in 18, 20 }).Count
}
$done = $null
try { $done = Get-WinEvent -FilterHashtable @{ LogName = 'Microsoft-Windows-Backup'; Id = 4 } -MaxEvents 1 } catch { }
if ($done) { $counts['backup.last_at'] = $done.TimeCreated.ToUniversalTime().ToString('o') }
try { $counts['os.stability_index'] = (Get-CimInstance -Namespace root/cimv2 -ClassName Win32_ReliabilityStabilityMetrics -OperationTimeoutSec 1 | Select-Object -First 1).SystemStabilityIndex } catch { }
$all['techkit_counts'] = @($counts)
"""

_TAIL: Final = "$all['techkit_late'] = @($late | ForEach-Object { @{ Name = $_ } })\n$all | ConvertTo-Json -Depth 4 -Compress"


def script() -> str:
    """Return the one request of the quick plan. Single quotes only: it is an argument."""
    asks = []
    for name, (space, fields) in CLASSES.items():
        quoted = ", ".join(f"'{field}'" for field in fields.split(","))
        asks.append(f"Ask '{name}' '{space}' @({quoted})")
    return "\n".join((_HEAD, *asks, _BATTERIES, _EVENTS, _TAIL))


def _powershell(text: str, limit_s: float) -> Command:
    return Command(
        ("powershell", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", text), limit_s=limit_s
    )


#: The one request; 8 s, so that a plan of 10 s ends in time with it stuck.
FACTS: Final = _powershell(script(), 8.0)

#: What waits, from the update agent's own store: no network, which may take a minute.
PENDING: Final = _powershell(
    """
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
$session = New-Object -ComObject Microsoft.Update.Session
$searcher = $session.CreateUpdateSearcher()
$searcher.Online = $false
$found = @($searcher.Search('IsInstalled=0 and IsHidden=0').Updates)
$security = @($found | Where-Object { @($_.Categories | Where-Object { $_.CategoryID -eq '0fa1201d-4330-4fa8-8ae9-b877473b6441' }).Count -gt 0 })
$look = (New-Object -ComObject Microsoft.Update.AutoUpdate).Results.LastSearchSuccessDate
@{ techkit_counts = @(@{ 'software.updates.pending' = $found.Count; 'software.updates.security' = $security.Count }) } | ConvertTo-Json -Depth 4 -Compress
""",
    25.0,
)

#: Started before any probe runs, on Windows only.
COMMANDS: Final[tuple[Command, ...]] = (FACTS,) if sys.platform == "win32" else ()


def facts(access: Access) -> dict[str, list[dict[str, Any]]]:
    """Return class → objects of the one request.

    Raises: ProbeError when PowerShell is missing, may not run or gave no JSON.
    """
    output = access.run(FACTS)
    found = powershell_json.classes(decode(output.stdout))
    if not any(rows for name, rows in found.items() if name):
        why = output.error_text.splitlines()[0][:160] if output.error_text else _("it gave no answer")
        raise ProbeError(_("Windows did not answer: {why}", why=why), reason=Reason.FAILED)
    return found


def _from(access: Access, *names: str, needed: bool = True) -> Sheet:
    """Return the readings of some classes. Raises: ProbeError when none of them answered."""
    all_rows = facts(access)
    sheet = Sheet("CIM")
    answered = False
    for name in names:
        rows: Sequence[Row] = all_rows.get(name, [])
        answered = answered or name in all_rows
        if rows:
            sheet.extend(windows_classes.readings(rows, name, source=f"CIM {name}"))
    late = {text(row, "Name") for row in all_rows.get("techkit_late", [])}
    if needed and not answered and late & set(names):
        raise ProbeError(_("Windows did not answer in time."), reason=Reason.TIMED_OUT)
    if needed and not answered:
        if not access.is_admin:
            raise ProbeError(_("Windows tells this only to administrators."), reason=Reason.NOT_PERMITTED)
        raise ProbeError(_("Windows does not know {name}.", name=names[0]), reason=Reason.NOT_PRESENT)
    return sheet


def _counted(access: Access, *ids: str) -> Sheet:
    """Return some of the counts the request made itself."""
    rows = facts(access).get("techkit_counts", [])
    chosen = {id: value for row in rows for id, value in row.items() if id in ids}
    sheet = Sheet("Windows event log, 30 days")
    for id, value in chosen.items():
        # PowerShell writes a list of one as the one.
        sheet.add(id, [value] if id == "os.crashed_programs" and isinstance(value, str) else value)
    return sheet


# --- registry --------------------------------------------------------------------------------------

#: Keys read with all keys below them, and how deep.
KEYS: Final = (
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved", 1),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update", 2),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecureBoot\State", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\TimeZoneInformation", 0),
    (
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity",
        0,
    ),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W32Time\Parameters", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W32Time", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\FileHistory", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice", 0),
)

#: Most children of one key that are read; a crowded Uninstall key has about 1,500.
CHILD_LIMIT: Final = 10_000


def registry_tree(access: Access) -> registry.Tree:
    """Return the keys above; on another system the recorded file registry.reg, {} without one."""
    if sys.platform == "win32":
        found: registry.Tree = {}
        for path, depth in KEYS:
            _read_key(path, depth, found)
        return found
    try:
        return registry.tree(decode(access.data("/registry.reg")))
    except ProbeError:
        return {}


def _read_key(path: str, depth: int, found: registry.Tree) -> None:
    """Add a key and its children down to `depth` to the tree; what may not be read is left out."""
    if sys.platform != "win32":
        return
    import winreg

    hive_name, _mark, rest = path.partition("\\")
    with (
        contextlib.suppress(OSError),
        winreg.OpenKey(getattr(winreg, hive_name), rest, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as key,
    ):
        children, values, _changed = winreg.QueryInfoKey(key)
        found[path] = {}
        for place in range(min(values, CHILD_LIMIT)):
            name, value, _kind = winreg.EnumValue(key, place)
            found[path][name] = value
        if depth > 0:
            for place in range(min(children, CHILD_LIMIT)):
                _read_key(f"{path}\\{winreg.EnumKey(key, place)}", depth - 1, found)


def _values(tree: registry.Tree, tail: str) -> dict[str, Any]:
    """Return the values of the first key that ends so, {} for none."""
    return next((values for path, values in tree.items() if path.casefold().endswith(tail.casefold())), {})


def _registry_readings(access: Access, prefixes: tuple[str, ...]) -> Sheet:
    """Return the registry's readings whose ids begin with one of the prefixes."""
    sheet = Sheet("registry")
    for reading in registry.readings(registry_tree(access)):
        if reading.id.startswith(prefixes):
            sheet.add(reading.id, reading.value, subject=reading.subject, source=reading.source)
    return sheet


# --- readings, by topic ----------------------------------------------------------------------------


def machine(access: Access) -> Iterable[Reading]:
    """Return maker, model, serial numbers and kind of the computer."""
    sheet = _from(
        access,
        "Win32_ComputerSystem",
        "Win32_ComputerSystemProduct",
        "Win32_BIOS",
        "Win32_BaseBoard",
        "Win32_SystemEnclosure",
    )
    state = _values(registry_tree(access), r"\Control\SecureBoot\State")
    sheet.add("firmware.mode", "uefi" if state else None, source="registry: SecureBoot")
    return [r for r in sheet if r.id.startswith(("system.", "board.", "chassis.", "firmware."))]


def processors(access: Access) -> Iterable[Reading]:
    """Return the processors."""
    return [r for r in _from(access, "Win32_Processor") if r.id != "processor.use_percent"]


def load(access: Access) -> Iterable[Reading]:
    """Return how busy the processors are."""
    sheet = _from(access, "Win32_Processor", "Win32_OperatingSystem")
    return [r for r in sheet if r.id in ("processor.use_percent", "processor.process_count")]


def memory_use(access: Access) -> Iterable[Reading]:
    """Return memory and paging files."""
    sheet = _from(access, "Win32_OperatingSystem", "Win32_PageFileUsage")
    return [r for r in sheet if r.id.startswith("memory.") and not r.id.startswith("memory.module")]


def memory_modules(access: Access) -> Iterable[Reading]:
    """Return the memory modules and slots."""
    return _from(access, "Win32_PhysicalMemory", "Win32_PhysicalMemoryArray")


def disks(access: Access) -> Iterable[Reading]:
    """Return the disks; their health is another probe's."""
    sheet = _from(access, "MSFT_PhysicalDisk")
    return [r for r in sheet if r.id != "storage.disk.status"]


def volumes(access: Access) -> Iterable[Reading]:
    """Return the volumes with a letter."""
    return _from(access, "Win32_LogicalDisk", "Win32_Volume")


def disk_health(access: Access) -> Iterable[Reading]:
    """Return Windows' own judgement of each disk, and its counters where they may be read."""
    sheet = _from(access, "MSFT_PhysicalDisk", "MSFT_StorageReliabilityCounter")
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
        if (name := text(row, "DeviceId")).isdigit() and int(name) < 26
    }


def batteries(access: Access) -> Iterable[Reading]:
    """Return batteries, adapter and power plan."""
    sheet = _from(access, "Win32_Battery", "BatteryStaticData", needed=False)
    if sheet.value("power.battery_count") is None:
        sheet.add("power.battery_count", 0, source="CIM Win32_Battery")
    schemes = _values(registry_tree(access), r"\Power\User\PowerSchemes")
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
    sheet = _from(access, "Win32_OperatingSystem", "Win32_ComputerSystem")
    sheet.extend(
        _registry_readings(
            access,
            ("os.name", "os.version", "os.build", "os.edition", "os.product", "os.cycle", "os.time_zone"),
        )
    )
    wanted = ("os.uptime_s", "os.booted_at")
    return [r for r in sheet if r.id.startswith("os.") and r.id not in wanted]


def clock(access: Access) -> Iterable[Reading]:
    """Return date, time since the start, and whether a time service keeps the clock."""
    sheet = Sheet("CIM Win32_OperatingSystem")
    for reading in _from(access, "Win32_OperatingSystem"):
        if reading.id in ("os.uptime_s", "os.booted_at"):
            sheet.add(reading.id, reading.value)
    sheet.add("os.today", datetime.now(UTC).date().isoformat(), source="the computer's clock")
    tree = registry_tree(access)
    kind = _values(tree, r"\W32Time\Parameters").get("Type")
    start = _values(tree, r"\Services\W32Time").get("Start")
    if isinstance(kind, str):
        # Start 4 is switched off; NoSync is a service that never looks. Source: Microsoft Learn, W32Time.
        sheet.add(
            "os.clock_synchronised", kind.casefold() != "nosync" and start != 4, source="registry: W32Time"
        )
        sheet.add("os.clock_service", "W32Time", source="registry: W32Time")
    return sheet


def restart(access: Access) -> Iterable[Reading]:
    """Return whether something waits for a restart."""
    sheet = _registry_readings(access, ("os.restart",))
    if len(sheet) == 0:
        raise ProbeError(_("The registry could not be read."), reason=Reason.FAILED)
    return sheet


def services(access: Access) -> Iterable[Reading]:
    """Return the services that failed and those started with Windows."""
    return _from(access, "Win32_Service")


def startup(access: Access) -> Iterable[Reading]:
    """Return the programs started at sign-in, without those a person switched off."""
    tree = registry_tree(access)
    sheet = _from(access, "Win32_StartupCommand", needed=not tree)
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
    sheet = _counted(
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
    sheet = _from(access, "Win32_QuickFixEngineering", needed=False)
    results = _values(registry_tree(access), r"\Auto Update\Results\Detect")
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
    ended = _values(registry_tree(access), r"\FileHistory").get("ProtectedUpToTime")
    now = datetime.now(UTC)
    if isinstance(ended, int) and ended > 0:
        # FILETIME: 100 ns since 1601. Source: Microsoft Learn, minwinbase.h.
        with contextlib.suppress(OverflowError):
            at = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ended // 10)
            tools.append("File History")
            sheet.add("backup.last_at", at.isoformat(timespec="seconds"), subject="File History")
            sheet.add("backup.age_days", max(0.0, (now - at).total_seconds() / 86400), subject="File History")
    stamp = _counted(access, "backup.last_at").value("backup.last_at")
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
    sheet = _from(access, "MSFT_NetFirewallProfile", "MSFT_NetConnectionProfile", needed=False)
    if sheet.value("security.firewall.active") is None:
        sheet.extend(_registry_readings(access, ("security.firewall",)))
    if sheet.value("security.firewall.active") is None:
        raise ProbeError(_("Windows did not tell the state of its firewall."), reason=Reason.FAILED)
    return sheet


#: The built-in group of administrators, the same in every language (S-1-5-32-544).
ADMINISTRATORS_SID: Final = "S-1-5-32-544"


def accounts(access: Access) -> Iterable[Reading]:
    """Return how many accounts may do everything, and whether Windows signs in by itself."""
    sheet = _registry_readings(access, ("security.automatic_sign_in", "security.account_control"))
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
    return sheet


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
    sheet = _from(access, "AntiVirusProduct", "MSFT_MpComputerStatus")
    if sheet.value("security.antivirus") is None:
        active = sheet.value("security.antivirus.active")
        sheet.add("security.antivirus", [{"name": "Microsoft Defender", "is_active": active is True}])
    return sheet


def protection(access: Access) -> Iterable[Reading]:
    """Return disk encryption (administrators only), secure boot, security chip, core isolation."""
    sheet = _from(access, "Win32_EncryptableVolume", needed=False)
    sheet.extend(_registry_readings(access, ("security.secure_boot",)))
    chip = facts(access).get("Win32_Tpm", [])
    if chip:
        sheet.add(
            "security.tpm",
            text(chip[0], "SpecVersion").partition(",")[0],
            source="CIM Win32_Tpm",
        )
    guard = _values(registry_tree(access), r"\HypervisorEnforcedCodeIntegrity").get("Enabled")
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
    sheet = _from(access, "Win32_PnPEntity", "Win32_VideoController", "Win32_SoundDevice", "Win32_CDROMDrive")
    if sheet.value("devices.sound_count") is None:
        sheet.add("devices.sound_count", 0, source="CIM Win32_SoundDevice")
    return sheet


def printers(access: Access) -> Iterable[Reading]:
    """Return printers and their queues."""
    return _from(access, "Win32_Printer", "Win32_PrintJob")


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
        _read_key(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Enum\DISPLAY", 3, found)
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
