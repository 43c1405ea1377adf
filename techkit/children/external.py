"""External tools: each started without a shell, read until it ends or reaches its limit, several side by side."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from techkit.children.clocks import TURN_S, awake_s
from techkit.children.environment import environment, new_mark, tool_folders
from techkit.children.processes import MEMORY_LIMIT_BYTES, start

#: Most bytes kept of one output stream; bad input 65 proposes 4 MiB.
OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024


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
        group = start(
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
