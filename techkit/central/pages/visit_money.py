"""The money of a visit: what is charged, what the contract pays, what each cost centre bears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.central import unbooked
from techkit.central.unbooked import Waiting
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.agreements import why_not
from techkit.records.assets import LABOUR_KINDS
from techkit.records.budget import Budget, CostEntry, CostKind, Standing, Variance, variance
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, Charges, Share, shares
from techkit.records.schema import spec_of
from techkit.records.wording import format_value


@dataclass(frozen=True, kw_only=True)
class BookedLine:
    """One booked cost in words; amount with its sign."""

    what: str
    centre: str
    month: str
    amount: str
    note: str


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """What one cost centre bears and how its budget stands afterwards; width of the bar 0–300.

    waiting: how it stands with the customer's other visits that are not booked yet, "" where there are none.
    """

    address: str
    name: str
    amount: str
    share: str
    words: str
    used_width: int
    look: str
    note: str
    waiting: str = ""
    waiting_look: str = ""


def charge_entries(bundle: VisitBundle, reckoned: Charges) -> tuple[tuple[str, str, str], ...]:
    """Return what is charged as (what, how reckoned, amount): labour, travel, expenses."""
    found = []
    for held in reckoned.lines:
        if held.kind in (CostKind.PART, CostKind.SUPPLY):
            continue
        found.append(
            (
                _charge_label(held),
                _charge_how(held, reckoned),
                i18n.money(held.amount_minor, reckoned.currency),
            )
        )
    goods = [held for held in reckoned.lines if held.kind in (CostKind.PART, CostKind.SUPPLY)]
    if goods:
        amount = sum(held.amount_minor for held in goods)
        words = ngettext("1 line above", "{n} lines above", len(goods))
        found.append((_("Parts and supplies"), words, i18n.money(amount, reckoned.currency)))
    found += [
        (line.label, _("in another currency, in no total"), i18n.money(line.amount_minor, line.currency))
        for line in reckoned.foreign
    ]
    return tuple(found)


def _charge_label(held: ChargeLine) -> str:
    match held.kind:
        case CostKind.LABOUR:
            return next(
                (_(words) for kind, words in LABOUR_KINDS.items() if kind.value == held.labour), _("Labour")
            )
        case CostKind.TRAVEL:
            if held.unit_price_minor:
                return _("Travel, {km}", km=i18n.quantity(held.quantity, "km", 1))
            return _("Travel, flat")
        case _:
            return held.label


def _charge_how(held: ChargeLine, reckoned: Charges) -> str:
    if held.is_covered:
        return _("paid by the contract")
    if held.kind is CostKind.TRAVEL and held.unit_price_minor:
        price = i18n.money(held.unit_price_minor, reckoned.currency)
        return _("at {price} a kilometre", price=price)
    if held.minutes and not held.unit_price_minor:
        return _("{time}, no rate known here", time=i18n.minutes(held.minutes))
    if held.minutes:
        rate = i18n.money(held.unit_price_minor, reckoned.currency)
        if held.is_out_of_hours:
            return _("{time} outside the agreed hours at {rate}", time=i18n.minutes(held.minutes), rate=rate)
        return _("{time} charged at {rate} an hour", time=i18n.minutes(held.minutes), rate=rate)
    return ""


def contract_words(bundle: VisitBundle, reckoned: Charges) -> str:
    """Return the contract, until when it runs and what it holds after this visit."""
    if bundle.contract is None:
        return _("One-time")
    if ended := why_not(bundle.contract, bundle):
        return ended
    words = bundle.contract.name or bundle.contract.number
    if bundle.contract.ends_on:
        words = _(
            "{contract}, to {day}", contract=words, day=i18n.day(bundle.contract.ends_on, style="medium")
        )
    if reckoned.contract_minutes_left is not None:
        left = reckoned.contract_minutes_left
        shown = i18n.minutes(abs(left))
        words += " · " + (
            _("{time} left after this visit", time=shown) if left >= 0 else _("{time} overdrawn", time=shown)
        )
    return words


def budgets(org_id: int, bundle: VisitBundle, reckoned: Charges) -> tuple[BudgetLine, ...]:
    """Return what each cost centre bears of the visit; none where the shares do not add up."""
    try:
        parts = shares(bundle)
    except InputError:
        return ()
    others = unbooked.waiting(org_id, bundle, parts)
    return tuple(_budget(share, reckoned.currency, others) for share in parts)


def _budget(share: Share, currency: str, others: Waiting) -> BudgetLine:
    name = f"{share.centre.code} {share.centre.name}".strip()
    amount = i18n.money(share.amount_minor, currency)
    percent = _share_words(share, currency)
    if share.budget is None or share.after is None:
        return BudgetLine(
            address="",
            name=name,
            amount=amount,
            share=percent,
            words=_("no budget here")
            if share.budget is None
            else _("its budget is kept in {currency}", currency=share.budget.currency),
            used_width=0,
            look="",
            note="",
        )
    after = share.after
    money = share.budget.currency
    note = variance_words(after, money)
    waiting, waiting_look = _waiting(share, share.budget, others)
    if after.used_percent is not None:
        note += " · " + used_words(after)
    return BudgetLine(
        address=f"/budgets/{share.budget.id}",
        name=name,
        amount=amount,
        share=percent,
        words=_(
            "{actual} of {approved}",
            actual=i18n.money(after.actual_minor, money),
            approved=i18n.money(after.approved_minor, money),
        ),
        used_width=meter_width(after),
        look=standing_look(after),
        note=note,
        waiting=waiting,
        waiting_look=waiting_look,
    )


def _waiting(share: Share, budget: Budget, others: Waiting) -> tuple[str, str]:
    """Return how the budget stands once the customer's other visits are booked too, and how that looks."""
    amount = others.amounts.get(budget.id, 0)
    if not amount:
        return "", ""
    own = 0 if share.after is None else share.after.actual_minor - budget.actual_minor
    then = variance(budget, own + amount)
    count = others.counts[budget.id]
    sentence = ngettext(
        "1 other visit is not booked yet and takes {amount}: then {left}.",
        "{n} other visits are not booked yet and take {amount}: then {left}.",
        count,
        amount=i18n.money(amount, budget.currency),
        left=variance_words(then, budget.currency),
    )
    if not others.is_all:
        sentence += " " + _("Only the newest {n} were counted.", n=i18n.number(unbooked.MOST_COUNTED))
    return sentence, standing_look(then)


