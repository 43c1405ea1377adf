"""What tools and systems print, read from captures of the project's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.probes.formats import (
    device_text,
    dmidecode,
    edid,
    ioreg,
    ip_text,
    lpstat_text,
    nmcli_text,
    powercfg,
    powershell_json,
    registry,
    smartctl,
    smbios,
    systemd_text,
    upower,
    wifi_text,
    windows_text,
    wmi_list,
)
from techkit.probes.formats.decode import decode

TOOLS = Path(__file__).parents[2] / "captures" / "tools"


def text(name: str) -> str:
    return (TOOLS / name).read_text(encoding="utf-8")


def test_a_failing_drive_names_its_attributes():
    """The failing pre-failure attribute, what failed before, counts and hours."""
    sheet = smartctl.parse_json(text("smartctl-failing.json"))
    assert sheet.value("storage.smart.passed", "sda") is False
    assert sheet.value("storage.smart.failing_now", "sda") == ["5 Reallocated_Sector_Ct (prefailure)"]
    assert sheet.value("storage.smart.failed_before", "sda") == ["190 Airflow_Temperature_Cel"]
    assert sheet.value("storage.smart.pending", "sda") == 88
    assert sheet.value("storage.smart.power_on_hours", "sda") == 35040
    assert sheet.value("storage.disk.kind", "sda") == "hdd"


def test_packed_raw_values_of_a_good_drive_are_unpacked():
    """Attribute 188 holds three 16-bit counts; 2 time-outs are not 8,590,065,666."""
    sheet = smartctl.parse_json(text("smartctl-seagate.json"))
    assert sheet.value("storage.smart.command_timeouts", "sdb") == 2
    assert sheet.value("storage.smart.reallocated", "sdb") == 0
    assert sheet.value("storage.smart.failing_now", "sdb") == []


def test_an_nvme_drive_in_words():
    """The text form gives what the JSON form gives."""
    sheet = smartctl.parse_text(text("smartctl-nvme.txt"), "nvme0n1")
    value = {
        id: sheet.value(f"storage.smart.{id}", "nvme0n1")
        for id in (
            "passed",
            "critical_warning",
            "spare_percent",
            "spare_threshold_percent",
            "used_percent",
            "media_errors",
            "power_on_hours",
            "temperature_celsius",
            "written_bytes",
        )
    }
    assert value == {
        "passed": False,
        "critical_warning": 1,
        "spare_percent": 6,
        "spare_threshold_percent": 10,
        "used_percent": 104,
        "media_errors": 12,
        "power_on_hours": 18330,
        "temperature_celsius": 48.0,
        "written_bytes": 98_112_400 * 512_000,
    }
    assert sheet.value("storage.disk.size_bytes", "nvme0n1") == 500_107_862_016


def test_an_ata_table_in_words():
    """Rows of the text table, failing and failed."""
    rows = (
        "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n"
        "  5 Reallocated_Sector_Ct   0x0033   010   010   036    Pre-fail  Always   FAILING_NOW 3912\n"
        "  9 Power_On_Hours          0x0032   060   060   000    Old_age   Always       -       35040\n"
        "190 Airflow_Temperature_Cel 0x0022   055   040   045    Old_age   Always   In_the_past 45 (Min/Max 20/60)\n"
        "194 Temperature_Celsius     0x0022   045   060   000    Old_age   Always       -       45 (0 18 0 0 0)\n"
    )
    sheet = smartctl.parse_text(rows, "sda")
    assert sheet.value("storage.smart.reallocated", "sda") == 3912
    assert sheet.value("storage.smart.failing_now", "sda") == ["5 Reallocated_Sector_Ct (prefailure)"]
    assert sheet.value("storage.smart.failed_before", "sda") == ["190 Airflow_Temperature_Cel"]
    assert sheet.value("storage.smart.temperature_celsius", "sda") == 45.0


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        "null",
        '{"ata_smart_attributes": {"table": null}}',
        '{"ata_smart_attributes": {"table": "x"}}',
        '{"ata_smart_attributes": {"table": [{"id": 5}, {"id": "5"}, null, {"id": 5, "raw": 7}]}}',
        '{"temperature": {"current": 255}, "power_on_time": {"hours": 1000000000}}',
        '{"nvme_smart_health_information_log": {"temperature": -128, "media_errors": 18446744073709551615}}',
        '{"a":' * 100_000,
        '{"power_cycle_count": ' + "9" * 5000 + "}",
    ],
)
def test_rubbish_from_smartctl_is_unknown_field_by_field(document):
    """No exception, and no number that cannot be true."""
    sheet = smartctl.parse_json(document, "sda")
    assert sheet.value("storage.smart.temperature_celsius", "sda") is None
    assert sheet.value("storage.smart.power_on_hours", "sda") is None
    assert sheet.value("storage.smart.media_errors", "sda") is None


def test_a_warning_before_the_document_is_skipped():
    """Tools complain before they answer; the complaint may hold brackets."""
    sheet = smartctl.parse_json(
        '[WARN] {odd} thing\n{"device": {"name": "/dev/sda"}, "smart_status": {"passed": true}}\n'
    )
    assert sheet.value("storage.smart.passed", "sda") is True


def test_the_firmware_tables_of_a_notebook():
    """Placeholders and made-up values of empty slots are left out."""
    sheet = dmidecode.parse(text("dmidecode.txt"))
    assert sheet.value("system.model") == "Note 14"
    assert sheet.value("system.version") is None
    assert sheet.value("system.kind") == "notebook"
    assert sheet.value("firmware.mode") == "uefi"
    assert sheet.value("memory.module.size_bytes", "DIMM A") == 8 * 2**30
    assert sheet.value("memory.module.configured_mts", "DIMM A") == 2667
    assert sheet.value("memory.module.size_bytes", "DIMM B") == 0
    assert sheet.value("memory.module.maker", "DIMM B") is None
    assert (sheet.value("memory.module_count"), sheet.value("memory.slot_count")) == (1, 2)


@pytest.mark.parametrize(
    "content",
    [
        "# No SMBIOS nor DMI entry point found, sorry.\n",
        "/sys/firmware/dmi/tables/smbios_entry_point: Permission denied\n",
        "Handle 0x0001, DMI type x, 27 bytes\nSystem Information\n\tManufacturer\n",
        "Handle 0x0001\nHandle 0x0001\n",
    ],
)
def test_no_tables_give_no_readings(content):
    """What is said instead of a table is not one."""
    assert len(dmidecode.parse(content)) == 0


def test_the_tables_themselves_read_like_dmidecode():
    """The raw structures give the same fields, without the tool."""
    body = (
        bytes([17, 40])
        + b"\x27\x00"
        + b"\x26\x00"
        + b"\xfe\xff"
        + b"\x40\x00"
        + b"\x40\x00"
        + (8192).to_bytes(2, "little")
    )
    body += (
        bytes([13, 0, 1, 2, 26, 0, 0])
        + (3200).to_bytes(2, "little")
        + bytes([3, 4, 0, 5, 0])
        + bytes(4)
        + (2667).to_bytes(2, "little")
    )
    body = body.ljust(40, b"\0")
    data = body + b"DIMM A\0BANK 0\0Sample Memory\x000A1B2C3D\0SM8G-3200\0\0" + bytes([127, 4, 0, 0, 0, 0])
    sheet = dmidecode.readings(smbios.structures(data))
    assert sheet.value("memory.module.size_bytes", "DIMM A") == 8 * 2**30
    assert sheet.value("memory.module.type", "DIMM A") == "DDR4"
    assert sheet.value("memory.module.maker", "DIMM A") == "Sample Memory"
    assert sheet.value("memory.module.configured_mts", "DIMM A") == 2667


def test_a_monitor_names_itself():
    """Name, maker, serial number, year and size of a made-up EDID."""
    block = bytearray(128)
    block[:8] = edid.HEADER
    block[8:12] = bytes([0x10, 0xAC]) + (0xA0B1).to_bytes(2, "little")  # DEL
    block[16], block[17], block[20] = 12, 31, 0x80
    block[54:72] = bytes(
        [
            0x02,
            0x3A,
            0x80,
            0x18,
            0x71,
            0x38,
            0x2D,
            0x40,
            0x58,
            0x2C,
            0x45,
            0x00,
            0x0F,
            0x28,
            0x21,
            0x00,
            0x00,
            0x1E,
        ]
    )
    block[72:90] = b"\0\0\0\xfc\0SAMPLE 24\n   "
    block[90:108] = b"\0\0\0\xff\0SER0001\n     "
    sheet = edid.parse(bytes(block), "DP-1")
    assert sheet.value("display.monitor.name", "DP-1") == "SAMPLE 24"
    assert sheet.value("display.monitor.maker", "DP-1") == "Dell"
    assert sheet.value("display.monitor.serial", "DP-1") == "SER0001"
    assert sheet.value("display.monitor.year", "DP-1") == 2021
    assert sheet.value("display.monitor.mode", "DP-1") == "1920 × 1080"
    assert sheet.value("display.monitor.width_mm", "DP-1") == 527
    assert len(edid.parse(bytes(128), "DP-1")) == 0


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ((b"AUO", b"B150PG01"), "AU Optronics B150PG01"),
        ((b"B121EW03 V2",), "AU Optronics B121EW03 V2"),
        # A serial number, what only fills the place, and no text at all.
        ((b"JPN4A1P000001",), "AU Optronics 3214"),
        ((b"0000000000011",), "AU Optronics 3214"),
        ((), "AU Optronics 3214"),
    ],
)
def test_a_panel_inside_a_notebook_has_the_name_to_order_it_by(texts, name):
    """Its maker leaves the name empty and writes the model among the free texts."""
    block = bytearray(128)
    block[:8] = edid.HEADER
    block[8:12] = bytes([0x06, 0xAF]) + (0x3214).to_bytes(2, "little")  # AUO
    for place, text in zip((72, 90), texts, strict=False):
        block[place : place + 18] = b"\0\0\0\xfe\0" + (text + b"\n").ljust(13)[:13]
    assert edid.parse(bytes(block), "eDP-1").value("display.monitor.name", "eDP-1") == name


def test_a_stopped_printer_and_its_jobs():
    """State, jobs, the default, and the address without its password."""
    sheet = lpstat_text.parse(text("lpstat.txt"))
    assert sheet.value("devices.printer.state", "Office") == "stopped"
    assert sheet.value("devices.printer.jobs", "Office") == 2
    assert sheet.value("devices.printer.state", "Label") == "idle"
    assert sheet.value("devices.default_printer") == "Office"
    assert sheet.value("devices.printer.address", "Office") == "ipp://printer.invalid/ipp/print"


@pytest.mark.parametrize(
    ("idle", "stopped", "held", "printing", "default", "device"),
    [
        (
            "Drucker Label ist im Leerlauf.  Aktiviert seit Sa 21 Nov 08:00:00 2026",
            "Drucker Office ist deaktiviert seit Fr 20 Nov 09:12:44 2026 -",
            "Drucker Later hält Druckaufträge zurück.  Aktiviert seit Fr 20 Nov 09:12:44 2026",
            "Drucker Now druckt jetzt Now-7.  Aktiviert seit Fr 20 Nov 09:12:44 2026",
            "systemvoreingestelltes Ziel: Office",
            "Gerät für {}: {}",
        ),
        (
            "la stampante Label è inattiva.  è stata abilitata da sab 21 nov 08:00:00 2026",
            "la stampante Office è stata disabilitata da ven 20 nov 09:12:44 2026",
            "la stampante Later sta trattenendo nuovi job.  è stata abilitata da ven 20 nov 09:12:44 2026",
            "la stampante Now sta stampando Now-7. è stata abilitata da ven 20 nov 09:12:44 2026",
            "destinazione predefinita del sistema: Office",
            "dispositivo per {}: {}",
        ),
        (
            "打印机 Label 目前空闲。从 六 11月21 08:00:00 2026 开始启用",
            "打印机 Office 从 五 11月20 09:12:44 2026 开始被禁用 -",
            "打印机 Later 正在保留新任务。从 五 11月20 09:12:44 2026 开始启用",
            "打印机 Now 正在打印 Now-7。从 五 11月20 09:12:44 2026 开始启用",
            "系统默认目标：Office",
            "用于 {} 的设备：{}",
        ),
        (
            "プリンター Label は待機中です。土 11月21 08:00:00 2026 以来有効です",
            "プリンター Office は 金 11月20 09:12:44 2026 から無効です -",
            "printer Later is holding new jobs.  enabled since Fri Nov 20 09:12:44 2026",
            "プリンター Now は Now-7 を印刷しています。金 11月20 09:12:44 2026 以来有効です",
            "システムのデフォルトの宛先: Office",
            "{} のデバイス: {}",
        ),
        (  # French has words for devices only
            "printer Label is idle.  enabled since sam. 21 nov. 08:00:00 2026",
            "printer Office disabled since ven. 20 nov. 09:12:44 2026 -",
            "printer Later is holding new jobs.  enabled since ven. 20 nov. 09:12:44 2026",
            "printer Now now printing Now-7.  enabled since ven. 20 nov. 09:12:44 2026",
            "system default destination: Office",
            "matériel pour {} : {}",
        ),
    ],
)
def test_printers_of_a_mac_that_speaks_another_language(idle, stopped, held, printing, default, device):
    """What lpstat says on macOS in the person's language is as good as English; names are no words of it."""
    names = {
        "Label": "usb://Sample/Label%20200",
        "Office": "ipp://sam:x@printer.invalid/ipp",
        "Later": "/dev/null",
        "Now": "dnssd://Now._ipp._tcp.local./",
    }
    rows = [idle, stopped, "\tPaper", held, printing, default]
    rows += [device.format(*pair) for pair in names.items()]
    rows += ["Office-41 sam 10240 2026", "Office-42 sam 2048 2026", "Now-7 sam 2048 2026"]
    sheet = lpstat_text.parse("\n".join(rows))
    states = {name: sheet.value("devices.printer.state", name) for name in names}
    assert states == {"Label": "idle", "Office": "stopped", "Later": "paused", "Now": "printing"}
    assert [sheet.value("devices.printer.jobs", name) for name in names] == [0, 2, 0, 1]
    assert sheet.value("devices.default_printer") == "Office"
    assert sheet.value("devices.printer.address", "Office") == "ipp://printer.invalid/ipp"
    assert sheet.value("devices.printer_count") == 4


