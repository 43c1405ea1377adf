"""External tools: their output, limits and caps, with real tools that misbehave."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from techkit.children import external
from techkit.children.external import OUTPUT_LIMIT_BYTES, Command, Ended
from tests.children.programs import python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaving children are written for POSIX")


def test_a_tool_ends_with_its_output_and_code():
    """Both streams and the exit code come back."""
    output = external.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(64)"))
    assert (output.ended, output.text, output.error_text, output.code) == (Ended.EXITED, "out\n", "err", 64)


def test_a_missing_tool_is_told_apart():
    """A tool that is not installed is NOT_FOUND; a file that may not run is REFUSED."""
    assert external.run(Command(("no-such-tool-here",))).ended is Ended.NOT_FOUND
    assert external.run(Command((str(Path(__file__).resolve()),))).ended is Ended.REFUSED


def test_tools_are_found_in_system_folders_only(monkeypatch, tmp_path):
    """A program planted first in PATH is not started."""
    planted = tmp_path / "ls"
    planted.write_text("#!/bin/sh\necho planted\n")
    planted.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    found = external.find_tool("ls")
    assert found is not None
    assert not found.startswith(str(tmp_path))
    assert external.find_tool("../../etc/passwd") is None


def test_arguments_reach_no_shell():
    """Hostile names stay one argument each."""
    hostile = ["; rm -rf /", "$(id)", "--help", "\u202etxt", "x" * 4000, "a\nb"]
    output = external.run(
        Command((sys.executable, "-c", "import sys, json; print(json.dumps(sys.argv[1:]))", *hostile))
    )
    import json

    assert json.loads(output.text) == hostile


def test_a_flooding_tool_is_cut_at_the_cap():
    """A tool that prints without end is ended, and no more than the cap is kept."""
    output = external.run(python("while True: print('y' * 100_000)"))
    assert output.ended is Ended.FLOODED
    assert len(output.stdout) == OUTPUT_LIMIT_BYTES


def test_a_crashing_tool_says_by_which_signal():
    """A crash keeps what was printed before, and its signal."""
    output = external.run(
        python("import os, signal; print('before', flush=True); os.kill(os.getpid(), signal.SIGSEGV)")
    )
    assert (output.ended, output.text, output.code) == (Ended.EXITED, "before\n", -signal.SIGSEGV)


def test_a_tool_that_closes_its_output_and_stays_is_ended():
    """Closing the output does not let a tool outlive its limit."""
    output = external.run(python("import os, time; os.close(1); os.close(2); time.sleep(600)", limit_s=0.8))
    assert output.ended is Ended.OVER_TIME


def test_a_tool_reads_nothing():
    """Standard input is empty: nothing can be asked."""
    assert external.run(python("import sys; print(repr(sys.stdin.read()))")).text == "''\n"


def test_stop_ends_a_tool():
    """Setting the stop ends a tool long before its limit."""
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    output = external.run(python("import time; time.sleep(600)", limit_s=60), stop=stop)
    assert output.ended is Ended.STOPPED


def test_tools_run_side_by_side_in_order():
    """Outputs come in the order asked, stuck neighbours or not."""
    outputs = external.run_all(
        [python("print(1)"), python("import time; time.sleep(600)", 0.8), python("print(3)")]
    )
    assert [o.text.strip() for o in outputs] == ["1", "", "3"]
    assert outputs[1].ended is Ended.OVER_TIME
