"""Parts of a computer in rarer forms: old firmware tables, processors without a number, lspci as records."""

from __future__ import annotations

import pytest

from techkit.probes import processor
from techkit.probes.formats import device_text, dmidecode, lpstat_text


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


def test_an_old_arm_board_names_its_processor_without_a_number():
    """One processor, though none is numbered."""
    sheet = processor.parse_cpuinfo(
        "Processor\t: Sample926 rev 1 (v5l)\nBogoMIPS\t: 1192.75\nCPU implementer\t: 0x56\n"
    )
    assert sheet.value("processor.name", "0") == "Sample926 rev 1 (v5l)"
    assert sheet.value("processor.thread_count") == 1


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


def test_a_printer_behind_an_address_of_any_shape_has_its_name():
    """`lpstat -v` may name only how a printer is reached; the word "device" is no printer."""
    listed = "device for label: ipp\ndevice for room1: implicitclass:room1\ndevice for A1: sampleA1:/tmp/A1\n"
    sheet = lpstat_text.parse(listed)
    addresses = {r.subject: r.value for r in sheet if r.id == "devices.printer.address"}
    assert addresses == {"label": "ipp", "room1": "implicitclass:room1", "A1": "sampleA1:/tmp/A1"}
    assert sheet.value("devices.printer_count") == 3


def test_processors_of_a_copy_without_blank_lines_are_counted():
    """Each begins with its number."""
    row = "processor   : {}\nmodel name  : Sample CPU\nphysical id : {}\ncpu cores   : 2\n"
    sheet = processor.parse_cpuinfo("".join(row.format(n, n // 2) for n in range(4)))
    assert sheet.value("processor.thread_count") == 4
    assert sheet.value("processor.socket_count") == 2
    assert sheet.value("processor.threads", "1") == 2


@pytest.mark.parametrize(
    "listed",
    [
        "00:02.0 0300: 8086:3e92 (rev 02)\n00:1f.6 0200: 8086:15bc\n",
        "00:02.0 Class 0300: 8086:3e92 (rev 02)\n00:1f.6 Class 0200: 8086:15bc\n",
        "Slot:   00:02.0\nClass:  0300\nVendor: 8086\nDevice: 3e92\n\nSlot:   00:1f.6\nClass:  0200\nVendor: 8086\nDevice: 15bc\n",
    ],
    ids=["numbers", "numbers of an old version", "records with blanks"],
)
def test_devices_known_by_their_numbers_only(listed):
    """Where nothing is named, class and numbers are read, and no name is made up."""
    sheet = device_text.parse_lspci(listed)
    assert sheet.value("devices.pci.id", "00:02.0") == "8086:3e92"
    assert sheet.value("devices.pci.class", "00:02.0") == "display"
    assert sheet.value("devices.pci.class", "00:1f.6") == "network"
    assert sheet.value("devices.pci.name", "00:1f.6") is None
    assert sheet.value("display.graphics_count") == 1


def test_the_tree_of_usb_devices_counts_those_of_each_bus():
    """Numbers begin anew on each bus; -tv writes the names below."""
    sheet = device_text.parse_lsusb(
        "/:  Bus 02.Port 1: Dev 1, Class=root_hub, Driver=ehci-pci/2p, 480M\n"
        "    |__ Port 1: Dev 2, If 0, Class=Hub, Driver=hub/8p, 480M\n"
        "        |__ Port 4: Dev 4, If 0, Class=Human Interface Device, Driver=usbhid, 1.5M\n"
        "        |__ Port 4: Dev 4, If 1, Class=Human Interface Device, Driver=usbhid, 1.5M\n"
        "/:  Bus 001.Port 001: Dev 001, Class=root_hub, Driver=xhci_hcd/2p, 480M\n"
        "    ID 1d6b:0002 Linux Foundation 2.0 root hub\n"
        "    |__ Port 001: Dev 002, If 0, Class=Mass Storage, Driver=usb-storage, 480M\n"
        "        ID 0951:1666 Sample Stick\n"
    )
    assert sheet.value("devices.usb_count") == 3
    assert sheet.value("devices.usb.speed_mbits", "2-4") == 1.5
    assert sheet.value("devices.usb.name", "1-2") == "Sample Stick"
    assert sheet.value("devices.usb.id", "1-2") == "0951:1666"
