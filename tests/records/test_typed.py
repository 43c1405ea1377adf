"""What is typed into a field: empty where nothing was said, nothing where that is an answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from techkit import i18n
from techkit.errors import InputError
from techkit.records.assets import Contract, Product
from techkit.records.schema import FieldSpec, row_fields, spec_of
from techkit.records.templates import VisitTemplate
from techkit.records.typed import parse, shown
from techkit.records.visit import SupplyUse


def test_a_quantity_may_be_nothing_only_where_that_says_something() -> None:
    """No hours are agreed on: 0. No target: none. A part that was used zero times is refused."""
    contract = spec_of(Contract)
    hours, target = contract.field("hours_included"), contract.field("response_target_h")
    assert [parse(hours, text, "") for text in ("", "0", "12.5")] == [Decimal(0), Decimal(0), Decimal("12.5")]
    assert [parse(target, text, "") for text in ("", "4")] == [None, Decimal(4)]
    assert shown(target, None, "") == ""
    for field, text in ((target, "0"), (hours, "-1"), (spec_of(SupplyUse).field("quantity"), "0")):
        with pytest.raises(InputError, match="must be more than 0"):
            parse(field, text, "")


@pytest.mark.parametrize(
    "field",
    [
        spec_of(SupplyUse).field("unit"),
        spec_of(Product).field("unit"),
        next(f for f in row_fields(spec_of(VisitTemplate).field("supplies")) if f.name == "unit"),
    ],
)
@pytest.mark.parametrize(("tag", "words"), [("en", "piece"), ("de", "Stück"), ("fr", "pièce")])
def test_a_unit_of_the_program_is_written_in_the_language_of_the_window(
    field: FieldSpec, tag: str, words: str
) -> None:
    """It is kept the same whatever the language; a unit of the office is left as it is."""
    with i18n.language(tag):
        assert shown(field, "piece", "") == words
        assert shown(field, "Rolle", "") == "Rolle"
        assert [parse(field, text, "") for text in (words, words.upper(), "m")] == ["piece", "piece", "m"]
    assert parse(field, "Stück", "") == "piece"  # begun in another language
