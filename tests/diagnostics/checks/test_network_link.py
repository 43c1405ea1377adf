"""The check network_link."""

from __future__ import annotations

import pytest

from techkit.diagnostics.checks.network_link import CHECK
from techkit.probes.probe import missing
from techkit.records.findings import Reading, Reason, Verdict


def test_a_connected_interface_is_good(judge):
    """A connected interface is good, and named."""
    [finding] = judge(
        CHECK,
        [
            Reading(id="network.link.is_up", value=True, source="psutil.net_if_stats"),
            Reading(id="network.link.interfaces", value="eth0"),
        ],
    )
    assert finding.verdict is Verdict.OK
    assert "eth0" in finding.sentence
    assert finding.source == "psutil.net_if_stats"


def test_no_connected_interface_needs_action(judge):
    """No connected interface needs action, with a next step."""
    [finding] = judge(CHECK, [Reading(id="network.link.is_up", value=False)])
    assert finding.verdict is Verdict.ACT
    assert finding.advice


def test_a_missing_reading_is_unknown_with_its_reason(judge):
    """A reading that says why it is missing becomes unknown, never good."""
    [finding] = judge(CHECK, [missing("network.link.is_up", reason=Reason.NOT_PERMITTED, text="No rights.")])
    assert (finding.verdict, finding.reason, finding.reason_text) == (
        Verdict.UNKNOWN,
        Reason.NOT_PERMITTED,
        "No rights.",
    )


@pytest.mark.parametrize("state", ["timed_out", "failed", "skipped", "not_permitted"])
def test_a_probe_that_did_not_end_well_is_unknown(judge, state):
    """A probe that did not end well makes the check unknown with the same reason."""
    [finding] = judge(CHECK, [Reading(id="network.link.is_up", value=True)], state=state)
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, Reason(state))
    assert finding.reason_text
