"""A check's readings in the GLPI inventory format, for an inventory server the customer already has.

Source: GLPI inventory format, JSON schema "inventory.schema.json" (github.com/glpi-project/inventory_format).
Verdicts have no place in that format; they stay in our own JSON. What was not read is left out, never
guessed. Sizes are in MB of 1024 * 1024 bytes, as that format's own agent counts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from techkit.diagnostics.check import Readings
from techkit.records.findings import CheckResult, Value

_MB = 1024 * 1024

#: Architectures the schema knows, by what systems call them.
_ARCHITECTURES = {"amd64": "x86_64", "x86-64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
_KNOWN_ARCHITECTURE = re.compile(
    r"^(mips|mips64|alpha|sparc|sparc64|m68k|i\d86|x86_64|powerpc|powerpc64|arm.*|aarch64)$"
)
#: States of an interface the schema knows.
_STATES = frozenset({"up", "down", "dormant", "notpresent", "lowerlayerdown", "unknown", "testing"})

Section = list[dict[str, Any]] | dict[str, Any]


def document(result: CheckResult, *, version: str) -> dict[str, Any]:
    """Return the inventory of a result as JSON values; redact the result before.

    version: techkit's own. deviceid is the computer's name with the time of the run, as the format wants.
    """
    readings = Readings(result.readings, result.started_at)
    made: dict[str, Section] = {name: make(readings) for name, make in _SECTIONS.items()}
    name = re.sub(r"[^\w.-]+", "-", result.computer.get("name", "")).strip("-") or "computer"
    return {
        "action": "inventory",
        "deviceid": f"{name}-{result.started_at:%Y-%m-%d-%H-%M-%S}",
        "itemtype": "Computer",
        "content": {"versionclient": f"techkit_v{version}"}
        | {key: part for key, part in made.items() if part},
    }


def _present(**values: Value | None) -> dict[str, Any]:
    """Return what was read; None and "" are left out."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _megabytes(count: float | None) -> int | None:
    return None if count is None else round(count / _MB)


def _whole(count: float | None) -> int | None:
    return None if count is None else round(count)


def _each(readings: Readings, *ids: str) -> list[str]:
    """Return the subjects that have any of the readings, sorted."""
    return sorted({subject for id in ids for subject in readings.subjects(id)})


def _rows(value: Value | None) -> list[dict[str, Any]]:
    """Return the rows of a table reading; anything else has none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _bios(r: Readings) -> dict[str, Any]:
    is_secure = r.flag("security.secure_boot")
    date = r.text("firmware.date") or ""
    return _present(
        smanufacturer=r.text("system.maker"),
        smodel=r.text("system.model"),
        ssn=r.text("system.serial"),
        skunumber=r.text("system.sku"),
        mmanufacturer=r.text("board.maker"),
        mmodel=r.text("board.model"),
        msn=r.text("board.serial"),
        bmanufacturer=r.text("firmware.maker"),
        bversion=r.text("firmware.version"),
        bdate=_date(date),
        assettag=r.text("chassis.asset_tag"),
        enclosureserial=r.text("chassis.serial"),
        secure_boot=None if is_secure is None else "enabled" if is_secure else "disabled",
    )


def _date(text: str) -> str | None:
    """Return a firmware's date (MM/DD/YYYY, SMBIOS 2.3 on) or an ISO date as YYYY-MM-DD."""
    if match := re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text):
        text = f"{match[3]}-{match[1]}-{match[2]}"
    return text if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text) else None


def _hardware(r: Readings) -> dict[str, Any]:
    servers = (r.text("network.resolution.servers") or "").replace(", ", "/")
    return _present(
        name=r.text("os.computer_name"),
        uuid=r.text("system.uuid"),
        chassis_type=r.text("chassis.kind"),
        memory=_megabytes(r.number("memory.total_bytes")),
        swap=_megabytes(r.number("memory.swap_total_bytes")),
        defaultgateway=r.text("network.gateway.address"),
        dns=servers,
        workgroup=r.text("os.domain"),
        vmsystem=r.text("system.hypervisor") or ("Physical" if r.text("system.kind") else None),
    )


def _operating_system(r: Readings) -> dict[str, Any]:
    full_name = " ".join(part for part in (r.text("os.name"), r.text("os.edition")) if part)
    return _present(
        name=r.text("os.name"),
        full_name=full_name,
        version=r.text("os.version"),
        kernel_name={"windows": "win32", "macos": "darwin"}.get(
            r.text("os.family") or "", r.text("os.family")
        ),
        kernel_version=r.text("os.kernel"),
        arch=r.text("os.architecture"),
        install_date=_date(r.text("os.installed_at") or ""),
    )


