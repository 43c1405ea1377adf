"""Printers and their queues as `lpstat -p -d -v -o` tells them, in whatever language it speaks.

On macOS lpstat speaks the language of the person, whatever the environment says (CUPS, cups/language.c,
appleLangDefault), so nothing here hangs on its words alone: a printer is what stands before the address of a device, and
the sentence about it is the row that names it. Source of the forms: lpstat(1) and the translations of CUPS 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from techkit.probes.sheet import Sheet

#: Longest row that is read: a printer's name has at most 127 signs (CUPS), an address 1,023 (RFC 8011, 5.1.6).
ROW_LIMIT = 1_200

#: An address ends the row of a device: what it is reached by, a colon and no blank (RFC 3986), or a file.
_DEVICE = re.compile(r"(\S.*?)\s*[:：]\s*([a-z][a-z0-9+.-]*:\S.*|/\S+|///\S*)$")
#: In English the name stands before the first colon, whatever the address looks like ("ipp", "implicitclass:room1").
_ENGLISH_DEVICE = re.compile(r"device for (\S+): (\S.*)$")
_JOB = re.compile(r"(\S+)-\d+\s+\S+\s+\d+\s")
_ENGLISH = re.compile(r"printer (\S+) (?:is |now |disabled )")

#: Words of a stopped printer where the row does not end with a dash as elsewhere. Source: CUPS 2.4, cups_it.po.
_STOPPED = ("disabled since", "disabilitata da")

#: Words of a queue that keeps what comes in for later. Source: CUPS 2.4, its translations.
_HOLDING = (
    "is holding new jobs",
    "hält druckaufträge zurück",
    "está manteniendo tareas nuevas",
    "sta trattenendo nuovi job",
    "está retendo os novos trabalhos",
    "wstrzymuje nowe zadania",
    "正在保留新任务",
)


def parse(content: str) -> Sheet:
    """Return the readings of `lpstat -p -d -v -o`."""
    sheet = Sheet("lpstat")
    # Columns are padded with blanks, of which expressions need one.
    kept = [row[:ROW_LIMIT] for row in content.splitlines() if row.strip() and not row[0].isspace()]
    rows = [re.sub(r"\s{2,}", " ", row) for row in kept]
    jobs: dict[str, int] = {}
    devices: list[tuple[str, str]] = []
    others: list[str] = []
    for row in rows:
        if english := _ENGLISH_DEVICE.match(row):
            devices.append((english[1], english[2]))
        elif device := _DEVICE.match(row):
            devices.append((device[1], device[2]))
        elif job := _JOB.match(row):
            jobs[job[1]] = jobs.get(job[1], 0) + 1
        else:
            others.append(row)
    named = {match[1]: row for row in others if (match := _ENGLISH.match(row))}
    words = {word for row in others for word in row.split()}
    for before, address in devices:
        name = _name(before.split(), words)
        # A password may stand in the address.
        sheet.add("devices.printer.address", re.sub(r"//[^/@]*@", "//", address), subject=name)
        named.setdefault(name, next((row for row in others if _is_about(row, name)), ""))
    default = _default(others, named)
    if default:
        sheet.add("devices.default_printer", default)
    for name, row in named.items():
        sheet.add("devices.printer.state", _state(row, name), subject=name)
        sheet.add("devices.printer.jobs", jobs.get(name, 0), subject=name)
        sheet.add("devices.printer.is_default", default == name, subject=name)
    sheet.add("devices.printer_count", len(named))
    sheet.add("devices.print_service", "running")
    return sheet


def _name(before: Sequence[str], words: set[str]) -> str:
    """Return which word before an address is the printer's name: most languages put it last, some first or between."""
    order = [before[-1], before[0], *before[1:-1]]
    return next((word for word in order if word in words), before[-1])


def _is_about(row: str, name: str) -> bool:
    """Return whether a row tells the state of a printer: it names it, and not as its last word."""
    told = row.split()
    return name in told[:-1]


def _default(rows: Sequence[str], named: Mapping[str, str]) -> str:
    """Return the printer the last word of a row names that is about no printer, "" for none."""
    about = set(named.values())
    for row in rows:
        if row not in about:
            last = re.split(r"[\s:：]+", row.strip())[-1]
            if last in named or row.startswith("system default destination:"):
                return last
    return ""


def _state(row: str, name: str) -> str:
    told = row.casefold()
    if row.rstrip().endswith("-") or any(words in told for words in _STOPPED):
        return "stopped"
    if any(words in told for words in _HOLDING):
        return "paused"
    return "printing" if re.search(rf"(?:^|\s){re.escape(name)}-\d+", row) else "idle"
