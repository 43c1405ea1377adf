"""What is recorded in step Work, in words: an entry with its proof, how much there is, a title where none was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records.activities import (
    Activity,
    InformationLookup,
    Install,
    Maintenance,
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
    Troubleshooting,
    Upgrade,
)
from techkit.records.bundle import VisitBundle
from techkit.records.cards import is_finished
from techkit.records.centre_validity import valid_centres
from techkit.records.parties import Contact
from techkit.records.proofs import PROVEN_LABELS, Proven, proof_of
from techkit.records.purchases import decision_line
from techkit.records.schema import Record, replace, spec_of
from techkit.records.training import gain_of
from techkit.records.visit import Expense, SupplyUse
from techkit.records.wording import format_value, summary_line
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.money import centre_label

#: An example of a good entry for each kind, shown while nothing is recorded.
EXAMPLES = {
    "install": N_("For example: “Label printer set up at desk 3. Driver, address template, test print.”"),
    "upgrade": N_("For example: “Practice program from 9.9 to 9.10. Data backed up before.”"),
    "training": N_("For example: “Mail merge. She made ten letters herself; one-page guide left.”"),
    "troubleshooting": N_(
        "For example: “Slow start: four programs started for nothing. Switched off together.”"
    ),
    "needs_analysis": N_(
        "For example: “Two people share one scanner. Three ways to solve it, one recommended.”"
    ),
    "purchase_assistance": N_(
        "For example: “Compared three notebooks; the second fits, quote until 12 December.”"
    ),
    "information_lookup": N_("For example: “Is the pop-up a virus? No: a web page. Source and date noted.”"),
    "supply_use": N_("For example: “1 label roll, 62 mm”"),
    "maintenance": N_("For example: “Fan cleaned, dust filter replaced.”"),
    "data_care": N_("For example: “Photos moved to the external disk, opened there as a test.”"),
}


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """One recorded entry or supply. tags: (icon, text, tone "ok|watch|bad|info|").

    proof: "inventory", "reading", "not_proven", "not_provable" or "" where nothing is claimed.
    """

    id: str
    kind: str
    icon: str
    title: str
    line: str
    kind_label: str
    time_text: str = ""
    tags: tuple[tuple[str, str, str], ...] = ()
    proof: str = ""
    proof_label: str = ""
    may_become_card: bool = False


def entry_row(record: Record, bundle: VisitBundle) -> EntryRow:
    """Return an entry, a supply or an expense with what proves it."""
    spec = spec_of(record)
    if isinstance(record, SupplyUse):
        title = _("{quantity} × {name}", quantity=i18n.exact(record.quantity), name=record.name)
        price = (
            i18n.money(record.unit_price_minor, record.currency)
            if record.unit_price_minor is not None
            else _("no price yet")
        )
        centre = next((c for c in bundle.cost_centres if c.id == record.cost_centre_id), None)
        return EntryRow(
            id=record.id, kind=spec.kind, icon=spec.icon, title=title,
            line=" · ".join((price, centre.code)) if centre is not None else price,
            kind_label=_("Part") if record.is_part else _("Supply"),
        )  # fmt: skip
    if isinstance(record, Expense):
        has_receipt = any(a.id == record.receipt_id for a in bundle.attachments)
        label = format_value(spec.field("kind"), record.kind)
        return EntryRow(
            id=record.id, kind=spec.kind, icon=spec.icon, title=record.note or label,
            line=i18n.money(record.amount_minor, record.currency), kind_label=_(spec.title),
            tags=(("receipt", _("Receipt attached"), "ok"),) if has_receipt else (),
        )  # fmt: skip
    assert isinstance(record, Activity)  # noqa: S101 - only activities, supplies and expenses are listed
    proven = proof_of(record, bundle)
    asset = bundle.asset(record.asset_id)
    tags = []
    if asset is not None and len(bundle.visit.asset_ids) > 1:
        tags.append((spec_of(asset).icon, asset.tag or asset.name, ""))
    if isinstance(record, Training) and record.attendance:
        gain = gain_of(record)
        tags.append(
            (
                "users",
                _("{present} of {invited} took part", present=gain.present, invited=gain.invited),
                "",
            )
        )
    proof = _proof_shown(record, proven)
    return EntryRow(
        id=record.id,
        kind=spec.kind,
        icon=spec.icon,
        title=record.title,
        line=_line_of(record),
        kind_label=_(spec.title),
        time_text=i18n.minutes(record.minutes) if record.minutes else "",
        tags=tuple(tags),
        proof=proof.value if proof else "",
        proof_label=_(PROVEN_LABELS[proof]) if proof else "",
        may_become_card=isinstance(record, InformationLookup) and is_finished(record),
    )


def timed(
    made: Activity, earlier: Activity | None, opened_at: datetime, now: datetime, arrived_at: datetime | None
) -> Activity:
    """Return an entry with when it was begun and ended, by the clock and by the time it is said to have taken.

    earlier: the entry as it was before it was changed: its end stays, its beginning goes with its minutes.
    """
    ended_at = earlier.ended_at if earlier is not None else now
    if ended_at is None or (earlier is not None and earlier.minutes == made.minutes):
        return made
    if made.minutes:
        started_at = ended_at - timedelta(minutes=made.minutes)
        # What took longer than the visit so far was begun elsewhere: nobody knows when.
        started_at = max(started_at, min(arrived_at, ended_at)) if arrived_at else started_at
    else:
        started_at = min(opened_at, ended_at) if earlier is None else (earlier.started_at or ended_at)
    return replace(made, started_at=started_at, ended_at=ended_at)


def offered(bundle: VisitBundle) -> dict[str, tuple[Choice, ...]]:
    """Return field -> what an entry's form lets choose there: who may decide, and a supply's own cost centre."""
    people = [p for p in bundle.people if p.is_there]
    deciders = tuple(Choice(value=p.id, label=_decider(p)) for p in people)
    found = {"approver_id": (Choice(value="", label=_("Nobody yet")), *deciders)}
    used = {s.cost_centre_id for s in bundle.supplies}
    valid = {centre.id for centre in valid_centres(bundle)}
    if offers := [c for c in bundle.cost_centres if c.id in valid or c.id in used]:
        centres = tuple(Choice(value=c.id, label=centre_label(c)) for c in offers)
        found["cost_centre_id"] = (Choice(value="", label=_("As the visit is shared")), *centres)
    return found


def coins(bundle: VisitBundle) -> dict[str, tuple[Choice, ...]]:
    """Return the currencies money may have been laid out in, the visit's first."""
    codes = dict.fromkeys((bundle.visit.currency, *i18n.currencies()))
    return {"currency": tuple(Choice(value=code, label=code) for code in codes)}


