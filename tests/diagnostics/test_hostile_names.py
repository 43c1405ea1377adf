"""Device names that look like commands or options: traced at the kernel, they reach no shell and no option."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: As the issue names them; the last ones are longer or stranger than any device's name.
HOSTILE = ("; rm -rf", "$(x)", "`x`", "--help", "-rf", "\u202egpj.sda", "sda & reboot", "x" * 200, "sd\na")

#: What a worker does with disks: their health, and a self-test for each name whatever it is called.
PROGRAM = """
import sys
from pathlib import Path
from techkit.errors import ProbeError
from techkit.probes import elevated, self_test, storage
from techkit.probes.probe import Access
access = Access(root=Path(sys.argv[1]), is_admin=True)
found = list(storage.HEALTH.read(access))
for name in sys.argv[2:]:
    try:
        self_test.start(access, "short", name)
    except ProbeError as error:
        print(error.reason)
print(len(found), len(elevated.answers(["en", *("self-test=short:" + n for n in sys.argv[2:])])))
"""

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def test_hostile_device_names_reach_no_shell_and_no_option(tmp_path: Path):
    """Every program started is a tool by its whole path; a disk's name stands behind "--" and "/dev/" or nowhere."""
    for name in HOSTILE:
        (tmp_path / "sys/block" / name.replace("/", "_")).mkdir(parents=True)
        (tmp_path / "sys/block" / name.replace("/", "_") / "size").write_text("1000\n")
    log = tmp_path / "trace"
    done = subprocess.run(
        [
            *("strace", "-f", "-qqq", "-s", "9000", "-v", "-e", "trace=execve", "-o", str(log)),
            *(sys.executable, "-c", PROGRAM, str(tmp_path), *HOSTILE, "y" * 4096),
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    started = [line for line in log.read_text(errors="replace").splitlines() if "execve(" in line]
    own, others = started[0], [line for line in started[1:] if " = 0" in line]
    assert str(tmp_path) in own
    assert b"not_present" in done.stdout
    if shutil.which("smartctl"):
        assert any('"--", "/dev/--help"' in line for line in others)
    for line in others:
        program = re.search(r'execve\("([^"]+)", \[(.*?)\], (?:\[|0x)', line)
        assert program is not None, line
        assert not program[1].endswith(("/sh", "/bash", "/dash")), line
        arguments = re.findall(r'"((?:[^"\\]|\\.)*)"', program[2])
        for name in HOSTILE:
            for place, argument in enumerate(arguments):
                if name.encode("unicode_escape").decode() in argument or (len(name) > 5 and name in argument):
                    assert argument.startswith("/dev/"), line
                    assert "--" in arguments[:place], line
