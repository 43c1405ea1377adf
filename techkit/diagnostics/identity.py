"""Which computer this is: identifiers from readings, and proposals for computers met before.

A firmware's numbers are the best witnesses, unless their maker never filled them in ("To be filled
by O.E.M.", the same UUID on a whole series of boards). Several weaker ones together also count. The
program proposes with its reasons; the technician decides.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from techkit.i18n import N_, _
from techkit.probes.sheet import is_placeholder
from techkit.records.findings import Reading
from techkit.records.products import INVISIBLE


class Strength(StrEnum):
    """How much one identifier alone says."""

    STRONG = "strong"  # burnt into the board: one match is enough
    MEDIUM = "medium"  # goes with one part or one installation: two matches are enough
    WEAK = "weak"  # often the same or easily changed: only supports others


@dataclass(frozen=True)
class Kind:
    """A kind of identifier: what it is called and how much it says."""

    label: str
    strength: Strength


#: Kind of identifier → its name and strength. The keys are for ever: assets are stored with them.
KINDS: Final[Mapping[str, Kind]] = {
    "system_uuid": Kind(N_("number of the firmware"), Strength.STRONG),
    "system_serial": Kind(N_("serial number of the computer"), Strength.STRONG),
    "board_serial": Kind(N_("serial number of the main board"), Strength.STRONG),
    "machine_id": Kind(N_("number of the installation"), Strength.MEDIUM),
    "disk_serial": Kind(N_("serial number of a disk"), Strength.MEDIUM),
    "hardware_address": Kind(N_("address of a network card"), Strength.MEDIUM),
    "memory_serial": Kind(N_("serial number of a memory module"), Strength.MEDIUM),
    "battery_serial": Kind(N_("serial number of the battery"), Strength.WEAK),
    "computer_name": Kind(N_("name of the computer"), Strength.WEAK),
    "model": Kind(N_("maker and model"), Strength.WEAK),
}

_SOURCES: Final[Mapping[str, str]] = {
    "system.uuid": "system_uuid",
    "system.serial": "system_serial",
    "board.serial": "board_serial",
    "system.machine_id": "machine_id",
    "storage.disk.serial": "disk_serial",
    "network.interface.hardware_address": "hardware_address",
    "network.interface.mac": "hardware_address",
    "memory.module.serial": "memory_serial",
    "power.battery.serial": "battery_serial",
    "os.computer_name": "computer_name",
}

#: Firmware UUIDs that whole series of boards share.
#: Source: captures of dmidecode and WMI; fwupd, libfwupdplugin/fu-common.c lists the first two.
SHARED_UUIDS: Final = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "03020100-0504-0706-0809-0a0b0c0d0e0f",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "12345678-1234-5678-1234-567812345678",
        "01234567-8910-1112-1314-151617181920",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    }
)

#: Serial numbers that makers leave in: runs of digits nobody assigns, also behind letters ("MB-1234567890", "SN123456").
_COUNTED: Final = re.compile(
    r"^(?:(?:[a-z]{1,5}[-_ ]?)?0?123456(?:7(?:8(?:9\w{0,4})?)?)?|abcdef\w*|.*serial.*|.*o\.?e\.?m\.?.*)$",
    re.IGNORECASE,
)

#: Of a serial number without any digit only Apple's ten and twelve signs at random can be one. Source: macOS 11 on.
_RANDOM: Final = re.compile(r"[b-df-hj-np-tv-z]{10}(?:[b-df-hj-np-tv-z]{2})?")

#: Locally administered and virtual addresses say nothing. Source: IEEE 802, second lowest bit of the
#: first octet; the makers' prefixes of VMware, VirtualBox, Hyper-V, QEMU, Docker.
_VIRTUAL_PREFIXES: Final = ("00:50:56", "00:0c:29", "08:00:27", "00:15:5d", "52:54:00", "02:42", "00:05:69")


@dataclass(frozen=True, order=True)
class Identifier:
    """One identifier of a computer. kind: a key of KINDS; value: normalised, never a placeholder."""

    kind: str
    value: str


@dataclass(frozen=True)
class Known:
    """A computer met before: its own id (an asset's, say) and its identifiers."""

    id: str
    identifiers: tuple[Identifier, ...]


class Certainty(StrEnum):
    """How sure a proposal is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


CERTAINTY_LABELS: Final = {
    Certainty.CERTAIN: N_("The same computer"),
    Certainty.LIKELY: N_("Probably the same computer"),
    Certainty.POSSIBLE: N_("Perhaps the same computer"),
}


@dataclass(frozen=True)
class Proposal:
    """A computer met before that this one may be. reasons, doubts: sentences for the technician."""

    id: str
    certainty: Certainty
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def identifiers(readings: Iterable[Reading]) -> tuple[Identifier, ...]:
    """Return the identifiers in readings, sorted, each once, placeholders left out."""
    found: set[Identifier] = set()
    names: dict[str, str] = {}
    for reading in readings:
        if not isinstance(reading.value, str):
            continue
        kind = _SOURCES.get(reading.id)
        if kind:
            value = normalised(kind, reading.value)
            if value:
                found.add(Identifier(kind, value))
        elif reading.id in ("system.maker", "system.model"):
            names[reading.id] = reading.value
    model = normalised("model", " ".join(names[key] for key in sorted(names)))
    if len(names) == 2 and model:
        found.add(Identifier("model", model))
    return tuple(sorted(found))


def normalised(kind: str, value: str) -> str:
    """Return an identifier as it is compared, "" for a placeholder or one that many share."""
    bare = " ".join(INVISIBLE.sub("", value).split()).casefold()
    if is_placeholder(bare):
        return ""
    if kind == "system_uuid":
        digits = re.sub(r"[^0-9a-f]", "", bare)
        if len(digits) != 32:
            return ""
        shown = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        return "" if shown in SHARED_UUIDS or _is_counted(shown) else shown
    if kind == "hardware_address":
        return _hardware_address(bare)
    if kind.endswith("_serial"):
        return bare if _is_serial(bare) else ""
    if kind == "computer_name" and bare in ("localhost", "debian", "ubuntu", "desktop", "pc", "notebook"):
        return ""
    return bare


def _is_serial(bare: str) -> bool:
    """Return whether a maker may have assigned it, to this one thing."""
    if len(bare) < 4 or _COUNTED.match(bare) or len(set(re.sub(r"[\W_]", "", bare))) < 3:
        return False
    return bool(re.search(r"\d", bare) or _RANDOM.fullmatch(bare))


def _is_counted(uuid: str) -> bool:
    """Return whether somebody typed it: few different signs, one sign a group, or bytes that count up."""
    digits = uuid.replace("-", "")
    steps = {b - a for a, b in itertools.pairwise(bytes.fromhex(digits))}
    return len(set(digits)) < 4 or all(len(set(part)) == 1 for part in uuid.split("-")) or len(steps) == 1


def _hardware_address(value: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", value)
    if len(digits) != 12 or len(set(digits)) == 1 or int(digits[:2], 16) & 0b11:
        return ""
    shown = ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    return "" if shown.startswith(_VIRTUAL_PREFIXES) else shown


def proposals(this: Sequence[Identifier], known: Iterable[Known]) -> tuple[Proposal, ...]:
    """Return the computers met before that this one may be, the surest first; may be empty.

    One strong match, or two medium ones, make it certain or likely; a strong identifier that both
    have and that differs is a doubt: a part was replaced, or it is another computer.
    """
    order = list(Certainty)
    found = [proposal for computer in known if (proposal := _proposal(this, computer))]
    return tuple(sorted(found, key=lambda p: (order.index(p.certainty), -len(p.reasons), p.id)))


def _proposal(this: Sequence[Identifier], computer: Known) -> Proposal | None:
    same = sorted(set(this) & set(computer.identifiers))
    differ = _contradictions(this, computer.identifiers)
    count = {
        strength: sum(KINDS[i.kind].strength is strength for i in same if i.kind in KINDS)
        for strength in Strength
    }
    certainty = _certainty(count, bool(differ))
    if certainty is None:
        return None
    reasons = tuple(
        _("The {what} is the same: {value}.", what=_(KINDS[i.kind].label), value=i.value)
        for i in same
        if i.kind in KINDS
    )
    doubts = tuple(_("The {what} is another one.", what=_(KINDS[kind].label)) for kind in differ)
    return Proposal(computer.id, certainty, reasons, doubts)


def _certainty(count: Mapping[Strength, int], contradicted: bool) -> Certainty | None:
    strong, medium, weak = (count[s] for s in (Strength.STRONG, Strength.MEDIUM, Strength.WEAK))
    if strong and not contradicted:
        return Certainty.CERTAIN
    if strong or (medium >= 2 and not contradicted):
        return Certainty.LIKELY
    # One disk alone may have moved to another computer.
    if medium >= 2 or (medium and weak) or (weak >= 2 and not contradicted):
        return Certainty.POSSIBLE
    return Certainty.POSSIBLE if medium else None


def tells_apart(this: Sequence[Identifier], other: Sequence[Identifier]) -> str:
    """Return by what two sets of identifiers are of two computers, in words; "" where they may be of one.

    They are of two where a number burnt into the board differs and no such number is the same. A new main board does
    that too: the technician decides.
    """
    shared = {i.kind for i in set(this) & set(other) if i.kind in KINDS}
    differ = _contradictions(this, other)
    if not differ or any(KINDS[kind].strength is Strength.STRONG for kind in shared):
        return ""
    return _("The {what} is another one.", what=_(KINDS[differ[0]].label))


def _contradictions(this: Sequence[Identifier], other: Sequence[Identifier]) -> list[str]:
    """Return the strong kinds both computers have with different values."""
    kinds = [kind for kind, told in KINDS.items() if told.strength is Strength.STRONG]
    differing = []
    for kind in kinds:
        mine, theirs = ({i.value for i in side if i.kind == kind} for side in (this, other))
        if mine and theirs and not mine & theirs:
            differing.append(kind)
    return differing
