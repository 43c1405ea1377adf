"""Network in rarer forms: ip, ifconfig, nmcli and scans."""

from __future__ import annotations

import pytest

from techkit.probes.formats import ip_text, nmcli_text, wifi_text
from techkit.probes.sheet import Sheet


def test_people_name_their_networks_as_they_like():
    """A network called "default" or "12345678" is one; a serial number of 0 is none."""
    sheet = Sheet()
    sheet.add("network.wifi.ssid", "default", subject="a")
    sheet.add("network.wifi.ssid", "--", subject="b")
    sheet.add("power.battery.serial", "0", subject="c")
    assert [(r.id, r.value) for r in sheet] == [("network.wifi.ssid", "default")]


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
    overview = nmcli_text.parse_nmcli(
        'wlp2s0: connected to Home\n\t"Sample Wi-Fi 7"\n\twifi (sample), 02:00:00:00:00:0C, hw, mtu 1500\n'
        '\tinet4 192.0.2.9/24\n\nlo: unmanaged\n\t"lo"\n\tloopback (unknown), 00:00:00:00:00:00, sw, mtu 65536\n\n'
        "DNS configuration:\n\tservers: 192.0.2.1\n"
    )
    assert {r.subject for r in overview} == {"wlp2s0"}
    assert overview.value("network.interface.mac", "wlp2s0") == "02:00:00:00:00:0c"
    assert overview.value("network.interface.is_wireless", "wlp2s0") is True
    assert overview.value("network.interface.ipv4", "wlp2s0") == "192.0.2.9"
    table = nmcli_text.parse_nmcli(
        "DEVICE  TYPE      STATE         CONNECTION\nwlp2s0  wifi      connected     Home\n"
        "enp3s0  ethernet  disconnected  --\nlo      loopback  unmanaged     --\n"
    )
    assert table.value("network.interface.is_up", "wlp2s0") is True
    assert table.value("network.interface.is_up", "enp3s0") is False
    assert {r.subject for r in table} == {"wlp2s0", "enp3s0"}
    full = nmcli_text.parse_nmcli(
        "connection.id:      Home\nGENERAL.NAME:       Home\nGENERAL.DEVICES:    wlp2s0\nGENERAL.STATE:      activated\n"
        "IP4.ADDRESS[1]:     192.0.2.9/24\n"
    )
    assert full.value("network.interface.is_up", "wlp2s0") is True
    assert full.value("network.interface.ipv4", "wlp2s0") == "192.0.2.9"


@pytest.mark.parametrize(
    ("state", "in_use"),
    [
        ("verbunden", True),
        ("nicht verbunden", False),
        ("nicht verwaltet", None),
        ("unmanaged", None),
        ("不受管理", None),
        ("connecté (en externe)", True),
        ("déconnecté", False),
        ("conectando (obteniendo configuración IP)", False),
        ("连接（外部）", True),
        ("已断开", False),
        ("połączono", True),
        ("sambandslaus", None),
    ],
)
def test_nmcli_says_in_its_own_language_what_is_in_use(state, in_use):
    """A word nobody knows is no state: neither up nor down."""
    head = "DEVICE  TYPE      STATE      CONNECTION\n"
    table = nmcli_text.parse_nmcli(f"{head}enp3s0  ethernet  {state}  Wired 1\n")
    assert table.value("network.interface.is_up", "enp3s0") is in_use
    overview = nmcli_text.parse_nmcli(f'enp3s0: {state}\n\t"Sample Ethernet"\n')
    assert overview.value("network.interface.is_up", "enp3s0") is in_use


def test_nmcli_names_the_connection_in_its_own_language():
    """The words between the state and the connection's name are translated as well."""
    sheet = nmcli_text.parse_nmcli(
        'wlp2s0: połączono do Dom\n\t"Sample"\n\nenp3s0: verbunden mit Büro (1)\n\t"Sample"\n'
    )
    assert sheet.value("network.interface.is_up", "wlp2s0") is True
    assert sheet.value("network.interface.is_up", "enp3s0") is True
    full = nmcli_text.parse_nmcli("GENERAL.DEVICES:    enp3s0\nGENERAL.STATE:      aktywowano\n")
    assert full.value("network.interface.is_up", "enp3s0") is True


