"""Whether the computer has the security chip (TPM) its system asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import computer, operating_system, security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """The version of the chip's language; it counts under Windows only, other systems do without."""

    least_version: float = level(
        2.0, source="Microsoft, Windows 11 requirements: TPM version 2.0", help="less than, under Windows"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where a chip answered; "2.0, 0, 1.38" is version 2.0."""
    told = (readings.text("security.tpm") or "").partition(",")[0].strip()
    if not re.fullmatch(r"[0-9]{1,2}(?:\.[0-9]{1,3})?", told):
        return
    version = float(told)
    # A virtual machine's chip is its host's affair.
    worry = (
        version < levels.least_version
        and readings.text("os.family") == "windows"
        and readings.text("system.kind") != "virtual"
    )
    yield Result(
        Verdict.WATCH if worry else Verdict.OK,
        value=version,
        value_text=told,
        sentence=_("The security chip (TPM) is of version {version}.", version=told),
        customer_sentence=_("The computer’s security chip is too old for the newest Windows.")
        if worry
        else _("The computer has a chip that keeps its keys safe."),
        advice=_("See whether the firmware offers version 2.0; otherwise plan for a newer computer.")
        if worry
        else "",
        reading_ids=("security.tpm",),
    )


CHECK = Check(
    id="security_chip",
    title=N_("Security chip"),
    area=Area.SECURITY,
    why=N_("Encryption keeps its key in this chip, and Windows 11 does not start an upgrade without it."),
    probes=(security.PROTECTION,),
    also=(computer.MACHINE, operating_system.SYSTEM),
    needs=("security.tpm",),
    levels=Levels(),
    evaluate=evaluate,
)
