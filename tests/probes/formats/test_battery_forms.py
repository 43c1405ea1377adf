"""Batteries in rarer forms: the page Windows writes, upower, empty bays and what firmware pretends."""

from __future__ import annotations

import pytest

from techkit.probes.formats import dmidecode, powercfg, upower


def test_a_battery_the_reference_firmware_pretends_is_left_out():
    """Only the battery that is there is read."""
    content = """# dmidecode 3.5
Handle 0x0016, DMI type 22, 26 bytes
Portable Battery
\tLocation: Fake
\tManufacturer: -Virtual Battery 0-
\tName: CRB Battery 0
\tDesign Capacity: Unknown

Handle 0x0017, DMI type 22, 26 bytes
Portable Battery
\tLocation: Rear
\tManufacturer: SAMPLE CELLS
\tName: SC-50
\tDesign Capacity: 50000 mWh
"""
    sheet = dmidecode.parse(content)
    assert {r.subject for r in sheet if r.id.startswith("power.battery")} == {"SC-50"}
    assert sheet.value("power.battery.design_mwh", "SC-50") == 50000


PAGE = """<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Battery report</title></head><body>
<h1>Battery report</h1><table style="margin-bottom: 6em;">
<tr><td class="label">COMPUTER NAME</td><td>FRONT-DESK</td></tr>
<tr><td class="label">SYSTEM PRODUCT NAME</td><td>Sample Inc. Book &amp; Pen 13</td></tr>
<tr><td class="label">BIOS</td><td>1.4.17 05/10/2017</td></tr>
<tr><td class="label">PLATFORM ROLE</td><td>Mobile</td></tr></table>
<h2>Installed batteries</h2><table><colgroup><col style="width: 15em;"/></colgroup>
<thead><tr><td> </td><td>BATTERY 1</td><td>BATTERY 2</td></tr></thead>
<tr><td><span class="label">NAME</span></td><td>SC-1</td><td>SC-2</td></tr>
<tr><td><span class="label">MANUFACTURER</span></td><td>SAMPLE</td><td>SAMPLE</td></tr>
<tr><td><span class="label">SERIAL NUMBER</span></td><td>2677</td><td>3319</td></tr>
<tr><td><span class="label">CHEMISTRY</span></td><td>LiP</td><td>LION</td></tr>
<tr><td><span class="label">DESIGN CAPACITY</span></td><td>{design}
      </td><td>23{mark}540 mWh</td></tr><tr style="height:0.4em;"></tr>
<tr><td><span class="label">FULL CHARGE CAPACITY</span></td><td>48{mark}000 mWh</td><td>9{mark}416 mWh</td></tr>
<tr><td><span class="label">CYCLE COUNT</span></td><td>-</td><td>1{mark}173</td></tr></table>
<h2>Recent usage</h2><h2>Battery capacity history</h2>
<table><tr><td>PERIOD</td><td>FULL CHARGE CAPACITY</td><td>DESIGN CAPACITY</td></tr></table></body></html>"""


@pytest.mark.parametrize("mark", [",", ".", "\u00a0", "\u202f", "’"])
def test_the_battery_report_as_the_page_windows_writes(mark):
    """Two batteries in columns; the thousands are grouped as the region does it."""
    page = PAGE.format(design=f"60{mark}000 mWh", mark=mark)
    sheet = powercfg.parse(page.encode("utf-8"))
    assert sheet.value("os.computer_name") == "FRONT-DESK"
    assert sheet.value("system.model") == "Sample Inc. Book & Pen 13"
    assert (sheet.value("firmware.version"), sheet.value("firmware.date")) == ("1.4.17", "05/10/2017")
    assert sheet.value("system.kind") == "notebook"
    assert sheet.value("power.battery_count") == 2
    assert sheet.value("power.battery.design_mwh", "0") == 60000
    assert sheet.value("power.battery.health_percent", "0") == 80.0
    assert sheet.value("power.battery.cycles", "0") is None
    assert sheet.value("power.battery.health_percent", "1") == 40.0
    assert sheet.value("power.battery.cycles", "1") == 1173
    assert sheet.value("power.battery.serial", "1") == "3319"


