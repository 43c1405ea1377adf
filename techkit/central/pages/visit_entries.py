"""The lines of a visit's work: what is claimed, what shows it, what it costs, and the questions beneath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from techkit import i18n
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import moment
from techkit.i18n import _, ngettext
from techkit.records.activities import Activity, Proof
from techkit.records.assets import LABOUR_KINDS
from techkit.records.budget import bounded_times
from techkit.records.bundle import VisitBundle
from techkit.records.charges import Charges
from techkit.records.proofs import PROVEN_LABELS, Proven, proof_of
from techkit.records.review import Flag, Query
from techkit.records.schema import Audience, FieldSpec, Record, is_known, spec_for, spec_of
from techkit.records.visit import LabourSegment, SupplyUse
from techkit.records.wording import currency_of, format_value

#: Fields an entry shows elsewhere on the page, or that only the program reads.
_NOT_LISTED = frozenset(
    {"visit_id", "asset_id", "contact_id", "title", "note_customer", "minutes", "recorded_at", "origin"}
    | {"evidence", "currency"}
)


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One question with its answer, in words. about: the label of the field it asks about, "" for the whole entry."""

    query: Query
    about: str
    asked: str
    answered: str
    waits: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the work: what is claimed, what shows it, what it costs.

    mark: how the claim stands against the evidence, None where there is nothing to prove.
    proof_lines: what was read before and after. askable: (field, label) a question may point to.
    """

    kind: str
    record_id: str
    icon: str
    kind_label: str
    title: str
    note: str
    facts: tuple[tuple[str, str], ...]
    internal: str
    mark: Mark | None
    proof_lines: tuple[str, ...]
    amount: str
    amount_note: str
    talks: tuple[Talk, ...] = ()
    askable: tuple[tuple[str, str], ...] = ()


def entries(
    bundle: VisitBundle, raised: Iterable[Flag], names: Mapping[str, str], here: tzinfo, office: ZoneInfo
) -> tuple[Entry, ...]:
    """Return the lines of the work: activities, supplies, times; each with its evidence and its questions."""
    by_record: dict[str, list[Flag]] = {}
    for flag in raised:
        by_record.setdefault(flag.record_id, []).append(flag)
    many = len(bundle.assets) > 1
    shown = [
        _activity_entry(bundle, held, by_record.get(held.id, []), names, office, many)
        for held in bundle.activities
    ]
    shown += [
        _supply_entry(bundle, held, by_record.get(held.id, []), names, office) for held in bundle.supplies
    ]
    shown += [_labour_entry(bundle, held, by_record.get(held.id, []), here, office) for held in bundle.labour]
    return tuple(shown)


def _activity_entry(
    bundle: VisitBundle,
    held: Activity,
    raised: list[Flag],
    names: Mapping[str, str],
    zone: ZoneInfo,
    shows_asset: bool,
) -> Entry:
    spec = spec_of(held)
    where = names.get(held.asset_id or "", "") if shows_asset else ""
    return Entry(
        kind=spec.kind,
        record_id=held.id,
        icon=spec.icon,
        kind_label=" · ".join(part for part in (_(spec.title), where) if part),
        title=held.title or _(spec.title),
        note=held.note_customer,
        facts=_facts(held, names),
        internal=held.note_internal,
        mark=proof_mark(held, bundle),
        proof_lines=_proof_lines(held, bundle, raised),
        amount=i18n.minutes(held.minutes) if held.minutes else "",
        amount_note="",
        talks=talks(bundle.queries, held.id, bundle.visit.id, zone),
        askable=_askable(held),
    )


def _facts(held: Record, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return label and text of an entry's own filled fields, as its declaration words them."""
    found = []
    for spec in _own_fields(held):
        current = getattr(held, spec.name)
        text = (
            format_value(spec, current, names, currency_of(held))
            if current not in (None, "", (), 0, spec.default)
            else ""
        )
        if text and text not in getattr(held, "title", ""):
            found.append((_(spec.label), text))
    return tuple(found)


def _own_fields(held: Record) -> list[FieldSpec]:
    return [
        spec
        for spec in spec_of(held).fields
        if spec.name not in _NOT_LISTED
        and spec.name != "note_internal"
        and spec.readable_by(Audience.INTERNAL)
    ]


def _askable(held: Record) -> tuple[tuple[str, str], ...]:
    hidden = {"visit_id", "recorded_at", "origin", "evidence", "currency"}
    return tuple((spec.name, _(spec.label)) for spec in spec_of(held).fields if spec.name not in hidden)


_PROOF_LOOK = {
    Proven.INVENTORY: ("ok", "seal-check"),
    Proven.READING: ("ok", "seal-check"),
    Proven.NOT_PROVEN: ("bad", "seal-warning"),
    Proven.OPEN: ("watch", "seal-question"),
    Proven.NOT_PROVABLE: ("none", "pencil-simple"),
}


def proof_mark(held: Activity, bundle: VisitBundle) -> Mark:
    """Return how the claim stands against the computer; looked at anew, not believed from the device."""
    proven = proof_of(held, bundle)
    look, icon = _PROOF_LOOK[proven]
    if proven is Proven.NOT_PROVEN:
        words = _("Claim not proven")
    elif proven is Proven.NOT_PROVABLE:
        words = _("Told by the technician")
    else:
        words = _(PROVEN_LABELS[proven])
    return Mark(look=look, icon=icon, words=words)


