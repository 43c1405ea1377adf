"""Raw access to a Linux machine: lines and numbers of /proc and /sys, mounts, small file formats.

Nothing here interprets: a text, a number or a list of names. `access` is the machine as the probe
got it, so that the same code reads this computer and an unpacked capture.
"""

from __future__ import annotations

import ctypes
import os
import re
from dataclasses import dataclass
from typing import Final

from techkit.children import external
from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.probe import Access
from techkit.records.findings import Reason

#: File systems that hold no data of their own (Linux kernel: FS_REQUIRES_DEV unset), and read-only
#: images that are always full (squashfs of snap, erofs, iso9660 is a disc and stays a place).
PSEUDO_FILE_SYSTEMS: Final = frozenset(
    """autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs efivarfs erofs
    fuse.gvfsd-fuse fuse.portal fuse.snapfuse fusectl hugetlbfs mqueue nsfs overlay proc pstore
    ramfs rootfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs""".split()
)

#: File systems on another computer: asking them may wait for ever, so nothing does.
NETWORK_FILE_SYSTEMS: Final = frozenset(
    "9p afs beegfs ceph cifs davfs fuse.davfs2 fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs "
    "glusterfs gpfs lustre ncpfs nfs nfs4 smb3 smbfs virtiofs".split()
)

#: A desktop's list of installed packages has about 6 MB; a longer one is not read.
LARGE_LIMIT_BYTES: Final = 64 * 2**20


@dataclass(frozen=True)
class Mount:
    """One mounted file system. options: of the mount and of the super block."""

    device: str
    point: str
    file_system: str
    options: frozenset[str]
    root: str = "/"

    @property
    def is_local(self) -> bool:
        """Return whether it keeps data on a device of this computer."""
        if self.file_system == "zfs":
            return True
        foreign = PSEUDO_FILE_SYSTEMS | NETWORK_FILE_SYSTEMS
        return self.file_system not in foreign and self.device.startswith("/dev/")

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be written there."""
        return "ro" in self.options


def line(access: Access, path: str) -> str:
    """Return a one-line file without its ends, "" when it is not there or empty."""
    return access.text_or(path).replace("\0", " ").strip()


def number(access: Access, path: str) -> int | None:
    """Return a one-number file, None when it is not there or holds none."""
    return whole(line(access, path))


def whole(text: str) -> int | None:
    """Return a whole number written in digits or as 0x…, None for anything else."""
    found = re.fullmatch(r"([+-]?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})", text.strip())
    if not found:
        return None
    value = int(found[2], 16) if found[2][:2].lower() == "0x" else int(found[2])
    return -value if found[1] == "-" else value


def decimal(text: str) -> float | None:
    """Return a number written in digits with a point, None for anything else."""
    found = re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{0,18})?", text.strip())
    return float(found[0]) if found else None


def link_name(access: Access, path: str) -> str:
    """Return the last part of a link's target ("" for none): the driver of a device, say."""
    try:
        return access.path(path).readlink().name
    except OSError:
        return ""


def link_target(access: Access, path: str) -> str:
    """Return a link's target as written, "" for none."""
    try:
        return str(access.path(path).readlink())
    except OSError:
        return ""


def modified_at(access: Access, path: str) -> float | None:
    """Return when a file was last changed, seconds since 1970, None when it is not there."""
    try:
        return access.path(path).stat().st_mtime
    except OSError:
        return None


def large_text(access: Access, path: str) -> str:
    """Return a file that may be longer than Access reads, e.g. the list of packages.

    Raises: ProbeError with reason not_present, not_permitted or failed.
    """
    try:
        with access.path(path).open("rb") as file:
            data = file.read(LARGE_LIMIT_BYTES + 1)
    except OSError:
        return access.text(path)  # says why
    if len(data) > LARGE_LIMIT_BYTES:
        raise ProbeError(_("{path} is too long to be read.", path=path), reason=Reason.FAILED)
    return data.decode("utf-8", "replace")


def mounts(access: Access) -> list[Mount]:
    """Return the mounted file systems, the topmost of each place only, ordered by place."""
    return parse_mountinfo(access.text("/proc/self/mountinfo"))


