"""The one door to HTTP: HTTPS to the one service whose certificate this device knows.

The certificate is pinned at enrolment and is the only one trusted; there is no way around a certificate
that differs, and nothing is sent before it was checked. Redirects are never followed. A proxy is used
only when the setting names one: the environment of a customer's computer is not asked. Answers are
read up to a limit and within a time, whatever they claim.

Built on http.client: one connection kept open, no cookies, nothing loaded but the standard library.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import http.client
import io
import secrets
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit.errors import CutError, ForeignServiceError, SyncError, UnreachableError
from techkit.i18n import _
from techkit.sync import signatures, wire

#: How long to wait for a connection, and for the next bytes of an answer, in seconds.
CONNECT_S = 10.0
READ_S = 60.0

#: How long one request may take altogether, so that an answer that drips for ever ends.
REQUEST_S = 300.0

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Response:
    """An answer: status, headers with lower-case names, body as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Return the media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Signer:
    """Signs requests with the device's Ed25519 key. offset_ms: device's clock minus the service's."""

    device: str
    key: Ed25519PrivateKey
    offset_ms: int = 0

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """Return the headers that sign a request; a fresh nonce each time."""
        time_ms = time.time_ns() // 1_000_000 - self.offset_ms
        nonce = secrets.token_hex(16)
        digest = hashlib.sha256(body).hexdigest()
        text = signatures.signed_text(method, path, self.device, time_ms, nonce, digest)
        return signatures.signature_headers(self.device, time_ms, nonce, self.key.sign(text))


@dataclass
class Traffic:
    """Bytes and requests since the connection object was made; bodies as they go over the wire."""

    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass
class Transport:
    """A kept-open connection to one service.

    url: "https://host:port". certificate: DER bytes of the only certificate that is trusted.
    proxy: "http://host:port" or "". read_s: how long to wait for the next bytes of an answer.
    """

    url: str
    certificate: bytes
    proxy: str = ""
    read_s: float = READ_S
    traffic: Traffic = field(default_factory=Traffic)
    _connection: http.client.HTTPSConnection | None = None

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Send one request and return the answer, of whatever status.

        A connection that the service closed in the meantime is opened again once; requests are made
        so that a repeat is harmless. Raises: UnreachableError, ForeignServiceError, SyncError.
        """
        is_fresh = self._connection is None
        try:
            return self._once(method, path, headers, body)
        except _StaleError:
            if is_fresh:
                raise unreachable(self.url) from None
        try:
            return self._once(method, path, headers, body)
        except _StaleError as error:
            raise unreachable(self.url) from error

    def open(self) -> None:
        """Make the connection, so that it stands when the first request is ready.

        Raises: UnreachableError, ForeignServiceError, SyncError.
        """
        try:
            self._open()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _translated(error, self.url) from error

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        deadline = time.monotonic() + REQUEST_S
        has_sent = False
        is_kept = self._connection is not None
        try:
            connection = self._open()
            connection.sock.settimeout(self.read_s)
            self.traffic.requests += 1
            connection.request(method, path, body=body, headers=dict(headers))
            has_sent = True
            self.traffic.sent_bytes += len(body)
            connection.response_class = _answers_until(deadline, self.read_s)
            # An answer that breaks off holds its socket until it is closed itself.
            with contextlib.closing(connection.getresponse()) as found:
                data = _read(found)
            self.traffic.received_bytes += len(data)
        except http.client.RemoteDisconnected as error:
            self.close()
            raise _StaleError from error
        except (ConnectionError, BrokenPipeError) as error:
            self.close()
            if has_sent:
                raise cut() from error
            raise _StaleError from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if is_kept and not has_sent and isinstance(error, ssl.SSLEOFError):
                raise _StaleError from error  # closed behind the answer before this request
            raise _translated(error, self.url) from error
        except SyncError:
            self.close()
            raise
        return Response(found.status, {name.lower(): held for name, held in found.getheaders()}, data)

    def _open(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            host, port = _place(self.url)
            context = _context(self.certificate)
            if self.proxy:
                proxy_host, proxy_port = _place(self.proxy)
                connection = http.client.HTTPSConnection(
                    proxy_host, proxy_port, timeout=CONNECT_S, context=context
                )
                connection.set_tunnel(host, port)
            else:
                connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_S, context=context)
            connection.response_class = _answers_until(time.monotonic() + CONNECT_S, CONNECT_S)  # a proxy's
            try:
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


class _Secured(ssl.SSLSocket):
    """A TLS socket that is closed when the other end died between the connection and the handshake.

    Python asks it for the other end's name first; of one that is gone it closes nothing and keeps nothing.
    """

    def getpeername(self) -> Any:
        """Return the other end's address. Raises: ConnectionResetError, the socket closed, when there is none."""
        try:
            return super().getpeername()
        except OSError as error:
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, "the other end is gone") from error


