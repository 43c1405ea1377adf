"""Forms of master data: one for every kind the office keeps, made from the record's declaration."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_http_methods

from techkit import i18n
from techkit.central import master_data, master_rows
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.master_data import Opened, Outcome, Typed
from techkit.central.pages.frame import needs, show
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records import wording
from techkit.records.assets import Rate, RateCard
from techkit.records.identity import new_id
from techkit.records.schema import FieldSpec, ValueType, row_fields, spec_of

#: So many empty rows stand below those of a list.
ROWS_TO_ADD = 2

#: How a field is asked for.
_CONTROLS = {
    ValueType.TRUTH: "truth",
    ValueType.DATE: "date",
    ValueType.TEXTS: "texts",
    ValueType.MONEY: "number",
    ValueType.QUANTITY: "number",
    ValueType.INTEGER: "number",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One field of a form: what stands in it, what is wrong with that, and what others wrote there.

    seen: the mark of what holds now. meanwhile: what another wrote since the form was opened, "" where nobody did.
    undecided: versions of others as (operation, words); settled: which of them was chosen.
    """

    name: str
    label: str
    control: str
    text: str
    help: str
    unit: str
    most: int
    is_required: bool
    choices: tuple[tuple[str, str], ...]
    seen: str = ""
    wrong: str = ""
    meanwhile: str = ""
    undecided: tuple[tuple[str, str], ...] = ()
    settled: str = ""
    rows: tuple[tuple[Asked, ...], ...] = ()


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT)
def edit(request: HttpRequest, kind: str, record_id: str) -> HttpResponse:
    """Show the form of a record, or keep what was typed into it."""
    return _answer(request, lambda: master_data.opened(person(request), kind, record_id))


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT)
def add(request: HttpRequest, kind: str, customer_id: str = "") -> HttpResponse:
    """Show the form of something new, at a customer or for all, or keep it."""
    record_id = request.POST.get("id", "") or new_id()
    return _answer(request, lambda: master_data.begun(person(request), kind, record_id, customer_id))


@require_GET
@needs(Right.BOOK)
def rate_cards(request: HttpRequest) -> HttpResponse:
    """Show what labour and travel cost."""
    held = master_data.of_all(person(request), RateCard)
    lines = [
        {
            "id": one.id,
            "name": one.name,
            "rates": [_rate(rate, one.currency) for rate in one.rates],
            "is_default": one.is_default,
        }
        for one in held
    ]
    kept = next((one.name for one in held if one.id == request.GET.get("kept", "")), "")
    return show("rate_cards.html", request, "products", {"lines": lines, "kept": kept})


def _rate(rate: Rate, currency: str) -> str:
    """Return what an hour of one kind of labour costs, in words."""
    kind = next(f for f in row_fields(spec_of(RateCard).field("rates")) if f.name == "labour")
    words = wording.format_value(kind, rate.labour)
    return _("{kind}: {amount} an hour", kind=words, amount=i18n.money(rate.hourly_minor, currency))


def _answer(request: HttpRequest, found: Callable[[], Opened]) -> HttpResponse:
    held = found()
    if request.method != "POST":
        return _form(request, held, None, 409 if held.closed else 200)
    if held.closed:
        return _form(request, held, None, held.closed.status)
    typed = _typed(request, held)
    outcome = master_data.save(person(request), held, typed, client_address(request))
    if not outcome.is_kept:
        return _form(request, outcome.opened, outcome, 422 if outcome.wrong else 409, typed.settled)
    page = "/rate-cards" if held.spec.owner == "tenant" else f"/customers/{held.customer_id}"
    return HttpResponseRedirect(f"{page}?kept={held.record.id}")


def _typed(request: HttpRequest, held: Opened) -> Typed:
    names = [f.name for f in held.fields]
    given = request.POST
    texts = {name: given[name] for name in names if name in given}
    for field in held.fields:
        if field.lists:
            texts[field.name] = "\n".join(given.getlist(field.name))
        elif row_fields(field):
            texts[field.name] = master_rows.text_typed(field, given)
    return Typed(
        texts=texts,
        seen={name: given[f"seen-{name}"][:64] for name in names if f"seen-{name}" in given},
        taken=frozenset(name for name in names if f"take-{name}" in given),
        settled={name: given[f"settle-{name}"][:64] for name in names if given.get(f"settle-{name}")},
    )


def _back(held: Opened) -> str:
    """Return the page a form was opened from, and leads back to."""
    if held.spec.owner == "tenant":
        return "/rate-cards"
    is_new_customer = held.spec.owner == "" and held.state is None
    return "/visits" if is_new_customer else f"/customers/{held.customer_id}"