def _decider(person: Contact) -> str:
    if not person.may_approve_minor:
        return _("{name}, no limit known", name=person.name)
    return _(
        "{name}, up to {amount}",
        name=person.name,
        amount=i18n.money(person.may_approve_minor, person.currency),
    )


def entries_line(bundle: VisitBundle) -> str:
    """Return how much is recorded, e.g. "3 entries · 1 h 20 min"."""
    if not bundle.activities and not bundle.supplies:
        return _("Nothing recorded yet")
    parts = []
    if bundle.activities:
        parts.append(ngettext("{n} entry", "{n} entries", len(bundle.activities)))
    minutes = sum(a.minutes for a in bundle.activities)
    if minutes:
        parts.append(i18n.minutes(minutes))
    if bundle.supplies:
        parts.append(ngettext("{n} part or supply", "{n} parts or supplies", len(bundle.supplies)))
    return " · ".join(parts)


def entry_title(record: Record) -> str:
    """Return what a record of the step is called."""
    return str(getattr(record, "title", "") or getattr(record, "name", "") or summary_line(record))


def made_title(activity: Activity) -> str:
    """Return a title made from what was filled in, when none was written."""
    if isinstance(activity, Install) and activity.product:
        return _("{product} {version} installed", product=activity.product, version=activity.version).replace(
            "  ", " "
        )
    if isinstance(activity, Upgrade) and activity.product:
        return _("{product} upgraded to {version}", product=activity.product, version=activity.to_version)
    if isinstance(activity, Maintenance) and activity.product:
        return activity.product
    if isinstance(activity, Troubleshooting) and activity.symptom:
        return activity.symptom.splitlines()[0][:200]
    if isinstance(activity, InformationLookup) and activity.question:
        return activity.question.splitlines()[0][:200]
    if isinstance(activity, Training) and activity.topics:
        return _("Training: {topics}", topics=", ".join(activity.topics))[:200]
    return ""


def _line_of(activity: Activity) -> str:
    if activity.note_customer:
        return activity.note_customer
    if isinstance(activity, Troubleshooting):
        return " – ".join(p for p in (activity.cause, activity.resolution) if p)
    if isinstance(activity, InformationLookup):
        return activity.answer
    if isinstance(activity, (NeedsAnalysis, PurchaseAssistance)):
        return decision_line(activity)
    proof = next(iter(activity.evidence), None)
    if proof is not None:
        return change_line(proof.before, proof.after)
    return ""


def change_line(before: str, after: str) -> str:
    """Return what a difference shows: "3.1 → 4.0", "new: 4.0", "before: 3.1"."""
    if before and after:
        return _("{before} → {after}", before=before, after=after)
    if after:
        return _("new: {after}", after=after)
    return _("before: {before}", before=before) if before else ""


def _proof_shown(activity: Activity, proven: Proven) -> Proven | None:
    """Return the proof to show: nothing where nothing is claimed or nobody looked yet without evidence."""
    if proven is Proven.NOT_PROVABLE:
        return None
    if proven is Proven.OPEN:
        # Until the check after the work, the draft's own look in between stands for it.
        source = next((p.source for p in activity.evidence if p.after), "")
        return {"inventory": Proven.INVENTORY, "reading": Proven.READING}.get(source)
    return proven
