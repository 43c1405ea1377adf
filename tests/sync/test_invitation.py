"""The line the office hands out to let a device in."""

from __future__ import annotations

import pytest

from techkit.sync.invitation import Invitation


def test_an_invitation_is_one_line() -> None:
    """What the office hands out is pasted back as it was, with spaces and capitals forgiven."""
    made = Invitation(url="https://office:8443", code="ABCD-EFGH", fingerprint="1f" * 32)
    assert Invitation.parse(f"  {made.text().replace('1f', '1F')} \n") == made
    assert Invitation.parse(f"To let a device in, paste this line there once: {made.text()}") == made


@pytest.mark.parametrize("text", ["", "https://office", "http://office A#" + "1f" * 32, "https://o A", "https://o #12",
                                  "https://o A#12", "https://o A#" + "zz" * 32])  # fmt: skip
def test_broken_invitations_say_what_is_missing(text: str) -> None:
    """Without address, code or enough of the fingerprint nothing is tried."""
    with pytest.raises(ValueError, match="the "):
        Invitation.parse(text)
