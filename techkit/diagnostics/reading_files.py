"""Captured output of tools and systems, read with the very parsers the probes use.

This is how a fault from the field is reported: `techkit read FORMAT FILE` prints the readings and
what the checks say of them. A new format is one line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from techkit.diagnostics import catalogue, runner
from techkit.errors import InputError
from techkit.i18n import N_, _, ngettext
from techkit.probes import memory, operating_system, processor, software
from techkit.probes.declarations import DECLARED
from techkit.probes.formats import (
    device_text,
    dmidecode,
    edid,
    ioreg,
    ip_text,
    lpstat_text,
    nmcli_text,
    powercfg,
    powershell_json,
    proxy_text,
    registry,
    smartctl,
    system_profiler,
    systemd_text,
    upower,
    vpn_text,
    wifi_text,
    windows_classes,
    windows_text,
    wmi_list,
)
from techkit.probes.formats.decode import decode
from techkit.probes.sheet import Sheet
from techkit.records.findings import Finding, ProbeReport, Reading, Verdict

#: The largest file read; system_profiler of a crowded Mac has about 12 MB.
SIZE_LIMIT_BYTES: Final = 64 * 2**20


@dataclass(frozen=True)
class Format:
    """A kind of captured output.

    title: what it is. made_by: the command whose output it is. gives: ids of readings it may hold, or
    the beginnings of ids, separated by blanks. not_read: names what a file holds that no reading is made of.
    """

    id: str
    title: str
    made_by: str
    parse: Callable[[bytes], Sheet]
    gives: str
    not_read: Callable[[bytes], list[str]] | None = None

    def covers(self, reading_id: str) -> bool:
        """Return whether a reading with this id may come from this format."""
        return any(reading_id == given or reading_id.startswith(f"{given}.") for given in self.gives.split())


def _text(parse: Callable[[str], Sheet]) -> Callable[[bytes], Sheet]:
    return lambda data: parse(decode(data))


def _formats(*formats: Format) -> Mapping[str, Format]:
    return {form.id: form for form in formats}


FORMATS: Final = _formats(
    Format(
        "smartctl-json",
        N_("Health of a drive"),
        "smartctl --json --all DEVICE",
        _text(smartctl.parse_json),
        "storage.disk storage.smart",
    ),
    Format(
        "smartctl-text",
        N_("Health of a drive"),
        "smartctl --all DEVICE",
        _text(smartctl.parse_text),
        "storage.disk storage.smart",
    ),
    Format(
        "wmi-list",
        N_("Objects of Windows"),
        "wmic CLASS list, Get-CimInstance CLASS | Format-List *, also in UTF-16",
        wmi_list.parse,
        "system board chassis firmware processor memory storage.disk storage.disk_count storage.volume storage.volume_count storage.smart security.disk_encrypted security.antivirus security.firewall security.password_not_required os devices display power network.interface network.vpn software.updates",
        lambda data: windows_classes.not_read(wmi_list.rows(decode(data))),
    ),
    Format(
        "reg-export",
        N_("Registry of Windows"),
        "reg export KEY FILE",
        registry.parse,
        "os software processor security display devices network.interface network.proxy",
        registry.not_read,
    ),
    Format(
        "powercfg-battery",
        N_("Batteries of Windows"),
        "powercfg /batteryreport, with or without /XML",
        powercfg.parse,
        "power system firmware os.computer_name",
    ),
    Format(
        "powershell-json",
        N_("Objects of Windows"),
        "Get-CimInstance CLASS | ConvertTo-Json",
        powershell_json.parse,
        "system board chassis firmware processor memory storage.disk storage.disk_count storage.volume storage.volume_count storage.smart security os devices display power network.interface network.vpn software.updates",
        powershell_json.not_read,
    ),
    Format(
        "dmidecode",
        N_("Tables of the firmware"),
        "dmidecode",
        _text(dmidecode.parse),
        "system board chassis firmware processor memory power.battery power.supply power.supply_count",
    ),
    Format(
        "edid",
        N_("A monitor"),
        "/sys/class/drm/*/edid, also as hexadecimal text",
        edid.parse,
        "display.monitor",
    ),
    Format(
        "lspci",
        N_("Devices inside"),
        "lspci -vnn, lspci -vmmnnk",
        _text(device_text.parse_lspci),
        "devices display.graphics display.graphics_count",
    ),
    Format(
        "lsusb",
        N_("USB devices"),
        "lsusb, lsusb -v, lsusb -t",
        _text(device_text.parse_lsusb),
        "devices.usb devices.usb_count",
    ),
    Format("upower", N_("Batteries"), "upower -d, upower -i DEVICE", _text(upower.parse), "power"),
    Format(
        "ip",
        N_("Network addresses"),
        "ip addr, ip route, ip -o addr, ip -j addr",
        _text(ip_text.parse_ip),
        "network.interface network.route",
    ),
    Format(
        "iw",
        N_("Wi-Fi"),
        "iw dev X link, iw dev X info, iw dev X scan, iwconfig",
        _text(wifi_text.parse_iw),
        "network.wifi network.interface.mac",
    ),
    Format(
        "iwconfig", N_("Wi-Fi"), "iwconfig", _text(wifi_text.parse_iw), "network.wifi network.interface.mac"
    ),
    Format(
        "nmcli",
        N_("Wi-Fi"),
        "nmcli, nmcli device, nmcli device show, nmcli dev wifi list, also with -t",
        _text(nmcli_text.parse_nmcli),
        "network.wifi network.interface",
    ),
    Format(
        "netsh-wlan",
        N_("Wi-Fi"),
        "netsh wlan show interfaces, networks, profiles",
        _text(wifi_text.parse_netsh),
        "network.wifi network.interface",
    ),
    Format(
        "ipconfig",
        N_("Network addresses"),
        "ipconfig /all",
        _text(windows_text.parse_ipconfig),
        "network.interface os.computer_name",
    ),
    Format(
        "systeminfo",
        N_("A Windows computer"),
        "systeminfo",
        _text(windows_text.parse_systeminfo),
        "os system firmware processor.socket_count memory",
    ),
    Format(
        "system-profiler",
        N_("A Mac"),
        "system_profiler, -json, -xml",
        system_profiler.parse,
        "system firmware os processor memory storage.disk storage.disk_count storage.volume storage.volume_count power display devices software network.interface network.wifi",
    ),
    Format(
        "ioreg",
        N_("A Mac"),
        "ioreg -l",
        _text(ioreg.parse),
        "system devices.usb devices.usb_count display.monitor display.monitor_count power",
    ),
    Format(
        "ifconfig",
        N_("Network addresses"),
        "ifconfig -a, networksetup -listallhardwareports",
        _text(ip_text.parse_ifconfig),
        "network.interface",
    ),
    Format(
        "wdutil", N_("Wi-Fi"), "wdutil info", _text(wifi_text.parse_wdutil), "network.wifi network.interface"
    ),
    Format(
        "gsettings-proxy",
        N_("Proxy settings"),
        "gsettings list-recursively org.gnome.system.proxy",
        _text(lambda text: proxy_text.sheet_of(proxy_text.parse_gsettings(text), "gsettings")),
        "network.proxy",
    ),
    Format(
        "kioslaverc",
        N_("Proxy settings"),
        "~/.config/kioslaverc",
        _text(lambda text: proxy_text.sheet_of(proxy_text.parse_kioslaverc(text), "kioslaverc")),
        "network.proxy",
    ),
    Format(
        "environment",
        N_("Proxy settings"),
        "/etc/environment",
        _text(lambda text: proxy_text.sheet_of(proxy_text.parse_environment(text), "/etc/environment")),
        "network.proxy",
    ),
    Format(
        "scutil-proxy",
        N_("Proxy settings"),
        "scutil --proxy",
        _text(lambda text: proxy_text.sheet_of(proxy_text.parse_scutil(text), "scutil --proxy")),
        "network.proxy",
    ),
    Format(
        "scutil-nc",
        N_("VPN connections"),
        "scutil --nc list",
        _text(lambda text: vpn_text.sheet_of(vpn_text.parse_scutil_nc(text), "scutil --nc list")),
        "network.vpn",
    ),
    Format(
        "nmcli-connections",
        N_("VPN connections"),
        "nmcli -t -f NAME,TYPE,DEVICE,ACTIVE connection show",
        _text(lambda text: vpn_text.sheet_of(vpn_text.parse_nmcli(text), "nmcli connection show")),
        "network.vpn",
    ),
    Format(
        "timedatectl",
        N_("The clock"),
        "timedatectl, timedatectl timesync-status",
        _text(systemd_text.parse_timedatectl),
        "os",
    ),
    Format(
        "systemctl",
        N_("Services"),
        "systemctl, systemctl list-unit-files",
        _text(systemd_text.parse_systemctl),
        "os.services os.service_count os.service_manager",
    ),
    Format(
        "os-release",
        N_("The operating system"),
        "/etc/os-release",
        _text(operating_system.parse_os_release),
        "os",
    ),
    Format("meminfo", N_("Memory"), "/proc/meminfo", _text(memory.parse_meminfo), "memory"),
    Format("cpuinfo", N_("The processor"), "/proc/cpuinfo", _text(processor.parse_cpuinfo), "processor"),
    Format(
        "dpkg-status",
        N_("Installed programs"),
        "/var/lib/dpkg/status",
        _text(software.dpkg_readings),
        "software",
    ),
    Format(
        "lpstat",
        N_("Printers"),
        "lpstat -p -d -v -o",
        _text(lpstat_text.parse),
        "devices.printer devices.printer_count devices.default_printer devices.print_service",
    ),
)


@dataclass(frozen=True)
class FileReading:
    """What was read from one file: its readings, and the checks that can say something of them.

    remark: what the file holds that no reading is made of, in a sentence, "" where all is read.
    """

    format: str
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]
    remark: str = ""


def read(format: str, path: Path, *, now: datetime | None = None) -> FileReading:
    """Return readings and findings of a captured file.

    Raises: InputError for a format that is not in FORMATS, or a file that cannot be read.
    """
    known = FORMATS.get(format)
    if known is None:
        raise InputError(
            _("There is no format called {format}.", format=format),
            advice=_("Choose one of: {formats}.", formats=", ".join(sorted(FORMATS))),
            field="format",
        )
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT_BYTES)
    except OSError as error:
        raise InputError(
            _("The file {path} could not be read: {why}", path=path, why=error.strerror or str(error)),
            advice=_("Check the path and who may read the file."),
            field="path",
        ) from error
    told = judge(format, known.parse(data), now=now)
    return replace(told, remark=_remark(known, data, told))


#: So many names are told; a dump of everything holds hundreds of classes nobody asks about.
MOST_NAMES: Final = 5


def _remark(form: Format, data: bytes, told: FileReading) -> str:
    names = form.not_read(data) if form.not_read else []
    if names:
        more = len(names) - MOST_NAMES
        listed = ", ".join(names[:MOST_NAMES])
        if more > 0:
            listed = ngettext("{names} and {n} more", "{names} and {n} more", more, names=listed)
        return _("No reading is made of: {names}.", names=listed)
    if not told.readings:
        return _(
            "Nothing was read: the file holds nothing that is known of “{made_by}”.", made_by=form.made_by
        )
    return ""


def judge(format: str, sheet: Sheet, *, now: datetime | None = None) -> FileReading:
    """Return a sheet with what the checks say; checks without anything to go by are left out."""
    readings = tuple(sheet)
    reports = [ProbeReport(probe=probe.id, state="ok", duration_s=0.0) for probe in catalogue.probes()]
    findings = runner.judge(readings, reports, at=now or datetime.now(UTC))
    spoken = tuple(f for f in findings if f.verdict is not Verdict.NOT_APPLICABLE)
    return FileReading(format=format, readings=readings, findings=spoken)


def describe() -> str:
    """Return docs/readings.md: every format, every reading, and where each comes from on each system."""
    from techkit.diagnostics import coverage

    rows = [
        "# Readings and captured files",
        "",
        "Derived from `techkit/diagnostics/reading_files.py` and `techkit/probes/declarations.py` by `./dev docs`.",
        "",
        "## Formats of `techkit read FORMAT FILE`",
        "",
        "| format | what | output of | readings |",
        "|---|---|---|---|",
    ]
    rows += [
        f"| `{form.id}` | {form.title} | {form.made_by.replace('|', chr(92) + '|')} | {', '.join(f'`{given}`' for given in form.gives.split())} |"
        for form in FORMATS.values()
    ]
    rows += [
        "",
        "A name such as `storage.smart` stands for every reading below that begins with it.",
        "",
        "## Readings",
        "",
    ]
    rows += ["| id | kind | unit | subject | privacy | meaning |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{d.id}` | {d.kind} | {d.unit} | {d.subject} | {d.privacy if d.privacy != 'none' else ''} | {d.meaning} |"
        for d in sorted(DECLARED.values(), key=lambda d: d.id)
    ]
    rows += [
        "",
        "## Where each reading comes from",
        "",
        "Of `techkit/probes/origins.py`: what a probe asks on each system, or why the system does not give the reading;",
        "then the checks that use it, or why it is taken.",
        "",
        *coverage.table(sorted(DECLARED)),
    ]
    return "\n".join(rows) + "\n"
