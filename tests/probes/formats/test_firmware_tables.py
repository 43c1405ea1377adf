"""What firmware gets wrong in its own tables: sockets, slots, limits, and texts nobody filled in."""

from __future__ import annotations

import pytest

from techkit.probes.formats import dmidecode
from techkit.probes.sheet import is_placeholder


def table(*structures: str, **fields: str) -> str:
    """Return structures as dmidecode prints them: "4 Processor Information|Status: Populated|…"."""
    rows = []
    for number, structure in enumerate(structures):
        kind, _blank, rest = structure.partition(" ")
        title, *lines = rest.split("|")
        rows += [
            f"Handle 0x{number:04X}, DMI type {kind}, 40 bytes",
            title,
            *(f"\t{line}" for line in lines),
            "",
        ]
    return "\n".join(rows).format(**fields)


@pytest.mark.parametrize(
    ("designations", "expected"),
    [
        (["U2E1"] * 8, 1),
        ([f" CPU-A (0{n})" for n in range(4)] + [f" CPU-B (0{n})" for n in range(4)], 2),
        ([f"CPU-A ( {n} )" for n in range(4)] + [f"CPU-B ( {n} )" for n in (3, 1, 0, 2)], 2),
    ],
)
def test_a_mac_lists_a_socket_once_for_each_thread(designations, expected):
    """Eight structures are one processor of eight threads, or two."""
    mac = "1 System Information|Manufacturer: Apple Inc.|Product Name: MacPro4,1"
    rows = [
        f"4 Processor Information|Socket Designation: {name}|Type: Central Processor|Status: Populated, Enabled"
        "|Version: Intel(R) Xeon(R) CPU W3520 @ 2.67GHz"
        for name in designations
    ]
    sheet = dmidecode.parse(table(mac, *rows))
    assert sheet.value("processor.socket_count") == expected
    assert sheet.value("system.kind") == "desktop"


def test_two_processors_of_a_server_under_one_name_are_two():
    """Other makers give two sockets the same name: both count."""
    row = "4 Processor Information|Socket Designation: ..U.|Type: Central Processor|Status: Populated, Enabled|Version: Dual-Core Opteron"
    maker = "1 System Information|Manufacturer: Sample Systems"
    assert dmidecode.parse(table(maker, row, row)).value("processor.socket_count") == 2


def test_more_modules_than_slots_and_more_memory_than_the_board_takes():
    """What is fitted is true; a limit below it is none, and a maker called 0 has no name."""
    array = "16 Physical Memory Array|Use: System Memory|Maximum Capacity: 8 GB|Number Of Devices: 1"
    module = "17 Memory Device|Size: 8 GB|Locator: DIMM {}|Manufacturer: 0|Part Number: 00SM8G"
    sheet = dmidecode.parse(table(array, module.format("A"), module.format("B")))
    assert sheet.value("memory.slot_count") == sheet.value("memory.module_count") == 2
    assert sheet.value("memory.max_bytes") is None
    assert sheet.value("memory.module.maker", "DIMM A") is None
    assert sheet.value("memory.module.part", "DIMM A") == "00SM8G"


def test_a_computer_with_a_battery_is_a_notebook_whose_adapter_is_no_unit():
    """The case says nothing; the table of power supplies tells of the adapter, or what the reference firmware made up."""
    battery = "22 Portable Battery|Manufacturer: Sample Cells|Name: SC-5"
    unit = "39 System Power Supply|Name: ADP001|Manufacturer: Sample Power|Status: Present, OK|Plugged: No"
    sheet = dmidecode.parse(table("3 Chassis Information|Type: Unknown", battery, unit))
    assert sheet.value("system.kind") == "notebook"
    assert sheet.value("power.supply_count") is None


