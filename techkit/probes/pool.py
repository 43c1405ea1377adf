"""The pool: warm worker processes, and the plan-wide limit.

`Pool.read` runs probes over the workers. All external tools that probes declare start together at
once and are awaited side by side; a probe goes to a worker as soon as its tools have ended. A probe
over its limit, or whose worker crashed, is gone with everything it started; its worker is replaced
and all other probes go on. When probes wait behind busy workers for longer than PATIENCE_S, more
workers start, so that stuck probes cannot keep healthy ones from running.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from techkit import i18n
from techkit.children import external
from techkit.children.child import Child, Nursery, finish_all, kill_all, own_program
from techkit.children.clocks import TURN_S, awake_s, slept_s
from techkit.children.environment import new_mark
from techkit.children.external import Command, Output
from techkit.children.processes import REAP_S, is_single, sweep
from techkit.i18n import _
from techkit.probes import worker
from techkit.probes.probe import Probe, has_admin_rights, this_platform
from techkit.records.findings import ProbeReport, Reading, Reason

#: Workers kept warm. Three: two cores stay busy while one worker watches (samples); each costs
#: 8-10 MiB (docs/decisions, measured as PSS).
WARM = 3

#: Most workers at one time while others are stuck; ours: twenty stuck probes still leave four
#: workers to the healthy ones, at 10 MiB each.
MOST = 24

#: How long a worker may take to be born; ours: the usual is 0.15 s, a saturated disk and half a core make it 2 s.
BIRTH_S = 5.0

#: How long ready probes wait behind busy workers before one more starts, in seconds.
PATIENCE_S = 0.4

#: Less is no sleep but two clocks read one after the other; ours.
LEAST_SLEEP_S = 1.0

#: Address space of one worker; ours: an honest one has 120 MiB.
WORKER_MEMORY_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    """How a probe went and what it read; no readings are lost when it failed half way."""

    report: ProbeReport
    readings: tuple[Reading, ...] = ()
    processor_s: float = 0.0
    #: How long the computer slept while it was read; it was read again then.
    slept_s: float = 0.0


class Clock:
    """What the limits of a run are reckoned by: time awake, and how long the computer has slept."""

    def awake_s(self) -> float:
        """Return seconds of a clock that stands still while the computer sleeps."""
        return awake_s()

    def slept_s(self) -> float:
        """Return the seconds slept since some moment."""
        return slept_s()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What all probes of one run share. limit_s: the whole run's. Others as in probe.Access."""

    limit_s: float
    sample_s: float = 1.0
    wait_s: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Busy:
    probe: Probe
    number: int
    started: float
    deadline: float


Progress = Callable[[int, Sequence[Probe]], None]
Heard = Callable[[Sequence[Reading]], None]
Ended = Callable[[Outcome], None]


