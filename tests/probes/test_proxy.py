"""Proxies and VPNs of recorded computers, and real proxies and scripts of this one asked."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from techkit.probes import proxy, vpn, windows_request
from techkit.probes.formats.proxy_text import Setting
from techkit.probes.probe import Access, Platform, RecordedAccess, why_missing
from techkit.records.findings import Reason

CAPTURES = Path(__file__).parents[1] / "captures"


def line(command) -> str:
    return " ".join(command.argv)


def found(readings):
    return {(r.id.removeprefix("network."), r.subject): r.value for r in readings if not why_missing(r)}


@pytest.fixture
def desktop() -> Access:
    outputs = {
        line(proxy.GSETTINGS): (CAPTURES / "tools/gsettings-proxy.txt").read_bytes(),
        line(vpn.NMCLI): (CAPTURES / "tools/nmcli-connections.txt").read_bytes(),
        line(vpn.ROUTE): b"203.0.113.1 dev wg0 table 51820 src 10.77.0.2 uid 1000 \\    cache \n",
    }
    access = RecordedAccess(CAPTURES / "linux-desktop", outputs=outputs)
    access.program = 4711
    return access


@pytest.fixture
def notebook() -> Access:
    facts = {line(windows_request.FACTS): (CAPTURES / "windows-notebook/facts.json").read_bytes()}
    return RecordedAccess(CAPTURES / "windows-notebook", platform=Platform.WINDOWS, outputs=facts)


@pytest.fixture
def mac() -> Access:
    outputs = {
        line(proxy.SCUTIL): (CAPTURES / "tools/scutil-proxy.txt").read_bytes(),
        line(vpn.SERVICES): (CAPTURES / "tools/scutil-nc.txt").read_bytes(),
        line(vpn.INTERFACES): (CAPTURES / "macbook/ifconfig-vpn.txt").read_bytes(),
        line(vpn.MAC_ROUTE): (CAPTURES / "macbook/route-vpn.txt").read_bytes(),
    }
    return RecordedAccess(CAPTURES / "macbook", platform=Platform.MACOS, outputs=outputs)


def test_a_desktop_tells_of_each_place(desktop):
    """The program's environment and the desktop's settings, each under its name."""
    told = found(proxy.SETTINGS.read(desktop))
    assert told["proxy.addresses", "environment"] == ["gate.example:3128"]
    assert told["proxy.addresses", "GNOME"] == ["127.0.0.1:8118", "gate.example:1080"]
    assert told["proxy.is_set", ""] is True


def test_wireguard_that_takes_all_is_told_from_a_tunnel_beside_it(desktop):
    """The kernel's way out decides; the tap of a virtual machine is no VPN."""
    told = found(vpn.CONNECTIONS.read(desktop))
    assert told["vpn.takes_all", "Dental: practice"] is True
    assert told["vpn.takes_all", "tun0"] is False
    assert told["vpn.is_connected", "Office"] is False
    assert told["vpn.count", ""] == 3


def test_a_notebook_with_windows(notebook):
    """A proxy on itself, another of its services, WireGuard by its adapter, an office VPN that is down."""
    proxies, vpns = found(proxy.SETTINGS.read(notebook)), found(vpn.CONNECTIONS.read(notebook))
    assert proxies["proxy.is_local", "Windows"] is True
    assert proxies["proxy.addresses", "WinHTTP"] == ["gate.example:3128"]
    assert vpns["vpn.takes_all", "Praxis"] is True
    assert vpns["vpn.is_connected", "Office"] is False
    assert vpns["vpn.is_connected", "OpenVPN TAP-Windows6"] is False
    assert vpns["vpn.count", ""] == 3


def test_a_mac(mac):
    """The service and its tunnel are one connection, and the way out goes through it."""
    assert found(proxy.SETTINGS.read(mac))["proxy.is_local", "macOS"] is True
    told = found(vpn.CONNECTIONS.read(mac))
    assert told["vpn.takes_all", "Dental practice"] is True
    assert ("vpn.kind", "utun4") not in told


def test_no_password_of_any_machine_is_in_a_reading(desktop, notebook, mac):
    """Names and passwords stand in the recorded settings; none of them is read."""
    for machine in (desktop, notebook, mac):
        told = repr([*proxy.SETTINGS.read(machine)])
        assert "marta" not in told
        assert "anybody" not in told
        assert "secret" not in told


# --- asked for real --------------------------------------------------------------------------------


