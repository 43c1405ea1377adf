"""Forms of output that are rarer than the usual one, and what makers leave in their tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.probes import processor
from techkit.probes.declarations import Sheet, clean
from techkit.probes.formats import (
    device_text,
    dmidecode,
    edid,
    ioreg,
    ip_text,
    powercfg,
    registry,
    smartctl,
    system_profiler,
    wifi_text,
    windows_text,
    wmi_list,
)
from techkit.probes.formats.decode import decode

CAPTURES = Path(__file__).parents[2] / "captures"

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
    return (
        "DP-1 connected\n\tEDID: \n" + "\n".join(f"\t\t{row.hex()}" for row in rows) + "\n\tscaling: Full\n"
    )


@pytest.mark.parametrize("form", ["edid-decode", "xxd", "hexdump", "xrandr"])
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


@pytest.mark.parametrize(
    "text",
    [
        "0x00000000",
        "00:00:00:00:00:00",
        "FFFFFFFF-FFFF",
        "Manufacturer03",
        "ModulePartNumber01",
        "SerNum2",
        "AssetTagNum0",
        "Array1_PartNumber2",
        "$(DEFAULT_STRING)",
        "CPU Version",
        "161616161616161616161616",
        "0123456789",
    ],
)
def test_what_makers_number_and_repeat_is_no_value(text):
    """Counted placeholders, one byte repeated and runs of digits are left out."""
    assert clean(text, "text") is None


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "2", "0x80AD", "Manufacturer of Things", "20202021", "SerNum X12"]
)
def test_what_only_looks_like_it_is_kept(text):
    """Addresses, codes and real names pass."""
    assert clean(text, "text") == text


def test_people_name_their_networks_as_they_like():
    """A network called "default" or "12345678" is one; a serial number of 0 is none."""
    sheet = Sheet()
    sheet.add("network.wifi.ssid", "default", subject="a")
    sheet.add("network.wifi.ssid", "--", subject="b")
    sheet.add("power.battery.serial", "0", subject="c")
    assert [(r.id, r.value) for r in sheet] == [("network.wifi.ssid", "default")]


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
    assert {r.subject for r in sheet} == {"SC-50"}
    assert sheet.value("power.battery.design_mwh", "SC-50") == 50000


def test_speeds_nothing_runs_at_are_unknown():
    """Firmware writes leftovers where it did not measure."""
    content = """Handle 0x0004, DMI type 4, 42 bytes
Processor Information
\tSocket Designation: U3E1
\tType: Central Processor
\tVersion: Sample CPU 5
\tMax Speed: 30000 MHz
\tCurrent Speed: 54522 MHz
\tStatus: Populated, Enabled

