"""The line the office hands to a technician to let one device in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the office hands to a technician to let one device in.

    code: one-time. url: where the service answers. fingerprint: SHA-256 of its certificate in hex,
    whole or at least the first 20 digits (80 bits); the device trusts no other certificate.
    """

    url: str
    code: str
    fingerprint: str

    def text(self) -> str:
        """Return it as one line to paste or scan, e.g. "https://office:8443 ABCD-EFGH#1f3a…"."""
        return f"{self.url} {self.code}#{self.fingerprint}"

    @staticmethod
    def parse(text: str) -> Invitation:
        """Return the invitation of its line, with or without the words before it. Raises: ValueError saying what is missing."""
        url, _space, rest = text[max(0, text.rfind("https://")) :].strip().partition(" ")
        code, _hash, fingerprint = rest.strip().partition("#")
        fingerprint = fingerprint.strip().lower().replace(":", "")
        if not url.startswith("https://"):
            raise ValueError("the address must begin with https://")
        if not code:
            raise ValueError("the code is missing")
        digits = set("0123456789abcdef")
        if not 20 <= len(fingerprint) <= 64 or not set(fingerprint) <= digits:
            raise ValueError("the fingerprint behind # is missing or too short")
        return Invitation(url=url.rstrip("/"), code=code.strip(), fingerprint=fingerprint)
