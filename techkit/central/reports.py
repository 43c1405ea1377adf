"""What pages ask: queries, figures, and the trail of who looked.

Pages hold no query of their own; each function here names the organisation first, so that nothing
of another one can be reached by any page.

The visit list is read in keyset pages. A cursor condition is written `a <= x AND (a < x OR b < y)`:
the form `a < x OR (a = x AND b < y)` makes SQLite and PostgreSQL read the whole table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT

from techkit.central import accounts, attachments, audit, bundles, folding, projection
from techkit.central.models import (
    Attachment,
    Conflict,
    Device,
    EnrolCode,
    RefusedOp,
    User,
    VisitRow,
)
from techkit.central.models import Record as Row
from techkit.central.projection import folded
from techkit.i18n import N_, _
from techkit.records import merging
from techkit.records.activities import ACTIVITY_KINDS
from techkit.records.bundle import VisitBundle
from techkit.records.health import LOW_RATING
from techkit.records.merging import FieldConflict
from techkit.records.review import LeftChoice
from techkit.records.schema import Record, spec_for, spec_of
from techkit.records.success import FollowUp
from techkit.records.visit import OUTCOMES, REVIEW_STATES, Outcome, ReviewState

#: Rows on one page of the visit list.
PAGE_SIZE = 25

#: Above this a count reads "1,000+": an exact total of a large table costs more than it tells.
COUNT_LIMIT = 1000

#: Filters of the address that are exact words.
WORDS = ("technician", "customer", "asset", "kind", "outcome", "state", "flag", "centre", "payer")

#: Names one menu of the visit list offers; others are found by the search.
MENU_SIZE = 40


@dataclass(frozen=True, kw_only=True)
class View:
    """A ready view of the visit list: its name in the address, its label, what it selects."""

    name: str
    label: str
    condition: Q
    is_queue: bool = False


_WAITING = Q(needs_review=True)
VIEWS = (
    View(name="needs-me", label=N_("Needs me"), condition=_WAITING, is_queue=True),
    View(
        name="clean",
        label=N_("Without flags"),
        condition=_WAITING & Q(flag_count=0, open_query_count=0),
        is_queue=True,
    ),
    View(
        name="asked",
        label=N_("Questions waiting"),
        condition=Q(open_query_count__gt=0),
    ),
    View(
        name="to-book",
        label=N_("Not booked"),
        condition=Q(review_state=ReviewState.APPROVED, work_state__in=projection.ARRIVED),
    ),
    View(name="low-rating", label=N_("Low rating"), condition=Q(rating__lte=LOW_RATING, rating__gte=1)),
    View(name="conflicts", label=N_("Conflicts"), condition=Q(conflict_count__gt=0)),
    View(name="all", label=N_("All"), condition=Q()),
)


#: Columns of the list that can be put away: all but the visit's customer and its state.
COLUMNS = ("flags", "when", "technician", "work", "findings")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the address of the visit list asks for; the address is the filter, so it can be shared.

    hidden: columns of the list that are put away, of COLUMNS; kept with a view as all else is.
    """

    view: str = "needs-me"
    text: str = ""
    since: date | None = None
    until: date | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filter:
        """Return the filter of a query string; what it does not understand it leaves out."""
        view = query.get("view", "needs-me")
        return cls(
            view=view if any(view == known.name for known in VIEWS) else "needs-me",
            text=query.get("q", "").strip()[:200],
            since=as_day(query.get("from", "")),
            until=as_day(query.get("to", "")),
            words={name: query[name][:200] for name in WORDS if query.get(name)},
            hidden=tuple(name for name in COLUMNS if name in query.get("hide", "")[:200].split(".")),
        )

    def to_query(self, **changes: str) -> str:
        """Return the query string of this filter with some words changed ("" takes one away)."""
        shown = {"view": self.view, "q": self.text, **self.words, "hide": ".".join(self.hidden)}
        if self.since:
            shown["from"] = self.since.isoformat()
        if self.until:
            shown["to"] = self.until.isoformat()
        shown |= changes
        return urlencode({name: text for name, text in shown.items() if text})

    def toggled(self, column: str) -> str:
        """Return the query string with a column of the list put away, or shown again where it is."""
        hidden = [name for name in COLUMNS if (name in self.hidden) is not (name == column)]
        return self.to_query(hide=".".join(hidden))

    @property
    def is_narrowed(self) -> bool:
        """Return whether anything beyond the view is asked for."""
        return bool(self.text or self.words or self.since or self.until)

    @property
    def chosen_view(self) -> View:
        """Return the view."""
        return next(view for view in VIEWS if view.name == self.view)


