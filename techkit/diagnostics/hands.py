"""Lays what a person tried over a check's result, and opens the door to sound and camera.

    result = judged(result, [Trial("speaker", Judgement.WORKS, facts={"sides": ["left", "right"]})])

`HandsProcess` plays, records and looks; that lives in a process of its own (techkit.probes.hands).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from techkit import i18n
from techkit.children.child import Child, own_program
from techkit.diagnostics.added import added
from techkit.diagnostics.trials import Trial, readings
from techkit.i18n import _
from techkit.probes import hands as room
from techkit.records.findings import CheckResult, Complaint, Reason


def judged(
    result: CheckResult, trials: Sequence[Trial], *, by: str = "", complaint: Complaint | None = None
) -> CheckResult:
    """Return a result with trials in it: their readings, reports, and the findings the catalogue makes of them."""
    tried = {f"hands.{trial.test}" for trial in trials}
    return added(
        result,
        [probe for probe in room.PROBES if probe.id in tried],
        [reading for trial in trials for reading in readings(trial, by)],
        complaint=complaint,
    )


# --- the process ------------------------------------------------------------------------------------------

Heard = Callable[[dict[str, Any]], None]


class HandsProcess:
    """Sound and camera in a process of their own, started with the first request; close it when done.

    heard: called from another thread with each answer of techkit.probes.hands; a process that cannot start or ends
    by itself answers {"what": "failed"}.
    """

    def __init__(self, heard: Heard, extra_environment: Iterable[tuple[str, str]] = ()) -> None:
        self._heard = heard
        self._extra = tuple(extra_environment)
        self._child: Child | None = None
        self._is_closing = False

    def ask(self, do: str, **about: Any) -> None:
        """Ask for one thing; it ends what was asked before."""
        self._is_closing = False
        if self._child is None:
            try:
                self._child = Child(
                    own_program("techkit.probes.hands", "--hands"),
                    self._received,
                    extra_environment=self._extra,
                )
            except OSError:
                self._fail(do)
                return
        self._child.send({"do": do, "language": i18n.current(), **about})

    def close(self) -> None:
        """End the process and with it whatever it recorded."""
        child, self._child = self._child, None
        self._is_closing = True
        if child is not None:
            child.kill()

    def _received(self, child: Child, message: Any) -> None:
        if isinstance(message, dict):
            self._heard(message)
        elif child is self._child and not self._is_closing:
            self._child = None
            self._fail("")

    def _fail(self, do: str) -> None:
        text = _("The part that plays and records ended by itself.")
        self._heard({"what": "failed", "of": do, "reason": str(Reason.FAILED), "text": text})
