"""The operating system: which one, since when running, its clock, its services, its crashes."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from techkit.children import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows
from techkit.probes.access_linux import (
    decimal,
    line,
    link_target,
    modified_at,
    number,
    shell_variables,
    whole,
)
from techkit.probes.declarations import Sheet
from techkit.probes.probe import Access, Depth, Platform, Probe, missing
from techkit.records.findings import Reading, Reason

LINUX: Final = frozenset({Platform.LINUX})

# --- which computer --------------------------------------------------------------------------------

#: Files of /sys/class/dmi/id → reading. Source: Linux kernel, drivers/firmware/dmi-id.c.
DMI: Final = {
    "sys_vendor": "system.maker",
    "product_name": "system.model",
    "product_version": "system.version",
    "product_family": "system.family",
    "product_sku": "system.sku",
    "product_serial": "system.serial",
    "product_uuid": "system.uuid",
    "board_vendor": "board.maker",
    "board_name": "board.model",
    "board_version": "board.version",
    "board_serial": "board.serial",
    "chassis_vendor": "chassis.maker",
    "chassis_serial": "chassis.serial",
    "chassis_asset_tag": "chassis.asset_tag",
    "bios_vendor": "firmware.maker",
    "bios_version": "firmware.version",
    "bios_date": "firmware.date",
}

#: SMBIOS chassis type → kind of computer. Source: SMBIOS Reference Specification 3.7, 7.4.1.
CHASSIS_KINDS: Final[Mapping[int, str]] = {
    **dict.fromkeys((3, 4, 5, 6, 7, 13, 15, 16, 24, 34, 35, 36), "desktop"),
    **dict.fromkeys((8, 9, 10, 14, 31, 32), "notebook"),
    **dict.fromkeys((11, 30), "tablet"),
    **dict.fromkeys((17, 22, 23, 25, 27, 28, 29), "server"),
}

#: Words in the firmware's strings that name a virtual computer → what it runs on.
#: Source: systemd, src/basic/virt.c (dmi_vendor_table), names written as their makers do.
HYPERVISORS: Final = (
    ("vmware", "VMware"),
    ("virtualbox", "VirtualBox"),
    ("innotek", "VirtualBox"),
    ("qemu", "QEMU"),
    ("kvm", "KVM"),
    ("bochs", "QEMU"),
    ("parallels", "Parallels"),
    ("xen", "Xen"),
    ("bhyve", "bhyve"),
    ("hyper-v", "Hyper-V"),
    ("microsoft corporation virtual machine", "Hyper-V"),
    ("amazon ec2", "Amazon EC2"),
    ("google compute engine", "Google Compute Engine"),
    ("openstack", "OpenStack"),
    ("apple virtualization", "Apple Virtualization"),
)


def read_machine(access: Access) -> Iterable[Reading]:
    """Yield maker, model, serial numbers and kind of the computer."""
    if access.platform is Platform.WINDOWS:
        return access_windows.machine(access)
    if access.platform is Platform.MACOS:
        return access_macos.machine(access)
    base = "/sys/class/dmi/id"
    sheet = Sheet(base)
    for file, reading_id in DMI.items():
        sheet.add(reading_id, line(access, f"{base}/{file}"), source=f"{base}/{file}")
    chassis = number(access, f"{base}/chassis_type")
    sheet.add(
        "system.model", line(access, "/proc/device-tree/model") or None, source="/proc/device-tree/model"
    )
    sheet.add(
        "system.serial",
        line(access, "/proc/device-tree/serial-number") or None,
        source="/proc/device-tree/serial-number",
    )
    hypervisor = _hypervisor(access)
    sheet.add("system.hypervisor", hypervisor, source=f"{base}, /proc/cpuinfo")
    kind = "virtual" if hypervisor else CHASSIS_KINDS.get(chassis or 0, "")
    sheet.add("system.kind", kind, source=f"{base}/chassis_type")
    sheet.add(
        "firmware.mode", "uefi" if access.exists("/sys/firmware/efi") else "bios", source="/sys/firmware/efi"
    )
    sheet.add("system.machine_id", line(access, "/etc/machine-id"), source="/etc/machine-id")
    return sheet


def _hypervisor(access: Access) -> str:
    """Return what a virtual computer runs on, "" for a real one."""
    base = "/sys/class/dmi/id"
    words = " ".join(
        line(access, f"{base}/{file}")
        for file in ("sys_vendor", "product_name", "board_vendor", "bios_vendor")
    ).casefold()
    for word, name in HYPERVISORS:
        if word in words:
            return name
    kind = line(access, "/sys/hypervisor/type")
    if kind:
        return kind.capitalize()
    flags = re.search(r"^flags\s*:(.*)$", access.text_or("/proc/cpuinfo"), re.MULTILINE)
    return "unnamed hypervisor" if flags and " hypervisor" in flags[1] else ""


MACHINE: Final = Probe(
    id="operating_system.machine",
    title=N_("Looking at which computer this is"),
    read=read_machine,
    gives=("system.", "board.", "chassis.", "firmware."),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- which system ----------------------------------------------------------------------------------

#: os-release ID → product in the end of life data. Derivatives follow their own release or base.
PRODUCTS: Final = {
    "alpine": "alpine-linux",
    "amzn": "amazon-linux",
    "centos": "centos",
    "debian": "debian",
    "devuan": "devuan",
    "fedora": "fedora",
    "raspbian": "debian",
    "linuxmint": "linuxmint",
    "mageia": "mageia",
    "almalinux": "almalinux",
    "mx": "mxlinux",
    "ol": "oracle-linux",
    "opensuse-leap": "opensuse",
    "pop": "pop-os",
    "rhel": "rhel",
    "rocky": "rocky-linux",
    "sled": "sles",
    "sles": "sles",
    "ubuntu": "ubuntu",
}

#: Distributions without releases: they are supported for as long as they are updated.
ROLLING: Final = frozenset(
    "arch archarm artix cachyos endeavouros gentoo manjaro opensuse-tumbleweed void".split()
)

#: Distributions whose cycle is the major version alone.
MAJOR_ONLY: Final = frozenset(
    "debian devuan fedora mageia rhel rocky-linux almalinux centos centos-stream oracle-linux mxlinux".split()
)

#: Kernel settings worth a technician's look, readable by everybody. Source: Linux kernel,
#: Documentation/admin-guide/sysctl.
SETTINGS: Final = tuple(
    """kernel.randomize_va_space kernel.dmesg_restrict kernel.kptr_restrict kernel.panic
    kernel.panic_on_oops kernel.sysrq kernel.threads-max kernel.unprivileged_bpf_disabled
    kernel.yama.ptrace_scope kernel.core_pattern kernel.hung_task_timeout_secs kernel.perf_event_paranoid
    kernel.numa_balancing kernel.watchdog kernel.nmi_watchdog kernel.softlockup_panic kernel.modules_disabled
    kernel.shmmax kernel.msgmax kernel.sem kernel.printk kernel.random.poolsize
    vm.swappiness vm.dirty_ratio vm.dirty_background_ratio vm.overcommit_memory
    vm.overcommit_ratio vm.vfs_cache_pressure vm.min_free_kbytes vm.max_map_count vm.panic_on_oom
    vm.dirty_expire_centisecs vm.dirty_writeback_centisecs vm.page-cluster vm.laptop_mode vm.zone_reclaim_mode
    fs.protected_hardlinks fs.protected_symlinks fs.protected_fifos fs.protected_regular fs.suid_dumpable
    fs.inotify.max_user_watches fs.inotify.max_user_instances fs.aio-max-nr fs.aio-nr fs.nr_open
    fs.epoll.max_user_watches fs.pipe-max-size fs.lease-break-time
    net.core.somaxconn net.core.rmem_max net.core.wmem_max net.core.netdev_max_backlog net.core.default_qdisc
    net.ipv4.ip_forward net.ipv4.tcp_syncookies net.ipv4.tcp_congestion_control net.ipv4.tcp_timestamps
    net.ipv4.tcp_sack net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_time net.ipv4.tcp_mtu_probing
    net.ipv4.tcp_ecn net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.ip_local_port_range net.ipv4.ip_default_ttl
    net.ipv4.icmp_echo_ignore_all net.ipv4.icmp_echo_ignore_broadcasts net.ipv4.tcp_available_congestion_control
    net.ipv4.conf.all.rp_filter net.ipv4.conf.all.accept_redirects net.ipv4.conf.all.send_redirects
    net.ipv4.conf.all.accept_source_route net.ipv4.conf.all.log_martians net.ipv4.conf.default.rp_filter
    net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.all.forwarding net.ipv6.conf.all.accept_ra
    net.ipv6.conf.all.accept_redirects net.ipv6.conf.all.use_tempaddr""".split()
)


def read_system(access: Access) -> Iterable[Reading]:
    """Yield name, version, kernel, time since start and settings of the operating system."""
    if access.platform is Platform.WINDOWS:
        return access_windows.system(access)
    if access.platform is Platform.MACOS:
        return access_macos.system(access)
    sheet = parse_os_release(access.text_or("/etc/os-release") or access.text_or("/usr/lib/os-release"))
    sheet.add("os.family", "linux", source="platform")
    version = line(access, "/etc/debian_version")
    if sheet.value("os.product") == "debian" and re.fullmatch(r"\d+\.\d+", version):
        sheet.add("os.version", version, source="/etc/debian_version")
    kernel = line(access, "/proc/sys/kernel/osrelease")
    sheet.add("os.kernel", kernel, source="/proc/sys/kernel/osrelease")
    sheet.add("os.kernel_build", line(access, "/proc/sys/kernel/version"), source="/proc/sys/kernel/version")
    sheet.add(
        "os.kernel_taint", number(access, "/proc/sys/kernel/tainted"), source="/proc/sys/kernel/tainted"
    )
    sheet.add("os.kernel_options", line(access, "/proc/cmdline"), source="/proc/cmdline")
    if str(access.root) == "/":
        sheet.add("os.architecture", os.uname().machine, source="uname")
    sheet.add(
        "os.computer_name", line(access, "/proc/sys/kernel/hostname"), source="/proc/sys/kernel/hostname"
    )
    sheet.add("os.domain", _domain(access), source="/proc/sys/kernel/domainname")
    sheet.add("os.time_zone", _time_zone(access), source="/etc/localtime")
    locale = shell_variables(access.text_or("/etc/locale.conf") or access.text_or("/etc/default/locale"))
    sheet.add("os.language", locale.get("LANG"), source="/etc/locale.conf, /etc/default/locale")
    sheet.add("os.init", line(access, "/proc/1/comm"), source="/proc/1/comm")
    sheet.add(
        "os.security_modules", line(access, "/sys/kernel/security/lsm"), source="/sys/kernel/security/lsm"
    )
    sheet.add(
        "os.entropy_bits",
        number(access, "/proc/sys/kernel/random/entropy_avail"),
        source="/proc/sys/kernel/random",
    )
    sheet.add(
        "os.process_limit", number(access, "/proc/sys/kernel/pid_max"), source="/proc/sys/kernel/pid_max"
    )
    modules = access.text_or("/proc/modules")
    sheet.add("os.modules_loaded", len(modules.splitlines()), source="/proc/modules")
    files = access.text_or("/proc/sys/fs/file-nr").split()
    if len(files) == 3:
        sheet.add("os.files_open", whole(files[0]), source="/proc/sys/fs/file-nr")
        sheet.add("os.files_open_max", whole(files[2]), source="/proc/sys/fs/file-nr")
    sheet.add("os.package_system", _package_system(access), source="/var/lib")
    for name in SETTINGS:
        path = "/proc/sys/" + name.replace(".", "/")
        sheet.add("os.setting", " ".join(line(access, path).split()), subject=name, source=path)
    _users(access, sheet)
    born = modified_at(access, "/etc/machine-id")
    sheet.add("os.installed_at", _day(born), source="/etc/machine-id, time of change")
    status = access.text_or("/var/lib/ubuntu-advantage/status.json")
    if sheet.value("os.product") == "ubuntu":
        sheet.add(
            "os.extended_support",
            bool(re.search(r'"attached":\s*true', status)),
            source="/var/lib/ubuntu-advantage/status.json",
        )
    return sheet


def parse_os_release(content: str) -> Sheet:
    """Return the readings of an os-release text. Source: os-release(5)."""
    sheet = Sheet("/etc/os-release")
    values = shell_variables(content)
    product, cycle = release_cycle(values)
    sheet.add("os.name", values.get("PRETTY_NAME") or values.get("NAME"))
    sheet.add("os.version", values.get("VERSION_ID") or values.get("BUILD_ID"))
    sheet.add("os.codename", values.get("VERSION_CODENAME") or values.get("UBUNTU_CODENAME"))
    sheet.add("os.edition", values.get("VARIANT"))
    sheet.add("os.product", product)
    sheet.add("os.cycle", cycle)
    return sheet


def release_cycle(values: Mapping[str, str]) -> tuple[str, str]:
    """Return (product, cycle) of the end of life data for os-release values, "" where unknown."""
    product = PRODUCTS.get(values.get("ID", ""), "")
    version = values.get("VERSION_ID", "")
    if values.get("ID", "") in ROLLING:
        return "rolling", "rolling"
    if not product:
        return "", ""
    if product == "centos" and "Stream" in values.get("NAME", ""):
        product = "centos-stream"
    if product in MAJOR_ONLY:
        version = version.partition(".")[0]
    elif product == "alpine-linux":
        version = ".".join(version.split(".")[:2])
    return product, version


def _domain(access: Access) -> str:
    name = line(access, "/proc/sys/kernel/domainname")
    return "" if name == "(none)" else name


def _time_zone(access: Access) -> str:
    target = link_target(access, "/etc/localtime")
    _before, mark, zone = target.partition("zoneinfo/")
    return zone if mark else line(access, "/etc/timezone")


def _package_system(access: Access) -> str:
    for path, name in (
        ("/var/lib/dpkg/status", "dpkg"),
        ("/usr/lib/sysimage/rpm", "rpm"),
        ("/var/lib/rpm", "rpm"),
        ("/var/lib/pacman/local", "pacman"),
        ("/lib/apk/db/installed", "apk"),
    ):
        if access.exists(path):
            return name
    return ""


def _users(access: Access, sheet: Sheet) -> None:
    rows = [row.split(":") for row in access.text_or("/etc/passwd").splitlines()]
    shells = ("nologin", "false", "sync", "halt", "shutdown")
    # Source: login.defs(5), UID_MIN 1000; 65534 is nobody.
    people = [
        r
        for r in rows
        if len(r) >= 7
        and r[2].isdigit()
        and 1000 <= int(r[2]) < 65534
        and PurePosixPath(r[6]).name not in shells
    ]
    sheet.add("os.users.count", len(people), source="/etc/passwd")


def _day(at: float | None) -> str | None:
    try:
        return None if at is None else datetime.fromtimestamp(at, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return None


SYSTEM: Final = Probe(
    id="operating_system.system",
    title=N_("Looking at the operating system"),
    read=read_system,
    gives=(
        *(
            f"os.{name}"
            for name in """name version codename edition product cycle family kernel kernel_build
            kernel_taint kernel_options architecture computer_name domain time_zone language init
            security_modules entropy_bits process_limit modules_loaded files_open files_open_max
            package_system setting extended_support installed_at build""".split()
        ),
        "os.users.",
    ),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- clock, time since start -----------------------------------------------------------------------


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2)."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("rest", ctypes.c_char * 256),
    ]


#: Bits of timex.status. Source: adjtimex(2).
STA_UNSYNC: Final = 0x0040
STA_NANO: Final = 0x2000

#: Services that keep the clock, by the name of their process.
CLOCK_SERVICES: Final = ("chronyd", "systemd-timesyn", "ntpd", "ntpsec", "openntpd", "ptp4l", "phc2sys")


def read_clock(access: Access) -> Iterable[Reading]:
    """Yield today's date, whether the clock is kept right, and the time since the start."""
    if access.platform is Platform.WINDOWS:
        return access_windows.clock(access)
    if access.platform is Platform.MACOS:
        return access_macos.clock(access)
    sheet = Sheet("/proc/uptime")
    now = time.time()
    sheet.add("os.today", datetime.fromtimestamp(now, UTC).date().isoformat(), source="the computer's clock")
    uptime = decimal((access.text_or("/proc/uptime").split() or [""])[0])
    sheet.add("os.uptime_s", uptime)
    started = re.search(r"^btime (\d{1,12})$", access.text_or("/proc/stat"), re.MULTILINE)
    if started:
        at = datetime.fromtimestamp(int(started[1]), UTC)
        sheet.add("os.booted_at", at.isoformat(timespec="seconds"), source="/proc/stat btime")
    sheet.add(
        "os.clock_source",
        line(access, "/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        source="/sys/devices/system/clocksource",
    )
    rtc = number(access, "/sys/class/rtc/rtc0/since_epoch")
    sheet.add(
        "os.hardware_clock_offset_s",
        None if rtc is None else rtc - now,
        source="/sys/class/rtc/rtc0/since_epoch",
    )
    sheet.add(
        "devices.clock.name",
        line(access, "/sys/class/rtc/rtc0/name"),
        subject="rtc0",
        source="/sys/class/rtc/rtc0/name",
    )
    sheet.add("os.clock_service", _clock_service(access), source="/proc")
    sheet.extend(kernel_clock())
    return sheet


def _clock_service(access: Access) -> str:
    for pid in access.names("/proc"):
        if pid.isdigit():
            name = line(access, f"/proc/{pid}/comm")
            if name in CLOCK_SERVICES:
                return name
    return ""


def kernel_clock() -> Sheet:
    """Return what the kernel knows of its clock; reading only (modes 0). Source: adjtimex(2)."""
    sheet = Sheet("adjtimex")
    if not sys.platform.startswith("linux"):
        return sheet
    try:
        call = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return sheet
    state = _Timex()
    if call(ctypes.byref(state)) < 0:
        return sheet
    synchronised = not state.status & STA_UNSYNC
    sheet.add("os.clock_synchronised", synchronised, source="adjtimex STA_UNSYNC")
    if synchronised:
        unit = 1e9 if state.status & STA_NANO else 1e6
        sheet.add("os.clock_offset_s", state.offset / unit, source="adjtimex offset")
        sheet.add("os.clock_error_s", state.maxerror / 1e6, source="adjtimex maxerror")
    return sheet


CLOCK: Final = Probe(
    id="operating_system.clock",
    title=N_("Looking at the clock"),
    read=read_clock,
    gives=(
        "os.today",
        "os.uptime_s",
        "os.booted_at",
        "os.clock_source",
        "os.clock_synchronised",
        "os.clock_offset_s",
        "os.clock_error_s",
        "os.clock_service",
        "os.hardware_clock_offset_s",
        "devices.clock.name",
    ),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- restart ---------------------------------------------------------------------------------------


def read_restart(access: Access) -> Iterable[Reading]:
    """Yield whether something waits for a restart, and what."""
    if access.platform is Platform.WINDOWS:
        return access_windows.restart(access)
    if access.platform is Platform.MACOS:
        return access_macos.restart(access)
    sheet = Sheet("/run/reboot-required")
    reasons: list[str] = []
    if access.exists("/run/reboot-required") or access.exists("/var/run/reboot-required"):
        packages = access.text_or("/run/reboot-required.pkgs").split()
        reasons += sorted(set(packages)) or ["update"]
    running = line(access, "/proc/sys/kernel/osrelease")
    installed = installed_kernels(access)
    newest = max(installed, key=version_key, default="")
    sheet.add("os.kernel_newest", newest, source="/lib/modules")
    # Only a kernel of the same making can be waited for: a virtual machine may be started with
    # its host's kernel, which is not installed at all.
    if running in installed and version_key(newest) > version_key(running):
        reasons.append(f"kernel {newest}")
    elif running not in installed and installed and access.exists("/var/lib/pacman/local"):
        reasons.append(f"kernel {newest}")  # pacman takes the running kernel's parts away at once
    sheet.add("os.restart_pending", bool(reasons), source="/run/reboot-required, /lib/modules")
    sheet.add("os.restart_reasons", reasons, source="/run/reboot-required.pkgs, /lib/modules")
    return sheet


def installed_kernels(access: Access) -> list[str]:
    """Return the versions of kernels that could be started: modules and image both there."""
    images = {name.partition("-")[2] for name in access.names("/boot") if name.startswith("vmlinuz-")}
    found = {
        n
        for folder in ("/lib/modules", "/usr/lib/modules")
        for n in access.names(folder)
        if access.exists(f"{folder}/{n}/modules.dep")
    }
    bundled = {n for n in found if access.exists(f"/usr/lib/modules/{n}/vmlinuz")}
    return sorted((found & images) | bundled)


def version_key(version: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that orders versions as people do: numbers by value, before words."""
    parts = re.findall(r"\d{1,18}|[A-Za-z]+", version)
    return tuple((1, int(p)) if p.isdigit() else (0, p) for p in parts)


RESTART: Final = Probe(
    id="operating_system.restart",
    title=N_("Looking whether a restart is due"),
    read=read_restart,
    gives=("os.restart_pending", "os.restart_reasons", "os.kernel_newest"),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- services --------------------------------------------------------------------------------------

#: Failed services only; cheap for the system manager, without colours or legends.
FAILED: Final = Command(
    ("systemctl", "list-units", "--type=service", "--state=failed", "--plain", "--no-legend", "--no-pager"),
    limit_s=3.0,
)


def read_services(access: Access) -> Iterable[Reading]:
    """Yield the services that failed and those started with the computer."""
    if access.platform is Platform.WINDOWS:
        return access_windows.services(access)
    if access.platform is Platform.MACOS:
        return access_macos.services(access)
    sheet = Sheet("/etc/systemd/system/*.wants")
    enabled = sorted(
        {
            unit.removesuffix(".service")
            for folder in access.names("/etc/systemd/system")
            if folder.endswith(".wants")
            for unit in access.names(f"/etc/systemd/system/{folder}")
            if unit.endswith(".service")
        }
    )
    if access.exists("/etc/systemd/system"):
        sheet.add("os.services.enabled", enabled)
    if not access.exists("/run/systemd/system"):
        why = _("This computer was not started with systemd.")
        return [*sheet, missing("os.services.failed", reason=Reason.NOT_PRESENT, text=why)]
    sheet.add("os.service_manager", "systemd", source="/run/systemd/system")
    try:
        output = access.run(FAILED)
    except ProbeError as error:
        return [*sheet, missing("os.services.failed", reason=Reason(error.reason), text=error.title)]
    if output.code != 0:
        text = _("The system manager did not answer: {why}", why=output.error_text[:120] or str(output.code))
        return [*sheet, missing("os.services.failed", reason=Reason.FAILED, text=text)]
    access.keep(output.text[:1500])
    sheet.add(
        "os.services.failed", parse_failed_units(output.text), source="systemctl list-units --state=failed"
    )
    return sheet


def parse_failed_units(content: str) -> list[str]:
    """Return the names of failed services in systemctl's list. Source: systemctl(1), --plain."""
    found = []
    for row in content.splitlines():
        fields = row.replace("●", " ").replace("*", " ").split()
        if len(fields) >= 4 and fields[0].endswith(".service") and fields[2] == "failed":
            found.append(fields[0].removesuffix(".service"))
    return sorted(set(found))


SERVICES: Final = Probe(
    id="operating_system.services",
    title=N_("Looking at services"),
    read=read_services,
    gives=("os.services.", "os.service_manager", "os.service_count"),
    limit_s=5.0,
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- programs started at sign-in -------------------------------------------------------------------


def read_startup(access: Access) -> Iterable[Reading]:
    """Yield the programs started when somebody signs in."""
    if access.platform is Platform.WINDOWS:
        return access_windows.startup(access)
    if access.platform is Platform.MACOS:
        return access_macos.startup(access)
    programs: dict[str, dict[str, str]] = {}
    folders = ["/etc/xdg/autostart", *(f"{home}/.config/autostart" for home in homes(access))]
    for folder in folders:
        for name in access.names(folder):
            if name.endswith(".desktop"):
                entry = parse_desktop_entry(access.text_or(f"{folder}/{name}"))
                # A file of the same name in the person's folder replaces the system's.
                programs.pop(name, None)
                if entry:
                    programs[name] = {"name": entry, "where": folder}
    sheet = Sheet(", ".join(folders[:3]))
    sheet.add("os.startup.programs", sorted(programs.values(), key=lambda p: p["name"].casefold()))
    sheet.add("os.startup.count", len(programs))
    return sheet


def homes(access: Access) -> Iterator[str]:
    """Yield the folders of people this process may look into."""
    for row in access.text_or("/etc/passwd").splitlines():
        fields = row.split(":")
        if (
            len(fields) >= 7
            and fields[2].isdigit()
            and (fields[2] == "0" or 1000 <= int(fields[2]) < 65534)
            and fields[5].startswith("/")
        ):
            yield fields[5].rstrip("/")


def parse_desktop_entry(content: str) -> str:
    """Return the name of an autostart entry, "" when it is switched off or none.

    Source: Desktop Application Autostart Specification 0.5; X-GNOME-Autostart-enabled.
    """
    values: dict[str, str] = {}
    section = ""
    for row in content.splitlines():
        if row.startswith("["):
            section = row.strip()
        elif section == "[Desktop Entry]":
            key, mark, value = row.partition("=")
            if mark:
                values.setdefault(key.strip(), value.strip())
    off = (
        values.get("Hidden", "").casefold() == "true"
        or values.get("X-GNOME-Autostart-enabled", "").casefold() == "false"
    )
    return "" if off else values.get("Name", "")


STARTUP: Final = Probe(
    id="operating_system.startup",
    title=N_("Looking at programs started at sign-in"),
    read=read_startup,
    gives=("os.startup.",),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- crashes and hardware errors -------------------------------------------------------------------

#: How far back is looked. Source: docs of the check "crashes", levels over 30 days.
CRASH_DAYS: Final = 30

#: Where crash reports are left: Ubuntu's apport and systemd's coredump.
CRASH_FOLDERS: Final = ("/var/crash", "/var/lib/systemd/coredump")

#: Most of the kernel's log that is read; its ring holds 256 kB to a few MB.
KMSG_LIMIT_BYTES: Final = 4 * 2**20

_HARDWARE: Final = re.compile(
    r"\[Hardware Error\]|mce: .*(?:Machine check|hardware error)|Machine check events logged"
    r"|EDAC \S+: \d+ [CU]E |(?:I/O|critical medium|critical target) error, dev "
    r"|PCIe Bus Error: severity=(?:Uncorrect|Corrected)|ata\d+(?:\.\d+)?: (?:failed command|exception Emask)"
    r"|thermal.*critical temperature reached|nvme\S*: I/O \d+ .*timeout",
    re.IGNORECASE,
)
_FATAL: Final = re.compile(
    r"Machine check:? .*(?:Fatal|panic)|event severity: fatal|Uncorrected (?:\(Fatal\)|error)"
    r"|severity=Uncorrect\w* \(Fatal\)|EDAC \S+: \d+ UE |critical temperature reached",
    re.IGNORECASE,
)
_SEGFAULT: Final = re.compile(
    r"(?:^|[\]; ])([\w.+:-]{1,40})\[\d+\]: segfault at|traps: ([\w.+:-]{1,40})\[\d+\] (?:general protection|trap)"
)
_KERNEL: Final = re.compile(
    r"Kernel panic|BUG: unable to handle|Oops: \d{4}|general protection fault, probably", re.IGNORECASE
)


@dataclass
class Trouble:
    """What a kernel log says went wrong. programs: names of programs that crashed, with repeats."""

    hardware: int = 0
    fatal: int = 0
    system: int = 0
    programs: list[str] = field(default_factory=list)


def parse_kernel_log(content: str) -> Trouble:
    """Return the trouble in lines of a kernel log, from /dev/kmsg or `journalctl -k`."""
    trouble = Trouble()
    for row in content.splitlines():
        if _HARDWARE.search(row):
            trouble.hardware += 1
        if _FATAL.search(row):
            trouble.fatal += 1
        if _KERNEL.search(row):
            trouble.system += 1
        crashed = _SEGFAULT.search(row)
        if crashed:
            trouble.programs.append(crashed[1] or crashed[2])
    return trouble


def read_crashes(access: Access) -> Iterable[Reading]:
    """Yield crashes of programs and errors of the hardware in the last 30 days.

    Raises: ProbeError not_permitted when neither the log nor the reports may be read.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.crashes(access)
    if access.platform is Platform.MACOS:
        return access_macos.crashes(access)
    log = kernel_log(access)
    reports = crash_reports(access, time.time())
    collected = re.search(r"apport|systemd-coredump", access.text_or("/proc/sys/kernel/core_pattern"))
    if log is None and not collected:
        raise ProbeError(
            _("Reading the system's log needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    sheet = Sheet("/dev/kmsg, /var/crash, /var/lib/systemd/coredump")
    readings: list[Reading] = []
    trouble = parse_kernel_log(log or "")
    names = reports + [name for name in trouble.programs if name not in reports]
    sheet.add("os.crash_count", len(reports) + len([n for n in trouble.programs if n not in reports]))
    sheet.add("os.crashed_programs", sorted(set(names)))
    if log is None:
        why = _("Reading the system's log needs administrator rights.")
        readings.append(missing("os.hardware_error_count", reason=Reason.NOT_PERMITTED, text=why))
    else:
        sheet.add("os.hardware_error_count", trouble.hardware, source="/dev/kmsg")
        sheet.add("os.hardware_error_fatal_count", trouble.fatal, source="/dev/kmsg")
        kept = len([n for n in access.names("/var/lib/systemd/pstore") if n.startswith("dmesg")])
        sheet.add("os.system_crash_count", trouble.system + kept, source="/dev/kmsg, /var/lib/systemd/pstore")
    return [*sheet, *readings]


def kernel_log(access: Access) -> str | None:
    """Return the kernel's log since the start, None when it may not be read."""
    try:
        handle = os.open(access.path("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    rows: list[bytes] = []
    size = 0
    try:
        while size < KMSG_LIMIT_BYTES:
            try:
                row = os.read(handle, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:  # a line was overwritten while we read; the next one follows
                continue
            except OSError:
                break
            if not row:
                break
            rows.append(row)
            size += len(row)
    finally:
        os.close(handle)
    return b"".join(rows).decode("utf-8", "replace")


def crash_reports(access: Access, now: float) -> list[str]:
    """Return the programs with a crash report of the last 30 days, one entry per report."""
    oldest = now - timedelta(days=CRASH_DAYS).total_seconds()
    found = []
    for folder in CRASH_FOLDERS:
        for name in access.names(folder):
            at = modified_at(access, f"{folder}/{name}")
            if at is None or not oldest <= at <= now + 86400:
                continue
            core = re.match(r"core\.([^.]{1,40})\.", name)
            report = re.match(r"_?(.{1,80})\.\d+\.crash$", name)
            if core:
                found.append(core[1].replace("\\x2d", "-"))
            elif report:
                found.append(report[1].rpartition("_")[2])
    return found


CRASHES: Final = Probe(
    id="operating_system.crashes",
    title=N_("Looking for crashes and hardware errors"),
    read=read_crashes,
    gives=(
        "os.crash_count",
        "os.crashed_programs",
        "os.hardware_error_count",
        "os.hardware_error_fatal_count",
        "os.system_crash_count",
        "os.stability_index",
    ),
    commands=(*access_windows.COMMANDS, *access_macos.COMMANDS),
)

# --- start-up time ---------------------------------------------------------------------------------

TIME: Final = Command(("systemd-analyze", "time", "--no-pager"), limit_s=3.0)


def read_start_up_time(access: Access) -> Iterable[Reading]:
    """Yield how long the last start took (systemd)."""
    if not access.exists("/run/systemd/system"):
        raise ProbeError(_("This computer was not started with systemd."), reason=Reason.NOT_PRESENT)
    output = access.run(TIME)
    sheet = Sheet("systemd-analyze time")
    sheet.add("os.start_up_s", parse_start_up_time(output.text))
    if len(sheet) == 0:
        raise ProbeError(_("The system manager has not finished its start yet."), reason=Reason.FAILED)
    return sheet


def parse_start_up_time(content: str) -> float | None:
    """Return the seconds of "Startup finished in … = 1min 2.345s". Source: systemd-analyze(1)."""
    match = re.search(r"= ((?:\d{1,4}(?:\.\d+)?(?:h|min|s|ms) ?)+)", content)
    if not match:
        return None
    units = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001}
    return round(sum(float(n) * units[u] for n, u in re.findall(r"(\d+(?:\.\d+)?)(h|min|ms|s)", match[1])), 3)


START_UP: Final = Probe(
    id="operating_system.start_up_time",
    title=N_("Looking at how long the start took"),
    read=read_start_up_time,
    gives=("os.start_up_s",),
    platforms=LINUX,
    depth=Depth.STANDARD,
)

PROBES = (MACHINE, SYSTEM, CLOCK, RESTART, SERVICES, STARTUP, CRASHES, START_UP)
