"""What is signed of a request, and signatures that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from techkit.records.identity import new_id
from techkit.sync import signatures


def test_signatures_bind_every_part() -> None:
    """Changing method, path, device, time, nonce or body changes what is signed."""
    parts: dict[str, Any] = dict(
        method="POST", path="/a", device="d", time_ms=1, nonce="00" * 16, body_sha256="11" * 32
    )
    changed = [{**parts, name: held} for name, held in
               dict(method="PUT", path="/a?x", device="e", time_ms=2, nonce="01" * 16, body_sha256="1").items()]  # fmt: skip
    assert len({signatures.signed_text(**one) for one in [parts, *changed]}) == 7


@pytest.mark.parametrize(
    "change",
    [{"X-Techkit-Time": "soon"}, {"X-Techkit-Time": "-5"}, {"X-Techkit-Nonce": "zz"}, {"X-Techkit-Nonce": "00"},
     {"X-Techkit-Signature": "!!"}, {"X-Techkit-Signature": "AAAA"}, {"X-Techkit-Device": "short"}],
)  # fmt: skip
def test_malformed_signature_headers_are_none(change: dict[str, str]) -> None:
    """A missing or strange part makes the whole signature unreadable."""
    good = signatures.signature_headers(new_id(), 5, "00" * 16, b"\x00" * 64)
    assert signatures.read_signature(good) is not None
    assert signatures.read_signature({**good, **change}) is None
    assert signatures.read_signature({}) is None
