"""Monitors: EDID as bytes, written out by tools, with extensions and what makers leave in it."""

from __future__ import annotations

import pytest

from techkit.probes.formats import edid

#: A preferred timing of 1920 × 1080 pixels on 527 × 296 mm. Source: Enhanced EDID 1.4, 3.10.2.
TIMING = bytes.fromhex("023a801871382d40582c45000f282100001e")


def monitor(*descriptors: bytes, centimetres: tuple[int, int] = (53, 30)) -> bytes:
    """Return block 0 of a made-up monitor of 2021."""
    block = bytearray(128)
    block[:8] = edid.HEADER
    block[8:12] = bytes([0x10, 0xAC, 0xB1, 0xA0])
    block[16], block[17], block[20] = 12, 31, 0x80
    block[21], block[22] = centimetres
    for place, text in enumerate(descriptors):
        block[54 + 18 * place : 72 + 18 * place] = text
    return bytes(block)


def named(text: bytes) -> bytes:
    """Return a descriptor with the name, or a part of it."""
    return b"\0\0\0\xfc\0" + text.ljust(13, b"\n")[:13]


def hexadecimal(data: bytes, form: str) -> str:
    """Return bytes written out as one of the tools does."""
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    if form == "edid-decode":
        return (
            "edid-decode (hex):\n\n" + "\n".join(row.hex(" ") for row in rows) + "\n\nBlock 0, Base EDID:\n"
        )
    if form == "xxd":
        return "\n".join(f"{at * 16:08x}: {row.hex(' ', -2)}  {'.' * 16}" for at, row in enumerate(rows))
    if form == "hexdump":
        return "\n".join(
            f"{at * 16:08x}  {row[:8].hex(' ')}  {row[8:].hex(' ')}  |{'.' * 16}|"
            for at, row in enumerate(rows)
        )
    if form == "groups of four":
        return " ".join(data[at : at + 4].hex() for at in range(0, len(data), 4)) + "\n"
    return (
        "DP-1 connected\n\tEDID: \n" + "\n".join(f"\t\t{row.hex()}" for row in rows) + "\n\tscaling: Full\n"
    )


@pytest.mark.parametrize("form", ["edid-decode", "xxd", "hexdump", "xrandr", "groups of four"])
def test_a_monitor_written_out_in_digits(form):
    """A technician who only has the text of a tool gets the same as from the bytes."""
    data = monitor(TIMING, named(b"SAMPLE 24"))
    read = edid.parse(hexadecimal(data, form).encode())
    assert [(r.id, r.value) for r in read] == [(r.id, r.value) for r in edid.parse(data)]
    assert read.value("display.monitor.name") == "SAMPLE 24"


@pytest.mark.parametrize("text", [b"00 ff ff", b"no digits at all", b"zz" * 200, b"0" * 4000])
def test_digits_without_a_monitor_give_nothing(text):
    """Rubbish, half a header and zeros are no monitor."""
    assert len(edid.parse(text)) == 0


def test_an_interlaced_picture_has_the_lines_of_both_fields():
    """1080i is written as 540 lines a field."""
    timing = bytearray(TIMING)
    timing[5:8] = bytes([0x1C, 0x16, 0x20])  # 540 lines
    timing[17] |= 0x80
    assert edid.parse(monitor(bytes(timing))).value("display.monitor.mode") == "1920 × 1080"


def test_the_preferred_timing_may_stand_behind_the_name():
    """The first timing counts, wherever it stands."""
    read = edid.parse(monitor(named(b"SAMPLE 24"), TIMING))
    assert read.value("display.monitor.mode") == "1920 × 1080"
    assert read.value("display.monitor.width_mm") == 527


@pytest.mark.parametrize(
    ("centimetres", "expected"),
    [
        ((53, 30), (527, 296)),  # they agree: the finer one
        ((122, 69), (1220, 690)),  # a television that wrote another set's picture
        ((16, 9), (527, 296)),  # a shape, not a size
        ((0, 0), (527, 296)),
    ],
)
def test_the_size_of_a_screen_that_says_it_twice(centimetres, expected):
    """The finer size counts where both agree, else that of the screen itself."""
    read = edid.parse(monitor(TIMING, centimetres=centimetres))
    assert (read.value("display.monitor.width_mm"), read.value("display.monitor.height_mm")) == expected


def test_a_name_in_two_parts_keeps_its_space():
    """A long name goes on in the next descriptor."""
    read = edid.parse(monitor(TIMING, named(b"SAMPLE WIDE "), named(b"27 INCH\n")))
    assert read.value("display.monitor.name") == "SAMPLE WIDE 27 INCH"


def test_a_number_in_an_extension_of_the_monitor():
    """A monitor that tells four timings first puts its name and number into the block of the television standard."""
    extension = bytearray(128)
    extension[:4] = b"\x02\x03\x04\x00"
    extension[4:22] = TIMING
    extension[22:40] = b"\0\0\0\xff\x00" + b"27LKSR00A254\n"
    sheet = edid.parse(monitor(TIMING, TIMING, TIMING, named(b"Sample 27")) + bytes(extension))
    assert sheet.value("display.monitor.serial") == "27LKSR00A254"
    assert sheet.value("display.monitor.name") == "Sample 27"


def test_a_monitor_that_says_its_name_twice():
    """A second name is the rest of a long one, unless it is the first again."""
    assert (
        edid.parse(monitor(named(b"HP TouchSmart"), named(b"HP_touchsmart"))).value("display.monitor.name")
        == "HP TouchSmart"
    )


def test_a_timing_of_one_point_is_no_mode():
    """Old screens fill the place of the preferred timing with ones."""
    block = bytearray(monitor(b"\x01\x00\x01\x00\x00\x01\x00\x00" + bytes(10)))
    assert edid.parse(bytes(block)).value("display.monitor.mode") is None


def test_an_extension_is_found_behind_the_blank_line_of_edid_decode():
    """edid-decode parts the blocks; the serial number may stand in the second, and a third is another monitor's."""
    first = bytearray(monitor(bytes(18)))
    first[126] = 1
    second = bytearray(128)
    second[:4] = (2, 3, 4, 0)
    second[4:22] = b"\0\0\0\xff\0SAMPLE-ONE\n\x20\x20"
    other = bytearray(second)
    other[4:22] = b"\0\0\0\xff\0SAMPLE-TWO\n\x20\x20"

    def written(block: bytes) -> str:
        return "\n".join(block[at : at + 16].hex(" ") for at in range(0, 128, 16))

    blocks = "\n\n".join(map(written, (bytes(first), bytes(second), bytes(other))))
    sheet = edid.parse(f"edid-decode (hex):\n\n{blocks}\n\n----------------\n".encode())
    assert sheet.value("display.monitor.serial") == "SAMPLE-ONE"
