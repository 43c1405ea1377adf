"""Price lists read into the catalogue: a table as text, what each of its lines would do, and doing it as a whole."""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from techkit import i18n
from techkit.central import accounts, audit, budgets, products
from techkit.central.accounts import Right
from techkit.central.models import User
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import schema
from techkit.records.assets import PRODUCT_KINDS, UNITS, Product, ProductKind
from techkit.records.entering import amount_of, check, clean_text
from techkit.records.identity import new_id
from techkit.records.schema import Record

#: A longer list is given in parts: all of it is one transaction, and devices wait for its end.
MOST_LINES, MOST_BYTES = 1000, 512 * 1024

#: Columns of a list, as they are called in the record; only name and price must be there.
COLUMNS = ("name", "number", "kind", "unit", "price", "currency", "vendor")
_NEEDED = ("name", "price")
_DELIMITERS = ("\t", ";", ",")


class Step(StrEnum):
    """What a line does."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a list: where it stands, what it does, and why it cannot where it cannot."""

    place: int
    step: Step
    words: str
    product: Product | None = None
    before: Product | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a list would do to the catalogue. digest: the same only while both are what they were."""

    lines: tuple[Line, ...]
    digest: str

    def of(self, step: Step) -> tuple[Line, ...]:
        """Return the lines that do this, in the order of the list."""
        return tuple(line for line in self.lines if line.step is step)

    @property
    def does_something(self) -> bool:
        """Return whether keeping it changes the catalogue."""
        return any(line.step in (Step.ADD, Step.CHANGE) for line in self.lines)


def text_of(raw: bytes) -> str:
    """Return the text of a file as spreadsheets write it. Raises: InputError for one that is too large or no text."""
    if len(raw) > MOST_BYTES:
        raise _too_large()
    kinds = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for kind in kinds:
        try:
            text = raw.decode(kind)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InputError(
        _("This file is no list in text form."),
        field="file",
        safe=_("Nothing was changed."),
        advice=_("Save the table as CSV in your spreadsheet program and choose that file."),
    )


def plan(user: User, text: str) -> Plan:
    """Return what each line of a list would do. Raises: InputError for a text that is no list at all."""
    held = products.listed(user)
    by_number = {p.number.casefold(): p for p in held if p.number}
    by_name: dict[str, list[Product]] = {}
    for one in held:
        by_name.setdefault(one.name.casefold(), []).append(one)
    lines: list[Line] = []
    seen: dict[tuple[str, str], int] = {}
    for place, words in _rows(text):
        shown = " · ".join(word for word in (words.get("name", ""), words.get("number", "")) if word)
        try:
            before = _known(words, by_number, by_name)
            made = _product(words, before)
            _refuse_twice(made, before, place, seen)
            check(made)
            products.refuse_price(made.price_minor)
        except InputError as wrong:
            lines.append(
                Line(
                    place=place, step=Step.WRONG, words=shown, problem=f"{wrong.title} {wrong.advice}".strip()
                )
            )
            continue
        step = Step.ADD if before is None else Step.SAME if made == before else Step.CHANGE
        lines.append(Line(place=place, step=step, words=shown, product=made, before=before))
    return Plan(lines=tuple(lines), digest=_digest(lines))


def keep(user: User, text: str, digest: str, address: str = "") -> Plan:
    """Do what the list says, but for lines that cannot be; all of it or nothing. digest: of the plan that was read.

    Raises: InputError as plan, CentralError 403, and 409 where it would do something else by now.
    """
    accounts.require(user, Right.BOOK)
    done: list[Plan] = []

    def work() -> list[Record]:
        now = plan(user, text)
        if now.digest != digest:
            raise CentralError(
                _("The catalogue or the list changed since you looked at it."),
                status=409,
                safe=_("Nothing was changed."),
                advice=_("Look at what it would do now, then decide again."),
            )
        done.append(now)
        made: list[Record] = []
        for line in now.lines:
            if line.product is None or line.step not in (Step.ADD, Step.CHANGE):
                continue
            action = "product.add" if line.step is Step.ADD else "product.change"
            audit.append_for(user, action, "product", line.product.id, products.told(line.product), address)
            made.append(line.product)
        return made

    lines = {"bytes": len(text.encode("utf-8", "replace"))}
    budgets.done(user, "product.import", work, lines, address)
    return done[-1]


# --- reading -------------------------------------------------------------------------------------------------


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells by column of each row that is not empty."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _too_large()
    text = text.replace("\x00", "").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = next((line for line in lines if line.strip()), "")
    if not head:
        raise InputError(_("The list is empty."), field="text", safe=_("Nothing was changed."))
    try:
        columns, delimiter = _columns(head)
    except csv.Error as error:
        raise _no_table(lines.index(head) + 1) from error
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise InputError(
            _("The first line does not name the column “{column}”.", column=_(_labels()[missing[0]])),
            field="text",
            safe=_("Nothing was changed."),
            advice=_(
                "Begin with a line like this: {example}",
                example=delimiter.join(_(_labels()[name]) for name in COLUMNS),
            ),
        )
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    place, count = 1, 0
    try:
        for cells in reader:
            begun, place = place, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count == 1:
                continue
            if count > MOST_LINES + 1:
                raise InputError(
                    _("The list has more than {n} lines.", n=i18n.number(MOST_LINES)),
                    field="text",
                    safe=_("Nothing was changed."),
                    advice=_("Give it in parts, each with the first line."),
                )
            yield begun, {name: clean_text(cell) for name, cell in zip(columns, cells, strict=False) if name}
    except csv.Error as error:
        raise _no_table(place) from error


def _columns(head: str) -> tuple[list[str], str]:
    """Return what the first line calls its columns ("" for one we do not keep), and what parts them."""
    names = _names()

    def read(delimiter: str) -> list[str]:
        cells = next(csv.reader([head], delimiter=delimiter), [])
        found = [names.get(clean_text(cell).casefold(), "") for cell in cells]
        return [name if name not in found[:n] else "" for n, name in enumerate(found)]

    best = max(_DELIMITERS, key=lambda d: sum(map(bool, read(d))))
    return read(best), best


def _labels() -> Mapping[str, str]:
    fields = {f.name: f.label for f in schema.spec_of(Product).fields}
    return {name: fields["price_minor" if name == "price" else name] for name in COLUMNS}


@functools.cache
def _names() -> dict[str, str]:
    """Return the column by what it may be called: its label in any language, or the record's word."""
    found = {name: name for name in COLUMNS}
    for tag in i18n.LANGUAGES:
        with i18n.language(tag):
            found |= {_(label).casefold(): name for name, label in _labels().items()}
    return found


