"""Sync by file: a signed, encrypted package that carries a request on a stick, and the answer back.

Where there is no network at all, a device packs the very request it would have sent into a file for
the service; somebody carries it to the office (a colleague, a stick, a mail), the service answers with
another file, and the device takes that as it would have taken the reply. Both are safe to lose, to
repeat and to mix up: operations have ids, places are checked.

A package can be read by the service only: its content key is agreed with the key of the service's
certificate (ECDH on P-256, HKDF-SHA256, AES-256-GCM). It is signed with the device's Ed25519 key, and with
the one before it or the one on its way, too: a service that was restored may know that one only. The
answer is sealed with a key that travelled inside the package, and signed by the service.

A job pack goes the other way without being asked for: the customers a device is sent to, from the office
on a stick. It is sealed for one device by its X25519 key, and signed by the service. This module packs
and unpacks bytes; it has no disk and no vault of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from techkit.errors import SyncError
from techkit.i18n import _
from techkit.sync import wire

#: What a package and an answer begin with, so that another file is told at once.
PACKAGE_MARK = b"techkit package 1\n"
ANSWER_MARK = b"techkit answer 1\n"
JOBS_MARK = b"techkit jobs 1\n"

#: What the files are called.
PACKAGE_SUFFIX = ".techkit-package"
ANSWER_SUFFIX = ".techkit-answer"
JOBS_SUFFIX = ".techkit-jobs"

#: Largest file that is opened: many pieces' worth of operations.
MAX_FILE_BYTES = 256 * 1024 * 1024

#: Besides its present key a device signs with the one before it and the one on its way.
_MOST_KEYS = 2

_KEY_BYTES = 32
_NONCE_BYTES = 12


class PackageError(SyncError):
    """A file is no package, was changed on its way, or belongs to somebody else."""

    code = "package"


class Content(msgspec.Struct, kw_only=True):
    """What a package carries.

    body: a request as over the wire, zstd; its token is empty, because the seal says who sends it and
    a token used out of turn would look like a copied device. answer_key: 32 random bytes with which
    the service seals its answer.
    """

    package_id: str
    answer_key: bytes
    body: bytes


class AnswerContent(msgspec.Struct, kw_only=True):
    """What an answer carries: the reply to the package of that id, as over the wire, zstd."""

    package_id: str
    body: bytes


class JobsContent(msgspec.Struct, kw_only=True):
    """What a job pack carries: a reply with whole snapshots of customers, as over the wire, zstd."""

    device: str
    body: bytes


class _Jobs(msgspec.Struct, kw_only=True):
    agreed: bytes
    nonce: bytes
    sealed: bytes
    signature: bytes


class _Package(msgspec.Struct, kw_only=True):
    device: str
    agreed: bytes
    nonce: bytes
    sealed: bytes
    signature: bytes
    others: list[bytes] = []


class _Answer(msgspec.Struct, kw_only=True):
    nonce: bytes
    sealed: bytes
    signature: bytes


# --- the device packs, the service opens ---------------------------------------------------------------


def pack(
    content: Content,
    *,
    device: str,
    key: Ed25519PrivateKey,
    certificate: bytes,
    others: Sequence[Ed25519PrivateKey] = (),
) -> bytes:
    """Return a package's file. certificate: the service's, DER. Raises: PackageError.

    others: keys of this device by which the service may know it instead.
    """
    theirs = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(theirs, ec.EllipticCurvePublicKey):
        raise PackageError(
            _("This service’s certificate cannot take packages."), advice=_("Ask the office for another way.")
        )
    once = ec.generate_private_key(theirs.curve)
    agreed = once.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    nonce = secrets.token_bytes(_NONCE_BYTES)
    content_key = _content_key(once.exchange(ec.ECDH(), theirs), agreed)
    plain = msgspec.msgpack.encode(content)
    sealed = AESGCM(content_key).encrypt(nonce, plain, PACKAGE_MARK + device.encode())
    signed = PACKAGE_MARK + device.encode() + agreed + nonce + sealed
    package = _Package(
        device=device,
        agreed=agreed,
        nonce=nonce,
        sealed=sealed,
        signature=key.sign(signed),
        others=[other.sign(signed) for other in others],
    )
    return PACKAGE_MARK + msgspec.msgpack.encode(package)


def sender(file: bytes) -> str:
    """Return the id of the device a package says it is from; not yet believed. Raises: PackageError."""
    return _read(file, PACKAGE_MARK, _Package).device


def unpack(file: bytes, *, public_key: bytes, service_key: ec.EllipticCurvePrivateKey) -> Content:
    """Return what a package carries, its signature checked first.

    public_key: the sender's Ed25519 key as the service knows it. service_key: that of the certificate.
    Raises: PackageError.
    """
    package = _read(file, PACKAGE_MARK, _Package)
    mark = PACKAGE_MARK + package.device.encode()
    signed = mark + package.agreed + package.nonce + package.sealed
    signatures = [package.signature, *package.others[:_MOST_KEYS]]
    if not any(_is_signed(one, public_key, signed) for one in signatures):
        raise PackageError(
            _("This package was damaged on its way, or it is signed with a key this service does not know."),
            safe=_("Nothing of it was used, and nothing is lost on the device."),
            advice=_(
                "Make it again. If it stays so, this service was restored to before the device’s key: "
                "let the device in anew with a code, and it sends all it holds."
            ),
        )
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(service_key.curve, package.agreed)
        content_key = _content_key(service_key.exchange(ec.ECDH(), theirs), package.agreed)
        plain = AESGCM(content_key).decrypt(package.nonce, package.sealed, mark)
        return msgspec.msgpack.decode(plain, type=Content)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise _changed() from error


def _is_signed(signature: bytes, public_key: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- the service answers, the device opens ---------------------------------------------------------------


def pack_answer(content: AnswerContent, *, answer_key: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return an answer's file. answer_key: from the package. key: the service's own."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    plain = msgspec.msgpack.encode(content)
    sealed = AESGCM(answer_key).encrypt(nonce, plain, ANSWER_MARK)
    answer = _Answer(nonce=nonce, sealed=sealed, signature=key.sign(ANSWER_MARK + nonce + sealed))
    return ANSWER_MARK + msgspec.msgpack.encode(answer)


def unpack_answer(file: bytes, *, answer_key: bytes, server_key: bytes) -> AnswerContent:
    """Return what an answer carries, its signature checked first. Raises: PackageError."""
    answer = _read(file, ANSWER_MARK, _Answer)
    try:
        Ed25519PublicKey.from_public_bytes(server_key).verify(
            answer.signature, ANSWER_MARK + answer.nonce + answer.sealed
        )
        plain = AESGCM(answer_key).decrypt(answer.nonce, answer.sealed, ANSWER_MARK)
        return msgspec.msgpack.decode(plain, type=AnswerContent)
    except (InvalidSignature, InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise _changed() from error


# --- the service packs jobs, the device opens ------------------------------------------------------------


def sealing_key(key: Ed25519PrivateKey) -> X25519PrivateKey:
    """Return the key a device opens job packs with; it follows from the one it signs with."""
    derived = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=b"techkit sealing key")
    return X25519PrivateKey.from_private_bytes(derived.derive(key.private_bytes_raw()))


def pack_jobs(content: JobsContent, *, sealing_key: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return a job pack's file. sealing_key: the device's, public. key: the service's own."""
    once = X25519PrivateKey.generate()
    agreed = once.public_key().public_bytes_raw()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    shared = once.exchange(X25519PublicKey.from_public_bytes(sealing_key))
    sealed = AESGCM(_content_key(shared, agreed, JOBS_MARK)).encrypt(
        nonce, msgspec.msgpack.encode(content), JOBS_MARK
    )
    signature = key.sign(JOBS_MARK + agreed + nonce + sealed)
    return JOBS_MARK + msgspec.msgpack.encode(
        _Jobs(agreed=agreed, nonce=nonce, sealed=sealed, signature=signature)
    )


