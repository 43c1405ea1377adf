"""The system's key store: asked by name, in time, and never trusted more than the passphrase."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from techkit.credentials import key_store, keys
from techkit.errors import CredentialError
from tests.credentials.vaults import CHEAP, PASSPHRASE, TEST_LIMITS


def test_missing_key_store_changes_nothing(vault: tuple[Path, bytes, str]) -> None:
    """Where no key store answers, the device stays with its passphrase and says why."""
    folder, key, _code = vault
    before = (folder / "vault.json").read_bytes()
    with pytest.raises(CredentialError, match="key store did not answer"):
        keys.add_system_slot(folder, key, backend="secret-service")
    assert (folder / "vault.json").read_bytes() == before
    with pytest.raises(CredentialError):
        keys.unlock_with_system(folder)


def test_hung_key_store_is_ended(vault: tuple[Path, bytes, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key store that never answers costs its limit and no more; its process is gone afterwards."""
    folder, key, _code = vault
    monkeypatch.setattr(key_store, "LIMIT_S", 0.3)
    monkeypatch.setattr(key_store, "own_program", lambda _module, _word: ["/bin/sleep", "60"], raising=True)
    with pytest.raises(CredentialError, match="key store did not answer"):
        keys.add_system_slot(folder, key, backend="secret-service")


def test_the_key_store_of_gnome_unlocks_an_installed_device(
    vault: tuple[Path, bytes, str], secret_service: None
) -> None:
    """With the real key store: the device opens without a passphrase until the slot is taken out again."""
    folder, key, _code = vault
    assert keys.add_system_slot(folder, key) == "secret-service"
    assert keys.unlock_with_system(folder, limits=TEST_LIMITS) == key
    held = json.loads((folder / "vault.json").read_text())
    assert [slot["backend"] for slot in held["slots"] if slot["kind"] == "system"] == ["secret-service"]
    keys.remove_system_slot(folder, key)
    with pytest.raises(CredentialError, match="does not know this device"):
        keys.unlock_with_system(folder)
    assert keys.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key


def test_planted_configuration_is_never_read(
    vault: tuple[Path, bytes, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted keyringrc.cfg and environment name a backend of somebody else's; its code never runs."""
    folder, key, _code = vault
    seen = tmp_path / "seen"
    (tmp_path / "planted.py").write_text(f"open({str(seen)!r}, 'w').write('ran')\n")
    home = Path(os.environ["HOME"])
    for place in (home / ".config" / "python_keyring", home / ".local" / "share" / "python_keyring"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "keyringrc.cfg").write_text(
            f"[backend]\ndefault-keyring=planted.Keyring\nkeyring-path={tmp_path}\n"
        )
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "planted.Keyring")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CredentialError):
        keys.add_system_slot(folder, key, backend="secret-service")
    assert not seen.exists()


def test_a_stick_never_asks_the_key_store(tmp_path: Path) -> None:
    """A vault on a stick has no slot for the computer it is plugged into."""
    key, _code = keys.create_vault(tmp_path, PASSPHRASE, portable=True, cost=CHEAP, limits=TEST_LIMITS)
    with pytest.raises(CredentialError, match="stick"):
        keys.add_system_slot(tmp_path, key)
