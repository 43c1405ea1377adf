"""Probes that do what must not bring anything down; imported by real workers only."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.probes.probe import Access, Probe
from techkit.records.findings import Reading, Reason

#: What leaves a grandchild in a session of its own that ignores the polite signal.
STUBBORN = (
    "import signal,subprocess,sys,time;signal.signal(signal.SIGTERM,signal.SIG_IGN);"
    "code='import time,signal;signal.signal(signal.SIGTERM,signal.SIG_IGN);time.sleep(601)';"
    "subprocess.Popen([sys.executable,'-c',code],start_new_session=True);"
    "subprocess.Popen([sys.executable,'-c',code]);print('started',flush=True);time.sleep(601)"
)


def good(access: Access) -> Iterator[Reading]:
    yield Reading(id="misbehaving.good", value=1, unit="count", source="here")


def hang(access: Access) -> Iterator[Reading]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield Reading(id="misbehaving.hang", value=1)
    time.sleep(601)


def hang_with_children(access: Access) -> Iterator[Reading]:
    subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.DEVNULL)
    time.sleep(601)
    yield Reading(id="misbehaving.never", value=1)


def crash(access: Access) -> Iterator[Reading]:
    ctypes.string_at(0)
    yield Reading(id="misbehaving.never", value=1)


def quit_at_once(access: Access) -> Iterator[Reading]:
    os._exit(0)
    yield Reading(id="misbehaving.never", value=1)


def flood_readings(access: Access) -> Iterator[Reading]:
    while True:
        yield Reading(id="misbehaving.flood", value="x" * 1000)


def flood_stdout(access: Access) -> Iterator[Reading]:
    for _turn in range(1000):
        sys.stdout.write("y" * 10_000)
    os.write(1, b"rubbish" * 1000)
    yield Reading(id="misbehaving.stdout", value=1)


def eat_memory(access: Access) -> Iterator[Reading]:
    eaten = []
    while True:
        eaten.append(bytearray(16 * 1024 * 1024))
        if len(eaten) > 10_000:
            yield Reading(id="misbehaving.never", value=1)


def ask_password(access: Access) -> Iterator[Reading]:
    """Ask as getpass does: on the terminal, then on standard input."""
    try:
        with Path("/dev/tty").open() as terminal:
            answer = terminal.readline()
    except OSError:
        answer = sys.stdin.readline()
    yield Reading(id="misbehaving.password", value=answer)


def fault(access: Access) -> Iterator[Reading]:
    yield Reading(id="misbehaving.fault", value=1)
    raise KeyError("serial of somebody")


def refused(access: Access) -> Iterator[Reading]:
    raise ProbeError("Not today.", reason=Reason.NOT_PERMITTED)
    yield


def foreign_reading(access: Access) -> Iterator[Reading]:
    yield Reading(id="misbehaving.foreign", value=1)
    yield Reading(id="storage.volume.free_bytes", value=1)


def watch(access: Access) -> Iterator[Reading]:
    time.sleep(access.sample_s)
    yield Reading(id="misbehaving.watch", value=access.sample_s, unit="seconds")


def stuck_once(access: Access) -> Iterator[Reading]:
    """Hang when first asked, as what waits for the network does when the lid is closed; answer when asked again."""
    marker = Path(str(access.settings["marker"]))
    if not marker.exists():
        marker.touch()
        time.sleep(601)
    yield Reading(id="misbehaving.again", value=1)


def _tool(name: str, program: str, limit_s: float = 0.6) -> Probe:
    command = Command((sys.executable, "-c", program), limit_s=limit_s)

    def read(access: Access) -> Iterator[Reading]:
        yield Reading(id=f"misbehaving.{name}", value=access.run(command).text.strip())

    return _probe(name, read, commands=(command,))


def _probe(name: str, read: Callable[[Access], Iterable[Reading]], **more: Any) -> Probe:
    values = {"limit_s": 0.6, "gives": ("misbehaving.",)} | more
    return Probe(id=f"misbehaving.{name}", title=name, read=read, room=__name__, **values)


GOOD = _probe("good", good, limit_s=5.0)
HANG = _probe("hang", hang)
STUCK_ONCE = _probe("stuck_once", stuck_once, limit_s=20.0)
HANG_WITH_CHILDREN = _probe("hang_with_children", hang_with_children)
CRASH = _probe("crash", crash, limit_s=5.0)
QUIT = _probe("quit", quit_at_once, limit_s=5.0)
FLOOD_READINGS = _probe("flood_readings", flood_readings, limit_s=5.0)
FLOOD_STDOUT = _probe("flood_stdout", flood_stdout, limit_s=5.0)
EAT_MEMORY = _probe("eat_memory", eat_memory, limit_s=5.0)
ASK_PASSWORD = _probe("ask_password", ask_password, limit_s=5.0)
FAULT = _probe("fault", fault, limit_s=5.0)
REFUSED = _probe("refused", refused, limit_s=5.0)
FOREIGN = _probe("foreign", foreign_reading, limit_s=5.0)
WATCH = _probe("watch", watch, samples=True)
TOOL_GOOD = _tool("tool_good", "print('fine')", limit_s=5.0)
TOOL_HANG = _tool("tool_hang", STUBBORN)
TOOL_CRASH = _tool("tool_crash", "import ctypes; ctypes.string_at(0)", limit_s=5.0)
TOOL_FLOOD = _tool("tool_flood", "while True: print('y' * 100000)", limit_s=5.0)
TOOL_MEMORY = _tool("tool_memory", "x = bytearray(8 * 1024 ** 3)", limit_s=5.0)
TOOL_PASSWORD = _tool("tool_password", "import getpass; print(getpass.getpass())", limit_s=5.0)
STUCK = tuple(_probe(f"stuck_{n}", hang, limit_s=5.0) for n in range(12))
STUCK_TOOLS = tuple(_tool(f"stuck_tool_{n}", STUBBORN + f"#{n}", limit_s=5.0) for n in range(6))
HEALTHY = tuple(_probe(f"healthy_{n}", good, limit_s=5.0) for n in range(12))


def chatter(access: Access) -> Iterator[Reading]:
    """Tell without end, then answer."""
    for number in range(20_000):
        access.tell([Reading(id="misbehaving.now", value=number), Reading(id="foreign.now", value=number)])
    yield Reading(id="misbehaving.value", value=1)


CHATTER = _probe("chatter", chatter, limit_s=5.0)

PROBES = (
    CHATTER, GOOD, HANG, HANG_WITH_CHILDREN, CRASH, QUIT, FLOOD_READINGS, FLOOD_STDOUT, EAT_MEMORY, ASK_PASSWORD,
    FAULT, REFUSED, FOREIGN, WATCH, TOOL_GOOD, TOOL_HANG, TOOL_CRASH, TOOL_FLOOD, TOOL_MEMORY, TOOL_PASSWORD,
    *STUCK, *STUCK_TOOLS, *HEALTHY, STUCK_ONCE,
)  # fmt: skip
