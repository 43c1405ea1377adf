"""No parser raises, whatever it is given: rubbish, and honest captures cut and bent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techkit.diagnostics.reading_files import FORMATS
from techkit.probes.formats.macos_text import LONGEST_START_S, parse_start_up_time
from tests.probes.formats.captures import real_files

CAPTURES = Path(__file__).parents[2] / "captures"

#: Seeds of each format from the project's own captures; formats without one start from words they know.
SEEDS: dict[str, list[bytes]] = {
    "smartctl-json": [
        (CAPTURES / "tools" / name).read_bytes()
        for name in ("smartctl-failing.json", "smartctl-seagate.json")
    ],
    "smartctl-text": [(CAPTURES / "tools" / "smartctl-nvme.txt").read_bytes()],
    "dmidecode": [(CAPTURES / "tools" / "dmidecode.txt").read_bytes()],
    "lpstat": [(CAPTURES / "tools" / "lpstat.txt").read_bytes()],
    "netsh-wlan": [(CAPTURES / "tools" / "netsh-es.txt").read_bytes()],
    "ipconfig": [(CAPTURES / "tools" / "ipconfig-it.txt").read_bytes()],
    "powershell-json": [(CAPTURES / "windows-notebook" / "facts.json").read_bytes()],
    "reg-export": [(CAPTURES / "windows-notebook" / "registry.reg").read_bytes()],
    "system-profiler": [
        (CAPTURES / "macbook" / "system_profiler.json").read_bytes(),
        b"Hardware:\n\n    Overview:\n\n      Model Identifier: iMac7,1\n      Memory: 2 GB\n",
    ],
    "wmi-list": [b"CreationClassName=Win32_Processor\r\nName=X\r\nDeviceID=CPU0\r\nNumberOfCores=4\r\n"],
    "meminfo": [(CAPTURES / "linux-desktop/proc/meminfo").read_bytes()],
    "dpkg-status": [(CAPTURES / "linux-desktop/var/lib/dpkg/status").read_bytes()],
    "edid": [b"\x00\xff\xff\xff\xff\xff\xff\x00" + bytes(range(120))],
    "os-release": [(CAPTURES / "linux-desktop/etc/os-release").read_bytes()],
    "ioreg": [
        b'+-o A  <class IOPlatformExpertDevice, id 1>\n  "model" = <"Mac">\n  "IODisplayEDID" = <00ff>\n  "idVendor" = 1\n'
    ],
    "iw": [b"Connected to 02:aa:bb:cc:dd:ee (on wlan0)\n\tfreq: 5180\n\tsignal: -56 dBm\n"],
    "nmcli": [b"*:02\\:AA\\:BB\\:CC\\:DD\\:EE:x:Infra:6:130 Mbit/s:87:b:WPA2\n"],
    "lspci": [b"02:00.0 Ethernet controller [0200]: Net [10ec:8168]\n\tKernel driver in use: x\n"],
    "ip": [
        b"2: eth0: <UP> mtu 1500 state UP\n    inet 192.0.2.7/24\ndefault via 192.0.2.1 dev eth0\n",
        b'[{"ifname":"e","flags":["UP"],"addr_info":[{"family":"inet","local":"192.0.2.1"}]}]',
    ],
    "wdutil": [b"WIFI\n    Interface Name : en0\n    RSSI : -60 dBm\n    Channel : 5g44/40\n"],
    "upower": [
        b"Device: /x/battery_BAT0\n  battery\n    energy-full: 40 Wh\n    energy-full-design: 50 Wh\n"
    ],
    "gsettings-proxy": [(CAPTURES / "tools/gsettings-proxy.txt").read_bytes()],
    "kioslaverc": [(CAPTURES / "tools/kioslaverc").read_bytes()],
    "environment": [(CAPTURES / "tools/environment").read_bytes()],
    "scutil-proxy": [(CAPTURES / "tools/scutil-proxy.txt").read_bytes()],
    "scutil-nc": [(CAPTURES / "tools/scutil-nc.txt").read_bytes()],
    "nmcli-connections": [(CAPTURES / "tools/nmcli-connections.txt").read_bytes()],
    "powercfg-battery": [b"<Batteries><Battery><DesignCapacity>5</DesignCapacity></Battery></Batteries>"],
}


def bent(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return honest output cut, doubled, with bytes replaced or rubbish put in."""

    def bend(seed: bytes, cut: int, at: int, rubbish: bytes, times: int) -> bytes:
        place = at % (len(seed) + 1)
        return (seed[:place] + rubbish + seed[place + cut % 40 :]) * times

    return st.builds(
        bend,
        st.sampled_from(seeds),
        st.integers(0, 10_000),
        st.integers(0, 100_000),
        st.sampled_from(
            [
                b"",
                b"\0",
                b"\xff\xfe",
                b"-",
                b"9" * 30,
                b"1e999",
                b"{",
                b"}",
                b'"',
                b":",
                b"=",
                b"\n",
                b"null",
                b"\xc3\x28",
                "\u202e".encode(),
            ]
        )
        | st.binary(max_size=12),
        st.integers(1, 2),
    )


