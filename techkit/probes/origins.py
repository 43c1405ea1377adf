"""Where each reading comes from on each system, declared once; docs/readings.md and docs/checks.md are derived.

A cell names the file, class, call or tool; "-" and a word of REASONS says why a system does not give the reading.
tests/probes/test_origins.py holds this against the recorded machines of each system and against the probes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from techkit.probes.declarations import DECLARED
from techkit.probes.probe import Platform

#: Why a system does not give a reading.
REASONS: Final[Mapping[str, str]] = {
    "linux": "of the Linux kernel or its distributions; there is none here",
    "windows": "of Windows; there is none here",
    "mac": "of macOS; there is none here",
    "fixed": "its file systems make them as they need them",
    "none": "the system does not tell it without a driver of its own",
    "unasked": "not asked for on this system",
    "capture": "only read from a captured file (`techkit read`)",
}


@dataclass(frozen=True)
class Origin:
    """Where one reading comes from, by system; a system that does not give it has its reason instead.

    sources, reasons: each system stands in exactly one of them.
    """

    sources: Mapping[Platform, str]
    reasons: Mapping[Platform, str]


def origin(reading_id: str) -> Origin:
    """Return where a declared reading comes from. Raises: KeyError for one nobody declared."""
    return ORIGINS[reading_id]


def _origins(table: str) -> dict[str, Origin]:
    """Return id → origin. A row: ids (further ones by their last part, "x.*" for all that begin so) | linux | windows | macos."""
    found: dict[str, Origin] = {}
    for row in table.strip().splitlines():
        if row.startswith("#") or not row.strip():
            continue
        names, *cells = (cell.strip() for cell in row.split("|"))
        if len(cells) == 1:
            cells *= len(Platform)
        by_system = dict(zip((Platform.LINUX, Platform.WINDOWS, Platform.MACOS), cells, strict=True))
        made = Origin(
            sources={system: cell for system, cell in by_system.items() if not cell.startswith("-")},
            reasons={system: REASONS[cell[1:]] for system, cell in by_system.items() if cell.startswith("-")},
        )
        for id in _ids(names):
            if id in found:
                raise ValueError(f"{id} has two origins")
            found[id] = made
    return found


def _ids(names: str) -> list[str]:
    first, *further = names.split()
    room = first.rpartition(".")[0]
    if first.endswith(".*"):
        return [id for id in DECLARED if id.startswith(first[:-1]) and id.rpartition(".")[2] not in further]
    return [first, *(f"{room}.{last}" for last in further)]


#: ids | linux | windows | macos; a row with one cell is the same everywhere. "x.* a b" is all of x but a and b.
ORIGINS: Final[Mapping[str, Origin]] = _origins(
    """
