"""Giving a check away through its presenter: the preview is the file, and nothing private is in either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit.diagnostics import export
from techkit.records.assets import Asset
from techkit.records.findings import Privacy, Reading
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.exporting import Exporting
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device

SERIAL = "WX41A9-5512-8830"


@pytest.fixture
def device(device: Device) -> Device:
    readings = [
        Reading(id="os.computer_name", value="BRANDT-LAPTOP", source="x", privacy=Privacy.PERSONAL),
        Reading(id="system.serial", value=SERIAL, source="x", privacy=Privacy.IDENTIFIER),
        Reading(id="memory.total_bytes", value=8 * 2**30, unit="bytes", source="x"),
        Reading(id="memory.used_percent", value=41.0, unit="percent", source="x"),
    ]
    device.desk.recordings = {"before": readings, "after": readings}
    return device


@pytest.fixture
def exporting(device: Device) -> Exporting:
    customer, site, contact, asset, visit = (new_id() for _n in range(5))
    device.store.save(
        Customer(id=customer, display_name="Brandt", has_diagnostics_consent=True),
        Site(id=site, customer_id=customer, name="Home", street="Ahornweg 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Odalys", family_name="Brandt", skill=3),
        Asset(id=asset, customer_id=customer, name="BRANDT-LAPTOP"),
        VisitRecord(
            id=visit,
            number="TK07-2026-0001",
            customer_id=customer,
            site_id=site,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="Slow",
            work_state=WorkState.SCHEDULED,
        ),
    )
    opened: Visit = device.open(visit)
    assert not opened.check.exporting.state.may_export
    opened.next()
    opened.check.start()
    opened.check.exporting.open()
    return opened.check.exporting


def test_the_strictest_reader_is_the_first(exporting: Exporting):
    """Opened, it is a text for others with nothing private in it, and says what is left out."""
    state = exporting.state
    assert [c.value for c in state.audiences if c.is_chosen] == ["customer"]
    assert SERIAL not in exporting.text
    assert "BRANDT" not in exporting.text
    assert state.file_name == "TK07-2026-0001-2026-11-23-text.txt"
    assert any("Serial number of the computer" in line and "last 4" in line for line in state.left_out)
    assert state.left_out_line.startswith("2 kinds")


@pytest.mark.parametrize("form", ["text", "json", "glpi"])
def test_the_preview_is_the_file(exporting: Exporting, tmp_path: Path, form: str):
    """What is shown is what is written, sign by sign; a file that is there is never written over."""
    exporting.choose_form(form)
    exporting.choose_audience("staff")
    path = tmp_path / exporting.state.file_name
    exporting.keep(str(path))
    written = path.read_text(encoding="utf-8")
    assert written == exporting.text
    assert written.startswith(exporting.state.preview)
    assert exporting.state.notice.kind == "info"
    if form == "json":
        assert export.is_unchanged(written)
        assert json.loads(written)["audience"] == "staff"
    path.write_text("mine")
    exporting.keep(str(path))
    assert path.read_text() == "mine"
    assert "already" in exporting.state.notice.title


def test_the_technician_may_see_all(exporting: Exporting):
    """For oneself nothing is left out, and that is said."""
    exporting.choose_form("json")
    exporting.choose_audience("internal")
    assert SERIAL in exporting.text
    assert exporting.state.left_out == ()
    assert "Nothing private" in exporting.state.left_out_line


def test_a_place_that_cannot_be_written_is_a_sentence(exporting: Exporting, tmp_path: Path):
    """A folder that is not there loses nothing."""
    exporting.keep(str(tmp_path / "nowhere" / "x.txt"))
    assert "could not be written" in exporting.state.notice.title
    assert exporting.state.preview
