"""Whether this copy of techkit is whole: what it holds, and whether each part does its work here.

A frozen program carries `source.json`, written by build.spec: what its source held when it was built. The
self-test compares the checks, records, resources and translations found at run time with it, and then tries the
parts that a build can lose. Nothing of the user's is read or written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from techkit import resources
from techkit.errors import TechkitError
from techkit.i18n import N_, _
from techkit.records.identity import new_id

#: Beside resources/ in a frozen program.
SOURCE = "source.json"

#: Translations as people write them; a program carries the compiled ones.
UNSHIPPED = {".po", ".pot", ".mo"}

#: Kind of thing → its name → what tells whether it is the same.
Contents = dict[str, dict[str, Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """One thing looked at. detail: a sentence; about the fault when it did not hold. duration_s in seconds."""

    title: str
    holds: bool
    detail: str
    duration_s: float


def contents() -> Contents:
    """Return what this copy holds.

    checks: id → ids of its probes. probes: id → ids of its readings. records: kind → field names. resources:
    path → SHA-256, hex. translations: language → SHA-256 of the compiled texts. All by their names, sorted or in
    declared order, and fit for JSON.
    """
    from techkit.diagnostics import catalogue
    from techkit.records import catalogue as records

    return {
        "checks": {check.id: sorted(probe.id for probe in check.probes) for check in catalogue.checks()},
        "probes": {probe.id: list(probe.gives) for probe in catalogue.probes()},
        "records": {spec.kind: [field.name for field in spec.fields] for spec in records.every()},
        "resources": {
            path.relative_to(resources.root()).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(resources.root().rglob("*"))
            if path.is_file() and path.suffix not in UNSHIPPED
        },
        "translations": {
            path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((resources.root() / "translations").glob("*.mo"))
        },
    }


def differences(here: Contents, source: Contents) -> list[str]:
    """Return what one copy has, lacks or has otherwise, one line each; empty when they are equal."""
    found = []
    for kind in sorted(here.keys() | source.keys()):
        mine, theirs = here.get(kind, {}), source.get(kind, {})
        for name in sorted(mine.keys() | theirs.keys()):
            if name not in mine:
                found.append(_("{kind}: {name} is missing", kind=kind, name=name))
            elif name not in theirs:
                found.append(_("{kind}: {name} is not in the source", kind=kind, name=name))
            elif mine[name] != theirs[name]:
                found.append(_("{kind}: {name} is not as in the source", kind=kind, name=name))
    return found


def source() -> Contents | None:
    """Return what the source held when this program was built; None when this is the source."""
    path = resources.root().parent / SOURCE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _whole() -> str:
    here, built_from = contents(), source()
    if built_from is not None and (found := differences(here, built_from)):
        raise _NotSo("; ".join(found))
    if empty := [kind for kind, found in here.items() if not found]:
        raise _NotSo(_("Nothing was found of: {kinds}", kinds=", ".join(empty)))
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in here.items())
    if built_from is None:
        return _("This is the source: {counts}.", counts=counts)
    return _("Equal to the source: {counts}.", counts=counts)


def _workers() -> str:
    from techkit.diagnostics import plan, runner

    with runner.MachineProbes() as machine:
        result = runner.run(plan.QUICK, machine)
    faults = [report.probe for report in result.probes if report.state == "failed"]
    if faults or not result.readings:
        raise _NotSo(_("These probes failed: {probes}", probes=", ".join(faults) or "–"))
    return _(
        "{probes} probes gave {readings} readings.", probes=len(result.probes), readings=len(result.readings)
    )


def _store() -> str:
    from techkit.errors import StoreDamagedError
    from techkit.records.parties import Customer
    from techkit.store.database import Store

    name = "Selma Probe"
    with tempfile.TemporaryDirectory(prefix="techkit-selftest-") as folder:
        place, key = Path(folder), secrets.token_bytes(32)
        store = Store.create(place, key)
        customer = Customer(id=new_id(), display_name=name)
        store.save(customer)
        store.close()
        if any(name.encode() in path.read_bytes() for path in place.rglob("*") if path.is_file()):
            raise _NotSo(_("A name stands readable in the store’s files."))
        try:
            Store.open(place, secrets.token_bytes(32)).close()
            raise _NotSo(_("The store opened with a wrong key."))
        except StoreDamagedError:
            store = Store.open(place, key)
        found = store.get(Customer, customer.id)
        store.close()
    if found != customer:
        raise _NotSo(_("What was saved did not come back."))
    return _("A record was saved encrypted and came back.")


def _paper() -> str:
    from techkit.records.bundle import VisitBundle
    from techkit.records.parties import Customer
    from techkit.records.visit import Visit
    from techkit.summary import document, pdf

    customer = Customer(id=new_id(), display_name="Selma Probe")
    visit = Visit(
        id=new_id(),
        number="TEST-0000-0001",
        customer_id=customer.id,
        purpose="Ça va, Müller?",
        arrived_at=datetime.now(UTC),
    )
    page = document.build(VisitBundle(visit=visit, customer=customer))
    first, second = pdf.render(page), pdf.render(page)
    if not first.startswith(b"%PDF-") or first != second:
        raise _NotSo(_("The same page printed twice differs."))
    return _("A page of {count} kB was made twice, the same bytes.", count=len(first) // 1000)


def _service() -> str:
    from techkit.central import server

    with (
        tempfile.TemporaryDirectory(prefix="techkit-selftest-") as folder,
        server.running(Path(folder)) as service,
    ):
        return _("The central service answered at {address}.", address=service.url)


#: In this order; each gives a sentence, or raises.
STEPS: tuple[tuple[str, Callable[[], str]], ...] = (
    (N_("Contents"), _whole),
    (N_("Reading this computer"), _workers),
    (N_("Encrypted store"), _store),
    (N_("Printed summary"), _paper),
    (N_("Central service"), _service),
)


class _NotSo(Exception):
    """A step found that something is not as it should be; its text says what."""


def run(told: Callable[[Step], None] | None = None) -> list[Step]:
    """Try everything and return one step each, in order; `told` hears of each as it is done."""
    steps = []
    for title, work in STEPS:
        began = time.monotonic()
        try:
            holds, detail = True, work()
        except TechkitError as error:
            holds, detail = False, error.sentences()
        except Exception as error:  # one part that is lost must not hide the next
            log.debug("self-test: %s", title, exc_info=True)
            holds, detail = False, str(error) if isinstance(error, _NotSo) else repr(error)
        step = Step(_(title), holds, detail, time.monotonic() - began)
        steps.append(step)
        if told:
            told(step)
    return steps
