"""The derived pages of docs/ say what the declarations say, and links between pages hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from techkit.version import VERSION

ROOT = Path(__file__).resolve().parents[2]

_PYTHON = re.compile(r"[\w./]*\w\.py")


@pytest.mark.parametrize("name", ["bad-inputs.md", "checks.md", "readings.md", "records.md", "settings.md"])
def test_derived_pages_are_fresh(dev, name: str) -> None:
    """A field, setting, check or reading that changed changes its page too: ./dev docs."""
    assert name in dev.DERIVED
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == dev.derived(name)


def test_version_stands_once() -> None:
    """The program and its package carry the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION


def test_links_lead_somewhere() -> None:
    """A link from README or docs/ to a file of the project finds it."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, target) for page in pages for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    ]
    broken = [
        f"{page.name}: {to}" for page, to in links if "://" not in to and not (page.parent / to).exists()
    ]
    assert broken == []


def test_decisions_have_numbers_of_their_own() -> None:
    """No two decisions share a number, and each says context, decision, consequences and alternatives."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers)
    parts = ("context", "decision", "consequences", "alternatives")
    lacking = {
        page.name: [part for part in parts if part not in page.read_text(encoding="utf-8").lower()]
        for page in pages
    }
    assert {name: missing for name, missing in lacking.items() if missing} == {}


@pytest.mark.parametrize(
    ("page", "room"), [("workspace.md", "ui"), ("diagnostics.md", "diagnostics"), ("sync.md", "")]
)
def test_a_table_of_what_is_asked_names_files_that_are_there(page: str, room: str) -> None:
    """Each row says where it stands, below its room, and the tests that show it; a name goes on in the folder before it."""
    missing, rows = [], 0
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or cells[0] in ("---", "what is asked"):
            continue
        rows += 1
        where, shown = _PYTHON.findall(cells[1]), _PYTHON.findall(cells[2])
        missing += [f"{cells[0]}: nothing named"] if not cells[1] or not shown else []
        missing += [path for path in where if not (ROOT / "techkit" / room / path).exists()]
        folder = ""
        for path in shown:
            folder, named = (path.rsplit("/", 1)[0], path) if "/" in path else (folder, f"{folder}/{path}")
            if not (ROOT / "tests" / named).exists():
                missing.append(path)
    assert rows
    assert not missing


def test_every_check_stands_in_the_table_of_diagnostics() -> None:
    """A check serves a sentence of what is asked: docs/diagnostics.md names its file."""
    page = (ROOT / "docs/diagnostics.md").read_text(encoding="utf-8")
    files = (ROOT / "techkit/diagnostics/checks").glob("[a-z]*.py")
    assert [file.stem for file in files if f"checks/{file.name}" not in page] == []
