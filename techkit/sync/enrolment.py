"""Letting this device in at a service by the line the office gave, and giving a copy an identity of its own."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit import version
from techkit.errors import InputError, RefusedError
from techkit.i18n import _
from techkit.records.identity import new_id, new_prefix
from techkit.store.answer import Answer
from techkit.store.database import Store
from techkit.sync import answers, carrier, protocol, transport, wire
from techkit.sync.invitation import Invitation
from techkit.sync.line import PLAIN, Line
from techkit.sync.protocol import EnrolReply, EnrolRequest

#: What is kept of who this device is to its service. Answers to packages of the device it was say what that one drops.
_IDENTITY = ("former", "token", "private_key", "enrol_code", "packages", "offering_package")


def enrol(store: Store, line: Line, invitation: str) -> None:
    """Let this device in at a service, by the line the office gave.

    Everything made before is sent with the next sync. A device that was found to be a copy gets
    a new identity here and keeps its work; so does one that this service withdrew. Raises: InputError for a line
    that is none, ForeignServiceError when the service is not the one the line names, RefusedError for a wrong
    or used code, UnreachableError.
    """
    try:
        invited = Invitation.parse(invitation)
    except ValueError as error:
        raise InputError(
            _("This is no invitation of a central service."),
            field="code",
            safe=_("Nothing was sent."),
            advice=_("Paste the whole line from the office: address, code and fingerprint."),
        ) from error
    certificate = transport.fetch_certificate(invited.url)
    if not transport.fingerprint(certificate).startswith(invited.fingerprint):
        raise transport.foreign(invited.url)
    if line.is_enrolled and base64.b64decode(line.meta("certificate")) == certificate:
        _enrol_anew(store, line, invited, certificate)
    else:
        _enrol(store, line, invited, certificate)


def _enrol_anew(store: Store, line: Line, invited: Invitation, certificate: bytes) -> None:
    """Let a device in once more at the service that knows it; refused, it stays what it was.

    Until then what waits can still go by a package file. Without an answer it is the new device already, since the
    service may have taken the code: the same code, tried again, goes on from there.
    """
    device = store.device
    before = {name: line.meta(name) for name in _IDENTITY}
    become_new_device(store, line)
    try:
        _enrol(store, line, invited, certificate)
    except RefusedError:
        with store.connection.transaction():
            store.replica.set_meta(before)
            store.change_device(id=device.id, prefix=device.prefix)
        line.forget()
        raise


def _enrol(store: Store, line: Line, invited: Invitation, certificate: bytes) -> None:
    key = _key_for(store, line, invited.code)
    former = line.meta("former")
    device = store.device
    asked = EnrolRequest(
        protocol=protocol.PROTOCOL,
        code=invited.code,
        device=device.id,
        name=device.name or device.prefix,
        prefix=device.prefix,
        public_key=key.public_key().public_bytes_raw(),
        technician=device.technician,
        app_version=version.VERSION,
        former=former,
        stamp=line.meta("stamp") if former else "",
        sealing_key=carrier.sealing_key(key).public_key().public_bytes_raw(),
    )
    stranger = transport.Transport(invited.url, certificate, proxy=store.setting("sync.proxy"))
    try:
        found = stranger.request("POST", protocol.ENROL_PATH, PLAIN, wire.encode(asked))
    finally:
        stranger.close()
    reply = answers.message(found, EnrolReply)
    if not answers.is_clock(reply.now_ms):
        raise answers.odd("a clock no service has")
    now = line.now_ms()
    with store.connection.transaction():
        store.take(
            Answer(
                granted=reply.scopes,
                is_last=False,
                meta={
                    "url": invited.url,
                    "certificate": base64.b64encode(certificate).decode(),
                    "server_key": base64.b64encode(reply.server_key).decode(),
                    "org": reply.org,
                    "token": reply.token,
                    "epoch": reply.epoch,
                    "clock_offset_ms": str(now - reply.now_ms),
                    "key_made_at_ms": str(reply.now_ms),
                    "next_key": "",
                    "former": "",
                    "stamp": "",
                    # A copy that comes back as a new device may come to a service that was restored since.
                    **({"must_offer": "1"} if former else {}),
                },
            )
        )
        store.change_device(
            prefix=reply.prefix,
            technician=reply.technician or device.technician,
            technician_id=reply.technician_id,
            provider=device.provider or reply.org,
        )
    line.forget()


def _key_for(store: Store, line: Line, code: str) -> Ed25519PrivateKey:
    """Return the key this device enrols with: the same one when the same code is tried again."""
    if line.meta("enrol_code") == code and line.meta("private_key"):
        return line.key()
    key = Ed25519PrivateKey.generate()
    store.replica.set_meta(
        {"enrol_code": code, "private_key": base64.b64encode(key.private_bytes_raw()).decode()}
    )
    return key


def become_new_device(store: Store, line: Line) -> None:
    """Give this store an identity of its own, after the service found it to be a copy or withdrew it.

    Waiting operations keep their ids; numbers made from now on begin with another prefix. The
    next step is `enrol` with a fresh code. Asked again before that, it still is the one the service knew.
    """
    with store.connection.transaction():
        former = line.meta("former") or store.device.id
        store.replica.set_meta({**dict.fromkeys(_IDENTITY, ""), "former": former})
        store.change_device(id=new_id(), prefix=new_prefix())
    line.forget()
