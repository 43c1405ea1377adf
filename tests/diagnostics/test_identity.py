"""Which computer this is, and which one met before it may be."""

from __future__ import annotations

import pytest

from techkit.diagnostics.identity import Certainty, Identifier, Known, identifiers, normalised, proposals
from techkit.records.findings import Reading

UUID = "4c4c4544-0042-3510-8056-b4c04f4e3733"
NOTEBOOK = (
    Identifier("system_uuid", UUID),
    Identifier("system_serial", "b5v7n3q"),
    Identifier("disk_serial", "s3yznb0kb00864e"),
    Identifier("machine_id", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
    Identifier("computer_name", "brandt-laptop"),
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("system_serial", "To be filled by O.E.M."),
        ("system_serial", "Default string"),
        ("system_serial", "0000000000"),
        ("system_serial", "123456789"),
        ("system_serial", "System Serial Number"),
        ("system_serial", "Not Specified"),
        ("board_serial", "N/A"),
        ("board_serial", "........"),
        ("system_uuid", "03000200-0400-0500-0006-000700080009"),
        ("system_uuid", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
        ("system_uuid", "Not Settable"),
        ("system_uuid", "01020304-0506-0708-090A-0B0C0D0E0F10"),
        ("system_uuid", "11111111-2222-3333-4444-555555555555"),
        ("system_serial", "MB-1234567890"),
        ("system_serial", "SN-12345678"),
        ("system_serial", "SerialNumber"),
        ("system_serial", "Standard"),
        ("system_serial", "LENOVO"),
        ("board_serial", "; rm -rf /"),
        ("board_serial", "--help"),
        ("hardware_address", "02:42:ac:11:00:02"),
        ("hardware_address", "52:54:00:12:34:56"),
        ("hardware_address", "ff:ff:ff:ff:ff:ff"),
        ("computer_name", "localhost"),
    ],
)
def test_a_placeholder_is_no_identifier(kind, value):
    """What a maker left in, or what many share, names nobody."""
    assert normalised(kind, value) == ""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("system_serial", "pf0abcde"),
        ("system_serial", "xqkvwmtrhd"),  # signs at random, as newer Macs have them
        ("system_serial", "12345c67"),
        ("system_uuid", "00000000-0000-0000-0000-ac1f6bd00001"),  # ends in a hardware address
    ],
)
def test_a_real_number_is_kept(kind, value):
    """What no maker leaves in names its computer."""
    assert normalised(kind, value) == value


def test_signs_nobody_sees_make_no_other_computer():
    """BAD-INPUTS A6: two serial numbers that differ only by a sign without a width are one and the same."""
    one, other = (
        identifiers([Reading(id="system.serial", value=value)])
        for value in ("NW7KX93M3Q", "\ufeffNW7\u200bKX93\u00adM3Q")
    )
    assert one == other
    assert [found.value for found in one] == ["nw7kx93m3q"]


def test_identifiers_come_from_readings_in_one_spelling():
    """The same number is the same whatever its case, blanks and separators."""
    found = identifiers(
        [
            Reading(id="system.uuid", value=UUID.upper()),
            Reading(id="storage.disk.serial", value=" S3YZNB0KB00864E ", subject="sda"),
            Reading(id="storage.disk.serial", value="To be filled by O.E.M.", subject="sdb"),
            Reading(id="system.maker", value="Larkspur"),
            Reading(id="system.model", value="Note 14"),
            Reading(id="memory.total_bytes", value=8),
        ]
    )
    assert Identifier("system_uuid", UUID) in found
    assert Identifier("disk_serial", "s3yznb0kb00864e") in found
    assert Identifier("model", "larkspur note 14") in found
    assert len(found) == 3


def test_the_firmware_alone_is_certain():
    """One number of the board is enough, also with a new disk and a new installation."""
    [proposal] = proposals([Identifier("system_uuid", UUID)], [Known("asset-1", NOTEBOOK)])
    assert (proposal.id, proposal.certainty) == ("asset-1", Certainty.CERTAIN)
    assert UUID in proposal.reasons[0]
    assert proposal.doubts == ()


def test_two_parts_make_it_likely():
    """Disk and installation together name a computer whose firmware says nothing."""
    [proposal] = proposals(NOTEBOOK[2:4], [Known("asset-1", NOTEBOOK)])
    assert proposal.certainty is Certainty.LIKELY
    assert len(proposal.reasons) == 2


def test_a_disk_in_another_computer_is_only_possible_and_says_the_doubt():
    """A disk that moved does not make two computers one."""
    moved = (Identifier("system_serial", "x9y8z7w"), *NOTEBOOK[2:4])
    [proposal] = proposals(moved, [Known("asset-1", NOTEBOOK)])
    assert proposal.certainty is Certainty.POSSIBLE
    assert proposal.doubts


def test_another_computer_of_the_same_model_is_not_proposed():
    """The model alone names nobody."""
    same_model = (Identifier("model", "larkspur note 14"),)
    assert proposals(same_model, [Known("asset-2", same_model)]) == ()


def test_the_surest_proposal_stands_first():
    """Certain before likely before possible."""
    known = [Known("b", NOTEBOOK[2:4]), Known("a", NOTEBOOK), Known("c", NOTEBOOK[2:3])]
    assert [p.id for p in proposals(NOTEBOOK, known)] == ["a", "b", "c"]
