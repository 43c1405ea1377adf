"""Records declared once: fields with label, help, unit, editors and audience, and all that follows.

A record is a frozen dataclass with `@record(...)`; each field is one line with `field(...)`. From
the declaration come the table's columns and the message (records/encoding.py), the form (`form_fields`),
the rows of a review page or paper and the search text (records/wording.py), what is refused where it is
entered (records/entering.py) and docs/records.md (records/catalogue.py).

A value written by a newer techkit (an unknown field, an unknown choice) is kept in `extra` and
passed on untouched. Inner values of a record (attendance, options, readings) are frozen dataclasses
with `@value`; they travel inside their record.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform

#: The longest text a field takes unless it says otherwise (BAD-INPUTS A12); the rest is offered as
#: an attachment.
MAX_TEXT = 100_000

#: The longest text of a one-line field.
MAX_LINE = 500


class SyncClass(StrEnum):
    """Who may write a record and what happens when two ends changed it."""

    REFERENCE = "RO"  # the office only
    FACT = "IM"  # written once, never changed
    ADDITION = "AP"  # a set that only grows
    TECHNICIAN = "TO"  # the technician, until submitted
    STAFF = "SO"  # the office only, but about a visit
    MERGED = "MF"  # both, joined field by field
    DERIVED = "DV"  # computed, never sent


class Editor(StrEnum):
    """Who may change a field."""

    TECHNICIAN = "T"
    STAFF = "S"
    FINANCE = "F"
    CUSTOMER = "C"
    PROGRAM = "X"


class Audience(StrEnum):
    """Who may read a field: the customer, staff as well, or colleagues only."""

    CUSTOMER = "customer"
    STAFF = "staff"
    INTERNAL = "internal"


_AUDIENCE_RANK = {Audience.CUSTOMER: 0, Audience.STAFF: 1, Audience.INTERNAL: 2}


class ValueType(StrEnum):
    """The form of a field's value; decides column, form control and formatting."""

    TEXT = "text"
    INTEGER = "integer"
    TRUTH = "truth"
    QUANTITY = "quantity"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    CHOICE = "choice"
    REFERENCE = "reference"
    TEXTS = "texts"
    DOCUMENT = "document"


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """All that is declared of one field.

    value_type and annotation come from the dataclass; choices maps stored values to labels.
    """

    name: str
    value_type: ValueType
    annotation: Any
    default: Any
    label: str
    help: str
    unit: str
    editors: frozenset[Editor]
    audience: Audience
    since: str
    choices: Mapping[str, str]
    refers: str
    lists: str
    form: str
    required: bool
    searched: bool
    indexed: bool
    multiline: bool
    max_length: int
    personal: bool
    staff_owned: bool

    @functools.cached_property
    def bare_annotation(self) -> Any:
        """The field's type without its “or None”."""
        return bare_type(self.annotation)

    def may_edit(self, editor: Editor) -> bool:
        """Return whether this editor may change the field."""
        return editor in self.editors

    def readable_by(self, audience: Audience) -> bool:
        """Return whether the audience may read the field."""
        return _AUDIENCE_RANK[self.audience] <= _AUDIENCE_RANK[audience]


@dataclass(frozen=True, kw_only=True)
class RecordSpec:
    """All that is declared of one kind of record.

    owner: the field whose record's scope this one shares ("customer_id", "visit_id"), "" for a
    record that is its own scope (the customer), "tenant" or "technician" for those scopes.
    """

    kind: str
    cls: type[Record]
    title: str
    plural: str
    sync: SyncClass
    owner: str
    icon: str
    fields: tuple[FieldSpec, ...]
    summary: str
    module: str

    def field(self, name: str) -> FieldSpec:
        """Return the field of that name. Raises: KeyError."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(f"{self.kind} has no field {name}")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every record has: its id and what a newer techkit wrote into it."""

    id: str
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)


R = TypeVar("R", bound=Record)
T = TypeVar("T")

_registry: dict[str, RecordSpec] = {}
_by_class: dict[type, RecordSpec] = {}


