"""What was changed in two places: field by field, both versions in full, until somebody decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.encoding import decode
from techkit.records.entering import clean_text
from techkit.records.identity import hlc_time, new_id
from techkit.records.merging import Side, is_removal
from techkit.records.operations import OFFICE, REMOVAL, customer_scope
from techkit.records.review import LeftChoice
from techkit.records.schema import FieldSpec, Record, ValueType, is_known, spec_for
from techkit.records.wording import format_value, summary_line
from techkit.store.answer import OpenConflict
from techkit.store.database import Store

#: Stands for the text that joins both versions.
JOINED = "joined"

#: What to do about a record that was removed here and edited there.
REMOVE, KEEP = "remove", "keep"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One of the values of a field. id: what `choose` takes. line: who and when."""

    id: str
    title: str
    line: str
    text: str
    is_chosen: bool = False
    is_ours: bool = False


@dataclass(frozen=True, kw_only=True)
class DisputedField:
    """One field with its versions, ours first. joined: both in one text, None where that makes no sense."""

    id: str
    label: str
    versions: tuple[Version, ...]
    joined: str | None = None
    is_joined: bool = False


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """One record that was changed in two places.

    agreed_line: fields changed on one side only, which joined by themselves. result: what holds after
    `settle`, in one line. is_left: a technician leaves it to the office; left_line: who, when, and with what word.
    word: typed for the office and not sent yet.
    """

    id: str
    kind: str
    title: str
    fields: tuple[DisputedField, ...]
    agreed_line: str = ""
    result: str = ""
    is_left: bool = False
    left_line: str = ""
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One record with its open conflicts, as the store has them.

    agreed: labels of fields that joined. left: the word with which all of them were left to the office.
    """

    record_id: str
    kind: str
    record: Record | None
    conflicts: tuple[OpenConflict, ...]
    agreed: tuple[str, ...] = ()
    left: LeftChoice | None = None

    @property
    def customer_id(self) -> str:
        """The customer the record belongs to."""
        return self.conflicts[0].scope.removeprefix(customer_scope(""))

    def conflict(self, field: str) -> OpenConflict | None:
        """Return the conflict about a field."""
        return next((one for one in self.conflicts if one.field == field), None)


def look_up(store: Store) -> tuple[Found, ...]:
    """Return what waits for a decision, by record, oldest first; in the store lane."""
    by_record: dict[tuple[str, str], list[OpenConflict]] = {}
    for conflict in store.conflicts():
        by_record.setdefault((conflict.entity, conflict.record_id), []).append(conflict)
    found = []
    for (kind, record_id), conflicts in by_record.items():
        record = store.get_even_removed(spec_for(kind).cls, record_id) if is_known(kind) else None
        bases = [c.base.order for c in conflicts if c.base is not None]
        names = store.changed_since(kind, record_id, min(bases)) if bases else ()
        disputed = {conflict.field for conflict in conflicts}
        labels = tuple(_label(kind, name) for name in names if name not in disputed)
        found.append(
            Found(
                record_id=record_id,
                kind=kind,
                record=record,
                conflicts=tuple(conflicts),
                agreed=labels,
                left=_left(store, record_id, {conflict.id for conflict in conflicts}),
            )
        )
    return tuple(found)


def _left(store: Store, record_id: str, conflict_ids: set[str]) -> LeftChoice | None:
    """Return the last word that leaves all these conflicts to the office, None while one is nobody's."""
    words = store.find(LeftChoice, about_id=record_id)
    covered = {one for word in words for one in word.conflicts}
    return words[-1] if words and conflict_ids <= covered else None


def leave(store: Store, found: Found, note: str, who: str, now: datetime) -> None:
    """Leave a record's open conflicts to the office; the word travels with the next sync.

    Raises: InputError for a word that is too long.
    """
    store.save(
        LeftChoice(
            id=new_id(),
            customer_id=found.customer_id,
            about_kind=found.kind,
            about_id=found.record_id,
            conflicts=tuple(conflict.id for conflict in found.conflicts),
            note=clean_text(note, multiline=True),
            left_by=who,
            left_at=now,
        ),
        actor=who,
    )


