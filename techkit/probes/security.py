"""Firewall, accounts, open ports, remote access, virus scanner, encryption, secure start."""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line, mounts, number
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.probes.storage import one_per_device
from techkit.records.findings import Reading, Reason

# --- firewall --------------------------------------------------------------------------------------

#: Linux netlink numbers. Source: Linux kernel, include/uapi/linux/netfilter/nf_tables.h and
#: nfnetlink.h; netfilter.h for the hook that sees what comes in.
NETLINK_NETFILTER: Final = 12
NFT_GET_CHAIN: Final = (10 << 8) | 4
NLM_REQUEST_DUMP: Final = 0x1 | 0x300
NLMSG_ERROR: Final = 2
NLMSG_DONE: Final = 3
HOOK_LOCAL_IN: Final = 1


@dataclass(frozen=True)
class Chain:
    """A base chain of nftables that sees what comes in. rules: how many; drops: its policy."""

    rules: int
    drops: bool


def read_firewall(access: Access) -> Iterable[Reading]:
    """Yield whether a firewall filters what comes in.

    Raises: ProbeError not_permitted when only an administrator could tell.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.firewall(access)
    if access.platform is Platform.MACOS:
        return access_macos.firewall(access)
    sheet = Sheet("/etc/ufw/ufw.conf")
    ufw = re.search(r"^ENABLED=(\w+)", access.text_or("/etc/ufw/ufw.conf"), re.MULTILINE)
    if ufw and ufw[1].casefold() == "yes":
        sheet.add("security.firewall.active", True)
        sheet.add("security.firewall.kind", "ufw")
        return sheet
    if access.exists("/run/firewalld.pid") or access.exists("/run/firewalld/firewalld.pid"):
        sheet.add("security.firewall.active", True, source="/run/firewalld.pid")
        sheet.add("security.firewall.kind", "firewalld", source="/run/firewalld.pid")
        return sheet
    if not access.is_admin:
        raise ProbeError(
            _("Reading the firewall’s rules needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    chains = nft_input_chains() if str(access.root) == "/" else None
    legacy = "filter" in access.text_or("/proc/net/ip_tables_names").split()
    rules = sum(chain.rules for chain in chains or [])
    active = legacy or any(chain.drops or chain.rules for chain in chains or [])
    sheet.add("security.firewall.active", active, source="nftables over netlink, /proc/net/ip_tables_names")
    sheet.add(
        "security.firewall.rule_count", rules if chains is not None else None, source="nftables over netlink"
    )
    sheet.add(
        "security.firewall.kind",
        "nftables" if rules else "iptables" if legacy else "",
        source="nftables over netlink",
    )
    return sheet


def nft_input_chains() -> list[Chain] | None:
    """Return the chains of nftables that see what comes in; None when the kernel has no nftables.

    Asks the kernel itself, because the program `nft` is often not installed. Needs CAP_NET_ADMIN.
    """
    if not sys.platform.startswith("linux"):
        return None
    request = struct.pack("=IHHII", 20, NFT_GET_CHAIN, NLM_REQUEST_DUMP, 1, 0) + struct.pack("=BBH", 0, 0, 0)
    found: list[Chain] = []
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as link:
            link.settimeout(1.0)
            link.send(request)
            while True:
                data = link.recv(65536)
                if not _chains(data, found):
                    return found
    except (OSError, struct.error, _NoNftables):
        return None


class _NoNftables(Exception):
    """The kernel does not know nftables, or does not let us ask."""


def _chains(data: bytes, found: list[Chain]) -> bool:
    """Add the chains of one answer; return whether more answers follow."""
    at = 0
    while at + 16 <= len(data):
        length, kind, _flags, _sequence, _port = struct.unpack_from("=IHHII", data, at)
        if length < 16 or kind == NLMSG_DONE:
            return False
        if kind == NLMSG_ERROR:
            raise _NoNftables
        attributes = dict(_attributes(data[at + 20 : at + length]))
        hook = dict(_attributes(attributes.get(4, b"")))
        if hook.get(1) and struct.unpack(">I", hook[1][:4])[0] == HOOK_LOCAL_IN:
            policy = struct.unpack(">I", attributes[5][:4])[0] if len(attributes.get(5, b"")) >= 4 else 1
            rules = struct.unpack(">I", attributes[6][:4])[0] if len(attributes.get(6, b"")) >= 4 else 0
            found.append(Chain(rules=rules, drops=policy == 0))
        at += (length + 3) & ~3
    return at > 0


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (type, content) of netlink attributes. Source: netlink(7), 4-byte alignment."""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            return
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3


