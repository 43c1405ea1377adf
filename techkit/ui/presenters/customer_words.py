"""A customer in words: facts, agreements, people, places, computers, promises, advice, contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from techkit import i18n
from techkit.i18n import LANGUAGE_NAMES, N_, _, ngettext
from techkit.records.agreed_hours import agreed_hours
from techkit.records.assets import (
    CONTRACT_KINDS,
    Asset,
    Contract,
    ContractKind,
    RateCard,
)
from techkit.records.findings import Finding, Verdict
from techkit.records.parties import (
    CUSTOMER_STATUSES,
    ENGAGEMENTS,
    ENVIRONMENTS,
    FREQUENCIES,
    RELATIONSHIPS,
    SKILLS,
    Contact,
    Customer,
    CustomerStatus,
    Site,
)
from techkit.records.same import same_sites
from techkit.records.schema import spec_of
from techkit.records.success import Recommendation, TouchPoint
from techkit.records.training import history_lines
from techkit.ui.presenters.cases import case_line
from techkit.ui.presenters.choices import Choice, Proposal
from techkit.ui.presenters.customer_records import AHEAD_DAYS, MOST_ROWS, MOST_VISITS, CustomerRecords
from techkit.ui.presenters.list_kinds import due_text
from techkit.ui.presenters.lists import When
from techkit.ui.presenters.record_page import Line

_DECISIONS = (("accepted", N_("Yes")), ("declined", N_("No")), ("deferred", N_("Later")))


#: So many judgements of a person's skill are shown, newest first.
_JUDGED_SHOWN = 3

_TOUCH_ICONS = {"call": "phone", "mail": "envelope", "meeting": "users"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person with the profile that shapes training and advice, in words."""

    id: str
    name: str
    line: str
    profile: tuple[tuple[str, str], ...]
    programs: tuple[tuple[str, str, str], ...]
    twins: tuple[Proposal, ...]
    is_former: bool


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One contract in words. share: used part of its hours, None without a pool; tone by how near its end is."""

    id: str
    title: str
    line: str
    hours_line: str
    share: float | None
    facts: tuple[tuple[str, str], ...]
    tone: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One recommendation with its evidence and the customer's decision."""

    id: str
    text: str
    why: str
    line: str
    choices: tuple[Choice, ...]


def tags(customer: Customer) -> tuple[tuple[str, str], ...]:
    """Return what the customer is to us, as words and tones."""
    tags = [(_(ENGAGEMENTS[customer.engagement]), "accent")]
    if customer.status is not CustomerStatus.ACTIVE:
        tags.append((_(CUSTOMER_STATUSES[CustomerStatus(customer.status)]), "none"))
    return tuple(tags)


def facts(found: CustomerRecords, zone: tzinfo, *, sees_all: bool) -> tuple[tuple[str, str], ...]:
    """Return what is known of the customer itself, as label and text; nothing of money unless all is seen."""
    customer, payer = found.customer, found.payer
    tag = customer.preferred_language
    consents = [
        label
        for is_given, label in (
            (customer.has_diagnostics_consent, _("diagnostics")),
            (customer.has_photo_consent, _("photos")),
            (customer.has_survey_consent, _("questions afterwards")),
        )
        if is_given
    ]
    approver = max(found.people, key=lambda c: c.may_approve_minor, default=None)
    pairs = (
        (_("Who pays"), payer.name if payer else _("The customer")),
        (
            _("Approves"),
            _(
                "{name}, up to {amount}",
                name=approver.name,
                amount=i18n.money(approver.may_approve_minor, approver.currency),
            )
            if approver is not None and approver.may_approve_minor and sees_all
            else "",
        ),
        (
            _("Summary"),
            f"{_(i18n.LANGUAGE_NAMES.get(tag, tag))}, {customer.paper}",
        ),
        (_("Agreed to"), _agreed_to(consents, customer, zone)),
        (_("Legal name"), customer.legal_name),
    )
    return tuple((label, text) for label, text in pairs if text)


def _agreed_to(consents: list[str], customer: Customer, zone: tzinfo) -> str:
    said = ", ".join(consents)
    if not said or customer.consent_at is None:
        return said
    day = customer.consent_at.astimezone(zone).date()
    return _("{what} (said on {day})", what=said, day=i18n.day(day, style="medium"))


