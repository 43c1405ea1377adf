"""Which operating system: name, version, its end of life as it says it, names, time zone, who works on it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final

from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    line,
    link_target,
    modified_at,
    number,
    shell_variables,
    whole,
)
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading

LINUX: Final = frozenset({Platform.LINUX})


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
        and r[2].isdecimal()
        and 1000 <= int(r[2][:18]) < 65534
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
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (SYSTEM,)
