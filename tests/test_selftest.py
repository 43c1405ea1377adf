"""Whether a copy of techkit is whole."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from techkit import selftest
from techkit.errors import StoreError


@pytest.fixture(scope="module")
def here() -> selftest.Contents:
    return selftest.contents()


def test_contents_are_those_on_disk(here) -> None:
    """Every check file, every icon and every font of the tree is counted."""
    root = Path(selftest.__file__).parent
    checks = {path.stem for path in (root / "diagnostics" / "checks").glob("*.py")} - {"__init__"}
    assert set(here["checks"]) == checks
    files = {
        path.relative_to(root.parent / "resources").as_posix()
        for path in (root.parent / "resources" / "icons").rglob("*.svg")
    }
    assert files <= set(here["resources"])
    assert len(files) > 100


def test_contents_fit_json(here) -> None:
    """What a build writes down reads back equal."""
    assert json.loads(json.dumps(here)) == here


@pytest.mark.parametrize("kind", ["checks", "records", "resources"])
def test_what_a_build_lost_is_named(here, kind: str) -> None:
    """A check, record or resource that is gone, changed or foreign is named."""
    assert selftest.differences(here, here) == []
    name = next(iter(here[kind]))
    lost, changed = copy.deepcopy(here), copy.deepcopy(here)
    del lost[kind][name]
    changed[kind][name] = ["otherwise"]
    assert selftest.differences(lost, here) == [f"{kind}: {name} is missing"]
    assert selftest.differences(here, lost) == [f"{kind}: {name} is not in the source"]
    assert selftest.differences(changed, here) == [f"{kind}: {name} is not as in the source"]


def test_a_lost_part_fails_its_step(here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen program that lacks a field of a record fails the first step and says which."""
    built_from = copy.deepcopy(here)
    built_from["records"]["visit"].append("weather")
    (tmp_path / selftest.SOURCE).write_text(json.dumps(built_from), encoding="utf-8")
    monkeypatch.setattr(selftest, "source", lambda: json.loads((tmp_path / selftest.SOURCE).read_text()))
    monkeypatch.setattr(selftest, "STEPS", selftest.STEPS[:1])
    [step] = selftest.run()
    assert not step.holds
    assert step.detail == "records: visit is not as in the source"


def test_one_fault_does_not_hide_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is tried, whatever the one before ran into, and whoever listens hears of each."""

    def full() -> str:
        raise StoreError("The disk is full.", safe="Nothing was lost.")

    def broken() -> str:
        raise ZeroDivisionError("oh")

    heard: list[selftest.Step] = []
    monkeypatch.setattr(selftest, "STEPS", (("a", full), ("b", broken), ("c", lambda: "fine")))
    steps = selftest.run(heard.append)
    assert [(step.title, step.holds, step.detail) for step in steps] == [
        ("a", False, "The disk is full. Nothing was lost."),
        ("b", False, "ZeroDivisionError('oh')"),
        ("c", True, "fine"),
    ]
    assert heard == steps


def test_this_copy_is_whole(tmp_path: Path) -> None:
    """Every part of the source does its work here, and the command says so in JSON and ends 0."""
    command = [sys.executable, "-m", "techkit", "selftest", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    steps = json.loads(done.stdout)
    assert [step["detail"] for step in steps if not step["holds"]] == []
    assert len(steps) == len(selftest.STEPS)
    assert (done.returncode, done.stderr) == (0, "")
