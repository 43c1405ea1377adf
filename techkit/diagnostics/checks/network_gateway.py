"""Whether the router answers: the ladder's third rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: the router shows a sign of life or none."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result: the router answers, keeps silent, or is not set."""
    answers, is_set = readings.flag("network.gateway.answers"), readings.flag("network.gateway.is_set")
    if answers:
        yield Result(
            verdict=Verdict.OK,
            value=True,
            value_text=_("answers"),
            sentence=_("The router answers."),
            customer_sentence=_("Your router answers."),
            reading_ids=("network.gateway.answers",),
        )
    elif is_set is False:
        yield Result(
            verdict=Verdict.ACT,
            value=False,
            value_text=_("not set"),
            sentence=_("No gateway is set: this is the first broken rung."),
            customer_sentence=_("Your computer does not know the way to the internet."),
            advice=_("Let the computer get its network settings from the router."),
            reading_ids=("network.gateway.is_set",),
        )
    elif answers is False:
        yield Result(
            verdict=Verdict.ACT,
            value=False,
            value_text=_("does not answer"),
            sentence=_("The router does not answer: this is the first broken rung."),
            customer_sentence=_("Your router does not answer."),
            advice=_("Look whether the router is on; restart it."),
            reading_ids=("network.gateway.answers",),
        )


CHECK = Check(
    id="network_gateway",
    title=N_("Router"),
    area=Area.NETWORK,
    why=N_("Everything outside the own network goes through the router."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.gateway.answers",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The router cannot be reached."), why_not=N_("The router can be reached.")
        )
    },
)
