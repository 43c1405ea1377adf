"""The forms of master data: made from the declaration, kept for the devices, and nothing typed or written is lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from techkit import resources
from techkit.central import accounts, audit, erasures, master_data, office
from techkit.central.models import AuditEvent, Op, Role
from techkit.records.assets import Asset, Contract, RateCard
from techkit.records.budget import CostCentre
from techkit.records.encoding import from_document
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.schema import Editor, Record, form_fields, row_fields, spec_for
from tests.central.conftest import PASSWORD
from tests.central.pages.test_budgets import words
from tests.central.test_posting import finn

__all__ = ["finn"]


@dataclass
class Mill:
    """A customer with a person, as a device wrote them."""

    customer: Customer
    person: Contact


@pytest.fixture
def mill(van: Any) -> Mill:
    """Give a customer and their person, on the service."""
    customer = Customer(id=new_id(), display_name="Mühle Sonnenau", notes_for_visit="Ring twice")
    person = Contact(
        id=new_id(),
        customer_id=customer.id,
        given_name="Edda",
        family_name="Krug",
        phones=("0761 1", "0761 2"),
    )
    van.send(customer, person)
    return Mill(customer=customer, person=person)


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def held(user: Any, record_id: str) -> Record:
    """Return what a record says now."""
    state = office.state_of(user.org_id, record_id)
    assert state is not None
    return from_document(state.entity, record_id, state.values)


def form_of(answer: Any) -> dict[str, str]:
    """Return what a browser would send of a page's form, nothing changed."""
    page = answer.content.decode().partition('class="fields form"')[2].partition("</form>")[0]
    sent = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }
    for tag in re.findall(r'<input type="(?:text|date)"[^>]*>', page):
        value = re.search(r'value="([^"]*)"', tag)
        name = re.search(r'name="([^"]+)"', tag)
        assert name
        assert value
        sent[name[1]] = unescape(value[1])
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        sent[name] = unescape(text)
    for name, rest in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', rest) or re.search(r'value="([^"]*)"', rest)
        assert chosen
        sent[name] = unescape(chosen[1])
    for tag in re.findall(r'<input type="checkbox"[^>]*checked[^>]*>', page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]+)"', tag)
        assert name
        assert value
        sent[name[1]] = value[1]
    return {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}


def opened(client: Client, address: str) -> dict[str, str]:
    """Open a form and return what it would send."""
    answer = client.get(address, secure=True)
    assert answer.status_code == 200, answer.content.decode()
    return form_of(answer)


@pytest.mark.parametrize("kind", master_data.KINDS)
def test_every_field_staff_may_edit_is_asked_for(org: Any, kind: str) -> None:
    """The form has each declared field of its editor and no other: a new field needs no line of a page."""
    chief = accounts.make_staff(org, "boss", PASSWORD, role=Role.ADMIN)
    spec = spec_for(kind)
    wanted = {f.name for editor in (Editor.STAFF, Editor.FINANCE) for f in form_fields(spec, editor)}
    wanted |= {f.name for f in spec.fields if row_fields(f)}
    wanted -= {"merged_into"}
    assert {f.name for f in master_data._fields(chief, spec)} == wanted


def test_a_form_sent_as_it_was_changes_nothing(client: Client, mill: Mill, maren: Any) -> None:
    """Opened and kept: no operation, no audit row, whatever stands in the fields."""
    before = Op.objects.count(), AuditEvent.objects.filter(action__startswith="c").count()
    for kind, record in (("customer", mill.customer), ("contact", mill.person)):
        address = f"/edit/{kind}/{record.id}"
        answer = client.post(address, opened(client, address), secure=True)
        assert answer["Location"].startswith(f"/customers/{mill.customer.id}?kept=")
    assert (Op.objects.count(), AuditEvent.objects.filter(action__startswith="c").count()) == before
    assert held(maren, mill.person.id) == mill.person


def test_a_phone_shows_the_whole_form(client: Client, mill: Mill) -> None:
    """Nothing of a form carries a class that the style sheet hides on a narrow screen, its button least of all."""
    hidden = set(
        re.findall(
            r"\.([\w-]+) \{ display: none !important; \}", resources.text("pages", "static", "pages.css")
        )
    )
    assert hidden
    page = client.get(f"/edit/contact/{mill.person.id}", secure=True).content.decode()
    assert 'aria-current="page"' in page.split('href="/customers"')[1][:60], "a person belongs to a customer"
    form = page.partition('<form method="post" class=')[2].partition("</form>")[0]
    used = {name for names in re.findall(r'class="([^"]*)"', form) for name in names.split()}
    assert "main" in used
    assert not used & hidden


