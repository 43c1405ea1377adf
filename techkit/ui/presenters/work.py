"""Step Work: what the computer shows as drafts, what is recorded, and the form for everything else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.activities import (
    ACTIVITY_KINDS,
    MaintenanceAction,
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
)
from techkit.records.assets import Phase, Product, ProductKind, unit_words
from techkit.records.checklists import points
from techkit.records.entering import check
from techkit.records.parties import SKILLS
from techkit.records.purchases import decision_lines
from techkit.records.schema import Record, SyncClass, is_known, spec_for, spec_of
from techkit.records.training import training_needs
from techkit.records.typed import shown
from techkit.records.visit import Consent, WorkState
from techkit.records.work_states import SEALED
from techkit.ui.presenters import this_computer
from techkit.ui.presenters.attendance import AttendanceList, PersonRow, ways_of_judging
from techkit.ui.presenters.card_hints import CardHint, CardHints
from techkit.ui.presenters.catalogue import Catalogue
from techkit.ui.presenters.choices import NO_MONEY, Choice, FormState, MoneyState, Proposal
from techkit.ui.presenters.drafting import Drafting, DraftRow
from techkit.ui.presenters.entries import (
    EXAMPLES,
    EntryRow,
    coins,
    entries_line,
    entry_row,
    entry_title,
    offered,
)
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.long_texts import keep_whole
from techkit.ui.presenters.looking import Look, LookUnderWay, look
from techkit.ui.presenters.made_entries import made_of
from techkit.ui.presenters.money import money_state
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.planned import POINTS, Planned, PlanState
from techkit.ui.presenters.sheets import PrintPages
from techkit.ui.presenters.travel import Travel, TravelState
from techkit.ui.presenters.visit_part import VisitPart

#: Minutes offered as chips. Source: DESIGN chapter 4.4.
TIME_CHIPS = (5, 10, 15, 20, 30, 45)

#: How often the computer is looked at while Work is open, seconds. A quick check takes 2 s of it; more
#: often would be felt on a slow computer.
LOOK_EVERY_S = 120.0

#: Kinds behind "More".
MORE_KINDS = ("maintenance", "data_care", "expense")


@dataclass(frozen=True, kw_only=True)
class WorkStepState:
    """All that step Work shows.

    has_people: somebody takes part in what the form is about. attendee_typed, attendee_error: a name to be added to
    them, and what is wrong with it. ways: how a skill may be judged. gain_line: what the session brought so far. decision_lines: total, who
    may approve, what the budget says. cards: how-to cards for the complaint, or for the question asked.
    """

    is_looking: bool = False
    drafts_title: str = ""
    drafts: tuple[DraftRow, ...] = ()
    may_look: bool = False
    no_drafts_line: str = ""
    add_label: str = ""
    may_add: bool = False
    entries: tuple[EntryRow, ...] = ()
    entries_line: str = ""
    tiles: tuple[Choice, ...] = ()
    more_tiles: tuple[Choice, ...] = ()
    form: FormState | None = None
    time_chips: tuple[Choice, ...] = ()
    has_people: bool = False
    people: tuple[PersonRow, ...] = ()
    attendee_typed: str = ""
    attendee_error: str = ""
    skills: tuple[Choice, ...] = ()
    ways: tuple[Choice, ...] = ()
    gain_line: str = ""
    decision_lines: tuple[str, ...] = ()
    cards: tuple[CardHint, ...] = ()
    cards_title: str = ""
    notice: str = ""
    travel: TravelState | None = None
    suggestions: tuple[Proposal, ...] = ()
    money: MoneyState = NO_MONEY
    example: str = ""
    plan: PlanState | None = None
    may_become_template: bool = False


class Work(VisitPart[WorkStepState]):
    """Drafts first, entries below, one form at a time; everything shows in the money at once."""

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, WorkStepState())
        self.drafting = Drafting(held)
        self.drafting.changed.subscribe(self.refresh)
        self._planned = Planned(held)
        self.catalogue = Catalogue(held)
        self._under_way: LookUnderWay | None = None
        self._looked_steady = float("-inf")
        self._doubt = ""
        self._form: EntryForm | None = None
        self._minutes = 0
        self._opened_at: datetime | None = None
        self.attendance = AttendanceList(held)
        self._attendee_error = ""
        self.papers = ""
        self.travel = Travel(held)
        self.hints = CardHints(held)
        for box in (self.travel, self.hints):
            box.changed.subscribe(self.refresh)

    # --- what the computer shows ----------------------------------------------------------------

    def enter(self) -> None:
        """Look at the computer when the step is opened, so that drafts stand ready."""
        self.held.around.cards.want()
        before = self.held.bundle.snapshot(self.held.asset_in_hand, Phase.BEFORE)
        after = self.held.bundle.snapshot(self.held.asset_in_hand, Phase.AFTER)
        if before is not None and after is None:
            self.look_again()
        else:
            self.refresh()

    def look_if_due(self) -> None:
        """Look again by itself while the step is open, so that drafts stand ready when one comes back."""
        after = self.held.bundle.snapshot(self.held.asset_in_hand, Phase.AFTER)
        passed = self.held.around.clock.steady() - self._looked_steady
        is_at_work = self.held.visit.work_state is WorkState.ON_SITE
        if is_at_work and after is None and passed >= LOOK_EVERY_S:
            self.look_again()

    def _may_look(self) -> bool:
        """Return whether there is a computer to look at again, and something to compare it with."""
        visit, asset_id = self.held.visit, self.held.asset_in_hand
        if not asset_id or visit.consent is Consent.REFUSED or visit.work_state in SEALED:
            return False
        return self.held.bundle.snapshot(asset_id, Phase.BEFORE) is not None

    def look_again(self) -> None:
        """Look at the computer in hand for changes since the visit began."""
        if self._under_way is not None or not self._may_look():
            return
        self._looked_steady = self.held.around.clock.steady()
        self._under_way = LookUnderWay(asset_id=self.held.asset_in_hand, phase=Phase.OTHER)
        self.refresh()
        look(self.held, Phase.OTHER, "quick", done=self._looked, failed=self._not_looked, told=self.refresh)

    def _looked(self, found: Look) -> None:
        self._under_way = None
        asset = self.held.bundle.asset(found.run.asset_id)
        this = this_computer.of_readings(found.run.readings)
        self._doubt = this_computer.tells_apart(this, asset) if asset is not None else ""
        if self._doubt:
            self.refresh()  # another computer's programs are no changes of this one
        else:
            self.held.hold(found.run, found.snapshot)

    def _not_looked(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._under_way = None
        self.refresh()

    # --- the form -------------------------------------------------------------------------------

    def choose_kind(self, kind: str) -> None:
        """Open the form of one kind of work; what was typed into another form of it is kept."""
        form = self._new_form(kind)
        for name, text in self.held.typing.typed_in(f"work:{kind}:").get(f"work:{kind}:", {}).items():
            form.fill(name, text)
        self._open(form)

    def _open(self, form: EntryForm) -> None:
        if self._form is None or self._form.kind != form.kind:
            self._opened_at = self.held.labour.now()
        self._form = form
        self.catalogue.stand_beside(form)
        self._minutes = int(getattr(form.record, "minutes", 0) or 0)
        self.hints.notice = ""
        if form.kind == "training":
            self.attendance.open(form.record if isinstance(form.record, Training) else None)
        else:
            self.attendance.clear()
        self.refresh()

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        if self._form is not None:
            self._form.fill(name, text)
            self.held.typing.keep(self._place(), name, text)
            if name == "action" and text == MaintenanceAction.CHECKED:
                self._offer_checklist(self._form)
            self.refresh()

    def _offer_checklist(self, form: EntryForm) -> None:
        """Put the points of this kind of visit into an empty checklist; what is not looked at is not kept."""
        if form.record is not None or any(name.startswith("checklist.") for name in form.typed):
            return
        for place, point in enumerate(self.held.visit.points or points(self.held.visit.complaint)):
            form.fill(f"checklist.{place}.item", point)

    def do_planned(self, id: str) -> None:
        """Do what a row of the plan offers: open a form, go through the points, record a supply."""
        if id == POINTS:
            self.choose_kind("maintenance")
            self.fill("action", MaintenanceAction.CHECKED)
        elif id.isdecimal():
            self._planned.use_supply(int(id))
        elif is_known(id):
            self.choose_kind(id)

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet; called every second or two."""
        if self._form is not None:
            self._form.typed[name] = text
            self.held.typing.keep(self._place(), name, text)

    def _place(self) -> str:
        form = self._form
        return f"work:{form.kind}:{form.record.id if form.record else ''}" if form else ""

    def restore_typing(self) -> bool:
        """Open the form again that was being filled in when the program ended; return whether there was one."""
        for place, typed in self.held.typing.typed_in("work:").items():
            _work, kind, record_id = place.split(":", 2)
            record = self.held.record(Record, record_id)
            if not is_known(kind) or (record_id and record is None):
                continue
            self._open(self._new_form(kind, record))
            for name, text in typed.items():
                if self._form is not None:
                    self._form.fill(name, text)
            self.catalogue.refresh()
            self.refresh()
            return True
        return False

    def choose_minutes(self, value: str) -> None:
        """Say how long the entry took; the same again takes it back."""
        minutes = int(value[:9]) if value.isdecimal() else 0
        self._minutes = 0 if minutes == self._minutes else minutes
        self.refresh()

    def choose_product(self, product_id: str) -> None:
        """Fill the form of a supply from the catalogue; "" writes in the name that was typed there."""
        form = self._form
        if form is None or form.kind != "supply_use":
            return
        product = self.catalogue.get(product_id)
        if product is not None:
            self._fill_from(product, form)
        elif not product_id and self.catalogue.name_typed:
            if form.typed.get("product_id"):  # what came with the product goes with it
                for name in ("product_id", "unit_price_minor", "is_part"):
                    form.fill(name, "")
                form.fill("unit", unit_words("piece"))
            form.fill("name", self.catalogue.name_typed)
        else:
            return
        self.catalogue.type("")
        for name in ("product_id", "name", "unit", "unit_price_minor", "is_part"):
            if name in form.typed:
                self.held.typing.keep(self._place(), name, form.typed[name])
        self.refresh()

    def _fill_from(self, product: Product, form: EntryForm) -> None:
        form.fill("product_id", product.id)
        form.fill("name", product.name)
        form.fill("unit", shown(form.spec.field("unit"), product.unit, form.currency))
        form.fill("is_part", "yes" if product.kind is ProductKind.PART else "")
        spec, currency = form.spec.field("unit_price_minor"), form.currency
        if product.currency == currency:
            form.fill("unit_price_minor", shown(spec, product.price_minor, currency))
            return
        form.fill("unit_price_minor", "")
        form.errors["unit_price_minor"] = _(
            "The catalogue says {price}; this visit is reckoned in {currency}. Please write the price in {currency}.",
            price=i18n.money(product.price_minor, product.currency),
            currency=currency,
        )

    def keep_whole_text(self) -> None:
        """Keep a text that is too long for its field as a file of the visit; its beginning stays in the field."""
        if self._form is not None:
            keep_whole(self.held, self._form, self._place(), self.refresh)

    def add_row(self, name: str) -> None:
        """Begin another row of a list inside the form: an option, an item, a source."""
        if self._form is not None:
            self._form.add_row(name)
            self._keep_rows(name)
            self.refresh()

    def remove_row(self, name: str, place: int) -> None:
        """Take a row out of a list inside the form."""
        if self._form is not None:
            self._form.remove_row(name, place)
            self._keep_rows(name)
            self.refresh()

    def _keep_rows(self, name: str) -> None:
        form = self._form
        for key, text in form.typed.items() if form else ():
            if key.startswith(f"{name}."):
                self.held.typing.keep(self._place(), key, text)

    def add_source(self, title: str, address: str = "", checked_on: date | None = None) -> None:
        """Note where an answer was found, with today's date unless another is given."""
        form = self._form
        if form is None or form.kind != "information_lookup":
            return
        rows = form.state(add_label="", today=self.held.today).lists[0].rows
        empty = next((r.place for r in rows if not any(f.text for f in r.fields)), None)
        if empty is None:
            form.add_row("sources")
            empty = form.state(add_label="", today=self.held.today).lists[0].rows[-1].place
        day = checked_on or self.held.today
        for field, text in (("title", title), ("address", address), ("checked_on", day.isoformat())):
            form.fill(f"sources.{empty}.{field}", text)
        self._keep_rows("sources")
        self.refresh()

    def take_card(self, card_id: str) -> None:
        """Answer the question of the open lookup with a how-to card, and name it as its source."""
        form, card = self._form, self.held.around.cards.get(card_id)
        if form is None or form.kind != "information_lookup" or card is None:
            return
        for name, text in (("question", form.typed.get("question") or card.title), ("answer", card.customer)):
            form.fill(name, text)
            self.held.typing.keep(self._place(), name, text)
        self.add_source(_("How-to card “{title}”", title=card.title), checked_on=card.written_on)

    def _new_form(self, kind: str, record: Record | None = None) -> EntryForm:
        bundle = self.held.bundle
        references = offered(bundle) | (coins(bundle) if kind == "expense" else {})
        return EntryForm(kind, record=record, currency=bundle.visit.currency, references=references)

    def close_form(self) -> None:
        """Close the form without an entry."""
        self.held.typing.forget(self._place())
        self._form = None
        self.catalogue.stand_beside(None)
        self.refresh()

    def add_entry(self) -> None:
        """Make an entry of the form, or change the one it was opened for."""
        form = self._form
        if form is None:
            return
        try:
            records = made_of(
                form,
                form.values(),
                self.held,
                minutes=self._minutes,
                opened_at=self._opened_at,
                attendance=self.attendance,
            )
            check(records[0])
        except InputError as error:
            form.refuse(error)
            self.refresh()
            return
        place, minutes = self._place(), self._minutes

        def entered() -> None:
            self.held.typing.forget(place)

        def give_back() -> None:
            self._open(form)
            self._minutes = minutes
            if isinstance(records[0], Training):
                self.attendance.open(records[0])
            self.refresh()

        is_waiting = self.held.is_sealed
        if not is_waiting:
            entered()
        self._form = None
        self.catalogue.stand_beside(None)
        self.held.save(
            *records,
            word=_("the entry “{title}”", title=entry_title(records[0])),
            done=entered if is_waiting else None,
            give_back=give_back,
        )
        self.refresh()

    def edit(self, id: str) -> None:
        """Open an entry's form again."""
        record = self.held.record(Record, id)
        if record is not None:
            self._open(self._new_form(spec_of(record).kind, record))

    def remove(self, id: str) -> None:
        """Take an entry out; undo brings it back during the whole visit."""
        record = self.held.record(Record, id)
        if record is not None and spec_of(record).sync is SyncClass.TECHNICIAN:
            self.held.remove(record, word=_("“{title}” taken out", title=entry_title(record)))

    # --- training -------------------------------------------------------------------------------

    def say_attended(self, contact_id: str, status: str) -> None:
        """Say whether a person took part: "present", "late", "early", "absent", or "" for not invited."""
        self.attendance.say(contact_id, status)
        self.refresh()

    def add_attendee(self, name: str) -> None:
        """Add somebody who took part by name; what is wrong with the name is said beside it."""
        self._attendee_error = ""
        try:
            self.attendance.add(name)
        except InputError as error:
            self._attendee_error = error.sentences()
        self._say_group()
        self.refresh()

    def all_present(self) -> None:
        """Say that everybody took part who is not marked absent."""
        self.attendance.all_present()
        self._say_group()
        self.refresh()

    def judge(self, contact_id: str, what: str, value: int) -> None:
        """Note a person's skill "before" or "after", or their "feedback", 0 to 5."""
        self.attendance.judge(contact_id, what, value)
        self.refresh()

    def was_there(self, contact_id: str, minutes: int) -> None:
        """Say how long somebody who came late or left early was there."""
        self.attendance.was_there(contact_id, minutes)
        self.refresh()

    def judge_by(self, contact_id: str, how: str) -> None:
        """Say how a person's skill was judged."""
        self.attendance.judge_by(contact_id, how)
        self.refresh()

    def add_suggestion(self, id: str) -> None:
        """Take a suggested topic and its people into the training's form."""
        if self._form is None or self._form.kind != "training":
            self.choose_kind("training")
        assert self._form is not None  # noqa: S101 - just opened
        topics = [t for t in self._form.typed.get("topics", "").splitlines() if t]
        if id not in topics:
            topics.append(id)
        self._form.fill("topics", "\n".join(topics))
        for need in training_needs(self.held.bundle.people, self.held.known.software):
            if need.topic == id:
                self.attendance.invite(need.contact_id)
        self._say_group()
        self.refresh()

    def _say_group(self) -> None:
        if self._form is not None and len(self.attendance.rows) > 1:
            self._form.fill("method", "group")

    def print_own_page(
        self,
        contact_id: str,
        path: str,
        print_pages: PrintPages | None,
        done: Callable[[], object],
        failed: Callable[[str], object],
    ) -> None:
        """Print one person's own page of the session whose form is open, or keep it as a file."""
        saved = self._form.record if self._form else None
        if isinstance(saved, Training):
            self.attendance.print_own_page(saved, contact_id, path, print_pages, done, failed)

    # --- what is shown --------------------------------------------------------------------------

    def _state(self) -> WorkStepState:
        bundle, form = self.held.bundle, self._form
        rows = self.drafting.rows()
        before = bundle.snapshot(self.held.asset_in_hand, Phase.BEFORE)
        zone = self.held.zone
        since = i18n.clock(before.taken_at, zone) if before and before.taken_at else ""
        kind = form.kind if form else ""
        return WorkStepState(
            is_looking=self._under_way is not None,
            drafts_title=_("Seen on this computer since {time}", time=since)
            if since
            else _("Seen on this computer"),
            drafts=rows,
            may_look=self._may_look(),
            no_drafts_line=self._no_drafts_line(rows, before is not None),
            add_label=self.drafting.add_label(),
            may_add=any(r.is_ticked for r in rows),
            entries=tuple(
                entry_row(r, bundle) for r in (*bundle.activities, *bundle.supplies, *bundle.expenses)
            ),
            entries_line=entries_line(bundle),
            tiles=tuple(
                Choice(value=k, label=_(spec_for(k).title), icon=spec_for(k).icon, is_chosen=k == kind)
                for k in ACTIVITY_KINDS
                if k not in MORE_KINDS
            ),
            more_tiles=tuple(
                Choice(value=k, label=_(spec_for(k).title), icon=spec_for(k).icon, is_chosen=k == kind)
                for k in MORE_KINDS
            ),
            form=form.state(
                add_label=_("Save entry") if form.record else _("Add entry"), today=self.held.today
            )
            if form
            else None,
            time_chips=tuple(
                Choice(value=str(n), label=str(n), is_chosen=n == self._minutes) for n in self._chips(form)
            ),
            has_people=kind == "training",
            people=self.attendance.shown(_training(form)) if kind == "training" else (),
            attendee_typed=self.attendance.typed,
            attendee_error=self._attendee_error,
            ways=ways_of_judging() if kind == "training" else (),
            gain_line=self.attendance.gain_line(self._minutes) if kind == "training" else "",
            decision_lines=self._decision_lines(),
            cards=self.hints.offered(form),
            cards_title=_("Cards that may answer this")
            if kind == "information_lookup"
            else _("How-to cards"),
            notice=self.hints.notice,
            travel=self.travel.state(),
            skills=tuple(Choice(value=str(n), label=_(word)) for n, word in SKILLS.items()),
            suggestions=self.attendance.suggestions(),
            money=money_state(self.held.labour.by_now, self.held.known.unbooked.amounts),
            example=_(EXAMPLES.get(kind or "install", "")) if not bundle.activities else "",
            plan=self._planned.state(),
            may_become_template=self.held.visit.work_state in (WorkState.WORK_DONE, *SEALED)
            and bool(bundle.activities or bundle.supplies),
        )

    def _chips(self, form: EntryForm | None) -> tuple[int, ...]:
        """Return the minutes offered; none for what takes no time, such as a supply."""
        if form is not None and all(f.name != "minutes" for f in form.spec.fields):
            return ()
        if self._minutes and self._minutes not in TIME_CHIPS:
            return (*TIME_CHIPS, self._minutes)
        return TIME_CHIPS

    def _name_in_hand(self) -> str:
        asset = self.held.asset
        return (asset.tag or asset.name) if asset is not None else ""

    def _no_drafts_line(self, rows: tuple[DraftRow, ...], was_read: bool) -> str:
        if rows:
            return ""
        if self._under_way is not None:
            return _("Looking for changes on this computer")
        if self._doubt:
            return _(
                "Not compared: this is another computer than {name}. {why}",
                name=self._name_in_hand(),
                why=self._doubt,
            )
        if not self.held.asset_in_hand:
            return _("No computer belongs to this visit: there is nothing to compare.")
        if not was_read:
            return _("Nothing to compare with: the computer was not checked before the work.")
        return _("Nothing changed on this computer since the check.")

    def _decision_lines(self) -> tuple[str, ...]:
        """Return what stands behind a decision: the sum, quotes that ran out, who may approve, the budget."""
        form = self._form
        if form is None or form.kind not in ("needs_analysis", "purchase_assistance"):
            return ()
        try:
            values = form.values()
        except InputError:
            return ()
        blank = form.spec.cls(id="", currency=self.held.visit.currency)  # type: ignore[call-arg]  # both kinds have it
        held = dataclasses.replace(form.record or blank, **values)
        assert isinstance(held, (NeedsAnalysis, PurchaseAssistance))  # noqa: S101 - asked above
        return decision_lines(
            held, self.held.bundle, self.held.today, unbooked=self.held.known.unbooked.amounts
        )


def _training(form: EntryForm | None) -> Training | None:
    record = form.record if form else None
    return record if isinstance(record, Training) else None
