"""The lock card: making a vault, opening it, coming in with the recovery code; bad input of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits
from techkit.errors import CredentialError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.store import backup
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
    ("name", "passphrase", "repeated", "sentence", "field"),
    [
        ("", PASSPHRASE, PASSPHRASE, "Your name is still empty.", "technician"),
        ("Ines", "short", "short", "The passphrase is too short", "passphrase"),
        ("Ines", PASSPHRASE, PASSPHRASE + "!", "The two passphrases differ.", "repeated"),
    ],
)
def test_what_cannot_be_a_vault_is_said_and_nothing_is_made(
    make: Callable[[], Unlock],
    tmp_path: Path,
    name: str,
    passphrase: str,
    repeated: str,
    sentence: str,
    field: str,
) -> None:
    """A missing name, a short passphrase and two that differ leave the folder empty; each is said at its field."""
    unlock = make()
    unlock.create(name, passphrase, repeated)
    assert unlock.state.error.startswith(sentence)
    assert unlock.state.error_field == field
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
    unlock.recover("AAAA-BBBB", "short")
    assert unlock.state.error.startswith("The passphrase is too short")
    assert unlock.state.error_field == "passphrase"
    unlock.recover("AAAA-BBBB", "another good passphrase")
    assert unlock.state.error.startswith("The recovery code does not fit.")
    assert unlock.state.error_field == "code"
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


def test_a_code_that_was_never_confirmed_is_followed_by_a_fresh_one(
    make: Callable[[], Unlock], opened: list[Store], tmp_path: Path
) -> None:
    """Ended while the code was shown, the next start shows another: only that one opens, and only until it is kept."""
    unlock = make()
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    first = unlock.state.recovery_code
    unlock.close()
    again = make()
    again.open(PASSPHRASE)
    assert again.state.mode == "recovery_code"
    assert opened == []
    fresh = again.state.recovery_code
    assert fresh != first
    again.confirm_recovery_code()
    assert [store.device.technician for store in opened] == ["Ines Okafor"]
    opened.pop().close()
    with pytest.raises(CredentialError):
        keys.recover(tmp_path / "data", first, limits=LIMITS)
    keys._tries.clear()
    keys.recover(tmp_path / "data", fresh, limits=LIMITS)
    last = make()
    last.open(PASSPHRASE)
    assert (last.state.mode, len(opened)) == ("opened", 1)


def test_the_code_of_an_ended_start_opens_when_it_was_kept(
    make: Callable[[], Unlock], opened: list[Store]
) -> None:
    """Ended while the code was shown, but copied by then: whoever types it has it, and is asked nothing more."""
    unlock = make()
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    code = unlock.state.recovery_code
    unlock.close()
    again = make()
    again.show_recover()
    again.recover(code, "another good passphrase")
    assert (again.state.mode, len(opened)) == ("opened", 1)


def test_two_first_starts_at_once_leave_one_vault(
    make: Callable[[], Unlock], opened: list[Store], tmp_path: Path
) -> None:
    """The second is told, and the first one's passphrase still opens what was made under it."""
    first, second = make(), make()
    first.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    second.create("Pavel Reuter", "another good passphrase", "another good passphrase")
    assert second.state.mode == "first_start"
    assert second.state.error.startswith("Another techkit has these visits open.")
    first.confirm_recovery_code()
    opened.pop().close()
    second.create("Pavel Reuter", "another good passphrase", "another good passphrase")
    assert second.state.error.startswith("This folder has a key file already.")
    again = make()
    again.open(PASSPHRASE)
    assert [store.device.technician for store in opened] == ["Ines Okafor"]


# --- a store that does not read


@pytest.fixture
def with_backup(known: str, make: Callable[[], Unlock], opened: list[Store], tmp_path: Path) -> Path:
    """The folder of a store with one customer in its backup and another one entered since."""
    unlock = make()
    unlock.open(PASSPHRASE)
    store = opened.pop()
    store.save(Customer(id=new_id(), display_name="Bakery"))
    assert store.back_up_if_due() is not None
    store.save(Customer(id=new_id(), display_name="Entered later"))
    store.close()
    return tmp_path / "data"


