"""The plans: how thorough a check is, and how long it may take at most."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.i18n import N_
from techkit.probes.probe import Depth, Probe


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan. line: what it looks at, in a few words. limit_s holds whatever hangs; expected_s is only for "time left".

    sample_s: how long watching probes watch. wait_s: how long one answer from the network may take. also: ids of
    probes of a deeper plan that this one runs too, because the complaint asks for them. only: ids of the probes that
    run, where it is not the whole computer that is looked at.
    """

    id: str
    label: str
    line: str
    depth: Depth
    limit_s: float
    expected_s: float
    sample_s: float
    wait_s: float
    also: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def runs(self, probe: Probe) -> bool:
        """Return whether a probe takes part."""
        if self.only:
            return probe.id in self.only
        return self.depth.includes(probe.depth) or probe.id in self.also


#: Limits and the 10 s of watching: issue "Diagnostics", item 3 and 0. The quick plan waits for nothing: it watches, and
#: asks the network, only where the complaint asks for it. One second is the shortest watch in which a program's share of
#: a processor is not noise (psutil advises at least 0.1 s between two looks).
QUICK = Plan(
    id="quick",
    label=N_("Quick check"),
    line=N_("What answers at once; watches for a second"),
    depth=Depth.QUICK,
    limit_s=10.0,
    expected_s=1.0,
    sample_s=1.0,
    wait_s=1.0,
)
STANDARD = Plan(
    id="standard",
    label=N_("Standard check"),
    line=N_("Everything a visit usually needs; watches for ten seconds what keeps the computer busy"),
    depth=Depth.STANDARD,
    limit_s=90.0,
    expected_s=13.0,
    sample_s=10.0,
    wait_s=3.0,
)
#: Ten minutes; ours: long enough for a package list over a slow disk, short enough to wait for.
DEEP = Plan(
    id="deep",
    label=N_("Deep check"),
    line=N_("Also what answers slowly; watches for half a minute and may take some minutes"),
    depth=Depth.DEEP,
    limit_s=600.0,
    expected_s=35.0,
    sample_s=30.0,
    wait_s=5.0,
)
PLANS = {plan.id: plan for plan in (QUICK, STANDARD, DEEP)}