Handle 0x0011, DMI type 17, 40 bytes
Memory Device
\tSize: 8 GB
\tLocator: DIMM 0
\tSpeed: 3200 MT/s
\tConfigured Memory Speed: 1 MT/s
"""
    sheet = dmidecode.parse(content)
    assert sheet.value("processor.name", "U3E1") == "Sample CPU 5"
    assert sheet.value("processor.frequency_mhz", "U3E1") is None
    assert sheet.value("processor.frequency_max_mhz", "U3E1") is None
    assert sheet.value("memory.module.speed_mts", "DIMM 0") == 3200
    assert sheet.value("memory.module.configured_mts", "DIMM 0") is None


SCAN = """BSS 02:00:00:00:00:0a(on wlan0)
\tfreq: 5220
\tcapability: ESS (0x0511)
\tsignal: -89.00 dBm
\tSSID: Neighbour
\tDS Parameter set: channel 44
BSS 02:00:00:00:00:0b(on wlan0){mark}
\tfreq: 2462
\tsignal: -41.00 dBm
\tSSID: Home
\tsecondary channel offset: no secondary
"""


def test_a_scan_names_only_the_network_in_use():
    """The neighbours' networks are counted, not taken for one's own."""
    sheet = wifi_text.parse_iw(SCAN.format(mark=" -- associated"))
    assert sheet.value("network.wifi.ssid", "wlan0") == "Home"
    assert sheet.value("network.wifi.channel", "wlan0") == 11
    assert sheet.value("network.wifi.signal_dbm", "wlan0") == -41
    assert sheet.value("network.wifi.network_count") == 2
    alone = wifi_text.parse_iw(SCAN.format(mark=""))
    assert [r.id for r in alone] == ["network.wifi.network_count"]


def test_nmcli_in_its_other_forms():
    """The overview, the table of devices, and one connection in full."""
    overview = wifi_text.parse_nmcli(
        'wlp2s0: connected to Home\n\t"Sample Wi-Fi 7"\n\twifi (sample), 02:00:00:00:00:0C, hw, mtu 1500\n'
        '\tinet4 192.0.2.9/24\n\nlo: unmanaged\n\t"lo"\n\tloopback (unknown), 00:00:00:00:00:00, sw, mtu 65536\n\n'
        "DNS configuration:\n\tservers: 192.0.2.1\n"
    )
    assert {r.subject for r in overview} == {"wlp2s0"}
    assert overview.value("network.interface.mac", "wlp2s0") == "02:00:00:00:00:0c"
    assert overview.value("network.interface.is_wireless", "wlp2s0") is True
    assert overview.value("network.interface.ipv4", "wlp2s0") == "192.0.2.9"
    table = wifi_text.parse_nmcli(
        "DEVICE  TYPE      STATE         CONNECTION\nwlp2s0  wifi      connected     Home\n"
        "enp3s0  ethernet  disconnected  --\nlo      loopback  unmanaged     --\n"
    )
    assert table.value("network.interface.is_up", "wlp2s0") is True
    assert table.value("network.interface.is_up", "enp3s0") is False
    assert {r.subject for r in table} == {"wlp2s0", "enp3s0"}
    full = wifi_text.parse_nmcli(
        "connection.id:      Home\nGENERAL.NAME:       Home\nGENERAL.DEVICES:    wlp2s0\nGENERAL.STATE:      activated\n"
        "IP4.ADDRESS[1]:     192.0.2.9/24\n"
    )
    assert full.value("network.interface.is_up", "wlp2s0") is True
    assert full.value("network.interface.ipv4", "wlp2s0") == "192.0.2.9"


@pytest.mark.parametrize(
    ("first", "kind", "name", "number"),
    [
        (("Ethernet interface", "Sample Makers", "Fast Surface"), "network", "Sample Makers Fast Surface", None),
        (("Ethernet interface [0200]", "Sample Makers [10ec]", "Fast Surface [8168]"), "network", "Sample Makers Fast Surface", "10ec:8168"),
        (("0200", "10ec", "8168"), "network", None, "10ec:8168"),
    ],
)  # fmt: skip
def test_lspci_as_records(first, kind, name, number):
    """With words, with words and numbers, with numbers; the driver counts in all of them."""
    record = "Slot:\t02:00.0\nClass:\t{}\nVendor:\t{}\nDevice:\t{}\nSVendor:\tX\n".format(*first)
    sheet = device_text.parse_lspci(
        record
        + "\nSlot:\t03:00.0\nClass:\tVGA compatible controller\nVendor:\tS\nDevice:\tG\nDriver:\tsample\n"
    )
    assert sheet.value("devices.pci.class", "02:00.0") == kind
    assert sheet.value("devices.pci.name", "02:00.0") == name
    assert sheet.value("devices.pci.id", "02:00.0") == number
    assert sheet.value("display.graphics.driver", "03:00.0") == "sample"
    assert sheet.value("devices.problem_count") == 1


@pytest.mark.parametrize(
    ("flags", "is_up"),
    [("UP BROADCAST RUNNING MULTICAST ", True), ("UP BROADCAST MULTICAST ", False), ("", False)],
)
def test_the_old_linux_ifconfig_says_whether_a_line_is_connected(flags, is_up):
    """UP alone is switched on, RUNNING is connected."""
    sheet = ip_text.parse_ifconfig(
        f"eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:0d\n          {flags} MTU:1500  Metric:1\n"
    )
    assert sheet.value("network.interface.is_up", "eth0") is is_up


def test_a_mac_without_printers_and_with_an_empty_socket():
    """A sentence about printers is no printer; a socket without a monitor is no monitor."""
    content = """Printers:

      Status: The printers list is empty. To add printers, open System Settings.
      CUPS Version: 2.3.4

Graphics/Displays:

    Sample Gfx:

      Chipset Model: Sample Gfx
      Displays:
        Sample 24:
          Resolution: 1920 x 1080
          Online: Yes
        Display:
          Status: No display connected
