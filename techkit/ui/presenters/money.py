"""What a visit costs, in words: lines, total, contract, cost centres and what their budgets have left."""

from __future__ import annotations

from collections.abc import Mapping

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.agreements import why_not
from techkit.records.assets import LABOUR_KINDS, LabourKind
from techkit.records.budget import CostCentre, CostKind, Standing
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, Share, charges, shares
from techkit.records.pace import counted_in
from techkit.records.purchases import BudgetLook, look_line, ordered_looks
from techkit.ui.presenters.choices import BudgetRow, MoneyRow, MoneyState


def money_state(bundle: VisitBundle, unbooked: Mapping[str, int] | None = None) -> MoneyState:
    """Return what the visit costs with what is known on this device, ready to show.

    unbooked: budget id → what other visits will take that the office has not booked yet.
    """
    reckoned = charges(bundle)
    rows = [MoneyRow(label=_label(line), amount=_amount(line, reckoned.currency)) for line in reckoned.lines]
    rows += [MoneyRow(label=_label(line), amount=_amount(line, line.currency)) for line in reckoned.foreign]
    total = i18n.money(reckoned.total_minor, reckoned.currency)
    rows.append(MoneyRow(label=_("Total before tax"), amount=total, is_total=True))
    left = reckoned.contract_minutes_left
    contract_line = ""
    if left is not None and bundle.contract is not None:
        hours = i18n.minutes(abs(left))
        contract_line = (
            _("{time} left in contract {number}", time=hours, number=bundle.contract.number)
            if left >= 0
            else _("{time} over contract {number}", time=hours, number=bundle.contract.number)
        )
    if ended := why_not(bundle.contract, bundle):
        contract_line = " ".join((ended, _("This visit is charged.")))
    missing = [_("“{name}” has no price.", name=name) for name in reckoned.unpriced]
    if reckoned.foreign:
        missing.append(_("Amounts in another currency are not part of the total."))
    if bundle.rate_card is None:
        missing.append(_("No rates on this device yet: labour is counted, not priced."))
    try:
        budgets = tuple(_budget(share, reckoned.currency) for share in shares(bundle, unbooked))
    except InputError as error:
        budgets, missing = (), [*missing, error.title]
    budgets += tuple(_ordered(look) for look in ordered_looks(bundle, unbooked))
    return MoneyState(
        rows=tuple(rows), total=total, contract_line=contract_line, budgets=budgets, missing=tuple(missing)
    )


def _label(line: ChargeLine) -> str:
    if line.kind is CostKind.LABOUR:
        if line.is_out_of_hours:
            return _(
                "{kind}, {time}, outside the agreed hours",
                kind=_(LABOUR_KINDS[LabourKind(line.labour)]),
                time=i18n.minutes(line.minutes),
            )
        return _(
            "{kind}, {time}", kind=_(LABOUR_KINDS[LabourKind(line.labour)]), time=i18n.minutes(line.minutes)
        )
    if line.kind is CostKind.TRAVEL:
        return (
            _("Travel, {km}", km=i18n.quantity(line.quantity, "km", 1))
            if line.unit_price_minor
            else _("Travel")
        )
    name = line.label
    if line.quantity != 1:
        name = _("{quantity} × {name}", quantity=i18n.exact(line.quantity), name=name)
    return _("Taken back: {name}", name=name) if line.is_returned else name


def _amount(line: ChargeLine, currency: str) -> str:
    if line.is_covered:
        return _("in the contract")
    return _("price follows") if line.is_unpriced else i18n.money(line.amount_minor, currency)


def other_currency(kept: str, reckoned: str) -> str:
    """Return why nothing is said of a budget: it is not kept in the currency the visit is reckoned in."""
    return _(
        "Its budget is kept in {other}, this visit in {one}: the office decides.", other=kept, one=reckoned
    )


def _share_label(share: Share, currency: str) -> str:
    code, percent = share.centre.code, i18n.exact(share.share_percent)
    if not share.own_minor:
        return _("{code}, {percent} %", code=code, percent=percent)
    own = i18n.money(share.own_minor, currency)
    if not share.share_percent:
        return _("{code}, its own lines", code=code)
    return _("{code}, {percent} % and {own} of its own", code=code, percent=percent, own=own)


def centre_label(centre: CostCentre) -> str:
    """Return how a cost centre is called where one is chosen: its code and its name."""
    return " ".join(part for part in (centre.code, centre.name) if part)


def _ordered(look: BudgetLook) -> BudgetRow:
    """Return a budget after what was decided to be bought; it is no cost of the visit, so it stands on a line of its own."""
    used = look.after.used_percent
    return BudgetRow(
        label=_("{code}, to be bought", code=look.code),
        amount=i18n.money(look.part_minor, look.currency),
        sentence=look_line(look),
        standing=look.after.standing.value,
        used_share=float(used) / 100 if used is not None else None,
        warn_share=look.budget.warn_percent / 100,
    )


def _budget(share: Share, currency: str) -> BudgetRow:
    label = _share_label(share, currency)
    amount = i18n.money(share.amount_minor, currency)
    after, budget = share.after, share.budget
    if budget is None:
        return BudgetRow(label=label, amount=amount, sentence=_("Its budget is not on this device."))
    if after is None:
        return BudgetRow(label=label, amount=amount, sentence=other_currency(budget.currency, currency))
    left = i18n.money(after.available_minor, budget.currency)
    used = (
        f"{i18n.number(after.used_percent, 1)}{i18n.NO_BREAK_SPACE}%"
        if after.used_percent is not None
        else "–"
    )
    over = i18n.money(max(0, -after.available_minor), budget.currency)
    match after.standing:
        case Standing.STOP:
            sentence = _("After today overdrawn by {over}: this budget says stop.", over=over)
        case Standing.WARN if after.available_minor < 0:
            sentence = _("After today overdrawn by {over}, {used} used.", over=over, used=used)
        case Standing.WARN if not after.available_minor:
            sentence = _("After today nothing left: all of it is used up.")
        case Standing.WARN:
            sentence = _("After today {left} left, {used} used: nearly used up.", left=left, used=used)
        case _:
            sentence = _("After today {left} left, {used} used.", left=left, used=used)
    if after.committed_minor:
        promised = i18n.money(after.committed_minor, budget.currency)
        told = _("Counted with it: {amount} promised and not billed yet.", amount=promised)
        sentence = f"{sentence} {told}"
    return BudgetRow(
        label=label,
        amount=amount,
        sentence=counted_in(sentence, share.unbooked_minor, budget.currency),
        standing=after.standing.value,
        used_share=float(after.used_percent) / 100 if after.used_percent is not None else None,
        warn_share=budget.warn_percent / 100,
    )