def test_no_printer_is_none_in_any_language():
    """A service without printers has none, whatever it says about that."""
    for said in ("no system default destination", "keine systemvoreingestellten Ziele", ""):
        assert lpstat_text.parse(said).value("devices.printer_count") == 0


def test_wifi_in_a_language_nobody_taught_us():
    """Netsh in Spanish, a network with a colon in its name."""
    sheet = wifi_text.parse_netsh(text("netsh-es.txt"))
    assert sheet.value("network.wifi.ssid", "Wi-Fi") == "Casa : del mar"
    assert sheet.value("network.wifi.bssid", "Wi-Fi") == "02:aa:bb:cc:dd:ee"
    assert sheet.value("network.wifi.channel", "Wi-Fi") == 36
    assert sheet.value("network.wifi.band_ghz", "Wi-Fi") == 5.0
    assert sheet.value("network.wifi.signal_percent", "Wi-Fi") == 71
    assert sheet.value("network.wifi.receive_rate_mbit", "Wi-Fi") == 866.7
    assert sheet.value("network.wifi.rate_mbit", "Wi-Fi") == 780.0
    assert sheet.value("network.wifi.security", "Wi-Fi") == "WPA3-Personal"


def test_objects_as_format_list_prints_them():
    """What `Get-CimInstance CLASS | Format-List *` leaves in a file: colons, broken values, lists without quotes."""
    content = (
        "\r\n\r\nCreationClassName      : Win32_DiskDrive\r\nIndex                  : 0\r\n"
        "Model                  : Sample SSD 990\r\nSize                   : 2000396321280\r\n"
        "Capabilities           : {3, 4, 10}\r\nInterfaceType          : SCSI\r\n"
        "PNPDeviceID            : SCSI\\DISK&VEN_NVME&PROD_SAMPLE\r\n                         _SSD\\5&1\r\n"
        "SerialNumber           :\r\nStatus                 : OK\r\n\r\n"
    )
    assert wmi_list.rows(content)[0]["PNPDeviceID"].endswith("SAMPLE _SSD\\5&1")
    assert wmi_list.rows(content)[0]["Capabilities"] == ["3", "4", "10"]
    sheet = wmi_list.parse(content)
    assert sheet.value("storage.disk.model", "0") == "Sample SSD 990"
    assert sheet.value("storage.disk.size_bytes", "0") == 2000396321280
    assert sheet.value("storage.disk.serial", "0") is None


