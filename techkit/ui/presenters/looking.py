"""Looking at the computer in hand: a run of a plan in the free lane, kept as run and inventory."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from techkit import i18n
from techkit.diagnostics import inventory, plan, runner
from techkit.diagnostics.so_far import SoFar
from techkit.errors import TechkitError
from techkit.i18n import _, ngettext
from techkit.records.assets import Asset, DiagnosticRun, InventorySnapshot, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.encoding import encode
from techkit.records.findings import CheckResult, Complaint, Reading
from techkit.records.identity import new_id
from techkit.records.inventory_difference import inventory_difference
from techkit.ui.presenters import this_computer
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.lanes import Thinned, Ticket
from techkit.ui.presenters.live import LiveUse
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_computers import NEW, is_numbered
from techkit.version import VERSION

#: What a technician says of a look that seems to be of another computer: it is the one in hand after all, or another.
SAME, OTHER = "same", "other"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look gave: the run and the inventory as records, not written yet."""

    run: DiagnosticRun
    snapshot: InventorySnapshot
    result: CheckResult


@dataclass(kw_only=True)
class LookUnderWay:
    """A look that is running; `stop` ends it early with what is there."""

    asset_id: str
    phase: Phase
    stopping: threading.Event = field(default_factory=threading.Event)
    ticket: Ticket | None = None
    began_at: float = 0.0
    share: float = 0.0
    sentence: str = ""
    progress_line: str = ""
    _done: tuple[int, int] = (0, 0)
    _left_s: float = 0.0
    _told_at: float = 0.0
    live: LiveUse = field(default_factory=lambda: LiveUse(plan.STANDARD.sample_s))
    so_far: SoFar = field(default_factory=SoFar)

    def stop(self) -> None:
        """End the look with what is there."""
        self.stopping.set()

    def tell(self, done: int, count: int, left_s: float, doing: str, now: float) -> None:
        """Take in how far the look is; now: of a clock that cannot be set."""
        self._done, self._left_s, self._told_at, self.sentence = (done, count), left_s, now, doing
        self.pass_time(now)

    def pass_time(self, now: float) -> None:
        """Reckon anew how far it is: most probes end in the first seconds, a few watch until the end."""
        done, count = self._done
        far = done / count if count else 0.0
        left = max(0.0, self._left_s - (now - self._told_at))
        passed = now - self.began_at
        if far < 1 and passed > 0 and left > 0:
            far = min(far, passed / (passed + left))
        self.share = max(self.share, far)
        self.progress_line = progress_line(done, count, round(left))


def look(
    held: OpenVisit,
    phase: Phase,
    plan_id: str,
    *,
    done: Callable[[Look], None],
    failed: Callable[[Exception], None],
    told: Callable[[], None],
) -> LookUnderWay:
    """Look at the computer in hand; `done` gets the records, `told` is called as it goes on."""
    machine = held.around.machine()
    chosen = plan.PLANS.get(plan_id, plan.STANDARD)
    under_way = LookUnderWay(asset_id=held.asset_in_hand, phase=phase, live=LiveUse(chosen.sample_s))
    soon, steady = held.around.lanes.soon, held.around.clock.steady
    news = Thinned(held.around.lanes, steady, told)
    under_way.began_at = steady()
    complaint = held.visit.complaint
    earlier = earlier_run(held, under_way.asset_id)
    now = held.around.clock.now

    visit_id, asset_id = held.visit_id, under_way.asset_id
    first = held.bundle.snapshot(asset_id, Phase.BEFORE)

    def hear(readings: Sequence[Reading]) -> None:
        under_way.live.hear(readings)
        under_way.pass_time(steady())
        news.come()

    def pass_on(readings: Sequence[Reading]) -> None:
        soon(lambda: hear(readings))

    def take(so_far: SoFar) -> None:
        under_way.so_far = so_far
        news.come()

    def stand(so_far: SoFar) -> None:
        soon(lambda: take(so_far))

    def work(ticket: Ticket) -> Look:
        def tell(progress: runner.Progress) -> None:
            share = progress.done / progress.all if progress.all else 0.0
            ticket.report(share, f"{progress.done}|{progress.all}|{progress.left_s:.0f}|{progress.doing}")

        result = runner.run(
            chosen,
            machine,
            complaint=None if complaint is Complaint.OTHER else complaint,
            earlier=earlier.readings if earlier else (),
            earlier_at=earlier.started_at if earlier else None,
            progress=tell,
            watching=runner.Watching(heard=pass_on, so_far=stand),
            stop=under_way.stopping,
            now=now,
        )
        found = records_of_look(visit_id, asset_id, phase, result)
        if first is not None:
            # Reckoned here, away from the window, and kept: thousands of programs take a while.
            inventory_difference(first.content, found.snapshot.content)
        return found

    def show(_share: float, packed: str) -> None:
        done_count, all_count, left_s, doing = packed.split("|", 3)
        under_way.tell(int(done_count), int(all_count), float(left_s), doing, steady())
        news.come()

    under_way.ticket = held.around.lanes.free(work, done, failed, show)
    return under_way


