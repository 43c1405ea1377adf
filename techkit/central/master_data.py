"""Master data the office keeps: what of a record somebody may change, what they typed against what holds, and writing it.

Which fields there are, of what type and who may edit them follows from the record's declaration alone. A form says
beside each text what stood there when it was opened (`mark`): only what somebody changed is written, and what two
people changed is shown with both texts before anything is kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from django.db import transaction

from techkit import i18n
from techkit.central import accounts, audit, bundles, emptying, feed, master_rows, master_words, office
from techkit.central.accounts import Right
from techkit.central.models import Record as Row
from techkit.central.models import User
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _, ngettext
from techkit.records import entering, merging, schema
from techkit.records.assets import RateCard
from techkit.records.encoding import encode, from_document
from techkit.records.merging import Side
from techkit.records.operations import TENANT_SCOPE, RecordState, customer_scope
from techkit.records.schema import Editor, FieldSpec, Record, RecordSpec, ValueType, row_fields, spec_of
from techkit.records.typed import parse, shown
from techkit.records.wording import currency_of, summary_line

R = TypeVar("R", bound=Record)

#: The kinds the office keeps on pages of its own, in the order they are offered.
KINDS = ("customer", "payer", "contact", "site", "asset", "contract", "rate_card")

#: Stands for what is in the field where several versions of it are undecided.
MINE = "mine"

#: Fields that are a step of their own and never part of a form.
_STEPS = frozenset({"merged_into"})


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A record as somebody may edit it: its fields, what their ids may name (field -> id -> words).

    state: None for a record that is not written yet. closed: why nobody may change it, None where they may.
    """

    record: Record
    state: RecordState | None
    fields: tuple[FieldSpec, ...]
    names: Mapping[str, Mapping[str, str]]
    closed: CentralError | None = None
    holds_id: str = ""

    @property
    def spec(self) -> RecordSpec:
        """Return the record's declaration."""
        return spec_of(self.record)

    @property
    def customer_id(self) -> str:
        """Return the customer it belongs to, "" for what belongs to all."""
        own = self.record.id if self.spec.owner == "" else getattr(self.record, "customer_id", "")
        return str(own)

    def text(self, field: FieldSpec) -> str:
        """Return what a form shows of a field; of a list of rows, all of it (master_rows.py)."""
        current, currency = getattr(self.record, field.name), currency_of(self.record)
        if row_fields(field):
            return master_rows.text_of(field, current, currency)
        return shown(field, current, currency)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a form brought back, by field: the texts, the marks of what was seen, and which of the others' texts to take.

    settled: which version of a field in conflict holds: MINE for what stands in it, else the operation that wrote it.
    """

    texts: Mapping[str, str]
    seen: Mapping[str, str]
    taken: frozenset[str] = frozenset()
    settled: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What saving did. wrong: field -> why it cannot be; stale: fields somebody else changed meanwhile; nothing was kept then.

    texts: what was typed and is not kept yet, by field.
    """

    opened: Opened
    texts: Mapping[str, str]
    wrong: Mapping[str, InputError]
    stale: frozenset[str]

    @property
    def is_kept(self) -> bool:
        """Return whether everything typed is kept now."""
        return not self.wrong and not self.stale


def may_edit(user: User, kind: str) -> bool:
    """Return whether this person may change any field of a kind."""
    return kind in KINDS and bool(_fields(user, schema.spec_for(kind)))


def opened(user: User, kind: str, record_id: str) -> Opened:
    """Return a record for its form. Raises: CentralError 403 without the right, 404 for one unknown or of another kind."""
    spec = _spec(user, kind)
    wanted = bundles.as_uuid(record_id)
    state = office.state_of(user.org_id, str(wanted)) if wanted else None
    if state is None or state.entity != kind or (spec.owner == "tenant" and state.scope != TENANT_SCOPE):
        raise office.unknown_record()
    return _opened(user, spec, from_document(kind, str(wanted), state.values), state)


