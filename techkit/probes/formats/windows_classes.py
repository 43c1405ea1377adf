"""WMI and CIM objects of Windows as readings: which class an object is of, and who reads that class.

The same functions read techkit's own request, a recorded WMI list and PowerShell's JSON. Only
numbers, codes and names are used, never a text in the user's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats.windows import computer, devices, network, power, security, storage, system
from techkit.probes.formats.windows.values import Read, Row, text
from techkit.probes.sheet import Sheet

#: Keys that tell a class whose objects do not name it.
FINGERPRINTS: Final = (
    ({"ProtectionStatus", "PersistentVolumeID"}, "Win32_EncryptableVolume"),
    ({"SMBIOSBIOSVersion", "BIOSVersion"}, "Win32_BIOS"),
    ({"MediaType", "SpindleSpeed", "BusType"}, "MSFT_PhysicalDisk"),
    ({"Capacity", "DriveLetter", "FileSystem"}, "Win32_Volume"),
    ({"EnabledState", "ElementName", "Name"}, "Msvm_ComputerSystem"),
    ({"HotFixID"}, "Win32_QuickFixEngineering"),
    ({"VirtualQuantity", "ResourceType"}, "Msvm_ProcessorSettingData"),
    ({"FreeSpace", "DriveType", "VolumeSerialNumber"}, "Win32_LogicalDisk"),
    ({"productState", "displayName"}, "AntiVirusProduct"),
    ({"onAccessScanningEnabled", "displayName"}, "AntiVirusProduct"),
    ({"StandardName", "Bias"}, "Win32_TimeZone"),
    ({"InterfaceType", "Partitions", "Model"}, "Win32_DiskDrive"),
    ({"ChassisTypes"}, "Win32_SystemEnclosure"),
    ({"IdentifyingNumber", "UUID"}, "Win32_ComputerSystemProduct"),
    ({"TotalPhysicalMemory", "Domain"}, "Win32_ComputerSystem"),
    ({"BuildNumber", "OSArchitecture"}, "Win32_OperatingSystem"),
    ({"SocketDesignation", "MaxClockSpeed"}, "Win32_Processor"),
    ({"DeviceLocator", "Capacity"}, "Win32_PhysicalMemory"),
    ({"AdapterRAM", "DriverVersion"}, "Win32_VideoController"),
    ({"PortName", "DriverName"}, "Win32_Printer"),
    ({"StartMode", "ExitCode", "State"}, "Win32_Service"),
    ({"PasswordRequired", "SID"}, "Win32_UserAccount"),
    ({"DesignedCapacity"}, "BatteryStaticData"),
    ({"FullChargedCapacity"}, "BatteryFullChargedCapacity"),
    ({"SplitTunneling", "TunnelType"}, "VpnConnection"),
    ({"IPEnabled", "DHCPEnabled"}, "Win32_NetworkAdapterConfiguration"),
    # What is asked for by hand: wmic diskdrive get model,size and its like.
    ({"MediaType", "BusType", "HealthStatus"}, "MSFT_PhysicalDisk"),
    ({"MediaType", "FriendlyName", "HealthStatus"}, "MSFT_PhysicalDisk"),
    ({"SMBIOSBIOSVersion"}, "Win32_BIOS"),
    ({"FreeSpace", "DriveType"}, "Win32_LogicalDisk"),
    ({"Model", "Size"}, "Win32_DiskDrive"),
    ({"Model", "Status"}, "Win32_DiskDrive"),
    ({"ReadErrorsTotal", "Wear"}, "MSFT_StorageReliabilityCounter"),
    ({"AntivirusEnabled", "RealTimeProtectionEnabled"}, "MSFT_MpComputerStatus"),
    ({"DefaultInboundAction", "Enabled"}, "MSFT_NetFirewallProfile"),
    ({"NumberOfCores"}, "Win32_Processor"),
    ({"Capacity", "Speed"}, "Win32_PhysicalMemory"),
    ({"MemoryDevices"}, "Win32_PhysicalMemoryArray"),
    ({"LastBootUpTime"}, "Win32_OperatingSystem"),
    ({"TotalVisibleMemorySize"}, "Win32_OperatingSystem"),
    ({"NetConnectionID"}, "Win32_NetworkAdapter"),
    ({"EstimatedChargeRemaining"}, "Win32_Battery"),
    ({"Manufacturer", "Model"}, "Win32_ComputerSystem"),
    ({"InstanceName", "PredictFailure"}, "MSStorageDriver_FailurePredictStatus"),
)


def readings(rows: Sequence[Row], name: str = "", *, source: str = "WMI") -> Sheet:
    """Return the readings of objects; of classes nobody asks about: none. Objects may be mixed."""
    sheet = Sheet(source)
    by_class: dict[str, list[Row]] = {}
    for row in rows:
        by_class.setdefault(name or class_of(row), []).append(row)
    for kind, members in by_class.items():
        read = READERS.get(kind.casefold())
        if read:
            read(sheet, members)
    return sheet


def not_read(rows: Sequence[Row]) -> list[str]:
    """Return the classes of objects nobody asks about, each once; objects of no known class by their first keys."""
    found: dict[str, None] = {}
    for row in rows:
        kind = class_of(row)
        if kind.casefold() not in READERS:
            found[kind or f"{', '.join(sorted(row)[:3])}, …"] = None
    return list(found)


def class_of(row: Row) -> str:
    """Return the class of one object by its own word or by its keys, "" when neither tells."""
    name = text(row, "CreationClassName")
    if name:
        return name
    keys = set(row)
    return next((told for marks, told in FINGERPRINTS if marks <= keys), "")


def _counts(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Read techkit's own object of counts: its keys are reading ids."""
    for reading_id, value in rows[0].items():
        try:
            sheet.add(str(reading_id), value)
        except KeyError:
            continue


#: Class in small letters → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    name.casefold(): read
    for readers in (
        computer.READERS,
        storage.READERS,
        system.READERS,
        devices.READERS,
        power.READERS,
        security.READERS,
        network.READERS,
        {"techkit_counts": _counts},
    )
    for name, read in readers.items()
}
