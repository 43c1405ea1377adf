"""The store: what is saved comes back, with its operation, after a crash, a new field, a removal."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from techkit.errors import (
    InputError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreNewerError,
)
from techkit.records import encoding, schema
from techkit.records.activities import Install
from techkit.records.assets import Asset, InventorySnapshot, RateCard
from techkit.records.identity import new_id
from techkit.records.operations import Action, Change, Operation, pack, technician_scope
from techkit.records.parties import Contact, Customer, Site
from techkit.records.review import Decision
from techkit.records.schema import replace
from techkit.records.success import FollowUp
from techkit.records.visit import LabourSegment, SupplyUse, Visit, WorkState
from techkit.store import connection as connection_module
from techkit.store.answer import Answer, Confirmed
from techkit.store.connection import Connection
from techkit.store.database import Store

KEY = bytes(range(32))


def _visit(customer: Customer, **more: Any) -> Visit:
    return Visit(id=new_id(), customer_id=customer.id, **more)


def test_saved_record_comes_back(folder: Path) -> None:
    """A record of every type of value is the same after closing and opening the store."""
    store = Store.create(folder, KEY, prefix="TK07")
    customer = Customer(
        id=new_id(),
        display_name="Nähstube „Zur Nadel“ 🧵",
        consent_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )
    contact = Contact(
        id=new_id(), customer_id=customer.id, family_name="Øst", phones=("+49 30 1", "0170"), skill=3
    )
    asset = Asset(id=new_id(), customer_id=customer.id, name="PC", purchased_on=date(2020, 2, 29))
    visit = _visit(customer, asset_ids=(asset.id,), work_state=WorkState.ON_SITE, is_travel_charged=False)
    supply = SupplyUse(id=new_id(), visit_id=visit.id, name="Kabel", quantity=Decimal("2.50"))
    snapshot = InventorySnapshot(
        id=new_id(), visit_id=visit.id, asset_id=asset.id, content={"a": [1, {"b": None}]}
    )
    everything = (customer, contact, asset, visit, supply, snapshot)
    store.save(*everything)
    store.close()
    again = Store.open(folder, KEY)
    assert tuple(again.get(type(held), held.id) for held in everything) == everything
    again.close()


def test_row_and_operation_are_one_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the operation cannot be written, the row is not there either."""
    customer = Customer(id=new_id(), display_name="Halb")

    def fail(_op: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.outbox, "add", fail)
    with pytest.raises(StoreFullError):
        store.save(customer)
    monkeypatch.undo()
    assert store.get(Customer, customer.id) is None
    assert store.outbox.waits().count == 0


def test_save_of_several_is_all_or_nothing(store: Store, customer: Customer) -> None:
    """One bad record among three keeps all three out."""
    good = _visit(customer)
    with pytest.raises(InputError):
        store.save(good, Contact(id=new_id(), customer_id=customer.id, family_name=""))
    assert store.get(Visit, good.id) is None


def test_operation_names_what_its_author_saw(store: Store, customer: Customer) -> None:
    """A change names the new value, who made it and the operation whose value was seen."""
    store.save(replace(customer, display_name="Krümel"), actor="Ole")
    first, second = store.outbox.history(customer.id)
    assert (second.actor, second.scope) == ("Ole", f"customer:{customer.id}")
    assert second.fields == {"display_name": ("Krümel", first.op_id)}
    assert second.hlc > first.hlc


def test_unchanged_record_writes_nothing(store: Store, customer: Customer) -> None:
    """Saving what is there already makes no operation and tells nobody."""
    told: list[frozenset[str]] = []
    store.subscribe(told.append)
    store.save(customer)
    assert (store.outbox.waits().count, told) == (1, [])


def test_below_a_visit_everything_is_in_its_customers_scope(store: Store, customer: Customer) -> None:
    """A supply's operation is in the scope of the customer of its visit, also within one save."""
    visit = _visit(customer)
    supply = SupplyUse(id=new_id(), visit_id=visit.id, name="Kabel")
    store.save(supply, visit)
    assert {op.scope for op in store.outbox.history(supply.id)} == {f"customer:{customer.id}"}


def test_visit_without_customer_waits_and_moves(store: Store, customer: Customer) -> None:
    """What hangs below a visit without a customer is not sent until the customer is known, then all of it."""
    visit = Visit(id=new_id(), purpose="Druckt nicht")
    segment = LabourSegment(id=new_id(), visit_id=visit.id)
    store.save(visit, segment)
    assert [w.scope for w in store.outbox.next_piece()] == [f"customer:{customer.id}"]
    store.save(replace(visit, customer_id=customer.id))
    sent = store.outbox.next_piece()
    assert {w.scope for w in sent} == {f"customer:{customer.id}"}
    assert len(sent) == 4