def test_nmcli_device_with_several_addresses_and_no_packet_size():
    """Every address counts, name servers too; a packet size of 0 is not known."""
    sheet = nmcli_text.parse_nmcli(
        "GENERAL.DEVICE:     enp3s0\nGENERAL.MTU:        0\nGENERAL.STATE:      100 (verbunden)\n"
        "IP4.ADDRESS[1]:     192.0.2.9/24\nIP4.ADDRESS[2]:     198.51.100.9/32\nIP4.GATEWAY:        --\n"
        "IP4.DNS[1]:         192.0.2.1\nIP4.DNS[2]:         192.0.2.2\nIP6.ADDRESS[1]:     2001:db8::9/64\n"
        "IP6.GATEWAY:        fe80::1\n"
    )
    assert sheet.value("network.interface.mtu", "enp3s0") is None
    assert sheet.value("network.interface.ipv4", "enp3s0") == "192.0.2.9, 198.51.100.9"
    assert sheet.value("network.interface.dns_servers", "enp3s0") == "192.0.2.1, 192.0.2.2"
    assert sheet.value("network.interface.gateway", "enp3s0") == "fe80::1"


@pytest.mark.parametrize(
    "content",
    [
        (
            "IN-USE  BSSID              SSID        MODE   CHAN  RATE        SIGNAL  BARS  SECURITY  \n"
            "*       02:00:00:00:00:0C  My Home     Infra  44    270 Mbit/s  92      ▂▄▆█  WPA2 WPA3 \n"
            "        02:00:00:00:00:0D  --          Infra  1     405 Mbit/s  85      ▂▄▆█  --        \n"
        ),
        r"*:My Home:02\:00\:00\:00\:00\:0C:Infra:44:5220 MHz:270 Mbit/s:92:WPA2 WPA3" + "\n"
        r" :Else:02\:00\:00\:00\:00\:0D:Infra:1:2412 MHz:405 Mbit/s:85:" + "\n",
    ],
    ids=["table", "terse with the address behind the name"],
)
def test_nmcli_lists_networks_in_other_columns(content):
    """The table a person sees, and -t with other fields asked for."""
    sheet = nmcli_text.parse_nmcli(content)
    assert sheet.value("network.wifi.network_count") == 2
    assert sheet.value("network.wifi.ssid") == "My Home"
    assert sheet.value("network.wifi.bssid") == "02:00:00:00:00:0c"
    assert sheet.value("network.wifi.channel") == 44
    assert sheet.value("network.wifi.signal_percent") == 92
    assert sheet.value("network.wifi.security") == "WPA2 WPA3"


def test_nmcli_with_figures_that_are_no_number():
    """A strength in figures of another script or above the line is none; the network is counted all the same."""
    sheet = nmcli_text.parse_nmcli(r"*:02\:00\:00\:00\:00\:0C:Home:Infra:²:54 Mbit/s:²7:____:WPA2" + "\n")
    assert sheet.value("network.wifi.network_count") == 1
    assert sheet.value("network.wifi.signal_percent") is None


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


IWCONFIG = """lo        no wireless extensions.

wlan2     IEEE 802.11  ESSID:"Sample Home"
          Mode:Managed  Frequency:5.22 GHz  Access Point: 02:00:00:00:00:11
          Link Quality=62/70  Signal level=-48 dBm

wlan3     unassociated  Nickname:"<WIFI@SAMPLE>"
          Mode:Managed  Frequency=5.18 GHz  Access Point: Not-Associated
          Link Quality:0  Signal level:0  Noise level:0

wlan4     IEEE 802.11AX  ESSID:"Sample Home"  Nickname:"<WIFI@SAMPLE>"
          Mode:Managed  Frequency:5.18 GHz  Access Point: 02:00:00:00:00:12

ra0       Sample STA  ESSID:"Old" Home"  Nickname:"SampleSTA"
          Mode:Managed  Frequency=2.437 GHz  Access Point: 00:00:00:00:00:00
          Link Quality:70/100  Signal level:-59 dBm  Noise level:-87 dBm
"""


def test_each_adapter_of_iwconfig_has_its_own_lines():
    """A driver may write its own word instead of the standard, and a nickname behind the name of the network."""
    sheet = wifi_text.parse_iw(IWCONFIG)
    fields = ("is_connected", "ssid", "frequency_mhz", "channel", "signal_dbm")
    found = {
        name: tuple(sheet.value(f"network.wifi.{field}", name) for field in fields)
        for name in ("lo", "wlan2", "wlan3", "wlan4", "ra0")
    }
    assert found == {
        "lo": (None,) * 5,
        "wlan2": (True, "Sample Home", 5220, 44, -48),
        "wlan3": (False, None, 5180, 36, None),
        "wlan4": (True, "Sample Home", 5180, 36, None),
        "ra0": (False, 'Old" Home', 2437, 6, -59),
    }


