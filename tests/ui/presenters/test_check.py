"""The check as a step of the visit: consent, order by the complaint, what was found and where it goes."""

from __future__ import annotations

import dataclasses
from typing import Any

from techkit.diagnostics.runner import SLEPT
from techkit.records.activities import Troubleshooting
from techkit.records.assets import Phase
from techkit.records.findings import Reading, Verdict
from techkit.records.parties import Customer
from techkit.records.proofs import check_key
from techkit.records.visit import Consent
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.check import slept_notice
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign


def test_consent_is_asked_never_taken(device: Device, planned: str):
    """Without consent nothing is read; giving it starts the check that was asked for."""
    customer = device.store.find(Customer)[0]
    device.store.save(dataclasses.replace(customer, has_diagnostics_consent=False))
    visit = device.open(planned)
    visit.next()
    visit.check.start()
    assert visit.check.state.needs_consent
    assert visit.held.bundle.runs == ()
    visit.check.give_consent()
    assert len(visit.held.bundle.runs) == 1
    kept = device.store.get(VisitRecord, planned)
    assert (kept.consent, kept.consent_at) == (Consent.GIVEN, device.clock.now())


def test_refusal_reads_nothing_and_goes_on(device: Device, planned: str):
    """A refusal is recorded; the visit can be signed without any reading."""
    customer = device.store.find(Customer)[0]
    device.store.save(dataclasses.replace(customer, has_diagnostics_consent=False))
    visit = device.open(planned)
    visit.next()
    visit.check.start()
    visit.check.refuse_consent()
    visit.go("work")
    visit.go("follow_ups")
    sign(visit)
    bundle = device.store.bundle(planned)
    assert (bundle.runs, bundle.snapshots) == ((), ())
    assert bundle.valid_signature() is not None


def test_what_explains_the_complaint_stands_first(checked: Visit):
    """For a slow computer the full disk and the start-up list come first, with their reason."""
    cards = checked.check.state.cards
    assert [c.title for c in cards[:2]] == ["Free disk space", "Programs started at sign-in"]
    assert cards[0].explains_label == "Likely"
    assert checked.check.state.heading == "2 things need action, 2 to watch"
    assert not any(c.title == "Drive health" for c in cards)


def test_evidence_names_value_limit_and_source(checked: Visit):
    """The drawer shows values beside limits, where they came from and the rule's version."""
    checked.check.open_evidence(checked.check.state.cards[0].key)
    drawer = checked.check.state.drawer
    assert drawer.evidence[0].limit
    assert "GetDiskFreeSpaceEx" in drawer.source
    assert "disk_space" in drawer.rule_line
    checked.check.close_evidence()
    assert checked.check.state.drawer is None


def test_what_needs_an_eye_is_not_offered_to_the_page_it_stands_on(checked: Visit):
    """Findings to act on or watch stand on the customer's page by themselves; the others are chosen."""
    asset = checked.held.asset_in_hand
    anyway = {}
    for finding in checked.held.bundle.run(asset, Phase.BEFORE).findings:
        checked.check.open_evidence(check_key(asset, finding.check, finding.subject))
        anyway[finding.verdict] = checked.check.state.drawer.stands_anyway
    assert (anyway[Verdict.ACT], anyway[Verdict.WATCH]) == (True, True)
    assert not any(shown for verdict, shown in anyway.items() if verdict not in (Verdict.ACT, Verdict.WATCH))


def test_follow_up_and_work_from_a_finding(checked: Visit):
    """A finding becomes a promise or an entry with itself as evidence, and says so on its card."""
    key = checked.check.state.cards[0].key
    checked.check.plan_follow_up(key)
    checked.check.record_as_work(key)
    checked.check.show_on_summary(key, True)
    card = checked.check.state.cards[0]
    assert (card.has_follow_up, card.is_recorded, card.is_on_summary) == (True, True, True)
    entry = checked.held.bundle.activities[0]
    assert isinstance(entry, Troubleshooting)
    assert entry.evidence[0].draft_key == key


def test_what_uses_the_computer_most(device: Device, visit: Visit):
    """The programs using most of processor, memory, disk or network are named, at most five."""
    used = [("Indexer", 80.0, 10**8), ("Mail", 2.0, 3 * 10**9)] + [
        (f"Small {n}", 0.1, 10**7) for n in range(9)
    ]
    for name, percent, held in used:
        device.desk.recordings["before"] += [
            Reading(id="usage.processor.percent_of_core", value=percent, subject=name),
            Reading(id="usage.memory.resident_bytes", value=held, subject=name),
        ]
    device.desk.recordings["before"].append(Reading(id="usage.watched_seconds", value=10.0))
    visit.next()
    visit.check.start()
    busy = visit.check.state.busy
    assert [name for name, _words, _share in busy[:2]] == ["Indexer", "Mail"]
    assert len(busy) == 5
    assert "80\u00a0%" in busy[0][1]
    assert "3.0\u00a0GB" in busy[1][1]
    assert busy[0][2] == 1.0


