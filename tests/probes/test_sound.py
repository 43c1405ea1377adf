"""Sound: a tone on the side it is meant for, a recording with its level, and a reason where there is no device."""

from __future__ import annotations

import array
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techkit.diagnostics.hands import HandsProcess
from techkit.probes.by_hand import sound

#: A sound card that is two files: what is played goes into one, what is recorded comes from the other. Read by the
#: system's own sound library, so that our way to it is the real one.
CARD = """
pcm.!default {{
  type asym
  playback.pcm {{ type file slave.pcm "nothing" file "{played}" format "raw" }}
  capture.pcm {{ type file slave.pcm "nothing" file "/dev/null" infile "{spoken}" format "raw" }}
}}
pcm.nothing {{ type null }}
"""


def samples(data: bytes) -> array.array[int]:
    found = array.array("h")
    found.frombytes(data)
    return found


def loudest(found: array.array[int]) -> int:
    return max((abs(sample) for sample in found), default=0)


def has_alsa() -> bool:
    try:
        sound.of_this_system()
    except sound.ProbeError:
        return False
    return sys.platform == "linux"


class Listener:
    """Keeps answers; `until` waits for the end of what was asked."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self._ended = threading.Event()

    def __call__(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        if message["what"] in ("done", "failed"):
            self._ended.set()

    def until_ended(self) -> dict[str, Any]:
        assert self._ended.wait(20), self.heard
        self._ended.clear()
        return self.heard[-1]


@pytest.fixture
def card(tmp_path: Path) -> tuple[Path, Path, Path]:
    played, spoken, settings = tmp_path / "played", tmp_path / "spoken", tmp_path / "asound.conf"
    spoken.write_bytes(sound.tone("both")[::1] * 4)
    settings.write_text(CARD.format(played=played, spoken=spoken))
    return played, spoken, settings


@pytest.fixture
def hands(card: tuple[Path, Path, Path]) -> Iterator[tuple[HandsProcess, Listener]]:
    if not has_alsa():
        pytest.skip("libasound.so.2 is not on this system")
    listener = Listener()
    process = HandsProcess(listener, [("ALSA_CONFIG_PATH", str(card[2]))])
    yield process, listener
    process.close()


@pytest.mark.parametrize(("side", "silent"), [("left", 1), ("right", 0)])
def test_a_tone_sounds_on_its_side_only(side: str, silent: int):
    """Left is left: the other channel holds nothing at all; nothing begins or ends with a click."""
    made = samples(sound.tone(side))
    assert loudest(made[silent::2]) == 0
    assert loudest(made[1 - silent :: 2]) == pytest.approx(sound.LOUDNESS * sound.FULL, rel=0.01)
    assert abs(made[1 - silent]) < 10
    assert len(made) == 2 * round(sound.TONE_S * sound.RATE)


def test_the_level_is_the_loudest_sample():
    """0 for silence, 1 for the most there is, and an odd byte at the end is no fault."""
    assert sound.level(b"") == 0
    assert sound.level(bytes(20)) == 0
    assert sound.level(array.array("h", [0, -32768, 5]).tobytes() + b"\x01") == 1.0
    assert sound.level(array.array("h", [16384]).tobytes()) == pytest.approx(0.5, abs=0.001)


def test_the_card_gets_the_tone(hands: tuple[HandsProcess, Listener], card: tuple[Path, Path, Path]):
    """What is asked for arrives at the sound card, sample by sample."""
    process, listener = hands
    process.ask("tone", side="left")
    assert listener.until_ended() == {"what": "done", "of": "tone", "side": "left"}
    made = card[0].read_bytes()
    wanted = sound.tone("left")
    assert made[: len(wanted)] == wanted


def test_a_recording_is_played_back_and_kept_nowhere(
    hands: tuple[HandsProcess, Listener], card: tuple[Path, Path, Path], tmp_path: Path
):
    """The level moves while it records, the same samples come back, and no file but the card's own is there."""
    process, listener = hands
    process.ask("record", seconds=0.5)
    ended = listener.until_ended()
    levels = [m["value"] for m in listener.heard if m["what"] == "level"]
    assert ended["what"] == "done"
    assert ended["peak"] == pytest.approx(sound.LOUDNESS, rel=0.02)
    assert len(levels) >= 4
    process.ask("play_back")
    assert listener.until_ended()["what"] == "done"
    played = samples(card[0].read_bytes())
    assert loudest(played) == pytest.approx(sound.LOUDNESS * sound.FULL, rel=0.02)
    assert {path.name for path in tmp_path.iterdir()} == {"played", "spoken", "asound.conf"}


def test_without_a_card_there_is_a_reason(tmp_path: Path):
    """No sound card is "could not check", told in a sentence, for both ways."""
    if not has_alsa():
        pytest.skip("libasound.so.2 is not on this system")
    settings = tmp_path / "none.conf"
    settings.write_text("")
    listener = Listener()
    process = HandsProcess(listener, [("ALSA_CONFIG_PATH", str(settings))])
    try:
        for do in ("tone", "record"):
            process.ask(do)
            failed = listener.until_ended()
            assert failed["what"] == "failed"
            assert failed["reason"] == "not_present"
            assert failed["text"].endswith(".")
    finally:
        process.close()


def test_a_process_that_is_ended_says_so():
    """The window never waits for sound that will not come: a lost process is told once."""
    listener = Listener()
    process = HandsProcess(listener)
    process.ask("nothing")
    assert listener.until_ended()["what"] == "done"
    child = process._child
    assert child is not None
    child.kill()
    assert listener.until_ended()["what"] == "failed"
    process.close()
