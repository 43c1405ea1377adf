"""Child processes: start with limits, read with a cap, kill with every descendant.

The one importer of subprocess. Three shapes:
- `run_all([Command, ...])`: external tools side by side, each until it ends or reaches its limit.
- `Child`: a long-lived process of our own that exchanges framed messages with us (a worker).
- `Nursery`: a process of our own that has loaded everything once and bears such children (Linux).

Every child is started by absolute path from system folders, with an argument list and no shell, in its
own session (no terminal, so no password prompt can reach one), standard input closed, a small
environment in the C locale, and a mark in its environment. Killing takes the child, its process
group, all descendants and, on Linux, whatever else carries the mark: also a grandchild that made its
own session. On Windows a job object does it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import queue
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

#: Most bytes kept of one output stream; bad input 65 proposes 4 MiB.
OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024

#: Most memory (address space) of one external tool; ours: the largest tool seen, a package list, took 90 MiB.
MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024

#: How long one turn of a waiting loop may take; a fifth of the 0.5 s that a limit may be overrun.
TURN_S = 0.05

#: How long a killed child is waited for. One in uninterruptible sleep is left to the system.
REAP_S = 0.2

#: The name of the mark in the environment of every child and grandchild.
MARK = "TECHKIT_CHILD"

#: Where system tools are looked for, in this order; never the caller's PATH.
TOOL_FOLDERS = (
    ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
    if sys.platform != "win32"
    else (
        r"C:\Windows\System32",
        r"C:\Windows\System32\WindowsPowerShell\v1.0",
        r"C:\Program Files\smartmontools\bin",
    )
)

#: What is handed down from our environment, where it is there: enough to find the user's session,
#: nothing that opens a prompt (no DISPLAY, no SSH_ASKPASS) or loads code (no LD_PRELOAD).
PASSED_ON = (
    "HOME",
    "USER",
    "LOGNAME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "TZ",
    "SystemRoot",
    "SystemDrive",
    "ProgramData",
    "ProgramFiles",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "TEMP",
    "TMP",
    "COMSPEC",
)


def awake_s() -> float:
    """Return seconds of a clock that cannot be set and stands still while the computer sleeps.

    Every limit is reckoned by it: what was late only because the lid was closed is not late.
    Source: CLOCK_MONOTONIC, clock_gettime(2); mach_absolute_time (macOS); QueryUnbiasedInterruptTime (Windows, never run).
    """
    if sys.platform == "win32":
        return _unbiased_s()
    return time.monotonic()  # on Linux and macOS it does not count sleep


def slept_s() -> float:
    """Return the seconds the computer has slept since some moment; only differences mean something.

    Source: CLOCK_BOOTTIME, clock_gettime(2); on macOS CLOCK_MONOTONIC counts sleep, on Windows GetTickCount64 (never run).
    """
    if sys.platform == "win32":
        return time.monotonic() - _unbiased_s()
    counting = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.clock_gettime(counting) - time.monotonic() if counting is not None else 0.0


class Ended(StrEnum):
    """How a child came to its end."""

    EXITED = "exited"  # by itself; look at the code
    NOT_FOUND = "not_found"  # no such tool in the system's folders
    REFUSED = "refused"  # it may not be started, or is made for another processor
    OVER_TIME = "over_time"
    FLOODED = "flooded"  # more than OUTPUT_LIMIT_BYTES
    STOPPED = "stopped"  # the caller's stop was set


@dataclass(frozen=True)
class Command:
    """An external tool with fixed arguments: Command(("lspci", "-mm")).

    argv: the tool's bare name (looked up in TOOL_FOLDERS) or an absolute path, then its arguments.
    limit_s: its time. Two to five seconds let many stuck tools end within the quick plan's 10 s.
    """

    argv: tuple[str, ...]
    limit_s: float = 4.0
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Output:
    """What a tool printed. code: exit code, negative for a signal (POSIX), None if it never ran."""

    argv: tuple[str, ...]
    ended: Ended = Ended.EXITED
    code: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    duration_s: float = 0.0

    @property
    def text(self) -> str:
        """Return standard output as UTF-8; other bytes become replacement signs."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Return standard error as UTF-8, stripped."""
        return self.stderr.decode("utf-8", "replace").strip()


