"""Step After: the check after the work, beside the one before; drafts it makes; what came of the visit."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from techkit.i18n import N_, _, ngettext
from techkit.records.activities import Troubleshooting
from techkit.records.assets import Asset, Phase
from techkit.records.difference import Change, Comparison, compare_runs
from techkit.records.entering import clean_text
from techkit.records.findings import (
    COMPLAINT_LABELS,
    Complaint,
    Explains,
    Value,
    Verdict,
    as_number,
)
from techkit.records.proofs import check_key
from techkit.records.visit import OUTCOMES, Consent, Outcome, WorkState
from techkit.ui.presenters.choices import Choice, Notice
from techkit.ui.presenters.drafting import Drafting, DraftRow
from techkit.ui.presenters.looking import StepLook
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: Ready reasons for leaving out the check after the work.
SKIP_REASONS = (
    N_("The customer needed the computer at once"),
    N_("The computer does not start"),
    N_("The computer stays with us"),
    N_("Nothing was changed on the computer"),
)

#: Outcomes offered at the end of a visit that took place.
_OFFERED = (Outcome.RESOLVED, Outcome.PARTLY, Outcome.NOT_RESOLVED, Outcome.ADVICE_ONLY)


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """One reading before and after. before_at, after_at, limit_at: where they and the limit stand on the scale, 0 to 1."""

    key: str
    title: str
    subject: str
    before: str
    after: str
    change: str
    words: str
    difference: str
    before_verdict: Verdict | None
    after_verdict: Verdict | None
    before_at: float | None = None
    after_at: float | None = None
    limit_at: float | None = None
    limit_text: str = ""
    higher_is_better: bool | None = None
    computer: str = ""


@dataclass(frozen=True, kw_only=True)
class AfterState:
    """All that step After shows.

    phase: "nothing" to compare, "waiting" for the check, "running", "results", "skipped" or "failed".
    """

    phase: str = "waiting"
    share: float = 0.0
    sentence: str = ""
    headline: str = ""
    complaint_line: str = ""
    rows: tuple[ComparisonRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    add_label: str = ""
    may_add: bool = False
    outcomes: tuple[Choice, ...] = ()
    outcome_reason: str = ""
    in_short: str = ""
    note: str = ""
    skip_reasons: tuple[Choice, ...] = ()
    notice: Notice | None = None


class After(VisitPart[AfterState]):
    """The run after the work starts by itself when Work is left; the complaint is measured again."""

    def __init__(self, held: OpenVisit, drafting: Drafting) -> None:
        super().__init__(held, AfterState())
        self.drafting = drafting
        drafting.changed.subscribe(self.refresh)
        self.looking = StepLook(held, self.refresh, self.propose_outcome)
        self._chosen_by_hand = False

    # --- the run --------------------------------------------------------------------------------

    def start_by_itself(self) -> None:
        """Start the run when Work is left, where there is something to compare and nobody said no."""
        bundle, asset_id = self.held.bundle, self.held.asset_in_hand
        if bundle.run(asset_id, Phase.BEFORE) is None or self.held.visit.no_after_run_reason:
            return
        last = bundle.run(asset_id, Phase.AFTER)
        if last is None or self._changed_since(last.started_at):
            self.start()

    def _changed_since(self, when: datetime | None) -> bool:
        made = [a.recorded_at for a in self.held.bundle.activities if a.asset_id == self.held.asset_in_hand]
        return when is not None and any(at is not None and at > when for at in made)

    def start(self) -> None:
        """Check the computer in hand again, with the plan of the run before."""
        before = self.held.bundle.run(self.held.asset_in_hand, Phase.BEFORE)
        if self.looking.under_way is not None or not self.held.asset_in_hand:
            return
        if self.held.visit.consent is Consent.REFUSED:
            self.skip(_("The customer did not want the computer read."))
            return
        plan = before.plan if before else self.held.known.plan
        self.looking.start(Phase.AFTER, plan)

    def stop(self) -> None:
        """Stop the run; what is there stays."""
        self.looking.stop()

    def skip(self, reason: str) -> None:
        """Leave the check after the work out, with the reason."""
        words = clean_text(reason)
        if words:
            visit = dataclasses.replace(self.held.visit, no_after_run_reason=words[:500])
            self.held.save(visit, word=_("why there is no check after the work"))

    # --- what came of it --------------------------------------------------------------------------

    def propose_outcome(self) -> None:
        """Fill the result in from what was measured, until somebody chooses one."""
        visit = self.held.visit
        is_closed = visit.work_state not in (WorkState.ON_SITE, WorkState.PAUSED)
        if self._chosen_by_hand or is_closed:
            return
        proposed = proposed_outcome(self.held)
        if visit.outcome is None or visit.outcome is not proposed:
            self.held.save(dataclasses.replace(visit, outcome=proposed))

    def propose_outcome_if_open(self) -> None:
        """Fill the result in where nobody chose one and the visit is not closed."""
        if self.held.visit.work_state in (WorkState.ON_SITE, WorkState.PAUSED):
            self.propose_outcome()

    def choose_outcome(self, value: str) -> None:
        """Say what came of the visit; the first word of the paper."""
        self._chosen_by_hand = True
        self.held.save(dataclasses.replace(self.held.visit, outcome=Outcome(value)), word=_("the result"))

    def write_reason(self, text: str) -> None:
        """Say why, in a sentence for the customer."""
        self.held.typing.forget("after:reason")
        words = clean_text(text, multiline=True)
        self.held.save(dataclasses.replace(self.held.visit, outcome_reason=words), word=_("the reason"))

    def write_in_short(self, text: str) -> None:
        """Write the summary's first sentences; empty leaves them to techkit."""
        self.held.typing.forget("after:in_short")
        words = clean_text(text, multiline=True)
        self.held.save(
            dataclasses.replace(self.held.visit, summary_for_customer=words), word=_("the summary")
        )

    def write_note(self, text: str) -> None:
        """Write for colleagues what the customer does not read."""
        self.held.typing.forget("after:note")
        words = clean_text(text, multiline=True)
        self.held.save(
            dataclasses.replace(self.held.visit, internal_note=words), word=_("the notes for colleagues")
        )

    def type_ahead(self, field: str, text: str) -> None:
        """Keep the "reason", the summary's first sentences ("in_short") or the "note" as they are being typed."""
        self.held.typing.keep(f"after:{field}", "text", text)

    def restore_typing(self) -> bool:
        """Take over what was being typed when the program ended; return whether there was anything."""
        typed = self.held.typing.typed_in("after:")
        ways = {
            "after:reason": self.write_reason,
            "after:in_short": self.write_in_short,
            "after:note": self.write_note,
        }
        for place, fields in typed.items():
            ways[place](fields.get("text", ""))
        return bool(typed)

    # --- what is shown ----------------------------------------------------------------------------

    @property
    def needs_attention(self) -> bool:
        """Return whether somebody should look here before the page is signed."""
        if self.looking.under_way is not None or self.looking.notice is not None:
            return True
        if any(r.is_ticked for r in self.drafting.rows()):
            return True
        return bool(missing_after(self.held)) and not self.held.visit.no_after_run_reason

    def _state(self) -> AfterState:
        visit, bundle = self.held.visit, self.held.bundle
        rows = self.drafting.rows()
        state = AfterState(
            drafts=rows,
            add_label=self.drafting.add_label(),
            may_add=any(r.is_ticked for r in rows),
            outcomes=tuple(
                Choice(value=o, label=_(OUTCOMES[o]), is_chosen=o is visit.outcome) for o in _OFFERED
            ),
            outcome_reason=visit.outcome_reason,
            in_short=visit.summary_for_customer,
            note=visit.internal_note,
            skip_reasons=tuple(
                Choice(value=_(r), label=_(r), is_chosen=_(r) == visit.no_after_run_reason)
                for r in SKIP_REASONS
            ),
        )
        if self.looking.under_way is not None:
            return dataclasses.replace(
                state,
                phase="running",
                share=self.looking.under_way.share,
                sentence=self.looking.under_way.sentence or _("Checking the computer again"),
            )
        if (notice := self.looking.notice) is not None:
            return dataclasses.replace(state, phase="failed", notice=notice)
        found = [row for asset in bundle.assets for row in self._rows(asset)]
        if bundle.run(self.held.asset_in_hand, Phase.AFTER) is not None or found:
            return dataclasses.replace(
                state,
                phase="results",
                rows=tuple(row for row, _c in found),
                headline=headline([c for _r, c in found]),
                complaint_line=complaint_line(visit.complaint, [c for _r, c in found]),
                notice=self._notice(),
            )
        if visit.no_after_run_reason:
            return dataclasses.replace(state, phase="skipped", sentence=visit.no_after_run_reason)
        if bundle.run(self.held.asset_in_hand, Phase.BEFORE) is None:
            sentence = (
                _("Nothing to compare with yet: the computer was not checked before the work.")
                if self.held.asset_in_hand
                else _("No computer belongs to this visit: there is nothing to compare.")
            )
            return dataclasses.replace(state, phase="nothing", sentence=sentence, skip_reasons=())
        return dataclasses.replace(state, sentence=_("The check after the work starts when Work is left."))

    def _notice(self) -> Notice | None:
        missing = missing_after(self.held)
        if not missing or self.held.visit.no_after_run_reason:
            return None
        names = ", ".join(a.tag or a.name for a in missing)
        return Notice(
            kind="watch",
            title=_("Not checked after the work yet: {computers}", computers=names),
            text=_("Check it too, or say why not."),
        )

    def _rows(self, asset: Asset) -> list[tuple[ComparisonRow, Comparison]]:
        before = self.held.bundle.run(asset.id, Phase.BEFORE)
        after = self.held.bundle.run(asset.id, Phase.AFTER)
        if after is None:
            return []
        name = (asset.tag or asset.name) if len(self.held.visit.asset_ids) > 1 else ""
        rows = []
        for c in compare_runs(before, after):
            shown = c.after or c.before
            top = max((f.scale_max or 0.0 for f in (c.before, c.after) if f is not None), default=0.0)
            rows.append(
                (
                    ComparisonRow(
                        key=check_key(asset.id, c.check, c.subject),
                        title=c.title,
                        subject=c.subject,
                        before=c.before_text,
                        after=c.after_text,
                        change=c.change.value,
                        words=c.words,
                        difference=c.difference,
                        before_verdict=c.before.verdict if c.before else None,
                        after_verdict=c.after.verdict if c.after else None,
                        before_at=_on_scale(c.before.value if c.before else None, top),
                        after_at=_on_scale(c.after.value if c.after else None, top),
                        limit_at=_on_scale(shown.limit if shown else None, top),
                        limit_text=shown.limit_text if shown else "",
                        higher_is_better=shown.higher_is_better if shown else None,
                        computer=name,
                    ),
                    c,
                )
            )
        order = {
            Change.BETTER: 0,
            Change.WORSE: 0,
            Change.OPEN: 1,
            Change.NEW: 2,
            Change.GONE: 2,
            Change.SAME: 3,
        }
        return sorted(rows, key=lambda r: order[r[1].change])


