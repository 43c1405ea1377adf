"""The network ladder, climbed with real servers on the loopback address; parsers on recorded text."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from techkit.probes import network, network_hosts, network_local
from techkit.probes.declarations import DECLARED
from techkit.probes.network_hosts import Host
from techkit.probes.network_local import Interface, Local
from techkit.probes.probe import Access, RecordedAccess, why_missing
from techkit.probes.sheet import clean
from techkit.records.findings import Reason

CONNECTED = (Interface("eth0", True, ("192.0.2.17",)),)


@pytest.fixture
def access(tmp_path) -> Access:
    """Return an access without any tool: no ping leaves this computer."""
    return RecordedAccess(tmp_path)


@contextmanager
def web_server(answer: bytes) -> Iterator[int]:
    """Serve one fixed answer to every connection on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    if connection.recv(4096):
                        connection.sendall(answer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def page(body: bytes, status: bytes = b"200 OK", head: bytes = b"") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + head + b"Connection: close\r\n\r\n" + body


def closed_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def climb(local: Local, access: Access):
    """Return readings by id, and why the missing ones are missing."""
    readings = list(network.climb(local, access))
    assert {
        (r.unit, r.privacy) == (DECLARED[r.id].unit, DECLARED[r.id].privacy)
        for r in readings
        if not why_missing(r)
    } == {True}
    assert all(network.LADDER.covers(r.id) for r in readings)
    values = {r.id: r.value for r in readings if why_missing(r) is None}
    reasons = {r.id: why[0] for r in readings if (why := why_missing(r))}
    return values, reasons


def test_no_connected_interface_breaks_the_first_rung(access):
    """Without a link, the link is named and every rung above says it was not asked."""
    values, reasons = climb(Local(interfaces=(Interface("eth0", False),), gateway="127.0.0.1"), access)
    assert values["network.ladder.first_broken"] == "link"
    assert values["network.link.is_up"] is False
    assert set(reasons.values()) == {Reason.SKIPPED}
    assert {
        "network.address.kind",
        "network.gateway.answers",
        "network.internet.is_reachable",
    } <= reasons.keys()


@pytest.mark.parametrize("addresses", [(), ("169.254.10.20",), ("fe80::1",)])
def test_a_self_given_address_breaks_the_second_rung(access, addresses):
    """No address, or only one the computer gave itself, breaks the address rung."""
    values, reasons = climb(
        Local(interfaces=(Interface("eth0", True, addresses),), gateway="127.0.0.1"), access
    )
    assert values["network.ladder.first_broken"] == "address"
    assert reasons["network.gateway.answers"] is Reason.SKIPPED


def test_no_gateway_breaks_the_third_rung(access):
    """Without a default route the gateway is the first broken rung."""
    values, _reasons = climb(Local(interfaces=CONNECTED), access)
    assert values["network.ladder.first_broken"] == "gateway"
    assert values["network.gateway.is_set"] is False


def test_a_refusing_gateway_lives_and_without_hosts_the_rest_is_unknown(access):
    """A router that refuses connections is alive; with no reference host nothing above is claimed."""
    values, reasons = climb(Local(interfaces=CONNECTED, gateway="127.0.0.1"), access)
    assert values["network.gateway.answers"] is True
    assert values["network.ladder.first_broken"] == ""
    assert reasons["network.internet.is_reachable"] is Reason.NOT_PRESENT
    assert reasons["network.resolution.works"] is Reason.NOT_PRESENT


def test_a_whole_ladder_gives_loss_and_delay(access):
    """With the expected page behind a name, every rung holds and loss and delay are measured."""
    with web_server(page(b"all is well")) as port:
        host = Host("localhost", port, "/check", "all is well")
        values, reasons = climb(Local(interfaces=CONNECTED, gateway="127.0.0.1", hosts=(host,)), access)
    assert values["network.ladder.first_broken"] == ""
    assert values["network.resolution.works"] is True
    assert values["network.portal.is_open"] is True
    assert values["network.internet.is_reachable"] is True
    assert values["network.internet.loss_percent"] == 0
    assert values["network.internet.delay_ms"] >= 0
    assert reasons == {}


def test_a_name_nobody_knows_breaks_the_fourth_rung(access, monkeypatch):
    """A name that is not found breaks name resolution; what lies above was not asked."""
    monkeypatch.setattr(network, "resolve", lambda _name, _wait_s: ("", 0.2))
    host = Host("gone.example", 80, "/")
    values, reasons = climb(Local(interfaces=CONNECTED, gateway="127.0.0.1", hosts=(host,)), access)
    assert values["network.ladder.first_broken"] == "resolution"
    assert values["network.resolution.works"] is False
    assert reasons["network.internet.is_reachable"] is Reason.SKIPPED


def test_a_resolver_that_never_answers_is_given_up(access, monkeypatch):
    """A hanging resolver costs no more than the plan's wait."""
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: released.wait(20) and [])
    address, seconds = network.resolve("stuck.example", 0.1)
    released.set()
    assert (address, seconds < 5) == ("", True)


