"""The whole job without a window: an invented visit, played on the real parts.

The presenters, store, diagnostics, paper, sync and service are the very ones of the program; only
the computer's readings are a recording of an invented one (resources/demo/), because a visit
installs things and the demo must not touch the computer it runs on. `techkit check` looks at this
computer. Everything goes into one folder: store, service, the signed page as PDF and pictures.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path

from techkit import i18n, resources
from techkit.credentials import keys
from techkit.diagnostics import plan, runner
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Reading, Verdict
from techkit.records.review import Query
from techkit.records.visit import Visit as VisitRecord
from techkit.store.database import Store
from techkit.summary import pdf
from techkit.ui.presenters import this_computer, visit_page
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.new_visit import NewVisit
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.visit import Visit

#: The demo's passphrase; the folder holds invented people only.
PASSPHRASE = "thistledown demo passphrase"  # noqa: S105 - invented, printed, guards nothing

#: When the invented visit begins.
BEGINS = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)

TECHNICIAN, REACH, PROVIDER = "Mika Sandvik", "+49 30 5550 100", "Northline IT Services"

#: The device's own rates, until the office sends its rate card: amounts in cents, times in minutes.
RATES = {
    "rates.hourly_minor": 6800,
    "rates.minimum_min": 60,
    "rates.increment_min": 15,
    "rates.travel_flat_minor": 1800,
}


class DemoClock:
    """The clocks of the invented day: they stand still until the story moves on."""

    def __init__(self) -> None:
        self._now = BEGINS

    def now(self) -> datetime:
        """Return the story's instant."""
        return self._now

    def steady(self) -> float:
        """Return seconds of the story."""
        return self._now.timestamp()

    def zone(self) -> tzinfo:
        """Return the zone of the invented shop."""
        return timezone(timedelta(hours=1), "CET")

    def pass_minutes(self, minutes: int) -> None:
        """Move the story on."""
        self._now += timedelta(minutes=minutes)


class SampleComputer:
    """The invented computer: its readings before the work, and after it once `is_repaired`."""

    def __init__(self) -> None:
        self._recorded = json.loads(resources.text("demo", "computer.json"))
        self.is_repaired = False

    def machine(self) -> runner.RecordedMachine:
        """Return the machine to read now."""
        phase = "after" if self.is_repaired else "before"
        rows = [*self._recorded["always"], *self._recorded[phase]]
        return runner.RecordedMachine([Reading(**row) for row in rows])


@dataclass(kw_only=True)
class Telling:
    """Prints each station of the story with the time it took."""

    tell: Callable[[str], None]
    number: int = 0

    @contextmanager
    def station(self, title: str) -> Iterator[list[str]]:
        """Tell one station: what it is, its time, and the facts gathered while it ran."""
        self.number += 1
        facts: list[str] = []
        began = time.perf_counter()
        yield facts
        took = time.perf_counter() - began
        self.tell(f"{self.number:2}. {title}  ({took:.2f} s)")
        for fact in facts:
            self.tell(f"      {fact}")


def play(out: Path, tell: Callable[[str], None]) -> int:
    """Play the visit into a folder; return 0. Raises: TechkitError when a station cannot be done."""
    out.mkdir(parents=True, exist_ok=True)
    if keys.has_vault(out / "device"):
        raise InputError(
            _("There is a demo in {folder} already.", folder=out),
            safe=_("It is unchanged."),
            advice=_("Name another folder."),
        )
    telling = Telling(tell=tell)
    tell(_("techkit plays an invented visit; nothing on this computer is changed."))
    with telling.station(_("This computer, checked for real")) as facts:
        facts.extend(_check_here())
    with telling.station(_("Unlock: a new vault with passphrase and recovery code")) as facts:
        store = _new_store(out / "device")
        facts.append(_("device prefix {prefix}", prefix=store.device.prefix))
    try:
        return _play_visit(store, out, telling)
    finally:
        store.close()


def _check_here() -> list[str]:
    with runner.MachineProbes() as machine:
        result = runner.run(plan.QUICK, machine)
    counts = {v: sum(f.verdict is v for f in result.findings) for v in Verdict}
    return [
        ", ".join(f"{_(verdict.label)}: {count}" for verdict, count in counts.items() if count),
        _("{n} readings, each with its source", n=len(result.readings)),
    ]


