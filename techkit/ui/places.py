"""The places beside Today and the visit: lists of visits, customers, computers, follow-ups, and their pages.

Made once a session; a page is built when it is first looked at. What may be seen on a customer's computer is
decided in one object (techkit/ui/presenters/sight.py) that every list and page asks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from techkit.i18n import N_, _
from techkit.ui.presenters.due import Due
from techkit.ui.presenters.how_to import HowToCards
from techkit.ui.presenters.list_kinds import COMPUTERS, CUSTOMERS, VISITS
from techkit.ui.presenters.lists import RecordList
from techkit.ui.presenters.sight import Sight

if TYPE_CHECKING:
    from techkit.ui.presenters.budgets import Budgets
    from techkit.ui.presenters.computer import Computer
    from techkit.ui.presenters.customer import CustomerPlace
    from techkit.ui.presenters.kept_typing import Draft
    from techkit.ui.presenters.templates import Templates
    from techkit.ui.session import Session
    from techkit.ui.widgets.budgets import BudgetsPage
    from techkit.ui.widgets.details import DetailPage
    from techkit.ui.widgets.pages import Page
    from techkit.ui.widgets.shell import HomeView
    from techkit.ui.widgets.templates import TemplatesPage

#: Places in the order of the sidebar: key, icon, name.
PLACES = (
    ("visits", "clipboard-text", N_("Visits")),
    ("customers", "buildings", N_("Customers")),
    ("computers", "desktop", N_("Computers")),
    ("follow_ups", "flag", N_("Follow-ups")),
    ("how_to", "cards", N_("How-to cards")),
)


class Places:
    """The lists and pages of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        around = session.surroundings
        self.sight = Sight(sees_all=around.is_own_computer)
        self.visits = RecordList(around, self.sight, VISITS, session.open_visit, session.new_visit)
        self.customers = RecordList(around, self.sight, CUSTOMERS, self.open_customer, session.new_visit)
        self.computers = RecordList(around, self.sight, COMPUTERS, self.open_computer)
        self.due = Due(around, self.sight, on_visit=session.open_visit, on_customer=self.open_customer)
        self.computer: Computer | None = None
        self.customer: CustomerPlace | None = None
        self.budgets: Budgets | None = None
        self.templates: Templates | None = None
        self.how_to = HowToCards(around, lambda: session.visit.held if session.visit is not None else None)
        self._ask: Callable[[], object] = lambda: None
        self._trail: list[tuple[str, str]] = []

    def add_to(self, home: HomeView, ask: Callable[[], object]) -> None:
        """Add the places to the sidebar. ask: opens the palette."""
        self._ask = ask
        makers: dict[str, Callable[[], Page]] = {
            "visits": lambda: self._list_page(self.visits),
            "customers": lambda: self._list_page(self.customers),
            "computers": lambda: self._list_page(self.computers),
            "follow_ups": self._due_page,
            "how_to": self._how_to_page,
        }
        for key, icon, words in PLACES:
            home.add_place(key, icon, _(words), makers[key])

    def follow(self) -> None:
        """Follow what may be seen: all after the passphrase, else the open visit's or the computer's customer."""
        session = self._session
        customer_id = session.search.customer_id if session.visit is not None else ""
        self.sight.allow(
            sees_all=session.today.sees_all, customer_id=customer_id or session.today.customer_id
        )
        session.home.set_count("follow_ups", sum(row.is_due for row in session.today.state.promised))

    def actions(self) -> dict[str, Callable[[], object]]:
        """Return what the palette's actions about places do, by their id."""
        show = self._session.show_place
        places: dict[str, Callable[[], object]] = {
            key: functools.partial(show, key) for key, _icon, _words in PLACES
        }
        return {**places, "budgets": self.open_budgets, "templates": self.open_templates}

    def open_page(self, kind: str, record_id: str) -> None:
        """Show the page of a customer or a computer."""
        if kind == "budgets":
            self.open_budgets()
        elif kind == "templates":
            self.open_templates()
        else:
            {"customer": self.open_customer, "asset": self.open_computer}[kind](record_id)

    def go_on_typing(self, draft: Draft) -> None:
        """Open the form again that somebody typed in and did not save."""
        from techkit.ui.presenters.decisions import JOINED_TEXT, WORD

        if draft.page == "follow_ups":
            self._session.show_place(draft.page)
            self.due.choose(draft.page_id)
            return
        if draft.page in ("sync", WORD, JOINED_TEXT):
            self._session.show_place("sync")
            if draft.page != "sync":
                self._session.sync.decisions.look_at(draft.page_id)
            return
        if draft.page == "how_to":
            self._session.show_place("how_to")
            self.how_to.go_on(draft.way)
            return
        page: Computer | CustomerPlace | Budgets | Templates | None
        self.open_page(draft.page, draft.page_id)
        page = {
            "customer": self.customer,
            "asset": self.computer,
            "budgets": self.budgets,
            "templates": self.templates,
        }[draft.page]
        if page is not None:
            page.go_on(draft.way)

    def open_how_to(self, card_id: str) -> None:
        """Show one how-to card."""
        self.how_to.open(card_id)
        self._session.show_place("how_to")

    def open_customer(self, customer_id: str) -> None:
        """Show a customer's page."""
        from techkit.ui.presenters.customer import CustomerPlace
        from techkit.ui.widgets.customer import CustomerPage

        presenter = CustomerPlace(
            self._session.surroundings,
            self.sight,
            customer_id,
            on_visit=self._session.open_visit,
            on_computer=self.open_computer,
            on_customer=self.open_customer,
            on_list=self._show_list,
            on_new=self._session.begin_visit_for,
        )
        self.customer = presenter
        page = CustomerPage(presenter, self._ask, self.back, self.open_budgets)
        self._show_page(page, "customers", "customer", customer_id)

    def open_budgets(self) -> None:
        """Show all budgets."""
        from techkit.ui.presenters.budgets import Budgets
        from techkit.ui.widgets.budgets import BudgetsPage

        presenter = Budgets(self._session.surroundings, self.sight, self.open_customer)
        self.budgets = presenter
        self._show_page(BudgetsPage(presenter, self._ask, self.back), "customers", "budgets", "")

    def open_templates(self) -> None:
        """Show the templates of visits."""
        from techkit.ui.presenters.templates import Templates
        from techkit.ui.widgets.templates import TemplatesPage

        session = self._session
        presenter = Templates(
            session.surroundings,
            on_start=session.new_visit,
            visit=lambda: session.visit.held if session.visit is not None else None,
        )
        self.templates = presenter
        self._show_page(TemplatesPage(presenter, self._ask, self.back), "visits", "templates", "")

    def make_template(self) -> None:
        """Show the form of a template made of the visit in hand."""
        if self._session.visit is not None:
            visit_id = self._session.visit.held.visit_id
            self.open_templates()
            if self.templates is not None:
                self.templates.add_from(visit_id)

    def _show_list(self, name: str, customer_id: str, customer: str) -> None:
        rows = {"visits": self.visits, "computers": self.computers, "follow_ups": self.due.rows}[name]
        rows.choose_customer(customer_id, customer)
        self._session.show_place(name)

    def open_computer(self, asset_id: str) -> None:
        """Show a computer's page."""
        from techkit.ui.presenters.computer import Computer
        from techkit.ui.widgets.computer import ComputerPage

        presenter = Computer(
            self._session.surroundings,
            self.sight,
            asset_id,
            on_visit=self._session.open_visit,
            on_customer=self.open_customer,
            on_computer=self.open_computer,
        )
        self.computer = presenter
        self._show_page(ComputerPage(presenter, self._ask, self.back), "computers", "asset", asset_id)

    def back(self) -> None:
        """Show what was shown before this page: another page, a place, or the visit."""
        if self._trail:
            self._trail.pop()
        if not self._trail:
            self._session.show_place("customers")
            return
        kind, key = self._trail.pop()
        if kind == "place":
            self._session.show_place(key)
        elif kind == "visit":
            self._session.open_visit(key)
        else:
            self.open_page(kind, key)

    def _show_page(
        self, page: DetailPage | BudgetsPage | TemplatesPage, place: str, kind: str, record_id: str
    ) -> None:
        session = self._session
        if session.home.passing is None or not self._trail or session.is_visit_shown:
            # A page opened from a place or from the visit begins a new trail.
            shown = session.place() if session.is_visit_shown else None
            self._trail = [("visit", shown[0]) if shown else ("place", session.home.here or place)]
        if self._trail[-1] != (kind, record_id):
            self._trail.append((kind, record_id))
        session.home.show_page(page, place)
        session.show_home()
        page.focus_first()

    def close(self) -> None:
        """Follow the store no more."""
        for presenter in (self.visits, self.customers, self.computers, self.due, self.how_to):
            presenter.close()

    def _list_page(self, rows: RecordList) -> Any:
        from techkit.ui.widgets.lists import ListPage

        return ListPage(rows, self._ask, self._session.show_place)

    def _due_page(self) -> Any:
        from techkit.ui.widgets.due import DuePage

        return DuePage(self.due, self._ask, self._session.show_place)

    def _how_to_page(self) -> Any:
        from techkit.ui.widgets.how_to import HowToPage

        return HowToPage(
            self.how_to, self._ask, papers=self._session.papers_folder(), back=self._session.back_to_visit
        )
