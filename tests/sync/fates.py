"""What happens to devices of the small world beyond its network: sticks carried to and fro, lost keys, damaged files."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from techkit.central import accounts, feed, jobs, packages
from techkit.central.models import Device, User
from techkit.errors import CentralError, SyncError
from techkit.store import backup
from techkit.store.database import Store
from techkit.sync.answers import ForkedError, RevokedError
from techkit.sync.carrier import PackageError

if TYPE_CHECKING:
    from tests.sync.histories import Holder

_KEY = bytes(range(32))

#: What answers and packages may be met with: another device's, too old, unknown there.
_NOT_TAKEN = (PackageError, CentralError, SyncError)


class Fates(ABC):
    """What happens to devices; the rest of the world is histories.py's."""

    customer: str
    carried: list[bytes]
    answered: list[bytes]

    @abstractmethod
    def pick(self, index: int) -> Holder:
        """Return one of the devices."""

    @abstractmethod
    def _become_new(self, holder: Holder) -> None:
        """Make a device go on as a new one, enrolled again."""

    @abstractmethod
    def _reopen(self, holder: Holder, folder: Path) -> None:
        """Open the store of a device anew, from that folder."""

    # --- carried by hand ----------------------------------------------------------------------------------------

    def make_package(self, index: int) -> None:
        """Somebody puts what waits on a stick."""
        holder = self.pick(index)
        holder.note()
        self.carried.append(holder.client.make_package())

    def bring_package(self, which: int, *, is_kept: bool) -> None:
        """A stick arrives at the office, perhaps one that came before; the answer goes on one."""
        if self.carried:
            at = which % len(self.carried)
            file = self.carried[at] if is_kept else self.carried.pop(at)
            with contextlib.suppress(*_NOT_TAKEN):
                self.answered.append(packages.answer(file))

    def make_jobs(self, index: int) -> None:
        """The office puts the shared customer on a stick for somebody."""
        device = Device.objects.select_related("org").filter(pk=self.pick(index).store.device.id).first()
        if device is not None:
            with contextlib.suppress(CentralError):
                self.answered.append(jobs.pack(User.objects.get(username="admin"), device, [self.customer]))

    def bring_answer(self, index: int, which: int, *, is_kept: bool) -> None:
        """A stick comes back from the office, to whoever; what left a stick before is the office's to keep."""
        if self.answered:
            at = which % len(self.answered)
            file = self.answered[at] if is_kept else self.answered.pop(at)
            with contextlib.suppress(*_NOT_TAKEN):
                self.pick(index).client.take_file(file, is_removal_agreed=True)

    # --- keys, silence, withdrawal -------------------------------------------------------------------------------

    def rotate_key(self, index: int) -> None:
        """A device gives itself a new key."""
        holder = self.pick(index)
        try:
            holder.client.rotate_key()
        except ForkedError:
            self._become_new(holder)
        except SyncError:
            pass

    def fall_silent(self, index: int) -> None:
        """A device lies in a drawer for a year."""
        device = Device.objects.filter(pk=self.pick(index).store.device.id).first()
        if device is not None and device.last_seen_at is not None:
            Device.objects.filter(pk=device.pk).update(last_seen_at=datetime.now(UTC) - timedelta(days=365))

    def age_files(self, index: int) -> None:
        """Two days go by for the files of a device: those that no record names any more may go."""
        store = self.pick(index).store
        with store.connection.transaction():
            store.connection.execute("UPDATE _file SET made_at = made_at - ?", (2 * 86_400,))

    def withdraw(self, index: int) -> None:
        """The office stops a device, which has perhaps something to hand over yet."""
        device = Device.objects.filter(pk=self.pick(index).store.device.id).first()
        if device is not None and device.revoked_at is None:
            accounts.refuse_device(User.objects.get(username="admin"), device)

    def _hand_over(self, holder: Holder) -> None:
        """A withdrawn device brings what it had not sent on a stick, and is let in as a new one."""
        with contextlib.suppress(RevokedError):
            holder.client.sync(is_removal_agreed=True)
            raise AssertionError("a withdrawn device was answered")
        for _time in range(2):
            with contextlib.suppress(*_NOT_TAKEN):
                holder.client.take_answer(
                    packages.answer(holder.client.make_package()), is_removal_agreed=True
                )
        self._become_new(holder)

    # --- damage --------------------------------------------------------------------------------------------------

    def keep_backup(self, index: int) -> None:
        """A device makes the backup it makes by itself."""
        store = self.pick(index).store
        backup.make(store.connection, _KEY)

    def damage(self, index: int) -> None:
        """The first page of a device's database is gone; the newest backup and what still reads take its place."""
        holder = self.pick(index)
        store = holder.store
        if not list((store.folder / "backups").glob("*")):
            return
        holder.note()
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        holder.client.close()
        store.close()
        file = store.folder / "techkit.db"
        held = bytearray(file.read_bytes())
        held[:4096] = bytes(4096)
        file.write_bytes(held)
        Store.recover(store.folder, _KEY).close()
        self._reopen(holder, store.folder)

    def grant_own(self, index: int, other: int) -> None:
        """The office assigns a customer of one device to another."""
        giver, taker = self.pick(index), self.pick(other)
        device = Device.objects.filter(pk=taker.store.device.id).first()
        scopes = sorted(scope for scope in giver.store.replica.cursors() if scope.startswith("customer:"))
        if device is not None and scopes:
            feed.grant(device, scopes[-1])
