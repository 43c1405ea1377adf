"""Where captures of real machines lie: a folder outside the repository, named by TECHKIT_CAPTURES."""

from __future__ import annotations

import os
from pathlib import Path

#: The folder, "" where none is named.
FOLDER = os.environ.get("TECHKIT_CAPTURES", "")

#: Format → patterns of files below the folder.
PLACES = {
    "smartctl-json": ("smartctl-json/*.json",),
    "smartctl-text": ("linux/smartctl/*",),
    "wmi-list": ("windows/wmi/*.wmi",),
    "reg-export": ("windows/registry/*.reg",),
    "powercfg-battery": ("windows/powercfg/*.xml",),
    "dmidecode": ("linux/dmidecode/*", "linux/powersupplies/dmidecode*", "jc/ubuntu-18.04/dmidecode.out"),
    "edid": ("linux/edid/*",),
    "lspci": ("linux/lspci/*",),
    "lsusb": ("jc/generic/lsusb*.out",),
    "upower": ("jc/*/upower*.out",),
    "ip": ("linux/ip/*", "jc/ubuntu-18.04/ip_*.out"),
    "iw": ("wifi/linux-i*.txt", "wifi/linux-netsh-output.txt"),
    "iwconfig": ("linux/iwconfig/*", "jc/generic/iwconfig*.out"),
    "nmcli": ("wifi/linux-nmcli*.txt", "wifi/linux-single*.txt"),
    "netsh-wlan": ("wifi/win-netsh*.txt",),
    "ipconfig": ("jc/windows/*/ipconfig.out",),
    "systeminfo": ("jc/windows/*/systeminfo*.out",),
    "system-profiler": ("macos/system_profiler/*", "wifi/mac-sp*.json"),
    "ioreg": ("macos/ioreg/*",),
    "ifconfig": ("macos/ifconfig/*", "jc/*/ifconfig*.out"),
    "wdutil": ("wifi/*wdutil*.txt",),
    "timedatectl": ("jc/*/timedatectl*.out",),
    "systemctl": ("jc/*/systemctl*.out",),
    "os-release": ("linux/distro/os-release*", "jc/generic/os-release-*[a-z]"),
    "meminfo": ("sysfs/proc/meminfo",),
    "cpuinfo": ("sysfs/proc/cpuinfo",),
}


def real_files(form: str) -> list[Path]:
    """Return the captures of a format; none where no folder is named."""
    root = Path(FOLDER or "/nonexistent")
    found = [path for pattern in PLACES.get(form, ()) for path in sorted(root.glob(pattern))]
    return [path for path in found if path.is_file()]