def test_what_is_typed_is_kept_as_one_change(client: Client, mill: Mill, maren: Any) -> None:
    """Texts, lists, choices and ticks of one form are one operation of the office and one row of the audit."""
    address = f"/edit/contact/{mill.person.id}"
    form = opened(client, address)
    assert form["phones"] == "0761 1\n0761 2"
    count = Op.objects.count()
    form |= {
        "role": "  Office   manager ", "phones": "0761 2\r\n\r\n0761 3", "skill": "4", "email": "edda@example.org"
    }  # fmt: skip
    del form["may_sign"]
    answer = client.post(address, form, secure=True)
    assert "The entry “Edda Krug” is kept." in words(client.get(answer["Location"], secure=True))
    now = held(maren, mill.person.id)
    assert isinstance(now, Contact)
    assert (now.role, now.phones, now.skill, now.email, now.may_sign, now.given_name) == (
        "Office manager", ("0761 2", "0761 3"), 4, "edda@example.org", False, "Edda"
    )  # fmt: skip
    assert Op.objects.count() == count + 1
    row = AuditEvent.objects.get(action="contact.change")
    assert row.object_id == mill.person.id
    assert row.detail == {"fields": ["role", "phones", "email", "skill", "may_sign"]}
    assert audit.verify(maren.org_id) is None


def test_two_people_change_one_field(client: Client, mill: Mill, van: Any, maren: Any) -> None:
    """Both texts are shown, nothing is kept; then one decides. What only the other changed stays as they wrote it."""
    address = f"/edit/customer/{mill.customer.id}"
    form = opened(client, address) | {"notes_for_visit": "Use the back door", "legal_name": "Sonnenau KG"}
    van.change(mill.customer.id, notes_for_visit="Dog in the yard", status="dormant")
    answer = client.post(address, form, secure=True)
    page = words(answer, 409)
    assert "Somebody changed this entry since you opened it." in page
    assert "Ines Okafor wrote meanwhile: Dog in the yard" in page
    again = form_of(answer)
    assert (again["notes_for_visit"], again["legal_name"], again["status"]) == (
        "Use the back door", "Sonnenau KG", "dormant"
    )  # fmt: skip
    now = held(maren, mill.customer.id)
    assert isinstance(now, Customer)
    assert (now.notes_for_visit, now.legal_name) == ("Dog in the yard", "")
    taking = client.post(address, {**again, "take-notes_for_visit": "yes"}, secure=True)
    assert taking.status_code == 302
    now = held(maren, mill.customer.id)
    assert isinstance(now, Customer)
    assert (now.notes_for_visit, now.legal_name, now.status) == ("Dog in the yard", "Sonnenau KG", "dormant")
    assert client.post(address, again, secure=True).status_code == 302
    assert getattr(held(maren, mill.customer.id), "notes_for_visit", "") == "Use the back door"


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"family_name": "  "}, "family_name", "Family name is still empty."),
        (
            {"family_name": "x" * 501},
            "family_name",
            "Family name is too long: 501 of at most 500 characters.",
        ),
        ({"email": "nobody at home"}, "email", "this cannot be an e-mail address."),
        ({"role": "boss\x1b[31m"}, "role", "Role holds a character that is no text."),
        ({"skill": "6"}, "skill", "Skill: please choose one."),
        ({"relationship": "dragon"}, "relationship", "Relationship: please choose one."),
        ({"may_approve_minor": "lots"}, "may_approve_minor", "“lots” is not a number here."),
        ({"may_approve_minor": "0.125"}, "may_approve_minor", "is finer than EUR has coins"),
        ({"may_approve_minor": "9" * 40}, "may_approve_minor", "larger"),
        ({"phones": "1" * 501}, "phones", "a line takes at most 500 characters."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    client: Client, mill: Mill, maren: Any, typed: dict[str, str], field: str, sentence: str
) -> None:
    """The sentence stands at the field, all that was typed stays, and nothing is written."""
    address = f"/edit/contact/{mill.person.id}"
    form = {**opened(client, address), "pronunciation": "eh-da", **typed}
    answer = client.post(address, form, secure=True)
    assert sentence in words(answer, 422)
    page = answer.content.decode()
    assert page.count('aria-invalid="true"') == 1
    assert f'id="{field}" name="{field}" aria-invalid="true" aria-describedby="w-{field} ' in page
    assert {**form_of(answer), "skill": "", "relationship": ""} == {**form, "skill": "", "relationship": ""}
    assert held(maren, mill.person.id) == mill.person


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("country", "XQ", "Country: “XQ” is no country’s code."),
        ("country", "EU", "Country: “EU” is no country’s code."),
        ("time_zone", "Mars/Olympus", "Time zone: “Mars/Olympus” is no time zone."),
        ("time_zone", "localtime", "Time zone: “localtime” is no time zone."),
    ],
)
def test_a_place_is_in_a_country_and_a_zone_that_exist(
    client: Client, mill: Mill, van: Any, maren: Any, field: str, typed: str, sentence: str
) -> None:
    """What cannot be read is told at its field; letters of either size are taken, and what stood there before bars nothing."""
    site = Site(id=new_id(), customer_id=mill.customer.id, name="Old mill", country="??", time_zone="Home")
    van.send(site)
    address = f"/edit/site/{site.id}"
    form = opened(client, address)
    refused = client.post(address, form | {field: typed}, secure=True)
    assert sentence in words(refused, 422)
    assert held(maren, site.id) == site
    assert client.post(address, form | {"town": "Sonnenau"}, secure=True).status_code == 302
    right = {"country": "de", "time_zone": "europe/berlin"}
    assert client.post(address, opened(client, address) | right, secure=True).status_code == 302
    now = held(maren, site.id)
    assert isinstance(now, Site)
    assert (now.country, now.time_zone, now.town) == ("DE", "Europe/Berlin", "Sonnenau")
    assert client.post(address, opened(client, address) | {"country": ""}, secure=True).status_code == 302


