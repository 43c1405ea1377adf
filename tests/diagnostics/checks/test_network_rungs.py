"""The checks of the ladder's rungs: each fires on a broken one and stays quiet on a whole one."""

from __future__ import annotations

import pytest

from techkit.diagnostics.checks import (
    captive_portal,
    internet_access,
    name_resolution,
    network_address,
    network_delay,
    network_errors,
    network_gateway,
    network_loss,
)
from techkit.probes.probe import missing
from techkit.records.findings import Reading, Reason, Verdict

GATEWAY_SILENT = [
    Reading(id="network.gateway.is_set", value=True),
    Reading(id="network.gateway.answers", value=False),
]
GATEWAY_UNSET = [
    Reading(id="network.gateway.is_set", value=False),
    missing("network.gateway.answers", reason=Reason.SKIPPED, text="No gateway is set."),
]


def one(id: str, value: object, unit: str = "") -> list[Reading]:
    return [Reading(id=id, value=value, unit=unit, source="here")]


def resolved(milliseconds: float) -> list[Reading]:
    return [
        *one("network.resolution.works", True),
        *one("network.resolution.duration_ms", milliseconds, "ms"),
    ]


def quality(delay_ms: float, jitter_ms: float) -> list[Reading]:
    return [
        *one("network.internet.delay_ms", delay_ms, "ms"),
        *one("network.internet.jitter_ms", jitter_ms, "ms"),
    ]


@pytest.mark.parametrize(
    ("module", "readings", "verdict"),
    [
        (network_address, one("network.address.kind", "private"), Verdict.OK),
        (network_address, one("network.address.kind", "global"), Verdict.OK),
        (network_address, one("network.address.kind", "link_local"), Verdict.ACT),
        (network_address, one("network.address.kind", "none"), Verdict.ACT),
        (network_gateway, one("network.gateway.answers", True), Verdict.OK),
        (network_gateway, GATEWAY_SILENT, Verdict.ACT),
        (network_gateway, GATEWAY_UNSET, Verdict.ACT),
        (name_resolution, resolved(12.0), Verdict.OK),
        (name_resolution, resolved(500.0), Verdict.OK),
        (name_resolution, resolved(501.0), Verdict.WATCH),
        (name_resolution, one("network.resolution.works", False), Verdict.ACT),
        (captive_portal, one("network.portal.is_open", True), Verdict.OK),
        (captive_portal, one("network.portal.is_open", False), Verdict.ACT),
        (internet_access, one("network.internet.is_reachable", True), Verdict.OK),
        (internet_access, one("network.internet.is_reachable", False), Verdict.ACT),
        (network_loss, one("network.internet.loss_percent", 0.0, "percent"), Verdict.OK),
        (network_loss, one("network.internet.loss_percent", 5.0, "percent"), Verdict.WATCH),
        (network_loss, one("network.internet.loss_percent", 20.0, "percent"), Verdict.WATCH),
        (network_loss, one("network.internet.loss_percent", 25.0, "percent"), Verdict.ACT),
        (network_delay, quality(20.0, 2.0), Verdict.OK),
        (network_delay, quality(301.0, 2.0), Verdict.WATCH),
        (network_delay, quality(20.0, 31.0), Verdict.WATCH),
        (network_delay, one("network.internet.delay_ms", 20.0, "ms"), Verdict.OK),
    ],
)
def test_a_rung_is_judged_by_its_levels(judge, module, readings, verdict):
    """Each side of every level gives its verdict, with words for technician and customer."""
    [finding] = judge(module.CHECK, readings)
    assert finding.verdict is verdict
    assert finding.sentence
    assert finding.customer_sentence
    assert bool(finding.advice) is (verdict is not Verdict.OK)


@pytest.mark.parametrize(
    ("module", "id"),
    [
        (network_address, "network.address.kind"),
        (network_gateway, "network.gateway.answers"),
        (name_resolution, "network.resolution.works"),
        (captive_portal, "network.portal.is_open"),
        (internet_access, "network.internet.is_reachable"),
        (network_loss, "network.internet.loss_percent"),
        (network_delay, "network.internet.delay_ms"),
    ],
)
def test_a_rung_that_was_not_asked_is_unknown(judge, module, id):
    """A rung above a broken one says why it was not asked, never good and never broken."""
    [finding] = judge(module.CHECK, [missing(id, reason=Reason.SKIPPED, text="The link below is broken.")])
    assert (finding.verdict, finding.reason_text) == (Verdict.UNKNOWN, "The link below is broken.")


def interface(
    name: str, *, errors: int = 0, drops: int = 0, packets: int = 10_000, **more: object
) -> list[Reading]:
    values = {
        "is_up": True,
        "is_physical": True,
        "is_wireless": False,
        "received_packets": packets,
        "receive_errors": errors,
        "receive_drops": drops,
    } | more
    return [
        Reading(id=f"network.interface.{key}", value=value, subject=name) for key, value in values.items()
    ]


@pytest.mark.parametrize(
    ("readings", "verdicts"),
    [
        (interface("eth0"), [Verdict.OK]),
        (interface("eth0", errors=100), [Verdict.OK]),
        (interface("eth0", errors=101), [Verdict.WATCH]),
        (interface("eth0", drops=199), [Verdict.OK]),
        (interface("eth0", drops=200), [Verdict.WATCH]),
        (interface("wlan0", drops=999, is_wireless=True), [Verdict.OK]),
        (interface("wlan0", drops=1000, is_wireless=True), [Verdict.WATCH]),
        # Too few packets, a bridge, an unplugged cable: nothing honest to say.
        (interface("eth0", packets=999, errors=900), [Verdict.NOT_APPLICABLE]),
        (interface("docker0", errors=900, is_physical=False), [Verdict.NOT_APPLICABLE]),
        (interface("eth1", errors=900, is_up=False), [Verdict.NOT_APPLICABLE]),
        (interface("eth0") + interface("eth1", errors=500), [Verdict.OK, Verdict.WATCH]),
    ],
)
def test_damaged_packets_are_judged_per_interface(judge, readings, verdicts):
    """Shares of damaged and dropped packets are judged for each connected physical interface."""
    findings = judge(network_errors.CHECK, readings)
    assert [finding.verdict for finding in findings] == verdicts