class Deciding:
    """Choices made so far, by conflict; nothing is written before `decisions` are carried out."""

    def __init__(self) -> None:
        self._chosen: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def choose(self, conflict_id: str, version_id: str) -> None:
        """Choose a version of one field, or `JOINED`."""
        self._chosen[conflict_id] = version_id

    def write(self, conflict_id: str, text: str) -> None:
        """Change the text that joins both versions, and choose it."""
        self._texts[conflict_id] = text
        self._chosen[conflict_id] = JOINED

    def written(self, found: Found) -> dict[str, str]:
        """Return field → joined text of the fields for which such a text was written and is chosen."""
        return {
            one.field: self._texts[one.id]
            for one in found.conflicts
            if one.id in self._texts and self._chosen.get(one.id) == JOINED
        }

    def forget(self, found: Found) -> None:
        """Drop the choices about one record."""
        for conflict in found.conflicts:
            self._chosen.pop(conflict.id, None)
            self._texts.pop(conflict.id, None)

    def dispute(self, found: Found, device_id: str, zone: tzinfo) -> Dispute:
        """Return one record's conflicts, ready to show."""
        fields = tuple(self._field(found, conflict, device_id, zone) for conflict in found.conflicts)
        return Dispute(
            id=found.record_id,
            kind=found.kind,
            title=_title(found),
            fields=fields,
            agreed_line=_agreed_line(found.agreed),
            result=" · ".join(_result(one) for one in fields),
            is_left=found.left is not None,
            left_line=_left_line(found.left, zone),
        )

    def decisions(self, found: Found, device_id: str) -> list[tuple[str, Any]]:
        """Return (field, value as JSON carries it) of each field as chosen; a removal as true or false."""
        made: list[tuple[str, Any]] = []
        for conflict in found.conflicts:
            chosen = self._chosen.get(conflict.id, "") or _default(conflict)
            if conflict.field == REMOVAL:
                made.append((REMOVAL, chosen == REMOVE))
            elif chosen == JOINED:
                made.append((conflict.field, self._text(found, conflict, device_id)))
            else:
                sides = {side.op_id: side for side in _sides(conflict, device_id)}
                made.append((conflict.field, sides.get(chosen, conflict.kept).value))
        return made

    def _text(self, found: Found, conflict: OpenConflict, device_id: str) -> str:
        held = self._texts.get(conflict.id)
        if held is None:
            held = joined_text(side.value for side in _sides(conflict, device_id))
        spec = _spec(found.kind, conflict.field)
        return clean_text(held, multiline=spec is not None and spec.multiline)

    def _field(self, found: Found, conflict: OpenConflict, device_id: str, zone: tzinfo) -> DisputedField:
        chosen = self._chosen.get(conflict.id, "") or _default(conflict)
        if conflict.field == REMOVAL:
            versions = _removal_versions(found, conflict, device_id, chosen, zone)
            return DisputedField(id=conflict.id, label=_("Removed, but edited"), versions=versions)
        spec = _spec(found.kind, conflict.field)
        versions = tuple(
            Version(
                id=side.op_id,
                title=_where(side, device_id),
                line=told(side.actor, hlc_time(side.order), zone),
                text=_words(spec, side.value),
                is_chosen=side.op_id == chosen,
                is_ours=side.device == device_id,
            )
            for side in _sides(conflict, device_id)
        )
        return DisputedField(
            id=conflict.id,
            label=_label(found.kind, conflict.field),
            versions=versions,
            joined=self._text(found, conflict, device_id) if _can_join(spec, conflict) else None,
            is_joined=chosen == JOINED,
        )


def joined_text(texts: Iterable[Any]) -> str:
    """Return several texts as one: the sentences of the first, then those the others have beyond it."""
    kept: list[str] = []
    for text in texts:
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", str(text or "")):
            if sentence.strip() and sentence.strip() not in kept:
                kept.append(sentence.strip())
    return " ".join(kept)


def told(who: str, moment: datetime | None, zone: tzinfo) -> str:
    """Return who did something, and when, in words."""
    if moment is None:
        return who
    local = moment.astimezone(zone)
    return _(
        "{who}, {day} {time}", who=who, day=i18n.day(local.date(), style="medium"), time=i18n.clock(local)
    ).strip(", ")


