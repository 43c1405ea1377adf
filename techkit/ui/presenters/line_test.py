"""How much the line to the office carries: asked for, agreed to, measured, and added to the check it completes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from techkit.diagnostics import line_test
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.findings import Complaint
from techkit.sync.throughput import MOST_BYTES_EACH_WAY, SECONDS_EACH_WAY, Measured
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.looking import result_of, supplement
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: The check that judges what was measured.
CHECK: Final = "network_throughput"


@dataclass(frozen=True, kw_only=True)
class LineTestState:
    """What the box shows. phase: "offered", "asked" (the customer is), "measuring" or "ending"; "" for no box.

    line: what was measured last, or how far it is. share: from 0 to 1 while it measures.
    """

    phase: str = ""
    line: str = ""
    asked_sentence: str = ""
    share: float = 0.0
    notice: Notice | None = None


class LineTest(VisitPart[LineTestState]):
    """The throughput of the line, for the last check of the computer in hand."""

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, LineTestState())
        self._phase = "offered"
        self._share = 0.0
        self._progress = ""
        self._notice: Notice | None = None
        self._stop = threading.Event()
        self._is_closed = False

    # --- asking -----------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the customer before the line is loaded; a device no office knows is told so instead."""
        if self._phase != "offered" or self.held.last_run is None:
            return

        around = self.held.around
        around.lanes.store(lambda: around.client.is_enrolled, self._asked)

    def _asked(self, is_enrolled: bool) -> None:
        if is_enrolled:
            self._phase, self._notice = "asked", None
        else:
            self._notice = Notice(
                kind="info",
                title=_(
                    "The line is measured against your office’s service, and this device is enrolled with none."
                ),
                text=_("Ask the office for a code, then enrol; loss and delay are measured without it."),
            )
        self.refresh()

    def refuse(self) -> None:
        """Leave the line alone."""
        self._phase = "offered"
        self.refresh()

    # --- measuring --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Measure, once the customer agreed."""
        run = self.held.last_run
        if self._phase != "asked" or run is None:
            return
        self._phase, self._share, self._progress = "measuring", 0.0, _("Connecting to the office …")
        self._stop = stop = threading.Event()
        run_id, around = run.id, self.held.around
        self.refresh()

        def work(ticket: Ticket) -> Measured:
            def told(share: float, way: str, pace: float) -> None:
                if ticket.is_cancelled:  # the program ends
                    stop.set()
                ticket.report(share, line_test.told_pace(way, pace))

            return around.client.measure_line(told, stop)

        around.lanes.free(work, lambda found: self._done(run_id, found), self._failed, self._progressed)

    def stop(self) -> None:
        """End the measurement; what was learnt until then stays."""
        if self._phase == "measuring":
            self._stop.set()
            self._phase = "ending"
            self.refresh()

    def close(self) -> None:
        """End it with the visit: what was learnt is added to nothing any more."""
        self._is_closed = True
        self._stop.set()

    def _progressed(self, share: float, sentence: str) -> None:
        if not self._is_closed and self._phase in ("measuring", "ending"):
            self._share, self._progress = share, sentence
            self.refresh()

    def _failed(self, error: Exception) -> None:
        self._phase = "offered"
        if not isinstance(error, TechkitError):
            raise error
        if self._is_closed:
            return
        self._notice = trouble(error, safe=_("Nothing was measured; the check is unchanged."))
        self.refresh()

    def _done(self, run_id: str, found: Measured) -> None:
        self._phase, self._notice = "offered", None
        if self._is_closed:
            return
        run = next((r for r in self.held.bundle.whole_runs if r.id == run_id), None)
        if run is None:  # taken back meanwhile
            self.refresh()
            return
        complaint = self.held.visit.complaint
        result, finding = line_test.judged(
            result_of(run), found.facts(), complaint=None if complaint is Complaint.OTHER else complaint
        )
        if finding is None:
            self._notice = Notice(kind="info", title=_("Stopped before anything was learnt of the line."))
            self.refresh()
            return
        self._notice = Notice(kind="info", title=_("The line was measured."), text=finding.sentence)
        more = supplement(run, result, self.held.around.clock.now())
        if more is not None:
            self.held.save(more)
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------------------

    def _state(self) -> LineTestState:
        run = self.held.last_run
        if run is None:
            return LineTestState()
        finding = next((f for f in run.findings if f.check == CHECK and f.value_text), None)
        line = _("Last measured: {rates}.", rates=finding.value_text) if finding else ""
        return LineTestState(
            phase=self._phase,
            line=self._progress if self._phase in ("measuring", "ending") else line,
            asked_sentence=line_test.asked_sentence(2 * SECONDS_EACH_WAY, 2 * MOST_BYTES_EACH_WAY)
            if self._phase == "asked"
            else "",
            share=self._share,
            notice=self._notice,
        )
