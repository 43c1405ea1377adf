"""The one file that sets everything up, and the lock it installs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"


@pytest.fixture
def debian(dev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a way to say which packages this Debian has; apt-get and dpkg-query are scripts in a folder."""

    def have(*lines: str) -> None:
        listing = tmp_path / "listing"
        listing.write_text("".join(f"{line}\n" for line in lines))
        for name, body in {
            "dpkg-query": f"cat {listing}",
            "apt-get": f'echo "$@" >> {tmp_path}/asked',
        }.items():
            script = tmp_path / name
            script.write_text(f"#!/bin/sh\n{body}\n")
            script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return have


def test_help_has_one_line_per_word(dev) -> None:
    """Without a word, every word is explained in one line."""
    done = subprocess.run([sys.executable, DEV], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = [line.split()[0] for line in done.stdout.splitlines()[2:]]
    assert words == list(dev.WORDS)
    assert set(words) >= {"run", "test", "setup", "lint", "bench", "shots", "freeze", "lock", "translations"}


def test_unknown_word_ends_2() -> None:
    """A word it does not know ends with exit code 2 and the help."""
    done = subprocess.run([sys.executable, DEV, "dance"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: ./dev WORD" in done.stderr


def test_a_crashed_worker_ends_the_run(dev, tmp_path: Path) -> None:
    """A test that takes its process down fails the run, which ends and names it, and is not waited for."""
    (tmp_path / "test_crash.py").write_text("import os\n\n\ndef test_down():\n    os.kill(os.getpid(), 11)\n")
    for name in ("one", "two", "three"):
        (tmp_path / f"test_{name}.py").write_text(
            "def test_fine():\n    pass\n\n\ndef test_too():\n    pass\n"
        )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *dev.WORKERS, "--rootdir", tmp_path, tmp_path],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "crashed while running 'test_crash.py::test_down'" in done.stdout


def test_it_starts_on_python_3_8() -> None:
    """The file uses nothing newer than Python 3.8 knows, and only the standard library."""
    import ast

    tree = ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_chores_compile_what_they_import(dev, monkeypatch: pytest.MonkeyPatch) -> None:
    """An inherited PYTHONDONTWRITEBYTECODE slows every start and is cleared."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in dev.environment()


def test_missing_packages_are_found(dev, debian) -> None:
    """A package counts when it is installed, or when an installed one provides its name."""
    debian("installed|libegl1|", "not-installed|libgl1|", "installed|libglib2.0-0t64|libglib2.0-0 (= 2.8)")
    assert dev.missing_packages(["libegl1", "libgl1", "libglib2.0-0"]) == ["libgl1"]


def test_an_ordinary_user_gets_one_line(dev, debian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root nothing is installed: one line for root names everything any word needs."""
    debian("installed|libegl1|")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    with pytest.raises(dev.Stop) as stopped:
        dev.ensure_packages(["libgl1"])
    lines = [line for line in str(stopped.value).splitlines() if "apt-get" in line]
    assert len(lines) == 1
    assert "apt-get update && apt-get install" in lines[0]
    assert {"libgl1", "chromium", "xvfb", "binutils"} <= set(lines[0].split())
    assert "libegl1" not in lines[0].split()
    assert not (tmp_path / "asked").exists()


def test_root_gets_them_installed(dev, debian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's word fetches the package lists first, then installs without asking."""
    debian("installed|libegl1|")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
    dev.ensure_packages(["libgl1"])
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0].split()[0] == "update"
    assert {"install", "--yes", "libgl1"} <= set(asked[1].split())


def test_a_system_without_apt_is_left_alone(dev, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no apt, nothing is asked of it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dev.missing_packages(["libgl1"]) == []


def locked() -> dict[str, str]:
    """Return the locked packages and the text of each entry."""
    text = (ROOT / "requirements" / "dev.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return {entry.split("==")[0].split("[")[0]: entry for entry in entries if "==" in entry}


def wanted() -> list[Requirement]:
    """Return what pyproject.toml asks for, techkit itself aside."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names += [name for extra in project["project"]["optional-dependencies"].values() for name in extra]
    return [r for r in map(Requirement, names) if r.name != "techkit"]


def test_lock_answers_pyproject() -> None:
    """Every package pyproject.toml asks for is locked at a version it allows: ./dev lock was run."""
    entries = locked()
    stale = []
    for requirement in wanted():
        entry = entries.get(requirement.name.lower().replace("_", "-"))
        version = re.search(r"==([^\s;\\]+)", entry or "")
        if not version or not requirement.specifier.contains(version[1]):
            stale.append(str(requirement))
    assert stale == []


def test_lock_has_hashes_and_no_addresses() -> None:
    """What is installed is checked by hash, and the lock names no place."""
    for name in ("dev.lock", "uv.txt"):
        assert "://" not in (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert [name for name, entry in locked().items() if "--hash=sha256:" not in entry] == []
