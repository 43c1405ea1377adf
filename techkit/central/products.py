"""The catalogue of products technicians choose from: added, changed and put out of use by who keeps the money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from techkit.central import accounts, budgets, bundles, history, reports
from techkit.central.accounts import Right
from techkit.central.models import Record as Row
from techkit.central.models import User
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import schema
from techkit.records.assets import Product
from techkit.records.budget import MAX_AMOUNT_MINOR
from techkit.records.identity import hlc_time
from techkit.records.schema import Record


def listed(user: User, text: str = "") -> list[Product]:
    """Return the products by name in which every word stands: in name, number or vendor."""
    words = text.casefold().split()
    found = [p for p in bundles.decoded(_rows(user)) if isinstance(p, Product)]
    kept = [p for p in found if all(w in f"{p.name} {p.number} {p.vendor}".casefold() for w in words)]
    return sorted(kept, key=lambda p: (p.name.casefold(), p.number, p.id))


def held(user: User, product_id: str) -> tuple[Product, int]:
    """Return a product and its revision. Raises: CentralError 404."""
    product = budgets.one(user, product_id, Product)
    return product, _rows(user).values_list("rev", flat=True).get(entity_id=product.id)


def is_over(user: User, product: Product) -> bool:
    """Return whether a product is out of use today, as the office counts days."""
    return product.ends_on is not None and product.ends_on <= datetime.now(reports.office_zone(user)).date()


def add(user: User, product: Product, address: str = "") -> None:
    """Put a product into the catalogue; devices receive it at their next sync.

    Raises: InputError for a number that is taken, a price that cannot be or an empty name, CentralError 403.
    """

    def work() -> list[Record]:
        _refuse(user, product)
        return [product]

    _done(user, "product.add", product, work, address)


def change(user: User, product: Product, rev: int, address: str = "") -> None:
    """Write what a product says now. rev: the revision that was read before.

    Raises: as add, and CentralError 404, 409 when somebody changed it meanwhile.
    """

    def work() -> list[Record]:
        before, now = held(user, product.id)
        if now != rev:
            raise CentralError(
                _("Somebody changed this product since you opened it."),
                status=409,
                safe=_("Nothing was changed."),
                advice=_("Look at what holds now, then decide again."),
            )
        _refuse(user, product)
        return [] if product == before else [product]

    _done(user, "product.change", product, work, address)


def put_out_of_use(user: User, product_id: str, address: str = "") -> None:
    """Say that a product is not to be had any more from today; doing it twice does it once.

    Raises: CentralError 403, 404.
    """
    _end(user, product_id, address, is_to_end=True)


def put_in_use(user: User, product_id: str, address: str = "") -> None:
    """Say that a product is to be had again. Raises: CentralError 403, 404."""
    _end(user, product_id, address, is_to_end=False)


def _end(user: User, product_id: str, address: str, *, is_to_end: bool) -> None:
    product, _rev = held(user, product_id)

    def work() -> list[Record]:
        now, _rev = held(user, product_id)
        if is_over(user, now) is is_to_end:
            return []
        today = datetime.now(reports.office_zone(user)).date()
        return [schema.replace(now, ends_on=today if is_to_end else None)]

    _done(user, "product.end" if is_to_end else "product.begin", product, work, address)


def _done(user: User, action: str, product: Product, work: Callable[[], list[Record]], address: str) -> None:
    accounts.require(user, Right.BOOK)
    budgets.done(user, action, work, told(product), address)


def told(product: Product) -> dict[str, object]:
    """Return what the audit says of a product."""
    return {"name": product.name[:200], "number": product.number[:100], "price": product.price_minor}


def refuse_price(price_minor: int) -> None:
    """Refuse a price that cannot be. Raises: InputError."""
    if not 0 <= price_minor <= MAX_AMOUNT_MINOR:
        raise InputError(
            _("That price cannot be."),
            field="price",
            safe=_("Nothing was changed."),
            advice=_("Write 0 or more."),
        )


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A price a product had: since when, and who wrote it."""

    price_minor: int
    currency: str
    since: datetime
    who: str


def prices(user: User, product_id: str) -> list[Priced]:
    """Return the prices a product had, the present one first, as its operations wrote them."""
    found: list[Priced] = []
    price, currency = 0, Product(id="").currency
    for order, done in history.operations_of(user.org_id, product_id):
        if not {"price_minor", "currency"} & set(done.fields):
            continue
        price = done.fields["price_minor"].value if "price_minor" in done.fields else price
        currency = done.fields["currency"].value if "currency" in done.fields else currency
        if found and (found[-1].price_minor, found[-1].currency) == (price, currency):
            continue
        found.append(Priced(price_minor=price, currency=currency, since=hlc_time(order), who=done.actor))
    return found[::-1]


def _refuse(user: User, product: Product) -> None:
    """Refuse a price that cannot be and a number another product has. Raises: InputError."""
    refuse_price(product.price_minor)
    number = product.number.casefold()
    if not number:
        return
    # KT: SQLite would read "100.10" as a number otherwise, and "null" as nothing.
    others = _rows(user).exclude(entity_id=product.id).values_list(KT("state__number"), KT("state__name"))
    for taken, name in others:
        if (taken or "").casefold() == number:
            raise InputError(
                _("The number {number} belongs to “{name}” already.", number=taken, name=name),
                field="number",
                safe=_("Nothing was changed."),
                advice=_("Choose another number, or change that product."),
            )


def _rows(user: User) -> QuerySet[Row]:
    return Row.objects.filter(org_id=user.org_id, entity="product", deleted=False)