#: The days an address may name: at the ends of the calendar no zone and no next month could be reckoned.
_DAYS = (date(1900, 1, 1), date(2999, 12, 31))


def as_day(text: str) -> date | None:
    """Return the day an address names; None for what is no day, or one nobody can mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _DAYS[0] <= day <= _DAYS[1] else None


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """One page of the visit list; next_cursor is "" on the last one."""

    rows: tuple[VisitRow, ...]
    next_cursor: str


def be_current(user: User) -> None:
    """Make the rows that what follows reads; costs one small query when nothing has changed."""
    projection.catch_up(user.org_id)


def visits(
    user: User, asked: Filter, cursor: str = "", zone: ZoneInfo | None = None, size: int = PAGE_SIZE
) -> VisitPage:
    """Return a page of visits: a queue by what needs a person most, other views newest first."""
    rows = _selected(user.org_id, asked, zone or office_zone(user))
    is_queue = asked.chosen_view.is_queue
    rows = rows.order_by(*(("priority", "received_at", "id") if is_queue else ("-started_at", "-id")))
    place = _cursor_place(cursor, is_queue)
    if place is not None:
        rows = rows.filter(place)
    found = list(rows[: size + 1])
    more = _cursor_of(found[size - 1], is_queue) if len(found) > size else ""
    return VisitPage(rows=tuple(found[:size]), next_cursor=more)


def neighbours(user: User, asked: Filter, visit_id: str) -> tuple[str, str, int, int]:
    """Return the ids before and after a visit in a filtered list, its place in it and their number.

    Looks at the first COUNT_LIMIT rows only; place 0 when the visit is not among them.
    """
    rows = _selected(user.org_id, asked, office_zone(user))
    order = ("priority", "received_at", "id") if asked.chosen_view.is_queue else ("-started_at", "-id")
    ids = [str(held) for held in rows.order_by(*order).values_list("id", flat=True)[:COUNT_LIMIT]]
    if visit_id not in ids:
        return "", (ids[0] if ids else ""), 0, len(ids)
    place = ids.index(visit_id)
    return (
        ids[place - 1] if place else "",
        ids[place + 1] if place + 1 < len(ids) else "",
        place + 1,
        len(ids),
    )


def view_counts(user: User, asked: Filter) -> dict[str, int]:
    """Return how many visits each view holds under the same filters, at most COUNT_LIMIT + 1."""
    zone = office_zone(user)
    return {
        view.name: len(
            _selected(user.org_id, replace(asked, view=view.name), zone).values_list("id")[: COUNT_LIMIT + 1]
        )
        for view in VIEWS
    }


def waiting_count(user: User) -> int:
    """Return how many visits need a member of staff, at most COUNT_LIMIT + 1."""
    return len(VisitRow.objects.filter(org_id=user.org_id, needs_review=True).values_list("id")[:1001])


def oldest_waiting(user: User) -> datetime | None:
    """Return when the visit that has waited longest arrived."""
    row = VisitRow.objects.filter(org_id=user.org_id, needs_review=True).order_by("received_at").first()
    return row.received_at if row else None


def rows_by_id(user: User, ids: list[str]) -> dict[str, VisitRow]:
    """Return the rows of some visits by id; unknown ones are missing."""
    wanted = [held for held in map(bundles.as_uuid, ids[:500]) if held]
    return {str(row.id): row for row in VisitRow.objects.filter(org_id=user.org_id, id__in=wanted)}


def _selected(org_id: int, asked: Filter, zone: ZoneInfo) -> QuerySet[VisitRow]:
    rows = VisitRow.objects.filter(asked.chosen_view.condition, org_id=org_id)
    for word in folded(asked.text).split():
        rows = rows.filter(search_text__contains=word)
    if asked.since:
        rows = rows.filter(started_at__gte=datetime.combine(asked.since, time.min, zone))
    if asked.until:
        rows = rows.filter(started_at__lt=datetime.combine(asked.until + timedelta(days=1), time.min, zone))
    for name, word in asked.words.items():
        rows = rows.filter(_word_condition(org_id, name, word))
    return rows


def _word_condition(org_id: int, name: str, word: str) -> Q:
    if name in ("centre", "payer"):
        rows = Row.objects.filter(org_id=org_id, deleted=False)
        if name == "payer":
            return Q(id__in=rows.filter(entity="visit", state__payer_id=word).values("entity_id"))
        return _of_centre(rows, word)
    if name in ("customer", "asset"):
        return Q(**{f"{name}_id": bundles.as_uuid(word) or uuid.UUID(int=0)})
    return {
        "technician": Q(technician_name=word),
        "kind": Q(kinds__contains=f" {word} "),
        "outcome": Q(outcome=word),
        "state": Q(review_state=word),
        "flag": Q(flag_rules__contains=f" {word} "),
    }[name]


def _of_centre(rows: QuerySet[Row], centre_id: str) -> Q:
    """Return the condition for visits of which a cost centre bears a share, or on which something was booked."""
    bearing = rows.filter(entity__in=("allocation", "cost_entry"), state__cost_centre_id=centre_id)
    return Q(id__in=bearing.values("visit_id"))


def _cursor_of(row: VisitRow, is_queue: bool) -> str:
    moment = row.received_at if is_queue else row.started_at
    first = f"{row.priority}_" if is_queue else ""
    return f"{first}{moment.isoformat()}_{row.id.hex}"


def _cursor_place(cursor: str, is_queue: bool) -> Q | None:
    """Return the condition for rows behind a cursor; None for a cursor that cannot be read."""
    parts = cursor.split("_")
    try:
        if is_queue:
            rank, moment, held = int(parts[0]), _moment(parts[1]), uuid.UUID(parts[2])
            later = Q(received_at__gt=moment) | Q(received_at=moment, id__gt=held)
            return Q(priority__gte=rank) & (Q(priority__gt=rank) | later)
        moment, held = _moment(parts[0]), uuid.UUID(parts[1])
        return Q(started_at__lte=moment) & (Q(started_at__lt=moment) | Q(id__lt=held))
    except (ValueError, IndexError):
        return None


def _moment(text: str) -> datetime:
    """Return the instant a cursor names. Raises: ValueError for none, or one no visit can have."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or as_day(moment.date().isoformat()) is None:
        raise ValueError(text)
    return moment


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One entry of a filter's menu."""

    value: str
    label: str