def unpack_jobs(file: bytes, *, key: X25519PrivateKey, server_key: bytes) -> JobsContent:
    """Return what a job pack carries, its signature checked first. Raises: PackageError."""
    jobs = _read(file, JOBS_MARK, _Jobs)
    try:
        Ed25519PublicKey.from_public_bytes(server_key).verify(
            jobs.signature, JOBS_MARK + jobs.agreed + jobs.nonce + jobs.sealed
        )
        shared = key.exchange(X25519PublicKey.from_public_bytes(jobs.agreed))
        plain = AESGCM(_content_key(shared, jobs.agreed, JOBS_MARK)).decrypt(
            jobs.nonce, jobs.sealed, JOBS_MARK
        )
        return msgspec.msgpack.decode(plain, type=JobsContent)
    except (InvalidSignature, InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise _changed() from error


# --- shared ------------------------------------------------------------------------------------------------


def _content_key(shared: bytes, agreed: bytes, mark: bytes = PACKAGE_MARK) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=agreed, info=mark).derive(shared)


def no_package() -> PackageError:
    """Return the error for a file that answers none of this device's packages."""
    return PackageError(
        _("This file is not what was looked for."),
        safe=_("Nothing was changed."),
        advice=_("Choose the file the office or the device made."),
    )


def _read(file: bytes, mark: bytes, kind: type[wire.M]) -> wire.M:
    if len(file) > MAX_FILE_BYTES or not file.startswith(mark):
        raise no_package()
    try:
        return msgspec.msgpack.decode(file[len(mark) :], type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _changed() from error


def _changed() -> PackageError:
    return PackageError(
        _("This file was damaged on its way, or it is meant for somebody else."),
        safe=_("Nothing of it was used."),
        advice=_("Make it again; carrying it twice does no harm."),
    )