@functools.cache
def _said() -> dict[tuple[str, str], str]:
    """Return kind and unit by what they are called in any language."""
    found = {("kind", kind.value): kind.value for kind in ProductKind} | {
        ("unit", unit): unit for unit in UNITS
    }
    for tag in i18n.LANGUAGES:
        with i18n.language(tag):
            found |= {("kind", _(label).casefold()): kind.value for kind, label in PRODUCT_KINDS.items()}
            found |= {("unit", _(label).casefold()): unit for unit, label in UNITS.items()}
    return found


def _known(
    words: Mapping[str, str], by_number: Mapping[str, Product], by_name: Mapping[str, Sequence[Product]]
) -> Product | None:
    """Return the product a line speaks of: the one with its number, without one the one of its name."""
    if words.get("number"):
        return by_number.get(words["number"].casefold())
    found = by_name.get(words.get("name", "").casefold(), ())
    if len(found) > 1:
        raise InputError(
            _("{n} products are called so.", n=i18n.number(len(found))),
            field="number",
            advice=_("Write the article number of the one you mean."),
        )
    return found[0] if found else None


def _product(words: Mapping[str, str], before: Product | None) -> Product:
    """Return the product as the line says it; what the list does not say stays. Raises: InputError."""
    held = before or Product(id=new_id())
    said = _said()
    kind = held.kind
    if words.get("kind"):
        if ("kind", words["kind"].casefold()) not in said:
            raise InputError(
                _("“{typed}” is no kind of product.", typed=words["kind"][:80]),
                field="kind",
                advice=_("Write one of: {words}.", words=", ".join(_(w) for w in PRODUCT_KINDS.values())),
            )
        kind = ProductKind(said["kind", words["kind"].casefold()])
    currency = words.get("currency", "").upper() or held.currency
    if currency not in (*i18n.currencies(), held.currency):
        raise InputError(
            _("“{typed}” is no currency techkit knows.", typed=words["currency"][:80]),
            field="currency",
            advice=_(
                "Write its three letters, for example: {words}.", words=", ".join(i18n.FIRST_CURRENCIES)
            ),
        )
    unit = words.get("unit", "") or held.unit
    return schema.replace(
        held,
        name=words.get("name", ""),
        number=words.get("number", "") or held.number,
        kind=kind,
        unit=said.get(("unit", unit.casefold()), unit),
        price_minor=amount_of(words.get("price", ""), currency, "price"),
        currency=currency,
        vendor=words.get("vendor", "") or held.vendor,
    )


def _refuse_twice(
    made: Product, before: Product | None, place: int, seen: dict[tuple[str, str], int]
) -> None:
    """Refuse a product that an earlier line speaks of. Raises: InputError."""
    if before:
        key = ("id", before.id)
    elif made.number:
        key = ("number", made.number.casefold())
    else:
        key = ("name", made.name.casefold())
    if key in seen:
        raise InputError(
            _("Line {n} speaks of this product already.", n=seen[key]), field="number",
            advice=_("Keep one of the two lines."),
        )  # fmt: skip
    seen[key] = place


def _digest(lines: Sequence[Line]) -> str:
    """Return what changes with any line, and with any product a line speaks of."""
    told = [
        (line.place, line.step.value, line.before, line.product and schema.replace(line.product, id=""))
        for line in lines
    ]
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def _no_table(place: int) -> InputError:
    return InputError(
        _("Line {n} cannot be read as a table.", n=place),
        field="text",
        safe=_("Nothing was changed."),
        advice=_("Look for a quotation mark that is never closed."),
    )


def _too_large() -> InputError:
    return InputError(
        _("The list is larger than {kib} KiB.", kib=i18n.number(MOST_BYTES // 1024)),
        field="file",
        safe=_("Nothing was changed."),
        advice=_("Give it in parts, each with the first line."),
    )
