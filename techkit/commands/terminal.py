"""What is printed in a terminal: no text of anybody talks to it."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from techkit.records.visible import in_json, visible


def say(*lines: str, out: TextIO | None = None) -> None:
    """Print lines, each as one: what no one sees is shown by its code, and a line end inside one is a blank."""
    for line in lines:
        print(visible(" ".join(line.splitlines())), file=out or sys.stdout)


def say_json(told: Any, *, indent: int | None = 1) -> None:
    """Print an object as JSON for a script, with what would talk to a terminal as escapes."""
    print(in_json(json.dumps(told, ensure_ascii=False, indent=indent)))