def test_two_wifi_adapters_without_their_ids():
    """Netsh in Chinese: ids left out by who sent it, Windows 11's level in dBm, one adapter without a network."""
    sheet = wifi_text.parse_netsh(text("netsh-zh.txt"))
    assert sheet.value("network.interface.description", "WLAN") == "Sample Wi-Fi 6E AX211 160MHz"
    assert sheet.value("network.interface.mac", "WLAN") == "02:11:22:33:44:66"
    assert sheet.value("network.wifi.ssid", "WLAN") == "示例网络"
    assert sheet.value("network.wifi.bssid", "WLAN") == "02:aa:bb:cc:dd:ef"
    assert sheet.value("network.wifi.signal_dbm", "WLAN") == -64
    assert sheet.value("network.wifi.channel", "WLAN") == 157
    assert sheet.value("network.wifi.rate_mbit", "WLAN") == 260.0
    assert sheet.value("network.interface.mac", "WLAN 2") == "02:11:22:33:44:77"
    assert sheet.value("network.wifi.is_connected", "WLAN 2") is False
    assert sheet.value("network.wifi.bssid", "WLAN 2") is None


def test_a_prompt_before_the_interface_is_not_its_name():
    """Output copied from a console begins with the command; older Windows does not print the band."""
    content = (
        "# PS C:\\Users\\x> netsh wlan show interfaces\n"
        "   Nome            : Wi-Fi\n   Descrizione     : Sample AX201\n   Indirizzo fisico : 02:00:00:00:00:01\n"
        "   Stato           : connessa\n   SSID            : Casa\n   BSSID           : 02:00:00:00:00:02\n"
        "   Tipo frequenza radio : 802.11n\n   Autenticazione : WPA2-Personal\n   Canale : 4\n"
        "   Velocità ricezione (Mbps) : 130\n   Velocità trasmissione (Mbps) : 65\n   Segnale : 85%\n"
        "Stato rete ospitata    : Non disponibile\n"
    )
    sheet = wifi_text.parse_netsh(content)
    assert sheet.value("network.interface.description", "Wi-Fi") == "Sample AX201"
    assert sheet.value("network.wifi.channel", "Wi-Fi") == 4
    assert sheet.value("network.wifi.band_ghz", "Wi-Fi") == 2.4
    assert sheet.value("network.wifi.rate_mbit", "Wi-Fi") == 65.0


