"""Whether a proxy that is set answers, and passes on to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network, proxy
from techkit.records.findings import Area, Complaint, Reason, Verdict


@level_set
class Levels:
    """No numbers: the proxy answers and passes on, or it does not."""


#: Rungs of the ladder without which no proxy can be reached.
_BELOW = ("link", "address")


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per place with a proxy elsewhere, or one good result where no proxy is set."""
    if readings.flag("network.proxy.is_set") is False:
        yield Result(
            verdict=Verdict.OK,
            value=False,
            value_text=_("none is set"),
            sentence=_("No proxy is set: programs ask the internet directly."),
            customer_sentence=_("Nothing stands between your computer and the internet."),
            reading_ids=("network.proxy.is_set",),
        )
    for place in readings.subjects("network.proxy.answers"):
        if readings.flag("network.proxy.is_local", place):
            continue  # checks/proxy_left_behind.py
        if readings.text("network.ladder.first_broken") in _BELOW:
            yield Result(
                verdict=Verdict.UNKNOWN,
                subject=place,
                reason=Reason.SKIPPED,
                reason_text=_("This computer is not connected to a network that reaches the proxy."),
            )
        else:
            yield _judged(readings, place)


def _judged(readings: Readings, place: str) -> Result:
    shown = ", ".join(readings.texts("network.proxy.addresses", place))
    answers = readings.flag("network.proxy.answers", place)
    passes = readings.flag("network.proxy.reaches_internet", place)
    ids = ("network.proxy.answers", "network.proxy.reaches_internet", "network.proxy.addresses")
    bad = Verdict.WATCH if place in proxy.FOR_FEW else Verdict.ACT
    if answers and passes is not False:
        return Result(
            verdict=Verdict.OK,
            subject=place,
            value=True,
            value_text=_("answers"),
            sentence=_("The proxy {address} answers and passes on.", address=shown)
            if passes
            else _("The proxy {address} answers.", address=shown),
            customer_sentence=_("The way to the internet through your proxy works."),
            reading_ids=ids,
        )
    if answers:
        return Result(
            verdict=bad,
            subject=place,
            value=False,
            value_text=_("does not pass on"),
            sentence=_(
                "The proxy {address} answers, but the reference host is not reached through it.",
                address=shown,
            ),
            customer_sentence=_("Your proxy answers but does not pass on to the internet."),
            advice=_("Ask who runs the proxy whether it works and whether this computer may use it."),
            reading_ids=ids,
        )
    return Result(
        verdict=bad,
        subject=place,
        value=False,
        value_text=_("does not answer"),
        sentence=_("A proxy is set ({address}), and it does not answer.", address=shown),
        customer_sentence=_("Your computer asks a proxy that does not answer."),
        advice=_(
            "Ask whether the proxy is still in use; if not, switch it off. Correct its address otherwise."
        ),
        reading_ids=ids,
    )


CHECK = Check(
    id="proxy_answers",
    title=N_("Proxy"),
    area=Area.NETWORK,
    why=N_("Programs that are told to ask a proxy reach nothing when it is gone."),
    probes=(proxy.ANSWERS,),
    also=(proxy.SETTINGS, network.LADDER),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("Programs are told to ask a proxy that does not serve them."),
            why_not=N_("No proxy stands in the way."),
        )
    },
)
