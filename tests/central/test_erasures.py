"""A customer is removed for good: no word of them is left at the service, what books hang on is, and nobody comes back."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from techkit.central import (
    accounts,
    audit,
    erasures,
    exports,
    feed,
    folding,
    ingest,
    office,
    reports,
    saved_views,
    server,
)
from techkit.central.batch import Batch
from techkit.central.models import (
    Attachment,
    AuditEvent,
    ErasedCustomer,
    Op,
    RefusedOp,
    Role,
    SavedFilter,
    VisitRow,
)
from techkit.central.models import Record as Row
from techkit.central.visit_list import Filter
from techkit.errors import CentralError, InputError
from techkit.records import catalogue
from techkit.records.identity import new_id
from techkit.records.operations import OFFICE, Change, Operation, customer_scope, pack, unpack
from techkit.records.schema import FieldSpec, SyncClass, ValueType
from techkit.sync.merge import Author
from tests.central import samples
from tests.central.conftest import PASSWORD
from tests.central.devices import Kit
from tests.central.test_attachments import announce, put
from tests.central.test_review import visit_of

#: Stands in every word of a customer below, folded or not.
WORD = "zyqxkanari"

#: Texts that stay by design (records/erasure.py); our own people's names and codes are put into them.
_OURS = {"technician", "provider", "by", "booked_by", "code", "number", "currency", "period", "time_zone"}


def _said(kind: str, field: FieldSpec) -> Any:
    """Return an unmistakable value for a field that takes words; None for any other."""
    words = f"{WORD} {kind} {field.name} Straße"
    match field.value_type:
        case ValueType.TEXT if field.name not in _OURS:
            return words
        case ValueType.TEXTS | ValueType.DOCUMENT:
            return [words]
    return None


def _everything(kit: Kit, customer_id: str, visit_id: str) -> Iterator[tuple[Author, Operation]]:
    """Yield an operation for every kind below a customer, each text in it unmistakable; money and dates where there are some."""
    plain = {"amount_minor": 4711, "currency": "EUR", "technician": "Ines Okafor", "period": "2026-11"}
    for spec in catalogue.every():
        if spec.owner not in ("customer_id", "visit_id", "contact_id") or spec.sync is SyncClass.DERIVED:
            continue
        names = {field.name for field in spec.fields}
        fields = {f.name: Change(said) for f in spec.fields if (said := _said(spec.kind, f)) is not None}
        fields |= {name: Change(held) for name, held in plain.items() if name in names}
        above = {"customer_id": customer_id, "visit_id": visit_id}
        fields |= {name: Change(held) for name, held in above.items() if name in names}
        if spec.kind == "visit":
            fields |= {"number": Change("TK07-2026-0042"), "arrived_at": Change("2026-11-23T09:10:00Z")}
        office_only = spec.sync in (SyncClass.REFERENCE, SyncClass.STAFF)
        yield (
            Author.OFFICE if office_only else Author.DEVICE,
            Operation(
                op_id=new_id(),
                device=OFFICE if office_only else kit.id,
                hlc=kit.tick(),
                scope=customer_scope(customer_id),
                entity=spec.kind,
                record_id=visit_id if spec.kind == "visit" else new_id(),
                fields=fields,
                actor="Ines Okafor",
            ),
        )


def _receive(org: Any, author: Author, *ops: Operation) -> None:
    batch = Batch(org_id=org.id, author=author, device=OFFICE, now_ms=2**42)
    with transaction.atomic():
        assert not ingest.receive(batch, [pack(op) for op in ops]).refused


def _known(org: Any, kit: Kit) -> tuple[str, str]:
    """Let a device and the office say everything about a customer; return the ids of customer and visit."""
    customer_id, scope = new_id(), ""
    scope = customer_scope(customer_id)
    visit_id = new_id()
    kit.sync(
        kit.put(
            "customer",
            customer_id,
            scope,
            display_name=f"{WORD} Brandt",
            notes_for_visit=f"{WORD} Hund",
            number="C-1",
        )
    )
    ops = list(_everything(kit, customer_id, visit_id))
    visit = next(op for _author, op in ops if op.entity == "visit")
    kit.sync(visit)
    kit.sync(*(op for author, op in ops if author is Author.DEVICE and op is not visit))
    _receive(org, Author.OFFICE, *(op for author, op in ops if author is Author.OFFICE))
    return customer_id, visit_id


def _traces(folder: Path) -> list[str]:
    """Return the files of a service's folder in which the word still stands."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its files elsewhere; its rows are looked through by the other tests")
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.name for path in files if WORD.encode() in path.read_bytes().lower()]


