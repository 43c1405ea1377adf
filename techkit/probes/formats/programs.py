"""A list of programs, whatever it came from, as readings: office suites, browsers, duplicates.

A program is {"name", "version", "publisher", "source"}, all texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.sheet import Sheet

Program = dict[str, str]


def program_readings(programs: Sequence[Program], source: str) -> Sheet:
    """Return the readings about a list of programs."""
    sheet = Sheet(source)
    ordered = sorted(programs, key=lambda p: (p["name"].casefold(), p["version"]))
    sheet.add("software.programs", ordered)
    sheet.add("software.count", len(ordered))
    sheet.add("software.office", known(ordered, OFFICE))
    sheet.add("software.browsers", known(ordered, BROWSERS))
    sheet.add("software.duplicates", duplicates(ordered))
    return sheet


def duplicates(programs: Sequence[Program]) -> list[str]:
    """Return programs chosen by somebody that are there twice, from two sources or versions."""
    seen: dict[str, set[tuple[str, str]]] = {}
    for program in programs:
        if not program["source"].endswith("_system"):
            key = re.sub(r"[^a-z0-9]+", "", program["name"].casefold())
            seen.setdefault(key, set()).add((program["source"], program["version"]))
    names = {re.sub(r"[^a-z0-9]+", "", p["name"].casefold()): p["name"] for p in programs}
    return sorted(
        names[key]
        for key, places in seen.items()
        if len({source for source, _version in places}) > 1
        and {s for s, _v in places} != {"registry", "registry32"}
    )


# --- office suites and browsers --------------------------------------------------------------------

#: Name pattern → product of the end of life data ("" when it looks after itself).
OFFICE: Final[Mapping[str, str]] = {
    r"^libreoffice(?:-core|-common)?$|^LibreOffice\b": "libreoffice",
    r"^Microsoft Office\b|^Microsoft 365\b|^Microsoft (?:Word|Excel|PowerPoint)(?:\.app)?$": "office",
    r"^(?:Apache )?OpenOffice\b": "openoffice",
    r"^SoftMaker\b|^FreeOffice\b": "softmaker",
    r"^(?:WPS Office|wps-office)\b": "wps",
    r"^ONLYOFFICE\b|^onlyoffice-desktopeditors$": "onlyoffice",
}
BROWSERS: Final[Mapping[str, str]] = {
    r"^(?:Mozilla )?Firefox\b(?! ?Remote)|^firefox(?:-esr)?$": "firefox",
    r"^Google Chrome$|^google-chrome(?:-stable|-beta)?$|^Google Chrome\.app$": "chrome",
    r"^chromium(?:-browser)?$|^Chromium$": "chrome",
    r"^Microsoft Edge$|^microsoft-edge(?:-stable)?$": "chrome",
    r"^Brave(?: Browser)?$|^brave-browser$": "chrome",
    r"^Vivaldi$|^vivaldi-stable$": "chrome",
    r"^Opera Stable\b|^opera-stable$": "opera",
    r"^Safari$": "safari",
    r"^Internet Explorer\b": "internet-explorer",
}


def known(programs: Sequence[Program], table: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the programs of a table: name, version, product, cycle; each name and version once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for program in programs:
        for pattern, product in table.items():
            if not re.search(pattern, program["name"], re.IGNORECASE):
                continue
            name = {
                "libreoffice-core": "LibreOffice",
                "libreoffice-common": "LibreOffice",
                "libreoffice": "LibreOffice",
            }.get(program["name"].casefold(), program["name"])
            version = re.sub(r"^\d+:", "", program["version"])
            cycle = product_cycle(product, name, version)
            if cycle or product != "office":
                found[product, cycle or version] = {
                    "name": name,
                    "version": version,
                    "product": product,
                    "cycle": cycle,
                }
            break
    return sorted(found.values(), key=lambda p: (p["name"].casefold(), p["version"]))


def product_cycle(product: str, name: str, version: str) -> str:
    """Return the release as the end of life data names it, "" when it cannot be told.

    Office: the year in the name; Microsoft 365 has none and is kept current by itself.
    """
    if product == "office":
        if "365" in name:
            return "365"
        year = re.search(r"\b(?:19|20)(\d{2})\b", name)
        return f"20{year[1]}" if year and year[0].startswith("20") else ""
    numbers = re.match(r"(\d{1,4})(?:\.(\d{1,4}))?", version)
    if not numbers:
        return ""
    if product == "libreoffice":
        return f"{numbers[1]}.{numbers[2] or 0}"
    return numbers[1]