def _cpus(r: Readings) -> list[dict[str, Any]]:
    plain = (r.text("processor.architecture") or "").lower()
    architecture = _ARCHITECTURES.get(plain, plain)
    return [
        _present(
            name=r.text("processor.name", socket),
            manufacturer=r.text("processor.vendor", socket),
            core=_whole(r.number("processor.cores", socket)),
            corecount=_whole(r.number("processor.cores", socket)),
            thread=_per_core(r, socket),
            familynumber=_number_text(r.number("processor.family", socket)),
            model=_number_text(r.number("processor.model", socket)),
            stepping=_whole(r.number("processor.stepping", socket)),
            arch=architecture if _KNOWN_ARCHITECTURE.match(architecture) else None,
        )
        for socket in _each(r, "processor.name", "processor.cores")
    ]


def _per_core(r: Readings, socket: str) -> int | None:
    cores, threads = r.number("processor.cores", socket), r.number("processor.threads", socket)
    return round(threads / cores) if cores and threads else None


def _number_text(value: float | None) -> str | None:
    return None if value is None else str(round(value))


def _memories(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            caption=slot,
            numslots=number,
            capacity=_megabytes(r.number("memory.module.size_bytes", slot)),
            type=r.text("memory.module.type", slot),
            description=r.text("memory.module.form", slot),
            speed=None
            if (speed := r.number("memory.module.speed_mts", slot)) is None
            else f"{speed:.0f} MT/s",
            manufacturer=r.text("memory.module.maker", slot),
            model=r.text("memory.module.part", slot),
            serialnumber=r.text("memory.module.serial", slot),
        )
        for number, slot in enumerate(_each(r, "memory.module.size_bytes"), 1)
    ]


def _storages(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=disk,
            type="disk",
            model=r.text("storage.disk.model", disk),
            manufacturer=r.text("storage.disk.maker", disk),
            serial=r.text("storage.disk.serial", disk),
            firmware=r.text("storage.disk.firmware", disk),
            interface=r.text("storage.disk.interface", disk),
            description=r.text("storage.disk.kind", disk),
            disksize=_megabytes(r.number("storage.disk.size_bytes", disk)),
            wwn=r.text("storage.disk.wwn", disk),
        )
        for disk in _each(r, "storage.disk.size_bytes", "storage.disk.model")
    ]


def _drives(r: Readings) -> list[dict[str, Any]]:
    is_windows = r.text("os.family") == "windows"
    return [
        _present(
            type=None if is_windows else volume,
            letter=volume if is_windows else None,
            systemdrive=r.flag("storage.volume.is_system", volume) if is_windows else None,
            volumn=r.text("storage.volume.device", volume),
            filesystem=r.text("storage.volume.file_system", volume),
            label=r.text("storage.volume.label", volume),
            serial=r.text("storage.volume.serial", volume),
            total=_megabytes(r.number("storage.volume.total_bytes", volume)),
            free=_megabytes(r.number("storage.volume.free_bytes", volume)),
            encrypt_status=_yes_no(r.flag("security.disk_encrypted", volume)),
        )
        for volume in _each(r, "storage.volume.total_bytes")
    ]


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "Yes" if value else "No"


def _networks(r: Readings) -> list[dict[str, Any]]:
    return [_network(r, name) for name in _each(r, "network.interface.is_up")]


def _network(r: Readings, name: str) -> dict[str, Any]:
    ipv4 = (r.text("network.interface.ipv4", name) or "").split(", ")[0]
    ipv6 = (r.text("network.interface.ipv6", name) or "").split(", ")[0]
    state = r.text("network.interface.operational_state", name)
    is_up, is_wireless = (
        r.flag("network.interface.is_up", name),
        r.flag("network.interface.is_wireless", name),
    )
    speed, is_physical = (
        r.number("network.interface.speed_mbit", name),
        r.flag("network.interface.is_physical", name),
    )
    return _present(
        description=name,
        # A shortened address is none in this format's eyes.
        ipaddress=ipv4 if re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", ipv4) else None,
        ipaddress6=ipv6 if re.fullmatch(r"[0-9a-f:.]+", ipv6) else None,
        mac=r.text("network.interface.mac", name),
        mtu=_whole(r.number("network.interface.mtu", name)),
        speed=_number_text(speed),
        driver=r.text("network.interface.driver", name),
        status=state if state in _STATES else "up" if is_up else "down",
        type="wifi" if is_wireless else "ethernet" if is_physical else None,
        virtualdev=None if is_physical is None else not is_physical,
    )


