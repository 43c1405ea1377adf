"""Requests that are signed well and say something odd: refused in words, and the device goes on as if nothing had been."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard

from techkit.central import accounts, folding
from techkit.central.models import Device, Op
from techkit.central.models import Record as Row
from techkit.sync import protocol, wire
from tests.central.devices import Kit


@pytest.fixture
def kit(central_db: object) -> Kit:
    """Give an enrolled device."""
    held = Kit()
    held.enrol()
    return held


def _instead(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def _first_number(new: str) -> Callable[[str], str]:
    return _instead('"protocol":1', f'"protocol":{new}')


def _value(new: str) -> Callable[[str], str]:
    return _instead('"THE VALUE"', new)


#: What a body says instead, as JSON; whether that may be taken all the same.
ODD: dict[str, tuple[Callable[[str], str], bool]] = {
    "a key twice": (_instead('"protocol":1', '"protocol":1,"protocol":1'), False),
    "a key of an operation twice": (_instead('"entity":', '"entity":"site","entity":'), False),
    "not a number": (_value("NaN"), False),
    "infinite": (_value("-Infinity"), False),
    "a number beyond all": (_value("1e999"), False),
    "a number of 4,000 digits": (_value("9" * 4000), False),
    "a number of 4,000 digits as protocol": (_first_number("9" * 4000), False),
    "a negative protocol": (_first_number("-1"), False),
    "true as protocol": (_first_number("true"), False),
    "1.0 as protocol": (_first_number("1.0"), True),
    "half a surrogate pair": (_value('"\\ud800"'), False),
    "a surrogate pair the wrong way round": (_value('"\\udc00\\ud800"'), False),
    "NUL in a value": (_value('"a\\u0000b"'), False),
    "NUL in a name": (_instead('"display_name"', '"display\\u0000name"'), False),
    "a name that is empty": (_instead('"display_name"', '""'), True),
    "32 lists in each other": (_value("[" * 30 + "]" * 30), True),
    "500 lists in each other": (_value("[" * 500 + "]" * 500), False),
    "100,000 lists in each other": (_value("[" * 100_000 + "]" * 100_000), False),
    "a value of 2 MB": (_value('"' + "x" * 2_000_000 + '"'), False),
    "10,001 fields": (_value("{" + ",".join(f'"f{n}":1' for n in range(10_001)) + "}"), True),
    "no end": (lambda text: text[:-1], False),
    "something behind the end": (lambda text: text + "{}", False),
    "a mark of byte order before it": (lambda text: "\ufeff" + text, False),
    "a list": (lambda text: f"[{text}]", False),
    "a number": (lambda _text: "1", False),
    "nothing": (lambda _text: "", False),
    "a limit beyond 64 bits": (_instead('"device":', '"limit":99999999999999999999,"device":'), True),
    "a place beyond 64 bits": (
        _instead('"device":', '"cursors":{"x":[99999999999999999999,""]},"device":'),
        True,
    ),
    "a place below none": (_instead('"device":', '"cursors":{"x":[-5,"zz"]},"device":'), True),
    "a clock of the year 9999": (_instead('"sent_at_ms":', '"sent_at_ms":253402300799000,"x":'), True),
    "a clock before all": (_instead('"sent_at_ms":', '"sent_at_ms":-9000000000000000000,"x":'), True),
    "held ids that are none": (_instead('"device":', '"held":"AAAA","device":'), True),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_body_is_refused_in_words_and_stops_nothing(kit: Kit, name: str) -> None:
    """Nothing of it is kept unless it may be, the answer is no fault of the service, and the next sync is whole."""
    change, may_be_taken = ODD[name]
    _identity, scope, made = kit.customer()
    odd = kit.put("customer", made.record_id, scope, display_name="THE VALUE")
    text = wire.encode(kit.request(odd), wire.JSON).decode()
    body = change(text).encode("utf-8", "surrogatepass")
    response = kit.post(protocol.SYNC_PATH, body, headers={"Content-Type": wire.JSON})
    assert response.status_code < 500, response.content
    if not may_be_taken:
        taken = response.status_code == 200 and not kit.read(response).refused
        assert not taken, kit.read(response)
        assert not Op.objects.filter(scope_id=scope).exists()
    if response.status_code == 200:
        kit.token = kit.read(response).token
    assert kit.sync(made).refused == []
    assert Row.objects.get(entity_id=made.record_id) is not None
    assert folding.differing_records(1) == []


PACKED: dict[str, Callable[[bytes], tuple[bytes, str]]] = {
    "a hundred frames": (lambda body: (zstandard.compress(b"") * 100 + zstandard.compress(body), "zstd")),
    "two frames with half each": (
        lambda body: (zstandard.compress(body[:40]) + zstandard.compress(body[40:]), "zstd")
    ),
    "a bomb in the second frame": (
        lambda body: (zstandard.compress(body) + zstandard.compress(bytes(100_000_000)), "zstd")
    ),
    "a bomb in a bomb": (lambda _body: (zstandard.compress(zstandard.compress(bytes(50_000_000))), "zstd")),
    "gzip": (lambda body: (gzip.compress(body), "gzip")),
    "deflate called zstd": (lambda body: (zlib.compress(body), "zstd")),
    "zstd twice": (lambda body: (zstandard.compress(zstandard.compress(body)), "zstd, zstd")),
    "an encoding nobody knows": (lambda body: (body, "br")),
    "an encoding of 8 kB": (lambda body: (body, "z" * 8000)),
}


@pytest.mark.parametrize("name", PACKED)
def test_odd_packing_is_refused_or_read_whole(kit: Kit, name: str) -> None:
    """Frames, other packings and bombs behind an honest frame: read as what they are or refused, and the next is taken."""
    _identity, scope, made = kit.customer()
    body, encoding = PACKED[name](wire.encode(kit.request(made)))
    response = kit.post(
        protocol.SYNC_PATH, body, headers={"Content-Type": wire.MESSAGEPACK, "Content-Encoding": encoding}
    )
    assert response.status_code < 500, response.content
    if response.status_code == 200:
        kit.token = kit.read(response).token
    kit.sync(made)
    assert Op.objects.filter(scope_id=scope).count() == 1


@pytest.mark.parametrize(
    "sent",
    ["/api/v1//sync", "/api/v1/sync/", "/api/v1/./sync", "/api/v1/sync%2f", "/api/v1/sync;x", "/API/v1/sync"],
)
def test_a_signature_counts_for_its_own_path(kit: Kit, sent: str) -> None:
    """Signed for one path and sent to what looks like it: nothing is taken."""
    _identity, scope, made = kit.customer()
    body = wire.encode(kit.request(made))
    response = kit.post(sent, body, headers={"Content-Type": wire.MESSAGEPACK})
    assert 300 <= response.status_code < 500
    assert not Op.objects.filter(scope_id=scope).exists()


def test_a_device_id_that_exists_already_lets_nobody_in(kit: Kit) -> None:
    """Another key under a known device's id: refused at enrolment and at sync; the first one goes on."""
    thief = Kit("Somebody Else", "ZZ01")
    thief.id, thief.token = kit.id, kit.token
    user = Device.objects.get(pk=kit.id).technician
    assert thief.ask_enrol(accounts.new_enrol_code(None, user)[0]).status_code in range(400, 500)
    assert thief.ask(thief.request()).status_code in (401, 403)
    _identity, scope, made = kit.customer()
    assert kit.sync(made).refused == []
    assert Op.objects.filter(scope_id=scope).count() == 1