def begun(user: User, kind: str, record_id: str, customer_id: str = "") -> Opened:
    """Return a record that is not written yet; the written one where a form was sent twice.

    Raises: CentralError 403, 404 for an unknown customer or an id that names something else, 409 for a customer
    who is merged or removed.
    """
    spec = _spec(user, kind)
    wanted = bundles.as_uuid(record_id)
    if wanted is None:
        raise office.unknown_record()
    given: dict[str, Any] = {}
    if spec.owner == "customer_id":
        above = opened_customer(user, customer_id)
        given["customer_id"] = above.record.id
    state = office.state_of(user.org_id, str(wanted))
    if state is not None:
        found = opened(user, kind, record_id)
        if given and found.customer_id != given["customer_id"]:
            raise office.unknown_record()
        return found
    return _opened(user, spec, spec.cls(id=str(wanted), **given), None)


def opened_customer(user: User, customer_id: str) -> Opened:
    """Return the customer something new shall belong to. Raises: CentralError 404, 409 for one nobody may change."""
    above = opened(user, "customer", customer_id)
    if above.closed is not None:
        raise above.closed
    return above


def of_all(user: User, kind: type[R]) -> list[R]:
    """Return the records of a kind that belong to no customer, by name."""
    spec = spec_of(kind)
    rows = Row.objects.filter(org_id=user.org_id, entity=spec.kind, scope_id=TENANT_SCOPE, deleted=False)
    found = [one for one in bundles.decoded(rows) if isinstance(one, kind)]
    return sorted(found, key=lambda one: (summary_line(one).casefold(), one.id))


def customer_name(user: User, held: Opened) -> str:
    """Return what the customer of a record is called, "" for none."""
    state = office.state_of(user.org_id, held.customer_id) if held.customer_id else None
    return str(state.values.get("display_name", "")) if state else ""


def save(user: User, held: Opened, typed: Typed, address: str = "") -> Outcome:
    """Write what somebody changed as one operation of the office; nothing where a field is wrong or stale.

    What another changed meanwhile and this person did not is left as it is. Raises: CentralError 403, 404, 409 for a
    record nobody may change, InputError for what is wrong with the record as a whole.
    """
    spec, record_id = held.spec, held.record.id
    scope = held.state.scope if held.state else _scope(spec, held)

    def work() -> Outcome:
        with transaction.atomic():
            # Nobody writes into this scope until it is done: what is compared here is what the operation has seen.
            feed.lock_heads(user.org_id, [scope])
            now = held
            if office.state_of(user.org_id, record_id) is not None:
                now = opened(user, spec.kind, record_id)
            if now.closed is not None:
                raise now.closed
            outcome, made = _compared(now, typed)
            if outcome.is_kept:
                _write(user, now, made, typed, address)
            return outcome

    return retried(work)


def _write(user: User, now: Opened, made: Record, typed: Typed, address: str) -> None:
    """Write a record as it shall be, and which version of a conflict holds, each with its row of the audit."""
    kind, record_id = now.spec.kind, now.record.id
    decided = _decided(now, made, typed)
    if now.state is None or made != now.record:
        office.record_as_staff(user, made)
        _put_back_others(user, made)
        changed = [f.name for f in now.fields if getattr(made, f.name) != getattr(now.record, f.name)]
        step = "add" if now.state is None else "change"
        audit.append_for(user, f"{kind}.{step}", kind, record_id, {"fields": changed}, address)
    if decided:
        office.decide_as_staff(user, kind, record_id, decided)
        audit.append_for(user, f"{kind}.decide", kind, record_id, {"fields": sorted(decided)}, address)


def _decided(now: Opened, made: Record, typed: Typed) -> dict[str, Any]:
    """Return the value that holds of each field whose conflict is settled. Raises: CentralError 409 where it is already."""
    found: dict[str, Any] = {}
    for field in now.fields:
        choice = typed.settled.get(field.name, "")
        if not choice:
            continue
        sides = {side.op_id: side.value for side in _others(now, field)}
        if not sides or choice not in (MINE, *sides):
            raise CentralError(
                _("Somebody has decided this already."),
                status=409,
                safe=_("Nothing was changed."),
                advice=_("Load the page again to see what holds now."),
            )
        found[field.name] = encode(getattr(made, field.name)) if choice == MINE else sides[choice]
    return found


