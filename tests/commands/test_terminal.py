"""What is printed in terminals that know less than UTF-8, colours and a line that moves."""

from __future__ import annotations

import io
import json
import os
import pty
import sys

import pytest

from techkit.commands import terminal


def western(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Let the output be a terminal with the alphabet of Windows' consoles in Western Europe; return its bytes."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp850", write_through=True))
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    return written


def test_signs_a_terminal_lacks_are_told_by_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence with any sign is printed to its end; what the alphabet has stays as it is."""
    written = western(monkeypatch)
    terminal.settle()
    sys.stdout.write("Prüfung – l’œil … 3 × 4 ≥ 5 → „Łódź“ ✓ 電\n")
    assert written.getvalue().decode("cp850") == 'Prüfung - l\'oeil ... 3 × 4 >= 5 -> "?ódz" ? ?\n'


def test_in_the_c_locale_all_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for the C locale reads letters of it only."""
    written = western(monkeypatch)
    monkeypatch.setenv("LC_ALL", "C")
    terminal.settle()
    sys.stdout.write("Größe 5\u00a0% – à l’œil, 40 °C\n")
    assert written.getvalue() == b"Groesse 5 % - a l'oeil, 40 C\n"


def test_what_programs_read_is_utf8_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON is UTF-8, whatever the terminal speaks; not a sign of it is replaced."""
    written = western(monkeypatch)
    monkeypatch.setenv("LC_ALL", "C")
    terminal.settle()
    terminal.as_utf8(sys.stdout).write(json.dumps("Größe – ✓", ensure_ascii=False))
    assert json.loads(written.getvalue().decode("utf-8")) == "Größe – ✓"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # Python itself wrote the second
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "C", "LC_ALL": "fr_FR.UTF-8"}, False),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, False),
    ],
)
def test_the_c_locale_is_what_was_asked_for(environment: dict[str, str], expected: bool) -> None:
    """No locale at all asks for nothing; what Python writes there by itself is nobody's wish."""
    assert terminal.speaks_ascii(environment) is expected


def test_colours_and_moving_lines_are_for_terminals_that_know_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets neither; NO_COLOR takes the colours, a dumb terminal both; a pipe has no width."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    try:
        keeper, screen = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be had on this computer: {error}")
    with os.fdopen(keeper), os.fdopen(screen, "w") as shown:
        assert (terminal.has_colour(shown), terminal.moves(shown)) == (True, True)
        monkeypatch.setenv("NO_COLOR", "1")
        assert (terminal.has_colour(shown), terminal.moves(shown)) == (False, True)
        monkeypatch.setenv("TERM", "dumb")
        assert terminal.moves(shown) is False
    piped = io.StringIO()
    assert (terminal.moves(piped), terminal.width(piped)) == (False, 0)