def test_the_key_of_a_wifi_profile_is_never_read():
    """Whatever the tool prints, a password is no reading."""
    content = (
        'Profile Home on interface Wi-Fi:\n    SSID name              : "Home"\n'
        "    Security key           : Present\n    Key Content            : hunter2hunter2\n"
    )
    sheet = wifi_text.parse_netsh(content)
    assert sheet.value("network.wifi.profiles") == ["Home"]
    assert "hunter2" not in str(sheet.all())


def test_addresses_in_italian():
    """Ipconfig is read by the shape of its values; two name servers, a gateway that is not the DHCP server's line."""
    sheet = windows_text.parse_ipconfig(text("ipconfig-it.txt"))
    name = "Scheda Ethernet Ethernet"
    assert sheet.value("os.computer_name") == "STUDIO-04"
    assert sheet.value("network.interface.ipv4", name) == "192.0.2.40"
    assert sheet.value("network.interface.gateway", name) == "192.0.2.1"
    assert sheet.value("network.interface.dns_servers", name) == "192.0.2.53, 192.0.2.54"
    assert sheet.value("network.interface.dhcp", name) is True
    assert sheet.value("network.interface.mac", name) == "02:11:22:33:44:66"
    assert sheet.value("network.interface.is_up", "Scheda LAN wireless Wi-Fi") is False