# --- in words ------------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    held: Opened,
    outcome: Outcome | None,
    status: int,
    settled: Mapping[str, str] | None = None,
) -> HttpResponse:
    asked = [_asked(held, f, outcome, (settled or {}).get(f.name, "")) for f in held.fields]
    name = wording.summary_line(held.record) if held.state else ""
    values = {
        "held": held,
        "asked": asked,
        "kind": _(held.spec.title),
        "name": name,
        "heading": _("Edit {name}", name=name or _(held.spec.title))
        if held.state
        else _("New: {kind}", kind=_(held.spec.title)),
        "back": _back(held),
        "above": master_data.customer_name(person(request), held),
        "holds": f"/edit/{held.spec.kind}/{held.holds_id}" if held.holds_id else "",
        "closed": held.closed,
        "refused": _refused(held, outcome),
        "wrong": [one for field in asked for one in (field, *itertools.chain(*field.rows)) if one.wrong],
        "stale": [one for one in asked if one.meanwhile],
        "others": _others(held, outcome),
    }
    place = "products" if held.spec.owner == "tenant" else "customers"
    return show("edit.html", request, place, values, status)


def _asked(held: Opened, field: FieldSpec, outcome: Outcome | None, settled: str) -> Asked:
    holds = held.text(field)
    who, undecided = master_data.theirs(held, field)
    wrong = outcome.wrong.get(field.name) if outcome else None
    meanwhile = ""
    if outcome and field.name in outcome.stale:
        meanwhile = _(
            "{name} wrote meanwhile: {text}",
            name=who or _("somebody"),
            text=master_data.said(held, field, holds),
        )
    text = outcome.texts.get(field.name, holds) if outcome else holds
    return dataclasses.replace(
        _cell(held, field, field.name, text),
        seen=master_data.mark(held.record, field, holds),
        wrong=wrong.sentences() if wrong and not (row_fields(field) and "." in wrong.field) else "",
        meanwhile=meanwhile,
        undecided=undecided,
        settled=settled,
        rows=_rows(held, field, text, wrong),
    )


def _cell(held: Opened, field: FieldSpec, name: str, text: str) -> Asked:
    """Return how one text is asked for."""
    options = master_data.choices(held, field)
    control = "choice" if options else _CONTROLS.get(field.value_type, "text" if field.multiline else "line")
    if field.lists or row_fields(field):
        control = "several" if field.lists else "rows"
    unit = i18n.unit_sign(field.unit) if field.unit else ""
    if field.value_type is ValueType.MONEY:
        unit = wording.currency_of(held.record)
    return Asked(
        name=name,
        label=_(field.label),
        control=control,
        text=text,
        help=_(field.help) if field.help else "",
        unit=unit,
        most=field.max_length,
        is_required=field.required,
        choices=options,
    )


def _rows(
    held: Opened, field: FieldSpec, text: str, wrong: InputError | None
) -> tuple[tuple[Asked, ...], ...]:
    """Return the rows of a list, and empty ones to fill in; () for any other field."""
    inner = row_fields(field)
    if not inner:
        return ()
    typed = master_rows.rows_of(text)
    made = []
    for place, row in enumerate((*typed, *({} for _n in range(ROWS_TO_ADD)))):
        cells = []
        for f in inner:
            name = f"{field.name}.{place}.{f.name}"
            cell = _cell(held, f, name, row.get(f.name, ""))
            if place >= len(typed) and cell.control == "choice":
                cell = dataclasses.replace(
                    cell, choices=(("", _("– nothing chosen –")), *(c for c in cell.choices if c[0]))
                )
            if wrong is not None and wrong.field == name:
                cell = dataclasses.replace(cell, wrong=wrong.sentences())
            cells.append(cell)
        made.append(tuple(cells))
    return tuple(made)


def _refused(held: Opened, outcome: Outcome | None) -> str:
    """Return what stands above a form that was not kept, "" for any other."""
    if outcome is None:
        return ""
    names = {f.name for f in held.fields}
    general = [error.sentences() for name, error in outcome.wrong.items() if name not in names]
    if general:
        return " ".join(general)
    if outcome.wrong:
        told = ngettext(
            "One field cannot be kept like this.", "{n} fields cannot be kept like this.", len(outcome.wrong)
        )
    else:
        told = _("Somebody changed this entry since you opened it.")
    return told + " " + _("Nothing was changed; what you typed stands below.")


def _others(held: Opened, outcome: Outcome | None) -> str:
    return (
        ""
        if outcome is None or not outcome.stale
        else _("Save once more to keep your words, or tick the other ones.")
    )
