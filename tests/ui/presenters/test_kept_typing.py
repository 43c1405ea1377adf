"""What is typed into the form of any page and not saved survives a crash: every form of every page is walked."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from techkit.records.assets import Asset
from techkit.records.cards import Card
from techkit.records.erasure import Erasure
from techkit.records.identity import new_id
from techkit.records.templates import VisitTemplate
from techkit.records.visit import Case
from techkit.store.database import Store
from techkit.ui import presenters
from techkit.ui.presenters.budgets import Budgets
from techkit.ui.presenters.computer import Computer
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.how_to import HowToCards
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.templates import Templates
from techkit.ui.presenters.today import Today

WORDS = "Typed in the middle of a sentence"


def forms() -> list[tuple[str, str]]:
    """Return page and method of all that opens a form, wherever it stands."""
    found = set()
    for module in pkgutil.iter_modules(presenters.__path__):
        held = importlib.import_module(f"{presenters.__name__}.{module.name}")
        for name, page in inspect.getmembers(held, inspect.isclass):
            found |= {(name, way) for way, made in vars(page).items() if hasattr(made, "opens_form")}
    return sorted(found)


class Desk:
    """The pages over one store; `again` is the next start after a crash: nothing was closed."""

    def __init__(self, page: Any, world: Callable[..., Surroundings]) -> None:
        self._page, self._make = page, world
        self.store: Store = page.store
        self.asset, self.card, self.template, self.case = (new_id() for _n in range(4))
        customer = page.ids["customer"]
        self.store.save(
            Asset(id=self.asset, customer_id=customer, name="TILL-1"),
            Card(id=self.card, title="Two tills", steps=("Buy a second licence.",)),
            VisitTemplate(id=self.template, title="Till check"),
            Case(id=self.case, customer_id=customer, title="The till stops"),
        )
        (line, *_others) = page().state.budgets
        self.texts = {
            "contact_id": page.ids["selin"],
            "site_id": "",
            "software_id": "",
            "budget_id": line.id,
            "case_id": self.case,
            "visit_id": page.ids["visit"],
        }
        self.again()

    def again(self, *, is_own: bool = True) -> None:
        """Start the program again over the same store."""
        self.world = self._make(is_own=is_own)
        self.gone_on: list[Any] = []
        self.today = Today(self.world, on_open=print, on_new=lambda: None, on_typed=self.gone_on.append)
        self.today.refresh()

    def show(self, name: str) -> Any:
        """Return a page."""
        sight = Sight(sees_all=True)
        if name == "CustomerPlace":
            return CustomerPlace(
                self.world, sight, self._page.ids["customer"],
                on_visit=print, on_computer=print, on_customer=print, on_list=print, on_new=print,
            )  # fmt: skip
        if name == "Computer":
            return Computer(
                self.world, sight, self.asset, on_visit=print, on_customer=print, on_computer=print
            )
        if name == "HowToCards":
            made = HowToCards(self.world)
            made.enter()
            return made
        if name == "Budgets":
            return Budgets(self.world, sight, print)
        return {"Templates": Templates}[name](self.world)

    def open(self, page: Any, way: str) -> None:
        """Open a form of a page as a press does."""
        texts = {**self.texts, "id": self.card if isinstance(page, HowToCards) else self.template}
        method = getattr(page, way)
        method(*(texts[name] for name in inspect.signature(method).parameters))


@pytest.fixture
def desk(page: Any, world: Callable[..., Surroundings]) -> Iterator[Desk]:
    return Desk(page, world)


def text_field(form: Any) -> str:
    """Return a field of a form that takes words."""
    return next(f.name for f in (*form.fields, *form.more) if f.control in ("line", "text") and not f.unit)


def standing(form: Any, name: str) -> str:
    return next(f.text for f in (*form.fields, *form.more) if f.name == name)


@pytest.mark.parametrize(("name", "way"), forms())
def test_every_form_of_every_page(desk: Desk, name: str, way: str) -> None:
    """Typed, never left, the program ends: Today names it, one press opens it with the words, cancelling forgets."""
    page = desk.show(name)
    desk.open(page, way)
    form = page.state.form
    assert form is not None
    assert form.kept_line == ""
    field = text_field(form)
    page.type_ahead(field, WORDS)
    desk.again()
    (row,) = desk.today.state.typed
    assert WORDS in row.line
    desk.today.go_on_typing(row.key)
    (draft,) = desk.gone_on
    page = desk.show(name)
    page.go_on(draft.way)
    form = page.state.form
    assert form is not None
    assert standing(form, field) == WORDS
    assert form.kept_line
    assert form.is_more_open == any(held.name == field for held in form.more)
    assert desk.today.state.typed == (), "what is on the screen is not offered beside it"
    (page.leave_form if name == "HowToCards" else page.cancel)()
    assert page.state.form is None
    desk.again()
    assert desk.today.state.typed == ()
    assert desk.store.setting("typed.forms") == ()


@pytest.mark.parametrize(("name", "way", "field"), [
    ("CustomerPlace", "edit_person", "given_name"),
    ("Computer", "edit", "name"),
    ("HowToCards", "edit", "title"),
    ("Templates", "add", "title"),
])  # fmt: skip
def test_saved_is_kept_no_more(desk: Desk, name: str, way: str, field: str) -> None:
    """Once the record is kept nothing of the typing is."""
    page = desk.show(name)
    desk.open(page, way)
    page.type_ahead(field, WORDS)
    assert desk.store.setting("typed.forms")
    page.save()
    assert page.state.form is None
    assert desk.store.setting("typed.forms") == ()
    assert desk.today.state.typed == ()


def test_dropped_on_today(desk: Desk) -> None:
    """One press forgets it, for good."""
    desk.show("Computer").edit()
    page = desk.show("CustomerPlace")
    page.edit()
    page.type_ahead("notes_for_visit", WORDS)
    desk.again()
    (row,) = desk.today.state.typed
    assert row.title == "Typed and not saved: Bäckerei Krümel GmbH · Customer"
    desk.today.drop_typing(row.key)
    assert desk.today.state.typed == ()
    desk.again()
    assert desk.today.state.typed == ()


def test_a_page_that_goes_offers_what_was_typed(desk: Desk) -> None:
    """Leaving the page, or locking, is no way to lose words either; the same form holds them when opened again."""
    page = desk.show("CustomerPlace")
    page.edit()
    page.fill("notes_for_visit", WORDS)
    assert desk.today.state.typed == ()
    page.close()
    assert len(desk.today.state.typed) == 1
    page = desk.show("CustomerPlace")
    page.edit()
    assert standing(page.state.form, "notes_for_visit") == WORDS
    page.save()
    assert page.state.note == WORDS


def test_a_template_comes_back_with_its_rows_and_planned_work(desk: Desk) -> None:
    """Rows of its lists and the ticked kinds of work are part of what was typed."""
    page = desk.show("Templates")
    page.add()
    page.toggle_kind("training")
    page.add_row("supplies")
    page.fill("supplies.1.name", WORDS)
    desk.again()
    page = desk.show("Templates")
    page.add()
    assert [kind.value for kind in page.state.kinds if kind.is_chosen] == ["training"]
    rows = next(held for held in page.state.form.lists if held.name == "supplies").rows
    assert [field.text for row in rows for field in row.fields if field.name.endswith("name")] == ["", WORDS]


def test_on_a_customers_computer_nothing_of_others_is_offered(desk: Desk) -> None:
    """What was typed about another customer is not told there; it waits."""
    page = desk.show("CustomerPlace")
    page.edit()
    page.type_ahead("notes_for_visit", WORDS)
    desk.again(is_own=False)
    assert desk.today.state.typed == ()
    desk.again()
    assert len(desk.today.state.typed) == 1


def test_typing_about_a_removed_customer_goes(desk: Desk) -> None:
    """Who is removed for good is not kept in a half-written form."""
    page = desk.show("CustomerPlace")
    page.edit()
    page.type_ahead("notes_for_visit", WORDS)
    desk.store.save(Erasure(id=new_id(), customer_id=page.customer_id))
    desk.again()
    assert desk.today.state.typed == ()
    assert desk.store.setting("typed.forms") == ()


def test_no_word_of_it_lies_open_on_the_disk(desk: Desk) -> None:
    """It is in the store, encrypted like the records, and in no file beside it."""
    page = desk.show("CustomerPlace")
    page.edit()
    page.type_ahead("notes_for_visit", WORDS)
    files = [path for path in desk.store.folder.rglob("*") if path.is_file()]
    assert files
    assert not any(WORDS.encode() in path.read_bytes() for path in files)


def test_a_form_that_says_not_how_it_is_opened_is_a_fault(desk: Desk) -> None:
    """A method that opens a form without being marked could not be gone on with."""
    page = desk.show("Computer")
    with pytest.raises(RuntimeError, match="opens_form"):
        type(page).edit.__wrapped__(page)
