"""Files written where a person asked for them: whole or not at all, and nothing beside them is touched."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from techkit import handed_out
from techkit.errors import InputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """Nothing else is left in the folder, and files of other names stay as they are."""
    page = tmp_path / "page.pdf"
    for name in ("page.pdf", "page.pdf.new"):
        (tmp_path / name).write_bytes(b"before")
    handed_out.write(page, b"page", safe="")
    assert page.read_bytes() == b"page"
    assert (tmp_path / "page.pdf.new").read_bytes() == b"before"
    assert names(tmp_path) == ["page.pdf", "page.pdf.new"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_no_link_of_somebody_else_is_written_through(tmp_path: Path) -> None:
    """In a folder others write to, a link under a name that can be guessed leads to no file of ours."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    shared = tmp_path / "shared"
    shared.mkdir()
    for name in ("page.pdf", "page.pdf.new"):
        (shared / name).symlink_to(precious)
    handed_out.write(shared / "page.pdf", b"page", safe="")
    assert (precious.read_bytes(), (shared / "page.pdf").read_bytes()) == (b"mine", b"page")


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    """What stands there is told and unchanged; a link that leads nowhere counts as there."""
    page = tmp_path / "page.json"
    handed_out.write(page, b"first", safe="", is_new=True)
    with pytest.raises(InputError, match="already"):
        handed_out.write(page, b"second", safe="", is_new=True)
    assert (page.read_bytes(), names(tmp_path)) == (b"first", ["page.json"])


@pytest.mark.parametrize("is_new", [False, True])
def test_a_disk_that_refuses_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    """One sentence with what is safe, and nothing half written."""
    page = tmp_path / "page.pdf"
    if not is_new:
        page.write_bytes(b"before")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as told:
        handed_out.write(page, b"page", safe="The check is kept.", is_new=is_new)
    assert told.value.safe == "The check is kept."
    assert names(tmp_path) == ([] if is_new else ["page.pdf"])
    assert is_new or page.read_bytes() == b"before"


def test_a_name_as_long_as_a_name_may_be_is_written(tmp_path: Path) -> None:
    """What is written first has a short name of its own."""
    page = tmp_path / ("p" * 251 + ".pdf")
    handed_out.write(page, b"page", safe="")
    assert page.read_bytes() == b"page"


@pytest.mark.skipif(sys.platform == "win32", reason="no device of that name")
def test_a_device_is_written_to_as_it_is() -> None:
    """A pipe or a device is no file to replace."""
    handed_out.write(Path("/dev/null"), b"page", safe="")
    assert not Path("/dev/null").is_file()
