"""Who needs which training, and what a session brought. Pure.

A need: somebody uses the computer weekly or more, would like to learn a feature, and their skill is
at most 3 (comfortable). Source: the specification's story of a group training.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from techkit.i18n import _
from techkit.records.activities import Training
from techkit.records.parties import FREQUENCIES, SKILLS, Contact, Frequency, UserSoftware

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
    reason: str = ""


def training_needs(
    people: Iterable[Contact], software: Iterable[UserSoftware] = ()
) -> tuple[TrainingNeed, ...]:
    """Return who would be helped by what, by topic in the order of the wishes, least skilled first."""
    rows = list(software)
    found: dict[tuple[str, str], TrainingNeed] = {}
    for contact in people:
        if contact.merged_into is not None:
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
                        reason=_(
                            "{name}: {how_often}, would like to learn “{topic}”, {skill}",
                            name=contact.name,
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

    attendee_minutes: minutes × people present.
    """

    invited: int
    present: int
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
        improved=sum(1 for a in judged if a.skill_after > a.skill_before),
        mean_before=_mean([a.skill_before for a in judged]),
        mean_after=_mean([a.skill_after for a in judged]),
        attendee_minutes=training.minutes * len(present),
    )


def _mean(values: list[int]) -> Decimal | None:
    if not values:
        return None
    return (Decimal(sum(values)) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP)