def test_reference_data_of_the_device_stays_its_own(store: Store) -> None:
    """A rate card made before enrolment is in the technician's own scope."""
    card = RateCard(id=new_id(), name="Meine Sätze")
    store.save(card)
    assert store.outbox.history(card.id)[0].scope == technician_scope(store.device.id)


def test_what_the_office_gave_is_not_rewritten(store: Store, customer: Customer) -> None:
    """A rate card of the office is read here; changing it is refused, and it stays in its scope."""
    op = Operation(
        op_id=new_id(), device="office", hlc=1 << 40, scope="tenant", entity="rate_card", record_id=new_id(),
        fields={"name": Change(value="Sätze 2026")},
    )  # fmt: skip
    store.take(Answer(granted=["tenant"], changes=[Confirmed("tenant", 1, op.hlc, pack(op))]))
    (card,) = store.find(RateCard)
    with pytest.raises(InputError, match="office"):
        store.save(replace(card, name="Meine"))
    assert store.find(RateCard) == [card]


def test_a_confirmed_record_stays_in_its_scope(store: Store, customer: Customer) -> None:
    """A visit the service holds stays in its scope when another customer is chosen."""
    scope = f"customer:{customer.id}"
    op = Operation(
        op_id=new_id(), device="office", hlc=1 << 40, scope=scope, entity="visit", record_id=new_id(),
        fields={"customer_id": Change(value=customer.id)},
    )  # fmt: skip
    store.take(Answer(granted=[scope], changes=[Confirmed(scope, 1, op.hlc, pack(op))]))
    (visit,) = store.find(Visit)
    store.save(replace(visit, customer_id=new_id()))
    assert [one.scope for one in store.outbox.history(visit.id)] == [scope]


def test_a_fact_is_written_once(store: Store, customer: Customer) -> None:
    """A labour segment cannot be changed; the sentence says what to do instead."""
    visit = _visit(customer)
    segment = LabourSegment(id=new_id(), visit_id=visit.id)
    store.save(visit, segment)
    store.save(segment)
    with pytest.raises(InputError, match="fact"):
        store.save(replace(segment, technician="anders"))


def test_what_the_office_writes_is_refused(store: Store, customer: Customer) -> None:
    """A review decision cannot be written on a device."""
    visit = _visit(customer)
    store.save(visit)
    with pytest.raises(InputError, match="office"):
        store.save(Decision(id=new_id(), visit_id=visit.id))


def test_removed_record_is_hidden_and_comes_back(store: Store, customer: Customer) -> None:
    """A removal hides the record from reading and search, keeps its content, and can be taken back."""
    store.remove(customer, "doppelt angelegt")
    assert store.get(Customer, customer.id) is None
    assert store.search("krumel") == []
    assert store.find(Customer, with_removed=True) == [customer]
    assert store.outbox.history(customer.id)[-1].action is Action.REMOVE
    assert store.outbox.history(customer.id)[-1].reason == "doppelt angelegt"
    store.restore(customer)
    assert store.get(Customer, customer.id) == customer
    assert store.search("krumel") == [customer]


def test_find_orders_filters_and_pages(store: Store, customer: Customer) -> None:
    """Finding compares values as declared, orders by a field, gives pages, and refuses unknown fields."""
    visits = [_visit(customer, number=f"TK07-2026-000{n}", is_large_print=n == 3) for n in (1, 2, 3)]
    store.save(*visits)
    assert store.find(Visit, is_large_print=True) == [visits[2]]
    assert store.find(Visit, site_id=None, order_by="number", descending=True, limit=2) == visits[:0:-1]
    assert store.find(Visit, number=("TK07-2026-0001", "TK07-2026-0003"), order_by="number") == [
        visits[0],
        visits[2],
    ]
    assert store.find(Visit, order_by="number", limit=1, offset=1) == [visits[1]]
    assert store.count(Visit, customer_id=customer.id) == 3
    with pytest.raises(KeyError):
        store.find(Visit, **{'number" = "" OR 1 --': "x"})