def test_no_word_of_a_customer_is_left(org: Any, chief: Any, kit: Kit, central_db: Path) -> None:
    """Fields of every kind, a photo, what was refused, kept views, the audit trail, the log: 0 traces after the removal."""
    customer_id, visit_id = _known(org, kit)
    photo = f"{WORD} looks out of this photo".encode() * 50
    (state,) = announce(kit, photo)
    put(kit, state.sha256, 0, photo)
    scope = customer_scope(customer_id)
    kit.sync(
        kit.put("attachment", new_id(), scope, visit_id=visit_id, sha256=state.sha256, name=f"{WORD}.jpg")
    )
    kit.sync(kit.put("cost_centre", new_id(), scope, name=f"{WORD} refused", code="1"))
    assert RefusedOp.objects.count() == 1
    saved_views.keep(chief, "Theirs", Filter(view="all", text=f"{WORD} brandt"), is_shared=True)
    saved_views.keep(chief, f"About {WORD} Brandt", Filter(view="all"), is_shared=True)
    saved_views.keep(chief, "All of ours", Filter(view="all"), is_shared=True)
    exports.of_visits(chief, Filter(view="all", text=WORD), "visits", ZoneInfo("Europe/Berlin"))
    audit.append_for(chief, "visit.approve", "visit", visit_id, {"note": f"{WORD} was pleased"})
    reports.be_current(chief)
    assert VisitRow.objects.get().search_text.count(WORD) > 3
    assert {"central.sqlite3-wal", state.sha256} <= {*_traces(central_db)}
    erasures.erase(chief, customer_id, f"{WORD.upper()}  brandt")
    assert _traces(central_db) == []
    assert [row.name for row in SavedFilter.objects.all()] == ["All of ours"]
    assert audit.verify(org.id) is None
    assert folding.differing_records(org.id) == []


def test_ids_places_and_money_stay(org: Any, chief: Any, kit: Kit) -> None:
    """Every operation keeps id, place and digest; amounts, dates, our technician and the visit's number can be read."""
    customer_id, visit_id = _known(org, kit)
    told = ("op_id", "seq", "scope_id", "digest", "entity_id", "hlc", "actor")
    before = list(Op.objects.filter(scope_id=customer_scope(customer_id)).order_by("seq").values_list(*told))
    heads = feed._heads(org.id, [customer_scope(customer_id)])
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    after = list(Op.objects.filter(scope_id=customer_scope(customer_id)).order_by("seq").values_list(*told))
    assert after[: len(before)] == before
    assert [row[0] for row in after[len(before) :]] == [Op.objects.get(action="remove").op_id]
    assert heads != feed._heads(org.id, [customer_scope(customer_id)])
    visit = Row.objects.get(entity_id=visit_id).state
    assert (visit["number"], visit["technician"]) == ("TK07-2026-0042", "Ines Okafor")
    assert visit["arrived_at"] == "2026-11-23T09:10:00Z"
    expense = Row.objects.get(entity="expense").state
    assert (expense["amount_minor"], expense["currency"], expense["note"]) == (4711, "EUR", "")
    row = VisitRow.objects.get(id=visit_id)
    assert (row.number, row.customer_name, row.person_name) == ("TK07-2026-0042", "", "")
    kit.sync()  # its places and digests still fit: nothing is taken again
    assert not kit.sync().reset


def test_totals_of_a_real_visit_stay(org: Any, chief: Any, van: Any) -> None:
    """The visit's total, minutes and state are what they were; another customer's visit is untouched."""
    ours, others = samples.slow_computer(), samples.dental_practice()
    van.send(*ours)
    van.send(*others)
    reports.be_current(chief)
    keep = ("net_minor", "currency", "minutes", "work_state", "number", "technician_name", "started_at")
    mine, theirs = visit_of(ours), visit_of(others)
    before = VisitRow.objects.filter(id=mine.id).values(*keep).get()
    other = VisitRow.objects.filter(id=theirs.id).values().get()
    erasures.erase(chief, str(mine.customer_id), "Odalys Brandt")
    assert VisitRow.objects.filter(id=mine.id).values(*keep).get() == before
    assert before["net_minor"]
    assert VisitRow.objects.filter(id=theirs.id).values().get() == other
    kept = json.dumps(
        [row.state for row in Row.objects.filter(scope_id=customer_scope(str(mine.customer_id)))]
    )
    assert not [
        word for word in ("Odalys", "Teodor", "Lindengasse", "XK-2231-9QF", "Ahornweg") if word in kept
    ]


