"""Another recovery sheet where the old one is lost or was seen: asked for, shown once, typed back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits
from techkit.errors import WrongPassphraseError
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.recovery_sheet import RecoverySheet
from techkit.ui.presenters.unlock import Unlock

PASSPHRASE = "correct horse battery staple"
CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A vault and the code of its first sheet."""
    _key, code = keys.create_vault(tmp_path, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    yield tmp_path, code
    keys._tries.clear()


def sheet_of(folder: Path) -> RecoverySheet:
    return RecoverySheet(
        InlineLanes(),
        folder,
        technician="Ines Okafor",
        device="TK07",
        limits=LIMITS,
        today=lambda: date(2026, 11, 20),
    )


def opens(folder: Path, code: str) -> bool:
    try:
        return bool(keys.recover(folder, code, limits=LIMITS))
    except WrongPassphraseError:
        return False


def asked_group(sheet: RecoverySheet) -> str:
    return sheet.state.code.split("-")[sheet.state.group - 1]


def test_a_new_sheet_takes_the_place_of_the_lost_one(vault: tuple[Path, str]) -> None:
    """The passphrase once more, one group typed back as it was read: then only the new code opens."""
    folder, old = vault
    sheet = sheet_of(folder)
    sheet.refresh()
    assert sheet.state.line.startswith("In use since ")
    sheet.ask()
    sheet.make(PASSPHRASE)
    fresh = sheet.state.code
    assert (sheet.state.step, len(fresh)) == ("shown", 39)
    sheet.confirm(f" {asked_group(sheet).lower()} ")
    assert (sheet.state.step, sheet.state.code) == ("rest", "")
    assert sheet.state.notice == "The new sheet opens your data. The old code opens nothing any more."
    assert keys.is_code_kept(folder)
    assert (opens(folder, old), opens(folder, fresh)) == (False, True)


def test_without_the_passphrase_the_old_sheet_stays_the_one(vault: tuple[Path, str]) -> None:
    """Whoever finds the window open makes no sheet: an empty or a wrong passphrase changes nothing."""
    folder, old = vault
    sheet = sheet_of(folder)
    sheet.make(PASSPHRASE)
    assert sheet.state.step == "rest"
    sheet.ask()
    for typed in ("", "not this one"):
        sheet.make(typed)
        assert (sheet.state.step, sheet.state.error_field, sheet.state.code) == ("asking", "passphrase", "")
    assert sheet.state.error.startswith("The passphrase does not fit. Nothing is deleted.")
    assert "recovery code" not in sheet.state.error  # it is the one that is lost
    sheet.cancel()
    assert (sheet.state.step, sheet.state.notice) == ("rest", "")
    assert opens(folder, old)


def test_another_group_is_not_taken(vault: tuple[Path, str]) -> None:
    """A group of another place, or none, is said to be wrong; the code stays to be looked at."""
    folder, _old = vault
    sheet = sheet_of(folder)
    sheet.ask()
    sheet.make(PASSPHRASE)
    code, group = sheet.state.code, sheet.state.group
    for typed in ("", code, "AAAA" if asked_group(sheet) != "AAAA" else "BBBB"):
        sheet.confirm(typed)
        assert (
            sheet.state.error == f"That is not group {group} of this code. Please look at your sheet again."
        )
    assert (sheet.state.step, sheet.state.code) == ("shown", code)
    assert not keys.is_code_kept(folder)


def test_a_sheet_nobody_typed_back_is_shown_anew_at_the_next_start(vault: tuple[Path, str]) -> None:
    """Left half way: it is said so, and the next start shows a code of its own before anything else."""
    from techkit.store.database import Store

    folder, old = vault
    Store.create(folder, keys.unlock(folder, PASSPHRASE, limits=LIMITS), technician="Ines Okafor").close()
    sheet = sheet_of(folder)
    sheet.ask()
    sheet.make(PASSPHRASE)
    lost = sheet.state.code
    sheet.cancel()
    assert sheet.state.notice == (
        "The old code opens nothing any more. The next start of techkit shows a new one."
    )
    stores: list[Store] = []
    unlock = Unlock(InlineLanes(), folder, stores.append, cost=CHEAP, limits=LIMITS)
    unlock.open(PASSPHRASE)
    assert unlock.state.mode == "recovery_code"
    shown = unlock.state.recovery_code
    unlock.confirm_recovery_code()
    stores[0].close()
    assert [opens(folder, code) for code in (old, lost, shown)] == [False, False, True]


def test_a_store_that_went_away_never_lets_a_renewed_vault_give_way(
    vault: tuple[Path, str], tmp_path: Path
) -> None:
    """A vault whose sheet is being renewed held visits: another first start may not overwrite its key."""
    folder, _old = vault
    keys.new_recovery_code(folder, keys.unlock(folder, PASSPHRASE, limits=LIMITS))
    kept = (folder / "vault.json").read_bytes()
    unlock = Unlock(InlineLanes(), folder, lambda _store: None, cost=CHEAP, limits=LIMITS)
    assert unlock.state.mode == "unlock"
    assert (folder / "vault.json").read_bytes() == kept


def test_the_sheet_prints_the_code_and_is_never_a_file(vault: tuple[Path, str]) -> None:
    """The printer gets one page while the code is shown; afterwards there is nothing to print; no file holds it."""
    folder, _old = vault
    sheet = sheet_of(folder)
    said: list[str] = []
    pages: list[list[bytes]] = []

    def printer(made: list[bytes], _paper: str, _title: str) -> bool:
        pages.append(made)
        return True

    sheet.print_to(printer, lambda: said.append("done"), said.append)
    assert (pages, said) == ([], [])
    sheet.ask()
    sheet.make(PASSPHRASE)
    sheet.print_to(printer, lambda: said.append("done"), said.append)
    assert [len(made) for made in pages] == [1]
    assert said == ["done"]
    sheet.print_to(lambda *_page: False, lambda: said.append("done"), said.append)
    assert said[1].startswith("The printer did not take the page.")
    code = sheet.state.code.encode()
    assert all(code not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the page back")
def test_the_printed_code_can_be_read_off_the_page(vault: tuple[Path, str], tmp_path: Path) -> None:
    """Each group of the code stands on the page as it is typed, with whose device it is."""
    import subprocess

    from techkit.summary import pdf

    folder, _old = vault
    sheet = sheet_of(folder)
    sheet.ask()
    sheet.make(PASSPHRASE)
    made = sheet._sheet("A4")
    assert made is not None
    page = tmp_path / "page.pdf"
    page.write_bytes(pdf.handout(made))
    text = subprocess.run(
        ["pdftotext", "-layout", str(page), "-"], capture_output=True, text=True, check=True
    ).stdout
    first, second = (sheet.state.code[:19], sheet.state.code[20:])
    assert first in text
    assert second in text
    assert "Device TK07 of Ines Okafor" in text
