"""Trying by hand: screen, keyboard, pointer, speakers, microphone, camera, and the technician's judgement.

Each judgement is written at once, as a supplement to the check it belongs to: the one after the work where there is
one, otherwise the one before. What changes many times a second (level, picture, keys) is told by `lively`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from techkit import i18n
from techkit.diagnostics import hands
from techkit.diagnostics.hands import HandsProcess
from techkit.diagnostics.trials import JUDGEMENT_LABELS, TESTS, Judgement, Trial, test_of
from techkit.i18n import N_, _
from techkit.records.assets import Phase
from techkit.records.findings import Complaint, Reason, Value, Verdict
from techkit.ui.presenters import keyboards
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.looking import result_of, supplement
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: test -> name, icon, what to do.
_ABOUT: Final = {
    "screen": (
        N_("Screen"),
        "monitor",
        N_(
            "Fill the whole screen with one colour after the other. Look for dots that stay dark or bright,"
            " for stripes and for dim corners."
        ),
    ),
    "keyboard": (
        N_("Keyboard"),
        "keyboard",
        N_(
            "Press each key once; it lights up by its place, whatever the layout says. Press Esc three times to leave."
        ),
    ),
    "pointer": (
        N_("Pointer and touch"),
        "mouse",
        N_("Reach the four corners of the field, press each button, turn the wheel, drag, and touch."),
    ),
    "speaker": (
        N_("Speakers"),
        "speaker-high",
        N_("Play a tone on each side and listen. Turn the volume down first."),
    ),
    "microphone": (
        N_("Microphone"),
        "microphone",
        N_("Ask first. Record a few words, then listen to them. The recording is kept nowhere."),
    ),
    "camera": (
        N_("Camera"),
        "webcam",
        N_("Ask first. Look at the picture. Nothing is recorded and nothing is kept."),
    ),
}

#: How long a recording lasts, in seconds.
RECORDED_S: Final = 4.0

#: Colours that fill the screen, in their order. Grey shows stripes and dim corners, the others dead dots.
COLOURS: Final = ("#000000", "#FFFFFF", "#FF0000", "#00FF00", "#0000FF", "#808080")

#: The names of those colours, for who cannot see them.
COLOUR_NAMES: Final = (N_("black"), N_("white"), N_("red"), N_("green"), N_("blue"), N_("grey"))

#: What the pointer's field waits for, in the order it is told.
POINTED: Final = (
    "move",
    "corner_1",
    "corner_2",
    "corner_3",
    "corner_4",
    "left_button",
    "right_button",
    "middle_button",
    "double_click",
    "wheel_up",
    "wheel_down",
    "drag",
    "touch",
    "two_fingers",
)


class Process(Protocol):
    """The door to sound and camera; diagnostics.hands.HandsProcess."""

    def ask(self, do: str, **about: Any) -> None:
        """Ask for one thing."""

    def close(self) -> None:
        """End it."""


@dataclass(frozen=True, kw_only=True)
class TestRow:
    """One test of the list. judgement_label: "" before anybody judged."""

    test: str
    title: str
    icon: str
    judgement_label: str = ""
    verdict: Verdict | None = None
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class HandsState:
    """All that trying by hand shows. busy: what sounds, records or looks just now ("tone", "record", …).

    may_try: there is a check the judgement can be added to. trouble: why a device cannot be tried, in a sentence.
    """

    may_try: bool = False
    is_open: bool = False
    rows: tuple[TestRow, ...] = ()
    test: str = ""
    title: str = ""
    instruction: str = ""
    note: str = ""
    trouble: str = ""
    busy: str = ""
    has_recording: bool = False
    layout: str = "us"
    layouts: tuple[Choice, ...] = ()
    keys: tuple[keyboards.Key, ...] = ()
    has_number_pad: bool = False
    colour: int | None = None
    judgements: tuple[Choice, ...] = ()
    phase_line: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of the camera. kind: "jpeg" or "grey"; data as techkit.probes.by_hand.camera gives it, base64."""

    kind: str
    width: int
    height: int
    data: str


#: Where a note on a test is kept while it is typed, before the test's name.
_PLACE = "hands:"


