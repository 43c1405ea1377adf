"""Today: the running visit, what is next, what is promised, this computer, what waits to be sent.

On a computer that is not the technician's own, only the customer this computer belongs to is shown,
until the passphrase was typed once more for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from techkit import i18n
from techkit.diagnostics import runner
from techkit.diagnostics.plan import QUICK
from techkit.errors import TechkitError
from techkit.i18n import _, ngettext
from techkit.records.findings import CheckResult, Verdict
from techkit.ui.presenters import this_computer, today_plan, today_rows
from techkit.ui.presenters.choices import Proposal
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.kept_typing import Draft
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.this_computer import ThisComputer
from techkit.ui.presenters.today_plan import Plan
from techkit.ui.presenters.today_rows import Computer, TodayState


class Today:
    """The first page after unlocking.

    on_open: shows a visit, at a step when one is named. on_new: asks for a new visit. on_computer: shows a
    computer's page. check_passphrase: tells by raising that a passphrase is not this device's, for "All customers".
    """

    def __init__(
        self,
        surroundings: Surroundings,
        on_open: Callable[[str], object],
        on_new: Callable[[], object],
        on_computer: Callable[[str], object] | None = None,
        check_passphrase: Callable[[str], object] | None = None,
        on_keep: Callable[[CheckResult, str], object] | None = None,
        on_typed: Callable[[Draft], object] = lambda _draft: None,
    ) -> None:
        self._on_typed = on_typed
        self._on_keep = on_keep
        self._result: CheckResult | None = None
        self._world = surroundings
        self._on_open = on_open
        self._on_new = on_new
        self._on_computer = on_computer
        self._check_passphrase = check_passphrase
        self._sees_all = surroundings.is_own_computer
        self._this = ThisComputer()
        self._has_looked = False
        self._found: Plan | None = None
        self._error = ""
        self._is_closed = False
        self._stop = threading.Event()
        self._is_checking = False
        self._check_line = ""
        self.changed = Observable()
        self.state = TodayState()
        # What is being typed is kept every second as a setting; nothing of it stands here.
        self._typing = surroundings.typing
        self._end = self._typing.changed.subscribe(self._show)
        self._following = Following(surroundings, lambda kinds: kinds != {"setting"}, self._read_anew)

    def close(self) -> None:
        """Listen to the store no more and end a check under way."""
        self._is_closed = True
        self._end()
        self._following.close()
        self._stop.set()

    # --- what the technician does

    def refresh(self) -> None:
        """Read everything anew; the computer is looked at once."""
        if not self._has_looked:
            self._has_looked = True
            self._world.lanes.free(
                lambda _ticket: this_computer.look(self._world.machine()), self._recognise, self._not_read
            )
        self._read_anew()

    def _read_anew(self) -> None:
        # A change may be told after the end; the store is closed by the time it would be read.
        if not self._is_closed:
            self._world.lanes.store(
                lambda: today_plan.read(self._world, self._this, sees_all=self._sees_all), self._take
            )

    def open_visit(self, visit_id: str) -> None:
        """Open a visit."""
        self._on_open(visit_id)

    def start_visit(self) -> None:
        """Begin a new visit."""
        self._on_new()

    def start_check(self) -> None:
        """Check this computer quickly without a visit; pressed again, stop with what is there."""
        if self._is_checking:
            self._stop.set()
            return
        self._is_checking, self._check_line = True, _("Beginning")
        self._stop = threading.Event()
        machine, stop, now = self._world.machine(), self._stop, self._world.clock.now
        self._show()
        self._world.lanes.free(
            lambda ticket: runner.run(
                QUICK,
                machine,
                progress=lambda news: ticket.report(news.done / max(1, news.all), news.doing),
                stop=stop,
                now=now,
            ),
            self._checked,
            self._not_checked,
            self._told,
        )

    def _told(self, _share: float, sentence: str) -> None:
        self._check_line = sentence
        self._show()

    def _checked(self, result: CheckResult) -> None:
        acting = sum(finding.verdict is Verdict.ACT for finding in result.findings)
        self._is_checking = False
        self._result = result
        self._this = this_computer.of_readings(result.readings)
        self._check_line = (
            ngettext(
                "{n} thing needs action. Begin a visit to see and keep it.",
                "{n} things need action. Begin a visit to see and keep them.",
                acting,
            )
            if acting
            else _("Nothing needs action.")
        )
        self._show()

    def _not_checked(self, error: Exception) -> None:
        self._is_checking = False
        if not isinstance(error, TechkitError):
            raise error
        self._check_line = error.sentences()
        self._show()

    def keep_check(self) -> None:
        """Keep the quick check as the beginning of a visit; an unknown computer's customer is asked for."""
        result, self._result = self._result, None
        if result is not None and self._on_keep is not None:
            self._check_line = ""
            self._on_keep(result, self.customer_id)
            self._show()

    def confirm_computer(self, proposal_id: str) -> None:
        """Say that this computer is one met before; it is known by its numbers from now on."""
        found = self._found
        asset = next((a for a in found.assets if a.id == proposal_id), None) if found else None
        if asset is None:
            return
        store, actor = self._world.store, self._world.technician
        known = this_computer.fill(asset, self._this)
        self._world.lanes.store(lambda: store.save(known, actor=actor), lambda _none: self.refresh())

    def open_promise(self, promise_id: str) -> None:
        """Open the visit a promise was made in; without one a new visit is begun."""
        found = self._found
        promise = next((p for p in found.promised if p.id == promise_id), None) if found else None
        if promise is not None and promise.visit_id:
            self._on_open(promise.visit_id)
        elif promise is not None:
            self._on_new()

    def go_on_typing(self, key: str) -> None:
        """Open the form again that was typed in and not saved."""
        for draft in self._typed():
            if draft.key == key:
                self._on_typed(draft)
                return

    def drop_typing(self, key: str) -> None:
        """Forget what was typed into a form and not saved."""
        self._typing.drop(key)

    def _typed(self) -> tuple[Draft, ...]:
        """Return what may be shown here: on a customer's computer nothing of another customer."""
        may_show = {"", self.customer_id}
        return tuple(d for d in self._typing.waiting if self._sees_all or d.customer_id in may_show)

    def open_computer(self) -> None:
        """Show the history of the computer techkit runs on."""
        if self.asset_id and self._on_computer is not None:
            self._on_computer(self.asset_id)

    def show_all(self, passphrase: str) -> None:
        """Show all customers on a computer that is not one's own, after the passphrase."""
        check = self._check_passphrase
        if check is None:
            return

        def allowed(_key: object) -> None:
            self._sees_all, self._error = True, ""
            self.refresh()

        def refused(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            self._error = error.sentences()
            self._show()

        self._world.lanes.free(lambda _ticket: check(passphrase), allowed, refused)

    def hide_others(self) -> None:
        """Show only this computer's customer again; on one's own computer all are shown as before."""
        if self._sees_all and not self._world.is_own_computer:
            self._sees_all = False
            self.refresh()

    @property
    def sees_all(self) -> bool:
        """Return whether all customers may be shown on this computer."""
        return self._sees_all

    @property
    def customer_id(self) -> str:
        """Return the customer this computer belongs to, "" while it is not recognised."""
        return self._found.customer_id if self._found is not None else ""

    @property
    def asset_id(self) -> str:
        """Return the computer met before that this one is, "" while it is not recognised."""
        return self._found.asset_id if self._found is not None else ""

    @property
    def computer(self) -> ThisComputer:
        """Return which computer this is, as far as it is known by now."""
        return self._this

    # --- reading

    def _recognise(self, this: ThisComputer) -> None:
        self._this = this
        self._read_anew()

    def _not_read(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error

    # --- showing

    def _take(self, found: Plan) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        today = self._world.today
        running = today_rows.running(self._world, found.running) if found.running is not None else None
        state = TodayState(
            date_title=i18n.as_heading(i18n.day(today, style="full")),
            day_sentence=today_rows.sentence(self._world, found),
            is_loading=False,
            banner=today_rows.banner(self._world, found),
            running=running,
            next_visits=tuple(today_rows.planned(self._world, visit, found) for visit in found.planned),
            is_next_up=running is None and today_rows.is_for_today(self._world, found.planned),
            promised=tuple(today_rows.promised(promise, found, today) for promise in found.promised),
            computer=self._computer(found),
            waiting=today_rows.waiting(found),
            is_empty=running is None and not found.planned,
            can_see_all_customers=self._sees_all,
            all_customers_error=self._error,
            typed=tuple(map(today_rows.typed, self._typed())),
        )
        if state != self.state:
            self.state = state
            self.changed()

    def _computer(self, found: Plan) -> Computer:
        this, is_own = self._this, self._world.is_own_computer
        asset = next((a for a in found.assets if a.id == found.asset_id), None)
        facts = this.facts
        recognised = ""
        shown: tuple[Proposal, ...] = ()
        if asset is not None:
            facts += ((_("Known as"), asset.tag or asset.name),)
            recognised = this_computer.recognised_by(this, asset)
        elif not is_own and this.identifiers:
            shown = this_computer.proposals(this, found.assets)[:-1]
        return Computer(
            name=this.name or (_("This computer") if self._has_looked else ""),
            is_own=is_own,
            facts=facts,
            recognised=recognised,
            proposals=shown,
            check_label=_("Stop the check") if self._is_checking else _("Quick check"),
            check_line=self._check_line,
            keep_label=_("Keep it as a visit")
            if self._result is not None and not self._is_checking and self._on_keep is not None
            else "",
            history_label=ngettext("Its history: {n} visit", "Its history: {n} visits", found.asset_visits)
            if found.asset_visits
            else "",
        )
