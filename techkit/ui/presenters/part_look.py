"""Looking at one part of the computer only: its result stands beside the check and never in the place of one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.diagnostics import only, runner
from techkit.diagnostics.plan import PLANS, STANDARD
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.assets import DiagnosticRun, Phase
from techkit.records.findings import AREA_LABELS, Area, CheckResult, Complaint, Finding, Verdict
from techkit.ui.presenters.choices import Choice, Notice, trouble
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.looking import earlier_run, progress_line, run_of
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart


@dataclass(frozen=True, kw_only=True)
class PartFinding:
    """One thing looked at alone. before: what the check before the work said of it, "" for nothing."""

    title: str
    verdict: Verdict
    verdict_label: str
    sentence: str
    before: str


@dataclass(frozen=True, kw_only=True)
class PartLookState:
    """areas: what can be looked at alone. title, when, line, findings: the last such look; notice: why it failed."""

    areas: tuple[Choice, ...] = ()
    is_busy: bool = False
    may_stop: bool = False
    progress: str = ""
    title: str = ""
    when: str = ""
    line: str = ""
    findings: tuple[PartFinding, ...] = ()
    notice: Notice | None = None


class PartLook(VisitPart[PartLookState]):
    """One area or one check of the computer in hand, looked at alone.

    may_read: whether the customer agreed; where not yet, it asks and calls what it is given once they did.
    """

    def __init__(
        self, held: OpenVisit, may_read: Callable[[Callable[[], None]], bool], icons: dict[Area, str]
    ) -> None:
        super().__init__(held, PartLookState())
        self._may_read = may_read
        self._icons = icons
        self._word = ""
        self._progress = ""
        self._stopping = threading.Event()
        self._notice: Notice | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a part is being looked at."""
        return bool(self._word)

    def start(self, word: str) -> None:
        """Look at an area, or at one check by its id; the customer is asked first where they were not."""
        asset_id = self.held.asset_in_hand
        if self.is_busy or not asset_id or not self._may_read(lambda: self.start(word)):
            return
        try:
            part = only.part((word,), PLANS.get(self.held.known.plan, STANDARD))
        except TechkitError as error:
            self._failed(error)
            return
        self._word, self._progress, self._notice = word, "", None
        stopping = self._stopping = threading.Event()
        complaint = self.held.visit.complaint
        visit_id, machine = self.held.visit_id, self.held.around.machine()
        earlier, now = earlier_run(self.held, asset_id), self.held.around.clock.now
        self.refresh()

        def work(ticket: Ticket) -> CheckResult:
            def tell(progress: runner.Progress) -> None:
                share = progress.done / progress.all if progress.all else 0.0
                line = progress_line(progress.done, progress.all, round(progress.left_s))
                ticket.report(share, f"{line}|{progress.doing}")

            return runner.run(
                part.plan,
                machine,
                complaint=None if complaint is Complaint.OTHER else complaint,
                earlier=earlier.readings if earlier else (),
                earlier_at=earlier.started_at if earlier else None,
                progress=tell,
                stop=stopping,
                checks=part.checks,
                now=now,
            )

        def done(result: CheckResult) -> None:
            self._word = ""
            # Saving tells everybody, this box too.
            self.held.save(run_of(visit_id, asset_id, Phase.OTHER, result))

        self.held.around.lanes.free(work, done, self._failed, self._show)

    def stop(self) -> None:
        """Stop it with what is there."""
        self._stopping.set()
        self.refresh()

    def _show(self, _share: float, told: str) -> None:
        line, _mark, doing = told.partition("|")
        self._progress = " · ".join(part for part in (line, doing) if part)
        self.refresh()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._word = ""
        self._notice = trouble(error, safe=_("What was read before is unchanged."))
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------------------

    def _state(self) -> PartLookState:
        asset_id = self.held.asset_in_hand
        state = PartLookState(
            areas=tuple(
                Choice(value=area.value, label=_(label), icon=self._icons[area])
                for area, label in AREA_LABELS.items()
            ),
            is_busy=self.is_busy,
            may_stop=self.is_busy and not self._stopping.is_set(),
            progress=self._progress,
            title=_("Looking at: {part}", part=only.label(self._word)) if self.is_busy else "",
            notice=self._notice,
        )
        runs = self.held.bundle.part_runs(asset_id) if asset_id else ()
        if self.is_busy or not runs:
            return state
        before = self.held.bundle.run(asset_id, Phase.BEFORE)
        found = [f for f in runs[-1].findings if f.verdict is not Verdict.NOT_APPLICABLE]
        return PartLookState(
            areas=state.areas,
            title=_("Looked at alone: {part}", part=_named(runs[-1]))
            if runs[-1].findings
            else _("Looked at alone"),
            when=i18n.clock(runs[-1].started_at, self.held.around.clock.zone())
            if runs[-1].started_at
            else "",
            line="" if found else _("This computer has nothing of this kind."),
            findings=tuple(_shown(finding, before) for finding in found),
            notice=self._notice,
        )


def _named(run: DiagnosticRun) -> str:
    """Return what a run of a part looked at: the check where it was one, else its areas."""
    checks = {finding.check for finding in run.findings}
    if len(checks) == 1:
        return only.label(checks.pop())
    return ", ".join(
        _(label) for area, label in AREA_LABELS.items() if any(f.area is area for f in run.findings)
    )


def _shown(finding: Finding, before: DiagnosticRun | None) -> PartFinding:
    same = next(
        (
            f
            for f in (before.findings if before else ())
            if (f.check, f.subject) == (finding.check, finding.subject)
        ),
        None,
    )
    return PartFinding(
        title=" · ".join(part for part in (finding.title, finding.subject) if part),
        verdict=finding.verdict,
        verdict_label=_(finding.verdict.label),
        sentence=finding.sentence,
        before=_("Before: {value}", value=same.value_text or _(same.verdict.label)) if same else "",
    )
