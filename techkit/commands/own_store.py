"""This device's own store, opened for a command."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from techkit import settings
from techkit.commands import terminal
from techkit.credentials import keys
from techkit.errors import CredentialError, InputError
from techkit.i18n import _
from techkit.store.database import Store

#: Where a passphrase may stand for scripts; a person types it.
PASSPHRASE_VARIABLE = "TECHKIT_PASSPHRASE"  # noqa: S105 - the variable's name, not a passphrase


@contextlib.contextmanager
def opened(asked: argparse.Namespace) -> Iterator[Store]:
    """Open this device's store. The passphrase is typed, or stands in the environment for scripts.

    The computer's own key store is asked first where it was let in. Raises: TechkitError when there is none, it is open elsewhere, or the passphrase is wrong.
    """
    folder = asked.folder or settings.folder()
    if not keys.has_vault(folder):
        raise InputError(
            _("Nothing is kept in {folder} yet.", folder=folder),
            advice=_("Start the window once, or name another place with --folder."),
        )
    store = Store.open(folder, _key(folder))
    try:
        yield store
    finally:
        store.close()


def _key(folder: Path) -> bytes:
    """Return the store's key: by the passphrase of the environment, the computer's key store, or typed."""
    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    if not passphrase and not settings.is_portable() and keys.has_system_slot(folder):
        try:
            return keys.unlock_with_system(folder)
        except CredentialError as error:
            terminal.say(error.sentences(), out=sys.stderr)
    return keys.unlock(folder, passphrase or getpass.getpass(_("Passphrase: ")))
