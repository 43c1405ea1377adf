"""Starts the self-test of one drive; its result is read by the ordinary look at its health (storage.health).

The drive does the test by itself while it goes on working, also after techkit has ended, so the result of a long one
is read at the next check or at the next visit. Needs smartctl and administrator rights. Linux has been run against
recorded answers; Windows and macOS differ in the device's name only and are unrun.
"""

from __future__ import annotations

from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows
from techkit.probes.probe import Access, Depth, Platform, Probe
from techkit.probes.storage import disk_names
from techkit.records.findings import Reading, Reason

#: Kind -> what smartctl calls it. Source: smartctl(8), option -t.
KINDS: Final = {"short": "short", "long": "long"}

#: smartctl's exit bits 0 to 2: command line, device could not be opened, command to the drive failed.
#: Source: smartctl(8), EXIT STATUS.
_REFUSED: Final = 0b111


def devices(access: Access) -> dict[str, str]:
    """Return disk -> the name smartctl knows it by."""
    if access.platform is Platform.WINDOWS:
        return access_windows.smart_devices(access)
    if access.platform is Platform.MACOS:
        return access_macos.smart_devices(access)
    return {name: f"/dev/{name}" for name in disk_names(access)}


def start(access: Access, kind: str, disk: str) -> None:
    """Start a self-test of one disk of this computer.

    Raises: ProbeError not_present for a disk that is not there, else tool_missing, timed_out or failed.
    """
    device = devices(access).get(disk)
    if kind not in KINDS or device is None:
        raise ProbeError(_("There is no such disk in this computer."), reason=Reason.NOT_PRESENT)
    output = access.run(Command(("smartctl", "--json", "-t", KINDS[kind], "--", device), limit_s=10.0))
    if output.code is None or output.code < 0 or output.code & _REFUSED:
        raise ProbeError(
            _("The drive did not take the self-test; perhaps one is under way, or it knows none."),
            reason=Reason.FAILED,
        )


def _asked_only(access: Access) -> list[Reading]:  # noqa: ARG001 - as every probe reads
    raise ProbeError(_("Nobody asked for it."), reason=Reason.SKIPPED)


ASKED = Probe(
    id="self_test.asked",
    title=N_("Self-test of a disk"),
    read=_asked_only,
    gives=("storage.self_test.",),
    depth=Depth.ON_REQUEST,
)

PROBES = (ASKED,)
