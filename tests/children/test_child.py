"""Long-lived children: frames both ways, their end told, and those that a nursery bears."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

import pytest

from techkit.children.child import Child, Nursery, kill_all
from techkit.children.processes import descendants, marked

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaving children are written for POSIX")


def test_a_child_answers_frames_and_its_end_is_told():
    """Messages go both ways; the end of the child is told once as None."""
    program = (
        "import sys\n"
        "from techkit.children.frames import read_frame, write_frame\n"
        "while (m := read_frame(sys.stdin.buffer)) is not None:\n"
        "    write_frame(sys.stdout.buffer, {'echo': m})\n"
    )
    told: list[object] = []
    arrived = threading.Event()

    def received(_child: Child, message: object) -> None:
        told.append(message)
        arrived.set()

    child = Child([sys.executable, "-c", program], received)
    child.send({"x": "é" * 100_000})
    assert arrived.wait(20)
    child.finish(5)
    assert told == [{"echo": {"x": "é" * 100_000}}, None]


def test_rubbish_from_a_child_ends_the_conversation():
    """A child that writes no frames is told as gone; no memory is asked for by its rubbish."""
    told: list[object] = []
    gone = threading.Event()

    def received(_child: Child, message: object) -> None:
        told.append(message)
        gone.set()

    child = Child([sys.executable, "-c", "print('rubbish' * 1000)"], received)
    assert gone.wait(20)
    child.kill()
    assert told == [None]


@pytest.mark.skipif(not Nursery.is_here(), reason="a nursery forks, which is safe on Linux only")
def test_a_child_of_a_nursery_is_known_by_its_number_and_goes_with_all_it_started(tmp_path):
    """It says its number first, answers like any child, and its kill leaves neither it nor what it started."""
    bears = tmp_path / "nursery.py"
    bears.write_text(
        "import os, socket, subprocess\n"
        "from techkit.children.environment import environment\n"
        "from techkit.children.frames import read_frame, write_frame\n"
        "control = socket.socket(fileno=0)\n"
        "while True:\n"
        "    mark, fds, _flags, _address = socket.recv_fds(control, 4096, 2)\n"
        "    if not mark: raise SystemExit\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        asked, answers = os.fdopen(fds[0], 'rb'), os.fdopen(fds[1], 'wb')\n"
        "        write_frame(answers, {'born': os.getpid()})\n"
        "        read_frame(asked)\n"
        "        left = subprocess.Popen(['sleep', '600'], start_new_session=True, env=environment(mark.decode()))\n"
        "        write_frame(answers, {'started': left.pid})\n"
        "        read_frame(asked)\n"
        "        os._exit(0)\n"
        "    [os.close(fd) for fd in fds]\n"
    )
    told: list[object] = []
    arrived = threading.Semaphore(0)

    def received(_child: Child, message: object) -> None:
        told.append(message)
        arrived.release()

    nursery = Nursery([sys.executable, str(bears)])
    first, second = Child(nursery, received), Child(nursery, lambda *_news: None)
    first.send({"begin": True})
    assert arrived.acquire(timeout=20)
    assert arrived.acquire(timeout=20)
    assert told[0] == {"born": first.pid}
    started = told[1]["started"]  # type: ignore[index]  # what the program above sends
    assert second.known_pid(20) not in (0, first.pid)
    first.kill()
    alive = descendants(nursery.pid) | marked(first.mark)
    assert {first.pid, started} & alive == set()
    assert second.pid in alive
    second.finish(5)
    nursery.close()
    assert arrived.acquire(timeout=20)
    assert told[2:] == [None]


@pytest.mark.skipif(not Nursery.is_here(), reason="a nursery forks, which is safe on Linux only")
def test_a_nursery_that_is_gone_bears_nobody():
    """What is asked of it then is told as gone or refused, and nothing is ever signalled for a child without a number."""
    gone = threading.Event()
    nursery = Nursery([sys.executable, "-c", "pass"])
    with contextlib.suppress(OSError):
        child = Child(nursery, lambda _child, message: gone.set() if message is None else None)
        assert gone.wait(20)
        assert child.pid == 0
        child.kill()
        kill_all([child])
    assert descendants(0) == set()
    nursery.close()
