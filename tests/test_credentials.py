"""The vault: passphrase, recovery code, wrong tries, a changed or lost key file, the system's key store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit import credentials
from techkit.credentials import Cost, Limits
from techkit.errors import CredentialError, InputError, WrongPassphraseError

#: argon2id made cheap for tests; everywhere else a vault like this is refused (tested below).
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
TEST_LIMITS = Limits(floor_kib=64)

PASSPHRASE = "three invented words"


@pytest.fixture(autouse=True)
def _no_tries() -> Iterator[None]:
    credentials._tries.clear()
    yield
    credentials._tries.clear()


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, bytes, str]:
    """Return a folder with a cheap vault, its key and its recovery code."""
    key, code = credentials.create_vault(tmp_path, PASSPHRASE, cost=CHEAP, limits=TEST_LIMITS)
    return tmp_path, key, code


def test_passphrase_opens(vault: tuple[Path, bytes, str]) -> None:
    """The passphrase gives the key of the vault, also with a pasted line end and other Unicode forms."""
    folder, key, _code = vault
    assert len(key) == 32
    assert credentials.unlock(folder, PASSPHRASE + "\r\n", limits=TEST_LIMITS) == key
    credentials.change_passphrase(folder, key, "Füße im Café", limits=TEST_LIMITS)
    assert credentials.unlock(folder, "Fu\u0308ße im Cafe\u0301", limits=TEST_LIMITS) == key


@pytest.mark.parametrize("wrong", ["", "three invented word", "x" * 10_000, "\ud800", "\x00"])
def test_wrong_passphrase_is_told(vault: tuple[Path, bytes, str], wrong: str) -> None:
    """A wrong, empty, huge or impossible passphrase gives one and the same sentence."""
    with pytest.raises(WrongPassphraseError) as caught:
        credentials.unlock(vault[0], wrong, limits=TEST_LIMITS)
    assert caught.value.title == "The passphrase does not fit."
    assert caught.value.context["tries_left"] == 4


def test_pause_after_five_wrong_tries(vault: tuple[Path, bytes, str]) -> None:
    """After five wrong tries even the right passphrase waits; the vault stays whole."""
    folder, key, _code = vault
    for _try in range(5):
        with pytest.raises(WrongPassphraseError):
            credentials.unlock(folder, "wrong words here", limits=TEST_LIMITS)
    assert 0 < credentials.pause_s(folder) <= 5
    with pytest.raises(WrongPassphraseError, match="Too many"):
        credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    credentials._tries[str(folder.resolve())] = (5, 0.0)  # the pause is over
    assert credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key
    assert credentials.pause_s(folder) == 0


def test_recovery_drill(vault: tuple[Path, bytes, str]) -> None:
    """A forgotten passphrase: the printed code opens, a new passphrase replaces the old one."""
    folder, key, code = vault
    assert len(code) == 39
    assert code.count("-") == 7
    typed = code.lower().replace("-", " ")
    assert credentials.recover(folder, typed, "a new passphrase", limits=TEST_LIMITS) == key
    assert credentials.unlock(folder, "a new passphrase", limits=TEST_LIMITS) == key
    with pytest.raises(WrongPassphraseError):
        credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)


def test_new_recovery_code_replaces_the_old(vault: tuple[Path, bytes, str]) -> None:
    """A fresh recovery code opens; the one before opens nothing any more."""
    folder, key, code = vault
    fresh = credentials.new_recovery_code(folder, key)
    assert credentials.recover(folder, fresh, limits=TEST_LIMITS) == key
    with pytest.raises(WrongPassphraseError):
        credentials.recover(folder, code, limits=TEST_LIMITS)


def test_short_passphrase_is_refused(tmp_path: Path) -> None:
    """A passphrase of seven characters is refused before anything is written."""
    with pytest.raises(InputError):
        credentials.create_vault(tmp_path, "seven c", cost=CHEAP, limits=TEST_LIMITS)
    assert not credentials.has_vault(tmp_path)


def test_a_vault_is_never_overwritten(vault: tuple[Path, bytes, str]) -> None:
    """Making a vault where one is changes nothing."""
    folder, key, _code = vault
    with pytest.raises(CredentialError):
        credentials.create_vault(folder, "another passphrase", cost=CHEAP, limits=TEST_LIMITS)
    assert credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key


def test_production_refuses_a_cheap_vault(vault: tuple[Path, bytes, str]) -> None:
    """A cost below 64 MiB is a downgrade and is refused, with the recovery code as the way out."""
    with pytest.raises(CredentialError) as caught:
        credentials.unlock(vault[0], PASSPHRASE)
    assert not isinstance(caught.value, WrongPassphraseError)
    assert "recovery code" in caught.value.advice


def test_production_cost_is_within_its_limits(tmp_path: Path) -> None:
    """A vault made without test limits costs at least 64 MiB and opens."""
    key, _code = credentials.create_vault(tmp_path, PASSPHRASE)
    held = json.loads((tmp_path / "vault.json").read_text())
    assert 64 * 1024 <= held["slots"][0]["kdf"]["m"] <= 256 * 1024
    assert credentials.unlock(tmp_path, PASSPHRASE) == key


def _edit(folder: Path, change: str, *, both: bool = True) -> None:
    for name in ("vault.json", "vault.json.bak")[: 2 if both else 1]:
        held = json.loads((folder / name).read_text())
        exec(change, {"held": held})
        (folder / name).write_text(json.dumps(held))


def test_raised_cost_is_refused(vault: tuple[Path, bytes, str]) -> None:
    """64 GiB in an edited file is refused at once instead of being tried."""
    _edit(vault[0], "held['slots'][0]['kdf']['m'] = 64 * 1024 * 1024")
    with pytest.raises(CredentialError) as caught:
        credentials.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)
    assert not isinstance(caught.value, WrongPassphraseError)


def test_lowered_cost_opens_nothing(vault: tuple[Path, bytes, str]) -> None:
    """A slot whose cost was changed within the limits does not open: its cost is authenticated."""
    _edit(vault[0], "held['slots'][0]['kdf']['t'] = 2")
    with pytest.raises(WrongPassphraseError):
        credentials.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)


def test_removed_slot_is_noticed(vault: tuple[Path, bytes, str]) -> None:
    """A file from which somebody took a slot is not used, because it is authenticated as a whole."""
    _edit(vault[0], "held['slots'].pop()")
    with pytest.raises(CredentialError, match="changed by something else"):
        credentials.unlock(vault[0], PASSPHRASE, limits=TEST_LIMITS)


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b"[1]", b'{"slots": 1}', b"\xff\xfe", b"[" * 60_000])
def test_second_copy_heals_the_first(vault: tuple[Path, bytes, str], damage: bytes) -> None:
    """A damaged or empty key file is repaired from its second copy, without a word."""
    folder, key, _code = vault
    good = (folder / "vault.json").read_bytes()
    (folder / "vault.json").write_bytes(damage)
    assert credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key
    assert (folder / "vault.json").read_bytes() == good


def test_damage_of_both_copies_is_told(vault: tuple[Path, bytes, str]) -> None:
    """Without a readable key file the sentence says so, and nothing is made in its place."""
    folder = vault[0]
    (folder / "vault.json").unlink()
    (folder / "vault.json.bak").write_bytes(b"{")
    with pytest.raises(CredentialError, match="key file is missing"):
        credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    assert not (folder / "vault.json").exists()


def test_a_copy_left_behind_does_not_bring_the_old_passphrase_back(vault: tuple[Path, bytes, str]) -> None:
    """Killed between the two copies: the new passphrase counts, the old one opens nothing."""
    folder, key, _code = vault
    old = (folder / "vault.json.bak").read_bytes()
    credentials.change_passphrase(folder, key, "the new passphrase", limits=TEST_LIMITS)
    (folder / "vault.json.bak").write_bytes(old)
    with pytest.raises(WrongPassphraseError):
        credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS)
    assert credentials.unlock(folder, "the new passphrase", limits=TEST_LIMITS) == key
    assert (folder / "vault.json.bak").read_bytes() == (folder / "vault.json").read_bytes()


def test_nothing_secret_is_in_the_file(vault: tuple[Path, bytes, str]) -> None:
    """Neither key, passphrase nor recovery code stands in the key file; others may not read it."""
    folder, key, code = vault
    text = (folder / "vault.json").read_text()
    for secret in (key.hex(), credentials._b64(key), PASSPHRASE, code, code.replace("-", "")):
        assert secret not in text
    if os.name == "posix":
        assert (folder / "vault.json").stat().st_mode & 0o077 == 0


def test_slots_are_listed(vault: tuple[Path, bytes, str]) -> None:
    """A new vault has two ways in."""
    assert [slot.kind for slot in credentials.slots(vault[0])] == ["passphrase", "recovery"]


def test_missing_key_store_changes_nothing(vault: tuple[Path, bytes, str]) -> None:
    """Where no key store answers, the device stays with its passphrase and says why."""
    folder, key, _code = vault
    before = (folder / "vault.json").read_bytes()
    with pytest.raises(CredentialError, match="key store did not answer"):
        credentials.add_system_slot(folder, key, backend="secret-service")
    assert (folder / "vault.json").read_bytes() == before
    with pytest.raises(CredentialError):
        credentials.unlock_with_system(folder)


def test_hung_key_store_is_ended(vault: tuple[Path, bytes, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key store that never answers costs its limit and no more; its process is gone afterwards."""
    folder, key, _code = vault
    monkeypatch.setattr(credentials, "SYSTEM_LIMIT_S", 0.3)
    monkeypatch.setattr(credentials, "own_program", lambda _module, _word: ["/bin/sleep", "60"], raising=True)
    with pytest.raises(CredentialError, match="key store did not answer"):
        credentials.add_system_slot(folder, key, backend="secret-service")


