"""Every reading, declared once: id, type, unit, what its subject is, how personal it is.

The ids are for ever. A probe adds readings through a `Sheet` (sheet.py), which knows unit and privacy from here. So the
same reading has the same name, type and unit on every platform, and docs/readings.md is derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from techkit.records.findings import Privacy


@dataclass(frozen=True)
class Declaration:
    """One reading's contract. kind: "int", "float", "text", "truth", "list", "table", "map"."""

    id: str
    kind: str
    unit: str
    subject: str
    meaning: str
    privacy: Privacy = Privacy.NONE


def _declarations(table: str) -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for row in table.strip().splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("|")]
        reading_id, kind, unit, subject, meaning = cells[:5]
        privacy = Privacy(cells[5]) if len(cells) > 5 else Privacy.NONE
        if reading_id in found:
            raise ValueError(f"{reading_id} is declared twice")
        found[reading_id] = Declaration(reading_id, kind, unit, subject, meaning, privacy)
    return found


#: id | kind | unit | subject | meaning [| privacy]
DECLARED: Final[Mapping[str, Declaration]] = _declarations(
    """
# the computer
system.maker | text | | | Who made the computer
system.model | text | | | The maker's name for the computer
system.version | text | | | The maker's version of the model
system.family | text | | | The maker's family of models
system.sku | text | | | The maker's stock number
system.serial | text | | | Serial number of the computer | identifier
system.uuid | text | | | The firmware's unique number of the computer | identifier
system.kind | text | | | notebook, desktop, server, tablet or virtual
system.hypervisor | text | | | What a virtual computer runs on
system.virtual_machines | table | | | Virtual machines this computer runs | personal
system.machine_id | text | | | The installation's own unique number | identifier
board.maker | text | | | Who made the main board
board.model | text | | | Model of the main board
board.version | text | | | Version of the main board
board.serial | text | | | Serial number of the main board | identifier
chassis.maker | text | | | Who made the case
chassis.kind | text | | | Kind of case as the firmware names it
chassis.serial | text | | | Serial number of the case | identifier
chassis.asset_tag | text | | | Asset tag stored in the firmware | identifier
firmware.maker | text | | | Who made the firmware
firmware.version | text | | | Version of the firmware
firmware.date | text | | | Date of the firmware, as it gives it
firmware.mode | text | | | uefi or bios
# processor
processor.name | text | | socket | Name of the processor
processor.vendor | text | | socket | Maker of the processor
processor.family | int | | socket | Family number
processor.model | int | | socket | Model number
processor.stepping | int | | socket | Stepping
processor.microcode | text | | socket | Version of the microcode
processor.cores | int | count | socket | Cores
processor.threads | int | count | socket | Threads
processor.architecture | text | | | Architecture, e.g. x86_64
processor.socket_count | int | count | | Processors in sockets
processor.thread_count | int | count | | Threads of all processors
processor.online_count | int | count | | Threads switched on
processor.cache_bytes | int | bytes | level and kind | Size of a cache of the first core
processor.cache_line_bytes | int | bytes | | Size of a line of the caches
processor.frequency_mhz | float | MHz | thread | Frequency now
processor.frequency_max_mhz | float | MHz | thread | Highest frequency
processor.frequency_min_mhz | float | MHz | thread | Lowest frequency
processor.governor | text | | thread | How the frequency is chosen
processor.address_bits_physical | int | bits | | Physical address size
processor.address_bits_virtual | int | bits | | Virtual address size
processor.bogomips | float | | socket | The kernel's own speed figure
processor.has_virtualization | truth | | | Whether it can run virtual machines
processor.is_64_bit | truth | | | Whether it can run 64-bit programs
processor.features | text | | | Instruction sets a program may ask for, separated by spaces
processor.weakness | text | | name | State of a known weakness of processors
processor.load_1 | float | | | Load, mean of 1 minute
processor.load_5 | float | | | Load, mean of 5 minutes
processor.load_15 | float | | | Load, mean of 15 minutes
processor.use_percent | float | percent | | Use of all threads, sampled
processor.steal_percent | float | percent | | Time another virtual machine took, since start
processor.wait_percent | float | percent | | Time waited for disks, since start
processor.pressure_percent | float | percent | | Time something waited for the processor, 60 s
processor.speed_limit_percent | int | percent | zone | Share of its speed the system allows just now because of heat
processor.throttle_count | int | count | thread | Times the processor slowed down for heat
processor.context_switches | int | count | | Switches between programs since start
processor.interrupts | int | count | | Interrupts since start
processor.process_count | int | count | | Processes
processor.running_count | int | count | | Processes that want to run now
processor.blocked_count | int | count | | Processes waiting for a device
temperature.celsius | float | celsius | sensor | Temperature
temperature.high_celsius | float | celsius | sensor | The sensor's own high mark
temperature.critical_celsius | float | celsius | sensor | The sensor's own critical mark
fan.rpm | int | rpm | fan | Speed of a fan
# memory
memory.total_bytes | int | bytes | | Memory the system can use
memory.installed_bytes | int | bytes | | Memory the firmware reports
memory.available_bytes | int | bytes | | Memory programs can still have
memory.free_bytes | int | bytes | | Memory in no use at all
memory.buffers_bytes | int | bytes | | Memory for file system data
memory.cached_bytes | int | bytes | | Memory for file contents
memory.shared_bytes | int | bytes | | Shared memory
memory.slab_bytes | int | bytes | | Memory of the kernel's objects
memory.kernel_stack_bytes | int | bytes | | Memory of the kernel's stacks
memory.page_tables_bytes | int | bytes | | Memory for page tables
memory.active_bytes | int | bytes | | Memory used lately
memory.inactive_bytes | int | bytes | | Memory not used lately
memory.dirty_bytes | int | bytes | | Data not yet written to a disk
memory.mapped_bytes | int | bytes | | Files mapped by programs
memory.anonymous_bytes | int | bytes | | Memory of programs without a file
memory.committed_bytes | int | bytes | | Memory promised to programs
memory.commit_limit_bytes | int | bytes | | Most that may be promised
memory.swap_total_bytes | int | bytes | | Size of the paging space
memory.swap_free_bytes | int | bytes | | Paging space not used
memory.swap_cached_bytes | int | bytes | | Paging space also in memory
memory.huge_page_bytes | int | bytes | | Size of a huge page
memory.huge_pages_total | int | count | | Huge pages set aside
memory.swapped_in_pages | int | count | | Pages read back since start
memory.swapped_out_pages | int | count | | Pages written out since start
memory.major_faults | int | count | | Times a program waited for a page from disk, since start
memory.killed_for_memory | int | count | | Programs ended for lack of memory, since start
memory.pressure_percent | float | percent | | Time something waited for memory, 60 s
memory.pressure_full_percent | float | percent | | Time everything waited for memory, 60 s
memory.swap_device_bytes | int | bytes | device | Size of one paging space
memory.swap_used_bytes | int | bytes | device | Use of one paging space
memory.module_count | int | count | | Filled memory slots
memory.slot_count | int | count | | Memory slots
memory.max_bytes | int | bytes | | Most memory the board takes
memory.module.size_bytes | int | bytes | slot | Size of a module, 0 for an empty slot
memory.module.type | text | | slot | Kind of a module, e.g. DDR4
memory.module.form | text | | slot | Form of a module, e.g. DIMM
memory.module.speed_mts | int | MT/s | slot | Speed a module is made for
memory.module.configured_mts | int | MT/s | slot | Speed a module runs at
memory.module.maker | text | | slot | Maker of a module
memory.module.part | text | | slot | Part number of a module
memory.module.serial | text | | slot | Serial number of a module | identifier
memory.module.bank | text | | slot | Bank of a slot
memory.ecc.kind | text | | | Kind of error correction of the board
memory.ecc.corrected | int | count | controller | Corrected memory errors since start, on Windows in 30 days
memory.ecc.uncorrected | int | count | controller | Uncorrected memory errors since start, on Windows in 30 days
memory.ecc.controller_count | int | count | | Memory controllers that count errors
# storage
storage.disk_count | int | count | | Disks
storage.disk.model | text | | disk | Model of a disk
storage.disk.maker | text | | disk | Maker of a disk
storage.disk.serial | text | | disk | Serial number of a disk | identifier
storage.disk.firmware | text | | disk | Firmware of a disk
storage.disk.size_bytes | int | bytes | disk | Size of a disk
storage.disk.kind | text | | disk | ssd, hdd, nvme or virtual
storage.disk.interface | text | | disk | sata, nvme, usb, scsi, virtio…
storage.disk.is_removable | truth | | disk | Whether the disk is made to be taken out
storage.disk.is_read_only | truth | | disk | Whether nothing can be written
storage.disk.logical_block_bytes | int | bytes | disk | Logical block size
storage.disk.physical_block_bytes | int | bytes | disk | Physical block size
storage.disk.rotation_rpm | int | rpm | disk | Turns per minute, 0 for none
storage.disk.scheduler | text | | disk | How requests are ordered
storage.disk.read_ahead_bytes | int | bytes | disk | Read ahead
storage.disk.queue_length | int | count | disk | Requests in its queue at most
storage.disk.write_cache | text | | disk | Whether writes are kept for a moment
storage.disk.trims | truth | | disk | Whether it can be told which blocks are free
storage.disk.partition_count | int | count | disk | Partitions
storage.disk.read_bytes | int | bytes | disk | Read since start
storage.disk.written_bytes | int | bytes | disk | Written since start
storage.disk.read_count | int | count | disk | Reads since start
storage.disk.write_count | int | count | disk | Writes since start
storage.disk.busy_ms | int | ms | disk | Time with requests since start
storage.disk.in_flight | int | count | disk | Requests on their way now
storage.disk.wwn | text | | disk | World wide name | identifier
storage.disk.status | text | | disk | The system's own word for its health
storage.partition.size_bytes | int | bytes | partition | Size of a partition
storage.volume_count | int | count | | Volumes on disks of this computer
storage.volume.total_bytes | int | bytes | volume | Size of a volume
storage.volume.free_bytes | int | bytes | volume | Free space for an ordinary user
storage.volume.used_bytes | int | bytes | volume | Space in use
storage.volume.inodes_total | int | count | volume | Files a volume can hold
storage.volume.inodes_free | int | count | volume | Files a volume can still hold
storage.volume.file_system | text | | volume | Kind of file system
storage.volume.device | text | | volume | Device of a volume
storage.volume.label | text | | volume | Name a person gave the volume | personal
storage.volume.serial | text | | volume | Serial number of the volume | identifier
storage.volume.is_system | truth | | volume | Whether the operating system is on it
storage.volume.is_removable | truth | | volume | Whether it is on a removable disk
storage.volume.is_read_only | truth | | volume | Whether nothing can be written to it
storage.volume.read_only_by | text | | volume | order (mounted so) or errors (kernel made it so)
storage.volume.error_count | int | count | volume | File system errors counted by the system
storage.volume.last_error_at | int | | volume | When the last error was
storage.volume.warning_count | int | count | volume | File system warnings counted by the system
storage.volume.written_bytes | int | bytes | volume | Written over its life
storage.volume.trims | truth | | volume | Whether free blocks are told to the disk
storage.mount_count | int | count | | Mounted file systems of all kinds
storage.network_mount_count | int | count | | Mounted folders of other computers
storage.file_system_kinds | int | count | | Kinds of file systems the kernel knows
storage.pressure_percent | float | percent | | Time something waited for disks, 60 s
storage.raid_count | int | count | | Software RAID arrays
storage.raid.level | text | | array | RAID level
storage.raid.state | text | | array | clean, degraded, failed, recovering…
storage.raid.disks | int | count | array | Members it should have
storage.raid.missing | int | count | array | Members missing or failed
storage.raid.progress_percent | float | percent | array | How far a rebuild is
storage.trim_on | truth | | disk | Whether the system tells disks which blocks are free
storage.trim_timer | text | | | State of the timer that tells disks which blocks are free
storage.smart.available | truth | | disk | Whether the disk reports its health
storage.smart.passed | truth | | disk | The disk's own overall judgement
storage.smart.power_on_hours | int | hours | disk | Time switched on
storage.smart.power_cycles | int | count | disk | Times switched on
storage.smart.temperature_celsius | float | celsius | disk | Temperature
storage.smart.reallocated | int | count | disk | Blocks replaced by spare ones (attribute 5)
storage.smart.pending | int | count | disk | Blocks waiting to be replaced (attribute 197)
storage.smart.uncorrectable | int | count | disk | Blocks that could not be read off line (attribute 198)
storage.smart.reported_uncorrectable | int | count | disk | Errors reported to the system (attribute 187)
storage.smart.command_timeouts | int | count | disk | Commands that took too long (attribute 188)
storage.smart.crc_errors | int | count | disk | Transfer errors, often the cable (attribute 199)
storage.smart.failing_now | list | | disk | Attributes at or under their threshold now, pre-failure first
storage.smart.failed_before | list | | disk | Attributes that were under their threshold in the past
storage.smart.attribute_raw | int | | disk and attribute | Raw value of an attribute
storage.smart.attribute_value | int | | disk and attribute | Normalised value of an attribute
storage.smart.attribute_threshold | int | | disk and attribute | Threshold of an attribute
storage.smart.error_log_count | int | count | disk | Errors in the disk's own log
storage.smart.self_test | text | | disk | Result of the last self-test
storage.smart.self_test_kind | text | | disk | Kind of the last self-test, in the drive's words
storage.smart.self_test_hours | int | hours | disk | Time switched on when the last self-test ended
storage.smart.self_test_failed_hours | int | hours | disk | Time switched on when a self-test failed that no later one has made good
storage.smart.self_test_left_percent | int | percent | disk | What is left of the self-test under way
storage.smart.self_test_short_minutes | int | minutes | disk | How long the drive says a short self-test takes
storage.smart.self_test_long_minutes | int | minutes | disk | How long the drive says a long self-test takes
storage.self_test.asked | text | | disk | Self-test a person asked for: short or long
storage.self_test.asked_at | int | seconds | disk | When it was asked for, seconds since 1970
storage.smart.critical_warning | int | | disk | NVMe critical warning bits
storage.smart.spare_percent | int | percent | disk | NVMe spare blocks left
storage.smart.spare_threshold_percent | int | percent | disk | NVMe spare blocks the disk wants
storage.smart.used_percent | int | percent | disk | Rated writes used; may exceed 100
storage.smart.media_errors | int | count | disk | NVMe media errors
storage.smart.unsafe_shutdowns | int | count | disk | Times power was cut
storage.smart.read_bytes | int | bytes | disk | Read over its life
storage.smart.written_bytes | int | bytes | disk | Written over its life
storage.smart.helium_percent | int | percent | disk | Helium left in a sealed drive
storage.smart.grown_defects | int | count | disk | SCSI grown defect list
storage.smart.uncorrected_errors | int | count | disk | SCSI uncorrected errors, reads, writes and verifies
storage.smart.temperature_warning_celsius | float | celsius | disk | The disk's own warning temperature
storage.smart.temperature_critical_celsius | float | celsius | disk | The disk's own critical temperature
storage.smart.exit_status | int | | disk | smartctl's exit bits
# tests that load the computer, deep plan only
active.processor.first_bytes_per_s | int | bytes/s | | What all cores hash in a second at first
active.processor.last_bytes_per_s | int | bytes/s | | What they hash in a second in the end
active.processor.drop_percent | float | percent | | How much slower the same work got
active.processor.watched_s | float | seconds | | How long the load lasted
active.processor.start_celsius | float | celsius | | Warmest sensor before the load
active.processor.peak_celsius | float | celsius | | Warmest sensor during the load
active.processor.throttled | int | count | | Times the cores slowed down for heat during the load
active.memory.tested_bytes | int | bytes | | Memory written and read back, all turns together
active.memory.held_bytes | int | bytes | | Memory held at once
active.memory.error_count | int | count | | Blocks not read back as they were written
active.disk.sequential_bytes_per_s | int | bytes/s | disk | Reading from the start in one go
active.disk.random_ms | float | ms | disk | Median of small reads at random places
active.disk.slowest_ms | float | ms | disk | Slowest of these reads
active.disk.sampled_bytes | int | bytes | disk | Surface read, spread over the disk
active.disk.read_errors | int | count | disk | Reads that failed
active.throughput.down_bytes_per_s | int | bytes/s | | What the line carries from the office's service to here
active.throughput.up_bytes_per_s | int | bytes/s | | What it carries from here to the office's service
active.throughput.down_bytes | int | bytes | | Moved to measure the way here
active.throughput.up_bytes | int | bytes | | Moved to measure the way there
active.throughput.seconds | float | seconds | | How long both took
active.throughput.delay_ms | float | ms | | Shortest wait for an answer of the service
active.throughput.against | text | | | Host of the service it was measured against | identifier
active.disk.kind | text | | disk | ssd, hdd, nvme or virtual
# power
power.battery_count | int | count | | Batteries
power.battery.model | text | | battery | Model of a battery
power.battery.maker | text | | battery | Maker of a battery
power.battery.serial | text | | battery | Serial number of a battery | identifier
power.battery.chemistry | text | | battery | Chemistry of a battery
power.battery.design_mwh | int | mWh | battery | Capacity when new
power.battery.full_mwh | int | mWh | battery | Capacity when full today
power.battery.now_mwh | int | mWh | battery | Charge now
power.battery.health_percent | float | percent | battery | Full against design capacity
power.battery.charge_percent | float | percent | battery | Charge against full capacity
power.battery.cycles | int | count | battery | Times charged
power.battery.state | text | | battery | charging, discharging, full, not charging
power.battery.voltage_mv | int | mV | battery | Voltage now
power.battery.temperature_celsius | float | celsius | battery | Temperature
power.battery.condition | text | | battery | The system's own word for its condition
power.adapter_online | truth | | | Whether the adapter gives power
power.adapter_watts | int | W | | Power of the adapter
power.supply_count | int | count | | Power supply units the firmware lists as fitted
power.supply.model | text | | unit | Name or part number of a power supply unit
power.supply.maker | text | | unit | Maker of a power supply unit
power.supply.serial | text | | unit | Serial number of a power supply unit | identifier
power.supply.watts | int | W | unit | What a power supply unit can give
power.supply.state | text | | unit | ok, warning or failed, as the firmware saw it at the start
power.supply.is_plugged | truth | | unit | Whether it was plugged in at the start
power.plan | text | | | Power plan
power.sleep_states | text | | | Ways the computer can sleep
# display
display.graphics_count | int | count | | Graphics adapters
display.graphics.name | text | | adapter | Name of a graphics adapter
display.graphics.driver | text | | adapter | Driver of a graphics adapter
display.graphics.driver_version | text | | adapter | Version of the driver
display.graphics.driver_date | text | | adapter | Date of the driver, YYYY-MM-DD
display.graphics.memory_bytes | int | bytes | adapter | Memory of a graphics adapter
display.graphics.mode | text | | adapter | Picture size and rate now
display.monitor_count | int | count | | Monitors connected
display.monitor.name | text | | connector | Name of a monitor
display.monitor.maker | text | | connector | Maker of a monitor
display.monitor.serial | text | | connector | Serial number of a monitor | identifier
display.monitor.year | int | | connector | Year a monitor was made
display.monitor.week | int | | connector | Week a monitor was made
display.monitor.product | text | | connector | Product code of a monitor
display.monitor.width_mm | int | mm | connector | Width of the picture
display.monitor.height_mm | int | mm | connector | Height of the picture
display.monitor.mode | text | | connector | Best picture size
display.monitor.is_digital | truth | | connector | Whether the input is digital
# operating system
os.name | text | | | Name of the operating system
os.product | text | | | Key in the end of life data: debian, windows, macos…
os.cycle | text | | | Release in the end of life data: "12", "11-25h2-w"…
os.version | text | | | Version
os.codename | text | | | The release's own name
os.edition | text | | | Edition
os.build | text | | | Build
os.kernel | text | | | Running kernel
os.kernel_build | text | | | How the kernel was built
os.kernel_newest | text | | | Newest kernel installed
os.kernel_taint | int | | | The kernel's own flag of foreign or failed parts
os.kernel_options | text | | | Options the kernel was started with | personal
os.architecture | text | | | Architecture of the system
os.extended_support | truth | | | Whether it is enrolled for extended support
os.family | text | | | linux, windows or macos
os.today | text | | | The computer's own date, YYYY-MM-DD
os.installed_at | text | | | When it was installed, YYYY-MM-DD
os.computer_name | text | | | Name of the computer | personal
os.domain | text | | | Domain the computer belongs to | personal
os.language | text | | | Language of the system
os.time_zone | text | | | Time zone
os.uptime_s | int | seconds | | Time since start
os.booted_at | text | | | When it started, UTC
os.start_up_s | float | seconds | | Time the start took
os.restart_pending | truth | | | Whether something waits for a restart
os.restart_reasons | list | | | What waits for a restart
os.clock_synchronised | truth | | | Whether the clock is kept by a time service
os.clock_offset_s | float | seconds | | How far the clock is off
os.clock_error_s | float | seconds | | Largest error the kernel assumes
os.clock_service | text | | | The time service
os.clock_source | text | | | The hardware the clock runs on
os.hardware_clock_offset_s | float | seconds | | Battery clock against the system's
os.service_count | int | count | | Services the system manager knows
os.services.failed | list | | | Services that failed
os.services.failed_mounts | list | | | Folders whose file system, and swap space, that could not be mounted
os.services.enabled | list | | | Services started with the computer
os.service_manager | text | | | systemd, launchd, scm…
os.startup.programs | table | | | Programs started at sign-in | personal
os.startup.count | int | count | | Programs started at sign-in
os.users.count | int | count | | Accounts a person signs in with
os.users.signed_in | list | | | Who is signed in | personal
os.crash_count | int | count | | Programs that crashed, 30 days
os.system_crash_count | int | count | | Times the whole system crashed, 30 days
os.hardware_error_count | int | count | | Hardware errors in the log, 30 days
os.hardware_error_fatal_count | int | count | | Uncorrected hardware errors in the log, 30 days
os.crashed_programs | list | | | Programs that crashed, 30 days
os.stability_index | float | | | Windows' own stability figure, 1 to 10
os.modules_loaded | int | count | | Parts of the kernel loaded
os.files_open | int | count | | Open files
os.files_open_max | int | count | | Open files at most
os.process_limit | int | count | | Processes at most
os.entropy_bits | int | bits | | Random bits at hand
os.security_modules | text | | | Security modules of the kernel
os.init | text | | | First process
os.package_system | text | | | dpkg, rpm, pacman, apk…
os.setting | text | | name | A setting of the kernel
# software
software.programs | table | | | Installed programs: name, version, publisher, source
software.count | int | count | | Installed programs
software.broken | list | | | Programs whose installation is not complete
software.duplicates | list | | | Programs installed more than once
software.held | list | | | Programs kept from being updated
software.office | table | | | Office suites: name, product, cycle, version
software.browsers | table | | | Browsers: name, product, cycle, version
software.default_browser | text | | | Default browser
software.updates.pending | int | count | | Updates waiting
software.updates.security | int | count | | Security updates waiting
software.updates.list_age_days | float | days | | Time since updates were looked for
software.updates.installed_age_days | float | days | | Time since anything was updated
software.updates.automatic | truth | | | Whether updates are installed by themselves
software.updates.service_state | text | | | State of the update service
# security
security.firewall.active | truth | | | Whether a firewall filters what comes in
security.firewall.kind | text | | | Which firewall
security.firewall.profile | text | | network profile | on or off for a kind of network
security.firewall.rule_count | int | count | | Rules of the firewall
security.firewall.public_network | truth | | | Whether a network in use counts as public
security.administrators | list | | | Accounts that may do everything | personal
security.administrator_count | int | count | | Accounts that may do everything
security.current_user_is_administrator | truth | | | Whether this person may do everything
security.automatic_sign_in | truth | | | Whether the computer signs in by itself
security.empty_passwords | list | | | Accounts without a password | personal
security.password_not_required | list | | | Accounts in use that may be without a password | personal
security.remote_sign_in | text | | | How others may sign in over the network
security.ports | table | | | Ports open to others: protocol, port, address, program
security.port_count | int | count | | Ports open to others
security.remote_tools | table | | | Remote access tools: name, is_running
security.antivirus | table | | | Virus scanners: name, is_active, is_current
security.antivirus.active | truth | | | Whether a virus scanner watches
security.antivirus.age_days | float | days | | Age of its data
security.disk_encrypted | truth | | volume | Whether a volume is encrypted
security.secure_boot | truth | | | Whether only signed systems start
security.tpm | text | | | Version of the security chip
security.kernel_lockdown | text | | | Whether the kernel is closed to changes
security.address_randomisation | int | | | 0 off, 1 part, 2 whole
security.core_isolation | truth | | | Whether memory integrity is on
security.account_control | truth | | | Whether Windows asks before changes
# backup
backup.tools | list | | | Backup programs found
backup.last_at | text | | tool | When the last backup was made, UTC
backup.age_days | float | days | tool | Age of the last backup
backup.never | truth | | | Whether a look found that no backup was ever made
# devices
devices.usb_count | int | count | | USB devices
devices.usb.name | text | | port | Name of a USB device
devices.usb.id | text | | port | Vendor and product number
devices.usb.speed_mbits | float | Mbit/s | port | Speed
devices.usb.serial | text | | port | Serial number of a USB device | identifier
devices.pci_count | int | count | | PCI devices
devices.pci.name | text | | slot | Name of a PCI device
devices.pci.id | text | | slot | Vendor and product number
devices.pci.class | text | | slot | Kind of device
devices.pci.driver | text | | slot | Driver
devices.usb_faults | table | | | USB ports that were shut off, devices that do not answer, get too little current or run too slow: name, id, problem
devices.missing_drivers | table | | | Devices without a driver: name, id, problem
devices.problem_count | int | count | | Devices with a problem
devices.virtual.driver | text | | device | Driver of a virtual device
devices.input | text | | device | Keyboard, pointer and other input
devices.sound_count | int | count | | Sound cards
devices.sound.name | text | | card | Name of a sound card
devices.camera_count | int | count | | Cameras
devices.camera.name | text | | device | Name of a camera
devices.camera.problem | text | | device | What is wrong with a camera: no driver, switched off…
devices.camera.blocked_by | list | | | What keeps programs from the camera: privacy setting, policy, permission, switch
devices.bluetooth_count | int | count | | Bluetooth adapters
devices.bluetooth.state | text | | adapter | on, off or blocked
devices.printer_count | int | count | | Printers set up
devices.printer.state | text | | printer | idle, printing, stopped…
devices.printer.driver | text | | printer | Driver or model
devices.printer.address | text | | printer | Where it is connected | personal
devices.printer.jobs | int | count | printer | Jobs waiting
devices.printer.is_default | truth | | printer | Whether it is the default
devices.default_printer | text | | | Default printer
devices.print_service | text | | | State of the print service
devices.optical.name | text | | drive | Optical drive
devices.serial_port | text | | port | Kind of a serial port
devices.clock.name | text | | clock | Battery clock
devices.watchdog | text | | device | Watchdog
devices.thermal_zone_celsius | float | celsius | zone | Temperature of a zone
# network: what other systems and Wi-Fi tools say
network.interface.description | text | | interface | What the maker calls it
network.interface.gateway | text | | interface | Gateway given to the interface | identifier
network.interface.dns_servers | text | | interface | Name servers given to the interface | identifier
network.interface.dhcp | truth | | interface | Whether the network gives the address
network.route.default_gateway | text | | interface | Gateway of the default route | identifier
network.wifi.ssid | text | | interface | Name of the network | personal
network.wifi.bssid | text | | interface | Address of the access point | identifier
network.wifi.signal_percent | int | percent | interface | Signal, 0 to 100
network.wifi.signal_dbm | int | dBm | interface | Signal strength
network.wifi.noise_dbm | int | dBm | interface | Noise
network.wifi.channel | int | | interface | Channel
network.wifi.frequency_mhz | int | MHz | interface | Frequency
network.wifi.band_ghz | float | GHz | interface | Band
network.wifi.width_mhz | int | MHz | interface | Width of the channel
network.wifi.rate_mbit | float | mbit/s | interface | Sending rate
network.wifi.receive_rate_mbit | float | mbit/s | interface | Receiving rate
network.wifi.standard | text | | interface | Wi-Fi standard, e.g. 802.11ax
network.wifi.security | text | | interface | How the network is protected
network.wifi.is_connected | truth | | interface | Whether it is connected
network.wifi.network_count | int | count | interface | Networks seen
network.wifi.country | text | | interface | Country of the radio rules
network.wifi.profiles | list | | | Networks the computer remembers | personal
# network
network.interface.is_up | truth | | interface | Whether it is connected
network.interface.mtu | int | bytes | interface | Largest packet
network.interface.speed_mbit | int | mbit/s | interface | Agreed speed
network.interface.duplex | text | | interface | full, half or unknown
network.interface.ipv4 | text | | interface | IPv4 addresses | identifier
network.interface.ipv6 | text | | interface | IPv6 addresses | identifier
network.interface.mac | text | | interface | Hardware address | identifier
network.interface.is_physical | truth | | interface | Whether it is a device, not made of software
network.interface.is_wireless | truth | | interface | Whether it is Wi-Fi
network.interface.operational_state | text | | interface | State the driver gives
network.interface.link_changes | int | count | interface | How often the link came or went since the start
network.interface.driver | text | | interface | Driver
network.interface.received_bytes | int | bytes | interface | Received since the start
network.interface.sent_bytes | int | bytes | interface | Sent since the start
network.interface.received_packets | int | count | interface | Packets received
network.interface.sent_packets | int | count | interface | Packets sent
network.interface.receive_errors | int | count | interface | Damaged packets received
network.interface.send_errors | int | count | interface | Packets that could not be sent
network.interface.receive_drops | int | count | interface | Packets received and dropped
network.interface.send_drops | int | count | interface | Packets dropped before sending
network.link.is_up | truth | | | Whether any interface is connected
network.link.interfaces | text | | | Interfaces that are connected
network.address.kind | text | | | Best address: global, private, link_local or none
network.gateway.is_set | truth | | | Whether a default gateway is set
network.gateway.address | text | | | Address of the default gateway | identifier
network.gateway.answers | truth | | | Whether the gateway shows a sign of life
network.resolution.servers | text | | | Name servers set
network.resolution.works | truth | | | Whether a name was looked up
network.resolution.duration_ms | float | ms | | How long looking up a name took
network.portal.is_open | truth | | | Whether the way is free of a sign-in page
network.internet.is_reachable | truth | | | Whether the reference host accepts a connection
network.internet.loss_percent | float | percent | | Connections without an answer
network.internet.delay_ms | float | ms | | Median time to connect
network.internet.jitter_ms | float | ms | | Spread of the time to connect
# network: what stands between
network.proxy.is_set | truth | | | Whether any place tells programs to ask a proxy
network.proxy.mode | text | | place of the setting | direct, fixed, script, or detect (the network is asked)
network.proxy.addresses | list | | place of the setting | Proxies as host:port, never with a name or password | identifier
network.proxy.is_local | truth | | place of the setting | Whether the proxy is on the computer itself
network.proxy.exception_count | int | count | place of the setting | Hosts that are asked without it
network.proxy.has_password | truth | | place of the setting | Whether a name or password is kept with it, which is not read
network.proxy.script | text | | place of the setting | Address of the script, without name, password and query | identifier
network.proxy.listens | truth | | place of the setting | Whether a program of this computer answers there
network.proxy.answers | truth | | place of the setting | Whether the proxy accepts a connection
network.proxy.reaches_internet | truth | | place of the setting | Whether the reference host answers through the proxy
network.proxy.script_works | truth | | place of the setting | Whether the script is there and is one
network.vpn.count | int | count | | VPN connections set up or seen
network.vpn.kind | text | | connection | Kind of VPN | personal
network.vpn.is_connected | truth | | connection | Whether it is connected | personal
network.vpn.takes_all | truth | | connection | Whether the way to the internet goes through it | personal
network.vpn.way | text | | | Interface the way to the internet goes through
network.ladder.first_broken | text | | | First broken rung, empty for none
# what programs use
# tried by a person
hands.screen.judgement | text | | | What the technician says of the screen: works or faulty
hands.screen.note | text | | | What is wrong with the screen, in the technician's words | personal
hands.screen.colour_count | int | count | | Colours that filled the screen
hands.keyboard.judgement | text | | | What the technician says of the keyboard: works or faulty
hands.keyboard.note | text | | | What is wrong with the keyboard, in the technician's words | personal
hands.keyboard.seen_count | int | count | | Keys that answered
hands.keyboard.key_count | int | count | | Keys of the picture that were waited for
hands.keyboard.silent | list | | | Keys that did not answer
hands.pointer.judgement | text | | | What the technician says of pointer and touch: works or faulty
hands.pointer.note | text | | | What is wrong with the pointer, in the technician's words | personal
hands.pointer.seen | list | | | Movements and buttons that answered
hands.pointer.finger_count | int | count | | Most fingers felt at once
hands.speaker.judgement | text | | | What the technician says of the speakers: works or faulty
hands.speaker.note | text | | | What is wrong with the speakers, in the technician's words | personal
hands.speaker.sides | list | | | Sides a tone was played on
hands.microphone.judgement | text | | | What the technician says of the microphone: works or faulty
hands.microphone.note | text | | | What is wrong with the microphone, in the technician's words | personal
hands.microphone.peak_percent | float | percent | | Loudest moment heard, of what can be recorded
hands.camera.judgement | text | | | What the technician says of the camera: works or faulty
hands.camera.note | text | | | What is wrong with the camera, in the technician's words | personal
hands.camera.picture_count | int | count | | Pictures the camera gave
hands.camera.size | text | | | Width and height of its pictures
usage.watched_seconds | float | seconds | | How long the programs were watched
usage.process_count | int | count | | Processes
usage.processor_percent | float | percent | | Use of all processors together while watched, techkit's own taken away
usage.own.processor_percent | float | percent | | Share of one core techkit itself used
usage.processor.percent_of_core | float | percent | program | Mean share of one core
usage.processor.lowest_percent_of_core | float | percent | program | Share in its lowest slice of the watch
usage.memory.resident_bytes | int | bytes | program | Memory held
usage.memory.lowest_percent | float | percent | program | Lowest share of all memory during the watch
usage.disk.bytes_per_s | int | bytes/s | program | Read and written per second
usage.network.bytes_per_s | int | bytes/s | program | Sent and received per second
techkit.run.processor_seconds | float | seconds | | Processor time the run itself took
techkit.run.slept_seconds | float | seconds | | Time the computer slept during the run; what was being read was read again
"""
)
