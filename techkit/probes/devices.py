"""Printers, USB and PCI devices, sound, Bluetooth, and devices without a driver."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import decimal, line, link_name, number
from techkit.probes.formats import device_text, lpstat_text
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

# --- built-in and attached -------------------------------------------------------------------------

#: PCI class (first byte) → kind. Source: PCI Code and ID Assignment Specification 1.15.
PCI_CLASSES: Final = {
    0x00: "other",
    0x01: "storage",
    0x02: "network",
    0x03: "display",
    0x04: "multimedia",
    0x05: "memory",
    0x06: "bridge",
    0x07: "communication",
    0x08: "system",
    0x09: "input",
    0x0C: "serial bus",
    0x0D: "wireless",
    0x10: "encryption",
    0x12: "accelerator",
}
#: Kinds that do nothing for anybody without a driver.
NEED_A_DRIVER: Final = frozenset({"storage", "network", "display", "multimedia", "wireless"})


def read_attached(access: Access) -> Iterable[Reading]:
    """Yield the PCI, USB, sound and Bluetooth devices, and those without a driver."""
    if access.platform is Platform.WINDOWS:
        return access_windows.attached(access)
    if access.platform is Platform.MACOS:
        return access_macos.attached(access)
    sheet = Sheet("/sys/bus/pci/devices")
    without: list[dict[str, str]] = _pci(access, sheet)
    _usb(access, sheet)
    sheet.add("devices.missing_drivers", without, source="/sys/bus/pci/devices/*/driver")
    sheet.add("devices.problem_count", len(without), source="/sys/bus/pci/devices/*/driver")
    _virtual_and_input(access, sheet)
    _sound(access, sheet)
    _bluetooth(access, sheet)
    _watchdogs_and_optical(access, sheet)
    return sheet


def _virtual_and_input(access: Access, sheet: Sheet) -> None:
    for name in access.names("/sys/bus/virtio/devices"):
        sheet.add(
            "devices.virtual.driver",
            link_name(access, f"/sys/bus/virtio/devices/{name}/driver"),
            subject=name,
            source="/sys/bus/virtio/devices",
        )
    for name in access.names("/sys/class/input"):
        if re.fullmatch(r"input\d{1,4}", name):
            sheet.add(
                "devices.input",
                line(access, f"/sys/class/input/{name}/name"),
                subject=name,
                source=f"/sys/class/input/{name}/name",
            )


def _sound(access: Access, sheet: Sheet) -> None:
    cards = [n for n in access.names("/proc/asound") if re.fullmatch(r"card\d{1,3}", n)]
    sheet.add("devices.sound_count", len(cards), source="/proc/asound")
    for name in cards:
        sheet.add(
            "devices.sound.name", line(access, f"/proc/asound/{name}/id"), subject=name, source="/proc/asound"
        )


def _bluetooth(access: Access, sheet: Sheet) -> None:
    radios = [n for n in access.names("/sys/class/bluetooth") if re.fullmatch(r"hci\d{1,3}", n)]
    sheet.add("devices.bluetooth_count", len(radios), source="/sys/class/bluetooth")
    for name in radios:
        sheet.add(
            "devices.bluetooth.state", _radio_state(access, name), subject=name, source="/sys/class/bluetooth"
        )


def _watchdogs_and_optical(access: Access, sheet: Sheet) -> None:
    for name in access.names("/sys/class/watchdog"):
        sheet.add(
            "devices.watchdog",
            line(access, f"/sys/class/watchdog/{name}/identity") or name,
            subject=name,
            source="/sys/class/watchdog",
        )
    for name in access.names("/sys/block"):
        if re.fullmatch(r"sr\d{1,2}", name):
            sheet.add(
                "devices.optical.name",
                line(access, f"/sys/block/{name}/device/model"),
                subject=name,
                source=f"/sys/block/{name}",
            )


def _pci(access: Access, sheet: Sheet) -> list[dict[str, str]]:
    base = "/sys/bus/pci/devices"
    without: list[dict[str, str]] = []
    slots = access.names(base)
    # A computer may really have no PCI (small Arm boards, some virtual machines).
    sheet.add("devices.pci_count", len(slots))
    ids = {}
    for slot in slots:
        vendor, device = (
            line(access, f"{base}/{slot}/{name}").removeprefix("0x") for name in ("vendor", "device")
        )
        ids[slot] = (vendor, device)
    names = _pci_names(access, set(ids.values()))
    graphics = 0
    kinds = {
        slot: PCI_CLASSES.get((number(access, f"{base}/{slot}/class") or 0) >> 16, "other") for slot in slots
    }
    for slot, kind in kinds.items():
        driver = link_name(access, f"{base}/{slot}/driver")
        vendor, device = ids[slot]
        name = names.get((vendor, device), f"{kind} {vendor}:{device}")
        sheet.add("devices.pci.name", name, subject=slot)
        sheet.add("devices.pci.id", f"{vendor}:{device}", subject=slot)
        sheet.add("devices.pci.class", kind, subject=slot)
        sheet.add("devices.pci.driver", driver, subject=slot)
        if device_text.is_second_head(slot, kinds):
            continue
        if kind == "display":
            graphics += 1
            sheet.add("display.graphics.name", name, subject=slot)
            sheet.add("display.graphics.driver", driver, subject=slot)
        if not driver and kind in NEED_A_DRIVER:
            without.append({"name": name, "id": f"{vendor}:{device}", "problem": "no driver"})
    sheet.add("display.graphics_count", graphics)
    return without


def _pci_names(access: Access, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return names of devices from the system's pci.ids; empty where it has none."""
    content = access.text_or("/usr/share/misc/pci.ids") or access.text_or("/usr/share/hwdata/pci.ids")
    found: dict[tuple[str, str], str] = {}
    vendor_id = vendor = ""
    vendors = {pair[0] for pair in wanted}
    for row in content.splitlines() if wanted else []:
        if row[:1] not in ("\t", "#", ""):
            vendor_id, _gap, vendor = row.partition("  ")
        elif vendor_id in vendors and row[:1] == "\t" and row[1:2] != "\t":
            device_id, _gap, device = row[1:].partition("  ")
            if (vendor_id, device_id) in wanted:
                found[vendor_id, device_id] = f"{vendor} {device}"
    return found


