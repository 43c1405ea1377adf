"""The list's row of each visit, made from its bundle after something of it changed.

What changed is noted in the transaction that folded it (folding.py); the rows are made before the next
page looks, so that a page never shows a visit and its row apart. A row can always be made again.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from techkit import i18n
from techkit.central import bundles, folding
from techkit.central.bundles import Loaded
from techkit.central.models import ChangedRecord, Conflict, VisitRow
from techkit.central.models import Record as Row
from techkit.records import charges, flags
from techkit.records.activities import ACTIVITY_KINDS
from techkit.records.assets import LabourKind
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Verdict
from techkit.records.health import LOW_RATING
from techkit.records.review import DecisionKind, Flag, Severity
from techkit.records.schema import spec_of
from techkit.records.visit import ReviewState, Visit, WorkState
from techkit.records.wording import search_text

#: Work states of a visit that has reached the office for review.
ARRIVED = (WorkState.SUBMITTED, WorkState.NO_ACCESS)

#: Review states in which a member of staff has to act.
WAITING = (
    ReviewState.RECEIVED,
    ReviewState.IN_REVIEW,
    ReviewState.ANSWERED,
    ReviewState.REOPENED,
)

#: Lines of the queue worked on in one transaction.
_AT_ONCE = 500

#: All columns of a row but its key.
_COLUMNS = [field.attname for field in VisitRow._meta.concrete_fields if field.name != "id"]

#: The longest text a column takes, and the numbers it takes on both databases.
_LONGEST = {
    field.attname: field.max_length
    for field in VisitRow._meta.concrete_fields
    if field.get_internal_type() == "CharField"
}
_RANGES = {
    "PositiveSmallIntegerField": (0, 2**15 - 1),
    "PositiveIntegerField": (0, 2**31 - 1),
    "BigIntegerField": (-(2**63), 2**63 - 1),
}
_BOUNDS = {
    field.attname: _RANGES[field.get_internal_type()]
    for field in VisitRow._meta.concrete_fields
    if field.get_internal_type() in _RANGES
}


def catch_up(org_id: int) -> int:
    """Make the rows of all visits that something was noted of; return how many rows were made."""
    folding.catch_up()
    made = 0
    while ChangedRecord.objects.filter(org_id=org_id).exists():
        with transaction.atomic():
            # Who finds the lines taken waits until their rows are there.
            noted = list(
                ChangedRecord.objects.select_for_update().filter(org_id=org_id).order_by("id")[:_AT_ONCE]
            )
            touched = _touched(org_id, [(line.entity, line.entity_id) for line in noted])
            has_times = any(line.entity in ("labour_segment", "visit") for line in noted)
            left = bundles.rows_around(org_id, touched) if has_times else set()
            made += _make_rows(org_id, touched)
            if has_times:
                made += _make_rows(org_id, (left | _neighbours(org_id, touched)) - touched)
            ChangedRecord.objects.filter(id__in=[line.pk for line in noted]).delete()
    return made


def rebuild(org_id: int) -> int:
    """Make every row of the organisation again; return how many there are."""
    ids = list(Row.objects.filter(org_id=org_id, entity="visit").values_list("entity_id", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        with transaction.atomic():
            _make_rows(org_id, set(ids[start : start + _AT_ONCE]))
    return len(ids)


def _touched(org_id: int, changed: Iterable[tuple[str, uuid.UUID]]) -> set[uuid.UUID]:
    """Return the visits that records belong to: by themselves, by their visit, by their customer."""
    found: set[uuid.UUID] = set()
    others: list[uuid.UUID] = []
    for kind, held in changed:
        if kind == "visit":
            found.add(held)
        else:
            others.append(held)
    customers: set[uuid.UUID] = set()
    rows = Row.objects.filter(org_id=org_id, entity_id__in=others) if others else Row.objects.none()
    for row in rows.values("entity", "entity_id", "visit_id", "customer_id"):
        if row["visit_id"]:
            found.add(row["visit_id"])
        elif row["entity"] == "customer":
            customers.add(row["entity_id"])
        elif row["customer_id"]:
            customers.add(row["customer_id"])
    if customers:
        of_customers = Row.objects.filter(org_id=org_id, entity="visit", customer_id__in=customers)
        found.update(of_customers.values_list("entity_id", flat=True))
    return found


def _neighbours(org_id: int, touched: set[uuid.UUID]) -> set[uuid.UUID]:
    """Return the visits whose times may overlap with those of visits that changed, or that may be one of them."""
    visits = [
        held
        for held in bundles.decoded(Row.objects.filter(org_id=org_id, entity="visit", entity_id__in=touched))
        if isinstance(held, Visit)
    ]
    around = bundles.visits_around(org_id, visits).values()
    return {other for ids in around for other in ids} | bundles.customers_visits_around(org_id, visits)


def _make_rows(org_id: int, visit_ids: set[uuid.UUID]) -> int:
    if not visit_ids:
        return 0
    before = {row.id: row for row in VisitRow.objects.filter(org_id=org_id, id__in=visit_ids)}
    rows = []
    found = bundles.load_many(org_id, visit_ids)
    about = {visit_id: set(concerned(loaded.bundle)) for visit_id, loaded in found.items()}
    undecided = Conflict.objects.filter(
        org_id=org_id, entity_id__in=set().union(*about.values()), decided_by_op=None
    )
    conflicting = list(undecided.values_list("entity_id", flat=True))
    for visit_id, loaded in found.items():
        row = project(loaded, before.get(visit_id))
        row.org_id = org_id
        row.conflict_count = sum(held in about[visit_id] for held in conflicting)
        rows.append(row)
    VisitRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)
    return len(rows)


def concerned(bundle: VisitBundle) -> Iterator[uuid.UUID]:
    """Return the ids of the records whose conflicts concern a visit."""
    single = (bundle.visit, bundle.customer, bundle.site, bundle.contact, bundle.payer)
    for held in (*single, *bundle.assets, *bundle.follow_ups, *bundle.recommendations, *bundle.queries):
        found = bundles.as_uuid(held.id) if held is not None else None
        if found is not None:
            yield found


def project(loaded: Loaded, before: VisitRow | None = None) -> VisitRow:
    """Return the row of a visit, not saved yet. before: the row there was; it knows when the visit came.

    Words in it are the service's own language, whoever's page asked for the row; the sentences of
    flags stand in it in each language.
    """
    with i18n.language(i18n.default()):
        return _projected(loaded, before)


def _projected(loaded: Loaded, before: VisitRow | None) -> VisitRow:
    bundle = loaded.bundle
    visit = bundle.visit
    has_arrived = visit.work_state in ARRIVED
    had_arrived = before is not None and before.work_state in ARRIVED
    came = before.received_at if before and (had_arrived or not has_arrived) else loaded.changed_at
    raised = flags_of(loaded)
    sentences = _in_each_language(loaded, len(raised))
    state = review_state(bundle)
    decided = decision_of(bundle)
    reckoned = charges.charges(bundle)
    rating = bundle.satisfaction[-1].rating if bundle.satisfaction else 0
    row = VisitRow(
        id=uuid.UUID(visit.id),
        number=visit.number,
        customer_id=bundles.as_uuid(visit.customer_id),
        customer_name=bundle.customer.display_name if bundle.customer else "",
        person_name=bundle.contact.name if bundle.contact else "",
        site_id=bundles.as_uuid(visit.site_id),
        asset_id=bundles.as_uuid(visit.asset_ids[0] if visit.asset_ids else None),
        asset_name=", ".join(asset.name for asset in bundle.assets)[:400],
        contract_id=bundles.as_uuid(visit.contract_id),
        technician_name=visit.technician,
        work_state=visit.work_state,
        review_state=state,
        outcome=visit.outcome or "",
        revision=visit.revision,
        kinds=spaced(kinds_of(bundle)),
        started_at=visit.arrived_at or visit.planned_start_at or came,
        ended_at=visit.left_at,
        time_zone=visit.time_zone,
        minutes=minutes_of(bundle),
        net_minor=reckoned.total_minor,
        currency=reckoned.currency,
        findings=findings_of(bundle),
        finding_checks=spaced(found_by(bundle)),
        flags=[
            {
                "rule": flag.rule,
                "severity": flag.severity.value,
                "sentence": flag.sentence,
                "kind": flag.kind,
                "record_id": flag.record_id,
                "in": sentences[place],
            }
            for place, flag in enumerate(raised)
        ],
        flag_rules=spaced(dict.fromkeys(flag.rule for flag in raised)),
        flag_count=sum(flag.severity is not Severity.NOTICE for flag in raised),
        blocking_count=sum(flag.severity is Severity.BLOCKING for flag in raised),
        open_query_count=sum(query.state == "open" for query in bundle.queries),
        answered_query_count=sum(query.state == "answered" for query in bundle.queries),
        rating=rating if 1 <= rating <= 5 else None,
        search_text=folded("\n".join(_words(bundle))),
        received_at=came,
        reviewed_at=decided[1] if decided else None,
        reviewed_by_name=decided[0] if decided else "",
        rev=loaded.rev,
        needs_review=has_arrived and state in WAITING,
    )
    row.priority = priority(row)
    return _fitted(row)


def _fitted(row: VisitRow) -> VisitRow:
    """Return a row with nothing in it that its columns do not take: what a device says has other limits, or none."""
    for name, most in _LONGEST.items():
        setattr(row, name, getattr(row, name)[:most])
    for name, (least, largest) in _BOUNDS.items():
        held = getattr(row, name)
        if held is not None:
            setattr(row, name, min(max(held, least), largest))
    return row


def _in_each_language(loaded: Loaded, count: int) -> list[dict[str, str]]:
    """Return the sentence of each flag by language; flags come in the same order in all of them."""
    found: list[dict[str, str]] = [{} for _n in range(count)]
    if count:
        for tag in i18n.LANGUAGES:
            with i18n.language(tag):
                for place, flag in enumerate(flags_of(loaded)[:count]):
                    found[place][tag] = flag.sentence
    return found


def flags_of(loaded: Loaded) -> tuple[Flag, ...]:
    """Return what the review rules say of a visit, blocking first; nothing before it was submitted."""
    if loaded.bundle.visit.work_state not in ARRIVED:
        return ()
    order = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
    raised = flags.flags(loaded.bundle, other_labour=loaded.other_labour, other_visits=loaded.other_visits)
    return tuple(sorted(raised, key=lambda flag: order[flag.severity]))


def review_state(bundle: VisitBundle) -> ReviewState:
    """Return how far staff are: "question asked" becomes "answered" when no question is open."""
    state = bundle.visit.review_state
    is_open = any(query.state == "open" for query in bundle.queries)
    if is_open and state in (*WAITING, ReviewState.QUERIED):
        return ReviewState.QUERIED
    if state is ReviewState.QUERIED:
        return ReviewState.ANSWERED
    return state


def decision_of(bundle: VisitBundle) -> tuple[str, datetime | None] | None:
    """Return who decided last and when; None before any decision on this revision."""
    for decision in reversed(bundle.decisions):
        if decision.decision in (DecisionKind.APPROVE, DecisionKind.VOID, DecisionKind.POST):
            return decision.by, decision.at
    return None


def kinds_of(bundle: VisitBundle) -> list[str]:
    """Return the kinds of work of a visit, each once, in the order of the tiles."""
    kinds = {spec_of(activity).kind for activity in bundle.activities}
    if bundle.supplies:
        kinds.add("supply_use")
    return [kind for kind in ACTIVITY_KINDS if kind in kinds]


def minutes_of(bundle: VisitBundle) -> int:
    """Return the minutes of work: by the labour clock, else by the entries."""
    labour = charges.labour_minutes(bundle.current_labour(), LabourKind.WORK)
    return labour or sum(activity.minutes for activity in bundle.activities)


def findings_of(bundle: VisitBundle) -> dict[str, int]:
    """Return how many findings of each verdict the last run of each computer gave."""
    counted: dict[str, int] = {}
    last = {run.asset_id: run for run in bundle.whole_runs}
    for run in last.values():
        for finding in run.findings:
            if finding.verdict is not Verdict.NOT_APPLICABLE:
                counted[finding.verdict.value] = counted.get(finding.verdict.value, 0) + 1
    return counted


#: What the name of a check is made of; a device of another make could say anything.
_CHECK_NAME = re.compile(r"[a-z0-9_]{1,60}")


def found_by(bundle: VisitBundle) -> list[str]:
    """Return the checks that found something to do or to watch at the visit, by name, also what was mended at it."""
    return sorted(
        {
            finding.check
            for run in bundle.whole_runs
            for finding in run.findings
            if finding.verdict in (Verdict.ACT, Verdict.WATCH) and _CHECK_NAME.fullmatch(finding.check)
        }
    )


def priority(row: VisitRow) -> int:
    """Return the place in the queue: what needs a person most comes first.

    0 blocking flag, 1 question answered, 2 low rating, 3 other flag, 5 nothing special.
    """
    if row.blocking_count:
        return 0
    if row.review_state == ReviewState.ANSWERED:
        return 1
    if row.rating is not None and row.rating <= LOW_RATING:
        return 2
    return 3 if row.flag_count else 5


def spaced(words: Iterable[str]) -> str:
    """Return words with a space on either side of each, so that one is found by ' word '."""
    joined = " ".join(words)
    return f" {joined} " if joined else ""


def folded(text: str) -> str:
    """Return text for searching: lower case, without accents, compatibility forms joined."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _words(bundle: VisitBundle) -> list[str]:
    """Return what a visit is found by."""
    around = [bundle.customer, bundle.site, bundle.contact, bundle.contract]
    found = [search_text(bundle.visit), bundle.visit.technician]
    found += [search_text(held) for held in around if held is not None]
    found += [search_text(held) for held in (*bundle.assets, *bundle.activities, *bundle.supplies)]
    return [text for text in found if text]
