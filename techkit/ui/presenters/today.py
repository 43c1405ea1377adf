"""Today: the running visit, what is next, what is promised, this computer, what waits to be sent.

On a computer that is not the technician's own, only the customer this computer belongs to is shown,
until the passphrase was typed once more for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeVar

from techkit import i18n
from techkit.diagnostics import runner
from techkit.diagnostics.plan import QUICK
from techkit.errors import TechkitError
from techkit.i18n import _, ngettext
from techkit.records.assets import Asset, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.findings import CheckResult, Verdict
from techkit.records.parties import Contact, Customer, Site
from techkit.records.review import Query
from techkit.records.schema import Record, is_known, spec_for
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState, is_plausible
from techkit.ui.presenters import this_computer
from techkit.ui.presenters.choices import Notice, Proposal
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.this_computer import ThisComputer

#: Visits shown under "Next".
MOST_VISITS = 20

#: Promises due within so many days are shown, and all that are overdue.
PROMISES_DAYS = 14

#: Steps of a visit, for the ring.
_STEPS = 6

#: Changes that wait longer ask to be sent. Source: the design, principle 2.
LONG_WAIT = timedelta(days=3)

R = TypeVar("R", bound=Record)

#: Stands in for the day of a visit that has none.
_EVER = datetime.max.replace(tzinfo=UTC)

_RUNNING = (
    WorkState.ON_SITE,
    WorkState.PAUSED,
    WorkState.TRAVELLING,
    WorkState.WORK_DONE,
    WorkState.SIGNED,
    WorkState.SIGNOFF_WAIVED,
)
_PLANNED = (WorkState.SCHEDULED, WorkState.DRAFT)


@dataclass(frozen=True, kw_only=True)
class RunningVisit:
    """The visit under way: share of its steps done (0 to 1), "3/6", and the one filled button."""

    visit_id: str
    share: float
    ring_text: str
    tag: str
    customer: str
    line: str
    button: str


@dataclass(frozen=True, kw_only=True)
class VisitRow:
    """One planned visit. kinds: (icon, label) of the planned work."""

    visit_id: str
    time: str
    duration: str
    customer: str
    line: str
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    """One promise to a customer; is_due: today or earlier."""

    id: str
    title: str
    line: str
    is_due: bool
    icon: str = "flag"


@dataclass(frozen=True, kw_only=True)
class Computer:
    """The computer techkit runs on; recognised: by what, in words."""

    name: str
    is_own: bool
    facts: tuple[tuple[str, str], ...] = ()
    recognised: str = ""
    proposals: tuple[Proposal, ...] = ()
    check_label: str = ""
    keep_label: str = ""
    history_label: str = ""
    check_line: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits to be sent."""

    count: int = 0
    kinds_line: str = ""
    last_line: str = ""


