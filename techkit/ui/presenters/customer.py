"""A customer's page: who they are, how they do with us and why, money, people, computers, promises, what comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit.i18n import _, ngettext
from techkit.records.assets import (
    Lifecycle,
)
from techkit.records.health import Health
from techkit.records.identity import new_id
from techkit.records.parties import (
    CUSTOMER_KINDS,
    Contact,
    Customer,
    CustomerKind,
    CustomerStatus,
    Payer,
    Site,
    UserSoftware,
    dated_consent,
)
from techkit.records.proposals import BudgetProposal
from techkit.records.schema import Record, spec_of
from techkit.records.success import TouchPoint, decided
from techkit.records.training import judged_anew
from techkit.ui.presenters import twins
from techkit.ui.presenters.ahead import Task, ahead, needs, promise, ratings
from techkit.ui.presenters.budget_proposals import propose, take_back
from techkit.ui.presenters.budgets import WATCHED, BudgetLine, sent_line
from techkit.ui.presenters.choices import Choice, FormState, Proposal
from techkit.ui.presenters.customer_records import (
    MOST_COMPUTERS,
    MOST_ROWS,
    MOST_VISITS,
    CustomerRecords,
    read,
)
from techkit.ui.presenters.customer_words import (
    Advice,
    Agreement,
    Person,
    advice_row,
    agreement,
    computer_line,
    facts,
    open_cases,
    person,
    promises,
    site_line,
    site_twins,
    tags,
    touches,
)
from techkit.ui.presenters.kept_typing import opens_form
from techkit.ui.presenters.record_page import Line, RecordPage, Undo, visit_line
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings


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
    cases: tuple[Line, ...] = ()
    promises: tuple[Line, ...] = ()
    advice: tuple[Advice, ...] = ()
    ahead: tuple[Task, ...] = ()
    needs: tuple[Task, ...] = ()
    ratings: tuple[Task, ...] = ()
    touches: tuple[Line, ...] = ()
    twins: tuple[Proposal, ...] = ()
    site_twins: tuple[Proposal, ...] = ()
    form: FormState | None = None
    is_closed: bool = False
    error: str = ""
    undo_line: str = ""


#: What the page is made of.
_WATCHED = frozenset(
    {
        "customer", "payer", "site", "contact", "user_software", "asset", "visit", "follow_up", "recommendation",
        "satisfaction", "touch_point", "contract", "case", "training", "sync", *WATCHED,
    }
)  # fmt: skip


class CustomerPlace(RecordPage[CustomerRecords, CustomerState]):
    """The page of one customer. The on_… functions open other pages by id."""

    page = "customer"

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
        self._judgements: list[Record] = []
        self.state = CustomerState()
        self.refresh()

    # --- what the technician does

    @opens_form
    def edit(self) -> None:
        """Open the form of the customer."""
        if self._found is not None:
            before, now = self._found.customer, self._world.clock.now()

            def ready(kept: Record) -> Record:
                return dated_consent(before, kept, now) if isinstance(kept, Customer) else kept

            self._editor.open(before, ready=ready)

    @opens_form
    def edit_payer(self) -> None:
        """Open the form of who pays; without one a new one is begun."""
        if self._found is None:
            return
        held = self._found.payer
        self._editor.open(held or Payer(id=new_id(), customer_id=self.customer_id), is_new=held is None)

    @opens_form
    def edit_person(self, contact_id: str) -> None:
        """Open the form of a person; "" begins a new one."""
        held = next((c for c in self._found.people if c.id == contact_id), None) if self._found else None
        self._editor.open(held or Contact(id=new_id(), customer_id=self.customer_id), is_new=held is None)

    @opens_form
    def edit_site(self, site_id: str) -> None:
        """Open the form of a place; "" begins a new one."""
        held = next((s for s in self._found.sites if s.id == site_id), None) if self._found else None
        others = [s for s in self._found.sites if held is None or s.id != held.id] if self._found else []
        whole = (Choice(value="", label=_("Nothing")), *(Choice(value=s.id, label=s.name) for s in others))
        self._editor.open(
            held or Site(id=new_id(), customer_id=self.customer_id),
            is_new=held is None,
            references={"parent_site": whole} if others else None,
        )

    @opens_form
    def edit_case(self, case_id: str) -> None:
        """Open the form of an open case; its kind, priority and state are the office's."""
        found = self._found
        held = next((f.case for f in found.cases if f.case.id == case_id), None) if found else None
        if found is None or held is None:
            return
        nothing = Choice(value="", label=_("Nothing"))
        self._editor.open(
            held,
            references={
                "site_id": (nothing, *(Choice(value=s.id, label=s.name) for s in found.sites)),
                "asset_id": (nothing, *(Choice(value=a.id, label=a.tag or a.name) for a in found.assets)),
            },
        )

    @opens_form
    def edit_program(self, contact_id: str, software_id: str) -> None:
        """Open the form of a program a person uses; "" begins a new one."""
        held = next((s for s in self._found.software if s.id == software_id), None) if self._found else None
        day, base = self._world.today, held or UserSoftware(id=new_id(), contact_id=contact_id)

        def dated(record: Record) -> Record:
            return (
                judged_anew(held, record, day=day, new_id=new_id)[0]
                if isinstance(record, UserSoftware)
                else record
            )

        def judged(record: Record) -> list[Record]:
            if isinstance(record, UserSoftware):
                self._judgements = judged_anew(held, record, day=day, new_id=new_id)[1:]
            return self._judgements

        self._editor.open(base, is_new=held is None, ready=dated, along=judged)

    def undo(self) -> None:
        """Take the last change of this page back, a judgement of skill with it."""
        made, self._judgements = self._judgements, []
        store, actor = self._world.store, self._world.technician

        def work() -> None:
            for one in made:
                store.remove(one, _("Taken back"), actor)

        if self._undo is not None and made:
            self._world.lanes.store(work)
        super().undo()

    @opens_form
    def note_contact(self) -> None:
        """Open the form of a call, mail or meeting outside a visit; its moment is now."""
        now = self._world.clock.now()
        self._editor.open(TouchPoint(id=new_id(), customer_id=self.customer_id, at=now), is_new=True)

    @opens_form
    def propose(self, budget_id: str) -> None:
        """Open the form of a proposal about a budget."""
        held = next((line for line in self.state.budgets if line.id == budget_id), None)
        if held is not None and held.budget is not None:
            propose(self._editor, self._world, held.budget, held.title, held.targets)

    def take_back(self, proposal_id: str) -> None:
        """Take one's own proposal about a budget back, before the office has answered."""
        store, actor = self._world.store, self._world.technician
        self._do(lambda: take_back(store, proposal_id, actor), None)

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

    def merge_site(self, pair: str) -> None:
        """Say that two places are one ("<stays> <goes>", as the state names the pair); their computers follow."""
        keep_id, _space, other_id = pair.partition(" ")
        held = next((s for s in self._found.sites if s.id == keep_id), None) if self._found else None
        if held is not None:
            self._merge(held, other_id, held.name)

    def decide(self, advice_id: str, word: str) -> None:
        """Keep what the customer decided about advice; the same word again takes it back."""
        held = next((a for a in self._found.advice if a.id == advice_id), None) if self._found else None
        if held is None:
            return
        state = "open" if held.state == word else word
        after = decided(held, state, self._world.today)
        self._write(_("The answer to “{text}” is kept.", text=held.text[:60]), [after], [held])

    def plan(self, key: str) -> None:
        """Promise what is seen early, what somebody wants to learn, or a word about a low answer."""
        tasks = (*self.state.ahead, *self.state.needs, *self.state.ratings)
        task = next((t for t in tasks if t.key == key), None)
        if self._found is None or task is None or task.is_planned:
            return
        made = promise(task, self._found.customer.id, self._world.technician, self._world.today)
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
        if not isinstance(record, UserSoftware):
            self._judgements = []
        if isinstance(record, BudgetProposal):
            self._done(Undo(sent_line(), made=record))
            return
        name = str(
            getattr(record, "name", "")
            or getattr(record, "title", "")
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

    # --- reading and showing

    def _read(self) -> CustomerRecords | None:
        world = self._world
        return read(world.store, self._sight, self.customer_id, world.today, world.technician)

    @property
    def page_id(self) -> str:
        """The customer the page is about."""
        return self.customer_id

    def _whose(self, record: Record) -> tuple[str, str]:
        return self.customer_id, self.state.title

    def _settle(self, found: CustomerRecords) -> None:
        self.customer_id = found.customer.id

    def _state(self, found: CustomerRecords | None) -> CustomerState:
        if found is None:
            return CustomerState(is_loading=not self._is_read, is_gone=self._is_read, error=self._error)
        customer, sees_all = found.customer, self._sight.sees_all
        today, zone = self._world.today, self._world.clock.zone()
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
            tags=tags(customer),
            facts=facts(found, zone, sees_all=sees_all),
            note=customer.notes_for_visit,
            health=found.health if sees_all else None,
            open_part=self._open_part,
            private_line=""
            if sees_all
            else _(
                "Money, answers and how the customer does with us are not shown on a customer’s computer."
            ),
            budgets=found.budgets if sees_all else (),
            agreements=tuple(agreement(c, found, today) for c in found.contracts) if sees_all else (),
            people=tuple(
                person(c, found) for c in sorted(found.people, key=lambda c: (c.is_former, c.name.casefold()))
            ),
            sites=tuple(site_line(s) for s in found.sites),
            computers=tuple(computer_line(a, found.ends.get(a.id)) for a in in_use[:MOST_COMPUTERS]),
            computers_line=ngettext("Show the computer", "All {n} computers", len(found.assets)),
            visits=tuple(visit_line(v) for v in found.visits[:MOST_VISITS]),
            visits_line=ngettext("Show the visit", "All {n} visits", len(found.visits)),
            cases=open_cases(found),
            promises=promises(found, today, zone),
            advice=tuple(advice_row(a) for a in found.advice if a.state != "done")[:MOST_ROWS],
            ahead=ahead(found, today) if sees_all else (),
            needs=needs(found),
            ratings=ratings(found, zone) if sees_all else (),
            touches=touches(found, zone) if sees_all else (),
            twins=tuple(
                Proposal(id=t.id, title=t.name[:80], reason=" ".join(t.reasons)) for t in found.twins
            ),
            site_twins=site_twins(found),
            form=self._editor.state,
            is_closed=customer.status is CustomerStatus.CLOSED,
            error=self._error,
            undo_line=self._undo.line if self._undo is not None else "",
        )
