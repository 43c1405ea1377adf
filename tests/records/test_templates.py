"""Templates of visits: what ships, what is one's own, and what a visit takes from one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from techkit import i18n
from techkit.records.activities import ACTIVITY_KINDS, ChecklistRow, Install, Maintenance
from techkit.records.bundle import VisitBundle
from techkit.records.encoding import decode, encode
from techkit.records.entering import check
from techkit.records.findings import Complaint
from techkit.records.schema import SyncClass, spec_of
from techkit.records.templates import (
    SHIPPED,
    VisitTemplate,
    is_shipped,
    offered,
    planned,
    put_away,
    shipped,
    template_from,
)
from techkit.records.visit import LabourSegment, PlannedSupply, SupplyUse, Visit


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_ships_can_be_used_at_once(language: str):
    """Every shipped template is a whole plan of known kinds of work, in each language."""
    i18n.set_language(language)
    try:
        found = shipped()
        assert len(found) == len(SHIPPED) >= 6
        for template in found:
            check(template)
            assert is_shipped(template)
            assert template.purpose
            assert len(template.points) >= 3
            assert template.expected_minutes
            assert set(template.planned_kinds) <= set(ACTIVITY_KINDS)
        assert len({t.title for t in found}) == len(found)
    finally:
        i18n.set_language("en")


def test_it_is_merged_field_by_field():
    """A template is the technician's and the office's: both may change it."""
    assert spec_of(VisitTemplate).sync is SyncClass.MERGED
    assert spec_of(VisitTemplate).owner == "technician"


def test_ones_own_stand_first_and_take_the_place_of_what_ships():
    """A copy of a shipped template replaces it; one that is put away is not offered."""
    everything = shipped()
    own = VisitTemplate(id="own", title="Our check-up", shipped="check_up")
    hidden = put_away(everything[1], id="hidden")
    found = offered((own, hidden))
    assert found[0] == own
    assert {t.shipped for t in found[1:]} == {t.shipped for t in everything} - {"check_up", "slow"}


def test_a_visit_takes_the_plan_and_keeps_what_was_said():
    """The customer's own words, the complaint and work planned by the office stay; the rest follows."""
    template = next(t for t in shipped() if t.shipped == "printing")
    said = Visit(id="v", purpose="It is so slow", complaint=Complaint.SLOW, planned_kinds=("training",))
    found = planned(said, template)
    assert (found.purpose, found.complaint) == ("It is so slow", Complaint.SLOW)
    assert found.planned_kinds == ("training", "troubleshooting")
    assert (found.points, found.expected_minutes) == (template.points, 45)
    empty = planned(Visit(id="w"), template)
    assert (empty.purpose, empty.complaint) == (template.purpose, Complaint.NO_PRINTING)


def finished() -> VisitBundle:
    """A visit with an install, points looked at, two rolls and one more, 52 minutes of work."""
    begun = datetime(2026, 11, 24, 8, tzinfo=UTC)
    return VisitBundle(
        visit=Visit(id="v", purpose="Label printer at desk 3\nAs discussed", complaint=Complaint.NO_PRINTING),
        activities=(
            Maintenance(id="m", checklist=(ChecklistRow(item="Test page", result="pass"),)),
            Install(id="i", title="Driver", product="LabelWorks"),
        ),
        supplies=(
            SupplyUse(id="s1", name="Label roll", quantity=Decimal(2), unit_price_minor=990),
            SupplyUse(id="s2", name="Label roll", quantity=Decimal(1), unit_price_minor=990),
        ),
        labour=(
            LabourSegment(
                id="l", started_at=begun, ended_at=begun + timedelta(minutes=52), elapsed_s=52 * 60
            ),
        ),
    )


def test_a_template_made_of_a_finished_visit():
    """Kinds in the order of the tiles, points that were looked at, supplies added up, minutes rounded up to five."""
    made = template_from(finished(), id="t", day=date(2026, 11, 24))
    assert made.title == "Label printer at desk 3"
    assert made.planned_kinds == ("install", "supply_use", "maintenance")
    assert made.points == ("Test page",)
    assert made.supplies == (PlannedSupply(name="Label roll", quantity=Decimal(3), unit_price_minor=990),)
    assert made.expected_minutes == 55
    assert made.complaint is Complaint.NO_PRINTING
    check(made)


def test_it_travels_whole():
    """Supplies with number and price come back from a message as they were sent."""
    made = template_from(finished(), id="t", day=date(2026, 11, 24))
    spec = spec_of(made).field("supplies")
    assert decode(spec, encode(made.supplies)) == made.supplies