@pytest.mark.parametrize(
    "answer",
    [
        page(b"please sign in"),
        page(b"", b"302 Found", b"Location: http://portal.hotel.example/\r\n"),
        page(b"", b"511 Network Authentication Required"),
        b"rubbish",
    ],
)
def test_another_page_than_expected_is_a_portal(access, answer):
    """A foreign page, a redirect, status 511 or rubbish is a portal, and the internet above is not claimed."""
    with web_server(answer) as port:
        host = Host("127.0.0.1", port, "/", "all is well")
        values, reasons = climb(Local(interfaces=CONNECTED, gateway="127.0.0.1", hosts=(host,)), access)
    assert values["network.portal.is_open"] is False
    assert values["network.ladder.first_broken"] == "portal"
    assert reasons["network.internet.is_reachable"] is Reason.SKIPPED


def test_a_host_that_refuses_breaks_the_internet_rung(access):
    """When names are found but no connection is made, the internet is the first broken rung."""
    host = Host("localhost", closed_port(), "/")
    values, reasons = climb(Local(interfaces=CONNECTED, gateway="127.0.0.1", hosts=(host,)), access)
    assert values["network.ladder.first_broken"] == "internet"
    assert values["network.internet.is_reachable"] is False
    assert reasons["network.portal.is_open"] is Reason.SKIPPED


def test_a_silent_gateway_is_good_when_the_internet_is_reached(access):
    """A router may keep silent and still pass everything on; then it is not called broken."""
    with web_server(page(b"ok")) as port:
        local = Local(interfaces=CONNECTED, gateway="", hosts=(Host("127.0.0.1", port, "/"),))
        values, _reasons = climb(local, access)
    assert values["network.gateway.answers"] is True
    assert values["network.ladder.first_broken"] == ""


def test_a_router_known_to_the_link_layer_lives(tmp_path):
    """A router that drops every packet but answers on the link is alive; a name is no router."""
    arp = tmp_path / "proc/net/arp"
    arp.parent.mkdir(parents=True)
    arp.write_text(
        "IP address HW type Flags HW address Mask Device\n127.0.0.9 0x1 0x2 02:fc:00:00:00:05 * eth0\n"
    )
    assert network.gateway_answers(Local(gateway="127.0.0.9", neighbour="answers"), RecordedAccess(tmp_path))
    assert not network.gateway_answers(Local(gateway="--help"), RecordedAccess(tmp_path))


def test_an_address_as_reference_host_says_that_no_name_was_asked(access):
    """With an address as host, name resolution is unknown, never good."""
    with web_server(page(b"ok")) as port:
        local = Local(interfaces=CONNECTED, gateway="127.0.0.1", hosts=(Host("127.0.0.1", port, "/"),))
        _values, reasons = climb(local, access)
    assert reasons["network.resolution.works"] is Reason.SKIPPED