"""
    sheet = system_profiler.parse(content.encode())
    assert sheet.value("devices.printer_count") == 0
    assert not [r for r in sheet if r.id == "devices.printer.state"]
    assert sheet.value("display.monitor_count") == 1


@pytest.mark.parametrize(
    "shown", ["512-110-190-592", "512\u00c2\u00a0110\u00c2\u00a0190\u00c2\u00a0592", "5,12,11,01,90,592"]
)
def test_a_size_with_any_sign_between_its_thousands(shown):
    """Consoles and mails turn the sign into others; a size without its rest is none."""
    sheet = smartctl.parse_text(f"Device Model: A1\nUser Capacity:    {shown} bytes [512 GB]\n")
    assert sheet.value("storage.disk.size_bytes") == 512_110_190_592
    assert smartctl.parse_text("User Capacity: 512 bytes [512 GB]\n").value("storage.disk.size_bytes") is None


def test_a_number_in_an_extension_of_the_monitor():
    """A monitor that tells four timings first puts its name and number into the block of the television standard."""
    extension = bytearray(128)
    extension[:4] = b"\x02\x03\x04\x00"
    extension[4:22] = TIMING
    extension[22:40] = b"\0\0\0\xff\x00" + b"27LKSR00A254\n"
    sheet = edid.parse(monitor(TIMING, TIMING, TIMING, named(b"Sample 27")) + bytes(extension))
    assert sheet.value("display.monitor.serial") == "27LKSR00A254"
    assert sheet.value("display.monitor.name") == "Sample 27"


@pytest.mark.parametrize("sign", [",", ".", "\u2019", "\u202f", "\u00a0", " ", "'"])
def test_smartctl_groups_numbers_as_the_language_does(sign):
    """Hours, units and size of an NVMe drive are read with any sign between the thousands."""
    sheet = smartctl.parse_text(
        f"""Model Number:                       Larkspur N1
Total NVM Capacity:                 512{sign}110{sign}190{sign}592 [512 GB]
=== START OF SMART DATA SECTION ===
Available Spare:                    100%
Power Cycles:                       1{sign}639
Power On Hours:                     10{sign}188
Data Units Written:                 2{sign}000{sign}000 [1,02 TB]
""",
        "nvme0",
    )
    found = {r.id.rpartition(".")[2]: r.value for r in sheet}
    assert (found["size_bytes"], found["power_cycles"], found["power_on_hours"], found["written_bytes"]) == (
        512_110_190_592,
        1639,
        10188,
        1_024_000_000_000,
    )


def test_a_sas_drive_says_its_hours_heat_and_errors():
    """What SCSI drives print in their own lines: hours, endurance, temperature, uncorrected errors, the name."""
    sheet = smartctl.parse_text((CAPTURES / "tools" / "smartctl-sas.txt").read_text("utf-8"), "sda")
    found = {r.id.removeprefix("storage."): r.value for r in sheet}
    assert found["disk.size_bytes"] == 4_000_787_030_016
    assert found["disk.wwn"] == "0x5000aaa012345678"
    assert (found["disk.logical_block_bytes"], found["disk.physical_block_bytes"]) == (512, 4096)
    assert (found["smart.power_on_hours"], found["smart.temperature_celsius"]) == (41236, 36)
    assert (found["smart.used_percent"], found["smart.grown_defects"]) == (3, 4)
    assert found["smart.uncorrected_errors"] == 3


def test_a_scsi_drive_of_an_old_smartctl_and_an_empty_optical_drive():
    """The name and the version stand in one line; a drive without a disc has no size."""
    old = smartctl.parse_text(
        "Device: LARKSPUR LK300SS      Version: BA23\nSerial number: LK0001F7\nDevice supports SMART and is Enabled\n"
    )
    assert old.value("storage.disk.model") == "LARKSPUR LK300SS"
    assert old.value("storage.disk.firmware") == "BA23"
    assert old.value("storage.smart.available") is True
    empty = smartctl.parse_text(
        "Product: DVD A1\nUser Capacity: 7,757,100,351,738,617,888 bytes [7757 PB]\nLogical block size: 17522 bytes\nDevice type: CD/DVD\n"
    )
    assert empty.value("storage.disk.size_bytes") is None
    assert empty.value("storage.disk.logical_block_bytes") is None


def test_firmware_before_there_were_memory_devices():
    """Modules of type 6, sockets that are switched off, and a processor's name in an old field."""
    sheet = dmidecode.parse(
        """Handle 0x0400
\tDMI type 4, 32 bytes.
\tProcessor
\t\tSocket Designation: CPU1
\t\tProcessor Type: Central Processor
\t\tProcessor Version: Sample 4
Handle 0x0401, DMI type 4, 35 bytes
Processor Information
\tSocket Designation: CPU2
\tType: Central Processor
\tVersion: Sample 4
\tStatus: Populated, Disabled By BIOS
Handle 0x0600
\tDMI type 6, 12 bytes.
\tMemory Bank
\t\tSocket: DIMM1
\t\tInstalled Size: 256Mbyte
\t\tEnabled Size: 256Mbyte
Handle 0x0601
\tDMI type 6, 12 bytes.
\tMemory Bank
\t\tSocket: DIMM2
\t\tInstalled Size: Not Installed
Handle 0x1100
\tDMI type 17, 23 bytes.
\tMemory Device
"""
    )
    assert sheet.value("processor.name", "CPU1") == "Sample 4"
    assert sheet.value("processor.socket_count") == 1
    assert sheet.value("memory.module.size_bytes", "DIMM1") == 256 * 2**20
    assert (sheet.value("memory.module_count"), sheet.value("memory.slot_count")) == (1, 2)


