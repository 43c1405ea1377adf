"""Small programs that stand for external tools."""

from __future__ import annotations

import sys

from techkit.children.external import Command


def python(program: str, limit_s: float = 10.0) -> Command:
    """Return a tool that runs this Python program."""
    return Command((sys.executable, "-c", program), limit_s=limit_s)
