"""Take the pictures: `python -m shots [NAME ...] [--out DIR]`.

Every module of this package with a `take(out: Path)` that yields the files it wrote is one series. Each runs in a
process of its own. Ends 0 when every series came through.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
FRAME = {"__main__", "camera", "desk", "views"}
# Far above the slowest honest series on a busy machine: ends what hangs.
TIMEOUT_S = 3600


def names() -> list[str]:
    """Return the series, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name not in FRAME)


def take_here(name: str, out: Path, seen: Sequence[str]) -> None:
    """Take one series in this process and print each picture's name."""
    from shots import camera, views
    from techkit.diagnostics import presence

    # Somebody sits at the computer for the whole series, which lasts longer than the break after which it locks.
    presence.seconds_since_touch = lambda: 0.0
    camera.asked = views.Asked(seen)
    taken = 0
    for path in importlib.import_module(f"shots.{name}").take(out):
        print(f"  {Path(path).relative_to(out)}", flush=True)
        taken += 1
    if not taken:
        raise SystemExit(f"{name}: no picture came")


def main() -> int:
    """Take what was asked for, everything by default."""
    parser = argparse.ArgumentParser(
        prog="./dev shots", description="Take pictures of screens, pages and paper."
    )
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(names())}")
    parser.add_argument(
        "--out", type=Path, default=HERE.parent / "build" / "shots", help="where to (build/shots)"
    )
    parser.add_argument(
        "--view",
        action="append",
        default=[],
        help="the window in this view only, as its pictures' names end, of any size: de-dark-1024x600, "
        "fr-high-contrast, 1024x2400-150 (a whole page); en for the plain one",
    )
    parser.add_argument("--here", metavar="NAME", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    # The same picture whether or not a screen is there.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.here:
        take_here(asked.here, out, asked.view)
        return 0
    if unknown := set(asked.name) - set(names()):
        parser.error(f"no such series: {', '.join(sorted(unknown))}")
    failed = []
    for name in asked.name or names():
        print(name, flush=True)
        command = [sys.executable, "-m", "shots", "--here", name, "--out", str(out)]
        command += [part for view in asked.view for part in ("--view", view)]
        try:
            code = subprocess.run(command, cwd=HERE.parent, timeout=TIMEOUT_S, check=False).returncode
        except subprocess.TimeoutExpired:
            code = 1
        if code:
            failed.append(name)
    print(f"pictures in {out}" + (f"; did not come through: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
