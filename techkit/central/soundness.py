"""Whether what a service keeps still fits together: the audit trail, the records with their history, the files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from techkit.central import server
from techkit.central.settings import DATABASE_VARIABLE
from techkit.errors import CentralError
from techkit.i18n import _, ngettext

#: So many records are named; the others are counted.
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Soundness:
    """What was found.

    broken_at: place of the first entry of the audit trail that does not fit, None when it is whole. differing: ids of
    records that do not say what their history says, sorted. visit_count: rows of the visit list, made again.
    lost_files: files that are said to be here and are not; the next start of the service asks the devices for them.
    """

    broken_at: int | None
    differing: tuple[str, ...]
    visit_count: int
    lost_files: int = 0

    @property
    def is_sound(self) -> bool:
        """Return whether everything fits."""
        return self.broken_at is None and not self.differing and not self.lost_files

    def lines(self) -> tuple[str, ...]:
        """Return what was found as sentences."""
        trail = (
            _("The audit trail is whole.")
            if self.broken_at is None
            else _(
                "The audit trail does not fit from entry {n} on: something was changed, added or taken out there.",
                n=self.broken_at,
            )
        )
        records = (
            ngettext(
                "{n} record does not say what its history says: {ids}",
                "{n} records do not say what their history says: {ids}",
                len(self.differing),
                ids=", ".join(self.differing[:_NAMED]) + (" …" if len(self.differing) > _NAMED else ""),
            )
            if self.differing
            else _("Every record says what its history says.")
        )
        rows = ngettext(
            "The list of visits was made again: {n} visit.",
            "The list of visits was made again: {n} visits.",
            self.visit_count,
        )
        files = (
            _(
                "Files of visits that are missing here: {count}. The devices are asked for them.",
                count=self.lost_files,
            )
            if self.lost_files
            else _("Every file of a visit is here.")
        )
        return trail, records, files, rows


def verify(folder: Path, database_dsn: str = "") -> Soundness:
    """Look through a service's folder and database, and make the list of visits again; the service may be running.

    Raises: CentralError when there is no service in the folder, or its database cannot be used.
    """
    if not (folder / "secret.key").is_file():
        raise CentralError(
            _("There is no service in {folder}.", folder=folder),
            safe=_("Nothing was changed."),
            advice=_("Name the folder of a service with --data."),
        )
    server.prepare(folder, database_dsn or os.environ.get(DATABASE_VARIABLE, ""))
    from techkit.central import accounts, audit, folding, presence, projection

    try:
        org_id = accounts.the_org().id
        return Soundness(
            broken_at=audit.verify(org_id),
            differing=tuple(folding.differing_records(org_id)),
            visit_count=projection.rebuild(org_id),
            lost_files=len(presence.lost(org_id)),
        )
    finally:
        server.release()
