"""The visit's summary as blocks, for the customer, in one language, with a content hash.

`build` turns a bundle into a Document: plain values in reading order, no layout. What the customer
signs is the document's `content_hash`; pdf.py only lays it out. Page 1 answers, in this
order: is it fixed, what was done, how the computer is, what changed, what happens next, what it
costs, whom to call, and what the signature means. Later pages hold details and evidence.

Never here: notes for colleagues, other customers, the payer's address unless asked for, serials
beyond their last four characters, network addresses.
"""

from __future__ import annotations

from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import N_, _, ngettext
from techkit.records.activities import (
    Activity,
    InformationLookup,
    Maintenance,
    MaintenanceAction,
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
    Troubleshooting,
)
from techkit.records.agreements import why_not
from techkit.records.assets import LABOUR_KINDS, Asset, LabourKind
from techkit.records.budget import CostKind
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, charges, shares
from techkit.records.difference import Change
from techkit.records.findings import Verdict
from techkit.records.parties import SKILLS, Engagement
from techkit.records.purchases import total_minor
from techkit.records.schema import Audience, spec_of
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import OUTCOMES, Attachment, Outcome, offset
from techkit.records.wording import format_value, rows
from techkit.summary.blocks import Cost, Detail, Document, Fact, Line, Photo, Step
from techkit.summary.evidence import Evidence, comparison_sentence, plain

#: The words the signer reads beside the line. Part of the hashed content.
STATEMENT = N_(
    "I confirm that the visit took place and that this page was explained to me. "
    "This is not a bill. I may refuse to sign."
)


_OUTCOME_TONES = {
    Outcome.RESOLVED: "ok",
    Outcome.PARTLY: "watch",
    Outcome.NOT_RESOLVED: "act",
    Outcome.ADVICE_ONLY: "info",
}

_OUTCOME_SENTENCES = {
    Outcome.RESOLVED: N_("What you asked for is solved."),
    Outcome.PARTLY: N_("A part of what you asked for is solved; the rest is planned below."),
    Outcome.NOT_RESOLVED: N_("What you asked for is not solved yet; the next steps are below."),
    Outcome.ADVICE_ONLY: N_("You asked for advice; it is written down below."),
    Outcome.NO_ACCESS: N_("We could not get in, so no work was done."),
    Outcome.CANCELLED_BY_CUSTOMER: N_("The visit was called off."),
}

#: The same where the page has nothing below that the sentence could point to.
_BARE_OUTCOME_SENTENCES = {
    Outcome.PARTLY: N_("A part of what you asked for is solved; the rest is still open."),
    Outcome.NOT_RESOLVED: N_("What you asked for is not solved yet."),
    Outcome.ADVICE_ONLY: N_("You asked for advice."),
}


#: Letters of what is kept on one line; a longer one, as an address of mail and a number together, may break.
_MOST_ON_A_LINE = 30


