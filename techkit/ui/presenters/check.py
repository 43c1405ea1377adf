"""Step Check: choose, watch and read a check of the computer in hand before the work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from techkit import i18n
from techkit.diagnostics import catalogue, only, quantities
from techkit.diagnostics.plan import PLANS
from techkit.diagnostics.runner import SLEPT
from techkit.diagnostics.so_far import AreaSoFar, AreaState
from techkit.i18n import N_, _, ngettext
from techkit.records.activities import Activity, Maintenance, MaintenanceAction, Proof, Troubleshooting
from techkit.records.assets import DiagnosticRun, Phase
from techkit.records.findings import (
    AREA_LABELS,
    EXPLAINS_LABELS,
    VERDICTS_TOLD,
    Area,
    Explains,
    Finding,
    Reading,
    Reason,
    Verdict,
    as_number,
)
from techkit.records.identity import new_id
from techkit.records.proofs import check_key
from techkit.records.visit import Consent
from techkit.ui.presenters.check_rows import AreaRow, Card, CheckState, Drawer, EvidenceRow, Followed, PartRow
from techkit.ui.presenters.choices import Choice, Notice
from techkit.ui.presenters.exporting import Exporting
from techkit.ui.presenters.finding_notes import FindingNotes
from techkit.ui.presenters.hands import Hands
from techkit.ui.presenters.line_test import LineTest
from techkit.ui.presenters.looking import StepLook
from techkit.ui.presenters.need import consent_sentence
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.part_look import PartLook
from techkit.ui.presenters.promises import follow_up_for
from techkit.ui.presenters.rights import Rights
from techkit.ui.presenters.visit_part import VisitPart

#: Icons of the parts of a computer.
AREA_ICONS = {
    Area.STORAGE: "hard-drives",
    Area.MEMORY: "memory",
    Area.PROCESSOR: "cpu",
    Area.POWER: "battery-high",
    Area.DISPLAY: "monitor",
    Area.NETWORK: "wifi-high",
    Area.OPERATING_SYSTEM: "gear",
    Area.SOFTWARE: "app-window",
    Area.SECURITY: "shield-check",
    Area.BACKUP: "floppy-disk",
    Area.DEVICES: "printer",
}

#: Verdicts in the order they are counted and shown, with the word beside the count.
COUNTED = (
    (Verdict.ACT, N_("action")),
    (Verdict.WATCH, N_("watch")),
    (Verdict.OK, N_("good")),
    (Verdict.UNKNOWN, N_("not checked")),
)

#: Verdicts for which how-to cards are offered.
_TO_DO = (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN)


class Check(VisitPart[CheckState]):
    """The run before the work, on the computer in hand; it goes on while other steps are open."""

    def __init__(self, held: OpenVisit) -> None:
        self.hands = Hands(held)
        self.rights = Rights(held)
        self.line_test = LineTest(held)
        self.exporting = Exporting(held)
        self.notes = FindingNotes(held)
        self.part_look = PartLook(held, self._may_read, AREA_ICONS)
        super().__init__(held, CheckState())
        self.looking = StepLook(held, self.refresh)
        self._plan = ""
        self._open_key = ""
        self._is_consent_asked = False
        self._after_consent: Callable[[], None] = self.start

    # --- running --------------------------------------------------------------------------------

    def choose_plan(self, value: str) -> None:
        """Choose how thorough the check is."""
        self._plan = value
        self.refresh()

    def give_consent(self) -> None:
        """Record the customer's consent and start the check that was asked for."""
        visit, now = self.held.visit, self.held.around.clock.now()
        self.held.save(dataclasses.replace(visit, consent=Consent.GIVEN, consent_at=now), word=_("consent"))
        if self._is_consent_asked:
            self._is_consent_asked = False
            self._after_consent()

    def refuse_consent(self) -> None:
        """Record that the customer does not want the computer read."""
        visit, now = self.held.visit, self.held.around.clock.now()
        self._is_consent_asked = False
        self.held.save(dataclasses.replace(visit, consent=Consent.REFUSED, consent_at=now), word=_("consent"))

    def start(self) -> None:
        """Start the check; without consent it is asked for first, never taken for granted."""
        if self.looking.under_way is not None or self.part_look.is_busy or not self.held.asset_in_hand:
            return
        if not self._may_read(self.start):
            return
        phase = Phase.OTHER if self._run() else Phase.BEFORE
        self.looking.start(phase, self._plan or self.held.known.plan)

    def stop(self) -> None:
        """Stop the check; what is there stays."""
        self.looking.stop()

    def _may_read(self, then: Callable[[], None]) -> bool:
        """Return whether the computer may be read now; where nobody agreed yet, ask, and do it then."""
        if self.looking.under_way is not None:
            return False
        if not self._has_consent():
            self._is_consent_asked, self._after_consent = True, then
            self.refresh()
            return False
        return True

    def _has_consent(self) -> bool:
        visit, customer = self.held.visit, self.held.bundle.customer
        if visit.consent is Consent.NOT_ASKED:
            return customer is not None and customer.has_diagnostics_consent
        return visit.consent is Consent.GIVEN

    # --- evidence -------------------------------------------------------------------------------

    def open_evidence(self, key: str) -> None:
        """Open the evidence behind one finding."""
        self.held.around.cards.want()
        self._open_key = key
        self.refresh()

    def close_evidence(self) -> None:
        """Close the evidence."""
        self._open_key = ""
        self.refresh()

    def show_on_summary(self, key: str, is_on: bool) -> None:
        """Put a finding on the customer's page, or take it off again."""
        visit = self.held.visit
        shown = [k for k in visit.shown_findings if k != key]
        if is_on:
            shown.append(key)
        self.held.save(
            dataclasses.replace(visit, shown_findings=tuple(shown)), word=_("what stands on the page")
        )

    def plan_follow_up(self, key: str) -> None:
        """Promise to come back to a finding."""
        finding = self._finding(key)
        if finding is not None:
            self.held.save(follow_up_for(self.held, finding, key), word=_("the follow-up"))

    def record_as_work(self, key: str) -> None:
        """Write an entry about a finding, with the finding as its evidence."""
        finding, run = self._finding(key), self._run()
        if finding is None or run is None:
            return
        proof = Proof(
            source="reading",
            subject=finding.title,
            before=finding.value_text,
            snapshot_before=run.id,
            draft_key=key,
        )
        entry: Activity
        if finding.explains in (Explains.LIKELY, Explains.POSSIBLE):
            entry = Troubleshooting(
                id=new_id(),
                title=finding.title,
                symptom=self.held.visit.purpose,
                cause=finding.customer_sentence,
            )
        else:
            entry = Maintenance(id=new_id(), title=finding.title, action=MaintenanceAction.OTHER)
        self.held.save(
            dataclasses.replace(
                entry,
                visit_id=self.held.visit_id,
                asset_id=run.asset_id,
                contact_id=self.held.visit.contact_id,
                recorded_at=self.held.around.clock.now(),
                evidence=(proof,),
            ),
            word=_("the entry"),
        )

    # --- what is shown --------------------------------------------------------------------------

    def _run(self) -> DiagnosticRun | None:
        return self.held.bundle.run(self.held.asset_in_hand, Phase.BEFORE)

    def _finding(self, key: str) -> Finding | None:
        run = self._run()
        return next((f for f in (run.findings if run else ()) if self._key(f) == key), None)

    def _key(self, finding: Finding) -> str:
        return check_key(self.held.asset_in_hand, finding.check, finding.subject)

    def _state(self) -> CheckState:
        run, asset = self._run(), self.held.asset
        plan = self._plan or (run.plan if run else self.held.known.plan)
        consent = self.held.visit.consent
        state = CheckState(
            needs_consent=self._is_consent_asked or consent is Consent.REFUSED,
            consent_sentence=consent_sentence(consent),
            plans=tuple(
                Choice(value=p.id, label=f"{_(p.label)} – {_(p.line)}", is_chosen=p.id == plan)
                for p in PLANS.values()
            ),
            computer=(asset.tag or asset.name) if asset else "",
            proposals=() if asset else self.held.computers.proposals,
        )
        if self.looking.under_way is not None and self.looking.under_way.asset_id == self.held.asset_in_hand:
            return dataclasses.replace(
                state,
                phase="running",
                share=self.looking.under_way.share,
                sentence=self.looking.under_way.sentence or _("Beginning"),
                progress_line=self.looking.under_way.progress_line,
                busy=busiest(self.looking.under_way.live.programs),
                charts=self.looking.under_way.live.charts,
                parts=tuple(part_row(part) for part in self.looking.under_way.so_far.areas),
                found=found_already(self.looking.under_way.so_far.serious),
                may_stop=not self.looking.under_way.stopping.is_set(),
            )
        if (notice := self.looking.notice) is not None:
            return dataclasses.replace(state, phase="failed", notice=notice)
        if run is None:
            return state
        return self._results(state, run)

    def _results(self, state: CheckState, run: DiagnosticRun) -> CheckState:
        cards = [self._card(f) for f in run.findings]
        shown = [f for f in run.findings if f.verdict is not Verdict.NOT_APPLICABLE]
        first = [
            card
            for card, f in zip(cards, run.findings, strict=True)
            if f.verdict in (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN)
            or f.explains in (Explains.LIKELY, Explains.POSSIBLE)
        ]
        counts = tuple((v, sum(1 for f in shown if f.verdict is v), _(word)) for v, word in COUNTED)
        notice = slept_notice(run.readings)
        if run.was_stopped:
            done = sum(1 for report in run.probes if report.state != Reason.SKIPPED)
            notice = Notice(
                kind="info",
                title=_("The check was stopped; what was read until then is kept."),
                text=_("{done} of {count} parts were looked at.", done=done, count=len(run.probes)),
            )
        return dataclasses.replace(
            state,
            phase="results",
            when_line=self._when_line(run),
            heading=heading(run.findings),
            line=counts_line(run.findings),
            counts=counts,
            cards=tuple(first),
            areas=self._areas(cards, run.findings),
            drawer=self._drawer(run),
            busy=busiest(run.readings),
            notice=notice,
            again_label=_("Check again"),
        )

    def _when_line(self, run: DiagnosticRun) -> str:
        """Return which plan was run and when, e.g. "Standard check · 13:29 to 13:31"."""
        zone = self.held.around.clock.zone()
        times = [i18n.clock(at, zone) for at in (run.started_at, run.ended_at) if at is not None]
        told = (
            times[0]
            if len(set(times)) == 1
            else _("{start} to {end}", start=times[0], end=times[1])
            if times
            else ""
        )
        plan = _(PLANS[run.plan].label) if run.plan in PLANS else ""
        return " · ".join(part for part in (plan, told) if part)

    def _card(self, finding: Finding) -> Card:
        key = self._key(finding)
        bundle = self.held.bundle
        return Card(
            key=key,
            title=finding.title,
            subject=finding.subject,
            verdict=finding.verdict,
            verdict_label=_(finding.verdict.label),
            sentence=finding.sentence,
            value_text=finding.value_text,
            advice=finding.advice,
            explains_label=_(EXPLAINS_LABELS[finding.explains]) if finding.explains else "",
            explains_why=finding.explains_why,
            is_on_summary=key in bundle.visit.shown_findings,
            has_follow_up=any(f.created_from == key for f in bundle.follow_ups),
            is_recorded=any(p.draft_key == key for a in bundle.activities for p in a.evidence),
            notes=self.notes.of(key),
        )

    def _areas(self, cards: Sequence[Card], findings: Sequence[Finding]) -> tuple[AreaRow, ...]:
        rows = []
        for area, label in AREA_LABELS.items():
            inside = [c for c, f in zip(cards, findings, strict=True) if f.area is area]
            if inside:
                verdicts = sorted({c.verdict for c in inside}, key=VERDICTS_TOLD.index)
                counts = tuple((v, sum(1 for c in inside if c.verdict is v)) for v in verdicts)
                rows.append(
                    AreaRow(
                        area=area.value,
                        label=_(label),
                        icon=AREA_ICONS[area],
                        counts=counts,
                        rows=tuple(inside),
                    )
                )
        return tuple(rows)

    def _drawer(self, run: DiagnosticRun) -> Drawer | None:
        finding = self._finding(self._open_key)
        if finding is None:
            return None
        check = catalogue.by_id(finding.check)
        added = [
            s.started_at
            for s in self.held.bundle.runs
            if s.supplements == run.id and any(f == finding for f in s.findings)
        ]
        read_at = (added[-1] if added else None) or run.started_at or self.held.around.clock.now()
        probes = {probe.id for probe in (*check.probes, *check.also)} if check else set()
        raw = "\n".join(p.excerpt for p in run.probes if p.probe in probes and p.excerpt)
        history = self._history(finding)
        zone = self.held.zone
        cards = self.held.around.cards.fitting(check=finding.check) if finding.verdict in _TO_DO else ()
        return Drawer(
            key=self._open_key,
            title=finding.title,
            verdict=finding.verdict,
            verdict_label=_(finding.verdict.label),
            where=" · ".join(p for p in (_(AREA_LABELS[finding.area]), finding.subject) if p),
            what=finding.sentence,
            why=_(check.why) if check else "",
            suggestion=finding.advice,
            evidence=tuple(
                EvidenceRow(label=e.label, value=e.value, limit=e.limit, verdict=e.verdict)
                for e in finding.evidence
            ),
            source=finding.source,
            read_at=f"{i18n.day(read_at.astimezone(zone).date(), style='medium')}, {i18n.clock(read_at, zone)}",
            raw=raw,
            rule_line=_(
                "Rule “{check}”, version {version}", check=finding.check, version=finding.rule_version
            ),
            how_to=tuple((card.id, card.title) for card in cards),
            alone=finding.check if only.is_offered(finding.check) else "",
            is_on_summary=self._open_key in self.held.visit.shown_findings,
            stands_anyway=finding.verdict in (Verdict.ACT, Verdict.WATCH),
            history=history,
            followed=self._followed(finding),
            history_line=ngettext("At {n} earlier check", "At {n} earlier checks", len(history) - 1)
            if len(history) > 1
            else "",
        )

    def _followed(self, finding: Finding) -> tuple[Followed, ...]:
        """Return the readings that tell how something wears, each over the visits of this computer."""
        check, run = catalogue.by_id(finding.check), self._run()
        runs = [*self.held.known.earlier_runs.get(self.held.asset_in_hand, ()), *([run] if run else [])]
        found = []
        for growth in check.growth if check else ():
            points = [
                (r.started_at, float(x.value))
                for r in runs
                for x in r.readings
                if r.started_at is not None
                and (x.id, x.subject) == (growth.reading, finding.subject)
                and isinstance(x.value, (int, float))
                and not isinstance(x.value, bool)
            ]
            if growth.label and len(points) > 1:
                found.append(
                    Followed(
                        label=_(growth.label),
                        points=tuple((i18n.day(at.date(), style="medium"), value) for at, value in points),
                        line=_(
                            "{before} on {day}, {now} now",
                            before=i18n.number(points[0][1]),
                            now=i18n.number(points[-1][1]),
                            day=i18n.day(points[0][0].date(), style="medium"),
                        ),
                        limit=growth.end,
                    )
                )
        return tuple(found)

    def _history(self, finding: Finding) -> tuple[tuple[str, float | None, str], ...]:
        runs = [*self.held.known.earlier_runs.get(self.held.asset_in_hand, ())]
        own = self._run()
        found = []
        for run in [*runs, *([own] if own else [])]:
            same = next(
                (f for f in run.findings if (f.check, f.subject) == (finding.check, finding.subject)), None
            )
            if same is not None and run.started_at is not None:
                day = i18n.day(run.started_at.date(), style="medium")
                found.append((day, as_number(same.value), same.value_text))
        return tuple(found)