@pytest.mark.parametrize(("version", "unit"), [("10.5.8", 2**30), ("10.6.8", 10**9)])
def test_sizes_before_mac_os_x_10_6_are_binary(version, unit):
    """Snow Leopard began to count a disk's GB as 10^9 bytes; a chip of an old card is a sound device."""
    sheet = system_profiler.parse(
        f"""Software:

    System Software Overview:

      System Version: Mac OS X {version} (9L31a)

Serial-ATA:

    SATA Bus:

        Larkspur 250:

          Capacity: 233,76 GB
          Model: Larkspur 250
          BSD Name: disk0

Audio (Built In):

    Built-in Sound Card:

      Devices:
        Sample PCM1:
          Inputs and Outputs:
              Line Level Input:
                  Controls: Mute, Master
""".encode()
    )
    assert sheet.value("storage.disk.size_bytes", "disk0") == round(233.76 * unit)
    assert sheet.value("devices.sound.name", "0") == "Sample PCM1"


def test_a_disk_of_windows_7_tells_its_number_in_words_turned_round():
    """Hexadecimal of exchanged bytes is the number on the label; an NVMe drive behind the SCSI driver is one."""
    turned = "".join(
        f"{ord(b):02x}{ord(a):02x}" for a, b in zip(*[iter("     WD-WX91A1234567")] * 2, strict=True)
    )
    sheet = wmi_list.parse(
        f"CreationClassName=Win32_DiskDrive\r\nIndex=0\r\nModel=Sample A1\r\nSerialNumber={turned}\r\nInterfaceType=IDE\r\n\r\n"
        "CreationClassName=Win32_DiskDrive\r\nIndex=1\r\nModel=Sample NVMe B2\r\nSerialNumber=0025_38B1_2140_1F3A.\r\nInterfaceType=SCSI\r\n".encode()
    )
    assert sheet.value("storage.disk.serial", "0") == "WD-WX91A1234567"
    assert sheet.value("storage.disk.serial", "1") == "0025_38B1_2140_1F3A"
    assert sheet.value("storage.disk.kind", "1") == "nvme"


def test_a_timing_of_one_point_is_no_mode():
    """Old screens fill the place of the preferred timing with ones."""
    block = bytearray(monitor(b"\x01\x00\x01\x00\x00\x01\x00\x00" + bytes(10)))
    assert edid.parse(bytes(block)).value("display.monitor.mode") is None


def test_the_root_of_a_usb_bus_is_no_device():
    """The simulated roots of each bus are not counted."""
    content = "".join(
        f'+-o {name}@1a000000  <class IOUSBDevice, id 1>\n  {{\n    "idVendor" = 1452\n    "idProduct" = {product}\n'
        f'    "locationID" = {place}\n    "USB Product Name" = "{name}"\n  }}\n'
        for name, product, place in (("EHCI Root Hub Simulation", 32774, 1), ("Sample Keyboard", 545, 2))
    )
    sheet = ioreg.parse(content)
    assert sheet.value("devices.usb_count") == 1
    assert [r.value for r in sheet if r.id == "devices.usb.name"] == ["Sample Keyboard"]


def test_an_old_arm_board_names_its_processor_without_a_number():
    """One processor, though none is numbered."""
    sheet = processor.parse_cpuinfo(
        "Processor\t: Sample926 rev 1 (v5l)\nBogoMIPS\t: 1192.75\nCPU implementer\t: 0x56\n"
    )
    assert sheet.value("processor.name", "0") == "Sample926 rev 1 (v5l)"
    assert sheet.value("processor.thread_count") == 1


