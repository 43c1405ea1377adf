"""Who may import whom: what import-linter sees, and what only a running process shows."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from techkit.ui.app import LATER

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "techkit"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def loaded_after(statement: str) -> set[str]:
    """Return the modules in a fresh process after running `statement` there."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def modules_under(folder: str) -> list[str]:
    return sorted(module_name(path) for path in (PACKAGE / folder).rglob("*.py"))


def test_contracts_hold() -> None:
    """Every import contract of pyproject.toml holds."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("folder", ["ui/presenters", "records", "diagnostics", "store", "sync", "summary"])
def test_no_qt_in_the_process(folder: str) -> None:
    """Loading every module of a room without a window brings no Qt into the process."""
    names = modules_under(folder)
    assert len(names) > 1
    loaded = loaded_after("\n".join(f"import {name}" for name in names))
    assert {name for name in loaded if name.split(".")[0] in ("PySide6", "shiboken6")} == set()


def test_central_is_a_server_without_a_desktop() -> None:
    """Loading the whole central service brings neither Qt nor the local store nor the probes into the process."""
    names = [n for n in modules_under("central") if ".migrations" not in n]
    start = (
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'techkit.central.settings')\n"
        "import django\ndjango.setup()\n"
    )
    loaded = loaded_after(start + "\n".join(f"import {name}" for name in names))
    unwanted = (
        "PySide6",
        "shiboken6",
        "techkit.store",
        "techkit.probes",
        "techkit.diagnostics",
        "sqlcipher3",
    )
    assert {n for n in loaded if n.startswith(unwanted)} == set()


def test_first_paint_loads_nothing_heavy() -> None:
    """Importing the window's builder loads neither store nor service nor paper: they come after the first paint."""
    loaded = loaded_after("import techkit.ui.app")
    heavy = (
        "sqlcipher3",
        "sqlite_utils",
        "keyring",
        "http",
        "django",
        "typst",
        "psutil",
        "babel",
        "cryptography",
    )
    assert {n for n in loaded if n.split(".")[0] in heavy} == set()


def test_what_the_window_loads_in_the_background_knows_no_toolkit() -> None:
    """The toolkit's classes come into being on the window's own thread only (decision 0043)."""
    loaded = loaded_after("\n".join(f"import {name}" for name in LATER))
    assert {n for n in loaded if n.split(".")[0] in ("PySide6", "shiboken6")} == set()


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=module_name)
def test_init_holds_a_docstring_only(path: Path) -> None:
    """A package's __init__ runs with every module below it, so it does nothing."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) <= 1, "code in __init__.py"
    assert "migrations" in path.parts or (body and isinstance(body[0], ast.Expr)), "no docstring"


def test_pages_ask_reports() -> None:
    """The review pages query nothing themselves: no django.db, no .objects."""
    wrong = []
    for path in (PACKAGE / "central" / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db"):
                wrong.append(f"{path.name}:{node.lineno} imports {node.module}")
            if isinstance(node, ast.Attribute) and node.attr == "objects":
                wrong.append(f"{path.name}:{node.lineno} uses .objects")
    assert wrong == []
