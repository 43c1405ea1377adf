"""A process and everything it started: begun with limits, found again, ended to the last descendant.

Every process is started by absolute path, with an argument list and no shell, in its own session (no terminal, so no
password prompt can reach one), with a mark in its environment. Killing takes the process, its process group, all
descendants and, on Linux, whatever else carries the mark: also a grandchild that made its own session. What even forgot
the mark is found beneath the worker that started it, which adopts whatever loses its parent. On Windows a job object
does it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techkit.children.environment import MARK

if sys.platform == "win32":
    from techkit.children import windows

#: Most memory (address space) of one external tool; ours: the largest tool seen, a package list, took 90 MiB.
MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024

#: How long a killed child is waited for. One in uninterruptible sleep is left to the system.
REAP_S = 0.2


@dataclass
class Group:
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
            windows.end_job(self.job)
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


class Born:
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
            targets = related((self.pid,) if not self.wait(0.0) else (), (self.mark,))
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


class Forked(Born):
    """A process that split off this one: held by a handle, and ours to wait for."""

    def wait(self, seconds: float) -> bool:
        """Return whether the process ended within the time; one that did is taken away."""
        has_ended = super().wait(seconds)
        if has_ended:
            with contextlib.suppress(OSError):
                os.waitpid(self.pid, os.WNOHANG)
        return has_ended


def is_single() -> bool:
    """Return whether this process has one thread only, of any language, so that it may split; Linux only."""
    try:
        return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def split(
    live: Callable[[], object], *, environment: Mapping[str, str], stdin: int, memory_limit: int
) -> Forked:
    """Split off a process of its own session that does one thing with what is loaded here, and ends.

    It has nothing open but the standard input given, no terminal, and the environment given: what start() gives a
    program. Only where is_single(). Raises: OSError.
    """
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.chdir("/")
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            null = os.open(os.devnull, os.O_RDWR)
            for kept, wanted in ((stdin, 0), (null, 1), (null, 2)):
                os.dup2(kept, wanted)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            os.environ.clear()
            os.environ.update(environment)
            live()
        finally:
            os._exit(0)
    _limit_memory(pid, memory_limit)
    _stand_back(pid)
    forked = Forked(environment[MARK])
    forked.introduce(pid)
    return forked


def start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    stdin: int,
    stdout: int,
    stderr: int,
    memory_limit: int,
) -> Group:
    """Start a process of its own session or job. Raises: OSError."""
    if sys.platform == "win32":
        job = windows.new_job(memory_limit)
        process = subprocess.Popen(
            argv,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            # Suspended until it is inside the job, so that no grandchild escapes.
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | 0x4,
        )
        windows.enter_job(job, process)
        return Group(process, environment[MARK], job)
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
    return Group(process, environment[MARK])


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
        targets = related((process.pid,) if process.poll() is None else (), (mark,))
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        for pid in targets:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not targets:
            break


def descendants(*pids: int) -> set[int]:
    """Return the process ids of all living descendants of processes (without themselves); none of one that is not known."""
    return related(pids, ())


def marked(*marks: str) -> set[int]:
    """Return the processes that carry one of the marks or a descendant of it, without this one.

    Linux only; elsewhere empty.
    """
    return related((), marks)


def related(pids: Iterable[int], marks: Iterable[str]) -> set[int]:
    """Return the living descendants of some processes and whatever carries one of the marks, by one look at all processes.

    One look, because on a busy computer each costs a turn at the processor. Marks tell on Linux only.
    """
    tops = [pid for pid in pids if pid > 0]
    needles = [f"{MARK}={mark}".encode() for mark in marks if mark] if sys.platform == "linux" else []
    found: set[int] = set()
    if not tops and not needles:
        return found
    children: dict[int, list[int]] = {}
    for child, parent in _parents() if tops else ((pid, 0) for pid in _numbers()):
        if tops:
            children.setdefault(parent, []).append(child)
        if needles and child != os.getpid() and _carries(child, needles):
            found.add(child)
    pending = list(tops)
    while pending:
        for child in children.pop(pending.pop(), []):
            found.add(child)
            pending.append(child)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    """Return (process id, parent's id) of every process."""
    if sys.platform == "win32":
        return windows.parents()
    return _parents_proc() if sys.platform == "linux" else _parents_ps()


def _numbers() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208 - a Path for each of hundreds is slow


def _parents_proc() -> Iterable[tuple[int, int]]:
    for pid in _numbers():
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
            # The name in brackets may hold blanks and brackets: count from the last one.
            stat = file.read().rpartition(b")")[2].split(None, 2)
            if stat[0] != b"Z":
                yield pid, int(stat[1])


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


def _carries(pid: int, needles: Sequence[bytes]) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - as above
        content = file.read()
        return any(needle in content for needle in needles)
    return False


def adopt() -> None:
    """Become the parent of every descendant whose own parent ends, so that none gets out of sight; Linux only.

    One that began its own session and forgot its environment would be found by nothing else.
    Source: prctl(2), PR_SET_CHILD_SUBREAPER (36); it is not passed on to children.
    """
    if sys.platform == "linux":
        import ctypes  # only where processes of others are started

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def sweep(*marks: str, keep: Iterable[int] = (), beneath: Iterable[int] = ()) -> None:
    """End whatever still carries one of the marks or descends from the processes beneath, but for those to keep."""
    kept, tops = set(keep), list(beneath)
    for _turn in range(3):
        left = related(tops, marks) - kept
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
