"""One visit: its steps, the labour clock, the footer's save state, undo, and the customer view."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _, ngettext
from techkit.records.assets import LabourKind, Phase
from techkit.records.entering import clean_text
from techkit.records.findings import Verdict
from techkit.records.identity import new_id
from techkit.records.visit import LabourSegment, Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.records.work_states import SEALED, Facts, may_step, step
from techkit.ui.presenters import taken_over
from techkit.ui.presenters.after import After, missing_after
from techkit.ui.presenters.cases import Cases
from techkit.ui.presenters.check import Check, heading
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.ending import Ending
from techkit.ui.presenters.files import Files
from techkit.ui.presenters.follow_ups import FollowUps
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.need import ComputerRow, Need, computer_rows
from techkit.ui.presenters.open_visit import OpenVisit, saved_line
from techkit.ui.presenters.sign_off import SignOff, sealed_notice
from techkit.ui.presenters.signed_pages import SignedPages
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.taking_back import NOTHING_TOLD, Told
from techkit.ui.presenters.times import Times, break_after, last_stretch, people_along
from techkit.ui.presenters.work import Work

#: The steps of a visit in their order, with their names on the rail.
STEPS = (
    ("need", N_("Need")),
    ("check", N_("Check")),
    ("work", N_("Work")),
    ("follow_ups", N_("Follow-ups")),
    ("after", N_("After")),
    ("sign_off", N_("Sign-off")),
)

_KEYS = tuple(key for key, _name in STEPS)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the rail. key: "need", "check", "work", "follow_ups", "after" or "sign_off".

    state: "todo", "done", "attention" or "current"; attention may be the current one too.
    """

    key: str
    name: str
    line: str
    state: str


@dataclass(frozen=True, kw_only=True)
class VisitState:
    """The frame around the steps. save_state: "saved", "saving" or "not_saved"."""

    visit_id: str
    is_loading: bool = True
    number: str = ""
    customer: str = ""
    customer_line: str = ""
    person_line: str = ""
    computer: str = ""
    computers: tuple[ComputerRow, ...] = ()
    steps: tuple[Step, ...] = ()
    current: str = "need"
    clock: str = "00:00"
    clock_label: str = ""
    is_paused: bool = False
    is_clock_running: bool = False
    saved_line: str = ""
    save_state: str = "saved"
    next_label: str = ""
    back_label: str = ""
    may_continue: bool = True
    undo_label: str = ""
    undo_told: Told = NOTHING_TOLD
    removed_line: str = ""
    news_line: str = ""
    news_step: str = ""
    notice: Notice | None = None
    is_customer_view: bool = False
    is_locked: bool = False