def test_the_picture_of_a_remote_session_is_no_graphics_card():
    """And the registry, which remembers cards that are gone, does not count them."""
    key = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
    content = (
        "Windows Registry Editor Version 5.00\r\n\r\n"
        rf"{key}\0000]"
        "\r\n"
        '"DriverDesc"="Sample Gfx 6"\r\n"MatchingDeviceId"="PCI\\\\VEN_1002&DEV_73FF"\r\n\r\n'
        rf"{key}\0001]"
        "\r\n"
        '"DriverDesc"="Remote picture"\r\n"MatchingDeviceId"="RdpIdd_IndirectDisplay"\r\n'
    )
    sheet = registry.parse(content.encode("utf-16"))
    assert [(r.subject, r.value) for r in sheet if r.id == "display.graphics.name"] == [
        ("0000", "Sample Gfx 6")
    ]
    assert sheet.value("display.graphics_count") is None


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


def test_a_report_in_percent_has_no_capacity():
    """Some batteries only tell a share; that is no milliwatt hour."""
    sheet = powercfg.parse(PAGE.format(design="100", mark=","))
    assert sheet.value("power.battery.design_mwh", "0") is None
    assert sheet.value("power.battery.health_percent", "0") is None


def test_ip_on_one_line_a_device():
    """`ip -o` puts a backslash where a row ends."""
    links = ip_text.parse_ip(
        "2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP qlen 1000\\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
    )
    assert links.value("network.interface.mac", "eth0") == "02:00:00:00:00:01"
    addresses = ip_text.parse_ip(
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n"
        "2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\       valid_lft 86 sec\n"
        "2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever\n"
    )
    assert addresses.value("network.interface.ipv4", "eth0") == "192.0.2.7"
    assert addresses.value("network.interface.ipv6", "eth0") == "fe80::1"
    assert {r.subject for r in addresses} == {"eth0"}


IPCONFIG = {
    "cp850": """
Windows-IP-Konfiguration

   Hostname  . . . . . . . . . . . . : EMPFANG
   Primäres DNS-Suffix . . . . . . . :

Drahtlos-LAN-Adapter Ein sehr langer Name
:

   Verbindungsspezifisches DNS-Suffix: haus.example
   Beschreibung. . . . . . . . . . . : Sample Wi-Fi 6
   Physische Adresse . . . . . . . . : 02-00-00-00-00-21
   DHCP aktiviert. . . . . . . . . . : Ja
   IPv4-Adresse  . . . . . . . . . . : 192.0.2.76(Bevorzugt)
   Subnetzmaske  . . . . . . . . . . : 255.255.255.0
   Standardgateway . . . . . . . . . : 192.0.2.1
   DNS-Server  . . . . . . . . . . . : 192.0.2.53
""",
    "cp857": """
Windows IP Yapılandırması

   Ana Bilgisayar Adı. . . . . . . . : EMPFANG
   Birincil DNS Soneki . . . . . . . :

Ethernet bağdaştırıcısı Ethernet:

   Bağlantıya özgü DNS Soneki . . .  :
   Açıklama. . . . . . . . . . . . . : Sample Wi-Fi 6
   Fiziksel Adres. . . . . . . . . . : 02-00-00-00-00-21
   DHCP Etkin. . . . . . . . . . . . : Evet
   IPv4 Adresi . . . . . . . . . . . : 192.0.2.76(Tercih Edilen)
   Alt Ağ Maskesi  . . . . . . . . . : 255.255.255.0
   Varsayılan Ağ Geçidi. . . . . . . : 192.0.2.1
   DNS Sunucusu. . . . . . . . . . . : 192.0.2.53
""",
    "cp932": """
Windows IP 構成

   ホスト名. . . . . . . . . . . . . . . . .: EMPFANG
   プライマリ DNS サフィックス . . . . . . .:

Wireless LAN adapter Wi-Fi:

   接続固有の DNS サフィックス . . . . .:
   説明. . . . . . . . . . . . . . . . .: Sample Wi-Fi 6
   物理アドレス. . . . . . . . . . . . .: 02-00-00-00-00-21
   DHCP 有効 . . . . . . . . . . . . . .: はい
   IPv4 アドレス . . . . . . . . . . . .: 192.0.2.76(優先)
   サブネット マスク . . . . . . . . . .: 255.255.255.0
   デフォルト ゲートウェイ . . . . . . .: 192.0.2.1
   DNS サーバー. . . . . . . . . . . . .: 192.0.2.53
""",
}


