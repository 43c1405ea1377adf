"""The lock card: making a vault, opening it, coming in with the recovery code; bad input of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techkit.credentials import Cost, Limits
from techkit.records.parties import Customer
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.unlock import Unlock

PASSPHRASE = "correct horse battery staple"
CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()


@pytest.fixture
def make(tmp_path: Path, opened: list[Store]) -> Callable[[], Unlock]:
    def made() -> Unlock:
        return Unlock(InlineLanes(), tmp_path / "data", opened.append, cost=CHEAP, limits=LIMITS)

    return made


@pytest.fixture
def known(make: Callable[[], Unlock], opened: list[Store]) -> str:
    """A vault made earlier, closed again; its recovery code."""
    unlock = make()
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    code = unlock.state.recovery_code
    unlock.confirm_recovery_code()
    opened.pop().close()
    return code


def test_an_empty_folder_asks_for_a_name_and_a_passphrase(make: Callable[[], Unlock]) -> None:
    """The first start makes a vault; nothing is there to unlock."""
    assert make().state.mode == "first_start"


def test_the_first_start_shows_the_code_once_and_opens(
    make: Callable[[], Unlock], opened: list[Store]
) -> None:
    """The store is there when the code was confirmed; the code is then forgotten."""
    unlock = make()
    unlock.create("  Ines\u0000  Okafor ", PASSPHRASE, PASSPHRASE)
    assert unlock.state.mode == "recovery_code"
    assert len(unlock.state.recovery_code.replace("-", "")) == 32
    assert opened == []
    unlock.confirm_recovery_code()
    assert unlock.state.mode == "opened"
    assert unlock.state.recovery_code == ""
    assert opened[0].device.technician == "Ines Okafor"
    assert opened[0].count(Customer) == 0


def test_the_passphrase_opens_what_was_made(
    make: Callable[[], Unlock], known: str, opened: list[Store]
) -> None:
    """The next start asks for the passphrase and opens the same device."""
    unlock = make()
    assert unlock.state.mode == "unlock"
    unlock.open(PASSPHRASE)
    assert [store.device.technician for store in opened] == ["Ines Okafor"]


def test_a_wrong_passphrase_says_what_happened_what_is_safe_and_what_to_do(
    make: Callable[[], Unlock], known: str, opened: list[Store]
) -> None:
    """Nothing opens, nothing is deleted, and the sentence says so."""
    unlock = make()
    unlock.open("not this one")
    assert opened == []
    assert unlock.state.error.startswith("The passphrase does not fit. Nothing is deleted.")
    assert not unlock.state.is_busy
    unlock.open(PASSPHRASE)
    assert len(opened) == 1


@pytest.mark.parametrize("passphrase", ["", "\x00", "x" * 2_000_000, "\u202eesrever", "<b>bold</b>"])
def test_hostile_passphrases_are_wrong_ones(
    make: Callable[[], Unlock], known: str, opened: list[Store], passphrase: str
) -> None:
    """Empty, NUL, two megabytes, right-to-left and markup are answered with a sentence."""
    unlock = make()
    unlock.open(passphrase)
    assert opened == []
    assert unlock.state.error
    assert not unlock.state.is_busy


def test_many_wrong_tries_make_a_pause(
    make: Callable[[], Unlock], known: str, opened: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five wrong tries the next one, also the right one, waits; the card counts down."""
    unlock = make()
    for _number in range(5):
        unlock.open("not this one")
    assert unlock.state.pause_s > 0
    unlock.open(PASSPHRASE)
    assert opened == []


@pytest.mark.parametrize(
    ("name", "passphrase", "repeated", "sentence"),
    [
        ("", PASSPHRASE, PASSPHRASE, "Your name is still empty."),
        ("Ines", "short", "short", "The passphrase is too short"),
        ("Ines", PASSPHRASE, PASSPHRASE + "!", "The two passphrases differ."),
    ],
)
def test_what_cannot_be_a_vault_is_said_and_nothing_is_made(
    make: Callable[[], Unlock], tmp_path: Path, name: str, passphrase: str, repeated: str, sentence: str
) -> None:
    """A missing name, a short passphrase and two that differ leave the folder empty."""
    unlock = make()
    unlock.create(name, passphrase, repeated)
    assert unlock.state.error.startswith(sentence)
    assert unlock.state.mode == "first_start"
    assert not (tmp_path / "data").exists()


def test_the_recovery_code_opens_and_gives_a_new_passphrase(
    make: Callable[[], Unlock], known: str, opened: list[Store]
) -> None:
    """Afterwards the new passphrase opens and the old one does not."""
    unlock = make()
    unlock.show_recover()
    assert unlock.state.mode == "recover"
    unlock.recover(known.lower().replace("-", " "), "another good passphrase")
    assert len(opened) == 1
    opened.pop().close()
    again = make()
    again.open(PASSPHRASE)
    assert again.state.error
    again.open("another good passphrase")
    assert len(opened) == 1


def test_a_wrong_recovery_code_opens_nothing(
    make: Callable[[], Unlock], known: str, opened: list[Store]
) -> None:
    """The sentence stands at the code; the passphrase stays as it was."""
    unlock = make()
    unlock.show_recover()
    unlock.recover("AAAA-BBBB", "another good passphrase")
    assert unlock.state.error.startswith("The recovery code does not fit.")
    unlock.show_unlock()
    assert unlock.state.error == ""
    unlock.open(PASSPHRASE)
    assert len(opened) == 1


def test_a_store_open_elsewhere_is_said(make: Callable[[], Unlock], known: str, opened: list[Store]) -> None:
    """A second techkit over the same folder is refused with a sentence."""
    first, second = make(), make()
    first.open(PASSPHRASE)
    second.open(PASSPHRASE)
    assert len(opened) == 1
    assert second.state.mode == "unlock"
    assert second.state.error


def test_a_code_that_was_never_confirmed_leaves_the_store_closed(
    make: Callable[[], Unlock], opened: list[Store]
) -> None:
    """Ending the program at the recovery code closes the store; the next start opens it."""
    unlock = make()
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    unlock.close()
    again = make()
    again.open(PASSPHRASE)
    assert len(opened) == 1
