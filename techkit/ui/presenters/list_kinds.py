"""What each long list shows: visits, customers, computers, follow-ups."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records.assets import ASSET_KINDS, LIFECYCLES, AssetKind, Lifecycle
from techkit.records.parties import CUSTOMER_KINDS, CUSTOMER_STATUSES, ENGAGEMENTS
from techkit.records.success import DEPARTMENTS
from techkit.records.visit import OUTCOMES, REVIEW_STATES, WORK_STATES, WorkState, offset
from techkit.store.listing import Listed
from techkit.ui.presenters.lists import PERIODS, Cell, Column, Facet, ListKind, When

_STATE_TONES = {
    WorkState.ON_SITE: ("play", "accent"),
    WorkState.TRAVELLING: ("truck", "accent"),
    WorkState.PAUSED: ("pause", "watch"),
    WorkState.WORK_DONE: ("signature", "accent"),
    WorkState.SIGNED: ("signature", "ok"),
    WorkState.SUBMITTED: ("paper-plane-tilt", "ok"),
    WorkState.SIGNOFF_WAIVED: ("signature", "none"),
    WorkState.CANCELLED: ("x-circle", "none"),
    WorkState.NO_ACCESS: ("prohibit", "watch"),
}

_KIND_ICONS = {
    AssetKind.COMPUTER: "desktop",
    AssetKind.PRINTER: "printer",
    AssetKind.NETWORK: "network",
    AssetKind.PERIPHERAL: "keyboard",
    AssetKind.OTHER: "package",
}


def _label(labels: Any, value: Any) -> str:
    return _(labels[value]) if value in labels else str(value or "")


def moment(text: str | None, when: When, offset_minutes: int | None = None) -> datetime | None:
    """Return an instant as it is kept, at its place: by the offset kept with it, else in the zone of now."""
    if not text:
        return None
    held = datetime.fromisoformat(text)
    if offset_minutes is not None:
        return held.astimezone(UTC) + offset(offset_minutes)
    return held.astimezone(when.zone)


def _day(text: str | None, when: When) -> str:
    held = moment(text, when)
    return i18n.day(held.date(), style="medium") if held else ""


def _whose(held: Listed) -> str:
    """Return whose row it is."""
    if held["is_customer_removed"]:
        return _("Customer removed")
    return held["customer"] or _("Customer not named yet")


def _visit(held: Listed, when: When) -> tuple[Cell, ...]:
    at = moment(held["day"], when, held["utc_offset_minutes"] if held["has_arrived"] else None)
    icon, tone = _STATE_TONES.get(held["work_state"], ("calendar-blank", "none"))
    review = _label(REVIEW_STATES, held["review_state"]) if held["work_state"] == WorkState.SUBMITTED else ""
    return (
        Cell(
            text=_whose(held),
            line=" · ".join(part for part in (held["person"], " ".join(held["purpose"].split())) if part),
        ),
        Cell(
            text=i18n.day(at.date(), style="medium") if at else _("open"), line=i18n.clock(at) if at else ""
        ),
        Cell(text=_label(WORK_STATES, held["work_state"]), icon=icon, tone=tone, line=review),
        Cell(text=_label(OUTCOMES, held["outcome"])),
        Cell(text=held["technician"] or "", line=held["number"]),
    )


VISITS = ListKind(
    name="visits",
    title=N_("Visits"),
    icon="clipboard-text",
    columns=(
        Column(label=N_("Customer and need"), order_by="customer", share=34),
        Column(label=N_("Day"), order_by="day", share=14),
        Column(label=N_("State"), order_by="work_state", share=17),
        Column(label=N_("Result"), order_by="outcome", share=14, rank=3),
        Column(label=N_("Technician"), order_by="technician", share=16, rank=2),
    ),
    facets=(
        Facet(
            name="work_state",
            label=N_("State"),
            all_label=N_("Every state"),
            choices={
                "draft,scheduled,travelling": N_("To come"),
                "on_site,paused,work_done,signed,signoff_waived": N_("Under way"),
                "submitted": N_("Submitted"),
                "cancelled,no_access": N_("Did not take place"),
            },
        ),
        Facet(
            name="period", label=N_("When"), all_label=PERIODS[""], choices=dict(list(PERIODS.items())[1:])
        ),
        Facet(name="technician", label=N_("Technician"), all_label=N_("Every technician"), is_found=True),
        Facet(name="customer", label=N_("Customer"), all_label=N_("Every customer"), is_found=True),
    ),
    row=_visit,
    count_line=lambda n: ngettext("{n} visit", "{n} visits", n),
    comes_by_visit=True,
    empty=(
        N_("No visits yet"),
        N_("Visits appear here when the office assigns them, or when you begin one with Ctrl+N."),
    ),
    watches=frozenset({"visit", "customer", "contact", "sync"}),
    order_by="day",
    descending=True,
)


def _customer(held: Listed, when: When) -> tuple[Cell, ...]:
    promises, computers = held["promises"] or 0, held["computers"] or 0
    is_closed = held["status"] == "closed"
    return (
        Cell(
            text=held["name"] or "",
            line=" · ".join(
                part for part in (_label(CUSTOMER_KINDS, held["kind"]), held["town"], held["number"]) if part
            ),
            icon="user" if held["kind"] == "individual" else "buildings",
        ),
        Cell(
            text=_label(ENGAGEMENTS, held["engagement"]),
            line=_label(CUSTOMER_STATUSES, held["status"]) if held["status"] != "active" else "",
            icon="archive" if is_closed else "",
            tone="none" if is_closed else "",
        ),
        Cell(text=_day(held["seen"], when) or _("never")),
        Cell(text=i18n.number(computers) if computers else "–"),
        Cell(
            text=i18n.number(promises) if promises else "–",
            icon="flag" if promises else "",
            tone="watch" if promises else "",
        ),
    )


CUSTOMERS = ListKind(
    name="customers",
    title=N_("Customers"),
    icon="buildings",
    columns=(
        Column(label=N_("Customer"), order_by="name", share=42),
        Column(label=N_("Served"), order_by="engagement", share=16),
        Column(label=N_("Last visit"), order_by="seen", share=16),
        Column(label=N_("Computers"), order_by="computers", share=13, rank=3),
        Column(label=N_("Promised"), order_by="promises", share=13, rank=2),
    ),
    facets=(
        Facet(
            name="engagement", label=N_("Served"), all_label=N_("Every kind of service"),
            choices={str(value): label for value, label in ENGAGEMENTS.items()},
        ),
        Facet(
            name="kind", label=N_("Kind"), all_label=N_("Individuals and organisations"),
            choices={str(value): label for value, label in CUSTOMER_KINDS.items()},
        ),
        Facet(
            name="status", label=N_("Status"), all_label=N_("Every status"),
            choices={
                "active,dormant": N_("Not closed"),
                **{str(value): label for value, label in CUSTOMER_STATUSES.items()},
            }, kept="active,dormant",
        ),
        Facet(name="period", label=N_("Last visit"), all_label=PERIODS[""], choices=dict(list(PERIODS.items())[1:])),
    ),
    row=_customer,
    count_line=lambda n: ngettext("{n} customer", "{n} customers", n),
    comes_by_visit=True,
    empty=(
        N_("No customers yet"),
        N_("A customer is made with the first visit, or arrives with the next sync."),
    ),
    watches=frozenset({"visit", "customer", "site", "asset", "follow_up", "sync"}),
    order_by="name",
)  # fmt: skip


def _computer(held: Listed, when: When) -> tuple[Cell, ...]:
    model = " ".join(part for part in (held["maker"], held["model"]) if part)
    place = " · ".join(part for part in (held["place"], held["where"]) if part)
    system = " ".join(part for part in (held["os_name"], held["os_version"]) if part)
    life = "" if held["lifecycle"] == Lifecycle.IN_USE else _label(LIFECYCLES, held["lifecycle"])
    return (
        Cell(
            text=held["tag"] or held["name"] or "",
            line=model or (held["name"] if held["tag"] and held["tag"] != held["name"] else ""),
            icon=_KIND_ICONS.get(held["kind"], "desktop"),
        ),
        Cell(text=held["customer"] or "", line=" · ".join(part for part in (held["user"], place) if part)),
        Cell(text=system or "–", line=life),
        Cell(text=_day(held["seen"], when) or _("never")),
    )


COMPUTERS = ListKind(
    name="computers",
    title=N_("Computers"),
    icon="desktop",
    columns=(
        Column(label=N_("Computer"), order_by="name", share=30),
        Column(label=N_("Customer, person, place"), order_by="customer", share=34),
        Column(label=N_("System"), order_by="os_name", share=20, rank=2),
        Column(label=N_("Last seen"), order_by="seen", share=16),
    ),
    facets=(
        Facet(
            name="kind", label=N_("Kind"), all_label=N_("Every kind"),
            choices={str(value): label for value, label in ASSET_KINDS.items()},
        ),
        Facet(
            name="lifecycle", label=N_("In its life"), all_label=N_("Every state of life"),
            choices={
                "planned,in_use,spare": N_("Not retired"),
                **{str(value): label for value, label in LIFECYCLES.items()},
            }, kept="planned,in_use,spare",
        ),
        Facet(name="os_name", label=N_("System"), all_label=N_("Every system"), is_found=True),
        Facet(name="customer", label=N_("Customer"), all_label=N_("Every customer"), is_found=True),
    ),
    row=_computer,
    count_line=lambda n: ngettext("{n} computer or device", "{n} computers and devices", n),
    empty=(
        N_("No computers yet"),
        N_("A computer is kept when it is first checked in a visit."),
    ),
    watches=frozenset({"asset", "customer", "site", "contact", "inventory_snapshot", "sync"}),
    order_by="name",
)  # fmt: skip


def due_text(due_on: str, when: When) -> tuple[str, str, str]:
    """Return the day something is due, how late it is in words ("" in time), and its tone ("bad", "watch", "")."""
    if not due_on or due_on == "9999":
        return _("no day"), "", ""
    day = date.fromisoformat(due_on)
    shown = i18n.day(day, style="medium")
    if day < when.today:
        return shown, ngettext("{n} day late", "{n} days late", (when.today - day).days), "bad"
    return (shown, _("today"), "watch") if day == when.today else (shown, "", "")


def _follow_up(held: Listed, when: When) -> tuple[Cell, ...]:
    due, late, tone = due_text(held["due_on"], when)
    states = {"done": (_("Done"), "check-circle", "ok"), "dropped": (_("Dropped"), "minus-circle", "none")}
    state = states.get(held["state"])
    if state is None:
        answers = {
            "yes": (_("Customer said yes"), "thumbs-up", "ok"),
            "no": (_("Customer said no"), "thumbs-down", "none"),
            "later": (_("Customer said later"), "clock", "watch"),
        }
        asked = (
            (_("Waits for their word"), "hourglass", "watch") if held["cost_minor"] else (_("Open"), "", "")
        )
        state = answers.get(held["decision"], asked)
    is_open = held["state"] == "open"
    return (
        Cell(
            text=held["text"] or "",
            line=held["reason_text"] or "",
            icon="user" if held["is_customers_own"] else "flag",
            tone=tone if is_open else "",
        ),
        Cell(text=_whose(held)),
        Cell(
            text=due,
            line=late if is_open else "",
            tone=tone if is_open else "",
        ),
        Cell(
            text=_("the customer") if held["is_customers_own"] else held["owner"] or "",
            line=_label(DEPARTMENTS, held["department"]),
        ),
        Cell(text=state[0], icon=state[1], tone=state[2]),
    )


FOLLOW_UPS = ListKind(
    name="follow_ups",
    title=N_("Follow-ups"),
    icon="flag",
    columns=(
        Column(label=N_("What"), order_by="", share=34),
        Column(label=N_("Customer"), order_by="customer", share=20),
        Column(label=N_("Due"), order_by="due_on", share=17),
        Column(label=N_("Done by"), order_by="owner", share=16, rank=2),
        Column(label=N_("State"), order_by="state", share=20, rank=3),
    ),
    facets=(
        Facet(
            name="state", label=N_("State"), all_label=N_("Every state"),
            choices={"open": N_("Open"), "done": N_("Done"), "dropped": N_("Dropped")}, kept="open",
        ),
        Facet(
            name="period", label=N_("Due"), all_label=PERIODS[""],
            choices={"overdue": N_("Overdue"), "soon": N_("In the next 7 days"), "later": N_("Later")},
        ),
        Facet(name="owner", label=N_("Done by"), all_label=N_("Everybody"), is_found=True),
        Facet(name="customer", label=N_("Customer"), all_label=N_("Every customer"), is_found=True),
    ),
    row=_follow_up,
    count_line=lambda n: ngettext("{n} promise", "{n} promises", n),
    empty=(
        N_("Nothing is promised"),
        N_("What you promise in a visit stands here until it is done."),
    ),
    watches=frozenset({"follow_up", "customer", "sync"}),
    order_by="due_on",
)  # fmt: skip
