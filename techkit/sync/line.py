"""The line of an enrolled device to its service: signed requests over one connection, and what is kept for them."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit.store.database import Store
from techkit.sync import answers, transport, wire
from techkit.sync.problems import ProblemCode
from techkit.sync.transport import Response, Signer, Transport

PLAIN = {"Content-Type": wire.MESSAGEPACK}
PACKED = {"Content-Type": wire.MESSAGEPACK, "Content-Encoding": "zstd"}
BYTES = {"Content-Type": "application/octet-stream"}


class Line:
    """Sends requests as this device. now_ms: the device's clock, for tests.

    One request at a time; any thread.
    """

    def __init__(self, store: Store, now_ms: Callable[[], int] | None = None) -> None:
        self._store = store
        self.now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._connection: Transport | None = None
        self._signer: Signer | None = None

    # --- what is kept ---

    def meta(self, key: str) -> str:
        """Return a value kept for sync, "" when there is none."""
        return self._store.replica.meta(key)

    @property
    def is_enrolled(self) -> bool:
        """Return whether a service knows this device."""
        return bool(self.meta("token"))

    def key(self) -> Ed25519PrivateKey:
        """Return the key this device signs with."""
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.meta("private_key")))

    def other_keys(self) -> list[Ed25519PrivateKey]:
        """Return the keys the service may know instead: one whose receipt got lost, and the one before."""
        held = (self.meta("next_key"), self.meta("last_key"))
        return [Ed25519PrivateKey.from_private_bytes(base64.b64decode(one)) for one in held if one]

    def take_next_key(self) -> None:
        """Sign with the next key from here on; the one before it still opens job packs made for it."""
        held = self.meta("next_key")
        if held:
            now = str(self.now_ms() - self.offset_ms())
            self._store.replica.set_meta(
                {
                    "private_key": held,
                    "last_key": self.meta("private_key"),
                    "next_key": "",
                    "key_made_at_ms": now,
                }
            )
        self._signer = None

    def offset_ms(self) -> int:
        """Return how far this device's clock is ahead of the service's, as far as known."""
        return int(self.meta("clock_offset_ms") or 0)

    # --- requests ---

    def post_told(self, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Response:
        """Send a signed request. Raises: SyncError and its family, in words for people."""
        try:
            return self.post(path, body, headers, method)
        except answers.ProblemError as error:
            raise answers.refused(error.problem) from error

    def post(self, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Response:
        """Send a signed request; a wrong clock is allowed for and tried once more.

        Raises: ProblemError, SyncError and its family.
        """
        try:
            return self._signed(path, body, headers, method)
        except answers.ProblemError as error:
            told = error.problem
            if told.code == ProblemCode.BAD_SIGNATURE:
                return self._with_another_key(error, path, body, headers, method)
            if told.code not in (ProblemCode.CLOCK, ProblemCode.REPLAYED) or not answers.is_clock(
                told.now_ms
            ):
                raise
            self._store.replica.set_meta({"clock_offset_ms": str(self.now_ms() - told.now_ms)})
            self._signer = None
        return self._signed(path, body, headers, method)

    def _with_another_key(
        self, refusal: answers.ProblemError, path: str, body: bytes, headers: Mapping[str, str], method: str
    ) -> Response:
        """Send a request with the key whose receipt got lost, or with the one before; keep the one the service knows.

        The one before is what a service knows that was restored from a backup since. Raises: refusal for neither.
        """
        for name, keep in (("next_key", self.take_next_key), ("last_key", self._take_last_key)):
            held = self.meta(name)
            if not held:
                continue
            key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(held))
            self._signer = Signer(self._store.device.id, key, self._signing_offset())
            try:
                found = self._signed(path, body, headers, method)
            except answers.ProblemError as error:
                if error.problem.code == ProblemCode.BAD_SIGNATURE:
                    continue
                keep()
                raise
            keep()
            return found
        self._signer = None
        raise refusal

    def _take_last_key(self) -> None:
        """Sign with the key before this one from here on; a new one follows when its time comes.

        Perhaps this very request brings it: it stays the next one.
        """
        self._store.replica.set_meta(
            {"private_key": self.meta("last_key"), "last_key": self.meta("private_key")}
        )
        self._signer = None

    def _signed(self, path: str, body: bytes, headers: Mapping[str, str], method: str) -> Response:
        if self._signer is None:
            self._signer = Signer(self._store.device.id, self.key(), self._signing_offset())
        signed = self._signer.headers(method, path, body)
        found = self.connection().request(method, path, {**headers, **signed}, body)
        if found.status in (200, 201, 204, 206):
            return found
        raise answers.trouble(found)

    def connection(self) -> Transport:
        """Return the connection to the service, made when it is first needed."""
        if self._connection is None:
            self._connection = transport.Transport(
                self.meta("url"),
                base64.b64decode(self.meta("certificate")),
                proxy=self._store.setting("sync.proxy"),
            )
        return self._connection

    def forget(self) -> None:
        """Close the connection and forget whom it was to."""
        self._signer = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _signing_offset(self) -> int:
        """Return the offset against the real clock, which is what a signature's time is made from."""
        return self.offset_ms() - (self.now_ms() - time.time_ns() // 1_000_000)

    def begin(self) -> Transport:
        """Return the connection for a sync that begins: the key and the clock are read anew."""
        self._signer = None
        return self.connection()
