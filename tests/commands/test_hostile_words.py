"""Words of others on a terminal: a service's, a file's, a disk's. None of them steers it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from techkit import cli
from techkit.commands import export as export_command
from techkit.errors import RefusedError

#: A window's title, a colour, a line that is wiped, an eight-bit sequence and a turned direction.
HOSTILE = "\x1b]0;owned\x07\x1b[31mred\r\x1b[2K\x9b31m \u202egpj"


def is_harmless(told: str) -> bool:
    return all(sign == "\n" or sign.isprintable() or sign == "\u200d" for sign in told)


def test_a_service_that_refuses_in_hostile_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason a service gives is told to its last letter, its escape sequences by their codes."""

    def refused(_asked: argparse.Namespace) -> int:
        raise RefusedError(HOSTILE, safe="Everything is kept.", advice=HOSTILE)

    monkeypatch.setattr(cli, "_sync", refused)
    assert cli.main(["sync"]) == 2
    told = capsys.readouterr().err
    assert is_harmless(told)
    assert told.count("[U+001B]]0;owned[U+0007]") == 2


@pytest.mark.parametrize("arguments", [["check", f"--{HOSTILE}"], [HOSTILE], ["check", "--plan", HOSTILE]])
def test_a_wrong_word_is_told_without_its_codes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed or pasted and means nothing is named in the refusal, not obeyed."""
    with pytest.raises(SystemExit):
        cli.main(arguments)
    told = capsys.readouterr().err
    assert "gpj" in told
    assert is_harmless(told)


def test_what_cannot_be_read_is_told_without_its_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """So is what a command itself refuses."""
    assert cli.main(["read", HOSTILE, "x"]) == 2
    told = capsys.readouterr().err
    assert "gpj" in told
    assert is_harmless(told)


def test_a_file_with_a_hostile_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file on somebody's stick is named in one line, whatever it is called."""
    path = tmp_path / f"{HOSTILE}.json".replace("/", "")
    path.write_text("{}")
    asked = argparse.Namespace(verify=path)
    assert export_command.run(asked) == 1
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert is_harmless(told)