def _new_store(folder: Path) -> Store:
    folder.mkdir(mode=0o700)
    key, _recovery = keys.create_vault(folder, PASSPHRASE)
    store = Store.create(folder, key, technician=TECHNICIAN, provider=PROVIDER, provider_reach=REACH)
    for name, value in RATES.items():
        store.set_setting(name, value)
    return store


def _play_visit(store: Store, out: Path, telling: Telling) -> int:
    clock, computer = DemoClock(), SampleComputer()
    around = Surroundings(
        store=store,
        lanes=InlineLanes(),
        machine=computer.machine,
        clock=clock,
        technician=TECHNICIAN,
        reach=REACH,
        provider=PROVIDER,
    )
    visit = _begin_visit(around, telling)
    clock.pass_minutes(5)
    with telling.station(_("Check before the work: what explains the complaint stands first")) as facts:
        visit.check.start()
        facts += [
            f"{card.verdict_label}: {card.title} – {card.sentence}" for card in visit.check.state.cards[:4]
        ]
        visit.next()
    clock.pass_minutes(50)
    computer.is_repaired = True
    _end_visit(visit, clock, telling)
    bundle = store.bundle(visit.held.visit_id)
    with telling.station(_("The customer’s page: PDF/A and PDF/UA, and as pictures")) as facts:
        facts.extend(_write_page(bundle, visit.sign_off.state.pdf, out))
    return _sync_and_review(store, bundle.visit, out, telling)


def _begin_visit(around: Surroundings, telling: Telling) -> Visit:
    """Begin a visit for a new customer, up to what they need."""
    opened: list[str] = []
    with telling.station(_("A visit for a new customer, without a network")) as facts:
        new = NewVisit(around, opened.append, this_computer.look(around.machine()))
        for name, text in (
            ("customer", "Thistledown Books"),
            ("kind", "organisation"),
            ("purpose", "The till computer is very slow and cannot print labels."),
            ("street", "Inkwell Lane 4"),
            ("town", "10999 Berlin"),
            ("person", "Odette Varga"),
        ):
            new.fill(name, text)
        new.start()
        visit = Visit(around, opened[0])
        facts.append(visit.state.number)
    with telling.station(_("Need: the complaint, the person, consent to read the computer")) as facts:
        visit.need.edit("contact", "skill", "2")
        visit.need.give_consent()
        visit.next()
        facts.append(visit.need.state.purpose)
    return visit


def _end_visit(visit: Visit, clock: DemoClock, telling: Telling) -> None:
    """Do the work on a visit, from the drafts to the signature."""
    with telling.station(_("Work: the computer’s difference drafts the entries")) as facts:
        visit.work.look_again()
        facts += [f"{draft.title} ({draft.confidence})" for draft in visit.work.state.drafts]
        visit.work.drafting.add()
        _own_entries(visit)
        facts.append(visit.work.state.entries_line)
        visit.next()
    with telling.station(_("Follow-ups: suggested with their reasons")) as facts:
        facts += [f"{s.title} – {s.reason}" for s in visit.follow_ups.state.suggestions]
        visit.follow_ups.add_all()
        visit.next()
    with telling.station(_("After: the same check again, side by side")) as facts:
        facts += [
            f"{row.title}: {row.before} → {row.after}  {row.words}" for row in visit.after.state.rows[:5]
        ]
        visit.after.drafting.add()
        visit.after.choose_outcome("resolved")
        visit.next()
    clock.pass_minutes(15)
    with telling.station(_("Sign-off: the customer answers and signs the page itself")) as facts:
        facts.append(visit.sign_off.state.flags_line)
        _sign(visit)
        facts.append(visit.sign_off.state.signed_line)


