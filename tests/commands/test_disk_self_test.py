"""The self-test of a disk by command: asked for, consented to, or refused in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.script import PATIENCE_S, run


def test_a_self_test_is_started_only_with_consent() -> None:
    """Where nobody can be asked nothing is started; the sentence says what to do."""
    done = run("check", "--self-test", "sda")
    assert done.returncode == 2
    assert "nobody could be asked" in done.stderr
    assert "--yes" in done.stderr


def test_a_self_test_of_no_disk_says_so() -> None:
    """A disk that is not there is named as such for scripts too; where rights are asked for, that is said."""
    done = run("check", "--self-test", "/dev/no_such_disk", "--yes", "--json")
    assert done.returncode == 2
    if os.geteuid() == 0:
        assert json.loads(done.stdout)["self_test"] == {
            "disk": "no_such_disk", "kind": "short", "state": "not_present",
            "reason_text": "There is no such disk in this computer.",
        }  # fmt: skip
    else:
        assert "administrator" in done.stderr.casefold()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "told"), [("no", "Nothing was started."), ("yes", "")])
def test_the_customer_is_asked_on_the_terminal(typed: str, told: str) -> None:
    """The question names the disk and how long it is kept busy; anything but a yes starts nothing."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to ask on: {error}")
    os.write(ours, f"{typed}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "techkit", "--language", "en", "check", "--self-test", "no_such_disk", "--kind", "long"],
        stdin=theirs, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert "long self-test of no_such_disk" in done.stderr
    assert "some hours" in done.stderr
    assert told in done.stderr
    # Only a yes goes as far as asking for the disk, or for the rights.
    assert ("Nothing was started." in done.stderr) is (typed == "no")
