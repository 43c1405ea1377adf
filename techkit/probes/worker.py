"""The worker: a lean process that runs probes, one at a time, and may be killed at any moment.

Started as `python -m techkit.probes.worker`, in the frozen program as `techkit --worker`. It reads
framed JSON requests from standard input and answers on standard output; both are taken away from
the probes, so that nothing a probe prints or reads can disturb the exchange. When its input ends
(techkit is gone) it ends too, with everything it started.

Request: {"number", "module", "probe", "language", "access": {...}, "outputs": [...]}.
While it watches a probe may tell readings, a few times a second: {"number", "told": [[...], ...]}.
Answer: {"number", "state", "reason_text", "duration_s", "processor_s", "excerpt", "readings": [[...], ...]}.
"""

from __future__ import annotations

import base64
import gc
import importlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from techkit import children, i18n
from techkit.children import Ended, Output
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


def main() -> int:
    """Answer requests until the input ends."""
    requests_fd, answers_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests_fd, waiting), daemon=True).start()
    # Nothing loaded so far is ever garbage: leaving it out keeps memory pages shared and turns short.
    gc.freeze()
    with os.fdopen(answers_fd, "wb") as answers:
        while True:
            request = waiting.get()
            try:
                children.write_frame(
                    answers, answer(request, lambda told: children.write_frame(answers, told))
                )
            except ValueError:
                children.write_frame(answers, _trouble(request, Reason.FAILED, _flooded()))


def _listen(fd: int, waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Pass requests on; at the end of the input end the process and all it started."""
    with os.fdopen(fd, "rb") as file:
        while (request := children.read_frame(file)) is not None:
            waiting.put(request)
    children.sweep(os.environ.get(children.MARK, ""), keep=[os.getpid()])
    os._exit(0)


def answer(
    request: Mapping[str, Any], tell: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Run the probe a request names and return the answer. tell: takes what it tells meanwhile. Never raises."""
    i18n.set_language(str(request.get("language", "en")))
    started, processor = time.monotonic(), time.process_time()
    readings: list[list[Any]] = []
    state, reason_text = "ok", ""
    access = _access(request, tell)
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
        "processor_s": round(time.process_time() - processor, 4),
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


def _access(request: Mapping[str, Any], tell: Callable[[dict[str, Any]], None] | None) -> Access:
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
    sys.exit(main())