#: What an area's state is called while a check runs.
_PART_STATES = {
    AreaState.WAITING: N_("Still to come"),
    AreaState.RUNNING: N_("Running"),
    AreaState.DONE: N_("Done"),
    AreaState.UNKNOWN: N_("Could not check"),
}


def part_row(part: AreaSoFar) -> PartRow:
    """Return how far one part of the computer is, in words."""
    line = part.worst or _(_PART_STATES[part.state])
    if part.state is AreaState.DONE and part.unknown and not part.worst:
        line = ngettext("Done; {n} could not be checked", "Done; {n} could not be checked", part.unknown)
    return PartRow(
        area=part.area.value,
        label=_(AREA_LABELS[part.area]),
        state=part.state.value,
        verdict=part.verdict,
        count=_("{done} of {count}", done=i18n.number(part.done), count=i18n.number(part.all)),
        line=line,
    )


def found_already(serious: Sequence[Finding]) -> Notice | None:
    """Return what needs action and is known before the check ends; None while there is nothing."""
    if not serious:
        return None
    first, more = serious[0], len(serious) - 1
    title = (
        ngettext(
            "Found already: {what}, and {n} more",
            "Found already: {what}, and {n} more",
            more,
            what=first.title,
        )
        if more
        else _("Found already: {what}", what=first.title)
    )
    go_on = _("You may talk about it now; the check goes on.")
    return Notice(kind="bad", title=title, text=f"{first.sentence} {go_on}")


