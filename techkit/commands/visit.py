"""List the visits kept here, or show one as its paper tells it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import Any

from techkit import handed_out
from techkit.commands import own_store, terminal
from techkit.commands.exit_codes import DONE, TO_LOOK_AT
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.parties import Customer
from techkit.records.visit import WORK_STATES, Visit
from techkit.store.database import Store


def run(asked: argparse.Namespace) -> int:
    """Show the visit whose number was given, or list them all."""
    with own_store.opened(asked) as store:
        if asked.number:
            return _one(store, _find(store, asked.number), asked)
        return _list(store, is_json=asked.json)


def _list(store: Store, *, is_json: bool) -> int:
    """Print the visits kept here, the latest first."""
    visits = store.find(Visit, order_by="arrived_at", descending=True)
    if is_json:
        terminal.say_json([_row(store, visit) for visit in visits])
        return DONE
    for visit in visits:
        row, state = _row(store, visit), _(WORK_STATES[visit.work_state])
        terminal.say(f"{row['number']:<18} {row['date']:<11} {state:<18} {row['customer']}: {row['purpose']}")
    if not visits:
        print(_("No visits are kept here yet."))
    return DONE


def _find(store: Store, number: str) -> Visit:
    found = store.find(Visit, number=number)
    if not found:
        raise InputError(
            _("No visit {number} is kept here.", number=number),
            advice=_("`techkit visit` lists the ones that are."),
        )
    return found[0]


def _row(store: Store, visit: Visit) -> dict[str, str]:
    customer = store.get(Customer, visit.customer_id)
    return {
        "id": visit.id,
        "number": visit.number,
        "date": visit.arrived_at.date().isoformat() if visit.arrived_at else "",
        "work_state": str(visit.work_state),
        "review_state": str(visit.review_state),
        "customer": customer.display_name if customer else "",
        "purpose": visit.purpose,
    }


def _one(store: Store, visit: Visit, asked: argparse.Namespace) -> int:
    # The list does without the page and its rules.
    from techkit.records import flags
    from techkit.records.review import Severity
    from techkit.summary import blocks, pdf
    from techkit.ui.presenters import visit_page
    from techkit.ui.presenters.unbooked import unbooked

    bundle = store.bundle(visit.id)
    doc, seal = visit_page.page(bundle)
    found = flags.flags(
        bundle, unbooked=unbooked(store, bundle.visit, datetime.now().astimezone().date()).amounts
    )
    if asked.pdf:
        made = pdf.render(doc, seal, photos=visit_page.photos_of(store, visit_page.photos_on(bundle)))
        handed_out.write(asked.pdf, made, safe=_("The visit is kept here as it is."))
        terminal.say(_("The page is in {file}.", file=asked.pdf), out=sys.stderr)
    if asked.json:
        shown = {
            **_row(store, visit),
            "page": blocks.as_data(doc),
            "content_hash": doc.content_hash,
            "flags": [{"rule": f.rule, "severity": str(f.severity), "sentence": f.sentence} for f in found],
        }
        terminal.say_json(shown)
    elif not asked.pdf:
        terminal.say(*_page_lines(doc), *(f"! {flag.sentence}" for flag in found))
    return TO_LOOK_AT if any(f.severity is Severity.BLOCKING for f in found) else DONE


def _page_lines(doc: Any) -> list[str]:
    """Return the page as lines for a terminal."""
    lines = [f"{doc.number}  {doc.result}".rstrip(), *doc.short, ""]
    lines += [f"{fact.label}: {', '.join(fact.lines)}" for fact in doc.facts]
    lines += ["", doc.words["done"]]
    lines += [f"  · {d.title}{'  ' + d.right if d.right else ''}" for d in doc.done]
    for computer in doc.computers:
        lines += ["", f"{doc.words['compared']}: {computer.name}"]
        lines += [f"  {r.check}: {r.before} → {r.after}  {r.meaning}" for r in computer.comparisons]
        lines += [f"  {s.title}: {s.word}" for s in computer.states]
    lines += ["", doc.words["next"]]
    lines += [f"  {s.by}: {s.text}" for s in (*doc.ours, *doc.yours, *doc.advice)]
    lines += ["", doc.words["costs"]]
    lines += [f"  {c.label}: {c.amount}" for c in doc.costs]
    return [*lines, f"  {doc.total_label}: {doc.total}"]