def test_hours_that_cannot_be_read_are_told(money: Client, mill: Mill, van: Any, finn: Any) -> None:
    """Words nobody can compute with are refused with an example; hours as OpenStreetMap writes them are kept as typed."""
    contract = Contract(id=new_id(), customer_id=mill.customer.id, number="V-8")
    van.send(contract)
    address = f"/edit/contract/{contract.id}"
    form = opened(money, address)
    refused = words(money.post(address, form | {"business_hours": "mornings"}, secure=True), 422)
    assert "Agreed hours: “mornings” cannot be read as hours." in refused
    assert "Mo-Fr 08:00-17:00; Sa 09:00-12:00" in refused
    assert held(finn, contract.id) == contract
    typed = "Mo-Fr 08:00-17:00; Sa 09:00-12:00"
    assert money.post(address, form | {"business_hours": typed}, secure=True).status_code == 302
    assert getattr(held(finn, contract.id), "business_hours", "") == typed


def test_ids_of_others_and_foreign_marks_are_no_way_in(
    client: Client, mill: Mill, van: Any, finn: Any, maren: Any
) -> None:
    """A payer of another customer is no choice, and a form without what was seen writes over nobody's words."""
    other = Customer(id=new_id(), display_name="Quarrystone Architects")
    theirs = Payer(id=new_id(), customer_id=other.id, name="Head office")
    ours = Payer(id=new_id(), customer_id=mill.customer.id, name="Sonnenau KG")
    van.send(other, theirs, ours)
    address = f"/edit/customer/{mill.customer.id}"
    form = opened(client, address)
    for wrong in (theirs.id, new_id(), "' OR 1=1 --"):
        assert "Payer: please choose one." in words(
            client.post(address, {**form, "payer_id": wrong}, secure=True), 422
        )
    assert client.post(address, {**form, "payer_id": ours.id}, secure=True).status_code == 302
    assert getattr(held(maren, mill.customer.id), "payer_id", "") == ours.id
    bare = client.post(address, {"display_name": "Mine now", "tax_id": "1", "number": "K-1"}, secure=True)
    assert "wrote meanwhile: Mühle Sonnenau" in words(bare, 409)
    now = held(maren, mill.customer.id)
    assert isinstance(now, Customer)
    assert (now.display_name, now.tax_id, now.number) == ("Mühle Sonnenau", "", "")