def test_bundle_gathers_the_visit(store: Store, customer: Customer) -> None:
    """A bundle has the visit, its customer, place, computer, people, work and follow-ups, and no other's."""
    site = Site(id=new_id(), customer_id=customer.id, name="Laden")
    person = Contact(id=new_id(), customer_id=customer.id, family_name="Krümel")
    asset = Asset(id=new_id(), customer_id=customer.id, name="PC")
    visit = _visit(customer, site_id=site.id, contact_id=person.id, asset_ids=(asset.id,))
    other = _visit(customer)
    work = Install(id=new_id(), visit_id=visit.id, title="Texte", product="LibreOffice")
    step = FollowUp(id=new_id(), customer_id=customer.id, visit_id=visit.id, text="Anrufen")
    store.save(
        site,
        person,
        asset,
        visit,
        other,
        work,
        step,
        Install(id=new_id(), visit_id=other.id, title="Bilder", product="GIMP"),
    )
    bundle = store.bundle(visit.id)
    assert (bundle.visit, bundle.customer, bundle.site, bundle.contact) == (visit, customer, site, person)
    assert (bundle.assets, bundle.activities, bundle.follow_ups, bundle.people) == (
        (asset,),
        (work,),
        (step,),
        (person,),
    )
    with pytest.raises(StoreError):
        store.bundle(new_id())


def test_numbers_count_by_year_and_never_repeat(folder: Path, store: Store) -> None:
    """Numbers carry the device's prefix and go on after a restart; a new year begins at 1."""
    assert [store.next_number(2026), store.next_number(2026), store.next_number(2027)] == [
        "TK07-2026-0001",
        "TK07-2026-0002",
        "TK07-2027-0001",
    ]
    store.close()
    again = Store.open(folder, KEY)
    assert again.next_number(2026) == "TK07-2026-0003"
    again.close()


def test_numbers_are_not_given_twice_by_two_threads(store: Store) -> None:
    """Eight threads that ask for numbers at once get different ones."""
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda: got.extend(store.next_number(2026) for _n in range(10)))
        for _t in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 80


def test_settings_are_kept_and_checked(folder: Path, store: Store) -> None:
    """A setting is kept over a restart, a wrong value is refused, an undeclared key is a fault."""
    assert store.setting("sync.interval_s") == 300
    store.set_setting("sync.interval_s", 60)
    store.set_setting("network.reference_hosts", ["ping.invalid"])
    with pytest.raises(InputError):
        store.set_setting("sync.interval_s", "often")
    with pytest.raises(KeyError):
        store.setting("sync.nonsense")
    store.close()
    again = Store.open(folder, KEY)
    assert (again.setting("sync.interval_s"), again.setting("network.reference_hosts")) == (
        60,
        ("ping.invalid",),
    )
    again.close()


def test_subscribers_hear_which_kinds_changed(store: Store, customer: Customer) -> None:
    """One save tells once, with all kinds it changed; after stopping, nothing more is told."""
    told: list[frozenset[str]] = []
    stop = store.subscribe(told.append)
    store.save(_visit(customer), replace(customer, tax_id="1"))
    stop()
    store.save(_visit(customer))
    assert told == [frozenset({"visit", "customer"})]


def test_clock_never_runs_backwards_over_a_restart(folder: Path, store: Store, customer: Customer) -> None:
    """After a restart with a clock set back by years, a change is still later than those before."""
    store.clock.observe(2**60)
    store.save(replace(customer, display_name="Später"))
    before = store.outbox.history(customer.id)[-1].hlc
    store.close()
    again = Store.open(folder, KEY)
    again.save(replace(customer, display_name="Noch später"))
    assert again.outbox.history(customer.id)[-1].hlc > before > 2**60
    again.close()


# --- a new field, a newer techkit ------------------------------------------------------------------------