def test_a_device_that_does_not_know_brings_nobody_back(
    org: Any, chief: Any, kit: Kit, central_db: Path
) -> None:
    """What it sends afterwards is taken for its amounts, told in the emptied form, and its words are kept nowhere."""
    customer_id, visit_id = _known(org, kit)
    scope = customer_scope(customer_id)
    late = [
        kit.put("customer", customer_id, scope, display_name=f"{WORD} again"),
        kit.put(
            "expense",
            new_id(),
            scope,
            visit_id=visit_id,
            amount_minor=250,
            currency="EUR",
            note=f"{WORD} parking",
        ),
        kit.put("visit", visit_id, scope, internal_note=f"{WORD} late"),
    ]
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    reply = kit.sync(*late)
    assert not reply.refused
    told = {unpack(bytes(placed.op)).op_id: unpack(bytes(placed.op)) for placed in reply.changes}
    assert {op.op_id for op in late} <= told.keys()
    assert dict(told[late[0].op_id].fields) == {}
    assert told[late[1].op_id].fields["amount_minor"].value == 250
    assert Row.objects.get(entity_id=late[1].record_id).state["amount_minor"] == 250
    assert Row.objects.get(entity_id=customer_id).deleted
    # The same once more, and a stranger's: receipts for what is there, and a refusal without words.
    assert kit.sync(late[1]).duplicates == [late[1].op_id]
    stranger = Kit("Somebody Else")
    stranger.enrol()
    assert stranger.sync(stranger.put("visit", new_id(), scope, purpose=f"{WORD} theirs")).refused
    reports.be_current(chief)
    assert folding.differing_records(org.id) == []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert _traces(central_db) == []


def test_a_photo_of_two_customers_stays_for_the_other(org: Any, chief: Any, kit: Kit) -> None:
    """Bytes that another customer's record names are kept; those of the removed one alone are taken no more."""
    customer_id, visit_id = _known(org, kit)
    shared, own = b"a maker's leaflet", f"{WORD} at the door".encode()
    for data in (shared, own):
        put(kit, announce(kit, data)[0].sha256, 0, data)
    digest = {data: hashlib.sha256(data).hexdigest() for data in (shared, own)}
    other_id, other, made = kit.customer()
    other_visit = new_id()
    kit.sync(made, kit.put("visit", other_visit, other, customer_id=other_id))
    scope = customer_scope(customer_id)
    for data in (shared, own):
        kit.sync(kit.put("attachment", new_id(), scope, visit_id=visit_id, sha256=digest[data]))
    kit.sync(kit.put("attachment", new_id(), other, visit_id=other_visit, sha256=digest[shared]))
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    rows = {row.sha256: row for row in Attachment.objects.all()}
    assert rows[digest[shared]].is_complete
    assert (rows[digest[own]].is_complete, rows[digest[own]].storage_key) == (False, "")
    # A device that sends it again is told to stop, until somebody else's record names the same bytes.
    assert announce(kit, own)[0].is_present
    kit.sync(kit.put("attachment", new_id(), other, visit_id=other_visit, sha256=digest[own]))
    (state,) = announce(kit, own)
    assert not state.is_present
    put(kit, state.sha256, 0, own)
    assert announce(kit, own)[0].is_present


def test_whoever_was_merged_goes_too(org: Any, chief: Any, kit: Kit) -> None:
    """One merged into another is the same customer: removing either removes both; a payer elsewhere stays."""
    customer_id, _visit = _known(org, kit)
    twin, scope, made = kit.customer(f"{WORD} twin")
    payer, payer_scope, other = kit.customer("Nachbar Kowalski")
    paying = kit.put("payer", new_id(), payer_scope, customer_id=payer, name="Kasse Kowalski")
    kit.sync(made, other, paying)
    kit.sync(kit.put("customer", twin, scope, merged_into=customer_id, payer_id=paying.record_id))
    taken = erasures.erase(chief, twin, f"{WORD} twin")
    assert set(taken.family) == {customer_id, twin}
    assert {str(row.customer_id) for row in ErasedCustomer.objects.all()} == {customer_id, twin}
    assert Row.objects.get(entity_id=paying.record_id).state["name"] == "Kasse Kowalski"
    assert Row.objects.get(entity_id=twin).state["payer_id"] == paying.record_id