def test_the_key_store_of_gnome_unlocks_an_installed_device(
    vault: tuple[Path, bytes, str], secret_service: None
) -> None:
    """With the real key store: the device opens without a passphrase until the slot is taken out again."""
    folder, key, _code = vault
    assert credentials.add_system_slot(folder, key) == "secret-service"
    assert credentials.unlock_with_system(folder, limits=TEST_LIMITS) == key
    held = json.loads((folder / "vault.json").read_text())
    assert [slot["backend"] for slot in held["slots"] if slot["kind"] == "system"] == ["secret-service"]
    credentials.remove_system_slot(folder, key)
    with pytest.raises(CredentialError, match="does not know this device"):
        credentials.unlock_with_system(folder)
    assert credentials.unlock(folder, PASSPHRASE, limits=TEST_LIMITS) == key


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
        credentials.add_system_slot(folder, key, backend="secret-service")
    assert not seen.exists()


def test_a_stick_never_asks_the_key_store(tmp_path: Path) -> None:
    """A vault on a stick has no slot for the computer it is plugged into."""
    key, _code = credentials.create_vault(tmp_path, PASSPHRASE, portable=True, cost=CHEAP, limits=TEST_LIMITS)
    with pytest.raises(CredentialError, match="stick"):
        credentials.add_system_slot(tmp_path, key)