@pytest.mark.parametrize("form", sorted(FORMATS))
@settings(deadline=None)
@given(data=st.data())
def test_a_parser_survives_anything(form, data):
    """Rubbish gives few or no readings, never an exception, and every value can be written down."""
    rubbish = st.binary(max_size=400) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    content = data.draw(bent(SEEDS.get(form, [b"a: 1\nb 2\n"])) | rubbish)
    for reading in FORMATS[form].parse(content):
        repr(reading.value).encode("utf-8")


#: How long each parser is fuzzed, and what it may hold (MiB) and take (seconds of processor time) meanwhile.
FUZZING_S = float(os.environ.get("TECHKIT_FUZZING_S", "300"))
HELD_MIB = 256
SLOWEST_S = 5.0


@pytest.mark.long
@pytest.mark.timeout(FUZZING_S + 180)
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_parser_survives_minutes_of_bent_captures(form, tmp_path):
    """Real output, wounded at random for five minutes: no exception, little memory, no parse that takes for ever."""
    seeds = real_files(form)
    for number, seed in enumerate(SEEDS.get(form, [])):
        seeds.append(tmp_path / f"{number}")
        seeds[-1].write_bytes(seed)
    if not seeds:
        pytest.skip(f"no capture of {form} here: TECHKIT_CAPTURES is unset")
    command = [sys.executable, "-m", "tests.probes.formats.fuzzing", form, str(FUZZING_S), *map(str, seeds)]
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=FUZZING_S + 120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["tries"] > 100
    assert told["held_mib"] <= HELD_MIB
    assert told["slowest_s"] <= SLOWEST_S


@pytest.mark.parametrize("fill", [" ", ". ", "9", "a ", ":", "\t"])
@pytest.mark.parametrize("form", ["ipconfig", "smartctl-text"])
def test_a_line_without_end_takes_no_time_without_end(form, fill):
    """A line of 40,000 blanks, dots or digits is read at once; expressions that try every way would take minutes."""
    line = f"   Ethernet . . {fill * 20_000}\nUser Capacity:    {fill * 20_000}\n".encode()
    for reading in FORMATS[form].parse(b"=== START OF INFORMATION SECTION ===\nA:\n" + line):
        repr(reading.value)


@pytest.mark.parametrize(
    ("form", "row", "count"),
    [
        ("ipconfig", " " * 300 + ": " * 300, 400),
        ("ipconfig", " " * 200 + ": a" * 200 + " .", 400),
        ("lsusb", "/:  Bus 01.Port 1: Dev 1, " + "Class=" * 2000, 200),
        ("nmcli", "* :AA" + " " * 6000 + ":Infra:6:130 Mbit/s", 200),
        ("lpstat", "system default destination: Office" + " " * 6000 + "x", 40),
        ("ioreg", "+-o A" + " " * 4000 + "<class", 1000),
    ],
)
@pytest.mark.timeout(15)
def test_a_row_made_to_be_tried_in_every_way_is_read_at_once(form, row, count):
    """Expressions that try every way held the reader up for 16 seconds to two minutes."""
    head = "Windows IP Configuration\n\nEthernet adapter A:\n\n" if form == "ipconfig" else ""
    for reading in FORMATS[form].parse((head + f"{row}\n" * count).encode()):
        repr(reading.value)


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("smartctl-text", "Device Model: A1\nRotation Rate:    {} rpm\n"),
        ("powercfg-battery", "<table><tr><td>DESIGN CAPACITY</td><td>{} mWh</td></tr></table>"),
        (
            "systeminfo",
            "Host: A\nName: B\nVersion: 10.0.26100 N/A Build 26100\n" + "Row: c\n" * 13 + "Memory: {} MB\n",
        ),
    ],
)
def test_a_number_without_end_is_none(form, content):
    """A number of five thousand digits is left out; found by minutes of bent captures."""
    for reading in FORMATS[form].parse(content.format("9" * 5001).encode()):
        repr(reading.value)


BOOTED = b"Sat Nov 21 08:01:10 2026"
PROGRAMS = b"""Sat Nov 21 08:01:10 2026     /sbin/launchd
Sat Nov 21 08:01:32 2026     /System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow
"""


@settings(deadline=None)
@given(booted=bent([BOOTED]), programs=bent([PROGRAMS]))
def test_the_start_of_a_mac_survives_anything(booted, programs):
    """It is read of two outputs at once, so it is no format of its own: a time that can be, or none."""
    seconds = parse_start_up_time(booted.decode("utf-8", "replace"), programs.decode("utf-8", "replace"))
    assert seconds is None or 0 < seconds <= LONGEST_START_S