class StepLook:
    """The look a step makes of the computer in hand, one at a time; what it finds is written into the visit.

    What was read on another computer than the one in hand waits until the technician says whose it is (`act`).

    told: called as it goes on, begins and fails. kept: called once what it found is kept.
    """

    def __init__(
        self, held: OpenVisit, told: Callable[[], None], kept: Callable[[], None] | None = None
    ) -> None:
        self._held = held
        self._told = told
        self._kept = kept
        self.under_way: LookUnderWay | None = None
        self.failure: TechkitError | None = None
        self._doubted: Look | None = None

    @property
    def notice(self) -> Notice | None:
        """Return why the last look failed, or of which computer it rather is; None where nothing is wrong."""
        if self.failure is not None:
            return trouble(self.failure, kind="bad", action_label=_("Check again"), action="start")
        asset = self._asset_in_doubt()
        if self._doubted is None or asset is None:
            return None
        other, name = self._recognised(self._doubted), asset.tag or asset.name
        return Notice(
            kind="watch",
            title=_("This is another computer than {name}.", name=name),
            text=" ".join(
                (_tells_apart(self._doubted, asset), _("Nothing is recorded before you say which it is."))
            ),
            action_label=_("It is {name}", name=other.tag or other.name)
            if other
            else _("Take it in as a new one"),
            action=OTHER,
            other_label=_("It is {name} all the same", name=name),
            other_action=SAME,
        )

    def act(self, action: str) -> None:
        """Record what waits: of the computer in hand after all (SAME), or of the one it rather is (OTHER)."""
        found, self._doubted = self._doubted, None
        if found is None:
            return
        if action == OTHER:
            other = self._recognised(found)
            self._held.computers.confirm(other.id if other else NEW)
            found = of_another(found, self._held.bundle, self._held.asset_in_hand)
        self._keep(found)

    def _asset_in_doubt(self) -> Asset | None:
        """Return the computer in hand while it is in doubt whether it was read."""
        found = self._doubted
        is_in_hand = found is not None and found.run.asset_id == self._held.asset_in_hand
        return self._held.asset if is_in_hand else None

    def _recognised(self, found: Look) -> Asset | None:
        """Return the computer of this customer that was read, where its numbers say so."""
        known = {a.id: a for a in (*self._held.known.assets, *self._held.bundle.assets)}
        this = this_computer.of_readings(found.run.readings)
        sure = [m.id for m in this_computer.matches(this, list(known.values())) if m.certainty == "certain"]
        return known[sure[0]] if sure else None

    def start(self, phase: Phase, plan_id: str) -> None:
        """Begin the look, unless one is under way."""
        if self.under_way is not None:
            return
        self.failure, self._doubted = None, None
        # The window shows the run before its first news arrives.
        self.under_way = waiting = LookUnderWay(asset_id=self._held.asset_in_hand, phase=phase)
        self._told()
        started = look(self._held, phase, plan_id, done=self._done, failed=self._failed, told=self._told)
        if self.under_way is waiting:  # it has not ended yet
            self.under_way = started
        self._told()

    def stop(self) -> None:
        """Stop the look; what is there stays."""
        if self.under_way is not None:
            self.under_way.stop()

    def _done(self, found: Look) -> None:
        self.under_way = None
        asset = self._held.bundle.asset(found.run.asset_id)
        if asset is not None and _tells_apart(found, asset):
            self._doubted = found
            self._told()
        else:
            self._keep(found)

    def _keep(self, found: Look) -> None:
        asset = self._held.bundle.asset(found.run.asset_id)
        facts = (with_facts(asset, found),) if asset is not None else ()
        # Taking the run over tells everybody, the step too.
        self._held.save(found.run, found.snapshot, *facts)
        if self._kept is not None:
            self._kept()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self.under_way = None
        self.failure = error
        self._told()


