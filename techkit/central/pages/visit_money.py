"""The money of a visit: what is charged, what the contract pays, what each cost centre bears."""

from __future__ import annotations

from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.budget import CostKind, Standing
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, Charges, Share, shares
from techkit.records.visit import LABOUR_KINDS


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """What one cost centre bears and how its budget stands afterwards; width of the bar 0–300."""

    name: str
    amount: str
    share: str
    words: str
    used_width: int
    look: str
    note: str


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
    found += [
        (held.label, _("in another currency, not in the total"), i18n.money(held.amount_minor, held.currency))
        for held in reckoned.foreign
    ]
    goods = [held for held in reckoned.lines if held.kind in (CostKind.PART, CostKind.SUPPLY)]
    if goods:
        amount = sum(held.amount_minor for held in goods)
        words = ngettext("1 line above", "{n} lines above", len(goods))
        found.append((_("Parts and supplies"), words, i18n.money(amount, reckoned.currency)))
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
    if held.minutes and not held.unit_price_minor:
        return _("{time}, no rate known here", time=i18n.minutes(held.minutes))
    if held.minutes:
        rate = i18n.money(held.unit_price_minor, reckoned.currency)
        return _("{time} charged at {rate} an hour", time=i18n.minutes(held.minutes), rate=rate)
    return ""


def contract_words(bundle: VisitBundle, reckoned: Charges) -> str:
    """Return the contract, until when it runs and what it holds after this visit."""
    if bundle.contract is None:
        return _("One-time")
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


def budgets(bundle: VisitBundle, reckoned: Charges) -> tuple[BudgetLine, ...]:
    """Return what each cost centre bears of the visit; none where the shares do not add up."""
    try:
        return tuple(_budget(share, reckoned.currency) for share in shares(bundle))
    except InputError:
        return ()


def _budget(share: Share, currency: str) -> BudgetLine:
    name = f"{share.centre.code} {share.centre.name}".strip()
    amount = i18n.money(share.amount_minor, currency)
    percent = i18n.percent(share.share_percent / 100, 0)
    if share.budget is None or share.after is None:
        return BudgetLine(
            name=name, amount=amount, share=percent, words=_("no budget here"), used_width=0, look="", note=""
        )
    after = share.after
    money = share.budget.currency
    used = after.used_percent
    look = {Standing.STOP: "bad", Standing.WARN: "watch"}.get(after.standing, "")
    if after.variance_minor >= 0:
        note = _("{money} left (favourable)", money=i18n.money(after.variance_minor, money))
    else:
        note = _("{money} over (unfavourable)", money=i18n.money(-after.variance_minor, money))
    if used is not None:
        note += " · " + _("{percent} used", percent=i18n.percent(used / 100))
    return BudgetLine(
        name=name,
        amount=amount,
        share=percent,
        words=_(
            "{actual} of {approved}",
            actual=i18n.money(after.actual_minor, money),
            approved=i18n.money(after.approved_minor, money),
        ),
        used_width=round(3 * min(float(used or 0), 100.0)),
        look=look,
        note=note,
    )
