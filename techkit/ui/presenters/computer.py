"""A computer's page: what it is, how it does, what changed on it and when, and what is to be put in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from techkit import i18n
from techkit.diagnostics import identity
from techkit.i18n import _, ngettext
from techkit.records.asset_history import AssetEvent, history
from techkit.records.assets import (
    ASSET_KINDS,
    LIFECYCLES,
    Asset,
    AssetKind,
    DiagnosticRun,
    InventorySnapshot,
    Lifecycle,
)
from techkit.records.bundle import whole
from techkit.records.findings import Verdict
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import Record
from techkit.records.trends import Trend, trends
from techkit.records.visit import Visit
from techkit.store.search import ordered
from techkit.ui.presenters import this_computer, twins
from techkit.ui.presenters.choices import Choice, FormState, Proposal
from techkit.ui.presenters.kept_typing import opens_form
from techkit.ui.presenters.record_page import Line, RecordPage, Undo, visit_line, when_key
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Runs and inventories read at most, the newest: five years of monthly visits.
MOST_LOOKS = 120

#: Changes, visits and findings shown at most.
MOST_EVENTS, MOST_VISITS, MOST_FINDINGS = 60, 30, 20

#: So many other computers of the customer are offered as the one that this one replaces.
_MOST_OTHERS = 300

#: A guarantee that ends within so many days is said in amber.
GUARANTEE_SOON_DAYS = 90

#: Parts of the system, which nobody chose. Source: diagnostics/inventory.py.
_SYSTEM_SOURCES = ("dpkg_system", "rpm_system")

_ORDER = (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN, Verdict.OK)

#: What the page is made of.
_WATCHED = frozenset(
    {"asset", "visit", "inventory_snapshot", "diagnostic_run", "customer", "contact", "site", "sync"}
)


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One finding of the last check that is not good."""

    verdict: Verdict
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changed: what is so since when, and the change itself; icon by what it is."""

    title: str
    line: str
    visit_id: str = ""
    icon: str = "package"


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program of the newest inventory."""

    name: str
    version: str
    publisher: str


@dataclass(frozen=True, kw_only=True)
class ComputerState:
    """All a computer's page shows; is_gone: it is not here, or may not be shown on this computer."""

    is_loading: bool = True
    is_gone: bool = False
    title: str = ""
    line: str = ""
    customer: str = ""
    customer_id: str = ""
    icon: str = "desktop"
    tags: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    guarantee: tuple[str, str] = ("", "")
    verdict_counts: tuple[tuple[Verdict, int], ...] = ()
    findings: tuple[FindingLine, ...] = ()
    checked_line: str = ""
    changes: tuple[Change, ...] = ()
    trends: tuple[Trend, ...] = ()
    programs: tuple[Program, ...] = ()
    programs_line: str = ""
    visits: tuple[Line, ...] = ()
    twins: tuple[Proposal, ...] = ()
    elsewhere: tuple[Line, ...] = ()
    form: FormState | None = None
    customers: tuple[Choice, ...] = ()
    is_choosing: bool = False
    may_change: bool = False
    is_retired: bool = False
    error: str = ""
    undo_line: str = ""


@dataclass(frozen=True, kw_only=True)
class _Found:
    asset: Asset
    customer: Customer | None
    site: Site | None
    user: Contact | None
    sites: tuple[Site, ...]
    people: tuple[Contact, ...]
    events: tuple[AssetEvent, ...]
    trends: tuple[Trend, ...]
    last_run: DiagnosticRun | None
    last_snapshot: InventorySnapshot | None
    visits: tuple[Visit, ...]
    twins: tuple[Proposal, ...]
    elsewhere: tuple[tuple[Asset, str], ...]
    replaced: Asset | None
    currency: str
    others: tuple[Asset, ...]


