"""The throughput of the line to the office's service: measured only when asked for, by the part that speaks to it.

This module declares the readings; what is moved and counted stands in sync/throughput.py. Loss, delay and jitter
against the reference hosts are the ladder's (network.py) and need no office.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.probe import Access, Depth, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason, Value


def readings(facts: Mapping[str, Value]) -> Iterable[Reading]:
    """Return what was measured as readings; facts by the last part of their ids."""
    sheet = Sheet(f"pieces of noise over HTTPS to {facts.get('against', '')}".rstrip())
    for name, value in facts.items():
        sheet.add(f"active.throughput.{name}", value)
    return sheet


def _asked_only(access: Access) -> list[Reading]:  # noqa: ARG001 - as every probe reads
    raise ProbeError(_("Nobody asked for it."), reason=Reason.SKIPPED)


ASKED: Final = Probe(
    id="throughput.asked",
    title=N_("Measuring the line to the office"),
    read=_asked_only,
    gives=("active.throughput.",),
    depth=Depth.ON_REQUEST,
    needs_network=True,
    sends_to="the office's service, up to 48 MiB each way, after consent",
)

PROBES = (ASKED,)
