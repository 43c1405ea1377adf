"""What devices send, taken by a service on PostgreSQL: an ordinary run plays some of its tests there, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: The statements of a push, readers beside eight writers, and pushes through a network that breaks.
PLAYED = (
    "tests/central/test_ingest.py",
    "tests/central/test_feed.py::test_a_live_reader_misses_nothing",
    "tests/central/test_feed.py::test_a_plain_sequence_would_miss_some",
    "tests/sync/test_faulty_network.py::test_every_push_arrives_exactly_once",
)


@pytest.mark.skipif(sys.platform == "win32", reason="the PostgreSQL of the tests is not made for Windows")
def test_changes_are_taken_on_postgresql(tmp_path: Path) -> None:
    """The statements written for both databases hold on the second one; the others are played by --db postgres."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "--db",
        "postgres",
        "--basetemp",
    ]
    played = subprocess.run(
        [sys.executable, *command, str(tmp_path / "played"), *PLAYED],
        cwd=ROOT,
        env=own,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-3000:]
    assert " passed" in played.stdout