@dataclass(frozen=True, kw_only=True)
class TodayState:
    """All that Today shows."""

    date_title: str = ""
    day_sentence: str = ""
    is_loading: bool = True
    banner: Notice | None = None
    running: RunningVisit | None = None
    next_visits: tuple[VisitRow, ...] = ()
    #: Whether the first of them is what comes now: nothing runs, and it is for today.
    is_next_up: bool = False
    promised: tuple[PromiseRow, ...] = ()
    computer: Computer = Computer(name="", is_own=False)
    waiting: Waiting = Waiting()
    is_empty: bool = False
    can_see_all_customers: bool = False
    all_customers_error: str = ""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the store gave for one refresh."""

    running: VisitBundle | None
    planned: tuple[Visit, ...]
    promised: tuple[FollowUp, ...]
    customers: dict[str, Customer]
    sites: dict[str, Site]
    contacts: dict[str, Contact]
    assets: tuple[Asset, ...]
    customer_id: str
    asset_visits: int
    open_questions: int
    waiting: Waiting
    oldest_at: datetime | None


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
    ) -> None:
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
        self._asset_id = ""
        self._found: _Found | None = None
        self._error = ""
        self._is_closed = False
        self._stop = threading.Event()
        self._is_checking = False
        self._check_line = ""
        self.changed = Observable()
        self.state = TodayState()
        # What is being typed is kept every second as a setting; nothing of it stands here.
        self._following = Following(surroundings, lambda kinds: kinds != {"setting"}, self._read_anew)

    def close(self) -> None:
        """Listen to the store no more and end a check under way."""
        self._is_closed = True
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
            self._world.lanes.store(self._read, self._take)

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

    def open_computer(self) -> None:
        """Show the history of the computer techkit runs on."""
        if self._asset_id and self._on_computer is not None:
            self._on_computer(self._asset_id)

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
        return self._asset_id

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

    def _read(self) -> _Found:
        store = self._world.store
        assets = tuple(store.find(Asset))
        self._asset_id = self._recognised(assets)
        customer_id = next((a.customer_id for a in assets if a.id == self._asset_id), "")

        def may_see(record: Visit | FollowUp) -> bool:
            return self._sees_all or (bool(customer_id) and record.customer_id == customer_id)

        running = [
            visit
            for visit in store.find(Visit, work_state=_RUNNING, order_by="arrived_at", descending=True)
            if may_see(visit) or not customer_id
        ]
        planned = sorted(
            (visit for visit in store.find(Visit, work_state=_PLANNED) if may_see(visit)),
            key=lambda visit: (visit.planned_start_at is None, visit.planned_start_at or _EVER, visit.id),
        )
        until = self._world.today + timedelta(days=PROMISES_DAYS)
        promised = [
            promise
            for promise in store.find(FollowUp, state="open", order_by="due_on")
            if promise.due_on is not None
            and promise.due_on <= until
            and not promise.is_customers_own
            and may_see(promise)
        ]
        kept = store.setting("visit.running")
        running.sort(key=lambda visit: visit.id != kept)
        bundle = store.bundle(running[0].id) if running else None
        visits = [*planned[:MOST_VISITS], *(running[1:])]
        return _Found(
            running=bundle,
            planned=tuple(visits),
            promised=tuple(promised),
            customers=_by_id(
                store.find(
                    Customer, id=_ids([*(v.customer_id for v in visits), *(p.customer_id for p in promised)])
                )
            ),
            sites=_by_id(store.find(Site, id=_ids(v.site_id for v in visits))),
            contacts=_by_id(store.find(Contact, id=_ids(v.contact_id for v in visits))),
            assets=assets if self._sees_all else tuple(a for a in assets if a.customer_id == customer_id),
            customer_id=customer_id,
            asset_visits=sum(
                self._asset_id in visit.asset_ids for visit in store.find(Visit, customer_id=customer_id)
            )
            if self._asset_id
            else 0,
            open_questions=sum(query.state == "open" for query in store.find(Query)),
            waiting=self._waiting(),
            oldest_at=store.outbox.waits().oldest_at,
        )

    def _recognised(self, assets: tuple[Asset, ...]) -> str:
        certain = [
            match.id
            for match in this_computer.matches(self._this, assets)
            if match.certainty.value == "certain"
        ]
        return certain[0] if certain else ""

    def _waiting(self) -> Waiting:
        outbox = self._world.store.outbox
        kinds = []
        for kind, count in outbox.waiting_by_kind():
            if is_known(kind):
                spec = spec_for(kind)
                kinds.append(f"{i18n.number(count)} {_(spec.title if count == 1 else spec.plural)}")
        count = outbox.waits().count
        return Waiting(
            count=count,
            kinds_line=" · ".join(kinds[:3]) if count else _("Nothing is waiting."),
        )

    # --- showing

    def _take(self, found: _Found) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        today = self._world.today
        running = self._running(found.running) if found.running is not None else None
        state = TodayState(
            date_title=i18n.as_heading(i18n.day(today, style="full")),
            day_sentence=self._sentence(found),
            is_loading=False,
            banner=self._clock_warning() or _questions(found.open_questions) or self._waits_long(found),
            running=running,
            next_visits=tuple(self._visit_row(visit, found) for visit in found.planned),
            is_next_up=running is None and self._is_for_today(found.planned),
            promised=tuple(self._promise_row(promise, found, today) for promise in found.promised),
            computer=self._computer(found),
            waiting=found.waiting,
            is_empty=running is None and not found.planned,
            can_see_all_customers=self._sees_all,
            all_customers_error=self._error,
        )
        if state != self.state:
            self.state = state
            self.changed()

    def _is_for_today(self, planned: tuple[Visit, ...]) -> bool:
        start = planned[0].planned_start_at if planned else None
        return start is not None and self._day(start) == self._world.today

    def _sentence(self, found: _Found) -> str:
        today = self._world.today
        count = sum(1 for v in found.planned if v.planned_start_at and self._day(v.planned_start_at) == today)
        count += found.running is not None
        if not count:
            return _("No visits planned. Nothing you enter is lost: it is stored on this device first.")
        return ngettext(
            "{n} visit today. Nothing you enter is lost: it is stored on this device first.",
            "{n} visits today. Nothing you enter is lost: it is stored on this device first.",
            count,
        )

    def _clock_warning(self) -> Notice | None:
        now = self._world.clock.now()
        if not is_plausible(now):
            return Notice(
                kind="watch",
                title=_("This computer’s clock looks wrong: {day}", day=i18n.day(now.date())),
                text=_(
                    "Set it if you may. Until then the office sees the times of a visit as uncertain; how long work took "
                    "is right all the same, and what waits to be sent stays here."
                ),
            )
        return None

    def _waits_long(self, found: _Found) -> Notice | None:
        now = self._world.clock.now()
        if found.oldest_at is not None and now - found.oldest_at > LONG_WAIT:
            days = (now - found.oldest_at).days
            return Notice(
                kind="watch",
                title=ngettext("Changes have waited {n} day", "Changes have waited {n} days", days),
                text=_("They are safe and encrypted here. Send them when the office can be reached."),
                action_label=_("Open sync"),
                action="sync",
            )
        return None

    def _running(self, bundle: VisitBundle) -> RunningVisit:
        visit = bundle.visit
        done = sum(
            (
                visit.arrived_at is not None,
                any(run.phase is Phase.BEFORE for run in bundle.whole_runs),
                bool(bundle.activities),
                bool(bundle.follow_ups),
                any(run.phase is Phase.AFTER for run in bundle.whole_runs),
                visit.work_state in (WorkState.SIGNED, WorkState.SIGNOFF_WAIVED),
            )
        )
        since = i18n.clock(visit.arrived_at, self._zone()) if visit.arrived_at else ""
        person = bundle.contact.name if bundle.contact else ""
        return RunningVisit(
            visit_id=visit.id,
            share=done / _STEPS,
            ring_text=f"{done}/{_STEPS}",
            tag=_("Under way since {time}", time=since) if since else _("Under way"),
            customer=bundle.customer_name or _("Customer not named yet"),
            line=" · ".join(part for part in (person, " ".join(visit.purpose.split())[:160]) if part),
            button=_("Continue the visit"),
        )

    def _visit_row(self, visit: Visit, found: _Found) -> VisitRow:
        customer = found.customers.get(visit.customer_id)
        site = found.sites.get(visit.site_id or "")
        contact = found.contacts.get(visit.contact_id or "")
        start, end = visit.planned_start_at, visit.planned_end_at
        day = ""
        if start is not None:
            on = self._day(start)
            if end is not None and end > start and on == self._world.today:
                day = i18n.minutes(round((end - start).total_seconds() / 60))
            elif on != self._world.today:
                day = i18n.day(on, style="medium")
        place = ", ".join(part for part in ((site.street, site.town) if site else ()) if part)
        parts = (contact.name if contact else "", place, " ".join(visit.purpose.split())[:120])
        return VisitRow(
            visit_id=visit.id,
            time=i18n.clock(start, self._zone()) if start else _("open"),
            duration=day,
            customer=customer.display_name
            if customer
            else (_("Customer removed") if visit.customer_id else _("Customer not named yet")),
            line=" · ".join(part for part in parts if part),
            kinds=tuple(
                (spec_for(kind).icon, _(spec_for(kind).title))
                for kind in visit.planned_kinds
                if is_known(kind)
            ),
        )

    def _promise_row(self, promise: FollowUp, found: _Found, today: date) -> PromiseRow:
        customer = found.customers.get(promise.customer_id)
        due_on = promise.due_on or today
        if due_on < today:
            due = _("overdue since {day}", day=i18n.day(due_on, style="medium"))
        elif due_on == today:
            due = _("due today")
        else:
            due = _("due on {day}", day=i18n.day(due_on, style="medium"))
        return PromiseRow(
            id=promise.id,
            title=promise.text,
            line=" · ".join(part for part in (customer.display_name if customer else "", due) if part),
            is_due=due_on <= today,
        )

    def _computer(self, found: _Found) -> Computer:
        this, is_own = self._this, self._world.is_own_computer
        asset = next((a for a in found.assets if a.id == self._asset_id), None)
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

    def _zone(self) -> tzinfo:
        return self._world.clock.zone()

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone()).date()


def _questions(count: int) -> Notice | None:
    if not count:
        return None
    return Notice(
        kind="watch",
        title=ngettext("The office has {n} question", "The office has {n} questions", count),
        text=_("Your answer goes out with the next sync."),
        action_label=_("Show the questions"),
        action="sync",
    )


def _ids(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _by_id(records: Iterable[R]) -> dict[str, R]:
    return {record.id: record for record in records}
