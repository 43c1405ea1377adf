"""Records declared once: fields with label, help, unit, editors and audience, and all that follows.

A record is a frozen dataclass with `@record(...)`; each field is one line with `field(...)`. From
the declaration come the table's columns (`columns`), the message and stored form (`to_document`,
`from_document`), the form (`form_fields`), the rows of a review page or paper (`rows`), the search
text (`search_text`), the one-line summary (`summary_line`) and docs/records.md (`describe`).

A value written by a newer techkit (an unknown field, an unknown choice) is kept in `extra` and
passed on untouched. Inner values of a record (attendance, options, readings) are frozen dataclasses
with `@value`; they travel inside their record.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import N_, _

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
    form: str
    required: bool
    searched: bool
    indexed: bool
    multiline: bool
    max_length: int
    personal: bool
    staff_owned: bool

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

_HIDDEN = ("id", "extra")


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
    int an amount of money in minor units. refers: the kind of record an id points at. form: "mail" for an
    e-mail address. default: the empty value, immutable. staff_owned: belongs to the office even
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


def _strip_optional(annotation: Any) -> Any:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        parts = [a for a in typing.get_args(annotation) if a is not type(None)]
        if len(parts) == 1:
            return parts[0]
    return annotation


def _field_spec(declared: dataclasses.Field[Any], annotation: Any) -> FieldSpec:
    meta = dict(declared.metadata["techkit"])
    base = _strip_optional(annotation)
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


# --- the stored and sent form -------------------------------------------------------------------


def encode(held: Any) -> Any:
    """Return a field's value as JSON carries it: instants as UTC text, quantities as text."""
    if held is None or isinstance(held, (str, int)):
        return str(held) if isinstance(held, StrEnum) else held
    if isinstance(held, Decimal):
        return str(held)
    if isinstance(held, datetime):
        return instant_text(held)
    if isinstance(held, date):
        return held.isoformat()
    import msgspec  # loaded late: only structured fields need it

    return _plain(msgspec.to_builtins(held))


def _plain(held: Any) -> Any:
    """Return the value with lists for tuples, so that it equals itself after a round trip."""
    if isinstance(held, (tuple, list)):
        return [_plain(item) for item in held]
    if isinstance(held, dict):
        return {key: _plain(item) for key, item in held.items()}
    return held