def _on_scale(value: Value, top: float) -> float | None:
    """Return where a value stands between nothing and the top that before and after share."""
    held = as_number(value)
    return None if held is None or top <= 0 else max(0.0, min(1.0, held / top))


def missing_after(held: OpenVisit) -> list[Asset]:
    """Return the computers that were checked before the work and not after it."""
    return [
        a
        for a in held.bundle.assets
        if held.bundle.run(a.id, Phase.BEFORE) is not None and held.bundle.run(a.id, Phase.AFTER) is None
    ]


def headline(found: list[Comparison]) -> str:
    """Return what the comparison says in one sentence."""
    better = sum(1 for c in found if c.change is Change.BETTER)
    worse = sum(1 for c in found if c.change is Change.WORSE)
    still = sum(1 for c in found if c.is_open)
    parts = []
    if better:
        parts.append(ngettext("{n} thing is better", "{n} things are better", better))
    if worse:
        parts.append(ngettext("{n} thing is worse", "{n} things are worse", worse))
    if still:
        parts.append(ngettext("{n} is still open", "{n} are still open", still))
    return ", ".join(parts) if parts else _("Nothing has changed; all is as it was")


def complaint_line(complaint: Complaint, found: list[Comparison]) -> str:
    """Return whether what explained the complaint is better now, in one sentence."""
    if complaint is Complaint.OTHER:
        return ""
    name = _(COMPLAINT_LABELS[complaint])
    explaining = [c for c in found if c.before and c.before.explains in (Explains.LIKELY, Explains.POSSIBLE)]
    bad = [c for c in explaining if c.before and c.before.verdict in (Verdict.ACT, Verdict.WATCH)]
    if not bad:
        return _("“{complaint}”: no reading explained it before.", complaint=name)
    better = [c for c in bad if c.change is Change.BETTER]
    still = [c for c in bad if c.is_open]
    if not still:
        return _("“{complaint}”, measured again: what explained it is gone.", complaint=name)
    if better:
        return _("“{complaint}”, measured again: better, but not everything is gone.", complaint=name)
    return _("“{complaint}”, measured again: what explained it is still there.", complaint=name)


def proposed_outcome(held: OpenVisit) -> Outcome:
    """Return the result that what was recorded and measured speaks for; a person may say otherwise."""
    bundle = held.bundle
    troubles = [a for a in bundle.activities if isinstance(a, Troubleshooting)]
    if troubles:
        fixed = [t for t in troubles if t.is_fixed]
        if len(fixed) == len(troubles):
            return Outcome.RESOLVED
        return Outcome.PARTLY if fixed else Outcome.NOT_RESOLVED
    compared = [
        c
        for a in bundle.assets
        if bundle.run(a.id, Phase.AFTER) is not None
        for c in compare_runs(bundle.run(a.id, Phase.BEFORE), bundle.run(a.id, Phase.AFTER))
        if c.before
        and c.before.explains is Explains.LIKELY
        and c.before.verdict in (Verdict.ACT, Verdict.WATCH)
    ]
    if any(c.is_open for c in compared):
        return Outcome.PARTLY if bundle.activities else Outcome.NOT_RESOLVED
    if not bundle.activities and not bundle.supplies:
        return Outcome.ADVICE_ONLY
    return Outcome.RESOLVED
