"""How long ago the computer was touched: the answer of an X server, of a Wayland compositor, of other systems."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from techkit.diagnostics import presence
from techkit.probes import access_linux, access_windows
from techkit.probes.formats import macos_text


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ("t 5312\n", 5.312),
        ("u 61000\n", 61.0),
        ("", None),
        ("Call failed: no such service\n", None),
        ("t -1", None),
    ],
)
def test_a_compositors_answer_is_read(answer: str, seconds: float | None) -> None:
    """Busctl prints a type and milliseconds; anything else is no answer."""
    assert access_linux.parse_bus_idle(answer) == seconds


def test_a_macs_answer_is_read() -> None:
    """Ioreg tells nanoseconds among many other properties."""
    text = '+-o IOHIDSystem  <class IOHIDSystem>\n    {\n      "HIDIdleTime" = 2459135708\n      "HIDShift" = 1\n    }\n'
    assert macos_text.parse_hid_idle(text) == pytest.approx(2.459135708)
    assert macos_text.parse_hid_idle("") is None


def test_the_tick_counter_of_windows_may_start_anew() -> None:
    """After 49.7 days it counts from 0 again; the time since the last touch stays right."""
    assert access_windows.since_tick(1_000, 6_500) == 5.5
    assert access_windows.since_tick(0xFFFF_FFFF - 999, 2_000) == 3.0


def test_without_a_session_nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bare console there is no answer, and no guess."""
    if sys.platform != "linux":
        pytest.skip("asks as Linux does")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert presence.seconds_since_touch() is None


@pytest.fixture
def x_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An X server of this test's own."""
    if sys.platform != "linux" or not shutil.which("Xvfb"):
        pytest.skip("no Xvfb on this machine: apt-get install xvfb")
    try:
        ctypes.CDLL("libXss.so.1")
        ctypes.CDLL("libXtst.so.6")
    except OSError as error:
        pytest.skip(f"no library to ask or touch the X server: {error}")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "320x200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            monkeypatch.setenv("DISPLAY", f":{told.readline().strip()}")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _touch() -> None:
    """Press and release a key, as another program's user would."""
    x11, tests = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    assert display.value is not None
    for is_down in (1, 0):
        tests.XTestFakeKeyEvent(display, 38, is_down, 0)
    x11.XSync(display, 0)
    x11.XCloseDisplay(display)


def test_an_x_server_tells_of_touches_in_any_program(x_server: None) -> None:
    """The seconds grow while nothing happens and begin anew with a key pressed elsewhere."""
    time.sleep(0.6)
    before = presence.seconds_since_touch()
    assert before is not None
    assert before > 0.3
    _touch()
    after = presence.seconds_since_touch()
    assert after is not None
    assert after < before
