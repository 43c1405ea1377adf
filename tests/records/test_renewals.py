"""When a contract is spoken about: notice before end, followed by another, hours that do not last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.records.assets import Contract, ContractKind
from techkit.records.renewals import is_followed, is_nearly_used, speak_by, used_up_on

TODAY = date(2026, 11, 24)


def contract(**more: object) -> Contract:
    held = {"id": "1", "customer_id": "c", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    return Contract(**(held | more))  # type: ignore[arg-type]  # fields of the record


@pytest.mark.parametrize(
    ("notice", "day"),
    [
        (None, date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 11, 23), date(2026, 12, 31)),
    ],
)
def test_the_notice_comes_before_the_end(notice, day):
    """Until the day of notice that day counts; once it is over, the end does."""
    assert speak_by(contract(notice_on=notice), TODAY) == day


@pytest.mark.parametrize(
    ("other", "followed"),
    [
        ({"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}, True),
        ({"starts_on": date(2027, 1, 31), "ends_on": None}, True),
        ({"starts_on": date(2027, 3, 1), "ends_on": date(2027, 12, 31)}, False),
        ({"starts_on": date(2026, 6, 1), "ends_on": date(2026, 12, 31)}, False),
        (
            {
                "starts_on": date(2027, 1, 1),
                "ends_on": None,
                "covers_all_assets": False,
                "covered_assets": ("a",),
            },
            False,
        ),
        ({"starts_on": date(2027, 1, 1), "ends_on": None, "covered_sites": ("s",)}, False),
    ],
)
def test_a_contract_that_goes_on_as_another_is_not_renewed_again(other, followed):
    """It begins within a month of the end and covers at least as much."""
    held = contract()
    assert is_followed(held, [held, contract(id="2", **other)]) is followed


def test_one_computer_of_two_is_followed_where_both_are_covered():
    """A contract for one computer goes on in one for two, never the other way round."""
    one = contract(covers_all_assets=False, covered_assets=("a",))
    two = contract(
        id="2",
        starts_on=date(2027, 1, 1),
        ends_on=None,
        covers_all_assets=False,
        covered_assets=("a", "b"),
    )
    assert is_followed(one, [two])
    assert not is_followed(
        contract(covers_all_assets=False, covered_assets=("a", "b")),
        [contract(id="2", ends_on=None, covers_all_assets=False, covered_assets=("a",))],
    )


@pytest.mark.parametrize(
    ("used", "day"),
    [
        # 327 days since 1 January. 56 h used: 4 h left at 327/56 = 5.839 days an hour are 23.36 days: 17 December.
        ("56", date(2026, 12, 17)),
        # 50 h used: 10 h left are 65.4 days, past the end.
        ("50", None),
        ("60", TODAY),
        ("61", TODAY),
        ("0", None),
    ],
)
def test_hours_are_used_up_at_the_pace_so_far(used, day):
    """The day they are gone, where that is before the end."""
    held = contract(hours_included=Decimal(60), hours_used=Decimal(used))
    assert used_up_on(held, TODAY) == day


def test_no_pace_in_the_first_month_and_none_without_a_pool():
    """A few days tell nothing; a flat contract has no hours to use up."""
    young = contract(starts_on=date(2026, 11, 1), hours_included=Decimal(60), hours_used=Decimal(30))
    assert used_up_on(young, TODAY) is None
    flat = contract(kind=ContractKind.FLAT, hours_included=Decimal(60), hours_used=Decimal(70))
    assert used_up_on(flat, TODAY) is None
    assert not is_nearly_used(flat)


@pytest.mark.parametrize(("used", "nearly"), [("53.99", False), ("54", True), ("70", True)])
def test_nearly_used_from_nine_tenths_on(used, nearly):
    """54 of 60 hours is nearly all."""
    assert is_nearly_used(contract(hours_included=Decimal(60), hours_used=Decimal(used))) is nearly
