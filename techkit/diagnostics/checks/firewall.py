"""Whether a firewall filters what comes in."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import security
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """No numbers: off on a private network is watch, off on a public one is act (source: ours)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result for the firewall as a whole."""
    active = readings.flag("security.firewall.active")
    if active is None:
        return
    public = readings.flag("security.firewall.public_network")
    kind = readings.text("security.firewall.kind") or ""
    verdict = Verdict.OK if active else Verdict.ACT if public else Verdict.WATCH
    if active:
        sentence = _("The firewall is on ({kind}).", kind=kind) if kind else _("The firewall is on.")
        customer = _("The firewall keeps unwanted visitors out.")
        advice = ""
    else:
        sentence = (
            _("The firewall is off, on a public network.")
            if public
            else _("No firewall filters what comes in.")
        )
        customer = _("The firewall is switched off, so others in the same network could reach this computer.")
        advice = _("Switch the firewall on.")
    yield Result(
        verdict,
        value=active,
        value_text=_("on") if active else _("off"),
        limit_text=_("off: watch; off on a public network: act"),
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        evidence=tuple(
            Evidence(label=reading.subject, value=str(reading.value))
            for reading in readings.all("security.firewall.profile")
        ),
        reading_ids=("security.firewall.active",),
    )


CHECK = Check(
    id="firewall",
    title=N_("Firewall"),
    area=Area.SECURITY,
    why=N_("A firewall keeps others in the same network from reaching this computer."),
    probes=(security.FIREWALL,),
    levels=Levels(),
    needs=("security.firewall.active",),
    evaluate=evaluate,
)