def agreement(contract: Contract, found: CustomerRecords, today: date) -> Agreement:
    """Return a contract in words."""
    left = (contract.ends_on - today).days if contract.ends_on else None
    tone = "ok" if left is None or left > AHEAD_DAYS else "bad" if left < 0 else "watch"
    span = " – ".join(i18n.day(d, style="medium") for d in (contract.starts_on, contract.ends_on) if d)
    days = "" if left is None else _("ended") if left < 0 else ngettext("{n} day left", "{n} days left", left)
    share, hours = None, ""
    if contract.kind is ContractKind.HOURS_POOL and contract.hours_included > 0:
        share = float(contract.hours_used / contract.hours_included)
        hours = _(
            "{left} of {all} left, as the office knew at the last sync.",
            left=i18n.quantity(contract.hours_included - contract.hours_used, "h", 2),
            all=i18n.quantity(contract.hours_included, "h"),
        )
    names = {a.id: a.tag or a.name for a in found.assets}
    card = found.rate_cards.get(contract.rate_card_id or "")
    named = dict.fromkeys(found.merged.get(i, i) for i in contract.covered_assets)
    covered = ", ".join(names[i] for i in named if i in names)
    facts = (
        (_("Kind"), _(CONTRACT_KINDS[ContractKind(contract.kind)])),
        (
            _("Covers"),
            _("Every computer") if contract.covers_all_assets else covered or _("No computer here"),
        ),
        (_("Travel"), _("Included") if contract.is_travel_included else _("Charged")),
        (_("Rates"), _rates(card) if card else ""),
        (_("Agreed hours"), _agreed_hours(contract)),
        (_("We begin within"), _within(contract.response_target_h)),
        (_("We solve it within"), _within(contract.resolution_target_h)),
        (_("Notice by"), i18n.day(contract.notice_on, style="medium") if contract.notice_on else ""),
    )
    return Agreement(
        id=contract.id,
        title=" ".join(p for p in (contract.number, contract.name[:60]) if p),
        line=" · ".join(p for p in (span, days) if p),
        hours_line=hours,
        share=share,
        facts=tuple((label, text) for label, text in facts if text),
        tone=tone,
    )


def _agreed_hours(contract: Contract) -> str:
    words = contract.business_hours[:120]
    if not words or agreed_hours(words) is not None:
        return words
    return _("{words} (techkit cannot read this: say by hand what lies outside)", words=words)


def _within(hours: Decimal | None) -> str:
    return i18n.quantity(hours, "h") if hours is not None else ""


def _rates(card: RateCard) -> str:
    rate = next((r for r in card.rates if r.labour == "work"), card.rates[0] if card.rates else None)
    hourly = _("{amount} an hour", amount=i18n.money(rate.hourly_minor, card.currency)) if rate else ""
    return ", ".join(p for p in (card.name[:40], hourly) if p)


def person(contact: Contact, found: CustomerRecords) -> Person:
    """Return somebody with their profile in words."""
    programs = [s for s in found.software if s.contact_id == contact.id]
    pairs = (
        (_("Experience"), _(SKILLS.get(contact.skill, ""))),
        (_("Uses the computer"), _(FREQUENCIES[contact.frequency])),
        (
            _("Works in"),
            " ".join(p for p in (_(ENVIRONMENTS[contact.environment]), contact.environment_note[:80]) if p),
        ),
        (_("Relationship"), _(RELATIONSHIPS[contact.relationship])),
        (_("Telephone"), ", ".join(contact.phones)[:120]),
        (_("E-mail"), contact.email),
        (_("Programs used"), ", ".join(contact.software_used)[:200]),
        (_("Features used"), ", ".join(contact.features_used)[:200]),
        (_("Would like to learn"), ", ".join(contact.features_wanted)[:200]),
        (_("Reading and handling needs"), contact.accessibility_needs[:200]),
        (_("Form of address"), contact.form_of_address[:80]),
        (_("Said like"), contact.pronunciation[:80]),
        (_("Language"), _(LANGUAGE_NAMES.get(contact.preferred_language, contact.preferred_language))),
        (_("May sign"), "" if contact.may_sign else _("No")),
        (_("Skills judged"), "; ".join(history_lines(found.judged, contact.id)[:_JUDGED_SHOWN])),
    )
    rows = []
    for held in programs:
        uses = _("uses {features}", features=", ".join(held.features_used)) if held.features_used else ""
        wants = (
            _("would like {features}", features=", ".join(held.features_wanted))
            if held.features_wanted
            else ""
        )
        skill = _(SKILLS[held.skill]) if held.skill else ""
        line = " · ".join(p for p in (_(FREQUENCIES[held.frequency]), skill, uses, wants) if p)
        rows.append((held.id, held.product[:80], line[:300]))
    return Person(
        id=contact.id,
        name=contact.name,
        line=" · ".join(
            p for p in (contact.role[:80], _("no longer there") if contact.is_former else "") if p
        ),
        profile=tuple((label, text) for label, text in pairs if text),
        programs=tuple(rows),
        twins=tuple(
            Proposal(id=t.id, title=t.name[:80], reason=" ".join(t.reasons))
            for t in found.people_twins.get(contact.id, ())
            if contact.id < t.id
        ),
        is_former=contact.is_former,
    )


