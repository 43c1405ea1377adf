"""What Macs print otherwise than those before them."""

from __future__ import annotations

import json

import pytest

from techkit.diagnostics import reading_files
from techkit.probes.formats import ioreg, ip_text, system_profiler
from techkit.records.findings import Verdict


def test_the_small_packets_of_apples_own_tunnels_are_no_fault():
    """Every Mac has a tunnel of 1,000 bytes; a network card with as few is another matter."""
    rows = (
        "{name}: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1000\n\tinet6 fe80::1%{name} prefixlen 64\n"
    )
    for name, said in (("utun3", []), ("en0", [Verdict.WATCH])):
        found = reading_files.judge("ifconfig", ip_text.parse_ifconfig(rows.format(name=name)))
        assert [f.verdict for f in found.findings if f.check == "packet_size"] == said


@pytest.mark.parametrize("turned", [False, True], ids=["old list first", "new list first"])
def test_the_usb_devices_of_macos_26_stand_in_a_list_of_another_name(turned):
    """The old list is there and empty; buses are no devices, and "Not Provided" is no serial number."""
    lists = {
        "SPUSBDataType": [],
        "SPUSBHostDataType": [
            {
                "_name": "USB 3.1 Bus",
                "Driver": "AppleT8112USBXHCI",
                "USBKeyLocationID": "0x02000000",
                "_items": [
                    {
                        "_name": "Sample Stick",
                        "USBDeviceKeyVendorID": "0x951",
                        "USBDeviceKeyProductID": "0x1666",
                        "USBDeviceKeySerialNumber": "Not Provided",
                        "USBDeviceKeyLinkSpeed": "5 Gb/s",
                        "USBKeyLocationID": "0x02100000",
                    }
                ],
            }
        ],
    }
    content = json.dumps(dict(sorted(lists.items(), reverse=turned)))
    found = {(r.id, r.subject): r.value for r in system_profiler.parse(content.encode())}
    assert found == {
        ("devices.usb_count", ""): 1,
        ("devices.usb.name", "0x02100000"): "Sample Stick",
        ("devices.usb.id", "0x02100000"): "0951:1666",
        ("devices.usb.speed_mbits", "0x02100000"): 5000,
    }


@pytest.mark.parametrize(
    ("channel", "mode", "expected"),
    [
        ("6 (2GHz, 20MHz)", "wpa2_personal", (2.4, "WPA2 Personal")),
        ("149 (5GHz, 80MHz)", "wpa2_enterprise", (5.0, "WPA2 Enterprise")),
        ("37 (6GHz, 160MHz)", "wpa3_transition", (6.0, "WPA3 Transition")),
        ("1 (2GHz, 20MHz)", "none", (2.4, "open")),
    ],
)
def test_a_mac_names_band_and_protection_as_the_others_do(channel, mode, expected):
    """It writes 2GHz for the band of 2.4 GHz, and small words for the protection."""
    network = {
        "_name": "Harbour Guest",
        "spairport_network_channel": channel,
        "spairport_security_mode": f"spairport_security_mode_{mode}",
    }
    card = {"_name": "en0", "spairport_current_network_information": network}
    tree = {"SPAirPortDataType": [{"spairport_airport_interfaces": [card]}]}
    sheet = system_profiler.parse(json.dumps(tree).encode())
    told = tuple(sheet.value(f"network.wifi.{name}", "en0") for name in ("band_ghz", "security"))
    assert told == expected


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


def test_an_intel_mac_before_macos_12():
    """Its Bluetooth stands under an older key, its graphics share the memory."""
    sheet = system_profiler.parse(
        b"""{"SPBluetoothDataType": [{"local_device_title": {"general_power": "attrib_Off"}}],
        "SPDisplaysDataType": [{"sppci_model": "Sample UHD 630", "spdisplays_vram_shared": "1536 MB"}]}"""
    )
    assert sheet.value("devices.bluetooth.state", "0") == "off"
    assert sheet.value("display.graphics.memory_bytes", "0") == 1536 * 2**20


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


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("6 days, 16 hours, 58 minutes", 579_480),
        ("55 minutes, 34 seconds", 3334),
        ("131jours, 16heures et 3 minutes", 11_376_180),
        ("2 días, 21 horas y 17 minutos", 249_420),
        ("1 Tag, 2 Stunden und 5 Minuten", 93_900),
        ("3天4小时5分钟", 273_900),
        ("2 дня, 3 часа и 4 минуты", 183_840),
        ("8 dage, 2 timer og 1 minut", 698_460),
        ("2552", None),
        ("4 fortnights", None),
    ],
)
def test_a_mac_says_how_long_it_runs_in_the_language_of_its_owner(said, seconds):
    """The labels are English in every language, the time is not; what is not known is no time."""
    content = f"Software:\n\n    System Software Overview:\n\n      System Version: macOS 15.2 (24C101)\n      Time since boot: {said}\n"
    assert system_profiler.parse(content).value("os.uptime_s") == seconds


def test_an_overview_copied_from_the_window_is_read():
    """System Information copies a page without the name of its group, with tabs between."""
    content = "Hardware Overview:\n\n  Model Name:\tMacBook Pro\n  Model Identifier:\tMac14,10\n  Chip:\tApple M2 Pro\n  Total Number of Cores:\t12 (8 performance and 4 efficiency)\n  Memory:\t32 GB\n"
    sheet = system_profiler.parse(content)
    assert sheet.value("system.model") == "Mac14,10"
    assert sheet.value("processor.cores", "0") == 12
    assert sheet.value("memory.total_bytes") == 32 * 2**30


