"""Devices: which customers each holds, how its clock is, what could not be taken, package files answered with files."""

from __future__ import annotations

import importlib
import os
import re
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from techkit.central.models import AuditEvent, Device, EnrolCode, Op
from techkit.central.pages import devices
from techkit.records.identity import new_id
from techkit.records.operations import pack
from techkit.sync import carrier, wire
from techkit.sync.protocol import SyncReply
from tests.central.arrivals import Van
from tests.central.devices import Kit, plain


@pytest.fixture
def client(chief: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of an administrator."""
    return browser_of(chief)


def test_what_was_kept_aside_is_shown_with_its_reason(client: Client, kit: Kit) -> None:
    """A refused change stands on the page with who wrote it and why it was not taken."""
    kit.sync(plain("rate_card", "tenant", name="cheap"))
    page = client.get("/devices", secure=True).content.decode()
    assert "Kept aside" in page
    assert "Only the office changes this." in page


def test_rows_without_their_visit_are_shown_until_it_comes(client: Client, kit: Kit) -> None:
    """A part that came before its visit is named, and no longer once the visit is there."""
    _identity, scope, made = kit.customer()
    visit = new_id()
    kit.sync(made, kit.put("supply_use", new_id(), scope, visit_id=visit, name="Cable"))
    assert "Waiting for their visit" in client.get("/devices", secure=True).content.decode()
    kit.sync(kit.put("visit", visit, scope, purpose="slow"))
    assert "Waiting for their visit" not in client.get("/devices", secure=True).content.decode()


def _package(kit: Kit, folder: Path, *operations: Any) -> tuple[bytes, bytes]:
    certificate = load_pem_x509_certificate((folder / "tls.crt").read_bytes()).public_bytes(Encoding.DER)
    asked = kit.request(token="", ops=[msgspec.Raw(pack(op)) for op in operations])
    content = carrier.Content(
        package_id=new_id(),
        answer_key=secrets.token_bytes(32),
        body=wire.compress(wire.encode(asked)),
    )
    return carrier.pack(content, device=kit.id, key=kit.key, certificate=certificate), content.answer_key


def test_a_package_file_is_answered_with_a_file(client: Client, kit: Kit, central_db: Path) -> None:
    """The operations are taken once, however often the file is given; the answer opens with the device's key."""
    from techkit.central import enrol

    made = kit.customer()[2]
    file, answer_key = _package(kit, central_db, made)
    for _time in range(2):
        given = SimpleUploadedFile("outbox.techkit-package", file)
        answer = client.post("/devices/package", {"package": given}, secure=True)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].endswith('.techkit-answer"')
        server_key = enrol.server_key().public_key().public_bytes_raw()
        content = carrier.unpack_answer(answer.content, answer_key=answer_key, server_key=server_key)
        reply = wire.decode(content.body, SyncReply, content_encoding="zstd")
        assert [ack.op_id for ack in reply.acks] == [made.op_id]
    assert Op.objects.count() == 1
    assert kit.sync().token  # the device's own line goes on as if nothing had been


def test_a_withdrawn_device_hands_over_what_it_had_not_sent(
    client: Client, kit: Kit, central_db: Path
) -> None:
    """Its work is taken from a package file; it gets receipts, no changes, and is told to drop its customers."""
    from techkit.central import enrol

    _identity, scope, made = kit.customer()
    kit.sync(made)
    Device.objects.update(revoked_at=datetime.now(UTC))
    late = kit.put("site", new_id(), scope, name="late")
    file, answer_key = _package(kit, central_db, late)
    answer = client.post("/devices/package", {"package": SimpleUploadedFile("x", file)}, secure=True)
    server_key = enrol.server_key().public_key().public_bytes_raw()
    content = carrier.unpack_answer(answer.content, answer_key=answer_key, server_key=server_key)
    reply = wire.decode(content.body, SyncReply, content_encoding="zstd")
    assert [ack.op_id for ack in reply.acks] == [late.op_id]
    assert (reply.changes, reply.token, scope in reply.revoked) == ([], "", True)
    assert kit.ask(kit.request()).status_code == 403