def site_twins(found: CustomerRecords) -> tuple[Proposal, ...]:
    """Return the pairs of places that may be one, each once; the one a contract names stays, else the older one."""
    covered = {site_id for contract in found.contracts for site_id in contract.covered_sites}
    pairs: dict[frozenset[str], Proposal] = {}
    for site in found.sites:
        for twin in same_sites(site, found.sites):
            keep, gone = sorted((site.id, twin.id), key=lambda id: (id not in covered, id))
            if keep in covered and gone in covered:
                continue  # the office's contract names both: only the office brings them together
            stays = next(s for s in found.sites if s.id == keep)
            goes = next(s for s in found.sites if s.id == gone)
            pairs[frozenset((keep, gone))] = Proposal(
                id=f"{keep} {gone}",
                title=_("{one} and {other}", one=stays.name[:60], other=goes.name[:60]),
                reason=" ".join(twin.reasons),
            )
    return tuple(pairs.values())


def site_line(site: Site) -> Line:
    """Return a place in one line."""
    place = ", ".join(p for p in (site.street, f"{site.postal_code} {site.town}".strip()) if p)
    notes = " · ".join(p for p in (place, site.access_notes, site.opening_hours, site.network_notes) if p)
    return Line(title=site.name, line=notes[:300], icon="map-pin", visit_id=site.id)


def computer_line(asset: Asset, ends: Finding | None) -> Line:
    """Return a computer in one line, saying where its system is out of support."""
    is_bad = ends is not None and ends.verdict is Verdict.ACT
    system = " ".join(p for p in (asset.os_name, asset.os_version) if p)
    model = " ".join(p for p in (asset.maker, asset.model) if p)
    return Line(
        title=asset.tag or asset.name,
        line=" · ".join(p for p in (model, system, asset.location_in_site) if p)[:200],
        word=_("out of support") if is_bad else "",
        icon="warning" if is_bad else "desktop",
        tone="watch" if is_bad else "",
        visit_id=asset.id,
    )


def open_cases(found: CustomerRecords) -> tuple[Line, ...]:
    """Return what is not solved yet, the case that was worked on last first; each opens its newest visit, or its form."""
    return tuple(
        Line(
            title=file.title,
            line=case_line(file),
            icon="folder-open",
            visit_id=file.last_visit.id if file.last_visit else "",
            record_id=file.case.id,
        )
        for file in found.cases[:MOST_ROWS]
    )


def promises(found: CustomerRecords, today: date, zone: tzinfo) -> tuple[Line, ...]:
    """Return what is promised and still open, the most pressing first."""
    when = When(today=today, zone=zone)
    rows = sorted(
        (f for f in found.follow_ups if f.state == "open"), key=lambda f: (f.due_on or date.max, f.id)
    )
    lines = []
    for held in rows[:MOST_ROWS]:
        due, late, tone = due_text(held.due_on.isoformat() if held.due_on else "", when)
        who = _("the customer") if held.is_customers_own else held.owner
        lines.append(
            Line(
                title=held.text,
                line=" · ".join(p for p in (late or due, who) if p),
                icon="flag",
                tone=tone,
                visit_id=held.visit_id or "",
            )
        )
    return tuple(lines)


def advice_row(held: Recommendation) -> Advice:
    """Return a recommendation with the answers the customer may give."""
    cost = ""
    if held.cost_from_minor or held.cost_to_minor:
        cost = " – ".join(
            i18n.money(a, held.currency) for a in (held.cost_from_minor, held.cost_to_minor) if a
        )
    until = (
        _("again from {day}", day=i18n.day(held.deferred_until, style="medium"))
        if held.deferred_until
        else ""
    )
    urgency = {"now": _("Now"), "soon": _("In the next weeks"), "later": _("When it suits you")}.get(
        held.urgency, ""
    )
    return Advice(
        id=held.id,
        text=held.text[:400],
        why=held.why[:400],
        line=" · ".join(p for p in (urgency, cost, until) if p),
        choices=tuple(Choice(value=v, label=_(label), is_chosen=held.state == v) for v, label in _DECISIONS),
    )


def touches(found: CustomerRecords, zone: tzinfo) -> tuple[Line, ...]:
    """Return calls, mails and meetings outside visits, newest first."""
    held = sorted(found.touches, key=lambda t: (t.at is not None, t.at, t.id), reverse=True)
    labels = spec_of(TouchPoint).field("how").choices
    return tuple(
        Line(
            title=" ".join(t.note.split())[:200] or _(labels.get(t.how, t.how)),
            line=" · ".join(
                part
                for part in (
                    _(labels.get(t.how, t.how)),
                    i18n.day(t.at.astimezone(zone).date(), style="medium") if t.at else "",
                )
                if part
            ),
            icon=_TOUCH_ICONS.get(t.how, "chat-text"),
        )
        for t in held[:MOST_VISITS]
    )
