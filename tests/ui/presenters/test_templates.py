"""Templates of visits on the device: begin with one, make one, change, remove, take back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from techkit.records.activities import Maintenance
from techkit.records.findings import Complaint
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.records.schema import spec_of
from techkit.records.templates import VisitTemplate
from techkit.records.visit import PlannedSupply, SupplyUse
from techkit.records.visit import Visit as VisitRecord
from techkit.store.database import Store
from techkit.ui.presenters.new_visit import NewVisit
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.templates import Templates
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign

World = Callable[..., Surroundings]


def titles(templates: Templates) -> list[str]:
    return [row.title for row in templates.state.rows]


def test_an_empty_device_has_the_templates_that_ship(world: World) -> None:
    """Nothing was ever kept here, and there is something to begin with, each with what it holds."""
    made = Templates(world())
    assert "Slow computer" in titles(made)
    row = next(r for r in made.state.rows if r.title == "Backup")
    assert row.line.replace("\u00a0", " ") == "about 1 h · 5 points to look at · 1 supply to bring"
    assert not row.is_own


def test_a_visit_begun_with_a_template_has_its_plan(store: Store, world: World) -> None:
    """The need's words stand in the form for the customer to correct; the visit takes the rest along."""
    opened: list[str] = []
    new = NewVisit(world(), opened.append)
    chosen = next(row for row in new.state.templates if row.title == "Slow computer")
    new.choose_template(chosen.id)
    assert new.state.template == chosen.id
    assert (
        next(f.text for f in new.state.form.fields if f.name == "purpose") == "The computer has become slow."
    )
    for name, text in (
        ("customer", "Odalys Brandt"),
        ("street", "Lindengasse 8"),
        ("town", "79104 Freiburg"),
    ):
        new.fill(name, text)
    new.start()
    visit = store.get(VisitRecord, opened[0])
    assert visit is not None
    assert (visit.template, visit.complaint, visit.expected_minutes) == ("Slow computer", Complaint.SLOW, 60)
    assert visit.planned_kinds == ("troubleshooting", "maintenance")
    assert "Health of the disk" in visit.points


def test_a_known_customer_gets_the_plan_too(store: Store, world: World) -> None:
    """One press on the known customer, one on the template: no letter is typed."""
    customer = Customer(id=new_id(), display_name="Larkspur Dental Group")
    store.save(customer, Site(id=new_id(), customer_id=customer.id, name="Practice"))
    opened: list[str] = []
    new = NewVisit(world(), opened.append, template="shipped:printing")
    new.choose_customer(customer.id)
    visit = store.get(VisitRecord, opened[0])
    assert visit is not None
    assert (visit.template, visit.purpose) == ("Printer trouble", "Printing does not work.")


def test_words_of_ones_own_are_never_overwritten(world: World) -> None:
    """Another template changes only words that came from a template; taking it back leaves none of them."""
    new = NewVisit(world(), lambda _id: None)
    purpose = lambda: next(f.text for f in new.state.form.fields if f.name == "purpose")  # noqa: E731 - read anew each time
    new.choose_template("shipped:slow")
    new.choose_template("shipped:printing")
    assert purpose() == "Printing does not work."
    new.choose_template("shipped:printing")
    assert (purpose(), new.state.template) == ("", "")
    new.fill("purpose", "It squeaks")
    new.choose_template("shipped:slow")
    assert purpose() == "It squeaks"


def test_one_of_ones_own_is_kept_changed_and_removed_each_taken_back(store: Store, world: World) -> None:
    """Every step can be undone, and what the store holds follows."""
    made = Templates(world())
    made.add()
    made.fill("title", "Till check")
    made.fill("expected_minutes", "30")
    made.fill("points", "Drawer\nReceipt printer")
    made.toggle_kind("maintenance")
    made.fill("supplies.0.name", "Receipt roll")
    made.fill("supplies.0.quantity", "2")
    made.fill("supplies.0.unit_price_minor", "3.50")
    made.save()
    (held,) = store.find(VisitTemplate)
    assert (held.points, held.planned_kinds) == (("Drawer", "Receipt printer"), ("maintenance",))
    assert held.supplies == (PlannedSupply(name="Receipt roll", quantity=Decimal(2), unit_price_minor=350),)
    assert titles(made)[0] == "Till check"
    made.edit(held.id)
    made.fill("title", "Till check, short")
    made.save()
    assert titles(made)[0] == "Till check, short"
    made.undo()
    assert titles(made)[0] == "Till check"
    made.remove(held.id)
    assert "Till check" not in titles(made)
    assert made.state.undo_label == "Undo: “Till check” removed"
    made.undo()
    assert "Till check" in titles(made)
    assert not made.state.undo_label


