"""Devices: what could not be taken is shown with its reason, and a package file is answered with a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from techkit.central import accounts
from techkit.central.models import Device, Op, Role
from techkit.records.identity import new_id
from techkit.records.operations import pack
from techkit.sync import carrier, protocol
from techkit.sync.protocol import SyncReply
from tests.central.devices import Kit, plain


@pytest.fixture
def client(org: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of an administrator."""
    return browser_of(accounts.make_staff(org, "chief", "correct horse battery staple", role=Role.ADMIN))


@pytest.fixture
def kit(org: Any) -> Kit:
    """Give an enrolled device."""
    made = Kit()
    made.enrol()
    made.sync()
    return made


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
        body=protocol.compress(protocol.encode(asked)),
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
        reply = protocol.decode(content.body, SyncReply, content_encoding="zstd")
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
    reply = protocol.decode(content.body, SyncReply, content_encoding="zstd")
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
