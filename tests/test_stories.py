"""Killed at each step of what must be whole or not at all: a first start, keys, a sealed revision, files, the way back.

What is entered stays, and no start leaves a vault nobody can open. Some steps of each in an ordinary run, every one with
--long (tests/dying.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories import STORIES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is forked and killed")

#: Of how many steps one is taken in an ordinary run. A first start makes some hundred tables in one transaction.
STRIDES = {"first_start": 83, "seal": 9, "attach": 6, "open_backup": 7, "back_up": 7}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", STORIES)
def test_killed_at_any_step_nothing_is_lost(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whatever moment it ends at, the next start opens what was there, whole, and goes on."""
    template, place = tmp_path / "template", tmp_path / "place"
    template.mkdir()
    STORIES[name].prepare(template)
    stride = 1 if request.config.getoption("--long") else STRIDES.get(name, 2)
    done = subprocess.run(
        [sys.executable, "-m", "tests.dying", name, str(template), str(place), str(stride)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2