def test_systeminfo_in_german():
    """The order of the first lines is the same in every language."""
    content = "\n".join(
        (
            "Hostname:                                      STUDIO-04",
            "Betriebssystemname:                            Microsoft Windows 11 Pro",
            "Betriebssystemversion:                         10.0.26200 Nicht zutreffend Build 26200",
            "Betriebssystemhersteller:                      Microsoft Corporation",
            "Betriebssystemkonfiguration:                   Eigenständige Arbeitsstation",
            "Betriebssystem-Buildtyp:                       Multiprocessor Free",
            "Registrierter Benutzer:                        ines",
            "Registrierte Organisation:",
            "Produkt-ID:                                    00330",
            "Ursprüngliches Installationsdatum:             11.02.2024, 10:00:00",
            "Systemstartzeit:                               01.10.2026, 07:00:00",
            "Systemhersteller:                              Larkspur Works",
            "Systemmodell:                                  Note 14",
            "Systemtyp:                                     x64-based PC",
            "Prozessor(en):                                 1 Prozessor(en) installiert.",
            "                                               [01]: Intel64 Family 6 Model 140 Stepping 1 GenuineIntel ~2803 MHz",
            "BIOS-Version:                                  Larkspur 1.22, 14.03.2025",
            "Gesamter physischer Speicher:                  7.979 MB",
            "Verfügbarer physischer Speicher:               880 MB",
        )
    )
    sheet = windows_text.parse_systeminfo(content)
    assert sheet.value("os.cycle") == "11-25h2-w"
    assert sheet.value("system.model") == "Note 14"
    assert sheet.value("memory.total_bytes") == 7979 * 2**20
    assert sheet.value("memory.available_bytes") == 880 * 2**20
    assert sheet.value("firmware.version") == "Larkspur 1.22"


