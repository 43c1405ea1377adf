"""A customer's page: who they are, how they do with us and why, money, people, computers, promises, what comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records.activities import Training
from techkit.records.assets import (
    CONTRACT_KINDS,
    Asset,
    Contract,
    ContractKind,
    DiagnosticRun,
    Lifecycle,
    RateCard,
)
from techkit.records.budget import Budget, CostCentre
from techkit.records.bundle import whole
from techkit.records.findings import Finding, Verdict
from techkit.records.health import LOW_RATING, Health, Known, health, is_answered, rating_key
from techkit.records.identity import new_id
from techkit.records.parties import (
    CUSTOMER_KINDS,
    CUSTOMER_STATUSES,
    ENGAGEMENTS,
    ENVIRONMENTS,
    FREQUENCIES,
    RELATIONSHIPS,
    SKILLS,
    Contact,
    Customer,
    CustomerKind,
    CustomerStatus,
    Payer,
    Site,
    UserSoftware,
)
from techkit.records.same import Twin, same_contacts, same_customers, words
from techkit.records.schema import Record, spec_of
from techkit.records.success import Department, FollowUp, FollowUpReason, Recommendation, TouchPoint
from techkit.records.training import TrainingNeed, training_needs
from techkit.records.visit import Case, Satisfaction, Visit
from techkit.ui.presenters import twins
from techkit.ui.presenters.budgets import BudgetLine, budget_lines
from techkit.ui.presenters.choices import Choice, FormState, Proposal
from techkit.ui.presenters.list_kinds import due_text
from techkit.ui.presenters.lists import When
from techkit.ui.presenters.record_page import Line, RecordPage, Undo, visit_line, when_key
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Rows of a section at most; the lists show all.
MOST_VISITS, MOST_COMPUTERS, MOST_ROWS = 8, 12, 30

#: Runs read of a computer for what it is like now: the newest, with what was added to it later.
_NEWEST_RUNS = 4

#: What ends within so many days is seen early.
AHEAD_DAYS = 60

#: Days until a planned word with the customer, and until a training.
_WORD_DAYS, _TRAINING_DAYS = 2, 14

_DECISIONS = (("accepted", N_("Yes")), ("declined", N_("No")), ("deferred", N_("Later")))


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
class Task:
    """Something that could be planned: key names it, action is what the button says, is_planned once it is."""

    key: str
    title: str
    line: str
    icon: str
    tone: str = ""
    action: str = ""
    is_planned: bool = False


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One recommendation with its evidence and the customer's decision."""

    id: str
    text: str
    why: str
    line: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class CustomerState:
    """All a customer's page shows; is_gone: not here, or not to be shown on this computer."""

    is_loading: bool = True
    is_gone: bool = False
    title: str = ""
    line: str = ""
    icon: str = "buildings"
    tags: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    note: str = ""
    health: Health | None = None
    open_part: str = ""
    private_line: str = ""
    budgets: tuple[BudgetLine, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    people: tuple[Person, ...] = ()
    sites: tuple[Line, ...] = ()
    computers: tuple[Line, ...] = ()
    computers_line: str = ""
    visits: tuple[Line, ...] = ()
    visits_line: str = ""
    promises: tuple[Line, ...] = ()
    advice: tuple[Advice, ...] = ()
    ahead: tuple[Task, ...] = ()
    needs: tuple[Task, ...] = ()
    ratings: tuple[Task, ...] = ()
    touches: tuple[Line, ...] = ()
    twins: tuple[Proposal, ...] = ()
    form: FormState | None = None
    is_closed: bool = False
    error: str = ""
    undo_line: str = ""


@dataclass(frozen=True, kw_only=True)
class _Found:
    customer: Customer
    payer: Payer | None
    sites: tuple[Site, ...]
    people: tuple[Contact, ...]
    software: tuple[UserSoftware, ...]
    assets: tuple[Asset, ...]
    visits: tuple[Visit, ...]
    follow_ups: tuple[FollowUp, ...]
    advice: tuple[Recommendation, ...]
    ratings: tuple[Satisfaction, ...]
    touches: tuple[TouchPoint, ...]
    contracts: tuple[Contract, ...]
    rate_cards: dict[str, RateCard]
    budgets: tuple[BudgetLine, ...]
    health: Health
    ends: dict[str, Finding]
    twins: tuple[Twin, ...]
    people_twins: dict[str, tuple[Twin, ...]]


class CustomerPlace(RecordPage[_Found, CustomerState]):
    """The page of one customer. The on_… functions open other pages by id."""

    def __init__(
        self,
        surroundings: Surroundings,
        sight: Sight,
        customer_id: str,
        *,
        on_visit: Callable[[str], object],
        on_computer: Callable[[str], object],
        on_customer: Callable[[str], object],
        on_list: Callable[[str, str, str], object],
        on_new: Callable[[str], object],
    ) -> None:
        super().__init__(surroundings, sight, _WATCHED)
        self.customer_id = customer_id
        self._on_visit, self._on_computer, self._on_customer = on_visit, on_computer, on_customer
        self._on_list, self._on_new = on_list, on_new
        self._open_part = ""
        self.state = CustomerState()
        self.refresh()

    # --- what the technician does

    def edit(self) -> None:
        """Open the form of the customer."""
        if self._found is not None:
            self._editor.open(self._found.customer)

    def edit_payer(self) -> None:
        """Open the form of who pays; without one a new one is begun."""
        if self._found is None:
            return
        held = self._found.payer
        self._editor.open(held or Payer(id=new_id(), customer_id=self.customer_id), is_new=held is None)

    def edit_person(self, contact_id: str) -> None:
        """Open the form of a person; "" begins a new one."""
        held = next((c for c in self._found.people if c.id == contact_id), None) if self._found else None
        self._editor.open(held or Contact(id=new_id(), customer_id=self.customer_id), is_new=held is None)

    def edit_site(self, site_id: str) -> None:
        """Open the form of a place; "" begins a new one."""
        held = next((s for s in self._found.sites if s.id == site_id), None) if self._found else None
        self._editor.open(held or Site(id=new_id(), customer_id=self.customer_id), is_new=held is None)

    def edit_program(self, contact_id: str, software_id: str) -> None:
        """Open the form of a program a person uses; "" begins a new one."""
        held = next((s for s in self._found.software if s.id == software_id), None) if self._found else None
        self._editor.open(held or UserSoftware(id=new_id(), contact_id=contact_id), is_new=held is None)

    def note_contact(self) -> None:
        """Open the form of a call, mail or meeting outside a visit; its moment is now."""
        now = self._world.clock.now()
        self._editor.open(TouchPoint(id=new_id(), customer_id=self.customer_id, at=now), is_new=True)

    def begin_visit(self) -> None:
        """Begin a visit for this customer."""
        if self._found is not None:
            self._on_new(self._found.customer.id)

    def toggle_part(self, key: str) -> None:
        """Show the rows behind a part of the health view, or put them away."""
        self._open_part = "" if self._open_part == key else key
        self._show()

    def open_row(self, kind: str, record_id: str) -> None:
        """Open what a row behind the health view stands for."""
        if kind == "visit":
            self._on_visit(record_id)
        elif kind == "asset":
            self._on_computer(record_id)
        elif kind == "follow_up":
            self.show_list("follow_ups")

    def archive(self) -> None:
        """Close the customer, or serve it again; nothing of it goes."""
        if self._found is None:
            return
        customer = self._found.customer
        is_closed = customer.status is CustomerStatus.CLOSED
        after = dataclasses.replace(
            customer, status=CustomerStatus.ACTIVE if is_closed else CustomerStatus.CLOSED
        )
        name = customer.display_name[:60]
        line = _("“{name}” is served again.", name=name) if is_closed else _("“{name}” is closed.", name=name)
        self._write(line, [after], [customer])

    def leave(self, contact_id: str) -> None:
        """Say that a person is not there any more, or is again."""
        held = next((c for c in self._found.people if c.id == contact_id), None) if self._found else None
        if held is not None:
            after = dataclasses.replace(held, is_former=not held.is_former)
            self._write(_("“{name}” is changed.", name=held.name[:60]), [after], [held])

    def merge(self, other_id: str) -> None:
        """Say that another customer is this same one; this one stays."""
        if self._found is not None:
            self._merge(self._found.customer, other_id, self._found.customer.display_name)

    def merge_person(self, contact_id: str, other_id: str) -> None:
        """Say that two people are one; the first one stays."""
        held = next((c for c in self._found.people if c.id == contact_id), None) if self._found else None
        if held is not None:
            self._merge(held, other_id, held.name)

    def decide(self, advice_id: str, word: str) -> None:
        """Keep what the customer decided about advice; the same word again takes it back."""
        held = next((a for a in self._found.advice if a.id == advice_id), None) if self._found else None
        if held is None:
            return
        state = "open" if held.state == word else word
        until = self._world.today + timedelta(days=90) if state == "deferred" else None
        after = dataclasses.replace(held, state=state, deferred_until=until)
        self._write(_("The answer to “{text}” is kept.", text=held.text[:60]), [after], [held])

    def plan(self, key: str) -> None:
        """Promise what is seen early, what somebody wants to learn, or a word about a low answer."""
        made = self._planned(key)
        if made is not None:
            self._write(_("“{text}” is promised.", text=made.text[:60]), [made], [], made)

    def open_visit(self, visit_id: str) -> None:
        """Open a visit."""
        self._on_visit(visit_id)

    def open_computer(self, asset_id: str) -> None:
        """Open a computer's page."""
        self._on_computer(asset_id)

    def open_other(self, customer_id: str) -> None:
        """Open another customer's page."""
        self._on_customer(customer_id)

    def show_list(self, name: str) -> None:
        """Show a list with this customer's rows only."""
        if self._found is not None:
            self._on_list(name, self._found.customer.id, self._found.customer.display_name)

    # --- writing

    def _merge(self, keep: twins.T, other_id: str, name: str) -> None:
        store, actor = self._world.store, self._world.technician
        undo = Undo(_("Both records of “{name}” are one now.", name=name[:60]))

        def work() -> None:
            undo.before = twins.merge(store, keep, other_id, actor)

        self._do(work, undo)

    def _write(
        self, line: str, after: list[Record], before: list[Record], made: Record | None = None
    ) -> None:
        store, actor = self._world.store, self._world.technician
        self._do(lambda: store.save(*after, actor=actor), Undo(line, before, made))

    def _saved(self, record: Record, before: Record | None) -> None:
        name = str(
            getattr(record, "name", "")
            or getattr(record, "display_name", "")
            or getattr(record, "product", "")
            or _(spec_of(record).title)
        )
        if isinstance(record, Payer) and before is None and self._found is not None:
            # A payer belongs to a customer that names it.
            customer = self._found.customer
            named = dataclasses.replace(customer, payer_id=record.id)
            self._write(_("“{name}” is kept.", name=name[:60]), [named], [customer], record)
            return
        line = _("“{name}” is changed.", name=name[:60]) if before else _("“{name}” is kept.", name=name[:60])
        self._done(Undo(line, [before] if before else [], None if before else record))

    def _planned(self, key: str) -> FollowUp | None:
        found = self._found
        task = next(
            (t for t in (*self.state.ahead, *self.state.needs, *self.state.ratings) if t.key == key), None
        )
        if found is None or task is None or task.is_planned:
            return None
        kind, _mark, rest = key.partition(":")
        reasons = {
            "renewal": FollowUpReason.CONTRACT_RENEWAL,
            "rating": FollowUpReason.LOW_RATING,
            "need": FollowUpReason.TRAINING_CATCH_UP,
        }
        days = _TRAINING_DAYS if kind in ("need", "guarantee", "ends") else _WORD_DAYS
        return FollowUp(
            id=new_id(),
            customer_id=found.customer.id,
            contact_id=rest.partition(":")[0] if kind == "need" else None,
            asset_id=rest.partition(":")[0] if kind in ("guarantee", "ends") else None,
            text=_(_PROMISES[kind], what=task.title),
            reason=reasons.get(kind, FollowUpReason.END_OF_LIFE),
            reason_text=task.line[:400],
            department=Department.SERVICE if kind in ("guarantee", "ends") else Department.SUCCESS,
            due_on=self._world.today + timedelta(days=days),
            owner=self._world.technician,
            created_from=key,
            is_on_paper=False,
        )

    # --- reading

    def _read(self) -> _Found | None:
        store, today = self._world.store, self._world.today
        customer = twins.kept(store, Customer, self.customer_id)
        if customer is None or not self._sight.may_see(customer.id):
            return None
        ids = twins.family(store, Customer, customer.id)

        def own(cls: type[Any]) -> tuple[Any, ...]:
            return tuple(store.find(cls, customer_id=ids))

        visits = own(Visit)
        visit_ids = tuple(v.id for v in visits)
        assets = tuple(a for a in own(Asset) if not a.merged_into)
        people = tuple(c for c in own(Contact) if not c.merged_into)
        software = tuple(store.find(UserSoftware, contact_id=tuple(c.id for c in people))) if people else ()
        follow_ups, contracts = own(FollowUp), own(Contract)
        ratings = tuple(store.find(Satisfaction, visit_id=visit_ids)) if visit_ids else ()
        trainings = tuple(store.find(Training, visit_id=visit_ids)) if visit_ids else ()
        ends = self._ends_of_life(assets)
        known = Known(
            cases=own(Case),
            visits=visits,
            ratings=ratings,
            follow_ups=follow_ups,
            assets=assets,
            end_of_life=ends,
            trainings=trainings,
            contracts=contracts,
        )
        return _Found(
            customer=customer,
            payer=store.get(Payer, customer.payer_id),
            sites=tuple(s for s in own(Site) if not s.merged_into),
            people=people,
            software=software,
            assets=assets,
            visits=tuple(sorted(visits, key=when_key, reverse=True)),
            follow_ups=follow_ups,
            advice=own(Recommendation),
            ratings=ratings,
            touches=own(TouchPoint),
            contracts=contracts,
            rate_cards={c.id: c for c in store.find(RateCard)},
            budgets=budget_lines(own(Budget), {c.id: c for c in own(CostCentre)}, {}, today),
            health=health(known, today),
            ends=ends,
            twins=self._twins(customer),
            people_twins={c.id: same_contacts(c, people) for c in people},
        )

    def _ends_of_life(self, assets: tuple[Asset, ...]) -> dict[str, Finding]:
        """Return what the last check of each computer in use said of its system."""
        found = {}
        for asset in assets:
            if asset.lifecycle is not Lifecycle.IN_USE:
                continue
            ids = twins.family(self._world.store, Asset, asset.id)
            runs = self._world.store.find(
                DiagnosticRun, asset_id=ids, order_by="started_at", descending=True, limit=_NEWEST_RUNS
            )
            for finding in next((run.findings for run in whole(runs)), ()):
                if finding.check == "os_end_of_life" and finding.verdict is not Verdict.NOT_APPLICABLE:
                    found[asset.id] = finding
        return found

    def _twins(self, customer: Customer) -> tuple[Twin, ...]:
        """Return customers that may be this one; looked for by the words of the name, never among all."""
        if not self._sight.sees_all:
            return ()
        store = self._world.store
        longest = sorted(words(customer.display_name), key=len)[-2:]
        near = {c.id: c for word in longest for c in store.search(word, [Customer], limit=40)}
        for contact in store.find(Contact, customer_id=customer.id):
            for text in (contact.email, *contact.phones[:2]):
                for held in store.search(text, [Contact], limit=10) if text.strip() else ():
                    owner = store.get(Customer, getattr(held, "customer_id", ""))
                    if owner is not None:
                        near[owner.id] = owner
        others = [
            c for c in near.values() if isinstance(c, Customer) and c.id != customer.id and not c.merged_into
        ]
        if not others:
            return ()
        both = (customer.id, *(c.id for c in others))
        return same_customers(
            customer, others, store.find(Contact, customer_id=both), store.find(Site, customer_id=both)
        )

    # --- showing

    def _settle(self, found: _Found) -> None:
        self.customer_id = found.customer.id

    def _state(self, found: _Found | None) -> CustomerState:
        if found is None:
            return CustomerState(is_loading=not self._is_read, is_gone=self._is_read, error=self._error)
        customer, sees_all = found.customer, self._sight.sees_all
        taken = {f.created_from for f in found.follow_ups if f.state != "dropped"}
        in_use = [a for a in found.assets if a.lifecycle is not Lifecycle.RETIRED]
        return CustomerState(
            is_loading=False,
            title=customer.display_name[:200],
            line=" · ".join(
                p
                for p in (
                    _("Customer no. {number}", number=customer.number) if customer.number else "",
                    _(CUSTOMER_KINDS[CustomerKind(customer.kind)]),
                )
                if p
            ),
            icon="user" if customer.kind is CustomerKind.INDIVIDUAL else "buildings",
            tags=_tags(customer),
            facts=self._facts(found),
            note=customer.notes_for_visit,
            health=found.health if sees_all else None,
            open_part=self._open_part,
            private_line=""
            if sees_all
            else _(
                "Money, answers and how the customer does with us are not shown on a customer's computer."
            ),
            budgets=found.budgets if sees_all else (),
            agreements=tuple(self._agreement(c, found) for c in found.contracts) if sees_all else (),
            people=tuple(
                _person(c, found)
                for c in sorted(found.people, key=lambda c: (c.is_former, c.name.casefold()))
            ),
            sites=tuple(_site(s) for s in found.sites),
            computers=tuple(_computer(a, found.ends.get(a.id)) for a in in_use[:MOST_COMPUTERS]),
            computers_line=ngettext("All {n} computer", "All {n} computers", len(found.assets)),
            visits=tuple(visit_line(v) for v in found.visits[:MOST_VISITS]),
            visits_line=ngettext("All {n} visit", "All {n} visits", len(found.visits)),
            promises=self._promises(found),
            advice=tuple(_advice(a) for a in found.advice if a.state != "done")[:MOST_ROWS],
            ahead=self._ahead(found, taken) if sees_all else (),
            needs=tuple(_need(n, taken) for n in training_needs(found.people, found.software))[:MOST_ROWS],
            ratings=self._ratings(found, taken) if sees_all else (),
            touches=self._touches(found) if sees_all else (),
            twins=tuple(
                Proposal(id=t.id, title=t.name[:80], reason=" ".join(t.reasons)) for t in found.twins
            ),
            form=self._editor.state,
            is_closed=customer.status is CustomerStatus.CLOSED,
            error=self._error,
            undo_line=self._undo.line if self._undo is not None else "",
        )

    def _facts(self, found: _Found) -> tuple[tuple[str, str], ...]:
        customer, payer = found.customer, found.payer
        languages = {"en": _("English"), "de": _("German"), "fr": _("French")}
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
                if approver is not None and approver.may_approve_minor and self._sight.sees_all
                else "",
            ),
            (
                _("Summary"),
                f"{languages.get(customer.preferred_language, customer.preferred_language)}, {customer.paper}",
            ),
            (_("Agreed to"), ", ".join(consents)),
            (_("Legal name"), customer.legal_name),
        )
        return tuple((label, text) for label, text in pairs if text)

    def _agreement(self, contract: Contract, found: _Found) -> Agreement:
        left = (contract.ends_on - self._world.today).days if contract.ends_on else None
        tone = "ok" if left is None or left > AHEAD_DAYS else "bad" if left < 0 else "watch"
        span = " – ".join(i18n.day(d, style="medium") for d in (contract.starts_on, contract.ends_on) if d)
        days = (
            ""
            if left is None
            else _("ended")
            if left < 0
            else ngettext("{n} day left", "{n} days left", left)
        )
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
        covered = ", ".join(names[i] for i in contract.covered_assets if i in names)
        facts = (
            (_("Kind"), _(CONTRACT_KINDS[ContractKind(contract.kind)])),
            (
                _("Covers"),
                _("Every computer") if contract.covers_all_assets else covered or _("No computer here"),
            ),
            (_("Travel"), _("Included") if contract.is_travel_included else _("Charged")),
            (_("Rates"), _rates(card) if card else ""),
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

    def _promises(self, found: _Found) -> tuple[Line, ...]:
        when = When(today=self._world.today, zone=self._world.clock.zone())
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

    def _ahead(self, found: _Found, taken: set[str]) -> tuple[Task, ...]:
        """Return what ends soon: contracts, guarantees, systems; seen before it hurts."""
        today, tasks = self._world.today, []
        for contract in found.contracts:
            if contract.ends_on is None or abs(left := (contract.ends_on - today).days) > AHEAD_DAYS:
                continue
            key = f"renewal:{contract.id}:{contract.ends_on.isoformat()}"
            said = _("The contract has ended.")
            if left >= 0:
                said = ngettext("It ends in {n} day.", "It ends in {n} days.", left)
            tone = "bad" if left < 0 else "watch"
            title = _("Contract {number}", number=contract.number)
            tasks.append((left, key, title, said, "handshake", tone))
        for asset in found.assets:
            if asset.lifecycle is not Lifecycle.IN_USE:
                continue
            name = asset.tag or asset.name
            if (
                asset.warranty_ends_on
                and 0 <= (left := (asset.warranty_ends_on - today).days) <= AHEAD_DAYS + 30
            ):
                said = ngettext("The guarantee ends in {n} day.", "The guarantee ends in {n} days.", left)
                key = f"guarantee:{asset.id}:{asset.warranty_ends_on.isoformat()}"
                tasks.append((left, key, name, said, "shield-check", "watch"))
            ends = found.ends.get(asset.id)
            if ends is not None and ends.verdict in (Verdict.ACT, Verdict.WATCH):
                tone = "bad" if ends.verdict is Verdict.ACT else "watch"
                said = ends.sentence or ends.customer_sentence
                tasks.append(
                    (-1 if tone == "bad" else 30, f"ends:{asset.id}", name, said, "calendar-blank", tone)
                )
        return tuple(
            Task(
                key=key,
                title=title,
                line=line,
                icon=icon,
                tone=tone,
                action=_("Promise to speak about it"),
                is_planned=key in taken,
            )
            for _left, key, title, line, icon, tone in sorted(tasks)[:MOST_ROWS]
        )

    def _ratings(self, found: _Found, taken: set[str]) -> tuple[Task, ...]:
        numbers = {v.id: v.number for v in found.visits}
        given = sorted(
            (r for r in found.ratings if r.rating), key=lambda r: (r.asked_at is not None, r.asked_at, r.id)
        )
        tasks = []
        for held in reversed(given[-MOST_VISITS:]):
            is_low = held.rating <= LOW_RATING
            answered = is_answered(held, found.follow_ups)
            day = (
                i18n.day(held.asked_at.astimezone(self._world.clock.zone()).date(), style="medium")
                if held.asked_at
                else ""
            )
            said = (
                _("somebody came back to it")
                if answered
                else _("nobody has come back to it yet")
                if is_low
                else ""
            )
            tasks.append(
                Task(
                    key=rating_key(held),
                    title=_(
                        "{rating} of 5 by {name}",
                        rating=held.rating,
                        name=held.given_by[:60] or _("the customer"),
                    ),
                    line=" · ".join(
                        p for p in (day, numbers.get(held.visit_id, ""), held.comment[:200], said) if p
                    ),
                    icon="smiley-sad" if is_low else "smiley-meh" if held.rating == 3 else "smiley",
                    tone="ok" if answered or held.rating > 3 else "bad" if is_low else "watch",
                    action=_("Promise to call") if is_low and not answered else "",
                    is_planned=rating_key(held) in taken,
                )
            )
        return tuple(tasks)

    def _touches(self, found: _Found) -> tuple[Line, ...]:
        held = sorted(found.touches, key=lambda t: (t.at is not None, t.at, t.id), reverse=True)
        zone, labels = self._world.clock.zone(), spec_of(TouchPoint).field("how").choices
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


_TOUCH_ICONS = {"call": "phone", "mail": "envelope", "meeting": "users"}

#: What a planned word is called, by the kind of its key.
_PROMISES = {
    "renewal": N_("Speak about renewing: {what}"),
    "guarantee": N_("Speak about the guarantee of {what}"),
    "ends": N_("Speak about the system of {what}"),
    "rating": N_("Call about the answer: {what}"),
    "need": N_("Training: {what}"),
}

_WATCHED = frozenset(
    {
        "customer", "payer", "site", "contact", "user_software", "asset", "visit", "follow_up", "recommendation",
        "satisfaction", "touch_point", "contract", "budget", "cost_centre", "case", "training", "sync",
    }
)  # fmt: skip


def _tags(customer: Customer) -> tuple[tuple[str, str], ...]:
    tags = [(_(ENGAGEMENTS[customer.engagement]), "accent")]
    if customer.status is not CustomerStatus.ACTIVE:
        tags.append((_(CUSTOMER_STATUSES[CustomerStatus(customer.status)]), "none"))
    return tuple(tags)


def _rates(card: RateCard) -> str:
    rate = next((r for r in card.rates if r.labour == "work"), card.rates[0] if card.rates else None)
    hourly = _("{amount} an hour", amount=i18n.money(rate.hourly_minor, card.currency)) if rate else ""
    return ", ".join(p for p in (card.name[:40], hourly) if p)


def _person(contact: Contact, found: _Found) -> Person:
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


def _site(site: Site) -> Line:
    place = ", ".join(p for p in (site.street, f"{site.postal_code} {site.town}".strip()) if p)
    notes = " · ".join(p for p in (place, site.access_notes, site.opening_hours) if p)
    return Line(title=site.name, line=notes[:300], icon="map-pin", visit_id=site.id)


def _computer(asset: Asset, ends: Finding | None) -> Line:
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


def _advice(held: Recommendation) -> Advice:
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


def _need(need: TrainingNeed, taken: set[str]) -> Task:
    key = f"need:{need.contact_id}:{need.topic.casefold()[:120]}"
    is_planned = key in taken or f"wanted:{need.contact_id}:{need.topic.casefold()}" in taken
    return Task(
        key=key,
        title=_("{topic} for {name}", topic=need.topic[:80], name=need.name[:60]),
        line=need.reason[:300],
        icon="graduation-cap",
        action=_("Promise a training"),
        is_planned=is_planned,
    )
