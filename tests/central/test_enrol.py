"""Letting devices in, and knowing them again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import RequestFactory

from techkit.central import accounts, enrol
from techkit.central.models import AuditEvent, Device, DeviceScope, EnrolCode
from techkit.sync import protocol, wire
from techkit.sync.problems import ProblemCode, problem
from techkit.sync.protocol import RotateRequest
from tests.central.devices import Kit, told


def test_a_code_lets_one_device_in_once(org: Any, maren: Any) -> None:
    """The code gives a device its token and scopes; a second device gets nothing for it."""
    code, _row = accounts.new_enrol_code(maren, maren)
    kit = Kit()
    reply = kit.enrol(code=code)
    assert reply.device == kit.id
    assert reply.prefix == "TK07"
    assert reply.technician == "Maren Vogt"
    assert reply.scopes == ["technician:" + kit.id, "tenant"]
    assert len(reply.server_key) == 32
    other = Kit().ask_enrol(code)
    assert other.status_code == 403
    assert told(other).code == ProblemCode.BAD_CODE
    assert Device.objects.count() == 1


def test_only_hashes_of_code_and_token_are_kept(org: Any, maren: Any) -> None:
    """Neither the code nor the token stands in the database."""
    code, _row = accounts.new_enrol_code(maren, maren)
    kit = Kit()
    kit.enrol(code=code)
    held = repr([*EnrolCode.objects.values(), *Device.objects.values()])
    assert code not in held
    assert kit.token not in held


def test_the_same_device_may_ask_again_when_the_answer_was_lost(org: Any, maren: Any) -> None:
    """A repeated enrolment with the same key gives a token that works."""
    code, _row = accounts.new_enrol_code(maren, maren)
    kit = Kit()
    assert kit.ask_enrol(code).status_code == 200
    kit.enrol(code=code)
    assert kit.sync().granted == ["technician:" + kit.id, "tenant"]
    assert kit.ask_enrol(code).status_code == 403


def test_an_expired_or_wrong_code_opens_nothing(org: Any, maren: Any) -> None:
    """Old codes and made-up codes get the same answer."""
    code, row = accounts.new_enrol_code(maren, maren)
    row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    row.save()
    answers = {Kit().ask_enrol(text).content for text in (code, "ABCD-EFGH-JKMN-PQRS", "")}
    assert len(answers) == 1
    assert Device.objects.count() == 0


def test_a_prefix_in_use_is_not_given_twice(org: Any) -> None:
    """A second device that numbers with the same letters gets others for numbers to come."""
    Kit().enrol()
    assert Kit("Pavel Reuter").enrol().prefix != "TK07"


def test_malformed_enrolments_are_refused(org: Any, maren: Any) -> None:
    """No key, no name, a strange prefix: 400, and the code is still good."""
    code, _row = accounts.new_enrol_code(maren, maren)
    bad_prefix = Kit(prefix="tk 7; DROP")
    assert told(bad_prefix.ask_enrol(code)).field == "prefix"
    nameless = Kit(name="\x00")
    assert nameless.ask_enrol(code).status_code == 400
    assert Kit().ask_enrol(code).status_code == 200


def test_a_device_is_known_by_its_signature_alone(org: Any) -> None:
    """A forged, foreign, altered or missing signature gets nothing and changes nothing."""
    kit, other = Kit(), Kit("Pavel Reuter", "TK11")
    kit.enrol()
    other.enrol()
    before = AuditEvent.objects.count()
    body = wire.encode(kit.request())
    forged = kit.post(protocol.SYNC_PATH, body, key=Ed25519PrivateKey.generate())
    assert (forged.status_code, told(forged).code) == (401, ProblemCode.BAD_SIGNATURE)
    altered = kit.post(protocol.SYNC_PATH, body, sent_body=body + b"\x00")
    assert told(altered).code == ProblemCode.BAD_SIGNATURE
    unsigned = kit.http.post(protocol.SYNC_PATH, body, content_type=wire.MESSAGEPACK, secure=True)
    assert told(unsigned).code == ProblemCode.BAD_SIGNATURE
    posing = other.post(protocol.SYNC_PATH, body)
    assert told(posing).code == ProblemCode.BAD_SIGNATURE
    stranger = Kit().ask(Kit().request())
    assert told(stranger).code == ProblemCode.UNKNOWN_DEVICE
    assert AuditEvent.objects.count() == before


def test_the_same_request_is_answered_once(org: Any) -> None:
    """Replayed bytes are refused at once, and later because their time has passed."""
    kit = Kit()
    kit.enrol()
    body = wire.encode(kit.request())
    now = time.time_ns() // 1_000_000
    assert kit.post(protocol.SYNC_PATH, body, nonce="ab" * 16, time_ms=now).status_code == 200
    replay = kit.post(protocol.SYNC_PATH, body, nonce="ab" * 16, time_ms=now)
    assert told(replay).code == ProblemCode.REPLAYED
    old = kit.post(protocol.SYNC_PATH, body, time_ms=now - 3_600_000)
    assert told(old).code == ProblemCode.CLOCK
    assert abs(told(old).now_ms - now) < 60_000


def test_a_revoked_device_is_refused_at_its_next_request(org: Any, maren: Any) -> None:
    """After the office withdrew it, a device reads and writes nothing."""
    kit = Kit()
    kit.enrol()
    Device.objects.update(revoked_at=datetime.now(UTC), revoked_by=maren)
    response = kit.ask(kit.request())
    assert (response.status_code, told(response).code) == (403, ProblemCode.REVOKED)


def test_a_copy_is_found_out(org: Any) -> None:
    """Two programs with one key cannot both go on: the one with the older token is told so."""
    kit = Kit()
    kit.enrol()
    kit.sync()
    copy = kit.copy()
    kit.sync()
    kit.sync()
    refused = copy.ask(copy.request())
    assert (refused.status_code, told(refused).code) == (409, ProblemCode.FORKED)
    assert kit.sync().token


def test_a_copy_that_comes_first_leaves_the_original_to_enrol_anew(org: Any, maren: Any) -> None:
    """Whichever of the two is behind keeps its work and goes on as a new device with the same scopes."""
    kit = Kit()
    kit.enrol(maren)
    _identity, scope, made = kit.customer()
    kit.sync(made)
    copy = kit.copy()
    copy.sync()
    copy.sync()
    assert told(kit.ask(kit.request())).code == ProblemCode.FORKED
    anew = Kit(prefix="TK08")
    anew.enrol(maren, former=kit.id)
    assert scope in anew.sync().granted


def test_a_request_that_is_answered_late_is_no_copy(org: Any) -> None:
    """Given up by the device, taken by the service after the next one: the token of either answer goes on."""
    kit = Kit()
    kit.enrol()
    kit.sync()
    given_up = kit.request()
    reply = kit.read(kit.ask(kit.request()))
    assert kit.ask(given_up).status_code == 200
    kit.take(reply)
    assert kit.sync().token
    assert kit.sync().token
    assert told(kit.ask(given_up)).code == ProblemCode.FORKED


def test_two_that_begin_at_one_token_are_told_apart(org: Any) -> None:
    """A copy of the moment before an answer: both are answered once, and the later of the two is found out."""
    kit = Kit()
    kit.enrol()
    kit.sync()
    copy = kit.copy()
    kit.sync()
    copy.sync()
    kit.sync()
    assert told(copy.ask(copy.request())).code == ProblemCode.FORKED
    assert kit.sync().token


def test_a_lost_answer_is_no_copy(org: Any) -> None:
    """The token before the last is still good: the answer that carried the newer one may be lost."""
    kit = Kit()
    kit.enrol()
    for _time in range(3):
        assert kit.ask(kit.request()).status_code == 200
    assert kit.sync().token


def test_a_key_can_be_replaced_by_its_holder(org: Any) -> None:
    """After a rotation the new key signs and the old one does not."""
    kit = Kit()
    kit.enrol()
    fresh = Ed25519PrivateKey.generate()
    asked = RotateRequest(protocol=1, public_key=fresh.public_key().public_bytes_raw())
    assert kit.post(protocol.ROTATE_PATH, wire.encode(asked)).status_code == 204
    assert told(kit.ask(kit.request())).code == ProblemCode.BAD_SIGNATURE
    kit.key = fresh
    assert kit.ask(kit.request()).status_code == 200


def test_a_device_begins_with_the_organisation_and_itself(org: Any) -> None:
    """Nobody's customers come with enrolment."""
    kit = Kit()
    kit.enrol()
    scopes = set(DeviceScope.objects.values_list("scope_id", flat=True))
    assert scopes == {"tenant", "technician:" + kit.id}


def test_what_was_used_for_an_answer_is_let_go_behind_it() -> None:
    """A device does not wait until thousands of operations are cleared away: that is done when its answer has gone."""
    request = RequestFactory().post("/", b"", content_type=wire.MESSAGEPACK)
    used: list[object] = [["many", "operations"]]
    response = enrol.answer(request, problem(ProblemCode.BUSY), used=used)
    assert used != []
    response.close()
    assert used == []