class Computer(RecordPage[_Found, ComputerState]):
    """The page of one computer. on_visit, on_customer, on_computer: open another page by id."""

    page = "asset"

    def __init__(
        self,
        surroundings: Surroundings,
        sight: Sight,
        asset_id: str,
        *,
        on_visit: Callable[[str], object],
        on_customer: Callable[[str], object],
        on_computer: Callable[[str], object],
    ) -> None:
        super().__init__(surroundings, sight, _WATCHED)
        self.asset_id = asset_id
        self._on_visit, self._on_customer, self._on_computer = on_visit, on_customer, on_computer
        self._customers: tuple[Choice, ...] = ()
        self._is_choosing = False
        self.state = ComputerState()
        self.refresh()

    # --- what the technician does

    @opens_form
    def edit(self) -> None:
        """Open the form."""
        if self._found is None:
            return
        found = self._found
        places = (
            Choice(value="", label=_("Not said")),
            *(Choice(value=s.id, label=s.name) for s in found.sites),
        )
        people = (
            Choice(value="", label=_("Not said")),
            *(Choice(value=c.id, label=c.name) for c in found.people),
        )
        others = (
            Choice(value="", label=_("Nothing")),
            *(Choice(value=a.id, label=a.tag or a.name) for a in found.others),
        )
        asset = found.asset
        if asset.price_minor is None:
            asset = dataclasses.replace(asset, currency=found.currency)
        self._editor.open(
            asset,
            references={"site_id": places, "owner_contact": people, "replaces_asset": others},
        )

    def cancel(self) -> None:
        """Close the form, or the choice of a customer, without a change."""
        self._is_choosing = False
        super().cancel()

    def retire(self) -> None:
        """Say that it is not in use any more, or is again; nothing of it goes."""
        if self._found is None:
            return
        asset = self._found.asset
        is_retired = asset.lifecycle is Lifecycle.RETIRED
        after = dataclasses.replace(asset, lifecycle=Lifecycle.IN_USE if is_retired else Lifecycle.RETIRED)
        name = _name(asset)
        line = (
            _("“{name}” is in use again.", name=name) if is_retired else _("“{name}” is retired.", name=name)
        )
        store, actor = self._world.store, self._world.technician
        self._do(lambda: store.save(after, actor=actor), Undo(line, [asset]))

    def merge(self, other_id: str) -> None:
        """Say that another record is this same computer; this one stays."""
        if self._found is None:
            return
        store, actor, asset = self._world.store, self._world.technician, self._found.asset
        undo = Undo(_("Both records of “{name}” are one now.", name=_name(asset)))

        def work() -> None:
            undo.before = twins.merge(store, asset, other_id, actor)

        self._do(work, undo)

    def choose_customer(self) -> None:
        """Offer the customers it may be given to."""
        store, own = self._world.store, self._found.asset.customer_id if self._found else ""

        def read() -> tuple[Choice, ...]:
            held = store.find(Customer, order_by="display_name", merged_into=None, limit=500)
            return tuple(
                Choice(value=c.id, label=c.display_name[:80])
                for c in held
                if c.id != own and c.status != "closed"
            )

        def take(choices: tuple[Choice, ...]) -> None:
            self._customers, self._is_choosing = choices, True
            self._show()

        if self._sight.sees_all:
            self._world.lanes.store(read, take, self._failed)

    def give_to(self, customer_id: str) -> None:
        """Give the computer to another customer: it gets a fresh record there, its past stays here."""
        store, actor, today = self._world.store, self._world.technician, self._world.today
        if not customer_id or self._found is None:
            return
        name = next((c.label for c in self._customers if c.value == customer_id), "")
        undo = Undo(_("“{name}” belongs to {customer} now.", name=_name(self._found.asset), customer=name))

        def work() -> None:
            undo.made, undo.before = twins.transfer(store, self.asset_id, customer_id, today, actor)

        self._is_choosing = False
        self._do(work, undo)

    def open_visit(self, visit_id: str) -> None:
        """Open a visit."""
        if visit_id:
            self._on_visit(visit_id)

    def open_customer(self) -> None:
        """Open the customer's page."""
        if self._found is not None:
            self._on_customer(self._found.asset.customer_id)

    def open_other(self, asset_id: str) -> None:
        """Open another computer's page."""
        self._on_computer(asset_id)

    # --- work

    def _saved(self, record: Record, before: Record | None) -> None:
        assert isinstance(record, Asset)  # noqa: S101 - the only form of this page
        self._done(Undo(_("“{name}” is changed.", name=_name(record)), [before] if before else []))

    # --- reading

    def _read(self) -> _Found | None:
        store = self._world.store
        asset = twins.kept(store, Asset, self.asset_id)
        if asset is None or not self._sight.may_see(asset.customer_id):
            return None
        ids = twins.family(store, Asset, asset.id)
        customers = twins.family(store, Customer, asset.customer_id)
        by_id = {v.id: v for v in store.find(Visit, customer_id=customers)}
        snapshots = store.find(
            InventorySnapshot, asset_id=ids, order_by="taken_at", descending=True, limit=MOST_LOOKS
        )
        runs = store.find(
            DiagnosticRun, asset_id=ids, order_by="started_at", descending=True, limit=MOST_LOOKS
        )
        runs = list(whole(runs))
        here = {v.id: v for v in by_id.values() if set(v.asset_ids) & set(ids)}
        seen_in = {s.visit_id for s in snapshots} | {r.visit_id for r in runs}
        visits = [v for v in by_id.values() if v.id in here or v.id in seen_in]
        people = tuple(c for c in store.find(Contact, customer_id=customers) if c.is_there)
        same, elsewhere = self._same(asset)
        return _Found(
            asset=asset,
            customer=store.get(Customer, asset.customer_id),
            site=store.get(Site, asset.site_id),
            user=store.get(Contact, asset.owner_contact),
            sites=tuple(s for s in store.find(Site, customer_id=customers) if s.merged_into is None),
            people=people,
            events=history(snapshots, by_id)[:MOST_EVENTS],
            trends=trends(runs, by_id),
            last_run=runs[0] if runs else None,
            last_snapshot=next((s for s in snapshots if s.content), None),
            visits=tuple(sorted(visits, key=when_key, reverse=True)[:MOST_VISITS]),
            twins=same,
            elsewhere=elsewhere,
            replaced=store.get(Asset, asset.replaces_asset),
            currency=str(store.setting("currency")),
            others=tuple(
                a
                for a in sorted(store.find(Asset, customer_id=customers), key=lambda a: ordered(a.name))
                if a.id not in ids and a.merged_into is None
            )[:_MOST_OTHERS],
        )

    def _same(self, asset: Asset) -> tuple[tuple[Proposal, ...], tuple[tuple[Asset, str], ...]]:
        """Return the records that may be this computer: of the same customer to merge, of others to look at."""
        store = self._world.store
        own = set(asset.identifiers)
        if not own or asset.moved_to:
            return (), ()
        scope: dict[str, Any] = {} if self._sight.sees_all else {"customer_id": asset.customer_id}
        others = {
            a.id: a
            for a in store.find(Asset, **scope)
            if a.id != asset.id and not a.merged_into and not a.moved_to and own & set(a.identifiers)
        }
        this = this_computer.ThisComputer(identifiers=asset.identifiers)
        same, elsewhere = [], []
        for match in this_computer.matches(this, list(others.values())):
            other = others[match.id]
            certainty = _(identity.CERTAINTY_LABELS[match.certainty]) + "."
            if other.customer_id == asset.customer_id:
                reason = " ".join((certainty, *match.reasons[:2], *match.doubts[:1]))
                same.append(Proposal(id=other.id, title=_name(other), reason=reason))
            elif match.certainty is identity.Certainty.CERTAIN:
                customer = store.get(Customer, other.customer_id)
                elsewhere.append((other, customer.display_name if customer else ""))
        return tuple(same), tuple(elsewhere)

    # --- showing

    @property
    def page_id(self) -> str:
        """The computer the page is about."""
        return self.asset_id

    def _whose(self, record: Record) -> tuple[str, str]:
        return (record.customer_id if isinstance(record, Asset) else ""), self.state.title

    def _settle(self, found: _Found) -> None:
        self.asset_id = found.asset.id

    def _state(self, found: _Found | None) -> ComputerState:
        if found is None:
            return ComputerState(is_loading=not self._is_read, is_gone=self._is_read, error=self._error)
        asset, customer = found.asset, found.customer
        model = " ".join(part for part in (asset.maker, asset.model) if part)
        kind = AssetKind(asset.kind)
        has_left = asset.moved_to is not None
        run = found.last_run
        programs = _programs(found.last_snapshot)
        return ComputerState(
            is_loading=False,
            title=(asset.tag or asset.name)[:200],
            line=" · ".join(part for part in (_(ASSET_KINDS[kind]), model) if part),
            customer=customer.display_name[:200] if customer else _("Customer not named yet"),
            customer_id=asset.customer_id,
            icon={"printer": "printer", "network": "network", "computer": "desktop"}.get(kind, "package"),
            tags=self._tags(asset),
            facts=self._facts(found),
            guarantee=self._guarantee(asset),
            verdict_counts=_counts(run),
            findings=_findings(run),
            checked_line=_(
                "Last checked on {day}",
                day=i18n.day(run.started_at.astimezone(self._world.clock.zone()).date(), style="medium"),
            )
            if run is not None and run.started_at
            else _("Never checked so far."),
            changes=tuple(_change(event) for event in found.events),
            trends=found.trends,
            programs=programs,
            programs_line=ngettext("{n} program", "{n} programs", len(programs)) if programs else "",
            visits=tuple(visit_line(visit) for visit in found.visits),
            twins=found.twins,
            elsewhere=tuple(
                Line(title=name, line=_name(other), visit_id=other.id, icon="buildings")
                for other, name in found.elsewhere
            ),
            form=self._editor.state,
            customers=self._customers if self._is_choosing else (),
            is_choosing=self._is_choosing,
            may_change=not has_left,
            is_retired=asset.lifecycle is Lifecycle.RETIRED,
            error=self._error,
            undo_line=self._undo.line if self._undo is not None else "",
        )

    def _tags(self, asset: Asset) -> tuple[tuple[str, str], ...]:
        if asset.moved_to:
            day = i18n.day(asset.moved_on, style="medium") if asset.moved_on else ""
            return ((_("Given to another customer on {day}", day=day), "none"),)
        if asset.lifecycle is Lifecycle.IN_USE:
            return ()
        return ((_(LIFECYCLES[Lifecycle(asset.lifecycle)]), "none"),)

    def _facts(self, found: _Found) -> tuple[tuple[str, str], ...]:
        asset = found.asset
        serial = asset.serial if self._sight.sees_all or len(asset.serial) <= 4 else f"…{asset.serial[-4:]}"
        place = ", ".join(p for p in (found.site.name if found.site else "", asset.location_in_site) if p)
        hardware = _hardware(found.last_snapshot)
        pairs = (
            (_("Used by"), found.user.name if found.user else ""),
            (_("Where it stands"), place),
            (_("Model"), " ".join(p for p in (asset.maker, asset.model) if p)),
            (_("Serial number"), serial),
            (
                _("Operating system"),
                " ".join(p for p in (asset.os_name, asset.os_version) if p) or hardware[0],
            ),
            (_("System build"), asset.os_build if asset.os_build != asset.os_version else ""),
            (_("Memory"), hardware[1]),
            (_("Disks"), hardware[2]),
            (_("Bought on"), i18n.day(asset.purchased_on, style="medium") if asset.purchased_on else ""),
            (
                _("Price paid"),
                i18n.money(asset.price_minor, asset.currency)
                if asset.price_minor is not None and self._sight.sees_all
                else "",
            ),
            (_("Name"), asset.name if asset.tag and asset.tag != asset.name else ""),
            (_("Replaces"), _name(found.replaced) if found.replaced else ""),
            (
                _("Before"),
                _("At another customer; what happened there stays there.") if asset.came_from else "",
            ),
        )
        return tuple((label, text) for label, text in pairs if text)

    def _guarantee(self, asset: Asset) -> tuple[str, str]:
        ends = asset.warranty_ends_on
        if ends is None:
            return "", ""
        shown, left = i18n.day(ends, style="medium"), (ends - self._world.today).days
        if left < 0:
            return _("Guarantee ended on {day}.", day=shown), "none"
        said = ngettext(
            "Guarantee until {day}, {n} day left.", "Guarantee until {day}, {n} days left.", left, day=shown
        )
        return said, "watch" if left <= GUARANTEE_SOON_DAYS else "ok"


