"""Records in words: a line that sums one up, amounts and dates in each language."""

from __future__ import annotations

from datetime import date

from techkit import i18n
from techkit.records import wording
from techkit.records.activities import Training, Upgrade
from techkit.records.schema import Audience
from techkit.records.visit import SupplyUse


def test_a_summary_line_reads_like_a_sentence() -> None:
    """An upgrade is named by product, from and to."""
    held = Upgrade(
        id="u1", visit_id="v", title="x", product="DentaBook", from_version="9.9", to_version="9.10"
    )
    assert wording.summary_line(held) == "DentaBook 9.9 → 9.10"


def test_money_and_dates_follow_the_language() -> None:
    """The same record prints amounts and dates the way each language writes them."""
    supply = SupplyUse(id="s", visit_id="v", name="kit", unit_price_minor=109_90)
    assert ("Price each", "€109.90") in wording.rows(supply, Audience.CUSTOMER)
    with i18n.language("de"):
        assert "109,90" in dict(wording.rows(supply, Audience.CUSTOMER)).popitem()[1]
        assert i18n.day(date(2026, 12, 7)) == "7. Dezember 2026"


def test_the_audience_sees_only_its_fields() -> None:
    """Notes for colleagues never reach the rows of the customer."""
    held = Training(
        id="t1", visit_id="v1", title="Styles", note_internal="difficult", note_customer="went well"
    )
    customer = dict(wording.rows(held, Audience.CUSTOMER))
    assert "went well" in customer.values()
    assert "difficult" not in customer.values()
    assert "difficult" in dict(wording.rows(held, Audience.INTERNAL)).values()
