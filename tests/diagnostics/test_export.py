"""Exports: whole for the technician, redacted for everybody else, and telling when they were changed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest

from techkit import cli
from techkit.diagnostics import export, runner
from techkit.diagnostics.plan import QUICK
from techkit.diagnostics.private_names import NAMES
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import missing
from techkit.records.findings import (
    Area,
    CheckResult,
    Evidence,
    Finding,
    Privacy,
    ProbeReport,
    Reading,
    Reason,
    Verdict,
)
from techkit.records.schema import Audience

#: Private texts that must occur nowhere in what leaves the computer.
CANARIES = ("WX41A9-5512-8830", "odalys.brandt", "Brandt-Heimnetz", "02:fc:9a:11:22:33")


@pytest.fixture
def result(tank) -> CheckResult:
    serial, account, network, mac = CANARIES
    return CheckResult(
        plan="quick",
        started_at=tank.AT,
        ended_at=tank.AT,
        computer={"name": f"laptop of {account}", "model": "Tank 3"},
        readings=(
            tank.fill(5.0),
            Reading(id="storage.disk.serial", value=serial, subject="sda", privacy=Privacy.IDENTIFIER),
            Reading(id="security.account.is_admin", value=True, subject=account, privacy=Privacy.PERSONAL),
            Reading(id="network.wifi.name", value=network, privacy=Privacy.PERSONAL),
            Reading(id="network.addresses", value=[mac, "02:aa:bb:cc:dd:ee"], privacy=Privacy.IDENTIFIER),
            Reading(id="network.wifi.key", value="hunter2hunter2", privacy=Privacy.SECRET),
            missing("system.serial", reason=Reason.NOT_PERMITTED, text="Rights.", privacy=Privacy.IDENTIFIER),
        ),
        findings=(
            Finding(
                check="tank_fill",
                title="Tank",
                area=Area.DEVICES,
                verdict=Verdict.ACT,
                subject=account,
                value=serial,
                sentence=f"{account} uses {network}.",
                customer_sentence=f"Your disk {serial} is bad.",
                advice="Fill it.",
                evidence=(Evidence(label=mac, value=serial),),
            ),
            Finding(check="pump", title="Pump", area=Area.DEVICES, verdict=Verdict.OK, sentence="Runs."),
        ),
        probes=(ProbeReport(probe="tank.gauge", state="ok", duration_s=0.1, excerpt=f"serial {serial}"),),
    )


@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.CUSTOMER])
def test_no_private_text_leaves(result, audience):
    """Serials, accounts, network names and addresses occur nowhere, not in sentences, excerpts or text either."""
    for text in (export.as_json(result, audience, version="1"), export.as_text(result, audience)):
        assert [canary for canary in (*CANARIES, "hunter2") if canary in text] == []
        assert "Tank" in text
    assert export.for_audience(result, audience).probes[0].excerpt == ""


def test_an_identifier_keeps_its_last_signs(result):
    """The last four signs stay, enough to compare with a label."""
    seen = export.for_audience(result, Audience.STAFF)
    values = {r.id: r.value for r in seen.readings}
    assert values["storage.disk.serial"] == "…8830"
    assert values["network.addresses"] == ["…2:33", "…d:ee"]
    assert values["tank.fill_percent"] == 5.0
    assert seen.findings[0].evidence[0].value == "…8830"


def test_a_reason_is_no_secret(result):
    """Why a private value could not be read may be told."""
    seen = export.for_audience(result, Audience.CUSTOMER)
    assert seen.readings[-1] == result.readings[-1]


def test_the_technician_gets_everything_but_secrets(result):
    """For the technician nothing is redacted; a secret is never given out."""
    text = export.as_json(result, Audience.INTERNAL, version="1")
    assert all(canary in text for canary in CANARIES)
    assert "hunter2" not in text


def test_what_will_be_left_out_is_shown_first(result):
    """The list names each reading and what happens to it; for the technician only the secret is on it."""
    lines = {line.name: line.sentence() for line in export.left_out(result, Audience.STAFF)}
    assert set(lines) == {
        "Serial numbers of disks",
        "Security (security.account.is_admin)",
        "Network (network.wifi.name)",
        "Network (network.wifi.key)",
        "Network (network.addresses)",
    }
    assert "last 4 signs" in lines["Serial numbers of disks"]
    assert "left out" in lines["Network (network.wifi.name)"]
    assert [line.name for line in export.left_out(result, Audience.INTERNAL)] == [
        "Network (network.wifi.key)"
    ]


def test_every_private_reading_has_a_name_for_the_customer():
    """Who is shown what leaves the computer reads words, not ids; no name is left of a reading that is gone."""
    private = {d.id for d in DECLARED.values() if d.privacy is not Privacy.NONE}
    assert set(NAMES) == private


def test_a_changed_export_is_known(result):
    """The digest shows any change; formatting alone is none."""
    text = export.as_json(result, Audience.STAFF, version="1")
    assert export.is_unchanged(text)
    assert export.is_unchanged(json.dumps(json.loads(text)))
    assert not export.is_unchanged(text.replace('"act"', '"ok"'))
    assert not export.is_unchanged("rubbish")
    assert not export.is_unchanged("[" * 100_000)


@pytest.mark.parametrize(("old", "new", "code"), [("", "", 0), ('"act"', '"ok"', 1)])
def test_a_written_export_can_be_verified(result, tmp_path, capsys, old: str, new: str, code: int):
    """The command says whether a file still is what was written, and ends 1 when it is not."""
    path = tmp_path / "computer.json"
    path.write_text(export.as_json(result, Audience.STAFF, version="1").replace(old, new), encoding="utf-8")
    assert cli.main(["--language", "en", "export", "--verify", str(path)]) == code
    assert ("is as techkit wrote it" in capsys.readouterr().out) is (code == 0)
    assert cli.main(["--language", "en", "export", "--verify", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_text_speaks_to_the_customer(result):
    """The mail holds the customer's sentence and the advice, worst first, and no control signs."""
    evil = dataclasses.replace(result.findings[0], customer_sentence="Bad \x1b[31m\u202e", subject="")
    text = export.as_text(dataclasses.replace(result, findings=(result.findings[1], evil)), Audience.STAFF)
    assert text.index("Needs action (1)") < text.index("Good (1)")
    assert "Fill it." in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_the_text_tells_the_time_of_the_place(result):
    """A customer reads when the check was by the clock on the wall, not by the clock in Greenwich."""
    begun = dataclasses.replace(result, started_at=datetime(2026, 11, 23, 23, 40, tzinfo=UTC))
    text = export.as_text(begun, Audience.CUSTOMER, timezone(timedelta(hours=1)))
    assert text.splitlines()[0].endswith("on 24 November 2026, 00:40")