@pytest.mark.parametrize(
    ("product", "maker", "model"),
    [
        ("Dell Inc. Latitude 7480", "Dell Inc.", "Latitude 7480"),
        ("HP HP ProBook 440 G8 Notebook PC", "HP", "HP ProBook 440 G8 Notebook PC"),
        ("Micro-Star International Co., Ltd MS-7B86", "Micro-Star International Co., Ltd", "MS-7B86"),
        ("MECHREVO Z3 Air Series", "MECHREVO", "Z3 Air Series"),
        ("HPX 7", None, "HPX 7"),
    ],
)
def test_the_page_names_maker_and_model_in_one_text(product, maker, model):
    """A maker that is not known stays part of the text."""
    sheet = powercfg.parse(
        PAGE.format(design="100", mark=",").replace("Sample Inc. Book &amp; Pen 13", product)
    )
    assert sheet.value("system.maker") == maker
    assert sheet.value("system.model") == model


def test_a_battery_s_name_in_bytes_is_its_part_number():
    """Dell's firmware writes each sign apart."""
    page = PAGE.format(design="60,000 mWh", mark=",").replace("SC-1", "0x53,0x4D,0x50,0x4C,0x00,0x00,0x00")
    assert powercfg.parse(page).value("power.battery.model", "0") == "SMPL"


def test_a_report_in_percent_has_no_capacity():
    """Some batteries only tell a share; that is no milliwatt hour."""
    sheet = powercfg.parse(PAGE.format(design="100", mark=","))
    assert sheet.value("power.battery.design_mwh", "0") is None
    assert sheet.value("power.battery.health_percent", "0") is None


def test_upower_knows_more_than_its_energies_show():
    """A battery that counts its full charge as the design one is still worn, and its charge is what is shown."""
    content = (
        "Device: /org/freedesktop/UPower/devices/battery_BAT0\n  native-path: BAT0\n  power supply: yes\n  battery\n"
        "    energy:              24,645 Wh\n    energy-full:         54 Wh\n    energy-full-design:  54 Wh\n"
        "    percentage:          51%\n    capacity:            88,2222%\n"
    )
    sheet = upower.parse(content)
    assert sheet.value("power.battery.charge_percent", "BAT0") == 51
    assert sheet.value("power.battery.health_percent", "BAT0") == 88.2


def test_an_empty_bay_is_no_battery():
    """Nor is what the kernel writes for a battery that does not answer its maker."""
    block = "Device: /org/freedesktop/UPower/devices/battery_{name}\n  native-path: {name}\n  vendor: <unkn>\n  power supply: yes\n  battery\n    present: {present}\n    percentage: 0%\n\n"
    sheet = upower.parse(block.format(name="BAT0", present="yes") + block.format(name="BAT1", present="no"))
    found = {(r.id, r.subject): r.value for r in sheet}
    assert found == {("power.battery_count", ""): 1, ("power.battery.charge_percent", "BAT0"): 0}


def test_a_battery_whose_first_capacity_nobody_knows_is_not_a_hundred_percent():
    """Upower says 100 % where the design is 0; where there is no design at all it knows from elsewhere."""
    content = "  native-path:          sample-battery\n  power supply:         yes\n  battery\n    present:             yes\n    energy-full:         8 Wh\n{}    percentage:          76%\n    capacity:            100%\n"
    unknown = upower.parse(content.format("    energy-full-design:  0 Wh\n"))
    assert unknown.value("power.battery.health_percent", "sample-battery") is None
    assert unknown.value("power.battery.charge_percent", "sample-battery") == 76.0
    assert upower.parse(content.format("")).value("power.battery.health_percent", "sample-battery") == 100.0
