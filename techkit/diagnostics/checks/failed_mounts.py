"""File systems and swap spaces that should be mounted and could not be."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of
from techkit.i18n import N_, ngettext
from techkit.probes import services
from techkit.records.findings import Area


@level_set
class Levels:
    """Folders that stayed empty."""

    watch_count: int = level(
        1, unit="count", source="ours: as failed services, node-mixin NodeSystemdServiceFailed"
    )


WORDS = Words(
    good=N_("Every file system was mounted."),
    customer_good=N_("All disks the system expects are there."),
    customer_bad=N_("A disk or network drive the system expects could not be opened."),
    advice=N_("See whether the disk or the server is there, and correct or remove its line in /etc/fstab."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, naming the folders."""
    names = names_of(readings, "os.services.failed_mounts")
    if names is None:
        return
    bad = ngettext(
        "{n} file system could not be mounted: {names}.",
        "{n} file systems could not be mounted: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "os.services.failed_mounts", WORDS, bad)


CHECK = Check(
    id="failed_mounts",
    title=N_("Mounted file systems"),
    area=Area.STORAGE,
    why=N_(
        "Where a file system is missing, programs write into the empty folder below it, and a backup goes nowhere."
    ),
    probes=(services.SERVICES,),
    levels=Levels(),
    needs=("os.services.failed_mounts",),
    evaluate=evaluate,
)
