"""How many connections get lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number, quantity
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Explains, Verdict


@level_set
class Levels:
    """Share of connections without an answer."""

    watch_percent: float = level(
        1.0, unit="percent", source="ours (DIAGNOSTICS levels, gateway loss)", help="more than"
    )
    act_percent: float = level(
        20.0, unit="percent", source="ours (DIAGNOSTICS levels, gateway loss)", help="more than"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result for the share of connections that got no answer."""
    lost = readings.number("network.internet.loss_percent")
    if lost is None:
        return
    verdict = (
        Verdict.ACT
        if lost > levels.act_percent
        else Verdict.WATCH
        if lost > levels.watch_percent
        else Verdict.OK
    )
    share = quantity(lost, "%")
    yield Result(
        verdict=verdict,
        value=lost,
        unit="percent",
        value_text=share,
        limit_text=_("at most {limit} %", limit=number(levels.watch_percent)),
        sentence=_("{share} of the connections to the reference host got no answer.", share=share),
        customer_sentence=_("Your connection to the internet is reliable.")
        if verdict is Verdict.OK
        else _("A part of what you send to the internet gets lost."),
        advice=""
        if verdict is Verdict.OK
        else _("Try a cable instead of Wi-Fi; then ask the internet provider."),
        reading_ids=("network.internet.loss_percent",),
        higher_is_better=False,
        scale_max=100.0,
        limit=levels.watch_percent,
        # One lost connection of twenty is chance.
        tolerance=5.0,
    )


CHECK = Check(
    id="network_loss",
    title=N_("Lost connections"),
    area=Area.NETWORK,
    why=N_("Lost data is sent again, which makes pages slow and calls stutter."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.internet.loss_percent",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("Much of what is sent gets lost."), act=Explains.LIKELY, watch=Explains.POSSIBLE, ok=None
        ),
        Complaint.SLOW: Explanation(
            why=N_("Lost data has to be sent again."), act=Explains.POSSIBLE, watch=Explains.POSSIBLE, ok=None
        ),
    },
)
