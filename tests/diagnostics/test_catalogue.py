"""The catalogue: every check whole, every probe declared."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest

from techkit.diagnostics import catalogue, check_pages, checks
from techkit.records.findings import Complaint

FOLDER = Path(checks.__file__).parent
CHECKS = catalogue.checks()


def test_every_file_of_the_folder_is_a_check():
    """A file in checks/ is a check, and nothing else is."""
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert {check.id for check in CHECKS} == files


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_whole(check):
    """A check says why, asks declared probes, needs readings they give, and names the source of every level."""
    assert check.title
    assert check.why.endswith(".")
    assert check.probes
    declared = {probe.id: probe for probe in catalogue.probes()}
    asked = (*check.probes, *check.also)
    assert all(declared.get(probe.id) is probe for probe in asked)
    for id in check.needs:
        assert any(probe.covers(id) for probe in asked), id
    for growth in check.growth:
        assert any(probe.covers(growth.reading) for probe in asked), growth
    for field in dataclasses.fields(check.levels):
        assert field.metadata.get("source"), field.name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(check.levels, field.name, None)
    for complaint, explanation in check.explains.items():
        assert complaint in Complaint
        assert explanation.why


@pytest.mark.parametrize("probe", catalogue.probes(), ids=lambda probe: probe.id)
def test_a_probe_is_whole(probe):
    """A probe can be found by its id from a worker, has words, readings and a limit that fits its plan."""
    assert probe in importlib.import_module(probe.module).PROBES
    assert probe.title
    assert probe.gives
    assert probe.platforms
    assert 0 < probe.limit_s <= 60
    assert all(command.limit_s <= 30 for command in probe.commands)


def test_no_two_probes_claim_a_reading():
    """Each id, or beginning of ids, is claimed by one probe only; where two fit, the closer one owns it."""
    claims = [given for probe in catalogue.probes() for given in probe.gives]
    assert sorted(set(claims)) == sorted(claims)


def test_a_new_check_is_one_file(tmp_path, monkeypatch):
    """A file dropped into the folder is found, run and shown like every other."""
    (tmp_path / "lamp.py").write_text(
        (FOLDER / "network_link.py").read_text().replace('id="network_link"', 'id="lamp"')
    )
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    catalogue.checks.cache_clear()
    try:
        assert catalogue.by_id("lamp") is not None
        assert len(catalogue.checks()) == len(CHECKS) + 1
    finally:
        catalogue.checks.cache_clear()
        importlib.sys.modules.pop("techkit.diagnostics.checks.lamp", None)
    assert catalogue.by_id("no_such_check") is None


def test_a_misnamed_check_stops_the_program(tmp_path, monkeypatch):
    """A file whose check has another id is a fault that shows at once."""
    (tmp_path / "lampe.py").write_text((FOLDER / "network_link.py").read_text())
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    catalogue.checks.cache_clear()
    try:
        with pytest.raises(ValueError, match="lampe"):
            catalogue.checks()
    finally:
        catalogue.checks.cache_clear()
        importlib.sys.modules.pop("techkit.diagnostics.checks.lampe", None)


def test_the_page_of_checks_is_current():
    """docs/checks.md is what the catalogue says; the page itself tells how to refresh it."""
    page = Path(__file__).parents[2] / "docs" / "checks.md"
    assert page.read_text(encoding="utf-8") == check_pages.describe()
