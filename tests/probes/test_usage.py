"""Which programs use the computer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from techkit.probes import usage
from techkit.probes.declarations import DECLARED
from techkit.probes.probe import Access, why_missing
from techkit.probes.usage import Look, Use, Whole
from techkit.records.findings import Reading


def looks(*slices: dict[int, tuple[str, float]]) -> list[Look]:
    """Return looks a second apart from processor seconds by process id."""
    return [
        Look(float(n), {pid: (name, Use(processor_s=used)) for pid, (name, used) in one.items()})
        for n, one in enumerate(slices)
    ]


def test_processes_of_one_name_are_one_program():
    """A browser of two processes is one program; mean and lowest slice are told apart."""
    found = usage.shares(
        looks(
            {1: ("browser", 0.0), 2: ("browser", 5.0), 3: ("editor", 1.0)},
            {1: ("browser", 0.5), 2: ("browser", 5.5), 3: ("editor", 1.0)},
            {1: ("browser", 0.6), 2: ("browser", 5.5), 3: ("editor", 1.4)},
        ),
        lambda use: use.processor_s,
        scale=100,
    )
    assert round(found["browser"].mean, 3) == 55.0
    assert round(found["browser"].lowest, 3) == 10.0
    assert found["editor"].lowest == 0.0


def test_a_reused_process_id_is_not_counted():
    """A process id that belongs to another program now, or a counter that fell, adds nothing."""
    found = usage.shares(
        looks({1: ("old", 100.0), 2: ("steady", 9.0)}, {1: ("new", 200.0), 2: ("steady", 1.0)}),
        lambda use: use.processor_s,
    )
    assert found == {}


def test_memory_of_a_program_is_never_more_than_the_computer_has():
    """Pages counted twice do not make a program larger than the memory."""
    one = Look(0.0, {n: ("browser", Use(memory_bytes=600)) for n in range(3)})
    assert usage.memory_shares([one], 1000)["browser"] == (1000, 100.0)
    assert usage.memory_shares([one], 0) == {}


SOCKETS = """ESTAB 0 0 192.0.2.2:40000 192.0.2.9:443 users:(("browser",pid=77,fd=3),("browser",pid=78,fd=3))
\t cubic wscale:7,7 rto:204 bytes_sent:900 bytes_acked:801 bytes_received:4000 segs_out:8
LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=5,fd=3))
\t cubic rto:1000 mss:536
ESTAB 0 0 192.0.2.2:40002 192.0.2.9:443
\t cubic bytes_acked:5 bytes_received:5
ESTAB 0 0 192.0.2.2:40004 192.0.2.9:443 users:(("mail",pid=9,fd=3)) bytes_acked:10 bytes_received:20
"""


def test_bytes_per_socket_are_summed_per_process():
    """A shared socket counts once; sockets of nobody known count for nobody."""
    assert usage.parse_sockets(SOCKETS) == {77: 4801, 9: 30}


def test_rubbish_from_ss_is_nobody():
    """Damaged output names no process and raises nothing."""
    for text in ("", "users:((", "\0\0\0", "users:((x,pid=999999999999,fd=1)) bytes_acked:1", SOCKETS[:50]):
        assert isinstance(usage.parse_sockets(text), dict)


def test_program_names_are_the_programs():
    """File endings and the kernel's worker numbers are no part of a program's name."""
    assert usage.program_name("WINWORD.EXE") == "WINWORD"
    assert usage.program_name("kworker/u8:3-events") == "kworker"
    assert usage.program_name("") != ""


def test_a_program_that_never_rests_is_found():
    """A real program that burns a core is among the top five, and at most five are named."""
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        access = Access(sample_s=0.6)
        readings = list(usage.read_usage(access))
    finally:
        burner.kill()
        burner.wait()
    assert all(usage.PROGRAMS.covers(r.id) for r in readings)
    assert all(r.unit == DECLARED[r.id].unit for r in readings if why_missing(r) is None)
    shares = {r.subject: r.value for r in readings if r.id == "usage.processor.percent_of_core"}
    assert len(shares) <= usage.TOP
    [own] = [r.value for r in readings if r.id == "usage.own.processor_percent"]
    # Our own child counts as techkit's: the customer's computer is not blamed for the check.
    assert own > 10


def test_how_busy_the_computer_is_between_two_moments():
    """Shares of all cores, bytes a second; a counter that began anew tells nothing."""
    before = Whole(10.0, 100.0, 400.0, 40.0, (1_000, 5_000), (7_000, 9_000))
    after = Whole(10.5, 101.0, 402.0, 41.5, (2_000, 4_000), (7_500, 9_000))
    assert {r.id.removeprefix("usage.now."): r.value for r in usage.now_readings(before, after)} == {
        "processor_percent": 50.0,
        "memory_percent": 41.5,
        "disk_read_bytes_per_s": 2000,
        "network_received_bytes_per_s": 1000,
        "network_sent_bytes_per_s": 0,
    }


@pytest.mark.parametrize(("own_s", "share"), [(0.0, 50.0), (4.0, 30.0), (20.0, 0.0)])
def test_the_use_of_all_processors_is_without_techkits_own(own_s, share):
    """Ten seconds on two threads, ten of twenty busy; a clock that stood still tells nothing."""
    before = Whole(10.0, 100.0, 400.0, 40.0, None, None)
    [reading] = usage.whole_use(before, Whole(20.0, 110.0, 420.0, 41.5, None, None), own_s)
    assert (reading.id, reading.value) == ("usage.processor_percent", share)
    assert list(usage.whole_use(before, before, own_s)) == []


def test_a_system_that_tells_nothing_of_disk_and_network():
    """Only what is known is told."""
    before, after = Whole(1.0, 5.0, 10.0, 30.0, None, None), Whole(2.0, 6.0, 12.0, 30.0, None, None)
    assert [r.id for r in usage.now_readings(before, after)] == [
        "usage.now.processor_percent",
        "usage.now.memory_percent",
    ]


def test_while_it_watches_it_tells_and_does_not_keep():
    """Within two seconds there are several looks at the computer and its programs; none of them is in the result."""
    told: list[Sequence[Reading]] = []
    kept = list(usage.read_usage(Access(sample_s=1.2, tell=told.append)))
    ids = [{reading.id for reading in one} for one in told]
    assert sum("usage.now.processor_percent" in one for one in ids) >= 2
    assert sum("usage.now.own_processor_percent" in one for one in ids) == usage.SLICES
    assert any("usage.memory.resident_bytes" in one for one in ids)
    assert not any(reading.id.startswith("usage.now.") for reading in kept)