def build(
    bundle: VisitBundle,
    *,
    language: str = "",
    paper: str = "",
    is_large: bool | None = None,
    shows_payer_address: bool = False,
    for_contact: str = "",
) -> Document:
    """Return the summary of a visit for its customer.

    language, paper and is_large default to the visit's and the customer's choice. for_contact: id
    of one person of a group training, whose own levels are shown; otherwise only the group's gain.
    """
    visit, customer, contact = bundle.visit, bundle.customer, bundle.contact
    tag = i18n.spoken(
        language
        or visit.paper_language
        or (contact.preferred_language if contact else "")
        or (customer.preferred_language if customer else "")
        or "en"
    )
    with i18n.language(tag):
        writer = _Writer(bundle, for_contact)
        return Document(
            language=tag,
            paper=paper or (customer.paper.value if customer else "A4"),
            is_large=_wants_large(bundle) if is_large is None else is_large,
            title=_("Summary of our visit"),
            number=visit.number,
            revision=visit.revision,
            replaces=(
                _("Replaces revision {n} of this page.", n=visit.revision - 1) if visit.revision > 1 else ""
            ),
            provider=visit.provider or _("Your technician"),
            provider_reach=_on_one_line(visit.technician_reach),
            facts=writer.facts(shows_payer_address),
            result=_(OUTCOMES[visit.outcome]) if visit.outcome else "",
            result_tone=_OUTCOME_TONES.get(visit.outcome, "info") if visit.outcome else "info",
            short=writer.short(),
            done=writer.done(),
            computers=writer.evidence.computers(writer.skill),
            ours=writer.steps(is_customers_own=False),
            yours=writer.steps(is_customers_own=True),
            advice=writer.advice(),
            costs=writer.costs(),
            total_label=(
                _("Total before tax, without what has no price yet")
                if any(line.is_unpriced for line in writer.charges.lines)
                else _("Total before tax")
            ),
            total=i18n.money(writer.charges.total_minor, writer.charges.currency),
            cost_notes=writer.cost_notes(),
            bought=writer.bought(),
            if_wrong=writer.if_wrong(),
            statement=_(STATEMENT),
            details=writer.details(),
            readings=writer.evidence.readings(writer.skill),
            data_note=writer.data_note(),
            words={
                key: _(word)
                for key, word in (_WORDS | (_PHOTO_WORDS if shown_photos(bundle) else {})).items()
            },
            photos=tuple(Photo(sha256=a.sha256, caption=a.caption) for a in shown_photos(bundle)),
            dated_on=writer.local(visit.left_at or visit.arrived_at).date().isoformat()
            if (visit.left_at or visit.arrived_at)
            else "",
        )


def shown_photos(bundle: VisitBundle) -> tuple[Attachment, ...]:
    """Return the photos that stand on the customer's page, in the order they were taken."""
    return tuple(
        a for a in bundle.attachments if a.is_shown_to_customer and a.has_preview and a.purpose == "photo"
    )


_WORDS = {
    "short": N_("In short"),
    "done": N_("What we did"),
    "state": N_("How your computer is"),
    "compared": N_("Before and after"),
    "check": N_("Check"),
    "before": N_("Before"),
    "after": N_("After"),
    "meaning": N_("What it means"),
    "next": N_("What happens next"),
    "ours": N_("We do"),
    "yours": N_("You do"),
    "advice": N_("Our advice"),
    "by": N_("By"),
    "what": N_("What"),
    "who": N_("Who"),
    "costs": N_("Cost of this visit"),
    "item": N_("Item"),
    "amount": N_("Amount"),
    "bought": N_("What you bought"),
    "wrong": N_("If something isn’t right"),
    "signature": N_("Signature"),
    "details": N_("Details of our work"),
    "readings": N_("Readings of the checks"),
    "reading": N_("Reading"),
    "value": N_("Value"),
    "limit": N_("Limit"),
    "verdict": N_("Verdict"),
    "data": N_("About the readings"),
    "page": N_("Page"),
    "of": N_("of"),
    "seal": N_("Scan to compare this page with our record"),
    "questions": N_("Questions?"),
    "sign_here": N_("Signature of the customer"),
    "computer": N_("Computer"),
}

#: Only on a page with photos: the words are part of what is signed.
_PHOTO_WORDS = {
    "photos": N_("Photos"),
    "photo": N_("Photo {n}"),
    "no_photo": N_("This photo is not on this device."),
}


def _on_one_line(number: str) -> str:
    """Return a telephone number, or another way to be reached, that a line does not break in two."""
    return number.replace(" ", i18n.NO_BREAK_SPACE) if len(number) <= _MOST_ON_A_LINE else number


def _wants_large(bundle: VisitBundle) -> bool:
    return bundle.visit.is_large_print or bool(bundle.customer and bundle.customer.has_large_print)


