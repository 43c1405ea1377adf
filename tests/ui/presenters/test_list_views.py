"""Saved views of a list: kept, shown first, renamed, deleted, taken back; never named on a customer's computer."""

from __future__ import annotations

from techkit.ui.presenters.list_kinds import CUSTOMERS, FOLLOW_UPS, VISITS
from techkit.ui.presenters.list_views import MOST_VIEWS, SETTING
from tests.ui.presenters.test_lists import customers, open_list

__all__ = ["customers", "open_list"]


def narrowed(open_list):
    """The visits of one customer and technician of the last week, by technician, without their result."""
    rows = open_list()
    rows.choose("customer", "Larkspur Dental Group")
    rows.choose("technician", "Ines Okafor")
    rows.choose("period", "month")
    rows.order("technician")
    rows.show_column("outcome", is_shown=False)
    return rows


def test_a_view_keeps_filter_order_and_columns_over_a_restart(open_list, customers):
    """Kept under a name; a list opened later offers it, shows just that, and everything again."""
    rows = narrowed(open_list)
    total = rows.state.total
    rows.views.keep("  Ines this   month ")
    assert (rows.views.state.shown, rows.views.state.is_changed) == ("Ines this month", False)
    later = open_list()
    assert (later.state.total, later.views.state.names) == (251, ("Ines this month",))
    later.views.show_number(1)
    assert (later.state.total, later.state.order_by, later.state.hidden) == (
        total, "technician", frozenset({"outcome"}),
    )  # fmt: skip
    later.type("larkspur")
    assert later.views.state.is_changed
    later.views.show_number(0)
    assert (later.state.total, later.state.order_by, later.state.hidden) == (251, "day", frozenset())
    assert (later.state.text, later.views.state.shown) == ("", "")
    assert open_list(CUSTOMERS).views.state.names == ()


def test_the_first_view_is_shown_when_the_list_is_opened(open_list, customers, world, store):
    """One of them at most; a list opened for one customer shows that customer and not the view."""
    rows = narrowed(open_list)
    rows.views.keep("One")
    rows.views.make_first(is_first=True)
    rows.clear()
    rows.views.keep("Two")
    rows.views.make_first(is_first=True)
    assert rows.views.state.first == "Two"
    rows.views.show("One")
    rows.views.make_first(is_first=True)
    later = open_list()
    assert (later.views.state.shown, later.state.order_by) == ("One", "technician")
    later.views.make_first(is_first=False)
    assert open_list().views.state.shown == ""


def test_views_are_renamed_replaced_deleted_and_taken_back(open_list, customers):
    """A name stands for one view; each step says what it did and can be taken back."""
    rows = narrowed(open_list)
    rows.views.keep("One")
    rows.views.keep("two")
    rows.views.rename("ONE")
    assert rows.views.state.error == "Another view is called “One”. Choose another name."
    rows.views.rename("Three")
    assert rows.views.state.names == ("One", "Three")
    rows.clear()
    rows.views.keep("one")
    assert rows.views.state.undo_line == "“One” shows this now."
    rows.views.undo()
    rows.views.show("One")
    assert rows.state.order_by == "technician"
    rows.views.delete()
    assert rows.views.state.names == ("Three",)
    assert rows.state.order_by == "technician"
    rows.views.undo()
    assert open_list().views.state.names == ("One", "Three")


def test_a_name_that_cannot_be_is_said(open_list, customers, store):
    """Nothing, too long, or too many: one sentence, and no view is lost."""
    rows = open_list(FOLLOW_UPS)
    for name, sentence in (
        ("  ", "Please give the view a name."),
        ("x" * 41, "A name has 40 characters at most."),
    ):
        rows.views.keep(name)
        assert rows.views.state.error == sentence
    for number in range(MOST_VIEWS + 1):
        rows.views.keep(f"View {number}")
    assert rows.views.state.error.startswith(f"This list has {MOST_VIEWS} views already.")
    assert len(store.setting(SETTING)) == MOST_VIEWS
    rows.views.keep("View 3")
    assert rows.views.state.error == ""


def test_views_of_another_techkit_or_damaged_are_passed_over(open_list, customers, store):
    """A filter, order or column that is not there any more is left out; what is no view is none."""
    store.set_setting(
        SETTING,
        (
            "no json", "[1]", '{"list": "visits", "name": "", "chosen": {}}', '{"list": "visits", "name": "x", "chosen": 3}',
            ('{"list": "visits", "name": "Old", "first": true, "order": "gone", "hidden": ["customer", "gone"], '
            '"chosen": {"period": "century", "colour": "red", "technician": "Ines Okafor"}}'),
        ),
    )  # fmt: skip
    rows = open_list(VISITS)
    assert rows.views.state.names == ("Old",)
    assert (rows.state.total, rows.state.order_by, rows.state.hidden) == (125, "day", frozenset())


def test_on_a_customers_computer_no_view_is_named(open_list, customers):
    """A view's name or filter may tell of another customer: none is offered, none is set."""
    rows = narrowed(open_list)
    rows.views.keep("Larkspur only")
    rows.views.make_first(is_first=True)
    foreign = open_list(is_own=False, customer_id=customers["Odalys Brandt"])
    assert (foreign.views.state.names, foreign.views.state.shown, foreign.views.state.is_offered) == (
        (),
        "",
        False,
    )
    assert foreign.state.total == 1
