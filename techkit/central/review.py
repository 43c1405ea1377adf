"""What staff may do to a visit: ask, settle, comment, decide. Never change what a technician wrote.

Every step is written as operations through ingest, so that the technician's device gets it with its
next sync, and leaves a row in the audit trail. A step names the revision (`rev`) it was decided on;
when the visit has moved since, it is refused and nothing happens.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing
from django.db import transaction

from techkit.central import audit, office
from techkit.central.accounts import Right, require
from techkit.central.bundles import Loaded, load
from techkit.central.models import User
from techkit.central.projection import ARRIVED, flags_of, review_state
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import entering, schema
from techkit.records.bundle import VisitBundle
from techkit.records.identity import new_id
from techkit.records.review import Comment, Decision, DecisionKind, Query, Severity
from techkit.records.visit import ReviewState, Visit

#: Seconds within which a bulk approval can be taken back; a little longer than the page shows.
UNDO_S = 10
_UNDO_GRACE_S = 5


def _loaded(user: User, visit_id: str, rev: int | None) -> Loaded:
    require(user, Right.REVIEW)
    found = load(user.org_id, visit_id)
    if found is None:
        raise CentralError(_("There is no such visit."), status=404, advice=_("Go back to the list."))
    if rev is not None and rev != found.rev:
        raise CentralError(
            _("This visit has changed since you opened it."),
            status=409,
            safe=_("Nothing was decided."),
            advice=_("Look at what is new, then decide again."),
        )
    return found


def reasons_against(bundle: VisitBundle) -> list[str]:
    """Return why a visit cannot be approved now, one sentence each; empty when it can."""
    if bundle.visit.work_state not in ARRIVED:
        return [_("The technician has not submitted this visit yet.")]
    state = review_state(bundle)
    if state in (ReviewState.APPROVED, ReviewState.POSTED):
        return [_("This visit is approved already.")]
    if state is ReviewState.VOID:
        return [_("This visit is void.")]
    if any(query.state == "open" for query in bundle.queries):
        return [_("A question is still open.")]
    return []


def blocking_flags(loaded: Loaded) -> list[str]:
    """Return the sentences of the flags that need a written reason before approval."""
    return [flag.sentence for flag in flags_of(loaded) if flag.severity is Severity.BLOCKING]


def reasons_against_bulk(loaded: Loaded) -> list[str]:
    """Return why a visit is left out of a bulk approval, one sentence each; a notice leaves none out."""
    against = reasons_against(loaded.bundle)
    return against or [f.sentence for f in flags_of(loaded) if f.severity is not Severity.NOTICE]


def approve(user: User, visit_id: str, rev: int | None, note: str = "", address: str = "") -> None:
    """Approve one visit.

    note: why, when flags block it. Raises: CentralError 409 when it may not be approved now,
    InputError when a blocking flag needs a written reason.
    """
    loaded = _loaded(user, visit_id, rev)
    bundle = loaded.bundle
    against = reasons_against(bundle)
    if against:
        raise CentralError(against[0], status=409, safe=_("Nothing was decided."))
    blocked = blocking_flags(loaded)
    note = entering.clean_text(note, multiline=True)
    if blocked and not note:
        raise InputError(
            blocked[0],
            field="note",
            safe=_("Nothing was decided."),
            advice=_("Ask the technician, or write why you approve it all the same."),
        )
    _decide(user, bundle, DecisionKind.APPROVE, ReviewState.APPROVED, note, address)


@dataclass(frozen=True, kw_only=True)
class BulkResult:
    """What became of each visit: approved ones, and (visit id, reason) of those left out.

    undo: a token that takes the approvals back for UNDO_S seconds, "" when there is nothing to.
    """

    approved: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    undo: str


def approve_many(user: User, chosen: Sequence[tuple[str, int]], address: str = "") -> BulkResult:
    """Approve visits (id, rev) that have no flag and no open question; leave the others out and say why."""
    approved: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for visit_id, rev in chosen:
        try:
            loaded = _loaded(user, visit_id, rev)
            bundle = loaded.bundle
            against = reasons_against_bulk(loaded)
            if against:
                left_out.append((visit_id, against[0]))
                continue
            before = bundle.visit.review_state.value
            _decide(user, bundle, DecisionKind.APPROVE, ReviewState.APPROVED, "", address)
            approved.append((visit_id, before))
        except CentralError as refused:
            if refused.status == 403:
                raise
            left_out.append((visit_id, refused.title))
    undo = signing.dumps([str(user.staff_id), approved], salt="bulk-approve") if approved else ""
    return BulkResult(approved=tuple(v for v, _s in approved), left_out=tuple(left_out), undo=undo)


def undo_many(user: User, token: str, address: str = "") -> int:
    """Take a bulk approval back; return how many visits wait again.

    The approvals stay in the history, followed by their reopening. Raises: CentralError 410 later
    than UNDO_S.
    """
    require(user, Right.REVIEW)
    try:
        staff_id, approved = signing.loads(token, salt="bulk-approve", max_age=UNDO_S + _UNDO_GRACE_S)
    except signing.BadSignature as error:
        raise CentralError(
            _("It is too late to take this back at once."),
            status=410,
            safe=_("The visits stay approved."),
            advice=_("Open a visit and choose “Reopen”."),
        ) from error
    if staff_id != str(user.staff_id):
        raise CentralError(_("Only who approved can take it back."), status=403)
    for visit_id, before in approved:
        bundle = _loaded(user, visit_id, None).bundle
        if bundle.visit.review_state is ReviewState.APPROVED:
            _decide(user, bundle, DecisionKind.REOPEN, ReviewState(before), _("Taken back"), address)
    return len(approved)


def ask(
    user: User,
    visit_id: str,
    question: str,
    *,
    about_kind: str = "",
    about_id: str = "",
    about_field: str = "",
    address: str = "",
) -> str:
    """Ask the technician about a visit, one of its entries, or one field of it; return the query's id.

    The question reaches the device with its next sync and is answered there.
    """
    bundle = _loaded(user, visit_id, None).bundle
    if review_state(bundle) in (ReviewState.APPROVED, ReviewState.POSTED, ReviewState.VOID):
        raise CentralError(
            _("This visit is decided already."),
            status=409,
            safe=_("Nothing was asked."),
            advice=_("Reopen it first."),
        )
    query = Query(
        id=new_id(),
        visit_id=visit_id,
        about_kind=about_kind,
        about_id=about_id,
        about_field=about_field,
        question=entering.clean_text(question, multiline=True),
        asked_by=user.shown_name,
        asked_at=datetime.now(UTC),
    )
    entering.check(query)
    _write(
        user,
        [query, schema.replace(bundle.visit, review_state=ReviewState.QUERIED)],
        _Trace("visit.ask", visit_id, {"query": query.id, "kind": about_kind, "field": about_field}, address),
    )
    return query.id


def settle(user: User, visit_id: str, query_id: str, address: str = "") -> None:
    """Close a question: its answer is enough, or it is no longer needed."""
    bundle = _loaded(user, visit_id, None).bundle
    query = next((held for held in bundle.queries if held.id == query_id), None)
    if query is None:
        raise CentralError(_("There is no such question."), status=404)
    changed: list[schema.Record] = [schema.replace(query, state="settled")]
    still_open = any(held.state == "open" for held in bundle.queries if held.id != query_id)
    if not still_open and bundle.visit.review_state is ReviewState.QUERIED:
        changed.append(schema.replace(bundle.visit, review_state=ReviewState.IN_REVIEW))
    _write(user, changed, _Trace("visit.settle", visit_id, {"query": query_id}, address))


def comment(user: User, visit_id: str, body: str, address: str = "") -> None:
    """Leave a remark for colleagues."""
    _loaded(user, visit_id, None)
    remark = Comment(
        id=new_id(),
        visit_id=visit_id,
        body=entering.clean_text(body, multiline=True),
        author=user.shown_name,
        at=datetime.now(UTC),
    )
    entering.check(remark)
    _write(user, [remark], _Trace("visit.comment", visit_id, {"comment": remark.id}, address))


def decide_conflict(
    user: User, visit_id: str, conflict_id: uuid.UUID, value: object, note: str, address: str = ""
) -> None:
    """Let one of two versions of a field hold; the decision reaches both devices with their next sync."""
    require(user, Right.REVIEW)

    def work() -> None:
        with transaction.atomic():
            office.decide_conflict(user, conflict_id, value, entering.clean_text(note))
            detail = {"conflict": str(conflict_id)}
            audit.append_for(user, "visit.decide_conflict", "visit", visit_id, detail, address)

    retried(work)


def void(user: User, visit_id: str, rev: int | None, reason: str, address: str = "") -> None:
    """Declare a visit void (duplicate, mistake, test); it stays readable."""
    bundle = _loaded(user, visit_id, rev).bundle
    _decide(
        user,
        bundle,
        DecisionKind.VOID,
        ReviewState.VOID,
        office.reason(reason, safe=_("Nothing was decided.")),
        address,
    )


def reopen(user: User, visit_id: str, rev: int | None, reason: str, address: str = "") -> None:
    """Take an approved or void visit back into review."""
    bundle = _loaded(user, visit_id, rev).bundle
    if bundle.visit.review_state not in (ReviewState.APPROVED, ReviewState.VOID):
        raise CentralError(
            _("Only an approved or void visit can be reopened."), status=409, safe=_("Nothing was decided.")
        )
    _decide(
        user,
        bundle,
        DecisionKind.REOPEN,
        ReviewState.REOPENED,
        office.reason(reason, safe=_("Nothing was decided.")),
        address,
    )


def _decide(
    user: User,
    bundle: VisitBundle,
    kind: DecisionKind,
    state: ReviewState,
    note: str,
    address: str,
) -> None:
    visit: Visit = bundle.visit
    decision = Decision(
        id=new_id(),
        visit_id=visit.id,
        visit_revision=visit.revision,
        decision=kind,
        by=user.shown_name,
        at=datetime.now(UTC),
        note=note,
    )
    detail = {
        "from": visit.review_state.value,
        "to": state.value,
        "revision": visit.revision,
        "note": note,
    }
    _write(
        user,
        [decision, schema.replace(visit, review_state=state)],
        _Trace(f"visit.{kind.value}", visit.id, detail, address),
    )


@dataclass(frozen=True)
class _Trace:
    """The row that a step leaves in the audit trail."""

    action: str
    visit_id: str
    detail: Mapping[str, object]
    address: str


def _write(user: User, records: Sequence[schema.Record], trace: _Trace) -> None:
    """Write records and the audit row in one transaction, tried again when another one is in the way."""

    def work() -> None:
        with transaction.atomic():
            for held in records:
                office.record_as_staff(user, held)
            audit.append_for(user, trace.action, "visit", trace.visit_id, trace.detail, trace.address)

    retried(work)