def _left_line(left: LeftChoice | None, zone: tzinfo) -> str:
    if left is None:
        return ""
    who = told(left.left_by, left.left_at, zone)
    if left.note:
        return _("Left to the office: {who}. “{note}” You can still decide it here.", who=who, note=left.note)
    return _("Left to the office: {who}. You can still decide it here.", who=who)


def _default(conflict: OpenConflict) -> str:
    """Return the version that holds meanwhile: nothing changes before somebody chooses."""
    return KEEP if conflict.field == REMOVAL else conflict.kept.op_id


def _sides(conflict: OpenConflict, device_id: str) -> list[Side]:
    """Return all values, ours first, then in the order they were written."""
    sides = sorted([conflict.kept, *conflict.others], key=lambda side: side.order)
    return sorted(sides, key=lambda side: side.device != device_id)


def _removal_versions(
    found: Found, conflict: OpenConflict, device_id: str, chosen: str, zone: tzinfo
) -> tuple[Version, ...]:
    """Return the two ways out for a record that was removed and edited by people who did not know of each other."""
    sides = [conflict.kept, *conflict.others]
    removals = [side for side in sides if is_removal(side.value)]
    edits = [side for side in sides if side not in removals]
    removal = removals[0] if removals else conflict.kept
    reason = str(removal.value.get("reason", "")) if isinstance(removal.value, dict) else ""
    written = [
        f"{_label(found.kind, name)}: {_words(_spec(found.kind, name), held)}"
        for side in edits
        for name, held in (side.value.items() if isinstance(side.value, dict) else ())
    ]
    edit = edits[0] if edits else conflict.kept
    return (
        Version(
            id=REMOVE,
            title=_("Remove it"),
            line=told(removal.actor, hlc_time(removal.order), zone),
            text=reason or _("No reason was given."),
            is_chosen=chosen == REMOVE,
            is_ours=removal.device == device_id,
        ),
        Version(
            id=KEEP,
            title=_("Keep it with the changes"),
            line=told(edit.actor, hlc_time(edit.order), zone),
            text="\n".join(written) or _("The entry as it is."),
            is_chosen=chosen == KEEP,
            is_ours=edit.device == device_id,
        ),
    )


def _where(side: Side, device_id: str) -> str:
    if side.device == device_id:
        return _("On this device")
    return _("From the office") if side.device == OFFICE else _("From another device")


def _title(found: Found) -> str:
    kind = _(spec_for(found.kind).title) if is_known(found.kind) else found.kind
    words = summary_line(found.record) if found.record is not None else ""
    return _("{kind} “{name}”", kind=kind, name=words) if words else kind


def _agreed_line(labels: tuple[str, ...]) -> str:
    if not labels:
        return ""
    return ngettext(
        "{n} further field was changed on one side only and has been joined already: {fields}.",
        "{n} further fields were changed on one side only and have been joined already: {fields}.",
        len(labels),
        fields=", ".join(labels),
    )


def _result(one: DisputedField) -> str:
    if one.is_joined:
        return one.joined or "–"
    chosen = next((version for version in one.versions if version.is_chosen), None)
    if chosen is None:
        return "–"
    return chosen.title if chosen.id in (REMOVE, KEEP) else chosen.text


def _label(kind: str, name: str) -> str:
    spec = _spec(kind, name)
    return name if spec is None else _(spec.label)


def _spec(kind: str, name: str) -> FieldSpec | None:
    if not is_known(kind):
        return None
    return next((one for one in spec_for(kind).fields if one.name == name), None)


def _can_join(spec: FieldSpec | None, conflict: OpenConflict) -> bool:
    """Return whether both values make sense in one text: some lines of free text, none of it empty."""
    if spec is None or spec.value_type is not ValueType.TEXT or not spec.multiline:
        return False
    return all(isinstance(side.value, str) and side.value for side in (conflict.kept, *conflict.others))


def _words(spec: FieldSpec | None, value: Any) -> str:
    if spec is not None:
        try:
            return format_value(spec, decode(spec, value)) or "–"
        except (ValueError, InputError):
            return str(value)
    return "–" if value is None else str(value)
