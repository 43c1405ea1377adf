"""Files a person points at: what is none is refused at once, whatever it is called."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

from techkit import handed_in
from techkit.commands import export, sync
from techkit.errors import InputError

posix = pytest.mark.skipif(sys.platform == "win32", reason="no pipes and devices as files on Windows")


def unlike(folder: Path) -> dict[str, Path]:
    """Make what is no package: a folder, a pipe, links to nowhere, to itself and to a device, a name of no system."""
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "nowhere").symlink_to(folder / "gone")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "device").symlink_to("/dev/zero")
    return {
        **{path.name: path for path in folder.iterdir()},
        "gone": folder / "gone",
        "nul": folder / "a\x00b",
        "long": folder / ("x" * 4096),
    }


@posix
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """Nobody waits for a pipe, reads a device to its end, or sees another error than that of a file."""
    for name, path in unlike(tmp_path).items():
        with pytest.raises(OSError, match=r".") as refused:
            handed_in.read(path, 1000)
        assert refused.value.errno, name


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    """Whole or not at all; an empty one is an empty one, and a link leads to its file."""
    path = tmp_path / "package"
    path.write_bytes(b"")
    assert handed_in.read(path, 10) == b""
    path.write_bytes(b"0123456789")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert handed_in.read(link, 10) == b"0123456789"
    with pytest.raises(OSError, match="too large"):
        handed_in.read(path, 9)


@posix
def test_commands_refuse_what_is_no_file(tmp_path: Path) -> None:
    """A package to take and an export to look at: one sentence each, nothing waited for."""
    for path in unlike(tmp_path).values():
        with pytest.raises(InputError, match="could not be read or written"):
            sync._office_file(path)
        with pytest.raises(InputError, match="cannot be read"):
            export.run(argparse.Namespace(verify=path))