def test_a_helper_of_an_adapter_takes_no_other_adapters_place():
    """`iw dev` lists it without a name, but with an address."""
    helper = "\tUnnamed/non-netdev interface\n\t\twdev 0x2\n\t\taddr 02:00:00:00:00:9c\n"
    named = "\tInterface wlan{}\n\t\taddr 02:00:00:00:00:0{}\n\t\tssid Sample\n"
    listed = "".join(f"phy#{n}\n{helper}{named.format(n, n)}" for n in (0, 1))
    sheet = wifi_text.parse_iw(listed)
    macs = {r.subject: r.value for r in sheet if r.id == "network.interface.mac"}
    assert macs == {"wlan0": "02:00:00:00:00:00", "wlan1": "02:00:00:00:00:01"}


def test_a_link_over_several_bands_names_band_and_channel_of_one():
    """Wi-Fi 7 lists a frequency for each."""
    listed = "Connected to 02:00:00:00:00:11 (on wlan0)\n\tLink 1 BSSID 02:00:00:00:00:12\n\t\tfreq: 5240.0\n\tLink 2 BSSID 02:00:00:00:00:13\n\t\tfreq: 6375.0\n"
    sheet = wifi_text.parse_iw(listed)
    told = [
        sheet.value(f"network.wifi.{field}", "wlan0") for field in ("band_ghz", "frequency_mhz", "channel")
    ]
    assert told == [6.0, 6375, 85]


def test_iwlist_scan_names_no_network_that_is_in_use():
    """A list of the networks around says nothing of the one the computer is in."""
    cell = '          Cell {place} - Address: 02:00:00:00:00:0{place}\n                    Channel:6\n                    Frequency:2.437 GHz (Channel 6)\n                    Quality=34/70  Signal level=-89 dBm\n                    ESSID:"sample"\n'
    sheet = wifi_text.parse_iw("wlan0     Scan completed :\n" + cell.format(place=1) + cell.format(place=2))
    assert [(r.id, r.value) for r in sheet] == [("network.wifi.network_count", 2)]


def test_netsh_shortened_by_who_shows_it():
    """Without description, id and address the state stands behind the name: it describes no adapter."""
    rows = [
        "名前 : Wi-Fi",
        "説明 : Sample 7",
        "状態 : 接続されました",
        "SSID : 家",
        "BSSID : 02:00:00:00:00:0c",
        "無線の種類 : 802.11be",
        "シグナル : 92%",
    ]
    whole = wifi_text.parse_netsh("".join(f"    {row}\n" for row in rows))
    assert whole.value("network.interface.description", "Wi-Fi") == "Sample 7"
    short = wifi_text.parse_netsh("".join(f"    {row}\n" for row in rows if "説明" not in row))
    assert short.value("network.interface.description", "Wi-Fi") is None
    assert short.value("network.wifi.ssid", "Wi-Fi") == "家"


def test_netsh_with_other_bands_of_the_access_point_and_names_like_figures():
    """Windows 11 lists what else the access point sends on; a network may be called like a band, a channel or a share."""
    rows = (
        "    Name                   : Wi-Fi\n    Description            : Sample 6E\n"
        "    GUID                   : 42d7d972-30c2-4215-b8a6-ba280a9823e7\n    Physical address       : 02:00:00:00:00:01\n"
        "    State                  : connected\n    SSID                   : {name}\n    AP BSSID               : 02:00:00:00:00:0c\n"
        "         Colocated APs:    : 2\n            BSSID: 02:00:00:00:00:0d,  Band: 2.4 GHz,  Channel: 1\n"
        "    Channel                : 101\n    Radio type             : 802.11ax\n    Authentication         : WPA3-Personal  (H2E)\n"
        "    Receive rate (Mbps)    : 2402\n    Transmit rate (Mbps)   : 1201\n    Signal                 : 87%\n    Profile                : {name}\n"
    )
    for name in ("2.4 GHz", "44", "50%"):
        sheet = wifi_text.parse_netsh(rows.format(name=name))
        assert sheet.value("network.wifi.ssid", "Wi-Fi") == name
        assert sheet.value("network.wifi.channel", "Wi-Fi") == 101
        assert sheet.value("network.wifi.band_ghz", "Wi-Fi") == 5.0
        assert sheet.value("network.wifi.signal_percent", "Wi-Fi") == 87
        assert sheet.value("network.wifi.receive_rate_mbit", "Wi-Fi") == 2402.0


