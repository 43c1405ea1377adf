"""The line a technician pastes to enrol: where the service is, how to recognise it, the code.

The certificate's fingerprint travels inside it, so that the very first contact is with the right
service or with none.
"""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from django.conf import settings


def fingerprint() -> str:
    """Return SHA-256 (hex) of the service's certificate."""
    folder = settings.TECHKIT_FOLDER or Path()
    text = (folder / "tls.crt").read_text(encoding="ascii")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def invitation(address: str, code: str) -> str:
    """Return the line for a one-time code; address: "https://host:port"."""
    from techkit.sync.invitation import Invitation

    return Invitation(url=address, code=code, fingerprint=fingerprint()).text()
