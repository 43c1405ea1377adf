"""Readings are declared once, and only values become readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.diagnostics import catalogue
from techkit.errors import ProbeError
from techkit.probes import declarations
from techkit.probes.declarations import DECLARED, Sheet, clean, tidy
from techkit.probes.probe import Access, Probe, why_missing

KINDS = {"int": int, "float": float, "text": str, "truth": bool, "list": list, "table": list, "map": dict}


def test_every_declaration_is_whole():
    """Kind, meaning and a dotted id."""
    for declared in DECLARED.values():
        assert declared.kind in KINDS, declared.id
        assert "." in declared.id
        assert declared.meaning


@pytest.mark.parametrize(
    "text",
    [
        "To be filled by O.E.M.",
        "  Not Specified ",
        "0000000000",
        "xxxx",
        "........",
        "None",
        "<OUT OF SPEC>",
        "",
    ],
)
def test_a_placeholder_is_not_a_value(text):
    """What makers leave in is left out."""
    assert clean(text, "text") is None


@pytest.mark.parametrize("value", [True, "7", float("nan"), float("inf"), 2**63, -(2**70), None, [], {}])
def test_what_is_no_number_is_left_out(value):
    """Truths, texts, endless and wrapped counters are no numbers."""
    assert clean(value, "int") is None


def test_hostile_text_is_made_harmless():
    """Control and direction marks go, length is cut, a lone surrogate cannot break a file."""
    assert tidy("a\x00b\x1b[31m\u202ecod\u2028e") == "a b [31mcod e"
    assert len(tidy("x" * 10_000)) == declarations.TEXT_LIMIT
    tidy("\ud800").encode("utf-8")


def test_an_undeclared_id_is_a_fault():
    """A probe cannot invent a reading."""
    with pytest.raises(KeyError):
        Sheet().add("disk.space.typo", 1)


@given(st.text(max_size=200))
def test_tidy_text_stays_tidy(text):
    """Making harmless twice changes nothing."""
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("probe", catalogue.probes(), ids=lambda probe: probe.id)
def test_a_probe_reads_this_machine_as_declared(probe: Probe):
    """On the computer that runs the tests every reading has its declared type and unit, and a source."""
    if probe.needs_network or probe.samples or probe.depth != "quick":
        pytest.skip("needs the network, watches for a while or takes long")
    readings, refusal = [], None
    try:
        readings = list(probe.read(Access()))
    except ProbeError as error:
        refusal = error
    assert refusal is None or (refusal.reason and refusal.title.endswith("."))
    for reading in readings:
        assert probe.covers(reading.id), reading.id
        declared = DECLARED[reading.id]
        if why_missing(reading):
            continue
        assert isinstance(reading.value, KINDS[declared.kind]), reading
        assert reading.unit == declared.unit, reading
        assert reading.privacy == declared.privacy, reading
        assert reading.source, reading
