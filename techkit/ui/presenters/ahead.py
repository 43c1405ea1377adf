"""What comes for a customer: what ends soon, low answers, wishes to learn; and the promise each may become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import Decimal

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records import renewals
from techkit.records.assets import Contract, Lifecycle
from techkit.records.findings import Verdict
from techkit.records.health import LOW_RATING, answer_words, is_answered, rating_key
from techkit.records.identity import new_id
from techkit.records.success import Department, FollowUp, FollowUpReason
from techkit.records.training import TrainingNeed, training_needs
from techkit.ui.presenters.customer_records import AHEAD_DAYS, MOST_ROWS, MOST_VISITS, CustomerRecords
from techkit.ui.presenters.promises import END_OF_LIFE

#: Days until a planned word with the customer, and until a training.
_WORD_DAYS, _TRAINING_DAYS = 2, 14

#: What a planned word is called, by the kind of its key.
_PROMISES = {
    "renewal": N_("Speak about renewing: {what}"),
    "hours": N_("Speak about more hours: {what}"),
    "guarantee": N_("Speak about the guarantee of {what}"),
    "ends": N_("Speak about the system of {what}"),
    "rating": N_("Call about the answer: {what}"),
    "need": N_("Training: {what}"),
}


#: What is seen early: days left, key, title, sentence, icon, tone.
_Seen = tuple[int, str, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that could be planned: key names it, action is what the button says, is_planned once it is."""

    key: str
    title: str
    line: str
    icon: str
    tone: str = ""
    action: str = ""
    is_planned: bool = False


def ahead(found: CustomerRecords, today: date) -> tuple[Task, ...]:
    """Return what ends soon: contracts, guarantees, systems; seen before it hurts."""
    taken = found.promised
    tasks: list[_Seen] = []
    for contract in found.contracts:
        if not renewals.is_followed(contract, found.contracts):
            tasks += [*_end_of(contract, today), *_hours_of(contract, today)]
    for asset in found.assets:
        if asset.lifecycle is not Lifecycle.IN_USE:
            continue
        name = asset.tag or asset.name
        if asset.warranty_ends_on and 0 <= (left := (asset.warranty_ends_on - today).days) <= AHEAD_DAYS + 30:
            said = ngettext("The guarantee ends in {n} day.", "The guarantee ends in {n} days.", left)
            key = f"guarantee:{asset.id}:{asset.warranty_ends_on.isoformat()}"
            tasks.append((left, key, name, said, "shield-check", "watch"))
        ends = found.ends.get(asset.id)
        if ends is not None and ends.verdict in (Verdict.ACT, Verdict.WATCH):
            tone = "bad" if ends.verdict is Verdict.ACT else "watch"
            said = ends.sentence or ends.customer_sentence
            tasks.append(
                (-1 if tone == "bad" else 30, f"ends:{asset.id}", name, said, "calendar-blank", tone)
            )
    return tuple(
        Task(
            key=key,
            title=title,
            line=line,
            icon=icon,
            tone=tone,
            action=_("Promise to speak about it"),
            is_planned=_is_planned(key, taken),
        )
        for _left, key, title, line, icon, tone in sorted(tasks)[:MOST_ROWS]
    )


def _is_planned(key: str, taken: frozenset[str | None]) -> bool:
    """Return whether something is promised already, here or from the check that showed it."""
    kind, _mark, asset_id = key.partition(":")
    if kind == "ends" and any(t and t.startswith(f"{asset_id}|check|{END_OF_LIFE}") for t in taken):
        return True
    return key in taken


def _end_of(contract: Contract, today: date) -> Iterator[_Seen]:
    """Yield a contract whose notice or end is near, or whose end was not long ago."""
    by = renewals.speak_by(contract, today)
    if contract.ends_on is None or by is None or abs(left := (by - today).days) > AHEAD_DAYS:
        return
    said = _("The contract has ended.")
    if by != contract.ends_on:
        said = ngettext("Notice is due in {n} day.", "Notice is due in {n} days.", left)
    elif left >= 0:
        said = ngettext("It ends in {n} day.", "It ends in {n} days.", left)
    key = f"renewal:{contract.id}:{contract.ends_on.isoformat()}"
    title = _("Contract {number}", number=contract.number)
    yield left, key, title, said, "handshake", "bad" if left < 0 else "watch"