def _others(held: Opened, field: FieldSpec) -> tuple[Side, ...]:
    """Return the versions of a field that nobody has decided about, beside the one that holds meanwhile."""
    found = merging.conflicts(held.state) if held.state else ()
    return next((one.others for one in found if one.field == field.name), ())


def mark(held: Record, field: FieldSpec, text: str) -> str:
    """Return a short sign of what a text says, the same for texts that mean the same, e.g. "2.50" and "2.5"."""
    currency = currency_of(held)
    try:
        if row_fields(field):
            said = encode(master_rows.values_of(field, text, lambda f, one: parse(f, one, currency)))
        else:
            said = encode(parse(field, text, currency))
    except InputError:
        said = entering.clean_text(text, multiline=True)
    if field.lists:
        said = sorted(said)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]


def theirs(held: Opened, field: FieldSpec) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return who wrote what a field says now, and the versions nobody has decided about as (operation, words)."""
    if held.state is None:
        return "", ()
    clock = held.state.clocks.get(field.name)
    who = held.state.actors.get(clock[2], "") if clock else ""
    versions = []
    for side in _others(held, field):
        words = _(
            "{name} wrote: {text}", name=side.actor or _("somebody"), text=words_of(held, field, side.value)
        )
        versions.append((side.op_id, words))
    return who, tuple(versions)


def words_of(held: Opened, field: FieldSpec, raw: Any) -> str:
    """Return a value, as JSON carries it, as a form shows it; what this techkit cannot read as it stands."""
    other = from_document(
        held.spec.kind, held.record.id, {**(held.state.values if held.state else {}), field.name: raw}
    )
    if field.name in other.extra:
        return str(raw)
    return said(held, field, shown(field, getattr(other, field.name), currency_of(other)))


def said(held: Opened, field: FieldSpec, text: str) -> str:
    """Return what a form shows of a field as a person reads it: a choice by its label, an id by its name."""
    if field.value_type is ValueType.TRUTH:
        return _("Yes") if text == "yes" else _("No")
    if field.value_type is ValueType.DATE and text:
        return i18n.day(parse(field, text, ""))
    if row_fields(field):
        return ngettext("1 line", "{n} lines", len(master_rows.rows_of(text)))
    named = dict(choices(held, field))
    found = ", ".join(named.get(line, line) for line in text.split("\n"))
    return found or _("(empty)")


def choices(held: Opened, field: FieldSpec) -> tuple[tuple[str, str], ...]:
    """Return what can be chosen for a field as (value, words); () where it is typed."""
    if field.choices:
        return tuple((value, _(label)) for value, label in field.choices.items())
    if field.form == "currency":
        return tuple((code, code) for code in dict.fromkeys((*i18n.currencies(), currency_of(held.record))))
    if field.lists:
        return tuple(held.names.get(field.name, {}).items())
    if field.value_type is ValueType.REFERENCE:
        nobody = (("", _("– nothing chosen –")),) if field.default is None else ()
        return (*nobody, *held.names.get(field.name, {}).items())
    return ()


# --- inside -------------------------------------------------------------------------------------------------


def _spec(user: User, kind: str) -> RecordSpec:
    """Return the declaration of a kind this person may edit. Raises: CentralError 403, 404."""
    accounts.require(user, Right.EDIT)
    if kind not in KINDS:
        raise office.unknown_record()
    spec = schema.spec_for(kind)
    if not _fields(user, spec):
        accounts.require(user, Right.BOOK)
    return spec


def _fields(user: User, spec: RecordSpec) -> tuple[FieldSpec, ...]:
    """Return the fields of a form: staff's with the right to edit, those about money with the right to book as well."""
    editors = {Right.EDIT: Editor.STAFF, Right.BOOK: Editor.FINANCE}
    if not accounts.may(user, Right.EDIT):
        return ()
    names = {
        f.name
        for right, editor in editors.items()
        if accounts.may(user, right)
        for f in spec.fields
        if f.may_edit(editor) and f.name not in _STEPS
        if f.value_type is not ValueType.DOCUMENT or row_fields(f)
    }
    return tuple(f for f in spec.fields if f.name in names)