@contextmanager
def serving(content: bytes, status: int = 200, to: str = "", asked: list[str] | None = None) -> Iterator[int]:
    """Serve one page for whatever is asked; yield the port. to: sent on there first. asked: the paths, as they come."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            is_sent_on = bool(to) and self.path == "/p.pac"
            self.send_response(302 if is_sent_on else status)
            if is_sent_on:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def asked(setting: Setting, monkeypatch, **settings: object):
    monkeypatch.setattr(proxy, "settings", lambda _access: [setting])
    return list(proxy.ANSWERS.read(Access(settings=settings, wait_s=1.0)))


HOST = {"network.reference_hosts": ["http://reference.invalid/page all is well"]}


def test_a_proxy_that_passes_on_is_told_from_one_that_does_not(monkeypatch):
    """The reference page is asked for through it; the name is the proxy's to look up."""
    with serving(b"all is well") as port:
        told = found(asked(Setting("GNOME", "fixed", (f"127.0.0.1:{port}",)), monkeypatch, **HOST))
    assert told == {("proxy.answers", "GNOME"): True, ("proxy.reaches_internet", "GNOME"): True}
    with serving(b"blocked") as port:
        told = found(asked(Setting("GNOME", "fixed", (f"127.0.0.1:{port}",)), monkeypatch, **HOST))
    assert told["proxy.reaches_internet", "GNOME"] is False


def test_a_proxy_that_wants_a_password_is_not_judged(monkeypatch):
    """Techkit uses no password: whether it would pass on is not known."""
    with serving(b"", status=407) as port:
        readings = asked(Setting("GNOME", "fixed", (f"127.0.0.1:{port}",)), monkeypatch, **HOST)
    [through] = [r for r in readings if r.id == "network.proxy.reaches_internet"]
    reason = why_missing(through)
    assert reason is not None
    assert reason[0] is Reason.NOT_PERMITTED


def test_a_proxy_nobody_runs_does_not_answer(monkeypatch):
    """A refused connection is no answer, nor is a name nobody knows."""
    told = found(asked(Setting("KDE", "fixed", (f"127.0.0.1:{unused_port()}",)), monkeypatch))
    assert told == {("proxy.answers", "KDE"): False}


@pytest.mark.parametrize(
    ("content", "status", "works"),
    [
        (b"function FindProxyForURL(url, host) { return 'DIRECT'; }", 200, True),
        ("function FindProxyForURL(url, host) {}".encode("utf-16"), 200, True),
        (b"<html>The page is gone.</html>", 200, False),
        (b"", 404, False),
    ],
)
def test_a_script_must_be_there_and_be_one(monkeypatch, content, status, works):
    """A page that says something else is no script."""
    with serving(content, status) as port:
        told = found(
            asked(Setting("macOS", "script", script=f"http://a:b@127.0.0.1:{port}/p.pac"), monkeypatch)
        )
    assert told == {("proxy.script_works", "macOS"): works}


def test_only_web_addresses_are_fetched(monkeypatch):
    """A script kept as a file is not opened, whatever its name says."""
    [reading] = asked(Setting("Windows", "script", script="file:///etc/passwd"), monkeypatch)
    assert why_missing(reading) is not None


def test_a_scripts_server_sends_nobody_to_other_computers(monkeypatch):
    """At its own host it may send on; elsewhere, inside this network or out of it, nothing is asked for it."""
    script = b"function FindProxyForURL(url, host) {}"
    elsewhere: list[str] = []
    with serving(script, asked=elsewhere) as inner:
        for to in (
            f"http://localhost:{inner}/reboot?now=1",
            f"ftp://127.0.0.1:{inner}/x",
            "file:///etc/passwd",
        ):
            with serving(script, to=to) as port:
                setting = Setting("macOS", "script", script=f"http://127.0.0.1:{port}/p.pac")
                [reading] = asked(setting, monkeypatch)
                assert reading.value is not True, to
    assert elsewhere == []
    with serving(script, to="/moved.pac") as port:
        setting = Setting("macOS", "script", script=f"http://127.0.0.1:{port}/p.pac")
        assert [reading.value for reading in asked(setting, monkeypatch)] == [True]


def test_an_at_in_a_query_is_no_other_host(monkeypatch):
    """The server that is named is asked, with all of the query."""
    elsewhere: list[str] = []
    here: list[str] = []
    with serving(b"", asked=elsewhere) as other, serving(b"FindProxyForURL", asked=here) as port:
        script = f"http://marta:secret@127.0.0.1:{port}/p.pac?mail=marta@127.0.0.1:{other}/x"
        [reading] = asked(Setting("macOS", "script", script=script), monkeypatch)
    assert (reading.value, elsewhere) == (True, [])
    assert here == [f"/p.pac?mail=marta@127.0.0.1:{other}/x"]


def test_a_program_of_this_computer_listens_or_not():
    """A proxy on the computer itself is asked at once; nothing leaves it."""
    with serving(b"") as port:
        assert proxy.listens([f"127.0.0.1:{port}", f"localhost:{port}"])
    assert not proxy.listens([f"127.0.0.1:{unused_port()}"])