def field(  # noqa: PLR0913 - one argument for each thing a field declares
    *,
    label: str,
    help: str = "",
    default: Any,
    unit: str = "",
    by: str = "T",
    audience: Audience = Audience.STAFF,
    since: str = "0.1",
    choices: Mapping[Any, str] | None = None,
    refers: str = "",
    lists: str = "",
    form: str = "",
    required: bool = False,
    searched: bool = False,
    indexed: bool = False,
    multiline: bool = False,
    max_length: int = 0,
    personal: bool = False,
    staff_owned: bool = False,
) -> Any:
    """Declare one field of a record.

    label and help: English, translated when shown. by: letters of Editor. unit: "minor" makes an
    int an amount of money in minor units. refers: the kind of record an id points at; lists: the kind each
    id of a list points at. form: "mail" for an e-mail address, "currency" for a currency's code, "unit" for what is counted. default: the empty value, immutable. staff_owned: belongs to the office even
    inside a record the technician owns.
    """
    metadata = dict(
        label=label,
        help=help,
        unit=unit,
        editors=frozenset(Editor(letter) for letter in by),
        audience=audience,
        since=since,
        choices={str(k): v for k, v in (choices or {}).items()},
        refers=refers,
        lists=lists,
        form=form,
        required=required,
        searched=searched,
        indexed=indexed or bool(refers),
        multiline=multiline,
        max_length=max_length or (MAX_TEXT if multiline else MAX_LINE),
        personal=personal,
        staff_owned=staff_owned,
    )
    return dataclasses.field(default=default, metadata={"techkit": metadata})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(
    *,
    kind: str,
    title: str,
    plural: str,
    sync: SyncClass,
    owner: str,
    icon: str = "note",
    summary: str = "",
) -> Callable[[type[R]], type[R]]:
    """Make a class a record: frozen, registered, everything else derived from its fields.

    summary: a format string over the record's formatted fields, e.g. "{product} {to_version}".
    """

    def make(cls: type[R]) -> type[R]:
        hints = typing.get_type_hints(cls)
        made = dataclass(frozen=True, kw_only=True)(cls)
        specs = tuple(
            _field_spec(f, hints[f.name]) for f in dataclasses.fields(made) if "techkit" in f.metadata
        )
        spec = RecordSpec(
            kind=kind,
            cls=made,
            title=title,
            plural=plural,
            sync=sync,
            owner=owner,
            icon=icon,
            fields=specs,
            summary=summary,
            module=cls.__module__,
        )
        _registry[kind] = spec
        _by_class[made] = spec
        return made

    return make


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def shared(cls: type[R]) -> type[R]:
    """Make a class a set of fields that several records share; it is no record of its own."""
    return dataclass(frozen=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make a class an inner value of a record: frozen, keyword arguments only.

    Fields declared with `field(...)` can be filled in by a form (`row_fields`). A method `words(currency)`
    gives the value in one line for pages and paper.
    """
    return dataclass(frozen=True, kw_only=True)(cls)


def row_fields(spec: FieldSpec) -> tuple[FieldSpec, ...]:
    """Return the declared fields of the values a field lists, e.g. of each option; () for any other field."""
    inner = _inner_value(spec)
    return _fields_of_value(inner) if inner is not None else ()


@functools.cache
def _fields_of_value(inner: Any) -> tuple[FieldSpec, ...]:
    hints = typing.get_type_hints(inner)
    return tuple(_field_spec(f, hints[f.name]) for f in dataclasses.fields(inner) if "techkit" in f.metadata)


def row_class(spec: FieldSpec) -> type[Any]:
    """Return the class of the values a field lists. Raises: TypeError for a field without declared rows."""
    inner: type[Any] | None = _inner_value(spec)
    if inner is None:
        raise TypeError(f"{spec.name} lists no values")
    return inner


def _inner_value(spec: FieldSpec) -> Any:
    arguments = typing.get_args(spec.annotation)
    is_list = typing.get_origin(spec.annotation) is tuple and arguments
    return arguments[0] if is_list and dataclasses.is_dataclass(arguments[0]) else None


def spec_of(record_or_class: Record | type[Record]) -> RecordSpec:
    """Return the declaration of a record or of its class. Raises: KeyError."""
    cls = record_or_class if isinstance(record_or_class, type) else type(record_or_class)
    return _by_class[cls]


def spec_for(kind: str) -> RecordSpec:
    """Return the declaration of a kind. Raises: KeyError for kinds of a newer techkit."""
    return _registry[kind]


def is_known(kind: str) -> bool:
    """Return whether this techkit declares the kind."""
    return kind in _registry


def all_specs() -> tuple[RecordSpec, ...]:
    """Return every declared kind, ordered by kind; import records.catalogue first."""
    return tuple(_registry[kind] for kind in sorted(_registry))


def bare_type(annotation: Any) -> Any:
    """Return a field's type without its “or None”."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        parts = [a for a in typing.get_args(annotation) if a is not type(None)]
        if len(parts) == 1:
            return parts[0]
    return annotation


def _field_spec(declared: dataclasses.Field[Any], annotation: Any) -> FieldSpec:
    meta = dict(declared.metadata["techkit"])
    base = bare_type(annotation)
    if isinstance(base, type) and issubclass(base, StrEnum) and not meta["choices"]:
        raise TypeError(f"{declared.name}: a choice needs choices= with a label for each value")
    return FieldSpec(
        name=declared.name,
        value_type=_value_type(base, meta),
        annotation=annotation,
        default=declared.default,
        **meta,
    )


def _value_type(base: Any, meta: Mapping[str, Any]) -> ValueType:  # noqa: PLR0911 - one line a type
    if meta["choices"]:
        return ValueType.CHOICE
    if meta["refers"]:
        return ValueType.REFERENCE
    if base is bool:
        return ValueType.TRUTH
    if base is int:
        return ValueType.MONEY if meta["unit"] == "minor" else ValueType.INTEGER
    if base is Decimal:
        return ValueType.QUANTITY
    if base is datetime:
        return ValueType.INSTANT
    if base is date:
        return ValueType.DATE
    if base is str:
        return ValueType.TEXT
    if typing.get_origin(base) is tuple and typing.get_args(base)[0] is str:
        return ValueType.TEXTS
    return ValueType.DOCUMENT


def replace(held: R, **changes: Any) -> R:
    """Return the record with some fields changed; a changed field's kept newer value goes."""
    extra = {k: v for k, v in held.extra.items() if k not in changes}
    return dataclasses.replace(held, extra=extra, **changes)


def form_fields(spec: RecordSpec, editor: Editor) -> tuple[FieldSpec, ...]:
    """Return the fields a form offers to this editor, in declared order."""
    return tuple(f for f in spec.fields if f.may_edit(editor) and f.value_type is not ValueType.DOCUMENT)