class Visit:
    """The frame around a visit's steps; it owns one presenter a step, all on the same records."""

    def __init__(
        self, around: Surroundings, visit_id: str, on_left: Callable[[], None] = lambda: None
    ) -> None:
        self.held = OpenVisit(around, visit_id)
        self.changed = Observable()
        self.state = VisitState(visit_id=visit_id)
        self.current = "need"
        self._on_left = on_left
        self._notice: Notice | None = None
        self._checking: set[str] = set()
        self._news = ("", "")
        self._is_behind = False
        self.need = Need(self.held, on_confirmed=lambda: self.go("check"))
        self.cases = Cases(self.held)
        self.check = Check(self.held)
        self.work = Work(self.held)
        self.files = Files(self.held)
        self.times = Times(self.held)
        self.ending = Ending(self.held, self.nobody_there, self.cancel)
        self.follow_ups = FollowUps(self.held)
        self.after = After(self.held, self.work.drafting)
        self.sign_off = SignOff(self.held, on_finished=self._finished)
        self.signed_pages = SignedPages(self.held, self.sign_off)
        self.held.changed.subscribe(self._refresh)
        self.held.written.subscribe(self._written)
        self._leave_cards = self.held.around.cards.changed.subscribe(self.work.refresh)
        self.after.changed.subscribe(self._follow_checks)
        self.check.changed.subscribe(self._follow_checks)
        self.sign_off.changed.subscribe(self._refresh)
        self.held.load(self._loaded, self._not_loaded)

    def _follow_checks(self) -> None:
        """Notice a check that ended while another step was open, for what is said then."""
        running = {
            key
            for key, step in (("check", self.check.looking), ("after", self.after.looking))
            if step.under_way is not None
        }
        for key in self._checking - running:
            if key != self.current:
                self._news = (key, self._ended_line(key))
        self._checking = running
        self._refresh()

    def _ended_line(self, key: str) -> str:
        """Return what came of a check in one sentence."""
        looking = self.check.looking if key == "check" else self.after.looking
        if looking.failure is not None:
            return _("The check could not be done. {why}", why=looking.failure.title)
        if key == "after":
            return _("The check after the work is done. {found}", found=self.after.state.headline)
        run = self.held.bundle.run(self.held.asset_in_hand, Phase.BEFORE)
        return _("The check is done. {found}", found=heading(run.findings if run else ()))

    # --- opening ------------------------------------------------------------------------------------

    def _loaded(self) -> None:
        self.current = self.held.known.step if self.held.known.step in _KEYS else self._resumed()
        self._restore_typing()
        self._entered()
        self._refresh()

    def _restore_typing(self) -> None:
        """Take over what was typed and not entered when the program ended, and go where it was typed."""
        if self.held.visit.work_state in SEALED:
            return
        for key, restore in (
            ("need", self.need.restore_typing),
            ("need", self.ending.restore_typing),
            ("after", self.after.restore_typing),
            ("follow_ups", self.follow_ups.restore_typing),
            ("sign_off", self.sign_off.restore_typing),
            ("work", self.files.restore_typing),
            ("work", self.times.restore_typing),
            ("work", self.work.travel.restore_typing),
            ("work", self.work.restore_typing),
        ):
            if restore():
                self.current = key
        self.current = self.check.hands.restore_typing() or self.current

    def _not_loaded(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._notice = trouble(error, kind="bad")
        self._refresh()

    def _resumed(self) -> str:
        """Return the step to go on with: the first that is not done, as far as the visit is."""
        visit, bundle = self.held.visit, self.held.bundle
        if visit.work_state in (WorkState.DRAFT, WorkState.SCHEDULED, WorkState.TRAVELLING):
            return "need"
        if visit.work_state in (WorkState.WORK_DONE, *SEALED):
            return "sign_off"
        if not bundle.whole_runs and not bundle.activities:
            return "check"
        if any(r.phase is Phase.AFTER for r in bundle.whole_runs):
            return "after"
        return "work"

    def reload(self) -> None:
        """Read the visit again, after a sync brought records; what is shown and typed stays.

        While something is being written it is read afterwards; while the customer has the screen nothing changes
        under their hand, and what came is read once the technician has it back.
        """
        self._is_behind = True
        self._catch_up()

    def _catch_up(self) -> None:
        held = self.held
        if (
            self._is_behind
            and held.is_loaded
            and held.save_state == "saved"
            and not self.sign_off.is_customer_view
        ):
            self._is_behind = False
            held.load()

    def _written(self) -> None:
        self._refresh()
        self._catch_up()

    # --- moving ---------------------------------------------------------------------------------------

    def go(self, key: str) -> None:
        """Go to a step; leaving Work starts the check after it by itself."""
        if key not in _KEYS or self.sign_off.is_customer_view:
            return
        with self.held.changed.together():
            self._go(key)

    def _go(self, key: str) -> None:
        left, self.current = self.current, key
        if self._news[0] == key:
            self._news = ("", "")  # it is looked at now
        if left == "check" and key != "check":
            self.check.exporting.close()
            self.check.hands.close()  # nothing sounds or looks on behind another step
        if left in ("work", "follow_ups") and key in ("follow_ups", "after", "sign_off"):
            self.after.start_by_itself()
        if left == "sign_off" and key != "sign_off":
            self.sign_off.leave()
        self._notice = None
        self.held.keep_step(key)
        self._entered()
        self._refresh()

    def _entered(self) -> None:
        if self.current == "work":
            self.work.enter()
        elif self.current == "sign_off":
            self.after.propose_outcome_if_open()
            self.sign_off.enter()

    def try_by_hand(self) -> None:
        """Go to what a person tries; the judgement is added to the last check."""
        self.go("check")
        self.check.hands.open()

    def next(self) -> None:
        """Do the footer's filled button: confirm the need, go on, hand over, finish."""
        if self.current == "need":
            self.need.confirm()
        elif self.current == "follow_ups":
            # The run after the work began when Work was left; where all is well nobody need stop there.
            self.go("after" if self.after.needs_attention else "sign_off")
        elif self.current == "sign_off":
            if self.held.visit.work_state in SEALED:
                self.sign_off.finish()
            else:
                self.sign_off.hand_over()
        else:
            self.go(_KEYS[_KEYS.index(self.current) + 1])

    def back(self) -> None:
        """Go to the step before, from the first back to Today."""
        index = _KEYS.index(self.current)
        if index:
            self.go(_KEYS[index - 1])
        else:
            self.leave()

    def close(self) -> None:
        """End what is under way beside the visit, before the visit is let go."""
        self._leave_cards()
        self.files.close()
        self.check.line_test.close()
        self.held.close()

    def leave(self) -> None:
        """Go back to Today; the visit goes on, its clock too."""
        self.held.labour.look()
        self._on_left()

    def _finished(self) -> None:
        self._refresh()
        self._on_left()

    # --- the clock --------------------------------------------------------------------------------------

    def pause(self, reason: str = "") -> None:
        """Stop the labour clock; the time so far is written down."""
        visit = self.held.visit
        if visit.work_state is WorkState.ON_SITE:
            self.held.labour.stop(step(visit, WorkState.PAUSED, Facts(), reason=reason or _("Break")))

    def resume(self) -> None:
        """Go on working; a new stretch of time begins, for the same people. The pause is written down as a break."""
        visit = self.held.visit
        taken_over.go_on(self.held, adds=False)
        if visit.work_state is WorkState.PAUSED:
            last = last_stretch(self.held)
            rest = [break_after(self.held, last)] if last is not None else []
            self.held.save(step(visit, WorkState.ON_SITE, Facts()), *(r for r in rest if r is not None))
            along = people_along(self.held, last) if last is not None else visit.helpers
            self.held.labour.start(
                helpers=along, is_out_of_hours=last.is_out_of_hours if last is not None else False
            )
            self._refresh()

    # --- visits that end before they begin --------------------------------------------------------------

    def nobody_there(self, waited_minutes: int, note: str = "") -> None:
        """End a visit at a closed door: how long was waited, and what was seen."""
        visit, held = self.held.visit, self.held
        if visit.work_state is WorkState.DRAFT and visit.site_id:
            visit = step(visit, WorkState.SCHEDULED, Facts())
        if not may_step(visit, WorkState.NO_ACCESS):
            self._refuse(InputError(_("Somebody was there already; say what came of the visit instead.")))
            return
        now = held.around.clock.now()
        words = clean_text(note) or _("Waited {time}.", time=i18n.minutes(max(0, waited_minutes)))
        closed = dataclasses.replace(
            step(visit, WorkState.NO_ACCESS, Facts(), reason=words),
            outcome=Outcome.NO_ACCESS,
            outcome_reason=words,
            arrived_at=now - timedelta(minutes=max(0, waited_minutes)),
            left_at=now,
            waited_minutes=max(0, waited_minutes),
        )
        self._end(closed)
        if waited_minutes > 0:
            self._note_wait(waited_minutes, now)

    def cancel(self, reason: str) -> None:
        """Call a visit off before it began; the reason is needed."""
        words = clean_text(reason)
        try:
            cancelled = step(self.held.visit, WorkState.CANCELLED, Facts(), reason=words)
        except InputError as error:
            self._refuse(error)
            return
        self._end(dataclasses.replace(cancelled, outcome=Outcome.CANCELLED_BY_CUSTOMER, outcome_reason=words))

    def _refuse(self, error: InputError) -> None:
        self._notice = trouble(error)
        self._refresh()

    def _end(self, visit: VisitRecord) -> None:
        self.held.save(visit)
        self._refresh()
        self._on_left()

    def _note_wait(self, minutes: int, until: datetime) -> None:
        held = self.held
        held.save(
            LabourSegment(
                id=new_id(),
                visit_id=held.visit_id,
                technician=held.around.technician,
                kind=LabourKind.WAIT,
                started_at=until - timedelta(minutes=minutes),
                ended_at=until,
                utc_offset_minutes=held.visit.utc_offset_minutes,
                elapsed_s=minutes * 60,
            )
        )

    def tick(self) -> None:
        """Show the time as it is now; called once a second while the visit is on screen."""
        if not self.held.is_loaded:
            return
        self._catch_up()
        if self.current == "work" and self.check.looking.under_way is None:
            self.work.look_if_due()
        if self.held.labour.running is not None:
            self.held.labour.look()
            self._refresh()

    # --- computers, undo, notices -------------------------------------------------------------------------

    def choose_computer(self, asset_id: str) -> None:
        """Work on another computer of the visit; drafts of the new one are looked for in Work."""
        if asset_id in self.held.visit.asset_ids and asset_id != self.held.asset_in_hand:
            self.held.asset_in_hand = asset_id
            self.held.changed()
            self._entered()

    def undo(self) -> None:
        """Take the last deed back and say so; nothing changes under the customer's hand."""
        if self.held.is_loaded and not self.sign_off.is_customer_view:
            self.held.undo()
            self._refresh()

    def redo(self) -> None:
        """Do again what undo took back."""
        if self.held.is_loaded and not self.sign_off.is_customer_view:
            self.held.redo()
            self._refresh()

    def act_on_notice(self, action: str = "") -> None:
        """Do what the notice offers first, or another action it names: void the signature, or leave the page as it is."""
        notice = self.state.notice
        if notice is None:
            return
        action = action or notice.action
        if action == "void":
            self.sign_off.void()
        elif action == "keep":
            self.held.drop_waiting()
        elif action == "try_again":
            self.held.try_again()
        elif action in ("clock_on", "clock_add"):
            taken_over.go_on(self.held, adds=action == "clock_add")
        elif action == "put_away":
            self.held.labour.uncounted_s = 0.0
            self._refresh()

    # --- what is shown --------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        # A change is told to the steps first, and each of them tells here: drawn after each, a switch drew three times.
        self.held.changed.once_told(self._show)

    def _show(self) -> None:
        self.state = self._state()
        self.changed()

    def _state(self) -> VisitState:
        held = self.held
        if not held.is_loaded:
            return VisitState(visit_id=held.visit_id, is_loading=self._notice is None, notice=self._notice)
        bundle, visit = held.bundle, held.visit
        contact, asset = bundle.contact, held.asset
        person = contact.name if contact is not None and contact.name != bundle.customer_name else ""
        index = _KEYS.index(self.current)
        is_paused = visit.work_state is WorkState.PAUSED or taken_over.is_clock_missing(held)
        return VisitState(
            visit_id=visit.id,
            is_loading=False,
            number=visit.number,
            customer=bundle.customer_name,
            customer_line=self.need.state.customer_line,
            person_line=" · ".join(p for p in (person, visit.number) if p),
            computer=(asset.tag or asset.name) if asset else "",
            computers=computer_rows(held),
            steps=tuple(self._step(key, _(name)) for key, name in STEPS),
            current=self.current,
            clock=clock_text(held.labour.worked_s),
            clock_label=_("Paused") if is_paused else _("On site"),
            is_paused=is_paused,
            is_clock_running=held.labour.running is not None,
            saved_line=saved_line(held),
            save_state=held.save_state,
            next_label=self._next_label(index),
            back_label=_(STEPS[index - 1][1]) if index else _("Today"),
            may_continue=self._may_continue(),
            undo_label=_("Undo: {word}", word=held.back.word)
            if held.back.word and not held.left_out_words
            else "",
            undo_told=held.back.told,
            news_line=self._news[1],
            news_step=self._news[0],
            removed_line=_removed_line(held),
            notice=self._shown_notice(),
            is_customer_view=self.sign_off.is_customer_view,
            is_locked=visit.work_state is WorkState.SUBMITTED,
        )

    def _shown_notice(self) -> Notice | None:
        failure = self.held.failure
        if failure is not None:
            return trouble(
                failure,
                kind="bad",
                action_label=_("Try again") if self.held.save_state == "not_saved" else _("Put away"),
                action="try_again",
            )
        return sealed_notice(self.held) or self._notice or taken_over.notice(self.held)

    def _next_label(self, index: int) -> str:
        if self.current == "need":
            return self.need.state.confirm_label or _("Confirm and start")
        if self.current == "sign_off":
            return (
                _("Finish visit") if self.held.visit.work_state in SEALED else _("Hand over to the customer")
            )
        if self.current == "follow_ups" and not self.after.needs_attention:
            return _("Continue: {step}", step=_("Sign-off"))
        return _("Continue: {step}", step=_(STEPS[index + 1][1]))

    def _may_continue(self) -> bool:
        if self.current == "need":
            return self.need.state.may_confirm
        if self.current == "sign_off" and self.held.visit.work_state in SEALED:
            return self.sign_off.state.may_finish
        return True

    def _step(self, key: str, name: str) -> Step:
        line, done, attention = getattr(self, f"_{key}_line")()
        if key == self.current:
            state = "current"
        elif attention:
            state = "attention"
        else:
            state = "done" if done else "todo"
        return Step(key=key, name=name, line=line, state=state)

    def _need_line(self) -> tuple[str, bool, bool]:
        is_confirmed = self.held.visit.arrived_at is not None
        return (_("Confirmed") if is_confirmed else _("Still to confirm"), is_confirmed, False)

    def _check_line(self) -> tuple[str, bool, bool]:
        if self.check.looking.under_way is not None:
            return _("Checking, {n} %", n=round(self.check.looking.under_way.share * 100)), False, False
        run = self.held.bundle.run(self.held.asset_in_hand, Phase.BEFORE)
        if run is None:
            return _("Not started"), False, False
        acting = sum(1 for f in run.findings if f.verdict is Verdict.ACT)
        if acting:
            return ngettext("{n} needs action", "{n} need action", acting), True, True
        return _("Nothing needs action"), True, False

    def _work_line(self) -> tuple[str, bool, bool]:
        bundle = self.held.bundle
        count = len(bundle.activities) + len(bundle.supplies)
        drafts = sum(1 for r in self.work.drafting.rows() if r.is_ticked)
        if drafts and not count:
            return ngettext("{n} draft", "{n} drafts", drafts), False, False
        return (
            ngettext("{n} entry", "{n} entries", count) if count else _("Not started"),
            bool(count),
            False,
        )

    def _follow_ups_line(self) -> tuple[str, bool, bool]:
        count = len(self.held.bundle.follow_ups)
        return (_("{n} planned", n=count) if count else _("Nothing promised"), bool(count), False)

    def _after_line(self) -> tuple[str, bool, bool]:
        if self.after.looking.under_way is not None:
            return _("Checking, {n} %", n=round(self.after.looking.under_way.share * 100)), False, False
        if self.held.visit.no_after_run_reason:
            return _("Left out"), True, False
        if any(r.phase is Phase.AFTER for r in self.held.bundle.whole_runs):
            return (_("Checked again"), True, self.after.needs_attention or bool(missing_after(self.held)))
        return _("Not started"), False, False

    def _sign_off_line(self) -> tuple[str, bool, bool]:
        match self.held.visit.work_state:
            case WorkState.SIGNED:
                return _("Signed"), True, False
            case WorkState.SIGNOFF_WAIVED:
                return _("Without signature"), True, False
            case WorkState.SUBMITTED:
                return _("Submitted"), True, False
        return _("Not signed yet"), False, False


def _removed_line(held: OpenVisit) -> str:
    """Return what undo would bring back: a change left out over a signed page, or what was taken out; "" for nothing."""
    if held.left_out_words:
        return _("Left as signed. Not done: {words}", words=", ".join(held.left_out_words))
    return _("Removed: {word}", word=held.back.removed_word) if held.back.removed_word else ""


def clock_text(seconds: float) -> str:
    """Return a stretch of time as hours and minutes, e.g. "01:15"."""
    minutes = int(seconds // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