def _name(asset: Asset) -> str:
    return (asset.tag or asset.name)[:60]


def _counts(run: DiagnosticRun | None) -> tuple[tuple[Verdict, int], ...]:
    if run is None:
        return ()
    counts = ((verdict, sum(f.verdict is verdict for f in run.findings)) for verdict in _ORDER)
    return tuple((verdict, count) for verdict, count in counts if count)


def _findings(run: DiagnosticRun | None) -> tuple[FindingLine, ...]:
    if run is None:
        return ()
    bad = [f for f in run.findings if f.verdict in (Verdict.ACT, Verdict.WATCH)]
    bad.sort(key=lambda f: -f.verdict.rank)
    return tuple(
        FindingLine(verdict=f.verdict, title=f.title, sentence=f.sentence or f.customer_sentence)
        for f in bad[:MOST_FINDINGS]
    )


_PLACE_ICONS = {"hardware": "memory", "system": "app-window", "firmware": "circuitry", "software": "package"}


def _change(event: AssetEvent) -> Change:
    day = i18n.day(event.on, style="medium") if event.on else ""
    return Change(
        title=event.since or event.title,
        line=event.title if event.since else " · ".join(p for p in (day, event.visit_number) if p),
        visit_id=event.visit_id,
        icon=_PLACE_ICONS.get(event.change.place.value, "package"),
    )


def _programs(snapshot: InventorySnapshot | None) -> tuple[Program, ...]:
    rows = (snapshot.content or {}).get("software", []) if snapshot is not None else []
    return tuple(
        Program(
            name=str(r.get("name", "")),
            version=str(r.get("version", "")),
            publisher=str(r.get("publisher", "")),
        )
        for r in rows
        if r.get("source") not in _SYSTEM_SOURCES
    )


def _hardware(snapshot: InventorySnapshot | None) -> tuple[str, str, str]:
    content = (snapshot.content or {}) if snapshot is not None else {}
    hardware, system = content.get("hardware", {}), content.get("os", {})
    total = int(hardware.get("memory", {}).get("total_bytes", 0) or 0)
    disks = [
        " ".join(
            p for p in (str(d.get("model", "")), i18n.quantity(round(int(d["size_bytes"]) / 1e9), "GB")) if p
        )
        for d in hardware.get("disks", [])
        if d.get("size_bytes")
    ]
    name = " ".join(str(system.get(key, "")) for key in ("name", "version") if system.get(key))
    return name, i18n.quantity(round(total / 2**30), "GB") if total else "", ", ".join(disks)