def test_a_list_of_windows_objects_in_utf_16():
    """The class is told by the object; "{}" is a list, TRUE a truth, "" nothing."""
    content = "\r\n\r\nCapacity=500000000000\r\r\nDriveLetter=C:\r\r\nDriveType=3\r\r\nFileSystem=NTFS\r\r\nFreeSpace=90000000000\r\r\nDirtyBitSet=TRUE\r\r\nBootVolume=TRUE\r\r\nLabel=Büro\r\r\n\r\n"
    for data in (content.encode("utf-16"), content.encode("utf-16-le"), content.encode("utf-8-sig")):
        sheet = wmi_list.parse(data)
        assert sheet.value("storage.volume.free_bytes", "C:") == 90_000_000_000
        assert sheet.value("storage.volume.error_count", "C:") == 1
        assert sheet.value("storage.volume.label", "C:") == "Büro"


@pytest.mark.parametrize("page", ["cp850", "cp1252"])
def test_code_pages_are_told_apart(page):
    """A console's page and a file's give the same text."""
    content = "Schnittstelle: Größe, Übertragung, Kanäle, façade, été"
    assert decode(content.encode(page)) == content


def test_powershell_objects_in_all_their_forms():
    """One object alone, a list, noise before, another shape of date."""
    one = '{"CimClass": {"CimClassName": "Win32_OperatingSystem"}, "Caption": "Microsoft Windows 11 Pro", "BuildNumber": "26200", "OperatingSystemSKU": 48, "ProductType": 1, "LastBootUpTime": "/Date(1795425000000)/"}'
    for content in (one, f"[{one}]", '#< CLIXML\r\n<Objs><S S="Error">x</S></Objs>\r\n' + one):
        sheet = powershell_json.parse(content)
        assert sheet.value("os.cycle") == "11-25h2-w"
        assert sheet.value("os.booted_at") == "2026-11-23T09:10:00+00:00"


def test_values_of_a_registry_export():
    """Texts, numbers, wide texts, lists, continued lines."""
    keys = registry.tree(
        'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n@="default"\n"Path"="C:\\\\A \\"b\\""\n"N"=dword:0000001f\n'
        '"E"=hex(2):25,00,41,\\\n  00,25,00,00,00\n"L"=hex(7):61,00,00,00,62,00,00,00,00,00\n"Q"=hex(b):00,00,00,00,01,00,00,00\nrubbish\n'
    )
    assert keys["HKEY_LOCAL_MACHINE\\X"] == {
        "": "default",
        "Path": 'C:\\A "b"',
        "N": 31,
        "E": "%A%",
        "L": ["a", "b"],
        "Q": 2**32,
    }