@pytest.mark.parametrize(
    ("shown", "name"),
    [(r"caf\xc3\xa9 net", "café net"), (r"back\\slash", "back" + chr(92) + "slash"), ("plain", "plain")],
)
def test_iw_writes_the_bytes_of_a_name(shown, name):
    """What is beyond ASCII stands there in hexadecimal; the network is called what its owner called it."""
    sheet = wifi_text.parse_iw(f"Connected to 02:00:00:00:00:0c (on wlp2s0)\n\tSSID: {shown}\n\tfreq: 5180\n")
    assert sheet.value("network.wifi.ssid", "wlp2s0") == name


def test_ip_in_brief():
    """`ip -br addr` and `ip -br link` have a row for each device."""
    sheet = ip_text.parse_ip(
        "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n"
        "enp3s0           UP             192.0.2.20/24 198.51.100.7/32 fe80::5054:ff:fe35:4fb8/64 \n"
        "wlp2s0           DOWN           \nveth1@if7        UP             \n"
        "eno1             DOWN           02:00:00:00:00:01 <NO-CARRIER,BROADCAST,MULTICAST,UP> \n"
    )
    assert {r.subject for r in sheet} == {"enp3s0", "wlp2s0", "veth1", "eno1"}
    assert sheet.value("network.interface.is_up", "enp3s0") is True
    assert sheet.value("network.interface.ipv4", "enp3s0") == "192.0.2.20, 198.51.100.7"
    assert sheet.value("network.interface.ipv6", "enp3s0") == "fe80::5054:ff:fe35:4fb8"
    assert sheet.value("network.interface.is_up", "wlp2s0") is False
    assert sheet.value("network.interface.mac", "eno1") == "02:00:00:00:00:01"


def test_a_network_that_is_only_set_is_no_link():
    """Old drivers name the network they look for; a quality of 0 and -120 dBm without an access point is no link."""
    content = 'ra0       RT2500 Wireless  ESSID:"Sample"  \n          Mode:Managed  Frequency=2.412 GHz  Bit Rate:11 Mb/s\n          {}Link Quality=0/100  Signal level=-120 dBm  Noise level:-197 dBm\n'
    sheet = wifi_text.parse_iw(content.format(""))
    assert sheet.value("network.wifi.is_connected", "ra0") is False
    assert sheet.value("network.wifi.signal_dbm", "ra0") is None
    assert sheet.value("network.wifi.signal_percent", "ra0") is None
    linked = wifi_text.parse_iw(content.format("Access Point: 02:00:00:00:00:0C   \n          "))
    assert linked.value("network.wifi.is_connected", "ra0") is True


def test_wdutil_says_more_of_one_thing_on_lines_of_their_own():
    """The second address and name server stand below the first; the protection of an open network is "None"."""
    told = (
        "NETWORK\n    DNS Addresses        : 192.0.2.9\n"
        "WIFI\n    Interface Name       : en1\n    SSID                 : Sample Café\n    RSSI                 : -55 dBm\n"
        "    Security             : None\n    Channel              : 1 (20 MHz, Active)\n    IPv4 Config Method   : DHCP\n"
        "    IPv4 Address         : 192.0.2.20\n    IPv6 Address         : 2001:db8::1:20\n"
        "                         : 2001:db8::1:21\n    DNS                  : 192.0.2.1\n                         : 2001:db8::53\n"
        "    BTC Mode             : Off\nBLUETOOTH\n    Power                : On\n                         : 192.0.2.99\n"
    )
    values = {r.id.rsplit(".", 1)[1]: r.value for r in wifi_text.parse_wdutil(told)}
    assert values["ipv6"] == "2001:db8::1:20, 2001:db8::1:21"
    assert values["dns_servers"] == "192.0.2.1, 2001:db8::53"
    assert values["dhcp"] is True
    assert values["security"] == "open"


@pytest.mark.parametrize(("method", "given"), [("Manual", False), ("None", None), ("", None)])
def test_wdutil_says_who_gave_the_address(method, given):
    """A method nobody knows is no answer; a Mac that is off has no protection."""
    told = f"WIFI\n    Interface Name : en0\n    Channel : None\n    Security : None\n    IPv4 Config Method : {method}\n"
    sheet = wifi_text.parse_wdutil(told)
    assert sheet.value("network.interface.dhcp", "en0") is given
    assert sheet.value("network.wifi.security", "en0") is None
