"""The visit list: its views, the filter its address is, its pages and counts, and what its menus offer.

It is read in keyset pages. A cursor condition is written `a <= x AND (a < x OR b < y)`: the form
`a < x OR (a = x AND b < y)` makes SQLite and PostgreSQL read the whole table.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT

from techkit.central import bundles, projection, reports
from techkit.central.models import Record as Row
from techkit.central.models import (
    User,
    VisitRow,
)
from techkit.central.projection import folded
from techkit.i18n import N_, _
from techkit.records.activities import ACTIVITY_KINDS
from techkit.records.health import LOW_RATING
from techkit.records.schema import spec_for
from techkit.records.visit import OUTCOMES, REVIEW_STATES, Outcome, ReviewState

#: Rows on one page of the visit list.
PAGE_SIZE = 25

#: Above this a count reads "1,000+": an exact total of a large table costs more than it tells.
COUNT_LIMIT = 1000

#: Filters of the address that are exact words.
WORDS = ("technician", "customer", "asset", "kind", "outcome", "state", "flag", "finding", "centre", "payer")

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
COLUMNS = ("flags", "when", "technician", "work", "findings", "charge")


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
            since=reports.as_day(query.get("from", "")),
            until=reports.as_day(query.get("to", "")),
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


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """One page of the visit list; next_cursor is "" on the last one."""

    rows: tuple[VisitRow, ...]
    next_cursor: str


def visits(
    user: User, asked: Filter, cursor: str = "", zone: ZoneInfo | None = None, size: int = PAGE_SIZE
) -> VisitPage:
    """Return a page of visits: a queue by what needs a person most, other views newest first."""
    rows = _selected(user.org_id, asked, zone or reports.office_zone(user))
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
    rows = _selected(user.org_id, asked, reports.office_zone(user))
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
    zone = reports.office_zone(user)
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
    if name == "customer":
        key = bundles.as_uuid(word)
        return Q(customer_id__in=bundles.with_merged(org_id, key) if key else ())
    if name == "asset":
        return _of_computer(org_id, word)
    return {
        "technician": Q(technician_name=word),
        "kind": Q(kinds__contains=f" {word} "),
        "outcome": Q(outcome=word),
        "state": Q(review_state=word),
        "flag": Q(flag_rules__contains=f" {word} "),
        "finding": Q(finding_checks__contains=f" {word} "),
    }[name]


def _of_computer(org_id: int, word: str) -> Q:
    """Return the condition for the visits to a computer, be it the first of several; those of its merged entries are among them."""
    key = bundles.as_uuid(word)
    own = Row.objects.filter(org_id=org_id, entity="asset", entity_id=key).first() if key else None
    if key is None or own is None or own.customer_id is None:
        return Q(asset_id=key or uuid.UUID(int=0))
    family = bundles.family(org_id, own.customer_id)
    named = Q()
    for one in bundles.same_computers(org_id, str(key), family):
        named |= Q(state__asset_ids__icontains=one)
    rows = Row.objects.filter(org_id=org_id, entity="visit", customer_id__in=family, deleted=False)
    return Q(customer_id__in=family, id__in=rows.filter(named).values("entity_id"))


def _of_centre(rows: QuerySet[Row], centre_id: str) -> Q:
    """Return the condition for visits of which a cost centre bears a share, or on which something was booked."""
    bearing = rows.filter(entity__in=("allocation", "cost_entry"), state__cost_centre_id=centre_id)
    return Q(id__in=bearing.values("visit_id"))


def _cursor_of(row: VisitRow, is_queue: bool) -> str:
    moment = row.received_at if is_queue else row.started_at
    first = f"{row.priority}_" if is_queue else ""
    at = moment.isoformat().replace("+00:00", "Z")  # an address reads a plus as a blank
    return f"{first}{at}_{row.id.hex}"


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
    if moment.tzinfo is None or reports.as_day(moment.date().isoformat()) is None:
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
    "order_number_missing": N_("Order number missing"),
    "signed_amount_differs": N_("Sum changed after signing"),
    "signer_may_not_sign": N_("Signed by somebody else"),
    "photo_with_place": N_("Photo tells the place"),
    "time_uncertain": N_("Clock was changed"),
    "quote_expired": N_("Quote ran out"),
    "centre_not_valid": N_("Cost centre not in use that day"),
    "duplicate_visit": N_("May be entered twice"),
    "purchase_over_budget": N_("Purchase above a budget"),
    "above_approval_limit": N_("Above the approval limit"),
    "mixed_currency": N_("Two currencies"),
}


def rule_label(rule: str) -> str:
    """Return a flag rule in a few words; a rule of a newer techkit by its own name."""
    return _(RULE_LABELS[rule]) if rule in RULE_LABELS else rule.replace("_", " ").capitalize()


# --- one visit -------------------------------------------------------------------------------------------