def _opened(user: User, spec: RecordSpec, record: Record, state: RecordState | None) -> Opened:
    offered = _fields(user, spec)
    named = [
        f for f in (*offered, *(inner for f in offered for inner in row_fields(f))) if f.refers or f.lists
    ]
    names = {f.name: _names(user, record, f) for f in named}
    # What only a newer techkit can read is left to it; an id with nothing to choose from is no field.
    fields = tuple(
        f
        for f in offered
        if f.name not in record.extra
        and names.get(f.name) != {}
        and not any(names.get(inner.name) == {} for inner in row_fields(f))
    )
    closed, holds_id = _closed(user, record, state)
    return Opened(record=record, state=state, fields=fields, names=names, closed=closed, holds_id=holds_id)


def _names(user: User, record: Record, field: FieldSpec) -> dict[str, str]:
    """Return what a field's ids may name: records of the same customer, or of all, and what it names already."""
    kind = field.refers or field.lists
    rows = Row.objects.filter(org_id=user.org_id, entity=kind, deleted=False)
    if schema.spec_for(kind).owner == "customer_id":
        own = record.id if spec_of(record).owner == "" else getattr(record, "customer_id", "")
        rows = rows.filter(customer_id=uuid.UUID(str(own)))
    else:
        rows = rows.filter(scope_id=TENANT_SCOPE)
    current = getattr(record, field.name, None)
    kept = {current} if isinstance(current, str) and current else set(current or ())
    found = {
        one.id: summary_line(one) or one.id
        for one in bundles.decoded(rows)
        if one.id != record.id and (one.id in kept or not getattr(one, "merged_into", None))
    }
    found |= {one: _("not known here") for one in kept.difference(found)}
    return dict(sorted(found.items(), key=lambda named: named[1].casefold()))


def _closed(user: User, record: Record, state: RecordState | None) -> tuple[CentralError | None, str]:
    """Return why nobody may change a record, and the id of the one that holds in its place."""
    if state is None:
        return None, ""
    if state.scope in emptying.erased_scopes(user.org_id):
        return _refused(_("This customer was removed for good; nothing is kept about them any more.")), ""
    if state.is_removed or _is_owner_removed(user, record, state):
        return _refused(
            _("This entry was removed."), _("Whoever removed it can bring it back on the device.")
        ), ""
    merged = getattr(record, "merged_into", None)
    if merged:
        return _refused(
            _("This entry was merged with another one."), _("Change the entry that holds.")
        ), merged
    moved = getattr(record, "moved_to", None)
    if moved:
        return _refused(
            _("This computer belongs to another customer now."), _("Change its entry at that customer.")
        ), moved
    return None, ""


def _is_owner_removed(user: User, record: Record, state: RecordState) -> bool:
    above = getattr(record, "customer_id", "")
    held = office.state_of(user.org_id, above) if above and state.scope != TENANT_SCOPE else None
    return held is not None and held.is_removed


def _refused(title: str, advice: str = "") -> CentralError:
    return CentralError(title, status=409, safe=_("Nothing was changed."), advice=advice)


def _put_back_others(user: User, made: Record) -> None:
    """Let no second rate card be the one that is used where no contract says otherwise."""
    if not isinstance(made, RateCard) or not made.is_default:
        return
    for other in of_all(user, RateCard):
        if other.is_default and other.id != made.id:
            office.record_as_staff(user, schema.replace(other, is_default=False))


def _scope(spec: RecordSpec, held: Opened) -> str:
    return TENANT_SCOPE if spec.owner == "tenant" else customer_scope(held.customer_id)


