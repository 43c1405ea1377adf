"""A device that speaks to the service as the real one does: enrolled by a code, every request signed.

What it keeps is what any client must keep: its key, its token, its places and the operations it knows.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from techkit.central import accounts
from techkit.central.models import Role, User
from techkit.records import merging
from techkit.records.identity import new_id
from techkit.records.operations import (
    Action,
    Change,
    Operation,
    RecordState,
    customer_scope,
    pack,
    pack_id,
    unpack,
)
from techkit.sync import digests, protocol, signatures, wire
from techkit.sync.problems import Problem
from techkit.sync.protocol import EnrolReply, EnrolRequest, SyncReply, SyncRequest


class Kit:
    """One device with its key, its clock (off by `skew_ms`) and the history it has received."""

    def __init__(self, name: str = "Ines Okafor", prefix: str = "TK07", *, skew_ms: int = 0) -> None:
        self.name, self.prefix, self.skew_ms = name, prefix, skew_ms
        self.id = new_id()
        self.key = Ed25519PrivateKey.generate()
        self.http = Client(headers={"host": "localhost"})
        self.token = self.epoch = self.last_acked_op = self.stamp = ""
        self.clock_fix_ms = 0
        self.cursors: dict[str, tuple[int, str]] = {}
        self.history: dict[str, dict[int, tuple[Operation, int]]] = {}
        self.last_hlc = 0

    def copy(self) -> Kit:
        """Return a second program with the same id, key and token, and nothing of the history."""
        held = Kit(self.name, self.prefix)
        held.id, held.key, held.token = self.id, self.key, self.token
        return held

    # --- speaking -----------------------------------------------------------------------------------

    def post(
        self,
        path: str,
        body: bytes,
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        **change: Any,
    ) -> Any:
        """Send signed bytes; `change` replaces parts of the signature, to try what a forger would."""
        time_ms = change.get("time_ms", time.time_ns() // 1_000_000)
        nonce = change.get("nonce", secrets.token_hex(16))
        device = change.get("device", self.id)
        text = signatures.signed_text(method, path, device, time_ms, nonce, hashlib.sha256(body).hexdigest())
        signature = change.get("key", self.key).sign(text)
        sent = {
            "Content-Type": wire.MESSAGEPACK,
            **(headers or {}),
            **signatures.signature_headers(device, time_ms, nonce, signature),
        }
        return self.http.generic(
            method,
            path,
            change.get("sent_body", body),
            content_type=sent.pop("Content-Type"),
            headers=sent,
            secure=True,
        )

    def enrol(
        self, technician: User | None = None, *, former: str = "", stamp: str = "", code: str = ""
    ) -> EnrolReply:
        """Redeem a code made for the technician (a new account without one)."""
        if technician is None:
            technician = User(org=accounts.the_org(), username=new_id(), role=Role.TECHNICIAN)
            technician.first_name, _space, technician.last_name = self.name.partition(" ")
            technician.set_unusable_password()  # hashing one takes longer than the rest of most tests
            technician.save()
        code = code or accounts.new_enrol_code(None, technician)[0]
        response = self.ask_enrol(code, former=former, stamp=stamp)
        assert response.status_code == 200, response.content
        reply = wire.decode(response.content, EnrolReply)
        self.token, self.epoch, self.prefix = reply.token, reply.epoch, reply.prefix
        return reply

    def ask_enrol(self, code: str, *, former: str = "", stamp: str = "") -> Any:
        """Send the enrolment and return the HTTP response."""
        asked = EnrolRequest(
            protocol=1,
            code=code,
            device=self.id,
            name=f"Laptop of {self.name}",
            prefix=self.prefix,
            public_key=self.key.public_key().public_bytes_raw(),
            former=former,
            stamp=stamp,
        )
        return self.http.post(
            protocol.ENROL_PATH, wire.encode(asked), content_type=wire.MESSAGEPACK, secure=True
        )

    def request(self, *operations: Operation, **more: Any) -> SyncRequest:
        """Return the next request with these operations."""
        fields: dict[str, Any] = {
            "protocol": 1,
            "device": self.id,
            "token": self.token,
            "epoch": self.epoch,
            "last_acked_op": self.last_acked_op,
            "stamp": self.stamp,
            "cursors": self.cursors,
            "ops": [msgspec.Raw(pack(op)) for op in operations],
            "sent_at_ms": self.now_ms(),
        }
        return SyncRequest(**{**fields, **more})

    def ask(self, asked: SyncRequest, content_type: str = wire.MESSAGEPACK) -> Any:
        """Send a request and return the HTTP response."""
        body, headers = wire.encode(asked, content_type), {"Content-Type": content_type}
        if content_type == wire.MESSAGEPACK:
            body, headers["Content-Encoding"] = wire.compress(body), "zstd"
        return self.post(protocol.SYNC_PATH, body, headers=headers)

    def sync(self, *operations: Operation, **more: Any) -> SyncReply:
        """Do one round and keep what came back; asks on while there is more."""
        response = self.ask(self.request(*operations, **more))
        assert response.status_code == 200, response.content
        reply = self.read(response)
        self.take(reply, operations)
        if reply.more:
            assert self.sync().more in (True, False)
        return reply

    @staticmethod
    def read(response: Any) -> SyncReply:
        """Return the reply of a response."""
        return wire.decode(
            response.content,
            SyncReply,
            content_type=response.headers["Content-Type"],
            content_encoding=response.headers.get("Content-Encoding", ""),
        )

    def take(self, reply: SyncReply, operations: tuple[Operation, ...] = ()) -> None:
        """Fold a reply into what this device holds, checking places and digests on the way."""
        if reply.epoch != self.epoch:
            # Its receipts are of another time: it names none until it has sent again what was lost.
            self.last_acked_op = ""
        self.token, self.epoch, self.stamp = reply.token, reply.epoch, reply.stamp
        sent = {op.op_id: op for op in operations}
        for scope in [*reply.reset, *reply.revoked]:
            self.history.pop(scope, None)
            self.cursors.pop(scope, None)
        for ack in reply.acks:
            self.last_acked_op = ack.op_id
            if ack.op_id in sent:
                op = sent[ack.op_id]
                self.history.setdefault(op.scope, {})[ack.seq] = (op, ack.order)
        following = dict(reply.places)
        for op in operations if following else ():
            self.last_acked_op = op.op_id
            self.history.setdefault(op.scope, {})[following[op.scope]] = (op, op.hlc)
            following[op.scope] += 1
        for placed in reply.changes:
            self.history.setdefault(placed.scope, {})[placed.seq] = (unpack(bytes(placed.op)), placed.order)
        for scope, (seq, digest) in reply.cursors.items():
            self.cursors[scope] = (seq, digest)
            self.check(scope)
        for scope in reply.granted:
            self.cursors.setdefault(scope, (0, ""))

    def check(self, scope: str) -> None:
        """Assert that the history of a scope is whole up to its place and has the digest told."""
        seq, digest_hex = self.cursors[scope]
        held = self.history.get(scope, {})
        assert sorted(place for place in held if place <= seq) == list(range(1, seq + 1))
        digest = b""
        for place in range(1, seq + 1):
            op_id = pack_id(held[place][0].op_id)
            assert isinstance(op_id, bytes)
            digest = digests.digests_from(digest, place, [(op_id, held[place][1])])[0]
        assert digest.hex() == digest_hex

    # --- writing ----------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return this device's wall clock."""
        return time.time_ns() // 1_000_000 + self.skew_ms

    def tick(self) -> int:
        """Return the next value of this device's hybrid clock."""
        self.last_hlc = max(self.now_ms() << 16, self.last_hlc + 1)
        return self.last_hlc

    def put(
        self,
        entity: str,
        record_id: str,
        scope: str,
        *,
        at_hlc: int = 0,
        action: Action = Action.PUT,
        reason: str = "",
        **fields: Any,
    ) -> Operation:
        """Return an edit of a record by somebody who sees what this device holds."""
        state = self.state(record_id)
        if action is Action.REMOVE:
            assert state is not None
            changes = {".removed": merging.removal(state)}
        else:
            changes = {name: merging.change(state, name, held) for name, held in fields.items()}
        return Operation(
            op_id=new_id(),
            device=self.id,
            hlc=at_hlc or self.tick(),
            scope=scope,
            entity=entity,
            record_id=record_id,
            action=action,
            fields=changes,
            actor=self.name,
            reason=reason,
        )

    def customer(self, name: str = "Quarrystone Architects") -> tuple[str, str, Operation]:
        """Return id, scope and operation of a new customer."""
        identity = new_id()
        scope = customer_scope(identity)
        return identity, scope, self.put("customer", identity, scope, display_name=name)

    def state(self, record_id: str) -> RecordState | None:
        """Return what a record says on this device."""
        state = None
        for scope in self.history.values():
            for place in sorted(scope):
                op, order = scope[place]
                if op.record_id == record_id:
                    state = merging.fold(state, op, order)
        return state

    def value(self, record_id: str, name: str) -> Any:
        """Return one field's value on this device."""
        state = self.state(record_id)
        return None if state is None else state.values.get(name)


def told(response: Any) -> Problem:
    """Return the numbered problem of a response."""
    return wire.decode(response.content, Problem, content_type=wire.JSON)


def plain(entity: str, scope: str, **fields: Any) -> Operation:
    """Return an operation as a forger would write it: free of any device's rules."""
    return Operation(
        op_id=new_id(),
        device=new_id(),
        hlc=time.time_ns() // 1_000_000 << 16,
        scope=scope,
        entity=entity,
        record_id=new_id(),
        fields={name: Change(held) for name, held in fields.items()},
    )