def _own_entries(visit: Visit) -> None:
    """Record what no computer can show: a training, a fault found, a supply."""
    visit.work.choose_kind("training")
    visit.work.fill("title", "Printing labels from the till")
    visit.work.fill("note_customer", "You printed three labels yourself; a one-page guide lies at the till.")
    visit.work.choose_minutes("20")
    visit.work.add_entry()
    visit.work.choose_kind("troubleshooting")
    visit.work.fill("title", "Slow till computer")
    visit.work.fill("symptom", "Very slow since last week")
    visit.work.fill("cause", "The disk was almost full and many programs started with the computer")
    visit.work.fill(
        "resolution",
        "Old photos moved to your own external disk with you; start programs you do not use switched off",
    )
    visit.work.fill("is_fixed", "yes")
    visit.work.choose_minutes("30")
    visit.work.add_entry()
    visit.work.choose_kind("supply_use")
    visit.work.fill("name", "Label roll 62 mm")
    visit.work.fill("unit_price_minor", i18n.number(Decimal("17.90"), 2))
    visit.work.add_entry()
    form = visit.work.state.form
    if form is not None and form.error:
        raise InputError(form.error, field=form.error_field)


def _sign(visit: Visit) -> None:
    page = visit.sign_off
    page.hand_over()
    page.answer("5")
    wave = tuple(
        value for i in range(60) for value in (80 + i * 12, round(90 + 60 * math.sin(i / 4) * (1 - i / 90)))
    )
    page.draw((wave,))
    page.agree()
    page.print_()
    page.confirm_print()
    page.finish()


def _write_page(bundle: VisitBundle, made: bytes | None, out: Path) -> list[str]:
    """Write the signed page and its pictures; a page printed again must equal the signed one."""
    doc, seal = visit_page.page(bundle)
    signature = bundle.valid_signature()
    if made is None or signature is None:
        raise InputError(_("The demo’s page was not signed."))
    page = out / f"{bundle.visit.number}.pdf"
    page.write_bytes(made)
    lines = [_("page: {file}", file=page)]
    for number, picture in enumerate(pdf.pictures(doc, seal), start=1):
        path = out / f"{bundle.visit.number}-{number}.png"
        path.write_bytes(picture)
        lines.append(_("picture: {file}", file=path))
    same = doc.content_hash == signature.content_hash
    lines.append(
        _("the signature is bound to this content: {hash}", hash=pdf.short_hash(doc))
        if same
        else _("the signature is not bound to this content")
    )
    return lines


def _sync_and_review(store: Store, visit: VisitRecord, out: Path, telling: Telling) -> int:
    """Bring the visit to the office, ask and answer a question, approve it."""
    from techkit.central import server  # Django is loaded only when the service starts
    from techkit.sync.client import Client

    with server.running(out / "office") as service:
        from techkit.central import accounts, invitations, review
        from techkit.central.models import User

        staff = User.objects.get(username=service.first.username)
        with telling.station(_("The central service, and this device enrolled by a one-time code")) as facts:
            code, _made = accounts.new_enrol_code(staff, staff)
            client = Client(store)
            client.enrol(invitations.invitation(service.url, code))
            facts.append(_("{url}, certificate pinned", url=service.url))
        try:
            with telling.station(_("Sync over HTTPS")) as facts:
                facts.append(client.sync().sentence)
                facts.append(client.sync().sentence)
            with telling.station(_("Remote staff read the visit and ask a question")) as facts:
                review.ask(staff, visit.id, "Which photos were moved?", about_kind="visit", about_id=visit.id)
                client.sync()
                [query] = store.find(Query, visit_id=visit.id)
                facts.append(_("the question reached the device: {text}", text=query.question))
            with telling.station(_("Answered on the device, approved in the office")) as facts:
                _answer(store, query)
                client.sync()
                review.settle(staff, visit.id, query.id)
                review.approve(staff, visit.id, None)
                client.sync()
                facts.append(_("review state on the device: {state}", state=_state(store, visit)))
        finally:
            client.close()
    telling.tell("")
    telling.tell(_("Everything is in {folder}.", folder=out))
    telling.tell(
        _(
            "Read the visit in a browser: techkit serve --data {folder} --port 8443, then "
            "https://127.0.0.1:8443/visits/{visit} (name {name}, one-time password {password}).",
            folder=out / "office",
            visit=visit.id,
            name=service.first.username,
            password=service.first.password,
        )
    )
    return 0


def _answer(store: Store, query: Query) -> None:
    from techkit.records.schema import replace

    store.save(
        replace(query, answer="The folder Summer 2024, with you beside me.", state="answered"),
        actor=TECHNICIAN,
    )


def _state(store: Store, visit: VisitRecord) -> str:
    kept = store.get(VisitRecord, visit.id)
    return str(kept.review_state) if kept else ""