@pytest.mark.parametrize(
    "text",
    [
        "To Be Filled By O.E.M. by More String",
        "Chassis Manufacturer to be Filled by O.E.M.",
        "To Be Defined By O.E.M",
        "Type2 - Board Vendor Name1",
        "OEM_Define5",
        "TBD by ODM",
        "Product Name",
        "Unknown - [0x9B85]",
        "Unknown (4ea5)",
        "Unknown ID:0x9B05",
        "SYSTEM_MANUFACTURER",
    ],
)
def test_what_somebody_else_should_have_written_is_no_value(text):
    """In whatever words."""
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["Type2 Case", "Unknown Pleasures", "Product Name 7", "OEM Gaming X"])
def test_what_only_looks_like_it_is_a_value(text):
    """A name that begins so is kept."""
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("model", "chassis", "expected"),
    [
        ("Macmini7,1", "Notebook", "desktop"),
        ("iMac17,1", "Laptop", "desktop"),
        ("MacBookPro11,1", "Notebook", "notebook"),
    ],
)
def test_a_mac_is_what_its_model_says_whatever_its_chassis_is_called(model, chassis, expected):
    """Apple's firmware calls some desktops notebooks; a battery verdict would follow."""
    mac = f"1 System Information|Manufacturer: Apple Inc.|Product Name: {model}"
    sheet = dmidecode.parse(table(mac, f"3 Chassis Information|Type: {chassis}"))
    assert sheet.value("system.kind") == expected


def test_a_processor_no_firmware_calls_central_is_one():
    """ARM boards list theirs as "Other"; beside a central one, another kind is a helper's."""
    arm = "4 Processor Information|Socket Designation: SOC|Type: Other|Family: ARM|Version: A3|Status: Populated, Enabled|Core Count: 8"
    main = "4 Processor Information|Socket Designation: CPU0|Type: Central Processor|Version: Sample CPU|Status: Populated, Enabled"
    alone, beside = dmidecode.parse(table(arm)), dmidecode.parse(table(arm, main))
    assert (alone.value("processor.name", "SOC"), alone.value("processor.cores", "SOC")) == ("ARM", 8)
    assert beside.value("processor.socket_count") == 1
    assert beside.value("processor.name", "SOC") is None


@pytest.mark.parametrize(
    ("maker", "model", "runs_on"),
    [
        ("Sample", "XENIAXe15", None),  # a notebook whose name begins like a hypervisor's
        ("XENTA", "MS-7C52", None),
        ("Xen", "HVM domU", "Xen"),
        ("VMware, Inc.", "VMware7,1", "VMware"),
        ("Red Hat", "KVM", "KVM"),
        ("Microsoft Corporation", "Virtual Machine", "Hyper-V"),
        ("Microsoft Corporation", "Surface Laptop 5", None),
    ],
)
def test_a_name_that_only_begins_like_a_hypervisors_is_no_virtual_computer(maker, model, runs_on):
    """A real notebook is not called virtual, or its battery, heat and encryption would not be judged."""
    system = f"1 System Information|Manufacturer: {maker}|Product Name: {model}"
    sheet = dmidecode.parse(table(system, "3 Chassis Information|Type: Notebook"))
    assert sheet.value("system.hypervisor") == runs_on
    assert sheet.value("system.kind") == ("virtual" if runs_on else "notebook")


def test_tables_printed_without_handles_read_the_same():
    """`dmidecode -q` leaves the handles out, and a title that is not read ends what stood before it."""
    told = table(
        "0 BIOS Information|Vendor: Sample Firmware|Version: 1.2",
        "1 System Information|Manufacturer: Sample|Product Name: Book 5|Version: Unknown",
        "7 Cache Information|Version: 9|Maximum Size: 512 kB",
        "3 Chassis Information|Type: Notebook",
        "17 Memory Device|Size: 8 GB|Locator: DIMM A|Type: DDR4",
        "17 Memory Device|Size: No Module Installed|Locator: DIMM B",
    )
    quiet = "".join(row for row in told.splitlines(keepends=True) if not row.startswith("Handle"))
    whole, short = dmidecode.parse(told), dmidecode.parse(quiet)
    assert [(r.id, r.subject, r.value) for r in short] == [(r.id, r.subject, r.value) for r in whole]
    assert short.value("memory.module_count") == 1
    assert short.value("system.version") is None
