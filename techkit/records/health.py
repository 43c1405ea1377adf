"""How a customer does with us, explained: seven parts with their weight, each with the rows it was made of. Pure.

Points run from 0 to 100; a part nothing is known of counts for nothing and says so. The weights and steps are ours
and are shown with the result, so that nobody has to believe a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records.activities import Training
from techkit.records.assets import Asset, Contract, Lifecycle
from techkit.records.cases import files
from techkit.records.charges import visit_day
from techkit.records.findings import COMPLAINT_LABELS, Complaint, Finding, Verdict
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp
from techkit.records.training import gain_of
from techkit.records.visit import Case, Visit, WorkState

#: The same complaint on the same computer within so many days is a fault that came back. Source: scenario O5-7.
REPEAT_DAYS = 30

#: An answer this low is a matter of its own until somebody answered it. Source: RECORDS, rule of satisfaction.
LOW_RATING = 2

#: Answers that count, the newest.
MOST_RATINGS = 10

#: Looking back this far for faults and trainings.
YEAR = timedelta(days=365)

#: A contract is spoken about so many days before it ends.
CONTRACT_SOON_DAYS, CONTRACT_NEAR_DAYS = 90, 30

#: From these points on a customer does well, or is to be kept an eye on.
WELL, FAIR = 75, 50

WORDS = {
    "ok": N_("Doing well"),
    "watch": N_("Keep an eye on it"),
    "bad": N_("Needs attention"),
    "none": N_("Not known yet"),
}


@dataclass(frozen=True, kw_only=True)
class HealthRow:
    """One record behind a part, in words; kind and id open it."""

    kind: str
    id: str
    text: str
    line: str = ""


@dataclass(frozen=True, kw_only=True)
class HealthPart:
    """One part: its weight, its points (None where nothing is known), why, and the rows behind it."""

    key: str
    label: str
    weight: int
    points: int | None
    sentence: str
    rows: tuple[HealthRow, ...] = ()

    @property
    def tone(self) -> str:
        """Return "ok", "watch", "bad" or "none"."""
        return tone_of(self.points)


@dataclass(frozen=True, kw_only=True)
class Health:
    """All parts and what they come to; points None where nothing is known at all."""

    points: int | None
    parts: tuple[HealthPart, ...]

    @property
    def tone(self) -> str:
        """Return "ok", "watch", "bad" or "none"."""
        return tone_of(self.points)

    @property
    def word(self) -> str:
        """Return the word that stands first."""
        return _(WORDS[self.tone])

    @property
    def weakest(self) -> HealthPart | None:
        """Return the part that costs most points, None where all is well."""
        known = [part for part in self.parts if part.points is not None and part.points < WELL]
        return max(known, key=lambda part: (100 - (part.points or 0)) * part.weight, default=None)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What health is made of: one customer's records. end_of_life: asset id -> what its last check said of its system."""

    cases: tuple[Case, ...] = ()
    visits: tuple[Visit, ...] = ()
    ratings: tuple[Satisfaction, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    assets: tuple[Asset, ...] = ()
    end_of_life: Mapping[str, Finding] | None = None
    trainings: tuple[Training, ...] = ()
    contracts: tuple[Contract, ...] = ()


def tone_of(points: int | None) -> str:
    """Return the tone of points: "ok", "watch", "bad", or "none" where nothing is known."""
    if points is None:
        return "none"
    return "ok" if points >= WELL else "watch" if points >= FAIR else "bad"


def health(known: Known, today: date) -> Health:
    """Return how a customer does, part by part, the heaviest first."""
    parts = (
        _ratings(known),
        _repeats(known, today),
        _cases(known, today),
        _overdue(known, today),
        _ends(known),
        _contract(known, today),
        _training(known, today),
    )
    counted = [(part.points, part.weight) for part in parts if part.points is not None]
    weight = sum(held for _points, held in counted)
    points = round(sum(held * share for held, share in counted) / weight) if weight else None
    return Health(points=points, parts=parts)


def is_answered(rating: Satisfaction, follow_ups: Iterable[FollowUp]) -> bool:
    """Return whether somebody came back to a low answer."""
    return any(f.created_from == rating_key(rating) and f.state == "done" for f in follow_ups)


def answer_words(rating: Satisfaction, follow_ups: Iterable[FollowUp]) -> str:
    """Return whether somebody came back to an answer, and what came of it; "" for one that asks for nothing."""
    answers = [f for f in follow_ups if f.created_from == rating_key(rating) and f.state == "done"]
    if answers:
        came_of_it = answers[-1].outcome_note
        return (
            _("somebody came back to it: {note}", note=came_of_it)
            if came_of_it
            else _("somebody came back to it")
        )
    return _("nobody has come back to it yet") if rating.rating <= LOW_RATING else ""


def rating_key(rating: Satisfaction) -> str:
    """Return the key a follow-up of a low answer is made from; a visit has one answer."""
    return f"rating:{rating.visit_id}"


def _ratings(known: Known) -> HealthPart:
    given = sorted(
        (r for r in known.ratings if r.rating), key=lambda r: (r.asked_at is not None, r.asked_at, r.id)
    )
    newest = given[-MOST_RATINGS:]
    part = HealthPart(
        key="rating",
        label=_("Their answers"),
        weight=20,
        points=None,
        sentence=_("Nobody has answered so far."),
    )
    if not newest:
        return part
    mean = sum(r.rating for r in newest) / len(newest)
    points = round((mean - 1) * 25)
    waiting = [r for r in newest if r.rating <= LOW_RATING and not is_answered(r, known.follow_ups)]
    said = ngettext(
        "{mean} of 5 in {n} answer.", "{mean} of 5 in {n} answers.", len(newest), mean=i18n.number(mean, 1)
    )
    if waiting:
        points = min(points, 40)
        low = ngettext("{n} low answer waits for a word.", "{n} low answers wait for a word.", len(waiting))
        said = f"{said} {low}"
    rows = tuple(
        HealthRow(
            kind="visit",
            id=r.visit_id,
            text=_("{rating} of 5 by {name}", rating=r.rating, name=r.given_by or _("the customer")),
            line=r.comment[:200] or (i18n.day(r.asked_at.date(), style="medium") if r.asked_at else ""),
        )
        for r in sorted(newest, key=lambda r: r.rating)
    )
    return HealthPart(
        key=part.key, label=part.label, weight=part.weight, points=points, sentence=said, rows=rows
    )


def _repeats(known: Known, today: date) -> HealthPart:
    label, weight = _("Faults that came back"), 20
    seen: dict[tuple[str, Complaint], tuple[date, Visit]] = {}
    rows: list[HealthRow] = []
    took_place = [
        v
        for v in known.visits
        if v.arrived_at and v.work_state not in (WorkState.CANCELLED, WorkState.NO_ACCESS)
    ]
    for visit in sorted(took_place, key=lambda v: (v.arrived_at, v.id)):
        day = visit_day(visit)
        if day is None or day < today - YEAR or visit.complaint is Complaint.OTHER:
            continue
        for asset_id in visit.asset_ids:
            before = seen.get((asset_id, visit.complaint))
            if before is not None and (day - before[0]).days <= REPEAT_DAYS:
                rows.append(
                    HealthRow(
                        kind="visit",
                        id=visit.id,
                        text=_(
                            "“{what}” again on {day}",
                            what=_(COMPLAINT_LABELS[visit.complaint]),
                            day=i18n.day(day, style="medium"),
                        ),
                        line=ngettext(
                            "{n} day after visit {number}",
                            "{n} days after visit {number}",
                            (day - before[0]).days,
                            number=before[1].number,
                        ),
                    )
                )
            seen[asset_id, visit.complaint] = (day, visit)
    if not took_place:
        return HealthPart(
            key="repeats", label=label, weight=weight, points=None, sentence=_("No visit so far.")
        )
    points = (100, 50, 25)[len(rows)] if len(rows) < 3 else 0
    said = (
        ngettext("{n} fault came back within 30 days.", "{n} faults came back within 30 days.", len(rows))
        if rows
        else _("No fault came back within 30 days, in the last year.")
    )
    return HealthPart(
        key="repeats", label=label, weight=weight, points=points, sentence=said, rows=tuple(rows)
    )


def _cases(known: Known, today: date) -> HealthPart:
    waiting = [file for file in files(known.cases, known.visits) if file.is_open]
    rows = tuple(
        HealthRow(
            kind="visit" if file.last_visit else "case",  # a case is worked on in its visits
            id=file.last_visit.id if file.last_visit else file.case.id,
            text=file.title,
            line=" · ".join(
                p for p in (file.case.number, _open_for(file.case, today)) if p and p != file.title
            ),
        )
        for file in waiting
    )
    said = ngettext("{n} case is open.", "{n} cases are open.", len(rows)) if rows else _("No case is open.")
    return HealthPart(
        key="cases",
        label=_("Open cases"),
        weight=15,
        points=max(0, 100 - 30 * len(rows)),
        sentence=said,
        rows=rows,
    )


def _open_for(case: Case, today: date) -> str:
    days = (today - case.reported_at.date()).days if case.reported_at else None
    if days is None:
        return ""
    return ngettext("open for {n} day", "open for {n} days", days) if days > 0 else _("opened today")


def _overdue(known: Known, today: date) -> HealthPart:
    late = sorted(
        (
            f
            for f in known.follow_ups
            if f.state == "open" and not f.is_customers_own and f.due_on and f.due_on < today
        ),
        key=lambda f: (f.due_on, f.id),
    )
    rows = tuple(
        HealthRow(
            kind="follow_up",
            id=f.id,
            text=f.text,
            line=ngettext("{n} day late", "{n} days late", (today - f.due_on).days) if f.due_on else "",
        )
        for f in late
    )
    said = (
        ngettext("{n} promise is overdue.", "{n} promises are overdue.", len(rows))
        if rows
        else _("Every promise is kept or still in time.")
    )
    return HealthPart(
        key="overdue",
        label=_("Promises"),
        weight=15,
        points=max(0, 100 - 30 * len(rows)),
        sentence=said,
        rows=rows,
    )


def _ends(known: Known) -> HealthPart:
    label, weight = _("Systems without support"), 15
    ends = known.end_of_life or {}
    in_use = [
        a for a in known.assets if a.lifecycle is Lifecycle.IN_USE and not a.merged_into and a.id in ends
    ]
    if not in_use:
        return HealthPart(
            key="ends", label=label, weight=weight, points=None, sentence=_("No computer was checked so far.")
        )
    over = [a for a in in_use if ends[a.id].verdict is Verdict.ACT]
    soon = [a for a in in_use if ends[a.id].verdict is Verdict.WATCH]
    rows = tuple(
        HealthRow(kind="asset", id=a.id, text=a.tag or a.name, line=ends[a.id].sentence)
        for a in (*over, *soon)
    )
    points = round(100 - (100 * len(over) + 40 * len(soon)) / len(in_use))
    said = ngettext(
        "{bad} of {n} checked computer is out of support or soon will be.",
        "{bad} of {n} checked computers are out of support or soon will be.",
        len(in_use),
        bad=len(rows),
    )
    return HealthPart(key="ends", label=label, weight=weight, points=points, sentence=said, rows=rows)


def _contract(known: Known, today: date) -> HealthPart:
    label, weight = _("Contract"), 10
    dated = [c for c in known.contracts if c.ends_on is not None]
    if not dated:
        return HealthPart(
            key="contract", label=label, weight=weight, points=None, sentence=_("No contract with an end.")
        )
    last = max(dated, key=lambda c: (c.ends_on, c.id))
    left = (last.ends_on - today).days if last.ends_on else 0
    row = HealthRow(
        kind="contract", id=last.id, text=_("Contract {number}", number=last.number),
        line=_("until {day}", day=i18n.day(last.ends_on, style="medium")) if last.ends_on else "",
    )  # fmt: skip
    if left < 0:
        points, said = 0, _("The contract has ended.")
    else:
        points = 100 if left > CONTRACT_SOON_DAYS else 60 if left > CONTRACT_NEAR_DAYS else 30
        said = ngettext("The contract ends in {n} day.", "The contract ends in {n} days.", left)
    return HealthPart(key="contract", label=label, weight=weight, points=points, sentence=said, rows=(row,))


def _training(known: Known, today: date) -> HealthPart:
    label, weight = _("Learning"), 5
    days = {v.id: visit_day(v) for v in known.visits}
    held = [t for t in known.trainings if (days.get(t.visit_id) or today) >= today - YEAR]
    judged = [(t, gain_of(t)) for t in held]
    present = sum(
        sum(1 for a in t.attendance if a.is_present and a.skill_before and a.skill_after) for t, _g in judged
    )
    if not present:
        return HealthPart(
            key="training",
            label=label,
            weight=weight,
            points=None,
            sentence=_("No training was judged in the last year."),
        )
    improved = sum(gain.improved for _t, gain in judged)
    rows = tuple(
        HealthRow(
            kind="visit",
            id=t.visit_id,
            text=t.title or ", ".join(t.topics),
            line=_(
                "{improved} of {present} can do more than before",
                improved=gain.improved,
                present=gain.present,
            ),
        )
        for t, gain in judged
    )
    said = ngettext(
        "{improved} of {n} learner can do more than before.",
        "{improved} of {n} learners can do more than before.",
        present,
        improved=improved,
    )
    return HealthPart(
        key="training",
        label=label,
        weight=weight,
        points=round(100 * improved / present),
        sentence=said,
        rows=rows,
    )
