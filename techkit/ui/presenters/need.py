"""Step Need: what the customer said, whether person, place and computer are right, who pays, consent."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.agreements import agreed, why_not
from techkit.records.budget import Allocation
from techkit.records.centre_validity import valid_centres
from techkit.records.entering import clean_text
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.identity import new_id
from techkit.records.parties import (
    ENGAGEMENTS,
    FREQUENCIES,
    SKILLS,
    Contact,
    Engagement,
    Site,
    dated_consent,
)
from techkit.records.schema import Record, spec_of
from techkit.records.typed import parse
from techkit.records.visit import Consent, Visit, WorkState
from techkit.records.work_states import Facts, may_step, step
from techkit.ui.presenters.agreed_rates import with_agreement
from techkit.ui.presenters.choices import Choice, FormState, Proposal
from techkit.ui.presenters.cost_shares import CostShares, OtherCentres, ShareRow
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.long_texts import beginning, keep_text
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: Icons of the complaints, by stored value.
_COMPLAINT_ICONS = {
    Complaint.SLOW: "gauge",
    Complaint.NO_INTERNET: "wifi-slash",
    Complaint.NO_PRINTING: "printer",
    Complaint.NO_SOUND: "speaker-slash",
    Complaint.POP_UPS: "browsers",
    Complaint.STRANGE_MAIL: "envelope-simple",
    Complaint.CRASHES: "warning-circle",
    Complaint.OTHER: "dots-three",
}

#: Words of a need that name a complaint, case folded, in the languages of the window. A hint only:
#: the complaint is a choice on the same screen.
_HINTS = (
    (Complaint.NO_INTERNET, ("internet", "wlan", "wifi", "wi-fi", "online", "netz", "connexion")),
    (Complaint.NO_PRINTING, ("print", "drucke", "imprim")),
    (Complaint.NO_SOUND, ("sound", "speaker", "ton ", "lautsprecher", "microphone", "mikrofon", "son ")),
    (Complaint.POP_UPS, ("pop-up", "popup", "advert", "werbung", "publicité")),
    (Complaint.STRANGE_MAIL, ("mail", "phishing", "spam", "courriel")),
    (Complaint.CRASHES, ("crash", "freez", "restart", "blue screen", "absturz", "stürzt", "hängt", "plante")),
    (Complaint.SLOW, ("slow", "langsam", "lent", "takes ages", "dauert")),
)

#: Where one part of a need ends and the next begins, in the languages of the window.
_PARTS = re.compile(r"[,.;:!?\n]+|\b(?:and|but|und|aber|et|mais)\b")


@dataclass(frozen=True, kw_only=True)
class ComputerRow:
    """One computer of the visit; is_in_hand: the one techkit runs on or the technician chose."""

    asset_id: str
    name: str
    line: str
    is_in_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class NeedState:
    """All that step Need shows; every text is ready to read.

    may_keep_whole: the need is longer than its field; the whole of it may become a file.
    form: what is known of the person, while it is being changed or something in it must be put right.
    """

    purpose: str = ""
    may_keep_whole: bool = False
    complaints: tuple[Choice, ...] = ()
    customer: str = ""
    customer_line: str = ""
    person: str = ""
    person_line: str = ""
    people: tuple[Choice, ...] = ()
    site_line: str = ""
    payer: str = ""
    payer_line: str = ""
    payers: tuple[Choice, ...] = ()
    shares: tuple[ShareRow, ...] = ()
    shares_line: str = ""
    other_centres: OtherCentres | None = None
    consent: str = "not_asked"
    consent_sentence: str = ""
    computers: tuple[ComputerRow, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    good_to_know: tuple[tuple[str, str], ...] = ()
    form: FormState | None = None
    errors: tuple[tuple[str, str, str], ...] = ()
    is_locked: bool = False
    may_confirm: bool = True
    confirm_label: str = ""


class Need(VisitPart[NeedState]):
    """Everything known is filled in; each change is kept as it is made, one gesture confirms."""

    def __init__(self, held: OpenVisit, on_confirmed: Callable[[], None]) -> None:
        super().__init__(held, NeedState())
        self._on_confirmed = on_confirmed
        self.cost_shares = CostShares(held, self.refresh)
        self._errors: dict[str, tuple[str, str]] = {}
        self._long_purpose = ""
        self._wrong: dict[str, str] = {}
        self._is_changing_person = False

    # --- what the customer said -----------------------------------------------------------------

    def set_purpose(self, text: str) -> None:
        """Keep the need in the customer's own words; a complaint that is named in it is chosen."""
        visit, spec = self.held.visit, spec_of(self.held.visit).field("purpose")
        words = clean_text(text, multiline=True)
        if words and words == self._long_purpose:
            return
        self._long_purpose = ""
        self._errors.pop("purpose", None)
        try:
            parse(spec, text, visit.currency)
        except InputError as error:
            self._long_purpose = words
            self._errors["purpose"] = (_(spec.label), error.sentences())
            self.held.typing.keep("need", "purpose", words)
            self.refresh()
            return
        self.held.typing.forget("need")
        complaint = visit.complaint
        if complaint is Complaint.OTHER:
            complaint = complaint_in(words) or complaint
        self._save(
            dataclasses.replace(visit, purpose=words, complaint=complaint),
            _("the need in the customer’s words"),
        )

    def keep_whole_text(self) -> None:
        """Keep a need that is too long for its field as a file of the visit; its beginning stays in the field."""
        text, spec = self._long_purpose, spec_of(self.held.visit).field("purpose")

        def kept(file_name: str) -> None:
            if self._long_purpose == text:
                self.set_purpose(beginning(text, spec.max_length, file_name))

        def failed(error: TechkitError) -> None:
            self._errors["purpose"] = (_(spec.label), error.sentences())
            self.refresh()

        if text:
            keep_text(self.held, _(spec.label), text, kept, failed)

    def choose_complaint(self, value: str) -> None:
        """Say what the visit is about; the findings that explain it stand first."""
        self._save(dataclasses.replace(self.held.visit, complaint=Complaint(value)), _("what it is about"))

    def type_ahead(self, text: str) -> None:
        """Keep the need as it is being typed, before its field is left."""
        self.held.typing.keep("need", "purpose", text)

    def type_ahead_in(self, kind: str, field: str, text: str) -> None:
        """Keep a field of customer, person, place or payer as it is being typed."""
        self.held.typing.keep(f"need:{kind}", field, text)

    def restore_typing(self) -> bool:
        """Take over what was being typed when the program ended; return whether there was anything."""
        typed = self.held.typing.typed_in("need")
        for place, fields in typed.items():
            for name, text in fields.items():
                if place == "need":
                    self.set_purpose(text)
                else:
                    self.edit(place.removeprefix("need:"), name, text)
        return bool(typed)

    # --- who, where, who pays -------------------------------------------------------------------

    def choose_person(self, contact_id: str) -> None:
        """Choose the person who is helped."""
        self._save(dataclasses.replace(self.held.visit, contact_id=contact_id), _("the person"))

    def change_person(self) -> None:
        """Open what is known of the person who is helped: it is not right any more."""
        self._is_changing_person = self.held.bundle.contact is not None
        self.refresh()

    def close_person(self) -> None:
        """Put the person's form away; what is still wrong in it is left as it was."""
        self._is_changing_person = False
        for key in [key for key in self._errors if key.startswith("contact.")]:
            del self._errors[key]
            self._wrong.pop(key, None)
        self.refresh()

    def _person_form(self) -> FormState | None:
        contact = self.held.bundle.contact
        wrong = {key.removeprefix("contact."): key for key in self._errors if key.startswith("contact.")}
        if contact is None or not (self._is_changing_person or wrong):
            return None
        form = EntryForm("contact", record=contact, currency=self.held.visit.currency)
        for name, key in wrong.items():
            form.typed[name], form.errors[name] = self._wrong.get(key, ""), self._errors[key][1]
        return form.state(add_label="", today=self.held.today)

    def choose_payer(self, payer_id: str) -> None:
        """Choose who pays; "" for the customer."""
        self.held.take_along(*(p for p in self.held.known.payers if p.id == payer_id))
        self._save(dataclasses.replace(self.held.visit, payer_id=payer_id or None), _("the payer"))

    def edit(self, kind: str, field: str, text: str) -> None:
        """Keep one field of the customer, person, place, payer or visit as it is left."""
        record = self._record(kind)
        if record is None:
            return
        self.held.typing.forget(f"need:{kind}")
        spec = spec_of(record).field(field)
        key = f"{kind}.{field}"
        self._errors.pop(key, None)
        self._wrong.pop(key, None)
        try:
            value = parse(spec, text, self.held.visit.currency)
            if spec.required and not value:
                raise InputError(
                    _("{label} is still empty.", label=_(spec.label)),
                    field=field,
                    advice=_("Please fill it in."),
                )
        except InputError as error:
            self._errors[key] = (_(spec.label), error.sentences())
            self._wrong[key] = text
            self.refresh()
            return
        self._save(dataclasses.replace(record, **{field: value}), _(spec.label))

    @property
    def _all_errors(self) -> dict[str, tuple[str, str]]:
        return self._errors | self.cost_shares.errors

    def _record(self, kind: str) -> Record | None:
        bundle = self.held.bundle
        if kind == "contact" and bundle.contact is None:
            return Contact(id=new_id(), customer_id=bundle.visit.customer_id)
        records: dict[str, Record | None] = {
            "visit": bundle.visit,
            "customer": bundle.customer,
            "contact": bundle.contact,
            "site": bundle.site,
            "payer": bundle.payer,
        }
        return records.get(kind)

    def set_share(self, cost_centre_id: str, text: str) -> None:
        """Say what share of the costs a cost centre bears, in percent; empty for none."""
        self.cost_shares.set_share(cost_centre_id, text)

    # --- consent --------------------------------------------------------------------------------

    def give_consent(self) -> None:
        """Record that the customer agreed to the computer being read."""
        self._consent(Consent.GIVEN)

    def refuse_consent(self) -> None:
        """Record that the customer does not want the computer read; work goes on without checks."""
        self._consent(Consent.REFUSED)

    def _consent(self, given: Consent) -> None:
        now = self.held.around.clock.now()
        changed: list[Record] = [dataclasses.replace(self.held.visit, consent=given, consent_at=now)]
        customer = self.held.bundle.customer
        if customer is not None:
            said = dataclasses.replace(customer, has_diagnostics_consent=given is Consent.GIVEN)
            changed.append(dated_consent(customer, said, now))
        self.held.save(*changed, word=_("consent"))

    # --- computers ------------------------------------------------------------------------------

    def choose_computer(self, asset_id: str) -> None:
        """Work on another computer of the visit."""
        self.held.asset_in_hand = asset_id
        self.held.changed()

    # --- confirming -----------------------------------------------------------------------------

    def confirm(self) -> None:
        """Confirm that all is right: the visit is on site from now on and the labour clock runs."""
        if self._all_errors or not self.state.may_confirm:
            self.refresh()
            return
        visit = self.held.visit
        if may_step(visit, WorkState.ON_SITE) and visit.work_state is not WorkState.WORK_DONE:
            arrived = self._arrived(visit)
            self.held.save(arrived, *self._first_shares(arrived))
            self.held.back.note(_("the arrival"))
            self.held.labour.start(helpers=arrived.helpers)
            self._remember_running()
        self._on_confirmed()

    def _arrived(self, visit: Visit) -> Visit:
        held, now = self.held, self.held.around.clock.now()
        zone = self._zone_of_place()
        offset = now.astimezone(zone).utcoffset()
        customer = held.bundle.customer
        on_site = step(visit, WorkState.ON_SITE, Facts())
        on_site = dataclasses.replace(
            on_site,
            arrived_at=visit.arrived_at or now,
            time_zone=str(getattr(zone, "key", "")) or visit.time_zone,
            utc_offset_minutes=int(offset.total_seconds() // 60) if offset else 0,
            technician=visit.technician or held.around.technician,
            technician_reach=visit.technician_reach or held.around.reach,
            provider=visit.provider or held.around.provider,
            payer_id=visit.payer_id or (customer.payer_id if customer else None),
        )
        held.take_along(*(p for p in held.known.payers if p.id == on_site.payer_id))
        if customer is not None and visit.consent is Consent.NOT_ASKED and customer.has_diagnostics_consent:
            on_site = dataclasses.replace(on_site, consent=Consent.GIVEN, consent_at=customer.consent_at)
        return with_agreement(held, on_site)

    def _zone_of_place(self) -> tzinfo:
        """Return the time zone of the customer's place; the device's own where nobody knows another one."""
        site = self.held.bundle.site
        if site is not None and site.time_zone:
            try:
                return ZoneInfo(site.time_zone)
            except (ZoneInfoNotFoundError, ValueError):
                pass  # a name of another system's list
        return self.held.around.clock.zone()

    def _first_shares(self, visit: Visit) -> list[Record]:
        """Return the shares a visit begins with: the contract's, else all of an internal customer's only centre."""
        bundle = self.held.bundle
        contract = next((c for c in self.held.known.contracts if c.id == visit.contract_id), bundle.contract)
        agreed = contract.default_shares if contract is not None else ()
        if agreed and not bundle.allocations:
            return [
                Allocation(
                    id=new_id(),
                    visit_id=self.held.visit_id,
                    cost_centre_id=share.cost_centre_id,
                    share_percent=share.share_percent,
                )
                for share in agreed
            ]
        is_internal = bundle.customer is not None and bundle.customer.engagement is Engagement.INTERNAL
        valid = valid_centres(dataclasses.replace(bundle, visit=visit))
        if not is_internal or bundle.allocations or len(valid) != 1:
            return []
        centre = valid[0].id
        whole = Decimal(100)
        return [
            Allocation(id=new_id(), visit_id=self.held.visit_id, cost_centre_id=centre, share_percent=whole)
        ]

    def _remember_running(self) -> None:
        store, visit_id = self.held.around.store, self.held.visit_id
        self.held.around.lanes.store(lambda: store.set_setting("visit.running", visit_id))

    def _save(self, record: Record, word: str) -> None:
        changed: list[Record] = [record]
        if isinstance(record, Contact) and self.held.visit.contact_id is None:
            changed.append(dataclasses.replace(self.held.visit, contact_id=record.id))
        self.held.save(*changed, word=word)

    # --- what is shown --------------------------------------------------------------------------

    def _state(self) -> NeedState:
        bundle, visit = self.held.bundle, self.held.visit
        customer, contact, site, payer = bundle.customer, bundle.contact, bundle.site, bundle.payer
        people = [c for c in bundle.people if c.is_there or c.id == visit.contact_id]
        place = ", ".join(
            p for p in ((site.street, f"{site.postal_code} {site.town}".strip()) if site else ()) if p
        )
        is_draft = visit.work_state in (WorkState.DRAFT, WorkState.SCHEDULED, WorkState.TRAVELLING)
        is_locked = visit.work_state in (WorkState.SUBMITTED, WorkState.CANCELLED)
        return NeedState(
            purpose=self._long_purpose or visit.purpose,
            may_keep_whole=bool(self._long_purpose),
            complaints=tuple(
                Choice(value=c, label=_(label), is_chosen=c is visit.complaint, icon=_COMPLAINT_ICONS[c])
                for c, label in COMPLAINT_LABELS.items()
            ),
            customer=customer.display_name if customer else "",
            customer_line=self._customer_line(),
            person=contact.name if contact else "",
            person_line=person_line(contact) if contact else "",
            people=tuple(
                Choice(value=c.id, label=c.name, is_chosen=c.id == visit.contact_id) for c in people
            ),
            site_line=" · ".join(dict.fromkeys(p for p in (_place_name(site, place), place) if p)),
            payer=payer.name if payer else (customer.display_name if customer else ""),
            payer_line=_("Somebody else pays") if payer else _("The customer pays"),
            payers=(
                Choice(value="", label=_("The customer"), is_chosen=payer is None),
                *(
                    Choice(value=p.id, label=p.name, is_chosen=p.id == visit.payer_id)
                    for p in self.held.known.payers
                ),
            ),
            shares=self.cost_shares.rows(),
            shares_line=self.cost_shares.line(),
            other_centres=self.cost_shares.others(),
            consent=self._consent_now().value,
            consent_sentence=consent_sentence(self._consent_now()),
            computers=computer_rows(self.held),
            proposals=self.held.computers.proposals,
            good_to_know=self._good_to_know(),
            form=None if is_locked else self._person_form(),
            errors=tuple((field, label, text) for field, (label, text) in self._all_errors.items()),
            is_locked=is_locked,
            may_confirm=not self._all_errors and customer is not None,
            confirm_label=_("Confirm and start") if is_draft else _("Continue: Check"),
        )

    def _consent_now(self) -> Consent:
        visit, customer = self.held.visit, self.held.bundle.customer
        if visit.consent is Consent.NOT_ASKED and customer is not None and customer.has_diagnostics_consent:
            return Consent.GIVEN
        return visit.consent

    def _customer_line(self) -> str:
        bundle = self.held.bundle
        customer, contract = bundle.customer, bundle.contract or agreed(self.held.known.contracts, bundle)
        if customer is None:
            return ""
        parts = [_(ENGAGEMENTS[customer.engagement])]
        if ended := why_not(contract, bundle):
            parts = [ended]
        elif customer.engagement is Engagement.CONTRACT and contract is not None and contract.ends_on:
            parts = [
                _(
                    "Contract {number} until {day}",
                    number=contract.number,
                    day=i18n.day(contract.ends_on, style="medium"),
                )
            ]
        return " · ".join([*parts, *([customer.number] if customer.number else [])])

    def _good_to_know(self) -> tuple[tuple[str, str], ...]:
        customer, contact, site = self.held.bundle.customer, self.held.bundle.contact, self.held.bundle.site
        found = [
            (_("Wishes"), customer.notes_for_visit if customer else ""),
            (_("How to get in"), site.access_notes if site else ""),
            (_("Reading and handling needs"), contact.accessibility_needs if contact else ""),
            (_("Would like to learn"), ", ".join(contact.features_wanted) if contact else ""),
        ]
        found += [
            (i18n.day(visit.arrived_at.date(), style="medium"), visit.purpose.splitlines()[0])
            for visit in self.held.known.earlier_visits[:2]
            if visit.arrived_at and visit.purpose
        ]
        return tuple((label, text) for label, text in found if text)


def _place_name(site: Site | None, address: str) -> str:
    """Return a place's name where it says more than its address."""
    name = site.name if site else ""
    return "" if name and name.casefold() in address.casefold() else name


def person_line(contact: Contact) -> str:
    """Return what matters about a person in one line: role, experience, how often."""
    parts = [contact.role]
    if contact.skill:
        parts.append(_(SKILLS[contact.skill]))
    parts.append(_("uses the computer: {how_often}", how_often=_(FREQUENCIES[contact.frequency]).lower()))
    return " · ".join(p for p in parts if p)


def complaint_in(words: str) -> Complaint | None:
    """Return the complaint a need names first, None when it names none; a hint only.

    What is slow or breaks is named within one part of a sentence: "slow internet" is about the internet.
    """
    for part in _PARTS.split(words.casefold()):
        named = next((c for c, hints in _HINTS if any(h in f"{part} " for h in hints)), None)
        if named is not None:
            return named
    return None


def consent_sentence(consent: Consent) -> str:
    """Return the consent to reading the computer in words."""
    match consent:
        case Consent.GIVEN:
            return _("Agreed: we may read how the computer is, its programs and settings.")
        case Consent.REFUSED:
            return _("Not wanted: the computer is not read; everything else works.")
    return _("May we read how the computer is: its parts, programs and settings? No letters, no pictures.")


def computer_rows(held: OpenVisit) -> tuple[ComputerRow, ...]:
    """Return the computers of the visit, in the order they were taken in."""
    rows = []
    for asset_id in held.visit.asset_ids:
        asset = held.bundle.asset(asset_id)
        if asset is not None:
            line = " · ".join(
                p for p in (f"{asset.maker} {asset.model}".strip(), asset.location_in_site) if p
            )
            rows.append(
                ComputerRow(
                    asset_id=asset.id,
                    name=asset.tag or asset.name,
                    line=line,
                    is_in_hand=asset.id == held.asset_in_hand,
                )
            )
    return tuple(rows)
