"""The review rules: what the office should look at before it approves a visit. Pure.

The device shows the same flags before the visit is submitted, the service shows them to reviewers.
Each rule looks at one bundle and yields flags with one plain sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta, timezone
from decimal import Decimal
from weakref import ReferenceType, ref

from techkit import i18n
from techkit.i18n import _
from techkit.records.activities import (
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
)
from techkit.records.agreements import why_not
from techkit.records.assets import LabourKind, Phase
from techkit.records.budget import CostKind, Standing, is_whole
from techkit.records.bundle import VisitBundle
from techkit.records.centre_validity import centre_not_valid
from techkit.records.charges import charges, is_booked, is_in_force, shares
from techkit.records.drafts import matches, snapshot_drafts
from techkit.records.inventory_changes import Confidence
from techkit.records.pace import counted_in
from techkit.records.parties import Engagement
from techkit.records.proofs import Proven, claims_inventory, proof_of, shown
from techkit.records.purchases import Approval, amount_decided, approval, expired, over_budget
from techkit.records.review import Flag, Severity
from techkit.records.schema import Audience, Record, spec_of
from techkit.records.visit import Consent, LabourSegment, Outcome, Visit, WorkState, is_plausible, offset
from techkit.records.visit_twins import entered_twice

#: Expenses up to this need no receipt, in coins of a hundredth; a currency of whole units has as many of these. Source:
#: the specification's review scenario (limit 20.00).
RECEIPT_LIMIT = 2_000

#: Labour of one stretch beyond this is more likely a forgotten clock. Source: BAD-INPUTS D52.
LONG_LABOUR = timedelta(hours=16)

#: Clocks and people are not exact to the second: less than this is no overlap and not "after".
TOLERANCE = timedelta(minutes=1)


#: Visits that ended before any work could be done.
_NO_WORK = (Outcome.NO_ACCESS, Outcome.CANCELLED_BY_CUSTOMER)
_NO_WORK_STATES = (WorkState.NO_ACCESS, WorkState.CANCELLED)


# --- the rules --------------------------------------------------------------------------------------

Rule = Callable[[VisitBundle], Iterator[Flag]]


def flags(
    bundle: VisitBundle,
    *,
    other_labour: Iterable[LabourSegment] = (),
    other_visits: Iterable[Visit] = (),
    unbooked: Mapping[str, int] | None = None,
) -> tuple[Flag, ...]:
    """Return what the office would look at, in the rules' order.

    other_labour: labour of other visits, for overlaps (of the same technicians; others are ignored).
    other_visits: those one of which may be this one, entered twice.
    unbooked: budget id → what other visits will take of it that the office has not booked yet.
    """
    found = [flag for rule in RULES for flag in rule(bundle)]
    found += _overlaps(bundle, tuple(other_labour))
    found += entered_twice(bundle, other_visits)
    found += _budget(bundle, unbooked or {})
    found += over_budget(bundle, unbooked or {})
    return tuple(found)


def _had_work(bundle: VisitBundle) -> bool:
    visit = bundle.visit
    return visit.outcome not in _NO_WORK and visit.work_state not in _NO_WORK_STATES


def _claim_not_proven(bundle: VisitBundle) -> Iterator[Flag]:
    for activity in bundle.activities:
        if proof_of(activity, bundle) is not Proven.NOT_PROVEN:
            continue
        after = bundle.snapshot(activity.asset_id or "", Phase.AFTER)
        named = shown(activity, after) if after and claims_inventory(activity) else []
        if named:
            seen = ", ".join(f"{name} {version}".strip() for name, version in named[:2])
            sentence = _(
                "“{title}” is not proven: the inventory after the work shows {shown}.",
                title=activity.title,
                shown=seen,
            )
        else:
            sentence = _(
                "“{title}” is not proven: the check after the work does not show it.", title=activity.title
            )
        yield _flag("claim_not_proven", Severity.BLOCKING, sentence, activity)


def _unclaimed_change(bundle: VisitBundle) -> Iterator[Flag]:
    claimed = {p.draft_key for a in bundle.activities for p in a.evidence}
    for asset in bundle.assets:
        before, after = (bundle.snapshot(asset.id, phase) for phase in (Phase.BEFORE, Phase.AFTER))
        if before is None or after is None:
            continue
        for draft in snapshot_drafts(before, after, asset):
            is_claimed = draft.key in claimed or any(matches(draft, a) for a in bundle.activities)
            if draft.confidence is Confidence.CERTAIN and not is_claimed:
                yield Flag(
                    rule="unclaimed_change",
                    severity=Severity.NOTICE,
                    sentence=_(
                        "Changed on {computer}, but in no entry: {change}.",
                        computer=asset.name,
                        change=draft.title,
                    ),
                    kind="asset",
                    record_id=asset.id,
                )


def _no_after_run(bundle: VisitBundle) -> Iterator[Flag]:
    visit = bundle.visit
    if not _had_work(bundle) or visit.consent is Consent.REFUSED or visit.outcome is Outcome.ADVICE_ONLY:
        return
    for asset in bundle.assets:
        if bundle.run(asset.id, Phase.AFTER) is not None:
            continue
        if visit.no_after_run_reason:
            sentence = _(
                "{computer} was not checked after the work: {reason}",
                computer=asset.name,
                reason=visit.no_after_run_reason,
            )
            severity = Severity.NOTICE
        else:
            sentence = _("{computer} was not checked after the work.", computer=asset.name)
            severity = Severity.WARNING
        yield _flag("no_after_run", severity, sentence, asset)


def _overlaps(bundle: VisitBundle, others: tuple[LabourSegment, ...]) -> Iterator[Flag]:
    own = [s for s in bundle.current_labour() if s.kind is not LabourKind.BREAK]
    superseded = {s.supersedes for s in others if s.supersedes}
    elsewhere = [
        s
        for s in others
        if s.visit_id != bundle.visit.id and s.id not in superseded and s.kind is not LabourKind.BREAK
    ]
    for index, segment in enumerate(own):
        for other in (*own[index + 1 :], *elsewhere):
            if other.technician == segment.technician and _overlap(segment, other) > TOLERANCE:
                yield _flag(
                    "overlapping_labour",
                    Severity.WARNING,
                    _(
                        "{technician} was at work twice at the same time: {times}.",
                        technician=segment.technician or _("The technician"),
                        times=_span(segment, bundle),
                    ),
                    segment,
                )
                break


def _overlap(one: LabourSegment, other: LabourSegment) -> timedelta:
    if not (one.started_at and one.ended_at and other.started_at and other.ended_at):
        return timedelta(0)
    return min(one.ended_at, other.ended_at) - max(one.started_at, other.started_at)


def _span(segment: LabourSegment, bundle: VisitBundle) -> str:
    if segment.started_at is None or segment.ended_at is None:
        return ""
    zone = timezone(offset(segment.utc_offset_minutes or bundle.visit.utc_offset_minutes))
    return f"{i18n.clock(segment.started_at, zone)}–{i18n.clock(segment.ended_at, zone)}"


def _labour_outside(bundle: VisitBundle) -> Iterator[Flag]:
    arrived = bundle.visit.arrived_at
    signature = bundle.valid_signature()
    for segment in bundle.current_labour():
        if segment.started_at is None or segment.ended_at is None:
            continue
        is_on_site = segment.kind in (LabourKind.WORK, LabourKind.WAIT)
        if arrived and is_on_site and segment.started_at < arrived - TOLERANCE:
            yield _flag(
                "labour_before_arrival",
                Severity.WARNING,
                _("Work was counted before the arrival: {times}.", times=_span(segment, bundle)),
                segment,
            )
        signed_at = signature.signed_at if signature else None
        if signed_at and is_on_site and segment.ended_at > signed_at + TOLERANCE:
            yield _flag(
                "labour_after_sign_off",
                Severity.WARNING,
                _(
                    "Work was counted after the customer had signed: {times}.",
                    times=_span(segment, bundle),
                ),
                segment,
            )
        if segment.ended_at - segment.started_at > LONG_LABOUR:
            yield _flag(
                "long_labour",
                Severity.WARNING,
                _("More than 16 hours in one stretch: {times}.", times=_span(segment, bundle)),
                segment,
            )


def _time_uncertain(bundle: VisitBundle) -> Iterator[Flag]:
    """Mark a visit worked under a clock that was wrong. Source: BAD-INPUTS C36 and C37."""
    visit = bundle.visit
    noted = [visit.arrived_at, visit.left_at]
    noted += [moment for s in bundle.current_labour() for moment in (s.started_at, s.ended_at)]
    wrong = next((moment for moment in noted if moment is not None and not is_plausible(moment)), None)
    if wrong is not None:
        yield _flag(
            "time_uncertain",
            Severity.WARNING,
            _(
                "The times are uncertain, the computer’s clock said {day}; how long work took was measured.",
                day=i18n.day(wrong.date()),
            ),
            visit,
        )


def _signature_missing(bundle: VisitBundle) -> Iterator[Flag]:
    if not _had_work(bundle) or bundle.valid_signature() is not None:
        return
    if any(w.visit_revision == bundle.visit.revision for w in bundle.waivers):
        return
    yield _flag(
        "signature_missing",
        Severity.BLOCKING,
        _("Nobody signed, and no reason is written down."),
        bundle.visit,
    )


def _edited_after_signing(bundle: VisitBundle) -> Iterator[Flag]:
    signature = bundle.valid_signature()
    if signature is not None and signature.signed_at is not None:
        for activity in bundle.activities:
            if activity.recorded_at and activity.recorded_at > signature.signed_at + TOLERANCE:
                yield _flag(
                    "edited_after_signing",
                    Severity.BLOCKING,
                    _("“{title}” was written after the customer had signed.", title=activity.title),
                    activity,
                )
    if bundle.voided:
        sentence = (
            _("The page was changed after signing and signed again.")
            if signature is not None
            else _("The page was changed after signing; the first signature is void.")
        )
        yield _flag("edited_after_signing", Severity.NOTICE, sentence, bundle.visit)


def _expense_without_receipt(bundle: VisitBundle) -> Iterator[Flag]:
    held = {a.id for a in bundle.attachments}
    for expense in bundle.expenses:
        limit = max(RECEIPT_LIMIT, i18n.minor(Decimal(RECEIPT_LIMIT) / 100, expense.currency))
        if expense.amount_minor > limit and expense.receipt_id not in held:
            amount = i18n.money(expense.amount_minor, expense.currency)
            yield _flag(
                "expense_without_receipt",
                Severity.WARNING,
                _("An expense of {amount} has no receipt.", amount=amount),
                expense,
            )


def _photo_with_place(bundle: VisitBundle) -> Iterator[Flag]:
    for held in bundle.attachments:
        if held.tells_place:
            yield _flag(
                "photo_with_place",
                Severity.WARNING,
                _("The file “{name}” says where it was taken.", name=held.caption or held.name),
                held,
            )


def _part_without_price(bundle: VisitBundle) -> Iterator[Flag]:
    for used in bundle.supplies:
        if used.unit_price_minor is None and not used.is_warranty:
            yield _flag(
                "part_without_price", Severity.WARNING, _("“{name}” has no price.", name=used.name), used
            )


def _labour_without_rate(bundle: VisitBundle) -> Iterator[Flag]:
    """Flag labour whose price the ended page left open: booked as it is it would cost nothing."""
    signature, waiver = bundle.valid_signature(), bundle.valid_waiver()
    is_page_ended = (signature and signature.total_minor is not None) or (waiver and waiver.content_hash)
    lines = [c for c in charges(bundle).lines if c.is_unpriced and c.kind is CostKind.LABOUR]
    if lines and is_page_ended and _had_work(bundle):
        time = i18n.minutes(sum(line.minutes for line in lines))
        yield _flag(
            "labour_without_rate",
            Severity.WARNING,
            _("No rates were known on site: {time} of labour have no price.", time=time),
            bundle.visit,
        )


def _contract_not_in_force(bundle: VisitBundle) -> Iterator[Flag]:
    contract = bundle.contract
    if contract is None or not _had_work(bundle) or is_in_force(contract, bundle):
        return
    yield _flag(
        "contract_not_in_force",
        Severity.WARNING,
        why_not(contract, bundle),
        contract,
    )


def _signed_amount_differs(bundle: VisitBundle) -> Iterator[Flag]:
    """Flag a page whose sum is another one by now: rates, contract or its hours were changed after it was signed."""
    signature, reckoned = bundle.valid_signature(), charges(bundle)
    if signature is None or signature.total_minor is None:
        return
    if (signature.total_minor, signature.currency) != (reckoned.total_minor, reckoned.currency):
        yield _flag(
            "signed_amount_differs",
            Severity.WARNING,
            _(
                "The customer signed {signed}; with today’s contract and rates it comes to {now}.",
                signed=i18n.money(signature.total_minor, signature.currency),
                now=i18n.money(reckoned.total_minor, reckoned.currency),
            ),
            signature,
        )


def _signer_may_not_sign(bundle: VisitBundle) -> Iterator[Flag]:
    signature = bundle.valid_signature()
    signer = next((p for p in bundle.people if signature and p.id == signature.contact_id), None)
    if signature is not None and signer is not None and not signer.may_sign:
        yield _flag(
            "signer_may_not_sign",
            Severity.WARNING,
            _("{name} signed and is not among those who may sign.", name=signer.name),
            signature,
        )


def _order_number_missing(bundle: VisitBundle) -> Iterator[Flag]:
    payer = bundle.payer
    if payer is None or not payer.is_reference_required or payer.po_reference.strip():
        return
    if _had_work(bundle) and charges(bundle).total_minor > 0:
        yield _flag(
            "order_number_missing",
            Severity.WARNING,
            _("{name} pays only with an order number; none is written down.", name=payer.name),
            payer,
        )


def _allocation_not_whole(bundle: VisitBundle) -> Iterator[Flag]:
    if not bundle.allocations:
        return
    total = sum((a.share_percent for a in bundle.allocations), Decimal(0))
    if not is_whole([a.share_percent for a in bundle.allocations]):
        yield _flag(
            "allocation_not_whole",
            Severity.BLOCKING,
            _("The shares of the cost centres add up to {total} %, not to 100 %.", total=i18n.exact(total)),
            bundle.allocations[0],
        )


def _budget(bundle: VisitBundle, unbooked: Mapping[str, int]) -> Iterator[Flag]:
    total = sum((a.share_percent for a in bundle.allocations), Decimal(0))
    is_split = bool(bundle.allocations)
    if is_booked(bundle) or (is_split and total <= 0) or any(a.share_percent < 0 for a in bundle.allocations):
        return
    for share in shares(bundle, unbooked):
        if share.after is None or share.budget is None or share.after.standing is Standing.WITHIN:
            continue
        left = i18n.money(share.after.available_minor, share.budget.currency)
        over = i18n.money(max(0, -share.after.available_minor), share.budget.currency)
        if share.after.standing is Standing.STOP:
            rule, severity = "budget_stop", Severity.BLOCKING
            said = _(
                "The budget of {centre} does not allow this: it would be overdrawn by {over}.",
                centre=share.centre.code,
                over=over,
            )
        elif share.after.available_minor < 0:
            rule, severity = "budget_warn", Severity.NOTICE
            said = _("The budget of {code} would be overdrawn by {over}.", code=share.centre.code, over=over)
        elif not share.after.available_minor:
            rule, severity = "budget_warn", Severity.NOTICE
            said = _("The budget of {centre} is used up: nothing is left.", centre=share.centre.code)
        else:
            rule, severity = "budget_warn", Severity.NOTICE
            said = _(
                "The budget of {centre} is nearly used up: {left} left.", centre=share.centre.code, left=left
            )
        said = counted_in(said, share.unbooked_minor, share.budget.currency)
        yield _flag(rule, severity, said, share.budget)


#: What must not stand on a customer's page: secrets, addresses of machines, words that blame.
#: Source: the specification's list "never on the paper" and DESIGN chapter 7 (no blame).
_PRIVATE = (
    re.compile(r"\b(?:pass(?:word|wort|code)|kennwort|mot de passe|pin|puk)\s*(?:[:=]|is\b|ist\b|lautet\b|est\b)\s*\S+", re.IGNORECASE),
    re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"),
    re.compile(r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b", re.IGNORECASE),
    re.compile(r"\b(?:stupid|idiot\w*|clueless|moron|dumm(?:e[mnrs]?)?|pebkac|layer 8|imbécile)\b", re.IGNORECASE),
)  # fmt: skip

#: So many characters of a note for colleagues standing word for word on the page are no accident of
#: language: about six words.
_LEAK_LENGTH = 30

#: So many characters of a text are compared word for word; more is no note but a protocol put into one.
_COMPARED = 10_000


def _quote_expired(bundle: VisitBundle) -> Iterator[Flag]:
    for activity in bundle.activities:
        if not isinstance(activity, PurchaseAssistance) or activity.decision == "declined":
            continue
        for item in expired(activity, bundle):
            is_accepted = activity.decision == "accepted"
            yield _flag(
                "quote_expired",
                Severity.WARNING if is_accepted else Severity.NOTICE,
                _(
                    "The quote for “{product}” was valid until {day} only.",
                    product=item.product,
                    day=i18n.day(item.valid_until) if item.valid_until else "",
                ),
                activity,
            )


def _above_approval_limit(bundle: VisitBundle) -> Iterator[Flag]:
    people = {p.id: p for p in bundle.people}
    for activity in bundle.activities:
        if not isinstance(activity, (NeedsAnalysis, PurchaseAssistance)) or activity.decision != "accepted":
            continue
        decider = people.get(activity.approver_id or "")
        amount = amount_decided(activity)
        if decider and approval(decider, amount, activity.currency) is Approval.ABOVE_LIMIT:
            yield _flag(
                "above_approval_limit",
                Severity.WARNING,
                _(
                    "{name} decided about {amount} and may approve {limit}.",
                    name=decider.name,
                    amount=i18n.money(amount, activity.currency),
                    limit=i18n.money(decider.may_approve_minor, decider.currency),
                ),
                activity,
            )


def _mixed_currency(bundle: VisitBundle) -> Iterator[Flag]:
    reckoned = charges(bundle)
    if reckoned.foreign:
        names = ", ".join(line.label for line in reckoned.foreign[:3])
        yield _flag(
            "mixed_currency",
            Severity.WARNING,
            _("Not in {currency}, and so in no total: {names}.", currency=reckoned.currency, names=names),
            bundle.visit,
        )


#: What the last visits' texts were found to hold: (bundle, which of the visit and its activities, whether a note's words).
#: Flags are put into words in each language, and looking through the texts takes longest. A bundle is never changed
#: in place, and none is kept alive for this.
_looked_through: list[tuple[ReferenceType[VisitBundle], tuple[tuple[int, bool], ...]]] = []
_KEPT = 2


def _private_words(bundle: VisitBundle) -> Iterator[Flag]:
    found = next((places for looked, places in tuple(_looked_through) if looked() is bundle), None)
    if found is None:
        found = tuple(_with_private_words(bundle))
        _looked_through.append((ref(bundle), found))
        del _looked_through[:-_KEPT]
    for place, is_note in found:
        sentence = (
            _("The customer’s page repeats a note meant for colleagues.")
            if is_note
            else _("The customer’s page may hold a secret, a network address or a hurtful word.")
        )
        yield _flag("private_words", Severity.WARNING, sentence, (bundle.visit, *bundle.activities)[place])


def _with_private_words(bundle: VisitBundle) -> Iterator[tuple[int, bool]]:
    """Yield which of the visit and its activities says on the customer's page what it should not, and whether it is a note."""
    notes = [bundle.visit.internal_note, *(a.note_internal for a in bundle.activities)]
    leaks = {
        note[i : i + _LEAK_LENGTH]
        for note in (text.casefold()[:_COMPARED] for text in notes)
        for i in range(max(0, len(note) - _LEAK_LENGTH + 1))
    }
    for place, held in enumerate((bundle.visit, *bundle.activities)):
        texts = [
            text
            for f in spec_of(held).fields
            if f.audience is Audience.CUSTOMER and isinstance(text := getattr(held, f.name), str)
        ]
        compared = "\n".join(text[:_COMPARED] for text in texts)
        text = "\n".join(texts)
        for name in ("version", "from_version", "to_version"):
            # Four numbers with dots may be a version; where they are this entry's own, they are no address.
            version = str(getattr(held, name, ""))
            text = text.replace(version, "") if version else text
        plain = compared.casefold()
        if any(pattern.search(text) for pattern in _PRIVATE):
            yield place, False
        elif leaks and any(plain[i : i + _LEAK_LENGTH] in leaks for i in range(len(plain))):
            yield place, True


