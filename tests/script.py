"""A command as a script runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

#: Longest any one command may take here before the test says it hangs.
PATIENCE_S = 120


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, as a script does."""
    return subprocess.run(
        [sys.executable, "-m", "techkit", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )
