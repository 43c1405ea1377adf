"""Administrator rights and self-tests through their presenter: asked once, answered in a sentence, added to the check."""

from __future__ import annotations

from typing import Any

import pytest

from techkit.diagnostics import elevated
from techkit.errors import ProbeError
from techkit.probes.probe import missing
from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.findings import Reading, Reason, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.rights import Rights
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device

#: What an ordinary user reads: the drive's health is refused.
ORDINARY = [
    Reading(id="os.computer_name", value="BAUM-01", source="x"),
    Reading(id="storage.disk.model", value="Disk One", subject="sda", source="x"),
    missing("storage.smart.passed", subject="sda", reason=Reason.NOT_PERMITTED, text="It needs the rights."),
]


def drive(left: int | None = None, **more: Any) -> dict[str, Any]:
    """Return the elevated answer about one drive, as the worker packs it."""
    values: dict[str, tuple[Any, str]] = {
        "passed": (True, ""),
        "reallocated": (0, "count"),
        "self_test_short_minutes": (2, "minutes"),
        "self_test_long_minutes": (200, "minutes"),
    }
    if left is not None:
        values["self_test_left_percent"] = (left, "percent")
    values |= {name: (value, "") for name, value in more.items()}
    readings = [
        [f"storage.smart.{name}", value, unit, "sda", "smartctl", "none"]
        for name, (value, unit) in values.items()
    ]
    return {"probe": "storage.health", "state": "ok", "readings": readings, "excerpt": "smartctl says"}


class System:
    """The system's prompt: what was asked for, and the answer the test gives."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], tuple[str, str] | None]] = []
        self.answer: list[dict[str, Any]] | Exception = [drive()]

    def __call__(self, ids: tuple[str, ...], test: tuple[str, str] | None) -> list[dict[str, Any]]:
        self.asked.append((ids, test))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def device(device: Device) -> Device:
    device.desk.recordings = {"before": ORDINARY, "after": ORDINARY}
    return device


def opened(device: Device, customer: str, asset: str) -> Visit:
    """Open a visit of a customer's computer and check it."""
    visit, contact, site = new_id(), new_id(), new_id()
    device.store.save(
        Site(id=site, customer_id=customer, name="Office", street="Ahornweg 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Ilse", family_name="Baumann", skill=3),
        VisitRecord(
            id=visit,
            number=device.store.next_number(2026),
            customer_id=customer,
            site_id=site,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="Slow",
            work_state=WorkState.SCHEDULED,
        ),
    )
    made = device.open(visit)
    made.next()
    made.check.start()
    return made


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def visit(device: Device, monkeypatch: pytest.MonkeyPatch, system: System) -> Visit:
    monkeypatch.setattr(elevated, "has_admin_rights", lambda: False)
    customer, asset = new_id(), new_id()
    device.store.save(
        Customer(id=customer, display_name="Baumann", has_diagnostics_consent=True),
        Asset(id=asset, customer_id=customer, name="BAUM-01"),
    )
    made = opened(device, customer, asset)
    made.check.rights._ask = system
    return made


def health(visit: Visit):
    run = visit.held.bundle.run(visit.held.asset_in_hand, Phase.BEFORE)
    assert run is not None
    return next(f for f in run.findings if f.check == "disk_health")


def test_what_would_be_read_is_listed_before_it_is_asked_for(visit: Visit, system: System):
    """The list names what the rights are for, in words; nothing is asked for by itself."""
    assert visit.check.rights.state.items == ("Asking the drives about their health",)
    assert system.asked == []


def test_what_was_read_with_rights_is_merged_once(device: Device, visit: Visit, system: System):
    """Could not check becomes a verdict; the rights are for the list only, and there is nothing more to ask for."""
    assert health(visit).verdict is Verdict.UNKNOWN
    rights = visit.check.rights
    rights.read_more()
    assert system.asked == [(("storage.health",), None)]
    assert health(visit).verdict is Verdict.OK
    assert health(visit).subject == "sda"
    assert rights.state.items == ()
    assert "were read" in rights.state.notice.title
    rights.read_more()
    assert len(system.asked) == 1
    kept = device.store.find(DiagnosticRun)
    assert [bool(run.supplements) for run in kept] == [False, True]
    again = device.open(visit.held.visit_id)
    assert health(again).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ProbeError("The request for administrator rights was closed.", reason="not_permitted"), "closed"),
        (
            ProbeError("This system has no way to ask for administrator rights.", reason="tool_missing"),
            "no way",
        ),
    ],
)
def test_a_no_is_a_sentence_and_loses_nothing(visit: Visit, system: System, error: ProbeError, words: str):
    """What was read stays, the reason is said, and it can be asked for again."""
    system.answer = error
    before = visit.held.bundle.runs
    rights = visit.check.rights
    rights.read_more()
    assert words in rights.state.notice.title
    assert "unchanged" in rights.state.notice.text
    assert visit.held.bundle.runs == before
    assert rights.state.items
    assert not rights.state.is_busy


def test_a_self_test_starts_only_after_the_customer_agreed(visit: Visit, system: System):
    """The customer is told how long and what it means; a no leaves the drive alone, a yes starts it once."""
    rights = visit.check.rights
    rights.read_more()
    rights.ask_test("sda", "long")
    assert rights.state.asked_disk == "sda"
    assert "Disk One reads itself, about 3" in rights.state.asked_sentence
    rights.refuse_test()
    assert len(system.asked) == 1
    rights.ask_test("sda", "short")
    system.answer = [{"self_test": "sda", "state": "ok"}, drive(left=90)]
    rights.start_test()
    assert system.asked[-1] == (("storage.health",), ("short", "sda"))
    [row] = rights.state.disks
    assert row.is_under_way
    assert "90" in row.line
    assert ("Self-test under way", "90 % left") in [
        (e.label, e.value.replace("\u00a0", " ")) for e in health(visit).evidence
    ]


def test_a_drive_that_refuses_says_so(visit: Visit, system: System):
    """Nothing is written down as started that was not."""
    rights = visit.check.rights
    system.answer = [{"self_test": "sda", "state": "failed", "reason_text": "It knows none."}, drive()]
    rights.ask_test("sda", "short")
    rights.start_test()
    assert "not started" in rights.state.notice.title
    run = visit.held.bundle.run(visit.held.asset_in_hand, Phase.BEFORE)
    assert not [r for r in run.readings if r.id.startswith("storage.self_test.")]


def test_the_result_is_read_later_and_at_the_next_visit(
    device: Device, visit: Visit, system: System, monkeypatch: pytest.MonkeyPatch
):
    """A test that found a fault is needs action, also when it is read days after it was started."""
    rights = visit.check.rights
    rights.ask_test("sda", "long")
    system.answer = [{"self_test": "sda", "state": "ok"}, drive(left=100)]
    rights.start_test()
    asset = visit.held.asset_in_hand
    later = opened(device, visit.held.visit.customer_id, asset)
    later.check.rights._ask = system
    [row] = later.check.rights.state.disks
    assert "asked for on" in row.line
    system.answer = [drive(self_test="Completed: read failure", self_test_hours=4711)]
    later.check.rights.read_test()
    found = health(later)
    assert found.verdict is Verdict.ACT
    assert any("read failure, at 4,711\u00a0h" in e.value for e in found.evidence)


def test_rights_of_another_case_are_not_taken_for_granted(visit: Visit, system: System):
    """Without a check there is nothing to ask rights for."""
    fresh = Rights(visit.held, ask=system)
    visit.held.asset_in_hand = ""
    fresh.read_more()
    fresh.read_test()
    assert system.asked == []
