"""When a contract is to be spoken about: before its notice, before its end, before its hours are used up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from techkit.records.assets import Contract, ContractKind

#: From this share of its hours on a pool is nearly used up. The same as a budget's warning.
NEARLY_USED = Decimal("0.9")

#: A pace is no pace before so many days.
_PACE_DAYS = 30

#: A contract that begins so long after another one ended still follows it.
_GAP = timedelta(days=31)


def speak_by(contract: Contract, today: date) -> date | None:
    """Return the day by which a contract is to be spoken about: its notice while that is to come, else its end."""
    ends, notice = contract.ends_on, contract.notice_on
    if notice is not None and notice >= today and (ends is None or notice < ends):
        return notice
    return ends


def is_followed(contract: Contract, others: Iterable[Contract]) -> bool:
    """Return whether another contract goes on where this one ends, for all that it covers."""
    ends = contract.ends_on
    return ends is not None and any(
        other.id != contract.id
        and (other.ends_on is None or other.ends_on > ends)
        and (other.starts_on is None or other.starts_on <= ends + _GAP)
        and _covers(other, contract)
        for other in others
    )


def _covers(other: Contract, contract: Contract) -> bool:
    if not other.covers_all_assets and (
        contract.covers_all_assets or not set(contract.covered_assets) <= set(other.covered_assets)
    ):
        return False
    return not other.covered_sites or (
        bool(contract.covered_sites) and set(contract.covered_sites) <= set(other.covered_sites)
    )


def used_up_on(contract: Contract, today: date) -> date | None:
    """Return the day a pool's hours are gone at the pace so far, today where they are; None where they last or nobody knows."""
    if contract.kind is not ContractKind.HOURS_POOL or contract.hours_included <= 0:
        return None
    left = contract.hours_included - contract.hours_used
    if left <= 0:
        return today
    if contract.starts_on is None or contract.hours_used <= 0:
        return None
    gone = (today - contract.starts_on).days
    if gone < _PACE_DAYS:
        return None
    days = int(min(Decimal(36500), left * gone / contract.hours_used))
    day = today + timedelta(days=days)
    return day if contract.ends_on is None or day < contract.ends_on else None


def is_nearly_used(contract: Contract) -> bool:
    """Return whether a pool's hours are used but for a tenth."""
    return (
        contract.kind is ContractKind.HOURS_POOL
        and contract.hours_included > 0
        and contract.hours_used >= NEARLY_USED * contract.hours_included
    )