def test_connect_times_keeps_order_and_tells_silence():
    """A listening port has a time, a closed one none, or one where refusal counts as life."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        targets = [("127.0.0.1", listener.getsockname()[1]), ("127.0.0.1", closed_port())]
        first, second = network.connect_times(targets, 1.0)
        assert first is not None
        assert second is None
        assert network.connect_times(targets, 1.0, refused_counts=True)[1] is not None


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("service.example", Host("service.example", 443)),
        ("service.example:8443", Host("service.example", 8443)),
        ("http://one.example/check all is well", Host("one.example", 80, "/check", "all is well")),
        ("http://one.example:8080", Host("one.example", 8080, "/")),
        ("https://one.example/x", Host("one.example", 443)),
        ("[2001:db8::1]:80", Host("2001:db8::1", 80)),
    ],
)
def test_reference_hosts_are_read(text, host):
    """Each form of a reference host is read."""
    assert network_hosts.parse_host(text) == host


@pytest.mark.parametrize("text", ["", "http://", "host:99999", "host:0", "http:///x", "a:b:c"])
def test_what_is_no_host_is_refused(text):
    """What names no host is refused, never guessed."""
    with pytest.raises(ValueError, match="not a"):
        network_hosts.parse_host(text)


def test_the_setting_wins_over_the_systems_own_host(tmp_path):
    """The setting is asked instead of NetworkManager's page; without both there is none."""
    folder = tmp_path / "etc/NetworkManager/conf.d"
    folder.mkdir(parents=True)
    (folder / "20-connectivity.conf").write_text("[connectivity]\nuri=http://nm.example/ok\nresponse=fine\n")
    with_setting = RecordedAccess(tmp_path, settings={"network.reference_hosts": ["set.example:1"]})
    assert network_hosts.reference_hosts(with_setting) == (Host("set.example", 1),)
    assert network_hosts.reference_hosts(RecordedAccess(tmp_path)) == (Host("nm.example", 80, "/ok", "fine"),)
    assert network_hosts.reference_hosts(RecordedAccess(tmp_path / "empty")) == ()
    damaged = RecordedAccess(tmp_path, settings={"network.reference_hosts": ["http://", "good.example"]})
    assert network_hosts.reference_hosts(damaged) == (Host("good.example", 443),)


def test_a_connectivity_check_turned_off_is_respected():
    """A computer told not to ask any host is not made to by techkit."""
    assert network_hosts.parse_connectivity(["[connectivity]\nuri=http://nm.example/\nenabled=false\n"]) == ""


ROUTE = """Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\tFE01A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""


def test_the_gateway_with_the_lowest_metric_wins():
    """Of two default routes the one in use is read."""
    assert network_local.parse_route(ROUTE) == "192.168.1.254"


@pytest.mark.parametrize(
    "text", ["", "Iface\n", "x y z\n" * 3, ROUTE[:80], ROUTE.replace("0003", "zz"), "\0" * 100]
)
def test_a_damaged_route_table_has_no_gateway(text):
    """Damaged tables give no gateway and no exception."""
    assert network_local.parse_route(text) == ""


def test_an_ipv6_gateway_is_read():
    """The next hop of the default route is read from /proc/net/ipv6_route."""
    zeros = "0" * 32
    line = (
        f"{zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n"
    )
    assert network_local.parse_ipv6_route(line) == "fe80::1%eth0"
    assert network_local.parse_ipv6_route(line.replace("fe80", "2001")) == "2001::1"
    assert network_local.parse_ipv6_route("rubbish\n") == ""


def test_the_link_layer_tells_a_silent_router():
    """A complete entry answers, an incomplete one is silent, none says nothing."""
    head = "IP address HW type Flags HW address Mask Device\n"
    assert (
        network_local.parse_arp(f"{head}192.0.2.1 0x1 0x2 02:fc:00:00:00:05 * eth0\n", "192.0.2.1")
        == "answers"
    )
    assert (
        network_local.parse_arp(f"{head}192.0.2.1 0x1 0x0 00:00:00:00:00:00 * eth0\n", "192.0.2.1")
        == "silent"
    )
    assert network_local.parse_arp(head, "192.0.2.1") == ""


def test_macos_names_its_gateway():
    """The gateway of `route -n get default` is read."""
    text = "   route to: default\ndestination: default\n    gateway: 192.0.2.1\n  interface: en0\n"
    assert network_local.parse_route_get(text) == "192.0.2.1"
    assert network_local.parse_route_get("route: writing to routing socket: not in table\n") == ""


def test_this_computers_interfaces_are_read():
    """Every interface but the loopback is listed, with counters that are counts."""
    readings = list(network.read_interfaces(Access()))
    names = {r.subject for r in readings}
    assert "lo" not in names
    assert all(network.INTERFACES.covers(r.id) for r in readings)
    for reading in readings:
        declared = DECLARED[reading.id]
        assert (reading.unit, reading.privacy) == (declared.unit, declared.privacy), reading.id
        assert clean(reading.value, declared.kind) == reading.value
    for name in names:
        assert [r.value for r in readings if (r.id, r.subject) == ("network.interface.is_up", name)] in (
            [True],
            [False],
        )
    assert all(isinstance(r.value, int) and r.value >= 0 for r in readings if r.id.endswith("_bytes"))