def decode(spec: FieldSpec, raw: Any) -> Any:
    """Return the field's value from its JSON form, text cleaned.

    Raises: ValueError for a value this techkit cannot hold (a newer choice, a wrong type).
    """
    base = _strip_optional(spec.annotation)
    if raw is None:
        if base is spec.annotation:
            raise ValueError(f"{spec.name} may not be empty")
        return None
    if base is str:
        if not isinstance(raw, str):
            raise ValueError(f"{spec.name} is not text")
        return clean_text(raw, multiline=spec.multiline)
    if base in (Decimal, datetime):
        return _decimal(spec.name, raw) if base is Decimal else instant(spec.name, raw)
    if base in (int, bool):
        if base is int and isinstance(raw, bool):
            raise ValueError(f"{spec.name} is not a number")
        if base is bool and raw in (0, 1):
            return bool(raw)
        if not isinstance(raw, base):
            raise ValueError(f"{spec.name} has the wrong type")
        if base is int and not -(2**63) <= raw < 2**63:
            raise ValueError(f"{spec.name} is too large")
        return raw
    import msgspec

    try:
        return msgspec.convert(raw, base, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{spec.name}: {error}") from error


#: How an instant is written, at both ends and on the wire: with seconds and with its zone, to the nanosecond.
#: Source: RFC 3339, 5.6, and of its freedoms only these; BAD-INPUTS C43.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


def instant(name: str, raw: Any) -> datetime:
    """Return an instant from its text, whatever is finer than a microsecond rounded.

    Raises: ValueError for everything else: a number, a day alone, no zone, a zone without its colon.
    """
    import msgspec

    if not isinstance(raw, str) or _INSTANT.fullmatch(raw) is None:
        raise ValueError(f"{name} is not an instant with its zone")
    try:
        return msgspec.convert(raw, datetime)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from error


def _decimal(name: str, raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (str, int)):
        raise ValueError(f"{name} is not a quantity")
    try:
        held = Decimal(raw)
    except ArithmeticError as error:
        raise ValueError(f"{name} is not a quantity") from error
    if not held.is_finite():
        raise ValueError(f"{name} is not a finite quantity")
    return held


def to_document(held: Record) -> dict[str, Any]:
    """Return the record as JSON carries it: fields that differ from their default, and `extra`.

    The id is not part of it; an operation or row names it beside the document.
    """
    spec = spec_of(held)
    document = {key: val for key, val in held.extra.items() if key not in _names(spec)}
    for f in spec.fields:
        current = getattr(held, f.name)
        if current != f.default:
            document[f.name] = encode(current)
        elif f.name in held.extra:
            document[f.name] = held.extra[f.name]
    return document


def from_document(kind: str, record_id: str, document: Mapping[str, Any]) -> Record:
    """Return the record of a document; what this techkit cannot read stays in `extra`.

    Raises: KeyError for an unknown kind.
    """
    spec = spec_for(kind)
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    names = _names(spec)
    for name, raw in document.items():
        if name not in names:
            extra[name] = raw
            continue
        try:
            known[name] = decode(names[name], raw)
        except ValueError:
            extra[name] = raw
    return spec.cls(id=record_id, extra=extra, **known)


def _names(spec: RecordSpec) -> dict[str, FieldSpec]:
    return {f.name: f for f in spec.fields}


def replace(held: R, **changes: Any) -> R:
    """Return the record with some fields changed; a changed field's kept newer value goes."""
    extra = {k: v for k, v in held.extra.items() if k not in changes}
    return dataclasses.replace(held, extra=extra, **changes)


def changed_fields(before: Record | None, after: Record) -> dict[str, Any]:
    """Return the fields whose value differs, name -> new value as JSON carries it.

    A new record gives every field that differs from its default.
    """
    new = to_document(after)
    if before is None:
        return new
    old = to_document(before)
    defaults = {f.name: encode(f.default) for f in spec_of(after).fields}
    names = sorted({*old, *new})
    return {
        name: new.get(name, defaults.get(name))
        for name in names
        if new.get(name, defaults.get(name)) != old.get(name, defaults.get(name))
    }


def instant_text(moment: datetime) -> str:
    """Return an aware instant as UTC text, e.g. "2026-11-23T09:10:00Z".

    Raises: ValueError for an instant without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    from datetime import UTC

    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- columns --------------------------------------------------------------------------------------


def _column_type(spec: FieldSpec) -> str:
    return "INTEGER" if _strip_optional(spec.annotation) in (int, bool) else "TEXT"


def columns(spec: RecordSpec) -> list[tuple[str, str]]:
    """Return the table's columns as (name, SQLite STRICT type), id first, in declared order."""
    return [
        ("id", "TEXT"),
        *((f.name, _column_type(f)) for f in spec.fields),
    ]


def to_row(held: Record) -> dict[str, Any]:
    """Return the record as a table row: numbers and truth as INTEGER, structures as JSON text."""
    row: dict[str, Any] = {"id": held.id}
    for f in spec_of(held).fields:
        encoded = encode(getattr(held, f.name))
        if isinstance(encoded, bool):
            encoded = int(encoded)
        elif isinstance(encoded, (list, dict)):
            encoded = json.dumps(encoded, ensure_ascii=False, separators=(",", ":"))
        row[f.name] = encoded
    return row


def from_row(spec: RecordSpec, row: Mapping[str, Any], extra: Mapping[str, Any]) -> Record:
    """Return the record of a table row; empty columns give the field's default."""
    held: dict[str, Any] = {}
    kept = dict(extra)
    for f in spec.fields:
        raw = row.get(f.name)
        if raw is None:
            continue
        if f.value_type in (ValueType.TEXTS, ValueType.DOCUMENT):
            raw = json.loads(raw)
        try:
            held[f.name] = decode(f, raw)
        except ValueError:
            kept[f.name] = raw
    return spec.cls(id=row["id"], extra=kept, **held)


# --- what a person sees -----------------------------------------------------------------------------


def form_fields(spec: RecordSpec, editor: Editor) -> tuple[FieldSpec, ...]:
    """Return the fields a form offers to this editor, in declared order."""
    return tuple(f for f in spec.fields if f.may_edit(editor) and f.value_type is not ValueType.DOCUMENT)


def rows(held: Record, audience: Audience, names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return (label, text) of every filled field this audience may read, in declared order.

    names: id -> name for references; a reference without a name is left out.
    """
    shown = []
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if current in (None, "", ()) or not f.readable_by(audience):
            continue
        text = format_value(f, current, names or {}, currency_of(held))
        if text:
            shown.append((_(f.label), text))
    return shown


def currency_of(held: Record) -> str:
    """Return the ISO 4217 code of the record's amounts; "EUR" for a record without any."""
    return str(getattr(held, "currency", "") or "EUR")


def format_value(  # noqa: PLR0911 - one line a type
    spec: FieldSpec, held: Any, names: Mapping[str, str] | None = None, currency: str = "EUR"
) -> str:
    """Return a field's value as a person reads it in the language in force."""
    if held is None:
        return ""
    match spec.value_type:
        case ValueType.CHOICE:
            return _(spec.choices.get(str(held), str(held)))
        case ValueType.REFERENCE:
            return (names or {}).get(held, "")
        case ValueType.TRUTH:
            return _("Yes") if held else _("No")
        case ValueType.MONEY:
            return i18n.money(held, currency)
        case ValueType.QUANTITY | ValueType.INTEGER:
            digits = max(0, -int(held.as_tuple().exponent)) if isinstance(held, Decimal) else 0
            return i18n.quantity(held, spec.unit, digits) if spec.unit else i18n.number(held, digits)
        case ValueType.DATE:
            return i18n.day(held)
        case ValueType.INSTANT:
            return f"{i18n.day(held.date())}, {i18n.clock(held)}"
        case ValueType.TEXTS:
            return ", ".join(held)
        case ValueType.DOCUMENT:
            return "; ".join(line for v in held if (line := _row_words(v, currency)))
    return str(held)


def _row_words(held: Any, currency: str) -> str:
    """Return one inner value in a line: a text itself, a value by its own words, "" for anything else."""
    if isinstance(held, str):
        return held
    words = getattr(held, "words", None)
    return str(words(currency)) if words is not None else ""


def summary_line(held: Record, names: Mapping[str, str] | None = None) -> str:
    """Return the record in one line, by its declared summary; its title when there is none."""
    spec = spec_of(held)
    if not spec.summary:
        return _(spec.title)
    texts = {f.name: format_value(f, getattr(held, f.name), names, currency_of(held)) for f in spec.fields}
    return " ".join(_(spec.summary).format(**texts).split()).strip(" ·–→")


def search_text(held: Record) -> str:
    """Return the words under which the record is found, one field a line."""
    found = []
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if f.searched and current:
            found.append(format_value(f, current))
    return "\n".join(found)


# --- what a person enters ---------------------------------------------------------------------------


#: What a one-line field folds to one blank. No-break spaces stay: they belong to "2.1 GB".
_BLANKS = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")


_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str, *, multiline: bool = False) -> str:
    """Return text as techkit keeps it: NFC, no NUL, no lone surrogates, one-line fields on one line.

    Cleaning what is clean changes nothing, so a record read back equals the record saved.

    Source: BAD-INPUTS A1–A4 and A8 of the specification, kept in docs/records.md.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    if multiline:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return _BLANKS.sub(" ", text).strip()


#: One @ outside quotes, something on both sides, no blank. Generous on purpose: only a mail server knows which
#: addresses there are. Source: RFC 5321, 4.1.2; BAD-INPUTS B34.
_MAIL = re.compile(r'(?:"[^"@\\]+"|[^\s"@]+)@[^\s"@]+')


def is_plausible_mail(text: str) -> bool:
    """Return whether a text may be an e-mail address, with nothing in it that would change a mail's head."""
    return text.isprintable() and _MAIL.fullmatch(text) is not None


def check(held: Record) -> None:
    """Refuse a record whose required fields are empty or whose texts are too long.

    Raises: InputError naming the first field, the limit and the way out.
    """
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if f.refers:
            _check_reference(held, f, current)
        elif f.required and current in (None, "", ()) and f.name not in held.extra:
            raise InputError(
                _("{label} is still empty.", label=_(f.label)),
                field=f.name,
                safe=_("Everything else you typed is kept."),
                advice=_("Please fill it in."),
            )
        if isinstance(current, str) and len(current) > f.max_length:
            raise InputError(
                _(
                    "{label} is too long: {count} of at most {limit} characters.",
                    label=_(f.label),
                    count=i18n.number(len(current)),
                    limit=i18n.number(f.max_length),
                ),
                field=f.name,
                safe=_("Nothing you typed is lost."),
                advice=_("Shorten it, or attach the long text as a file."),
            )


def _check_reference(held: Record, spec: FieldSpec, current: Any) -> None:
    """Refuse a record that stands below itself, or below nothing where it needs something. Raises: InputError."""
    own = spec_of(held)
    if spec.required and not current and spec.name not in held.extra:
        raise InputError(
            _("{record}: {label} is missing.", record=summary_line(held), label=_(spec.label)),
            field=spec.name,
            safe=_("Nothing was changed."),
        )
    if current == held.id and spec.refers == own.kind:
        raise below_itself(held, spec)


def below_itself(held: Record, spec: FieldSpec) -> InputError:
    """Return the refusal of a record that would stand below itself, directly or by way of others."""
    return InputError(
        _("{record} cannot stand below itself ({label}).", record=summary_line(held), label=_(spec.label)),
        field=spec.name,
        safe=_("Nothing was changed."),
        advice=_("Choose another one."),
    )


# --- documentation -----------------------------------------------------------------------------------

_SYNC_WORDS = {
    SyncClass.REFERENCE: N_("reference: the office writes, the device reads"),
    SyncClass.FACT: N_("fact: written once, never changed"),
    SyncClass.ADDITION: N_("additions: both add, nobody changes"),
    SyncClass.TECHNICIAN: N_("technician-owned until submitted"),
    SyncClass.STAFF: N_("staff-owned"),
    SyncClass.MERGED: N_("merged field by field"),
    SyncClass.DERIVED: N_("derived, never sent"),
}


def describe(specs: Iterable[RecordSpec]) -> str:
    """Return docs/records.md: every kind with its fields, derived from the declarations."""
    lines = [
        "# Records",
        "",
        "Derived from the declarations in techkit/records/ by `./dev docs`; do not edit by hand.",
        "Editors: T technician, S remote staff, F finance, C customer, X program.",
    ]
    for spec in specs:
        lines += [
            "",
            f"## {spec.title} (`{spec.kind}`)",
            "",
            f"{_SYNC_WORDS[spec.sync].capitalize()}. Declared in `{spec.module}`.",
            "",
            "| field | label | type | editors | read by | since | what it is |",
            "|---|---|---|---|---|---|---|",
        ]
        for f in spec.fields:
            kind = f.value_type.value + (f" → {f.refers}" if f.refers else "")
            editors = "".join(sorted(f.editors))
            what = f.help or ", ".join(f.choices)
            unit = f" ({f.unit})" if f.unit else ""
            lines.append(
                f"| `{f.name}` | {f.label} | {kind}{unit} | {editors} | {f.audience.value} "
                f"| {f.since} | {what} |"
            )
    return "\n".join(lines) + "\n"