def filter_choices(user: User) -> dict[str, list[Choice]]:
    """Return what each filter of the visit list offers: names from the visits themselves."""
    rows = VisitRow.objects.filter(org_id=user.org_id)
    technicians = rows.exclude(technician_name="").values_list("technician_name", flat=True)
    customers = rows.exclude(customer_id=None).values_list("customer_id", "customer_name")
    raised = rows.exclude(flag_rules="").values_list("flag_rules", flat=True)
    rules = sorted({rule for text in raised.distinct()[:200] for rule in text.split()})
    return {
        "technician": [
            Choice(value=n, label=n) for n in technicians.distinct().order_by("technician_name")[:MENU_SIZE]
        ],
        "customer": [
            Choice(value=str(held), label=name)
            for held, name in customers.distinct().order_by("customer_name")[:MENU_SIZE]
        ],
        "kind": [Choice(value=kind, label=_(spec_for(kind).title)) for kind in ACTIVITY_KINDS],
        "flag": [Choice(value=rule, label=rule_label(rule)) for rule in rules],
        "outcome": [Choice(value=o.value, label=_(OUTCOMES[o])) for o in Outcome],
        "state": [Choice(value=s.value, label=_(REVIEW_STATES[s])) for s in ReviewState],
        "centre": _named(user, "cost_centre", "code"),
        "payer": _named(user, "payer", "name"),
    }


