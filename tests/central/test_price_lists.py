"""A price list as text: what its lines would do to the catalogue, and what of it cannot be, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from techkit import i18n
from techkit.central import audit, price_lists, products
from techkit.central.models import AuditEvent
from techkit.central.price_lists import Step
from techkit.errors import CentralError, InputError
from techkit.records.assets import Product, ProductKind
from techkit.records.identity import new_id
from tests.central.test_posting import finn

__all__ = ["finn"]

HEAD = "Name;Article number;Kind;Unit;Price;Currency;Vendor\n"


@pytest.fixture
def cable(finn: Any) -> Product:
    """Give a product of the catalogue."""
    made = Product(
        id=new_id(), name="Patch cable", number="NK-0600", unit="m", price_minor=80, vendor="Drahtwerk"
    )
    products.add(finn, made)
    return made


def test_a_list_adds_changes_and_leaves_what_is_the_same(finn: Any, cable: Product) -> None:
    """What a line does not say stays; the whole list is kept at once, with a row of the audit for each product."""
    text = HEAD + "Patch cable;nk-0600;;;0.85;;\nSSD 500 GB;ST-0500;part;piece;64.00;CHF;Kabelhaus\n"
    plan = price_lists.plan(finn, text)
    assert [(line.place, line.step) for line in plan.lines] == [(2, Step.CHANGE), (3, Step.ADD)]
    price_lists.keep(finn, text, plan.digest)
    kept, disk = products.listed(finn)
    assert (kept.price_minor, kept.unit, kept.vendor, kept.id) == (85, "m", "Drahtwerk", cable.id)
    assert (disk.kind, disk.price_minor, disk.currency) == (ProductKind.PART, 6400, "CHF")
    told = AuditEvent.objects.filter(action__startswith="product.").values_list("action", flat=True)
    assert sorted(told) == ["product.add", "product.add", "product.change", "product.import"]
    assert audit.verify(finn.org_id) is None
    again = price_lists.plan(finn, text)
    assert ({line.step for line in again.lines}, again.does_something) == ({Step.SAME}, False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";X-1;;;1;;", "Name is still empty."),
        ("Mouse;X-1;;;cheap;;", "“cheap” is not a number here. Write it like this: 1,234.50"),
        ("Mouse;X-1;;;-1;;", "That price cannot be. Write 0 or more."),
        (f"Mouse;X-1;;;{'9' * 40};;", "That price cannot be."),
        ("Mouse;X-1;dragon;;1;;", "“dragon” is no kind of product."),
        ("Mouse;X-1;;;1;XXX;", "“XXX” is no currency techkit knows."),
        (f"Mouse;{'n' * 101};;;1;;", "Article number is too long"),
        ("Patch cable;NK-0600;;;1;;", "Line 2 speaks of this product already."),
        ("Mouse", "is not a number here."),
    ],
)
def test_a_wrong_line_is_left_out_with_its_reason(finn: Any, cable: Product, row: str, said: str) -> None:
    """The lines around it are kept all the same."""
    text = f"{HEAD}Patch cable;NK-0600;;;0.90;;\n\n{row}\nKeyboard;KB-1;;;20;;\n"
    plan = price_lists.plan(finn, text)
    (wrong,) = plan.of(Step.WRONG)
    assert (wrong.place, said in wrong.problem) == (4, True), wrong.problem
    price_lists.keep(finn, text, plan.digest)
    assert [(p.name, p.price_minor) for p in products.listed(finn)] == [
        ("Keyboard", 2000),
        ("Patch cable", 90),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The list is empty."),
        (" \n\n", "The list is empty."),
        ("Mouse;1\n", "The first line does not name the column “Name”."),
        ("Name;Number\nMouse;1\n", "The first line does not name the column “Price”."),
        (HEAD + "a;b;;;1;;\n" * 1001, "The list has more than 1,000 lines."),
        (HEAD + "ä" * 300_000, "The list is larger than 512 KiB."),
        (HEAD + '"' + "a\n" * 100_000, "Line 2 cannot be read as a table."),
        ("\n" + "Name;Price;" + "x" * 140_000, "Line 2 cannot be read as a table."),
        ('"' + "x" * 140_000, "Line 1 cannot be read as a table."),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(finn: Any, text: str, said: str) -> None:
    """One sentence says why, and the catalogue is as it was."""
    with pytest.raises(InputError) as refused:
        price_lists.plan(finn, text)
    assert refused.value.title == said
    assert products.listed(finn) == []


def test_a_list_that_would_do_something_else_by_now_is_not_kept(finn: Any, cable: Product) -> None:
    """Somebody changed the product meanwhile: what was read no longer holds, and nothing is changed."""
    text = HEAD + "Patch cable;NK-0600;;;0.85;;\nSSD;ST-1;;;64;;\n"
    plan = price_lists.plan(finn, text)
    _held, rev = products.held(finn, cable.id)
    products.change(finn, Product(**{**vars_of(cable), "price_minor": 99}), rev)
    with pytest.raises(CentralError) as refused:
        price_lists.keep(finn, text, plan.digest)
    assert refused.value.status == 409
    assert [p.price_minor for p in products.listed(finn)] == [99]


def vars_of(held: Product) -> dict[str, Any]:
    """Return a product's fields by name."""
    return {name: getattr(held, name) for name in held.__dataclass_fields__}


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_lists_of_other_languages_and_programs_are_read(finn: Any, delimiter: str) -> None:
    """German columns, kinds and figures; whatever parts the cells; names a spreadsheet would take for a formula."""
    rows = [
        ("Artikelnummer", "Preis", "Name", "Lagerplatz", "Einheit"),
        ("ST-9", '"1.064,50"', '"=SUM(A1) ""SSD"""', "7", "Stück"),
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    with i18n.language("de"):
        plan = price_lists.plan(finn, price_lists.text_of(b"\xef\xbb\xbf" + text.encode()))
    (line,) = plan.lines
    assert line.product is not None, line.problem
    assert (line.product.name, line.product.price_minor, line.product.unit) == (
        '=SUM(A1) "SSD"',
        106_450,
        "piece",
    )


def test_files_are_read_as_spreadsheets_write_them() -> None:
    """UTF-8 with and without its mark, UTF-16 and Windows' own; what is no text is refused."""
    for kind in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert price_lists.text_of("Größe".encode(kind)) == "Größe", kind
    with pytest.raises(InputError, match="no list in text form"):
        price_lists.text_of(b"PK\x03\x04\x00\x00\x81")


def test_of_two_products_with_one_name_the_number_is_asked_for(finn: Any) -> None:
    """Without a number nobody knows which one a line means."""
    for number in ("A-1", "A-2"):
        products.add(finn, Product(id=new_id(), name="Toner", number=number, price_minor=100))
    (line,) = price_lists.plan(finn, "Name,Price\nToner,2\n").lines
    assert line.problem == "2 products are called so. Write the article number of the one you mean."


def test_prices_so_far_are_told_with_who_and_in_order(finn: Any, cable: Product) -> None:
    """The present price first; a change that leaves the price is none."""
    for price, vendor in ((85, "Drahtwerk"), (85, "Kabelhaus"), (80, "Kabelhaus")):
        _held, rev = products.held(finn, cable.id)
        products.change(finn, Product(**{**vars_of(cable), "price_minor": price, "vendor": vendor}), rev)
    found = products.prices(finn, cable.id)
    assert [(one.price_minor, one.who) for one in found] == [(n, finn.shown_name) for n in (80, 85, 80)]
    assert found[0].since >= found[1].since >= found[2].since


def test_a_number_that_is_another_lines_name_is_no_repetition(finn: Any) -> None:
    """Each line without a number is known by its name, each with one by that."""
    lines = price_lists.plan(finn, HEAD + "A cable;X;;;1;;\nX;;;;2;;\n").lines
    assert [line.step for line in lines] == [Step.ADD, Step.ADD]


@pytest.mark.parametrize("number", ["100.10", "12E5", "0", "null", '"x"', "0012"])
def test_a_number_that_reads_as_something_else_is_taken_once(finn: Any, number: str) -> None:
    """No database makes a figure, or nothing, of an article number."""
    products.add(finn, Product(id=new_id(), name="1e3", number=number))
    with pytest.raises(InputError, match=f"The number {number} belongs to “1e3” already."):
        products.add(finn, Product(id=new_id(), name="Other", number=number))
