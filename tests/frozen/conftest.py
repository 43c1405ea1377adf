"""The frozen program: taken when it is newer than the source, built with --long, else skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "dist" / "techkit" / ("techkit.exe" if sys.platform == "win32" else "techkit")


def newest_source() -> float:
    """Return when the last thing that goes into the program was changed."""
    parts = [ROOT / "build.spec", *(ROOT / "techkit").rglob("*.py"), *(ROOT / "resources").rglob("*")]
    return max(
        path.stat().st_mtime for path in parts if path.suffix not in {".mo", ".pyc"} and path.is_file()
    )


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Path:
    """Return the frozen program, equal in age to the source."""
    fresh = PROGRAM.exists() and PROGRAM.stat().st_mtime >= newest_source()
    if not fresh and request.config.getoption("--long"):
        subprocess.run([sys.executable, ROOT / "dev", "freeze"], cwd=ROOT, check=True)
        fresh = True
    if not fresh:
        pytest.skip("no frozen program of this source: ./dev freeze, or --long builds it")
    return PROGRAM


@pytest.fixture
def frozen(program: Path, tmp_path: Path):
    """Return a way to run the frozen program as on a computer without Python and without this folder."""

    def run(*args: str, timeout_s: float = 120, **extra: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }
        if sys.platform == "win32":
            env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        return subprocess.run(
            [program, *args],
            cwd=tmp_path,
            env=env | extra,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run
