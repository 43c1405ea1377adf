"""The line to the office, measured on request: what is agreed to, how it is told, and what a check gains by it."""

from __future__ import annotations

from collections.abc import Mapping

from techkit import i18n
from techkit.diagnostics.added import added, finding_of
from techkit.i18n import _
from techkit.probes import throughput
from techkit.records.findings import CheckResult, Complaint, Finding, Value


def judged(
    result: CheckResult, facts: Mapping[str, Value], *, complaint: Complaint | None = None
) -> tuple[CheckResult, Finding | None]:
    """Return a result with what was measured in it, and what the catalogue says of it; None where too little was."""
    found = added(result, throughput.PROBES, throughput.readings(facts), complaint=complaint)
    finding = finding_of(found, "network_throughput")
    return found, finding if finding is not None and finding.value is not None else None


def asked_sentence(seconds: float, byte_count: int) -> str:
    """Return what the customer agrees to: how long, how much, and to whom."""
    return _(
        "It loads the line for up to {seconds} seconds and moves at most {size} to and from your office’s service."
        " Others on this network may notice it; a contract that counts data is charged for it.",
        seconds=i18n.number(seconds),
        size=i18n.byte_text(byte_count),
    )


def told_pace(way: str, bytes_per_s: float) -> str:
    """Return how far it is, e.g. "Down: 43 Mbit/s"."""
    rate = i18n.quantity(bytes_per_s * 8 / 1e6, "Mbit/s", 1 if bytes_per_s < 1.25e6 else 0)
    return _("Down: {rate}", rate=rate) if way == "down" else _("Up: {rate}", rate=rate)
