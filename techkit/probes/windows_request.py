"""The one request to Windows: a PowerShell that asks for everything the quick plan needs, shared by all probes.

A PowerShell takes longer to start than to answer. Nothing in it is localised: numbers and codes only, the invariant
culture, no `wmic`, no domain accounts. Where a class needs an administrator, it is simply missing from the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.formats import powershell_json, windows_classes
from techkit.probes.formats.decode import decode
from techkit.probes.formats.windows.values import Row, text
from techkit.probes.probe import Access
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reason

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
    "MSFT_NetAdapter": (
        "root/StandardCimv2",
        "Name,InterfaceDescription,ComponentID,InterfaceOperationalStatus,Hidden",
    ),
    "MSFT_NetRoute": ("root/StandardCimv2", "DestinationPrefix,InterfaceAlias,RouteMetric,InterfaceMetric"),
    "Win32_Tpm": ("root/cimv2/security/microsofttpm", "SpecVersion"),
    "Win32_PnPEntity": ("root/cimv2", "Name,Caption,PNPDeviceID,PNPClass,Service,ConfigManagerErrorCode"),
    "Win32_Service": ("root/cimv2", "Name,StartMode,State,ExitCode"),
    "Win32_QuickFixEngineering": ("root/cimv2", "HotFixID,InstalledOn"),
    "Win32_StartupCommand": ("root/cimv2", "Name,Caption,Location"),
    "MSFT_VirtualDisk": (
        "root/microsoft/windows/storage",
        "FriendlyName,ResiliencySettingName,HealthStatus,OperationalStatus",
    ),
    "Win32_PrintJob": ("root/cimv2", "Name"),
    "Win32_Printer": (
        "root/cimv2",
        "Name,DriverName,PortName,Default,WorkOffline,PrinterStatus,DetectedErrorState",
    ),
    "Win32_PerfFormattedData_Counters_ThermalZoneInformation": (
        "root/cimv2",
        "Name,Temperature,PercentPassiveLimit,ThrottleReasons",
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

#: The VPNs Windows itself keeps; their words ("Connected", "L2tp") are values of the class, in every language the same.
#: The address of the other end is not asked for. Source: Microsoft Learn, Get-VpnConnection.
_VPN: Final = """
if ($clock.ElapsedMilliseconds -lt 5500) { try {
  $kept = @(Get-VpnConnection)
  try { $kept += @(Get-VpnConnection -AllUserConnection) } catch { }
  $all['techkit_vpn'] = @($kept | ForEach-Object { [ordered]@{ Name = $_.Name; TunnelType = [string]$_.TunnelType; ConnectionStatus = [string]$_.ConnectionStatus; SplitTunneling = [bool]$_.SplitTunneling } })
} catch { } } else { $late += 'techkit_vpn' }
"""

#: An empty list returned by a function is nothing at all in PowerShell, so each answer is wrapped.
#: Events of the last 30 days by provider and number, which are the same in every language.
#: Source: Microsoft Learn; 1001 BugCheck, 41 Kernel-Power, 1000 Application Error, WHEA-Logger 17 to
#: 20 and 47 (17, a link that sent once more, counts once however often), disk 7, 51 and 153; WHEA-Logger 46 and 47, memory errors not corrected and corrected;
#: Diagnostics-Performance 100, how long a start took until the desktop was there; Microsoft-Windows-Backup 4 "backup completed".
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
  $others = @($whea.Rows | Where-Object { $_.Id -ne 17 }).Count
  $counts['os.hardware_error_count'] = $others + [int]($whea.Rows.Count -gt $others) + $disk.Rows.Count
  $counts['os.hardware_error_fatal_count'] = @($whea.Rows | Where-Object { $_.Id -in 18, 20 }).Count
}
$memory = Events @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WHEA-Logger'; Id = 46, 47; StartTime = $since }
if ($memory.Read) {
  $counts['memory.ecc.corrected'] = @($memory.Rows | Where-Object { $_.Id -eq 47 }).Count
  $counts['memory.ecc.uncorrected'] = @($memory.Rows | Where-Object { $_.Id -eq 46 }).Count
}
if ($clock.ElapsedMilliseconds -lt 6500) { try {
  $boot = Get-WinEvent -FilterHashtable @{ LogName = 'Microsoft-Windows-Diagnostics-Performance/Operational'; Id = 100 } -MaxEvents 1
  $main = ([xml]$boot.ToXml()).Event.EventData.Data | Where-Object { $_.Name -eq 'MainPathBootTime' }
  $counts['os.start_up_s'] = [double]$main.'#text' / 1000
} catch { } }
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
    return "\n".join((_HEAD, *asks, _BATTERIES, _EVENTS, _VPN, _TAIL))


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


def readings_of(access: Access, *names: str, needed: bool = True) -> Sheet:
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


def counted(access: Access, *ids: str) -> Sheet:
    """Return some of the counts the request made itself."""
    rows = facts(access).get("techkit_counts", [])
    chosen = {id: value for row in rows for id, value in row.items() if id in ids}
    sheet = Sheet("Windows event log, 30 days")
    for id, value in chosen.items():
        # PowerShell writes a list of one as the one.
        sheet.add(id, [value] if id == "os.crashed_programs" and isinstance(value, str) else value)
    return sheet
