"""The worker: a lean process that runs probes, one at a time, and may be killed at any moment.

Started as `python -m techkit.probes.worker`, in the frozen program as `techkit --worker`. It reads
framed JSON requests from standard input and answers on standard output; both are taken away from
the probes, so that nothing a probe prints or reads can disturb the exchange. When its input ends
(techkit is gone) it ends too, with everything it started.

With the word `nursery` behind it the process loads every probe once and bears workers instead (Nursery).

Request: {"number", "module", "probe", "language", "access": {...}, "outputs": [...]}.
While it watches a probe may tell readings, a few times a second: {"number", "told": [[...], ...]}.
Answer: {"number", "state", "reason_text", "duration_s", "processor_s", "excerpt", "readings": [[...], ...]}.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import os
import pkgutil
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from techkit import i18n
from techkit.children.clocks import children_spent_s
from techkit.children.environment import MARK
from techkit.children.external import Ended, Output
from techkit.children.frames import read_frame, write_frame
from techkit.children.processes import adopt, sweep
from techkit.errors import ProbeError
from techkit.i18n import _
from techkit.probes.probe import Access, Platform, Probe
from techkit.records.findings import Privacy, Reading, Reason

#: Most readings of one probe; ours: the largest honest one, a software list, has three per package
#: and some four thousand packages.
READINGS_LIMIT = 50_000

#: Most readings told at once; ours: five programs for each of four things, and the computer as a whole, are thirty.
TOLD_LIMIT = 200

#: How often a probe may tell; more is dropped, so that one that tells without end holds nobody up. Ours: four a second
#: are honest (twice the computer as a whole, now and then its programs).
TOLD_AT_FIRST, TOLD_PER_S = 10, 5

#: Longest text in one value; a hostile device name of 4 kB is kept, 2 MB of text are not.
TEXT_LIMIT = 16_000


#: The word that makes a nursery of it.
NURSERY = "nursery"


def main(given: Sequence[str] = ()) -> int:
    """Answer requests until the input ends; as a nursery, bear workers until then."""
    first, second = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    if NURSERY in given:
        os.close(second)
        _nurse(first)
    else:
        _serve(first, second, os.getppid())
    return 0


def _nurse(control_fd: int) -> None:
    """Bear a worker for each ask until the socket is closed; this process must never start a thread."""
    adopt()  # what a worker that was ended leaves behind
    # The system takes away the workers that ended: the program watches them by handles of its own.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Nothing that is loaded is ever garbage: not looking through it saves a tenth, leaving it out keeps pages shared.
    gc.disable()
    load_probes()
    gc.freeze()
    gc.enable()
    program = os.getppid()
    with socket.socket(fileno=control_fd) as control:
        while True:
            mark, fds, _flags, _address = socket.recv_fds(control, 4096, 2)
            if not mark:
                return
            # Without room for one more process its pipes are closed, and the program hears of it.
            with contextlib.suppress(OSError):
                if os.fork() == 0:
                    _begin(control, mark.decode(), fds, program)
            for fd in fds:
                os.close(fd)


def _begin(control: socket.socket, mark: str, fds: Sequence[int], program: int) -> None:
    """Be a worker that was just born, and nothing else ever after."""
    try:
        control.close()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ[MARK] = mark
        with os.fdopen(os.dup(fds[1]), "wb") as answers:
            write_frame(answers, {"born": os.getpid()})
        _serve(fds[0], fds[1], program)
    finally:
        os._exit(1)


def load_probes() -> None:
    """Load every module of probes; one that cannot be loaded is told of when its probe is asked for."""
    package = importlib.import_module(
        __name__.rpartition(".")[0] if __name__ != "__main__" else "techkit.probes"
    )
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg and module.name != "worker":
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{package.__name__}.{module.name}")


def _serve(requests_fd: int, answers_fd: int, program: int) -> None:
    """Answer requests until the input ends. program: the process id of the program that asks."""
    adopt()
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests_fd, waiting), daemon=True).start()
    # Nothing loaded so far is ever garbage: leaving it out keeps memory pages shared and turns short.
    gc.freeze()
    with os.fdopen(answers_fd, "wb") as answers:
        while True:
            request = waiting.get()
            try:
                write_frame(answers, answer(request, lambda told: write_frame(answers, told), program))
            except ValueError:
                write_frame(answers, _trouble(request, Reason.FAILED, _flooded()))


def _listen(fd: int, waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Pass requests on; at the end of the input end the process and all it started."""
    with os.fdopen(fd, "rb") as file:
        while (request := read_frame(file)) is not None:
            waiting.put(request)
    sweep(os.environ.get(MARK, ""), keep=[os.getpid()])
    os._exit(0)


