"""Any command: a wrong call, help, a folder with nothing in it, and whether this copy is whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from techkit.commands.exit_codes import COULD_NOT_RUN
from techkit.credentials import keys
from tests.script import run


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    """Where nothing is kept yet the command says so and names the way on."""
    done = run("--folder", str(tmp_path), "visit")
    assert done.returncode == COULD_NOT_RUN
    assert "Nothing is kept in" in done.stderr
    assert not keys.has_vault(tmp_path)


def test_unknown_words_end_with_two_and_help_has_examples() -> None:
    """Scripts can tell a wrong call from a bad result; people see how it goes."""
    assert run("chekc").returncode == COULD_NOT_RUN
    for command in ("check", "visit", "sync", "serve", "export", "demo", "selftest"):
        told = run(command, "--help")
        assert told.returncode == 0
        assert "examples:" in told.stdout


def test_the_selftest_holds_here() -> None:
    """This copy of techkit finds all its parts."""
    done = run("selftest", "--json")
    assert [step for step in json.loads(done.stdout) if not step["holds"]] == []
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_output_to_a_full_disk_is_one_sentence_and_no_fault() -> None:
    """Where nothing more can be written it is said, with what is safe and what to do, and no traceback."""
    command = [sys.executable, "-m", "techkit", "--language", "en", "check", "--only", "memory_use", "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == COULD_NOT_RUN
    first, second = done.stderr.strip().splitlines()
    assert first.startswith("Nothing more could be written: ")
    assert second == "Make room, or let it be written elsewhere, then try again."
