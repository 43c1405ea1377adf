"""Looking at one part of the computer, or at one question, again: which checks that are, and the plan that runs them.

What it gives is never a whole run: `DiagnosticRun.is_part` keeps it from being taken for the one before or after the work.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from techkit.diagnostics import catalogue
from techkit.diagnostics.check import Check
from techkit.diagnostics.plan import PLANS, Plan
from techkit.errors import InputError
from techkit.i18n import N_, _
from techkit.probes.probe import Depth
from techkit.records.findings import AREA_LABELS, PART_PLAN, Area


@dataclass(frozen=True)
class Part:
    """What is run to look at a part: the plan, and the checks it has everything for."""

    plan: Plan
    checks: tuple[Check[Any], ...]


def part(words: Sequence[str], base: Plan) -> Part:
    """Return what looks at some areas and checks (by id) and nothing else, as closely as `base`, closer where one needs it.

    Of an area, what only a closer look tells stays out; a single check is always made.
    Raises: InputError for a word that is neither, or a check that only a person can make.
    """
    wanted = {word: _named(word) for word in words}
    order = list(Depth)
    least = [min((check.depth for check in checks), key=order.index) for checks in wanted.values()]
    depth = max([base.depth, *least], key=order.index)
    close = base if base.depth is depth else PLANS[depth]
    checks = {c.id: c for named in wanted.values() for c in named if depth.includes(c.depth)}
    probes = {p.id for c in checks.values() for p in (*c.probes, *c.also) if depth.includes(p.depth)}
    plan = dataclasses.replace(
        close, id=PART_PLAN, label=N_("Only a part"), only=tuple(sorted(probes)), expected_s=1.0
    )
    return Part(plan, tuple(checks.values()))


def label(word: str) -> str:
    """Return what an area or a check is called; the word itself for one that is no more."""
    if word in list(map(str, Area)):
        return _(AREA_LABELS[Area(word)])
    check = catalogue.by_id(word)
    return _(check.title) if check is not None else word


def is_offered(check_id: str) -> bool:
    """Return whether a check can be made alone: it is there, and not made by hand or on request."""
    check = catalogue.by_id(check_id)
    return check is not None and check.depth is not Depth.ON_REQUEST


def _named(word: str) -> tuple[Check[Any], ...]:
    """Return the checks of an area, or the one with this id; what a person tries is in no plan and left out."""
    in_plans = [check for check in catalogue.checks() if check.depth is not Depth.ON_REQUEST]
    found = tuple(check for check in in_plans if word in (str(check.area), check.id))
    if found:
        return found
    if catalogue.by_id(word) is not None:
        raise InputError(
            _("The check {name} is made by hand or asked for, in no plan.", name=word),
            advice=_("Open it in the window, at step Check."),
            field="only",
        )
    names = [*map(str, Area), *(check.id for check in in_plans)]
    near = difflib.get_close_matches(word, names, n=3) or list(map(str, Area))
    raise InputError(
        _("There is no part and no check called {name}.", name=word),
        advice=_("Choose one of: {names}.", names=", ".join(near)),
        field="only",
    )
