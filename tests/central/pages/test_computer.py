"""A computer's page: what it is, its visits with work and proof, readings over visits, and what is still open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from techkit.central import accounts
from techkit.central.models import Role
from techkit.records.activities import Troubleshooting
from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.findings import Area, Finding, Reading, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import Record
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Visit
from tests.central import samples
from tests.central.conftest import PASSWORD
from tests.central.pages.test_customers import text_of
from tests.central.test_review import visit_of

BEGIN = samples.ARRIVAL - timedelta(days=700)


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def looked(asset: Asset, day: int, worn: float, verdict: Verdict, number: str = "") -> list[Record]:
    """Return a visit that found a disk's wear and judged it."""
    at = BEGIN + timedelta(days=day)
    visit = Visit(
        id=new_id(), number=number or f"TK07-{day:04}", customer_id=asset.customer_id, asset_ids=(asset.id,),
        technician="Ines Okafor", arrived_at=at, left_at=at + timedelta(hours=1),
    )  # fmt: skip
    found = Finding(
        check="disk_health", title="Disk health", subject="disk0", area=Area.STORAGE, verdict=verdict,
        sentence=f"{worn} % of the rated writes are used.",
    )  # fmt: skip
    run = DiagnosticRun(
        id=new_id(), visit_id=visit.id, asset_id=asset.id, phase=Phase.BEFORE, started_at=at, ended_at=at,
        findings=(found,),
        readings=(
            Reading(id="storage.smart.used_percent", value=worn, unit="percent", subject="disk0"),
            Reading(id="storage.smart.reallocated", value=int(worn) // 10, unit="count", subject="disk0"),
        ),
    )  # fmt: skip
    return [visit, run]


def owned(name: str = "Front desk", **more: Any) -> tuple[Customer, Asset]:
    """Return a customer and their computer."""
    customer = Customer(id=new_id(), display_name="Mühle Sonnenau")
    return customer, Asset(id=new_id(), customer_id=customer.id, name=name, **more)


def test_a_computers_life_stands_on_one_page(client: Client, van: Any) -> None:
    """Identity, work with its proof, what the last check found and what is open are there; the ways to it lead here."""
    records = samples.slow_computer()
    visit, asset = visit_of(records), next(r for r in records if isinstance(r, Asset))
    van.send(*records)
    address = f"/computers/{asset.id}"
    page = text_of(client, address)
    work = next(r for r in records if isinstance(r, Troubleshooting))
    promised = next(r for r in records if isinstance(r, FollowUp))
    advised = next(r for r in records if isinstance(r, Recommendation))
    for said in (
        asset.serial,
        work.title,
        "Proven by reading",
        "Free disk space (C:)",
        "No backup was ever made.",
    ):
        assert said in page
    still_open = page.split('id="h-open"')[1]
    assert promised.text in still_open
    assert advised.text in still_open
    assert f'href="/visits/{visit.id}' in page
    assert f'href="/customers/{asset.customer_id}"' in page
    for way in (f"/visits/{visit.id}", f"/customers/{asset.customer_id}"):
        assert f'href="{address}"' in text_of(client, way)


def test_readings_move_over_visits_and_a_new_verdict_is_told(client: Client, van: Any) -> None:
    """Wear of three visits is drawn with its pace; the visit at which the disk was judged worse says so."""
    customer, asset = owned()
    van.send(customer, asset)
    for day, worn, verdict in ((0, 40, Verdict.OK), (300, 60, Verdict.OK), (600, 80, Verdict.WATCH)):
        van.send(*looked(asset, day, worn, verdict))
    page = text_of(client, f"/computers/{asset.id}").replace("\xa0", " ")
    assert "80 % at the last visit, 2.0 % more a month." in page
    assert "Blocks replaced by spare ones, disk0" in page
    assert "8 at the last visit, 0.2 more a month." in page
    assert page.count("<polyline") == 2
    judged = page.split("Judged otherwise than before")
    assert len(judged) == 2
    assert "TK07-0600" in judged[0]
    assert "TK07-0300" in judged[1]


def test_visits_come_in_pages_and_more_of_them_ask_no_more(client: Client, van: Any) -> None:
    """Ten visits come on two pages, each once; ten cost no more queries than two."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    customer, asset = owned()
    van.send(customer, asset)
    for day in (1, 2):
        van.send(*looked(asset, 7 * day, 40, Verdict.OK, f"TK07-{day:04}"))
    address = f"/computers/{asset.id}"
    text_of(client, address)
    with CaptureQueriesContext(connection) as few:
        text_of(client, address)
    van.send(
        *(r for day in range(3, 11) for r in looked(asset, 7 * day, 40 + day, Verdict.OK, f"TK07-{day:04}"))
    )
    text_of(client, address)
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, address)
    assert len(many) == len(few)
    onward = page.split(f'href="{address}?from=')[1].split('"')[0]
    later = text_of(client, f"{address}?from={onward}")
    first = {day for day in range(1, 11) if f"TK07-{day:04}" in page}
    assert len(first) == 8
    assert {day for day in range(1, 11) if f"TK07-{day:04}" in later} == set(range(1, 11)) - first
    assert "Newest visits" in later
    assert text_of(client, f"{address}?from=nonsense").count("TK07-") == page.count("TK07-")


def test_a_computer_of_two_entries_shows_the_visits_of_both(client: Client, van: Any) -> None:
    """Visits to an entry that was merged into another stand on the page of the one that holds, and each leads to the other."""
    customer, asset = owned()
    twin = replace(asset, id=new_id(), name="Front desk again")
    van.send(customer, asset, twin)
    van.send(*looked(twin, 4, 30, Verdict.OK, "TK07-TWIN"), *looked(asset, 90, 31, Verdict.OK, "TK07-OWN"))
    van.change(twin.id, merged_into=asset.id)
    page = text_of(client, f"/computers/{asset.id}")
    assert "TK07-TWIN" in page
    assert "TK07-OWN" in page
    assert "<polyline" in page
    both = text_of(client, f"/visits?view=all&asset={asset.id}")
    assert "TK07-TWIN" in both
    assert "TK07-OWN" in both
    assert f'href="/computers/{asset.id}"' in text_of(client, f"/computers/{twin.id}")


def test_the_list_of_a_computer_has_visits_to_several_of_them(client: Client, van: Any) -> None:
    """A visit to two computers stands in the list of either, and in no third one's."""
    customer, first = owned()
    second, third = (replace(first, id=new_id(), name=name) for name in ("Till", "Back office"))
    visit, run = looked(first, 4, 30, Verdict.OK, "TK07-BOTH")
    assert isinstance(visit, Visit)
    van.send(customer, first, second, third, replace(visit, asset_ids=(first.id, second.id)), run)
    for asset, is_there in ((first, True), (second, True), (third, False)):
        listed = text_of(client, f"/visits?view=all&asset={asset.id}")
        assert ("TK07-BOTH" in listed) is is_there


def test_a_computers_page_leads_to_its_form(
    client: Client, van: Any, browser_of: Callable[[Any], Client], org: Any
) -> None:
    """Who may edit finds the way, and the form opens; an auditor finds none, nor does anybody at an entry that was merged."""
    customer, asset = owned()
    twin = replace(asset, id=new_id(), merged_into=asset.id)
    van.send(customer, asset, twin)
    way = f'href="/edit/asset/{asset.id}"'
    assert way in text_of(client, f"/computers/{asset.id}")
    assert "Front desk" in text_of(client, f"/edit/asset/{asset.id}")
    assert 'href="/edit/asset/' not in text_of(client, f"/computers/{twin.id}")
    auditor = browser_of(accounts.make_staff(org, "aud", PASSWORD, role=Role.AUDITOR))
    assert 'href="/edit/asset/' not in text_of(auditor, f"/computers/{asset.id}")


def test_nothing_known_is_said_and_a_hostile_name_is_only_a_name(client: Client, van: Any) -> None:
    """A computer without a visit says so in each part, whatever it is called."""
    customer, asset = owned("<script>alert(1)</script>")
    van.send(customer, asset)
    page = text_of(client, f"/computers/{asset.id}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    for said in ("Never checked so far.", "No visit so far.", "No promise is open."):
        assert said in page


def test_what_another_computer_of_the_visit_got_is_not_told_here(client: Client, van: Any) -> None:
    """Work and promises of one of a visit's two computers stand on its own page alone."""
    customer, asset = owned()
    other = replace(asset, id=new_id(), name="Back office")
    records = looked(asset, 5, 30, Verdict.OK)
    visit = replace(visit_of(records), asset_ids=(asset.id, other.id))
    work = Troubleshooting(
        id=new_id(), visit_id=visit.id, asset_id=other.id, title="Cable replaced", symptom="x"
    )
    vague = Troubleshooting(id=new_id(), visit_id=visit.id, title="Looked at both", symptom="x")
    van.send(customer, asset, other, visit, *records[1:], work, vague)
    assert "Cable replaced" not in text_of(client, f"/computers/{asset.id}")
    page = text_of(client, f"/computers/{other.id}")
    assert "Cable replaced" in page
    assert "Looked at both" not in page


def test_unknown_foreign_and_removed_computers_and_other_roles_are_refused(
    client: Client, van: Any, org: Any, browser_of: Callable[[Any], Client]
) -> None:
    """Another organisation's computer answers like an unknown one; a technician's account sees no computer's page."""
    from techkit.central import accounts
    from techkit.central.models import Org, Role
    from techkit.central.models import Record as Row
    from tests.central.conftest import PASSWORD

    customer, asset = owned()
    van.send(customer, asset, Contact(id=new_id(), customer_id=customer.id, given_name="Edda"))
    address = f"/computers/{asset.id}"
    assert client.get(address, secure=True).status_code == 200
    tech = accounts.make_staff(org, "tech", PASSWORD, role=Role.TECHNICIAN)
    assert browser_of(tech).get(address, secure=True).status_code == 403
    Row.objects.filter(entity_id=uuid.UUID(asset.id)).update(org=Org.objects.create(name="Elsewhere"))
    for unknown in (address, f"/computers/{uuid.uuid4()}", f"/computers/{customer.id}"):
        answer = client.get(unknown, secure=True)
        assert answer.status_code == 404
        assert "There is no such computer here." in answer.content.decode()


def test_the_page_speaks_german(client: Client, van: Any, maren: Any) -> None:
    """Headings and sentences come in the reader's language."""
    customer, asset = owned()
    van.send(customer, asset)
    maren.language = "de"
    maren.save()
    page = text_of(client, f"/computers/{asset.id}")
    assert "Noch kein Besuch" in page or "Bisher kein Besuch" in page