def _named(user: User, kind: str, name: str) -> list[Choice]:
    rows = Row.objects.filter(org_id=user.org_id, entity=kind, deleted=False)
    words = KT(
        f"state__{name}"
    )  # a text on both databases; SQLite would give a code such as "4100.10" as a number
    named = rows.order_by(words, "entity_id").values_list("entity_id", words)[:MENU_SIZE]
    return [Choice(value=str(held), label=(label or "–")[:60]) for held, label in named]


#: The rules of records/flags.py in a few words, for columns and filters.
RULE_LABELS = {
    "claim_not_proven": N_("Claim not proven"),
    "unclaimed_change": N_("Change without an entry"),
    "no_after_run": N_("No check after the work"),
    "overlapping_labour": N_("Times overlap"),
    "labour_before_arrival": N_("Work before arrival"),
    "labour_after_sign_off": N_("Work after signing"),
    "long_labour": N_("Very long time"),
    "signature_missing": N_("Signature missing"),
    "edited_after_signing": N_("Changed after signing"),
    "expense_without_receipt": N_("Receipt missing"),
    "part_without_price": N_("Price missing"),
    "contract_not_in_force": N_("Contract not in force"),
    "allocation_not_whole": N_("Shares are not 100 %"),
    "budget_warn": N_("Budget nearly used up"),
    "budget_stop": N_("Budget used up"),
    "private_words": N_("Private words on the paper"),
    "attendance_without_skill": N_("Skill not judged"),
    "no_cost_centre": N_("No cost centre"),
}


def rule_label(rule: str) -> str:
    """Return a flag rule in a few words; a rule of a newer techkit by its own name."""
    return _(RULE_LABELS[rule]) if rule in RULE_LABELS else rule.replace("_", " ").capitalize()


# --- one visit -------------------------------------------------------------------------------------------


def visit(user: User, visit_id: str) -> bundles.Loaded | None:
    """Return all that belongs to a visit, or None; that it was read is kept in the audit trail."""
    loaded = bundles.load(user.org_id, visit_id)
    if loaded is not None:
        audit.append_for(user, "visit.read", "visit", visit_id)
    return loaded


def visit_row(user: User, visit_id: str) -> VisitRow | None:
    """Return the list's row of a visit."""
    held = bundles.as_uuid(visit_id)
    return VisitRow.objects.filter(org_id=user.org_id, id=held).first() if held else None


@dataclass(frozen=True, kw_only=True)
class OpenConflict:
    """A field with two or more values to decide between: whose record, and who wrote what when.

    kind, record: the record as a bundle holds it. The first side is the one that holds meanwhile.
    left: a technician's word that the office shall choose.
    """

    id: uuid.UUID
    kind: str
    record: Record
    found: FieldConflict
    left: LeftChoice | None = None


def conflicts(user: User, bundle: VisitBundle) -> list[OpenConflict]:
    """Return the undecided conflicts of a visit, its customer, people, place and computers."""
    undecided = Conflict.objects.filter(
        org_id=user.org_id, entity_id__in=set(projection.concerned(bundle)), decided_by_op=None
    )
    by_field = {(row.entity_id, row.field): row.pk for row in undecided.order_by("found_at")}
    words = _left_choices(user, bundle.visit.customer_id) if by_field else {}
    found = []
    for row in Row.objects.filter(org_id=user.org_id, entity_id__in={held for held, _field in by_field}):
        state = merging.load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
        for one in merging.conflicts(state):
            conflict_id = by_field.get((row.entity_id, one.field))
            if conflict_id is not None:
                record = next(iter(bundles.decoded([row])))
                left = words.get(str(conflict_id))
                found.append(
                    OpenConflict(id=conflict_id, kind=row.entity, record=record, found=one, left=left)
                )
    return found


