"""A new visit: four fields for somebody new, one press for somebody known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from techkit import i18n
from techkit.records.assets import Asset
from techkit.records.findings import Complaint
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.ui.presenters.new_visit import NewVisit
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.this_computer import ThisComputer

World = Callable[..., Surroundings]
LAPTOP = ThisComputer(name="Brandt-Laptop", serial="7KX93M3QQ", identifiers=("system_serial:7kx93m3qq",))


def fill(made: NewVisit, **texts: str) -> NewVisit:
    for name, text in texts.items():
        made.fill(name, text)
    return made


def test_four_fields_make_customer_person_place_and_visit(store: Store, world: World) -> None:
    """Everything the routine visit needs is there, and the number is this device's first."""
    opened: list[str] = []
    made = fill(
        NewVisit(world(), opened.append),
        customer="Odalys  Brandt",
        purpose="Computer is very slow",
        street="Lindengasse 8",
        town="79104 Freiburg",
    )
    made.start()
    visit = store.get(Visit, opened[0])
    assert visit is not None
    assert (visit.number, visit.purpose, visit.complaint) == (
        "TK07-2026-0001",
        "Computer is very slow",
        Complaint.SLOW,
    )
    customer, site = store.get(Customer, visit.customer_id), store.get(Site, visit.site_id)
    contact = store.get(Contact, visit.contact_id)
    assert customer is not None
    assert site is not None
    assert contact is not None
    assert (customer.display_name, contact.name) == ("Odalys Brandt", "Odalys Brandt")
    assert (site.street, site.postal_code, site.town) == ("Lindengasse 8", "79104", "Freiburg")
    assert visit.asset_ids == ()


def test_a_companys_name_proposes_an_organisation_until_somebody_chooses(store: Store, world: World) -> None:
    """The kind follows the name as it is typed; a press on the other kind holds whatever the name becomes."""
    made = NewVisit(world(), [].append)

    def chosen() -> list[str]:
        (kind,) = [field for field in made.state.form.more if field.name == "kind"]
        return [choice.value for choice in kind.choices if choice.is_chosen]

    assert chosen() == ["individual"]
    assert chosen_after(made, "Löwen-Apotheke", chosen) == ["organisation"]
    assert chosen_after(made, "Odalys Brandt", chosen) == ["individual"]
    made.fill("kind", "individual")
    assert chosen_after(made, "Brandt GmbH", chosen) == ["individual"]


def chosen_after(made: NewVisit, name: str, chosen: Callable[[], list[str]]) -> list[str]:
    made.fill("customer", name)
    return chosen()


def test_somebody_else_pays(store: Store, world: World) -> None:
    """The payer is kept apart, with an address of their own."""
    opened: list[str] = []
    fill(
        NewVisit(world(), opened.append),
        customer="Odalys Brandt",
        purpose="slow",
        street="Ahornweg 3",
        town="Freiburg",
        payer="Teodor Brandt",
        payer_address="Lindengasse 8\n79104 Freiburg",
        large_print="yes",
    ).start()
    visit = store.get(Visit, opened[0])
    assert visit is not None
    payer = store.get(Payer, visit.payer_id)
    assert payer is not None
    assert (payer.name, payer.billing_address) == ("Teodor Brandt", "Lindengasse 8\n79104 Freiburg")
    assert visit.is_large_print


def test_what_is_missing_is_said_at_its_field_and_nothing_is_made(store: Store, world: World) -> None:
    """The first press shows what is still empty; what was typed stays."""
    opened: list[str] = []
    made = fill(NewVisit(world(), opened.append), customer="Odalys Brandt")
    made.start()
    errors = {field.name: field.error for field in made.state.form.fields}
    assert errors == {
        "customer": "",
        "purpose": "Please fill it in.",
        "street": "Please fill it in.",
        "town": "Please fill it in.",
    }
    assert opened == []
    assert store.count(Customer) == 0
    assert next(f.text for f in made.state.form.fields if f.name == "customer") == "Odalys Brandt"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<b>Bob</b> & Söhne", "<b>Bob</b> & Söhne"),
        ("Ab\x00del", "Abdel"),
        ("\u202eRTL name", "\u202eRTL name"),
        ("  spaces \n inside ", "spaces inside"),
    ],
)
def test_hostile_names_are_kept_as_text(store: Store, world: World, typed: str, kept: str) -> None:
    """Markup stays text, NUL goes, right-to-left stays what it is."""
    fill(NewVisit(world(), lambda _id: None), customer=typed, purpose="p", street="s", town="t").start()
    assert [customer.display_name for customer in store.find(Customer)] == [kept]


