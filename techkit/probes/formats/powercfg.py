"""The battery report of Windows: `powercfg /batteryreport`, as XML and as the page it writes by default.

Source: schema battery/2012. The page is English everywhere; only its numbers follow the region.
"""

from __future__ import annotations

import re
from typing import Final

from techkit.probes.formats.battery import capacities
from techkit.probes.formats.decode import decode
from techkit.probes.formats.memory_makers import part_of
from techkit.probes.sheet import Sheet

_KINDS: Final = {"Mobile": "notebook", "Slate": "tablet", "Desktop": "desktop"}

#: Makers of computers with batteries as their firmware writes them; the page has one text for maker and model.
_MAKERS: Final = (
    r"(Acer|Alienware|Apple Inc\.|ASRock|ASUSTeK COMPUTER INC\.|ASUS|Dell Inc\.|Dynabook Inc\.|FUJITSU(?: CLIENT COMPUTING LIMITED)?|Framework|GIGABYTE|Gigabyte Technology Co\., Ltd\."
    r"|Google|Hewlett-Packard|HP|HONOR|HUAWEI|Lenovo|LG Electronics|MECHREVO|Medion|Micro-Star International Co\., Ltd\.?|Microsoft Corporation"
    r"|NEC|Packard Bell|Panasonic Corporation|Razer|SAMSUNG ELECTRONICS CO\., LTD\.|Sony Corporation|TIMI|TOSHIBA|XIAOMI) "
)

#: A report of a year has about 2 MB.
SIZE_LIMIT: Final = 32 * 2**20


def parse(content: str | bytes) -> Sheet:
    """Return the readings of a report.

    Only a few flat elements are wanted, so they are found as text: no XML parser, no entities.
    """
    text = (decode(content[:SIZE_LIMIT]) if isinstance(content, bytes) else content)[:SIZE_LIMIT]
    sheet = Sheet("powercfg /batteryreport")
    if "<BatteryReport" not in text and re.search(r"<html", text[:4000], re.IGNORECASE):
        _page(sheet, text)
        return sheet
    system = _inside(text, "SystemInformation")
    sheet.add("os.computer_name", _element(system, "ComputerName"))
    sheet.add("system.maker", _element(system, "SystemManufacturer"))
    sheet.add("system.model", _element(system, "SystemProductName"))
    sheet.add("firmware.version", _element(system, "BIOSVersion"))
    sheet.add("firmware.date", _element(system, "BIOSDate"))
    sheet.add("system.kind", _KINDS.get(_element(system, "PlatformRole"), ""))
    batteries = re.findall(r"<Battery>(.{0,20000}?)</Battery>", _inside(text, "Batteries"), re.DOTALL)
    for place, part in enumerate(batteries[:16]):
        name = str(place)
        sheet.add("power.battery.model", part_of(_element(part, "Id")), subject=name)
        sheet.add("power.battery.maker", _element(part, "Manufacturer"), subject=name)
        sheet.add("power.battery.serial", _element(part, "SerialNumber"), subject=name)
        sheet.add("power.battery.chemistry", _element(part, "Chemistry"), subject=name)
        sheet.add("power.battery.cycles", _number(part, "CycleCount") or None, subject=name)
        # RelativeCapacity 1: the capacities are percentages, not milliwatt hours.
        if _number(part, "RelativeCapacity") != 1:
            capacities(sheet, name, _number(part, "DesignCapacity"), _number(part, "FullChargeCapacity"))
    if batteries:
        sheet.add("power.battery_count", len(batteries))
    return sheet


#: The tables of the computer and its batteries end long before this.
_TABLES_LIMIT: Final = 500_000

#: The capacities of the history below bear the same names as those of the batteries.
_HISTORY: Final = re.compile(
    r">\s*(?:Recent usage|Battery usage|Battery capacity history)\s*<", re.IGNORECASE
)


def _page(sheet: Sheet, text: str) -> None:
    """Read the tables of a page: the computer's, then a column for each battery."""
    history = _HISTORY.search(text)
    fields: dict[str, list[str]] = {}
    tables = text[: min(history.start() if history else _TABLES_LIMIT, _TABLES_LIMIT)]
    for row in tables.split("<tr")[1:]:
        cells = [
            _plain(cell.partition(">")[2])
            for cell in re.split(r"<t[dh]\b", row.partition("</tr>")[0][:20_000])[1:]
        ]
        if len(cells) > 1 and cells[0]:
            fields.setdefault(cells[0].upper(), cells[1:])

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    sheet.add("os.computer_name", one("COMPUTER NAME"))
    maker, model = _maker_and_model(one("SYSTEM PRODUCT NAME"))
    sheet.add("system.maker", maker)
    sheet.add("system.model", model)
    version = re.match(r"(.*?) (\d\d/\d\d/\d{4})$", one("BIOS"))
    sheet.add("firmware.version", version[1] if version else one("BIOS"))
    sheet.add("firmware.date", version[2] if version else "")
    sheet.add("system.kind", _KINDS.get(one("PLATFORM ROLE"), ""))
    count = len(fields.get("DESIGN CAPACITY", []))
    for place in range(min(count, 16)):
        held = {key: cells[place] for key, cells in fields.items() if place < len(cells)}
        name = str(place)
        sheet.add("power.battery.model", part_of(held.get("NAME", "")), subject=name)
        for id, key in (
            ("maker", "MANUFACTURER"),
            ("serial", "SERIAL NUMBER"),
            ("chemistry", "CHEMISTRY"),
        ):
            sheet.add(f"power.battery.{id}", held.get(key), subject=name)
        cycles = re.sub(r"\D", "", held.get("CYCLE COUNT", ""))
        sheet.add(
            "power.battery.cycles", int(cycles[:9]) if cycles and int(cycles[:9]) else None, subject=name
        )
        capacities(
            sheet,
            name,
            _milliwatt_hours(held.get("DESIGN CAPACITY", "")),
            _milliwatt_hours(held.get("FULL CHARGE CAPACITY", "")),
        )
    if count:
        sheet.add("power.battery_count", count)


def _maker_and_model(product: str) -> tuple[str, str]:
    """Return the maker the page writes before the model's name, "" where it is none of those known, and the rest."""
    maker = re.match(_MAKERS, product, re.IGNORECASE)
    return (maker[1], product[maker.end() :]) if maker else ("", product)


def _plain(cell: str) -> str:
    return " ".join(_unescaped(re.sub(r"<[^>]{0,400}>", " ", cell)).split())


def _milliwatt_hours(text: str) -> int | None:
    """Return the number of "57,532 mWh", "57.532 mWh", "57 532 mWh"."""
    match = re.fullmatch(r"(\d{1,3}(?:\D?\d{3}){0,4}|\d{1,9}) ?mWh", text)
    return int(re.sub(r"\D", "", match[1])) if match else None


def _inside(text: str, name: str) -> str:
    start, end = text.find(f"<{name}>"), text.find(f"</{name}>")
    return text[start:end] if 0 <= start < end else ""


def _element(text: str, name: str) -> str:
    match = re.search(rf"<{name}>([^<]{{0,400}})</{name}>", text)
    if not match:
        return ""
    return _unescaped(match[1].strip())


def _unescaped(value: str) -> str:
    for entity, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ):
        value = value.replace(entity, sign)
    return value


def _number(text: str, name: str) -> int | None:
    value = _element(text, name)
    return int(value) if re.fullmatch(r"\d{1,9}", value) else None
