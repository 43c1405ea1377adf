"""This techkit: its identity and whose it is, as the store keeps them."""

from __future__ import annotations

from dataclasses import dataclass, fields

from techkit.errors import StoreError
from techkit.i18n import _
from techkit.store.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Device:
    """This techkit: its identity and whose it is.

    id: UUIDv7; changes when a copied store enrols anew. prefix: begins every number printed here.
    provider and provider_reach: who the technician works for and how a customer reaches them, as
    the paper shows it.
    """

    id: str
    prefix: str
    name: str = ""
    technician: str = ""
    technician_id: str = ""
    provider: str = ""
    provider_reach: str = ""


_NAMES = tuple(f.name for f in fields(Device))


def read_device(connection: Connection) -> Device:
    """Return the device of a store. Raises: StoreError when there is none."""
    row = connection.one(f"SELECT {', '.join(_NAMES)} FROM _device")  # noqa: S608 - our own names
    if row is None:
        raise StoreError(_("This store has no device."), advice=_("Open the newest backup."))
    return Device(**dict(zip(_NAMES, row, strict=True)))


def write_device(connection: Connection, device: Device) -> None:
    """Keep the device in the place of the one before; inside a transaction."""
    connection.execute("DELETE FROM _device")
    connection.execute(
        f"INSERT INTO _device ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})",  # noqa: S608 - declared names
        [getattr(device, name) for name in _NAMES],
    )
