"""Forms of master data: one for every kind the office keeps, made from the record's declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from techkit import i18n
from techkit.central import master_data
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.master_data import Opened, Outcome, Typed
from techkit.central.pages.frame import needs, show
from techkit.i18n import _, ngettext
from techkit.records import wording
from techkit.records.identity import new_id
from techkit.records.schema import FieldSpec, ValueType

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
    """

    name: str
    label: str
    control: str
    text: str
    seen: str
    help: str
    unit: str
    most: int
    is_required: bool
    choices: tuple[tuple[str, str], ...]
    wrong: str
    meanwhile: str
    undecided: tuple[str, ...]


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT)
def edit(request: HttpRequest, kind: str, record_id: str) -> HttpResponse:
    """Show the form of a record, or keep what was typed into it."""
    return _answer(request, lambda: master_data.opened(person(request), kind, record_id))


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT)
def add(request: HttpRequest, customer_id: str, kind: str) -> HttpResponse:
    """Show the form of something new at a customer, or keep it."""
    record_id = request.POST.get("id", "") or new_id()
    return _answer(request, lambda: master_data.begun(person(request), kind, record_id, customer_id))


def _answer(request: HttpRequest, found: Callable[[], Opened]) -> HttpResponse:
    held = found()
    if request.method != "POST":
        return _form(request, held, None, 409 if held.closed else 200)
    if held.closed:
        return _form(request, held, None, held.closed.status)
    outcome = master_data.save(person(request), held, _typed(request, held), client_address(request))
    if not outcome.is_kept:
        return _form(request, outcome.opened, outcome, 422 if outcome.wrong else 409)
    return HttpResponseRedirect(f"{_back(held)}?kept={held.record.id}")


def _typed(request: HttpRequest, held: Opened) -> Typed:
    names = [f.name for f in held.fields]
    given = request.POST
    return Typed(
        texts={name: given[name] for name in names if name in given},
        seen={name: given[f"seen-{name}"][:64] for name in names if f"seen-{name}" in given},
        taken=frozenset(name for name in names if f"take-{name}" in given),
    )


def _back(held: Opened) -> str:
    return f"/customers/{held.customer_id}"


# --- in words ------------------------------------------------------------------------------------------------


def _form(request: HttpRequest, held: Opened, outcome: Outcome | None, status: int) -> HttpResponse:
    asked = [_asked(held, f, outcome) for f in held.fields]
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
        "wrong": [one for one in asked if one.wrong],
        "stale": [one for one in asked if one.meanwhile],
        "others": _others(held, outcome),
    }
    return show("edit.html", request, "visits", values, status)


def _asked(held: Opened, field: FieldSpec, outcome: Outcome | None) -> Asked:
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
    options = master_data.choices(held, field)
    control = "choice" if options else _CONTROLS.get(field.value_type, "text" if field.multiline else "line")
    return Asked(
        name=field.name,
        label=_(field.label),
        control=control,
        text=outcome.texts.get(field.name, holds) if outcome else holds,
        seen=master_data.mark(held.record, field, holds),
        help=_(field.help) if field.help else "",
        unit=wording.currency_of(held.record)
        if field.value_type is ValueType.MONEY
        else i18n.unit_sign(field.unit)
        if field.unit
        else "",
        most=field.max_length,
        is_required=field.required,
        choices=options,
        wrong=wrong.sentences() if wrong else "",
        meanwhile=meanwhile,
        undecided=undecided,
    )


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
