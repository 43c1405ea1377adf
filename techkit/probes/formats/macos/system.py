"""macOS and the programs on it."""

from __future__ import annotations

import re
from typing import Any, Final

from techkit.probes.formats.macos.values import text, walk
from techkit.probes.formats.programs import program_readings
from techkit.probes.sheet import Sheet


def software(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the system: product, version, build, kernel, time since it started."""
    for item in walk(items):
        shown = text(item, "os_version", "System Version")
        match = re.match(
            r"(?:macOS|OS X|Mac OS X)(?: Server)? (\d{1,3}(?:\.\d{1,3}){0,2}) ?\(([0-9A-Za-z]{2,12})\)", shown
        )
        if not match:
            continue
        sheet.add("os.family", "macos")
        sheet.add("os.name", shown.partition(" (")[0])
        sheet.add("os.version", match[1])
        sheet.add("os.build", match[2])
        sheet.add("os.product", "macos")
        sheet.add("os.cycle", macos_cycle(match[1]))
        sheet.add("os.kernel", text(item, "kernel_version", "Kernel Version"))
        sheet.add("os.computer_name", text(item, "local_host_name", "Computer Name"))
        sheet.add("os.uptime_s", _uptime(text(item, "uptime", "Time since boot")))


def macos_cycle(version: str) -> str:
    """Return the release as the end of life data name it: 10.9 to 10.15, then 11, 12 and so on."""
    parts = version.split(".")
    if parts[0] == "10":
        # macOS 11 calls itself 10.16 to old programs.
        return "11" if parts[1:2] == ["16"] else ".".join(parts[:2])
    return parts[0]


#: How words of time begin in the languages macOS speaks -> seconds. Source: Unicode CLDR 44, units of duration.
_TIMES: Final = (
    (60, ("min", "мин", "хв", "分", "분", "dakika", "phút", "perc")),
    (1, ("sec", "seg", "sek", "сек", "秒", "초", "saniye")),
    (3600, ("hour", "heure", "hora", "stunde", "or", "uur", "uren", "tim", "godz", "hod", "tunt", "saat", "час", "год", "小时", "小時", "時間", "시간", "giờ", "óra")),
    (86400, ("day", "jour", "dí", "di", "tag", "giorn", "dag", "døg", "dygn", "dni", "dzie", "dn", "den", "päiv", "gün", "день", "дн", "日", "天", "일", "ngày", "nap")),
)  # fmt: skip


def _uptime(given: str) -> int | None:
    """Return the seconds of a time such as up 3:1:12:30 (days first), 1:12, 3 days 4:05 or 131jours, 16heures et 3 minutes."""
    told = re.findall(r"(\d{1,5})\s?([^\W\d_]{1,20})", given)
    if told and ":" not in given:
        units = [
            next((unit for unit, words in _TIMES if word.casefold().startswith(words)), 0)
            for _n, word in told
        ]
        return (
            sum(int(part[0]) * unit for part, unit in zip(told, units, strict=True)) if all(units) else None
        )
    match = re.fullmatch(r"(?:up )?(?:(\d{1,5}) days? )?(\d{1,5}(?::\d{1,2}){1,3})", given)
    if not match:
        return None
    parts = [int(part) for part in match[2].split(":")]
    days = int(match[1] or 0)
    if len(parts) == 4:
        days, parts = parts[0], parts[1:]
    hours, minutes, seconds = (*parts, 0)[:3]
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def applications(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the programs; those of the system are told apart."""
    programs = []
    for item in walk(items):
        path = text(item, "path", "Location")
        name = text(item, "_name")
        if not path or not name:
            continue
        origin = text(item, "obtained_from", "Obtained from")
        system = path.startswith(("/System/", "/usr/", "/Library/")) or origin.casefold() == "apple"
        signers = item.get("signed_by")
        signer = (
            str(signers[0])
            if isinstance(signers, list) and signers
            else text(item, "Signed by").partition(",")[0]
        )
        maker = re.match(r"Developer ID Application: (.+?)(?: \([A-Z0-9]{10}\))?$", signer)
        # "mac_app_store" in its lists for programs, "App Store" and "Mac App Store" in those for people.
        is_of_store = origin.casefold().replace("_", " ").endswith("app store")
        programs.append(
            {
                "name": name,
                "version": text(item, "version", "Version"),
                "publisher": maker[1] if maker else "Apple" if system else "",
                "source": "applications_system" if system else "appstore" if is_of_store else "applications",
            }
        )
    if programs:
        sheet.extend(program_readings(programs, "system_profiler SPApplicationsDataType"))
