"""Who needs which training, and what a session brought. Pure.

A need: somebody uses the computer weekly or more, would like to learn a feature, and their skill is
at most 3 (comfortable). Source: the specification's story of a group training.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from techkit import i18n
from techkit.i18n import _
from techkit.records.activities import ASSESSED_HOW, Attendance, Training
from techkit.records.parties import (
    FREQUENCIES,
    SKILLS,
    Contact,
    Frequency,
    SkillAssessment,
    UserSoftware,
)
from techkit.records.schema import Record

#: Up to this skill training is suggested.
NEEDS_UP_TO = 3

#: How often counts as often enough for a training to last.
OFTEN = (Frequency.DAILY, Frequency.WEEKLY)


@dataclass(frozen=True, kw_only=True)
class TrainingNeed:
    """One person's wish to learn one thing, and why it is suggested."""

    topic: str
    contact_id: str
    name: str
    skill: int
    product: str = ""
    wish: str = ""

    @property
    def reason(self) -> str:
        """The wish with the name of whose it is."""
        return _("{name}: {wish}", name=self.name, wish=self.wish)


def training_needs(
    people: Iterable[Contact], software: Iterable[UserSoftware] = ()
) -> tuple[TrainingNeed, ...]:
    """Return who would be helped by what, by topic in the order of the wishes, least skilled first."""
    rows = list(software)
    found: dict[tuple[str, str], TrainingNeed] = {}
    for contact in people:
        if not contact.is_there:
            continue
        for topic, product, frequency, skill in _wishes(contact, rows):
            if frequency in OFTEN and 0 < skill <= NEEDS_UP_TO:
                found.setdefault(
                    (topic.casefold(), contact.id),
                    TrainingNeed(
                        topic=topic,
                        contact_id=contact.id,
                        name=contact.name,
                        skill=skill,
                        product=product,
                        wish=_(
                            "{how_often}, would like to learn “{topic}”, {skill}",
                            how_often=_(FREQUENCIES[frequency]).lower(),
                            topic=topic,
                            skill=_(SKILLS[skill]).lower(),
                        ),
                    ),
                )
    topics = list(dict.fromkeys(topic for topic, _contact in found))
    return tuple(sorted(found.values(), key=lambda n: (topics.index(n.topic.casefold()), n.skill)))


def _wishes(contact: Contact, rows: list[UserSoftware]) -> list[tuple[str, str, Frequency, int]]:
    own = [r for r in rows if r.contact_id == contact.id]
    found = [(t, r.product, r.frequency, r.skill or contact.skill) for r in own for t in r.features_wanted]
    product = own[0].product if len(own) == 1 else ""
    skill = own[0].skill if len(own) == 1 and own[0].skill else contact.skill
    found += [(t, product, contact.frequency, skill) for t in contact.features_wanted]
    return found


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What a session brought its group. means: None without anybody judged before and after.

    in_part: those who came late or left early, among the present. attendee_minutes: how long each present was there.
    """

    invited: int
    present: int
    in_part: int
    improved: int
    mean_before: Decimal | None
    mean_after: Decimal | None
    attendee_minutes: int


def gain_of(training: Training) -> Gain:
    """Return a session's figures; means over the people present and judged twice, to one place."""
    present = [a for a in training.attendance if a.is_present]
    judged = [a for a in present if a.skill_before and a.skill_after]
    return Gain(
        invited=len(training.attendance),
        present=len(present),
        in_part=sum(1 for a in present if a.missed),
        improved=sum(1 for a in judged if a.skill_after > a.skill_before),
        mean_before=_mean([a.skill_before for a in judged]),
        mean_after=_mean([a.skill_after for a in judged]),
        attendee_minutes=sum(minutes_there(a, training.minutes) for a in present),
    )


def minutes_there(row: Attendance, minutes: int) -> int:
    """Return how long somebody who took part was there, of a session of so many minutes."""
    return min(row.minutes_there, minutes) if row.missed and row.minutes_there else minutes


def _mean(values: list[int]) -> Decimal | None:
    if not values:
        return None
    return (Decimal(sum(values)) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP)


# --- what a session changes -------------------------------------------------------------------------


def taught(
    training: Training,
    people: Iterable[Contact],
    software: Iterable[UserSoftware],
    *,
    day: date,
    new_id: Callable[[], str],
    earlier: Training | None = None,
) -> list[Record]:
    """Return what a session says about its people: judgements that stay, and their profiles now.

    earlier: the same session as it was saved before; a judgement already written is not written again.
    Who was absent or not judged keeps their profile. A topic somebody got better at is wished for no more
    and counts as used.
    """
    found: list[Record] = []
    contacts = {person.id: person for person in people}
    profiles = list(software)
    product = training.product or ", ".join(training.topics) or training.title
    before = {row.contact_id: row for row in earlier.attendance} if earlier else {}
    for row in training.attendance:
        if not row.is_present or not row.skill_after:
            continue
        if not _is_same(before.get(row.contact_id), row):
            found += _judgements(training, row, product, day, new_id)
        own = next(
            (p for p in profiles if p.contact_id == row.contact_id and p.product == training.product), None
        )
        learned = training.topics if row.skill_after > row.skill_before else ()
        if own is not None:
            used, wanted = _moved(own.features_used, own.features_wanted, learned)
            found.append(
                dataclasses.replace(
                    own,
                    skill=row.skill_after,
                    assessed_on=day,
                    assessed_how=row.assessed_how,
                    features_used=used,
                    features_wanted=wanted,
                )
            )
        elif (person := contacts.get(row.contact_id)) is not None:
            used, wanted = _moved(person.features_used, person.features_wanted, learned)
            found.append(
                dataclasses.replace(person, skill=row.skill_after, features_used=used, features_wanted=wanted)
            )
    return found


def _is_same(old: Attendance | None, row: Attendance) -> bool:
    return old is not None and (old.skill_before, old.skill_after, old.assessed_how) == (
        row.skill_before,
        row.skill_after,
        row.assessed_how,
    )


def judged_anew(
    before: UserSoftware | None, after: UserSoftware, *, day: date, new_id: Callable[[], str]
) -> list[Record]:
    """Return a profile as it is kept, with the judgement it is when its skill was judged anew; the history stays.

    A skill of 0 is not judged; a day that was typed holds, else the judgement is of today.
    """
    is_same = before is not None and (before.skill, before.assessed_how) == (after.skill, after.assessed_how)
    if not after.skill or is_same:
        return [after]
    typed = after.assessed_on if before is None or after.assessed_on != before.assessed_on else None
    held = dataclasses.replace(after, assessed_on=typed or day)
    return [
        held,
        SkillAssessment(
            id=new_id(),
            contact_id=held.contact_id,
            product=held.product,
            skill=held.skill,
            assessed_on=held.assessed_on,
            assessed_how=held.assessed_how,
        ),
    ]


def joined(keep: UserSoftware, gone: UserSoftware) -> UserSoftware:
    """Return the profile of somebody entered twice: as it was judged last, used what either used.

    A wish of the earlier one is kept unless the feature is used by now.
    """
    later, earlier = (keep, gone) if _judged_on(keep) >= _judged_on(gone) else (gone, keep)
    used = tuple(dict.fromkeys((*keep.features_used, *gone.features_used)))
    wishes = (w for w in earlier.features_wanted if w.casefold() not in {f.casefold() for f in used})
    return dataclasses.replace(
        later,
        id=keep.id,
        contact_id=keep.contact_id,
        features_used=used,
        features_wanted=tuple(dict.fromkeys((*later.features_wanted, *wishes))),
    )


def _judged_on(profile: UserSoftware) -> date:
    """Return the day a profile was judged; before every day where it was not."""
    return profile.assessed_on if profile.skill and profile.assessed_on else date.min


def _judgements(
    training: Training, row: Attendance, product: str, day: date, new_id: Callable[[], str]
) -> list[Record]:
    judged = [(row.skill_before, "before")] if row.skill_before else []
    judged.append((row.skill_after, row.assessed_how))
    return [
        SkillAssessment(
            id=new_id(),
            contact_id=row.contact_id,
            visit_id=training.visit_id,
            product=product,
            skill=skill,
            assessed_on=day,
            assessed_how=how,
        )
        for skill, how in judged
    ]


def _moved(
    used: tuple[str, ...], wanted: tuple[str, ...], learned: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return features used and wanted once some wished-for ones were learned."""
    known = {topic.casefold() for topic in learned}
    new = [topic for topic in wanted if topic.casefold() in known]
    there = {feature.casefold() for feature in used}
    return (
        (*used, *(topic for topic in new if topic.casefold() not in there)),
        tuple(topic for topic in wanted if topic.casefold() not in known),
    )


def history_lines(judged: Iterable[SkillAssessment], contact_id: str) -> tuple[str, ...]:
    """Return a person's judgements in words, newest day first, before and after of one day in one line."""
    own = sorted(
        (one for one in judged if one.contact_id == contact_id and one.assessed_on is not None),
        key=lambda one: (one.assessed_on or date.min, one.id),
    )
    lines: list[str] = []
    for index, one in enumerate(own):
        day = i18n.day(one.assessed_on) if one.assessed_on else ""
        if one.assessed_how == "before":
            continue
        before = own[index - 1] if index and own[index - 1].assessed_how == "before" else None
        words = dict(day=day, product=one.product, after=_(SKILLS.get(one.skill, SKILLS[0])).lower())
        how = _(ASSESSED_HOW.get(one.assessed_how, one.assessed_how)).lower()
        if before is not None and before.product == one.product and before.assessed_on == one.assessed_on:
            was = _(SKILLS.get(before.skill, SKILLS[0])).lower()
            lines.append(_("{day}, {product}: {before} → {after} ({how})", before=was, how=how, **words))
        else:
            lines.append(_("{day}, {product}: {after} ({how})", how=how, **words))
    return tuple(reversed(lines))
