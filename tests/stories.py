"""Stories that are killed at each step (tests/dying.py), and what must be true of what is left.

`prepare` makes the folder a story begins in; `play` is what somebody does; `check` opens what a death left, as the next
start of the program does, and goes on working with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from techkit import handed_out
from techkit.credentials import keys, pin
from techkit.credentials.slots import Cost, Limits
from techkit.errors import WrongPassphraseError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.records.signing import Signature, SignatureVoided
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.records.work_states import Facts, step
from techkit.store import attachments, backup
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.recovery_sheet import RecoverySheet
from techkit.ui.presenters.unlock import Unlock

CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)
PASSPHRASE, OTHER = "correct horse battery staple", "another good passphrase"

#: Three pieces and a bit.
PHOTO = bytes(range(256)) * (3 * attachments.PIECE_BYTES // 256) + b"end"


@dataclass(frozen=True)
class Story:
    """What is there before, what is done, and what is looked at. check: told whether the story came to its end."""

    prepare: Callable[[Path], Any]
    play: Callable[[Path], Any]
    check: Callable[..., Any]


def _key(folder: Path) -> bytes:
    return keys.unlock(folder, PASSPHRASE, limits=LIMITS)


def _a_device(folder: Path) -> None:
    """Make a vault and a store with one customer, and a backup of it; its recovery sheet lies beside it."""
    key, code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    (folder / "old sheet").write_text(code)
    store = Store.create(folder, key, technician="Ines Okafor")
    customer = Customer(id=new_id(), display_name="Bakery")
    visit = Visit(id=new_id(), customer_id=customer.id, number="TK07-2026-0001", purpose="Printer jams")
    store.save(customer, visit)
    store.close()


def _opened(folder: Path, passphrase: str = PASSPHRASE) -> Store:
    """Open a folder as the next start does, whatever it asks on the way; return the store."""
    stores: list[Store] = []
    unlock = Unlock(InlineLanes(), folder, stores.append, cost=CHEAP, limits=LIMITS)
    if unlock.state.mode == "first_start":
        unlock.create("Ines Okafor", passphrase, passphrase)
    else:
        unlock.open(passphrase)
    if unlock.state.mode == "damaged":
        unlock.open_backup()
    if unlock.state.mode == "recovery_code":
        code = unlock.state.recovery_code
        unlock.confirm_recovery_code()
        assert keys.recover(folder, code, limits=LIMITS)
    assert unlock.state.mode == "opened", (unlock.state, sorted(path.name for path in folder.iterdir()))
    (store,) = stores
    assert store.connection.all("PRAGMA integrity_check") == [("ok",)]
    store.save(Customer(id=new_id(), display_name="Entered afterwards"))
    return store


# --- the first start


def _start_first(folder: Path) -> None:
    unlock = Unlock(InlineLanes(), folder, Store.close, cost=CHEAP, limits=LIMITS)
    unlock.create("Ines Okafor", PASSPHRASE, PASSPHRASE)
    unlock.confirm_recovery_code()


def _check_first(folder: Path, *, is_done: bool) -> None:
    """It begins again, or goes on: in any case there is one vault, and it opens what is entered."""
    store = _opened(folder)
    assert store.device.technician == "Ines Okafor"
    store.close()
    again = Store.open(folder, _key(folder))
    assert again.count(Customer) == 1
    again.close()
    assert list(folder.glob("*.new*")) == []


# --- keys


def _change_passphrase(folder: Path) -> None:
    keys.change_passphrase(folder, _key(folder), OTHER, limits=LIMITS)


def _check_passphrase(folder: Path, *, is_done: bool) -> None:
    """The old one or the new one opens, and never both."""
    opening = []
    for passphrase in (PASSPHRASE, OTHER):
        try:
            keys.unlock(folder, passphrase, limits=LIMITS)
        except WrongPassphraseError:
            continue
        opening.append(passphrase)
    keys._tries.clear()
    assert len(opening) == 1
    assert not is_done or opening == [OTHER]
    store = _opened(folder, opening[0])
    assert store.count(Visit) == 1
    store.close()


def _renew_code(folder: Path) -> None:
    """Make a new sheet as somebody does who lost the old one, and type one group of it back."""
    made = RecoverySheet(InlineLanes(), folder, technician="Ines Okafor", device="TK07", limits=LIMITS)
    made.ask()
    made.make(PASSPHRASE)
    code = made.state.code
    (folder / "new sheet").write_text(code)
    made.confirm(code.split("-")[made.state.group - 1])


def _opens(folder: Path, sheet: str) -> bool:
    try:
        return bool(keys.recover(folder, (folder / sheet).read_text(), limits=LIMITS))
    except (FileNotFoundError, WrongPassphraseError):
        keys._tries.clear()
        return False


def _check_code(folder: Path, *, is_done: bool) -> None:
    """A sheet somebody holds opens, or the next start shows a code: nobody is left with one that opens nothing."""
    is_kept = keys.is_code_kept(folder)
    assert not is_kept or _opens(folder, "old sheet") or _opens(folder, "new sheet")
    if is_done:
        assert (is_kept, _opens(folder, "old sheet"), _opens(folder, "new sheet")) == (True, False, True)
    store = _opened(folder)
    assert store.count(Visit) == 1
    store.close()


def _set_pin(folder: Path) -> None:
    store = Store.open(folder, _key(folder))
    store.set_setting("sign_off.pin", pin.derived("2580", cost=CHEAP))
    store.close()


def _check_pin(folder: Path, *, is_done: bool) -> None:
    """There is none, or all of it."""
    store = _opened(folder)
    held = store.setting("sign_off.pin")
    assert pin.fits(held, "2580") if is_done or held else not held
    store.close()


# --- a visit


def _seal(folder: Path) -> None:
    """Sign a revision, void it by a change, and sign the next one."""
    store = Store.open(folder, _key(folder))
    (visit,) = store.find(Visit)
    for _round in range(2):
        visit = replace(visit, work_state=WorkState.WORK_DONE)
        store.save(visit)
        signature = Signature(
            id=new_id(),
            visit_id=visit.id,
            visit_revision=visit.revision,
            signer="Jonas Weber",
            method="drawn",
            signed_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            content_hash="5" * 64,
            statement="I agree.",
        )
        visit = step(visit, WorkState.SIGNED, Facts(is_signature_complete=True))
        store.save(signature, visit)
        if _round == 0:
            visit = step(visit, WorkState.WORK_DONE, Facts())
            store.save(
                visit,
                SignatureVoided(
                    id=new_id(), visit_id=visit.id, signature_id=signature.id, reason="The page was changed."
                ),
            )
    store.close()


def _check_seal(folder: Path, *, is_done: bool) -> None:
    """A signed visit has the signature of its revision, and a signature its signed visit; each operation has its row."""
    store = _opened(folder)
    (visit,) = store.find(Visit)
    bundle = store.bundle(visit.id)
    valid = bundle.valid_signature()
    assert (visit.work_state is WorkState.SIGNED) == (valid is not None)
    assert valid is None or valid.visit_revision == visit.revision
    assert visit.revision == 1 + store.count(SignatureVoided)
    assert not is_done or (visit.revision, visit.work_state) == (2, WorkState.SIGNED)
    written = {op.record_id for one in store.find(Signature) for op in store.outbox.history(one.id)}
    assert written == {one.id for one in store.find(Signature)}
    store.close()


def _attach(folder: Path) -> None:
    store = Store.open(folder, _key(folder))
    (visit,) = store.find(Visit)
    sha256 = store.attach(PHOTO, "image/jpeg")
    store.save(
        Attachment(
            id=new_id(),
            visit_id=visit.id,
            sha256=sha256,
            byte_count=len(PHOTO),
            media_type="image/jpeg",
        )
    )
    store.close()


def _check_attached(folder: Path, *, is_done: bool) -> None:
    """A photo that is named can be read whole; attached again it is one, and nothing half stays behind."""
    store = _opened(folder)
    assert store.count(Attachment) == (1 if is_done else store.count(Attachment))
    for named in store.find(Attachment):
        assert store.attachment(named.sha256) == PHOTO
    assert [held.byte_count for held in store.attachments.unsent()] in ([], [len(PHOTO)])
    assert store.attachment(store.attach(PHOTO, "image/jpeg")) == PHOTO
    kept = [path for path in (folder / "attachments").rglob("*") if path.is_file()]
    assert len(kept) == 4
    store.close()


# --- files somebody asked for, and the way back


def _hand_out(folder: Path) -> None:
    handed_out.write(folder / "page.pdf", b"the new page" * 1000, safe="")


def _check_handed_out(folder: Path, *, is_done: bool) -> None:
    """The page of before, or the new one; never a piece."""
    found = (folder / "page.pdf").read_bytes()
    assert found in ([b"the new page" * 1000] if is_done else [b"the old page", b"the new page" * 1000])
    handed_out.write(folder / "page.pdf", b"and once more", safe="")
    assert sorted(path.name for path in folder.iterdir()) == ["page.pdf"]


def _a_damaged_device(folder: Path) -> None:
    _a_device(folder)
    store = Store.open(folder, _key(folder))
    backup.make(store.connection, _key(folder))
    store.close()
    (folder / "techkit.db-wal").write_bytes(b"of the damaged one" * 100)
    held = bytearray((folder / "techkit.db").read_bytes())
    held[100] ^= 1
    (folder / "techkit.db").write_bytes(held)


def _open_backup(folder: Path) -> None:
    Store.recover(folder, _key(folder)).close()


def _check_recovered(folder: Path, *, is_done: bool) -> None:
    """The backup is there, or offered again; the damaged file stands aside whole."""
    store = _opened(folder)
    assert store.count(Visit) == 1
    store.close()
    (aside,) = folder.glob("damaged-*/techkit.db")
    assert aside.stat().st_size > 1000


def _back_up(folder: Path) -> None:
    store = Store.open(folder, _key(folder))
    backup.make(store.connection, _key(folder), datetime(2026, 11, 20, 10, tzinfo=UTC))
    store.close()


def _check_backup(folder: Path, *, is_done: bool) -> None:
    """Every file that is called a backup is a whole one."""
    _opened(folder).close()
    for path in backup.every(folder):
        backup.check(path, _key(folder))
    assert not is_done or len(backup.every(folder)) == 1


STORIES = {
    "first_start": Story(lambda _folder: None, _start_first, _check_first),
    "passphrase": Story(_a_device, _change_passphrase, _check_passphrase),
    "recovery_code": Story(_a_device, _renew_code, _check_code),
    "pin": Story(_a_device, _set_pin, _check_pin),
    "seal": Story(_a_device, _seal, _check_seal),
    "attach": Story(_a_device, _attach, _check_attached),
    "hand_out": Story(
        lambda folder: (folder / "page.pdf").write_bytes(b"the old page"), _hand_out, _check_handed_out
    ),
    "open_backup": Story(_a_damaged_device, _open_backup, _check_recovered),
    "back_up": Story(_a_device, _back_up, _check_backup),
}
