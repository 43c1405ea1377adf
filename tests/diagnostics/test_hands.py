"""What a person tried is laid over the check, told with who judged, and never taken for a measurement."""

from __future__ import annotations

from datetime import UTC, datetime

from techkit.diagnostics import hands, runner
from techkit.diagnostics.plan import QUICK
from techkit.diagnostics.runner import RecordedMachine
from techkit.diagnostics.trials import TESTS, Judgement, Trial
from techkit.records.findings import CheckResult, Complaint, Explains, Reading, Reason, Verdict

AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)


def checked() -> CheckResult:
    machine = RecordedMachine(
        [
            Reading(id="memory.total_bytes", value=8 * 2**30, unit="bytes"),
            Reading(id="memory.used_percent", value=41.0, unit="percent"),
        ]
    )
    return runner.run(QUICK, machine, now=lambda: AT)


def finding(result: CheckResult, check: str):
    return next((f for f in result.findings if f.check == check), None)


def test_nothing_is_said_of_what_nobody_tried():
    """A check without trials has no finding about keyboard, screen or sound: neither good nor unknown."""
    assert all(finding(checked(), f"{test}_test") is None for test in TESTS)


def test_a_judgement_is_a_finding_with_who_judged():
    """Works is good, a fault needs action, and the evidence names the technician, the note and what was seen."""
    trials = [
        Trial("speaker", Judgement.WORKS, facts={"sides": ["left", "right"]}),
        Trial("keyboard", Judgement.FAULTY, note="E sticks", facts={"seen_count": 78, "silent": ["E"]}),
    ]
    result = hands.judged(checked(), trials, by="Ines Okafor")
    good, bad = finding(result, "speaker_test"), finding(result, "keyboard_test")
    assert good.verdict is Verdict.OK
    assert good.is_tried
    assert "Ines Okafor" in good.source
    assert [row.value for row in good.evidence] == ["works", "left, right"]
    assert bad.verdict is Verdict.ACT
    assert "E sticks." in bad.sentence
    assert ("Did not answer", "E") in [(row.label, row.value) for row in bad.evidence]
    assert finding(result, "memory_use") == finding(checked(), "memory_use")


def test_no_device_and_not_tried_are_could_not_check():
    """Both are unknown with their reason, never good and never bad."""
    trials = [
        Trial("camera", Judgement.NO_DEVICE, why="No camera was found."),
        Trial("microphone", Judgement.NOT_TRIED),
    ]
    result = hands.judged(checked(), trials)
    camera, microphone = finding(result, "camera_test"), finding(result, "microphone_test")
    assert (camera.verdict, camera.reason) == (Verdict.UNKNOWN, Reason.NOT_PRESENT)
    assert "No camera was found." in camera.sentence
    assert (microphone.verdict, microphone.reason) == (Verdict.UNKNOWN, Reason.SKIPPED)


def test_the_last_word_counts():
    """Trying again replaces what was said before, also its numbers."""
    first = hands.judged(
        checked(), [Trial("speaker", Judgement.FAULTY, note="silent", facts={"sides": ["left"]})]
    )
    again = hands.judged(first, [Trial("speaker", Judgement.WORKS)])
    assert finding(again, "speaker_test").verdict is Verdict.OK
    assert [r.id for r in again.readings if r.id.startswith("hands.")] == ["hands.speaker.judgement"]


def test_a_silent_speaker_explains_no_sound():
    """The customer hears nothing, and neither does the technician: that stands first."""
    result = hands.judged(checked(), [Trial("speaker", Judgement.FAULTY)], complaint=Complaint.NO_SOUND)
    assert result.findings[0].check == "speaker_test"
    assert result.findings[0].explains is Explains.LIKELY


def test_a_long_list_is_told_shortly():
    """A dead keyboard is one line of evidence, not eighty names; the reading holds them all."""
    silent = [f"key {n}" for n in range(80)]
    result = hands.judged(checked(), [Trial("keyboard", Judgement.FAULTY, facts={"silent": silent})])
    [line] = [row for row in finding(result, "keyboard_test").evidence if row.label == "Did not answer"]
    assert line.value.endswith("and 66 more")
    assert next(r for r in result.readings if r.id == "hands.keyboard.silent").value == silent