def _proof_lines(held: Activity, bundle: VisitBundle, raised: list[Flag]) -> tuple[str, ...]:
    """Return what was read before and after; where that contradicts the claim, what shows instead."""
    told = tuple(flag.sentence for flag in raised)
    if proof_of(held, bundle) is Proven.NOT_PROVEN and told:
        return told
    return tuple(proof_line(proof) for proof in held.evidence) + told


def proof_line(proof: Proof) -> str:
    """Return what was read of one thing before and after the work."""
    if proof.before and proof.after:
        return f"{proof.subject}: {proof.before} → {proof.after}"
    if proof.after:
        return _("{thing}: {value}, new", thing=proof.subject, value=proof.after)
    if proof.before:
        return _("{thing}: {value}, gone", thing=proof.subject, value=proof.before)
    return proof.subject


def _centre_of(bundle: VisitBundle, held: SupplyUse) -> str:
    """Return the cost centre that bears this line alone; "" where the visit's shares hold."""
    centre = next((c for c in bundle.cost_centres if c.id == held.cost_centre_id), None)
    return f"{centre.code} {centre.name}".strip() if centre is not None else ""


def _supply_entry(
    bundle: VisitBundle, held: SupplyUse, raised: list[Flag], names: Mapping[str, str], zone: ZoneInfo
) -> Entry:
    spec = spec_of(held)
    if held.is_warranty:
        amount, note = i18n.money(0, held.currency), _("under guarantee")
    elif held.unit_price_minor is None:
        amount, note = "–", _("no price")
    else:
        quantity = -held.quantity if held.is_returned else held.quantity
        amount = i18n.money(bounded_times(quantity, held.unit_price_minor), held.currency)
        digits = max(0, -int(held.quantity.as_tuple().exponent))
        note = f"{i18n.number(held.quantity, digits)} × {i18n.money(held.unit_price_minor, held.currency)}"
    return Entry(
        kind=spec.kind,
        record_id=held.id,
        icon=spec.icon,
        kind_label=_("Part") if held.is_part else _("Supply"),
        title=_("Taken back: {name}", name=held.name) if held.is_returned else held.name,
        note="",
        facts=tuple(
            (label, text)
            for label, text in (
                (_("For computer"), names.get(held.asset_id or "", "")),
                (_("Cost centre"), _centre_of(bundle, held)),
                (_("Serial number fitted"), held.serial_in),
                (_("Serial number removed"), held.serial_out),
            )
            if text
        ),
        internal="",
        mark=Mark(look="none", icon="pencil-simple", words=_("Told by the technician")),
        proof_lines=tuple(flag.sentence for flag in raised),
        amount=amount,
        amount_note=note,
        talks=talks(bundle.queries, held.id, bundle.visit.id, zone),
        askable=_askable(held),
    )


def _labour_entry(
    bundle: VisitBundle, held: LabourSegment, raised: list[Flag], here: tzinfo, office: ZoneInfo
) -> Entry:
    superseded = held.id not in {segment.id for segment in bundle.current_labour()}
    measured = held.elapsed_s // 60 if held.elapsed_s else 0
    lines = [_("Clock that cannot be set: {time}", time=i18n.minutes(measured))] if measured else []
    if held.supersedes:
        lines.append(_("Corrects an earlier time."))
    if superseded:
        lines.append(_("Corrected later; kept to be seen."))
    span = "–".join(
        i18n.clock(moment.astimezone(here)) for moment in (held.started_at, held.ended_at) if moment
    )
    length = (
        max(0, round((held.ended_at - held.started_at).total_seconds() / 60))
        if held.started_at and held.ended_at
        else measured
    )
    return Entry(
        kind="labour_segment",
        record_id=held.id,
        icon="timer",
        kind_label=_("Time"),
        title=f"{_(LABOUR_KINDS[held.kind])} {span}".strip(),
        note="",
        facts=(),
        internal="",
        mark=None if superseded else Mark(look="none", icon="clock", words=_("By the visit’s clock")),
        proof_lines=(*lines, *(flag.sentence for flag in raised)),
        amount="" if superseded else i18n.minutes(length),
        amount_note="",
        talks=talks(bundle.queries, held.id, bundle.visit.id, office),
        askable=_askable(held),
    )


def work_caption(bundle: VisitBundle, reckoned: Charges) -> str:
    """Return the work in one line: how many entries, how long, how many supplies."""
    parts = [ngettext("1 entry", "{n} entries", len(bundle.activities))]
    if reckoned.labour_minutes:
        parts.append(i18n.minutes(reckoned.labour_minutes))
    if bundle.supplies:
        parts.append(ngettext("1 supply", "{n} supplies", len(bundle.supplies)))
    return " · ".join(parts)


def _field_words(kind: str, name: str) -> str:
    """Return a field's label, "" for a question about the whole entry or a field of a newer techkit."""
    fields = spec_for(kind).fields if name and is_known(kind) else ()
    return next((_(spec.label) for spec in fields if spec.name == name), "")


def talks(queries: Iterable[Query], record_id: str, visit_id: str, zone: ZoneInfo) -> tuple[Talk, ...]:
    """Return the questions about one record; with "" those about the visit as a whole."""
    own = (record_id,) if record_id else ("", visit_id)
    return tuple(
        Talk(
            query=held,
            about=_field_words(held.about_kind, held.about_field),
            asked=moment(held.asked_at, zone) if held.asked_at else "",
            answered=moment(held.answered_at, zone) if held.answered_at else "",
            waits=_("The technician sees this at the next sync.") if held.state == "open" else "",
        )
        for held in queries
        if held.about_id in own
    )