def progress_line(done: int, count: int, left_s: int) -> str:
    """Return how far a look is, e.g. "7 of 22 · about 40 s"."""
    far = _("{done} of {count}", done=i18n.number(done), count=i18n.number(count))
    if left_s < 1:
        return far
    rounded = left_s if left_s < 10 else -(-left_s // 5) * 5
    left = ngettext("about {n} second left", "about {n} seconds left", rounded)
    return f"{far} · {left}"


def earlier_run(held: OpenVisit, asset_id: str, phase: Phase | None = None) -> DiagnosticRun | None:
    """Return the run that growth is reckoned from: the last one of an earlier visit, else the one before the work.

    phase: of the run it is earlier than; None for one that is about to be made. The run after the work looks as far
    back as the one before it: what has grown since the last visit is not better because it did not grow within the hour.
    """
    runs = held.known.earlier_runs.get(asset_id, ())
    if runs:
        return runs[-1]
    return held.bundle.run(asset_id, Phase.BEFORE) if phase is not Phase.BEFORE else None


def records_of_look(visit_id: str, asset_id: str, phase: Phase, result: CheckResult) -> Look:
    """Return a result as the records that keep it."""
    content = inventory.compose(result.readings)
    snapshot = InventorySnapshot(
        id=new_id(),
        visit_id=visit_id,
        asset_id=asset_id,
        phase=phase,
        taken_at=result.started_at,
        content=content,
        content_hash=inventory.content_hash(content),
    )
    return Look(run=run_of(visit_id, asset_id, phase, result), snapshot=snapshot, result=result)


def run_of(visit_id: str, asset_id: str, phase: Phase, result: CheckResult) -> DiagnosticRun:
    """Return a result as the run that keeps it."""
    run = DiagnosticRun(
        id=new_id(),
        visit_id=visit_id,
        asset_id=asset_id,
        phase=phase,
        plan=result.plan,
        program_version=VERSION,
        started_at=result.started_at,
        ended_at=result.ended_at,
        was_stopped=result.was_stopped,
        language=i18n.current(),
        readings=result.readings,
        findings=result.findings,
        probes=result.probes,
    )
    return dataclasses.replace(
        run,
        content_hash=inventory.content_hash(
            {"readings": encode(run.readings), "findings": encode(run.findings)}
        ),
    )


def result_of(run: DiagnosticRun) -> CheckResult:
    """Return a kept run as the result it was made of, to be judged further."""
    began = run.started_at or datetime.fromtimestamp(0, UTC)
    return CheckResult(
        plan=run.plan,
        started_at=began,
        ended_at=run.ended_at or began,
        computer=runner.computer(run.readings),
        readings=run.readings,
        findings=run.findings,
        probes=run.probes,
        was_stopped=run.was_stopped,
    )


def supplement(run: DiagnosticRun, result: CheckResult, at: datetime) -> DiagnosticRun | None:
    """Return what a result adds to the run it was made of, as the record that keeps it; None for nothing.

    at: when it was learnt. `records.bundle.whole` lays it over the run again.
    """
    old = {(r.id, r.subject): r for r in run.readings}
    new = {(r.id, r.subject): r for r in result.readings}
    changed = {key[0] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    there = {key[0] for key in new}
    readings = (
        *(r for r in result.readings if r.id in changed),
        *(dataclasses.replace(r, value=None) for key, r in old.items() if key[0] not in there),
    )
    checks = {f.check for f in run.findings if f not in result.findings}
    checks |= {f.check for f in result.findings if f not in run.findings}
    findings = tuple(f for f in result.findings if f.check in checks)
    probes = tuple(p for p in result.probes if p not in run.probes)
    if not (readings or findings or probes):
        return None
    return DiagnosticRun(
        id=new_id(),
        visit_id=run.visit_id,
        asset_id=run.asset_id,
        supplements=run.supplements or run.id,
        phase=run.phase,
        plan=run.plan,
        program_version=VERSION,
        started_at=at,
        ended_at=at,
        language=i18n.current(),
        readings=readings,
        findings=findings,
        probes=probes,
        content_hash=inventory.content_hash({"readings": encode(readings), "findings": encode(findings)}),
    )


def of_another(found: Look, bundle: VisitBundle, asset_id: str) -> Look:
    """Return a look as one of another computer: before the work, unless that one was looked at before it already."""
    phase = found.run.phase if bundle.run(asset_id, Phase.BEFORE) is not None else Phase.BEFORE
    return Look(
        run=dataclasses.replace(found.run, asset_id=asset_id, phase=phase),
        snapshot=dataclasses.replace(found.snapshot, asset_id=asset_id, phase=phase),
        result=found.result,
    )


def _tells_apart(found: Look, asset: Asset) -> str:
    return this_computer.tells_apart(this_computer.of_readings(found.run.readings), asset)


def with_facts(asset: Asset, found: Look) -> Asset:
    """Return a computer with what the look knows of it; what a person wrote stays.

    A computer that was only numbered when it was taken in gets the name it calls itself.
    """
    this = this_computer.of_readings(found.run.readings)
    filled = this_computer.fill(asset, this)
    os = (found.snapshot.content or {})["os"]
    name = " ".join(part for part in (os["name"], os["edition"]) if part)
    return dataclasses.replace(
        filled,
        name=this.name if this.name and is_numbered(asset.name) else filled.name,
        os_name=name or asset.os_name,
        os_version=os["version"] or os["build"] or asset.os_version,
        os_build=os["build"] or asset.os_build,
    )
