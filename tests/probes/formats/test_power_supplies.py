"""Power supply units in the firmware's tables, from dmidecode and from the table itself."""

from __future__ import annotations

import pytest

from techkit.probes.formats import dmidecode, smbios

SUPPLIES = """Handle 0x2700, DMI type 39, 22 bytes
System Power Supply
\tLocation: Bay 1
\tName: Unit A
\tManufacturer: Sample Power
\tSerial Number: SP0001
\tModel Part Number: 700-A
\tMax Power Capacity: {watts}
\tStatus: Present, Critical
\tPlugged: Yes

Handle 0x2701, DMI type 39, 22 bytes
System Power Supply
\tLocation: Bay 2
\tManufacturer: Sample Power
\tStatus: Not Present
\tPlugged: No

Handle 0x2702, DMI type 39, 22 bytes
System Power Supply
\tLocation: To Be Filled By O.E.M.
\tManufacturer: To Be Filled By O.E.M.
\tModel Part Number: To Be Filled By O.E.M.
\tStatus: Present, OK
\tPlugged: Yes
"""


@pytest.mark.parametrize(("watts", "expected"), [("700 W", 700), ("0.460 W", 460), ("Unknown", None)])
def test_a_power_supply_is_one_that_is_fitted_and_named(watts, expected):
    """An empty bay is none, nor is a table nobody filled in; old versions took watts for thousandths."""
    sheet = dmidecode.parse(SUPPLIES.format(watts=watts))
    assert sheet.value("power.supply_count") == 1
    assert sheet.value("power.supply.state", "Bay 1") == "failed"
    assert sheet.value("power.supply.is_plugged", "Bay 1") is True
    assert sheet.value("power.supply.model", "Bay 1") == "700-A"
    assert sheet.value("power.supply.watts", "Bay 1") == expected


def test_the_raw_table_of_power_supplies_reads_the_same():
    """Characteristics of SMBIOS 7.40.1: present, pulled from the wall, state non-critical."""
    traits = 4 << 7 | 4 | 2
    body = bytes([39, 16, 0, 0x27, 1, 1, 2, 3, 4, 0, 5, 0]) + (750).to_bytes(2, "little")
    body += traits.to_bytes(2, "little")
    texts = b"Bay 1\0Unit A\0Sample Power\0SP0001\x00700-A\0\0"
    other = body[:14] + (3 << 7 | 2).to_bytes(2, "little") + texts.replace(b"1", b"2")
    data = body + texts + other + bytes([127, 4, 0, 0, 0, 0])
    sheet = dmidecode.readings(smbios.structures(data))
    assert sheet.value("power.supply_count") == 2
    assert sheet.value("power.supply.is_plugged", "Bay 2") is True
    assert {r.id.removeprefix("power.supply"): r.value for r in sheet if r.subject == "Bay 1"} == {
        ".model": "700-A",
        ".maker": "Sample Power",
        ".serial": "SP0001",
        ".watts": 750,
        ".state": "warning",
        ".is_plugged": False,
    }


@pytest.mark.parametrize(("second", "expected"), [("No", None), ("Yes", False)])
def test_a_unit_is_only_unplugged_where_another_is_plugged_in(second, expected):
    """A desktop's only unit "is not plugged in" while the computer runs: the firmware never looked."""
    unit = "Handle 0x2700, DMI type 39, 22 bytes\nSystem Power Supply\n\tLocation: Bay {}\n\tManufacturer: Sample Power\n\tStatus: Present, OK\n\tPlugged: {}\n\n"
    sheet = dmidecode.parse(unit.format(1, "No") + unit.format(2, second))
    assert sheet.value("power.supply_count") == 2
    assert sheet.value("power.supply.is_plugged", "Bay 1") is expected
