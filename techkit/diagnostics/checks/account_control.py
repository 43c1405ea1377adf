"""Whether Windows asks before a program changes the system."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import security
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: off is watch (source: Microsoft security baseline, EnableLUA 1)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result on Windows."""
    active = readings.flag("security.account_control")
    if active is None:
        return
    yield Result(
        Verdict.OK if active else Verdict.WATCH,
        value=active,
        value_text=_("on") if active else _("off"),
        sentence=_("User account control is on.") if active else _("User account control is off."),
        customer_sentence=_("Windows asks before a program changes the system.")
        if active
        else _("Windows lets every program change the system without asking."),
        advice="" if active else _("Switch user account control on and restart."),
        reading_ids=("security.account_control",),
    )


CHECK = Check(
    id="account_control",
    title=N_("Asking before changes"),
    area=Area.SECURITY,
    why=N_("A question before each change stops most unwanted programs."),
    probes=(security.ACCOUNTS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.POP_UPS: Explanation(
            why=N_("Without that question unwanted programs install themselves."),
            why_not=N_("Windows asks before changes."),
        )
    },
)
