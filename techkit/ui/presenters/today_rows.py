"""What Today shows, in words: the running visit, planned ones, promises, what waits, and the notice above them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.assets import Phase
from techkit.records.bundle import VisitBundle
from techkit.records.schema import is_known, spec_for
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState, is_plausible
from techkit.ui.presenters.choices import Notice, Proposal
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.kept_typing import Draft
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.today_plan import Plan

#: Steps of a visit, for the ring.
_STEPS = 6

#: Changes that wait longer ask to be sent. Source: the design, principle 2.
LONG_WAIT = timedelta(days=3)


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
class Waiting:
    """What waits to be sent."""

    count: int = 0
    kinds_line: str = ""
    last_line: str = ""


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


#: So much of what was typed is shown to know it again, in characters.
_BEGINS = 80


@dataclass(frozen=True, kw_only=True)
class TypedRow:
    """A form with what was typed and not saved; key: of the draft."""

    key: str
    title: str
    line: str


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
    typed: tuple[TypedRow, ...] = ()


def running(world: Surroundings, bundle: VisitBundle) -> RunningVisit:
    """Return the visit under way."""
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
    since = i18n.clock(visit.arrived_at, world.clock.zone()) if visit.arrived_at else ""
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


def planned(world: Surroundings, visit: Visit, found: Plan) -> VisitRow:
    """Return the row of a planned visit."""
    customer = found.customers.get(visit.customer_id)
    site = found.sites.get(visit.site_id or "")
    contact = found.contacts.get(visit.contact_id or "")
    start, end = visit.planned_start_at, visit.planned_end_at
    day = ""
    if start is not None:
        on = _day(world, start)
        if end is not None and end > start and on == world.today:
            day = i18n.minutes(round((end - start).total_seconds() / 60))
        elif on != world.today:
            day = i18n.day(on, style="medium")
    place = ", ".join(part for part in ((site.street, site.town) if site else ()) if part)
    parts = (contact.name if contact else "", place, " ".join(visit.purpose.split())[:120])
    return VisitRow(
        visit_id=visit.id,
        time=i18n.clock(start, world.clock.zone()) if start else _("open"),
        duration=day,
        customer=customer.display_name
        if customer
        else (_("Customer removed") if visit.customer_id else _("Customer not named yet")),
        line=" · ".join(part for part in parts if part),
        kinds=tuple(
            (spec_for(kind).icon, _(spec_for(kind).title)) for kind in visit.planned_kinds if is_known(kind)
        ),
    )


def promised(promise: FollowUp, found: Plan, today: date) -> PromiseRow:
    """Return the row of a promise."""
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


def waiting(found: Plan) -> Waiting:
    """Return what waits to be sent, by its three most frequent kinds."""
    kinds = []
    for kind, count in found.waiting:
        if is_known(kind):
            spec = spec_for(kind)
            kinds.append(f"{i18n.number(count)} {_(spec.title if count == 1 else spec.plural)}")
    return Waiting(
        count=found.waiting_count,
        kinds_line=" · ".join(kinds[:3]) if found.waiting_count else _("Nothing is waiting."),
    )


def sentence(world: Surroundings, found: Plan) -> str:
    """Return the day in a sentence."""
    today = world.today
    count = sum(1 for v in found.planned if v.planned_start_at and _day(world, v.planned_start_at) == today)
    count += found.running is not None
    if not count:
        return _("No visits planned. Nothing you enter is lost: it is stored on this device first.")
    return ngettext(
        "{n} visit today. Nothing you enter is lost: it is stored on this device first.",
        "{n} visits today. Nothing you enter is lost: it is stored on this device first.",
        count,
    )


def is_for_today(world: Surroundings, visits: tuple[Visit, ...]) -> bool:
    """Return whether the first of these visits is planned for today."""
    start = visits[0].planned_start_at if visits else None
    return start is not None and _day(world, start) == world.today


def banner(world: Surroundings, found: Plan) -> Notice | None:
    """Return the one notice above the page: a wrong clock, else the office's questions, else what waits for long."""
    return _clock_warning(world) or _questions(found.open_questions) or _waits_long(world, found)


def _clock_warning(world: Surroundings) -> Notice | None:
    now = world.clock.now()
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


def _waits_long(world: Surroundings, found: Plan) -> Notice | None:
    now = world.clock.now()
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


def _day(world: Surroundings, moment: datetime) -> date:
    return moment.astimezone(world.clock.zone()).date()


def typed(draft: Draft) -> TypedRow:
    """Return what was typed into a form and not saved: where, and how it begins."""
    form = EntryForm(draft.kind)
    form.restore(draft.typed)
    words = form.words
    where = " · ".join(part for part in (draft.whose[:80], _(spec_for(draft.kind).title)) if part)
    begins = f"{words[:_BEGINS].rstrip()} …" if len(words) > _BEGINS else words
    return TypedRow(
        key=draft.key,
        title=_("Typed and not saved: {where}", where=where),
        line=_("“{words}” is still here.", words=begins) if begins else _("It is still here."),
    )
