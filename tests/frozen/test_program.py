"""The frozen program is the source's equal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit import selftest

pytestmark = pytest.mark.timeout(900)


def test_it_is_whole(frozen) -> None:
    """Its self-test finds the source's checks, records, resources and translations, and ends 0."""
    done = frozen("selftest")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_carries_what_the_source_holds(program: Path) -> None:
    """What it compares itself with is this source, not an older one."""
    built_from = json.loads((program.parent / "_internal" / selftest.SOURCE).read_text(encoding="utf-8"))
    assert selftest.differences(json.loads(json.dumps(selftest.contents())), built_from) == []


def test_it_checks_this_computer(frozen) -> None:
    """Its workers start and read: the quick check gives readings and findings as the source does."""
    done = frozen("check", "--plan", "quick", "--json")
    assert done.returncode in (0, 1), done.stderr
    result = json.loads(done.stdout)
    assert result["readings"]
    assert {finding["check"] for finding in result["findings"]} <= set(selftest.contents()["checks"])
    assert [f for f in result["findings"] if f["reason"] == "failed"] == []


@pytest.mark.long
def test_it_plays_the_whole_job(frozen, tmp_path: Path) -> None:
    """The demo visit goes through from the frozen program: store, paper, service and sync are all in it."""
    done = frozen("demo", "--out", str(tmp_path / "demo"), timeout_s=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert list((tmp_path / "demo").rglob("*.pdf"))


def test_no_workshop_tools_are_inside(program: Path) -> None:
    """Nothing that only tests or builds need is shipped."""
    names = {path.name for path in (program.parent / "_internal").iterdir()}
    assert names & {"pytest", "_pytest", "hypothesis", "mypy", "playwright", "PIL", "numpy"} == set()
    assert not [
        path for path in program.parent.rglob("*") if "Qt6Quick" in path.name or "Qt6Qml" in path.name
    ]
