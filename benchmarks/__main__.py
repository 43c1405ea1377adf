"""Run the measurements: `python -m benchmarks [NAME ...] [--json]`.

Every module of this package with a `measure()` that yields figures is one measurement. Each runs in a process of its
own, so that no one warms up, or takes memory from, another. Ends 0 when every bar holds, 1 when one does not or a
measurement failed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FRAME = {"__main__", "figures", "beside"}
# Far above any honest measurement on two slow cores: ends what hangs.
TIMEOUT_S = 900
COLUMNS = "{name:<46} {value:>12} {unit:<6} {floor:>12} {ratio:>8} {bar:>8}  {holds}"


def names() -> list[str]:
    """Return the measurements, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name not in FRAME)


def measure_here(name: str) -> None:
    """Run one measurement in this process and print its figures as one JSON line each."""
    for figure in importlib.import_module(f"benchmarks.{name}").measure():
        print(json.dumps(figure.document()), flush=True)


def measure(name: str) -> list[dict[str, Any]]:
    """Run one measurement in a fresh process; what failed is a figure that does not hold."""
    command = [sys.executable, "-m", "benchmarks", "--here", name]
    try:
        done = subprocess.run(
            command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=False
        )
        lines, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as error:
        lines, failed = (error.stdout or b"").decode(), True
    figures: list[dict[str, Any]] = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    if failed or not figures:
        gone: dict[str, Any] = dict.fromkeys(("value", "floor", "ratio", "bar"))
        figures.append({"name": f"{name}: could not be measured", "unit": "", "holds": False, **gone})
    return figures


def cell(value: object) -> str:
    """Return a figure's part as the table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return "–" if value is None else str(value)


def main() -> int:
    """Measure what was asked for, everything by default."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, each figure beside its floor.")
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(names())}")
    parser.add_argument("--json", action="store_true", help="print a list of figures")
    parser.add_argument("--here", metavar="NAME", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        measure_here(asked.here)
        return 0
    if unknown := set(asked.name) - set(names()):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    figures: list[dict[str, Any]] = []
    if not asked.json:
        heads = dict(
            name="figure", value="value", unit="", floor="floor", ratio="ratio", bar="bar", holds="holds"
        )
        print(COLUMNS.format(**heads))
    for name in asked.name or names():
        found = measure(name)
        figures += found
        if not asked.json:
            for figure in found:
                print(COLUMNS.format(**{key: cell(value) for key, value in figure.items()}), flush=True)
    if asked.json:
        print(json.dumps(figures, indent=1))
    return 0 if figures and all(figure["holds"] for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
