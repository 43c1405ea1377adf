"""The states of the work on a visit: which step leads where, who may take it, and what has to hold first."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.schema import replace, value
from techkit.records.visit import WORK_STATES, Visit, WorkState


@value
class _Step:
    """One allowed step of the work state machine and who may take it."""

    before: tuple[WorkState, ...]
    after: WorkState
    by: str


_S = WorkState

#: Every step there is. By whom: T the technician, S remote staff, C the customer.
STEPS = (
    _Step(before=(_S.DRAFT,), after=_S.SCHEDULED, by="ST"),
    _Step(before=(_S.SCHEDULED,), after=_S.TRAVELLING, by="T"),
    _Step(before=(_S.SCHEDULED, _S.TRAVELLING, _S.DRAFT), after=_S.ON_SITE, by="T"),
    _Step(before=(_S.ON_SITE,), after=_S.PAUSED, by="T"),
    _Step(before=(_S.PAUSED,), after=_S.ON_SITE, by="T"),
    _Step(before=(_S.ON_SITE,), after=_S.WORK_DONE, by="T"),
    _Step(before=(_S.WORK_DONE,), after=_S.SIGNED, by="C"),
    _Step(before=(_S.WORK_DONE,), after=_S.SIGNOFF_WAIVED, by="T"),
    _Step(before=(_S.SIGNED, _S.SIGNOFF_WAIVED), after=_S.SUBMITTED, by="T"),
    _Step(before=(_S.SIGNED, _S.SIGNOFF_WAIVED), after=_S.WORK_DONE, by="T"),
    _Step(before=(_S.WORK_DONE,), after=_S.ON_SITE, by="T"),
    _Step(before=(_S.DRAFT, _S.SCHEDULED), after=_S.CANCELLED, by="ST"),
    _Step(before=(_S.SCHEDULED, _S.TRAVELLING), after=_S.NO_ACCESS, by="T"),
    _Step(before=(_S.SUBMITTED,), after=_S.WORK_DONE, by="T"),
)


#: States in which the page is signed, waived or sent: a change needs a decision first.
SEALED = (_S.SIGNED, _S.SIGNOFF_WAIVED, _S.SUBMITTED)

#: Steps that void an existing signature and begin a new revision.
_VOIDING = {(_S.SIGNED, _S.WORK_DONE), (_S.SIGNOFF_WAIVED, _S.WORK_DONE), (_S.SUBMITTED, _S.WORK_DONE)}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the guards of the state machine need to know besides the visit itself.

    has_running_clock: a labour clock runs. has_after_run: a check after the work exists, or no
    check before it. is_signature_complete: shown, hashed and signed. has_waiver: the reason why
    nobody signed is recorded. is_query_open: the office asked something about this visit.
    """

    has_running_clock: bool = False
    has_after_run: bool = False
    is_signature_complete: bool = False
    has_waiver: bool = False
    is_query_open: bool = False


def may_step(visit: Visit, after: WorkState) -> bool:
    """Return whether the state machine has this step (its guards apart)."""
    return any(visit.work_state in step.before and step.after is after for step in STEPS)


def step(visit: Visit, after: WorkState, facts: Facts, *, reason: str = "") -> Visit:
    """Return the visit in its next work state, by the rules of the state machine.

    A step back from signed, waived or submitted begins a new revision; the caller voids the
    signature. Raises: InputError naming the guard that does not hold.
    """
    if not may_step(visit, after):
        raise InputError(
            _(
                "A visit that is “{now}” cannot become “{then}”.",
                now=_(WORK_STATES[visit.work_state]),
                then=_(WORK_STATES[after]),
            ),
            safe=_("The visit is unchanged."),
        )
    _guard(visit, after, facts, reason)
    revision = visit.revision + 1 if (visit.work_state, after) in _VOIDING else visit.revision
    return replace(visit, work_state=after, state_note=reason, revision=revision)


def _guard(visit: Visit, after: WorkState, facts: Facts, reason: str) -> None:
    if after is _S.SCHEDULED and not (visit.customer_id and visit.site_id):
        raise InputError(_("The visit needs a customer and a place before it is planned."), field="site_id")
    if after in (_S.PAUSED, _S.CANCELLED) and not reason:
        raise InputError(_("Please choose a reason."), field="state_note")
    if after is _S.WORK_DONE and visit.work_state is _S.ON_SITE:
        if visit.outcome is None:
            raise InputError(_("The result of the visit is still open."), field="outcome")
        if facts.has_running_clock:
            raise InputError(_("A clock is still running."), advice=_("Stop it first."))
        if not facts.has_after_run and not visit.no_after_run_reason:
            raise InputError(
                _("The computer was not checked after the work."),
                field="no_after_run_reason",
                advice=_("Check it again, or say why not."),
            )
    if after is _S.WORK_DONE and visit.work_state is _S.SUBMITTED and not facts.is_query_open:
        raise InputError(
            _("A submitted visit opens again only when the office asks."),
            advice=_("Start an addition instead."),
        )
    if after is _S.SIGNED and not facts.is_signature_complete:
        raise InputError(_("There is no signature yet."))
    if after is _S.SIGNOFF_WAIVED and not facts.has_waiver:
        raise InputError(_("Please say why nobody signs."))
