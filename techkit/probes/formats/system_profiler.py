"""What macOS' system_profiler prints: JSON, property lists (XML or binary) and text.

JSON and property lists have the system's own keys; the text has their English labels. Decimals may
have a comma, whatever the language. Property lists are read without external entities.
Source: system_profiler(8); keys as printed by Mac OS X 10.4 to macOS 15.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from techkit.probes.formats.macos import computer, devices, network, storage, system
from techkit.probes.formats.macos.answer import sections
from techkit.probes.formats.macos.values import tell_bytes, text, walk
from techkit.probes.sheet import Sheet

READERS: Final[Mapping[str, Callable[[Sheet, list[dict[str, Any]]], None]]] = {
    "SPHardwareDataType": computer.hardware,
    "SPSoftwareDataType": system.software,
    "SPMemoryDataType": computer.memory,
    "SPPowerDataType": computer.power,
    "SPSerialATADataType": storage.disks,
    "SPParallelATADataType": storage.disks,
    "SPNVMeDataType": storage.disks,
    "SPStorageDataType": storage.storage,
    "SPUSBDataType": devices.usb,
    "SPUSBHostDataType": devices.usb,
    "SPDisplaysDataType": devices.displays,
    "SPPrintersDataType": devices.printers,
    "SPApplicationsDataType": system.applications,
    "SPAudioDataType": devices.audio,
    "SPCameraDataType": devices.cameras,
    "SPBluetoothDataType": devices.bluetooth,
    "SPDiscBurningDataType": storage.burners,
    "SPNetworkDataType": network.network,
    "SPAirPortDataType": network.airport,
}


def parse(content: str | bytes) -> Sheet:
    """Return the readings of an answer in any of its forms; an empty sheet for rubbish."""
    sheet = Sheet("system_profiler")
    found = sections(content)
    if re.search(
        r"\b10\.[0-5]\b",
        " ".join(
            text(item, "os_version", "System Version") for item in walk(found.get("SPSoftwareDataType", []))
        ),
    ):
        tell_bytes([item for items in found.values() for item in items])
    # Controllers before volumes, in whichever order the sections stand: a volume names its drive only once more.
    for name, read in READERS.items():
        if name in found:
            sheet.source = f"system_profiler {name}"
            read(sheet, found[name])
    return sheet
