"""Which computer techkit runs on: its name and facts, and the computers met before it may be.

Only the probes that name a computer are read, not a whole plan: it is known within a second of
unlocking, and nothing is judged.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from techkit.diagnostics import identity
from techkit.diagnostics.plan import QUICK
from techkit.i18n import _
from techkit.records.assets import Asset
from techkit.records.findings import Reading
from techkit.ui.presenters.choices import Proposal

#: Readings that tell which computer this is, or what it is called.
_NAMING = (
    "os.computer_name",
    "os.name",
    "os.version",
    "system.maker",
    "system.model",
    "system.serial",
    "system.uuid",
    "system.machine_id",
    "board.serial",
    "storage.disk.serial",
    "network.interface.mac",
    "network.interface.hardware_address",
    "memory.module.serial",
)

#: At most so many proposals. Source: the design, 4.1.
MOST_PROPOSALS = 3


@dataclass(frozen=True, kw_only=True)
class ThisComputer:
    """What names the computer. identifiers: as assets keep them, "kind:value"."""

    name: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""
    system: str = ""
    identifiers: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return (label, text) of what is known; a serial number by its last four."""
        pairs = (
            (_("Model"), " ".join(part for part in (self.maker, self.model) if part)),
            (_("Serial"), f"…{self.serial[-4:]}" if len(self.serial) > 4 else self.serial),
            (_("System"), self.system),
        )
        return tuple((label, text) for label, text in pairs if text)


def look(machine: Any) -> ThisComputer:
    """Return which computer a machine is; takes up to the quick plan's limit, so not on the UI thread."""
    naming = [probe for probe in machine.probes(QUICK) if any(probe.covers(name) for name in _NAMING)]
    outcomes = machine.read(naming, QUICK, told=lambda *_news: None, stop=threading.Event())
    readings = [reading for outcome in outcomes for reading in outcome.readings]
    return of_readings(readings)


def of_readings(readings: Sequence[Reading]) -> ThisComputer:
    """Return which computer some readings name."""

    def text(reading_id: str) -> str:
        return next(
            (r.value for r in readings if r.id == reading_id and isinstance(r.value, str)), ""
        ).strip()

    found = identity.identifiers(readings)
    kinds = {identifier.kind for identifier in found}
    return ThisComputer(
        name=text("os.computer_name"),
        maker=text("system.maker"),
        model=text("system.model"),
        serial=text("system.serial") if "system_serial" in kinds else "",
        system=" ".join(part for part in (text("os.name"), text("os.version")) if part),
        identifiers=tuple(f"{identifier.kind}:{identifier.value}" for identifier in found),
    )


def matches(this: ThisComputer, assets: Sequence[Asset]) -> tuple[identity.Proposal, ...]:
    """Return the computers met before that this one may be, the surest first."""
    known = [
        identity.Known(asset.id, _identifiers(asset.identifiers))
        for asset in assets
        if asset.merged_into is None and asset.moved_to is None
    ]
    return identity.proposals(_identifiers(this.identifiers), known)


def recognised_by(this: ThisComputer, asset: Asset) -> str:
    """Return by what a computer met before is recognised, the strongest identifier; "" for nothing."""
    order = list(identity.Strength)
    same = [
        identifier
        for identifier in _identifiers(this.identifiers)
        if identifier in _identifiers(asset.identifiers) and identifier.kind in identity.KINDS
    ]
    if not same:
        return ""
    best = min(same, key=lambda identifier: order.index(identity.KINDS[identifier.kind].strength))
    return _("Recognised by the {what}", what=_(identity.KINDS[best.kind].label))


def tells_apart(this: ThisComputer, asset: Asset) -> str:
    """Return by what a computer is not the one it is taken for, in words; "" where it may be."""
    return identity.tells_apart(_identifiers(this.identifiers), _identifiers(asset.identifiers))


def proposals(this: ThisComputer, assets: Sequence[Asset]) -> tuple[Proposal, ...]:
    """Return proposals to show: computers met before with their reasons, last "new"."""
    names = {asset.id: asset.tag or asset.name for asset in assets}
    known = tuple(
        Proposal(
            id=match.id,
            title=names[match.id],
            reason=" ".join(
                (_(identity.CERTAINTY_LABELS[match.certainty]) + ".", *match.reasons[:2], *match.doubts[:1])
            ),
        )
        for match in matches(this, assets)[:MOST_PROPOSALS]
    )
    fresh = Proposal(
        id="new",
        title=_("A computer not seen before"),
        reason=_("{name} is added to the visit.", name=this.name or _("This computer")),
    )
    return (*known, fresh)


def fill(asset: Asset, this: ThisComputer) -> Asset:
    """Return an asset with what is known of this computer; what a person wrote stays."""
    import dataclasses

    return dataclasses.replace(
        asset,
        name=asset.name or this.name or _("Computer"),
        maker=asset.maker or this.maker,
        model=asset.model or this.model,
        serial=asset.serial or this.serial,
        os_name=asset.os_name or this.system,
        identifiers=tuple(sorted({*asset.identifiers, *this.identifiers})),
    )


def _identifiers(kept: Sequence[str]) -> tuple[identity.Identifier, ...]:
    found = []
    for text in kept:
        kind, mark, value = text.partition(":")
        if mark:
            found.append(identity.Identifier(kind, value))
    return tuple(found)
