"""The checks of proxies and VPNs: each fires on what stands in the way and stays quiet on what does not."""

from __future__ import annotations

import pytest

from techkit.diagnostics import runner
from techkit.diagnostics.checks import internet_access, proxy_answers, proxy_left_behind, proxy_script, vpn
from techkit.probes.probe import missing
from techkit.records.findings import Complaint, Explains, ProbeReport, Reading, Reason, Verdict
from tests.diagnostics.conftest import AT


def of(place: str, **values: object) -> list[Reading]:
    return [
        Reading(id=f"network.proxy.{name}", value=value, subject=place, source="here")
        for name, value in ({"addresses": ["gate.example:3128"]} | values).items()
    ]


def is_set(value: bool) -> list[Reading]:
    return [Reading(id="network.proxy.is_set", value=value, source="here")]


BROKEN = [Reading(id="network.ladder.first_broken", value="link")]
UNREACHED = [Reading(id="network.internet.is_reachable", value=False, source="TCP")]


def vpns(**states: tuple[bool, bool | None]) -> list[Reading]:
    found = [Reading(id="network.vpn.count", value=len(states), unit="count", source="here")]
    for name, (is_connected, takes_all) in states.items():
        found.append(Reading(id="network.vpn.is_connected", value=is_connected, subject=name))
        found.append(Reading(id="network.vpn.kind", value="wireguard", subject=name))
        if takes_all is not None:
            found.append(Reading(id="network.vpn.takes_all", value=takes_all, subject=name))
    return found


@pytest.mark.parametrize(
    ("module", "readings", "verdicts"),
    [
        (proxy_left_behind, is_set(False), [Verdict.OK]),
        (proxy_left_behind, is_set(True) + of("GNOME", listens=True), [Verdict.OK]),
        (proxy_left_behind, is_set(True) + of("Windows", listens=False), [Verdict.ACT]),
        # Only programs of the command line look there.
        (proxy_left_behind, is_set(True) + of("environment", listens=False), [Verdict.WATCH]),
        (proxy_answers, is_set(False), [Verdict.OK]),
        (proxy_answers, is_set(True) + of("Windows", answers=True, reaches_internet=True), [Verdict.OK]),
        (proxy_answers, is_set(True) + of("Windows", answers=True), [Verdict.OK]),
        (proxy_answers, is_set(True) + of("Windows", answers=True, reaches_internet=False), [Verdict.ACT]),
        (proxy_answers, is_set(True) + of("macOS", answers=False), [Verdict.ACT]),
        (proxy_answers, is_set(True) + of("WinHTTP", answers=False), [Verdict.WATCH]),
        (proxy_answers, is_set(True) + of("macOS", answers=False) + BROKEN, [Verdict.UNKNOWN]),
        # One on the computer itself is the other check's.
        (proxy_answers, is_set(True) + of("macOS", answers=False, is_local=True), [Verdict.NOT_APPLICABLE]),
        (proxy_script, of("GNOME", script_works=True, script="http://gate.example/p.pac"), [Verdict.OK]),
        (proxy_script, of("GNOME", script_works=False), [Verdict.WATCH]),
        (proxy_script, of("GNOME", script_works=False) + BROKEN, [Verdict.UNKNOWN]),
        (proxy_script, is_set(False), [Verdict.NOT_APPLICABLE]),
        (vpn, vpns(), [Verdict.OK]),
        (vpn, vpns(office=(False, None)), [Verdict.OK]),
        (vpn, vpns(office=(True, False)), [Verdict.OK]),
        (vpn, vpns(office=(True, True), home=(False, None)), [Verdict.WATCH]),
        (vpn, vpns(office=(True, True)) + UNREACHED, [Verdict.ACT]),
    ],
)
def test_each_is_judged(judge, module, readings, verdicts):
    """Fires on what stands in the way, with a next step; quiet on what works or is not there."""
    findings = judge(module.CHECK, readings)
    assert [finding.verdict for finding in findings] == verdicts
    for finding in findings:
        assert finding.sentence
        assert finding.customer_sentence
        assert bool(finding.advice) is (finding.verdict in (Verdict.WATCH, Verdict.ACT))


def test_a_script_behind_a_sign_in_is_not_judged(judge):
    """What was not read is unknown, never gone."""
    reading = missing("network.proxy.script_works", subject="GNOME", reason=Reason.NOT_PERMITTED, text="No.")
    [finding] = judge(proxy_script.CHECK, [reading])
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, Reason.NOT_PERMITTED)


def test_a_network_that_lets_only_the_proxy_out_has_internet(judge):
    """Many companies' networks: the direct way is closed on purpose."""
    [finding] = judge(internet_access.CHECK, UNREACHED + of("Windows", reaches_internet=True))
    assert finding.verdict is Verdict.OK
    assert "Windows" in finding.sentence


@pytest.mark.parametrize(
    ("complaint", "readings", "explained"),
    [
        (Complaint.NO_INTERNET, is_set(True) + of("Windows", listens=False), Explains.LIKELY),
        (Complaint.NO_INTERNET, is_set(False), Explains.RULED_OUT),
        (Complaint.SLOW, vpns(office=(True, True)), Explains.POSSIBLE),
        (Complaint.NO_INTERNET, vpns(office=(True, True)) + UNREACHED, Explains.LIKELY),
        (Complaint.SLOW, vpns(office=(False, None)), Explains.RULED_OUT),
        (Complaint.SLOW, of("GNOME", script_works=False), Explains.LIKELY),
    ],
)
def test_what_it_has_to_do_with_the_complaint(complaint, readings, explained):
    """Likely, possible or ruled out, each with its reason."""
    modules = (proxy_left_behind, proxy_script, vpn)
    given = {reading.id.rpartition(".")[0] for reading in readings}
    checks = [
        module.CHECK
        for module in modules
        if any(
            probe.covers(f"{prefix}.{name}")
            for probe in module.CHECK.probes
            for prefix in given
            for name in _NAMES
        )
    ]
    reports = [ProbeReport(probe=p.id, state="ok", duration_s=0.0) for c in checks for p in c.probes]
    findings = runner.judge(readings, reports, at=AT, complaint=complaint, checks=checks)
    best = next(finding for finding in findings if finding.verdict is not Verdict.NOT_APPLICABLE)
    assert best.explains is explained
    assert best.explains_why


_NAMES = ("is_set", "listens", "script_works", "count")
