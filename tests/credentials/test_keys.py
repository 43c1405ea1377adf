"""The ways into a vault: passphrase, recovery code, pauses, costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit.credentials import keys
from techkit.errors import CredentialError, InputError, WrongPassphraseError
from tests.credentials.vaults import CHEAP, PASSPHRASE, TEST_LIMITS


def test_passphrase_opens(vault: tuple[Path, bytes, str]) -> None:
    """The passphrase gives the key of the vault, also with a pasted line end and other Unicode forms."""
    folder, key, _code = vault
    assert len(key) == 32
    assert keys.unlock(folder, PASSPHRASE + "\r\n", limits=TEST_LIMITS) == key
    keys.change_passphrase(folder, key, "Füße im Café", limits=TEST_LIMITS)
    assert keys.unlock(folder, "Fu\u0308ße im Cafe\u0301", limits=TEST_LIMITS) == key


@pytest.mark.parametrize("wrong", ["", "three invented word", "x" * 10_000, "\ud800", "\x00"])
def test_wrong_passphrase_is_told(vault: tuple[Path, bytes, str], wrong: str) -> None:
    """A wrong, empty, huge or impossible passphrase gives one and the same sentence."""
    with pytest.raises(WrongPassphraseError) as caught:
        keys.unlock(vault[0], wrong, limits=TEST_LIMITS)
    assert caught.value.title == "The passphrase does not fit."
    assert caught.value.context["tries_left"] == 4


def test_pause_after_five_wrong_tries(vault: tuple[Path, bytes, str]) -> None:
    """After five wrong tries even the right passphrase waits; the vault stays whole."""
    folder, key, _code = vault
    for _try in range(5):
        with pytest.raises(WrongPassphraseError):
            keys.unlock(folder, "wrong words here", limits=TEST_LIMITS)
    assert 0 < keys.pause_s(folder) <= 5
    with pytest.raises(WrongPassphraseError, match="Too many"):
        keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    keys._tries[str(folder.resolve())] = (5, 0.0)  # the pause is over
    assert keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key
    assert keys.pause_s(folder) == 0


def test_recovery_drill(vault: tuple[Path, bytes, str]) -> None:
    """A forgotten passphrase: the printed code opens, a new passphrase replaces the old one."""
    folder, key, code = vault
    assert len(code) == 39
    assert code.count("-") == 7
    typed = code.lower().replace("-", " ")
    assert keys.recover(folder, typed, "a new passphrase", limits=TEST_LIMITS) == key
    assert keys.unlock(folder, "a new passphrase", limits=TEST_LIMITS) == key
    with pytest.raises(WrongPassphraseError):
        keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)


def test_new_recovery_code_replaces_the_old(vault: tuple[Path, bytes, str]) -> None:
    """A fresh recovery code opens; the one before opens nothing any more."""
    folder, key, code = vault
    fresh = keys.new_recovery_code(folder, key)
    assert keys.recover(folder, fresh, limits=TEST_LIMITS) == key
    with pytest.raises(WrongPassphraseError):
        keys.recover(folder, code, limits=TEST_LIMITS)


def test_short_passphrase_is_refused(tmp_path: Path) -> None:
    """A passphrase of seven characters is refused before anything is written."""
    with pytest.raises(InputError):
        keys.create_vault(tmp_path, "seven c", cost=CHEAP, limits=TEST_LIMITS)
    assert not keys.has_vault(tmp_path)


def test_a_vault_is_never_overwritten(vault: tuple[Path, bytes, str]) -> None:
    """Making a vault where one is changes nothing."""
    folder, key, _code = vault
    with pytest.raises(CredentialError):
        keys.create_vault(folder, "another passphrase", cost=CHEAP, limits=TEST_LIMITS)
    assert keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key


def test_production_refuses_a_cheap_vault(vault: tuple[Path, bytes, str]) -> None:
    """A cost below 64 MiB is a downgrade and is refused, with the recovery code as the way out."""
    with pytest.raises(CredentialError) as caught:
        keys.unlock(vault[0], PASSPHRASE)
    assert not isinstance(caught.value, WrongPassphraseError)
    assert "recovery code" in caught.value.advice


def test_production_cost_is_within_its_limits(tmp_path: Path) -> None:
    """A vault made without test limits costs at least 64 MiB and opens."""
    key, _code = keys.create_vault(tmp_path, PASSPHRASE)
    held = json.loads((tmp_path / "vault.json").read_text())
    assert 64 * 1024 <= held["slots"][0]["kdf"]["m"] <= 256 * 1024
    assert keys.unlock(tmp_path, PASSPHRASE) == key


def test_slots_are_listed(vault: tuple[Path, bytes, str]) -> None:
    """A new vault has two ways in."""
    assert [slot.kind for slot in keys.slots(vault[0])] == ["passphrase", "recovery"]