@pytest.mark.parametrize("damage", ["flipped", "emptied", "gone"])
def test_a_damaged_store_offers_its_newest_good_backup(
    with_backup: Path, make: Callable[[], Unlock], opened: list[Store], damage: str
) -> None:
    """The card says from when it is and what else can be read; one press opens it, the damaged file stands aside untouched."""
    place = with_backup / "techkit.db"
    held = bytearray(place.read_bytes())
    held[100] ^= 1
    if damage == "gone":
        place.unlink()
    else:
        place.write_bytes(held if damage == "flipped" else b"")
    unlock = make()
    unlock.open(PASSPHRASE)
    assert unlock.state.mode == "damaged"
    offered = unlock.state.backup
    assert offered.startswith("The newest good backup is of ")
    assert opened == []
    unlock.open_backup()
    is_read = "can still be read in the damaged file: 1." in offered
    assert is_read == (damage == "flipped")
    found = [one.display_name for one in opened[0].find(Customer)]
    assert found == (["Bakery", "Entered later"] if is_read else ["Bakery"])
    aside = [path.read_bytes() for path in with_backup.glob("damaged-*/techkit.db")]
    assert aside == {"flipped": [bytes(held)], "emptied": [b""], "gone": []}[damage]


def test_without_a_good_backup_the_card_says_what_is_left(
    with_backup: Path, make: Callable[[], Unlock], opened: list[Store]
) -> None:
    """Nothing is touched, nothing is offered that would fail, and the way back to the passphrase stands there."""
    for path in [with_backup / "techkit.db", *backup.every(with_backup)]:
        path.write_bytes(b"x" * 9000)
    unlock = make()
    unlock.open(PASSPHRASE)
    assert (unlock.state.mode, unlock.state.backup) == ("damaged", "")
    assert unlock.state.line.startswith("There is no good backup of these visits on this device.")
    unlock.open_backup()
    assert (unlock.state.mode, opened) == ("damaged", [])
    assert (with_backup / "techkit.db").read_bytes() == b"x" * 9000
    unlock.show_unlock()
    assert unlock.state.mode == "unlock"


@pytest.fixture
def starting(tmp_path: Path, opened: list[Store]) -> Callable[..., Unlock]:
    """The lock card at the start of the program, with what it tells of the key store."""

    def made(told: list[Exception] | None = None, *, asks_system: bool = True) -> Unlock:
        return Unlock(
            InlineLanes(),
            tmp_path / "data",
            opened.append,
            asks_system=asks_system,
            on_trouble=told.append if told is not None else None,
            cost=CHEAP,
            limits=LIMITS,
        )

    return made


def test_the_key_store_of_the_computer_opens_the_next_start_but_no_lock(
    starting: Callable[..., Unlock], known: str, opened: list[Store], secret_service: None
) -> None:
    """Ticked once, the next start asks for nothing; after a lock the passphrase is asked; unticked, it is again."""
    unlock = starting()
    assert (unlock.state.mode, unlock.state.system) == ("unlock", False)
    unlock.use_system(True)
    unlock.open(PASSPHRASE)
    opened.pop().close()
    assert starting().state.mode == "opened"
    opened.pop().close()
    locked = starting(asks_system=False)
    assert (locked.state.mode, locked.state.system) == ("unlock", True)
    locked.use_system(False)
    locked.open(PASSPHRASE)
    opened.pop().close()
    assert (starting().state.mode, opened) == ("unlock", [])


def test_no_key_store_keeps_nobody_out(
    starting: Callable[..., Unlock], known: str, opened: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no key store answers the passphrase opens all the same, and what is missing is told."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    told: list[Exception] = []
    unlock = starting(told)
    unlock.use_system(True)
    unlock.open(PASSPHRASE)
    assert unlock.state.mode == "opened"
    assert [str(error) for error in told] == ["The computer’s own key store did not answer."]
    opened.pop().close()
    assert starting().state.system is False


def test_a_key_store_that_went_away_asks_for_the_passphrase(
    starting: Callable[..., Unlock],
    known: str,
    opened: list[Store],
    secret_service: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a change of the desktop the slot stays, the card says what did not answer, the passphrase opens."""
    unlock = starting()
    unlock.use_system(True)
    unlock.open(PASSPHRASE)
    opened.pop().close()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    unlock = starting()
    assert (unlock.state.mode, unlock.state.is_busy, unlock.state.system) == ("unlock", False, True)
    assert "key store did not answer" in unlock.state.error
    unlock.open(PASSPHRASE)
    assert len(opened) == 1


def test_a_stick_offers_no_key_store(tmp_path: Path, known: str, opened: list[Store]) -> None:
    """The computer a stick is plugged into is somebody else's."""
    unlock = Unlock(
        InlineLanes(), tmp_path / "data", opened.append, is_portable=True, asks_system=True, limits=LIMITS
    )
    assert (unlock.state.mode, unlock.state.system) == ("unlock", None)
