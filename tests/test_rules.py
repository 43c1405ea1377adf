"""The rules of tests/conftest.py fail what they must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

RULES = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
SETTINGS = "[pytest]\nfilterwarnings = error\nqt_api = pyside6\nqt_log_level_fail = WARNING\nmarkers =\n    long\n    expects_log\n"


@pytest.fixture
def outcome(pytester: pytest.Pytester):
    """Return a way to run one test body in a process of its own, under the same rules."""

    def run(body: str, head: str = "") -> dict[str, int]:
        pytester.makeconftest(RULES.replace("GRACE_S = 10.0", "GRACE_S = 0.2"))
        pytester.makeini(SETTINGS)
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        # The second test stands for all that come after: it must not pay for the first.
        code = f"import pytest\n{head}\ndef test_body(request):\n{lines}\ndef test_next():\n    pass\n"
        pytester.makepyfile(code)
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xvfb")
        return {
            key: n
            for key, n in result.parseoutcomes().items()
            if key in ("passed", "failed", "errors", "skipped")
        }

    return run


QT = "from PySide6.QtWidgets import QWidget; from PySide6.QtCore import QTimer; request.getfixturevalue('qapp')\n"


@pytest.mark.parametrize(
    "body",
    [
        "import warnings; warnings.warn('old', DeprecationWarning)",
        "from PySide6.QtCore import qWarning; qWarning('odd')",
    ],
    ids=["warning", "qt message"],
)
def test_unexpected_words_fail(outcome, body: str) -> None:
    """A Python warning or a Qt message fails the test that caused it."""
    assert outcome(body) == {"failed": 1, "passed": 1}


@pytest.mark.parametrize(
    "body",
    [
        "import logging; logging.getLogger('x').warning('disk is full')",
        "import threading, time; threading.Thread(target=time.sleep, args=(2,), daemon=True).start()",
        QT + "globals()['kept'] = QWidget(); kept.show()",
        QT + "globals()['kept'] = QTimer(); kept.start(50)",
    ],
    ids=["log line", "thread", "window", "timer"],
)
def test_leftovers_fail(outcome, body: str) -> None:
    """A loud log line, a thread, a window or a running timer left behind fails the test that caused it."""
    assert outcome(body) == {"errors": 1, "passed": 2}


def test_expected_log_line_passes(outcome) -> None:
    """A loud line that the test names is part of the behaviour."""
    body = "import logging; logging.getLogger('x').warning('disk is full')"
    assert outcome(body, "@pytest.mark.expects_log('disk is full')") == {"passed": 2}


def test_expected_log_line_must_come(outcome) -> None:
    """A test that expects a loud line fails when it never comes."""
    assert outcome("pass", "@pytest.mark.expects_log('disk is full')") == {"errors": 1, "passed": 2}


def test_tidy_test_passes(outcome) -> None:
    """A test that closes what it opened passes."""
    body = QT + "w = QWidget(); w.show(); w.close(); w.deleteLater(); t = QTimer(); t.start(50); t.stop()"
    assert outcome(body) == {"passed": 2}


def test_long_form_waits_to_be_asked(outcome) -> None:
    """A long form is skipped unless --long is given."""
    assert outcome("pass", "@pytest.mark.long") == {"passed": 1, "skipped": 1}
