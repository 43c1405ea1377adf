"""The table of bad inputs is whole: every number, every station, and tests that are there."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from tests.inputs.table import ROWS, STATIONS, TEXTS, Row

ROOT = Path(__file__).resolve().parents[2]

#: How many bad inputs each group of the specification has; they are numbered through.
GROUPS = {"a": range(1, 27), "b": range(27, 36), "c": range(36, 44), "d": range(44, 53), "e": range(53, 63)}


@functools.cache
def names_in(path: str) -> frozenset[str]:
    """Return the tests of a file by name, those of a class behind its name."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        before = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {
            before + n.name for n in inner if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")
        }
    return frozenset(found)


def test_every_bad_input_stands_in_the_table_once() -> None:
    """Groups A to E, in their order, none left out."""
    assert [row.id for row in ROWS] == [f"{group}{n}" for group, held in GROUPS.items() for n in held]


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_every_station_has_its_test_or_its_reason(row: Row) -> None:
    """A cell names a test there is; a row that leaves a station out says why nothing arrives there."""
    assert row.cells
    assert set(row.cells) <= set(STATIONS)
    if set(row.cells) < set(STATIONS):
        assert len(row.elsewhere) > 40, "a reason, please"
    for station, name in row.cells.items():
        path, _sign, test = name.partition("::")
        assert test in names_in(path), f"{row.id} at {station}"


def test_each_text_goes_on_the_journey() -> None:
    """No text of group A is a row without being typed, but the one that no field takes."""
    texts = [row.id for row in ROWS if row.id.startswith("a")]
    assert [key for key in texts if key not in TEXTS] == ["a12"]
