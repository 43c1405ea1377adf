"""A price list pasted or given as a file: looked at line by line first, then kept as a whole."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import price_lists
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.pages.frame import needs, show
from techkit.central.pages.typed import status_of
from techkit.central.price_lists import Line, Plan, Step
from techkit.errors import CentralError, InputError
from techkit.i18n import _, ngettext
from techkit.records.assets import Product
from techkit.records.schema import spec_of
from techkit.records.wording import format_value


@require_GET
@needs(Right.BOOK)
def price_list(request: HttpRequest) -> HttpResponse:
    """Show where a list goes in."""
    return _shown(request, "")


@require_POST
@needs(Right.BOOK)
def give(request: HttpRequest) -> HttpResponse:
    """Say what a list would do, or do it."""
    user, text = person(request), request.POST.get("text", "")
    try:
        given = request.FILES.get("file")
        if given is not None:
            text = price_lists.text_of(given.read(price_lists.MOST_BYTES + 1))
        if request.POST.get("step") == "keep" and given is None:
            done = price_lists.keep(user, text, request.POST.get("digest", "")[:64], client_address(request))
            added, changed = (len(done.of(step)) for step in (Step.ADD, Step.CHANGE))
            return HttpResponseRedirect(f"/products?added={added}&changed={changed}")
        return _shown(request, text, price_lists.plan(user, text))
    except CentralError as refused:
        if refused.status != 409:
            raise
        return _shown(request, text, price_lists.plan(user, text), refused)
    except InputError as refused:
        return _shown(request, text, None, refused)


def _shown(
    request: HttpRequest,
    text: str,
    plan: Plan | None = None,
    refused: InputError | CentralError | None = None,
) -> HttpResponse:
    labels = {f.name: _(f.label) for f in spec_of(Product).fields} | {"price": _("Price")}
    values = {
        "text": text,
        "plan": plan,
        "wrong": [(line.place, line.words, line.problem) for line in plan.of(Step.WRONG)] if plan else [],
        "changes": [(line.words, _changes(line)) for line in plan.of(Step.CHANGE)] if plan else [],
        "additions": [(line.words, _price(line.product)) for line in plan.of(Step.ADD)] if plan else [],
        "same": ngettext("1 line changes nothing.", "{n} lines change nothing.", n)
        if plan and (n := len(plan.of(Step.SAME)))
        else "",
        "columns": ";".join(labels[name] for name in price_lists.COLUMNS),
        "refused": refused,
    }
    return show("price_list.html", request, "products", values, status_of(refused))


def _changes(line: Line) -> str:
    """Return what a line changes of its product: each field from what to what."""
    if line.product is None or line.before is None:
        return ""
    if (line.before.price_minor, line.before.currency) != (line.product.price_minor, line.product.currency):
        price = _("Price")
        said = [f"{price}: {_price(line.before)} → {_price(line.product)}"]
    else:
        said = []
    for field in spec_of(line.product).fields:
        old, new = getattr(line.before, field.name), getattr(line.product, field.name)
        if old != new and field.name not in ("price_minor", "currency"):
            said.append(
                f"{_(field.label)}: {format_value(field, old) or '–'} → {format_value(field, new) or '–'}"
            )
    return " · ".join(said)


def _price(held: Product | None) -> str:
    return i18n.money(held.price_minor, held.currency) if held else ""
