"""The line to the service measured through the real one: boxed, signed, limited, and clear where it cannot be."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import threading
import time
import uuid

import pytest

from techkit.central import throughput as desk_room
from techkit.central.enrol import DeviceRefusedError
from techkit.commands import line_test
from techkit.errors import InputError, RefusedError, SyncError, UnreachableError
from techkit.sync import protocol, throughput
from techkit.sync.line import BYTES, PLAIN
from techkit.sync.problems import ProblemCode


def silent(_share: float, _way: str, _pace: float) -> None:
    """Take no notice."""


@pytest.fixture
def small(monkeypatch) -> None:
    """Move less than a technician's line would: both ends' limits are far lower."""
    monkeypatch.setattr(desk_room, "BYTES_EACH_WAY", 2 * 1024 * 1024)
    monkeypatch.setattr(desk_room, "PIECE_BYTES", 512 * 1024)


@pytest.mark.usefixtures("small")
def test_a_line_is_measured_both_ways(enrolled):
    """Down and up, within the bytes granted; progress goes from nothing to all."""
    _store, client = enrolled("TK07")
    shares: list[float] = []
    found = client.measure_line(lambda share, _way, _pace: shares.append(share), threading.Event())
    for rate in (found.down, found.up):
        assert rate.bytes_per_s is not None
        assert rate.bytes_per_s > 100_000
        assert 1024 * 1024 < rate.byte_count <= 2 * 1024 * 1024
        assert rate.seconds <= throughput.SECONDS_EACH_WAY + 1
    assert found.against == "127.0.0.1"
    assert 0 < found.delay_ms < 1000
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)
    assert client.sync().waiting_count == 0  # the same connection serves sync afterwards


@pytest.mark.usefixtures("small")
def test_the_command_measures_and_judges(enrolled, monkeypatch, capsys):
    """One JSON object with what was moved, against whom, and what the catalogue says of it."""
    store, _client = enrolled("TK07")
    monkeypatch.setattr(line_test.own_store, "opened", lambda _asked: contextlib.nullcontext(store))
    code = line_test.run(argparse.Namespace(yes=True, json=True))
    told = json.loads(capsys.readouterr().out)["throughput"]
    assert told["verdict"] in ("ok", "watch")
    assert code == (0 if told["verdict"] == "ok" else 1)
    assert told["down_bytes_per_s"] > 0
    assert told["against"] == "127.0.0.1"
    assert "measured against 127.0.0.1" in told["sentence"]


def test_the_command_asks_before_it_loads_the_line(enrolled, monkeypatch):
    """Where nobody can be asked it says so and moves nothing."""
    store, _client = enrolled("TK07")
    monkeypatch.setattr(line_test.own_store, "opened", lambda _asked: contextlib.nullcontext(store))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(InputError) as told:
        line_test.run(argparse.Namespace(yes=False, json=False))
    assert "--yes" in told.value.advice


@pytest.mark.usefixtures("small")
def test_a_stop_is_heard_and_the_seat_given_back(enrolled):
    """What was moved until then is told as such; another device may measure at once."""
    _store, client = enrolled("TK07")
    stop = threading.Event()
    found = client.measure_line(lambda _share, _way, _pace: stop.set(), stop)
    assert found.was_stopped
    assert found.down.byte_count == throughput.FIRST_PIECE_BYTES
    assert found.down.bytes_per_s is None, "the first small piece says nothing of the line"
    assert (found.up.byte_count, found.up.bytes_per_s) == (0, None)
    _other, another = enrolled("TK08")
    assert another.measure_line(silent, threading.Event()).down.byte_count > 0


def test_a_device_nobody_knows_is_told_so(make_store):
    """Nothing is sent; what can be measured without enrolling is named."""
    from techkit.sync.client import Client

    client = Client(make_store("TK07"))
    with pytest.raises(SyncError) as told:
        client.measure_line(silent, threading.Event())
    assert "enrolled with none" in told.value.title
    assert "without it" in told.value.advice
    client.close()


def test_a_service_that_is_away_is_told_as_away(enrolled):
    """No figure is better than a wrong one."""
    store, client = enrolled("TK07")
    client.close()
    store.replica.set_meta({"url": "https://127.0.0.1:9"})
    with pytest.raises(UnreachableError) as told:
        client.measure_line(silent, threading.Event())
    assert "measured" in told.value.title
    assert "by itself" not in told.value.advice  # nobody measures again by himself


@pytest.mark.usefixtures("small")
def test_a_line_is_not_measured_all_day(enrolled, monkeypatch):
    """So often an hour for each device; the refusal says when it may again."""
    monkeypatch.setattr(desk_room, "TIMES", 1)
    _store, client = enrolled("TK07")
    client.measure_line(silent, threading.Event())
    with pytest.raises(RefusedError) as told:
        client.measure_line(silent, threading.Event())
    assert told.value.context["code"] == ProblemCode.MEASURED_TOO_OFTEN
    assert told.value.advice


@pytest.mark.usefixtures("small")
def test_a_ticket_covers_its_bytes_and_its_device_only(enrolled):
    """A larger piece, another's ticket, a made-up one and a body of another size are refused."""
    _store, client = enrolled("TK07")
    _other, thief = enrolled("TK08")
    grant = throughput._granted(client.line)
    path = f"{protocol.THROUGHPUT_PATH}/{grant.ticket}"
    too_large = grant.piece_bytes + 1
    for line, way, count, body in (
        (client.line, "down", too_large, b""),
        (thief.line, "down", 1000, b""),
        (thief.line, "up", 1000, bytes(1000)),
        (client.line, "up", 1000, bytes(999)),
        (client.line, "up", 1000, bytes(1001)),
    ):
        with pytest.raises(SyncError):
            line.post_told(f"{path}/{way}/{count}", body, BYTES)
    with pytest.raises(RefusedError):
        client.line.post_told(f"{protocol.THROUGHPUT_PATH}/made-up/down/10", b"", BYTES)
    with pytest.raises(RefusedError) as busy:
        throughput._granted(thief.line)
    assert busy.value.context["code"] == ProblemCode.LINE_BUSY
    thief.line.post_told(path, b"", PLAIN, "DELETE")  # not his to give back
    with pytest.raises(RefusedError):
        throughput._granted(thief.line)