def test_a_battery_report():
    """Capacities in mWh of each battery."""
    sheet = powercfg.parse(
        "<BatteryReport><SystemInformation><PlatformRole>Mobile</PlatformRole></SystemInformation><Batteries>"
        "<Battery><Id>Sample &amp; Co</Id><DesignCapacity>50000</DesignCapacity><FullChargeCapacity>30000</FullChargeCapacity>"
        "<CycleCount>700</CycleCount><RelativeCapacity>0</RelativeCapacity></Battery></Batteries></BatteryReport>"
    )
    assert sheet.value("power.battery.health_percent", "0") == 60.0
    assert sheet.value("power.battery.model", "0") == "Sample & Co"
    assert sheet.value("system.kind") == "notebook"


def test_upower_leaves_the_mouse_alone():
    """Only the computer's own supplies count."""
    content = (
        "Device: /org/freedesktop/UPower/devices/battery_BAT0\n  native-path:          BAT0\n  power supply:         yes\n  battery\n"
        "    state:               discharging\n    energy:              20,5 Wh\n    energy-full:         40 Wh\n    energy-full-design:  50 Wh\n\n"
        "Device: /org/freedesktop/UPower/devices/mouse_hid\n  native-path:          hid\n  power supply:         no\n  mouse\n    percentage:          10%\n\n"
        "Device: /org/freedesktop/UPower/devices/DisplayDevice\n  power supply:         yes\n  battery\n    energy-full-design:  1 Wh\n"
    )
    sheet = upower.parse(content)
    assert sheet.value("power.battery_count") == 1
    assert sheet.value("power.battery.health_percent", "BAT0") == 80.0
    assert sheet.value("power.battery.now_mwh", "BAT0") == 20_500


def test_devices_without_a_driver_in_lspci():
    """Only where the drivers were asked for, and only kinds that need one."""
    content = (
        "00:00.0 Host bridge [0600]: Sample Hub [8086:277c]\n\n"
        "02:00.0 Ethernet controller [0200]: Sample Net [10ec:8168] (rev 15)\n\tSubsystem: X [1:2]\n\n"
        "03:00.0 VGA compatible controller [0300]: Sample Gfx [10de:1f06]\n\tKernel driver in use: nouveau\n"
    )
    sheet = device_text.parse_lspci(content)
    assert sheet.value("devices.missing_drivers") == [
        {"name": "Sample Net", "id": "10ec:8168", "problem": "no driver"}
    ]
    assert sheet.value("display.graphics.driver", "03:00.0") == "nouveau"
    assert (
        device_text.parse_lspci("00:02.0 VGA compatible controller: Sample").value("devices.missing_drivers")
        is None
    )