class Hands(VisitPart[HandsState]):
    """Trying by hand, on the computer techkit runs on."""

    def __init__(
        self,
        held: OpenVisit,
        make_process: Callable[[Callable[[dict[str, Any]], None]], Process] = HandsProcess,
    ) -> None:
        super().__init__(held, HandsState())
        self.lively = Observable()
        self.level = self.peak = 0.0
        self.picture: Picture | None = None
        self.pressed: frozenset[int] = frozenset()
        self.seen: frozenset[str] = frozenset()
        self._make_process = make_process
        self._process: Process | None = None
        self._is_open = self._has_number_pad = self._has_recording = False
        self._test, self._note, self._trouble, self._busy = "", "", "", ""
        self._layout = keyboards.usual_layout(i18n.current())
        self._colour: int | None = None
        self._colours: set[int] = set()
        self._sides: list[str] = []
        self._fingers = self._pictures = self._sessions = 0
        self._size = ""

    # --- moving -----------------------------------------------------------------------------------------

    def open(self, test: str = "") -> None:
        """Show the tests, one of them open."""
        if self.held.last_run is not None:
            self._is_open = True
            self.choose(test or self._next_test() or TESTS[0])

    def close(self) -> None:
        """Leave the tests; sound and camera end."""
        self._is_open = False
        self.held.typing.forget(self._place())
        self._reset()
        self._end_process()
        self.refresh()

    def choose(self, test: str) -> None:
        """Open one test."""
        if test in TESTS:
            self._test = test
            self._reset()
            self.refresh()

    def _reset(self) -> None:
        self._quiet()
        self._trouble = self._size = ""
        self._note = self.held.typing.typed_in(self._place()).get(self._place(), {}).get("note", "")
        self._has_recording = False
        self._colour, self._colours, self._sides = None, set(), []
        self._fingers = self._pictures = 0
        self.level = self.peak = 0.0
        self.picture, self.pressed, self.seen = None, frozenset(), frozenset()

    def _next_test(self) -> str:
        said = self._judgements()
        return next((test for test in TESTS if test not in said), "")

    # --- trying -----------------------------------------------------------------------------------------

    def fill_screen(self, place: int = 0) -> None:
        """Fill the whole screen with a colour; past the last one it is over."""
        if 0 <= place < len(COLOURS):
            self._colour = place
            self._colours.add(place)
        else:
            self._colour = None
        self.refresh()

    def leave_screen(self) -> None:
        """End filling the screen."""
        self._colour = None
        self.refresh()

    def choose_layout(self, layout: str) -> None:
        """Draw another layout; what lit up stays lit."""
        self._layout = layout
        self.refresh()

    def show_number_pad(self, is_shown: bool) -> None:
        """Draw the number pad, or leave it out."""
        self._has_number_pad = is_shown
        self.refresh()

    def press_key(self, system: str, scan_code: int, virtual_key: int) -> None:
        """Light up the key a system reports."""
        place = keyboards.place_of(system, scan_code, virtual_key)
        if place is not None and place not in self.pressed:
            self.pressed |= {place}
            self.lively()

    def point(self, what: str, fingers: int = 0) -> None:
        """Note what pointer or touch did; a word of POINTED."""
        self._fingers = max(self._fingers, fingers)
        if what not in self.seen:
            self.seen |= {what}
            self.lively()

    def play(self, side: str) -> None:
        """Play a tone: "left", "right" or "both"."""
        self._ask("tone", side=side)

    def record(self) -> None:
        """Record a few words; the recording stays in the process that made it."""
        self.peak = 0.0
        self._has_recording = False
        self._ask("record", seconds=RECORDED_S)

    def play_back(self) -> None:
        """Play what was recorded."""
        self._ask("play_back")

    def look(self) -> None:
        """Show what the camera sees."""
        self._ask("camera")

    def stop(self) -> None:
        """End what sounds, records or looks."""
        self._quiet()
        self.refresh()

    def _quiet(self) -> None:
        if self._busy and self._process is not None:
            self._process.ask("stop")
        self._busy = ""
        self.level, self.picture = 0.0, None

    def _ask(self, do: str, **about: Any) -> None:
        if self._process is None:
            self._sessions += 1
            session, soon = self._sessions, self.held.around.lanes.soon

            def heard(message: dict[str, Any]) -> None:
                soon(lambda: self._heard(session, message))

            self._process = self._make_process(heard)
        self._busy, self._trouble, self.picture = do, "", None
        self._process.ask(do, **about)
        self.refresh()

    def _heard(self, session: int, message: dict[str, Any]) -> None:
        if session != self._sessions or self._process is None:
            return
        what = message.get("what")
        if what == "level":
            self.level = float(message["value"])
            self.peak = max(self.peak, self.level)
            self.lively()
        elif what == "picture" and self._busy == "camera":
            self._pictures += 1
            size = (int(message["width"]), int(message["height"]))
            self._size = f"{size[0]} × {size[1]}"
            self.picture = Picture(kind=message["kind"], width=size[0], height=size[1], data=message["data"])
            self.lively()
        elif what in ("done", "failed"):
            self._ended(message)

    def _ended(self, message: dict[str, Any]) -> None:
        of = str(message.get("of") or self._busy)
        if of != self._busy:
            return  # of something that was ended before
        self._busy, self.level = "", 0.0
        if message["what"] == "failed":
            self._trouble = str(message.get("text", ""))
        elif of == "tone":
            side = str(message.get("side", "both"))
            self._sides = [*(s for s in self._sides if s != side), side]
        elif of == "record":
            self._has_recording = int(message.get("bytes", 0)) > 0
            self.peak = max(self.peak, float(message.get("peak", 0.0)))
        elif of == "camera" and message.get("is_elsewhere"):
            self._trouble = _("The system’s own camera program was opened; judge what it shows.")
        self.lively()
        self.refresh()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        self._sessions += 1
        if process is not None:
            process.close()

    # --- judging ----------------------------------------------------------------------------------------

    def write_note(self, text: str) -> None:
        """Keep what is wrong, in the technician's words."""
        self._note = text.strip()

    def type_note(self, text: str) -> None:
        """Keep what is wrong as it is being typed, so that a crash loses none of it."""
        self.write_note(text)
        self.held.typing.keep(self._place(), "note", text)

    def _place(self) -> str:
        return f"{_PLACE}{self._test}"

    def restore_typing(self) -> str:
        """Open the test again whose note was being typed when the program ended; return the step it stands in."""
        for place in self.held.typing.typed_in(_PLACE):
            self.open(place.removeprefix(_PLACE))
            if self._is_open:
                run = self.held.last_run
                return "after" if run is not None and run.phase is Phase.AFTER else "check"
        return ""

    def judge(self, value: str) -> None:
        """Write the technician's judgement and go to the next test."""
        run, judgement = self.held.last_run, Judgement(value)
        if run is None or self._test not in TESTS:
            return
        trial = Trial(
            self._test,
            judgement,
            note=self._note,
            facts=self._facts(judgement),
            why=self._trouble if judgement is Judgement.NO_DEVICE else "",
        )
        complaint = self.held.visit.complaint
        result = hands.judged(
            result_of(run),
            [trial],
            by=self.held.around.technician,
            complaint=None if complaint is Complaint.OTHER else complaint,
        )
        self.held.typing.forget(self._place())
        added = supplement(run, result, self.held.around.clock.now())
        self._reset()
        if added is not None:
            self.held.save(added)
        following = self._next_test()
        if following:
            self._test = following
        self.refresh()

    def _facts(self, judgement: Judgement) -> dict[str, Value]:
        match self._test:
            case "screen":
                return {"colour_count": len(self._colours)}
            case "keyboard":
                waited = [key for key in self.state.keys if not key.is_optional]
                silent = [key.label for key in waited if key.place not in self.pressed]
                facts: dict[str, Value] = {
                    "seen_count": len(waited) - len(silent),
                    "key_count": len(waited),
                }
                # A key nobody pressed is not a silent one: only a fault names them.
                return facts | ({"silent": silent} if judgement is Judgement.FAULTY else {})
            case "pointer":
                seen: list[Any] = [word for word in POINTED if word in self.seen]
                return {"seen": seen, **({"finger_count": self._fingers} if self._fingers else {})}
            case "speaker":
                return {"sides": list(self._sides)}
            case "microphone":
                return {"peak_percent": round(100 * self.peak, 1)} if self.peak else {}
        return {"picture_count": self._pictures, "size": self._size} if self._pictures else {}

    # --- what is shown ----------------------------------------------------------------------------------

    def _judgements(self) -> dict[str, tuple[str, Verdict]]:
        run = self.held.last_run
        found: dict[str, tuple[str, Verdict]] = {}
        for finding in run.findings if run else ():
            test = test_of(finding.check)
            if test and finding.verdict is not Verdict.NOT_APPLICABLE:
                label = {
                    Verdict.OK: Judgement.WORKS,
                    Verdict.ACT: Judgement.FAULTY,
                }.get(finding.verdict)
                if label is None:
                    is_left_out = finding.reason is Reason.SKIPPED
                    label = Judgement.NOT_TRIED if is_left_out else Judgement.NO_DEVICE
                found[test] = (_(JUDGEMENT_LABELS[label]), finding.verdict)
        return found

    def refresh(self) -> None:
        """Work the state out again and tell."""
        if self.held.is_loaded and self._is_open and self.held.last_run is None:
            self._is_open = False  # another computer was chosen, and it has no check yet
        super().refresh()

    def _state(self) -> HandsState:
        said, run = self._judgements(), self.held.last_run
        rows = tuple(
            TestRow(
                test=test,
                title=_(_ABOUT[test][0]),
                icon=_ABOUT[test][1],
                judgement_label=said[test][0] if test in said else "",
                verdict=said[test][1] if test in said else None,
                is_open=self._is_open and test == self._test,
            )
            for test in TESTS
        )
        if not self._is_open:
            return HandsState(may_try=run is not None, rows=rows)
        title, _icon, instruction = _ABOUT[self._test]
        offered = [Judgement.WORKS, Judgement.FAULTY, Judgement.NOT_TRIED]
        if self._test != "screen":
            offered.append(Judgement.NO_DEVICE)
        is_after = run is not None and run.phase is Phase.AFTER
        return HandsState(
            may_try=True,
            is_open=True,
            rows=rows,
            test=self._test,
            title=_(title),
            instruction=_(instruction),
            note=self._note,
            trouble=self._trouble,
            busy=self._busy,
            has_recording=self._has_recording,
            layout=self._layout,
            layouts=tuple(
                Choice(value=value, label=_(label), is_chosen=value == self._layout)
                for value, label in keyboards.LAYOUTS.items()
            ),
            keys=keyboards.keys(self._layout, has_number_pad=self._has_number_pad)
            if self._test == "keyboard"
            else (),
            has_number_pad=self._has_number_pad,
            colour=self._colour,
            judgements=tuple(
                Choice(value=value, label=_(JUDGEMENT_LABELS[value]), is_chosen=False) for value in offered
            ),
            phase_line=_("Added to the check after the work")
            if is_after
            else _("Added to the check before the work"),
        )