def _left_choices(user: User, customer_id: str) -> dict[str, LeftChoice]:
    """Return the last word that leaves a conflict of this customer to the office, by the conflict's id."""
    rows = Row.objects.filter(
        org_id=user.org_id,
        customer_id=bundles.as_uuid(customer_id),
        entity=spec_of(LeftChoice).kind,
        deleted=False,
    )
    words = (held for held in bundles.decoded(rows.order_by("seq")) if isinstance(held, LeftChoice))
    return {conflict: word for word in words for conflict in word.conflicts}


def signed_paper(user: User, bundle: VisitBundle) -> bytes | None:
    """Return the bytes of the summary as it was signed, once the device has sent that file."""
    for held in reversed(bundle.attachments):
        if held.purpose != "summary":
            continue
        row = Attachment.objects.filter(org_id=user.org_id, sha256=held.sha256, is_complete=True).first()
        if row is not None:
            return b"".join(attachments.read(row))
    return None


def stored_files(user: User, hashes: Iterable[str]) -> dict[str, Attachment]:
    """Return what the service knows of files, by hash; those never announced are left out."""
    rows = Attachment.objects.filter(org_id=user.org_id, sha256__in=set(hashes))
    return {row.sha256: row for row in rows}


def page_photos(user: User, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return the photos of a customer's page by hash; those that have not arrived are left out."""
    found = stored_files(user, hashes)
    return {sha256: b"".join(attachments.read(row)) for sha256, row in found.items() if row.is_complete}


# --- devices ------------------------------------------------------------------------------------------------


def devices(user: User) -> list[Device]:
    """Return the devices, the one that spoke last first."""
    rows = Device.objects.filter(org_id=user.org_id).select_related("technician", "revoked_by")
    return sorted(rows, key=lambda d: d.last_seen_at or d.enrolled_at, reverse=True)


def device(user: User, device_id: str) -> Device | None:
    """Return one device."""
    held = bundles.as_uuid(device_id)
    if held is None:
        return None
    rows = Device.objects.filter(org_id=user.org_id, id=held)
    return rows.select_related("technician", "revoked_by", "org").first()


def open_codes(user: User) -> list[EnrolCode]:
    """Return the enrolment codes that still wait for their device, newest first."""
    rows = EnrolCode.objects.filter(org_id=user.org_id, used_at=None, expires_at__gt=datetime.now(UTC))
    return list(rows.select_related("technician", "created_by").order_by("-created_at"))


def staff(user: User) -> list[User]:
    """Return the members of staff by name."""
    return sorted(User.objects.filter(org_id=user.org_id, is_active=True), key=lambda u: u.shown_name)


def member(user: User, staff_id: str) -> User | None:
    """Return a member of staff by the id records know the person by."""
    held = bundles.as_uuid(staff_id)
    return User.objects.filter(org_id=user.org_id, staff_id=held).first() if held else None


# --- figures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The overview: every figure with the number it is a share of and the address of its rows.

    days: (day, {group of kinds: visits}) of the period, every day present.
    """

    since: date
    until: date
    visit_count: int
    no_access_count: int
    waiting_count: int
    oldest_waiting_at: datetime | None
    asked_count: int
    rated_count: int
    content_count: int
    overdue_count: int
    due_today_count: int
    oldest_overdue: FollowUp | None
    days: tuple[tuple[date, dict[str, int]], ...]
    rules: tuple[tuple[str, int], ...]


#: Kinds of work drawn as one colour; a visit counts once, for the first of its kinds found here.
GROUPS: dict[str, tuple[str, ...]] = {
    "fault": ("troubleshooting",),
    "change": ("install", "upgrade", "maintenance", "data_care"),
    "learn": ("training", "information_lookup"),
    "plan": ("needs_analysis", "purchase_assistance", "supply_use"),
}
GROUP_LABELS = {
    "fault": N_("Troubleshooting"),
    "change": N_("Installation, upgrade, care"),
    "learn": N_("Training, information"),
    "plan": N_("Needs, purchase, supplies"),
    "": N_("No entry"),
}


def figures(user: User, since: date, until: date) -> Figures:
    """Return the overview of a period of days, both included, in the office's time zone."""
    zone = office_zone(user)
    rows = VisitRow.objects.filter(
        org_id=user.org_id,
        started_at__gte=datetime.combine(since, time.min, zone),
        started_at__lt=datetime.combine(until + timedelta(days=1), time.min, zone),
    )
    days: dict[date, dict[str, int]] = {
        since + timedelta(days=n): {} for n in range((until - since).days + 1)
    }
    counted: dict[str, int] = {}
    for row in rows.values("started_at", "kinds", "flag_rules"):
        day = days[row["started_at"].astimezone(zone).date()]
        group = _group(row["kinds"])
        day[group] = day.get(group, 0) + 1
        for rule in row["flag_rules"].split():
            counted[rule] = counted.get(rule, 0) + 1
    rated = rows.filter(rating__gte=1).aggregate(n=Count("id"), content=Count("id", filter=Q(rating__gte=4)))
    today = datetime.now(zone).date()
    due = promises(user)
    overdue = [promise for promise in due if promise.due_on and promise.due_on < today]
    return Figures(
        since=since,
        until=until,
        visit_count=rows.count(),
        no_access_count=rows.filter(outcome=Outcome.NO_ACCESS).count(),
        waiting_count=waiting_count(user),
        oldest_waiting_at=oldest_waiting(user),
        asked_count=VisitRow.objects.filter(org_id=user.org_id, open_query_count__gt=0).count(),
        rated_count=rated["n"],
        content_count=rated["content"],
        overdue_count=len(overdue),
        due_today_count=sum(promise.due_on == today for promise in due),
        oldest_overdue=min(overdue, key=lambda p: p.due_on or today, default=None),
        days=tuple(sorted(days.items())),
        rules=tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:8]),
    )