def answer(
    request: Mapping[str, Any], tell: Callable[[dict[str, Any]], None] | None = None, program: int = 0
) -> dict[str, Any]:
    """Run the probe a request names and return the answer. Never raises.

    tell: takes what it tells meanwhile. program: the process that asks, 0 for the one that started this one.
    """
    i18n.set_language(str(request.get("language", "en")))
    started, processor = time.monotonic(), time.process_time() + children_spent_s()
    readings: list[list[Any]] = []
    state, reason_text = "ok", ""
    access = _access(request, tell, program)
    try:
        probe = find(str(request["module"]), str(request["probe"]))
        for reading in probe.read(access):
            readings.append(pack(reading))
            if len(readings) > READINGS_LIMIT:
                raise ProbeError(_flooded(), reason=Reason.FAILED)
    except ProbeError as error:
        # What was read before the trouble is kept as facts; no verdict is built on it.
        state, reason_text = str(error.reason), error.title
    except MemoryError:
        state, reason_text = Reason.FAILED, _("Reading it used too much memory and was ended.")
    except Exception as error:
        state = Reason.FAILED
        reason_text = _("Reading it failed ({error}).", error=_described(error))
    return {
        "number": request.get("number"),
        "state": state,
        "reason_text": reason_text,
        "duration_s": round(time.monotonic() - started, 4),
        "processor_s": round(time.process_time() + children_spent_s() - processor, 4),
        "excerpt": access.excerpt,
        "readings": readings,
    }


def find(module: str, id: str) -> Probe:
    """Return a declared probe. Raises: LookupError, ImportError."""
    for probe in importlib.import_module(module).PROBES:
        if isinstance(probe, Probe) and probe.id == id:
            return probe
    raise LookupError(f"no probe {id} in {module}")


def pack(reading: Reading) -> list[Any]:
    """Return a reading as JSON values; too long texts are cut."""
    value = reading.value[:TEXT_LIMIT] if isinstance(reading.value, str) else reading.value
    return [
        reading.id,
        value,
        reading.unit,
        reading.subject[:TEXT_LIMIT],
        reading.source,
        str(reading.privacy),
    ]


def unpack(packed: list[Any]) -> Reading:
    """Return the reading that was packed."""
    id, value, unit, subject, source, privacy = packed
    return Reading(id=id, value=value, unit=unit, subject=subject, source=source, privacy=Privacy(privacy))


def pack_output(output: Output) -> list[Any]:
    """Return a tool's output as JSON values."""
    streams = [base64.b64encode(data).decode() for data in (output.stdout, output.stderr)]
    return [list(output.argv), str(output.ended), output.code, *streams, output.duration_s]


def unpack_output(packed: list[Any]) -> Output:
    """Return the output that was packed."""
    argv, ended, code, stdout, stderr, duration_s = packed
    return Output(
        argv=tuple(argv),
        ended=Ended(ended),
        code=code,
        stdout=base64.b64decode(stdout),
        stderr=base64.b64decode(stderr),
        duration_s=duration_s,
    )


def _access(
    request: Mapping[str, Any], tell: Callable[[dict[str, Any]], None] | None, program: int = 0
) -> Access:
    began, times = time.monotonic(), 0

    def told(readings: Sequence[Reading]) -> None:
        nonlocal times
        times += 1
        if tell is not None and times <= TOLD_AT_FIRST + TOLD_PER_S * (time.monotonic() - began):
            tell({"number": request.get("number"), "told": [pack(r) for r in readings[:TOLD_LIMIT]]})

    given = dict(request.get("access", {}))
    outputs = [unpack_output(packed) for packed in request.get("outputs", [])]
    return Access(
        root=Path(given.get("root", "/")),
        platform=Platform(given["platform"]) if given.get("platform") else None,
        sample_s=float(given.get("sample_s", 1.0)),
        wait_s=float(given.get("wait_s", 1.0)),
        settings=given.get("settings", {}),
        outputs={output.argv: output for output in outputs},
        tell=told,
        program=program,
    )


def _trouble(request: Mapping[str, Any], reason: Reason, text: str) -> dict[str, Any]:
    return {
        "number": request.get("number"),
        "state": str(reason),
        "reason_text": text,
        "duration_s": 0.0,
        "processor_s": 0.0,
        "excerpt": "",
        "readings": [],
    }


def _flooded() -> str:
    return _("It gave more readings than can be true.")


def _described(error: Exception) -> str:
    """Return an error's kind and place for the evidence drawer; its text may hold file names."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} {place}".strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
