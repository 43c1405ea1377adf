"""Forms of output that are rarer than the usual one, and what makers leave in their tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.probes import processor
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
    upower,
    wifi_text,
    wmi_list,
)
from techkit.probes.sheet import Sheet, clean

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
    assert {r.subject for r in sheet if r.id.startswith("power.battery")} == {"SC-50"}
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


def test_nmcli_with_figures_that_are_no_number():
    """A strength in figures of another script or above the line is none; the network is counted all the same."""
    sheet = wifi_text.parse_nmcli(r"*:02\:00\:00\:00\:00\:0C:Home:Infra:²:54 Mbit/s:²7:____:WPA2" + "\n")
    assert sheet.value("network.wifi.network_count") == 1
    assert sheet.value("network.wifi.signal_percent") is None


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


def test_an_intel_mac_before_macos_12():
    """Its Bluetooth stands under an older key, its graphics share the memory."""
    sheet = system_profiler.parse(
        b"""{"SPBluetoothDataType": [{"local_device_title": {"general_power": "attrib_Off"}}],
        "SPDisplaysDataType": [{"sppci_model": "Sample UHD 630", "spdisplays_vram_shared": "1536 MB"}]}"""
    )
    assert sheet.value("devices.bluetooth.state", "0") == "off"
    assert sheet.value("display.graphics.memory_bytes", "0") == 1536 * 2**20


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


def test_the_only_processor_of_a_computer_that_runs_counts():
    """Some firmware calls it disabled; a name it does not know is no name."""
    content = (
        "Handle 0x0004, DMI type 4, 42 bytes\nProcessor Information\n\tSocket Designation: CPU 1\n"
        "\tType: Central Processor\n\tFamily: Other\n\tManufacturer: Sample\n\tVersion: CPU Version\n"
        "\tStatus: Populated, Disabled By BIOS\n"
    )
    sheet = dmidecode.parse(content)
    assert sheet.value("processor.socket_count") == 1
    assert sheet.value("processor.name", "CPU 1") is None


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


def test_the_second_head_of_a_graphics_adapter_needs_no_driver():
    """The driver of function 0 drives both; the second port of a network card is another device."""
    content = (
        "00:02.0 VGA compatible controller [0300]: Sample Graphics [8086:2a42]\n\tKernel driver in use: i915\n"
        "00:02.1 Display controller [0380]: Sample Graphics [8086:2a43]\n"
    )
    sheet = device_text.parse_lspci(content)
    assert (sheet.value("display.graphics_count"), sheet.value("devices.missing_drivers")) == (1, [])
    ports = content.replace("VGA compatible controller [0300]", "Ethernet controller [0200]")
    ports = ports.replace("Display controller [0380]", "Ethernet controller [0200]")
    assert len(device_text.parse_lspci(ports).value("devices.missing_drivers")) == 1
