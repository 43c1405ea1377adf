"""VPN connections as NetworkManager, Windows and macOS list them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.probes.formats import vpn_text
from techkit.probes.formats.vpn_text import Connection
from techkit.probes.formats.windows import network as windows_network

CAPTURES = Path(__file__).parents[2] / "captures"


def test_networkmanager_lists_what_is_set_up():
    """A colon in a name is escaped; bridges and cables are no VPN, nor a tunnel another program made."""
    found = vpn_text.parse_nmcli((CAPTURES / "tools/nmcli-connections.txt").read_text())
    assert found == [
        Connection("Dental: practice", "wireguard", True, "wg0"),
        Connection("Office", "vpn", False, ""),
    ]


def test_two_connections_of_one_name_are_two():
    """One that takes everything is not hidden behind a quiet one; a name may end in a backslash, or be empty."""
    text = "Office:wireguard:wg0:yes\nOffice:vpn:--:no\nC\\\\:vpn:--:no\n:tun:tun3:yes\n"
    sheet = vpn_text.readings(vpn_text.Connections(tuple(vpn_text.parse_nmcli(text)), "wg0"))
    told = {r.subject: r.value for r in sheet if r.id == "network.vpn.is_connected"}
    assert told == {"Office": True, "Office (2)": False, "C\\": False, "tun3": True}
    assert sheet.value("network.vpn.takes_all", "Office") is True


def test_a_plain_vpn_gets_the_one_tunnel_nobody_else_has():
    """NetworkManager names the cable such a VPN goes over; the tunnel is the kernel's to tell."""
    named = [Connection("Office", "vpn", True), Connection("Home", "wireguard", True, "wg0")]
    seen = [Connection("tun0", "tun", True, "tun0"), Connection("wg0", "wireguard", True, "wg0")]
    assert vpn_text.joined(named, seen) == [
        Connection("Office", "vpn", True, "tun0"),
        Connection("Home", "wireguard", True, "wg0"),
    ]


def test_a_mac_lists_services_and_not_modems():
    """A filter that calls itself a VPN and is invalid is not connected; a modem over PPP is none."""
    found = vpn_text.parse_scutil_nc((CAPTURES / "tools/scutil-nc.txt").read_text())
    assert [(each.name, each.kind, each.is_connected) for each in found] == [
        ("Dental practice", "com.wireguard.macos", True),
        ('Büro \\"alt\\"', "l2tp", False),
        ("Filter", "com.fictional.filter", False),
    ]


def test_a_tunnel_of_macos_itself_is_no_vpn():
    """Only a tunnel with an IPv4 address counts; utun0 is the system's own."""
    found = vpn_text.parse_tunnels((CAPTURES / "macbook/ifconfig-vpn.txt").read_text())
    assert found == [Connection("utun4", "utun", True, "utun4")]


@pytest.mark.parametrize(
    ("text", "interface"),
    [
        ("203.0.113.1 dev wg0 table 51820 src 10.77.0.2 uid 1000 \\    cache", "wg0"),
        ("203.0.113.1 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0 \\    cache", "eth0"),
        ((CAPTURES / "macbook/route-vpn.txt").read_text(), "utun4"),
        ("RTNETLINK answers: Network is unreachable", ""),
    ],
)
def test_the_way_out_is_what_the_system_says(text, interface):
    """Ip with and without a table of its own, and macOS' route."""
    assert vpn_text.parse_route(text) == interface


#: As Get-VpnConnection is printed in Microsoft's own manual, one connected.
OFFICE = {
    "Name": "Test1",
    "TunnelType": "Automatic",
    "ConnectionStatus": "Connected",
    "SplitTunneling": False,
}


def test_windows_own_vpn_takes_all_unless_it_is_split():
    """Without routes the setting tells; with them the way that is really taken."""
    [alone] = windows_network.vpns([OFFICE], [], []).all
    assert (alone.is_connected, alone.takes_all) == (True, True)
    routes = [{"DestinationPrefix": "0.0.0.0/0", "InterfaceAlias": "Ethernet", "RouteMetric": 0}]
    [beside] = windows_network.vpns([OFFICE], [], routes).all
    assert beside.takes_all is False


def test_half_the_internet_twice_goes_before_the_whole():
    """OpenVPN leaves the default route where it is and adds two closer ones."""
    routes = [
        {
            "DestinationPrefix": "0.0.0.0/0",
            "InterfaceAlias": "Ethernet",
            "RouteMetric": 0,
            "InterfaceMetric": 5,
        },
        {
            "DestinationPrefix": "0.0.0.0/1",
            "InterfaceAlias": "TAP",
            "RouteMetric": 259,
            "InterfaceMetric": 25,
        },
    ]
    assert windows_network.way_out(routes) == "TAP"


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                "* (Connected)",
                ' "a"',
                " [VPN:x]",
                " [PPP:L2TP]",
                "utun0: flags=1<UP>",
                "\n\tinet 1",
                "\n",
                ":",
                "\\",
                "vpn",
                " dev ",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_bent_lists_are_survived(text):
    """No exception, and every connection has a name."""
    for parse in (vpn_text.parse_nmcli, vpn_text.parse_scutil_nc, vpn_text.parse_tunnels):
        assert all(isinstance(each.name, str) for each in parse(text))
    vpn_text.parse_route(text)