def test_a_desk_forgets_what_is_long_past():
    """A ticket ends by itself, and an hour later the device may measure again."""
    desk, device = desk_room.Desk(), uuid.uuid4()
    for _turn in range(desk_room.TIMES):
        grant = desk.give(device, 0.0)
    with pytest.raises(DeviceRefusedError):
        desk.give(device, 1.0)
    with pytest.raises(DeviceRefusedError):
        desk.spend(grant.ticket, device, "down", 10, desk_room.LASTS_S + 1)
    desk.give(uuid.uuid4(), desk_room.LASTS_S + 1)
    again = desk.give(device, desk_room.WITHIN_S + desk_room.LASTS_S + 2)
    desk.spend(again.ticket, device, "down", 10, desk_room.WITHIN_S + desk_room.LASTS_S + 3)


@pytest.mark.parametrize(
    ("pieces", "pace"),
    [
        ([], None),
        ([(16, 0.01), (1000, 0.5), (1000, 0.5)], 2000),
        # A line so fast that nothing takes long: the larger half tells.
        ([(16, 0.1), (32, 0.1), (1000, 0.1)], 1032 / 0.2),
    ],
)
def test_small_pieces_say_nothing_of_a_line(pieces, pace):
    """They tell how long the way is, not how wide."""
    found = throughput.paced(pieces, 4096)
    assert found == (None if pace is None else pytest.approx(pace))


def test_a_slow_line_ends_in_time(enrolled, monkeypatch):
    """Where each piece takes long, the pieces stay small and the time box holds."""
    _store, client = enrolled("TK07")
    monkeypatch.setattr(throughput, "SECONDS_EACH_WAY", 0.5)
    real = throughput._move
    sizes: list[int] = []

    def slow(line, grant, way, count):
        sizes.append(count)
        wait_s = count / 100_000
        time.sleep(wait_s)
        return real(line, grant, way, count) + wait_s

    monkeypatch.setattr(throughput, "_move", slow)
    found = client.measure_line(silent, threading.Event())
    assert max(sizes) <= 128 * 1024
    assert found.down.bytes_per_s == pytest.approx(100_000, rel=0.5)
    assert found.down.seconds < 3
