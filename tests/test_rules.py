"""The rules of tests/conftest.py fail what they must fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LONGEST

TESTS = Path(__file__).parent
RULES = (TESTS / "conftest.py").read_text(encoding="utf-8")
SETTINGS = "[pytest]\nfilterwarnings = error\nqt_api = pyside6\nqt_log_level_fail = WARNING\nmarkers =\n    long\n    expects_log\n"

QT = "from PySide6.QtWidgets import QWidget; from PySide6.QtCore import QTimer; request.getfixturevalue('qapp')\n"

#: The body of a test, and what stands above it.
BODIES = {
    "a Python warning": ("import warnings; warnings.warn('old', DeprecationWarning)", ""),
    "a message of Qt": ("from PySide6.QtCore import qWarning; qWarning('odd')", ""),
    "a log line": ("import logging; logging.getLogger('x').warning('disk is full')", ""),
    "a thread": (
        "import threading, time; threading.Thread(target=time.sleep, args=(2,), daemon=True).start()",
        "",
    ),
    "a window": (QT + "globals()['kept'] = QWidget(); kept.show()", ""),
    "a timer": (QT + "globals()['kept'] = QTimer(); kept.start(50)", ""),
    "an expected log line": (
        "import logging; logging.getLogger('x').warning('disk is full')",
        "@pytest.mark.expects_log('disk is full')",
    ),
    "an expected log line that never comes": ("pass", "@pytest.mark.expects_log('disk is full')"),
    "a tidy test": (
        QT + "w = QWidget(); w.show(); w.close(); w.deleteLater(); t = QTimer(); t.start(50); t.stop()",
        "",
    ),
    "a long form": ("pass", "@pytest.mark.long"),
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, int]]:
    """Run all bodies in one process under the same rules; give how a body and the test behind it came out."""
    place = tmp_path_factory.mktemp("rules")
    (place / "conftest.py").write_text(RULES.replace("GRACE_S = 10.0", "GRACE_S = 0.2"), encoding="utf-8")
    (place / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    for number, (body, head) in enumerate(BODIES.values()):
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        # The second test stands for all that come after: it must not pay for the first.
        code = f"import pytest\n{head}\ndef test_body(request):\n{lines}\ndef test_next():\n    pass\n"
        (place / f"test_{number}.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-v", "-p", "no:cacheprovider", "-p", "no:xvfb"]
    ran = subprocess.run(
        [*command, "--rootdir", place, place],
        capture_output=True, text=True, cwd=place, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )  # fmt: skip
    ends = re.findall(r"^test_(\d+)\.py::test_\w+ (PASSED|FAILED|ERROR|SKIPPED)", ran.stdout, re.MULTILINE)
    assert ends, ran.stdout + ran.stderr

    def told(name: str) -> dict[str, int]:
        number = str(list(BODIES).index(name))
        return dict(Counter(word for at, word in ends if at == number))

    return told


@pytest.mark.parametrize("body", ["a Python warning", "a message of Qt"])
def test_unexpected_words_fail(outcome: Callable[[str], dict[str, int]], body: str) -> None:
    """A Python warning or a Qt message fails the test that caused it."""
    assert outcome(body) == {"FAILED": 1, "PASSED": 1}


@pytest.mark.parametrize("body", ["a log line", "a thread", "a window", "a timer"])
def test_leftovers_fail(outcome: Callable[[str], dict[str, int]], body: str) -> None:
    """A loud log line, a thread, a window or a running timer left behind fails the test that caused it."""
    assert outcome(body) == {"ERROR": 1, "PASSED": 2}


def test_an_expected_log_line_passes_and_must_come(outcome: Callable[[str], dict[str, int]]) -> None:
    """A loud line that the test names is part of the behaviour; a test that names one fails when it never comes."""
    assert outcome("an expected log line") == {"PASSED": 2}
    assert outcome("an expected log line that never comes") == {"ERROR": 1, "PASSED": 2}


def test_tidy_test_passes(outcome: Callable[[str], dict[str, int]]) -> None:
    """A test that closes what it opened passes."""
    assert outcome("a tidy test") == {"PASSED": 2}


def test_long_form_waits_to_be_asked(outcome: Callable[[str], dict[str, int]]) -> None:
    """A long form is skipped unless --long is given."""
    assert outcome("a long form") == {"PASSED": 1, "SKIPPED": 1}


def test_the_files_that_begin_first_are_there() -> None:
    """A file that was renamed would come at the end, alone on one core."""
    assert [name for name in LONGEST if not (TESTS / name).is_file()] == []
