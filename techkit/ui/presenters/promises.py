"""What a visit suggests to promise or to advise: from findings, profiles, contracts, ratings. Pure.

Each suggestion has a stable key, so that it is offered once, and a reason in words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records import renewals
from techkit.records.activities import NeedsAnalysis, PurchaseAssistance, Training, Troubleshooting
from techkit.records.agreements import RENEWAL_DAYS
from techkit.records.assets import Phase
from techkit.records.bundle import VisitBundle
from techkit.records.findings import COMPLAINT_LABELS, Area, Complaint, Explains, Finding, Verdict
from techkit.records.identity import new_id
from techkit.records.proofs import check_key
from techkit.records.purchases import chosen_option
from techkit.records.success import Department, FollowUp, FollowUpReason, Recommendation, RecommendationKind
from techkit.records.visit import Outcome
from techkit.ui.presenters.open_visit import OpenVisit

#: When a promise is due unless somebody says otherwise, days. Source: the specification's stories
#: (a success call after 14 days) and the design's first choice in the list ("in 1 week").
CALL_DAYS = 14
SOON_DAYS = 7

#: What was decided is ordered within so many days.
ORDER_DAYS = 2

#: Days until somebody speaks about a contract that has ended already. Ours.
_ENDED_DAYS = 2

#: The check that tells when a system runs out of support; spoken of before it does.
END_OF_LIFE = "os_end_of_life"

#: From this skill on a person needs no further training in what they asked for.
ENOUGH_SKILL = 3

#: So many suggestions are shown; more is no help.
MOST = 6


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """One thing to promise or to advise: the record it would make, and why.

    end_of_life: the computer whose system runs out of support, where that is what it is about.
    """

    key: str
    record: FollowUp | Recommendation
    companion: Recommendation | None
    reason: str
    end_of_life: str = ""


#: The words of a promise by what begins its key; one place at most is filled in. Those from a check have their own.
_WORDS = {
    "call": N_("Call in 14 days: is all still well?"),
    "outcome": N_("Finish what is still open"),
    "unresolved": N_("Come back to: {what}"),
    "catch_up": N_("Catch-up training for {what}"),
    "one_to_one": N_("One-to-one training for {what}"),
    "wanted": N_("Show {what}, 30 min"),
    "decide": N_("Ask for the decision: {what}"),
    "delivery": N_("Has it come? {what}"),
    "order": N_("Order: {what}"),
    "renewal": N_("Speak about renewing contract {what}"),
}


def promise_text(key: str, what: str = "") -> str:
    """Return the words of the promise a suggestion of this key makes; "" for those from a check or of their own."""
    words = _WORDS.get(key.partition(":")[0], "")
    return _(words, what=what) if words else ""


def reworded(key: str, text: str) -> str:
    """Return the text of a promise as techkit words it in the language in force; any other text as it is."""
    words = _WORDS.get(key.partition(":")[0], "")
    for tag in i18n.LANGUAGES if words else ():
        with i18n.language(tag):
            before, place, after = _(words).partition("{what}")
        is_made = text == before if not place else text.startswith(before) and text.endswith(after)
        if is_made and len(text) >= len(before) + len(after):
            return promise_text(key, text[len(before) : len(text) - len(after)])
    return text


def promise_texts(key: str, bundle: VisitBundle) -> dict[str, str]:
    """Return the words a suggestion from a check makes, by the run that tells of it; after the work they may differ."""
    return {
        run.id: _text_for(finding)
        for run in bundle.runs
        for finding in run.findings
        if check_key(run.asset_id or "", finding.check, finding.subject) == key
    }


def _text_for(finding: Finding) -> str:
    if finding.area is Area.BACKUP:
        return _("Call: does the backup work?")
    return finding.advice or _("Look after: {thing}", thing=finding.title)


def advice_text(finding: Finding) -> str:
    """Return the words of the advice that goes with a finding."""
    return finding.advice or _("Make a backup plan")


def follow_up_for(held: OpenVisit, finding: Finding, key: str) -> FollowUp:
    """Return the promise to come back to one finding."""
    text = _text_for(finding)
    return FollowUp(
        id=new_id(),
        customer_id=held.visit.customer_id,
        visit_id=held.visit_id,
        asset_id=held.asset_in_hand or None,
        contact_id=held.visit.contact_id,
        text=text,
        department=Department.SERVICE,
        reason=FollowUpReason.CHECK_RESULT,
        reason_text=finding.customer_sentence or finding.sentence,
        due_on=held.today + timedelta(days=SOON_DAYS if finding.verdict is Verdict.ACT else CALL_DAYS),
        owner=held.around.technician,
        created_from=key,
        currency=held.visit.currency,
    )


def suggestions(held: OpenVisit) -> tuple[Suggested, ...]:
    """Return what is not promised yet and would help, the most pressing first."""
    bundle = held.bundle
    taken = {f.created_from for f in (*bundle.follow_ups, *held.known.promises)}
    # What was advised before stands: asked again where that is due, and never pressed on somebody who said no.
    advised = {f"{r.asset_id}|check|{r.check}" for r in held.known.advice if r.check}
    found = [
        s
        for rule in (_findings, _unresolved, _purchases, _training, _renewal, _call)
        for s in rule(held)
        if s.key not in taken
        and s.key.partition(":")[0] not in advised
        and not (s.end_of_life and f"ends:{s.end_of_life}" in taken)
    ]
    return tuple(found[:MOST])


def _findings(held: OpenVisit) -> Iterator[Suggested]:
    bundle = held.bundle
    for asset in bundle.assets:
        run = bundle.last_run(asset.id)
        for finding in run.findings if run else ():
            ends = finding.check == END_OF_LIFE and finding.verdict is Verdict.WATCH
            if finding.verdict is not Verdict.ACT and not ends:
                continue
            key = check_key(asset.id, finding.check, finding.subject)
            why = finding.customer_sentence or finding.sentence
            promise = dataclasses.replace(follow_up_for(held, finding, key), asset_id=asset.id)
            advice = None
            if finding.area is Area.BACKUP:
                promise = dataclasses.replace(
                    promise,
                    department=Department.SUCCESS,
                    reason=FollowUpReason.RECOMMENDATION,
                    due_on=held.today + timedelta(days=CALL_DAYS),
                )
                advice = _advice(held, finding, asset.id, RecommendationKind.BACKUP)
            if finding.check == END_OF_LIFE:
                promise = dataclasses.replace(
                    promise, department=Department.SUCCESS, reason=FollowUpReason.END_OF_LIFE
                )
            yield Suggested(
                key=key,
                record=promise,
                companion=advice,
                reason=_("Because: {why}", why=why),
                end_of_life=asset.id if finding.check == END_OF_LIFE else "",
            )


def _advice(held: OpenVisit, finding: Finding, asset_id: str, kind: RecommendationKind) -> Recommendation:
    return Recommendation(
        id=new_id(),
        customer_id=held.visit.customer_id,
        visit_id=held.visit_id,
        asset_id=asset_id,
        contact_id=held.visit.contact_id,
        kind=kind,
        text=advice_text(finding),
        why=finding.customer_sentence or finding.sentence,
        check=finding.check,
        currency=held.visit.currency,
    )


def _unresolved(held: OpenVisit) -> Iterator[Suggested]:
    for activity in held.bundle.activities:
        if isinstance(activity, Troubleshooting) and not activity.is_fixed:
            yield _promise(
                held,
                f"unresolved:{activity.id}",
                activity.title,
                _("It is not fixed yet."),
                FollowUpReason.UNRESOLVED,
                SOON_DAYS,
            )
    if held.visit.outcome in (Outcome.NOT_RESOLVED, Outcome.PARTLY):
        yield _promise(
            held,
            f"outcome:{held.visit_id}",
            "",
            _("The visit did not solve everything."),
            FollowUpReason.UNRESOLVED,
            SOON_DAYS,
        )


def _training(held: OpenVisit) -> Iterator[Suggested]:
    trained = {t.casefold() for a in held.bundle.activities if isinstance(a, Training) for t in a.topics}
    for activity in held.bundle.activities:
        if not isinstance(activity, Training):
            continue
        # What concerns one person does not stand on a page the whole group gets.
        is_group = len(activity.attendance) > 1
        for row in activity.attendance:
            if not row.is_present:
                yield _promise(
                    held,
                    f"catch_up:{activity.id}:{row.contact_id}",
                    row.name,
                    _("{name} could not take part.", name=row.name),
                    FollowUpReason.TRAINING_CATCH_UP,
                    CALL_DAYS,
                    contact_id=row.contact_id,
                    is_on_paper=not is_group,
                )
            elif row.missed:
                because = (
                    _("{name} came late.", name=row.name)
                    if row.missed == "beginning"
                    else _("{name} left early.", name=row.name)
                )
                yield _promise(
                    held,
                    f"catch_up:{activity.id}:{row.contact_id}",
                    row.name,
                    because,
                    FollowUpReason.TRAINING_CATCH_UP,
                    CALL_DAYS,
                    contact_id=row.contact_id,
                    is_on_paper=not is_group,
                )
            elif 0 < row.skill_after <= row.skill_before and row.skill_after < ENOUGH_SKILL:
                yield _promise(
                    held,
                    f"one_to_one:{activity.id}:{row.contact_id}",
                    row.name,
                    _("The group session did not help {name} yet.", name=row.name),
                    FollowUpReason.TRAINING_CATCH_UP,
                    CALL_DAYS,
                    contact_id=row.contact_id,
                    is_on_paper=not is_group,
                )
    contact = held.bundle.contact
    if contact is not None and contact.skill <= ENOUGH_SKILL:
        for topic in contact.features_wanted:
            if topic.casefold() not in trained:
                yield _promise(
                    held,
                    f"wanted:{contact.id}:{topic.casefold()}",
                    topic,
                    _("{name} asked for it, not yet done.", name=contact.name),
                    FollowUpReason.TRAINING_CATCH_UP,
                    CALL_DAYS,
                    contact_id=contact.id,
                )


def _purchases(held: OpenVisit) -> Iterator[Suggested]:
    """Yield what a purchase still waits for: a decision before its quote runs out, the order, the delivery."""
    today = held.today
    for activity in held.bundle.activities:
        if not isinstance(activity, (NeedsAnalysis, PurchaseAssistance)):
            continue
        what = _what_to_buy(activity)
        if not what or activity.decision == "declined":
            continue
        if activity.decision != "accepted":
            quotes = sorted(
                (i.valid_until, i.product)
                for i in (activity.items if isinstance(activity, PurchaseAssistance) else ())
                if i.valid_until and i.valid_until >= today
            )
            why, days = _("Nobody has decided yet."), SOON_DAYS
            if quotes:
                last, product = quotes[0]
                why = _(
                    "The quote for “{product}” is valid until {day}.",
                    product=product,
                    day=i18n.day(last),
                )
                days = max(0, min(SOON_DAYS, (last - today).days - 1))
            yield _promise(
                held, f"decide:{activity.id}", what, why,
                FollowUpReason.PROMISE, days, department=Department.SALES,
            )  # fmt: skip
        elif isinstance(activity, PurchaseAssistance) and activity.expected_on is not None:
            day = i18n.day(activity.expected_on)
            yield _promise(
                held, f"delivery:{activity.id}", what,
                _("It is expected on {day}.", day=day), FollowUpReason.PROMISE,
                max(0, (activity.expected_on - today).days), is_on_paper=False,  # the page names the day already
            )  # fmt: skip
        elif isinstance(activity, PurchaseAssistance) and not activity.po_reference:
            yield _promise(
                held, f"order:{activity.id}", what,
                _("It was decided and has no order number yet."), FollowUpReason.PROMISE, ORDER_DAYS,
                department=Department.SALES,
            )  # fmt: skip


def _what_to_buy(held: NeedsAnalysis | PurchaseAssistance) -> str:
    if isinstance(held, PurchaseAssistance):
        return ", ".join(item.product for item in held.items)[:120]
    if not held.options:
        return ""
    chosen = chosen_option(held)
    return (chosen.title if chosen else ", ".join(held.goals) or held.title)[:120]


def _renewal(held: OpenVisit) -> Iterator[Suggested]:
    contract, today = held.bundle.contract, held.today
    if contract is None or contract.ends_on is None or renewals.is_followed(contract, held.known.contracts):
        return
    by = renewals.speak_by(contract, today)
    if by is None or abs(left := (by - today).days) > RENEWAL_DAYS:
        return
    day = i18n.day(contract.ends_on)
    why = _("It ends on {day}.", day=day) if left >= 0 else _("It ended on {day}.", day=day)
    if by != contract.ends_on:
        why = _("Notice is due by {day}.", day=i18n.day(by))
    yield _promise(
        held,
        f"renewal:{contract.id}:{contract.ends_on.isoformat()}",
        contract.number,
        why,
        FollowUpReason.CONTRACT_RENEWAL,
        min(SOON_DAYS, left) if left >= 0 else _ENDED_DAYS,
        department=Department.SUCCESS,
        is_on_paper=False,  # talk of the office, not the customer's page
    )


def _call(held: OpenVisit) -> Iterator[Suggested]:
    complaint = held.visit.complaint
    runs = [held.bundle.run(a.id, Phase.BEFORE) for a in held.bundle.assets]
    is_explained = any(
        f.explains is Explains.LIKELY and f.verdict in (Verdict.ACT, Verdict.WATCH)
        for r in runs
        if r
        for f in r.findings
    )
    if complaint is Complaint.OTHER and not is_explained and not held.bundle.activities:
        return
    words = _(COMPLAINT_LABELS[complaint])
    why = (
        _("“{complaint}” was what this visit was about.", complaint=words)
        if complaint is not Complaint.OTHER
        else _("New work was done today.")
    )
    yield _promise(
        held,
        f"call:{held.visit_id}",
        "",
        why,
        FollowUpReason.PROMISE,
        CALL_DAYS,
        department=Department.SUCCESS,
    )


def _promise(
    held: OpenVisit,
    key: str,
    what: str,
    reason: str,
    why: FollowUpReason,
    days: int,
    *,
    department: Department = Department.SERVICE,
    contact_id: str | None = None,
    is_on_paper: bool = True,
) -> Suggested:
    """Return a promise worded by its key; what: what is filled in there. reason: a sentence, kept with it."""
    record = FollowUp(
        id=new_id(),
        customer_id=held.visit.customer_id,
        visit_id=held.visit_id,
        contact_id=contact_id or held.visit.contact_id,
        text=promise_text(key, what),
        department=department,
        reason=why,
        reason_text=reason,
        due_on=held.today + timedelta(days=days),
        owner=held.around.technician,
        created_from=key,
        currency=held.visit.currency,
        is_on_paper=is_on_paper,
    )
    return Suggested(key=key, record=record, companion=None, reason=_("Because: {why}", why=reason))
