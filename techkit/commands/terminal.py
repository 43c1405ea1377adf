"""What is printed in a terminal: no text of anybody talks to it."""

from __future__ import annotations

import sys
from typing import TextIO

from techkit.records.visible import visible


def say(*lines: str, out: TextIO | None = None) -> None:
    """Print lines, each as one: what no one sees is shown by its code, and a line end inside one is a blank."""
    for line in lines:
        print(visible(" ".join(line.splitlines())), file=out or sys.stdout)