def _usb(access: Access, sheet: Sheet) -> None:
    base = "/sys/bus/usb/devices"
    ports = [n for n in access.names(base) if re.fullmatch(r"\d{1,3}-\d{1,3}(?:\.\d{1,3})*", n)]
    sheet.add("devices.usb_count", len(ports), source=base)
    for port in ports:
        where = f"{base}/{port}"
        maker, product = line(access, f"{where}/manufacturer"), line(access, f"{where}/product")
        sheet.add("devices.usb.name", f"{maker} {product}".strip(), subject=port, source=where)
        sheet.add(
            "devices.usb.id",
            f"{line(access, f'{where}/idVendor')}:{line(access, f'{where}/idProduct')}",
            subject=port,
            source=where,
        )
        sheet.add(
            "devices.usb.speed_mbits", decimal(line(access, f"{where}/speed")), subject=port, source=where
        )
        sheet.add("devices.usb.serial", line(access, f"{where}/serial"), subject=port, source=where)


def _radio_state(access: Access, name: str) -> str:
    for switch in access.names(f"/sys/class/bluetooth/{name}"):
        if switch.startswith("rfkill"):
            where = f"/sys/class/bluetooth/{name}/{switch}"
            if number(access, f"{where}/hard") or number(access, f"{where}/soft"):
                return "blocked"
    return "on"


ATTACHED: Final = Probe(
    id="devices.attached",
    title=N_("Looking at devices"),
    read=read_attached,
    gives=(
        "devices.pci",
        "devices.pci_count",
        "devices.pci.",
        "devices.usb_count",
        "devices.usb.",
        "devices.missing_drivers",
        "devices.problem_count",
        "devices.virtual.",
        "devices.input",
        "devices.sound_count",
        "devices.sound.",
        "devices.bluetooth_count",
        "devices.bluetooth.",
        "devices.watchdog",
        "devices.optical.",
        "display.graphics_count",
        "display.graphics.",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

# --- printers --------------------------------------------------------------------------------------

#: State of all printers and their queues, without asking a printer itself.
LPSTAT: Final = Command(("lpstat", "-p", "-d", "-v", "-o"), limit_s=3.0)


#: What lpstat says where no printer is set up; on macOS in the person's language. Source: translations of CUPS 2.4.
NO_PRINTERS: Final = (
    "no destinations",
    "keine druckziele",
    "aucune destination",
    "no se han añadido destinos",
    "nessuna destinazione",
    "não foi adicionado um destino",
    "nie dodano punktów docelowych",
    "нет добавленных назначений",
    "inga mål tillagda",
    "追加された宛先はありません",
    "未添加目标",
)

#: What lpstat says when nobody answers. Source: CUPS 2.2 to 2.4, lpstat and libcups.
STOPPED_SERVICE: Final = (
    "scheduler is not running",
    "zeitplandienst läuft nicht",
    "el planificador no se está ejecutando",
    "lo scheduler non è in funzione",
    "connection refused",
    "bad file descriptor",
    "transport endpoint",
)


def read_printers(access: Access) -> Iterable[Reading]:
    """Yield printers, their state and their waiting jobs.

    Raises: ProbeError not_present where no print service is installed.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.printers(access)
    if access.platform is Platform.LINUX and not access.exists("/etc/cups"):
        sheet = Sheet("/etc/cups")
        sheet.add("devices.printer_count", 0)
        return sheet
    output = access.run(LPSTAT)
    trouble = output.error_text.casefold()
    if output.code != 0 and any(words in trouble for words in STOPPED_SERVICE):
        sheet = Sheet("lpstat")
        sheet.add("devices.print_service", "stopped")
        return sheet
    if output.code != 0 and not any(words in trouble for words in NO_PRINTERS):
        why = output.error_text[:160] or _("The print service did not answer.")
        return [missing("devices.print_service", reason=Reason.FAILED, text=why)]
    access.keep(output.text[:1500])
    return lpstat_text.parse(output.text)


PRINTERS: Final = Probe(
    id="devices.printers",
    title=N_("Looking at printers"),
    read=read_printers,
    gives=("devices.printer_count", "devices.printer.", "devices.default_printer", "devices.print_service"),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (ATTACHED, PRINTERS)