def test_other_formats_in_a_line_or_two():
    """ip, ifconfig, iw, nmcli, wdutil, timedatectl, systemctl, lsusb, ioreg."""
    ip = ip_text.parse_ip(
        "2: eth0@if3: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 02:00:00:00:00:01 brd\n    inet 192.0.2.7/24 scope global\n"
    )
    assert ip.value("network.interface.ipv4", "eth0") == "192.0.2.7"
    assert ip.value("network.interface.is_up", "eth0") is True
    cable = ip_text.parse_ip("3: eth1: <NO-CARRIER,BROADCAST,UP> mtu 1500 state DOWN\n")
    assert cable.value("network.interface.is_up", "eth1") is False
    bsd = ip_text.parse_ifconfig(
        "en0: flags=8863<UP,RUNNING> mtu 1500\n\tether 02:00:00:00:00:02\n\tinet 192.0.2.8 netmask 0xffffff00\n\tstatus: inactive\n"
    )
    assert bsd.value("network.interface.is_up", "en0") is False
    link = wifi_text.parse_iw(
        "Connected to 02:aa:bb:cc:dd:ee (on wlan0)\n\tSSID: Home: 5\n\tfreq: 5180\n\tsignal: -56 dBm\n\ttx bitrate: 866.7 MBit/s VHT\n"
    )
    assert link.value("network.wifi.ssid", "wlan0") == "Home: 5"
    assert link.value("network.wifi.channel", "wlan0") == 36
    assert wifi_text.parse_iw("Not connected.\n").value("network.wifi.is_connected") is False
    terse = nmcli_text.parse_nmcli(
        "*:02\\:AA\\:BB\\:CC\\:DD\\:EE:a\\:b\\\\c:Infra:6:130 Mbit/s:87:bars:WPA2\n"
    )
    assert terse.value("network.wifi.ssid") == "a:b\\c"
    wd = wifi_text.parse_wdutil(
        "WIFI\n    Interface Name : en0\n    SSID : Home\n    RSSI : -60 dBm\n    Channel : 5g44/40\n    PHY Mode : 11ax\n"
    )
    assert wd.value("network.wifi.channel", "en0") == 44
    quoted = wifi_text.parse_wdutil(
        "    RSSI                 : -61 dBm\n    Tx Rate              : 86.0 Mbps\n"
        "    PHY Mode             : 11ac\n    Channel              : 5g36/20\n"
    )
    assert quoted.value("network.wifi.channel", "Wi-Fi") == 36
    assert quoted.value("network.wifi.signal_dbm", "Wi-Fi") == -61
    clock = systemd_text.parse_timedatectl(
        "System clock synchronized: no\n              NTP service: active\n"
    )
    assert clock.value("os.clock_synchronised") is False
    units = systemd_text.parse_systemctl(
        "● cups.service loaded failed failed CUPS\n  a.service loaded active running A\n"
    )
    assert units.value("os.services.failed") == ["cups"]
    mounts = systemd_text.parse_systemctl(
        "● mnt-my\\x20disk.mount loaded failed failed /mnt/my disk\n"
        "  srv-b\\xc3\\xa4ume.mount loaded active mounted /srv/bäume\n"
        "dev-disk-by\\x2duuid-1234\\x2d5678.swap loaded failed failed Swap\n"
    )
    assert mounts.value("os.services.failed") == []
    assert mounts.value("os.services.failed_mounts") == ["/dev/disk/by-uuid/1234-5678", "/mnt/my disk"]
    assert [systemd_text.path_of(unit) for unit in ("-", "srv-b\\xc3\\xa4ume", "a\\xff")] == [
        "/",
        "/srv/bäume",
        "/a\\xff",
    ]
    none = systemd_text.parse_systemctl("  UNIT LOAD ACTIVE SUB DESCRIPTION\n0 loaded units listed.\n")
    assert none.value("os.services.failed") == []
    usb = device_text.parse_lsusb(
        "Bus 001 Device 004: ID 0951:1666 Sample Stick\nBus 001 Device 001: ID 1d6b:0002 Root\n"
    )
    assert usb.value("devices.usb_count") == 1
    slow = device_text.parse_lsusb(
        "Bus 001 Device 004: ID 0951:1666 Sample Stick\nNegotiated speed: Full Speed (12Mbps)\n"
    )
    assert slow.value("devices.usb.speed_mbits", "1-4") == 12
    mac = ioreg.parse(
        '+-o Mac14,2  <class IOPlatformExpertDevice, id 1>\n  {\n    "model" = <"MacBookPro12,1">\n    "IOPlatformSerialNumber" = "SAMPLE1"\n  }\n'
    )
    assert mac.value("system.kind") == "notebook"


def test_two_numbers_in_a_row_are_two_cards_without_lines():
    """Damaged lists give what is left of them."""
    guid = "GUID : 0f0f0f0f-1111-2222-3333-444455556666\n"
    assert (
        wifi_text.parse_netsh("Name : Wi-Fi\nDescription : Card\n" + guid + guid).value(
            "network.interface.description", "Wi-Fi"
        )
        == "Card"
    )


@pytest.mark.parametrize(
    "content",
    ["GUID : 0f0f0f0f-1111-2222-3333-444455556666\n", "a : b\nGUID : 0f0f0f0f-1111-2222-3333-444455556666\n"],
)
def test_a_wifi_list_cut_off_at_its_beginning(content):
    """Without the lines before it a card has no name, and is left out."""
    assert len(wifi_text.parse_netsh(content)) == 0
