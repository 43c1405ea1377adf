"""A technician's page: visits, what waits for them, their devices; and what checks find often, on the overview."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from techkit.central import frequent, projection, review
from techkit.central.models import Role
from techkit.records.assets import DiagnosticRun
from techkit.records.identity import new_id
from techkit.records.success import FollowUp
from techkit.records.visit import WorkState
from tests.central import samples
from tests.central.pages.test_customers import text_of
from tests.central.test_review import visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def test_what_waits_for_a_technician_stands_on_their_page(client: Client, van: Any, maren: Any) -> None:
    """Visits, an open question, a visit not submitted, a promise and the device's state; no rating of theirs is told."""
    records = samples.plain_visit(
        "TK07-2026-0600", "Mühle Sonnenau", "Edda Krug", technician="Ines Okafor", rating=2
    )
    draft = samples.plain_visit(
        "TK07-2026-0601", "Weingut Abendrot", "Lena Frey", technician="Ines Okafor", signs=False,
        work_state=WorkState.DRAFT,
    )  # fmt: skip
    foreign = samples.plain_visit("TK11-2026-0602", "Familie Nkemelu", "Ada Nkemelu")
    visit = visit_of(records)
    promised = FollowUp(
        id=new_id(),
        customer_id=visit.customer_id,
        visit_id=visit.id,
        text="Send the manual",
        owner="Ines Okafor",
    )
    van.send(*records, *draft, *foreign, promised)
    projection.catch_up(maren.org_id)
    review.ask(maren, visit.id, "Which manual?")
    address = f"/technicians/{van.technician.staff_id}"
    page = text_of(client, address)
    asked, unsent = page.split('id="h-asked"')[1], page.split('id="h-unsent"')[1]
    assert "TK07-2026-0600" in asked.split("</section>")[0]
    assert "TK07-2026-0601" in unsent.split("</section>")[0]
    assert "Send the manual" in page
    assert "TK07" in page.split('id="h-devices"')[1]
    assert "TK11-2026-0602" not in page
    assert "It is slow again" not in page
    assert "/devices/" not in page  # a reviewer may not let devices in
    assert f'href="{address}"' in text_of(client, f"/visits/{visit.id}")
    assert f'href="{address}"' in text_of(client, "/overview")


def test_a_technicians_visits_come_in_pages_and_ask_no_more(
    client: Client, van: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full page costs no more queries than one visit; the next page goes on."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from techkit.central.pages import technician

    monkeypatch.setattr(technician, "VISITS_SHOWN", 3)
    address = f"/technicians/{van.technician.staff_id}"
    assert "No visit so far." in text_of(client, address)
    for n in range(1, 6):
        van.send(
            *samples.plain_visit(
                f"TK07-2026-061{n}", "Mühle", "Edda Krug", days_ago=9 - n, technician="Ines Okafor"
            )
        )
        if n == 1:
            text_of(client, address)
            with CaptureQueriesContext(connection) as few:
                text_of(client, address)
    text_of(client, address)
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, address)
    assert len(many) == len(few)
    assert [n for n in range(1, 6) if f"TK07-2026-061{n}" in page] == [3, 4, 5]
    onward = page.split(f'href="{address}?after=')[1].split('"')[0]
    later = text_of(client, f"{address}?after={onward}")
    assert [n for n in range(1, 6) if f"TK07-2026-061{n}" in later] == [1, 2]


def test_who_visits_nobody_has_no_such_page(
    client: Client, van: Any, maren: Any, org: Any, browser_of: Callable[[Any], Client]
) -> None:
    """A colleague of the office, an unknown id and a technician of elsewhere answer alike; technicians see none."""
    from techkit.central import accounts
    from techkit.central.models import Org
    from tests.central.conftest import PASSWORD

    other = accounts.make_staff(Org.objects.create(name="Elsewhere"), "far", PASSWORD, role=Role.TECHNICIAN)
    for staff_id in (maren.staff_id, uuid.uuid4(), other.staff_id):
        answer = client.get(f"/technicians/{staff_id}", secure=True)
        assert answer.status_code == 404
        assert "There is no such technician here." in answer.content.decode()
    tech = accounts.make_staff(org, "tech", PASSWORD, role=Role.TECHNICIAN)
    address = f"/technicians/{van.technician.staff_id}"
    assert browser_of(tech).get(address, secure=True).status_code == 403


def test_what_is_found_often_opens_its_visits(client: Client, van: Any, maren: Any) -> None:
    """A check counts once a visit, also where it was mended; its line opens just those visits; other weeks' count not."""
    records = samples.slow_computer()
    visit = visit_of(records)
    other = samples.dental_practice()
    van.send(*records, *other)
    day = samples.ARRIVAL.date()
    projection.catch_up(maren.org_id)
    found, checked = frequent.frequent(maren, day, day + timedelta(days=3))
    assert checked == 2
    names = {one.check: (one.title, one.visit_count) for one in found}
    runs = [r for r in records if isinstance(r, DiagnosticRun)]
    check = next(f for f in runs[0].findings if f.verdict.value == "act" and f.check != "last_backup")
    assert names[check.check] == (check.title, 1)
    assert "disk_health" not in names
    assert frequent.frequent(maren, date(2020, 1, 1), date(2020, 1, 28)) == ((), 0)
    page = text_of(client, f"/overview?week={day.isoformat()}")
    address = page.split(f"finding={check.check}")[0].rsplit('href="', 1)[1] + f"finding={check.check}"
    listed = text_of(client, address.replace("&amp;", "&"))
    assert visit.number in listed
    assert visit_of(other).number not in listed
    assert f"Finding: {check.title}" in listed
    assert visit.number not in text_of(client, "/visits?view=all&finding=made_up")


def test_a_device_names_no_check_as_it_likes(van: Any, maren: Any) -> None:
    """A name of a check that could not be one is left out of the row; the visit is there all the same."""
    from techkit.central.models import VisitRow

    records = samples.slow_computer()
    odd = [
        replace(r, findings=tuple(replace(f, check="a check " * 30) for f in r.findings))
        if isinstance(r, DiagnosticRun)
        else r
        for r in records
    ]
    van.send(*odd)
    projection.catch_up(maren.org_id)
    assert VisitRow.objects.get(number=visit_of(records).number).finding_checks == ""


def test_devices_and_people_lead_to_technicians(
    van: Any, chief: Any, browser_of: Callable[[Any], Client]
) -> None:
    """Who carries a device or visited somebody is a link that opens; a colleague who did neither is only a name."""
    client = browser_of(chief)
    address = f"/technicians/{van.technician.staff_id}"
    for page in ("/devices", "/people"):
        assert f'href="{address}"' in client.get(page, secure=True).content.decode()
    assert client.get(address, secure=True).status_code == 200
    assert f'href="/technicians/{chief.staff_id}"' not in client.get("/people", secure=True).content.decode()
