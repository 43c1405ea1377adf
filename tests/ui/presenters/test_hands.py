"""Trying by hand through its presenter: what is tried, what is said, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from techkit.records.assets import DiagnosticRun, Phase
from techkit.records.findings import Verdict
from techkit.ui.presenters import keyboards
from techkit.ui.presenters.hands import COLOURS, Hands
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


class Devices:
    """A sound card and a camera of which each answer is given by the test."""

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self.heard = heard
        self.asked: list[str] = []
        self.is_closed = False

    def ask(self, do: str, **_about: Any) -> None:
        self.asked.append(do)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def visit(visit: Visit) -> Visit:
    """The planned visit on site, for a computer without sound."""
    visit.need.choose_complaint("no_sound")
    visit.next()
    return visit


@pytest.fixture
def opened(visit: Visit) -> tuple[Hands, list[Devices]]:
    """The tests of a checked computer, with a sound card and a camera of the test's own."""
    made: list[Devices] = []

    def make(heard: Callable[[dict[str, Any]], None]) -> Devices:
        made.append(Devices(heard))
        return made[-1]

    visit.check.start()
    hands = visit.check.hands
    hands._make_process = make
    hands.open()
    return hands, made


def finding(visit: Visit, check: str, phase: Phase = Phase.BEFORE):
    run = visit.held.bundle.run(visit.held.asset_in_hand, phase)
    assert run is not None
    return next((f for f in run.findings if f.check == check), None)


def test_without_a_check_there_is_nothing_to_add_to(visit: Visit):
    """Before the first check, and so before the customer agreed, nothing can be tried."""
    visit.check.hands.open()
    assert not visit.check.hands.state.may_try
    assert not visit.check.hands.state.is_open


def test_a_judgement_is_kept_at_once_and_the_next_test_opens(device: Device, visit: Visit, opened):
    """One press: the finding stands in the check, in the store as a record of its own, and the next test is there."""
    hands, _made = opened
    before = len(device.store.find(DiagnosticRun))
    hands.fill_screen(0)
    for place in range(1, len(COLOURS) + 1):
        hands.fill_screen(place)
    assert hands.state.colour is None
    hands.judge("works")
    kept = finding(visit, "screen_test")
    assert kept.verdict is Verdict.OK
    assert "Ines Okafor" in kept.source
    assert kept.evidence[1].value == str(len(COLOURS))
    assert hands.state.test == "keyboard"
    assert [r.judgement_label for r in hands.state.rows][:2] == ["Works", ""]
    added = device.store.find(DiagnosticRun)
    assert len(added) == before + 1
    assert added[-1].supplements == visit.held.bundle.run(visit.held.asset_in_hand, Phase.BEFORE).id


def test_a_key_is_known_by_its_place(visit: Visit, opened):
    """The key left of X lights up whatever the layout prints on it; the silent ones are named when there is a fault."""
    hands, _made = opened
    hands.choose("keyboard")
    hands.choose_layout("de")
    label = {key.place: key.label for key in hands.state.keys}
    assert label[44] == "Y"
    hands.press_key("linux", 44 + 8, 0)
    assert hands.pressed == {44}
    hands.choose_layout("us")
    assert {key.place: key.label for key in hands.state.keys}[44] == "Z"
    assert hands.pressed == {44}
    for key in hands.state.keys:
        if key.place != 18:
            hands.press_key("linux", key.place + 8, 0)
    hands.judge("faulty")
    rows = {row.label: row.value for row in finding(visit, "keyboard_test").evidence}
    assert rows["Did not answer"] == "E"


@pytest.mark.parametrize(
    ("system", "scan_code", "virtual_key", "place"),
    [
        ("linux", 38, 0, 30),
        ("linux", 3, 0, None),
        ("windows", 0x1E, 0x41, 30),
        ("windows", 0x14B, 0x25, 105),
        ("windows", 0x4B, 0x64, 75),
        ("windows", 0x1FF, 0, None),
        ("macos", 0, 0x00, 30),
        ("macos", 0, 0x7B, 105),
    ],
)
def test_each_system_reports_the_same_place(system: str, scan_code: int, virtual_key: int, place: int | None):
    """A, the left arrow and the 4 of the number pad are the same keys on the three systems."""
    assert keyboards.place_of(system, scan_code, virtual_key) == place