# the computer
system.maker model family serial uuid kind | /sys/class/dmi/id | CIM Win32_ComputerSystem, Win32_BIOS, Win32_ComputerSystemProduct | system_profiler SPHardwareDataType
system.version sku | /sys/class/dmi/id | CIM Win32_ComputerSystem, Win32_ComputerSystemProduct | -none
system.hypervisor | /sys/class/dmi/id, /proc/cpuinfo | CIM Win32_ComputerSystem | sysctl kern.hv_vmm_present
system.virtual_machines | -unasked | -capture | -unasked
system.machine_id | /etc/machine-id | -unasked | -none
board.* | /sys/class/dmi/id | CIM Win32_BaseBoard | -none
chassis.* | /sys/class/dmi/id | CIM Win32_SystemEnclosure | -none
firmware.version | /sys/class/dmi/id | CIM Win32_BIOS | system_profiler SPHardwareDataType
firmware.maker date | /sys/class/dmi/id | CIM Win32_BIOS | -none
firmware.mode | /sys/firmware/efi | registry: SecureBoot | -mac
# processor
processor.name | /proc/cpuinfo | CIM Win32_Processor | sysctl machdep.cpu.brand_string
processor.vendor cores | /proc/cpuinfo | CIM Win32_Processor | system_profiler SPHardwareDataType
processor.threads socket_count thread_count | /proc/cpuinfo | CIM Win32_Processor | sysctl hw
processor.family model stepping has_virtualization is_64_bit frequency_mhz | /proc/cpuinfo | CIM Win32_Processor | -unasked
processor.frequency_max_mhz | /sys/devices/system/cpu/*/cpufreq | CIM Win32_Processor | system_profiler SPHardwareDataType
processor.frequency_min_mhz governor | /sys/devices/system/cpu/*/cpufreq | -linux | -linux
processor.architecture | uname | CIM Win32_Processor | -unasked
processor.online_count | /sys/devices/system/cpu | -unasked | sysctl hw.ncpu
processor.cache_bytes | /sys/devices/system/cpu/cpu0/cache | CIM Win32_Processor | -unasked
processor.microcode cache_line_bytes address_bits_physical address_bits_virtual features | /proc/cpuinfo | -unasked | -unasked
processor.bogomips | /proc/cpuinfo | -linux | -linux
processor.weakness | /sys/devices/system/cpu/vulnerabilities | -linux | -linux
processor.load_1 load_5 load_15 | /proc/loadavg | -none | sysctl vm.loadavg
processor.use_percent | -unasked | CIM Win32_Processor | -unasked
processor.steal_percent wait_percent context_switches interrupts running_count blocked_count | /proc/stat | -linux | -linux
processor.pressure_percent | /proc/pressure/cpu | -linux | -linux
processor.throttle_count | /sys/devices/system/cpu/*/thermal_throttle | -none | -none
processor.speed_limit_percent | -none | CIM Win32_PerfFormattedData_Counters_ThermalZoneInformation | pmset -g therm
processor.process_count | /proc | CIM Win32_OperatingSystem | -unasked
temperature.* | /sys/class/hwmon | -none | -none
fan.rpm | /sys/class/hwmon | -none | -none
# memory
memory.total_bytes | /proc/meminfo | CIM Win32_OperatingSystem | sysctl hw.memsize
memory.available_bytes | /proc/meminfo | CIM Win32_OperatingSystem | vm_stat
memory.free_bytes cached_bytes active_bytes inactive_bytes anonymous_bytes | /proc/meminfo | -unasked | vm_stat
memory.commit_limit_bytes | /proc/meminfo | CIM Win32_OperatingSystem | -none
memory.buffers_bytes shared_bytes slab_bytes kernel_stack_bytes page_tables_bytes dirty_bytes mapped_bytes committed_bytes swap_cached_bytes huge_page_bytes huge_pages_total | /proc/meminfo | -linux | -linux
memory.swap_total_bytes swap_free_bytes | /proc/meminfo | CIM Win32_PageFileUsage | sysctl vm.swapusage
memory.swapped_in_pages swapped_out_pages | /proc/vmstat | -unasked | vm_stat
memory.major_faults killed_for_memory | /proc/vmstat | -linux | -linux
memory.pressure_percent pressure_full_percent | /proc/pressure/memory | -linux | -linux
memory.swap_device_bytes swap_used_bytes | /proc/swaps | CIM Win32_PageFileUsage | -none
memory.installed_bytes | SMBIOS tables in /sys/firmware/dmi | -unasked | -unasked
memory.max_bytes ecc.kind | SMBIOS tables in /sys/firmware/dmi | CIM Win32_PhysicalMemoryArray | -none
memory.module_count slot_count | SMBIOS tables in /sys/firmware/dmi | CIM Win32_PhysicalMemory, Win32_PhysicalMemoryArray | system_profiler SPMemoryDataType
memory.module.size_bytes type speed_mts maker part serial | SMBIOS tables in /sys/firmware/dmi | CIM Win32_PhysicalMemory | system_profiler SPMemoryDataType
memory.module.form configured_mts bank | SMBIOS tables in /sys/firmware/dmi | CIM Win32_PhysicalMemory | -none
memory.ecc.corrected uncorrected controller_count | /sys/devices/system/edac | Windows event log, WHEA-Logger | -none
# storage
storage.disk_count | /sys/block | CIM MSFT_PhysicalDisk | system_profiler SPNVMeDataType, SPSerialATADataType
storage.disk.model serial kind interface size_bytes is_removable | /sys/block | CIM MSFT_PhysicalDisk | system_profiler SPNVMeDataType, SPSerialATADataType, SPStorageDataType
storage.disk.firmware rotation_rpm | /sys/block, smartctl --json --all | CIM MSFT_PhysicalDisk | system_profiler SPNVMeDataType, SPSerialATADataType; smartctl --json --all
storage.disk.logical_block_bytes physical_block_bytes | /sys/block | CIM MSFT_PhysicalDisk | -unasked
storage.disk.partition_count | /sys/block | CIM Win32_DiskDrive | -unasked
storage.disk.maker wwn is_read_only scheduler read_ahead_bytes queue_length write_cache | /sys/block | -unasked | -unasked
storage.disk.trims | /sys/block | -unasked | system_profiler SPNVMeDataType, SPSerialATADataType
storage.disk.read_bytes written_bytes read_count write_count busy_ms in_flight | /proc/diskstats | -unasked | -unasked
storage.disk.status | -none | CIM MSFT_PhysicalDisk | system_profiler SPNVMeDataType, SPSerialATADataType, SPStorageDataType
storage.partition.size_bytes | /sys/block | -unasked | -unasked
storage.volume_count | /proc/self/mountinfo | CIM Win32_Volume | system_profiler SPStorageDataType
storage.volume.total_bytes free_bytes used_bytes | statvfs | CIM Win32_Volume | system_profiler SPStorageDataType
storage.volume.file_system is_system | /proc/self/mountinfo | CIM Win32_Volume | system_profiler SPStorageDataType
storage.volume.device | /proc/self/mountinfo | -windows | system_profiler SPStorageDataType
storage.volume.label | -unasked | CIM Win32_Volume | system_profiler SPStorageDataType
storage.volume.serial | -unasked | CIM Win32_Volume | -unasked
storage.volume.is_removable | /sys/block | CIM Win32_Volume | -unasked
storage.volume.inodes_total inodes_free | statvfs | -fixed | -fixed
storage.volume.is_read_only | /proc/self/mountinfo | -unasked | -unasked
storage.volume.read_only_by | /etc/fstab, /proc/cmdline | -unasked | -unasked
storage.volume.error_count | /sys/fs/ext4, /sys/fs/btrfs | CIM Win32_Volume | -none
storage.volume.last_error_at warning_count written_bytes | /sys/fs/ext4 | -linux | -linux
storage.volume.trims | /proc/self/mountinfo | -linux | -linux
storage.mount_count network_mount_count | /proc/self/mountinfo | -unasked | -unasked
storage.file_system_kinds | /proc/filesystems | -linux | -linux
storage.pressure_percent | /proc/pressure/io | -linux | -linux
storage.raid_count raid.level raid.state | /proc/mdstat, /sys/block | CIM MSFT_VirtualDisk | diskutil appleRAID list
storage.raid.disks missing progress_percent | /proc/mdstat, /sys/block | -none | diskutil appleRAID list
storage.trim_timer | /etc/systemd/system/timers.target.wants | -linux | -linux
storage.trim_on | -linux | registry: FileSystem, DisableDeleteNotification | system_profiler SPNVMeDataType, SPSerialATADataType
storage.smart.power_on_hours temperature_celsius used_percent uncorrected_errors | smartctl --json --all | CIM MSFT_StorageReliabilityCounter, smartctl --json --all | smartctl --json --all
storage.smart.* power_on_hours temperature_celsius used_percent uncorrected_errors | smartctl --json --all
storage.self_test.* | what a person asked for, smartctl -t
# tests that load the computer
active.processor.* | hashing on all cores, watched by the probe itself
active.memory.* | writing and reading back memory, watched by the probe itself
active.disk.* | reading the disk's device, watched by the probe itself
active.throughput.* | the office's service
# power
power.battery_count battery.state | /sys/class/power_supply | CIM Win32_Battery | system_profiler SPPowerDataType
power.battery.model serial health_percent charge_percent cycles | /sys/class/power_supply | CIM BatteryStaticData, BatteryFullChargedCapacity, BatteryStatus, BatteryCycleCount | system_profiler SPPowerDataType
power.battery.maker voltage_mv | /sys/class/power_supply | CIM BatteryStaticData, Win32_Battery | system_profiler SPPowerDataType
power.battery.design_mwh full_mwh now_mwh | /sys/class/power_supply | CIM BatteryStaticData, BatteryFullChargedCapacity, BatteryStatus | -unasked
power.battery.chemistry temperature_celsius | /sys/class/power_supply | -capture | -unasked
power.battery.condition | -mac | -mac | system_profiler SPPowerDataType
power.adapter_online | /sys/class/power_supply | GetSystemPowerStatus | system_profiler SPPowerDataType
power.adapter_watts | -unasked | -none | system_profiler SPPowerDataType
power.supply_count supply.model supply.maker supply.serial supply.watts supply.state supply.is_plugged | SMBIOS tables in /sys/firmware/dmi | -unasked | -none
power.plan | /sys/firmware/acpi/platform_profile, cpufreq | registry: PowerSchemes | pmset -g
power.sleep_states | /sys/power/state | -linux | -linux
# display
display.graphics_count graphics.name | /sys/bus/pci/devices | CIM Win32_VideoController | system_profiler SPDisplaysDataType
display.graphics.driver | /sys/bus/pci/devices | -unasked | -mac
display.graphics.driver_version driver_date mode | -unasked | CIM Win32_VideoController | -mac
display.graphics.memory_bytes | -none | CIM Win32_VideoController | system_profiler SPDisplaysDataType
display.monitor_count monitor.name monitor.mode | /sys/class/drm, EDID | registry: Enum\\DISPLAY, EDID | system_profiler SPDisplaysDataType
display.monitor.serial year week | /sys/class/drm, EDID | registry: Enum\\DISPLAY, EDID | system_profiler SPDisplaysDataType
display.monitor.maker product width_mm height_mm is_digital | /sys/class/drm, EDID | registry: Enum\\DISPLAY, EDID | -unasked
# operating system
os.name product cycle version | /etc/os-release | registry: CurrentVersion | system_profiler SPSoftwareDataType
os.codename | /etc/os-release | -mac | -unasked
os.edition | /etc/os-release | registry: CurrentVersion | -windows
os.build | -unasked | registry: CurrentVersion | system_profiler SPSoftwareDataType
os.kernel | /proc/sys/kernel/osrelease | -linux | system_profiler SPSoftwareDataType
os.kernel_build kernel_taint entropy_bits process_limit files_open files_open_max setting | /proc/sys | -linux | -linux
os.kernel_newest | /lib/modules | -linux | -linux
os.kernel_options | /proc/cmdline | -linux | -linux
os.modules_loaded | /proc/modules | -linux | -linux
os.init | /proc/1/comm | -linux | -linux
os.security_modules | /sys/kernel/security/lsm | -linux | -linux
os.architecture | uname | CIM Win32_OperatingSystem | -unasked
os.extended_support | /etc/os-release, /var/lib/ubuntu-advantage | -unasked | -linux
os.family | platform | CIM Win32_OperatingSystem | system_profiler SPSoftwareDataType
os.today | the computer's clock
os.installed_at | /etc/machine-id, time of change | CIM Win32_OperatingSystem | -unasked
os.computer_name | /proc/sys/kernel/hostname | CIM Win32_ComputerSystem | system_profiler SPSoftwareDataType
os.domain | /proc/sys/kernel/domainname | CIM Win32_ComputerSystem | -unasked
os.language | /etc/locale.conf, /etc/default/locale | CIM Win32_OperatingSystem | -unasked
os.time_zone | /etc/localtime | CIM Win32_TimeZone, registry: TimeZoneInformation | -unasked
os.uptime_s | /proc/uptime | CIM Win32_OperatingSystem | sysctl kern.boottime
os.booted_at | /proc/stat | CIM Win32_OperatingSystem | sysctl kern.boottime
os.start_up_s | systemd-analyze time | Windows event log, 30 days | sysctl kern.boottime, first sign-in
os.restart_pending restart_reasons | /run/reboot-required, /lib/modules | registry: pending operations | softwareupdate, /Library/Updates
os.clock_synchronised | adjtimex | registry: W32Time | systemsetup -getusingnetworktime
os.clock_offset_s clock_error_s | adjtimex | -unasked | -unasked
os.clock_service | /proc | registry: W32Time | -unasked
os.clock_source | /sys/devices/system/clocksource | -linux | -linux
os.hardware_clock_offset_s | /sys/class/rtc | -linux | -linux
os.service_count service_manager services.failed | systemctl, /etc/systemd/system | CIM Win32_Service | launchctl list
os.services.failed_mounts | systemctl | -linux | -linux
os.services.enabled | /etc/systemd/system | CIM Win32_Service | -unasked
os.startup.* | /etc/xdg/autostart, ~/.config/autostart | CIM Win32_StartupCommand, registry: Run | /Library/LaunchAgents, /Library/LaunchDaemons, /Library/StartupItems
os.users.count | /etc/passwd | -capture | -unasked
os.users.signed_in | -unasked | -capture | -unasked
os.crash_count crashed_programs | /dev/kmsg, /var/crash, /var/lib/systemd/coredump | Windows event log, 30 days | /Library/Logs/DiagnosticReports
os.system_crash_count | /dev/kmsg, /var/lib/systemd/pstore | Windows event log, 30 days | /Library/Logs/DiagnosticReports
os.hardware_error_count hardware_error_fatal_count | /dev/kmsg | Windows event log, 30 days | -none
os.stability_index | -windows | Windows event log, 30 days | -windows
os.package_system | /var/lib | -linux | system_profiler SPApplicationsDataType
# software
software.programs count duplicates office browsers | /var/lib/dpkg/status, rpm, pacman | registry: Uninstall | system_profiler SPApplicationsDataType
software.default_browser | ~/.config/mimeapps.list, /usr/share/applications/*.list, mimeinfo.cache | registry: UrlAssociations, UserChoice | com.apple.launchservices.secure.plist
software.broken held | /var/lib/dpkg/status | -linux | -linux
software.updates.pending security | apt-get --simulate dist-upgrade, dnf, zypper | Microsoft.Update.Session as techkit_counts | softwareupdate --list
software.updates.list_age_days | /var/lib/apt/lists | registry: Auto Update, Detect | com.apple.SoftwareUpdate
software.updates.installed_age_days | /var/lib/dpkg/status, time of change | CIM Win32_QuickFixEngineering | -unasked
software.updates.automatic | /etc/apt/apt.conf.d, /etc/dnf/automatic.conf | -unasked | com.apple.SoftwareUpdate
software.updates.service_state | /etc/systemd/system | CIM Win32_Service | -mac
# security
security.firewall.active kind | /etc/ufw/ufw.conf, nftables over netlink | CIM MSFT_NetFirewallProfile | socketfilterfw --getglobalstate
security.firewall.profile | -windows | CIM MSFT_NetFirewallProfile | -windows
security.firewall.public_network | -windows | CIM MSFT_NetConnectionProfile | -windows
security.firewall.rule_count | nftables over netlink | -unasked | -unasked
security.administrators administrator_count | /etc/passwd, /etc/group | NetLocalGroupGetMembers | dscl
security.current_user_is_administrator | geteuid | IsUserAnAdmin | geteuid
security.automatic_sign_in | display managers' settings in /etc | registry: Winlogon | com.apple.loginwindow
security.empty_passwords | /etc/shadow | -none | -none
security.password_not_required | -unasked | NetUserEnum | -none
security.remote_sign_in | /etc/ssh/sshd_config | -unasked | -unasked
security.ports port_count | /proc/net/tcp, tcp6, udp, udp6 | GetExtendedTcpTable | psutil.net_connections
security.remote_tools | /proc/*/comm | Win32_Process | ps
security.antivirus antivirus.active | /proc/*/comm | CIM AntiVirusProduct, MSFT_MpComputerStatus | ps
security.antivirus.age_days | -none | CIM MSFT_MpComputerStatus | -none
security.disk_encrypted | /sys/block | CIM Win32_EncryptableVolume | fdesetup isactive
security.secure_boot | /sys/firmware/efi/efivars | registry: SecureBoot | -mac
security.tpm | /sys/class/tpm | CIM Win32_Tpm | -mac
security.kernel_lockdown | /sys/kernel/security/lockdown | -linux | csrutil status
security.address_randomisation | /proc/sys/kernel/randomize_va_space | -linux | -linux
security.core_isolation | -windows | registry: DeviceGuard | -windows
security.account_control | -windows | registry: Policies\\System | -windows
# backup
backup.* | /timeshift, /var/log, ~/.cache | registry: FileHistory, Uninstall; event log | com.apple.TimeMachine
# devices
devices.usb_count usb.name usb.id usb.serial | /sys/bus/usb/devices | CIM Win32_PnPEntity | system_profiler SPUSBDataType
devices.usb.speed_mbits | /sys/bus/usb/devices | -none | system_profiler SPUSBDataType
devices.pci_count pci.name pci.id pci.class pci.driver | /sys/bus/pci/devices | -unasked | -unasked
devices.usb_faults | /dev/kmsg | CIM Win32_PnPEntity | system_profiler SPUSBDataType, ioreg
devices.missing_drivers problem_count | /sys/bus/pci/devices | CIM Win32_PnPEntity | -mac
devices.virtual.driver | /sys/bus/virtio/devices | -linux | -linux
devices.input | /proc/bus/input/devices | CIM Win32_Keyboard, Win32_PointingDevice | -unasked
devices.sound_count sound.name | /proc/asound | CIM Win32_SoundDevice | system_profiler SPAudioDataType
devices.camera_count camera.name | /sys/class/video4linux, /sys/bus/usb/devices | CIM Win32_PnPEntity | system_profiler SPCameraDataType
devices.camera.problem | /sys/bus/usb/devices | CIM Win32_PnPEntity | -none
devices.camera.blocked_by | /dev/video*, gsettings org.gnome.desktop.privacy, /sys/bus/platform/devices | registry: ConsentStore, AppPrivacy | com.apple.applicationaccess.plist
devices.bluetooth_count bluetooth.state | /sys/class/bluetooth | -unasked | system_profiler SPBluetoothDataType
devices.printer_count printer.state printer.is_default default_printer printer.address | lpstat, /etc/cups | CIM Win32_Printer | lpstat
devices.printer.jobs | lpstat | CIM Win32_PrintJob | lpstat
devices.printer.driver | -unasked | CIM Win32_Printer | -unasked
devices.print_service | lpstat | CIM Win32_Service | lpstat
devices.optical.name | /sys/block | CIM Win32_CDROMDrive | system_profiler SPDiscBurningDataType
devices.serial_port | -capture
devices.clock.name | /sys/class/rtc | -linux | -linux
devices.watchdog | /sys/class/watchdog | -linux | -linux
devices.thermal_zone_celsius | /sys/class/thermal | CIM Win32_PerfFormattedData_Counters_ThermalZoneInformation | -none
# network
network.interface.description dhcp gateway dns_servers | -capture
network.route.default_gateway | -capture
network.interface.is_up mtu speed_mbit duplex | psutil.net_if_stats
network.interface.ipv4 ipv6 mac | psutil.net_if_addrs
network.interface.received_bytes sent_bytes received_packets sent_packets receive_errors send_errors receive_drops send_drops | psutil.net_io_counters
network.interface.is_physical is_wireless operational_state link_changes driver | /sys/class/net | -unasked | -unasked
network.wifi.ssid bssid channel band_ghz rate_mbit standard security is_connected | iw dev X link, /proc/net/wireless | netsh wlan show interfaces | system_profiler SPAirPortDataType
network.wifi.signal_percent receive_rate_mbit | iw dev X link | netsh wlan show interfaces | -none
network.wifi.signal_dbm | iw dev X link, /proc/net/wireless | netsh wlan show interfaces | system_profiler SPAirPortDataType
network.wifi.noise_dbm width_mhz network_count country | -unasked | -none | system_profiler SPAirPortDataType
network.wifi.frequency_mhz | iw dev X link | -none | -none
network.wifi.profiles | -capture
network.link.is_up interfaces | psutil.net_if_stats
network.address.kind | psutil.net_if_addrs
network.gateway.is_set address | /proc/net/route | route print | route get
network.gateway.answers | neighbours, ping, TCP 53, 80, 443
network.resolution.servers | /etc/resolv.conf | registry: Tcpip | /etc/resolv.conf
network.resolution.works duration_ms | getaddrinfo
network.portal.is_open | the reference host's page
network.internet.* | TCP connections to the reference hosts
network.ladder.first_broken | link, address, gateway, hosts
network.proxy.is_set | all places looked at
network.proxy.mode addresses is_local exception_count has_password script | environment, gsettings, ~/.config/kioslaverc, /etc/environment | environment, registry: Internet Settings, WinHttpSettings | environment, scutil --proxy
network.proxy.listens | TCP, this computer
network.proxy.answers reaches_internet script_works | TCP connections to the proxy
network.vpn.* | NetworkManager, /sys/class/net, ip route get | Get-VpnConnection, CIM MSFT_NetAdapter, MSFT_NetRoute | scutil --nc list, ifconfig, route get
# tried by a person, and what programs use
hands.screen.* | the window, and the technician's judgement
hands.keyboard.* | the window, and the technician's judgement
hands.pointer.* | the window, and the technician's judgement
hands.speaker.* | Qt Multimedia, and the technician's judgement
hands.microphone.* | Qt Multimedia, and the technician's judgement
hands.camera.* | Qt Multimedia, and the technician's judgement
usage.watched_seconds process_count own.processor_percent processor.percent_of_core processor.lowest_percent_of_core memory.resident_bytes memory.lowest_percent disk.bytes_per_s | psutil.process_iter
usage.processor_percent | psutil.cpu_times
usage.network.bytes_per_s | ss -tinp | -none | -none
techkit.run.* | the run itself
"""
)