def find_tool(name: str) -> str | None:
    """Return the absolute path of a system tool, None when it is not installed.

    An absolute path is given back when a file is there. Folders of the user are never searched.
    """
    if Path(name).is_absolute():
        return name if Path(name).is_file() else None
    if Path(name).name != name:
        return None  # a path that climbs out of the folders
    suffix = ".exe" if sys.platform == "win32" else ""
    candidates = (Path(folder, name + suffix) for folder in tool_folders())
    return next((str(path) for path in candidates if path.is_file()), None)


def tool_folders() -> tuple[str, ...]:
    """Return the folders searched for tools; the first that has the tool wins."""
    return TOOL_FOLDERS


def environment(mark: str, extra: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the small environment every child gets: C locale, system PATH, our mark."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    fixed = {
        "PATH": os.pathsep.join(tool_folders()),
        "LC_ALL": "C",
        "LANG": "C",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "SYSTEMD_PAGER": "",
        "SYSTEMD_COLORS": "0",
        MARK: mark,
    }
    return passed | fixed | dict(extra)


def run(command: Command, *, stop: threading.Event | None = None, mark: str = "") -> Output:
    """Run one tool to its end and return what it printed. Never raises for the tool's misbehaviour.

    mark: the caller's own mark; without it one is made. A tool that ends by itself may leave a
    grandchild behind in a session of its own: `sweep(mark)` afterwards ends that too.
    """
    path = find_tool(command.argv[0])
    if path is None:
        return Output(argv=command.argv, ended=Ended.NOT_FOUND)
    started = awake_s()
    try:
        group = _start(
            [path, *command.argv[1:]],
            environment=environment(new_mark(mark), command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            memory_limit=MEMORY_LIMIT_BYTES,
        )
    except OSError as error:
        return Output(argv=command.argv, ended=Ended.REFUSED, stderr=str(error).encode())
    pipes = _Pipes(group.process)
    ended = pipes.drain(started + command.limit_s, stop)
    if ended is Ended.EXITED and not group.wait(max(0.0, started + command.limit_s - awake_s())):
        ended = Ended.OVER_TIME  # it closed its output and stayed
    # Whoever stops tools sweeps after them once; one that misbehaves is looked after here and now.
    group.kill(is_thorough=ended not in (Ended.EXITED, Ended.STOPPED))
    pipes.close()
    return Output(
        argv=command.argv,
        ended=ended,
        code=group.process.returncode,
        stdout=bytes(pipes.data[0]),
        stderr=bytes(pipes.data[1]),
        duration_s=awake_s() - started,
    )


def run_all(commands: Sequence[Command], *, stop: threading.Event | None = None) -> list[Output]:
    """Run tools side by side; return their outputs in the order given. Takes as long as the slowest."""
    if len(commands) <= 1:
        return [run(command, stop=stop) for command in commands]
    results: list[Output | None] = [None] * len(commands)

    def one(index: int) -> None:
        results[index] = run(commands[index], stop=stop)

    threads = [
        threading.Thread(target=one, args=(i,), name=f"tool {c.argv[0]}", daemon=True)
        for i, c in enumerate(commands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [
        r if r is not None else Output(argv=c.argv, ended=Ended.REFUSED)
        for r, c in zip(results, commands, strict=True)
    ]


_marks = itertools.count(1)


def new_mark(parent: str = "") -> str:
    """Return a fresh mark; it begins with the parent's, so that sweeping the parent finds it too.

    Inside a worker the worker's own mark is the parent, wherever none is given.
    """
    parent = parent or os.environ.get(MARK) or f"{os.urandom(16).hex()}."
    # The dot at the end keeps mark 1 from matching mark 10.
    return f"{parent}{next(_marks)}."


# --- reading both streams with a cap -----------------------------------------------------------------


class _Pipes:
    """Standard output and error of one process, read without ever blocking for long.

    POSIX waits with poll(). Windows has no poll() for pipes: there one thread per pipe reads, and
    ends when the killed job closes the other end.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.data = (bytearray(), bytearray())
        self._files = [f for f in (process.stdout, process.stderr) if f is not None]
        self._flooded = threading.Event()

    def drain(self, deadline: float, stop: threading.Event | None) -> Ended:
        """Read until both ends are closed, the deadline, a flood or the stop."""
        if sys.platform == "win32":
            return self._drain_threads(deadline, stop)
        poller = select.poll()
        open_files = {f.fileno(): i for i, f in enumerate(self._files)}
        for number in open_files:
            os.set_blocking(number, False)
            poller.register(number, select.POLLIN | select.POLLHUP)
        while open_files:
            left = deadline - awake_s()
            if left <= 0:
                return Ended.OVER_TIME
            if stop is not None and stop.is_set():
                return Ended.STOPPED
            for number, _event in poller.poll(min(left, TURN_S) * 1000):
                chunk = os.read(number, 65536)
                if not chunk:
                    poller.unregister(number)
                    del open_files[number]
                elif self._add(self.data[open_files[number]], chunk):
                    return Ended.FLOODED
        return Ended.EXITED

    def _drain_threads(self, deadline: float, stop: threading.Event | None) -> Ended:
        threads = [
            threading.Thread(target=self._read, args=(file, self.data[i]), daemon=True)
            for i, file in enumerate(self._files)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if self._flooded.is_set():
                return Ended.FLOODED
            if awake_s() >= deadline:
                return Ended.OVER_TIME
            if stop is not None and stop.is_set():
                return Ended.STOPPED
            threads[0].join(TURN_S)
            threads[-1].join(0)
        return Ended.EXITED

    def _read(self, file: IO[bytes], into: bytearray) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(file.fileno(), 65536):
                if self._add(into, chunk):
                    self._flooded.set()
                    return

    @staticmethod
    def _add(into: bytearray, chunk: bytes) -> bool:
        """Keep a chunk up to the cap; return whether the cap was passed."""
        room = OUTPUT_LIMIT_BYTES - len(into)
        into += chunk[:room]
        return len(chunk) > room

    def close(self) -> None:
        """Close our ends."""
        for file in self._files:
            with contextlib.suppress(OSError):
                file.close()


# --- a process and all it started ---------------------------------------------------------------------


@dataclass
class _Group:
    """A started process with all its descendants."""

    process: subprocess.Popen[bytes]
    mark: str
    job: Any = None
    #: Its process id may belong to somebody else after it was ended once.
    is_ended: bool = False

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    def wait(self, seconds: float) -> bool:
        """Return whether the process ended within the time."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self, *, is_thorough: bool = True) -> None:
        """End the process and everything it started; returns within about REAP_S.

        is_thorough False: only its own process group, for a tool that ended by itself.
        """
        if self.is_ended:
            return
        self.is_ended = True
        if sys.platform == "win32":
            _end_job(self.job)
        elif is_thorough:
            _kill_posix(self.process, self.mark)
        else:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.wait(REAP_S)

    def strike(self) -> None:
        """End the process itself, and wait for nothing."""
        with contextlib.suppress(OSError):
            self.process.kill()

    def release(self) -> None:
        """Let go of what is held of it."""


class _Born:
    """A process that a nursery bore: not ours to wait for, so it is held by a handle that its number cannot outlive."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.pid = 0  # until it has said its number; 0 must never be signalled, it is our own group
        self._handle: int | None = None
        self._known = threading.Event()
        self._is_ended = False

    def introduce(self, pid: int) -> None:
        """Take its number, 0 for one that was never born."""
        if not self._known.is_set():
            with contextlib.suppress(OSError, AttributeError):
                self._handle = os.pidfd_open(pid) if pid > 0 else None  # type: ignore[attr-defined,unused-ignore] # Linux
                self.pid = pid
            self._known.set()

    def is_known(self, seconds: float) -> bool:
        """Return whether it has said its number within the time."""
        return self._known.wait(seconds)

    def wait(self, seconds: float) -> bool:
        """Return whether the process ended within the time."""
        if not self._known.wait(seconds):
            return False
        if self._handle is None:
            return True
        return bool(select.select([self._handle], [], [], seconds)[0])

    def kill(self) -> None:
        """End the process and everything it started; one not yet born ends by itself, as its pipes are closed."""
        if self._is_ended:
            return
        self._is_ended = True
        self._known.wait(REAP_S)
        for _turn in range(3):
            targets = descendants(self.pid) if not self.wait(0.0) else set()
            targets |= marked(self.mark)
            self.strike()
            for pid in targets:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if not targets:
                break
        self.wait(REAP_S)

    def strike(self) -> None:
        """End the process itself, and wait for nothing."""
        if self._handle is not None:
            with contextlib.suppress(OSError, AttributeError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore] # Linux

    def release(self) -> None:
        """Let go of the handle."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    stdin: int,
    stdout: int,
    stderr: int,
    memory_limit: int,
) -> _Group:
    """Start a process of its own session or job. Raises: OSError."""
    if sys.platform == "win32":
        job = _new_job(memory_limit)
        process = subprocess.Popen(
            argv,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            # Suspended until it is inside the job, so that no grandchild escapes.
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | 0x4,
        )
        _enter_job(job, process)
        return _Group(process, environment[MARK], job)
    process = subprocess.Popen(
        argv,
        env=environment,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        start_new_session=True,
        close_fds=True,
    )
    _limit_memory(process.pid, memory_limit)
    _stand_back(process.pid)
    return _Group(process, environment[MARK])


def _stand_back(pid: int) -> None:
    """Let a process take its fair share of the processor, but never the core that somebody is just served on; Linux only.

    A lower priority is no way: on a computer that is slow because a program keeps it busy, a check would end at its limits.
    Source: sched(7), SCHED_BATCH. What the process starts or bears has it too.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # it may have ended already
            os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))


def _limit_memory(pid: int, memory_limit: int) -> None:
    """Limit the address space of a process from outside; Linux only.

    macOS has no prlimit and does not enforce RLIMIT_AS; there the time limit is the only guard.
    """
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # it may have ended already
        resource.prlimit(pid, resource.RLIMIT_AS, (memory_limit, memory_limit))


def _kill_posix(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kill the process group, all descendants and, on Linux, all carriers of the mark.

    Asked again until nothing new turns up, since a process may fork while it is looked at.
    """
    for _turn in range(3):
        targets = descendants(process.pid) if process.poll() is None else set()
        targets |= marked(mark)
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        for pid in targets:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not targets:
            break


def descendants(pid: int) -> set[int]:
    """Return the process ids of all living descendants of a process (without itself); none of one that is not known."""
    if pid <= 0:
        return set()
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    pending = [pid]
    while pending:
        for child in children.get(pending.pop(), []):
            if child not in found:
                found.add(child)
                pending.append(child)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    """Return (process id, parent's id) of every process."""
    if sys.platform == "linux":
        return _parents_proc()
    return _parents_toolhelp() if sys.platform == "win32" else _parents_ps()


def _parents_proc() -> Iterable[tuple[int, int]]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - a Path for each of hundreds is slow
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                # The name in brackets may hold blanks and brackets: count from the last one.
                stat = Path("/proc", name, "stat").read_bytes().rpartition(b")")[2].split()
                if stat[0] != b"Z":
                    yield int(name), int(stat[1])


def _parents_ps() -> Iterable[tuple[int, int]]:
    try:
        listing = subprocess.run(
            ["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, check=False, timeout=1
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in listing.splitlines():
        pid, _blank, parent = line.strip().partition(b" ")
        with contextlib.suppress(ValueError):
            yield int(pid), int(parent)


def marked(*marks: str) -> set[int]:
    """Return the processes that carry one of the marks or a descendant of it, without this one.

    Linux only; elsewhere empty.
    """
    if not any(marks) or sys.platform != "linux":
        return set()
    needles = [f"{MARK}={mark}".encode() for mark in marks if mark]
    found = set()
    for name in os.listdir("/proc"):  # noqa: PTH208 - a Path for each of hundreds is slow
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123 - as above
                content = file.read()
                if any(needle in content for needle in needles):
                    found.add(int(name))
    return found


def sweep(*marks: str, keep: Iterable[int] = ()) -> None:
    """End whatever still carries one of the marks, but for the processes to keep."""
    kept = set(keep)
    for _turn in range(3):
        left = marked(*marks) - kept
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return


# --- a long-lived child of our own -------------------------------------------------------------------

#: Longest message between us and a worker; 16 MiB holds four tools' outputs at their cap.
FRAME_LIMIT_BYTES = 16 * 1024 * 1024
_HEADER = struct.Struct(">I")


def write_frame(file: IO[bytes], message: object) -> None:
    """Write one JSON message with its length in front. Raises: OSError, ValueError when too long."""
    data = json.dumps(message, separators=(",", ":")).encode()
    if len(data) > FRAME_LIMIT_BYTES:
        raise ValueError("message too long")
    file.write(_HEADER.pack(len(data)) + data)
    file.flush()


def read_frame(file: IO[bytes]) -> Any | None:
    """Return the next message, None at the end of the stream or after rubbish."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    if length > FRAME_LIMIT_BYTES:
        return None
    data = file.read(length)
    if len(data) < length:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None


#: Tells a writer that nothing more will come.
_CLOSE = object()


class Nursery:
    """A process of our own that has loaded everything once and bears children by forking; Linux only.

    What starts from nothing takes 0.1 s of processor time, a child that is born 0.005 s, and all share what is loaded.
    The process must have one thread only; its standard input is the socket that it is asked through. An ask is one
    packet: the child's mark, with the two pipe ends it reads from and writes to.
    """

    @staticmethod
    @functools.cache
    def is_here() -> bool:
        """Return whether this system holds processes by handles: Linux from 5.3 on, where no sandbox forbids it."""
        if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
            return False
        try:
            os.close(os.pidfd_open(os.getpid()))
        except OSError:
            return False
        return True

    def __init__(
        self,
        argv: Sequence[str],
        *,
        extra_environment: Iterable[tuple[str, str]] = (),
        memory_limit: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Start it. Raises: OSError."""
        self.mark = new_mark()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._group = _start(
                list(argv),
                environment=environment(self.mark, extra_environment),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                memory_limit=memory_limit,
            )
        except OSError:
            self._control.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._group.pid

    def bear(self, mark: str) -> tuple[IO[bytes], IO[bytes]]:
        """Ask for a child and return where it reads and writes, at once; it says its number first. Raises: OSError."""
        their_in, our_out = os.pipe()
        our_in, their_out = os.pipe()
        try:
            socket.send_fds(self._control, [mark.encode()], [their_in, their_out])
        except OSError:
            os.close(our_out)
            os.close(our_in)
            raise
        finally:
            os.close(their_in)
            os.close(their_out)
        return os.fdopen(our_out, "wb"), os.fdopen(our_in, "rb")

    def close(self) -> None:
        """End it; its children end when their own pipes are closed."""
        self._control.close()
        if not self._group.wait(REAP_S):
            self._group.strike()
            self._group.wait(REAP_S)


class Child:
    """A process of our own that answers framed JSON messages.

    source: its command line, or the nursery that bears it; one that is born tells {"born": its number} first.
    received: called from a thread of the child with each message, and with None once when the child
    is gone (crash, rubbish, end).
    """

    def __init__(
        self,
        source: Sequence[str] | Nursery,
        received: Callable[[Child, Any], None],
        *,
        extra_environment: Iterable[tuple[str, str]] = (),
        memory_limit: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Start it. extra_environment and memory_limit: a born child has its nursery's. Raises: OSError."""
        self._received = received
        self._group: _Group | _Born
        if isinstance(source, Nursery):
            self.mark = new_mark(source.mark)
            self._group = _Born(self.mark)
            self._stdin, self._stdout = source.bear(self.mark)
        else:
            self.mark = new_mark()
            group = _start(
                list(source),
                environment=environment(self.mark, extra_environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                memory_limit=memory_limit,
            )
            self._group = group
            if group.process.stdin is None or group.process.stdout is None:
                raise OSError("no pipes")
            self._stdin, self._stdout = group.process.stdin, group.process.stdout
        self._outgoing: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="worker requests", daemon=True)
        self._thread = threading.Thread(target=self._listen, name="worker messages", daemon=True)
        self._writer.start()
        self._thread.start()

    @property
    def pid(self) -> int:
        """Return the process id, 0 while it is not born yet."""
        return self._group.pid

    def known_pid(self, seconds: float) -> int:
        """Return the process id, awaiting its birth for so long; 0 for one that was not born."""
        if isinstance(self._group, _Born):
            self._group.is_known(seconds)
        return self._group.pid

    def strike(self) -> None:
        """End the process itself, and wait for nothing."""
        self._group.strike()

    def send(self, message: object) -> None:
        """Send one message without waiting for the child to read it."""
        self._outgoing.put(message)

    def kill(self) -> None:
        """End it with everything it started."""
        self._group.kill()
        self._close()

    def finish(self, seconds: float = 0.5) -> None:
        """Ask it to end by closing its input; kill it when it does not within the time."""
        self._outgoing.put(_CLOSE)
        if not self._group.wait(seconds):
            self._group.kill()
        self._close()

    def _close(self) -> None:
        """Let go of threads and pipes. One in uninterruptible sleep keeps its reader until it wakes."""
        self._outgoing.put(_CLOSE)
        if threading.current_thread() is not self._thread:
            self._thread.join(REAP_S)
            self._writer.join(REAP_S)
        # A reader still inside read() holds the file's lock; closing would wait for it.
        if not self._thread.is_alive():
            self._stdout.close()
            self._group.release()

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outgoing.get()) is not _CLOSE:
                write_frame(self._stdin, message)
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _listen(self) -> None:
        group = self._group
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            if isinstance(group, _Born):
                born = read_frame(self._stdout)
                if born is not None:
                    group.introduce(int(born["born"]))
                    self._received(self, born)
        with contextlib.suppress(OSError, ValueError):
            while (message := read_frame(self._stdout)) is not None:
                self._received(self, message)
        if isinstance(group, _Born):
            group.introduce(0)
        self._received(self, None)


def kill_all(stuck: Sequence[Child]) -> None:
    """End several children at once, so that many stuck ones cost one look at the processes."""
    if sys.platform != "win32":
        pids = {child.pid for child in stuck}
        found = set().union(*(descendants(pid) for pid in pids)) | marked(*(child.mark for child in stuck))
        for child in stuck:
            child.strike()
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    for child in stuck:
        child.kill()


def own_program(module: str, hidden_word: str) -> list[str]:
    """Return the command line that starts a module of ours: from source, or in the frozen program.

    hidden_word: the argument by which the frozen program's entry point knows it, e.g. "--worker".
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, hidden_word]
    return [sys.executable, "-m", module]


# --- Windows: job objects and the list of processes ------------------------------------------------------------------------------
# Written from the Win32 documentation (JOBOBJECT_EXTENDED_LIMIT_INFORMATION, winnt.h); never run.

_JOB_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_KILL_ON_JOB_CLOSE = 0x2000  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
_JOB_MEMORY = 0x200  # JOB_OBJECT_LIMIT_JOB_MEMORY
_SNAP_PROCESS = 0x2  # TH32CS_SNAPPROCESS


@functools.lru_cache(maxsize=1)
def _kernel32() -> Any:
    import ctypes

    return ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore] # Windows only


def _new_job(memory_limit: int) -> Any:
    """Return a job object that ends all its processes when it is closed."""
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = [
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        ]

    class Extended(ctypes.Structure):
        _fields_ = [
            ("Basic", Basic),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]

    kernel32 = _kernel32()
    kernel32.CreateJobObjectW.restype = wintypes.HANDLE
    handle = kernel32.CreateJobObjectW(None, None)
    job = wintypes.HANDLE(handle)
    if not handle:
        raise OSError("CreateJobObjectW failed")
    limits = Extended()
    limits.Basic.LimitFlags = _KILL_ON_JOB_CLOSE | _JOB_MEMORY
    limits.JobMemoryLimit = memory_limit
    if not kernel32.SetInformationJobObject(
        job, _JOB_EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    ):
        raise OSError("SetInformationJobObject failed")
    return job


def _enter_job(job: Any, process: subprocess.Popen[bytes]) -> None:
    """Put a suspended process into the job and let it run. Raises: OSError."""
    import ctypes
    from ctypes import wintypes

    handle = wintypes.HANDLE(int(process._handle))  # type: ignore[attr-defined,unused-ignore] # Windows only
    if not _kernel32().AssignProcessToJobObject(job, handle):
        process.kill()
        raise OSError("AssignProcessToJobObject failed")
    # The main thread's handle is not kept by subprocess; NtResumeProcess resumes all threads.
    ctypes.WinDLL("ntdll").NtResumeProcess(handle)  # type: ignore[attr-defined,unused-ignore] # Windows only


def _unbiased_s() -> float:
    """Return the seconds since the start without sleep; in units of 100 ns (realtimeapiset.h)."""
    import ctypes

    ticks = ctypes.c_ulonglong()
    _kernel32().QueryUnbiasedInterruptTime(ctypes.byref(ticks))
    return ticks.value / 1e7


def _end_job(job: Any) -> None:
    """End every process of the job and close it."""
    _kernel32().TerminateJobObject(job, 1)
    _kernel32().CloseHandle(job)


def _parents_toolhelp() -> Iterable[tuple[int, int]]:
    """Yield (process id, parent's id) from a Toolhelp snapshot; PROCESSENTRY32W of tlhelp32.h."""
    import ctypes
    from ctypes import wintypes

    class Entry(ctypes.Structure):
        _fields_ = [
            ("dwSize", wintypes.DWORD),
            ("cntUsage", wintypes.DWORD),
            ("th32ProcessID", wintypes.DWORD),
            ("th32DefaultHeapID", ctypes.c_size_t),
            ("th32ModuleID", wintypes.DWORD),
            ("cntThreads", wintypes.DWORD),
            ("th32ParentProcessID", wintypes.DWORD),
            ("pcPriClassBase", wintypes.LONG),
            ("dwFlags", wintypes.DWORD),
            ("szExeFile", wintypes.WCHAR * 260),
        ]

    kernel32 = _kernel32()
    kernel32.CreateToolhelp32Snapshot.restype = wintypes.HANDLE
    snapshot = wintypes.HANDLE(kernel32.CreateToolhelp32Snapshot(_SNAP_PROCESS, 0))
    entry = Entry()
    entry.dwSize = ctypes.sizeof(Entry)
    try:
        more = kernel32.Process32FirstW(snapshot, ctypes.byref(entry))
        while more:
            yield entry.th32ProcessID, entry.th32ParentProcessID
            more = kernel32.Process32NextW(snapshot, ctypes.byref(entry))
    finally:
        kernel32.CloseHandle(snapshot)