def test_a_person_is_added_once(client: Client, mill: Mill, maren: Any) -> None:
    """The button leads to an empty form; sent twice it makes one person, and an id of something else is no way in."""
    page = client.get(f"/customers/{mill.customer.id}", secure=True).content.decode()
    address = f"/customers/{mill.customer.id}/add/contact"
    assert f'href="{address}"' in page
    form = opened(client, address)
    empty = client.post(address, form, secure=True)
    assert "Family name is still empty." in words(empty, 422)
    form |= {"family_name": "Okoro", "given_name": "Uche"}
    for _n in range(2):
        answer = client.post(address, form, secure=True)
        assert "The entry “Uche Okoro” is kept." in words(client.get(answer["Location"], secure=True))
    now = held(maren, form["id"])
    assert isinstance(now, Contact)
    assert (now.customer_id, now.name, now.may_sign) == (mill.customer.id, "Uche Okoro", True)
    assert AuditEvent.objects.filter(action="contact.add").count() == 1
    for wrong in (mill.customer.id, "nonsense"):
        assert client.post(address, {**form, "id": wrong}, secure=True).status_code == 404
    nowhere = f"/customers/{uuid.uuid4()}/add/contact"
    assert client.post(nowhere, {**form, "id": new_id()}, secure=True).status_code == 404


def test_what_is_merged_or_removed_says_why_and_stays(
    client: Client, mill: Mill, van: Any, maren: Any, chief: Any
) -> None:
    """A merged entry leads to the one that holds; a removed one and a removed customer's are closed, form or no form."""
    twin = Contact(id=new_id(), customer_id=mill.customer.id, family_name="Krug", merged_into=mill.person.id)
    gone = Contact(id=new_id(), customer_id=mill.customer.id, family_name="Gone")
    van.send(twin, gone)
    form = opened(client, f"/edit/contact/{gone.id}")
    van.remove(gone.id, "entered twice")
    for record, said in (
        (twin, "This entry was merged with another one."),
        (gone, "This entry was removed."),
    ):
        address = f"/edit/contact/{record.id}"
        assert said in words(client.get(address, secure=True), 409)
        refused = client.post(address, {**form, "family_name": "Changed"}, secure=True)
        assert said in words(refused, 409)
        assert getattr(held(maren, record.id), "family_name", "") != "Changed"
    shown = client.get(f"/edit/contact/{twin.id}", secure=True).content.decode()
    assert f'href="/edit/contact/{mill.person.id}"' in shown
    about = erasures.foreseen(chief, mill.customer.id)
    erasures.erase(chief, mill.customer.id, erasures.expected(about))
    address = f"/edit/contact/{mill.person.id}"
    assert "removed for good" in words(client.get(address, secure=True), 409)
    assert client.get(f"/customers/{mill.customer.id}/add/contact", secure=True).status_code == 409


def test_only_who_may_edit_comes_in(
    client: Client, mill: Mill, org: Any, finn: Any, browser_of: Callable[[Any], Client]
) -> None:
    """An auditor reads and finds no way there; tax numbers are finance's; without the page's token nothing is taken."""
    address, customer = f"/edit/customer/{mill.customer.id}", f"/customers/{mill.customer.id}"
    auditor = browser_of(accounts.make_staff(org, "aud", PASSWORD, role=Role.AUDITOR))
    assert "/edit/" not in auditor.get(customer, secure=True).content.decode()
    assert f'href="{address}"' in client.get(customer, secure=True).content.decode()
    technician = browser_of(accounts.make_staff(org, "tech", PASSWORD, role=Role.TECHNICIAN))
    for nobody in (auditor, technician):
        assert nobody.get(address, secure=True).status_code == 403
        assert nobody.post(address, {"display_name": "x"}, secure=True).status_code == 403
        assert nobody.get(f"{customer}/add/contact", secure=True).status_code == 403
    assert "tax_id" not in opened(client, address)
    assert "tax_id" in opened(browser_of(finn), address)
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(address, {"display_name": "x"}, secure=True).status_code == 403
    for unknown in (
        f"/edit/contact/{mill.customer.id}",
        f"/edit/customer/{uuid.uuid4()}",
        f"/edit/visit/{uuid.uuid4()}",
    ):
        assert client.get(unknown, secure=True).status_code == 404


