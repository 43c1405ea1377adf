"""Long lists out of the store: filters, order, words, pages, merged customers; quick in 10,000 rows."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from techkit.records.assets import Asset, InventorySnapshot
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store import listing
from techkit.store.database import Store
from techkit.store.listing import MOST_LETTERS, Wanted

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def filled(tmp_path: Path):
    store = Store.create(tmp_path, b"k" * 32, prefix="TK07", technician="Ines Okafor")
    ids = {name: new_id() for name in ("zoe", "emile", "anna")}
    people = {"zoe": "Zoë Öztürk", "emile": "Émile Weiß", "anna": "Anna Adams"}
    for number, (key, name) in enumerate(people.items()):
        contact = new_id()
        given, _space, family = name.partition(" ")
        store.save(
            Customer(id=ids[key], display_name=name),
            Contact(id=contact, customer_id=ids[key], given_name=given, family_name=family),
            Visit(
                id=new_id(),
                number=f"TK07-2026-{number:04d}",
                customer_id=ids[key],
                contact_id=contact,
                purpose="The mail program asks for the password" if key == "anna" else "Slow start",
                technician="Ines Okafor" if number else "Pavel Novotny",
                arrived_at=START + timedelta(days=number),
                work_state=WorkState.SUBMITTED if number else WorkState.ON_SITE,
            ),
        )
    yield store, ids
    store.close()


def names(store: Store, **wanted) -> list[str]:
    return [row["customer"] for row in store.listed(Wanted(name="visits", **wanted))]


def test_newest_first_and_the_other_way_round(filled):
    """The day orders both ways."""
    store, _ids = filled
    assert names(store, order_by="day", descending=True) == ["Anna Adams", "Émile Weiß", "Zoë Öztürk"]
    assert names(store, order_by="day") == ["Zoë Öztürk", "Émile Weiß", "Anna Adams"]


def test_names_are_ordered_as_words(filled):
    """An accent does not send a name behind Z."""
    store, _ids = filled
    assert names(store, order_by="customer") == ["Anna Adams", "Émile Weiß", "Zoë Öztürk"]


def test_a_name_is_folded_once_for_all_letters_typed(filled, monkeypatch: pytest.MonkeyPatch):
    """The next letter orders the same names again."""
    store, _ids = filled
    folded = []
    monkeypatch.setattr(listing.search, "ordered", lambda text: folded.append(text) or text.lower())
    for typed in ("", "a", "an"):
        names(store, order_by="customer", text=typed)
    assert sorted(folded) == ["Anna Adams", "Zoë Öztürk", "Émile Weiß"]


def test_every_typed_word_is_looked_for_in_row_customer_and_person(filled):
    """Words of the need and of the customer narrow together, without case and accents."""
    store, _ids = filled
    assert names(store, text="slow ozturk") == ["Zoë Öztürk"]
    assert names(store, text="SLOW weiss") == ["Émile Weiß"]
    assert names(store, text="slow adams") == []
    assert store.count_listed(Wanted(name="visits", text="slow")) == 2


def test_what_is_typed_is_never_read_as_a_query(filled):
    """Quotes, stars and operators of the index are letters like others, or nothing."""
    store, _ids = filled
    for text in ('"', "slow OR mail", "NEAR(slow)", "a*b)", "'; DROP TABLE visit; --", "\x00"):
        store.listed(Wanted(name="visits", text=text))
    assert store.count_listed(Wanted(name="visits")) == 3


def test_filters_join(filled):
    """State, technician, customer and period narrow together."""
    store, ids = filled
    assert names(
        store, equals={"work_state": ("submitted",), "technician": ("Ines Okafor",)}, order_by="day"
    ) == [
        "Émile Weiß",
        "Anna Adams",
    ]
    assert names(store, equals={"customer_id": (ids["anna"],)}) == ["Anna Adams"]
    assert names(store, since="2026-01-02", until="2026-01-03") == ["Émile Weiß"]


def test_an_undeclared_column_is_refused(filled):
    """Nothing but declared columns reaches the statement."""
    store, _ids = filled
    with pytest.raises(KeyError):
        store.listed(Wanted(name="visits", equals={"1=1; --": ("x",)}))
    with pytest.raises(KeyError):
        store.listed(Wanted(name="visits", order_by="purpose; DROP TABLE visit"))


def test_visits_of_a_merged_customer_stand_under_the_one_kept(filled):
    """Name and filter follow the merge; the merged customer is no row of its own any more."""
    store, ids = filled
    zoe = store.get(Customer, ids["zoe"])
    store.save(type(zoe)(**{**vars(zoe), "merged_into": ids["anna"]}))
    assert names(store, equals={"customer_id": (ids["anna"],)}) == ["Anna Adams", "Anna Adams"]
    assert [row["name"] for row in store.listed(Wanted(name="customers"))] == ["Anna Adams", "Émile Weiß"]


def test_a_customers_row_counts_what_belongs_to_it(filled):
    """Computers in use, open promises and the last visit are those of the customer."""
    store, ids = filled
    asset = new_id()
    store.save(
        Asset(id=asset, customer_id=ids["anna"], name="ADAMS-PC"),
        FollowUp(id=new_id(), customer_id=ids["anna"], text="Call"),
        FollowUp(id=new_id(), customer_id=ids["anna"], text="Done already", state="done"),
        InventorySnapshot(id=new_id(), asset_id=asset, taken_at=START + timedelta(days=9)),
    )
    row = next(r for r in store.listed(Wanted(name="customers")) if r["id"] == ids["anna"])
    assert (row["computers"], row["promises"], row["seen"][:10]) == (1, 1, "2026-01-03")
    computer = store.listed(Wanted(name="computers"))[0]
    assert (computer["customer"], computer["seen"][:10]) == ("Anna Adams", "2026-01-10")


def test_numbers_in_names_are_ordered_by_their_value(filled):
    """Toner 2 stands before Toner 10, in the list and among the values of a filter; zeros before a number do not count."""
    store, ids = filled
    wanted = ["Toner", "Toner 1", "Toner 2", "Toner 2 XL", "toner 03", "Toner 10", "Toner 100"]
    store.save(
        *(Asset(id=new_id(), customer_id=ids["anna"], name=name, model=name) for name in reversed(wanted))
    )
    assert [r["name"] for r in store.listed(Wanted(name="computers"))] == wanted
    assert store.values_listed(Wanted(name="computers"), "model") == wanted


def test_promises_without_a_day_stand_last(filled):
    """What has no day is not due before everything else."""
    store, ids = filled
    for text, due in (("no day", None), ("soon", START.date())):
        store.save(FollowUp(id=new_id(), customer_id=ids["anna"], text=text, due_on=due))
    assert [row["text"] for row in store.listed(Wanted(name="follow_ups"))] == ["soon", "no day"]


def test_a_text_of_two_megabytes_is_cut_in_the_store(filled):
    """A name that came by sync without bounds costs a list no more than any other."""
    store, ids = filled
    store.connection.raw.execute(
        "UPDATE customer SET display_name = ? WHERE id = ?", ("<b>" + "x" * 2_000_000, ids["anna"])
    )
    assert max(len(name) for name in names(store)) == MOST_LETTERS


def test_pages_go_on_where_the_last_one_ended(filled):
    """Three pages of one row give the same as one page of three."""
    store, _ids = filled
    wanted = Wanted(name="visits", order_by="day")
    pages = [store.listed(wanted, first, 1)[0]["id"] for first in range(3)]
    assert pages == [row["id"] for row in store.listed(wanted, 0, 3)]
    assert store.listed(wanted, 3, 1) == []


def test_a_long_list_costs_by_its_length_and_no_more(tmp_path: Path):
    """Twice the visits are at most twice the steps of the database for a page and its count, in any order or search."""
    store = Store.create(tmp_path, b"k" * 32, prefix="TK07", technician="Ines Okafor")
    customers = [Customer(id=new_id(), display_name=f"Bäckerei Krümel {n}") for n in range(50)]
    store.save(*customers)

    def fill(numbers: range) -> None:
        store.save(
            *(
                Visit(
                    id=new_id(),
                    customer_id=customers[n % 50].id,
                    number=f"TK07-2026-{n:05d}",
                    technician=f"Technician {n % 9}",
                    purpose="The printer in the reception prints half pages since the update",
                    arrived_at=START + timedelta(hours=n),
                )
                for n in numbers
            )
        )
        store.search("printer")  # the index follows the records once

    def steps(wanted: Wanted) -> int:
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        store.connection.raw.set_progress_handler(count, 100)
        rows, total = store.listed(wanted, 0, 100), store.count_listed(wanted)
        store.connection.raw.set_progress_handler(None, 0)
        assert len(rows) == 100
        assert total >= 100
        return counted

    wanted = [
        Wanted(name="visits", order_by="day", descending=True),
        Wanted(name="visits", order_by="customer"),
        Wanted(name="visits", order_by="technician", descending=True),
        Wanted(name="visits", text="krumel printer"),
        Wanted(name="visits", equals={"technician": ("Technician 3",)}),
    ]
    fill(range(1000))
    before = [steps(one) for one in wanted]
    fill(range(1000, 2000))
    assert [one for one, few in zip(wanted, before, strict=True) if steps(one) > 2.1 * few] == []
    store.close()


def test_ordering_by_name_does_not_mind_other_readers(filled):
    """Names are ordered while another thread reads the same store all the time."""
    store, _ids = filled
    ends = threading.Event()
    trouble: list[Exception] = []

    def read() -> None:
        while not ends.is_set():
            try:
                store.find(Visit)
            except Exception as error:
                trouble.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _round in range(40):
            assert names(store, order_by="customer") == ["Anna Adams", "Émile Weiß", "Zoë Öztürk"]
    finally:
        ends.set()
        reader.join()
    assert trouble == []