def test_a_slip_removes_nobody(org: Any, chief: Any, kit: Kit, van: Any) -> None:
    """Another name, no right, an unknown one and one who is gone: each is told, and nothing changes."""
    customer_id, _visit = _known(org, kit)
    with pytest.raises(InputError, match="not the customer’s name"):
        erasures.erase(chief, customer_id, "Odalys Brandt")
    lead = accounts.make_staff(org, "lena", PASSWORD, role=Role.LEAD)
    with pytest.raises(CentralError, match="may not do this"):
        erasures.erase(lead, customer_id, f"{WORD} Brandt")
    with pytest.raises(CentralError, match="no such customer"):
        erasures.erase(chief, new_id(), "x")
    assert not ErasedCustomer.objects.exists()
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    with pytest.raises(CentralError, match="removed already"):
        erasures.erase(chief, customer_id, f"{WORD} Brandt")
    assert AuditEvent.objects.filter(action="customer.erase").count() == 1


def test_staff_are_told_that_words_are_not_kept(org: Any, chief: Any, kit: Kit) -> None:
    """A remark about a visit of a removed customer is refused with its reason; an amount is written."""
    customer_id, visit_id = _known(org, kit)
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    with pytest.raises(CentralError, match="no words are kept"):
        office.change_as_staff(chief, "visit", visit_id, {"internal_note": "They called again"})
    office.change_as_staff(chief, "visit", visit_id, {"review_state": "approved"})
    assert Row.objects.get(entity_id=visit_id).state["review_state"] == "approved"


def test_a_device_cannot_remove_anybody(org: Any, kit: Kit) -> None:
    """The word of a device that a customer is gone is refused, whatever scope it is put in."""
    customer_id, _visit = _known(org, kit)
    for scope in ("tenant", customer_scope(customer_id), f"technician:{kit.id}"):
        said = kit.put("erasure", new_id(), scope, customer_id=customer_id, erased_at="2026-11-23T09:10:00Z")
        kit.sync(said)
    assert not ErasedCustomer.objects.exists()
    assert Row.objects.get(entity_id=customer_id).state["display_name"] == f"{WORD} Brandt"


def test_a_restored_service_removes_again(
    org: Any, chief: Any, kit: Kit, central_db: Path, tmp_path: Path
) -> None:
    """The database and the files come back from an older copy: at its next start nobody who was removed is in it."""
    if connection.vendor != "sqlite":
        pytest.skip("the copy of this test is one of SQLite's file")
    customer_id, visit_id = _known(org, kit)
    photo = f"{WORD} on a photo".encode()
    put(kit, announce(kit, photo)[0].sha256, 0, photo)
    digest = hashlib.sha256(photo).hexdigest()
    kit.sync(kit.put("attachment", new_id(), customer_scope(customer_id), visit_id=visit_id, sha256=digest))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    server.release()
    backup = tmp_path / "backup"
    shutil.copytree(central_db, backup)
    server.point(central_db)
    erasures.erase(chief, customer_id, f"{WORD} Brandt")
    kept = erasures.listed(chief)
    assert json.loads(kept)["customer"] == customer_id
    server.release()
    for name in ("central.sqlite3", "blobs"):
        target = central_db / name
        if target.is_dir():
            shutil.rmtree(target)
            shutil.copytree(backup / name, target)
        else:
            shutil.copy(backup / name, target)
    for leftover in central_db.glob("central.sqlite3-*"):
        leftover.unlink()
    assert "central.sqlite3" in _traces_of(central_db)
    server.prepare(central_db)
    assert _traces_of(central_db) == []
    assert AuditEvent.objects.filter(action="customer.erase_again", object_id=customer_id).count() == 1
    assert Row.objects.get(entity_id=customer_id).deleted
    # The list came back with the backup too: the office's copy, put in its place, does the same.
    server.release()
    shutil.rmtree(central_db)
    shutil.copytree(backup, central_db)
    (central_db / erasures.FILE_NAME).write_bytes(b"\xff half a line\n" + kept)
    server.prepare(central_db)
    assert _traces_of(central_db) == []
    assert audit.verify(org.id) is None


def _traces_of(folder: Path) -> list[str]:
    if connection.connection is not None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return _traces(folder)


def test_a_detail_taken_out_by_somebody_else_is_found(org: Any, chief: Any) -> None:
    """Emptying a row of the audit trail looks like a removal only where there was one."""
    audit.append_for(chief, "visit.void", "visit", new_id(), {"note": "A reason"})
    row = AuditEvent.objects.get(action="visit.void")
    AuditEvent.objects.filter(pk=row.pk).update(detail={"note": "Another"})
    assert audit.verify(org.id) == row.place
    AuditEvent.objects.filter(pk=row.pk).update(detail={}, salt="")
    assert audit.verify(org.id) == row.place
