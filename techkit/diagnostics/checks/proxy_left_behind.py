"""Whether a proxy on the computer itself is set though no program answers there."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import proxy
from techkit.records.findings import Area, Complaint, Explains, Verdict


@level_set
class Levels:
    """No numbers: something answers at the place or nothing does."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per place that names this computer as its proxy, or one good result."""
    if readings.flag("network.proxy.is_set") is None:
        return
    places = readings.subjects("network.proxy.listens")
    for place in places:
        yield _judged(readings, place, listens=bool(readings.flag("network.proxy.listens", place)))
    if not places:
        yield Result(
            verdict=Verdict.OK,
            value=False,
            value_text=_("none"),
            sentence=_("No place names this computer itself as its proxy."),
            customer_sentence=_("No program of this computer stands between you and the internet."),
            reading_ids=("network.proxy.is_set",),
        )


def _judged(readings: Readings, place: str, *, listens: bool) -> Result:
    shown = ", ".join(readings.texts("network.proxy.addresses", place))
    ids = ("network.proxy.listens", "network.proxy.addresses")
    if listens:
        return Result(
            verdict=Verdict.OK,
            subject=place,
            value=True,
            value_text=_("answers"),
            sentence=_("A program of this computer answers as the proxy ({address}).", address=shown),
            customer_sentence=_("A program of this computer passes on what you ask the internet for."),
            reading_ids=ids,
        )
    is_for_few = place in proxy.FOR_FEW
    return Result(
        verdict=Verdict.WATCH if is_for_few else Verdict.ACT,
        subject=place,
        value=False,
        value_text=_("nobody answers"),
        sentence=_(
            "The proxy is set to this computer itself ({address}), but no program answers there: usually the rest of a"
            " removed filter, virus scanner or unwanted program.",
            address=shown,
        ),
        customer_sentence=_("A program that is gone still stands in the way to the internet."),
        advice=_("Switch the proxy off, then look for what set it: start-up programs and a full scan."),
        reading_ids=ids,
    )


CHECK = Check(
    id="proxy_left_behind",
    title=N_("Proxy on this computer"),
    area=Area.NETWORK,
    why=N_("Browsers show no page at all when they are told to ask a program that is gone."),
    probes=(proxy.SETTINGS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("Programs are told to ask a proxy on this computer, and nobody answers there."),
            why_not=N_("No proxy on this computer stands in the way."),
        ),
        Complaint.POP_UPS: Explanation(
            why=N_("Unwanted programs often leave such a proxy behind."),
            act=Explains.POSSIBLE,
            watch=Explains.POSSIBLE,
            ok=None,
        ),
    },
)
