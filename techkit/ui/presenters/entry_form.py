"""A form made from a record's declaration: what is typed, what it means, what is wrong with it.

The typed text is kept as it stands, also when it cannot be read; nothing typed is ever thrown away.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from techkit.errors import InputError
from techkit.i18n import N_, _
from techkit.records.entering import clean_text
from techkit.records.schema import (
    Editor,
    FieldSpec,
    Record,
    ValueType,
    form_fields,
    row_class,
    row_fields,
    spec_for,
)
from techkit.records.typed import parse, shown
from techkit.ui.presenters.choices import Choice, FormField, FormList, FormRow, FormState

#: What each form asks at once, in order; everything else stands behind "More".
ASKED = {
    "install": ("title", "product", "version", "note_customer"),
    "upgrade": ("title", "product", "from_version", "to_version", "note_customer"),
    "training": ("title", "topics", "method", "note_customer", "result"),
    "troubleshooting": ("title", "symptom", "cause", "resolution", "is_fixed"),
    "needs_analysis": ("title", "goals", "constraints", "recommended", "decision", "approver_id"),
    "purchase_assistance": (
        "title",
        "note_customer",
        "decision",
        "approver_id",
        "po_reference",
        "expected_on",
    ),
    "information_lookup": ("title", "question", "answer"),
    "supply_use": ("name", "quantity", "unit_price_minor"),
    "maintenance": ("title", "action", "product", "note_customer"),
    "data_care": ("title", "action", "source", "target", "is_verified"),
    "follow_up": ("text", "owner", "due_on"),
    "expense": ("kind", "amount_minor", "currency", "note"),
    "customer": ("display_name", "kind", "engagement", "preferred_language", "notes_for_visit"),
    "payer": ("name", "po_reference", "billing_address"),
    "site": ("name", "street", "postal_code", "town", "access_notes"),
    "contact": (
        "given_name", "family_name", "role", "relationship", "email", "phones", "environment", "frequency", "skill",
        "software_used", "features_used", "features_wanted",
    ),
    "user_software": ("product", "frequency", "skill", "assessed_how", "features_used", "features_wanted"),
    "touch_point": ("how", "note"),
    "case": ("title", "symptom_code", "site_id", "asset_id", "reported_by", "channel", "category"),
    "asset": (
        "name", "tag", "kind", "site_id", "owner_contact", "location_in_site", "purchased_on", "price_minor",
        "warranty_ends_on",
    ),
    "card": ("title", "fits", "steps", "customer_words", "careful", "worked"),
    "budget_proposal": ("kind", "to_budget_id", "amount_minor", "reason"),
    "visit_template": ("title", "expected_minutes", "complaint", "purpose", "points"),
}  # fmt: skip

#: What the button says that adds a row to a list inside an entry.
ADD_ROW = {
    "options": N_("Another option"),
    "items": N_("Another item"),
    "sources": N_("Another source"),
    "checklist": N_("Another point"),
    "supplies": N_("Another supply"),
}

#: Marks of a list's row among what was typed: "<field>.<place>" -> here, or taken out.
_HERE, _GONE = "row", "gone"

#: Fields the program fills; a form never asks for them. minutes have their own chips.
_OWN = {
    "visit_id",
    "asset_id",
    "contact_id",
    "customer_id",
    "minutes",
    "product_id",
    "receipt_id",
    "state",
    "reason_text",
    "at",
}

_CONTROLS = {
    ValueType.INTEGER: "number",
    ValueType.QUANTITY: "number",
    ValueType.MONEY: "money",
    ValueType.DATE: "date",
    ValueType.INSTANT: "moment",
    ValueType.TRUTH: "truth",
    ValueType.CHOICE: "choice",
    ValueType.TEXTS: "texts",
    ValueType.REFERENCE: "choice",
}


class EntryForm:
    """One form: kind, what was typed so far, and what is wrong.

    record: the entry being changed, None for a new one. references: field → choices for ids.
    """

    def __init__(
        self,
        kind: str,
        *,
        record: Record | None = None,
        currency: str = "EUR",
        references: Mapping[str, Sequence[Choice]] | None = None,
    ) -> None:
        self.kind = kind
        self.spec = spec_for(kind)
        self.record = record
        self.currency = currency
        self.references = references or {}
        self.typed: dict[str, str] = {}
        self.errors: dict[str, str] = {}

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field and say at once what is wrong with it, if anything."""
        self.typed[name] = text
        self.errors.pop(name, None)
        spec = self._spec_of(name)
        if spec is None:
            return
        try:
            parse(spec, text, self.money_currency)
        except InputError as error:
            self.errors[name] = error.sentences()
        if name == "currency":
            for held in [n for n in self.typed if self._is_money(n)]:
                self.fill(
                    held, self.typed[held]
                )  # what is finer than one currency has coins may be fine in another

    def _is_money(self, name: str) -> bool:
        spec = self._spec_of(name)
        return spec is not None and spec.value_type is ValueType.MONEY

    @property
    def money_currency(self) -> str:
        """Return the currency amounts are typed in: the one chosen in the form, else the entry's or the visit's."""
        if "currency" not in self.references:
            return self.currency
        return self.typed.get("currency") or getattr(self.record, "currency", "") or self.currency

    def restore(self, typed: Mapping[str, str]) -> None:
        """Take over what was typed before; a field the record has no more is left out."""
        for name, text in typed.items():
            try:
                self.fill(name, text)
            except (KeyError, ValueError):
                self.typed.pop(name, None)

    @property
    def words(self) -> str:
        """Return the longest text that was typed, "" where none was."""
        texts = (text for name, text in self.typed.items() if self.limit(name))
        return max((" ".join(text.split()) for text in texts), key=len, default="")

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was typed."""
        return not any(text.strip() for text in self.typed.values())

    def values(self) -> dict[str, Any]:
        """Return the typed values. Raises: InputError naming the first field that cannot be read."""
        found = {
            name: parse(self.spec.field(name), text, self.money_currency)
            for name, text in self.typed.items()
            if "." not in name
        }
        for name in dict.fromkeys(name.split(".")[0] for name in self.typed if "." in name):
            found[name] = self._rows_typed(name)
        return found

    # --- lists inside an entry ------------------------------------------------------------------

    def add_row(self, name: str) -> None:
        """Begin another row of a list, e.g. another option."""
        self.typed[f"{name}.{max(self._places(name), default=-1) + 1}"] = _HERE

    def remove_row(self, name: str, place: int) -> None:
        """Take a row out of a list."""
        self.typed[f"{name}.{place}"] = _GONE
        for key in [k for k in self.errors if k.startswith(f"{name}.{place}.")]:
            del self.errors[key]

    def _spec_of(self, name: str) -> FieldSpec | None:
        """Return the declaration of a field, or of a field of a row; None for the mark of a row."""
        parts = name.split(".")
        if len(parts) == 1:
            return self.spec.field(name)
        inner = {f.name: f for f in row_fields(self.spec.field(parts[0]))}
        return inner[parts[2]] if len(parts) == 3 else None

    def _held(self, name: str) -> tuple[Any, ...]:
        return tuple(getattr(self.record, name)) if self.record else ()

    def _places(self, name: str) -> list[int]:
        """Return the places of a list's rows; a new entry begins with one empty row."""
        marked = {int(k.split(".")[1]) for k in self.typed if k.startswith(f"{name}.")}
        places = {*range(len(self._held(name)) or 1), *marked}
        return sorted(p for p in places if self.typed.get(f"{name}.{p}") != _GONE)

    def _rows_typed(self, name: str) -> tuple[Any, ...]:
        """Return the rows of a list that say something. Raises: InputError naming the first wrong field."""
        spec, held, made = self.spec.field(name), self._held(name), []
        for place in self._places(name):
            old = held[place] if place < len(held) else None
            values: dict[str, Any] = {}
            for f in row_fields(spec):
                text = self.typed.get(f"{name}.{place}.{f.name}")
                if text is None:
                    values[f.name] = getattr(old, f.name) if old is not None else f.default
                    continue
                try:
                    values[f.name] = parse(f, text, self.currency)
                except InputError as error:
                    error.field = f"{name}.{place}.{f.name}"
                    raise
            if all(
                value in (f.default, None, "")
                for f, value in zip(row_fields(spec), values.values(), strict=True)
            ):
                continue
            first = row_fields(spec)[0]
            if first.required and not values[first.name]:
                raise InputError(
                    _("{label} is still empty.", label=_(first.label)),
                    field=f"{name}.{place}.{first.name}",
                    safe=_("Everything else you typed is kept."),
                    advice=_("Please fill it in."),
                )
            made.append(row_class(spec)(**values))
        return tuple(made)

    def _list(self, spec: FieldSpec) -> FormList:
        held = self._held(spec.name)
        rows = []
        for place in self._places(spec.name):
            old = held[place] if place < len(held) else None
            fields = []
            for f in row_fields(spec):
                name = f"{spec.name}.{place}.{f.name}"
                current = getattr(old, f.name) if old is not None else f.default
                fields.append(self._shown_field(f, name, current))
            rows.append(FormRow(place=place, fields=tuple(fields)))
        return FormList(
            name=spec.name, label=_(spec.label), add_label=_(ADD_ROW[spec.name]), rows=tuple(rows)
        )

    @property
    def too_long(self) -> str:
        """Return the first field with more text than it takes, "" for none."""
        return next(
            (name for name in self.errors if 0 < self.limit(name) < len(self.typed.get(name, ""))), ""
        )

    def limit(self, name: str) -> int:
        """Return how many characters a text takes, 0 where it is no text."""
        spec = self._spec_of(name)
        return spec.max_length if spec is not None and spec.value_type is ValueType.TEXT else 0

    def label(self, name: str) -> str:
        """Return what a field is called."""
        spec = self._spec_of(name)
        return _(spec.label) if spec is not None else ""

    def refuse(self, error: InputError) -> None:
        """Show an error at its field."""
        self.errors[error.field or "title"] = error.sentences()

    def state(self, *, add_label: str, today: date) -> FormState:
        """Return the form as the screen shows it. today: the visit's day, or that of a page without a visit."""
        asked = ASKED.get(self.kind, ())
        fields = {
            f.name: self._field(f)
            for f in form_fields(self.spec, Editor.TECHNICIAN)
            if f.name in self.references
            or (f.name not in {*_OWN, "currency"} and f.value_type is not ValueType.REFERENCE)
        }
        first = next((n for n in self.errors), "")
        return FormState(
            kind=self.kind,
            title=_(self.spec.title),
            fields=tuple(fields[n] for n in asked if n in fields),
            more=tuple(held for n, held in fields.items() if n not in asked),
            lists=tuple(
                self._list(f) for f in self.spec.fields if f.name in ADD_ROW and f.may_edit(Editor.TECHNICIAN)
            ),
            record_id=self.record.id if self.record else "",
            today=today,
            add_label=add_label,
            error=self.errors.get(first, ""),
            error_field=first,
            may_keep_whole=bool(self.too_long),
        )

    def _field(self, spec: FieldSpec) -> FormField:
        held = getattr(self.record, spec.name) if self.record else spec.default
        if spec.name == "currency" and self.record is None:
            held = self.currency
        return self._shown_field(spec, spec.name, held)

    def _shown_field(self, spec: FieldSpec, name: str, held: Any) -> FormField:
        text = self.typed.get(name)
        if text is None:
            text = shown(spec, held, self.money_currency)
        return FormField(
            name=name,
            label=_(spec.label),
            control="choice" if name in self.references else _control(spec),
            help=_(spec.help) if spec.help else "",
            text=text,
            unit=self.money_currency if spec.value_type is ValueType.MONEY else spec.unit,
            choices=self._choices(spec, text),
            is_required=spec.required,
            max_length=spec.max_length,
            error=self.errors.get(name, ""),
        )

    def _choices(self, spec: FieldSpec, text: str) -> tuple[Choice, ...]:
        if spec.name in self.references:
            return tuple(
                dataclasses.replace(c, is_chosen=c.value == text) for c in self.references[spec.name]
            )
        return tuple(
            Choice(value=value, label=_(label), is_chosen=value == text)
            for value, label in spec.choices.items()
        )


def _control(spec: FieldSpec) -> str:
    if spec.value_type is ValueType.TEXT:
        return "text" if spec.multiline else "line"
    return _CONTROLS.get(spec.value_type, "line")


def parse_km(text: str) -> Decimal:
    """Return typed kilometres, 0 for none. Raises: InputError saying how to write it right."""
    spec = spec_for("visit").field("travel_km")
    if not clean_text(text) or clean_text(text) == "0":
        return Decimal(0)
    found: Decimal = parse(spec, text, "")
    return found


def parse_percent(spec: FieldSpec, text: str) -> Decimal:
    """Return a typed share in percent, with or without its sign. Raises: InputError saying how to write it right."""
    typed = clean_text(text).removesuffix("%").strip()
    found: Decimal = parse(spec, typed, "")
    if found > 100:
        raise InputError(
            _("“{typed}” is more than all of it.", typed=typed[:40]),
            field=spec.name,
            safe=_("What you typed is kept."),
            advice=_("Write at most {example}.", example="100"),
        )
    return found