def test_hidden_characters_survive_and_markup_stays_text(
    client: Client, mill: Mill, van: Any, maren: Any
) -> None:
    """A joiner in a name is not replaced by its code when another field is kept; markup is shown as it was typed."""
    name = "Ali\u200dreza <b>& Co"
    van.change(mill.customer.id, display_name=name)
    address = f"/edit/customer/{mill.customer.id}"
    page = client.get(address, secure=True)
    assert "<b>&" not in page.content.decode()
    form = form_of(page)
    assert form["display_name"] == name
    assert client.post(address, {**form, "display_name": name + "!"}, secure=True).status_code == 302
    assert getattr(held(maren, mill.customer.id), "display_name", "") == name + "!"


def test_the_form_speaks_the_reader_s_language(client: Client, mill: Mill, maren: Any) -> None:
    """A German types a comma; an amount kept so is the same amount everywhere."""
    client.post("/account/language", {"language": "de"}, secure=True)
    address = f"/edit/contact/{mill.person.id}"
    form = opened(client, address) | {"may_approve_minor": "1.250,50"}
    assert client.post(address, form, secure=True).status_code == 302
    assert getattr(held(maren, mill.person.id), "may_approve_minor", 0) == 125_050


def test_places_and_computers_are_edited_and_name_only_their_own(
    client: Client, mill: Mill, van: Any, maren: Any
) -> None:
    """A computer stands at a place of its customer and is used by one of their people; another customer's is no choice."""
    other = Customer(id=new_id(), display_name="Quarrystone Architects")
    theirs = Site(id=new_id(), customer_id=other.id, name="Office")
    mine = Site(id=new_id(), customer_id=mill.customer.id, name="Mill", town="Sonnenau")
    box = Asset(id=new_id(), customer_id=mill.customer.id, name="MS-01")
    van.send(other, theirs, mine, box)
    page = client.get(f"/customers/{mill.customer.id}", secure=True).content.decode()
    assert all(f'href="/edit/{kind}/{one.id}"' in page for kind, one in (("site", mine), ("asset", box)))
    client.post(
        f"/edit/site/{mine.id}",
        opened(client, f"/edit/site/{mine.id}") | {"street": "Am Bach 2"},
        secure=True,
    )
    assert getattr(held(maren, mine.id), "street", "") == "Am Bach 2"
    address = f"/edit/asset/{box.id}"
    form = opened(client, address) | {"site_id": mine.id, "owner_contact": mill.person.id}
    form |= {"price_minor": "1,299.00", "purchased_on": "2026-02-30"}
    assert "“2026-02-30” is not a day of the calendar." in words(client.post(address, form, secure=True), 422)
    form |= {"purchased_on": "2026-02-28", "serial": "SN 4711"}
    wrong = client.post(address, {**form, "site_id": theirs.id}, secure=True)
    assert "Place: please choose one." in words(wrong, 422)
    assert client.post(address, form, secure=True).status_code == 302
    now = held(maren, box.id)
    assert isinstance(now, Asset)
    assert (now.site_id, now.owner_contact, now.price_minor, now.serial, now.purchased_on) == (
        mine.id, mill.person.id, 129_900, "SN 4711", date(2026, 2, 28)
    )  # fmt: skip


