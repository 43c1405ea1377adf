"""How a budget goes along with its period: what is used against what of the time is gone, and variance in words. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from techkit import i18n
from techkit.i18n import _
from techkit.records.budget import Budget, Standing, Variance, variance

#: This many points more used than time gone is still on track: bills come in lumps. Ours.
SLACK_POINTS = 5

_PERIOD = re.compile(r"^(\d{4})(?:-(\d{2}))?$")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """A budget in sentences. gone_percent: part of the period that is over, None for a period without an end.

    ahead_points: how many points more are used than time is gone (negative: fewer), None where not known.
    variance_line: favourable or unfavourable, in money. left_line: what may still be spent. pace_line: used against
    gone. limit_line: what the warning or the stop means now, "" while neither holds.
    """

    variance: Variance
    gone_percent: int | None
    ahead_points: int | None
    left_line: str
    variance_line: str
    original_line: str
    pace_line: str
    limit_line: str


def gone_percent(period: str, today: date) -> int | None:
    """Return the part of a year ("2026") or month ("2026-11") that is over at the end of today; None for others."""
    found = _PERIOD.match(period.strip())
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 0)
    if not 1970 <= year <= 2200 or month > 12 or (found[2] and not month):
        return None
    first = date(year, month or 1, 1)
    days = calendar.monthrange(year, month)[1] if month else 366 if calendar.isleap(year) else 365
    over = (today - first).days + 1
    return max(0, min(100, round(100 * over / days)))


def latest(budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Return the budgets that hold: those no later revision replaces."""
    held = list(budgets)
    replaced = {b.revision_of for b in held if b.revision_of}
    return tuple(b for b in held if b.id not in replaced)


def pace(budget: Budget, today: date) -> Pace:
    """Return how a budget stands and goes along, in words."""
    found = variance(budget)
    gone = gone_percent(budget.period, today)
    used = found.used_percent
    ahead = None if gone is None or used is None else round(used - gone)
    return Pace(
        variance=found,
        gone_percent=gone,
        ahead_points=ahead,
        left_line=_left(budget, found),
        variance_line=variance_words(found.variance_minor, budget.currency),
        original_line=_original(budget),
        pace_line=_pace_line(used, gone, ahead),
        limit_line=_limit(budget, found),
    )


def variance_words(difference_minor: int, currency: str) -> str:
    """Return approved minus actual in words: 0 and above is favourable."""
    amount = i18n.money(abs(difference_minor), currency)
    if difference_minor >= 0:
        return _("Favourable: {amount} under what was approved.", amount=amount)
    return _("Unfavourable: {amount} over what was approved.", amount=amount)


def counted_in(sentence: str, unbooked_minor: int, currency: str) -> str:
    """Return a sentence about what is left, and how much of it is not booked yet, if any is."""
    if not unbooked_minor:
        return sentence
    counted = _(
        "Counted with it: {amount} of other visits that the office has not booked yet.",
        amount=i18n.money(unbooked_minor, currency),
    )
    return f"{sentence} {counted}"


def _left(budget: Budget, found: Variance) -> str:
    approved = i18n.money(found.approved_minor, budget.currency)
    if found.available_minor >= 0:
        left = i18n.money(found.available_minor, budget.currency)
        said = _("{left} of {approved} left", left=left, approved=approved)
    else:
        over = i18n.money(-found.available_minor, budget.currency)
        said = _("{over} more than the {approved} approved", over=over, approved=approved)
    if found.committed_minor:
        promised = i18n.money(found.committed_minor, budget.currency)
        waiting = _("{amount} promised and not billed yet", amount=promised)
        return f"{said} · {waiting}"
    return said


def _original(budget: Budget) -> str:
    if not budget.original_minor or budget.original_minor == budget.approved_minor:
        return ""
    first = i18n.money(budget.original_minor, budget.currency)
    difference = budget.original_minor - budget.actual_minor
    amount = i18n.money(abs(difference), budget.currency)
    if difference >= 0:
        return _(
            "Against the {first} approved at first: {amount} under, favourable.", first=first, amount=amount
        )
    return _(
        "Against the {first} approved at first: {amount} over, unfavourable.", first=first, amount=amount
    )


def _pace_line(used: Decimal | None, gone: int | None, ahead: int | None) -> str:
    if used is None:
        return _("Nothing was approved.")
    share = f"{i18n.exact(used)}{i18n.NO_BREAK_SPACE}%"
    if gone is None or ahead is None:
        return _("{share} used.", share=share)
    over = f"{gone}{i18n.NO_BREAK_SPACE}%"
    if ahead > SLACK_POINTS:
        return _(
            "{share} used, {over} of the time gone: {n} points ahead of plan.",
            share=share,
            over=over,
            n=ahead,
        )
    return _("{share} used, {over} of the time gone: on track.", share=share, over=over)


def _limit(budget: Budget, found: Variance) -> str:
    if found.standing is Standing.STOP:
        return _("Used up: nothing more may be spent without a word of who approves.")
    if found.standing is Standing.WARN:
        return _("Past the warning at {percent} %.", percent=budget.warn_percent)
    return ""
