"""Long-lived children of our own that exchange framed messages with us, started from nothing or born by a nursery."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any

from techkit.children.environment import environment, new_mark
from techkit.children.frames import read_frame, write_frame
from techkit.children.processes import (
    MEMORY_LIMIT_BYTES,
    REAP_S,
    Born,
    Forked,
    Group,
    related,
    split,
    start,
)

#: Tells a writer that nothing more will come.
_CLOSE = object()


class Nursery:
    """A process of our own that has loaded everything once and bears children by forking; Linux only.

    What starts from nothing takes 0.1 s of processor time, a child that is born 0.005 s, and all share what is loaded.
    The process must have one thread only; its standard input is the socket that it is asked through. An ask is one
    packet: the child's mark, with the two pipe ends it reads from and writes to.

    source: its command line; or what it does, in a process that splits off this one and shares what is loaded here,
    where this one has one thread only (processes.is_single).
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
        source: Sequence[str] | Callable[[], object],
        *,
        extra_environment: Iterable[tuple[str, str]] = (),
        memory_limit: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Start it. Raises: OSError."""
        self.mark = new_mark()
        given = environment(self.mark, extra_environment)
        self._group: Group | Forked
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            if callable(source):
                self._group = split(
                    source, environment=given, stdin=theirs.fileno(), memory_limit=memory_limit
                )
            else:
                self._group = start(
                    list(source),
                    environment=given,
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
        self._group.release()


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
        self._group: Group | Born
        if isinstance(source, Nursery):
            self.mark = new_mark(source.mark)
            self._group = Born(self.mark)
            self._stdin, self._stdout = source.bear(self.mark)
        else:
            self.mark = new_mark()
            group = start(
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
        if isinstance(self._group, Born):
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

    def end_input(self) -> None:
        """Ask it to end, and wait for nothing."""
        self._outgoing.put(_CLOSE)

    def finish(self, seconds: float = 0.5) -> None:
        """Ask it to end by closing its input; kill it when it does not within the time."""
        self.end_input()
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
            if isinstance(group, Born):
                born = read_frame(self._stdout)
                if born is not None:
                    group.introduce(int(born["born"]))
                    self._received(self, born)
        with contextlib.suppress(OSError, ValueError):
            while (message := read_frame(self._stdout)) is not None:
                self._received(self, message)
        if isinstance(group, Born):
            group.introduce(0)
        self._received(self, None)


def kill_all(stuck: Sequence[Child]) -> None:
    """End several children at once, so that many stuck ones cost one look at the processes."""
    if sys.platform != "win32":
        found = related([child.pid for child in stuck], [child.mark for child in stuck])
        for child in stuck:
            child.strike()
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    for child in stuck:
        child.kill()


def finish_all(idle: Sequence[Child], seconds: float = 0.5) -> None:
    """Ask several children to end by closing their input, and kill those that do not within the time all have together."""
    for child in idle:
        child.end_input()
    ends = time.monotonic() + seconds
    for child in idle:
        child.finish(max(0.0, ends - time.monotonic()))


def own_program(module: str, hidden_word: str) -> list[str]:
    """Return the command line that starts a module of ours: from source, or in the frozen program.

    hidden_word: the argument by which the frozen program's entry point knows it, e.g. "--worker".
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, hidden_word]
    return [sys.executable, "-m", module]
