"""Search: found as typed, whatever the accents; hostile words are only words; the index keeps up."""

from __future__ import annotations

import pytest

from techkit.records.identity import new_id
from techkit.records.operations import Change, Operation, pack
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store import search
from techkit.store.answer import Answer, Confirmed
from techkit.store.database import Store


@pytest.mark.parametrize(
    "typed", ["b", "Bäck", "backerei", "KRÜMEL", "krumel sohne", "sohne back", "krümel & s"]
)
def test_found_while_typing(store: Store, customer: Customer, typed: str) -> None:
    """Each key narrows the list: beginnings of words, in any order, with or without accents."""
    assert store.search(typed) == [customer]


@pytest.mark.parametrize("typed", ["", "   ", "zzz", "rümel", "&", "bäckerei zzz"])
def test_not_found(store: Store, customer: Customer, typed: str) -> None:
    """What begins no word, and a text without words, finds nothing."""
    assert store.search(typed) == []


@pytest.mark.parametrize(
    "hostile",
    [
        '"',
        "'",
        "b*",
        "NEAR(b c)",
        "b OR c",
        "words:b",
        "{b}",
        "b^",
        "-b",
        "b AND",
        "(((",
        "\x00b",
        "%",
        "b" * 100_000,
        "b " * 9000,
    ],
)
def test_hostile_text_is_never_a_query(store: Store, customer: Customer, hostile: str) -> None:
    """The index's own language is never read from what a person types."""
    assert store.search(hostile) in ([], [customer])


def test_sharp_s_and_ligatures_are_folded() -> None:
    """ß is found as ss, a ligature as its letters."""
    assert search.fold("Große ﬁnanz ÅNGSTRÖM") == "grosse finanz angstrom"


def test_kinds_limit_the_search(store: Store, customer: Customer) -> None:
    """Only the kinds asked for are found, at most as many as asked for."""
    visits = [Visit(id=new_id(), customer_id=customer.id, purpose=f"Krümel {n}") for n in range(5)]
    store.save(*visits)
    assert store.search("krumel", kinds=[Customer]) == [customer]
    assert {held.id for held in store.search("krumel", kinds=["visit"])} == {visit.id for visit in visits}
    assert len(store.search("krumel", limit=2)) == 2


def test_an_order_of_words_with_numbers() -> None:
    """Numbers go by their value, however long, and stand before letters; nothing else is different from the order of words."""
    wanted = ["", "2", "10", f"1{'0' * 70}", "a2b1", "a2b9", "a2b10", "a10", "ab", "Äc 3", "b"]
    mixed = [*reversed(wanted)]
    assert sorted(mixed, key=search.ordered) == wanted


def test_words_that_ask_for_nothing_more_are_left_out() -> None:
    """A word typed twice, and one that begins another, cost a pass over all that fits and change nothing."""
    assert search.terms("n n N") == ['"n"*']
    assert search.terms("n netz dru netz drucker") == ['"netz"*', '"drucker"*']


def test_parts_of_a_number_are_whole_but_the_last(store: Store, customer: Customer) -> None:
    """What a sign joins to the next part is typed to its end: the list of all that begins so is not read for it."""
    assert search.terms("TK07-2026-99") == ['"tk07"', '"2026"', '"99"*']
    assert search.terms("2026-1 2026 202") == ['"2026"', '"1"*']
    assert search.terms("TK07- 2026 Müll-Str") == ['"tk07"*', '"2026"*', '"mull"*', '"str"*']
    for number in ("TK07-2026-0099", "TK07-20261-0099"):
        store.save(Visit(id=new_id(), customer_id=customer.id, number=number))
    for text, count in (
        ("TK07-2026-00", 1),
        ("2026-0", 1),
        ("TK07 2026", 2),
        ("TK07-2026", 2),
        ("07-2026", 0),
    ):
        assert len(store.search(text)) == count, text


def test_among_many_the_newest_are_ordered(
    store: Store, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of visits too many to order all, the newest are; a customer is found beside them, and a customer's own visits all."""
    words = (
        "Krümel Krümel",
        "Krümel und vieles andere mehr",
        "Krümel",
        "Krümel und anderes",
        "Krümel Krümel jetzt",
    )
    for text in words:
        store.save(Visit(id=new_id(), customer_id=customer.id, purpose=text))
    found = store.search("krumel")
    assert len(found) == 6
    newest = {"Krümel", "Krümel und anderes", "Krümel Krümel jetzt"}
    monkeypatch.setattr(search, "RANKED", 3)
    wanted = [held for held in found if getattr(held, "purpose", "Krümel") in newest]
    assert wanted == store.search("krumel")
    assert wanted[:2] == store.search("krumel", limit=2)
    assert len(store.search("krumel", [Visit], customer_id=customer.id)) == 5


def test_index_follows_changes(store: Store, customer: Customer) -> None:
    """After a change the new words are found and the old ones are not; also in the background."""
    assert store.search("krumel") == [customer]
    changed = replace(customer, display_name="Nähstube Nadel")
    store.save(changed)
    assert not store.refresh_search()
    assert store.search("krumel") == []
    assert store.search("nadel") == [changed]


def test_refresh_goes_in_steps(store: Store, customer: Customer) -> None:
    """A large change is indexed a part at a time, until nothing is left."""
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Person {n}") for n in range(95)))
    steps = 0
    while store.refresh_search(limit=20):
        steps += 1
    assert steps >= 4
    assert len(store.search("person", limit=200)) == 95


def test_rows_that_went_leave_nothing_behind(store: Store) -> None:
    """After a customer was withdrawn and another came, the words of the first find nothing, of the second all."""
    for name, scope_id in (("Alpha", new_id()), ("Beta", new_id())):
        scope = f"customer:{scope_id}"
        op = Operation(
            op_id=new_id(), device="office", hlc=1 << 40, scope=scope, entity="customer", record_id=scope_id,
            fields={"display_name": Change(value=name)},
        )  # fmt: skip
        store.take(Answer(granted=[scope], changes=[Confirmed(scope, 1, op.hlc, pack(op))]))
        assert [held.id for held in store.search(name)] == [scope_id]
        store.take(Answer(revoked=[scope])) if name == "Alpha" else None
    assert store.search("alpha") == []
    assert len(store.search("beta")) == 1