def parse_mountinfo(content: str) -> list[Mount]:
    """Return the mounts of a mountinfo text; a line that does not fit is left out.

    Source: Linux kernel, Documentation/filesystems/proc.rst 3.5.
    """
    found: dict[str, Mount] = {}
    for row in content.splitlines():
        before, separator, after = row.partition(" - ")
        fields, tail = before.split(" "), after.split(" ")
        if not separator or len(fields) < 6 or len(tail) < 2:
            continue
        options = fields[5].split(",") + (tail[2].split(",") if len(tail) > 2 else [])
        mount = Mount(
            device=unescape(tail[1]),
            point=unescape(fields[4]),
            file_system=tail[0],
            options=frozenset(options) - ({"rw"} if "ro" in options else set()),
            root=unescape(fields[3]),
        )
        found[mount.point] = mount
    return [found[point] for point in sorted(found)]


def unescape(name: str) -> str:
    """Return a name of /proc with its octal escapes (040 is a blank) resolved."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda m: chr(int(m[1], 8)), name)


def pairs(content: str, separator: str = ":") -> dict[str, str]:
    """Return the "key: value" lines of a text, ends stripped; the first of a key wins."""
    found: dict[str, str] = {}
    for row in content.splitlines():
        key, mark, value = row.partition(separator)
        if mark:
            found.setdefault(key.strip(), value.strip())
    return found


def shell_variables(content: str) -> dict[str, str]:
    """Return the assignments of a file such as /etc/os-release, quotes and escapes removed.

    Source: os-release(5).
    """
    found: dict[str, str] = {}
    for row in content.splitlines():
        match = re.match(r"\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$", row)
        if not match:
            continue
        value = match[2].strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[match[1]] = re.sub(r"\\(.)", r"\1", value)
    return found


# --- the last touch --------------------------------------------------------------------------------


class _ScreenSaverInfo(ctypes.Structure):
    """XScreenSaverInfo. Source: X11/extensions/scrnsaver.h of libXScrnSaver 1.2."""

    _fields_ = [
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("til_or_since_ms", ctypes.c_ulong),
        ("idle_ms", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    ]


#: Who tells a session's idle time on Wayland: GNOME's compositor (uint64 ms), else KDE's (uint32 ms).
#: Source: Mutter, org.gnome.Mutter.IdleMonitor.xml; KDE, org.freedesktop.ScreenSaver.xml.
_IDLE_QUESTIONS: Final = (
    ("org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "GetIdletime"),
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "GetSessionIdleTime"),
)


def seconds_since_touch() -> float | None:
    """Return for how long no key, pointer or finger moved in this session; None where nobody tells.

    Asks the X server where the session is one, else the compositor; an X server below Wayland sees only the
    touches of X programs, so it is not asked there.
    """
    if os.environ.get("WAYLAND_DISPLAY"):
        return _idle_by_bus()
    return _idle_by_x_server() if os.environ.get("DISPLAY") else None


def _idle_by_x_server() -> float | None:
    try:
        x11, screen_saver = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXss.so.1")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if display.value is None:
        return None
    try:
        event, error, info = ctypes.c_int(), ctypes.c_int(), _ScreenSaverInfo()
        if not screen_saver.XScreenSaverQueryExtension(display, ctypes.byref(event), ctypes.byref(error)):
            return None
        root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
        if not screen_saver.XScreenSaverQueryInfo(display, root, ctypes.byref(info)):
            return None
        return float(info.idle_ms) / 1000
    finally:
        x11.XCloseDisplay(display)


def _idle_by_bus() -> float | None:
    for service, path, method in _IDLE_QUESTIONS:
        asked = ("busctl", "--user", "call", service, path, service, method)
        output = external.run(Command(asked, limit_s=1.0))
        found = parse_bus_idle(output.text)
        if found is not None:
            return found
    return None


def parse_bus_idle(text: str) -> float | None:
    """Return the seconds in an answer of busctl: "t 5312" or "u 5312", in ms; None for anything else."""
    found = re.fullmatch(r"[tu] (\d{1,18})\s*", text)
    return int(found[1]) / 1000 if found else None