class _Writer:
    """Words one bundle's blocks in the language in force."""

    def __init__(self, bundle: VisitBundle, for_contact: str) -> None:
        self.bundle = bundle
        self.visit = bundle.visit
        self.for_contact = for_contact
        self.charges = charges(bundle)
        self.zone = zone_of(bundle)
        self.skill = bundle.contact.skill if bundle.contact else 0
        self.evidence = Evidence(bundle, self.local)

    def local(self, moment: datetime | None) -> datetime:
        """Return an instant on the customer's clock."""
        return (moment or datetime.fromtimestamp(0, tz=self.zone)).astimezone(self.zone)

    # --- head ---------------------------------------------------------------------------------

    def facts(self, shows_payer_address: bool) -> tuple[Fact, ...]:
        b, visit = self.bundle, self.visit
        name = b.contact.name if b.contact else ""
        customer = b.customer.display_name if b.customer else ""
        place = _address(b)
        who = [line for line in dict.fromkeys((name, customer, *place)) if line]
        found = [Fact(label=_("For"), lines=tuple(who))]
        if visit.arrived_at:
            begun = self.local(visit.arrived_at)
            times = i18n.clock(begun)
            if visit.left_at:
                ended = self.local(visit.left_at)
                times = (
                    _("{start} to {end}", start=times, end=i18n.clock(ended))
                    if ended.date() == begun.date()
                    else _(
                        "{start} to {end} on {day}",
                        start=times,
                        end=i18n.clock(ended),
                        day=i18n.day(ended.date(), style="long"),
                    )
                )
            found.append(Fact(label=_("Date"), lines=(i18n.day(begun.date(), style="full"), times)))
        along = tuple(_("with {name}", name=name) for name in visit.helpers)
        found.append(Fact(label=_("Technician"), lines=(visit.technician, *along)))
        if b.assets:
            found.append(
                Fact(
                    label=_("Computer") if len(b.assets) == 1 else _("Computers"),
                    lines=tuple(_computer_line(a) for a in b.assets),
                )
            )
        if b.payer and b.payer.name != customer:
            lines = [b.payer.name]
            if shows_payer_address:
                lines += b.payer.billing_address.splitlines()
            found.append(Fact(label=_("Paid by"), lines=tuple(lines)))
        return tuple(f for f in found if any(f.lines))

    def short(self) -> tuple[str, ...]:
        """Return at most three sentences: what came of it, what is better, what is open."""
        visit = self.visit
        if visit.summary_for_customer:
            return tuple(visit.summary_for_customer.splitlines()[:3])
        found = [visit.outcome_reason or self._outcome_sentence(visit.outcome)] if visit.outcome else []
        better = [c for c in self.evidence.comparisons() if c.change is Change.BETTER]
        if better:
            found.append(comparison_sentence(better[0]))
        still_open = [f for f in self.evidence.last_findings() if f.verdict is Verdict.ACT]
        if still_open:
            found.append(plain(still_open[0]))
        return tuple(found[:3])

    def _outcome_sentence(self, outcome: Outcome) -> str:
        """Return what came of the visit; it points below only to what stands there."""
        has_next = bool(
            self.steps(is_customers_own=False) or self.steps(is_customers_own=True) or self.advice()
        )
        has_below = bool(has_next or self.bundle.activities) if outcome is Outcome.ADVICE_ONLY else has_next
        sentences = _OUTCOME_SENTENCES if has_below else _OUTCOME_SENTENCES | _BARE_OUTCOME_SENTENCES
        return _(sentences[outcome])

    # --- what was done --------------------------------------------------------------------------

    def done(self) -> tuple[Line, ...]:
        return tuple(
            Line(
                icon=spec_of(a).icon,
                title=a.title or _(spec_of(a).title),
                text=a.note_customer or self._own_words(a),
                right=i18n.minutes(a.minutes) if a.minutes else "",
            )
            for a in self.bundle.activities
        )

    def _own_words(self, activity: Activity) -> str:
        """Return a sentence from the entry's own fields when no note was written."""
        if isinstance(activity, Troubleshooting):
            return " ".join(
                part if part.endswith((".", "!", "?")) else f"{part}."
                for part in (activity.cause, activity.resolution)
                if part
            )
        if isinstance(activity, InformationLookup):
            return activity.answer
        if isinstance(activity, Training):
            return self._training_words(activity)
        if isinstance(activity, NeedsAnalysis):
            return _needs_words(activity)
        if isinstance(activity, PurchaseAssistance):
            return _purchase_words(activity)
        return ""

    def _training_words(self, training: Training) -> str:
        present = [a for a in training.attendance if a.is_present]
        judged = [a for a in present if a.skill_before and a.skill_after]
        words = [", ".join(training.topics) + "."] if training.topics else []
        if len(training.attendance) > 1:
            words.append(
                _(
                    "{present} of {invited} took part.",
                    present=len(present),
                    invited=len(training.attendance),
                )
            )
            if in_part := sum(1 for a in present if a.missed):
                words.append(
                    ngettext(
                        "{n} of them was there for part of it.",
                        "{n} of them were there for part of it.",
                        in_part,
                    )
                )
            if len(judged) > 1:
                before = Decimal(sum(a.skill_before for a in judged)) / len(judged)
                after = Decimal(sum(a.skill_after for a in judged)) / len(judged)
                words.append(
                    _(
                        "The group’s mean skill went from {before} to {after} (of 5).",
                        before=i18n.number(before, 1),
                        after=i18n.number(after, 1),
                    )
                )
        return " ".join(words)

    # --- the computers ----------------------------------------------------------------------------

    # --- next -------------------------------------------------------------------------------------

    def steps(self, *, is_customers_own: bool) -> tuple[Step, ...]:
        """Return what we (or the customer) do next, soonest first."""
        found = [
            f
            for f in self.bundle.follow_ups
            if f.is_on_paper and f.state != "dropped" and f.is_customers_own is is_customers_own
        ]
        found.sort(key=lambda f: f.due_on or date.max)
        return tuple(
            Step(
                by=i18n.day(f.due_on, style="long") if f.due_on else _("No date yet"),
                text=_planned(f),
                who="" if is_customers_own else (f.owner or self.visit.technician),
            )
            for f in found
        )

    def advice(self) -> tuple[Step, ...]:
        return tuple(_advice(r) for r in self.bundle.recommendations)

    # --- money --------------------------------------------------------------------------------------

    def costs(self) -> tuple[Cost, ...]:
        found = [
            Cost(label=self._cost_label(line), amount=self._cost_amount(line)) for line in self.charges.lines
        ]
        found += [
            Cost(label=self._cost_label(line), amount=i18n.money(line.amount_minor, line.currency))
            for line in self.charges.foreign
        ]
        return tuple(found)

    def _cost_label(self, line: ChargeLine) -> str:
        if line.kind is CostKind.LABOUR:
            if line.is_out_of_hours:
                if line.labour != LabourKind.WORK.value:
                    return _(
                        "{kind} outside the agreed hours, {time}",
                        kind=_(LABOUR_KINDS[LabourKind(line.labour)]),
                        time=i18n.minutes(line.minutes),
                    )
                return _("Work outside the agreed hours, {time}", time=i18n.minutes(line.minutes))
            if line.labour == LabourKind.WORK.value:
                return _("Working time {time}", time=i18n.minutes(line.minutes))
            kind = _(LABOUR_KINDS[LabourKind(line.labour)])
            return _("{kind} {time}", kind=kind, time=i18n.minutes(line.minutes))
        if line.kind is CostKind.TRAVEL:
            if line.unit_price_minor:
                return _("Travel, {km}", km=i18n.quantity(line.quantity, "km", 1))
            return _("Travel")
        name = line.label
        if line.quantity != 1 and line.is_unpriced:
            name = _("{quantity} × {name}", quantity=i18n.exact(line.quantity), name=name)
        elif line.quantity != 1:
            name = _(
                "{count} × {name} at {price}",
                count=i18n.number(line.quantity, max(0, -int(line.quantity.as_tuple().exponent))),
                name=line.label,
                price=i18n.money(line.unit_price_minor, line.currency or self.charges.currency),
            )
        return _("Taken back: {name}", name=name) if line.is_returned else name

    def _cost_amount(self, line: ChargeLine) -> str:
        if line.is_covered and line.kind in (CostKind.LABOUR, CostKind.TRAVEL):
            return _("in your contract")
        if line.is_covered:
            return _("under guarantee")
        if line.is_unpriced:
            return _("price follows")
        return i18n.money(line.amount_minor, self.charges.currency)

    def cost_notes(self) -> tuple[str, ...]:
        b = self.bundle
        notes = []
        if b.customer and b.customer.engagement is Engagement.INTERNAL:
            try:
                notes += [
                    _(
                        "{amount} to cost centre {code}.",
                        amount=i18n.money(share.amount_minor, self.charges.currency),
                        code=share.centre.code,
                    )
                    for share in shares(b)
                ]
            except (
                InputError
            ) as error:  # the rules ask for it before anybody signs; the page is there all the same
                notes.append(error.title)
            return (*notes, _("This is not an invoice."))
        if any(line.kind is CostKind.LABOUR and line.amount_minor for line in self.charges.lines) and (
            ended := why_not(b.contract, b)
        ):
            notes.append(ended)
        if self.charges.foreign:
            notes.append(_("Amounts in another currency are not part of the total."))
        payer = b.payer.name if b.payer else ""
        if payer and b.customer and payer != b.customer.display_name:
            notes.append(_("The bill goes to {payer}.", payer=payer))
        notes.append(_("This is not an invoice."))
        return tuple(notes)

    def bought(self) -> tuple[str, ...]:
        """Return who helps with what was bought, and until when."""
        found = []
        for activity in self.bundle.activities:
            if isinstance(activity, PurchaseAssistance) and activity.expected_on:
                names = ", ".join(item.product for item in activity.items)
                if names:
                    found.append(
                        _(
                            "{names}: expected on {day}. We help you with it.",
                            names=names,
                            day=i18n.day(activity.expected_on),
                        )
                    )
        return tuple(found)

    def if_wrong(self) -> str:
        if self.visit.technician_reach:
            return _(
                "Please tell us: {reach}. Say the number {number}.",
                reach=_on_one_line(self.visit.technician_reach),
                number=self.visit.number,
            )
        return _("Please tell your technician. Say the number {number}.", number=self.visit.number)

    # --- later pages --------------------------------------------------------------------------------

    def details(self) -> tuple[Detail, ...]:
        found = []
        for activity in self.bundle.activities:
            pairs = self._pairs(activity)
            if pairs:
                found.append(Detail(title=activity.title or _(spec_of(activity).title), pairs=tuple(pairs)))
        return tuple(found)

    def _pairs(self, activity: Activity) -> list[tuple[str, str]]:
        spec = spec_of(activity)
        hidden = {_(spec.field(name).label) for name in ("title", "note_customer", "minutes")}
        names = {person.id: person.name for person in self.bundle.people}
        pairs = [(a, t) for a, t in rows(activity, Audience.CUSTOMER, names) if a not in hidden]
        if isinstance(activity, (NeedsAnalysis, PurchaseAssistance)) and activity.decision == "undecided":
            pairs = [p for p in pairs if p[0] != _(spec.field("decision").label)]
        if isinstance(activity, Training):
            pairs += self._own_levels(activity)
        if isinstance(activity, Maintenance) and activity.action is MaintenanceAction.REMOVED:
            pairs = [p for p in pairs if p[0] != _(spec.field("action").label)]
        return pairs

    def _own_levels(self, training: Training) -> list[tuple[str, str]]:
        """Return one person's own levels on their own page; nobody's on a group's page, or on somebody else's."""
        rows = training.attendance
        reader = self.for_contact or (self.bundle.visit.contact_id if len(rows) == 1 else "")
        own = [a for a in rows if a.contact_id == reader]
        return [
            (
                _("Your level before and after"),
                f"{_(SKILLS[a.skill_before])} → {_(SKILLS[a.skill_after])}",
            )
            for a in own
            if a.is_present and a.skill_before in SKILLS and a.skill_after in SKILLS and a.skill_after
        ]

    def data_note(self) -> str:
        if not self.bundle.whole_runs:
            return ""
        return _(
            "With your consent our checks read how the computer is: its parts, its programs and its "
            "settings. They read no letters, pictures or passwords. We keep the readings to compare "
            "them at the next visit. Tell us if you do not want that, and we erase them."
        )


