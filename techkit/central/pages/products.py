"""The catalogue of products: found, added, changed and put out of use by who may change money."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import bundles, products, reports
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.pages.frame import needs, revision_of, show
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import moment
from techkit.central.pages.typed import amount_typed, status_of
from techkit.errors import CentralError, InputError
from techkit.i18n import _, ngettext
from techkit.records import schema
from techkit.records.assets import PRODUCT_KINDS, Product, ProductKind, unit_meant, unit_words
from techkit.records.entering import clean_text
from techkit.records.identity import new_id

#: So many products stand on one page.
ROWS_SHOWN = 50

_TYPED = ("name", "number", "kind", "unit", "price", "currency", "vendor")
_USES = ("", "used", "over")


@require_GET
@needs(Right.BOOK)
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the products, or those with the words of the filter."""
    return _catalogue(request)


@require_POST
@needs(Right.BOOK)
def add(request: HttpRequest) -> HttpResponse:
    """Put a product into the catalogue; show it there."""
    made = Product(id=new_id())
    try:
        made = _filled(request, made)
        products.add(person(request), made, client_address(request))
    except (InputError, CentralError) as refused:
        return _catalogue(request, refused)
    return HttpResponseRedirect(f"/products?kept={made.id}")


@require_GET
@needs(Right.BOOK)
def product(request: HttpRequest, product_id: str) -> HttpResponse:
    """Show one product with its form."""
    return _product(request, product_id)


@require_POST
@needs(Right.BOOK)
def change(request: HttpRequest, product_id: str) -> HttpResponse:
    """Keep what the form says, or put the product out of use or in use again."""
    user, address = person(request), client_address(request)
    held, _rev = products.held(user, product_id)
    try:
        match request.POST.get("step", ""):
            case "keep":
                rev = revision_of(request.POST.get("rev", ""))
                products.change(user, _filled(request, held), rev, address)
            case "end":
                products.put_out_of_use(user, product_id, address)
            case "begin":
                products.put_in_use(user, product_id, address)
            case _:
                raise InputError(_("That is no step techkit knows."), safe=_("Nothing was changed."))
    except (InputError, CentralError) as refused:
        return _product(request, product_id, refused)
    return HttpResponseRedirect(f"/products?kept={product_id}")


def _filled(request: HttpRequest, held: Product) -> Product:
    """Return the product as the form says it. Raises: InputError for a kind or price that cannot be."""
    words = {name: clean_text(request.POST.get(name, "")) for name in _TYPED}
    if words["kind"] not in list(ProductKind):
        raise InputError(_("Please choose one."), field="kind", safe=_("Nothing was changed."))
    if words["currency"] not in (*i18n.currencies(), held.currency):
        raise InputError(_("Please choose one."), field="currency", safe=_("Nothing was changed."))
    return schema.replace(
        held,
        name=words["name"],
        number=words["number"],
        kind=ProductKind(words["kind"]),
        unit=unit_meant(words["unit"]),
        price_minor=amount_typed(request, "price", words["currency"]),
        currency=words["currency"],
        vendor=words["vendor"],
    )


# --- in words ------------------------------------------------------------------------------------------------


def _catalogue(request: HttpRequest, refused: InputError | CentralError | None = None) -> HttpResponse:
    user = person(request)
    text = clean_text(request.GET.get("text", ""))[:200]
    use = request.GET.get("use", "")
    found = products.listed(user, text)
    kept = bundles.as_uuid(request.GET.get("kept", ""))
    kept_name = next((p.name for p in found if p.id == str(kept)), "") if kept else ""
    over = {p.id for p in found if products.is_over(user, p)}
    if use in _USES[1:]:
        found = [p for p in found if (p.id in over) is (use == "over")]
    empty = Product(id="")
    last = max(0, len(found) - 1) // ROWS_SHOWN
    typed = request.GET.get("page", "")[:6]
    here = min(int(typed) - 1, last) if typed.isdecimal() and int(typed) else 0
    begin = here * ROWS_SHOWN
    words = {"text": text, "use": use} if use in _USES else {"text": text}
    values = {
        "lines": [_line(p, is_over=p.id in over) for p in found[begin : begin + ROWS_SHOWN]],
        "summary": _span(begin, len(found)),
        "before": _address(words, here) if here else "",
        "after": _address(words, here + 2) if here < last else "",
        "imported": _imported(request),
        "text": text,
        "use": use if use in _USES else "",
        "is_filtered": bool(text or use),
        "kept": kept_name,
        **_form(request, empty, refused),
    }
    return show("products.html", request, "products", values, status_of(refused))


