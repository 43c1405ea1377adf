"""The key file: damage, two copies, and what somebody else changed in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from techkit.credentials import keys
from techkit.credentials.vault_file import b64
from techkit.errors import CredentialError, VaultNewerError, WrongPassphraseError
from tests.credentials.vaults import PASSPHRASE, TEST_LIMITS


def _edit(folder: Path, change: str, *, both: bool = True) -> None:
    for name in ("vault.json", "vault.json.bak")[: 2 if both else 1]:
        held = json.loads((folder / name).read_text())
        exec(change, {"held": held})
        (folder / name).write_text(json.dumps(held))


def test_raised_cost_is_refused(vault: tuple[Path, bytes, str]) -> None:
    """64 GiB in an edited file is refused at once instead of being tried."""
    _edit(vault[0], "held['slots'][0]['kdf']['m'] = 64 * 1024 * 1024")
    with pytest.raises(CredentialError) as caught:
        keys.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)
    assert not isinstance(caught.value, WrongPassphraseError)


def test_lowered_cost_opens_nothing(vault: tuple[Path, bytes, str]) -> None:
    """A slot whose cost was changed within the limits does not open: its cost is authenticated."""
    _edit(vault[0], "held['slots'][0]['kdf']['t'] = 2")
    with pytest.raises(WrongPassphraseError):
        keys.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)


def test_removed_slot_is_noticed(vault: tuple[Path, bytes, str]) -> None:
    """A file from which somebody took a slot is not used, because it is authenticated as a whole."""
    _edit(vault[0], "held['slots'].pop()")
    with pytest.raises(CredentialError, match="changed by something else"):
        keys.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b"[1]", b'{"slots": 1}', b"\xff\xfe", b"[" * 60_000])
def test_second_copy_heals_the_first(vault: tuple[Path, bytes, str], damage: bytes) -> None:
    """A damaged or empty key file is repaired from its second copy, without a word."""
    folder, key, _code = vault
    good = (folder / "vault.json").read_bytes()
    (folder / "vault.json").write_bytes(damage)
    assert keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key
    assert (folder / "vault.json").read_bytes() == good


def test_damage_of_both_copies_is_told(vault: tuple[Path, bytes, str]) -> None:
    """Without a readable key file the sentence says so, and nothing is made in its place."""
    folder = vault[0]
    (folder / "vault.json").unlink()
    (folder / "vault.json.bak").write_bytes(b"{")
    with pytest.raises(CredentialError, match="key file is missing"):
        keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    assert not (folder / "vault.json").exists()


@pytest.mark.parametrize("both", [True, False])
def test_a_newer_techkits_key_file_is_left_alone(vault: tuple[Path, bytes, str], both: bool) -> None:
    """An older techkit calls it newer, not damaged, and never writes its older copy over it."""
    folder = vault[0]
    _edit(folder, "held['techkit_vault'] = 2", both=both)
    before = [(folder / name).read_bytes() for name in ("vault.json", "vault.json.bak")]
    with pytest.raises(VaultNewerError) as told:
        keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    assert "newer techkit" in told.value.title
    assert told.value.safe == "Nothing was changed."
    assert [(folder / name).read_bytes() for name in ("vault.json", "vault.json.bak")] == before


def test_a_key_file_that_may_not_be_read_is_not_called_damaged(
    vault: tuple[Path, bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another person's folder is a matter of rights: the advice is not to restore a backup."""

    def refused(_path: Path, *_more: object, **_named: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(CredentialError, match="may not be read"):
        keys.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)


def test_a_copy_left_behind_does_not_bring_the_old_passphrase_back(vault: tuple[Path, bytes, str]) -> None:
    """Killed between the two copies: the new passphrase counts, the old one opens nothing."""
    folder, key, _code = vault
    old = (folder / "vault.json.bak").read_bytes()
    keys.change_passphrase(folder, key, "the new passphrase", limits=TEST_LIMITS)
    (folder / "vault.json.bak").write_bytes(old)
    with pytest.raises(WrongPassphraseError):
        keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    assert keys.unlock(folder, "the new passphrase", limits=TEST_LIMITS) == key
    assert (folder / "vault.json.bak").read_bytes() == (folder / "vault.json").read_bytes()


def test_nothing_secret_is_in_the_file(vault: tuple[Path, bytes, str]) -> None:
    """Neither key, passphrase nor recovery code stands in the key file; others may not read it."""
    folder, key, code = vault
    text = (folder / "vault.json").read_text()
    for secret in (key.hex(), b64(key), PASSPHRASE, code, code.replace("-", "")):
        assert secret not in text
    if os.name == "posix":
        assert (folder / "vault.json").stat().st_mode & 0o077 == 0