#: Labels of `ipconfig /all` as Windows writes them, in the order of its lines, and its Yes.
LABELS = {
    "it": "Configurazione IP di Windows|Nome host|Scheda Ethernet Ethernet|Suffisso DNS specifico per connessione|Descrizione|Indirizzo fisico|DHCP abilitato|Configurazione automatica abilitata|Indirizzo IPv6 locale rispetto al collegamento|Indirizzo IPv4|Subnet mask|Lease ottenuto|Gateway predefinito|Server DHCP|DUID Client DHCPv6|Server DNS|Server WINS primario|NetBIOS su TCP/IP|Sì",
    "pt-BR": "Configuração de IP do Windows|Nome do host|Adaptador Ethernet Ethernet|Sufixo DNS específico de conexão|Descrição|Endereço Físico|DHCP Habilitado|Configuração Automática Habilitada|Endereço IPv6 de link local|Endereço IPv4|Máscara de Sub-rede|Concessão Obtida|Gateway Padrão|Servidor DHCP|DUID de Cliente DHCPv6|Servidores DNS|Servidor WINS Primário|NetBIOS em Tcpip|Sim",
    "ru": "Настройка протокола IP для Windows|Имя компьютера|Адаптер Ethernet Ethernet|DNS-суффикс подключения|Описание|Физический адрес|DHCP включен|Автонастройка включена|Локальный IPv6-адрес канала|IPv4-адрес|Маска подсети|Аренда получена|Основной шлюз|DHCP-сервер|DUID клиента DHCPv6|DNS-серверы|Основной WINS-сервер|NetBios через TCP/IP|Да",
    "ja": "Windows IP 構成|ホスト名|イーサネット アダプター イーサネット|接続固有の DNS サフィックス|説明|物理アドレス|DHCP 有効|自動構成有効|リンクローカル IPv6 アドレス|IPv4 アドレス|サブネット マスク|リース取得|デフォルト ゲートウェイ|DHCP サーバー|DHCPv6 クライアント DUID|DNS サーバー|プライマリ WINS サーバー|NetBIOS over TCP/IP|はい",
    "ko": "Windows IP 구성|호스트 이름|이더넷 어댑터 이더넷|연결별 DNS 접미사|설명|물리적 주소|DHCP 사용|자동 구성 사용|링크-로컬 IPv6 주소|IPv4 주소|서브넷 마스크|임대 시작 날짜|기본 게이트웨이|DHCP 서버|DHCPv6 클라이언트 DUID|DNS 서버|주 WINS 서버|Tcpip를 통한 NetBIOS|예",
    "zh-CN": "Windows IP 配置|主机名|以太网适配器 以太网|连接特定的 DNS 后缀|描述|物理地址|DHCP 已启用|自动配置已启用|本地链接 IPv6 地址|IPv4 地址|子网掩码|获得租约的时间|默认网关|DHCP 服务器|DHCPv6 客户端 DUID|DNS 服务器|主 WINS 服务器|TCPIP 上的 NetBIOS|是",
    "zh-TW": "Windows IP 設定|主機名稱|乙太網路卡 乙太網路|連線特定 DNS 尾碼|描述|實體位址|DHCP 已啟用|自動設定啟用|連結-本機 IPv6 位址|IPv4 位址|子網路遮罩|租用取得|預設閘道|DHCP 伺服器|DHCPv6 用戶端 DUID|DNS 伺服器|主要 WINS 伺服器|NetBIOS over Tcpip|是",
    # No language: whatever the words, the order and the shape tell.
    "xx": "Qwa Windows ops|Fub gar|Zot Ethernet|DNS mirr|Blik|Norz vot|DHCP plim|Sern plim|Gol IPv6|Gol IPv4|Mosk|Ruf|Tand|DHCP hest|DHCPv6 DUID|DNS hest|WINS hest|NetBIOS|Ploof",
}  # fmt: skip