def _needs_words(held: NeedsAnalysis) -> str:
    """Return the goals, what is recommended and how many ways were looked at."""
    words = []
    if held.goals:
        words.append(_("Your goals: {goals}.", goals=", ".join(held.goals)))
    if len(held.options) > 1:
        words.append(_("We compared {n} ways.", n=len(held.options)))
    if held.recommended:
        words.append(_("We recommend: {option}.", option=held.recommended.rstrip(".")))
    return " ".join(words)


def _purchase_words(held: PurchaseAssistance) -> str:
    """Return what it comes to, what was decided and when it is expected."""
    words = []
    total = total_minor(held.items)
    if total:
        words.append(_("Quoted together: {amount}.", amount=i18n.money(total, held.currency)))
    match held.decision:
        case "accepted" if held.po_reference:
            words.append(_("You decided yes; ordered as {number}.", number=held.po_reference))
        case "accepted":
            words.append(_("You decided yes."))
        case "declined":
            words.append(_("You decided no."))
        case "undecided" if held.items:
            words.append(_("You have not decided yet; nothing is ordered."))
    return " ".join(words)


def zone_of(bundle: VisitBundle) -> tzinfo:
    """Return the time zone of the visit's place: by name, else the offset it had on arrival."""
    name = (bundle.site.time_zone if bundle.site else "") or bundle.visit.time_zone
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass  # a zone of another system's list: the offset at capture is exact for this visit
    return timezone(offset(bundle.visit.utc_offset_minutes))


