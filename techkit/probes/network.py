"""Network interfaces, and the ladder from the cable to the internet.

The ladder's rungs: link → address → gateway → resolution → portal → internet, then loss and delay.
The first broken rung is named; rungs above it say that they were not asked, and why.

Which hosts are asked: techkit/probes/network_hosts.py. No other host is ever contacted.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import re
import selectors
import socket
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.network_hosts import Host
from techkit.probes.network_local import Local, is_loopback, look, neighbour
from techkit.probes.probe import Access, Depth, Platform, Probe, Section, missing
from techkit.records.findings import Privacy, Reading, Reason

#: Ports of a home router: name service, its pages. An answer of any kind, also "refused", is life.
GATEWAY_PORTS = (53, 80, 443)

#: Longest web answer looked at for a captive portal; the systems' own pages have under 100 bytes.
PAGE_LIMIT_BYTES = 16 * 1024

#: Attempts to connect for loss and delay: in a quick plan few, otherwise enough to see 5 % loss.
ATTEMPTS_QUICK = 4
ATTEMPTS = 20

#: Pause between attempts in seconds; 0.1 s keeps the quick ladder under a second.
ATTEMPT_GAP_S = 0.1

#: Rungs, lowest first.
RUNGS = ("link", "address", "gateway", "resolution", "portal", "internet")


# --- interfaces ----------------------------------------------------------------------------------------


def read_interfaces(access: Access) -> Iterator[Reading]:
    """Yield state, addresses and counters of each interface but the loopback."""
    import psutil

    addresses = psutil.net_if_addrs()
    counters = psutil.net_io_counters(pernic=True)
    for name, state in sorted(psutil.net_if_stats().items()):
        if is_loopback(name, state.flags):
            continue
        section = Section("network.interface.", source="psutil.net_if_stats", subject=name)
        yield section("is_up", state.isup)
        yield from section.some(
            {"mtu": (state.mtu or None, "bytes"), "speed_mbit": (state.speed or None, "mbit/s")}
        )
        duplex = {1: "half", 2: "full"}.get(int(state.duplex))
        yield from section.some({"duplex": (duplex if state.isup else None, "")})
        yield from _addresses(name, addresses.get(name, []))
        if access.platform is Platform.LINUX:
            yield from _sysfs(access, name)
        if name in counters:
            yield from _counters(name, counters[name])


def _addresses(name: str, entries: Iterable[object]) -> Iterator[Reading]:
    import psutil

    section = Section(
        "network.interface.", source="psutil.net_if_addrs", subject=name, privacy=Privacy.IDENTIFIER
    )
    by_family: dict[int, list[str]] = {}
    for entry in entries:
        address = str(getattr(entry, "address", "")).partition("%")[0]
        by_family.setdefault(int(getattr(entry, "family", 0)), []).append(address)
    names = {int(socket.AF_INET): "ipv4", int(socket.AF_INET6): "ipv6", int(psutil.AF_LINK): "mac"}
    for family, label in names.items():
        if found := sorted(by_family.get(family, [])):
            yield section(label, ", ".join(found))


def _counters(name: str, counter: object) -> Iterator[Reading]:
    section = Section("network.interface.", source="psutil.net_io_counters", subject=name)
    for label, attribute, unit in (
        ("received_bytes", "bytes_recv", "bytes"),
        ("sent_bytes", "bytes_sent", "bytes"),
        ("received_packets", "packets_recv", "count"),
        ("sent_packets", "packets_sent", "count"),
        ("receive_errors", "errin", "count"),
        ("send_errors", "errout", "count"),
        ("receive_drops", "dropin", "count"),
        ("send_drops", "dropout", "count"),
    ):
        value = int(getattr(counter, attribute))
        if value >= 0:  # some drivers wrap their counters
            yield section(label, value, unit)


def _sysfs(access: Access, name: str) -> Iterator[Reading]:
    """Yield what only Linux says: physical or made of software, Wi-Fi, driver, link changes."""
    folder = f"/sys/class/net/{name}"
    section = Section("network.interface.", source=folder, subject=name)
    is_physical = access.exists(f"{folder}/device")
    yield section("is_physical", is_physical)
    yield section("is_wireless", access.exists(f"{folder}/wireless") or access.exists(f"{folder}/phy80211"))
    yield from section.some({"operational_state": (access.text_or(f"{folder}/operstate"), "")})
    changes = access.text_or(f"{folder}/carrier_changes")
    if changes.isdecimal():
        yield section("link_changes", int(changes[:18]), "count")
    if is_physical:
        with contextlib.suppress(OSError):
            yield section("driver", access.path(f"{folder}/device/driver").resolve(strict=True).name)


# --- the ladder -----------------------------------------------------------------------------------------------


def read_ladder(access: Access) -> Iterator[Reading]:
    """Yield one reading per rung, the first broken rung, and loss and delay."""
    yield from climb(look(access), access)


def climb(local: Local, access: Access) -> Iterator[Reading]:
    """Climb the ladder from what the computer knows; sends only to the gateway and the hosts."""
    broken = ""
    up = [i for i in local.interfaces if i.is_up]
    link = Section("network.link.", source="psutil.net_if_stats")
    yield link("is_up", bool(up))
    yield link("interfaces", ", ".join(i.name for i in up))
    if not up:
        broken = "link"
    kind = address_kind(address for interface in up for address in interface.addresses)
    if not broken:
        address = Section("network.address.", source="psutil.net_if_addrs")
        yield address("kind", kind)
        if kind not in ("global", "private"):
            broken = "address"
    yield Reading(
        id="network.resolution.servers",
        value=", ".join(local.nameservers),
        source="/etc/resolv.conf" if access.platform is not Platform.WINDOWS else "registry",
    )
    if broken:
        yield from _not_asked(broken)
    else:
        broken = yield from _climb_outside(local, access)
    yield Reading(id="network.ladder.first_broken", value=broken, source="link, address, gateway, hosts")


def _climb_outside(local: Local, access: Access) -> Generator[Reading, None, str]:
    """Yield the rungs from the gateway on; return the first broken one."""
    answers: list[bool] = []
    watcher = threading.Thread(target=lambda: answers.append(gateway_answers(local, access)), daemon=True)
    watcher.start()
    outside = list(_outside(local.hosts, access))
    watcher.join(3 * access.wait_s)
    answered = answers == [True]
    passes = any(r.id == "network.internet.is_reachable" and r.value is True for r in outside)
    gateway = Section("network.gateway.", source=local.sources.get("gateway", ""))
    yield gateway("is_set", bool(local.gateway))
    if local.gateway:
        yield gateway("address", local.gateway, privacy=Privacy.IDENTIFIER)
    if answered or passes:
        # A router may keep silent and still pass everything on.
        yield gateway("answers", True, source="/proc/net/arp, ping, TCP 53, 80, 443")
    elif not local.gateway:
        yield missing(
            "network.gateway.answers", reason=Reason.SKIPPED, text=_("No gateway is set on this computer.")
        )
    else:
        yield gateway("answers", False, source="/proc/net/arp, ping, TCP 53, 80, 443")
    if not passes and not answered:
        yield from _not_asked("gateway")
        return "gateway"
    yield from outside
    values = {reading.id: reading.value for reading in outside}
    for rung, id in (
        ("resolution", "network.resolution.works"),
        ("portal", "network.portal.is_open"),
        ("internet", "network.internet.is_reachable"),
    ):
        if values.get(id) is False:
            return rung
    return ""


def _not_asked(broken: str) -> Iterator[Reading]:
    """Yield for each rung above the broken one that it was not asked."""
    texts = {
        "link": _("Not asked, because this computer is not connected to any network."),
        "address": _("Not asked, because this computer has no network address."),
        "gateway": _("Not asked, because the router does not answer."),
        "resolution": _("Not asked, because names cannot be looked up."),
        "internet": _("Not asked, because the internet cannot be reached."),
    }
    ids = {
        "address": ("network.address.kind",),
        "gateway": ("network.gateway.answers",),
        "resolution": ("network.resolution.works", "network.resolution.duration_ms"),
        "portal": ("network.portal.is_open",),
        "internet": ("network.internet.is_reachable",),
    }
    above = RUNGS[RUNGS.index(broken) + 1 :]
    for rung in above:
        for id in ids.get(rung, ()):
            yield missing(id, reason=Reason.SKIPPED, text=texts[broken])
    for id in QUALITY:
        yield missing(id, reason=Reason.SKIPPED, text=texts[broken])


#: What is measured once the internet is reached.
QUALITY = ("network.internet.loss_percent", "network.internet.delay_ms", "network.internet.jitter_ms")


def address_kind(addresses: Iterable[str]) -> str:
    """Return the best kind among addresses: "global", "private", "link_local" or "none"."""
    best = "none"
    order = ("none", "link_local", "private", "global")
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.is_loopback or address.is_unspecified:
            continue
        kind = "link_local" if address.is_link_local else "global" if address.is_global else "private"
        best = max(best, kind, key=order.index)
    return best


def gateway_answers(local: Local, access: Access) -> bool:
    """Return whether the gateway shows any sign of life within the plan's wait.

    First what the link layer already knows (nothing is sent), then TCP on a router's usual ports and
    the system's ping side by side, then the link layer again: it has learned from the attempt.
    """
    if not _is_literal(local.gateway):
        return False
    if local.neighbour == "answers":
        return True
    alive: list[bool] = []

    def ping() -> None:
        # Windows counts -w in milliseconds; the exit code is the answer, its text is localised.
        wait_ms = max(1, round(access.wait_s * 1000))
        argv = (
            ("ping", "-n", "1", "-w", str(wait_ms), local.gateway)
            if access.platform is Platform.WINDOWS
            else ("ping", "-n", "-c", "1", local.gateway)
        )
        output = access.try_all([Command(argv, limit_s=access.wait_s)])[0]
        alive.append(not isinstance(output, ProbeError) and output.code == 0)

    asker = threading.Thread(target=ping, daemon=True)
    asker.start()
    times = connect_times(
        [(local.gateway, port) for port in GATEWAY_PORTS], access.wait_s, refused_counts=True
    )
    if any(t is not None for t in times):
        return True
    asker.join(access.wait_s)
    return alive == [True] or neighbour(access, local.gateway) == "answers"


def _outside(hosts: Sequence[Host], access: Access) -> Iterator[Reading]:
    """Yield name resolution, portal, internet, loss and delay over the first host that works."""
    if not hosts:
        text = _("No reference host is set, and this system names none of its own.")
        for id in ("network.resolution.works", "network.portal.is_open", "network.internet.is_reachable"):
            yield missing(id, reason=Reason.NOT_PRESENT, text=text)
        for id in QUALITY:
            yield missing(id, reason=Reason.NOT_PRESENT, text=text)
        return
    addresses = yield from _resolution(hosts, access)
    if not addresses:
        yield from _not_asked("resolution")
        return
    count = ATTEMPTS_QUICK if access.sample_s <= 1 else ATTEMPTS
    host, address = addresses[0]
    answered: list[float] = []
    for host, address in addresses:
        times = connect_times([(address, host.port)] * count, access.wait_s, gap_s=ATTEMPT_GAP_S)
        answered = [seconds for seconds in times if seconds is not None]
        if answered:
            break
    source = f"TCP {host.name}:{host.port}"
    portal = _portal(host, address, access, is_reached=bool(answered))
    yield portal
    if portal.value is False:
        text = _("A sign-in page stands between this computer and the internet.")
        for id in ("network.internet.is_reachable", *QUALITY):
            yield missing(id, reason=Reason.SKIPPED, text=text)
        return
    yield Reading(id="network.internet.is_reachable", value=bool(answered), source=source)
    if not answered:
        for id in QUALITY:
            yield missing(
                id, reason=Reason.SKIPPED, text=_("Not asked, because the internet cannot be reached.")
            )
        return
    quality = Section("network.internet.", source=f"{source}, {count} connections")
    yield quality("loss_percent", round(100 * (count - len(answered)) / count, 1), "percent")
    import statistics  # loaded late: a check that asks no network needs none

    yield quality("delay_ms", round(statistics.median(answered) * 1000, 2), "ms")
    if len(answered) > 1:
        yield quality("jitter_ms", round(statistics.pstdev(answered) * 1000, 2), "ms")


def _resolution(hosts: Sequence[Host], access: Access) -> Generator[Reading, None, list[tuple[Host, str]]]:
    """Yield whether names are looked up and how fast; return (host, address) pairs to connect to."""
    found: list[tuple[Host, str]] = []
    named = [host for host in hosts if not _is_literal(host.name)]
    if not named:
        yield missing(
            "network.resolution.works",
            reason=Reason.SKIPPED,
            text=_("The reference hosts are addresses; no name was looked up."),
        )
        return [(host, host.name) for host in hosts]
    source = f"getaddrinfo {named[0].name}"
    section = Section("network.resolution.", source=source)
    works, duration_ms = False, 0.0
    for host in hosts:
        if _is_literal(host.name):
            found.append((host, host.name))
            continue
        address, seconds = resolve(host.name, access.wait_s)
        if address:
            found.append((host, address))
            if not works:
                works, duration_ms = True, seconds * 1000
    yield section("works", works)
    if works:
        yield section("duration_ms", round(duration_ms, 1), "ms")
    else:
        yield missing(
            "network.resolution.duration_ms",
            reason=Reason.TIMED_OUT,
            text=_("No answer came for the name {name}.", name=named[0].name),
            source=source,
        )
    return found


def resolve(name: str, wait_s: float) -> tuple[str, float]:
    """Return the first address of a name, IPv4 before IPv6, and the seconds it took; "" for none.

    The system's own resolver is asked, in a thread, because it cannot be given a limit.
    """
    result: list[str] = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            entries = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            entries.sort(key=lambda entry: entry[0] != socket.AF_INET)
            result.extend(str(entry[4][0]) for entry in entries)

    started = time.monotonic()
    thread = threading.Thread(target=ask, name="resolver", daemon=True)
    thread.start()
    thread.join(wait_s)
    return (result[0] if result else ""), time.monotonic() - started


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def connect_times(
    targets: Sequence[tuple[str, int]], wait_s: float, *, gap_s: float = 0.0, refused_counts: bool = False
) -> list[float | None]:
    """Return the seconds each TCP connection took, None where no answer came within wait_s.

    gap_s: pause between starts. refused_counts: a refusal is an answer too (the host lives).
    """
    selector = selectors.DefaultSelector()
    times: list[float | None] = [None] * len(targets)
    starts = [0.0] * len(targets)
    pending: dict[int, socket.socket] = {}
    begin = time.monotonic()
    next_index = 0

    def close(index: int) -> None:
        selector.unregister(pending[index])
        pending.pop(index).close()

    try:
        while next_index < len(targets) or pending:
            now = time.monotonic()
            if next_index < len(targets) and now >= begin + next_index * gap_s:
                starts[next_index] = now
                sock, is_refused = _connecting(targets[next_index])
                if sock is not None:
                    pending[next_index] = sock
                    selector.register(sock, selectors.EVENT_WRITE, next_index)
                elif is_refused and refused_counts:
                    times[next_index] = time.monotonic() - now
                next_index += 1
                continue
            for key, _events in selector.select(0.01 if pending else gap_s):
                index = key.data
                trouble = pending[index].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if trouble == 0 or (refused_counts and trouble == errno.ECONNREFUSED):
                    times[index] = time.monotonic() - starts[index]
                close(index)
            for index in [i for i in pending if time.monotonic() - starts[i] > wait_s]:
                close(index)
    finally:
        for index in list(pending):
            close(index)
        selector.close()
    return times


def _connecting(target: tuple[str, int]) -> tuple[socket.socket | None, bool]:
    """Return a socket that is connecting, or None and whether it was refused at once."""
    try:
        # Numeric only: it also finds the interface in "fe80::1%eth0".
        entry = socket.getaddrinfo(*target, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
        sock = socket.socket(entry[0], socket.SOCK_STREAM)
    except OSError:  # the system has no IPv6
        return None, False
    sock.setblocking(False)
    trouble = sock.connect_ex(entry[4])
    # EWOULDBLOCK is Windows' way to say "in progress".
    if trouble in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
        return sock, False
    sock.close()
    return None, trouble == errno.ECONNREFUSED


# --- captive portal ------------------------------------------------------------------------------------------------


def _portal(host: Host, address: str, access: Access, *, is_reached: bool) -> Reading:
    """Return whether the way is free of a sign-in page, or why that could not be told."""
    id = "network.portal.is_open"
    if not host.path:
        text = _("The reference host has no web page to compare with.")
        return missing(id, reason=Reason.SKIPPED, text=text)
    if not is_reached:
        text = _("Not asked, because the internet cannot be reached.")
        return missing(id, reason=Reason.SKIPPED, text=text)
    source = f"http://{host.name}:{host.port}{host.path}"
    try:
        answer = fetch(host, address, access.wait_s)
    except OSError as error:
        text = _("The web page of {name} could not be read.", name=host.name)
        return missing(id, reason=Reason.FAILED, text=text, source=f"{source} ({type(error).__name__})")
    return Reading(id=id, value=is_open(host, answer), source=source)


def fetch(host: Host, address: str, wait_s: float, *, proxy_port: int = 0) -> bytes:
    """Return the answer to one plain GET with its head, cut at PAGE_LIMIT_BYTES. Raises: OSError.

    proxy_port: the address is a proxy's, which is asked for the whole address of the page (RFC 9112, section 3.2.2).
    """
    deadline = time.monotonic() + wait_s
    name = f"[{host.name}]" if ":" in host.name else host.name
    target = f"http://{name}:{host.port}{host.path}" if proxy_port else host.path
    request = f"GET {target} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: techkit\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address, proxy_port or host.port), wait_s) as sock:
        sock.sendall(request.encode("ascii", "ignore"))
        answer = b""
        while len(answer) < PAGE_LIMIT_BYTES:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            chunk = sock.recv(4096)
            if not chunk:
                break
            answer += chunk
    return answer


def is_open(host: Host, answer: bytes) -> bool:
    """Return whether the answer is the host's own and not a portal's.

    A portal answers with 511 (RFC 6585, section 6), sends elsewhere, or shows a page that is not the
    expected one. Without an expected text a page or 204 of the host itself counts as open.
    """
    head, _blank, body = answer.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if not match:
        return False
    status = int(match[1])
    if status == 511:
        return False
    if 300 <= status < 400:
        target = re.search(rb"(?im)^location:\s*(\S+)", head)
        if target is None or host.expected:
            return False
        return host.name.encode() in target[1].split(b"?")[0]
    if host.expected:
        return status == 200 and host.expected.encode() in body
    return status == 204 or 200 <= status < 300


INTERFACES = Probe(
    id="network.interfaces",
    title=N_("Network connections"),
    read=read_interfaces,
    gives=("network.interface.",),
)
LADDER = Probe(
    id="network.ladder",
    title=N_("Way to the internet"),
    read=read_ladder,
    gives=(
        "network.link.",
        "network.address.",
        "network.gateway.",
        "network.resolution.",
        "network.portal.",
        "network.internet.",
        "network.ladder.",
    ),
    needs_network=True,
    depth=Depth.STANDARD,
    limit_s=8.0,
)
PROBES = (INTERFACES, LADDER)