def _span(begin: int, count: int) -> str:
    """Return how many products there are, and which of them stand here where that is not all."""
    if count <= ROWS_SHOWN:
        return ngettext("1 product", "{n} products", count)
    end = min(begin + ROWS_SHOWN, count)
    return _("{first}–{last} of {n} products", first=begin + 1, last=end, n=i18n.number(count))


def _address(words: Mapping[str, str], page: int) -> str:
    kept = {name: word for name, word in words.items() if word}
    return "/products?" + urlencode({**kept, "page": page})


def _imported(request: HttpRequest) -> str:
    """Return what a price list did, "" where none was kept just now."""
    added, changed = (request.GET.get(name, "")[:6] for name in ("added", "changed"))
    if not (added.isdecimal() and changed.isdecimal()):
        return ""
    return " ".join(
        (
            ngettext("1 product was added.", "{n} products were added.", int(added)),
            ngettext("1 product was changed.", "{n} products were changed.", int(changed)),
        )
    )


def _product(
    request: HttpRequest, product_id: str, refused: InputError | CentralError | None = None
) -> HttpResponse:
    user = person(request)
    held, rev = products.held(user, product_id)
    is_over = products.is_over(user, held)
    zone = reports.office_zone(user)
    values = {
        "prices": [
            (i18n.money(one.price_minor, one.currency), moment(one.since, zone), one.who or _("somebody"))
            for one in products.prices(user, held.id)
        ],
        "line": _line(held, is_over=is_over),
        "is_over": is_over,
        "rev": rev,
        **_form(request, held, refused),
    }
    return show("product.html", request, "products", values, status_of(refused))


def _line(held: Product, *, is_over: bool) -> dict[str, object]:
    price, unit = i18n.money(held.price_minor, held.currency), unit_words(held.unit)
    return {
        "id": held.id,
        "name": held.name,
        "number": held.number,
        "kind": _(PRODUCT_KINDS[held.kind]),
        "price": _("{price} per {unit}", price=price, unit=unit) if unit else price,
        "vendor": held.vendor,
        "mark": Mark(look="none", icon="minus-circle", words=_("Out of use")) if is_over else None,
    }


def _form(
    request: HttpRequest, held: Product, refused: InputError | CentralError | None
) -> dict[str, object]:
    """Return what the form of a product shows: what was typed where that was refused, else what holds."""
    holds = {
        "name": held.name,
        "number": held.number,
        "kind": held.kind.value,
        "unit": unit_words(held.unit),
        "price": i18n.amount(held.price_minor, held.currency) if held.name else "",
        "currency": held.currency,
        "vendor": held.vendor,
    }
    is_typed = refused is not None and "name" in request.POST
    field = refused.field if isinstance(refused, InputError) else ""
    return {
        "refused": refused,
        "wrong": {"price_minor": "price"}.get(field, field),
        "typed": {name: request.POST.get(name, "") for name in _TYPED} if is_typed else holds,
        "kinds": [(kind.value, _(words)) for kind, words in PRODUCT_KINDS.items()],
        "currencies": [(code, code) for code in dict.fromkeys((*i18n.currencies(), held.currency))],
        "most": {f.name: f.max_length for f in schema.spec_of(Product).fields},
    }
