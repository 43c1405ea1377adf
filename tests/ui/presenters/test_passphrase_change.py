"""Another passphrase for an open vault: the old one asked, the new one twice; what else opens the data stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits
from techkit.errors import WrongPassphraseError
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.passphrase_change import PassphraseChange

PASSPHRASE, OTHER = "correct horse battery staple", "four other words entirely"
CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)


@pytest.fixture(params=[False, True], ids=["laptop", "stick"])
def vault(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str, bool]]:
    """A vault of a laptop or a stick, and its recovery code."""
    _key, code = keys.create_vault(tmp_path, PASSPHRASE, portable=request.param, cost=CHEAP, limits=LIMITS)
    yield tmp_path, code, request.param
    keys._tries.clear()


def change_of(folder: Path, *, is_portable: bool = False) -> PassphraseChange:
    made = PassphraseChange(InlineLanes(), folder, is_portable=is_portable, limits=LIMITS)
    made.ask()
    return made


def opens(folder: Path, passphrase: str) -> bool:
    try:
        return bool(keys.unlock(folder, passphrase, limits=LIMITS))
    except WrongPassphraseError:
        return False


def test_the_new_one_opens_the_same_data_and_the_sheet_stays_valid(vault: tuple[Path, str, bool]) -> None:
    """The key is the same one, the old passphrase opens nothing, the old sheet still does, and that is said."""
    folder, code, is_portable = vault
    before = keys.unlock(folder, PASSPHRASE, limits=LIMITS)
    change = change_of(folder, is_portable=is_portable)
    assert ("stick only" in change.state.line) is is_portable
    change.change(PASSPHRASE, OTHER, OTHER)
    assert change.state.notice == (
        "The new passphrase opens your data. The old one opens nothing any more. Your recovery sheet stays valid."
    )
    assert not change.state.is_asking
    assert keys.unlock(folder, OTHER, limits=LIMITS) == before
    assert not opens(folder, PASSPHRASE)
    assert keys.recover(folder, code, limits=LIMITS) == before


@pytest.mark.parametrize(
    ("old", "new", "again", "field", "says"),
    [
        ("", OTHER, OTHER, "old", "Please type your passphrase."),
        ("not this one", OTHER, OTHER, "old", "The passphrase does not fit."),
        (PASSPHRASE, "short", "short", "new", "too short"),
        (PASSPHRASE, OTHER, OTHER + "x", "again", "The two passphrases differ."),
        (PASSPHRASE, PASSPHRASE, PASSPHRASE, "new", "That is the passphrase you have."),
    ],
)
def test_what_is_wrong_changes_nothing(
    vault: tuple[Path, str, bool], old: str, new: str, again: str, field: str, says: str
) -> None:
    """Whoever finds the window open changes nothing without the passphrase; each slip stands at its field."""
    folder, _code, _is_portable = vault
    kept = (folder / "vault.json").read_bytes()
    change = change_of(folder)
    change.change(old, new, again)
    assert (change.state.error_field, change.state.is_asking) == (field, True)
    assert says in change.state.error
    assert (folder / "vault.json").read_bytes() == kept
    change.cancel()
    assert (change.state.is_asking, change.state.notice) == (False, "")


def test_a_disk_that_refuses_keeps_the_old_one(
    vault: tuple[Path, str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full stick is told with what is safe; the passphrase so far goes on opening."""
    folder, _code, _is_portable = vault

    def full(_path: Path, _text: str) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("techkit.credentials.vault_file._beside", full)
    change = change_of(folder)
    change.change(PASSPHRASE, OTHER, OTHER)
    assert change.state.error.startswith(
        "The key file could not be written. The keys are as they were before."
    )
    assert (change.state.error_field, change.state.is_busy) == ("", False)
    monkeypatch.undo()
    assert opens(folder, PASSPHRASE)
    assert not opens(folder, OTHER)


def test_a_sheet_nobody_confirmed_is_not_called_valid(vault: tuple[Path, str, bool]) -> None:
    """While a new sheet waits to be typed back, the next start shows another one; that is what is said."""
    folder, _code, _is_portable = vault
    keys.new_recovery_code(folder, keys.unlock(folder, PASSPHRASE, limits=LIMITS))
    change = change_of(folder)
    change.change(PASSPHRASE, OTHER, OTHER)
    assert "the next start of techkit shows a new one" in change.state.notice
    assert "stays valid" not in change.state.notice