@pytest.mark.parametrize("damage", ["cut", "other", "empty"])
def test_other_files_are_refused_with_a_sentence(
    client: Client, kit: Kit, central_db: Path, damage: str
) -> None:
    """A damaged, foreign or empty file changes nothing and says so."""
    file = _package(kit, central_db, kit.customer()[2])[0]
    given = {"cut": file[:-9], "other": os.urandom(500), "empty": b""}[damage]
    answer = client.post("/devices/package", {"package": SimpleUploadedFile("x", given)}, secure=True)
    assert answer.status_code == 422
    assert "Nothing" in answer.content.decode()
    assert Op.objects.count() == 0


def test_reviewers_take_no_packages(kit: Kit, browser_of: Callable[[Any], Client], maren: Any) -> None:
    """Letting devices speak is not a reviewer's right."""
    answer = browser_of(maren).post(
        "/devices/package", {"package": SimpleUploadedFile("x", b"x")}, secure=True
    )
    assert answer.status_code == 403


# --- which customers a device holds ----------------------------------------------------------------------------------


@pytest.fixture
def other(org: Any) -> Kit:
    """Give a second device, of somebody else."""
    made = Kit("Pavel Reuter", "TK11")
    made.enrol()
    made.sync()
    return made


def test_the_office_assigns_a_customer_and_takes_it_back(client: Client, kit: Kit, other: Kit) -> None:
    """What is assigned on the page is there after the device's next sync, and gone after it was taken back."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    page = client.get(f"/devices/{other.id}", secure=True).content.decode()
    assert "Quarrystone Architects" in page
    assert "No customer yet" in page
    told = client.post(f"/devices/{other.id}/assign", {"customer": [identity]}, secure=True)
    assert "1 customer assigned" in told.content.decode()
    assert scope in other.sync().granted
    told = client.post(f"/devices/{other.id}/take-back", {"customer": identity}, secure=True)
    assert "Taken back" in told.content.decode()
    assert scope in other.sync().revoked
    actions = AuditEvent.objects.filter(object_id=other.id).values_list("action", "actor_name")
    assert ("device.grant", "Rosa Falk") in actions
    assert ("device.revoke_scope", "Rosa Falk") in actions


def test_customers_are_found_by_a_part_of_their_name(client: Client, kit: Kit, other: Kit) -> None:
    """Searching offers those the device does not hold; finding nothing says so."""
    for name in ("Quarrystone Architects", "Harbourlight College"):
        kit.sync(kit.customer(name)[2])
    found = client.get(f"/devices/{other.id}", {"customer": "quarry"}, secure=True).content.decode()
    assert "Quarrystone Architects" in found
    assert "Harbourlight College" not in found
    assert "No customer with" in client.get(f"/devices/{other.id}?customer=zzz", secure=True).content.decode()
    own = client.get(f"/devices/{kit.id}", {"customer": "quarry"}, secure=True).content.decode()
    assert "No customer with" in own


def test_a_customer_is_found_however_the_letters_are_written(client: Client, kit: Kit, other: Kit) -> None:
    """Capitals beyond ASCII and accents count as little here as in the search of visits, on either database."""
    kit.sync(kit.customer("MÜLLER & Söhne")[2])
    for text in ("müller", "söhne", "Muller", "LLER & S"):
        found = client.get(f"/devices/{other.id}", {"customer": text}, secure=True).content.decode()
        assert "MÜLLER &amp; Söhne" in found, text


def test_only_known_customers_go_to_devices_that_may_have_them(client: Client, kit: Kit, other: Kit) -> None:
    """A customer nobody knows, none at all, or one for a refused device: one sentence, nothing changed."""
    identity, _scope, made = kit.customer()
    kit.sync(made)
    address = f"/devices/{other.id}/assign"
    assert client.post(address, {"customer": new_id()}, secure=True).status_code == 404
    assert client.post(address, {"customer": "x"}, secure=True).status_code == 404
    assert client.post(address, {}, secure=True).status_code == 422
    assert client.post(f"/devices/{new_id()}/assign", {"customer": identity}, secure=True).status_code == 404
    assert (
        client.post(f"/devices/{other.id}/take-back", {"customer": identity}, secure=True).status_code == 404
    )
    client.post(f"/devices/{other.id}/refuse", secure=True)
    assert client.post(address, {"customer": identity}, secure=True).status_code == 409
    assert other.ask(other.request()).status_code == 403


def test_a_wrong_clock_is_pointed_out(client: Client, org: Any) -> None:
    """A device whose clock is 30 years behind is shown so, with the word that nothing is lost by it."""
    slow = Kit("Ada Berg", "TK30", skew_ms=-30 * 31_556_952_000)
    slow.enrol()
    slow.sync()
    slow.sync()
    for address in ("/devices", f"/devices/{slow.id}"):
        page = client.get(address, secure=True).content.decode()
        assert "30 years behind" in page
        assert "Nothing is lost by it" in page


def test_a_device_that_was_silent_for_half_a_year_is_pointed_out(client: Client, org: Any) -> None:
    """Its page says that it begins anew and that nothing it has not sent is lost; a quieter one is only marked."""
    device = Van(org, "Pavel Novotny", "TK11").device
    for days, is_told in ((170, False), (190, True)):
        device.last_seen_at = datetime.now(UTC) - timedelta(days=days)
        device.save(update_fields=["last_seen_at"])
        for page in ("/devices", f"/devices/{device.pk}"):
            text = client.get(page, secure=True).content.decode()
            assert ("it begins anew with its next sync" in text) is is_told


def test_a_code_is_shown_with_fingerprint_and_qr_code(client: Client, kit: Kit, central_db: Path) -> None:
    """The new code stands there to type, to paste and to scan, with the fingerprint to compare."""
    from techkit.central import invitations

    page = client.post(
        "/devices/invite", {"technician": str(Device.objects.get().technician.staff_id)}, secure=True
    ).content.decode()
    digits = invitations.fingerprint()
    assert " ".join(digits[at : at + 4] for at in range(0, 64, 4)) in page
    assert 'aria-label="The same line as a QR code"' in page


def test_a_refused_device_is_invited_anew(client: Client, kit: Kit, central_db: Path) -> None:
    """Refused, its page and the list offer a code for whoever had it; one in use needs none."""
    device = Device.objects.get()
    anew = f"/devices/{device.pk}/invite-anew"
    assert anew not in client.get("/devices", secure=True).content.decode()
    assert client.post(anew, secure=True).status_code == 409
    client.post(f"/devices/{device.pk}/refuse", secure=True)
    for page in ("/devices", f"/devices/{device.pk}"):
        assert anew in client.get(page, secure=True).content.decode()
    page = client.post(anew, secure=True).content.decode()
    assert f"Code for {device.technician.shown_name}" in page
    assert 'aria-label="The same line as a QR code"' in page
    (code,) = EnrolCode.objects.filter(used_at=None)
    assert code.technician == device.technician
    device.technician.is_active = False
    device.technician.save(update_fields=["is_active"])
    answer = client.post(anew, secure=True)
    assert (answer.status_code, "No code was made." in answer.content.decode()) == (409, True)
    assert EnrolCode.objects.filter(used_at=None).count() == 1


def test_a_refused_device_names_what_it_came_back_as(client: Client, kit: Kit, central_db: Path) -> None:
    """Both pages and the list link the two; a copy from before is told apart, and still has to be invited."""
    device = Device.objects.get()
    anew = f"/devices/{device.pk}/invite-anew"
    copy = Kit("Ines Okafor", "TK08")
    copy.enrol(device.technician, former=kit.id)
    client.post(f"/devices/{device.pk}/refuse", secure=True)
    for page in ("/devices", f"/devices/{kit.id}"):
        text = client.get(page, secure=True).content.decode()
        assert ("Its copy is" in text, "Came back as" in text, anew in text) == (True, False, True)
    back = Kit("Ines Okafor", "TK09")
    back.enrol(device.technician, former=kit.id)
    for page in ("/devices", f"/devices/{kit.id}"):
        text = client.get(page, secure=True).content.decode()
        assert anew not in text
        told = text.partition("Came back as")[2][:200]
        assert f'<a href="/devices/{back.id}">TK09</a>' in told
    page = client.get(f"/devices/{back.id}", secure=True).content.decode()
    assert f'<dt>Before</dt><dd><a href="/devices/{kit.id}">TK07</a></dd>' in page


def test_what_devices_were_before_is_taken_from_the_audit_trail_of_old_services(org: Any) -> None:
    """A service that is brought up to date knows it of devices let in earlier, of the same person only."""
    kit, back, stranger = Kit(), Kit("Ines Okafor", "TK08"), Kit("Pavel Reuter", "TK11")
    kit.enrol()
    technician = Device.objects.get().technician
    back.enrol(technician, former=kit.id)
    stranger.enrol(former=kit.id)
    Device.objects.update(former=None)
    migration = importlib.import_module("techkit.central.migrations.0013_former_of_old")
    migration.link(apps, None)
    found = {str(pk): former for pk, former in Device.objects.values_list("pk", "former_id")}
    assert found == {kit.id: None, back.id: uuid.UUID(kit.id), stranger.id: None}


def test_many_devices_stand_on_several_pages(
    client: Client, org: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stands on one page, the one that spoke last on the first; an address that names no page shows that one."""
    technician = Van(org, "Pavel Novotny", "TK11").device.technician
    now = datetime.now(UTC)
    Device.objects.all().delete()
    for number in range(5):
        Device.objects.create(
            id=uuid.uuid4(), org=technician.org, technician=technician, prefix=f"P{number}", name="Laptop",
            enrolled_at=now - timedelta(days=number), last_seen_at=None if number % 2 else now - timedelta(days=number),
        )  # fmt: skip
    monkeypatch.setattr(devices, "SHOWN", 2)

    def shown(address: str) -> tuple[list[str], str]:
        page = client.get(address, secure=True).content.decode()
        following = re.search(r'href="(/devices\?page=\d+)"', page)
        return re.findall(r">(P\d)</a> <span", page), following[1] if following else ""

    first = (["P0", "P1"], "/devices?page=2")
    assert shown("/devices") == first
    assert shown("/devices?page=2") == (["P2", "P3"], "/devices?page=3")
    assert shown("/devices?page=3") == (["P4"], "")
    for odd in ("0", "-1", "x", "²", "9" * 30, "4", "99999"):
        assert shown(f"/devices?page={odd}") == first


