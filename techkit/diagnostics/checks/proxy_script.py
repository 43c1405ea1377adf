"""Whether the script that tells programs which proxy to ask can be had."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network, proxy
from techkit.records.findings import Area, Complaint, Explains, Reason, Verdict


@level_set
class Levels:
    """No numbers: the script is there or it is not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per place that names a script; a computer without one has nothing of this kind."""
    for place in readings.subjects("network.proxy.script_works"):
        works = readings.flag("network.proxy.script_works", place)
        shown = readings.text("network.proxy.script", place) or ""
        ids = ("network.proxy.script_works", "network.proxy.script")
        if works:
            yield Result(
                verdict=Verdict.OK,
                subject=place,
                value=True,
                value_text=_("is there"),
                sentence=_("The script for the proxy can be had ({address}).", address=shown),
                customer_sentence=_("The automatic setting of your proxy works."),
                reading_ids=ids,
            )
        elif readings.text("network.ladder.first_broken"):
            yield Result(
                verdict=Verdict.UNKNOWN,
                subject=place,
                reason=Reason.SKIPPED,
                reason_text=_("The network itself does not work, so the script cannot be had either."),
            )
        else:
            yield Result(
                verdict=Verdict.WATCH,
                subject=place,
                value=False,
                value_text=_("cannot be had"),
                sentence=_(
                    "The script that names the proxy cannot be had ({address}): programs wait for it, then go on without.",
                    address=shown,
                ),
                customer_sentence=_("Your computer waits for a setting that is no longer there."),
                advice=_(
                    "Ask whether the script is still in use; if not, switch automatic proxy settings off."
                ),
                reading_ids=ids,
            )


CHECK = Check(
    id="proxy_script",
    title=N_("Automatic proxy"),
    area=Area.NETWORK,
    why=N_("Each program waits for the script before it opens its first page."),
    probes=(proxy.ANSWERS,),
    also=(proxy.SETTINGS, network.LADDER),
    levels=Levels(),
    needs=("network.proxy.script_works",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("Programs wait for a proxy script that cannot be had."),
            why_not=N_("The proxy script can be had."),
            watch=Explains.LIKELY,
        ),
        Complaint.SLOW: Explanation(
            why=N_("Programs wait for a proxy script that cannot be had."),
            why_not=N_("The proxy script can be had."),
            watch=Explains.LIKELY,
        ),
    },
)
