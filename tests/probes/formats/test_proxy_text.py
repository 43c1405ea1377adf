"""Proxy settings of every place, and that no name, password or token of one is ever kept."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.diagnostics import reading_files
from techkit.probes.formats import proxy_text, registry
from techkit.probes.formats.decode import decode
from techkit.probes.formats.proxy_text import Setting

CAPTURES = Path(__file__).parents[2] / "captures"
TOOLS = CAPTURES / "tools"


def found(form: str, name: str) -> dict[tuple[str, str], object]:
    readings = reading_files.FORMATS[form].parse((TOOLS / name).read_bytes())
    return {(r.id.removeprefix("network.proxy."), r.subject): r.value for r in readings}


def test_gnome_says_what_its_mode_says():
    """Printed by gsettings itself: "enabled" is false and nobody looks at it; the mode counts."""
    told = found("gsettings-proxy", "gsettings-proxy.txt")
    assert told["mode", "GNOME"] == "fixed"
    assert told["addresses", "GNOME"] == ["127.0.0.1:8118", "gate.example:1080"]
    assert told["is_local", "GNOME"] is False
    assert told["exception_count", "GNOME"] == 3
    assert told["has_password", "GNOME"] is True


def test_kde_parts_host_and_port_by_a_blank():
    """Two lines that name the same proxy are one."""
    told = found("kioslaverc", "kioslaverc")
    assert told["addresses", "KDE"] == ["gate.example:3128"]
    assert told["exception_count", "KDE"] == 3


def test_a_mac_tells_the_network_in_use():
    """What is switched off counts for nothing, nor what is scoped to one interface."""
    told = found("scutil-proxy", "scutil-proxy.txt")
    assert told["addresses", "macOS"] == ["127.0.0.1:8080"]
    assert told["is_local", "macOS"] is True
    assert told["exception_count", "macOS"] == 2


def test_the_file_for_everybody_may_be_written_as_for_a_shell():
    """Quotes, "export", and a password with the sign that parts it from the host."""
    told = found("environment", "environment")
    assert told["addresses", "/etc/environment"] == ["gate.example:3128"]
    assert told["has_password", "/etc/environment"] is True


def test_windows_keeps_one_for_the_person_and_one_for_its_services():
    """A list by protocol; the services' own as a row of lengths and texts."""
    tree = registry.tree(decode((CAPTURES / "windows-notebook/registry.reg").read_bytes()))
    person, services = sorted(registry.proxies(tree), key=lambda setting: setting.place, reverse=True)[::-1]
    by_place = {setting.place: setting for setting in (person, services)}
    assert by_place["Windows"].addresses == ("127.0.0.1:8080",)
    assert by_place["Windows"].exceptions == 2
    assert by_place["WinHTTP"].addresses == ("gate.example:3128",)


def test_a_policy_makes_the_computers_setting_hold():
    """ProxySettingsPerUser = 0: what the person set is not used."""
    settings = r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
    policy = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"
    tree = {
        "HKEY_CURRENT_USER" + settings: {"ProxyEnable": 1, "ProxyServer": "old.example:80"},
        "HKEY_LOCAL_MACHINE" + settings: {"AutoConfigURL": "http://gate.example/proxy.pac"},
        policy: {"ProxySettingsPerUser": 0},
    }
    assert registry.proxies(tree) == [
        Setting("Windows (all)", "script", script="http://gate.example/proxy.pac")
    ]


@pytest.mark.parametrize(
    ("values", "connection", "mode"),
    [
        ({"ProxyEnable": 0, "ProxyServer": "gate.example:80"}, None, "direct"),
        ({"ProxyEnable": 1, "ProxyServer": "   "}, None, "direct"),
        ({}, struct.pack("<III", 0x46, 1, 0x9), "detect"),
        ({}, b"\x46\0\0", "direct"),
        ({"AutoConfigURL": 7}, None, "direct"),
    ],
)
def test_what_is_switched_off_is_no_proxy(values, connection, mode):
    """Windows leaves the address where it was when somebody switches the proxy off."""
    assert proxy_text.from_registry(values, connection, "Windows").mode == mode


def test_what_windows_ships_means_direct():
    """The value of every Windows nobody changed. Source: a maker's manual that prints it."""
    shipped = bytes.fromhex("1800000000000000" + "01000000" + "0000000000000000")
    setting = proxy_text.from_win_http(shipped)
    assert setting is not None
    assert setting.mode == "direct"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://marta:pa@ss@gate.example:8080/", "gate.example:8080"),
        ("marta:pa/ss@gate.example:8080", "gate.example:8080"),
        ("socks5://gate.example", "gate.example:1080"),
        ("https://gate.example", "gate.example:443"),
        ("[::1]:8118", "[::1]:8118"),
        ("gate.example:99999", ""),
        ("$(reboot):80", ""),
        ("--help", ""),
        ("a b:80", ""),
        ("", ""),
    ],
)
def test_only_host_and_port_are_shown(written, shown):
    """Whatever stands before the last @ is a secret, however it looks."""
    assert proxy_text.address(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://marta:secret@gate.example/proxy.pac?token=abc#x", "http://gate.example/proxy.pac"),
        ("https://gate.example/p.pac;jsessionid=1", "https://gate.example/p.pac"),
        ("file://C:/Users/Marta/proxy.pac", "file:///proxy.pac"),
        ("http://gate.example/p.pac?mail=a@b.example&token=abc", ""),
        ("http://gate.example/p.pac?mail=marta@other.example", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_script_is_shown_without_what_is_secret(written, shown):
    """Name, password, query and folders of a person go; what cannot be told apart goes altogether."""
    assert proxy_text.shown_script(written) == shown


SECRET = "Zx9Q"


@given(
    before=st.sampled_from(["http://", "https://", "socks5h://", "", "http://marta:", "http=", "://"]),
    noise=st.text(alphabet="/:?#;@&=% ab1", max_size=12),
    tail=st.sampled_from(
        ["gate.example:8080", "gate.example/p.pac?x=1", "[::1]:80", "", "@", "gate.example:80/@"]
    ),
)
def test_no_part_of_a_password_is_ever_kept(before, noise, tail):
    """Written in whatever wrong way before the @, the password never reaches a reading."""
    written = f"{before}{SECRET}{noise}{SECRET}@{tail}"
    settings = [
        proxy_text.from_list(written, "Windows"),
        proxy_text.environment({"https_proxy": written}),
        Setting("Windows", "script", script=written),
    ]
    kept = json.dumps([reading.value for reading in proxy_text.readings(settings)])
    assert SECRET.casefold() not in kept.casefold()


def test_an_environment_is_looked_at_for_proxies_only():
    """Other variables of a program may be secret; none of them is taken over."""
    block = b"TOKEN=abc\0HTTPS_PROXY=http://gate.example:3128\0no_proxy=localhost\0"
    assert set(proxy_text.parse_environment_block(block)) == {"HTTPS_PROXY", "no_proxy"}


@given(st.binary(max_size=200))
def test_bent_settings_of_windows_are_survived(data):
    """Lengths beyond the end, numbers without an end: no exception, and a setting comes back."""
    proxy_text.from_registry({}, data, "Windows")
    proxy_text.from_win_http(struct.pack("<III", 0x46, 1, 3) + data)
    proxy_text.environment(proxy_text.parse_environment_block(data))