def _attendance_without_skill(bundle: VisitBundle) -> Iterator[Flag]:
    for activity in bundle.activities:
        if not isinstance(activity, Training):
            continue
        missing = [
            a.name
            for a in activity.attendance
            # Who left early was not there any more to be judged.
            if a.is_present and not (a.skill_before and (a.skill_after or a.missed == "end"))
        ]
        if missing:
            yield _flag(
                "attendance_without_skill",
                Severity.NOTICE,
                _("Skill before or after is missing: {names}.", names=", ".join(missing)),
                activity,
            )


def _internal_without_centre(bundle: VisitBundle) -> Iterator[Flag]:
    customer = bundle.customer
    if customer is None or customer.engagement is not Engagement.INTERNAL or bundle.allocations:
        return
    if _had_work(bundle) and bundle.cost_centres:
        yield _flag(
            "no_cost_centre",
            Severity.WARNING,
            _("An internal visit needs a cost centre."),
            bundle.visit,
        )


def _flag(rule: str, severity: Severity, sentence: str, about: Record) -> Flag:
    return Flag(rule=rule, severity=severity, sentence=sentence, kind=spec_of(about).kind, record_id=about.id)


#: Every rule that needs this visit alone, in the order flags are shown.
RULES: tuple[Rule, ...] = (
    _claim_not_proven,
    _signature_missing,
    _edited_after_signing,
    _no_after_run,
    _unclaimed_change,
    _labour_outside,
    _time_uncertain,
    _expense_without_receipt,
    _photo_with_place,
    _part_without_price,
    _labour_without_rate,
    _contract_not_in_force,
    _signed_amount_differs,
    _signer_may_not_sign,
    _order_number_missing,
    _allocation_not_whole,
    centre_not_valid,
    _internal_without_centre,
    _quote_expired,
    _above_approval_limit,
    _mixed_currency,
    _private_words,
    _attendance_without_skill,
)