def test_one_that_ships_is_changed_as_a_copy_and_put_away_and_back(store: Store, world: World) -> None:
    """Nothing that ships is lost: a copy stands in its place, and what was put away can be shown again."""
    made = Templates(world())
    count = len(made.state.rows)
    made.edit("shipped:check_up")
    made.fill("expected_minutes", "90")
    made.save()
    assert len(made.state.rows) == count
    assert made.state.rows[0].is_own
    assert made.state.rows[0].line.replace("\u00a0", " ").startswith("about 1 h 30 min")
    made.remove("shipped:slow")
    assert len(made.state.rows) == count - 1
    assert made.state.back_line == "1 template that ships is put away."
    made.bring_back()
    assert len(made.state.rows) == count
    made.undo()
    assert len(made.state.rows) == count - 1
    assert sum(t.is_put_away for t in store.find(VisitTemplate)) == 1


def test_a_name_is_asked_for_and_an_amount_must_be_one(world: World) -> None:
    """What cannot be kept is said at its field, and everything typed stays."""
    made = Templates(world())
    made.add()
    made.save()
    form = made.state.form
    assert form is not None
    assert "Name of the template" in next(f.error for f in form.fields if f.name == "title")
    made.fill("title", "Till")
    made.fill("supplies.0.name", "Roll")
    made.fill("supplies.0.unit_price_minor", "much")
    made.save()
    form = made.state.form
    assert form is not None
    row = form.lists[0].rows[0]
    assert next(f.error for f in row.fields if f.name.endswith("unit_price_minor"))
    assert next(f.text for f in row.fields if f.name.endswith("name")) == "Roll"


def test_a_finished_visit_becomes_a_template_that_names_nobody(device: Device, checked: Visit) -> None:
    """The form is filled from what was done; a customer's name in it is refused, without it it is kept."""
    checked.work.drafting.add()
    assert not checked.work.state.may_become_template
    sign(checked)
    signed = checked
    bundle = signed.held.bundle
    assert bundle.customer is not None
    made = Templates(signed.held.around)
    made.add_from(bundle.visit.id)
    done = {spec_of(entry).kind for entry in bundle.activities}
    assert done
    assert {kind.value for kind in made.state.kinds if kind.is_chosen} == done
    made.fill("title", f"As for {bundle.customer.display_name}")
    made.save()
    assert made.state.notice_kind == "watch"
    assert bundle.customer.display_name in made.state.notice
    assert not device.store.find(VisitTemplate)
    made.fill("title", "Update of the practice program")
    made.fill("purpose", "The new version, please")
    made.save()
    (held,) = device.store.find(VisitTemplate)
    assert held.planned_kinds
    assert signed.work.state.may_become_template


class TestPlan:
    """The plan beside the work: nothing is recorded before somebody presses."""

    def with_plan(self, device: Device, visit: Visit) -> Templates:
        own = VisitTemplate(
            id=new_id(),
            title="Till check",
            planned_kinds=("maintenance",),
            points=("Drawer", "Receipt printer"),
            supplies=(PlannedSupply(name="Receipt roll", quantity=Decimal(2), unit_price_minor=350),),
            expected_minutes=30,
        )
        device.store.save(own)
        made = Templates(visit.held.around, visit=lambda: visit.held)
        assert made.state.use_label
        made.use(own.id)
        return made

    def test_a_plan_is_put_into_the_visit_in_hand_and_taken_back(
        self, device: Device, checked: Visit
    ) -> None:
        """What was said there stays; undo takes the plan out again."""
        before = checked.held.visit
        self.with_plan(device, checked)
        assert checked.held.visit.purpose == before.purpose
        plan = checked.work.state.plan
        assert plan is not None
        assert plan.title == "Planned: Till check"
        assert [row.label for row in plan.rows] == ["Maintenance", "2 points to look at", "2 × Receipt roll"]
        assert not device.store.bundle(before.id).supplies
        checked.undo()
        assert checked.held.visit == before
        assert checked.work.state.plan is None

    def test_a_planned_supply_is_recorded_by_one_press(self, device: Device, checked: Visit) -> None:
        """Pressed twice it is there once; taken back it can be pressed again."""
        self.with_plan(device, checked)
        checked.work.do_planned("0")
        checked.work.do_planned("0")
        (used,) = device.store.bundle(checked.held.visit_id).supplies
        assert isinstance(used, SupplyUse)
        assert (used.name, used.quantity, used.unit_price_minor) == ("Receipt roll", Decimal(2), 350)
        plan = checked.work.state.plan
        assert plan is not None
        assert plan.rows[2].is_done
        checked.undo()
        plan = checked.work.state.plan
        assert plan is not None
        assert not plan.rows[2].is_done

    def test_the_points_of_the_plan_are_gone_through(self, device: Device, checked: Visit) -> None:
        """They stand in the form in the plan's order; what was looked at is counted."""
        self.with_plan(device, checked)
        checked.work.do_planned("points")
        form = checked.work.state.form
        assert form is not None
        assert [row.fields[0].text for row in form.lists[0].rows] == ["Drawer", "Receipt printer"]
        checked.work.fill("title", "Looked through")
        checked.work.fill("checklist.0.result", "pass")
        checked.work.add_entry()
        (made,) = device.store.bundle(checked.held.visit_id).activities
        assert isinstance(made, Maintenance)
        plan = checked.work.state.plan
        assert plan is not None
        assert (plan.rows[0].is_done, plan.rows[1].line) == (True, "1 of 2 looked at")