def _hours_of(contract: Contract, today: date) -> Iterator[_Seen]:
    """Yield a contract whose hours are used up before it ends, or nearly are."""
    if (contract.starts_on or today) > today or (contract.ends_on or today) < today:
        return
    day = renewals.used_up_on(contract, today)
    is_near = day is not None and (day - today).days <= AHEAD_DAYS
    if not is_near and not renewals.is_nearly_used(contract):
        return
    left = max(Decimal(0), contract.hours_included - contract.hours_used)
    hours, all_hours = i18n.quantity(left, "h", 2), i18n.quantity(contract.hours_included, "h")
    said = _("{left} of {all} are left.", left=hours, all=all_hours)
    if not left:
        said = _("All {all} are used.", all=all_hours)
    elif day is not None:
        said = _(
            "{left} of {all} are left; at this pace they are used up on {day}.",
            left=hours, all=all_hours, day=i18n.day(day, style="medium"),
        )  # fmt: skip
    key = f"hours:{contract.id}:{contract.hours_included}"
    title = _("Hours of contract {number}", number=contract.number)
    yield (day - today).days if day else AHEAD_DAYS, key, title, said, "clock", "watch" if left else "bad"


def ratings(found: CustomerRecords, zone: tzinfo) -> tuple[Task, ...]:
    """Return the answers given after visits, newest first; to a low one somebody should come back."""
    numbers = {v.id: v.number for v in found.visits}
    given = sorted(
        (r for r in found.ratings if r.rating), key=lambda r: (r.asked_at is not None, r.asked_at, r.id)
    )
    tasks = []
    for held in reversed(given[-MOST_VISITS:]):
        is_low = held.rating <= LOW_RATING
        answered = is_answered(held, found.follow_ups)
        day = i18n.day(held.asked_at.astimezone(zone).date(), style="medium") if held.asked_at else ""
        said = answer_words(held, found.follow_ups)
        tasks.append(
            Task(
                key=rating_key(held),
                title=_(
                    "{rating} of 5 by {name}",
                    rating=held.rating,
                    name=held.given_by[:60] or _("the customer"),
                ),
                line=" · ".join(
                    p
                    for p in (
                        day,
                        numbers.get(held.visit_id, ""),
                        _("would not call again") if held.would_call_again is False else "",
                        held.comment[:200],
                        said,
                    )
                    if p
                ),
                icon="smiley-sad" if is_low else "smiley-meh" if held.rating == 3 else "smiley",
                tone="ok" if answered or held.rating > 3 else "bad" if is_low else "watch",
                action=_("Promise to call") if is_low and not answered else "",
                is_planned=rating_key(held) in found.promised,
            )
        )
    return tuple(tasks)


def needs(found: CustomerRecords) -> tuple[Task, ...]:
    """Return what people want to learn, each as a training that could be promised."""
    taken = found.promised
    return tuple(_need(n, taken) for n in training_needs(found.people, found.software))[:MOST_ROWS]


def _need(need: TrainingNeed, taken: frozenset[str | None]) -> Task:
    key = f"need:{need.contact_id}:{need.topic.casefold()[:120]}"
    is_planned = key in taken or f"wanted:{need.contact_id}:{need.topic.casefold()}" in taken
    return Task(
        key=key,
        title=_("{topic} for {name}", topic=need.topic[:80], name=need.name[:60]),
        line=need.reason[:300],
        icon="graduation-cap",
        action=_("Promise a training"),
        is_planned=is_planned,
    )


def promise(task: Task, customer_id: str, owner: str, today: date) -> FollowUp:
    """Return what is seen early, or a word about a low answer, as a promise of `owner`."""
    kind, _mark, rest = task.key.partition(":")
    reasons = {
        "renewal": FollowUpReason.CONTRACT_RENEWAL,
        "hours": FollowUpReason.CONTRACT_RENEWAL,
        "rating": FollowUpReason.LOW_RATING,
        "need": FollowUpReason.TRAINING_CATCH_UP,
    }
    days = _TRAINING_DAYS if kind in ("need", "guarantee", "ends") else _WORD_DAYS
    return FollowUp(
        id=new_id(),
        customer_id=customer_id,
        contact_id=rest.partition(":")[0] if kind == "need" else None,
        asset_id=rest.partition(":")[0] if kind in ("guarantee", "ends") else None,
        text=_(_PROMISES[kind], what=task.title),
        reason=reasons.get(kind, FollowUpReason.END_OF_LIFE),
        reason_text=task.line[:400],
        department=Department.SERVICE if kind in ("guarantee", "ends") else Department.SUCCESS,
        due_on=today + timedelta(days=days),
        owner=owner,
        created_from=task.key,
        is_on_paper=False,
    )