class _StaleError(Exception):
    """The other end had closed the kept connection before it took the request."""


class _Until(io.RawIOBase):
    """What comes over a socket, read until a moment of time.monotonic() and no longer, however slowly it drips."""

    def __init__(self, raw: socket.SocketIO, sock: socket.socket, ends_at: float, read_s: float) -> None:
        self._raw, self._sock, self._ends_at, self._read_s = raw, sock, ends_at, read_s

    def readable(self) -> bool:
        """Return True: that is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there. Raises: SyncError once it is too late, OSError."""
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise cut()
        self._sock.settimeout(min(left_s, self._read_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer whose head and body come until a moment and no longer."""

    def __init__(self, sock: socket.socket, *rest: Any, ends_at: float, read_s: float, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_Until(cast("socket.SocketIO", raw), sock, ends_at, read_s))


def _answers_until(ends_at: float, read_s: float) -> type[http.client.HTTPResponse]:
    made = functools.partial(_Answer, ends_at=ends_at, read_s=read_s)
    return cast("type[http.client.HTTPResponse]", made)  # http.client calls it and asks nothing else of it


def _read(found: http.client.HTTPResponse) -> bytes:
    """Return the body, never more than the limit."""
    kept = bytearray()
    while chunk := found.read(_CHUNK_BYTES):
        kept += chunk
        if len(kept) > wire.MAX_COMPRESSED_BYTES:
            raise SyncError(
                _("The service sent far more than it should."),
                safe=_("Nothing of it was used, and nothing here is lost."),
                advice=_("Tell the office."),
            )
    return bytes(kept)


def fetch_certificate(url: str) -> bytes:
    """Return the certificate (DER) of whoever answers at an address, having sent nothing else.

    Raises: UnreachableError, ForeignServiceError.
    """
    host, port = _place(url)
    context = _client_context()
    # Only to read the certificate; the caller compares its fingerprint before anything is sent.
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=CONNECT_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            found = secured.getpeercert(binary_form=True)
    except OSError as error:
        raise _translated(error, url) from error
    if not found:
        raise foreign(url)
    return found


def fingerprint(certificate: bytes) -> str:
    """Return SHA-256 (hex) of a certificate's DER bytes."""
    return hashlib.sha256(certificate).hexdigest()


def _context(certificate: bytes) -> ssl.SSLContext:
    """Return a TLS context that trusts exactly one certificate, by its bytes and not by a name."""
    context = _client_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context


def _client_context() -> ssl.SSLContext:
    """Return a TLS context that looks at no names; which certificate it trusts is the caller's to say."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.sslsocket_class = _Secured
    return context


def _place(url: str) -> tuple[str, int]:
    """Return host and port of an address. Raises: UnreachableError for one that has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise unreachable(url) from None
    if not parts.hostname:
        raise unreachable(url)
    return parts.hostname, port


def _translated(error: Exception, url: str) -> SyncError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return wrong_clock(url) if error.verify_code in _OUT_OF_TIME else foreign(url)
    if isinstance(error, TimeoutError):
        return unreachable(url)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return cut()
    if isinstance(error, ssl.SSLError):
        return foreign(url)
    if isinstance(error, http.client.HTTPException):
        return cut()
    return unreachable(url)


def unreachable(url: str) -> UnreachableError:
    """Return the error for a service that does not answer."""
    return UnreachableError(
        _("The central service does not answer."),
        safe=_("Everything is saved on this device and waits to be sent."),
        advice=_("Try again when a network is there."),
        url=url,
    )


def foreign(url: str) -> ForeignServiceError:
    """Return the error for something that is not the service this device knows."""
    return ForeignServiceError(
        _("Something else than your central service answered."),
        safe=_("Nothing was sent to it; everything is saved on this device."),
        advice=_(
            "Perhaps this network wants you to sign in first. If it stays on other networks too, ask the office."
        ),
        url=url,
    )


#: OpenSSL's codes for a certificate that is not valid yet, and not any more. Source: x509_vfy.h.
_OUT_OF_TIME = (9, 10)


def wrong_clock(url: str) -> ForeignServiceError:
    """Return the error for the service's own certificate at a time it is not valid: one of the clocks is wrong."""
    return ForeignServiceError(
        _("By this computer’s clock the office’s certificate is not valid today: the clock looks wrong."),
        safe=_("Nothing was sent; everything is saved on this device and waits."),
        advice=_("Set date and time of this computer, then sync again. If they are right, tell the office."),
        url=url,
    )


def cut() -> CutError:
    """Return the error for an answer that ended too early or took too long."""
    return CutError(
        _("The connection was cut in the middle."),
        safe=_("Nothing is lost: what was sent is recognised when it is sent again."),
        advice=_("Try again when the network is steady."),
    )