def test_two_megabytes_of_name_are_refused_with_a_sentence(store: Store, world: World) -> None:
    """The limit and the way out are said; nothing is made, and the text is kept."""
    made = fill(
        NewVisit(world(), lambda _id: None), customer="x" * 2_000_000, purpose="p", street="s", town="t"
    )
    made.start()
    assert store.count(Customer) == 0
    assert next(f.error for f in made.state.form.fields if f.name == "customer").startswith(
        "That is too long: 2,000,000 of at most 200 characters. What you typed is kept."
    )


def test_an_empty_name_of_spaces_is_empty(store: Store, world: World) -> None:
    """Spaces are no name."""
    fill(NewVisit(world(), lambda _id: None), customer=" \u00a0 ", purpose="p", street="s", town="t").start()
    assert store.count(Customer) == 0


def test_a_known_customer_is_offered_and_taken(store: Store, world: World) -> None:
    """One press begins the visit with the person and the place known."""
    customer = Customer(id=new_id(), display_name="Larkspur Dental Group")
    site = Site(id=new_id(), customer_id=customer.id, name="Practice")
    contact = Contact(id=new_id(), customer_id=customer.id, family_name="Arslan")
    store.save(customer, site, contact)
    opened: list[str] = []
    made = fill(NewVisit(world(), opened.append), customer="Larks", purpose="no internet")
    assert [match.label for match in made.state.matches] == ["Larkspur Dental Group"]
    made.choose_customer(made.state.matches[0].value)
    visit = store.get(Visit, opened[0])
    assert visit is not None
    assert (visit.customer_id, visit.site_id, visit.contact_id) == (customer.id, site.id, contact.id)
    assert visit.complaint is Complaint.NO_INTERNET
    assert store.count(Customer) == 1


@pytest.mark.parametrize(
    ("customers", "contacts", "page"),
    [("", "", "fr"), ("de", "", "de"), ("de", "en", "en")],
    ids=["nobody said", "the customer's", "the person's"],
)
def test_the_page_is_in_the_language_of_whoever_is_visited(
    store: Store, world: World, customers: str, contacts: str, page: str
) -> None:
    """The person's language counts before the customer's; where none is known the window's, never always English."""
    customer = Customer(id=new_id(), display_name="Larkspur Dental Group", preferred_language=customers)
    person = Contact(id=new_id(), customer_id=customer.id, family_name="Arslan", preferred_language=contacts)
    store.save(customer, person)
    opened: list[str] = []
    with i18n.language("fr"):
        made = fill(NewVisit(world(), opened.append), customer="Larks", purpose="imprimante")
        made.choose_customer(customer.id)
    visit = store.get(Visit, opened[0])
    assert visit is not None
    assert visit.paper_language == page


def test_on_a_customers_computer_nobody_else_is_offered(store: Store, world: World) -> None:
    """Typing a name finds nobody there."""
    store.save(Customer(id=new_id(), display_name="Larkspur Dental Group"))
    made = fill(NewVisit(world(is_own=False), lambda _id: None), customer="Larks")
    assert made.state.matches == ()


def test_a_customers_computer_is_taken_into_the_visit(store: Store, world: World) -> None:
    """It becomes a computer of the customer, known by its numbers; it can be left out."""
    opened: list[str] = []
    made = NewVisit(world(is_own=False), opened.append, LAPTOP)
    assert "Brandt-Laptop" in made.state.computer_line
    fill(made, customer="Odalys Brandt", purpose="slow", street="s", town="t").start()
    visit = store.get(Visit, opened[0])
    assert visit is not None
    asset = store.get(Asset, visit.asset_ids[0])
    assert asset is not None
    assert (asset.name, asset.identifiers) == ("Brandt-Laptop", ("system_serial:7kx93m3qq",))


def test_ones_own_computer_is_not_proposed(store: Store, world: World) -> None:
    """A visit begun on the technician's laptop has no computer yet."""
    opened: list[str] = []
    made = NewVisit(world(is_own=True), opened.append, LAPTOP)
    assert made.state.computer_line == ""
    fill(made, customer="Odalys Brandt", purpose="slow", street="s", town="t").start()
    visit = store.get(Visit, opened[0])
    assert visit is not None
    assert visit.asset_ids == ()
