"""What was promised during a visit, to whom and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.central.pages.marks import Mark
from techkit.i18n import _, ngettext
from techkit.records.bundle import VisitBundle
from techkit.records.success import DEPARTMENTS, FOLLOW_UP_REASONS, FollowUp


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One follow-up in words."""

    text: str
    who: str
    due: str
    mark: Mark | None
    reason: str


def promises(bundle: VisitBundle, today: date) -> tuple[Promise, ...]:
    """Return the visit's follow-ups in words."""
    return tuple(promise(held, today) for held in bundle.follow_ups)


def promise(held: FollowUp, today: date) -> Promise:
    """Return one follow-up in words."""
    who = _("the customer") if held.is_customers_own else held.owner or _(DEPARTMENTS[held.department])
    reason = held.reason_text or _(FOLLOW_UP_REASONS[held.reason])
    if held.cost_minor and held.decision != "yes":
        reason += " · " + _(
            "planned, if {who} agrees ({money})",
            who=held.approver or _("the customer"),
            money=i18n.money(held.cost_minor, held.currency),
        )
    return Promise(
        text=held.text,
        who=who,
        due=i18n.day(held.due_on, style="long") if held.due_on else _("no date"),
        mark=due_mark(held, today),
        reason=reason,
    )


def due_mark(held: FollowUp, today: date) -> Mark | None:
    """Return how a promise stands; due today is not overdue."""
    if held.state == "done":
        return Mark(look="ok", icon="check-circle", words=_("Done"))
    if held.state == "dropped":
        return Mark(look="none", icon="minus-circle", words=_("Dropped"))
    if held.due_on is None or held.due_on > today:
        return None
    if held.due_on == today:
        return Mark(look="info", icon="clock", words=_("Due today"))
    days = (today - held.due_on).days
    return Mark(look="bad", icon="warning-octagon", words=ngettext("1 day overdue", "{n} days overdue", days))