class Pool:
    """Workers and the loop that feeds them. One run at a time; close it when done."""

    def __init__(
        self,
        *,
        warm: int = WARM,
        most: int = MOST,
        extra_environment: Iterable[tuple[str, str]] = (),
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._warm = warm
        self._most = most
        self._extra = tuple(extra_environment)
        self._workers: dict[Child, _Busy | None] = {}
        self._nursery: Nursery | None = None
        self._events: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._numbers = 0

    def warm_up(self) -> None:
        """Start the workers before they are needed.

        A command's process, which has one thread still, loads the probes itself and lets the nursery split off it: that
        saves starting and loading a program twice, a quarter of a quick check's processor time.
        """
        with self._lock:
            if self._nursery is None and Nursery.is_here() and is_single():
                worker.load_probes()
                with contextlib.suppress(OSError):
                    self._nursery = self._made_nursery(lambda: worker.main([worker.NURSERY]))
            while len(self._workers) < self._warm and self._add_worker():
                pass

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            finish_all(list(self._workers))
            self._workers.clear()
            if self._nursery is not None:
                self._nursery.close()
                self._nursery = None

    def pids(self) -> list[int]:
        """Return the process ids of the workers and of what bears them, for measuring."""
        nursery = [self._nursery.pid] if self._nursery is not None else []
        return nursery + [pid for child in list(self._workers) if (pid := child.known_pid(BIRTH_S))]

    def read(
        self,
        probes: Sequence[Probe],
        request: Request,
        *,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
        heard: Heard | None = None,
        ended: Ended | None = None,
    ) -> list[Outcome]:
        """Run the probes and return one outcome each, in the order given.

        Ends within request.limit_s, whatever the probes do. progress: called with how many are done
        and which are running, from this thread. stop: set it to end early; the rest is "skipped".
        heard: called with what watching probes see meanwhile, from this thread. ended: called with each outcome as it
        comes, from this thread.
        """
        with self._lock:
            return _Run(self, probes, request, progress, stop or threading.Event(), heard, ended).outcomes()

    # --- for the run ---------------------------------------------------------------------------

    def _add_worker(self) -> bool:
        try:
            child = self._born() or Child(
                _program(), self._hear, extra_environment=self._extra, memory_limit=WORKER_MEMORY_BYTES
            )
        except OSError:
            return False
        self._workers[child] = None
        return True

    def _born(self) -> Child | None:
        """Return a worker from the nursery, which is made where there is none; None where it cannot be."""
        if not Nursery.is_here():
            return None
        with contextlib.suppress(OSError):
            if self._nursery is None:
                self._nursery = self._made_nursery([*_program(), worker.NURSERY])
            return Child(self._nursery, self._hear)
        # It is gone; a worker that starts from nothing does the same, and the next one has a new nursery.
        nursery, self._nursery = self._nursery, None
        if nursery is not None:
            nursery.close()
        return None

    def _made_nursery(self, source: Sequence[str] | Callable[[], object]) -> Nursery:
        return Nursery(source, extra_environment=self._extra, memory_limit=WORKER_MEMORY_BYTES)

    def _hear(self, child: Child, message: Any) -> None:
        self._events.put((child, message))


def _program() -> list[str]:
    return own_program("techkit.probes.worker", "--worker")


class _Run:
    """One run over a pool."""

    def __init__(
        self,
        pool: Pool,
        probes: Sequence[Probe],
        request: Request,
        progress: Progress | None,
        stop: threading.Event,
        heard: Heard | None,
        ended: Ended | None,
    ) -> None:
        self._pool = pool
        self._heard, self._ended = heard, ended
        self._probes = list(probes)
        self._request = request
        self._progress = progress
        self._stop = stop
        self._clock = pool._clock
        self._slept_s = self._clock.slept_s()
        self._disturbed: dict[str, float] = {}
        self._mark = new_mark()
        self._deadline = self._clock.awake_s() + request.limit_s
        self._done: dict[str, Outcome] = {}
        self._ready: list[Probe] = []
        self._waiting: dict[str, set[tuple[str, ...]]] = {}
        self._outputs: dict[tuple[str, ...], Output] = {}
        self._ready_since = self._clock.awake_s()
        self._tools_stop = threading.Event()
        self._tools: list[threading.Thread] = []

    def outcomes(self) -> list[Outcome]:
        """Run to the end and return the outcomes."""
        self._sort_out()
        self._start_tools()
        try:
            while len(self._done) < len(self._probes):
                now = self._clock.awake_s()
                if self._stop.is_set():
                    self._give_up(Reason.SKIPPED, _("The check was stopped."))
                    break
                if now >= self._deadline:
                    self._give_up(Reason.TIMED_OUT, _("The time for the whole check was over."))
                    break
                self._notice_sleep()
                self._end_overrun(self._clock.awake_s())
                self._feed(now)
                self._tell()
                self._take_one()
        finally:
            self._clean_up()
        self._tell()
        return [self._done[probe.id] for probe in self._probes]

    def _sort_out(self) -> None:
        """Answer at once for probes that cannot run here; queue the others, watching ones first."""
        platform, is_admin = this_platform(), has_admin_rights()
        for probe in sorted(self._probes, key=lambda p: (not p.samples, -p.limit_s)):
            if platform not in probe.platforms:
                self._finish(probe, "not_applicable", "")
            elif probe.needs_admin and not is_admin:
                self._finish(probe, Reason.NOT_PERMITTED, _("It needs administrator rights."))
            elif probe.commands:
                self._waiting[probe.id] = {command.argv for command in probe.commands}
            else:
                self._ready.append(probe)

    def _start_tools(self) -> None:
        commands: dict[tuple[str, ...], Command] = {}
        for probe in self._probes:
            if probe.id in self._waiting:
                commands |= {command.argv: command for command in probe.commands}
        for command in commands.values():
            thread = threading.Thread(target=self._run_tool, args=(command,), daemon=True)
            thread.start()
            self._tools.append(thread)

    def _run_tool(self, command: Command) -> None:
        output = external.run(command, stop=self._tools_stop, mark=self._mark)
        self._pool._events.put((None, output))

    def _feed(self, now: float) -> None:
        """Give ready probes to idle workers; start workers where that helps."""
        workers = self._pool._workers
        if not self._ready:
            self._ready_since = now
            return
        for child in [c for c, busy in workers.items() if busy is None]:
            if self._ready:
                self._dispatch(child, self._ready.pop(0), now)
                self._ready_since = now
        most = self._limit_of_workers(now)
        if most > self._pool._warm:
            self._ready_since = now
        while self._ready and len(workers) < most:
            if not self._pool._add_worker():
                break
            self._dispatch(next(reversed(workers)), self._ready.pop(0), now)

    def _limit_of_workers(self, now: float) -> int:
        impatient = now - self._ready_since > PATIENCE_S
        count = len(self._pool._workers)
        # Doubling: 24 workers are reached after three times PATIENCE_S.
        return min(self._pool._most, max(self._pool._warm, 2 * count if impatient else 0))

    def _dispatch(self, child: Child, probe: Probe, now: float) -> None:
        self._pool._numbers += 1
        # One that is not born yet begins when it is.
        limit = self._limit(probe) + (0.0 if child.pid else BIRTH_S)
        busy = _Busy(probe, self._pool._numbers, now, min(now + limit, self._deadline))
        self._pool._workers[child] = busy
        child.send(
            {
                "number": busy.number,
                "module": probe.module,
                "probe": probe.id,
                "language": i18n.current(),
                "access": {
                    "sample_s": self._request.sample_s,
                    "wait_s": self._request.wait_s,
                    "settings": dict(self._request.settings),
                },
                "outputs": [
                    worker.pack_output(self._outputs[command.argv])
                    for command in probe.commands
                    if command.argv in self._outputs
                ],
            }
        )

    def _limit(self, probe: Probe) -> float:
        return probe.limit_s + (self._request.sample_s if probe.samples else 0.0)

    def _born(self, child: Child) -> None:
        """Let the time of what a worker has to do begin."""
        busy, now = self._pool._workers.get(child), self._clock.awake_s()
        if busy is not None:
            busy.started, busy.deadline = now, min(now + self._limit(busy.probe), self._deadline)

    def _take_one(self) -> None:
        """Wait for the next event, at most a turn, and take it in."""
        ends = [busy.deadline for busy in self._pool._workers.values() if busy is not None]
        wait = min([*ends, self._deadline]) - self._clock.awake_s()
        try:
            child, message = self._pool._events.get(timeout=max(0.001, min(wait, TURN_S)))
        except queue.Empty:
            return
        if child is None:
            self._tool_ended(message)
        elif message is None:
            self._worker_gone(child)
        elif "born" in message:
            self._born(child)
        else:
            self._answered(child, message)

    def _tool_ended(self, output: Output) -> None:
        self._outputs[output.argv] = output
        for probe in self._probes:
            missing = self._waiting.get(probe.id)
            if missing is not None:
                missing.discard(output.argv)
                if not missing:
                    del self._waiting[probe.id]
                    self._ready.append(probe)

    def _answered(self, child: Child, message: Any) -> None:
        busy = self._pool._workers.get(child)
        if busy is None or message.get("number") != busy.number:
            return  # an answer to an earlier run that was given up
        if "told" in message:
            self._hear(busy.probe, message["told"])
            return
        self._pool._workers[child] = None
        try:
            readings = tuple(worker.unpack(packed) for packed in message["readings"])
        except (KeyError, TypeError, ValueError):
            self._finish(busy.probe, Reason.FAILED, _("The answer could not be read."))
            return
        allowed = tuple(r for r in readings if busy.probe.covers(r.id))
        report = ProbeReport(
            probe=busy.probe.id,
            state=message["state"],
            duration_s=message["duration_s"],
            reason_text=message["reason_text"],
            excerpt=message["excerpt"],
        )
        self._keep(Outcome(report, allowed, message["processor_s"]))

    def _keep(self, outcome: Outcome) -> None:
        slept = self._disturbed.get(outcome.report.probe, 0.0)
        if slept:
            outcome = replace(outcome, slept_s=round(slept, 1))
        self._done[outcome.report.probe] = outcome
        if self._ended is not None:
            self._ended(outcome)

    def _hear(self, probe: Probe, packed: Any) -> None:
        """Pass on what a probe sees while it watches; what cannot be read is left out, its answer will tell."""
        try:
            readings = tuple(worker.unpack(one) for one in packed)
        except (KeyError, TypeError, ValueError):
            return
        if self._heard is not None:
            self._heard(tuple(reading for reading in readings if probe.covers(reading.id)))

    def _worker_gone(self, child: Child) -> None:
        busy = self._pool._workers.pop(child, None)
        child.kill()
        if busy is not None:
            text = _("The part of techkit that reads it ended unexpectedly.")
            self._finish(busy.probe, Reason.FAILED, text, self._clock.awake_s() - busy.started)

    def _notice_sleep(self) -> None:
        """Begin anew what was being read while the computer slept: its rates and answers are those of another time."""
        slept, self._slept_s = self._clock.slept_s() - self._slept_s, self._clock.slept_s()
        if slept < LEAST_SLEEP_S:
            return
        for child, busy in list(self._pool._workers.items()):
            if busy is not None:
                self._disturbed[busy.probe.id] = self._disturbed.get(busy.probe.id, 0.0) + slept
                self._ready.insert(0, busy.probe)
                del self._pool._workers[child]
                child.kill()

    def _end_overrun(self, now: float) -> None:
        late = [(c, b) for c, b in self._pool._workers.items() if b is not None and now >= b.deadline]
        for child, busy in late:
            self._finish(
                busy.probe, Reason.TIMED_OUT, _("The computer did not answer in time."), now - busy.started
            )
            del self._pool._workers[child]
        if late:
            kill_all([child for child, _busy in late])

    def _give_up(self, reason: Reason, text: str) -> None:
        """Answer for everything unfinished and end the workers that are busy with it."""
        stuck = [child for child, busy in self._pool._workers.items() if busy is not None]
        for probe in self._probes:
            if probe.id not in self._done:
                self._finish(probe, reason, text)
        for child in stuck:
            del self._pool._workers[child]
        kill_all(stuck)

    def _clean_up(self) -> None:
        """End tools that still run, and whatever probes and tools left behind."""
        self._tools_stop.set()
        ends = self._clock.awake_s() + REAP_S  # of all together: they end side by side
        for thread in self._tools:
            thread.join(max(0.0, ends - self._clock.awake_s()))
        workers = list(self._pool._workers)
        ours = [worker.pid for worker in workers]
        nursery = self._pool._nursery
        sweep(
            self._mark,
            *(worker.mark for worker in workers),
            keep=ours,
            beneath=[*ours, nursery.pid if nursery is not None else 0],
        )
        # A run during which more workers were needed gives them back.
        spare = workers[self._pool._warm :]
        for child in spare:
            del self._pool._workers[child]
        finish_all(spare)

    def _finish(self, probe: Probe, state: str, text: str, seconds: float = 0.0) -> None:
        if probe.id not in self._done:
            report = ProbeReport(
                probe=probe.id, state=str(state), duration_s=round(seconds, 3), reason_text=text
            )
            self._keep(Outcome(report))

    def _tell(self) -> None:
        if self._progress is not None:
            running = [busy.probe for busy in self._pool._workers.values() if busy is not None]
            asking = [
                probe for probe in self._probes if probe.id in self._waiting and probe.id not in self._done
            ]
            self._progress(len(self._done), [*running, *asking])