def test_new_field_is_one_line(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field added to a declaration becomes a column when the store is opened, with its parked value in it."""
    asset_spec = schema.spec_of(Asset)
    customer = Customer(id=new_id(), display_name="Neu")
    # An older techkit meets a value of a newer one, keeps it, and passes it on.
    asset = Asset(id=new_id(), customer_id=customer.id, name="PC", extra={"colour": "grün"})
    store.save(customer, asset)
    assert store.get(Asset, asset.id) == asset
    assert store.outbox.history(asset.id)[0].fields["colour"].value == "grün"
    store.close()

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class NewerAsset(Asset):
        colour: str = schema.field(label="Colour", default="", indexed=True)

    newer_field = schema._field_spec(NewerAsset.__dataclass_fields__["colour"], str)
    newer = dataclasses.replace(asset_spec, cls=NewerAsset, fields=(*asset_spec.fields, newer_field))
    monkeypatch.setitem(schema._registry, "asset", newer)
    monkeypatch.setitem(schema._by_class, NewerAsset, newer)
    again = Store.open(folder, KEY)
    found = again.find(NewerAsset, colour="grün")
    assert [held.id for held in found] == [asset.id]
    assert found[0].extra == {}
    again.save(schema.replace(found[0], colour="blau"))
    again.close()

    # And back: the older techkit reads the column it does not declare, and leaves it alone.
    monkeypatch.undo()
    older = Store.open(folder, KEY)
    held = older.get(Asset, asset.id)
    assert held is not None
    assert held.extra == {"colour": "blau"}
    older.save(replace(held, name="PC 2"))
    assert older.outbox.history(asset.id)[-1].fields.keys() == {"name"}
    older.close()


def test_newer_choice_is_kept(store: Store, customer: Customer) -> None:
    """A choice this techkit does not know survives reading and saving other fields."""
    visit = encoding.from_document(
        "visit", new_id(), {"customer_id": customer.id, "work_state": "teleported"}
    )
    assert isinstance(visit, Visit)
    store.save(visit)
    held = store.get(Visit, visit.id)
    assert held is not None
    assert held.extra == {"work_state": "teleported"}
    store.save(replace(held, purpose="x"))
    assert store.outbox.history(visit.id)[-1].fields.keys() == {"purpose"}


def test_newer_store_is_refused_untouched(folder: Path, store: Store) -> None:
    """A store of a newer version or with unknown kinds is not opened and not changed."""
    with store.connection.transaction():
        store.connection.execute(
            "UPDATE _meta SET value = json_set(value, '$.version', 99) WHERE key = 'schema'"
        )
    store.close()
    before = (folder / "techkit.db").read_bytes()
    with pytest.raises(StoreNewerError):
        Store.open(folder, KEY)
    assert (folder / "techkit.db").read_bytes() == before


# --- doors that stay shut ------------------------------------------------------------------------------


def test_wrong_key_is_told(folder: Path, store: Store) -> None:
    """A wrong key opens nothing, says so, and leaves the file as it is."""
    store.close()
    before = (folder / "techkit.db").read_bytes()
    with pytest.raises(StoreDamagedError):
        Store.open(folder, bytes(32))
    assert (folder / "techkit.db").read_bytes() == before


def test_second_instance_is_told(folder: Path, store: Store) -> None:
    """A second techkit on the same folder is refused while the first runs, and let in afterwards."""
    with pytest.raises(StoreBusyError):
        Store.open(folder, KEY)
    store.close()
    Store.open(folder, KEY).close()


def test_second_process_is_told(folder: Path, store: Store) -> None:
    """A second process is refused too, and the lock of a killed one is free."""
    code = (
        "import sys; from pathlib import Path; from techkit.store.database import Store\n"
        "from techkit.errors import StoreBusyError\n"
        "try: Store.open(Path(sys.argv[1]), bytes(range(32)))\n"
        "except StoreBusyError: print('busy')\n"
        "else: import os, signal; print('open', flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = [sys.executable, "-c", code, str(folder)]
    assert subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True).stdout == "busy\n"
    store.close()
    assert subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout == "open\n"
    Store.open(folder, KEY).close()


def test_store_is_never_made_over_another(folder: Path, store: Store, customer: Customer) -> None:
    """Creating where a store is changes nothing."""
    store.close()
    with pytest.raises(StoreError):
        Store.create(folder, KEY)
    again = Store.open(folder, KEY)
    assert again.get(Customer, customer.id) == customer
    again.close()


def test_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there (a stick pulled out) is a sentence, not a crash."""
    with pytest.raises(StoreError, match="does not answer"):
        Store.open(tmp_path / "gone", KEY)
    with pytest.raises(StoreError, match="does not answer"):
        Store.create(tmp_path / "gone", KEY)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + b"\x00" * 4096, b"GIF89a", b"\x00" * 8192])
def test_foreign_file_is_told(folder: Path, content: bytes) -> None:
    """An empty, plain or foreign file under the store's name is refused and left as it is."""
    (folder / "techkit.db").write_bytes(content)
    with pytest.raises(StoreError):
        Store.open(folder, KEY)
    assert (folder / "techkit.db").read_bytes() == content