def _share_words(share: Share, currency: str) -> str:
    """Return what a cost centre bears: its percentage of the visit, lines of its own, or both."""
    parts = [_("{percent} %", percent=i18n.exact(share.share_percent))] if share.share_percent else []
    if share.own_minor:
        parts.append(_("{amount} of its own", amount=i18n.money(share.own_minor, currency)))
    return " + ".join(parts)


def variance_words(stands: Variance, currency: str) -> str:
    """Return what is left of a budget, or how far it is overrun, in words."""
    if stands.variance_minor >= 0:
        return _("{money} left (favourable)", money=i18n.money(stands.variance_minor, currency))
    return _("{money} over (unfavourable)", money=i18n.money(-stands.variance_minor, currency))


def used_words(stands: Variance) -> str:
    """Return how much of a budget is used; "" where nothing was approved."""
    if stands.used_percent is None:
        return ""
    return _("{percent} used", percent=i18n.percent(stands.used_percent / 100))


def standing_look(stands: Variance) -> str:
    """Return how a budget's meter is drawn; its words stand beside it."""
    return {Standing.STOP: "bad", Standing.WARN: "watch"}.get(stands.standing, "")


def meter_width(stands: Variance) -> int:
    """Return the width of a budget's meter, 0–300."""
    return round(3 * min(max(float(stands.used_percent or 0), 0.0), 100.0))


def month_words(month: str) -> str:
    """Return a month as a person reads it, e.g. "November 2026"; other texts as they are."""
    try:
        return i18n.month(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return month


def booked(bundle: VisitBundle) -> tuple[BookedLine, ...]:
    """Return what was booked of the visit, and taken back, in the order of booking."""
    centres = {centre.id: centre.code for centre in bundle.cost_centres}
    gone = {entry.reverses for entry in bundle.cost_entries if entry.reverses}
    return tuple(
        BookedLine(
            what=entry_words(entry),
            centre=centres.get(entry.cost_centre_id or "", "") or _("no cost centre"),
            month=month_words(entry.period),
            amount=i18n.money(entry.amount_minor, entry.currency),
            note=entry_note(entry, was_taken_back=entry.id in gone),
        )
        for entry in bundle.cost_entries
        if entry.amount_minor
    )


def entry_words(entry: CostEntry) -> str:
    """Return what a booked cost is for."""
    kind = format_value(spec_of(entry).field("kind"), entry.kind)
    return _("{kind}: {words}", kind=kind, words=entry.label) if entry.label else kind


def entry_note(entry: CostEntry, *, was_taken_back: bool) -> str:
    """Return what became of a booked cost; "" when it simply stands."""
    if entry.reverses:
        return (
            _("takes an entry back: {reason}", reason=entry.reason)
            if entry.reason
            else _("takes an entry back")
        )
    return _("taken back later; kept to be seen") if was_taken_back else ""