def test_an_export_is_asked_for_by_name(result):
    """Each form has its name; another name is refused."""
    assert export.text_of(result, "json", Audience.STAFF, version="1").startswith("{")
    assert export.text_of(result, "text", Audience.STAFF, version="1").startswith("Check of")
    with pytest.raises(ValueError, match="no such form"):
        export.text_of(result, "pdf", Audience.STAFF, version="1")


@pytest.mark.parametrize("audience", list(Audience))
def test_an_export_keeps_its_schema(result, audience):
    """What is exported is what docs/check.schema.json says, for each reader; and the schema is strict."""
    schema = json.loads(
        (Path(__file__).parents[2] / "docs" / "check.schema.json").read_text(encoding="utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    made = json.loads(export.as_json(result, audience, version="1"))
    assert list(validator.iter_errors(made)) == []
    assert not validator.is_valid(made | {"surprise": 1})
    assert not validator.is_valid(made | {"readings": [{"id": "x"}]})


def test_this_computers_check_keeps_the_schema():
    """A real run of the quick plan is valid too."""
    schema = json.loads(
        (Path(__file__).parents[2] / "docs" / "check.schema.json").read_text(encoding="utf-8")
    )
    with runner.MachineProbes() as machine:
        made = runner.run(QUICK, machine)
    text = export.as_json(made, Audience.STAFF, version="1")
    errors = [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(text))]
    assert errors == []


@pytest.mark.parametrize("form", ["json", "text", "glpi"])
def test_no_name_of_a_thing_steers_a_terminal(result, form):
    """A computer, disk or account called by escape sequences: each form is printable, and JSON reads back the same."""
    hostile = "PC \x1b]0;owned\x07 \x9b31m \u202egpj \ud800 👨\u200d👩\u200d👧"
    finding = dataclasses.replace(
        result.findings[0], subject=hostile, sentence=hostile, customer_sentence="", advice=hostile
    )
    named = dataclasses.replace(
        result,
        computer={"name": hostile, "model": hostile},
        readings=(
            *result.readings,
            Reading(id="os.computer_name", value=hostile),
            Reading(id="storage.disk.model", value=hostile, subject=hostile),
            Reading(id="storage.disk.size_bytes", value=1000, subject=hostile),
        ),
        findings=(finding,),
    )
    text = export.text_of(named, form, Audience.INTERNAL, version="1")
    assert [c for c in text if c not in "\n\u200d" and not c.isprintable()] == []
    text.encode("utf-8")
    if form == "text":
        assert "[U+001B]]0;owned[U+0007]" in text
        assert "👨\u200d👩\u200d👧" in text
    else:
        assert hostile.split(" \ud800", maxsplit=1)[0] in "\n".join(_texts_of(json.loads(text)))
    if form == "json":
        assert export.is_unchanged(text)


def _texts_of(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        for item in held.values():
            yield from _texts_of(item)
    elif isinstance(held, list):
        for item in held:
            yield from _texts_of(item)