def test_a_reviewer_assigns_nothing(kit: Kit, browser_of: Callable[[Any], Client], maren: Any) -> None:
    """Which customers a device holds is for those who let devices in."""
    browser = browser_of(maren)
    assert browser.get(f"/devices/{kit.id}", secure=True).status_code == 403
    assert browser.post(f"/devices/{kit.id}/assign", {"customer": new_id()}, secure=True).status_code == 403


def test_a_job_pack_is_a_file_for_one_device(client: Client, kit: Kit, other: Kit) -> None:
    """The chosen customers come as a file with the device's letters as its name, and are assigned by it."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    other_key = carrier.sealing_key(other.key).public_key().public_bytes_raw()
    Device.objects.filter(pk=other.id).update(sealing_key=other_key)
    answer = client.post(f"/devices/{other.id}/jobs", {"customer": identity}, secure=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="TK11.techkit-jobs"'
    from techkit.central import enrol

    server_key = enrol.server_key().public_key().public_bytes_raw()
    content = carrier.unpack_jobs(answer.content, key=carrier.sealing_key(other.key), server_key=server_key)
    reply = wire.decode(content.body, SyncReply, content_encoding="zstd")
    assert [one.values["display_name"] for one in reply.records] == ["Quarrystone Architects"]
    assert scope in other.sync().granted
    assert AuditEvent.objects.filter(action="device.job_pack", object_id=other.id).count() == 1


def test_no_job_pack_without_a_customer_or_a_key(client: Client, kit: Kit) -> None:
    """Nothing chosen, or a techkit too old to open one: a sentence instead of a file."""
    identity, _scope, made = kit.customer()
    kit.sync(made)
    Device.objects.update(sealing_key=None)
    assert client.post(f"/devices/{kit.id}/jobs", {}, secure=True).status_code == 422
    refused = client.post(f"/devices/{kit.id}/jobs", {"customer": identity}, secure=True)
    assert refused.status_code == 409
    assert "too old for job packs" in refused.content.decode()
