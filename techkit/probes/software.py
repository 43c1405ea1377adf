"""Installed programs, office suites and browsers, and updates."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import large_text, modified_at
from techkit.probes.formats.programs import Program, program_readings
from techkit.probes.probe import Access, Depth, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

# --- programs --------------------------------------------------------------------------------------

#: Debian priorities that make up the system itself. Source: Debian Policy 2.5.
SYSTEM_PRIORITIES: Final = frozenset({"required", "important", "standard"})

#: One line per package, separated by tabs that no field holds.
RPM: Final = Command(
    ("rpm", "-qa", "--queryformat", r"%{NAME}\t%{VERSION}-%{RELEASE}\t%{VENDOR}\t%{ARCH}\t%{GROUP}\n"),
    limit_s=4.0,
)
FLATPAK: Final = Command(
    ("flatpak", "list", "--app", "--columns=name,version,origin,application"), limit_s=4.0
)


def read_programs(access: Access) -> Iterable[Reading]:
    """Yield the installed programs, and from them office suites, browsers and broken ones."""
    if access.platform is Platform.WINDOWS:
        return program_readings(access_windows.programs(access), "registry: Uninstall")
    if access.platform is Platform.MACOS:
        return program_readings(access_macos.programs(access), "system_profiler SPApplicationsDataType")
    programs: list[Program] = []
    broken: list[str] = []
    held: list[str] = []
    sources: list[str] = []
    if access.exists("/var/lib/dpkg/status"):
        automatic = parse_extended_states(access.text_or("/var/lib/apt/extended_states"))
        found = parse_dpkg_status(large_text(access, "/var/lib/dpkg/status"), automatic)
        programs += found.programs
        broken += found.broken
        held += found.held
        sources.append("/var/lib/dpkg/status")
    if any(
        access.exists(folder)
        for folder in ("/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm", "/var/lib/rpm/Packages")
    ):
        programs += parse_rpm(access.run(RPM).text)
        sources.append("rpm -qa")
    if access.exists("/var/lib/flatpak/app"):
        programs += parse_flatpak(access.run(FLATPAK).text)
        sources.append("flatpak list")
    for name in access.names("/snap"):
        snap = parse_snap(access.text_or(f"/snap/{name}/current/meta/snap.yaml"))
        if snap:
            programs.append(snap)
            sources.append("/snap")
    if not sources:
        raise ProbeError(
            _("No list of installed programs that techkit knows is on this computer."),
            reason=Reason.NOT_PRESENT,
        )
    sheet = program_readings(programs, ", ".join(dict.fromkeys(sources)))
    sheet.add("software.broken", broken)
    sheet.add("software.held", held)
    return sheet


class Packages:
    """What a dpkg status file says: programs, broken ones, held ones."""

    def __init__(self) -> None:
        self.programs: list[Program] = []
        self.broken: list[str] = []
        self.held: list[str] = []


def parse_dpkg_status(content: str, automatic: frozenset[str] = frozenset()) -> Packages:
    """Return the packages of a dpkg status text.

    source is "dpkg" for what somebody chose and "dpkg_system" for parts of the system and what only
    came along (`automatic`: "name:architecture" of those). Source: dpkg(1), package states and flags.
    """
    found = Packages()
    for block in content.split("\n\n"):
        fields: dict[str, str] = {}
        for row in block.splitlines():
            if row[:1] not in " \t":
                key, mark, value = row.partition(":")
                if mark:
                    fields.setdefault(key, value.strip())
        name, state = fields.get("Package", ""), fields.get("Status", "").split()
        if not name or len(state) != 3:
            continue
        if state[0] == "hold":
            found.held.append(name)
        if state[1] == "reinstreq" or state[2] in (
            "half-installed",
            "half-configured",
            "unpacked",
            "triggers-awaited",
        ):
            found.broken.append(name)
        if state[2] != "installed":
            continue
        system = (
            fields.get("Priority") in SYSTEM_PRIORITIES
            or fields.get("Essential") == "yes"
            or fields.get("Section", "").rpartition("/")[2] in ("libs", "oldlibs", "libdevel", "debug")
            or f"{name}:{fields.get('Architecture', '')}" in automatic
        )
        found.programs.append(
            {
                "name": name,
                "version": fields.get("Version", ""),
                "publisher": fields.get("Maintainer", "").partition(" <")[0],
                "source": "dpkg_system" if system else "dpkg",
            }
        )
    return found


def dpkg_readings(content: str) -> Sheet:
    """Return the readings of a dpkg status text alone."""
    found = parse_dpkg_status(content)
    sheet = program_readings(found.programs, "/var/lib/dpkg/status")
    sheet.add("software.broken", found.broken)
    sheet.add("software.held", found.held)
    return sheet


def parse_extended_states(content: str) -> frozenset[str]:
    """Return "name:architecture" of packages that apt installed for others."""
    found = set()
    for block in content.split("\n\n"):
        fields = dict(row.partition(": ")[::2] for row in block.splitlines() if ": " in row)
        if fields.get("Auto-Installed") == "1":
            name, architecture = fields.get("Package", ""), fields.get("Architecture", "")
            # apt writes the machine's architecture also for packages made for all of them.
            found |= {f"{name}:{architecture}", f"{name}:all"}
    return frozenset(found)


def parse_rpm(content: str) -> list[Program]:
    """Return the packages of RPM's list (command RPM above)."""
    found = []
    for row in content.splitlines():
        fields = row.split("\t")
        if len(fields) >= 3 and fields[0] and fields[0] != "gpg-pubkey":
            publisher = "" if fields[2] == "(none)" else fields[2]
            system = fields[0].startswith(("lib", "glibc", "kernel", "systemd", "rpm")) or fields[0].endswith(
                ("-libs", "-common", "-devel", "-data")
            )
            found.append(
                {
                    "name": fields[0],
                    "version": fields[1],
                    "publisher": publisher,
                    "source": "rpm_system" if system else "rpm",
                }
            )
    return found


