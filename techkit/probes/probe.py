"""What a probe author needs: the declaration of a probe and its access to the machine.

A probe is a function `read(access)` that yields typed readings; it runs only in a worker process,
with a limit, and may be killed at any moment. It only reads. A module of probes ends with

    PROBES = (VOLUMES, SMART)

and is found by its name: the probe "storage.volumes" stands in techkit/probes/storage.py.

How a probe says what it could not read:
- nothing of it could be had: raise ProbeError(sentence, reason=Reason.X). Access does so itself for
  a missing tool, a tool over its limit, a missing or forbidden file.
- one item could not be had, others could: yield `missing(id, subject=..., reason=..., text=...)`.
  The shared code of the checks turns it into "could not check" for that subject.
- the computer has nothing of the kind (no battery): yield nothing. Never guess, never yield 0.
A value that cannot be true (0 bytes of memory, 255 °C) is never a reading.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from techkit.children import external
from techkit.children.external import Command, Ended, Output
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.records.findings import Privacy, Reading, Reason

#: Longest file a probe reads; /proc and /sys files are far smaller. Bad input 65 proposes 4 MiB.
FILE_LIMIT_BYTES = 4 * 1024 * 1024

#: What is read at once.
PIECE_BYTES = 64 * 1024

#: Longest raw excerpt kept beside a probe's readings; a drawer shows some forty lines of 100 signs.
EXCERPT_LIMIT = 4000


class Platform(StrEnum):
    """An operating system family techkit reads."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"


EVERYWHERE = frozenset(Platform)
LINUX = frozenset({Platform.LINUX})


def this_platform() -> Platform:
    """Return the system this process runs on; every other Unix counts as Linux."""
    return {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}.get(sys.platform, Platform.LINUX)


class Depth(StrEnum):
    """How thorough a plan is; a probe runs in the plan of its own depth and in all deeper ones."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"
    #: In no plan: a person tries it, or asks for it.
    ON_REQUEST = "on_request"

    def includes(self, other: Depth) -> bool:
        """Return whether a plan of this depth runs a probe declared with `other`."""
        order = list(Depth)
        return order.index(other) <= order.index(self)


class Access:
    """The machine as a probe sees it: files below a root, external tools, and how long to watch.

    sample_s: how long a sampling probe may watch in this plan (seconds). wait_s: how long one answer
    from the network may take (seconds). settings: values the caller hands in, e.g.
    "network.reference_hosts" (list of host or host:port). is_admin: whether this process may read
    what only administrators may. program: the process id of the program this is read for.
    """

    def __init__(
        self,
        *,
        root: Path = Path("/"),
        platform: Platform | None = None,
        sample_s: float = 1.0,
        wait_s: float = 1.0,
        settings: Mapping[str, object] | None = None,
        is_admin: bool | None = None,
        outputs: Mapping[tuple[str, ...], Output] | None = None,
        stop: threading.Event | None = None,
        tell: Callable[[Sequence[Reading]], None] | None = None,
        program: int = 0,
    ) -> None:
        self.root = root
        self.platform = platform or this_platform()
        self.sample_s = sample_s
        self.wait_s = wait_s
        self.settings: Mapping[str, object] = settings or {}
        self.is_admin = has_admin_rights() if is_admin is None else is_admin
        self.stop = stop or threading.Event()
        self._outputs = dict(outputs or {})
        self._excerpts: list[str] = []
        self._tell = tell
        self.program = program or os.getppid()

    # --- files ---------------------------------------------------------------------------------

    def path(self, path: str) -> Path:
        """Return where an absolute POSIX path such as "/proc/meminfo" lies below the root."""
        return self.root.joinpath(*PurePosixPath(path).parts[1:])

    def data(self, path: str) -> bytes:
        """Return a file's content, at most FILE_LIMIT_BYTES of it.

        Raises: ProbeError with reason not_present, not_permitted or failed.
        """
        try:
            with self.path(path).open("rb", buffering=0) as file:
                # In pieces: the kernel refuses a single read of 4 MiB from /proc/sys (ENOMEM).
                pieces: list[bytes] = []
                while sum(map(len, pieces)) < FILE_LIMIT_BYTES and (piece := file.read(PIECE_BYTES)):
                    pieces.append(piece)
                return b"".join(pieces)[:FILE_LIMIT_BYTES]
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ProbeError(_("{path} is not there.", path=path), reason=Reason.NOT_PRESENT) from error
        except PermissionError as error:
            raise ProbeError(
                _("{path} may only be read by an administrator.", path=path),
                reason=Reason.NOT_PERMITTED,
            ) from error
        except OSError as error:
            raise ProbeError(
                _("{path} could not be read: {why}", path=path, why=error.strerror or str(error)),
                reason=Reason.FAILED,
            ) from error

    def text(self, path: str) -> str:
        """Return a file as text; bytes that are not UTF-8 become replacement signs. Raises as data."""
        return self.data(path).decode("utf-8", "replace")

    def text_or(self, path: str, otherwise: str = "") -> str:
        """Return a file's text stripped of blanks at both ends, `otherwise` if it cannot be had."""
        try:
            return self.text(path).strip()
        except ProbeError:
            return otherwise

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; empty when it is missing or may not be listed."""
        try:
            return sorted(os.listdir(self.path(path)))  # noqa: PTH208 - only the names
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        """Return whether something is at the path."""
        return self.path(path).exists()

    # --- external tools ------------------------------------------------------------------------

    def run(self, command: Command) -> Output:
        """Return what an external tool printed; a declared command was started with all others.

        The exit code is the caller's to judge (smartctl's is a bit mask).
        Raises: ProbeError with reason tool_missing, timed_out or failed (flood, memory, stopped).
        """
        return self.run_all([command])[0]

    def run_all(self, commands: Sequence[Command]) -> list[Output]:
        """Run several tools side by side, e.g. smartctl for each drive; order as given. Raises as run."""
        fresh = [c for c in commands if c.argv not in self._outputs]
        for command, output in zip(fresh, external.run_all(fresh, stop=self.stop), strict=True):
            self._outputs[command.argv] = output
        return [_judged(command, self._outputs[command.argv]) for command in commands]

    def try_all(self, commands: Sequence[Command]) -> list[Output | ProbeError]:
        """Like run_all, but one tool's trouble stands in its place instead of being raised."""
        results: list[Output | ProbeError] = []
        fresh = [c for c in commands if c.argv not in self._outputs]
        for command, output in zip(fresh, external.run_all(fresh, stop=self.stop), strict=True):
            self._outputs[command.argv] = output
        for command in commands:
            try:
                results.append(_judged(command, self._outputs[command.argv]))
            except ProbeError as error:
                results.append(error)
        return results

    # --- while it watches ----------------------------------------------------------------------

    def tell(self, readings: Iterable[Reading]) -> None:
        """Tell what a probe sees while it still watches; it is shown to whoever waits, and not kept."""
        if self._tell is not None:
            self._tell(tuple(readings))

    # --- evidence ------------------------------------------------------------------------------

    def keep(self, raw: str) -> None:
        """Keep raw lines for the evidence drawer. Never lines that hold secrets or file names."""
        self._excerpts.append(raw)

    @property
    def excerpt(self) -> str:
        """Return the kept raw lines, cut at EXCERPT_LIMIT signs."""
        return "\n".join(self._excerpts)[:EXCERPT_LIMIT]


