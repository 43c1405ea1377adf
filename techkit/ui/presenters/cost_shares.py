"""Which cost centre bears what part of a visit: typed in percent; of many centres only those that bear something."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.budget import Allocation, CostCentre, is_whole
from techkit.records.centre_validity import valid_centres
from techkit.records.entering import clean_text
from techkit.records.identity import new_id
from techkit.records.schema import spec_for
from techkit.store.search import fold
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.entry_form import parse_percent
from techkit.ui.presenters.money import centre_label
from techkit.ui.presenters.open_visit import OpenVisit

#: So many cost centres are listed one by one; of more only those that bear something, the others are looked for.
MOST_LISTED = 5

#: Found cost centres shown at once; more are told by their number.
MOST_FOUND = 5

#: A name looked for is at most so long.
_LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """The share of the costs one cost centre bears; percent as typed, "" for none."""

    cost_centre_id: str
    label: str
    percent: str
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class OtherCentres:
    """The cost centres that bear nothing yet: what was typed to find one, what was found, and how many there are."""

    text: str = ""
    found: tuple[Choice, ...] = ()
    line: str = ""


class CostShares:
    """The shares of the visit in hand; tell: called when something is shown anew that the visit does not hold."""

    def __init__(self, held: OpenVisit, tell: Callable[[], None]) -> None:
        self._held = held
        self._tell = tell
        self._text = ""
        self._taken: tuple[str, ...] = ()
        #: What could not be read, by cost centre: as it was typed, and why.
        self._errors: dict[str, tuple[str, str]] = {}

    # --- what the technician does -----------------------------------------------------------------

    def set_share(self, cost_centre_id: str, text: str) -> None:
        """Say what share of the costs a cost centre bears, in percent; empty for none."""
        self._errors.pop(cost_centre_id, None)
        held = next((a for a in self._allocations if a.cost_centre_id == cost_centre_id), None)
        if not clean_text(text):
            if held is not None:
                self._held.remove(held, word=_("the share of a cost centre"))
            self._tell()
            return
        try:
            percent = parse_percent(spec_for("allocation").field("share_percent"), text)
        except InputError as error:
            self._errors[cost_centre_id] = (text, error.sentences())
            self._tell()
            return
        base = held or Allocation(id=new_id(), visit_id=self._held.visit_id, cost_centre_id=cost_centre_id)
        changed = dataclasses.replace(base, share_percent=percent)
        self._held.save(changed, word=_("the share of a cost centre"))

    def find(self, text: str) -> None:
        """Look for a cost centre among those that bear nothing yet."""
        self._text = text[:_LONGEST]
        self._tell()

    def take(self, cost_centre_id: str) -> None:
        """List a cost centre, so that its share can be typed."""
        self._taken = (*self._taken, cost_centre_id)
        self._text = ""
        self._tell()

    # --- what is shown ----------------------------------------------------------------------------

    @property
    def errors(self) -> dict[str, tuple[str, str]]:
        """What could not be read: field → its label and the sentence."""
        label = _(spec_for("allocation").field("share_percent").label)
        return {f"share.{centre}": (label, sentence) for centre, (_typed, sentence) in self._errors.items()}

    def rows(self) -> tuple[ShareRow, ...]:
        """Return the cost centres that are listed, in their order."""
        percents: dict[str, Decimal] = {}
        for held in self._allocations:
            percents[held.cost_centre_id] = percents.get(held.cost_centre_id, Decimal(0)) + held.share_percent
        rows = []
        for centre in self._listed():
            percent = i18n.exact(percents[centre.id]) if centre.id in percents else ""
            typed, error = self._errors.get(centre.id, (percent, ""))
            rows.append(
                ShareRow(cost_centre_id=centre.id, label=centre_label(centre), percent=typed, error=error)
            )
        return tuple(rows)

    def others(self) -> OtherCentres | None:
        """Return the cost centres that are not listed; None where all are."""
        listed = {centre.id for centre in self._listed()}
        rest = [c for c in self._offered() if c.id not in listed]
        if not rest:
            return None
        words = fold(self._text).split()
        found = [c for c in rest if words and all(word in fold(centre_label(c)) for word in words)]
        more = len(found) - MOST_FOUND
        if not words:
            line = ngettext("{n} other cost centre", "{n} other cost centres", len(rest))
        elif not found:
            line = _("No cost centre is called so.")
        else:
            line = ngettext("{n} more: type on", "{n} more: type on", more) if more > 0 else ""
        shown = tuple(Choice(value=c.id, label=centre_label(c)) for c in found[:MOST_FOUND])
        return OtherCentres(text=self._text, found=shown, line=line)

    def line(self) -> str:
        """Return what the shares make together, "" where that is all of it or none is named."""
        percents = [a.share_percent for a in self._allocations]
        if not percents or is_whole(percents):
            return ""
        return _("Together {total} %; it should be 100 %.", total=i18n.exact(sum(percents, Decimal(0))))

    @property
    def _allocations(self) -> tuple[Allocation, ...]:
        return self._held.bundle.allocations

    def _listed(self) -> list[CostCentre]:
        centres = self._offered()
        if len(centres) <= MOST_LISTED:
            return centres
        wanted = self._bearing | {*self._taken} | {*self._errors}
        return [c for c in centres if c.id in wanted]

    @property
    def _bearing(self) -> set[str]:
        return {a.cost_centre_id for a in self._allocations}

    def _offered(self) -> list[CostCentre]:
        """Return the cost centres that may bear costs that day, and what bears some of them already."""
        bundle, bearing = self._held.bundle, self._bearing
        valid = {centre.id for centre in valid_centres(bundle)}
        return [c for c in bundle.cost_centres if c.id in valid or c.id in bearing]
