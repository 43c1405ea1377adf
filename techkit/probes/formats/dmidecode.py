"""What dmidecode prints of the firmware's tables, from version 2.0 on.

"Unknown", "Not Specified" and the makers' placeholders are never values. A structure begins with
"Handle 0x…"; its type stands in that line or the next, and in a copy without handles (-q) its title tells it. Old
versions call two fields differently.
Source: SMBIOS Reference Specification 3.7, numbers of the structure types; dmidecode's output.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from techkit.probes.access_linux import whole
from techkit.probes.formats.battery import capacities
from techkit.probes.formats.hypervisors import hypervisor_of
from techkit.probes.formats.macos.computer import kind_of
from techkit.probes.formats.memory_makers import maker_of, part_of
from techkit.probes.sheet import Sheet, is_placeholder

#: Chassis names as dmidecode writes them → kind of computer. Source: SMBIOS 7.4.1.
CHASSIS: Final = {
    "desktop": "desktop", "low profile desktop": "desktop", "pizza box": "desktop", "mini tower": "desktop",
    "tower": "desktop", "all in one": "desktop", "space-saving": "desktop", "lunch box": "desktop", "sealed-case pc": "desktop", "mini pc": "desktop", "stick pc": "desktop",
    "portable": "notebook", "laptop": "notebook", "notebook": "notebook", "sub notebook": "notebook",
    "embedded pc": "desktop", "iot gateway": "desktop",
    "convertible": "notebook", "detachable": "notebook", "hand held": "tablet", "tablet": "tablet",
    "main server chassis": "server", "rack mount chassis": "server", "blade": "server", "blade enclosing": "server",
    "multi-system": "server",
}  # fmt: skip

#: The titles of the structures that are read → their SMBIOS type, for copies without the lines of handles (dmidecode -q).
TITLES: Final = {
    "BIOS Information": 0, "System Information": 1, "Base Board Information": 2, "Chassis Information": 3,
    "Processor Information": 4, "Memory Module Information": 6, "Physical Memory Array": 16, "Memory Device": 17,
    "Portable Battery": 22, "System Power Supply": 39,
}  # fmt: skip

#: Most structures of one table that are read; a large server has about 400.
STRUCTURE_LIMIT: Final = 10_000


@dataclass
class Structure:
    """One structure: its SMBIOS type (-1 unknown), its fields, and lists below a field."""

    type: int = -1
    fields: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def value(self, *names: str) -> str:
        """Return the first field that holds a value, "" for none."""
        for name in names:
            found = self.fields.get(name, "")
            if found and not is_placeholder(found):
                return found
        return ""


def structures(content: str) -> list[Structure]:
    """Return the structures of a table in its order."""
    found: list[Structure] = []
    current: Structure | None = None
    key = ""
    depth = 0
    is_new = True
    for row in content.splitlines():
        bare = row.strip()
        begins, is_new = is_new and bool(bare) and row[:1] == bare[:1], not bare
        type_by_title = TITLES.get(bare, -1) if row.startswith(bare) else -1
        if bare.startswith("Handle 0x"):
            begins = True
        elif type_by_title >= 0:
            begins = current is None or bool(current.fields) or current.type not in (-1, type_by_title)
        else:
            begins = begins and current is not None and bool(current.fields) and ":" not in bare
        if begins:
            if len(found) >= STRUCTURE_LIMIT:
                break
            current = Structure(type=type_by_title)
            found.append(current)
            key = ""
        if current is None:
            continue
        kind = re.search(r"DMI type (\d{1,3})\b", bare)
        if kind and current.type < 0:
            current.type = int(kind[1])
            continue
        if current.type < 0:
            current.type = type_by_title
        indent = len(row) - len(row.lstrip())
        name, mark, value = bare.partition(":")
        if mark and (not key or indent <= depth):
            key, depth = name.strip(), indent
            current.fields.setdefault(key, value.strip())
        elif bare and key and indent > depth:
            current.lists.setdefault(key, []).append(bare)
    return found


def parse(content: str, *, source: str = "dmidecode") -> Sheet:
    """Return the readings of a table; an empty sheet where there is none."""
    return readings(structures(content), source=source)


def readings(found: list[Structure], *, source: str = "dmidecode") -> Sheet:
    """Return the readings of structures, however they were read."""
    sheet = Sheet(source)
    for structure in found:
        if structure.type == 0:
            _firmware(sheet, structure)
        elif structure.type == 1:
            _texts(
                sheet,
                "system",
                structure,
                {
                    "maker": ("Manufacturer", "Vendor"),
                    "model": ("Product Name", "Product"),
                    "version": ("Version",),
                    "serial": ("Serial Number",),
                    "uuid": ("UUID",),
                    "sku": ("SKU Number",),
                    "family": ("Family",),
                },
            )
        elif structure.type == 2 and sheet.value("board.model") is None:
            _texts(
                sheet,
                "board",
                structure,
                {
                    "maker": ("Manufacturer", "Vendor"),
                    "model": ("Product Name", "Product"),
                    "version": ("Version",),
                    "serial": ("Serial Number",),
                },
            )
        elif structure.type == 3 and sheet.value("chassis.kind") is None:
            _texts(
                sheet,
                "chassis",
                structure,
                {
                    "maker": ("Manufacturer", "Vendor"),
                    "kind": ("Type", "Chassis Type"),
                    "serial": ("Serial Number",),
                    "asset_tag": ("Asset Tag",),
                },
            )
    _kind(sheet, has_battery=any(s.type == 22 and s.value("Manufacturer", "Name") for s in found))
    _processors(sheet, [s for s in found if s.type == 4])
    devices = [s for s in found if s.type == 17 and s.fields]
    _memory(sheet, [s for s in found if s.type == 16], devices)
    if not devices:
        _old_modules(sheet, [s for s in found if s.type == 6])
    _batteries(sheet, [s for s in found if s.type == 22])
    _supplies(sheet, [s for s in found if s.type == 39])
    return sheet


def _texts(sheet: Sheet, topic: str, structure: Structure, names: dict[str, tuple[str, ...]]) -> None:
    for name, fields in names.items():
        if sheet.value(f"{topic}.{name}") is None:
            sheet.add(f"{topic}.{name}", structure.value(*fields))


def _firmware(sheet: Sheet, structure: Structure) -> None:
    _texts(
        sheet,
        "firmware",
        structure,
        {"maker": ("Vendor",), "version": ("Version",), "date": ("Release Date", "Release")},
    )
    features = structure.lists.get("Characteristics", [])
    if "UEFI is supported" in features:
        sheet.add("firmware.mode", "uefi")


def _kind(sheet: Sheet, *, has_battery: bool) -> None:
    names = ("system.maker", "system.model", "firmware.maker", "board.maker")
    virtual = hypervisor_of(*(str(sheet.value(id) or "") for id in names))
    sheet.add("system.hypervisor", virtual)
    chassis = str(sheet.value("chassis.kind") or "").casefold()
    model = str(sheet.value("system.model") or "")
    is_mac = str(sheet.value("system.maker")).startswith("Apple")
    # Apple's firmware calls the chassis of a Mac mini of 2014 and of an iMac of 2015 a notebook's.
    kind = (kind_of(model) if is_mac else "") or CHASSIS.get(chassis) or ("notebook" if has_battery else "")
    sheet.add("system.kind", "virtual" if virtual else kind)


def _processors(sheet: Sheet, found: list[Structure]) -> None:
    count = 0
    fitted = [s for s in found if not s.fields.get("Status", "").startswith("Unpopulated")]
    kinds = [s.fields.get("Type", s.fields.get("Processor Type", "Central Processor")) for s in fitted]
    # Where the firmware calls none central (ARM boards: "Other"), those it lists are.
    wanted = ("Central Processor",) if "Central Processor" in kinds else ("Other", "Unknown")
    filled = [structure for structure, kind in zip(fitted, kinds, strict=True) if kind in wanted]
    # Virtual machines list a hundred sockets that are switched off; of a computer that runs, not all can be.
    running = [structure for structure in filled if "Disabled By" not in structure.fields.get("Status", "")]
    if str(sheet.value("system.maker")).startswith("Apple"):
        running = _sockets(running)
    for structure in running or filled[:1]:
        version = structure.value("Version", "Processor Version")
        subject = structure.value("Socket Designation") or str(count)
        if (
            sheet.value("processor.vendor", subject) is not None
            or sheet.value("processor.name", subject) is not None
        ):
            subject = f"{subject} {count}"
        count += 1

        def add(name: str, value: object, subject: str = subject) -> None:
            sheet.add(f"processor.{name}", value, subject=subject)

        # A firmware may write its own name into the version ("00/00", "Not Installed").
        add(
            "name",
            version
            if re.search(r"[A-Za-z]{3}", version) and version != "Not Installed"
            else re.sub("^Other$", "", structure.value("Family")),
        )
        add("vendor", structure.value("Manufacturer", "Processor Manufacturer"))
        add("cores", whole(structure.value("Core Count")) or None)
        threads = whole(structure.value("Thread Count"))
        cores = whole(structure.value("Core Count")) or 0
        add("threads", threads if threads and threads >= cores else None)
        # Firmware that never measured writes anything here (48 MHz, 54522 MHz).
        for name, place in (("frequency_mhz", "Current Speed"), ("frequency_max_mhz", "Max Speed")):
            mhz = _leading(structure.value(place), "MHz")
            add(name, mhz if mhz and 60 <= mhz < 10_000 else None)
        signature = re.search(
            r"Family (\d{1,4}), Model (\d{1,4}), Stepping (\d{1,3})", structure.fields.get("Signature", "")
        )
        for name, value in zip(
            ("family", "model", "stepping"), signature.groups() if signature else (), strict=False
        ):
            add(name, int(value))
    if count:
        sheet.add("processor.socket_count", count)


def _sockets(listed: list[Structure]) -> list[Structure]:
    """Return one structure for each socket of a Mac, which lists it for each thread: "U2E1", or " CPU-A (03)"."""
    first: dict[str, Structure] = {}
    for structure in listed:
        first.setdefault(
            re.sub(r" ?\( ?\d{1,2} ?\)$", "", structure.fields.get("Socket Designation", "")), structure
        )
    return list(first.values())


def _leading(text: str, unit: str) -> float | None:
    match = re.match(rf"(\d{{1,6}}(?:\.\d{{1,3}})?) ?{unit}", text)
    return float(match[1]) if match and float(match[1]) > 0 else None


def size_of(text: str) -> int | None:
    """Return the bytes of "8192 MB", "16 GB", "512 kB"; 0 for an empty slot, None for anything else."""
    if text.startswith(("No Module Installed", "Not Installed")):
        return 0
    match = re.match(r"(\d{1,9}) ?(bytes|[kKMGT](?:i?B|byte))\b", text)
    if not match:
        return None
    power = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4}[match[2][0].casefold()]
    return int(match[1]) << (10 * power)


def _memory(sheet: Sheet, arrays: list[Structure], devices: list[Structure]) -> None:
    system = [a for a in arrays if a.fields.get("Use", "System Memory") == "System Memory"]
    slots = sum(whole(a.value("Number Of Devices", "Number of Devices")) or 0 for a in system)
    largest = sum(size_of(a.value("Maximum Capacity")) or 0 for a in system)
    kinds = {a.value("Error Correction Type") for a in system} - {""}
    plain = {a.fields.get("Error Correction Type") for a in system} == {"None"}
    sheet.add("memory.ecc.kind", "no correction" if plain else ", ".join(sorted(kinds)))
    filled = total = 0
    for place, structure in enumerate(devices):
        size = size_of(structure.fields.get("Size", ""))
        slot = structure.value("Locator", "Socket Designation") or f"slot {place}"
        bank = structure.value("Bank Locator", "Bank")
        if sheet.value("memory.module.size_bytes", slot) is not None:
            slot = f"{slot} {bank or place}"
        if sheet.value("memory.module.size_bytes", slot) is not None:
            slot = f"{slot} {place}"
        if size is None or "Flash" in structure.fields.get("Type", ""):
            continue
        _module(sheet, structure, slot, bank, size)
        filled += size > 0
        total += size
    # Some firmware lists more modules than slots, and more memory than it says the board takes.
    sheet.add("memory.slot_count", max(slots, filled) or None)
    sheet.add("memory.max_bytes", largest if largest >= max(total, 1) else None)
    if devices:
        sheet.add("memory.module_count", filled)
        sheet.add("memory.installed_bytes", total or None)


def _old_modules(sheet: Sheet, modules: list[Structure]) -> None:
    """Give the modules of a firmware older than SMBIOS 2.1 (section 7.7, type 6)."""
    sizes: dict[str, int] = {}
    for place, structure in enumerate(modules):
        size = size_of(structure.fields.get("Enabled Size", structure.fields.get("Installed Size", "")))
        if size is not None:
            sizes[structure.value("Socket Designation", "Socket") or f"slot {place}"] = size
    for slot, size in sizes.items():
        sheet.add("memory.module.size_bytes", size, subject=slot)
    if any(sizes.values()):
        sheet.add("memory.slot_count", len(sizes))
        sheet.add("memory.module_count", sum(size > 0 for size in sizes.values()))
        sheet.add("memory.installed_bytes", sum(sizes.values()))


def _module(sheet: Sheet, structure: Structure, slot: str, bank: str, size: int) -> None:
    def add(name: str, value: object) -> None:
        sheet.add(f"memory.module.{name}", value, subject=slot)

    add("size_bytes", size)
    add("bank", bank)
    add("form", structure.value("Form Factor"))
    if not size:
        return  # what stands there of an empty slot is made up ("Manufacturer01")
    add("type", structure.value("Type"))
    for name, places in (
        ("speed_mts", ("Speed",)),
        ("configured_mts", ("Configured Memory Speed", "Configured Clock Speed")),
    ):
        speed = _leading(structure.value(*places), "M(?:T/s|Hz)")
        add(name, speed if speed and 60 <= speed < 20_000 else None)
    told = {key: structure.value(key) for key in ("Manufacturer", "Part Number", "Serial Number")}
    told = {key: value if value.strip("0") else "" for key, value in told.items()}
    add("maker", maker_of(told["Manufacturer"]))
    add("part", part_of(told["Part Number"]))
    add("serial", told["Serial Number"])


def _batteries(sheet: Sheet, found: list[Structure]) -> None:
    for structure in found:
        if not (structure.value("Manufacturer") or structure.value("Name")):
            continue  # the reference firmware's make-believe
        name = structure.value("Name") or structure.value("Location") or "0"
        design = _leading(structure.value("Design Capacity"), "mWh")
        sheet.add("power.battery.model", structure.value("Name"), subject=name)
        sheet.add("power.battery.maker", structure.value("Manufacturer"), subject=name)
        sheet.add(
            "power.battery.serial", structure.value("Serial Number", "SBDS Serial Number"), subject=name
        )
        sheet.add("power.battery.chemistry", structure.value("Chemistry", "SBDS Chemistry"), subject=name)
        capacities(sheet, name, int(design) if design else None, None)


#: "Present, Critical" → the reading. Source: SMBIOS 7.40.1, bits 9 to 7; what is unknown is no state.
_SUPPLY_STATES: Final = {"ok": "ok", "non-critical": "warning", "critical": "failed"}


def _supplies(sheet: Sheet, found: list[Structure]) -> None:
    """Add the power supply units that are fitted; boards that only copied the table name neither maker nor part.

    Of a computer with a battery the table tells of its adapter, or what the reference firmware made up.
    """
    if sheet.value("system.kind") in ("notebook", "tablet", "virtual"):
        return
    count = 0
    # Of a computer that runs, one unit at least is plugged in; firmware that says none is did not look.
    looked = any(s.fields.get("Plugged") == "Yes" and s.value("Status").startswith("Present") for s in found)
    for structure in found:
        status = structure.fields.get("Status", "").casefold()
        part, maker = structure.value("Model Part Number"), structure.value("Manufacturer")
        if not status.startswith("present") or not (part or maker):
            continue
        unit = structure.value("Location", "Name") or str(count)
        if sheet.value("power.supply.model", unit) or sheet.value("power.supply.maker", unit):
            unit = f"{unit} {count}"
        count += 1

        def add(name: str, value: object, unit: str = unit) -> None:
            sheet.add(f"power.supply.{name}", value, subject=unit)

        add("model", part or structure.value("Name"))
        add("maker", maker)
        add("serial", structure.value("Serial Number"))
        watts = _leading(structure.value("Max Power Capacity"), "W")
        # dmidecode before 2.12 took the watts for thousandths: "0.460 W".
        add("watts", round(watts * 1000 if watts < 10 else watts) if watts and watts < 10_000 else None)
        add("state", _SUPPLY_STATES.get(status.partition(",")[2].strip(), ""))
        plugged = {"Yes": True, "No": False}.get(structure.fields.get("Plugged", ""))
        add("is_plugged", plugged if looked else None)
    if count:
        sheet.add("power.supply_count", count)
