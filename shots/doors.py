"""Pictures of the ways in, of a device with nothing on it yet, and of what lies over the window.

The program itself from its very first start: passphrase, recovery code, the first Today, empty lists, help, the
palette without a hit, trouble, and the way back in by the recovery code.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shots.camera import Camera, series
from shots.desk import CHEAP, PASSPHRASE
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.store.connection import full_disk


def fill(folder: Path) -> None:
    """Make a folder with nothing in it."""
    folder.mkdir()


def take(out: Path) -> Iterator[Path]:
    """Start for the first time in each language and yield the pictures."""
    yield from series(out, play, fill)


def _is_read(rows: Any) -> bool:
    return not rows.state.is_loading


def play(camera: Camera) -> None:
    """Make a vault, look at the empty places, lay the cards over the window, lock, and come back in."""
    _first_start(camera)
    session = camera.program.session
    assert session is not None
    camera.wait(lambda: session.today.state.computer.facts)
    camera.take("60-today-empty")
    for key in ("visits", "customers", "computers", "follow_ups"):
        session.show_place(key)
        rows = getattr(session.places, key, None) or session.places.due.rows
        camera.wait(functools.partial(_is_read, rows))
        camera.take(f"61-{key.replace('_', '-')}-empty")
    session.show_place("today")
    camera.program.shell.help_asked.emit()
    camera.take("62-help")
    camera.program.shell.help_asked.emit()
    session.open_palette()
    session.search.type("zzzz")
    camera.settle(0.3)
    camera.take("63-palette-nothing")
    session.close_palette()
    code = _renewed(camera, session)
    camera.program.show_fault(full_disk())
    camera.take("64-trouble")
    trouble = camera.program._trouble
    assert trouble is not None
    trouble.leave()
    camera.settle()
    camera.program.lock()
    camera.wait(lambda: camera.program.unlock is not None)
    unlock = camera.program.unlock
    assert unlock is not None
    unlock.show_recover()
    camera.take("65-recover")
    unlock.recover("not this code", "short")
    camera.wait(lambda: unlock.state.error and not unlock.state.is_busy)
    camera.take("65-recover-error")
    unlock.recover(code, PASSPHRASE)
    camera.wait(lambda: camera.program.session is not None)
    _damaged(camera)


def _damaged(camera: Camera) -> None:
    """Lock, spoil the database, and open its backup."""
    session = camera.program.session
    assert session is not None
    session._store.back_up_if_due()
    session._store.save(Customer(id=new_id(), display_name="Entered after the backup"))
    folder = session._store.folder
    camera.program.lock()
    camera.wait(lambda: camera.program.unlock is not None)
    unlock = camera.program.unlock
    assert unlock is not None
    place = folder / "techkit.db"
    camera.wait(lambda: not (folder / "techkit.db-wal").exists())
    held = bytearray(place.read_bytes())
    held[100] ^= 1
    place.write_bytes(held)
    unlock.open(PASSPHRASE)
    camera.wait(lambda: unlock.state.mode == "damaged")
    camera.take("66-damaged")
    unlock.open_backup()
    camera.wait(lambda: camera.program.session is not None)


def _renewed(camera: Camera, session: Any) -> str:
    """Make another recovery sheet in the settings, a wrong passphrase and a wrong group first; return its code."""
    session.show_place("settings")
    sheet = session.keys.recovery
    sheet.ask()
    camera.take("67-recovery-sheet-passphrase")
    sheet.make("not this one")
    camera.wait(lambda: sheet.state.error)
    camera.take("67-recovery-sheet-passphrase-error")
    sheet.make(PASSPHRASE)
    camera.wait(lambda: sheet.state.code)
    camera.take("68-recovery-sheet")
    code = str(sheet.state.code)
    sheet.confirm("XXXX")
    camera.take("68-recovery-sheet-error")
    sheet.confirm(code.split("-")[sheet.state.group - 1])
    camera.wait(lambda: sheet.state.notice)
    camera.take("69-recovery-sheet-done")
    _change_passphrase(camera, session)
    session.show_place("today")
    return code


def _change_passphrase(camera: Camera, session: Any) -> None:
    """Change the passphrase to another one and back: the story goes on with the first."""
    change = session.keys.passphrase
    change.ask()
    camera.take("70-passphrase")
    change.change(PASSPHRASE, "short", "short")
    camera.take("70-passphrase-error")
    change.change(PASSPHRASE, f"{PASSPHRASE} and more", f"{PASSPHRASE} and more")
    camera.wait(lambda: change.state.notice)
    camera.take("70-passphrase-done")
    change.ask()
    change.change(f"{PASSPHRASE} and more", PASSPHRASE, PASSPHRASE)
    camera.wait(lambda: change.state.notice)


def _first_start(camera: Camera) -> None:
    """Make the vault and keep its recovery code."""
    program = camera.program
    program.start()
    camera.wait(lambda: program.unlock is not None)
    unlock = program.unlock
    assert unlock is not None
    unlock._cost = CHEAP  # of a vault that is thrown away
    camera.take("00-first-start")
    unlock.create("Ines Okafor", "short", "other")
    camera.wait(lambda: unlock.state.error)
    camera.take("00-first-start-error")
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    camera.wait(lambda: unlock.state.recovery_code)
    camera.take("00-recovery-code")
    unlock.confirm_recovery_code()
    camera.wait(lambda: program.session is not None)