def test_a_sleep_during_the_check_is_said():
    """How long, and that nothing of it is from another time; a check without sleep says nothing."""
    notice = slept_notice([Reading(id=SLEPT, value=300.0, unit="seconds")])
    assert notice is not None
    assert notice.title == "The computer slept for 5 minutes during the check."
    assert slept_notice([]) is None


def test_the_end_of_a_check_behind_another_step_is_told(device: Device, visit: Visit):
    """Who went on meanwhile is told in one sentence what came of it; looking at it ends the news."""
    visit.need.choose_complaint("slow")
    visit.next()
    held: list[Any] = []
    device.lanes.free, lanes_free = (lambda *given: held.append(given)), device.lanes.free
    visit.check.start()
    visit.go("follow_ups")
    assert visit.state.news_line == ""
    device.lanes.free = lanes_free
    device.lanes.free(*held[0])
    assert visit.state.news_line.startswith("The check is done. ")
    assert "action" in visit.state.news_line
    assert visit.state.news_step == "check"
    visit.go("check")
    assert visit.state.news_line == ""


def test_a_check_that_is_watched_to_its_end_is_no_news(checked: Visit):
    """Its results are on screen anyway."""
    assert checked.state.news_line == ""


def test_second_run_does_not_replace_the_first(device: Device, checked: Visit):
    """Checking again is kept beside the run before the work, which stays what "before" means."""
    first = checked.held.bundle.run(checked.held.asset_in_hand, Phase.BEFORE)
    checked.check.start()
    assert checked.held.bundle.run(checked.held.asset_in_hand, Phase.BEFORE) == first
    assert len(checked.held.bundle.runs) >= 2


def test_a_new_computer_gets_its_own_name(device: Device, planned: str):
    """A computer taken in as a number is called what it calls itself once it was looked at."""
    own = [
        Reading(id="os.computer_name", value="RECEPTION-7"),
        Reading(id="system.model", value="Notebook 5"),
    ]
    device.desk.recordings["before"] = [*device.desk.recordings["before"], *own]
    visit = device.open(planned)
    visit.held.computers.confirm("new")
    assert visit.held.asset.name == "Computer 2"
    visit.next()
    visit.check.start()
    assert (visit.held.asset.name, visit.held.asset.model) == ("RECEPTION-7", "Notebook 5")
    visit.choose_computer(visit.held.visit.asset_ids[0])
    visit.check.start()
    assert visit.held.asset.name == "BAUM-01"


def on_computer(device: Device, moment: str, serial: str) -> None:
    """Let techkit run on the computer of this serial number from now on."""
    others = [
        r for r in device.desk.recordings["before"] if r.id not in ("system.serial", "os.computer_name")
    ]
    name = f"PC-{serial[-3:]}"
    numbers = [Reading(id="system.serial", value=serial), Reading(id="os.computer_name", value=name)]
    device.desk.recordings[moment], device.desk.moment = [*others, *numbers], moment


def test_a_check_on_another_computer_is_recorded_only_as_the_technician_says(device: Device, visit: Visit):
    """At the wrong desk: nothing is mixed up; it becomes a computer of the visit, and is known at the next desk."""
    on_computer(device, "first", "NW7KX93M3Q")
    visit.next()
    visit.check.start()
    first = visit.held.asset_in_hand
    on_computer(device, "second", "NW7KX81P2R")
    visit.check.start()
    notice = visit.check.state.notice
    assert (visit.check.state.phase, notice.title) == ("failed", "This is another computer than BAUM-01.")
    assert len(visit.held.bundle.runs) == 1
    assert visit.held.asset.identifiers == ("computer_name:pc-m3q", "system_serial:nw7kx93m3q")
    visit.check.looking.act(notice.action)
    assert (visit.held.asset.name, visit.check.state.phase) == ("PC-P2R", "results")
    assert visit.held.bundle.run(visit.held.asset_in_hand, Phase.BEFORE) is not None
    visit.choose_computer(first)
    visit.check.start()
    assert visit.check.state.notice.action_label == "It is PC-P2R"


def test_a_new_main_board_is_no_new_computer(device: Device, checked: Visit):
    """Its numbers are others: said so once, the check counts for the computer, whose old numbers stay known."""
    on_computer(device, "before", "NW7KX93M3Q")
    checked.check.start()
    on_computer(device, "after", "NW7KX81P2R")
    checked.go("work")
    checked.work.look_again()
    assert "another computer than BAUM-01" in checked.work.state.no_drafts_line
    checked.go("after")
    notice = checked.after.state.notice
    assert notice.other_label == "It is BAUM-01 all the same"
    checked.after.looking.act(notice.other_action)
    assert checked.after.state.phase == "results"
    assert len([i for i in checked.held.asset.identifiers if i.startswith("system_serial")]) == 2
