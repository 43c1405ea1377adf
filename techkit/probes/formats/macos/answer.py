"""The forms of a system_profiler answer: JSON, property lists and indented text as the same items."""

from __future__ import annotations

import re
from typing import Any, Final

from techkit.probes.formats.decode import decode
from techkit.probes.formats.json_text import parse as parse_json
from techkit.probes.formats.macos.values import dicts

#: The largest answer read; all data types of a crowded Mac together have about 12 MB.
SIZE_LIMIT: Final = 64 * 2**20


#: Headings of the text → data type.
TITLES: Final = {
    "hardware": "SPHardwareDataType",
    "hardware overview": "SPHardwareDataType",
    "software": "SPSoftwareDataType",
    "system software overview": "SPSoftwareDataType",
    "memory": "SPMemoryDataType",
    "power": "SPPowerDataType",
    "serial-ata": "SPSerialATADataType",
    "sata": "SPSerialATADataType",
    "sata/sata express": "SPSerialATADataType",
    "ata": "SPParallelATADataType",
    "parallel-ata": "SPParallelATADataType",
    "nvmexpress": "SPNVMeDataType",
    "storage": "SPStorageDataType",
    "usb": "SPUSBDataType",
    "graphics/displays": "SPDisplaysDataType",
    "pci cards": "SPPCIDataType",
    "printers": "SPPrintersDataType",
    "applications": "SPApplicationsDataType",
    "bluetooth": "SPBluetoothDataType",
    "camera": "SPCameraDataType",
    "audio": "SPAudioDataType",
    "audio (built in)": "SPAudioDataType",
    "audio (intel high definition audio)": "SPAudioDataType",
    "network": "SPNetworkDataType",
    "disc burning": "SPDiscBurningDataType",
    "fibre channel": "SPFibreChannelDataType",
    "firewire": "SPFireWireDataType",
    "wi-fi": "SPAirPortDataType",
    "airport": "SPAirPortDataType",
}


def sections(content: str | bytes) -> dict[str, list[dict[str, Any]]]:
    """Return data type → items (dictionaries with _name and _items); empty for rubbish."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    data = data[:SIZE_LIMIT]
    # Before the answer, the line that was typed may stand.
    start = re.match(rb"(?:[^\n<{]{0,400}\n){0,5}?\s{0,99}(?=<\?xml|<plist|bplist|[\[{]\s)", data)
    head = data[start.end() if start else 0 :]
    if head.startswith((b"<?xml", b"<plist", b"bplist")):
        return _from_plist(head)
    text = decode(head)
    if text.lstrip()[:1] in ("{", "["):
        document = parse_json(text)
        if isinstance(document, dict):
            return {key: dicts(value) for key, value in document.items() if isinstance(value, list)}
        return _listed(document)
    return _from_text(text)


def _from_plist(data: bytes) -> dict[str, list[dict[str, Any]]]:
    try:
        import plistlib  # loaded late: only a Mac has such lists

        document = plistlib.loads(data)
    except Exception:  # plistlib raises what its parsers raise: expat's, struct's, its own
        return {}
    return _listed(document)


def _listed(document: object) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in dicts(document):
        name = part.get("_dataType")
        if isinstance(name, str):
            found.setdefault(name, []).extend(dicts(part.get("_items")))
    return found


def _from_text(text: str) -> dict[str, list[dict[str, Any]]]:
    """Return the sections of the text form, nested by indentation."""
    found: dict[str, list[dict[str, Any]]] = {}
    stack: list[tuple[int, dict[str, Any]]] = []
    for row in text.splitlines():
        if not row.strip():
            continue
        depth = len(row) - len(row.lstrip(" "))
        key, mark, value = row.strip().partition(":")
        if not mark:
            continue
        value = value.strip()
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if depth == 0 and not value:
            name = TITLES.get(key.strip().casefold(), "")
            top: dict[str, Any] = {"_name": key, "_items": []}
            found.setdefault(name, []).append(top)
            stack = [(0, top)]
        elif not stack:
            continue
        elif value:
            stack[-1][1].setdefault(key.strip(), value)
        else:
            child: dict[str, Any] = {"_name": key.strip(), "_items": []}
            if len(stack) < 32:
                stack[-1][1].setdefault("_items", []).append(child)
                stack.append((depth, child))
    found.pop("", None)
    return found
