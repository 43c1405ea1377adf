"""The routine visit once more on a real screen: an X server in place of the off-screen platform."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Far above what the visit takes on a slow machine; ends what hangs.
PATIENCE_S = 200


def test_the_routine_visit_works_on_an_x_server_too() -> None:
    """The same test, driven in the same way, on Xvfb: focus, shortcuts and drawing are the system's own."""
    if sys.platform != "linux" or not shutil.which("Xvfb"):
        pytest.skip("no Xvfb on this machine: apt-get install xvfb")
    name = "test_a_routine_visit_takes_at_most_15_interactions_and_no_typing"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/ui/test_routine_visit.py",
            "-k",
            name,
        ],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "1 passed" in done.stdout