@pytest.mark.parametrize("layout", list(keyboards.LAYOUTS))
def test_no_two_keys_of_a_picture_overlap(layout: str):
    """Each layout is a keyboard: every place once, nothing over another."""
    keys = keyboards.keys(layout, has_number_pad=True)
    assert len({key.place for key in keys if key.place != 69}) == len([k for k in keys if k.place != 69])
    for one in keys:
        for other in keys:
            if one is not other and one.y == other.y:
                assert one.x + one.width <= other.x + 1e-6 or other.x + other.width <= one.x + 1e-6


def test_a_tone_a_recording_and_its_level(visit: Visit, opened):
    """What was played and how loud it was is evidence; the level shows while it records, and nothing is kept."""
    hands, made = opened
    hands.choose("speaker")
    hands.play("left")
    assert hands.state.busy == "tone"
    made[0].heard({"what": "done", "of": "tone", "side": "left"})
    assert hands.state.busy == ""
    hands.judge("works")
    assert finding(visit, "speaker_test").evidence[1].value == "left"
    hands.choose("microphone")
    told: list[float] = []
    hands.lively.subscribe(lambda: told.append(hands.level))
    hands.record()
    made[0].heard({"what": "level", "value": 0.5})
    made[0].heard({"what": "done", "of": "record", "peak": 0.62, "bytes": 100})
    assert 0.5 in told
    assert hands.state.has_recording
    hands.play_back()
    assert made[0].asked[-1] == "play_back"
    hands.judge("works")
    assert finding(visit, "microphone_test").evidence[1].value.startswith("62")


def test_a_missing_device_is_could_not_check(visit: Visit, opened):
    """Where no speaker is there the reason is the finding, in the words of the system."""
    hands, made = opened
    hands.choose("speaker")
    hands.play("both")
    made[0].heard({"what": "failed", "of": "tone", "reason": "not_present", "text": "No speaker was found."})
    assert hands.state.trouble == "No speaker was found."
    hands.judge("no_device")
    kept = finding(visit, "speaker_test")
    assert kept.verdict is Verdict.UNKNOWN
    assert "No speaker was found." in kept.sentence
    assert {r.test: r.judgement_label for r in hands.state.rows}["speaker"] == "No device"


def test_leaving_ends_sound_and_camera(visit: Visit, opened):
    """Going on with the visit ends the process that records and looks; a late picture changes nothing."""
    hands, made = opened
    hands.choose("camera")
    hands.look()
    made[0].heard({"what": "picture", "kind": "grey", "width": 2, "height": 1, "data": "AAA="})
    assert hands.picture is not None
    visit.next()
    assert made[0].is_closed
    assert not hands.state.is_open
    made[0].heard({"what": "picture", "kind": "grey", "width": 2, "height": 1, "data": "AAA="})
    assert hands.picture is None


def test_after_the_work_it_is_added_to_the_later_check(device: Device, visit: Visit, opened):
    """A fault before and a good trial after it are better, in the comparison the customer gets."""
    hands, _made = opened
    hands.choose("speaker")
    hands.judge("faulty")
    hands.close()
    device.desk.moment = "after"
    visit.next()
    visit.go("after")
    open_before = {r.key: r.change for r in visit.after.state.rows if "speaker_test" in r.key}
    assert list(open_before.values()) == ["gone"]
    visit.try_by_hand()
    assert hands.state.phase_line == "Added to the check after the work"
    hands.choose("speaker")
    hands.judge("works")
    visit.go("after")
    [row] = [r for r in visit.after.state.rows if "speaker_test" in r.key]
    assert row.change == "better"
    assert finding(visit, "speaker_test", Phase.BEFORE).verdict is Verdict.ACT


def test_what_was_tried_stands_on_the_paper_and_survives_reopening(device: Device, visit: Visit, opened):
    """The page the customer signs tells of it, and opening the visit again shows the same."""
    hands, _made = opened
    hands.choose("keyboard")
    hands.write_note("E sticks")
    hands.judge("faulty")
    again = device.open(visit.held.visit_id)
    assert finding(again, "keyboard_test").sentence == finding(visit, "keyboard_test").sentence
    visit.check.show_on_summary(next(c.key for c in visit.check.state.cards if "keyboard" in c.key), True)
    visit.go("sign_off")
    from techkit.summary import blocks
    from techkit.ui.presenters import visit_page

    document, _seal = visit_page.page(visit.held.bundle)
    assert "keyboard does not work" in str(blocks.as_data(document))