def windows_text_in(language: str) -> str:
    """Return `ipconfig /all` of a made-up computer in a language."""
    labels = LABELS[language].split("|")
    values = (
        "home.invalid", "Sample GbE Family Controller", "02-00-00-00-00-21", labels[-1], labels[-1],
        "fe80::c152:dc1a:a4c3:8fea%17(ok)", "192.0.2.76(ok)", "255.255.255.0", "2026-11-21 8:01:12", "fe80::1%17",
        "192.0.2.1", "00-01-00-01-2F-9D-DF-77-02-00-00-00-00-21", "192.0.2.53", "192.0.2.60", labels[-1],
    )  # fmt: skip
    rows = [labels[0], "", f"   {labels[1]} . . . . . . : EMPFANG", "", f"{labels[2]}:", ""]
    for label, value in zip(labels[3:18], values, strict=True):
        rows.append(f"   {label} . . . . . . : {value}")
        if value == "fe80::1%17":
            rows.append(f"{' ' * 39}192.0.2.1")
        if value == "192.0.2.53":
            rows.append(f"{' ' * 39}192.0.2.54")
    return "\n".join(rows) + f"\n\nPPP {labels[2]} 2:\n\n   {labels[3]} . . . :\n   {labels[4]}. . . : Work\n   {labels[5]}. . . :\n   {labels[6]} . . . : no\n   {labels[7]} . . . : {labels[-1]}\n"  # fmt: skip


@pytest.mark.parametrize("is_flat", [False, True], ids=["as printed", "copied without indents"])
@pytest.mark.parametrize("language", LABELS)
def test_ipconfig_in_any_language(language, is_flat):
    """The mask, the gateway behind it, the servers and the description are known by their places, not by words."""
    content = windows_text_in(language)
    if is_flat:
        content = "\n".join(row if row.startswith(" " * 20) else row.lstrip() for row in content.splitlines())
    sheet = windows_text.parse_ipconfig(content)
    adapter = LABELS[language].split("|")[2]
    found = {r.id.rpartition(".")[2]: r.value for r in sheet if r.subject == adapter}
    assert found == {
        "mac": "02:00:00:00:00:21",
        "dhcp": True,
        "description": "Sample GbE Family Controller",
        "ipv4": "192.0.2.76",
        "ipv6": "fe80::c152:dc1a:a4c3:8fea",
        "gateway": "fe80::1, 192.0.2.1",
        "dns_servers": "192.0.2.53, 192.0.2.54",
        "is_up": True,
    }
    tunnel = f"PPP {adapter} 2"
    assert sheet.value("os.computer_name") == "EMPFANG"
    assert sheet.value("network.interface.description", tunnel) == "Work"
    assert sheet.value("network.interface.dhcp", tunnel) is False
    assert sheet.value("network.interface.is_up", tunnel) is False


def test_the_short_ipconfig_loses_no_adapter_and_invents_no_name():
    """Without /all nothing stands below the title: the first adapter is no computer, "unplugged" no description."""
    sheet = windows_text.parse_ipconfig("""
Windows IP 구성

이더넷 어댑터 이더넷:

   미디어 상태 . . . . . . . . : 미디어 연결 끊김
   연결별 DNS 접미사. . . . :

이더넷 어댑터 vEthernet (Windows Sandbox):

   연결별 DNS 접미사. . . . :
   링크-로컬 IPv6 주소 . . . . : fe80::2870:1aa7:9860:90d5%18
   IPv4 주소 . . . . . . . . . : 192.0.2.33
   서브넷 마스크 . . . . . . . : 255.255.240.0
   기본 게이트웨이 . . . . . . :
""")
    assert sheet.value("os.computer_name") is None
    assert not [r for r in sheet if r.id == "network.interface.description"]
    assert sheet.value("network.interface.is_up", "이더넷 어댑터 이더넷") is False
    assert sheet.value("network.interface.ipv4", "이더넷 어댑터 vEthernet (Windows Sandbox)") == "192.0.2.33"


SYSTEMINFO = """C:\\Users\\ina>systeminfo

主机名:           EMPFANG
OS 名称:          Microsoft Windows 11 家庭中文版
OS 版本:          10.0.26100 暂缺 Build 26100
OS 制造商:        Microsoft Corporation
OS 配置:          独立工作站
OS 构建类型:      Multiprocessor Free
注册的所有人:     ina
注册的组织:
产品 ID:          00000-00000-00000-AAAAA
初始安装日期:     2025/8/19, 21:57:21
系统启动时间:     2026/11/20, 20:46:12
系统制造商:       Larkspur Works
系统型号:         LW-14
系统类型:         x64-based PC
处理器:           安装了 1 个处理器。
                  [01]: Intel64 Family 6 Model 94 Stepping 3 GenuineIntel ~2300 Mhz
BIOS 版本:        LARKSPUR L07 (2.12 ), 2025. 10. 28.
Windows 目录:     C:\\Windows
物理内存总量:     24,441 MB
可用的物理内存:   19,202 MB
"""


