"""Ports of this computer that others in the network can reach."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import security
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """Which services are worth a question, in SERVICES below (source: ours, after CIS and BSI advice)."""


#: Services that should not face a network unasked: port → name. Source: IANA port numbers.
SERVICES = {
    21: "FTP",
    23: "Telnet",
    111: "portmapper",
    445: "SMB",
    512: "rexec",
    513: "rlogin",
    514: "rsh",
    1433: "Microsoft SQL Server",
    2049: "NFS",
    2375: "Docker",
    3306: "MySQL",
    3389: "Remote Desktop",
    5432: "PostgreSQL",
    5900: "VNC",
    5985: "WinRM",
    6379: "Redis",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
#: On Windows the sharing of folders is always there behind the firewall.
ORDINARY_ON_WINDOWS = (445,)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result over all open ports."""
    reading = readings.get("security.ports")
    if reading is None or not isinstance(reading.value, list):
        return
    rows = [row for row in reading.value if isinstance(row, dict)]
    quiet = ORDINARY_ON_WINDOWS if readings.text("os.family") == "windows" else ()
    risky = sorted(
        {
            SERVICES[port]
            for row in rows
            if row.get("protocol") == "tcp"
            and isinstance(port := row.get("port"), int)
            and port in SERVICES
            and port not in quiet
        }
    )
    good = not risky
    shown = [f"{row.get('port')}/{row.get('protocol')} {row.get('program') or ''}".strip() for row in rows]
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(rows),
        unit="count",
        value_text=number(len(rows)) if good else quantities.listed(risky, 2),
        limit_text=_("watch: a service that should not face a network"),
        sentence=ngettext("{n} port is open to others.", "{n} ports are open to others.", len(rows))
        if good
        else _("Open to others: {services}.", services=quantities.listed(risky)),
        customer_sentence=_("The computer offers nothing risky to others in the network.")
        if good
        else _("The computer offers a service to others in the network that should perhaps be closed."),
        advice=""
        if good
        else _("Ask whether the service is needed; if not, switch it off or close it in the firewall."),
        evidence=tuple(Evidence(label=_("Open port"), value=text) for text in shown[:20]),
        reading_ids=("security.ports",),
    )


CHECK = Check(
    id="open_ports",
    title=N_("Open ports"),
    area=Area.SECURITY,
    why=N_("Every open port is a door; some of them should not be open unasked."),
    probes=(security.PORTS,),
    levels=Levels(),
    evaluate=evaluate,
)