FIREWALL: Final = Probe(
    id="security.firewall",
    title=N_("Looking at the firewall"),
    read=read_firewall,
    gives=("security.firewall.",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- accounts --------------------------------------------------------------------------------------

#: Groups whose members may do everything. Source: sudo of Debian, Ubuntu, Fedora, openSUSE.
ADMINISTRATOR_GROUPS: Final = frozenset({"sudo", "wheel", "admin", "root"})


def read_accounts(access: Access) -> Iterable[Reading]:
    """Yield who may do everything, who has no password, and whether the computer signs in alone."""
    if access.platform is Platform.WINDOWS:
        return access_windows.accounts(access)
    if access.platform is Platform.MACOS:
        return access_macos.accounts(access)
    users = [row.split(":") for row in access.text("/etc/passwd").splitlines()]
    groups = [row.split(":") for row in access.text_or("/etc/group").splitlines()]
    sheet = Sheet("/etc/passwd, /etc/group")
    names = administrators(users, groups)
    sheet.add("security.administrators", names)
    sheet.add("security.administrator_count", len(names))
    sheet.add("security.current_user_is_administrator", access.is_admin, source="geteuid")
    readings: list[Reading] = []
    try:
        shadow = access.text("/etc/shadow")
        sheet.add("security.empty_passwords", empty_passwords(shadow, users), source="/etc/shadow")
    except ProbeError as error:
        why = _("Looking for accounts without a password needs administrator rights.")
        readings.append(missing("security.empty_passwords", reason=Reason(error.reason), text=why))
    sheet.add(
        "security.automatic_sign_in",
        _automatic_sign_in(access),
        source="/etc/gdm3, /etc/lightdm, /etc/sddm.conf",
    )
    sheet.add("security.remote_sign_in", _remote_sign_in(access), source="/etc/ssh/sshd_config")
    return [*sheet, *readings]


def administrators(users: Iterable[list[str]], groups: Iterable[list[str]]) -> list[str]:
    """Return the accounts with number 0 and the members of the administrators' groups, sorted."""
    names = {row[0] for row in users if len(row) >= 4 and row[2] == "0"}
    for row in groups:
        if len(row) >= 4 and row[0] in ADMINISTRATOR_GROUPS:
            names |= {member for member in row[3].split(",") if member}
    return sorted(names)


def empty_passwords(shadow: str, users: Iterable[list[str]]) -> list[str]:
    """Return the accounts that may sign in without a password. Source: shadow(5), passwd(5)."""
    shells = {row[0]: row[6] for row in users if len(row) >= 7}
    found = []
    for row in shadow.splitlines():
        fields = row.split(":")
        may_sign_in = not shells.get(fields[0], "").endswith(("nologin", "false", "sync"))
        if len(fields) >= 2 and fields[1] == "" and fields[0] in shells and may_sign_in:
            found.append(fields[0])
    return sorted(found)


def _automatic_sign_in(access: Access) -> bool | None:
    """Return whether a display manager signs somebody in by itself; None where there is none."""
    seen = False
    for path, pattern in (
        ("/etc/gdm3/custom.conf", r"^\s*AutomaticLoginEnable\s*=\s*(?:true|1)"),
        ("/etc/gdm3/daemon.conf", r"^\s*AutomaticLoginEnable\s*=\s*(?:true|1)"),
        ("/etc/gdm/custom.conf", r"^\s*AutomaticLoginEnable\s*=\s*(?:true|1)"),
        ("/etc/lightdm/lightdm.conf", r"^\s*autologin-user\s*=\s*\S"),
        ("/etc/sddm.conf", r"^\s*User\s*=\s*\S"),
        ("/etc/sddm.conf.d/autologin.conf", r"^\s*User\s*=\s*\S"),
    ):
        content = access.text_or(path)
        if content:
            seen = True
            if re.search(pattern, content, re.MULTILINE | re.IGNORECASE):
                return True
    return False if seen else None


def _remote_sign_in(access: Access) -> str | None:
    content = access.text_or("/etc/ssh/sshd_config")
    if not content:
        return None
    content += "\n".join(
        access.text_or(f"/etc/ssh/sshd_config.d/{name}") for name in access.names("/etc/ssh/sshd_config.d")
    )
    passwords = re.search(r"^\s*PasswordAuthentication\s+(\w+)", content, re.MULTILINE | re.IGNORECASE)
    root = re.search(r"^\s*PermitRootLogin\s+([\w-]+)", content, re.MULTILINE | re.IGNORECASE)
    words = "keys only" if passwords and passwords[1].casefold() == "no" else "passwords"
    return f"{words}; root {root[1] if root else 'prohibit-password'}"


ACCOUNTS: Final = Probe(
    id="security.accounts",
    title=N_("Looking at accounts"),
    read=read_accounts,
    gives=(
        "security.administrators",
        "security.administrator_count",
        "security.current_user_is_administrator",
        "security.empty_passwords",
        "security.password_not_required",
        "security.automatic_sign_in",
        "security.remote_sign_in",
        "security.account_control",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- open ports ------------------------------------------------------------------------------------

#: State "listening" in /proc/net/tcp. Source: Linux kernel, include/net/tcp_states.h.
LISTEN: Final = "0A"


@dataclass(frozen=True)
class Port:
    """A port others can reach. inode: of its socket, to find the program."""

    protocol: str
    number: int
    address: str
    inode: str


def read_ports(access: Access) -> Iterable[Reading]:
    """Yield the ports that programs of this computer keep open to others."""
    if access.platform is Platform.WINDOWS:
        return access_windows.ports(access)
    if access.platform is Platform.MACOS:
        return access_macos.ports(access)
    sheet = Sheet("/proc/net/tcp, tcp6, udp, udp6")
    found = [
        port
        for name in ("tcp", "tcp6", "udp", "udp6")
        for port in parse_proc_net(access.text_or(f"/proc/net/{name}"), name)
    ]
    owners = _socket_owners(access, {port.inode for port in found})
    rows: dict[tuple[str, int], dict[str, str | int]] = {}
    for port in found:
        rows.setdefault(
            (port.protocol, port.number),
            {
                "protocol": port.protocol,
                "port": port.number,
                "address": port.address,
                "program": owners.get(port.inode, ""),
            },
        )
    sheet.add("security.ports", [rows[key] for key in sorted(rows)])
    sheet.add("security.port_count", len(rows))
    return sheet


def parse_proc_net(content: str, name: str) -> list[Port]:
    """Return the ports of a /proc/net/tcp (tcp6, udp, udp6) text that others can reach.

    Source: Linux kernel, Documentation/networking/proc_net_tcp.rst; addresses in host byte order.
    """
    found = []
    protocol = name.rstrip("6")
    for row in content.splitlines()[1:]:
        fields = row.split()
        if len(fields) < 10 or not re.fullmatch(r"(?:[0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}", fields[1]):
            continue
        state = fields[3]
        # An unconnected UDP socket has no other side; a connected one is no open door.
        if (protocol == "tcp" and state != LISTEN) or (
            protocol == "udp" and not fields[2].startswith("0" * 8)
        ):
            continue
        address, _mark, port = fields[1].partition(":")
        shown = _address(address)
        if shown.startswith(("127.", "::ffff:127.")) or shown == "::1":
            continue
        found.append(Port(protocol, int(port, 16), shown, fields[9]))
    return found


def _address(text: str) -> str:
    words = [int(text[i : i + 8], 16).to_bytes(4, "little") for i in range(0, len(text), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words))


def _socket_owners(access: Access, inodes: set[str]) -> dict[str, str]:
    """Return inode → program, as far as this person may look into other programs."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    owners: dict[str, str] = {}
    root = str(access.path("/proc"))
    for pid in access.names("/proc"):
        if not pid.isdecimal():
            continue
        if len(owners) == len(wanted):
            break
        folder = f"{root}/{pid}/fd"
        try:
            handles = os.listdir(folder)  # noqa: PTH208 - a desktop has 20,000 of them; Path costs ten times as much
        except OSError:
            continue
        for handle in handles:
            try:
                target = os.readlink(f"{folder}/{handle}")  # noqa: PTH115 - as above
            except OSError:
                continue
            if target in wanted:
                owners.setdefault(wanted[target], line(access, f"/proc/{pid}/comm"))
    return owners


PORTS: Final = Probe(
    id="security.ports",
    title=N_("Looking at open ports"),
    read=read_ports,
    gives=("security.ports", "security.port_count"),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- remote access ---------------------------------------------------------------------------------

#: Programs that let somebody else see or steer this computer: name → parts of process names.
#: Source: the makers' own process names.
REMOTE_TOOLS: Final = {
    "TeamViewer": ("teamviewer",),
    "AnyDesk": ("anydesk",),
    "RustDesk": ("rustdesk",),
    "Splashtop": ("splashtop", "srservice", "srmanager"),
    "LogMeIn": ("logmein", "lmiguardian"),
    "GoTo": ("gotoassist", "g2comm", "g2svc", "gotoresolve", "goto opener"),
    "ScreenConnect": ("screenconnect", "connectwisecontrol"),
    "Supremo": ("supremo",),
    "UltraViewer": ("ultraviewer",),
    "Ammyy": ("aa_v3", "ammyy"),
    "DWService": ("dwagent", "dwagsvc"),
    "MeshAgent": ("meshagent",),
    "NoMachine": ("nxserver", "nxnode", "nxd"),
    "Chrome Remote Desktop": ("remoting_host", "chrome-remote-de"),
    "Zoho Assist": ("zohoassist", "zohomeeting", "zaservice"),
    "Atera": ("ateraagent",),
    "Radmin": ("rserver3", "radmin"),
    "VNC": ("vncserver", "x11vnc", "winvnc", "tvnserver", "xvnc", "x0vncserver", "vino-server", "wayvnc"),
    "xrdp": ("xrdp",),
    "GNOME Remote Desktop": ("gnome-remote-de", "grd-daemon"),
    "Parsec": ("parsecd",),
    "HopToDesk": ("hoptodesk",),
    "ISL Online": ("isllight", "islalwayson"),
}


def read_remote_tools(access: Access) -> Iterable[Reading]:
    """Yield the programs that could let somebody else steer this computer and run now."""
    if access.platform is Platform.WINDOWS:
        running = access_windows.process_names(access)
        source = "Win32_Process"
    elif access.platform is Platform.MACOS:
        running = access_macos.process_names(access)
        source = "ps"
    else:
        running = [line(access, f"/proc/{pid}/comm") for pid in access.names("/proc") if pid.isdecimal()]
        source = "/proc/*/comm"
    sheet = Sheet(source)
    sheet.add("security.remote_tools", remote_tools(running))
    return sheet


def remote_tools(processes: Iterable[str]) -> list[dict[str, str | bool]]:
    """Return the remote access tools among process names, ordered by name."""
    names = {process.casefold() for process in processes}
    return [
        {"name": tool, "is_running": True}
        for tool, marks in sorted(REMOTE_TOOLS.items())
        if any(name.startswith(mark) for name in names for mark in marks)
    ]


REMOTE: Final = Probe(
    id="security.remote_tools",
    title=N_("Looking for remote access"),
    read=read_remote_tools,
    gives=("security.remote_tools",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- virus scanner ---------------------------------------------------------------------------------

#: Virus scanners of Linux by process name.
SCANNERS: Final = {
    "clamd": "ClamAV",
    "clamonacc": "ClamAV",
    "wdavdaemon": "Microsoft Defender",
    "falcon-sensor": "CrowdStrike Falcon",
    "sentinelone-age": "SentinelOne",
    "savd": "Sophos",
    "sophos_threat_d": "Sophos",
    "esets": "ESET",
    "eea": "ESET",
    "kesl": "Kaspersky",
    "bdagentd": "Bitdefender",
    "cbagentd": "Carbon Black",
    "pmd": "Cortex XDR",
}


def read_antivirus(access: Access) -> Iterable[Reading]:
    """Yield the virus scanners found and whether they watch."""
    if access.platform is Platform.WINDOWS:
        return access_windows.antivirus(access)
    if access.platform is Platform.MACOS:
        return access_macos.antivirus(access)
    sheet = Sheet("/proc/*/comm")
    running = {line(access, f"/proc/{pid}/comm") for pid in access.names("/proc") if pid.isdecimal()}
    found = sorted({name for process, name in SCANNERS.items() if process in running})
    sheet.add("security.antivirus", [{"name": name, "is_active": True} for name in found])
    if found:
        sheet.add("security.antivirus.active", True)
    return sheet


ANTIVIRUS: Final = Probe(
    id="security.antivirus",
    title=N_("Looking for a virus scanner"),
    read=read_antivirus,
    gives=("security.antivirus", "security.antivirus."),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- encryption, secure start ----------------------------------------------------------------------

#: The firmware's variable of secure boot. Source: UEFI Specification 2.10, 3.3.
SECURE_BOOT: Final = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def read_protection(access: Access) -> Iterable[Reading]:
    """Yield disk encryption, secure boot, the security chip and the kernel's own guards."""
    if access.platform is Platform.WINDOWS:
        return access_windows.protection(access)
    if access.platform is Platform.MACOS:
        return access_macos.protection(access)
    sheet = Sheet("/sys/block/dm-*/dm/uuid")
    for mount in one_per_device([m for m in mounts(access) if m.is_local]):
        if mount.point == "/" or mount.point.startswith(("/home", "/var")):
            sheet.add("security.disk_encrypted", _is_encrypted(access, mount.device), subject=mount.point)
    if access.exists("/sys/firmware/efi"):
        try:
            variable = access.data(SECURE_BOOT)
            sheet.add("security.secure_boot", len(variable) >= 5 and variable[4] == 1, source=SECURE_BOOT)
        except ProbeError:
            sheet.add("security.secure_boot", False, source=SECURE_BOOT)
    version = number(access, "/sys/class/tpm/tpm0/tpm_version_major")
    sheet.add("security.tpm", f"{version}.0" if version else None, source="/sys/class/tpm/tpm0")
    lockdown = re.search(r"\[(\w+)\]", access.text_or("/sys/kernel/security/lockdown"))
    sheet.add(
        "security.kernel_lockdown", lockdown[1] if lockdown else None, source="/sys/kernel/security/lockdown"
    )
    aslr = "/proc/sys/kernel/randomize_va_space"
    sheet.add("security.address_randomisation", number(access, aslr), source=aslr)
    return sheet


def _is_encrypted(access: Access, device: str) -> bool:
    """Return whether a device or anything below it is made by dm-crypt."""
    name = access.path(device).resolve().name
    waiting, seen = [name], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if line(access, f"/sys/class/block/{name}/dm/uuid").startswith("CRYPT-"):
            return True
        waiting += access.names(f"/sys/class/block/{name}/slaves")
    return False


PROTECTION: Final = Probe(
    id="security.protection",
    title=N_("Looking at encryption and secure start"),
    read=read_protection,
    gives=(
        "security.disk_encrypted",
        "security.secure_boot",
        "security.tpm",
        "security.kernel_lockdown",
        "security.address_randomisation",
        "security.core_isolation",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (FIREWALL, ACCOUNTS, PORTS, REMOTE, ANTIVIRUS, PROTECTION)