def parse_flatpak(content: str) -> list[Program]:
    """Return the programs of flatpak's list (command FLATPAK above)."""
    found = []
    for row in content.splitlines():
        fields = row.split("\t")
        if len(fields) >= 2 and fields[0]:
            found.append(
                {
                    "name": fields[0],
                    "version": fields[1],
                    "publisher": fields[2] if len(fields) > 2 else "",
                    "source": "flatpak",
                }
            )
    return found


def parse_snap(content: str) -> Program | None:
    """Return one snap from its snap.yaml, None for bases and rubbish. Source: snapcraft.yaml schema."""
    fields: dict[str, str] = {}
    for row in content.splitlines():
        match = re.match(r"^([a-z]+):\s*(\S.*)$", row)
        if match:
            fields.setdefault(match[1], match[2].strip().strip("'\""))
    if not fields.get("name") or fields.get("type") in ("base", "os", "core", "snapd", "kernel", "gadget"):
        return None
    return {
        "name": fields.get("title") or fields["name"],
        "version": fields.get("version", ""),
        "publisher": "",
        "source": "snap",
    }


PROGRAMS: Final = Probe(
    id="software.programs",
    title=N_("Listing installed programs"),
    read=read_programs,
    gives=(
        "software.programs",
        "software.count",
        "software.broken",
        "software.held",
        "software.office",
        "software.browsers",
        "software.duplicates",
    ),
    limit_s=8.0,
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- updates ---------------------------------------------------------------------------------------


def read_update_service(access: Access) -> Iterable[Reading]:
    """Yield when updates were last looked for and installed, and whether that goes by itself."""
    if access.platform is Platform.WINDOWS:
        return access_windows.update_service(access)
    if access.platform is Platform.MACOS:
        return access_macos.update_service(access)
    sheet = Sheet("/var/lib/apt/lists")
    now = time.time()
    looked, place = _last_look(access)
    if looked is None:
        raise ProbeError(
            _("No update service that techkit knows is on this computer."), reason=Reason.NOT_PRESENT
        )
    sheet.add("software.updates.list_age_days", _days(now, looked), source=place)
    for path in (
        "/var/lib/dpkg/status",
        "/var/lib/rpm/rpmdb.sqlite",
        "/usr/lib/sysimage/rpm/rpmdb.sqlite",
        "/var/lib/pacman/local",
    ):
        changed = modified_at(access, path)
        if changed is not None:
            sheet.add(
                "software.updates.installed_age_days", _days(now, changed), source=f"{path}, time of change"
            )
            break
    periodic = "".join(
        access.text_or(f"/etc/apt/apt.conf.d/{name}") for name in access.names("/etc/apt/apt.conf.d")
    )
    by_itself = re.search(r'APT::Periodic::Unattended-Upgrade\s+"([1-9]|always)"', periodic)
    dnf = re.search(
        r"^apply_updates\s*=\s*(?:yes|true|1)",
        access.text_or("/etc/dnf/automatic.conf"),
        re.MULTILINE | re.IGNORECASE,
    )
    sheet.add(
        "software.updates.automatic",
        bool(by_itself or dnf),
        source="/etc/apt/apt.conf.d, /etc/dnf/automatic.conf",
    )
    return sheet


def _last_look(access: Access) -> tuple[float | None, str]:
    """Return when lists of updates were last fetched, and from what that is known."""
    stamp = "/var/lib/apt/periodic/update-success-stamp"
    lists = "/var/lib/apt/lists"
    times = [(modified_at(access, stamp), stamp)]
    if access.exists(lists):
        times.append((modified_at(access, f"{lists}/partial"), f"{lists}/partial"))
        # apt sets a list's time to the server's; the time of the folder tells when it was fetched.
        times.append((modified_at(access, lists), lists))
        if not any(name.endswith(("Release", "Packages", ".lz4", ".xz")) for name in access.names(lists)):
            return None, lists
    for folder in ("/var/cache/dnf", "/var/cache/libdnf5", "/var/lib/pacman/sync", "/var/cache/zypp/raw"):
        times += [(modified_at(access, f"{folder}/{name}"), folder) for name in access.names(folder)]
    known_times = [(at, place) for at, place in times if at is not None]
    return max(known_times, default=(None, ""))


def _days(now: float, then: float) -> float | None:
    days = (now - then) / 86400
    return None if days < -1 else round(max(0.0, days), 2)


UPDATE_SERVICE: Final = Probe(
    id="software.update_service",
    title=N_("Looking when updates were last looked for"),
    read=read_update_service,
    gives=(
        "software.updates.list_age_days",
        "software.updates.installed_age_days",
        "software.updates.automatic",
        "software.updates.service_state",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

#: A rehearsal of an upgrade; nothing is locked, no cache is written. It reads every list, which
#: takes 5 s where they are packed, so it is not part of the quick plan.
APT: Final = Command(
    (
        "apt-get",
        "--simulate",
        "--quiet=2",
        "-o",
        "Debug::NoLocking=true",
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
        "dist-upgrade",
    ),
    limit_s=25.0,
)


def read_updates(access: Access) -> Iterable[Reading]:
    """Yield how many updates wait, and how many of them are for security."""
    if access.platform is Platform.WINDOWS:
        return access_windows.updates(access)
    if access.platform is Platform.MACOS:
        return access_macos.updates(access)
    if access.exists("/var/lib/dpkg/status"):
        output = access.run(APT)
        if output.code == 0:
            access.keep(output.text[:1500])
            return parse_apt(output.text)
    elif access.exists("/var/lib/pacman/local"):
        output = access.run(PACMAN)
        if output.code in (0, 1):  # 1: nothing to update
            return parse_listed(output.text, "pacman -Qu")
    elif access.exists("/usr/bin/dnf"):
        output = access.run(DNF)
        if output.code in (0, 100):  # 100: there are updates
            return parse_listed(output.text, "dnf -C check-update")
    else:
        raise ProbeError(_("techkit cannot ask this system for its updates yet."), reason=Reason.NOT_PRESENT)
    raise ProbeError(
        _("The update service did not answer: {why}", why=output.error_text[:160]), reason=Reason.FAILED
    )


#: Lists of what could be updated, from what was fetched before: no network, nothing is written.
PACMAN: Final = Command(("pacman", "-Qu"), limit_s=10.0)
DNF: Final = Command(("dnf", "--quiet", "--cacheonly", "check-update"), limit_s=20.0)


def parse_listed(content: str, source: str) -> Sheet:
    """Return how many updates pacman or dnf list; which of them are for security they do not say.

    Source: pacman(8), -Qu: "name old -> new"; dnf(8), check-update: "name.arch version repository".
    """
    sheet = Sheet(source)
    count = 0
    for row in content.splitlines():
        if row.startswith("Obsoleting"):
            break
        count += bool(
            re.match(
                r"\S+ \S+ -> \S+|[\w+.-]+\.(?:noarch|x86_64|i686|aarch64|armv7hl|ppc64le|s390x)\s+\S+\s+\S+",
                row,
            )
        )
    sheet.add("software.updates.pending", count)
    return sheet


def parse_apt(content: str) -> Sheet:
    """Return how many updates a rehearsed upgrade would install. Source: apt-get(8), --simulate."""
    sheet = Sheet("apt-get --simulate dist-upgrade")
    rows = [row for row in content.splitlines() if re.match(r"Inst \S+ \[", row)]
    security = [row for row in rows if re.search(r"-[Ss]ecurity\b|/[\w-]*-security\b|Debian-Security", row)]
    sheet.add("software.updates.pending", len(rows))
    sheet.add("software.updates.security", len(security))
    return sheet


UPDATES: Final = Probe(
    id="software.updates",
    title=N_("Counting updates that wait"),
    read=read_updates,
    gives=("software.updates.pending", "software.updates.security"),
    depth=Depth.STANDARD,
    limit_s=30.0,
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (PROGRAMS, UPDATE_SERVICE, UPDATES)