def _compared(now: Opened, typed: Typed) -> tuple[Outcome, Record]:
    """Return what of the typed texts can be kept, and the record with it."""
    texts: dict[str, str] = {}
    wrong: dict[str, InputError] = {}
    stale: set[str] = set()
    changes: dict[str, Any] = {}
    currency, is_other = _currency(now, typed)
    for field in now.fields:
        if field.name not in typed.seen and field.name not in typed.texts:
            continue
        text, seen = typed.texts.get(field.name, ""), typed.seen.get(field.name, "")
        # In a currency with other coins the same text is another amount.
        is_new_text = mark(now.record, field, text) != seen or (is_other and _has_money(field))
        is_other_side = typed.settled.get(field.name, MINE) not in ("", MINE)
        if field.name in typed.taken or is_other_side or not is_new_text:
            continue
        texts[field.name] = text
        try:
            changes[field.name] = _value(now, field, text, currency)
        except InputError as error:
            wrong[field.name] = error
            continue
        standing = mark(now.record, field, now.text(field))
        if standing not in (seen, mark(now.record, field, text)):
            stale.add(field.name)
    made = schema.replace(now.record, **changes) if changes else now.record
    if not wrong:
        try:
            entering.check(made)
            _refuse_days(made)
        except InputError as error:
            wrong[error.field] = error
    return Outcome(opened=now, texts=texts, wrong=wrong, stale=frozenset(stale)), made


def _currency(now: Opened, typed: Typed) -> tuple[str, bool]:
    """Return the currency the typed amounts are in, and whether its coins are others than those of the amounts kept."""
    held = currency_of(now.record)
    field = next((f for f in now.fields if f.form == "currency"), None)
    code = typed.texts.get(field.name, held) if field else held
    if field is None or code not in dict(choices(now, field)):
        return held, False
    return code, i18n.places(code) != i18n.places(held)


def _has_money(field: FieldSpec) -> bool:
    return any(f.value_type is ValueType.MONEY for f in (field, *row_fields(field)))


def _value(now: Opened, field: FieldSpec, text: str, currency: str) -> Any:
    """Return what a typed text means. Raises: InputError for what cannot be."""
    if row_fields(field):
        rows = master_rows.values_of(field, text, lambda f, one: _one_value(now, f, one, currency))
        master_rows.refuse_twice(field, rows)
        return rows
    found = _one_value(now, field, text, currency)
    # As it will travel: what no device could read back is refused here.
    again = from_document(now.spec.kind, now.record.id, {field.name: encode(found)})
    if field.name in again.extra:
        raise InputError(_("{label}: this cannot be kept.", label=_(field.label)), field=field.name)
    return getattr(again, field.name)


def _one_value(now: Opened, field: FieldSpec, text: str, currency: str) -> Any:
    if any(unicodedata.category(c) == "Cc" and c not in "\n\r\t" for c in text):
        raise InputError(
            _("{label} holds a character that is no text.", label=_(field.label)),
            field=field.name,
            safe=_("What you typed is kept."),
            advice=_("Type it again without it."),
        )
    offered = dict(choices(now, field))
    chosen = [line for line in text.split("\n") if line] if field.lists else [text]
    if (field.choices or field.refers or field.lists or field.form == "currency") and not offered.keys() >= {
        *chosen
    }:
        raise InputError(_("{label}: please choose one.", label=_(field.label)), field=field.name)
    found = parse(field, text, currency)
    limit = field.max_length
    if field.value_type is ValueType.TEXTS and any(len(line) > limit for line in found):
        raise InputError(
            _(
                "{label}: a line takes at most {limit} characters.",
                label=_(field.label),
                limit=i18n.number(limit),
            ),
            field=field.name,
            safe=_("What you typed is kept."),
        )
    if isinstance(found, int | Decimal) and found < 0:
        raise InputError(
            _("{label} cannot be less than 0.", label=_(field.label)),
            field=field.name,
            safe=_("What you typed is kept."),
        )
    return master_words.meant(now.spec.kind, field, found) if isinstance(found, str) else found


def _refuse_days(made: Record) -> None:
    """Refuse an agreement that ends before it begins, or whose notice lies outside it. Raises: InputError."""
    begins, ends = getattr(made, "starts_on", None), getattr(made, "ends_on", None)
    if begins is not None and ends is not None and ends < begins:
        raise InputError(
            _("The last day lies before the first one."), field="ends_on", safe=_("What you typed is kept.")
        )