def _group(kinds: str) -> str:
    found = kinds.split()
    return next((name for name, members in GROUPS.items() if any(kind in members for kind in found)), "")


def promises(user: User) -> list[FollowUp]:
    """Return the open follow-ups that are ours, the earliest due first; those without a date last."""
    rows = Row.objects.filter(org_id=user.org_id, entity="follow_up", deleted=False)
    held = [f for f in bundles.decoded(rows) if isinstance(f, FollowUp)]
    ours = [f for f in held if f.state == "open" and not f.is_customers_own]
    return sorted(ours, key=lambda f: (f.due_on or date.max, f.id))


def now() -> datetime:
    """Return the moment pages reckon from."""
    return datetime.now(UTC)


def office_zone(user: User) -> ZoneInfo:
    """Return the time zone of the person's office; UTC when it is set to an unknown one."""
    try:
        return ZoneInfo(user.org.time_zone)
    except (KeyError, ValueError):
        return ZoneInfo("UTC")


# --- what could not be taken, and what waits -------------------------------------------------------------


def kept_aside(user: User, limit: int = 50) -> list[RefusedOp]:
    """Return the newest changes of devices that the service could not take, with their reasons."""
    return list(RefusedOp.objects.filter(org_id=user.org_id).order_by("-received_at", "op_id")[:limit])


def waiting_for_visit(user: User) -> list[tuple[str, int]]:
    """Return (kind, how many) of records whose visit has not arrived yet, by kind."""
    counted: dict[str, int] = {}
    for kind, _record_id, _visit_id in folding.parentless(user.org_id):
        counted[kind] = counted.get(kind, 0) + 1
    return sorted(counted.items())


# --- the service itself --------------------------------------------------------------------------------------


def is_database_answering() -> bool:
    """Return whether the database answers a trivial question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def note_sign_in(user: User, address: str) -> None:
    """Keep in the audit trail that somebody came in."""
    audit.append_for(user, "session.begin", "staff", str(user.staff_id), address=address)


def note_refused_sign_in(username: str, address: str) -> None:
    """Keep in the audit trail that somebody was turned away; the name as typed, cut short."""
    audit.append(
        accounts.the_org().id,
        action="session.refuse",
        actor_kind="nobody",
        actor_name=username[:80],
        address=address,
    )