@pytest.mark.parametrize("wide", [False, True])
def test_systeminfo_behind_a_prompt(wide):
    """The line with the version tells where the report begins, whatever stands before it."""
    content = SYSTEMINFO.replace(": ", "： ") if wide else SYSTEMINFO
    sheet = windows_text.parse_systeminfo(content)
    found = {r.id: r.value for r in sheet}
    assert found["os.computer_name"] == "EMPFANG"
    assert (found["os.build"], found["system.maker"], found["system.model"]) == (
        "26100",
        "Larkspur Works",
        "LW-14",
    )
    assert found["firmware.version"] == "LARKSPUR L07 (2.12 )"
    assert (found["memory.total_bytes"], found["processor.socket_count"]) == (24441 * 2**20, 1)


def test_values_and_headings_the_window_broke():
    """A window of 80 signs breaks long descriptions, addresses and names of adapters; they are whole again."""
    sheet = windows_text.parse_ipconfig("""Configurazione IP di Windows

Scheda Ethernet Connessione alla rete locale (LAN) del primo piano, lato cortile
interno:

   Suffisso DNS specifico per connessione:
   Descrizione . . . . . . . . . . . . . : Sample RTL8168/8111 Family PCI-E Gi
gabit Ethernet NIC
   Indirizzo fisico. . . . . . . . . . . : 02-1A-92-BC-02-BE
   DHCP abilitato. . . . . . . . . . . . : No
   Configurazione automatica abilitata   : Sì
   Indirizzo IPv4. . . . . . . . . . . . : 192.0.2.34(Preferenziale)
   Subnet mask . . . . . . . . . . . . . : 255.255.255.0
""")
    name = "Scheda Ethernet Connessione alla rete locale (LAN) del primo piano, lato cortileinterno"
    assert sheet.value("network.interface.ipv4", name) == "192.0.2.34"
    assert (
        sheet.value("network.interface.description", name)
        == "Sample RTL8168/8111 Family PCI-E Gigabit Ethernet NIC"
    )


@pytest.mark.parametrize("page", IPCONFIG)
def test_addresses_in_the_code_page_of_a_console(page):
    """German with a heading the window broke, Turkish, Japanese: the same values in each."""
    sheet = windows_text.parse_ipconfig(decode(IPCONFIG[page].encode(page)))
    found = {r.id.removeprefix("network.interface."): r.value for r in sheet}
    assert found == {
        "os.computer_name": "EMPFANG", "mac": "02:00:00:00:00:21", "dhcp": True, "description": "Sample Wi-Fi 6",
        "ipv4": "192.0.2.76", "gateway": "192.0.2.1", "dns_servers": "192.0.2.53", "is_up": True,
    }  # fmt: skip
    assert all(r.subject for r in sheet if r.id != "os.computer_name")


def test_a_file_opened_as_a_disk_is_no_volume_to_judge():
    """An installer's disk image is always full; and one drive stays one, whoever names it."""
    volume = '{"_name": "%s", "bsd_name": "%s", "mount_point": "%s", "free_space_in_bytes": 1000, "size_in_bytes": 90000, "physical_drive": %s}'
    image = '{"device_name": "Disk Image", "protocol": "Disk Image"}'
    inside = '{"device_name": "SAMPLE SSD", "protocol": "Apple Fabric", "medium_type": "ssd", "smart_status": "Verified"}'
    content = (
        '{"SPNVMeDataType": [{"_name": "Controller", "_items": [{"_name": "SAMPLE SSD", "bsd_name": "disk0",'
        ' "device_model": "SAMPLE SSD", "size_in_bytes": 500277792768, "smart_status": "Verified"}]}],'
        f' "SPStorageDataType": [{volume % ("Data", "disk3s5", "/System/Volumes/Data", inside)},'
        f" {volume % ('Setup', 'disk4s1', '/Volumes/Setup', image)}]}}"
    )
    sheet = system_profiler.parse(content.encode())
    assert {r.subject for r in sheet if r.id.startswith("storage.volume.")} == {"/System/Volumes/Data"}
    assert {r.subject for r in sheet if r.id.startswith("storage.disk.")} == {"disk0"}