@pytest.fixture
def money(finn: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of Finn of finance."""
    return browser_of(finn)


def test_a_contract_is_finance_s(money: Client, client: Client, mill: Mill, van: Any, finn: Any) -> None:
    """Hours, days, what it covers and who bears it are kept; a reviewer has no way there."""
    boxes = [Asset(id=new_id(), customer_id=mill.customer.id, name=name) for name in ("MS-01", "MS-02")]
    centre = CostCentre(id=new_id(), customer_id=mill.customer.id, code="MILL")
    card = RateCard(id=new_id(), name="Usual")
    van.send(*boxes, centre, card)
    address = f"/customers/{mill.customer.id}/add/contract"
    assert client.get(address, secure=True).status_code == 403
    form = opened(money, address) | {
        "number": "V-7", "starts_on": "2026-12-01", "ends_on": "2026-11-30", "hours_included": "0", "rate_card_id": card.id,
        "default_shares.0.cost_centre_id": centre.id, "default_shares.0.share_percent": "100",
    }  # fmt: skip
    assert "The last day lies before the first one." in words(money.post(address, form, secure=True), 422)
    form |= {"ends_on": "2027-11-30", "hours_included": "12.5"}
    sent = {**form, "covered_assets": [boxes[1].id]}
    foreign = money.post(address, {**form, "covered_assets": [boxes[1].id, mill.person.id]}, secure=True)
    assert "Covers: please choose one." in words(foreign, 422)
    assert money.post(address, sent, secure=True).status_code == 302
    now = held(finn, form["id"])
    assert isinstance(now, Contract)
    assert (now.number, now.hours_included, now.covered_assets, now.rate_card_id) == (
        "V-7", Decimal("12.5"), (boxes[1].id,), card.id
    )  # fmt: skip
    assert [(s.cost_centre_id, s.share_percent) for s in now.default_shares] == [(centre.id, Decimal(100))]
    address = f"/edit/contract/{now.id}"
    again = opened(money, address)
    assert again["covered_assets"] == boxes[1].id
    count = Op.objects.count()
    assert money.post(address, again, secure=True).status_code == 302
    assert Op.objects.count() == count
    page = money.get(f"/customers/{mill.customer.id}", secure=True).content.decode()
    assert f'href="{address}"' in page
    assert "MS-02" in page.partition("What is agreed")[2]
    assert boxes[1].id not in page.partition("What is agreed")[2].partition("</section>")[0]


def test_rates_are_typed_line_by_line(money: Client, finn: Any, van: Any) -> None:
    """Lines are added, changed and left out; a wrong cell is told at its place; one card at most is the usual one."""
    old = RateCard(id=new_id(), name="Old", is_default=True)
    van.send(old)
    assert "Old" in words(money.get("/rate-cards", secure=True))
    form = opened(money, "/add/rate_card") | {
        "name": "2027", "currency": "EUR", "is_default": "yes", "rates.0.labour": "work", "rates.0.hourly_minor": "95.00",
        "rates.0.increment_minutes": "15", "rates.1.labour": "travel", "rates.1.hourly_minor": "lots",
    }  # fmt: skip
    wrong = money.post("/add/rate_card", form, secure=True)
    assert "“lots” is not a number here." in words(wrong, 422)
    assert (
        'id="rates.1.hourly_minor" name="rates.1.hourly_minor" aria-invalid="true"' in wrong.content.decode()
    )
    twice = {**form, "rates.1.labour": "work", "rates.1.hourly_minor": "60"}
    assert "This stands in the list already." in words(money.post("/add/rate_card", twice, secure=True), 422)
    form |= {"rates.1.hourly_minor": "60"}
    answer = money.post("/add/rate_card", form, secure=True)
    assert "The entry “2027” is kept." in words(money.get(answer["Location"], secure=True))
    card = held(finn, form["id"])
    assert isinstance(card, RateCard)
    assert [(r.labour, r.hourly_minor, r.increment_minutes) for r in card.rates] == [
        ("work", 9500, 15),
        ("travel", 6000, 15),
    ]
    assert not getattr(held(finn, old.id), "is_default", True)
    address = f"/edit/rate_card/{card.id}"
    again = opened(money, address)
    count = Op.objects.count()
    assert money.post(address, again, secure=True).status_code == 302
    assert Op.objects.count() == count
    assert money.post(address, {**again, "rates.0.gone": "yes"}, secure=True).status_code == 302
    yen = opened(money, address) | {"currency": "JPY"}
    fine = words(money.post(address, {**yen, "rates.0.hourly_minor": "60.50"}, secure=True), 422)
    assert "is finer than JPY has coins" in fine
    assert money.post(address, yen, secure=True).status_code == 302
    card = held(finn, form["id"])
    assert isinstance(card, RateCard)
    # 60.00 of a currency without smaller coins is 60 of them, not 6000.
    assert [(r.labour, r.hourly_minor) for r in card.rates] == [("travel", 60)]
    assert card.currency == "JPY"


def test_a_customer_is_added(client: Client, maren: Any, kit: Any) -> None:
    """A new customer has a page at once; once it is given to a device it is there with the next sync."""
    from techkit.central import feed
    from techkit.central.models import Device

    form = opened(client, "/add/customer") | {"display_name": "Weingut Abendrot", "kind": "organisation"}
    answer = client.post("/add/customer", form, secure=True)
    assert "Weingut Abendrot" in words(client.get(answer["Location"], secure=True))
    feed.grant(Device.objects.get(id=kit.id), f"customer:{form['id']}")
    kit.sync()
    assert kit.value(form["id"], "display_name") == "Weingut Abendrot"
    for wrong in ("/add/contact", "/add/contract", "/add/visit"):
        assert client.get(wrong, secure=True).status_code in (403, 404)