def slept_notice(readings: Iterable[Reading]) -> Notice | None:
    """Return what is said of a run during which the computer slept; None of any other."""
    slept = next((r.value for r in readings if r.id == SLEPT), None)
    if not isinstance(slept, float):
        return None
    return Notice(
        kind="info",
        title=_("The computer slept for {time} during the check.", time=quantities.duration(slept)),
        text=_("What was being read then was read again."),
    )


def heading(findings: Sequence[Finding]) -> str:
    """Return what matters of a run in one heading."""
    act = sum(1 for f in findings if f.verdict is Verdict.ACT)
    watch = sum(1 for f in findings if f.verdict is Verdict.WATCH)
    if act and watch:
        acting = ngettext("{n} thing needs action", "{n} things need action", act)
        return _("{acting}, {n} to watch", acting=acting, n=watch)
    if act:
        return ngettext("{n} thing needs action", "{n} things need action", act)
    if watch:
        return ngettext("{n} thing to keep an eye on", "{n} things to keep an eye on", watch)
    return _("Nothing needs action")


def counts_line(findings: Sequence[Finding]) -> str:
    """Return the rest of the counts as one sentence."""
    good = sum(1 for f in findings if f.verdict is Verdict.OK)
    unknown = sum(1 for f in findings if f.verdict is Verdict.UNKNOWN)
    other = sum(1 for f in findings if f.verdict is Verdict.NOT_APPLICABLE)
    if not other:
        return _("{good} good, {unknown} could not be checked.", good=good, unknown=unknown)
    return _(
        "{good} good, {unknown} could not be checked, {other} do not apply to this computer.",
        good=good,
        unknown=unknown,
        other=other,
    )


