"""Readings and runs for the tests of checks."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
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


@pytest.fixture(scope="session")
def tank() -> ModuleType:
    """Return the invented probe and check of tests/diagnostics/tank.py."""
    spec = importlib.util.spec_from_file_location("tank", Path(__file__).with_name("tank.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tank"] = module
    spec.loader.exec_module(module)
    return module
