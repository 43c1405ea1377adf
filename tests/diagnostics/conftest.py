"""Readings and runs for the tests of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from techkit.diagnostics import check as engine
from techkit.diagnostics.check import Check, Readings
from techkit.records.findings import Finding, ProbeReport, Reading

#: When the invented runs of these tests took place.
AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)

Judge = Callable[..., list[Finding]]


@pytest.fixture
def judge() -> Judge:
    """Return a way to ask one check about readings, its probes having ended well unless told."""

    def ask(check: Check[Any], readings: Iterable[Reading], **states: str) -> list[Finding]:
        state = states.get("state", "ok")
        reports = {
            probe.id: ProbeReport(probe=probe.id, state=state, duration_s=0.1)
            for probe in (*check.probes, *check.also)
        }
        return engine.findings(check, Readings(readings, AT), reports)

    return ask
