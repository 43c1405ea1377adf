"""Files of resources/, from the source tree or from the frozen program."""

from __future__ import annotations

import functools
import sys
from pathlib import Path


@functools.cache
def root() -> Path:
    """Return the folder resources/; it exists in the source tree and in the frozen program."""
    bundled = getattr(sys, "_MEIPASS", None)
    base = Path(bundled) if bundled else Path(__file__).resolve().parent.parent
    return base / "resources"


def path(*parts: str) -> Path:
    """Return the path of one resource, e.g. path("icons", "regular", "house.svg").

    Raises: FileNotFoundError when it is not there (a fault of the build, not of the world).
    """
    found = root().joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(f"resource missing: {'/'.join(parts)}")
    return found


def text(*parts: str) -> str:
    """Return a resource's text, read as UTF-8."""
    return path(*parts).read_text(encoding="utf-8")