#: What programs use, as read while the check watched: reading → how it is told.
_USES: dict[str, Callable[[float], str]] = {
    "usage.processor.percent_of_core": lambda v: _("{share} of a core", share=i18n.quantity(v, "%")),
    "usage.memory.resident_bytes": i18n.byte_text,
    "usage.disk.bytes_per_s": lambda v: i18n.quantity(v / 1e6, "MB/s", 1),
    "usage.network.bytes_per_s": lambda v: i18n.quantity(v * 8 / 1e6, "Mbit/s", 1),
}

#: So many programs are told. Source: REVISIONS ("the five programs using most").
MOST_BUSY = 5


def busiest(readings: Iterable[Reading]) -> tuple[tuple[str, str, float], ...]:
    """Return the programs using the computer most: name, what they use in words, share of the top (0 to 1).

    A program counts by its largest part of what all programs use of one thing: processor, memory, disk or network.
    """
    used: dict[str, dict[str, float]] = {}
    for reading in readings:
        number = as_number(reading.value)
        if reading.id in _USES and number is not None and reading.subject:
            used.setdefault(reading.id, {})[reading.subject] = number
    rows: list[tuple[float, str, str]] = []
    for name in sorted({name for programs in used.values() for name in programs}):
        parts = {
            id: programs[name] / whole
            for id, programs in used.items()
            if name in programs and (whole := sum(programs.values())) > 0
        }
        if parts:
            told = sorted(parts, key=lambda id: -parts[id])[:2]
            words = " · ".join(_USES[id](used[id][name]) for id in told if used[id][name] > 0)
            rows.append((max(parts.values()), name, words))
    rows.sort(key=lambda row: (-row[0], row[1]))
    top = rows[0][0] if rows else 0.0
    return tuple((name, words, part / top) for part, name, words in rows[:MOST_BUSY] if top > 0 and words)
