"""Two entries of one customer, person, place or computer: found, laid beside each other, made one, and parted again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from techkit.central import master_data, twins
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.models import User
from techkit.central.pages.frame import needs, revision_of, show
from techkit.central.twins import Pair
from techkit.errors import CentralError
from techkit.i18n import _, ngettext
from techkit.records import wording
from techkit.records.entering import clean_text
from techkit.records.schema import Audience, Record, spec_of


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT)
def merge(request: HttpRequest, kind: str, record_id: str) -> HttpResponse:
    """Show who may be the same, or two entries beside each other; make one of them."""
    other = request.POST.get("with", "") or request.GET.get("with", "")
    if request.method == "POST":
        return _merged(request, kind, record_id, other)
    if other:
        return _beside(request, kind, record_id, other)
    return _search(request, kind, record_id)


@require_POST
@needs(Right.EDIT)
def separate(request: HttpRequest, kind: str, record_id: str) -> HttpResponse:
    """Let an entry that was merged stand by itself again."""
    held = twins.separate(person(request), kind, record_id, client_address(request))
    return HttpResponseRedirect(_page_of(held))


def _merged(request: HttpRequest, kind: str, one_id: str, other_id: str) -> HttpResponse:
    both = {one_id: request.POST.get("rev-one", ""), other_id: request.POST.get("rev-other", "")}
    keep = request.POST.get("keep", "")
    gone = next((held for held in both if held != keep), "")
    try:
        if keep not in both:
            raise CentralError(
                _("Please choose which of the two holds."), status=422, safe=_("Nothing was changed.")
            )
        revisions = {held: revision_of(rev) for held, rev in both.items()}
        made = twins.merge(person(request), kind, keep, gone, revisions, client_address(request))
    except CentralError as refused:
        return _beside(request, kind, one_id, other_id, refused)
    return HttpResponseRedirect(_page_of(made))


def _page_of(held: Record) -> str:
    """Return the page an entry is shown on."""
    match spec_of(held).kind:
        case "customer":
            return f"/customers/{held.id}?kept={held.id}"
        case "asset":
            return f"/computers/{held.id}"
    return f"/customers/{getattr(held, 'customer_id', '')}?kept={held.id}"


# --- in words ------------------------------------------------------------------------------------------------


def _search(request: HttpRequest, kind: str, record_id: str) -> HttpResponse:
    user = person(request)
    opened = master_data.opened(user, _known(kind), record_id)
    text = clean_text(request.GET.get("q", ""))[:200]
    values = {
        **_around(opened.record),
        "closed": opened.closed,
        "holds": f"/merge/{kind}/{opened.holds_id}" if opened.holds_id else "",
        "is_merged": bool(getattr(opened.record, "merged_into", None)),
        "is_told": twins.is_told(user, kind, opened.record),
        "likely": [] if opened.closed else twins.likely(user, opened.record),
        "text": text,
        "found": [] if opened.closed else twins.offered(user, opened.record, text),
        "pair": None,
    }
    return show("merge.html", request, "customers", values)


def _beside(
    request: HttpRequest, kind: str, one_id: str, other_id: str, refused: CentralError | None = None
) -> HttpResponse:
    user = person(request)
    both = twins.pair(user, _known(kind), one_id, other_id)
    keep = request.POST.get("keep", "") or _proposed(both)
    rows = _rows(user, both)
    values = {
        **_around(both.one),
        "closed": None,
        "pair": both,
        "entries": [
            (held.id, _name(held), held.id == keep, f"rev-{word}", both.revisions.get(held.id, 0))
            for held, word in ((both.one, "one"), (both.other, "other"))
        ],
        "differing": [(label, texts) for label, texts in rows if texts[0] != texts[1]],
        "alike": [(label, texts) for label, texts in rows if texts[0] == texts[1]],
        "told": _told(both),
        "refused": refused,
    }
    return show("merge.html", request, "customers", values, refused.status if refused else 200)


def _known(kind: str) -> str:
    if kind not in twins.KINDS:
        raise CentralError(
            _("There is no such page."),
            status=404,
            safe=_("Nothing was changed."),
            advice=_("Go back to the list."),
        )
    return kind


def _around(held: Record) -> dict[str, Any]:
    kind = spec_of(held).kind
    return {"kind": kind, "record_id": held.id, "name": _name(held), "back": _page_of(held).partition("?")[0]}


def _name(held: Record) -> str:
    return wording.summary_line(held) or _("Entry without a name")


def _proposed(both: Pair) -> str:
    """Return which of the two holds unless somebody chooses: the one with more agreed, else the older one."""

    def agreed(held: Record) -> int:
        counts = both.counts.get(held.id, {})
        return counts.get("contract", 0) + counts.get("budget", 0)

    return min((both.one, both.other), key=lambda held: (-agreed(held), held.id)).id


def _rows(user: User, both: Pair) -> list[tuple[str, list[str]]]:
    """Return what the two say, field by field: label and both texts."""
    names = twins.names(user, both)
    said = [dict(wording.rows(held, Audience.INTERNAL, names)) for held in (both.one, both.other)]
    labels = dict.fromkeys((*said[0], *said[1]))
    rows = [(label, [one.get(label, "–") for one in said]) for label in labels]
    return rows + _counts(both)


def _counts(both: Pair) -> list[tuple[str, list[str]]]:
    """Return how much hangs below each of two customers."""
    words = {
        "visit": _("Visits"),
        "contract": _("Contracts"),
        "budget": _("Budgets"),
        "asset": _("Computers and devices"),
        "contact": _("People"),
        "site": _("Places"),
        "follow_up": _("Promises"),
        "case": _("Cases"),
    }
    found = []
    for kind in twins.COUNTED:
        numbers = [both.counts.get(held.id, {}).get(kind, 0) for held in (both.one, both.other)]
        if any(numbers):
            found.append((words[kind], [str(number) for number in numbers]))
    return found


def _told(both: Pair) -> list[str]:
    """Return what happens, in sentences."""
    told = [
        _("The entry that holds keeps its words and takes over what it lacks."),
        _("Everything written under the other one stays and is read as theirs; nothing is removed."),
    ]
    if spec_of(both.one).kind == "customer":
        told[1] = _(
            "People, places, computers, promises, contracts and budgets of the other one belong to the one that holds; visits that were sent stay as they were signed."
        )
        agreed = [both.counts.get(held.id, {}).get("contract", 0) for held in (both.one, both.other)]
        if all(agreed):
            told.append(
                _(
                    "The contracts of both stay, with their hours. A visit keeps the contract it has; a new one takes the contract that was entered first among those that cover it."
                )
            )
        if all(both.counts.get(held.id, {}).get("budget", 0) for held in (both.one, both.other)):
            told.append(
                _("The budgets of both stay as they are, in one list; nothing is moved between them.")
            )
        if both.open_visits:
            told.append(
                ngettext(
                    "{n} visit is not finished: it goes over when its technician opens it after the next sync.",
                    "{n} visits are not finished: they go over when their technician opens them after the next sync.",
                    both.open_visits,
                )
            )
        told.append(_("Devices that hold one of the two receive the other with their next sync."))
    return [*told, _("You can part them again on the page of the other entry.")]