def _address(bundle: VisitBundle) -> tuple[str, ...]:
    site = bundle.site
    if site is None:
        return ()
    town = f"{site.postal_code} {site.town}".strip()
    return tuple(line for line in (site.street, town) if line)


def _computer_line(asset: Asset) -> str:
    parts = [asset.tag or asset.name, f"{asset.maker} {asset.model}".strip()]
    line = " · ".join(dict.fromkeys(p for p in parts if p))
    if len(asset.serial) > 4:
        tail = _("serial ends in {tail}", tail=asset.serial[-4:])
        line = f"{line} · {tail}"
    return line


def _planned(follow_up: FollowUp) -> str:
    if follow_up.cost_minor and follow_up.decision != "yes":
        amount = i18n.money(follow_up.cost_minor, follow_up.currency)
        if follow_up.approver:
            return _(
                "{text} (about {amount}; planned, if {approver} agrees)",
                text=follow_up.text,
                amount=amount,
                approver=follow_up.approver,
            )
        return _("{text} (about {amount}; planned, if you agree)", text=follow_up.text, amount=amount)
    return follow_up.text


def _advice(advice: Recommendation) -> Step:
    spec = spec_of(advice)
    decision = format_value(spec.field("state"), advice.state)
    urgency = format_value(spec.field("urgency"), advice.urgency)
    cost = ""
    if advice.cost_to_minor:
        cost = _(
            "Roughly {low} to {high}.",
            low=i18n.money(advice.cost_from_minor, advice.currency),
            high=i18n.money(advice.cost_to_minor, advice.currency),
        )
    text = " ".join(part for part in (advice.text, advice.why, cost) if part)
    return Step(by=urgency, text=text, who=_("Your decision: {word}", word=decision))