class RecordedAccess(Access):
    """A machine that is not here: files below a folder and recorded outputs of tools, for tests.

    outputs: what a command printed, by its whole command line, e.g. {"lspci -mm": b"..."}. A command
    that is not among them is a missing tool. No process is ever started.
    """

    def __init__(
        self,
        root: Path,
        *,
        platform: Platform = Platform.LINUX,
        outputs: Mapping[str, bytes | Output] | None = None,
        is_admin: bool = False,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(
            root=root,
            platform=platform,
            sample_s=0.0,
            wait_s=0.2,
            settings=settings,
            is_admin=is_admin,
        )
        self._recorded = dict(outputs or {})

    def run_all(self, commands: Sequence[Command]) -> list[Output]:
        """Return the recorded outputs. Raises: ProbeError as a real machine would."""
        return [_judged(command, self._replay(command)) for command in commands]

    def try_all(self, commands: Sequence[Command]) -> list[Output | ProbeError]:
        """Return recorded outputs, or the trouble in their place."""
        results: list[Output | ProbeError] = []
        for command in commands:
            try:
                results.append(_judged(command, self._replay(command)))
            except ProbeError as error:
                results.append(error)
        return results

    def _replay(self, command: Command) -> Output:
        found = self._recorded.get(" ".join(command.argv))
        if found is None:
            return Output(argv=command.argv, ended=Ended.NOT_FOUND)
        return Output(argv=command.argv, code=0, stdout=found) if isinstance(found, bytes) else found


#: What a worker calls: yields readings, may raise ProbeError.
Read = Callable[[Access], Iterable[Reading]]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One way to read the machine, declared.

    id: "<module>.<name>", for ever. title: what a person sees while it runs (N_). gives: the ids, or
    the beginnings of ids ending in ".", of all readings it may yield. depth: the quickest plan it
    runs in. limit_s: its time in seconds, after its declared commands have ended. samples: it watches for
    access.sample_s on purpose, which comes on top of limit_s. commands: external tools it always
    needs with fixed arguments; they are started together before any probe runs and access.run(...)
    finds their output. needs_admin: without the rights it is not tried ("needs administrator").
    """

    id: str
    title: str
    read: Read
    gives: tuple[str, ...]
    platforms: frozenset[Platform] = EVERYWHERE
    depth: Depth = Depth.QUICK
    #: Five seconds: probes in parallel with that limit gave all results in 5.0 s beside a stuck
    #: helper (docs/decisions, measured on Debian 12).
    limit_s: float = 5.0
    samples: bool = False
    needs_network: bool = False
    #: Who is asked where it needs the network, for docs/checks.md.
    sends_to: str = "the router and the reference hosts"
    needs_admin: bool = False
    commands: tuple[Command, ...] = ()
    #: The module it stands in; "" for techkit.probes.<first part of the id>.
    room: str = ""

    @property
    def module(self) -> str:
        """Return the importable name of the module the probe stands in."""
        return self.room or f"techkit.probes.{self.id.split('.', 1)[0]}"

    def covers(self, reading_id: str) -> bool:
        """Return whether a reading with this id may come from this probe."""
        return self.claim(reading_id) > 0

    def claim(self, reading_id: str) -> int:
        """Return how closely an id fits what the probe gives; 0 for not at all, the closest owns it."""
        fitting = (
            len(given)
            for given in self.gives
            if reading_id == given or (given.endswith(".") and reading_id.startswith(given))
        )
        return max(fitting, default=0)


# --- what could not be read ------------------------------------------------------------------------


def missing(
    id: str,
    *,
    reason: Reason,
    text: str,
    subject: str = "",
    source: str = "",
    privacy: Privacy = Privacy.NONE,
) -> Reading:
    """Return a reading that says why its value is not there; checks answer "could not check"."""
    return Reading(
        id=id,
        value={"reason": str(reason), "reason_text": text},
        subject=subject,
        source=source,
        privacy=privacy,
    )


def why_missing(reading: Reading) -> tuple[Reason, str] | None:
    """Return reason and text if the reading says why it has no value, None if it has one."""
    if isinstance(reading.value, dict) and reading.value.keys() == {"reason", "reason_text"}:
        return Reason(str(reading.value["reason"])), str(reading.value["reason_text"])
    return None


# --- shared by all -----------------------------------------------------------------------------------


def has_admin_rights() -> bool:
    """Return whether this process runs as root or with an elevated Windows token."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return os.geteuid() == 0


def _judged(command: Command, output: Output) -> Output:
    """Return the output of a tool that ended by itself; raise ProbeError for any other end."""
    tool = command.argv[0]
    if output.ended is Ended.EXITED:
        return output
    reasons = {
        Ended.NOT_FOUND: (
            Reason.TOOL_MISSING,
            _("The program {tool} is not on this computer.", tool=tool),
        ),
        Ended.REFUSED: (
            Reason.NOT_PERMITTED,
            _("The program {tool} may not be started.", tool=tool),
        ),
        Ended.OVER_TIME: (
            Reason.TIMED_OUT,
            _("The program {tool} did not answer in time.", tool=tool),
        ),
        Ended.FLOODED: (
            Reason.FAILED,
            _("The program {tool} printed without end and was ended.", tool=tool),
        ),
        Ended.STOPPED: (Reason.SKIPPED, _("The check was stopped.")),
    }
    reason, text = reasons[output.ended]
    raise ProbeError(text, reason=reason)


@dataclass(frozen=True)
class Section:
    """Readings that share an id's beginning, subject, source and privacy; for shorter probes.

    `section = Section("memory.", source="/proc/meminfo")` then
    `yield section("total_bytes", 8_000_000, "bytes")`.
    """

    prefix: str
    source: str = ""
    subject: str = ""
    privacy: Privacy = Privacy.NONE

    def __call__(
        self,
        name: str,
        value: str | int | float | bool | None,
        unit: str = "",
        *,
        source: str = "",
        privacy: Privacy | None = None,
    ) -> Reading:
        """Return one reading of the section."""
        return Reading(
            id=self.prefix + name,
            value=value,
            unit=unit,
            subject=self.subject,
            source=source or self.source,
            privacy=self.privacy if privacy is None else privacy,
        )

    def some(self, values: Mapping[str, tuple[str | int | float | bool | None, str]]) -> Iterator[Reading]:
        """Yield a reading per name whose value is neither None nor "": {name: (value, unit)}."""
        for name, (value, unit) in values.items():
            if value is not None and value != "":
                yield self(name, value, unit)