def test_nothing_is_in_clear(folder: Path, store: Store, customer: Customer) -> None:
    """No file of the store holds a customer's name or a file's bytes in clear."""
    canary = "Kanarienvogel-4711"
    store.save(replace(customer, notes_for_visit=canary), _visit(customer, purpose=canary))
    store.attach(canary.encode() * 100, "text/plain")
    for file in folder.rglob("*"):
        if file.is_file():
            assert canary.encode() not in file.read_bytes(), file.name
            assert canary not in file.name


def test_read_only_store_is_read_and_refuses_changes(folder: Path, store: Store, customer: Customer) -> None:
    """A store on write-protected media opens for reading; a change is refused with a sentence."""
    store.close()
    stick = folder.parent / "stick"
    stick.mkdir()
    made = Store.create(stick, KEY, portable=True)
    made.save(customer)
    made.close()
    held = Store.open(stick, KEY, portable=True, read_only=True)
    assert held.get(Customer, customer.id) == customer
    with pytest.raises(StoreError, match="write-protected"):
        held.save(replace(customer, display_name="Anders"))
    held.close()


@pytest.mark.parametrize(("portable", "journal", "synchronous"), [(False, "wal", 2), (True, "delete", 3)])
def test_journal_fits_the_place(tmp_path: Path, portable: bool, journal: str, synchronous: int) -> None:
    """Installed: write-ahead log and FULL; on a stick: rollback journal and EXTRA."""
    store = Store.create(tmp_path, KEY, portable=portable)
    assert store.connection.one("PRAGMA journal_mode") == (journal,)
    assert store.connection.one("PRAGMA synchronous") == (synchronous,)
    assert store.connection.one("PRAGMA temp_store") == (2,)
    store.close()


@pytest.mark.parametrize(
    "hostile",
    [
        "'; DROP TABLE visit; --",
        "\x00NUL",
        "\u202eedoc",
        "<script>alert(1)</script>",
        "a" * 200,
        "\ud800",
        "𝕏\u200d\u0301",
    ],
)
def test_hostile_names_are_only_text(folder: Path, store: Store, hostile: str) -> None:
    """Hostile names are kept as clean text, found again, and survive a restart."""
    customer = encoding.from_document("customer", new_id(), {"display_name": hostile})
    assert isinstance(customer, Customer)
    store.save(customer)
    store.search(hostile)
    store.close()
    again = Store.open(folder, KEY)
    assert again.get(Customer, customer.id) == customer
    again.close()


def test_two_megabytes_of_text_are_refused_kindly(store: Store) -> None:
    """Two megabytes in a name are refused with the limit and the way out; nothing is written."""
    with pytest.raises(InputError, match="too long") as caught:
        store.save(Customer(id=new_id(), display_name="x" * 2_000_000))
    assert "attach" in caught.value.advice
    assert store.outbox.waits().count == 0


def test_flipped_bits_are_noticed(folder: Path, store: Store, customer: Customer) -> None:
    """Each of 60 single flipped bits in the file is noticed; none gives another content silently."""
    visits = [_visit(customer, purpose="wichtig " * 200) for _n in range(40)]
    store.save(*visits)
    store.close()
    path = folder / "techkit.db"
    good = path.read_bytes()
    step = len(good) // 60
    for at in range(7, len(good), step):
        bad = bytearray(good)
        bad[at] ^= 1 << (at % 8)
        path.write_bytes(bad)
        try:
            held = Connection(path, KEY)
        except StoreError:
            continue
        try:
            assert held.all("PRAGMA cipher_integrity_check") != []
        except StoreError:
            pass
        finally:
            held.close()
    path.write_bytes(good)
    Store.open(folder, KEY).close()


def test_disk_errors_are_sentences(folder: Path) -> None:
    """The same cause gives different codes; the sentence goes by what the disk says."""
    full = connection_module.translate(OSError(28, "no space"), folder)
    assert isinstance(full, StoreFullError)
    assert "Not saved" in full.title
    assert "write-protected" in connection_module.translate(OSError(30, "read-only"), folder).title
    assert "does not answer" in connection_module.translate(OSError(5, "I/O"), folder / "gone").title


def test_operations_of_the_technician_are_named(store: Store, customer: Customer) -> None:
    """Without an actor the technician of this device is the author."""
    assert store.outbox.history(customer.id)[0].actor == "Mara Beispiel"
    assert store.device.name == "Mara's laptop"
    assert store.change_device(technician="Ole").technician == store.device.technician == "Ole"