@pytest.mark.parametrize(
    "answer",
    [
        '{\n  "SPHardwareDataType" : [\n    { "machine_model" : "MacBookPro12,1" }\n  ]\n}%      \n',
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><array><dict><key>_dataType</key><string>SPHardwareDataType</string>'
            "<key>_items</key><array><dict><key>machine_model</key><string>MacBookPro12,1</string></dict></array></dict></array></plist>\n"
        ),
    ],
    ids=["json", "xml"],
)
def test_the_line_that_was_typed_may_stand_before_the_answer(answer):
    """People copy both out of the window."""
    sheet = system_profiler.parse(f"~/Documents$ system_profiler -json SPHardwareDataType\n\n{answer}")
    assert sheet.value("system.model") == "MacBookPro12,1"


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        ("mac_app_store", "appstore"),
        ("Mac App Store", "appstore"),
        ("App Store", "appstore"),
        ("identified_developer", "applications"),
        ("apple", "applications_system"),
    ],
)
def test_a_program_of_the_app_store_says_so(origin, source):
    """The store keeps its programs up to date by itself, which nobody must be asked to claim."""
    program = {"_name": "Sample", "path": "/Applications/Sample.app", "version": "1", "obtained_from": origin}
    found = system_profiler.parse(json.dumps({"SPApplicationsDataType": [program]}).encode())
    assert [r.value[0]["source"] for r in found if r.id == "software.programs"] == [source]


def test_the_names_of_ioreg_alone_tell_the_model():
    """Without -l there are no properties; the code of a board of Apple silicon is no model."""
    row = "+-o Root  <class IORegistryEntry, id 0x100000100, retain 9>\n  +-o {}  <class IOPlatformExpertDevice, id 0x100000113, registered>\n"
    assert ioreg.parse(row.format("MacPro7,1")).value("system.model") == "MacPro7,1"
    assert ioreg.parse(row.format("J314sAP")).value("system.model") is None


@pytest.mark.parametrize(
    ("full", "charging", "plugged", "state"),
    [
        ("Yes", "No", "Yes", "full"),
        ("No", "Yes", "Yes", "charging"),
        ("No", "No", "Yes", "not charging"),
        ("No", "No", "No", "discharging"),
    ],
)
def test_ioreg_says_how_full_the_battery_is_and_what_it_does(full, charging, plugged, state):
    """CurrentCapacity is of MaxCapacity, in mAh on an Intel Mac and in percent on Apple silicon."""
    sheet = ioreg.parse(
        "+-o AppleSmartBattery  <class AppleSmartBattery, id 0x1>\n  {\n"
        f'    "DesignCapacity" = 4629\n    "MaxCapacity" = 100\n    "CurrentCapacity" = 73\n    "AppleRawMaxCapacity" = 4619\n'
        f'    "FullyCharged" = {full}\n    "IsCharging" = {charging}\n    "ExternalConnected" = {plugged}\n  }}\n'
    )
    assert sheet.value("power.battery.charge_percent", "0") == 73.0
    assert sheet.value("power.battery.health_percent", "0") == 99.8
    assert sheet.value("power.battery.state", "0") == state


#: The text of a Mac with a chip of Apple's own, as macOS 12 to 15 print it.
APPLE_SILICON = """\
Storage:

    Macintosh HD:

      Free: 134,58 GB (134 578 696 192 bytes)
      Capacity: 994,66 GB (994 662 584 320 bytes)
      Mount Point: /
      BSD Name: disk3s1s1
      Physical Drive:
          Device Name: APPLE SSD AP1024Z
          Medium Type: SSD
          Protocol: Apple Fabric
          S.M.A.R.T. Status: Verified

NVMExpress:

    Apple SSD Controller:

        APPLE SSD AP1024Z:

          Capacity: 1 TB (1 000 555 581 440 bytes)
          Model: APPLE SSD AP1024Z
          Serial Number: 0ba01
          BSD Name: disk0
          S.M.A.R.T. status: Verified

Audio:

    Devices:

        Sample Microphone:

          Default Input Device: Yes
          Input Channels: 1

        Sample Speakers:

          Default Output Device: Yes
          Output Channels: 2

Memory:

      Memory: 32 GB
      Type: LPDDR5
      Manufacturer: Hynix
"""


def test_the_text_of_apple_silicon_tells_each_part_once():
    """One drive, whichever section stands first; each sound device; memory that is soldered and has no slot."""
    sheet = system_profiler.parse(APPLE_SILICON)
    assert {r.subject for r in sheet if r.id == "storage.disk.model"} == {"disk0"}
    assert [r.value for r in sheet if r.id == "devices.sound.name"] == [
        "Sample Microphone",
        "Sample Speakers",
    ]
    assert sheet.value("devices.sound_count") == 2
    assert sheet.value("memory.module.size_bytes", "Memory") == 32 * 2**30
    assert sheet.value("memory.module.type", "Memory") == "LPDDR5"


@pytest.mark.parametrize(
    ("heading", "state"),
    [
        ("Bluetooth Controller", "State"),
        ("Hardware, Features, and Settings", "Bluetooth Power"),
        ("Hardware Settings", "Bluetooth Power"),
    ],
)
def test_the_bluetooth_adapter_is_told_as_text(heading, state):
    """Below another heading in each age of the system."""
    software = "      Apple Bluetooth Software Version: 2.3.8f7\n"
    sheet = system_profiler.parse(f"Bluetooth:\n\n{software}      {heading}:\n          {state}: On\n")
    assert sheet.value("devices.bluetooth.state", "0") == "on"
    assert sheet.value("devices.bluetooth_count") == 1