def _softwares(r: Readings) -> list[dict[str, Any]]:
    table = r.get("software.programs")
    return [
        {
            "name": str(row["name"]),
            **_present(
                version=_text(row.get("version")),
                publisher=_text(row.get("publisher")),
                **{"from": _text(row.get("source"))},
            ),
        }
        for row in _rows(table.value if table else None)
        if row.get("name")
    ]


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def _batteries(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=r.text("power.battery.model", battery) or battery,
            manufacturer=r.text("power.battery.maker", battery),
            serial=r.text("power.battery.serial", battery),
            chemistry=r.text("power.battery.chemistry", battery),
            capacity=_whole(r.number("power.battery.design_mwh", battery)),
            real_capacity=_whole(r.number("power.battery.full_mwh", battery)),
            voltage=_whole(r.number("power.battery.voltage_mv", battery)),
        )
        for battery in _each(r, "power.battery.full_mwh", "power.battery.model")
    ]


def _power_supplies(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=unit,
            manufacturer=r.text("power.supply.maker", unit),
            partnum=r.text("power.supply.model", unit),
            serialnumber=r.text("power.supply.serial", unit),
            power_max=_whole(r.number("power.supply.watts", unit)),
            plugged=r.flag("power.supply.is_plugged", unit),
            status=r.text("power.supply.state", unit),
        )
        for unit in _each(r, "power.supply.model", "power.supply.maker")
    ]


def _monitors(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            caption=r.text("display.monitor.name", port),
            manufacturer=r.text("display.monitor.maker", port),
            serial=r.text("display.monitor.serial", port),
            port=port,
        )
        for port in _each(r, "display.monitor.name", "display.monitor.maker")
    ]


def _videos(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=r.text("display.graphics.name", adapter),
            memory=_megabytes(r.number("display.graphics.memory_bytes", adapter)),
        )
        for adapter in _each(r, "display.graphics.name")
    ]


def _printers(r: Readings) -> list[dict[str, Any]]:
    return [
        {
            "name": printer,
            **_present(
                status=r.text("devices.printer.state", printer),
                driver=r.text("devices.printer.driver", printer),
                port=r.text("devices.printer.address", printer),
            ),
        }
        for printer in _each(r, "devices.printer.state", "devices.printer.driver")
    ]


def _usb(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=r.text("devices.usb.name", port),
            vendorid=_half(r.text("devices.usb.id", port), 0),
            productid=_half(r.text("devices.usb.id", port), 1),
            serial=r.text("devices.usb.serial", port),
        )
        for port in _each(r, "devices.usb.name", "devices.usb.id")
    ]


def _controllers(r: Readings) -> list[dict[str, Any]]:
    return [
        _present(
            name=r.text("devices.pci.name", slot) or r.text("devices.pci.class", slot),
            type=r.text("devices.pci.class", slot),
            driver=r.text("devices.pci.driver", slot),
            vendorid=_half(r.text("devices.pci.id", slot), 0),
            productid=_half(r.text("devices.pci.id", slot), 1),
            pcislot=slot,
        )
        for slot in _each(r, "devices.pci.id", "devices.pci.class")
    ]


def _half(id: str | None, part: int) -> str | None:
    halves = (id or "").split(":")
    return halves[part] if len(halves) == 2 else None


def _sounds(r: Readings) -> list[dict[str, Any]]:
    return [_present(name=r.text("devices.sound.name", card)) for card in _each(r, "devices.sound.name")]


def _antivirus(r: Readings) -> list[dict[str, Any]]:
    table = r.get("security.antivirus")
    return [
        {"name": str(row["name"]), **_flags(row, enabled="is_active", uptodate="is_current")}
        for row in _rows(table.value if table else None)
        if row.get("name")
    ]


def _flags(row: Mapping[str, Any], **names: str) -> dict[str, bool]:
    return {name: row[key] for name, key in names.items() if isinstance(row.get(key), bool)}


def _firewalls(r: Readings) -> list[dict[str, Any]]:
    profiles = _each(r, "security.firewall.profile")
    if profiles:
        return [
            _present(profile=name or None, status=r.text("security.firewall.profile", name))
            for name in profiles
        ]
    is_active = r.flag("security.firewall.active")
    return [] if is_active is None else [{"status": "on" if is_active else "off"}]


def _users(r: Readings) -> list[dict[str, Any]]:
    signed_in = r.get("os.users.signed_in")
    names: Iterable[Any] = signed_in.value if signed_in and isinstance(signed_in.value, list) else ()
    return [{"login": str(name)} for name in names]


_SECTIONS: dict[str, Callable[[Readings], Section]] = {
    "antivirus": _antivirus,
    "batteries": _batteries,
    "powersupplies": _power_supplies,
    "bios": _bios,
    "controllers": _controllers,
    "cpus": _cpus,
    "drives": _drives,
    "firewalls": _firewalls,
    "hardware": _hardware,
    "memories": _memories,
    "monitors": _monitors,
    "networks": _networks,
    "operatingsystem": _operating_system,
    "printers": _printers,
    "softwares": _softwares,
    "sounds": _sounds,
    "storages": _storages,
    "usbdevices": _usb,
    "users": _users,
    "videos": _videos,
}
