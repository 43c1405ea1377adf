"""Makers and part numbers of memory modules as each system's firmware writes them."""

from __future__ import annotations

import pytest

from techkit.probes.formats import dmidecode, windows_classes
from techkit.probes.formats.memory_makers import maker_of, part_of


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("80AD000080AD", "SK hynix"),
        ("00CE063200CE", "Samsung"),
        ("0x802C", "Micron"),
        ("0198", "Kingston"),
        ("859B", "Crucial"),
        ("CE00000000000000", "Samsung"),
        ("0xCE00000000000000", "Samsung"),
        ("7F7FFE0000000000", "Elpida"),
        ("7F7F7F0B00000000", "Nanya"),
        # Nobody's number, or one not in the table, and names as they are.
        ("80FF000080FF", "80FF000080FF"),
        ("Kingston", "Kingston"),
        ("7F7F7F7F7F7F7F7F", "7F7F7F7F7F7F7F7F"),
        ("", ""),
    ],
)
def test_a_registered_number_becomes_a_name(text, maker):
    """DDR2 passes banks over with 7F, later kinds count them; a text that is no number stays."""
    assert maker_of(text) == maker


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("0x4D332037385432393533455A332D43453620", "M3 78T2953EZ3-CE6"),
        ("GSOG42F-18----------", "GSOG42F-18"),
        ("HMT125S6BFR8C-H9  ", "HMT125S6BFR8C-H9"),
        ("0xFFFFFFFFFFFF", "0xFFFFFFFFFFFF"),
        ("18JSF25672AZ-1G4F1", "18JSF25672AZ-1G4F1"),
        ("0x53,0x4D,0x50,0x4C,0x00,0x00,0x00", "SMPL"),
    ],
)
def test_a_part_number_stands_as_on_the_module(text, part):
    """Bytes become signs; what only fills the field goes."""
    assert part_of(text) == part


DIMM = """# dmidecode 3.3
Handle 0x1100, DMI type 17, 40 bytes
Memory Device
\tSize: 8 GB
\tForm Factor: SODIMM
\tLocator: DIMM A
\tType: DDR4
\tSpeed: 2667 MT/s
\tManufacturer: 80AD000080AD
\tSerial Number: 1A1541FC
\tPart Number: HMA81GS6CJR8N-VK----
"""


def test_linux_and_windows_name_a_module_alike():
    """The same firmware, read by both systems, gives the same maker and part."""
    linux = dmidecode.parse(DIMM)
    windows = windows_classes.readings(
        [
            {
                "DeviceLocator": "DIMM A",
                "Capacity": 8 * 2**30,
                "Manufacturer": "80AD000080AD",
                "PartNumber": "HMA81GS6CJR8N-VK----",
            }
        ],
        "Win32_PhysicalMemory",
    )
    for sheet in (linux, windows):
        assert sheet.value("memory.module.maker", "DIMM A") == "SK hynix"
        assert sheet.value("memory.module.part", "DIMM A") == "HMA81GS6CJR8N-VK"
